//! The encoder: prompts -> bodies.

use crate::{FinishedBlock, Request, Thinking, Wire, decode_all};
use glossator_session::{CallId, Effect, Message, Part, Prompt, Raw, Role, SystemPart, ToolSpec};
use serde_json::{Value, json};

fn user(parts: Vec<Part>) -> Message {
    Message { role: Role::User, parts }
}

fn assistant(parts: Vec<Part>) -> Message {
    Message { role: Role::Assistant, parts }
}

fn text(text: &str) -> Part {
    Part::Text { text: text.to_owned() }
}

fn raw(model: &str, json: &str) -> Part {
    Part::Raw { raw: Raw { wire: "messages".to_owned(), model: model.to_owned(), json: json.to_owned() } }
}

fn call(id: &str) -> Part {
    Part::ToolCall { id: CallId::from(id), name: "files.read".to_owned(), arguments: json!({"p": 1}) }
}

fn output(id: &str, text: &str) -> Part {
    Part::ToolOutput { id: CallId::from(id), text: text.to_owned(), images: Vec::new(), is_error: false }
}

fn spec(name: &str) -> ToolSpec {
    ToolSpec {
        name: name.to_owned(),
        description: "d".to_owned(),
        input_schema: json!({"type": "object"}),
        output_schema: json!({}),
        declaration: String::new(),
        effect: Effect::Read,
        freeform: None,
    }
}

fn request(messages: Vec<Message>) -> Request {
    let prompt = Prompt { messages, tools: vec![spec("files.read")], ..Prompt::default() };
    Request { model: "m".to_owned(), prompt, ..Request::default() }
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&Wire::Messages.encode(request, &crate::Dialect::default()).unwrap().body).unwrap()
}

/// Messages without their cache marks, short: `u: text "hi"`.
fn check(name: &str, messages: Vec<Message>, want: &[&str]) {
    let body = body(&request(messages));
    let shown: Vec<String> = body["messages"].as_array().unwrap().iter().map(show).collect();
    assert_eq!(shown, want, "{name}");
}

fn show(message: &Value) -> String {
    let blocks =
        message["content"].as_array().unwrap().iter().map(|block| match block["type"].as_str().unwrap() {
            "text" => format!("{:?}", block["text"].as_str().unwrap()),
            "tool_use" => {
                format!("call {} {}", block["id"].as_str().unwrap(), block["name"].as_str().unwrap())
            }
            "tool_result" => {
                let failed = if block["is_error"] == true { "!" } else { "" };
                let words: Vec<&str> = block["content"].as_str().unwrap().split(':').collect();
                format!("result {}{failed} {}", block["tool_use_id"].as_str().unwrap(), words[0])
            }
            other => other.to_owned(),
        });
    format!("{}: {}", &message["role"].as_str().unwrap()[..1], blocks.collect::<Vec<_>>().join(", "))
}

const THINKING: &str = r#"{"type":"thinking", "thinking":"","signature":"s"}"#;

#[test]
fn roles_take_turns() {
    check("plain", vec![user(vec![text("hi")])], &["u: \"hi\""]);
    check(
        "merged",
        vec![user(vec![text("a")]), user(vec![text("b"), text("c")])],
        &["u: \"a\", \"b\", \"c\""],
    );
    let gap = vec![user(vec![text("a")]), assistant(vec![text(" \n")]), user(vec![text(""), text("b")])];
    check("empty texts and messages go", gap, &["u: \"a\", \"b\""]);
    let first = vec![
        assistant(vec![text("x"), call("1")]),
        user(vec![output("1", "r")]),
        assistant(vec![text("y")]),
        user(vec![text("z")]),
    ];
    check("the user comes first", first, &["u: \"z\""]);
    check(
        "end trimmed",
        vec![user(vec![text("a ")]), assistant(vec![text("b \n")])],
        &["u: \"a \"", "a: \"b\""],
    );
    let inner = vec![user(vec![text("a")]), assistant(vec![text("b \n")]), user(vec![text("c")])];
    check("only the last one", inner, &["u: \"a\"", "a: \"b \\n\"", "u: \"c\""]);
}

#[test]
fn calls_have_results_and_results_have_calls() {
    let hi = || user(vec![text("hi")]);
    let two = vec![
        hi(),
        assistant(vec![text("so"), call("1"), call("2")]),
        user(vec![text("and"), output("2", "b"), output("1", "a")]),
    ];
    check(
        "results first, in order",
        two,
        &[
            "u: \"hi\"",
            "a: \"so\", call 1 files__read, call 2 files__read",
            "u: result 1 a, result 2 b, \"and\"",
        ],
    );
    let none = vec![hi(), assistant(vec![call("1")]), user(vec![text("stop")])];
    check("missing", none, &["u: \"hi\"", "a: call 1 files__read", "u: result 1! aborted, \"stop\""]);
    let last = vec![hi(), assistant(vec![call("1")])];
    check("missing at the end", last, &["u: \"hi\"", "a: call 1 files__read", "u: result 1! aborted"]);
    check("no call", vec![hi(), user(vec![output("9", "x")])], &["u: \"hi\""]);
    let twice = vec![hi(), assistant(vec![call("1")]), user(vec![output("1", "a"), output("1", "b")])];
    check("two results", twice, &["u: \"hi\"", "a: call 1 files__read", "u: result 1 a"]);
    let early = vec![hi(), user(vec![output("1", "a")]), assistant(vec![call("1")])];
    check("result before its call", early, &["u: \"hi\"", "a: call 1 files__read", "u: result 1! aborted"]);
    let late = vec![
        hi(),
        assistant(vec![call("1")]),
        user(vec![text("t")]),
        assistant(vec![text("x")]),
        user(vec![output("1", "a")]),
        assistant(vec![text("y")]),
    ];
    check("late", late, &["u: \"hi\"", "a: call 1 files__read", "u: result 1 a, \"t\"", "a: \"x\", \"y\""]);
    let again = vec![
        hi(),
        assistant(vec![call("0")]),
        user(vec![output("0", "a")]),
        assistant(vec![call("0")]),
        user(vec![output("0", "b")]),
    ];
    check(
        "the same id again",
        again,
        &[
            "u: \"hi\"",
            "a: call 0 files__read",
            "u: result 0 a",
            "a: call 0_2 files__read",
            "u: result 0_2 b",
        ],
    );
    let odd = vec![hi(), assistant(vec![call("s1.2|x")]), user(vec![output("s1.2|x", "a")])];
    check(
        "ids the wire does not take",
        odd,
        &["u: \"hi\"", "a: call s1__2_x files__read", "u: result s1__2_x a"],
    );
    check("a call of the user", vec![user(vec![text("a"), call("1")])], &["u: \"a\""]);
}

#[test]
fn arguments_are_always_an_object() {
    let call = Part::ToolCall { id: CallId::from("1"), name: "f".to_owned(), arguments: json!("{\"cut") };
    let body = body(&request(vec![user(vec![text("a")]), assistant(vec![call])]));
    assert_eq!(body["messages"][1]["content"][0]["input"], json!({"arguments": "{\"cut"}));
}

#[test]
fn raw_blocks_go_back_to_their_own_model_only() {
    let turn = |part| vec![user(vec![text("a")]), assistant(vec![part, text("b")]), user(vec![text("c")])];
    let sent = |part| {
        String::from_utf8(
            Wire::Messages.encode(&request(turn(part)), &crate::Dialect::default()).unwrap().body,
        )
        .unwrap()
    };
    assert!(sent(raw("m", THINKING)).contains(THINKING), "byte-equal, odd space included");
    assert!(!sent(raw("other", THINKING)).contains("thinking"), "another model");
    let foreign = Raw { wire: "responses".to_owned(), model: "m".to_owned(), json: THINKING.to_owned() };
    assert!(!sent(Part::Raw { raw: foreign }).contains("thinking"), "another wire");
    for broken in ["{", "7", "[]", "", r#"{"type":"x"},{"type":"y"}"#] {
        let shown = body(&request(turn(raw("m", broken))));
        assert_eq!(show(&shown["messages"][1]), "a: \"b\"", "{broken}");
    }
    let cut =
        vec![user(vec![text("a")]), assistant(vec![text("b"), raw("m", THINKING)]), user(vec![text("c")])];
    check("thinking at the end of a message was cut", cut, &["u: \"a\"", "a: \"b\"", "u: \"c\""]);
}

#[test]
fn thinking_comes_back_byte_equal() {
    let block = json!({"type": "thinking", "thinking": "a \"ü\" \\ 🦀\n", "signature": "Eq+/=="});
    let call = json!({"type": "tool_use", "id": "toolu_1", "name": "files__read", "input": {"p": 1}});
    let redacted = json!({"type": "redacted_thinking", "data": "xyz"});
    let sse = crate::scripted::sse("m", &[block, redacted, call], "tool_use", 1);
    let mut parts = Vec::new();
    let mut raws = Vec::new();
    for block in decode_all("messages", &sse).unwrap().result.blocks {
        match block {
            FinishedBlock::Reasoning { raw: Some(raw), .. } => {
                raws.push(raw.json.clone());
                parts.push(Part::Raw { raw: Raw { model: "m".to_owned(), ..raw } });
            }
            FinishedBlock::ToolCall { id, name, arguments } => {
                parts.push(Part::ToolCall { id, name, arguments: arguments.unwrap() });
            }
            other => panic!("{other:?}"),
        }
    }
    let turns = vec![user(vec![text("a")]), assistant(parts), user(vec![output("toolu_1", "r")])];
    let body =
        String::from_utf8(Wire::Messages.encode(&request(turns), &crate::Dialect::default()).unwrap().body)
            .unwrap();
    assert_eq!(raws[0], r#"{"type":"thinking","thinking":"a \"ü\" \\ 🦀\n","signature":"Eq+/=="}"#);
    let want = format!(r#"{{"role":"assistant","content":[{},{},{{"type":"tool_use""#, raws[0], raws[1]);
    assert!(body.contains(&want), "{body}");
}

#[test]
fn cache_marks() {
    let mark = json!({"type": "ephemeral"});
    let messages = vec![
        user(vec![text("a")]),
        assistant(vec![call("1")]),
        user(vec![output("1", "r")]),
        assistant(vec![call("2")]),
        user(vec![output("2", "")]),
    ];
    let mut request = request(messages);
    let part = |text: &str| SystemPart { layer: "l".to_owned(), text: text.to_owned() };
    request.prompt.system = vec![part("one"), part("two"), part(" ")];
    request.prompt.tools.push(spec("b"));
    let body = body(&request);
    assert_eq!(
        body["system"],
        json!([{"type": "text", "text": "one"}, {"type": "text", "text": "two", "cache_control": mark}])
    );
    assert_eq!(
        (&body["tools"][0]["cache_control"], &body["tools"][1]["cache_control"]),
        (&Value::Null, &mark)
    );
    let marked: Vec<bool> =
        (0..5).map(|at| body["messages"][at].to_string().contains("cache_control")).collect();
    assert_eq!(marked, [false, false, true, false, false], "never on empty text");
    assert_eq!(body.to_string().matches("cache_control").count(), 3);
}

#[test]
fn a_longer_history_keeps_the_bytes_before_it() {
    let mut messages = vec![
        user(vec![text("a")]),
        assistant(vec![raw("m", THINKING), call("1")]),
        user(vec![output("1", "r")]),
    ];
    let plain = |messages: &[Message]| {
        let bytes =
            Wire::Messages.encode(&request(messages.to_vec()), &crate::Dialect::default()).unwrap().body;
        String::from_utf8(bytes).unwrap().replace(r#","cache_control":{"type":"ephemeral"}"#, "")
    };
    let short = plain(&messages);
    assert_eq!(short, plain(&messages), "the same bytes each time");
    messages.extend([assistant(vec![text("b")]), user(vec![text("c")])]);
    let prefix = short.trim_end_matches('}').trim_end_matches(']');
    let (before, _) = prefix.rsplit_once('}').unwrap();
    assert!(plain(&messages).starts_with(before), "{before}\n{}", plain(&messages));
}

#[test]
fn parameters_only_when_set() {
    let plain = request(vec![user(vec![text("a")])]);
    let bytes =
        String::from_utf8(Wire::Messages.encode(&plain, &crate::Dialect::default()).unwrap().body).unwrap();
    let mark = r#""cache_control":{"type":"ephemeral"}"#;
    assert_eq!(
        bytes,
        format!(
            r#"{{"model":"m","max_tokens":32000,"stream":true,"tools":[{{"name":"files__read","description":"d","input_schema":{{"type":"object"}},{mark}}}],"messages":[{{"role":"user","content":[{{"type":"text","text":"a",{mark}}}]}}]}}"#
        )
    );
    let full = Request {
        max_output: Some(50),
        thinking: Thinking::Adaptive,
        effort: Some("high".to_owned()),
        temperature: Some(0.5),
        stop: vec!["END".to_owned(), " ".to_owned()],
        ..plain.clone()
    };
    let full = body(&full);
    assert_eq!(full["max_tokens"], 50);
    assert_eq!(full["thinking"], json!({"type": "adaptive"}));
    assert_eq!(full["output_config"], json!({"effort": "high"}));
    assert_eq!(full["temperature"], Value::Null, "not beside thinking");
    assert_eq!(full["stop_sequences"], json!(["END"]));
    let budget = body(&Request { thinking: Thinking::Budget(40_000), ..plain.clone() });
    assert_eq!(budget["thinking"], json!({"type": "enabled", "budget_tokens": 40_000}));
    assert_eq!(budget["max_tokens"], 48_000);
    let off = body(&Request { thinking: Thinking::Off, temperature: Some(f64::NAN), ..plain });
    assert_eq!((&off["thinking"], &off["temperature"]), (&json!({"type": "disabled"}), &Value::Null));
}

#[test]
fn nothing_to_send_is_an_error() {
    for messages in [vec![], vec![user(vec![text(" ")])], vec![assistant(vec![text("a")])]] {
        assert!(
            Wire::Messages
                .encode(&request(messages), &crate::Dialect::default())
                .unwrap_err()
                .message
                .contains("nothing to send")
        );
    }
}
