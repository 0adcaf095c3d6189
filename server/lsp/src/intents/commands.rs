//! The commands of the intents, with JSON, plain or no arguments. Without one they are about the place where the user was last.

use super::place::{Here, here};
use super::table::{Intent, of_command};
use crate::arguments::argument;
use crate::connection::Connection;
use crate::convert;
use crate::delivery;
use crate::editor_words;
use glossator_protocol_ext::{self as ext, command};
use glossator_session::InputPart;
use glossator_text::{Position, Range};
use serde_json::Value;
use std::sync::Arc;
use tower_lsp::lsp_types::Diagnostic;
use url::Url;

/// `glossator.fix`
pub async fn fix(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    run(connection, command::FIX, first).await
}

/// `glossator.explain`
pub async fn explain(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    run(connection, command::EXPLAIN, first).await
}

/// `glossator.tests`
pub async fn tests(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    run(connection, command::TESTS, first).await
}

/// `glossator.document`
pub async fn document(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    run(connection, command::DOCUMENT, first).await
}

/// `glossator.reviewCode`
pub async fn review_code(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    run(connection, command::REVIEW_CODE, first).await
}

/// `glossator.doComment`
pub async fn do_comment(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    run(connection, command::DO_COMMENT, first).await
}

/// What a command is about.
struct Meant {
    uri: String,
    /// A selection, or an empty one: a cursor; `None`: the file.
    range: Option<Range>,
    added: Option<String>,
    problems: Vec<Value>,
}

async fn run(connection: &Arc<Connection>, name: &str, first: Option<Value>) -> Result<Value, String> {
    let intent = of_command(name).ok_or_else(|| format!("There is no command {name}."))?;
    // Before anybody is asked anything: what is said after it comes after it.
    let _in_order = connection.in_order().await;
    let mut meant = meant(connection, argument(first, name)?)?;
    meant.range = narrowed(connection, intent, &meant)?;
    let problems = problems(connection, intent, &meant).await;
    let text = intent.prompt(&problems, meant.added.as_deref());
    let mention = connection.mention(&meant.uri, meant.range);
    let session = connection.current_session().map_err(|error| error.to_string())?;
    let input = vec![InputPart::Text { text }, mention];
    let running =
        connection.agent().is_some_and(|agent| agent.running().iter().any(|(id, _)| *id == session));
    match running {
        // It is a matter of its own: the turn that runs is not told of it.
        true => delivery::enqueued(connection, &session, input).await,
        false => delivery::delivered(connection, &session, input).await,
    }
}

fn meant(connection: &Connection, argument: Option<ext::CodeArgument>) -> Result<Meant, String> {
    match argument {
        None => {
            let last = connection.looking.last();
            let last = last.ok_or(
                "Say which file is meant, as in \"src/a.rs:12\": this editor has not said yet where you are.",
            )?;
            Ok(Meant { uri: last.uri, range: last.selection, added: None, problems: Vec::new() })
        }
        Some(ext::CodeArgument::Place(text)) => {
            let (file, lines) = place(&text);
            let range = lines.map(|(first, last)| match first == last {
                // A line is a cursor: what stands around it is meant.
                true => cursor(first),
                false => Range { start: at(first), end: at(last + 1) },
            });
            Ok(Meant { uri: named(connection, file)?, range, added: None, problems: Vec::new() })
        }
        Some(ext::CodeArgument::Full { uri, range, text, diagnostics }) => Ok(Meant {
            uri: named(connection, &uri)?,
            range: range.map(convert::ext_range),
            added: text,
            problems: diagnostics.unwrap_or_default(),
        }),
    }
}

fn at(line: u32) -> Position {
    Position { line, character: 0 }
}

fn cursor(line: u32) -> Range {
    Range { start: at(line), end: at(line) }
}

/// A file, and the lines behind it, counted from 0: `src/a.rs`, `src/a.rs:3`, `src/a.rs:3-9`.
fn place(text: &str) -> (&str, Option<(u32, u32)>) {
    let split = text.rsplit_once(':').and_then(|(file, lines)| {
        let (first, last) = lines.split_once('-').unwrap_or((lines, lines));
        let (first, last): (u32, u32) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        (first > 0 && last >= first).then(|| (file, (first - 1, last - 1)))
    });
    match split {
        Some((file, lines)) => (file.trim(), Some(lines)),
        None => (text.trim(), None),
    }
}

/// The document that a URI, or a path as the user knows it, names.
fn named(connection: &Connection, name: &str) -> Result<String, String> {
    if connection.workspace.overlay().by_uri(name).is_some() {
        return Ok(name.to_owned());
    }
    if let Ok(uri) = Url::parse(name)
        && !uri.cannot_be_a_base()
    {
        return Ok(name.to_owned());
    }
    let path = connection.workspace.roots().resolve(name).map_err(|error| error.to_string())?;
    if let Some(buffer) = connection.workspace.overlay().by_path(&path) {
        return Ok(buffer.uri);
    }
    let uri = Url::from_file_path(&path).map_err(|()| format!("{name} cannot be written as a URI"))?;
    Ok(uri.to_string())
}

/// The part that is meant: of a cursor what stands around it, as far as the intent is offered there.
fn narrowed(connection: &Connection, intent: &Intent, meant: &Meant) -> Result<Option<Range>, String> {
    let Some(range) = meant.range else {
        return match intent.on.comment.is_some() {
            true => {
                Err("Say which comment is meant, as in \"src/a.rs:12\", or put the cursor on it.".to_owned())
            }
            false => Ok(None),
        };
    };
    let buffer = connection.workspace.overlay().by_uri(&meant.uri);
    let here = buffer.map(|buffer| here(&buffer, range.start.line)).unwrap_or_default();
    around(intent, range, here)
}

fn around(intent: &Intent, range: Range, here: Here) -> Result<Option<Range>, String> {
    let on = &intent.on;
    if range.start != range.end {
        return Ok(Some(range));
    }
    let line = Range { start: at(range.start.line), end: at(range.start.line.saturating_add(1)) };
    if on.comment.is_some() {
        let comment = here
            .comment
            .ok_or_else(|| format!("There is no comment at line {}.", range.start.line.saturating_add(1)))?;
        return Ok(Some(comment));
    }
    if on.problem.is_some() {
        return Ok(Some(line));
    }
    if on.file.is_some() {
        return Ok(None);
    }
    Ok(Some(here.definition.map_or(line, |(_, range)| range)))
}

/// What is wrong there, one line for each: as the argument says, else as far as the client tells what others report.
async fn problems(connection: &Connection, intent: &Intent, meant: &Meant) -> Vec<String> {
    if intent.on.problem.is_none() {
        return Vec::new();
    }
    let found = match meant.problems.is_empty() {
        false => meant.problems.clone(),
        true => editor_words::reported(connection, &meant.uri).await,
    };
    let here = |one: &Diagnostic| {
        meant.range.is_none_or(|range| {
            (one.range.start.line..=one.range.end.line).contains(&range.start.line)
                || (range.start.line..=range.end.line).contains(&one.range.start.line)
        })
    };
    let parsed = found.into_iter().filter_map(|value| serde_json::from_value::<Diagnostic>(value).ok());
    parsed.filter(here).map(|one| told(&one)).collect()
}

fn told(one: &Diagnostic) -> String {
    let source = one.source.as_deref().map(|source| format!(" (from {source})")).unwrap_or_default();
    format!("line {}: {}{source}", one.range.start.line.saturating_add(1), one.message)
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn places_as_people_write_them() {
        for (text, file, lines) in [
            ("src/a.rs", "src/a.rs", None),
            ("src/a.rs:3", "src/a.rs", Some((2, 2))),
            ("src/a.rs:3-9", "src/a.rs", Some((2, 8))),
            ("C:3:4", "C:3", Some((3, 3))),
            ("a:0", "a:0", None),
            ("a:9-3", "a:9-3", None),
            ("file:///a.rs", "file:///a.rs", None),
            ("file:///a.rs:7", "file:///a.rs", Some((6, 6))),
        ] {
            assert_eq!(place(text), (file, lines), "{text}");
        }
    }

    #[test]
    fn a_cursor_means_what_stands_around_it() {
        let here = || Here {
            comment: Some(Range { start: at(1), end: at(3) }),
            definition: Some(("walk".to_owned(), Range { start: at(0), end: at(9) })),
        };
        let of = |name: &str, here: Here| around(of_command(name).unwrap(), cursor(2), here);
        assert_eq!(of(command::EXPLAIN, here()).unwrap().unwrap().end, at(9));
        assert_eq!(
            of(command::EXPLAIN, Here::default()).unwrap().unwrap(),
            Range { start: at(2), end: at(3) }
        );
        assert_eq!(of(command::DO_COMMENT, here()).unwrap().unwrap().end, at(3));
        assert!(of(command::DO_COMMENT, Here::default()).unwrap_err().contains("line 3"));
        assert_eq!(of(command::REVIEW_CODE, here()).unwrap(), None);
        assert_eq!(of(command::FIX, here()).unwrap().unwrap().end, at(3));
        let selection = Range { start: at(4), end: at(5) };
        let explain = of_command(command::EXPLAIN).unwrap();
        assert_eq!(around(explain, selection, here()).unwrap(), Some(selection));
    }
}
