//! What one answer is made of so far: thinking, text, calls, a refusal. Grows by deltas; its blocks end with it, thinking
//! first, since it goes back ahead of what it led to.

use super::NAME;
use super::calls::Calls;
use super::chunk::Delta;
use super::details::Details;
use super::inline::{Inline, Piece};
use crate::wire::WireNames;
use crate::{FinishedBlock, ModelEvent};
use glossator_session::Raw;
use serde::Serialize;

/// The content of an answer.
#[derive(Default)]
pub(super) struct Answer {
    next_block: usize,
    inline: Inline,
    thought: Option<Thought>,
    text: Option<(usize, String)>,
    pub calls: Calls,
    pub refusal: String,
}

/// Thinking that is going on.
struct Thought {
    block: usize,
    text: String,
    details: Details,
    /// It stood in the text, so nothing of it goes back.
    inline: bool,
}

/// Thinking as it goes back: what the server calls it is what it gets.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Sent<'a> {
    ReasoningDetails { reasoning_details: &'a serde_json::value::RawValue },
    ReasoningContent { reasoning_content: &'a str },
}

impl Answer {
    /// Takes in what a chunk adds. `whom`: the tool names, and the model id that was asked.
    pub fn push(&mut self, delta: &Delta<'_>, (names, model): (&WireNames, &str)) -> Vec<ModelEvent> {
        let mut events = Vec::new();
        self.take_reasoning(delta, &mut events);
        let (content, thought) = delta.content();
        self.think(&thought, false, &mut events);
        for piece in self.inline.push(&content) {
            self.take_piece(piece, model, &mut events);
        }
        for call in delta.calls() {
            self.end_thought(model, &mut events);
            events.extend(self.calls.push(&call, names, &mut self.next_block));
        }
        self.refusal.push_str(&delta.refusal());
        events
    }

    /// Ends all blocks. `cut`: why its calls may not be executed, where the answer was cut.
    pub fn finish(&mut self, cut: Option<&str>, (names, model): (&WireNames, &str)) -> Vec<ModelEvent> {
        let mut events = Vec::new();
        if let Some(piece) = self.inline.finish() {
            self.take_piece(piece, model, &mut events);
        }
        self.end_thought(model, &mut events);
        if let Some((block, text)) = self.text.take() {
            events.push(ModelEvent::Block { block, finished: FinishedBlock::Text { text, raw: None } });
        }
        let calls = std::mem::take(&mut self.calls);
        events.extend(calls.finish(cut, names, (model, &mut self.next_block)));
        events
    }

    fn take_reasoning(&mut self, delta: &Delta<'_>, events: &mut Vec<ModelEvent>) {
        let told = delta.reasoning();
        let mut shown = String::new();
        for detail in delta.details() {
            let thought = self.thought.get_or_insert_with(|| Thought::new(&mut self.next_block));
            shown.push_str(&thought.details.push(detail.get()));
        }
        if told.is_empty() {
            self.think(&shown, false, events);
        } else {
            self.think(&told, false, events);
        }
        if self.thought.is_some() {
            self.inline.give_up();
        }
    }

    fn take_piece(&mut self, piece: Piece, model: &str, events: &mut Vec<ModelEvent>) {
        match piece {
            Piece::Thought(text) => self.think(&text, true, events),
            Piece::Text(delta) => {
                self.end_thought(model, events);
                let (block, text) =
                    self.text.get_or_insert_with(|| (take(&mut self.next_block), String::new()));
                text.push_str(&delta);
                events.push(ModelEvent::Text { block: *block, delta });
            }
        }
    }

    fn think(&mut self, delta: &str, inline: bool, events: &mut Vec<ModelEvent>) {
        if delta.is_empty() {
            return;
        }
        let thought = self.thought.get_or_insert_with(|| Thought::new(&mut self.next_block));
        thought.inline |= inline;
        thought.text.push_str(delta);
        events.push(ModelEvent::Reasoning { block: thought.block, delta: delta.to_owned() });
    }

    fn end_thought(&mut self, model: &str, events: &mut Vec<ModelEvent>) {
        if let Some(thought) = self.thought.take() {
            events.push(thought.finish(model));
        }
    }
}

impl Thought {
    fn new(next: &mut usize) -> Self {
        Self { block: take(next), text: String::new(), details: Details::default(), inline: false }
    }

    fn finish(self, model: &str) -> ModelEvent {
        let details = serde_json::value::RawValue::from_string(self.details.json());
        let sent = match &details {
            Ok(details) if !self.details.is_empty() => {
                Some(Sent::ReasoningDetails { reasoning_details: details })
            }
            _ if self.inline || self.text.is_empty() => None,
            _ => Some(Sent::ReasoningContent { reasoning_content: &self.text }),
        };
        let json = sent.and_then(|sent| serde_json::to_string(&sent).ok());
        let raw = json.map(|json| Raw { wire: NAME.to_owned(), model: model.to_owned(), json });
        let finished = FinishedBlock::Reasoning { text: self.text, raw };
        ModelEvent::Block { block: self.block, finished }
    }
}

fn take(next: &mut usize) -> usize {
    let block = *next;
    *next += 1;
    block
}
