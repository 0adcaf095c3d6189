//! What can go wrong with a model, in words for people: what happened, why, what to do next. Never holds a secret.

use serde::Serialize;

/// The kinds of failure, as far as a caller may want to act on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ErrorKind {
    /// The key is missing, wrong or expired.
    Auth,
    /// No credit, or a spending limit is reached.
    Billing,
    /// The key may not do this.
    Permission,
    /// The provider does not know the model (or the address).
    NotFound,
    /// The prompt is larger than the model or the provider takes.
    TooLong,
    /// Too many requests; the provider asks to slow down.
    RateLimited,
    /// The provider is overloaded or has a failure of its own.
    Overloaded,
    /// The provider, or this side before sending, found the request wrong.
    Invalid,
    /// The provider refuses the session's earlier thinking (signed for another key or organisation); the same request
    /// without it may succeed.
    Thinking,
    /// The provider could not be reached, or the connection broke before an answer began.
    Network,
    /// The answer began and did not end properly.
    Stream,
    /// What came back is not what this wire speaks.
    Protocol,
    /// The caller stopped it.
    Cancelled,
}

/// A failed model request.
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{message}")]
pub struct ModelError {
    /// Which kind of failure.
    pub kind: ErrorKind,
    /// For people: what happened, why, what to do next.
    pub message: String,
    /// The provider's id of the request, for its support.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Whether the same request may succeed later. The client has used up its own retries by then.
    pub retryable: bool,
}

impl ModelError {
    /// An error that will not go away by itself.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), request_id: None, retryable: false }
    }

    /// An error that may be gone at the next try.
    pub(crate) fn passing(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { retryable: true, ..Self::new(kind, message) }
    }

    /// The answer to a cancelled token.
    pub(crate) fn cancelled() -> Self {
        Self::new(ErrorKind::Cancelled, "The model request was cancelled.")
    }
}
