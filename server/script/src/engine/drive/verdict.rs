//! Owns what a run's end means: values and errors a worker reports, made safe to hand on, and the errors of runs that
//! did not end by themselves. Pure.

use serde_json::{Value, value::RawValue};

use super::super::link::Death;
use crate::outcome::head_and_tail;
use crate::protocol::{MAX_RESULT, text_too_deep, too_deep};
use crate::{ErrorName, Host, HostError, Limits, ScriptError};

/// Longest message and details of a tool's error, in bytes; longer messages are cut, longer details left out.
const MAX_MESSAGE: usize = 64 * 1024;
const MAX_DETAILS: usize = 256 * 1024;
/// The same for the message of a brief error.
const BRIEF: usize = 1024;

/// The value a script returned; an error when a worker of ours would not have sent it.
pub(super) fn returned(json: &RawValue, limits: &Limits, host: &dyn Host) -> Result<Value, String> {
    let text = json.get();
    if text_too_deep(text) {
        return Err("a returned value that nests too deeply".to_owned());
    }
    if text.len() <= limits.result_bytes {
        return serde_json::from_str(text).map_err(|error| error.to_string());
    }
    if text.len() > MAX_RESULT {
        return Err("a returned value that is too long".to_owned());
    }
    Ok(host.long_value(text).unwrap_or_else(|| head_and_tail(text, limits.result_bytes)))
}

/// A tool's error with a name of the catalogue, and short and flat enough to be sent.
pub(super) fn known(mut error: HostError) -> HostError {
    let listed = ErrorName::parse(&error.name).is_some() && error.name.starts_with("Tool");
    if !listed {
        error.name = ErrorName::ToolFailed.as_str().to_owned();
    }
    shorten(&mut error.message);
    error.details =
        error.details.filter(|details| !too_deep(details) && details.to_string().len() <= MAX_DETAILS);
    error
}

/// The same for a script that has got all it can take: what went wrong, in short.
pub(super) fn brief(mut error: HostError) -> HostError {
    error.details = None;
    error.message.truncate(error.message.floor_char_boundary(BRIEF));
    error
}

/// A script's error as a worker reports it, with texts no longer than ours are.
pub(super) fn reported(mut error: ScriptError) -> ScriptError {
    shorten(&mut error.message);
    [&mut error.excerpt, &mut error.hint, &mut error.tool].into_iter().flatten().for_each(shorten);
    error
}

fn shorten(text: &mut String) {
    if text.len() > MAX_MESSAGE {
        text.truncate(text.floor_char_boundary(MAX_MESSAGE));
        text.shrink_to_fit();
    }
}

/// The error of a script that was stopped from outside.
pub fn cancelled() -> ScriptError {
    ScriptError::plain(ErrorName::ScriptCancelled, "The script was cancelled")
}

pub(super) fn breach(what: &str) -> ScriptError {
    let message = format!("The script worker did not keep to the protocol: {what}");
    ScriptError::plain(ErrorName::HarnessFailure, message)
}

pub(super) fn timed_out(limits: &Limits) -> ScriptError {
    let message = format!(
        "The script used up its own running time ({} s) in an operation that cannot be interrupted",
        limits.wall.as_secs_f32()
    );
    ScriptError::plain(ErrorName::ScriptTimeout, message)
        .hint("Look for a huge array, string, sort or regular expression.")
}

pub(super) fn died(death: Death, limits: &Limits) -> ScriptError {
    if death == Death::CpuTime {
        let message = format!("The script used up CPU time ({} s)", limits.cpu.as_secs_f32());
        return ScriptError::plain(ErrorName::ScriptTimeout, message)
            .hint("Look for a huge array, string, sort or regular expression.");
    }
    let how = match death {
        Death::Signal(signal) => format!("by signal {signal}"),
        Death::Code(code) => format!("with code {code}"),
        Death::CpuTime => String::new(),
    };
    ScriptError::plain(ErrorName::HarnessFailure, format!("The script worker ended unexpectedly, {how}"))
        .hint(
            "This is a fault of Glossator, not of the script. Calls listed here have happened all the same.",
        )
}

#[cfg(test)]
mod tests {
    use super::returned;
    use crate::{Host, HostCall, HostError, Limits};
    use futures::future::BoxFuture;
    use serde_json::{Value, json, value::RawValue};
    use tokio_util::sync::CancellationToken;

    struct Keeps(bool);

    impl Host for Keeps {
        fn call(&self, _: HostCall, _: CancellationToken) -> BoxFuture<'static, Result<Value, HostError>> {
            Box::pin(async { Ok(Value::Null) })
        }

        fn long_value(&self, json: &str) -> Option<Value> {
            self.0.then(|| json!({ "kept": json.len() }))
        }
    }

    #[test]
    fn values_are_taken_kept_or_refused() {
        let limits = Limits { result_bytes: 100, ..Limits::default() };
        let check = |json: String, keeps: bool| {
            returned(&RawValue::from_string(json).unwrap(), &limits, &Keeps(keeps))
        };
        assert_eq!(check("{\"a\":1}".into(), true), Ok(json!({ "a": 1 })));
        let long = json!("é".repeat(100)).to_string();
        assert_eq!(check(long.clone(), true), Ok(json!({ "kept": 202 })));
        assert_eq!(check(long, false).unwrap()["bytes"], 202);
        assert!(check(format!("{}{}", "[".repeat(111), "]".repeat(111)), true).is_err());
        assert!(check("1e999".into(), true).is_err());
        assert!(check(format!("\"{}\"", "x".repeat(crate::protocol::MAX_RESULT)), true).is_err());
    }
}
