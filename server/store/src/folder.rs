//! Folders of the state tree: made for their owner alone, never reached through a link that somebody else could set.

use crate::StoreError;
use glossator_session::SessionId;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The folder of one workspace below `state_dir`: a readable name and the hash of the canonical path.
pub(crate) fn workspace_folder(state_dir: &Path, workspace: &Path) -> PathBuf {
    let hash = blake3::hash(workspace.as_os_str().as_encoded_bytes()).to_hex();
    let name: String = workspace
        .file_name()
        .map(|name| name.to_string_lossy())
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '_' { c } else { '-' })
        .take(40)
        .collect();
    let name = name.trim_start_matches('.');
    let name = if name.is_empty() { "root" } else { name };
    state_dir.join("workspaces").join(format!("{name}-{}", &hash.as_str()[..16]))
}

/// Ids become folder names, and they come from outside.
pub(crate) fn check_id(id: &SessionId) -> Result<&str, StoreError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if id.0.is_empty() || id.0.len() > 64 || !id.0.chars().all(fits) {
        return Err(StoreError::BadId { session: id.0.chars().take(80).collect() });
    }
    Ok(&id.0)
}

/// Makes `path` and what is missing above it, open to the owner only, and checks that it is a folder of ours. One that
/// was there before keeps its mode unless it is `own`, a folder that only Glossator makes.
pub(crate) fn make_private(path: &Path, own: bool) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    if !path.is_dir() {
        step().and_then(|()| builder.create(path)).map_err(StoreError::io("create", path))?;
    }
    check_private(path, own)
}

/// Checks that an existing folder is a real folder (not a link) and ours; an `own` one is closed to others.
pub(crate) fn check_private(path: &Path, own: bool) -> Result<(), StoreError> {
    let meta = fs::symlink_metadata(path).map_err(StoreError::io("look at", path))?;
    let refuse = |why: String| StoreError::Unsafe { path: path.to_owned(), why };
    if meta.file_type().is_symlink() {
        return Err(refuse("it is a symbolic link".into()));
    }
    if !meta.is_dir() {
        return Err(refuse("it is not a folder".into()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let me = rustix::process::geteuid().as_raw();
        if meta.uid() != me {
            return Err(refuse(format!("it belongs to user {} and not to you ({me})", meta.uid())));
        }
        if own && meta.mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))
                .map_err(StoreError::io("close", path))?;
        }
    }
    Ok(())
}

/// Whether something could be written at `path`, or where it would be made. Changes nothing.
///
/// # Errors
/// Why not.
pub fn can_write(path: &Path) -> Result<(), StoreError> {
    let there = path.ancestors().find(|folder| exists(folder)).unwrap_or(path);
    #[cfg(unix)]
    {
        use rustix::fs::{Access, access};
        let allowed = access(there, Access::WRITE_OK | Access::EXEC_OK);
        allowed.map_err(|error| StoreError::io("write to", there)(error.into()))?;
    }
    check_private(path, false).or_else(|error| if exists(path) { Err(error) } else { Ok(()) })
}

/// Options for a file of the owner's alone, not opened through a link.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    options
}

/// Writes a small file whole, and to the disk: beside its place first, then renamed onto it.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    write_beside(path, true, |file| {
        use std::io::Write;
        file.write_all(bytes)
    })
}

/// Lets `write` fill a file beside `path`, brings it to the disk if `sync` says so, and renames it onto `path`. After an
/// error nothing has changed.
pub(crate) fn write_beside(
    path: &Path,
    sync: bool,
    write: impl FnOnce(&mut File) -> std::io::Result<()>,
) -> Result<(), StoreError> {
    // Several threads may write the same file: the last one wins, and none gets hold of another's part.
    static PARTS: AtomicU64 = AtomicU64::new(0);
    let number = PARTS.fetch_add(1, Ordering::Relaxed);
    let part = path.with_extension(format!("part-{}-{number}", std::process::id()));
    let all = || -> std::io::Result<()> {
        step()?;
        let mut file = private_file().write(true).create(true).truncate(true).open(&part)?;
        step()?;
        write(&mut file)?;
        if sync {
            step()?;
            file.sync_data()?;
        }
        step()?;
        fs::rename(&part, path)
    };
    all().map_err(|error| {
        let _ = fs::remove_file(&part);
        StoreError::io("write", path)(error)
    })
}

/// Renames a file or folder of ours.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    step().and_then(|()| fs::rename(from, to)).map_err(StoreError::io("move", from))
}

/// Whether a file or folder, or a link in its place, is there.
pub(crate) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Makes a rename or a new file in `path` survive a power failure, where the system knows how.
pub(crate) fn sync_folder(path: &Path) {
    if cfg!(unix)
        && let Err(error) = File::open(path).and_then(|folder| folder.sync_all())
    {
        tracing::debug!(path = %path.display(), %error, "folder not synced");
    }
}

/// Called before everything that changes the disk, so that tests can let the n-th of it fail.
#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "it fails in tests")]
pub(crate) fn step() -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(crate) use faults::step;

/// Faults of the disk, for one thread.
#[cfg(test)]
pub(crate) mod faults {
    use std::cell::Cell;
    use std::io;

    thread_local! {
        static FAULT: Cell<Option<Fault>> = const { Cell::new(None) };
    }

    #[derive(Clone, Copy)]
    struct Fault {
        after: u32,
        errno: i32,
        lasting: bool,
        happened: bool,
    }

    /// Lets the step after the next `after` ones fail with this error of the system, and all that follow if it is lasting.
    pub(crate) fn begin(after: u32, errno: i32, lasting: bool) {
        FAULT.set(Some(Fault { after, errno, lasting, happened: false }));
    }

    /// Nothing fails any more; says whether anything did.
    pub(crate) fn end() -> bool {
        FAULT.take().is_some_and(|fault| fault.happened)
    }

    pub(crate) fn step() -> io::Result<()> {
        let Some(mut fault) = FAULT.get() else { return Ok(()) };
        let fails = if fault.happened { fault.lasting } else { fault.after == 0 };
        fault.after = fault.after.saturating_sub(1);
        fault.happened |= fails;
        FAULT.set(Some(fault));
        if fails { Err(io::Error::from_raw_os_error(fault.errno)) } else { Ok(()) }
    }
}
