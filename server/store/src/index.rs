//! The index of a workspace's sessions: what lists and searches look at. A copy of what the logs say, brought up to date when
//! somebody looks; it can always be made anew, and where it cannot be used the logs themselves are read.

mod digest;
mod lines;
mod schema;
mod sweep;
mod write;

use crate::places::Place;
use crate::{Store, StoreError};
use glossator_session::SessionId;
use lines::{Log, Stamp};
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::time::{Duration, Instant};
use sweep::Seen;
use write::State;

/// How long one transaction may take, so that other processes come to write too.
const TURN: Duration = Duration::from_millis(200);
/// How long the end of a turn may be read for; the rest is read when somebody looks.
const END_OF_TURN: Duration = Duration::from_secs(2);

/// What a text of a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextKind {
    /// The session's title.
    Title,
    /// What the user asked.
    Prompt,
    /// What the model said.
    Answer,
    /// A script of the model's.
    Script,
    /// A tool call and its outcome, in a line each.
    Call,
    /// The paths of edited files.
    Edit,
    /// Something that was told to the user.
    Notice,
}

impl TextKind {
    /// All kinds.
    pub const ALL: [TextKind; 7] = [
        TextKind::Title,
        TextKind::Prompt,
        TextKind::Answer,
        TextKind::Script,
        TextKind::Call,
        TextKind::Edit,
        TextKind::Notice,
    ];

    /// Its name in a search: `prompt`.
    pub fn name(self) -> &'static str {
        match self {
            TextKind::Title => "title",
            TextKind::Prompt => "prompt",
            TextKind::Answer => "answer",
            TextKind::Script => "script",
            TextKind::Call => "call",
            TextKind::Edit => "edit",
            TextKind::Notice => "notice",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<TextKind> {
        TextKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(crate) fn number(self) -> i64 {
        self as i64
    }

    pub(crate) fn numbered(number: i64) -> Option<TextKind> {
        TextKind::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

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

/// Why the index could not be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IndexError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error("it was made by another version ({0})")]
    Version(i64),
    #[error("another process is making it anew")]
    Held,
}

impl IndexError {
    /// Whether the file itself is no good, so that it has to be made anew.
    fn is_broken(&self) -> bool {
        match self {
            IndexError::Version(_) => true,
            IndexError::Sqlite(rusqlite::Error::SqliteFailure(failure, message)) => match failure.code {
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => true,
                // A table or column that is not there.
                ErrorCode::Unknown => message.as_ref().is_some_and(|words| words.starts_with("no such")),
                _ => false,
            },
            _ => false,
        }
    }
}

/// The open index of one workspace.
pub(crate) struct Index {
    pub db: Connection,
    place: Place,
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
        let work = self.work()?;
        let all = work.changed.len();
        if all == 0 && work.gone.is_empty() && work.decided.is_empty() {
            return Ok(Indexed::default());
        }
        let left = self.carry_out(work, until, peek)?;
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

    /// What differs between the index and the sessions as they lie on the disk.
    fn work(&self) -> Result<Work, IndexError> {
        let mut rows = self.rows()?;
        let mut work = Work::default();
        for seen in sweep::look(&self.place.folder.join("sessions"))? {
            match rows.remove(&seen.id) {
                None => work.changed.push((seen, false)),
                Some((_, log, _)) if log != seen.log => work.changed.push((seen, true)),
                Some((State::Unreadable, ..)) if self.can_be_read(&seen) => work.changed.push((seen, true)),
                Some((_, _, meta)) if meta != seen.meta => work.decided.push(seen),
                Some(_) => {}
            }
        }
        work.gone = rows.into_keys().collect();
        work.changed.sort_by_key(|(seen, _)| std::cmp::Reverse(seen.log.time));
        Ok(work)
    }

    fn rows(&self) -> Result<HashMap<String, (State, Stamp, Stamp)>, IndexError> {
        let sql = "SELECT id, state, log_len, log_time, meta_len, meta_time FROM sessions";
        let mut rows = self.db.prepare_cached(sql)?;
        let rows = rows.query_map([], |row| {
            let state = State::numbered(row.get(1)?);
            let log = Stamp { len: row.get(2)?, time: row.get(3)? };
            Ok((row.get(0)?, (state, log, Stamp { len: row.get(4)?, time: row.get(5)? })))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
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
            let Some(seen) = sweep::look_at(&place.folder.join("sessions"), &id.0) else { return Ok(()) };
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
            let (sessions, behind) = (index.rows()?.len(), index.work()?.changed.len());
            Ok(IndexHealth { bytes, sessions, behind, problem })
        };
        look().unwrap_or_else(|error| IndexHealth {
            bytes,
            problem: Some(error.to_string()),
            ..IndexHealth::default()
        })
    }
}
