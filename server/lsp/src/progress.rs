//! The progress of one turn by `$/progress`: shown only once the client has granted its token, and always ended.

use glossator_session::{SessionId, TurnId};
use parking_lot::Mutex;
use std::sync::Arc;
use tower_lsp::Client;
use tower_lsp::lsp_types::notification::Progress as ProgressNotification;
use tower_lsp::lsp_types::request::WorkDoneProgressCreate;
use tower_lsp::lsp_types::{
    NumberOrString, ProgressParams, ProgressParamsValue, WorkDoneProgress, WorkDoneProgressBegin,
    WorkDoneProgressCreateParams, WorkDoneProgressEnd, WorkDoneProgressReport,
};

/// The progress of one turn.
pub struct Progress {
    client: Client,
    token: NumberOrString,
    state: Arc<Mutex<State>>,
}

#[derive(Clone, PartialEq)]
enum State {
    /// The client has not answered yet.
    Asked,
    /// It shows the progress.
    Granted,
    /// The turn ended before it answered, or it said no.
    Over,
}

impl Progress {
    /// Asks the client for a token; nobody waits for its answer.
    pub fn begin(client: &Client, session: &SessionId, turn: TurnId) -> Progress {
        let token = NumberOrString::String(format!("glossator/{session}/{turn}"));
        let state = Arc::new(Mutex::new(State::Asked));
        let progress = Progress { client: client.clone(), token: token.clone(), state: state.clone() };
        let begun = Progress { client: client.clone(), token: token.clone(), state };
        tokio::spawn(async move {
            let create = WorkDoneProgressCreateParams { token };
            let granted = begun.client.send_request::<WorkDoneProgressCreate>(create).await.is_ok();
            if !granted || *begun.state.lock() == State::Over {
                *begun.state.lock() = State::Over;
                return;
            }
            begun.show_begin(turn).await;
        });
        progress
    }

    async fn show_begin(&self, turn: TurnId) {
        let begin = WorkDoneProgressBegin {
            title: "Glossator".to_owned(),
            cancellable: Some(true),
            message: Some(format!("{turn}: at work")),
            percentage: None,
        };
        self.send(WorkDoneProgress::Begin(begin)).await;
        let over = {
            let mut state = self.state.lock();
            let over = *state == State::Over;
            if !over {
                *state = State::Granted;
            }
            over
        };
        if over {
            // The turn ended while the beginning was on its way.
            self.send(WorkDoneProgress::End(WorkDoneProgressEnd { message: None })).await;
        }
    }

    /// Shows what goes on, if the client shows the progress by now.
    pub async fn report(&self, message: String) {
        if *self.state.lock() == State::Granted {
            let report =
                WorkDoneProgressReport { cancellable: Some(true), message: Some(message), percentage: None };
            self.send(WorkDoneProgress::Report(report)).await;
        }
    }

    /// The turn is over.
    pub async fn end(self, message: String) {
        let was = std::mem::replace(&mut *self.state.lock(), State::Over);
        if was == State::Granted {
            self.send(WorkDoneProgress::End(WorkDoneProgressEnd { message: Some(message) })).await;
        }
    }

    async fn send(&self, value: WorkDoneProgress) {
        let params =
            ProgressParams { token: self.token.clone(), value: ProgressParamsValue::WorkDone(value) };
        self.client.send_notification::<ProgressNotification>(params).await;
    }
}

/// The session that a progress token stands for.
pub fn session_of(token: &NumberOrString) -> Option<SessionId> {
    let NumberOrString::String(text) = token else { return None };
    text.strip_prefix("glossator/")?.split('/').next().map(SessionId::from)
}
