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

pub(crate) fn to_undo(session: &Session, turn: Option<TurnId>) -> Result<Found, AgentError> {
    let table = looks::table(session);
    let ledger = &table.ledger;
    let standing: Vec<TurnId> =
        ledger.sets().iter().filter(|set| ledger.stands(set)).map(|set| set.turn).collect();
    let nothing = |whose: String| {
        AgentError::NothingToUndo(format!("no edit of {whose} stands; there is nothing to undo"))
    };
    let turn = turn.or(standing.last().copied()).ok_or_else(|| nothing("this session".to_owned()))?;
    if !standing.contains(&turn) {
        return Err(nothing(turn.to_string()));
    }
    // Also those of which nothing stands: another edit of the turn may have brought it about.
    let made = |set: &&Set| set.turn == turn && set.undoes.is_none() && set.stand == Stand::Stands;
    let of_turn: Vec<&Set> = ledger.sets().iter().filter(made).rev().collect();
    let back = session.with_items(|items| {
        of_turn.iter().filter_map(|set| back(items, set, |records| hunks_of(ledger, records))).collect()
    });
    Ok(Found { turn, sets: back })
}

pub(crate) fn to_redo(session: &Session, turn: Option<TurnId>) -> Result<Found, AgentError> {
    let table = looks::table(session);
    let nothing = || {
        let whose = turn.map_or("this session".to_owned(), |turn| turn.to_string());
        AgentError::NothingToUndo(format!("no edit of {whose} was undone; there is nothing to redo"))
    };
    let undo = table.ledger.last_undo(turn).ok_or_else(nothing)?;
    let put_back = table.ledger.put_back_by(&undo.id);
    let hunk = |(record, _): (HunkRecord, bool)| BackHunk {
        id: record.id,
        part: record.part,
        path: record.path,
        done: false,
    };
    let hunks: Vec<BackHunk> = put_back.into_iter().map(hunk).collect();
    let back = session.with_items(|items| back(items, undo, |_| hunks));
    Ok(Found { turn: undo.turn, sets: back.into_iter().collect() })
}

/// A change set as it was written down.
fn back(items: &[Item], set: &Set, hunks: impl FnOnce(&[HunkRecord]) -> Vec<BackHunk>) -> Option<Back> {
    match &items.get(set.item)?.body {
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
        BackHunk { id: record.id.clone(), part: record.part.clone(), path: record.path.clone(), done }
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
