//! What a model is sent, before any wire gives it a shape, and what a request cost.

use crate::{CallId, ToolSpec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One model request. The same prompt always encodes to the same bytes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Prompt {
    /// The stable layers, most stable first.
    pub system: Vec<SystemPart>,
    /// Tools offered natively; empty where scripts are the only way to call.
    pub tools: Vec<ToolSpec>,
    /// History and current turn, oldest first.
    pub messages: Vec<Message>,
}

/// One layer of the system text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SystemPart {
    /// The layer's name (`instructions`, `toolReference`, `project`, `environment`).
    pub layer: String,
    /// Its text.
    pub text: String,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// The user, and everything that is told to the model.
    User,
    /// The model.
    Assistant,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub parts: Vec<Part>,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Part {
    /// Text.
    Text {
        /// Not empty.
        text: String,
    },
    /// A block of the provider's own, sent back as it was to the same wire and model, and left out elsewhere.
    Raw {
        /// The block.
        raw: Raw,
    },
    /// A native tool call of the model.
    ToolCall {
        /// The provider's call id.
        id: CallId,
        /// Tool name as the model wrote it.
        name: String,
        /// Arguments.
        arguments: Value,
    },
    /// The outcome of a native tool call.
    ToolOutput {
        /// The call.
        id: CallId,
        /// What the model reads.
        text: String,
        /// Images that belong to it; models that cannot see are told so in words by the wire.
        images: Vec<Image>,
        /// Whether the call failed.
        is_error: bool,
    },
    /// An image that the user or the harness shows.
    Image {
        /// The image.
        image: Image,
    },
}

/// An image as wires carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
    pub media_type: String,
    /// The bytes in base64 (standard alphabet, padded).
    pub data: String,
}

/// A provider's own block, kept so that it can be sent back byte for byte.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Raw {
    /// The wire that made it (`messages`).
    pub wire: String,
    /// The model id it was asked from.
    pub model: String,
    /// The block as JSON text.
    pub json: String,
}

/// What a request or several cost, by the prices the catalogue or the settings hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// Millionths of a US dollar.
    pub micro_usd: u64,
    /// The day the prices are of: `2026-11-20`; `provider` when the provider itself said the sum.
    pub prices_of: String,
}

/// Tokens of one request or of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Usage {
    /// Input tokens that were neither read from nor written to a cache.
    pub input: u64,
    /// Input tokens read from a cache.
    pub cache_read: u64,
    /// Input tokens written to a cache.
    pub cache_write: u64,
    /// Output tokens, reasoning included.
    pub output: u64,
    /// Output tokens spent on reasoning.
    pub reasoning: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        // What a log says may be anything.
        for (sum, more) in [
            (&mut self.input, other.input),
            (&mut self.cache_read, other.cache_read),
            (&mut self.cache_write, other.cache_write),
            (&mut self.output, other.output),
            (&mut self.reasoning, other.reasoning),
        ] {
            *sum = sum.saturating_add(more);
        }
    }
}

impl Usage {
    /// All tokens, read from a cache or not, in or out.
    pub fn total(&self) -> u64 {
        let parts = [self.cache_read, self.cache_write, self.output];
        parts.into_iter().fold(self.input, u64::saturating_add)
    }
}

impl std::ops::AddAssign<&Cost> for Cost {
    fn add_assign(&mut self, other: &Cost) {
        self.micro_usd = self.micro_usd.saturating_add(other.micro_usd);
        if self.prices_of.is_empty() {
            self.prices_of.clone_from(&other.prices_of);
        }
    }
}
