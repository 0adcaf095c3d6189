//! What came of an undo or a redo, written down: hunks, and change sets of which nothing stands any more, or something again.
//! Changes no file.

use super::back::Plan;
use super::found::Way;
use crate::hunks::{Set, Stand, Table, recorded_state};
use crate::looks;
use crate::session::Session;
use glossator_session::{
    ChangeSetId, ChangeState, EventKind, HunkId, HunkRecord, HunkState, HunkVerdict, ItemBody, ReviewedBy,
};
use glossator_store::Sync;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

/// Writes down what came of it: hunks, and change sets of which nothing stands any more, or something stands again.
pub(crate) fn conclude(
    session: &Session,
    (way, ids, found): (Way, &[ChangeSetId], &[HunkId]),
    planned: &Plan,
    outcomes: &[(HunkId, Result<(), String>)],
) {
    let done: Vec<HunkId> =
        outcomes.iter().filter(|(_, outcome)| outcome.is_ok()).map(|(id, _)| id.clone()).collect();
    let refused = outcomes.len() > done.len() || planned.sets.iter().any(|(_, _, outcome)| outcome.is_err());
    let records = {
        let mut table = looks::table(session);
        match way {
            Way::Undo => put_back(&mut table, (&done, found), &planned.whole),
            Way::Redo => made_again(&mut table, &done),
        }
    };
    let sets: Vec<ChangeSetId> = match way {
        Way::Undo => undone(session, ids, (&records, refused)),
        Way::Redo => redone(session, ids, (&done, refused)),
    };
    let again = matches!(way, Way::Redo).then(|| standing_again(session, ids, &done)).unwrap_or_default();
    for (id, state) in sets
        .into_iter()
        .map(|id| (id, ChangeState::Undone))
        .chain(again.into_iter().map(|id| (id, ChangeState::Committed)))
    {
        tell(session, &id, state);
    }
    looks::record(session, (records, ReviewedBy::Edit), Sync::Now);
    looks::table(session).refresh();
}

/// Of hunks that were put back: decisions fall away, and what a hunk had taken over of earlier turns stands again.
fn put_back(
    table: &mut Table,
    (done, found): (&[HunkId], &[HunkId]),
    whole: &[(HunkId, Vec<PathBuf>)],
) -> Vec<HunkRecord> {
    let mut released: BTreeMap<HunkId, Vec<HunkId>> = BTreeMap::new();
    for (id, _) in whole {
        let older = table.ledger.taken_over(id).into_iter().filter(|older| !found.contains(older));
        released.entry(table.ledger.heir(id).clone()).or_default().extend(older);
    }
    released.retain(|_, older| !older.is_empty());
    let plain: Vec<HunkId> = done.iter().filter(|id| !released.contains_key(id)).cloned().collect();
    let mut records = table.decide(&plain, None);
    for (id, older) in &released {
        let Some(path) = table.find(id).map(|placed| placed.review.path().to_path_buf()) else { continue };
        for older in older {
            let before = table.ledger.known(older).and_then(|known| known.taken.as_deref());
            records.extend(before.map(|record| HunkRecord { path: path.clone(), ..record.clone() }));
            table.stands_again(older);
        }
        let verdict = HunkVerdict::Merged { into: older[0].clone() };
        records.extend(table.decide(std::slice::from_ref(id), Some(&verdict)));
    }
    // Between a deletion and a creation in one turn it is not seen that the one before stands again.
    for id in plain.iter().filter(|id| whole.iter().any(|(one, _)| one == *id)) {
        let Some(placed) = table.find(id) else { continue };
        let back = matches!(placed.state(id), None | Some(HunkState::Undone | HunkState::Rejected));
        let here = |record: &&HunkRecord| {
            record.path == placed.review.path()
                && record.verdict.is_none()
                && table.ledger.is_older(&record.id, id)
        };
        if let Some(into) = records.iter().find(here).map(|record| record.id.clone()).filter(|_| !back) {
            records.retain(|record| record.id != *id);
            records.extend(table.decide(std::slice::from_ref(id), Some(&HunkVerdict::Merged { into })));
        }
    }
    records
}

/// Of hunks that were made again: those that had been kept are kept, and those that had given way to what they had taken
/// over take it over again.
fn made_again(table: &mut Table, done: &[HunkId]) -> Vec<HunkRecord> {
    let mut records = Vec::new();
    let (mut kept, mut open) = (Vec::new(), Vec::new());
    for id in done {
        let Some(known) = table.ledger.known(id).cloned() else { continue };
        if let Some(HunkVerdict::Merged { .. }) = known.record.verdict {
            let older = table.ledger.released_by(id);
            records.extend(table.decide(&older, Some(&HunkVerdict::Merged { into: id.clone() })));
            let record = known.taken.map_or(known.record, |taken| *taken);
            records.push(HunkRecord { verdict: None, current: None, ..record });
            table.stands_again(id);
            continue;
        }
        match known.undone_by.is_some_and(|by| by.was_kept) {
            true => kept.push(id.clone()),
            false => open.push(id.clone()),
        }
    }
    records.extend(table.decide(&kept, Some(&HunkVerdict::Kept)));
    records.extend(table.decide(&open, None));
    records
}

/// The change sets of which nothing stands any more.
fn undone(
    session: &Session,
    ids: &[ChangeSetId],
    (records, refused): (&[HunkRecord], bool),
) -> Vec<ChangeSetId> {
    let table = looks::table(session);
    let ledger = &table.ledger;
    let fresh: HashMap<&HunkId, &HunkRecord> = records.iter().map(|record| (&record.id, record)).collect();
    let is_back = |id: &HunkId| {
        let heir = ledger.heir(id);
        let record = fresh.get(heir).copied().or_else(|| ledger.known(heir).map(|known| &known.record));
        record.is_none_or(|record| {
            let gone = matches!(recorded_state(record), HunkState::Undone | HunkState::Rejected);
            gone || matches!(record.verdict, Some(HunkVerdict::Merged { .. }))
        })
    };
    let all_back = |set: &Set| match set.hunks.is_empty() {
        true => !refused,
        false => set.hunks.iter().all(is_back),
    };
    ids.iter().filter(|id| ledger.set(id).is_some_and(all_back)).cloned().collect()
}

/// The undo, if all that it had taken back stands again.
fn redone(session: &Session, ids: &[ChangeSetId], (done, refused): (&[HunkId], bool)) -> Vec<ChangeSetId> {
    let table = looks::table(session);
    let all =
        |id: &&ChangeSetId| table.ledger.put_back_by(id).iter().all(|(record, _)| done.contains(&record.id));
    ids.iter().filter(all).filter(|_| !refused).cloned().collect()
}

/// The change sets of which something stands again.
fn standing_again(session: &Session, ids: &[ChangeSetId], done: &[HunkId]) -> Vec<ChangeSetId> {
    let table = looks::table(session);
    let undone = |id: &ChangeSetId| table.ledger.set(id).is_some_and(|set| set.stand == Stand::Undone);
    let mut sets: Vec<ChangeSetId> = Vec::new();
    let bare = ids.iter().filter_map(|id| table.ledger.set(id)?.undoes.clone());
    let bare = bare.filter(|id| table.ledger.set(id).is_some_and(|set| set.hunks.is_empty()));
    for id in done.iter().map(HunkId::change_set).chain(bare) {
        if undone(&id) && !sets.contains(&id) {
            sets.push(id);
        }
    }
    sets
}

/// Writes down how a change set stands now, and tells the fronts.
fn tell(session: &Session, id: &ChangeSetId, state: ChangeState) {
    let set = looks::table(session).ledger.set(id).cloned();
    let Some(set) = set else { return };
    let name = if state == ChangeState::Undone { "undone" } else { "committed" };
    let files = session.with_item(set.item, |item| match &item.body {
        ItemBody::ChangeSet { state: ChangeState::Intended { change, .. }, .. } => {
            change.files.iter().map(|file| file.path.clone()).collect()
        }
        _ => Vec::new(),
    });
    let shown = session.hunks.last_seen_through().map(|workspace| workspace.roots());
    let show = |path: PathBuf| match &shown {
        Some(roots) => roots.display(&path),
        None => path.display().to_string(),
    };
    // A log that cannot be written has been reported by `record`.
    let _ = session.record(set.turn, ItemBody::ChangeSet { id: id.clone(), state }, Sync::No);
    let files = files.unwrap_or_default().into_iter().map(show).collect();
    session.emit(Some(set.turn), EventKind::ChangeSet { id: id.clone(), state: name.to_owned(), files });
}
