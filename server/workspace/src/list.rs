//! What stands in a folder, sorted, with open buffers that are not on disk.
//! Never opens a file.

use crate::overlay::Buffer;
use crate::roots::Roots;
use crate::walk::{Scope, SearchError, only_in_memory, walker};
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// Entries looked at, at the most.
const MAX_ENTRIES: usize = 200_000;

/// What to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRequest {
    /// The folder, as [`Roots::resolve`](crate::Roots::resolve) takes it.
    pub path: String,
    /// Levels below it; 1 is its own entries. 0 counts as 1.
    pub depth: usize,
    /// Entries passed over.
    pub offset: usize,
    /// Entries given at the most.
    pub limit: usize,
    /// Also names that start with a dot. `.git` is never listed.
    pub hidden: bool,
    /// Also what ignore files leave out.
    pub ignored: bool,
}

/// Entries of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Sorted by path, a folder before what it holds.
    pub entries: Vec<Entry>,
    /// Entries in all, before `offset` and `limit`.
    pub total: usize,
    /// Whether there are more behind the last one given.
    pub truncated: bool,
}

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// As [`Roots::display`](crate::Roots::display) shows it.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// Bytes: of a file on disk, or of the text of a buffer that is not on disk.
    pub size: Option<u64>,
    /// Where a link points, as it is written in the link.
    pub target: Option<String>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link; not followed.
    Link,
    /// Open in the editor and not on disk.
    Buffer,
    /// A pipe, socket or device.
    Other,
}

impl EntryKind {
    /// One word: `file`, `folder`, `link`, `buffer` or `other`.
    pub fn name(self) -> &'static str {
        match self {
            EntryKind::File => "file",
            EntryKind::Folder => "folder",
            EntryKind::Link => "link",
            EntryKind::Buffer => "buffer",
            EntryKind::Other => "other",
        }
    }
}

/// Lists. Blocks on the disk; gives up when cancelled.
pub(crate) fn list(
    request: &ListRequest,
    roots: &Roots,
    buffers: &[Buffer],
    cancel: &CancellationToken,
) -> Result<Listing, SearchError> {
    let folder = roots.resolve(&request.path)?;
    match crate::disk::metadata(&folder) {
        Err(_) => {
            return Err(SearchError::NotFound { path: request.path.clone() });
        }
        Ok(metadata) if !metadata.is_dir() => {
            return Err(SearchError::NotAFolder { path: request.path.clone() });
        }
        Ok(_) => {}
    }
    let depth = request.depth.max(1);
    let mut found: Vec<(PathBuf, Option<Entry>)> = Vec::new();
    let scope = Scope { hidden: request.hidden, ignored: request.ignored };
    for entry in walker(&folder, scope, roots).max_depth(Some(depth)).build() {
        if cancel.is_cancelled() || found.len() >= MAX_ENTRIES {
            break;
        }
        // Folders that cannot be read are listed, their content is not.
        let Ok(entry) = entry else { continue };
        if entry.depth() > 0 {
            found.push((entry.into_path(), None));
        }
    }
    let start = std::slice::from_ref(&folder);
    for path in only_in_memory(start, buffers) {
        let levels = path.strip_prefix(&folder).map_or(0, |inner| inner.components().count());
        if levels <= depth {
            let buffer = buffers.iter().find(|buffer| buffer.path.as_deref() == Some(&path));
            let size = buffer.map(|buffer| buffer.text.len_bytes() as u64);
            let shown = roots.display(&path);
            found.push((path, Some(Entry { path: shown, kind: EntryKind::Buffer, size, target: None })));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found.dedup_by(|a, b| a.0 == b.0);
    let total = found.len();
    let page = found.into_iter().skip(request.offset).take(request.limit);
    let entries: Vec<Entry> =
        page.map(|(path, entry)| entry.unwrap_or_else(|| on_disk(&path, roots))).collect();
    let truncated = request.offset.saturating_add(entries.len()) < total;
    Ok(Listing { entries, total, truncated })
}

fn on_disk(path: &Path, roots: &Roots) -> Entry {
    let metadata = std::fs::symlink_metadata(path).ok();
    let kind = metadata.as_ref().map_or(EntryKind::Other, kind_of);
    let size = metadata.filter(Metadata::is_file).map(|metadata| metadata.len());
    let target = match kind {
        EntryKind::Link => std::fs::read_link(path).ok().map(|target| target.to_string_lossy().into_owned()),
        _ => None,
    };
    Entry { path: roots.display(path), kind, size, target }
}

fn kind_of(metadata: &Metadata) -> EntryKind {
    let kind = metadata.file_type();
    if kind.is_file() {
        EntryKind::File
    } else if kind.is_dir() {
        EntryKind::Folder
    } else if kind.is_symlink() {
        EntryKind::Link
    } else {
        EntryKind::Other
    }
}
