//! What a commit came to, file by file. Only words and values.

use std::fmt;
use tokio::sync::oneshot;

/// What a commit came to.
#[derive(Debug)]
#[must_use = "a commit may have failed"]
pub struct Report {
    /// Every file of the change, in order.
    pub files: Vec<FileReport>,
    /// Whether all of it is known to stand.
    pub ok: bool,
    /// If it is not known whether an edit was made: tells once whether anything of the change stands after all, within
    /// ten minutes or so. An error instead means that nobody watches any more.
    pub late: Option<oneshot::Receiver<bool>>,
}

impl Report {
    /// Whether it is not known of some file what became of it: neither made nor failed.
    pub fn unknown(&self) -> bool {
        self.files.iter().any(|file| matches!(file.outcome, Outcome::Unknown(_)))
    }

    /// Whether anything of the change is known to stand, be it all of it or what could not be taken back.
    pub fn stands(&self) -> bool {
        let stands = |file: &FileReport| {
            matches!(file.outcome, Outcome::Editor | Outcome::Disk | Outcome::TakeBackFailed(_))
        };
        self.files.iter().any(stands)
    }
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// As [`Roots::display`](crate::Roots::display) shows it (the source, if it was to move).
    pub path: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Changed in the editor.
    Editor,
    /// Changed on disk.
    Disk,
    /// Not changed, and why.
    Failed(String),
    /// The editor was asked to change it (or to change it back) and may have done so, or may do it yet: why that is not
    /// known.
    Unknown(String),
    /// Changed, and changed back because another file failed.
    TakenBack,
    /// Changed in whole or in part, and that stands, although it or another file failed: why it could not be changed back.
    TakeBackFailed(String),
    /// Not changed, because another file failed before.
    NotReached,
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.files {
            write!(out, "{}: ", file.path)?;
            match &file.outcome {
                Outcome::Editor => writeln!(out, "changed in the editor")?,
                Outcome::Disk => writeln!(out, "changed on disk")?,
                Outcome::Failed(why) => writeln!(out, "not changed: {why}")?,
                Outcome::Unknown(why) => writeln!(out, "not known whether it is changed: {why}")?,
                Outcome::TakenBack => writeln!(out, "changed and taken back")?,
                Outcome::TakeBackFailed(why) => writeln!(out, "changed, and could not be taken back: {why}")?,
                Outcome::NotReached => writeln!(out, "not changed, because another file failed")?,
            }
        }
        Ok(())
    }
}
