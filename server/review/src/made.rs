//! The hunks that an edit makes, and how the place of a hunk is described. Reads only the two texts.

use crate::border::{line_above, line_end};
use glossator_session::{ChangeSetId, HunkId, HunkPart, HunkPlace, HunkRecord};
use glossator_text::{Action, FileChange, diff_lines, lines, text_hash};
use std::ops::Range;

/// Lines of context that a place remembers on each side.
const CONTEXT_LINES: usize = 3;
/// Bytes of context that a place remembers on each side.
const CONTEXT_BYTES: usize = 400;

/// The hunks of one file's change, numbered on from `next`, which is left at the number after the last: whole-line hunks
/// where `before` and `after` differ, and one for a creation, a deletion or a move. A new file is one hunk, a deleted one
/// too. Their places are those in `after`.
pub fn hunks_of(
    set: &ChangeSetId,
    next: &mut usize,
    change: &FileChange,
    (before, after): (Option<&str>, Option<&str>),
) -> Vec<HunkRecord> {
    let mut hunk = |part, (base, proposed): (&str, &str), place| {
        let id = HunkId(format!("{set}.{next}"));
        *next += 1;
        HunkRecord {
            id,
            path: change.path_after().to_path_buf(),
            part,
            base: base.to_owned(),
            proposed: proposed.to_owned(),
            current: None,
            place,
            verdict: None,
        }
    };
    let mut hunks = Vec::new();
    if let Action::Update { move_to: Some(_), .. } = &change.action {
        let part = HunkPart::Move { from: change.path.clone() };
        hunks.push(hunk(part, ("", ""), HunkPlace::default()));
    }
    match (before, after) {
        (None, None) => {}
        (None, Some(after)) => hunks.push(hunk(HunkPart::Create, ("", after), HunkPlace::default())),
        (Some(before), None) => hunks.push(hunk(HunkPart::Delete, (before, ""), HunkPlace::default())),
        (Some(before), Some(after)) => {
            let measured = Measured::of(after);
            for (old, new) in changed_lines(before, after) {
                let place = measured.place(&new);
                hunks.push(hunk(HunkPart::Lines, (&before[old], &after[new]), place));
            }
        }
    }
    hunks
}

/// The whole lines that differ, in bytes of the text before and after.
pub(crate) fn changed_lines(before: &str, after: &str) -> Vec<(Range<usize>, Range<usize>)> {
    let changes = diff_lines(before, after);
    let (old, new) = (line_starts(before), line_starts(after));
    changes
        .into_iter()
        .map(|hunk| (old[hunk.old.start]..old[hunk.old.end], new[hunk.new.start]..new[hunk.new.end]))
        .collect()
}

/// A text, ready to describe places in it.
pub(crate) struct Measured<'a> {
    text: &'a str,
    hash: String,
    lines: Vec<usize>,
}

impl Measured<'_> {
    pub(crate) fn of(text: &str) -> Measured<'_> {
        Measured { text, hash: text_hash(text), lines: line_starts(text) }
    }

    /// Where a hunk stands.
    pub(crate) fn place(&self, range: &Range<usize>) -> HunkPlace {
        let text = self.text;
        let (mut above, mut below) = (range.start, range.end);
        for _ in 0..CONTEXT_LINES {
            above = line_above(text, above).filter(|at| range.start - at <= CONTEXT_BYTES).unwrap_or(above);
            below = line_end(text, below).filter(|at| at - range.end <= CONTEXT_BYTES).unwrap_or(below);
        }
        // Of a long line its end, or its beginning, must do.
        if above == range.start {
            above = ceil_char(text, range.start.saturating_sub(CONTEXT_BYTES));
        }
        if below == range.end {
            below = floor_char(text, text.len().min(range.end + CONTEXT_BYTES));
        }
        HunkPlace {
            text: self.hash.clone(),
            start: range.start,
            line: Some(1 + self.lines.partition_point(|start| *start < range.start)),
            above: text[above..range.start].to_owned(),
            below: text[range.end..below].to_owned(),
        }
    }
}

/// Byte offset of each line, and of the end.
pub(crate) fn line_starts(text: &str) -> Vec<usize> {
    let mut at = 0;
    let ends = lines(text).map(|line| {
        at += line.len();
        at
    });
    std::iter::once(0).chain(ends).collect()
}

fn ceil_char(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

fn floor_char(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
