//! The `glossator/...` requests about sessions, turns and trust of clients that opted in. Each answers at once.

use crate::connection::not_started;
use crate::convert;
use crate::harness::named;
use crate::present::forward;
use crate::progress::Work;
use crate::server::Server;
use crate::words::failed;
use glossator_agent::{AgentError, Wishes};
use glossator_protocol_ext as ext;
use glossator_session::{InputPart, SessionId};
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::WorkDoneProgressCancelParams;
use url::Url;

impl Server {
    /// `glossator/session/new`
    pub async fn session_new(&self, params: Option<ext::NewSessionParams>) -> Result<ext::NewSessionResult> {
        let connection = &self.connection;
        let agent = connection.agent().ok_or_else(|| failed(not_started()))?;
        let params = params.unwrap_or_default();
        let pack = named(params.pack);
        if pack.is_some() {
            // Said now, and not with the first prompt.
            self.registry(pack.clone())?;
        }
        let head = agent.new_session(&params.title.unwrap_or_default());
        if let Some(pack) = pack {
            connection.choose_pack(&head.id, pack);
        }
        connection.set_current(head.id.clone());
        forward(connection, &head.id);
        let session = ext::Session {
            id: head.id.0,
            title: head.title,
            created_at: head.created_at,
            updated_at: head.created_at,
            model: head.model,
        };
        Ok(ext::NewSessionResult { session })
    }

    /// `glossator/session/list`
    pub async fn session_list(&self, _: Option<ext::ListSessionsParams>) -> Result<ext::ListSessionsResult> {
        let agent = self.connection.agent().ok_or_else(|| failed(not_started()))?;
        let sessions = agent.list().map_err(failed)?;
        let sessions = sessions.into_iter().map(|one| ext::Session {
            id: one.id.0,
            title: one.title,
            created_at: one.created_at,
            updated_at: one.updated_at,
            model: one.model,
        });
        Ok(ext::ListSessionsResult { sessions: sessions.collect() })
    }

    /// `glossator/session/read`
    pub async fn session_read(&self, params: ext::ReadSessionParams) -> Result<ext::ReadSessionResult> {
        let connection = &self.connection;
        let agent = connection.agent().ok_or_else(|| failed(not_started()))?;
        let id = SessionId(params.session_id);
        // Who reads a session wants to see how it goes on, and sends its next prompts to it. Watched before it is read:
        // what happens in between comes twice and can be told by its `seq`, instead of never.
        let reader = (connection.clone(), agent.clone(), id.clone());
        let read = tokio::task::spawn_blocking(move || {
            let (connection, agent, id) = reader;
            forward(&connection, &id);
            agent.read(&id)
        });
        let snapshot = read.await.map_err(|_| failed("reading the session broke down"))?.map_err(failed)?;
        connection.set_current(id.clone());
        let asks = agent.pending().into_iter().filter(|pending| pending.session == id);
        let items = snapshot.items.iter().filter_map(|item| serde_json::to_value(item).ok()).collect();
        Ok(ext::ReadSessionResult {
            session: ext::Session {
                id: id.0.clone(),
                title: snapshot.head.title,
                created_at: snapshot.head.created_at,
                updated_at: snapshot.items.last().map_or(snapshot.head.created_at, |item| item.at),
                model: snapshot.head.model,
            },
            seq: snapshot.seq,
            items: Some(items),
            updates: None,
            running: snapshot.running.map(|turn| turn.to_string()),
            asks: asks.map(|pending| convert::ask(&pending.ask)).collect(),
        })
    }

    /// `glossator/turn/start`
    pub async fn turn_start(&self, params: ext::StartTurnParams) -> Result<ext::StartTurnResult> {
        let connection = &self.connection;
        let id = SessionId(params.session_id);
        let input = params.input.into_iter().map(|part| match part {
            ext::Input::Text { text } => InputPart::Text { text },
            ext::Input::Mention { uri, range } => connection.mention(&uri, range.map(convert::ext_range)),
        });
        forward(connection, &id);
        let wishes = Wishes { mode: params.mode.map(convert::mode), pack: named(params.pack) };
        if wishes.pack.is_some() {
            self.registry(wishes.pack.clone())?;
        }
        let turn = connection.start_turn(&id, input.collect(), wishes).map_err(failed)?;
        connection.set_current(id);
        Ok(ext::StartTurnResult { turn_id: turn.to_string() })
    }

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
