//! Losing the places of hunks and finding them again.

use super::{FileReview, is_whole};
use crate::endings::{uniform, with_ending};
use crate::hunk::Hunk;
use crate::locate::{Want, locate_all, overlap};
use crate::made::Measured;
use glossator_session::{HunkId, HunkPart, HunkPlace, HunkRecord};
use glossator_text::text_hash;
use std::ops::Range;

impl FileReview {
    /// Loses the lines that have a place in `was`; they are looked for when there is a text again.
    pub(super) fn lose_lines(&mut self, was: &str, why: &str) -> Vec<HunkId> {
        let measured = Measured::of(was);
        let mut changed = Vec::new();
        for hunk in self.hunks.iter_mut().filter(|hunk| hunk.is_placed()) {
            let place = measured.place(&hunk.range);
            hunk.lose(why, was[hunk.range.clone()].to_owned(), Some(place));
            changed.push(hunk.id.clone());
        }
        changed
    }

    /// Looks for lost lines in the present text.
    pub(super) fn place_lost(&mut self) -> Vec<HunkId> {
        let whole = self.text.as_ref().map_or(0, |text| text.len());
        for hunk in self.hunks.iter_mut().filter(|hunk| is_whole(hunk)) {
            hunk.range = 0..whole;
        }
        let Some(text) = self.text.clone() else { return Vec::new() };
        let lost = |hunk: &Hunk| hunk.trace.as_ref().is_some_and(|seen| seen.place.is_some());
        if !self.hunks.iter().any(lost) {
            return Vec::new();
        }
        let mut taken: Vec<Range<usize>> =
            self.hunks.iter().filter(|hunk| hunk.is_placed()).map(|hunk| hunk.range.clone()).collect();
        let (hash, ending) = (text_hash(&text), uniform(&text));
        let mut found = Vec::new();
        for hunk in self.hunks.iter_mut().rev().filter(|hunk| lost(hunk)) {
            match exact(hunk, &text, &hash).filter(|place| !taken.iter().any(|other| overlap(other, place))) {
                Some(range) => {
                    taken.push(range.clone());
                    hunk.place_at(range);
                    found.push(hunk.id.clone());
                }
                None => adopt(hunk, ending),
            }
        }
        let wanted: Vec<&mut Hunk> = self.hunks.iter_mut().rev().filter(|hunk| lost(hunk)).collect();
        let wants: Vec<Want<'_>> = wanted.iter().filter_map(|hunk| want(hunk)).collect();
        let places = locate_all(&text, &wants, &taken);
        for (hunk, place) in wanted.into_iter().zip(places) {
            if let Some(range) = place {
                hunk.come_back(&text, range);
                found.push(hunk.id.clone());
            }
        }
        found
    }

    /// A hunk as it stands now; `measured` is the present text.
    pub(super) fn record(&self, hunk: &Hunk, measured: Option<&Measured<'_>>) -> HunkRecord {
        // What was written in the place of an undone one is not its own.
        let current = if hunk.settled && hunk.verdict.is_none() { &*hunk.base } else { self.current(hunk) };
        let place = match (&hunk.trace, measured) {
            (Some(seen), _) => seen.place.clone().unwrap_or_default(),
            (None, Some(measured)) if hunk.part.is_lines() => measured.place(&hunk.range),
            _ => HunkPlace::default(),
        };
        let stands_apart = !matches!(hunk.part, HunkPart::Move { .. }) && current != hunk.proposed;
        HunkRecord {
            id: hunk.id.clone(),
            path: self.path.clone(),
            part: hunk.part.clone(),
            base: hunk.base.clone(),
            proposed: hunk.proposed.clone(),
            current: stands_apart.then(|| current.to_owned()),
            place,
            verdict: hunk.verdict.clone(),
        }
    }
}

/// The place of a lost hunk where it was recorded, if this is the text.
fn exact(hunk: &Hunk, text: &str, hash: &str) -> Option<Range<usize>> {
    let seen = hunk.trace.as_ref()?;
    let place = seen.place.as_ref().filter(|place| place.text == hash)?;
    let range = place.start..place.start.checked_add(seen.current.len())?;
    (text.get(range.clone()) == Some(seen.current.as_str())).then_some(range)
}

/// Carries a lost hunk over to the one line ending of the text, if it has one ending, too.
fn adopt(hunk: &mut Hunk, ending: Option<&str>) {
    let Some((ending, seen)) = ending.zip(hunk.trace.as_mut()) else { return };
    let Some(place) = &mut seen.place else { return };
    let all = [&*hunk.base, &hunk.proposed, &seen.current, &place.above, &place.below].concat();
    if uniform(&all).is_some_and(|own| own != ending) {
        for text in [&mut seen.current, &mut place.above, &mut place.below] {
            *text = with_ending(text, ending);
        }
        hunk.convert(ending);
    }
}

fn want(hunk: &Hunk) -> Option<Want<'_>> {
    let seen = hunk.trace.as_ref()?;
    let mut texts = vec![seen.current.as_str()];
    for text in [&*hunk.proposed, &*hunk.base] {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    Some(Want { texts, place: seen.place.as_ref()? })
}
