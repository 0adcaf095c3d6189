//! What a request asks beside its messages: sampling, sizes and thinking, as far as the model takes them. Pure.

use crate::{Facts, Request, Thinking, ThinkingStyle};
use serde::Serialize;

/// Context in tokens where the model's own is not known. The server cuts it down to what the model was trained for, but
/// of itself it would take as little as 4,096 and silently forget the beginning of the prompt.
pub(crate) const DEFAULT_CONTEXT: u64 = 32_768;

/// Effort levels of all providers, least first.
const LEVELS: &[&str] = &["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/// The `options` of a request. `num_ctx` is always among them.
#[derive(Serialize)]
pub(super) struct Options<'a> {
    num_ctx: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    num_predict: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop: Vec<&'a str>,
}

/// The `think` of a request.
#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Think<'a> {
    Switch(bool),
    Level(&'a str),
}

pub(super) fn options(request: &Request) -> Options<'_> {
    let sampling =
        |value: Option<f64>| value.filter(|value| value.is_finite() && request.facts.sampling != Some(false));
    Options {
        num_ctx: request.facts.context_window.filter(|window| *window > 0).unwrap_or(DEFAULT_CONTEXT),
        num_predict: request.max_output,
        temperature: sampling(request.temperature),
        top_p: sampling(request.top_p),
        stop: request.stop.iter().map(String::as_str).filter(|stop| !stop.trim().is_empty()).collect(),
    }
}

/// How to think; `None` leaves it to the model. To say "yes" to a model that cannot think is an error of the server, to
/// say "no" is not, but old servers know neither.
pub(super) fn think(request: &Request) -> Option<Think<'_>> {
    let facts = &request.facts;
    let effort = request.effort.as_deref().map(str::trim).filter(|effort| !effort.is_empty());
    match (facts.thinking, request.thinking, effort) {
        (ThinkingStyle::None, ..) => None,
        (_, Thinking::Off, _) | (_, _, Some("none")) => least(facts),
        (_, _, Some(effort)) => Some(level(facts, effort)),
        (_, Thinking::Default, None) => None,
        (_, Thinking::Adaptive | Thinking::Budget(_), None) => Some(Think::Switch(true)),
    }
}

/// Off, or as little as the model can.
fn least(facts: &Facts) -> Option<Think<'_>> {
    let lowest = || facts.efforts.iter().map(String::as_str).find(|effort| *effort != "none");
    match facts.thinking {
        ThinkingStyle::Always => lowest().map(Think::Level),
        ThinkingStyle::EffortAlways => Some(Think::Level(lowest().unwrap_or("low"))),
        _ => Some(Think::Switch(false)),
    }
}

/// That effort, or of those the model takes the highest below it, else its lowest; plain thinking where it has no levels.
fn level<'a>(facts: &'a Facts, effort: &'a str) -> Think<'a> {
    let known = || facts.efforts.iter().map(String::as_str).filter(|level| *level != "none");
    let rank = |level: &str| LEVELS.iter().position(|known| *known == level);
    let levels = matches!(
        facts.thinking,
        ThinkingStyle::Unknown | ThinkingStyle::Effort | ThinkingStyle::EffortAlways
    );
    match known().next() {
        None if levels => Think::Level(effort),
        None => Think::Switch(true),
        Some(_) if known().any(|level| level == effort) => Think::Level(effort),
        Some(lowest) => {
            let below = known().rfind(|level| rank(level) <= rank(effort));
            Think::Level(below.unwrap_or(lowest))
        }
    }
}
