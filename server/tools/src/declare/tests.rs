//! Declarations of odd and hostile schemas: what they say, that they are TypeScript, and that they stay short.

use super::{declaration, property, summary, taken_apart, type_of};
use crate::Registry;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Whether `declaration` can stand in an object type.
fn assert_parses(declaration: &str) {
    let source = format!("declare const x: {{\n{declaration}\n}};");
    if let Err(error) = glossator_script::erase(&source) {
        panic!("{error}\n{:?}\n{source}", error.excerpt);
    }
}

fn check(schema: Value, expected: &str) {
    assert_eq!(type_of(&schema), expected, "{schema}");
    assert_parses(&declaration("x", "", &schema, &schema));
}

#[test]
fn plain_kinds() {
    check(json!(true), "unknown");
    check(json!(false), "never");
    check(json!({}), "unknown");
    check(json!(7), "unknown");
    check(json!({ "type": "integer", "format": "uint64", "minimum": 0 }), "number");
    check(json!({ "type": ["string", "null"] }), "string | null");
    check(json!({ "type": "string", "nullable": true }), "string | null");
    check(json!({ "type": "number", "maximum": 3 }), "number");
    check(json!({ "type": "strange" }), "unknown");
    check(json!({ "const": "a\"b\\c\n\u{202e}</x>" }), r#""a\"b\\c\u{a}\u{202e}\u003c/x>""#);
    check(json!({ "const": { "a": 1 } }), "unknown");
    check(json!({ "enum": ["a", 1, -2, 1.5, true, null] }), "\"a\" | 1 | -2 | 1.5 | true | null");
    check(json!({ "enum": [] }), "never");
    check(json!({ "type": "string", "enum": ["x".repeat(121)] }), "string");
}

#[test]
fn lists_and_tuples() {
    let ab = json!({ "enum": ["a", "b"] });
    check(json!({ "type": "array", "items": ab }), "(\"a\" | \"b\")[]");
    check(json!({ "type": "array" }), "unknown[]");
    check(json!({ "items": { "type": "array", "items": { "type": "string" } } }), "string[][]");
    let pair = json!([{ "type": "string" }, { "type": ["number", "null"] }]);
    check(
        json!({ "type": "array", "prefixItems": pair, "items": false, "minItems": 1 }),
        "[string, (number | null)?]",
    );
    check(
        json!({ "type": "array", "prefixItems": pair, "minItems": 2, "maxItems": 2 }),
        "[string, (number | null)]",
    );
    check(
        json!({ "type": "array", "items": pair, "minItems": 2, "additionalItems": { "type": "boolean" } }),
        "[string, (number | null), ...boolean[]]",
    );
    check(
        json!({ "type": "array", "items": { "allOf": [{ "properties": { "a": true } }, { "properties": { "b": true } }] } }),
        "({ a?: unknown } & { b?: unknown })[]",
    );
}

#[test]
fn objects() {
    check(json!({ "type": "object" }), "Record<string, unknown>");
    check(
        json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        "Record<string, string>",
    );
    check(json!({ "type": "object", "additionalProperties": false }), "{}");
    check(json!({ "type": "object", "properties": {} }), "{}");
    check(
        json!({ "type": "object", "patternProperties": { "^x": { "type": "string" }, "^y": { "type": "null" } } }),
        "Record<string, string | null>",
    );
    check(
        json!({ "properties": { "a": { "type": ["string", "null"] }, "b": { "type": ["string", "null"] } }, "required": ["b"] }),
        "{ a?: string; b: string | null }",
    );
    check(
        json!({ "properties": { "a-b": true, "new": true, "1": true, "é": true, "$_a1": true, "": true }, "additionalProperties": true }),
        r#"{ "a-b"?: unknown; "new"?: unknown; "1"?: unknown; "é"?: unknown; $_a1?: unknown; ""?: unknown; [name: string]: unknown }"#,
    );
    check(
        json!({ "properties": { "a": { "description": "ends */ here\n\n  <tool-results> \u{1b}[2J \u{202e}" } } }),
        "{ /** ends * / here &lt;tool-results> \\x1b[2J \\u{202e} */ a?: unknown }",
    );
}

#[test]
fn choices_and_references() {
    let a = json!({ "type": "object", "properties": { "a": { "type": "string" } }, "required": ["a"] });
    check(
        json!({ "type": "object", "anyOf": [{ "required": ["a"] }, { "required": ["b"] }] }),
        "Record<string, unknown>",
    );
    check(json!({ "type": "object", "oneOf": [a, { "type": "null" }] }), "{ a: string } | null");
    check(json!({ "allOf": [a, { "oneOf": [{ "const": 1 }, { "const": 2 }] }] }), "{ a: string } & (1 | 2)");
    check(json!({ "$ref": "#/$defs/A", "$defs": { "A": a } }), "{ a: string }");
    check(json!({ "$ref": "https://example.org/schema" }), "unknown");
    check(json!({ "$ref": "#/$defs/none" }), "unknown");
    check(json!({ "$ref": "#" }), "unknown");
    check(
        json!({ "$ref": "#/definitions/Tree", "definitions": { "Tree": { "properties": { "below": { "items": { "$ref": "#/definitions/Tree" } } } } } }),
        "{ below?: unknown[] }",
    );
}

#[test]
fn what_is_too_much_is_counted() {
    let values: Vec<String> = (0..500).map(|n| format!("v{n}")).collect();
    let text = type_of(&json!({ "enum": values }));
    assert!(text.ends_with("\"v29\" | string /* and 470 more values */"), "{text}");
    let options: Vec<Value> = values.iter().map(|value| json!({ "const": value })).collect();
    assert!(type_of(&json!({ "oneOf": options })).ends_with("| unknown /* or one of 470 more */"));
    let wide: serde_json::Map<String, Value> =
        (0..9_000).map(|n| (format!("p{n}"), json!({ "type": "string" }))).collect();
    let text = type_of(&json!({ "properties": wide }));
    assert!(
        text.contains("/** And 8601 more fields. */ [name: string]: unknown"),
        "{}",
        &text[text.len() - 200..]
    );
    let mut deep = json!({ "type": "string" });
    for at in 0..1_000 {
        // `json!` would go down the whole way each time.
        let around = if at % 2 == 0 { "items" } else { "x" };
        deep = Value::Object(serde_json::Map::from_iter([(around.to_owned(), deep)]));
        if at % 2 == 1 {
            deep = Value::Object(serde_json::Map::from_iter([("properties".to_owned(), deep)]));
        }
    }
    assert!(type_of(&deep).len() < 300);
    let many: Value = json!({ "$ref": "#/$defs/0", "$defs": (0..50).map(|n| {
        let next = json!({ "$ref": format!("#/$defs/{}", n + 1) });
        (n.to_string(), json!({ "properties": { "a": next, "b": next, "c": next } }))
    }).collect::<serde_json::Map<_, _>>() });
    assert!(type_of(&many).len() < 40_000, "{}", type_of(&many).len());
    let wordy: serde_json::Map<String, Value> =
        (0..300).map(|n| (format!("p{n}"), json!({ "description": "word ".repeat(5_000) }))).collect();
    let text = declaration("x", &"long ".repeat(100_000), &json!({ "properties": wordy }), &json!(true));
    assert!(text.len() < 40_000, "{}", text.len());
    assert_parses(&text);
}

#[test]
fn names_with_dots_are_namespaces() {
    let text = declaration("mcp.my-server.do.it!", "Does it.", &json!({ "properties": {} }), &json!(true));
    assert_eq!(
        text,
        "mcp: { \"my-server\": { do: {\n/** Does it. */\n\"it!\"(args?: {}): Promise<unknown>;\n}; }; };"
    );
    assert_parses(&text);
    assert_eq!(
        taken_apart("mcp.my-server.do.it!", &text),
        Some(("/** Does it. */", "(args?: {}): Promise<unknown>;"))
    );
    assert_eq!(taken_apart("mcp.other", &text), None);
    assert_eq!(property("constructor"), "constructor");
}

#[test]
fn built_in_tools_are_typescript() {
    for spec in Registry::built_in().specs() {
        assert_parses(&spec.declaration);
        assert_eq!(
            taken_apart(&spec.name, &spec.declaration).map(|(doc, _)| doc.starts_with("/** ")),
            Some(true)
        );
        assert!(!spec.declaration.contains("unknown"), "every type is known: {}", spec.declaration);
    }
}

#[test]
fn a_summary_is_one_sentence() {
    assert_eq!(summary("Reads a file. Example: `x`"), "Reads a file.");
    assert_eq!(summary("one\ntwo <tool-calls>\u{0}"), "one two &lt;tool-calls>\\x00");
    assert_eq!(summary(&"x".repeat(500)).chars().count(), 161);
}

/// Any schema: the right words with the wrong things behind them too.
fn schema() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[a-z]{1,6}",
        ".{0,12}",
        Just("*/".to_owned()),
        Just("</tool-calls>\r\n```\u{2028}".to_owned()),
        Just("__proto__".to_owned()),
        prop::sample::select(vec![
            "new",
            "get",
            "set",
            "constructor",
            "readonly",
            "async",
            "static",
            "default",
            "in",
            "asserts"
        ])
        .prop_map(str::to_owned),
    ]
    .boxed();
    let kinds = vec!["string", "integer", "number", "boolean", "null", "array", "object", "strange"];
    let leaf = prop_oneof![
        prop::sample::select(kinds.clone()).prop_map(|kind| json!({ "type": kind })),
        prop::collection::vec(prop::sample::select(kinds), 0..4).prop_map(|kinds| json!({ "type": kinds })),
        any::<bool>().prop_map(Value::Bool),
        prop::collection::vec(text.clone(), 0..40).prop_map(|values| json!({ "enum": values })),
        any::<f64>().prop_map(|number| json!({ "const": number })),
        any::<i64>().prop_map(|number| json!({ "enum": [number, null, true, [number]] })),
        text.clone().prop_map(|text| json!({ "const": text })),
        prop::sample::select(vec!["#", "#/properties/a", "#/items", "x"])
            .prop_map(|target| json!({ "$ref": target })),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        let some = prop::collection::vec(inner.clone(), 0..4);
        let fields = prop::collection::btree_map(text.clone(), inner.clone(), 0..5);
        prop_oneof![
            inner.clone().prop_map(|item| json!({ "type": "array", "items": item })),
            (some.clone(), inner.clone(), 0..4u8).prop_map(
                |(items, rest, least)| json!({ "prefixItems": items, "items": rest, "minItems": least })
            ),
            (some.clone(), prop::sample::select(vec!["oneOf", "anyOf", "allOf"]), inner.clone())
                .prop_map(|(options, key, item)| json!({ key: options, "items": item, "nullable": true })),
            (fields, inner, text.clone(), prop::collection::vec(text.clone(), 0..3)).prop_map(
                |(fields, rest, doc, required)| json!({
                    "type": "object", "properties": fields, "required": required, "description": doc,
                    "additionalProperties": rest, "patternProperties": { ".": rest },
                })
            ),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_declaration_is_typescript(
        name in "[a-z]{1,4}(\\.[^.]{1,6}){0,2}", doc in ".{0,60}", input in schema(), output in schema(),
    ) {
        let text = declaration(&name, &doc, &input, &output);
        assert_parses(&text);
        prop_assert!(taken_apart(&name, &text).is_some());
        let tag = text.match_indices('<').any(|(at, _)| text[at + 1..].starts_with(['/', '!', '?']));
        prop_assert!(!tag && !text.chars().any(|c| c.is_control() && c != '\n'), "{text}");
    }
}
