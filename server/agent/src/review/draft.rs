//! Files as they are to be: what resolving and undoing do to them, gathered step by step, and the one change set it comes
//! to. Reads through the workspace (blocking), writes nothing.

use glossator_text::{
    Action, Base, ChangeSet, FileChange, FileFormat, Replacement, line_replacements, text_hash,
};
use glossator_workspace::{Document, ReadError, Source, Workspace};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The files that were touched, as they are and as they are to be.
pub(crate) struct Draft {
    workspace: Workspace,
    /// Files that are gone, with the text that an editor may still show of them.
    gone: HashMap<PathBuf, Arc<str>>,
    files: BTreeMap<PathBuf, Entry>,
}

struct Entry {
    /// As it is.
    real: Option<Document>,
    /// As it is to be.
    wanted: Option<Content>,
    /// Folders that go when the file has left them, outermost first.
    made_folders: Vec<PathBuf>,
}

#[derive(Clone)]
struct Content {
    /// The file that it is now; `None` for one to be made.
    origin: Option<PathBuf>,
    text: String,
    format: FileFormat,
    /// Permissions of a file to be made.
    mode: Option<u32>,
}

/// A file to be made.
pub(crate) struct NewFile {
    pub text: String,
    pub format: FileFormat,
    pub mode: Option<u32>,
}

impl Draft {
    /// A draft in which nothing is touched yet. `gone` are files that do not exist any more, with the text that an editor
    /// may still show of them.
    pub fn over(workspace: Workspace, gone: HashMap<PathBuf, Arc<str>>) -> Draft {
        Draft { workspace, gone, files: BTreeMap::new() }
    }

    /// The text that is to stand at `path`; `None`: no file. `Err`: it cannot be read.
    pub fn text(&mut self, path: &Path) -> Result<Option<&str>, String> {
        Ok(self.entry(path)?.wanted.as_ref().map(|content| content.text.as_str()))
    }

    /// Whether what is to stand at `path` is in the state `base`.
    pub fn is(&mut self, path: &Path, base: &Base) -> bool {
        match (base, self.text(path)) {
            (Base::Absent, Ok(None)) => true,
            (Base::Buffer { hash, .. } | Base::Disk { hash }, Ok(Some(text))) => text_hash(text) == *hash,
            _ => false,
        }
    }

    pub fn set_text(&mut self, path: &Path, text: String) -> Result<(), String> {
        let content = self.entry(path)?.wanted.as_mut().ok_or("the file does not exist any more")?;
        content.text = text;
        Ok(())
    }

    /// Makes `edits`, which count in the text that is to stand there.
    pub fn edit(&mut self, path: &Path, edits: &[Replacement]) -> Result<(), String> {
        let before = self.text(path)?.ok_or("the file does not exist any more")?;
        let action = Action::Update { edits: edits.to_vec(), move_to: None };
        let after = action.apply(Some(before))?.unwrap_or_default();
        self.set_text(path, after)
    }

    pub fn remove(&mut self, path: &Path, made_folders: &[PathBuf]) -> Result<(), String> {
        let entry = self.entry(path)?;
        entry.wanted = None;
        entry.made_folders = made_folders.to_vec();
        Ok(())
    }

    pub fn create(&mut self, path: &Path, file: NewFile) -> Result<(), String> {
        if self.entry(path)?.wanted.is_some() {
            return Err("something else stands there now".to_owned());
        }
        let from_here =
            |entry: &Entry| entry.wanted.as_ref().is_some_and(|one| one.origin.as_deref() == Some(path));
        let moved_away = self.files.values().any(from_here);
        let entry = self.entry(path)?;
        // Where the file is only gone in this draft it stays the file that it is.
        let origin = (entry.real.is_some() && !moved_away).then(|| path.to_path_buf());
        let NewFile { text, format, mode } = file;
        entry.wanted = Some(Content { origin, text, format, mode });
        Ok(())
    }

    pub fn rename(&mut self, from: &Path, to: &Path, made_folders: &[PathBuf]) -> Result<(), String> {
        if self.entry(to)?.wanted.is_some() {
            return Err("something stands at its old place now".to_owned());
        }
        let entry = self.entry(from)?;
        let content = entry.wanted.take().ok_or("the file does not exist any more")?;
        entry.made_folders = made_folders.to_vec();
        self.entry(to)?.wanted = Some(content);
        Ok(())
    }

    /// Makes a stored change whose base fits.
    pub fn apply(&mut self, change: &FileChange) -> Result<(), String> {
        match &change.action {
            Action::Create { text } => {
                let file = NewFile { text: text.clone(), format: change.format, mode: change.mode };
                self.create(&change.path, file)
            }
            Action::Delete { .. } => self.remove(&change.path, &change.made_folders),
            Action::Update { edits, move_to } => {
                self.edit(&change.path, edits)?;
                match move_to {
                    Some(to) => self.rename(&change.path, to, &change.made_folders),
                    None => Ok(()),
                }
            }
        }
    }

    /// The change that makes the files as they are to be; the order is one in which no step stands in another's way.
    pub fn change(&self) -> ChangeSet {
        let origins: Vec<&Path> =
            self.files.values().filter_map(|entry| entry.wanted.as_ref()?.origin.as_deref()).collect();
        let mut files = Vec::new();
        for (path, entry) in &self.files {
            if let Some(real) = &entry.real
                && !origins.contains(&path.as_path())
            {
                let action = Action::Delete { text: real.text.clone() };
                let change = FileChange::new(path.clone(), real.base(), action, real.format);
                files.push(FileChange { made_folders: entry.made_folders.clone(), ..change });
            }
        }
        files.extend(self.moves());
        for (path, entry) in &self.files {
            let Some(content) = &entry.wanted else { continue };
            match (&content.origin, &entry.real) {
                (Some(origin), Some(real)) if origin == path && real.text != content.text => {
                    let edits = line_replacements(&real.text, &content.text);
                    let action = Action::Update { edits, move_to: None };
                    files.push(FileChange::new(path.clone(), real.base(), action, real.format));
                }
                (None, _) => {
                    let action = Action::Create { text: content.text.clone() };
                    let change = FileChange::new(path.clone(), Base::Absent, action, content.format);
                    files.push(FileChange { mode: content.mode, ..change });
                }
                _ => {}
            }
        }
        ChangeSet { files }
    }

    /// The moves, each after the one that leaves its destination.
    fn moves(&self) -> Vec<FileChange> {
        let mut left: Vec<FileChange> = Vec::new();
        for (to, entry) in &self.files {
            let Some(origin) = entry.wanted.as_ref().and_then(|content| content.origin.as_ref()) else {
                continue;
            };
            let Some(from) = self.files.get(origin).filter(|_| origin != to) else { continue };
            let (Some(real), Some(content)) = (&from.real, &entry.wanted) else { continue };
            let edits = line_replacements(&real.text, &content.text);
            let action = Action::Update { edits, move_to: Some(to.clone()) };
            let change = FileChange::new(origin.clone(), real.base(), action, real.format);
            left.push(FileChange { made_folders: from.made_folders.clone(), ..change });
        }
        let mut ordered = Vec::new();
        while !left.is_empty() {
            let free = |one: &FileChange| left.iter().all(|other| other.path != one.path_after());
            // Where they go round in a ring, checking refuses them with the reason.
            let next = left.iter().position(free).unwrap_or(0);
            ordered.push(left.remove(next));
        }
        ordered
    }

    fn is_left_over(&self, path: &Path, document: &Document) -> bool {
        let shown = self.gone.get(path);
        document.source != Source::Disk && shown.is_some_and(|text| **text == *document.text)
    }

    fn entry(&mut self, path: &Path) -> Result<&mut Entry, String> {
        if !self.files.contains_key(path) {
            let real = match self.workspace.read_blocking(path) {
                Ok(document) if self.is_left_over(path, &document) => None,
                Ok(document) => Some(document),
                Err(ReadError::NotFound { .. }) => None,
                Err(error) => return Err(error.to_string()),
            };
            let wanted = real.as_ref().map(|document| Content {
                origin: Some(path.to_path_buf()),
                text: document.text.clone(),
                format: document.format,
                mode: None,
            });
            self.files.insert(path.to_path_buf(), Entry { real, wanted, made_folders: Vec::new() });
        }
        self.files.get_mut(path).ok_or_else(|| "the file could not be looked at".to_owned())
    }
}
