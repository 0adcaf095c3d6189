//! The board of a session and the cabinet of a workspace: asked for, written to. Texts are bounded by those who keep them.

use crate::blocking::with_agent;
use crate::connection::Connection;
use crate::context::told;
use glossator_agent::{AgentError, NewEntry};
use glossator_protocol_ext as ext;
use glossator_session::{FileKey, SessionId};
use std::sync::Arc;

/// What the board of a session shows.
pub async fn board(connection: &Arc<Connection>, id: SessionId) -> Result<Vec<ext::BoardEntry>, AgentError> {
    let entries = with_agent(connection, move |agent| agent.board(&id)).await?;
    Ok(entries.into_iter().map(told::entry).collect())
}

/// Puts a note on it; gives its id.
pub async fn post(
    connection: &Arc<Connection>,
    (id, note): (SessionId, NewEntry),
) -> Result<String, AgentError> {
    let worker = connection.clone();
    let posted = with_agent(connection, move |agent| {
        let (config, _) = worker.turn_for(&id)?;
        agent.post(&id, note, &config)
    });
    Ok(posted.await?.id)
}

/// Takes an entry off it; `false`: it was not there.
pub async fn remove(
    connection: &Arc<Connection>,
    (id, entry): (SessionId, String),
) -> Result<bool, AgentError> {
    with_agent(connection, move |agent| match agent.board(&id)?.iter().any(|one| one.id == entry) {
        true => agent.remove(&id, &entry).map(|()| true),
        false => Ok(false),
    })
    .await
}

/// What the cabinet keeps.
pub async fn list(connection: &Arc<Connection>) -> Result<ext::ListCabinetResult, AgentError> {
    let list = with_agent(connection, |agent| agent.filed()).await?;
    let documents = list.entries.into_iter().map(told::document).collect();
    Ok(ext::ListCabinetResult { documents, problems: list.notices })
}

/// A document of it.
pub async fn read(connection: &Arc<Connection>, key: String) -> Result<ext::ReadCabinetResult, AgentError> {
    let (entry, text) = with_agent(connection, move |agent| agent.filed_text(&FileKey(key))).await?;
    Ok(ext::ReadCabinetResult { document: told::document(entry), text })
}

/// Takes a document out.
pub async fn delete(connection: &Arc<Connection>, key: String) -> Result<bool, AgentError> {
    with_agent(connection, move |agent| agent.unfile(&FileKey(key))).await
}

/// Puts a text in; gives its key.
pub async fn save(
    connection: &Arc<Connection>,
    (text, note): (String, String),
) -> Result<String, AgentError> {
    let worker = connection.clone();
    with_agent(connection, move |agent| {
        // As everywhere, no known secret is kept.
        Ok(agent.file_away(&worker.redacted(&text), &worker.redacted(&note))?.key.0)
    })
    .await
}
