//! Everything of a body but its input.

use super::encode::{body, bytes, request, spec, text, user};
use crate::{Dialect, Facts, Request, Thinking, ThinkingStyle, Wire};
use glossator_session::{Message, SystemPart};
use serde_json::{Value, json};

fn plain() -> Request {
    request(vec![user(vec![text("a")])])
}

#[test]
fn only_what_is_set() {
    let mut request = plain();
    request.prompt.tools.clear();
    assert_eq!(
        bytes(&request),
        r#"{"model":"m","stream":true,"store":false,"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"a"}]}]}"#
    );
    let full = Request {
        max_output: Some(5),
        temperature: Some(0.5),
        top_p: Some(f64::NAN),
        stop: vec!["END".to_owned()],
        cache_key: Some("k".repeat(70)),
        ..request
    };
    let body = body(&full);
    assert_eq!(body["max_output_tokens"], 16, "the least there is");
    assert_eq!(
        (&body["temperature"], &body["top_p"], &body["stop"]),
        (&json!(0.5), &Value::Null, &Value::Null)
    );
    assert_eq!(body["prompt_cache_key"], "k".repeat(64));
}

#[test]
fn sampling_only_where_it_is_taken() {
    let set = Request { temperature: Some(0.5), top_p: Some(0.9), ..plain() };
    for (sampling, sent) in [(None, true), (Some(true), true), (Some(false), false)] {
        let facts = Facts { sampling, ..Facts::default() };
        let body = body(&Request { facts, ..set.clone() });
        assert_eq!((body["temperature"].is_f64(), body["top_p"].is_f64()), (sent, sent), "{sampling:?}");
    }
}

#[test]
fn layers_become_instructions() {
    let part = |text: &str| SystemPart { layer: "l".to_owned(), text: text.to_owned() };
    let mut request = plain();
    request.prompt.system = vec![part("one"), part(" "), part("two")];
    assert_eq!(body(&request)["instructions"], "one\n\ntwo");
}

#[test]
fn tools_are_functions_or_plain_text() {
    let mut request = plain();
    request.prompt.tools.push(spec("files__read", None));
    let body = body(&request);
    let function = |name: &str| json!({"type": "function", "name": name, "description": "d", "strict": false, "parameters": {"type": "object"}});
    assert_eq!(body["tools"][0], function("files__read"));
    assert_eq!(body["tools"][2], function("files__read_2"));
    let custom = json!({"type": "custom", "name": "patch", "format": {"type": "text"},
        "description": "d\n\nThe input is the plain text of `patch`, not JSON."});
    assert_eq!(body["tools"][1], custom);
    assert_eq!(body["parallel_tool_calls"], true);
}

/// What of thinking is asked for: `effort summary`, `-` where it is not said; nothing where nothing is.
fn asked(body: &Value) -> String {
    let word = |key: &str| body["reasoning"][key].as_str().unwrap_or("-").to_owned();
    if body["reasoning"].is_null() {
        String::new()
    } else {
        format!("{} {}", word("effort"), word("summary"))
    }
}

#[test]
fn thinking_as_the_model_takes_it() {
    use Thinking::{Adaptive, Budget, Default as Unsaid, Off};
    use ThinkingStyle::{Always, Effort, EffortAlways, None as Never, Unknown};
    let rows = [
        ("unknown, unasked", Unknown, "", Unsaid, "", ""),
        ("unknown, asked", Unknown, "", Unsaid, "max", "max auto"),
        ("unknown, off", Unknown, "", Off, "", "none -"),
        ("unasked", Effort, "none low", Unsaid, "", "- auto"),
        ("off", Effort, "none low", Off, "low", "none -"),
        ("off by its word", Effort, "none low", Unsaid, "none", "none -"),
        ("cannot be off", EffortAlways, "minimal low", Off, "", "minimal auto"),
        ("cannot be off by its word", EffortAlways, "minimal low", Unsaid, "none", "minimal auto"),
        ("cannot be off, levels unknown", Always, "", Off, "", "low auto"),
        ("cannot be off, whatever is listed", EffortAlways, "none low", Off, "", "low auto"),
        ("the nearest below", Effort, "low medium", Unsaid, "xhigh", "medium auto"),
        ("takes no effort", Effort, "none", Unsaid, "high", "- auto"),
        ("takes no effort, off", Effort, "none", Off, "", ""),
        ("by itself", EffortAlways, "", Adaptive, "", "- auto"),
        ("small budget", Effort, "", Budget(1024), "", "low auto"),
        ("large budget", Effort, "low medium high", Budget(32_000), "", "high auto"),
        ("budget without such a level", Effort, "max", Budget(1024), "", "- auto"),
        ("budget and effort", Effort, "", Budget(1024), "high", "high auto"),
        ("does not think", Never, "", Adaptive, "high", ""),
    ];
    for (name, style, efforts, thinking, effort, want) in rows {
        let efforts = efforts.split(' ').filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect();
        let facts = Facts { thinking: style, efforts, ..Facts::default() };
        let effort = Some(effort.to_owned()).filter(|effort| !effort.is_empty());
        let body = body(&Request { facts, thinking, effort, ..plain() });
        assert_eq!(asked(&body), want, "{name}");
        assert_eq!(body["include"].is_null(), style == Never || name == "unknown, unasked", "{name}");
    }
}

#[test]
fn a_form_for_the_answer_is_strict_where_it_can_be() {
    let closed = json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": false});
    let nested = |inner: Value| json!({"type": "array", "items": inner});
    let rows = [
        (closed.clone(), true),
        (nested(closed.clone()), true),
        (json!({"type": "string"}), true),
        (json!({"type": "object"}), false),
        (nested(json!({"type": "object"})), false),
        (json!({"type": "object", "properties": {"a": {}}, "required": ["a"]}), false),
        (json!({"type": "object", "properties": {"a": {}}, "additionalProperties": false}), false),
        (json!({"anyOf": [closed, {"type": "object"}]}), false),
    ];
    for (schema, strict) in rows {
        let body = body(&Request { output_schema: Some(schema.clone()), ..plain() });
        let want = json!({"type": "json_schema", "name": "answer", "schema": schema, "strict": strict});
        assert_eq!(body["text"]["format"], want);
    }
}

#[test]
fn nothing_to_send_is_an_error() {
    let empty: [Vec<Message>; 2] = [vec![], vec![user(vec![text(" ")])]];
    for messages in empty {
        let error = Wire::Responses.encode(&request(messages), &Dialect::default()).unwrap_err();
        assert!(error.message.contains("nothing to send"));
    }
}
