//! Changes that come too late: under load Helix 25.01 sends those of fast typing now and then in another order than it made
//! them. Remembers the text before a gap in the versions, so that what belongs there can still be put there. Pure.

use ropey::Rope;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long a gap may be filled.
const KEPT_FOR: Duration = Duration::from_secs(2);
/// Changes that are remembered from a gap on, and bytes of new text in each.
const MAX_CHANGES: usize = 64;
const MAX_BYTES: usize = 64 * 1024;

/// The changes of one buffer from the oldest gap on that may still be filled.
#[derive(Debug)]
pub(crate) struct Late<Change> {
    steps: VecDeque<Step<Change>>,
}

impl<Change> Default for Late<Change> {
    fn default() -> Self {
        Late { steps: VecDeque::new() }
    }
}

#[derive(Debug)]
struct Step<Change> {
    at: Instant,
    /// Text and version before it.
    before: (Rope, i32),
    version: i32,
    changes: Vec<Change>,
}

impl<Change> Step<Change> {
    fn has_gap(&self) -> bool {
        self.version > self.before.1.saturating_add(1)
    }
}

/// Where a late change belongs: the text and version before it, and what follows it.
#[derive(Debug)]
pub(crate) struct Place<Change> {
    pub before: (Rope, i32),
    pub after: Vec<(i32, Vec<Change>)>,
}

impl<Change: Clone> Late<Change> {
    /// Notes changes of so many bytes that are about to be applied to `before`. Editors whose versions leave no gap cost
    /// nothing here.
    pub fn note(
        &mut self,
        before: (&Rope, i32),
        version: i32,
        (changes, bytes): (&[Change], usize),
        now: Instant,
    ) {
        self.forget_old(now);
        let gap = version > before.1.saturating_add(1);
        if bytes > MAX_BYTES {
            return self.forget();
        }
        if gap || !self.steps.is_empty() {
            let before = (before.0.clone(), before.1);
            self.steps.push_back(Step { at: now, before, version, changes: changes.to_vec() });
        }
        while self.steps.len() > MAX_CHANGES {
            self.drop_oldest();
        }
    }

    /// The place of a change of `version` in a gap that is remembered; it and all behind it are forgotten, since they are
    /// applied anew.
    pub fn place(&mut self, version: i32, now: Instant) -> Option<Place<Change>> {
        self.forget_old(now);
        let fits = |step: &Step<Change>| step.before.1 < version && version < step.version && step.has_gap();
        let at = self.steps.iter().position(fits)?;
        let mut behind = self.steps.drain(at..);
        let first = behind.next()?;
        let rest = behind.map(|step| (step.version, step.changes));
        let after = std::iter::once((first.version, first.changes)).chain(rest).collect();
        Some(Place { before: first.before, after })
    }

    /// Nothing that was is of use any more.
    pub fn forget(&mut self) {
        self.steps.clear();
    }

    fn forget_old(&mut self, now: Instant) {
        while self.steps.front().is_some_and(|step| now.duration_since(step.at) > KEPT_FOR) {
            self.drop_oldest();
        }
    }

    /// Drops the oldest gap and what follows it up to the next.
    fn drop_oldest(&mut self) {
        self.steps.pop_front();
        while self.steps.front().is_some_and(|step| !step.has_gap()) {
            self.steps.pop_front();
        }
    }
}
