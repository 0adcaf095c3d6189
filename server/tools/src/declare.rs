//! TypeScript declarations from JSON schemas: what the model reads of a tool. Pure.
//! Schemas come from the Rust types of the tools, so declarations are never written by hand.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

/// The JSON schema of `T` with every definition inlined.
pub fn schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.remove("title");
    schema.to_value()
}

/// `/** doc */\nname(args: {...}): Promise<{...}>;`
pub fn declaration(name: &str, doc: &str, input: &Value, output: &Value) -> String {
    let optional = required(input).next().is_none();
    let mark = if optional { "?" } else { "" };
    format!("/** {} */\n{name}(args{mark}: {}): Promise<{}>;", comment(doc), type_of(input), type_of(output))
}

/// The TypeScript type of a JSON schema.
pub fn type_of(schema: &Value) -> String {
    if let Some(constant) = schema.get("const") {
        return constant.to_string();
    }
    if let Some(Value::Array(values)) = schema.get("enum") {
        return join(values.iter().map(Value::to_string));
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(Value::Array(options)) = schema.get(key) {
            return join(options.iter().map(type_of));
        }
    }
    match schema.get("type") {
        Some(Value::Array(types)) => join(types.iter().map(|one| plain(one.as_str().unwrap_or(""), schema))),
        Some(Value::String(one)) => plain(one, schema),
        _ => "unknown".to_owned(),
    }
}

fn join(types: impl Iterator<Item = String>) -> String {
    types.collect::<Vec<_>>().join(" | ")
}

fn plain(name: &str, schema: &Value) -> String {
    match name {
        "string" => "string".to_owned(),
        "integer" | "number" => "number".to_owned(),
        "boolean" => "boolean".to_owned(),
        "null" => "null".to_owned(),
        "array" => array(schema),
        "object" => object(schema),
        _ => "unknown".to_owned(),
    }
}

fn array(schema: &Value) -> String {
    let item = schema.get("items").map_or_else(|| "unknown".to_owned(), type_of);
    if item.contains(" | ") { format!("({item})[]") } else { format!("{item}[]") }
}

fn object(schema: &Value) -> String {
    let Some(Value::Object(properties)) = schema.get("properties") else {
        let value = schema.get("additionalProperties").filter(|value| value.is_object());
        return format!("Record<string, {}>", value.map_or_else(|| "unknown".to_owned(), type_of));
    };
    let required: Vec<&str> = required(schema).collect();
    let fields = properties.iter().map(|(name, property)| {
        let mark = if required.contains(&name.as_str()) { "" } else { "?" };
        let doc = property.get("description").and_then(Value::as_str);
        let doc = doc.map(|text| format!("/** {} */ ", comment(text))).unwrap_or_default();
        // An optional field is written `name?: T`; that it may also be null says nothing more.
        let kind = type_of(property);
        let kind = if mark == "?" { kind.trim_end_matches(" | null").to_owned() } else { kind };
        format!("{doc}{name}{mark}: {kind}")
    });
    format!("{{ {} }}", fields.collect::<Vec<_>>().join("; "))
}

fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn comment(text: &str) -> String {
    text.replace("*/", "*\u{200b}/").split_whitespace().collect::<Vec<_>>().join(" ")
}
