//! `glossator/input/ask`: a question of the model's that the user answers in words.

use serde::{Deserialize, Serialize};

/// Parameters of `glossator/input/ask`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct AskInputParams {
    /// The session that asks.
    pub session_id: String,
    /// The turn that waits for the answer.
    pub turn_id: String,
    /// The question's id, for `glossator.answer`.
    pub ask_id: String,
    /// The question.
    pub question: String,
    /// Answers to pick from; the user may always write another one. Empty: none are proposed.
    #[serde(default)]
    pub options: Vec<String>,
}

/// Result of `glossator/input/ask`. A null result (the dialog was dismissed) is no answer: the question stays open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct InputAnswer {
    /// What the user said.
    pub answer: String,
}
