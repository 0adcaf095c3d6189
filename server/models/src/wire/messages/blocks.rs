//! One open block of a Messages answer: grows by deltas, ends as a [`FinishedBlock`]. Knows nothing of the events
//! around it.

use super::NAME;
use crate::wire::WireNames;
use crate::{FinishedBlock, ModelEvent};
use glossator_session::{CallId, Raw};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// A block that has begun and not ended.
pub(super) enum Open {
    Text {
        text: String,
        citations: Vec<Box<RawValue>>,
    },
    Thinking {
        text: String,
        signature: String,
        rest: Map<String, Value>,
    },
    /// Complete from its start, and not to be shown.
    Redacted {
        json: String,
    },
    Call {
        id: CallId,
        name: String,
        start: Value,
        json: String,
    },
    Opaque {
        start: String,
        merged: Option<Map<String, Value>>,
        json: String,
    },
}

/// The start of any block, as far as this version knows it.
#[derive(Deserialize)]
struct Start {
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    citations: Option<Vec<Box<RawValue>>>,
    #[serde(default)]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    input: Value,
}

#[derive(Deserialize)]
struct ThinkingStart {
    #[serde(default)]
    thinking: Option<String>,
    #[serde(default)]
    signature: Option<String>,
    #[serde(default, rename = "type")]
    _kind: String,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// Any delta.
#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    thinking: String,
    #[serde(default)]
    signature: String,
    #[serde(default)]
    partial_json: String,
    #[serde(borrow, default)]
    citation: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct ThinkingBlock<'a> {
    r#type: &'static str,
    thinking: &'a str,
    signature: &'a str,
    #[serde(flatten)]
    rest: &'a Map<String, Value>,
}

#[derive(Serialize)]
struct CitedText<'a> {
    r#type: &'static str,
    text: &'a str,
    citations: &'a [Box<RawValue>],
}

impl Open {
    /// Opens a block from the `content_block` of its start event. What is no known kind, or not in its known shape, is
    /// kept as it is.
    pub(super) fn start(json: &str, names: &WireNames) -> Self {
        let opaque = || Self::Opaque { start: json.to_owned(), merged: None, json: String::new() };
        let Some(start) = object::<Start>(json) else {
            return opaque();
        };
        match start.r#type.as_str() {
            "text" => Self::Text {
                text: start.text.unwrap_or_default(),
                citations: start.citations.unwrap_or_default(),
            },
            "thinking" => match serde_json::from_str::<ThinkingStart>(json) {
                Ok(start) => Self::Thinking {
                    text: start.thinking.unwrap_or_default(),
                    signature: start.signature.unwrap_or_default(),
                    rest: start.rest,
                },
                Err(_) => opaque(),
            },
            "redacted_thinking" => Self::Redacted { json: json.to_owned() },
            "tool_use" => Self::Call {
                id: CallId(start.id),
                name: names.ours(&start.name),
                start: start.input,
                json: String::new(),
            },
            _ => opaque(),
        }
    }

    /// The block that a delta without a start belongs to, for gateways that leave starts out.
    pub(super) fn implied(delta: &str) -> Option<Self> {
        let delta: Delta<'_> = object(delta)?;
        match delta.r#type.as_str() {
            "text_delta" => Some(Self::Text { text: String::new(), citations: Vec::new() }),
            "thinking_delta" => {
                Some(Self::Thinking { text: String::new(), signature: String::new(), rest: Map::new() })
            }
            _ => None,
        }
    }

    /// What can be shown right at the start.
    pub(super) fn opening(&self, block: usize) -> Option<ModelEvent> {
        match self {
            Self::Text { text, .. } => text_event(block, text),
            Self::Thinking { text, .. } => reasoning_event(block, text),
            Self::Call { id, name, .. } => Some(call_event(block, id, name, "")),
            Self::Redacted { .. } | Self::Opaque { .. } => None,
        }
    }

    /// Takes in a delta. Unknown deltas change nothing, but in a block that is kept as it is.
    pub(super) fn delta(&mut self, block: usize, json: &str) -> Option<ModelEvent> {
        if let Self::Opaque { start, merged, json: partial } = self {
            merge(start, merged, partial, json);
            return None;
        }
        let delta: Delta<'_> = object(json)?;
        match (self, delta.r#type.as_str()) {
            (Self::Text { text, .. }, "text_delta") => {
                text.push_str(&delta.text);
                text_event(block, &delta.text)
            }
            (Self::Text { citations, .. }, "citations_delta") => {
                citations.extend(delta.citation.map(ToOwned::to_owned));
                None
            }
            (Self::Thinking { text, .. }, "thinking_delta") => {
                text.push_str(&delta.thinking);
                reasoning_event(block, &delta.thinking)
            }
            (Self::Thinking { signature, .. }, "signature_delta") => {
                signature.push_str(&delta.signature);
                None
            }
            (Self::Call { id, name, json, .. }, "input_json_delta") => {
                json.push_str(&delta.partial_json);
                (!delta.partial_json.is_empty()).then(|| call_event(block, id, name, &delta.partial_json))
            }
            _ => None,
        }
    }

    /// The finished block; `model` is the id the answer was asked from.
    pub(super) fn finish(self, model: &str) -> FinishedBlock {
        let raw = |json: String| Raw { wire: NAME.to_owned(), model: model.to_owned(), json };
        match self {
            Self::Text { text, citations } => {
                let cited = CitedText { r#type: "text", text: &text, citations: &citations };
                let json = (!citations.is_empty()).then(|| serde_json::to_string(&cited).ok()).flatten();
                FinishedBlock::Text { raw: json.map(raw), text }
            }
            Self::Thinking { text, signature, rest } => {
                let whole =
                    ThinkingBlock { r#type: "thinking", thinking: &text, signature: &signature, rest: &rest };
                let json = (!signature.is_empty()).then(|| serde_json::to_string(&whole).ok()).flatten();
                FinishedBlock::Reasoning { raw: json.map(raw), text }
            }
            Self::Redacted { json } => FinishedBlock::Reasoning { text: String::new(), raw: Some(raw(json)) },
            Self::Call { id, name, start, json } => {
                FinishedBlock::ToolCall { id, name, arguments: arguments(json, start) }
            }
            Self::Opaque { start, merged, json } => {
                FinishedBlock::Opaque { raw: raw(opaque(start, merged, json)) }
            }
        }
    }
}

/// An object of that shape; a list would pass for its fields in their order.
fn object<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
    serde_json::from_str(json).ok().filter(|_| json.trim_start().starts_with('{'))
}

fn text_event(block: usize, delta: &str) -> Option<ModelEvent> {
    (!delta.is_empty()).then(|| ModelEvent::Text { block, delta: delta.to_owned() })
}

fn reasoning_event(block: usize, delta: &str) -> Option<ModelEvent> {
    (!delta.is_empty()).then(|| ModelEvent::Reasoning { block, delta: delta.to_owned() })
}

fn call_event(block: usize, id: &CallId, name: &str, delta: &str) -> ModelEvent {
    ModelEvent::ToolCall { block, id: id.clone(), name: name.to_owned(), arguments_delta: delta.to_owned() }
}

/// Deltas win; without any, what the start held (some gateways send it all at once); else no arguments.
fn arguments(json: String, start: Value) -> Result<Value, String> {
    match json.trim() {
        "" if start.is_object() => Ok(start),
        "" => Ok(Value::Object(Map::new())),
        _ => serde_json::from_str(&json).map_err(|_| json),
    }
}

/// Takes a delta into a block of an unknown kind: texts grow, lists grow, everything else is replaced.
fn merge(start: &str, merged: &mut Option<Map<String, Value>>, partial: &mut String, delta: &str) {
    let Ok(delta) = serde_json::from_str::<Map<String, Value>>(delta) else {
        return;
    };
    for (key, value) in delta {
        match (key.as_str(), &value) {
            ("type", _) => continue,
            ("partial_json", Value::String(text)) => {
                partial.push_str(text);
                continue;
            }
            _ => {}
        }
        let fields = merged.get_or_insert_with(|| serde_json::from_str(start).unwrap_or_default());
        match (fields.get_mut(&key), value) {
            (Some(Value::String(have)), Value::String(more)) => have.push_str(&more),
            (Some(Value::Array(have)), Value::Array(more)) => have.extend(more),
            (_, value) => {
                fields.insert(key, value);
            }
        }
    }
}

/// The block's JSON: the very bytes of its start where no delta changed it.
fn opaque(start: String, merged: Option<Map<String, Value>>, partial: String) -> String {
    if merged.is_none() && partial.trim().is_empty() {
        return start;
    }
    let mut fields = merged.unwrap_or_else(|| serde_json::from_str(&start).unwrap_or_default());
    if let Ok(input) = serde_json::from_str::<Value>(&partial) {
        fields.insert("input".to_owned(), input);
    }
    serde_json::to_string(&fields).unwrap_or(start)
}
