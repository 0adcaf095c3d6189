//! Single steps on the disk: whole reads with a limit, whole writes by temporary file and rename, folders, removal.
//! Never truncates an existing file; knows nothing of buffers or change sets. Everything here blocks.

use crate::read_error::ReadError;
use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The permission bits of a mode that a change keeps: no set-user-id, set-group-id or sticky bit.
const MODE_BITS: u32 = 0o777;

/// How the name of a temporary file begins and ends.
const TEMPORARY: (&str, &str) = (".glossator-", ".tmp");
/// Age at which a temporary file is a leftover of a process that was killed; writing one takes moments.
const LEFTOVER: Duration = Duration::from_secs(60);

/// What tells one state of a file from another without reading it: device, inode, size, and time of the last writing in
/// seconds and nanoseconds. File systems count time in steps of some milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp([u64; 3], [i64; 2]);

/// The state of a file; none if it cannot be looked at.
pub(crate) fn stamp(path: &Path) -> Option<Stamp> {
    let now = fs::metadata(path).ok()?;
    Some(Stamp([now.dev(), now.ino(), now.size()], [now.mtime(), now.mtime_nsec()]))
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
    old && metadata.is_file() && metadata.uid() == rustix::process::geteuid().as_raw()
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

/// Makes the missing folders above `path`; gives those that were made, outermost first. On failure none is left.
pub(crate) fn make_parents(path: &Path) -> io::Result<Vec<PathBuf>> {
    let missing = missing_parents(path);
    for (made, folder) in missing.iter().enumerate() {
        if let Err(error) = fs::create_dir(folder) {
            remove_folders(&missing[..made]);
            return Err(error);
        }
    }
    Ok(missing)
}

/// Removes folders that [`make_parents`] made, innermost first, as far as they are empty.
pub(crate) fn remove_folders(made: &[PathBuf]) {
    for folder in made.iter().rev() {
        if fs::remove_dir(folder).is_err() {
            return;
        }
    }
}

/// Who may do what with a file that is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rights<'a> {
    /// What is usual for new files; the umask takes its part off.
    Usual,
    /// These Unix permission bits; those above `0o777` do not count, so that nothing gains its owner's rights.
    Mode(u32),
    /// The permissions of another file and, where allowed, its owner.
    Like(&'a Metadata),
}

/// The Unix permission bits of a file, as [`Rights::Mode`] takes them.
pub(crate) fn mode(path: &Path) -> io::Result<u32> {
    Ok(fs::metadata(path)?.permissions().mode() & MODE_BITS)
}

/// Writes a new file; fails if anything stands at `path`.
pub(crate) fn create(path: &Path, bytes: &[u8], rights: Rights<'_>) -> io::Result<()> {
    let file = written_beside(path, bytes, rights)?;
    file.persist_noclobber(path).map_err(|failed| failed.error)?;
    sync_folder(path);
    Ok(())
}

/// Writes an existing file anew, keeping its permissions and, where allowed, its owner. The old content stands until the
/// new one is whole on disk.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let old = fs::symlink_metadata(path)?;
    if !old.is_file() {
        return Err(io::Error::other("it is no longer a regular file"));
    }
    let file = written_beside(path, bytes, Rights::Like(&old))?;
    file.persist(path).map_err(|failed| failed.error)?;
    sync_folder(path);
    Ok(())
}

/// Moves a file; fails if anything stands at `to`.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    // A link fails where the target exists, a rename would replace it.
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from).inspect_err(|_| {
            // The first name stays, so the second goes; if not even that works, the caller reports the first failure.
            let _ = fs::remove_file(to);
        })?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
        Err(_) => copy_and_remove(from, to)?,
    }
    sync_folder(to);
    sync_folder(from);
    Ok(())
}

/// Removes a file.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    sync_folder(path);
    Ok(())
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
    if metadata.permissions().readonly() || !may_write(folder) {
        return Some(format!(
            "the folder {} is not writable; change its permissions first",
            folder.display()
        ));
    }
    None
}

fn may_write(folder: &Path) -> bool {
    use rustix::fs::{Access, access};
    access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

fn copy_and_remove(from: &Path, to: &Path) -> io::Result<()> {
    let metadata = fs::metadata(from)?;
    create(to, &fs::read(from)?, Rights::Like(&metadata))?;
    fs::remove_file(from).inspect_err(|_| {
        let _ = fs::remove_file(to);
    })
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
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    match rights {
        Rights::Usual => {}
        Rights::Mode(mode) => file.as_file().set_permissions(Permissions::from_mode(mode & MODE_BITS))?,
        Rights::Like(like) => {
            keep_owner(file.as_file(), like);
            file.as_file().set_permissions(like.permissions())?;
        }
    }
    file.as_file().sync_all()?;
    Ok(file)
}

/// Best effort: only the superuser may give a file away, and others have no need to.
fn keep_owner(file: &File, like: &Metadata) {
    let same = file.metadata().is_ok_and(|now| now.uid() == like.uid() && now.gid() == like.gid());
    if !same && let Err(error) = std::os::unix::fs::fchown(file, Some(like.uid()), Some(like.gid())) {
        tracing::debug!(%error, "the owner of a file could not be kept");
    }
}

/// Makes a rename durable; a file system that cannot is no reason to fail.
fn sync_folder(path: &Path) {
    if let Some(Ok(folder)) = path.parent().map(File::open) {
        let _ = folder.sync_all();
    }
}
