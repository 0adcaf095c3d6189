//! The decoder: lines -> events, whatever it is fed.

use super::*;
use crate::{
    Assembled, Decoder, ErrorKind, FinishedBlock, ModelError, ModelEvent, StopReason, WireNames, decode_all,
};
use glossator_session::{Raw, Usage};
use proptest::prelude::*;

const END: &str = r#"{"model":"q","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":20,"eval_count":5}"#;

fn decoder() -> Decoder {
    let mut names = WireNames::default();
    names.add("agents.launch");
    Wire::Ollama.decoder("asked", names)
}

fn run(lines: &[String]) -> (Vec<ModelEvent>, Result<(), ModelError>) {
    let mut decoder = decoder();
    let mut all = Vec::new();
    for line in lines {
        match decoder.push(line) {
            Ok(events) => all.extend(events),
            Err(error) => return (all, Err(error)),
        }
    }
    let end = decoder.finish().map(|events| assert_eq!(events, []));
    (all, end)
}

fn message(fields: Value) -> String {
    json!({"model": "q", "message": fields, "done": false}).to_string()
}

/// The messages, then the end: what they come to.
fn result(messages: &[Value]) -> Assembled {
    let mut lines: Vec<String> = messages.iter().cloned().map(message).collect();
    lines.push(END.to_owned());
    let (events, end) = run(&lines);
    assert_eq!(end, Ok(()), "{messages:?}");
    let mut result = Assembled::default();
    events.iter().for_each(|event| result.push(event));
    result
}

fn said(text: &str) -> FinishedBlock {
    FinishedBlock::Text { text: text.to_owned(), raw: None }
}

fn thought(text: &str) -> FinishedBlock {
    let json = json!({"type": "thinking", "thinking": text}).to_string();
    let raw = Raw { wire: "ollama".to_owned(), model: "asked".to_owned(), json };
    FinishedBlock::Reasoning { text: text.to_owned(), raw: Some(raw) }
}

fn called(id: &str, arguments: Result<Value, &str>) -> FinishedBlock {
    let arguments = arguments.map_err(ToOwned::to_owned);
    FinishedBlock::ToolCall { id: CallId::from(id), name: "agents.launch".to_owned(), arguments }
}

fn calls(calls: &[(Option<&str>, Value)]) -> Value {
    let calls: Vec<Value> = calls
        .iter()
        .map(|(id, arguments)| {
            let mut call = json!({"function": {"name": "agents__launch", "arguments": arguments}});
            if let Some(id) = id {
                call["id"] = json!(id);
            }
            call
        })
        .collect();
    json!({"role": "assistant", "content": "", "tool_calls": calls})
}

#[test]
fn fields_become_blocks() {
    let rows: &[(&str, &[Value], &[FinishedBlock])] = &[
        ("nothing", &[], &[]),
        (
            "text",
            &[json!({"content": "Hel"}), json!({"content": ""}), json!({"content": "lo"})],
            &[said("Hello")],
        ),
        (
            "thinking, then text",
            &[
                json!({"content": "", "thinking": "so"}),
                json!({"thinking": "so\""}),
                json!({"content": "Hi"}),
            ],
            &[thought("soso\""), said("Hi")],
        ),
        ("both in one line", &[json!({"content": "a", "thinking": "t"})], &[thought("t"), said("a")]),
        (
            "thinking in between",
            &[json!({"content": "a"}), json!({"thinking": "t"}), json!({"content": "b"})],
            &[said("a"), thought("t"), said("b")],
        ),
        (
            "all in one line",
            &[
                json!({"thinking": "t", "content": "a", "tool_calls": [{"function": {"name": "agents__launch"}}]}),
            ],
            &[thought("t"), said("a"), called("call_0", Ok(json!({})))],
        ),
        ("nulls", &[json!({"content": null, "thinking": null, "tool_calls": null})], &[]),
    ];
    for (name, messages, want) in rows {
        assert_eq!(result(messages).blocks, *want, "{name}");
    }
}

#[test]
fn calls_of_every_kind() {
    let ok = |id: &str| called(id, Ok(json!({"p": 1})));
    let object = json!({"p": 1});
    let rows: &[(&str, &[Value], &[FinishedBlock])] = &[
        ("with an id", &[calls(&[(Some("c1"), object.clone())])], &[ok("c1")]),
        (
            "without ids, in one line and two",
            &[calls(&[(None, object.clone()), (Some(""), object.clone())]), calls(&[(None, object.clone())])],
            &[ok("call_0"), ok("call_1"), ok("call_2")],
        ),
        (
            "the same id twice",
            &[calls(&[(Some("call_1"), object.clone()), (Some("call_1"), object.clone())])],
            &[ok("call_1"), ok("call_2")],
        ),
        ("arguments as text", &[calls(&[(None, json!("{\"p\":1}"))])], &[ok("call_0")]),
        (
            "arguments as broken text",
            &[calls(&[(None, json!("{\"p\":"))])],
            &[called("call_0", Err("{\"p\":"))],
        ),
        ("no arguments", &[calls(&[(None, Value::Null)])], &[called("call_0", Ok(json!({})))]),
        ("empty text", &[calls(&[(None, json!(" "))])], &[called("call_0", Ok(json!({})))]),
        ("a list", &[calls(&[(None, json!([1]))])], &[called("call_0", Ok(json!([1])))]),
    ];
    for (name, messages, want) in rows {
        let result = result(messages);
        assert_eq!(result.blocks, *want, "{name}");
        assert_eq!(result.stop, Some(StopReason::ToolUse), "{name}: whatever the server calls it");
    }
}

#[test]
fn the_pieces_of_a_call_make_its_arguments() {
    let (events, _) = run(&[message(calls(&[(Some("c"), json!({"ü": [1, {"a": null}]}))])), END.to_owned()]);
    let mut pieces = Vec::new();
    for event in &events {
        if let ModelEvent::ToolCall { block: 0, arguments_delta, .. } = event {
            pieces.push(arguments_delta.as_str());
        }
    }
    assert_eq!(pieces, ["", r#"{"ü":[1,{"a":null}]}"#]);
    let kinds: Vec<String> = events
        .iter()
        .map(|event| serde_json::to_value(event).unwrap()["kind"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["started", "toolCall", "toolCall", "block", "usage", "stopped"]);
}

#[test]
fn how_it_stops_and_what_it_cost() {
    let usage = |input, cache_read, output| Usage { input, cache_read, output, ..Usage::default() };
    let other = |name: &str| StopReason::Other { name: name.to_owned() };
    let rows = [
        (
            json!({"done_reason": "stop", "prompt_eval_count": 20, "eval_count": 5}),
            StopReason::EndTurn,
            usage(20, 0, 5),
        ),
        (json!({"done_reason": "length", "eval_count": 5}), StopReason::MaxTokens, usage(0, 0, 5)),
        (json!({}), StopReason::EndTurn, Usage::default()),
        (json!({"done_reason": ""}), StopReason::EndTurn, Usage::default()),
        (json!({"done_reason": "load"}), other("load"), Usage::default()),
        (
            json!({"prompt_eval_count": 40, "prompt_eval_cached_count": 32, "eval_count": 1}),
            StopReason::EndTurn,
            usage(8, 32, 1),
        ),
        (
            json!({"prompt_eval_count": 4, "prompt_eval_cached_count": 32}),
            StopReason::EndTurn,
            usage(0, 32, 0),
        ),
        (json!({"prompt_eval_count": -1, "eval_count": "x"}), StopReason::EndTurn, Usage::default()),
    ];
    for (fields, reason, usage) in rows {
        let mut line = json!({"model": "q", "done": true});
        line.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let (events, end) = run(&[line.to_string(), "{\"error\":\"late\"}".to_owned()]);
        assert_eq!(end, Ok(()), "{line}: what comes after the end is ignored");
        let mut result = Assembled::default();
        events.iter().for_each(|event| result.push(event));
        assert_eq!(
            (result.stop, result.usage, result.model.as_deref()),
            (Some(reason), usage, Some("q")),
            "{line}"
        );
    }
    let cut =
        json!({"model": "q", "message": calls(&[(None, json!({}))]), "done": true, "done_reason": "length"});
    let (events, _) = run(&[cut.to_string()]);
    assert_eq!(events.last(), Some(&ModelEvent::Stopped { reason: StopReason::MaxTokens }), "calls or not");
}

#[test]
fn failures() {
    let hi = || message(json!({"content": "hi"}));
    let rows: &[(&str, &[String], ErrorKind, &str)] = &[
        ("cut", &[hi()], ErrorKind::Stream, "incomplete"),
        ("nothing", &[], ErrorKind::Stream, "incomplete"),
        ("cut within a line", &[hi(), END[..40].to_owned()], ErrorKind::Stream, "incomplete"),
        ("cut within a number", &[r#"{"message":{"n":-"#.to_owned()], ErrorKind::Stream, "incomplete"),
        (
            "an error",
            &[hi(), r#"{"error":"llama runner died"}"#.to_owned()],
            ErrorKind::Stream,
            "llama runner died",
        ),
        ("an error at the end", &[r#"{"error":"no","done":true}"#.to_owned()], ErrorKind::Stream, "no"),
        (
            "an error object",
            &[r#"{"error":{"message":"bad","code":500}}"#.to_owned()],
            ErrorKind::Overloaded,
            "bad",
        ),
        ("server-sent events", &["data: {}".to_owned()], ErrorKind::Protocol, "not of the Ollama wire"),
        ("not an object", &["[1]".to_owned()], ErrorKind::Protocol, "not of the Ollama wire"),
        (
            "a wrong shape",
            &[r#"{"message":{"content":7}}"#.to_owned()],
            ErrorKind::Protocol,
            "not of the Ollama wire",
        ),
    ];
    for (name, lines, kind, words) in rows {
        let (events, end) = run(lines);
        let error = end.unwrap_err();
        assert_eq!(error.kind, *kind, "{name}: {error}");
        assert!(error.message.contains(words), "{name}: {error}");
        assert!(!events.iter().any(|event| matches!(event, ModelEvent::Stopped { .. })), "{name}");
    }
}

#[test]
fn unknown_lines_and_fields_change_nothing() {
    let lines = [
        r#"{"status":"loading model"}"#.to_owned(),
        r#"{"model":"q","message":{"role":"assistant","content":"a","images":null,"new":[1]},"done":false,"logprobs":[{}],"error":null}"#.to_owned(),
        String::new(),
        END.to_owned(),
    ];
    let (events, end) = run(&lines);
    assert_eq!(end, Ok(()));
    assert!(matches!(
        &events[..],
        [ModelEvent::Started { .. }, ModelEvent::Text { .. }, ModelEvent::Block { .. }, ..]
    ));
}

proptest! {
    #[test]
    fn never_panics_and_never_succeeds_without_an_end(lines in prop::collection::vec(line(), 0..12)) {
        let (events, end) = run(&lines);
        let stopped = events.iter().filter(|event| matches!(event, ModelEvent::Stopped { .. })).count();
        prop_assert_eq!(stopped, usize::from(end.is_ok()));
        prop_assert_eq!(events.iter().filter(|event| matches!(event, ModelEvent::Started { .. })).count() <= 1, true);
        let text = lines.join("\r\n");
        let whole = decode_all("ollama", text.as_bytes()).unwrap();
        prop_assert_eq!(whole.error.is_none(), end.is_ok());
    }
}

/// Lines that are nearly right, and lines that are not.
fn line() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(json!(null)),
        Just(json!("x")),
        Just(json!("")),
        Just(json!(7)),
        Just(json!(-1.5)),
        Just(json!(true)),
        Just(json!({"p": 1})),
        Just(json!([])),
        Just(json!("{\"p\":")),
    ];
    let call = (leaf.clone(), leaf.clone(), leaf.clone()).prop_map(
        |(id, name, arguments)| json!({"id": id, "function": {"name": name, "arguments": arguments}}),
    );
    let calls = prop_oneof![leaf.clone(), prop::collection::vec(call, 0..3).prop_map(Value::from)];
    let message = (leaf.clone(), leaf.clone(), calls).prop_map(
        |(content, thinking, calls)| json!({"content": content, "thinking": thinking, "tool_calls": calls}),
    );
    let whole = (prop_oneof![4 => message, 1 => leaf.clone()], prop::bool::weighted(0.1), leaf.clone(), leaf)
        .prop_map(|(message, done, reason, count)| {
            json!({"model": "q", "message": message, "done": done, "done_reason": reason, "eval_count": count}).to_string()
        });
    prop_oneof![
        8 => whole,
        2 => Just(message_of("a")),
        1 => Just(END.to_owned()),
        1 => Just(r#"{"error":"x"}"#.to_owned()),
        1 => "[ -~ü🦀]{0,12}",
    ]
}

fn message_of(text: &str) -> String {
    message(json!({"content": text}))
}
