//! A shell as a turn: nobody is asked, console lines go to standard error, and what is kept is gone with the process.

use futures::future::BoxFuture;
use glossator_session::{
    Answer, Ask, AskId, ChangeSetId, ChangeState, ContextItem, Decision, FileKey, Grant, ItemBody,
};
use glossator_tools::{Journal, Turn};
use parking_lot::Mutex;
use serde_json::{Map, Value};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio_util::sync::CancellationToken;

/// The turn of one run.
#[derive(Default)]
pub struct Shell {
    changes: AtomicU32,
    kept: Mutex<Vec<String>>,
    stored: Mutex<Map<String, Value>>,
}

impl Turn for Shell {
    fn record(&self, body: ItemBody) -> Result<(), String> {
        if let ItemBody::Context(ContextItem::Stored { key, value }) = body {
            let mut stored = self.stored.lock();
            match value {
                Some(value) => stored.insert(key, value),
                None => stored.shift_remove(&key),
            };
        }
        Ok(())
    }

    fn delta(&self, _: &str, text: &str) {
        crate::terminal::err(text);
    }

    fn ask<'a>(&'a self, _: Ask, _: &'a [String], _: &'a CancellationToken) -> BoxFuture<'a, Answer> {
        Box::pin(async {
            Answer { decision: Decision::Deny, grant: Grant::Once, message: None, hunks: None }
        })
    }

    fn can_ask(&self) -> bool {
        false
    }

    fn fresh_ask_id(&self) -> AskId {
        AskId("A0".to_owned())
    }

    fn granted(&self, _: &[String], _: bool) -> bool {
        false
    }

    fn grant(&self, _: Grant, _: &str, _: &str) {}

    fn keep(&self, text: &str) -> Result<FileKey, String> {
        let mut kept = self.kept.lock();
        kept.push(text.to_owned());
        Ok(FileKey(format!("K{}", kept.len())))
    }

    fn kept(&self, key: &FileKey) -> Result<String, String> {
        let number = key.0.strip_prefix('K').and_then(|number| number.parse::<usize>().ok());
        let found = number.and_then(|number| self.kept.lock().get(number.checked_sub(1)?).cloned());
        found.ok_or_else(|| format!("there is no text under the key {key}"))
    }

    fn stored(&self) -> Map<String, Value> {
        self.stored.lock().clone()
    }
}

impl Journal for Shell {
    fn fresh_change_id(&self) -> ChangeSetId {
        ChangeSetId(format!("C{}", self.changes.fetch_add(1, Ordering::Relaxed) + 1))
    }

    fn change(&self, _: &ChangeSetId, _: ChangeState) -> Result<(), String> {
        Ok(())
    }

    fn user_is_asked(&self) -> bool {
        false
    }

    fn announce(&self, _: &ChangeSetId, _: &str, _: Vec<String>) {}
}
