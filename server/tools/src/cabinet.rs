//! The port to the file cabinet: documents of a workspace that outlive the sessions which put them there.
//! Only the port: where documents lie and when they go is the store's business.

use glossator_session::FileKey;

/// A document of the cabinet, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// Its key: `F` and a number.
    pub key: FileKey,
    /// What it is, in the words of whoever put it there.
    pub note: String,
    /// Length of its text in bytes.
    pub bytes: u64,
    /// When it was put there: milliseconds since the Unix epoch.
    pub saved_at: i64,
    /// When it goes: milliseconds since the Unix epoch.
    pub expires_at: i64,
}

/// The file cabinet. Calls may block on a disk. Every error is text for the model: what happened and why.
pub trait Cabinet: Send + Sync {
    /// Puts a text away and gives it a key; over 16 MiB it is refused.
    fn put(&self, text: &str, note: &str) -> Result<Filed, String>;
    /// A document and its text; `None`: there is none under this key (any more).
    fn get(&self, key: &FileKey) -> Result<Option<(Filed, String)>, String>;
    /// All documents, the oldest first.
    fn list(&self) -> Result<Vec<Filed>, String>;
    /// Takes a document away; whether there was one.
    fn delete(&self, key: &FileKey) -> Result<bool, String>;
}
