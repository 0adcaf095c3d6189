//! A small language server with handlers for every kind of trouble, and a client for it over in-memory streams.

use std::collections::VecDeque;
use std::future::{Future, pending};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use glossator_lsp::transport::{End, Options, serve};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{
    DidChangeTextDocumentParams, InitializeParams, InitializeResult, ServerCapabilities, ServerInfo,
};
use tower_lsp::{Client, LanguageServer, LspService, async_trait};

/// Longer than anything here takes on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// As large as a pipe on Linux.
const PIPE: usize = 64 << 10;

enum Note {}
impl tower_lsp::lsp_types::notification::Notification for Note {
    type Params = Value;
    const METHOD: &'static str = "test/note";
}

enum Question {}
impl tower_lsp::lsp_types::request::Request for Question {
    type Params = Value;
    type Result = Value;
    const METHOD: &'static str = "test/question";
}

/// What a test sees of its server from inside.
#[derive(Default)]
pub struct Seen {
    pub versions: Mutex<Vec<i32>>,
    /// Notes whose `send` has returned.
    pub sent: AtomicUsize,
    /// Endless handlers that are running now.
    pub running: AtomicUsize,
    /// What a spawned task got as the answer to its question.
    pub late: Mutex<Option<String>>,
}

struct Server {
    client: Client,
    seen: Arc<Seen>,
    turn: tokio::sync::Mutex<()>,
}

/// Counts down when a handler's future is dropped.
struct Running(Arc<Seen>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl LanguageServer for Server {
    async fn initialize(&self, _: InitializeParams) -> Result<InitializeResult> {
        let info = ServerInfo { name: "test".to_owned(), version: None };
        Ok(InitializeResult { capabilities: ServerCapabilities::default(), server_info: Some(info) })
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        match params.content_changes[0].text.as_str() {
            "yield" => tokio::task::yield_now().await,
            "sleep" => sleep(Duration::from_micros(10)).await,
            "lock" => drop(self.turn.lock().await),
            _ => {}
        }
        self.seen.versions.lock().push(params.text_document.version);
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }
}

impl Server {
    async fn version(&self) -> Result<Option<i32>> {
        Ok(self.seen.versions.lock().last().copied())
    }

    async fn sleep(&self, millis: u64) -> Result<()> {
        sleep(Duration::from_millis(millis)).await;
        Ok(())
    }

    async fn block(&self, millis: u64) -> Result<()> {
        std::thread::sleep(Duration::from_millis(millis));
        Ok(())
    }

    async fn endless(&self, _: Value) -> Result<()> {
        self.seen.running.fetch_add(1, Ordering::SeqCst);
        let _running = Running(self.seen.clone());
        pending().await
    }

    async fn panic(&self, at_once: bool) -> Result<()> {
        if !at_once {
            sleep(Duration::from_millis(1)).await;
        }
        panic!("a secret of the server");
    }

    async fn panic_note(&self) {
        panic!("a secret of the server");
    }

    /// Sends that many notes, then asks, then answers with the client's answer.
    async fn ask(&self, notes: usize) -> Result<Value> {
        for number in 0..notes {
            self.client.send_notification::<Note>(json!(number)).await;
        }
        self.client.send_request::<Question>(json!(notes)).await
    }

    /// Asks and gives up at once.
    async fn ask_and_leave(&self, _: Value) -> Result<()> {
        let question = self.client.send_request::<Question>(json!("never mind"));
        let _ = timeout(Duration::from_millis(20), question).await;
        Ok(())
    }

    /// Asks in a task of its own.
    async fn ask_later(&self, _: Value) -> Result<()> {
        let (client, seen) = (self.client.clone(), self.seen.clone());
        tokio::spawn(async move {
            let answer = client.send_request::<Question>(json!("later")).await;
            *seen.late.lock() = Some(format!("{answer:?}"));
        });
        Ok(())
    }

    async fn note(&self, what: Value) -> Result<Value> {
        self.client.send_notification::<Note>(what.clone()).await;
        self.seen.sent.fetch_add(1, Ordering::SeqCst);
        Ok(what)
    }

    /// Answers at once and sends that many notes from a task.
    async fn stream(&self, count: usize) -> Result<()> {
        let client = self.client.clone();
        tokio::spawn(async move {
            for number in 0..count {
                client.send_notification::<Note>(json!(number)).await;
            }
        });
        Ok(())
    }

    async fn echo(&self, what: Value) -> Result<Value> {
        Ok(what)
    }
}

fn service() -> (LspService<Server>, tower_lsp::ClientSocket, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    let inner = seen.clone();
    let (service, socket) =
        LspService::build(|client| Server { client, seen: inner, turn: Default::default() })
            .custom_method("test/version", Server::version)
            .custom_method("test/sleep", Server::sleep)
            .custom_method("test/block", Server::block)
            .custom_method("test/endless", Server::endless)
            .custom_method("test/panic", Server::panic)
            .custom_method("test/panicNote", Server::panic_note)
            .custom_method("test/ask", Server::ask)
            .custom_method("test/askAndLeave", Server::ask_and_leave)
            .custom_method("test/askLater", Server::ask_later)
            .custom_method("test/noted", Server::note)
            .custom_method("test/stream", Server::stream)
            .custom_method("test/echo", Server::echo)
            .finish();
    (service, socket, seen)
}

pub fn frame(body: &[u8]) -> Vec<u8> {
    [format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

/// A client that reads when it is told to, and keeps what it was not asked for.
pub struct Peer {
    pub input: DuplexStream,
    pub messages: mpsc::UnboundedReceiver<Value>,
    pub kept: VecDeque<Value>,
    read: Option<oneshot::Sender<()>>,
    pub reader: JoinHandle<()>,
    pub end: JoinHandle<End>,
    pub seen: Arc<Seen>,
}

impl Peer {
    /// A client that reads nothing before [`Peer::read`].
    pub fn lazy(options: Options) -> Self {
        let (service, socket, seen) = service();
        let (input, server_input) = duplex(PIPE);
        let (server_output, output) = duplex(PIPE);
        let end = tokio::spawn(serve(server_input, server_output, (service, socket), options));
        let (sender, messages) = mpsc::unbounded_channel();
        let (read, start) = oneshot::channel();
        let reader = tokio::spawn(async move {
            let mut output = BufReader::new(output);
            if start.await.is_err() {
                return;
            }
            let mut line = String::new();
            while output.read_line(&mut line).await.is_ok_and(|count| count > 0) {
                if let Some(length) = line.strip_prefix("Content-Length: ") {
                    let mut body = vec![0; length.trim().parse().unwrap()];
                    output.read_line(&mut line).await.unwrap();
                    output.read_exact(&mut body).await.unwrap();
                    let _ = sender.send(serde_json::from_slice(&body).unwrap());
                }
                line.clear();
            }
        });
        Self { input, messages, kept: VecDeque::new(), read: Some(read), reader, end, seen }
    }

    pub fn read(&mut self) {
        let _ = self.read.take().map(|read| read.send(()));
    }

    /// A client after the handshake.
    pub async fn start() -> Self {
        let mut peer = Self::lazy(Options::default());
        peer.read();
        peer.handshake().await;
        peer
    }

    pub async fn handshake(&mut self) {
        self.request(json!("init"), "initialize", json!({ "capabilities": {} })).await;
        self.notify("initialized", json!({})).await;
        self.read();
        assert_eq!(self.answer("init").await["result"]["serverInfo"]["name"], "test");
    }

    pub async fn raw(&mut self, bytes: impl AsRef<[u8]>) {
        self.input.write_all(bytes.as_ref()).await.unwrap();
    }

    pub async fn send(&mut self, message: Value) {
        self.raw(frame(message.to_string().as_bytes())).await;
    }

    pub async fn request(&mut self, id: impl Into<Value>, method: &str, params: Value) {
        self.send(json!({"jsonrpc": "2.0", "id": id.into(), "method": method, "params": params})).await;
    }

    pub async fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({"jsonrpc": "2.0", "method": method, "params": params})).await;
    }

    pub async fn change(&mut self, version: usize, text: &str) {
        let document = json!({"uri": "file:///a", "version": version});
        let change = json!({"textDocument": document, "contentChanges": [{"text": text}]});
        self.notify("textDocument/didChange", change).await;
    }

    /// The next message that fits, in the order of arrival.
    pub async fn find(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(&fits) {
            return self.kept.remove(at).unwrap();
        }
        loop {
            let message =
                timeout(PATIENCE, self.messages.recv()).await.expect("an answer in time").expect("an answer");
            if fits(&message) {
                return message;
            }
            self.kept.push_back(message);
        }
    }

    pub async fn next(&mut self) -> Value {
        self.find(|_| true).await
    }

    pub async fn answer(&mut self, id: impl Into<Value>) -> Value {
        let id = id.into();
        self.find(|message| message.get("method").is_none() && message["id"] == id).await
    }

    pub async fn code(&mut self, id: impl Into<Value>) -> i64 {
        self.answer(id).await["error"]["code"].as_i64().expect("an error")
    }

    pub async fn alive(&mut self) {
        self.request("alive?", "test/echo", json!([1, 2])).await;
        assert_eq!(self.answer("alive?").await["result"], json!([1, 2]));
    }

    pub async fn ended(self) -> End {
        timeout(PATIENCE, self.end).await.expect("an end in time").expect("no panic")
    }

    pub async fn versions(&mut self, count: usize) -> Vec<i32> {
        while self.seen.versions.lock().len() < count {
            sleep(Duration::from_millis(5)).await;
        }
        self.seen.versions.lock().clone()
    }
}

/// Runs a test on a runtime of one thread and on one of two.
pub fn run<F: Future<Output = ()>>(test: impl Fn() -> F) {
    let mut one = tokio::runtime::Builder::new_current_thread();
    let mut two = tokio::runtime::Builder::new_multi_thread();
    for builder in [&mut one, two.worker_threads(2)] {
        let runtime = builder.enable_all().build().unwrap();
        runtime.block_on(async { timeout(2 * PATIENCE, test()).await.expect("no deadlock") });
        runtime.shutdown_background();
    }
}
