//! Tags that only the harness may write: in everything that comes from files, tools and users they are made harmless.

use std::borrow::Cow;

/// Names of elements that carry meaning for the model or the harness, after `<` or `</`, in any case.
const RESERVED: &[&str] = &[
    "tool-calls",
    "tool-results",
    "original-user-prompt",
    "announcement-board",
    "harness-note",
    "project-guidance",
];

/// Replaces the `<` of every reserved tag, opening or closing, by `&lt;`; everything else stays as it is. Applying it
/// twice changes nothing more.
pub fn escape_reserved(text: &str) -> Cow<'_, str> {
    escape_also(text, &[])
}

/// The same with more names.
pub(crate) fn escape_also<'a>(text: &'a str, names: &[&str]) -> Cow<'a, str> {
    let mut out = String::new();
    let mut done = 0;
    for (at, _) in text.match_indices('<') {
        let name = &text[at + 1..];
        let name = name.strip_prefix('/').unwrap_or(name);
        if is_turn(name) || RESERVED.iter().chain(names).any(|reserved| starts_with(name, reserved)) {
            out.push_str(&text[done..at]);
            out.push_str("&lt;");
            done = at + 1;
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// `T-183`, the element of a turn.
fn is_turn(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|byte| byte.eq_ignore_ascii_case(&b'T'))
        && bytes.next() == Some(b'-')
        && bytes.next().is_some_and(|byte| byte.is_ascii_digit())
}

fn starts_with(name: &str, reserved: &str) -> bool {
    name.as_bytes().get(..reserved.len()).is_some_and(|start| start.eq_ignore_ascii_case(reserved.as_bytes()))
}

/// A value for a double-quoted attribute of one of our elements.
pub(crate) fn attribute(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
