//! Single steps on the disk: whole reads with a limit, whole writes by temporary file and rename, folders, removal.
//! Never truncates an existing file; knows nothing of buffers or change sets. Everything here blocks.

use crate::likeness::Likeness;
use crate::read_error::ReadError;
#[cfg(test)]
use crate::tests::faults::effect;
use rustix::fs::{Access, CWD, FlockOperation, RenameFlags, access, flock, renameat_with};
use rustix::io::Errno;
use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The permission bits of a mode that a change keeps: no set-user-id, set-group-id or sticky bit.
const MODE_BITS: u32 = 0o777;

/// How the name of a temporary file begins and ends; leftovers are found by it.
pub(crate) const TEMPORARY: (&str, &str) = (".glossator-", ".tmp");
/// Age at which a temporary file is a leftover of a process that was killed; writing one takes moments.
const LEFTOVER: Duration = Duration::from_secs(60);

/// How long another process that replaces a file beside is waited for: so often, so long.
const TURNS: u32 = 500;
const TURN: Duration = Duration::from_millis(1);

/// Every effect passes here before it happens, with what it is and where. Tests make it fail.
#[cfg(not(test))]
fn effect(_: &'static str, _: &Path) -> io::Result<()> {
    Ok(())
}

/// What tells one state of a file from another without reading it: device, inode, size, and when its content and anything
/// of it was last changed, in seconds and nanoseconds. File systems count time in steps of some milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp([u64; 3], [i64; 4]);

/// The coarsest step in which file systems count time.
const CLOCK_STEP: Duration = Duration::from_secs(2);

impl Stamp {
    /// When the content was last written, by the file system's clock.
    pub(crate) fn written(&self) -> SystemTime {
        since_epoch(self.1[0], self.1[1])
    }

    /// When anything of it was last changed, its name included.
    pub(crate) fn changed(&self) -> SystemTime {
        self.written().max(since_epoch(self.1[2], self.1[3]))
    }

    /// Whether a change from now on leaves another stamp for certain, however coarse the file system's clock is.
    pub(crate) fn is_settled(&self) -> bool {
        self.changed().elapsed().is_ok_and(|age| age > CLOCK_STEP)
    }
}

fn since_epoch(seconds: i64, nanoseconds: i64) -> SystemTime {
    let part = |time: i64| u64::try_from(time).unwrap_or(0);
    let after = Duration::from_secs(part(seconds)).saturating_add(Duration::from_nanos(part(nanoseconds)));
    SystemTime::UNIX_EPOCH.checked_add(after).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// The state of a file; none if it cannot be looked at.
pub(crate) fn stamp(path: &Path) -> Option<Stamp> {
    let now = fs::metadata(path).ok()?;
    let times = [now.mtime(), now.mtime_nsec(), now.ctime(), now.ctime_nsec()];
    Some(Stamp([now.dev(), now.ino(), now.size()], times))
}

/// Removes what killed processes of this user left in `folder` while they wrote. Best effort.
pub(crate) fn remove_leftovers(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|name| {
            name.len() > TEMPORARY.0.len() + TEMPORARY.1.len()
                && name.starts_with(TEMPORARY.0)
                && name.ends_with(TEMPORARY.1)
        });
        if ours && is_leftover(&entry) {
            let gone = fs::remove_file(entry.path());
            tracing::info!(path = %entry.path().display(), ok = gone.is_ok(), "a leftover temporary file is removed");
        }
    }
}

fn is_leftover(entry: &fs::DirEntry) -> bool {
    let Ok(metadata) = entry.metadata() else { return false };
    let old = metadata.modified().is_ok_and(|then| then.elapsed().is_ok_and(|age| age > LEFTOVER));
    old && !metadata.is_dir() && metadata.uid() == rustix::process::geteuid().as_raw()
}

/// Reads a regular file of at most `limit` bytes.
pub(crate) fn read_whole(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let name = || path.to_string_lossy().into_owned();
    let failed = |error: io::Error| ReadError::io(path, &error);
    let metadata = fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err(ReadError::Directory { path: name() });
    }
    // Opening a pipe would wait for its other end.
    if !metadata.is_file() {
        return Err(ReadError::Special { path: name() });
    }
    if metadata.len() > limit {
        return Err(ReadError::TooLarge { path: name(), size: metadata.len(), limit });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    // Files of /proc have no length, and a file may grow while it is read.
    File::open(path).map_err(failed)?.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge { path: name(), size: bytes.len() as u64, limit });
    }
    Ok(bytes)
}

/// Whether anything stands at `path`, a dangling link included.
pub(crate) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Who may do what with a file, and whose it is.
pub(crate) fn metadata(path: &Path) -> io::Result<Metadata> {
    fs::metadata(path)
}

/// The folders above `path` that do not exist, outermost first.
pub(crate) fn missing_parents(path: &Path) -> Vec<PathBuf> {
    let above = path.ancestors().skip(1);
    let mut missing: Vec<PathBuf> =
        above.take_while(|folder| !exists(folder)).map(Path::to_path_buf).collect();
    missing.reverse();
    missing
}

/// Makes the missing folders above `path`; gives those that were made, outermost first. On failure none is left, or the
/// error says which.
pub(crate) fn make_parents(path: &Path) -> Result<Vec<PathBuf>, MakeError> {
    let missing = missing_parents(path);
    for (made, folder) in missing.iter().enumerate() {
        if let Err(error) = effect("make a folder", folder).and_then(|()| fs::create_dir(folder)) {
            let left = remove_folders(&missing[..made]).err();
            return Err(MakeError { error, left });
        }
    }
    Ok(missing)
}

/// Why folders could not be made, and which one is left of them.
#[derive(Debug)]
pub(crate) struct MakeError {
    pub(crate) error: io::Error,
    pub(crate) left: Option<String>,
}

/// Removes folders that [`make_parents`] made, innermost first, as far as they are empty. `Err` names one that is empty
/// and yet stays.
pub(crate) fn remove_folders(made: &[PathBuf]) -> Result<(), String> {
    for folder in made.iter().rev() {
        match effect("remove a folder", folder).and_then(|()| fs::remove_dir(folder)) {
            Ok(()) => {}
            // Another file of the same change took it along.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => return Ok(()),
            Err(error) => {
                return Err(format!(
                    "the folder {}, which was made for it, could not be removed: {error}",
                    folder.display()
                ));
            }
        }
    }
    Ok(())
}

/// Who may do what with a file that is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rights<'a> {
    /// What is usual for new files; the umask takes its part off.
    Usual,
    /// These Unix permission bits; those above `0o777` do not count, so that nothing gains its owner's rights.
    Mode(u32),
    /// What another file has.
    Like(&'a Likeness),
}

/// The Unix permission bits of a file, as [`Rights::Mode`] takes them.
pub(crate) fn mode(path: &Path) -> io::Result<u32> {
    Ok(fs::metadata(path)?.permissions().mode() & MODE_BITS)
}

/// Writes a new file; fails if anything stands at `path`.
pub(crate) fn create(path: &Path, bytes: &[u8], rights: Rights<'_>) -> io::Result<()> {
    let file = written_beside(path, bytes, rights)?;
    effect("give the new file its name", path)?;
    file.persist_noclobber(path).map_err(|failed| failed.error)?;
    sync_folder(path);
    Ok(())
}

/// Writes an existing file anew, keeping its permissions and, where allowed, its owner. The old content stands until the
/// new one is whole on disk. Writes nothing and gives `false` if the file does not hold the bytes `was` any more.
pub(crate) fn replace(path: &Path, was: &[u8], bytes: &[u8]) -> io::Result<bool> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::other("it is no longer a regular file"));
    }
    let file = written_beside(path, bytes, Rights::Like(&Likeness::of(path)?))?;
    effect("put the new content in place", path)?;
    let _turn = take_turn(path);
    // Writing took its time; somebody else may have written meanwhile.
    if !holds(path, was)? {
        return Ok(false);
    }
    file.persist(path).map_err(|failed| failed.error)?;
    sync_folder(path);
    Ok(true)
}

/// Whether the file at `path` holds these bytes.
fn holds(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    Ok(fs::metadata(path)?.len() == bytes.len() as u64 && fs::read(path)? == bytes)
}

/// Lets other processes of this program, which may be about to replace the same file, come one after the other, as long as
/// what is given is held. A file system that knows no locks is no reason to fail, and nobody is waited for long.
fn take_turn(path: &Path) -> Option<File> {
    let folder = File::open(path.parent()?).ok()?;
    for _ in 0..TURNS {
        match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => std::thread::sleep(TURN),
            done => return done.ok().map(|()| folder),
        }
    }
    None
}

/// Moves a file; fails if anything stands at `to`. On failure it stands where it was, unless `to` exists and the error is
/// another one than that.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let renamed =
        effect("rename", from).and_then(|()| Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?));
    if let Err(error) = renamed {
        match Errno::from_io_error(&error) {
            // File systems that cannot tell whether something stands there.
            Some(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => link_and_remove(from, to)?,
            Some(Errno::XDEV) => copy_and_remove(from, to)?,
            _ => return Err(error),
        }
    }
    sync_folder(to);
    sync_folder(from);
    Ok(())
}

fn link_and_remove(from: &Path, to: &Path) -> io::Result<()> {
    // A link fails where the target exists, a rename would replace it.
    match effect("link", from).and_then(|()| fs::hard_link(from, to)) {
        Ok(()) => remove_or_give_up(from, to),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => copy_and_remove(from, to),
    }
}

fn copy_and_remove(from: &Path, to: &Path) -> io::Result<()> {
    create(to, &fs::read(from)?, Rights::Like(&Likeness::of(from)?))?;
    remove_or_give_up(from, to)
}

/// Writes a new file at `to` as what becomes of the one at `from`, with its permissions and owner, and removes that one.
/// Changes nothing and gives `false` if it does not hold the bytes `was` any more. Fails as [`rename`] does.
pub(crate) fn replace_and_move(from: &Path, to: &Path, (was, bytes): (&[u8], &[u8])) -> io::Result<bool> {
    create(to, bytes, Rights::Like(&Likeness::of(from)?))?;
    let give_up = || effect("remove", to).and_then(|()| fs::remove_file(to));
    match remove(from, was) {
        Ok(true) => Ok(true),
        Ok(false) => give_up().map(|()| false),
        Err(error) => {
            // If not even that works the caller finds both.
            let _ = give_up();
            Err(error)
        }
    }
}

/// Removes `from`, or if that fails `to`, so that one of them is left.
fn remove_or_give_up(from: &Path, to: &Path) -> io::Result<()> {
    effect("remove", from).and_then(|()| fs::remove_file(from)).inspect_err(|_| {
        // If not even that works the caller finds both.
        let _ = effect("remove", to).and_then(|()| fs::remove_file(to));
    })
}

/// Removes a file. Changes nothing and gives `false` if it does not hold the bytes `was` any more.
pub(crate) fn remove(path: &Path, was: &[u8]) -> io::Result<bool> {
    effect("remove", path)?;
    let _turn = take_turn(path);
    if !holds(path, was)? {
        return Ok(false);
    }
    fs::remove_file(path)?;
    sync_folder(path);
    Ok(true)
}

/// Why a file in the folder of `path` could not be written, if that can be told before. Looks at the nearest folder that
/// exists.
pub(crate) fn cannot_write_beside(path: &Path) -> Option<String> {
    let folder = path.ancestors().skip(1).find(|folder| exists(folder))?;
    let metadata = match fs::metadata(folder) {
        Ok(metadata) => metadata,
        Err(error) => {
            return Some(format!("its folder {} cannot be looked at: {error}", folder.display()));
        }
    };
    if !metadata.is_dir() {
        return Some(format!("{} is not a folder", folder.display()));
    }
    let may_write = match access(folder, Access::WRITE_OK | Access::EXEC_OK) {
        Ok(()) if metadata.permissions().readonly() => Err(Errno::ACCESS),
        other => other,
    };
    may_write.err().map(|why| not_writable(folder, why))
}

fn not_writable(folder: &Path, why: Errno) -> String {
    let folder = folder.display();
    match why {
        Errno::ROFS => format!("the disk is mounted read-only at {folder}; nothing there can be changed"),
        _ => format!("the folder {folder} is not writable; change its permissions first"),
    }
}

/// A temporary file in the folder of `path` with the whole content, on disk, permissions set. Gone if it is dropped.
fn written_beside(path: &Path, bytes: &[u8], rights: Rights<'_>) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY.0).suffix(TEMPORARY.1);
    // Without this it is its owner's alone until its content is whole.
    if let Rights::Usual = rights {
        builder.permissions(Permissions::from_mode(0o666));
    }
    effect("make a temporary file", path)?;
    let mut file = builder.tempfile_in(folder)?;
    effect("write", path)?;
    file.write_all(bytes)?;
    effect("set permissions", path)?;
    match rights {
        Rights::Usual => {}
        Rights::Mode(mode) => file.as_file().set_permissions(Permissions::from_mode(mode & MODE_BITS))?,
        Rights::Like(like) => like.give(file.as_file())?,
    }
    effect("sync", path)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Makes a rename durable; a file system that cannot is no reason to fail.
fn sync_folder(path: &Path) {
    if let Some(Ok(folder)) = path.parent().map(File::open) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_is_read_only_is_no_matter_of_permissions() {
        let check = |why, words: &str, absent: &str| {
            let said = not_writable(Path::new("/w/src"), why);
            assert!(said.contains(words) && said.contains("/w/src") && !said.contains(absent), "{said}");
        };
        check(Errno::ROFS, "the disk is mounted read-only", "permissions");
        check(Errno::ACCESS, "not writable; change its permissions", "mounted");
        check(Errno::PERM, "not writable", "mounted");
    }
}
