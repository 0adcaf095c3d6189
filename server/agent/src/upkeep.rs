//! What is looked after for all stored sessions of a workspace: the index of old ones, and how much there is. Deletes
//! nothing.

use glossator_store::{ListQuery, Store};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long sessions are indexed at a stretch, and how long others come first then.
const STRETCH: Duration = Duration::from_millis(50);
const PAUSE: Duration = Duration::from_millis(100);
/// How often it is looked how much is stored.
const LOOKS: Duration = Duration::from_hours(1);

/// What is looked after for all sessions of a workspace.
#[derive(Default)]
pub(crate) struct Upkeep {
    /// Bytes of stored sessions above which the user is told; 0: no limit.
    limit: AtomicU64,
    /// The day on which the user was told last.
    told_on: Mutex<String>,
    /// When it was looked how much is stored.
    looked: Mutex<Option<Instant>>,
    /// Whether old sessions are being indexed, or were.
    indexing: AtomicBool,
    ended: Arc<AtomicBool>,
}

impl Upkeep {
    /// The user wants to know when more than `megabytes` (2^20 bytes) are stored; 0: never.
    pub fn set_limit(&self, megabytes: u64) {
        let limit = megabytes.saturating_mul(1 << 20);
        if self.limit.swap(limit, Ordering::Relaxed) != limit {
            *self.looked.lock() = None;
        }
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

    /// What the user is to be told of the size of what is stored, once a day. Looks no more than once an hour: it takes a
    /// look at every session.
    pub fn complaint(&self, store: &Store, today: String) -> Option<String> {
        let limit = self.limit.load(Ordering::Relaxed);
        if limit == 0 || *self.told_on.lock() == today {
            return None;
        }
        let looked = self.looked.lock().replace(Instant::now());
        if let Some(looked) = looked.filter(|looked| looked.elapsed() < LOOKS) {
            *self.looked.lock() = Some(looked);
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

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{Item, ItemBody, ItemId, NoticeLevel, TurnId};
    use glossator_store::{SessionHead, Sync};

    #[test]
    fn what_is_stored_is_looked_at_once_an_hour_and_told_once_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("state"), folder.path()).unwrap();
        let head = |id: &str| SessionHead {
            id: id.into(),
            title: String::new(),
            created_at: 1,
            model: String::new(),
            pack: String::new(),
            tools: Vec::new(),
            calling: String::new(),
            strategy: String::new(),
            parent: None,
            layers: Vec::new(),
        };
        let grow = |id: &str| {
            let mut log = store.create(&head(id)).unwrap();
            for at in 1..=160 {
                let text = "x".repeat(10_000);
                let body = ItemBody::Notice { level: NoticeLevel::Info, text };
                let item = Item { id: ItemId(at), turn: TurnId(1), round: 0, at: 1, agent: None, body };
                log.append(&item, Sync::No).unwrap();
            }
        };
        let upkeep = Upkeep::default();
        let told = || upkeep.complaint(&store, "2026-11-20".to_owned()).is_some();
        grow("a");
        assert!(!told(), "there is no limit");
        upkeep.set_limit(2);
        assert!(!told());
        grow("b");
        upkeep.set_limit(2);
        assert!(!told(), "it was looked at just now");
        *upkeep.looked.lock() = Instant::now().checked_sub(LOOKS);
        assert!(told());
        *upkeep.looked.lock() = None;
        assert!(!told(), "it was told today");
        upkeep.set_limit(1);
        assert!(upkeep.complaint(&store, "2026-11-21".to_owned()).is_some());
    }
}
