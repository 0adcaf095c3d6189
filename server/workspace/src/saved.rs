//! Whether an open buffer holds unsaved text: told by comparing it with its file, once after each report of the editor.
//! Only reads; blocks on the disk.

use crate::disk::{self, Stamp};
use crate::on_disk::{read_disk, same_lines};
use crate::read_error::ReadError;
use ropey::Rope;
use std::path::Path;

/// What the editor reported last of a buffer that was not compared with its file since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It was opened, when its file was in this state.
    Opened(Option<Stamp>),
    /// Its text was changed.
    Changed,
    /// It was saved, which left its file in this state.
    Saved(Option<Stamp>),
}

/// What a comparison found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sight {
    /// The buffer holds text that its file does not.
    pub(crate) dirty: bool,
    /// The file in this state holds what the editor saved, although it reads otherwise here: in an encoding that only
    /// the editor knows.
    pub(crate) foreign: Option<Stamp>,
}

/// Compares the text of a buffer with its file at `path`.
pub(crate) fn compare(doubt: Doubt, path: &Path, text: &Rope) -> Sight {
    // The state first: whatever is read afterwards is at least as new.
    let stamp = disk::stamp(path);
    let same = match read_disk(path) {
        Ok(file) => same_lines(&file.text, &text.to_string()),
        Err(ReadError::NotFound { .. }) => text.len_bytes() == 0,
        // Nothing that could be compared: as the editor says.
        Err(_) => doubt != Doubt::Changed,
    };
    let (dirty, foreign) = match doubt {
        _ if same => (false, None),
        Doubt::Changed => (true, None),
        // If the file changed since, the difference may be the file's.
        Doubt::Opened(then) => (then == stamp, None),
        Doubt::Saved(then) => (false, stamp.filter(|_| then == stamp)),
    };
    Sight { dirty, foreign }
}
