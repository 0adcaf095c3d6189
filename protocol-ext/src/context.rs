//! `glossator/context/...` and `glossator/usage/read`: what a model is sent, what it was sent, and what that cost.

use crate::{Cost, Input, Usage};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A piece of a request: a layer, or a part of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ContextPiece {
    /// The layer it belongs to: `instructions`, `toolReference`, `project`, `environment`, `history`, `turn`, ...
    pub layer: String,
    /// Where it comes from: the user, the model, a tool, or which part of the harness.
    pub origin: String,
    /// The text, exactly as it is sent.
    pub text: String,
    /// Its tokens, as estimated.
    #[cfg_attr(test, ts(type = "number"))]
    pub tokens: u64,
}

/// Parameters of `glossator/context/preview`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PreviewContextParams {
    /// The session.
    pub session_id: String,
    /// What the user would send; may be left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<Input>>", optional))]
    pub input: Vec<Input>,
}

/// Result of `glossator/context/preview`: the next request, of which nothing was sent or kept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PreviewContextResult {
    /// Who would be asked: `provider/model`.
    pub model: String,
    /// Its pieces in order.
    pub pieces: Vec<ContextPiece>,
    /// Tokens of all of them, as estimated.
    #[cfg_attr(test, ts(type = "number"))]
    pub tokens: u64,
    /// The model's window in tokens, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub window: Option<u64>,
    /// What its input would cost without any cache, where a price is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub estimated_cost: Option<Cost>,
}

/// Parameters of `glossator/context/sent`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SentContextParams {
    /// The session.
    pub session_id: String,
    /// The turn; left out: the latest one that sent a request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub turn_id: Option<String>,
    /// The round, from 1; left out: the latest of the turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub round: Option<u32>,
}

/// Result of `glossator/context/sent`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SentContextResult {
    /// The turn.
    pub turn_id: String,
    /// The round.
    pub round: u32,
    /// The request beside its body.
    pub request: SentRequest,
    /// The body as it was sent: made again from the log.
    pub body: String,
    /// Whether `body` is byte for byte what was sent.
    pub exact: bool,
    /// Its pieces in order.
    pub pieces: Vec<ContextPiece>,
}

/// A request that was sent, beside its body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SentRequest {
    /// Who was asked: `provider/model`.
    pub model: String,
    /// The protocol.
    pub wire: String,
    /// What of it is not made of the log: output limit, effort, tools by name.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    #[cfg_attr(test, ts(optional, type = "unknown"))]
    pub parameters: Value,
    /// What the provider counted.
    pub usage: Usage,
    /// What it cost, where a price is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub cost: Option<Cost>,
    /// From sending to the end of the answer, in milliseconds.
    #[cfg_attr(test, ts(type = "number"))]
    pub millis: u64,
    /// Length of the body in bytes.
    #[cfg_attr(test, ts(type = "number"))]
    pub bytes: u64,
    /// Input tokens as they had been estimated.
    #[cfg_attr(test, ts(type = "number"))]
    pub estimated: u64,
    /// Why it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub error: Option<String>,
}

/// Parameters of `glossator/usage/read`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct ReadUsageParams {
    /// The session; left out: the one that this client went on with last, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub session_id: Option<String>,
    /// The day, `2026-11-20`, by the clock of the user; left out: today.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub day: Option<String>,
}

/// Result of `glossator/usage/read`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ReadUsageResult {
    /// What the session has spent; left out without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub session: Option<SessionUsage>,
    /// What all sessions of this user have spent on the day.
    pub day: DayUsage,
    /// The budgets that are set.
    #[serde(default)]
    pub budgets: Vec<Budget>,
}

/// What a session has spent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SessionUsage {
    /// The session.
    pub session_id: String,
    /// How many turns it has.
    pub turns: u32,
    /// Sum over its turns.
    pub usage: Usage,
    /// What that cost, where a price is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub cost: Option<Cost>,
}

/// What was spent on one day.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct DayUsage {
    /// The day: `2026-11-20`.
    pub day: String,
    /// Tokens, cached ones included.
    #[cfg_attr(test, ts(type = "number"))]
    pub tokens: u64,
    /// Millionths of a US dollar, where prices are known.
    #[cfg_attr(test, ts(type = "number"))]
    pub micro_usd: u64,
}

/// A budget and what is left of it. Of a turn nothing is spent before it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Budget {
    /// Its key in the section `[budget]` of the settings: `day_usd`.
    pub key: String,
    /// The most that may be spent: tokens, or millionths of a US dollar for keys that end in `usd`.
    #[cfg_attr(test, ts(type = "number"))]
    pub limit: u64,
    /// What of it is left.
    #[cfg_attr(test, ts(type = "number"))]
    pub left: u64,
}
