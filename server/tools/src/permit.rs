//! What an answer to an ask permits: the whole call, some hunks of an edit, or nothing, and what the caller is told then.
//! Pure.

use glossator_session::{Answer, Decision, ToolError, ToolErrorKind};
use std::collections::BTreeSet;

/// A call that may be made.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Permit {
    /// The numbers of the hunks that may be made; `None`: all of it.
    pub accepted: Option<Vec<usize>>,
    /// What the user said.
    pub said: Option<String>,
    /// Whether the user was asked at all.
    pub asked: bool,
}

/// What `answer` permits of the call `line`, whose ask had that many hunks.
pub(crate) fn permitted(answer: Answer, line: &str, hunks: usize) -> Result<Permit, ToolError> {
    let said = answer.message.filter(|said| !said.trim().is_empty());
    let and_said = said.as_ref().map(|text| format!(" and said: {text}")).unwrap_or_default();
    let denied = |message: String| Err(ToolError::new(ToolErrorKind::ToolDenied, message));
    if answer.decision == Decision::Deny {
        return denied(format!("the user did not allow {line}{and_said}"));
    }
    let accepted = answer.hunks.filter(|_| hunks > 0);
    if let Some(numbers) = &accepted {
        if numbers.is_empty() {
            return denied(format!("the user rejected every hunk of {line}{and_said}; nothing was changed"));
        }
        if let Some(why) = wrong(numbers, hunks) {
            return Err(ToolError {
                retryable: true,
                ..ToolError::failed(format!(
                    "{line} was not made: the answer of the user's editor cannot be understood, {why}. Nothing was \
                     changed; make the same call again to ask once more"
                ))
            });
        }
    }
    Ok(Permit { accepted, said, asked: true })
}

/// What the user said to a question of the model's; nothing in it: the default holds.
pub(crate) fn answered(answer: Answer) -> Result<Permit, ToolError> {
    let said = answer.message.filter(|said| !said.trim().is_empty());
    if answer.decision == Decision::Allow {
        return Ok(Permit { said, asked: true, ..Permit::default() });
    }
    let and_said = said.map(|text| format!(" and said: {text}")).unwrap_or_default();
    let message = format!(
        "the user did not answer the question{and_said}. Do not ask it again: go on without an answer and say what you \
         assumed, or end the turn"
    );
    Err(ToolError::new(ToolErrorKind::ToolDenied, message))
}

/// What is wrong with the numbers of hunks from 1 to `hunks`.
fn wrong(numbers: &[usize], hunks: usize) -> Option<String> {
    let mut seen = BTreeSet::new();
    let missing = |number: &usize| !(1..=hunks).contains(number);
    if let Some(number) = numbers.iter().find(|number| missing(number)) {
        return Some(format!("as it names hunk {number} of {hunks}"));
    }
    let twice = numbers.iter().find(|number| !seen.insert(**number))?;
    Some(format!("as it names hunk {twice} twice"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::Grant;

    fn answer(decision: Decision, message: Option<&str>, hunks: Option<&[usize]>) -> Answer {
        let (message, hunks) = (message.map(str::to_owned), hunks.map(<[usize]>::to_vec));
        Answer { decision, grant: Grant::Once, message, hunks }
    }

    #[test]
    fn answers_permit_what_they_name() {
        for (hunks, of, accepted) in [
            (None, 3, None),
            (None, 0, None),
            (Some(&[1, 3][..]), 3, Some(vec![1, 3])),
            (Some(&[3, 1]), 3, Some(vec![3, 1])),
            (Some(&[1, 2, 3]), 3, Some(vec![1, 2, 3])),
            // An ask without hunks has no use for them.
            (Some(&[1]), 0, None),
            (Some(&[]), 0, None),
        ] {
            for said in [None, Some("go on")] {
                let permit = permitted(answer(Decision::Allow, said, hunks), "x", of).unwrap();
                assert_eq!(
                    (permit.accepted, permit.said.as_deref()),
                    (accepted.clone(), said),
                    "{hunks:?} of {of}"
                );
            }
        }
    }

    #[test]
    fn questions_are_answered_in_words() {
        use Decision::{Allow, Deny};
        for (said, expected) in [(Some("blue"), Some("blue")), (Some(" "), None), (None, None)] {
            let permit = answered(answer(Allow, said, None)).unwrap();
            assert_eq!((permit.said.as_deref(), permit.asked), (expected, true));
        }
        for (said, words) in
            [(None, "did not answer the question. Do not"), (Some("why?"), "and said: why?.")]
        {
            let error = answered(answer(Deny, said, None)).unwrap_err();
            assert_eq!(error.kind, ToolErrorKind::ToolDenied);
            assert!(error.message.contains(words), "{error}");
        }
    }

    #[test]
    fn other_answers_are_errors_that_say_why() {
        use Decision::{Allow, Deny};
        use ToolErrorKind::{ToolDenied, ToolFailed};
        for (decision, said, hunks, kind, words) in [
            (Deny, None, None, ToolDenied, "the user did not allow x y"),
            (Deny, Some("not so"), None, ToolDenied, "did not allow x y and said: not so"),
            (Deny, Some("not so"), Some(&[1][..]), ToolDenied, "did not allow x y and said: not so"),
            (Deny, Some(" "), None, ToolDenied, "the user did not allow x y"),
            (Allow, None, Some(&[]), ToolDenied, "rejected every hunk of x y; nothing was changed"),
            (Allow, Some("no"), Some(&[]), ToolDenied, "rejected every hunk of x y and said: no; nothing"),
            (Allow, None, Some(&[0]), ToolFailed, "names hunk 0 of 3"),
            (Allow, None, Some(&[1, 4]), ToolFailed, "names hunk 4 of 3"),
            (Allow, None, Some(&[2, 1, 2]), ToolFailed, "names hunk 2 twice"),
        ] {
            let error = permitted(answer(decision, said, hunks), "x y", 3).unwrap_err();
            assert_eq!(error.kind, kind, "{error}");
            assert!(error.message.contains(words), "{error}");
            assert_eq!(error.retryable, kind == ToolFailed);
        }
    }
}
