//! One session's log into the index, from where it was left: rows of its texts and turns, and what lists show of it.

use super::digest::{Digest, Text, TurnFact};
use super::lines::{self, Log, Stamp};
use super::sweep::{self, Seen};
use super::{IndexError, TextKind};
use crate::ForkPoint;
use crate::chain::LOG;
use crate::places::Place;
use crate::words;
use glossator_session::{ItemId, SessionId, TurnId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::path::PathBuf;
use std::time::Instant;

/// Bytes of a log after which the clock is looked at, and others may write.
const STRETCH: u64 = 4 << 20;
/// Items behind a header in which a first prompt is looked for, and bytes at a log's end in which its last turn is.
const FIRST_ITEMS: usize = 8;
const LAST_BYTES: u64 = 64 << 10;

/// How far a session is in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Known by its header and its end.
    Known = 0,
    /// Read, as far as `indexed_to` says.
    Read = 1,
    /// Cannot be read.
    Unreadable = 2,
}

impl State {
    pub fn numbered(number: i64) -> State {
        match number {
            0 => State::Known,
            1 => State::Read,
            _ => State::Unreadable,
        }
    }
}

/// A row of the table of sessions, but for what the user decided.
struct Entry {
    state: State,
    digest: Digest,
    indexed_to: u64,
    mark: String,
    /// How the log was when all of it was read; otherwise nothing.
    log: Stamp,
}

/// Reads what is new in a log. Gives whether all of it is in the index now: it stops at `until`, but never before some of it
/// was read.
pub(crate) fn read_on(
    db: &Connection,
    place: &Place,
    seen: &Seen,
    until: Instant,
) -> Result<bool, IndexError> {
    match read_log(db, place, seen, until) {
        // One log that cannot be read does not keep the others.
        Err(IndexError::Io(error)) => {
            tracing::warn!(session = seen.id, %error, "log not read");
            unreadable(db, place, seen).map(|()| true)
        }
        read => read,
    }
}

fn read_log(db: &Connection, place: &Place, seen: &Seen, until: Instant) -> Result<bool, IndexError> {
    let known = known(db, seen)?;
    let mut log = Log::open(&folder(place, seen).join(LOG))?;
    let mut entry = match known.map(|entry| go_on(&mut log, entry)) {
        Some(Some(entry)) => entry,
        _ => {
            forget_texts(db, &seen.id)?;
            let Some(entry) = begin(&mut log)? else { return unreadable(db, place, seen).map(|()| true) };
            entry
        }
    };
    // The row stands before the texts that name it.
    entry.log = Stamp::default();
    let n = put(db, place, seen, &entry)?;
    let mut stop = log.at + STRETCH;
    let mut ended = false;
    while !ended {
        match log.next()? {
            Some(line) => {
                if let Some(line) = lines::read(line, &place.folder) {
                    let place_in_time = (line.turn.0, line.at);
                    let said = entry.digest.take(line, place.workspace.as_deref());
                    put_said(db, n, place_in_time, said)?;
                }
            }
            None => ended = true,
        }
        if log.at >= stop {
            stop = log.at + STRETCH;
            if Instant::now() >= until {
                break;
            }
        }
    }
    entry.indexed_to = log.at;
    entry.mark = log.mark(entry.indexed_to)?;
    entry.log = if ended { seen.log } else { Stamp::default() };
    put(db, place, seen, &entry)?;
    put_title(db, n)?;
    Ok(ended)
}

/// Looks at the beginning and the end of a log only, so that the session can be listed before it was read.
pub(crate) fn peek(db: &Connection, place: &Place, seen: &Seen) -> Result<(), IndexError> {
    match peek_at(db, place, seen) {
        Err(IndexError::Io(_)) => unreadable(db, place, seen),
        peeked => peeked,
    }
}

fn peek_at(db: &Connection, place: &Place, seen: &Seen) -> Result<(), IndexError> {
    let mut log = Log::open(&folder(place, seen).join(LOG))?;
    let Some(mut entry) = begin(&mut log)? else { return unreadable(db, place, seen) };
    entry.state = State::Known;
    let mut look = |log: &mut Log, most: usize| -> Result<(), IndexError> {
        for _ in 0..most {
            let Some(line) = log.next()? else { break };
            if let Some(line) = lines::read(line, &place.folder) {
                entry.digest.take(line, None);
            }
        }
        Ok(())
    };
    look(&mut log, FIRST_ITEMS)?;
    let end = u64::try_from(seen.log.len).unwrap_or(0).saturating_sub(LAST_BYTES);
    if end > log.at {
        log.go(end)?;
        // Half a line as a rule.
        log.next()?;
    }
    look(&mut log, usize::MAX)?;
    put(db, place, seen, &entry).map(drop)
}

/// Takes what the user decided about a session, where only that has changed.
pub(crate) fn decide(db: &Connection, place: &Place, seen: &Seen) -> Result<(), IndexError> {
    let Some(entry) = known(db, seen)? else { return Ok(()) };
    let n = put(db, place, seen, &entry)?;
    if entry.state == State::Read { put_title(db, n) } else { Ok(()) }
}

/// Forgets a session.
pub(crate) fn forget(db: &Connection, id: &str) -> Result<(), IndexError> {
    forget_texts(db, id)?;
    db.prepare_cached("DELETE FROM sessions WHERE id = ?1")?.execute([id])?;
    Ok(())
}

fn forget_texts(db: &Connection, id: &str) -> Result<(), IndexError> {
    let n: Option<i64> = db
        .prepare_cached("SELECT n FROM sessions WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let Some(n) = n else { return Ok(()) };
    for sql in [
        "DELETE FROM words WHERE rowid IN (SELECT n FROM texts WHERE session = ?1)",
        "DELETE FROM texts WHERE session = ?1",
        "DELETE FROM turns WHERE session = ?1",
    ] {
        db.prepare_cached(sql)?.execute([n])?;
    }
    Ok(())
}

fn begin(log: &mut Log) -> Result<Option<Entry>, IndexError> {
    log.go(0)?;
    let head = log.next()?.and_then(lines::head);
    Ok(head.map(|head| Entry {
        state: State::Read,
        digest: Digest::new(head),
        indexed_to: log.at,
        mark: String::new(),
        log: Stamp::default(),
    }))
}

/// Goes to where reading was left; `None`: it has to begin anew.
fn go_on(log: &mut Log, entry: Entry) -> Option<Entry> {
    let same = entry.state == State::Read && log.mark(entry.indexed_to).ok()? == entry.mark;
    log.go(entry.indexed_to).ok().filter(|()| same)?;
    Some(entry)
}

fn unreadable(db: &Connection, place: &Place, seen: &Seen) -> Result<(), IndexError> {
    forget_texts(db, &seen.id)?;
    let entry = Entry {
        state: State::Unreadable,
        digest: Digest::default(),
        indexed_to: 0,
        mark: String::new(),
        log: seen.log,
    };
    put(db, place, seen, &entry).map(drop)
}

fn folder(place: &Place, seen: &Seen) -> PathBuf {
    place.folder.join("sessions").join(&seen.id)
}

/// What is known of a session whose log has grown, or not changed at all.
fn known(db: &Connection, seen: &Seen) -> Result<Option<Entry>, IndexError> {
    let sql = "SELECT head_title, created, model, parent, parent_turn, parent_item, updated, turns, first_prompt,
        last_prompt, tokens, micro_usd, state, indexed_to, mark, log_len, log_time FROM sessions WHERE id = ?1";
    let Some(entry) = db.prepare_cached(sql)?.query_row([&seen.id], entry).optional()? else {
        return Ok(None);
    };
    // As long as before and yet written to: not by appending.
    let rewritten = seen.log.len == entry.log.len && seen.log.time != entry.log.time;
    Ok((!rewritten).then_some(entry))
}

fn entry(row: &Row) -> rusqlite::Result<Entry> {
    let parent: Option<String> = row.get(3)?;
    let parent = match parent {
        Some(session) => Some(ForkPoint {
            session: SessionId(session),
            turn: TurnId(row.get(4)?),
            item: ItemId(unsigned(row, 5)?),
        }),
        None => None,
    };
    Ok(Entry {
        state: State::numbered(row.get(12)?),
        digest: Digest {
            head_title: row.get(0)?,
            created: row.get(1)?,
            model: row.get(2)?,
            parent,
            updated: row.get(6)?,
            turns: row.get(7)?,
            first_prompt: row.get(8)?,
            last_prompt: row.get(9)?,
            tokens: unsigned(row, 10)?,
            micro_usd: unsigned(row, 11)?,
        },
        indexed_to: unsigned(row, 13)?,
        mark: row.get(14)?,
        log: Stamp { len: row.get(15)?, time: row.get(16)? },
    })
}

fn put(db: &Connection, place: &Place, seen: &Seen, entry: &Entry) -> Result<i64, IndexError> {
    let sql = "INSERT INTO sessions (id, state, archived, title, head_title, key, created, updated, model, turns, parent,
            parent_turn, parent_item, first_prompt, last_prompt, tokens, micro_usd, indexed_to, mark, log_len, log_time,
            meta_len, meta_time, bytes)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)
        ON CONFLICT (id) DO UPDATE SET (state, archived, title, head_title, key, created, updated, model, turns, parent,
            parent_turn, parent_item, first_prompt, last_prompt, tokens, micro_usd, indexed_to, mark, log_len, log_time,
            meta_len, meta_time, bytes)
        = (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)
        RETURNING n";
    let meta = if seen.meta.len >= 0 { sweep::meta(&folder(place, seen)) } else { sweep::Meta::default() };
    let digest = &entry.digest;
    let title = meta.title.unwrap_or_else(|| digest.head_title.clone());
    let key = words::fold(&format!("{title}\n{}\n{}", digest.first_prompt, digest.last_prompt));
    let parent = digest.parent.as_ref();
    let n = db.prepare_cached(sql)?.query_row(
        params![
            seen.id,
            entry.state as i64,
            meta.archived,
            title,
            digest.head_title,
            key,
            digest.created,
            digest.updated,
            digest.model,
            digest.turns,
            parent.map(|parent| &parent.session.0),
            parent.map(|parent| parent.turn.0),
            parent.map(|parent| number(parent.item.0)),
            digest.first_prompt,
            digest.last_prompt,
            number(digest.tokens),
            number(digest.micro_usd),
            number(entry.indexed_to),
            entry.mark,
            entry.log.len,
            entry.log.time,
            seen.meta.len,
            seen.meta.time,
            seen.log.len
        ],
        |row| row.get(0),
    )?;
    Ok(n)
}

/// A number that has no sign.
fn unsigned(row: &Row, column: usize) -> rusqlite::Result<u64> {
    row.get(column).map(|value: i64| u64::try_from(value).unwrap_or(0))
}

/// SQLite's numbers have a sign.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The title can be found like a text, unless it is only the beginning of the first prompt.
fn put_title(db: &Connection, n: i64) -> Result<(), IndexError> {
    let sql = "SELECT title, first_prompt, created FROM sessions WHERE n = ?1";
    let (title, first_prompt, at): (String, String, i64) =
        db.prepare_cached(sql)?.query_row([n], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let title =
        if first_prompt.starts_with(title.trim_end_matches(['…', '.'])) { "" } else { title.as_str() };
    let sql = "SELECT n, text FROM texts WHERE session = ?1 AND kind = ?2";
    let kind = TextKind::Title.number();
    let before: Option<(i64, String)> =
        db.prepare_cached(sql)?.query_row([n, kind], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    if before.as_ref().map_or("", |(_, text)| text) == title {
        return Ok(());
    }
    if let Some((row, _)) = before {
        db.prepare_cached("DELETE FROM words WHERE rowid = ?1")?.execute([row])?;
        db.prepare_cached("DELETE FROM texts WHERE n = ?1")?.execute([row])?;
    }
    match title.is_empty() {
        true => Ok(()),
        false => {
            put_text(db, n, &Text { turn: 0, item: 0, kind: TextKind::Title, at, text: title.to_owned() })
        }
    }
}

fn put_text(db: &Connection, session: i64, text: &Text) -> Result<(), IndexError> {
    let sql = "INSERT OR IGNORE INTO texts (n, session, turn, item, kind, at, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let mut insert = db.prepare_cached(sql)?;
    let mut row = row_number(session, text);
    loop {
        let values =
            params![row, session, text.turn, number(text.item), text.kind.number(), text.at, text.text];
        if insert.execute(values)? > 0 {
            break;
        }
        row += 1;
    }
    let sql = "INSERT INTO words (rowid, said) VALUES (?1, ?2)";
    db.prepare_cached(sql)?.execute(params![row, words::for_index(&text.text)])?;
    Ok(())
}

/// Rows are numbered by time, so that a search for a word that is everywhere can keep to the newest.
fn row_number(session: i64, text: &Text) -> i64 {
    let spread = (session as u64).wrapping_mul(0x9e37_79b9).wrapping_add(text.item.wrapping_mul(0x85eb_ca6b));
    let low = i64::try_from(spread % (1 << 20)).unwrap_or(0);
    (text.at.clamp(0, (1 << 42) - 1) << 20) | low
}

/// Puts down what an item said, and what it says of its turn.
fn put_said(
    db: &Connection,
    session: i64,
    (turn, at): (u32, i64),
    (text, fact): (Option<Text>, Option<TurnFact>),
) -> Result<(), IndexError> {
    if let Some(text) = text {
        put_text(db, session, &text)?;
    }
    match fact {
        // A prompt that was added to a turn does not take the place of its first.
        Some(TurnFact::Prompt(prompt)) => {
            let sql = "INSERT INTO turns VALUES (?1, ?2, ?3, ?4, NULL, 0, 0) ON CONFLICT DO NOTHING";
            db.prepare_cached(sql)?.execute(params![session, turn, at, prompt])?;
        }
        Some(TurnFact::Ended { status, tokens, micro_usd }) => {
            let sql = "INSERT INTO turns VALUES (?1, ?2, ?3, '', ?4, ?5, ?6) ON CONFLICT DO UPDATE SET
                (status, tokens, micro_usd) = (?4, ?5, ?6)";
            let status = format!("{status:?}").to_lowercase();
            let values = params![session, turn, at, status, number(tokens), number(micro_usd)];
            db.prepare_cached(sql)?.execute(values)?;
        }
        None => {}
    }
    Ok(())
}
