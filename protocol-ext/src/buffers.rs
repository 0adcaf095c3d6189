//! `glossator/buffers/save`: the client saves documents for a command that must see them on disk.

use serde::{Deserialize, Serialize};

/// Parameters of `glossator/buffers/save`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SaveBuffersParams {
    /// The open documents to save, named as the client named them.
    pub uris: Vec<String>,
}

/// Result of `glossator/buffers/save`, given after the `textDocument/didSave` of each.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SaveBuffersResult {
    /// Those that were saved.
    pub saved: Vec<String>,
}
