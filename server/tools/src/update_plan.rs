//! `updatePlan`: the plan of the session, whole, each time that it changes. Never asks, and touches nothing of the user's.

use crate::arguments::{About, to_value};
use crate::board::note;
use crate::keys::one_line;
use crate::{Action, Prepared, Tool, ToolCx};
use futures::future::BoxFuture;
use glossator_session::{ContextItem, Effect, PlanStep, StepStatus, ToolError, ToolOutput, ToolSpec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the model is told.
pub const ABOUT: About = About {
    name: "updatePlan",
    description: "Sets the plan that the user sees in the editor: all steps, each `pending`, `inProgress` or `done`, at most \
                  one in progress. For work of several steps; update it when a step begins or ends.",
    example: "await tools.updatePlan({ steps: [{ text: \"Find the bug\", status: \"done\" }, { text: \"Fix it\", status: \"inProgress\" }] })",
    plain: None,
    bare: false,
    effect: Effect::Read,
    freeform: None,
    brief: "Sets the plan that the user sees: all steps, at most one in progress.",
    rare: &["changed", "total"],
};

/// Steps of a plan.
const STEPS: usize = 50;
/// Characters of a step, and of an explanation.
const STEP: usize = 300;
const EXPLANATION: usize = 1_000;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    /// All steps in order; none: the plan is taken away.
    steps: Vec<Step>,
    /// Why it changed; shown to the user.
    #[serde(default)]
    explanation: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Step {
    /// What is to be done, in a few words.
    text: String,
    status: Status,
}

#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "camelCase")]
enum Status {
    Pending,
    #[serde(alias = "in_progress")]
    InProgress,
    #[serde(alias = "completed")]
    Done,
}

#[derive(Serialize, JsonSchema)]
struct Output {
    /// Whether this plan is another than before.
    changed: bool,
    /// Steps that are done.
    done: usize,
    total: usize,
}

/// The tool.
pub struct UpdatePlan {
    spec: ToolSpec,
}

impl UpdatePlan {
    pub fn new() -> Self {
        Self { spec: ABOUT.spec::<Input, Output>() }
    }
}

impl Tool for UpdatePlan {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, cx: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move {
            let input: Input = ABOUT.parse(&self.spec.input_schema, arguments)?;
            let redact = |text: &str| cx.turn.redact(text);
            let (steps, explanation) = checked(input, &redact)?;
            let line = format!("updatePlan {}", told(&steps));
            let run = move |cx: ToolCx| set(steps, explanation, &cx);
            Ok(Prepared { line, action: Action::Look, run: Box::new(|cx| Box::pin(async move { run(cx) })) })
        })
    }
}

/// The plan as it is kept, or what is wrong with it.
fn checked(input: Input, redact: &dyn Fn(&str) -> String) -> Result<(Vec<PlanStep>, String), ToolError> {
    if input.steps.len() > STEPS {
        return Err(ABOUT.wrong(&format!(
            "`steps` has {} steps, and {STEPS} is the most: put small ones together.",
            input.steps.len()
        )));
    }
    if let Some(at) = input.steps.iter().position(|step| step.text.trim().is_empty()) {
        return Err(ABOUT.wrong(&format!("the `text` of step {} is empty.", at + 1)));
    }
    let running = input.steps.iter().filter(|step| matches!(step.status, Status::InProgress)).count();
    if running > 1 {
        return Err(ABOUT.wrong(&format!("{running} steps are `inProgress`, and at most one can be.")));
    }
    let step = |step: &Step| PlanStep {
        text: one_line(&redact(&step.text), STEP),
        status: match step.status {
            Status::Pending => StepStatus::Pending,
            Status::InProgress => StepStatus::InProgress,
            Status::Done => StepStatus::Done,
        },
    };
    let explanation = one_line(&redact(&input.explanation.unwrap_or_default()), EXPLANATION);
    Ok((input.steps.iter().map(step).collect(), explanation))
}

/// A plan that says what the last one said is no item.
fn set(steps: Vec<PlanStep>, explanation: String, cx: &ToolCx) -> Result<ToolOutput, ToolError> {
    let changed = cx.turn.plan() != steps;
    let done = steps.iter().filter(|step| step.status == StepStatus::Done).count();
    let output = Output { changed, done, total: steps.len() };
    let summary = if changed { told(&steps) } else { "the plan is as it was".to_owned() };
    if changed {
        note(cx.turn.as_ref(), ContextItem::Plan { steps, explanation });
    }
    Ok(ToolOutput { value: to_value(&output)?, summary })
}

/// `2 of 5 done, now: Fix it`
fn told(steps: &[PlanStep]) -> String {
    if steps.is_empty() {
        return "no plan".to_owned();
    }
    let done = steps.iter().filter(|step| step.status == StepStatus::Done).count();
    let now = steps.iter().find(|step| step.status == StepStatus::InProgress);
    let now = now.map(|step| format!(", now: {}", one_line(&step.text, 80))).unwrap_or_default();
    format!("{done} of {} done{now}", steps.len())
}
