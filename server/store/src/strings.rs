//! The string values of a JSON text, looked at and replaced where they stand; everything else stays byte for byte. Pure.

use memchr::{memchr, memchr2, memmem};

/// Rewrites a JSON text: `each` is given every string that is a value (not a key), quotes included, and may put another
/// string in its place. `None`: nothing was replaced.
pub(crate) fn rewrite(json: &[u8], mut each: impl FnMut(&[u8]) -> Option<String>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut done, mut at) = (0, 0);
    while let Some(open) = memchr(b'"', json.get(at..)?).map(|open| at + open) {
        let Some(close) = closing(json, open + 1) else { break };
        at = close + 1;
        let rest = json.get(at..).unwrap_or_default();
        if rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':') {
            continue;
        }
        let Some(new) = json.get(open..at).and_then(&mut each) else { continue };
        // A string can always be written as JSON.
        let new = serde_json::to_vec(&new).unwrap_or_default();
        out.extend_from_slice(&json[done..open]);
        out.extend_from_slice(&new);
        done = at;
    }
    if done == 0 {
        return None;
    }
    out.extend_from_slice(&json[done..]);
    Some(out)
}

/// Where the string ends that begins at `at`: its closing quote.
fn closing(json: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let found = at + memchr2(b'"', b'\\', json.get(at..)?)?;
        match json[found] {
            b'"' => return Some(found),
            _ => at = found + 2,
        }
    }
}

/// Nesting and length of numbers up to which a text is [usual](is_usual).
const DEEP: u32 = 64;
const DIGITS: u32 = 24;

/// Whether any reader takes this JSON text: it holds no half of a surrogate pair, is not nested deeply, and its numbers
/// are in range. `false` where that takes a closer look.
pub(crate) fn is_usual(json: &[u8]) -> bool {
    let half = |mark: &str| memmem::find(json, mark.as_bytes()).is_some();
    if half("\\ud") || half("\\uD") {
        return false;
    }
    let (mut depth, mut digits, mut at) = (0_u32, 0, 0);
    while let Some(byte) = json.get(at) {
        digits = if matches!(byte, b'0'..=b'9' | b'-' | b'.') { digits + 1 } else { 0 };
        match byte {
            b'"' => match closing(json, at + 1) {
                Some(close) => at = close,
                None => return false,
            },
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            // Of a number; of a word it would follow a letter.
            b'e' | b'E' if at > 0 && json[at - 1].is_ascii_digit() => return false,
            _ => {}
        }
        if depth > DEEP || digits > DIGITS {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{is_usual, rewrite};

    fn check(json: &str, expected: Option<&str>) {
        let new = rewrite(json.as_bytes(), |string| {
            let text: String = serde_json::from_slice(string).unwrap();
            text.starts_with('x').then(|| format!("{text}\"\\\n"))
        });
        assert_eq!(new.map(|new| String::from_utf8(new).unwrap()).as_deref(), expected, "{json}");
    }

    #[test]
    fn only_values_are_replaced() {
        check(r#"{"x":"a","b":[1,"y",null]}"#, None);
        check(r#"{"x":"xa","b":["x","y"]}"#, Some(r#"{"x":"xa\"\\\n","b":["x\"\\\n","y"]}"#));
        check(r#"{"x" : "x\"\\", "\"x":0}"#, Some(r#"{"x" : "x\"\\\"\\\n", "\"x":0}"#));
        check(r#"["x"]"#, Some(r#"["x\"\\\n"]"#));
        check("[]", None);
        check("", None);
        // Not JSON: left alone from there on.
        check(r#"["x","#, Some(r#"["x\"\\\n","#));
        check(r#"["x"#, None);
        check(r#"["\"#, None);
    }

    #[test]
    fn what_not_every_reader_takes_is_found() {
        let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
        let long = "1".repeat(25);
        for bad in [r#""\ud83d""#, r#"["\uD800"]"#, "1e999", "[1,2E5]", "\"open", &deep, &long] {
            assert!(!is_usual(bad.as_bytes()), "{bad}");
        }
        for good in
            ["", "{}", r#"{"a":[true,false,null,-0.1234567890123456],"e1":"1e9 \u001b [[["}"#, r#""]]]]""#]
        {
            assert!(is_usual(good.as_bytes()), "{good}");
        }
    }
}
