//! One file of a change set as a step that can be made and taken back: on disk or through the editor.
//! Each step leaves its own inverse. Never decides the order of steps; that is `commit`'s.

use crate::asking::{Asking, Port};
use crate::confirm::{Miss, change_file, edit_buffer, wait_until_open};
use crate::disk::{self, Rights};
use crate::editor::EditorEdit;
use crate::files::{Workspace, blocking};
use crate::flight::Landed;
use crate::likeness::Likeness;
use crate::neighbours::agree;
use crate::on_disk::{read_both, read_disk, same_lines};
use crate::overlay::{Buffer, Overlay};
use crate::physical::physical;
use crate::rebase::{invert, rebase, splice};
use crate::report::Outcome;
use crate::saved::Standing;
use futures::future::FutureExt;
use glossator_text::{Action, Base, FileChange, FileFormat, Replacement, text_hash};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How often an update is placed anew when its file changes while it is written.
const RETRIES: usize = 3;

/// One file's change, with what is needed to make it.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) change: FileChange,
    /// The text that an update was planned on.
    pub(crate) before: String,
    /// Whose owner and permissions a new file gets, if that is still at hand.
    pub(crate) like: Option<Likeness>,
}

/// A step that was made.
pub(crate) struct Done {
    pub(crate) outcome: Outcome,
    /// The step that takes it back.
    pub(crate) inverse: Step,
    /// What should have gone with it and is left.
    pub(crate) left: Option<String>,
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
    fn undelete(&self, text: &str, format: FileFormat, like: Option<Likeness>) -> Step {
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

    /// Makes the step: in the buffer if the file is open and its buffer counts, else on disk. If it is not known to be
    /// made, nothing of it stands, or the reason says what does, or may; then it is told later whether something does.
    pub(crate) async fn run(&self, workspace: &Workspace, asking: &Asking) -> Result<Done, Miss<bool>> {
        self.make((workspace, asking), Standing::refusal).await
    }

    /// As [`Step::run`], to take back what was made: also in a buffer whose file was changed or deleted meanwhile.
    pub(crate) async fn run_back(&self, workspace: &Workspace, asking: &Asking) -> Result<Done, Miss<bool>> {
        self.make((workspace, asking), |_| None).await
    }

    async fn make(
        &self,
        (workspace, asking): (&Workspace, &Asking),
        refusal: fn(Standing) -> Option<&'static str>,
    ) -> Result<Done, Miss<bool>> {
        let (overlay, path) = (workspace.overlay().clone(), self.path().to_path_buf());
        // Anew: it may stand otherwise than when it was checked.
        let open = blocking(move || overlay.look(&path)).await.map_err(|error| error.to_string())?;
        let buffer = match (&self.change.action, open) {
            (Action::Create { .. }, _) | (_, None | Some((_, Standing::Behind))) => {
                return self.run_on_disk(workspace, None).await;
            }
            (_, Some((buffer, standing))) => match refusal(standing) {
                Some(why) => return Err(Miss::Failed(why.to_owned())),
                None => buffer,
            },
        };
        let Some(port) = Port::of(workspace, asking) else {
            let why = "it is open in the editor, which takes no edits; close it there first";
            return Err(Miss::Failed(why.to_owned()));
        };
        if !port.editor.has_resource_operations()
            && !matches!(self.change.action, Action::Update { move_to: None, .. })
        {
            return self.run_on_disk(workspace, Some(buffer)).await;
        }
        let others = workspace.others();
        if !others.is_empty() {
            let (step, buffer) = (self.clone(), buffer.clone());
            let agreed = blocking(move || step.agreed(&others, Some(&buffer))).await;
            agreed.map_err(|error| error.to_string())??;
        }
        match &self.change.action {
            Action::Update { edits, move_to: None } => {
                let landed = edit_buffer(&port, &buffer.uri, (&self.before, edits)).await;
                let placed = self.placed(landed.map_err(|miss| miss.map(|landed| landed.is_some()))?);
                let inverse = self.unupdate(placed, Vec::new());
                Ok(Done { outcome: Outcome::Editor, inverse, left: None })
            }
            Action::Delete { text } => self.delete_open(&port, &buffer, text).await,
            _ => self.move_open(port, &buffer).await,
        }
    }

    /// Makes the step on disk; also for a file that is `open`, if the disk holds the buffer's text.
    async fn run_on_disk(&self, workspace: &Workspace, open: Option<Buffer>) -> Result<Done, Miss<bool>> {
        let (step, others, overlay) = (self.clone(), workspace.others(), workspace.overlay().clone());
        let made = blocking(move || {
            match open {
                Some(buffer) => step.is_saved(&buffer)?,
                None => step.is_closed(&overlay)?,
            }
            step.agreed(&others, None)?;
            step.on_disk()
        });
        made.await.map_err(|error| error.to_string())?
    }

    /// Whether nothing that `others` hold unsaved stands against the step, which is made in the buffer `here`, if any.
    fn agreed(&self, others: &[Arc<Overlay>], here: Option<&Buffer>) -> Result<(), String> {
        let text = here.map(|buffer| buffer.text.to_string());
        let allowed = match &self.change.action {
            Action::Create { text } => Some(text),
            Action::Update { move_to: None, .. } => text.as_ref(),
            Action::Update { .. } | Action::Delete { .. } => None,
        };
        agree(others, self.path(), allowed.map(String::as_str))?;
        self.destination().map_or(Ok(()), |to| agree(others, to, None))
    }

    /// A file that was not open a moment ago may be by now.
    fn is_closed(&self, overlay: &Overlay) -> Result<(), String> {
        let created = matches!(self.change.action, Action::Create { .. });
        if !created
            && overlay.is_open(self.path())
            && overlay.by_path(self.path()).is_some_and(|now| now.dirty)
        {
            return Err("it was opened and changed in the editor meanwhile; read it again".to_owned());
        }
        Ok(())
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

    fn on_disk(&self) -> Result<Done, Miss<bool>> {
        for path in [Some(self.path()), self.destination()].into_iter().flatten() {
            if physical(path).ok().as_deref() != Some(path) {
                return Err("the path leads elsewhere now than when the change was checked"
                    .to_owned()
                    .into());
            }
        }
        let inverse = match &self.change.action {
            Action::Create { text } => self.create(text)?,
            Action::Delete { text } => self.delete(text)?,
            Action::Update { edits, move_to: None } => self.update(edits)?,
            Action::Update { edits, move_to: Some(to) } => self.update_and_move(edits, to)?,
        };
        let left = disk::remove_folders(&self.change.made_folders).err();
        Ok(Done { outcome: Outcome::Disk, inverse, left })
    }

    fn create(&self, text: &str) -> Result<Step, Miss<bool>> {
        let bytes = encode(self.change.format, text)?;
        let made = disk::make_parents(self.path()).map_err(|failed| {
            Miss::with(format!("its folder could not be made: {}", failed.error), failed.left)
        })?;
        let rights = match (&self.like, self.change.mode) {
            (Some(like), _) => Rights::Like(like),
            (None, Some(mode)) => Rights::Mode(mode),
            (None, None) => Rights::Usual,
        };
        if let Err(error) = disk::create(self.path(), &bytes, rights) {
            let left = disk::remove_folders(&made).err();
            return Err(Miss::with(format!("it could not be created: {error}"), left));
        }
        Ok(self.uncreate(text, made))
    }

    fn delete(&self, text: &str) -> Result<Step, String> {
        let (now, was) = read_both(self.path()).map_err(|error| error.to_string())?;
        let like = Likeness::of(self.path()).ok();
        let removed = match same_lines(&now.text, text) {
            true => disk::remove(self.path(), &was),
            false => Ok(false),
        };
        if !removed.map_err(|error| format!("it could not be deleted: {error}"))? {
            return Err("it changed after it was read, so it is not deleted".to_owned());
        }
        Ok(self.undelete(&now.text, now.format, like))
    }

    fn update(&self, edits: &[Replacement]) -> Result<Step, String> {
        for _ in 0..=RETRIES {
            let (placed, was, bytes) = self.place(edits)?;
            let failed = |error| format!("it could not be written: {error}");
            if placed.edits.is_empty() || disk::replace(self.path(), &was, &bytes).map_err(failed)? {
                return Ok(self.unupdate(placed, Vec::new()));
            }
        }
        Err("it kept changing on disk while it was written; read it again".to_owned())
    }

    fn update_and_move(&self, edits: &[Replacement], to: &Path) -> Result<Step, Miss<bool>> {
        let (placed, was, bytes) = self.place(edits)?;
        let made = disk::make_parents(to).map_err(|failed| {
            Miss::with(format!("the new folder could not be made: {}", failed.error), failed.left)
        })?;
        let moved = match placed.edits.is_empty() {
            true => disk::rename(self.path(), to).map(|()| true),
            false => disk::replace_and_move(self.path(), to, (&was, &bytes)),
        };
        let theirs = matches!(&moved, Err(error) if error.kind() == ErrorKind::AlreadyExists);
        let why = match moved {
            Ok(true) => return Ok(self.unupdate(placed, made)),
            Ok(false) => "it changed while it was moved; read it again".to_owned(),
            Err(error) => format!("it could not be moved: {error}"),
        };
        let left = match !theirs && disk::exists(to) {
            true => Some(format!("it is left at {} too", to.display())),
            false => disk::remove_folders(&made).err(),
        };
        Err(Miss::with(why, left))
    }

    /// The edits on the file as it is now, its bytes, and the bytes to write.
    fn place(&self, edits: &[Replacement]) -> Result<(Placed, Vec<u8>, Vec<u8>), String> {
        let (now, was) = read_both(self.path()).map_err(|error| error.to_string())?;
        let edits = rebase(edits, Some(&self.before), &now.text)?;
        let after = splice(&edits, &now.text)?;
        let bytes = encode(now.format, &after)?;
        Ok((Placed { edits, after, format: now.format }, was, bytes))
    }

    async fn delete_open(&self, port: &Port, buffer: &Buffer, text: &str) -> Result<Done, Miss<bool>> {
        if buffer.out_of_step || !same_lines(&buffer.text.to_string(), text) {
            return Err(Miss::Failed("it changed after it was read, so it is not deleted".to_owned()));
        }
        let like = Likeness::of(self.path()).ok();
        let edit = EditorEdit::Delete { uri: buffer.uri.clone(), label: port.asking.label.clone() };
        let path = self.path().to_path_buf();
        change_file(port, ("delete", edit), move || !disk::exists(&path)).await?;
        let left = disk::remove_folders(&self.change.made_folders).err();
        let inverse = self.undelete(text, self.change.format, like);
        Ok(Done { outcome: Outcome::Editor, inverse, left })
    }

    /// Edits the buffer, then has the editor rename the file. If the second fails the first is taken back.
    async fn move_open(&self, port: Port, buffer: &Buffer) -> Result<Done, Miss<bool>> {
        let Action::Update { edits, move_to: Some(to) } = &self.change.action else {
            return Err(Miss::Failed("it is no move".to_owned()));
        };
        let uri = buffer.uri.clone();
        let landed = edit_buffer(&port, &uri, (&self.before, edits)).await.map_err(|miss| match miss {
            Miss::Unknown(why, late) => {
                // Without its move the edit is not wanted any more.
                let (port, uri) = (port.clone().taking_back(), uri.clone());
                let late = async move {
                    match late.await {
                        None => false,
                        Some(landed) => take_back_edit(&port, &uri, &landed).await.is_some(),
                    }
                };
                Miss::Unknown(format!("{why}; it is not moved"), late.boxed())
            }
            miss => miss.map(|landed| landed.is_some()),
        })?;
        let made = match disk::make_parents(to) {
            Ok(made) => made,
            Err(failed) => {
                let edited = take_back_edit(&port.taking_back(), &uri, &landed).await;
                let why = format!("the new folder could not be made: {}", failed.error);
                return Err(Miss::with(why, edited.or(failed.left)));
            }
        };
        let label = port.asking.label.clone();
        let rename = EditorEdit::Rename { uri: uri.clone(), to: to.clone(), label };
        let (here, there) = (self.path().to_path_buf(), to.clone());
        let moved = move || disk::exists(&there) && !disk::exists(&here);
        match change_file(&port, ("rename", rename), moved).await {
            Ok(()) => {}
            Err(Miss::Failed(why) | Miss::Half(why)) => {
                let left = disk::remove_folders(&made).err();
                let edited = take_back_edit(&port.taking_back(), &uri, &landed).await;
                return Err(Miss::with(why, edited.or(left)));
            }
            Err(Miss::Unknown(why, late)) => {
                let port = port.taking_back();
                let late = async move {
                    if late.await {
                        return true;
                    }
                    let left = disk::remove_folders(&made).is_err();
                    take_back_edit(&port, &uri, &landed).await.is_some() || left
                };
                return Err(Miss::Unknown(format!("{why}; its text is edited already"), late.boxed()));
            }
        }
        wait_until_open(&port.overlay, to).await;
        let left = disk::remove_folders(&self.change.made_folders).err();
        Ok(Done { outcome: Outcome::Editor, inverse: self.unupdate(self.placed(landed), made), left })
    }
}

/// Takes back the text edit of a move that did not come about. Otherwise says why the edit stands, or may.
async fn take_back_edit(port: &Port, uri: &str, landed: &Landed) -> Option<String> {
    let back = invert(&landed.edits);
    match edit_buffer(port, uri, (&landed.after, &back)).await {
        Ok(_) => None,
        Err(Miss::Failed(why) | Miss::Half(why)) => {
            Some(format!("its text was edited, which could not be taken back: {why}"))
        }
        Err(Miss::Unknown(why, _)) => {
            Some(format!("its text was edited, which may not have been taken back: {why}"))
        }
    }
}

/// The bytes of `text` on disk, or why the file's encoding cannot hold it.
pub(crate) fn encode(format: FileFormat, text: &str) -> Result<Vec<u8>, String> {
    format.encode(text).map_err(|character| {
        format!("its encoding ({:?}) cannot express {character:?}; convert the file to UTF-8 first, or write that character otherwise", format.encoding)
    })
}
