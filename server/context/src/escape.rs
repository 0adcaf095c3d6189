//! Tags that only the harness may write: in everything that comes from files, tools and users they are made harmless.
//! What counts as such a tag is written at `escape_reserved`; the cases are data, in `cases/injection`.

use glossator_session::ToolSpec;
use serde_json::Value;
use std::borrow::Cow;

/// Names of elements that carry meaning for the model or the harness.
const RESERVED: &[&str] = &[
    "tool-calls",
    "tool-results",
    "original-user-prompt",
    "announcement-board",
    "harness-note",
    "project-guidance",
    "user-instructions",
    "editor-state",
    "compacted-history",
    "agent-answer",
];

/// Bytes of a name that are compared; no reserved name is longer.
const LONGEST: usize = 24;

/// Characters that look like `<`.
const ANGLES: &[char] = &['\u{2c2}', 'ᐸ', '‹', '\u{2329}', '❮', '⟨', '\u{3008}', '﹤', '＜'];
/// Characters that look like `/`.
const SLASHES: &[char] = &['/', '⁄', '∕', '⧸'];
/// Characters that look like `-`.
const DASHES: &[char] = &['-', '‐', '‑', '‒', '–', '—', '―', '⁃', '−', '﹘', '﹣'];
/// Letters of other scripts that look like those of reserved names.
const LOOKALIKES: &[(char, u8)] = &[
    ('а', b'a'),
    ('α', b'a'),
    ('в', b'b'),
    ('с', b'c'),
    ('ԁ', b'd'),
    ('е', b'e'),
    ('ɡ', b'g'),
    ('һ', b'h'),
    ('н', b'h'),
    ('і', b'i'),
    ('ı', b'i'),
    ('ј', b'j'),
    ('ӏ', b'l'),
    ('ⅼ', b'l'),
    ('м', b'm'),
    ('ո', b'n'),
    ('о', b'o'),
    ('ο', b'o'),
    ('օ', b'o'),
    ('р', b'p'),
    ('ρ', b'p'),
    ('ѕ', b's'),
    ('т', b't'),
    ('τ', b't'),
    ('υ', b'u'),
    ('ս', b'u'),
];

/// Replaces the `<` of every reserved tag by `&lt;`; everything else stays as it is. Applying it twice changes nothing
/// more.
///
/// A tag is a `<` and a reserved name behind it, opening or closing, whatever follows the name. Case does not count, nor
/// do blanks before the name, nor what is not seen (control characters, zero-width ones, marks) anywhere, nor the way JSON
/// writes these (`\n`, `\u0001`). What looks like the characters of a tag (full-width, mathematical, Cyrillic, ...) counts as
/// them. `T-12` is a name only right behind the `<`: `i < T-1` is arithmetic. Other spellings of `<` (`&lt;`, `&#60;`,
/// `\u003c`) are no tags: nothing between here and the model decodes them. Neither is a name with `_` for `-`.
pub fn escape_reserved(text: &str) -> Cow<'_, str> {
    escape_also(text, &[])
}

/// The same with more names, each at most 24 bytes.
pub(crate) fn escape_also<'a>(text: &'a str, names: &[&str]) -> Cow<'a, str> {
    let mut out = String::new();
    let mut done = 0;
    for (at, angle) in text.char_indices().filter(|(_, c)| is_angle(*c)) {
        let behind = at + angle.len_utf8();
        if names_tag(&text[behind..], names) {
            out.push_str(&text[done..at]);
            out.push_str("&lt;");
            done = behind;
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

fn is_angle(c: char) -> bool {
    c == '<' || (!c.is_ascii() && ANGLES.contains(&c))
}

/// Whether what stands behind a `<` makes it a reserved tag.
fn names_tag(rest: &str, names: &[&str]) -> bool {
    // `\t` may be how JSON writes a tab, or a backslash before a name with a t.
    [true, false].into_iter().any(|decode| {
        let (name, length, spaced) = name_behind(rest, decode);
        let name = &name[..length];
        let reserved = RESERVED.iter().chain(names).any(|reserved| name.starts_with(reserved.as_bytes()));
        reserved || (!spaced && is_turn(name))
    })
}

/// `t-183`, the element of a turn.
fn is_turn(name: &[u8]) -> bool {
    matches!(name, [b't', b'-', digit, ..] if digit.is_ascii_digit())
}

/// The name behind a `<`, folded to small ASCII letters, with its length and whether blanks stand before it.
fn name_behind(rest: &str, decode: bool) -> ([u8; LONGEST], usize, bool) {
    let mut name = [0; LONGEST];
    let (mut length, mut spaced, mut slash) = (0, false, false);
    let mut chars = rest.chars();
    while let Some(c) = chars.next() {
        let seen = match (c, decode) {
            ('\\', true) => unescape(&mut chars),
            ('\\', false) => Seen::Nothing,
            (c, _) => see(c),
        };
        match seen {
            Seen::Nothing => {}
            Seen::Blank if length == 0 => spaced = true,
            Seen::Slash if length == 0 && !slash => slash = true,
            Seen::Name(byte) if length < LONGEST => {
                name[length] = byte;
                length += 1;
            }
            _ => break,
        }
    }
    (name, length, spaced)
}

/// What a reader makes of a character in a tag.
enum Seen {
    /// It is not seen.
    Nothing,
    Blank,
    Slash,
    Name(u8),
    Other,
}

/// What JSON writes behind a backslash; only what is not seen or blank is taken for that.
fn unescape(chars: &mut std::str::Chars<'_>) -> Seen {
    let mut ahead = chars.clone();
    let seen = match ahead.next() {
        Some('n' | 'r' | 't' | 'f' | 'v') => Seen::Blank,
        Some('b') => Seen::Nothing,
        Some('u') => {
            let code = ahead.as_str().get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
            ahead = ahead.as_str().get(4..).unwrap_or_default().chars();
            code.and_then(char::from_u32).map_or(Seen::Other, see)
        }
        _ => return Seen::Nothing,
    };
    if matches!(seen, Seen::Nothing | Seen::Blank) {
        *chars = ahead;
        return seen;
    }
    Seen::Nothing
}

fn see(c: char) -> Seen {
    match c {
        'a'..='z' | '0'..='9' | '-' => Seen::Name(c as u8),
        'A'..='Z' => Seen::Name(c.to_ascii_lowercase() as u8),
        '/' => Seen::Slash,
        c if c.is_whitespace() || matches!(c, '\u{2800}' | '\u{3164}' | '\u{ffa0}') => Seen::Blank,
        c if c.is_control() => Seen::Nothing,
        c if c.is_ascii() => Seen::Other,
        c if is_unseen(c) => Seen::Nothing,
        // Full-width forms of ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).map_or(Seen::Other, see),
        // Mathematical letters: thirteen alphabets, capitals first.
        '\u{1d400}'..='\u{1d6a3}' => {
            let letter = (u32::from(c) - 0x1d400) % 26;
            Seen::Name(b'a' + u8::try_from(letter).unwrap_or(0))
        }
        c if DASHES.contains(&c) => Seen::Name(b'-'),
        c if SLASHES.contains(&c) => Seen::Slash,
        c => {
            let small = c.to_lowercase().next().unwrap_or(c);
            let like = LOOKALIKES.iter().find(|(other, _)| *other == small);
            like.map_or(Seen::Other, |(_, letter)| Seen::Name(*letter))
        }
    }
}

/// Characters without a picture of their own: zero-width, direction, variation, marks on the letter before.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// A tool with harmless words: those of a server's tool come from outside.
pub(crate) fn harmless(spec: &ToolSpec) -> ToolSpec {
    let mut spec = spec.clone();
    for text in [&mut spec.description, &mut spec.declaration] {
        if let Cow::Owned(escaped) = escape_reserved(text) {
            *text = escaped;
        }
    }
    escape_value(&mut spec.input_schema);
    escape_value(&mut spec.output_schema);
    spec
}

/// Names of fields stay: what a call holds has to match them.
fn escape_value(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(escaped) = escape_reserved(text) {
                *text = escaped;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(escape_value),
        Value::Object(fields) => fields.values_mut().for_each(escape_value),
        _ => {}
    }
}

/// A value for a double-quoted attribute of one of our elements.
pub(crate) fn attribute(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            c if is_angle(c) => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
