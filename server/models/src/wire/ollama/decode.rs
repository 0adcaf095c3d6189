//! The lines of one Ollama answer -> [`ModelEvent`]s. Pure: is pushed one line at a time, never waits, never panics,
//! whatever it is fed. Text, thinking and calls come as fields of one message; a change between them ends a block.

use super::NAME;
use crate::failure::ProviderError;
use crate::wire::WireNames;
use crate::{ErrorKind, FinishedBlock, ModelError, ModelEvent, StopReason};
use glossator_session::{CallId, Raw, Usage};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::fmt::Display;

/// Reads one answer.
pub(crate) struct Decoder {
    model: String,
    names: WireNames,
    started: bool,
    /// The block that grows, if one does.
    open: Option<Open>,
    /// How many blocks have begun.
    blocks: usize,
    /// Ids of the calls so far.
    ids: HashSet<String>,
    done: bool,
}

/// A block that has begun and not ended; its number is the last one given out.
enum Open {
    Thinking(String),
    Text(String),
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, default)]
    model: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(default)]
    message: Option<Message<'a>>,
    #[serde(default)]
    done: bool,
    #[serde(default)]
    done_reason: Option<String>,
    #[serde(default)]
    prompt_eval_count: Value,
    #[serde(default)]
    prompt_eval_cached_count: Value,
    #[serde(default)]
    eval_count: Value,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    thinking: Option<String>,
    #[serde(borrow, default)]
    tool_calls: Option<Vec<Call<'a>>>,
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(default)]
    id: Option<String>,
    #[serde(borrow)]
    function: Function<'a>,
}

#[derive(Deserialize)]
struct Function<'a> {
    #[serde(default)]
    name: String,
    #[serde(borrow, default)]
    arguments: Option<&'a RawValue>,
}

/// Thinking as it is kept to be sent back; the encoder reads it again.
#[derive(Serialize)]
struct Thinking<'a> {
    r#type: &'static str,
    thinking: &'a str,
}

impl Decoder {
    /// A decoder for an answer asked from `model`; `names` turns the wire's tool names back into ours.
    pub(crate) fn new(model: &str, names: WireNames) -> Self {
        Self {
            model: model.to_owned(),
            names,
            started: false,
            open: None,
            blocks: 0,
            ids: HashSet::new(),
            done: false,
        }
    }

    /// Takes in one line. What comes after the end of the answer is ignored.
    ///
    /// # Errors
    /// When the provider reports an error inside the stream, or the line is not of this wire. The answer is over then.
    pub(crate) fn push(&mut self, data: &str) -> Result<Vec<ModelEvent>, ModelError> {
        if self.done || data.trim().is_empty() {
            return Ok(Vec::new());
        }
        let line = read(data).map_err(|error| self.over(error))?;
        if line.error.is_some_and(|error| error.get() != "\"\"") {
            return Err(self.over(ProviderError::parse(data.as_bytes()).in_stream()));
        }
        if line.message.is_none() && !line.done {
            // A kind of line that is not known.
            return Ok(Vec::new());
        }
        let mut events = Vec::new();
        if !std::mem::replace(&mut self.started, true) {
            let model = line.model.and_then(|model| serde_json::from_str(model.get()).ok());
            events.push(ModelEvent::Started { model });
        }
        if let Some(message) = line.message {
            self.thinking(message.thinking, &mut events);
            self.text(message.content, &mut events);
            for call in message.tool_calls.unwrap_or_default() {
                self.call(call, &mut events);
            }
        }
        if line.done {
            self.end_block(&mut events);
            let counts = [&line.prompt_eval_count, &line.prompt_eval_cached_count, &line.eval_count];
            events.extend(usage(counts.map(Value::as_u64)));
            events.push(ModelEvent::Stopped { reason: self.reason(line.done_reason) });
            self.done = true;
        }
        Ok(events)
    }

    /// To be called when the bytes have ended.
    ///
    /// # Errors
    /// When the answer has not.
    pub(crate) fn finish(&mut self) -> Result<Vec<ModelEvent>, ModelError> {
        if self.done { Ok(Vec::new()) } else { Err(self.over(incomplete())) }
    }

    fn over(&mut self, error: ModelError) -> ModelError {
        self.done = true;
        error
    }

    fn thinking(&mut self, delta: Option<String>, events: &mut Vec<ModelEvent>) {
        let Some(delta) = delta.filter(|delta| !delta.is_empty()) else {
            return;
        };
        match &mut self.open {
            Some(Open::Thinking(text)) => text.push_str(&delta),
            _ => self.begin(Open::Thinking(delta.clone()), events),
        }
        events.push(ModelEvent::Reasoning { block: self.blocks - 1, delta });
    }

    fn text(&mut self, delta: Option<String>, events: &mut Vec<ModelEvent>) {
        let Some(delta) = delta.filter(|delta| !delta.is_empty()) else {
            return;
        };
        match &mut self.open {
            Some(Open::Text(text)) => text.push_str(&delta),
            _ => self.begin(Open::Text(delta.clone()), events),
        }
        events.push(ModelEvent::Text { block: self.blocks - 1, delta });
    }

    fn begin(&mut self, open: Open, events: &mut Vec<ModelEvent>) {
        self.end_block(events);
        self.open = Some(open);
        self.blocks += 1;
    }

    fn end_block(&mut self, events: &mut Vec<ModelEvent>) {
        let finished = match self.open.take() {
            None => return,
            Some(Open::Text(text)) => FinishedBlock::Text { text, raw: None },
            Some(Open::Thinking(text)) => {
                let json = serde_json::to_string(&Thinking { r#type: "thinking", thinking: &text }).ok();
                let raw = |json| Raw { wire: NAME.to_owned(), model: self.model.clone(), json };
                FinishedBlock::Reasoning { raw: json.map(raw), text }
            }
        };
        events.push(ModelEvent::Block { block: self.blocks - 1, finished });
    }

    /// A call comes whole.
    fn call(&mut self, call: Call<'_>, events: &mut Vec<ModelEvent>) {
        self.end_block(events);
        let block = self.blocks;
        self.blocks += 1;
        let id = CallId(self.id(call.id));
        let name = self.names.ours(&call.function.name);
        let arguments = arguments(call.function.arguments.map_or("", RawValue::get));
        let delta = match &arguments {
            Ok(value) => value.to_string(),
            Err(text) => text.clone(),
        };
        for arguments_delta in [String::new(), delta] {
            events.push(ModelEvent::ToolCall { block, id: id.clone(), name: name.clone(), arguments_delta });
        }
        events.push(ModelEvent::Block { block, finished: FinishedBlock::ToolCall { id, name, arguments } });
    }

    /// The id that came, unless there is none or it came before: then one counted within the answer.
    fn id(&mut self, told: Option<String>) -> String {
        let told = told.filter(|id| !id.is_empty() && !self.ids.contains(id));
        let mut numbers = (self.ids.len()..).map(|number| format!("call_{number}"));
        let counted = || numbers.find(|id| !self.ids.contains(id));
        let id = told.or_else(counted).unwrap_or_default();
        self.ids.insert(id.clone());
        id
    }

    fn reason(&self, told: Option<String>) -> StopReason {
        match told.as_deref() {
            Some("length") => StopReason::MaxTokens,
            // Also where the server says nothing, as old ones do.
            Some("stop" | "tool_calls" | "") | None if !self.ids.is_empty() => StopReason::ToolUse,
            Some("stop" | "tool_calls" | "") | None => StopReason::EndTurn,
            Some(name) => StopReason::Other { name: name.to_owned() },
        }
    }
}

/// Usage, where any of it was told: the prompt's tokens, those of them read from the cache, the answer's. A prompt that
/// was cached as a whole may have no number at all.
fn usage([prompt, cached, answer]: [Option<u64>; 3]) -> Option<ModelEvent> {
    prompt.or(cached).or(answer)?;
    let cache_read = cached.unwrap_or(0);
    let input = prompt.unwrap_or(0).saturating_sub(cache_read);
    Some(ModelEvent::Usage(Usage { input, cache_read, output: answer.unwrap_or(0), ..Usage::default() }))
}

/// Arguments are an object; some servers send them as text that holds one.
fn arguments(json: &str) -> Result<Value, String> {
    let empty = || Value::Object(serde_json::Map::new());
    match serde_json::from_str::<Value>(json) {
        Ok(Value::String(text)) if text.trim().is_empty() => Ok(empty()),
        Ok(Value::String(text)) => serde_json::from_str(&text).map_err(|_| text),
        Ok(Value::Null) => Ok(empty()),
        Ok(value) => Ok(value),
        Err(_) if json.is_empty() => Ok(empty()),
        Err(_) => Err(json.to_owned()),
    }
}

fn incomplete() -> ModelError {
    let message = "The answer is incomplete: the connection ended before the model was done. Ask again.";
    ModelError::passing(ErrorKind::Stream, message)
}

fn read(data: &str) -> Result<Line<'_>, ModelError> {
    let foreign = |why: &dyn Display| {
        let start: String = data.chars().take(120).collect();
        let message = format!(
            "The provider sent a line that is not of the Ollama wire ({why}): {start}. Check that the provider's base_url \
             and wire belong together."
        );
        ModelError::new(ErrorKind::Protocol, message)
    };
    if !data.trim_start().starts_with('{') {
        // A list would pass for the fields in their order.
        return Err(foreign(&"it is no JSON object"));
    }
    serde_json::from_str(data)
        .map_err(|error| if is_cut(&error, data) { incomplete() } else { foreign(&error) })
}

/// Whether it is the last line of a stream that was cut within it. A number cut after its sign is no end to serde_json.
fn is_cut(error: &serde_json::Error, data: &str) -> bool {
    error.is_eof()
        || (error.is_syntax() && error.column() >= data.len() && data.ends_with(['-', '+', '.', 'e', 'E']))
}
