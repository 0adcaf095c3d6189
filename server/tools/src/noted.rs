//! What the log keeps of what went to a script and came from it: all of it while it is short, else the ends of its texts.
//! The script has the whole, and so have change sets and kept texts. Pure.

use crate::Turn;
use glossator_session::change_texts;
use serde_json::Value;

/// Bytes of JSON that the log keeps of one call's arguments, and of its value.
const NOTED: usize = 16 * 1024;
/// Fields of a value that stay whole: what is told when the turn is undone.
const WHOLE: &[&str] = &["notReversible"];

/// What the log keeps of `value` where that is less than the whole; `None`: it is short enough.
pub(crate) fn shortened(turn: &dyn Turn, value: &Value) -> Option<Value> {
    let json = value.to_string();
    if json.len() <= NOTED {
        return None;
    }
    // Without secrets before anything is left out: half a secret would not be found any more.
    let mut clean = value.clone();
    change_texts(&mut clean, &|text| turn.redact(text));
    let mut short: Value = serde_json::from_str(&glossator_script::fit(&clean, NOTED)).unwrap_or_default();
    for name in WHOLE {
        if let (Some(whole), Some(map)) = (clean.get(name), short.as_object_mut()) {
            map.insert((*name).to_owned(), whole.clone());
        }
    }
    Some(short)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Seen;
    use serde_json::json;

    #[test]
    fn long_values_keep_their_ends_and_no_half_of_a_secret() {
        let seen = Seen::default();
        assert_eq!(shortened(&seen, &json!({ "text": "x".repeat(16_000) })), None);
        // A secret wherever the text may be cut.
        for at in 0..60 {
            let text = format!("{}{}{}", "a".repeat(at), "SECRET".repeat(4_000), "z");
            let short = shortened(&seen, &json!({ "text": text, "exitCode": 3 })).unwrap();
            let json = short.to_string();
            assert!(json.len() <= NOTED && short["exitCode"] == 3, "{json}");
            assert!(json.contains('z') && !json.contains("SECRE") && !json.contains("CRET"), "{json}");
        }
    }

    #[test]
    fn what_undo_tells_stays_whole() {
        let files: Vec<Value> =
            (0..500).map(|n| json!({ "path": format!("folder/{n}"), "why": "too large" })).collect();
        let value = json!({ "stdout": "x".repeat(100_000), "notReversible": files });
        let short = shortened(&Seen::default(), &value).unwrap();
        assert_eq!(short["notReversible"], value["notReversible"]);
        assert!(short["stdout"].as_str().unwrap().len() < NOTED);
    }
}
