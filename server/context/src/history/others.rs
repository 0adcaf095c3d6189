//! What one agent of a session hears of the others: their answers, and their calls in a line each. Their thinking, scripts
//! and results stay their own.

use crate::OWN_AGENT;
use crate::addressed::addresses;
use crate::escape::{attribute, escape_reserved};
use crate::outcome::call_line;
use crate::round::Round;
use glossator_session::{AgentId, ItemBody, TurnId};

/// Calls of one answer that are told; the others are counted.
const CALLS: usize = 20;

/// Whom a prompt is for, as an attribute; empty where it is for the reader alone.
pub(super) fn named(to: &[AgentId], reader: Option<&AgentId>) -> String {
    match (to, reader) {
        ([], None) => String::new(),
        ([], Some(_)) => OWN_AGENT.to_owned(),
        ([one], _) if addresses(std::slice::from_ref(one), reader) => String::new(),
        (all, _) => all.iter().map(|agent| attribute(&agent.0)).collect::<Vec<_>>().join(", "),
    }
}

/// Who speaks in a round; `None` where nobody does.
pub(super) fn speaker<'a>(round: &Round<'a>) -> Option<Option<&'a AgentId>> {
    let spoken = round.items.iter().find(|item| {
        matches!(
            item.body,
            ItemBody::Answer { .. }
                | ItemBody::Reasoning { .. }
                | ItemBody::ToolCall { script: None, .. }
                | ItemBody::Script { .. }
                | ItemBody::ScriptOutput { .. }
        )
    });
    spoken.map(|item| item.agent.as_ref())
}

/// What was heard of other agents and not told yet.
#[derive(Debug, Default)]
pub(super) struct Others {
    heard: Vec<Heard>,
    /// The last round that was heard.
    last: Option<(TurnId, u32)>,
}

/// One answer of another agent: its rounds in one turn.
#[derive(Debug)]
struct Heard {
    agent: String,
    turn: TurnId,
    lines: Vec<String>,
    calls: usize,
}

impl Others {
    /// Takes in a round of `agent`.
    pub fn hear(&mut self, round: &Round, agent: Option<&AgentId>) {
        let name = agent.map_or(OWN_AGENT, |agent| agent.0.as_str());
        self.last = Some((round.turn, round.number));
        let goes_on = self.heard.last().is_some_and(|heard| heard.agent == name && heard.turn == round.turn);
        if !goes_on {
            let agent = name.to_owned();
            self.heard.push(Heard { agent, turn: round.turn, lines: Vec::new(), calls: 0 });
        }
        let Some(heard) = self.heard.last_mut() else { return };
        for body in round.bodies() {
            match body {
                ItemBody::Answer { text, .. } => {
                    let text = without_scripts(text, round);
                    if !text.trim().is_empty() {
                        heard.lines.push(text.trim().to_owned());
                    }
                }
                ItemBody::ToolCall { call, .. } => {
                    heard.calls += 1;
                    if heard.calls <= CALLS {
                        heard.lines.push(format!("- {}", call_line(call, round.output(&call.id))));
                    }
                }
                _ => {}
            }
        }
    }

    /// What was heard, an element for each answer, and the last round of it.
    pub fn take(&mut self) -> Option<(Vec<String>, (TurnId, u32))> {
        let last = self.last.take()?;
        Some((std::mem::take(&mut self.heard).iter().filter_map(Heard::element).collect(), last))
    }
}

impl Heard {
    fn element(&self) -> Option<String> {
        let mut text = self.lines.join("\n");
        if self.calls > CALLS {
            text.push_str(&format!("\n({} more calls)", self.calls - CALLS));
        }
        let (from, turn, text) = (attribute(&self.agent), self.turn, escape_reserved(&text));
        (!text.is_empty())
            .then(|| format!("<agent-answer from=\"{from}\" turn=\"{turn}\">\n{text}\n</agent-answer>"))
    }
}

/// An answer without the blocks of the scripts that were found in it.
fn without_scripts(answer: &str, round: &Round) -> String {
    let mut text = answer.to_owned();
    for body in round.bodies() {
        let ItemBody::Script { source, .. } = body else { continue };
        let Some(at) = text.find(source.as_str()).filter(|_| !source.is_empty()) else { continue };
        let start = text[..at].rfind('<').unwrap_or(at);
        let behind = at + source.len();
        let end = text[behind..].find('>').map_or(text.len(), |end| behind + end + 1);
        text.replace_range(start..end, "");
    }
    text
}
