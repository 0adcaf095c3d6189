//! Puts asks to the user by every road the client has: the extension's request, a message with buttons, code actions
//! (see `actions`) and commands. The first answer on any road holds; a dismissed dialog is no answer.

use crate::connection::Connection;
use crate::convert;
use crate::words::cut;
use glossator_protocol_ext as ext;
use glossator_session::{Answer, Ask, AskSubject, Decision, Grant, SessionId, TurnId};
use std::sync::Arc;
use std::time::Duration;
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
    let connection = connection.clone();
    tokio::spawn(async move {
        if connection.extension("approvals") {
            let params = ext::AskParams {
                session_id: session.0,
                turn_id: turn.map(|turn| turn.to_string()).unwrap_or_default(),
                ask: convert::ask(&ask),
            };
            if let Ok(Some(answer)) = connection.client.send_request::<ApprovalAsk>(params).await {
                give(&connection, &ask, convert::answer(answer));
            }
            return;
        }
        let has_dialogs = connection
            .capabilities()
            .and_then(|all| all.window.as_ref())
            .is_some_and(|window| window.show_message.is_some());
        match has_dialogs {
            true => dialog(&connection, &ask).await,
            false => {
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
async fn dialog(connection: &Arc<Connection>, ask: &Ask) {
    let _one_at_a_time = connection.dialogs.lock().await;
    loop {
        quiet(connection).await;
        if !is_open(connection, ask) {
            return;
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
        let Ok(Some(choice)) = connection.client.send_request::<ShowMessageRequest>(params).await else {
            return;
        };
        let (decision, grant) = match choice.title.as_str() {
            ALLOW => (Decision::Allow, Grant::Once),
            ALLOW_SESSION => (Decision::Allow, Grant::Session),
            DENY => (Decision::Deny, Grant::Once),
            _ => {
                connection.client.show_message(MessageType::INFO, whole(ask)).await;
                continue;
            }
        };
        give(connection, ask, Answer { decision, grant, message: None });
        return;
    }
}

async fn quiet(connection: &Connection) {
    while let Some(left) = connection.last_typed().and_then(|at| QUIET.checked_sub(at.elapsed())) {
        tokio::time::sleep(left).await;
    }
}

fn is_open(connection: &Connection, ask: &Ask) -> bool {
    connection.agent().is_some_and(|agent| agent.pending().iter().any(|pending| pending.ask.id == ask.id))
}

fn give(connection: &Connection, ask: &Ask, answer: Answer) {
    let Some(agent) = connection.agent() else { return };
    if let Err(error) = agent.answer(&ask.id, answer) {
        // Another road was faster, or the turn has ended.
        tracing::debug!(%error, "an answer came too late");
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
        AskSubject::Edit { diff, .. } => diff.clone(),
    }
}
