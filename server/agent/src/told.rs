//! What the model is told beside the results of its own calls, and with which request: a fold over the items, so that a
//! crash loses nothing and later requests repeat the same words in the same place.

use crate::hunks::Ledger;
use crate::outcomes::{Outcomes, Words};
use glossator_context::{Occasion, Reminder, reminder_of};
use glossator_session::{AgentId, CallId, ContextItem, Item, ItemBody, TaskState, TurnId};
use std::collections::BTreeMap;

/// What an item is about that tells an agent of its part: a layer, never a reminder.
pub(crate) const ROLE: &str = "role";
/// Characters of a task's call, of its outcome and of its error that are told.
const LINE_CHARS: usize = 120;
const OUTCOME_CHARS: usize = 400;
/// Bytes that are told with one request.
const TOLD_BYTES: usize = 4 * 1024;

/// All that was told or is due, in the order in which it came up, in these `words`.
///
/// What comes up in round `n` is told with request `n + 1`, since request `n` was sent without it. Where that turn sends
/// no more messages it is told with the first request of the next turn; where there is no next turn yet, it waits.
///
/// `before` says where hunks stood before the items. `reader` is the agent that reads it; `None`: the session's own. What was told of the tools of one agent is for it alone.
pub(crate) fn reminders(
    (before, items): (&Ledger, &[Item]),
    reader: Option<&AgentId>,
    words: &Words,
) -> Vec<Reminder> {
    let mut outcomes = Outcomes::over(before);
    let turns = Turns::of(items);
    let shown = shown_with_results(items);
    let mut place = (TurnId(0), 0);
    let mut calls: BTreeMap<&CallId, (&str, &str)> = BTreeMap::new();
    let mut found = Vec::new();
    // What is told once only, whatever its length.
    let mut always: Vec<Reminder> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        place = place.max((item.turn, item.round));
        let text = match &item.body {
            ItemBody::ChangeSet { id, state } => {
                let texts = outcomes.take(id, state, words);
                let due = turns.told(at, place);
                let reminder = |text| due.map(|(turn, round)| Reminder { turn, round, text });
                found.extend(texts.into_iter().filter_map(reminder));
                continue;
            }
            ItemBody::Context(ContextItem::Told { text, about }) => {
                let is_meant = match about.as_str() {
                    ROLE => false,
                    "" => item.agent.as_ref() == reader,
                    _ => true,
                };
                let due = turns.told(at, place).filter(|_| is_meant);
                always.extend(due.map(|(turn, round)| Reminder { turn, round, text: text.clone() }));
                continue;
            }
            ItemBody::Task { id, state: TaskState::Running { tool, line } } => {
                calls.insert(id, (tool, line));
                continue;
            }
            ItemBody::Task { id, .. } if shown.get(id).is_some_and(|results| at < *results) => continue,
            ItemBody::Task { id, state } => end_of_task(id, calls.get(id).copied(), state),
            _ => continue,
        };
        found.extend(turns.told(at, place).map(|(turn, round)| Reminder { turn, round, text }));
    }
    // Of one request, what is told once comes first.
    always.extend(bounded(found));
    always
}

/// Where the results of the script that started a task stand: they tell of its end if it had come by then.
fn shown_with_results(items: &[Item]) -> BTreeMap<&CallId, usize> {
    let results = items.iter().enumerate().filter_map(|(at, item)| match &item.body {
        ItemBody::ScriptOutput { script, .. } => Some((script.0.as_str(), at)),
        _ => None,
    });
    let results: BTreeMap<&str, usize> = results.collect();
    let tasks = items.iter().filter_map(|item| match &item.body {
        ItemBody::Task { id, .. } => Some((id, *results.get(id.0.rsplit_once('.')?.0)?)),
        _ => None,
    });
    tasks.collect()
}

/// What is told with one request stays small: what is too much is counted.
fn bounded(all: Vec<Reminder>) -> Vec<Reminder> {
    let mut kept: Vec<Reminder> = Vec::new();
    let mut left_out: BTreeMap<(TurnId, u32), usize> = BTreeMap::new();
    let mut bytes: BTreeMap<(TurnId, u32), usize> = BTreeMap::new();
    for one in all {
        let place = (one.turn, one.round);
        let sum = bytes.entry(place).or_default();
        if *sum > 0 && *sum + one.text.len() > TOLD_BYTES {
            *left_out.entry(place).or_default() += 1;
            continue;
        }
        *sum += one.text.len();
        kept.push(one);
    }
    let more = left_out.into_iter().map(|((turn, round), count)| {
        let text = reminder_of(Occasion::More, &[("count", &count.to_string())]);
        Reminder { turn, round, text }
    });
    kept.extend(more);
    kept
}

fn end_of_task(id: &CallId, call: Option<(&str, &str)>, state: &TaskState) -> String {
    let what = match call {
        // Lines of most tools begin with their name.
        Some((tool, line)) if line.starts_with(tool) => format!(" ({})", cut(line, LINE_CHARS)),
        Some((tool, line)) => format!(" ({})", cut(&format!("{tool} {line}"), LINE_CHARS)),
        None => String::new(),
    };
    let told = |occasion, values: &[(&str, &str)]| {
        let known = [("id", id.0.as_str()), ("what", what.as_str())];
        reminder_of(occasion, &[&known, values].concat())
    };
    match state {
        TaskState::Running { .. } => format!("task {id}{what} runs"),
        TaskState::Done { summary, file_key, .. } => {
            let summary = cut(summary, OUTCOME_CHARS);
            match file_key {
                Some(key) => told(Occasion::TaskKept, &[("summary", &summary), ("key", &key.0)]),
                None => told(Occasion::TaskDone, &[("summary", &summary)]),
            }
        }
        TaskState::Failed { error } => {
            told(Occasion::TaskFailed, &[("error", &cut(&error.to_string(), OUTCOME_CHARS))])
        }
        TaskState::Lost => told(Occasion::TaskLost, &[]),
    }
}

/// One line of at most `most` characters.
fn cut(text: &str, most: usize) -> String {
    let line = text.replace(['\n', '\r'], " ");
    match line.char_indices().nth(most) {
        Some((at, _)) => format!("{} ...", &line[..at]),
        None => line.trim_end_matches('.').to_owned(),
    }
}

/// When each turn began and ended, and which of its rounds are followed by a message to the model.
#[derive(Default)]
struct Turns {
    turns: BTreeMap<TurnId, Turn>,
}

#[derive(Default)]
struct Turn {
    /// Index of its first item.
    began: usize,
    /// Index of the item that ends it.
    ended: Option<usize>,
    /// The last round that made calls: their results are a message.
    called: Option<u32>,
    /// The last two rounds in which the model answered: a message stood between them.
    answered: [Option<u32>; 2],
}

impl Turns {
    fn of(items: &[Item]) -> Turns {
        let mut all = Turns::default();
        let mut place = (TurnId(0), 0);
        for (at, item) in items.iter().enumerate() {
            place = place.max((item.turn, item.round));
            let (id, round) = place;
            let turn = all.turns.entry(id).or_insert_with(|| Turn { began: at, ..Turn::default() });
            match &item.body {
                ItemBody::TurnEnded { .. } => turn.ended = turn.ended.or(Some(at)),
                ItemBody::Answer { .. } | ItemBody::Reasoning { .. } => turn.answer(round),
                ItemBody::ToolCall { script: None, .. } => {
                    turn.answer(round);
                    turn.called = Some(round);
                }
                ItemBody::Script { .. } | ItemBody::ScriptOutput { .. } => turn.called = Some(round),
                _ => {}
            }
        }
        all
    }

    /// The turn and request with which the model is told of what item `at`, in round `n` of turn `id`, says.
    fn told(&self, at: usize, (id, n): (TurnId, u32)) -> Option<(TurnId, u32)> {
        let next = self.turns.range(TurnId(id.0.saturating_add(1))..).next();
        let here = self.turns.get(&id).is_some_and(|turn| match turn.ended {
            Some(end) => at < end && turn.heard_after(n),
            // A turn that was followed by another has ended, whether its log says so or not.
            None => next.is_none() || turn.heard_after(n),
        });
        match here {
            true => Some((id, n.saturating_add(1))),
            false => next.filter(|(_, turn)| turn.began > at).map(|(next, _)| (*next, 1)),
        }
    }
}

impl Turn {
    fn answer(&mut self, round: u32) {
        if self.answered[1] != Some(round) {
            self.answered = [self.answered[1], Some(round)];
        }
    }

    /// Whether a message to the model follows round `n` or a later one. Round 0 is such a message itself.
    fn heard_after(&self, n: u32) -> bool {
        n == 0 || self.called >= Some(n) || self.answered[0] >= Some(n)
    }
}

#[cfg(test)]
mod tests;
