//! The commands that show context, board, cabinet and spending, and the one that compacts, with JSON, plain or no arguments.

use crate::connection::Connection;
use crate::context::{cabinet, page, sent, usage};
use crate::documents;
use crate::sessions::change;
use crate::sessions::commands::{Given, as_session, given, now, session, words};
use crate::words::ago;
use glossator_agent::AgentError;
use glossator_protocol_ext::command;
use glossator_session::TurnId;
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::lsp_types::MessageType;

/// `glossator.compact`
pub async fn compact(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let given = given(first, command::COMPACT, as_session)?;
    let id = session(connection, given.session).await?;
    let turn = change::compact(connection, id.clone()).await.map_err(words)?;
    Ok(json!({ "sessionId": id, "turnId": turn }))
}

/// `glossator.context`
pub async fn context(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let given = given(first, command::CONTEXT, |given: &mut Given, word| {
        // `T-3`, or `T-3/2` for its second round.
        let (turn, round) = match word.split_once('/') {
            Some((turn, round)) => (turn.to_owned(), Some(round)),
            None => (word.clone(), None),
        };
        let round = round.map(str::parse).transpose();
        given.round = round.map_err(|_| format!("'{word}' names no round; say T-3 or T-3/2."))?;
        given.turn = Some(turn);
        Ok(())
    })?;
    let turn = given.turn.map(TurnId::try_from).transpose()?;
    let id = session(connection, given.session).await?;
    let shown = match sent::sent(connection, (id.clone(), (turn, given.round))).await {
        Ok(sent) => Some(sent),
        // Before the first request there is only what would be sent.
        Err(AgentError::NotSent(_)) if turn.is_none() => None,
        Err(error) => return Err(words(error)),
    };
    let (name, text) = match &shown {
        Some(sent) => (format!("{}-context.md", sent.turn_id), page::sent(sent)),
        None => {
            let preview = sent::preview(connection, &id, Vec::new()).await.map_err(words)?;
            ("next-context.md".to_owned(), page::preview(&preview))
        }
    };
    let uri = documents::show(connection, (Some(id.clone()), name), text).await?;
    Ok(
        json!({ "sessionId": id, "uri": uri, "sent": shown.map(|sent| json!({ "turnId": sent.turn_id, "round": sent.round })) }),
    )
}

/// `glossator.board`
pub async fn board(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let given = given(first, command::BOARD, as_session)?;
    let id = session(connection, given.session).await?;
    let entries = cabinet::board(connection, id.clone()).await.map_err(words)?;
    let text = page::board(&entries);
    let uri = documents::show(connection, (Some(id.clone()), "board.md".to_owned()), text).await?;
    Ok(json!({ "sessionId": id, "uri": uri, "entries": entries.len() }))
}

/// `glossator.cabinet`
pub async fn cabinet_document(connection: &Arc<Connection>, _: Option<Value>) -> Result<Value, String> {
    let list = cabinet::list(connection).await.map_err(words)?;
    let now = now();
    let text = page::cabinet(&list, |at| ago(now.saturating_sub(at)));
    let uri = documents::show(connection, (None, "cabinet.md".to_owned()), text).await?;
    Ok(json!({ "uri": uri, "documents": list.documents.len() }))
}

/// `glossator.usage`
pub async fn spent(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let given = given(first, command::USAGE, as_session)?;
    // Without a session there is still the day.
    let id = match given.session {
        Some(id) => Some(session(connection, Some(id)).await?),
        None => session(connection, None).await.ok(),
    };
    let read = usage::read(connection, (id, None)).await.map_err(words)?;
    let text = usage::in_words(&read);
    connection.show(MessageType::INFO, format!("Glossator: {text}"));
    Ok(json!({ "usage": read, "message": text }))
}
