//! Content blocks as the server-sent events of the Messages wire, and what all wires cut their answers with. Pure.

use serde_json::{Value, json};

/// Characters per text fragment.
const FRAGMENT: usize = 13;

/// The stream of an answer with these content blocks, which stops for `stop_reason`.
pub fn sse(model: &str, blocks: &[Value], stop_reason: &str, input_tokens: usize) -> Vec<u8> {
    let mut out = String::new();
    let output_tokens = blocks.iter().map(|block| block.to_string().len() / 4).sum::<usize>();
    let usage = json!({"input_tokens": input_tokens, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 1});
    let message = json!({"id": "msg_scripted", "type": "message", "role": "assistant", "model": model, "content": [],
        "stop_reason": null, "stop_sequence": null, "usage": usage});
    event(&mut out, &json!({"type": "message_start", "message": message}));
    event(&mut out, &json!({"type": "ping"}));
    for (index, block) in blocks.iter().enumerate() {
        let (start, deltas) = split(block);
        event(&mut out, &json!({"type": "content_block_start", "index": index, "content_block": start}));
        for delta in deltas {
            event(&mut out, &json!({"type": "content_block_delta", "index": index, "delta": delta}));
        }
        event(&mut out, &json!({"type": "content_block_stop", "index": index}));
    }
    let delta = json!({"stop_reason": stop_reason, "stop_sequence": null});
    event(
        &mut out,
        &json!({"type": "message_delta", "delta": delta, "usage": {"output_tokens": output_tokens}}),
    );
    event(&mut out, &json!({"type": "message_stop"}));
    out.into_bytes()
}

fn event(out: &mut String, data: &Value) {
    out.push_str("event: ");
    out.push_str(data["type"].as_str().unwrap_or_default());
    out.push_str("\ndata: ");
    out.push_str(&data.to_string());
    out.push_str("\n\n");
}

/// The start of a block and the deltas that complete it; a kind that is not streamed is complete from its start.
fn split(block: &Value) -> (Value, Vec<Value>) {
    let mut start = block.clone();
    let text = |key: &str| block[key].as_str().unwrap_or_default();
    let deltas = match text("type") {
        "text" => {
            start["text"] = json!("");
            let deltas = fragments(text("text")).map(|text| json!({"type": "text_delta", "text": text}));
            deltas.collect()
        }
        "thinking" => {
            start["thinking"] = json!("");
            start["signature"] = json!("");
            let deltas =
                fragments(text("thinking")).map(|text| json!({"type": "thinking_delta", "thinking": text}));
            deltas.chain([json!({"type": "signature_delta", "signature": text("signature")})]).collect()
        }
        "tool_use" | "server_tool_use" => {
            start["input"] = json!({});
            let input = block["input"].to_string();
            let pieces = std::iter::once(String::new()).chain(fragments(&input));
            pieces.map(|piece| json!({"type": "input_json_delta", "partial_json": piece})).collect()
        }
        _ => Vec::new(),
    };
    (start, deltas)
}

pub(super) fn fragments(text: &str) -> impl Iterator<Item = String> {
    let characters: Vec<char> = text.chars().collect();
    let pieces: Vec<String> = characters.chunks(FRAGMENT).map(|piece| piece.iter().collect()).collect();
    pieces.into_iter()
}
