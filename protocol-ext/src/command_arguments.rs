//! The arguments of the commands of chat, code and choices: mostly a word as plain text, or an object that says more.

use crate::{Position, Range};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The argument of `glossator.chat`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum ChatArgument {
    /// The session's id.
    Id(String),
    /// The same as an object.
    Full {
        /// The session's id; left out: the one that this client works in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        session_id: Option<String>,
        /// Whether the documents are shown; left out: they are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        show: Option<bool>,
    },
}

/// The argument of `glossator.stop`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum StopArgument {
    /// The session's id.
    Id(String),
    /// The same as an object.
    Full {
        /// The session's id; left out: the one that this client works in, else another one that runs for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        session_id: Option<String>,
        /// The turn that is meant: another one is not stopped. Left out: the one that runs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        turn_id: Option<String>,
    },
}

/// The argument of `glossator.fix`, `explain`, `tests`, `document`, `reviewCode` and `doComment`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum CodeArgument {
    /// `src/a.rs:12`: a file (its URI, or its path as the user knows it), and a line of it, from 1, if one is meant.
    Place(String),
    /// The same as an object.
    Full {
        /// The file.
        uri: String,
        /// The part of it; left out: all of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        range: Option<Range>,
        /// What the user adds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        text: Option<String>,
        /// For `fix`: the diagnostics that are meant, as LSP has them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional, type = "Array<unknown>"))]
        diagnostics: Option<Vec<Value>>,
    },
}

/// The argument of `glossator.forkHere`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum ForkHereArgument {
    /// The turn's id.
    Id(String),
    /// The same as an object.
    Turn {
        /// The turn's id.
        turn_id: String,
        /// Its session; left out: the one that this client went on with last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        session_id: Option<String>,
    },
    /// A place in a transcript.
    At {
        /// The transcript, or a page of it.
        uri: String,
        /// The place in it.
        position: Position,
    },
}

/// The argument of `glossator.open`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum OpenArgument {
    /// The id: `T-12`, `S12-1-1.2`, `C3.2`, `K3`, `B2`, `T-12.diff`, `chat-3.md`.
    Id(String),
    /// The same as an object.
    Full {
        /// The id.
        id: String,
        /// Its session; left out: the one that this client went on with last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        session_id: Option<String>,
        /// For `#57`, an item of the log: its turn.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        turn_id: Option<String>,
    },
    /// A place in a document of Glossator's.
    At {
        /// The document.
        uri: String,
        /// The place in it.
        position: Position,
    },
}

/// The argument of `glossator.applyBlock`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum BlockArgument {
    /// The code block at a place of a transcript.
    At {
        /// The transcript, or a page of it.
        uri: String,
        /// The place in it.
        position: Position,
    },
    /// A code block itself.
    Text {
        /// What is in it.
        text: String,
        /// What follows its opening fence: `rust src/walk.rs`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        info: Option<String>,
        /// The session whose answer it is of; left out: the one that this client went on with last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        session_id: Option<String>,
        /// The file that it is for; left out: the one that the block names, else the one that the user is in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        target: Option<String>,
        /// The part of the file that it is to replace.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        range: Option<Range>,
    },
}

/// The argument of `glossator.model`, `pack` and `policy`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum ChoiceArgument {
    /// What is chosen; empty takes a choice back.
    Value(String),
    /// The same as an object.
    Full {
        /// What is chosen; empty takes a choice back; left out: what there is to choose from is shown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        value: Option<String>,
        /// The session that it is chosen for; left out: the one that this client works in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        session_id: Option<String>,
    },
}

/// The argument of `glossator.login` and `glossator.logout`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum ProviderArgument {
    /// The provider's slug.
    Slug(String),
    /// The same as an object.
    Full {
        /// The provider's slug.
        provider: String,
        /// For `login`: the key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        key: Option<String>,
    },
}

/// Names the provider, never the key.
impl std::fmt::Debug for ProviderArgument {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (ProviderArgument::Slug(provider) | ProviderArgument::Full { provider, .. }) = self;
        out.debug_tuple("ProviderArgument").field(provider).finish()
    }
}

/// The argument of `glossator.answer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum QuestionArgument {
    /// The answer to the only open question.
    Answer(String),
    /// The same as an object.
    Full {
        /// The question; left out: the only open one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        ask_id: Option<String>,
        /// The answer; left out: what is written in the prompt document, which is opened if nothing is written there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        answer: Option<String>,
    },
}
