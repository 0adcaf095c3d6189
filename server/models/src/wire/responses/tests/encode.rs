//! History -> input items.

use crate::{Dialect, Facts, FinishedBlock, ModelEvent, Request, Wire};
use glossator_session::{CallId, Effect, Image, Message, Part, Prompt, Raw, Role, ToolSpec};
use serde_json::{Value, json};

pub(super) fn user(parts: Vec<Part>) -> Message {
    Message { role: Role::User, parts }
}

pub(super) fn assistant(parts: Vec<Part>) -> Message {
    Message { role: Role::Assistant, parts }
}

pub(super) fn text(text: &str) -> Part {
    Part::Text { text: text.to_owned() }
}

fn raw(json: &str) -> Part {
    Part::Raw { raw: Raw { wire: "responses".to_owned(), model: "m".to_owned(), json: json.to_owned() } }
}

pub(super) fn call(id: &str, name: &str, arguments: Value) -> Part {
    Part::ToolCall { id: CallId::from(id), name: name.to_owned(), arguments }
}

pub(super) fn output(id: &str, text: &str) -> Part {
    output_with(id, text, Vec::new())
}

fn output_with(id: &str, text: &str, images: Vec<Image>) -> Part {
    Part::ToolOutput { id: CallId::from(id), text: text.to_owned(), images, is_error: false }
}

fn image() -> Image {
    Image { media_type: "image/png".to_owned(), data: "AA==".to_owned() }
}

pub(super) fn spec(name: &str, freeform: Option<&str>) -> ToolSpec {
    ToolSpec {
        name: name.to_owned(),
        description: "d".to_owned(),
        input_schema: json!({"type": "object"}),
        output_schema: json!({}),
        declaration: String::new(),
        effect: Effect::Read,
        freeform: freeform.map(ToOwned::to_owned),
    }
}

pub(super) fn request(messages: Vec<Message>) -> Request {
    let tools = vec![spec("files.read", None), spec("patch", Some("patch"))];
    let prompt = Prompt { messages, tools, ..Prompt::default() };
    Request { model: "m".to_owned(), prompt, ..Request::default() }
}

pub(super) fn bytes(request: &Request) -> String {
    String::from_utf8(Wire::Responses.encode(request, &Dialect::default()).unwrap().body).unwrap()
}

pub(super) fn body(request: &Request) -> Value {
    serde_json::from_str(&bytes(request)).unwrap()
}

/// An assistant message and the items it comes to, between two messages of the user. Results it is due are not shown.
fn check(name: &str, parts: Vec<Part>, want: &[Value]) {
    let body = body(&request(vec![user(vec![text("a")]), assistant(parts), user(vec![text("z")])]));
    let items: Vec<&Value> = body["input"].as_array().unwrap().iter().collect();
    let shown = items.iter().filter(|item| !item["type"].as_str().unwrap().ends_with("_output"));
    let shown: Vec<&&Value> = shown.collect();
    assert_eq!(shown.len(), want.len() + 2, "{name}: {shown:?}");
    for (item, want) in shown[1..].iter().zip(want) {
        assert_eq!(**item, want, "{name}");
    }
}

const THINKING: &str = r#"{"id":"rs_1", "type":"reasoning","summary":[],"encrypted_content":"gA\u0041="}"#;
const PHASED: &str = r#"{"type":"message","id":"msg_1", "role":"assistant","status":"completed","phase":"commentary","content":[{"type":"output_text","text":"Hi","annotations":[]}]}"#;
const SPACED: &str = r#"{"type":"function_call","id":"fc_1","call_id":"c1","name":"files__read","arguments":"{ \"p\": 1 }","namespace":"fs"}"#;
const SEARCH: &str =
    r#"{"type":"web_search_call","id":"ws_1", "status":"completed","action":{"type":"search"}}"#;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn what_the_model_made() {
    let plain = json!({"type": "message", "role": "assistant", "content": "Hi"});
    let function = |arguments: &str| json!({"type": "function_call", "call_id": "c1", "name": "files__read", "arguments": arguments});
    let arguments = || json!({"p": 1});
    let read = || call("c1", "files.read", arguments());
    check("text", vec![text("Hi")], std::slice::from_ref(&plain));
    let mut bare = json(SPACED);
    bare.as_object_mut().unwrap().remove("id");
    let loose = || json!({"type": "reasoning", "summary": [], "encrypted_content": "gAA="});
    check("thinking without its item", vec![raw(THINKING), text("Hi")], &[loose(), plain.clone()]);
    check(
        "thinking twice",
        vec![raw(THINKING), raw(THINKING), raw(PHASED)],
        &[json(THINKING), json(THINKING), json(PHASED)],
    );
    check("thinking that led to nothing", vec![text("Hi"), raw(THINKING)], std::slice::from_ref(&plain));
    check("phase", vec![raw(THINKING), raw(PHASED)], &[json(THINKING), json(PHASED)]);
    let easy = json!({"type": "message", "role": "assistant", "phase": "commentary", "content": "Hi"});
    check("an id goes only with its thinking", vec![raw(PHASED)], &[easy]);
    check("the provider's own", vec![raw(SEARCH), text("Hi")], &[json(SEARCH), plain.clone()]);
    check("a call", vec![raw(THINKING), read()], &[loose(), function(r#"{"p":1}"#)]);
    check("its own call", vec![raw(THINKING), raw(SPACED), read()], &[json(THINKING), json(SPACED)]);
    let easy = json!({"type": "message", "role": "assistant", "phase": "commentary", "content": "Hi"});
    check(
        "what thinking without its item led to",
        vec![raw(THINKING), text("Hi"), raw(PHASED), raw(SPACED), read(), raw(THINKING), raw(PHASED)],
        &[loose(), plain.clone(), easy, bare.clone(), json(THINKING), json(PHASED)],
    );
    let broken =
        r#"{"type":"function_call","id":"fc_1","call_id":"c1","name":"files__read","arguments":"{ \"p"}"#;
    let mut mended = json!({"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "files__read", "arguments": "{}"});
    let broken_call = || vec![raw(broken), call("c1", "files.read", json!({}))];
    let parts = [vec![raw(THINKING)], broken_call()].concat();
    check("broken arguments of a thought", parts, &[json(THINKING), mended.clone()]);
    mended.as_object_mut().unwrap().remove("id");
    check("broken arguments", broken_call(), std::slice::from_ref(&mended));
    let parts = [vec![raw(THINKING), text("Hi")], broken_call()].concat();
    check("broken arguments after a text", parts, &[loose(), plain.clone(), mended]);
    check("a call kept as it was but for its id", vec![raw(SPACED), read()], std::slice::from_ref(&bare));
    check(
        "of another id",
        vec![raw(SPACED), call("c2", "files.read", arguments())],
        &[
            json!({"type": "function_call", "call_id": "c2", "name": "files__read", "arguments": r#"{"p":1}"#}),
        ],
    );
    check("a call that was cut", vec![text("Hi"), raw(THINKING), raw(SPACED)], std::slice::from_ref(&plain));
    check("no arguments", vec![call("c1", "files.read", Value::Null)], &[function("{}")]);
    check("odd arguments", vec![call("c1", "files.read", json!("x"))], &[function(r#"{"arguments":"x"}"#)]);
    let custom = json!({"type": "custom_tool_call", "call_id": "c1", "name": "patch", "input": "*** Begin"});
    check("plain text", vec![call("c1", "patch", json!("*** Begin"))], &[custom]);
    let object =
        json!({"type": "function_call", "call_id": "c1", "name": "patch", "arguments": r#"{"patch":"x"}"#});
    check("an object for a text tool", vec![call("c1", "patch", json!({"patch": "x"}))], &[object]);
    for broken in ["{", "7", "[]", "", r#"{"type":"x"},{"type":"y"}"#] {
        check(broken, vec![raw(broken), text("Hi")], std::slice::from_ref(&plain));
    }
}

#[test]
fn own_items_go_back_byte_equal_to_their_own_model_only() {
    let turns = |part: Part| {
        vec![user(vec![text("a")]), assistant(vec![raw(THINKING), part, text("b")]), user(vec![text("c")])]
    };
    for kept in [PHASED, SEARCH] {
        let sent = bytes(&request(turns(raw(kept))));
        assert!(sent.contains(&format!("{THINKING},{kept},{{\"type\":\"message\"")), "{sent}");
        let other = Request { model: "other".to_owned(), ..request(turns(raw(kept))) };
        assert!(!bytes(&other).contains("rs_1") && !bytes(&other).contains("_1"), "{}", bytes(&other));
    }
    let mut called = request(vec![
        user(vec![text("a")]),
        assistant(vec![raw(THINKING), raw(SPACED), call("c1", "files.read", json!({"p": 1}))]),
    ]);
    assert!(bytes(&called).contains(&format!("{THINKING},{SPACED},{{")), "{}", bytes(&called));
    called.prompt.tools.clear();
    assert!(bytes(&called).contains(SPACED), "also where the tool is gone");
}

#[test]
fn results() {
    let outputs = |parts: Vec<Part>, results: Vec<Part>, facts: Facts| -> Vec<Value> {
        let messages = vec![user(vec![text("a")]), assistant(parts), user(results)];
        let body = body(&Request { facts, ..request(messages) });
        body["input"]
            .as_array()
            .unwrap()
            .iter()
            .skip_while(|item| item["type"] != "function_call")
            .cloned()
            .collect()
    };
    let read = |id: &str| call(id, "files.read", json!({}));
    let function =
        |id: &str| json!({"type": "function_call", "call_id": id, "name": "files__read", "arguments": "{}"});
    let result =
        |id: &str, output: Value| json!({"type": "function_call_output", "call_id": id, "output": output});
    let both = outputs(
        vec![read("1"), read("2"), call("3", "patch", json!("x"))],
        vec![text("b"), output("3", "ok"), output("2", "two"), output("1", "one")],
        Facts::default(),
    );
    let custom = json!({"type": "custom_tool_call", "call_id": "3", "name": "patch", "input": "x"});
    let want = [
        function("1"),
        function("2"),
        custom,
        result("1", json!("one")),
        result("2", json!("two")),
        json!({"type": "custom_tool_call_output", "call_id": "3", "output": "ok"}),
        json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "b"}]}),
    ];
    assert_eq!(both, want, "parallel calls, then their results in order, then the rest");
    let aborted = outputs(vec![read("1")], vec![text("b")], Facts::default());
    assert!(aborted[1]["output"].as_str().unwrap().starts_with("aborted"), "{aborted:?}");
    let part = json!({"type": "input_text", "text": "one"});
    let shown = json!({"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "auto"});
    let seen = outputs(vec![read("1")], vec![output_with("1", "one", vec![image()])], Facts::default());
    assert_eq!(seen[1], result("1", json!([part, shown])));
    let alone = outputs(vec![read("1")], vec![output_with("1", "", vec![image()])], Facts::default());
    assert_eq!(alone[1], result("1", json!([shown])));
    let blind = Facts { images: Some(false), ..Facts::default() };
    let unseen = outputs(vec![read("1")], vec![output_with("1", "one", vec![image()])], blind);
    assert!(unseen[1]["output"][1]["text"].as_str().unwrap().contains("image/png"), "{unseen:?}");
    let failed =
        Part::ToolOutput { id: CallId::from("1"), text: String::new(), images: Vec::new(), is_error: true };
    let failed = outputs(vec![read("1")], vec![failed], Facts::default());
    assert!(failed[1]["output"].as_str().unwrap().contains("failed"), "{failed:?}");
}

#[test]
fn names_and_ids_fit_the_wire() {
    let long = "i".repeat(80);
    let messages = vec![
        user(vec![text("a")]),
        assistant(vec![call(&long, "gone.tool", json!({}))]),
        user(vec![output(&long, "r")]),
    ];
    let body = body(&request(messages));
    assert_eq!(body["input"][1]["name"], "gone__tool");
    assert_eq!(body["input"][1]["call_id"], "i".repeat(64));
    assert_eq!(body["input"][2]["call_id"], "i".repeat(64));
}

#[test]
fn images_of_the_user() {
    let messages = vec![user(vec![text("a"), Part::Image { image: image() }])];
    let seen = body(&request(messages.clone()));
    let want = json!([{"type": "input_text", "text": "a"},
        {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "auto"}]);
    assert_eq!(seen["input"][0]["content"], want);
    let facts = Facts { images: Some(false), ..Facts::default() };
    let blind = body(&Request { facts, ..request(messages) });
    assert_eq!(blind["input"][0]["content"][1]["type"], "input_text");
}

/// Round `number` of a tool loop: what the model says, and what comes back.
fn round(number: usize) -> [Message; 2] {
    let items = [
        json!({"id": format!("rs_{number}"), "type": "reasoning", "summary": [], "encrypted_content": format!("g+{number}/=")}),
        json!({"id": format!("msg_{number}"), "type": "message", "role": "assistant", "phase": "commentary",
            "content": [{"type": "output_text", "text": format!("Step {number} ü"), "annotations": []}]}),
        json!({"type": "function_call", "call_id": format!("c{number}"), "name": "files__read", "arguments": format!("{{\"p\": {number}}}")}),
        json!({"type": "custom_tool_call", "call_id": format!("p{number}"), "name": "patch", "input": "*** Begin Patch"}),
    ];
    let told = items.iter().enumerate().map(
        |(index, item)| json!({"type": "response.output_item.done", "output_index": index, "item": item}),
    );
    let end = json!({"type": "response.completed", "response": {}});
    let (events, result) = super::decode::run(&told.chain([end]).collect::<Vec<_>>());
    assert_eq!(result, Ok(()));
    let blocks = events.into_iter().filter_map(|event| match event {
        ModelEvent::Block { finished, .. } => Some(finished),
        _ => None,
    });
    let parts = blocks.map(|block| match block {
        FinishedBlock::Text { raw: Some(raw), .. }
        | FinishedBlock::Reasoning { raw: Some(raw), .. }
        | FinishedBlock::Opaque { raw } => Part::Raw { raw: Raw { model: "m".to_owned(), ..raw } },
        FinishedBlock::ToolCall { id, name, arguments } => {
            Part::ToolCall { id, name, arguments: arguments.unwrap() }
        }
        other => panic!("{other:?}"),
    });
    let parts: Vec<Part> = parts.collect();
    let sent = bytes(&request(vec![user(vec![text("a")]), assistant(parts.clone())]));
    let texts: Vec<String> = items.iter().take(3).map(Value::to_string).collect();
    assert!(sent.contains(&texts.join(",")), "byte-equal, in place and order: {sent}");
    [assistant(parts), user(vec![output(&format!("c{number}"), "one"), output(&format!("p{number}"), "two")])]
}

#[test]
fn a_longer_history_keeps_the_bytes_before_it() {
    let mut messages = vec![user(vec![text("start")])];
    let mut before = bytes(&request(messages.clone()));
    for number in 0..10 {
        messages.extend(round(number));
        let now = bytes(&request(messages.clone()));
        assert_eq!(now, bytes(&request(messages.clone())), "the same bytes each time");
        let stem = before.strip_suffix("]}").unwrap();
        assert!(now.starts_with(stem), "round {number}:\n{stem}\n{now}");
        before = now;
    }
    let sent: Value = serde_json::from_str(&before).unwrap();
    let kinds: Vec<&str> =
        sent["input"].as_array().unwrap()[1..7].iter().map(|item| item["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "reasoning",
            "message",
            "function_call",
            "custom_tool_call",
            "function_call_output",
            "custom_tool_call_output"
        ]
    );
    assert_eq!(sent["input"][1]["encrypted_content"], "g+0/=");
}
