//! `glossator.grants`: what was allowed without being asked again, listed and taken back. What is allowed is decided elsewhere.

use super::commands::{show, wanted};
use super::page::{Choice, GRANTS};
use crate::arguments::argument;
use crate::blocking::with_agent;
use crate::connection::Connection;
use glossator_agent::{Agent, AgentError, Granted};
use glossator_protocol_ext::command;
use glossator_session::SessionId;
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::lsp_types::MessageType;

/// `glossator.grants`
pub async fn grants(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let wanted = wanted(connection, argument(first, command::GRANTS)?)?;
    let session = wanted.session;
    let Some(id) = wanted.value else {
        let found = with_agent(connection, move |agent| agent.grants(Some(&session))).await;
        let (found, damaged) = found.map_err(|error| error.to_string())?;
        let choices = found.into_iter().map(choice).collect();
        return show(connection, GRANTS, (choices, damaged.into_iter().collect())).await;
    };
    let named = id.clone();
    let revoked = with_agent(connection, move |agent| revoke(agent, Some(&session), Some(&named))).await;
    let revoked = revoked.map_err(|error| error.to_string())?;
    connection.show(MessageType::INFO, format!("Glossator: {id} is taken back: it is asked again."));
    Ok(json!({ "revoked": revoked }))
}

/// Takes one back, or all of a session; gives how many.
pub fn revoke(agent: &Agent, session: Option<&SessionId>, id: Option<&str>) -> Result<usize, AgentError> {
    match (session, id) {
        // Ids of what is saved begin with a W, those of sessions with a G.
        (_, Some(id)) if id.starts_with('W') => agent.revoke_saved(id),
        (Some(session), id) => agent.revoke(session, id),
        (None, _) => Err(AgentError::Refused("name a session, or a saved grant (`W1`)".to_owned())),
    }
}

fn choice(one: Granted) -> Choice {
    let where_it_holds = if one.session.is_some() { "in this session" } else { "in this workspace" };
    Choice { value: one.id, about: format!("{}, {where_it_holds}", one.what), current: false }
}
