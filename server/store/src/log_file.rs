//! The program's own log in the state folder: opened at the first line, so that a quiet start touches no disk.

use crate::StoreError;
use crate::folder::{make_private, private_file};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Bytes beyond which a log is set aside as `glossator.old.log` when it is next opened.
const CAP: u64 = 4 << 20;

/// A writer for `tracing`. What cannot be written is dropped: a log must never stop the work.
#[derive(Debug)]
pub struct LogFile {
    folder: PathBuf,
    open: Option<File>,
}

impl LogFile {
    /// The log in the state folder `state`: `logs/glossator.log`.
    pub fn new(state: &Path) -> LogFile {
        LogFile { folder: state.join("logs"), open: None }
    }

    fn file(&mut self) -> Result<&mut File, StoreError> {
        if self.open.is_none() {
            make_private(&self.folder, true)?;
            let path = self.folder.join("glossator.log");
            if fs::metadata(&path).is_ok_and(|meta| meta.len() > CAP) {
                // Where it cannot be set aside it goes on growing, which is better than losing it.
                let _ = fs::rename(&path, self.folder.join("glossator.old.log"));
            }
            let opened = private_file().append(true).create(true).open(&path);
            self.open = Some(opened.map_err(StoreError::io("open", &path))?);
        }
        self.open
            .as_mut()
            .ok_or(StoreError::Unsafe { path: self.folder.clone(), why: "it was not opened".to_owned() })
    }
}

impl Write for LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Ok(file) = self.file() {
            // One write a line: lines of several processes do not mix.
            let _ = file.write_all(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
