//! What an editor reports of its documents, as far as it concerns chat: what was typed, which documents of ours are open. Called
//! by the handlers, and never waits.

use crate::chat::follow;
use crate::connection::Connection;
use crate::prompting::{attend, drafts};
use std::sync::Arc;

/// A document was opened.
pub fn opened(connection: &Arc<Connection>, uri: &str) {
    connection.looking.at(uri, None);
    follow::opened(connection, uri);
    attend(connection, uri);
}

/// A document was changed.
pub fn changed(connection: &Arc<Connection>, uri: &str) {
    let buffer = connection.workspace.overlay().by_uri(uri);
    connection.looking.changed(uri, buffer.as_ref().map(|buffer| &buffer.text));
    if connection.prompts.is_prompt(uri) {
        drafts::changed(connection, uri);
    }
}

/// A document is being closed.
pub fn closing(connection: &Arc<Connection>, uri: &str) {
    connection.looking.closed(uri);
    drafts::closing(connection, uri);
    connection.prompts.closed(uri);
}

/// The client is gone, and with it every document.
pub async fn leaving(connection: &Arc<Connection>) {
    drafts::save_all(connection).await;
}
