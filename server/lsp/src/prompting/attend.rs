//! What stands above the text of an open prompt document: that a turn runs, and the questions that wait, with the lines that
//! answer them. Changed only while nothing is written there and no key is pressed. A prompt whose turn failed at once is put
//! back. One task for each open document.

use crate::connection::Connection;
use crate::documents;
use crate::markdown::one_line;
use crate::prompt_document::{ALL, is_common, offered, prompt_in, recomposed, short};
use crate::prompting::{drafts, leaving, put_back, refresh, shown};
use crate::prompts::Opened;
use crate::words::cut;
use glossator_agent::{Agent, Events};
use glossator_session::{AskSubject, EventKind, Item, ItemBody, SessionId, TurnId, TurnStatus};
use glossator_workspace::Buffer;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use tower_lsp::lsp_types::MessageType;

/// Notes are not changed within this time of a keystroke.
const QUIET: Duration = Duration::from_secs(2);
/// After an edit that was refused it is tried again in this time.
const AGAIN: Duration = Duration::from_secs(2);
/// Questions that are offered to be answered.
const OFFERED: usize = 5;
/// Characters of a question.
const QUESTION: usize = 160;

/// A prompt document was opened, by whomever: its draft is put in where nothing is written, and it is attended from now on.
pub fn attend(connection: &Arc<Connection>, uri: &str) {
    let Some(ours) = connection.prompts.document(uri) else { return };
    let Some(buffer) = connection.workspace.overlay().by_uri(uri) else { return };
    connection.prompts.opened(uri, buffer.version);
    follow(connection, uri, ours.session);
}

fn follow(connection: &Arc<Connection>, uri: &str, session: SessionId) {
    if !connection.prompts.follow(uri) {
        return;
    }
    let (connection, uri) = (connection.clone(), uri.to_owned());
    tokio::spawn(async move {
        while let Some(opened) = connection.prompts.opening(&uri) {
            let path = documents::path_of(&uri);
            let draft = drafts::to_go_on_with(&connection, &session, &path).await;
            let now = connection.workspace.overlay().by_uri(&uri);
            // What the user has typed by now counts.
            if let Some(buffer) = now.filter(|now| now.version == opened.version && !draft.is_empty()) {
                go_on(&connection, &buffer, &draft).await;
            }
            run(&connection, (&uri, opened), &session).await;
            if connection.is_gone() {
                break;
            }
        }
        connection.prompts.unfollow(&uri);
        // Opened again in the moment in which it was let go.
        if !connection.is_gone() && connection.prompts.opening(&uri).is_some() {
            follow(&connection, &uri, session);
        }
    });
}

/// Brings a draft back of which the editor has nothing, or the beginning: what the editor has itself counts otherwise.
async fn go_on(connection: &Connection, buffer: &Buffer, draft: &str) {
    let held = prompt_in(&buffer.text.to_string());
    if draft.starts_with(&held) && draft != held {
        let wanted =
            recomposed(&buffer.text.to_string(), shown(connection, &buffer.uri).as_deref(), &[], draft);
        connection.rewrite(buffer, &wanted, "Glossator: prompt").await;
    }
}

/// Attends a document until it is closed, or opened anew.
async fn run(connection: &Arc<Connection>, (uri, opened): (&str, Opened), session: &SessionId) {
    let mut events = watch(connection, session).await;
    let mut changed = connection.workspace.overlay().changed();
    let mut seen = Seen::default();
    // The notes have to be looked at, not before this.
    let mut due = Some(Instant::now());
    loop {
        if connection.prompts.opening(uri) != Some(opened) {
            return;
        }
        tokio::select! {
            event = next(&mut events) => match event {
                Some(event) => {
                    if let Some(turn) = seen.failed_at_once(event.turn, &event.kind) {
                        put_failed_back(connection, uri, turn).await;
                    }
                    if concerns(&event.kind) {
                        due = Some(Instant::now());
                    }
                }
                // The session was closed; whoever uses it next opens it.
                None => events = None,
            },
            changed = changed.changed() => {
                if changed.is_err() {
                    return;
                }
                due.get_or_insert_with(Instant::now);
            }
            () = sleep_until(quiet(connection).max(due.unwrap_or_else(Instant::now))), if due.is_some() => {
                due = None;
                if events.is_none() {
                    events = watch(connection, session).await;
                }
                if !note(connection, uri, session).await {
                    due = Some(Instant::now() + AGAIN);
                }
            }
            () = connection.gone() => return,
        }
    }
}

async fn watch(connection: &Arc<Connection>, session: &SessionId) -> Option<Events> {
    let (agent, session) = (connection.agent()?.clone(), session.clone());
    tokio::task::spawn_blocking(move || agent.watch(&session).ok()).await.ok().flatten()
}

async fn next(events: &mut Option<Events>) -> Option<glossator_session::Event> {
    match events {
        Some(events) => events.recv().await,
        None => std::future::pending().await,
    }
}

/// When enough time has passed since a key was pressed.
fn quiet(connection: &Connection) -> Instant {
    let typed = connection.looking.last_typed().map(|at| Instant::from_std(at + QUIET));
    typed.unwrap_or_else(Instant::now)
}

fn concerns(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::TurnStarted
            | EventKind::TurnCompleted { .. }
            | EventKind::Ask { .. }
            | EventKind::AskResolved { .. }
    )
}

/// Brings the notes up to date, where nothing is written; `false`: the editor refused.
async fn note(connection: &Connection, uri: &str, session: &SessionId) -> bool {
    let Some(buffer) = connection.workspace.overlay().by_uri(uri).filter(|buffer| !buffer.out_of_step) else {
        return true;
    };
    if !prompt_in(&buffer.text.to_string()).is_empty() {
        return true;
    }
    let notes = connection.agent().map(|agent| notes(agent, session)).unwrap_or_default();
    refresh(connection, &buffer, &notes).await
}

/// What is to be known before something is written.
fn notes(agent: &Agent, session: &SessionId) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some((_, turn)) = agent.running().into_iter().find(|(of, _)| of == session) {
        notes.push(format!(
            "<!-- Glossator: {turn} runs. Send adds to it; Queue (glossator.queue) waits. -->"
        ));
    }
    let asks: Vec<_> = agent.pending().into_iter().filter(|pending| pending.session == *session).collect();
    if !asks.is_empty() {
        notes.push("<!-- Glossator: to answer, uncomment one of the next lines, and send it. -->".to_owned());
    }
    if asks.iter().take(OFFERED).filter(|one| is_common(&one.ask)).count() > 1 {
        notes.push(format!("<!-- allow {ALL} -->"));
    }
    for pending in asks.iter().take(OFFERED) {
        let ask = &pending.ask;
        let is_only = asks.iter().filter(|other| short(&other.ask.id) == short(&ask.id)).count() == 1;
        let id = if is_only { short(&ask.id) } else { &ask.id.0 };
        let question = format!("{} ({})", ask.title, ask.reason);
        let question = one_line(&question, QUESTION).replace("--", "\u{2010}\u{2010}");
        notes.push(format!("<!-- Glossator asks {id}: {question} -->"));
        match &ask.subject {
            AskSubject::Question { options, .. } => {
                let options =
                    options.iter().map(|option| format!("<!-- answer {id}: {} -->", offered(option)));
                notes.extend(options);
                notes.push(format!("<!-- answer {id}: -->"));
            }
            _ => notes.push(format!("<!-- allow {id} -->")),
        }
        notes.push(format!("<!-- deny {id}: -->"));
    }
    if let Some(more) = asks.len().checked_sub(OFFERED).filter(|more| *more > 0) {
        notes.push(format!("<!-- Glossator asks {more} more questions; chat.md shows them. -->"));
    }
    notes
}

/// Turns in which something was said or done.
#[derive(Default)]
struct Seen {
    acted: HashSet<TurnId>,
}

impl Seen {
    /// The turn that ends with this, if it failed before the model said anything.
    fn failed_at_once(&mut self, turn: Option<TurnId>, kind: &EventKind) -> Option<TurnId> {
        let turn = turn?;
        match kind {
            EventKind::ItemCompleted { item } if is_act(item) => {
                self.acted.insert(turn);
                None
            }
            EventKind::TurnCompleted { status, .. } => {
                let acted = self.acted.remove(&turn);
                (*status == TurnStatus::Failed && !acted).then_some(turn)
            }
            _ => None,
        }
    }
}

fn is_act(item: &Item) -> bool {
    matches!(item.body, ItemBody::Answer { .. } | ItemBody::ToolCall { .. } | ItemBody::Script { .. })
}

/// What was sent with a turn that could not even begin is written in the prompt document again.
async fn put_failed_back(connection: &Connection, uri: &str, turn: TurnId) {
    // It may not yet be known that it was sent, nor be taken out of the document.
    let _held = leaving(connection, uri).await;
    let Some(sent) = connection.prompts.take_sent(uri, turn) else { return };
    connection.prompts.set_about(uri, sent.about);
    if put_back(connection, uri, &sent.text).await {
        let text = format!("Glossator: {turn} failed, and its prompt is in the prompt document again.");
        connection.client.log_message(MessageType::INFO, cut(&text, 300)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_turns_that_failed_before_anything_was_said_give_their_prompt_back() {
        let item = |body| EventKind::ItemCompleted {
            item: Box::new(Item {
                id: glossator_session::ItemId(1),
                turn: TurnId(1),
                round: 1,
                at: 0,
                agent: None,
                body,
            }),
        };
        let end = |status| EventKind::TurnCompleted { status, message: None };
        let answer = || item(ItemBody::Answer { text: "x".to_owned(), raw: None });
        let prompt = || item(ItemBody::UserMessage { input: Vec::new(), to: Vec::new(), queued: None });
        let check = |events: Vec<EventKind>, expected: Option<TurnId>| {
            let mut seen = Seen::default();
            let found: Vec<_> =
                events.iter().filter_map(|kind| seen.failed_at_once(Some(TurnId(1)), kind)).collect();
            assert_eq!(found.first().copied(), expected);
        };
        check(vec![prompt(), end(TurnStatus::Failed)], Some(TurnId(1)));
        check(vec![prompt(), answer(), end(TurnStatus::Failed)], None);
        check(vec![prompt(), end(TurnStatus::Interrupted)], None);
        check(vec![prompt(), end(TurnStatus::Done)], None);
        assert_eq!(Seen::default().failed_at_once(None, &end(TurnStatus::Failed)), None);
    }
}
