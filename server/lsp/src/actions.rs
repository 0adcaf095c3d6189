//! Code actions: answers to open asks, those of `review` and `chat`, and what can be done with a place (`intents`). Automatic requests get only what concerns diagnostics, hunks and asks.

use crate::approvals::{lasting, title};
use crate::chat;
use crate::choosing;
use crate::connection::Connection;
use crate::intents;
use crate::markdown::one_line;
use crate::offer::action;
use crate::review;
use crate::sessions::offers;
use glossator_protocol_ext::command;
use glossator_session::{Ask, AskHunk, AskSubject};
use glossator_text::lines;
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::lsp_types::{
    CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionTriggerKind, Diagnostic,
};

/// The actions for one request.
pub async fn actions(connection: &Arc<Connection>, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
    let mut found = asks(connection, params);
    found.extend(review::actions::actions(connection, params).await);
    found.extend(chat::actions::actions(connection, params).await);
    if params.context.trigger_kind != Some(CodeActionTriggerKind::AUTOMATIC) {
        found.extend(choosing::actions(connection, &params.text_document.uri, params.range.start));
        found.extend(offers::actions(connection, &params.text_document.uri, params.range.start));
    }
    // Our own only say where a hunk is.
    let problems = params.context.diagnostics.iter().filter(|one| !review::actions::is_ours(one));
    let problems: Vec<Diagnostic> = problems.cloned().collect();
    found.extend(intents::actions(connection, params, &problems));
    match &params.context.only {
        Some(only) => found.into_iter().filter(|action| wanted(action, only)).collect(),
        None => found,
    }
}

/// Characters of an answer that is offered.
const OPTION: usize = 60;
/// Hunks of one ask that are offered at once, where the range touches none of them.
const OFFERED: usize = 10;

/// The hunks of an ask, by their numbers, that can be decided one by one in the file of a request: those that its range
/// touches, else those that wait.
fn hunks_here<'a>(
    connection: &Connection,
    ask: &'a Ask,
    params: &CodeActionParams,
) -> Vec<(usize, &'a AskHunk)> {
    let AskSubject::Edit { hunks, .. } = &ask.subject else { return Vec::new() };
    let path = review::hunks::path_of(connection, &params.text_document.uri);
    let path = path.map(|path| connection.workspace.roots().display(&path));
    let is_here = |hunk: &AskHunk| Some(&hunk.path) == path.as_ref();
    if hunks.len() < 2 || !hunks.iter().any(is_here) {
        return Vec::new();
    }
    let decided = connection.asks.decided(&ask.id);
    let waiting: Vec<_> = (1..).zip(hunks).filter(|(number, _)| !decided.contains_key(number)).collect();
    let (first, last) = (params.range.start.line as usize + 1, params.range.end.line as usize + 1);
    let touches = |hunk: &AskHunk| hunk.line <= last && hunk.line + lines(&hunk.base).count().max(1) > first;
    let touched: Vec<_> =
        waiting.iter().filter(|(_, hunk)| is_here(hunk) && touches(hunk)).copied().collect();
    if touched.is_empty() { waiting.into_iter().take(OFFERED).collect() } else { touched }
}

fn asks(connection: &Connection, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
    let pending = connection.agent().map(|agent| agent.pending()).unwrap_or_default();
    let mut found = Vec::new();
    for one in pending {
        let what = title(&one.ask);
        let mut offer = |title: String, name: &'static str, argument: Value| {
            found.push(action(&title, CodeActionKind::QUICKFIX, (name, vec![argument]), vec![]));
        };
        let id = &one.ask.id;
        let shown = json!({ "id": id, "sessionId": one.session });
        if let AskSubject::Question { options, .. } = &one.ask.subject {
            for option in options {
                let argument = json!({ "askId": id, "answer": option });
                offer(
                    format!("Glossator: Answer {} — {what}", one_line(option, OPTION)),
                    command::ANSWER,
                    argument,
                );
            }
            offer(format!("Glossator: Write an answer — {what}"), command::ANSWER, json!({ "askId": id }));
            offer(format!("Glossator: Do not answer — {what}"), command::DENY, json!({ "askId": id }));
            offer(format!("Glossator: Show — {what}"), command::OPEN, shown);
            continue;
        }
        offer(format!("Glossator: Allow — {what}"), command::APPROVE, json!({ "askId": id }));
        for (grant, called) in lasting(&one.ask) {
            offer(
                format!("Glossator: {called} — {what}"),
                command::APPROVE,
                json!({ "askId": id, "grant": grant }),
            );
        }
        offer(format!("Glossator: Deny — {what}"), command::DENY, json!({ "askId": id }));
        offer(format!("Glossator: Show — {what}"), command::OPEN, shown);
        for (number, hunk) in hunks_here(connection, &one.ask, params) {
            let argument = json!({ "askId": id, "hunk": number });
            let place = format!("hunk {number} ({}:{})", hunk.path, hunk.line);
            offer(format!("Glossator: Accept {place}"), command::APPROVE, argument.clone());
            offer(format!("Glossator: Reject {place}"), command::DENY, argument);
        }
    }
    found
}

/// Whether the client asked for this kind: kinds are prefixes at dots.
fn wanted(action: &CodeActionOrCommand, only: &[CodeActionKind]) -> bool {
    let CodeActionOrCommand::CodeAction(action) = action else {
        return true;
    };
    let Some(kind) = &action.kind else { return true };
    only.iter().any(|only| {
        let rest = kind.as_str().strip_prefix(only.as_str());
        only.as_str().is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}
