//! Hunks where the editor shows them: the agent's hunks with the document's URI and with positions in its encoding.

use crate::connection::Connection;
use crate::convert;
use glossator_agent::{HunkQuery, HunkView};
use glossator_protocol_ext as ext;
use glossator_session::{HunkId, HunkPart, SessionId, TurnId};
use glossator_text::{Position, PositionEncoding, Range, byte_range, lines, position_at};
use ropey::Rope;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use tower_lsp::lsp_types as lsp;
use url::Url;

/// A hunk where the editor shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub view: HunkView,
    /// The document, as the editor named it if it is open.
    pub uri: Url,
    /// The version that the places are counted in, if the document is open with that very text.
    pub version: Option<i32>,
    /// Whether the document is open, with whatever text.
    pub is_open: bool,
    /// `None`: its place was not found, or there is no such file.
    pub place: Option<Place>,
    /// Earlier turns whose changes of these lines it took over: they go and stay with it.
    pub over: Vec<TurnId>,
}

/// Where a hunk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// What stands there now; empty where lines were only taken out.
    pub range: lsp::Range,
    /// The whole lines that stand for it, never none: those lines or, where there are none, the line behind, or the one
    /// before. Without the last line break.
    pub lines: lsp::Range,
    /// The first of these lines.
    pub first_line: lsp::Range,
}

impl Shown {
    /// Whether one of the lines that stand for it is in `range`.
    pub fn touches(&self, range: &lsp::Range) -> bool {
        let last = match range.end.character == 0 && range.end.line > range.start.line {
            true => range.end.line - 1,
            false => range.end.line,
        };
        self.place
            .is_some_and(|Place { lines, .. }| lines.start.line <= last && lines.end.line >= range.start.line)
    }

    /// What goes with it when it is rejected: ` with T-1 and T-3`; empty where nothing does.
    pub fn with_earlier(&self) -> String {
        match self.over.as_slice() {
            [] => String::new(),
            turns => format!(" with {}", listed(turns)),
        }
    }

    /// `src/a.rs:12`, or the path alone.
    pub fn location(&self) -> String {
        match (&self.place, &self.view.part) {
            (Some(place), HunkPart::Lines) => format!("{}:{}", self.view.shown, place.range.start.line + 1),
            _ => self.view.shown.clone(),
        }
    }

    /// As clients with the extension are told of it.
    pub fn told(&self) -> ext::Hunk {
        let view = &self.view;
        let point = |at: lsp::Position| ext::Position { line: at.line, character: at.character };
        ext::Hunk {
            id: view.id.0.clone(),
            turn_id: view.turn.to_string(),
            uri: self.uri.to_string(),
            path: view.shown.clone(),
            part: part(&view.part),
            state: convert::hunk_state(view.state),
            base: view.base.clone(),
            proposed: view.proposed.clone(),
            current: (view.current != view.proposed).then(|| view.current.clone()),
            range: self
                .place
                .map(|Place { range, .. }| ext::Range { start: point(range.start), end: point(range.end) }),
            version: self.version,
        }
    }
}

fn part(part: &HunkPart) -> ext::HunkPart {
    match part {
        HunkPart::Lines => ext::HunkPart::Lines,
        HunkPart::Create => ext::HunkPart::Create,
        HunkPart::Delete => ext::HunkPart::Delete,
        HunkPart::Move { from } => ext::HunkPart::Move {
            from: Url::from_file_path(from)
                .map_or_else(|()| from.display().to_string(), |uri| uri.to_string()),
        },
    }
}

/// The hunks that match, by path, then place.
pub async fn hunks(connection: &Arc<Connection>, query: HunkQuery<'_>) -> Vec<Shown> {
    let Some(agent) = connection.agent() else { return Vec::new() };
    // Whether the folder is trusted says nothing of its hunks, and finding that out reads settings.
    let views = agent.hunks(query, &connection.front_if(false)).await;
    if views.is_empty() {
        return Vec::new();
    }
    let connection = connection.clone();
    // Buffers are compared with the disk.
    let placed = tokio::task::spawn_blocking(move || shown(&connection, views)).await;
    placed.unwrap_or_default()
}

/// The open hunks of the document `uri`; none if it stands for no file.
pub async fn in_document(connection: &Arc<Connection>, uri: &Url) -> Vec<Shown> {
    match path_of(connection, uri) {
        Some(path) => hunks(connection, HunkQuery { path: Some(&path), ..HunkQuery::default() }).await,
        None => Vec::new(),
    }
}

/// The file that a document stands for.
pub fn path_of(connection: &Connection, uri: &Url) -> Option<PathBuf> {
    match connection.workspace.overlay().by_uri(uri.as_str()) {
        Some(buffer) => buffer.path,
        None => convert::path_of(uri),
    }
}

fn shown(connection: &Connection, views: Vec<HunkView>) -> Vec<Shown> {
    let encoding = connection.workspace.overlay().encoding();
    let taken_over = taken_over(connection, &views);
    let mut last: Option<(HunkView, File)> = None;
    let mut found = Vec::with_capacity(views.len());
    for view in views {
        let same = |(one, _): &(HunkView, File)| {
            one.path == view.path && one.text.as_ref().map(Arc::as_ptr) == view.text.as_ref().map(Arc::as_ptr)
        };
        if !last.as_ref().is_some_and(same) {
            last = File::of(connection, &view).map(|file| (view.clone(), file));
        }
        // A path that cannot be written as a URI cannot be shown.
        let Some((_, file)) = &last else { continue };
        let place = file.text.as_ref().zip(view.range.clone());
        let place = place.map(|(text, range)| place_of(text, range, encoding));
        let File { uri, version, is_open, .. } = file;
        let over = taken_over.get(&view.session).and_then(|all| all.get(&view.id)).cloned();
        let (uri, over) = (uri.clone(), over.unwrap_or_default());
        found.push(Shown { place, uri, version: *version, is_open: *is_open, over, view });
    }
    found
}

/// Of each session in `views`, the hunks that took over what earlier turns had changed.
fn taken_over(
    connection: &Connection,
    views: &[HunkView],
) -> BTreeMap<SessionId, HashMap<HunkId, Vec<TurnId>>> {
    let Some(agent) = connection.agent() else { return BTreeMap::new() };
    let sessions: BTreeSet<&SessionId> = views.iter().map(|view| &view.session).collect();
    let of = |session: &SessionId| Some((session.clone(), agent.taken_over(session).ok()?));
    sessions.into_iter().filter_map(of).collect()
}

/// The document of a file that has hunks.
struct File {
    uri: Url,
    version: Option<i32>,
    is_open: bool,
    text: Option<Rope>,
}

impl File {
    fn of(connection: &Connection, view: &HunkView) -> Option<File> {
        let buffer = connection.workspace.overlay().by_path(&view.path);
        let uri = buffer.as_ref().and_then(|buffer| Url::parse(&buffer.uri).ok());
        let uri = uri.or_else(|| Url::from_file_path(&view.path).ok())?;
        let is_open = buffer.is_some();
        let Some(text) = &view.text else {
            return Some(File { uri, version: None, is_open, text: None });
        };
        let (version, text) = match buffer.filter(|buffer| buffer.text == **text) {
            Some(buffer) => (Some(buffer.version), buffer.text),
            None => (None, Rope::from_str(text)),
        };
        Some(File { uri, version, is_open, text: Some(text) })
    }
}

fn place_of(text: &Rope, bytes: std::ops::Range<usize>, encoding: PositionEncoding) -> Place {
    let (start, end) = (position_at(text, bytes.start, encoding), position_at(text, bytes.end, encoding));
    let is_empty = bytes.is_empty();
    // Behind the last line break there is no line to show anything on.
    let behind_all = is_empty && bytes.start >= text.len_bytes() && start.character == 0;
    let first = if behind_all { start.line.saturating_sub(1) } else { start.line };
    let last = if !is_empty && end.character == 0 && end.line > start.line { end.line - 1 } else { end.line };
    let last = if is_empty { first } else { last };
    let whole = |first: u32, last: u32| {
        let (start, beyond) =
            (Position { line: first, character: 0 }, Position { line: last, character: u32::MAX });
        let end = byte_range(text, Range { start, end: beyond }, encoding).end;
        convert::lsp_range(Range { start, end: position_at(text, end, encoding) })
    };
    Place {
        range: convert::lsp_range(Range { start, end }),
        lines: whole(first, last),
        first_line: whole(first, first),
    }
}

/// `T-1`, `T-1 and T-3`, `T-1, T-3 and T-4`.
pub fn listed(turns: &[TurnId]) -> String {
    let names: Vec<String> = turns.iter().map(TurnId::to_string).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// `3 lines`, `1 line`.
pub fn count(text: &str) -> String {
    match lines(text).count() {
        1 => "1 line".to_owned(),
        count => format!("{count} lines"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        // Text, bytes, the range and the lines as `line:character-line:character`.
        let check = |text: &str, bytes: std::ops::Range<usize>, range: &str, lines: &str| {
            let place = place_of(&Rope::from_str(text), bytes.clone(), PositionEncoding::Utf16);
            let of = |it: lsp::Range| {
                format!("{}:{}-{}:{}", it.start.line, it.start.character, it.end.line, it.end.character)
            };
            assert_eq!(
                (of(place.range).as_str(), of(place.lines).as_str()),
                (range, lines),
                "{text:?} {bytes:?}"
            );
        };
        check("a\nbb\nc\n", 2..5, "1:0-2:0", "1:0-1:2");
        check("a\nbb\nc\n", 0..7, "0:0-3:0", "0:0-2:1");
        check("a\r\nbb\r\nc\r\n", 3..10, "1:0-3:0", "1:0-2:1");
        check("a\nbb", 2..4, "1:0-1:2", "1:0-1:2");
        check("a\n😀b\n", 2..8, "1:0-2:0", "1:0-1:3");
        // Nothing stands there: the line behind, else the one before, else all there is.
        check("a\nbb\nc\n", 2..2, "1:0-1:0", "1:0-1:2");
        check("a\nbb\nc\n", 7..7, "3:0-3:0", "2:0-2:1");
        check("a\nbb", 4..4, "1:2-1:2", "1:0-1:2");
        check("", 0..0, "0:0-0:0", "0:0-0:0");
        // Past the end, as it may be for a moment.
        check("a\n", 9..12, "1:0-1:0", "1:0-1:0");
    }

    #[test]
    fn turns_in_words() {
        let words = |turns: &[u32]| listed(&turns.iter().map(|turn| TurnId(*turn)).collect::<Vec<_>>());
        assert_eq!((words(&[]).as_str(), words(&[1]).as_str()), ("", "T-1"));
        assert_eq!(
            (words(&[1, 3]).as_str(), words(&[1, 3, 4]).as_str()),
            ("T-1 and T-3", "T-1, T-3 and T-4")
        );
    }

    #[test]
    fn numbers_of_lines() {
        assert_eq!(
            (count("a\n"), count("a\nb"), count("")),
            ("1 line".into(), "2 lines".into(), "0 lines".into())
        );
    }
}
