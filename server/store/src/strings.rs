//! The string values of a JSON text, looked at and replaced where they stand; everything else stays byte for byte. Pure.

use memchr::{memchr, memchr2};

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

#[cfg(test)]
mod tests {
    use super::rewrite;

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
}
