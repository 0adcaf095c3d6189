//! What a session keeps beside its items: long texts under file keys, and what its scripts store.

use glossator_session::{FileKey, Item, ItemBody};
use parking_lot::Mutex;
use serde_json::{Map, Value};

/// The long texts of a session.
#[derive(Default)]
pub(crate) struct Kept {
    texts: Mutex<Vec<String>>,
}

impl Kept {
    /// Keeps a text and names it.
    pub fn keep(&self, text: &str) -> Result<FileKey, String> {
        let mut texts = self.texts.lock();
        texts.push(text.to_owned());
        Ok(FileKey(format!("K{}", texts.len())))
    }

    /// A text that was kept.
    pub fn read(&self, key: &FileKey) -> Result<String, String> {
        let number = key.0.strip_prefix('K').and_then(|number| number.parse::<usize>().ok());
        let text = number.and_then(|number| self.texts.lock().get(number.checked_sub(1)?).cloned());
        text.ok_or_else(|| format!("there is no text under the key {key}"))
    }
}

/// What the scripts of a session have stored, as its items tell.
pub(crate) fn stored(items: &[Item]) -> Map<String, Value> {
    let mut all = Map::new();
    for item in items {
        match &item.body {
            ItemBody::Stored { key, value: Some(value) } => {
                all.insert(key.clone(), value.clone());
            }
            ItemBody::Stored { key, value: None } => {
                all.shift_remove(key);
            }
            _ => {}
        }
    }
    all
}
