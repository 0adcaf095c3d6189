//! How the model is asked to think, in the words of each dialect.

use crate::{ReasoningField, Request, Thinking, ThinkingStyle};
use serde::Serialize;

/// The level that means none.
const NO_EFFORT: &str = "none";

/// The fields of the body; at most one is there, but for a template's switch beside an effort.
#[derive(Serialize, Default, Debug, PartialEq)]
pub(super) struct Reasoning<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Switch<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chat_template_kwargs: Option<TemplateSwitch>,
}

#[derive(Serialize, Debug, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Switch<'a> {
    Effort(&'a str),
    MaxTokens(u32),
    Enabled(bool),
}

#[derive(Serialize, Debug, PartialEq)]
struct TemplateSwitch {
    enable_thinking: bool,
}

/// What is wished, after what the model can do.
#[derive(Clone, Copy)]
enum Wish<'a> {
    Nothing,
    Off,
    On,
    Effort(&'a str),
    Budget(u32),
}

/// The fields for `request`.
pub(super) fn reasoning(request: &Request, field: ReasoningField) -> Reasoning<'_> {
    let wish = wish(request);
    match field {
        ReasoningField::ReasoningEffort => {
            Reasoning { reasoning_effort: effort(wish, request), ..Reasoning::default() }
        }
        ReasoningField::Reasoning => Reasoning { reasoning: switch(wish, request), ..Reasoning::default() },
        ReasoningField::ChatTemplate => template(wish),
        ReasoningField::ReasoningContent | ReasoningField::None => Reasoning::default(),
    }
}

/// A model that cannot stop thinking does so with its lowest effort.
fn wish(request: &Request) -> Wish<'_> {
    let facts = &request.facts;
    let effort = request.effort.as_deref().and_then(|effort| facts.effort(effort));
    match (request.thinking, facts.thinking) {
        (_, ThinkingStyle::None) => Wish::Nothing,
        (Thinking::Off, ThinkingStyle::Always | ThinkingStyle::EffortAlways) => {
            let lowest = facts.efforts.iter().find(|level| *level != NO_EFFORT);
            lowest.map_or(Wish::Nothing, |level| Wish::Effort(level))
        }
        (Thinking::Off, _) => Wish::Off,
        (Thinking::Budget(tokens), _) => Wish::Budget(tokens),
        (Thinking::Adaptive, _) => effort.map_or(Wish::On, Wish::Effort),
        (Thinking::Default, _) => effort.map_or(Wish::Nothing, Wish::Effort),
    }
}

/// Budgets and a mere "on" cannot be said here.
fn effort<'a>(wish: Wish<'a>, request: &'a Request) -> Option<&'a str> {
    match wish {
        Wish::Effort(level) => Some(level),
        Wish::Off => request.facts.effort(NO_EFFORT),
        Wish::On | Wish::Budget(_) | Wish::Nothing => None,
    }
}

fn switch<'a>(wish: Wish<'a>, request: &'a Request) -> Option<Switch<'a>> {
    match wish {
        Wish::Nothing => None,
        Wish::Off if request.facts.thinking == ThinkingStyle::Effort => {
            Some(request.facts.effort(NO_EFFORT).map_or(Switch::Enabled(false), Switch::Effort))
        }
        Wish::Off => Some(Switch::Enabled(false)),
        Wish::On => Some(Switch::Enabled(true)),
        Wish::Effort(level) => Some(Switch::Effort(level)),
        Wish::Budget(tokens) => Some(Switch::MaxTokens(tokens)),
    }
}

fn template(wish: Wish<'_>) -> Reasoning<'_> {
    let switch = |enable_thinking| Some(TemplateSwitch { enable_thinking });
    match wish {
        Wish::Nothing => Reasoning::default(),
        Wish::Off => Reasoning { chat_template_kwargs: switch(false), ..Reasoning::default() },
        Wish::On | Wish::Budget(_) => {
            Reasoning { chat_template_kwargs: switch(true), ..Reasoning::default() }
        }
        Wish::Effort(level) => Reasoning { reasoning_effort: Some(level), ..Reasoning::default() },
    }
}
