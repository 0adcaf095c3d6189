//! A request as the body of a Chat Completions call. Pure and byte-stable: the messages stand last, and one more of them
//! changes nothing before it but the place of the cache marks.

mod marks;
mod messages;
mod parts;
mod thinking;
mod tools;

use crate::wire::{Encoded, WireNames};
use crate::{Dialect, ErrorKind, LimitField, ModelError, Request, ThinkingStyle};
use messages::WireMessage;
use serde::Serialize;
use serde_json::Value;
use thinking::Reasoning;
use tools::WireTool;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(flatten)]
    limit: Limit,
    #[serde(flatten)]
    reasoning: Reasoning<'a>,
    #[serde(flatten)]
    sampling: Sampling<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<WireTool<'a>>,
    messages: Vec<WireMessage<'a>>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
struct Limit {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
}

#[derive(Serialize)]
struct Sampling<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ResponseFormat<'a> {
    JsonSchema { json_schema: JsonSchema<'a> },
}

#[derive(Serialize)]
struct JsonSchema<'a> {
    name: &'static str,
    schema: &'a Value,
    strict: bool,
}

/// The body for `request`.
///
/// # Errors
/// When no message is left to be sent.
pub(crate) fn encode(request: &Request, dialect: &Dialect) -> Result<Encoded, ModelError> {
    let mut names = WireNames::default();
    let tools = tools::tools(request, dialect, &mut names);
    let marked = dialect.cache_marks && request.model.starts_with("anthropic/");
    let mut messages = messages::messages(request, dialect, &names, marked);
    if messages.is_empty() {
        return Err(ModelError::new(
            ErrorKind::Invalid,
            "There is nothing to send: the prompt has no message of the user.",
        ));
    }
    if marked {
        marks::set(&mut messages);
    }
    let body = Body {
        model: &request.model,
        stream: true,
        stream_options: (!dialect.no_stream_options).then_some(StreamOptions { include_usage: true }),
        limit: limit(request, dialect.limit),
        reasoning: thinking::reasoning(request, dialect.reasoning),
        sampling: sampling(request, dialect),
        response_format: request.output_schema.as_ref().map(response_format),
        prompt_cache_key: request.cache_key.as_deref().filter(|_| dialect.cache_key),
        tools,
        messages,
    };
    let body = serde_json::to_vec(&body).map_err(|error| {
        ModelError::new(ErrorKind::Invalid, format!("The request cannot be written as JSON: {error}."))
    })?;
    Ok(Encoded { body, names })
}

fn limit(request: &Request, field: LimitField) -> Limit {
    let limit = request.max_output;
    match field {
        LimitField::MaxTokens => Limit { max_tokens: limit, max_completion_tokens: None },
        LimitField::MaxCompletionTokens => Limit { max_tokens: None, max_completion_tokens: limit },
    }
}

fn sampling<'a>(request: &'a Request, dialect: &Dialect) -> Sampling<'a> {
    let facts = &request.facts;
    let allowed =
        |value: Option<f64>| value.filter(|value| value.is_finite() && facts.sampling != Some(false));
    let stops = !dialect.no_stop || facts.thinking == ThinkingStyle::None;
    let stop = request.stop.iter().map(String::as_str).filter(|stop| stops && !stop.trim().is_empty());
    Sampling {
        temperature: allowed(request.temperature),
        top_p: allowed(request.top_p),
        stop: stop.collect(),
    }
}

fn response_format(schema: &Value) -> ResponseFormat<'_> {
    let json_schema = JsonSchema { name: "answer", schema, strict: may_be_strict(schema) };
    ResponseFormat::JsonSchema { json_schema }
}

/// Whether every object in the schema names all its properties as required and allows no others; strict servers
/// refuse all else.
fn may_be_strict(schema: &Value) -> bool {
    match schema {
        Value::Object(fields) => {
            let properties = fields.get("properties").and_then(Value::as_object);
            let closed = properties.is_none_or(|properties| {
                let required = fields.get("required").and_then(Value::as_array);
                let is_required = |name: &String| {
                    required.is_some_and(|required| required.iter().any(|known| known == name))
                };
                fields.get("additionalProperties") == Some(&Value::Bool(false))
                    && properties.keys().all(is_required)
            });
            closed && fields.values().all(may_be_strict)
        }
        Value::Array(items) => items.iter().all(may_be_strict),
        _ => true,
    }
}
