//! Chooses what holds for a session over all settings: one more layer of them, kept with the session. What would move what
//! the model was sent before is refused.

use crate::blocking::with_agent;
use crate::choices::{choose, choose_agents, split};
use crate::chosen::model_of;
use crate::connection::Connection;
use crate::in_force;
use glossator_agent::{AgentError, TurnConfig};
use glossator_protocol_ext as ext;
use glossator_session::{AgentId, SessionId};
use glossator_tools::Registry;
use serde_json::{Map, Value};
use std::sync::Arc;
use tokio::sync::Mutex;

/// Held while one client changes choices: they are read and stored whole.
static CHANGE: Mutex<()> = Mutex::const_new(());

/// Configures a session from its next turn on.
pub async fn configure(
    connection: &Arc<Connection>,
    params: ext::ConfigureSessionParams,
) -> Result<ext::ConfigureSessionResult, AgentError> {
    let _one_at_a_time = CHANGE.lock().await;
    let id = SessionId(params.session_id.clone());
    let of = id.clone();
    let (snapshot, before) = with_agent(connection, move |agent| {
        let snapshot = agent.read(&of)?;
        Ok((snapshot, agent.session_settings(&of)?))
    })
    .await?;
    if let Some(why) = snapshot.read_only {
        return Err(AgentError::ReadOnly(why));
    }
    let begun = !snapshot.head.model.is_empty();
    if let Some(pack) = &params.pack
        && begun
        && *pack != snapshot.head.pack
    {
        return Err(AgentError::Pack(format!(
            "the tools of a session that has begun never change, since they are part of what the model was sent first; this \
             one has the pack `{}`. The `pack` of glossator/turn/start narrows them for a turn; a new session can have \
             others.",
            snapshot.head.pack
        )));
    }
    let mut choices = before.clone();
    choose(&mut choices, "model", params.model.as_deref());
    choose(&mut choices, "policy", params.policy.as_deref());
    if !begun {
        choose(&mut choices, "pack", params.pack.as_deref());
    }
    if let Some(agents) = &params.agents {
        choose_agents(&mut choices, agents);
    }
    let (layer, agents) = split(choices.clone());
    let (config, problems) = connection.config_over(&layer);
    let (was, known) = connection.config_over(&split(before).0);
    if let Some(problem) = problems.into_iter().find(|one| !known.contains(one)) {
        return Err(AgentError::Store(problem));
    }
    check(&config, &agents, params.model.is_some())?;
    if !begun {
        Registry::resolve(&config.pack, &config.packs)
            .map_err(|error| AgentError::Pack(error.to_string()))?;
    }
    let mut message = message(&was, &config, begun);
    if is_default_now(connection, (id, choices), params.model).await? {
        in_force::changed(connection);
        message.push_str(" New sessions of this workspace begin with it, as no setting names a model.");
    }
    Ok(ext::ConfigureSessionResult {
        message,
        model: model_of(&config),
        pack: if begun { snapshot.head.pack } else { config.pack },
        policy: config.acts.policy.name().to_owned(),
        agents: agents.into_iter().map(|agent| agent.0).collect(),
    })
}

/// Stores what is chosen for a session; `true`: new sessions begin with the model, too.
async fn is_default_now(
    connection: &Arc<Connection>,
    (id, choices): (SessionId, Map<String, Value>),
    model: Option<String>,
) -> Result<bool, AgentError> {
    let worker = connection.clone();
    with_agent(connection, move |agent| {
        agent.set_session_settings(&id, choices)?;
        model.map_or(Ok(false), |model| worker.remember_model(&model))
    })
    .await
}

fn check(config: &TurnConfig, agents: &[AgentId], model: bool) -> Result<(), AgentError> {
    if let (true, Err(why)) = (model, &config.provider) {
        return Err(AgentError::Store(why.clone()));
    }
    let unknown = agents.iter().find(|agent| !config.agents.contains_key(agent));
    unknown.map_or(Ok(()), |agent| {
        let known: Vec<&str> = config.agents.keys().map(|agent| agent.0.as_str()).collect();
        let known = if known.is_empty() { "there are none".to_owned() } else { known.join(", ") };
        let text = format!("there is no agent `{agent}` in the settings ([agents.<slug>]); known: {known}");
        Err(AgentError::NoAgent(text))
    })
}

fn message(was: &TurnConfig, config: &TurnConfig, begun: bool) -> String {
    let (from, to) = (model_of(was), model_of(config));
    if from == to {
        return "It holds from the next turn on.".to_owned();
    }
    let thinking = if begun {
        " Thinking up to now is not sent to it, and its provider has cached nothing of this session yet."
    } else {
        ""
    };
    format!("From the next turn on {to} is asked.{thinking}")
}
