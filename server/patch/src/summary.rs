//! What a plan does to each file, in numbers, for people and for the model.

use glossator_text::LineHunk;
use serde::Serialize;

/// What happens to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ChangeKind {
    /// It is new.
    Add,
    /// Its text changes.
    Update,
    /// It goes.
    Delete,
    /// It gets another path; its text may change too.
    Move,
}

/// What happens to one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileSummary {
    /// Path as written, after a move.
    pub path: String,
    /// Path as written before a move.
    pub moved_from: Option<String>,
    /// What happens.
    pub kind: ChangeKind,
    /// Lines that come.
    pub added: usize,
    /// Lines that go.
    pub removed: usize,
    /// The places, in order.
    pub hunks: Vec<HunkSummary>,
}

/// One place that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HunkSummary {
    /// One-based line in the new text (where lines only go: of the line behind them).
    pub start_line: usize,
    /// Lines that go.
    pub old_lines: usize,
    /// Lines that come.
    pub new_lines: usize,
}

impl FileSummary {
    /// The summary of a text that changes in these places.
    pub(crate) fn new(path: &str, kind: ChangeKind, hunks: &[LineHunk]) -> FileSummary {
        let hunk = |hunk: &LineHunk| HunkSummary {
            start_line: hunk.new.start + 1,
            old_lines: hunk.old.len(),
            new_lines: hunk.new.len(),
        };
        FileSummary::of_hunks(path, kind, hunks.iter().map(hunk).collect())
    }

    /// The summary of a file that comes or goes.
    pub(crate) fn of_whole(path: &str, kind: ChangeKind, hunk: HunkSummary) -> FileSummary {
        let empty = hunk.old_lines + hunk.new_lines == 0;
        FileSummary::of_hunks(path, kind, if empty { Vec::new() } else { vec![hunk] })
    }

    fn of_hunks(path: &str, kind: ChangeKind, hunks: Vec<HunkSummary>) -> FileSummary {
        let added = hunks.iter().map(|hunk| hunk.new_lines).sum();
        let removed = hunks.iter().map(|hunk| hunk.old_lines).sum();
        FileSummary { path: path.to_owned(), moved_from: None, kind, added, removed, hunks }
    }
}
