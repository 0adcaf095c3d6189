//! `glossator/grants/...`: what was allowed for a session.

use serde::{Deserialize, Serialize};

/// Parameters of `glossator/grants/list`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct ListGrantsParams {
    /// Only those of this session and those that are saved; left out: of every session that is open, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub session_id: Option<String>,
}

/// Result of `glossator/grants/list`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ListGrantsResult {
    /// The grants, oldest first.
    pub grants: Vec<GrantInfo>,
    /// Why what is saved cannot be read: nothing of it counts then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub notice: Option<String>,
}

/// Something that was allowed, and so is not asked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct GrantInfo {
    /// Its id: `G2` in its session, `W2` of those that are saved for the workspace.
    pub id: String,
    /// The session that it holds for; left out: it is saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub session_id: Option<String>,
    /// Whether it is saved, and holds for every session of the workspace.
    #[serde(default)]
    pub saved: bool,
    /// What is allowed, in one line.
    pub what: String,
    /// When it was allowed: milliseconds since the Unix epoch.
    #[cfg_attr(test, ts(type = "number"))]
    pub at: i64,
}

/// Parameters of `glossator/grants/revoke`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RevokeGrantsParams {
    /// The session; not needed for a grant that is saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub session_id: Option<String>,
    /// The grant; left out: every one of the session, and none that is saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub id: Option<String>,
}

/// Result of `glossator/grants/revoke`: the next call of the kind is asked about again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RevokeGrantsResult {
    /// How many were taken back.
    pub revoked: usize,
}
