//! What is looked after for all stored sessions of a workspace: the index of old ones, and how much there is. Deletes
//! nothing.

use glossator_store::{ListQuery, Store};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// How long sessions are indexed at a stretch, and how long others come first then.
const STRETCH: Duration = Duration::from_millis(50);
const PAUSE: Duration = Duration::from_millis(100);

/// What is looked after for all sessions of a workspace.
#[derive(Default)]
pub(crate) struct Upkeep {
    /// Bytes of stored sessions above which the user is told; 0: no limit.
    limit: AtomicU64,
    /// The day on which the user was told last.
    told_on: Mutex<String>,
    /// Whether old sessions are being indexed, or were.
    indexing: AtomicBool,
    ended: Arc<AtomicBool>,
}

impl Upkeep {
    /// The user wants to know when more than `megabytes` (2^20 bytes) are stored; 0: never.
    pub fn set_limit(&self, megabytes: u64) {
        self.limit.store(megabytes.saturating_mul(1 << 20), Ordering::Relaxed);
    }

    /// Indexes what is not indexed yet, once, on a thread that gives way to others and ends with the agent.
    pub fn index_in_background(&self, store: &Store) {
        if self.indexing.swap(true, Ordering::Relaxed) {
            return;
        }
        let (store, ended) = (store.clone(), self.ended.clone());
        let index = move || {
            while !ended.load(Ordering::Relaxed) && store.index_all(STRETCH).left > 0 {
                std::thread::sleep(PAUSE);
            }
        };
        if let Err(error) = std::thread::Builder::new().name("index".to_owned()).spawn(index) {
            tracing::warn!(%error, "old sessions are not indexed in the background");
        }
    }

    /// What the user is to be told of the size of what is stored, once a day.
    pub fn complaint(&self, store: &Store, today: String) -> Option<String> {
        let limit = self.limit.load(Ordering::Relaxed);
        if limit == 0 || *self.told_on.lock() == today {
            return None;
        }
        let stored: u64 = store.list(&ListQuery::default()).ok()?.sessions.iter().map(|one| one.bytes).sum();
        if stored <= limit {
            return None;
        }
        *self.told_on.lock() = today;
        Some(format!(
            "The sessions of this workspace take {} MB, more than the {} MB of `sessions.max_mb`. Nothing is deleted by itself: \
             `glossator sessions tidy` shows what could go.",
            stored >> 20,
            limit >> 20
        ))
    }
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}
