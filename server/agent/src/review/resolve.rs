//! Deciding about hunks: kept, rejected, edited, opened again. Texts change through the one door, verdicts are recorded.

use super::carry::carry_out;
use super::desk::{Aim, Desk, Outcomes};
use super::facts::{desk_of, door, lines_of, paths_of, unknown};
use super::view::{HunkReport, Resolution};
use crate::AgentError;
use crate::config::Front;
use crate::looks;
use crate::session::Session;
use crate::shared::Shared;
use glossator_review::Side;
use glossator_session::{HunkId, HunkState, HunkVerdict, ReviewedBy};
use glossator_store::Sync;
use glossator_text::ChangeSet;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Decides about hunks of one session.
pub(crate) async fn resolve(
    shared: &Shared,
    session: &Arc<Session>,
    decisions: Vec<(HunkId, Resolution)>,
    front: Front,
) -> Result<Vec<HunkReport>, AgentError> {
    if session.is_undoing() {
        return Err(AgentError::Undoing);
    }
    let _deciding = session.hunks.deciding.lock().await;
    let (ids, wanted) = in_order(decisions);
    looks::follow(session, &front.workspace, Some(&paths_of(session, &ids))).await;
    looks::record_seen(session);
    let mut failed: HashMap<HunkId, String> = HashMap::new();
    let mut aims: BTreeMap<PathBuf, Vec<(HunkId, Aim)>> = BTreeMap::new();
    let places = lines_of(session, &front.workspace, &ids);
    for id in &ids {
        match aim(session, id, &wanted[id]) {
            Ok(Some((path, aim))) => aims.entry(path).or_default().push((id.clone(), aim)),
            Ok(None) => {}
            Err(why) => drop(failed.insert(id.clone(), why)),
        }
    }
    let cancel = CancellationToken::new();
    for (id, outcome) in make(shared, session, aims, (&front, &cancel)).await {
        if let Err(why) = outcome {
            failed.insert(id, why);
        }
    }
    record(session, &ids, &wanted, &failed);
    let table = looks::table(session);
    let report = |id: &HunkId| {
        let (path, line) = places.get(id).cloned().unwrap_or_default();
        let state = || table.find(id).and_then(|placed| placed.state(id)).ok_or_else(unknown);
        let outcome = failed.get(id).map_or_else(state, |why| Err(why.clone()));
        HunkReport { id: id.clone(), path, line, outcome }
    };
    Ok(ids.iter().map(report).collect())
}

/// Each hunk once, with what was decided last.
fn in_order(decisions: Vec<(HunkId, Resolution)>) -> (Vec<HunkId>, HashMap<HunkId, Resolution>) {
    let (mut ids, mut wanted) = (Vec::new(), HashMap::new());
    for (id, resolution) in decisions {
        if wanted.insert(id.clone(), resolution).is_none() {
            ids.push(id);
        }
    }
    (ids, wanted)
}

/// What has to become of a hunk's text; `None`: nothing.
fn aim(session: &Session, id: &HunkId, resolution: &Resolution) -> Result<Option<(PathBuf, Aim)>, String> {
    let table = looks::table(session);
    let known = table.ledger.known(id).ok_or("there is no such hunk in this session")?;
    if let Some(HunkVerdict::Merged { .. }) = known.record.verdict {
        return Err(format!("a later edit took it over; decide about {}", table.ledger.heir(id)));
    }
    let placed = table.find(id).ok_or_else(unknown)?;
    let hunk = placed.hunk(id).ok_or_else(unknown)?;
    let aim = match resolution {
        Resolution::Keep | Resolution::Reopen => return Ok(None),
        Resolution::Reject => Aim::Side(Side::Base),
        Resolution::Edit(text) => Aim::Text(text.clone()),
    };
    if let Some(why) = &placed.trouble {
        return Err(why.clone());
    }
    let back = matches!(placed.review.state(hunk), HunkState::Undone | HunkState::Rejected);
    match (&aim, hunk.lost) {
        (Aim::Side(_), _) if back => Ok(None),
        (_, true) => Err(unknown()),
        _ => Ok(Some((placed.review.path().to_path_buf(), aim))),
    }
}

/// Changes the texts, all files as one change set.
async fn make(
    shared: &Shared,
    session: &Arc<Session>,
    aims: BTreeMap<PathBuf, Vec<(HunkId, Aim)>>,
    (front, cancel): (&Front, &CancellationToken),
) -> Outcomes {
    let ids: Vec<HunkId> = aims.values().flatten().map(|(id, _)| id.clone()).collect();
    let Some(first) = ids.first() else { return Vec::new() };
    let label = label(&aims);
    let desk = desk_of(session, &front.workspace, &ids);
    let (mut outcomes, change) = match tokio::task::spawn_blocking(move || put(desk, aims)).await {
        Ok(planned) => planned,
        Err(error) => return ids.into_iter().map(|id| (id, Err(error.to_string()))).collect(),
    };
    let turn = looks::table(session).ledger.known(first).map_or(session.place().0, |known| known.turn);
    let door = door(shared, session, (front, turn, cancel));
    let carried = carry_out(&door, change, (&label, Some(first.change_set()))).await;
    let table = looks::table(session);
    for (id, outcome) in &mut outcomes {
        let path = table.ledger.known(id).map(|known| known.record.path.clone());
        if let Some(why) = path.and_then(|path| carried.refusal(&[path])) {
            *outcome = Err(why.to_owned());
        }
    }
    outcomes
}

fn put(mut desk: Desk, aims: BTreeMap<PathBuf, Vec<(HunkId, Aim)>>) -> (Outcomes, ChangeSet) {
    let outcomes = desk.put_all(aims);
    (outcomes, desk.draft.change())
}

/// What editors call the undo step.
fn label(aims: &BTreeMap<PathBuf, Vec<(HunkId, Aim)>>) -> String {
    let all: Vec<&Aim> = aims.values().flatten().map(|(_, aim)| aim).collect();
    let what = match all.iter().all(|aim| matches!(aim, Aim::Side(_))) {
        true => "reject",
        false => "edit",
    };
    match all.len() {
        1 => format!("Glossator: {what} hunk"),
        count => format!("Glossator: {what} {count} hunks"),
    }
}

/// Writes the decisions down, but those that could not be carried out.
fn record(
    session: &Session,
    ids: &[HunkId],
    wanted: &HashMap<HunkId, Resolution>,
    failed: &HashMap<HunkId, String>,
) {
    let verdict = |id: &HunkId| match &wanted[id] {
        Resolution::Keep | Resolution::Edit(_) => Some(HunkVerdict::Kept),
        Resolution::Reject => Some(HunkVerdict::Rejected),
        Resolution::Reopen => None,
    };
    let mut records = Vec::new();
    let mut table = looks::table(session);
    for one in [Some(HunkVerdict::Kept), Some(HunkVerdict::Rejected), None] {
        let same = |id: &&HunkId| !failed.contains_key(id) && verdict(id) == one;
        let same: Vec<HunkId> = ids.iter().filter(same).cloned().collect();
        records.extend(table.decide(&same, one.as_ref()));
    }
    drop(table);
    looks::record(session, (records, ReviewedBy::User), Sync::Now);
}
