//! One hunk: what it is made from, how it is compared with what stands in its place, and how it goes over to a newer
//! text. Finding that place is not its work.

use crate::border::is_broken;
use crate::endings::{same_lines, with_ending};
use glossator_session::{HunkId, HunkPart, HunkPlace, HunkRecord, HunkVerdict};
use std::ops::Range;

/// A hunk on the text of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// Its id.
    pub id: HunkId,
    /// What of the file it is.
    pub part: HunkPart,
    /// The whole lines before the agent's edit (and before those that this hunk took over). Lines beside it that a later
    /// change joined with its own come to belong to it, here and in `proposed`.
    pub base: String,
    /// The whole lines that the agent wrote.
    pub proposed: String,
    /// Where they, or what became of them, stand in the text, in bytes. Empty where nothing stands.
    pub range: Range<usize>,
    /// Whether its place was not found: then `range` says nothing and nothing can be put back.
    pub lost: bool,
    /// What was decided.
    pub verdict: Option<HunkVerdict>,
    /// What stood there last that was neither `base` nor `proposed`.
    pub(crate) last: Option<String>,
    /// Whether it was undone before something else came to stand in its place: what stands there is not the agent's.
    pub(crate) settled: bool,
    /// What is known of a lost one.
    pub(crate) trace: Option<Box<LastSeen>>,
}

/// What is known of a hunk whose place is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LastSeen {
    /// Why it is lost, for people.
    pub why: String,
    /// What stood in its place.
    pub current: String,
    /// Where it stood; `None`: it is not looked for again.
    pub place: Option<HunkPlace>,
}

/// Which text of a hunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What stood there before the agent.
    Base,
    /// What the agent wrote.
    Proposed,
}

/// What stands in the place of a hunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stands {
    Base,
    Proposed,
    Other,
}

/// Where a hunk is on a newer text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moved {
    pub range: Range<usize>,
    /// How many bytes of the old text right above and below the hunk belong to it from now on.
    pub joined: (usize, usize),
}

impl Hunk {
    /// A hunk as it was recorded. Lines have no place yet.
    pub(crate) fn of(record: &HunkRecord) -> Hunk {
        let seen = LastSeen {
            why: "its lines were not found in the file as it is now".to_owned(),
            current: record.current.clone().unwrap_or_else(|| record.proposed.clone()),
            // What has no text to stand in was given up before.
            place: (!record.place.text.is_empty()).then(|| record.place.clone()),
        };
        let lines = record.part.is_lines();
        Hunk {
            id: record.id.clone(),
            part: record.part.clone(),
            base: record.base.clone(),
            proposed: record.proposed.clone(),
            range: 0..0,
            lost: lines,
            verdict: record.verdict.clone(),
            last: None,
            settled: false,
            trace: lines.then(|| Box::new(seen)),
        }
    }

    /// Whether it is lines that have a place.
    pub(crate) fn is_placed(&self) -> bool {
        self.part.is_lines() && !self.lost
    }

    pub(crate) fn place_at(&mut self, range: Range<usize>) {
        self.range = range;
        self.lost = false;
        self.trace = None;
    }

    /// A lost one is found at `range` of `text`. What is written now in the place of one that was undone is not the agent's.
    pub(crate) fn come_back(&mut self, text: &str, range: Range<usize>) {
        let was_undone = self.verdict.is_none()
            && self.trace.as_ref().is_some_and(|seen| self.compare(&seen.current) == Stands::Base);
        self.settled = was_undone && self.compare(&text[range.clone()]) == Stands::Other;
        self.place_at(range);
    }

    pub(crate) fn lose(&mut self, why: &str, current: String, place: Option<HunkPlace>) {
        self.range = 0..0;
        self.lost = true;
        self.trace = Some(Box::new(LastSeen { why: why.to_owned(), current, place }));
    }

    /// What of the hunk `current` is. Line endings and the break at the end of the last line count only where they are
    /// what the agent changed.
    pub(crate) fn compare(&self, current: &str) -> Stands {
        if current == self.base {
            Stands::Base
        } else if current == self.proposed {
            Stands::Proposed
        } else if same_lines(&self.base, &self.proposed) {
            Stands::Other
        } else if same_lines(current, &self.proposed) {
            Stands::Proposed
        } else if same_lines(current, &self.base) {
            Stands::Base
        } else {
            Stands::Other
        }
    }

    /// Goes from its place in `was` to that in `now`. Says whether its own text changed.
    pub(crate) fn go(&mut self, (was, now): (&str, &str), moved: Moved) -> bool {
        let joined = moved.joined != (0, 0);
        if joined {
            self.join(was, moved.joined);
        }
        let old = &was[self.range.clone()];
        let new = &now[moved.range.clone()];
        self.range = moved.range;
        if old == new {
            return joined;
        }
        let stood = self.compare(old);
        if stood == Stands::Other && !self.settled && (new.is_empty() || new == self.base) {
            self.last = Some(old.to_owned());
        }
        let stands = self.compare(new);
        let is_back =
            stands == Stands::Proposed || (stands == Stands::Other && self.last.as_deref() == Some(new));
        self.settled = self.verdict.is_none()
            && stands == Stands::Other
            && !is_back
            && (stood == Stands::Base || self.settled);
        if self.verdict == Some(HunkVerdict::Rejected) && is_back {
            self.verdict = None;
        }
        true
    }

    /// Carries its texts over to another line ending.
    pub(crate) fn convert(&mut self, ending: &str) {
        for text in [&mut self.base, &mut self.proposed].into_iter().chain(&mut self.last) {
            *text = with_ending(text, ending);
        }
    }

    /// Takes the lines of `text` right above and below into the hunk, on both sides of the review.
    fn join(&mut self, text: &str, (above, below): (usize, usize)) {
        let Range { start, end } = self.range;
        let (above, below) = (&text[start - above..start], &text[end..end + below]);
        self.range = start - above.len()..end + below.len();
        for side in [&mut self.base, &mut self.proposed].into_iter().chain(&mut self.last) {
            let gap = if below.is_empty() || side.is_empty() || is_broken(side) { "" } else { "\n" };
            *side = [above, side, gap, below].concat();
        }
    }
}
