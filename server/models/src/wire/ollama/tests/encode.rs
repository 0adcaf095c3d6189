//! The encoder: prompts -> bodies.

use super::*;
use crate::{Facts, Thinking, ThinkingStyle};
use glossator_session::{Effect, Raw, SystemPart, ToolSpec};

fn thought(wire: &str, model: &str, words: &str) -> Part {
    let json = json!({"type": "thinking", "thinking": words}).to_string();
    Part::Raw { raw: Raw { wire: wire.to_owned(), model: model.to_owned(), json } }
}

fn tool(name: &str, input_schema: Value) -> ToolSpec {
    ToolSpec {
        name: name.to_owned(),
        description: "d".to_owned(),
        input_schema,
        output_schema: json!({}),
        declaration: String::new(),
        effect: Effect::Read,
        freeform: Some("text".to_owned()),
    }
}

#[test]
fn the_plain_body_byte_for_byte() {
    let bytes = encode(&request(vec![hi()])).body;
    let want = r#"{"model":"qwen3:8b","stream":true,"keep_alive":"30m","truncate":false,"shift":false,"options":{"num_ctx":32768},"messages":[{"role":"user","content":"hi"}]}"#;
    assert_eq!(String::from_utf8(bytes).unwrap(), want);
}

#[test]
fn the_full_body() {
    let schema = json!({"type": "object", "properties": {"p": {"type": "string"}}, "required": ["p"]});
    let part = |text: &str| SystemPart { layer: "l".to_owned(), text: text.to_owned() };
    let mut full = Request {
        max_output: Some(500),
        temperature: Some(0.5),
        top_p: Some(0.9),
        stop: vec!["END".to_owned(), " \n".to_owned()],
        output_schema: Some(json!({"type": "object"})),
        cache_key: Some("session".to_owned()),
        facts: Facts { context_window: Some(65_536), ..Facts::default() },
        ..request(vec![hi()])
    };
    full.prompt.system = vec![part("one"), part(" "), part("two")];
    full.prompt.tools = vec![tool("files.read", schema.clone())];
    let sent = body(&full);
    let options =
        json!({"num_ctx": 65_536, "num_predict": 500, "temperature": 0.5, "top_p": 0.9, "stop": ["END"]});
    assert_eq!(sent["options"], options);
    assert_eq!(sent["format"], json!({"type": "object"}));
    assert_eq!(sent["messages"], json!([{"role": "system", "content": "one\n\ntwo"}, said("hi")]));
    let function = json!({"name": "files__read", "description": "d", "parameters": schema});
    assert_eq!(sent["tools"], json!([{"type": "function", "function": function}]));
    assert_eq!(encode(&full).names.ours("files__read"), "files.read");
    assert_eq!(sent.get("cache_key").or(sent.get("think")), None);
    full.facts.sampling = Some(false);
    full.facts.native_tools = Some(false);
    let sent = body(&full);
    assert_eq!(sent["options"], json!({"num_ctx": 65_536, "num_predict": 500, "stop": ["END"]}));
    assert_eq!(sent.get("tools"), None);
}

#[test]
fn odd_numbers_are_left_out() {
    let facts = Facts { context_window: Some(0), ..Facts::default() };
    let odd =
        Request { temperature: Some(f64::NAN), top_p: Some(f64::INFINITY), facts, ..request(vec![hi()]) };
    assert_eq!(body(&odd)["options"], json!({"num_ctx": 32_768}), "never without a context");
}

/// Style, efforts it takes, thinking and effort of the user -> `think`.
type ThinkRow<'a> = (ThinkingStyle, &'a [&'a str], Thinking, Option<&'a str>, Value);

#[test]
fn thinking_is_asked_for_as_the_model_takes_it() {
    use Thinking::{Adaptive, Budget, Default, Off};
    use ThinkingStyle as S;
    let three: &[&str] = &["low", "medium", "high"];
    let with_none: &[&str] = &["none", "low", "max"];
    let rows: &[ThinkRow<'_>] = &[
        (S::Unknown, &[], Default, None, Value::Null),
        (S::Unknown, &[], Off, None, json!(false)),
        (S::Unknown, &[], Off, Some("high"), json!(false)),
        (S::Unknown, &[], Adaptive, None, json!(true)),
        (S::Unknown, &[], Budget(2048), None, json!(true)),
        (S::Unknown, &[], Default, Some("xhigh"), json!("xhigh")),
        (S::Unknown, &[], Default, Some("none"), json!(false)),
        (S::Unknown, &[], Default, Some(" "), Value::Null),
        (S::None, &[], Adaptive, Some("high"), Value::Null),
        (S::None, &[], Off, None, Value::Null),
        (S::Budget, &[], Default, Some("high"), json!(true)),
        (S::Adaptive, &[], Off, None, json!(false)),
        (S::Adaptive, three, Default, Some("high"), json!("high")),
        (S::Always, &[], Off, None, Value::Null),
        (S::Always, three, Off, None, json!("low")),
        (S::Effort, with_none, Off, None, json!(false)),
        (S::Effort, three, Adaptive, Some("max"), json!("high")),
        (S::Effort, three, Adaptive, Some("minimal"), json!("low")),
        (S::Effort, with_none, Default, Some("medium"), json!("low")),
        (S::Effort, with_none, Default, Some("odd"), json!("low")),
        (S::EffortAlways, &[], Off, None, json!("low")),
        (S::EffortAlways, &["medium", "high"], Off, None, json!("medium")),
        (S::EffortAlways, three, Default, Some("none"), json!("low")),
    ];
    for (style, efforts, thinking, effort, want) in rows {
        let efforts = efforts.iter().map(|effort| (*effort).to_owned()).collect();
        let facts = Facts { thinking: *style, efforts, ..Facts::default() };
        let effort = effort.map(ToOwned::to_owned);
        let asked = Request { thinking: *thinking, effort, facts, ..request(vec![hi()]) };
        assert_eq!(&body(&asked)["think"], want, "{asked:?}");
    }
}

#[test]
fn turns_become_flat_messages() {
    let history = vec![
        hi(),
        assistant(vec![
            thought("ollama", "qwen3:8b", "let me \"see\"\n🦀"),
            thought("ollama", "another", "no"),
            thought("messages", "qwen3:8b", "no"),
            text("I look."),
            call("1", "files.read", json!({"p": 1})),
            call("2", "list", json!("{\"cut")),
        ]),
        user(vec![text("and"), output("2", "b", &[]), output("1", "a", &[])]),
        assistant(vec![text("Hel"), text("lo "), text("you")]),
        hi(),
    ];
    let calls = json!([
        {"id": "1", "function": {"name": "files__read", "arguments": {"p": 1}}},
        {"id": "2", "function": {"name": "list", "arguments": {"arguments": "{\"cut"}}},
    ]);
    let want = json!([
        said("hi"),
        {"role": "assistant", "content": "I look.", "thinking": "let me \"see\"\n🦀", "tool_calls": calls},
        {"role": "tool", "content": "a", "tool_name": "files__read", "tool_call_id": "1"},
        {"role": "tool", "content": "b", "tool_name": "list", "tool_call_id": "2"},
        said("and"),
        {"role": "assistant", "content": "Hel\n\nlo you"},
        said("hi"),
    ]);
    assert_eq!(messages(history), want);
}

#[test]
fn a_call_without_a_result_was_aborted() {
    let history = vec![hi(), assistant(vec![call("1", "f", json!({}))]), user(vec![text("stop")])];
    let sent = messages(history);
    assert!(sent[2]["content"].as_str().unwrap().starts_with("aborted"), "{sent}");
    assert_eq!((&sent[2]["tool_call_id"], &sent[3]), (&json!("1"), &said("stop")));
}

#[test]
fn thinking_that_is_none_changes_nothing() {
    for json in ["{}", "7", "{\"type\":\"thinking\"}", "{\"type\":\"x\",\"thinking\":7}"] {
        let raw = Raw { wire: "ollama".to_owned(), model: "qwen3:8b".to_owned(), json: json.to_owned() };
        let sent = messages(vec![hi(), assistant(vec![Part::Raw { raw }, text("a")]), hi()]);
        assert_eq!(sent[1], json!({"role": "assistant", "content": "a"}), "{json}");
    }
}

#[test]
fn images_stand_beside_the_text() {
    let history = vec![
        user(vec![Part::Image { image: image("QUJD") }, text("what"), Part::Image { image: image("REVG") }]),
        assistant(vec![call("1", "look", json!({})), call("2", "look", json!({}))]),
        user(vec![output("1", "one", &["R0hJ"]), output("2", "", &["SktM", "TU5P"]), text("so")]),
    ];
    let sent = messages(history.clone());
    assert_eq!(sent[0], json!({"role": "user", "content": "what", "images": ["QUJD", "REVG"]}));
    assert_eq!(sent[2]["content"], "one\n\n[Image: see the next message of the user]");
    assert_eq!(sent[3]["content"], "[2 images: see the next message of the user]");
    let shown = "[Image of the result of look (1)]\n\n[2 images of the result of look (2)]";
    assert_eq!(
        sent[4],
        json!({"role": "user", "content": shown, "images": ["R0hJ", "SktM", "TU5P"]}),
        "after all results"
    );
    assert_eq!(sent[5], said("so"));
    let facts = Facts { images: Some(false), ..Facts::default() };
    let blind = body(&Request { facts, ..request(history) });
    assert!(
        !blind.to_string().contains("QUJD")
            && blind["messages"].to_string().matches("does not see").count() == 5
    );
    assert_eq!(blind["messages"].as_array().unwrap().len(), 5, "no message for images that are not there");
    assert_eq!(
        messages(vec![user(vec![Part::Image { image: image("QUJD") }])])[0]["images"],
        json!(["QUJD"])
    );
}

#[test]
fn schemas_are_what_the_server_can_read() {
    let same = json!({"type": "object", "properties": {"a": {"type": ["string", "null"], "items": true}}});
    let rows = [
        (same.clone(), same),
        (json!({}), json!({"type": "object", "properties": {}})),
        (json!(true), json!({"type": "object", "properties": {}})),
        (json!({"type": ["object"]}), json!({"type": "object", "properties": {}})),
        (
            json!({"properties": {"z": true, "a": {"type": "object", "properties": {"b": false, "c": {}}}}, "type": "object"}),
            json!({"properties": {"z": {}, "a": {"type": "object", "properties": {"b": {}, "c": {}}}}, "type": "object"}),
        ),
        (
            json!({"type": "object", "properties": {"a": {"properties": null}}}),
            json!({"type": "object", "properties": {"a": {"properties": {}}}}),
        ),
    ];
    for (schema, want) in rows {
        let mut asked = request(vec![hi()]);
        asked.prompt.tools = vec![tool("f", schema)];
        let sent = body(&asked)["tools"][0]["function"]["parameters"].to_string();
        assert_eq!(sent, want.to_string(), "order too");
    }
}

#[test]
fn nothing_to_send_is_an_error() {
    for messages in [vec![], vec![user(vec![text(" ")])], vec![assistant(vec![text("a")])]] {
        let error = Wire::Ollama.encode(&request(messages), &Dialect::default()).unwrap_err();
        assert!(error.message.contains("nothing to send"));
    }
}
