//! The list of sessions: filters, pages, and those of overlapping workspaces. Reads the index; never changes a session.

use crate::index::{Index, IndexError, look};
use crate::places::Place;
use crate::words::Phrase;
use crate::{ForkPoint, Store, StoreError, TextKind};
use glossator_session::{ItemId, SessionId, TurnId};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, params_from_iter};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::{Duration, Instant};

/// How long logs that changed are read for before a list is given.
const READING: Duration = Duration::from_millis(150);
/// Parents of parents that are looked at for a name.
const FORKS: usize = 16;

/// Which sessions are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListQuery {
    /// Words that must all be found in the title or the prompts; empty: any.
    pub text: String,
    /// Only archived ones, or only others; `None`: both.
    pub archived: Option<bool>,
    /// A part of the model's name; empty: any.
    pub model: String,
    /// Only sessions with something in them at or after this time: milliseconds since the Unix epoch.
    pub since: Option<i64>,
    /// Only sessions that began before this time: milliseconds since the Unix epoch.
    pub until: Option<i64>,
    /// Also sessions of workspaces whose folder contains this one or lies in it.
    pub overlapping: bool,
    /// The most that are given; 0: all.
    pub limit: usize,
    /// Only those that come behind this place.
    pub before: Option<Cursor>,
}

/// A place in a list: behind a session. As text it can be given to a client and taken back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// When that session was last written to.
    pub(crate) updated_at: i64,
    /// Its id.
    pub(crate) id: String,
}

/// A session as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSummary {
    /// Its id.
    pub id: SessionId,
    /// Its title, or the first words of its first prompt; empty before that.
    pub title: String,
    /// When it began: milliseconds since the Unix epoch.
    pub created_at: i64,
    /// When the last thing in it happened: milliseconds since the Unix epoch.
    pub updated_at: i64,
    /// The model: `provider/model`.
    pub model: String,
    /// How many turns it has, those that a fork shares included.
    pub turns: u32,
    /// Length of its log in bytes.
    pub bytes: u64,
    /// Whether it was put away.
    pub archived: bool,
    /// What it is a fork of.
    pub parent: Option<ForkPoint>,
    /// The folder of its workspace, where that is not this one.
    pub workspace: Option<PathBuf>,
    /// The first words of its last prompt.
    pub last_prompt: String,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionPage {
    /// The sessions, the last written first.
    pub sessions: Vec<SessionSummary>,
    /// Where the next page begins; `None`: there is none.
    pub next: Option<Cursor>,
    /// What was not as it should be, for people.
    pub notices: Vec<String>,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.updated_at, self.id)
    }
}

impl FromStr for Cursor {
    type Err = String;
    fn from_str(text: &str) -> Result<Cursor, String> {
        let wrong =
            || format!("'{text}' is no place in a list of sessions: give back what `next` said, or nothing");
        let (at, id) = text.split_once('.').ok_or_else(wrong)?;
        Ok(Cursor { updated_at: at.parse().map_err(|_| wrong())?, id: id.to_owned() })
    }
}

impl Store {
    /// The sessions of this workspace, the last written first. Those that cannot be read are left out and named.
    ///
    /// # Errors
    /// Where the folder of sessions cannot be read.
    pub fn list(&self, query: &ListQuery) -> Result<SessionPage, StoreError> {
        let mut page = SessionPage::default();
        self.list_place(&self.place(), query, &mut page)?;
        if query.overlapping {
            for place in self.overlapping() {
                if let Err(error) = self.list_place(&place, query, &mut page) {
                    page.notices.push(error.to_string());
                }
            }
        }
        page.sessions.sort_by(|a, b| (b.updated_at, &b.id).cmp(&(a.updated_at, &a.id)));
        if query.limit > 0 && page.sessions.len() > query.limit {
            page.sessions.truncate(query.limit);
            page.next = page
                .sessions
                .last()
                .map(|last| Cursor { updated_at: last.updated_at, id: last.id.0.clone() });
        }
        Ok(page)
    }

    /// One session of this workspace as lists show it; `None`: there is none, or it cannot be read.
    ///
    /// # Errors
    /// Where the folder of sessions cannot be read.
    pub fn summary(&self, id: &SessionId) -> Result<Option<SessionSummary>, StoreError> {
        let (found, _) = look(&self.place(), |index| {
            index.update(Instant::now() + READING, true)?;
            one(index, &id.0)
        })?;
        Ok(found)
    }

    fn list_place(&self, place: &Place, query: &ListQuery, page: &mut SessionPage) -> Result<(), StoreError> {
        let ((mut sessions, unreadable), notice) = look(place, |index| {
            index.update(Instant::now() + READING, true)?;
            Ok((rows(index, query)?, index.unreadable()?))
        })?;
        if place.folder != self.folder() {
            sessions.iter_mut().for_each(|session| session.workspace.clone_from(&place.workspace));
        }
        page.sessions.append(&mut sessions);
        page.notices.extend(notice);
        page.notices.extend(unreadable.iter().map(|id| {
            let log = place.folder.join("sessions").join(id).join(crate::chain::LOG);
            format!("Session {id} is left out: {} cannot be read.", log.display())
        }));
        Ok(())
    }
}

const COLUMNS: &str =
    "id, title, first_prompt, created, updated, model, turns, bytes, archived, parent, parent_turn,
    parent_item, last_prompt";

fn rows(index: &Index, query: &ListQuery) -> Result<Vec<SessionSummary>, IndexError> {
    let mut asked = Conditions::default();
    asked.add("state < ?", 2);
    query.archived.into_iter().for_each(|archived| asked.add("archived = ?", archived));
    query.since.into_iter().for_each(|since| asked.add("updated >= ?", since));
    query.until.into_iter().for_each(|until| asked.add("created < ?", until));
    if !query.model.is_empty() {
        asked.add("instr(lower(model), ?) > 0", query.model.to_lowercase());
    }
    text(&mut asked, &query.text);
    if let Some(cursor) = &query.before {
        asked.add("updated <= ?", cursor.updated_at);
        asked.conditions.push("(updated < ? OR id < ?)".to_owned());
        asked.values.extend([Value::from(cursor.updated_at), Value::from(cursor.id.clone())]);
    }
    // One more tells whether there is a next page.
    let limit = if query.limit == 0 { -1 } else { i64::try_from(query.limit).unwrap_or(i64::MAX - 1) + 1 };
    asked.values.push(limit.into());
    let sql = format!(
        "SELECT {COLUMNS} FROM sessions WHERE {} ORDER BY updated DESC, id DESC LIMIT ?",
        asked.conditions.join(" AND ")
    );
    let mut statement = index.db.prepare_cached(&sql)?;
    let found =
        statement.query_map(params_from_iter(asked.values), summary)?.collect::<Result<Vec<_>, _>>()?;
    found.into_iter().map(|session| named_by_parent(index, session)).collect()
}

/// All words in title, first and last prompt, or all in one prompt.
fn text(asked: &mut Conditions, text: &str) {
    let words: Vec<String> = text.split_whitespace().map(crate::words::fold).collect();
    if words.is_empty() {
        return;
    }
    let each = vec!["instr(key, ?) > 0"; words.len()].join(" AND ");
    asked.values.extend(words.into_iter().map(Value::from));
    let phrases = text.split_whitespace().filter_map(|word| Phrase::of(word, false));
    let phrases = phrases.map(|phrase| phrase.fts()).collect::<Vec<_>>().join(" AND ");
    match phrases.is_empty() {
        true => asked.conditions.push(each),
        false => {
            asked.conditions.push(format!(
                "(({each}) OR n IN (SELECT session FROM words JOIN texts ON texts.n = words.rowid
                    WHERE words MATCH ? AND kind = {}))",
                TextKind::Prompt.number()
            ));
            asked.values.push(phrases.into());
        }
    }
}

/// Conditions and the values of their question marks, in order.
#[derive(Default)]
struct Conditions {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    fn add(&mut self, condition: &str, value: impl Into<Value>) {
        self.conditions.push(condition.to_owned());
        self.values.push(value.into());
    }
}

fn one(index: &Index, id: &str) -> Result<Option<SessionSummary>, IndexError> {
    let sql = format!("SELECT {COLUMNS} FROM sessions WHERE state < 2 AND id = ?1");
    let found = index.db.prepare_cached(&sql)?.query_row([id], summary).optional()?;
    found.map(|session| named_by_parent(index, session)).transpose()
}

/// A fork without a name or a prompt of its own is called like what it is a fork of.
fn named_by_parent(index: &Index, mut session: SessionSummary) -> Result<SessionSummary, IndexError> {
    let mut parent = session.parent.clone();
    for _ in 0..FORKS {
        let Some(point) = parent.filter(|_| session.title.is_empty()) else { break };
        let sql = format!("SELECT {COLUMNS} FROM sessions WHERE id = ?1");
        let found = index.db.prepare_cached(&sql)?.query_row([&point.session.0], summary).optional()?;
        let Some(found) = found else { break };
        session.title = found.title;
        parent = found.parent;
    }
    Ok(session)
}

fn summary(row: &Row) -> rusqlite::Result<SessionSummary> {
    let (title, first_prompt): (String, String) = (row.get(1)?, row.get(2)?);
    let parent: Option<String> = row.get(9)?;
    let parent = match parent {
        Some(session) => Some(ForkPoint {
            session: SessionId(session),
            turn: TurnId(row.get(10)?),
            item: ItemId(u64::try_from(row.get::<_, i64>(11)?).unwrap_or(0)),
        }),
        None => None,
    };
    Ok(SessionSummary {
        id: SessionId(row.get(0)?),
        title: if title.is_empty() { first_prompt } else { title },
        created_at: row.get(3)?,
        updated_at: row.get(4)?,
        model: row.get(5)?,
        turns: row.get(6)?,
        bytes: u64::try_from(row.get::<_, i64>(7)?).unwrap_or(0),
        archived: row.get(8)?,
        parent,
        workspace: None,
        last_prompt: row.get(12)?,
    })
}
