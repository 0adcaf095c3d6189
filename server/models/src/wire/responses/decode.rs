//! The events of one Responses answer -> [`ModelEvent`]s. Pure: is pushed the data of one server-sent event at a time,
//! never waits, never panics, whatever it is fed. Items are known by their `output_index`, as ids may change on every
//! event. What an item is, its `done` event says; fragments are for display, and the list in the last event is read
//! only where no item was told at all.

use super::item::{self, Finished, Kind, Place};
use super::open::{Channel, Open};
use super::report;
use crate::wire::WireNames;
use crate::{FinishedBlock, ModelError, ModelEvent, StopReason};
use serde::Deserialize;
use serde::de::Error;
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Reads one answer.
pub(crate) struct Decoder {
    model: String,
    names: WireNames,
    state: State,
    done: bool,
}

/// What is known of the answer so far.
#[derive(Default)]
struct State {
    started: bool,
    open: BTreeMap<usize, Open>,
    /// Blocks that wait for an item before theirs.
    ready: BTreeMap<usize, Vec<FinishedBlock>>,
    /// The highest place so far.
    last: Option<usize>,
    /// Whether any item was told to its end.
    told: bool,
    called: bool,
    /// The first place of thinking that goes back with its id.
    thought: Option<usize>,
    refusal: Option<String>,
}

/// Any event. Fields are read leniently: an event of a kind that does not matter may hold anything.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, default)]
    r#type: Cow<'a, str>,
    #[serde(default)]
    output_index: Value,
    #[serde(default)]
    content_index: Value,
    #[serde(default)]
    summary_index: Value,
    #[serde(borrow, default)]
    item: Option<&'a RawValue>,
    #[serde(borrow, default)]
    response: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(default)]
    delta: Value,
    // Where events that end a part tell it once more.
    #[serde(default)]
    text: Value,
    #[serde(default)]
    refusal: Value,
    #[serde(default)]
    arguments: Value,
    #[serde(default)]
    input: Value,
}

/// An answer as the events at its ends hold it.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    output: Option<Vec<&'a RawValue>>,
}

impl Decoder {
    /// A decoder for an answer asked from `model`; `names` turns the wire's tool names back into ours.
    pub fn new(model: &str, names: WireNames) -> Self {
        Self { model: model.to_owned(), names, state: State::default(), done: false }
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

    /// To be called when the bytes have ended.
    ///
    /// # Errors
    /// When the answer has not.
    pub fn finish(&mut self) -> Result<Vec<ModelEvent>, ModelError> {
        if self.done { Ok(Vec::new()) } else { Err(report::incomplete()) }
    }

    fn event(&mut self, data: &str) -> Result<Vec<ModelEvent>, ModelError> {
        let event = parse(data).map_err(|error| report::foreign(&error, data))?;
        match event.r#type.as_ref() {
            "error" => return Err(report::of_event(data)),
            _ if event.error.is_some() => return Err(report::of_event(data)),
            "response.created" => {
                self.state = State::default();
                return Ok(self.start(event.response));
            }
            "response.queued" | "response.in_progress" => return Ok(self.start(event.response)),
            "response.output_item.added" => return Ok(self.added(&event)),
            "response.output_item.done" => return Ok(self.told(&event)),
            "response.completed"
            | "response.incomplete"
            | "response.failed"
            | "response.cancelled"
            | "response.done" => return self.end(&event),
            _ => {}
        }
        Ok(self.fragment(event))
    }

    /// The start of the answer, told once.
    fn start(&mut self, response: Option<&RawValue>) -> Vec<ModelEvent> {
        if std::mem::replace(&mut self.state.started, true) {
            return Vec::new();
        }
        let model =
            response.map(value).and_then(|response| response["model"].as_str().map(ToOwned::to_owned));
        vec![ModelEvent::Started { model }]
    }

    fn added(&mut self, event: &Event<'_>) -> Vec<ModelEvent> {
        let Some(item) = event.item.map(value).filter(Value::is_object) else {
            return Vec::new();
        };
        let mut events = self.start(None);
        let index = place(event).unwrap_or_else(|| self.state.next());
        if let Some(before) = self.state.open.remove(&index).filter(|before| !before.is_bare()) {
            self.close(index, before.abandon(), &mut events);
        }
        let kind = Kind::of(&item);
        let call = matches!(kind, Kind::Function | Kind::Custom).then(|| {
            (item::call_id(&item, index), self.names.ours(item["name"].as_str().unwrap_or_default()))
        });
        let open = Open::new(kind, call);
        events.extend(open.opening(index));
        self.state.insert(index, open);
        events
    }

    fn fragment(&mut self, mut event: Event<'_>) -> Vec<ModelEvent> {
        let Some((channel, whole)) = Channel::of(&event.r#type) else {
            return Vec::new();
        };
        let index = place(&event).or(self.state.last).unwrap_or(0);
        let text = match channel {
            _ if !whole => event.delta.take(),
            Channel::Refusal => event.refusal.take(),
            Channel::Arguments => event.arguments.take(),
            Channel::Input => event.input.take(),
            Channel::Text | Channel::Summary | Channel::Thought => event.text.take(),
        };
        let Value::String(text) = text else {
            return Vec::new();
        };
        if text.is_empty() {
            return Vec::new();
        }
        let mut events = self.start(None);
        if !self.state.open.contains_key(&index) {
            self.state.insert(index, Open::implied(channel));
        }
        let part = match channel {
            Channel::Summary => &event.summary_index,
            _ => &event.content_index,
        };
        let part = (channel, part.as_u64().unwrap_or(0));
        if let Some(open) = self.state.open.get_mut(&index) {
            events.extend(if whole { open.whole(index, part, text) } else { open.delta(index, part, text) });
        }
        events
    }

    /// An item told to its end.
    fn told(&mut self, event: &Event<'_>) -> Vec<ModelEvent> {
        let Some(json) = event.item else {
            return Vec::new();
        };
        let mut events = self.start(None);
        let open_last = self.state.last.filter(|last| self.state.open.contains_key(last));
        let index = place(event).or(open_last).unwrap_or_else(|| self.state.next());
        self.item(index, json, &mut events);
        events
    }

    fn item(&mut self, index: usize, json: &RawValue, events: &mut Vec<ModelEvent>) {
        let item = value(json);
        let open = self.state.open.remove(&index);
        let finished = match (item["type"].is_string(), open) {
            (false, None) => return,
            (false, Some(open)) => open.abandon(),
            (true, open) => {
                let after_thinking = self.state.thought.is_some_and(|thought| thought < index);
                let place = Place { model: &self.model, index, after_thinking };
                let mut finished = item::finish(&item, json.get(), &place, &self.names);
                if item::binds(&item) {
                    self.state.thought = Some(self.state.thought.map_or(index, |first| first.min(index)));
                }
                let kind = Kind::of(&item);
                let mut open = open.filter(|open| open.kind == kind).unwrap_or_else(|| Open::new(kind, None));
                events.extend(open.rest(index, &mut finished));
                finished
            }
        };
        self.state.told = true;
        self.state.last = self.state.last.max(Some(index));
        self.close(index, finished, events);
    }

    /// Hands on blocks in the order of their items.
    fn close(&mut self, index: usize, finished: Finished, events: &mut Vec<ModelEvent>) {
        let state = &mut self.state;
        state.called |= finished.blocks.iter().any(|block| matches!(block, FinishedBlock::ToolCall { .. }));
        state.refusal = state.refusal.take().or(finished.refusal);
        state.ready.entry(index).or_default().extend(finished.blocks);
        while let Some(first) = state.ready.first_entry() {
            let block = *first.key();
            if state.open.first_key_value().is_some_and(|(open, _)| *open < block) {
                break;
            }
            let blocks = first.remove().into_iter();
            events.extend(blocks.map(|finished| ModelEvent::Block { block, finished }));
        }
    }

    fn end(&mut self, event: &Event<'_>) -> Result<Vec<ModelEvent>, ModelError> {
        let response = event.response.map(value).unwrap_or_default();
        let named = event.r#type.trim_start_matches("response.");
        let status = response["status"].as_str().filter(|status| *status != "in_progress").unwrap_or(named);
        match status {
            "failed" => return Err(report::of_response(&response)),
            "cancelled" => return Err(report::cancelled()),
            _ if !response["error"].is_null() => return Err(report::of_response(&response)),
            _ => {}
        }
        let mut events = self.start(event.response);
        if !self.state.told && self.state.open.is_empty() {
            self.listed(event.response, &mut events);
        }
        let cut = status == "incomplete" && report::cut(&response) == StopReason::MaxTokens;
        while let Some((index, open)) = self.state.open.pop_first() {
            let finished = open.abandon();
            self.close(index, if cut { finished.cut() } else { finished }, &mut events);
        }
        events.extend(report::usage(&response["usage"]).map(ModelEvent::Usage));
        events.extend(report::cost(&response["usage"]).map(ModelEvent::Cost));
        let reason = match status {
            "incomplete" => report::cut(&response),
            _ => self.reason(&response),
        };
        events.push(ModelEvent::Stopped { reason });
        self.done = true;
        Ok(events)
    }

    /// Items that only the last event tells.
    fn listed(&mut self, response: Option<&RawValue>, events: &mut Vec<ModelEvent>) {
        let answer = response.and_then(|response| serde_json::from_str::<Answer<'_>>(response.get()).ok());
        let items = answer.and_then(|answer| answer.output).unwrap_or_default();
        for (index, json) in items.into_iter().enumerate() {
            self.item(index, json, events);
        }
    }

    fn reason(&mut self, response: &Value) -> StopReason {
        match self.state.refusal.take() {
            Some(explanation) => StopReason::Refusal { category: None, explanation: Some(explanation) },
            None if self.state.called => StopReason::ToolUse,
            None if response["end_turn"] == false => StopReason::PauseTurn,
            None => StopReason::EndTurn,
        }
    }
}

impl State {
    /// The place of an item that does not tell its own.
    fn next(&self) -> usize {
        self.last.map_or(0, |last| last.saturating_add(1))
    }

    fn insert(&mut self, index: usize, open: Open) {
        self.last = self.last.max(Some(index));
        self.open.insert(index, open);
    }
}

/// An event; a list would pass for one, too, its first entry being the type.
fn parse(data: &str) -> serde_json::Result<Event<'_>> {
    let event = serde_json::from_str(data)?;
    if data.trim_start().starts_with('{') { Ok(event) } else { Err(Error::custom("it is not an object")) }
}

fn place(event: &Event<'_>) -> Option<usize> {
    event.output_index.as_u64().and_then(|index| usize::try_from(index).ok())
}

/// Part of an event that is known to be JSON; what is nested beyond all reason counts as nothing.
fn value(json: &RawValue) -> Value {
    serde_json::from_str(json.get()).unwrap_or_default()
}
