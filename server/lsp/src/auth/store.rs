//! Stores and removes keys because the user said so, and says where they lie. What a person typed is never repeated, as it
//! may be a key in the wrong place.

use super::status;
use crate::connection::Connection;
use glossator_auth::{KeyFile, KeySource};
use glossator_protocol_ext as ext;
use glossator_settings::{ProviderKey, key_file, provider_keys};
use std::sync::Arc;

/// Stores the key of a provider, or lists the ways. The error is for people.
pub async fn login(
    connection: &Arc<Connection>,
    params: ext::LoginParams,
) -> Result<ext::LoginResult, String> {
    let done = blocking(connection, move |connection| {
        let (provider, file) = provider(connection, &params.provider)?;
        let Some(key) = params.key else {
            return Ok((provider.slug.clone(), None, ways(&provider, &file)));
        };
        let stored = file.store(&provider.slug, &key).map_err(|error| error.to_string())?;
        let mut message = format!(
            "The key of {} is stored in {}, which only you can read. It is not encrypted.",
            provider.slug,
            stored.path.display()
        );
        if let Some(aside) = stored.aside {
            message.push_str(&format!(
                " The file that was there could not be understood; it is kept as {}.",
                aside.display()
            ));
        }
        if let (Ok(Some(KeySource::Environment)), Some(variable)) = (&provider.source, &provider.key_env) {
            message.push_str(&format!(" {variable} is set in the environment, and comes first."));
        }
        Ok((provider.slug, Some(ext::KeySource::File), message))
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
        let file = key_file(&environment);
        // One that is set up no more may have left its key.
        let is_stored = file.providers().map_err(|error| error.to_string())?.contains(&slug);
        if !is_stored {
            provider(connection, &slug)?;
        }
        let removed = file.remove(&slug).map_err(|error| error.to_string())?;
        let mut message = match removed {
            true => format!("The key of {slug} is removed from {}.", file.path().display()),
            false => format!("No key of {slug} is stored."),
        };
        let left = provider_keys(&settings, &environment).into_iter().find(|one| one.slug == slug);
        if let Some(ProviderKey { source: Ok(Some(_)), key_env: Some(variable), .. }) = left {
            message.push_str(&format!(" One is still found in {variable}."));
        }
        Ok(ext::LogoutResult { removed, message })
    })
    .await
}

/// The providers that have a stored key.
pub async fn stored(connection: &Arc<Connection>) -> Result<Vec<String>, String> {
    blocking(connection, |connection| {
        let (_, environment) = connection.set_up();
        key_file(&environment).providers().map_err(|error| error.to_string())
    })
    .await
}

fn provider(connection: &Connection, slug: &str) -> Result<(ProviderKey, KeyFile), String> {
    let (settings, environment) = connection.set_up();
    let found = provider_keys(&settings, &environment).into_iter().find(|one| one.slug == slug);
    let found = found.ok_or_else(|| {
        let known: Vec<&str> = settings.providers.keys().map(String::as_str).collect();
        format!(
            "There is no such provider; there are {}. Another one is set up as [providers.NAME] in {}.",
            known.join(", "),
            environment.settings_file.display()
        )
    })?;
    Ok((found, key_file(&environment)))
}

/// The ways to give a provider its key.
fn ways(provider: &ProviderKey, file: &KeyFile) -> String {
    let slug = &provider.slug;
    let Some(variable) = &provider.key_env else {
        return format!(
            "{slug} needs no key. One that is stored with `glossator login {slug}` is sent all the same."
        );
    };
    format!(
        "The ways to give {slug} its key: `glossator login {slug}` in a terminal asks for it and stores it in {}; the next prompt \
         finds it. Or set {variable} in the environment that the editor is started with, and restart the editor.",
        file.path().display()
    )
}

async fn blocking<T: Send + 'static>(
    connection: &Arc<Connection>,
    work: impl FnOnce(&Connection) -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    let connection = connection.clone();
    let done = tokio::task::spawn_blocking(move || work(&connection)).await;
    done.unwrap_or_else(|_| {
        Err("Reading or writing the file of keys broke down; nothing was changed.".to_owned())
    })
}
