//! Looks: hunks go over to the texts that a workspace shows, and what changed of them goes into the log.
//! Looks for showing record nothing; what was not recorded is found again at the next look, or by its context.

use crate::hunks::{self, Changed, Table, Want};
use crate::session::Session;
use crate::shared::Shared;
use glossator_session::{ChangeSetId, HunkVerdict, ReviewedBy, TurnId};
use glossator_store::Sync;
use glossator_tools::FileTexts;
use glossator_workspace::Workspace;
use parking_lot::MutexGuard;
use std::path::PathBuf;
use std::sync::{Arc, Weak};

/// The table of a session, with all that its log says.
pub(crate) fn table(session: &Session) -> MutexGuard<'_, Table> {
    session.table()
}

/// Follows the files with hunks that can change (or `only` these) to the texts that `workspace` shows.
pub(crate) async fn follow(session: &Session, workspace: &Workspace, only: Option<&[PathBuf]>) {
    for _ in 0..LOOKS {
        if follow_once(session, workspace, only).await {
            return;
        }
    }
}

/// How often texts are read again where an edit came in between.
const LOOKS: usize = 3;

/// `false`: while the texts were read an edit was made, so that they say nothing.
async fn follow_once(session: &Session, workspace: &Workspace, only: Option<&[PathBuf]>) -> bool {
    let wanted = table(session).wanted(only);
    if wanted.is_empty() {
        return true;
    }
    session.hunks.seen_through(workspace);
    let through = Arc::downgrade(workspace.overlay());
    let workspace = workspace.clone();
    let seen = tokio::task::spawn_blocking(move || {
        let look = |want: Want| {
            let sight = hunks::look(&workspace, &want);
            (want, sight)
        };
        wanted.into_iter().map(look).collect::<Vec<_>>()
    });
    // A fault while reading leaves the hunks where they were.
    let seen = seen.await.unwrap_or_default();
    let mut table = table(session);
    let is_fresh = seen.iter().all(|(want, _)| table.is_fresh(want));
    for (want, sight) in seen {
        table.arrive(&want, sight, &through);
    }
    is_fresh
}

/// Follows and records what changed of hunks since the last time; of `turn`, under a policy that keeps edits, also that open
/// hunks are kept. Does nothing while somebody decides about hunks or edits: what is seen then is not the user's typing.
pub(crate) async fn look(
    (shared, session): (&Shared, &Session),
    workspace: &Workspace,
    keep_of: Option<TurnId>,
) {
    know_others(shared, session);
    let Ok(_nobody_decides) = session.hunks.deciding.try_lock() else { return };
    let Ok(_nobody_edits) = shared.commit_lock.try_lock() else { return };
    follow(session, workspace, None).await;
    record_seen(session);
    let kept = {
        let mut table = table(session);
        let open = keep_of.map(|turn| table.open_of(turn)).unwrap_or_default();
        table.decide(&open, Some(&HunkVerdict::Kept))
    };
    record(session, (kept, ReviewedBy::Policy), Sync::No);
}

/// Records what was seen to have changed.
pub(crate) fn record_seen(session: &Session) {
    let seen = table(session).unrecorded();
    record(session, (seen, ReviewedBy::Seen), Sync::No);
}

/// Writes down what became of hunks.
pub(crate) fn record(session: &Session, changed: Changed, sync: Sync) {
    let (turn, _) = session.place();
    for item in hunks::items(changed) {
        // A log that cannot be written has been reported by `record`; the decision counts all the same.
        let _ = session.record(turn, item, sync);
    }
}

/// Takes in a change set that was made; with `keep` its hunks are kept at once.
pub(crate) fn committed(session: &Session, id: &ChangeSetId, files: &[FileTexts], keep: bool) {
    let (changed, is_new) = {
        let mut table = table(session);
        let changed = table.committed(id, files, keep);
        (changed, table.ledger.set(id).is_some_and(|set| set.undoes.is_none()))
    };
    for one in changed {
        record(session, one, Sync::No);
    }
    if is_new {
        session.hunks.edited(files);
    }
}

/// From now on the other sessions of the workspace are told of this one's edits.
fn know_others(shared: &Shared, session: &Session) {
    let others: Vec<Weak<Session>> = {
        let all = shared.sessions.lock();
        all.values().filter(|one| one.id() != session.id()).map(Arc::downgrade).collect()
    };
    session.hunks.tell_elsewhere(move |files| {
        others.iter().filter_map(Weak::upgrade).for_each(|other| edited_elsewhere(&other, files));
    });
}

/// Another session edited these files: what is settled in its lines here does not come back with that.
fn edited_elsewhere(session: &Session, files: &[FileTexts]) {
    if session.read_only().is_some() {
        return;
    }
    let Ok(_nobody_decides) = session.hunks.deciding.try_lock() else { return };
    let changed = table(session).edited_elsewhere(files);
    record(session, (changed, ReviewedBy::Seen), Sync::No);
}
