//! Runs what reads or writes the state folder off the message loop, so that a long log keeps nobody waiting.

use crate::connection::{Connection, not_started};
use glossator_agent::{Agent, AgentError};
use std::sync::Arc;

/// What `work` makes of the agent.
pub async fn with_agent<T: Send + 'static>(
    connection: &Arc<Connection>,
    work: impl FnOnce(&Agent) -> Result<T, AgentError> + Send + 'static,
) -> Result<T, AgentError> {
    let agent = connection.agent().ok_or_else(not_started)?.clone();
    let done = tokio::task::spawn_blocking(move || work(&agent)).await;
    done.unwrap_or_else(|_| {
        let why = "This broke down, which is a fault of Glossator's; its log says more.";
        Err(AgentError::Store(why.to_owned()))
    })
}
