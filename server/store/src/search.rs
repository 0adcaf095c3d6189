//! Full-text search over the sessions of a workspace and of those that overlap with it: what is found, in which order, and how
//! it is shown. Reads the index; never changes a session.

mod query;
mod snippet;

use crate::index::{Index, IndexError, look};
use crate::places::Place;
use crate::words::Phrase;
use crate::{Store, StoreError, TextKind};
use glossator_session::{ItemId, SessionId, TurnId};
use query::Query;
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, params_from_iter};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long logs that changed are read for before a search goes on without the rest.
const READING: Duration = Duration::from_secs(2);
const LIMIT: usize = 20;
/// The best fits by words, among which the newer ones are put first.
const CANDIDATES: usize = 200;
/// Texts that are ranked: of words that are in more of them, the newest.
const RANKED: usize = 5000;
/// How much what is new has before what is old, and milliseconds in which it loses half of that.
const NEW: f64 = 0.5;
const HALF_MILLIS: f64 = 30.0 * 86_400_000.0;
/// Turns of one session that come before those of others that fit less.
const PER_SESSION: usize = 3;
/// Parents of parents that a search in a fork goes back to.
const FORKS: usize = 64;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchQuery {
    /// Words (all must be found, the last one may be unfinished), `"phrases"`, `-not`, `model:`, `before:`, `after:`,
    /// `in:prompt|answer|script|edit|call|notice|title`, `file:`.
    pub text: String,
    /// Only in this session, what a fork shares with its parent included.
    pub session: Option<SessionId>,
    /// Only in texts of these kinds; empty: all.
    pub kinds: Vec<TextKind>,
    /// Only texts of this time or later: milliseconds since the Unix epoch.
    pub since: Option<i64>,
    /// Only texts before this time: milliseconds since the Unix epoch.
    pub until: Option<i64>,
    /// Also in workspaces whose folder contains this one or lies in it.
    pub overlapping: bool,
    /// The most hits that are given; 0: 20.
    pub limit: usize,
}

/// A text in which the words were found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its session.
    pub session: SessionId,
    /// Its turn; `T-0` for a title.
    pub turn: TurnId,
    /// Its item; 0 for a title.
    pub item: ItemId,
    /// What the text is.
    pub kind: TextKind,
    /// The title of the session.
    pub title: String,
    /// The place of the words.
    pub snippet: Snippet,
    /// When it was said: milliseconds since the Unix epoch.
    pub at: i64,
    /// How well it fits; higher is better.
    pub score: f64,
    /// The folder of its workspace, where that is not this one.
    pub workspace: Option<PathBuf>,
}

/// A piece of a text around the words that were found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snippet {
    /// One line.
    pub text: String,
    /// Where the words stand: ranges of bytes of `text`, rising.
    pub marks: Vec<Range<usize>>,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The best fits first.
    pub hits: Vec<Hit>,
    /// What was not as it should be (a filter that is none, sessions that were not searched), for people.
    pub notices: Vec<String>,
}

impl Store {
    /// Searches the sessions of this workspace. What is typed is never an error: what was not understood is said.
    ///
    /// # Errors
    /// Where the folder of sessions cannot be read.
    pub fn search(&self, asked: &SearchQuery) -> Result<Found, StoreError> {
        let mut query = query::parse(&asked.text, &jiff::tz::TimeZone::system());
        let mut found = Found { hits: Vec::new(), notices: std::mem::take(&mut query.notices) };
        query.kinds.extend(&asked.kinds);
        query.since = query.since.max(asked.since);
        query.until = [query.until, asked.until].into_iter().flatten().min();
        if query.words.is_empty() && !query.is_filtered() {
            let why =
                "There is no word to look for: type one, or a filter such as in:prompt or file:main.rs.";
            found.notices.push(why.to_owned());
            return Ok(found);
        }
        let mut fits = Vec::new();
        found.notices.append(&mut self.search_place(&self.place(), &query, asked, &mut fits)?);
        if asked.overlapping {
            for place in self.overlapping() {
                match self.search_place(&place, &query, asked, &mut fits) {
                    Ok(mut notices) => found.notices.append(&mut notices),
                    Err(error) => found.notices.push(error.to_string()),
                }
            }
        }
        rank(&mut fits);
        if asked.session.is_none() {
            fits = spread(fits);
        }
        fits.truncate(limit(asked));
        let phrases: Vec<Phrase> = query.words.iter().chain(&query.files).cloned().collect();
        let shown = |fit: Fit| Hit { snippet: snippet::snippet(&fit.text, &phrases), ..fit.hit };
        found.hits = fits.into_iter().map(shown).collect();
        Ok(found)
    }

    /// Adds what fits in one workspace; gives what has to be said of it.
    fn search_place(
        &self,
        place: &Place,
        query: &Query,
        asked: &SearchQuery,
        found: &mut Vec<Fit>,
    ) -> Result<Vec<String>, StoreError> {
        let ((mut fits, left), notice) = look(place, |index| {
            let left = index.update(Instant::now() + READING, false)?.left;
            Ok((fits(index, query, asked)?, left))
        })?;
        if place.folder != self.folder() {
            fits.iter_mut().for_each(|fit| fit.hit.workspace.clone_from(&place.workspace));
        }
        found.append(&mut fits);
        let mut notices: Vec<String> = notice.into_iter().collect();
        if left > 0 {
            notices.push(format!(
                "{left} sessions have not been read to their end yet: search again, or run `glossator sessions reindex`."
            ));
        }
        Ok(notices)
    }
}

/// A hit whose snippet is still to be cut out of its text.
struct Fit {
    hit: Hit,
    text: String,
}

fn limit(asked: &SearchQuery) -> usize {
    if asked.limit == 0 { LIMIT } else { asked.limit }
}

/// The best first. Newer ones gain on older ones; of equal ones the newer comes first.
fn rank(fits: &mut [Fit]) {
    let newest = fits.iter().map(|fit| fit.hit.at).max().unwrap_or(0);
    for Fit { hit, .. } in fits.iter_mut() {
        let age = newest.saturating_sub(hit.at) as f64;
        hit.score *= 1.0 + NEW / (1.0 + age / HALF_MILLIS);
    }
    fits.sort_by(|Fit { hit: a, .. }, Fit { hit: b, .. }| {
        let by_score = b.score.total_cmp(&a.score);
        by_score.then_with(|| (b.at, &b.session, b.item).cmp(&(a.at, &a.session, a.item)))
    });
}

/// The same, with what says little more behind the rest: further places of a turn that is there already, and of a session of
/// which some are. Each of both parts stays in its order.
fn spread(fits: Vec<Fit>) -> Vec<Fit> {
    let mut turns: HashSet<(SessionId, TurnId)> = HashSet::new();
    let mut sessions: HashMap<SessionId, usize> = HashMap::new();
    let (mut first, more): (Vec<Fit>, Vec<Fit>) = fits.into_iter().partition(|Fit { hit, .. }| {
        if !turns.insert((hit.session.clone(), hit.turn)) {
            return false;
        }
        let count = sessions.entry(hit.session.clone()).or_default();
        *count += 1;
        *count <= PER_SESSION
    });
    first.extend(more);
    first
}

/// How much a word says in a text of this kind.
fn weight(kind: TextKind) -> f64 {
    match kind {
        TextKind::Title => 1.5,
        TextKind::Prompt => 1.3,
        TextKind::Answer | TextKind::Edit => 1.0,
        TextKind::Script | TextKind::Notice => 0.8,
        TextKind::Call => 0.7,
    }
}

/// A condition and the values of its question marks.
type Condition = (String, Vec<Value>);

fn fits(index: &Index, query: &Query, asked: &SearchQuery) -> Result<Vec<Fit>, IndexError> {
    let mut conditions = conditions(query);
    if let Some(session) = &asked.session {
        conditions.push(within(index, session)?);
    }
    // A last word that is whole is looked for as it is first: its beginnings would be many more.
    if query.is_open() {
        let fits = matching(index, &query.closed(), asked, &conditions)?;
        if fits.len() >= limit(asked) {
            return Ok(fits);
        }
    }
    matching(index, query, asked, &conditions)
}

fn matching(
    index: &Index,
    query: &Query,
    asked: &SearchQuery,
    conditions: &[Condition],
) -> Result<Vec<Fit>, IndexError> {
    let most = CANDIDATES.max(limit(asked));
    let mut values: Vec<Value> = Vec::new();
    let found = match query.fts() {
        Some(fts) => {
            values.push(fts.into());
            let (from, all) = match conditions {
                // Without a filter the other tables need not be looked at.
                [] => ("words", "words MATCH ?".to_owned()),
                some => (WORDS, format!("words MATCH ? AND {}", all(some))),
            };
            values.extend(self::values(conditions).cloned());
            values.push(query.loose().into());
            // Ranking counts how often each part of what is matched stands in all texts, which takes long for phrases of
            // frequent words: what was found is ranked by its words. The row tells the time. (The `+` keeps SQLite from
            // matching anew for each row.)
            format!(
                "WITH found AS MATERIALIZED (
                    SELECT words.rowid AS n FROM {from} WHERE {all} ORDER BY words.rowid DESC LIMIT {RANKED})
                SELECT words.rowid AS n, words.rank AS rank FROM words
                WHERE words MATCH ? AND words.rowid >= (SELECT min(n) FROM found) AND +words.rowid IN (SELECT n FROM found)
                ORDER BY words.rank * (1.0 + {NEW} / (1.0
                    + max(0, (SELECT max(updated) FROM sessions) - (words.rowid >> 20)) / {HALF_MILLIS:.1})) LIMIT {most}"
            )
        }
        None => {
            values.extend(self::values(conditions).cloned());
            let all = if conditions.is_empty() { "1".to_owned() } else { all(conditions) };
            format!(
                "SELECT t.n AS n, -1.0 AS rank FROM texts t JOIN sessions s ON s.n = t.session WHERE {all}
                    ORDER BY t.n DESC LIMIT {most}"
            )
        }
    };
    let sql = format!(
        "SELECT s.id, t.turn, t.item, t.kind, s.title, s.first_prompt, t.at, w.rank, t.text FROM ({found}) w
            JOIN texts t ON t.n = w.n JOIN sessions s ON s.n = t.session WHERE s.state < 2"
    );
    let mut statement = index.db.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(values), fit)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn all(conditions: &[Condition]) -> String {
    conditions.iter().map(|(condition, _)| condition.as_str()).collect::<Vec<_>>().join(" AND ")
}

fn values(conditions: &[Condition]) -> impl Iterator<Item = &Value> {
    conditions.iter().flat_map(|(_, values)| values)
}

const WORDS: &str = "words JOIN texts t ON t.n = words.rowid JOIN sessions s ON s.n = t.session";

fn conditions(query: &Query) -> Vec<Condition> {
    let mut conditions: Vec<Condition> = Vec::new();
    let mut kinds = query.kinds.clone();
    if kinds.is_empty() && query.words.is_empty() && !query.files.is_empty() {
        kinds.push(TextKind::Edit);
    }
    if !kinds.is_empty() {
        let marks = vec!["?"; kinds.len()].join(", ");
        let numbers = kinds.iter().map(|kind| kind.number().into()).collect();
        conditions.push((format!("t.kind IN ({marks})"), numbers));
    }
    conditions.extend(query.since.map(|since| ("t.at >= ?".to_owned(), vec![since.into()])));
    conditions.extend(query.until.map(|until| ("t.at < ?".to_owned(), vec![until.into()])));
    for model in &query.models {
        conditions.push(("instr(lower(s.model), ?) > 0".to_owned(), vec![model.clone().into()]));
    }
    for file in &query.files {
        let edited = format!(
            "(t.session, t.turn) IN (SELECT e.session, e.turn FROM words JOIN texts e ON e.n = words.rowid
                WHERE words MATCH ? AND e.kind = {})",
            TextKind::Edit.number()
        );
        conditions.push((edited, vec![file.fts().into()]));
    }
    conditions
}

/// Only in a session, what it shares with those that it is a fork of included.
fn within(index: &Index, session: &SessionId) -> Result<Condition, IndexError> {
    let mut places = vec!["s.id = ?".to_owned()];
    let mut values: Vec<Value> = vec![session.0.clone().into()];
    let mut id = session.0.clone();
    for _ in 0..FORKS {
        let sql = "SELECT parent, parent_turn FROM sessions WHERE id = ?1 AND parent IS NOT NULL";
        let parent: Option<(String, i64)> = index
            .db
            .prepare_cached(sql)?
            .query_row([&id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((parent, turn)) = parent else { break };
        places.push("(s.id = ? AND t.turn BETWEEN 1 AND ?)".to_owned());
        values.extend([Value::from(parent.clone()), turn.into()]);
        id = parent;
    }
    Ok((format!("({})", places.join(" OR ")), values))
}

fn fit(row: &Row) -> rusqlite::Result<Fit> {
    let kind = TextKind::numbered(row.get(3)?).unwrap_or(TextKind::Notice);
    let (title, first_prompt): (String, String) = (row.get(4)?, row.get(5)?);
    let rank: f64 = row.get(7)?;
    let hit = Hit {
        session: SessionId(row.get(0)?),
        turn: TurnId(row.get(1)?),
        item: ItemId(u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0)),
        kind,
        title: if title.is_empty() { first_prompt } else { title },
        snippet: Snippet::default(),
        at: row.get(6)?,
        score: -rank * weight(kind),
        workspace: None,
    };
    Ok(Fit { hit, text: row.get(8)? })
}
