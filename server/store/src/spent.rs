//! What was spent on each day, by all workspaces of the user: a file a day, a line a request. Never deletes anything and never
//! decides what is too much.

use crate::folder::{make_private, private_file};
use crate::{Store, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

/// What a day came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DaySpent {
    /// Tokens, all kinds together.
    pub tokens: u64,
    /// Cost in millionths of a dollar, as far as prices were known.
    pub micro_usd: u64,
    /// How many spent it: turns, and what was asked beside them.
    pub turns: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    tokens: u64,
    micro_usd: u64,
    /// Who spent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

/// The user's local day at `at`, milliseconds since the Unix epoch: `2026-11-20`.
pub fn day_of(at: i64) -> String {
    local(at).date().to_string()
}

/// The user's local minute at `at`, milliseconds since the Unix epoch: `2026-11-20 14:03`.
pub fn minute_of(at: i64) -> String {
    local(at).strftime("%Y-%m-%d %H:%M").to_string()
}

fn local(at: i64) -> jiff::Zoned {
    let at = jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(jiff::tz::TimeZone::system())
}

impl Store {
    /// Adds to what was spent on `day` (see [`day_of`]): tokens, and millionths of a dollar. `by` names who spent it, in a
    /// word that [`Store::spent_by`] knows again; empty: nobody asks for that.
    ///
    /// # Errors
    /// A day that is none, and whatever the disk says.
    pub fn add_spent(&self, day: &str, by: &str, (tokens, micro_usd): (u64, u64)) -> Result<(), StoreError> {
        let path = self.day_file(day)?;
        make_private(self.state_dir(), false)?;
        make_private(&self.state_dir().join(FOLDER), true)?;
        let by = Some(by.to_owned()).filter(|by| !by.is_empty());
        // The first newline ends a line that somebody before could only write half.
        let text = format!("\n{}\n", serde_json::to_string(&Line { tokens, micro_usd, by })?);
        let opened = private_file().append(true).create(true).open(&path);
        opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(StoreError::io("write to", &path))
    }

    /// What was spent on `day`. Lines that cannot be read count for nothing.
    ///
    /// # Errors
    /// A day that is none, and whatever the disk says.
    pub fn spent_on(&self, day: &str) -> Result<DaySpent, StoreError> {
        Ok(sum(self.lines_of(day)?.into_iter()))
    }

    /// What of it one spent who is named so.
    ///
    /// # Errors
    /// As [`Store::spent_on`].
    pub fn spent_by(&self, day: &str, by: &str) -> Result<DaySpent, StoreError> {
        Ok(sum(self.lines_of(day)?.into_iter().filter(|line| line.by.as_deref() == Some(by))))
    }

    fn lines_of(&self, day: &str) -> Result<Vec<Line>, StoreError> {
        let path = self.day_file(day)?;
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(StoreError::io("read", &path))?,
        };
        Ok(bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }

    fn day_file(&self, day: &str) -> Result<PathBuf, StoreError> {
        // Days become file names, and they may come from outside.
        let plain = day.len() == 10 && day.parse::<jiff::civil::Date>().is_ok();
        let folder = self.state_dir().join(FOLDER);
        match plain {
            true => Ok(folder.join(format!("{day}.jsonl"))),
            false => Err(StoreError::Damaged {
                path: folder,
                why: format!("'{day}' is not a day like 2026-11-20"),
            }),
        }
    }
}

fn sum(lines: impl Iterator<Item = Line>) -> DaySpent {
    let mut named = HashSet::new();
    lines.fold(DaySpent::default(), |sum, line| DaySpent {
        tokens: sum.tokens.saturating_add(line.tokens),
        micro_usd: sum.micro_usd.saturating_add(line.micro_usd),
        turns: sum.turns + u64::from(line.by.is_none_or(|by| named.insert(by))),
    })
}

const FOLDER: &str = "spent";
