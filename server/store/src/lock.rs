//! Locks between processes. One writer per session: a file lock held as long as the log is open, with its owner's process
//! id in the file. One for the whole workspace, so that nothing is tidied away that somebody is about to refer to.
//! The system lets go of a lock when its process dies, so that a stale one cannot be left behind.

use crate::{StoreError, folder};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a held lock is tried again. A process that was killed in the middle of starting another leaves its lock to
/// that one until it runs a program of its own, for some milliseconds.
const PATIENCE: Duration = Duration::from_millis(200);
const PAUSE: Duration = Duration::from_millis(5);

/// The held lock of a session; dropping it lets go.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock of the session in `folder`, or says who has it.
    pub fn take(folder: &Path, session: &str) -> Result<Lock, StoreError> {
        let path = folder.join("lock");
        let mut file = open(&path)?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => {
                    // The id is for people only, so failing to write it (a full disk) does no harm.
                    let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
                    return Ok(Lock { file });
                }
                Err(TryLockError::WouldBlock) if started.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    return Err(StoreError::Busy { session: session.to_owned(), owner: owner(&mut file) });
                }
                Err(TryLockError::Error(error)) => return Err(StoreError::io("lock", &path)(error)),
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing it is not enough while a process that is just being started has it open as well.
        let _ = self.file.unlock();
    }
}

fn open(path: &Path) -> Result<File, StoreError> {
    let mut options = folder::private_file();
    options.read(true).write(true).create(true).truncate(false);
    options.open(path).map_err(StoreError::io("open", path))
}

fn owner(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.take(20).read_to_string(&mut text));
    match (read, text.trim().parse::<u32>()) {
        (Ok(_), Ok(pid)) if pid == std::process::id() => "this process".to_owned(),
        (Ok(_), Ok(pid)) => format!("process {pid}"),
        _ => "another process".to_owned(),
    }
}

/// The lock of a workspace's state, `tidy.lock`; dropping it lets go. Held only while one thing is done.
#[derive(Debug)]
pub(crate) struct Tidy {
    file: File,
}

impl Tidy {
    /// For whoever puts a blob and the line that names it, or forks a session: others may do the same meanwhile.
    pub fn shared(workspace: &Path) -> Result<Tidy, StoreError> {
        Tidy::held(&workspace.join("tidy.lock"), File::lock_shared)
    }

    /// For whoever deletes sessions or blobs, or moves them: nobody does any of it meanwhile.
    pub fn alone(workspace: &Path) -> Result<Tidy, StoreError> {
        Tidy::held(&workspace.join("tidy.lock"), File::lock)
    }

    /// For whoever reads and writes one file of the workspace, with a lock file `name` of its own: nobody else does.
    pub fn of(workspace: &Path, name: &str) -> Result<Tidy, StoreError> {
        Tidy::held(&workspace.join(name), File::lock)
    }

    fn held(path: &Path, lock: impl Fn(&File) -> std::io::Result<()>) -> Result<Tidy, StoreError> {
        let file = open(path)?;
        lock(&file).map_err(StoreError::io("lock", path))?;
        Ok(Tidy { file })
    }
}

impl Drop for Tidy {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}
