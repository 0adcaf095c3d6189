//! Ids: newtypes, so that one kind is never taken for another. Making them (clock, randomness) is the caller's work.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

text_id! {
    /// One conversation; a UUID of version 7, so that ids sort by age.
    SessionId
}
text_id! {
    /// One of several agents in a session: its slug in the settings.
    AgentId
}
text_id! {
    /// One tool call or script, unique in its session. A call made by a script is named `<script id>.<n>`.
    CallId
}
text_id! {
    /// One question to the user.
    AskId
}
text_id! {
    /// One change set, unique in its session.
    ChangeSetId
}
text_id! {
    /// One hunk of a change set: `<change set>.<number from 1>`.
    HunkId
}

text_id! {
    /// The name under which a long text is kept with its session: `K` and a number from 1.
    FileKey
}

/// A turn's number in its session, from 1; shown as `T-183`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TurnId(pub u32);

impl fmt::Display for TurnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "T-{}", self.0)
    }
}

impl From<TurnId> for String {
    fn from(id: TurnId) -> String {
        id.to_string()
    }
}

impl TryFrom<String> for TurnId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.strip_prefix("T-")
            .and_then(|number| number.parse().ok())
            .map(TurnId)
            .ok_or_else(|| format!("'{text}' is not a turn id; turn ids look like T-12"))
    }
}

/// An item's place in its session's log, from 1, without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemId(pub u64);

impl HunkId {
    /// The change set it belongs to.
    pub fn change_set(&self) -> ChangeSetId {
        ChangeSetId(self.0.rsplit_once('.').map_or(self.0.as_str(), |(set, _)| set).to_owned())
    }
}
