//! Recognising a text in which some hunks were put back or made again and nothing else happened: the editor's undo and
//! redo, a rejection, a redo of ours. Exact, so that it needs no diff and cannot mistake a line for its twin.

use crate::border::{ends_lines, starts_line};
use crate::trace::Spot;
use std::ops::Range;

/// Ways to read the text that are kept in mind at once.
const MAX_WAYS: usize = 8;

/// One step of a way: the hunk before it, and where this one stands.
struct Step {
    before: Option<usize>,
    range: Range<usize>,
}

/// The place of each of `spots` in `new`, if `new` is `old` with texts that they are known to have had.
pub(crate) fn recognise(old: &str, new: &str, spots: &[Spot<'_>]) -> Option<Vec<Range<usize>>> {
    let mut steps: Vec<Step> = Vec::new();
    let first = &old[..spots.first()?.range.start];
    // Each way is its last step and the byte of `new` up to which it reads.
    let mut ways: Vec<(Option<usize>, usize)> = Vec::new();
    if new.starts_with(first) {
        ways.push((None, first.len()));
    }
    for (index, spot) in spots.iter().enumerate() {
        let gap_end = spots.get(index + 1).map_or(old.len(), |next| next.range.start);
        let gap = &old[spot.range.end..gap_end];
        let mut next: Vec<(Option<usize>, usize)> = Vec::new();
        for (before, at) in ways {
            let current = &old[spot.range.clone()];
            for text in std::iter::once(current).chain(spot.known()) {
                let Some(end) = fits(new, at, text) else { continue };
                let reached = end + gap.len();
                let is_known = next.iter().any(|(_, known)| *known == reached);
                if is_known || next.len() == MAX_WAYS || !new[end..].starts_with(gap) {
                    continue;
                }
                steps.push(Step { before, range: at..end });
                next.push((Some(steps.len() - 1), reached));
            }
        }
        ways = next;
    }
    let mut step = ways.into_iter().find(|(_, reached)| *reached == new.len())?.0;
    let mut ranges = Vec::with_capacity(spots.len());
    while let Some(index) = step {
        ranges.push(steps[index].range.clone());
        step = steps[index].before;
    }
    ranges.reverse();
    Some(ranges)
}

/// The end of `text` at byte `at`, if it stands there as whole lines.
fn fits(new: &str, at: usize, text: &str) -> Option<usize> {
    let end = at + text.len();
    if !new[at..].starts_with(text) {
        return None;
    }
    let whole = text.is_empty() || ((at == new.len() || starts_line(new, at)) && ends_lines(new, end));
    whole.then_some(end)
}
