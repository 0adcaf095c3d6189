//! The port to the connected editor: what a commit asks of it, whose answer is never believed (see `confirm`), and what it
//! tells of code (see `lookups`).

use crate::told::{DocumentName, Lookup, LookupError, Reported, SymbolQuery, Symbols};
use futures::future::BoxFuture;
use glossator_text::Range;
use std::path::PathBuf;

/// The connected editor. Implemented where the protocol is known.
pub trait Editor: Send + Sync {
    /// Asks the editor for one edit, and gives its answer. The answer is a hint only: what counts is the text that the
    /// editor reports afterwards (or the disk, for renames and deletions). May be dropped before it is answered.
    fn apply(&self, edit: EditorEdit) -> BoxFuture<'_, Result<(), EditorRefusal>>;

    /// Whether the editor renames and deletes files for [`EditorEdit::Rename`] and [`EditorEdit::Delete`]. Where it does
    /// not, that is done on disk.
    fn has_resource_operations(&self) -> bool {
        true
    }

    /// Whether the editor saves buffers when it is asked to ([`Editor::save`]).
    fn saves(&self) -> bool {
        false
    }

    /// Asks the editor to save these buffers, named as it named them. As with edits the answer is a hint: what counts is
    /// that it reports them as saved.
    fn save(&self, _uris: Vec<String>) -> BoxFuture<'_, Result<(), EditorRefusal>> {
        let reason = "this editor saves nothing for others".to_owned();
        Box::pin(async { Err(EditorRefusal { reason, stale: false }) })
    }

    /// Whether the editor passes on what its other language servers know.
    fn looks_up(&self, _what: Lookup) -> bool {
        false
    }

    /// What other language servers report of a document, or of all. May take as long as it likes, and may be dropped.
    fn diagnostics(&self, _of: Option<DocumentName>) -> BoxFuture<'_, Result<Vec<Reported>, LookupError>> {
        Box::pin(std::future::ready(Err(LookupError::Unavailable)))
    }

    /// Definitions, references or symbols. May take as long as it likes, and may be dropped.
    fn symbols(&self, _query: SymbolQuery) -> BoxFuture<'_, Result<Symbols, LookupError>> {
        Box::pin(std::future::ready(Err(LookupError::Unavailable)))
    }
}

/// One request to the editor; always about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditorEdit {
    /// Replace ranges of an open buffer, as one undo step.
    Text {
        /// The document as the editor named it.
        uri: String,
        /// The version the ranges are counted in; the editor must refuse if it has another.
        version: i32,
        /// What the undo step is called, where the editor shows it.
        label: String,
        /// Ordered, not overlapping, counted in the text before the edit and in the overlay's encoding.
        edits: Vec<(Range, String)>,
    },
    /// Rename an open file; nothing stands at the destination, its folder exists.
    Rename {
        /// The document as the editor named it.
        uri: String,
        /// Absolute destination.
        to: PathBuf,
        /// What the step is called.
        label: String,
    },
    /// Delete an open file.
    Delete {
        /// The document as the editor named it.
        uri: String,
        /// What the step is called.
        label: String,
    },
}

/// The editor's no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct EditorRefusal {
    /// In the editor's words, for people.
    pub reason: String,
    /// Whether the version was not the one the editor has: worth trying again on newer text.
    pub stale: bool,
}
