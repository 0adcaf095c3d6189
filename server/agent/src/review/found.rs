//! Which edits an undo or a redo is about, as the log has them. Changes nothing.

use super::back::{Back, BackHunk, Job};
use super::facts::desk_of;
use crate::AgentError;
use crate::config::Front;
use crate::hunks::{Ledger, Set, Stand};
use crate::looks;
use crate::session::Session;
use glossator_review::Side;
use glossator_session::{ChangeState, HunkId, HunkRecord, Item, ItemBody, TurnId};
use std::collections::HashMap;
use std::path::PathBuf;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Undo,
    Redo,
}

/// What is to be done: the change sets to take back, newest first, and the hunks of each.
pub(crate) struct Found {
    pub turn: TurnId,
    pub sets: Vec<Back>,
}

impl Found {
    pub fn hunks(&self) -> Vec<HunkId> {
        self.sets.iter().flat_map(|set| &set.hunks).map(|hunk| hunk.id.clone()).collect()
    }
}

/// The turn that is to be taken back or made again, with its change sets, newest first; `None`: there is nothing to do.
pub(crate) fn sets_of(ledger: &Ledger, way: Way, turn: Option<TurnId>) -> Option<(TurnId, Vec<Set>)> {
    if way == Way::Redo {
        let undo = ledger.last_undo(turn)?;
        return Some((undo.turn, vec![undo.clone()]));
    }
    let mut standing = ledger.sets().iter().filter(|set| ledger.stands(set)).map(|set| set.turn);
    let turn = match turn {
        Some(turn) => standing.find(|one| *one == turn)?,
        None => standing.next_back()?,
    };
    // Also those of which nothing stands: another edit of the turn may have brought it about.
    let made = |set: &&Set| set.turn == turn && set.undoes.is_none() && set.stand == Stand::Stands;
    Some((turn, ledger.sets().iter().filter(made).rev().cloned().collect()))
}

/// What is to be done, with all items at hand that it needs.
pub(crate) fn found(session: &Session, (way, turn): (Way, Option<TurnId>)) -> Result<Found, AgentError> {
    let table = looks::table(session);
    let ledger = &table.ledger;
    let latest = session.place().0;
    let nothing = || {
        if let Some(missing) = turn.filter(|turn| turn.0 == 0 || *turn > latest) {
            let known = match latest.0 {
                0 => "It has no turn yet".to_owned(),
                _ => format!("Its latest turn is {latest}"),
            };
            let what = if way == Way::Undo { "undo" } else { "redo" };
            let why = format!("This session has no {missing}. {known}; there is nothing to {what}.");
            return AgentError::NothingToUndo(why);
        }
        let whose = turn.map_or("this session".to_owned(), |turn| turn.to_string());
        AgentError::NothingToUndo(match way {
            Way::Undo => format!("no edit of {whose} stands; there is nothing to undo"),
            Way::Redo => format!("no edit of {whose} was undone; there is nothing to redo"),
        })
    };
    let (turn, sets) = sets_of(ledger, way, turn).ok_or_else(nothing)?;
    let hunks = |set: &Set, records: &[HunkRecord]| match way {
        Way::Undo => hunks_of(ledger, records),
        Way::Redo => ledger.put_back_by(&set.id).into_iter().map(|(record, _)| put_back(record)).collect(),
    };
    let back = |set: &Set| {
        let found = session.with_item(set.item, |item| back(item, |records| hunks(set, records)))?;
        found.map(with_moves)
    };
    Ok(Found { turn, sets: sets.iter().filter_map(back).collect() })
}

fn put_back(record: HunkRecord) -> BackHunk {
    BackHunk { id: record.id, part: record.part, path: record.path, moved: None, done: false }
}

/// The same, with the hunks whose file is none of the change set's any more counted to the file that has none left: the user
/// has moved it.
fn with_moves(mut back: Back) -> Back {
    let left: Vec<&PathBuf> = {
        let has_hunks = |path: &PathBuf| back.hunks.iter().any(|hunk| hunk.path == *path);
        back.change.files.iter().map(|file| &file.path).filter(|path| !has_hunks(path)).collect()
    };
    let [left] = left.as_slice() else { return back };
    let left = (*left).clone();
    let is_own = |path: &PathBuf| {
        back.change
            .files
            .iter()
            .zip(&back.inverse.files)
            .any(|(one, other)| one.path == *path || other.path == *path)
    };
    for hunk in &mut back.hunks {
        if !is_own(&hunk.path) {
            hunk.moved = Some(std::mem::replace(&mut hunk.path, left.clone()));
        }
    }
    back
}

/// A change set as it was written down.
fn back(item: &Item, hunks: impl FnOnce(&[HunkRecord]) -> Vec<BackHunk>) -> Option<Back> {
    match &item.body {
        ItemBody::ChangeSet { id, state: ChangeState::Intended { change, inverse, hunks: records, .. } } => {
            Some(Back {
                id: id.clone(),
                change: change.clone(),
                inverse: inverse.clone(),
                hunks: hunks(records),
            })
        }
        _ => None,
    }
}

fn hunks_of(ledger: &Ledger, records: &[HunkRecord]) -> Vec<BackHunk> {
    let hunk = |record: &HunkRecord| {
        let done = ledger.is_back(&record.id);
        let now = ledger.known(&record.id).map(|known| &known.record.path);
        let moved = now.filter(|now| **now != record.path).cloned();
        BackHunk { id: record.id.clone(), part: record.part.clone(), path: record.path.clone(), moved, done }
    };
    records.iter().map(hunk).collect()
}

/// All that planning needs.
pub(crate) fn job(session: &Session, front: &Front, (way, sets, found): (Way, Vec<Back>, &[HunkId])) -> Job {
    let desk = desk_of(session, &front.workspace, found);
    let table = looks::table(session);
    let ledger = &table.ledger;
    let heir = |id: &HunkId| {
        let heir = ledger.heir(id);
        (heir != id).then(|| (id.clone(), heir.clone()))
    };
    let holding = |id: &HunkId| {
        let older = ledger.taken_over(id).into_iter().find(|one| !found.contains(one))?;
        let turn = ledger.known(&older)?.turn;
        let why = format!("it also holds {older}, an edit of {turn}: reject it to take both back");
        Some((id.clone(), why))
    };
    let (side, holding) = match way {
        Way::Undo => (Side::Base, found.iter().filter_map(holding).collect()),
        Way::Redo => (Side::Proposed, HashMap::new()),
    };
    Job { sets, side, heirs: found.iter().filter_map(heir).collect(), holding, desk }
}
