//! Hunks under review, as they stand in the log: what was there, what the agent wrote, what became of it.
//! Plain data; placing hunks on texts is the review engine's work.

use crate::HunkId;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// One hunk of a change set, as it stood when it was recorded. Of several records of a hunk the last counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HunkRecord {
    /// Its id: the change set's and a number from 1.
    pub id: HunkId,
    /// Absolute path of the file after the change.
    pub path: PathBuf,
    /// What of the file it is.
    #[serde(default, skip_serializing_if = "HunkPart::is_lines")]
    pub part: HunkPart,
    /// The whole lines that stood there before; the whole text for a deleted file.
    pub base: String,
    /// The whole lines that the agent wrote for them; the whole text for a new file.
    pub proposed: String,
    /// What stands there now, if it is not `proposed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// Where it stood.
    pub place: HunkPlace,
    /// What was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<HunkVerdict>,
}

/// What of a file a hunk is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
        /// Absolute path before.
        from: PathBuf,
    },
}

impl HunkPart {
    /// Whether it is lines of a text.
    pub fn is_lines(&self) -> bool {
        matches!(self, HunkPart::Lines)
    }
}

/// Where a hunk stood in a text, and how it can be found in a later one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HunkPlace {
    /// Hex BLAKE3 of the text.
    pub text: String,
    /// Byte at which the hunk's lines began.
    pub start: usize,
    /// The line at which they began, from 1, where somebody counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Up to three lines above it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub above: String,
    /// Up to three lines below it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub below: String,
}

/// What was decided about a hunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum HunkVerdict {
    /// It stays as it is now.
    Kept,
    /// What stood there before was put back.
    Rejected,
    /// A later hunk took it over, with its base.
    Merged {
        /// That hunk.
        into: HunkId,
    },
}

/// What a hunk is for whoever looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

impl HunkState {
    /// Whether it waits for a decision.
    pub fn is_open(self) -> bool {
        matches!(self, HunkState::Pending | HunkState::Amended)
    }

    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            HunkState::Pending => "pending",
            HunkState::Amended => "amended",
            HunkState::Undone => "undone",
            HunkState::Kept => "kept",
            HunkState::Rejected => "rejected",
        }
    }
}

/// Why hunks were recorded again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReviewedBy {
    /// The user decided.
    User,
    /// A policy decided: edits are kept at once.
    Policy,
    /// They were found changed: edited by the user, a formatter or a tool, undone in the editor, moved.
    Seen,
    /// A later edit of the agent, or an undo or redo, changed them.
    Edit,
}
