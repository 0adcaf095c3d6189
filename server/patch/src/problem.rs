//! What is wrong with a patch, told so that a person or a model can mend it.

use serde::Serialize;

/// One thing that is wrong with a patch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The path as written, when the problem belongs to one file.
    pub file: Option<String>,
    /// One-based number of the chunk within its file section.
    pub chunk: Option<usize>,
    /// What is wrong and what to do; may have several lines.
    pub message: String,
}

impl Problem {
    pub(crate) fn of_patch(message: impl Into<String>) -> Problem {
        Problem { file: None, chunk: None, message: message.into() }
    }

    pub(crate) fn of_file(file: &str, message: impl Into<String>) -> Problem {
        Problem { file: Some(file.to_owned()), chunk: None, message: message.into() }
    }

    pub(crate) fn of_chunk(file: &str, chunk: usize, message: impl Into<String>) -> Problem {
        Problem { file: Some(file.to_owned()), chunk: Some(chunk), message: message.into() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.file, self.chunk) {
            (Some(file), Some(chunk)) => write!(f, "{file}, chunk {chunk}: {}", self.message),
            (Some(file), None) => write!(f, "{file}: {}", self.message),
            (None, _) => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Problem {}
