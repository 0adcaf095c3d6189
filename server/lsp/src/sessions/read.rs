//! Reads a session by pages, and what was missed since a `seq`. Blocks: called off the message loop.

use crate::board::Board;
use crate::convert;
use crate::sessions::told;
use crate::tasks;
use glossator_agent::{Agent, AgentError, Missed, Snapshot};
use glossator_protocol_ext as ext;
use glossator_session::{Event, EventKind, Item, SessionId, TurnId};
use serde::Serialize;
use serde_json::value::RawValue;

/// Turns of a page, where none are named.
pub const TURNS: usize = 30;
/// Turns of a page at the most.
const MOST_TURNS: u32 = 1000;

/// What is wanted of a session.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The updates behind this one.
    pub after_seq: Option<u64>,
    /// Turns before this one.
    pub before: Option<TurnId>,
    /// How many turns at the most; `None`: what is at hand.
    pub turns: Option<u32>,
}

impl Wanted {
    fn count(&self) -> usize {
        self.turns.map_or(TURNS, |turns| turns.clamp(1, MOST_TURNS) as usize)
    }
}

/// What was read of a session: on the wire an [`ext::ReadSessionResult`] whose items are written as they are.
#[derive(Serialize)]
pub struct Read {
    /// All but the items.
    #[serde(flatten)]
    pub about: ext::ReadSessionResult,
    /// The items, where those were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<Box<RawValue>>>,
}

/// What was resumed: on the wire an [`ext::ResumeSessionResult`].
#[derive(Serialize)]
pub struct Resumed {
    /// The session, with its newest turns.
    pub read: Read,
    /// How it was left.
    pub left: ext::SessionLeft,
}

/// Reads a session.
pub fn read(agent: &Agent, id: &SessionId, wanted: &Wanted) -> Result<Read, AgentError> {
    if let Some(before) = wanted.before {
        return older(agent, id, (before, wanted.count()));
    }
    let mut snapshot = agent.read(id)?;
    let missed = match wanted.after_seq {
        Some(seq) => agent.missed(id, seq)?,
        None => None,
    };
    if let Some(Missed { events, seq, writing }) = missed {
        let mut about = about(agent, id, &snapshot);
        (about.seq, about.updates) = (seq, Some(updates(agent, id, &events)));
        about.writing = writing.iter().map(told::writing).collect();
        return Ok(Read { about, items: None });
    }
    let mut items = Vec::new();
    if wanted.turns.is_some() {
        items = to_length(agent, id, (&mut snapshot, wanted.count()))?;
    }
    items.extend(told::items(&snapshot.items));
    let mut about = about(agent, id, &snapshot);
    about.first = first(&items, snapshot.first);
    about.more = snapshot.more;
    Ok(Read { about, items: Some(items) })
}

/// A session without its items.
fn about(agent: &Agent, id: &SessionId, snapshot: &Snapshot) -> ext::ReadSessionResult {
    let asks = agent.pending().into_iter().filter(|pending| pending.session == *id);
    ext::ReadSessionResult {
        session: told::snapshot(snapshot),
        seq: snapshot.seq,
        items: None,
        updates: None,
        first: None,
        more: false,
        running: snapshot.running.map(|turn| turn.to_string()),
        writing: snapshot.writing.iter().map(told::writing).collect(),
        asks: asks.map(|pending| convert::ask(&pending.ask)).collect(),
        queued: agent
            .queued(id)
            .map(|queue| queue.prompts.iter().map(convert::queued).collect())
            .unwrap_or_default(),
        settings: None,
        read_only: snapshot.read_only.clone(),
    }
}

/// An older page.
fn older(agent: &Agent, id: &SessionId, (before, turns): (TurnId, usize)) -> Result<Read, AgentError> {
    let page = agent.page_json(id, Some(before), turns)?;
    let mut about = about(agent, id, &agent.read(id)?);
    (about.seq, about.writing) = (0, Vec::new());
    about.first = first(&page.items, page.first);
    about.more = page.more;
    Ok(Read { about, items: Some(page.items) })
}

fn first<T>(items: &[T], first: TurnId) -> Option<String> {
    (!items.is_empty()).then(|| first.to_string())
}

/// Brings a snapshot to the newest `turns` turns: cuts it, or gives what stands before it.
fn to_length(
    agent: &Agent,
    id: &SessionId,
    (snapshot, turns): (&mut Snapshot, usize),
) -> Result<Vec<Box<RawValue>>, AgentError> {
    let held = held(&snapshot.items);
    if held.len() > turns {
        let from = held[held.len() - turns];
        snapshot.items.retain(|item| item.turn >= from);
        (snapshot.first, snapshot.more) = (from, true);
    } else if snapshot.more && held.len() < turns {
        let page = agent.page_json(id, Some(snapshot.first), turns - held.len())?;
        snapshot.items.retain(|item| item.turn >= snapshot.first);
        (snapshot.first, snapshot.more) = (page.first, page.more);
        return Ok(page.items);
    }
    Ok(Vec::new())
}

/// The turns that these items are of, oldest first.
fn held(items: &[Item]) -> Vec<TurnId> {
    let mut turns: Vec<TurnId> = items.iter().map(|item| item.turn).collect();
    turns.sort_unstable();
    turns.dedup();
    turns
}

/// What was missed, as it would have been told.
fn updates(agent: &Agent, id: &SessionId, events: &[Event]) -> Vec<ext::SessionUpdateParams> {
    let mut board = Board::default();
    let known = |task: &_| agent.tasks(id).ok()?.into_iter().find(|one| one.id == *task);
    let told = events.iter().map(|event| {
        let mut update = convert::update(event);
        if let EventKind::ItemCompleted { item } = &event.kind
            && let Some(seen) = board.take_in(item, known)
        {
            update.update = ext::Update::Task(tasks::told(id, &seen.task));
        }
        update
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_pages_are_bounded() {
        for (asked, turns) in [(None, TURNS), (Some(0), 1), (Some(7), 7), (Some(u32::MAX), 1000)] {
            assert_eq!(Wanted { turns: asked, ..Wanted::default() }.count(), turns, "{asked:?}");
        }
    }
}
