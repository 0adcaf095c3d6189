//! `askUser`: a question to the user that is answered in words. The asking itself is that of every call that asks.

use crate::arguments::{About, to_value};
use crate::{Action, Prepared, Tool, ToolCx};
use futures::future::BoxFuture;
use glossator_session::{Effect, ToolError, ToolErrorKind, ToolOutput, ToolSpec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the model is told.
pub const ABOUT: About = About {
    name: "askUser",
    description: "Asks the user, and waits for the answer. Only for what the user alone can decide or know. The answer may be \
                  none of the options.",
    example: "await tools.askUser({ question: \"Which name?\", options: [\"walk\", \"visit\"], default: \"walk\" })",
    plain: Some("question"),
    bare: false,
    effect: Effect::Read,
    freeform: None,
    brief: "Asks what only the user can decide.",
    rare: &["default", "byDefault"],
};

/// Characters of a question, and of an option or default.
const QUESTION: usize = 4_000;
const OPTION: usize = 200;
/// Options.
const OPTIONS: usize = 10;
/// Characters of the answer in one line.
const SHOWN: usize = 80;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    question: String,
    /// Answers to pick from, ten at the most, one line each.
    #[serde(default)]
    options: Vec<String>,
    /// What holds if the user leaves it open, or does not answer in time.
    #[serde(default)]
    default: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Output {
    /// In the user's words.
    answer: String,
    /// The user left it open, or did not answer in time: this is your default.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    by_default: bool,
}

/// The tool.
pub struct AskUser {
    spec: ToolSpec,
}

impl AskUser {
    pub fn new() -> Self {
        Self { spec: ABOUT.spec::<Input, Output>() }
    }
}

impl Tool for AskUser {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, _: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move {
            let Input { question, options, default } = ABOUT.parse(&self.spec.input_schema, arguments)?;
            let question = trimmed(question);
            let options: Vec<String> = options.into_iter().map(trimmed).collect();
            let default = default.map(trimmed);
            if let Some(problem) = problem(&question, &options, default.as_deref()) {
                return Err(ABOUT.wrong(&problem));
            }
            let line = format!("askUser {}", first_line(&question));
            let left_open = default.clone();
            let action = Action::Question { question, options, default };
            let run = Box::new(move |cx: ToolCx| -> BoxFuture<'static, _> {
                Box::pin(std::future::ready(answer(cx.said, left_open)))
            });
            Ok(Prepared { line, action, run })
        })
    }
}

fn trimmed(text: String) -> String {
    text.trim().to_owned()
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(SHOWN).collect()
}

/// What is wrong with a question, as a sentence.
fn problem(question: &str, options: &[String], default: Option<&str>) -> Option<String> {
    if question.is_empty() {
        return Some("`question` is empty.".to_owned());
    }
    if question.chars().count() > QUESTION {
        return Some(format!("`question` is longer than {QUESTION} characters; say it shorter."));
    }
    if options.len() > OPTIONS {
        return Some(format!("there are {} `options`, and {OPTIONS} are the most.", options.len()));
    }
    let is_line =
        |text: &str| !text.is_empty() && text.lines().count() == 1 && text.chars().count() <= OPTION;
    if !options.iter().map(String::as_str).chain(default).all(is_line) {
        return Some(format!("each of `options`, and `default`, is one line of 1 to {OPTION} characters."));
    }
    let twice = options.iter().enumerate().find(|(at, option)| options[..*at].contains(option));
    twice.map(|(_, option)| format!("the option {option:?} stands there twice."))
}

fn answer(said: Option<String>, default: Option<String>) -> Result<ToolOutput, ToolError> {
    let (answer, by_default) = match (said, default) {
        (Some(said), _) => (said.trim().to_owned(), false),
        (None, Some(default)) => (default, true),
        (None, None) => {
            let message = "the user did not answer the question; go on without an answer";
            return Err(ToolError::new(ToolErrorKind::ToolDenied, message));
        }
    };
    let summary = if by_default { "by default: " } else { "" };
    let summary = format!("{summary}{}", first_line(&answer));
    Ok(ToolOutput { value: to_value(&Output { answer, by_default })?, summary })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn questions_that_are_none() {
        let check = |question: &str, options: &[&str], default: Option<&str>, words: Option<&str>| {
            let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
            let found = problem(question, &options, default);
            let fits = match (&found, words) {
                (None, None) => true,
                (Some(found), Some(words)) => found.contains(words),
                _ => false,
            };
            assert!(fits, "{question:?} {options:?}: {found:?}");
        };
        check("Which?", &[], None, None);
        check("Which?", &["a", "b"], Some("c"), None);
        check("", &[], None, Some("empty"));
        check(&"x".repeat(QUESTION + 1), &[], None, Some("longer than"));
        check("Which?", &["a", "b", "a"], None, Some("\"a\" stands there twice"));
        check("Which?", &["a", ""], None, Some("one line"));
        check("Which?", &["a\nb"], None, Some("one line"));
        check("Which?", &[], Some(&"x".repeat(OPTION + 1)), Some("one line"));
        check("Which?", &["x"; OPTIONS + 1], None, Some("11 `options`"));
    }

    #[test]
    fn what_an_answer_gives() {
        let some = |text: &str| Some(text.to_owned());
        let given = answer(some(" blue\n"), some("red")).unwrap();
        assert_eq!((given.value, given.summary.as_str()), (json!({ "answer": "blue" }), "blue"));
        let left = answer(None, some("red")).unwrap();
        assert_eq!(left.value, json!({ "answer": "red", "byDefault": true }));
        assert_eq!(left.summary, "by default: red");
        assert_eq!(answer(None, None).unwrap_err().kind, ToolErrorKind::ToolDenied);
    }
}
