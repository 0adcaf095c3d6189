//! Whatever the decoder may be fed: arbitrary JSON in the fields it reads, in any order. It never panics, and what it
//! tells as finished is told once.

use super::decode::{decoder, run};
use crate::ModelEvent;
use proptest::prelude::*;
use serde_json::{Value, json};

const TYPES: &[&str] = &[
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.output_item.done",
    "response.output_text.delta",
    "response.output_text.done",
    "response.refusal.delta",
    "response.reasoning_summary_text.delta",
    "response.reasoning_text.done",
    "response.function_call_arguments.delta",
    "response.custom_tool_call_input.done",
    "response.web_search_call.searching",
    "response.completed",
    "response.incomplete",
    "unheard.of",
];
const ITEMS: &[&str] =
    &["message", "reasoning", "function_call", "custom_tool_call", "web_search_call", "", "sparkle"];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z_]{1,8}", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn any_item() -> impl Strategy<Value = Value> {
    let fields = prop::collection::vec(
        (
            prop::sample::select(
                &["content", "summary", "arguments", "input", "call_id", "name", "phase", "status"][..],
            ),
            prop_oneof![any_json(), ".{0,4}".prop_map(|text| json!([{"type": "output_text", "text": text}]))],
        ),
        0..5,
    );
    (prop::sample::select(ITEMS), fields).prop_map(|(kind, fields)| {
        let mut item = json!({"type": kind});
        for (key, value) in fields {
            item[key] = value;
        }
        item
    })
}

fn any_event() -> impl Strategy<Value = Value> {
    let text = prop_oneof![".{0,6}".prop_map(Value::from), any_json()];
    let index = prop_oneof![(0_u64..3).prop_map(Value::from), any::<u64>().prop_map(Value::from), any_json()];
    (prop::sample::select(TYPES), index, any_item(), text, any_json()).prop_map(|(kind, index, item, text, any)| {
        json!({"type": kind, "output_index": index, "summary_index": any, "content_index": index, "item": item,
            "delta": text, "text": text, "arguments": text, "response": {"model": any, "output": [item, any],
            "usage": any, "end_turn": any}})
    })
}

fn is_stop(event: &ModelEvent) -> bool {
    matches!(event, ModelEvent::Stopped { .. })
}

fn is_empty(event: &ModelEvent) -> bool {
    matches!(event, ModelEvent::Text { delta, .. } | ModelEvent::Reasoning { delta, .. } if delta.is_empty())
}

proptest! {
    #[test]
    fn never_panics_on_json(values in prop::collection::vec(any_json(), 0..6)) {
        let _ = run(&values);
    }

    #[test]
    fn never_panics_on_text(data in prop::collection::vec(".{0,40}", 0..4)) {
        let mut decoder = decoder();
        for piece in &data {
            let _ = decoder.push(piece);
        }
        let _ = decoder.finish();
    }

    #[test]
    fn ends_once_or_not_at_all(events in prop::collection::vec(any_event(), 0..16)) {
        let (told, end) = run(&events);
        prop_assert_eq!(told.iter().filter(|event| is_stop(event)).count(), usize::from(end.is_ok()));
        prop_assert!(!told.iter().any(is_empty), "an empty fragment");
        prop_assert_eq!(told.last().is_some_and(is_stop), end.is_ok());
    }
}
