//! How much the scripts of a session keep in `store`, and how much one script may change there. Pure.
//! Worker and host count alike: the worker to refuse, the host to trust no worker.

use std::collections::HashMap;

use crate::Limits;

/// Changes that one script may make.
const CHANGES: u32 = 1000;
/// Times the limit that one script may write in all: each change is kept in the session's record.
const REWRITES: usize = 16;

/// Sizes of what is stored: for each key the bytes of the key and of its value's JSON.
#[derive(Debug, Default)]
pub struct Ledger {
    sizes: HashMap<String, usize>,
    total: usize,
    changes: u32,
    written: usize,
}

impl Ledger {
    /// What was stored before the script.
    pub fn new<'a>(entries: impl IntoIterator<Item = (&'a str, usize)>) -> Ledger {
        let mut ledger = Ledger::default();
        for (key, length) in entries {
            ledger.total += key.len() + length;
            ledger.sizes.insert(key.to_owned(), key.len() + length);
        }
        ledger
    }

    /// Notes that `key` gets a value of so many bytes of JSON, or with `None` is deleted.
    ///
    /// # Errors
    /// What limit stands in the way; nothing is noted then.
    pub fn change(&mut self, key: &str, length: Option<usize>, limits: &Limits) -> Result<(), String> {
        let most = limits.store_bytes;
        let size = length.map_or(0, |length| key.len().saturating_add(length));
        let before = self.sizes.get(key).copied().unwrap_or(0);
        let total = (self.total - before).saturating_add(size);
        if total > most && total > self.total {
            return Err(format!("store would hold {total} bytes; at most {most} are kept for a session"));
        }
        if self.changes >= CHANGES {
            return Err(format!("The script has changed store {CHANGES} times, the most one script may"));
        }
        let (written, most) = (self.written.saturating_add(size), most.saturating_mul(REWRITES));
        if written > most {
            return Err(format!(
                "The script would write more than {most} bytes to store, the most one script may"
            ));
        }
        (self.total, self.written, self.changes) = (total, written, self.changes + 1);
        match length {
            Some(_) => self.sizes.insert(key.to_owned(), size),
            None => self.sizes.remove(key),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{CHANGES, Ledger};
    use crate::Limits;

    #[test]
    fn what_is_kept_and_what_is_written_is_bounded() {
        let limits = Limits { store_bytes: 100, ..Limits::default() };
        let mut ledger = Ledger::new([("a", 49), ("b", 39)]);
        assert!(ledger.change("c", Some(9), &limits).is_ok());
        assert!(ledger.change("d", Some(0), &limits).unwrap_err().contains("101 bytes; at most 100"));
        assert!(ledger.change("a", Some(50), &limits).is_err());
        assert!(ledger.change("a", None, &limits).is_ok());
        assert!(ledger.change("a", None, &limits).is_ok());
        assert!(ledger.change("d", Some(49), &limits).is_ok());
        // More than the limit may shrink, but not grow.
        let mut full = Ledger::new([("a", 199), ("b", 99)]);
        assert!(full.change("a", Some(198), &limits).is_ok());
        assert!(full.change("a", Some(199), &limits).is_err());
        assert!(full.change("b", None, &limits).is_ok());
    }

    #[test]
    fn one_script_cannot_flood_the_record() {
        let limits = Limits { store_bytes: 100, ..Limits::default() };
        let mut ledger = Ledger::default();
        for _ in 0..CHANGES {
            assert!(ledger.change("", Some(1), &limits).is_ok());
        }
        assert!(ledger.change("", Some(1), &limits).unwrap_err().contains("1000 times"));
        let mut ledger = Ledger::default();
        for _ in 0..16 {
            assert!(ledger.change("", Some(100), &limits).is_ok());
        }
        assert!(ledger.change("", Some(1), &limits).unwrap_err().contains("1600 bytes"));
    }
}
