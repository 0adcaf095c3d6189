//! The commands about what goes on: stop, tasks, trust, a new session.

use crate::arguments::argument;
use crate::connection::{Connection, not_started};
use crate::present::forward;
use crate::tasks;
use glossator_agent::AgentError;
use glossator_protocol_ext::{self as ext, command};
use glossator_session::{CallId, SessionId};
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::lsp_types::MessageType;

/// `glossator.stop`
pub async fn stop(connection: &Arc<Connection>, _: Option<Value>) -> Result<Value, String> {
    let agent = connection.agent().ok_or_else(|| words(not_started()))?;
    let session = connection.peek_session();
    let stopped = match session {
        Some(session) if agent.interrupt(&session).is_ok() => true,
        _ => agent.interrupt_all(),
    };
    match stopped {
        true => Ok(Value::Null),
        // A user who looks for what still works may mean a task.
        false => match tasks::running(connection).map_err(words)?.as_slice() {
            [] => Err("No turn is running.".to_owned()),
            running => Err(format!("No turn is running. {}", tasks::listed(running))),
        },
    }
}

/// `glossator.trust`
pub async fn trust(connection: &Arc<Connection>, _: Option<Value>) -> Result<Value, String> {
    let folder = connection.set_trusted(true).map_err(words)?;
    connection.show(MessageType::INFO, format!("Glossator: {} is trusted now.", folder.display()));
    Ok(json!({ "trusted": true }))
}

/// `glossator.newSession`
pub async fn new_session(connection: &Arc<Connection>, _: Option<Value>) -> Result<Value, String> {
    let agent = connection.agent().ok_or_else(|| words(not_started()))?;
    let head = agent.new_session("");
    connection.set_current(head.id.clone());
    forward(connection, &head.id);
    Ok(json!({ "session": { "id": head.id, "title": head.title } }))
}

/// `glossator.tasks`
pub async fn list_tasks(connection: &Arc<Connection>, _: Option<Value>) -> Result<Value, String> {
    let running = tasks::running(connection).map_err(words)?;
    let text = format!("Glossator: {}", tasks::listed(&running));
    if running.len() > 1 {
        // A message box or a status line shows only the beginning of a long list.
        connection.client.log_message(MessageType::INFO, &text).await;
    }
    connection.show(MessageType::INFO, text);
    let told: Vec<ext::Task> = running.iter().map(|(session, task)| tasks::told(session, task)).collect();
    Ok(json!({ "tasks": told }))
}

/// `glossator.cancelTask`
pub async fn cancel_task(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let argument: Option<ext::TaskArgument> = argument(first, command::CANCEL_TASK)?;
    let agent = connection.agent().ok_or_else(|| words(not_started()))?;
    let wanted = argument.map(|argument| match argument {
        ext::TaskArgument::Id(id) => (CallId(id), None),
        ext::TaskArgument::Full { id, session_id } => (CallId(id), session_id.map(SessionId)),
    });
    let (session, id) = tasks::choose(&tasks::running(connection).map_err(words)?, wanted)?;
    let cancelled = tasks::cancel(agent, &session, &id)?;
    Ok(json!({ "sessionId": session, "id": id, "cancelled": cancelled }))
}

fn words(error: AgentError) -> String {
    error.to_string()
}
