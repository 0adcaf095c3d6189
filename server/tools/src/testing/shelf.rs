//! For tests: a file cabinet in memory.

use crate::{Cabinet, Filed};
use glossator_session::FileKey;
use parking_lot::Mutex;

/// A cabinet that forgets.
#[derive(Default)]
pub struct Shelf {
    pub all: Mutex<Vec<(Filed, String)>>,
}

impl Cabinet for Shelf {
    fn put(&self, text: &str, note: &str) -> Result<Filed, String> {
        let mut all = self.all.lock();
        let key = FileKey(format!("F{}", all.len() + 1));
        let bytes = text.len() as u64;
        let filed = Filed { key, note: note.to_owned(), bytes, saved_at: 0, expires_at: i64::MAX };
        all.push((filed.clone(), text.to_owned()));
        Ok(filed)
    }

    fn get(&self, key: &FileKey) -> Result<Option<(Filed, String)>, String> {
        Ok(self.all.lock().iter().find(|(filed, _)| filed.key == *key).cloned())
    }

    fn list(&self) -> Result<Vec<Filed>, String> {
        Ok(self.all.lock().iter().map(|(filed, _)| filed.clone()).collect())
    }

    fn delete(&self, key: &FileKey) -> Result<bool, String> {
        let mut all = self.all.lock();
        let before = all.len();
        all.retain(|(filed, _)| filed.key != *key);
        Ok(all.len() < before)
    }
}
