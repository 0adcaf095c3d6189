//! Taking change sets back by their stored inverse. What no longer fits is refused with the reason, never forced.

use crate::Journal;
use crate::commit::Door;
use glossator_session::{ChangeSetId, ChangeState};
use glossator_text::{Base, ChangeSet, FileChange};
use glossator_workspace::{ReadError, Workspace};

/// A change set to take back.
#[derive(Debug, Clone, PartialEq)]
pub struct Undoable {
    /// Its id.
    pub id: ChangeSetId,
    /// What was done.
    pub change: ChangeSet,
    /// What takes it back: the same files in reverse order.
    pub inverse: ChangeSet,
}

/// One change set that was asked to be taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct Undone {
    /// Which.
    pub id: ChangeSetId,
    /// The files that are back as they were, or why it could not be.
    pub outcome: Result<Vec<String>, String>,
}

/// Takes back `changes`, newest first; stops at the first that cannot be, since older ones lie below it.
pub async fn undo(door: &Door, changes: Vec<Undoable>) -> Vec<Undone> {
    let mut results = Vec::new();
    for one in changes {
        let id = one.id.clone();
        let outcome = undo_one(door, one).await;
        if let Ok(files) = &outcome {
            mark_undone(door.journal.as_ref(), &id, files);
        }
        let stop = outcome.is_err();
        results.push(Undone { id, outcome });
        if stop {
            break;
        }
    }
    results
}

async fn undo_one(door: &Door, one: Undoable) -> Result<Vec<String>, String> {
    let roots = door.workspace.roots();
    let mut files = Vec::new();
    let mut inverse = ChangeSet::default();
    // A file that is as it was needs nothing: the user took it back himself, or the edit was cut off before it.
    for (forward, backward) in one.change.files.iter().rev().zip(one.inverse.files) {
        match is_as_before(&door.workspace, forward).await {
            true => files.push(roots.display(&forward.path)),
            false => inverse.files.push(backward),
        }
    }
    if !inverse.files.is_empty() {
        files.extend(door.commit(inverse, "Glossator: undo", Some(one.id)).await?.files);
    }
    Ok(files)
}

/// Whether the file is in the state that the change was made on.
async fn is_as_before(workspace: &Workspace, forward: &FileChange) -> bool {
    match (&forward.base, workspace.read(&forward.path).await) {
        (Base::Absent, Err(ReadError::NotFound { .. })) => true,
        (Base::Buffer { hash, .. } | Base::Disk { hash }, Ok(document)) => document.hash == *hash,
        _ => false,
    }
}

fn mark_undone(journal: &dyn Journal, id: &ChangeSetId, files: &[String]) {
    if let Err(why) = journal.change(id, ChangeState::Undone) {
        tracing::warn!(%why, change = %id, "that a change set was undone could not be stored");
    }
    journal.announce(id, "undone", files.to_vec());
}
