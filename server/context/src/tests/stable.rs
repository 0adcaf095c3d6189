//! Whatever happens in a session of several agents: what a reader was sent stays a prefix of what it is sent next, until a
//! compaction; a prompt of the whole log is that of its part since the last one; and pieces are the prompt.

use super::growth::check_valid;
use super::*;
use proptest::prelude::*;
use proptest::strategy::Strategy;
use std::collections::BTreeMap;

const AGENTS: [Option<&str>; 3] = [None, Some("a"), Some("b")];

/// What happens within a round, beside the answer.
#[derive(Debug, Clone, Copy)]
enum Event {
    Native,
    Lost,
    Script,
    Unreported,
    Post(u8, u8),
    Remove(u8),
    Plan(bool),
    Undo,
    Steer,
    SteerEarly,
    Think,
    Told,
    Retry,
    Compact,
    Kept,
    Late,
}

#[derive(Debug, Clone)]
struct TurnPlan {
    to: Vec<usize>,
    rounds: Vec<Vec<Event>>,
    end: u8,
    between: Vec<Event>,
    editor: u8,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => Just(Event::Native),
        1 => Just(Event::Lost),
        4 => Just(Event::Script),
        1 => Just(Event::Unreported),
        2 => (0..3u8, 0..4u8).prop_map(|(id, turns)| Event::Post(id, turns)),
        1 => (0..3u8).prop_map(Event::Remove),
        1 => any::<bool>().prop_map(Event::Plan),
        1 => Just(Event::Undo),
        1 => Just(Event::Steer),
        1 => Just(Event::SteerEarly),
        2 => Just(Event::Think),
        2 => Just(Event::Told),
        1 => Just(Event::Retry),
        1 => Just(Event::Compact),
        1 => Just(Event::Kept),
        1 => Just(Event::Late),
    ]
}

fn turn_plan() -> impl Strategy<Value = TurnPlan> {
    let rounds = prop::collection::vec(prop::collection::vec(event(), 0..4), 1..5);
    let between = prop::collection::vec(event(), 0..2);
    (prop::collection::vec(0..3usize, 0..3), rounds, 0..5u8, between, 0..3u8).prop_map(
        |(mut to, rounds, end, between, editor)| {
            to.sort_unstable();
            to.dedup();
            TurnPlan { to, rounds, end, between, editor }
        },
    )
}

/// A session as it is played, with what each reader was sent last.
struct Session {
    log: Log,
    reminders: Vec<Reminder>,
    sent: BTreeMap<usize, Vec<Message>>,
    calls: u32,
}

impl Session {
    fn change(&mut self, by: impl FnOnce(Log) -> Log) {
        self.log = by(std::mem::take(&mut self.log));
    }

    fn prompt(&self, reader: usize, items: &[Item]) -> (Prompt, Vec<Piece>) {
        let agent = AGENTS[reader].map(AgentId::from);
        let inputs = Inputs {
            items,
            current: self.log.current(),
            round: self.log.round,
            reader: Reader { agent: agent.as_ref(), ..READER },
            reminders: &self.reminders,
            ..inputs(&self.log)
        };
        (assemble(&inputs), explain(&inputs, &|text| text.len() as u64))
    }

    /// What is asked of `reader` now grows from what it was asked before.
    fn request(&mut self, reader: usize) -> Result<(), TestCaseError> {
        let (prompt, pieces) = self.prompt(reader, &self.log.items);
        let texts: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        prop_assert_eq!(&texts, &all_text(&prompt));
        if let Some((at, _)) = last_compaction(&self.log.items, self.log.current()) {
            let (short, _) = self.prompt(reader, &self.log.items[at..]);
            prop_assert_eq!(transcript(&short.messages), transcript(&prompt.messages));
        }
        let now = prompt.messages;
        check_valid(&now)?;
        if let Some(before) = self.sent.get(&reader) {
            let (last, rest) = before.split_last().unwrap();
            let shown = || format!("was\n{}\nis\n{}", transcript(before), transcript(&now));
            prop_assert!(now.len() >= before.len(), "{}", shown());
            prop_assert!(now[..rest.len()] == *rest, "{}", shown());
            let grown = &now[rest.len()];
            prop_assert!(grown.role == last.role && grown.parts.starts_with(&last.parts), "{}", shown());
        }
        self.sent.insert(reader, now);
        Ok(())
    }

    fn play(&mut self, event: Event, speaker: usize) {
        self.calls += 1;
        let id = format!("c{}", self.calls);
        let agent = AGENTS[speaker];
        match event {
            Event::Native => {
                self.change(|log| log.agent(agent).call(&id, None).output(&id, json!({ "text": "<T-1>" })))
            }
            Event::Lost => self.change(|log| log.agent(agent).call(&id, None)),
            Event::Script => self.change(|log| {
                let log = log.agent(agent).script(&id).call(&format!("{id}.1"), Some(&id));
                log.output(&format!("{id}.1"), json!(1)).result(&id, "<tool-results>x</tool-results>")
            }),
            Event::Unreported => self.change(|log| log.agent(agent).script(&id)),
            Event::Think => self.change(|log| log.agent(agent).think(MODEL, "{}").say("Hm.")),
            Event::Plan(open) => self.change(|log| log.agent(agent).plan(&[("s", !open)])),
            Event::Post(id, turns) => {
                self.change(|log| log.agent(None).post(&format!("B{id}"), turns.into()))
            }
            Event::Remove(id) => {
                self.change(|log| log.agent(None).context(ContextItem::Removed { entry: format!("B{id}") }))
            }
            Event::Undo => self.change(|log| log.agent(None).undone("c")),
            Event::Steer | Event::SteerEarly => self.change(|log| log.agent(None).steer("steer")),
            Event::Retry => self.change(|log| log.agent(agent).notice()),
            Event::Kept => self.change(|log| log.agent(None).kept("K1", true)),
            Event::Late => {
                // What a task of an earlier turn did: it carries that turn and round 0.
                let (turn, round) = (self.log.turn, self.log.round);
                (self.log.turn, self.log.round) = (turn.saturating_sub(1).max(1), 0);
                self.change(|log| log.agent(None).post("B9", 2).undone("late"));
                (self.log.turn, self.log.round) = (turn, round);
            }
            Event::Told | Event::Compact => {}
        }
    }

    fn compact(&mut self, reader: usize) {
        let words = LedgerWords {
            path: &|path| path.display().to_string(),
            redact: &str::to_owned,
            folders: folders(),
        };
        let agent = AGENTS[reader].map(AgentId::from);
        let inputs = Inputs {
            reader: Reader { agent: agent.as_ref(), ..READER },
            reminders: &self.reminders,
            ..inputs(&self.log)
        };
        let made = Made {
            cause: CompactionCause::Window,
            round: self.log.round,
            summary: Some("## Goal\nAll.".into()),
            ledger: ledger(None, &self.log.items, &words),
            layers: Vec::new(),
            tokens_before: 0,
        };
        let made = compaction(&inputs, made);
        self.change(|log| log.agent(None).context(ContextItem::Compaction(Box::new(made))));
        self.sent.clear();
    }
}

fn all_text(prompt: &Prompt) -> String {
    let mut all = String::new();
    for part in prompt.messages.iter().flat_map(|message| &message.parts) {
        match part {
            Part::Text { text } | Part::ToolOutput { text, .. } => all.push_str(text),
            Part::Raw { raw } => all.push_str(&raw.json),
            Part::ToolCall { name, arguments, .. } => all.push_str(&format!("{name}({arguments})")),
            Part::Image { .. } => {}
        }
    }
    all
}

fn run(turns: &[TurnPlan]) -> Result<(), TestCaseError> {
    let mut session = Session { log: Log::default(), reminders: Vec::new(), sent: BTreeMap::new(), calls: 0 };
    for (number, plan) in turns.iter().enumerate() {
        let to: Vec<&str> = plan.to.iter().map(|at| AGENTS[*at].unwrap_or(OWN_AGENT)).collect();
        let readers = if plan.to.is_empty() { vec![0] } else { plan.to.clone() };
        session.change(|mut log| {
            log.turn += 1;
            log.round = 0;
            let seen = EditorSeen { active: Some(format!("f{}", plan.editor)), ..EditorSeen::default() };
            let log = log.agent(None).context(ContextItem::Editor(seen));
            log.prompt(&format!("prompt {number}"), &to)
        });
        for reader in readers {
            for events in &plan.rounds {
                session.log.round += 1;
                if events.iter().any(|event| matches!(event, Event::Told)) {
                    let (turn, round) = (session.log.current(), session.log.round);
                    session.reminders.push(Reminder { turn, round, text: format!("told {round}") });
                }
                if events.iter().any(|event| matches!(event, Event::Compact)) {
                    session.compact(reader);
                }
                // Said when the round has begun and nobody is asked yet.
                let (early, events): (Vec<Event>, Vec<Event>) =
                    events.iter().partition(|event| matches!(event, Event::SteerEarly));
                early.iter().for_each(|event| session.play(*event, reader));
                session.request(reader)?;
                session.change(|log| log.agent(AGENTS[reader]).say("A <T-2> answer"));
                events.iter().for_each(|event| session.play(*event, reader));
            }
            session.log.round += 1;
            session.request(reader)?;
            session.change(|log| log.agent(AGENTS[reader]).say("Done."));
        }
        session.change(|log| match plan.end {
            0 => log.agent(None).end(TurnStatus::Interrupted, None),
            1 => log.agent(None).end(TurnStatus::Failed, Some("no")),
            2 => log.agent(None),
            _ => log.agent(None).done(),
        });
        for event in &plan.between {
            match event {
                Event::Post(..) | Event::Remove(_) | Event::Undo | Event::Late => session.play(*event, 0),
                Event::Compact if plan.end != 2 => {
                    // By hand: a turn of its own.
                    session.change(|mut log| {
                        log.turn += 1;
                        log.round = 1;
                        log
                    });
                    session.compact(0);
                    session.change(|log| log.done());
                }
                _ => {}
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn requests_of_a_reader_grow_at_their_end(turns in prop::collection::vec(turn_plan(), 1..6)) {
        run(&turns)?;
    }
}
