//! Owns how a result that is too long for a script is cut: long texts in the middle, long lists at the end, and a mark
//! that says so. What a call did is never lost because it said too much. Pure.

use std::io;

use serde_json::{Map, Value, json};

/// The field that says what was cut.
const MARK: &str = "resultCut";
/// Places that the mark names.
const PLACES: usize = 5;
/// Texts that are never cut, in bytes.
const SHORT: usize = 256;
/// Levels that are looked into; what is deeper is left out of a value that has to be cut.
const LEVELS: usize = 64;

/// `value` as JSON of at most `limit` bytes, if need be cut. A cut value is an object with the field `resultCut`: its own
/// object, or one that holds it as `value`.
pub fn fit(value: &Value, limit: usize) -> String {
    if !is_longer(value, limit) {
        let whole = value.to_string();
        if whole.len() <= limit {
            return whole;
        }
    }
    let said = format!("the result was {} bytes long and a script can take {limit} now", length(value));
    let (mut text, mut items) = (limit / 2, limit / 4);
    while text > SHORT {
        let mut cut = Cut { text, items, places: Vec::new() };
        let value = cut.value(value, "", LEVELS);
        let json = marked(value, &format!("{said}; cut: {}", cut.named())).to_string();
        if json.len() <= limit {
            return json;
        }
        (text, items) = (text / 2, items / 4);
    }
    json!({ (MARK): format!("{said}; nothing of it could be kept") }).to_string()
}

/// Whether the JSON of `value` is sure to be longer than `most` bytes; looks no further than it must.
pub(crate) fn is_longer(value: &Value, most: usize) -> bool {
    fn spend(value: &Value, left: usize) -> Option<usize> {
        match value {
            Value::String(text) => left.checked_sub(text.len() + 2),
            Value::Array(items) => {
                items.iter().try_fold(left.checked_sub(2)?, |left, item| spend(item, left))
            }
            Value::Object(fields) => fields.iter().try_fold(left.checked_sub(2)?, |left, (name, field)| {
                spend(field, left.checked_sub(name.len() + 3)?)
            }),
            _ => left.checked_sub(1),
        }
    }
    spend(value, most).is_none()
}

/// Counts what is written to it.
struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes of the JSON of `value`, without making it.
fn length(value: &Value) -> usize {
    let mut counter = Counter(0);
    match serde_json::to_writer(&mut counter, value) {
        Ok(()) | Err(_) => counter.0,
    }
}

fn marked(value: Value, mark: &str) -> Value {
    match value {
        Value::Object(mut fields) => {
            fields.insert(MARK.to_owned(), mark.into());
            Value::Object(fields)
        }
        value => json!({ (MARK): mark, "value": value }),
    }
}

/// One attempt at a size.
struct Cut {
    /// Bytes of JSON that a text may have.
    text: usize,
    /// Items that a list or object may have.
    items: usize,
    places: Vec<String>,
}

impl Cut {
    fn value(&mut self, value: &Value, place: &str, levels: usize) -> Value {
        match value {
            Value::String(text) => Value::String(self.string(text, place)),
            Value::Array(_) | Value::Object(_) if levels == 0 => {
                self.note(place, "too deep");
                Value::Null
            }
            Value::Array(all) => {
                self.count(all.len(), place);
                let kept = all.iter().take(self.items).enumerate();
                kept.map(|(at, item)| self.value(item, &format!("{place}[{at}]"), levels - 1)).collect()
            }
            Value::Object(all) => {
                self.count(all.len(), place);
                let mut kept = Map::new();
                for (name, field) in all.iter().take(self.items) {
                    let dot = if place.is_empty() { "" } else { "." };
                    let inner = self.value(field, &format!("{place}{dot}{name}"), levels - 1);
                    kept.insert(name.clone(), inner);
                }
                Value::Object(kept)
            }
            other => other.clone(),
        }
    }

    fn string(&mut self, text: &str, place: &str) -> String {
        let surely_longer = text.len() > self.text;
        if text.len() * 6 <= self.text || (!surely_longer && json_length(text) <= self.text) {
            return text.to_owned();
        }
        // Half of the room for each end; no character takes more than six bytes of JSON per byte.
        let head = text.floor_char_boundary(affordable(text.bytes(), self.text / 2));
        let tail = text.ceil_char_boundary(text.len() - affordable(text.bytes().rev(), self.text / 2));
        let left_out = tail - head;
        self.note(place, &format!("{left_out} bytes"));
        format!("{}… [{left_out} bytes left out] …{}", &text[..head], &text[tail..])
    }

    fn count(&mut self, length: usize, place: &str) {
        if length > self.items {
            self.note(place, &format!("{} items", length - self.items));
        }
    }

    fn note(&mut self, place: &str, what: &str) {
        if self.places.len() <= PLACES {
            let start: String = place.chars().take(80).collect();
            self.places.push(format!("{} ({what})", if start.is_empty() { "value" } else { &start }));
        }
    }

    fn named(&self) -> String {
        let more = if self.places.len() > PLACES { ", and more" } else { "" };
        format!("{}{more}", self.places[..self.places.len().min(PLACES)].join(", "))
    }
}

/// Bytes that one byte of a text takes in JSON.
fn cost(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..0x20 => 6,
        _ => 1,
    }
}

fn json_length(text: &str) -> usize {
    text.bytes().map(cost).sum()
}

/// How many of `bytes` together take no more than `budget`.
fn affordable(bytes: impl Iterator<Item = u8>, budget: usize) -> usize {
    let sums = bytes.scan(0, |sum, byte| {
        *sum += cost(byte);
        Some(*sum)
    });
    sums.take_while(|sum| *sum <= budget).count()
}

#[cfg(test)]
mod tests {
    use super::{fit, is_longer};
    use serde_json::{Value, json};

    /// The value as a script gets it, checked to be short enough.
    #[track_caller]
    fn check(value: &Value, limit: usize) -> Value {
        let text = fit(value, limit);
        assert!(text.len() <= limit, "{} bytes", text.len());
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn what_is_surely_longer_is() {
        for value in [json!("a\"é"), json!([1, [], {}, null]), json!({ "a": { "b": true } }), json!(-1.5e300)]
        {
            let whole = value.to_string().len();
            assert!(!is_longer(&value, whole), "{value}");
            assert!(is_longer(&value, 0), "{value}");
        }
        assert!(is_longer(&json!(vec![0; 5000]), 4096));
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        for value in [json!({ "a": "x".repeat(900) }), json!([1, "é"]), json!("text"), Value::Null] {
            assert_eq!(check(&value, 1024), value);
        }
    }

    #[test]
    fn the_record_of_a_long_result_is_kept() {
        let noise = "\0".repeat(900_000);
        let value =
            json!({ "exitCode": 3, "stdout": noise, "stderr": "", "aggregated": noise, "durationMs": 5 });
        let cut = check(&value, 1 << 20);
        assert_eq!(
            (&cut["exitCode"], &cut["stderr"], &cut["durationMs"]),
            (&json!(3), &json!(""), &json!(5))
        );
        let stdout = cut["stdout"].as_str().unwrap();
        assert!(stdout.starts_with("\0\0") && stdout.ends_with("\0\0") && stdout.contains("bytes left out"));
        let mark = cut["resultCut"].as_str().unwrap();
        assert!(mark.starts_with("the result was 10800") && mark.contains("stdout (8"), "{mark}");
    }

    #[test]
    fn lists_deep_values_and_bare_values_are_cut_too() {
        let list: Vec<Value> = (0..100_000).map(|n| json!({ "path": format!("é{n}") })).collect();
        let cut = check(&json!({ "files": list, "total": 9 }), 10_000);
        assert_eq!((&cut["total"], &cut["files"][0]["path"]), (&json!(9), &json!("é0")));
        assert!(cut["resultCut"].as_str().unwrap().contains("files (9"), "{}", cut["resultCut"]);
        let cut = check(&json!("é\"".repeat(50_000)), 10_000);
        assert!(cut["value"].as_str().unwrap().starts_with("é\"é\""));
        assert_eq!(check(&json!(list), 10_000)["value"][0]["path"], "é0");
        let deep = (0..100).fold(json!("x".repeat(9000)), |inner, _| json!([inner]));
        assert!(check(&deep, 4096)["resultCut"].as_str().unwrap().contains("too deep"));
        let wide: serde_json::Map<String, Value> =
            (0..1000).map(|n| (format!("{n}{}", "k".repeat(300)), Value::Null)).collect();
        assert!(check(&Value::Object(wide), 4096)["resultCut"].is_string());
        let name = "k".repeat(9000);
        let cut = check(&json!({ name: "v" }), 4096);
        assert!(cut["resultCut"].as_str().unwrap().ends_with("nothing of it could be kept"));
    }
}
