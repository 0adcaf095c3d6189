//! The tool calls of one answer, put together from fragments as differently as servers send them.

use super::NAME;
use super::chunk::CallDelta;
use crate::wire::WireNames;
use crate::{FinishedBlock, ModelEvent};
use glossator_session::{CallId, Raw};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// All calls so far, in the order in which they began.
#[derive(Default)]
pub(super) struct Calls {
    slots: Vec<Slot>,
}

/// One call.
#[derive(Default)]
struct Slot {
    index: Option<u64>,
    /// As the server names it; empty while it has not.
    told_id: String,
    name: String,
    arguments: String,
    custom: bool,
    extra: Option<Box<RawValue>>,
    /// Its block and its id in our events, from when it is shown.
    shown: Option<(usize, CallId)>,
}

/// What a server wants back with a call, beside the call itself. It stands right before the call.
#[derive(Serialize)]
struct Extra<'a> {
    r#type: &'static str,
    extra_content: &'a RawValue,
}

impl Calls {
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Takes in a fragment. A call is shown from when its id and name are known.
    pub fn push(&mut self, delta: &CallDelta<'_>, names: &WireNames, next: &mut usize) -> Vec<ModelEvent> {
        let (id, (name, arguments)) = (delta.id(), delta.named());
        if (id.as_str(), name.as_str(), arguments.as_str()) == ("", "", "") && delta.extra_content.is_none() {
            return Vec::new();
        }
        let at = self.slot(delta.index(), &id, (&name, &arguments));
        let taken = self.slots.iter().any(|slot| slot.told_id == id);
        let slot = &mut self.slots[at];
        if slot.told_id.is_empty() && !taken {
            slot.told_id = id;
        }
        if slot.name.is_empty() {
            slot.name = name;
        }
        slot.custom |= delta.is_custom();
        slot.extra = slot.extra.take().or_else(|| delta.extra_content.map(ToOwned::to_owned));
        slot.arguments.push_str(&arguments);
        if let Some((block, id)) = &slot.shown {
            return fragment(*block, id, &names.ours(&slot.name), &arguments).into_iter().collect();
        }
        if slot.told_id.is_empty() || slot.name.is_empty() {
            return Vec::new();
        }
        let id = slot.told_id.clone();
        slot.show(CallId(id), names, next)
    }

    /// The slot that a fragment belongs to.
    fn slot(&mut self, index: Option<u64>, id: &str, said: (&str, &str)) -> usize {
        let found = match index {
            Some(_) => self.slots.iter().rposition(|slot| slot.index == index),
            None if !id.is_empty() => self.slots.iter().rposition(|slot| slot.told_id == id),
            None => self.slots.len().checked_sub(1),
        };
        match found {
            Some(at) if !self.slots[at].is_over(id, said) => at,
            _ => {
                self.slots.push(Slot { index, ..Slot::default() });
                self.slots.len() - 1
            }
        }
    }

    /// Ends all calls: gives what was not shown yet, and the finished blocks. `cut`: why none of
    /// them may be executed: the answer was cut.
    pub fn finish(
        self,
        cut: Option<&str>,
        names: &WireNames,
        (model, next): (&str, &mut usize),
    ) -> Vec<ModelEvent> {
        let mut ids: Vec<String> = self.slots.iter().map(|slot| slot.told_id.clone()).collect();
        let mut events = Vec::new();
        let mut slots: Vec<Slot> = self.slots.into_iter().filter(|slot| !slot.is_phantom()).collect();
        for (slot, number) in slots.iter_mut().zip(1_usize..) {
            if slot.shown.is_none() {
                let id = free_id(&slot.told_id, number, &mut ids);
                events.extend(slot.show(CallId(id), names, next));
            }
        }
        // The index tells the order, not the place: it may begin anywhere and have gaps.
        slots.sort_by_key(|slot| slot.index.unwrap_or(u64::MAX));
        for slot in slots {
            if let Some(raw) = slot.extra_raw(model).filter(|_| cut.is_none()) {
                events.push(ModelEvent::Block { block: *next, finished: FinishedBlock::Opaque { raw } });
                *next += 1;
            }
            events.extend(slot.finish(cut, names));
        }
        events
    }
}

impl Slot {
    /// Whether a fragment with this id, name and arguments begins another call, although its index is the same.
    fn is_over(&self, id: &str, (name, arguments): (&str, &str)) -> bool {
        if !id.is_empty() {
            return !self.told_id.is_empty() && self.told_id != id;
        }
        let other = !name.is_empty() && !self.name.is_empty() && self.name != name;
        // Without ids, a name with arguments after whole arguments is the next call.
        let next = !name.is_empty() && !arguments.trim().is_empty() && self.is_whole();
        other || next
    }

    fn is_whole(&self) -> bool {
        serde_json::from_str::<Map<String, Value>>(&self.arguments).is_ok()
    }

    /// Nothing but a place: some servers open more than they fill.
    fn is_phantom(&self) -> bool {
        self.told_id.is_empty() && self.name.is_empty() && self.arguments.trim().is_empty()
    }

    fn show(&mut self, id: CallId, names: &WireNames, next: &mut usize) -> Vec<ModelEvent> {
        let (block, name) = (*next, names.ours(&self.name));
        *next += 1;
        let begun = ModelEvent::ToolCall {
            block,
            id: id.clone(),
            name: name.clone(),
            arguments_delta: String::new(),
        };
        let events = [begun].into_iter().chain(fragment(block, &id, &name, &self.arguments)).collect();
        self.shown = Some((block, id));
        events
    }

    fn extra_raw(&self, model: &str) -> Option<Raw> {
        let extra = Extra { r#type: "tool_call_extra", extra_content: self.extra.as_deref()? };
        let json = serde_json::to_string(&extra).ok()?;
        Some(Raw { wire: NAME.to_owned(), model: model.to_owned(), json })
    }

    fn finish(self, cut: Option<&str>, names: &WireNames) -> Option<ModelEvent> {
        let (block, id) = self.shown?;
        let arguments = match (cut, self.arguments) {
            (Some(why), _) => Err(why.to_owned()),
            (None, text) if self.custom => Ok(Value::String(text)),
            (None, text) if text.trim().is_empty() => Ok(Value::Object(Map::new())),
            (None, text) => serde_json::from_str(&text).map_err(|_| text),
        };
        let finished = FinishedBlock::ToolCall { id, name: names.ours(&self.name), arguments };
        Some(ModelEvent::Block { block, finished })
    }
}

fn fragment(block: usize, id: &CallId, name: &str, text: &str) -> Option<ModelEvent> {
    let (id, name) = (id.clone(), name.to_owned());
    (!text.is_empty()).then(|| ModelEvent::ToolCall { block, id, name, arguments_delta: text.to_owned() })
}

/// The server's id, or one that no other call of the answer has.
fn free_id(told: &str, number: usize, ids: &mut Vec<String>) -> String {
    if !told.is_empty() {
        return told.to_owned();
    }
    let mut numbers = number..;
    let id = numbers.find_map(|number| {
        let id = format!("call_{number}");
        (!ids.contains(&id)).then_some(id)
    });
    let id = id.unwrap_or_default();
    ids.push(id.clone());
    id
}
