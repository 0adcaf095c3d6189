//! Ten rounds of a scripted turn: every body's messages are those of the one before and more; what the model thought goes
//! back as it came.

use super::stream;
use crate::{Dialect, Encoded, FinishedBlock, ModelEvent, Request, Wire};
use glossator_session::{CallId, Image, Message, Part, Prompt, Role};
use serde_json::{Value, json};

fn message(role: Role, parts: Vec<Part>) -> Message {
    Message { role, parts }
}

fn encode(request: &Request) -> Encoded {
    Wire::Ollama.encode(request, &Dialect::default()).unwrap()
}

fn output(id: &str) -> Part {
    let image = Image { media_type: "image/png".to_owned(), data: "QUJD".to_owned() };
    Part::ToolOutput { id: CallId::from(id), text: "r".to_owned(), images: vec![image], is_error: false }
}

/// What the model says in round `number`, as blocks of a script.
fn answer(number: usize) -> Vec<Value> {
    let call = |letter: char| {
        let input = json!({"n": number, "ü": "🦀\n"});
        json!({"type": "tool_use", "id": format!("call_{number}{letter}"), "name": "files__read", "input": input})
    };
    vec![
        json!({"type": "thinking", "thinking": thought(number), "signature": "none"}),
        json!({"type": "text", "text": format!("Round {number}.\n")}),
        call('a'),
        call('b'),
    ]
}

fn thought(number: usize) -> String {
    format!("round {number}: \"hm\" \\ ü\n")
}

fn parts(stream: &[u8], encoded: Encoded) -> Vec<Part> {
    let mut decoder = Wire::Ollama.decoder("qwen3:8b", encoded.names);
    let mut parts = Vec::new();
    for line in String::from_utf8_lossy(stream).lines() {
        for event in decoder.push(line).unwrap() {
            let ModelEvent::Block { finished, .. } = event else { continue };
            parts.push(match finished {
                FinishedBlock::Text { text, .. } => Part::Text { text },
                FinishedBlock::Reasoning { raw, .. } => Part::Raw { raw: raw.unwrap() },
                FinishedBlock::Opaque { raw } => Part::Raw { raw },
                FinishedBlock::ToolCall { id, name, arguments } => {
                    Part::ToolCall { id, name, arguments: arguments.unwrap() }
                }
            });
        }
    }
    assert_eq!(decoder.finish(), Ok(Vec::new()));
    parts
}

#[test]
fn ten_rounds_only_add() {
    let mut asked = Request {
        model: "qwen3:8b".to_owned(),
        prompt: Prompt {
            messages: vec![message(Role::User, vec![Part::Text { text: "hi".to_owned() }])],
            ..Prompt::default()
        },
        ..Request::default()
    };
    let mut before = String::new();
    for number in 0..10 {
        let encoded = encode(&asked);
        assert_eq!(encoded, encode(&asked), "the same bytes each time");
        let now = String::from_utf8(encoded.body.clone()).unwrap();
        assert!(now.starts_with(&before), "round {number}:\n{before}\n{now}");
        now.strip_suffix("]}").unwrap().clone_into(&mut before);
        let answered = stream("qwen3:8b", &answer(number), "tool_use", 7);
        asked.prompt.messages.push(message(Role::Assistant, parts(&answered, encoded)));
        let results = ['a', 'b'].map(|letter| output(&format!("call_{number}{letter}")));
        asked.prompt.messages.push(message(Role::User, results.to_vec()));
    }
    let sent: Value = serde_json::from_slice(&encode(&asked).body).unwrap();
    for number in 0..10 {
        // Each round: the answer, two results, their images.
        let message = &sent["messages"][1 + number * 4];
        assert_eq!(message["thinking"], thought(number));
        assert_eq!(message["tool_calls"][1]["id"], format!("call_{number}b"));
        assert_eq!(message["tool_calls"][0]["function"]["arguments"], json!({"n": number, "ü": "🦀\n"}));
    }
}
