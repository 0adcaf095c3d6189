//! What a session is run with, chosen by command: model, pack of tools, policy; and what it is allowed, taken back. Without an argument what there is to choose
//! from is shown in a document, whose lines have code actions.

mod allowed;
mod commands;
mod page;

pub use allowed::{grants, revoke};
pub use commands::{model, pack, policy};

use crate::connection::Connection;
use crate::offer::action;
use page::{KINDS, value_at};
use serde_json::json;
use tower_lsp::lsp_types::{CodeActionKind, CodeActionOrCommand, Position};
use url::Url;

/// The actions for a line of a list; none in any other document.
pub fn actions(connection: &Connection, uri: &Url, at: Position) -> Vec<CodeActionOrCommand> {
    let name = uri.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default();
    let Some(kind) = KINDS.iter().find(|kind| kind.document == name) else { return Vec::new() };
    let own = connection.agent().and_then(|agent| agent.document(None, name).ok());
    if own != uri.to_file_path().ok() {
        return Vec::new();
    }
    let buffer = connection.workspace.overlay().by_uri(uri.as_str());
    let text = buffer.map(|buffer| buffer.text.to_string()).unwrap_or_default();
    let Some(value) = value_at(&text, at.line as usize) else { return Vec::new() };
    let title = kind.action.replace("{}", value);
    vec![action(&title, CodeActionKind::QUICKFIX, (kind.command, vec![json!(value)]), Vec::new())]
}
