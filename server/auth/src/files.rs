//! The door to the two files that keys may stand in: opened without following links where that matters, read with a limit,
//! replaced whole. Knows nothing of what stands in them.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // This is the door.

use secrecy::zeroize::Zeroizing;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long another process may hold the lock.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is looked whether the lock is free.
const PAUSE: Duration = Duration::from_millis(20);

/// Why a file cannot be used, for people: what is wrong and what to do. Never holds any of its content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FileError {
    message: String,
    /// Whether the file's own text is at fault, so that a new one may take its place.
    pub(crate) is_broken: bool,
}

impl FileError {
    /// `path` cannot be used as things are.
    pub(crate) fn new(path: &Path, message: &str) -> FileError {
        FileError { message: format!("{}: {message}", path.display()), is_broken: false }
    }

    /// The text of `path` cannot be understood.
    pub(crate) fn broken(path: &Path, message: &str) -> FileError {
        FileError { is_broken: true, ..FileError::new(path, message) }
    }

    fn io(path: &Path, what: &str, error: &Error) -> FileError {
        let todo =
            "Set the key in the environment instead, or name another folder with GLOSSATOR_CONFIG_DIR.";
        FileError::new(path, &format!("it cannot be {what} ({error}). {todo}"))
    }
}

/// Whether there is something at `path`.
pub fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// The text of a private file; `None` where there is none. Links, and files that others can read, are refused.
pub fn read_private(path: &Path, limit: u64) -> Result<Option<Zeroizing<String>>, FileError> {
    let file = match options(false).open(path) {
        Ok(file) => file,
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => {
            return Err(match path.is_symlink() {
                true => FileError::new(
                    path,
                    "it is a link, and keys are not read through one. Put the file itself there.",
                ),
                false => FileError::io(path, "read", &error),
            });
        }
    };
    let about = file.metadata().map_err(|error| FileError::io(path, "looked at", &error))?;
    if !about.is_file() {
        return Err(FileError::new(path, "it is no file. Move it away."));
    }
    if is_open_to_others(&about) {
        return Err(FileError::new(
            path,
            "other users may read or write it, so it is not used. Run `chmod 600` on it; if others may have read it, make \
             new keys at the providers.",
        ));
    }
    read(file, about.len(), limit)
        .map_err(|error| match error.kind() {
            ErrorKind::InvalidData => FileError::broken(path, "it is no text, or far too long."),
            _ => FileError::io(path, "read", &error),
        })
        .map(Some)
}

/// The text of any file; `None` where there is none that can be read.
pub fn read_any(path: &Path, limit: u64) -> Option<Zeroizing<String>> {
    let file = options(true).open(path).ok()?;
    let about = file.metadata().ok().filter(|about| about.is_file())?;
    read(file, about.len(), limit).ok()
}

fn read(file: File, length: u64, limit: u64) -> Result<Zeroizing<String>, Error> {
    // Room for all of it at once, so that no copies are left behind.
    let room = usize::try_from(length.min(limit)).unwrap_or_default() + 64;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(ErrorKind::InvalidData.into());
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| Error::from(ErrorKind::InvalidData))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Holds the lock of a private file as long as it lives; its folder is there.
pub struct Locked {
    _lock: File,
}

/// Takes the lock of the private file `path`, making its folder where there is none.
pub fn lock(path: &Path) -> Result<Locked, FileError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    private_folder(folder)?;
    let place = path.with_extension("lock");
    let mut options = options(false);
    options.write(true).create(true).truncate(false);
    let file = options.open(&place).map_err(|error| FileError::io(&place, "written", &error))?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Locked { _lock: file }),
            Err(TryLockError::WouldBlock) if began.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                return Err(FileError::new(
                    path,
                    "another process is writing it and does not end. Try again.",
                ));
            }
            // A file system without locks: the file is still replaced whole.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                return Ok(Locked { _lock: file });
            }
            Err(TryLockError::Error(error)) => return Err(FileError::io(&place, "locked", &error)),
        }
    }
}

fn private_folder(folder: &Path) -> Result<(), FileError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| FileError::io(folder, "made", &error))?;
    let about = folder.metadata().map_err(|error| FileError::io(folder, "looked at", &error))?;
    match may_be_anothers(&about) {
        true => Err(FileError::new(
            folder,
            "this folder belongs to another user, or everybody may write in it: no key is stored there. Name another \
             folder with GLOSSATOR_CONFIG_DIR, or set the key in the environment.",
        )),
        false => Ok(()),
    }
}

/// Puts `bytes` in the place of the private file `path`, whole and to the disk. Its lock is held.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let part = path.with_extension("json.part");
    let write = || -> Result<(), Error> {
        // One that was left behind, or put there.
        match std::fs::remove_file(&part) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = options(false);
        let mut file = options.write(true).create_new(true).open(&part)?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        let renamed = written.and_then(|()| std::fs::rename(&part, path));
        if renamed.is_err() {
            // What is half written is no use to anybody.
            let _ = std::fs::remove_file(&part);
        }
        renamed
    };
    write().map_err(|error| FileError::io(path, "written", &error))
}

/// Removes a file that may be gone already.
pub fn remove(path: &Path) -> Result<(), FileError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(FileError::io(path, "removed", &error)),
        _ => Ok(()),
    }
}

/// Moves a file aside, under a name that is free; gives that.
pub fn put_aside(path: &Path) -> Result<PathBuf, FileError> {
    let mut names = (1..).map(|number| path.with_extension(format!("broken-{number}.json")));
    let aside = names.find(|path| path.symlink_metadata().is_err()).unwrap_or_default();
    std::fs::rename(path, &aside).map_err(|error| FileError::io(path, "moved aside", &error))?;
    Ok(aside)
}

fn is_absent(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// To read; what is made is ours alone. Never waits for the other end of a pipe.
fn options(follow: bool) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        let flags = if follow { OFlags::NONBLOCK } else { OFlags::NONBLOCK | OFlags::NOFOLLOW };
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    #[cfg(not(unix))]
    let _ = follow;
    options
}

#[cfg(unix)]
fn is_open_to_others(about: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(about) & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_: &std::fs::Metadata) -> bool {
    false
}

/// Whether somebody else could have made the folder or its files.
#[cfg(unix)]
fn may_be_anothers(about: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (owner, us) = (about.uid(), rustix::process::getuid().as_raw());
    about.mode() & 0o002 != 0 || (us != 0 && owner != us && owner != 0)
}

#[cfg(not(unix))]
fn may_be_anothers(_: &std::fs::Metadata) -> bool {
    false
}
