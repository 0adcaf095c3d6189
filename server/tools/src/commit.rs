//! The one way in which a change set takes effect: checked, written down with its inverse, committed, reported.
//! Used by edits and by undo alike; one at a time in a workspace.

use crate::Journal;
use glossator_session::{ChangeSetId, ChangeState};
use glossator_text::ChangeSet;
use glossator_workspace::Workspace;
use std::sync::Arc;

/// What committing needs.
#[derive(Clone)]
pub struct Door {
    /// Files as the user sees them.
    pub workspace: Workspace,
    /// Where edits are written down before they have an effect.
    pub journal: Arc<dyn Journal>,
    /// Held while a change set is checked and committed.
    pub lock: Arc<tokio::sync::Mutex<()>>,
}

/// A change set that stands.
pub struct Committed {
    /// Its id.
    pub id: ChangeSetId,
    /// What it came to, as a unified diff.
    pub diff: String,
    /// Paths as the user knows them.
    pub files: Vec<String>,
}

impl Door {
    /// Commits `change` under `label` (shown by editors that name undo steps). `Err` says what was refused or what stands.
    pub async fn commit(
        &self,
        change: ChangeSet,
        label: &str,
        undoes: Option<ChangeSetId>,
    ) -> Result<Committed, String> {
        let _one_at_a_time = self.lock.lock().await;
        let checked = self.workspace.check(change).await.map_err(|problems| problems.join("\n"))?;
        let id = self.journal.fresh_change_id();
        let roots = self.workspace.roots();
        let files: Vec<String> =
            checked.change().files.iter().map(|file| roots.display(&file.path)).collect();
        let diff = checked.diff();
        let intended = ChangeState::Intended {
            change: checked.change().clone(),
            inverse: checked.inverse().clone(),
            undoes,
        };
        self.journal.change(&id, intended).map_err(|why| {
            format!(
                "nothing was changed: the edit could not be written down so that it can be undone ({why})"
            )
        })?;
        let report = checked.commit(label).await;
        let (state, name) = match report.ok {
            true => (ChangeState::Committed, "committed"),
            false => (ChangeState::Failed { message: report.to_string() }, "failed"),
        };
        // The effect stands whether or not this record does; a missing one is reported when the session is next opened.
        if let Err(why) = self.journal.change(&id, state) {
            tracing::warn!(%why, change = %id, "the outcome of a change set could not be stored");
        }
        self.journal.announce(&id, name, files.clone());
        match report.ok {
            true => Ok(Committed { id, diff, files }),
            false => Err(report.to_string()),
        }
    }
}
