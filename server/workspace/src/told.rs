//! What an editor tells of code, on behalf of its other language servers: the types. Pure.

use glossator_text::{Position, Range};
use std::path::PathBuf;

/// How a document is named to the editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentName {
    /// As the editor named it when it opened it.
    Open(String),
    /// By its absolute path: it is not open.
    File(PathBuf),
}

/// What can be asked of an editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// What is reported of documents.
    Diagnostics,
    /// Definitions, references, symbols.
    Symbols,
}

/// How bad something is that a language server reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// An error.
    Error,
    /// A warning.
    Warning,
    /// Something to know.
    Information,
    /// A hint.
    Hint,
}

/// One thing that a language server reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Where, in the encoding of the editor.
    pub range: Range,
    /// How bad it is.
    pub severity: Severity,
    /// In the server's words.
    pub message: String,
    /// Which server says so.
    pub source: Option<String>,
    /// The server's name for it.
    pub code: Option<String>,
}

/// A document as an editor names it in an answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Located {
    /// Its URI.
    pub uri: String,
    /// Its path, if it is a file; not looked up on the disk.
    pub path: Option<PathBuf>,
}

/// What is reported of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// The document.
    pub of: Located,
    /// The version of it that the editor had, where it says so.
    pub version: Option<i32>,
    /// In the order in which the editor has them.
    pub diagnostics: Vec<Diagnostic>,
}

/// What is asked about symbols.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SymbolQuery {
    /// Where what stands at a place is defined; the place in the encoding of the editor.
    Definition(DocumentName, Position),
    /// Where it is used.
    References(DocumentName, Position),
    /// The symbols of a document.
    Document(DocumentName),
    /// Symbols of the workspace by their name or a part of it.
    Workspace(String),
}

/// A symbol, or a place where one is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// Its name; may be empty.
    pub name: String,
    /// What it is, in a word; may be empty.
    pub kind: String,
    /// The document that it is in.
    pub of: Located,
    /// Where in it, in the encoding of the editor.
    pub range: Range,
    /// What it is a part of.
    pub container: Option<String>,
}

/// Symbols that were found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Symbols {
    /// What was found.
    pub symbols: Vec<Symbol>,
    /// Whether every server that could know has answered.
    pub complete: bool,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// No connected editor passes on what its language servers know.
    #[error("not available in this editor")]
    Unavailable,
    /// The editor was asked and gave nothing that can be used.
    #[error("{0}")]
    Failed(String),
}
