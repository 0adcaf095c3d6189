//! `glossator/session/search`: full text over the sessions of a workspace.

use serde::{Deserialize, Serialize};

/// Parameters of `glossator/session/search`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SearchSessionsParams {
    /// What is looked for: words (all have to be there), `"a phrase"`, `-not`, and the filters `model:`, `before:`, `after:`,
    /// `in:prompt|answer|script|edit` and `file:`.
    pub text: String,
    /// Only in this session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub session_id: Option<String>,
    /// Only in texts of these kinds: `title`, `prompt`, `answer`, `script`, `call`, `edit`, `notice`; empty: in all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<String>>", optional))]
    pub kinds: Vec<String>,
    /// Said at this time or later: milliseconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub since: Option<i64>,
    /// Said before this time: milliseconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub until: Option<i64>,
    /// In workspaces too that contain this one or lie in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(as = "Option<bool>", optional))]
    pub overlapping: bool,
    /// How many hits at most; left out: 50. More than 500 are never given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub limit: Option<u32>,
}

/// Result of `glossator/session/search`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SearchSessionsResult {
    /// What was found, best first.
    pub hits: Vec<SessionHit>,
    /// What was not as it should be, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<String>>", optional))]
    pub notices: Vec<String>,
}

/// One place where it was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SessionHit {
    /// The session.
    pub session_id: String,
    /// What it is called.
    pub title: String,
    /// The turn; `T-0`: it is the title.
    pub turn_id: String,
    /// The item.
    #[cfg_attr(test, ts(type = "number"))]
    pub item: u64,
    /// What kind of text it is: `prompt`, `answer`, `script`, `edit`, ... Kinds that are not known are shown as they are.
    pub kind: String,
    /// The text around the place.
    pub snippet: String,
    /// What was found in it: pairs of offsets in bytes of its UTF-8, each start and end.
    pub marks: Vec<(u32, u32)>,
    /// When it was said: milliseconds since the Unix epoch.
    #[cfg_attr(test, ts(type = "number"))]
    pub at: i64,
    /// The folder of its workspace, where that is not the client's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub workspace: Option<String>,
    /// How well it fits; higher is better, and only to be compared within one result.
    pub score: f64,
}
