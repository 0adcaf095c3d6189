//! Tools as they are offered for native calls: with harmless words, and without what a schema says that a model need not
//! read. What a call may hold is decided by the tool's own schema, not by this one. Pure.

use crate::escape::harmless;
use glossator_session::ToolSpec;
use serde_json::{Map, Value};

/// A tool as it is offered.
pub(crate) fn offered(spec: &ToolSpec) -> ToolSpec {
    let mut spec = harmless(spec);
    lean(&mut spec.input_schema);
    spec
}

/// Takes out of a schema what every argument has that may be left out (`null`, the default that says as much), how numbers
/// are stored, and that other fields are refused: whoever sends them is told.
fn lean(schema: &mut Value) {
    let Value::Object(map) = schema else { return };
    map.retain(|key, value| match key.as_str() {
        "additionalProperties" => *value != Value::Bool(false),
        "default" => !is_nothing(value),
        "format" => {
            !value.as_str().is_some_and(|format| format.starts_with(['u', 'i']) && format.contains("int"))
        }
        "minimum" => value.as_f64() != Some(0.0),
        _ => true,
    });
    let required = map.get("required").cloned().unwrap_or_default();
    let required = required.as_array().map(Vec::as_slice).unwrap_or_default();
    for (key, value) in map.iter_mut() {
        match (key.as_str(), value) {
            ("properties", Value::Object(all)) => {
                for (name, property) in all {
                    if !required.iter().any(|one| one == name) {
                        without_null(property);
                    }
                    lean(property);
                }
            }
            ("items" | "additionalProperties", value) => lean(value),
            ("anyOf" | "oneOf" | "allOf", Value::Array(all)) => all.iter_mut().for_each(lean),
            _ => {}
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// One type in place of it and `null`.
fn without_null(property: &mut Value) {
    let Some(Value::Array(types)) =
        property.as_object_mut().and_then(|map: &mut Map<_, _>| map.get_mut("type"))
    else {
        return;
    };
    types.retain(|one| one != "null");
    if let [one] = types.as_slice() {
        let one = one.clone();
        property["type"] = one;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(mut schema: Value, expected: Value) {
        lean(&mut schema);
        assert_eq!(schema, expected);
    }

    #[test]
    fn what_is_not_needed_goes() {
        check(
            json!({ "type": "object", "additionalProperties": false, "properties": {
                "limit": { "type": ["integer", "null"], "format": "uint", "minimum": 0, "default": null, "description": "d" },
                "deep": { "type": "array", "items": { "type": "integer", "format": "int64", "minimum": 1 } },
                "env": { "type": "object", "additionalProperties": { "type": "string" }, "default": {} },
            } }),
            json!({ "type": "object", "properties": {
                "limit": { "type": "integer", "description": "d" },
                "deep": { "type": "array", "items": { "type": "integer", "minimum": 1 } },
                "env": { "type": "object", "additionalProperties": { "type": "string" } },
            } }),
        );
    }

    #[test]
    fn what_means_something_stays() {
        // Fields that are called like keywords, a null that has to be given, defaults that say something.
        let schema = json!({ "type": "object", "required": ["default"], "properties": {
            "default": { "type": ["string", "null"] },
            "format": { "type": "string", "format": "date", "default": "x" },
            "minimum": { "type": ["string", "integer"], "default": true, "enum": [null, 0] },
        } });
        check(schema.clone(), schema);
        for odd in [json!(true), json!(null), json!({ "type": 5, "properties": [] }), json!([])] {
            check(odd.clone(), odd);
        }
    }
}
