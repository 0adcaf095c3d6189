//! Pending asks: one question, one answer. The table owns the question; dropping the asker closes it as refused.

use crate::AgentError;
use glossator_session::{Answer, Ask, AskId, AskSubject, Decision, Grant, SessionId, TurnId};
use parking_lot::Mutex;
use std::collections::HashSet;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// The open questions of a session.
#[derive(Default)]
pub struct Asks {
    open: Mutex<Vec<Open>>,
}

struct Open {
    turn: TurnId,
    ask: Ask,
    /// What lasting *allows* would cover.
    keys: Vec<String>,
    answer: oneshot::Sender<Answer>,
}

/// An open question, for fronts.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    /// The session that waits.
    pub session: SessionId,
    /// The turn that waits.
    pub turn: TurnId,
    /// The question.
    pub ask: Ask,
}

impl Asks {
    /// Opens `ask`; the receiver gets its answer.
    pub fn open(&self, turn: TurnId, ask: Ask, keys: &[String]) -> oneshot::Receiver<Answer> {
        let (answer, receiver) = oneshot::channel();
        self.open.lock().push(Open { turn, ask, keys: keys.to_vec(), answer });
        receiver
    }

    /// Closes `id` with `answer`; the first answer holds. One that does not fit (it names hunks which the ask does not have,
    /// grants what is not offered, or is a yes without words to a question that needs some) is none: it stays open.
    pub fn answer(&self, id: &AskId, answer: Answer) -> Result<(), AgentError> {
        let mut open = self.open.lock();
        let at =
            open.iter().position(|one| one.ask.id == *id).ok_or_else(|| AgentError::NoAsk(id.clone()))?;
        if let Some(why) = misfit(&open[at].ask, &answer) {
            return Err(AgentError::BadAnswer(id.clone(), why));
        }
        let one = open.remove(at);
        // A receiver that is gone has been cancelled in this moment: the answer comes too late and does nothing.
        one.answer.send(answer).map_err(|_| AgentError::NoAsk(id.clone()))
    }

    /// A lasting *allow* was given for `key`: the asks that wait for the same are answered too, each by itself.
    pub fn granted(&self, key: &str) {
        for one in self.open.lock().extract_if(.., |one| one.keys.iter().any(|one| one == key)) {
            // An asker that is gone has no use for it.
            let _ = one.answer.send(Answer {
                decision: Decision::Allow,
                grant: Grant::Session,
                message: None,
                hunks: None,
            });
        }
    }

    /// Takes `id` away without an answer.
    pub fn withdraw(&self, id: &AskId) {
        self.open.lock().retain(|one| one.ask.id != *id);
    }

    /// The open questions, oldest first.
    pub fn pending(&self, session: &SessionId) -> Vec<Pending> {
        let open = self.open.lock();
        open.iter()
            .map(|one| Pending { session: session.clone(), turn: one.turn, ask: one.ask.clone() })
            .collect()
    }
}

/// Why an answer does not fit what is asked.
fn misfit(ask: &Ask, answer: &Answer) -> Option<String> {
    match &ask.subject {
        _ if answer.decision == Decision::Deny => None,
        _ if answer.grant != Grant::Once && !ask.grants.contains(&answer.grant) => {
            Some(unoffered(ask, answer.grant))
        }
        AskSubject::Edit { hunks, .. } => {
            answer.hunks.as_deref().and_then(|numbers| wrong(numbers, hunks.len()))
        }
        AskSubject::Question { default: None, options, .. } => {
            let is_blank = answer.message.as_deref().is_none_or(|said| said.trim().is_empty());
            let or = if options.is_empty() { "" } else { ", or one of its options" };
            is_blank.then(|| format!("it is a question that wants an answer in words{or} (glossator.answer)"))
        }
        AskSubject::Question { .. } | AskSubject::Command { .. } | AskSubject::Script { .. } => None,
    }
}

/// That a grant is not among those of an ask, in the words of the protocol.
fn unoffered(ask: &Ask, grant: Grant) -> String {
    let offered: Vec<&str> = ask.grants.iter().map(|grant| grant.name()).collect();
    format!("it grants \"{}\", and offered are: {}", grant.name(), offered.join(", "))
}

/// What holds of an ask that nobody has answered in time: a no, or the default of a question.
pub fn too_late(subject: &AskSubject) -> Answer {
    match subject {
        AskSubject::Question { default: Some(_), .. } => {
            Answer { decision: Decision::Allow, grant: Grant::Once, message: None, hunks: None }
        }
        _ => refused("(nobody answered in time)"),
    }
}

fn refused(why: &str) -> Answer {
    Answer { decision: Decision::Deny, grant: Grant::Once, message: Some(why.to_owned()), hunks: None }
}

/// What is wrong with the numbers of hunks in an answer, of an ask that has that many.
fn wrong(numbers: &[usize], count: usize) -> Option<String> {
    let mut seen = HashSet::new();
    let number = numbers.iter().find(|number| !(1..=count).contains(*number) || !seen.insert(**number))?;
    Some(match count {
        0 => format!("it names hunk {number}, and the question has no hunks to choose from"),
        _ if seen.contains(number) => format!("it names hunk {number} twice"),
        _ => format!("it names hunk {number}, and there are hunks 1 to {count}"),
    })
}

/// Waits for the answer; a cancel refuses, and after `timeout` holds what is given with it.
pub async fn wait(
    receiver: oneshot::Receiver<Answer>,
    cancel: &CancellationToken,
    timeout: Option<(Duration, Answer)>,
) -> Answer {
    let limit = async {
        match timeout {
            Some((limit, answer)) => {
                tokio::time::sleep(limit).await;
                answer
            }
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = cancel.cancelled() => refused("(the call was stopped before the question was answered)"),
        too_late = limit => too_late,
        answer = receiver => answer.unwrap_or_else(|_| refused("(the question was withdrawn)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::AskHunk;

    fn said(decision: Decision, message: Option<&str>) -> Answer {
        Answer { decision, grant: Grant::Once, message: message.map(str::to_owned), hunks: None }
    }

    fn ask(subject: AskSubject) -> Ask {
        let (title, reason) = (String::new(), String::new());
        let grants = vec![Grant::Once, Grant::Session];
        Ask { id: AskId("A1".to_owned()), call: "S1.1".into(), title, reason, subject, grants }
    }

    #[test]
    fn only_what_is_offered_can_be_granted() {
        let ask = ask(AskSubject::Script { source: String::new() });
        for (grant, fits) in [
            (Grant::Once, true),
            (Grant::Session, true),
            (Grant::Exact, false),
            (Grant::Prefix, false),
            (Grant::Directory, false),
            (Grant::Always, false),
        ] {
            let answer = |decision| Answer { grant, ..said(decision, None) };
            assert_eq!(misfit(&ask, &answer(Decision::Allow)).is_none(), fits, "{grant:?}");
            assert_eq!(misfit(&ask, &answer(Decision::Deny)), None, "{grant:?}");
        }
        let always = Answer { grant: Grant::Always, ..said(Decision::Allow, None) };
        assert_eq!(misfit(&ask, &always).unwrap(), "it grants \"always\", and offered are: once, session");
    }

    #[test]
    fn a_question_wants_words_unless_it_has_a_default() {
        let question = |default: Option<&str>| {
            ask(AskSubject::Question {
                question: "Which?".to_owned(),
                options: vec!["a".to_owned()],
                default: default.map(str::to_owned),
            })
        };
        let (open, with_default) = (question(None), question(Some("a")));
        for (ask, decision, message, fits) in [
            (&open, Decision::Allow, Some("b"), true),
            (&open, Decision::Allow, Some(" "), false),
            (&open, Decision::Allow, None, false),
            (&open, Decision::Deny, None, true),
            (&with_default, Decision::Allow, None, true),
        ] {
            let found = misfit(ask, &said(decision, message));
            assert_eq!(found.is_none(), fits, "{ask:?} {decision:?} {message:?}: {found:?}");
        }
        assert!(misfit(&open, &said(Decision::Allow, None)).unwrap().contains("or one of its options"));
        assert_eq!(too_late(&with_default.subject), said(Decision::Allow, None));
        assert_eq!(too_late(&open.subject), said(Decision::Deny, Some("(nobody answered in time)")));
    }

    #[test]
    fn an_answer_that_does_not_fit_leaves_the_ask_open() {
        let hunk =
            AskHunk { path: "a".to_owned(), line: 1, base: "a\n".to_owned(), proposed: "b\n".to_owned() };
        let hunks = vec![hunk.clone(), hunk];
        let subject = AskSubject::Edit { files: Vec::new(), diff: String::new(), hunks };
        let ask = ask(subject);
        let id = ask.id.clone();
        let asks = Asks::default();
        let mut receiver = asks.open(TurnId(1), ask, &[]);
        let answer = |hunks: &[usize]| Answer {
            decision: Decision::Allow,
            grant: Grant::Once,
            message: None,
            hunks: Some(hunks.to_vec()),
        };
        for (hunks, words) in [
            (&[0][..], "hunk 0, and there are hunks 1 to 2"),
            (&[1, 3], "hunk 3, and"),
            (&[2, 1, 2], "hunk 2 twice"),
        ] {
            let refused = asks.answer(&id, answer(hunks)).unwrap_err().to_string();
            assert!(refused.contains(words) && refused.contains("still open"), "{refused}");
            assert!(receiver.try_recv().is_err());
        }
        asks.answer(&id, answer(&[2])).unwrap();
        assert_eq!(receiver.try_recv().unwrap().hunks, Some(vec![2]));
    }
}
