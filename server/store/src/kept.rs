//! Long texts kept beside a session's log: one file each, `kept/K<n>` in the session's folder, written once and never
//! changed. Never decides what is worth keeping.

use crate::StoreError;
use crate::folder::{make_private, private_file, step, sync_folder};
use glossator_session::FileKey;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The longest text that is kept, in bytes.
pub const KEPT_BYTES: u64 = 16 << 20;

const FOLDER: &str = "kept";

/// The kept texts of one session whose log this process writes. Copies count on together.
#[derive(Debug, Clone)]
pub struct KeptTexts {
    folder: PathBuf,
    /// The last number that was given away.
    last: Arc<AtomicU64>,
}

impl KeptTexts {
    /// Those of the session in `session`; nothing is made before the first text.
    pub(crate) fn of(session: &Path) -> KeptTexts {
        let folder = session.join(FOLDER);
        let names = fs::read_dir(&folder).into_iter().flatten().flatten();
        let numbers = names.filter_map(|entry| number(&entry.file_name().to_string_lossy()));
        let last = Arc::new(AtomicU64::new(numbers.max().unwrap_or(0)));
        KeptTexts { folder, last }
    }

    /// Makes sure that `key` is not given away again, though its file may be gone.
    pub fn reserve(&self, key: &FileKey) {
        if let Some(number) = number(&key.0) {
            self.last.fetch_max(number, Ordering::Relaxed);
        }
    }

    /// Keeps `text` under a key of its own; it is on the disk when this returns.
    ///
    /// # Errors
    /// A text over [`KEPT_BYTES`], and whatever the disk says; nothing is left behind then.
    pub fn keep(&self, text: &str) -> Result<FileKey, StoreError> {
        let length = text.len() as u64;
        if length > KEPT_BYTES {
            return Err(StoreError::TooLong { bytes: length, most: KEPT_BYTES });
        }
        make_private(&self.folder, true)?;
        loop {
            let key = FileKey(format!("K{}", self.last.fetch_add(1, Ordering::Relaxed) + 1));
            match write_new(&self.folder.join(&key.0), text) {
                Ok(()) => {
                    sync_folder(&self.folder);
                    return Ok(key);
                }
                // Left behind by a process that died: its number is used up.
                Err(StoreError::Io { source, .. }) if source.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Keeps `text` under `key`, which nothing is kept under yet.
    pub(crate) fn put(&self, key: &FileKey, text: &str) -> Result<(), StoreError> {
        let length = text.len() as u64;
        if length > KEPT_BYTES {
            return Err(StoreError::TooLong { bytes: length, most: KEPT_BYTES });
        }
        if number(&key.0).is_none() {
            return Err(StoreError::NoText { key: key.0.clone() });
        }
        make_private(&self.folder, true)?;
        write_new(&self.folder.join(&key.0), text)?;
        sync_folder(&self.folder);
        Ok(())
    }

    /// The keys under which texts are kept, in the order in which they were given away.
    pub(crate) fn keys(&self) -> Vec<FileKey> {
        let names = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let numbers = names.filter_map(|entry| number(&entry.file_name().to_string_lossy()));
        let mut numbers: Vec<u64> = numbers.collect();
        numbers.sort_unstable();
        numbers.into_iter().map(|number| FileKey(format!("K{number}"))).collect()
    }

    /// The text kept under `key`.
    ///
    /// # Errors
    /// A key that is none, one that names nothing, and whatever the disk says.
    pub fn read(&self, key: &FileKey) -> Result<String, StoreError> {
        let unknown = || StoreError::NoText { key: key.0.chars().take(80).collect() };
        number(&key.0).ok_or_else(unknown)?;
        let path = self.folder.join(&key.0);
        let file = match private_file().read(true).open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(unknown()),
            other => other.map_err(StoreError::io("read", &path))?,
        };
        let refuse = |why: &str| StoreError::Damaged { path: path.clone(), why: why.to_owned() };
        if !file.metadata().is_ok_and(|meta| meta.is_file()) {
            return Err(refuse("it is not a file"));
        }
        let mut bytes = Vec::new();
        file.take(KEPT_BYTES + 1).read_to_end(&mut bytes).map_err(StoreError::io("read", &path))?;
        if bytes.len() as u64 > KEPT_BYTES {
            return Err(refuse("it is longer than any text that is kept"));
        }
        String::from_utf8(bytes).map_err(|_| refuse("it is not UTF-8"))
    }
}

/// The number of a key: `K` and digits that say it in one way only.
fn number(key: &str) -> Option<u64> {
    let digits = key.strip_prefix('K')?;
    let plain = digits.len() <= 12 && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// Writes a file that must not be there yet, whole or not at all.
fn write_new(path: &Path, text: &str) -> Result<(), StoreError> {
    let opened = step().and_then(|()| private_file().write(true).create_new(true).open(path));
    let mut file = opened.map_err(StoreError::io("write", path))?;
    step().and_then(|()| file.write_all(text.as_bytes())).and_then(|()| file.sync_data()).map_err(|error| {
        // Half a text must not be read as a whole one.
        let _ = fs::remove_file(path);
        StoreError::io("write", path)(error)
    })
}
