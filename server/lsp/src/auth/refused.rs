//! What becomes of a prompt that cannot be sent because there is no model or no key: it is kept, and the user is told what to
//! do; clients that opted in get the same as data.

use super::page::{Kept, name, render};
use super::status;
use crate::connection::{Connection, ready};
use crate::documents;
use crate::ours::PROMPT;
use crate::prompt_document::{composed, prompt_in};
use crate::prompting::{self, drafts};
use crate::words::failed;
use glossator_agent::AgentError;
use glossator_session::{InputPart, SessionId};
use serde_json::json;
use std::sync::Arc;
use tower_lsp::jsonrpc::Error;

/// The error of a request that would have started a turn; where a model or a key is missing its `data` says how things stand.
pub async fn failure(connection: &Arc<Connection>, session: &SessionId, error: AgentError) -> Error {
    let mut answer = failed(&error);
    if matches!(error, AgentError::Refused(_))
        && is_missing(connection, session).await
        && let Ok(status) = status::known(connection).await
    {
        answer.data = Some(json!({ "signIn": status }));
    }
    answer
}

/// A command of the user's would have started a turn: where a model or a key is missing, a client without the extension is
/// shown what to do. `prompt`: what would be lost otherwise, which is kept. Not waited for: the client may answer only after
/// its command was answered.
pub fn offer(connection: &Arc<Connection>, session: &SessionId, error: &AgentError, prompt: Option<String>) {
    if connection.extension("turns") || !matches!(error, AgentError::Refused(_)) {
        return;
    }
    let (connection, session) = (connection.clone(), session.clone());
    tokio::spawn(async move {
        if !is_missing(&connection, &session).await {
            return;
        }
        let kept = match prompt.filter(|prompt| !prompt.trim().is_empty()) {
            Some(prompt) => Some(keep(&connection, &session, prompt).await),
            None => None,
        };
        let Ok(status) = status::asked(&connection).await else { return };
        if let Err(why) = documents::show(&connection, name(), render(&status, kept.as_ref())).await {
            tracing::warn!(%why, "the document about signing in was not shown");
        }
    });
}

/// The words of a prompt.
pub fn words(input: &[InputPart]) -> String {
    let text = input.iter().filter_map(|part| match part {
        InputPart::Text { text } => Some(text.as_str()),
        _ => None,
    });
    text.collect::<Vec<_>>().join("\n\n")
}

/// Whether a turn of the session could not begin now.
async fn is_missing(connection: &Arc<Connection>, session: &SessionId) -> bool {
    let (connection, session) = (connection.clone(), session.clone());
    let looked = tokio::task::spawn_blocking(move || connection.turn_for(&session).ok()).await;
    looked.ok().flatten().is_some_and(|(config, _)| ready(&config).is_err())
}

/// Puts a prompt into the prompt document, unless something else is written there.
async fn keep(connection: &Arc<Connection>, session: &SessionId, prompt: String) -> Kept {
    let written = async {
        let uri = prompting::ready(connection, session, None).await?;
        if let Some(open) = connection.workspace.overlay().by_uri(uri.as_str()) {
            // It may have been sent from there.
            let stands = prompt_in(&open.text.to_string()).contains(prompt.trim());
            return Ok(stands || prompting::put_back(connection, uri.as_str(), &prompt).await);
        }
        if !drafts::stored(connection, session).await.is_empty() {
            return Ok(false);
        }
        drafts::keep(connection, uri.as_str(), prompt.clone()).await;
        let text = composed(prompting::shown(connection, uri.as_str()).as_deref(), &[], &prompt);
        documents::write(connection, (Some(session.clone()), PROMPT.to_owned()), text).await?;
        Ok::<bool, String>(true)
    };
    match written.await {
        Ok(true) => Kept::Written,
        _ => Kept::Said(prompt),
    }
}
