//! What may still be spent, and what the user has spent today in all sessions: read before requests, added to at the end
//! of each turn. A turn that is running elsewhere is not counted.

use crate::running::{Ended, Running};
use crate::session::now;
use crate::shared::Shared;
use crate::spent::Spent;
use glossator_session::TurnStatus;
use glossator_store::day_of;
use std::sync::Arc;

/// Why nothing more may be asked: the user stopped it, or a budget is used up.
pub(crate) async fn may_ask(running: &Running, spent: &Spent) -> Option<Ended> {
    if running.cancel.is_cancelled() {
        return Some((TurnStatus::Interrupted, None));
    }
    let budget = &running.config.limits.budget;
    let mut today = (spent.usage.total(), spent.cost.as_ref().map_or(0, |cost| cost.micro_usd));
    if budget.bounds_the_day() {
        let (tokens, money) = of_today(&running.shared).await;
        today = (today.0.saturating_add(tokens), today.1.saturating_add(money));
    }
    let before = running.session.spent();
    budget.exceeded(spent, &before, today).map(|message| (TurnStatus::Limited, Some(message)))
}

/// Tokens and millionths of a US dollar that were spent today by turns that have ended; nothing where that cannot be read.
async fn of_today(shared: &Arc<Shared>) -> (u64, u64) {
    let shared = shared.clone();
    let read = move || {
        let spent = shared.store.as_ref().ok()?.spent_on(&day_of(now()));
        spent.inspect_err(|error| tracing::warn!(%error, "what was spent today cannot be read")).ok()
    };
    let spent = tokio::task::spawn_blocking(read).await.ok().flatten();
    spent.map_or((0, 0), |spent| (spent.tokens, spent.micro_usd))
}

/// Adds what a turn came to.
pub(crate) async fn add(shared: &Arc<Shared>, spent: &Spent) {
    let (tokens, money) = (spent.usage.total(), spent.cost.as_ref().map_or(0, |cost| cost.micro_usd));
    if tokens == 0 && money == 0 {
        return;
    }
    let shared = shared.clone();
    let add = move || {
        let Ok(store) = &shared.store else { return };
        if let Err(error) = store.add_spent(&day_of(now()), tokens, money) {
            tracing::warn!(%error, "what was spent cannot be written down");
        }
    };
    // Awaited, so that the next turn's look at the budget counts it.
    let _ = tokio::task::spawn_blocking(add).await;
}
