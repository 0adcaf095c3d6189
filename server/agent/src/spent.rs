//! What a turn or a session has spent, and the budgets that stop it politely.

use glossator_session::{Cost, Usage};
use serde::{Deserialize, Serialize};

/// Tokens and money.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Spent {
    pub usage: Usage,
    /// `None` where no price is known.
    pub cost: Option<Cost>,
}

impl Spent {
    pub fn add(&mut self, usage: Usage, cost: Option<&Cost>) {
        self.usage += usage;
        if let Some(cost) = cost {
            *self.cost.get_or_insert_default() += cost;
        }
    }
}

/// The most that may be spent; what is not set is not limited.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Budget {
    /// Tokens of a turn, cached ones included.
    pub turn_tokens: Option<u64>,
    /// Tokens of a session.
    pub session_tokens: Option<u64>,
    /// Millionths of a US dollar for a turn.
    pub turn_micro_usd: Option<u64>,
    /// Millionths of a US dollar for a session.
    pub session_micro_usd: Option<u64>,
    /// Tokens of a day, of all sessions of the user.
    pub day_tokens: Option<u64>,
    /// Millionths of a US dollar for a day.
    pub day_micro_usd: Option<u64>,
}

impl Budget {
    /// Why nothing more may be spent, if so; `before` is what the session had spent when the turn began, `today` what the
    /// user has spent today in all sessions, this turn included.
    pub(crate) fn exceeded(&self, turn: &Spent, before: &Spent, today: (u64, u64)) -> Option<String> {
        let cost = |spent: &Spent| spent.cost.as_ref().map_or(0, |cost| cost.micro_usd);
        let (tokens, money) = (turn.usage.total(), cost(turn));
        let rows = [
            ("turn_tokens", tokens, self.turn_tokens),
            ("session_tokens", tokens.saturating_add(before.usage.total()), self.session_tokens),
            ("day_tokens", today.0, self.day_tokens),
            ("turn_usd", money, self.turn_micro_usd),
            ("session_usd", money.saturating_add(cost(before)), self.session_micro_usd),
            ("day_usd", today.1, self.day_micro_usd),
        ];
        let (name, spent, most) = rows
            .into_iter()
            .find_map(|(name, spent, most)| Some((name, spent, most.filter(|most| spent >= *most)?)))?;
        let shown = |amount: u64| match name.ends_with("usd") {
            true => format!("{:.4} USD", amount as f64 / 1e6),
            false => format!("{amount} tokens"),
        };
        Some(format!(
            "The turn was stopped at its budget: {} of {} ([budget] {name}). Raise it to go on.",
            shown(spent),
            shown(most)
        ))
    }

    /// Whether there is a bound of the day.
    pub(crate) fn bounds_the_day(&self) -> bool {
        self.day_tokens.is_some() || self.day_micro_usd.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(tokens: u64, micro_usd: Option<u64>) -> Spent {
        let cost = micro_usd.map(|micro_usd| Cost { micro_usd, prices_of: "2026-11-20".to_owned() });
        Spent { usage: Usage { input: tokens, ..Usage::default() }, cost }
    }

    #[test]
    fn a_log_that_counts_too_much_stops_at_a_budget() {
        let mut all = spent(u64::MAX, Some(u64::MAX));
        all.add(Usage { input: 7, output: u64::MAX, ..Usage::default() }, all.cost.clone().as_ref());
        assert_eq!((all.usage.input, all.usage.total()), (u64::MAX, u64::MAX));
        assert_eq!(all.cost.as_ref().map(|cost| cost.micro_usd), Some(u64::MAX));
        let most = Budget { session_tokens: Some(9), ..Budget::default() };
        assert!(most.exceeded(&spent(1, None), &all, (0, 0)).unwrap().contains("session_tokens"));
        let most = Budget { session_micro_usd: Some(9), ..Budget::default() };
        assert!(most.exceeded(&spent(1, Some(1)), &all, (0, 0)).unwrap().contains("session_usd"));
    }

    #[test]
    fn budgets() {
        let check = |budget: Budget, turn: Spent, before: Spent, expected: Option<&str>| {
            let found = budget.exceeded(&turn, &before, (300, 30_000));
            assert_eq!(found.is_some(), expected.is_some(), "{budget:?} {found:?}");
            assert!(found.unwrap_or_default().contains(expected.unwrap_or_default()));
        };
        let none = Budget::default();
        check(none.clone(), spent(1 << 40, Some(1 << 40)), spent(0, None), None);
        let turn = Budget { turn_tokens: Some(100), ..none.clone() };
        check(turn.clone(), spent(99, None), spent(1000, None), None);
        check(
            turn,
            spent(100, None),
            spent(0, None),
            Some("100 tokens of 100 tokens ([budget] turn_tokens)"),
        );
        let session = Budget { session_tokens: Some(100), ..none.clone() };
        check(session, spent(1, None), spent(99, None), Some("session_tokens"));
        let money = Budget { turn_micro_usd: Some(20_000), session_micro_usd: Some(50_000), ..none };
        check(money.clone(), spent(1, None), spent(1, None), None);
        check(
            money.clone(),
            spent(1, Some(20_000)),
            spent(1, None),
            Some("0.0200 USD of 0.0200 USD ([budget] turn_usd)"),
        );
        check(money, spent(1, Some(10_000)), spent(1, Some(40_000)), Some("session_usd"));
        let day = |tokens, micro| Budget { day_tokens: tokens, day_micro_usd: micro, ..Budget::default() };
        check(day(Some(301), Some(30_001)), spent(1, None), spent(1, None), None);
        check(
            day(Some(300), None),
            spent(1, None),
            spent(1, None),
            Some("300 tokens of 300 tokens ([budget] day_tokens)"),
        );
        check(day(None, Some(30_000)), spent(1, None), spent(1, None), Some("([budget] day_usd)"));
    }
}
