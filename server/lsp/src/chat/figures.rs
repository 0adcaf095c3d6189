//! Times, tokens and money as headings of a transcript show them. Pure but for the time zone.

use crate::context::usage::usd;
use glossator_session::{Cost, Usage};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// When something was, milliseconds since the Unix epoch: `14:03`.
pub fn clock(at: i64) -> String {
    told(at, "%H:%M")
}

/// The same with its day: `2026-11-20 14:03`.
pub fn day_and_clock(at: i64) -> String {
    told(at, "%Y-%m-%d %H:%M")
}

fn told(at: i64, form: &str) -> String {
    let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(TimeZone::system()).strftime(form).to_string()
}

/// A length of time in milliseconds.
pub fn length(millis: i64) -> String {
    let seconds = millis.max(0) / 1000;
    match seconds {
        0..10 => format!("{:.1} s", millis.max(0) as f64 / 1000.0),
        10..120 => format!("{seconds} s"),
        120..7200 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A number of tokens: `812`, `12.3k`, `123k`, `1.2M`.
pub fn short(count: u64) -> String {
    match count {
        0..1000 => count.to_string(),
        1000..100_000 => format!("{:.1}k", count as f64 / 1e3),
        100_000..1_000_000 => format!("{}k", count / 1000),
        _ => format!("{:.1}M", count as f64 / 1e6),
    }
}

/// What was spent: `12.3k in (10.1k cached), 812 out · 0.0123 USD`; empty: nothing.
pub fn spent(usage: &Usage, cost: Option<&Cost>) -> String {
    let input = usage.input + usage.cache_read + usage.cache_write;
    if input + usage.output == 0 {
        return String::new();
    }
    let cached = match usage.cache_read {
        0 => String::new(),
        cached => format!(" ({} cached)", short(cached)),
    };
    let cost = cost.map(|cost| format!(" · {}", usd(cost.micro_usd))).unwrap_or_default();
    format!("{} in{cached}, {} out{cost}", short(input), short(usage.output))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        for (count, said) in [
            (0, "0"),
            (999, "999"),
            (1000, "1.0k"),
            (12_345, "12.3k"),
            (123_456, "123k"),
            (1_250_000, "1.2M"),
        ] {
            assert_eq!(short(count), said);
        }
        for (millis, said) in [
            (-5, "0.0 s"),
            (8_240, "8.2 s"),
            (11_000, "11 s"),
            (125_000, "2 min 5 s"),
            (7_500_000, "2 h 5 min"),
        ] {
            assert_eq!(length(millis), said);
        }
        let usage = Usage { input: 2_000, cache_read: 10_000, output: 812, ..Usage::default() };
        let cost = Cost { micro_usd: 12_300, ..Cost::default() };
        assert_eq!(spent(&usage, Some(&cost)), "12.0k in (10.0k cached), 812 out · 0.0123 USD");
        assert_eq!(spent(&Usage { output: 5, ..Usage::default() }, None), "0 in, 5 out");
        assert_eq!(spent(&Usage::default(), Some(&cost)), "");
    }

    #[test]
    fn times_are_told_whatever_they_are() {
        for at in [0, i64::MIN, i64::MAX, 1_790_000_000_000] {
            assert_eq!(clock(at).len(), "14:03".len());
            assert_eq!(day_and_clock(at).len(), "2026-11-20 14:03".len());
        }
    }
}
