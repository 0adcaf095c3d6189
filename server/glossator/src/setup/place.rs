//! Where editors keep their files and which programs there are, as the environment says. Looks whether files are
//! there, and reads none.
#![allow(clippy::disallowed_methods)] // The program reads its environment here, and looks for others.

use std::path::{Path, PathBuf};

/// The folders of this user and the program that runs.
pub struct Place {
    pub home: PathBuf,
    /// `$XDG_CONFIG_HOME`
    pub config: PathBuf,
    /// `$XDG_DATA_HOME`
    pub data: PathBuf,
    /// The folders of `PATH`.
    path: Vec<PathBuf>,
    /// This program.
    pub program: PathBuf,
}

impl Place {
    /// As the environment says.
    pub fn find() -> Result<Place, String> {
        let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = folder("HOME").ok_or("HOME names no folder; set it to your home folder")?;
        let program = std::env::current_exe().map_err(|error| {
            format!("where this program lies is not known ({error}); start it by its path")
        })?;
        Ok(Place {
            config: folder("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config")),
            data: folder("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share")),
            path: std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect(),
            home,
            program,
        })
    }

    /// A variable that is set and not empty.
    pub fn variable(name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    /// The program of this name on `PATH`.
    pub fn which(&self, name: &str) -> Option<PathBuf> {
        self.path.iter().map(|folder| folder.join(name)).find(|path| path.is_file())
    }

    /// How an editor starts the server: by name where `PATH` has it, else by the path of this program.
    pub fn server(&self) -> String {
        match self.which("glossator") {
            Some(_) => "glossator".to_owned(),
            None => shown(&self.program),
        }
    }

    /// What to know of [`Place::server`].
    pub fn server_note(&self) -> Option<String> {
        self.which("glossator")
            .is_none()
            .then(|| format!("`glossator` is not on PATH: the editor will start {}", shown(&self.program)))
    }
}

/// Whether a file is there.
pub fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// Whether a folder is there.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// A path as text.
pub fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
