//! The agent's next edit of a file with hunks under review: what it overlaps or touches and is open becomes one hunk with
//! it, whose base is what stood there before both.

use super::FileReview;
use crate::endings::fitted;
use crate::hunk::Hunk;
use crate::locate::overlap;
use glossator_session::{HunkId, HunkPart, HunkRecord, HunkVerdict};
use glossator_text::{Action, Replacement, lines};
use std::ops::Range;
use std::sync::Arc;

/// The text before `records`, taken back from the text after them.
pub(super) fn reverted(records: &[HunkRecord], after: Option<&str>) -> Option<Arc<str>> {
    let back = |record: &HunkRecord| Replacement {
        start: record.place.start,
        old: record.proposed.clone(),
        new: record.base.clone(),
    };
    let edits: Vec<Replacement> = records.iter().filter(|record| record.part.is_lines()).map(back).collect();
    let whole = records.iter().any(|record| matches!(record.part, HunkPart::Create | HunkPart::Delete));
    if whole || edits.is_empty() {
        return None;
    }
    let before = Action::Update { edits, move_to: None }.apply(Some(after?)).ok()??;
    Some(before.into())
}

/// Takes `records` in. The review stands on the text before them, where that is known; afterwards it stands on `after`.
pub(super) fn absorb(
    review: &mut FileReview,
    records: &[HunkRecord],
    after: Option<Arc<str>>,
) -> Vec<HunkId> {
    let mut changed = Vec::new();
    let rest: Vec<&HunkRecord> = match &after {
        Some(text) if is_created(review) && !records.is_empty() => {
            changed.extend(create_on(review, records, text.clone()));
            return changed;
        }
        _ => records.iter().filter(|record| !take_whole(review, record, &after, &mut changed)).collect(),
    };
    let Some(text) = after else {
        review.text = None;
        return changed;
    };
    let before = review.text().cloned();
    match before.as_deref().and_then(|before| placed(&rest, before, &text)) {
        Some(news) => changed.extend(merge(review, news, text)),
        None => {
            changed.extend(review.follow(Some(text)));
            changed.extend(lay_over(review, &rest));
        }
    }
    changed
}

/// A hunk of the edit, with its places in the text before and after.
struct New {
    hunk: Hunk,
    old: Range<usize>,
    new: Range<usize>,
}

/// `records` on both texts; `None` when they do not lead from the one to the other.
fn placed(records: &[&HunkRecord], before: &str, after: &str) -> Option<Vec<New>> {
    let mut sorted = records.to_vec();
    sorted.sort_by_key(|record| record.place.start);
    let (mut old, mut new) = (0, 0);
    let mut news = Vec::with_capacity(sorted.len());
    for record in sorted {
        let gap = record.place.start.checked_sub(new)?;
        let (start_old, start_new) = (old + gap, record.place.start);
        if before.get(old..start_old)? != after.get(new..start_new)? {
            return None;
        }
        (old, new) = (start_old + record.base.len(), start_new + record.proposed.len());
        if before.get(start_old..old)? != record.base || after.get(start_new..new)? != record.proposed {
            return None;
        }
        let mut hunk = Hunk::of(record);
        hunk.place_at(start_new..new);
        news.push(New { hunk, old: start_old..old, new: start_new..new });
    }
    (before.get(old..)? == after.get(new..)?).then_some(news)
}

/// Puts the new hunks among the old ones, merging what belongs together.
fn merge(review: &mut FileReview, news: Vec<New>, after: Arc<str>) -> Vec<HunkId> {
    let before = review.text().cloned().unwrap_or_default();
    let (olds, others): (Vec<Hunk>, Vec<Hunk>) =
        std::mem::take(&mut review.hunks).into_iter().partition(Hunk::is_placed);
    review.hunks = others;
    let (open, closed): (Vec<Hunk>, Vec<Hunk>) =
        olds.into_iter().partition(|hunk| review.state(hunk).is_open());
    let mut changed = Vec::new();
    let (mut apart, mut shifts) = (Vec::new(), Vec::new());
    for group in groups(news, open, &mut apart) {
        shifts.push((group.old.clone(), group.lines_after()));
        changed.extend(group.settle(review, (&before, &after)));
    }
    for mut hunk in apart {
        shift(&mut hunk, &shifts);
        review.hunks.push(hunk);
    }
    for mut hunk in closed {
        if shifts.iter().any(|(old, _)| covers(old, &hunk.range)) {
            let current = before[hunk.range.clone()].to_owned();
            hunk.lose("a later edit of the agent changed the same lines", current, None);
            changed.push(hunk.id.clone());
        } else {
            shift(&mut hunk, &shifts);
        }
        review.hunks.push(hunk);
    }
    review.text = Some(after);
    changed
}

/// New hunks and the open ones that they overlap or touch.
struct Group {
    news: Vec<New>,
    olds: Vec<Hunk>,
    /// The lines of all of them in the text before.
    old: Range<usize>,
}

/// The groups, in order; open hunks that belong to none go to `apart`.
fn groups(news: Vec<New>, open: Vec<Hunk>, apart: &mut Vec<Hunk>) -> Vec<Group> {
    let mut groups: Vec<Group> = news
        .into_iter()
        .map(|new| Group { old: new.old.clone(), news: vec![new], olds: Vec::new() })
        .collect();
    for hunk in open {
        let touched = |group: &Group| {
            group.news.iter().any(|new| hunk.range.start <= new.old.end && new.old.start <= hunk.range.end)
        };
        let Some(first) = groups.iter().position(touched) else {
            apart.push(hunk);
            continue;
        };
        while groups.get(first + 1).is_some_and(touched) {
            let next = groups.remove(first + 1);
            let group = &mut groups[first];
            group.old.end = group.old.end.max(next.old.end);
            group.news.extend(next.news);
            group.olds.extend(next.olds);
        }
        let group = &mut groups[first];
        group.old = group.old.start.min(hunk.range.start)..group.old.end.max(hunk.range.end);
        group.olds.push(hunk);
    }
    groups
}

impl Group {
    /// The same lines in the text after.
    fn lines_after(&self) -> Range<usize> {
        let (Some(first), Some(last)) = (self.news.first(), self.news.last()) else {
            return self.old.clone();
        };
        first.new.start - (first.old.start - self.old.start)..last.new.end + (self.old.end - last.old.end)
    }

    /// Makes it one hunk, the first of the new ones.
    fn settle(self, review: &mut FileReview, (before, after): (&str, &str)) -> Vec<HunkId> {
        let new = self.lines_after();
        let Group { mut news, mut olds, old } = self;
        if olds.is_empty() {
            review.hunks.extend(news.into_iter().map(|new| new.hunk));
            return Vec::new();
        }
        olds.sort_by_key(|hunk| (hunk.range.start, hunk.range.end));
        let base = with_bases(before, &old, &olds);
        let mut hunk = news.remove(0).hunk;
        (hunk.base, hunk.proposed) = (base, after[new.clone()].to_owned());
        hunk.range = new;
        trim(&mut hunk);
        let mut changed = vec![hunk.id.clone()];
        let into = hunk.id.clone();
        if hunk.base == hunk.proposed {
            let base = hunk.base.clone();
            hunk.lose("it came back to what stood there before", base, None);
        }
        for taken in olds.into_iter().chain(news.into_iter().map(|new| new.hunk)) {
            changed.push(taken.id.clone());
            give_up(review, taken, &into);
        }
        review.hunks.push(hunk);
        changed
    }
}

/// The lines `span` of `text`, with the base of each of `hunks` (in order, all of them in it) in its place.
fn with_bases(text: &str, span: &Range<usize>, hunks: &[Hunk]) -> String {
    let mut out = String::new();
    let mut at = span.start;
    for hunk in hunks {
        out.push_str(&text[at..hunk.range.start]);
        out.push_str(&fitted(text, &hunk.range, &hunk.base));
        at = hunk.range.end;
    }
    out.push_str(&text[at..span.end]);
    out
}

/// Takes the lines off that both sides have at either end.
fn trim(hunk: &mut Hunk) {
    if hunk.base == hunk.proposed {
        return;
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (lines(&hunk.base).collect(), lines(&hunk.proposed).collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[head..], &new[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let cut: usize = new[new.len() - tail..].iter().map(|line| line.len()).sum();
    let (base, proposed) = (old[..old.len() - tail].concat(), new[..new.len() - tail].concat());
    hunk.range = hunk.range.end - cut - proposed.len()..hunk.range.end - cut;
    (hunk.base, hunk.proposed) = (base, proposed);
}

/// Lets a hunk go: that which took it over stands for it, also with its texts.
fn give_up(review: &mut FileReview, mut hunk: Hunk, into: &HunkId) {
    hunk.lose("a later hunk took it over", String::new(), None);
    (hunk.base, hunk.proposed, hunk.last) = (String::new(), String::new(), None);
    hunk.verdict = Some(HunkVerdict::Merged { into: into.clone() });
    review.merged.push(hunk);
}

/// Whether an edit of `lines` leaves nothing of a hunk at `place`.
pub(super) fn covers(lines: &Range<usize>, place: &Range<usize>) -> bool {
    overlap(lines, place) || lines == place
}

/// Moves a hunk that no change covers along with those above it.
fn shift(hunk: &mut Hunk, changes: &[(Range<usize>, Range<usize>)]) {
    let above = changes.iter().rev().find(|(old, _)| old.end <= hunk.range.start);
    let carry = |at: usize| above.map_or(at, |(old, new)| at - old.end + new.end);
    hunk.range = carry(hunk.range.start)..carry(hunk.range.end);
}

/// The new hunks on a text of which it is not known how they came to be there: found as after a restart. They go before
/// the older ones.
fn lay_over(review: &mut FileReview, records: &[&HunkRecord]) -> Vec<HunkId> {
    let text = review.text().cloned().unwrap_or_default();
    let olds = std::mem::replace(&mut review.hunks, records.iter().map(|record| Hunk::of(record)).collect());
    review.place_lost();
    let mut changed: Vec<HunkId> = review.hunks.iter().map(|hunk| hunk.id.clone()).collect();
    let places: Vec<Range<usize>> =
        review.hunks.iter().filter(|hunk| hunk.is_placed()).map(|hunk| hunk.range.clone()).collect();
    for mut hunk in olds {
        if hunk.is_placed() && places.iter().any(|place| covers(place, &hunk.range)) {
            let current = text[hunk.range.clone()].to_owned();
            hunk.lose("a later edit of the agent changed the same lines", current, None);
            changed.push(hunk.id.clone());
        }
        review.hunks.push(hunk);
    }
    changed
}

/// Whether the file is a new one of the agent's, about which nothing was decided.
fn is_created(review: &FileReview) -> bool {
    review.hunks.iter().any(|hunk| hunk.part == HunkPart::Create && review.state(hunk).is_open())
}

/// An edit or move of a file that the agent made itself: it is still one new file, or new lines in place of those of a
/// file that it had deleted.
fn create_on(review: &mut FileReview, records: &[HunkRecord], text: Arc<str>) -> Vec<HunkId> {
    let mut news = records.iter().map(Hunk::of);
    let Some(mut created) = news.next() else { return Vec::new() };
    let into = created.id.clone();
    let mut changed = vec![into.clone()];
    let (open, others): (Vec<Hunk>, Vec<Hunk>) =
        std::mem::take(&mut review.hunks).into_iter().partition(|hunk| review.state(hunk).is_open());
    let deleted = open.iter().find(|hunk| hunk.part == HunkPart::Delete).map(|hunk| hunk.base.clone());
    for taken in open.into_iter().chain(news) {
        changed.push(taken.id.clone());
        give_up(review, taken, &into);
    }
    created.part = if deleted.is_some() { HunkPart::Lines } else { HunkPart::Create };
    (created.base, created.proposed) = (deleted.unwrap_or_default(), text.to_string());
    created.place_at(0..text.len());
    review.hunks = others;
    changed.extend(review.follow(Some(text)));
    review.hunks.push(created);
    changed
}

/// Takes a record in that is a whole file or a move. Says whether it was one.
fn take_whole(
    review: &mut FileReview,
    record: &HunkRecord,
    after: &Option<Arc<str>>,
    changed: &mut Vec<HunkId>,
) -> bool {
    let mut hunk = Hunk::of(record);
    match &record.part {
        HunkPart::Lines => return false,
        HunkPart::Create => {
            if let Some(text) = after {
                hunk.range = 0..text.len();
                create(review, &mut hunk, text, changed);
            }
        }
        HunkPart::Delete => delete(review, &mut hunk, changed),
        HunkPart::Move { .. } => move_on(review, &mut hunk, changed),
    }
    review.hunks.push(hunk);
    true
}

/// A file comes into being where one may have been deleted before.
fn create(review: &mut FileReview, hunk: &mut Hunk, text: &Arc<str>, changed: &mut Vec<HunkId>) {
    for mut old in std::mem::take(&mut review.hunks) {
        let decided = old.verdict == Some(HunkVerdict::Kept);
        match old.part {
            HunkPart::Delete if review.state(&old).is_open() => {
                hunk.part = HunkPart::Lines;
                hunk.base = old.base.clone();
                changed.extend([old.id.clone(), hunk.id.clone()]);
                give_up(review, old, &hunk.id);
            }
            HunkPart::Create | HunkPart::Delete if !decided => {
                changed.push(old.id.clone());
                give_up(review, old, &hunk.id);
            }
            HunkPart::Lines => {
                if let Some(seen) = old.trace.as_mut().filter(|seen| seen.place.is_some()) {
                    seen.place = None;
                    changed.push(old.id.clone());
                }
                review.hunks.push(old);
            }
            _ => review.hunks.push(old),
        }
    }
    review.text = Some(text.clone());
    if hunk.part.is_lines() && hunk.base == hunk.proposed {
        hunk.lose("it came back to what stood there before", hunk.base.clone(), None);
    }
}

/// The file goes, with the open hunks in it.
fn delete(review: &mut FileReview, hunk: &mut Hunk, changed: &mut Vec<HunkId>) {
    let before = review.text().cloned().unwrap_or_default();
    let (open, others): (Vec<Hunk>, Vec<Hunk>) =
        std::mem::take(&mut review.hunks).into_iter().partition(|hunk| {
            !matches!(hunk.part, HunkPart::Move { .. }) && !hunk.lost && review.state(hunk).is_open()
        });
    review.hunks = others;
    changed.extend(review.lose_lines(&before, "its file is gone"));
    let lines: Vec<Hunk> = open.iter().filter(|hunk| hunk.part.is_lines()).cloned().collect();
    if !open.is_empty() {
        changed.push(hunk.id.clone());
        hunk.base = with_bases(&before, &(0..before.len()), &lines);
    }
    for old in open {
        match old.part {
            HunkPart::Create => {
                // Made and deleted: nothing is left of it.
                hunk.part = HunkPart::Lines;
                (hunk.base, hunk.proposed) = (String::new(), String::new());
                hunk.lose("the agent made this file and deleted it again", String::new(), None);
            }
            HunkPart::Delete => hunk.base.clone_from(&old.base),
            HunkPart::Lines | HunkPart::Move { .. } => {}
        }
        changed.push(old.id.clone());
        give_up(review, old, &hunk.id);
    }
    review.text = None;
}

/// A file that was moved before is moved on, or back.
fn move_on(review: &mut FileReview, hunk: &mut Hunk, changed: &mut Vec<HunkId>) {
    let is_open = |old: &Hunk| matches!(old.part, HunkPart::Move { .. }) && review.state(old).is_open();
    let Some(index) = review.hunks.iter().position(is_open) else { return };
    let old = review.hunks.remove(index);
    changed.extend([old.id.clone(), hunk.id.clone()]);
    hunk.part = old.part.clone();
    if matches!(&hunk.part, HunkPart::Move { from } if from == review.path()) {
        hunk.part = HunkPart::Lines;
        hunk.lose("the agent moved the file back", String::new(), None);
    }
    give_up(review, old, &hunk.id);
}
