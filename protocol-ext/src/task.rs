//! `glossator/tasks/...`: detached calls, which outlive their script and their turn: list and cancel them.

use serde::{Deserialize, Serialize};

/// A detached call (`tools.spawn.exec(...)` in a script).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// The session that it belongs to.
    pub session_id: String,
    /// Its id, unique in the session.
    pub id: String,
    /// The tool.
    pub tool: String,
    /// The call in one line.
    pub line: String,
    /// How far it came.
    pub state: TaskStatus,
    /// When it was started: milliseconds since the Unix epoch.
    #[cfg_attr(test, ts(type = "number"))]
    pub started_at: i64,
    /// How long it ran, in milliseconds; left out while it runs and where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub millis: Option<u64>,
    /// Its outcome in one line, once it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub summary: Option<String>,
    /// The key under which its value is kept: what `tools.readFile({ fileKey })` takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub file_key: Option<String>,
    /// Length of that value as JSON, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub bytes: Option<u64>,
    /// Why it failed, or what its loss means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub error: Option<String>,
}

/// How far a task came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum TaskStatus {
    /// It runs.
    Running,
    /// It ended with a value.
    Done,
    /// It ended with an error.
    Failed,
    /// It was stopped; what it did until then stands.
    Cancelled,
    /// The server ended while it ran; what it did until then stands, its result is lost.
    Lost,
}

/// Parameters of `glossator/tasks/list`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct ListTasksParams {
    /// The session; left out: all sessions that this client was told of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub session_id: Option<String>,
}

/// Result of `glossator/tasks/list`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ListTasksResult {
    /// The tasks, those that have ended included, oldest first within each session.
    pub tasks: Vec<Task>,
}

/// Parameters of `glossator/tasks/cancel`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CancelTaskParams {
    /// The session.
    pub session_id: String,
    /// The task. One that has ended is left alone.
    pub id: String,
}

/// Result of `glossator/tasks/cancel`, given at once; the end itself is told by the update `task`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CancelTaskResult {
    /// Whether the task was running.
    pub cancelled: bool,
}
