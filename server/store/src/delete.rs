//! Deleting sessions, and the blobs that nobody refers to any more. Nothing here is ever done unasked.

use crate::blobs::names_in;
use crate::chain::LOG;
use crate::export::PART;
use crate::folder::{check_id, exists, private_file, rename, step, sync_folder};
use crate::lock::{Lock, Tidy};
use crate::{Store, StoreError, checkpoint};
use glossator_session::SessionId;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How the folder of a deleted session is called until all of it is gone; no session is.
const GONE: &str = ".deleted-";
/// Age from which on a half written file is nobody's any more.
const HALF_AGE: Duration = Duration::from_hours(1);
/// Age from which on a session without a log has nobody who makes it.
const UNBORN_AGE: Duration = Duration::from_mins(10);
/// What stands in a session's folder before its log does.
const BEFORE_A_LOG: &[&str] = &["lock", "kept", "checkpoint.json"];
/// What people are shown of a session, made anew whenever it is.
const SHOWN: &str = "chat";
/// What they write in; what is written there is theirs.
const WRITTEN: &str = "prompt.md";
/// Bytes of one in which nothing but our own lines stands.
const MOST_WRITTEN: u64 = 4 << 10;
/// Bytes of a log that are searched at once.
const CHUNK: usize = 1 << 20;
/// Bytes of the longest reference, more or less.
const OVERLAP: usize = 128;

/// What a deletion freed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Deleted {
    /// Blobs that nobody referred to any more.
    pub blobs: u64,
    /// Bytes freed, blobs included.
    pub bytes: u64,
}

impl Store {
    /// Deletes a session with its kept texts, and the blobs that no other session of the workspace refers to. Forks of it
    /// are made whole first.
    ///
    /// # Errors
    /// A session that is being written, here or elsewhere, one that a fork which is being written goes on from, and
    /// whatever the disk says. The session is then still there, or gone but for blobs that [`Store::collect`] finds.
    pub fn delete(&self, id: &SessionId) -> Result<Deleted, StoreError> {
        let folder = self.sessions().join(check_id(id)?);
        if !exists(&folder) {
            return Err(StoreError::Missing { session: id.0.clone() });
        }
        let lock = Lock::take(&folder, &id.0)?;
        let mut wanted = HashSet::new();
        let log = folder.join(LOG);
        if exists(&log) {
            search(&log, 0, |hash| {
                wanted.insert(hash.to_owned());
            })
            .map_err(StoreError::io("read", &log))?;
        }
        let mut marks = Marks { left: wanted, searched: HashMap::new() };
        // Most is found, or not, while everybody goes on; only what is new since then is looked at alone.
        marks.search(self, Some(id));
        let _alone = Tidy::alone(self.folder())?;
        let held = self.hold_forks(id)?;
        for (fork, _held) in &held {
            marks.searched.remove(&self.sessions().join(&fork.0).join(LOG));
            self.make_whole(fork, id)?;
        }
        if !held.is_empty() {
            self.forget_places(id, &held)?;
        }
        let gone = self.sessions().join(format!("{GONE}{}", id.0));
        let _ = fs::remove_dir_all(&gone);
        rename(&folder, &gone)?;
        sync_folder(&self.sessions());
        drop((lock, held));
        let mut deleted = Deleted { blobs: 0, bytes: size(&gone) };
        let removed = step().and_then(|()| fs::remove_dir_all(&gone));
        marks.search(self, None);
        let blobs = self.remove_blobs(marks.left.iter().map(|hash| self.blobs().path(hash)));
        deleted.blobs = blobs.blobs;
        deleted.bytes += blobs.bytes;
        removed.map_err(StoreError::io("delete", &gone)).map(|()| deleted)
    }

    /// Deletes the blobs that no session refers to, and what deletions that were cut short left behind.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn collect(&self) -> Result<Deleted, StoreError> {
        if !exists(self.folder()) {
            return Ok(Deleted::default());
        }
        let mut marks = Marks { left: self.all_blobs().into_keys().collect(), searched: HashMap::new() };
        marks.search(self, None);
        let _alone = Tidy::alone(self.folder())?;
        let mut deleted = Deleted::default();
        for entry in fs::read_dir(self.sessions()).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(GONE) {
                deleted.bytes += size(&entry.path());
                let removed = step().and_then(|()| fs::remove_dir_all(entry.path()));
                removed.map_err(StoreError::io("delete", &entry.path()))?;
            }
        }
        for id in self.session_ids() {
            let folder = self.sessions().join(&id.0);
            // Nobody imports at this moment: this one was cut short.
            if exists(&folder.join(PART)) && !exists(&folder.join(LOG)) {
                deleted.bytes += size(&folder);
                let removed = step().and_then(|()| fs::remove_dir_all(&folder));
                removed.map_err(StoreError::io("delete", &folder))?;
            }
        }
        deleted.bytes += self.remove_unborn();
        deleted.bytes += self.remove_halves();
        marks.search(self, None);
        let all = self.all_blobs();
        let blobs = self.remove_blobs(marks.left.iter().filter_map(|name| all.get(name)).cloned());
        Ok(Deleted { blobs: blobs.blobs, bytes: deleted.bytes + blobs.bytes })
    }

    /// Removes the folders of sessions whose maker was killed before their log was there; gives their bytes. One that holds
    /// anything of the user's, that is locked or that is new is left alone.
    pub(crate) fn remove_unborn(&self) -> u64 {
        let mut bytes = 0;
        for id in self.session_ids() {
            let folder = self.sessions().join(&id.0);
            if !is_unborn(&folder) {
                continue;
            }
            let Ok(_lock) = Lock::take(&folder, &id.0) else { continue };
            if exists(&folder.join(LOG)) {
                continue;
            }
            let freed = size(&folder);
            match step().and_then(|()| fs::remove_dir_all(&folder)) {
                Ok(()) => bytes += freed,
                Err(error) => {
                    tracing::warn!(path = %folder.display(), %error, "an empty session was not deleted");
                }
            }
        }
        bytes
    }

    /// Removes files of sessions that were half written when their process died, an hour ago or earlier; gives their bytes.
    fn remove_halves(&self) -> u64 {
        let folders = self.session_ids().into_iter().map(|id| self.sessions().join(id.0));
        let files = folders.flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
        let halves = files.filter(|file| {
            let changed = file.metadata().and_then(|meta| meta.modified());
            let is_old = changed.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > HALF_AGE));
            is_old && file.file_name().to_string_lossy().contains(".part-")
        });
        self.remove_blobs(halves.map(|file| file.path())).bytes
    }

    /// Takes the locks of all forks of `id`.
    fn hold_forks(&self, id: &SessionId) -> Result<Vec<(SessionId, Lock)>, StoreError> {
        let mut held = Vec::new();
        for (fork, _) in self.forks_of(id) {
            let lock = Lock::take(&self.sessions().join(&fork.0), &fork.0).map_err(|error| match error {
                StoreError::Busy { session, owner } => StoreError::Refused(format!(
                    "session {id} cannot be deleted now: session {session} goes on from it and is being written by {owner}. \
                     Close that one and try again; nothing was deleted"
                )),
                other => other,
            })?;
            held.push((fork, lock));
        }
        Ok(held)
    }

    /// Forgets the checkpoints of forks of forks that end in a log which goes or was made whole.
    fn forget_places(&self, gone: &SessionId, whole: &[(SessionId, Lock)]) -> Result<(), StoreError> {
        for id in self.session_ids() {
            let folder = self.sessions().join(&id.0);
            let moved =
                |one: &SessionId| *one != id && (one == gone || whole.iter().any(|(fork, _)| fork == one));
            if checkpoint::ends_in(&folder).is_some_and(|session| moved(&session)) {
                checkpoint::forget(&folder)?;
            }
        }
        Ok(())
    }

    /// All files among the blobs by their name, halves of blobs too.
    fn all_blobs(&self) -> HashMap<String, PathBuf> {
        let folders = fs::read_dir(self.blobs().folder()).into_iter().flatten().flatten();
        let files = folders.flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten().flatten());
        files.map(|file| (file.file_name().to_string_lossy().into_owned(), file.path())).collect()
    }

    /// Removes these; one that cannot be removed is found the next time.
    fn remove_blobs(&self, paths: impl Iterator<Item = PathBuf>) -> Deleted {
        let mut deleted = Deleted::default();
        for path in paths {
            let Ok(meta) = fs::symlink_metadata(&path) else { continue };
            match step().and_then(|()| fs::remove_file(&path)) {
                Ok(()) => {
                    deleted.blobs += 1;
                    deleted.bytes += meta.len();
                }
                Err(error) => tracing::warn!(path = %path.display(), %error, "a blob was not deleted"),
            }
        }
        deleted
    }
}

/// Blobs that nobody was found to refer to, and how far each log was searched for them.
struct Marks {
    left: HashSet<String>,
    searched: HashMap<PathBuf, u64>,
}

impl Marks {
    /// Searches what of the logs was not searched yet, but for that of `but`. A log that cannot be read may refer to
    /// anything.
    fn search(&mut self, store: &Store, but: Option<&SessionId>) {
        for id in store.session_ids().into_iter().filter(|id| Some(id) != but) {
            if self.left.is_empty() {
                return;
            }
            let log = store.sessions().join(&id.0).join(LOG);
            let from = self.searched.get(&log).copied().unwrap_or(0);
            // A log that is shorter than it was is another one.
            let from = if log_len(&log) < from { 0 } else { from };
            let left = &mut self.left;
            match search(&log, from, |hash| {
                left.remove(hash);
            }) {
                Ok(end) => drop(self.searched.insert(log, end)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    tracing::warn!(path = %log.display(), %error, "no blob is deleted while this log cannot be read");
                    self.left.clear();
                }
            }
        }
    }
}

/// Whether a folder holds nothing but what is made before a log is, and has been so for a while.
fn is_unborn(folder: &Path) -> bool {
    if exists(&folder.join(LOG)) {
        return false;
    }
    let changed = fs::symlink_metadata(folder).and_then(|meta| meta.modified());
    let is_old = changed.is_ok_and(|at| at.elapsed().is_ok_and(|age| age >= UNBORN_AGE));
    let is_ours = |entry: io::Result<fs::DirEntry>| {
        let name = entry.map(|entry| entry.file_name().to_string_lossy().into_owned()).unwrap_or_default();
        BEFORE_A_LOG.contains(&name.as_str())
            || name.contains(".part-")
            || (name.starts_with(SHOWN) && name.ends_with(".md"))
            || (name == WRITTEN && holds_nothing(&folder.join(name)))
    };
    is_old && fs::read_dir(folder).is_ok_and(|mut entries| entries.all(is_ours))
}

/// Whether nobody has written anything in a document: every line of it is empty or a comment.
fn holds_nothing(path: &Path) -> bool {
    let is_short = fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() <= MOST_WRITTEN);
    let is_empty = |line: &str| line.is_empty() || (line.starts_with("<!--") && line.ends_with("-->"));
    is_short && fs::read_to_string(path).is_ok_and(|text| text.lines().map(str::trim).all(is_empty))
}

fn log_len(log: &Path) -> u64 {
    fs::symlink_metadata(log).map_or(0, |meta| meta.len())
}

/// Calls `each` with every blob that a log names from the byte `from` on; gives where the next search begins.
fn search(log: &Path, from: u64, mut each: impl FnMut(&str)) -> io::Result<u64> {
    let mut file = private_file().read(true).open(log)?;
    let mut at = from.saturating_sub(OVERLAP as u64);
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::with_capacity(CHUNK + OVERLAP);
    loop {
        let read = (&mut file).take(CHUNK as u64).read_to_end(&mut bytes)?;
        at += read as u64;
        names_in(&bytes, &mut each);
        if read == 0 {
            return Ok(at);
        }
        // A name may stand across the end.
        bytes.drain(..bytes.len().saturating_sub(OVERLAP));
    }
}

/// Bytes of the files in a folder and below.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => size(&entry.path()),
        _ => fs::symlink_metadata(entry.path()).map_or(0, |meta| meta.len()),
    });
    sizes.sum()
}
