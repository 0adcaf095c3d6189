//! Changes that come before their document is opened: Helix 25.01 sends them so, and its `didOpen` then has the older text.
//! Kept for a moment and within bounds; what cannot be kept is remembered as lost. Knows no buffers.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long a change is kept for a document that is not open.
const KEPT_FOR: Duration = Duration::from_secs(2);
/// Documents for which changes are kept.
const MAX_DOCUMENTS: usize = 64;
/// Changes kept per document.
const MAX_CHANGES: usize = 256;
/// Closed documents that are remembered.
const MAX_CLOSED: usize = 10_000;

/// Changes of documents that are not open.
#[derive(Debug)]
pub(crate) struct EarlyChanges<Change> {
    documents: HashMap<String, Early<Change>>,
    /// The version in which each document was closed. A change that goes on from there is a late one of what was closed.
    closed: HashMap<String, i32>,
    /// When a change was last lost because there were too many documents.
    flooded: Option<Instant>,
}

#[derive(Debug)]
struct Early<Change> {
    changes: Vec<(Instant, i32, Vec<Change>)>,
    /// When a change was last lost, and the newest version that was.
    lost: Option<(Instant, i32)>,
}

/// What an opened document has to catch up with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CatchUp<Change> {
    /// Changes by version, in the order in which they came.
    pub(crate) changes: Vec<(i32, Vec<Change>)>,
    /// There were more, which are lost.
    pub(crate) lost: bool,
}

impl<Change> Default for EarlyChanges<Change> {
    fn default() -> Self {
        EarlyChanges { documents: HashMap::new(), closed: HashMap::new(), flooded: None }
    }
}

impl<Change: Clone> EarlyChanges<Change> {
    /// Keeps a change of a document that is not open. One that goes on from the version in which the document was closed
    /// is no early one and is forgotten.
    pub(crate) fn keep(&mut self, uri: &str, version: i32, changes: &[Change], now: Instant) {
        match self.closed.get(uri) {
            Some(closed) if version > *closed => return,
            // Of another opening than the one that ended, but which is not told: never kept.
            Some(_) => return self.lose(uri, Some(version), now),
            None => {}
        }
        let Some(early) = self.early(uri, now) else { return };
        if early.changes.len() < MAX_CHANGES {
            early.changes.push((now, version, changes.to_vec()));
        } else {
            early.lose(version, now);
        }
    }

    /// A change of a document that is not open was lost; to which version, if that is known.
    pub(crate) fn lose(&mut self, uri: &str, version: Option<i32>, now: Instant) {
        if let Some(early) = self.early(uri, now) {
            early.lose(version.unwrap_or(i32::MAX), now);
        }
    }

    /// A document was opened in `version`: gives what came early and is newer.
    pub(crate) fn opened(&mut self, uri: &str, version: i32, now: Instant) -> CatchUp<Change> {
        self.forget_old(now);
        self.closed.remove(uri);
        let Some(early) = self.documents.remove(uri) else {
            return CatchUp { changes: Vec::new(), lost: self.flooded.is_some() };
        };
        let changes = early.changes.into_iter().map(|(_, version, changes)| (version, changes));
        let lost = early.lost.is_some_and(|(_, lost)| lost > version);
        CatchUp { changes: changes.filter(|(early, _)| *early > version).collect(), lost }
    }

    /// A document was closed, in `version` if it was open.
    pub(crate) fn closed(&mut self, uri: &str, version: Option<i32>) {
        self.documents.remove(uri);
        if self.closed.len() >= MAX_CLOSED {
            self.closed.clear();
        }
        if let Some(version) = version {
            self.closed.insert(uri.to_owned(), version);
        }
    }

    fn early(&mut self, uri: &str, now: Instant) -> Option<&mut Early<Change>> {
        self.forget_old(now);
        if !self.documents.contains_key(uri) && self.documents.len() >= MAX_DOCUMENTS {
            self.flooded = Some(now);
            return None;
        }
        Some(
            self.documents.entry(uri.to_owned()).or_insert_with(|| Early { changes: Vec::new(), lost: None }),
        )
    }

    /// Lets go of what nobody waits for any more.
    pub(crate) fn forget_old(&mut self, now: Instant) {
        if self.documents.is_empty() && self.flooded.is_none() {
            return;
        }
        let recent = |at: &Instant| now.duration_since(*at) < KEPT_FOR;
        self.flooded = self.flooded.filter(recent);
        self.documents.retain(|_, early| {
            early.changes.retain(|(at, ..)| recent(at));
            early.lost = early.lost.filter(|(at, _)| recent(at));
            !early.changes.is_empty() || early.lost.is_some()
        });
    }
}

impl<Change> Early<Change> {
    fn lose(&mut self, version: i32, now: Instant) {
        let newest = self.lost.map_or(version, |(_, lost)| lost.max(version));
        self.lost = Some((now, newest));
    }
}
