//! Following a session whose log another process writes: as long as somebody watches, what comes into the log is shown.
//! Writes nothing.

use crate::session::Session;
use glossator_store::Store;
use std::sync::Arc;
use std::time::Duration;

/// How often the log is looked at.
const PACE: Duration = Duration::from_millis(300);

/// Follows `session` until nobody watches it any more, or it is gone or written by this process.
pub(crate) fn follow(store: &Store, session: &Arc<Session>) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    if !session.begin_following() {
        return;
    }
    let (store, session) = (store.clone(), Arc::downgrade(session));
    runtime.spawn(async move {
        loop {
            tokio::time::sleep(PACE).await;
            let Some(session) = session.upgrade() else { return };
            if !session.goes_on_following() {
                return;
            }
            let (store, id, last) = (store.clone(), session.id().clone(), session.last_item());
            let read = tokio::task::spawn_blocking(move || store.follow(&id, last)).await;
            match read {
                Ok(Ok(items)) => session.arrive(items),
                // It may be there again at the next look: the disk of another machine, a session that is being moved.
                Ok(Err(error)) => tracing::debug!(%error, "a session cannot be followed at the moment"),
                Err(error) => return tracing::error!(%error, "following a session broke down"),
            }
        }
    });
}
