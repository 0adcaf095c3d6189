//! `glossator/session/...` requests that change or copy a session, or how it goes on: fork, rename, archive, delete, export,
//! import, configure, compact.

use serde::{Deserialize, Serialize};

/// Parameters of `glossator/session/fork`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ForkSessionParams {
    /// The session.
    pub session_id: String,
    /// The last turn that the fork shares with it, one that has ended; `T-0`: none. Left out: the latest that has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub turn_id: Option<String>,
    /// What to call the fork; left out: after its parent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub title: Option<String>,
}

/// Parameters of `glossator/session/rename`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RenameSessionParams {
    /// The session.
    pub session_id: String,
    /// What to call it, in one line of at most 200 characters.
    pub title: String,
}

/// Result of `glossator/session/rename`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RenameSessionResult {
    /// What it is called now.
    pub title: String,
}

/// Parameters of `glossator/session/archive`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ArchiveSessionParams {
    /// The session.
    pub session_id: String,
    /// `true` (also when left out): put it away; `false`: bring it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub archived: Option<bool>,
}

/// Result of `glossator/session/archive`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ArchiveSessionResult {
    /// Whether it is put away now.
    pub archived: bool,
}

/// Parameters of `glossator/session/delete`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct DeleteSessionParams {
    /// The session. One that is being written is left alone.
    pub session_id: String,
}

/// Result of `glossator/session/delete`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct DeleteSessionResult {
    /// How many long texts went with it, which no other session needs.
    #[cfg_attr(test, ts(type = "number"))]
    pub blobs: u64,
    /// Bytes that were freed.
    #[cfg_attr(test, ts(type = "number"))]
    pub bytes: u64,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ExportFormat {
    /// To be read by people.
    #[default]
    Markdown,
    /// A line of JSON for each item; `glossator/session/import` takes it back.
    Jsonl,
}

/// Parameters of `glossator/session/export`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ExportSessionParams {
    /// The session.
    pub session_id: String,
    /// The form; left out: Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub format: Option<ExportFormat>,
}

/// Result of `glossator/session/export`: `text`, or the `path` of a file in the state folder where it is longer than a
/// megabyte (2^20 bytes).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ExportSessionResult {
    /// The export.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub text: Option<String>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub path: Option<String>,
    /// Its length.
    #[cfg_attr(test, ts(type = "number"))]
    pub bytes: u64,
}

/// Parameters of `glossator/session/import`: an export of the form `jsonl`, as a text or as a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct ImportSessionParams {
    /// The export itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub text: Option<String>,
    /// The absolute path of a file that holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub path: Option<String>,
}

/// Parameters of `glossator/session/configure`: what holds for this session over all settings, from its next turn on.
/// What is left out stays as it is; an empty text takes a choice back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ConfigureSessionParams {
    /// The session.
    pub session_id: String,
    /// The model: `provider/model id` or the slug of a `[models.slug]` section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub model: Option<String>,
    /// The pack of tools. Refused once the session has begun: its tools are part of what never changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub pack: Option<String>,
    /// What may be done without asking: `read-only`, `ask`, `auto-edit` or `full`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub policy: Option<String>,
    /// The agents that prompts go to which name none; an empty list: the session's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub agents: Option<Vec<String>>,
}

/// Result of `glossator/session/configure`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ConfigureSessionResult {
    /// The model of the next turn.
    pub model: String,
    /// The pack of tools.
    pub pack: String,
    /// The policy of the next turn.
    pub policy: String,
    /// The agents that prompts go to which name none.
    pub agents: Vec<String>,
    /// For people: what the change means. With another model, thinking up to now is not sent any more.
    pub message: String,
}

/// Parameters of `glossator/session/compact`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CompactSessionParams {
    /// The session; no turn of it may be running.
    pub session_id: String,
}

/// Result of `glossator/session/compact`, given at once: the work goes on as a turn of its own and is told by
/// `glossator/session/update`; its outcome is an item of the kind `compaction`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CompactSessionResult {
    /// The turn, which can be interrupted.
    pub turn_id: String,
}
