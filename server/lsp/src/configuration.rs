//! The editor's settings, when they change: taken as they are sent, or asked for where the client only says that they did.

use crate::connection::Connection;
use crate::in_force;
use serde_json::Value;
use std::sync::Arc;
use tower_lsp::lsp_types::ConfigurationItem;

/// Takes in what `workspace/didChangeConfiguration` says.
pub fn changed(connection: &Arc<Connection>, settings: Value) {
    if !settings.is_null() {
        connection.set_editor_settings(settings);
        in_force::look(connection);
        return;
    }
    let workspace = connection.capabilities().and_then(|all| all.workspace.as_ref());
    if !workspace.and_then(|workspace| workspace.configuration).unwrap_or(false) {
        // It says nothing of them, and cannot be asked: what it said before holds.
        return;
    }
    let connection = connection.clone();
    tokio::spawn(async move {
        let item = ConfigurationItem { scope_uri: None, section: Some("glossator".to_owned()) };
        let asked = connection.client.configuration(vec![item]).await;
        if let Some(own) = asked.ok().and_then(|all| all.into_iter().next()).filter(|own| !own.is_null()) {
            connection.set_editor_settings(own);
            in_force::look(&connection);
        }
    });
}
