//! Gathers which providers can be asked, and whether the model that is asked can be. Reads settings and keys' places; asks
//! nobody but an Ollama server, and that only for somebody who wants to see.

use super::page::{Editor, Standing};
use crate::connection::{Connection, ready};
use futures::future::join_all;
use glossator_auth::KeySource;
use glossator_protocol_ext as ext;
use glossator_settings::{Environment, ProviderKey, Settings, WireName, answers, provider_keys};
use std::sync::Arc;
use std::time::Duration;

/// How long an Ollama server may take to say that it is there.
const PATIENCE: Duration = Duration::from_millis(300);

/// How things stand, with Ollama asked whether it is there.
pub async fn asked(connection: &Arc<Connection>) -> Result<Standing, String> {
    let mut found = look(connection).await?;
    let (settings, environment) = (&found.settings, &found.environment);
    let asked = found.status.providers.iter().map(|one| answers(settings, environment, (&one.id, PATIENCE)));
    let answered = join_all(asked).await;
    for (provider, answered) in found.status.providers.iter_mut().zip(answered) {
        match answered {
            None => {}
            Some(true) => {
                provider.next =
                    Some(format!("It answers at {}: glossator.model lists its models.", provider.base_url))
            }
            Some(false) => {
                provider.ready = false;
                provider.next = Some(format!(
                    "It does not answer at {}: start it, and fetch a model with `glossator models {} --pull MODEL`.",
                    provider.base_url, provider.id
                ));
            }
        }
    }
    let silent =
        found.status.providers.iter().find(|one| Some(&one.id) == found.asked.as_ref() && !one.ready);
    if let Some(silent) = silent.filter(|_| found.status.ready) {
        let why = format!("{}: {}", silent.id, silent.next.clone().unwrap_or_default());
        (found.status.ready, found.status.message) = (false, why);
    } else if !found.status.ready {
        let there = found.status.providers.iter().filter(|one| one.wire == "ollama" && one.ready);
        let there: Vec<String> =
            there.map(|one| format!("{} answers at {} and needs no key.", one.id, one.base_url)).collect();
        if !there.is_empty() {
            found.status.message = format!("{} {}", found.status.message, there.join(" "));
        }
    }
    Ok(Standing { status: found.status, asked: found.asked, editor: editor(connection) })
}

/// What the user sits at.
fn editor(connection: &Connection) -> Editor {
    match connection.extension("auth") {
        true => Editor::Asks,
        false if connection.is_client("helix") => Editor::Helix,
        false => Editor::Other,
    }
}

/// How things stand, as far as it is known without asking anybody.
pub async fn known(connection: &Arc<Connection>) -> Result<ext::AuthStatusResult, String> {
    Ok(look(connection).await?.status)
}

struct Found {
    status: ext::AuthStatusResult,
    /// The provider of the model that is asked.
    asked: Option<String>,
    settings: Settings,
    environment: Environment,
}

async fn look(connection: &Arc<Connection>) -> Result<Found, String> {
    let connection = connection.clone();
    // Settings and keys are files.
    let looked = tokio::task::spawn_blocking(move || {
        let (settings, environment) = connection.listed();
        let of_session = connection.peek_session().and_then(|id| connection.turn_for(&id).ok());
        let config = of_session
            .map_or_else(|| connection.config_over(&serde_json::Map::new()).0, |(config, _)| config);
        let keys = provider_keys(&settings, &environment);
        let asked = config.provider.as_ref().ok().map(|provider| provider.slug.clone());
        let source = |slug: &String| {
            keys.iter().find(|one| one.slug == *slug).and_then(|one| one.source.clone().ok()?)
        };
        // As they were looked at just now: nobody waits for a silent keyring twice, nor long.
        let is_ready = config.provider.as_ref().map_err(Clone::clone).and_then(|provider| {
            let found = keys.iter().find(|one| one.slug == provider.slug);
            found.map_or_else(|| ready(&config), |found| found.source.clone().map(drop))
        });
        let message = match &is_ready {
            Err(why) => why.clone(),
            Ok(()) => {
                let model = format!("{}/{}", asked.as_deref().unwrap_or_default(), config.request.model);
                match asked.as_ref().and_then(source) {
                    Some(source) => format!("Ready: {model} is asked with the key from {}.", place(source)),
                    None => format!("Ready: {model} is asked, without a key."),
                }
            }
        };
        let mut providers: Vec<ext::AuthProvider> = keys.into_iter().map(told).collect();
        providers.sort_by_key(|one| Some(&one.id) != asked.as_ref());
        let status = ext::AuthStatusResult { providers, ready: is_ready.is_ok(), message };
        Found { status, asked, settings, environment }
    });
    looked.await.map_err(|_| "Reading the settings broke down.".to_owned())
}

/// A provider as clients are told of it.
fn told(one: ProviderKey) -> ext::AuthProvider {
    let wire = match one.wire {
        WireName::Messages => "messages",
        WireName::Responses => "responses",
        WireName::Chat => "chat",
        WireName::Ollama => "ollama",
    };
    let (source, next) = match one.source {
        Ok(source) => (source, None),
        Err(why) => (None, Some(why)),
    };
    ext::AuthProvider {
        id: one.slug,
        wire: wire.to_owned(),
        base_url: one.base_url,
        needs_key: one.key_env.is_some(),
        ready: next.is_none(),
        source: source.map(named),
        key_env: one.key_env,
        next,
    }
}

/// Where a key stands, for clients.
pub fn named(source: KeySource) -> ext::KeySource {
    match source {
        KeySource::Environment => ext::KeySource::Environment,
        KeySource::Keyring => ext::KeySource::Keyring,
        KeySource::File => ext::KeySource::File,
        KeySource::Dotenv => ext::KeySource::Dotenv,
    }
}

/// Where a key stands, for people.
fn place(source: KeySource) -> &'static str {
    match source {
        KeySource::Environment => "the environment",
        KeySource::Keyring => "the keyring of the system",
        KeySource::File => "the file of stored keys",
        KeySource::Dotenv => "the workspace's .env",
    }
}
