//! Owns whether files belong to somebody whom a user namespace of one user and one group does not know: an overlay
//! cannot take such a file over, so what the user may write on disk could not be written there.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, accessat};
use rustix::process::{getegid, geteuid};

/// Most files that are looked at.
const MOST: usize = 10_000;

/// The first thing directly in `folder`, apart from what goes through, that the user may write and an overlay cannot.
/// What lies deeper is not looked for.
pub fn stranger(folder: &Path, through: &[PathBuf]) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.take(MOST).flatten();
    let mut paths = entries
        .filter(|entry| !through.contains(&PathBuf::from(entry.file_name())))
        .map(|entry| entry.path());
    paths.find(|path| fs::symlink_metadata(path).is_ok_and(|found| is_stranger(path, &found)))
}

fn is_stranger(path: &Path, found: &Metadata) -> bool {
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    if (found.uid(), found.gid()) == (user, group) || found.is_symlink() {
        return false;
    }
    found.uid() == user || accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS).is_ok()
}
