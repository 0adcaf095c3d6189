//! `glossator/changeSet/...`: the hunks of the agent's edits, read, decided about and shown.

use crate::Range;
use serde::{Deserialize, Serialize};

/// Parameters of `glossator/changeSet/read`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ReadChangeSetParams {
    /// The session.
    pub session_id: String,
    /// Only of this change set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub change_set_id: Option<String>,
    /// Only of this turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub turn_id: Option<String>,
    /// Only of this file: its URI, or its path as the user knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub path: Option<String>,
    /// Also hunks that are decided or undone; left out: only those that wait for a decision.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(as = "Option<bool>", optional))]
    pub all: bool,
}

/// Result of `glossator/changeSet/read`, on the texts as this client shows them now.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ReadChangeSetResult {
    /// The hunks, by file, then by place.
    pub hunks: Vec<Hunk>,
    /// The files that they are in, each once.
    pub files: Vec<HunkFile>,
}

/// A file with hunks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct HunkFile {
    /// URI of the file.
    pub uri: String,
    /// Its path as the user knows it.
    pub path: String,
    /// How many of its hunks that were read wait for a decision.
    pub open: usize,
    /// How many hunks of it were read.
    pub hunks: usize,
}

/// A hunk: whole lines that the agent changed, or a whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Hunk {
    /// Its id, the same as long as the session lives: `C3.2`.
    pub id: String,
    /// The turn that made it.
    pub turn_id: String,
    /// URI of the file.
    pub uri: String,
    /// The file's path as the user knows it.
    pub path: String,
    /// What of the file it is; left out for lines of its text.
    #[serde(default, skip_serializing_if = "HunkPart::is_lines")]
    #[cfg_attr(test, ts(as = "Option<HunkPart>", optional))]
    pub part: HunkPart,
    /// Its state.
    pub state: HunkState,
    /// The whole lines before the agent's edit; the whole text of a deleted file.
    pub base: String,
    /// The whole lines that the agent wrote; the whole text of a new file.
    pub proposed: String,
    /// What stands there now, if it is not `proposed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub current: Option<String>,
    /// Where that stands, empty where lines were only taken out; left out: the place was not found, or the file is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub range: Option<Range>,
    /// The version of the document that `range` counts in, if it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub version: Option<i32>,
}

/// What of a file a hunk is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum HunkPart {
    /// Lines of its text.
    #[default]
    Lines,
    /// The whole file, which is new.
    Create,
    /// The whole file, which is gone.
    Delete,
    /// Its place: it was moved.
    Move {
        /// URI of the place before.
        from: String,
    },
}

impl HunkPart {
    /// Whether it is lines of a text.
    pub fn is_lines(&self) -> bool {
        *self == HunkPart::Lines
    }
}

/// What a hunk is for whoever looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum HunkState {
    /// As the agent wrote it; not decided.
    Pending,
    /// Someone changed text inside it; not decided.
    Amended,
    /// What stood there before stands there again.
    Undone,
    /// Decided: it stays.
    Kept,
    /// Decided: what stood there before was put back.
    Rejected,
}

/// Parameters of `glossator/changeSet/resolve`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ResolveChangeSetParams {
    /// The session.
    pub session_id: String,
    /// What is decided, each hunk once.
    pub decisions: Vec<HunkDecision>,
}

/// What is decided about one hunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct HunkDecision {
    /// Its id.
    pub hunk: String,
    /// The decision.
    pub resolution: Resolution,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Resolution {
    /// What stands there now stays.
    Keep,
    /// What stood there before is put back.
    Reject,
    /// An earlier decision is taken back. What a rejection took away comes back, also what the user had written there.
    Reopen,
    /// This text is put there and stays: whole lines, which may be none.
    Edit(String),
}

/// Result of `glossator/changeSet/resolve`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ResolveChangeSetResult {
    /// What became of each hunk that was named.
    pub hunks: Vec<HunkOutcome>,
}

/// What became of a hunk: its state, or why it could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct HunkOutcome {
    /// Its id.
    pub id: String,
    /// Its file as the user knows it.
    pub path: String,
    /// First line of its place before, from 1; left out where its place is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub line: Option<usize>,
    /// Its state afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub state: Option<HunkState>,
    /// Why it was not done, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub error: Option<String>,
}

/// Parameters of `glossator/changeSet/show`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ShowChangeSetParams {
    /// The session.
    pub session_id: String,
    /// The turn whose hunks the user wants to see.
    pub turn_id: String,
    /// Its files with their hunks, decided ones included.
    pub files: Vec<ShownFile>,
}

/// A file whose hunks are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ShownFile {
    /// URI of the file.
    pub uri: String,
    /// Its hunks, by place.
    pub hunks: Vec<Hunk>,
}

/// Result of `glossator/changeSet/show`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ShowChangeSetResult {
    /// Whether they are shown; if not, the review document is opened instead.
    pub shown: bool,
}
