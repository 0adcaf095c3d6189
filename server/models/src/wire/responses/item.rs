//! A complete output item -> what it means for us. Pure; knows nothing of the events around it.

use super::NAME;
use crate::FinishedBlock;
use crate::failure::CUT;
use crate::wire::WireNames;
use glossator_session::{CallId, Raw};
use serde_json::{Map, Value};

/// The kinds of item that this version gives a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Message,
    Reasoning,
    Function,
    Custom,
    /// Kept as it is.
    Other,
}

/// Fields of a call that are said again by ours, or are the server's own bookkeeping.
const CALL_FIELDS: &[&str] = &["type", "id", "status", "call_id", "name", "arguments", "input"];
/// Fields of a message that its text and role say.
const MESSAGE_FIELDS: &[&str] = &["type", "id", "status", "role", "content"];
/// Fields of a text part that its text says.
const TEXT_FIELDS: &[&str] = &["type", "text"];

impl Kind {
    /// The kind of an item by its `type`.
    pub(super) fn of(item: &Value) -> Self {
        match item["type"].as_str().unwrap_or_default() {
            "message" => Self::Message,
            "reasoning" => Self::Reasoning,
            "function_call" => Self::Function,
            "custom_tool_call" => Self::Custom,
            _ => Self::Other,
        }
    }
}

/// What a complete item comes to.
pub(super) struct Finished {
    /// What can be shown of it: text, thinking, arguments.
    pub shown: String,
    /// Why the model refused, where it did.
    pub refusal: Option<String>,
    /// Its blocks: one, but for a call that our own form would not repeat exactly; its raw form goes first.
    pub blocks: Vec<FinishedBlock>,
}

impl Finished {
    fn plain(shown: &str, block: FinishedBlock) -> Self {
        Self { shown: shown.to_owned(), refusal: None, blocks: vec![block] }
    }

    /// The item in an answer that the output limit cut before its end.
    pub(super) fn cut(mut self) -> Self {
        for block in &mut self.blocks {
            if let FinishedBlock::ToolCall { arguments, .. } = block {
                *arguments = Err(CUT.to_owned());
            }
        }
        self
    }

    /// Fills an item that says nothing with what was shown of it. Its own form would send back less than that.
    pub(super) fn fill(&mut self, shown: &str) {
        self.shown = shown.to_owned();
        if self.blocks.iter().any(|block| matches!(block, FinishedBlock::ToolCall { .. })) {
            self.blocks.retain(|block| !matches!(block, FinishedBlock::Opaque { .. }));
        }
        for block in &mut self.blocks {
            match block {
                FinishedBlock::Text { text, raw } => (*text, *raw) = (shown.to_owned(), None),
                FinishedBlock::Reasoning { text, .. } => *text = shown.to_owned(),
                FinishedBlock::ToolCall { arguments: Ok(Value::String(input)), .. } => {
                    *input = shown.to_owned()
                }
                FinishedBlock::ToolCall { arguments: parsed, .. } if parsed.is_ok() => {
                    *parsed = arguments(shown);
                }
                FinishedBlock::ToolCall { .. } | FinishedBlock::Opaque { .. } => {}
            }
        }
    }
}

/// Where an item stands.
pub(super) struct Place<'a> {
    /// The id the answer was asked from.
    pub model: &'a str,
    /// Its number in the answer.
    pub index: usize,
    /// Whether thinking with an id stands before it in the answer: such thinking goes back only with the very item that
    /// it led to, known by its id.
    pub after_thinking: bool,
}

/// Reads `item`, whose very text is `json`.
pub(super) fn finish(item: &Value, json: &str, place: &Place<'_>, names: &WireNames) -> Finished {
    let raw = || Raw { wire: NAME.to_owned(), model: place.model.to_owned(), json: json.to_owned() };
    let bound = place.after_thinking && has_id(item);
    match Kind::of(item) {
        Kind::Message => message(item, bound, raw),
        Kind::Reasoning => {
            let text = thoughts(item);
            let block = FinishedBlock::Reasoning { text: text.clone(), raw: can_return(item).then(raw) };
            Finished::plain(&text, block)
        }
        Kind::Function | Kind::Custom => call(item, (place.index, bound), names, raw),
        Kind::Other => Finished::plain("", FinishedBlock::Opaque { raw: raw() }),
    }
}

/// The id and the tool's name of a call, as the wire calls it.
pub(super) fn call_id(item: &Value, index: usize) -> CallId {
    let told =
        [&item["call_id"], &item["id"]].into_iter().filter_map(Value::as_str).find(|id| !id.is_empty());
    CallId(told.map_or_else(|| format!("call_{index}"), ToOwned::to_owned))
}

/// The arguments of a call; no text means no arguments.
pub(super) fn arguments(text: &str) -> Result<Value, String> {
    match text.trim() {
        "" => Ok(Value::Object(Map::new())),
        _ => serde_json::from_str(text).map_err(|_| text.to_owned()),
    }
}

/// Whether an item is known by an id.
pub(super) fn has_id(item: &Value) -> bool {
    item["id"].as_str().is_some_and(|id| !id.is_empty())
}

/// Whether it is thinking that goes back with an id.
pub(super) fn binds(item: &Value) -> bool {
    Kind::of(item) == Kind::Reasoning && has_id(item) && can_return(item)
}

/// `bound`: it goes back with its id.
fn message(item: &Value, bound: bool, raw: impl Fn() -> Raw) -> Finished {
    let parts = item["content"].as_array().map_or(&[][..], Vec::as_slice);
    let all = |kind: &str, key: &str| -> String {
        parts.iter().filter(|part| part["type"] == kind).filter_map(|part| part[key].as_str()).collect()
    };
    let text = all("output_text", "text");
    let refusal = Some(all("refusal", "refusal")).filter(|refusal| !refusal.is_empty());
    let whole = only(item, MESSAGE_FIELDS)
        && parts.len() < 2
        && parts.iter().all(|part| part["type"] == "output_text" && only(part, TEXT_FIELDS));
    let block = FinishedBlock::Text { text: text.clone(), raw: (bound || !whole).then(raw) };
    Finished { refusal, ..Finished::plain(&text, block) }
}

fn call(item: &Value, (index, bound): (usize, bool), names: &WireNames, raw: impl Fn() -> Raw) -> Finished {
    let (id, name) = (call_id(item, index), names.ours(item["name"].as_str().unwrap_or_default()));
    let (text, value) = if Kind::of(item) == Kind::Custom {
        let text = text_of(&item["input"]);
        (text.clone(), Ok(Value::String(text)))
    } else {
        let text = text_of(&item["arguments"]);
        let value = if item["status"] == "incomplete" { Err(CUT.to_owned()) } else { arguments(&text) };
        (text, value)
    };
    let same = match &value {
        Ok(Value::String(input)) => *input == text,
        Ok(value) => {
            let ours = value.to_string();
            ours == text || text.trim().is_empty()
        }
        // Servers that read the arguments would fail on these, so they do not go back as they were.
        Err(_) => true,
    };
    let mut blocks = Vec::new();
    if bound || !(same && only(item, CALL_FIELDS)) {
        blocks.push(FinishedBlock::Opaque { raw: raw() });
    }
    blocks.push(FinishedBlock::ToolCall { id, name, arguments: value });
    Finished { shown: text, refusal: None, blocks }
}

/// A text, or the JSON of what some servers send in its place.
fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Summaries, then open thoughts, with a blank line between any two.
fn thoughts(item: &Value) -> String {
    let lists = [&item["summary"], &item["content"]].into_iter().filter_map(Value::as_array);
    let texts = lists.flatten().filter_map(|part| part["text"].as_str()).filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join("\n\n")
}

/// Whether thinking can be sent back: by its id alone nothing is found, as nothing is stored.
fn can_return(item: &Value) -> bool {
    let encrypted = item["encrypted_content"].as_str().is_some_and(|text| !text.is_empty());
    encrypted || item["content"].as_array().is_some_and(|parts| !parts.is_empty())
}

/// Whether an object holds nothing but these fields, apart from empty ones.
fn only(item: &Value, fields: &[&str]) -> bool {
    let empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    let object = item.as_object();
    object
        .is_none_or(|object| object.iter().all(|(key, value)| fields.contains(&key.as_str()) || empty(value)))
}
