//! The commands of signing in, with JSON, plain or no arguments.

use super::{page, status, store};
use crate::arguments::argument;
use crate::connection::Connection;
use crate::documents;
use crate::in_force;
use glossator_protocol_ext::{self as ext, command};
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::lsp_types::MessageType;

/// `glossator.login`
pub async fn login(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let params = match argument(first, command::LOGIN)? {
        None => {
            let standing = status::asked(connection).await?;
            let uri = documents::show(connection, page::name(), page::render(&standing, None)).await?;
            return Ok(json!({ "uri": uri, "status": standing.status }));
        }
        Some(ext::ProviderArgument::Slug(provider)) => ext::LoginParams { provider, key: None },
        Some(ext::ProviderArgument::Full { provider, key }) => ext::LoginParams { provider, key },
    };
    let result = store::login(connection, params).await?;
    in_force::changed(connection);
    connection.show(MessageType::INFO, format!("Glossator: {}", result.message));
    Ok(json!(result))
}

/// `glossator.logout`
pub async fn logout(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let provider = match argument(first, command::LOGOUT)? {
        Some(ext::ProviderArgument::Slug(provider) | ext::ProviderArgument::Full { provider, .. }) => {
            provider
        }
        None => match store::stored(connection).await?.as_slice() {
            [] => return Err("No key is stored. One in the environment is taken away there.".to_owned()),
            [one] => one.clone(),
            several => {
                return Err(format!("Several keys are stored; name the provider: {}", several.join(", ")));
            }
        },
    };
    let result = store::logout(connection, provider).await?;
    in_force::changed(connection);
    connection.show(MessageType::INFO, format!("Glossator: {}", result.message));
    Ok(json!(result))
}
