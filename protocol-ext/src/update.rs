//! `glossator/session/update`: what a client is told while a session lives.

use crate::{Answer, Ask, QueuedPrompt, SessionSettings, Task};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Parameters of `glossator/session/update`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SessionUpdateParams {
    /// The session.
    pub session_id: String,
    /// The turn, where the update belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub turn_id: Option<String>,
    /// From 1, one more with each update of the session: a gap means that something was lost.
    #[cfg_attr(test, ts(type = "number"))]
    pub seq: u64,
    /// What happened.
    pub update: Update,
}

/// What happened. Clients skip kinds that they do not know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Update {
    /// A turn began.
    TurnStarted,
    /// Something began that will be an item: for eyes only, and may be missed.
    ItemStarted {
        /// What.
        item: StartedItem,
    },
    /// A fragment for eyes only; the whole follows with `itemCompleted`.
    ItemDelta {
        /// `answer`, `reasoning`, `script` (the code of a script while it is written) or the id of a call: tells
        /// fragments of different things apart.
        stream: String,
        /// The fragment.
        text: String,
        /// The agent that it is of; left out: the session's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        agent: Option<String>,
    },
    /// An item was stored. Items of the kind `task` are told as the update `task` instead.
    ItemCompleted {
        /// `{ id, turn, round, at, agent?, kind, ... }`, as it stands in the session's log. The plan, the board and compactions
        /// are told by items too: `plan`, `posted`, `removed`, `compaction`.
        #[cfg_attr(test, ts(type = "Item"))]
        item: Value,
    },
    /// A change set stands, was refused or was taken back.
    ChangeSet {
        /// Its id.
        id: String,
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
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional = nullable))]
        cost: Option<Cost>,
    },
    /// What the provider said of its rate limits with its last answer.
    RateLimits {
        /// `{ windows: [{ name, limit?, remaining?, used?, resetAtMillis? }], status? }`.
        #[cfg_attr(test, ts(type = "unknown"))]
        limits: Value,
    },
    /// The user is asked. Clients that handle `approvals` get `glossator/approval/ask` as well.
    Ask {
        /// The question.
        ask: Ask,
    },
    /// An ask ended, by an answer or with its turn: take its dialog away.
    AskResolved {
        /// The ask.
        id: String,
        /// The answer that holds.
        answer: Answer,
    },
    /// A detached call began or ended. It may end long after its turn.
    Task(Task),
    /// The session itself changed: its name, whether it is archived, what was chosen for it.
    Session {
        /// What it is called now.
        title: String,
        /// Whether it is archived.
        archived: bool,
        /// What its next turn will be run with, as far as it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        settings: Option<SessionSettings>,
    },
    /// The plan changed; it is told as an item as well.
    Plan {
        /// All of it now.
        plan: Vec<PlanStep>,
    },
    /// The prompts that wait for their turn changed.
    Queue {
        /// All of them now, in the order in which they are started.
        prompts: Vec<QueuedPrompt>,
        /// Why the queue waits for the user, if it does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        waits: Option<String>,
    },
    /// Something to know now and not to keep.
    Notice {
        /// How much it matters.
        level: NoticeLevel,
        /// For people.
        text: String,
    },
    /// A turn ended.
    TurnCompleted {
        /// How.
        status: TurnStatus,
        /// Why, when it is not simply done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional = nullable))]
        message: Option<String>,
    },
}

/// Something that began and will be an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct StartedItem {
    /// What it will be.
    pub kind: StartedKind,
    /// Where its fragments come: the `stream` of `itemDelta`, which for a call or a script is its id.
    pub id: String,
    /// What it is about, in one line: the tool and what it is called with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub title: Option<String>,
    /// The agent that it is of; left out: the session's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub agent: Option<String>,
}

/// What a started item will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum StartedKind {
    /// A tool call.
    ToolCall,
    /// A script.
    Script,
    /// Thinking.
    Reasoning,
    /// Text of the model.
    Answer,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PlanStep {
    /// What is to be done.
    pub text: String,
    /// How far it is.
    pub status: PlanStepStatus,
}

/// How far a step of a plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum PlanStepStatus {
    /// Not begun.
    Pending,
    /// Under way.
    InProgress,
    /// Done.
    Done,
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum TurnStatus {
    /// The model stopped by itself.
    Done,
    /// It could not go on.
    Failed,
    /// The user stopped it, or the server went down in mid-turn.
    Interrupted,
    /// A limit stopped it.
    Limited,
}

/// How much a notice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum NoticeLevel {
    /// Good to know.
    Info,
    /// Something was not as asked.
    Warning,
    /// Something failed.
    Error,
}

/// What a turn cost.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// Millionths of a US dollar.
    #[cfg_attr(test, ts(type = "number"))]
    pub micro_usd: u64,
    /// The day the prices are of; `provider` when the provider itself said the sum.
    pub prices_of: String,
}

/// Tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct Usage {
    /// Input tokens that were neither read from nor written to a cache.
    #[cfg_attr(test, ts(type = "number"))]
    pub input: u64,
    /// Input tokens read from a cache.
    #[cfg_attr(test, ts(type = "number"))]
    pub cache_read: u64,
    /// Input tokens written to a cache.
    #[cfg_attr(test, ts(type = "number"))]
    pub cache_write: u64,
    /// Output tokens, reasoning included.
    #[cfg_attr(test, ts(type = "number"))]
    pub output: u64,
    /// Output tokens spent on reasoning.
    #[cfg_attr(test, ts(type = "number"))]
    pub reasoning: u64,
}
