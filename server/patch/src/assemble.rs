//! Chunks on one text: finds the place of each in the text as it was, then writes the new text once.

use glossator_text::LineEnding;

use crate::lines::{Pass, indentation};
use crate::locate::{Place, locate};
use crate::view::View;
use crate::{Chunk, ChunkLine, Problem, closest};

/// What chunks made of a text.
pub(crate) struct Assembled {
    /// The text with every chunk that has a place.
    pub text: String,
    pub problems: Vec<Problem>,
    pub warnings: Vec<String>,
}

/// A run of lines that goes and what comes for it.
struct Edit {
    chunk: usize,
    start: usize,
    end: usize,
    new: Vec<String>,
}

/// Applies the chunks of one section. `ending` is what new lines end with when the text shows no line break.
pub(crate) fn assemble(file: &str, text: &str, ending: LineEnding, chunks: &[Chunk]) -> Assembled {
    let view = View::new(text);
    let (mut problems, mut warnings, mut edits) = (Vec::new(), Vec::new(), Vec::new());
    for (at, chunk) in chunks.iter().enumerate() {
        match locate(&view, chunk) {
            Ok(place) => {
                if let Some(forgiven) = place.pass.forgiven() {
                    let line = place.start + 1;
                    warnings.push(format!(
                        "{file}, chunk {}: found at line {line} without looking at {forgiven}",
                        at + 1
                    ));
                }
                edits.extend(edits_of(&view, at + 1, &place));
            }
            Err(miss) => {
                problems.push(Problem::of_chunk(file, at + 1, closest::explain(&view, chunk, &miss)))
            }
        }
    }
    edits.sort_by_key(|edit| (edit.start, edit.end, edit.chunk));
    problems.extend(overlaps(file, &edits));
    if problems.is_empty() {
        // New lines end as most lines do; a text that shows no line break says nothing about it.
        let has_breaks = view.lines.first().is_some_and(|line| !line.ending.is_empty());
        let ending = if has_breaks { LineEnding::dominant(text) } else { ending };
        let final_newline = chunks.iter().rev().find_map(|chunk| chunk.final_newline);
        let text = write(&view, &edits, ending, final_newline);
        return Assembled { text, problems, warnings };
    }
    Assembled { text: text.to_owned(), problems, warnings }
}

fn edits_of(view: &View<'_>, chunk: usize, place: &Place<'_>) -> Vec<Edit> {
    let old = place.lines.iter().filter(|line| line.old().is_some()).count();
    let found: Vec<&str> =
        view.lines[place.start..place.start + old].iter().map(|line| line.content).collect();
    let reindented;
    let lines = if place.pass >= Pass::Indentation {
        reindented = crate::indent::reindented(&place.lines, &found, uses_tabs(view));
        &reindented[..]
    } else {
        &place.lines[..]
    };
    let mut edits: Vec<Edit> = Vec::new();
    let mut at = place.start;
    let mut open = false;
    for line in lines {
        if matches!(line, ChunkLine::Keep(_) | ChunkLine::Blank) {
            at += 1;
            open = false;
            continue;
        }
        if !open {
            edits.push(Edit { chunk, start: at, end: at, new: Vec::new() });
            open = true;
        }
        if let Some(edit) = edits.last_mut() {
            match line {
                ChunkLine::Add(text) => edit.new.push(text.clone()),
                _ => {
                    at += 1;
                    edit.end = at;
                }
            }
        }
    }
    edits
}

fn uses_tabs(view: &View<'_>) -> bool {
    let mut spaces = view.lines.iter().map(|line| indentation(line.content));
    spaces.find(|space| !space.is_empty()).is_some_and(|space| space.contains('\t'))
}

fn overlaps(file: &str, edits: &[Edit]) -> Vec<Problem> {
    let clash = |pair: &[Edit]| {
        let (first, second) = (&pair[0], &pair[1]);
        (second.start < first.end).then(|| {
            let (low, high) = (first.chunk.min(second.chunk), first.chunk.max(second.chunk));
            let line = second.start + 1;
            Problem::of_chunk(
                file,
                high,
                format!("it changes line {line}, which chunk {low} changes too; make them one chunk"),
            )
        })
    };
    edits.windows(2).filter_map(clash).collect()
}

/// Lines that stay are copied byte for byte; a changed line keeps its line break, a new one gets `ending`.
fn write(view: &View<'_>, edits: &[Edit], ending: LineEnding, final_newline: Option<bool>) -> String {
    let final_newline = final_newline.unwrap_or(view.lines.last().is_none_or(|line| !line.ending.is_empty()));
    let mut pieces: Vec<(&str, &str)> = Vec::with_capacity(view.lines.len());
    let mut done = 0;
    for edit in edits {
        pieces.extend(view.lines[done..edit.start].iter().map(|line| (line.content, line.ending)));
        for (at, new) in edit.new.iter().enumerate() {
            let replaced = view.lines[edit.start..edit.end].get(at);
            pieces.push((new, replaced.map_or("", |line| line.ending)));
        }
        done = edit.end;
    }
    pieces.extend(view.lines[done..].iter().map(|line| (line.content, line.ending)));
    let mut out =
        String::with_capacity(pieces.iter().map(|(content, own)| content.len() + own.len() + 2).sum());
    let last = pieces.len().saturating_sub(1);
    for (at, (content, own)) in pieces.into_iter().enumerate() {
        out.push_str(content);
        if at < last || final_newline {
            out.push_str(if own.is_empty() { ending.as_str() } else { own });
        }
    }
    out
}
