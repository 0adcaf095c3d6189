//! Places in a document, as LSP has them.

use serde::{Deserialize, Serialize};

/// A place in a file, as LSP has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Position {
    /// Line, from 0.
    pub line: u32,
    /// Units of the negotiated position encoding within the line, from 0.
    pub character: u32,
}

/// A half-open range, as LSP has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Range {
    /// Where it starts.
    pub start: Position,
    /// The first place behind it.
    pub end: Position,
}
