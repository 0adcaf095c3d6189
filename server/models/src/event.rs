//! What a model says, the same for every wire: events while it speaks, finished blocks, and the fold over them.
//! Never provider JSON, but for the raw blocks that must go back as they came.

use crate::RateLimits;
use glossator_session::{CallId, Cost, Raw, Usage};
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::time::Duration;

/// One event of a model's answer. `block` is the provider's own index; deltas of one block come in order.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ModelEvent {
    /// An answer begins. Also a reset: whatever came before it (a gateway or this client tried again), finished
    /// blocks and usage included, is void and must be discarded.
    Started {
        /// The model that serves, as the provider names it.
        model: Option<String>,
    },
    /// A fragment of text; never empty.
    Text {
        /// The block.
        block: usize,
        /// The fragment.
        delta: String,
    },
    /// A fragment of thinking that may be shown; never empty.
    Reasoning {
        /// The block.
        block: usize,
        /// The fragment.
        delta: String,
    },
    /// A native tool call begins (empty fragment) or goes on.
    ToolCall {
        /// The block.
        block: usize,
        /// The provider's call id.
        id: CallId,
        /// The tool, by our name.
        name: String,
        /// A fragment of the arguments' JSON text; may be cut anywhere.
        arguments_delta: String,
    },
    /// A block is complete.
    Block {
        /// The block.
        block: usize,
        /// All of it.
        finished: FinishedBlock,
    },
    /// Usage of this answer up to now: replaces the one before, does not add to it.
    Usage(Usage),
    /// What this answer costs up to now, as the provider itself says: replaces the one before.
    Cost(Cost),
    /// What the provider said of its limits at the head of an answer or a refusal; no part of the answer.
    RateLimits(RateLimits),
    /// The request failed in a way that may pass, and will be sent again after `wait`.
    Retrying {
        /// Which retry comes next, from 1.
        attempt: u32,
        /// How many there are at most.
        of: u32,
        /// The pause, as milliseconds in JSON.
        #[serde(rename = "waitMillis", serialize_with = "millis")]
        wait: Duration,
        /// Why, for people.
        reason: String,
    },
    /// The answer is complete; the last event.
    Stopped {
        /// Why the model stopped.
        reason: StopReason,
    },
}

fn millis<S: Serializer>(wait: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))
}

/// A complete block of an answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "is", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FinishedBlock {
    /// Text.
    Text {
        /// All of it; may be empty.
        text: String,
        /// The provider's block, only where the text alone does not say it all (citations).
        raw: Option<Raw>,
    },
    /// Thinking.
    Reasoning {
        /// What may be shown; often empty.
        text: String,
        /// The provider's block, to be sent back. `None` when it must not be (no signature: the answer was cut).
        raw: Option<Raw>,
    },
    /// A native tool call.
    ToolCall {
        /// The provider's call id.
        id: CallId,
        /// The tool, by our name.
        name: String,
        /// The arguments, or the model's text where that is not JSON.
        arguments: Result<Value, String>,
    },
    /// A block of the provider's own (a search of its own, a compaction, a kind yet unknown): nothing to show, to be
    /// sent back.
    Opaque {
        /// The block.
        raw: Raw,
    },
}

/// Why a model stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum StopReason {
    /// It was done.
    EndTurn,
    /// The output limit cut it.
    MaxTokens,
    /// It wrote one of the stop sequences.
    StopSequence {
        /// Which.
        sequence: Option<String>,
    },
    /// It waits for tool results.
    ToolUse,
    /// A tool loop of the provider's own paused: send the answer back unchanged to go on.
    PauseTurn,
    /// The provider refused; what was written must be discarded.
    Refusal {
        /// Its category, where told.
        category: Option<String>,
        /// Its explanation, where told.
        explanation: Option<String>,
    },
    /// The context window is full.
    ContextWindow,
    /// A reason this version does not know: the end, with a warning.
    Other {
        /// As the provider names it.
        name: String,
    },
}

/// The fold over the events of one request: what stands at any moment.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Assembled {
    /// The model that serves, as the provider names it.
    pub model: Option<String>,
    /// Finished blocks, in order.
    pub blocks: Vec<FinishedBlock>,
    /// Usage of the answer.
    pub usage: Usage,
    /// What the provider itself says that it costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// Why the model stopped; `None` while it has not.
    pub stop: Option<StopReason>,
}

impl Assembled {
    /// Takes in one event.
    pub fn push(&mut self, event: &ModelEvent) {
        match event {
            ModelEvent::Started { model } => *self = Self { model: model.clone(), ..Self::default() },
            ModelEvent::Block { finished, .. } => self.blocks.push(finished.clone()),
            ModelEvent::Usage(usage) => self.usage = *usage,
            ModelEvent::Cost(cost) => self.cost = Some(cost.clone()),
            ModelEvent::Stopped { reason } => self.stop = Some(reason.clone()),
            ModelEvent::Text { .. }
            | ModelEvent::Reasoning { .. }
            | ModelEvent::ToolCall { .. }
            | ModelEvent::RateLimits(_)
            | ModelEvent::Retrying { .. } => {}
        }
    }

    /// The text of all text blocks, one after the other.
    pub fn text(&self) -> String {
        self.blocks
            .iter()
            .filter_map(|block| match block {
                FinishedBlock::Text { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }
}
