//! The review document of a turn, `T-183.diff`: every hunk as a unified diff with its id and state in the header. Pure: a
//! page in, text out; edited text in, decisions out.

mod parsed;
mod read;
mod render;
#[cfg(test)]
mod tests;

pub use read::read;
pub use render::render;

use glossator_session::{HunkId, HunkPart, HunkState};
use std::ops::Range;
use std::sync::Arc;

/// What a review document shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The turn, as it is shown: `T-183`.
    pub turn: String,
    /// The files, each once.
    pub files: Vec<PageFile>,
}

/// A file of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageFile {
    /// Its path as the user knows it.
    pub path: String,
    /// Where it was before, if one of the hunks is a move.
    pub from: Option<String>,
    /// Its text now; `None`: there is no such file.
    pub text: Option<Arc<str>>,
    /// Its hunks, in the order of their places.
    pub hunks: Vec<PageHunk>,
}

/// A hunk of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageHunk {
    /// Its id.
    pub id: HunkId,
    /// What of the file it is.
    pub part: HunkPart,
    /// Its state.
    pub state: HunkState,
    /// The whole lines before the agent's edit.
    pub base: String,
    /// What stands there now.
    pub current: String,
    /// Bytes of the file's text where that stands; `None`: its place was not found.
    pub range: Option<Range<usize>>,
}

/// What an edited document says of a hunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Which.
    pub id: HunkId,
    /// What is to become of it.
    pub choice: Choice,
}

/// What is to become of a hunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// It stays as it is now.
    Keep,
    /// What stood there before is put back.
    Reject,
    /// This is put there: whole lines, which may be none, with the line ending of the file.
    Edit(String),
}

/// Why an edited document cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Zero-based line of the document.
    pub line: usize,
    /// What is wrong there and what to do, for people.
    pub message: String,
}

/// What a line of a document belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The file as the user knows it; empty where the document does not say.
    pub path: String,
    /// The hunk; `None` in the head of a file.
    pub hunk: Option<HunkId>,
    /// Zero-based line of the file; of removed lines the one that stands in their place.
    pub line: Option<usize>,
}

/// What stands at zero-based `line` of a document, which may have been edited: `None` above the first file and beyond the
/// end. Only the hunk's header counts lines of the file, so lines that were put into the document shift those below them.
pub fn at_line(text: &str, line: usize) -> Option<Spot> {
    let parsed = parsed::parse(text);
    let file = parsed.files.iter().rev().find(|file| file.line <= line);
    let entry = parsed.entries.iter().rev().find(|entry| entry.line <= line);
    let is_below =
        |entry: &&parsed::Entry<'_>| file.is_none_or(|file| entry.line > file.line || entry.is_note);
    let Some(entry) = entry.filter(is_below) else {
        let file = file.filter(|_| line < parsed.lines)?;
        return Some(Spot { path: file.path.clone(), hunk: None, line: None });
    };
    if line >= parsed.lines || (entry.is_note && entry.line != line) {
        return file
            .map(|file| Spot { path: file.path.clone(), hunk: None, line: None })
            .filter(|_| line < parsed.lines);
    }
    let before = entry.lines.iter().filter(|part| part.line < line && part.sign.is_new()).count();
    let path = match entry.is_note {
        true => parsed
            .files
            .iter()
            .find(|file| file.line > line)
            .map(|file| file.path.clone())
            .unwrap_or_default(),
        false => file.map(|file| file.path.clone()).unwrap_or_default(),
    };
    Some(Spot { path, hunk: Some(entry.id.clone()), line: entry.start.map(|start| start + before) })
}
