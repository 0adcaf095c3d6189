//! What fronts are told while a session lives. Every front is a projection of these events.

use crate::{Answer, Ask, AskId, ChangeSetId, Cost, Item, NoticeLevel, SessionId, TurnId, TurnStatus, Usage};
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
    /// The session itself changed: its name, whether it is archived.
    SessionChanged {
        /// What it is called now.
        title: String,
        /// Whether it is archived.
        archived: bool,
    },
    /// A turn ended.
    TurnCompleted {
        /// How.
        status: TurnStatus,
        /// Why, when it is not simply done.
        message: Option<String>,
    },
}
