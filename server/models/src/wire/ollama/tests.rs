//! The Ollama wire: what is sent, what is understood, and that one fits the other.

mod decode;
mod encode;

use crate::{Dialect, Encoded, Request, Wire};
use glossator_session::{CallId, Image, Message, Part, Prompt, Role};
use serde_json::{Value, json};

fn user(parts: Vec<Part>) -> Message {
    Message { role: Role::User, parts }
}

fn assistant(parts: Vec<Part>) -> Message {
    Message { role: Role::Assistant, parts }
}

fn text(text: &str) -> Part {
    Part::Text { text: text.to_owned() }
}

fn call(id: &str, name: &str, arguments: Value) -> Part {
    Part::ToolCall { id: CallId::from(id), name: name.to_owned(), arguments }
}

fn image(data: &str) -> Image {
    Image { media_type: "image/png".to_owned(), data: data.to_owned() }
}

fn output(id: &str, text: &str, images: &[&str]) -> Part {
    let images = images.iter().map(|data| image(data)).collect();
    Part::ToolOutput { id: CallId::from(id), text: text.to_owned(), images, is_error: false }
}

fn request(messages: Vec<Message>) -> Request {
    let prompt = Prompt { messages, ..Prompt::default() };
    Request { model: "qwen3:8b".to_owned(), prompt, ..Request::default() }
}

fn encode(request: &Request) -> Encoded {
    Wire::Ollama.encode(request, &Dialect::default()).unwrap()
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&encode(request).body).unwrap()
}

/// The messages of a body, without fields that are empty.
fn messages(messages: Vec<Message>) -> Value {
    body(&request(messages))["messages"].take()
}

fn hi() -> Message {
    user(vec![text("hi")])
}

fn said(content: &str) -> Value {
    json!({"role": "user", "content": content})
}
