//! The messages of a request: system text, turns, results of calls, and what the server wants back of its own.

use super::parts::{Content, WirePart};
use super::tools::{Caller, WireCall};
use crate::wire::WireNames;
use crate::wire::chat::NAME;
use crate::wire::chat::details::Details;
use crate::wire::history::{Block, Turn, turns};
use crate::{Dialect, ReasoningField, Request, ThinkingStyle};
use glossator_session::{Image, Role};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Longest id of a call that every server takes.
const LONGEST_ID: usize = 40;

#[derive(Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub(super) enum WireMessage<'a> {
    System {
        content: Content<'a>,
    },
    Developer {
        content: Content<'a>,
    },
    User {
        content: Content<'a>,
    },
    Assistant {
        content: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reasoning_details: Option<Box<RawValue>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reasoning_content: Option<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<WireCall>,
    },
    Tool {
        tool_call_id: String,
        content: Content<'a>,
    },
}

/// A block of the server's own, as the decoder wrote it.
#[derive(Deserialize, Default)]
struct Own {
    #[serde(default)]
    reasoning_details: Vec<Box<RawValue>>,
    #[serde(default)]
    reasoning_content: String,
    #[serde(default)]
    extra_content: Option<Box<RawValue>>,
}

/// The messages of `request`; none when no turn is left to be sent. `as_parts`: texts are parts, so that they can be
/// marked.
pub(super) fn messages<'a>(
    request: &'a Request,
    dialect: &Dialect,
    names: &'a WireNames,
    as_parts: bool,
) -> Vec<WireMessage<'a>> {
    let caller = Caller::new(request, dialect, names);
    let writer = Writer { request, dialect: *dialect, as_parts, caller };
    let turns = turns(&request.prompt.messages, (NAME, &request.model), names);
    let mut messages = Vec::with_capacity(turns.len() + 1);
    for turn in turns {
        match turn.role {
            Role::User => writer.user(turn, &mut messages),
            Role::Assistant => messages.extend(writer.assistant(turn)),
        }
    }
    if !messages.is_empty() {
        messages.splice(0..0, writer.system());
    }
    messages
}

/// Writes turns for one request.
struct Writer<'a> {
    request: &'a Request,
    dialect: Dialect,
    /// Whether texts are parts, so that they can be marked.
    as_parts: bool,
    caller: Caller<'a>,
}

impl<'a> Writer<'a> {
    fn system(&self) -> Option<WireMessage<'a>> {
        let parts = self.request.prompt.system.iter().filter(|part| !part.text.trim().is_empty());
        let parts: Vec<WirePart<'a>> = parts.map(|part| WirePart::text(part.text.as_str())).collect();
        if parts.is_empty() {
            return None;
        }
        let content = Content::of(parts, self.as_parts);
        let developer = self.dialect.developer_role && self.request.facts.thinking != ThinkingStyle::None;
        Some(if developer { WireMessage::Developer { content } } else { WireMessage::System { content } })
    }

    /// Results first, each a message of its own, then the rest with the images that results may not hold.
    fn user(&self, turn: Turn<'a>, messages: &mut Vec<WireMessage<'a>>) {
        let mut rest = Vec::new();
        for block in turn.blocks {
            match block {
                Block::Text(text) => rest.push(WirePart::text(text)),
                Block::Image(image) => rest.push(self.image(image)),
                Block::Result { id, name, text, images, .. } => {
                    let mut parts = vec![WirePart::text(text)];
                    if self.dialect.tool_images || self.blind() {
                        parts.extend(images.iter().map(|image| self.image(image)));
                    } else if !images.is_empty() {
                        parts.push(WirePart::text("(The images of this result are in the next message.)"));
                        rest.push(WirePart::text(format!("The images of the result of {name}:")));
                        rest.extend(images.iter().map(WirePart::image));
                    }
                    let content = Content::of(parts, self.as_parts);
                    messages.push(WireMessage::Tool { tool_call_id: short(id), content });
                }
                Block::Raw(_) | Block::Call { .. } => {}
            }
        }
        if !rest.is_empty() {
            messages.push(WireMessage::User { content: Content::of(rest, self.as_parts) });
        }
    }

    fn blind(&self) -> bool {
        self.request.facts.images == Some(false)
    }

    fn image(&self, image: &Image) -> WirePart<'a> {
        if self.blind() {
            return WirePart::text(
                "(An image stood here. It is left out because this model does not see images.)",
            );
        }
        WirePart::image(image)
    }

    /// One message; `None` when nothing of it may be sent.
    fn assistant(&self, turn: Turn<'a>) -> Option<WireMessage<'a>> {
        let mut said = Said::default();
        for block in turn.blocks {
            match block {
                Block::Text(text) => said.texts.push(text),
                Block::Call { id, name, arguments } => {
                    let mut call = self.caller.call(short(id), name, arguments);
                    call.extra_content = said.extra.take();
                    said.calls.push(call);
                }
                Block::Raw(raw) => said.take(&raw),
                Block::Image(_) | Block::Result { .. } => {}
            }
        }
        said.into_message(&self.dialect)
    }
}

/// What the model said in one turn.
#[derive(Default)]
struct Said<'a> {
    texts: Vec<&'a str>,
    calls: Vec<WireCall>,
    details: Details,
    thought: String,
    /// Belongs to the next call.
    extra: Option<Box<RawValue>>,
}

impl<'a> Said<'a> {
    fn take(&mut self, raw: &RawValue) {
        let own: Own = serde_json::from_str(raw.get()).unwrap_or_default();
        for entry in &own.reasoning_details {
            self.details.push(entry.get());
        }
        self.thought.push_str(&own.reasoning_content);
        self.extra = own.extra_content.or(self.extra.take());
    }

    fn into_message(self, dialect: &Dialect) -> Option<WireMessage<'a>> {
        if self.texts.is_empty() && self.calls.is_empty() {
            return None;
        }
        let content = match self.texts.is_empty() {
            true => dialect.empty_content.then(String::new),
            false => Some(self.texts.join("\n\n")),
        };
        let back = dialect.reasoning;
        let details = (back == ReasoningField::Reasoning && !self.details.is_empty())
            .then(|| RawValue::from_string(self.details.json()).ok());
        // With calls only, and then always: so the same history keeps the same bytes.
        let thought =
            back == ReasoningField::ReasoningContent && !self.calls.is_empty() && !self.thought.is_empty();
        Some(WireMessage::Assistant {
            content,
            reasoning_details: details.flatten(),
            reasoning_content: thought.then_some(self.thought),
            tool_calls: self.calls,
        })
    }
}

/// An id of at most [`LONGEST_ID`] characters; long ones keep apart by a hash at their end.
fn short(id: String) -> String {
    if id.len() <= LONGEST_ID {
        return id;
    }
    // FNV-1a: the same on every machine and in every version.
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let start: String = id.chars().take(LONGEST_ID - 17).collect();
    format!("{start}_{hash:016x}")
}
