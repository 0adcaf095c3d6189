//! The models that can be asked: those that the settings name, those that the catalogue knows, and what providers list when
//! they are asked. Decides nothing of which one is used.

use crate::turn::{facts, http_config};
use crate::{Environment, Settings, provider};
use glossator_models::{
    Client, ErrorKind, Facts, ListedModel, Provider, Wire, catalogue, list_models, ollama,
};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// A model that can be asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KnownModel {
    /// What is written in settings: `provider/model id`.
    pub id: String,
    /// What the provider calls it.
    pub name: Option<String>,
    /// What is known of it, with the user's word over all else.
    pub facts: Facts,
    /// For people: what to know of it.
    pub note: Option<String>,
}

/// The models of one provider.
pub struct ProviderModels {
    /// The provider.
    pub slug: String,
    /// Those that are known without asking anybody.
    pub known: Vec<KnownModel>,
    /// Why it cannot be asked as things are.
    pub missing: Option<String>,
    /// Asks it for its list; gives all of its models.
    pub asked: Option<Listing>,
}

/// Whether an Ollama server answers within `patience`; `None`: the provider `slug` is none.
pub async fn answers(
    settings: &Settings,
    environment: &Environment,
    (slug, patience): (&str, Duration),
) -> Option<bool> {
    let found = provider(settings, environment, slug).ok().filter(|found| found.wire == Wire::Ollama)?;
    let client = Client::new(glossator_models::Config { max_retries: 0, ..http_config(settings) });
    // No model has this name: whatever answers says so.
    let asked = tokio::time::timeout(patience, ollama::context_length(&client, &found, "")).await;
    Some(asked.is_ok_and(|told| !matches!(told, Err(error) if error.kind == ErrorKind::Network)))
}

/// The answer of a provider, or why there is none.
pub type Listing = Pin<Box<dyn Future<Output = Result<Vec<KnownModel>, String>> + Send>>;

/// The models of every provider that is set up, or of the one that is named. Asks nobody.
///
/// # Errors
/// A name that is no provider's.
pub fn model_list(
    settings: &Settings,
    environment: &Environment,
    only: Option<&str>,
) -> Result<Vec<ProviderModels>, String> {
    if let Some(slug) = only.filter(|slug| !settings.providers.contains_key(*slug)) {
        let known: Vec<&str> = settings.providers.keys().map(String::as_str).collect();
        return Err(format!("there is no provider '{slug}'; there are {}", known.join(", ")));
    }
    let client = Arc::new(Client::new(http_config(settings)));
    let slugs = settings.providers.keys().filter(|slug| only.is_none_or(|only| only == *slug));
    Ok(slugs.map(|slug| of_provider(settings, environment, (slug, &client))).collect())
}

fn of_provider(
    settings: &Settings,
    environment: &Environment,
    (slug, client): (&str, &Arc<Client>),
) -> ProviderModels {
    let known: Vec<KnownModel> =
        ids(settings, slug).iter().map(|id| model(settings, (slug, id), None)).collect();
    // Its headers are made of its key, so that they fail without one.
    let found = provider(settings, environment, slug);
    let found = found.and_then(|found| (found.auth)().map(|_| found));
    let (missing, asked) = match found {
        Err(why) => (Some(why), None),
        Ok(found) => (None, Some(listing((settings.clone(), known.clone()), found, client.clone()))),
    };
    ProviderModels { slug: slug.to_owned(), known, missing, asked }
}

/// The ids at a provider that the settings name, and then those that the catalogue knows.
fn ids(settings: &Settings, slug: &str) -> Vec<String> {
    let sections = settings.models.iter().map(|(name, section)| section.id.as_deref().unwrap_or(name));
    let named = settings.model.as_deref().into_iter().chain(sections);
    let of_slug = |name: &str| {
        name.split_once('/').filter(|(of, id)| *of == slug && !id.is_empty()).map(|(_, id)| id.to_owned())
    };
    let mut ids: Vec<String> = named.filter_map(of_slug).collect();
    ids.extend(catalogue::known(slug).map(str::to_owned));
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    ids
}

/// What is known of a model, with what its provider told of it.
fn model(settings: &Settings, (slug, id): (&str, &str), listed: Option<&ListedModel>) -> KnownModel {
    let full = format!("{slug}/{id}");
    let section = settings.models.values().find(|section| section.id.as_deref() == Some(full.as_str()));
    let wishes = section.or_else(|| settings.models.get(&full)).cloned().unwrap_or_default();
    let mut known = catalogue::facts(slug, id);
    if let Some(listed) = listed {
        known.context_window = known.context_window.or(listed.facts.context_window);
        known.max_output = known.max_output.or(listed.facts.max_output);
        known.price = known.price.or_else(|| listed.facts.price.clone());
    }
    let ends = listed.and_then(|listed| listed.ends.as_ref()).map(|day| format!("is withdrawn on {day}"));
    KnownModel {
        id: full,
        name: listed.and_then(|listed| listed.name.clone()),
        facts: facts(known, &wishes),
        note: ends.or_else(|| catalogue::note(slug, id).map(str::to_owned)),
    }
}

fn listing(
    (settings, known): (Settings, Vec<KnownModel>),
    provider: Provider,
    client: Arc<Client>,
) -> Listing {
    Box::pin(async move {
        let listed = list_models(&client, &provider).await.map_err(|error| error.to_string())?;
        Ok(merged(&settings, known, (&provider.slug, &listed)))
    })
}

/// What was known and what was listed, each model once. One that the provider does not list may be usable all the same.
fn merged(
    settings: &Settings,
    known: Vec<KnownModel>,
    (slug, listed): (&str, &[ListedModel]),
) -> Vec<KnownModel> {
    let name = |one: &ListedModel| format!("{slug}/{}", one.id);
    let mut all: Vec<KnownModel> = known
        .into_iter()
        .map(|mut one| match listed.iter().find(|other| name(other) == one.id) {
            Some(found) => model(settings, (slug, &found.id), Some(found)),
            None => {
                one.note.get_or_insert_with(|| "its provider does not list it".to_owned());
                one
            }
        })
        .collect();
    for one in listed {
        if !all.iter().any(|other| other.id == name(one)) {
            all.push(model(settings, (slug, &one.id), Some(one)));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Settings {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn the_settings_come_first_and_the_catalogue_behind_them() {
        let settings = settings(
            "model = \"anthropic/mine\"\n[models.fast]\nid = \"anthropic/own\"\ncontext_window = 7\n[models.\"openai/x\"]\n",
        );
        let found = ids(&settings, "anthropic");
        assert_eq!(found[..2], ["mine", "own"]);
        assert!(found.len() > 3, "{found:?}");
        assert_eq!(ids(&settings, "openai")[0], "x");
        assert_eq!(model(&settings, ("anthropic", "own"), None).facts.context_window, Some(7));
    }

    #[test]
    fn what_is_listed_joins_what_is_known() {
        let settings = settings("model = \"p/a\"\n");
        let known = vec![model(&settings, ("p", "a"), None), model(&settings, ("p", "b"), None)];
        let listed = |id: &str, window: u64| ListedModel {
            id: id.to_owned(),
            name: Some(id.to_uppercase()),
            facts: Facts { context_window: Some(window), ..Facts::default() },
            ends: (id == "c").then(|| "2026-12-01".to_owned()),
        };
        let all = merged(&settings, known, ("p", &[listed("c", 3), listed("a", 1)]));
        let shown: Vec<_> =
            all.iter().map(|one| (one.id.as_str(), one.facts.context_window, one.note.as_deref())).collect();
        assert_eq!(
            shown,
            [
                ("p/a", Some(1), None),
                ("p/b", None, Some("its provider does not list it")),
                ("p/c", Some(3), Some("is withdrawn on 2026-12-01")),
            ]
        );
    }
}
