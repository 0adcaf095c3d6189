//! An edit as numbered hunks that the user answers one by one, and what is left of the edit when he accepts some. Pure:
//! texts and changes in, a smaller change out.

#[cfg(test)]
mod tests;

use super::{Changed, Hunk, Kind, Rejected};
use crate::render::cut_middle;
use glossator_session::AskHunk;
use glossator_text::{Action, ChangeSet, FileChange, LineHunk, Replacement, diff_lines, lines};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// Bytes that an ask shows of a hunk's text before and after, each.
const SHOWN: usize = 64 * 1024;
/// Lines around a hunk that travel with it, so that its place is found when the file moves on while the user decides.
const CONTEXT: usize = 3;

/// One file of an edit.
pub(crate) struct Piece {
    /// What is done.
    pub change: FileChange,
    /// Where the file stands, as the user knows it.
    pub from: String,
    /// Where it will stand.
    pub to: String,
    /// Its text now; `None`: there is no such file.
    pub before: Option<Arc<str>>,
    /// Its text then.
    pub after: Option<Arc<str>>,
}

/// An edit as numbered hunks.
pub(crate) struct Proposal {
    pieces: Vec<(Piece, Parts)>,
}

/// The hunks of one file.
enum Parts {
    /// It comes, goes or moves: one hunk.
    Whole,
    /// Places of its text.
    Lines(Vec<LineHunk>),
}

/// What is left of an edit.
pub(crate) struct Accepted {
    pub change: ChangeSet,
    pub files: Vec<Changed>,
    pub rejected: Vec<Rejected>,
}

impl Proposal {
    pub fn new(pieces: Vec<Piece>) -> Proposal {
        let with_parts = |piece: Piece| {
            let parts = match &piece.change.action {
                Action::Update { move_to: None, .. } => {
                    Parts::Lines(diff_lines(piece.before(), piece.after()))
                }
                _ => Parts::Whole,
            };
            (piece, parts)
        };
        Proposal { pieces: pieces.into_iter().map(with_parts).collect() }
    }

    /// The hunks, numbered from 1 in this order.
    pub fn hunks(&self) -> Vec<AskHunk> {
        let hunk = |piece: &Piece, line, base: &str, proposed: &str| AskHunk {
            path: piece.from.clone(),
            line,
            base: cut_middle(base, SHOWN),
            proposed: cut_middle(proposed, SHOWN),
        };
        let of_piece = |(piece, parts): &(Piece, Parts)| -> Vec<AskHunk> {
            let (before, after) = (piece.before(), piece.after());
            match parts {
                Parts::Whole => vec![hunk(piece, 1, before, after)],
                Parts::Lines(all) => {
                    let (old, new) = (Lines::of(before), Lines::of(after));
                    let lines = |one: &LineHunk| {
                        hunk(piece, one.old.start + 1, old.text(&one.old), new.text(&one.new))
                    };
                    all.iter().map(lines).collect()
                }
            }
        };
        self.pieces.iter().flat_map(of_piece).collect()
    }

    /// The edit with only the hunks of these numbers.
    pub fn accepted(self, numbers: &[usize]) -> Accepted {
        let numbers: BTreeSet<usize> = numbers.iter().copied().collect();
        let mut left = Accepted { change: ChangeSet::default(), files: Vec::new(), rejected: Vec::new() };
        let mut next = 1;
        for (piece, parts) in self.pieces {
            let places = parts.places();
            let taken: Vec<bool> =
                (next..).take(places.len()).map(|number| numbers.contains(&number)).collect();
            next += places.len();
            let refused = places.iter().zip(&taken).filter(|(_, taken)| !**taken);
            left.rejected.extend(refused.map(|(line, _)| Rejected { path: piece.from.clone(), line: *line }));
            if !taken.contains(&true) {
                continue;
            }
            let change = match parts {
                Parts::Whole => piece.change.clone(),
                Parts::Lines(hunks) => {
                    let mut taken = taken.iter();
                    let hunks: Vec<LineHunk> =
                        hunks.into_iter().filter(|_| taken.next().is_some_and(|taken| *taken)).collect();
                    let edits = with_context(&hunks, piece.before(), piece.after());
                    let action = Action::Update { edits, move_to: None };
                    FileChange { action, ..piece.change.clone() }
                }
            };
            left.files.push(piece.changed(&change));
            left.change.files.push(change);
        }
        left
    }
}

impl Parts {
    /// The first line of each hunk in the text before, from 1.
    fn places(&self) -> Vec<usize> {
        match self {
            Parts::Whole => vec![1],
            Parts::Lines(hunks) => hunks.iter().map(|hunk| hunk.old.start + 1).collect(),
        }
    }
}

impl Piece {
    fn before(&self) -> &str {
        self.before.as_deref().unwrap_or_default()
    }

    fn after(&self) -> &str {
        self.after.as_deref().unwrap_or_default()
    }

    /// What comes of the file by `change`, in numbers.
    fn changed(&self, change: &FileChange) -> Changed {
        let kind = match &change.action {
            Action::Create { .. } => Kind::Add,
            Action::Delete { .. } => Kind::Delete,
            Action::Update { move_to: Some(_), .. } => Kind::Move,
            Action::Update { move_to: None, .. } => Kind::Update,
        };
        let after = change.action.apply(self.before.as_deref()).ok().flatten().unwrap_or_default();
        let hunks = diff_lines(self.before(), &after).into_iter().map(|hunk| Hunk {
            start_line: hunk.new.start + 1,
            old_lines: hunk.old.len(),
            new_lines: hunk.new.len(),
        });
        let hunks: Vec<Hunk> = hunks.collect();
        Changed {
            path: self.to.clone(),
            moved_from: (kind == Kind::Move).then(|| self.from.clone()),
            kind,
            added: hunks.iter().map(|hunk| hunk.new_lines).sum(),
            removed: hunks.iter().map(|hunk| hunk.old_lines).sum(),
            hunks,
        }
    }
}

/// The edits of `hunks` in whole lines of `before`, with lines around them as far as they do not reach into each other.
fn with_context(hunks: &[LineHunk], before: &str, after: &str) -> Vec<Replacement> {
    let (old, new) = (Lines::of(before), Lines::of(after));
    let mut done = 0;
    let edits = hunks.iter().enumerate().map(|(at, hunk)| {
        let next = hunks.get(at + 1).map_or(old.count(), |next| next.old.start);
        let above = hunk.old.start.saturating_sub(CONTEXT).max(done)..hunk.old.start;
        let below = hunk.old.end..(hunk.old.end + CONTEXT).min(next);
        done = below.end;
        Replacement {
            start: old.starts[above.start],
            old: old.text(&(above.start..below.end)).to_owned(),
            new: [old.text(&above), new.text(&hunk.new), old.text(&below)].concat(),
        }
    });
    edits.collect()
}

/// A text and where its lines begin.
struct Lines<'t> {
    text: &'t str,
    /// Byte at which each line begins, and the end.
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Lines<'t> {
        let ends = lines(text).scan(0, |at, line| {
            *at += line.len();
            Some(*at)
        });
        Lines { text, starts: std::iter::once(0).chain(ends).collect() }
    }

    fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// These lines, from 0.
    fn text(&self, range: &Range<usize>) -> &'t str {
        &self.text[self.starts[range.start]..self.starts[range.end]]
    }
}
