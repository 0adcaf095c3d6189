//! `glossator/diagnostics/read` and `glossator/symbols/read`: what the editor's other language servers know.

use crate::{Position, Range};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Parameters of `glossator/diagnostics/read`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct ReadDiagnosticsParams {
    /// Only of this document; left out: of every one that has some.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub uri: Option<String>,
}

/// Result of `glossator/diagnostics/read`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ReadDiagnosticsResult {
    /// The documents that have some.
    pub documents: Vec<DocumentDiagnostics>,
}

/// The diagnostics of one document; those of Glossator itself are left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct DocumentDiagnostics {
    /// Its URI.
    pub uri: String,
    /// The version that they are of, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub version: Option<i32>,
    /// As LSP has them (`Diagnostic`), in the negotiated position encoding.
    #[cfg_attr(
        test,
        ts(
            type = "Array<{ range: Range, severity?: number, code?: number | string, source?: string, message: string, [field: string]: unknown }>"
        )
    )]
    pub diagnostics: Vec<Value>,
}

/// Parameters of `glossator/symbols/read`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ReadSymbolsParams {
    /// What is looked for.
    pub kind: SymbolsKind,
    /// The document; left out for `workspace`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub uri: Option<String>,
    /// The place in it, for `definition` and `references`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub position: Option<Position>,
    /// The name or a part of it, for `workspace`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub query: Option<String>,
}

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum SymbolsKind {
    /// Where what stands at a place is defined.
    Definition,
    /// Where it is used.
    References,
    /// The symbols of a document.
    Document,
    /// Symbols of the workspace by their name.
    Workspace,
}

/// Result of `glossator/symbols/read`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ReadSymbolsResult {
    /// What was found.
    pub symbols: Vec<SymbolInfo>,
    /// Whether that is all: every server that could know was asked and answered.
    pub complete: bool,
}

/// A symbol, or a place where one is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SymbolInfo {
    /// Its name; may be empty for `definition` and `references`.
    pub name: String,
    /// What it is, in a word: `function`, `struct`; may be empty.
    pub kind: String,
    /// The document that it is in.
    pub uri: String,
    /// Where in it.
    pub range: Range,
    /// What it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub container: Option<String>,
}
