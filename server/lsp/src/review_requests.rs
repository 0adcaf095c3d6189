//! The `glossator/changeSet/...` requests, and undo and redo of turns, of clients that opted in.

use crate::connection::not_started;
use crate::convert;
use crate::present::forward;
use crate::review::decide::{Way, resolve, turn};
use crate::review::hunks::{Shown, hunks};
use crate::review::is_file;
use crate::server::Server;
use crate::whole::whole;
use crate::words::failed;
use glossator_agent::{AgentError, HunkQuery};
use glossator_protocol_ext as ext;
use glossator_session::{ChangeSetId, HunkId, SessionId, TurnId};
use std::collections::HashSet;
use tower_lsp::jsonrpc::{Error, Result};

impl Server {
    /// `glossator/changeSet/read`
    pub async fn change_set_read(
        &self,
        params: ext::ReadChangeSetParams,
    ) -> Result<ext::ReadChangeSetResult> {
        let session = SessionId(params.session_id);
        self.opened(&session).await?;
        let turn = params.turn_id.map(TurnId::try_from).transpose().map_err(Error::invalid_params)?;
        let change_set = params.change_set_id.map(ChangeSetId);
        let query = HunkQuery {
            session: Some(&session),
            turn,
            change_set: change_set.as_ref(),
            path: None,
            all: params.all,
        };
        let mut found = hunks(&self.connection, query).await;
        if let Some(path) = params.path {
            let meant = is_file(&self.connection, &path);
            found.retain(|hunk| meant(hunk));
        }
        Ok(ext::ReadChangeSetResult { files: files(&found), hunks: found.iter().map(Shown::told).collect() })
    }

    /// `glossator/changeSet/resolve`
    pub async fn change_set_resolve(
        &self,
        params: ext::ResolveChangeSetParams,
    ) -> Result<ext::ResolveChangeSetResult> {
        let session = SessionId(params.session_id);
        let mut seen = HashSet::new();
        if let Some(twice) = params.decisions.iter().find(|one| !seen.insert(&one.hunk)) {
            return Err(Error::invalid_params(format!(
                "{} is decided about twice; name each hunk once",
                twice.hunk
            )));
        }
        self.opened(&session).await?;
        let decisions = params.decisions.into_iter();
        let decisions = decisions.map(|one| (HunkId(one.hunk), convert::resolution(one.resolution)));
        let (connection, decisions) = (self.connection.clone(), decisions.collect());
        let resolved = whole(async move { resolve(&connection, &session, decisions).await });
        let hunks = resolved.await?.map_err(failed)?;
        Ok(ext::ResolveChangeSetResult { hunks })
    }

    /// `glossator/turn/undo`
    pub async fn turn_undo(&self, params: ext::UndoTurnParams) -> Result<ext::UndoTurnResult> {
        self.whole_turn(params, Way::Undo).await
    }

    /// `glossator/turn/redo`
    pub async fn turn_redo(&self, params: ext::UndoTurnParams) -> Result<ext::UndoTurnResult> {
        self.whole_turn(params, Way::Redo).await
    }

    /// Hunks are seen of open sessions only; one of an earlier day is read from its log first.
    async fn opened(&self, session: &SessionId) -> Result<()> {
        let (connection, session) = (self.connection.clone(), session.clone());
        let opened = tokio::task::spawn_blocking(move || {
            let agent = connection.agent().ok_or_else(not_started)?;
            agent.watch(&session)?;
            forward(&connection, &session);
            Ok::<_, AgentError>(())
        });
        opened.await.map_err(|_| failed("reading the session broke down"))?.map_err(failed)
    }

    async fn whole_turn(&self, params: ext::UndoTurnParams, way: Way) -> Result<ext::UndoTurnResult> {
        let wanted = params.turn_id.map(TurnId::try_from).transpose().map_err(Error::invalid_params)?;
        let (connection, session) = (self.connection.clone(), SessionId(params.session_id));
        let done = whole(async move { turn(&connection, (&session, wanted), way).await }).await?;
        done.map(|(result, _)| result).map_err(failed)
    }
}

/// The files of these hunks, each once.
fn files(hunks: &[Shown]) -> Vec<ext::HunkFile> {
    let mut files: Vec<ext::HunkFile> = Vec::new();
    for hunk in hunks {
        let uri = hunk.uri.to_string();
        if files.last().is_none_or(|file| file.uri != uri) {
            files.push(ext::HunkFile { uri, path: hunk.view.shown.clone(), open: 0, hunks: 0 });
        }
        if let Some(file) = files.last_mut() {
            file.hunks += 1;
            file.open += usize::from(hunk.view.state.is_open());
        }
    }
    files
}
