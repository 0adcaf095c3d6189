//! Which asks of one connection are open, so that a dialog is not waited for longer than its ask.

use glossator_session::AskId;
use parking_lot::Mutex;
use std::collections::HashMap;
use tokio_util::sync::CancellationToken;

/// The asks of one connection that are open, and the one dialog that may be.
#[derive(Default)]
pub struct Asks {
    open: Mutex<HashMap<AskId, CancellationToken>>,
    /// Held by the one dialog that may be open.
    pub dialog: tokio::sync::Mutex<()>,
}

impl Asks {
    /// An ask has ended, on whatever road: its dialog is not waited for any more.
    pub fn ended(&self, id: &AskId) {
        if let Some(token) = self.open.lock().remove(id) {
            token.cancel();
        }
    }

    /// An ask is put to the user; the token is cancelled when it has ended.
    pub fn begun(&self, id: &AskId) -> CancellationToken {
        let token = CancellationToken::new();
        self.open.lock().insert(id.clone(), token.clone());
        token
    }
}
