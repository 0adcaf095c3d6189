//! The file of the index: opened, made, replaced. Never reads a log. Everything in it can be made anew, so that a file that
//! cannot be used is replaced by an empty one; whoever has the old one open goes on with that until it is closed.

use super::IndexError;
use crate::folder::private_file;
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub(crate) const FILE: &str = "index.db";
/// Held while the file is opened (shared) or replaced (alone), so that no log of the old one meets the new one.
const DOOR: &str = "index.lock";
const VERSION: i64 = 1;
/// How long another process may keep us waiting.
pub(crate) const BUSY: Duration = Duration::from_secs(1);

/// `state`: 0 known by its header and its end only, 1 read, 2 cannot be read.
const TABLES: &str = "
CREATE TABLE sessions (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, state INTEGER NOT NULL, archived INTEGER NOT NULL,
    title TEXT NOT NULL, head_title TEXT NOT NULL, key TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
    model TEXT NOT NULL, turns INTEGER NOT NULL, parent TEXT, parent_turn INTEGER, parent_item INTEGER,
    first_prompt TEXT NOT NULL, last_prompt TEXT NOT NULL, bytes INTEGER NOT NULL, tokens INTEGER NOT NULL, micro_usd INTEGER NOT NULL,
    indexed_to INTEGER NOT NULL, mark TEXT NOT NULL,
    log_len INTEGER NOT NULL, log_time INTEGER NOT NULL, meta_len INTEGER NOT NULL, meta_time INTEGER NOT NULL
);
CREATE INDEX by_time ON sessions (updated DESC, id DESC);
CREATE TABLE turns (
    session INTEGER NOT NULL, turn INTEGER NOT NULL, at INTEGER NOT NULL, prompt TEXT NOT NULL, status TEXT,
    tokens INTEGER NOT NULL, micro_usd INTEGER NOT NULL, PRIMARY KEY (session, turn)
) WITHOUT ROWID;
CREATE TABLE texts (
    n INTEGER PRIMARY KEY, session INTEGER NOT NULL, turn INTEGER NOT NULL, item INTEGER NOT NULL, kind INTEGER NOT NULL,
    at INTEGER NOT NULL, text TEXT NOT NULL
);
CREATE INDEX by_session ON texts (session, kind);
CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (
    said, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2'
);
";

/// The index of the workspace whose state is in `folder`, made if it is not there yet. One that cannot be used is an error
/// for which [`IndexError::is_broken`] holds.
pub(crate) fn open(folder: &Path) -> Result<Connection, IndexError> {
    let _door = door(folder, Door::Open)?;
    let path = folder.join(FILE);
    // Made by us first: SQLite would let others read it.
    private_file().append(true).create(true).open(&path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let db = Connection::open_with_flags(&path, flags)?;
    db.busy_timeout(BUSY)?;
    db.set_prepared_statement_cache_capacity(32);
    match version(&db)? {
        VERSION => {}
        0 => {
            db.pragma_update(None, "journal_mode", "WAL")?;
            make_tables(&db)?;
        }
        other => return Err(IndexError::Version(other)),
    }
    // A power failure may cost the last changes, which are found again in the logs.
    db.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(db)
}

/// An index that lives as long as it is looked at.
pub(crate) fn in_memory() -> Result<Connection, IndexError> {
    let db = Connection::open_in_memory()?;
    make_tables(&db)?;
    Ok(db)
}

/// Puts the index that `fill` makes in the place of the one that is there. Nobody else does the same meanwhile.
pub(crate) fn replace<T>(
    folder: &Path,
    fill: impl FnOnce(&mut Connection) -> Result<T, IndexError>,
) -> Result<T, IndexError> {
    let _building = lock(&folder.join("index.new.lock"), Door::Alone, BUSY / 5)?;
    let new = folder.join("index.new.db");
    remove_with_logs(&new)?;
    private_file().write(true).create_new(true).open(&new)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let mut db = Connection::open_with_flags(&new, flags)?;
    db.pragma_update(None, "journal_mode", "MEMORY")?;
    db.pragma_update(None, "synchronous", "OFF")?;
    make_tables(&db)?;
    let done = fill(&mut db)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.close().map_err(|(_, error)| error)?;
    File::open(&new)?.sync_data()?;
    let _door = door(folder, Door::Alone)?;
    let path = folder.join(FILE);
    remove_with_logs(&path)?;
    fs::rename(&new, &path)?;
    Ok(done)
}

/// The length of the index and of its logs in bytes.
pub(crate) fn bytes(folder: &Path) -> u64 {
    let length = |name: &str| fs::symlink_metadata(folder.join(name)).map_or(0, |meta| meta.len());
    ["", "-wal", "-shm"].iter().map(|end| length(&format!("{FILE}{end}"))).sum()
}

fn version(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn make_tables(db: &Connection) -> rusqlite::Result<()> {
    db.execute_batch("BEGIN IMMEDIATE")?;
    // Another process may have been first.
    if version(db)? == 0 {
        db.execute_batch(TABLES)?;
        db.pragma_update(None, "user_version", VERSION)?;
    }
    db.execute_batch("COMMIT")
}

fn remove_with_logs(path: &Path) -> Result<(), IndexError> {
    for end in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        match fs::remove_file(PathBuf::from(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    Open,
    Alone,
}

fn door(folder: &Path, how: Door) -> Result<Held, IndexError> {
    lock(&folder.join(DOOR), how, BUSY)
}

/// A held lock; dropping it lets go.
struct Held(File);

impl Drop for Held {
    fn drop(&mut self) {
        // Closing it is not enough while a process that is just being started has it open as well.
        let _ = self.0.unlock();
    }
}

fn lock(path: &Path, how: Door, patience: Duration) -> Result<Held, IndexError> {
    let file = private_file().read(true).write(true).create(true).truncate(false).open(path)?;
    let end = Instant::now() + patience;
    loop {
        let tried = match how {
            Door::Open => file.try_lock_shared(),
            Door::Alone => file.try_lock(),
        };
        match tried {
            Ok(()) => return Ok(Held(file)),
            Err(TryLockError::Error(error)) => return Err(error.into()),
            Err(TryLockError::WouldBlock) if Instant::now() >= end => return Err(IndexError::Held),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}
