//! Deciding about hunks: kept, rejected, edited, opened again. Texts change through the one door, verdicts are recorded.

use super::again;
use super::carry::carry_out;
use super::desk::{Aim, Aims, Desk, Outcomes};
use super::facts::{desk_of, door, lines_of, paths_of, unknown};
use super::layers::{self, Above};
use super::view::{HunkReport, Resolution};
use crate::AgentError;
use crate::config::Front;
use crate::hunks::Known;
use crate::looks;
use crate::session::Session;
use crate::shared::Shared;
use glossator_review::{FileReview, Hunk, Side};
use glossator_session::{HunkId, HunkPart, HunkState, HunkVerdict, ReviewedBy};
use glossator_store::Sync;
use glossator_text::ChangeSet;
use std::collections::HashMap;
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
    again::for_hunks(shared, session, &ids).await?;
    looks::follow(session, &front.workspace, Some(&paths_of(session, &ids))).await;
    looks::record_seen(session);
    let mut failed: HashMap<HunkId, String> = HashMap::new();
    let mut aims = Aims::new();
    let places = lines_of(session, &front.workspace, &ids);
    let covered = layers::covered(shared, paths_of(session, &ids), &front.workspace).await;
    for id in &ids {
        let above = covered.get(&(session.id().clone(), id.clone()));
        match free(&wanted[id], above).and_then(|()| aim(session, id, &wanted[id])) {
            Ok(Some((path, aim))) => aims.entry(path).or_default().push((id.clone(), aim)),
            Ok(None) => {}
            Err(why) => drop(failed.insert(id.clone(), why)),
        }
    }
    let cancel = CancellationToken::new();
    let what = deed(&wanted);
    for (id, outcome) in make(shared, session, (aims, what), (&front, &cancel)).await {
        if let Err(why) = outcome {
            failed.insert(id, why);
        }
    }
    record(session, &ids, &wanted, &failed);
    let kept: Vec<HunkId> = ids
        .iter()
        .filter(|id| {
            matches!(wanted[*id], Resolution::Keep | Resolution::Edit(_)) && !failed.contains_key(id)
        })
        .cloned()
        .collect();
    let paths = (paths_of(session, &kept), &front.workspace);
    layers::settle_below((shared, session), &kept, paths).await;
    session.need_no_more();
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

/// Whether a text may be put in the place of a hunk: not where a newer one of another session waits there.
fn free(resolution: &Resolution, above: Option<&Above>) -> Result<(), String> {
    match above.filter(|above| above.state.is_open()) {
        Some(Above { session, turn, hunk, .. }) if !matches!(resolution, Resolution::Keep) => Err(format!(
            "a later edit stands on its lines, {hunk} of {turn} in session {session}; decide about that one first"
        )),
        _ => Ok(()),
    }
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
        Resolution::Keep => return Ok(None),
        Resolution::Reopen if placed.review.state(hunk) != HunkState::Rejected => return Ok(None),
        Resolution::Reopen => match reopened(known, (&placed.review, hunk))? {
            Some(aim) => aim,
            None => return Ok(None),
        },
        Resolution::Reject => Aim::Side(Side::Base),
        Resolution::Edit(text) => Aim::Text(text.clone()),
    };
    if let Some(why) = &placed.trouble {
        return Err(why.clone());
    }
    let back = matches!(placed.review.state(hunk), HunkState::Undone | HunkState::Rejected);
    match (&aim, hunk.lost) {
        (Aim::Side(Side::Base), _) if back => Ok(None),
        (_, true) => Err(unknown()),
        _ => Ok(Some((placed.review.path().to_path_buf(), aim))),
    }
}

/// What takes a rejection back: what stood there then; `None` where that was what stands there now. What somebody wrote
/// there since is not written over.
fn reopened(known: &Known, (review, hunk): (&FileReview, &Hunk)) -> Result<Option<Aim>, String> {
    let text = known.before_rejection.clone();
    Ok(Some(match (&hunk.part, text) {
        // The file was gone, or back at its old place, before it was rejected.
        (HunkPart::Create | HunkPart::Move { .. }, Some(text)) if text.is_empty() => return Ok(None),
        (HunkPart::Create, text) => Aim::Made(text.unwrap_or_else(|| hunk.proposed.clone())),
        (HunkPart::Move { .. }, _) => Aim::Side(Side::Proposed),
        _ if !review.is_as_before(hunk) => {
            return Err("something else stands in its place now, so it stays rejected".to_owned());
        }
        (_, Some(text)) => Aim::Text(text),
        (_, None) => Aim::Side(Side::Proposed),
    }))
}

/// Changes the texts, all files as one change set.
async fn make(
    shared: &Shared,
    session: &Arc<Session>,
    (aims, what): (Aims, &str),
    (front, cancel): (&Front, &CancellationToken),
) -> Outcomes {
    let ids: Vec<HunkId> = aims.values().flatten().map(|(id, _)| id.clone()).collect();
    let Some(first) = ids.first() else { return Vec::new() };
    let label = match ids.len() {
        1 => format!("Glossator: {what} hunk"),
        count => format!("Glossator: {what} {count} hunks"),
    };
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

fn put(mut desk: Desk, aims: Aims) -> (Outcomes, ChangeSet) {
    let outcomes = desk.put_all(aims);
    (outcomes, desk.draft.change())
}

/// What editors call the undo step.
fn deed(wanted: &HashMap<HunkId, Resolution>) -> &'static str {
    let mut deeds = wanted.values().filter_map(|resolution| match resolution {
        Resolution::Keep => None,
        Resolution::Reject => Some("reject"),
        Resolution::Edit(_) => Some("edit"),
        Resolution::Reopen => Some("reopen"),
    });
    let first = deeds.next().unwrap_or("edit");
    if deeds.all(|deed| deed == first) { first } else { "edit" }
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
