//! History as input items. What came from this wire and model goes back as it came; everything else in our own form.
//! Pure; the same prefix of a history always gives the same items.

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
        OwnItem::FunctionCall { call_id, name, arguments }
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

/// A message in our own form, when it says anything.
fn without_id<'a>(message: &Value) -> Option<OwnItem<'a>> {
    let parts = message["content"].as_array().map_or(&[][..], Vec::as_slice);
    let text: String = parts.iter().filter_map(|part| part["text"].as_str()).collect();
    let phase = message["phase"].as_str().map(ToOwned::to_owned);
    let content = Content::Text(text.into());
    let says = matches!(&content, Content::Text(text) if !text.trim().is_empty());
    says.then_some(OwnItem::Message { role: "assistant", phase, content })
}
