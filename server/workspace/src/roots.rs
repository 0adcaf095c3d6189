//! The folders of one connection: which paths are inside, how a written path is found, how a path is shown.
//! Decides by where a path really leads; never opens a file.

use crate::physical::physical;
use std::path::{Component, Path, PathBuf};

/// The workspace folders, resolved, in the editor's order. A name stands for each when there are several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roots {
    folders: Vec<PathBuf>,
    names: Vec<String>,
    /// The program's own state, which may lie in a folder that the user opened.
    own: Option<PathBuf>,
}

/// Why a path is not one that may be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The path leads out of the workspace.
    #[error("{path} is outside the workspace (it leads to {}); use a path inside the workspace folders", .resolved.display())]
    Outside {
        /// As written.
        path: String,
        /// Where it leads.
        resolved: PathBuf,
    },
    /// The path lies in a `.git` folder.
    #[error(
        "{path} belongs to git's own data, which is never read or written as files; use git commands instead"
    )]
    Git {
        /// As written.
        path: String,
    },
    /// The path lies in Glossator's own state.
    #[error("{path} belongs to Glossator's own state, which is never read or written as files")]
    Own {
        /// As written.
        path: String,
    },
    /// A relative path, and no folder is open.
    #[error("{path} is relative, but no workspace folder is open; open a folder or use an absolute path")]
    NoFolder {
        /// As written.
        path: String,
    },
    /// No file can have this path.
    #[error("{path:?} is not a path: {reason}")]
    Invalid {
        /// As written.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The operating system refused to follow the path.
    #[error("{path} could not be looked up: {message}; check the path and its permissions")]
    Io {
        /// As written.
        path: String,
        /// The system's words.
        message: String,
    },
}

impl Roots {
    /// The folders, with symlinks resolved; a folder that is named twice counts once.
    pub fn new(folders: Vec<PathBuf>) -> Roots {
        let mut roots = Roots::default();
        for folder in folders {
            roots.add(&folder);
        }
        roots
    }

    /// The same folders without `own`, where this program keeps its state: nothing in it is read or written by a path.
    #[must_use]
    pub fn without(mut self, own: &Path) -> Roots {
        self.own = Some(physical(own).unwrap_or_else(|_| own.to_path_buf()));
        self
    }

    /// The resolved folders.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Adds a folder behind the others.
    pub fn add(&mut self, folder: &Path) {
        let folder = physical(folder).unwrap_or_else(|_| folder.to_path_buf());
        if !self.folders.contains(&folder) {
            self.folders.push(folder);
            self.rename();
        }
    }

    /// Removes a folder; nothing happens if it is not one of them.
    pub fn remove(&mut self, folder: &Path) {
        let folder = physical(folder).unwrap_or_else(|_| folder.to_path_buf());
        self.folders.retain(|other| *other != folder);
        self.rename();
    }

    /// The absolute path behind `path` as a model or user wrote it: absolute, or relative to the first folder, or (with
    /// several folders) beginning with a folder's name. Symlinks are resolved, also above a file that does not exist.
    pub fn resolve(&self, path: &str) -> Result<PathBuf, PathError> {
        let (resolved, inside) = self.resolve_any(path)?;
        if !inside {
            return Err(PathError::Outside { path: path.to_owned(), resolved });
        }
        if self.in_git(&resolved) {
            return Err(PathError::Git { path: path.to_owned() });
        }
        if self.is_own(&resolved) {
            return Err(PathError::Own { path: path.to_owned() });
        }
        Ok(resolved)
    }

    /// As [`Roots::resolve`], but outside and `.git` are allowed; tells whether the path is inside the workspace.
    pub fn resolve_any(&self, path: &str) -> Result<(PathBuf, bool), PathError> {
        if path.contains('\0') {
            return Err(PathError::Invalid { path: path.to_owned(), reason: "it holds a NUL character" });
        }
        let absolute = self.absolute(path)?;
        let resolved = physical(&absolute)
            .map_err(|error| PathError::Io { path: path.to_owned(), message: error.to_string() })?;
        let inside = self.root_of(&resolved).is_some();
        Ok((resolved, inside))
    }

    /// Where `path` leads when it is itself a link, and does not only stand below one.
    pub fn link(&self, path: &str) -> Option<PathBuf> {
        // Without a `/` or `/.` at the end, behind which the system would look at what the link leads to.
        let absolute: PathBuf = self.absolute(path).ok()?.components().collect();
        let is_link = std::fs::symlink_metadata(&absolute).is_ok_and(|found| found.file_type().is_symlink());
        is_link.then(|| physical(&absolute).ok()).flatten()
    }

    /// How `path` (resolved) is shown: relative to its folder with `/`, behind the folder's name when there are several;
    /// absolute when it is outside. A folder itself is `.`, or its name.
    pub fn display(&self, path: &Path) -> String {
        let Some(index) = self.root_of(path) else {
            return path.to_string_lossy().into_owned();
        };
        let inner = path.strip_prefix(&self.folders[index]).unwrap_or(path);
        let mut shown: Vec<String> = Vec::new();
        if self.folders.len() > 1 {
            shown.push(self.names[index].clone());
        }
        shown.extend(inner.components().map(|part| part.as_os_str().to_string_lossy().into_owned()));
        if shown.is_empty() { ".".to_owned() } else { shown.join("/") }
    }

    /// Whether `path` (resolved) lies in a `.git` folder, or is one, below its workspace folder.
    pub(crate) fn in_git(&self, path: &Path) -> bool {
        let inner = match self.root_of(path) {
            Some(index) => path.strip_prefix(&self.folders[index]).unwrap_or(path),
            None => path,
        };
        inner.components().any(|part| is_git(part.as_os_str()))
    }

    /// Where this program keeps its state (resolved).
    pub(crate) fn own(&self) -> Option<&Path> {
        self.own.as_deref()
    }

    /// Whether `path` (resolved) lies in this program's own state.
    pub(crate) fn is_own(&self, path: &Path) -> bool {
        self.own.as_ref().is_some_and(|own| path.starts_with(own))
    }

    /// Whether `path` (resolved) lies in one of the folders.
    pub(crate) fn contains(&self, path: &Path) -> bool {
        self.root_of(path).is_some()
    }

    /// The innermost folder that holds `path`.
    pub(crate) fn root_of(&self, path: &Path) -> Option<usize> {
        (0..self.folders.len())
            .filter(|&index| path.starts_with(&self.folders[index]))
            .max_by_key(|&index| self.folders[index].as_os_str().len())
    }

    fn absolute(&self, path: &str) -> Result<PathBuf, PathError> {
        let written = Path::new(path);
        if written.is_absolute() {
            return Ok(written.to_path_buf());
        }
        let Some(first) = self.folders.first() else {
            return Err(PathError::NoFolder { path: path.to_owned() });
        };
        if self.folders.len() > 1 {
            let mut parts = written.strip_prefix(Component::CurDir).unwrap_or(written).components();
            let name = parts.next().and_then(|part| part.as_os_str().to_str());
            let named = self.names.iter().position(|other| Some(other.as_str()) == name);
            if let Some(index) = named {
                return Ok(self.folders[index].join(parts.as_path()));
            }
        }
        Ok(first.join(written))
    }

    fn rename(&mut self) {
        self.names.clear();
        for folder in &self.folders {
            let base =
                folder.file_name().map_or_else(|| "root".into(), |name| name.to_string_lossy().into_owned());
            let names = &self.names;
            let fresh = (1..)
                .map(|n| if n == 1 { base.clone() } else { format!("{base}-{n}") })
                .find(|name| !names.contains(name));
            self.names.push(fresh.unwrap_or(base));
        }
    }
}

/// Whether a path part is git's own folder (or file, in a worktree), on any file system.
pub(crate) fn is_git(part: &std::ffi::OsStr) -> bool {
    part.eq_ignore_ascii_case(".git")
}
