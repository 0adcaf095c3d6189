//! Prices: exact sums, rounded once.

use crate::{LongPrice, Price, cost};
use glossator_session::Usage;

fn usage(input: u64, cache_read: u64, cache_write: u64, output: u64) -> Usage {
    Usage { input, cache_read, cache_write, output, reasoning: 7 }
}

#[test]
fn sums_are_exact_and_rounded_once() {
    let haiku = Price {
        input: 1.0,
        cache_read: Some(0.1),
        cache_write: Some(1.25),
        output: 5.0,
        as_of: "2026-11-20".to_owned(),
        long: None,
    };
    let nano = Price { input: 0.05, cache_read: Some(0.005), output: 0.4, ..Price::default() };
    let long = LongPrice { above: 100, input: 10.0, output: 20.0, ..LongPrice::default() };
    let tiered = Price { input: 1.0, output: 2.0, long: Some(long), ..Price::default() };
    let free = Price::default();
    let wrong = Price { input: f64::NAN, output: -3.0, ..Price::default() };
    let absurd = Price { input: f64::INFINITY, output: f64::MAX, ..Price::default() };
    let rows = [
        ("nothing", &haiku, usage(0, 0, 0, 0), 0),
        ("one token of each", &haiku, usage(1, 1, 1, 1), 7), // 7.35
        ("a usual turn", &haiku, usage(1234, 15_000, 900, 210), 4909),
        ("half rounds up", &nano, usage(10, 0, 0, 0), 1),
        ("below half rounds down", &nano, usage(9, 0, 0, 0), 0),
        ("many small ones", &nano, usage(0, 99_999_999, 0, 1), 500_000), // 499_999.995 + 0.4
        ("a write without a price costs as input", &nano, usage(0, 0, 1_000_000, 0), 50_000),
        ("short prompt", &tiered, usage(50, 25, 25, 10), 120),
        ("long prompt, caches count", &tiered, usage(50, 25, 26, 10), 1210),
        ("free", &free, usage(9, 9, 9, 9), 0),
        ("no number", &wrong, usage(9, 9, 9, 9), 0),
        ("no end", &absurd, usage(u64::MAX, 0, 0, u64::MAX), u64::MAX),
    ];
    for (name, price, usage, want) in rows {
        let cost = cost(&usage, price);
        assert_eq!((cost.micro_usd, &cost.prices_of), (want, &price.as_of), "{name}");
    }
}
