//! What the user sends: words, places pointed at, images. Plain data.

use crate::Image;
use glossator_text::Range;
use serde::{Deserialize, Serialize};

/// A prompt that waits for its turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueuedPrompt {
    /// Its id, never used twice in a session: `Q3`.
    pub id: String,
    /// What the user wrote.
    pub input: Vec<InputPart>,
    /// When it was queued: milliseconds since the Unix epoch.
    pub at: i64,
}

/// A part of what the user sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum InputPart {
    /// Words.
    Text {
        /// As typed.
        text: String,
    },
    /// A file, or a part of one, that the user points at.
    Mention {
        /// Its URI.
        uri: String,
        /// The part; `None` for the whole file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        range: Option<Range>,
        /// The text in the range when the prompt was sent (a selection), so that later edits do not change the question.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// An image that the user shows.
    Image {
        /// The image.
        image: Image,
        /// What it is called, for models that cannot see it; may be empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        name: String,
    },
}
