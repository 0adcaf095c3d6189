//! What a session gives away once: numbers of asks, change sets and entries of the board, and what the user allowed for all of
//! it. Asks nobody.

use super::{Session, now};
use glossator_session::{AskId, ChangeSetId};
use parking_lot::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// What was given away: the last numbers, and what the user allowed for the whole session.
pub(super) struct Given {
    pub asks: AtomicU64,
    pub changes: AtomicU64,
    pub entries: AtomicU64,
    pub grants: Mutex<Grants>,
}

/// What the user allowed for the whole session.
#[derive(Default)]
pub(super) struct Grants {
    last: u64,
    /// Each with the key that calls are compared by.
    given: Vec<(String, SessionGrant)>,
}

/// Something that the user allowed for a whole session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionGrant {
    /// Its id in the session: `G2`.
    pub id: String,
    /// What is allowed, in one line.
    pub what: String,
    /// When: milliseconds since the Unix epoch.
    pub at: i64,
}

impl Session {
    pub fn fresh_ask_id(&self) -> AskId {
        let short = self.id.0.rsplit('-').next().unwrap_or_default();
        AskId(format!("A{}-{short}", next(&self.given.asks)))
    }

    pub fn fresh_change_id(&self) -> ChangeSetId {
        ChangeSetId(format!("C{}", next(&self.given.changes)))
    }

    /// An id for an entry of the board.
    pub fn fresh_board_id(&self) -> String {
        format!("B{}", next(&self.given.entries))
    }

    pub fn granted(&self, keys: &[String]) -> bool {
        self.given.grants.lock().given.iter().any(|(known, _)| keys.contains(known))
    }

    /// Allows it until the session ends, and answers the asks that wait for it.
    pub fn grant(&self, key: &str, what: &str) {
        let mut grants = self.given.grants.lock();
        if !grants.given.iter().any(|(known, _)| known == key) {
            grants.last += 1;
            let id = format!("G{}", grants.last);
            let grant = SessionGrant { id, what: what.to_owned(), at: now() };
            grants.given.push((key.to_owned(), grant));
        }
        drop(grants);
        self.asks.granted(key);
    }

    /// What the user allowed, oldest first.
    pub fn grants(&self) -> Vec<SessionGrant> {
        self.given.grants.lock().given.iter().map(|(_, grant)| grant.clone()).collect()
    }

    /// Takes back what the user allowed, one of it or all; gives how much that was. The next call is asked about again.
    pub fn revoke(&self, id: Option<&str>) -> usize {
        let mut grants = self.given.grants.lock();
        let before = grants.given.len();
        grants.given.retain(|(_, grant)| id.is_some_and(|id| grant.id != id));
        before - grants.given.len()
    }
}

fn next(counter: &AtomicU64) -> u64 {
    counter.fetch_add(1, Ordering::Relaxed) + 1
}
