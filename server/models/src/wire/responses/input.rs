//! History as input items. What came from this wire and model goes back as it came; everything else in our own form.
//! Pure; the same prefix of a history always gives the same items.

use super::item::has_id;
use crate::wire::history::{Block, Turn};
use glossator_session::{Image, Role};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashSet;

/// One input item.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Item<'a> {
    Thinking(Box<RawValue>),
    Raw(Box<RawValue>),
    Own(OwnItem<'a>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum OwnItem<'a> {
    Message {
        role: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        phase: Option<String>,
        content: Content<'a>,
    },
    FunctionCall {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        call_id: String,
        name: String,
        arguments: String,
    },
    CustomToolCall {
        call_id: String,
        name: String,
        input: &'a str,
    },
    FunctionCallOutput {
        call_id: String,
        output: Content<'a>,
    },
    CustomToolCallOutput {
        call_id: String,
        output: Content<'a>,
    },
}

impl OwnItem<'_> {
    /// A call of JSON arguments known by the `told` id, where there is one.
    fn with_id(mut self, told: &Value) -> Self {
        if let Self::FunctionCall { id, .. } = &mut self {
            *id = told.as_str().filter(|told| !told.is_empty()).map(ToOwned::to_owned);
        }
        self
    }
}

impl Item<'_> {
    fn has_id(&self) -> bool {
        match self {
            Self::Thinking(raw) | Self::Raw(raw) => {
                serde_json::from_str::<Value>(raw.get()).is_ok_and(|item| has_id(&item))
            }
            Self::Own(OwnItem::FunctionCall { id, .. }) => id.is_some(),
            Self::Own(_) => false,
        }
    }
}

/// Texts of the assistant are plain: strict servers take `output_text` parts only with the id of a message of theirs.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Content<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<Part<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Part<'a> {
    InputText { text: Cow<'a, str> },
    InputImage { image_url: String, detail: &'static str },
}

/// Turns history into items.
pub(super) struct Inputs<'t> {
    /// Tools that are called with plain text, by the wire's name.
    freeform: &'t HashSet<String>,
    /// Whether the model sees images.
    images: bool,
    /// Calls made with plain text.
    custom: HashSet<String>,
}

impl<'t> Inputs<'t> {
    pub(super) fn new(freeform: &'t HashSet<String>, images: bool) -> Self {
        Self { freeform, images, custom: HashSet::new() }
    }

    /// The items of all turns.
    pub(super) fn items<'a>(mut self, turns: Vec<Turn<'a>>) -> Vec<Item<'a>> {
        let mut items = Vec::new();
        for turn in turns {
            match turn.role {
                Role::User => self.user(turn.blocks, &mut items),
                Role::Assistant => self.assistant(turn.blocks, &mut items),
            }
        }
        items
    }

    fn user<'a>(&self, blocks: Vec<Block<'a>>, items: &mut Vec<Item<'a>>) {
        let mut parts = Vec::new();
        for block in blocks {
            match block {
                Block::Text(text) => parts.push(Part::InputText { text: text.into() }),
                Block::Image(image) => parts.push(self.image(image)),
                Block::Result { id, text, images, is_error, .. } => {
                    let output = self.output(text, images, is_error);
                    items.push(Item::Own(if self.custom.contains(&id) {
                        OwnItem::CustomToolCallOutput { call_id: id, output }
                    } else {
                        OwnItem::FunctionCallOutput { call_id: id, output }
                    }));
                }
                // Calls are the assistant's, and so is what providers make.
                Block::Raw(_) | Block::Call { .. } => {}
            }
        }
        if !parts.is_empty() {
            let content = Content::Parts(parts);
            items.push(Item::Own(OwnItem::Message { role: "user", phase: None, content }));
        }
    }

    fn assistant<'a>(&mut self, blocks: Vec<Block<'a>>, items: &mut Vec<Item<'a>>) {
        let mut thought = false;
        let first = items.len();
        // The raw form of the call that follows.
        let mut of_call: Option<(Box<RawValue>, Value)> = None;
        for block in blocks {
            let before = of_call.take();
            match block {
                Block::Raw(raw) => {
                    let json: Value = serde_json::from_str(raw.get()).unwrap_or_default();
                    match json["type"].as_str().unwrap_or_default() {
                        "function_call" | "custom_tool_call" => of_call = Some((raw, json)),
                        "reasoning" => {
                            thought = true;
                            items.push(Item::Thinking(raw));
                        }
                        // With its id a message demands the thinking that led to it.
                        "message" if !thought => items.extend(without_id(&json).map(Item::Own)),
                        _ => items.push(Item::Raw(raw)),
                    }
                }
                Block::Text(text) => {
                    let content = Content::Text(text.into());
                    items.push(Item::Own(OwnItem::Message { role: "assistant", phase: None, content }));
                }
                Block::Call { id, name, arguments } => {
                    let raw = before.filter(|(_, json)| json["call_id"] == id && json["name"] == name);
                    items.push(match raw {
                        // Servers that read the arguments would fail on such.
                        Some((_, json)) if is_broken(&json) => {
                            Item::Own(self.call(id, name, arguments).with_id(&json["id"]))
                        }
                        Some((raw, json)) => {
                            if json["type"] == "custom_tool_call" {
                                self.custom.insert(id);
                            }
                            Item::Raw(raw)
                        }
                        None => Item::Own(self.call(id, name, arguments)),
                    });
                }
                Block::Result { .. } | Block::Image(_) => {}
            }
        }
        while matches!(items.last(), Some(Item::Thinking(_))) {
            // Thinking demands what it led to; that was cut.
            items.pop();
        }
        unbind(&mut items[first..]);
    }

    fn call<'a>(&mut self, call_id: String, name: String, arguments: &'a Value) -> OwnItem<'a> {
        if let Value::String(input) = arguments
            && self.freeform.contains(&name)
        {
            self.custom.insert(call_id.clone());
            return OwnItem::CustomToolCall { call_id, name, input };
        }
        let arguments = match arguments {
            Value::Object(_) => arguments.to_string(),
            Value::Null => "{}".to_owned(),
            // Arguments are always an object; a call whose arguments were none is told as it was.
            other => serde_json::json!({"arguments": other}).to_string(),
        };
        OwnItem::FunctionCall { id: None, call_id, name, arguments }
    }

    /// What came of a call. This wire has no mark for failures: their text says it.
    fn output<'a>(&self, text: &'a str, images: &'a [Image], is_error: bool) -> Content<'a> {
        let text = if text.is_empty() && is_error { "The call failed without a word." } else { text };
        if images.is_empty() {
            return Content::Text(text.into());
        }
        let text = (!text.is_empty()).then(|| Part::InputText { text: text.into() });
        Content::Parts(text.into_iter().chain(images.iter().map(|image| self.image(image))).collect())
    }

    fn image<'a>(&self, image: &'a Image) -> Part<'a> {
        if self.images {
            let image_url = format!("data:{};base64,{}", image.media_type, image.data);
            return Part::InputImage { image_url, detail: "auto" };
        }
        let text = format!("[An image ({}) was left out: this model does not see images.]", image.media_type);
        Part::InputText { text: text.into() }
    }
}

/// Takes its id from thinking that the item after it does not answer with one of its own (an answer that was cut, a call
/// whose id came twice), and then from what else it led to: the server looks for the one by the other, and refuses the
/// request where either is missing.
fn unbind(items: &mut [Item<'_>]) {
    // Without any thinking before it, too: it may have been left out.
    let mut loose = true;
    for at in 0..items.len() {
        if let (Item::Own(OwnItem::FunctionCall { id, .. }), true) = (&mut items[at], loose) {
            *id = None;
        }
        let led = items.get(at + 1).is_some_and(Item::has_id);
        match &items[at] {
            Item::Thinking(raw) => {
                loose = !led;
                if let Some(bare) = bare(raw).filter(|_| loose) {
                    items[at] = Item::Thinking(bare);
                }
            }
            Item::Raw(raw) if loose => {
                if let Some(loosened) = loosened(raw) {
                    items[at] = loosened;
                }
            }
            _ => {}
        }
    }
}

/// A message or call without its id; `None` for what has none or cannot be without.
fn loosened<'a>(raw: &RawValue) -> Option<Item<'a>> {
    let item: Value = serde_json::from_str(raw.get()).ok()?;
    match item["type"].as_str()? {
        "message" => without_id(&item).map(Item::Own),
        "function_call" | "custom_tool_call" => bare(raw).map(Item::Raw),
        _ => None,
    }
}

/// An item without its id, where it has one.
fn bare(raw: &RawValue) -> Option<Box<RawValue>> {
    let mut item: serde_json::Map<String, Value> = serde_json::from_str(raw.get()).ok()?;
    item.shift_remove("id")?;
    serde_json::value::to_raw_value(&item).ok()
}

/// Whether the arguments of a call are no JSON.
fn is_broken(call: &Value) -> bool {
    call["type"] == "function_call"
        && call["arguments"]
            .as_str()
            .is_some_and(|text| !text.trim().is_empty() && serde_json::from_str::<Value>(text).is_err())
}

/// A message in our own form, when it says anything.
fn without_id<'a>(message: &Value) -> Option<OwnItem<'a>> {
    let parts = message["content"].as_array().map_or(&[][..], Vec::as_slice);
    let text: String = parts.iter().filter_map(|part| part["text"].as_str()).collect();
    let phase = message["phase"].as_str().map(ToOwned::to_owned);
    let content = Content::Text(text.into());
    let says = matches!(&content, Content::Text(text) if !text.trim().is_empty());
    says.then_some(OwnItem::Message { role: "assistant", phase, content })
}
