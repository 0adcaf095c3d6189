//! Chunks on one text: finds the place of each in the text as it was, then says what differs when all are carried out.

use std::cell::LazyCell;

use glossator_text::{LineEnding, LineHunk};

use crate::blocks::Last;
use crate::lines::{BOM, Pass, indentation};
use crate::locate::{Place, locate};
use crate::view::View;
use crate::write::{self, Edit};
use crate::{Chunk, ChunkLine, Problem, closest};

/// Chunks of a file for which it is said what comes closest to them. Whoever wrote more wrong ones has another file in
/// mind, and looking takes time.
const MAX_EXPLAINED: usize = 20;

/// What chunks make of a text.
pub(crate) struct Assembled {
    /// The places that differ; none when there are problems.
    pub hunks: Vec<LineHunk>,
    pub problems: Vec<Problem>,
    pub warnings: Vec<String>,
}

/// Carries out the chunks of one section. `ending` is what new lines end with when the text shows no line break.
pub(crate) fn assemble(file: &str, text: &str, ending: LineEnding, chunks: &[Chunk]) -> Assembled {
    let (view, mut last) = (View::new(text), Last::default());
    let (mut problems, mut warnings, mut edits) = (Vec::new(), Vec::new(), Vec::new());
    for (at, chunk) in chunks.iter().enumerate() {
        match locate(&view, &mut last, chunk) {
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
                let message = match problems.len() < MAX_EXPLAINED {
                    true => closest::explain(&view, chunk, &miss),
                    false => closest::named(&view, chunk, &miss),
                };
                problems.push(Problem::of_chunk(file, at + 1, message));
            }
        }
    }
    edits.sort_by_key(|edit| (edit.start, edit.end, edit.chunk));
    problems.extend(overlaps(file, &edits));
    if !problems.is_empty() {
        return Assembled { hunks: Vec::new(), problems, warnings };
    }
    // New lines end as most lines do; a text that shows no line break says nothing about it.
    let ending = LazyCell::new(|| match view.len() > 0 && !view.ending(0).is_empty() {
        true if !text.contains('\r') => LineEnding::Lf,
        true => LineEnding::dominant(text),
        false => ending,
    });
    let final_newline = chunks.iter().rev().find_map(|chunk| chunk.final_newline);
    let mut hunks = write::hunks(&view, &edits, || ending.as_str(), final_newline);
    if write::cancel_out(text, &hunks) {
        hunks.clear();
    }
    Assembled { hunks, problems, warnings }
}

fn edits_of(view: &View<'_>, chunk: usize, place: &Place<'_>) -> Vec<Edit> {
    let reindented;
    let lines = if place.pass >= Pass::Indentation {
        let old = place.lines.iter().filter(|line| line.old().is_some()).count();
        let found: Vec<&str> = (place.start..place.start + old).map(|line| view.content(line)).collect();
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
                ChunkLine::Add(text) => {
                    let first = edit.start == 0 && edit.new.is_empty();
                    let bare = text.strip_prefix(BOM).filter(|_| first);
                    edit.new.push(bare.unwrap_or(text).to_owned());
                }
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
    let mut spaces = view.contents().map(indentation);
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
