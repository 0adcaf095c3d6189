//! Texts from outside as parts of TypeScript: comments, literals and property names in which nothing hides and nothing
//! ends what it stands in. Pure.

use glossator_exec::visible;
use serde_json::Value;

/// Bytes of a text beyond which its type stands for it.
const LITERAL_CAP: usize = 120;

/// The text of a `/** … */` comment in one line of at most `most` characters.
pub fn comment(text: &str, most: usize) -> String {
    let mut line = String::new();
    // What is beyond this is cut in any case.
    for word in text.split_whitespace().take(most) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.chars().count() > most {
            line = line.chars().take(most).chain(['…']).collect();
            break;
        }
    }
    untagged(&visible(&line).replace("*/", "* /"))
}

/// What could be read as a tag cannot any more.
fn untagged(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let opens =
            chars.peek().is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?'));
        if c == '<' && opens { out.push_str("&lt;") } else { out.push(c) }
    }
    out
}

/// The type that only `value` has; for what is long or not plain, a wider one.
pub fn literal(value: &Value) -> String {
    match value {
        Value::String(text) if text.len() <= LITERAL_CAP => quoted(text),
        Value::String(_) => "string".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(_) | Value::Object(_) => "unknown".to_owned(),
    }
}

/// A string literal with the same value as `text`.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '<' => out.push_str("\\u003c"),
            c if c.is_ascii_graphic() || c == ' ' => out.push(c),
            c if visible(c.encode_utf8(&mut [0; 4])).starts_with(c) => out.push(c),
            c => out.extend(c.escape_unicode()),
        }
    }
    out.push('"');
    out
}

/// `name` where a property or method is named.
pub fn property(name: &str) -> String {
    let mut chars = name.chars();
    let letter = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '$');
    let plain = chars.next().is_some_and(letter) && chars.all(|c| letter(c) || c.is_ascii_digit());
    // `new(…)` would declare a constructor.
    if plain && name != "new" { name.to_owned() } else { quoted(name) }
}
