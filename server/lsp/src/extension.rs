//! The `glossator/...` requests about turns and trust of clients that opted in. Each answers at once.

use crate::connection::not_started;
use crate::in_force;
use crate::progress::Work;
use crate::server::Server;
use crate::words::failed;
use glossator_agent::AgentError;
use glossator_protocol_ext as ext;
use glossator_session::SessionId;
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::WorkDoneProgressCancelParams;
use url::Url;

impl Server {
    /// `glossator/turn/interrupt`
    pub async fn turn_interrupt(&self, params: ext::InterruptTurnParams) -> Result<ext::InterruptTurnResult> {
        let agent = self.connection.agent().ok_or_else(|| failed(not_started()))?;
        let id = SessionId(params.session_id);
        let running =
            agent.running().into_iter().find(|(session, _)| *session == id).map(|(_, turn)| turn.to_string());
        let meant = params.turn_id.is_none() || params.turn_id == running;
        let interrupted = match meant {
            true => agent.interrupt(&id).map(Some).or_else(|error| match error {
                AgentError::NotRunning => Ok(None),
                other => Err(failed(other)),
            })?,
            false => None,
        };
        Ok(ext::InterruptTurnResult { interrupted: interrupted.is_some() })
    }

    /// `glossator/trust/read`
    pub async fn trust_read(&self, _: Option<ext::ReadTrustParams>) -> Result<ext::TrustResult> {
        Ok(self.trust())
    }

    /// `glossator/trust/set`
    pub async fn trust_set(&self, params: ext::SetTrustParams) -> Result<ext::TrustResult> {
        self.connection.set_trusted(params.trusted).map_err(failed)?;
        in_force::changed(&self.connection);
        Ok(self.trust())
    }

    fn trust(&self) -> ext::TrustResult {
        let trusted = self.connection.trusted();
        let roots = self.connection.workspace.roots();
        let uris = roots.folders().iter().filter_map(|folder| Url::from_file_path(folder).ok());
        let folders = uris.map(|uri| ext::FolderTrust { uri: uri.to_string(), trusted }).collect();
        ext::TrustResult { folders }
    }

    /// `window/workDoneProgress/cancel`: the user pressed the stop of a turn's or a task's progress. What has just ended
    /// needs no stop.
    pub async fn progress_cancel(&self, params: WorkDoneProgressCancelParams) {
        let Some(agent) = self.connection.agent() else { return };
        match Work::of(&params.token) {
            Some(Work::Turn(session, _)) => drop(agent.interrupt(&session)),
            Some(Work::Task(session, task)) => drop(agent.cancel_task(&session, &task)),
            None => {}
        }
    }
}
