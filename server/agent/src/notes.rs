//! The board of a session as its user and its tasks see it: notes of the user's, and tasks that ended.

use crate::desk_ports::board;
use crate::prompting::is_beside;
use crate::record::UPTO;
use crate::session::Session;
use glossator_session::{BoardEntry, BoardSource, ContextItem, Item, ItemBody, TaskState, TurnId};
use glossator_store::Sync;
use glossator_tools::BOARD_ENTRIES;
use std::collections::HashMap;

/// Puts the tasks whose end the model was told in this turn on the board, so that it finds their results in later turns,
/// too. To be called when turn `turn` ends.
pub(crate) fn post_ended_tasks(session: &Session, turn: TurnId, turns: u32) {
    for (title, text, key, bytes) in session.with_items(ended_tasks) {
        if board(session, turn).len() >= BOARD_ENTRIES {
            // The model was told of its end, and the key stands there.
            tracing::info!(%turn, title, "the board is full: a task that ended is not put on it");
            continue;
        }
        let entry = BoardEntry {
            id: session.fresh_board_id(),
            source: BoardSource::Task,
            title,
            text,
            key,
            bytes,
            turns: turns.max(1),
        };
        // A log that cannot be written has been reported by `record`.
        let _ = session.record(turn, ItemBody::Context(ContextItem::Posted { entry }), Sync::No);
    }
}

type Ended = (String, String, Option<glossator_session::FileKey>, u64);

/// The tasks of whose end the model was told since the last end of a turn, and whose results are kept under a key.
fn ended_tasks(items: &[Item]) -> Vec<Ended> {
    let before = items.iter().rposition(|item| matches!(item.body, ItemBody::TurnEnded { .. })).unwrap_or(0);
    let (from, upto) = (Told::last(items.get(..before).unwrap_or_default()), Told::last(items));
    let mut place = (TurnId(0), 0);
    let since = items.iter().filter(|item| {
        place = place.max((item.turn, item.round));
        upto.holds(item, place) && !from.holds(item, place)
    });
    let mut lines = HashMap::new();
    for item in items {
        if let ItemBody::Task { id, state: TaskState::Running { line, .. } } = &item.body {
            lines.insert(id, line.as_str());
        }
    }
    let ended = since.filter_map(|item| match &item.body {
        ItemBody::Task { id, state: TaskState::Done { summary, file_key: Some(key), bytes } } => {
            let line = lines.get(id).copied().unwrap_or_default();
            Some((format!("task {id}: {line}"), summary.clone(), Some(key.clone()), *bytes))
        }
        _ => None,
    });
    ended.collect()
}

/// What the last request of the conversation told: what was known when its round began. What came after that, and before
/// the request was made, is told with the next one.
struct Told {
    /// The last item that it was made of; 0: no request was made.
    upto: u64,
    round: (TurnId, u32),
}

impl Told {
    fn last(items: &[Item]) -> Told {
        let last = items.iter().rev().find_map(|item| match &item.body {
            ItemBody::Context(ContextItem::Request(record)) if !is_beside(record) => {
                let upto = record.parameters.get(UPTO)?.as_u64()?;
                Some(Told { upto, round: (item.turn, item.round) })
            }
            _ => None,
        });
        last.unwrap_or(Told { upto: 0, round: (TurnId(0), 0) })
    }

    /// Whether it told of an item that came up at `place`.
    fn holds(&self, item: &Item, place: (TurnId, u32)) -> bool {
        item.id.0 <= self.upto && place < self.round
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{ItemId, TurnStatus, Usage};

    #[test]
    fn each_ended_task_with_a_kept_result_is_found_once() {
        let mut items: Vec<Item> = Vec::new();
        let at = |items: &mut Vec<Item>, round: u32, body: ItemBody| {
            let id = ItemId(items.len() as u64 + 1);
            items.push(Item { id, turn: TurnId(1), round, at: 0, agent: None, body });
        };
        // Rounds as they come: each request has its own.
        let push = |items: &mut Vec<Item>, body: ItemBody| {
            let asks = matches!(&body, ItemBody::Context(ContextItem::Request(_)));
            let round = items.last().map_or(1, |last| last.round) + u32::from(asks);
            at(items, round, body);
        };
        let task = |id: &str, state: TaskState| ItemBody::Task { id: id.into(), state };
        let running = |line: &str| TaskState::Running { tool: "exec".to_owned(), line: line.to_owned() };
        let done = |key: Option<&str>| TaskState::Done {
            summary: "exit code 0".to_owned(),
            file_key: key.map(Into::into),
            bytes: 7,
        };
        let end = ItemBody::TurnEnded {
            status: TurnStatus::Done,
            usage: Usage::default(),
            cost: None,
            message: None,
        };
        let request = |upto: u64| {
            let parameters = serde_json::json!({ "upto": upto });
            let record = glossator_session::RequestRecord { parameters, ..Default::default() };
            ItemBody::Context(ContextItem::Request(Box::new(record)))
        };
        let titles = |items: &[Item]| ended_tasks(items).into_iter().map(|one| one.0).collect::<Vec<_>>();
        push(&mut items, task("a", running("cargo test")));
        push(&mut items, task("b", running("ls")));
        push(&mut items, task("b", done(None)));
        push(&mut items, request(3));
        assert!(titles(&items).is_empty(), "a short result is told in a line");
        push(&mut items, task("a", done(Some("K1"))));
        assert!(titles(&items).is_empty(), "it is not told yet");
        push(&mut items, end.clone());
        push(&mut items, request(6));
        assert_eq!(titles(&items), ["task a: cargo test"]);
        push(&mut items, end.clone());
        push(&mut items, request(8));
        assert!(titles(&items).is_empty());
        // It ended when the round had begun and the request was not made yet: the next one tells of it.
        push(&mut items, task("c", running("make")));
        let round = items.last().unwrap().round + 1;
        at(&mut items, round, task("c", done(Some("K2"))));
        let upto = items.len() as u64;
        at(&mut items, round, request(upto));
        assert!(titles(&items).is_empty(), "nobody was told");
        push(&mut items, end);
        push(&mut items, request(upto + 2));
        assert_eq!(titles(&items), ["task c: make"]);
    }
}
