//! What a session keeps beside its items: long texts under file keys, and what its scripts store.
//! Texts go to disk beside the log; only a session without one keeps them in memory.

use glossator_session::{ContextItem, FileKey};
use glossator_store::{KEPT_BYTES, KeptTexts};
use parking_lot::Mutex;
use serde_json::{Map, Value};

/// The long texts of a session.
pub(crate) struct Kept {
    place: Mutex<Place>,
}

#[derive(Clone)]
enum Place {
    /// Without a log: gone with the process, as the session is.
    Memory(Vec<String>),
    Disk(KeptTexts),
}

impl Kept {
    /// The texts beside a log; keys up to the number `last` are not given away again.
    pub fn beside(texts: Option<KeptTexts>, last: u64) -> Kept {
        let place = match texts {
            None => Place::Memory(Vec::new()),
            Some(texts) => {
                texts.reserve(&FileKey(format!("K{last}")));
                Place::Disk(texts)
            }
        };
        Kept { place: Mutex::new(place) }
    }

    /// The session has a log from now on. Before that nothing runs that could have kept a text.
    pub fn move_to(&self, texts: KeptTexts) {
        *self.place.lock() = Place::Disk(texts);
    }

    /// Keeps a text and names it; an error says why it cannot be kept.
    pub fn keep(&self, text: &str) -> Result<FileKey, String> {
        let texts = match &mut *self.place.lock() {
            Place::Memory(texts) => {
                if text.len() as u64 > KEPT_BYTES {
                    return Err(format!(
                        "it is {} bytes long, and at most {KEPT_BYTES} can be kept",
                        text.len()
                    ));
                }
                texts.push(text.to_owned());
                return Ok(FileKey(format!("K{}", texts.len())));
            }
            Place::Disk(texts) => texts.clone(),
        };
        texts.keep(text).map_err(|error| error.to_string())
    }

    /// A text that was kept.
    pub fn read(&self, key: &FileKey) -> Result<String, String> {
        let texts = match &*self.place.lock() {
            Place::Memory(texts) => {
                let number = key.0.strip_prefix('K').and_then(|number| number.parse::<usize>().ok());
                let text = number.and_then(|number| texts.get(number.checked_sub(1)?));
                return text.cloned().ok_or_else(|| {
                    format!("there is no text under the key '{key}'; keys look like K3, and each session has its own")
                });
            }
            Place::Disk(texts) => texts.clone(),
        };
        texts.read(key).map_err(|error| error.to_string())
    }
}

/// Takes what a script stored or deleted into `all`, if that is what the item tells.
pub(crate) fn store(all: &mut Map<String, Value>, item: &ContextItem) {
    match item {
        ContextItem::Stored { key, value: Some(value) } => {
            all.insert(key.clone(), value.clone());
        }
        ContextItem::Stored { key, value: None } => {
            all.shift_remove(key);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_without_a_log_stay_in_memory() {
        let kept = Kept::beside(None, 0);
        assert_eq!(kept.keep("one"), Ok("K1".into()));
        assert_eq!(kept.keep("two"), Ok("K2".into()));
        assert_eq!(kept.read(&"K2".into()), Ok("two".to_owned()));
        for key in ["K0", "K3", "K", "k1", "../K1", ""] {
            assert!(kept.read(&key.into()).unwrap_err().contains("no text"), "{key}");
        }
        let long = "x".repeat(KEPT_BYTES as usize + 1);
        assert!(kept.keep(&long).unwrap_err().contains("at most"));
        assert_eq!(kept.keep("three"), Ok("K3".into()));
    }

    #[test]
    fn what_is_stored_is_the_last_word_on_each_key() {
        let item = |key: &str, value: Option<Value>| ContextItem::Stored { key: key.to_owned(), value };
        let check = |items: &[ContextItem], expected: Value| {
            let mut all = Map::new();
            items.iter().for_each(|item| store(&mut all, item));
            assert_eq!(Value::Object(all), expected);
        };
        check(&[], json!({}));
        check(&[item("a", Some(json!(1))), item("a", Some(Value::Null))], json!({ "a": null }));
        check(&[item("a", Some(json!([]))), item("b", Some(json!(2))), item("a", None)], json!({ "b": 2 }));
        check(&[item("a", None)], json!({}));
    }
}
