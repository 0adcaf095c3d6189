//! What a turn or a session has spent, and the budgets that stop it politely.

use glossator_session::{Cost, Item, ItemBody, Usage};

/// Tokens and money.
#[derive(Debug, Clone, Default, PartialEq)]
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

    /// What the turns of a log have spent.
    pub fn of(items: &[Item]) -> Spent {
        let mut spent = Spent::default();
        for item in items {
            if let ItemBody::TurnEnded { usage, cost, .. } = &item.body {
                spent.add(*usage, cost.as_ref());
            }
        }
        spent
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
}

impl Budget {
    /// Why nothing more may be spent, if so; `before` is what the session had spent when the turn began.
    pub(crate) fn exceeded(&self, turn: &Spent, before: &Spent) -> Option<String> {
        let cost = |spent: &Spent| spent.cost.as_ref().map_or(0, |cost| cost.micro_usd);
        let (tokens, money) = (turn.usage.total(), cost(turn));
        let rows = [
            ("turn_tokens", tokens, self.turn_tokens),
            ("session_tokens", tokens + before.usage.total(), self.session_tokens),
            ("turn_usd", money, self.turn_micro_usd),
            ("session_usd", money + cost(before), self.session_micro_usd),
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(tokens: u64, micro_usd: Option<u64>) -> Spent {
        let cost = micro_usd.map(|micro_usd| Cost { micro_usd, prices_of: "2026-11-20".to_owned() });
        Spent { usage: Usage { input: tokens, ..Usage::default() }, cost }
    }

    #[test]
    fn budgets() {
        let check = |budget: Budget, turn: Spent, before: Spent, expected: Option<&str>| {
            let found = budget.exceeded(&turn, &before);
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
    }
}
