//! The decoder: streams -> what they come to, at every cut, and whatever it is fed.

use crate::{
    Assembled, Decoder, ErrorKind, FinishedBlock, ModelError, ModelEvent, StopReason, Wire, WireNames,
    decode_all,
};
use glossator_session::{CallId, Raw, Usage};
use proptest::prelude::*;
use serde_json::{Value, json};

const START: &str = r#"{"type":"message_start","message":{"id":"m","model":"claude-serving","content":[],"usage":{"input_tokens":25,"cache_creation_input_tokens":7,"cache_read_input_tokens":9,"output_tokens":1}}}"#;
const STOP: &str = r#"{"type":"message_stop"}"#;

fn start(index: usize, block: &str) -> String {
    format!(r#"{{"type":"content_block_start","index":{index},"content_block":{block}}}"#)
}

fn delta(index: usize, delta: &str) -> String {
    format!(r#"{{"type":"content_block_delta","index":{index},"delta":{delta}}}"#)
}

fn stop(index: usize) -> String {
    format!(r#"{{"type":"content_block_stop","index":{index}}}"#)
}

fn ended(reason: &str) -> String {
    format!(
        r#"{{"type":"message_delta","delta":{{"stop_reason":"{reason}","stop_sequence":null}},"usage":{{"output_tokens":12}}}}"#
    )
}

fn raw(json: &str) -> Raw {
    Raw { wire: "messages".to_owned(), model: "asked".to_owned(), json: json.to_owned() }
}

fn text(text: &str) -> FinishedBlock {
    FinishedBlock::Text { text: text.to_owned(), raw: None }
}

fn reasoning(text: &str, json: Option<&str>) -> FinishedBlock {
    FinishedBlock::Reasoning { text: text.to_owned(), raw: json.map(raw) }
}

fn call(arguments: Result<Value, &str>) -> FinishedBlock {
    let arguments = arguments.map_err(ToOwned::to_owned);
    FinishedBlock::ToolCall { id: CallId::from("toolu_1"), name: "agents.launch".to_owned(), arguments }
}

fn opaque(json: &str) -> FinishedBlock {
    FinishedBlock::Opaque { raw: raw(json) }
}

fn decoder() -> Decoder {
    let mut names = WireNames::default();
    names.add("agents.launch");
    Wire::Messages.decoder("asked", names)
}

fn run(events: &[String]) -> (Vec<ModelEvent>, Result<(), ModelError>) {
    let mut decoder = decoder();
    let mut all = Vec::new();
    for event in events {
        match decoder.push(event) {
            Ok(events) => all.extend(events),
            Err(error) => return (all, Err(error)),
        }
    }
    let end = decoder.finish().map(|_| ());
    (all, end)
}

fn fold(events: &[ModelEvent]) -> Assembled {
    let mut result = Assembled::default();
    events.iter().for_each(|event| result.push(event));
    result
}

/// One block: its start, its deltas, what it comes to.
fn check_block(name: &str, block: &str, deltas: &[&str], want: &FinishedBlock) {
    let mut events = vec![START.to_owned(), r#"{"type":"ping"}"#.to_owned(), start(0, block)];
    events.extend(deltas.iter().map(|json| delta(0, json)));
    events.extend([stop(0), ended("end_turn"), STOP.to_owned()]);
    let (events, end) = run(&events);
    assert_eq!(end, Ok(()), "{name}");
    assert_eq!(fold(&events).blocks, std::slice::from_ref(want), "{name}");
    let mut streamed = String::new();
    for event in &events {
        if let ModelEvent::Text { delta, .. }
        | ModelEvent::Reasoning { delta, .. }
        | ModelEvent::ToolCall { arguments_delta: delta, .. } = event
        {
            streamed.push_str(delta);
        }
    }
    match want {
        FinishedBlock::Text { text, .. } | FinishedBlock::Reasoning { text, .. } => {
            assert_eq!(&streamed, text, "{name}")
        }
        FinishedBlock::ToolCall { .. } | FinishedBlock::Opaque { .. } => {}
    }
}

const CALL: &str = r#"{"type":"tool_use","id":"toolu_1","name":"agents__launch","input":{}}"#;

#[test]
fn text_blocks() {
    let empty = r#"{"type":"text","text":""}"#;
    check_block(
        "plain",
        empty,
        &[r#"{"type":"text_delta","text":"Hel"}"#, r#"{"type":"text_delta","text":"lo \n"}"#],
        &text("Hello \n"),
    );
    check_block(
        "begun at the start",
        r#"{"type":"text","text":"He"}"#,
        &[r#"{"type":"text_delta","text":"y"}"#],
        &text("Hey"),
    );
    check_block("empty", empty, &[], &text(""));
    check_block("null", r#"{"type":"text","text":null,"citations":null}"#, &[], &text(""));
    check_block(
        "unknown delta",
        empty,
        &[r#"{"type":"glitter_delta","text":"x"}"#, r#"7"#, r#"{"type":"text_delta","text":"a"}"#],
        &text("a"),
    );
    let cited = [
        r#"{"type":"text_delta","text":"sky"}"#,
        r#"{"type":"citations_delta","citation":{"type":"char_location", "cited_text":"\u0062lue"}}"#,
        r#"{"type":"citations_delta","citation":{"n":2}}"#,
    ];
    let json = r#"{"type":"text","text":"sky","citations":[{"type":"char_location", "cited_text":"\u0062lue"},{"n":2}]}"#;
    let want = FinishedBlock::Text { text: "sky".to_owned(), raw: Some(raw(json)) };
    check_block("cited", r#"{"type":"text","text":"","citations":[]}"#, &cited, &want);
}

#[test]
fn thinking_blocks() {
    let empty = r#"{"type":"thinking","thinking":"","signature":""}"#;
    let thought = r#"{"type":"thinking_delta","thinking":"a \"b\"\n","estimated_tokens":4}"#;
    let signed = r#"{"type":"signature_delta","signature":"Eq+/="}"#;
    let whole = r#"{"type":"thinking","thinking":"a \"b\"\n","signature":"Eq+/="}"#;
    check_block("signed", empty, &[thought, signed], &reasoning("a \"b\"\n", Some(whole)));
    let omitted = r#"{"type":"thinking","thinking":"","signature":"Eq+/="}"#;
    check_block("omitted text", empty, &[signed], &reasoning("", Some(omitted)));
    check_block(
        "signature in two",
        empty,
        &[
            r#"{"type":"signature_delta","signature":"Eq"}"#,
            r#"{"type":"signature_delta","signature":"+/="}"#,
        ],
        &reasoning("", Some(omitted)),
    );
    check_block("no signature", empty, &[thought], &reasoning("a \"b\"\n", None));
    check_block("all at the start", omitted, &[], &reasoning("", Some(omitted)));
    let more = r#"{"type":"thinking","thinking":"","signature":"s","binding":7}"#;
    check_block("a field of tomorrow", more, &[], &reasoning("", Some(more)));
    let redacted = r#"{ "data":"x\u0041==" , "type":"redacted_thinking"}"#;
    check_block("redacted", redacted, &[], &reasoning("", Some(redacted)));
}

#[test]
fn tool_calls() {
    let piece = |text: &str| json!({"type": "input_json_delta", "partial_json": text}).to_string();
    let cut = [piece(""), piece(r#"{"pa"#), piece(r#"th":"a\u00"#), piece(r#"e9\/b\n"}"#)];
    let cut: Vec<&str> = cut.iter().map(String::as_str).collect();
    check_block("cut in an escape", CALL, &cut, &call(Ok(json!({"path": "aé/b\n"}))));
    check_block("no arguments", CALL, &[], &call(Ok(json!({}))));
    check_block("empty arguments", CALL, &[&piece(""), &piece("")], &call(Ok(json!({}))));
    check_block("cut arguments", CALL, &[&piece(r#"{"a":"#)], &call(Err(r#"{"a":"#)));
    check_block("not an object", CALL, &[&piece("[1]")], &call(Ok(json!([1]))));
    let filled = r#"{"type":"tool_use","id":"toolu_1","name":"agents__launch","input":{"a":1},"caller":{"type":"direct"}}"#;
    check_block("all at the start", filled, &[], &call(Ok(json!({"a": 1}))));
    check_block("deltas win", filled, &[&piece("{\"b\":2}")], &call(Ok(json!({"b": 2}))));
    check_block("deep nesting", CALL, &[&piece(&"[".repeat(5000))], &call(Err(&"[".repeat(5000))));
}

#[test]
fn blocks_of_the_providers_own_are_kept() {
    let result = r#"{"type":"web_search_tool_result", "tool_use_id":"srvtoolu_1","content":[{"url":"\u0068ttps://x"}]}"#;
    check_block("search result", result, &[], &opaque(result));
    check_block(
        "fallback",
        r#"{"type":"fallback","from":{"model":"a"}}"#,
        &[],
        &opaque(r#"{"type":"fallback","from":{"model":"a"}}"#),
    );
    check_block("no type", r#"{"a":1}"#, &[], &opaque(r#"{"a":1}"#));
    check_block("a type that is no text", r#"{"type":5}"#, &[], &opaque(r#"{"type":5}"#));
    let check = |block: &str, deltas: &[&str], want: Value| {
        let mut events = vec![START.to_owned(), start(0, block)];
        events.extend(deltas.iter().map(|json| delta(0, json)));
        events.extend([stop(0), STOP.to_owned()]);
        let blocks = fold(&run(&events).0).blocks;
        let FinishedBlock::Opaque { raw } = &blocks[0] else { panic!("{blocks:?}") };
        assert_eq!(serde_json::from_str::<Value>(&raw.json).unwrap(), want);
    };
    check(
        r#"{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}}"#,
        &[
            r#"{"type":"input_json_delta","partial_json":"{\"query\":"}"#,
            r#"{"type":"input_json_delta","partial_json":"\"x\"}"}"#,
        ],
        json!({"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}}),
    );
    check(
        r#"{"type":"compaction","content":null}"#,
        &[
            r#"{"type":"compaction_delta","content":"sum","encrypted_content":"E"}"#,
            r#"{"type":"compaction_delta","content":"mary"}"#,
        ],
        json!({"type": "compaction", "content": "summary", "encrypted_content": "E"}),
    );
}

#[test]
fn stop_reasons() {
    let rows = [
        ("end_turn", StopReason::EndTurn),
        ("max_tokens", StopReason::MaxTokens),
        ("stop_sequence", StopReason::StopSequence { sequence: None }),
        ("tool_use", StopReason::ToolUse),
        ("pause_turn", StopReason::PauseTurn),
        ("model_context_window_exceeded", StopReason::ContextWindow),
        ("refusal", StopReason::Refusal { category: None, explanation: None }),
        ("compaction", StopReason::Other { name: "compaction".to_owned() }),
    ];
    for (name, want) in rows {
        let (events, end) = run(&[START.to_owned(), ended(name), STOP.to_owned()]);
        assert_eq!((end, fold(&events).stop), (Ok(()), Some(want)));
    }
    let refused = r#"{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"type":"refusal","category":"cyber","explanation":null}}}"#;
    let (events, _) = run(&[START.to_owned(), refused.to_owned(), STOP.to_owned()]);
    let want = StopReason::Refusal { category: Some("cyber".to_owned()), explanation: None };
    assert_eq!(fold(&events).stop, Some(want));
    let (events, _) = run(&[START.to_owned(), STOP.to_owned()]);
    assert_eq!(fold(&events).stop, Some(StopReason::EndTurn), "none told");
}

#[test]
fn usage_is_cumulative_and_null_keeps() {
    let more = r#"{"type":"message_delta","delta":{},"usage":{"input_tokens":300,"cache_read_input_tokens":null,"output_tokens":40,"output_tokens_details":{"thinking_tokens":30}}}"#;
    let odd = r#"{"type":"message_delta","usage":{"output_tokens":-1,"input_tokens":"many"}}"#;
    let (events, _) = run(&[START.to_owned(), more.to_owned(), odd.to_owned(), STOP.to_owned()]);
    let want = Usage { input: 300, cache_read: 9, cache_write: 7, output: 40, reasoning: 30 };
    assert_eq!(fold(&events).usage, want);
}

#[test]
fn a_second_start_is_a_reset() {
    let first = [
        START.to_owned(),
        start(0, r#"{"type":"text","text":"old"}"#),
        stop(0),
        start(1, CALL),
        ended("tool_use"),
    ];
    let second = [START.to_owned(), start(0, r#"{"type":"text","text":"new"}"#), stop(0), STOP.to_owned()];
    let (events, end) = run(&[first.as_slice(), &second].concat());
    assert_eq!(end, Ok(()));
    let result = fold(&events);
    assert_eq!(result.blocks, [text("new")]);
    assert_eq!((result.stop, result.usage.output), (Some(StopReason::EndTurn), 1));
}

#[test]
fn gaps_and_strangers_do_no_harm() {
    let events = [
        r#"{"type":"party_time","index":"x","delta":3}"#.to_owned(),
        r#"{"nothing":1}"#.to_owned(),
        START.to_owned(),
        delta(3, r#"{"type":"text_delta","text":"no start"}"#),
        delta(8, r#"{"type":"input_json_delta","partial_json":"{}"}"#),
        stop(9),
        start(1, r#"{"type":"text","text":"never stopped"}"#),
        start(2, r#"{"type":"text","text":"a"}"#),
        start(2, r#"{"type":"text","text":"b"}"#),
        ended("end_turn"),
        "[DONE]".to_owned(),
        STOP.to_owned(),
        "rubbish after the end".to_owned(),
    ];
    let (events, end) = run(&events);
    assert_eq!(end, Ok(()));
    assert_eq!(fold(&events).blocks, [text("a"), text("never stopped"), text("b"), text("no start")]);
}

#[test]
fn errors_in_the_stream() {
    let own = |kind: &str| {
        format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"Because"}},"request_id":"req_7"}}"#)
    };
    let rows = [
        (own("overloaded_error"), ErrorKind::Overloaded, true),
        (own("api_error"), ErrorKind::Overloaded, true),
        (own("rate_limit_error"), ErrorKind::RateLimited, true),
        (own("invalid_request_error"), ErrorKind::Invalid, false),
        (own("authentication_error"), ErrorKind::Auth, false),
        (own("brand_new_error"), ErrorKind::Stream, true),
        (r#"{"error":{"message":"Because","code":502}}"#.to_owned(), ErrorKind::Overloaded, true),
        (r#"{"error":{"message":"Because","code":402}}"#.to_owned(), ErrorKind::Billing, false),
        (r#"{"error":{"type":"rate_limit_error","message":"Because","details":{"error_code":"contract_spend_limit_reached"}}}"#.to_owned(), ErrorKind::Billing, false),
        (r#"{"type":"error"}"#.to_owned(), ErrorKind::Stream, true),
        ("<html>".to_owned(), ErrorKind::Protocol, false),
        (r#"["message_stop",null]"#.to_owned(), ErrorKind::Protocol, false),
        (r#" ["message_stop"]"#.to_owned(), ErrorKind::Protocol, false),
        (r#"{"type":"message_stop"}{"#.to_owned(), ErrorKind::Protocol, false),
        ("{oops".to_owned(), ErrorKind::Protocol, false),
        (r#"{"type":"ping","n":-x"#.to_owned(), ErrorKind::Protocol, false),
        (r#"{"type":"content_block_stop"}"#.to_owned(), ErrorKind::Protocol, false),
    ];
    for (event, kind, retryable) in rows {
        let error = run(&[START.to_owned(), event.clone()]).1.unwrap_err();
        assert_eq!((error.kind, error.retryable), (kind, retryable), "{event}: {error}");
        assert!(error.message.contains("Because") || !event.contains("Because"), "{error}");
        assert_eq!(error.request_id.is_some(), event.contains("req_7"));
        assert!(!error.message.contains("''"), "{error}");
    }
}

#[test]
fn without_its_end_an_answer_is_incomplete() {
    let whole = [
        START.to_owned(),
        start(0, r#"{"type":"text","text":"a"}"#),
        stop(0),
        ended("end_turn"),
        STOP.to_owned(),
    ];
    for cut in 0..whole.len() {
        let error = run(&whole[..cut]).1.unwrap_err();
        assert_eq!((error.kind, error.retryable), (ErrorKind::Stream, true), "cut at {cut}");
    }
}

#[test]
fn an_event_cut_at_every_byte_is_incomplete() {
    let rows = [
        r#"{"n":-1.5e+3,"t":true,"f":false,"z":null,"s":"\ud83d\ude00 ü","type":"ping","index":-2}"#,
        " {\"type\":\"ping\",\n\"n\":-2.5E-7 }",
    ];
    for event in rows {
        for cut in (0..event.trim_end_matches('}').len()).filter(|cut| event.is_char_boundary(*cut)) {
            let error = run(&[START.to_owned(), event[..cut].to_owned()]).1.unwrap_err();
            assert_eq!((error.kind, error.retryable), (ErrorKind::Stream, true), "{:?}", &event[..cut]);
        }
        assert_eq!(run(&[START.to_owned(), event.to_owned(), STOP.to_owned()]).1, Ok(()), "{event}");
    }
}

#[test]
fn lists_are_no_blocks() {
    let list = r#"["text","t"]"#;
    check_block("a list for a block", list, &[r#"["text_delta","a"]"#], &opaque(list));
    let text_block = r#"{"type":"text","text":""}"#;
    check_block("a list for a delta", text_block, &[r#"["text_delta","a"]"#], &text(""));
}

#[test]
fn the_debug_form_is_one_json_line_each() {
    let blocks = [
        json!({"type": "thinking", "thinking": "hm", "signature": "s"}),
        json!({"type": "text", "text": "Grüße 🦀, und mehr als ein Stück"}),
    ];
    let sse = crate::scripted::sse("claude", &blocks, "end_turn", 5);
    let whole = decode_all("messages", &sse).unwrap();
    assert_eq!(whole.error, None);
    assert_eq!(whole.result.text(), "Grüße 🦀, und mehr als ein Stück");
    let shown = whole.to_string();
    let lines: Vec<Value> = shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), whole.events.len() + 1);
    assert_eq!(lines[0], json!({"kind": "started", "model": "claude"}));
    assert_eq!(lines.last().unwrap()["result"]["text"], "Grüße 🦀, und mehr als ein Stück");
    assert_eq!(lines.last().unwrap().get("error"), None);
    let cut = decode_all("messages", &sse[..sse.len() / 2]).unwrap();
    assert_eq!(cut.error.map(|error| error.kind), Some(ErrorKind::Stream));
    assert!(decode_all("morse", b"").unwrap_err().contains("messages"));
}

#[test]
fn the_shape_of_every_event_in_json() {
    let wait = std::time::Duration::from_millis(1500);
    let rows = [
        (
            ModelEvent::ToolCall {
                block: 1,
                id: CallId::from("c"),
                name: "f".to_owned(),
                arguments_delta: "{".to_owned(),
            },
            json!({"kind": "toolCall", "block": 1, "id": "c", "name": "f", "argumentsDelta": "{"}),
        ),
        (
            ModelEvent::Block { block: 0, finished: call(Ok(json!({}))) },
            json!({"kind": "block", "block": 0, "finished": {"is": "toolCall", "id": "toolu_1", "name": "agents.launch", "arguments": {"Ok": {}}}}),
        ),
        (
            ModelEvent::Usage(Usage { input: 1, ..Usage::default() }),
            json!({"kind": "usage", "input": 1, "cacheRead": 0, "cacheWrite": 0, "output": 0, "reasoning": 0}),
        ),
        (
            ModelEvent::Retrying { attempt: 1, of: 4, wait, reason: "r".to_owned() },
            json!({"kind": "retrying", "attempt": 1, "of": 4, "waitMillis": 1500, "reason": "r"}),
        ),
        (
            ModelEvent::Stopped { reason: StopReason::EndTurn },
            json!({"kind": "stopped", "reason": {"is": "endTurn"}}),
        ),
    ];
    for (event, want) in rows {
        assert_eq!(serde_json::to_value(&event).unwrap(), want);
    }
}

#[test]
fn a_stream_cut_at_every_byte_never_lies() {
    let blocks = [
        json!({"type": "text", "text": "a 🦀 b"}),
        json!({"type": "tool_use", "id": "t", "name": "f", "input": {"k": "ü"}}),
    ];
    let sse = crate::scripted::sse("claude", &blocks, "tool_use", 5);
    let whole = decode_all("messages", &sse).unwrap();
    for cut in 0..sse.len() {
        let part = decode_all("messages", &sse[..cut]).unwrap();
        if part.error.is_none() {
            // Only the last blank line was missing.
            assert_eq!(part.result, whole.result, "cut at {cut}");
            assert!(cut >= sse.len() - 3, "complete at {cut} of {}", sse.len());
        } else {
            assert_eq!(
                part.error.map(|error| (error.kind, error.retryable)),
                Some((ErrorKind::Stream, true)),
                "cut at {cut}"
            );
        }
        assert!(whole.events.starts_with(&part.events), "cut at {cut}");
    }
}

fn event() -> impl Strategy<Value = String> {
    let index = 0_usize..3;
    let block = prop_oneof![
        Just(r#"{"type":"text","text":"t"}"#),
        Just(r#"{"type":"thinking","thinking":"","signature":""}"#),
        Just(CALL),
        Just(r#"{"type":"x"}"#),
        Just("null"),
        Just("[]"),
        Just(r#""s""#),
        Just(r#"{"type":"compaction","content":[1]}"#),
    ];
    let change = prop_oneof![
        Just(r#"{"type":"text_delta","text":"a"}"#),
        Just(r#"{"type":"thinking_delta","thinking":"b"}"#),
        Just(r#"{"type":"signature_delta","signature":"s"}"#),
        Just(r#"{"type":"input_json_delta","partial_json":"{\""}"#),
        Just(r#"{"type":"citations_delta"}"#),
        Just("null"),
        Just("[1]"),
        Just(r#"{"content":[2],"partial_json":7}"#),
    ];
    prop_oneof![
        Just(START.to_owned()),
        Just(STOP.to_owned()),
        Just(ended("end_turn")),
        Just(r#"{"type":"message_delta","delta":null,"usage":[]}"#.to_owned()),
        (index.clone(), block).prop_map(|(index, block)| start(index, block)),
        (index.clone(), change).prop_map(|(index, change)| delta(index, change)),
        index.prop_map(stop),
        ".{0,30}",
    ]
}

proptest! {
    #[test]
    fn the_decoder_never_panics(events in prop::collection::vec(event(), 0..30)) {
        let (events, end) = run(&events);
        let stops = events.iter().filter(|event| matches!(event, ModelEvent::Stopped { .. })).count();
        prop_assert_eq!(stops, usize::from(end.is_ok()));
        for event in &events {
            if let ModelEvent::Block { finished: FinishedBlock::Opaque { raw } | FinishedBlock::Reasoning { raw: Some(raw), .. }, .. } = event {
                prop_assert!(serde_json::from_str::<Value>(&raw.json).is_ok());
            }
        }
    }

    #[test]
    fn any_bytes_may_come(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = decode_all("messages", &bytes).unwrap().to_string();
    }
}
