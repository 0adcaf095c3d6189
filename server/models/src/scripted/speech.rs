//! How an answer is put on each wire, and which wire a request speaks, by its path.

use super::{chat, ollama, responses, stream};
use crate::Wire;
use serde_json::Value;

/// Model, content blocks of the Messages wire, its stop reason and the input tokens -> the bytes of a stream.
pub type Speaker = fn(&str, &[Value], &str, usize) -> Vec<u8>;

/// How answers are put on one wire.
#[derive(Clone, Copy)]
pub(super) struct Speech {
    wire: Wire,
    /// Of the answer.
    pub content_type: &'static str,
    pub speaker: Speaker,
}

const EVENTS: &str = "text/event-stream";

const SPEECHES: &[Speech] = &[
    Speech { wire: Wire::Messages, content_type: EVENTS, speaker: stream::sse },
    Speech { wire: Wire::Responses, content_type: EVENTS, speaker: responses::stream },
    Speech { wire: Wire::Chat, content_type: EVENTS, speaker: chat::stream },
    Speech { wire: Wire::Ollama, content_type: "application/x-ndjson", speaker: ollama::stream },
];

/// How answers are put on `wire`.
pub fn speaker(wire: Wire) -> Speaker {
    SPEECHES.iter().find(|speech| speech.wire == wire).map_or(stream::sse, |speech| speech.speaker)
}

fn find(path: &str) -> Option<Speech> {
    let path = path.split('?').next().unwrap_or_default();
    // A base address may have a path of its own (`/api/v1/...`).
    SPEECHES.iter().find(|speech| path.ends_with(speech.wire.path())).copied()
}

/// Whether a wire has that path.
pub(super) fn is_known(path: &str) -> bool {
    find(path).is_some()
}

/// How to answer on that path; as Messages where no wire has it.
pub(super) fn speech(path: &str) -> Speech {
    find(path).unwrap_or(SPEECHES[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FinishedBlock, StopReason, WIRES, decode_all};
    use serde_json::json;

    #[test]
    fn the_same_blocks_come_to_the_same_answer_on_every_wire() {
        let blocks = [
            json!({"type": "thinking", "thinking": "Hm, größer? 🦀 Let me think about that.", "signature": "Eq+/=="}),
            json!({"type": "text", "text": "Both: größer 🦀\n\"quoted\" \\ and more than one piece."}),
            json!({"type": "tool_use", "id": "call_a", "name": "f", "input": {"path": "ü/a.rs", "n": [1, 2.5, null]}}),
            json!({"type": "tool_use", "id": "call_b", "name": "g", "input": {}}),
        ];
        for (name, wire) in WIRES {
            let whole = decode_all(name, &speaker(*wire)("m-1", &blocks, "tool_use", 77)).unwrap();
            assert_eq!(whole.error, None, "{name}");
            let result = whole.result;
            assert_eq!(result.model.as_deref(), Some("m-1"), "{name}");
            assert_eq!(result.stop, Some(StopReason::ToolUse), "{name}");
            assert_eq!(result.text(), blocks[1]["text"].as_str().unwrap(), "{name}");
            assert_eq!(result.usage.input, 77, "{name}");
            let mut thought = String::new();
            let mut calls = Vec::new();
            for block in &result.blocks {
                match block {
                    FinishedBlock::Reasoning { text, .. } => thought.push_str(text),
                    FinishedBlock::ToolCall { name, arguments, .. } => {
                        calls.push((name.as_str(), arguments.clone().unwrap()));
                    }
                    _ => {}
                }
            }
            assert_eq!(thought, blocks[0]["thinking"].as_str().unwrap(), "{name}");
            let want = [("f", blocks[2]["input"].clone()), ("g", json!({}))];
            assert_eq!(calls, want, "{name}");
        }
    }

    #[test]
    fn the_path_tells_the_wire() {
        for (path, wire) in [
            ("/v1/messages", Some(Wire::Messages)),
            ("/api/v1/chat/completions", Some(Wire::Chat)),
            ("/v1/chat/completions?a=b", Some(Wire::Chat)),
            ("/v1/responses", Some(Wire::Responses)),
            ("/api/chat", Some(Wire::Ollama)),
            ("/v1/models", None),
            ("/", None),
        ] {
            assert_eq!(find(path).map(|speech| speech.wire), wire, "{path}");
        }
    }
}
