//! Checking a change set whole before anything is written: paths, bases, destinations, permissions, encodings.
//! Places stale edits where that is certain. Writes nothing (old leftovers of killed commits go); blocks on the disk.

use crate::disk;
use crate::document::{Document, Source};
use crate::files::{Workspace, blocking};
use crate::neighbours::agree;
use crate::on_disk::same_lines;
use crate::overlay::Overlay;
use crate::physical::physical;
use crate::read_error::ReadError;
use crate::rebase::{rebase, splice, widen};
use crate::roots::Roots;
use crate::step::{Step, encode};
use glossator_text::{
    Action, Base, ChangeSet, FileChange, Replacement, line_replacements, text_hash, unified_diff,
};
use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file's text before and after a change; `None` where there is no such file.
pub type BeforeAndAfter = (Option<Arc<str>>, Option<Arc<str>>);

/// A change set of which everything that can be known before was found to be right. Nothing is written yet.
#[must_use = "a checked change does nothing until it is committed"]
pub struct Checked {
    pub(crate) workspace: Workspace,
    pub(crate) steps: Vec<Step>,
    pub(crate) shown: Vec<String>,
    change: ChangeSet,
    inverse: ChangeSet,
    texts: Vec<BeforeAndAfter>,
}

impl Workspace {
    /// Checks a change set against the files as they are now, and places its edits on them. Writes nothing, but removes
    /// old temporary files that a killed commit left beside the files. `Err` holds every problem there is, each for people.
    pub async fn check(&self, change: ChangeSet) -> Result<Checked, Vec<String>> {
        let this = self.clone();
        let failed = |error: io::Error| vec![format!("the change could not be checked: {error}")];
        blocking(move || check(&this, change)).await.map_err(failed)?
    }
}

impl Checked {
    /// The change as it will be made: placed on the present texts.
    pub fn change(&self) -> &ChangeSet {
        &self.change
    }

    /// What takes it back. Its edits carry context, so that their place is found again in later texts.
    pub fn inverse(&self) -> &ChangeSet {
        &self.inverse
    }

    /// The text of each file of [`Checked::change`] before and after it; `None` where there is no such file.
    pub fn texts(&self) -> &[BeforeAndAfter] {
        &self.texts
    }

    /// The change as a unified diff over paths as the user knows them. Made anew by each call.
    pub fn diff(&self) -> String {
        let roots = self.workspace.roots();
        let files = self.change.files.iter().zip(&self.texts);
        files
            .map(|(change, (before, after))| diff(&roots, change, (before.as_deref(), after.as_deref())))
            .collect()
    }
}

/// A file's change, placed, with the texts around it.
struct Planned {
    step: Step,
    before: Option<String>,
    after: Option<String>,
    /// Folders that will be made for it; each file of a new folder names it.
    folders: Vec<PathBuf>,
}

struct Check<'a> {
    workspace: &'a Workspace,
    roots: Roots,
    /// The buffers of other connections.
    others: Vec<Arc<Overlay>>,
    /// Sources and destinations so far.
    seen: HashSet<PathBuf>,
    /// Paths that an earlier file of the set empties.
    gone: HashSet<PathBuf>,
    /// Paths that an earlier file of the set fills.
    made: HashSet<PathBuf>,
    /// Folders that were cleared of what killed commits left.
    cleared: HashSet<PathBuf>,
}

/// Checks `change`; gives every problem there is.
fn check(workspace: &Workspace, change: ChangeSet) -> Result<Checked, Vec<String>> {
    let roots = workspace.roots();
    let (seen, gone, made, cleared) = Default::default();
    let others = workspace.others();
    let mut check = Check { workspace, roots, others, seen, gone, made, cleared };
    let mut problems = Vec::new();
    let mut planned = Vec::new();
    for file in change.files {
        let path = check.roots.display(&file.path);
        match check.file(file) {
            Ok(plan) => planned.push(plan),
            Err(problem) => problems.push(format!("{path}: {problem}")),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let inverse = inverse(workspace, &planned);
    let text = |text: &Option<String>| text.as_deref().map(Arc::from);
    let texts = planned.iter().map(|plan| (text(&plan.before), text(&plan.after))).collect();
    let shown = planned.iter().map(|plan| check.roots.display(&plan.step.change.path)).collect();
    let steps: Vec<Step> = planned.into_iter().map(|plan| plan.step).collect();
    let change = ChangeSet { files: steps.iter().map(|step| step.change.clone()).collect() };
    Ok(Checked { workspace: workspace.clone(), steps, shown, change, inverse, texts })
}

impl Check<'_> {
    fn file(&mut self, file: FileChange) -> Result<Planned, String> {
        let path = self.allowed(&file.path)?;
        let refilled = matches!(file.action, Action::Create { .. }) && self.gone.contains(&path);
        if !self.seen.insert(path.clone()) && !refilled {
            return Err("it is named twice in one change; put all its edits together".to_owned());
        }
        let made_folders =
            file.made_folders.into_iter().filter(|folder| self.may_go(folder, &path)).collect();
        let file = FileChange { path, made_folders, ..file };
        match &file.action {
            Action::Create { .. } if file.base == Base::Absent => self.create(file),
            Action::Create { .. } | Action::Update { .. } => self.update(file),
            Action::Delete { .. } => self.delete(file),
        }
    }

    /// Whether a folder is one that may go after the file at `path`: above it, and below a folder of the workspace.
    fn may_go(&self, folder: &Path, path: &Path) -> bool {
        let inside = |root: &PathBuf| folder.starts_with(root) && folder != root;
        path.starts_with(folder) && path != folder && self.roots.folders().iter().any(inside)
    }

    /// Where the path leads, if it may be written.
    fn allowed(&mut self, path: &Path) -> Result<PathBuf, String> {
        if !path.is_absolute() {
            return Err("the path of a change must be absolute".to_owned());
        }
        let path = physical(path).map_err(|error| format!("the path could not be looked up: {error}"))?;
        if !self.roots.contains(&path) {
            return Err(format!(
                "it leads out of the workspace, to {}; nothing is written there",
                path.display()
            ));
        }
        if self.roots.in_git(&path) {
            return Err(
                "it belongs to git's own data, which is never written; use git commands instead".to_owned()
            );
        }
        if self.roots.is_own(&path) {
            return Err("it belongs to Glossator's own state; nothing is written there".to_owned());
        }
        if let Some(folder) = path.parent()
            && self.cleared.insert(folder.to_path_buf())
        {
            disk::remove_leftovers(folder);
        }
        Ok(path)
    }

    fn create(&mut self, file: FileChange) -> Result<Planned, String> {
        let Action::Create { text } = &file.action else {
            return Err("it is no creation".to_owned());
        };
        let text = text.clone();
        self.free(&file.path, Some(&text))?;
        agree(&self.others, &file.path, Some(&text))?;
        encode(file.format, &text)?;
        self.made.insert(file.path.clone());
        let folders = disk::missing_parents(&file.path);
        Ok(Planned { step: Step::new(file, String::new()), before: None, after: Some(text), folders })
    }

    fn delete(&mut self, file: FileChange) -> Result<Planned, String> {
        let document = self.read(&file.path)?;
        let Action::Delete { text } = &file.action else {
            return Err("it is no deletion".to_owned());
        };
        if !same_lines(text, &document.text) {
            return Err("it changed after it was read, so it is not deleted; read it again".to_owned());
        }
        self.removable(&document)?;
        agree(&self.others, &file.path, None)?;
        self.gone.insert(file.path.clone());
        let action = Action::Delete { text: document.text.clone() };
        let mode = disk::mode(&document.path).ok();
        let change = FileChange { base: document.base(), action, format: document.format, mode, ..file };
        let before = document.text;
        let step = Step::new(change, before.clone());
        Ok(Planned { step, before: Some(before), after: None, folders: Vec::new() })
    }

    /// An update, a move, or a creation that was planned over an existing text.
    fn update(&mut self, file: FileChange) -> Result<Planned, String> {
        let document = self.read(&file.path)?;
        let (edits, move_to) = match file.action {
            Action::Create { text } => (whole(&file.base, &text, &document)?, None),
            Action::Update { edits, move_to } => (self.placed(&file.base, &edits, &document)?, move_to),
            Action::Delete { .. } => return Err("it is no update".to_owned()),
        };
        let after = splice(&edits, &document.text)?;
        let move_to = move_to.map(|to| self.allowed(&to)).transpose()?.filter(|to| *to != file.path);
        let in_buffer = document.source != Source::Disk && move_to.is_none();
        agree(&self.others, &file.path, in_buffer.then_some(&document.text))?;
        if let Some(to) = &move_to {
            self.destination(to, &document)?;
            agree(&self.others, to, None)?;
            self.gone.insert(file.path.clone());
            self.made.insert(to.clone());
        }
        if document.source == Source::Disk && !edits.is_empty() {
            self.writable(&document.path)?;
            encode(document.format, &after)?;
        }
        let folders = move_to.as_deref().map(disk::missing_parents).unwrap_or_default();
        let action = Action::Update { edits, move_to };
        let change =
            FileChange { base: document.base(), action, format: document.format, mode: None, ..file };
        let before = document.text;
        let step = Step::new(change, before.clone());
        Ok(Planned { step, before: Some(before), after: Some(after), folders })
    }

    fn read(&self, path: &Path) -> Result<Document, String> {
        let missing = || "it does not exist (any more); list the folder or create it".to_owned();
        if self.gone.contains(path) && !self.made.contains(path) {
            return Err(missing());
        }
        let document = self.workspace.read_blocking(path).map_err(|error| match error {
            ReadError::NotFound { .. } => missing(),
            other => other.to_string(),
        })?;
        if document.source != Source::Disk && self.workspace.editor().is_none() {
            return Err("it is open in the editor, which takes no edits; close it there first".to_owned());
        }
        document.refusal().map_or(Ok(document), |why| Err(why.to_owned()))
    }

    fn placed(
        &self,
        base: &Base,
        edits: &[Replacement],
        document: &Document,
    ) -> Result<Vec<Replacement>, String> {
        let known = match base {
            Base::Absent => {
                return Err("it should not exist by the plan, but it does; read it first".to_owned());
            }
            Base::Buffer { hash, .. } | Base::Disk { hash } if *hash == document.hash => {
                return rebase(edits, Some(&document.text), &document.text);
            }
            Base::Buffer { hash, .. } | Base::Disk { hash } => self.workspace.recent().text(hash),
        };
        rebase(edits, known.as_deref(), &document.text)
    }

    fn destination(&mut self, to: &Path, document: &Document) -> Result<(), String> {
        if !self.seen.insert(to.to_path_buf()) && !self.gone.contains(to) {
            return Err(format!("its destination {} is named twice in one change", self.roots.display(to)));
        }
        self.removable(document)?;
        self.free(to, None)
            .map_err(|problem| format!("its destination {}: {problem}", self.roots.display(to)))
    }

    /// Whether nothing stands at `path` when its turn comes, and a file can be put there. A buffer that is left over from
    /// a deleted file does not count if it holds the very `text` to be written.
    fn free(&self, path: &Path, text: Option<&str>) -> Result<(), String> {
        if self.made.contains(path) {
            return Err("another part of the same change puts a file there".to_owned());
        }
        if !self.gone.contains(path) {
            if disk::exists(path) {
                return Err(
                    "something stands there already; read it and edit it, or choose another name".to_owned()
                );
            }
            let open = self.workspace.overlay().by_path(path);
            if open.is_some_and(|buffer| !text.is_some_and(|text| same_lines(text, &buffer.text.to_string())))
            {
                return Err("it is open in the editor as a new, unsaved buffer; edit that instead".to_owned());
            }
        }
        disk::cannot_write_beside(path).map_or(Ok(()), Err)
    }

    fn writable(&self, path: &Path) -> Result<(), String> {
        let metadata = disk::metadata(path).map_err(|error| format!("it cannot be looked at: {error}"))?;
        if metadata.permissions().readonly() {
            return Err("it is read-only; change its permissions first".to_owned());
        }
        disk::cannot_write_beside(path).map_or(Ok(()), Err)
    }

    fn removable(&self, document: &Document) -> Result<(), String> {
        if !disk::exists(&document.path) {
            return Err("it is a new, unsaved buffer that is not on disk, so it cannot be moved or deleted"
                .to_owned());
        }
        disk::cannot_write_beside(&document.path).map_or(Ok(()), Err)
    }
}

/// A whole new text for an existing file; its old one must be what the plan was made on.
fn whole(base: &Base, text: &str, document: &Document) -> Result<Vec<Replacement>, String> {
    match base {
        Base::Buffer { hash, .. } | Base::Disk { hash } if *hash == document.hash => {
            Ok(line_replacements(&document.text, text))
        }
        _ => Err("it changed after it was read, so it is not overwritten; read it again".to_owned()),
    }
}

fn inverse(workspace: &Workspace, planned: &[Planned]) -> ChangeSet {
    let mut hashes: HashMap<&Path, String> = HashMap::new();
    for plan in planned {
        if let Some(after) = &plan.after {
            let hash = text_hash(after);
            workspace.recent().remember(&hash, after);
            hashes.insert(plan.step.change.path_after(), hash);
        }
    }
    let forward = ChangeSet { files: planned.iter().map(|plan| plan.step.change.clone()).collect() };
    let mut inverse = forward.inverse(|path| hashes.get(path).cloned());
    for (file, plan) in inverse.files.iter_mut().zip(planned.iter().rev()) {
        file.made_folders.clone_from(&plan.folders);
        if let (Action::Update { edits, .. }, Some(after)) = (&mut file.action, &plan.after) {
            *edits = widen(edits, after);
        }
    }
    inverse
}

fn diff(roots: &Roots, change: &FileChange, (before, after): (Option<&str>, Option<&str>)) -> String {
    let (from, to) = (roots.display(&change.path), roots.display(change.path_after()));
    let body = unified_diff(&to, before, after);
    if from == to { body } else { format!("rename from {from}\nrename to {to}\n{body}") }
}
