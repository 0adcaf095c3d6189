//! From JSON arguments to a tool's input type, with errors that name the field, what was expected and an example.

use glossator_session::{Effect, ToolError, ToolErrorKind, ToolSpec};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::declare::{self, Declared};
use crate::validate;

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
    /// Whether a call without arguments makes sense.
    pub bare: bool,
    /// What a call may do.
    pub effect: Effect,
    /// The argument that wires which can may take as free text.
    pub freeform: Option<&'static str>,
    /// What the prompt says of it; empty: the prompt only counts it, and it is found by search.
    pub brief: &'static str,
    /// Fields of arguments and result that the prompt leaves out; search tells of them.
    pub rare: &'static [&'static str],
}

impl About {
    /// The spec of a tool with input `I` and result `O`.
    pub fn spec<I: JsonSchema, O: JsonSchema>(&self) -> ToolSpec {
        let with_example = format!("{} Example: `{}`", self.description, self.example);
        let (input, output) = (declare::schema::<I>(), declare::output_schema::<O>());
        let declared = Declared {
            name: self.name,
            doc: &with_example,
            input: &input,
            output: &output,
            plain: self.plain,
            bare: self.bare,
        };
        ToolSpec {
            name: self.name.to_owned(),
            declaration: declared.text(),
            description: self.description.to_owned(),
            input_schema: input,
            output_schema: output,
            effect: self.effect,
            freeform: self.freeform.map(str::to_owned),
        }
    }

    /// The declaration that the prompt has of the tool with this spec: without comments on fields, and without rare ones.
    pub fn short(&self, spec: &ToolSpec) -> Option<String> {
        let declared = Declared {
            name: self.name,
            doc: self.brief,
            input: &declare::bare(&spec.input_schema, self.rare),
            output: &declare::bare(&spec.output_schema, self.rare),
            plain: self.plain,
            bare: self.bare,
        };
        (!self.brief.is_empty()).then(|| declared.text())
    }

    /// The typed input, or everything that is wrong with it. `schema` is that of the input.
    pub fn parse<I: DeserializeOwned>(&self, schema: &Value, arguments: Value) -> Result<I, ToolError> {
        let mut map = match (arguments, self.plain) {
            (Value::Object(map), _) => map,
            (Value::Null, _) => Map::new(),
            (plain, Some(name)) => Map::from_iter([(name.to_owned(), plain)]),
            (other, None) => return Err(self.wrong(&validate::problems(schema, &other).join(" "))),
        };
        leave_out_nulls(schema, &mut map);
        let value = Value::Object(map);
        I::deserialize(&value).map_err(|error| {
            let problems = validate::problems(schema, &value);
            self.wrong(&if problems.is_empty() { format!("{error}.") } else { problems.join(" ") })
        })
    }

    /// An error of the arguments; `problem` is a sentence.
    pub fn wrong(&self, problem: &str) -> ToolError {
        let message = format!("{}: {problem} Example: {}", self.name, self.example);
        ToolError::new(ToolErrorKind::ToolArguments, message)
    }
}

/// A field that need not be given and is null was not given.
fn leave_out_nulls(schema: &Value, map: &mut Map<String, Value>) {
    let known = validate::fields(schema);
    let required: Vec<&Value> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().collect();
    map.retain(|name, value| {
        !value.is_null() || !known.contains(&name.as_str()) || required.iter().any(|one| *one == name)
    });
}

/// A result as the JSON that scripts receive.
pub fn to_value<O: Serialize>(output: &O) -> Result<Value, ToolError> {
    serde_json::to_value(output)
        .map_err(|error| ToolError::failed(format!("the result could not be expressed as JSON: {error}")))
}
