//! One question in a dialog of the client: one at a time, none while the user types. *Show* opens what is asked and asks
//! again; a dialog that is dismissed is no answer.

use super::matter::{document, summary};
use super::{give, request};
use crate::connection::Connection;
use crate::documents;
use glossator_session::{Answer, Ask, Decision, Grant, SessionId};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tower_lsp::jsonrpc::ErrorCode;
use tower_lsp::lsp_types::request::ShowMessageRequest;
use tower_lsp::lsp_types::{MessageActionItem, MessageType, ShowMessageRequestParams};

/// No dialog comes up within this time of a keystroke.
const QUIET: Duration = Duration::from_secs(2);

const SHOW: &str = "Show";
const ALLOW: &str = "Allow";
const ALLOW_SESSION: &str = "Allow for this session";
const DENY: &str = "Deny";

/// What became of a dialog.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The ask has its answer, here or elsewhere.
    Answered,
    /// The user put it away: the ask stays open.
    Dismissed,
    /// The client has no dialogs, whatever it announced.
    Unable,
}

/// Asks in a dialog, as long as the ask is open.
pub(super) async fn dialog(
    connection: &Arc<Connection>,
    (session, ask): (&SessionId, &Ask),
    ended: &CancellationToken,
) -> Outcome {
    let _one_at_a_time = tokio::select! {
        () = ended.cancelled() => return Outcome::Answered,
        held = connection.asks.dialog.lock() => held,
    };
    if !connection.asks.has_dialogs() {
        return Outcome::Unable;
    }
    loop {
        tokio::select! {
            () = ended.cancelled() => return Outcome::Answered,
            () = quiet(connection) => {}
        }
        let choice = tokio::select! {
            () = ended.cancelled() => return Outcome::Answered,
            answer = request::<ShowMessageRequest>(connection, params(ask)) => match answer {
                Ok(Some(choice)) => choice.title,
                Ok(None) => return Outcome::Dismissed,
                Err(error) => {
                    // Released Helix has none, and is not asked again.
                    if error.code == ErrorCode::MethodNotFound {
                        connection.asks.no_dialogs();
                    }
                    return Outcome::Unable;
                }
            }
        };
        let (decision, grant) = match choice.as_str() {
            ALLOW => (Decision::Allow, Grant::Once),
            ALLOW_SESSION => (Decision::Allow, Grant::Session),
            DENY => (Decision::Deny, Grant::Once),
            SHOW => {
                show(connection, session, ask).await;
                continue;
            }
            // Nothing that was offered.
            _ => return Outcome::Dismissed,
        };
        give(connection, ask, Answer { decision, grant, message: None, hunks: None });
        return Outcome::Answered;
    }
}

fn params(ask: &Ask) -> ShowMessageRequestParams {
    let mut titles = vec![SHOW, ALLOW];
    if ask.grants.contains(&Grant::Session) {
        titles.push(ALLOW_SESSION);
    }
    titles.push(DENY);
    let action = |title: &str| MessageActionItem { title: title.to_owned(), properties: Default::default() };
    ShowMessageRequestParams {
        typ: MessageType::WARNING,
        message: format!("Glossator asks: {}", summary(ask)),
        actions: Some(titles.into_iter().map(action).collect()),
    }
}

/// Opens the document that says what is asked.
pub(super) async fn show(connection: &Arc<Connection>, session: &SessionId, ask: &Ask) {
    let (name, text) = document(ask);
    if let Err(why) = documents::show(connection, (Some(session.clone()), name), text).await {
        connection.show(MessageType::ERROR, format!("Glossator: {why}"));
    }
}

/// Waits until the user has not typed for a while.
async fn quiet(connection: &Connection) {
    while let Some(left) = connection.looking.last_typed().and_then(|at| QUIET.checked_sub(at.elapsed())) {
        tokio::time::sleep(left).await;
    }
}
