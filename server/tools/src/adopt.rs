//! Change sets that are made already, by a command on the disk: written down as any other, so that they are reviewed and
//! undone alike. Never touches a file.

use crate::{Committed, Door, FileTexts};
use glossator_session::ChangeState;
use glossator_text::ChangeSet;
use glossator_workspace::{OnDisk, READ_LIMIT};

impl Door {
    /// Takes `change`, which was made already, into the session, with the `inverse` that takes it back and the `texts` of
    /// its files, in its order. `Err` says that the files do not hold what it left any more, or that it could not be
    /// written down.
    pub async fn adopt(
        &self,
        change: ChangeSet,
        inverse: ChangeSet,
        texts: Vec<FileTexts>,
    ) -> Result<Committed, String> {
        let _one_at_a_time = self.lock.lock().await;
        let (workspace, looked_at) = (self.workspace.clone(), texts.clone());
        let holds =
            move |one: &FileTexts| match (workspace.on_disk_blocking(&one.path, READ_LIMIT), &one.after) {
                (Some(OnDisk::Text(now)), Some(text)) => *now.text == **text,
                (None, None) => true,
                _ => false,
            };
        let look = move || looked_at.into_iter().find(|one| !holds(one));
        let other = tokio::task::spawn_blocking(look).await.map_err(|error| error.to_string())?;
        let roots = self.workspace.roots();
        if let Some(other) = other {
            return Err(format!("{} was changed again meanwhile", roots.display(&other.path)));
        }
        let id = self.journal.fresh_change_id();
        let files: Vec<String> = change.files.iter().map(|file| roots.display(&file.path)).collect();
        let mut next = 1;
        let pairs = change.files.iter().zip(&texts);
        let hunks = pairs.flat_map(|(file, one)| {
            glossator_review::hunks_of(&id, &mut next, file, (one.before.as_deref(), one.after.as_deref()))
        });
        let hunks = hunks.collect();
        let intended = ChangeState::Intended { change, inverse, undoes: None, hunks };
        let written = self.journal.change(&id, intended);
        written
            .and_then(|()| self.journal.change(&id, ChangeState::Committed))
            .map_err(|why| format!("it could not be written down so that it can be undone ({why})"))?;
        self.journal.adopted(&id, texts);
        self.journal.announce(&id, "committed", files.clone());
        Ok(Committed { id, files })
    }
}
