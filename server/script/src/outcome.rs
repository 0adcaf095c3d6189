//! What a script run gives back: plain data, with a closed catalogue of error names.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Whether the script's main promise was fulfilled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It returned; [`Outcome::value`] holds what.
    Done,
    /// It did not; [`Outcome::error`] says why.
    Failed,
}

/// Every name an uncaught error of a script can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ErrorName {
    /// The text is not a script that can run.
    ScriptSyntaxError,
    /// The script threw.
    ScriptRuntimeError,
    /// Wall or CPU time ran out.
    ScriptTimeout,
    /// The engine's heap is full.
    ScriptOutOfMemory,
    /// A bound of ours: too long a source, too many host calls, too deep a stack, too much in `store`.
    ScriptLimit,
    /// The main promise waits for something that can never happen.
    ScriptStuck,
    /// The user or the turn stopped it.
    ScriptCancelled,
    /// Our own fault: the worker could not start, died or spoke nonsense.
    HarnessFailure,
    /// No tool of that name.
    ToolNotFound,
    /// The tool does not take these arguments.
    ToolArguments,
    /// The user or the policy said no.
    ToolDenied,
    /// The tool ran and failed.
    ToolFailed,
    /// The tool took too long.
    ToolTimeout,
    /// The tool was cancelled.
    ToolCancelled,
}

impl ErrorName {
    /// All names, in the order of the catalogue.
    pub const ALL: [ErrorName; 14] = [
        ErrorName::ScriptSyntaxError,
        ErrorName::ScriptRuntimeError,
        ErrorName::ScriptTimeout,
        ErrorName::ScriptOutOfMemory,
        ErrorName::ScriptLimit,
        ErrorName::ScriptStuck,
        ErrorName::ScriptCancelled,
        ErrorName::HarnessFailure,
        ErrorName::ToolNotFound,
        ErrorName::ToolArguments,
        ErrorName::ToolDenied,
        ErrorName::ToolFailed,
        ErrorName::ToolTimeout,
        ErrorName::ToolCancelled,
    ];

    /// The name as the model sees it.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorName::ScriptSyntaxError => "ScriptSyntaxError",
            ErrorName::ScriptRuntimeError => "ScriptRuntimeError",
            ErrorName::ScriptTimeout => "ScriptTimeout",
            ErrorName::ScriptOutOfMemory => "ScriptOutOfMemory",
            ErrorName::ScriptLimit => "ScriptLimit",
            ErrorName::ScriptStuck => "ScriptStuck",
            ErrorName::ScriptCancelled => "ScriptCancelled",
            ErrorName::HarnessFailure => "HarnessFailure",
            ErrorName::ToolNotFound => "ToolNotFound",
            ErrorName::ToolArguments => "ToolArguments",
            ErrorName::ToolDenied => "ToolDenied",
            ErrorName::ToolFailed => "ToolFailed",
            ErrorName::ToolTimeout => "ToolTimeout",
            ErrorName::ToolCancelled => "ToolCancelled",
        }
    }

    /// The entry of that name, if there is one.
    pub fn parse(name: &str) -> Option<ErrorName> {
        ErrorName::ALL.into_iter().find(|entry| entry.as_str() == name)
    }
}

/// Why a script failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptError {
    /// Which kind of failure.
    pub name: ErrorName,
    /// What happened, for the model and for people.
    pub message: String,
    /// Line in the script's own text, from 1, when known.
    pub line: Option<u32>,
    /// Column in that line, in characters from 1, when known.
    pub column: Option<u32>,
    /// That line with a caret below it, when known.
    pub excerpt: Option<String>,
    /// What to do next, when there is something to say.
    pub hint: Option<String>,
    /// The tool whose error was not caught, for the `Tool…` names.
    pub tool: Option<String>,
}

impl ScriptError {
    /// An error without a place in the source.
    pub(crate) fn plain(name: ErrorName, message: impl Into<String>) -> ScriptError {
        ScriptError {
            name,
            message: message.into(),
            line: None,
            column: None,
            excerpt: None,
            hint: None,
            tool: None,
        }
    }

    /// The same error with a hint.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> ScriptError {
        self.hint = Some(hint.into());
        self
    }
}

/// One kept console line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleLine {
    /// `log`, `info`, `warn` or `error`.
    pub level: String,
    /// The text, at most 2,000 characters.
    pub text: String,
}

/// One host call the script made, in the order they were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// From 1, in the order of the calls.
    pub number: u32,
    /// The dotted tool name.
    pub name: String,
    /// The arguments on one line, shortened to about 120 characters.
    pub summary: Option<String>,
    /// Whether it was answered with a value.
    pub ok: bool,
    /// `Name: message` of its error.
    pub error: Option<String>,
    /// Time from the call to its answer, queueing included, in milliseconds.
    pub millis: u64,
    /// Still pending when the script had ended and its grace was over.
    pub orphaned: bool,
}

/// The whole result of one script run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Done or failed.
    pub status: Status,
    /// What the script returned, when done; `null` for nothing.
    pub value: Option<Value>,
    /// Why it failed, when failed.
    pub error: Option<ScriptError>,
    /// The kept console lines; unhandled rejections are here too, as `error`.
    pub console: Vec<ConsoleLine>,
    /// Every host call, also those made before a failure.
    pub calls: Vec<CallRecord>,
    /// Wall time of the whole run in milliseconds, host calls included.
    pub millis: u64,
}

/// What stands in the place of a returned value whose JSON is longer than `most` bytes.
pub(crate) fn head_and_tail(json: &str, most: usize) -> Value {
    let head = &json[..json.floor_char_boundary(most / 4)];
    let tail = &json[json.ceil_char_boundary(json.len().saturating_sub(most / 16))..];
    json!({
        "truncated": true,
        "bytes": json.len(),
        "head": head,
        "tail": tail,
        "hint": format!("The result was longer than {most} bytes of JSON. Return less: filter, count or summarise."),
    })
}

#[cfg(test)]
mod tests {
    use super::head_and_tail;

    #[test]
    fn heads_and_tails_are_short_and_whole_characters() {
        for most in [0, 1, 15, 16, 17, 63, 64, 1000] {
            let value = head_and_tail(&"日".repeat(1000), most);
            let length = value["head"].as_str().unwrap().len() + value["tail"].as_str().unwrap().len();
            assert!(length <= most, "{most}");
        }
    }
}
