//! `glossator/turn/...`: start, interrupt, undo and redo a turn.

use crate::{EditorState, HunkOutcome, Range, ScriptMode};
use serde::{Deserialize, Serialize};

/// Parameters of `glossator/turn/start`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct StartTurnParams {
    /// The session to go on with.
    pub session_id: String,
    /// What the user sends, in the order in which it was given. At least one part.
    pub input: Vec<Input>,
    /// What becomes of the scripts of this turn; left out: what the settings say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub mode: Option<ScriptMode>,
    /// In this turn only those tools of the session work that are in this pack too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub pack: Option<String>,
    /// The agents that answer, in this order; left out: those whom the prompt names at its start (`@reviewer ...`), else
    /// those that the session was configured to, else the session's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<String>>", optional))]
    pub agents: Vec<String>,
    /// What the user sees in the editor now; left out: as far as LSP tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub editor: Option<EditorState>,
}

/// A part of what the user sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Input {
    /// Words.
    Text {
        /// As typed.
        text: String,
    },
    /// A file, or a part of one, that the user points at. The server reads the text itself, unsaved changes included.
    Mention {
        /// URI of the file.
        uri: String,
        /// The part; left out for the whole file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        range: Option<Range>,
    },
    /// An image that the user shows.
    Image {
        /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
        media_type: String,
        /// Its bytes in base64 (standard alphabet, padded); at most 5 megabytes (5 * 2^20 bytes) of it.
        data: String,
        /// What it is called; left out: nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        name: Option<String>,
    },
}

/// Result of `glossator/turn/start`, given at once: the work goes on and is told by `glossator/session/update`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct StartTurnResult {
    /// The new turn: `T-12`.
    pub turn_id: String,
}

/// Parameters of `glossator/turn/interrupt`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct InterruptTurnParams {
    /// The session.
    pub session_id: String,
    /// The turn to stop; left out: the one that runs. One that has ended is left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub turn_id: Option<String>,
}

/// Result of `glossator/turn/interrupt`, given at once; the end itself is told by `turnCompleted`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct InterruptTurnResult {
    /// Whether a turn was running.
    pub interrupted: bool,
}

/// Parameters of `glossator/turn/undo` and `glossator/turn/redo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct UndoTurnParams {
    /// The session.
    pub session_id: String,
    /// The turn; left out: the newest one with edits that stand (undo), or the one that was undone last (redo).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub turn_id: Option<String>,
}

/// Result of `glossator/turn/undo` and `glossator/turn/redo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct UndoTurnResult {
    /// The turn whose edits were taken back or made again.
    pub turn_id: String,
    /// The files that were changed, as the user knows them.
    pub files: Vec<String>,
    /// For the user: what was done, and what could not be.
    pub message: String,
    /// What became of each hunk that was to change.
    #[serde(default)]
    pub hunks: Vec<HunkOutcome>,
    /// What cannot be restored, a line each: files that a command changed and of which nothing was kept.
    #[serde(default)]
    pub irreversible: Vec<String>,
}
