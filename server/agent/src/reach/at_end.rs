//! What is done behind the end of each turn, away from it: items let go, the index brought up to date, the size of what is
//! stored looked at. Nothing of it can fail a turn.

use crate::session::{Session, now};
use crate::shared::Shared;
use glossator_session::{EventKind, NoticeLevel};
use glossator_store::{SessionMeta, Store, day_of};
use std::sync::Arc;

/// Looks after a session whose turn has ended. Returns at once.
pub(super) fn after_turn(shared: &Arc<Shared>, session: Arc<Session>) {
    let shared = Arc::downgrade(shared);
    let work = move || {
        let Some(shared) = shared.upgrade() else { return };
        session.tidy();
        let Ok(store) = &shared.store else { return };
        if session.begun().is_none() || session.read_only().is_some() {
            return;
        }
        bring_together(store, &session);
        store.indexed(session.id());
        if let Some(text) = shared.upkeep.complaint(store, day_of(now())) {
            session.emit(None, EventKind::Notice { level: NoticeLevel::Warning, text });
        }
        shared.upkeep.index_in_background(store);
    };
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => drop(runtime.spawn_blocking(work)),
        Err(_) => work(),
    }
}

/// What was set before the session had a log is stored; what another process set since is taken over.
fn bring_together(store: &Store, session: &Session) {
    let Ok(stored) = store.meta(session.id()) else { return };
    let own = session.meta();
    if stored == own {
        return;
    }
    if stored == SessionMeta::default() && session.place().0.0 <= 1 {
        if let Err(error) = store.set_meta(session.id(), &own) {
            tracing::warn!(%error, "what was set for a session could not be stored");
        }
        return;
    }
    let archived = stored.archived;
    session.set_meta(stored);
    session.emit(None, EventKind::SessionChanged { title: session.title(), archived });
}
