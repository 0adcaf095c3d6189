//! `reasoning_details`: entries that come in pieces, merged as they must go back. What is not merged keeps its bytes.

use serde_json::{Map, Value};

/// Entries in their order.
#[derive(Default)]
pub(super) struct Details {
    entries: Vec<Entry>,
}

struct Entry {
    key: [Value; 3],
    /// Its [`SINGLE`] fields.
    single: [Value; 2],
    /// The entry as it came first.
    first: String,
    /// With what came later.
    merged: Option<Map<String, Value>>,
}

/// Fields that grow; all others are set once.
const GROWING: &[&str] = &["text", "summary"];
/// Fields of which an entry has only one: another one is another entry.
const SINGLE: [&str; 2] = ["signature", "data"];

impl Details {
    /// Takes in one piece; gives the text in it that may be shown. What is no object is left out.
    pub fn push(&mut self, json: &str) -> String {
        let Ok(piece) = serde_json::from_str::<Map<String, Value>>(json) else {
            return String::new();
        };
        let shown = GROWING.iter().filter_map(|key| piece.get(*key)?.as_str()).collect();
        let pick = |name: &str| piece.get(name).cloned().unwrap_or(Value::Null);
        let (key, single) = (["type", "index", "id"].map(pick), SINGLE.map(pick));
        let open = self.entries.iter_mut().rfind(|entry| entry.key == key);
        match open.filter(|entry| entry.takes(&single)) {
            Some(entry) => entry.merge(piece, single),
            None => self.entries.push(Entry { key, single, first: json.to_owned(), merged: None }),
        }
        shown
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All entries as a JSON array.
    pub fn json(&self) -> String {
        let entries: Vec<String> = self.entries.iter().map(Entry::json).collect();
        format!("[{}]", entries.join(","))
    }
}

impl Entry {
    fn takes(&self, came: &[Value]) -> bool {
        self.single.iter().zip(came).all(|(have, came)| have.is_null() || came.is_null() || have == came)
    }

    fn merge(&mut self, piece: Map<String, Value>, single: [Value; 2]) {
        for (have, came) in self.single.iter_mut().zip(single) {
            if have.is_null() {
                *have = came;
            }
        }
        let fields = self.merged.get_or_insert_with(|| serde_json::from_str(&self.first).unwrap_or_default());
        for (key, came) in piece {
            match (fields.get_mut(&key), came) {
                (Some(Value::String(have)), Value::String(more)) if GROWING.contains(&key.as_str()) => {
                    have.push_str(&more);
                }
                (None | Some(Value::Null), came) => {
                    fields.insert(key, came);
                }
                _ => {}
            }
        }
    }

    fn json(&self) -> String {
        let merged = self.merged.as_ref().and_then(|fields| serde_json::to_string(fields).ok());
        merged.unwrap_or_else(|| self.first.clone())
    }
}
