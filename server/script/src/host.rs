//! The door from a script to the world: one trait that answers calls, and the job a host hands in.

use std::fmt;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use crate::{ErrorName, Limits};

/// Answers the calls of a script. Every method may be called from several tasks at once.
pub trait Host: Send + Sync + 'static {
    /// Answers one call. The future is asked once by the run itself, so that an answer from memory costs no task, and
    /// goes on as a task of its own; it must not block, for until its first await the run hears nothing else. It
    /// should end soon after `cancel` fires, and is never dropped half-way: when it does not end, it is left to run
    /// and its answer is ignored.
    fn call(&self, call: HostCall, cancel: CancellationToken)
    -> BoxFuture<'static, Result<Value, HostError>>;

    /// A console line to show live (at most [`Limits::console_per_second`]); all kept lines are in the outcome.
    fn console(&self, _level: &str, _text: &str) {}

    /// A line of progress the script wants shown; at most one per 500 ms and 50 in all.
    fn progress(&self, _text: &str) {}

    /// The arguments of a call on one line of about 120 characters, for its record. `None`: shortened as they are.
    fn summary(&self, _call: &HostCall) -> Option<String> {
        None
    }

    /// `store.set` or, with `None`, `store.delete`: kept for the next scripts of the session. Called in the script's own
    /// order; what is kept together stays under [`Limits::store_bytes`].
    fn stored(&self, _key: &str, _value: Option<&Value>) {}

    /// A returned value whose JSON is longer than [`Limits::result_bytes`] (and at most 8 MiB): what stands in its place.
    /// `None`: its head and tail.
    fn long_value(&self, _json: &str) -> Option<Value> {
        None
    }
}

/// One call of a script.
#[derive(Debug, Clone, PartialEq)]
pub struct HostCall {
    /// From 1, in the order the script made its calls.
    pub number: u32,
    /// The dotted name, one of [`Job::tools`].
    pub name: String,
    /// The one argument, `{}` when the script gave none.
    pub args: Value,
}

/// How a call failed; the script gets it as a real `Error` that it can catch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HostError {
    /// One of the `Tool…` names of [`ErrorName`]; any other is shown as `ToolFailed`.
    pub name: String,
    /// What happened, why, what to do next.
    pub message: String,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// More for the script to look at (`error.details`, and `error.code` when it holds a `code`).
    pub details: Option<Value>,
}

impl HostError {
    /// An error that will not go away by itself.
    pub fn new(name: ErrorName, message: impl Into<String>) -> HostError {
        HostError { name: name.as_str().to_owned(), message: message.into(), retryable: false, details: None }
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

impl std::error::Error for HostError {}

/// One script to run.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// The script's id. Calls are `<id>.<n>`, and so are the tasks it starts.
    pub id: String,
    /// The script's own text, without tags.
    pub source: String,
    /// The dotted names of the tools that exist for this script.
    pub tools: Vec<String>,
    /// Those among them that also exist as `tools.spawn.<name>`: such a call starts a task under the name
    /// `spawn.<name>`, and the script at once gets `{ id, done }`.
    pub tasks: Vec<String>,
    /// What scripts of this session have stored: a JSON object.
    pub store: Map<String, Value>,
    /// Only parse and compile: nothing runs, the outcome is done or a syntax error.
    pub check_only: bool,
    /// What the script sees as `context`: a JSON object.
    pub context: Value,
    /// The bounds of this run.
    pub limits: Limits,
}
