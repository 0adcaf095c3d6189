//! A scripted editor at the real server, as a child process over stdio. Keeps every message of the server's, so that a
//! test can wait for one, and shows the last of them when it waits in vain.

use super::cores::end_cores;
use super::{Answer, PATIENCE, Who, World};
use glossator_lsp::client::{Buffers, Client};
use glossator_text::PositionEncoding;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::Child;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Messages and characters of each that are shown when a test fails.
const TAIL: usize = 40;
const WIDTH: usize = 600;

/// A message of the server's.
#[derive(Debug, Clone)]
pub struct Message {
    pub method: String,
    pub params: Value,
    /// For requests.
    pub id: Value,
}

/// A request of the server's, for a test that answers in its own way.
pub struct Asked<'a> {
    pub client: &'a Client,
    pub buffers: &'a Arc<Mutex<Buffers>>,
    pub method: &'a str,
    pub params: &'a Value,
    pub id: &'a Value,
}

impl Asked<'_> {
    /// An edit, as an editor makes it that answers after `apply` and tells of the new text `report` later.
    pub fn slowly(&self, apply: Duration, report: Duration) -> Option<Answer> {
        if self.method != "workspace/applyEdit" {
            return None;
        }
        let (client, buffers) = (self.client.clone(), self.buffers.clone());
        let (params, id) = (self.params.clone(), self.id.clone());
        tokio::spawn(async move {
            tokio::time::sleep(apply).await;
            let (answer, changes) = buffers.lock().apply(&params);
            client.respond(&id, answer);
            tokio::time::sleep(report).await;
            changes.into_iter().for_each(|change| client.notify("textDocument/didChange", change));
        });
        Some(Answer::Silence)
    }
}

/// How a test answers; `None` leaves it to the honest editor.
pub type Manner = dyn Fn(&Asked) -> Option<Answer> + Send + Sync;

/// The editor.
pub struct Peer {
    pub client: Client,
    pub buffers: Arc<Mutex<Buffers>>,
    /// What the server said to `initialize`.
    pub server: Value,
    pub child: Child,
    seen: Arc<Seen>,
    stderr: PathBuf,
    /// Where the core is found that serves it, if one does.
    runtime: Option<PathBuf>,
    /// Carries what the client sends to the server.
    line: JoinHandle<std::io::Result<()>>,
}

struct Seen {
    messages: Mutex<Vec<Message>>,
    count: watch::Sender<usize>,
}

impl Seen {
    fn add(&self, message: Message) {
        let mut messages = self.messages.lock();
        messages.push(message);
        self.count.send_replace(messages.len());
    }
}

impl Peer {
    /// An honest editor with the extension that leaves every ask open.
    pub async fn start(world: &World) -> Peer {
        Peer::with(world, &Who::extension(), |_| None).await
    }

    /// An editor with the extension that allows everything.
    pub async fn allowing(world: &World) -> Peer {
        let allow = |asked: &Asked| {
            (asked.method == "glossator/approval/ask").then(|| Answer::Result(json!({ "decision": "allow" })))
        };
        Peer::with(world, &Who::extension(), allow).await
    }

    /// The editor `who` that answers as `manner` says.
    pub async fn with(
        world: &World,
        who: &Who,
        manner: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static,
    ) -> Peer {
        let mut peer = Peer::spawn(world, Box::new(manner));
        let server = peer.ok("initialize", who.params(&world.workspace())).await;
        let encoding = match server["capabilities"]["positionEncoding"].as_str() {
            Some("utf-8") => PositionEncoding::Utf8,
            Some("utf-32") => PositionEncoding::Utf32,
            _ => PositionEncoding::Utf16,
        };
        *peer.buffers.lock() = Buffers::new(encoding);
        peer.server = server;
        peer.client.notify("initialized", json!({}));
        peer
    }

    /// The server, before `initialize`.
    pub fn spawn(world: &World, manner: Box<Manner>) -> Peer {
        let stderr = world.root().join(format!("stderr-{}", std::process::id()));
        let mut child = world.program(world.server()).stderr(File::create(&stderr).unwrap()).spawn().unwrap();
        let runtime = world.has_core().then(|| world.runtime());
        let buffers = Arc::new(Mutex::new(Buffers::new(PositionEncoding::Utf16)));
        let seen = Arc::new(Seen { messages: Mutex::default(), count: watch::Sender::new(0) });
        let (held, shared) = (buffers.clone(), seen.clone());
        let on_request = move |client: &Client, method: &str, params: &Value, id: &Value| {
            shared.add(Message { method: method.to_owned(), params: params.clone(), id: id.clone() });
            let asked = Asked { client, buffers: &held, method, params, id };
            manner(&asked).unwrap_or_else(|| honest(&asked))
        };
        let (input, mut stdin) = (child.stdout.take().unwrap(), child.stdin.take().unwrap());
        let (output, mut far) = tokio::io::duplex(1 << 16);
        // When this task is aborted, the server's input ends.
        let line = tokio::spawn(async move { tokio::io::copy(&mut far, &mut stdin).await.map(drop) });
        let (client, mut notifications) = Client::start(input, output, Box::new(on_request));
        let shared = seen.clone();
        tokio::spawn(async move {
            while let Some((method, params)) = notifications.recv().await {
                shared.add(Message { method, params, id: Value::Null });
            }
        });
        Peer { client, buffers, server: Value::Null, child, seen, stderr, runtime, line }
    }

    /// All messages so far.
    pub fn messages(&self) -> Vec<Message> {
        self.seen.messages.lock().clone()
    }

    /// The first message that `find` knows, waited for.
    pub async fn wait<T>(&self, what: &str, mut find: impl FnMut(&Message) -> Option<T>) -> T {
        let mut count = self.seen.count.subscribe();
        let mut next = 0;
        let waiting = async {
            loop {
                let found = {
                    let messages = self.seen.messages.lock();
                    let found = messages.iter().skip(next).find_map(&mut find);
                    next = messages.len();
                    found
                };
                match found {
                    Some(found) => return found,
                    None => count.wait_for(|count| *count > next).await.unwrap(),
                };
            }
        };
        match timeout(PATIENCE, waiting).await {
            Ok(found) => found,
            Err(_) => self.fail(&format!("waited in vain for {what}")),
        }
    }

    /// A message to the user that holds all of `words`.
    pub async fn shown(&self, words: &[&str]) -> String {
        let of_user = ["window/showMessage", "window/logMessage", "window/showMessageRequest"];
        self.wait(&format!("a message with {words:?}"), |message| {
            let text = message.params["message"].as_str()?;
            let fits =
                of_user.contains(&message.method.as_str()) && words.iter().all(|word| text.contains(word));
            fits.then(|| text.to_owned())
        })
        .await
    }

    /// A request; no answer in time fails the test.
    pub async fn request(&self, method: &str, params: Value) -> Result<Value, Value> {
        match timeout(PATIENCE, self.client.request(method, params)).await {
            Ok(answer) => answer,
            Err(_) => self.fail(&format!("no answer to {method}")),
        }
    }

    /// A request that must succeed.
    pub async fn ok(&self, method: &str, params: Value) -> Value {
        match self.request(method, params).await {
            Ok(result) => result,
            Err(error) => self.fail(&format!("{method} was answered with {error}")),
        }
    }

    /// A request that must be refused; gives the error's message.
    pub async fn refused(&self, method: &str, params: Value) -> String {
        match self.request(method, params).await {
            Ok(result) => self.fail(&format!("{method} was not refused but answered with {result}")),
            Err(error) => error["message"].as_str().unwrap_or_default().to_owned(),
        }
    }

    /// `workspace/executeCommand`.
    pub async fn command(&self, name: &str, arguments: Value) -> Result<Value, Value> {
        self.request("workspace/executeCommand", json!({ "command": name, "arguments": arguments })).await
    }

    /// The code actions for the start of a document.
    pub async fn actions(&self, uri: &str) -> Vec<Value> {
        let start = json!({ "line": 0, "character": 0 });
        let params = json!({
            "textDocument": { "uri": uri },
            "range": { "start": start, "end": start },
            "context": { "diagnostics": [], "triggerKind": 2 },
        });
        self.ok("textDocument/codeAction", params).await.as_array().cloned().unwrap_or_default()
    }

    /// Opens a buffer.
    pub fn open(&self, uri: &str, text: &str) {
        let params = self.buffers.lock().open(uri, "plaintext", text);
        self.client.notify("textDocument/didOpen", params);
    }

    /// Types: the whole text is sent.
    pub fn type_over(&self, uri: &str, text: &str) {
        let params = self.buffers.lock().set(uri, text).expect("the buffer is open");
        self.client.notify("textDocument/didChange", params);
    }

    /// The text of a buffer.
    pub fn text(&self, uri: &str) -> String {
        self.buffers.lock().text(uri).expect("the buffer is open").to_owned()
    }

    /// Asks something harmless: the server is alive and has handled everything sent before.
    pub async fn alive(&self) {
        self.ok("glossator/trust/read", json!({})).await;
    }

    /// The editor goes away without a word.
    pub fn hang_up(&self) {
        self.line.abort();
    }

    /// `kill -9` of the server, and waits until it is gone.
    pub async fn kill(&mut self) {
        self.runtime.iter().for_each(|runtime| end_cores(runtime));
        self.close().await;
    }

    /// The editor kills what it has started, as some do.
    pub async fn close(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// `shutdown` and `exit`; gives the exit code.
    pub async fn leave(mut self) -> i32 {
        self.ok("shutdown", Value::Null).await;
        self.client.notify("exit", Value::Null);
        self.exit_code().await
    }

    /// The exit code, waited for.
    pub async fn exit_code(&mut self) -> i32 {
        match timeout(PATIENCE, self.child.wait()).await {
            Ok(status) => status.unwrap().code().unwrap_or(-1),
            Err(_) => self.fail("the server does not end"),
        }
    }

    /// Fails the test and shows what happened before.
    pub fn fail(&self, why: &str) -> ! {
        let messages = self.seen.messages.lock();
        let tail = messages.iter().skip(messages.len().saturating_sub(TAIL));
        let tail: Vec<String> = tail.map(|one| cut(&format!("  {} {}", one.method, one.params))).collect();
        let stderr = std::fs::read_to_string(&self.stderr).unwrap_or_default();
        panic!("{why}\nthe last messages of the server:\n{}\nits stderr:\n{}", tail.join("\n"), cut(&stderr));
    }
}

fn cut(text: &str) -> String {
    text.chars().take(WIDTH).collect()
}

impl Drop for Peer {
    fn drop(&mut self) {
        let stderr = std::fs::read_to_string(&self.stderr).unwrap_or_default();
        let panicked = stderr.contains("panicked at") && !std::thread::panicking();
        assert!(!panicked, "something in the server panicked:\n{stderr}");
    }
}

/// What an honest editor does.
fn honest(asked: &Asked) -> Answer {
    match asked.method {
        "workspace/applyEdit" => {
            let (answer, changes) = asked.buffers.lock().apply(asked.params);
            changes.into_iter().for_each(|change| asked.client.notify("textDocument/didChange", change));
            Answer::Result(answer)
        }
        "glossator/approval/ask" | "window/showMessageRequest" => Answer::Silence,
        "window/workDoneProgress/create" | "client/registerCapability" => Answer::Result(Value::Null),
        "window/showDocument" => Answer::Result(json!({ "success": true })),
        method => Answer::Error(-32601, format!("no {method} here")),
    }
}
