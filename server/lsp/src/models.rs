//! `glossator/models/list`: the models that can be asked, from the settings, the catalogue and what providers list.

use crate::chosen;
use crate::connection::Connection;
use crate::harness::named;
use crate::server::Server;
use futures::future::join_all;
use glossator_protocol_ext as ext;
use glossator_session::SessionId;
use glossator_settings::{KnownModel, ProviderModels};
use std::sync::Arc;
use std::time::Duration;
use tower_lsp::jsonrpc::{Error, Result};

/// How long a provider may take to list its models.
const PATIENCE: Duration = Duration::from_secs(3);

impl Server {
    /// `glossator/models/list`
    pub async fn models_list(&self, params: Option<ext::ListModelsParams>) -> Result<ext::ListModelsResult> {
        let params = params.unwrap_or_default();
        let session = named(params.session_id).map(SessionId);
        list(&self.connection, (named(params.provider), session)).await.map_err(Error::invalid_params)
    }
}

/// The models of all providers or of one; `session` says which is the current one. The error is for people.
pub async fn list(
    connection: &Arc<Connection>,
    (provider, session): (Option<String>, Option<SessionId>),
) -> std::result::Result<ext::ListModelsResult, String> {
    let asker = connection.clone();
    // Settings are files, and the session may have to be opened.
    let known = tokio::task::spawn_blocking(move || {
        let session = session.or_else(|| asker.peek_session());
        let current = session.and_then(|id| chosen::settings(&asker, &id).ok());
        let current = current.map_or_else(|| asker.model(), |settings| settings.model);
        asker.model_list(provider.as_deref()).map(|models| (models, current))
    });
    let (providers, current) = known.await.map_err(|_| "reading the settings broke down".to_owned())??;
    let answers = join_all(providers.into_iter().map(ask)).await;
    let mut result = ext::ListModelsResult::default();
    for (models, notice) in answers {
        result.models.extend(models);
        result.notices.extend(notice);
    }
    result.models.iter_mut().for_each(|one| one.current = one.id == current);
    // The one that is asked stands first.
    result.models.sort_by_key(|one| !one.current);
    Ok(result)
}

/// The models of one provider, and what there is to say of it.
async fn ask(provider: ProviderModels) -> (Vec<ext::ModelInfo>, Option<String>) {
    let ProviderModels { slug, known, missing, asked } = provider;
    let Some(asked) = asked else {
        let models = known.into_iter().map(|one| told(&slug, one, missing.clone())).collect();
        return (models, None);
    };
    let (models, notice) = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(models)) => (models, None),
        Ok(Err(why)) => (known, Some(format!("{slug} did not list its models: {why}"))),
        Err(_) => (known, Some(format!("{slug} did not answer within {} s", PATIENCE.as_secs()))),
    };
    (models.into_iter().map(|one| told(&slug, one, None)).collect(), notice)
}

/// A model as clients are told of it; `missing`: why it cannot be asked.
fn told(slug: &str, model: KnownModel, missing: Option<String>) -> ext::ModelInfo {
    let price = model.facts.price.as_ref();
    ext::ModelInfo {
        id: model.id,
        provider: slug.to_owned(),
        name: model.name,
        context_window: model.facts.context_window,
        max_output: model.facts.max_output,
        input_price: price.map(|price| price.input),
        output_price: price.map(|price| price.output),
        current: false,
        usable: missing.is_none(),
        note: missing.or(model.note),
    }
}
