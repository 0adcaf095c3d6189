//! The files of editors: read, and written all together or not at all, through the workspace's door (temporary file and
//! rename, links followed, permissions, byte order mark and line ends kept). Decides nothing.

use super::plan::{Change, parent};
use glossator_text::{
    Action, Base, ChangeSet, FileChange, FileEncoding, FileFormat, PositionEncoding, line_replacements,
};
use glossator_workspace::{Document, Outcome, Overlay, ReadError, Roots, Workspace, physical};
use parking_lot::RwLock;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The door, opened for the folders that are named to it.
pub struct Files {
    roots: Arc<RwLock<Roots>>,
    workspace: Workspace,
}

impl Files {
    pub fn new() -> Files {
        let roots = Arc::new(RwLock::new(Roots::default()));
        let overlay = Arc::new(Overlay::new(PositionEncoding::Utf8));
        Files { workspace: Workspace::new(roots.clone(), overlay, None), roots }
    }

    /// A file's text; `None`: there is none.
    pub async fn read(&self, path: &Path) -> Result<Option<String>, String> {
        Ok(self.document(path).await?.map(|document| document.text))
    }

    async fn document(&self, path: &Path) -> Result<Option<Document>, String> {
        let shown = path.display();
        match self.workspace.read(path).await {
            Ok(document) if document.format.encoding == FileEncoding::Utf8 => Ok(Some(document)),
            Ok(_) => Err(format!("{shown} is not UTF-8 text; save it as UTF-8")),
            Err(ReadError::NotFound { .. }) => Ok(None),
            Err(error) => Err(format!("{shown} cannot be read: {error}")),
        }
    }

    /// Every regular file below a folder.
    pub fn below(&self, folder: &Path) -> Vec<PathBuf> {
        let found = self.workspace.below_blocking(folder);
        found.into_iter().filter(|(path, regular)| *regular && path != folder).map(|(path, _)| path).collect()
    }

    /// Writes all changes with their backups, or nothing. Refused where a file is no longer what the change began with.
    pub async fn commit(&self, changes: &[Change]) -> Result<(), String> {
        let mut files = Vec::new();
        for change in changes {
            let before = self.document(&change.path).await?;
            if before.as_ref().map(|document| &document.text) != change.before.as_ref() {
                return Err(format!("{} was changed meanwhile; run this again", change.path.display()));
            }
            if let (Some(path), Some(document)) = (change.backup(), &before) {
                let old = self.document(&path).await?;
                files.extend(self.change(&path, old, Some((&document.text, document.format)), false)?);
            }
            let format = before.as_ref().map(|document| document.format);
            let after = change.after.as_ref();
            let after = after.map(|text| (text, format.unwrap_or_else(|| FileFormat::of_text(text))));
            files.extend(self.change(&change.path, before, after, !change.users)?);
        }
        let checked = self.workspace.check(ChangeSet { files }).await.map_err(|all| all.join("; "))?;
        let report = checked.commit("glossator setup").await;
        let why = report.files.into_iter().find_map(|file| match file.outcome {
            Outcome::Failed(why) | Outcome::Unknown(why) | Outcome::TakeBackFailed(why) => {
                Some(format!("{}: {why}", file.path))
            }
            Outcome::Editor | Outcome::Disk | Outcome::TakenBack | Outcome::NotReached => None,
        });
        why.map_or(Ok(()), Err)
    }

    /// One file's part of the change set, on the file that a link leads to. The folders of one that is `ours` go with it.
    fn change(
        &self,
        path: &Path,
        before: Option<Document>,
        after: Option<(&String, FileFormat)>,
        ours: bool,
    ) -> Result<Option<FileChange>, String> {
        let real = physical(path).map_err(|error| format!("{} cannot be found: {error}", path.display()))?;
        let made_folders = if ours { folders_of(&real) } else { Vec::new() };
        // Only what lies below a root can be removed.
        self.roots.write().add(parent(made_folders.first().unwrap_or(&real)));
        Ok(match (before, after) {
            (None, None) => None,
            (Some(old), Some((text, _))) if old.text == *text => None,
            (None, Some((text, format))) => {
                let action = Action::Create { text: text.clone() };
                Some(FileChange::new(real, Base::Absent, action, format))
            }
            (Some(old), Some((text, _))) => {
                let action = Action::Update { edits: line_replacements(&old.text, text), move_to: None };
                Some(FileChange::new(real, old.base(), action, old.format))
            }
            (Some(old), None) => {
                let action = Action::Delete { text: old.text.clone() };
                Some(FileChange { made_folders, ..FileChange::new(real, old.base(), action, old.format) })
            }
        })
    }
}

/// Folders of ours that go when they are empty: the first that is named after the program, and what lies in it.
fn folders_of(path: &Path) -> Vec<PathBuf> {
    let mut above: Vec<PathBuf> = path.ancestors().skip(1).map(Path::to_path_buf).collect();
    above.reverse();
    let ours = above.iter().position(|folder| folder.ends_with("glossator"));
    ours.map(|from| above.split_off(from)).unwrap_or_default()
}
