//! Code actions in transcripts (on the turn, the code block and the word under the cursor) and in prompt documents. None of them
//! is offered without being asked for.

use crate::chat::commands::only;
use crate::chat::outline::Outline;
use crate::chat::place::Lines;
use crate::chat::target::{self, Target};
use crate::connection::Connection;
use crate::offer::action;
use crate::ours::{Kind, Ours, TRANSCRIPT};
use crate::review;
use glossator_agent::HunkQuery;
use glossator_protocol_ext::command;
use glossator_session::{SessionId, TurnId};
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::lsp_types::{CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionTriggerKind};

/// The actions for one request; none in documents that are not ours.
pub async fn actions(connection: &Arc<Connection>, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
    let uri = &params.text_document.uri;
    if params.context.trigger_kind == Some(CodeActionTriggerKind::AUTOMATIC) {
        return Vec::new();
    }
    let Some(ours) = connection.prompts.folders.document(uri.as_str()) else { return Vec::new() };
    match ours.kind {
        Kind::Prompt => in_prompt(connection, &ours, uri.as_str()),
        Kind::Transcript | Kind::Page(_) => in_transcript(connection, &ours, params).await,
        Kind::Other => Vec::new(),
    }
}

fn offer(title: &str, name: &str, argument: Value) -> CodeActionOrCommand {
    action(title, CodeActionKind::EMPTY, (name, vec![argument]), Vec::new())
}

fn in_prompt(connection: &Connection, ours: &Ours, uri: &str) -> Vec<CodeActionOrCommand> {
    let mut found = vec![offer("Send to Glossator", command::SEND, json!({ "uri": uri }))];
    if let Some(turn) = running(connection, &ours.session) {
        found.push(offer("Queue behind the running turn", command::QUEUE, json!({ "uri": uri })));
        found.push(stop(&ours.session, turn));
    }
    let transcript = json!({ "id": TRANSCRIPT, "sessionId": ours.session });
    found.push(offer("Show the transcript", command::OPEN, transcript));
    found
}

fn stop(session: &SessionId, turn: TurnId) -> CodeActionOrCommand {
    offer(&format!("Stop {turn}"), command::STOP, json!({ "sessionId": session, "turnId": turn }))
}

fn running(connection: &Connection, session: &SessionId) -> Option<TurnId> {
    let running = connection.agent().map(|agent| agent.running()).unwrap_or_default();
    running.into_iter().find(|(id, _)| id == session).map(|(_, turn)| turn)
}

async fn in_transcript(
    connection: &Arc<Connection>,
    ours: &Ours,
    params: &CodeActionParams,
) -> Vec<CodeActionOrCommand> {
    let uri = &params.text_document.uri;
    let at = params.range.start;
    let mut found = Vec::new();
    let turn = {
        let Some(lines) = Lines::of(connection, uri) else { return Vec::new() };
        let line = lines.line(at.line as usize);
        let here = target::at(&line, lines.byte(at)).map(|(_, target)| target).or_else(|| only(&line));
        let place = json!({ "uri": uri, "position": at });
        if let Some(name) = here.as_ref().and_then(told) {
            found.push(offer(&format!("Show {name}"), command::OPEN, place.clone()));
        }
        let outline = Outline::of(&lines.text());
        if outline.block_at(at.line as usize).is_some() {
            found.push(offer("Apply this block", command::APPLY_BLOCK, place));
        }
        outline.turn_at(at.line as usize).map(|turn| turn.id)
    };
    let runs = running(connection, &ours.session);
    if let Some(turn) = turn {
        of_turn(connection, (&ours.session, turn), runs == Some(turn), &mut found).await;
    }
    found.extend(runs.map(|turn| stop(&ours.session, turn)));
    found.push(offer("Write a prompt", command::CHAT, json!({ "sessionId": ours.session })));
    found
}

/// What there is to show, for the title of an action; a turn is not, since the cursor is in it or its name says it.
fn told(target: &Target) -> Option<String> {
    Some(match target {
        Target::Turn(turn) => turn.to_string(),
        // There is an action for each of these.
        Target::Review(_) | Target::Context(_) => return None,
        Target::Page(number) => format!("chat-{number}.md"),
        Target::Transcript => "chat.md".to_owned(),
        Target::Prompt => return None,
        Target::Call(_, id) => format!("all of {id}"),
        Target::Item(number) => format!("all of #{number}"),
        Target::Hunk(id) => format!("hunk {id} in its file"),
        Target::Change(id) => format!("edit {id} in its file"),
        Target::Text(key) => key.to_string(),
        Target::Board(id) => format!("the board with {id}"),
        Target::Ask(id) => format!("question {id}"),
    })
}

async fn of_turn(
    connection: &Arc<Connection>,
    (session, turn): (&SessionId, TurnId),
    runs: bool,
    found: &mut Vec<CodeActionOrCommand>,
) {
    let query = HunkQuery { session: Some(session), turn: Some(turn), all: true, ..HunkQuery::default() };
    let hunks = review::hunks::hunks(connection, query).await;
    let argument = json!({ "turnId": turn, "sessionId": session });
    let mut turned = |title: String, name: &str| found.push(offer(&title, name, argument.clone()));
    if !hunks.is_empty() {
        turned(format!("Review {turn}"), command::REVIEW);
        if hunks.iter().any(|hunk| hunk.view.state.is_open()) {
            turned(format!("Keep all of {turn}"), command::KEEP_ALL);
            turned(format!("Reject all of {turn}"), command::REJECT_ALL);
        }
        if !runs {
            turned(format!("Undo {turn}"), command::UNDO_TURN);
            turned(format!("Redo {turn}"), command::REDO_TURN);
        }
    }
    turned(format!("Show what was sent in {turn}"), command::CONTEXT);
    if !runs {
        turned(format!("Fork here, behind {turn}"), command::FORK_HERE);
    }
}
