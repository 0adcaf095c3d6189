//! How the history of a session is told: whole, or run by run, each turn with a context of its own. Chosen when the session
//! begins and kept in its head. Records nothing.

use crate::config::History;
use crate::session::Session;
use glossator_context::{OneShot, Regular, Strategy};
use glossator_session::{Item, ItemId, TurnId};
use std::sync::Arc;

/// How the history of `session` is told.
pub(crate) fn of(session: &Session) -> History {
    History::named(&session.head().strategy)
}

/// The strategy for turn `turn`, whose items, as far as there are any, are among `items`; history is compacted, or a run
/// ended, at `percent` of the window.
pub(crate) fn strategy(history: History, items: &[Item], (turn, percent): (TurnId, u8)) -> Arc<dyn Strategy> {
    match history {
        History::Regular => Arc::new(Regular { percent }),
        History::OneShot => {
            let first = begin(items, turn).map_or(ItemId(u64::MAX), |item| item.id);
            Arc::new(OneShot { first, percent })
        }
    }
}

/// Those of `items` that a model is sent in turn `turn`.
pub(crate) fn seen(history: History, items: &[Item], turn: TurnId) -> &[Item] {
    match (history, begin(items, turn)) {
        (History::Regular, _) => items,
        (History::OneShot, None) => &[],
        (History::OneShot, Some(first)) => {
            items.get(items.partition_point(|item| item.id < first.id)..).unwrap_or_default()
        }
    }
}

/// The first item of a turn. What earlier turns left behind may still come between those that follow.
fn begin(items: &[Item], turn: TurnId) -> Option<&Item> {
    items.iter().find(|item| item.turn >= turn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{ItemBody, NoticeLevel};

    /// Items of these turns, ids from 1.
    fn items(turns: &[u32]) -> Vec<Item> {
        let item = |(at, turn): (usize, &u32)| Item {
            id: ItemId(at as u64 + 1),
            turn: TurnId(*turn),
            round: 0,
            at: 0,
            agent: None,
            body: ItemBody::Notice { level: NoticeLevel::Info, text: String::new() },
        };
        turns.iter().enumerate().map(item).collect()
    }

    #[test]
    fn a_run_sees_nothing_from_before_it() {
        let check = |history: History, turns: &[u32], turn: u32, expected: usize| {
            let items = items(turns);
            let seen = seen(history, &items, TurnId(turn));
            assert_eq!(seen.len(), expected, "{history:?} {turns:?} {turn}");
            assert_eq!(seen.last(), items.last().filter(|_| expected > 0));
        };
        check(History::Regular, &[1, 1, 2, 2], 2, 4);
        check(History::OneShot, &[1, 1, 2, 2], 2, 2);
        check(History::OneShot, &[1, 1, 2, 1, 2], 2, 3);
        check(History::OneShot, &[1, 1], 1, 2);
        check(History::OneShot, &[1, 1], 2, 0);
        check(History::OneShot, &[], 1, 0);
    }

    #[test]
    fn names() {
        for history in [History::Regular, History::OneShot] {
            assert_eq!(History::named(history.name()), history);
        }
        // Logs of versions that knew no other, and of those that know more.
        assert_eq!(History::named(""), History::Regular);
        assert_eq!(History::named("gradient"), History::Regular);
        assert_eq!(strategy(History::OneShot, &[], (TurnId(1), 85)).name(), "one-shot");
    }
}
