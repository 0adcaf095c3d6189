//! The progress of one turn or task by `$/progress`: shown only once the client has granted its token, and always ended.

use glossator_session::{CallId, SessionId, TurnId};
use parking_lot::Mutex;
use std::sync::Arc;
use tower_lsp::Client;
use tower_lsp::lsp_types::notification::Progress as ProgressNotification;
use tower_lsp::lsp_types::request::WorkDoneProgressCreate;
use tower_lsp::lsp_types::{
    NumberOrString, ProgressParams, ProgressParamsValue, WorkDoneProgress, WorkDoneProgressBegin,
    WorkDoneProgressCreateParams, WorkDoneProgressEnd, WorkDoneProgressReport,
};

/// What a progress is of, and what its token names.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// A turn.
    Turn(SessionId, TurnId),
    /// A detached call that goes on after its turn.
    Task(SessionId, CallId),
}

impl Work {
    fn token(&self) -> NumberOrString {
        NumberOrString::String(match self {
            Self::Turn(session, turn) => format!("glossator/{session}/{turn}"),
            Self::Task(session, task) => format!("glossator/{session}/task/{task}"),
        })
    }

    /// What a token stands for; `None` for one that is not ours.
    pub fn of(token: &NumberOrString) -> Option<Work> {
        let NumberOrString::String(text) = token else { return None };
        let (session, rest) = text.strip_prefix("glossator/")?.split_once('/')?;
        let session = SessionId::from(session);
        match rest.strip_prefix("task/") {
            Some(task) => Some(Self::Task(session, CallId::from(task))),
            None => Some(Self::Turn(session, TurnId::try_from(rest.to_owned()).ok()?)),
        }
    }
}

/// The progress of one turn or task.
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
    /// The work ended before it answered, or it said no.
    Over,
}

impl Progress {
    /// Asks the client for a token; nobody waits for its answer.
    pub fn begin(client: &Client, work: &Work, message: String) -> Progress {
        let token = work.token();
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
            begun.show_begin(message).await;
        });
        progress
    }

    async fn show_begin(&self, message: String) {
        let begin = WorkDoneProgressBegin {
            title: "Glossator".to_owned(),
            cancellable: Some(true),
            message: Some(message),
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
            // The work ended while the beginning was on its way.
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

    /// The work is over.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_name_what_they_are_of() {
        let session = SessionId::from("01997c5e-6d2c");
        for work in [
            Work::Turn(session.clone(), TurnId(12)),
            Work::Task(session.clone(), CallId::from("S1-1-1.2")),
            Work::Task(session, CallId::from("odd/task/id")),
        ] {
            assert_eq!(Work::of(&work.token()), Some(work));
        }
    }

    #[test]
    fn foreign_tokens_name_nothing() {
        for token in ["", "glossator", "glossator/s", "glossator/s/", "glossator/s/T-x", "other/s/T-1"] {
            assert_eq!(Work::of(&NumberOrString::String(token.to_owned())), None, "{token}");
        }
        assert_eq!(Work::of(&NumberOrString::Number(7)), None);
    }
}
