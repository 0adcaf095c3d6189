//! The cache of fetched pages: what is known of each address. A table of its own beside the index, since it cannot be made
//! anew from logs. Never fetches, and never reads a clock.

use crate::folder::private_file;
use crate::{Store, StoreError};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};
use std::path::{Path, PathBuf};
use std::time::Duration;

const FILE: &str = "urls.db";
const VERSION: i64 = 1;
const BUSY: Duration = Duration::from_secs(2);

const TABLE: &str = "CREATE TABLE IF NOT EXISTS urls (
    url TEXT PRIMARY KEY, status INTEGER NOT NULL, fetched INTEGER NOT NULL, expires INTEGER NOT NULL,
    etag TEXT, last_modified TEXT, media_type TEXT NOT NULL, blob TEXT NOT NULL
) WITHOUT ROWID";

/// A page as it was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedUrl {
    /// The address as it was asked for.
    pub url: String,
    /// The HTTP status.
    pub status: u16,
    /// When it was fetched: milliseconds since the Unix epoch.
    pub fetched_at: i64,
    /// Until when it may be used without asking: milliseconds since the Unix epoch.
    pub expires_at: i64,
    /// `ETag`, to ask whether it has changed.
    pub etag: Option<String>,
    /// `Last-Modified`, to ask whether it has changed.
    pub last_modified: Option<String>,
    /// Media type of the body.
    pub media_type: String,
    /// The key of the body among the blobs of the workspace; may be empty.
    pub blob: String,
}

/// The open cache of one workspace. Calls block on the disk.
#[derive(Debug)]
pub struct Urls {
    db: Connection,
    path: PathBuf,
}

impl Store {
    /// The cache of fetched pages of this workspace, made if it is not there yet.
    ///
    /// # Errors
    /// Whatever the disk or SQLite says. Nothing but fetched pages is in that file: it may be deleted.
    pub fn urls(&self) -> Result<Urls, StoreError> {
        self.make_folder()?;
        let path = self.folder().join(FILE);
        // Made by us first: SQLite would let others read it.
        private_file().append(true).create(true).open(&path).map_err(StoreError::io("open", &path))?;
        let db = open(&path).map_err(|error| failed(&path, &error))?;
        Ok(Urls { db, path })
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version != VERSION {
        db.execute_batch("DROP TABLE IF EXISTS urls")?;
        db.execute_batch(TABLE)?;
        db.pragma_update(None, "user_version", VERSION)?;
    }
    Ok(db)
}

fn failed(path: &Path, error: &rusqlite::Error) -> StoreError {
    StoreError::Database { path: path.to_owned(), why: error.to_string() }
}

impl Urls {
    /// Remembers a page, in place of what was known of its address.
    ///
    /// # Errors
    /// Whatever SQLite says.
    pub fn put(&self, page: &CachedUrl) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO urls VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let values = params![
            page.url,
            page.status,
            page.fetched_at,
            page.expires_at,
            page.etag,
            page.last_modified,
            page.media_type,
            page.blob
        ];
        self.done(self.db.execute(sql, values)).map(drop)
    }

    /// What is known of an address, also when its time is over: whether it may be used is seen by `expires_at`.
    ///
    /// # Errors
    /// Whatever SQLite says.
    pub fn get(&self, url: &str) -> Result<Option<CachedUrl>, StoreError> {
        let sql = "SELECT url, status, fetched, expires, etag, last_modified, media_type, blob FROM urls WHERE url = ?1";
        self.done(self.db.query_row(sql, [url], page).optional())
    }

    /// Forgets an address; whether it was known.
    ///
    /// # Errors
    /// Whatever SQLite says.
    pub fn delete(&self, url: &str) -> Result<bool, StoreError> {
        self.done(self.db.execute("DELETE FROM urls WHERE url = ?1", [url])).map(|rows| rows > 0)
    }

    /// Forgets pages whose time was over at `before` (milliseconds since the Unix epoch); how many. Those that were fetched
    /// later than `before` stay: the clock is wrong now or was then.
    ///
    /// # Errors
    /// Whatever SQLite says.
    pub fn clear_expired(&self, before: i64) -> Result<usize, StoreError> {
        self.done(self.db.execute("DELETE FROM urls WHERE expires < ?1 AND fetched <= ?1", [before]))
    }

    fn done<T>(&self, result: rusqlite::Result<T>) -> Result<T, StoreError> {
        result.map_err(|error| failed(&self.path, &error))
    }
}

fn page(row: &Row) -> rusqlite::Result<CachedUrl> {
    Ok(CachedUrl {
        url: row.get(0)?,
        status: row.get(1)?,
        fetched_at: row.get(2)?,
        expires_at: row.get(3)?,
        etag: row.get(4)?,
        last_modified: row.get(5)?,
        media_type: row.get(6)?,
        blob: row.get(7)?,
    })
}
