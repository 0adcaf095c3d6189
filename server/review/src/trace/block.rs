//! Where the hunks that one change meets begin and end after it. What a hunk is known to have been is looked for first,
//! then its words; what cannot be told apart any more becomes part of the hunk, in what it was as well.

use super::{Change, Spot, Texts};
use crate::align::{Alignment, Inside};
use crate::border::{ends_lines, line_above, line_end, starts_line};
use glossator_text::lines;
use std::ops::Range;

/// Signs that a single line must have, white space aside, to be looked for among others.
const MIN_SIGNS: usize = 4;

/// What one or two changes say of a hunk's borders in the new text; `None`: it only shifts.
#[derive(Debug, Clone, Default)]
pub(super) struct Borders {
    pub start: Option<usize>,
    pub end: Option<usize>,
    /// Bytes of the old text above and below that belong to it from now on.
    pub joined: (usize, usize),
}

/// Sets the borders that lie in `change`. `spots` are those it meets.
pub(super) fn place(texts: Texts<'_>, change: &Change, spots: &[Spot<'_>], borders: &mut [Borders]) {
    if spots.is_empty() || (spots.len() == 1 && is_inside(change, &spots[0].range)) {
        return;
    }
    let fits = fits(texts, change, spots);
    let mut block = Block { texts, change, words: None, low: change.new.start, high: change.new.end };
    let mut old_low = change.old.start;
    for (index, spot) in spots.iter().enumerate() {
        block.high = fits[index..].iter().flatten().map(|fit| fit.start).next().unwrap_or(change.new.end);
        let old_high =
            spots.get(index + 1).map_or(change.old.end, |next| next.range.start.min(change.old.end));
        let borders = &mut borders[index];
        if let Some(fit) = &fits[index] {
            block.high = fit.end;
            if holds(&change.old, spot.range.start) {
                borders.start = Some(fit.start);
            }
            if holds(&change.old, spot.range.end) {
                borders.end = Some(fit.end);
            }
        } else {
            block.place(spot, old_low..old_high, borders);
        }
        block.low = borders.end.unwrap_or(block.high).max(block.low);
        old_low = spot.range.end.min(change.old.end);
    }
}

/// Whether the change is nowhere at a border of the hunk.
fn is_inside(change: &Change, range: &Range<usize>) -> bool {
    range.start < change.old.start && change.old.end < range.end
}

fn holds(range: &Range<usize>, at: usize) -> bool {
    (range.start..=range.end).contains(&at)
}

/// The rest of a change while its hunks are placed from the first to the last.
struct Block<'a> {
    texts: Texts<'a>,
    change: &'a Change,
    /// Made when it is first needed.
    words: Option<Alignment>,
    /// Bytes of the new text that are still free.
    low: usize,
    high: usize,
}

impl Block<'_> {
    /// `old` is what of the change is not another hunk's.
    fn place(&mut self, spot: &Spot<'_>, old: Range<usize>, borders: &mut Borders) {
        let Range { start, end } = spot.range;
        let change = &self.change.old;
        let is_empty = start == end;
        if holds(change, start) {
            let (at, joined) = if change.is_empty() {
                // An insertion at a border is outside.
                (if is_empty { self.low } else { self.change.new.end }, 0)
            } else {
                self.start(start, old.start, is_empty)
            };
            // Of changes that touch at a border, what is between them is outside: the last says where the hunk begins.
            if borders.start.is_none() || !is_empty {
                borders.start = Some(at.clamp(self.low, self.high));
                borders.joined.0 = joined;
            }
        }
        if holds(change, end) && borders.end.is_none() {
            let (at, joined) = match borders.start {
                Some(at) if is_empty => (at, 0),
                _ if change.is_empty() => (self.change.new.start, 0),
                _ => self.end(end, old.end),
            };
            let low = borders.start.unwrap_or(self.low).max(self.low);
            borders.end = Some(at.clamp(low, self.high.max(low)));
            borders.joined.1 = joined;
        }
    }

    /// Where the hunk that began at `at` begins, and how many bytes above it come to belong to it, down from `limit`.
    fn start(&mut self, at: usize, limit: usize, is_empty: bool) -> (usize, usize) {
        let mut above = at;
        loop {
            if let Some(border) = self.border(above, Inside::Below) {
                return (border, at - above);
            }
            // Where nothing stands, nothing is joined.
            match line_above(self.texts.old, above).filter(|above| !is_empty && *above >= limit) {
                Some(line) => above = line,
                None if is_empty => return (self.high, 0),
                None => return (self.low, at - above),
            }
        }
    }

    fn end(&mut self, at: usize, limit: usize) -> (usize, usize) {
        let mut below = at;
        loop {
            if let Some(border) = self.border(below, Inside::Above) {
                return (border, below - at);
            }
            match line_end(self.texts.old, below).filter(|below| *below <= limit) {
                Some(line) => below = line,
                None => return (self.high, below - at),
            }
        }
    }

    /// Where a border between lines of the old text is in the new one.
    fn border(&mut self, at: usize, inside: Inside) -> Option<usize> {
        let Change { old, new } = self.change;
        if at == old.start {
            return Some(new.start);
        }
        if at == old.end {
            return Some(new.end);
        }
        if new.is_empty() {
            return Some(new.start);
        }
        let (old_text, new_text) = (&self.texts.old[old.clone()], &self.texts.new[new.clone()]);
        let words = self.words.get_or_insert_with(|| Alignment::of(old_text, new_text));
        words.border(at - old.start, inside).map(|border| new.start + border)
    }
}

/// For each hunk the part of the new text in the change that makes it what it is known to have been.
fn fits(texts: Texts<'_>, change: &Change, spots: &[Spot<'_>]) -> Vec<Option<Range<usize>>> {
    let mut free = change.new.start;
    spots
        .iter()
        .map(|spot| {
            let fit = fit(texts, &Change { old: change.old.clone(), new: free..change.new.end }, spot)?;
            free = fit.end;
            Some(fit)
        })
        .collect()
}

fn fit(texts: Texts<'_>, change: &Change, spot: &Spot<'_>) -> Option<Range<usize>> {
    let Change { old, new } = change;
    let Range { start, end } = spot.range;
    let part = |from: usize, to: usize| &texts.old[from..to.max(from)];
    let (left, right) = (part(start, old.start.min(end)), part(old.end.max(start), end));
    // What of the change was outside, above and below the hunk.
    let outside = (part(old.start, start.min(old.end)), part(end.max(old.start), old.end));
    let block = &texts.new[new.clone()];
    spot.known().find_map(|known| {
        let middle = known.strip_prefix(left)?.strip_suffix(right)?;
        if middle.is_empty() {
            return None;
        }
        let inner = match (left.is_empty(), right.is_empty()) {
            (false, false) => (middle == block).then_some(0),
            (false, true) => block.starts_with(middle).then_some(0),
            (true, false) => block.ends_with(middle).then(|| block.len() - middle.len()),
            (true, true) => within(block, middle, outside),
        }?;
        let found = new.start + inner..new.start + inner + middle.len();
        let whole = starts_line(texts.new, found.start) && ends_lines(texts.new, found.end);
        let told = middle.len() < known.len() || middle == block || is_telling(middle);
        (whole && told).then_some(found)
    })
}

/// Where `middle` stands in `block`: between what was outside before, or in one place only.
fn within(block: &str, middle: &str, (above, below): (&str, &str)) -> Option<usize> {
    if block.starts_with(above) && block[above.len()..].starts_with(middle) {
        return Some(above.len());
    }
    let last = block.len().checked_sub(middle.len() + below.len());
    if let Some(at) = last.filter(|at| {
        block.is_char_boundary(*at) && block.ends_with(below) && block[*at..].starts_with(middle)
    }) {
        return Some(at);
    }
    let first = block.find(middle)?;
    (block.rfind(middle) == Some(first)).then_some(first)
}

fn is_telling(text: &str) -> bool {
    let signs = text.chars().filter(|c| !c.is_whitespace()).count();
    text.contains(char::is_alphanumeric) && (signs >= MIN_SIGNS || lines(text).count() > 1)
}
