//! The texts inside a JSON value, put through something, such as what takes secrets out: text by text, since the JSON of a text
//! has marks of its own, at which a secret could slip through or take half of a mark with it. Pure.

use serde_json::{Map, Value};

/// Puts every text of `value` through `change`, also the names of fields; gives whether any is another now. Numbers, and with
/// them ids and times, stay as they are. Two fields that come to have one name keep a value each, under names that differ.
pub fn change_texts(value: &mut Value, change: &dyn Fn(&str) -> String) -> bool {
    match value {
        Value::String(text) => {
            let changed = change(text);
            let is_other = changed != *text;
            *text = changed;
            is_other
        }
        Value::Array(all) => any(all.iter_mut(), change),
        Value::Object(fields) => change_fields(fields, change),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// All of them are changed, also behind the first that is another.
fn any<'a>(values: impl Iterator<Item = &'a mut Value>, change: &dyn Fn(&str) -> String) -> bool {
    let mut is_other = false;
    for value in values {
        is_other |= change_texts(value, change);
    }
    is_other
}

fn change_fields(fields: &mut Map<String, Value>, change: &dyn Fn(&str) -> String) -> bool {
    let mut is_other = any(fields.values_mut(), change);
    let names: Vec<(String, String)> =
        fields.keys().map(|name| (name.clone(), change(name))).filter(|(old, new)| old != new).collect();
    for (old, new) in names {
        is_other = true;
        let Some(value) = fields.remove(&old) else { continue };
        let mut name = new.clone();
        let mut number = 2;
        while fields.contains_key(&name) {
            name = format!("{new} ({number})");
            number += 1;
        }
        fields.insert(name, value);
    }
    is_other
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_are_changed_and_nothing_else() {
        let clean = |text: &str| text.replace("1234", "*").replace("n\"x\\", "*");
        let check = |mut value: Value, expected: Value, is_other: bool| {
            assert_eq!(change_texts(&mut value, &clean), is_other, "{expected}");
            assert_eq!(value, expected);
        };
        check(
            json!({ "at": 1234, "b": [true, null, 1.5] }),
            json!({ "at": 1234, "b": [true, null, 1.5] }),
            false,
        );
        check(json!({ "a": ["x1234", "y"] }), json!({ "a": ["x*", "y"] }), true);
        check(json!("a n\"x\\ b"), json!("a * b"), true);
        // As JSON it ends with the mark of a line break.
        check(json!("a\nn\"x\\"), json!("a\n*"), true);
        check(json!({ "1234": 1, "a1234": { "b": 2 } }), json!({ "*": 1, "a*": { "b": 2 } }), true);
        check(json!({ "*": 1, "1234": 2 }), json!({ "*": 1, "* (2)": 2 }), true);
    }
}
