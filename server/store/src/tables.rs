//! The tables of logs that were read lately, so that looking again at a log reads only what was added to it.

use crate::StoreError;
use crate::chain::Segment;
use crate::checkpoint;
use crate::folder::private_file;
use crate::table::Table;
use parking_lot::Mutex;
use std::fs::{self, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Logs that are remembered.
const MOST: usize = 16;

/// What was read lately; copies remember together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables {
    recent: Arc<Mutex<Vec<Recent>>>,
}

#[derive(Debug, Clone)]
struct Recent {
    log: PathBuf,
    file: (u64, u64),
    table: Arc<Table>,
    /// Hash of the last line that the table knows.
    tail: blake3::Hash,
}

impl Tables {
    /// The table of a log as it is now.
    pub fn of(&self, segment: &Segment) -> Result<Arc<Table>, StoreError> {
        let failed = |error| StoreError::io("read", &segment.log)(error);
        let meta = fs::symlink_metadata(&segment.log).map_err(failed)?;
        let known = {
            let mut recent = self.recent.lock();
            let at = recent.iter().position(|one| one.log == segment.log);
            at.map(|at| recent.remove(at))
        };
        let known = known.filter(|one| {
            let table = &one.table;
            let same =
                one.file == identity(&meta) && table.start == segment.start && meta.len() >= table.done.at;
            // What grew is looked at once more: it may have been written anew in place.
            same && (meta.len() == table.done.at
                || tail(&segment.log, table).is_ok_and(|tail| tail == one.tail))
        });
        let mut one = match known {
            Some(one) => one,
            None => {
                let table = checkpoint::table(segment).unwrap_or_else(|| segment.table());
                let none = blake3::hash(b"");
                Recent { log: segment.log.clone(), file: identity(&meta), table: Arc::new(table), tail: none }
            }
        };
        if meta.len() > one.table.done.at {
            let table = Arc::make_mut(&mut one.table);
            table.extend(segment.open(table.done.at)?).map_err(failed)?;
            one.tail = tail(&segment.log, table).map_err(failed)?;
        }
        let table = one.table.clone();
        let mut recent = self.recent.lock();
        recent.retain(|other| other.log != segment.log);
        recent.push(one);
        if recent.len() > MOST {
            recent.remove(0);
        }
        Ok(table)
    }
}

impl Tables {
    /// The last item of a log that has not changed since it was last looked at.
    pub fn last_of(&self, log: &Path) -> Option<u64> {
        let meta = fs::symlink_metadata(log).ok()?;
        let recent = self.recent.lock();
        let one = recent.iter().find(|one| one.log == log && one.file == identity(&meta))?;
        (one.table.done.at == meta.len()).then_some(one.table.done.last)
    }
}

fn tail(log: &Path, table: &Table) -> io::Result<blake3::Hash> {
    let mut file = private_file().read(true).open(log)?;
    file.seek(SeekFrom::Start(table.tail))?;
    let mut hasher = blake3::Hasher::new();
    io::copy(&mut file.take(table.done.at.saturating_sub(table.tail)), &mut hasher)?;
    Ok(hasher.finalize())
}

#[cfg(unix)]
fn identity(meta: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (meta.dev(), meta.ino())
}

#[cfg(not(unix))]
fn identity(meta: &Metadata) -> (u64, u64) {
    let made = meta.created().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    (0, made.map_or(0, |age| u64::try_from(age.as_nanos()).unwrap_or(u64::MAX)))
}
