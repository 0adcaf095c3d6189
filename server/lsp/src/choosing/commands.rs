//! The commands that choose, with JSON, plain or no arguments.

use super::page::{Choice, Kind, MODEL, PACK, POLICY, render};
use crate::arguments::argument;
use crate::chosen;
use crate::connection::Connection;
use crate::documents;
use crate::models;
use crate::sessions::configure;
use glossator_agent::AgentError;
use glossator_protocol_ext::{self as ext, command};
use glossator_session::SessionId;
use glossator_settings::Settings;
use glossator_tools::{PackView, Policy, packs};
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::lsp_types::MessageType;

/// What policies allow, for people.
const POLICIES: &[(Policy, &str)] = &[
    (Policy::ReadOnly, "looks only: no edits, no commands"),
    (
        Policy::Ask,
        "edits in the workspace are made, to be reviewed; commands ask unless they are known to be safe",
    ),
    (Policy::AutoEdit, "as ask, and edits are kept at once"),
    (Policy::Full, "commands run without asking, except dangerous ones"),
];

/// `glossator.model`
pub async fn model(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let wanted = wanted(connection, argument(first, command::MODEL)?)?;
    if let Some(value) = wanted.value {
        return choose(connection, params(&wanted.session, Some(value), None, None)).await;
    }
    let mut listed = models::list(connection, (None, Some(wanted.session.clone()))).await?;
    // What can be asked at once stands first.
    listed.models.sort_by_key(|one| (!one.current, !one.usable));
    if !is_ollama_wanted(connection, &listed).await {
        listed.notices.retain(|notice| !notice.starts_with("ollama did not"));
    }
    let choice =
        |one: &ext::ModelInfo| Choice { value: one.id.clone(), about: facts(one), current: one.current };
    let mut choices: Vec<Choice> = listed.models.iter().map(choice).collect();
    if !choices.iter().any(|one| one.current) {
        // Any id can be chosen, known to anybody or not.
        let value = in_force(connection, wanted.session).await?.0.model;
        let current = Some(value).filter(|value| !value.is_empty());
        choices.splice(0..0, current.map(|value| Choice { value, about: String::new(), current: true }));
    }
    show(connection, MODEL, (choices, listed.notices)).await
}

/// `glossator.pack`
pub async fn pack(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let wanted = wanted(connection, argument(first, command::PACK)?)?;
    if let Some(value) = wanted.value {
        return choose(connection, params(&wanted.session, None, Some(value), None)).await;
    }
    let (now, known) = in_force(connection, wanted.session).await?;
    let choices = known.into_iter().map(|one| Choice {
        about: one.problem.unwrap_or_else(|| one.tools.join(", ")),
        current: one.slug == now.pack,
        value: one.slug,
    });
    show(connection, PACK, (choices.collect(), Vec::new())).await
}

/// `glossator.policy`
pub async fn policy(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let wanted = wanted(connection, argument(first, command::POLICY)?)?;
    if let Some(value) = wanted.value {
        return choose(connection, params(&wanted.session, None, None, Some(value))).await;
    }
    let (now, _) = in_force(connection, wanted.session).await?;
    let choices = POLICIES.iter().map(|(policy, about)| Choice {
        value: policy.name().to_owned(),
        about: (*about).to_owned(),
        current: policy.name() == now.policy,
    });
    show(connection, POLICY, (choices.collect(), Vec::new())).await
}

/// What is wanted: a value, or to see what there is.
pub(super) struct Wanted {
    pub session: SessionId,
    pub value: Option<String>,
}

pub(super) fn wanted(
    connection: &Connection,
    argument: Option<ext::ChoiceArgument>,
) -> Result<Wanted, String> {
    let (value, session) = match argument {
        None => (None, None),
        Some(ext::ChoiceArgument::Value(value)) => (Some(value), None),
        Some(ext::ChoiceArgument::Full { value, session_id }) => (value, session_id),
    };
    let session = match session {
        Some(id) => SessionId(id),
        None => connection.current_session().map_err(|error| error.to_string())?,
    };
    Ok(Wanted { session, value })
}

fn params(
    session: &SessionId,
    model: Option<String>,
    pack: Option<String>,
    policy: Option<String>,
) -> ext::ConfigureSessionParams {
    ext::ConfigureSessionParams { session_id: session.0.clone(), model, pack, policy, agents: None }
}

async fn choose(connection: &Arc<Connection>, params: ext::ConfigureSessionParams) -> Result<Value, String> {
    let done = configure::configure(connection, params).await.map_err(|error| error.to_string())?;
    let ext::ConfigureSessionResult { model, pack, policy, message, .. } = &done;
    let text = format!("Glossator: {message} Model {model}, tools {pack}, policy {policy}.");
    connection.show(MessageType::INFO, text);
    Ok(json!(done))
}

/// What the next turn of a session will be run with, and the packs there are. Reads settings.
async fn in_force(
    connection: &Arc<Connection>,
    session: SessionId,
) -> Result<(ext::SessionSettings, Vec<PackView>), String> {
    let asked = connection.clone();
    let found = tokio::task::spawn_blocking(move || {
        let packs = packs(&asked.config(asked.trusted()).packs);
        Ok::<_, AgentError>((chosen::settings(&asked, &session)?, packs))
    });
    let found = found.await.map_err(|_| "Reading the settings broke down.".to_owned())?;
    found.map_err(|error| error.to_string())
}

pub(super) async fn show(
    connection: &Arc<Connection>,
    kind: &Kind,
    (choices, notices): (Vec<Choice>, Vec<String>),
) -> Result<Value, String> {
    let text = render(kind, &choices, &notices);
    let uri = documents::show(connection, (None, kind.document.to_owned()), text).await?;
    let current = choices.iter().find(|one| one.current).map(|one| &one.value);
    let values: Vec<&String> = choices.iter().map(|one| &one.value).collect();
    Ok(json!({ "uri": uri, "current": current, "values": values }))
}

/// What to know of a model, in one line.
fn facts(one: &ext::ModelInfo) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(one.name.clone());
    parts.extend(one.context_window.map(|tokens| format!("{tokens} tokens")));
    if let (Some(input), Some(output)) = (one.input_price, one.output_price) {
        parts.push(format!("{input} / {output} USD per million tokens"));
    }
    if !one.usable && one.note.is_none() {
        parts.push("cannot be asked as things are".to_owned());
    }
    let lacks_key = one.note.as_deref().is_some_and(|note| note.starts_with("There is no API key for "));
    parts.extend(if lacks_key { Some("no key".to_owned()) } else { one.note.clone() });
    parts.join(", ")
}

/// Whether the user has to do with Ollama: it is set up in the settings, or one of its models is asked. It is known without,
/// and need not be there.
async fn is_ollama_wanted(connection: &Arc<Connection>, listed: &ext::ListModelsResult) -> bool {
    if listed.models.iter().any(|one| one.current && one.provider == "ollama") {
        return true;
    }
    let asked = connection.clone();
    let read = tokio::task::spawn_blocking(move || asked.listed().0);
    let place = |settings: &Settings| settings.providers.get("ollama").map(|one| one.base_url.clone());
    read.await.is_ok_and(|settings| place(&settings) != place(&Settings::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_is_explained() {
        for policy in [Policy::ReadOnly, Policy::Ask, Policy::AutoEdit, Policy::Full] {
            assert!(POLICIES.iter().any(|(one, about)| *one == policy && !about.is_empty()));
        }
    }

    #[test]
    fn facts_of_a_model() {
        let known = ext::ModelInfo {
            id: "a/b".to_owned(),
            context_window: Some(200_000),
            input_price: Some(3.0),
            output_price: Some(15.0),
            usable: true,
            ..ext::ModelInfo::default()
        };
        assert_eq!(facts(&known), "200000 tokens, 3 / 15 USD per million tokens");
        let unusable = ext::ModelInfo { note: Some("no key".to_owned()), ..ext::ModelInfo::default() };
        assert_eq!(facts(&unusable), "no key");
        let note = Some("There is no API key for a. Store one with a command.".to_owned());
        assert_eq!(facts(&ext::ModelInfo { note, ..ext::ModelInfo::default() }), "no key");
        assert_eq!(facts(&ext::ModelInfo::default()), "cannot be asked as things are");
    }
}
