//! History as all wires want it: roles take turns, the user speaks first, every call has its result right after
//! it. Pure; the same prefix of a history always gives the same turns. Knows nothing of JSON bodies or caching.

use crate::wire::WireNames;
use glossator_session::{Image, Message, Part, Role};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::HashMap;

/// What the model reads as the result of a call that never got one.
const ABORTED: &str = "aborted: the call was stopped before it had a result";

/// One message.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    pub role: Role,
    pub blocks: Vec<Block<'a>>,
}

/// One block of a message.
#[derive(Debug)]
pub(crate) enum Block<'a> {
    Text(&'a str),
    Raw(Box<RawValue>),
    Call { id: String, name: String, arguments: &'a Value },
    Result { id: String, name: String, text: &'a str, images: &'a [Image], is_error: bool },
    Image(&'a Image),
}

#[derive(Deserialize)]
struct Kind {
    r#type: String,
}

impl Block<'_> {
    fn is_thinking(&self) -> bool {
        let Self::Raw(raw) = self else { return false };
        serde_json::from_str::<Kind>(raw.get())
            .is_ok_and(|kind| matches!(kind.r#type.as_str(), "thinking" | "redacted_thinking" | "reasoning"))
    }
}

/// The turns of `messages` for a request to `asked` (the wire's name and the model): raw blocks of others are left out.
pub(crate) fn turns<'a>(messages: &'a [Message], asked: (&str, &str), tools: &WireNames) -> Vec<Turn<'a>> {
    let mut pairing =
        Pairing { tools, ids: WireNames::default(), open: HashMap::new(), results: HashMap::new() };
    let mut turns: Vec<Turn<'a>> = Vec::new();
    for message in messages {
        if turns.is_empty() && message.role == Role::Assistant {
            continue;
        }
        let blocks: Vec<Block<'a>> =
            message.parts.iter().filter_map(|part| pairing.block(message.role, part, asked)).collect();
        append(&mut turns, message.role, blocks);
    }
    let mut turns = with_results(turns, &mut pairing.results);
    trim_end(&mut turns);
    turns
}

/// Adds to the last turn when it has the same role; nothing when there is nothing to add.
fn append<'a>(turns: &mut Vec<Turn<'a>>, role: Role, blocks: Vec<Block<'a>>) {
    match turns.last_mut() {
        _ if blocks.is_empty() => {}
        Some(last) if last.role == role => last.blocks.extend(blocks),
        _ => turns.push(Turn { role, blocks }),
    }
}

/// Which result belongs to which call. Ids may come back in later turns, so every call gets an id of its own.
struct Pairing<'a, 't> {
    tools: &'t WireNames,
    ids: WireNames,
    /// Calls without a result: our id to the wire's, and the tool as the wire calls it.
    open: HashMap<&'a str, (String, String)>,
    results: HashMap<String, Block<'a>>,
}

impl<'a> Pairing<'a, '_> {
    /// The block for `part`, or `None` when it must not be sent. A result leaves its block in place, so that what
    /// stands between a call and the next answer of the model stays a user message.
    fn block(&mut self, role: Role, part: &'a Part, asked: (&str, &str)) -> Option<Block<'a>> {
        match part {
            Part::Text { text } if text.trim().is_empty() => None,
            Part::Text { text } => Some(Block::Text(text)),
            Part::Raw { raw } if (raw.wire.as_str(), raw.model.as_str()) != asked => None,
            Part::Raw { raw } => raw_block(&raw.json),
            Part::ToolCall { id, name, arguments } if role == Role::Assistant => {
                let wire = self.ids.add_another(&id.0);
                let name = self.tools.wire(name);
                self.open.insert(&id.0, (wire.clone(), name.clone()));
                Some(Block::Call { id: wire, name, arguments })
            }
            Part::ToolCall { .. } => None,
            Part::ToolOutput { id, text, images, is_error } => {
                let (id, name) = self.open.remove(id.0.as_str())?;
                let result = |id, name| Block::Result { id, name, text, images, is_error: *is_error };
                self.results.insert(id.clone(), result(id.clone(), name.clone()));
                Some(result(id, name))
            }
            Part::Image { image } => (role == Role::User).then_some(Block::Image(image)),
        }
    }
}

/// The block's own bytes, when they are one JSON object.
fn raw_block<'a>(json: &str) -> Option<Block<'a>> {
    serde_json::from_str::<Kind>(json).ok()?;
    RawValue::from_string(json.to_owned()).ok().map(Block::Raw)
}

/// Puts the results of each turn's calls first into the next one, and takes them away elsewhere.
fn with_results<'a>(turns: Vec<Turn<'a>>, results: &mut HashMap<String, Block<'a>>) -> Vec<Turn<'a>> {
    let mut done: Vec<Turn<'a>> = Vec::with_capacity(turns.len() + 1);
    let mut due: Vec<Block<'a>> = Vec::new();
    for mut turn in turns {
        turn.blocks.retain(|block| !matches!(block, Block::Result { .. }));
        if turn.role == Role::User {
            let rest = std::mem::replace(&mut turn.blocks, std::mem::take(&mut due));
            turn.blocks.extend(rest);
        } else {
            while turn.blocks.last().is_some_and(Block::is_thinking) {
                // A message may not end with thinking: the answer was cut there.
                turn.blocks.pop();
            }
            due.extend(turn.blocks.iter().filter_map(|block| match block {
                Block::Call { id, name, .. } => Some(results.remove(id).unwrap_or_else(|| aborted(id, name))),
                _ => None,
            }));
        }
        append(&mut done, turn.role, turn.blocks);
    }
    append(&mut done, Role::User, due);
    done
}

fn aborted<'a>(id: &str, name: &str) -> Block<'a> {
    Block::Result { id: id.to_owned(), name: name.to_owned(), text: ABORTED, images: &[], is_error: true }
}

/// The last text of a last assistant message may not end with white space.
fn trim_end(turns: &mut [Turn<'_>]) {
    if let Some(Turn { role: Role::Assistant, blocks }) = turns.last_mut()
        && let Some(Block::Text(text)) = blocks.last_mut()
    {
        *text = text.trim_end();
    }
}
