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
    let (from, upto) = (seen_up_to(items.get(..before).unwrap_or_default()), seen_up_to(items));
    let since = items.iter().filter(|item| from < item.id.0 && item.id.0 <= upto);
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

/// The last item that a request of the conversation was made of; 0: none was made.
fn seen_up_to(items: &[Item]) -> u64 {
    let seen = items.iter().rev().find_map(|item| match &item.body {
        ItemBody::Context(ContextItem::Request(record)) if !is_beside(record) => {
            record.parameters.get(UPTO)?.as_u64()
        }
        _ => None,
    });
    seen.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{ItemId, TurnStatus, Usage};

    #[test]
    fn each_ended_task_with_a_kept_result_is_found_once() {
        let mut items: Vec<Item> = Vec::new();
        let push = |items: &mut Vec<Item>, body: ItemBody| {
            let id = ItemId(items.len() as u64 + 1);
            items.push(Item { id, turn: TurnId(1), round: 1, at: 0, agent: None, body });
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
        push(&mut items, end);
        push(&mut items, request(8));
        assert!(titles(&items).is_empty());
    }
}
