//! Unit tests of the Chat Completions wire; whole streams are in `cases/chat`.

mod decode;
mod encode;
mod rounds;
mod thinking;

use crate::{Dialect, Request, Wire};
use glossator_session::{CallId, Effect, Image, Message, Part, Raw, Role, ToolSpec};
use serde_json::{Value, json};

fn text(text: &str) -> Part {
    Part::Text { text: text.to_owned() }
}

fn user(parts: Vec<Part>) -> Message {
    Message { role: Role::User, parts }
}

fn assistant(parts: Vec<Part>) -> Message {
    Message { role: Role::Assistant, parts }
}

fn call(id: &str, arguments: Value) -> Part {
    Part::ToolCall { id: CallId::from(id), name: "files.read".to_owned(), arguments }
}

fn output(id: &str, text: &str, images: Vec<Image>) -> Part {
    Part::ToolOutput { id: CallId::from(id), text: text.to_owned(), images, is_error: false }
}

fn image() -> Image {
    Image { media_type: "image/png".to_owned(), data: "iVBO".to_owned() }
}

fn raw(json: &str) -> Part {
    Part::Raw { raw: Raw { wire: "chat".to_owned(), model: "m".to_owned(), json: json.to_owned() } }
}

fn spec(name: &str, freeform: Option<&str>) -> ToolSpec {
    ToolSpec {
        name: name.to_owned(),
        description: "d".to_owned(),
        input_schema: json!({"type": "object"}),
        output_schema: json!({}),
        declaration: String::new(),
        effect: Effect::Read,
        freeform: freeform.map(ToOwned::to_owned),
    }
}

fn request(messages: Vec<Message>) -> Request {
    let mut request = Request { model: "m".to_owned(), ..Request::default() };
    request.prompt.messages = messages;
    request
}

fn bytes(request: &Request, dialect: &Dialect) -> String {
    String::from_utf8(Wire::Chat.encode(request, dialect).unwrap().body).unwrap()
}

fn body(request: &Request, dialect: &Dialect) -> Value {
    serde_json::from_str(&bytes(request, dialect)).unwrap()
}
