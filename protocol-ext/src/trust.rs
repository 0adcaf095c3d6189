//! `glossator/trust/...`: whether a folder's own settings and guidance are followed.

use serde::{Deserialize, Serialize};

/// Parameters of `glossator/trust/read`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ReadTrustParams {}

/// Parameters of `glossator/trust/set`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SetTrustParams {
    /// The folder; left out: every workspace folder of this client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub uri: Option<String>,
    /// Whether it is trusted from now on.
    pub trusted: bool,
}

/// Result of `glossator/trust/read` and `glossator/trust/set`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct TrustResult {
    /// The workspace folders of this client.
    pub folders: Vec<FolderTrust>,
}

/// Whether one folder is trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FolderTrust {
    /// URI of the folder.
    pub uri: String,
    /// Whether it is trusted.
    pub trusted: bool,
}
