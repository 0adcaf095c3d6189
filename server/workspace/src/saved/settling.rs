//! Whether a file is just being written: many programs empty it first and fill it then, and what is read in between was never
//! its text. Only looks.

use crate::disk;
use crate::files::Workspace;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// A file that was not written for so long is written.
const QUIET: Duration = Duration::from_millis(60);
/// One in which nothing stands is waited for longer: few files are meant to be empty.
const QUIET_EMPTY: Duration = Duration::from_millis(250);

/// How often a file is looked at that is written again and again.
pub(crate) const LOOKS: usize = 6;

/// How long to wait before what was read of `path` (resolved) can be taken for its text; `None`: it can be now. `empty`:
/// nothing stood in it. Of a file that is gone its folder is looked at: some programs put another one in its place.
pub(crate) fn settles_in(path: &Path, empty: bool) -> Option<Duration> {
    let stamp = disk::stamp(path).or_else(|| disk::stamp(path.parent()?))?;
    let quiet = if empty { QUIET_EMPTY } else { QUIET };
    // A clock that was set back says nothing.
    let age = SystemTime::now().duration_since(stamp.changed()).ok()?;
    quiet.checked_sub(age).filter(|left| !left.is_zero())
}

impl Workspace {
    /// How long to wait before what was read of the file `path` (resolved) can be taken for its text, as it is just being
    /// written; `None`: it can be now. `empty`: nothing stood in it. Blocks on the disk.
    pub fn settles_in(&self, path: &Path, empty: bool) -> Option<Duration> {
        settles_in(path, empty)
    }
}
