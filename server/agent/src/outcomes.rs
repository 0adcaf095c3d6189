//! What the model is told of what became of its edits, hunk by hunk: a fold over change-set items. Knows nothing of when it
//! is told.

use crate::hunks::{Ledger, recorded_state};
use glossator_session::{
    ChangeSetId, ChangeState, HunkId, HunkPart, HunkRecord, HunkState, HunkVerdict, ReviewedBy,
};
use glossator_text::unified_diff;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// Bytes of the user's own diff that are told of one hunk.
const DIFF_BYTES: usize = 2 * 1024;
/// Hunks that are named in one line.
const NAMED: usize = 12;

/// How words are written.
pub(crate) struct Words<'a> {
    /// A path as the user knows it.
    pub path: &'a dyn Fn(&Path) -> String,
    /// Takes known secrets out of a text.
    pub redact: &'a dyn Fn(&str) -> String,
}

/// What was said of each hunk so far.
#[derive(Default)]
pub(crate) struct Outcomes<'a> {
    states: HashMap<&'a HunkId, HunkState>,
    /// What the user decided last of hunks.
    decided: HashMap<&'a HunkId, &'a HunkRecord>,
    /// Change sets that were taken back as a whole, which the history tells of.
    undone: HashSet<ChangeSetId>,
    /// What the latest change set takes back.
    taken_back: Option<ChangeSetId>,
}

/// Hunks of one file of which the same is to be said.
struct Line<'a> {
    what: String,
    path: &'a Path,
    hunks: Vec<&'a HunkRecord>,
}

impl<'a> Outcomes<'a> {
    /// Where things stood before the items that are looked at.
    pub fn over(before: &'a Ledger) -> Outcomes<'a> {
        let mut outcomes = Outcomes::default();
        for (id, known) in before.latest() {
            outcomes.states.insert(id, recorded_state(&known.record));
            if known.record.verdict.is_some() {
                outcomes.decided.insert(id, &known.record);
            }
        }
        outcomes
    }

    /// Takes in how far a change set came; gives what is to be told.
    pub fn take(&mut self, id: &ChangeSetId, state: &'a ChangeState, words: &Words) -> Vec<String> {
        match state {
            ChangeState::Intended { undoes, .. } => self.taken_back.clone_from(undoes),
            ChangeState::Committed => drop(self.undone.remove(id)),
            ChangeState::Undone => drop(self.undone.insert(id.clone())),
            ChangeState::Failed { .. } => {}
            ChangeState::Reviewed { hunks, by } => return self.reviewed(hunks, *by, words),
        }
        Vec::new()
    }

    fn reviewed(&mut self, hunks: &'a [HunkRecord], by: ReviewedBy, words: &Words) -> Vec<String> {
        let mut lines: Vec<Line> = Vec::new();
        for hunk in hunks {
            let what = self.what(hunk, by).filter(|_| by != ReviewedBy::User || !self.is_decided(hunk));
            self.states.insert(&hunk.id, recorded_state(hunk));
            match &hunk.verdict {
                None => drop(self.decided.remove(&hunk.id)),
                Some(_) if by == ReviewedBy::User => drop(self.decided.insert(&hunk.id, hunk)),
                Some(_) => {}
            }
            let Some(what) = what else { continue };
            let alike = |line: &&mut Line| line.what == what && line.path == hunk.path;
            match lines.iter_mut().find(alike) {
                Some(line) => line.hunks.push(hunk),
                None => lines.push(Line { what, path: &hunk.path, hunks: vec![hunk] }),
            }
        }
        lines.iter().map(|line| line.told(words)).collect()
    }

    /// Whether the user decided the very same before.
    fn is_decided(&self, hunk: &HunkRecord) -> bool {
        let same = |was: &&HunkRecord| (&was.verdict, &was.current) == (&hunk.verdict, &hunk.current);
        hunk.verdict.is_some() && self.decided.get(&hunk.id).is_some_and(same)
    }

    /// What is to be said of a hunk; `None`: nothing that the model has to know.
    fn what(&self, hunk: &HunkRecord, by: ReviewedBy) -> Option<String> {
        let was = self.states.get(&hunk.id).copied().unwrap_or(HunkState::Pending);
        let now = recorded_state(hunk);
        let gone = |state| matches!(state, HunkState::Undone | HunkState::Rejected);
        let said = |text: &str| Some(text.to_owned());
        match (by, &hunk.verdict) {
            (ReviewedBy::Policy, _) | (_, Some(HunkVerdict::Merged { .. })) => None,
            (ReviewedBy::User, Some(HunkVerdict::Rejected)) if hunk.part.is_lines() => {
                said("the user rejected it; the lines are as they were before")
            }
            (ReviewedBy::User, Some(HunkVerdict::Rejected)) => said(match hunk.part {
                HunkPart::Create => "the user rejected it; the file is gone again",
                HunkPart::Delete => "the user rejected it; the file is back",
                _ => "the user rejected it; the file is back at its old place",
            }),
            (ReviewedBy::User, Some(HunkVerdict::Kept)) => match &hunk.current {
                None if was == HunkState::Kept => None,
                None => said("the user kept it"),
                Some(current) if *current == hunk.base => {
                    said("the user put back what stood there before and kept that")
                }
                Some(current) => {
                    Some(format!("the user changed it and kept that:\n{}", changes(hunk, current)))
                }
            },
            (ReviewedBy::User, None) if gone(was) && !gone(now) => {
                said("the user took the rejection back; it stands again, and is open")
            }
            (ReviewedBy::User, None) if was == HunkState::Kept || gone(was) => {
                said("the user took that decision back; it is open again")
            }
            (ReviewedBy::Seen, _) if gone(now) && !gone(was) => {
                said("it was undone in the editor; what stood there before stands there again")
            }
            (ReviewedBy::Seen, _) if gone(was) && !gone(now) => {
                said("it was made again in the editor; it stands")
            }
            (ReviewedBy::Edit, _)
                if gone(now) && !gone(was) && !self.undone.contains(&hunk.id.change_set()) =>
            {
                said("the user undid it; what stood there before stands there again")
            }
            (ReviewedBy::Edit, _) if gone(was) && !gone(now) && !self.is_whole_redo() => {
                said("the user took the undoing of it back; it stands again")
            }
            _ => None,
        }
    }

    fn is_whole_redo(&self) -> bool {
        self.taken_back.as_ref().is_some_and(|id| self.undone.contains(id))
    }
}

impl Line<'_> {
    fn told(&self, words: &Words) -> String {
        let path: String = (words.path)(self.path);
        // A line end in a name would let it speak as a note of its own.
        let path: String = path.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        let text = match self.hunks.as_slice() {
            [one] => {
                let line = one.place.line.map(|line| format!(":{line}")).unwrap_or_default();
                format!("hunk {} ({path}{line}): {}", one.id, self.what)
            }
            all => {
                let named: Vec<&str> = all.iter().take(NAMED).map(|hunk| hunk.id.0.as_str()).collect();
                let more = match all.len().saturating_sub(NAMED) {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                format!("hunks {}{more} ({path}), of each: {}", named.join(", "), self.what)
            }
        };
        (words.redact)(&text)
    }
}

/// The user's own changes of a hunk as a diff, without its header.
fn changes(hunk: &HunkRecord, current: &str) -> String {
    let diff = unified_diff("", Some(&hunk.proposed), Some(current));
    // The first two lines name files; lines of the texts never begin with `@`.
    let body: String = diff.split_inclusive('\n').skip(2).filter(|line| !line.starts_with("@@")).collect();
    if body.len() <= DIFF_BYTES {
        return body.trim_end().to_owned();
    }
    let mut end = DIFF_BYTES;
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    let whole_lines = body[..end].rfind('\n').unwrap_or(end);
    format!("{}\n... (cut; read the file)", &body[..whole_lines])
}

#[cfg(test)]
mod tests;
