//! Shows a session to its client: `glossator/session/update` where the client opted in, else progress, log and messages.
//! One task a session; it never asks the session anything, it only watches.

use crate::approvals;
use crate::connection::Connection;
use crate::convert;
use crate::words::cut;
use glossator_protocol_ext as ext;
use glossator_session::{Event, EventKind, ItemBody, NoticeLevel, SessionId, TurnId, TurnStatus};
use serde_json::Value;
use std::sync::Arc;
use tower_lsp::lsp_types::notification::{Notification, Progress};
use tower_lsp::lsp_types::request::WorkDoneProgressCreate;
use tower_lsp::lsp_types::{
    MessageType, NumberOrString, ProgressParams, ProgressParamsValue, WorkDoneProgress,
    WorkDoneProgressBegin, WorkDoneProgressCreateParams, WorkDoneProgressEnd, WorkDoneProgressReport,
};

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
    let connection = connection.clone();
    let mut view = View::new(&connection);
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            view.show(&connection, event).await;
        }
    });
}

/// How one client is shown one session.
struct View {
    extended: bool,
    progress: bool,
    /// The last answer of the turn, for the message at its end.
    answer: String,
}

impl View {
    fn new(connection: &Connection) -> View {
        let window = connection.capabilities().and_then(|all| all.window.as_ref());
        View {
            extended: connection.extension("updates"),
            progress: window.and_then(|window| window.work_done_progress).unwrap_or(false),
            answer: String::new(),
        }
    }

    async fn show(&mut self, connection: &Arc<Connection>, event: Event) {
        if self.extended {
            connection.client.send_notification::<SessionUpdate>(convert::update(&event)).await;
        }
        match event.kind {
            EventKind::TurnStarted => self.begin(connection, &event.session, event.turn).await,
            EventKind::ItemCompleted { item } => {
                self.item(connection, &event.session, event.turn, item.body).await
            }
            EventKind::Ask { ask } => approvals::put(connection, event.session, event.turn, *ask),
            EventKind::Notice { level, text } => self.notice(connection, level, text).await,
            EventKind::ChangeSet { state, files, .. } => {
                self.report(connection, &event.session, event.turn, format!("{state}: {}", files.join(", ")))
                    .await;
            }
            EventKind::TurnCompleted { status, message } => {
                self.end(connection, (&event.session, event.turn), status, message).await;
            }
            EventKind::ItemDelta { .. } | EventKind::AskResolved { .. } | EventKind::Usage { .. } => {}
        }
    }

    async fn begin(&mut self, connection: &Connection, session: &SessionId, turn: Option<TurnId>) {
        self.answer.clear();
        let Some(token) = self.token(session, turn) else {
            return;
        };
        let create = WorkDoneProgressCreateParams { token: token.clone() };
        // A client that cannot make a token is shown no progress; nothing else depends on it. It must not be waited for
        // here: a slow client would hold back its own updates.
        let client = connection.client.clone();
        tokio::spawn(async move { client.send_request::<WorkDoneProgressCreate>(create).await });
        let begin = WorkDoneProgressBegin {
            title: "Glossator".to_owned(),
            cancellable: Some(true),
            message: turn.map(|turn| format!("{turn}: asking the model")),
            percentage: None,
        };
        progress(connection, token, WorkDoneProgress::Begin(begin)).await;
    }

    async fn item(
        &mut self,
        connection: &Connection,
        session: &SessionId,
        turn: Option<TurnId>,
        body: ItemBody,
    ) {
        match body {
            ItemBody::Answer { text, .. } => {
                if !self.extended && !text.is_empty() {
                    connection.client.log_message(MessageType::INFO, &text).await;
                }
                self.answer = text;
            }
            ItemBody::ToolCall { call, .. } => {
                self.report(connection, session, turn, format!("{} {}", call.name, short(&call.arguments)))
                    .await;
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

    async fn report(
        &self,
        connection: &Connection,
        session: &SessionId,
        turn: Option<TurnId>,
        message: String,
    ) {
        let Some(token) = self.token(session, turn) else {
            return;
        };
        let report = WorkDoneProgressReport {
            cancellable: Some(true),
            message: Some(cut(&message, 100)),
            percentage: None,
        };
        progress(connection, token, WorkDoneProgress::Report(report)).await;
    }

    async fn end(
        &mut self,
        connection: &Connection,
        (session, turn): (&SessionId, Option<TurnId>),
        status: TurnStatus,
        message: Option<String>,
    ) {
        let name = turn.map(|turn| turn.to_string()).unwrap_or_default();
        let (kind, outcome) = match status {
            TurnStatus::Done => (MessageType::INFO, "done"),
            TurnStatus::Failed => (MessageType::ERROR, "failed"),
            TurnStatus::Interrupted => (MessageType::INFO, "stopped"),
            TurnStatus::Limited => (MessageType::WARNING, "paused"),
        };
        if let Some(token) = self.token(session, turn) {
            let end = WorkDoneProgressEnd { message: Some(format!("{name} {outcome}")) };
            progress(connection, token, WorkDoneProgress::End(end)).await;
        }
        if self.extended {
            return;
        }
        let text = match message {
            Some(message) => message,
            None if self.answer.trim().is_empty() => format!("{name} {outcome}."),
            None => cut(self.answer.trim(), MESSAGE_CAP),
        };
        connection.client.show_message(kind, format!("Glossator: {text}")).await;
    }

    fn token(&self, session: &SessionId, turn: Option<TurnId>) -> Option<NumberOrString> {
        let turn = turn.filter(|_| self.progress)?;
        Some(NumberOrString::String(format!("glossator/{session}/{turn}")))
    }
}

/// The session that a progress token stands for.
pub fn session_of(token: &NumberOrString) -> Option<SessionId> {
    let NumberOrString::String(text) = token else {
        return None;
    };
    text.strip_prefix("glossator/")?.split('/').next().map(SessionId::from)
}

async fn progress(connection: &Connection, token: NumberOrString, value: WorkDoneProgress) {
    let params = ProgressParams { token, value: ProgressParamsValue::WorkDone(value) };
    connection.client.send_notification::<Progress>(params).await;
}

fn short(arguments: &Value) -> String {
    let first = arguments.as_object().and_then(|all| all.values().next()).unwrap_or(arguments);
    first
        .as_str()
        .map_or_else(|| first.to_string(), |text| text.lines().next().unwrap_or_default().to_owned())
}
