//! Which asks of one connection are open, so that a dialog is not waited for longer than its ask, and what was decided of
//! their single hunks up to now.

use glossator_session::AskId;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_util::sync::CancellationToken;

/// The asks of one connection that are open, and the one dialog that may be.
#[derive(Default)]
pub struct Asks {
    open: Mutex<HashMap<AskId, CancellationToken>>,
    /// What was decided of single hunks of asks that are open: their numbers, and whether they are to be made.
    hunks: Mutex<HashMap<AskId, BTreeMap<usize, bool>>>,
    /// Held by the one dialog that may be open.
    pub dialog: tokio::sync::Mutex<()>,
    /// The client answered that it has no dialogs.
    unable: AtomicBool,
}

impl Asks {
    /// An ask has ended, on whatever road: its dialog is not waited for any more.
    pub fn ended(&self, id: &AskId) {
        self.hunks.lock().remove(id);
        if let Some(token) = self.open.lock().remove(id) {
            token.cancel();
        }
    }

    /// The user decided about hunk `number` of an ask; gives all that was decided of it.
    pub fn decide(&self, id: &AskId, number: usize, is_accepted: bool) -> BTreeMap<usize, bool> {
        let mut hunks = self.hunks.lock();
        let decided = hunks.entry(id.clone()).or_default();
        decided.insert(number, is_accepted);
        decided.clone()
    }

    /// What was decided of single hunks of an ask.
    pub fn decided(&self, id: &AskId) -> BTreeMap<usize, bool> {
        self.hunks.lock().get(id).cloned().unwrap_or_default()
    }

    /// Whether the client has dialogs, as far as its answers say.
    pub fn has_dialogs(&self) -> bool {
        !self.unable.load(Ordering::Relaxed)
    }

    /// The client said that it has no dialogs: none is tried again.
    pub fn no_dialogs(&self) {
        self.unable.store(true, Ordering::Relaxed);
    }

    /// An ask is put to the user; the token is cancelled when it has ended. `None`: it is put already.
    pub fn begun(&self, id: &AskId) -> Option<CancellationToken> {
        let mut open = self.open.lock();
        if open.contains_key(id) {
            return None;
        }
        let token = CancellationToken::new();
        open.insert(id.clone(), token.clone());
        Some(token)
    }
}
