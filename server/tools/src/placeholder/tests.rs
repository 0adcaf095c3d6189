//! A placeholder fits its schema: for every tool's output, for odd schemas, and for made-up ones.

use super::{VALUES, placeholder};
use crate::Registry;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Why `value` does not fit `schema`: enough of the standard for the schemas below.
fn misfit(value: &Value, schema: &Value, root: &Value) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("{why}: {value} for {schema}"));
    let map = match schema {
        Value::Bool(true) => return Ok(()),
        Value::Object(map) => map,
        _ => return wrong("nothing fits"),
    };
    if map.get("const").is_some_and(|constant| constant != value) {
        return wrong("not the constant");
    }
    if map.get("enum").is_some_and(|all| !all.as_array().unwrap().contains(value)) {
        return wrong("not of the enum");
    }
    if let Some(pointer) = map.get("$ref").and_then(Value::as_str) {
        misfit(value, root.pointer(&pointer[1..]).unwrap(), root)?;
    }
    for part in map.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        misfit(value, part, root)?;
    }
    for key in ["anyOf", "oneOf"] {
        let options = map.get(key).and_then(Value::as_array);
        if options.is_some_and(|options| options.iter().all(|option| misfit(value, option, root).is_err())) {
            return wrong("none of the options");
        }
    }
    let types: Vec<&str> = match map.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(some)) => some.iter().map(|one| one.as_str().unwrap()).collect(),
        _ => Vec::new(),
    };
    if !types.is_empty() && !types.iter().any(|kind| is(value, kind)) {
        return wrong("another type");
    }
    misfit_inside(value, map, root)
}

/// The same for what is inside the value, and for its size.
fn misfit_inside(value: &Value, map: &Map<String, Value>, root: &Value) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("{why}: {value} for {map:?}"));
    let bound = |key: &str| map.get(key).and_then(Value::as_f64);
    let between = |size: f64, least: &str, most: &str| {
        bound(least).is_none_or(|least| size >= least) && bound(most).is_none_or(|most| size <= most)
    };
    match value {
        Value::String(text) if !between(text.chars().count() as f64, "minLength", "maxLength") => {
            wrong("length")
        }
        Value::Number(number) if !between(number.as_f64().unwrap(), "minimum", "maximum") => wrong("size"),
        Value::Array(items) => {
            if !between(items.len() as f64, "minItems", "maxItems") {
                return wrong("count");
            }
            let first = map.get("prefixItems").and_then(Value::as_array).cloned().unwrap_or_default();
            for (at, item) in items.iter().enumerate() {
                let anything = Value::Bool(true);
                misfit(item, first.get(at).or(map.get("items")).unwrap_or(&anything), root)?;
            }
            Ok(())
        }
        Value::Object(fields) => {
            let missing = |name: &&Value| !fields.contains_key(name.as_str().unwrap());
            if map.get("required").and_then(Value::as_array).into_iter().flatten().any(|name| missing(&name))
            {
                return wrong("a field is missing");
            }
            let known = map.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
            for (name, field) in fields {
                let anything = Value::Bool(true);
                let schema = known.get(name).or(map.get("additionalProperties")).unwrap_or(&anything);
                misfit(field, schema, root)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => value.is_null(),
    }
}

#[test]
fn every_tools_output_has_one() {
    for spec in Registry::of_pack("all").or_else(|_| Registry::of_pack("core")).unwrap().specs() {
        let value = placeholder(&spec.output_schema);
        misfit(&value, &spec.output_schema, &spec.output_schema).unwrap();
        assert!(value.as_object().is_some_and(|map| !map.is_empty()), "{}: {value}", spec.name);
    }
}

#[test]
fn one_of_each_kind() {
    for (schema, expected) in [
        (json!({ "type": "string" }), json!("(dry run)")),
        (json!({ "type": "string", "maxLength": 3 }), json!("(dr")),
        (json!({ "type": "string", "minLength": 11 }), json!("(dry run)..")),
        (json!({ "type": "integer" }), json!(0)),
        (json!({ "type": "integer", "minimum": 3 }), json!(3)),
        (json!({ "type": "number", "maximum": -2.5 }), json!(-2.5)),
        (json!({ "type": "boolean" }), json!(false)),
        (json!({ "type": "null" }), json!(null)),
        (json!({ "type": ["null", "integer"] }), json!(0)),
        (json!({ "const": 7 }), json!(7)),
        (json!({ "enum": ["b", "a"] }), json!("b")),
        (json!({ "anyOf": [{ "type": "null" }, { "type": "string" }] }), json!("(dry run)")),
        (json!({ "type": "array", "items": { "type": "integer" } }), json!([0])),
        (json!({ "type": "array", "maxItems": 0 }), json!([])),
        (json!({ "type": "array", "minItems": 2, "items": { "type": "integer" } }), json!([0, 0])),
        (json!({ "prefixItems": [{ "type": "integer" }, { "type": "string" }] }), json!([0, "(dry run)"])),
        (json!({ "type": "object", "additionalProperties": { "type": "integer" } }), json!({})),
        (
            json!({ "type": "object", "additionalProperties": { "type": "integer" }, "required": ["x"] }),
            json!({ "x": 0 }),
        ),
        (
            json!({ "type": "object", "properties": { "a": { "type": "string" }, "b": { "type": "integer" } }, "required": ["b"] }),
            json!({ "b": 0 }),
        ),
        (
            json!({ "properties": { "a": {} }, "required": ["a"], "oneOf": [{ "properties": { "kind": { "const": "x" } }, "required": ["kind"] }] }),
            json!({ "kind": "x", "a": "(dry run)" }),
        ),
        (
            json!({ "allOf": [{ "required": ["a"] }, { "required": ["b"], "properties": { "b": { "type": "null" } } }] }),
            json!({ "a": "(dry run)", "b": null }),
        ),
        (json!({}), json!("(dry run)")),
        (json!(true), json!("(dry run)")),
        (json!(false), json!(null)),
        (json!("nonsense"), json!(null)),
        (json!({ "type": 7, "enum": 3, "required": "x", "anyOf": {} }), json!({})),
    ] {
        assert_eq!(placeholder(&schema), expected, "{schema}");
    }
}

#[test]
fn endless_and_huge_schemas_end() {
    let tree = json!({
        "$defs": { "node": { "type": "object", "required": ["children", "next"], "properties": {
            "children": { "type": "array", "items": { "$ref": "#/$defs/node" } },
            "next": { "anyOf": [{ "$ref": "#/$defs/node" }, { "type": "null" }] },
        } } },
        "$ref": "#/$defs/node",
    });
    misfit(&placeholder(&tree), &tree, &tree).unwrap();
    for schema in [
        json!({ "$ref": "#" }),
        json!({ "allOf": [{ "$ref": "#" }, { "$ref": "#" }, { "$ref": "#" }] }),
        json!({ "type": "array", "minItems": 1e15, "items": { "type": "array", "minItems": 1e15 } }),
        json!({ "type": "string", "minLength": u64::MAX }),
        json!({ "type": "integer", "minimum": 1e300 }),
    ] {
        assert!(placeholder(&schema).to_string().len() < VALUES * 40, "{schema}");
    }
    let deep = (0..5_000).fold(json!({ "type": "string" }), |inner, _| {
        let mut map = Map::from_iter([("type".to_owned(), json!("array"))]);
        map.insert("items".to_owned(), inner);
        Value::Object(map)
    });
    assert!(placeholder(&deep).to_string().starts_with("[[["));
    // Dropping a value recurses.
    std::mem::forget(deep);
}

fn schemas() -> impl Strategy<Value = Value> {
    let text = (0..20_usize, 0..20_usize)
        .prop_map(|(least, more)| json!({ "type": "string", "minLength": least, "maxLength": least + more }));
    let number = (-50..50_i64, 0..50_i64, any::<bool>()).prop_map(|(least, more, whole)| {
        let kind = if whole { "integer" } else { "number" };
        json!({ "type": kind, "minimum": least, "maximum": least + more })
    });
    let constants =
        prop::collection::vec(prop_oneof![Just(json!(1)), Just(json!("a")), Just(json!(null))], 1..3);
    let leaf = prop_oneof![
        text,
        number,
        Just(json!({ "type": "boolean" })),
        Just(json!({ "type": ["null", "string"] })),
        Just(json!({})),
        constants.clone().prop_map(|all| json!({ "enum": all })),
        constants.prop_map(|all| json!({ "const": all[0] })),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let fields = prop::collection::btree_map("[a-d]", (inner.clone(), any::<bool>()), 0..4);
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|all| json!({ "anyOf": all })),
            (inner.clone(), 0..3_usize, 0..3_usize).prop_map(|(items, least, more)| {
                json!({ "type": "array", "items": items, "minItems": least, "maxItems": least + more })
            }),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|all| json!({ "type": "array", "prefixItems": all })),
            inner.prop_map(|value| json!({ "type": "object", "additionalProperties": value })),
            fields.prop_map(|fields| {
                let required: Vec<&String> = fields.iter().filter(|(_, (_, must))| *must).map(|(name, _)| name).collect();
                let properties: Map<String, Value> =
                    fields.iter().map(|(name, (schema, _))| (name.clone(), schema.clone())).collect();
                json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
            }),
        ]
    })
}

proptest! {
    #[test]
    fn it_fits_any_schema(schema in schemas()) {
        let value = placeholder(&schema);
        prop_assert_eq!(misfit(&value, &schema, &schema), Ok(()));
    }
}
