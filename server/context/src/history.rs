//! Rounds to messages. Each round is rendered as it was sent at the time, so that earlier bytes never move: what a round
//! becomes depends on it and on what came before it, and on nothing later but that the turn went on.

use crate::escape::escape_reserved;
use crate::round::Round;
use crate::{Inputs, mention, outcome};
use glossator_session::{
    ChangeSetId, ChangeState, InputPart, ItemBody, Message, Part, Raw, Role, TurnId, TurnStatus,
};
use std::path::Path;

/// Characters of a message of ours (a provider's error, say) that are told to the model.
const REASON_CHARS: usize = 300;
const GO_ON: &str =
    "Your last message held no call and the turn is not over. Go on, or answer without a call to end it.";

/// All messages, oldest first; the first one is the user's.
pub(crate) fn render(inputs: &Inputs, rounds: &[Round]) -> Vec<Message> {
    let mut history = History { inputs, messages: Vec::new(), notes: Vec::new(), turn: None };
    for (at, round) in rounds.iter().enumerate() {
        history.enter(round.turn);
        let goes_on = goes_on(&rounds[at..], inputs.current);
        if round.number == 0 { history.prompt(round) } else { history.round(round, goes_on) }
    }
    history.messages
}

/// Whether the model was, or is about to be, asked again in the turn of the first of `rounds`.
fn goes_on(rounds: &[Round], current: TurnId) -> bool {
    let Some((first, later)) = rounds.split_first() else {
        return false;
    };
    let mut of_turn = later.iter().take_while(|round| round.turn == first.turn);
    let ended = |round: &Round| round.bodies().any(|body| matches!(body, ItemBody::TurnEnded { .. }));
    of_turn.clone().any(|round| round.bodies().any(is_assistant))
        || first.turn == current && !ended(first) && !of_turn.any(ended)
}

struct History<'a> {
    inputs: &'a Inputs<'a>,
    messages: Vec<Message>,
    /// What has to be told with the next user-role message.
    notes: Vec<String>,
    turn: Option<Turn>,
}

/// The turn that is being rendered.
struct Turn {
    id: TurnId,
    /// All that the user sent in it up to here.
    prompt: Vec<InputPart>,
    ended: bool,
    /// The request up to which reminders were given.
    reminded: u32,
}

impl History<'_> {
    fn enter(&mut self, id: TurnId) {
        if self.turn.as_ref().is_some_and(|turn| turn.id == id) {
            return;
        }
        if let Some(turn) = self.turn.take().filter(|turn| !turn.ended) {
            self.notes.push(ended_note(turn.id, TurnStatus::Interrupted, None).unwrap_or_default());
        }
        self.turn = Some(Turn { id, prompt: Vec::new(), ended: false, reminded: 0 });
    }

    /// Round 0: what the user sent, with what has to be said about the time since the last turn.
    fn prompt(&mut self, round: &Round) {
        let mut parts = self.take_notes();
        parts.extend(self.user_messages(round));
        parts.extend(self.reminders(1));
        self.push(Role::User, parts);
        self.note_all(round);
    }

    /// A later round: the model's message, then what came of it.
    fn round(&mut self, round: &Round, goes_on: bool) {
        let said = self.assistant_parts(round);
        let answered = round.bodies().any(is_assistant);
        let outputs = outcome::native_outputs(round);
        let results = outcome::script_results(round);
        let idle = outputs.is_empty() && results.is_empty();
        // Nothing came back (a notice of a retry, say), or the turn ended with this answer: no message follows it.
        if idle && !(goes_on && answered) {
            self.push(Role::Assistant, said);
            let steered = self.user_messages(round);
            self.push(Role::User, steered);
            self.note_all(round);
            return;
        }
        let said = if said.is_empty() { vec![text("(no text)")] } else { said };
        self.push(Role::Assistant, said);
        self.note_changes(round);
        let mut parts = outputs;
        parts.extend(self.original_prompt());
        parts.extend(self.reminders(round.number.saturating_add(1)));
        parts.extend(self.take_notes());
        if idle {
            parts.push(note(GO_ON));
        }
        parts.extend(results.into_iter().map(|result| Part::Text { text: result }));
        parts.extend(self.user_messages(round));
        self.push(Role::User, parts);
        self.note_end(round);
    }

    /// The model's own parts, in the order in which it wrote them.
    fn assistant_parts(&self, round: &Round) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut sent = 0;
        for body in round.bodies() {
            match body {
                ItemBody::Answer { text: answer, raw } => match self.own(raw) {
                    Some(raw) => parts.push(Part::Raw { raw }),
                    None if answer.trim().is_empty() => continue,
                    None => parts.push(text(answer)),
                },
                ItemBody::Reasoning { raw, .. } => {
                    parts.extend(self.own(raw).map(|raw| Part::Raw { raw }));
                    continue;
                }
                ItemBody::ToolCall { call, script: None } => parts.push(Part::ToolCall {
                    id: call.id.clone(),
                    name: call.name.clone(),
                    arguments: call.arguments.clone(),
                }),
                _ => continue,
            }
            sent = parts.len();
        }
        // Thinking that led to nothing (the stream was stopped) may not be the last block of a message.
        parts.truncate(sent);
        parts
    }

    /// A raw block of the model that is asked; blocks of others mean nothing to it.
    fn own(&self, raw: &Option<Raw>) -> Option<Raw> {
        raw.as_ref().filter(|raw| raw.model == self.inputs.model && raw.wire == self.inputs.wire).cloned()
    }

    fn original_prompt(&self) -> Option<Part> {
        let turn = self.turn.as_ref()?;
        let brief =
            mention::brief(&turn.prompt, &self.inputs.environment.folders, self.inputs.user_prompt_cap_chars);
        (!brief.is_empty()).then(|| prompt_element(&brief))
    }

    /// What the user sent in this round, whole.
    fn user_messages(&mut self, round: &Round) -> Vec<Part> {
        let mut parts = Vec::new();
        for body in round.bodies() {
            if let ItemBody::UserMessage { input, .. } = body {
                let whole = mention::whole(input, &self.inputs.environment.folders);
                if !whole.is_empty() {
                    parts.push(prompt_element(&whole));
                }
                if let Some(turn) = &mut self.turn {
                    turn.prompt.extend(input.iter().cloned());
                }
            }
        }
        parts
    }

    /// The reminders due up to request `round` of this turn.
    fn reminders(&mut self, round: u32) -> Vec<Part> {
        let Some(turn) = &mut self.turn else {
            return Vec::new();
        };
        let after = std::mem::replace(&mut turn.reminded, round);
        let due = |at: u32| after < at && at <= round;
        let reminders = self.inputs.reminders.iter();
        reminders.filter(|it| it.turn == turn.id && due(it.round)).map(|it| note(&it.text)).collect()
    }

    fn note_all(&mut self, round: &Round) {
        self.note_changes(round);
        self.note_end(round);
    }

    /// Edits that were taken back: the model would think that they stand.
    fn note_changes(&mut self, round: &Round) {
        let running = round.bodies().take_while(|body| !matches!(body, ItemBody::TurnEnded { .. }));
        for body in running {
            self.note_undone(body);
        }
    }

    /// How the turn ended, and what happened between it and the next.
    fn note_end(&mut self, round: &Round) {
        for body in round.bodies().skip_while(|body| !matches!(body, ItemBody::TurnEnded { .. })) {
            if let (ItemBody::TurnEnded { status, message, .. }, Some(turn)) = (body, &mut self.turn) {
                turn.ended = true;
                self.notes.extend(ended_note(turn.id, *status, message.as_deref()));
            }
            self.note_undone(body);
        }
    }

    fn note_undone(&mut self, body: &ItemBody) {
        if let ItemBody::ChangeSet { id, state: ChangeState::Undone } = body {
            self.notes.push(self.undone_note(id));
        }
    }

    fn undone_note(&self, undone: &ChangeSetId) -> String {
        let intended = self.inputs.items.iter().find_map(|item| match &item.body {
            ItemBody::ChangeSet { id, state: ChangeState::Intended { change, undoes, .. } }
                if id == undone =>
            {
                Some((item.turn, change, undoes.is_some()))
            }
            _ => None,
        });
        let Some((turn, change, was_undo)) = intended else {
            return "The user took back an edit of yours. Read files again before you edit them.".to_owned();
        };
        let files: Vec<String> = change.files.iter().map(|file| self.relative(&file.path)).collect();
        let what = if was_undo { "put back edits that had been taken back" } else { "took back edits" };
        let files = files.join(", ");
        format!("The user {what} of {turn}, in {files}. Read these files again before you edit them.")
    }

    fn relative(&self, path: &Path) -> String {
        let path = path.to_string_lossy();
        let path = mention::relative(&path, &self.inputs.environment.folders);
        // A line end in a name would let it speak as a note of its own.
        path.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
    }

    fn take_notes(&mut self) -> Vec<Part> {
        std::mem::take(&mut self.notes).iter().map(|text| note(text)).collect()
    }

    /// Adds a message; parts for the one who spoke last join the last message, because wires want speakers to take turns.
    fn push(&mut self, role: Role, parts: Vec<Part>) {
        if parts.is_empty() {
            return;
        }
        match self.messages.last_mut() {
            Some(last) if last.role == role => last.parts.extend(parts),
            None if role == Role::Assistant => {
                // Wires want the user to speak first; a log whose first lines were lost would not let him.
                let lost = note("The start of this conversation is lost.");
                self.messages.push(Message { role: Role::User, parts: vec![lost] });
                self.messages.push(Message { role, parts });
            }
            _ => self.messages.push(Message { role, parts }),
        }
    }
}

fn is_assistant(body: &ItemBody) -> bool {
    matches!(
        body,
        ItemBody::Answer { .. } | ItemBody::Reasoning { .. } | ItemBody::ToolCall { script: None, .. }
    )
}

fn text(text: &str) -> Part {
    Part::Text { text: text.to_owned() }
}

fn note(text: &str) -> Part {
    Part::Text { text: format!("<harness-note>{}</harness-note>", escape_reserved(text)) }
}

fn prompt_element(inner: &str) -> Part {
    Part::Text { text: format!("<original-user-prompt>\n{inner}\n</original-user-prompt>") }
}

/// What the model is told about the end of a turn; nothing if it ended as it should.
fn ended_note(turn: TurnId, status: TurnStatus, message: Option<&str>) -> Option<String> {
    let what = match status {
        TurnStatus::Done => return None,
        TurnStatus::Interrupted => "was stopped before it was finished",
        TurnStatus::Failed => "could not be finished",
        TurnStatus::Limited => "was stopped by a limit",
    };
    let why = message.map(str::trim).filter(|message| !message.is_empty()).map(|message| {
        let cut: String = message.chars().take(REASON_CHARS).collect();
        format!(" ({})", cut.trim_end_matches('.'))
    });
    Some(format!("{turn} {what}{}. What it had done until then stands.", why.unwrap_or_default()))
}
