//! The decoder beyond whole streams: names and raw blocks of a real request, and whatever it may be fed.

use crate::scripted::speaker;
use crate::{
    Assembled, ErrorKind, FinishedBlock, ModelError, ModelEvent, Wire, WireNames, decode_all, decode_chunks,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn run(events: &[String]) -> (Vec<ModelEvent>, Result<(), ModelError>) {
    let mut names = WireNames::default();
    names.add("agents.launch");
    let mut decoder = Wire::Chat.decoder("asked", names);
    let mut all = Vec::new();
    for event in events {
        match decoder.push(event) {
            Ok(events) => all.extend(events),
            Err(error) => {
                assert_eq!(decoder.push(event), Ok(Vec::new()), "it is over");
                assert!(decoder.finish().is_err());
                return (all, Err(error));
            }
        }
    }
    let end = decoder.finish().map(|events| all.extend(events));
    (all, end)
}

#[test]
fn names_and_models_are_those_of_the_request() {
    let chunk = json!({"model": "serving", "choices": [{"delta": {"reasoning_content": "h", "tool_calls": [
        {"index": 0, "id": "c", "function": {"name": "agents__launch", "arguments": ""}},
        {"index": 1, "id": "d", "function": {"name": "neverOffered", "arguments": "[1]"}}]}, "finish_reason": "tool_calls"}]});
    let (events, end) = run(&[chunk.to_string()]);
    assert_eq!(end, Ok(()));
    let mut result = Assembled::default();
    events.iter().for_each(|event| result.push(event));
    assert_eq!(result.model.as_deref(), Some("serving"));
    let FinishedBlock::Reasoning { raw: Some(raw), .. } = &result.blocks[0] else { panic!("{result:?}") };
    assert_eq!((raw.wire.as_str(), raw.model.as_str()), ("chat", "asked"));
    let names: Vec<&str> = result
        .blocks
        .iter()
        .filter_map(|block| match block {
            FinishedBlock::ToolCall { name, .. } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(names, ["agents.launch", "neverOffered"]);
}

#[test]
fn what_is_no_chunk() {
    let check = |data: &str, kind: ErrorKind| {
        let error = run(&[data.to_owned()]).1.unwrap_err();
        assert_eq!((error.kind, error.retryable), (kind, kind == ErrorKind::Stream), "{data}: {error}");
    };
    check(r#"["m",[{"delta":{"content":"a"},"finish_reason":"stop"}]]"#, ErrorKind::Protocol);
    check("{oops", ErrorKind::Protocol);
    check("7", ErrorKind::Protocol);
    let chunk = r#"{"n":-1.5e+3,"choices":[{"index":-2,"delta":{"content":"\ud83d\ude00"}}]}"#;
    for cut in 1..chunk.len() {
        check(&chunk[..cut], ErrorKind::Stream);
    }
}

#[test]
fn a_long_answer_takes_linear_time() {
    let blocks = [
        json!({"type": "thinking", "thinking": "t".repeat(400_000), "signature": "s"}),
        json!({"type": "tool_use", "id": "c", "name": "f", "input": {"x": "y".repeat(400_000)}}),
    ];
    let stream = speaker(Wire::Chat)("m", &blocks, "tool_use", 1);
    let started = std::time::Instant::now();
    let whole = decode_all("chat", &stream).unwrap();
    assert_eq!((whole.error, whole.result.blocks.len()), (None, 2));
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("a".to_owned()),
        Just("<think>".to_owned()),
        Just("</think>".to_owned()),
        Just("<th".to_owned()),
        Just("{\"x\":".to_owned()),
        Just("1}".to_owned()),
        "\\PC{0,6}",
    ]
}

fn some_call() -> impl Strategy<Value = Value> {
    let index =
        prop_oneof![Just(json!(null)), Just(json!(0)), Just(json!(1)), Just(json!(9)), Just(json!("x"))];
    let id =
        prop_oneof![Just(json!(null)), Just(json!("")), Just(json!("a")), Just(json!("b")), Just(json!(3))];
    let name =
        prop_oneof![Just(json!(null)), Just(json!("")), Just(json!("f")), Just(json!("agents__launch"))];
    let arguments = prop_oneof![Just(json!(null)), Just(json!({"k": 1})), piece().prop_map(Value::from)];
    let kind = prop_oneof![Just("function"), Just("custom"), Just("nothing")];
    (index, id, name, arguments, kind).prop_map(|(index, id, name, arguments, kind)| {
        json!({"index": index, "id": id, kind: {"name": name, "arguments": arguments}, "extra_content": index})
    })
}

fn detail() -> impl Strategy<Value = Value> {
    prop_oneof![
        piece().prop_map(|text| json!({"type": "reasoning.text", "text": text, "index": 0})),
        Just(json!({"type": "reasoning.text", "signature": "s", "index": 0})),
        Just(json!({"type": "reasoning.encrypted", "data": "d", "id": "a"})),
        Just(json!(7)),
    ]
}

fn chunk() -> impl Strategy<Value = String> {
    let delta = prop_oneof![
        piece().prop_map(|text| json!({"content": text})),
        piece().prop_map(|text| json!({"reasoning": text, "content": ""})),
        piece().prop_map(|text| json!({"refusal": text})),
        prop::collection::vec(some_call(), 0..3).prop_map(|calls| json!({"tool_calls": calls})),
        prop::collection::vec(detail(), 0..3).prop_map(|details| json!({"reasoning_details": details})),
        Just(json!({"function_call": {"name": "f", "arguments": "{"}})),
        Just(json!({"content": [{"text": 1}, {"thinking": [{"text": "t"}]}, 5]})),
        Just(json!([])),
        Just(json!(null)),
    ];
    let reason = prop_oneof![
        6 => Just(json!(null)),
        1 => Just(json!("stop")),
        1 => Just(json!("length")),
        1 => Just(json!(4))
    ];
    let choice = (delta, reason, 0_u64..2).prop_map(|(delta, reason, index)| {
        json!({"choices": [{"index": index / 2, "delta": delta, "finish_reason": reason}]}).to_string()
    });
    prop_oneof![
        20 => choice,
        1 => Just("[DONE]".to_owned()),
        1 => Just(r#"{"choices":[],"usage":{"prompt_tokens":1e300,"completion_tokens":-4,"cost":"x"}}"#.to_owned()),
        1 => Just(r#"{"choices":{}}"#.to_owned()),
        1 => Just(r#"{"error":"e"}"#.to_owned()),
        1 => "\\PC{0,30}",
    ]
}

/// Everything that a finished answer says was said in fragments too.
fn told_twice(events: &[ModelEvent]) {
    let mut streamed: std::collections::HashMap<usize, String> = std::collections::HashMap::new();
    for event in events {
        match event {
            ModelEvent::Text { block, delta }
            | ModelEvent::Reasoning { block, delta }
            | ModelEvent::ToolCall { block, arguments_delta: delta, .. } => {
                streamed.entry(*block).or_default().push_str(delta);
            }
            ModelEvent::Block { block, finished } => {
                let came = streamed.remove(block).unwrap_or_default();
                match finished {
                    FinishedBlock::Text { text, .. } | FinishedBlock::Reasoning { text, .. } => {
                        assert_eq!(&came, text);
                    }
                    FinishedBlock::ToolCall { arguments: Err(text), .. } => {
                        // Or why an answer that was cut makes no call.
                        assert!(&came == text || text.contains("this call was not made"), "{text}");
                    }
                    FinishedBlock::ToolCall { .. } => {}
                    FinishedBlock::Opaque { .. } => assert_eq!(came, ""),
                }
            }
            _ => {}
        }
    }
}

proptest! {
    #[test]
    fn the_decoder_never_panics(chunks in prop::collection::vec(chunk(), 0..25)) {
        let (events, end) = run(&chunks);
        let stops = events.iter().filter(|event| matches!(event, ModelEvent::Stopped { .. })).count();
        prop_assert_eq!(stops, usize::from(end.is_ok()));
        told_twice(&events);
        let mut ids = std::collections::HashSet::new();
        for event in &events {
            let ModelEvent::Block { finished, .. } = event else { continue };
            match finished {
                FinishedBlock::Opaque { raw } | FinishedBlock::Reasoning { raw: Some(raw), .. } => {
                    let json: Value = serde_json::from_str(&raw.json).unwrap();
                    prop_assert!(json["type"].is_string());
                }
                FinishedBlock::ToolCall { id, .. } => prop_assert!(ids.insert(id.0.clone()), "{} twice", id.0),
                _ => {}
            }
        }
    }

    #[test]
    fn any_bytes_in_any_pieces(bytes in prop::collection::vec(any::<u8>(), 0..300), size in 1_usize..9) {
        let whole = decode_all("chat", &bytes).unwrap();
        prop_assert_eq!(decode_chunks("chat", bytes.chunks(size)).unwrap().to_string(), whole.to_string());
    }

    #[test]
    fn any_chunking_gives_the_same_events(chunks in prop::collection::vec(chunk(), 0..8), size in 1_usize..40) {
        let stream: String = chunks.iter().map(|data| format!("data: {data}\n\n")).collect();
        let whole = decode_all("chat", stream.as_bytes()).unwrap();
        prop_assert_eq!(decode_chunks("chat", stream.as_bytes().chunks(size)).unwrap(), whole);
    }
}
