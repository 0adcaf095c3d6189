//! What a person sees while an answer comes: fragments and blocks, in which order.

use super::decode::{added, completed, created, delta, done, function, message, run, shown};
use crate::{FinishedBlock, ModelEvent};
use serde_json::{Value, json};

/// Events between start and end, and what is shown of them.
fn check_shown(name: &str, events: &[Value], want: &str) {
    let all: Vec<Value> =
        [created()].into_iter().chain(events.iter().cloned()).chain([completed()]).collect();
    let (events, end) = run(&all);
    assert_eq!(end, Ok(()), "{name}");
    assert_eq!(shown(&events), want, "{name}");
}

#[test]
fn what_is_shown() {
    let plain = [
        added(0, message("")),
        delta("output_text", 0, "a"),
        delta("output_text", 0, "b"),
        done(0, message("ab")),
    ];
    check_shown("fragments", &plain, "t0:a t0:b b0");
    check_shown("no fragments", &[added(0, message("")), done(0, message("ab"))], "t0:ab b0");
    check_shown("some lost", &[delta("output_text", 0, "a"), done(0, message("ab"))], "t0:a t0:b b0");
    check_shown("other words", &[delta("output_text", 0, "x"), done(0, message("ab"))], "t0:x b0");
    let whole = json!({"type": "response.output_text.done", "output_index": 0, "text": "ab"});
    check_shown("only whole", &[whole.clone(), done(0, message("ab"))], "t0:ab b0");
    check_shown(
        "whole after fragments",
        &[delta("output_text", 0, "ab"), whole, done(0, message("ab"))],
        "t0:ab b0",
    );
    check_shown("item said nothing", &[delta("output_text", 0, "ab"), done(0, message(""))], "t0:ab b0");
    check_shown("item never ended", &[added(0, message("")), delta("output_text", 0, "ab")], "t0:ab b0");
    let part = |index: u64, delta: &str| json!({"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": index, "delta": delta});
    let item =
        json!({"type": "reasoning", "summary": [{"text": "ab"}, {"text": "c"}], "encrypted_content": "g"});
    check_shown(
        "parts apart",
        &[part(0, "a"), part(0, "b"), part(1, "c"), done(0, item)],
        "r0:a r0:b r0:\n\nc b0",
    );
    let call = [added(0, function("")), delta("function_call_arguments", 0, "{"), done(0, function("{}"))];
    check_shown("a call", &call, "c0:c: c0:c:{ c0:c:} b0");
    check_shown("a call at once", &[added(0, function("")), done(0, function("{}"))], "c0:c: c0:c:{} b0");
    check_shown(
        "a call that never began",
        &[delta("function_call_arguments", 0, "{"), done(0, function("{}"))],
        "c0:c:{} b0",
    );
    check_shown("a call without a name", &[delta("function_call_arguments", 0, "{}")], "");
    let odd = [
        delta("output_text", 0, ""),
        delta("sparkle", 0, "x"),
        json!({"type": "response.output_text.delta", "delta": {"a": 1}}),
    ];
    check_shown("nothing", &odd, "");
}

#[test]
fn items_come_in_their_order() {
    let two = [
        added(0, function("")),
        added(1, message("")),
        delta("output_text", 1, "a"),
        done(1, message("a")),
        delta("function_call_arguments", 0, "{}"),
        done(0, function("{}")),
    ];
    check_shown("the second ends first", &two, "c0:c: t1:a c0:c:{} b0 b1");
    let same = [done(0, message("a")), done(0, message("b"))];
    check_shown("all at one place", &same, "t0:a b0 t0:b b0");
    let bare =
        |kind: &str, item: Value| json!({"type": format!("response.output_item.{kind}"), "item": item});
    let text = json!({"type": "response.output_text.delta", "delta": "a"});
    let none = [
        bare("added", message("")),
        text,
        bare("done", message("a")),
        bare("added", function("")),
        bare("done", function("{}")),
    ];
    check_shown("no places", &none, "t0:a b0 c1:c: c1:c:{} b1");
}

#[test]
fn what_thinking_led_to_keeps_its_item_unless_that_says_less_than_was_shown() {
    let check = |fragment: &str, text: &str, kept: bool| {
        let thinking = json!({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "g"});
        let item = json!({"type": "message", "id": "msg_1", "role": "assistant",
            "content": [{"type": "output_text", "text": text}]});
        let (events, end) = run(&[
            created(),
            done(0, thinking),
            delta("output_text", 1, fragment),
            done(1, item),
            completed(),
        ]);
        assert_eq!(end, Ok(()), "{text}");
        let raw = events.iter().find_map(|event| match event {
            ModelEvent::Block { finished: FinishedBlock::Text { text, raw }, .. } => {
                assert_eq!(text, "ab");
                Some(raw.is_some())
            }
            _ => None,
        });
        assert_eq!(raw, Some(kept), "{text}");
    };
    check("ab", "ab", true);
    check("a", "ab", true);
    check("ab", "", false);
}
