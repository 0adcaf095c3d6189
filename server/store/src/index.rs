//! The index of a workspace's sessions: what lists and searches look at. A copy of what the logs say, brought up to date when
//! somebody looks; it can always be made anew, and where it cannot be used the logs themselves are read.

mod digest;
mod error;
mod kind;
mod lines;
mod schema;
mod sweep;
mod write;

pub(crate) use error::IndexError;
pub use kind::TextKind;

use crate::places::Place;
use crate::{Store, StoreError};
use glossator_session::SessionId;
use lines::{Log, Stamp};
use rusqlite::{Connection, TransactionBehavior};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use sweep::{Folder, Seen};
use write::State;

/// How long one transaction may take, so that other processes come to write too.
const TURN: Duration = Duration::from_millis(200);
/// Sessions that were used last, which are looked at each time, and milliseconds after which all are.
const RECENT: usize = 256;
const ALL_MILLIS: i64 = 10_000;
/// How long the end of a turn may be read for; the rest is read when somebody looks.
const END_OF_TURN: Duration = Duration::from_secs(2);

const ROWS: &str = "SELECT id, state, log_len, log_time, meta_len, meta_time FROM sessions";

/// How far indexing came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Indexed {
    /// Sessions that were brought up to date.
    pub done: usize,
    /// Sessions that are still behind.
    pub left: usize,
}

/// How the index stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IndexHealth {
    /// Its length in bytes.
    pub bytes: u64,
    /// Sessions in it.
    pub sessions: usize,
    /// Sessions that are not in it, or not as they are now.
    pub behind: usize,
    /// Why it cannot be used, if it cannot.
    pub problem: Option<String>,
}

/// The open index of one workspace.
pub(crate) struct Index {
    pub db: Connection,
    place: Place,
}

/// A session as the index knows it.
struct Known {
    state: State,
    /// Whether it is one of those that were used last.
    recent: bool,
    log: Stamp,
    meta: Stamp,
}

/// What there is to do.
#[derive(Default)]
struct Work {
    gone: Vec<String>,
    decided: Vec<Seen>,
    /// The last written first, and whether the session is in the index at all.
    changed: Vec<(Seen, bool)>,
}

impl Index {
    fn open(place: &Place) -> Result<Index, IndexError> {
        Ok(Index { db: schema::open(&place.folder)?, place: place.clone() })
    }

    /// Brings the index up to date, reading logs until `until`. Sessions that are not read by then are known by their ends
    /// if `peek`.
    pub fn update(&mut self, until: Instant, peek: bool) -> Result<Indexed, IndexError> {
        let now = now();
        let due = self.is_due(now);
        let folder = sweep::changed(&self.place.folder.join("sessions"), now);
        let same = !due && folder.is_some() && folder == self.fact("folder");
        let work = if same { self.recent_work()? } else { self.work(due)? };
        let all = work.changed.len();
        let mut left = 0;
        if all > 0 || !work.gone.is_empty() || !work.decided.is_empty() {
            left = self.carry_out(work, until, peek)?;
        }
        if due {
            self.note("swept", now);
        }
        if let Some(folder) = folder.filter(|_| !same && left == 0) {
            self.note("folder", folder);
        }
        Ok(Indexed { done: all - left, left })
    }

    fn carry_out(&mut self, work: Work, until: Instant, peek: bool) -> Result<usize, IndexError> {
        let place = self.place.clone();
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        work.gone.iter().try_for_each(|id| write::forget(&tx, id))?;
        work.decided.iter().try_for_each(|seen| write::decide(&tx, &place, seen))?;
        tx.commit()?;
        let mut left: VecDeque<(Seen, bool)> = work.changed.into();
        while Instant::now() < until && !left.is_empty() {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let turn = until.min(Instant::now() + TURN);
            while Instant::now() < turn
                && let Some((seen, known)) = left.front_mut()
            {
                *known = true;
                if write::read_on(&tx, &place, seen, turn)? {
                    left.pop_front();
                }
            }
            tx.commit()?;
        }
        if peek {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for (seen, _) in left.iter().filter(|(_, known)| !known) {
                write::peek(&tx, &place, seen)?;
            }
            tx.commit()?;
        }
        Ok(left.len())
    }

    /// What differs between the index and the sessions as they lie on the disk. Every one of us tells the index of what it
    /// wrote; what others did to sessions that were not used for long is looked for with `all` only.
    fn work(&self, all: bool) -> Result<Work, IndexError> {
        let sessions = self.place.folder.join("sessions");
        let mut rows = self.rows()?;
        let mut work = Work::default();
        let names = sweep::names(&sessions)?;
        if names.is_empty() {
            work.gone = rows.into_keys().collect();
            return Ok(work);
        }
        let folder = Folder::open(&sessions)?;
        for name in names {
            let row = rows.get(&name);
            if row.is_some_and(|row| !(all || row.recent || row.state != State::Read || row.log.len == 0)) {
                rows.remove(&name);
                continue;
            }
            let Some(seen) = folder.look_at(name) else { continue };
            let row = rows.remove(&seen.id);
            self.compare(seen, row, &mut work);
        }
        work.gone = rows.into_keys().collect();
        work.changed.sort_by_key(|(seen, _)| std::cmp::Reverse(seen.log.time));
        Ok(work)
    }

    /// Notes what differs between a session and what the index knows of it.
    fn compare(&self, seen: Seen, known: Option<Known>, work: &mut Work) {
        match known {
            None => work.changed.push((seen, false)),
            Some(row) if row.log != seen.log => work.changed.push((seen, true)),
            Some(row) if row.state == State::Unreadable && self.can_be_read(&seen) => {
                work.changed.push((seen, true));
            }
            Some(row) if row.meta != seen.meta => work.decided.push(seen),
            Some(_) => {}
        }
    }

    /// As [`work`](Self::work), where no session came or went: only those are looked at that were used last, and those that
    /// were not read whole.
    fn recent_work(&self) -> Result<Work, IndexError> {
        let mut work = Work::default();
        let mut rows = HashMap::new();
        self.take_rows(&format!("{ROWS} ORDER BY updated DESC, id DESC LIMIT {RECENT}"), &mut rows)?;
        self.take_rows(&format!("{ROWS} WHERE state != 1 OR log_len = 0"), &mut rows)?;
        let folder = Folder::open(&self.place.folder.join("sessions"))?;
        for (id, row) in rows {
            match folder.look_at(id.clone()) {
                Some(seen) => self.compare(seen, Some(row), &mut work),
                None => work.gone.push(id),
            }
        }
        work.changed.sort_by_key(|(seen, _)| std::cmp::Reverse(seen.log.time));
        Ok(work)
    }

    /// Whether it is time to look at all sessions again. A clock that was set back makes it so.
    fn is_due(&self, now: i64) -> bool {
        self.fact("swept").is_none_or(|last| !(0..ALL_MILLIS).contains(&now.saturating_sub(last)))
    }

    fn fact(&self, name: &str) -> Option<i64> {
        let sql = "SELECT value FROM facts WHERE name = ?1";
        self.db.prepare_cached(sql).and_then(|mut row| row.query_row([name], |row| row.get(0))).ok()
    }

    /// Writes down what was looked at. Where that cannot be done it is looked at again.
    fn note(&self, name: &str, value: i64) {
        let sql = "INSERT OR REPLACE INTO facts VALUES (?1, ?2)";
        let written = self
            .db
            .busy_timeout(Duration::ZERO)
            .and_then(|()| self.db.execute(sql, rusqlite::params![name, value]))
            .and_then(|_| self.db.busy_timeout(schema::BUSY));
        if let Err(error) = written {
            tracing::debug!(%error, name, "not written down which sessions were looked at");
            let _ = self.db.busy_timeout(schema::BUSY);
        }
    }

    fn rows(&self) -> Result<HashMap<String, Known>, IndexError> {
        let mut rows = HashMap::new();
        self.take_rows(&format!("{ROWS} ORDER BY updated DESC, id DESC"), &mut rows)?;
        Ok(rows)
    }

    /// Adds rows; the first of them are the ones that were used last.
    fn take_rows(&self, sql: &str, rows: &mut HashMap<String, Known>) -> Result<(), IndexError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let known = Known {
                state: State::numbered(row.get(1)?),
                recent: rows.len() < RECENT,
                log: Stamp { len: row.get(2)?, time: row.get(3)? },
                meta: Stamp { len: row.get(4)?, time: row.get(5)? },
            };
            rows.insert(row.get(0)?, known);
        }
        Ok(())
    }

    /// Permissions change without a trace in a file's length and time.
    fn can_be_read(&self, seen: &Seen) -> bool {
        let path = self.place.folder.join("sessions").join(&seen.id).join(crate::chain::LOG);
        let head = Log::open(&path).and_then(|mut log| Ok(log.next()?.and_then(lines::head).is_some()));
        head.unwrap_or(false)
    }

    /// Sessions whose logs cannot be read.
    pub fn unreadable(&self) -> Result<Vec<String>, IndexError> {
        let mut rows = self.db.prepare_cached("SELECT id FROM sessions WHERE state = 2 ORDER BY id")?;
        let ids = rows.query_map([], |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }
}

/// Milliseconds since the Unix epoch.
fn now() -> i64 {
    let age = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_millis());
    i64::try_from(age).unwrap_or(i64::MAX)
}

/// What came of looking at an index, and what has to be said of it.
pub(crate) type Looked<T> = (T, Option<String>);

/// Looks at the index of `place`. One that is broken is made anew, and where none can be had the logs are read into one that
/// lives for this look only, with a word to the user.
pub(crate) fn look<T>(
    place: &Place,
    work: impl Fn(&mut Index) -> Result<T, IndexError>,
) -> Result<Looked<T>, StoreError> {
    let sessions = place.folder.join("sessions");
    let in_memory = || {
        let mut index = Index { db: schema::in_memory()?, place: place.clone() };
        work(&mut index)
    };
    let failed = |error| match error {
        IndexError::Io(error) => StoreError::io("list", &sessions)(error),
        error => StoreError::Database { path: place.folder.join(schema::FILE), why: error.to_string() },
    };
    if std::fs::symlink_metadata(&sessions).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return in_memory().map(|found| (found, None)).map_err(failed);
    }
    let mut found = Index::open(place).and_then(|mut index| work(&mut index));
    if found.as_ref().is_err_and(IndexError::is_broken) {
        tracing::warn!(folder = %place.folder.display(), "the index of sessions is broken and made anew");
        let made = schema::replace(&place.folder, |_| Ok(()));
        found = made.and_then(|()| Index::open(place)).and_then(|mut index| work(&mut index));
    }
    match found {
        Ok(found) => Ok((found, None)),
        Err(why) => {
            let notice = format!(
                "The index of sessions cannot be used ({why}): the logs were read instead, which takes longer."
            );
            in_memory().map(|found| (found, Some(notice))).map_err(failed)
        }
    }
}

impl Store {
    /// Brings the index up to date with one session: for the end of a turn, off the loop. Blocks for some milliseconds. What
    /// goes wrong is found again by the next list or search.
    pub fn indexed(&self, id: &SessionId) {
        let place = self.place();
        let done = || -> Result<(), IndexError> {
            let folder = Folder::open(&place.folder.join("sessions"))?;
            let Some(seen) = folder.look_at(id.0.clone()) else { return Ok(()) };
            let mut index = Index::open(&place)?;
            let tx = index.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            write::read_on(&tx, &place, &seen, Instant::now() + END_OF_TURN)?;
            Ok(tx.commit()?)
        };
        if let Err(error) = done() {
            tracing::info!(session = %id, %error, "session not indexed");
        }
    }

    /// Brings the index up to date for about `budget`; to be called again until nothing is left. An index that cannot be
    /// used leaves nothing to do here.
    pub fn index_all(&self, budget: Duration) -> Indexed {
        let until = Instant::now() + budget;
        let place = self.place();
        let update = || Index::open(&place)?.update(until, false);
        let mut done = update();
        if done.as_ref().is_err_and(IndexError::is_broken) {
            done = schema::replace(&place.folder, |_| Ok(())).and_then(|()| update());
        }
        done.unwrap_or_else(|error| {
            tracing::info!(%error, "sessions not indexed");
            Indexed::default()
        })
    }

    /// Makes the index anew from the logs, beside the one that is in use until then. `told` hears how many sessions of how
    /// many are done. Gives how many there are.
    ///
    /// # Errors
    /// Whatever the disk or SQLite says, and another process that does the same.
    pub fn reindex(&self, told: &mut dyn FnMut(usize, usize)) -> Result<usize, StoreError> {
        let place = self.place();
        if std::fs::symlink_metadata(&place.folder)
            .is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        {
            return Ok(0);
        }
        let done = schema::replace(&place.folder, |db| {
            let all = sweep::look(&place.folder.join("sessions"))?;
            let tx = db.transaction()?;
            for (done, seen) in all.iter().enumerate() {
                let far = Instant::now() + Duration::from_secs(24 * 60 * 60);
                write::read_on(&tx, &place, seen, far)?;
                told(done + 1, all.len());
            }
            tx.commit()?;
            Ok(all.len())
        });
        done.map_err(|error| StoreError::Database {
            path: place.folder.join(schema::FILE),
            why: error.to_string(),
        })
    }

    /// How the index stands; changes nothing but for making an empty one where there are sessions and no index.
    pub fn index_health(&self) -> IndexHealth {
        let place = self.place();
        let bytes = schema::bytes(&place.folder);
        if std::fs::symlink_metadata(place.folder.join("sessions")).is_err() {
            return IndexHealth { bytes, ..IndexHealth::default() };
        }
        let look = || -> Result<IndexHealth, IndexError> {
            let index = Index::open(&place)?;
            let check: String = index.db.pragma_query_value(None, "quick_check", |row| row.get(0))?;
            let problem = (check != "ok").then_some(check);
            let (sessions, behind) = (index.rows()?.len(), index.work(true)?.changed.len());
            Ok(IndexHealth { bytes, sessions, behind, problem })
        };
        look().unwrap_or_else(|error| IndexHealth {
            bytes,
            problem: Some(error.to_string()),
            ..IndexHealth::default()
        })
    }
}
