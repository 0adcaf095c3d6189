//! The one way in which a change set takes effect: checked, written down with its inverse, committed, reported.
//! Used by edits and by undo alike; one at a time in a workspace.

use crate::{FileTexts, Journal};
use glossator_session::{ChangeSetId, ChangeState, HunkRecord};
use glossator_text::ChangeSet;
use glossator_workspace::{Checked, Patience, Workspace};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What committing needs.
#[derive(Clone)]
pub struct Door {
    /// Files as the user sees them.
    pub workspace: Workspace,
    /// Where edits are written down before they have an effect.
    pub journal: Arc<dyn Journal>,
    /// Held while a change set is checked and committed.
    pub lock: Arc<tokio::sync::Mutex<()>>,
    /// Ends the waiting for an editor that does not answer; what is being committed is not torn off by it.
    pub cancel: CancellationToken,
}

/// A change set that stands.
pub struct Committed {
    /// Its id.
    pub id: ChangeSetId,
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
        let hunks = if undoes.is_none() { hunks(&id, &checked) } else { Vec::new() };
        let texts = texts(&checked);
        let intended = ChangeState::Intended {
            change: checked.change().clone(),
            inverse: checked.inverse().clone(),
            undoes,
            hunks,
        };
        self.journal.change(&id, intended).map_err(|why| {
            format!(
                "nothing was changed: the edit could not be written down so that it can be undone ({why})"
            )
        })?;
        let patience = match self.journal.user_is_asked() {
            // A dialog of ours can keep an editor from answering.
            true => Patience { answer: WHILE_ASKED },
            false => Patience::default(),
        };
        let mut report = checked.commit_with(label, patience, &self.cancel).await;
        if report.unknown() {
            let why = report.to_string();
            match report.late.take() {
                Some(late) => drop(tokio::spawn(settle(self.journal.clone(), id, files, late))),
                None => stands(self.journal.as_ref(), &id, files),
            }
            return Err(format!(
                "{why}\nIt is not known whether the edit stands: read the files before you try again."
            ));
        }
        if report.ok {
            conclude(self.journal.as_ref(), &id, ChangeState::Committed);
            self.journal.committed(&id, texts);
            self.journal.announce(&id, "committed", files.clone());
            return Ok(Committed { id, files });
        }
        let message = report.to_string();
        match report.stands() {
            // A part that could not be taken back can still be undone.
            true => stands(self.journal.as_ref(), &id, files),
            false => {
                conclude(self.journal.as_ref(), &id, ChangeState::Failed { message: message.clone() });
                self.journal.announce(&id, "failed", files);
            }
        }
        Err(message)
    }
}

fn texts(checked: &Checked) -> Vec<FileTexts> {
    let pairs = checked.change().files.iter().zip(checked.texts());
    let texts = pairs.map(|(file, (before, after))| FileTexts {
        from: file.path.clone(),
        path: file.path_after().to_path_buf(),
        before: before.clone(),
        after: after.clone(),
    });
    texts.collect()
}

/// What there is to review of a change, in the order of its files.
fn hunks(id: &ChangeSetId, checked: &Checked) -> Vec<HunkRecord> {
    let mut next = 1;
    let pairs = checked.change().files.iter().zip(checked.texts());
    let hunks = pairs.flat_map(|(file, (before, after))| {
        glossator_review::hunks_of(id, &mut next, file, (before.as_deref(), after.as_deref()))
    });
    hunks.collect()
}

/// How long an editor may take to answer while one of our own questions is open in it.
const WHILE_ASKED: Duration = Duration::from_secs(600);

/// Writes down what became of an edit that the editor had not answered in time.
async fn settle(
    journal: Arc<dyn Journal>,
    id: ChangeSetId,
    files: Vec<String>,
    late: tokio::sync::oneshot::Receiver<bool>,
) {
    if let Ok(false) = late.await {
        let message = "the editor did not make the edit".to_owned();
        conclude(journal.as_ref(), &id, ChangeState::Failed { message });
        journal.announce(&id, "failed", files);
        return;
    }
    stands(journal.as_ref(), &id, files);
}

/// What stands, or may stand where nobody could watch to the end, can be undone: undo looks at every file before it
/// touches one.
fn stands(journal: &dyn Journal, id: &ChangeSetId, files: Vec<String>) {
    conclude(journal, id, ChangeState::Committed);
    journal.announce(id, "committed", files);
}

/// Stores an outcome. The effect stands whether or not this record does; a missing one is reported when the session is
/// next opened.
fn conclude(journal: &dyn Journal, id: &ChangeSetId, state: ChangeState) {
    if let Err(why) = journal.change(id, state) {
        tracing::warn!(%why, change = %id, "the outcome of a change set could not be stored");
    }
}
