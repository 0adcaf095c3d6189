//! Tools as the wire describes them, and calls as it repeats them.

use crate::wire::WireNames;
use crate::{Dialect, Request, ThinkingStyle};
use glossator_session::ToolSpec;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum WireTool<'a> {
    Function { function: Function<'a> },
    Custom { custom: Custom<'a> },
}

#[derive(Serialize)]
pub(super) struct Function<'a> {
    name: String,
    description: &'a str,
    parameters: &'a Value,
}

#[derive(Serialize)]
pub(super) struct Custom<'a> {
    name: String,
    description: &'a str,
    format: Format,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Format {
    Text,
}

/// A call in the history.
#[derive(Serialize)]
pub(super) struct WireCall {
    pub id: String,
    #[serde(flatten)]
    said: Said,
    /// What the server wants back with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra_content: Option<Box<RawValue>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    Function { function: CalledFunction },
    Custom { custom: CalledCustom },
}

#[derive(Serialize)]
struct CalledFunction {
    name: String,
    arguments: String,
}

#[derive(Serialize)]
struct CalledCustom {
    name: String,
    input: String,
}

/// Whether tools may be free text: the models that take them are those whose reasoning goes by effort.
fn takes_custom(request: &Request, dialect: &Dialect) -> bool {
    let style = request.facts.thinking;
    dialect.custom_tools && matches!(style, ThinkingStyle::Effort | ThinkingStyle::EffortAlways)
}

/// The tools of the request; gives each its name of the wire.
pub(super) fn tools<'a>(request: &'a Request, dialect: &Dialect, names: &mut WireNames) -> Vec<WireTool<'a>> {
    let custom = takes_custom(request, dialect);
    let tool = |spec: &'a ToolSpec| {
        let (name, description) = (names.add(&spec.name), spec.description.as_str());
        if custom && spec.freeform.is_some() {
            return WireTool::Custom { custom: Custom { name, description, format: Format::Text } };
        }
        WireTool::Function { function: Function { name, description, parameters: &spec.input_schema } }
    };
    request.prompt.tools.iter().map(tool).collect()
}

/// How calls of the history are written.
pub(super) struct Caller<'a> {
    request: &'a Request,
    custom: bool,
    names: &'a WireNames,
}

impl<'a> Caller<'a> {
    pub fn new(request: &'a Request, dialect: &Dialect, names: &'a WireNames) -> Self {
        Self { request, custom: takes_custom(request, dialect), names }
    }

    /// A call as the model made it, or would have made it on this wire.
    pub fn call(&self, id: String, name: String, arguments: &Value) -> WireCall {
        let key = self.freeform(&name);
        let text = match (arguments, key) {
            (Value::String(text), _) => Some(text),
            (Value::Object(fields), Some(key)) if fields.len() == 1 => match fields.get(key) {
                Some(Value::String(text)) => Some(text),
                _ => None,
            },
            _ => None,
        };
        let said = match text {
            Some(text) if self.custom && key.is_some() => {
                Said::Custom { custom: CalledCustom { name, input: text.clone() } }
            }
            _ => Said::Function { function: CalledFunction { name, arguments: object(arguments, key) } },
        };
        WireCall { id, said, extra_content: None }
    }

    /// The one text argument of a tool that may be called with plain text.
    fn freeform(&self, name: &str) -> Option<&'a str> {
        let ours = self.names.ours(name);
        let spec = self.request.prompt.tools.iter().find(|spec| spec.name == ours)?;
        spec.freeform.as_deref()
    }
}

/// The arguments as the text of an object; servers take nothing else.
fn object(arguments: &Value, key: Option<&str>) -> String {
    match arguments {
        Value::Object(_) => arguments.to_string(),
        other => json!({ key.unwrap_or("arguments"): other }).to_string(),
    }
}
