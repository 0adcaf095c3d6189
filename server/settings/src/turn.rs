//! From settings to the small configs of the crates that use them: who is asked, with which key, within which limits.

use crate::model::{ThinkingMode, ThinkingSetting};
use crate::{ProviderSettings, Settings, WireName};
use glossator_agent::{RequestConfig, TurnConfig, TurnLimits};
use glossator_auth::{Credentials, EnvLookup, HeaderStyle, KeySource};
use glossator_models::{Auth, Provider, SecretHeader, Thinking, Wire};
use glossator_script::Limits;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What lies outside the settings and is needed beside them.
#[derive(Clone)]
pub struct Environment {
    /// Looks up environment variables.
    pub variables: EnvLookup,
    /// The user's settings file, named in messages.
    pub settings_file: PathBuf,
}

/// How a turn is run under `settings`.
pub fn turn_config(settings: &Settings, environment: &Environment) -> TurnConfig {
    let credentials: Vec<Credentials> =
        settings.providers.values().map(|provider| credentials(provider, environment)).collect();
    let (provider, model) = match choose(settings, environment) {
        Ok((provider, model)) => (Ok(Arc::new(provider)), model),
        Err(why) => (Err(why), String::new()),
    };
    let wishes =
        settings.model.as_ref().and_then(|name| settings.models.get(name)).cloned().unwrap_or_default();
    TurnConfig {
        provider,
        model,
        request: RequestConfig {
            max_output: wishes.max_output,
            thinking: match wishes.thinking {
                None => Thinking::Default,
                Some(ThinkingSetting::Mode(ThinkingMode::Off)) => Thinking::Off,
                Some(ThinkingSetting::Mode(ThinkingMode::Adaptive)) => Thinking::Adaptive,
                Some(ThinkingSetting::Budget(tokens)) => Thinking::Budget(tokens),
            },
            effort: wishes.effort,
            temperature: wishes.temperature,
        },
        http: http_config(settings),
        pack: settings.pack.clone(),
        calling: settings.tools.calling,
        policy: settings.policy,
        limits: TurnLimits {
            rounds: settings.turn.max_rounds,
            repeats: settings.turn.max_repeats.max(2),
            ask: settings.ask.timeout_s.map(Duration::from_secs),
        },
        exec: Arc::new(glossator_exec::Config {
            removed_env: settings
                .providers
                .values()
                .filter_map(|provider| provider.key_env.clone())
                .collect(),
            ..glossator_exec::Config::default()
        }),
        script: Limits {
            wall: Duration::from_secs(settings.script.wall_s),
            cpu: Duration::from_secs(settings.script.cpu_s),
            memory_bytes: settings.script.memory_mb << 20,
            calls: settings.script.max_calls,
            concurrent_calls: settings.script.max_concurrent_calls.max(1),
            ..Limits::default()
        },
        redact: Arc::new(move |text| {
            credentials.iter().fold(text.to_owned(), |text, credentials| credentials.redact(&text))
        }),
    }
}

/// How providers are reached under `settings`.
fn http_config(settings: &Settings) -> glossator_models::Config {
    glossator_models::Config {
        connect_timeout: Duration::from_secs(settings.http.connect_timeout_s),
        idle_timeout: Duration::from_secs(settings.http.idle_timeout_s),
        max_retries: settings.http.max_retries,
        ..glossator_models::Config::default()
    }
}

/// The provider and the model's id, or what has to be done before there is one.
fn choose(settings: &Settings, environment: &Environment) -> Result<(Provider, String), String> {
    let file = environment.settings_file.display();
    let Some(name) = settings.model.as_deref().map(str::trim).filter(|name| !name.is_empty()) else {
        return Err(format!(
            "No model is chosen. Put a line like  model = \"anthropic/<model id>\"  into {file}: the next prompt finds it. The \
             key is read from ANTHROPIC_API_KEY in the environment the editor was started with. `glossator demo` shows a \
             turn without a key."
        ));
    };
    // Everything after the first slash is the model's id, and is sent exactly so.
    let Some((slug, model)) = name.split_once('/').filter(|(_, model)| !model.is_empty()) else {
        return Err(format!(
            "`model` is '{name}', but should be provider/model id, as in anthropic/<model id>; see {file}."
        ));
    };
    let Some(provider) = settings.providers.get(slug) else {
        let known = settings.providers.keys().cloned().collect::<Vec<_>>().join(", ");
        return Err(format!(
            "`model` names the provider '{slug}', which is not set up (there are: {known}). Add [providers.{slug}] to {file}."
        ));
    };
    if provider.base_url.is_empty() {
        return Err(format!("[providers.{slug}] has no base_url; add one in {file}."));
    }
    let provider = Provider {
        slug: slug.to_owned(),
        wire: match provider.wire {
            WireName::Messages => Wire::Messages,
        },
        base_url: provider.base_url.clone(),
        headers: provider.headers.clone().into_iter().collect(),
        auth: auth(provider, environment),
    };
    Ok((provider, model.to_owned()))
}

fn credentials(provider: &ProviderSettings, environment: &Environment) -> Credentials {
    match &provider.key_env {
        Some(variable) => Credentials::new(KeySource::Env(variable.clone()), environment.variables.clone()),
        None => Credentials::none(),
    }
}

/// The key is looked up at each request: one that is set later is found.
fn auth(provider: &ProviderSettings, environment: &Environment) -> Auth {
    let credentials = credentials(provider, environment);
    Arc::new(move || {
        let header = credentials.header(HeaderStyle::XApiKey).map_err(|error| error.to_string())?;
        let Some(header) = header else {
            return Ok(Vec::new());
        };
        Ok(vec![(header.name.to_owned(), SecretHeader::new(header.expose_value())?)])
    })
}
