//! Reads one variable from a `.env` file. Only keys are looked up in one, and nothing of it reaches the environment.

use crate::files;
use std::path::Path;

/// Bytes of the largest that is read.
const LIMIT: u64 = 64 << 10;

/// The value of `name` in the file at `path`; what cannot be read holds none.
pub fn value(path: &Path, name: &str) -> Option<String> {
    value_in(&files::read_any(path, LIMIT)?, name)
}

/// The value of `name` in `text`: lines `NAME=value` or `export NAME=value`, the last one counts, quotes around the value do
/// not, and nothing is replaced in it.
fn value_in(text: &str, name: &str) -> Option<String> {
    let of_line = |line: &str| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        let (key, value) = line.split_once('=')?;
        (key.trim_end() == name).then(|| bare(value.trim()).to_owned())
    };
    text.trim_start_matches('\u{feff}')
        .lines()
        .filter_map(of_line)
        .next_back()
        .filter(|value| !value.is_empty())
}

/// A value without its quotes, or without the comment behind it.
fn bare(value: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some((inner, rest)) = value.strip_prefix(quote).and_then(|inner| inner.split_once(quote))
            && (rest.trim().is_empty() || rest.trim_start().starts_with('#'))
        {
            return inner;
        }
    }
    if value.starts_with('#') {
        return "";
    }
    value.split_once(" #").map_or(value, |(value, _)| value.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_as_people_write_them() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(value_in(text, "A_KEY").as_deref(), expected, "{text:?}");
        };
        check("A_KEY=sk-1", Some("sk-1"));
        check("\u{feff}A_KEY=sk-1\r\nB=2\r\n", Some("sk-1"));
        check("  export A_KEY = 'sk-1'  # mine", Some("sk-1"));
        check("A_KEY=\"sk#1\"", Some("sk#1"));
        check("A_KEY=sk#1 # mine", Some("sk#1"));
        check("A_KEY=sk-1\nA_KEY=sk-2", Some("sk-2"));
        check("A_KEY=\"half", Some("\"half"));
        check("#A_KEY=sk-1\nXA_KEY=1\nA_KEYS=2\nA_KEY", None);
        check("A_KEY=", None);
        check("A_KEY= # none", None);
        check("", None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "[A-Z_=#'\" \r\n\\PC]{0,80}") {
            if let Some(value) = value_in(&text, "A") {
                proptest::prop_assert!(text.contains(&value) && !value.contains('\n'));
            }
        }
    }
}
