//! A connection that believes nothing: frames are read strictly, answers are kept by their id as it was sent, and what is
//! no frame on the server's output fails the test. Requests of the server's are never answered.

use crate::harness::World;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::sync::{Mutex, mpsc, watch};

/// How long an answer may take. The aim is 5 s; the machines that run this have other work.
const IN_TIME: Duration = Duration::from_secs(30);

/// Codes of JSON-RPC and LSP that a server may answer with. An internal error (-32603) is never the client's doing, so it is
/// not among them.
const CODES: &[i64] =
    &[-32700, -32600, -32601, -32602, -32002, -32001, -32800, -32801, -32802, -32803, -32000];

/// The connection.
pub struct Wire {
    child: Child,
    out: mpsc::UnboundedSender<Vec<u8>>,
    answers: Arc<Mutex<HashMap<String, Vec<Value>>>>,
    seen: watch::Receiver<usize>,
    stderr: std::path::PathBuf,
    next: i64,
    /// What the server can do.
    pub capabilities: Value,
}

impl Wire {
    /// The server, after `initialized`.
    pub async fn start(world: &World) -> Wire {
        let mut wire = Wire::spawn(world);
        let root = url::Url::from_file_path(world.workspace()).unwrap();
        let params = json!({
            "processId": null, "rootUri": root, "capabilities": {
                "workspace": { "applyEdit": true, "workspaceEdit": { "documentChanges": true } },
                "window": { "workDoneProgress": true, "showMessage": {}, "showDocument": { "support": true } },
                "textDocument": { "codeAction": { "dataSupport": true, "resolveSupport": { "properties": ["edit", "command"] } } },
                "general": { "positionEncodings": ["utf-16"] },
                "experimental": { "glossator": { "version": 1 } },
            },
        });
        let answer = wire.request("initialize", params).await;
        wire.capabilities = answer["result"]["capabilities"].clone();
        wire.send(json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }).to_string().as_bytes());
        wire
    }

    /// The server, before `initialize`.
    pub fn spawn(world: &World) -> Wire {
        let stderr = world.root().join("conformance-stderr");
        let mut child =
            world.program(world.server()).stderr(std::fs::File::create(&stderr).unwrap()).spawn().unwrap();
        let (out, queue) = mpsc::unbounded_channel();
        let answers = Arc::new(Mutex::new(HashMap::new()));
        let (count, seen) = watch::channel(0);
        tokio::spawn(write(child.stdin.take().unwrap(), queue));
        tokio::spawn(read(child.stdout.take().unwrap(), answers.clone(), count));
        Wire { child, out, answers, seen, stderr, next: 1 << 40, capabilities: Value::Null }
    }

    /// Sends a body in a frame.
    pub fn send(&self, body: &[u8]) {
        let mut frame = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
        frame.extend_from_slice(body);
        self.send_bytes(&frame);
    }

    /// Sends bytes as they are.
    pub fn send_bytes(&self, bytes: &[u8]) {
        // A server that has ended is seen by the next answer that does not come.
        let _ = self.out.send(bytes.to_vec());
    }

    /// A request with an id of its own, and its answer.
    pub async fn request(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = json!(self.next);
        self.send(
            json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string().as_bytes(),
        );
        self.answer(&id).await.unwrap_or_else(|why| panic!("{why} for {method}"))
    }

    /// The next answer with this id.
    pub async fn answer(&mut self, id: &Value) -> Result<Value, String> {
        let key = id.to_string();
        let waiting = async {
            loop {
                let seen = *self.seen.borrow_and_update();
                if let Some(answers) = self.answers.lock().await.get_mut(&key)
                    && !answers.is_empty()
                {
                    return Ok(answers.remove(0));
                }
                if seen == usize::MAX {
                    return Err("the output ended or was no frame".to_owned());
                }
                if self.seen.changed().await.is_err() {
                    return Err("the output ended".to_owned());
                }
            }
        };
        match tokio::time::timeout(IN_TIME, waiting).await {
            Ok(answer) => answer,
            Err(_) => Err(format!("no answer to id {key} in time")),
        }
        .map_err(|why| format!("{why} ({})", self.last_words()))
    }

    /// The server answers a plain question.
    pub async fn alive(&mut self) {
        let answer = self.request("glossator/trust/read", json!({})).await;
        assert!(answer.get("result").is_some(), "{answer}");
    }

    /// The memory of the server in kB.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// How many answers came that nobody has asked for yet.
    pub async fn left_over(&self) -> Vec<Value> {
        self.answers.lock().await.values().flatten().cloned().collect()
    }

    /// `shutdown` and `exit`: the server ends in order, and nothing in it has panicked.
    pub async fn leave(mut self) {
        let answer = self.request("shutdown", Value::Null).await;
        assert_eq!(answer["result"], Value::Null, "{answer}");
        self.send(br#"{"jsonrpc":"2.0","method":"exit"}"#);
        assert_eq!(self.exit_code().await, Some(0));
    }

    /// How the server ended.
    pub async fn exit_code(&mut self) -> Option<i32> {
        let ended = tokio::time::timeout(IN_TIME, self.child.wait()).await;
        let said = self.last_words();
        assert!(!said.contains("panicked"), "{said}");
        ended.unwrap_or_else(|_| panic!("the server does not end: {said}")).unwrap().code()
    }

    fn last_words(&self) -> String {
        let said = std::fs::read_to_string(&self.stderr).unwrap_or_default();
        let from = said.len().saturating_sub(2_000);
        said.get(from..).unwrap_or_default().to_owned()
    }
}

/// The code of an error that is shaped as it must be.
pub fn check_error(error: &Value) -> Result<i64, String> {
    let code = error["code"].as_i64().ok_or("the error has no code")?;
    if !CODES.contains(&code) {
        return Err(format!("{code} is no code for an answer"));
    }
    let message = error["message"].as_str().unwrap_or_default();
    // Something a person can act on: more than a word.
    if message.split_whitespace().count() < 3 {
        return Err(format!("the message {message:?} says nothing"));
    }
    Ok(code)
}

async fn write(mut stdin: ChildStdin, mut queue: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(bytes) = queue.recv().await {
        if stdin.write_all(&bytes).await.is_err() || stdin.flush().await.is_err() {
            return;
        }
    }
}

async fn read(
    stdout: ChildStdout,
    answers: Arc<Mutex<HashMap<String, Vec<Value>>>>,
    count: watch::Sender<usize>,
) {
    let mut input = BufReader::new(stdout);
    while let Some(message) = frame(&mut input).await {
        if message.get("method").is_none() {
            let key = message.get("id").map_or("no id".to_owned(), Value::to_string);
            answers.lock().await.entry(key).or_default().push(message);
            count.send_modify(|count| *count += 1);
        }
    }
    count.send_replace(usize::MAX);
}

/// One frame, read as strictly as the specification has it; `None` at the end and at anything else.
async fn frame(input: &mut BufReader<ChildStdout>) -> Option<Value> {
    let mut line = String::new();
    input.read_line(&mut line).await.ok()?;
    let length = line.strip_prefix("Content-Length: ")?.strip_suffix("\r\n")?.parse::<usize>().ok()?;
    let mut end = [0; 2];
    input.read_exact(&mut end).await.ok()?;
    if &end != b"\r\n" {
        return None;
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body).await.ok()?;
    serde_json::from_slice(&body).ok()
}
