//! Tools as data: what a tool is, a call of one, its output and its errors.

use crate::CallId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a call may do to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// Looks only.
    Read,
    /// Changes files of the user.
    Write,
    /// Starts processes.
    Run,
    /// Reaches out to the network.
    Network,
    /// Starts other agents or model calls.
    Agent,
}

/// A tool as the model is told of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolSpec {
    /// Name, dots allowed (`agents.launch.sync`).
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// JSON schema of the arguments.
    pub input_schema: Value,
    /// JSON schema of the result.
    pub output_schema: Value,
    /// TypeScript declaration with doc comments: `readFile(args: {...}): Promise<{...}>;`
    pub declaration: String,
    /// What a call may do.
    pub effect: Effect,
    /// The one text argument of a tool that may also be called with plain text instead of JSON (`patch`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freeform: Option<String>,
}

/// One call of a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolCall {
    /// Unique in the session.
    pub id: CallId,
    /// Name of the tool as the caller wrote it.
    pub name: String,
    /// Arguments as the caller gave them.
    pub arguments: Value,
}

/// What a tool gives back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolOutput {
    /// The value a script receives.
    pub value: Value,
    /// One line for people and for the record of a script.
    pub summary: String,
}

/// The closed list of ways in which a tool call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToolErrorKind {
    /// No such tool in this session.
    ToolNotFound,
    /// The arguments do not fit; nothing was done.
    ToolArguments,
    /// Policy or the user said no; nothing was done.
    ToolDenied,
    /// The tool ran and failed.
    ToolFailed,
    /// The tool's own time limit ended it.
    ToolTimeout,
    /// The turn, the script or the call was cancelled.
    ToolCancelled,
}

impl ToolErrorKind {
    /// The name that scripts see as `error.name`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ToolNotFound => "ToolNotFound",
            Self::ToolArguments => "ToolArguments",
            Self::ToolDenied => "ToolDenied",
            Self::ToolFailed => "ToolFailed",
            Self::ToolTimeout => "ToolTimeout",
            Self::ToolCancelled => "ToolCancelled",
        }
    }
}

/// A failed tool call: what happened, why, what to do next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolError {
    /// Which kind of failure.
    pub kind: ToolErrorKind,
    /// For the model and for people.
    pub message: String,
    /// Whether the same call may succeed later.
    #[serde(default)]
    pub retryable: bool,
    /// More facts, for scripts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
}

impl ToolError {
    /// An error of `kind` that will not go away by itself.
    pub fn new(kind: ToolErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retryable: false, details: None }
    }

    /// The tool ran and failed.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(ToolErrorKind::ToolFailed, message)
    }
}

impl std::fmt::Display for ToolError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.message)
    }
}

impl std::error::Error for ToolError {}
