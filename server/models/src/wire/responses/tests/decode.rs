//! Streams -> what they come to: what whole streams as data (`cases/responses`) do not tell.

use crate::{
    Assembled, Decoder, ErrorKind, FinishedBlock, ModelError, ModelEvent, StopReason, Wire, WireNames,
};
use glossator_session::{CallId, Raw, Usage};
use serde_json::{Value, json};

pub(super) fn decoder() -> Decoder {
    let mut names = WireNames::default();
    names.add("files.read");
    Wire::Responses.decoder("asked", names)
}

pub(super) fn run(events: &[Value]) -> (Vec<ModelEvent>, Result<(), ModelError>) {
    let mut decoder = decoder();
    let mut all = Vec::new();
    for event in events {
        match decoder.push(&event.to_string()) {
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

pub(super) fn created() -> Value {
    json!({"type": "response.created", "response": {"model": "m-serving", "status": "in_progress"}})
}

pub(super) fn completed() -> Value {
    json!({"type": "response.completed", "response": {"status": "completed", "output": []}})
}

pub(super) fn done(index: usize, item: Value) -> Value {
    json!({"type": "response.output_item.done", "output_index": index, "item": item})
}

pub(super) fn added(index: usize, item: Value) -> Value {
    json!({"type": "response.output_item.added", "output_index": index, "item": item})
}

fn raw(item: &Value) -> Raw {
    Raw { wire: "responses".to_owned(), model: "asked".to_owned(), json: item.to_string() }
}

fn text(text: &str) -> FinishedBlock {
    FinishedBlock::Text { text: text.to_owned(), raw: None }
}

fn call(id: &str, arguments: Result<Value, &str>) -> FinishedBlock {
    let arguments = arguments.map_err(ToOwned::to_owned);
    FinishedBlock::ToolCall { id: CallId::from(id), name: "files.read".to_owned(), arguments }
}

/// One complete item and the blocks it comes to.
fn check_item(name: &str, item: Value, want: &[FinishedBlock]) {
    let (events, end) = run(&[created(), done(0, item), completed()]);
    assert_eq!(end, Ok(()), "{name}");
    assert_eq!(fold(&events).blocks, want, "{name}");
}

#[test]
fn messages() {
    let message = |content: Value| json!({"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": content});
    let part = |text: &str| json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []});
    check_item("plain", message(json!([part("Hi ü\n")])), &[text("Hi ü\n")]);
    check_item("empty", message(json!([])), &[text("")]);
    check_item("no content", json!({"type": "message", "content": null, "phase": null}), &[text("")]);
    let kept = |text: &str, item: &Value| FinishedBlock::Text { text: text.to_owned(), raw: Some(raw(item)) };
    let mut phase = message(json!([part("Hi")]));
    phase["phase"] = json!("commentary");
    check_item("phase", phase.clone(), &[kept("Hi", &phase)]);
    let two = message(json!([part("a"), part("b")]));
    check_item("two parts", two.clone(), &[kept("ab", &two)]);
    let cited =
        message(json!([{"type": "output_text", "text": "a", "annotations": [{"type": "url_citation"}]}]));
    check_item("cited", cited.clone(), &[kept("a", &cited)]);
    let odd = message(json!([{"type": "output_audio", "data": "x"}]));
    check_item("unknown part", odd.clone(), &[kept("", &odd)]);
    let strange = json!({"type": "message", "content": "Hi"});
    check_item("content that is no list", strange, &[text("")]);
}

#[test]
fn thinking() {
    let reasoning = |text: &str, item: &Value, sent: bool| FinishedBlock::Reasoning {
        text: text.to_owned(),
        raw: sent.then(|| raw(item)),
    };
    let part = |text: &str| json!({"type": "summary_text", "text": text});
    let rows = [
        (
            "encrypted, no text",
            json!({"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "g="}),
            "",
            true,
        ),
        (
            "summaries",
            json!({"type": "reasoning", "summary": [part("a"), part(""), part("b")], "encrypted_content": "g"}),
            "a\n\nb",
            true,
        ),
        (
            "open thoughts",
            json!({"type": "reasoning", "id": "rs", "summary": [], "content": [{"type": "reasoning_text", "text": "t"}]}),
            "t",
            true,
        ),
        (
            "by id only",
            json!({"type": "reasoning", "id": "rs", "summary": [part("a")], "encrypted_content": null}),
            "a",
            false,
        ),
        (
            "empty encryption",
            json!({"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": ""}),
            "",
            false,
        ),
    ];
    for (name, item, text, sent) in rows {
        check_item(name, item.clone(), &[reasoning(text, &item, sent)]);
    }
}

#[test]
fn calls() {
    let item = |arguments: Value| json!({"id": "fc", "type": "function_call", "status": "completed", "call_id": "c1", "name": "files__read", "arguments": arguments});
    check_item("object", item(json!(r#"{"p":1,"a":"ü"}"#)), &[call("c1", Ok(json!({"p": 1, "a": "ü"})))]);
    check_item("none", item(json!("")), &[call("c1", Ok(json!({})))]);
    check_item("null", item(Value::Null), &[call("c1", Ok(json!({})))]);
    check_item("no text", item(json!({"p": 1})), &[call("c1", Ok(json!({"p": 1})))]);
    check_item("cut", item(json!(r#"{"p":"#)), &[call("c1", Err(r#"{"p":"#))]);
    let opaque = |item: &Value| FinishedBlock::Opaque { raw: raw(item) };
    let spaced = item(json!(r#"{ "p": 1.0 }"#));
    check_item(
        "not as we would write it",
        spaced.clone(),
        &[opaque(&spaced), call("c1", Ok(json!({"p": 1.0})))],
    );
    let mut space = item(json!("{}"));
    space["namespace"] = json!("fs");
    check_item("more than we would write", space.clone(), &[opaque(&space), call("c1", Ok(json!({})))]);
    let no_id = json!({"type": "function_call", "id": "fc", "name": "files__read", "arguments": "{}"});
    check_item("no call id", no_id, &[call("fc", Ok(json!({})))]);
    check_item(
        "no id",
        json!({"type": "function_call", "name": "files__read"}),
        &[call("call_0", Ok(json!({})))],
    );
    let custom = |input: Value| json!({"type": "custom_tool_call", "id": "ctc", "call_id": "c1", "name": "files__read", "input": input});
    check_item("custom", custom(json!("{\"a\"")), &[call("c1", Ok(json!("{\"a\"")))]);
    check_item("custom, empty", custom(json!("")), &[call("c1", Ok(json!("")))]);
    let search =
        json!({"type": "web_search_call", "id": "ws", "status": "completed", "action": {"type": "search"}});
    check_item("the provider's own", search.clone(), &[opaque(&search)]);
    check_item("of no kind", json!({"text": "a"}), &[]);
    check_item("no object", json!(7), &[]);
}

pub(super) fn shown(events: &[ModelEvent]) -> String {
    let shown = events.iter().filter_map(|event| match event {
        ModelEvent::Text { block, delta } => Some(format!("t{block}:{delta}")),
        ModelEvent::Reasoning { block, delta } => Some(format!("r{block}:{delta}")),
        ModelEvent::ToolCall { block, id, arguments_delta, .. } => {
            Some(format!("c{block}:{}:{arguments_delta}", id.0))
        }
        ModelEvent::Block { block, .. } => Some(format!("b{block}")),
        _ => None,
    });
    shown.collect::<Vec<_>>().join(" ")
}

pub(super) fn delta(kind: &str, index: usize, delta: &str) -> Value {
    json!({"type": format!("response.{kind}.delta"), "output_index": index, "delta": delta, "item_id": delta})
}

pub(super) fn message(text: &str) -> Value {
    json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]})
}

pub(super) fn function(arguments: &str) -> Value {
    json!({"type": "function_call", "call_id": "c", "name": "f", "arguments": arguments})
}

#[test]
fn the_last_list_counts_only_where_nothing_was_told() {
    let end = json!({"type": "response.completed", "response": {"status": "completed", "output": [message("a"), function("{}")]}});
    let (events, ended) = run(&[created(), end.clone()]);
    assert_eq!((shown(&events).as_str(), ended), ("t0:a b0 c1:c:{} b1", Ok(())));
    assert_eq!(fold(&events).stop, Some(StopReason::ToolUse));
    let (events, _) = run(&[created(), done(3, message("x")), end]);
    assert_eq!((shown(&events).as_str(), fold(&events).stop), ("t3:x b3", Some(StopReason::EndTurn)));
}

#[test]
fn starts() {
    let (events, _) = run(&[completed()]);
    assert_eq!(events[0], ModelEvent::Started { model: None }, "a start is always told");
    let again = [created(), done(0, message("a")), created(), done(0, message("b")), completed()];
    assert_eq!(fold(&run(&again).0).text(), "b", "a second start voids what came before");
    let late = json!({"type": "response.in_progress", "response": {"model": "m"}});
    let (events, _) = run(&[late, created(), completed()]);
    assert_eq!(events[0], ModelEvent::Started { model: Some("m".to_owned()) });
}

#[test]
fn stops() {
    let refused = |explanation: Option<&str>, category: Option<&str>| StopReason::Refusal {
        category: category.map(ToOwned::to_owned),
        explanation: explanation.map(ToOwned::to_owned),
    };
    let other = |name: &str| StopReason::Other { name: name.to_owned() };
    let cut = |reason: &str| json!({"type": "response.incomplete", "response": {"status": "incomplete", "incomplete_details": {"reason": reason}}});
    let refusal = json!({"type": "message", "content": [{"type": "refusal", "refusal": "No."}]});
    let rows = [
        ("done", vec![done(0, message("a")), completed()], StopReason::EndTurn),
        ("call", vec![done(0, function("{}")), completed()], StopReason::ToolUse),
        ("limit", vec![done(0, function("{")), cut("max_output_tokens")], StopReason::MaxTokens),
        ("filter", vec![cut("content_filter")], refused(None, Some("content_filter"))),
        ("steered", vec![cut("steered")], other("steered")),
        ("no reason", vec![json!({"type": "response.incomplete"})], other("incomplete")),
        ("refusal", vec![done(0, refusal), completed()], refused(Some("No."), None)),
        (
            "refusal by fragments",
            vec![delta("refusal", 0, "N"), delta("refusal", 0, "o"), completed()],
            refused(Some("No"), None),
        ),
        (
            "not its turn's end",
            vec![json!({"type": "response.completed", "response": {"end_turn": false}})],
            StopReason::PauseTurn,
        ),
        (
            "status before name",
            vec![
                json!({"type": "response.completed", "response": {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}}),
            ],
            StopReason::MaxTokens,
        ),
        ("websocket name", vec![json!({"type": "response.done", "response": {}})], StopReason::EndTurn),
    ];
    for (name, events, want) in rows {
        let (events, end) = run(&events);
        assert_eq!(end, Ok(()), "{name}");
        assert_eq!(events.last(), Some(&ModelEvent::Stopped { reason: want }), "{name}");
    }
}

#[test]
fn usage_is_apart() {
    let usage = |usage: Value| {
        let end = json!({"type": "response.completed", "response": {"usage": usage}});
        fold(&run(&[end]).0).usage
    };
    let full = json!({"input_tokens": 1200, "input_tokens_details": {"cached_tokens": 1024, "cache_write_tokens": 100},
        "output_tokens": 300, "output_tokens_details": {"reasoning_tokens": 256}, "total_tokens": 1500});
    assert_eq!(
        usage(full),
        Usage { input: 76, cache_read: 1024, cache_write: 100, output: 300, reasoning: 256 }
    );
    let wrong =
        json!({"input_tokens": 5, "input_tokens_details": {"cached_tokens": 9}, "output_tokens": null});
    assert_eq!(usage(wrong), Usage { cache_read: 5, ..Usage::default() });
    assert_eq!(usage(Value::Null), Usage::default());
    let cost = |cost: Value| {
        let end = json!({"type": "response.completed", "response": {"usage": {"cost": cost}}});
        fold(&run(&[end]).0).cost.map(|cost| cost.micro_usd)
    };
    assert_eq!(cost(json!(0.0012345)), Some(1235));
    for odd in [json!(-1), json!(1e300), json!("1"), Value::Null] {
        assert_eq!(cost(odd.clone()), None, "{odd}");
    }
}

#[test]
fn failures() {
    use ErrorKind::{Billing, Invalid, Overloaded, Permission, Protocol, RateLimited, Stream, TooLong};
    let failed = |code: &str| json!({"type": "response.failed", "response": {"status": "failed", "error": {"code": code, "message": "Words"}}});
    let nested = |kind: &str, code: &str| json!({"type": "error", "error": {"type": kind, "code": code, "message": "Words", "param": null}});
    let flat = |code: &str| json!({"type": "error", "code": code, "message": "Words", "param": null, "sequence_number": 3});
    let rows = [
        (failed("server_error"), Overloaded, true),
        (failed("rate_limit_exceeded"), RateLimited, true),
        (failed("context_length_exceeded"), TooLong, false),
        (failed("insufficient_quota"), Billing, false),
        (failed("cyber_policy"), Permission, false),
        (failed("invalid_prompt"), Invalid, false),
        (failed("server_is_overloaded"), Overloaded, true),
        (failed("unheard_of"), Stream, true),
        (failed("invalid_image_url"), Invalid, false),
        (failed("empty_image_file"), Invalid, false),
        (flat("invalid_encrypted_content"), ErrorKind::Thinking, false),
        (flat("rate_limit_exceeded"), RateLimited, true),
        (flat("slow_down"), Overloaded, true),
        (nested("insufficient_quota", "insufficient_quota"), Billing, false),
        (nested("invalid_request_error", "invalid_encrypted_content"), ErrorKind::Thinking, false),
        (nested("too_many_requests", "rate_limit_exceeded"), RateLimited, true),
        (json!({"error": {"message": "Words", "code": 502}}), Overloaded, true),
        (json!({"error": "Words"}), Stream, true),
        (
            json!({"type": "response.completed", "response": {"status": "failed", "error": {"code": "slow_down", "message": "Words"}}}),
            Overloaded,
            true,
        ),
    ];
    for (event, kind, retryable) in rows {
        let (_, end) = run(&[created(), done(0, message("a")), event.clone(), completed()]);
        let error = end.unwrap_err();
        assert_eq!((error.kind, error.retryable), (kind, retryable), "{event}: {error}");
        assert!(error.message.contains("Words"), "{event}: {error}");
    }
    let bare = run(&[json!({"type": "response.failed"})]).1.unwrap_err();
    assert!(bare.message.contains("gave no reason"), "{bare}");
    let cancelled = json!({"type": "response.cancelled", "response": {"status": "cancelled"}});
    assert_eq!(run(&[created(), cancelled]).1.unwrap_err().kind, Stream);
    for foreign in [json!(7), json!([]), json!(["response.completed"]), json!({"type": 7}), json!("x")] {
        assert_eq!(run(&[created(), foreign]).1.unwrap_err().kind, Protocol);
    }
    assert_eq!(run(&[created(), done(0, message("a"))]).1.unwrap_err().kind, Stream, "no end");
}

#[test]
fn nothing_counts_after_the_end() {
    let mut decoder = decoder();
    assert_eq!(decoder.push("[DONE]").unwrap(), [], "no proof of success");
    assert!(decoder.push(&completed().to_string()).is_ok());
    assert_eq!(decoder.push("{").unwrap(), []);
    assert_eq!(decoder.push("[DONE]").unwrap(), []);
    assert_eq!(decoder.finish().unwrap(), []);
    let mut decoder = super::decode::decoder();
    assert!(decoder.push("{\"type\":\"error\"}").is_err());
    assert_eq!(decoder.push(&completed().to_string()).unwrap(), []);
}
