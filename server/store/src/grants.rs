//! What the user allowed for good in a workspace: `grants.json` in its folder, outside every repository. Of each only a
//! fingerprint of what it covers is kept, and what people are told of it. Decides nothing.

use crate::folder::{rename, write_whole};
use crate::lock::Tidy;
use crate::{Store, StoreError};
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::PathBuf;

const FILE: &str = "grants.json";
/// Where one that is not understood goes.
const ASIDE: &str = "grants.old.json";

/// Something that was allowed for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedGrant {
    /// Its id in the workspace: `W2`. None is given twice.
    pub id: String,
    /// BLAKE3 of what calls are compared by.
    key: String,
    /// What is allowed, in one line.
    pub what: String,
    /// When: milliseconds since the Unix epoch.
    pub at: i64,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    last: u64,
    grants: Vec<SavedGrant>,
}

impl Store {
    /// What is allowed for good, oldest first.
    ///
    /// # Errors
    /// A file that cannot be read, or does not hold this: then nothing is allowed.
    pub fn saved_grants(&self) -> Result<Vec<SavedGrant>, StoreError> {
        Ok(self.read_saved()?.grants)
    }

    /// Whether one of `keys` is allowed for good. A file that cannot be read allows nothing.
    pub fn is_saved(&self, keys: &[String]) -> bool {
        let Ok(saved) = self.read_saved() else { return false };
        keys.iter().any(|key| {
            let key = fingerprint(key);
            saved.grants.iter().any(|grant| grant.key == key)
        })
    }

    /// Allows `key` for good; `what` tells people what that is, without secrets. A file that is not understood is put aside.
    ///
    /// # Errors
    /// Whatever the disk says; then nothing has changed.
    pub fn save_grant(&self, key: &str, (what, at): (&str, i64)) -> Result<(), StoreError> {
        self.change_saved(|saved| {
            let key = fingerprint(key);
            if saved.grants.iter().any(|grant| grant.key == key) {
                return false;
            }
            saved.last += 1;
            saved.grants.push(SavedGrant { id: format!("W{}", saved.last), key, what: what.to_owned(), at });
            true
        })
    }

    /// Takes one back; `false`: there is none of that id.
    ///
    /// # Errors
    /// As [`Store::save_grant`].
    pub fn revoke_saved_grant(&self, id: &str) -> Result<bool, StoreError> {
        let mut found = false;
        self.change_saved(|saved| {
            let before = saved.grants.len();
            saved.grants.retain(|grant| grant.id != id);
            found = saved.grants.len() < before;
            found
        })?;
        Ok(found)
    }

    /// Nobody else changes them meanwhile; `change` says whether it did.
    fn change_saved(&self, change: impl FnOnce(&mut Saved) -> bool) -> Result<(), StoreError> {
        self.make_folder()?;
        let _nobody_else = Tidy::of(self.folder(), "grants.lock")?;
        let mut saved = match self.read_saved() {
            Err(StoreError::Damaged { path, why }) => {
                tracing::warn!(path = %path.display(), %why, "not understood; put aside");
                rename(&path, &path.with_file_name(ASIDE))?;
                Saved::default()
            }
            saved => saved?,
        };
        match change(&mut saved) {
            true => write_whole(&self.saved_file(), &serde_json::to_vec_pretty(&saved)?),
            false => Ok(()),
        }
    }

    fn read_saved(&self) -> Result<Saved, StoreError> {
        let path = self.saved_file();
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| StoreError::Damaged {
                path,
                why: format!(
                    "it does not hold what was allowed ({error}); it is put aside when something is always allowed again"
                ),
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Saved::default()),
            Err(error) => Err(StoreError::io("read", &path)(error)),
        }
    }

    fn saved_file(&self) -> PathBuf {
        self.folder().join(FILE)
    }
}

fn fingerprint(key: &str) -> String {
    blake3::hash(key.as_bytes()).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::faults;
    use crate::tests::Bench;

    fn told(store: &Store) -> Vec<(String, String)> {
        store.saved_grants().unwrap().into_iter().map(|one| (one.id, one.what)).collect()
    }

    fn holds(store: &Store, key: &str) -> bool {
        store.is_saved(&["other".to_owned(), key.to_owned()])
    }

    #[test]
    fn what_is_allowed_for_good_and_taken_back() {
        let bench = Bench::new();
        let store = &bench.store;
        assert!(told(store).is_empty() && !holds(store, "a") && !store.revoke_saved_grant("W1").unwrap());
        store.save_grant("a", ("run a", 7)).unwrap();
        store.save_grant("b", ("run b", 8)).unwrap();
        store.save_grant("a", ("run a again", 9)).unwrap();
        let pair = |id: &str, what: &str| (id.to_owned(), what.to_owned());
        assert_eq!(told(store), [pair("W1", "run a"), pair("W2", "run b")]);
        assert!(holds(store, "a") && holds(store, "b") && !holds(store, "c") && !store.is_saved(&[]));
        assert!(store.revoke_saved_grant("W2").unwrap() && !store.revoke_saved_grant("W2").unwrap());
        assert!(!holds(store, "b"));
        store.save_grant("c", ("run c", 10)).unwrap();
        assert_eq!(told(store), [pair("W1", "run a"), pair("W3", "run c")]);
        let text = std::fs::read_to_string(store.saved_file()).unwrap();
        assert!(!text.contains("\"a\""), "only fingerprints are kept: {text}");
    }

    #[test]
    fn a_file_that_is_none_allows_nothing_and_is_put_aside() {
        let bench = Bench::new();
        let store = &bench.store;
        store.save_grant("a", ("run a", 7)).unwrap();
        for text in ["", "{\"grants\":", "{\"grants\":[{\"id\":\"W1\"}]}"] {
            std::fs::write(store.saved_file(), text).unwrap();
            assert!(!holds(store, "a") && store.saved_grants().is_err(), "{text}");
            store.save_grant("b", ("b", 1)).unwrap();
            assert!(!holds(store, "a") && holds(store, "b"), "{text}");
            let aside = store.saved_file().with_file_name(ASIDE);
            assert_eq!(std::fs::read_to_string(aside).unwrap(), text);
        }
    }

    #[test]
    fn a_write_that_fails_changes_nothing() {
        let bench = Bench::new();
        let store = &bench.store;
        store.save_grant("a", ("run a", 7)).unwrap();
        for step in 0.. {
            faults::begin(step, 28, false);
            let saved = store.save_grant("b", ("run b", 8));
            if !faults::end() {
                break;
            }
            assert!(saved.is_err() && holds(store, "a") && !holds(store, "b"), "step {step}");
        }
        assert!(holds(store, "b"));
    }
}
