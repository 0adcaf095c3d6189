//! Looks up what a prompt mentions: paths in the workspace, lines and symbols of files, other sessions, diagnostics.

use crate::blocking::with_agent;
use crate::connection::Connection;
use crate::convert;
use crate::editor_words;
use crate::language::{Definition, language, outline};
use crate::markdown::one_line;
use crate::mentions::digest;
use crate::mentions::written::{Part, Target, mentions};
use futures::future::join_all;
use glossator_protocol_ext as ext;
use glossator_session::{AgentId, InputPart, SessionId};
use glossator_text::{Position, Range, byte_range, lines};
use glossator_workspace::PathKind;
use ropey::Rope;
use std::path::Path;
use std::sync::Arc;
use tower_lsp::lsp_types::MessageType;
use url::Url;

/// Bytes of a file's part that are quoted; of a longer one only the place is told.
const QUOTED: usize = 32 << 10;

/// Characters of a file's name in a message.
const NAME: usize = 100;

/// Turns of another session that are told.
const TURNS: usize = 6;

/// `input` with a mention behind it for each that its words name and that exists. None of what is there is changed; the user
/// is told of files that are not there.
pub async fn resolved(connection: &Arc<Connection>, input: Vec<InputPart>) -> Vec<InputPart> {
    let (input, missing) = looked_up(connection, input).await;
    if !missing.is_empty() {
        let named = missing.join(", ");
        let text =
            format!("Glossator: there is no file {named} in the workspace; it was sent as it is written.");
        connection.show(MessageType::INFO, text);
    }
    input
}

/// The same, and the files that were named and are not there.
pub async fn looked_up(
    connection: &Arc<Connection>,
    mut input: Vec<InputPart>,
) -> (Vec<InputPart>, Vec<String>) {
    let written: Vec<Vec<Target>> = input
        .iter()
        .filter_map(|part| match part {
            InputPart::Text { text } => Some(mentions(text)),
            _ => None,
        })
        .flatten()
        .collect();
    let agent = if written.is_empty() { None } else { agent_named(connection, &input).await };
    let is_agent =
        |target: &Target| matches!(target, Target::Path(path, Part::Whole) if Some(path) == agent.as_ref());
    let files = written.into_iter().filter(|meanings| !meanings.iter().any(is_agent));
    // At once: a prompt waits for the slowest, not for all of them.
    let found = files.map(|meanings| async {
        let last = meanings.last().cloned();
        match first(connection, meanings).await {
            Some(part) => Ok(part),
            None => Err(is_missing(connection, last).await),
        }
    });
    let mut missing = Vec::new();
    for found in join_all(found).await {
        match found {
            Ok(part) if !input.iter().any(|known| same_place(known, &part)) => input.push(part),
            Ok(_) => {}
            Err(named) => missing.extend(named),
        }
    }
    missing.dedup();
    (input, missing)
}

/// The name of what is not there, where it looks like a file.
async fn is_missing(connection: &Connection, target: Option<Target>) -> Option<String> {
    let target = target?;
    let name = file_name(&target)?;
    let Target::Path(path, _) = &target else { return None };
    let path = connection.workspace.roots().resolve(path);
    let is_there = match path {
        Ok(path) => connection.workspace.kind(&path).await.is_some(),
        Err(_) => false,
    };
    (!is_there).then_some(name)
}

/// The name of a file, as far as one can be told from a package or a person: it ends with a dot and some letters.
fn file_name(target: &Target) -> Option<String> {
    let Target::Path(path, _) = target else { return None };
    let (stem, extension) = path.rsplit(['/', '\\']).next()?.rsplit_once('.')?;
    let is_file = !stem.is_empty()
        && (1..=8).contains(&extension.len())
        && extension.chars().all(|c| c.is_ascii_alphanumeric());
    is_file.then(|| one_line(path, NAME))
}

/// The first of these meanings that exists.
async fn first(connection: &Arc<Connection>, meanings: Vec<Target>) -> Option<InputPart> {
    for target in meanings {
        if let Some(part) = part(connection, target).await {
            return Some(part);
        }
    }
    None
}

/// The agent that a prompt is for, if it begins with one: that is no file.
async fn agent_named(connection: &Arc<Connection>, input: &[InputPart]) -> Option<String> {
    let text = input.iter().find_map(|part| match part {
        InputPart::Text { text } => Some(text),
        _ => None,
    })?;
    let name =
        text.split_whitespace().next()?.strip_prefix('@')?.trim_end_matches([',', ':', ';']).to_owned();
    let connection = connection.clone();
    let known = move || {
        let config = connection.config(connection.trusted());
        let known = config.agents.contains_key(&AgentId::from(name.as_str()));
        (known || name == "session" || name == "main").then_some(name)
    };
    tokio::task::spawn_blocking(known).await.ok().flatten()
}

fn same_place(one: &InputPart, other: &InputPart) -> bool {
    match (one, other) {
        (InputPart::Mention { uri: a, range: x, .. }, InputPart::Mention { uri: b, range: y, .. }) => {
            (a, x) == (b, y)
        }
        _ => false,
    }
}

async fn part(connection: &Arc<Connection>, target: Target) -> Option<InputPart> {
    match target {
        Target::Diagnostics => {
            let text = editor_words::diagnostics(connection, None).await?;
            Some(convert::mention("glossator:diagnostics".to_owned(), None, Some(text)))
        }
        Target::Session(id) => {
            let session = SessionId(id);
            let uri = format!("glossator:session/{session}");
            let page = with_agent(connection, move |agent| agent.page(&session, None, TURNS)).await.ok()?;
            let text = connection.cleaned(digest::session(&page)).await;
            Some(convert::mention(uri, None, Some(text)))
        }
        Target::Path(written, part) => place(connection, &written, part).await,
    }
}

async fn place(connection: &Arc<Connection>, written: &str, part: Part) -> Option<InputPart> {
    let path = connection.workspace.roots().resolve(written).ok()?;
    let kind = connection.workspace.kind(&path).await?;
    let uri = uri_of(connection, &path)?;
    if part == Part::Whole {
        return Some(convert::mention(uri, None, None));
    }
    if kind == PathKind::Folder {
        return None;
    }
    let text = connection.workspace.read(&path).await.ok()?.text;
    let found = match part {
        Part::Whole => None,
        Part::Lines(first, last) => quoted_lines(&text, (first as usize - 1, last as usize - 1)),
        Part::Symbol(name) => {
            let symbols = of_document(connection, &path, &text).await;
            let symbol = symbol_named(&symbols, &name)?;
            match symbol.range {
                Some(range) => {
                    let rope = Rope::from_str(&text);
                    let bytes = byte_range(&rope, range, connection.workspace.overlay().encoding());
                    text.get(bytes).map(|text| (range, text.to_owned()))
                }
                None => quoted_lines(&text, symbol.lines),
            }
        }
    };
    // Lines that are not there leave the file.
    let (range, text) = found.map_or((None, None), |(range, text)| (Some(range), Some(text)));
    Some(convert::mention(uri, range, text.filter(|text| text.len() <= QUOTED)))
}

/// The document of a file, as the editor names it if it is open there.
fn uri_of(connection: &Connection, path: &Path) -> Option<String> {
    let open = connection.workspace.overlay().by_path(path).map(|buffer| buffer.uri);
    open.or_else(|| Url::from_file_path(path).ok().map(|uri| uri.to_string()))
}

/// Whole lines, from 0, both included, and their text; `None` where the first is not there.
fn quoted_lines(text: &str, (first, last): (usize, usize)) -> Option<(Range, String)> {
    let count = lines(text).count();
    if first >= count {
        return None;
    }
    let last = last.min(count - 1);
    let quoted: String = lines(text).skip(first).take(last - first + 1).collect();
    let at = |line: usize| Position { line: u32::try_from(line).unwrap_or(u32::MAX), character: 0 };
    Some((Range { start: at(first), end: at(last + 1) }, quoted))
}

/// A symbol of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Symbol {
    /// Its name.
    pub name: String,
    /// What it is, in a word; may be empty.
    pub kind: String,
    /// What it is a part of.
    pub container: Option<String>,
    /// Its first and its last line, from 0.
    pub lines: (usize, usize),
    /// Its exact place, where a language server told it.
    range: Option<Range>,
}

impl From<Definition> for Symbol {
    fn from(one: Definition) -> Symbol {
        Symbol {
            name: one.name,
            kind: one.kind,
            container: one.container,
            lines: (one.first, one.last),
            range: None,
        }
    }
}

impl From<ext::SymbolInfo> for Symbol {
    fn from(one: ext::SymbolInfo) -> Symbol {
        let range = convert::ext_range(one.range);
        let lines = (range.start.line as usize, range.end.line as usize);
        Symbol { name: one.name, kind: one.kind, container: one.container, lines, range: Some(range) }
    }
}

/// The symbols of a file (resolved): as other language servers tell them where the client passes that on, else as the text
/// looks. Empty where neither is known.
pub async fn symbols(connection: &Arc<Connection>, path: &Path) -> Vec<Symbol> {
    match connection.workspace.read(path).await {
        Ok(document) => of_document(connection, path, &document.text).await,
        Err(_) => Vec::new(),
    }
}

/// The symbols of a file (resolved) as its text looks; nobody is asked.
pub async fn seen_symbols(connection: &Arc<Connection>, path: &Path) -> Vec<Symbol> {
    match connection.workspace.read(path).await {
        Ok(document) => as_it_looks(connection, path, &document.text),
        Err(_) => Vec::new(),
    }
}

async fn of_document(connection: &Arc<Connection>, path: &Path, text: &str) -> Vec<Symbol> {
    // Other servers know what the editor shows.
    let open = connection.workspace.overlay().by_path(path).filter(|buffer| !buffer.out_of_step);
    if let Some(buffer) = open {
        let told = editor_words::symbols(connection, &buffer.uri).await;
        if !told.is_empty() {
            return told.into_iter().map(Symbol::from).collect();
        }
    }
    as_it_looks(connection, path, text)
}

fn as_it_looks(connection: &Connection, path: &Path, text: &str) -> Vec<Symbol> {
    let buffer = connection.workspace.overlay().by_path(path);
    let id = buffer.map(|buffer| buffer.language).unwrap_or_default();
    let Some(language) = language(&id, Some(path)) else { return Vec::new() };
    outline(text, language).into_iter().map(Symbol::from).collect()
}

fn symbol_named<'a>(symbols: &'a [Symbol], name: &str) -> Option<&'a Symbol> {
    let by_name = symbols.iter().find(|one| one.name == name);
    by_name.or_else(|| {
        let (container, name) = name.rsplit_once('.')?;
        symbols.iter().find(|one| one.name == name && one.container.as_deref() == Some(container))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_file_is_missed() {
        for (path, is_file) in [
            ("src/a.rs", true),
            ("none.txt", true),
            ("types/node", false),
            ("ann", false),
            ("Override", false),
            ("a.", false),
            (".env", false),
            ("v1.toolongtobeone", false),
        ] {
            let found = file_name(&Target::Path(path.to_owned(), Part::Whole));
            assert_eq!(found.is_some(), is_file, "{path}");
        }
        assert_eq!(file_name(&Target::Diagnostics), None);
    }

    #[test]
    fn lines_are_quoted_as_far_as_they_are_there() {
        let check = |first, last, expected: Option<(u32, &str)>| {
            let found = quoted_lines("a\nb\r\nc", (first, last));
            let found = found.as_ref().map(|(range, text)| (range.end.line, text.as_str()));
            assert_eq!(found, expected, "{first}-{last}");
        };
        check(0, 0, Some((1, "a\n")));
        check(1, 9, Some((3, "b\r\nc")));
        check(3, 3, None);
        assert_eq!(quoted_lines("", (0, 0)), None);
    }
}
