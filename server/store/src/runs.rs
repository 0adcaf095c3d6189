//! What is kept of a one-shot run beside its session: which session it is, and what its log held when it was last looked at.
//! One process at a time works on an epic. Does not know what the texts mean.

use crate::folder::{make_private, private_file, write_whole};
use crate::lock::Lock;
use crate::{Store, StoreError};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// What is kept of the runs of one epic. While it is held no other process gets it.
#[derive(Debug)]
pub struct HeldRun {
    folder: PathBuf,
    _lock: Lock,
}

impl Store {
    /// Takes hold of the runs of `epic`, a canonical path.
    ///
    /// # Errors
    /// Another process holds it, and whatever the disk says.
    pub fn hold_run(&self, epic: &Path) -> Result<HeldRun, StoreError> {
        let hash = blake3::hash(epic.as_os_str().as_encoded_bytes()).to_hex();
        let runs = self.folder().join("runs");
        let folder = runs.join(&hash.as_str()[..16]);
        make_private(self.state_dir(), false)?;
        make_private(&self.state_dir().join("workspaces"), true)?;
        for own in [self.folder(), &runs, &folder] {
            make_private(own, true)?;
        }
        match Lock::take(&folder, "run") {
            Ok(lock) => Ok(HeldRun { folder, _lock: lock }),
            Err(StoreError::Busy { owner, .. }) => Err(StoreError::Refused(format!(
                "another `glossator run` of {} is at work ({owner}); wait until it ends, or stop it with Ctrl-C",
                epic.display()
            ))),
            Err(other) => Err(other),
        }
    }
}

impl HeldRun {
    /// A text that was kept; `None` where there is none.
    ///
    /// # Errors
    /// Whatever the disk says, and a text that is none.
    pub fn read(&self, name: &str) -> Result<Option<String>, StoreError> {
        let path = self.folder.join(name);
        let mut text = String::new();
        match private_file().read(true).open(&path).and_then(|mut file| file.read_to_string(&mut text)) {
            Ok(_) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io("read", &path)(error)),
        }
    }

    /// Keeps a text whole, in place of what was kept under this name. Gives where it is.
    ///
    /// # Errors
    /// Whatever the disk says; then what was kept still is.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf, StoreError> {
        let path = self.folder.join(name);
        write_whole(&path, text.as_bytes())?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_at_a_time_and_texts_that_stay() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("state"), folder.path()).unwrap();
        let epic = folder.path().join("EPIC.md");
        let held = store.hold_run(&epic).unwrap();
        assert_eq!(held.read("run.json").unwrap(), None);
        held.write("run.json", "{}").unwrap();
        let other = store.hold_run(&epic).unwrap_err().to_string();
        assert!(other.contains("EPIC.md") && other.contains("this process"), "{other}");
        // Another epic is nobody's business.
        drop(store.hold_run(&folder.path().join("OTHER.md")).unwrap());
        drop(held);
        assert_eq!(store.hold_run(&epic).unwrap().read("run.json").unwrap().as_deref(), Some("{}"));
    }
}
