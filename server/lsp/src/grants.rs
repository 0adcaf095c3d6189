//! The requests of clients that opted in about what was allowed for a session: `glossator/grants/...`.

use crate::blocking::with_agent;
use crate::harness::named;
use crate::server::Server;
use crate::words::failed;
use glossator_protocol_ext as ext;
use glossator_session::SessionId;
use tower_lsp::jsonrpc::Result;

impl Server {
    /// `glossator/grants/list`
    pub async fn grants_list(&self, params: Option<ext::ListGrantsParams>) -> Result<ext::ListGrantsResult> {
        let id = params.and_then(|params| named(params.session_id)).map(SessionId);
        let grants = with_agent(&self.connection, move |agent| agent.grants(id.as_ref())).await;
        let told = |(session, grant): (SessionId, glossator_agent::SessionGrant)| ext::GrantInfo {
            id: grant.id,
            session_id: session.0,
            what: grant.what,
            at: grant.at,
        };
        Ok(ext::ListGrantsResult { grants: grants.map_err(failed)?.into_iter().map(told).collect() })
    }

    /// `glossator/grants/revoke`
    pub async fn grants_revoke(&self, params: ext::RevokeGrantsParams) -> Result<ext::RevokeGrantsResult> {
        let (session, id) = (SessionId(params.session_id), named(params.id));
        let revoked = with_agent(&self.connection, move |agent| agent.revoke(&session, id.as_deref())).await;
        Ok(ext::RevokeGrantsResult { revoked: revoked.map_err(failed)? })
    }
}
