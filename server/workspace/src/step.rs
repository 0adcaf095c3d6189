//! One file of a change set as a step that can be made and taken back: on disk or through the editor.
//! Each step leaves its own inverse. Never decides the order of steps; that is `commit`'s.

use crate::confirm::{Port, ask, edit_buffer, wait_for, wait_until_open};
use crate::disk::{self, Rights};
use crate::document::{read_disk, same_lines};
use crate::editor::{Editor, EditorEdit};
use crate::files::{Workspace, blocking};
use crate::overlay::Buffer;
use crate::physical::physical;
use crate::rebase::{invert, rebase, splice};
use crate::report::Outcome;
use glossator_text::{Action, Base, FileChange, FileFormat, Replacement, text_hash};
use std::fs::Metadata;
use std::path::{Path, PathBuf};

/// One file's change, with what is needed to make it.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) change: FileChange,
    /// The text that an update was planned on.
    pub(crate) before: String,
    /// Whose owner and permissions a new file gets, if that is still at hand.
    pub(crate) like: Option<Metadata>,
}

/// A step that was made.
pub(crate) struct Done {
    pub(crate) outcome: Outcome,
    /// The step that takes it back.
    pub(crate) inverse: Step,
}

/// What an update amounts to once it is placed on the present text.
struct Placed {
    edits: Vec<Replacement>,
    after: String,
    format: FileFormat,
}

impl Step {
    pub(crate) fn new(change: FileChange, before: String) -> Step {
        Step { change, before, like: None }
    }

    fn path(&self) -> &Path {
        &self.change.path
    }

    /// The step that takes back a creation.
    fn uncreate(&self, text: &str, made_folders: Vec<PathBuf>) -> Step {
        let action = Action::Delete { text: text.to_owned() };
        let base = Base::Disk { hash: text_hash(text) };
        let change = FileChange::new(self.path().to_path_buf(), base, action, self.change.format);
        Step::new(FileChange { made_folders, ..change }, text.to_owned())
    }

    /// The step that takes back a deletion.
    fn undelete(&self, text: &str, format: FileFormat, like: Option<Metadata>) -> Step {
        let action = Action::Create { text: text.to_owned() };
        let change = FileChange::new(self.path().to_path_buf(), Base::Absent, action, format);
        Step { like, ..Step::new(FileChange { mode: self.change.mode, ..change }, String::new()) }
    }

    /// The step that takes back an update that left `placed.after`.
    fn unupdate(&self, placed: Placed, made_folders: Vec<PathBuf>) -> Step {
        let move_to = self.destination().map(|_| self.path().to_path_buf());
        let action = Action::Update { edits: invert(&placed.edits), move_to };
        let base = Base::Disk { hash: text_hash(&placed.after) };
        let path = self.destination().unwrap_or(self.path()).to_path_buf();
        let change = FileChange::new(path, base, action, placed.format);
        Step::new(FileChange { made_folders, ..change }, placed.after)
    }

    fn destination(&self) -> Option<&Path> {
        match &self.change.action {
            Action::Update { move_to, .. } => move_to.as_deref(),
            Action::Create { .. } | Action::Delete { .. } => None,
        }
    }

    /// Makes the step: in the buffer if the file is open, else on disk. `Err` says why it was not made; then nothing of it
    /// stands, or the reason says what does.
    pub(crate) async fn run(&self, workspace: &Workspace, label: &str) -> Result<Done, String> {
        let open = workspace.overlay().by_path(self.path());
        let buffer = match (&self.change.action, open) {
            (Action::Create { .. }, _) | (_, None) => return self.run_on_disk().await,
            (_, Some(buffer)) => buffer,
        };
        let Some(editor) = workspace.editor() else {
            return Err("it is open in the editor, which takes no edits; close it there first".to_owned());
        };
        if let Action::Update { edits, move_to: None } = &self.change.action {
            let port = Port { overlay: workspace.overlay(), editor };
            let landed = edit_buffer(port, &buffer.uri, (&self.before, edits), label).await?;
            let placed = Placed { edits: landed.edits, after: landed.after, format: self.change.format };
            return Ok(Done { outcome: Outcome::Editor, inverse: self.unupdate(placed, Vec::new()) });
        }
        if !editor.has_resource_operations() {
            if buffer.dirty {
                let what = "it has unsaved changes, and this editor cannot move or delete open files";
                return Err(format!("{what}; save or close it first"));
            }
            return self.run_on_disk().await;
        }
        match &self.change.action {
            Action::Delete { text } => self.delete_open(editor, &buffer, text, label).await,
            _ => self.move_open(workspace, &buffer, label).await,
        }
    }

    async fn run_on_disk(&self) -> Result<Done, String> {
        let step = self.clone();
        blocking(move || step.on_disk()).await.map_err(|error| error.to_string())?
    }

    fn on_disk(&self) -> Result<Done, String> {
        for path in [Some(self.path()), self.destination()].into_iter().flatten() {
            if physical(path).ok().as_deref() != Some(path) {
                return Err("the path leads elsewhere now than when the change was checked".to_owned());
            }
        }
        let inverse = match &self.change.action {
            Action::Create { text } => self.create(text)?,
            Action::Delete { text } => self.delete(text)?,
            Action::Update { edits, move_to: None } => self.update(edits)?,
            Action::Update { edits, move_to: Some(to) } => self.update_and_move(edits, to)?,
        };
        disk::remove_folders(&self.change.made_folders);
        Ok(Done { outcome: Outcome::Disk, inverse })
    }

    fn create(&self, text: &str) -> Result<Step, String> {
        let bytes = encode(self.change.format, text)?;
        let made = disk::make_parents(self.path())
            .map_err(|error| format!("its folder could not be made: {error}"))?;
        let rights = match (&self.like, self.change.mode) {
            (Some(like), _) => Rights::Like(like),
            (None, Some(mode)) => Rights::Mode(mode),
            (None, None) => Rights::Usual,
        };
        if let Err(error) = disk::create(self.path(), &bytes, rights) {
            disk::remove_folders(&made);
            return Err(format!("it could not be created: {error}"));
        }
        Ok(self.uncreate(text, made))
    }

    fn delete(&self, text: &str) -> Result<Step, String> {
        let now = read_disk(self.path()).map_err(|error| error.to_string())?;
        if !same_lines(&now.text, text) {
            return Err("it changed after it was read, so it is not deleted".to_owned());
        }
        let like = disk::metadata(self.path()).ok();
        disk::remove(self.path()).map_err(|error| format!("it could not be deleted: {error}"))?;
        Ok(self.undelete(&now.text, now.format, like))
    }

    fn update(&self, edits: &[Replacement]) -> Result<Step, String> {
        let (placed, bytes) = self.place(edits)?;
        if !placed.edits.is_empty() {
            disk::replace(self.path(), &bytes)
                .map_err(|error| format!("it could not be written: {error}"))?;
        }
        Ok(self.unupdate(placed, Vec::new()))
    }

    fn update_and_move(&self, edits: &[Replacement], to: &Path) -> Result<Step, String> {
        let (placed, bytes) = self.place(edits)?;
        let made =
            disk::make_parents(to).map_err(|error| format!("the new folder could not be made: {error}"))?;
        let moved = disk::rename(self.path(), to).and_then(|()| match placed.edits.is_empty() {
            true => Ok(()),
            false => disk::replace(to, &bytes).inspect_err(|_| {
                // Back under its old name, unchanged.
                let _ = disk::rename(to, self.path());
            }),
        });
        if let Err(error) = moved {
            disk::remove_folders(&made);
            return Err(format!("it could not be moved: {error}"));
        }
        Ok(self.unupdate(placed, made))
    }

    /// The edits on the file as it is now, and the bytes to write.
    fn place(&self, edits: &[Replacement]) -> Result<(Placed, Vec<u8>), String> {
        let now = read_disk(self.path()).map_err(|error| error.to_string())?;
        let edits = rebase(edits, Some(&self.before), &now.text)?;
        let after = splice(&edits, &now.text)?;
        let bytes = encode(now.format, &after)?;
        Ok((Placed { edits, after, format: now.format }, bytes))
    }

    async fn delete_open(
        &self,
        editor: &dyn Editor,
        buffer: &Buffer,
        text: &str,
        label: &str,
    ) -> Result<Done, String> {
        if !same_lines(&buffer.text.to_string(), text) {
            return Err("it changed after it was read, so it is not deleted".to_owned());
        }
        let like = disk::metadata(self.path()).ok();
        let said = ask(editor, EditorEdit::Delete { uri: buffer.uri.clone(), label: label.to_owned() }).await;
        let gone = wait_for(|| !disk::exists(self.path()), said.is_ok()).await;
        if !gone {
            return Err(refused("delete", said.err()));
        }
        disk::remove_folders(&self.change.made_folders);
        Ok(Done { outcome: Outcome::Editor, inverse: self.undelete(text, self.change.format, like) })
    }

    /// Edits the buffer, then has the editor rename the file. If the second fails the first is taken back.
    async fn move_open(&self, workspace: &Workspace, buffer: &Buffer, label: &str) -> Result<Done, String> {
        let (Some(editor), Action::Update { edits, move_to: Some(to) }) =
            (workspace.editor(), &self.change.action)
        else {
            return Err("it cannot be moved while it is open in this editor; close it first".to_owned());
        };
        let port = Port { overlay: workspace.overlay(), editor };
        let landed = edit_buffer(port, &buffer.uri, (&self.before, edits), label).await?;
        let placed = Placed { edits: landed.edits, after: landed.after, format: self.change.format };
        let made = match disk::make_parents(to) {
            Ok(made) => made,
            Err(error) => {
                let why = format!("the new folder could not be made: {error}");
                return Err(take_back_edit(port, buffer, &placed, why).await);
            }
        };
        let rename = EditorEdit::Rename { uri: buffer.uri.clone(), to: to.clone(), label: label.to_owned() };
        let said = ask(editor, rename).await;
        let moved = wait_for(|| disk::exists(to) && !disk::exists(self.path()), said.is_ok()).await;
        if !moved {
            disk::remove_folders(&made);
            return Err(take_back_edit(port, buffer, &placed, refused("rename", said.err())).await);
        }
        wait_until_open(workspace.overlay(), to).await;
        disk::remove_folders(&self.change.made_folders);
        Ok(Done { outcome: Outcome::Editor, inverse: self.unupdate(placed, made) })
    }
}

/// Takes back the text edit of a move that failed because of `why`; gives the reason with what stands.
async fn take_back_edit(port: Port<'_>, buffer: &Buffer, placed: &Placed, why: String) -> String {
    let back = invert(&placed.edits);
    match edit_buffer(port, &buffer.uri, (&placed.after, &back), "Glossator: take back").await {
        Ok(_) => why,
        Err(again) => format!("{why}; its text was edited and could not be taken back: {again}"),
    }
}

fn refused(what: &str, refusal: Option<crate::EditorRefusal>) -> String {
    match refusal {
        Some(refusal) => format!("the editor did not {what} it: {}", refusal.reason),
        None => format!("the editor said it did {what} it, but the file on disk says otherwise"),
    }
}

/// The bytes of `text` on disk, or why the file's encoding cannot hold it.
pub(crate) fn encode(format: FileFormat, text: &str) -> Result<Vec<u8>, String> {
    format.encode(text).map_err(|character| {
        format!("its encoding ({:?}) cannot express {character:?}; convert the file to UTF-8 first, or write that character otherwise", format.encoding)
    })
}
