//! A quick stock of the user's files: what tells one state of each from another without reading it. Two stocks tell what
//! changed between them. Only reads; blocks on the disk.

use crate::files::{Workspace, blocking};
use crate::ignored::{Found, IgnoreRules, look_through};
use std::collections::{HashMap, HashSet};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// File systems count time in steps: of a file that was written so shortly before, a later change may not show.
const STEP: Duration = Duration::from_millis(20);

/// The state of one file or link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStamp {
    /// Device, inode; seconds and nanoseconds of the last change of its content, and of anything of it.
    state: ([u64; 2], [i64; 4]),
    /// Bytes.
    pub size: u64,
    /// Its Unix permission bits, `0o777` at most.
    pub mode: u32,
    /// Whether it is a regular file; else it is a link, a pipe or the like.
    pub is_file: bool,
    /// Whether it was written so shortly before that the next change may leave the same state.
    fresh: bool,
}

impl FileStamp {
    /// Whether a change after this stamp was taken shows in the next one.
    pub fn is_settled(&self) -> bool {
        !self.fresh
    }
}

/// The files below the workspace folders, but for ignored ones and git's own data.
#[derive(Debug, Clone, Default)]
pub struct Stock {
    files: HashMap<PathBuf, FileStamp>,
    folders: HashSet<PathBuf>,
}

/// A file whose state may differ between two stocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Absolute, resolved.
    pub path: PathBuf,
    /// Its state before; `None`: there was none.
    pub before: Option<FileStamp>,
    /// Its state after; `None`: it is gone.
    pub after: Option<FileStamp>,
}

impl Workspace {
    /// Takes stock of the files. `None`: there are more than `most`, or they could not be looked through.
    pub async fn stock(&self, most: usize) -> Option<Stock> {
        let folders = self.roots().folders().to_vec();
        blocking(move || stock(&folders, most)).await.ok().flatten()
    }
}

impl Difference {
    /// Whether it did change; else it only may have.
    pub fn is_certain(&self) -> bool {
        match (self.before, self.after) {
            (Some(before), Some(after)) => before.state != after.state || before.size != after.size,
            _ => true,
        }
    }
}

impl Stock {
    /// The files, in no order.
    pub fn files(&self) -> impl Iterator<Item = (&Path, &FileStamp)> {
        self.files.iter().map(|(path, stamp)| (path.as_path(), stamp))
    }

    /// Whether the folder was there.
    pub fn has_folder(&self, path: &Path) -> bool {
        self.folders.contains(path)
    }

    /// What may have changed between this stock and a `later` one, by path: of a file that had just been written it is
    /// not known.
    pub fn differences(&self, later: &Stock) -> Vec<Difference> {
        let changed = |path: &PathBuf, before: Option<FileStamp>, after: Option<FileStamp>| {
            let same = match (before, after) {
                (Some(one), Some(two)) => !one.fresh && one.state == two.state && one.size == two.size,
                _ => false,
            };
            (!same).then(|| Difference { path: path.clone(), before, after })
        };
        let new = later.files.iter().filter(|(path, _)| !self.files.contains_key(*path));
        let new = new.filter_map(|(path, stamp)| changed(path, None, Some(*stamp)));
        let known = self.files.iter();
        let known =
            known.filter_map(|(path, stamp)| changed(path, Some(*stamp), later.files.get(path).copied()));
        let mut all: Vec<Difference> = new.chain(known).collect();
        all.sort_by(|a, b| a.path.cmp(&b.path));
        all
    }
}

fn stock(roots: &[PathBuf], most: usize) -> Option<Stock> {
    let mut stock = Stock::default();
    let fresh = SystemTime::now().checked_sub(STEP).unwrap_or(SystemTime::UNIX_EPOCH);
    let mut complete = true;
    for root in outermost(roots) {
        stock.folders.insert(root.clone());
        look_through(root, &mut IgnoreRules::new(root), &mut |found| {
            match found {
                Found::Passes(_) => {}
                Found::Folder(path) => drop(stock.folders.insert(path.to_path_buf())),
                Found::File(entry, path) => {
                    if let Ok(metadata) = entry.metadata() {
                        stock.files.insert(path.to_path_buf(), stamp_of(&metadata, fresh));
                    }
                }
            }
            complete = stock.files.len() <= most;
            complete
        });
    }
    complete.then_some(stock)
}

fn stamp_of(metadata: &fs::Metadata, fresh: SystemTime) -> FileStamp {
    let times = [metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec()];
    FileStamp {
        state: ([metadata.dev(), metadata.ino()], times),
        size: metadata.len(),
        mode: metadata.permissions().mode() & 0o777,
        is_file: metadata.is_file(),
        fresh: changed_at(metadata) >= fresh,
    }
}

/// When anything of a file was last changed, its permissions and name included.
pub(crate) fn changed_at(metadata: &fs::Metadata) -> SystemTime {
    let seconds = Duration::from_secs(u64::try_from(metadata.ctime()).unwrap_or(0));
    let rest = Duration::from_nanos(u64::try_from(metadata.ctime_nsec()).unwrap_or(0));
    SystemTime::UNIX_EPOCH + seconds + rest
}

/// The folders that lie in no other.
pub fn outermost(roots: &[PathBuf]) -> Vec<&PathBuf> {
    let inner = |root: &PathBuf| roots.iter().any(|other| other != root && root.starts_with(other));
    roots.iter().filter(|root| !inner(root)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roots::Roots;
    use glossator_text::PositionEncoding;
    use std::sync::Arc;

    fn workspace(roots: Vec<PathBuf>) -> Workspace {
        let overlay = Arc::new(crate::overlay::Overlay::new(PositionEncoding::Utf8));
        Workspace::new(Arc::new(parking_lot::RwLock::new(Roots::new(roots))), overlay, None)
    }

    #[tokio::test]
    async fn two_stocks_tell_what_changed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for name in ["same", "touched", "longer", "gone", "sub/x", "ignored"] {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "text").unwrap();
        }
        fs::write(root.join(".gitignore"), "ignored\n").unwrap();
        std::thread::sleep(STEP * 2);
        // A folder within another is part of it.
        let workspace = workspace(vec![root.clone(), root.join("sub")]);
        let before = workspace.stock(100).await.unwrap();
        assert_eq!(before.files().count(), 6);
        assert!(before.has_folder(&root.join("sub")) && !before.has_folder(&root.join("made")));
        fs::write(root.join("longer"), "text text").unwrap();
        fs::write(root.join("ignored"), "other").unwrap();
        fs::remove_file(root.join("gone")).unwrap();
        fs::create_dir(root.join("made")).unwrap();
        fs::write(root.join("made/new"), "").unwrap();
        fs::set_permissions(root.join("touched"), fs::Permissions::from_mode(0o700)).unwrap();
        fs::rename(root.join("sub/x"), root.join("sub/y")).unwrap();
        let after = workspace.stock(100).await.unwrap();
        let shown = |one: &Difference| {
            let name = one.path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            (name, one.before.is_some(), one.after.is_some())
        };
        let shown: Vec<(String, bool, bool)> = before.differences(&after).iter().map(shown).collect();
        let expected = [
            ("gone", true, false),
            ("longer", true, true),
            ("made/new", false, true),
            ("sub/x", true, false),
            ("sub/y", false, true),
            ("touched", true, true),
        ];
        assert_eq!(shown, expected.map(|(name, before, after)| (name.to_owned(), before, after)));
        assert!(workspace.stock(5).await.is_none());
        // What was written a moment ago may change without a trace.
        assert_eq!(after.differences(&after).len(), 4);
    }
}
