//! What can go wrong with stored state, in words that say what to do next.

use std::io;
use std::path::{Path, PathBuf};

/// Why state could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system said no. The agent can go on with [`crate::SessionLog::memory`].
    #[error("cannot {doing} {}: {source}. {}", path.display(), advice(source))]
    Io {
        /// What was tried: `create`, `write to`, ...
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The state folder is not ours alone.
    #[error(
        "{} is not safe to keep sessions in: {why}. Fix that, or choose another folder with GLOSSATOR_STATE_DIR",
        path.display()
    )]
    Unsafe {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Another process writes this session. It can still be read.
    #[error(
        "session {session} is being written by {owner}. Go on there, close it, or begin a new session here (this one can \
         still be read)"
    )]
    Busy {
        /// The session.
        session: String,
        /// Who holds it: `process 4711`.
        owner: String,
    },
    /// There is no such session in this workspace.
    #[error(
        "there is no session {session} in this workspace; `glossator/session/list` shows those that exist"
    )]
    Missing {
        /// The id asked for.
        session: String,
    },
    /// A session with this id exists already.
    #[error("session {session} exists already; begin the new one with another id")]
    Exists {
        /// The id.
        session: String,
    },
    /// The id would not be a safe folder name.
    #[error("'{session}' is not a session id: ids hold letters, digits, '-' and '_' only, at most 64")]
    BadId {
        /// The id asked for.
        session: String,
    },
    /// The log was written by a newer version.
    #[error(
        "session {session} was written in format {found}, and this version writes format {known}: it can be read but not \
         continued. Update Glossator, or begin a new session"
    )]
    Newer {
        /// The session.
        session: String,
        /// The format of the log.
        found: u32,
        /// The format of this version.
        known: u32,
    },
    /// The log's first line cannot be read, so that nothing may be added to it.
    #[error("{} cannot be continued: {why}. Begin a new session; the file is left as it is", path.display())]
    Damaged {
        /// The log.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// An item is out of order: a mistake of the caller.
    #[error("item {given} cannot be stored: the next item of this session is {expected}")]
    Gap {
        /// The id that came.
        given: u64,
        /// The id that was due.
        expected: u64,
    },
    /// A text is too long to be kept.
    #[error("a text of {bytes} bytes cannot be kept: at most {most} bytes can")]
    TooLong {
        /// Its length.
        bytes: u64,
        /// The most that is kept.
        most: u64,
    },
    /// Nothing is kept under this key.
    #[error("there is no text under the key '{key}'; keys look like K3, and each session has its own")]
    NoText {
        /// The key asked for.
        key: String,
    },
    /// A database of what can be found anew (the index, fetched pages) cannot be used.
    #[error("cannot use {}: {why}. It holds nothing that cannot be found again: delete it and try again", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        why: String,
    },
    /// What was asked for cannot be done: what, why, and what to do next.
    #[error("{0}")]
    Refused(String),
    /// An item could not be put into JSON.
    #[error("an item cannot be stored: {0}")]
    Encode(#[from] serde_json::Error),
}

impl StoreError {
    pub(crate) fn io<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> StoreError + 'a {
        move |source| StoreError::Io { doing, path: path.to_owned(), source }
    }
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "The disk is full: free some space and try again; until then sessions are not stored"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "Make the folder writable, or choose another one with GLOSSATOR_STATE_DIR; until then sessions are not stored"
        }
        io::ErrorKind::Unsupported => {
            "The file system of this folder has no locks, or lacks something else that sessions need: name a folder on another \
             one in GLOSSATOR_STATE_DIR; until then sessions are not stored"
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "A file stands where a folder is needed: move it away, or choose another folder with GLOSSATOR_STATE_DIR"
        }
        _ => {
            "Check the folder, or choose another one with GLOSSATOR_STATE_DIR; until then sessions are not stored"
        }
    }
}
