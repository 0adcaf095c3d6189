//! What fronts are told while a session lives. Every front is a projection of these events.

use crate::{
    AgentId, Answer, Ask, AskId, ChangeSetId, Cost, Item, NoticeLevel, PlanStep, QueuedPrompt, SessionId,
    TurnId, TurnStatus, Usage,
};
use serde::Serialize;
use serde_json::Value;

/// One event. `seq` has no gaps within a session, so that a front sees when it lost something.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// The session.
    pub session: SessionId,
    /// From 1, one more each time.
    pub seq: u64,
    /// The turn, where it belongs to one.
    pub turn: Option<TurnId>,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum EventKind {
    /// A turn began.
    TurnStarted,
    /// The model began to write something that will be an item; for eyes only.
    ItemStarted {
        /// What it will be.
        item: Started,
        /// The stream in which its fragments come.
        stream: String,
        /// What it is about, where that is known: the name of a tool.
        title: Option<String>,
        /// The agent that it is of; `None`: the session's own.
        agent: Option<AgentId>,
    },
    /// A fragment for eyes only; `stream` tells fragments of different things apart.
    ItemDelta {
        /// `answer`, `reasoning` or the id of a call.
        stream: String,
        /// The fragment.
        text: String,
    },
    /// An item was stored.
    ItemCompleted {
        /// The item.
        item: Box<Item>,
    },
    /// The user is asked.
    Ask {
        /// The question.
        ask: Box<Ask>,
    },
    /// An ask ended, by an answer or with its turn.
    AskResolved {
        /// The ask.
        id: AskId,
        /// The answer that holds.
        answer: Answer,
    },
    /// A change set stands, was refused or was taken back.
    ChangeSet {
        /// Its id.
        id: ChangeSetId,
        /// `committed`, `failed` or `undone`.
        state: String,
        /// Paths as the user knows them.
        files: Vec<String>,
    },
    /// Usage of the turn up to now.
    Usage {
        /// Sum over its rounds.
        usage: Usage,
        /// What that cost, where a price is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        cost: Option<Cost>,
    },
    /// What the provider said of its rate limits, for eyes only.
    RateLimits {
        /// `{ windows: [{ name, limit?, remaining?, used?, resetAtMillis? }], status? }`.
        limits: Value,
    },
    /// Something to know now and not to keep (`retrying 2/5 in 3 s`).
    Notice {
        /// How much it matters.
        level: NoticeLevel,
        /// For people.
        text: String,
    },
    /// The session itself changed: its name, whether it is archived, what was chosen for it.
    SessionChanged {
        /// What it is called now.
        title: String,
        /// Whether it is archived.
        archived: bool,
    },
    /// The plan changed; its item was told before.
    Plan {
        /// All of it now.
        steps: Vec<PlanStep>,
    },
    /// The prompts that wait for their turn changed.
    Queue {
        /// All of them now, in the order in which they are started; of images only what they are called.
        prompts: Vec<QueuedPrompt>,
        /// Why the queue waits for the user, if it does.
        waits: Option<String>,
    },
    /// A turn ended.
    TurnCompleted {
        /// How.
        status: TurnStatus,
        /// Why, when it is not simply done.
        message: Option<String>,
    },
}

/// What the model began to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Started {
    /// A native tool call.
    ToolCall,
    /// A script.
    Script,
    /// Thinking.
    Reasoning,
    /// An answer.
    Answer,
}
