//! The ledger of a session: what compaction must never lose, kept by us and not by the model. Plain data, built by
//! `context` as a fold over the log; a later compaction goes on from the ledger of the one before.

use crate::{CallId, FileKey, HunkId, PlanStep, TurnId};
use serde::{Deserialize, Serialize};

/// What is known of a session up to some item.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Ledger {
    /// What the user asked for, oldest first; the first and the latest are never left out.
    pub prompts: Vec<LedgerPrompt>,
    /// What the user said has to hold, in the user's words, oldest first.
    pub rules: Vec<LedgerRule>,
    /// The plan as it was last.
    pub plan: Vec<PlanStep>,
    /// Files that were read or edited, in the order in which they first were.
    pub files: Vec<LedgerFile>,
    /// Commands that ran, oldest first.
    pub commands: Vec<LedgerCommand>,
    /// Detached calls that still ran.
    pub tasks: Vec<LedgerTask>,
    /// Kept texts.
    pub keys: Vec<LedgerKey>,
    /// Hunks that waited for the user.
    pub hunks: Vec<LedgerHunk>,
    /// How many commands and prompts were left out in their middle.
    pub left_out: u64,
}

/// A prompt of the user's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerPrompt {
    /// Its turn.
    pub turn: TurnId,
    /// Its words, cut in the middle where it is long.
    pub text: String,
}

/// A rule of the user's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerRule {
    /// The turn in which it was said.
    pub turn: TurnId,
    /// The sentence.
    pub text: String,
}

/// A file of the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerFile {
    /// Path as the user knows it.
    pub path: String,
    /// Hex BLAKE3 of the text as it was last read, where it was read whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<String>,
    /// Hex BLAKE3 of the text after the last edit, or `deleted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<String>,
    /// The turn of the last edit, else of the last reading.
    pub turn: TurnId,
}

/// A command that ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerCommand {
    /// Its turn.
    pub turn: TurnId,
    /// The command in one line.
    pub line: String,
    /// Its exit code; `None`: it ended in another way.
    pub exit_code: Option<i64>,
}

/// A detached call that ran when the ledger was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerTask {
    /// Its id.
    pub id: CallId,
    /// The call in one line.
    pub line: String,
}

/// A kept text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerKey {
    /// Its key.
    pub key: FileKey,
    /// What it is, in one line.
    pub what: String,
    /// Its length in bytes.
    pub bytes: u64,
}

/// A hunk that waited for the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerHunk {
    /// Its id.
    pub id: HunkId,
    /// Path as the user knows it.
    pub path: String,
}
