//! Which models a provider says it has, and what it tells of them. Asks; the reading of the answers is in `entry`. Keeps
//! nothing, and never changes an id.

mod entry;
#[cfg(test)]
mod tests;

use crate::{Client, ErrorKind, Facts, ModelError, Provider, ThinkingStyle, Wire, ollama};
use serde::Serialize;
use serde_json::Value;
use std::collections::HashSet;

/// How many models are asked for at a time; the most that Messages gives.
const PAGE: usize = 1000;
/// Most pages that are read; far above any real list.
const MAX_PAGES: usize = 50;
const PATH: &str = "/v1/models";

/// A model as its provider lists it.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedModel {
    /// The id, to be sent verbatim.
    pub id: String,
    /// Its name for people.
    pub name: Option<String>,
    /// What the provider tells of it; what it does not tell is as for a model that nobody knows.
    pub facts: Facts,
    /// The day it is withdrawn, where told: `2026-11-30`.
    pub ends: Option<String>,
}

/// The models of `provider`, in its order.
///
/// # Errors
/// When the provider cannot be reached, refuses, or answers with something else than a list.
pub async fn list_models(client: &Client, provider: &Provider) -> Result<Vec<ListedModel>, ModelError> {
    match provider.wire {
        Wire::Messages => pages(client, provider).await,
        Wire::Responses | Wire::Chat => {
            let list = client.exchange(provider).get_json(PATH).await?;
            entry::list(&list, &today()).ok_or_else(|| no_list(provider))
        }
        Wire::Ollama => Ok(ollama::list(client, provider).await?.into_iter().map(of_ollama).collect()),
    }
}

/// All pages of a list of the Messages kind.
async fn pages(client: &Client, provider: &Provider) -> Result<Vec<ListedModel>, ModelError> {
    let provider = with_version(provider);
    let (mut models, mut seen) = (Vec::new(), HashSet::new());
    let mut path = format!("{PATH}?limit={PAGE}");
    for _ in 0..MAX_PAGES {
        let page = client.exchange(&provider).get_json(&path).await?;
        models.extend(entry::list(&page, &today()).ok_or_else(|| no_list(&provider))?);
        let Some(last) = page["last_id"].as_str().filter(|_| page["has_more"] == true) else {
            break;
        };
        if !seen.insert(last.to_owned()) {
            break;
        }
        path = format!("{PATH}?limit={PAGE}&after_id={}", escaped(last));
    }
    Ok(models)
}

/// The wire's version goes with plain questions too; the provider's own headers replace it.
fn with_version(provider: &Provider) -> Provider {
    let version = provider.wire.headers().iter().filter(|(name, _)| name.ends_with("-version"));
    let version = version.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let headers = version.chain(provider.headers.iter().cloned()).collect();
    Provider { headers, ..provider.clone() }
}

/// An id within an address.
fn escaped(id: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    id.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn of_ollama(model: ollama::ModelInfo) -> ListedModel {
    let known = !model.capabilities.is_empty();
    let can = |what: &str| known.then(|| model.capabilities.iter().any(|capability| capability == what));
    let facts = Facts {
        context_window: model.own_context.or(model.context_length),
        images: can("vision"),
        native_tools: can("tools"),
        thinking: match can("thinking") {
            Some(false) => ThinkingStyle::None,
            _ => ThinkingStyle::Unknown,
        },
        ..Facts::default()
    };
    ListedModel { facts, id: model.id, name: None, ends: None }
}

fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}

fn no_list(provider: &Provider) -> ModelError {
    let message = format!(
        "Provider '{0}' answered {PATH} with something that is no list of models. Check base_url and wire of \
         [providers.{0}] in the settings; a model can be used without the list.",
        provider.slug
    );
    ModelError::new(ErrorKind::Protocol, message)
}

/// A text that is not empty.
fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(ToOwned::to_owned)
}
