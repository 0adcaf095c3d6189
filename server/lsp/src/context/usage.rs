//! What was spent, and what is left of the budgets.

use crate::blocking::with_agent;
use crate::connection::Connection;
use crate::convert;
use glossator_agent::{AgentError, Budget, DaySpent, SessionUsage};
use glossator_protocol_ext as ext;
use glossator_session::SessionId;
use std::sync::Arc;

/// What a session and a day have spent.
pub async fn read(
    connection: &Arc<Connection>,
    (id, day): (Option<SessionId>, Option<String>),
) -> Result<ext::ReadUsageResult, AgentError> {
    let worker = connection.clone();
    with_agent(connection, move |agent| {
        let session = id.as_ref().map(|id| agent.usage(id)).transpose()?;
        let is_today = day.is_none();
        let (day, spent) = agent.spent_on(day.as_deref())?;
        // Budgets of a day are those of today.
        let today = if is_today { spent } else { agent.spent_on(None)?.1 };
        let config = worker.config(worker.trusted());
        Ok(ext::ReadUsageResult {
            budgets: budgets(&config.limits.budget, session.as_ref(), today),
            session: id.zip(session).map(|(id, spent)| ext::SessionUsage {
                session_id: id.0,
                turns: spent.turns,
                usage: convert::usage(&spent.usage),
                cost: spent.cost.as_ref().map(convert::cost),
            }),
            day: ext::DayUsage { day, tokens: spent.tokens, micro_usd: spent.micro_usd },
        })
    })
    .await
}

fn budgets(budget: &Budget, session: Option<&SessionUsage>, today: DaySpent) -> Vec<ext::Budget> {
    let tokens = session.map_or(0, |spent| spent.usage.total());
    let money = session.and_then(|spent| spent.cost.as_ref()).map_or(0, |cost| cost.micro_usd);
    let rows = [
        ("turn_tokens", budget.turn_tokens, 0),
        ("turn_usd", budget.turn_micro_usd, 0),
        ("session_tokens", budget.session_tokens, tokens),
        ("session_usd", budget.session_micro_usd, money),
        ("day_tokens", budget.day_tokens, today.tokens),
        ("day_usd", budget.day_micro_usd, today.micro_usd),
    ];
    let row = |(key, limit, spent): (&str, Option<u64>, u64)| {
        let limit = limit?;
        Some(ext::Budget { key: key.to_owned(), limit, left: limit.saturating_sub(spent) })
    };
    rows.into_iter().filter_map(row).collect()
}

/// The same for people.
pub fn in_words(read: &ext::ReadUsageResult) -> String {
    let mut parts = Vec::new();
    if let Some(session) = &read.session {
        let usage = &session.usage;
        let input = usage.input + usage.cache_read + usage.cache_write;
        let cost = session.cost.as_ref().map(|cost| format!(", {}", usd(cost.micro_usd))).unwrap_or_default();
        let turns = if session.turns == 1 { "turn" } else { "turns" };
        parts.push(format!(
            "This session: {} {turns}, {input} tokens in ({} of them from a cache), {} out{cost}.",
            session.turns, usage.cache_read, usage.output
        ));
    }
    let day = &read.day;
    parts.push(format!("{}: {} tokens, {}.", day.day, day.tokens, usd(day.micro_usd)));
    for budget in &read.budgets {
        let shown = |amount: u64| match budget.key.ends_with("usd") {
            true => usd(amount),
            false => format!("{amount} tokens"),
        };
        parts.push(format!("Budget {}: {} of {} left.", budget.key, shown(budget.left), shown(budget.limit)));
    }
    if read.budgets.is_empty() {
        parts.push("No budget is set ([budget] in the settings).".to_owned());
    }
    parts.join(" ")
}

/// Money as people say it.
pub fn usd(micro: u64) -> String {
    format!("{:.4} USD", micro as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{Cost, Usage};

    #[test]
    fn what_is_left_of_budgets() {
        let budget =
            Budget { session_tokens: Some(100), day_micro_usd: Some(1_000_000), ..Budget::default() };
        let spent = SessionUsage {
            usage: Usage { input: 150, ..Usage::default() },
            cost: Some(Cost { micro_usd: 20, prices_of: "2026-11-20".to_owned() }),
            turns: 2,
        };
        let today = DaySpent { tokens: 9, micro_usd: 400_000, turns: 1 };
        let found = budgets(&budget, Some(&spent), today);
        let found: Vec<_> = found.iter().map(|one| (one.key.as_str(), one.limit, one.left)).collect();
        assert_eq!(found, [("session_tokens", 100, 0), ("day_usd", 1_000_000, 600_000)]);
        assert!(budgets(&Budget::default(), None, today).is_empty());
    }

    #[test]
    fn spending_in_words() {
        let read = ext::ReadUsageResult {
            session: None,
            day: ext::DayUsage { day: "2026-11-20".to_owned(), tokens: 12, micro_usd: 1500 },
            budgets: vec![ext::Budget { key: "day_usd".to_owned(), limit: 2_000_000, left: 5 }],
        };
        assert_eq!(
            in_words(&read),
            "2026-11-20: 12 tokens, 0.0015 USD. Budget day_usd: 0.0000 USD of 2.0000 USD left."
        );
    }
}
