//! How hard the model is asked to think, in the words of this wire. Pure.

use crate::{Facts, Request, Thinking, ThinkingStyle};
use serde::Serialize;

/// The word for not thinking at all.
const OFF: &str = "none";
/// Budgets in tokens, up to which an effort stands for them; this wire knows no budgets.
const BUDGETS: &[(u32, &str)] = &[(4_096, "low"), (16_384, "medium"), (u32::MAX, "high")];

/// The `reasoning` field.
#[derive(Serialize)]
pub(super) struct Reasoning<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'static str>,
}

/// What is asked; nothing of a model that does not think, and nothing unasked of one that nobody knows.
pub(super) fn reasoning(request: &Request) -> Option<Reasoning<'_>> {
    let facts = &request.facts;
    let off = request.thinking == Thinking::Off || request.effort.as_deref() == Some(OFF);
    let asked = request.effort.as_deref().and_then(|effort| facts.effort(effort));
    let effort = match request.thinking {
        // None at all, or the least of a model that cannot do without.
        _ if off => facts.effort(OFF),
        Thinking::Budget(tokens) => asked.or_else(|| for_budget(tokens, facts)),
        _ => asked,
    };
    let unasked = effort.is_none() && request.thinking == Thinking::Default;
    match facts.thinking {
        ThinkingStyle::None => None,
        _ if off && effort.is_none() => None,
        ThinkingStyle::Unknown if unasked => None,
        _ => Some(Reasoning { effort, summary: (effort != Some(OFF)).then_some("auto") }),
    }
}

fn for_budget(tokens: u32, facts: &Facts) -> Option<&'static str> {
    let (_, effort) = BUDGETS.iter().find(|(most, _)| tokens <= *most)?;
    let taken = facts.efforts.is_empty() || facts.efforts.iter().any(|known| known == effort);
    taken.then_some(*effort)
}
