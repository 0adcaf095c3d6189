//! One output item that has begun and not ended: what was shown of it so far. Knows nothing of the events around it.

use super::item::{Finished, Kind, arguments};
use crate::{FinishedBlock, ModelEvent};
use glossator_session::CallId;
use serde_json::Value;
use std::collections::BTreeSet;

/// What a fragment belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Channel {
    Text,
    Refusal,
    Summary,
    Thought,
    Arguments,
    Input,
}

/// Every event that carries a fragment: its channel, and whether it is the whole part (told again at its end).
const CHANNELS: &[(&str, Channel, bool)] = &[
    ("response.output_text.delta", Channel::Text, false),
    ("response.output_text.done", Channel::Text, true),
    ("response.refusal.delta", Channel::Refusal, false),
    ("response.refusal.done", Channel::Refusal, true),
    ("response.reasoning_summary_text.delta", Channel::Summary, false),
    ("response.reasoning_summary_text.done", Channel::Summary, true),
    ("response.reasoning_text.delta", Channel::Thought, false),
    ("response.reasoning_text.done", Channel::Thought, true),
    ("response.function_call_arguments.delta", Channel::Arguments, false),
    ("response.function_call_arguments.done", Channel::Arguments, true),
    ("response.custom_tool_call_input.delta", Channel::Input, false),
    ("response.custom_tool_call_input.done", Channel::Input, true),
];

impl Channel {
    /// The channel of an event, and whether it carries the whole part.
    pub(super) fn of(event: &str) -> Option<(Self, bool)> {
        CHANNELS.iter().find(|(name, ..)| *name == event).map(|(_, channel, whole)| (*channel, *whole))
    }

    fn kind(self) -> Kind {
        match self {
            Self::Text | Self::Refusal => Kind::Message,
            Self::Summary | Self::Thought => Kind::Reasoning,
            Self::Arguments => Kind::Function,
            Self::Input => Kind::Custom,
        }
    }
}

/// An item that has begun and not ended.
pub(super) struct Open {
    pub kind: Kind,
    /// A call's id and our name of its tool, once known.
    call: Option<(CallId, String)>,
    /// The part that the last fragment belonged to.
    part: Option<(Channel, u64)>,
    /// Every part that a fragment came of.
    parts: BTreeSet<(Channel, u64)>,
    /// Everything shown, in order.
    shown: String,
    refusal: String,
}

impl Open {
    pub(super) fn new(kind: Kind, call: Option<(CallId, String)>) -> Self {
        Self { kind, call, part: None, parts: BTreeSet::new(), shown: String::new(), refusal: String::new() }
    }

    /// The item that a fragment without a start belongs to, for servers that leave starts out.
    pub(super) fn implied(channel: Channel) -> Self {
        Self::new(channel.kind(), None)
    }

    /// Whether nothing came of it but its start.
    pub(super) fn is_bare(&self) -> bool {
        self.part.is_none()
    }

    /// What can be shown right at the start.
    pub(super) fn opening(&self, block: usize) -> Option<ModelEvent> {
        self.call.as_ref().map(|call| call_event(block, call, String::new()))
    }

    /// Takes in a fragment; `part` is its place in the item.
    pub(super) fn delta(&mut self, block: usize, part: (Channel, u64), delta: String) -> Option<ModelEvent> {
        if delta.is_empty() || part.0.kind() != self.kind {
            return None;
        }
        let new_part = self.part.replace(part) != Some(part);
        if new_part {
            self.parts.insert(part);
        }
        if part.0 == Channel::Refusal {
            self.refusal.push_str(&delta);
            return None;
        }
        let apart = new_part && self.kind == Kind::Reasoning && !self.shown.is_empty();
        self.show(block, if apart { format!("\n\n{delta}") } else { delta })
    }

    /// Takes in a part that is told whole: news only where no fragment of it came.
    pub(super) fn whole(&mut self, block: usize, part: (Channel, u64), text: String) -> Option<ModelEvent> {
        if self.parts.contains(&part) {
            return None;
        }
        self.delta(block, part, text)
    }

    fn show(&mut self, block: usize, delta: String) -> Option<ModelEvent> {
        self.shown.push_str(&delta);
        match self.kind {
            Kind::Message => Some(ModelEvent::Text { block, delta }),
            Kind::Reasoning => Some(ModelEvent::Reasoning { block, delta }),
            Kind::Function | Kind::Custom => {
                // Without a start there is nobody to name yet; the end tells all of it.
                self.call.as_ref().map(|call| call_event(block, call, delta))
            }
            Kind::Other => None,
        }
    }

    /// Sets the finished item against what was shown: what the item leaves out stands as it was shown, and what was
    /// not shown of it is given.
    pub(super) fn rest(&mut self, block: usize, finished: &mut Finished) -> Option<ModelEvent> {
        if finished.refusal.is_none() && !self.refusal.is_empty() {
            finished.refusal = Some(std::mem::take(&mut self.refusal));
        }
        if finished.shown.is_empty() && !self.shown.is_empty() {
            finished.fill(&self.shown);
            return None;
        }
        if self.call.is_none() && matches!(self.kind, Kind::Function | Kind::Custom) {
            self.shown.clear();
            self.call = finished.blocks.iter().find_map(|block| match block {
                FinishedBlock::ToolCall { id, name, .. } => Some((id.clone(), name.clone())),
                _ => None,
            });
            return self.show(block, finished.shown.clone());
        }
        let rest = finished.shown.strip_prefix(&self.shown)?.to_owned();
        if rest.is_empty() { None } else { self.show(block, rest) }
    }

    /// What the item comes to when its end never came; a call that was never named is nothing.
    pub(super) fn abandon(self) -> Finished {
        let Self { kind, call, shown, refusal, .. } = self;
        let block = match (kind, call) {
            (Kind::Message, _) => Some(FinishedBlock::Text { text: String::new(), raw: None }),
            (Kind::Reasoning, _) => Some(FinishedBlock::Reasoning { text: String::new(), raw: None }),
            (Kind::Function, Some((id, name))) => {
                Some(FinishedBlock::ToolCall { id, name, arguments: arguments("") })
            }
            (Kind::Custom, Some((id, name))) => {
                Some(FinishedBlock::ToolCall { id, name, arguments: Ok(Value::String(String::new())) })
            }
            _ => None,
        };
        let refusal = Some(refusal).filter(|refusal| !refusal.is_empty());
        let mut finished = Finished { shown: String::new(), refusal, blocks: block.into_iter().collect() };
        finished.fill(&shown);
        finished
    }
}

fn call_event(block: usize, (id, name): &(CallId, String), arguments_delta: String) -> ModelEvent {
    ModelEvent::ToolCall { block, id: id.clone(), name: name.clone(), arguments_delta }
}
