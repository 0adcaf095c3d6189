//! The workspaces that have state: which folder of the user's each state folder belongs to, and what they take on the disk.
//! Reads their notes, changes none.

use crate::Store;
use crate::folder::{check_private, private_file, workspace_folder};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes of a note that are read at the most.
const NOTE_BYTES: u64 = 64 << 10;

/// The state of one workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its state folder.
    pub folder: PathBuf,
    /// The folder of the user's; `None` where the note is gone or cannot be read.
    pub workspace: Option<PathBuf>,
}

/// What the state of a workspace takes on the disk, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiskUsage {
    /// All of it.
    pub all: u64,
    /// The sessions: logs, kept texts and documents.
    pub sessions: u64,
    /// Long texts that logs refer to.
    pub blobs: u64,
    /// The file cabinet.
    pub cabinet: u64,
    /// The index, which can be made anew.
    pub index: u64,
}

impl Store {
    /// This workspace.
    pub(crate) fn place(&self) -> Place {
        Place { folder: self.folder().to_owned(), workspace: Some(self.workspace().to_owned()) }
    }

    /// What this workspace's state takes on the disk. Reads every folder of it.
    pub fn disk_usage(&self) -> DiskUsage {
        let all = bytes_below(self.folder());
        let part = |name: &str| bytes_below(&self.folder().join(name));
        let (sessions, blobs, cabinet) = (part("sessions"), part("blobs"), part("cabinet"));
        let index = ["index.db", "index.db-wal", "index.db-shm"].into_iter().map(part).sum();
        DiskUsage { all, sessions, blobs, cabinet, index }
    }

    /// What the state of all workspaces takes on the disk, in bytes, and how much room is left there for the user; `None`
    /// where the system does not say.
    pub fn state_usage(&self) -> (u64, Option<u64>) {
        (bytes_below(self.state_dir()), free(self.state_dir()))
    }

    /// All workspaces that have state here, this one too if it has any. Folders that are not ours are left out.
    pub(crate) fn places(&self) -> Vec<Place> {
        let folder = self.state_dir().join("workspaces");
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut places: Vec<Place> = entries
            .map(|entry| entry.path())
            .filter(|path| check_private(path, false).is_ok())
            .map(|folder| match folder == self.folder() {
                true => self.place(),
                false => Place { workspace: self.workspace_of(&folder), folder },
            })
            .collect();
        places.sort_by(|a, b| a.folder.cmp(&b.folder));
        places
    }

    /// The workspaces whose folder contains ours or lies in ours, without ours.
    pub(crate) fn overlapping(&self) -> Vec<Place> {
        let ours = self.workspace();
        let overlaps =
            |theirs: &Path| theirs != ours && (theirs.starts_with(ours) || ours.starts_with(theirs));
        let mut places = self.places();
        places.retain(|place| {
            place.folder != self.folder() && place.workspace.as_deref().is_some_and(overlaps)
        });
        places
    }

    /// The folder that `folder` was made for, as its note says. A path that was not text cannot be told from its note.
    fn workspace_of(&self, folder: &Path) -> Option<PathBuf> {
        let mut bytes = Vec::new();
        let file = private_file().read(true).open(folder.join("workspace.json")).ok()?;
        file.take(NOTE_BYTES).read_to_end(&mut bytes).ok()?;
        let note: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        let path = PathBuf::from(note.get("path")?.as_str()?);
        (workspace_folder(self.state_dir(), &path) == folder).then_some(path)
    }
}

/// The length of all files at and below `path`, links not followed.
pub(crate) fn bytes_below(path: &Path) -> u64 {
    let Ok(meta) = fs::symlink_metadata(path) else { return 0 };
    if !meta.is_dir() {
        return meta.len();
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| bytes_below(&entry.path())).sum()
}

#[cfg(unix)]
fn free(path: &Path) -> Option<u64> {
    let existing = path.ancestors().find(|path| path.exists())?;
    let room = rustix::fs::statvfs(existing).ok()?;
    Some(room.f_bavail.saturating_mul(room.f_frsize))
}

#[cfg(not(unix))]
fn free(_path: &Path) -> Option<u64> {
    None
}
