//! Going over to a newer text: what was put back or made again, what only got other line endings, what was edited.

use super::{FileReview, is_whole};
use crate::endings::{same_lines, uniform};
use crate::hunk::{Hunk, Moved, Stands};
use crate::known::recognise;
use crate::made::line_starts;
use crate::trace::{Spot, trace};
use glossator_session::{HunkId, HunkVerdict};
use std::ops::Range;

impl FileReview {
    /// Moves the lines that have a place in `was` to where they are in `now`.
    pub(super) fn follow_lines(&mut self, was: &str, now: &str) -> Vec<HunkId> {
        let placed = self.hunks.iter().filter(|hunk| hunk.is_placed());
        let spots: Vec<Spot<'_>> = placed.map(spot).collect();
        if spots.is_empty() {
            return Vec::new();
        }
        let stay = |range| Moved { range, joined: (0, 0) };
        let (moves, ending) = if let Some(ranges) = recognise(was, now, &spots) {
            (ranges.into_iter().map(stay).collect(), None)
        } else if same_lines(was, now) {
            (line_by_line(was, now, &spots).map(stay).collect(), uniform(now))
        } else {
            (trace(was, now, &spots), None)
        };
        let mut changed = Vec::new();
        for (hunk, moved) in self.hunks.iter_mut().filter(|hunk| hunk.is_placed()).zip(moves) {
            if hunk.go((was, now), moved) {
                changed.push(hunk.id.clone());
            }
            if let Some(ending) = ending {
                hunk.convert(ending);
            }
        }
        changed
    }

    /// Moves and whole files: their text is all there is.
    pub(super) fn follow_whole(&mut self, was_there: bool) -> Vec<HunkId> {
        let (is_there, len) = (self.text.is_some(), self.text.as_ref().map_or(0, |text| text.len()));
        let mut changed = Vec::new();
        let mut back = Vec::new();
        for (index, hunk) in self.hunks.iter().enumerate().filter(|(_, hunk)| !hunk.part.is_lines()) {
            if is_whole(hunk) || is_there != was_there {
                changed.push(hunk.id.clone());
                if self.stands(hunk) == Stands::Proposed && hunk.verdict == Some(HunkVerdict::Rejected) {
                    back.push(index);
                }
            }
        }
        for index in back {
            self.hunks[index].verdict = None;
        }
        for hunk in self.hunks.iter_mut().filter(|hunk| is_whole(hunk)) {
            hunk.range = 0..len;
        }
        changed
    }
}

fn spot(hunk: &Hunk) -> Spot<'_> {
    Spot { range: hunk.range.clone(), base: &hunk.base, proposed: &hunk.proposed, last: hunk.last.as_deref() }
}

/// Where the same lines with other endings stand.
fn line_by_line<'a>(
    was: &str,
    now: &str,
    spots: &'a [Spot<'_>],
) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let (old, new) = (line_starts(was), line_starts(now));
    let carry = move |at: usize| new[old.partition_point(|start| *start < at).min(new.len() - 1)];
    spots.iter().map(move |spot| carry(spot.range.start)..carry(spot.range.end))
}
