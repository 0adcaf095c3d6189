//! How things look: colours on a terminal that wants them, times and sizes for people, and nothing in a text that a terminal
//! could take for an order.
#![allow(clippy::disallowed_methods)] // Whether colours are wanted stands in the environment.

use std::io::IsTerminal;

/// How a piece of text stands out.
#[derive(Clone, Copy)]
pub enum Paint {
    Bold,
    Dim,
    Mark,
}

/// Whether standard output is a terminal that wants colours.
pub fn colours() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// `text`, standing out where colours are wanted.
pub fn paint(how: Paint, text: &str) -> String {
    let code = match how {
        Paint::Bold => "1",
        Paint::Dim => "2",
        Paint::Mark => "1;33",
    };
    match colours() && !text.is_empty() {
        true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        false => text.to_owned(),
    }
}

/// `text` without what moves a cursor or changes a terminal; line ends and tabs stay.
pub fn plain(text: &str) -> String {
    let harmless = |c: &char| matches!(c, '\n' | '\t') || !c.is_control() && !is_direction(*c);
    text.chars().filter(harmless).collect()
}

/// Characters that turn the direction of the text behind them.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `2026-11-20 14:03`, local.
pub fn time(at: i64) -> String {
    glossator_store::minute_of(at)
}

/// `12.3 MB`
pub fn size(bytes: u64) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} bytes"),
        _ => format!("{value:.1} {}", units[unit]),
    }
}

/// `1 turn`, `2 turns`
pub fn count(number: u64, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (bytes, shown) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1000, "1.0 kB"),
            (12_345_678, "12.3 MB"),
            (u64::MAX, "18446744.1 TB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
    }

    #[test]
    fn orders_to_a_terminal_are_taken_out() {
        assert_eq!(plain("a\u{1b}[31mb\u{7}\r\n\tc\u{9b}2J\u{202e}d"), "a[31mb\n\tc2Jd");
    }
}
