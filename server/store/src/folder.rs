//! Folders of the state tree: made for their owner alone, never reached through a link that somebody else could set.

use crate::StoreError;
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
    builder.create(path).map_err(StoreError::io("create", path))?;
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

/// Writes a small file whole: beside its place first, then renamed onto it.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    use std::io::Write;
    // Several threads may write the same file: the last one wins, and none gets hold of another's part.
    static PARTS: AtomicU64 = AtomicU64::new(0);
    let number = PARTS.fetch_add(1, Ordering::Relaxed);
    let part = path.with_extension(format!("part-{}-{number}", std::process::id()));
    let write = || -> std::io::Result<()> {
        let mut file = private_file().write(true).create(true).truncate(true).open(&part)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        fs::rename(&part, path)
    };
    write().map_err(|error| {
        let _ = fs::remove_file(&part);
        StoreError::io("write", path)(error)
    })
}

/// Makes a rename or a new file in `path` survive a power failure, where the system knows how.
pub(crate) fn sync_folder(path: &Path) {
    if cfg!(unix)
        && let Err(error) = File::open(path).and_then(|folder| folder.sync_all())
    {
        tracing::debug!(path = %path.display(), %error, "folder not synced");
    }
}
