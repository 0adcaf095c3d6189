//! What the Messages encoder makes of images, facts of the model and long turns.

use crate::{Facts, Request, Thinking, ThinkingStyle, Wire, catalogue, decode_all, decode_chunks};
use glossator_session::{CallId, Image, Message, Part, Prompt, Raw, Role, SystemPart};
use proptest::prelude::*;
use serde_json::{Value, json};

fn text(text: &str) -> Part {
    Part::Text { text: text.to_owned() }
}

fn image(media_type: &str, data: &str) -> Image {
    Image { media_type: media_type.to_owned(), data: data.to_owned() }
}

fn call(id: &str) -> Part {
    Part::ToolCall { id: CallId::from(id), name: "see".to_owned(), arguments: json!({"p": 1}) }
}

fn output(id: &str, text: &str, is_error: bool) -> Part {
    let images = vec![image("image/png", "UE5H"), image("image/jpeg", "SlBH")];
    Part::ToolOutput { id: CallId::from(id), text: text.to_owned(), images, is_error }
}

fn message(role: Role, parts: Vec<Part>) -> Message {
    Message { role, parts }
}

fn request(messages: Vec<Message>) -> Request {
    let prompt = Prompt { messages, ..Prompt::default() };
    Request { model: "m".to_owned(), prompt, ..Request::default() }
}

fn bytes(request: &Request) -> String {
    let encoded = Wire::Messages.encode(request, &crate::Dialect::default()).unwrap();
    String::from_utf8(encoded.body).unwrap().replace(r#","cache_control":{"type":"ephemeral"}"#, "")
}

fn body(request: &Request) -> Value {
    serde_json::from_str(&bytes(request)).unwrap()
}

fn base64(media_type: &str, data: &str) -> Value {
    json!({"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}})
}

#[test]
fn images_stand_where_the_wire_takes_them() {
    let mut request = request(vec![
        message(Role::User, vec![Part::Image { image: image("image/webp", "V0VC") }, text("what is it?")]),
        message(Role::Assistant, vec![call("1"), call("2"), call("3")]),
        message(
            Role::User,
            vec![
                output("1", "shot", false),
                output("2", "failed", true),
                output("3", " ", false),
                text("so?"),
            ],
        ),
    ]);
    let (png, jpeg) = (base64("image/png", "UE5H"), base64("image/jpeg", "SlBH"));
    let sent = body(&request);
    assert_eq!(
        sent["messages"][0]["content"],
        json!([base64("image/webp", "V0VC"), {"type": "text", "text": "what is it?"}])
    );
    assert_eq!(
        sent["messages"][2]["content"],
        json!([
            {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "text", "text": "shot"}, png, jpeg]},
            {"type": "tool_result", "tool_use_id": "2", "is_error": true, "content": "failed"},
            {"type": "tool_result", "tool_use_id": "3", "content": [png, jpeg]},
            png, jpeg,
            {"type": "text", "text": "so?"},
        ])
    );
    request.facts.images = Some(false);
    let blind = bytes(&request);
    assert!(!blind.contains("base64") && blind.matches("does not take images").count() == 7, "{blind}");
}

#[test]
fn images_that_would_be_refused_are_named_in_words() {
    let large = "A".repeat((5 << 20) + 1);
    let rows = [
        ("image/bmp", "Qk0=", "only PNG, JPEG"),
        ("image/svg+xml", "PHN2", "only PNG, JPEG"),
        ("IMAGE/PNG", "UE5H", "only PNG, JPEG"),
        ("image/png", "", "empty"),
        ("image/png", large.as_str(), "larger than the 5 MB"),
    ];
    for (media_type, data, words) in rows {
        let sent =
            body(&request(vec![message(Role::User, vec![Part::Image { image: image(media_type, data) }])]));
        let block = &sent["messages"][0]["content"][0];
        assert!(block["text"].as_str().is_some_and(|text| text.contains(words)), "{media_type}: {block}");
    }
    let shot = image("image/png", &"A".repeat(5 << 20));
    let many = request(vec![message(Role::User, vec![Part::Image { image: shot }; 7])]);
    let error = Wire::Messages.encode(&many, &crate::Dialect::default()).unwrap_err();
    assert!(error.kind == crate::ErrorKind::TooLong && error.message.contains("35 MB"), "{error}");
}

/// `asked` with facts of that style -> thinking and effort as sent.
fn asked(style: ThinkingStyle, thinking: Thinking, effort: Option<&str>) -> (Value, Value) {
    let efforts: &[&str] = match style {
        ThinkingStyle::Effort => &["none", "low", "high"],
        ThinkingStyle::Always | ThinkingStyle::EffortAlways => &["low", "high"],
        ThinkingStyle::None => &["none"],
        _ => &[],
    };
    let efforts = efforts.iter().map(|effort| (*effort).to_owned()).collect();
    let facts = Facts { thinking: style, efforts, ..Facts::default() };
    let effort = effort.map(ToOwned::to_owned);
    let sent =
        body(&Request { facts, thinking, effort, ..request(vec![message(Role::User, vec![text("a")])]) });
    (sent["thinking"].clone(), sent["output_config"]["effort"].clone())
}

#[test]
fn thinking_goes_by_what_the_model_does() {
    use ThinkingStyle::{Adaptive, Always, Budget, Effort, EffortAlways, None as Never, Unknown};
    let (none, off) = (Value::Null, json!({"type": "disabled"}));
    let adaptive = json!({"type": "adaptive"});
    let shown = json!({"type": "adaptive", "display": "summarized"});
    let budget = |tokens: u32| json!({"type": "enabled", "budget_tokens": tokens});
    let rows = [
        (Unknown, Thinking::Default, None, &none, none.clone()),
        (Unknown, Thinking::Off, Some("odd"), &off, json!("odd")),
        (Unknown, Thinking::Budget(7), None, &budget(7), none.clone()),
        (Never, Thinking::Adaptive, Some("high"), &none, none.clone()),
        (Never, Thinking::Off, None, &none, none.clone()),
        (Budget, Thinking::Default, None, &none, none.clone()),
        (Budget, Thinking::Off, None, &off, none.clone()),
        (Budget, Thinking::Adaptive, None, &budget(16_000), none.clone()),
        (Budget, Thinking::Budget(7), None, &budget(1024), none.clone()),
        (Adaptive, Thinking::Default, Some("max"), &none, json!("max")),
        (Adaptive, Thinking::Off, None, &off, none.clone()),
        (Adaptive, Thinking::Adaptive, None, &shown, none.clone()),
        (Adaptive, Thinking::Budget(9000), None, &shown, none.clone()),
        (Always, Thinking::Default, None, &none, none.clone()),
        (Always, Thinking::Off, Some("high"), &none, json!("low")),
        (Always, Thinking::Budget(9000), Some("max"), &shown, json!("high")),
        (Effort, Thinking::Off, None, &off, none.clone()),
        (Effort, Thinking::Adaptive, Some("medium"), &adaptive, json!("low")),
        (EffortAlways, Thinking::Off, None, &none, json!("low")),
        (EffortAlways, Thinking::Budget(2000), None, &budget(2000), none.clone()),
    ];
    for (style, thinking, effort, want, want_effort) in rows {
        assert_eq!(
            asked(style, thinking, effort),
            (want.clone(), want_effort),
            "{style:?} {thinking:?} {effort:?}"
        );
    }
}

#[test]
fn limits_and_sampling_go_by_what_the_model_takes() {
    let plain = request(vec![message(Role::User, vec![text("a")])]);
    let known = |facts: Facts, thinking: Thinking, max_output: Option<u32>| {
        let (temperature, top_p) = (Some(0.5), Some(0.9));
        body(&Request { facts, thinking, max_output, temperature, top_p, ..plain.clone() })
    };
    let facts = |max_output, sampling| Facts { max_output, sampling, ..Facts::default() };
    let thinks = |max_output| Facts { thinking: ThinkingStyle::Budget, ..facts(max_output, None) };
    let budget = |tokens| Thinking::Budget(tokens);
    let rows = [
        ("nothing known", known(facts(None, None), Thinking::Default, None), 32_000, Some(0.5), Some(0.9)),
        ("takes none", known(facts(None, Some(false)), Thinking::Default, None), 32_000, None, None),
        ("takes one", known(facts(None, Some(true)), Thinking::Default, None), 32_000, Some(0.5), None),
        ("small model", known(facts(Some(8192), None), Thinking::Default, None), 8192, Some(0.5), Some(0.9)),
        (
            "as the user set it",
            known(facts(Some(8192), None), Thinking::Default, Some(9000)),
            9000,
            Some(0.5),
            Some(0.9),
        ),
        ("budget", known(thinks(Some(64_000)), budget(40_000), None), 48_000, None, None),
        ("budget above all", known(thinks(Some(20_000)), budget(40_000), None), 20_000, None, None),
    ];
    for (name, sent, max_tokens, temperature, top_p) in rows {
        let told = (sent["max_tokens"].as_u64(), sent["temperature"].as_f64(), sent["top_p"].as_f64());
        assert_eq!(told, (Some(max_tokens), temperature, top_p), "{name}");
        let budget = sent["thinking"]["budget_tokens"].as_u64();
        assert!(budget.is_none_or(|budget| budget < max_tokens && budget > 10_000), "{name}: {budget:?}");
    }
    let tight = known(thinks(None), budget(4000), Some(1000));
    assert_eq!((&tight["thinking"], &tight["temperature"]), (&Value::Null, &json!(0.5)), "no room to think");

    let schema = json!({"type": "object", "properties": {}, "additionalProperties": false});
    let formatted =
        body(&Request { output_schema: Some(schema.clone()), cache_key: Some("s".to_owned()), ..plain });
    assert_eq!(formatted["output_config"], json!({"format": {"type": "json_schema", "schema": schema}}));
    assert!(!formatted.to_string().contains("cache_key"));
}

#[test]
fn models_of_the_catalogue_are_asked_as_they_want_it() {
    let rows = [
        ("claude-haiku-4-5", Thinking::Off, json!({"type": "disabled"}), Value::Null, json!(0.5)),
        ("claude-haiku-5-5", Thinking::Off, json!({"type": "disabled"}), json!("high"), Value::Null),
        ("claude-fable-5", Thinking::Off, Value::Null, json!("low"), Value::Null),
        (
            "claude-sonnet-5-5",
            Thinking::Budget(5000),
            json!({"type": "adaptive", "display": "summarized"}),
            json!("high"),
            Value::Null,
        ),
        ("claude-unknown-9", Thinking::Off, json!({"type": "disabled"}), json!("high"), json!(0.5)),
    ];
    for (model, thinking, want, effort, temperature) in rows {
        let facts = catalogue::facts("anthropic", model);
        let plain = request(vec![message(Role::User, vec![text("a")])]);
        let asked = Request {
            model: model.to_owned(),
            facts,
            thinking,
            effort: Some("high".to_owned()),
            temperature: Some(0.5),
            ..plain
        };
        let sent = body(&asked);
        assert_eq!(sent["model"], model, "an id is never changed");
        let told = (&sent["thinking"], &sent["output_config"]["effort"], &sent["temperature"]);
        assert_eq!(told, (&want, &effort, &temperature), "{model}");
    }
}

#[test]
fn ten_rounds_grow_by_their_end_only() {
    let mut messages =
        vec![message(Role::User, vec![text("do it"), Part::Image { image: image("image/png", "UE5H") }])];
    let mut before: Option<String> = None;
    for round in 0..10 {
        let mut request = request(messages.clone());
        request.prompt.system = vec![SystemPart { layer: "l".to_owned(), text: "rules".to_owned() }];
        request.thinking = Thinking::Adaptive;
        let sent = bytes(&request);
        assert_eq!(sent, bytes(&request), "the same bytes each time");
        let rest = r#"],"thinking":{"type":"adaptive"}}"#;
        let growing = sent.strip_suffix(rest).unwrap().to_owned();
        if let Some(before) = before.replace(growing.clone()) {
            assert!(growing.starts_with(&before), "round {round}");
        }
        let id = format!("toolu_{round}");
        let json = format!(r#"{{"type":"thinking","thinking":"","signature":"s{round}"}}"#);
        let raw = Raw { wire: "messages".to_owned(), model: "m".to_owned(), json };
        let two = vec![Part::Raw { raw }, text("next"), call(&id), call(&format!("{id}b"))];
        messages.push(message(Role::Assistant, two));
        // One round lost its second result.
        let mut results = vec![output(&id, "seen", round % 3 == 2)];
        if round != 4 {
            results.push(output(&format!("{id}b"), "", false));
        }
        results.push(text("go on"));
        messages.push(message(Role::User, results));
    }
}

proptest! {
    #[test]
    fn any_cut_of_the_bytes_gives_the_same(text in ".{0,60}", sizes in prop::collection::vec(1_usize..40, 1..20)) {
        let blocks = [
            json!({"type": "thinking", "thinking": text, "signature": "Sig"}),
            json!({"type": "text", "text": text}),
            json!({"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": text}}),
        ];
        let bytes = crate::scripted::sse("m", &blocks, "tool_use", 9);
        let (mut rest, mut pieces) = (bytes.as_slice(), Vec::new());
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        let whole = decode_all("messages", &bytes).unwrap();
        prop_assert_eq!(&whole.error, &None);
        prop_assert_eq!(whole.result.text(), text);
        prop_assert_eq!(decode_chunks("messages", pieces).unwrap(), whole);
    }
}
