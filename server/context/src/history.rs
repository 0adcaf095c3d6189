//! Rounds to messages, as one reader sees them. Each round is rendered as it was sent at the time, so that earlier bytes
//! never move: what a round becomes depends on it and on what came before it, and on nothing later but that the turn went on.

mod notes;
mod others;
mod spoken;
mod turn;

use crate::addressed::addresses;
use crate::board::Board;
use crate::compacted::{self, last_compaction};
use crate::entry::{Entry, Origin, Said};
use crate::reminders::{Occasion, reminder};
use crate::round::{self, Round};
use crate::{Inputs, mention, outcome};
use glossator_session::{
    AgentId, Compaction, ContextItem, EditorSeen, InputPart, Item, ItemBody, Part, Role, StepStatus, TurnId,
};
use notes::{added_element, editor_element, ended_note, note, prompt_element, undone_note};
use others::{Others, named, speaker};
use spoken::{Spoken, goes_on};
use turn::{PlanWatch, Turn};

/// Rounds after which a plan with open steps is asked for, when it has not changed.
const PLAN_ROUNDS: u32 = 12;

/// All messages that come of `items`, oldest first; the first one is the user's. What stands before the last compaction is
/// not looked at.
pub(crate) fn render(inputs: &Inputs, items: &[Item]) -> Vec<Entry> {
    let compaction = last_compaction(items, inputs.current);
    let items = &items[compaction.map_or(0, |(at, _)| at)..];
    let rounds = round::split(items, inputs.current);
    let mut history = History::of(inputs, items);
    if let (Some((_, compaction)), Some(item)) = (compaction, items.first()) {
        history.resume(item, compaction);
    }
    for (at, round) in rounds.iter().enumerate() {
        history.enter(round.turn);
        let speaker = speaker(round);
        if round.number == 0 {
            history.prompt(round);
        } else if speaker.is_some_and(|speaker| speaker != inputs.reader.agent) {
            history.other_round(round, speaker.flatten());
        } else {
            history.round(round, goes_on(&rounds[at..], inputs));
        }
    }
    history.hear_others();
    history.entries
}

struct History<'a> {
    inputs: &'a Inputs<'a>,
    items: &'a [Item],
    entries: Vec<Entry>,
    /// What has to be told with the next user-role message.
    notes: Vec<String>,
    turn: Option<Turn>,
    /// The request up to which reminders were given.
    reminded: (TurnId, u32),
    board: Board<'a>,
    /// Whether the board is another than the reader was shown last.
    board_changed: bool,
    /// What the reader was told last of the editor.
    editor: Option<&'a EditorSeen>,
    plan: PlanWatch,
    others: Others,
    spoken: Spoken,
}

impl<'a> History<'a> {
    fn of(inputs: &'a Inputs<'a>, items: &'a [Item]) -> History<'a> {
        History {
            inputs,
            items,
            entries: Vec::new(),
            notes: Vec::new(),
            turn: None,
            // What was due before all of this was told then.
            reminded: (TurnId(items.first().map_or(0, |item| item.turn.0.saturating_sub(1))), u32::MAX),
            board: Board::default(),
            board_changed: false,
            editor: None,
            plan: PlanWatch::default(),
            others: Others::default(),
            spoken: Spoken::of(items),
        }
    }

    /// Begins with what stands for the history before a compaction; within a turn its prompt follows, whole.
    fn resume(&mut self, item: &Item, compaction: &Compaction) {
        let turn = item.turn;
        let mut parts = vec![said(compacted::element(compaction), Origin::Compaction, turn)];
        parts.extend(compaction.told.iter().map(|text| said(note(text), Origin::Reminder, turn)));
        let agent = self.inputs.reader.agent;
        let ours = addresses(&compaction.to, agent);
        let to = named(&compaction.to, agent);
        parts.extend(self.input_parts(&compaction.prompt, (&to, false), turn));
        self.reminded = (turn, item.round.max(1));
        self.plan.open = compaction.ledger.plan.iter().any(|step| step.status != StepStatus::Done);
        self.turn = Some(Turn::resumed(turn, (&compaction.prompt, &compaction.to), ours));
        self.push(Role::User, parts);
        if let Some(first) = self.items.first() {
            self.board.take(first);
        }
        if ours && !compaction.prompt.is_empty() {
            let board = self.board.shown(turn).map(|text| said(text, Origin::Board, turn));
            self.push(Role::User, board.into_iter().collect());
        }
    }

    fn enter(&mut self, id: TurnId) {
        if self.turn.as_ref().is_some_and(|turn| turn.id == id) {
            return;
        }
        self.hear_others();
        if let Some(turn) = self.turn.take().filter(|turn| !turn.ended && turn.lively) {
            self.notes.push(ended_note(turn.id, notes::BROKEN_OFF, None).unwrap_or_default());
        }
        self.plan.rounds = 0;
        self.turn = Some(Turn::new(id, self.inputs.reader.agent.is_none()));
    }

    /// Round 0: what the user sent, with what has to be said about the time since the last turn.
    fn prompt(&mut self, round: &Round<'a>) {
        let mut parts = self.take_notes();
        let prompt = self.user_messages(round);
        self.observe(round);
        let turn = round.turn;
        if self.is_ours() {
            parts.extend(self.editor_part(round));
            parts.extend(prompt);
            self.board_changed = false;
            parts.extend(self.board.shown(turn).map(|text| said(text, Origin::Board, turn)));
            parts.extend(self.reminders((turn, 1)));
        } else {
            parts.extend(prompt);
        }
        self.push(Role::User, parts);
        self.note_all(round);
    }

    /// A later round: the model's message, then what came of it.
    fn round(&mut self, round: &Round<'a>, goes_on: bool) {
        let answered = spoken::is_answered(round, &self.inputs.reader);
        let parts = self.spoken.parts(round, &self.inputs.reader);
        let spoken: Vec<Said> =
            parts.into_iter().map(|part| Said { part, origin: Origin::Model, turn: round.turn }).collect();
        let outputs = outcome::native_outputs(round);
        let results = outcome::script_results(round);
        let idle = outputs.is_empty() && results.is_empty();
        if answered || !idle {
            self.hear_others();
        }
        self.observe(round);
        // Nothing came back (a notice of a retry, say), or the turn ended with this answer: no message follows it.
        if idle && !(goes_on && answered) {
            self.push(Role::Assistant, spoken);
            let steered = self.user_messages(round);
            self.push(Role::User, steered);
            self.note_all(round);
            return;
        }
        let turn = round.turn;
        let silent = || vec![said("(no text)".to_owned(), Origin::Model, turn)];
        self.push(Role::Assistant, if spoken.is_empty() { silent() } else { spoken });
        self.note_changes(round);
        self.note_plan(answered && !idle);
        let mut parts: Vec<Said> =
            outputs.into_iter().map(|part| Said { part, origin: Origin::ToolResults, turn }).collect();
        parts.extend(self.original_prompt());
        parts.extend(self.changed_board());
        parts.extend(self.reminders((turn, round.number.saturating_add(1))));
        parts.extend(self.take_notes());
        let steered = self.user_messages(round);
        if idle && steered.is_empty() {
            parts.push(said(note(reminder(Occasion::GoOn)), Origin::Reminder, turn));
        }
        parts.extend(results.into_iter().map(|result| said(result, Origin::ScriptResults, turn)));
        parts.extend(steered);
        self.push(Role::User, parts);
        self.note_end(round);
    }

    /// A round of another agent: what it answered is told when the reader is asked next.
    fn other_round(&mut self, round: &Round<'a>, agent: Option<&AgentId>) {
        self.others.hear(round, agent);
        let steered = self.user_messages(round);
        self.push(Role::User, steered);
        self.observe(round);
        if let Some(turn) = &mut self.turn {
            turn.lively = true;
        }
        self.note_all(round);
    }

    /// Tells what other agents answered since the reader was asked last.
    fn hear_others(&mut self) {
        let Some((heard, last)) = self.others.take() else { return };
        let turn = last.0;
        let mut parts: Vec<Said> =
            heard.into_iter().map(|text| said(text, Origin::OtherAgent, turn)).collect();
        if self.is_ours() {
            parts.extend(self.changed_board());
            parts.extend(self.reminders((turn, last.1.saturating_add(1))));
        }
        self.push(Role::User, parts);
    }

    fn original_prompt(&self) -> Option<Said> {
        let turn = self.turn.as_ref()?;
        let cap = self.inputs.user_prompt_cap_chars;
        let brief = mention::brief(&turn.prompt, self.inputs.folders, (cap, turn.key.as_ref()));
        let element = || prompt_element(&brief, &named(&turn.to, self.inputs.reader.agent));
        (!brief.is_empty()).then(|| said(element(), Origin::OriginalPrompt, turn.id))
    }

    /// What the user sent in this round, whole.
    fn user_messages(&mut self, round: &Round) -> Vec<Said> {
        let mut parts = Vec::new();
        let waits =
            round.number > 0 && (round.turn, round.number) >= (self.inputs.current, self.inputs.round);
        for body in round.bodies().filter(|_| !waits) {
            let ItemBody::UserMessage { input, to, .. } = body else { continue };
            let agent = self.inputs.reader.agent;
            let Some(turn) = &mut self.turn else { continue };
            let added = turn.lively;
            turn.hear(input, to, agent);
            // What is said to a turn that runs is for those who run in it, unless it names somebody.
            let to = named(if to.is_empty() { &turn.to } else { to }, agent);
            parts.extend(self.input_parts(input, (&to, added), round.turn));
        }
        parts
    }

    /// What the user sent as parts: the words, then the images that the reader can see. `added`: to a turn that runs.
    fn input_parts(&self, input: &[InputPart], (to, added): (&str, bool), turn: TurnId) -> Vec<Said> {
        let sees = self.inputs.reader.sees_images;
        let whole = mention::whole(input, self.inputs.folders, sees);
        let element = if added { added_element(&whole, to) } else { prompt_element(&whole, to) };
        let words = (!whole.is_empty()).then(|| said(element, Origin::UserPrompt, turn));
        let images = input.iter().filter(|_| sees).filter_map(|part| match part {
            InputPart::Image { image, .. } => Some(Part::Image { image: image.clone() }),
            _ => None,
        });
        let images = images.map(|part| Said { part, origin: Origin::UserPrompt, turn });
        words.into_iter().chain(images).collect()
    }

    /// What the editor shows, where that is something else than the reader was told last.
    fn editor_part(&mut self, round: &Round<'a>) -> Option<Said> {
        let seen = round.bodies().find_map(|body| match body {
            ItemBody::Context(ContextItem::Editor(seen)) => Some(seen),
            _ => None,
        })?;
        if self.editor.replace(seen) == Some(seen) {
            return None;
        }
        editor_element(seen).map(|text| said(text, Origin::Editor, round.turn))
    }

    fn changed_board(&mut self) -> Option<Said> {
        let turn = self.turn.as_ref()?.id;
        let changed = std::mem::take(&mut self.board_changed);
        changed.then(|| said(self.board.shown(turn).unwrap_or_else(Board::empty), Origin::Board, turn))
    }

    /// The reminders that are due with a request and were not given yet.
    fn reminders(&mut self, request: (TurnId, u32)) -> Vec<Said> {
        if request <= self.reminded {
            return Vec::new();
        }
        let after = std::mem::replace(&mut self.reminded, request);
        let due = |at: (TurnId, u32)| after < at && at <= request;
        let reminders = self.inputs.reminders.iter().filter(|it| due((it.turn, it.round)));
        reminders.map(|it| said(note(&it.text), Origin::Reminder, request.0)).collect()
    }

    /// Takes in what changes the board and the plan.
    fn observe(&mut self, round: &Round<'a>) {
        for item in &round.items {
            self.board_changed |= self.board.take(item);
            match (&item.body, &mut self.turn) {
                (ItemBody::Context(ContextItem::Plan { steps, .. }), _) => {
                    let open = steps.iter().any(|step| step.status != StepStatus::Done);
                    self.plan = PlanWatch { open, rounds: 0 };
                }
                (ItemBody::Context(ContextItem::Kept { key, prompt: true, .. }), Some(turn)) => {
                    turn.key = Some(key.clone());
                }
                _ => {}
            }
        }
    }

    fn note_plan(&mut self, worked: bool) {
        self.plan.rounds += u32::from(worked);
        if self.plan.open && self.plan.rounds >= PLAN_ROUNDS {
            self.plan.rounds = 0;
            self.notes.push(reminder(Occasion::Plan).to_owned());
        }
    }

    fn note_all(&mut self, round: &Round) {
        self.note_changes(round);
        self.note_end(round);
    }

    /// Edits that were taken back: the model would think that they stand.
    fn note_changes(&mut self, round: &Round) {
        let running = round.bodies().take_while(|body| !matches!(body, ItemBody::TurnEnded { .. }));
        self.notes.extend(running.filter_map(|body| undone_note(body, self.items, self.inputs.folders)));
    }

    /// How the turn ended, and what happened between it and the next.
    fn note_end(&mut self, round: &Round) {
        for body in round.bodies().skip_while(|body| !matches!(body, ItemBody::TurnEnded { .. })) {
            if let (ItemBody::TurnEnded { status, message, .. }, Some(turn)) = (body, &mut self.turn) {
                turn.ended = true;
                let told = turn.lively.then(|| ended_note(turn.id, *status, message.as_deref()));
                self.notes.extend(told.flatten());
            }
            self.notes.extend(undone_note(body, self.items, self.inputs.folders));
        }
    }

    fn take_notes(&mut self) -> Vec<Said> {
        let turn = self.turn.as_ref().map_or(TurnId(0), |turn| turn.id);
        let notes = std::mem::take(&mut self.notes);
        notes.iter().map(|text| said(note(text), Origin::Reminder, turn)).collect()
    }

    fn is_ours(&self) -> bool {
        self.turn.as_ref().is_some_and(|turn| turn.ours)
    }

    /// Adds a message; parts for the one who spoke last join the last message, because wires want speakers to take turns.
    fn push(&mut self, role: Role, parts: Vec<Said>) {
        let Some(first) = parts.first() else { return };
        match self.entries.last_mut() {
            Some(last) if last.role == role => last.parts.extend(parts),
            None if role == Role::Assistant => {
                // Wires want the user to speak first; a log whose first lines were lost would not let him.
                let lost = note("The start of this conversation is lost.");
                let lost = said(lost, Origin::Reminder, first.turn);
                self.entries.push(Entry { role: Role::User, parts: vec![lost] });
                self.entries.push(Entry { role, parts });
            }
            _ => self.entries.push(Entry { role, parts }),
        }
    }
}

fn said(text: String, origin: Origin, turn: TurnId) -> Said {
    Said { part: Part::Text { text }, origin, turn }
}
