//! What the user adds to the turn that runs: recorded in it as long as it listens, and which of its agents have still to
//! read it. Starts no turn and asks nobody.

use super::{Session, State};
use crate::AgentError;
use crate::routing;
use crate::secrets::without_secrets;
use glossator_context::addresses;
use glossator_session::{AgentId, InputPart, ItemBody, TurnId};
use glossator_store::Sync;

/// What became of something that the user added.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It is a message of this turn.
    By(TurnId),
    /// The turn that runs hears nothing any more: it is at its end, or was stopped.
    TooLate,
    /// This turn runs, and is none to which something can be added.
    Never(TurnId),
    /// No turn runs.
    ByNone,
}

/// How much of what is said a turn takes in.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Hears {
    #[default]
    Never,
    /// Not any more.
    Nothing,
    /// Once its own prompt is recorded.
    Soon,
    Everything,
}

/// What the user adds to one turn.
#[derive(Default)]
pub(super) struct Ear {
    hears: Hears,
    /// What came before the turn's own prompt was recorded.
    early: Vec<Vec<InputPart>>,
    /// The agents of the session that can be spoken to.
    agents: Vec<AgentId>,
    unread: Vec<Unread>,
}

/// Something that has still to be read.
struct Unread {
    /// The round in which it came: the request after it holds it.
    round: u32,
    /// Whom it names; `None`: whoever is at work.
    to: Option<AgentId>,
}

impl Ear {
    /// Of a turn whose prompt will be recorded.
    pub fn soon() -> Ear {
        Ear { hears: Hears::Soon, ..Ear::default() }
    }
}

impl Unread {
    fn is_for(&self, agent: Option<&AgentId>) -> bool {
        self.to.as_ref().is_none_or(|to| addresses(std::slice::from_ref(to), agent))
    }
}

impl Session {
    /// Adds to the turn that runs. Its agents read it with their next request.
    ///
    /// # Errors
    /// A session that another process writes.
    pub fn steer(&self, input: Vec<InputPart>) -> Result<Heard, AgentError> {
        let mut state = self.state.lock();
        if let Some(why) = state.journal.read_only() {
            return Err(AgentError::ReadOnly(why.to_owned()));
        }
        let Some(going) = &mut state.running else { return Ok(Heard::ByNone) };
        let turn = going.turn;
        match going.ear.hears {
            _ if going.cancel.is_cancelled() => return Ok(Heard::TooLate),
            Hears::Never => return Ok(Heard::Never(turn)),
            Hears::Nothing => return Ok(Heard::TooLate),
            Hears::Soon => going.ear.early.push(input),
            Hears::Everything => state.hear(turn, input),
        }
        Ok(Heard::By(turn))
    }

    /// The prompt of the running turn is recorded: from here on, what is added is a message of it. `agents` are those that
    /// can be spoken to.
    pub fn listen(&self, agents: Vec<AgentId>) {
        let mut state = self.state.lock();
        let Some(going) = &mut state.running else { return };
        if going.ear.hears != Hears::Soon {
            return;
        }
        (going.ear.hears, going.ear.agents) = (Hears::Everything, agents);
        let (turn, early) = (going.turn, std::mem::take(&mut going.ear.early));
        early.into_iter().for_each(|input| state.hear(turn, input));
    }

    /// A request of `agent` for round `round` was made: it holds what was added before that round began.
    pub fn has_read(&self, agent: Option<&AgentId>, round: u32) {
        if let Some(going) = &mut self.state.lock().running {
            going.ear.unread.retain(|one| one.round >= round || !one.is_for(agent));
        }
    }

    /// How much of what was added `agent` has still to read while it is at work.
    pub fn unread_by(&self, agent: Option<&AgentId>) -> usize {
        let state = self.state.lock();
        let unread = state.running.iter().flat_map(|going| &going.ear.unread);
        unread.filter(|one| one.is_for(agent)).count()
    }

    /// Who has still to read something that was added and is none of `deaf`, where `last` was at work last; without one
    /// the turn hears nothing from now on.
    pub fn last_word(&self, last: Option<&AgentId>, deaf: &[Option<AgentId>]) -> Option<Option<AgentId>> {
        let mut state = self.state.lock();
        let ear = &mut state.running.as_mut()?.ear;
        let own = |agent: &AgentId| addresses(std::slice::from_ref(agent), None);
        let whom = |one: &Unread| match &one.to {
            None => last.cloned(),
            Some(to) => Some(to.clone()).filter(|to| !own(to)),
        };
        let next = ear.unread.iter().map(whom).find(|agent| !deaf.contains(agent));
        if next.is_none() {
            ear.hears = Hears::Nothing;
        }
        next
    }

    /// The turn is over, whatever became of it: what came before its prompt was recorded is kept with it.
    pub(super) fn keep_early(&self, turn: TurnId) {
        let mut state = self.state.lock();
        let Some(going) = &mut state.running else { return };
        if going.ear.hears != Hears::Never {
            going.ear.hears = Hears::Nothing;
        }
        let early = std::mem::take(&mut going.ear.early);
        early.into_iter().for_each(|input| state.hear(turn, input));
    }
}

/// Whether nothing is said.
pub(crate) fn is_blank(input: &[InputPart]) -> bool {
    input.iter().all(|part| matches!(part, InputPart::Text { text } if text.trim().is_empty()))
}

impl State {
    /// Records what was added, and remembers who has to read it.
    fn hear(&mut self, turn: TurnId, input: Vec<InputPart>) {
        let known: Vec<AgentId> = self.running.iter().flat_map(|going| going.ear.agents.clone()).collect();
        // Nobody is wished for, and so nobody can be unknown.
        let to = routing::route(&[], &input, &known.iter().collect::<Vec<_>>()).unwrap_or_default();
        let body = ItemBody::UserMessage { input, to: to.clone(), queued: None };
        let body = without_secrets(body, &*self.manner.redact.clone());
        // A log that cannot be written is told of by `record`.
        let _ = self.record(None, turn, (body, Sync::No));
        let round = self.now.place.1;
        let Some(going) = &mut self.running else { return };
        match to.is_empty() {
            true => going.ear.unread.push(Unread { round, to: None }),
            false => going.ear.unread.extend(to.into_iter().map(|to| Unread { round, to: Some(to) })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::tests::Bench;
    use crate::session::{End, Session};
    use crate::spent::Spent;
    use glossator_session::TurnStatus;
    use std::sync::Arc;

    fn words(text: &str) -> Vec<InputPart> {
        vec![InputPart::Text { text: text.to_owned() }]
    }

    /// The messages of the user: round, whom they name, words.
    fn messages(session: &Session) -> Vec<(u32, String, String)> {
        session.with_items(|items| {
            let said = items.iter().filter_map(|item| match &item.body {
                ItemBody::UserMessage { input, to, .. } => {
                    let to: Vec<&str> = to.iter().map(|agent| agent.0.as_str()).collect();
                    let InputPart::Text { text } = &input[0] else { return None };
                    Some((item.round, to.join(","), text.clone()))
                }
                _ => None,
            });
            said.collect()
        })
    }

    fn begin(session: &Session) -> TurnId {
        let (turn, _) = session.begin_turn().unwrap();
        let body = ItemBody::UserMessage { input: words("first"), to: Vec::new(), queued: None };
        session.record(turn, body, Sync::No).unwrap();
        turn
    }

    fn end(session: &Session, turn: TurnId) {
        let (status, spent) = (TurnStatus::Done, Spent::default());
        session.end_turn(turn, End { status, spent, message: None });
    }

    fn said(round: u32, to: &str, text: &str) -> (u32, String, String) {
        (round, to.to_owned(), text.to_owned())
    }

    fn session() -> (Bench, Arc<Session>) {
        let bench = Bench::new();
        let session = bench.begin();
        (bench, session)
    }

    #[test]
    fn what_is_said_is_heard_in_order_and_read_with_the_next_request() {
        let (_bench, session) = session();
        assert_eq!(session.steer(words("x")).unwrap(), Heard::ByNone);
        let (turn, _) = session.begin_turn().unwrap();
        // Before the prompt is recorded, it waits for it.
        assert_eq!(session.steer(words("early")).unwrap(), Heard::By(turn));
        assert_eq!(messages(&session), []);
        let body = ItemBody::UserMessage { input: words("first"), to: Vec::new(), queued: None };
        session.record(turn, body, Sync::No).unwrap();
        session.listen(vec!["a".into(), "b".into()]);
        session.listen(Vec::new());
        session.begin_round();
        // The first request is being made: it holds what came before.
        session.steer(words("one")).unwrap();
        assert_eq!(session.unread_by(None), 2);
        session.has_read(None, 1);
        assert_eq!(session.unread_by(None), 1);
        session.steer(words("@b two")).unwrap();
        assert_eq!((session.unread_by(None), session.unread_by(Some(&"b".into()))), (1, 2));
        session.begin_round();
        session.has_read(None, 2);
        assert_eq!(session.last_word(None, &[]), Some(Some("b".into())));
        session.has_read(Some(&"b".into()), 3);
        session.steer(words("@session @a three")).unwrap();
        assert_eq!(session.last_word(Some(&"b".into()), &[Some("a".into())]), Some(None));
        session.has_read(None, 3);
        assert_eq!(session.last_word(None, &[Some("a".into())]), None);
        assert_eq!(session.steer(words("late")).unwrap(), Heard::TooLate);
        end(&session, turn);
        assert_eq!(
            messages(&session),
            [
                said(0, "", "first"),
                said(0, "", "early"),
                said(1, "", "one"),
                said(1, "b", "@b two"),
                said(2, "session,a", "@session @a three"),
            ]
        );
    }

    #[test]
    fn a_turn_that_was_stopped_or_compacts_hears_nothing() {
        let (_bench, session) = session();
        let turn = begin(&session);
        session.listen(Vec::new());
        session.interrupt().unwrap();
        assert_eq!(session.steer(words("x")).unwrap(), Heard::TooLate);
        end(&session, turn);
        let (turn, _) = session.begin_deaf_turn().unwrap();
        assert_eq!(session.steer(words("x")).unwrap(), Heard::Never(turn));
        session.listen(Vec::new());
        assert_eq!(session.steer(words("x")).unwrap(), Heard::Never(turn));
        end(&session, turn);
        assert_eq!(messages(&session), [said(0, "", "first")]);
    }

    #[test]
    fn what_came_early_is_kept_with_a_turn_that_breaks_down() {
        let (bench, session) = session();
        let (turn, _) = session.begin_turn().unwrap();
        session.steer(words("early")).unwrap();
        end(&session, turn);
        drop(session);
        assert_eq!(messages(&bench.reopen()), [said(0, "", "early")]);
    }

    #[test]
    fn no_secret_that_is_said_comes_into_the_log() {
        let (_bench, session) = session();
        let redact = Arc::new(|text: &str| text.replace("sk-1", "[key]"));
        session.set_manner(crate::session::Manner { fsync: Default::default(), redact });
        begin(&session);
        session.listen(Vec::new());
        session.steer(words("use sk-1")).unwrap();
        assert_eq!(messages(&session)[1], said(0, "", "use [key]"));
    }
}
