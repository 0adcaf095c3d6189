//! The events of one Messages answer -> [`ModelEvent`]s. Pure: is pushed the data of one server-sent event at a time,
//! never waits, never panics, whatever it is fed.

use super::blocks::Open;
use crate::error::{ErrorKind, ModelError};
use crate::failure::{CUT, ProviderError};
use crate::wire::WireNames;
use crate::{FinishedBlock, ModelEvent, StopReason};
use glossator_session::Usage;
use serde::Deserialize;
use serde::de::Error;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Reads one answer.
pub struct Decoder {
    model: String,
    names: WireNames,
    open: BTreeMap<usize, Open>,
    usage: Usage,
    stop: Option<StopReason>,
    /// Calls and what came after them: whether they are whole shows when it is known why the model stopped.
    held: Vec<ModelEvent>,
    done: bool,
}

#[derive(Deserialize)]
struct Kind {
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct MessageStart {
    message: Option<StartedMessage>,
}

#[derive(Deserialize)]
struct StartedMessage {
    model: Option<String>,
    usage: Option<Value>,
}

#[derive(Deserialize)]
struct BlockEvent<'a> {
    index: usize,
    #[serde(borrow, default)]
    content_block: Option<&'a RawValue>,
    #[serde(borrow, default)]
    delta: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct MessageDelta {
    delta: Option<StopDelta>,
    usage: Option<Value>,
}

#[derive(Deserialize)]
struct StopDelta {
    stop_reason: Option<String>,
    stop_sequence: Option<String>,
    #[serde(default)]
    stop_details: Value,
}

impl Decoder {
    /// A decoder for an answer asked from `model`; `names` turns the wire's tool names back into ours.
    pub fn new(model: &str, names: WireNames) -> Self {
        Self {
            model: model.to_owned(),
            names,
            open: BTreeMap::new(),
            usage: Usage::default(),
            stop: None,
            held: Vec::new(),
            done: false,
        }
    }

    /// Takes in the data of one event. What comes after the end of the answer is ignored.
    ///
    /// # Errors
    /// When the provider reports an error inside the stream, or the data is not an event of this wire. The answer is
    /// over then.
    pub fn push(&mut self, data: &str) -> Result<Vec<ModelEvent>, ModelError> {
        // Some gateways add this mark of Chat Completions (or the cut begins of it); it proves nothing.
        if self.done || "[DONE]".starts_with(data.trim()) {
            return Ok(Vec::new());
        }
        let result = self.event(data);
        self.done |= result.is_err();
        result
    }

    fn event(&mut self, data: &str) -> Result<Vec<ModelEvent>, ModelError> {
        let kind: Kind = parse(data)?;
        match kind.r#type.as_str() {
            "message_start" => Ok(self.message_start(parse(data)?)),
            "content_block_start" => Ok(self.block_start(&parse(data)?)),
            "content_block_delta" => Ok(self.block_delta(&parse(data)?)),
            "content_block_stop" => {
                let event: BlockEvent<'_> = parse(data)?;
                Ok(self.finish_block(event.index).into_iter().collect())
            }
            "message_delta" => Ok(self.message_delta(parse(data)?)),
            "message_stop" => Ok(self.message_stop()),
            "error" => Err(reported(data)),
            _ if kind.error.is_some_and(|error| !error.is_null()) => Err(reported(data)),
            _ => Ok(Vec::new()),
        }
    }

    /// To be called when the bytes have ended.
    ///
    /// # Errors
    /// When the answer has not.
    pub fn finish(&self) -> Result<(), ModelError> {
        if self.done {
            return Ok(());
        }
        Err(incomplete())
    }

    fn message_start(&mut self, event: MessageStart) -> Vec<ModelEvent> {
        self.open.clear();
        self.held.clear();
        self.usage = Usage::default();
        self.stop = None;
        let (model, usage) = event.message.map_or((None, None), |message| (message.model, message.usage));
        let mut events = vec![ModelEvent::Started { model }];
        events.extend(self.take_usage(usage));
        events
    }

    fn block_start(&mut self, event: &BlockEvent<'_>) -> Vec<ModelEvent> {
        let mut events: Vec<ModelEvent> = self.finish_block(event.index).into_iter().collect();
        if let Some(block) = event.content_block {
            let open = Open::start(block.get(), &self.names);
            events.extend(open.opening(event.index));
            self.open.insert(event.index, open);
        }
        events
    }

    fn block_delta(&mut self, event: &BlockEvent<'_>) -> Vec<ModelEvent> {
        let Some(delta) = event.delta else {
            return Vec::new();
        };
        let delta = delta.get();
        if !self.open.contains_key(&event.index)
            && let Some(open) = Open::implied(delta)
        {
            self.open.insert(event.index, open);
        }
        let open = self.open.get_mut(&event.index);
        open.and_then(|open| open.delta(event.index, delta)).into_iter().collect()
    }

    fn finish_block(&mut self, block: usize) -> Option<ModelEvent> {
        let finished: FinishedBlock = self.open.remove(&block)?.finish(&self.model);
        let is_call = matches!(finished, FinishedBlock::ToolCall { .. });
        let event = ModelEvent::Block { block, finished };
        if self.held.is_empty() && !is_call {
            return Some(event);
        }
        self.held.push(event);
        None
    }

    /// The blocks that were held back. No call of an answer that was cut may be executed.
    fn release(&mut self) -> Vec<ModelEvent> {
        let mut events = std::mem::take(&mut self.held);
        if self.stop == Some(StopReason::MaxTokens) {
            for event in &mut events {
                if let ModelEvent::Block { finished: FinishedBlock::ToolCall { arguments, .. }, .. } = event {
                    *arguments = Err(CUT.to_owned());
                }
            }
        }
        events
    }

    fn message_delta(&mut self, event: MessageDelta) -> Vec<ModelEvent> {
        if let Some(delta) = event.delta
            && let Some(reason) = &delta.stop_reason
        {
            self.stop = Some(stop_reason(reason, delta.stop_sequence, &delta.stop_details));
        }
        self.take_usage(event.usage).into_iter().collect()
    }

    fn message_stop(&mut self) -> Vec<ModelEvent> {
        let blocks: Vec<usize> = self.open.keys().copied().collect();
        let mut events: Vec<ModelEvent> =
            blocks.into_iter().filter_map(|block| self.finish_block(block)).collect();
        events.extend(self.release());
        self.done = true;
        events.push(ModelEvent::Stopped { reason: self.stop.take().unwrap_or(StopReason::EndTurn) });
        events
    }

    /// The numbers are sums over the answer; one that is null or absent stays as it was.
    fn take_usage(&mut self, usage: Option<Value>) -> Option<ModelEvent> {
        let told = usage.filter(Value::is_object)?;
        let mut take = |slot: fn(&mut Usage) -> &mut u64, value: &Value| {
            if let Some(number) = value.as_u64() {
                *slot(&mut self.usage) = number;
            }
        };
        take(|usage| &mut usage.input, &told["input_tokens"]);
        take(|usage| &mut usage.cache_read, &told["cache_read_input_tokens"]);
        take(|usage| &mut usage.cache_write, &told["cache_creation_input_tokens"]);
        take(|usage| &mut usage.output, &told["output_tokens"]);
        take(|usage| &mut usage.reasoning, &told["output_tokens_details"]["thinking_tokens"]);
        Some(ModelEvent::Usage(self.usage))
    }
}

fn reported(data: &str) -> ModelError {
    ProviderError::parse(data.as_bytes()).in_stream()
}

fn incomplete() -> ModelError {
    let message = "The answer is incomplete: the connection ended before the model was done. Ask again.";
    ModelError::passing(ErrorKind::Stream, message)
}

fn parse<'a, T: Deserialize<'a>>(data: &'a str) -> Result<T, ModelError> {
    let event = serde_json::from_str(data).map_err(|error| foreign(&error, data))?;
    // A list would pass for the fields in their order.
    let is_object = data.trim_start().starts_with('{');
    if is_object { Ok(event) } else { Err(foreign(&serde_json::Error::custom("it is not an object"), data)) }
}

/// The error of data that is no event of this wire.
fn foreign(error: &serde_json::Error, data: &str) -> ModelError {
    // The last event of a stream that was cut within it, perhaps within a number.
    let at_end = data.lines().last().is_some_and(|line| error.column() >= line.len());
    if error.is_eof() || (at_end && data.ends_with(['.', '-', '+', 'e', 'E'])) {
        return incomplete();
    }
    let start: String = data.chars().take(120).collect();
    let message = format!(
        "The provider sent an event that is not of the Messages wire ({error}): {start}. Check that the provider's base_url \
         and wire belong together."
    );
    ModelError::new(ErrorKind::Protocol, message)
}

fn stop_reason(reason: &str, sequence: Option<String>, details: &Value) -> StopReason {
    match reason {
        "end_turn" => StopReason::EndTurn,
        "max_tokens" => StopReason::MaxTokens,
        "stop_sequence" => StopReason::StopSequence { sequence },
        "tool_use" => StopReason::ToolUse,
        "pause_turn" => StopReason::PauseTurn,
        "model_context_window_exceeded" => StopReason::ContextWindow,
        "refusal" => {
            let told = |key: &str| details[key].as_str().map(ToOwned::to_owned);
            StopReason::Refusal { category: told("category"), explanation: told("explanation") }
        }
        name => StopReason::Other { name: name.to_owned() },
    }
}
