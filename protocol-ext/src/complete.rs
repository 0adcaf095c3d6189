//! `glossator/prompt/complete`: what may be written at a place of a prompt.

use crate::{Position, Range};
use serde::{Deserialize, Serialize};

/// Parameters of `glossator/prompt/complete`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CompletePromptParams {
    /// The session that the prompt is for; left out: the one that this client works in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub session_id: Option<String>,
    /// The prompt as far as it is written.
    pub text: String,
    /// The place in `text`, in the negotiated position encoding.
    pub position: Position,
}

/// Result of `glossator/prompt/complete`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CompletePromptResult {
    /// What may be written, best first.
    pub items: Vec<PromptItem>,
    /// Whether there is more: to be asked again when more is written.
    pub incomplete: bool,
}

/// Something that may be written in a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PromptItem {
    /// What lists show.
    pub label: String,
    /// What it is.
    pub kind: PromptItemKind,
    /// More about it, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub detail: Option<String>,
    /// What to write in the place of `range`.
    pub insert_text: String,
    /// The part of `text` that it replaces.
    pub range: Range,
}

/// What may be mentioned or done in a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum PromptItemKind {
    /// A file: `@src/walk.rs`.
    File,
    /// A folder: `@src/`.
    Folder,
    /// A symbol: `@src/walk.rs#walk`.
    Symbol,
    /// A file that is open.
    Buffer,
    /// What other language servers found: `@diagnostics`.
    Diagnostics,
    /// Another session: `@session:...`.
    Session,
    /// An agent, at the start: `@reviewer`.
    Agent,
    /// A command, at the start: `/compact`.
    Command,
}
