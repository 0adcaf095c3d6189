//! `glossator models`: which providers are set up, what models one offers, and fetching a model with Ollama.

use crate::assemble;
use crate::login::{state, word};
use crate::terminal::{complain, err, say};
use futures::StreamExt;
use glossator_models::ollama::{PullTotals, pull};
use glossator_models::{Client, ModelError, Provider, Wire};
use glossator_settings::{Environment, Settings, Source, http_config, provider, provider_keys};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// Runs it: exit code 0 done, 1 failed, 2 usage.
pub async fn run(named: Option<String>, pulled: Option<String>, as_json: bool) -> u8 {
    let kit = assemble::kit();
    let source = Source {
        folders: kit.folders.clone(),
        workspace: None,
        editor: Value::Null,
        command_line: Value::Null,
    };
    let loaded = source.load(false);
    for problem in &loaded.problems {
        complain!("warning: {problem}");
    }
    let Some(slug) = named else {
        if pulled.is_some() {
            complain!("error: name the provider too: glossator models ollama --pull MODEL");
            return 2;
        }
        list_providers(&loaded.settings, &kit.environment, as_json);
        return 0;
    };
    let provider = match provider(&loaded.settings, &kit.environment, &slug) {
        Ok(provider) => provider,
        Err(why) => {
            complain!("error: {why}");
            return 2;
        }
    };
    let client = Client::new(http_config(&loaded.settings));
    let done = match pulled {
        Some(model) if provider.wire == Wire::Ollama => fetch(&client, &provider, &model).await,
        Some(_) => {
            complain!("error: only Ollama fetches models; '{slug}' serves them itself");
            return 2;
        }
        None => list_models(&client, &provider, as_json).await,
    };
    match done {
        Ok(()) => 0,
        Err(error) => {
            complain!("error: {error}");
            1
        }
    }
}

fn list_providers(settings: &Settings, environment: &Environment, as_json: bool) {
    for one in provider_keys(settings, environment) {
        match as_json {
            true => say!(
                "{}",
                json!({
                    "provider": one.slug, "wire": one.wire, "baseUrl": one.base_url, "keyEnv": one.key_env,
                    "source": one.source.as_ref().ok().copied().flatten().map(word), "ready": one.source.is_ok(),
                })
            ),
            false => say!("{:<12} {} ({})", one.slug, one.base_url, state(&one)),
        }
    }
}

async fn list_models(client: &Client, provider: &Provider, as_json: bool) -> Result<(), ModelError> {
    for model in glossator_models::list_models(client, provider).await? {
        match as_json {
            true => say!("{}", serde_json::to_string(&model).unwrap_or_default()),
            false => {
                let tokens =
                    |name: &str, tokens: Option<u64>| tokens.map(|tokens| format!(", {name} {tokens}"));
                let window = tokens("context", model.facts.context_window).unwrap_or_default();
                let output = tokens("output", model.facts.max_output).unwrap_or_default();
                say!("{}/{}{window}{output}", provider.slug, model.id.escape_debug());
            }
        }
    }
    Ok(())
}

async fn fetch(client: &Client, provider: &Provider, model: &str) -> Result<(), ModelError> {
    let mut steps = pull(client, provider, model, CancellationToken::new());
    let mut totals = PullTotals::default();
    let mut last = String::new();
    while let Some(step) = steps.next().await {
        let step = step?;
        totals.push(&step);
        let percent = totals.completed().saturating_mul(100).checked_div(totals.total()).unwrap_or(0);
        let line = match step.total {
            Some(_) => format!("{percent} % of {:.1} MB", totals.total() as f64 / 1e6),
            None => step.status.clone(),
        };
        if line != last {
            err(&format!("{line}\n"));
            last = line;
        }
    }
    say!("{model} is there.");
    Ok(())
}
