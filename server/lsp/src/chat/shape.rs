//! `textDocument/documentSymbol` and `textDocument/foldingRange` of transcripts and pages: turns, who speaks, files; turns, calls,
//! code and long prompts fold.

use crate::chat::outline::{Outline, TurnPart};
use crate::chat::place::Lines;
use crate::connection::Connection;
use crate::words::cut;
use tower_lsp::lsp_types::{
    DocumentSymbol, DocumentSymbolResponse, FoldingRange, FoldingRangeKind, Location, SymbolInformation,
    SymbolKind,
};
use url::Url;

/// Characters of a symbol's name.
const NAME: usize = 80;
/// Lines of a prompt above which it folds.
const LONG: usize = 4;

/// The symbols of a transcript; none of any other document.
pub fn symbols(connection: &Connection, uri: &Url) -> Option<DocumentSymbolResponse> {
    let lines = shown(connection, uri)?;
    let text = lines.text();
    let outline = Outline::of(&text);
    let found: Vec<DocumentSymbol> = outline.turns.iter().map(|turn| of_turn(&lines, turn, &text)).collect();
    if nests(connection) {
        return Some(DocumentSymbolResponse::Nested(found));
    }
    let mut flat = Vec::new();
    for turn in found {
        let turn_name = turn.name.clone();
        flat.push(plain(uri, &turn, None));
        for part in turn.children.iter().flatten() {
            flat.push(plain(uri, part, Some(turn_name.clone())));
        }
    }
    Some(DocumentSymbolResponse::Flat(flat))
}

/// The lines of an open transcript or page.
fn shown(connection: &Connection, uri: &Url) -> Option<Lines> {
    connection.prompts.folders.document(uri.as_str()).filter(|ours| ours.has_turns())?;
    Lines::of(connection, uri)
}

fn nests(connection: &Connection) -> bool {
    let documents = connection.capabilities().and_then(|all| all.text_document.as_ref());
    let symbols = documents.and_then(|documents| documents.document_symbol.as_ref());
    symbols.and_then(|symbols| symbols.hierarchical_document_symbol_support).unwrap_or(false)
}

fn of_turn(lines: &Lines, turn: &TurnPart, text: &str) -> DocumentSymbol {
    let words = turn.speakers.iter().find(|speaker| speaker.is_user()).map(|speaker| speaker.words.as_str());
    let name = format!("{} {}", turn.id, cut(words.unwrap_or_default(), NAME));
    let mut children = Vec::new();
    for speaker in &turn.speakers {
        let (kind, name) = match speaker.is_user() {
            true => (SymbolKind::STRING, format!("{}: {}", speaker.name, cut(&speaker.words, NAME))),
            false => (SymbolKind::FUNCTION, speaker.name.clone()),
        };
        children.push(symbol(lines, (name, None), kind, (speaker.line, speaker.end)));
    }
    for (number, line) in text.lines().enumerate().skip(turn.line).take(turn.end - turn.line) {
        if let Some(edit) = line.strip_prefix("- ▸ edit ") {
            children.push(symbol(lines, (cut(edit, NAME), None), SymbolKind::FILE, (number, number + 1)));
        }
    }
    children.sort_by_key(|child| child.range.start.line);
    let detail = Some(turn.detail.clone()).filter(|detail| !detail.is_empty());
    let mut found =
        symbol(lines, (name.trim().to_owned(), detail), SymbolKind::NAMESPACE, (turn.line, turn.end));
    found.children = Some(children);
    found
}

fn symbol(
    lines: &Lines,
    (name, detail): (String, Option<String>),
    kind: SymbolKind,
    (first, end): (usize, usize),
) -> DocumentSymbol {
    #[allow(deprecated)]
    DocumentSymbol {
        name,
        detail,
        kind,
        tags: None,
        deprecated: None,
        range: lines.lines(first, end),
        selection_range: lines.lines(first, first + 1),
        children: None,
    }
}

fn plain(uri: &Url, symbol: &DocumentSymbol, container_name: Option<String>) -> SymbolInformation {
    let location = Location { uri: uri.clone(), range: symbol.range };
    #[allow(deprecated)]
    SymbolInformation {
        name: symbol.name.clone(),
        kind: symbol.kind,
        tags: None,
        deprecated: None,
        location,
        container_name,
    }
}

/// What of a transcript folds; none of any other document.
pub fn folds(connection: &Connection, uri: &Url) -> Option<Vec<FoldingRange>> {
    let lines = shown(connection, uri)?;
    let text = lines.text();
    let all: Vec<&str> = text.lines().collect();
    Some(ranges(&all).into_iter().map(|(first, last)| fold(first, last)).collect())
}

/// First and last lines of what folds, in order.
fn ranges(all: &[&str]) -> Vec<(usize, usize)> {
    let outline = Outline::of(&all.join("\n"));
    let last = |first: usize, end: usize| {
        // Empty lines at the end stay between the parts.
        (first..end)
            .rev()
            .find(|line| all.get(*line).is_some_and(|line| !line.trim().is_empty()))
            .unwrap_or(first)
    };
    let mut found = Vec::new();
    for turn in &outline.turns {
        found.push((turn.line, last(turn.line, turn.end)));
        for speaker in turn.speakers.iter().filter(|speaker| speaker.is_user()) {
            if speaker.end - speaker.line > LONG + 2 {
                found.push((speaker.line, last(speaker.line, speaker.end)));
            }
        }
    }
    found.extend(outline.blocks.iter().map(|block| (block.line, block.end - 1)));
    for (first, end) in &outline.runs {
        found.push((*first, end - 1));
        found.extend(scripts(&all[*first..*end], *first));
    }
    found.retain(|(first, last)| last > first);
    found.sort_unstable();
    found.dedup();
    found
}

/// The scripts among lines of ours: each with the calls below it.
fn scripts(run: &[&str], from: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = None;
    for (number, line) in run.iter().chain(&[""]).enumerate() {
        if !line.starts_with("  ") {
            found.extend(
                start.filter(|start| number > start + 1).map(|start| (from + start, from + number - 1)),
            );
            start = Some(number);
        }
    }
    found
}

fn fold(first: usize, last: usize) -> FoldingRange {
    let line = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
    FoldingRange {
        start_line: line(first),
        end_line: line(last),
        kind: Some(FoldingRangeKind::Region),
        ..FoldingRange::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_folds() {
        let text = "# t\n\nhead\n\n## T-1 · done\n\n### You\n\n> a\n> b\n> c\n> d\n> e\n\n### Glossator\n\n- ▸ script (S1-1-1)\n  - ▸ read\n  - ▸ exec\n- ▸ exec\n\n```\ncode\n```\n\n## T-2 · running";
        let all: Vec<&str> = text.lines().collect();
        assert_eq!(ranges(&all), [(4, 23), (6, 12), (16, 18), (16, 19), (21, 23)]);
        assert!(ranges(&[]).is_empty());
        assert!(ranges(&["## T-1"]).is_empty());
    }
}
