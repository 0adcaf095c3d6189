//! Taking the edits of a turn back, and making them again: one change set for all files, told hunk by hunk.
//! An undo is a change set like any other, so that it can be taken back in its turn.

use super::again;
use super::back::{Plan, plan};
use super::carry::{Carried, carry_out};
use super::conclude::conclude;
use super::desk::Outcomes;
use super::facts::{door, lines_of, paths_of};
use super::found::{Found, Way, found, job};
use super::irreversible::irreversible;
use super::view::{HunkReport, TurnReport};
use crate::AgentError;
use crate::config::Front;
use crate::looks;
use crate::session::Session;
use crate::shared::Shared;
use glossator_session::{ChangeSetId, HunkId, HunkState, TurnId};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Takes back, or makes again, the edits of `turn`, or of the latest one there is.
pub(crate) async fn run(
    shared: &Shared,
    session: &Arc<Session>,
    (way, turn): (Way, Option<TurnId>),
    front: Front,
) -> Result<TurnReport, AgentError> {
    let alone = session.begin_undo()?;
    let _deciding = session.hunks.deciding.lock().await;
    let what = (way, turn);
    // What the user took back or changed in the editor counts first.
    looks::follow(session, &front.workspace, None).await;
    looks::record_seen(session);
    again::for_turn(shared, session, what).await?;
    if let Ok(found) = found(session, what) {
        looks::follow(session, &front.workspace, Some(&paths_of(session, &found.hunks()))).await;
        looks::record_seen(session);
        again::for_turn(shared, session, what).await?;
    }
    let Found { turn, sets } = found(session, what)?;
    let hunks: Vec<HunkId> = sets.iter().flat_map(|set| &set.hunks).map(|hunk| hunk.id.clone()).collect();
    let places = lines_of(session, &front.workspace, &hunks);
    let ids: Vec<ChangeSetId> = sets.iter().map(|set| set.id.clone()).collect();
    let job = job(session, &front, (way, sets, &hunks));
    let mut planned = tokio::task::spawn_blocking(move || plan(job))
        .await
        .map_err(|error| AgentError::Store(format!("the undo could not be planned: {error}")))?;
    let door = door(shared, session, (&front, turn, &alone.cancel));
    let undoes = ids.last().cloned();
    let label = match way {
        Way::Undo => format!("Glossator: undo {turn}"),
        Way::Redo => format!("Glossator: redo {turn}"),
    };
    let change = std::mem::take(&mut planned.change);
    let carried = carry_out(&door, change, (&label, undoes)).await;
    let outcomes = outcomes(&planned, &carried);
    planned.whole.retain(|(_, paths)| carried.refusal(paths).is_none());
    conclude(session, (way, &ids, &hunks), &planned, &outcomes);
    let files = carried.committed.as_ref().map(|committed| committed.files.clone()).unwrap_or_default();
    let hunks = reports(session, (&outcomes, &planned, &carried), &places, (&front, way));
    let irreversible = irreversible(&session.of_turn(turn).unwrap_or_default(), turn);
    session.need_no_more();
    Ok(TurnReport { turn, files, hunks, irreversible })
}

/// What became of each hunk: whether it was done, or why not.
fn outcomes(planned: &Plan, carried: &Carried) -> Outcomes {
    let outcome = |(id, planned): &(HunkId, Result<Vec<PathBuf>, String>)| {
        let outcome = planned.clone().and_then(|paths| match carried.refusal(&paths) {
            Some(why) => Err(why.to_owned()),
            None => Ok(()),
        });
        (id.clone(), outcome)
    };
    planned.hunks.iter().map(outcome).collect()
}

fn reports(
    session: &Session,
    (outcomes, planned, carried): (&Outcomes, &Plan, &Carried),
    places: &HashMap<HunkId, (String, Option<usize>)>,
    (front, way): (&Front, Way),
) -> Vec<HunkReport> {
    let table = looks::table(session);
    let roots = front.workspace.roots();
    // One that another took over has no state of its own.
    let usual = if way == Way::Undo { HunkState::Undone } else { HunkState::Pending };
    let state = |id: &HunkId| table.find(id).and_then(|placed| placed.state(id)).unwrap_or(usual);
    let hunk = |(id, outcome): &(HunkId, Result<(), String>)| {
        let (path, line) = places.get(id).cloned().unwrap_or_default();
        HunkReport { id: id.clone(), path, line, outcome: outcome.clone().map(|()| state(id)) }
    };
    let mut all: Vec<HunkReport> = outcomes.iter().map(hunk).collect();
    for (id, path, outcome) in &planned.sets {
        let refused = outcome.as_ref().ok().and_then(|paths| carried.refusal(paths)).map(str::to_owned);
        if let Some(why) = outcome.as_ref().err().cloned().or(refused) {
            let (id, path) = (HunkId(id.0.clone()), roots.display(path));
            all.push(HunkReport { id, path, line: None, outcome: Err(why) });
        }
    }
    all.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    all
}
