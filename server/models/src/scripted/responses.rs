//! Content blocks as the server-sent events of the Responses wire. Pure.

use serde_json::{Value, json};

/// Characters per fragment, over and over.
const FRAGMENTS: &[usize] = &[3, 1, 13, 7, 2];

/// The stream of an answer with these blocks (`text`, `thinking`, `redacted_thinking`, `tool_use`; anything else is sent
/// as an item of its own), which stops for `stop`, a reason of the Messages wire.
pub(super) fn stream(model: &str, blocks: &[Value], stop: &str, input_tokens: usize) -> Vec<u8> {
    let mut events = Events { out: String::new(), number: 0 };
    let start = json!({"id": "resp_scripted", "object": "response", "status": "in_progress", "model": model,
        "output": [], "usage": null});
    events.push(json!({"type": "response.created", "response": start}));
    events.push(json!({"type": "response.in_progress", "response": start}));
    let mut output = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let item = item(index, block);
        events.item(index, &item);
        output.push(item);
    }
    let (output_tokens, reasoning) = (tokens(blocks, |_| true), tokens(blocks, is_thinking));
    let usage = json!({"input_tokens": input_tokens, "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": output_tokens, "output_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": input_tokens + output_tokens});
    let mut response = json!({"id": "resp_scripted", "object": "response", "status": "completed", "model": model,
        "output": output, "usage": usage});
    let cut = match stop {
        "end_turn" | "tool_use" | "stop_sequence" => None,
        "pause_turn" => {
            response["end_turn"] = json!(false);
            None
        }
        "max_tokens" => Some("max_output_tokens"),
        "refusal" => Some("content_filter"),
        other => Some(other),
    };
    if let Some(reason) = cut {
        response["status"] = json!("incomplete");
        response["incomplete_details"] = json!({"reason": reason});
    }
    let end = if cut.is_some() { "response.incomplete" } else { "response.completed" };
    events.push(json!({"type": end, "response": response}));
    events.out.into_bytes()
}

/// Why a request is refused, as the real server does: thinking whose id is told goes only with the item that it led to,
/// known by its own id.
pub(super) fn refusal(body: &Value) -> Option<String> {
    let items = body["input"].as_array()?;
    let unled = items.iter().zip(items.iter().skip(1).map(Some).chain([None])).find(|(item, next)| {
        let is_led = next.is_some_and(|next| next["id"].as_str().is_some_and(|id| !id.is_empty()));
        item["type"] == "reasoning" && item["id"].is_string() && !is_led
    });
    let id = unled?.0["id"].as_str()?;
    Some(format!("Item '{id}' of type 'reasoning' was provided without its required following item."))
}

fn is_thinking(block: &Value) -> bool {
    matches!(block["type"].as_str(), Some("thinking" | "redacted_thinking"))
}

fn tokens(blocks: &[Value], counts: impl Fn(&Value) -> bool) -> usize {
    blocks.iter().filter(|block| counts(block)).map(|block| block.to_string().len() / 4).sum()
}

/// The finished item for a block.
fn item(index: usize, block: &Value) -> Value {
    let text = |key: &str| block[key].as_str().unwrap_or_default();
    match text("type") {
        "text" => {
            let part = json!({"type": "output_text", "text": text("text"), "annotations": []});
            json!({"id": format!("msg_{index}"), "type": "message", "status": "completed", "role": "assistant",
                "content": [part]})
        }
        "thinking" => {
            let shown = Some(text("thinking")).filter(|text| !text.is_empty());
            let summary: Vec<Value> =
                shown.map(|text| json!({"type": "summary_text", "text": text})).into_iter().collect();
            json!({"id": format!("rs_{index}"), "type": "reasoning", "summary": summary,
                "encrypted_content": text("signature")})
        }
        "redacted_thinking" => json!({"id": format!("rs_{index}"), "type": "reasoning", "summary": [],
            "encrypted_content": text("data")}),
        "tool_use" => match &block["input"] {
            Value::String(input) => json!({"id": format!("ctc_{index}"), "type": "custom_tool_call",
                "status": "completed", "call_id": block["id"], "name": block["name"], "input": input}),
            input => json!({"id": format!("fc_{index}"), "type": "function_call", "status": "completed",
                "call_id": block["id"], "name": block["name"], "arguments": input.to_string()}),
        },
        _ => block.clone(),
    }
}

struct Events {
    out: String,
    number: usize,
}

impl Events {
    fn push(&mut self, mut event: Value) {
        event["sequence_number"] = json!(self.number);
        self.number += 1;
        let kind = event["type"].as_str().unwrap_or_default();
        self.out.push_str(&format!("event: {kind}\ndata: {event}\n\n"));
    }

    /// An item from its start to its end.
    fn item(&mut self, index: usize, item: &Value) {
        let mut start = item.clone();
        let kind = item["type"].as_str().unwrap_or_default();
        for (key, empty) in
            [("content", json!([])), ("summary", json!([])), ("arguments", json!("")), ("input", json!(""))]
        {
            if !start[key].is_null() {
                start[key] = empty;
            }
        }
        self.push(json!({"type": "response.output_item.added", "output_index": index, "item": start}));
        match kind {
            "message" => self.part(index, "content_part", ("output_text", &item["content"][0])),
            "reasoning" if item["summary"][0].is_object() => {
                self.part(index, "reasoning_summary_part", ("reasoning_summary_text", &item["summary"][0]));
            }
            "function_call" => {
                self.deltas(index, "function_call_arguments", ("arguments", &item["arguments"]))
            }
            "custom_tool_call" => self.deltas(index, "custom_tool_call_input", ("input", &item["input"])),
            _ => {}
        }
        self.push(json!({"type": "response.output_item.done", "output_index": index, "item": item}));
    }

    /// A part of an item: its start, its text by fragments, its end.
    fn part(&mut self, index: usize, name: &str, (text, part): (&str, &Value)) {
        let place = if name == "content_part" { "content_index" } else { "summary_index" };
        let mut start = part.clone();
        start["text"] = json!("");
        self.push(
            json!({"type": format!("response.{name}.added"), "output_index": index, place: 0, "part": start}),
        );
        self.deltas(index, text, ("text", &part["text"]));
        self.push(
            json!({"type": format!("response.{name}.done"), "output_index": index, place: 0, "part": part}),
        );
    }

    /// The fragments of a text, and once more the whole of it.
    fn deltas(&mut self, index: usize, name: &str, (key, text): (&str, &Value)) {
        let mut rest = text.as_str().unwrap_or_default();
        for size in FRAGMENTS.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let end = rest.char_indices().nth(*size).map_or(rest.len(), |(end, _)| end);
            let (delta, after) = rest.split_at(end);
            self.push(
                json!({"type": format!("response.{name}.delta"), "output_index": index, "delta": delta}),
            );
            rest = after;
        }
        self.push(json!({"type": format!("response.{name}.done"), "output_index": index, key: text}));
    }
}

#[cfg(test)]
mod tests {
    use super::{refusal, stream};
    use crate::{FinishedBlock, StopReason, decode_all};
    use glossator_session::CallId;
    use serde_json::{Value, json};

    #[test]
    fn a_stream_comes_to_its_blocks() {
        let input = json!({"a": "größe 🦀", "b": [1, 2.5, null]});
        let blocks = [
            json!({"type": "thinking", "thinking": "a \"ü\" \\ 🦀\n", "signature": "Eq+/=="}),
            json!({"type": "redacted_thinking", "data": "xyz"}),
            json!({"type": "text", "text": "Hello, größe 🦀\n"}),
            json!({"type": "text", "text": ""}),
            json!({"type": "tool_use", "id": "call_1", "name": "f", "input": input}),
            json!({"type": "tool_use", "id": "call_2", "name": "patch", "input": "*** Begin\n"}),
            json!({"type": "web_search_call", "id": "ws_1", "action": {"type": "search"}}),
        ];
        let decoded = decode_all("responses", &stream("m", &blocks, "tool_use", 77)).unwrap();
        assert_eq!(decoded.error, None);
        let result = decoded.result;
        assert_eq!((result.model.as_deref(), result.usage.input), (Some("m"), 77));
        assert_eq!(result.stop, Some(StopReason::ToolUse));
        let shown: Vec<(&str, Option<Value>)> = result.blocks.iter().map(shown).collect();
        let raw = |json: &str| serde_json::from_str::<Value>(json).ok();
        let own = [
            (
                "a \"ü\" \\ 🦀\n",
                raw(
                    r#"{"id":"rs_0","type":"reasoning","summary":[{"type":"summary_text","text":"a \"ü\" \\ 🦀\n"}],"encrypted_content":"Eq+/=="}"#,
                ),
            ),
            ("", raw(r#"{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"xyz"}"#)),
            (
                "Hello, größe 🦀\n",
                raw(
                    r#"{"id":"msg_2","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hello, größe 🦀\n","annotations":[]}]}"#,
                ),
            ),
            (
                "",
                raw(
                    r#"{"id":"msg_3","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"","annotations":[]}]}"#,
                ),
            ),
            (
                "",
                raw(
                    r#"{"id":"fc_4","type":"function_call","status":"completed","call_id":"call_1","name":"f","arguments":"{\"a\":\"größe 🦀\",\"b\":[1,2.5,null]}"}"#,
                ),
            ),
            ("f", Some(input)),
            (
                "",
                raw(
                    r#"{"id":"ctc_5","type":"custom_tool_call","status":"completed","call_id":"call_2","name":"patch","input":"*** Begin\n"}"#,
                ),
            ),
            ("patch", Some(json!("*** Begin\n"))),
            ("", raw(r#"{"type":"web_search_call","id":"ws_1","action":{"type":"search"}}"#)),
        ];
        assert_eq!(shown, own);
        assert!(
            matches!(&result.blocks[5], FinishedBlock::ToolCall { id, .. } if *id == CallId::from("call_1"))
        );
    }

    #[test]
    fn thinking_goes_with_what_it_led_to() {
        let check = |items: Value, refused: bool| {
            assert_eq!(refusal(&json!({"input": items})).is_some(), refused, "{items}");
        };
        let thinking = || json!({"type": "reasoning", "id": "rs_1"});
        check(json!([thinking(), {"type": "message", "id": "msg_1"}]), false);
        check(json!([thinking(), thinking(), {"type": "message", "id": "msg_1"}]), false);
        check(json!([thinking(), {"type": "message"}]), true);
        check(json!([{"type": "message"}, thinking()]), true);
        check(json!([{"type": "reasoning"}, {"type": "message"}]), false);
        check(json!("text"), false);
    }

    fn shown(block: &FinishedBlock) -> (&str, Option<Value>) {
        let value = |raw: &glossator_session::Raw| serde_json::from_str(&raw.json).ok();
        match block {
            FinishedBlock::Text { text, raw } | FinishedBlock::Reasoning { text, raw } => {
                (text, raw.as_ref().and_then(value))
            }
            FinishedBlock::ToolCall { name, arguments, .. } => (name, arguments.clone().ok()),
            FinishedBlock::Opaque { raw } => ("", value(raw)),
        }
    }

    #[test]
    fn stop_reasons() {
        let rows = [
            ("end_turn", StopReason::EndTurn),
            ("max_tokens", StopReason::MaxTokens),
            (
                "refusal",
                StopReason::Refusal { category: Some("content_filter".to_owned()), explanation: None },
            ),
            ("pause_turn", StopReason::PauseTurn),
            ("steered", StopReason::Other { name: "steered".to_owned() }),
        ];
        for (stop, want) in rows {
            let stream = stream("m", &[json!({"type": "text", "text": "a"})], stop, 1);
            assert_eq!(decode_all("responses", &stream).unwrap().result.stop, Some(want), "{stop}");
        }
    }
}
