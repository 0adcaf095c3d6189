//! What becomes of a prompt that cannot be sent because there is no model or no key: it is kept, and the user is told what to
//! do; clients that opted in get the same as data.

use super::page::{Kept, name, render};
use super::status;
use crate::connection::{Connection, ready};
use crate::documents;
use crate::ours::PROMPT;
use crate::prompt_document::{composed, prompt_in};
use crate::prompting::{self, drafts};
use crate::prose::first_sentence;
use crate::words::failed;
use glossator_agent::AgentError;
use glossator_protocol_ext as ext;
use glossator_session::{InputPart, SessionId};
use serde_json::Value;
use std::sync::Arc;
use tower_lsp::jsonrpc::Error;

/// The error of a request that would have started a turn; where a model or a key is missing its `data` says so.
pub async fn failure(connection: &Arc<Connection>, session: &SessionId, error: AgentError) -> Error {
    let mut answer = failed(&error);
    if matches!(error, AgentError::Refused(_)) {
        answer.data = data(connection, session, &answer.message).await;
    }
    answer
}

/// What a client is told beside `message`, the error of a command, where that came of a missing model or key.
pub async fn command_data(connection: &Arc<Connection>, message: &str) -> Option<Value> {
    data(connection, &connection.peek_session()?, message).await
}

async fn data(connection: &Arc<Connection>, session: &SessionId, message: &str) -> Option<Value> {
    let lack = lacking(connection, session).await.filter(|lack| message.contains(&lack.why))?;
    let sign_in = status::known(connection).await.ok()?;
    let Lack { kind, provider, why } = lack;
    let data = ext::RefusedData { kind, message: first_sentence(&why).to_owned(), provider, sign_in };
    serde_json::to_value(data).ok()
}

/// What is missing, where a prompt waits for that.
pub async fn missing(connection: &Arc<Connection>, session: &SessionId, waits: &str) -> Option<ext::Missing> {
    let lack = lacking(connection, session).await?;
    waits.contains(&lack.why).then_some(lack.kind)
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
        if lacking(&connection, &session).await.is_none() {
            return;
        }
        let kept = match prompt.filter(|prompt| !prompt.trim().is_empty()) {
            Some(prompt) => Some(keep(&connection, &session, prompt).await),
            None => None,
        };
        let Ok(standing) = status::asked(&connection).await else { return };
        if let Err(why) = documents::show(&connection, name(), render(&standing, kept.as_ref())).await {
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

/// What a turn cannot begin without.
struct Lack {
    kind: ext::Missing,
    /// The provider that wants a key.
    provider: Option<String>,
    /// For people.
    why: String,
}

/// Why a turn of the session could not begin now; `None`: it could.
async fn lacking(connection: &Arc<Connection>, session: &SessionId) -> Option<Lack> {
    let (connection, session) = (connection.clone(), session.clone());
    let looked = tokio::task::spawn_blocking(move || connection.turn_for(&session).ok()).await;
    let (config, _) = looked.ok().flatten()?;
    let why = ready(&config).err()?;
    let provider = config.provider.ok().map(|provider| provider.slug.clone());
    let kind = if provider.is_some() { ext::Missing::NoKey } else { ext::Missing::NoModel };
    Some(Lack { kind, provider, why })
}

/// Puts a prompt into the prompt document, unless something else is written there.
async fn keep(connection: &Arc<Connection>, session: &SessionId, prompt: String) -> Kept {
    let written = async {
        let uri = prompting::ready(connection, session, None).await?;
        if let Some(open) = documents::open(connection, &uri) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sentence_is_told_beside_the_buttons() {
        for (text, wanted) in [
            ("No model is chosen. First store a key.", "No model is chosen."),
            (
                "[providers.a] has no base_url; add one in /a/b.toml.",
                "[providers.a] has no base_url; add one in /a/b.toml.",
            ),
            ("", ""),
        ] {
            assert_eq!(first_sentence(text), wanted);
        }
    }
}
