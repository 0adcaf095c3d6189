//! Opens documents in the editor, only ever as the answer to a user's command; and waits for what the editor makes of edits.

use crate::connection::Connection;
use glossator_workspace::Buffer;
use std::time::Duration;
use tower_lsp::Client;
use tower_lsp::lsp_types::{MessageType, Range, ShowDocumentParams};
use url::Url;

/// How long the next text of a document is waited for.
const NEWER: Duration = Duration::from_secs(1);

/// Opens `uri`, at `selection`, without waiting: the client may answer only after the command has been answered. A client
/// that cannot is told `otherwise`.
pub fn open(connection: &Connection, uri: Url, selection: Option<Range>, otherwise: String) {
    open_all(connection, vec![(show(uri, true, selection))], otherwise);
}

/// What is to be shown: a document, whether it takes the focus, and where in it.
pub fn show(uri: Url, take_focus: bool, selection: Option<Range>) -> ShowDocumentParams {
    ShowDocumentParams { uri, external: Some(false), take_focus: Some(take_focus), selection }
}

/// Opens these one after the other, without waiting. A client that cannot open the first is told `otherwise`.
pub fn open_all(connection: &Connection, documents: Vec<ShowDocumentParams>, otherwise: String) {
    let client = connection.client.clone();
    tokio::spawn(async move {
        if !all(&client, documents).await {
            client.show_message(MessageType::INFO, otherwise).await;
        }
    });
}

async fn all(client: &Client, documents: Vec<ShowDocumentParams>) -> bool {
    for params in documents {
        if !client.show_document(params).await.unwrap_or(false) {
            return false;
        }
    }
    true
}

/// Waits until the editor has reported another text than `buffer`, or for a moment.
pub async fn newer(connection: &Connection, buffer: &Buffer) {
    let overlay = connection.workspace.overlay();
    let mut changed = overlay.changed();
    let waiting = async {
        while overlay.by_uri(&buffer.uri).is_some_and(|now| now.version == buffer.version) {
            if changed.changed().await.is_err() {
                return;
            }
        }
    };
    // Nothing comes where the editor refused for another reason.
    let _ = tokio::time::timeout(NEWER, waiting).await;
}
