//! Change sets: staged edits to one or more files, based on exact texts and invertible.
//! Only values: planning them is `patch`'s work, committing them `workspace`'s.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

use crate::FileFormat;

/// Edits to one or more files that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[must_use = "a change set does nothing until it is committed"]
pub struct ChangeSet {
    /// The files, each at most once, in the order in which they are committed.
    pub files: Vec<FileChange>,
}

/// What happens to one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// Absolute, resolved path of the file (the source, when it is moved).
    pub path: PathBuf,
    /// What the change was planned on.
    pub base: Base,
    /// What is done.
    pub action: Action,
    /// How the text is written when it goes to disk.
    pub format: FileFormat,
    /// Unix permission bits (`0o777` at most): those a deleted file has, and those a created one gets. Without them a
    /// created file gets what is usual for new files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<u32>,
    /// Folders that the change which this one takes back made for the file, outermost first. They go when the file has
    /// left them, as far as they are empty then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made_folders: Vec<PathBuf>,
}

/// The state of a file that a change was planned on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Base {
    /// There was no such file.
    Absent,
    /// Text of an open buffer at the editor's `version`, with the BLAKE3 hash of its text.
    Buffer {
        /// The editor's document version.
        version: i32,
        /// Hex BLAKE3 of the text as UTF-8.
        hash: String,
    },
    /// Text on disk, with the BLAKE3 hash of its decoded text.
    Disk {
        /// Hex BLAKE3 of the text as UTF-8.
        hash: String,
    },
}

/// The change itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Action {
    /// The file comes into being with this text.
    Create {
        /// Whole text.
        text: String,
    },
    /// The file goes; `text` is what it held, for the inverse.
    Delete {
        /// Whole text before.
        text: String,
    },
    /// The text changes in places and may move.
    Update {
        /// Ordered by `start`, not overlapping, in bytes of the base text. May be empty when the file only moves.
        edits: Vec<Replacement>,
        /// Absolute path of the destination, if the file moves. Nothing may stand there.
        move_to: Option<PathBuf>,
    },
}

/// One contiguous replacement in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    /// Byte offset in the base text.
    pub start: usize,
    /// The text that stands there.
    pub old: String,
    /// The text that will stand there.
    pub new: String,
}

impl Action {
    /// The text after the action on a file that held `before` (`None`: no file). `Err` says where the base differs.
    pub fn apply(&self, before: Option<&str>) -> Result<Option<String>, String> {
        match (self, before) {
            (Action::Create { text }, None) => Ok(Some(text.clone())),
            (Action::Create { .. }, Some(_)) => Err("the file should be created, but it exists".into()),
            (Action::Delete { text }, Some(before)) => match first_difference(text, before) {
                None => Ok(None),
                Some(line) => {
                    Err(format!("the file should be deleted, but its line {line} is not as it was"))
                }
            },
            (Action::Update { edits, .. }, Some(before)) => apply_edits(edits, before).map(Some),
            (_, None) => Err("the file does not exist".into()),
        }
    }
}

impl FileChange {
    /// A change of one file that says nothing of permissions and folders.
    pub fn new(path: PathBuf, base: Base, action: Action, format: FileFormat) -> FileChange {
        FileChange { path, base, action, format, mode: None, made_folders: Vec::new() }
    }

    /// Where the file stands after the change: the destination of a move, else its path.
    pub fn path_after(&self) -> &Path {
        match &self.action {
            Action::Update { move_to: Some(path), .. } => path,
            _ => &self.path,
        }
    }

    fn inverse(&self, hash_after: Option<String>) -> FileChange {
        let path = self.path_after().to_path_buf();
        // A hash nobody can tell is empty, which equals no hash: a committer will refuse rather than guess.
        let hash = |text: Option<&str>| hash_after.or_else(|| text.map(crate::text_hash)).unwrap_or_default();
        let base = |hash| match self.base {
            Base::Buffer { version, .. } => Base::Buffer { version, hash },
            Base::Absent | Base::Disk { .. } => Base::Disk { hash },
        };
        let (base, action) = match &self.action {
            Action::Create { text } => (base(hash(Some(text))), Action::Delete { text: text.clone() }),
            Action::Delete { text } => (Base::Absent, Action::Create { text: text.clone() }),
            Action::Update { edits, move_to } => {
                let move_to = move_to.as_ref().map(|_| self.path.clone());
                (base(hash(None)), Action::Update { edits: inverse_edits(edits), move_to })
            }
        };
        FileChange { mode: self.mode, ..FileChange::new(path, base, action, self.format) }
    }
}

impl ChangeSet {
    /// The change that takes this one back; files in reverse order. The bases of the inverse are hashes of the texts
    /// this change leaves (`Base::Disk` or `Base::Buffer` with the old version: a committer compares hashes first).
    /// `hash_after` gives, per path after the change, the hash of the text that the change leaves; where it knows none
    /// for an update, the base's hash is empty and fits no text. Which folders the change will make is not known here, so
    /// the inverse names none.
    pub fn inverse(&self, hash_after: impl Fn(&Path) -> Option<String>) -> ChangeSet {
        ChangeSet {
            files: self.files.iter().rev().map(|file| file.inverse(hash_after(file.path_after()))).collect(),
        }
    }
}

fn apply_edits(edits: &[Replacement], before: &str) -> Result<String, String> {
    let mut after = String::with_capacity(before.len());
    let mut done = 0;
    for edit in edits {
        let end = edit.start.saturating_add(edit.old.len());
        if edit.start < done {
            return Err(format!("the edits overlap at byte {}", edit.start));
        }
        if before.get(edit.start..end) != Some(edit.old.as_str()) {
            return Err(mismatch(before, edit));
        }
        after.push_str(&before[done..edit.start]);
        after.push_str(&edit.new);
        done = end;
    }
    after.push_str(&before[done..]);
    Ok(after)
}

fn mismatch(before: &str, edit: &Replacement) -> String {
    let mut at = edit.start.min(before.len());
    while !before.is_char_boundary(at) {
        at -= 1;
    }
    let line = 1 + crate::lines(&before[..at]).filter(|line| line.ends_with(['\n', '\r'])).count();
    let found: String = before[at..].chars().take(edit.old.chars().count().min(80)).collect();
    let wanted: String = edit.old.chars().take(80).collect();
    format!(
        "the text at line {line} is not what the edit was planned on: expected {wanted:?}, found {found:?}"
    )
}

/// One-based number of the first line in which the texts differ.
fn first_difference(expected: &str, found: &str) -> Option<usize> {
    if expected == found {
        return None;
    }
    Some(1 + crate::lines(expected).zip(crate::lines(found)).take_while(|(a, b)| a == b).count())
}

/// The same edits seen from the text they leave.
fn inverse_edits(edits: &[Replacement]) -> Vec<Replacement> {
    let (mut added, mut removed) = (0, 0);
    edits
        .iter()
        .map(|edit| {
            let start = (edit.start + added).saturating_sub(removed);
            added += edit.new.len();
            removed += edit.old.len();
            Replacement { start, old: edit.new.clone(), new: edit.old.clone() }
        })
        .collect()
}
