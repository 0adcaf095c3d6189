//! `glossator/session/...` requests: new, list, read.

use crate::{Ask, SessionUpdateParams};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A session as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Its id.
    pub id: String,
    /// What it is called; may be empty before the first turn.
    pub title: String,
    /// When it began: milliseconds since the Unix epoch.
    #[cfg_attr(test, ts(type = "number"))]
    pub created_at: i64,
    /// When it was last written to: milliseconds since the Unix epoch.
    #[cfg_attr(test, ts(type = "number"))]
    pub updated_at: i64,
    /// The model it talks to: `provider/model`.
    pub model: String,
}

/// Parameters of `glossator/session/new`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct NewSessionParams {
    /// What to call it; left out: the first words of the first prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub title: Option<String>,
    /// The pack of tools that the session has from its first turn to its last; left out: the one in the settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub pack: Option<String>,
}

/// Result of `glossator/session/new`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct NewSessionResult {
    /// The session.
    pub session: Session,
}

/// Parameters of `glossator/session/list`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ListSessionsParams {}

/// Result of `glossator/session/list`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ListSessionsResult {
    /// The sessions of this workspace, newest first.
    pub sessions: Vec<Session>,
}

/// Parameters of `glossator/session/read`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ReadSessionParams {
    /// The session.
    pub session_id: String,
    /// The `seq` of the last update before the gap; left out: everything is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub after_seq: Option<u64>,
}

/// Result of `glossator/session/read`: either `updates` (all of them behind `afterSeq`, to be applied in order) or
/// `items` (the whole session, to be shown instead of what was there before).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ReadSessionResult {
    /// The session.
    pub session: Session,
    /// The `seq` of the newest update that this result covers; the next one will be one more. 0: none was sent yet.
    #[cfg_attr(test, ts(type = "number"))]
    pub seq: u64,
    /// The items of the session's log, oldest first: `{ id, turn, round, at, kind, ... }`. Kinds that are not known are
    /// to be skipped. Left out when `updates` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "Array<Item>"))]
    pub items: Option<Vec<Value>>,
    /// The updates behind `afterSeq`, when the server still holds all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub updates: Option<Vec<SessionUpdateParams>>,
    /// The turn that is running, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub running: Option<String>,
    /// The asks that still wait for an answer.
    #[serde(default)]
    pub asks: Vec<Ask>,
}
