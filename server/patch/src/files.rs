//! The port through which planning sees files: what stands at a path. Only the trait and its answers; whoever plans
//! implements it.

use std::path::{Path, PathBuf};

use glossator_text::{Base, FileFormat};

/// Where planning finds files. Paths are as written in the patch.
pub trait Files {
    /// The file at `path`. `Err` when it may not be touched (outside the workspace, `.git`, binary), told for people.
    fn find(&self, path: &str) -> Result<Found, String>;

    /// Where `path` leads, as the user knows it, when it is itself a link to a file. Such a link can be edited through; to
    /// delete or move it would take away the file behind it.
    fn link(&self, _path: &str) -> Option<String> {
        None
    }

    /// The Unix permission bits (`0o777` at most) of the file at `path`, which [`Files::find`] gave; `None` if they are not
    /// known. A copy of its text gets them.
    fn mode(&self, _path: &Path) -> Option<u32> {
        None
    }
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Absolute, resolved path. Two paths of a patch mean the same file when these are equal.
    pub path: PathBuf,
    /// The file; `None` when there is none.
    pub current: Option<Current>,
}

/// A file's text as the user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// The whole text.
    pub text: String,
    /// What the change set will be based on.
    pub base: Base,
    /// How the text is written to disk.
    pub format: FileFormat,
}
