//! One file's hunks on one text. Never reads the text itself: it is given each newer one.

use glossator_session::{ChangeSetId, HunkId, HunkPart, HunkRecord, HunkState, HunkVerdict};
use glossator_text::{FileChange, Replacement};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A hunk on the text of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// Its id.
    pub id: HunkId,
    /// What of the file it is.
    pub part: HunkPart,
    /// The whole lines before the agent's edit (and before those that this hunk took over).
    pub base: String,
    /// The whole lines that the agent wrote.
    pub proposed: String,
    /// Where they, or what became of them, stand in the text, in bytes. Empty where nothing stands.
    pub range: Range<usize>,
    /// Whether its place was not found: then `range` says nothing and nothing can be put back.
    pub lost: bool,
    /// What was decided.
    pub verdict: Option<HunkVerdict>,
}

/// Which text of a hunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What stood there before the agent.
    Base,
    /// What the agent wrote.
    Proposed,
}

/// The hunks of one file, on the text that was seen last.
#[derive(Debug, Clone)]
pub struct FileReview {
    path: PathBuf,
    /// `None`: there is no such file.
    text: Option<Arc<str>>,
    hunks: Vec<Hunk>,
}

/// The hunks of one file's change, numbered on from `next`, which is left at the number after the last: whole-line hunks
/// where `before` and `after` differ, and one for a creation, a deletion or a move. A new file is one hunk, a deleted one
/// too. Their places are those in `after`.
pub fn hunks_of(
    set: &ChangeSetId,
    next: &mut usize,
    change: &FileChange,
    (before, after): (Option<&str>, Option<&str>),
) -> Vec<HunkRecord> {
    let _ = (set, next, change, before, after);
    Vec::new()
}

impl FileReview {
    /// `records` placed on `text`: exactly where its hash is the recorded one, else by the lines around them. What is not
    /// found is lost.
    pub fn load(path: &Path, text: Option<Arc<str>>, records: &[HunkRecord]) -> FileReview {
        let _ = records;
        FileReview { path: path.to_path_buf(), text, hunks: Vec::new() }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The text the hunks are placed on; `None`: there is no such file.
    pub fn text(&self) -> Option<&Arc<str>> {
        self.text.as_ref()
    }

    /// All hunks, in the order of their places.
    pub fn hunks(&self) -> &[Hunk] {
        &self.hunks
    }

    /// The state of a hunk.
    pub fn state(&self, hunk: &Hunk) -> HunkState {
        let _ = hunk;
        HunkState::Pending
    }

    /// What stands in the place of a hunk now.
    pub fn current(&self, hunk: &Hunk) -> &str {
        self.text.as_ref().and_then(|text| text.get(hunk.range.clone())).unwrap_or_default()
    }

    /// Goes over to a newer text; the hunks move along. Gives those of which state or current text changed.
    pub fn follow(&mut self, now: Option<Arc<str>>) -> Vec<HunkId> {
        self.text = now;
        Vec::new()
    }

    /// Takes in an edit of the agent: `records` are its hunks in this file, which lead from `before` to `after`. Open
    /// hunks that they overlap or touch are merged into them. Gives the ids of hunks that changed, merged ones included.
    pub fn absorb(
        &mut self,
        records: &[HunkRecord],
        (before, after): (Option<Arc<str>>, Option<Arc<str>>),
    ) -> Vec<HunkId> {
        let _ = (records, before);
        self.follow(after)
    }

    /// Decides about a hunk, or with `None` takes the decision back. No text changes by this.
    pub fn decide(&mut self, id: &HunkId, verdict: Option<HunkVerdict>) {
        let _ = (id, verdict);
    }

    /// The edits on the present text that bring `side` of the hunks back, each as small as can be, and why others cannot
    /// be. Only hunks that are lines of a text.
    pub fn edits(&self, ids: &[HunkId], side: Side) -> (Vec<Replacement>, Vec<(HunkId, String)>) {
        let _ = (ids, side);
        (Vec::new(), Vec::new())
    }

    /// The records of hunks as they stand now.
    pub fn records(&self, ids: &[HunkId]) -> Vec<HunkRecord> {
        let _ = ids;
        Vec::new()
    }
}
