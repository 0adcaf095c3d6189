//! Takes known secrets out of what a script came to, before anything of it is shortened or shown.

use crate::CallLine;
use glossator_script::Outcome;
use glossator_session::change_texts;

/// Gives a text without secrets.
type Redact<'a> = &'a dyn Fn(&str) -> String;

/// The outcome's value, error and console lines.
pub(crate) fn outcome(outcome: &mut Outcome, redact: Redact) {
    if let Some(found) = outcome.value.as_mut() {
        change_texts(found, redact);
    }
    for line in &mut outcome.console {
        line.text = redact(&line.text);
    }
    if let Some(error) = &mut outcome.error {
        error.message = redact(&error.message);
        error.excerpt = error.excerpt.as_deref().map(redact);
        error.hint = error.hint.as_deref().map(redact);
    }
    for call in &mut outcome.calls {
        call.summary = call.summary.as_deref().map(redact);
        call.error = call.error.as_deref().map(redact);
    }
}

/// What is told of each call.
pub(crate) fn calls(calls: &mut [CallLine], redact: Redact) {
    for call in calls {
        call.line = redact(&call.line);
        match &mut call.outcome {
            Ok(said) | Err(said) => *said = redact(said),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_script::{ConsoleLine, Status};
    use serde_json::json;

    #[test]
    fn secrets_go_from_everything_that_is_shown() {
        let mut found = Outcome {
            status: Status::Done,
            value: Some(json!({ "a SECRET": ["SECRET", 1] })),
            error: None,
            console: vec![ConsoleLine { level: "log".to_owned(), text: "x SECRET".to_owned() }],
            calls: Vec::new(),
            millis: 1,
        };
        outcome(&mut found, &|text| text.replace("SECRET", "*"));
        assert_eq!((found.value, found.console[0].text.as_str()), (Some(json!({ "a *": ["*", 1] })), "x *"));
    }
}
