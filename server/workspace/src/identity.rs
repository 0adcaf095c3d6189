//! Which workspace a folder belongs to, so that every way to open it finds the same sessions.

use std::path::{Path, PathBuf};

/// What marks the top of a version-controlled tree.
const MARKS: &[&str] = &[".git", ".jj", ".hg"];

/// The top of the version-controlled tree that `root` lies in, links resolved; without one, `root` itself.
pub fn identity(root: &Path) -> PathBuf {
    let root = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_path_buf());
    let top = root.ancestors().find(|folder| MARKS.iter().any(|mark| folder.join(mark).exists()));
    top.map_or_else(|| root.clone(), Path::to_path_buf)
}
