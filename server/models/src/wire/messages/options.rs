//! What a request asks of the model beside its text: thinking, effort, limits, sampling. Pure; by the model's facts
//! (wire-formats 2.2, 2.8), and as the user set it where nothing is known.

use crate::{Facts, Request, Thinking, ThinkingStyle};
use serde::Serialize;
use serde_json::Value;

/// Output limit when none is set; the wire wants one. All current models take at least twice as much.
const DEFAULT_MAX_TOKENS: u32 = 32_000;
/// Room for the answer above a thinking budget when no limit is set.
const ANSWER_ROOM: u32 = 8_000;
/// Budget of a model that wants one, when it may think as much as it finds right.
const DEFAULT_BUDGET: u32 = 16_000;
/// The least budget that the wire takes.
const LEAST_BUDGET: u32 = 1024;

/// The fields of the body that say so.
#[derive(Serialize)]
pub(super) struct Options<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<WireThinking>,
    #[serde(skip_serializing_if = "OutputConfig::is_empty")]
    output_config: OutputConfig<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<&'a str>,
}

#[derive(Serialize, Clone, Copy, PartialEq)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WireThinking {
    Disabled,
    Adaptive {
        #[serde(skip_serializing_if = "Option::is_none")]
        display: Option<&'static str>,
    },
    Enabled {
        budget_tokens: u32,
    },
}

#[derive(Serialize)]
struct OutputConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Format<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Format<'a> {
    JsonSchema { schema: &'a Value },
}

impl OutputConfig<'_> {
    fn is_empty(&self) -> bool {
        self.effort.is_none() && self.format.is_none()
    }
}

/// The output limit of `request` and everything else it asks for.
pub(super) fn options(request: &Request) -> (u32, Options<'_>) {
    let wanted = wanted_thinking(request);
    let max_tokens = max_tokens(request, wanted);
    let thinking = match wanted {
        // Has to stay below the limit; without room for the least there is none.
        Some(WireThinking::Enabled { budget_tokens }) if request.facts.thinking != ThinkingStyle::Unknown => {
            let budget_tokens = budget_tokens.min(max_tokens.saturating_sub(1));
            (budget_tokens >= LEAST_BUDGET).then_some(WireThinking::Enabled { budget_tokens })
        }
        other => other,
    };
    let (temperature, top_p) = sampling(request, thinking);
    let options = Options {
        thinking,
        output_config: OutputConfig {
            effort: effort(request),
            format: request.output_schema.as_ref().map(|schema| Format::JsonSchema { schema }),
        },
        temperature,
        top_p,
        stop_sequences: request
            .stop
            .iter()
            .map(String::as_str)
            .filter(|stop| !stop.trim().is_empty())
            .collect(),
    };
    (max_tokens, options)
}

fn wanted_thinking(request: &Request) -> Option<WireThinking> {
    use ThinkingStyle::{Adaptive, Always, Budget, Effort, EffortAlways, None as Never, Unknown};
    let enabled = |budget: u32| WireThinking::Enabled { budget_tokens: budget.max(LEAST_BUDGET) };
    // These models keep their thinking to themselves unless they are asked to show it.
    let shown = WireThinking::Adaptive { display: Some("summarized") };
    match (request.facts.thinking, request.thinking) {
        (_, Thinking::Default) | (Never, _) => None,
        (Unknown, Thinking::Budget(budget)) => Some(WireThinking::Enabled { budget_tokens: budget }),
        (Effort | EffortAlways, Thinking::Budget(budget)) => Some(enabled(budget)),
        (Unknown | Effort | EffortAlways, Thinking::Adaptive) => {
            Some(WireThinking::Adaptive { display: None })
        }
        (Budget, Thinking::Adaptive) => Some(enabled(DEFAULT_BUDGET)),
        (Budget, Thinking::Budget(budget)) => Some(enabled(budget)),
        (Adaptive | Always, Thinking::Adaptive | Thinking::Budget(_)) => Some(shown),
        // It cannot be switched off: asked for its least effort instead.
        (Always | EffortAlways, Thinking::Off) => None,
        (Unknown | Budget | Adaptive | Effort, Thinking::Off) => Some(WireThinking::Disabled),
    }
}

fn effort(request: &Request) -> Option<&str> {
    let Facts { thinking, .. } = request.facts;
    let never_off = matches!(thinking, ThinkingStyle::Always | ThinkingStyle::EffortAlways);
    if request.thinking == Thinking::Off && never_off {
        return request.facts.least_effort();
    }
    request.effort.as_deref().and_then(|effort| request.facts.effort(effort))
}

fn max_tokens(request: &Request, thinking: Option<WireThinking>) -> u32 {
    request.max_output.unwrap_or_else(|| {
        let wanted = match thinking {
            Some(WireThinking::Enabled { budget_tokens }) => {
                DEFAULT_MAX_TOKENS.max(budget_tokens.saturating_add(ANSWER_ROOM))
            }
            _ => DEFAULT_MAX_TOKENS,
        };
        let most = request.facts.max_output.and_then(|most| u32::try_from(most).ok());
        wanted.min(most.unwrap_or(wanted))
    })
}

/// Temperature and `top_p`, where the model takes them: never beside thinking that is asked for, and not both where the model is
/// known (Claude 4 takes one of them).
fn sampling(request: &Request, thinking: Option<WireThinking>) -> (Option<f64>, Option<f64>) {
    let thinks = matches!(thinking, Some(WireThinking::Enabled { .. } | WireThinking::Adaptive { .. }));
    if request.facts.sampling == Some(false) || thinks {
        return (None, None);
    }
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    let temperature = finite(request.temperature);
    let only_one = request.facts.sampling == Some(true) && temperature.is_some();
    (temperature, finite(request.top_p).filter(|_| !only_one))
}
