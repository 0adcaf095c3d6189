//! Items that the context of a session is made of beside the conversation: what scripts keep, what is told, the plan, the
//! board, compactions, and what each model request was. Plain data; what is made of it is `context`'s work.

use crate::{AgentId, AskId, Cost, FileKey, InputPart, Ledger, PlanStep, SystemPart, Usage};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What such an item records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ContextItem {
    /// A script kept a value for later scripts of its session (`store.set`).
    Stored {
        /// Its name.
        key: String,
        /// The value, which may be `null`; `None` when it was deleted.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
        value: Option<Value>,
    },
    /// Something the harness told the model beside tool results: what changed since the layers were frozen.
    Told {
        /// The text.
        text: String,
        /// What it is about (`project`, `environment/Git branch`, `role`), where it holds until something else is told of the
        /// same; so a change is told once. Empty: it holds for its turn.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        about: String,
    },
    /// What the user saw in the editor when the prompt was sent; stands behind the prompt's message.
    Editor(EditorSeen),
    /// The plan, whole, each time that it changes.
    Plan {
        /// Its steps in order.
        steps: Vec<PlanStep>,
        /// Why it changed; may be empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        explanation: String,
    },
    /// An entry was put on the announcement board, or one with the same id was replaced.
    Posted {
        /// The entry.
        entry: BoardEntry,
    },
    /// An entry was taken off the board before its time.
    Removed {
        /// Its id.
        entry: String,
    },
    /// A text is kept under a key from now on.
    Kept {
        /// The key.
        key: FileKey,
        /// What it is, in one line.
        what: String,
        /// Its length in bytes.
        bytes: u64,
        /// Whether it is the whole prompt of its turn; the item stands behind the prompt then, before the first request.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        prompt: bool,
    },
    /// A question to the user that was not answered at once; so that one which a crash leaves open can be named.
    Asked {
        /// The question.
        ask: AskId,
        /// Its one line.
        title: String,
        /// Written when a restart finds it unanswered: it is gone.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        lost: bool,
    },
    /// The history up to here was compacted: from now on every agent's model is sent this in its place. Made within a turn
    /// its round is the one of the request that it goes before.
    Compaction(Box<Compaction>),
    /// A model request was answered, or failed: what of it the rest of the log does not tell.
    Request(Box<RequestRecord>),
}

/// What the user saw in the editor, as far as it was known. Paths are as the user knows them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EditorSeen {
    /// The open documents; at most some dozens.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<EditorFile>,
    /// The path of the document that had the focus.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<String>,
    /// What was selected in it: first and last line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<(u32, u32)>,
    /// The selected text, cut where it is long; empty: nothing was selected, or it is not known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub selected: String,
}

/// An open document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EditorFile {
    /// Its path.
    pub path: String,
    /// Whether it holds text that is not saved.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unsaved: bool,
}

/// An entry of the announcement board: short-lived context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BoardEntry {
    /// Its id on this board: `B` and a number from 1.
    pub id: String,
    /// Where it comes from.
    pub source: BoardSource,
    /// What it is called: a page's address, a task's line, a title.
    pub title: String,
    /// What it says; for an entry of the cabinet its note.
    pub text: String,
    /// The key under which the whole of it is kept, where that is more than `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<FileKey>,
    /// Length of what the key names in bytes; 0 without one.
    #[serde(default)]
    pub bytes: u64,
    /// Turns it is shown in, the one in which it was posted included.
    pub turns: u32,
}

/// Where a board entry comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BoardSource {
    /// A fetched page.
    Page,
    /// A turn that was pulled back.
    Turn,
    /// A task that ended.
    Task,
    /// A document of the cabinet.
    Cabinet,
    /// A note of the model or the user.
    Note,
}

/// What stands for the history before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Compaction {
    /// Why it was made.
    pub cause: CompactionCause,
    /// The hand-over that the model wrote; `None` where it wrote none that could be used: the ledger alone carries on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// What we ourselves know of everything up to here, earlier compactions included.
    pub ledger: Ledger,
    /// What the user sent in the turn it was made within, whole, as it is sent again; empty between turns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prompt: Vec<InputPart>,
    /// The agents that this prompt is for, as with a user's message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<AgentId>,
    /// The entries of the board that were live, each with the turns that it is shown in from this turn on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub board: Vec<BoardEntry>,
    /// What was to be told to the model with the request that it goes before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<String>,
    /// Layers 1 and 2 as they are frozen from here on; empty: as they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<SystemPart>,
    /// Tokens of the request before, as estimated.
    pub tokens_before: u64,
    /// Tokens of what stands in its place, as estimated.
    pub tokens_after: u64,
}

/// Why history was compacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CompactionCause {
    /// The user asked for it.
    User,
    /// The window was nearly full.
    Window,
    /// The provider refused a request as too long.
    Refused,
}

/// One model request, as it has to be known to show it again.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RequestRecord {
    /// Who was asked: `provider/model`.
    pub model: String,
    /// The protocol.
    pub wire: String,
    /// Everything of the request that is not made of the log (output limit, effort, native tools by name, ...).
    #[serde(skip_serializing_if = "Value::is_null")]
    pub parameters: Value,
    /// What the provider counted.
    pub usage: Usage,
    /// What it cost, where a price is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// From sending to the end of the answer in milliseconds.
    pub millis: u64,
    /// Length of the body in bytes.
    pub bytes: u64,
    /// Hex BLAKE3 of the body: whether one that is made again is the one that was sent.
    pub hash: String,
    /// Input tokens as they had been estimated.
    pub estimated: u64,
    /// Why it failed, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A field that is there has a value, be it `null`.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
