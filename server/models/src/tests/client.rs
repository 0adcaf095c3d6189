//! The client against the scripted model, over a real loopback socket.

use crate::scripted::{Reply, ScriptedServer};
use crate::{
    Assembled, Client, Config, ErrorKind, FinishedBlock, ModelError, ModelEvent, Provider, Request,
    SecretHeader, StopReason, Wire,
};
use glossator_session::{Message, Part, Prompt, Role};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const KEY: &str = "sk-test-0123456789";

pub(super) fn config() -> Config {
    let backoff_base = Duration::from_millis(4);
    Config { backoff_base, backoff_cap: Duration::from_millis(10), ..Config::default() }
}

pub(super) fn provider(base_url: &str) -> Provider {
    Provider {
        dialect: crate::Dialect::default(),
        slug: "test".to_owned(),
        wire: Wire::Messages,
        base_url: base_url.to_owned(),
        headers: Vec::new(),
        query: Vec::new(),
        auth: Arc::new(|| Ok(vec![("x-api-key".to_owned(), SecretHeader::new(KEY)?)])),
    }
}

fn request() -> Request {
    let parts = vec![Part::Text { text: "hello".to_owned() }];
    let prompt = Prompt { messages: vec![Message { role: Role::User, parts }], ..Prompt::default() };
    Request { model: "claude-x".to_owned(), prompt, ..Request::default() }
}

pub(super) struct Outcome {
    pub result: Assembled,
    pub events: Vec<ModelEvent>,
    pub error: Option<ModelError>,
}

impl Outcome {
    pub(super) fn retries(&self) -> Vec<Duration> {
        let wait = |event: &ModelEvent| match event {
            ModelEvent::Retrying { wait, .. } => Some(*wait),
            _ => None,
        };
        self.events.iter().filter_map(wait).collect()
    }
}

pub(super) async fn ask_with(config: Config, provider: &Provider) -> Outcome {
    let mut stream = Client::new(config).stream(provider, &request(), CancellationToken::new());
    let mut outcome = Outcome { result: Assembled::default(), events: Vec::new(), error: None };
    while let Some(event) = stream.next().await {
        assert!(outcome.error.is_none(), "an error is the last item");
        match event {
            Ok(event) => {
                outcome.result.push(&event);
                outcome.events.push(event);
            }
            Err(error) => outcome.error = Some(error),
        }
    }
    outcome
}

async fn ask(server: &ScriptedServer) -> Outcome {
    ask_with(config(), &provider(&server.base_url())).await
}

#[tokio::test]
async fn a_whole_answer() {
    let text = "Grüße 🦀\n".repeat(50);
    let blocks = vec![
        json!({"type": "thinking", "thinking": "let me see", "signature": "Eq=="}),
        json!({"type": "text", "text": text}),
        json!({"type": "tool_use", "id": "toolu_1", "name": "readFile", "input": {"path": "ä.rs"}}),
    ];
    let server =
        ScriptedServer::start(vec![Reply::Blocks(blocks), Reply::Text("two".to_owned())]).await.unwrap();
    let client = Client::new(config());
    let mut provider = provider(&format!("{}/", server.base_url()));
    provider.headers.push(("Anthropic-Version".to_owned(), "2026-10-21".to_owned()));
    let outcome = ask_with(config(), &provider).await;
    assert_eq!(outcome.error, None);
    assert_eq!(outcome.result.text(), text);
    assert_eq!((outcome.result.blocks.len(), &outcome.result.stop), (3, &Some(StopReason::ToolUse)));
    assert!(outcome.result.usage.input > 0 && outcome.result.usage.output > 1);
    let deltas = outcome.events.iter().filter(|event| matches!(event, ModelEvent::Text { .. })).count();
    assert!(deltas > 10, "it streams: {deltas}");
    let FinishedBlock::ToolCall { arguments, .. } = &outcome.result.blocks[2] else { panic!() };
    assert_eq!(arguments, &Ok(json!({"path": "ä.rs"})));

    let sent = &server.requests()[0];
    assert_eq!((sent.method.as_str(), sent.path.as_str()), ("POST", "/v1/messages"));
    assert_eq!(sent.header("x-api-key"), Some(KEY));
    assert_eq!(sent.header("anthropic-version"), Some("2026-10-21"));
    assert_eq!(sent.header("content-type"), Some("application/json"));
    assert_eq!(sent.body["model"], "claude-x");
    assert_eq!(sent.raw, Wire::Messages.encode(&request(), &crate::Dialect::default()).unwrap().body);

    let mut stream = client.stream(&provider, &request(), CancellationToken::new());
    while let Some(event) = stream.next().await {
        event.unwrap();
    }
    let error = ask(&server).await.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(error.message.contains("used up"), "{error}");
    assert_eq!(error.request_id.as_deref(), Some("req_scripted"));
}

#[tokio::test]
async fn every_row_of_the_retry_table() {
    let rows: &[(u16, &str, &str, u16)] = &[
        (408, "", "", 1),
        (409, "", "", 1),
        (429, "", "", 1),
        (500, "", "", 1),
        (502, "", "", 1),
        (529, "", "", 1),
        (418, "x-should-retry", "true", 1),
        (500, "x-should-retry", "false", 0),
        (400, "x-should-retry", "true", 0),
        (400, "", "", 0),
        (401, "", "", 0),
        (402, "", "", 0),
        (403, "", "", 0),
        (404, "", "", 0),
        (413, "", "", 0),
        (422, "", "", 0),
    ];
    for &(code, name, value, retries) in rows {
        let headers = if name.is_empty() { Vec::new() } else { vec![(name.to_owned(), value.to_owned())] };
        let failure =
            Reply::Status { code, headers, body: r#"{"error":{"message":"words of theirs"}}"#.to_owned() };
        let server = ScriptedServer::start(vec![failure, Reply::Text("good".to_owned())]).await.unwrap();
        let outcome = ask(&server).await;
        assert_eq!(outcome.retries().len(), usize::from(retries), "{code} {name} {value}");
        assert_eq!(server.requests().len(), 1 + usize::from(retries), "{code}");
        if retries == 1 {
            assert_eq!((outcome.result.text().as_str(), outcome.error), ("good", None), "{code}");
        } else {
            let error = outcome.error.unwrap();
            assert!(
                error.message.contains("words of theirs") && error.message.contains(&code.to_string()),
                "{error}"
            );
            assert_eq!(error.request_id.as_deref(), Some("req_scripted_1"));
        }
    }
}

#[tokio::test]
async fn a_spending_limit_is_final_and_the_providers_pause_is_kept() {
    let limit = r#"{"error":{"type":"rate_limit_error","message":"m","details":{"error_code":"enforced_spend_limit_reached"}}}"#;
    let limited = Reply::Status { code: 429, headers: Vec::new(), body: limit.to_owned() };
    let outcome = ask(&ScriptedServer::start(vec![limited]).await.unwrap()).await;
    assert_eq!((outcome.retries().len(), outcome.error.unwrap().kind), (0, ErrorKind::Billing));

    let busy = |name: &str, value: &str| {
        let headers = vec![(name.to_owned(), value.to_owned())];
        Reply::Status { code: 529, headers, body: String::new() }
    };
    let steps = vec![busy("retry-after-ms", "37"), busy("retry-after", "0.041"), busy("retry-after", "3600")];
    let outcome = ask(&ScriptedServer::start(steps).await.unwrap()).await;
    assert_eq!(outcome.retries(), [Duration::from_millis(37), Duration::from_millis(41)]);
    assert!(outcome.error.unwrap().message.contains("3600 seconds"));
}

#[tokio::test]
async fn retries_come_to_an_end() {
    let server =
        ScriptedServer::answering(|_| Reply::error(529, "overloaded_error", "Overloaded")).await.unwrap();
    let outcome = ask(&server).await;
    assert_eq!((outcome.retries().len(), server.requests().len()), (4, 5));
    let error = outcome.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Overloaded);
    assert!(error.retryable && error.message.contains("5 attempts"), "{error}");
    let first = outcome.events.first();
    assert!(matches!(first, Some(ModelEvent::Retrying { attempt: 1, of: 4, .. })), "{first:?}");
}

fn stream_of(events: &[&str]) -> Reply {
    let bytes = events.iter().map(|event| format!("data: {event}\n\n")).collect::<String>().into_bytes();
    Reply::Raw { chunks: vec![(Duration::ZERO, bytes)] }
}

const STARTED: &str = r#"{"type":"message_start","message":{"model":"s","usage":{}}}"#;
const TEXT: &str =
    r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"seen"}}"#;
const OVERLOADED: &str = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
const WRONG: &str = r#"{"type":"error","error":{"type":"invalid_request_error","message":"No"}}"#;

#[tokio::test]
async fn failures_inside_a_stream_are_retried_only_while_nothing_was_seen() {
    let broken =
        |bytes| Reply::CutAfter { reply: Box::new(Reply::Text("a long enough answer".to_owned())), bytes };
    let json_error = Reply::error(200, "overloaded_error", "Overloaded");
    let rows: Vec<(&str, Reply, bool, ErrorKind)> = vec![
        ("error before anything", stream_of(&[OVERLOADED]), true, ErrorKind::Overloaded),
        ("error after the start", stream_of(&[STARTED, OVERLOADED]), true, ErrorKind::Overloaded),
        ("error after text", stream_of(&[STARTED, TEXT, OVERLOADED]), false, ErrorKind::Overloaded),
        ("final error", stream_of(&[STARTED, WRONG]), false, ErrorKind::Invalid),
        ("ended early", stream_of(&[STARTED]), true, ErrorKind::Stream),
        ("ended early after text", stream_of(&[STARTED, TEXT]), false, ErrorKind::Stream),
        ("empty stream", stream_of(&[]), true, ErrorKind::Stream),
        ("broken at once", broken(0), true, ErrorKind::Stream),
        ("broken in the start", broken(90), true, ErrorKind::Stream),
        ("broken after text", broken(700), false, ErrorKind::Stream),
        ("JSON error with HTTP 200", json_error, true, ErrorKind::Overloaded),
        ("no events at all", stream_of(&["hello"]), false, ErrorKind::Protocol),
    ];
    for (name, reply, retried, kind) in rows {
        let server = ScriptedServer::start(vec![reply, Reply::Text("good".to_owned())]).await.unwrap();
        let outcome = ask(&server).await;
        assert_eq!(outcome.retries().len(), usize::from(retried), "{name}: {:?}", outcome.error);
        match outcome.error {
            None => assert!(retried && outcome.result.text() == "good", "{name}"),
            Some(error) => assert_eq!((retried, error.kind), (false, kind), "{name}: {error}"),
        }
    }
}

#[tokio::test]
async fn a_stream_broken_at_every_byte_is_never_taken_for_whole() {
    let whole = crate::scripted::sse("m", &[json!({"type": "text", "text": "ü🦀"})], "end_turn", 1);
    let server = ScriptedServer::answering(move |request| {
        let bytes = usize::try_from(request["max_tokens"].as_u64().unwrap()).unwrap() - 1;
        Reply::CutAfter { reply: Box::new(Reply::Text("ü🦀".to_owned())), bytes }
    })
    .await
    .unwrap();
    let client = Client::new(Config { max_retries: 0, ..config() });
    let provider = provider(&server.base_url());
    for bytes in 0..whole.len() - 40 {
        let max_output = Some(u32::try_from(bytes + 1).unwrap());
        let mut stream =
            client.stream(&provider, &Request { max_output, ..request() }, CancellationToken::new());
        let mut last = None;
        while let Some(event) = stream.next().await {
            last = Some(event);
        }
        let error = last.unwrap().unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Stream | ErrorKind::Network), "{bytes}: {error}");
    }
}

#[tokio::test]
async fn answers_that_are_no_stream() {
    let page = |code, body: &str| {
        let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
        Reply::Status { code, headers, body: body.to_owned() }
    };
    let location = vec![("location".to_owned(), "https://evil.example/v1/messages?x=1".to_owned())];
    let moved = Reply::Status { code: 307, headers: location, body: String::new() };
    let huge = Reply::Status {
        code: 400,
        headers: Vec::new(),
        body: format!("{{\"error\":\"{}", "x".repeat(10 << 20)),
    };
    let rows = vec![
        ("web page", page(200, "<title>Log in</title>"), ErrorKind::Protocol, "text/html"),
        ("redirect", moved, ErrorKind::Invalid, "evil.example"),
        (
            "message",
            Reply::Status { code: 200, headers: vec![], body: "{}".to_owned() },
            ErrorKind::Protocol,
            "json",
        ),
        (
            "unknown model",
            Reply::error(404, "not_found_error", "model: claude-x"),
            ErrorKind::NotFound,
            "model: claude-x",
        ),
        ("huge", huge, ErrorKind::Invalid, "xxx…"),
        (
            "echoed key",
            Reply::error(401, "authentication_error", &format!("bad key {KEY}")),
            ErrorKind::Auth,
            "bad key (hidden)",
        ),
    ];
    for (name, reply, kind, words) in rows {
        let server = ScriptedServer::start(vec![reply]).await.unwrap();
        let error = ask(&server).await.error.unwrap();
        assert_eq!(error.kind, kind, "{name}: {error}");
        assert!(error.message.contains(words) && !error.message.contains(KEY), "{name}: {error}");
        assert!(error.message.len() < 2000, "{name}");
        assert_eq!(server.requests().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn requests_that_cannot_be_sent() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let unreachable = ask_with(config(), &provider(&format!("http://user:{KEY}@{free}/"))).await;
    assert_eq!(unreachable.retries().len(), 4);
    let error = unreachable.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Network);
    assert!(error.message.contains(&free.to_string()) && error.message.contains("refused"), "{error}");
    assert!(error.message.contains("base_url") && !error.message.contains(KEY), "{error}");

    for (url, words) in [("", "not a valid"), ("api.example.com", "not a valid"), ("ftp://x", "http://")] {
        let error = ask_with(config(), &provider(url)).await.error.unwrap();
        assert!(error.message.contains(words) && error.message.contains("'test'"), "{url}: {error}");
    }
    let mut keyless = provider("http://127.0.0.1:9");
    keyless.auth = Arc::new(|| Err("No key. Set KEY.".to_owned()));
    let error = ask_with(config(), &keyless).await.error.unwrap();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Auth, "No key. Set KEY."));
    let mut odd = provider("http://127.0.0.1:9");
    odd.headers.push(("x y".to_owned(), KEY.to_owned()));
    let error = ask_with(config(), &odd).await.error.unwrap();
    assert!(error.message.contains("'x y'") && !error.message.contains(KEY), "{error}");
}

#[test]
fn secrets_are_not_printed() {
    let mut provider = provider(&format!("https://{KEY}@x"));
    provider.headers.push(("authorization".to_owned(), KEY.to_owned()));
    let secret = SecretHeader::new(&format!("Bearer {KEY}\n")).unwrap();
    let shown = format!("{provider:?} {secret:?} {:?}", secret.value());
    assert!(!shown.contains(KEY), "{shown}");
    assert_eq!(secret.hide_in(&format!("key {KEY}!")), "key (hidden)!");
    let error = SecretHeader::new("sk-a\nb").unwrap_err();
    assert!(!error.contains("sk-a"), "{error}");
}

#[test]
fn addresses() {
    for base in ["https://h/a", "https://h/a/", "https://h/a/v1", " https://h/a/v1/ "] {
        assert_eq!(provider(base).url("/v1/messages").unwrap().as_str(), "https://h/a/v1/messages", "{base}");
    }
}

#[tokio::test]
async fn https_is_really_spoken() {
    let server = ScriptedServer::start(vec![]).await.unwrap();
    let address = server.base_url().replace("http://", "https://");
    let error = ask_with(Config { max_retries: 0, ..config() }, &provider(&address)).await.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Network, "{error}");
    // Either the server's plain answer is found out, or this machine has no certificates to begin with.
    assert!(
        error.message.contains("Cannot reach 127.0.0.1") || error.message.contains("SSL_CERT_FILE"),
        "{error}"
    );
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn silence_is_timed_and_comments_are_not_silence() {
    let quick = Config { idle_timeout: Duration::from_secs(2), max_retries: 0, ..config() };
    let hang = Reply::HangAfter { reply: Box::new(Reply::Text("an answer".to_owned())), bytes: 300 };
    for reply in [Reply::Hang, hang] {
        let server = ScriptedServer::start(vec![reply]).await.unwrap();
        let error = ask_with(quick.clone(), &provider(&server.base_url())).await.error.unwrap();
        assert_eq!(error.kind, ErrorKind::Network);
        assert!(error.message.contains("2 seconds"), "{error}");
        server.wait_closed().await;
    }
    let answer = crate::scripted::sse("m", &[json!({"type": "text", "text": "late"})], "end_turn", 1);
    let mut chunks = vec![(Duration::from_millis(400), b": still here\n\n".to_vec()); 7];
    chunks.push((Duration::ZERO, answer));
    let server = ScriptedServer::start(vec![Reply::Raw { chunks }]).await.unwrap();
    let outcome = ask_with(quick, &provider(&server.base_url())).await;
    assert_eq!((outcome.error, outcome.result.text().as_str()), (None, "late"));
}

/// Starts a request, waits for its first event where one comes, stops it, and returns how long the server waited.
async fn time_to_close(reply: Reply, first_event: bool, drop_it: bool) -> Duration {
    let server = ScriptedServer::start(vec![reply]).await.unwrap();
    let cancel = CancellationToken::new();
    let mut stream = Client::new(config()).stream(&provider(&server.base_url()), &request(), cancel.clone());
    if first_event {
        stream.next().await.unwrap().unwrap();
    }
    while server.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let begun = Instant::now();
    if drop_it {
        drop(stream);
        server.wait_closed().await;
        return begun.elapsed();
    }
    cancel.cancel();
    server.wait_closed().await;
    let elapsed = begun.elapsed();
    let mut last = None;
    while let Some(event) = stream.next().await {
        last = Some(event);
    }
    assert_eq!(last.unwrap().unwrap_err().kind, ErrorKind::Cancelled);
    elapsed
}

#[tokio::test]
async fn cancelling_or_dropping_closes_the_socket_at_once() {
    let within = || Reply::HangAfter { reply: Box::new(Reply::Text("an answer".to_owned())), bytes: 500 };
    for drop_it in [false, true] {
        for first_event in [false, true] {
            let mut waited = Vec::new();
            // A busy machine is late now and then, but not each time.
            for _ in 0..20 {
                let reply = if first_event { within() } else { Reply::Hang };
                waited.push(time_to_close(reply, first_event, drop_it).await);
                if waited.last() < Some(&Duration::from_millis(50)) {
                    break;
                }
            }
            let quick = waited.last() < Some(&Duration::from_millis(50));
            assert!(quick, "within an answer {first_event}, drop {drop_it}: {waited:?}");
        }
    }
}

#[tokio::test]
async fn cancelling_ends_a_pause() {
    let busy = Reply::Status {
        code: 529,
        headers: vec![("retry-after".to_owned(), "60".to_owned())],
        body: String::new(),
    };
    let server = ScriptedServer::start(vec![busy]).await.unwrap();
    let cancel = CancellationToken::new();
    let mut stream = Client::new(config()).stream(&provider(&server.base_url()), &request(), cancel.clone());
    assert!(matches!(stream.next().await, Some(Ok(ModelEvent::Retrying { .. }))));
    let begun = Instant::now();
    cancel.cancel();
    assert_eq!(stream.next().await.unwrap().unwrap_err().kind, ErrorKind::Cancelled);
    assert!(stream.next().await.is_none());
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_slow_reader_loses_nothing() {
    let text = "0123456789".repeat(2000);
    let server = ScriptedServer::start(vec![Reply::Text(text.clone())]).await.unwrap();
    let mut stream =
        Client::new(config()).stream(&provider(&server.base_url()), &request(), CancellationToken::new());
    tokio::time::sleep(Duration::from_millis(60)).await;
    let mut seen = String::new();
    while let Some(event) = stream.next().await {
        if let ModelEvent::Text { delta, .. } = event.unwrap() {
            seen.push_str(&delta);
        }
    }
    assert_eq!(seen, text);
}

#[tokio::test]
async fn connections_are_used_again() {
    let server = ScriptedServer::answering(|_| Reply::Text("x".to_owned())).await.unwrap();
    let client = Client::new(config());
    let provider = provider(&server.base_url());
    for _ in 0..5 {
        let mut stream = client.stream(&provider, &request(), CancellationToken::new());
        while let Some(event) = stream.next().await {
            event.unwrap();
        }
        // The end of the body is read in the background.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!((server.requests().len(), server.connections()), (5, 1));
}
