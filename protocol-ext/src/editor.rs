//! `glossator/editor/state`: what the user sees in the editor, as far as LSP does not tell.

use crate::Range;
use serde::{Deserialize, Serialize};

/// Parameters of `glossator/editor/state`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct EditorStateParams {}

/// Result of `glossator/editor/state`, and the `editor` of `glossator/turn/start`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct EditorState {
    /// The document that has the focus, or had it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub active: Option<ActiveDocument>,
    /// URIs of the documents that are visible or in tabs, in the editor's order; left out: the open ones as LSP tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub open: Option<Vec<String>>,
}

/// The document that the user works in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ActiveDocument {
    /// Its URI.
    pub uri: String,
    /// The selection; empty: the cursor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub selection: Option<Range>,
    /// The lines that are seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub visible: Option<Range>,
}
