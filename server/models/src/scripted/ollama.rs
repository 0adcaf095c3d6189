//! Content blocks as the lines of the Ollama wire. Pure.

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

/// Characters per fragment, over and over: they cut words, and characters from the marks that belong to them.
const FRAGMENTS: &[usize] = &[5, 1, 11, 2, 17];
/// Every so many lines a blank one and another line end.
const ODD_LINE: usize = 7;

/// The stream of an answer with these content blocks, which stops for `stop_reason` (in the words of Messages). Kinds of
/// blocks that the wire does not have are left out.
pub(super) fn stream(model: &str, blocks: &[Value], stop_reason: &str, input_tokens: usize) -> Vec<u8> {
    let mut lines = Lines { model, out: String::new(), count: 0 };
    for (index, block) in blocks.iter().enumerate() {
        let text = |key: &str| block[key].as_str().unwrap_or_default();
        match text("type") {
            "text" => lines.fragments("content", text("text")),
            "thinking" => lines.fragments("thinking", text("thinking")),
            "tool_use" => {
                let function = json!({"index": index, "name": block["name"], "arguments": block["input"]});
                let call = json!({"id": block["id"], "function": function});
                lines.push(json!({"role": "assistant", "content": "", "tool_calls": [call]}));
            }
            _ => {}
        }
    }
    let output_tokens = blocks.iter().map(|block| block.to_string().len() / 4).sum::<usize>();
    let reason = if stop_reason == "max_tokens" { "length" } else { "stop" };
    lines.line(&json!({
        "model": model, "created_at": CREATED, "message": {"role": "assistant", "content": ""},
        "done": true, "done_reason": reason, "total_duration": 5_000_000_000_u64, "load_duration": 1_000_000,
        "prompt_eval_count": input_tokens, "prompt_eval_duration": 20_000_000,
        "eval_count": output_tokens, "eval_duration": 900_000_000,
    }));
    lines.out.into_bytes()
}

const CREATED: &str = "2026-11-20T08:00:00.123456789Z";

struct Lines<'a> {
    model: &'a str,
    out: String,
    count: usize,
}

impl Lines<'_> {
    fn fragments(&mut self, field: &str, text: &str) {
        let characters: Vec<char> = text.chars().collect();
        let mut rest = characters.as_slice();
        for size in FRAGMENTS.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            let piece: String = piece.iter().collect();
            // `content` is always there, as the real server has it.
            let mut message = json!({"role": "assistant", "content": ""});
            message[field] = json!(piece);
            self.push(message);
            rest = after;
        }
    }

    fn push(&mut self, message: Value) {
        let line = json!({"model": self.model, "created_at": CREATED, "message": message, "done": false});
        self.line(&line);
    }

    fn line(&mut self, line: &Value) {
        self.count += 1;
        self.out.push_str(&line.to_string());
        self.out.push_str(if self.count.is_multiple_of(ODD_LINE) { "\r\n\n" } else { "\n" });
    }
}
