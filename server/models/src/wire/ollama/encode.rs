//! A request as the body of an Ollama call. Pure and byte-stable: messages come last, so one more of them changes nothing
//! before it.

use super::messages::{Message, messages, system};
use super::options::{Options, Think, options, think};
use super::schema::readable;
use crate::wire::{Encoded, WireNames};
use crate::{Dialect, ErrorKind, ModelError, Request};
use glossator_session::ToolSpec;
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;

/// How long the server keeps the model loaded after an answer. Its own five minutes are shorter than it takes to read a
/// long answer, and with the model goes everything it had cached of the session.
const KEEP_ALIVE: &str = "30m";

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    stream: bool,
    keep_alive: &'static str,
    /// Without these two, the server silently drops messages that do not fit its context.
    truncate: bool,
    shift: bool,
    options: Options<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    think: Option<Think<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'a Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    messages: Vec<Message<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: String,
    description: &'a str,
    parameters: Cow<'a, Value>,
}

/// The body for `request`.
///
/// # Errors
/// When no message is left to be sent.
pub(crate) fn encode(request: &Request, _dialect: &Dialect) -> Result<Encoded, ModelError> {
    let mut names = WireNames::default();
    let tools = tools(request, &mut names);
    let turns = messages(request, &names);
    if turns.is_empty() {
        return Err(ModelError::new(
            ErrorKind::Invalid,
            "There is nothing to send: the prompt has no message of the user.",
        ));
    }
    let body = Body {
        model: &request.model,
        stream: true,
        keep_alive: KEEP_ALIVE,
        truncate: false,
        shift: false,
        options: options(request),
        think: think(request),
        format: request.output_schema.as_ref(),
        tools,
        messages: system(&request.prompt.system).into_iter().chain(turns).collect(),
    };
    let body = serde_json::to_vec(&body).map_err(|error| {
        ModelError::new(ErrorKind::Invalid, format!("The request cannot be written as JSON: {error}."))
    })?;
    Ok(Encoded { body, names })
}

/// The server refuses a request with tools to a model that takes none.
fn tools<'a>(request: &'a Request, names: &mut WireNames) -> Vec<Tool<'a>> {
    let offered: &[ToolSpec] =
        if request.facts.native_tools == Some(false) { &[] } else { &request.prompt.tools };
    let tool = |spec: &'a ToolSpec| Tool {
        r#type: "function",
        function: Function {
            name: names.add(&spec.name),
            description: &spec.description,
            parameters: readable(&spec.input_schema),
        },
    };
    offered.iter().map(tool).collect()
}
