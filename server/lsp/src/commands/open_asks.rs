//! Which open question a word of the user's means: of the sessions that a client sees, or of one of them. Ids are short names
//! within a session only, so a question of another session has to be called by the whole of its id.

use crate::approvals::summary;
use crate::connection::{Connection, not_started};
use crate::prompt_document::{is_called, short};
use glossator_agent::Pending;
use glossator_session::{AskSubject, SessionId};

/// The open questions.
#[derive(Debug, Default)]
pub struct Open {
    /// Those that can be meant by a short name, or without one.
    pub here: Vec<Pending>,
    /// Those of other sessions.
    pub elsewhere: Vec<Pending>,
}

impl Open {
    /// As a client sees them: here are those of its sessions; one that has none yet, as after a start, may mean any.
    pub fn seen_by(connection: &Connection) -> Result<Open, String> {
        let agent = connection.agent().ok_or_else(|| not_started().to_string())?;
        Ok(Open::among(agent.pending(), &connection.known_sessions()))
    }

    /// As those who write in the prompt document of a session see them.
    pub fn of_session(pending: Vec<Pending>, session: &SessionId) -> Open {
        Open::among(pending, std::slice::from_ref(session))
    }

    fn among(pending: Vec<Pending>, sessions: &[SessionId]) -> Open {
        let is_here = |one: &Pending| sessions.is_empty() || sessions.contains(&one.session);
        let (here, elsewhere) = pending.into_iter().partition(is_here);
        Open { here, elsewhere }
    }

    /// The one that is called so; `None`: none is.
    pub fn named(&self, word: &str) -> Result<Option<&Pending>, String> {
        if let Some(whole) = self.here.iter().chain(&self.elsewhere).find(|one| one.ask.id.0 == word) {
            return Ok(Some(whole));
        }
        let called = |one: &&Pending| is_called(&one.ask.id, word);
        let found: Vec<&Pending> = self.here.iter().filter(called).collect();
        match (found.as_slice(), self.elsewhere.iter().find(called)) {
            ([one], _) => Ok(Some(one)),
            ([], None) => Ok(None),
            ([], Some(other)) => Err(format!(
                "No question {word} waits here, but one of another session does: {}. To answer that, write its whole id, {}.",
                summary(&other.ask),
                other.ask.id
            )),
            (several, _) => Err(format!(
                "Several questions are called {word}; write its whole id. They are {}.",
                listed(several.iter().copied(), summary)
            )),
        }
    }

    /// The only one of a kind; the error says that there is `none`, or lists them.
    pub fn only(&self, is_meant: impl Fn(&Pending) -> bool, none: &str) -> Result<&Pending, String> {
        let found: Vec<&Pending> = self.here.iter().filter(|one| is_meant(one)).collect();
        match (found.as_slice(), self.elsewhere.iter().find(|one| is_meant(one))) {
            ([one], _) => Ok(one),
            ([], None) => Err(none.to_owned()),
            ([], Some(other)) => Err(format!(
                "{none} One of another session does: {}. To answer that, name it: {}.",
                summary(&other.ask),
                other.ask.id
            )),
            (several, _) => {
                let listed = listed(several.iter().copied(), summary);
                Err(format!("Several questions are open; name one of them: {listed}"))
            }
        }
    }
}

/// Whether it is answered in words.
pub fn in_words(one: &Pending) -> bool {
    matches!(one.ask.subject, AskSubject::Question { .. })
}

/// Questions by their names, each with what `told` makes of it.
fn listed<'a>(
    questions: impl Iterator<Item = &'a Pending> + Clone,
    told: impl Fn(&glossator_session::Ask) -> String,
) -> String {
    let names = questions.clone().map(|one| {
        let name = short(&one.ask.id);
        let is_only = questions.clone().filter(|other| short(&other.ask.id) == name).count() == 1;
        format!("{}: {}", if is_only { name } else { &one.ask.id.0 }, told(&one.ask))
    });
    names.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use glossator_session::{Ask, TurnId};

    /// An open question, of the session that its id ends with.
    pub fn pending(id: &str, is_question: bool) -> Pending {
        let question = format!("What is {id}?");
        let subject = match is_question {
            true => AskSubject::Question { question: question.clone(), options: Vec::new(), default: None },
            false => AskSubject::Script { source: String::new() },
        };
        let (reason, grants) = Default::default();
        let ask = Ask { id: id.into(), call: "S1.1".into(), title: question, reason, subject, grants };
        let session = id.split_once('-').map_or("s", |(_, session)| session);
        Pending { session: session.into(), turn: TurnId(1), ask }
    }

    #[test]
    fn which_question_is_meant() {
        let open = |known: &[&str]| {
            let all = [("A1-aa", false), ("A2-aa", true), ("A1-bb", false), ("A3-bb", false)];
            let known: Vec<SessionId> = known.iter().map(|id| (*id).into()).collect();
            Open::among(all.iter().map(|(id, words)| pending(id, *words)).collect(), &known)
        };
        let check = |known: &[&str], word: &str, expected: Result<Option<&str>, &str>| {
            let open = open(known);
            match (open.named(word), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found.map(|one| one.ask.id.0.as_str()), expected),
                (Err(why), Err(words)) => assert!(why.contains(words), "{why}"),
                (found, expected) => panic!("{found:?} and not {expected:?}"),
            }
        };
        check(&["aa"], "A1", Ok(Some("A1-aa")));
        check(&["aa"], "A1-bb", Ok(Some("A1-bb")));
        check(&["aa"], "A3", Err("its whole id, A3-bb"));
        check(&["aa"], "A9", Ok(None));
        check(&["aa", "bb"], "A1", Err("Several questions are called A1"));
        check(&[], "A3", Ok(Some("A3-bb")));
        let only = |known: &[&str], words: bool| {
            open(known).only(|one| in_words(one) == words, "None.").map(|one| one.ask.id.0.clone())
        };
        assert_eq!(only(&["aa"], false).unwrap(), "A1-aa");
        assert_eq!(only(&["aa"], true).unwrap(), "A2-aa");
        assert!(only(&["bb"], false).unwrap_err().contains("name one of them: A1: "));
        assert!(only(&["bb"], true).unwrap_err().contains("None. One of another session does: "));
        assert!(only(&["bb"], true).unwrap_err().contains("A2-aa"));
        assert_eq!(Open::default().only(|_| true, "None.").unwrap_err(), "None.");
    }
}
