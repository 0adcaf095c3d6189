//! The code actions of the document that lists sessions: what can be done with the session of a line.

use crate::connection::Connection;
use crate::offer::action;
use crate::sessions::page;
use glossator_protocol_ext::command;
use serde_json::{Value, json};
use tower_lsp::lsp_types::{CodeActionKind, CodeActionOrCommand, Position};
use url::Url;

/// The actions for a line; none in any other document.
pub fn actions(connection: &Connection, uri: &Url, at: Position) -> Vec<CodeActionOrCommand> {
    let is_list = uri.path().ends_with(page::NAME)
        && connection.agent().and_then(|agent| agent.document(None, page::NAME).ok()).as_deref()
            == uri.to_file_path().ok().as_deref();
    if !is_list {
        return Vec::new();
    }
    let buffer = connection.workspace.overlay().by_uri(uri.as_str());
    let text = buffer.map(|buffer| buffer.text.to_string()).unwrap_or_default();
    let Some(id) = page::session_at(&text, at.line as usize) else { return Vec::new() };
    let of = json!({ "sessionId": id });
    let offer = |title: &str, name: &'static str, argument: Value| {
        action(title, CodeActionKind::QUICKFIX, (name, vec![argument]), Vec::new())
    };
    vec![
        offer("Resume this session", command::RESUME, of.clone()),
        offer("Fork this session at its latest turn", command::FORK, of.clone()),
        offer("Archive this session, or bring it back", command::ARCHIVE_SESSION, of.clone()),
        offer("Export this session", command::EXPORT_SESSION, of.clone()),
        offer("Show what this session was sent", command::CONTEXT, of.clone()),
        offer("Delete this session", command::DELETE_SESSION, of),
    ]
}
