//! A request as the body of a Responses call. Pure and byte-stable: nothing is kept by the server, every item goes
//! along each time, and one more message at the end changes nothing before it. System parts go into `instructions`:
//! the server puts them first whatever the input holds, so they stay in front of a prefix that only grows, and every
//! server of this wire knows the field. Stop sequences do not exist on this wire.

use super::NAME;
use super::input::{Inputs, Item};
use super::reasoning::{Reasoning, reasoning};
use crate::wire::history::turns;
use crate::wire::{Encoded, WireNames};
use crate::{Dialect, ErrorKind, ModelError, Request, Thinking, ThinkingStyle};
use glossator_session::{SystemPart, ToolSpec};
use serde::Serialize;
use serde_json::Value;
use std::collections::HashSet;

/// The least output limit that the provider takes, in tokens.
const MIN_OUTPUT: u32 = 16;
/// Longest cache key, in characters.
const LONGEST_KEY: usize = 64;
/// What the form of an answer is called; the wire wants a name.
const SCHEMA_NAME: &str = "answer";

/// `input` is the last field, so that a longer history is a longer body with the same beginning.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    stream: bool,
    store: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    instructions: String,
    #[serde(flatten)]
    tools: Tools<'a>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    include: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Reasoning<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_key: Option<String>,
    #[serde(flatten)]
    limits: Limits,
    input: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Tools<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tool<'a> {
    Function { name: String, description: &'a str, strict: bool, parameters: &'a Value },
    Custom { name: String, description: String, format: Format<'a> },
}

#[derive(Serialize)]
struct Text<'a> {
    format: Format<'a>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Format<'a> {
    Text,
    JsonSchema { name: &'static str, schema: &'a Value, strict: bool },
}

#[derive(Serialize)]
struct Limits {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
}

/// The body for `request`.
///
/// # Errors
/// When no message is left to be sent.
pub(crate) fn encode(request: &Request, _dialect: &Dialect) -> Result<Encoded, ModelError> {
    let (prompt, facts) = (&request.prompt, &request.facts);
    let mut names = WireNames::default();
    let (tools, freeform) = tools(&prompt.tools, &mut names);
    let turns = turns(&prompt.messages, (NAME, &request.model), &names);
    let input = Inputs::new(&freeform, facts.images != Some(false)).items(turns);
    if input.is_empty() {
        return Err(ModelError::new(
            ErrorKind::Invalid,
            "There is nothing to send: the prompt has no message of the user.",
        ));
    }
    let body = Body {
        model: &request.model,
        stream: true,
        store: false,
        instructions: instructions(&prompt.system),
        tools,
        include: if may_think(request) { &["reasoning.encrypted_content"] } else { &[] },
        reasoning: reasoning(request),
        text: request.output_schema.as_ref().map(text),
        prompt_cache_key: request.cache_key.as_ref().map(|key| key.chars().take(LONGEST_KEY).collect()),
        limits: limits(request),
        input,
    };
    let body = serde_json::to_vec(&body).map_err(|error| {
        ModelError::new(ErrorKind::Invalid, format!("The request cannot be written as JSON: {error}."))
    })?;
    Ok(Encoded { body, names })
}

/// Whether the model is known to think, or is asked to; one that does not refuses to be asked for its thinking.
fn may_think(request: &Request) -> bool {
    match request.facts.thinking {
        ThinkingStyle::None => false,
        ThinkingStyle::Unknown => request.thinking != Thinking::Default || request.effort.is_some(),
        _ => true,
    }
}

fn instructions(parts: &[SystemPart]) -> String {
    let texts = parts.iter().map(|part| part.text.as_str()).filter(|text| !text.trim().is_empty());
    texts.collect::<Vec<_>>().join("\n\n")
}

/// The tools, and the names of those that are called with plain text.
fn tools<'a>(specs: &'a [ToolSpec], names: &mut WireNames) -> (Tools<'a>, HashSet<String>) {
    let mut freeform = HashSet::new();
    let mut tools = Vec::with_capacity(specs.len());
    for spec in specs {
        let name = names.add(&spec.name);
        tools.push(match &spec.freeform {
            Some(argument) => {
                freeform.insert(name.clone());
                let description =
                    format!("{}\n\nThe input is the plain text of `{argument}`, not JSON.", spec.description);
                Tool::Custom { name, description, format: Format::Text }
            }
            None => Tool::Function {
                name,
                description: &spec.description,
                strict: false,
                parameters: &spec.input_schema,
            },
        });
    }
    let parallel_tool_calls = (!tools.is_empty()).then_some(true);
    (Tools { tools, parallel_tool_calls }, freeform)
}

fn text(schema: &Value) -> Text<'_> {
    Text { format: Format::JsonSchema { name: SCHEMA_NAME, schema, strict: is_strict(schema) } }
}

/// Whether a schema is as the strict mode wants it: every object closed, every property required.
fn is_strict(schema: &Value) -> bool {
    let Value::Object(fields) = schema else {
        return schema.as_array().is_none_or(|list| list.iter().all(is_strict));
    };
    let closed = fields.get("properties").is_none_or(|properties| {
        let required = fields.get("required").and_then(Value::as_array);
        let is_required = |name: &String| required.is_some_and(|list| list.iter().any(|it| it == name));
        let names = properties.as_object().is_none_or(|all| all.keys().all(is_required));
        names && fields.get("additionalProperties") == Some(&Value::Bool(false))
    });
    let is_open_object =
        fields.get("type").is_some_and(|kind| kind == "object") && !fields.contains_key("properties");
    closed && !is_open_object && fields.values().all(is_strict)
}

fn limits(request: &Request) -> Limits {
    let sampling =
        |value: Option<f64>| value.filter(|value| value.is_finite() && request.facts.sampling != Some(false));
    Limits {
        max_output_tokens: request.max_output.map(|tokens| tokens.max(MIN_OUTPUT)),
        temperature: sampling(request.temperature),
        top_p: sampling(request.top_p),
    }
}
