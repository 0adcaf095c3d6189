//! One file of a change set as a step that can be made and taken back: on disk or through the editor.
//! Each step leaves its own inverse. Never decides the order of steps; that is `commit`'s.

use crate::asking::{Asking, Port};
use crate::confirm::{Miss, change_file, edit_buffer, wait_until_open};
use crate::disk::{self, Rights};
use crate::editor::EditorEdit;
use crate::files::{Workspace, blocking};
use crate::flight::Landed;
use crate::on_disk::{read_disk, same_lines};
use crate::overlay::Buffer;
use crate::physical::physical;
use crate::rebase::{invert, rebase, splice};
use crate::report::Outcome;
use futures::future::FutureExt;
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

    /// Makes the step: in the buffer if the file is open, else on disk. If it is not known to be made, nothing of it
    /// stands, or the reason says what does, or may; then it is told later whether something does.
    pub(crate) async fn run(&self, workspace: &Workspace, asking: &Asking) -> Result<Done, Miss<bool>> {
        let (overlay, path) = (workspace.overlay().clone(), self.path().to_path_buf());
        let open = blocking(move || overlay.by_path(&path)).await;
        let open = open.map_err(|error| Miss::Failed(error.to_string()))?;
        let buffer = match (&self.change.action, open) {
            (Action::Create { .. }, _) | (_, None) => return self.run_on_disk(None).await,
            (_, Some(buffer)) => buffer,
        };
        let Some(port) = Port::of(workspace, asking) else {
            let why = "it is open in the editor, which takes no edits; close it there first";
            return Err(Miss::Failed(why.to_owned()));
        };
        match &self.change.action {
            Action::Update { edits, move_to: None } => {
                let landed = edit_buffer(&port, &buffer.uri, (&self.before, edits)).await;
                let placed = self.placed(landed.map_err(|miss| match miss {
                    Miss::Failed(why) => Miss::Failed(why),
                    Miss::Unknown(why, late) => {
                        Miss::Unknown(why, late.map(|landed| landed.is_some()).boxed())
                    }
                })?);
                Ok(Done { outcome: Outcome::Editor, inverse: self.unupdate(placed, Vec::new()) })
            }
            _ if !port.editor.has_resource_operations() => self.run_on_disk(Some(buffer)).await,
            Action::Delete { text } => self.delete_open(&port, &buffer, text).await,
            _ => self.move_open(port, &buffer).await,
        }
    }

    /// Makes the step on disk; also for a file that is `open`, if the disk holds the buffer's text.
    async fn run_on_disk(&self, open: Option<Buffer>) -> Result<Done, Miss<bool>> {
        let step = self.clone();
        let made = blocking(move || {
            if let Some(buffer) = open {
                step.is_saved(&buffer)?;
            }
            step.on_disk()
        });
        made.await.map_err(|error| Miss::Failed(error.to_string()))?.map_err(Miss::Failed)
    }

    fn is_saved(&self, buffer: &Buffer) -> Result<(), String> {
        let on_disk = read_disk(self.path()).map_err(|error| error.to_string())?;
        if buffer.dirty || buffer.out_of_step || !same_lines(&on_disk.text, &buffer.text.to_string()) {
            let what = "it has unsaved changes, and this editor cannot move or delete open files";
            return Err(format!("{what}; save or close it first"));
        }
        Ok(())
    }

    fn placed(&self, landed: Landed) -> Placed {
        Placed { edits: landed.edits, after: landed.after, format: self.change.format }
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

    async fn delete_open(&self, port: &Port, buffer: &Buffer, text: &str) -> Result<Done, Miss<bool>> {
        if buffer.out_of_step || !same_lines(&buffer.text.to_string(), text) {
            return Err(Miss::Failed("it changed after it was read, so it is not deleted".to_owned()));
        }
        let like = disk::metadata(self.path()).ok();
        let edit = EditorEdit::Delete { uri: buffer.uri.clone(), label: port.asking.label.clone() };
        let path = self.path().to_path_buf();
        change_file(port, ("delete", edit), move || !disk::exists(&path)).await?;
        disk::remove_folders(&self.change.made_folders);
        Ok(Done { outcome: Outcome::Editor, inverse: self.undelete(text, self.change.format, like) })
    }

    /// Edits the buffer, then has the editor rename the file. If the second fails the first is taken back.
    async fn move_open(&self, port: Port, buffer: &Buffer) -> Result<Done, Miss<bool>> {
        let Action::Update { edits, move_to: Some(to) } = &self.change.action else {
            return Err(Miss::Failed("it is no move".to_owned()));
        };
        let uri = buffer.uri.clone();
        let landed = edit_buffer(&port, &uri, (&self.before, edits)).await.map_err(|miss| match miss {
            Miss::Failed(why) => Miss::Failed(why),
            Miss::Unknown(why, late) => {
                // Without its move the edit is not wanted any more.
                let (port, uri) = (port.clone().taking_back(), uri.clone());
                let late = async move {
                    match late.await {
                        None => false,
                        Some(landed) => take_back_edit(&port, &uri, &landed).await.is_err(),
                    }
                };
                Miss::Unknown(format!("{why}; it is not moved"), late.boxed())
            }
        })?;
        let made = match disk::make_parents(to) {
            Ok(made) => made,
            Err(error) => {
                let why = format!("the new folder could not be made: {error}");
                return Err(Miss::Failed(edit_too(
                    why,
                    take_back_edit(&port.taking_back(), &uri, &landed).await,
                )));
            }
        };
        let label = port.asking.label.clone();
        let rename = EditorEdit::Rename { uri: uri.clone(), to: to.clone(), label };
        let (here, there) = (self.path().to_path_buf(), to.clone());
        let moved = move || disk::exists(&there) && !disk::exists(&here);
        match change_file(&port, ("rename", rename), moved).await {
            Ok(()) => {}
            Err(Miss::Failed(why)) => {
                disk::remove_folders(&made);
                return Err(Miss::Failed(edit_too(
                    why,
                    take_back_edit(&port.taking_back(), &uri, &landed).await,
                )));
            }
            Err(Miss::Unknown(why, late)) => {
                let port = port.taking_back();
                let late = async move {
                    if late.await {
                        return true;
                    }
                    disk::remove_folders(&made);
                    take_back_edit(&port, &uri, &landed).await.is_err()
                };
                return Err(Miss::Unknown(format!("{why}; its text is edited already"), late.boxed()));
            }
        }
        wait_until_open(&port.overlay, to).await;
        disk::remove_folders(&self.change.made_folders);
        Ok(Done { outcome: Outcome::Editor, inverse: self.unupdate(self.placed(landed), made) })
    }
}

/// Takes back the text edit of a move that did not come about. `Err` says why the edit stands, or may.
async fn take_back_edit(port: &Port, uri: &str, landed: &Landed) -> Result<(), String> {
    let back = invert(&landed.edits);
    match edit_buffer(port, uri, (&landed.after, &back)).await {
        Ok(_) => Ok(()),
        Err(Miss::Failed(why)) => Err(format!("could not be taken back: {why}")),
        Err(Miss::Unknown(why, _)) => Err(format!("may not have been taken back: {why}")),
    }
}

/// Why a move failed, with what became of its edit.
fn edit_too(why: String, taken_back: Result<(), String>) -> String {
    match taken_back {
        Ok(()) => why,
        Err(again) => format!("{why}; its text was edited, which {again}"),
    }
}

/// The bytes of `text` on disk, or why the file's encoding cannot hold it.
pub(crate) fn encode(format: FileFormat, text: &str) -> Result<Vec<u8>, String> {
    format.encode(text).map_err(|character| {
        format!("its encoding ({:?}) cannot express {character:?}; convert the file to UTF-8 first, or write that character otherwise", format.encoding)
    })
}
