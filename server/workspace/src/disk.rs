//! Single steps on the disk: whole reads with a limit, whole writes by temporary file and rename, folders, removal.
//! Never truncates an existing file; knows nothing of buffers or change sets. Everything here blocks.

use crate::read_error::ReadError;
use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

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

/// Makes the missing folders above `path`; gives those that were made, outermost first. On failure none is left.
pub(crate) fn make_parents(path: &Path) -> io::Result<Vec<PathBuf>> {
    let above = path.ancestors().skip(1);
    let missing: Vec<&Path> = above.take_while(|folder| !exists(folder)).collect();
    let mut made = Vec::new();
    for folder in missing.into_iter().rev() {
        if let Err(error) = fs::create_dir(folder) {
            remove_folders(&made);
            return Err(error);
        }
        made.push(folder.to_path_buf());
    }
    Ok(made)
}

/// Removes folders that [`make_parents`] made, innermost first, as far as they are empty.
pub(crate) fn remove_folders(made: &[PathBuf]) {
    for folder in made.iter().rev() {
        if fs::remove_dir(folder).is_err() {
            return;
        }
    }
}

/// Writes a new file; fails if anything stands at `path`. It gets `like`'s permissions, or those usual for new files.
pub(crate) fn create(path: &Path, bytes: &[u8], like: Option<&Metadata>) -> io::Result<()> {
    let file = written_beside(path, bytes, like)?;
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
    let file = written_beside(path, bytes, Some(&old))?;
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
    create(to, &fs::read(from)?, Some(&metadata))?;
    fs::remove_file(from).inspect_err(|_| {
        let _ = fs::remove_file(to);
    })
}

/// A temporary file in the folder of `path` with the whole content, on disk, permissions set. Gone if it is dropped.
fn written_beside(path: &Path, bytes: &[u8], like: Option<&Metadata>) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".glossator-").suffix(".tmp");
    if like.is_none() {
        builder.permissions(usual_permissions());
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    if let Some(like) = like {
        keep_owner(file.as_file(), like);
        file.as_file().set_permissions(like.permissions())?;
    }
    file.as_file().sync_all()?;
    Ok(file)
}

/// What a new file gets; the umask takes its part off.
fn usual_permissions() -> Permissions {
    use std::os::unix::fs::PermissionsExt;
    Permissions::from_mode(0o666)
}

/// Best effort: only the superuser may give a file away, and others have no need to.
fn keep_owner(file: &File, like: &Metadata) {
    use std::os::unix::fs::MetadataExt;
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
