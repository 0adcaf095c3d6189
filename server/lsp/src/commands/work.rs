//! The commands about what goes on: stop, tasks, trust, a new session.

use crate::arguments::argument;
use crate::connection::{Connection, not_started};
use crate::in_force;
use crate::present::forward;
use crate::tasks;
use glossator_agent::AgentError;
use glossator_protocol_ext::{self as ext, command};
use glossator_session::{CallId, SessionId, TurnId};
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::lsp_types::MessageType;

/// `glossator.stop`
pub async fn stop(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let agent = connection.agent().ok_or_else(|| words(not_started()))?;
    let running = agent.running();
    let (session, turn) = match argument(first, command::STOP)? {
        None => (None, None),
        Some(ext::StopArgument::Id(id)) => (Some(SessionId(id)), None),
        Some(ext::StopArgument::Full { session_id, turn_id }) => {
            (session_id.map(SessionId), turn_id.map(TurnId::try_from).transpose()?)
        }
    };
    if let Some(session) = session.or_else(|| turn.and(connection.peek_session())) {
        let is_meant =
            |(of, runs): &&(SessionId, TurnId)| *of == session && turn.is_none_or(|turn| turn == *runs);
        // One that has just ended needs no stop.
        return match running.iter().find(is_meant) {
            Some(_) => agent.interrupt(&session).map(|_| Value::Null).or(Ok(Value::Null)),
            None if turn.is_some() => Ok(Value::Null),
            None => Err(format!("No turn of the session {session} is running.")),
        };
    }
    let runs = |id: &&SessionId| running.iter().any(|(session, _)| session == *id);
    // Those that the user sees here come first, the current one before the others.
    let seen = connection.known_sessions();
    let meant = seen.iter().find(runs).or(match running.as_slice() {
        // An editor that has just been started may mean what went on without it.
        [(session, _)] if seen.is_empty() => Some(session),
        _ => None,
    });
    match (meant, running.len()) {
        // One that has just ended needs no stop.
        (Some(session), _) => agent.interrupt(session).map(|_| Value::Null).or(Ok(Value::Null)),
        // A user who looks for what still works may mean a task.
        (None, 0) => match tasks::running(connection).map_err(words)?.as_slice() {
            [] => Err("No turn is running.".to_owned()),
            running => Err(format!("No turn is running. {}", tasks::listed(running))),
        },
        (None, count) => Err(format!(
            "No turn of yours is running, but {count} of other sessions: go on with one of them (glossator.sessions), and stop \
             it then."
        )),
    }
}

/// `glossator.trust`
pub async fn trust(connection: &Arc<Connection>, _: Option<Value>) -> Result<Value, String> {
    let folder = connection.set_trusted(true).map_err(words)?;
    in_force::changed(connection);
    connection.show(MessageType::INFO, format!("Glossator: {} is trusted now.", folder.display()));
    Ok(json!({ "trusted": true }))
}

/// `glossator.newSession`
pub async fn new_session(connection: &Arc<Connection>, _: Option<Value>) -> Result<Value, String> {
    let agent = connection.agent().ok_or_else(|| words(not_started()))?;
    let head = agent.new_session("");
    connection.set_current(head.id.clone());
    forward(connection, &head.id);
    if !connection.extension("sessions") {
        let text = "Glossator: a new session begins with your next prompt.".to_owned();
        connection.show(MessageType::INFO, text);
    }
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
