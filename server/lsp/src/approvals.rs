//! Puts asks to the user by every road the client has: the extension's request, a dialog, code actions (see `actions`),
//! commands, and a message where there is nothing else. The first answer on any road holds; a dismissed dialog is none.

mod dialog;
mod matter;

pub use matter::{document, lasting, summary, title};

use crate::connection::Connection;
use crate::convert;
use crate::prompt_document::is_called;
use dialog::{Outcome, dialog};
use glossator_agent::{AgentError, Pending};
use glossator_protocol_ext as ext;
use glossator_session::{Answer, Ask, AskId, AskSubject, Decision, Grant, SessionId, TurnId};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tower_lsp::jsonrpc::Error;
use tower_lsp::lsp_types::MessageType;
use tower_lsp::lsp_types::request::Request;

/// `glossator/approval/ask`.
enum ApprovalAsk {}

impl Request for ApprovalAsk {
    type Params = ext::AskParams;
    type Result = Option<ext::Answer>;
    const METHOD: &'static str = ext::method::APPROVAL_ASK;
}

/// `glossator/input/ask`.
enum InputAsk {}

impl Request for InputAsk {
    type Params = ext::AskInputParams;
    type Result = Option<ext::InputAnswer>;
    const METHOD: &'static str = ext::method::INPUT_ASK;
}

/// A question that no dialog has brought an answer for this long is told of in a message: the client may show none, or the
/// user may not see it.
const UNSEEN: Duration = Duration::from_secs(15);

/// Asks the user, without being waited for.
pub fn put(connection: &Arc<Connection>, session: SessionId, turn: Option<TurnId>, ask: Ask) {
    // A client that comes in the middle finds it open and may be told of it by an event as well.
    let Some(ended) = connection.asks.begun(&ask.id) else { return };
    let connection = connection.clone();
    tokio::spawn(async move {
        if by_extension(&connection, (&session, turn, &ask), &ended).await {
            return;
        }
        if connection.asks.has_dialogs() && announces_dialogs(&connection) {
            let asked = by_dialog(&connection, (&session, &ask), &ended).await;
            if asked != Outcome::Unable {
                return;
            }
        }
        announce(&connection, &ask).await;
    });
}

fn announces_dialogs(connection: &Connection) -> bool {
    let window = connection.capabilities().and_then(|all| all.window.as_ref());
    window.is_some_and(|window| window.show_message.is_some())
}

/// Whether the client took the question, whatever it made of it.
async fn by_extension(
    connection: &Connection,
    (session, turn, ask): (&SessionId, Option<TurnId>, &Ask),
    ended: &CancellationToken,
) -> bool {
    let (session_id, turn_id) = (session.0.clone(), turn.map(|turn| turn.to_string()).unwrap_or_default());
    let answered = async {
        match &ask.subject {
            AskSubject::Question { question, options, .. } => {
                let (ask_id, question, options) = (ask.id.0.clone(), question.clone(), options.clone());
                let params = ext::AskInputParams { session_id, turn_id, ask_id, question, options };
                let said = request::<InputAsk>(connection, params).await?;
                Ok(said.map(|said| in_words(said.answer)))
            }
            _ => {
                let params = ext::AskParams { session_id, turn_id, ask: convert::ask(ask) };
                Ok::<_, Error>(request::<ApprovalAsk>(connection, params).await?.map(convert::answer))
            }
        }
    };
    let takes = match &ask.subject {
        AskSubject::Question { .. } => connection.names("input"),
        _ => connection.extension("approvals"),
    };
    if !takes {
        return false;
    }
    tokio::select! {
        () = ended.cancelled() => true,
        answer = answered => match answer {
            Ok(Some(answer)) => {
                give(connection, ask, answer);
                true
            }
            Ok(None) => true,
            Err(error) => {
                let text = format!(
                    "Glossator: the answer of the editor to {} could not be read ({}). The question is still open.",
                    ask.id, error.message
                );
                connection.client.log_message(MessageType::ERROR, text).await;
                false
            }
        }
    }
}

/// The open question that a word names: one of the session, else the one of another that is called so in full.
pub fn open(connection: &Connection, session: &SessionId, word: &AskId) -> Option<Pending> {
    let mut open = connection.agent()?.pending().into_iter();
    open.find(|one| one.ask.id == *word || (one.session == *session && is_called(&one.ask.id, &word.0)))
}

/// The answer to a question.
pub fn in_words(said: String) -> Answer {
    Answer { decision: Decision::Allow, grant: Grant::Once, message: Some(said), hunks: None }
}

/// Asks in a dialog, and tells of the question where that brings nothing for a while.
async fn by_dialog(
    connection: &Arc<Connection>,
    (session, ask): (&SessionId, &Ask),
    ended: &CancellationToken,
) -> Outcome {
    let mut asking = pin!(dialog(connection, (session, ask), ended));
    let outcome = tokio::select! {
        outcome = &mut asking => outcome,
        () = tokio::time::sleep(UNSEEN) => {
            announce(connection, ask).await;
            asking.await
        }
    };
    if outcome == Outcome::Dismissed {
        let text = format!("Glossator still waits for an answer: {} {}", summary(ask), matter::how(ask));
        connection.client.log_message(MessageType::INFO, text).await;
    }
    outcome
}

/// Tells of a question where there may be no other way to see it.
async fn announce(connection: &Connection, ask: &Ask) {
    connection.client.log_message(MessageType::INFO, matter::whole(ask)).await;
    let text = format!("Glossator asks: {} {}", summary(ask), matter::how(ask));
    connection.client.show_message(MessageType::WARNING, text).await;
}

/// Sends a request and waits for its answer. The request itself is a task of its own, since tower-lsp takes an answer without
/// its asker for an error.
async fn request<R>(connection: &Connection, params: R::Params) -> Result<R::Result, Error>
where
    R: Request + 'static,
    R::Params: Send,
    R::Result: Send,
{
    let client = connection.client.clone();
    let asked = tokio::spawn(async move { client.send_request::<R>(params).await });
    asked.await.unwrap_or_else(|_| Err(Error::internal_error()))
}

fn give(connection: &Connection, ask: &Ask, answer: Answer) {
    let Some(agent) = connection.agent() else { return };
    match agent.answer(&ask.id, answer) {
        Ok(()) => {}
        Err(error @ AgentError::BadAnswer(..)) => {
            let text = format!("Glossator: {error}. {}", matter::how(ask));
            connection.show(MessageType::WARNING, text);
        }
        // Another road was faster, or the turn has ended.
        Err(error) => tracing::debug!(%error, "an answer came too late"),
    }
}
