//! The same scripts over every wire, through the real client and a loopback socket.

use super::client::{Outcome, ask_with, config, provider};
use crate::scripted::{Reply, ScriptedServer};
use crate::{Dialect, ErrorKind, FinishedBlock, Provider, ReasoningField, StopReason, WIRES, Wire};
use serde_json::json;
use std::time::Duration;

fn of(wire: Wire, base_url: &str) -> Provider {
    let dialect = Dialect { reasoning: ReasoningField::Reasoning, ..Dialect::default() };
    Provider { wire, dialect, ..provider(base_url) }
}

async fn ask(wire: Wire, server: &ScriptedServer) -> Outcome {
    ask_with(config(), &of(wire, &server.base_url())).await
}

#[tokio::test]
async fn one_script_answers_on_every_wire() {
    for (name, wire) in WIRES {
        let blocks = vec![
            json!({"type": "thinking", "thinking": "hm", "signature": "Eq"}),
            json!({"type": "text", "text": "Grüße 🦀"}),
            json!({"type": "tool_use", "id": "call_1", "name": "f", "input": {"x": 1}}),
        ];
        let server = ScriptedServer::start(vec![
            Reply::Text("first".to_owned()),
            Reply::CutAfter { reply: Box::new(Reply::Text("never seen".to_owned())), bytes: 20 },
            Reply::Blocks(blocks),
        ])
        .await
        .unwrap();
        let first = ask(*wire, &server).await;
        assert_eq!((first.error, first.result.text()), (None, "first".to_owned()), "{name}");
        assert_eq!(first.result.stop, Some(StopReason::EndTurn), "{name}");
        let second = ask(*wire, &server).await;
        assert_eq!(second.error, None, "{name}");
        assert_eq!(second.retries().len(), 1, "{name}: nothing was shown, so it is sent again");
        assert_eq!(second.result.text(), "Grüße 🦀", "{name}");
        assert_eq!(second.result.stop, Some(StopReason::ToolUse), "{name}");
        let calls = second.result.blocks.iter().filter_map(|block| match block {
            FinishedBlock::ToolCall { name, arguments, .. } => Some((name.as_str(), arguments.clone())),
            _ => None,
        });
        assert_eq!(calls.collect::<Vec<_>>(), [("f", Ok(json!({"x": 1})))], "{name}");
        let used_up = ask(*wire, &server).await.error.unwrap();
        assert!(used_up.message.contains("used up"), "{name}: {used_up}");
        let paths: Vec<String> = server.requests().into_iter().map(|request| request.path).collect();
        assert!(paths.iter().all(|path| path == wire.path()), "{name}: {paths:?}");
    }
}

#[tokio::test]
async fn an_address_with_a_path_of_its_own() {
    let server = ScriptedServer::start(vec![Reply::Text("ok".to_owned())]).await.unwrap();
    let outcome = ask_with(config(), &of(Wire::Chat, &format!("{}/api/v1/", server.base_url()))).await;
    assert_eq!((outcome.error, outcome.result.text()), (None, "ok".to_owned()));
    assert_eq!(server.requests()[0].path, "/api/v1/chat/completions");
}

#[tokio::test]
async fn an_answer_that_breaks_after_it_was_shown_is_an_error() {
    for (name, wire) in WIRES {
        let reply = Reply::Text("a long text in more pieces than one".repeat(20));
        let cut = Reply::CutAfter { reply: Box::new(reply), bytes: 3_000 };
        let server = ScriptedServer::start(vec![cut]).await.unwrap();
        let outcome = ask(*wire, &server).await;
        assert_eq!(outcome.error.as_ref().map(|error| error.kind), Some(ErrorKind::Stream), "{name}");
        assert_eq!(outcome.result.stop, None, "{name}");
        assert!(outcome.retries().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn done_is_no_proof_of_success() {
    let stream = concat!(
        ": OPENROUTER PROCESSING\n\n",
        r#"data: {"model":"m","choices":[{"index":0,"delta":{"content":"Half"},"finish_reason":null}]}"#,
        "\n\n",
        r#"data: {"error":{"code":502,"message":"Upstream gone"},"choices":[{"delta":{"content":""},"finish_reason":null}]}"#,
        "\n\ndata: [DONE]\n\n",
    );
    let chunks = vec![(Duration::ZERO, stream.as_bytes().to_vec())];
    let server = ScriptedServer::start(vec![Reply::Raw { chunks }]).await.unwrap();
    let outcome = ask(Wire::Chat, &server).await;
    let error = outcome.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Overloaded);
    assert!(error.message.contains("Upstream gone"), "{error}");
    assert_eq!((outcome.result.stop, outcome.result.blocks.len()), (None, 0));
}
