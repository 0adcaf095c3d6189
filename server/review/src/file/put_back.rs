//! The edits that put one side of a hunk into its place.

use super::FileReview;
use crate::border::is_broken;
use crate::endings::{fitted, usual};
use crate::hunk::{Hunk, Side};
use glossator_session::{HunkId, HunkVerdict};
use glossator_text::{Replacement, line_replacements};

impl FileReview {
    /// The hunk of which lines can be put back, or why they cannot.
    pub(super) fn editable(&self, id: &HunkId) -> Result<&Hunk, String> {
        let hunk = self.hunk(id).ok_or_else(|| format!("there is no hunk {id} in this file"))?;
        if let Some(HunkVerdict::Merged { into }) = &hunk.verdict {
            return Err(format!("a later hunk, {into}, took it over; decide about that one"));
        }
        if let Some(why) = self.why_lost(hunk) {
            return Err(format!("{why}, so nothing was put back; look at the file and edit it yourself"));
        }
        if !hunk.part.is_lines() {
            return Err("it is not lines of a text but the whole file".to_owned());
        }
        Ok(hunk)
    }

    /// What brings `side` of the hunk into its place.
    pub(super) fn edits_of(&self, hunk: &Hunk, side: Side) -> Vec<Replacement> {
        let text = self.text.as_deref().unwrap_or_default();
        let (wanted, other) = match side {
            Side::Base => (&hunk.base, &hunk.proposed),
            Side::Proposed => (&hunk.proposed, &hunk.base),
        };
        let current = &text[hunk.range.clone()];
        let mut wanted = fitted(text, &hunk.range, wanted);
        if is_broken(current) && !wanted.is_empty() && !is_broken(&wanted) && !is_broken(other) {
            // The editor ends the file with a line break that neither side has.
            wanted.push_str(usual(text));
        }
        let start = hunk.range.start;
        let shifted = |edit: Replacement| Replacement { start: start + edit.start, ..edit };
        line_replacements(current, &wanted).into_iter().map(shifted).collect()
    }
}
