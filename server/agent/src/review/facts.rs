//! What resolving and undoing take from a session: where hunks stand, what was stored of their files, and the door.

use super::desk::{Desk, Facts};
use super::draft::Draft;
use crate::config::Front;
use crate::hunks::{Ledger, Placed};
use crate::looks;
use crate::recorder::Recorder;
use crate::session::Session;
use crate::shared::Shared;
use glossator_session::{ChangeState, HunkId, HunkPart, HunkRecord, Item, ItemBody, TurnId};
use glossator_text::{Action, FileChange};
use glossator_tools::Door;
use glossator_workspace::Workspace;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Said of a hunk that is not found on its file's text.
pub(crate) fn unknown() -> String {
    "its place in the file was not found; look at the file, and keep the hunk if it is right".to_owned()
}

/// Files as shown and first lines of hunks, where they are known.
pub(crate) fn lines_of(
    session: &Session,
    workspace: &Workspace,
    ids: &[HunkId],
) -> HashMap<HunkId, (String, Option<usize>)> {
    let roots = workspace.roots();
    let table = looks::table(session);
    let lines: HashMap<&HunkId, usize> = table.all().flat_map(Placed::lines).collect();
    let place = |id: &HunkId| {
        let path = &table.ledger.known(id)?.record.path;
        let line = lines.get(table.ledger.heir(id)).copied();
        Some((id.clone(), (roots.display(path), line)))
    };
    ids.iter().filter_map(place).collect()
}

/// A desk with all files that have hunks, as `workspace` shows them, and with what was stored of the files of `ids`.
pub(crate) fn desk_of(session: &Session, workspace: &Workspace, ids: &[HunkId]) -> Desk {
    let table = looks::table(session);
    let placed = || table.placed().filter(|(_, placed)| placed.trouble.is_none());
    let reviews = placed().map(|(path, placed)| (path.clone(), placed.review.clone())).collect();
    let gone = placed().filter_map(|(path, placed)| Some((path.clone(), placed.left_over()?))).collect();
    let parked = table.parked().flat_map(|placed| placed.review.hunks());
    let parked = parked.map(|hunk| (hunk.id.clone(), hunk.clone())).collect();
    let facts = |id: &HunkId| Some((id.clone(), facts_of(&table.ledger, session, id)?));
    let facts = ids.iter().filter_map(facts).collect();
    Desk { draft: Draft::over(workspace.clone(), gone), reviews, parked, facts }
}

/// What is stored of a hunk's file, by its own change set or by that of one that it took over.
fn facts_of(ledger: &Ledger, session: &Session, id: &HunkId) -> Option<Facts> {
    // Lines need none, and most hunks are lines.
    ledger.known(id).filter(|known| !known.record.part.is_lines())?;
    let set = ledger.set(&id.change_set())?;
    let own = session.with_item(set.item, |item| stored(item, id)).flatten();
    // Those are of older change sets, so this comes to an end.
    own.or_else(|| ledger.taken_over(id).iter().find_map(|older| facts_of(ledger, session, older)))
}

/// What the item of a change set stores of the file of a hunk that is more than lines.
fn stored(item: &Item, id: &HunkId) -> Option<Facts> {
    let ItemBody::ChangeSet { state: ChangeState::Intended { change, inverse, hunks, .. }, .. } = &item.body
    else {
        return None;
    };
    let record = hunks.iter().find(|record| record.id == *id && !record.part.is_lines())?;
    let mut pairs = change.files.iter().rev().zip(&inverse.files);
    let (_, backward) = pairs.find(|(forward, _)| is_of(record, forward))?;
    let FileChange { format, mode, made_folders, .. } = backward.clone();
    Some(Facts { format, mode, made_folders })
}

fn is_of(record: &HunkRecord, forward: &FileChange) -> bool {
    let part = match (&record.part, &forward.action) {
        (HunkPart::Create, Action::Create { .. }) | (HunkPart::Delete, Action::Delete { .. }) => true,
        (HunkPart::Move { .. }, Action::Update { move_to, .. }) => move_to.is_some(),
        _ => false,
    };
    part && forward.path_after() == record.path
}

/// The door for a change that is made outside the agent's turns, in the name of `turn`.
pub(crate) fn door(
    shared: &Shared,
    session: &Arc<Session>,
    (front, turn, cancel): (&Front, TurnId, &CancellationToken),
) -> Door {
    Door {
        workspace: front.workspace.clone(),
        journal: Arc::new(Recorder::outside_turns(session.clone(), turn)),
        lock: shared.commit_lock.clone(),
        cancel: cancel.clone(),
    }
}

/// Where the files of hunks stand now, as far as the log knows.
pub(crate) fn paths_of(session: &Session, ids: &[HunkId]) -> Vec<PathBuf> {
    let table = looks::table(session);
    let known = ids.iter().filter_map(|id| table.ledger.known(id));
    let mut paths: Vec<PathBuf> = known.map(|known| known.record.path.clone()).collect();
    paths.sort();
    paths.dedup();
    paths
}
