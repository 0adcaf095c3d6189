//! Tokens and prices -> money. Exact: whole picodollars are summed and rounded once.

use crate::Price;
use glossator_session::{Cost, Usage};

/// Picodollars in a millionth of a dollar.
const PICO_PER_MICRO: u128 = 1_000_000;

/// What `usage` of one request costs at `price`, rounded to the nearest millionth of a dollar. A price that is no number
/// or negative counts as none.
pub fn cost(usage: &Usage, price: &Price) -> Cost {
    let whole = usage.input.saturating_add(usage.cache_read).saturating_add(usage.cache_write);
    let (input, read, write, output) = match &price.long {
        Some(long) if whole > long.above => (long.input, long.cache_read, long.cache_write, long.output),
        _ => (price.input, price.cache_read, price.cache_write, price.output),
    };
    let rows = [
        (usage.input, input),
        (usage.cache_read, read.unwrap_or(input)),
        (usage.cache_write, write.unwrap_or(input)),
        (usage.output, output),
    ];
    let pico = rows.iter().map(|(tokens, price)| u128::from(*tokens) * pico_per_token(*price)).sum::<u128>();
    let micro = (pico + PICO_PER_MICRO / 2) / PICO_PER_MICRO;
    Cost { micro_usd: u64::try_from(micro).unwrap_or(u64::MAX), prices_of: price.as_of.clone() }
}

/// A price in dollars per million tokens as picodollars per token, which is a whole number for any price with up to six
/// decimal places.
fn pico_per_token(price: f64) -> u128 {
    // The limit keeps any sum below 2^128; what is no number becomes 0.
    u128::from((price * 1e6).round().clamp(0.0, 1e18) as u64)
}
