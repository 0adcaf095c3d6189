//! From JSON arguments to a tool's input type, with errors that name the field, what was expected and an example.

use glossator_session::{Effect, ToolError, ToolErrorKind, ToolSpec};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::declare;

/// What a tool says about itself beyond its types.
pub struct About {
    /// Name, dots allowed.
    pub name: &'static str,
    /// For the model.
    pub description: &'static str,
    /// One call as the model would write it.
    pub example: &'static str,
    /// The argument that may be given plainly, without an object around it.
    pub plain: Option<&'static str>,
    /// What a call may do.
    pub effect: Effect,
    /// The argument that wires which can may take as free text.
    pub freeform: Option<&'static str>,
}

impl About {
    /// The spec of a tool with input `I` and result `O`.
    pub fn spec<I: JsonSchema, O: JsonSchema>(&self) -> ToolSpec {
        let description = format!("{} Example: `{}`", self.description, self.example);
        ToolSpec {
            name: self.name.to_owned(),
            declaration: declare::declaration(
                self.name,
                &description,
                &declare::schema::<I>(),
                &declare::schema::<O>(),
            ),
            description,
            input_schema: declare::schema::<I>(),
            output_schema: declare::schema::<O>(),
            effect: self.effect,
            freeform: self.freeform.map(str::to_owned),
        }
    }

    /// The typed input, or what is wrong with it.
    pub fn parse<I: DeserializeOwned>(&self, arguments: Value) -> Result<I, ToolError> {
        let arguments = match (arguments, self.plain) {
            (Value::Object(map), _) => Value::Object(map),
            (Value::Null, _) => json!({}),
            (plain, Some(name)) => json!({ name: plain }),
            (other, None) => other,
        };
        serde_json::from_value(arguments).map_err(|error| {
            ToolError::new(
                ToolErrorKind::ToolArguments,
                format!("{}: {error}. Example: {}", self.name, self.example),
            )
        })
    }
}

/// A result as the JSON that scripts receive.
pub fn to_value<O: Serialize>(output: &O) -> Result<Value, ToolError> {
    serde_json::to_value(output)
        .map_err(|error| ToolError::failed(format!("the result could not be expressed as JSON: {error}")))
}
