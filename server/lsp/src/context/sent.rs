//! Asks the agent what a request was, and what the next one would be.

use crate::blocking::with_agent;
use crate::connection::Connection;
use crate::context::told;
use crate::seen;
use glossator_agent::AgentError;
use glossator_protocol_ext as ext;
use glossator_session::{InputPart, SessionId, TurnId};
use std::sync::Arc;

/// Where a request was sent, as far as it is named.
pub type Place = (Option<TurnId>, Option<u32>);

/// What the model was sent; of what is not named, the latest.
pub async fn sent(
    connection: &Arc<Connection>,
    (id, place): (SessionId, Place),
) -> Result<ext::SentContextResult, AgentError> {
    let worker = connection.clone();
    with_agent(connection, move |agent| {
        let (config, front) = worker.turn_for(&id)?;
        Ok(told::sent(agent.sent(&id, place, &config, &front)?))
    })
    .await
}

/// What the next request would be.
pub async fn preview(
    connection: &Arc<Connection>,
    id: &SessionId,
    input: Vec<InputPart>,
) -> Result<ext::PreviewContextResult, AgentError> {
    // Opens the session, which may take time.
    let (worker, of) = (connection.clone(), id.clone());
    let opened = with_agent(connection, move |agent| Ok((agent.clone(), worker.turn_for(&of)?)));
    let (agent, (config, mut front)) = opened.await?;
    front.editor = Some(seen::state(connection, None).await);
    agent.preview(id, input, config, front).await.map(told::preview)
}
