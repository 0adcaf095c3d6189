//! Code actions: answers to open asks, *Fix this* on diagnostics, *Edit with Glossator…* on a selection, *Send* in the
//! prompt document, and those of `review`. Automatic requests get only what concerns diagnostics, hunks and asks.

use crate::approvals::summary;
use crate::connection::Connection;
use crate::offer::action;
use crate::review;
use crate::words::cut;
use glossator_protocol_ext::command;
use glossator_session::Grant;
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::lsp_types::{
    CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionTriggerKind, Diagnostic,
};

/// The actions for one request.
pub async fn actions(connection: &Arc<Connection>, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
    let mut found = asks(connection);
    found.extend(review::actions::actions(connection, params).await);
    let uri = &params.text_document.uri;
    // Our own only say where a hunk is.
    let problems = params.context.diagnostics.iter().filter(|one| !review::actions::is_ours(one));
    found.extend(problems.map(|diagnostic| fix(uri.as_str(), diagnostic)));
    if params.context.trigger_kind != Some(CodeActionTriggerKind::AUTOMATIC) {
        if connection.prompts.is_prompt(uri.as_str()) {
            let arguments = vec![json!({ "uri": uri })];
            found.push(action(
                "Send to Glossator",
                CodeActionKind::EMPTY,
                (command::SEND, arguments),
                vec![],
            ));
        } else if params.range.start != params.range.end {
            let arguments = vec![json!({ "uri": uri, "range": params.range })];
            found.push(action(
                "Edit with Glossator…",
                CodeActionKind::REFACTOR,
                (command::EDIT, arguments),
                vec![],
            ));
        }
    }
    match &params.context.only {
        Some(only) => found.into_iter().filter(|action| wanted(action, only)).collect(),
        None => found,
    }
}

fn asks(connection: &Connection) -> Vec<CodeActionOrCommand> {
    let pending = connection.agent().map(|agent| agent.pending()).unwrap_or_default();
    let mut found = Vec::new();
    for one in pending {
        let what = summary(&one.ask);
        let mut offer = |title: String, name: &'static str, argument: Value| {
            found.push(action(&title, CodeActionKind::QUICKFIX, (name, vec![argument]), vec![]));
        };
        let id = &one.ask.id;
        offer(format!("Glossator: Allow — {what}"), command::APPROVE, json!({ "askId": id }));
        if one.ask.grants.contains(&Grant::Session) {
            let argument = json!({ "askId": id, "grant": "session" });
            offer(format!("Glossator: Allow for this session — {what}"), command::APPROVE, argument);
        }
        offer(format!("Glossator: Deny — {what}"), command::DENY, json!({ "askId": id }));
    }
    found
}

fn fix(uri: &str, diagnostic: &Diagnostic) -> CodeActionOrCommand {
    let title = format!(
        "Fix this with Glossator: {}",
        cut(diagnostic.message.lines().next().unwrap_or_default(), 80)
    );
    let source = diagnostic.source.as_deref().map(|source| format!(" (from {source})")).unwrap_or_default();
    let text = format!("Fix this problem{source}: {}", diagnostic.message);
    let arguments = vec![json!({ "text": text, "uri": uri, "range": diagnostic.range })];
    action(&title, CodeActionKind::QUICKFIX, (command::ASK, arguments), vec![diagnostic.clone()])
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
