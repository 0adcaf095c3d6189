//! Things to store: turns, texts of every kind, edits as they are made in reality.

use crate::*;
use glossator_session::{
    ChangeState, HunkId, HunkPart, HunkPlace, HunkRecord, InputPart, Item, ItemBody, ItemId, TurnId,
    TurnStatus, Usage,
};
use glossator_text::{Action, Base, ChangeSet, FileChange, FileFormat, Replacement, text_hash};

pub(crate) fn body(id: u64, turn: u32, body: ItemBody) -> Item {
    Item { id: ItemId(id), turn: TurnId(turn), round: 1, at: 1_795_181_067_947, agent: None, body }
}

pub(crate) fn answer(id: u64, turn: u32, text: &str) -> Item {
    body(id, turn, ItemBody::Answer { text: text.to_owned(), raw: None })
}

/// A turn that begins with item `id`: a prompt, answers, its end.
pub(crate) fn turn(id: u64, turn: u32, answers: &[String]) -> Vec<Item> {
    let input = vec![InputPart::Text { text: format!("prompt of {turn}") }];
    let mut items = vec![body(id, turn, ItemBody::UserMessage { input, to: Vec::new(), queued: None })];
    for text in answers {
        items.push(answer(id + items.len() as u64, turn, text));
    }
    let ended =
        ItemBody::TurnEnded { status: TurnStatus::Done, usage: Usage::default(), cost: None, message: None };
    items.push(body(id + items.len() as u64, turn, ended));
    items
}

/// Appends a finished turn; gives its items.
pub(crate) fn append_turn(log: &mut SessionLog, number: u32, answers: &[String]) -> Vec<Item> {
    let items = turn(log.next_id(), number, answers);
    for item in &items {
        log.append(item, Sync::No).unwrap();
    }
    items
}

/// The edit that makes `after` of `before`, as the workspace and the review describe it: whole lines and three lines of
/// context in the inverse, the same around hunks.
pub(crate) fn edit(path: &str, before: &str, after: &str) -> ItemBody {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (glossator_text::lines(before).collect(), glossator_text::lines(after).collect());
    let hunks = glossator_text::diff_lines(before, after);
    let edits: Vec<Replacement> = hunks.iter().map(|hunk| hunk.edit.clone()).collect();
    let action = Action::Update { edits, move_to: None };
    let base = Base::Buffer { version: 9, hash: text_hash(before) };
    let change =
        ChangeSet { files: vec![FileChange::new(path.into(), base, action, FileFormat::of_text(before))] };
    let mut inverse = change.inverse(|_| Some(text_hash(after)));
    let start = |lines: &[&str], at: usize| lines[..at].iter().map(|line| line.len()).sum::<usize>();
    let mut wide: Vec<(usize, usize, usize, usize)> = Vec::new();
    for hunk in &hunks {
        let (above, below) = (hunk.new.start.min(3), (new.len() - hunk.new.end).min(3));
        match wide.last_mut() {
            Some(last) if hunk.new.start - above <= last.1 => {
                (last.1, last.3) = (hunk.new.end + below, hunk.old.end + below);
            }
            _ => wide.push((
                hunk.new.start - above,
                hunk.new.end + below,
                hunk.old.start - above,
                hunk.old.end + below,
            )),
        }
    }
    let back = wide.iter().map(|&(from, to, old_from, old_to)| Replacement {
        start: start(&new, from),
        old: new[from..to].concat(),
        new: old[old_from..old_to].concat(),
    });
    inverse.files[0].action = Action::Update { edits: back.collect(), move_to: None };
    let records = hunks.iter().enumerate().map(|(at, hunk)| HunkRecord {
        id: HunkId(format!("C1.{}", at + 1)),
        path: path.into(),
        part: HunkPart::Lines,
        base: old[hunk.old.clone()].concat(),
        proposed: new[hunk.new.clone()].concat(),
        current: None,
        place: HunkPlace {
            text: text_hash(after),
            start: start(&new, hunk.new.start),
            line: Some(hunk.new.start + 1),
            above: new[hunk.new.start.saturating_sub(3)..hunk.new.start].concat(),
            below: new[hunk.new.end..(hunk.new.end + 3).min(new.len())].concat(),
        },
        verdict: None,
    });
    let hunks = records.collect();
    ItemBody::ChangeSet {
        id: "C1".into(),
        state: ChangeState::Intended { change, inverse, undoes: None, hunks },
    }
}
