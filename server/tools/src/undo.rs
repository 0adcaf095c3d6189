//! Taking change sets back by their stored inverse. What no longer fits is refused with the reason, never forced.

use crate::commit::Door;
use crate::{Journal, tool};
use glossator_session::{ChangeSetId, ChangeState};
use glossator_text::ChangeSet;
use glossator_workspace::Workspace;
use std::sync::Arc;

/// One change set that was asked to be taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct Undone {
    /// Which.
    pub id: ChangeSetId,
    /// The files that are back as they were, or why it could not be.
    pub outcome: Result<Vec<String>, String>,
}

/// Takes back `changes` (id and inverse), newest first; stops at the first that cannot be, since older ones lie below it.
pub async fn undo(
    workspace: Workspace,
    journal: Arc<dyn tool::Journal>,
    lock: Arc<tokio::sync::Mutex<()>>,
    changes: Vec<(ChangeSetId, ChangeSet)>,
) -> Vec<Undone> {
    let door = Door { workspace, journal: journal.clone(), lock };
    let mut results = Vec::new();
    for (id, inverse) in changes {
        let outcome = door.commit(inverse, "Glossator: undo", Some(id.clone())).await.map(|done| done.files);
        if let Ok(files) = &outcome {
            mark_undone(journal.as_ref(), &id, files);
        }
        let stop = outcome.is_err();
        results.push(Undone { id, outcome });
        if stop {
            break;
        }
    }
    results
}

fn mark_undone(journal: &dyn Journal, id: &ChangeSetId, files: &[String]) {
    if let Err(why) = journal.change(id, ChangeState::Undone) {
        tracing::warn!(%why, change = %id, "that a change set was undone could not be stored");
    }
    journal.announce(id, "undone", files.to_vec());
}
