//! Stores and removes keys because the user said so, and says where they lie. What a person typed is never repeated, as it
//! may be a key in the wrong place.

use super::status;
use crate::connection::Connection;
use glossator_auth::{KeySource, KeyStores};
use glossator_protocol_ext as ext;
use glossator_settings::{ProviderKey, Settings, key_stores, provider_keys};
use std::sync::Arc;

/// Stores the key of a provider, or lists the ways. The error is for people.
pub async fn login(
    connection: &Arc<Connection>,
    params: ext::LoginParams,
) -> Result<ext::LoginResult, String> {
    let done = blocking(connection, move |connection| {
        let (provider, stores) = provider(connection, &params.provider)?;
        let Some(key) = params.key else {
            return Ok((provider.slug.clone(), None, ways(&provider, &stores)));
        };
        let stored = stores.store(&provider.slug, &key).map_err(|error| error.to_string())?;
        let mut message = stored.message;
        if let (Ok(Some(KeySource::Environment)), Some(variable)) = (&provider.source, &provider.key_env) {
            message.push_str(&format!(" {variable} is set in the environment, and comes first."));
        }
        Ok((provider.slug, Some(status::named(stored.place)), message))
    });
    let (provider, stored, message) = done.await?;
    let now = status::known(connection).await?;
    let ready = now.providers.iter().any(|one| one.id == provider && one.ready);
    let message = match stored.is_some() && !now.ready {
        true => format!("{message} {}", now.message),
        false => message,
    };
    Ok(ext::LoginResult { provider, stored, ready, message })
}

/// Removes the stored key of a provider. The error is for people.
pub async fn logout(connection: &Arc<Connection>, slug: String) -> Result<ext::LogoutResult, String> {
    blocking(connection, move |connection| {
        let (settings, environment) = connection.set_up();
        let stores = key_stores(&settings, &environment);
        // One that is set up no more may have left its key.
        let stored = stores.providers(&[&slug]).map_err(|error| error.to_string())?;
        if !stored.contains(&slug) {
            provider(connection, &slug)?;
        }
        let removed = stores.remove(&slug).map_err(|error| error.to_string())?;
        let mut message = removed.message;
        let left = provider_keys(&settings, &environment).into_iter().find(|one| one.slug == slug);
        let elsewhere =
            |one: &ProviderKey| matches!(one.source, Ok(Some(KeySource::Environment | KeySource::Dotenv)));
        if let Some(ProviderKey { key_env: Some(variable), .. }) = left.filter(elsewhere) {
            message.push_str(&format!(" One is still found in {variable}."));
        }
        Ok(ext::LogoutResult { removed: removed.removed, message })
    })
    .await
}

/// The providers that have a stored key.
pub async fn stored(connection: &Arc<Connection>) -> Result<Vec<String>, String> {
    blocking(connection, |connection| {
        let (settings, environment) = connection.set_up();
        key_stores(&settings, &environment).providers(&slugs(&settings)).map_err(|error| error.to_string())
    })
    .await
}

fn slugs(settings: &Settings) -> Vec<&str> {
    settings.providers.keys().map(String::as_str).collect()
}

fn provider(connection: &Connection, slug: &str) -> Result<(ProviderKey, KeyStores), String> {
    let (settings, environment) = connection.set_up();
    let found = provider_keys(&settings, &environment).into_iter().find(|one| one.slug == slug);
    let found = found.ok_or_else(|| {
        format!(
            "There is no such provider; there are {}. Another one is set up as [providers.NAME] in {}.",
            slugs(&settings).join(", "),
            environment.settings_file.display()
        )
    })?;
    Ok((found, key_stores(&settings, &environment)))
}

/// The ways to give a provider its key.
fn ways(provider: &ProviderKey, stores: &KeyStores) -> String {
    let slug = &provider.slug;
    let Some(variable) = &provider.key_env else {
        return format!(
            "{slug} needs no key. One that is stored with `glossator login {slug}` is sent all the same."
        );
    };
    let file = stores.file.as_ref().map(|file| file.path().display().to_string());
    let place = match (&stores.keyring, file) {
        (Some(_), Some(file)) => format!("in the keyring of the system, or where none answers in {file}"),
        (Some(_), None) => "in the keyring of the system".to_owned(),
        (None, file) => format!("in {}", file.unwrap_or_default()),
    };
    format!(
        "The ways to give {slug} its key: `glossator login {slug}` in a terminal asks for it and stores it {place}; the next \
         prompt finds it. Or set {variable} in the environment that the editor is started with, and restart the editor."
    )
}

async fn blocking<T: Send + 'static>(
    connection: &Arc<Connection>,
    work: impl FnOnce(&Connection) -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    let connection = connection.clone();
    let done = tokio::task::spawn_blocking(move || work(&connection)).await;
    done.unwrap_or_else(|_| {
        Err("Reading or writing the stored keys broke down; glossator.login without arguments shows what there is.".to_owned())
    })
}
