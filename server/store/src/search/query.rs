//! What a user typed into a search, taken apart: words, phrases, what must not be there, and filters. Anything that can be
//! typed means something; what a filter does not understand is said and looked for as words. Pure.

#[cfg(test)]
mod tests;

use crate::TextKind;
use crate::words::Phrase;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A search taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Query {
    /// All must be found.
    pub words: Vec<Phrase>,
    /// None may be found.
    pub without: Vec<Phrase>,
    /// Only texts of these kinds; empty: all.
    pub kinds: Vec<TextKind>,
    /// Parts of the name of the session's model.
    pub models: Vec<String>,
    /// Only turns in which a file with each of these in its path was edited.
    pub files: Vec<Phrase>,
    /// Only texts of this time or later: milliseconds since the Unix epoch.
    pub since: Option<i64>,
    /// Only texts before this time.
    pub until: Option<i64>,
    /// What was not understood.
    pub notices: Vec<String>,
}

/// One thing between spaces.
struct Token<'a> {
    not: bool,
    key: Option<&'a str>,
    text: &'a str,
    quoted: bool,
}

const KEYS: [&str; 5] = ["in", "model", "file", "before", "after"];

/// Takes `text` apart; days are those of `zone`.
pub(crate) fn parse(text: &str, zone: &TimeZone) -> Query {
    let mut query = Query::default();
    let tokens = tokens(text);
    let last = tokens.iter().rposition(|token| token.key.is_none() && !token.not);
    for (number, token) in tokens.iter().enumerate() {
        let known = match token.key {
            Some(key) if !token.not => filter(&mut query, key, token.text, zone),
            Some(_) => Err("only words and phrases can be left out with '-'".to_owned()),
            None => Ok(()),
        };
        match (token.key, known) {
            (Some(_), Ok(())) => {}
            (Some(key), Err(why)) => {
                query.notices.push(format!("'{key}:{}' was looked for as words: {why}.", token.text));
                query.words.extend(Phrase::of(&format!("{key} {}", token.text), false));
            }
            (None, _) => {
                let open = Some(number) == last && !token.quoted;
                let list = if token.not { &mut query.without } else { &mut query.words };
                list.extend(Phrase::of(token.text, open));
            }
        }
    }
    query
}

impl Query {
    /// In the query language of FTS5; `None`: there is no word to look for.
    pub fn fts(&self) -> Option<String> {
        let join =
            |phrases: &[Phrase], with: &str| phrases.iter().map(Phrase::fts).collect::<Vec<_>>().join(with);
        match (self.words.is_empty(), self.without.is_empty()) {
            (true, _) => None,
            (false, true) => Some(join(&self.words, " AND ")),
            (false, false) => {
                Some(format!("({}) NOT ({})", join(&self.words, " AND "), join(&self.without, " OR ")))
            }
        }
    }

    /// In the query language of FTS5, what every text holds that [`fts`](Self::fts) finds: each word by itself.
    pub fn loose(&self) -> String {
        let mut words: Vec<String> = self.words.iter().flat_map(Phrase::words_fts).collect();
        words.sort_unstable();
        words.dedup();
        words.join(" AND ")
    }

    /// Whether the last word may go on.
    pub fn is_open(&self) -> bool {
        self.words.iter().any(|phrase| phrase.open)
    }

    /// The same with every word as it was typed.
    pub fn closed(&self) -> Query {
        let mut closed = self.clone();
        closed.words.iter_mut().for_each(|phrase| phrase.open = false);
        closed
    }

    /// Whether a filter was named, so that a search without words makes sense.
    pub fn is_filtered(&self) -> bool {
        let lists = self.kinds.len() + self.models.len() + self.files.len();
        lists > 0 || self.since.is_some() || self.until.is_some()
    }
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let not = rest
            .strip_prefix('-')
            .filter(|after| !after.starts_with(|c: char| c.is_whitespace() || c == '-'));
        rest = not.unwrap_or(rest);
        let key = rest.split_once(':').and_then(|(key, after)| {
            let known = KEYS.into_iter().find(|known| known.eq_ignore_ascii_case(key))?;
            (!after.is_empty() && !after.starts_with([' ', '\t', ':'])).then_some((known, after))
        });
        if let Some((_, after)) = key {
            rest = after;
        }
        let (quoted, word, after) = match rest.strip_prefix('"') {
            Some(inside) => {
                let (word, after) = inside.split_once('"').unwrap_or((inside, ""));
                (true, word, after)
            }
            None => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                (false, word, after)
            }
        };
        tokens.push(Token { not: not.is_some(), key: key.map(|(key, _)| key), text: word, quoted });
        rest = after.trim_start();
    }
    tokens
}

fn filter(query: &mut Query, key: &str, value: &str, zone: &TimeZone) -> Result<(), String> {
    match key {
        "in" => {
            for name in value.split([',', '|']).filter(|name| !name.is_empty()) {
                let kind = TextKind::named(&name.to_lowercase()).ok_or_else(|| {
                    let names = TextKind::ALL.map(TextKind::name).join(", ");
                    format!("there is {names}, and no '{name}'")
                })?;
                query.kinds.push(kind);
            }
        }
        "model" => query.models.push(value.to_lowercase()),
        "file" => query.files.push(Phrase::of(value, true).ok_or("it names no file")?),
        "before" => query.until = Some(query.until.unwrap_or(i64::MAX).min(day(value, zone)?)),
        _ => query.since = Some(query.since.unwrap_or(i64::MIN).max(day(value, zone)?)),
    }
    Ok(())
}

/// The beginning of a day, month or year.
fn day(value: &str, zone: &TimeZone) -> Result<i64, String> {
    let full = match value.len() {
        4 => format!("{value}-01-01"),
        7 => format!("{value}-01"),
        _ => value.to_owned(),
    };
    let wrong = || "a day looks like 2026-11-20, a month like 2026-11".to_owned();
    let date: Date = full.parse().map_err(|_| wrong())?;
    let at = date.to_zoned(zone.clone()).map_err(|_| wrong())?;
    Ok(at.timestamp().as_millisecond())
}
