//! One chunk of a Chat Completions stream, read leniently: what servers disagree about stays raw until it is needed.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// The data of one event.
#[derive(Deserialize)]
pub(super) struct Chunk<'a> {
    #[serde(borrow, default)]
    pub model: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub choices: Option<Vec<Choice<'a>>>,
    #[serde(borrow, default)]
    pub usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    detail: Option<&'a RawValue>,
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
}

impl Chunk<'_> {
    /// Whether it reports a failure, in any of the shapes that servers have for that.
    pub fn is_error(&self) -> bool {
        let told = self.error.is_some_and(|error| !matches!(error.get(), "false" | "\"\"" | "null"));
        told || (self.choices.is_none() && (self.detail.is_some() || self.message.is_some()))
    }
}

/// One of the answers; there is only one.
#[derive(Deserialize)]
pub(super) struct Choice<'a> {
    #[serde(borrow, default)]
    pub index: Option<&'a RawValue>,
    #[serde(borrow, default)]
    delta: Option<&'a RawValue>,
    /// Instead of a delta, from servers that send it all at once.
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    finish_reason: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub error: Option<&'a RawValue>,
}

impl<'a> Choice<'a> {
    pub fn number(&self) -> u64 {
        self.index.and_then(|index| index.get().parse().ok()).unwrap_or(0)
    }

    /// What it adds; nothing when it has no known shape.
    pub fn delta(&self) -> Delta<'a> {
        let delta = self.delta.or(self.message);
        delta.and_then(|delta| serde_json::from_str(delta.get()).ok()).unwrap_or_default()
    }

    pub fn finish_reason(&self) -> Option<String> {
        Some(string(self.finish_reason)).filter(|reason| !reason.is_empty())
    }
}

/// What a chunk adds.
#[derive(Deserialize, Default)]
pub(super) struct Delta<'a> {
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
    #[serde(borrow, default)]
    reasoning: Option<&'a RawValue>,
    #[serde(borrow, default)]
    reasoning_content: Option<&'a RawValue>,
    #[serde(borrow, default)]
    reasoning_details: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tool_calls: Option<&'a RawValue>,
    #[serde(borrow, default)]
    function_call: Option<&'a RawValue>,
    #[serde(borrow, default)]
    refusal: Option<&'a RawValue>,
}

impl<'a> Delta<'a> {
    /// The text, and thinking among it where the text comes in parts.
    pub fn content(&self) -> (String, String) {
        match self.content {
            Some(raw) if raw.get().starts_with('[') => parts(raw),
            raw => (string(raw), String::new()),
        }
    }

    /// Both names mean the same; servers that send both send it twice.
    pub fn reasoning(&self) -> String {
        let text = string(self.reasoning_content);
        if text.is_empty() { string(self.reasoning) } else { text }
    }

    pub fn details(&self) -> Vec<&'a RawValue> {
        list(self.reasoning_details)
    }

    pub fn refusal(&self) -> String {
        string(self.refusal)
    }

    /// Fragments of calls; the old single call is one without an index.
    pub fn calls(&self) -> Vec<CallDelta<'a>> {
        let calls = list(self.tool_calls).into_iter();
        let mut calls: Vec<CallDelta<'a>> =
            calls.filter_map(|call| serde_json::from_str(call.get()).ok()).collect();
        calls.extend(
            self.function_call.map(|function| CallDelta { function: Some(function), ..CallDelta::default() }),
        );
        calls
    }
}

/// A fragment of a call.
#[derive(Deserialize, Default)]
pub(super) struct CallDelta<'a> {
    #[serde(borrow, default)]
    index: Option<&'a RawValue>,
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    function: Option<&'a RawValue>,
    #[serde(borrow, default)]
    custom: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub extra_content: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
struct Named<'a> {
    #[serde(borrow, default)]
    name: Option<&'a RawValue>,
    #[serde(borrow, default)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow, default)]
    input: Option<&'a RawValue>,
}

impl CallDelta<'_> {
    pub fn index(&self) -> Option<u64> {
        self.index.and_then(|index| index.get().parse().ok())
    }

    pub fn id(&self) -> String {
        string(self.id)
    }

    pub fn is_custom(&self) -> bool {
        self.custom.is_some()
    }

    /// The name and a fragment of the arguments; arguments that came as JSON are put into text.
    pub fn named(&self) -> (String, String) {
        let named = self.function.or(self.custom);
        let named: Named<'_> =
            named.and_then(|named| serde_json::from_str(named.get()).ok()).unwrap_or_default();
        let arguments = named.arguments.or(named.input);
        let text = match arguments {
            Some(raw) if !raw.get().starts_with('"') => raw.get().to_owned(),
            raw => string(raw),
        };
        (string(named.name), text)
    }
}

fn string(raw: Option<&RawValue>) -> String {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

fn list(raw: Option<&RawValue>) -> Vec<&RawValue> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

/// Text and thinking of content that comes as a list of parts.
fn parts(raw: &RawValue) -> (String, String) {
    let parts: Vec<Value> = serde_json::from_str(raw.get()).unwrap_or_default();
    let (mut text, mut thought) = (String::new(), String::new());
    for part in &parts {
        text.push_str(part["text"].as_str().unwrap_or_default());
        for inner in part["thinking"].as_array().into_iter().flatten() {
            thought.push_str(inner["text"].as_str().unwrap_or_default());
        }
    }
    (text, thought)
}
