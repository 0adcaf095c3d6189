//! Tests of the engine: rules as tables, and properties over random texts.

mod absorb;
mod follow;
mod load;
mod props;

use crate::{FileReview, hunks_of};
use glossator_session::{ChangeSetId, HunkId, HunkRecord, HunkState};
use glossator_text::{Action, Base, FileChange, FileFormat, Replacement};
use std::path::Path;
use std::sync::Arc;

const PATH: &str = "/project/a.txt";

/// Lines of one letter each: `abc` is three lines. What else is in `text` stays.
fn lines(letters: &str) -> String {
    letters.chars().map(|letter| format!("{letter}\n")).collect()
}

fn text(text: &str) -> Option<Arc<str>> {
    Some(text.into())
}

fn id(name: &str) -> HunkId {
    HunkId::from(name)
}

/// The hunks of an edit of one file.
fn records(set: &str, before: Option<&str>, after: Option<&str>) -> Vec<HunkRecord> {
    let action = match (before, after) {
        (_, None) => Action::Delete { text: String::new() },
        (None, Some(_)) => Action::Create { text: String::new() },
        _ => Action::Update { edits: Vec::new(), move_to: None },
    };
    let change = FileChange::new(PATH.into(), Base::Absent, action, FileFormat::default());
    hunks_of(&ChangeSetId::from(set), &mut 1, &change, (before, after))
}

/// A review of the edit that leads from `before` to `after`.
fn review(before: &str, after: &str) -> FileReview {
    FileReview::load(Path::new(PATH), text(after), &records("C1", Some(before), Some(after)))
}

fn ids(review: &FileReview) -> Vec<HunkId> {
    review.hunks().iter().map(|hunk| hunk.id.clone()).collect()
}

/// Each hunk as `number state current`, lost ones with `?`.
fn shown(review: &FileReview) -> Vec<String> {
    let show = |hunk: &crate::Hunk| {
        let lost = if hunk.lost { "?" } else { "" };
        let number = hunk.id.0.trim_start_matches('C');
        format!("{number} {}{lost} {}", review.state(hunk).name(), review.current(hunk).replace('\n', ""))
    };
    review.hunks().iter().map(show).collect()
}

fn states(review: &FileReview) -> Vec<HunkState> {
    review.hunks().iter().map(|hunk| review.state(hunk)).collect()
}

fn apply(edits: Vec<Replacement>, text: &str) -> String {
    Action::Update { edits, move_to: None }.apply(Some(text)).unwrap().unwrap()
}

/// What every review must hold: places are whole lines in order, and none overlaps another.
fn unsound(review: &FileReview) -> Option<String> {
    let text = review.text()?;
    let mut at = 0;
    for hunk in review.hunks().iter().filter(|hunk| !hunk.lost && hunk.part.is_lines()) {
        let std::ops::Range { start, end } = hunk.range;
        let is_start = start == text.len() || crate::border::starts_line(text, start);
        if start < at || end < start || !is_start || !crate::border::ends_lines(text, end) {
            return Some(format!("{hunk:?} in {text:?}"));
        }
        at = end;
    }
    None
}

fn assert_sound(review: &FileReview) {
    assert_eq!(unsound(review), None);
}
