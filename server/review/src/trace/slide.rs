//! Lines that came or went among equal lines could as well have done so a little higher or lower. They are taken to have
//! done it where that makes a hunk what it once was, else outside of every hunk.

use super::{Change, Spot, Texts, met};
use crate::border::{ends_lines, line_above, line_end, starts_line};

/// Places that are tried above and below.
const MAX_STEPS: usize = 200;

/// Makes one change of lines that were taken out and others that were put in, where they could as well have been the same
/// ones.
pub(super) fn join(texts: Texts<'_>, changes: &mut Vec<Change>) {
    let mut index = 0;
    while index + 1 < changes.len() {
        match joined(texts, &changes[index], &changes[index + 1]) {
            Some(one) => {
                changes[index] = one;
                changes.remove(index + 1);
            }
            None => index += 1,
        }
    }
}

fn joined(texts: Texts<'_>, above: &Change, below: &Change) -> Option<Change> {
    let is_pair =
        (above.new.is_empty() && below.old.is_empty()) || (above.old.is_empty() && below.new.is_empty());
    if !is_pair {
        return None;
    }
    let gap = &texts.old[above.old.end..below.old.start];
    // Where the lines of each stand: those taken out in the old text, those put in in the new one.
    let lines = |change: &Change| match change.new.is_empty() {
        true => (texts.old, change.old.clone()),
        false => (texts.new, change.new.clone()),
    };
    let ((upper_text, upper), (lower_text, lower)) = (lines(above), lines(below));
    let (down, up) = match () {
        () if upper_text[upper.start..].starts_with(gap) => (gap.len(), 0),
        () if lower_text[..lower.end].ends_with(gap) => (0, gap.len()),
        () => return None,
    };
    if !starts_line(upper_text, upper.start + down) || !ends_lines(lower_text, lower.end - up) {
        return None;
    }
    Some(Change {
        old: above.old.start + down..below.old.end - up,
        new: above.new.start + down..below.new.end - up,
    })
}

/// Moves pure insertions and deletions to where they fit best.
pub(super) fn settle(texts: Texts<'_>, spots: &[Spot<'_>], changes: &mut [Change]) {
    for index in 0..changes.len() {
        let change = &changes[index];
        if !change.old.is_empty() && !change.new.is_empty() {
            continue;
        }
        let room = Room {
            // At least one line stays between two changes.
            above: index.checked_sub(1).map(|before| changes[before].old.end),
            below: changes.get(index + 1).map(|after| after.old.start),
        };
        let places = places(texts, change, &room);
        let reached = places.iter().map(|place| place.old.start).min().unwrap_or_default()
            ..places.iter().map(|place| place.old.end).max().unwrap_or_default();
        let spots = &spots[met(spots, &reached)];
        if spots.is_empty() {
            continue;
        }
        let fits = |place: &&Change| spots.iter().any(|spot| restores(texts, place, spot));
        let is_outside = |place: &&Change| !spots.iter().any(|spot| reaches_into(place, spot));
        let best = places.iter().find(fits).or_else(|| places.iter().find(is_outside));
        if let Some(best) = best {
            changes[index] = best.clone();
        }
    }
}

/// What a change may not slide up to, in bytes of the old text.
struct Room {
    above: Option<usize>,
    below: Option<usize>,
}

/// Where the change could stand: as it is, then upwards, then downwards.
fn places(texts: Texts<'_>, change: &Change, room: &Room) -> Vec<Change> {
    let mut places = vec![change.clone()];
    // The text in which the block stands, and where in it.
    let is_insertion = change.old.is_empty();
    let (text, block) = if is_insertion { (texts.new, &change.new) } else { (texts.old, &change.old) };
    let (mut start, mut end) = (block.start, block.end);
    for _ in 0..MAX_STEPS {
        let Some(above) = line_above(text, start) else { break };
        let line = &text[above..start];
        let old_start = change.old.start.checked_sub(block.start - above);
        let is_same = text[..end].ends_with(line) && starts_line(text, end - line.len());
        if !is_same || old_start.is_none() || old_start <= room.above {
            break;
        }
        (start, end) = (above, end - line.len());
        places.push(moved(change, block.start - start, 0));
    }
    (start, end) = (block.start, block.end);
    for _ in 0..MAX_STEPS {
        let Some(below) = line_end(text, end) else { break };
        let line = &text[end..below];
        let old_end = change.old.end + (below - block.end);
        let is_same = text[start..].starts_with(line) && starts_line(text, start + line.len());
        if !is_same || room.below.is_some_and(|limit| old_end >= limit) {
            break;
        }
        (start, end) = (start + line.len(), below);
        places.push(moved(change, 0, end - block.end));
    }
    places
}

fn moved(change: &Change, up: usize, down: usize) -> Change {
    let go = |at: usize| at - up + down;
    Change { old: go(change.old.start)..go(change.old.end), new: go(change.new.start)..go(change.new.end) }
}

/// Whether the change gives the hunk a text that it is known to have had.
fn restores(texts: Texts<'_>, change: &Change, spot: &Spot<'_>) -> bool {
    let Change { old, new } = change;
    if !spot.meets(old) || (spot.range.start > old.start) || (spot.range.end < old.end) {
        return false;
    }
    let before = &texts.old[spot.range.start..old.start];
    let after = &texts.old[old.end..spot.range.end];
    let block = &texts.new[new.clone()];
    let len = before.len() + block.len() + after.len();
    let is = |known: &str| {
        known.len() == len
            && known.starts_with(before)
            && known.ends_with(after)
            && &known[before.len()..before.len() + block.len()] == block
    };
    spot.known().any(is)
}

/// Whether the change alters what is inside the hunk.
fn reaches_into(change: &Change, spot: &Spot<'_>) -> bool {
    change.old.start < spot.range.end && change.old.end > spot.range.start
}
