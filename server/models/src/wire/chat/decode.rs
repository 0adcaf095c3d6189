//! One Chat Completions answer -> [`ModelEvent`]s. Pure: is pushed the data of one server-sent event at a time, never
//! waits, never panics, whatever it is fed.

use super::answer::Answer;
use super::chunk::{Choice, Chunk};
use super::usage::usage;
use crate::failure::{CUT, ProviderError};
use crate::wire::WireNames;
use crate::{ErrorKind, ModelError, ModelEvent, StopReason};
use glossator_session::{Cost, Usage};
use serde::de::Error;

/// What follows the last event.
const DONE: &str = "[DONE]";

/// Finish reasons of an answer without calls.
const REASONS: &[(&str, StopReason)] = &[
    ("stop", StopReason::EndTurn),
    ("tool_calls", StopReason::EndTurn),
    ("function_call", StopReason::EndTurn),
    ("model_length", StopReason::ContextWindow),
];

/// What stands in place of a call's arguments in an answer that was filtered.
const REFUSED: &str = "the provider refused the answer, so this call was not made";

/// Reads one answer.
pub(crate) struct Decoder {
    model: String,
    names: WireNames,
    phase: Phase,
    /// The number of the choice that is read; there should be only one.
    choice: Option<u64>,
    answer: Answer,
    finish_reason: Option<String>,
    usage: Option<Usage>,
    cost: Option<Cost>,
}

#[derive(PartialEq)]
enum Phase {
    Waiting,
    Answering,
    Done,
    Failed,
}

impl Decoder {
    /// A decoder for an answer asked from `model`; `names` turns the wire's tool names back into ours.
    pub fn new(model: &str, names: WireNames) -> Self {
        Self {
            model: model.to_owned(),
            names,
            phase: Phase::Waiting,
            choice: None,
            answer: Answer::default(),
            finish_reason: None,
            usage: None,
            cost: None,
        }
    }

    /// Takes in the data of one event. What comes after the end of the answer is ignored.
    ///
    /// # Errors
    /// When the provider reports an error inside the stream, or the data is not a chunk of this wire, or the end comes
    /// without an answer. The answer is over then.
    pub fn push(&mut self, data: &str) -> Result<Vec<ModelEvent>, ModelError> {
        let data = data.trim();
        if matches!(self.phase, Phase::Done | Phase::Failed) {
            return Ok(Vec::new());
        }
        let result = match data {
            DONE => self.end(),
            // Cut within the mark of the end.
            _ if data.starts_with('[') && DONE.starts_with(data) => Ok(Vec::new()),
            _ => parse(data).and_then(|chunk| self.chunk(&chunk, data)),
        };
        if result.is_err() {
            self.phase = Phase::Failed;
        }
        result
    }

    /// To be called when the bytes have ended. An answer that told why it finished is complete without `[DONE]`.
    ///
    /// # Errors
    /// When the answer is not complete.
    pub fn finish(&mut self) -> Result<Vec<ModelEvent>, ModelError> {
        match self.phase {
            Phase::Done => Ok(Vec::new()),
            Phase::Answering if self.finish_reason.is_some() => self.end(),
            _ => Err(incomplete()),
        }
    }

    fn chunk(&mut self, chunk: &Chunk<'_>, data: &str) -> Result<Vec<ModelEvent>, ModelError> {
        if chunk.is_error() {
            return Err(ProviderError::parse(data.as_bytes()).in_stream());
        }
        let mut events = self.start(chunk);
        for choice in chunk.choices.iter().flatten() {
            if *self.choice.get_or_insert(choice.number()) != choice.number() {
                continue;
            }
            if let Some(error) = choice.error {
                let report = format!("{{\"error\":{}}}", error.get());
                return Err(ProviderError::parse(report.as_bytes()).in_stream());
            }
            events.extend(self.choice(choice)?);
        }
        let told = chunk.usage.or_else(|| chunk.choices.iter().flatten().find_map(|choice| choice.usage));
        events.extend(told.into_iter().flat_map(|told| self.take_usage(told.get())));
        Ok(events)
    }

    /// The first chunk begins the answer, but for one that holds nothing at all.
    fn start(&mut self, chunk: &Chunk<'_>) -> Vec<ModelEvent> {
        let model = chunk.model.and_then(|model| serde_json::from_str::<String>(model.get()).ok());
        let model = model.filter(|model| !model.is_empty());
        let begins = model.is_some() || chunk.usage.is_some() || chunk.choices.iter().flatten().count() > 0;
        if self.phase != Phase::Waiting || !begins {
            return Vec::new();
        }
        self.phase = Phase::Answering;
        vec![ModelEvent::Started { model }]
    }

    fn choice(&mut self, choice: &Choice<'_>) -> Result<Vec<ModelEvent>, ModelError> {
        let events = self.answer.push(&choice.delta(), (&self.names, &self.model));
        if let Some(reason) = choice.finish_reason() {
            if reason == "error" {
                return Err(unexplained());
            }
            self.finish_reason = Some(reason);
        }
        Ok(events)
    }

    /// The last numbers count; the same again are no news.
    fn take_usage(&mut self, told: &str) -> Vec<ModelEvent> {
        let Some((usage, cost)) = usage(told) else {
            return Vec::new();
        };
        let mut events = Vec::new();
        if self.usage != Some(usage) {
            self.usage = Some(usage);
            events.push(ModelEvent::Usage(usage));
        }
        if let Some(cost) = cost.filter(|cost| self.cost.as_ref() != Some(cost)) {
            self.cost = Some(cost.clone());
            events.push(ModelEvent::Cost(cost));
        }
        events
    }

    fn end(&mut self) -> Result<Vec<ModelEvent>, ModelError> {
        if self.choice.is_none() {
            return Err(ModelError::passing(
                ErrorKind::Stream,
                "The provider ended its stream without an answer in it. Ask again.",
            ));
        }
        self.phase = Phase::Done;
        let reason = self.stop_reason();
        let cut = match reason {
            StopReason::MaxTokens => Some(CUT),
            StopReason::Refusal { .. } => Some(REFUSED),
            _ => None,
        };
        let mut events = self.answer.finish(cut, (&self.names, &self.model));
        events.push(ModelEvent::Stopped { reason });
        Ok(events)
    }

    /// Calls decide over the reason that is told, unless they were cut or filtered.
    fn stop_reason(&self) -> StopReason {
        let told = self.finish_reason.as_deref().unwrap_or("stop");
        if !self.answer.refusal.is_empty() {
            let explanation = Some(self.answer.refusal.clone());
            return StopReason::Refusal { category: None, explanation };
        }
        match told {
            "content_filter" => StopReason::Refusal { category: Some(told.to_owned()), explanation: None },
            "length" => StopReason::MaxTokens,
            _ if !self.answer.calls.is_empty() => StopReason::ToolUse,
            _ => {
                let known = REASONS.iter().find(|(name, _)| *name == told).map(|(_, reason)| reason.clone());
                known.unwrap_or_else(|| StopReason::Other { name: told.to_owned() })
            }
        }
    }
}

fn incomplete() -> ModelError {
    let message = "The answer is incomplete: the connection ended before the model was done. Ask again.";
    ModelError::passing(ErrorKind::Stream, message)
}

fn unexplained() -> ModelError {
    let message = "The provider broke off its answer with an error that it does not explain. Ask again.";
    ModelError::passing(ErrorKind::Stream, message)
}

fn parse(data: &str) -> Result<Chunk<'_>, ModelError> {
    let chunk = serde_json::from_str(data).map_err(|error| foreign(&error, data))?;
    // A list would pass for the fields in their order.
    let is_object = data.starts_with('{');
    if is_object { Ok(chunk) } else { Err(foreign(&serde_json::Error::custom("it is not an object"), data)) }
}

/// The error of data that is no chunk of this wire.
fn foreign(error: &serde_json::Error, data: &str) -> ModelError {
    // The last event of a stream that was cut within it, perhaps within a number.
    let at_end = data.lines().last().is_some_and(|line| error.column() >= line.len());
    if error.is_eof() || (at_end && data.ends_with(['.', '-', '+', 'e', 'E'])) {
        return incomplete();
    }
    let start: String = data.chars().take(120).collect();
    let message = format!(
        "The provider sent an event that is not of the Chat Completions wire ({error}): {start}. Check that the provider's \
         base_url and wire belong together."
    );
    ModelError::new(ErrorKind::Protocol, message)
}
