//! Starts for one client what waited for its turn: makes what it is run with, as the client's settings are then.

use crate::connection::Connection;
use crate::seen;
use futures::FutureExt;
use glossator_agent::{AgentError, Due, EditorState, Setup, Starter};
use std::sync::{Arc, Weak};

/// Who starts what waits in a queue, and what came too late for a turn, for this client.
pub fn starter(connection: &Arc<Connection>) -> Starter {
    let weak = Arc::downgrade(connection);
    let looked_at = weak.clone();
    let make = move |due| setup(weak.clone(), due).boxed();
    let ready = move |due| is_ready(looked_at.clone(), due).boxed();
    Starter { of: Arc::as_ptr(connection).addr(), make: Arc::new(make), ready: Arc::new(ready) }
}

/// Whether a prompt that waits could be started now: what is set up suffices. Asks no client.
async fn is_ready(connection: Weak<Connection>, due: Due) -> bool {
    let Some(connection) = connection.upgrade().filter(|connection| !connection.is_gone()) else {
        return false;
    };
    let look =
        move || connection.setup(&due.session, &due.input, (due.wishes, EditorState::default())).is_ok();
    tokio::task::spawn_blocking(look).await.unwrap_or(false)
}

/// What a prompt whose turn has come is run with; `None`: the client is gone.
async fn setup(connection: Weak<Connection>, due: Due) -> Option<Result<Setup, AgentError>> {
    let connection = connection.upgrade().filter(|connection| !connection.is_gone())?;
    let editor = seen::state(&connection, None).await;
    // Settings are files.
    let made =
        tokio::task::spawn_blocking(move || connection.setup(&due.session, &due.input, (due.wishes, editor)));
    made.await.ok()
}
