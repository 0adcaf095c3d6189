//! A request as the body of a Messages call. Pure and byte-stable: one more message at the end changes nothing before
//! it but the place of the cache marks.

use super::NAME;
use super::content::{CacheControl, OwnBlock, WireBlock, content, mark_last};
use super::options::{Options, options};
use crate::wire::history::{Turn, turns};
use crate::wire::{Encoded, WireNames};
use crate::{ErrorKind, ModelError, Request};
use glossator_session::{Role, SystemPart, ToolSpec};
use serde::Serialize;
use serde_json::Value;

/// How many of the newest user messages carry a cache mark. With tools and system that makes four, the most allowed.
const MARKED_MESSAGES: usize = 2;
/// Longest body that the wire takes, in bytes.
const MAX_BODY: usize = 32 << 20;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    max_tokens: u32,
    stream: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<WireBlock<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<WireTool<'a>>,
    messages: Vec<WireMessage<'a>>,
    #[serde(flatten)]
    options: Options<'a>,
}

#[derive(Serialize)]
struct WireTool<'a> {
    name: String,
    description: &'a str,
    input_schema: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<CacheControl>,
}

#[derive(Serialize)]
struct WireMessage<'a> {
    role: &'static str,
    content: Vec<WireBlock<'a>>,
}

/// The body for `request`.
///
/// # Errors
/// When no message is left to be sent, or the body is larger than the wire takes.
pub(crate) fn encode(request: &Request) -> Result<Encoded, ModelError> {
    let prompt = &request.prompt;
    let mut names = WireNames::default();
    let tools = tools(&prompt.tools, &mut names);
    let sees = request.facts.images != Some(false);
    let messages = messages(turns(&prompt.messages, (NAME, &request.model), &names), sees);
    if messages.is_empty() {
        return Err(ModelError::new(
            ErrorKind::Invalid,
            "There is nothing to send: the prompt has no message of the user.",
        ));
    }
    let (max_tokens, options) = options(request);
    let body = Body {
        model: &request.model,
        max_tokens,
        stream: true,
        system: system(&prompt.system),
        tools,
        messages,
        options,
    };
    let body = serde_json::to_vec(&body).map_err(|error| {
        ModelError::new(ErrorKind::Invalid, format!("The request cannot be written as JSON: {error}."))
    })?;
    if body.len() > MAX_BODY {
        let message = format!(
            "The request is {} MB long, and this wire takes 32 MB. Start a new session, or show fewer or smaller images.",
            body.len() >> 20
        );
        return Err(ModelError::new(ErrorKind::TooLong, message));
    }
    Ok(Encoded { body, names })
}

fn system(parts: &[SystemPart]) -> Vec<WireBlock<'_>> {
    let mut blocks: Vec<WireBlock<'_>> = parts
        .iter()
        .filter(|part| !part.text.trim().is_empty())
        .map(|part| WireBlock::Own(OwnBlock::Text { text: &part.text, cache_control: None }))
        .collect();
    mark_last(&mut blocks);
    blocks
}

fn tools<'a>(specs: &'a [ToolSpec], names: &mut WireNames) -> Vec<WireTool<'a>> {
    let last = specs.len().saturating_sub(1);
    specs
        .iter()
        .enumerate()
        .map(|(index, spec)| WireTool {
            name: names.add(&spec.name),
            description: &spec.description,
            input_schema: &spec.input_schema,
            cache_control: (index == last).then_some(CacheControl::Ephemeral),
        })
        .collect()
}

fn messages(turns: Vec<Turn<'_>>, sees: bool) -> Vec<WireMessage<'_>> {
    let mut messages: Vec<WireMessage<'_>> = turns
        .into_iter()
        .map(|turn| WireMessage {
            role: match turn.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            },
            content: content(turn.blocks, sees),
        })
        .collect();
    let users = messages.iter_mut().rev().filter(|message| message.role == "user");
    for message in users.take(MARKED_MESSAGES) {
        mark_last(&mut message.content);
    }
    messages
}
