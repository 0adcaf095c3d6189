//! Items: the durable records a session is a fold over. Deltas are never items.
//! A kind this version does not know survives a round trip untouched.

use crate::{
    AgentId, Answer, Ask, CallId, ChangeSetId, ContextItem, Cost, FileKey, HunkRecord, InputPart, ItemId,
    Raw, ReviewedBy, ToolCall, ToolError, ToolErrorKind, ToolOutput, TurnId, TurnStatus, Usage,
};
use glossator_text::ChangeSet;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One durable record of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Place in the log.
    pub id: ItemId,
    /// The turn it belongs to.
    pub turn: TurnId,
    /// The model request within the turn, from 1; 0 before the first.
    pub round: u32,
    /// When it was made: milliseconds since the Unix epoch.
    pub at: i64,
    /// Which agent of the session made it, or made it necessary; `None`: the session's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// What it is.
    #[serde(flatten)]
    pub body: ItemBody,
}

/// What an item records. Origins are the kinds themselves: nothing is recognised by its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ItemBody {
    /// What the user sent.
    UserMessage {
        /// In the order in which the user gave them.
        input: Vec<InputPart>,
        /// The agents it is meant for, in the order in which they answer; empty: the session's own.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        to: Vec<AgentId>,
        /// The number of the prompt in the queue where it waited (`Q3`: 3); `None`: it waited in none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        queued: Option<u64>,
    },
    /// Assistant text, scripts included in their place.
    Answer {
        /// As the model wrote it.
        text: String,
        /// The provider's own block, when it must be sent back as it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        raw: Option<Raw>,
    },
    /// Thinking, kept to be sent back; the text may be empty and still matter.
    Reasoning {
        /// What may be shown.
        text: String,
        /// The provider's own block.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        raw: Option<Raw>,
    },
    /// A tool call, native or from a script.
    ToolCall {
        /// The call.
        call: ToolCall,
        /// The script that made it; `None` for a native call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        script: Option<CallId>,
    },
    /// The outcome of a tool call.
    ToolOutput {
        /// The call it answers.
        call: CallId,
        /// Result or error.
        outcome: Result<ToolOutput, ToolError>,
        /// Wall time in milliseconds.
        millis: u64,
    },
    /// A script found in an answer.
    Script {
        /// Its id; on the wire `script`, as `id` is the item's own.
        #[serde(rename = "script")]
        id: CallId,
        /// The code between the tags.
        source: String,
    },
    /// What a script came to, as the model is told.
    ScriptOutput {
        /// The script.
        script: CallId,
        /// The rendered `<tool-results>` element.
        text: String,
        /// Whether it ended without an error.
        ok: bool,
    },
    /// A question and its one answer.
    Approval {
        /// What was asked.
        ask: Ask,
        /// What was answered.
        answer: Answer,
    },
    /// An edit: written with `Intended` and synced before any effect, then again with what came of it.
    ChangeSet {
        /// Its id; on the wire `changeSet`, as `id` is the item's own.
        #[serde(rename = "changeSet")]
        id: ChangeSetId,
        /// How far it came.
        state: ChangeState,
    },
    /// A detached call: written when it starts and again when it ends.
    Task {
        /// The call, on the wire `task`, as `id` is the item's own.
        #[serde(rename = "task")]
        id: CallId,
        /// How far it came.
        state: TaskState,
    },
    /// Something the user should know.
    Notice {
        /// How much it matters.
        level: NoticeLevel,
        /// The text, for people.
        text: String,
    },
    /// The end of a turn.
    TurnEnded {
        /// How it ended.
        status: TurnStatus,
        /// Sum over the turn's rounds.
        usage: Usage,
        /// What that cost, where a price is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost: Option<Cost>,
        /// Why, when it is not simply done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// What the context of a session is made of beside the conversation; on the wire items like any other.
    #[serde(untagged)]
    Context(ContextItem),
    /// A kind of a newer version: kept as it was read. (Must stay the last variant.)
    #[serde(untagged)]
    Unknown(Map<String, Value>),
}

impl Item {
    /// The item without the provider's own block, for a provider that refuses it.
    pub fn without_raw(&self) -> Item {
        let mut item = self.clone();
        if let ItemBody::Answer { raw, .. } | ItemBody::Reasoning { raw, .. } = &mut item.body {
            *raw = None;
        }
        item
    }
}

/// How far a detached call came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum TaskState {
    /// It runs.
    Running {
        /// The tool.
        tool: String,
        /// The call in one line.
        line: String,
    },
    /// It ended with a value.
    Done {
        /// The outcome in one line.
        summary: String,
        /// Where the value is kept, as JSON; `None` where it could not be kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file_key: Option<FileKey>,
        /// Length of that JSON in bytes.
        bytes: u64,
    },
    /// It ended with an error; a cancelled task has `ToolCancelled`.
    Failed {
        /// The error.
        error: ToolError,
    },
    /// Glossator was stopped while it ran: what it did until then stands, its result is lost.
    Lost,
}

impl TaskState {
    /// Whether it was stopped from outside: by the user, its script or the end of the server.
    pub fn was_cancelled(&self) -> bool {
        matches!(self, TaskState::Failed { error } if error.kind == ToolErrorKind::ToolCancelled)
    }
}

/// How far a change set came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ChangeState {
    /// Checked and about to be committed.
    Intended {
        /// What will be done.
        change: ChangeSet,
        /// What takes it back.
        inverse: ChangeSet,
        /// The change set this one takes back, when it is an undo.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undoes: Option<ChangeSetId>,
        /// What there is to review of it; none for an undo, a redo or a rejection.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        hunks: Vec<HunkRecord>,
    },
    /// All of it stands.
    Committed,
    /// It does not stand, or not wholly; `message` says exactly what does.
    Failed {
        /// For people.
        message: String,
    },
    /// It was taken back.
    Undone,
    /// Some of its hunks are as follows from now on.
    Reviewed {
        /// Those that changed.
        hunks: Vec<HunkRecord>,
        /// Why.
        by: ReviewedBy,
    },
}

/// How much a notice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NoticeLevel {
    /// Good to know.
    Info,
    /// Something was not as asked.
    Warning,
    /// Something failed.
    Error,
}
