//! A tool's JSON schema as this server can read it: it takes the root and every property into fixed shapes and refuses the
//! whole request over one it does not know. Pure.

use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// The schema itself, or where the server would refuse it, the nearest one it takes.
pub(super) fn readable(schema: &Value) -> Cow<'_, Value> {
    let fits = schema["type"].is_string() && schema["properties"].as_object().is_some_and(all_fit);
    if fits {
        return Cow::Borrowed(schema);
    }
    let mut fields = schema.as_object().cloned().unwrap_or_default();
    if !fields.get("type").is_some_and(Value::is_string) {
        fields.insert("type".to_owned(), json!("object"));
    }
    let properties = fields.get_mut("properties").map(Value::take);
    fields.insert("properties".to_owned(), Value::Object(mended(properties)));
    Cow::Owned(Value::Object(fields))
}

fn all_fit(properties: &Map<String, Value>) -> bool {
    properties.values().all(fits)
}

/// A property is an object, and so is what it calls its own properties.
fn fits(property: &Value) -> bool {
    property.is_object()
        && match property.get("properties") {
            None => true,
            Some(inner) => inner.as_object().is_some_and(all_fit),
        }
}

/// `true` as a property means anything; so does an empty object.
fn mended(properties: Option<Value>) -> Map<String, Value> {
    let Some(Value::Object(mut properties)) = properties else {
        return Map::new();
    };
    for property in properties.values_mut().filter(|property| !fits(property)) {
        match property {
            Value::Object(fields) => {
                let inner = fields.get_mut("properties").map(Value::take);
                fields.insert("properties".to_owned(), Value::Object(mended(inner)));
            }
            other => *other = json!({}),
        }
    }
    properties
}
