//! A request as the body of a Messages call. Pure and byte-stable: one more message at the end changes nothing before
//! it but the place of the cache marks.

use super::history::{Block, Turn, turns};
use crate::wire::{Encoded, WireNames};
use crate::{ErrorKind, ModelError, Request, Thinking};
use glossator_session::{Role, SystemPart, ToolSpec};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// Output limit when none is set; the wire wants one. All current models take at least twice as much.
const DEFAULT_MAX_TOKENS: u32 = 32_000;
/// Room for the answer above a thinking budget when no limit is set.
const ANSWER_ROOM: u32 = 8_000;
/// How many of the newest user messages carry a cache mark. With tools and system that makes four, the most allowed.
const MARKED_MESSAGES: usize = 2;

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
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<WireThinking>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<&'a str>,
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

#[derive(Serialize)]
#[serde(untagged)]
enum WireBlock<'a> {
    Raw(Box<RawValue>),
    Own(OwnBlock<'a>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum OwnBlock<'a> {
    Text {
        text: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheControl>,
    },
    ToolUse {
        id: String,
        name: String,
        input: Input<'a>,
    },
    ToolResult {
        tool_use_id: String,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
        content: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheControl>,
    },
}

/// The wire takes objects only; a call whose arguments were none is told as it was.
#[derive(Serialize)]
#[serde(untagged)]
enum Input<'a> {
    Object(&'a Value),
    Other { arguments: &'a Value },
}

#[derive(Serialize, Clone, Copy)]
#[serde(tag = "type", rename_all = "snake_case")]
enum CacheControl {
    Ephemeral,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WireThinking {
    Disabled,
    Adaptive,
    Enabled { budget_tokens: u32 },
}

#[derive(Serialize)]
struct OutputConfig<'a> {
    effort: &'a str,
}

/// The body for `request`.
///
/// # Errors
/// When no message is left to be sent.
pub(crate) fn encode(request: &Request) -> Result<Encoded, ModelError> {
    let prompt = &request.prompt;
    let mut names = WireNames::default();
    let tools = tools(&prompt.tools, &mut names);
    let messages = messages(turns(&prompt.messages, &request.model, &names));
    if messages.is_empty() {
        return Err(ModelError::new(
            ErrorKind::Invalid,
            "There is nothing to send: the prompt has no message of the user.",
        ));
    }
    let body = Body {
        model: &request.model,
        max_tokens: max_tokens(request),
        stream: true,
        system: system(&prompt.system),
        tools,
        messages,
        thinking: match request.thinking {
            Thinking::Default => None,
            Thinking::Off => Some(WireThinking::Disabled),
            Thinking::Adaptive => Some(WireThinking::Adaptive),
            Thinking::Budget(budget_tokens) => Some(WireThinking::Enabled { budget_tokens }),
        },
        output_config: request.effort.as_deref().map(|effort| OutputConfig { effort }),
        temperature: request.temperature.filter(|value| value.is_finite()),
        stop_sequences: request
            .stop
            .iter()
            .map(String::as_str)
            .filter(|stop| !stop.trim().is_empty())
            .collect(),
    };
    let body = serde_json::to_vec(&body).map_err(|error| {
        ModelError::new(ErrorKind::Invalid, format!("The request cannot be written as JSON: {error}."))
    })?;
    Ok(Encoded { body, names })
}

fn max_tokens(request: &Request) -> u32 {
    request.max_output.unwrap_or(match request.thinking {
        Thinking::Budget(budget) => DEFAULT_MAX_TOKENS.max(budget.saturating_add(ANSWER_ROOM)),
        _ => DEFAULT_MAX_TOKENS,
    })
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

fn messages(turns: Vec<Turn<'_>>) -> Vec<WireMessage<'_>> {
    let mut messages: Vec<WireMessage<'_>> = turns
        .into_iter()
        .map(|turn| WireMessage {
            role: match turn.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            },
            content: turn.blocks.into_iter().map(wire_block).collect(),
        })
        .collect();
    let users = messages.iter_mut().rev().filter(|message| message.role == "user");
    for message in users.take(MARKED_MESSAGES) {
        mark_last(&mut message.content);
    }
    messages
}

fn wire_block(block: Block<'_>) -> WireBlock<'_> {
    WireBlock::Own(match block {
        Block::Raw(raw) => return WireBlock::Raw(raw),
        Block::Text(text) => OwnBlock::Text { text, cache_control: None },
        Block::Call { id, name, arguments } => {
            let input =
                if arguments.is_object() { Input::Object(arguments) } else { Input::Other { arguments } };
            OwnBlock::ToolUse { id, name, input }
        }
        Block::Result { id, text, is_error } => {
            OwnBlock::ToolResult { tool_use_id: id, is_error, content: text, cache_control: None }
        }
    })
}

/// Sets a cache mark on the last block that may carry one: never on empty text, never on a block of the provider's own.
fn mark_last(blocks: &mut [WireBlock<'_>]) {
    let slot = blocks.iter_mut().rev().find_map(|block| match block {
        WireBlock::Own(OwnBlock::Text { text: content, cache_control })
        | WireBlock::Own(OwnBlock::ToolResult { content, cache_control, .. })
            if !content.is_empty() =>
        {
            Some(cache_control)
        }
        _ => None,
    });
    if let Some(slot) = slot {
        *slot = Some(CacheControl::Ephemeral);
    }
}
