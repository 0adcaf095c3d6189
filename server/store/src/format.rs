//! The header of a log, its first line: it names the format and says what the session is. One item a line follows. Pure.

use crate::lines::can_be;
use glossator_session::{ItemId, SessionId, SystemPart, TurnId};
use serde::{Deserialize, Serialize};

/// The format that this version writes. 2: long texts stand in blobs, edits are written short, a fork's log holds only what
/// is its own. 1 is a format 2 that does none of this; it is read, and continued as 2.
pub const FORMAT_VERSION: u32 = 2;

const MAGIC: &str = "session";

/// What a session is from its start. Written once, never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionHead {
    /// Its id, also the name of its folder.
    pub id: SessionId,
    /// What it is called; empty: the first words of the first prompt.
    #[serde(default)]
    pub title: String,
    /// When it began: milliseconds since the Unix epoch.
    #[serde(default)]
    pub created_at: i64,
    /// The model: `provider/model`.
    #[serde(default)]
    pub model: String,
    /// The tool pack.
    #[serde(default)]
    pub pack: String,
    /// The tools that the pack came to when the session began, as the model was told of them; empty in older logs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// How the model calls tools (`script`, `native`, `both`); empty: as the settings say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub calling: String,
    /// How the history is told (`one-shot`: each turn has a context of its own); empty: whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub strategy: String,
    /// The session that this one is a fork of, and how far it goes; its items before that are the parent's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<ForkPoint>,
    /// The system layers as they were frozen when the session started, so that a resumed session sends the same bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<FrozenLayer>,
}

/// One system layer.
pub type FrozenLayer = SystemPart;

/// Where a fork leaves its parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForkPoint {
    /// The session it was taken from.
    pub session: SessionId,
    /// The last turn that both share; `T-0`: none.
    pub turn: TurnId,
    /// The last item that both share.
    pub item: ItemId,
}

#[derive(Serialize, Deserialize)]
struct HeaderLine<T> {
    glossator: String,
    format: u32,
    head: T,
}

/// A header as read.
#[derive(Debug)]
pub(crate) struct Header {
    pub format: u32,
    pub head: SessionHead,
}

/// The header as JSON, without newline.
pub(crate) fn header_json(head: &SessionHead) -> Result<Vec<u8>, serde_json::Error> {
    // JSON text never holds a bare newline, so one line is one value.
    serde_json::to_vec(&HeaderLine { glossator: MAGIC.to_owned(), format: FORMAT_VERSION, head })
}

/// Reads a header line; `Err` says why it is none.
pub(crate) fn parse_header(line: &[u8]) -> Result<Header, String> {
    let header: HeaderLine<SessionHead> =
        serde_json::from_slice(line).map_err(|error| format!("its first line is no header ({error})"))?;
    if header.glossator != MAGIC {
        return Err(format!("its first line names '{}' instead of a session", header.glossator));
    }
    if let Some(parent) = header.head.parent.as_ref().filter(|parent| !can_be(parent.item, parent.turn)) {
        return Err(format!("it cannot go on from item {} of {}", parent.item.0, parent.turn));
    }
    Ok(Header { format: header.format, head: header.head })
}
