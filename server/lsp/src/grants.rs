//! The requests of clients that opted in about what was allowed, for a session or for good: `glossator/grants/...`.

use crate::blocking::with_agent;
use crate::choosing::revoke;
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
        let told = |grant: glossator_agent::Granted| ext::GrantInfo {
            id: grant.id,
            saved: grant.session.is_none(),
            session_id: grant.session.map(|session| session.0),
            what: grant.what,
            at: grant.at,
        };
        let (grants, notice) = grants.map_err(failed)?;
        Ok(ext::ListGrantsResult { grants: grants.into_iter().map(told).collect(), notice })
    }

    /// `glossator/grants/revoke`
    pub async fn grants_revoke(&self, params: ext::RevokeGrantsParams) -> Result<ext::RevokeGrantsResult> {
        let (session, id) = (named(params.session_id).map(SessionId), named(params.id));
        let revoked =
            with_agent(&self.connection, move |agent| revoke(agent, session.as_ref(), id.as_deref())).await;
        Ok(ext::RevokeGrantsResult { revoked: revoked.map_err(failed)? })
    }
}
