//! Shows a session to its client: `glossator/session/update` where the client opted in, else progress, log and messages.
//! One task a session; it never asks the session anything, it only watches.

use crate::approvals;
use crate::board::Board;
use crate::chosen;
use crate::connection::Connection;
use crate::convert;
use crate::progress::{Progress, Work};
use crate::starter::starter;
use crate::tasks;
use crate::words::cut;
use glossator_agent::Agent;
use glossator_protocol_ext as ext;
use glossator_session::{
    CallId, Event, EventKind, Item, ItemBody, NoticeLevel, SessionId, TurnId, TurnStatus,
};
use glossator_tools::Task;
use serde_json::Value;
use std::sync::Arc;
use tower_lsp::lsp_types::MessageType;
use tower_lsp::lsp_types::notification::Notification;

/// `glossator/session/update`.
enum SessionUpdate {}

impl Notification for SessionUpdate {
    type Params = ext::SessionUpdateParams;
    const METHOD: &'static str = ext::method::SESSION_UPDATE;
}

/// Characters of an answer that a message box shows.
const MESSAGE_CAP: usize = 600;

/// Forwards the events of `session` from now on, unless that is done already.
pub fn forward(connection: &Arc<Connection>, session: &SessionId) {
    let Some(agent) = connection.agent() else { return };
    // Claimed only once it can be watched: a session that another process writes may be free the next time.
    let Ok(mut events) = agent.watch(session) else { return };
    if !connection.claim_forwarding(session) {
        return;
    }
    if connection.is_interactive() {
        agent.serve_queue(session, starter(connection));
    }
    // It may have hunks that wait for a decision.
    connection.reviews.touch();
    let mut view = View::new(connection);
    // What began before this client came, it sees all the same; what begins from here on comes as an event.
    let running = agent.running().into_iter().find(|(running, _)| running == session);
    if let Some((_, turn)) = running.filter(|(_, turn)| !has_ended(agent, session, *turn)) {
        view.begin(connection, session, turn);
    }
    let asked = agent.pending().into_iter().filter(|pending| pending.session == *session);
    for pending in asked.filter(|_| connection.is_interactive()) {
        approvals::put(connection, pending.session, Some(pending.turn), pending.ask);
    }
    let (connection, session) = (connection.clone(), session.clone());
    tokio::spawn(async move {
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => view.show(&connection, event).await,
                    // The session was closed; it may be opened anew.
                    None => return connection.release_forwarding(&session),
                },
                () = connection.gone() => return,
            }
        }
    });
}

/// As [`forward`], where a long log may have to be read first: messages are not kept waiting for that.
pub async fn follow(connection: &Arc<Connection>, session: &SessionId) {
    let (connection, session) = (connection.clone(), session.clone());
    // A session that cannot be watched says so where it is used.
    let _ = tokio::task::spawn_blocking(move || forward(&connection, &session)).await;
}

/// Whether a turn has ended: what goes on then is an undo of it, which ends without a word.
fn has_ended(agent: &Agent, session: &SessionId, turn: TurnId) -> bool {
    let is_end = |item: &Item| item.turn == turn && matches!(item.body, ItemBody::TurnEnded { .. });
    agent.read(session).is_ok_and(|read| read.items.iter().rev().any(is_end))
}

/// Shows the sessions in which something goes on: a client that comes back sees its turn again, and is asked what waits for
/// an answer. Commands go to such a session as well, until the client chooses another.
pub fn join(connection: &Arc<Connection>) {
    let Some(agent) = connection.agent().filter(|_| connection.is_interactive()) else { return };
    let mut busy: Vec<SessionId> = agent.running().into_iter().map(|(session, _)| session).collect();
    busy.extend(agent.pending().into_iter().map(|pending| pending.session));
    busy.sort_unstable();
    busy.dedup();
    for session in &busy {
        forward(connection, session);
    }
    if let (Some(newest), None) = (busy.pop(), connection.peek_session()) {
        connection.set_current(newest);
    }
}

/// How one client is shown one session.
struct View {
    extended: bool,
    with_progress: bool,
    progress: Option<Progress>,
    board: Board,
    /// The turn that runs: until its end it is what tasks are shown with.
    turn: Option<TurnId>,
    /// The last answer of the turn, for the message at its end.
    answer: String,
}

impl View {
    fn new(connection: &Connection) -> View {
        let window = connection.capabilities().and_then(|all| all.window.as_ref());
        View {
            extended: connection.extension("updates"),
            with_progress: window.and_then(|window| window.work_done_progress).unwrap_or(false),
            progress: None,
            board: Board::default(),
            turn: None,
            answer: String::new(),
        }
    }

    async fn show(&mut self, connection: &Arc<Connection>, event: Event) {
        if concerns_hunks(&event.kind) {
            connection.reviews.touch();
        }
        let seen = match &event.kind {
            EventKind::ItemCompleted { item } => {
                self.board.take_in(item, |id| known_task(connection, &event.session, id))
            }
            _ => None,
        };
        if self.extended {
            let mut update = convert::update(&event);
            if let Some(seen) = &seen {
                update.update = ext::Update::Task(tasks::told(&event.session, &seen.task));
            }
            if let ext::Update::Session { settings, .. } = &mut update.update {
                *settings = chosen::settings_soon(connection, &event.session).await;
                if let Some(now) = settings {
                    connection.told_settings(&event.session, now);
                }
            }
            connection.client.send_notification::<SessionUpdate>(update).await;
        }
        if let Some(seen) = seen {
            seen.show(connection, self.extended).await;
            self.show_tasks(connection, &event.session);
            return;
        }
        match event.kind {
            EventKind::TurnStarted => {
                if let Some(turn) = event.turn {
                    self.begin(connection, &event.session, turn);
                }
            }
            EventKind::ItemCompleted { item } => self.item(connection, item.body).await,
            EventKind::Ask { ask } => approvals::put(connection, event.session, event.turn, *ask),
            EventKind::AskResolved { id, .. } => connection.asks.ended(&id),
            EventKind::Notice { level, text } => self.notice(connection, level, text).await,
            EventKind::ChangeSet { state, files, .. } => {
                self.report(format!("{state}: {}", files.join(", "))).await;
            }
            EventKind::TurnCompleted { status, message } => {
                self.end(connection, event.turn, (status, message)).await;
                self.turn = None;
                self.show_tasks(connection, &event.session);
            }
            EventKind::ItemStarted { .. }
            | EventKind::ItemDelta { .. }
            | EventKind::Plan { .. }
            | EventKind::Queue { .. }
            | EventKind::Usage { .. }
            | EventKind::RateLimits { .. }
            | EventKind::SessionChanged { .. } => {}
        }
    }

    /// A turn runs, as far as this client is shown.
    fn begin(&mut self, connection: &Connection, session: &SessionId, turn: TurnId) {
        self.answer.clear();
        // One that began between the watching and the looking is told of twice.
        if self.turn.replace(turn) == Some(turn) || !self.with_progress {
            return;
        }
        let work = Work::Turn(session.clone(), turn);
        self.progress = Some(Progress::begin(&connection.client, &work, format!("{turn}: at work")));
    }

    fn show_tasks(&mut self, connection: &Connection, session: &SessionId) {
        if self.with_progress && self.turn.is_none() {
            self.board.go_on(&connection.client, session);
        }
    }

    async fn item(&mut self, connection: &Connection, body: ItemBody) {
        match body {
            ItemBody::Answer { text, .. } => {
                let text = without_scripts(&text);
                if !self.extended && !text.is_empty() {
                    connection.client.log_message(MessageType::INFO, &text).await;
                }
                self.answer = text;
            }
            ItemBody::ToolCall { call, .. } => {
                self.report(format!("{} {}", call.name, short(&call.arguments))).await;
            }
            ItemBody::Notice { level, text } => self.notice(connection, level, text).await,
            _ => {}
        }
    }

    async fn notice(&self, connection: &Connection, level: NoticeLevel, text: String) {
        if self.extended {
            return;
        }
        match level {
            NoticeLevel::Info => connection.client.log_message(MessageType::INFO, text).await,
            NoticeLevel::Warning => connection.client.show_message(MessageType::WARNING, text).await,
            NoticeLevel::Error => connection.client.show_message(MessageType::ERROR, text).await,
        }
    }

    async fn report(&self, message: String) {
        if let Some(progress) = &self.progress {
            progress.report(cut(&message, 100)).await;
        }
    }

    async fn end(
        &mut self,
        connection: &Connection,
        turn: Option<TurnId>,
        (status, message): (TurnStatus, Option<String>),
    ) {
        let name = turn.map(|turn| turn.to_string()).unwrap_or_default();
        let (kind, outcome) = match status {
            TurnStatus::Done => (MessageType::INFO, "done"),
            TurnStatus::Failed => (MessageType::ERROR, "failed"),
            TurnStatus::Interrupted => (MessageType::INFO, "stopped"),
            TurnStatus::Limited => (MessageType::WARNING, "paused"),
        };
        if let Some(progress) = self.progress.take() {
            progress.end(format!("{name} {outcome}")).await;
        }
        if self.extended {
            return;
        }
        let text = match message {
            Some(message) => message,
            None if self.answer.is_empty() => format!("{name} {outcome}."),
            None if status == TurnStatus::Done => in_one_line(&self.answer),
            // What it had said by then is no answer.
            None => format!("{name} was {outcome}. {}", in_one_line(&self.answer)),
        };
        connection.client.show_message(kind, format!("Glossator: {text}")).await;
    }
}

/// Whether hunks came, changed or were decided.
fn concerns_hunks(kind: &EventKind) -> bool {
    match kind {
        EventKind::ChangeSet { .. } => true,
        EventKind::ItemCompleted { item } => matches!(item.body, ItemBody::ChangeSet { .. }),
        _ => false,
    }
}

/// A task that began before this client watched its session.
fn known_task(connection: &Connection, session: &SessionId, id: &CallId) -> Option<Task> {
    connection.agent()?.tasks(session).ok()?.into_iter().find(|task| task.id == *id)
}

/// An answer as a person reads it: a script is named, not shown.
fn without_scripts(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, script)) = rest.split_once("<tool-calls>") {
        shown.push_str(before);
        shown.push_str("[script]");
        rest = script.split_once("</tool-calls>").map_or("", |(_, after)| after);
    }
    shown.push_str(rest);
    shown.trim().to_owned()
}

/// An answer as a message box or a status line shows it, without the marks of Markdown.
fn in_one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("```"));
    let words: Vec<String> = lines
        .map(|line| {
            let line = line.trim_start_matches('#').trim_start();
            let line = line.strip_prefix("> ").unwrap_or(line);
            line.replace("**", "").replace('`', "")
        })
        .collect();
    let whole = words.join(" ");
    let shown = cut(&whole, MESSAGE_CAP);
    match words.len() > 1 || shown != whole {
        true => format!("{shown} (glossator.chat shows all of it)"),
        false => shown,
    }
}

fn short(arguments: &Value) -> String {
    let first = arguments.as_object().and_then(|all| all.values().next()).unwrap_or(arguments);
    first
        .as_str()
        .map_or_else(|| first.to_string(), |text| text.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_in_one_line() {
        for (text, shown) in [
            ("Done.", "Done."),
            ("It is `a_b` **now**.", "It is a_b now."),
            (
                "# A heading\n\nSome **bold**:\n\n1. one\n2. two\n\n```rust\nfn a() {}\n```\n",
                "A heading Some bold: 1. one 2. two fn a() {} (glossator.chat shows all of it)",
            ),
            ("", ""),
        ] {
            assert_eq!(in_one_line(text), shown, "{text}");
        }
        let long = in_one_line(&"word ".repeat(500));
        assert!(long.chars().count() < MESSAGE_CAP + 60 && long.contains("… (glossator.chat"), "{long}");
    }
}
