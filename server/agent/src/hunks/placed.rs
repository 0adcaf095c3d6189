//! One file's hunks on the text that was seen last, and what of them may have changed since it was recorded.
//! Given each text; reads none.

use glossator_review::{FileReview, Hunk};
use glossator_session::{HunkId, HunkRecord, HunkState, HunkVerdict};
use glossator_workspace::{Buffer, Overlay};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Weak};

/// One file's hunks on its text.
pub(crate) struct Placed {
    pub review: FileReview,
    /// The buffer that the text came from.
    pub(super) seen: Option<Buffer>,
    /// The connection of that buffer: versions of another's say nothing of its age.
    pub(super) through: Weak<Overlay>,
    /// Why the text is not the present one, if it cannot be read.
    pub trouble: Option<String>,
    /// The text that the file held before it was gone: a buffer that still shows it is only left over.
    pub(super) left_over: Option<Arc<str>>,
    /// Hunks that may have changed since they were recorded.
    pub(super) changed: BTreeSet<HunkId>,
}

impl Placed {
    pub(super) fn new(review: FileReview) -> Placed {
        Placed {
            review,
            seen: None,
            through: Weak::new(),
            trouble: None,
            left_over: None,
            changed: BTreeSet::new(),
        }
    }

    pub fn hunk(&self, id: &HunkId) -> Option<&Hunk> {
        self.review.standing(id)
    }

    pub fn state(&self, id: &HunkId) -> Option<HunkState> {
        self.hunk(id).map(|hunk| self.review.state(hunk))
    }

    /// The hunks' records as they stand now.
    pub(super) fn records<'a>(&self, ids: impl IntoIterator<Item = &'a HunkId>) -> Vec<HunkRecord> {
        let ids: Vec<HunkId> = ids.into_iter().cloned().collect();
        let mut records = self.review.records(&ids);
        for record in &mut records {
            // Where both sides are the same words (a move, an empty file) the state still has to be told.
            let back = matches!(self.state(&record.id), Some(HunkState::Undone | HunkState::Rejected));
            if back && record.current.is_none() {
                record.current = Some(record.base.clone());
            }
        }
        self.count_lines(&mut records);
        records
    }

    /// Says of each record at which line it stands.
    fn count_lines(&self, records: &mut [HunkRecord]) {
        let lines = self.lines();
        for record in records.iter_mut().filter(|record| record.part.is_lines()) {
            record.place.line = lines.get(&record.id).copied();
        }
    }

    pub(super) fn all_records(&self) -> Vec<HunkRecord> {
        self.records(self.review.hunks().iter().map(|hunk| &hunk.id))
    }

    pub(super) fn follow(&mut self, text: Option<Arc<str>>) {
        if self.review.text() == text.as_ref() {
            return;
        }
        if let (Some(before), None) = (self.review.text(), &text) {
            self.left_over = Some(before.clone());
        }
        self.changed.extend(self.review.follow(text));
    }

    /// Decides about hunks of this file; gives their records.
    pub(super) fn decide(&mut self, ids: &[&HunkId], verdict: Option<&HunkVerdict>) -> Vec<HunkRecord> {
        for id in ids {
            self.review.decide(id, verdict.cloned());
            self.changed.remove(*id);
        }
        self.records(ids.iter().copied())
    }

    /// The text that the file held before it was gone, if it is gone.
    pub fn left_over(&self) -> Option<Arc<str>> {
        self.left_over.clone().filter(|_| self.review.text().is_none())
    }

    /// Places as people count: the first line of each hunk that has one, from 1.
    pub fn lines(&self) -> HashMap<&HunkId, usize> {
        let Some(text) = self.review.text() else { return HashMap::new() };
        let mut hunks: Vec<&Hunk> = self.review.hunks().iter().filter(|hunk| !hunk.lost).collect();
        hunks.sort_by_key(|hunk| hunk.range.start);
        let starts = counted(text, hunks.iter().map(|hunk| hunk.range.start));
        hunks.iter().map(|hunk| &hunk.id).zip(starts).collect()
    }
}

/// The line of each byte of `text`, from 1; `places` must not fall.
fn counted(text: &str, places: impl Iterator<Item = usize>) -> Vec<usize> {
    let (mut at, mut line) = (0, 1);
    let count = |place: usize| {
        if let Some(between) = text.get(at..place) {
            line += glossator_text::lines(between).count();
            at = place;
        }
        line
    };
    places.map(count).collect()
}
