//! The log cut into rounds: what one model request was answered with, and what came of it.

use glossator_session::{CallId, Item, ItemBody, ToolCall, ToolError, ToolOutput, TurnId};

/// The items of one round of one turn. Round 0 is what the user sent.
#[derive(Debug)]
pub(crate) struct Round<'a> {
    pub turn: TurnId,
    pub number: u32,
    pub items: Vec<&'a Item>,
}

/// Cuts `items` at each step to a later turn or round. An item that names an earlier one than the item before it (the
/// undo of an old turn, a late report) belongs where it stands: what was sent before it existed does not change.
pub(crate) fn split(items: &[Item], current: TurnId) -> Vec<Round<'_>> {
    let mut rounds: Vec<Round> = Vec::new();
    for item in items.iter().filter(|item| item.turn <= current) {
        match rounds.last_mut() {
            Some(last) if (item.turn, item.round) <= (last.turn, last.number) => last.items.push(item),
            _ => rounds.push(Round { turn: item.turn, number: item.round, items: vec![item] }),
        }
    }
    rounds
}

impl<'a> Round<'a> {
    pub fn bodies(&self) -> impl Iterator<Item = &'a ItemBody> + '_ {
        self.items.iter().map(|item| &item.body)
    }

    /// The calls that the model made natively; of two with one id the first, as wires refuse a second.
    pub fn native_calls(&self) -> impl Iterator<Item = &'a ToolCall> + '_ {
        let calls = || {
            self.bodies().filter_map(|body| match body {
                ItemBody::ToolCall { call, script: None } => Some(call),
                _ => None,
            })
        };
        calls()
            .enumerate()
            .filter(move |(at, call)| calls().take(*at).all(|other| other.id != call.id))
            .map(|(_, call)| call)
    }

    /// The calls that a script made.
    pub fn calls_of<'s>(&'s self, id: &'s CallId) -> impl Iterator<Item = &'a ToolCall> + 's {
        self.bodies().filter_map(move |body| match body {
            ItemBody::ToolCall { call, script: Some(script) } if script == id => Some(call),
            _ => None,
        })
    }

    /// The first outcome stored for a call.
    pub fn output(&self, id: &CallId) -> Option<&'a Result<ToolOutput, ToolError>> {
        self.bodies().find_map(|body| match body {
            ItemBody::ToolOutput { call, outcome, .. } if call == id => Some(outcome),
            _ => None,
        })
    }

    pub fn has_script_output(&self, id: &CallId) -> bool {
        self.bodies().any(|body| matches!(body, ItemBody::ScriptOutput { script, .. } if script == id))
    }
}
