//! Signing in by key: the `glossator/auth/...` requests, the commands for it, and what is said to a prompt that cannot be
//! sent yet. Keys go from a request to the keyring or the file of keys, and nowhere else.

pub mod commands;
mod page;
mod refused;
mod status;
mod store;

pub use refused::{command_data, failure, missing, offer, words};

use crate::in_force;
use crate::server::Server;
use crate::words::failed;
use glossator_protocol_ext as ext;
use tower_lsp::jsonrpc::Result;

impl Server {
    /// `glossator/auth/status`
    pub async fn auth_status(&self, _: Option<ext::AuthStatusParams>) -> Result<ext::AuthStatusResult> {
        let standing = status::asked(&self.connection).await.map_err(failed)?;
        Ok(standing.status)
    }

    /// `glossator/auth/login`
    pub async fn auth_login(&self, params: ext::LoginParams) -> Result<ext::LoginResult> {
        let result = store::login(&self.connection, params).await.map_err(failed)?;
        in_force::changed(&self.connection);
        Ok(result)
    }

    /// `glossator/auth/logout`
    pub async fn auth_logout(&self, params: ext::LogoutParams) -> Result<ext::LogoutResult> {
        let result = store::logout(&self.connection, params.provider).await.map_err(failed)?;
        in_force::changed(&self.connection);
        Ok(result)
    }
}
