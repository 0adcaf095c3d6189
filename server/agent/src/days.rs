//! What may still be spent, and what the user has spent today in all sessions: read before requests, added to behind each,
//! on the day on which it was answered. What a killed turn could not add is added when its session is opened.

use crate::running::{Ended, Running};
use crate::session::now;
use crate::shared::Shared;
use crate::spent::Spent;
use glossator_session::{ContextItem, Item, ItemBody, SessionId, TurnId, TurnStatus};
use glossator_store::{Store, StoreError, day_of};
use std::collections::BTreeSet;
use std::sync::Arc;

const MINUTE_MILLIS: i64 = 60_000;

/// Why nothing more may be asked: the user stopped it, or a budget is used up.
pub(crate) async fn may_ask(running: &Running, spent: &Spent) -> Option<Ended> {
    if running.cancel.is_cancelled() {
        return Some((TurnStatus::Interrupted, None));
    }
    let budget = &running.config.limits.budget;
    let today = match budget.bounds_the_day() {
        true => of_today(&running.shared).await,
        false => None,
    };
    // Where days are not kept, this turn is all that is known.
    let today = today.unwrap_or_else(|| amounts(spent));
    let before = running.session.spent();
    budget.exceeded(spent, &before, today).map(|message| (TurnStatus::Limited, Some(message)))
}

/// Tokens and millionths of a US dollar.
fn amounts(spent: &Spent) -> (u64, u64) {
    (spent.usage.total(), spent.cost.as_ref().map_or(0, |cost| cost.micro_usd))
}

/// What was spent today, this turn included; `None` where that cannot be read.
async fn of_today(shared: &Arc<Shared>) -> Option<(u64, u64)> {
    let shared = shared.clone();
    let read = move || {
        let spent = shared.store.as_ref().ok()?.spent_on(&day_of(now()));
        spent.inspect_err(|error| tracing::warn!(%error, "what was spent today cannot be read")).ok()
    };
    let spent = tokio::task::spawn_blocking(read).await.ok().flatten();
    spent.map(|spent| (spent.tokens, spent.micro_usd))
}

/// Adds what a request came to that has just been answered; `turn`: of which turn it was.
pub(crate) async fn add(shared: &Arc<Shared>, turn: Option<(&SessionId, TurnId)>, spent: &Spent) {
    let (amounts, by) = (amounts(spent), turn.map(|(session, turn)| name(session, turn)).unwrap_or_default());
    if amounts == (0, 0) {
        return;
    }
    let shared = shared.clone();
    let add = move || {
        let Ok(store) = &shared.store else { return };
        if let Err(error) = store.add_spent(&day_of(now()), &by, amounts) {
            tracing::warn!(%error, "what was spent cannot be written down");
        }
    };
    // Awaited, so that the next look at the budget counts it.
    let _ = tokio::task::spawn_blocking(add).await;
}

fn name(session: &SessionId, turn: TurnId) -> String {
    format!("{session}/{turn}")
}

/// Adds what the latest turn of `items` spent and could not add, because it was killed. Blocks.
pub(crate) fn catch_up(store: &Store, session: &SessionId, items: &[Item]) {
    let Some(turn) = items.iter().map(|item| item.turn).max() else { return };
    let of_turn = || items.iter().filter(|item| item.turn == turn);
    if of_turn().any(|item| matches!(item.body, ItemBody::TurnEnded { .. })) {
        return;
    }
    let requests = of_turn().filter_map(|item| match &item.body {
        ItemBody::Context(ContextItem::Request(record)) => {
            let mut spent = Spent::default();
            spent.add(record.usage, record.cost.as_ref());
            Some((item.at, amounts(&spent)))
        }
        _ => None,
    });
    let requests: Vec<_> = requests.collect();
    if let Err(error) = add_missing(store, &name(session, turn), &requests) {
        tracing::warn!(%error, "what a killed turn had spent cannot be written down");
    }
}

/// Adds what of these requests, each with when it was answered, is not written down; the latest are missing first.
fn add_missing(store: &Store, by: &str, requests: &[(i64, (u64, u64))]) -> Result<(), StoreError> {
    // A request that was answered at midnight may have been added behind it.
    let days = requests.iter().flat_map(|(at, _)| [day_of(*at), day_of(at.saturating_add(MINUTE_MILLIS))]);
    let mut known = (0_u64, 0_u64);
    for day in days.collect::<BTreeSet<String>>() {
        let spent = store.spent_by(&day, by)?;
        known = (known.0.saturating_add(spent.tokens), known.1.saturating_add(spent.micro_usd));
    }
    for (at, (tokens, money)) in requests {
        let missing = (tokens.saturating_sub(known.0), money.saturating_sub(known.1));
        known = (known.0.saturating_sub(*tokens), known.1.saturating_sub(*money));
        if missing != (0, 0) {
            store.add_spent(&day_of(*at), by, missing)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{Cost, ItemId, RequestRecord, Usage};

    #[test]
    fn what_a_killed_turn_spent_is_counted_once_on_the_days_on_which_it_was() {
        const DAY: i64 = 24 * 60 * MINUTE_MILLIS;
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("state"), folder.path()).unwrap();
        let session: SessionId = "s".into();
        let at = 1_795_000_000_000;
        let request = |id: u64, at: i64, turn: u32| {
            let usage = Usage { input: 100, ..Usage::default() };
            let cost = Some(Cost { micro_usd: 7, prices_of: String::new() });
            let record = RequestRecord { usage, cost, ..RequestRecord::default() };
            let body = ItemBody::Context(ContextItem::Request(Box::new(record)));
            Item { id: ItemId(id), turn: TurnId(turn), round: 1, at, agent: None, body }
        };
        let items = [request(1, at, 1), request(2, at, 2), request(3, at + DAY, 2), request(4, at + DAY, 2)];
        let of =
            |at: i64| store.spent_on(&day_of(at)).map(|day| (day.tokens, day.micro_usd, day.turns)).unwrap();
        // It could write down the first of its requests.
        store.add_spent(&day_of(at), &name(&session, TurnId(2)), (100, 7)).unwrap();
        store.add_spent(&day_of(at), &name(&session, TurnId(1)), (100, 7)).unwrap();
        for _ in 0..2 {
            catch_up(&store, &session, &items);
            assert_eq!((of(at), of(at + DAY)), ((200, 14, 2), (200, 14, 1)));
        }
        let end = ItemBody::TurnEnded {
            status: TurnStatus::Done,
            usage: Usage::default(),
            cost: None,
            message: None,
        };
        let ended = [request(5, at + 2 * DAY, 3), Item { body: end, ..request(6, at + 2 * DAY, 3) }];
        catch_up(&store, &session, &ended);
        catch_up(&store, &session, &[]);
        assert_eq!(of(at + 2 * DAY), (0, 0, 0));
    }
}
