//! The place that a call is about: a line with a name on it or a column, as a position in the text as it is now. Pure but for
//! the reading of the file.

use super::file;
use crate::ToolCx;
use crate::arguments::About;
use glossator_session::ToolError;
use glossator_text::{PositionEncoding, lines, position_at};
use glossator_workspace::Source;
use ropey::Rope;
use schemars::JsonSchema;
use serde::Deserialize;
use std::path::PathBuf;

// Where something stands. No doc comment: it would be sent with each schema.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Input {
    pub path: String,
    /// From 1.
    pub line: usize,
    /// The name on that line. Give it, or `column`.
    #[serde(default)]
    pub symbol: Option<String>,
    /// From 1, in characters.
    #[serde(default)]
    pub column: Option<usize>,
}

impl Input {
    /// The call of `tool`, in one line.
    pub fn shown(&self, tool: &str) -> String {
        let what = match (&self.symbol, self.column) {
            (Some(symbol), _) => format!(" {symbol}"),
            (None, Some(column)) => format!(":{column}"),
            (None, None) => String::new(),
        };
        format!("{tool} {}:{}{what}", self.path, self.line)
    }
}

/// A place in a text as it was read.
pub(super) struct Found {
    pub path: PathBuf,
    /// The version of the buffer, if it is one.
    pub version: Option<i32>,
    text: Rope,
    byte: usize,
}

impl Found {
    /// As a position of an editor.
    pub fn position(&self, encoding: PositionEncoding) -> glossator_text::Position {
        position_at(&self.text, self.byte, encoding)
    }
}

/// Finds the place of `input` in the file as the user sees it now.
pub(super) async fn find(cx: &ToolCx, about: &About, input: &Input) -> Result<Found, ToolError> {
    let path = file(cx, about.name, &input.path)?;
    let document = cx.workspace.read(&path).await;
    let document = document.map_err(|error| ToolError::failed(format!("{}: {error}", about.name)))?;
    let byte = byte_of(&document.text, input).map_err(|why| about.wrong(&why))?;
    let version = match document.source {
        Source::Buffer { version, .. } => Some(version),
        Source::Disk => None,
    };
    Ok(Found { path: document.path, version, text: Rope::from_str(&document.text), byte })
}

/// The byte that is meant, or why there is none, as a sentence.
fn byte_of(text: &str, input: &Input) -> Result<usize, String> {
    let mut start = 0;
    let line = match input.line {
        0 => return Err("`line` counts from 1.".to_owned()),
        number => lines(text).nth(number - 1).inspect(|_| {
            start = lines(text).take(number - 1).map(str::len).sum();
        }),
    };
    let line = line.ok_or_else(|| format!("{} has {} lines.", input.path, lines(text).count()))?;
    let shown = || line.trim().chars().take(200).collect::<String>();
    let within = match (input.symbol.as_deref().map(str::trim).filter(|name| !name.is_empty()), input.column)
    {
        (Some(name), _) => word(line, name).ok_or_else(|| {
            format!("`{name}` does not stand on line {}, which is: {}", input.line, shown())
        })?,
        (None, Some(column)) => {
            let ends = line.char_indices().map(|(at, _)| at).chain([line.len()]);
            ends.clone().nth(column.saturating_sub(1)).ok_or_else(|| {
                format!("line {} has {} characters: {}", input.line, ends.count() - 1, shown())
            })?
        }
        (None, None) => return Err("give `symbol` (a name on that line) or `column`.".to_owned()),
    };
    Ok(start + within)
}

/// Where `name` stands in a line: as a word of its own, else as a part of one.
fn word(line: &str, name: &str) -> Option<usize> {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let is_word = |at: &usize| {
        !is_part(line[..*at].chars().next_back()) && !is_part(line[at + name.len()..].chars().next())
    };
    let mut all = line.match_indices(name).map(|(at, _)| at);
    all.find(is_word).or_else(|| line.find(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_names_and_columns() {
        let text = "let é = area2 + area;\r\nlast";
        let check = |line, symbol: Option<&str>, column, expected: Result<&str, &str>| {
            let symbol = symbol.map(str::to_owned);
            let input = Input { path: "a.rs".to_owned(), line, symbol, column };
            match (byte_of(text, &input), expected) {
                (Ok(byte), Ok(rest)) => assert!(text[byte..].starts_with(rest), "{}", &text[byte..]),
                (Err(why), Err(words)) => assert!(why.contains(words), "{why}"),
                (found, _) => panic!("{found:?} for {input:?}"),
            }
        };
        check(1, Some("area"), None, Ok("area;"));
        check(1, Some("area2"), Some(99), Ok("area2 "));
        check(1, Some("rea2"), None, Ok("rea2"));
        check(1, None, Some(7), Ok("= area2"));
        check(1, None, Some(1), Ok("let"));
        check(2, None, Some(5), Ok(""));
        check(2, None, Some(6), Err("line 2 has 4 characters: last"));
        check(1, Some("volume"), None, Err("`volume` does not stand on line 1, which is: let é"));
        check(1, Some(" "), None, Err("give `symbol`"));
        check(0, Some("area"), None, Err("counts from 1"));
        check(3, Some("area"), None, Err("a.rs has 2 lines"));
    }
}
