//! Settling hunks for good: what was undone or rejected does not come back with somebody else's edit of its lines.

use super::FileReview;
use super::absorb::covers;
use crate::hunk::Hunk;
use crate::made::changed_lines;
use glossator_session::{HunkId, HunkState};

impl FileReview {
    /// The text is about to become `after` by an edit that is not this review's: lines of undone and of rejected hunks that
    /// it changes are no longer theirs, so that they do not come back with it. Gives their ids. The review stays on the text
    /// it has; [`FileReview::follow`] comes next.
    pub fn settle(&mut self, after: &str) -> Vec<HunkId> {
        let Some(text) = self.text.clone() else { return Vec::new() };
        let changes = changed_lines(&text, after);
        let is_settled = |hunk: &&Hunk| {
            hunk.is_placed()
                && matches!(self.state(hunk), HunkState::Undone | HunkState::Rejected)
                && changes.iter().any(|(old, _)| covers(old, &hunk.range))
        };
        let settled: Vec<HunkId> = self.hunks.iter().filter(is_settled).map(|hunk| hunk.id.clone()).collect();
        for hunk in self.hunks.iter_mut().filter(|hunk| settled.contains(&hunk.id)) {
            let current = text[hunk.range.clone()].to_owned();
            hunk.lose("a later edit of another session changed the same lines", current, None);
        }
        self.arrange();
        settled
    }
}
