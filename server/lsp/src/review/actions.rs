//! Code actions about hunks: in their files, where the range touches one, and in a review document.

use crate::connection::Connection;
use crate::offer::action;
use crate::review::document;
use crate::review::hunks::{Shown, in_document, listed};
use crate::review::show::{SOURCE, diagnostic};
use glossator_protocol_ext::command;
use glossator_session::{HunkId, SessionId, TurnId};
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::lsp_types::{
    CodeActionKind, CodeActionOrCommand, CodeActionParams, Diagnostic, NumberOrString, Range,
};
use url::Url;

/// The actions for one request; none where nothing of it is under review.
pub async fn actions(connection: &Arc<Connection>, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
    let (uri, range) = (&params.text_document.uri, &params.range);
    if connection.reviews.document(uri.as_str()).is_some() {
        return document::actions(connection, uri, range.start).await;
    }
    let mut hunks = in_document(connection, uri).await;
    hunks.retain(|hunk| hunk.touches(range));
    if hunks.is_empty() {
        return Vec::new();
    }
    let of_client = &params.context.diagnostics;
    let diagnostics: Vec<Diagnostic> = hunks.iter().filter_map(|hunk| told(of_client, hunk)).collect();
    let here = connection.peek_session();
    in_file((uri, range), &hunks, &diagnostics, here.as_ref())
}

/// The actions for hunks at a place; where they are of several sessions, `here` is the one that is worked in.
fn in_file(
    (uri, range): (&Url, &Range),
    hunks: &[Shown],
    diagnostics: &[Diagnostic],
    here: Option<&SessionId>,
) -> Vec<CodeActionOrCommand> {
    let fix = |title: &str, name: &str, argument: Value| {
        action(title, CodeActionKind::QUICKFIX, (name, vec![argument]), diagnostics.to_vec())
    };
    let mut found = Vec::new();
    let groups = by_session(hunks);
    let several = groups.len() > 1;
    // Nothing is offered twice under one name.
    let of = |session: &SessionId| match several {
        true if Some(session) == here => " of this session",
        true => " of another session",
        false => "",
    };
    for (session, ids) in &groups {
        let what = match ids.len() {
            1 => format!("hunk{}", of(session)),
            several => format!("{several} hunks{}", of(session)),
        };
        let mut over: Vec<TurnId> = hunks
            .iter()
            .filter(|hunk| hunk.view.session == *session)
            .flat_map(|hunk| hunk.over.clone())
            .collect();
        over.sort();
        over.dedup();
        let with = if over.is_empty() { String::new() } else { format!(" with {}", listed(&over)) };
        let argument = json!({ "hunks": ids, "sessionId": session });
        found.push(fix(&format!("Keep {what}"), command::KEEP_HUNK, argument.clone()));
        found.push(fix(&format!("Reject {what}{with}"), command::REJECT_HUNK, argument));
    }
    found.push(fix("Keep file", command::KEEP_FILE, json!({ "uri": uri })));
    found.push(fix("Reject file", command::REJECT_FILE, json!({ "uri": uri })));
    let turns = turns(hunks);
    for (session, turn) in &turns {
        let argument = json!({ "turnId": turn, "sessionId": session });
        let turn = format!("{turn}{}", of(session));
        found.push(fix(&format!("Keep all of {turn}"), command::KEEP_ALL, argument.clone()));
        found.push(fix(&format!("Reject all of {turn}"), command::REJECT_ALL, argument));
    }
    let place = json!({ "uri": uri, "position": range.end });
    found.push(action("Next hunk", CodeActionKind::EMPTY, (command::NEXT_HUNK, vec![place]), Vec::new()));
    for (session, turn) in &turns {
        let argument = json!({ "turnId": turn, "sessionId": session });
        let title = format!("Open review {turn}{}", of(session));
        found.push(action(&title, CodeActionKind::EMPTY, (command::REVIEW, vec![argument]), Vec::new()));
    }
    found
}

/// The diagnostic of a hunk, as the client has it.
fn told(of_client: &[Diagnostic], hunk: &Shown) -> Option<Diagnostic> {
    let code = NumberOrString::String(hunk.view.id.0.clone());
    let known = of_client.iter().find(|one| is_ours(one) && one.code.as_ref() == Some(&code));
    known.cloned().or_else(|| diagnostic(hunk))
}

/// Whether a diagnostic only says where a hunk is.
pub fn is_ours(diagnostic: &Diagnostic) -> bool {
    diagnostic.source.as_deref() == Some(SOURCE)
}

fn by_session(hunks: &[Shown]) -> Vec<(SessionId, Vec<HunkId>)> {
    let mut found: Vec<(SessionId, Vec<HunkId>)> = Vec::new();
    for Shown { view, .. } in hunks {
        match found.iter_mut().find(|(session, _)| *session == view.session) {
            Some((_, ids)) => ids.push(view.id.clone()),
            None => found.push((view.session.clone(), vec![view.id.clone()])),
        }
    }
    found
}

/// The turns that made these hunks, newest first.
fn turns(hunks: &[Shown]) -> Vec<(SessionId, TurnId)> {
    let mut turns: Vec<_> = hunks.iter().map(|hunk| (hunk.view.session.clone(), hunk.view.turn)).collect();
    turns.sort_by(|one, other| (&other.0, other.1).cmp(&(&one.0, one.1)));
    turns.dedup();
    turns
}
