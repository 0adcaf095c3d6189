//! The `glossator/session/...` requests of clients that opted in. Everything that reads or writes the state folder runs off
//! the message loop.

use crate::blocking::with_agent;
use crate::chosen;
use crate::connection::not_started;
use crate::harness::named;
use crate::present::forward;
use crate::server::Server;
use crate::sessions::read::{TURNS, Wanted};
use crate::sessions::{change, configure, export, listing, read, told};
use crate::transport::Written;
use crate::words::failed;
use glossator_agent::AgentError;
use glossator_protocol_ext as ext;
use glossator_session::{SessionId, TurnId};
use serde::Serialize;
use serde_json::Value;
use std::path::PathBuf;
use tower_lsp::jsonrpc::{Error, Result};

/// The turn that a client named.
pub fn turn(named: Option<String>) -> Result<Option<TurnId>> {
    named.map(TurnId::try_from).transpose().map_err(Error::invalid_params)
}

/// A long answer as it goes out.
fn written(answer: &impl Serialize) -> std::result::Result<Written, AgentError> {
    Written::of(answer).map_err(|error| AgentError::Store(error.to_string()))
}

impl Server {
    /// `glossator/session/new`
    pub async fn session_new(&self, params: Option<ext::NewSessionParams>) -> Result<ext::NewSessionResult> {
        let connection = &self.connection;
        let agent = connection.agent().ok_or_else(|| failed(not_started()))?;
        let params = params.unwrap_or_default();
        let pack = named(params.pack);
        if pack.is_some() {
            // Said now, and not with the first prompt.
            self.registry(pack.clone()).await?;
        }
        let title = named(params.title).map(|text| change::title(&text)).transpose();
        let head = agent.new_session(&title.map_err(Error::invalid_params)?.unwrap_or_default());
        if let Some(pack) = pack {
            connection.choose_pack(&head.id, pack);
        }
        connection.set_current(head.id.clone());
        forward(connection, &head.id);
        Ok(ext::NewSessionResult { session: told::head(&head) })
    }

    /// `glossator/session/list`
    pub async fn session_list(
        &self,
        params: Option<ext::ListSessionsParams>,
    ) -> Result<ext::ListSessionsResult> {
        let query = listing::list_query(params.unwrap_or_default()).map_err(Error::invalid_params)?;
        with_agent(&self.connection, move |agent| listing::list(agent, &query)).await.map_err(failed)
    }

    /// `glossator/session/search`
    pub async fn session_search(
        &self,
        params: ext::SearchSessionsParams,
    ) -> Result<ext::SearchSessionsResult> {
        let query = listing::search_query(params).map_err(Error::invalid_params)?;
        with_agent(&self.connection, move |agent| listing::search(agent, &query)).await.map_err(failed)
    }

    /// `glossator/session/read`
    pub async fn session_read(&self, params: ext::ReadSessionParams) -> Result<Value> {
        let connection = &self.connection;
        let id = SessionId(params.session_id);
        let wanted =
            Wanted { after_seq: params.after_seq, before: turn(params.before)?, turns: params.turns };
        // Who reads a session wants to see how it goes on, and sends its next prompts to it. Watched before it is read:
        // what happens in between comes twice and can be told by its `seq`, instead of never.
        let (reader, of) = (connection.clone(), id.clone());
        let read = with_agent(connection, move |agent| {
            forward(&reader, &of);
            let mut read = read::read(agent, &of, &wanted)?;
            read.about.settings = chosen::told(&reader, &of);
            written(&read)
        });
        let read = read.await.map_err(failed)?;
        connection.set_current(id);
        Ok(self.ready.put(read))
    }

    /// `glossator/session/resume`
    pub async fn session_resume(&self, params: Option<ext::ResumeSessionParams>) -> Result<Value> {
        let params = params.unwrap_or_default();
        let id = match params.session_id {
            Some(id) => SessionId(id),
            None => change::newest(&self.connection, None).await.map_err(failed)?,
        };
        let turns = params.turns.or_else(|| u32::try_from(TURNS).ok());
        let wanted = Wanted { turns, ..Wanted::default() };
        let resumed = change::resume(&self.connection, (id, wanted)).await.map_err(failed)?;
        let written = with_agent(&self.connection, move |_| written(&resumed)).await;
        Ok(self.ready.put(written.map_err(failed)?))
    }

    /// `glossator/session/fork`
    pub async fn session_fork(&self, params: ext::ForkSessionParams) -> Result<ext::NewSessionResult> {
        let turn = turn(params.turn_id)?;
        let title = named(params.title).map(|text| change::title(&text)).transpose();
        let title = title.map_err(Error::invalid_params)?;
        let fork = change::fork(&self.connection, SessionId(params.session_id), (turn, title)).await;
        Ok(ext::NewSessionResult { session: fork.map_err(failed)? })
    }

    /// `glossator/session/rename`
    pub async fn session_rename(&self, params: ext::RenameSessionParams) -> Result<ext::RenameSessionResult> {
        let title = change::title(&params.title).map_err(Error::invalid_params)?;
        let renamed = change::rename(&self.connection, SessionId(params.session_id), title.clone());
        renamed.await.map_err(failed)?;
        Ok(ext::RenameSessionResult { title })
    }

    /// `glossator/session/archive`
    pub async fn session_archive(
        &self,
        params: ext::ArchiveSessionParams,
    ) -> Result<ext::ArchiveSessionResult> {
        let archived = params.archived.unwrap_or(true);
        let done = change::archive(&self.connection, SessionId(params.session_id), archived);
        done.await.map_err(failed)?;
        Ok(ext::ArchiveSessionResult { archived })
    }

    /// `glossator/session/delete`
    pub async fn session_delete(&self, params: ext::DeleteSessionParams) -> Result<ext::DeleteSessionResult> {
        let gone = change::delete(&self.connection, SessionId(params.session_id)).await.map_err(failed)?;
        Ok(ext::DeleteSessionResult { blobs: gone.blobs, bytes: gone.bytes })
    }

    /// `glossator/session/export`
    pub async fn session_export(&self, params: ext::ExportSessionParams) -> Result<ext::ExportSessionResult> {
        let (id, format) = (SessionId(params.session_id), params.format.unwrap_or_default());
        with_agent(&self.connection, move |agent| export::export(agent, &id, format)).await.map_err(failed)
    }

    /// `glossator/session/import`
    pub async fn session_import(&self, params: ext::ImportSessionParams) -> Result<ext::NewSessionResult> {
        let path = named(params.path).map(PathBuf::from);
        if params.text.is_some() == path.is_some() {
            return Err(Error::invalid_params(
                "give either the `text` of an export or the `path` of its file",
            ));
        }
        if path.as_ref().is_some_and(|path| !path.is_absolute()) {
            return Err(Error::invalid_params("the `path` of an export has to be absolute"));
        }
        let (text, worker) = (params.text, self.connection.clone());
        let taken = with_agent(&self.connection, move |agent| {
            let config = worker.config(worker.trusted());
            export::import(agent, (text, path.as_deref()), &*config.redact)
        });
        let head = taken.await.map_err(failed)?;
        change::enter(&self.connection, &head.id).await;
        Ok(ext::NewSessionResult { session: told::head(&head) })
    }

    /// `glossator/session/configure`
    pub async fn session_configure(
        &self,
        params: ext::ConfigureSessionParams,
    ) -> Result<ext::ConfigureSessionResult> {
        configure::configure(&self.connection, params).await.map_err(failed)
    }

    /// `glossator/session/compact`
    pub async fn session_compact(
        &self,
        params: ext::CompactSessionParams,
    ) -> Result<ext::CompactSessionResult> {
        let id = SessionId(params.session_id);
        let compacted = change::compact(&self.connection, id).await;
        compacted.map(|turn| ext::CompactSessionResult { turn_id: turn.to_string() }).map_err(failed)
    }
}
