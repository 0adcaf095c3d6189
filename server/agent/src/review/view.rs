//! What fronts see of hunks under review and of what is done about them. Only words and values.

use glossator_session::{ChangeSetId, HunkId, HunkPart, HunkState, SessionId, TurnId};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A hunk as a front shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct HunkView {
    /// The session whose agent made it.
    pub session: SessionId,
    /// The turn that made it.
    pub turn: TurnId,
    /// Its id.
    pub id: HunkId,
    /// Absolute path of the file.
    pub path: PathBuf,
    /// The path as the user knows it.
    pub shown: String,
    /// What of the file it is.
    pub part: HunkPart,
    /// Its state.
    pub state: HunkState,
    /// The whole lines before the agent's edit.
    pub base: String,
    /// The whole lines that the agent wrote.
    pub proposed: String,
    /// What stands there now.
    pub current: String,
    /// The text of the file that `range` counts in; `None`: there is no such file.
    pub text: Option<Arc<str>>,
    /// Bytes of `text` where `current` stands; `None`: its place was not found.
    pub range: Option<Range<usize>>,
}

/// What a front wants to see.
#[derive(Debug, Clone, Default)]
pub struct HunkQuery<'a> {
    /// Only of this session.
    pub session: Option<&'a SessionId>,
    /// Only of this turn.
    pub turn: Option<TurnId>,
    /// Only of this change set.
    pub change_set: Option<&'a ChangeSetId>,
    /// Only of this file.
    pub path: Option<&'a Path>,
    /// Also those that are decided or undone.
    pub all: bool,
}

/// What is decided about hunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// What stands there now stays.
    Keep,
    /// What stood there before is put back.
    Reject,
    /// This text is put there and stays: whole lines, which may be none.
    Edit(String),
    /// The decision is taken back. Where a rejection put back what stood there before, what it replaced (also what the user
    /// had written) comes back, unless somebody wrote something else there since.
    Reopen,
}

/// What became of one hunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HunkReport {
    /// Which.
    pub id: HunkId,
    /// Its file as the user knows it.
    pub path: String,
    /// First line of its place before, from 1; `None` where its place is not known.
    pub line: Option<usize>,
    /// Its state afterwards, or why it could not be done.
    pub outcome: Result<HunkState, String>,
}

/// What became of a turn that was undone or redone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnReport {
    /// The turn.
    pub turn: TurnId,
    /// Files that changed, as the user knows them.
    pub files: Vec<String>,
    /// Every hunk of the turn that was to change.
    pub hunks: Vec<HunkReport>,
    /// What cannot be restored, one line each: files that a command changed and that were not kept.
    pub irreversible: Vec<String>,
}
