//! The `glossator/context/...`, `usage/...`, `board/...` and `cabinet/...` requests of clients that opted in.

use crate::context::{cabinet, sent, usage};
use crate::harness::named;
use crate::server::Server;
use crate::words::failed;
use glossator_agent::NewEntry;
use glossator_protocol_ext as ext;
use glossator_session::{SessionId, TurnId};
use tower_lsp::jsonrpc::{Error, Result};

/// Turns that a note may be shown in.
const MOST_TURNS: u32 = 50;

impl Server {
    /// `glossator/context/preview`
    pub async fn context_preview(
        &self,
        params: ext::PreviewContextParams,
    ) -> Result<ext::PreviewContextResult> {
        let connection = &self.connection;
        let input = connection.input(params.input).map_err(Error::invalid_params)?;
        sent::preview(connection, &SessionId(params.session_id), input).await.map_err(failed)
    }

    /// `glossator/context/sent`
    pub async fn context_sent(&self, params: ext::SentContextParams) -> Result<ext::SentContextResult> {
        let turn = params.turn_id.map(TurnId::try_from).transpose().map_err(Error::invalid_params)?;
        if turn.is_none() && params.round.is_some() {
            return Err(Error::invalid_params("a `round` means nothing without its `turnId`"));
        }
        let place = (SessionId(params.session_id), (turn, params.round));
        sent::sent(&self.connection, place).await.map_err(failed)
    }

    /// `glossator/usage/read`
    pub async fn usage_read(&self, params: Option<ext::ReadUsageParams>) -> Result<ext::ReadUsageResult> {
        let params = params.unwrap_or_default();
        let session = params.session_id.map(SessionId).or_else(|| self.connection.peek_session());
        usage::read(&self.connection, (session, params.day)).await.map_err(failed)
    }

    /// `glossator/board/read`
    pub async fn board_read(&self, params: ext::ReadBoardParams) -> Result<ext::ReadBoardResult> {
        let entries = cabinet::board(&self.connection, SessionId(params.session_id)).await;
        Ok(ext::ReadBoardResult { entries: entries.map_err(failed)? })
    }

    /// `glossator/board/post`
    pub async fn board_post(&self, params: ext::PostBoardParams) -> Result<ext::PostBoardResult> {
        if params.turns.is_some_and(|turns| !(1..=MOST_TURNS).contains(&turns)) {
            return Err(Error::invalid_params(format!("`turns` has to be from 1 to {MOST_TURNS}")));
        }
        if params.text.trim().is_empty() {
            return Err(Error::invalid_params("say something in `text`: the model is shown nothing else"));
        }
        let note = NewEntry { title: params.title, text: params.text, turns: params.turns };
        let id = cabinet::post(&self.connection, (SessionId(params.session_id), note)).await;
        Ok(ext::PostBoardResult { id: id.map_err(failed)? })
    }

    /// `glossator/board/remove`
    pub async fn board_remove(&self, params: ext::RemoveBoardParams) -> Result<ext::RemoveBoardResult> {
        let removed = cabinet::remove(&self.connection, (SessionId(params.session_id), params.id)).await;
        Ok(ext::RemoveBoardResult { removed: removed.map_err(failed)? })
    }

    /// `glossator/cabinet/list`
    pub async fn cabinet_list(&self, _: Option<ext::ListCabinetParams>) -> Result<ext::ListCabinetResult> {
        cabinet::list(&self.connection).await.map_err(failed)
    }

    /// `glossator/cabinet/read`
    pub async fn cabinet_read(&self, params: ext::CabinetKeyParams) -> Result<ext::ReadCabinetResult> {
        cabinet::read(&self.connection, params.key).await.map_err(failed)
    }

    /// `glossator/cabinet/delete`
    pub async fn cabinet_delete(&self, params: ext::CabinetKeyParams) -> Result<ext::DeleteCabinetResult> {
        let deleted = cabinet::delete(&self.connection, params.key).await.map_err(failed)?;
        Ok(ext::DeleteCabinetResult { deleted })
    }

    /// `glossator/cabinet/save`
    pub async fn cabinet_save(&self, params: ext::SaveCabinetParams) -> Result<ext::SaveCabinetResult> {
        let Some(note) = named(Some(params.note)) else {
            return Err(Error::invalid_params(
                "say in `note` what the text is: lists show nothing else of it",
            ));
        };
        let key = cabinet::save(&self.connection, (params.text, note)).await.map_err(failed)?;
        Ok(ext::SaveCabinetResult { key })
    }
}
