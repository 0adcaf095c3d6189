//! The arguments of the commands: mostly an id as plain text, or an object that says more.

use crate::{ExportFormat, Grant, Position, Range};
use serde::{Deserialize, Serialize};

/// The argument of `glossator.ask`, `glossator.queue` and `glossator.steer`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged)]
pub enum AskArgument {
    /// The prompt alone.
    Text(String),
    /// The prompt and what it is about.
    Full {
        /// The prompt.
        text: String,
        /// A file it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        uri: Option<String>,
        /// The part of the file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        range: Option<Range>,
    },
    /// What is written in a prompt document; not for `glossator.ask`.
    Document {
        /// The prompt document.
        uri: String,
    },
}

/// The argument of `glossator.edit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct EditArgument {
    /// The file.
    pub uri: String,
    /// The selection.
    pub range: Range,
    /// The prompt; left out where the client had no way to ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub text: Option<String>,
}

/// The argument of `glossator.send` and `glossator.applyReview`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SendArgument {
    /// The prompt or review document; left out: the only one that is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub uri: Option<String>,
}

/// The argument of the commands about a turn: `undoTurn`, `redoTurn`, `keepAll`, `rejectAll`, `fork`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum TurnArgument {
    /// The turn's id.
    Id(String),
    /// The same as an object.
    Full {
        /// The turn's id.
        turn_id: String,
        /// Its session; left out: the one that this client went on with last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        session_id: Option<String>,
    },
}

/// The argument of `glossator.approve` and `glossator.deny`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum AnswerArgument {
    /// The ask's id.
    Id(String),
    /// With more to say.
    Full {
        /// The ask; left out: the only pending one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        ask_id: Option<String>,
        /// How long a yes holds; `once` when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        grant: Option<Grant>,
        /// What the user has to say to the model.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        message: Option<String>,
        /// With a yes to an edit whose ask has hunks: the numbers of those to be made; all, if it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        hunks: Option<Vec<usize>>,
        /// Decides about this hunk of an edit alone, by its number; the ask is answered when that was done for every one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        hunk: Option<usize>,
    },
}

/// The argument of `glossator.cancelTask`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum TaskArgument {
    /// The task's id.
    Id(String),
    /// The same as an object.
    Full {
        /// The task's id.
        id: String,
        /// Its session; needed only where tasks of several sessions have the same id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        session_id: Option<String>,
    },
}

/// The argument of `glossator.review`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum ReviewArgument {
    /// The turn's id.
    Id(String),
    /// The same as an object.
    Full {
        /// The turn's id.
        turn_id: String,
        /// Its session; left out: the one that this client went on with last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        session_id: Option<String>,
        /// A hunk of it to show first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        hunk: Option<String>,
    },
}

/// The argument of `glossator.keepHunk`, `rejectHunk`, `reopenHunk` and `showHunk`: hunks by their ids, or a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum HunkArgument {
    /// The hunk's id; or `src/a.rs:12`, a file (its URI, or its path as the user knows it) and a line of it, from 1.
    Id(String),
    /// Hunks by their ids.
    Named {
        /// The ids.
        hunks: Vec<String>,
        /// Their session; left out: the one that this client went on with last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        session_id: Option<String>,
    },
    /// The hunk at a place.
    At {
        /// The document: a file with hunks, or a review document.
        uri: String,
        /// The place in it.
        position: Position,
    },
}

/// A place in a document; the argument of `glossator.nextHunk`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged)]
pub enum PlaceArgument {
    /// `src/a.rs:12`: a file (its URI, or its path as the user knows it) and a line of it, from 1.
    Line(String),
    /// A place in an open document.
    At {
        /// The document.
        uri: String,
        /// The place in it.
        position: Position,
    },
}

/// The argument of `glossator.keepFile` and `glossator.rejectFile`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum FileArgument {
    /// The file's URI, or its path as the user knows it.
    Name(String),
    /// The same as an object.
    Full {
        /// The file's URI, or its path as the user knows it.
        uri: String,
        /// Only hunks of this session; left out: of every one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        session_id: Option<String>,
    },
}

/// The argument of the commands about a session: `resume`, `renameSession`, `archiveSession`, `deleteSession`,
/// `exportSession`, `compact`, `context`, `board`, `usage`. Each looks at the fields that mean something to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum SessionArgument {
    /// The word that the command needs most: `renameSession` takes it for the title, `exportSession` for the form,
    /// `context` for the turn, all others for the session's id.
    Word(String),
    /// The same as an object.
    Full {
        /// The session's id; left out: the one that this client went on with last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        session_id: Option<String>,
        /// For `renameSession`: what to call it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        title: Option<String>,
        /// For `exportSession`: the form.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        format: Option<ExportFormat>,
        /// For `context`: the turn.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        turn_id: Option<String>,
        /// For `context`: the round.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        round: Option<u32>,
        /// For `archiveSession`: `false` brings it back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        archived: Option<bool>,
        /// For `deleteSession`: the user has said yes already.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[cfg_attr(test, ts(as = "Option<bool>", optional))]
        confirmed: bool,
    },
}
