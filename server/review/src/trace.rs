//! Where hunks are in a newer text, by what changed between the two. Ranges in, ranges out: knows nothing of records and
//! decisions.

mod block;
mod slide;

use crate::border::{differing, is_broken};
use crate::endings::usual;
use crate::hunk::Moved;
use crate::made::{changed_lines, line_starts};
use glossator_text::{diff_lines, lines};
use std::ops::Range;

/// Bytes of both sides of a change from which it is taken apart before its words are compared.
const LARGE: usize = 128 * 1024;

/// A hunk to be followed.
#[derive(Debug, Clone)]
pub(crate) struct Spot<'a> {
    /// Its place in the old text.
    pub range: Range<usize>,
    pub base: &'a str,
    pub proposed: &'a str,
    /// What else stood there once.
    pub last: Option<&'a str>,
}

/// Whole lines that were replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// Bytes of the old text.
    pub old: Range<usize>,
    /// Bytes of the new one.
    pub new: Range<usize>,
}

/// Both texts.
#[derive(Clone, Copy)]
pub(super) struct Texts<'a> {
    pub old: &'a str,
    pub new: &'a str,
}

impl<'a> Spot<'a> {
    /// The texts that it is known to have had, the likeliest first.
    pub(crate) fn known(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        [Some(self.base), Some(self.proposed), self.last].into_iter().flatten()
    }

    /// Whether a change of these bytes reaches it, or its border.
    fn meets(&self, old: &Range<usize>) -> bool {
        self.range.start <= old.end && self.range.end >= old.start
    }
}

/// The places of `spots`, which are in order and do not overlap, in `new`.
pub(crate) fn trace(old: &str, new: &str, spots: &[Spot<'_>]) -> Vec<Moved> {
    if is_broken(old) && is_broken(new) {
        return moves(Texts { old, new }, spots);
    }
    // A last line is the same line with and without a break at its end.
    let ending = usual(new);
    let whole = |text: &str| match text.is_empty() || is_broken(text) {
        true => text.to_owned(),
        false => [text, ending].concat(),
    };
    let sides: Vec<(String, String, Option<String>)> =
        spots.iter().map(|spot| (whole(spot.base), whole(spot.proposed), spot.last.map(whole))).collect();
    let (whole_old, whole_new) = (whole(old), whole(new));
    let carry = |at: usize| if at == old.len() { whole_old.len() } else { at };
    let ranges = spots.iter().map(|spot| carry(spot.range.start)..carry(spot.range.end));
    let spots: Vec<Spot<'_>> = ranges
        .zip(&sides)
        .map(|(range, (base, proposed, last))| Spot { range, base, proposed, last: last.as_deref() })
        .collect();
    let mut moves = moves(Texts { old: &whole_old, new: &whole_new }, &spots);
    for (moved, spot) in moves.iter_mut().zip(&spots) {
        moved.range = moved.range.start.min(new.len())..moved.range.end.min(new.len());
        moved.joined.1 = moved.joined.1.min(old.len().saturating_sub(spot.range.end));
    }
    moves
}

fn moves(texts: Texts<'_>, spots: &[Spot<'_>]) -> Vec<Moved> {
    let Texts { old, new } = texts;
    let (old_part, new_part) = differing(old, new);
    let mut changes: Vec<Change> = changed_lines(&old[old_part.clone()], &new[new_part.clone()])
        .into_iter()
        .map(|(old, new)| Change { old: shifted(old, old_part.start), new: shifted(new, new_part.start) })
        .collect();
    slide::join(texts, &mut changes);
    slide::settle(texts, spots, &mut changes);
    let changes: Vec<Change> = changes.into_iter().flat_map(|change| split(texts, change)).collect();
    let mut borders = vec![block::Borders::default(); spots.len()];
    for change in &changes {
        let met = met(spots, &change.old);
        block::place(texts, change, &spots[met.clone()], &mut borders[met]);
    }
    let mut tally = Tally::of(&changes);
    spots
        .iter()
        .zip(borders)
        .map(|(spot, found)| {
            let start = found.start.unwrap_or_else(|| tally.carry(spot.range.start));
            let end = found.end.unwrap_or_else(|| tally.carry(spot.range.end));
            Moved { range: start..end.max(start), joined: found.joined }
        })
        .collect()
}

/// A large change in parts: line by line where only blanks differ, as after a formatter. The parts may touch.
fn split(texts: Texts<'_>, change: Change) -> Vec<Change> {
    if change.old.is_empty() || change.new.is_empty() || change.old.len() + change.new.len() < LARGE {
        return vec![change];
    }
    let (old, new) = (&texts.old[change.old.clone()], &texts.new[change.new.clone()]);
    let (old_lines, new_lines) = (line_starts(old), line_starts(new));
    let part = |old: Range<usize>, new: Range<usize>| Change {
        old: shifted(old_lines[old.start]..old_lines[old.end], change.old.start),
        new: shifted(new_lines[new.start]..new_lines[new.end], change.new.start),
    };
    let mut parts = Vec::new();
    let (mut done_old, mut done_new) = (0, 0);
    let rest = LineSpan {
        old: old_lines.len() - 1..old_lines.len() - 1,
        new: new_lines.len() - 1..new_lines.len() - 1,
    };
    let differing = diff_lines(&without_blanks(old), &without_blanks(new));
    let differing = differing.into_iter().map(|hunk| LineSpan { old: hunk.old, new: hunk.new });
    for LineSpan { old, new } in differing.chain([rest]) {
        let alike = (done_old..old.start).zip(done_new..new.start);
        parts.extend(alike.map(|(old, new)| part(old..old + 1, new..new + 1)));
        (done_old, done_new) = (old.end, new.end);
        if !old.is_empty() || !new.is_empty() {
            parts.push(part(old, new));
        }
    }
    parts
}

/// Lines of two texts.
struct LineSpan {
    old: Range<usize>,
    new: Range<usize>,
}

/// The same lines without blanks.
fn without_blanks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in lines(text) {
        out.extend(line.split_whitespace());
        out.push('\n');
    }
    out
}

/// Which of `spots` a change of these bytes meets.
pub(super) fn met(spots: &[Spot<'_>], old: &Range<usize>) -> Range<usize> {
    let first = spots.partition_point(|spot| spot.range.end < old.start);
    let count = spots[first..].iter().take_while(|spot| spot.meets(old)).count();
    first..first + count
}

fn shifted(range: Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// Carries bytes that no change reaches, asked for in order.
struct Tally<'a> {
    rest: &'a [Change],
    old: usize,
    new: usize,
}

impl Tally<'_> {
    fn of(changes: &[Change]) -> Tally<'_> {
        Tally { rest: changes, old: 0, new: 0 }
    }

    fn carry(&mut self, at: usize) -> usize {
        while let Some((change, rest)) = self.rest.split_first().filter(|(change, _)| change.old.end <= at) {
            (self.old, self.new) = (change.old.end, change.new.end);
            self.rest = rest;
        }
        at - self.old + self.new
    }
}
