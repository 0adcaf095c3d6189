//! Why a file cannot be read as text, for people and for models.
//! Only words; reads nothing.

use std::io;
use std::path::Path;

/// Why a file cannot be read as text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// There is no such file.
    #[error("{path} does not exist; list the folder or search for the file")]
    NotFound {
        /// Absolute path.
        path: String,
    },
    /// It is a folder.
    #[error("{path} is a folder; list it instead")]
    Directory {
        /// Absolute path.
        path: String,
    },
    /// It is a socket, a pipe or a device.
    #[error("{path} is not a regular file (a pipe, socket or device), so it is not read")]
    Special {
        /// Absolute path.
        path: String,
    },
    /// It is not text.
    #[error("{path} is not text ({size} bytes of binary data); use a command that understands its format")]
    Binary {
        /// Absolute path.
        path: String,
        /// Bytes of the file.
        size: u64,
    },
    /// It is too large to be read whole.
    #[error(
        "{path} is too large to be read whole ({size} bytes, the limit is {limit}); search it, or cut a part out with a command"
    )]
    TooLarge {
        /// Absolute path.
        path: String,
        /// Bytes of the file.
        size: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// It is open, and a change of its buffer was lost: what the editor holds is not known.
    #[error("the editor's changes of {path} could not be followed; close and reopen it, or save and reload")]
    OutOfStep {
        /// Absolute path.
        path: String,
    },
    /// The operating system refused.
    #[error("{path} could not be read: {message}")]
    Io {
        /// Absolute path.
        path: String,
        /// The system's words.
        message: String,
    },
}

impl ReadError {
    pub(crate) fn io(path: &Path, error: &io::Error) -> ReadError {
        let path = path.to_string_lossy().into_owned();
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::NotFound { path },
            _ => ReadError::Io { path, message: error.to_string() },
        }
    }
}
