//! `glossator/turn/steer`, `queue`, `queued` and `unqueue`: what the user says while a turn runs.

use crate::{Input, Missing};
use serde::{Deserialize, Serialize};

/// Parameters of `glossator/turn/steer`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SteerTurnParams {
    /// The session.
    pub session_id: String,
    /// The turn that is meant; left out: the one that runs. When it has ended, what was said is a prompt of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub turn_id: Option<String>,
    /// What the user adds, as in `glossator/turn/start`. At least one part.
    pub input: Vec<Input>,
}

/// Result of `glossator/turn/steer`, given at once. The model reads it with its next request; a request that is under way is
/// not broken off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SteerTurnResult {
    /// The turn that it went to.
    pub turn_id: String,
    /// Whether that turn was started with it, because none was running any more.
    pub started: bool,
}

/// Result of `glossator/turn/queue`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct QueueTurnResult {
    /// The prompt's id in the queue: `Q3`.
    pub id: String,
    /// Its place, from 1; 0: it was started at once.
    pub position: usize,
    /// The turn that was started with it, when nothing ran and nothing waited before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub turn_id: Option<String>,
    /// Why the queue waits for the user, if it does: the turn before was stopped, failed or met a limit. The next prompt that is
    /// started or queued, or `glossator.queue` without a text, lets it go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub waits: Option<String>,
    /// What is missing, where it waits for that; it goes on by itself once it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub missing: Option<Missing>,
}

/// A prompt that waits for its turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct QueuedPrompt {
    /// Its id, never used twice in a session: `Q3`.
    pub id: String,
    /// What the user wrote.
    pub input: Vec<Input>,
    /// When it was queued: milliseconds since the Unix epoch.
    #[cfg_attr(test, ts(type = "number"))]
    pub at: i64,
}

/// Parameters of `glossator/turn/queued`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ListQueuedParams {
    /// The session.
    pub session_id: String,
}

/// Result of `glossator/turn/queued`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ListQueuedResult {
    /// The prompts that wait, in the order in which they are started.
    pub prompts: Vec<QueuedPrompt>,
    /// Why the queue waits for the user, if it does; left out: the first prompt starts when the running turn is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub waits: Option<String>,
}

/// Parameters of `glossator/turn/unqueue`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct UnqueueTurnParams {
    /// The session.
    pub session_id: String,
    /// The prompt: `Q3`.
    pub id: String,
}

/// Result of `glossator/turn/unqueue`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct UnqueueTurnResult {
    /// Whether it waited; `false`: it was started or taken out before.
    pub removed: bool,
    /// What was written there, to be gone on with.
    #[serde(default)]
    pub input: Vec<Input>,
}
