//! What `store` shows a script: a copy of the session's values, changed at once and told to the host.
//! Keeps values as JSON texts; read only by scripts that use it.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::Limits;
use crate::ledger::Ledger;
use crate::protocol::{MAX_PARTS, parts};

/// The values of the session.
pub struct Shelf {
    values: BTreeMap<String, Box<RawValue>>,
    ledger: Ledger,
}

impl Shelf {
    /// From the JSON object the host sent.
    pub fn new(json: &str) -> Shelf {
        let values: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).unwrap_or_default();
        let ledger = Ledger::new(values.iter().map(|(key, value)| (key.as_str(), value.get().len())));
        Shelf { values, ledger }
    }

    pub fn get(&self, key: &str) -> Option<String> {
        self.values.get(key).map(|value| value.get().to_owned())
    }

    pub fn keys(&self) -> Vec<&String> {
        self.values.keys().collect()
    }

    /// Puts a value in place; `Ok(None)` when it was there already.
    ///
    /// # Errors
    /// Why it cannot be kept.
    pub fn set(&mut self, key: &str, json: String, limits: &Limits) -> Result<Option<Box<RawValue>>, String> {
        if self.values.get(key).is_some_and(|known| known.get() == json) {
            return Ok(None);
        }
        match parts(&json) {
            None => return Err("The value nests too deeply for store".to_owned()),
            Some(parts) if parts > MAX_PARTS => {
                return Err(format!("The value has {parts} parts; at most {MAX_PARTS} can be stored as one"));
            }
            Some(_) => {}
        }
        let value = RawValue::from_string(json).map_err(|error| error.to_string())?;
        self.ledger.change(key, Some(value.get().len()), limits)?;
        self.values.insert(key.to_owned(), value.clone());
        Ok(Some(value))
    }

    /// Takes a value away; whether there was one.
    ///
    /// # Errors
    /// When the script has made too many changes.
    pub fn delete(&mut self, key: &str, limits: &Limits) -> Result<bool, String> {
        if !self.values.contains_key(key) {
            return Ok(false);
        }
        self.ledger.change(key, None, limits)?;
        self.values.remove(key);
        Ok(true)
    }
}
