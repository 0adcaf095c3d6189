//! What can go wrong for a person who uses the agent: what happened, why, what to do next.

use glossator_session::{AskId, SessionId, TurnId};

/// An error of the agent's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgentError {
    /// The session does not exist in this workspace.
    #[error("there is no session {0} in this workspace; glossator/session/list names those there are")]
    NoSession(SessionId),
    /// Another turn runs.
    #[error("{0} is still running in this session; stop it (glossator.stop) or wait until it ends")]
    Busy(TurnId),
    /// Edits of the session are being taken back or made again.
    #[error(
        "the edits of a turn of this session are being taken back or made again; try it when that has ended"
    )]
    Undoing,
    /// Nothing runs that could be stopped.
    #[error("no turn is running in this session")]
    NotRunning,
    /// The ask was answered, or its turn ended.
    #[error("the question {0} is no longer open: it was answered, or its turn has ended")]
    NoAsk(AskId),
    /// The answer does not fit the ask.
    #[error("the question {0} is still open: this answer cannot be understood, {1}; answer it again")]
    BadAnswer(AskId, String),
    /// No such task, or it has ended.
    #[error("{0}")]
    NoTask(String),
    /// Nothing that could be taken back.
    #[error("{0}")]
    NothingToUndo(String),
    /// The prompt holds nothing.
    #[error("the prompt is empty; write what should be done")]
    EmptyPrompt,
    /// The session can be read and not gone on with: another process writes it, or a newer version wrote it.
    #[error("{0}")]
    ReadOnly(String),
    /// What is asked for cannot be done with this session now.
    #[error("{0}")]
    Refused(String),
    /// The state folder.
    #[error("{0}")]
    Store(String),
    /// No such agent.
    #[error("{0}")]
    NoAgent(String),
    /// No request was sent there.
    #[error("{0}")]
    NotSent(String),
    /// No such pack.
    #[error("{0}")]
    Pack(String),
}
