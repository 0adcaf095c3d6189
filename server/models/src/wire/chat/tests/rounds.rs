//! Ten rounds of a turn: each body goes on where the one before ended, and what the server wants back is still there.

use super::{bytes, output, request, spec, text, user};
use crate::scripted::speaker;
use crate::{Assembled, Dialect, FinishedBlock, Request, ThinkingStyle, Wire, WireNames, dialect};
use glossator_session::{Message, Part, Role, SystemPart};
use serde_json::{Value, json};

const ROUNDS: usize = 10;

/// The answer of a round, as the session's history holds it.
fn answer(model: &str, round: usize) -> Vec<Part> {
    let blocks = [
        json!({"type": "thinking", "thinking": format!("thought {round} \"ü\""), "signature": format!("S+/={round}")}),
        json!({"type": "text", "text": format!("Round {round}.")}),
        json!({"type": "tool_use", "id": format!("call_{round}"), "name": "files__read", "input": {"n": round}}),
        json!({"type": "tool_use", "id": "call_same", "name": "files__read", "input": {"path": "ü"}}),
    ];
    let stream = String::from_utf8(speaker(Wire::Chat)(model, &blocks, "tool_use", 9)).unwrap();
    let mut names = WireNames::default();
    names.add("files.read");
    let mut decoder = Wire::Chat.decoder(model, names);
    let mut result = Assembled::default();
    for data in stream.lines().filter_map(|line| line.strip_prefix("data: ")) {
        decoder.push(data).unwrap().iter().for_each(|event| result.push(event));
    }
    let part = |block: FinishedBlock| match block {
        FinishedBlock::Text { text, .. } => Part::Text { text },
        FinishedBlock::Reasoning { raw, .. } => Part::Raw { raw: raw.unwrap() },
        FinishedBlock::Opaque { raw } => Part::Raw { raw },
        FinishedBlock::ToolCall { id, name, arguments } => {
            Part::ToolCall { id, name, arguments: arguments.unwrap() }
        }
    };
    result.blocks.into_iter().map(part).collect()
}

fn bodies(model: &str, dialect: &Dialect) -> Vec<String> {
    let mut request = Request { model: model.to_owned(), ..request(vec![user(vec![text("Do it.")])]) };
    request.prompt.system = vec![SystemPart { layer: "l".to_owned(), text: "Be terse.".to_owned() }];
    request.prompt.tools = vec![spec("files.read", None), spec("patch", Some("patch"))];
    request.cache_key = Some("session".to_owned());
    request.facts.thinking = ThinkingStyle::Effort;
    let mut bodies = Vec::new();
    for round in 0..ROUNDS {
        bodies.push(bytes(&request, dialect));
        assert_eq!(bodies.last(), Some(&bytes(&request, dialect)), "the same bytes each time");
        request.prompt.messages.push(Message { role: Role::Assistant, parts: answer(model, round) });
        let results = vec![
            output(&format!("call_{round}"), "r", vec![super::image()]),
            output("call_same", "s", vec![]),
            text("Go on."),
        ];
        request.prompt.messages.push(user(results));
    }
    bodies
}

#[test]
fn every_body_goes_on_where_the_one_before_ended() {
    let rows = [
        ("m", Dialect::default()),
        ("gpt-5-nano", dialect::known("openai")),
        ("anthropic/claude-haiku-4.5", dialect::known("openrouter")),
        ("google/gemini-2.0-flash-001", dialect::known("openrouter")),
        ("deepseek-chat", dialect::known("deepseek")),
        ("qwen", dialect::known("llama.cpp")),
    ];
    let mark = r#","cache_control":{"type":"ephemeral"}"#;
    for (model, dialect) in rows {
        let bodies = bodies(model, &dialect);
        for pair in bodies.windows(2) {
            let [before, after] = [0, 1].map(|at| pair[at].replace(mark, ""));
            let before = before.strip_suffix("]}").unwrap();
            assert!(after.starts_with(before), "{model}\n{before}\n{after}");
        }
        let last: Value = serde_json::from_str(bodies.last().unwrap()).unwrap();
        let messages = last["messages"].as_array().unwrap();
        let answers: Vec<&Value> = messages.iter().filter(|message| message["role"] == "assistant").collect();
        assert_eq!(answers.len(), ROUNDS - 1);
        for (answer, round) in answers.iter().zip(0..) {
            check_thoughts(answer, round, &dialect);
            let ids: Vec<&Value> =
                answer["tool_calls"].as_array().unwrap().iter().map(|call| &call["id"]).collect();
            let at = messages.iter().position(|message| message == *answer).unwrap();
            let answered: Vec<&Value> =
                messages[at + 1..at + 3].iter().map(|message| &message["tool_call_id"]).collect();
            assert_eq!(ids, answered, "every call is answered right after it");
        }
    }
}

fn check_thoughts(answer: &Value, round: usize, dialect: &Dialect) {
    use crate::ReasoningField::{Reasoning, ReasoningContent};
    let thought = format!("thought {round} \"ü\"");
    let details = json!([{"type": "reasoning.text", "text": thought, "format": "anthropic-claude-v1", "index": 0,
        "signature": format!("S+/={round}")}]);
    let want = if dialect.reasoning == Reasoning { details } else { Value::Null };
    assert_eq!(answer.get("reasoning_details").unwrap_or(&Value::Null), &want);
    // The scripted model speaks as OpenRouter does, so there is nothing of the other kind to send.
    assert!(dialect.reasoning != ReasoningContent || answer.get("reasoning_content").is_none());
}
