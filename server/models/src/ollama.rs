//! Ollama's own API beside its chat: which models there are, how long their context is, and loading new ones. Never
//! sends a prompt; what a model is sent is the wire's.

mod pull;
#[cfg(test)]
mod tests;

pub use pull::{PullProgress, PullStream, PullTotals, pull};

use crate::exchange::Exchange;
use crate::{Client, ErrorKind, ModelError, Provider};
use futures::{StreamExt, stream};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The longest context that is asked for where nobody has said otherwise, in tokens. Memory grows with it.
const LONGEST_UNASKED: u64 = 32_768;
/// How many models are asked after at once.
const AT_ONCE: usize = 4;

/// A model that is on the machine (or, with a cloud key, in the account).
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelInfo {
    /// The id, to be sent verbatim.
    pub id: String,
    /// Bytes on disk.
    pub size: u64,
    /// When it was last changed, as the server writes it (RFC 3339).
    pub modified: Option<String>,
    /// How many parameters, as the server writes it (`8.2B`).
    pub parameters: Option<String>,
    /// How it is quantized (`Q4_K_M`).
    pub quantization: Option<String>,
    /// Tokens of context it was trained for.
    pub context_length: Option<u64>,
    /// Tokens of context that its own file sets.
    pub own_context: Option<u64>,
    /// What it can do: `completion`, `tools`, `vision`, `thinking`, `embedding` ...; empty where not known.
    pub capabilities: Vec<String>,
    /// What it holds at this moment; `None` when it is not loaded.
    pub loaded: Option<Loaded>,
}

/// A model in memory.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Loaded {
    /// Tokens of context it was loaded with; what is longer is refused or, by other clients, silently cut.
    pub context_length: Option<u64>,
    /// Bytes in the memory of the graphics card.
    pub size_vram: u64,
    /// When it will be unloaded, as the server writes it (RFC 3339).
    pub expires_at: Option<String>,
}

/// The models that are there, in the server's order. A model the server tells nothing more about is listed with what is
/// known.
///
/// # Errors
/// When the server does not run or refuses.
pub async fn list(client: &Client, provider: &Provider) -> Result<Vec<ModelInfo>, ModelError> {
    let exchange = client.exchange(provider);
    let tags = exchange.get_json("/api/tags").await.map_err(hinted)?;
    // Neither old servers nor the cloud know it.
    let running = exchange.get_json("/api/ps").await.unwrap_or_default();
    let entries = tags["models"].as_array().map(Vec::as_slice).unwrap_or_default();
    let described: Vec<_> = entries.iter().map(|entry| describe(&exchange, entry, &running)).collect();
    let models: Vec<Option<ModelInfo>> = stream::iter(described).buffered(AT_ONCE).collect().await;
    Ok(models.into_iter().flatten().collect())
}

/// Tokens of context that `model` was trained for; `None` where the server does not say.
///
/// # Errors
/// When the server does not run, refuses, or does not have the model.
pub async fn context_length(
    client: &Client,
    provider: &Provider,
    model: &str,
) -> Result<Option<u64>, ModelError> {
    let shown = show(&client.exchange(provider).about(model), model).await.map_err(hinted)?;
    Ok(trained_context(&shown))
}

/// Tokens of context to be asked for (`Facts::context_window`) where the user set none: what the model's own file sets, else
/// what it was trained for, but at most 32,768.
///
/// # Errors
/// As [`context_length`].
pub async fn working_context(client: &Client, provider: &Provider, model: &str) -> Result<u64, ModelError> {
    let shown = show(&client.exchange(provider).about(model), model).await.map_err(hinted)?;
    let trained = trained_context(&shown).unwrap_or(LONGEST_UNASKED);
    Ok(own_context(&shown).unwrap_or(trained.min(LONGEST_UNASKED)))
}

async fn show(exchange: &Exchange<'_>, model: &str) -> Result<Value, ModelError> {
    exchange.post_json("/api/show", &json!({"model": model})).await
}

async fn describe(exchange: &Exchange<'_>, entry: &Value, running: &Value) -> Option<ModelInfo> {
    let id = text(&entry["model"]).or_else(|| text(&entry["name"]))?;
    // One model of which nothing can be told must not hide the others.
    let shown = show(exchange, &id).await.unwrap_or_default();
    let details = &entry["details"];
    let capabilities = shown["capabilities"].as_array().map(Vec::as_slice).unwrap_or_default();
    let running = running["models"].as_array().map(Vec::as_slice).unwrap_or_default();
    let loaded = running.iter().find(|one| one["model"] == id.as_str() || one["name"] == id.as_str());
    Some(ModelInfo {
        size: entry["size"].as_u64().unwrap_or(0),
        modified: text(&entry["modified_at"]),
        parameters: text(&details["parameter_size"]),
        quantization: text(&details["quantization_level"]),
        context_length: trained_context(&shown),
        own_context: own_context(&shown),
        capabilities: capabilities.iter().filter_map(text).collect(),
        loaded: loaded.map(|one| Loaded {
            context_length: one["context_length"].as_u64().filter(|length| *length > 0),
            size_vram: one["size_vram"].as_u64().unwrap_or(0),
            expires_at: text(&one["expires_at"]),
        }),
        id,
    })
}

/// The key's first part is the architecture; where that is not told, any that ends so will do.
fn trained_context(shown: &Value) -> Option<u64> {
    const KEY: &str = ".context_length";
    let facts: &Map<String, Value> = shown["model_info"].as_object()?;
    let architecture = facts.get("general.architecture").and_then(Value::as_str);
    let exact = architecture.and_then(|name| facts.get(&format!("{name}{KEY}")));
    let any = || facts.iter().find(|(key, _)| key.ends_with(KEY)).map(|(_, value)| value);
    exact.or_else(any)?.as_u64().filter(|length| *length > 0)
}

/// `parameters` holds the lines of the model's file: a name, white space, a value.
fn own_context(shown: &Value) -> Option<u64> {
    let lines = shown["parameters"].as_str()?.lines();
    let mut pairs = lines.filter_map(|line| line.trim().split_once(char::is_whitespace));
    let (_, value) = pairs.find(|(name, _)| *name == "num_ctx")?;
    value.trim().parse().ok().filter(|length| *length > 0)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(ToOwned::to_owned)
}

/// Says how the server is started when it cannot be reached.
fn hinted(mut error: ModelError) -> ModelError {
    if error.kind == ErrorKind::Network && !error.message.contains("ollama serve") {
        error.message.push_str(" Ollama is started with `ollama serve`, or by opening its app.");
    }
    error
}
