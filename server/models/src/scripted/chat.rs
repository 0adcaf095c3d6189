//! Content blocks as the stream of the Chat Completions wire. Pure.

use super::stream::fragments;
use serde_json::{Value, json};

/// The stream of an answer with these content blocks, which stops for `stop` (in the words of Messages).
pub(super) fn stream(model: &str, blocks: &[Value], stop: &str, input_tokens: usize) -> Vec<u8> {
    let mut out = String::from(": SCRIPTED PROCESSING\n\n");
    chunk(&mut out, model, json!({"role": "assistant", "content": ""}), None);
    let mut calls = 0;
    for (at, block) in blocks.iter().enumerate() {
        for delta in deltas(block, at, calls) {
            chunk(&mut out, model, delta, None);
        }
        calls += usize::from(block["type"] == "tool_use");
    }
    let reason = match stop {
        "tool_use" => "tool_calls",
        "max_tokens" => "length",
        "refusal" => "content_filter",
        _ => "stop",
    };
    chunk(&mut out, model, json!({}), Some(reason));
    let output_tokens = blocks.iter().map(|block| block.to_string().len() / 4).sum::<usize>();
    let usage = json!({"prompt_tokens": input_tokens, "completion_tokens": output_tokens,
        "total_tokens": input_tokens + output_tokens});
    data(
        &mut out,
        &json!({"id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 0,
        "model": model, "choices": [], "usage": usage}),
    );
    out.push_str("data: [DONE]\n\n");
    out.into_bytes()
}

fn chunk(out: &mut String, model: &str, delta: Value, finish_reason: Option<&str>) {
    let choice = json!({"index": 0, "delta": delta, "finish_reason": finish_reason});
    data(
        out,
        &json!({"id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 0,
        "model": model, "choices": [choice], "usage": null}),
    );
}

fn data(out: &mut String, data: &Value) {
    out.push_str(&format!("data: {data}\n\n"));
}

/// The deltas of a block; a kind that this wire does not have is left out.
fn deltas(block: &Value, at: usize, call: usize) -> Vec<Value> {
    let text = |key: &str| block[key].as_str().unwrap_or_default();
    match text("type") {
        "text" => fragments(text("text")).map(|text| json!({"content": text})).collect(),
        "thinking" => {
            let detail = |key: &str, value: &str| json!({"type": "reasoning.text", key: value, "format": "anthropic-claude-v1", "index": at});
            let thoughts = fragments(text("thinking"))
                .map(|text| json!({"content": "", "reasoning": text, "reasoning_details": [detail("text", &text)]}));
            let signature =
                json!({"content": "", "reasoning_details": [detail("signature", text("signature"))]});
            thoughts.chain([signature]).collect()
        }
        "redacted_thinking" => {
            let detail = json!({"type": "reasoning.encrypted", "data": text("data"), "index": at});
            vec![json!({"content": "", "reasoning_details": [detail]})]
        }
        "tool_use" => {
            let begun = json!({"index": call, "id": text("id"), "type": "function",
                "function": {"name": text("name"), "arguments": ""}});
            let input = block["input"].to_string();
            let pieces =
                fragments(&input).map(|piece| json!({"index": call, "function": {"arguments": piece}}));
            [begun].into_iter().chain(pieces).map(|call| json!({"tool_calls": [call]})).collect()
        }
        _ => Vec::new(),
    }
}
