//! A choice that the user makes in a dialog, where the editor has dialogs. Never waited for by a command: the answer to a
//! command has to come at once.

use crate::connection::Connection;
use tower_lsp::lsp_types::request::ShowMessageRequest;
use tower_lsp::lsp_types::{MessageActionItem, MessageType, ShowMessageRequestParams};

/// Whether the client has dialogs.
pub fn has_dialogs(connection: &Connection) -> bool {
    let window = connection.capabilities().and_then(|all| all.window.as_ref());
    window.is_some_and(|window| window.show_message.is_some())
}

/// Lets the user choose one of `titles`, which all differ; `None`: the user did not.
pub async fn choose(connection: &Connection, message: String, titles: &[String]) -> Option<usize> {
    // Questions of the model come one by one, and so does this.
    let _one_at_a_time = connection.asks.dialog.lock().await;
    let action = |title: &String| MessageActionItem { title: title.clone(), properties: Default::default() };
    let params = ShowMessageRequestParams {
        typ: MessageType::INFO,
        message,
        actions: Some(titles.iter().map(action).collect()),
    };
    let chosen = connection.client.send_request::<ShowMessageRequest>(params).await.ok()??;
    titles.iter().position(|title| *title == chosen.title)
}
