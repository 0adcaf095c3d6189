//! `glossator/board/...` and `glossator/cabinet/...`: the announcement board of a session and the filing cabinet of a
//! workspace.

use serde::{Deserialize, Serialize};

/// Parameters of `glossator/board/read`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ReadBoardParams {
    /// The session.
    pub session_id: String,
}

/// Result of `glossator/board/read`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ReadBoardResult {
    /// What the model is shown, oldest first.
    pub entries: Vec<BoardEntry>,
}

/// An entry of the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct BoardEntry {
    /// Its id on this board: `B3`.
    pub id: String,
    /// Where it comes from.
    pub source: BoardSource,
    /// What it is called.
    pub title: String,
    /// What it says; of a document of the cabinet its note.
    pub text: String,
    /// The key of the whole text, where that is more than `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub key: Option<String>,
    /// Length of that text in bytes; 0 without a key.
    #[serde(default)]
    #[cfg_attr(test, ts(type = "number"))]
    pub bytes: u64,
    /// Turns it is shown in, the one in which it was posted included.
    pub turns: u32,
}

/// Where an entry of the board comes from. Clients show kinds that they do not know like notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum BoardSource {
    /// A fetched page.
    Page,
    /// A turn that was pulled back.
    Turn,
    /// A task that ended.
    Task,
    /// A document of the cabinet.
    Cabinet,
    /// A note of the model or the user.
    Note,
}

/// Parameters of `glossator/board/post`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PostBoardParams {
    /// The session.
    pub session_id: String,
    /// What the entry is called, in one line.
    pub title: String,
    /// What it says.
    pub text: String,
    /// Turns it is shown in, from 1 to 50; left out: what the settings say (5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub turns: Option<u32>,
}

/// Result of `glossator/board/post`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PostBoardResult {
    /// The entry's id.
    pub id: String,
}

/// Parameters of `glossator/board/remove`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RemoveBoardParams {
    /// The session.
    pub session_id: String,
    /// The entry.
    pub id: String,
}

/// Result of `glossator/board/remove`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RemoveBoardResult {
    /// Whether it was there.
    pub removed: bool,
}

/// Parameters of `glossator/cabinet/list`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ListCabinetParams {}

/// Result of `glossator/cabinet/list`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ListCabinetResult {
    /// What is kept, oldest first.
    pub documents: Vec<CabinetDocument>,
    /// What could not be read, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<String>>", optional))]
    pub problems: Vec<String>,
}

/// A document of the cabinet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CabinetDocument {
    /// Its key: `F3`.
    pub key: String,
    /// What it is.
    pub note: String,
    /// Its length in bytes.
    #[cfg_attr(test, ts(type = "number"))]
    pub bytes: u64,
    /// When it was saved: milliseconds since the Unix epoch.
    #[cfg_attr(test, ts(type = "number"))]
    pub saved_at: i64,
    /// When it goes: milliseconds since the Unix epoch.
    #[cfg_attr(test, ts(type = "number"))]
    pub expires_at: i64,
}

/// Parameters of `glossator/cabinet/read` and `glossator/cabinet/delete`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CabinetKeyParams {
    /// The document.
    pub key: String,
}

/// Result of `glossator/cabinet/read`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ReadCabinetResult {
    /// The document.
    pub document: CabinetDocument,
    /// Its text.
    pub text: String,
}

/// Result of `glossator/cabinet/delete`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct DeleteCabinetResult {
    /// Whether it was there.
    pub deleted: bool,
}

/// Parameters of `glossator/cabinet/save`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SaveCabinetParams {
    /// The text, at most 16 megabytes (2^24 bytes).
    pub text: String,
    /// What it is, in a line: all that is seen of it in lists.
    pub note: String,
}

/// Result of `glossator/cabinet/save`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SaveCabinetResult {
    /// Its key.
    pub key: String,
}
