//! Drafts of sessions that have not begun, and so have no folder that outlives the process: all in one file of the workspace,
//! each under its session. One whose session is gone with its process is taken over by the next session that opens a prompt.

use crate::blocking::with_agent;
use crate::connection::Connection;
use crate::ours::UNBORN;
use glossator_agent::{Agent, AgentError};
use glossator_session::SessionId;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Held while the file is read and written: several connections share it.
static FILE: Mutex<()> = Mutex::const_new(());
/// Drafts that are kept; the oldest go.
const MOST: usize = 20;

/// A draft, and the session that it was written for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Draft {
    session: SessionId,
    text: String,
    /// The process that wrote it.
    #[serde(default)]
    owner: u32,
}

/// The draft of a session.
pub async fn read(connection: &Arc<Connection>, session: &SessionId) -> String {
    let _held = FILE.lock().await;
    let (worker, id) = (connection.clone(), session.clone());
    let found = with_agent(connection, move |agent| {
        let own = load(&worker, agent)?.into_iter().find(|one| one.session == id);
        Ok(own.map(|one| one.text).unwrap_or_default())
    });
    found.await.unwrap_or_default()
}

/// The draft of a session that has not begun, for who opens its prompt document; where it has none, and somebody's whose
/// session is gone left one, that, which is its own from now on.
pub async fn adopted(connection: &Arc<Connection>, session: &SessionId) -> String {
    let _held = FILE.lock().await;
    let (worker, id) = (connection.clone(), session.clone());
    let found = with_agent(connection, move |agent| {
        let mut all = load(&worker, agent)?;
        let is_gone = |session: &SessionId| agent.session_settings(session).is_err();
        let own = all.iter().position(|one| one.session == id);
        // A document that is left of such a session belongs to none any more: what is written last stands there, too.
        let is_left = is_gone(&id);
        let is_free = |one: &Draft| is_gone(&one.session) && !lives_elsewhere(&worker, one.owner);
        let at = own.or_else(|| all.iter().rposition(|one| is_left || is_free(one)));
        let Some(at) = at else { return Ok(String::new()) };
        let text = all[at].text.clone();
        if all[at].session != id && !is_left {
            (all[at].session, all[at].owner) = (id, std::process::id());
            save(agent, &all)?;
        }
        Ok(text)
    });
    found.await.unwrap_or_default()
}

/// Stores the draft of a session in place of its earlier one; an empty one is forgotten.
pub async fn write(
    connection: &Arc<Connection>,
    session: &SessionId,
    text: String,
) -> Result<(), AgentError> {
    let _held = FILE.lock().await;
    let (worker, id) = (connection.clone(), session.clone());
    with_agent(connection, move |agent| {
        let before = load(&worker, agent)?;
        let mut all: Vec<Draft> = before.iter().filter(|one| one.session != id).cloned().collect();
        if !text.is_empty() {
            all.push(Draft { session: id, text: worker.redacted(&text), owner: std::process::id() });
        }
        let old = all.len().saturating_sub(MOST);
        all.drain(..old);
        if all == before { Ok(()) } else { save(agent, &all) }
    })
    .await
}

/// Whether another process that wrote a draft is still there, as far as this system tells.
fn lives_elsewhere(connection: &Connection, owner: u32) -> bool {
    let own = std::process::id();
    owner != own && connection.workspace.read_blocking(Path::new(&format!("/proc/{owner}/comm"))).is_ok()
}

fn load(connection: &Connection, agent: &Agent) -> Result<Vec<Draft>, AgentError> {
    let path = agent.document(None, UNBORN)?;
    let text = connection.workspace.read_blocking(&path).map(|document| document.text).unwrap_or_default();
    // What cannot be read is nobody's draft any more.
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

fn save(agent: &Agent, all: &[Draft]) -> Result<(), AgentError> {
    let text = serde_json::to_string(all).map_err(|error| AgentError::Store(error.to_string()))?;
    agent.write_document(None, (UNBORN, &text)).map(drop)
}
