//! One question in a dialog of the client: one at a time, none while the user types. *Show* opens what is asked and asks
//! again; a dialog that is dismissed is no answer.

use super::matter::{document, lasting, summary};
use super::{give, in_words, request};
use crate::connection::Connection;
use crate::documents;
use crate::prompting;
use crate::words::cut;
use glossator_protocol_ext::command;
use glossator_session::{Answer, Ask, AskSubject, Decision, Grant, SessionId};
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
const DENY: &str = "Deny";
const WRITE: &str = "Write an Answer…";
const SILENT: &str = "Do Not Answer";

/// Answers to a question that get a button each, and characters of one.
const BUTTONS: usize = 6;
const BUTTON: usize = 60;

/// What a button does.
#[derive(Debug, Clone, PartialEq)]
enum Choice {
    Show,
    Give(Answer),
    /// Opens the prompt document, where the answer can be written.
    Write,
}

/// The buttons of an ask, in their order.
fn choices(ask: &Ask) -> Vec<(String, Choice)> {
    let answer = |decision, grant| Choice::Give(Answer { decision, grant, message: None, hunks: None });
    let fixed = |title: &str, choice| (title.to_owned(), choice);
    let mut all = Vec::new();
    match &ask.subject {
        AskSubject::Question { options, .. } => {
            let buttons = options.iter().take(BUTTONS);
            all.extend(buttons.map(|one| (cut(one, BUTTON), Choice::Give(in_words(one.clone())))));
            all.push(fixed(WRITE, Choice::Write));
            all.push(fixed(SHOW, Choice::Show));
            all.push(fixed(SILENT, answer(Decision::Deny, Grant::Once)));
        }
        _ => {
            all.push(fixed(SHOW, Choice::Show));
            all.push(fixed(ALLOW, answer(Decision::Allow, Grant::Once)));
            for (grant, called) in lasting(ask) {
                all.push((called, answer(Decision::Allow, grant)));
            }
            all.push(fixed(DENY, answer(Decision::Deny, Grant::Once)));
        }
    }
    all
}

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
    let choices = choices(ask);
    loop {
        tokio::select! {
            () = ended.cancelled() => return Outcome::Answered,
            () = quiet(connection) => {}
        }
        let choice = tokio::select! {
            () = ended.cancelled() => return Outcome::Answered,
            answer = request::<ShowMessageRequest>(connection, params(ask, &choices)) => match answer {
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
        match choices.iter().find(|(title, _)| *title == choice).map(|(_, choice)| choice) {
            Some(Choice::Show) => show(connection, session, ask).await,
            Some(Choice::Give(answer)) => {
                give(connection, ask, answer.clone());
                return Outcome::Answered;
            }
            Some(Choice::Write) => {
                if let Err(why) = prompting::open_of(connection, session, None, command::SEND).await {
                    connection.show(MessageType::ERROR, format!("Glossator: {why}"));
                }
                return Outcome::Dismissed;
            }
            // Nothing that was offered.
            None => return Outcome::Dismissed,
        }
    }
}

fn params(ask: &Ask, choices: &[(String, Choice)]) -> ShowMessageRequestParams {
    let action = |(title, _): &(String, Choice)| MessageActionItem {
        title: title.clone(),
        properties: Default::default(),
    };
    ShowMessageRequestParams {
        typ: match &ask.subject {
            AskSubject::Question { .. } => MessageType::INFO,
            _ => MessageType::WARNING,
        },
        message: format!("Glossator asks: {}", summary(ask)),
        actions: Some(choices.iter().map(action).collect()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_has_its_options_as_buttons() {
        let long = "x".repeat(BUTTON + 1);
        let ask = |subject| Ask {
            id: "A1".into(),
            call: "S1.1".into(),
            title: String::new(),
            reason: String::new(),
            subject,
            grants: vec![Grant::Once, Grant::Session],
        };
        let titles = |ask: &Ask| choices(ask).into_iter().map(|(title, _)| title).collect::<Vec<_>>();
        let options = vec!["red".to_owned(), long.clone()];
        let question = ask(AskSubject::Question { question: String::new(), options, default: None });
        assert_eq!(titles(&question), ["red", &format!("{}…", &long[1..]), WRITE, SHOW, SILENT]);
        assert_eq!(choices(&question)[1].1, Choice::Give(in_words(long)));
        let script = ask(AskSubject::Script { source: String::new() });
        assert_eq!(titles(&script), [SHOW, ALLOW, "Allow for this session", DENY]);
    }
}
