//! Looks whether settings, trust or keys have changed what sessions are run with, and has every client told then. What is in
//! force is read where it is needed (`chosen`), never kept here.

use crate::chosen;
use crate::connection::Connection;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::spawn_blocking;

/// How often the files are looked at for a client that does not watch them.
const OFTEN: Duration = Duration::from_secs(3);

/// Settings may have changed: says what is wrong with them, and tells of sessions that are run with others now. Not waited
/// for.
pub fn look(connection: &Arc<Connection>) {
    let connection = connection.clone();
    spawn_blocking(move || {
        drop(connection.config(connection.trusted()));
        tell(&connection);
    });
}

/// Trust or a key has changed, for every client of the workspace. Not waited for.
pub fn changed(connection: &Arc<Connection>) {
    let connection = connection.clone();
    spawn_blocking(move || {
        if let Some(agent) = connection.agent() {
            agent.settings_changed();
        }
    });
}

/// Has all clients told where this one does not know what one of its sessions is run with. Blocks.
fn tell(connection: &Connection) {
    let Some(agent) = connection.agent().filter(|_| connection.extension("updates")) else { return };
    let known = connection.known_sessions();
    let is_news = |id| chosen::settings(connection, id).is_ok_and(|now| connection.is_news(id, &now));
    if known.iter().any(is_news) {
        agent.settings_changed();
    }
}

/// Looks at the files of settings again and again, for a client that is told of sessions and watches no files outside the
/// workspace. Until it is gone.
pub fn watch(connection: &Arc<Connection>) {
    if !connection.extension("updates") {
        return;
    }
    let weak = Arc::downgrade(connection);
    tokio::spawn(async move {
        let mut before = None;
        loop {
            let Some(connection) = weak.upgrade().filter(|connection| !connection.is_gone()) else { return };
            let reader = connection.clone();
            let Ok(now) = spawn_blocking(move || reader.settings_texts()).await else { return };
            if before.as_ref().is_some_and(|before| *before != now) {
                look(&connection);
            }
            before = Some(now);
            tokio::select! {
                () = connection.gone() => return,
                () = tokio::time::sleep(OFTEN) => {}
            }
        }
    });
}
