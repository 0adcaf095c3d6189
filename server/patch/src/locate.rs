//! Where a chunk belongs in a text: exactly one place, or why not.

use std::borrow::Cow;

use crate::blocks::{Last, Narrowed, NoContext, narrow};
use crate::find::Search;
use crate::lines::{PASSES, Pass};
use crate::view::View;
use crate::{Chunk, ChunkLine};

/// The place of a chunk.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    /// Zero-based line at which its first old line stands, or before which it is inserted.
    pub start: usize,
    /// The chunk's lines without blank ones that only separated parts of the patch.
    pub lines: Cow<'a, [ChunkLine]>,
    /// The pass in which it was found.
    pub pass: Pass,
}

/// Why a chunk has no place.
#[derive(Debug)]
pub(crate) enum Miss<'a> {
    /// An `@@` line is not there.
    Context(NoContext<'a>),
    /// The old lines are not there.
    Lines,
    /// They stand at these lines (zero-based).
    Ambiguous(Vec<usize>),
    /// An insertion at a line behind the end (one-based).
    PastEnd(usize),
}

/// Finds the one place of `chunk`. `last` is of the chunks of the same text before it.
pub(crate) fn locate<'a>(view: &View<'_>, last: &mut Last, chunk: &'a Chunk) -> Result<Place<'a>, Miss<'a>> {
    let narrowed = last.narrow(view, &chunk.context).map_err(Miss::Context)?;
    let has_old = |line: &ChunkLine| matches!(line, ChunkLine::Keep(_) | ChunkLine::Remove(_));
    if !chunk.lines.iter().any(has_old) {
        return insertion(view, chunk, narrowed.as_deref());
    }
    match search(view, chunk, &chunk.lines, narrowed.as_deref()) {
        Err(Miss::Lines) => {
            let lines = without_outer_blanks(&chunk.lines);
            if lines.len() == chunk.lines.len() {
                return Err(Miss::Lines);
            }
            search(view, chunk, lines, narrowed.as_deref())
        }
        found => found,
    }
}

fn without_outer_blanks(lines: &[ChunkLine]) -> &[ChunkLine] {
    let blank = |line: &ChunkLine| matches!(line, ChunkLine::Blank);
    let start = lines.iter().take_while(|line| blank(line)).count();
    let end = lines.iter().rev().take_while(|line| blank(line)).count();
    lines.get(start..lines.len() - end).unwrap_or_default()
}

/// A chunk without old lines; blank lines without a sign in its middle are added ones.
fn insertion<'a>(view: &View<'_>, chunk: &Chunk, narrowed: Option<&Narrowed>) -> Result<Place<'a>, Miss<'a>> {
    let end = view.len();
    let start = match (narrowed, chunk.line_hint) {
        _ if chunk.end_of_file => end,
        (Some(narrowed), _) => match narrowed.anchors[..] {
            [anchor] => anchor + 1,
            _ => return Err(Miss::Ambiguous(narrowed.anchors.clone())),
        },
        (None, Some(line)) if line > end + 1 => return Err(Miss::PastEnd(line)),
        (None, Some(line)) => line.saturating_sub(1),
        (None, None) => end,
    };
    let lines = without_outer_blanks(&chunk.lines).iter().map(|line| match line {
        ChunkLine::Blank => ChunkLine::Add(String::new()),
        line => line.clone(),
    });
    Ok(Place { start, lines: lines.collect(), pass: Pass::Exact })
}

fn search<'a>(
    view: &View<'_>,
    chunk: &Chunk,
    lines: &'a [ChunkLine],
    narrowed: Option<&Narrowed>,
) -> Result<Place<'a>, Miss<'a>> {
    let old: Vec<&str> = lines.iter().filter_map(ChunkLine::old).collect();
    let lines_wanted = Search::new(view, &old);
    for pass in PASSES {
        let mut found = lines_wanted.find(pass);
        if chunk.end_of_file {
            found = at_end(view, found, old.len());
        }
        if let Some(narrowed) = narrowed {
            found = within(narrowed, found, old.len());
        }
        match found[..] {
            [] => continue,
            [start] => {
                return Ok(Place { start, lines: Cow::Borrowed(lines), pass });
            }
            _ => {}
        }
        let Some(start) = by_hint(view, chunk, &found) else {
            return Err(Miss::Ambiguous(found));
        };
        return Ok(Place { start, lines: Cow::Borrowed(lines), pass });
    }
    Err(Miss::Lines)
}

/// Those that end with the text; failing that, those with only blank lines behind them.
fn at_end(view: &View<'_>, found: Vec<usize>, len: usize) -> Vec<usize> {
    let blank = view.contents().rev().take_while(|line| line.trim().is_empty()).count();
    let end = view.len();
    if let Some(last) = found.iter().find(|start| *start + len == end) {
        return vec![*last];
    }
    found.into_iter().filter(|start| start + len >= end - blank).collect()
}

/// Those in the narrowest context that holds any: below the `@@` line and in its block; from the `@@` line on, for a
/// chunk that repeats it; anywhere below it.
fn within(narrowed: &Narrowed, found: Vec<usize>, len: usize) -> Vec<usize> {
    let covers = |start: usize| narrowed.names_one_of(start..start + len);
    let places: [&dyn Fn(usize) -> bool; 3] =
        [&|start| narrowed.in_block(start), &covers, &|start| narrowed.is_below(start)];
    let mut kept =
        places.iter().map(|place| found.iter().copied().filter(|start| place(*start)).collect::<Vec<_>>());
    kept.find(|kept| !kept.is_empty()).unwrap_or_default()
}

/// What a unified diff's header says of equal places: the exact line, else the one below its heading.
fn by_hint(view: &View<'_>, chunk: &Chunk, found: &[usize]) -> Option<usize> {
    let line = chunk.line_hint.and_then(|line| line.checked_sub(1));
    if let Some(start) = found.iter().find(|start| Some(**start) == line) {
        return Some(*start);
    }
    let heading = [chunk.heading.clone()?];
    let narrowed = narrow(view, &heading).ok()??;
    match within(&narrowed, found.to_vec(), 0)[..] {
        [start] => Some(start),
        _ => None,
    }
}
