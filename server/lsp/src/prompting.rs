//! Opens the prompt document of the current session, and takes what the user wrote in one. What a prompt is about is held by
//! `prompt_document`.

use crate::connection::{Connection, not_started};
use crate::prompt_document::{About, HEADING, prompt_in};
use crate::showing;
use glossator_workspace::Buffer;
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

/// Opens the prompt document, for something to be written there; `how` says what to do then. Clients with the extension ask
/// in their own way.
pub async fn open(
    connection: &Arc<Connection>,
    about: Option<About>,
    command: &str,
) -> Result<Value, String> {
    let session = connection.current_session().map_err(|error| error.to_string())?;
    let agent = connection.agent().ok_or_else(|| not_started().to_string())?;
    let path = agent.prompt_document(&session, HEADING).map_err(|error| error.to_string())?;
    let uri =
        Url::from_file_path(&path).map_err(|()| format!("{} cannot be written as a URI", path.display()))?;
    connection.prompts.opened(uri.to_string(), about);
    let how = format!("Write it in {} and run {command}.", path.display());
    showing::open(connection, uri.clone(), None, how);
    Ok(json!({ "uri": uri }))
}

/// What is written in the only prompt document that is open, and its buffer; `None` if there is nothing.
pub fn written(connection: &Connection) -> Option<(Buffer, String)> {
    let uri = connection.prompts.only()?;
    let buffer = connection.workspace.overlay().by_uri(&uri)?;
    let text = prompt_in(&buffer.text.to_string());
    (!text.is_empty()).then_some((buffer, text))
}

/// Empties a prompt document. Not waited for; an editor that refuses keeps the old text.
pub fn clear(connection: &Arc<Connection>, buffer: Buffer) {
    let connection = connection.clone();
    tokio::spawn(async move {
        connection.rewrite(&buffer, &format!("{HEADING}\n\n"), "Glossator: sent").await;
    });
}
