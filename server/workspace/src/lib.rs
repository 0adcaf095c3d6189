//! The only door to user files: open buffers over the disk, reading, listing, searching, and committing change sets.
//! Knows nothing of the Language Server Protocol (an editor stands behind [`Editor`]), of models, or of sessions.

#![cfg_attr(test, allow(clippy::unwrap_used))]
// The walls forbid file access everywhere but here.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod asking;
mod check;
mod commit;
mod confirm;
mod disk;
mod document;
mod early;
mod editor;
mod files;
mod find;
mod flight;
mod grep;
mod identity;
mod ignored;
mod include;
mod late;
mod likeness;
mod list;
mod listed;
mod lookups;
mod neighbours;
mod on_disk;
mod overlay;
mod paths;
mod physical;
mod raw;
mod read_error;
mod rebase;
mod recent;
mod report;
mod reporting;
mod roots;
mod save;
mod saved;
mod stamps;
mod step;
#[cfg(test)]
mod tests;
mod told;
mod walk;

pub use asking::Patience;
pub use check::{BeforeAndAfter, Checked};
pub use document::{Document, Source};
pub use editor::{Editor, EditorEdit, EditorRefusal};
pub use files::Workspace;
pub use find::PathMatch;
pub use grep::{GrepCase, GrepRequest, GrepResult, Match};
pub use identity::identity;
pub use ignored::{IgnoreRules, large_or_git, passing};
pub use list::{Entry, EntryKind, ListRequest, Listing};
pub use listed::PathKind;
pub use lookups::Answered;
pub use neighbours::Neighbours;
pub use on_disk::READ_LIMIT;
pub use overlay::{Buffer, Change, Opened, Overlay, OverlayError};
pub use paths::ListedPaths;
pub use physical::physical;
pub use raw::{OnDisk, Product, Put};
pub use read_error::ReadError;
pub use report::{FileReport, Outcome, Report};
pub use roots::{PathError, Roots};
pub use stamps::{Difference, FileStamp, Stock, outermost};
pub use told::{
    Diagnostic, DocumentName, Located, Lookup, LookupError, Reported, Severity, Symbol, SymbolQuery, Symbols,
};
pub use walk::SearchError;
