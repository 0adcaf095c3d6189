//! What the next turn of a session will be run with: the settings as they are now, with what was chosen for it over them.

use crate::connection::{Connection, not_started};
use glossator_agent::{AgentError, TurnConfig};
use glossator_protocol_ext as ext;
use glossator_session::SessionId;
use std::sync::Arc;

/// What the next turn of a session will be run with. Blocks.
pub fn settings(connection: &Connection, id: &SessionId) -> Result<ext::SessionSettings, AgentError> {
    let agent = connection.agent().ok_or_else(not_started)?;
    let begun = agent.begun(id)?;
    let (config, _) = connection.turn_for(id)?;
    Ok(ext::SessionSettings {
        model: model_of(&config),
        pack: begun.map_or(config.pack, |head| head.pack),
        policy: config.acts.policy.name().to_owned(),
        agents: config.wishes.agents.into_iter().map(|agent| agent.0).collect(),
    })
}

/// As [`settings`], which the client is told of now. Blocks.
pub fn told(connection: &Connection, id: &SessionId) -> Option<ext::SessionSettings> {
    let now = settings(connection, id).ok()?;
    connection.told_settings(id, &now);
    Some(now)
}

/// As [`settings`], off the message loop; `None` where the session cannot be read.
pub async fn settings_soon(connection: &Arc<Connection>, id: &SessionId) -> Option<ext::SessionSettings> {
    let (worker, id) = (connection.clone(), id.clone());
    tokio::task::spawn_blocking(move || settings(&worker, &id)).await.ok()?.ok()
}

/// The model that is asked: `provider/model`.
pub fn model_of(config: &TurnConfig) -> String {
    match &config.provider {
        Ok(provider) => format!("{}/{}", provider.slug, config.request.model),
        Err(_) => config.request.model.clone(),
    }
}
