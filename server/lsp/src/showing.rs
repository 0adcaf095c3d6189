//! Opens documents in the editor, only ever as the answer to a user's command.

use crate::connection::Connection;
use tower_lsp::lsp_types::{MessageType, Range, ShowDocumentParams};
use url::Url;

/// Opens `uri`, at `selection`, without waiting: the client may answer only after the command has been answered. A client
/// that cannot is told `otherwise`.
pub fn open(connection: &Connection, uri: Url, selection: Option<Range>, otherwise: String) {
    let params = ShowDocumentParams { uri, external: Some(false), take_focus: Some(true), selection };
    let client = connection.client.clone();
    tokio::spawn(async move {
        if !client.show_document(params).await.unwrap_or(false) {
            client.show_message(MessageType::INFO, otherwise).await;
        }
    });
}
