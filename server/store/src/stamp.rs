//! `log.stamp` beside a log: how long that was and when it was changed, as its writer left it, so that a change by somebody
//! else is noticed which leaves its length as it was. Can be lost at any time; then nothing is noticed.

use crate::folder::private_file;
use std::fs::{self, Metadata};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

const FILE: &str = "log.stamp";
/// Bytes of a stamp at the most.
const LENGTH: u64 = 64;

/// Length, and the time of the last change in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp(u64, u128);

impl Stamp {
    fn of(meta: &Metadata) -> Option<Stamp> {
        let changed = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Stamp(meta.len(), changed.as_nanos()))
    }

    fn read(log: &Path) -> Option<Stamp> {
        let mut text = String::new();
        let file = private_file().read(true).open(beside(log)).ok()?;
        file.take(LENGTH).read_to_string(&mut text).ok()?;
        let (length, changed) = text.strip_suffix('\n')?.split_once(' ')?;
        Some(Stamp(length.parse().ok()?, changed.parse().ok()?))
    }
}

fn beside(log: &Path) -> PathBuf {
    log.with_file_name(FILE)
}

/// The log stands as its writer wants it.
pub(crate) fn put(log: &Path) {
    let put = || -> Option<()> {
        let Stamp(length, changed) = Stamp::of(&fs::symlink_metadata(log).ok()?)?;
        // Always as long as before, so that one write is all of it.
        let text = format!("{length:020} {changed:040}\n");
        let mut file = private_file().write(true).create(true).truncate(false).open(beside(log)).ok()?;
        file.write_all(text.as_bytes()).ok()
    };
    if put().is_none() {
        tracing::debug!(path = %log.display(), "a log was not stamped");
    }
}

/// The log is about to be written anew.
pub(crate) fn forget(log: &Path) {
    // One that stays costs a reading of the whole log.
    let _ = fs::remove_file(beside(log));
}

/// Why the log is not as its writer left it, if it is known not to be. What was added since is the writer's, and an end that
/// is lost is found by whoever reads it.
pub(crate) fn check(log: &Path) -> Result<(), String> {
    let Some(left) = Stamp::read(log) else { return Ok(()) };
    let found = fs::symlink_metadata(log).ok().and_then(|meta| Stamp::of(&meta));
    match found {
        Some(found) if found.0 == left.0 && found != left => {
            Err("the log was changed by something else".to_owned())
        }
        _ => Ok(()),
    }
}
