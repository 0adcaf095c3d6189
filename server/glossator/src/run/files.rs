//! The three files of an epic: found, looked at before anything is spent, read, made and put back. All of it through the
//! workspace, so that nothing is written over what another hand has just changed.

use glossator_text::{Action, ChangeSet, FileChange, FileEncoding, FileFormat, line_replacements};
use glossator_workspace::{Document, Outcome, ReadError, Workspace};
use std::path::{Path, PathBuf};

const TASKS: &str = include_str!("tasks.md");
const LOG: &str = include_str!("log.md");

/// Which files, as the command line names them.
pub struct Named<'a> {
    pub epic: &'a Path,
    pub tasks: Option<&'a Path>,
    pub log: Option<&'a Path>,
}

/// The files of an epic.
pub struct Files {
    workspace: Workspace,
    /// Resolved paths.
    pub epic: PathBuf,
    pub tasks: PathBuf,
    pub log: PathBuf,
}

impl Files {
    /// Where they are. Reads nothing.
    pub fn find(workspace: Workspace, named: &Named) -> Result<Files, String> {
        let roots = workspace.roots();
        let resolve = |path: &Path| {
            let text = path.to_str().ok_or_else(|| format!("{} is not Unicode", path.display()))?;
            roots.resolve(text).map_err(|error| error.to_string())
        };
        let epic = resolve(named.epic)?;
        let beside = |kind: &str| {
            let name = epic.file_stem().unwrap_or_default().to_string_lossy();
            epic.with_file_name(format!("{name}.{kind}.md"))
        };
        let tasks = named.tasks.map_or_else(|| Ok(beside("tasks")), resolve)?;
        let log = named.log.map_or_else(|| Ok(beside("log")), resolve)?;
        if epic == tasks || epic == log || tasks == log {
            return Err("epic, task list and log have to be three files; see --tasks and --log".to_owned());
        }
        Ok(Files { workspace, epic, tasks, log })
    }

    /// A path as the user and the model know it.
    pub fn shown(&self, path: &Path) -> String {
        self.workspace.roots().display(path)
    }

    /// The epic. The error is for people.
    pub async fn read_epic(&self) -> Result<String, String> {
        let text = self.read(&self.epic).await?;
        let text = text.ok_or_else(|| {
            format!("{} does not exist; write what is wanted into it", self.shown(&self.epic))
        })?;
        match text.trim().is_empty() {
            true => Err(format!("{} is empty; write what is wanted into it", self.shown(&self.epic))),
            false => Ok(text),
        }
    }

    /// Task list and log, made if they are not there; `true` for those that were.
    pub async fn read_or_make(&self) -> Result<[(String, bool); 2], String> {
        Ok([self.or_make(&self.tasks, TASKS).await?, self.or_make(&self.log, LOG).await?])
    }

    async fn or_make(&self, path: &Path, heading: &str) -> Result<(String, bool), String> {
        if let Some(text) = self.read(path).await? {
            return Ok((text, false));
        }
        let epic = self.epic.file_name().unwrap_or_default().to_string_lossy();
        let text = heading.replace("{epic}", &epic);
        self.write(path, &text).await?;
        Ok((text, true))
    }

    /// A file's text; `None`: there is none. The error is for people.
    pub async fn read(&self, path: &Path) -> Result<Option<String>, String> {
        match self.document(path).await? {
            None => Ok(None),
            Some(document) if document.format.encoding == FileEncoding::Utf8 => Ok(Some(document.text)),
            Some(_) => Err(format!("{} is not UTF-8 text; save it as UTF-8", self.shown(path))),
        }
    }

    async fn document(&self, path: &Path) -> Result<Option<Document>, String> {
        match self.workspace.read(path).await {
            Ok(document) => Ok(Some(document)),
            Err(ReadError::NotFound { .. }) => Ok(None),
            Err(ReadError::Directory { .. }) => Err(format!("{} is a folder; name a file", self.shown(path))),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Gives a file this text, whatever it holds. The error is for people.
    pub async fn write(&self, path: &Path, text: &str) -> Result<(), String> {
        let change = match self.document(path).await? {
            None => {
                let action = Action::Create { text: text.to_owned() };
                FileChange::new(
                    path.to_owned(),
                    glossator_text::Base::Absent,
                    action,
                    FileFormat::of_text(text),
                )
            }
            Some(document) => {
                let edits = line_replacements(&document.text, text);
                let action = Action::Update { edits, move_to: None };
                FileChange::new(path.to_owned(), document.base(), action, document.format)
            }
        };
        let failed = |why: String| format!("{} cannot be written: {why}", self.shown(path));
        let checked = self.workspace.check(ChangeSet { files: vec![change] }).await;
        let report = checked.map_err(|problems| failed(problems.join("; ")))?.commit("glossator run").await;
        let why = report.files.into_iter().find_map(|file| match file.outcome {
            Outcome::Failed(why) | Outcome::Unknown(why) | Outcome::TakeBackFailed(why) => Some(why),
            Outcome::Editor | Outcome::Disk | Outcome::TakenBack | Outcome::NotReached => None,
        });
        why.map_or(Ok(()), |why| Err(failed(why)))
    }
}
