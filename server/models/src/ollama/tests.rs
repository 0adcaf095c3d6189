//! Ollama's own API against a server of a few canned answers.

use super::{ModelInfo, PullProgress, PullTotals, context_length, list, pull, working_context};
use crate::scripted::{Reply, ScriptedServer};
use crate::{
    Assembled, Client, Config, Dialect, ErrorKind, ModelError, Provider, Request, SecretHeader, StopReason,
    Wire,
};
use futures::StreamExt;
use glossator_session::{Message, Part, Prompt, Role};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// What a path answers: status and body; a body that ends with `…` breaks off there, one with `⏳` stays silent.
type Answers = fn(&str, &Value) -> (u16, String);

/// Told when a client has left a silent answer.
static LEFT: Notify = Notify::const_new();

async fn server(answers: Answers) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(serve(socket, answers));
        }
    });
    address
}

async fn serve(mut socket: TcpStream, answers: Answers) {
    let mut read = Vec::new();
    let (head, body) = loop {
        if socket.read_buf(&mut read).await.unwrap_or(0) == 0 {
            return;
        }
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            break (head.to_owned(), body.to_owned());
        }
    };
    let path = head.split(' ').nth(1).unwrap();
    let (status, text) = answers(path, &serde_json::from_str(&body).unwrap_or_default());
    let sent = text.trim_end_matches(['…', '⏳']);
    let length = if sent.len() == text.len() { sent.len() } else { sent.len() + 1 };
    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    socket.write_all(format!("{head}{sent}").as_bytes()).await.unwrap();
    if text.ends_with('⏳') {
        while socket.read_buf(&mut read).await.is_ok_and(|bytes| bytes > 0) {}
        LEFT.notify_one();
    }
}

fn provider(base_url: &str) -> Provider {
    Provider {
        slug: "ollama".to_owned(),
        wire: Wire::Ollama,
        base_url: base_url.to_owned(),
        headers: Vec::new(),
        query: Vec::new(),
        dialect: Dialect::default(),
        auth: Arc::new(|| {
            Ok(vec![("authorization".to_owned(), SecretHeader::new("Bearer secret-key").unwrap())])
        }),
    }
}

fn client() -> Client {
    Client::new(Config { idle_timeout: Duration::from_secs(5), ..Config::default() })
}

fn good(path: &str, body: &Value) -> (u16, String) {
    let answer = match (path, body["model"].as_str()) {
        ("/api/tags", _) => json!({"models": [
            {"name": "qwen3:8b", "model": "qwen3:8b", "size": 5_200_000_000_u64, "modified_at": "2026-11-01T00:00:00Z",
             "details": {"parameter_size": "8.2B", "quantization_level": "Q4_K_M"}},
            {"name": "gone:1b", "size": 7},
            {"size": 1},
            {"name": "pinned", "model": "pinned"},
        ]}),
        ("/api/ps", _) => json!({"models": [
            {"model": "qwen3:8b", "context_length": 4096, "size_vram": 9, "expires_at": "2026-11-20T09:00:00Z"}]}),
        ("/api/show", Some("qwen3:8b")) => json!({"capabilities": ["completion", "tools", "thinking"],
            "parameters": "stop    \"<|im_end|>\"\ntemperature 0.6",
            "model_info": {"general.architecture": "qwen3", "x.context_length": 1, "qwen3.context_length": 40_960}}),
        ("/api/show", Some("pinned")) => json!({"parameters": "num_ctx                        65536",
            "model_info": {"llama.context_length": 131_072}}),
        ("/api/show", Some("empty")) => json!({}),
        _ => {
            return (
                404,
                json!({"error": format!("model '{}' not found", body["model"].as_str().unwrap_or(""))})
                    .to_string(),
            );
        }
    };
    (200, answer.to_string())
}

#[tokio::test]
async fn lists_what_is_there() {
    let base = server(good).await;
    let models = list(&client(), &provider(&base)).await.unwrap();
    let plain = |id: &str| ModelInfo { id: id.to_owned(), ..ModelInfo::default() };
    assert_eq!(models.len(), 3, "an entry without a name is none");
    let shown = serde_json::to_value(&models[0]).unwrap();
    let want = json!({"id": "qwen3:8b", "size": 5_200_000_000_u64, "modified": "2026-11-01T00:00:00Z", "parameters": "8.2B",
        "quantization": "Q4_K_M", "contextLength": 40_960, "ownContext": null,
        "capabilities": ["completion", "tools", "thinking"],
        "loaded": {"contextLength": 4096, "sizeVram": 9, "expiresAt": "2026-11-20T09:00:00Z"}});
    assert_eq!(shown, want);
    assert_eq!(models[1], ModelInfo { size: 7, ..plain("gone:1b") }, "listed though nothing is told of it");
    let pinned = ModelInfo { context_length: Some(131_072), own_context: Some(65_536), ..plain("pinned") };
    assert_eq!(models[2], pinned);
}

#[tokio::test]
async fn tells_the_context() {
    let provider = provider(&format!("{}/v1/", server(good).await));
    let rows =
        [("qwen3:8b", Some(40_960), 32_768), ("pinned", Some(131_072), 65_536), ("empty", None, 32_768)];
    for (model, trained, working) in rows {
        assert_eq!(context_length(&client(), &provider, model).await, Ok(trained), "{model}");
        assert_eq!(working_context(&client(), &provider, model).await, Ok(working), "{model}");
    }
    let error = context_length(&client(), &provider, "other").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(error.message.contains("model 'other' not found"), "{error}");
}

#[tokio::test]
async fn says_how_to_start_it() {
    let free = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
    let provider = provider(&format!("http://{free}"));
    let errors = [
        list(&client(), &provider).await.unwrap_err(),
        context_length(&client(), &provider, "m").await.unwrap_err(),
        pull(&client(), &provider, "m", CancellationToken::new()).next().await.unwrap().unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind, ErrorKind::Network);
        assert_eq!(error.message.matches("ollama serve").count(), 1, "{error}");
        assert!(error.message.contains(&free.to_string()), "{error}");
    }
}

#[tokio::test]
async fn what_is_no_ollama_is_told() {
    let rows: &[(Answers, ErrorKind, &str)] = &[
        (|_, _| (200, "{\"error\":\"secret-key is old\"}".to_owned()), ErrorKind::Stream, "(hidden) is old"),
        (|_, _| (200, "<html>".to_owned()), ErrorKind::Protocol, "not JSON"),
        (|_, _| (200, "{\"models\"…".to_owned()), ErrorKind::Stream, "incomplete"),
        (|_, _| (401, json!({"error": "unauthorized: secret-key"}).to_string()), ErrorKind::Auth, "(hidden)"),
        (|_, _| (307, String::new()), ErrorKind::Invalid, ""),
        (|_, _| (500, "oops".to_owned()), ErrorKind::Overloaded, "oops"),
    ];
    for (answers, kind, words) in rows {
        let error = list(&client(), &provider(&server(*answers).await)).await.unwrap_err();
        assert_eq!(error.kind, *kind, "{error}");
        assert!(error.message.contains(words) && !error.message.contains("secret-key"), "{error}");
    }
    assert_eq!(
        list(&client(), &provider(&server(|_, _| (200, "{}".to_owned())).await)).await,
        Ok(Vec::new())
    );
}

async fn pulled(answers: Answers) -> Vec<Result<PullProgress, ModelError>> {
    let base = server(answers).await;
    pull(&client(), &provider(&base), "m", CancellationToken::new()).collect().await
}

const MANIFEST: &str = "{\"status\":\"pulling manifest\"}\n";

#[tokio::test]
async fn pulls_to_the_end() {
    let steps = pulled(|path, body| {
        assert_eq!((path, body), ("/api/pull", &json!({"model": "m", "stream": true})));
        let lines = [
            json!({"status": "pulling a", "digest": "sha256:a", "total": 100}),
            json!({"status": "pulling a", "digest": "sha256:a", "total": 100, "completed": 60}),
            json!({"status": "pulling b", "digest": "sha256:b", "total": 10, "completed": 10}),
            json!({"status": "pulling a", "digest": "sha256:a", "total": 100, "completed": 100}),
            json!({"status": "verifying sha256 digest"}),
            json!({"status": "success"}),
            json!({"status": "never read"}),
        ];
        (200, MANIFEST.to_owned() + &lines.map(|line| line.to_string()).join("\r\n"))
    });
    let steps: Vec<PullProgress> = steps.await.into_iter().map(Result::unwrap).collect();
    assert_eq!(steps.len(), 7);
    assert_eq!(
        steps.iter().map(PullProgress::is_done).collect::<Vec<_>>(),
        [false, false, false, false, false, false, true]
    );
    let mut totals = PullTotals::default();
    let sums: Vec<(u64, u64)> = steps
        .iter()
        .map(|step| {
            totals.push(step);
            (totals.completed(), totals.total())
        })
        .collect();
    assert_eq!(sums, [(0, 0), (0, 100), (60, 100), (70, 110), (110, 110), (110, 110), (110, 110)]);
}

#[tokio::test]
async fn a_pull_that_fails_says_so_once() {
    let rows: &[(Answers, usize, ErrorKind, &str)] = &[
        (
            |_, _| {
                (200, format!("{MANIFEST}{}\n", json!({"error": "pull model manifest: file does not exist"})))
            },
            1,
            ErrorKind::NotFound,
            "library",
        ),
        (|_, _| (200, MANIFEST.to_owned()), 1, ErrorKind::Stream, "goes on from there"),
        (|_, _| (200, format!("{MANIFEST}{{\"status\":\"succ…")), 1, ErrorKind::Stream, "broke"),
        (|_, _| (200, format!("{MANIFEST}{{\"status\":\"succ")), 1, ErrorKind::Stream, "goes on from there"),
        (
            |_, _| (200, format!("{MANIFEST}{{\"error\":\"max retries exceeded\"}}")),
            1,
            ErrorKind::Stream,
            "max retries",
        ),
        (|_, _| (200, "data: x\n".to_owned()), 0, ErrorKind::Protocol, "not Ollama's"),
        (
            |_, _| (400, json!({"error": "invalid model name"}).to_string()),
            0,
            ErrorKind::Invalid,
            "invalid model name",
        ),
    ];
    for (answers, before, kind, words) in rows {
        let mut steps = pulled(*answers).await;
        let error = steps.pop().unwrap().unwrap_err();
        assert_eq!((steps.len(), error.kind), (*before, *kind), "{error}");
        assert!(error.message.contains(words), "{error}");
        assert!(steps.iter().all(Result::is_ok));
    }
}

#[tokio::test]
async fn a_pull_can_be_cancelled_and_does_not_wait_for_ever() {
    let base = server(|_, _| (200, format!("{MANIFEST}⏳"))).await;
    let cancel = CancellationToken::new();
    let mut steps = pull(&client(), &provider(&base), "m", cancel.clone());
    assert_eq!(steps.next().await.unwrap().unwrap().status, "pulling manifest");
    cancel.cancel();
    assert_eq!(steps.next().await.unwrap().unwrap_err().kind, ErrorKind::Cancelled);
    let left = tokio::time::timeout(Duration::from_secs(60), LEFT.notified()).await;
    assert!(left.is_ok(), "the connection is closed while the stream still lives");
    assert_eq!(steps.next().await, None);
    let hasty = Client::new(Config { idle_timeout: Duration::from_secs(2), ..Config::default() });
    let steps: Vec<_> = pull(&hasty, &provider(&base), "m", CancellationToken::new()).collect().await;
    assert!(steps[1].as_ref().unwrap_err().message.contains("sent nothing for"), "{steps:?}");
}

#[tokio::test]
async fn a_whole_exchange_over_the_wire() {
    let thinking = json!({"type": "thinking", "thinking": "so 🦀", "signature": ""});
    let call = json!({"type": "tool_use", "id": "c", "name": "f", "input": {"p": [1]}});
    let server = ScriptedServer::start(vec![
        Reply::Blocks(vec![thinking, call]),
        Reply::Status {
            code: 404,
            headers: Vec::new(),
            body: r#"{"error":"model 'm' not found"}"#.to_owned(),
        },
        Reply::CutAfter { reply: Box::new(Reply::Text("cut here, please".to_owned())), bytes: 150 },
    ]);
    let server = server.await.unwrap();
    let client = Client::new(Config { max_retries: 0, ..Config::default() });
    let user = Message { role: Role::User, parts: vec![Part::Text { text: "hi".to_owned() }] };
    let prompt = Prompt { messages: vec![user], ..Prompt::default() };
    let request = Request { model: "m".to_owned(), prompt, ..Request::default() };
    let ask = || client.stream(&provider(&server.base_url()), &request, CancellationToken::new());
    let (mut result, mut stream) = (Assembled::default(), ask());
    while let Some(event) = stream.next().await {
        result.push(&event.unwrap());
    }
    assert_eq!((result.stop, result.blocks.len()), (Some(StopReason::ToolUse), 2));
    let last =
        |stream: crate::ModelStream| async { stream.collect::<Vec<_>>().await.pop().unwrap().unwrap_err() };
    assert_eq!(last(ask()).await.kind, ErrorKind::NotFound);
    assert_eq!(last(ask()).await.kind, ErrorKind::Stream);
    let asked = &server.requests()[0];
    assert_eq!((asked.path.as_str(), &asked.body["options"]["num_ctx"]), ("/api/chat", &json!(32_768)));
}
