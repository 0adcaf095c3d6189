//! Documents of ours that an editor shows: in the folder of their session, or of the workspace. Made anew each time; no
//! state lives in them.

use crate::folder::{make_private, private_file, write_whole};
use crate::store::check_id;
use crate::{Store, StoreError};
use glossator_session::SessionId;
use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::{Path, PathBuf};

impl Store {
    /// Where the document `name` of a session is, or one of the workspace; its folder is made if it is not there yet.
    ///
    /// # Errors
    /// A name that is more than a file's, an id that is none, and whatever the disk says.
    pub fn document(&self, session: Option<&SessionId>, name: &str) -> Result<PathBuf, StoreError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        if name.is_empty() || name.starts_with('.') || !name.chars().all(fits) {
            let path = PathBuf::from(name);
            return Err(StoreError::Unsafe { path, why: "it is no name of a document".to_owned() });
        }
        make_private(self.state_dir(), false)?;
        make_private(&self.state_dir().join("workspaces"), true)?;
        make_private(self.folder(), true)?;
        let Some(id) = session else { return Ok(self.folder().join(name)) };
        let sessions = self.folder().join("sessions");
        make_private(&sessions, true)?;
        let folder = sessions.join(check_id(id)?);
        make_private(&folder, true)?;
        Ok(folder.join(name))
    }

    /// Writes a document whole; gives its path.
    ///
    /// # Errors
    /// As [`Store::document`].
    pub fn write_document(
        &self,
        session: Option<&SessionId>,
        (name, text): (&str, &str),
    ) -> Result<PathBuf, StoreError> {
        let path = self.document(session, name)?;
        write_whole(&path, text.as_bytes())?;
        Ok(path)
    }

    /// An empty document to be written bit by bit, for a long one.
    ///
    /// # Errors
    /// As [`Store::document`].
    pub fn create_document(
        &self,
        session: Option<&SessionId>,
        name: &str,
    ) -> Result<(PathBuf, File), StoreError> {
        let path = self.document(session, name)?;
        let opened = private_file().write(true).create(true).truncate(true).open(&path);
        Ok((path.clone(), opened.map_err(StoreError::io("write", &path))?))
    }
}

/// A file that the user wants to be imported.
///
/// # Errors
/// Where it cannot be opened, or is no file.
pub fn open_import(path: &Path) -> Result<BufReader<File>, StoreError> {
    // Looked at before it is opened: to open a pipe would wait for its other end.
    let meta = std::fs::metadata(path).map_err(StoreError::io("read", path))?;
    if !meta.is_file() {
        let error = std::io::Error::new(ErrorKind::InvalidInput, "it is not a file");
        return Err(StoreError::io("read", path)(error));
    }
    Ok(BufReader::new(File::open(path).map_err(StoreError::io("read", path))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_lie_in_the_folder_of_their_session() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("state"), folder.path()).unwrap();
        let id = SessionId::from("s-1");
        let path = store.write_document(Some(&id), ("T-3-context.md", "text")).unwrap();
        assert_eq!(path, store.document(Some(&id), "T-3-context.md").unwrap());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "text");
        assert!(path.parent().unwrap().ends_with("sessions/s-1"));
        let whole = store.write_document(None, ("sessions.md", "")).unwrap();
        assert_eq!(whole.parent(), Some(store.folder()));
    }

    #[test]
    fn names_that_are_more_than_a_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("state"), folder.path()).unwrap();
        for name in ["", ".", "..", "../a", "a/b", "a\\b", "a\0", ".hidden", "log jsonl"] {
            assert!(store.document(None, name).is_err(), "{name:?}");
        }
        for id in ["", "..", "a/b"] {
            assert!(store.document(Some(&SessionId::from(id)), "a.md").is_err(), "{id:?}");
        }
    }

    #[test]
    fn only_files_are_imported() {
        let folder = tempfile::tempdir().unwrap();
        assert!(open_import(folder.path()).unwrap_err().to_string().contains("not a file"));
        assert!(open_import(&folder.path().join("none")).is_err());
    }
}
