//! Why an index cannot be used, and whether another one would do.

use rusqlite::ErrorCode;
use std::io;

/// Why the index could not be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IndexError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error("it was made by another version ({0})")]
    Version(i64),
    #[error("another process is making it anew")]
    Held,
}

impl IndexError {
    /// Whether the file itself is no good, so that it has to be made anew.
    pub fn is_broken(&self) -> bool {
        match self {
            IndexError::Version(_) => true,
            IndexError::Sqlite(rusqlite::Error::SqliteFailure(failure, message)) => match failure.code {
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => true,
                // A table or column that is not there.
                ErrorCode::Unknown => message.as_ref().is_some_and(|words| words.starts_with("no such")),
                _ => false,
            },
            _ => false,
        }
    }
}
