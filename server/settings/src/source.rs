//! Where the layers of one workspace come from. Reads the two settings files anew each time, so that a change holds at once.

use crate::{Folders, Layer, Problem, Settings, merge};
use serde_json::Value;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The settings of one workspace and connection.
#[derive(Debug, Clone)]
pub struct Source {
    /// The user's folders.
    pub folders: Folders,
    /// The workspace, if there is one.
    pub workspace: Option<PathBuf>,
    /// What the editor gave.
    pub editor: Value,
    /// What the command line gave.
    pub command_line: Value,
}

/// Settings as they are now.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What holds.
    pub settings: Settings,
    /// What was left out.
    pub problems: Vec<Problem>,
}

impl Source {
    /// The workspace's own settings file.
    pub fn workspace_file(&self) -> Option<PathBuf> {
        self.workspace.as_ref().map(|folder| folder.join(".glossator").join("settings.toml"))
    }

    /// The `.env` file of the workspace, if that is `trusted`; it need not exist.
    pub fn dotenv(&self, trusted: bool) -> Option<PathBuf> {
        self.workspace.as_ref().filter(|_| trusted).map(|folder| folder.join(".env"))
    }

    /// Text of the workspace's own settings file; trust is bound to it.
    pub fn workspace_text(&self) -> Option<String> {
        self.workspace_file().and_then(|path| read(&path).ok().flatten())
    }

    /// The user's and the workspace's settings files as they are now, so that a change can be told; `None`: there is none, or
    /// it cannot be read.
    pub fn texts(&self) -> [Option<String>; 2] {
        let own = read(&self.folders.config.join("settings.toml")).ok().flatten();
        [own, self.workspace_text()]
    }

    /// Whether the user has a settings file that can be read.
    pub fn has_user_file(&self) -> bool {
        read(&self.folders.config.join("settings.toml")).is_ok_and(|text| text.is_some())
    }

    /// What to tell the user where the workspace has settings that are not read because the folder is not `trusted`.
    pub fn untrusted(&self, trusted: bool) -> Option<String> {
        let file = self.workspace_file().filter(|_| !trusted && self.workspace_text().is_some())?;
        Some(format!(
            "{} is not read, because this folder is not trusted or its settings have changed since. Look at it, then run \
             glossator.trust.",
            file.display()
        ))
    }

    /// The settings as they are now. The workspace's file counts only if the folder is trusted.
    pub fn load(&self, trusted: bool) -> Loaded {
        let mut layers = Vec::new();
        let mut unreadable = Vec::new();
        let mut add = |path: PathBuf| match read(&path) {
            Ok(Some(text)) => layers.push(Layer::Toml { name: path.display().to_string(), text }),
            Ok(None) => {}
            Err(message) => unreadable.push(Problem {
                layer: path.display().to_string(),
                line: None,
                key: String::new(),
                message,
            }),
        };
        add(self.folders.config.join("settings.toml"));
        if let Some(path) = self.workspace_file().filter(|_| trusted) {
            add(path);
        }
        layers.push(Layer::Json { name: "the editor's settings".to_owned(), value: self.editor.clone() });
        layers.push(Layer::Json { name: "the command line".to_owned(), value: self.command_line.clone() });
        let (settings, mut problems) = merge(&layers);
        problems.splice(0..0, unreadable);
        Loaded { settings, problems }
    }
}

/// The text of a settings file; `None` where there is none. The door to these files stands here.
#[allow(clippy::disallowed_methods)]
fn read(path: &Path) -> Result<Option<String>, String> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(format!("it cannot be read ({error})")),
    }
}
