//! One file's hunks on one text. Never reads the text itself: it is given each newer one.

mod absorb;
mod follow;
mod place;
mod put_back;
mod settle;

use crate::endings::same_lines;
use crate::hunk::{Hunk, Side, Stands};
use crate::made::Measured;
use glossator_session::{HunkId, HunkPart, HunkRecord, HunkState, HunkVerdict};
use glossator_text::Replacement;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The hunks of one file, on the text that was seen last.
#[derive(Debug, Clone)]
pub struct FileReview {
    path: PathBuf,
    /// `None`: there is no such file.
    text: Option<Arc<str>>,
    /// Those that are lines and have a place do not overlap.
    hunks: Vec<Hunk>,
    /// Where each of them stands among `hunks`.
    index: HashMap<HunkId, usize>,
    /// Those that others took over.
    merged: Vec<Hunk>,
}

impl FileReview {
    /// `records` placed on `text`: exactly where its hash is the recorded one, else by the lines around them. What is not
    /// found is lost. Of several records of a hunk the last counts; where two claim one place, the later hunk gets it.
    pub fn load(path: &Path, text: Option<Arc<str>>, records: &[HunkRecord]) -> FileReview {
        let (hunks, index, merged) = (Vec::new(), HashMap::new(), Vec::new());
        let mut review = FileReview { path: path.to_path_buf(), text, hunks, index, merged };
        let last: HashMap<&HunkId, usize> =
            records.iter().enumerate().map(|(at, record)| (&record.id, at)).collect();
        let counts = |(at, record): &(usize, &HunkRecord)| last.get(&record.id) == Some(at);
        for (_, record) in records.iter().enumerate().filter(counts) {
            match record.verdict {
                Some(HunkVerdict::Merged { .. }) => review.merged.push(Hunk::of(record)),
                _ => review.hunks.push(Hunk::of(record)),
            }
        }
        review.place_lost();
        review.arrange();
        review
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file was moved: its hunks go along.
    pub fn move_to(&mut self, path: &Path) {
        self.path = path.to_path_buf();
    }

    /// The text the hunks are placed on; `None`: there is no such file.
    pub fn text(&self) -> Option<&Arc<str>> {
        self.text.as_ref()
    }

    /// All hunks but those that others took over: a move, the whole file, lines in the order of their places, lost ones.
    pub fn hunks(&self) -> &[Hunk] {
        &self.hunks
    }

    /// The hunk of this id, also one that another took over.
    pub fn hunk(&self, id: &HunkId) -> Option<&Hunk> {
        self.standing(id).or_else(|| self.merged.iter().find(|hunk| hunk.id == *id))
    }

    /// The hunk of this id, unless another took it over.
    pub fn standing(&self, id: &HunkId) -> Option<&Hunk> {
        self.hunks.get(*self.index.get(id)?)
    }

    /// The state of a hunk. One that another took over, or whose place is lost, has the state in which it was last seen;
    /// a lost one that was open is amended. A rejected hunk stays so when the user writes something of his own in its
    /// place, and is open again when what was rejected comes back; so does one that was undone.
    pub fn state(&self, hunk: &Hunk) -> HunkState {
        if hunk.verdict == Some(HunkVerdict::Kept) {
            return HunkState::Kept;
        }
        match (self.stands(hunk), &hunk.verdict) {
            (Stands::Base, Some(HunkVerdict::Rejected)) => HunkState::Rejected,
            (Stands::Base, _) => HunkState::Undone,
            (Stands::Proposed, _) if hunk.lost => HunkState::Amended,
            (Stands::Proposed, _) => HunkState::Pending,
            (Stands::Other, Some(HunkVerdict::Rejected))
                if hunk.last.as_deref() != Some(self.current(hunk)) =>
            {
                HunkState::Rejected
            }
            (Stands::Other, _) if hunk.settled => HunkState::Undone,
            (Stands::Other, _) => HunkState::Amended,
        }
    }

    /// Whether what the agent wrote stands there, unchanged.
    pub fn is_as_written(&self, hunk: &Hunk) -> bool {
        !hunk.lost && self.stands(hunk) == Stands::Proposed
    }

    /// Whether what stood there before the agent stands there again.
    pub fn is_as_before(&self, hunk: &Hunk) -> bool {
        !hunk.lost && self.stands(hunk) == Stands::Base
    }

    /// What stands in the place of a hunk now; of a lost one, what stood there last.
    pub fn current<'a>(&'a self, hunk: &'a Hunk) -> &'a str {
        match &hunk.trace {
            Some(seen) => &seen.current,
            None => self.text.as_ref().and_then(|text| text.get(hunk.range.clone())).unwrap_or_default(),
        }
    }

    /// Why the place of a hunk is lost, for people; `None` when it is not.
    pub fn why_lost<'a>(&self, hunk: &'a Hunk) -> Option<&'a str> {
        hunk.trace.as_ref().map(|seen| seen.why.as_str())
    }

    /// Goes over to a newer text; the hunks move along. Gives those of which state or current text changed.
    pub fn follow(&mut self, now: Option<Arc<str>>) -> Vec<HunkId> {
        if self.text == now {
            return Vec::new();
        }
        let was = std::mem::replace(&mut self.text, now.clone());
        let mut changed = match (&was, &now) {
            (Some(was), Some(now)) => self.follow_lines(was, now),
            (Some(was), None) => self.lose_lines(was, "its file is gone"),
            (None, _) => self.place_lost(),
        };
        changed.extend(self.follow_whole(was.is_some()));
        self.arrange();
        changed
    }

    /// Takes in an edit of the agent: `records` are its hunks in this file (after a move, those of the new path, and this
    /// review was told of it by [`FileReview::move_to`]). They lead exactly from `before` to `after`; what else happened
    /// is for [`FileReview::follow`], later. Open hunks that they overlap or touch are merged into them: the new hunk's
    /// base is what stood there before both. Of the others, those that they overlap are lost. `before` may be missing
    /// when it is not known. Gives the ids of hunks that changed, merged and lost ones included, and of new ones that are
    /// not as `records` say.
    pub fn absorb(
        &mut self,
        records: &[HunkRecord],
        (before, after): (Option<Arc<str>>, Option<Arc<str>>),
    ) -> Vec<HunkId> {
        let before = before.or_else(|| absorb::reverted(records, after.as_deref()));
        let is_known = before.is_some() || records.iter().any(|record| record.part == HunkPart::Create);
        let mut changed = if is_known { self.follow(before) } else { Vec::new() };
        changed.extend(absorb::absorb(self, records, after));
        self.arrange();
        changed.sort();
        changed.dedup();
        changed
    }

    /// Decides about a hunk, or with `None` takes the decision back. No text changes by this. Of a hunk that another took
    /// over nothing can be decided.
    pub fn decide(&mut self, id: &HunkId, verdict: Option<HunkVerdict>) {
        if let Some(hunk) = self.index.get(id).and_then(|at| self.hunks.get_mut(*at)) {
            hunk.verdict = verdict;
        }
    }

    /// The edits on the present text that bring `side` of the hunks back, each as small as can be, in order, and why
    /// others cannot be. Only hunks that are lines of a text. None for what stands there already.
    pub fn edits(&self, ids: &[HunkId], side: Side) -> (Vec<Replacement>, Vec<(HunkId, String)>) {
        let (mut wanted, mut refused) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        for id in ids.iter().filter(|id| seen.insert(*id)) {
            match self.editable(id) {
                Ok(hunk) => wanted.push(hunk),
                Err(why) => refused.push((id.clone(), why)),
            }
        }
        wanted.sort_by_key(|hunk| self.index.get(&hunk.id));
        (wanted.into_iter().flat_map(|hunk| self.edits_of(hunk, side)).collect(), refused)
    }

    /// The records of hunks as they stand now.
    pub fn records(&self, ids: &[HunkId]) -> Vec<HunkRecord> {
        let measured = self.text.as_deref().map(Measured::of);
        ids.iter().filter_map(|id| self.hunk(id)).map(|hunk| self.record(hunk, measured.as_ref())).collect()
    }

    /// What stands in the place of a hunk.
    fn stands(&self, hunk: &Hunk) -> Stands {
        if let Some(seen) = &hunk.trace {
            return hunk.compare(&seen.current);
        }
        match (&hunk.part, &self.text) {
            (HunkPart::Lines, _) => hunk.compare(self.current(hunk)),
            (HunkPart::Create | HunkPart::Move { .. }, None) => Stands::Base,
            (HunkPart::Move { .. }, Some(_)) => Stands::Proposed,
            (HunkPart::Create, Some(text)) if same_lines(text, &hunk.proposed) => Stands::Proposed,
            (HunkPart::Delete, None) => Stands::Proposed,
            (HunkPart::Delete, Some(text)) if same_lines(text, &hunk.base) => Stands::Base,
            _ => Stands::Other,
        }
    }

    /// Brings the hunks into the order of their places: what changes `hunks` ends with it.
    fn arrange(&mut self) {
        self.hunks.sort_by_key(|hunk| {
            let kind = match hunk.part {
                _ if hunk.lost => 3,
                HunkPart::Move { .. } => 0,
                HunkPart::Create | HunkPart::Delete => 1,
                HunkPart::Lines => 2,
            };
            (kind, hunk.range.start, hunk.range.end)
        });
        self.index = self.hunks.iter().enumerate().map(|(at, hunk)| (hunk.id.clone(), at)).collect();
    }
}

fn is_whole(hunk: &Hunk) -> bool {
    matches!(hunk.part, HunkPart::Create | HunkPart::Delete)
}
