//! Puts asks to the user by every road the client has: the extension's request, a message with buttons, code actions
//! (see `actions`) and commands. The first answer on any road holds; a dismissed dialog is no answer.

use crate::connection::Connection;
use crate::convert;
use crate::words::cut;
use glossator_agent::AgentError;
use glossator_protocol_ext as ext;
use glossator_session::{Answer, Ask, AskSubject, Decision, Grant, SessionId, TurnId};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tower_lsp::lsp_types::request::{Request, ShowMessageRequest};
use tower_lsp::lsp_types::{MessageActionItem, MessageType, ShowMessageRequestParams};

/// `glossator/approval/ask`.
enum ApprovalAsk {}

impl Request for ApprovalAsk {
    type Params = ext::AskParams;
    type Result = Option<ext::Answer>;
    const METHOD: &'static str = ext::method::APPROVAL_ASK;
}

/// No dialog comes up within this time of a keystroke.
const QUIET: Duration = Duration::from_secs(2);

const SHOW: &str = "Show";
const ALLOW: &str = "Allow";
const ALLOW_SESSION: &str = "Allow for this session";
const DENY: &str = "Deny";

/// Asks the user, without being waited for.
pub fn put(connection: &Arc<Connection>, session: SessionId, turn: Option<TurnId>, ask: Ask) {
    // A client that comes in the middle finds it open and may be told of it by an event as well.
    let Some(ended) = connection.asks.begun(&ask.id) else { return };
    let connection = connection.clone();
    tokio::spawn(async move {
        if connection.extension("approvals") {
            let params = ext::AskParams {
                session_id: session.0,
                turn_id: turn.map(|turn| turn.to_string()).unwrap_or_default(),
                ask: convert::ask(&ask),
            };
            if let Some(Some(answer)) = request::<ApprovalAsk>(&connection, params, &ended).await {
                give(&connection, &ask, convert::answer(answer));
            }
            return;
        }
        let has_dialogs = connection
            .capabilities()
            .and_then(|all| all.window.as_ref())
            .is_some_and(|window| window.show_message.is_some());
        match has_dialogs {
            true => dialog(&connection, &ask, &ended).await,
            false => {
                // There is no other way to see what is asked.
                connection.client.log_message(MessageType::INFO, whole(&ask)).await;
                let text = format!(
                    "Glossator asks: {} Answer by a code action (Allow / Deny) or by glossator.approve / glossator.deny.",
                    summary(&ask)
                );
                connection.client.show_message(MessageType::WARNING, text).await;
            }
        }
    });
}

/// One dialog at a time, none while the user types; `Show` puts the whole matter into the log and asks again.
async fn dialog(connection: &Arc<Connection>, ask: &Ask, ended: &CancellationToken) {
    let _one_at_a_time = tokio::select! {
        () = ended.cancelled() => return,
        held = connection.asks.dialog.lock() => held,
    };
    loop {
        tokio::select! {
            () = ended.cancelled() => return,
            () = quiet(connection) => {}
        }
        let mut titles = vec![SHOW, ALLOW];
        if ask.grants.contains(&Grant::Session) {
            titles.push(ALLOW_SESSION);
        }
        titles.push(DENY);
        let actions = titles
            .iter()
            .map(|title| MessageActionItem { title: (*title).to_owned(), properties: Default::default() });
        let params = ShowMessageRequestParams {
            typ: MessageType::WARNING,
            message: format!("Glossator asks: {}", summary(ask)),
            actions: Some(actions.collect()),
        };
        // An error (released Helix has no dialogs) or a dismissal leaves the ask open for the other roads.
        let Some(Some(choice)) = request::<ShowMessageRequest>(connection, params, ended).await else {
            return;
        };
        let (decision, grant) = match choice.title.as_str() {
            ALLOW => (Decision::Allow, Grant::Once),
            ALLOW_SESSION => (Decision::Allow, Grant::Session),
            DENY => (Decision::Deny, Grant::Once),
            _ => {
                show(connection, ask).await;
                continue;
            }
        };
        give(connection, ask, Answer { decision, grant, message: None, hunks: None });
        return;
    }
}

/// Shows the whole matter: a script, which is long, in the log.
async fn show(connection: &Connection, ask: &Ask) {
    let client = &connection.client;
    if !matches!(ask.subject, AskSubject::Script { .. }) {
        return client.show_message(MessageType::INFO, whole(ask)).await;
    }
    client.log_message(MessageType::INFO, whole(ask)).await;
    let text = "Glossator: the script is in the log of this language server.";
    client.show_message(MessageType::INFO, text).await;
}

async fn quiet(connection: &Connection) {
    while let Some(left) = connection.looking.last_typed().and_then(|at| QUIET.checked_sub(at.elapsed())) {
        tokio::time::sleep(left).await;
    }
}

/// Sends a request and waits for its answer, but not longer than the ask is open. The request itself is a task of its
/// own, since tower-lsp takes an answer without its asker for an error.
async fn request<R>(
    connection: &Connection,
    params: R::Params,
    ended: &CancellationToken,
) -> Option<R::Result>
where
    R: Request + 'static,
    R::Params: Send,
    R::Result: Send,
{
    let client = connection.client.clone();
    let asked = tokio::spawn(async move { client.send_request::<R>(params).await });
    tokio::select! {
        () = ended.cancelled() => None,
        answer = asked => answer.ok()?.ok(),
    }
}

fn give(connection: &Connection, ask: &Ask, answer: Answer) {
    let Some(agent) = connection.agent() else { return };
    match agent.answer(&ask.id, answer) {
        Ok(()) => {}
        Err(error @ AgentError::BadAnswer(..)) => {
            let text = format!("Glossator: {error} (glossator.approve, glossator.deny).");
            connection.show(MessageType::WARNING, text);
        }
        // Another road was faster, or the turn has ended.
        Err(error) => tracing::debug!(%error, "an answer came too late"),
    }
}

/// The matter in one line.
pub fn summary(ask: &Ask) -> String {
    format!("{} ({})", cut(&ask.title.replace('\n', " "), 200), cut(&ask.reason, 200))
}

/// The whole matter.
fn whole(ask: &Ask) -> String {
    match &ask.subject {
        AskSubject::Command { command, cwd } => format!("{command}\n\nin {cwd}"),
        AskSubject::Edit { diff, hunks, .. } if hunks.len() < 2 => diff.clone(),
        AskSubject::Edit { diff, hunks, .. } => {
            let numbered =
                (1..).zip(hunks).map(|(number, hunk)| format!("{number}: {}:{}", hunk.path, hunk.line));
            let numbered: Vec<String> = numbered.collect();
            format!(
                "{diff}\nIts hunks: {}. To allow some of them: glossator.approve [{{\"askId\":\"{}\",\"hunks\":[1]}}]",
                numbered.join(", "),
                ask.id
            )
        }
        AskSubject::Script { source } => {
            format!("{}\n{}\n\n{}", ask.title, ask.reason, source.trim_matches('\n'))
        }
    }
}
