//! History as the messages of this wire: one flat message for each turn, tool results as messages of their own, images
//! beside the text. Pure; one more turn at the end changes nothing before it.

use super::NAME;
use crate::Request;
use crate::wire::WireNames;
use crate::wire::history::{Block, Turn, turns};
use glossator_session::{Image, Role, SystemPart};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// What stands for an image that the model cannot see.
const UNSEEN: &str = "[An image was here. It was left out because this model does not see images.]";

#[derive(Default, Serialize)]
pub(super) struct Message<'a> {
    role: &'static str,
    content: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    thinking: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<String>,
}

#[derive(Serialize)]
struct Call<'a> {
    id: String,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: String,
    arguments: Arguments<'a>,
}

/// The wire takes objects only; a call whose arguments were none is told as it was.
#[derive(Serialize)]
#[serde(untagged)]
enum Arguments<'a> {
    Object(&'a Value),
    Other { arguments: &'a Value },
}

/// Thinking as the decoder keeps it.
#[derive(Deserialize)]
struct Kept {
    #[serde(default)]
    thinking: String,
}

/// All messages of a request, without the system text.
pub(super) fn messages<'a>(request: &'a Request, names: &WireNames) -> Vec<Message<'a>> {
    let sees = request.facts.images != Some(false);
    let mut messages = Vec::new();
    for turn in turns(&request.prompt.messages, (NAME, &request.model), names) {
        match turn.role {
            Role::Assistant => messages.push(assistant(turn)),
            Role::User => user(turn, sees, &mut messages),
        }
    }
    messages
}

/// The system text, one message for all layers.
pub(super) fn system(parts: &[SystemPart]) -> Option<Message<'static>> {
    let texts: Vec<&str> =
        parts.iter().map(|part| part.text.as_str()).filter(|text| !text.trim().is_empty()).collect();
    let content = texts.join("\n\n");
    (!content.is_empty()).then(|| Message { role: "system", content, ..Message::default() })
}

fn assistant(turn: Turn<'_>) -> Message<'_> {
    let mut message = Message { role: "assistant", ..Message::default() };
    for block in turn.blocks {
        match block {
            Block::Text(text) => join(&mut message.content, text),
            Block::Raw(raw) => join(&mut message.thinking, &kept(&raw)),
            Block::Call { id, name, arguments } => {
                let arguments = if arguments.is_object() {
                    Arguments::Object(arguments)
                } else {
                    Arguments::Other { arguments }
                };
                message.tool_calls.push(Call { id, function: Function { name, arguments } });
            }
            Block::Result { .. } | Block::Image(_) => {}
        }
    }
    message
}

fn kept(raw: &RawValue) -> String {
    serde_json::from_str::<Kept>(raw.get()).map(|kept| kept.thinking).unwrap_or_default()
}

/// Results first, each a message; then their images, for a tool's message holds none; then what the user says.
fn user<'a>(turn: Turn<'a>, sees: bool, messages: &mut Vec<Message<'a>>) {
    let mut shown = Message { role: "user", ..Message::default() };
    let mut said = Message { role: "user", ..Message::default() };
    for block in turn.blocks {
        match block {
            Block::Result { id, name, text, images, .. } => {
                let content = with_note(text, images, sees);
                if sees && !images.is_empty() {
                    join(&mut shown.content, &format!("[{} of the result of {name} ({id})]", count(images)));
                    shown.images.extend(images.iter().map(|image| image.data.as_str()));
                }
                let (tool_name, tool_call_id) = (Some(name), Some(id));
                messages.push(Message {
                    role: "tool",
                    content,
                    tool_name,
                    tool_call_id,
                    ..Message::default()
                });
            }
            Block::Text(text) => join(&mut said.content, text),
            Block::Image(image) if sees => said.images.push(&image.data),
            Block::Image(_) => join(&mut said.content, UNSEEN),
            Block::Raw(_) | Block::Call { .. } => {}
        }
    }
    let any = |message: &Message<'_>| !message.content.is_empty() || !message.images.is_empty();
    messages.extend([shown, said].into_iter().filter(any));
}

/// A result's text, with a note where images belong to it.
fn with_note(text: &str, images: &[Image], sees: bool) -> String {
    let mut content = text.to_owned();
    match (images.is_empty(), sees) {
        (true, _) => {}
        (false, true) => {
            join(&mut content, &format!("[{}: see the next message of the user]", count(images)))
        }
        (false, false) => images.iter().for_each(|_| join(&mut content, UNSEEN)),
    }
    content
}

fn count(images: &[Image]) -> String {
    match images.len() {
        1 => "Image".to_owned(),
        number => format!("{number} images"),
    }
}

/// Adds a text, apart from the one before where no white space parts them.
fn join(have: &mut String, more: &str) {
    let parted = have.is_empty()
        || more.is_empty()
        || have.ends_with(char::is_whitespace)
        || more.starts_with(char::is_whitespace);
    if !parted {
        have.push_str("\n\n");
    }
    have.push_str(more);
}
