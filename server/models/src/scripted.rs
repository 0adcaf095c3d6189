//! A scripted model: a loopback HTTP server that speaks the real wires, told by the path, and answers from a script. For
//! the demo, the bench and the tests; it never pretends to be anything else and never reaches beyond this machine.

mod chat;
mod connection;
mod ollama;
mod responses;
mod script;
mod speech;
mod stream;

pub use speech::{Speaker, speaker};
pub use stream::sse;

use script::Script;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

/// Computes a reply from the body of the request.
pub type ReplyFn = Box<dyn Fn(&Value) -> Reply + Send + Sync>;

/// One step of a script: the answer to one request.
pub enum Reply {
    /// An answer of this text.
    Text(String),
    /// An answer of these content blocks, as an unstreamed answer of the Messages wire would hold them (`text`, `thinking` with its
    /// signature, `tool_use`, or any other); every wire gets them in its own words. Stops with `tool_use` when one of them
    /// is that.
    Blocks(Vec<Value>),
    /// An HTTP answer that is no stream.
    Status {
        /// Status code.
        code: u16,
        /// More headers; `content-type` is JSON unless it is among them.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// A stream of these very bytes, each piece sent after its pause.
    Raw {
        /// Pause before the piece, and the piece.
        chunks: Vec<(Duration, Vec<u8>)>,
    },
    /// The stream of another reply, cut after so many bytes: the connection breaks there.
    CutAfter {
        /// What would have been sent.
        reply: Box<Reply>,
        /// How much of the stream is sent.
        bytes: usize,
    },
    /// The stream of another reply up to so many bytes, then nothing, with the connection open.
    HangAfter {
        /// What would have been sent.
        reply: Box<Reply>,
        /// How much of the stream is sent.
        bytes: usize,
    },
    /// No answer at all, with the connection open.
    Hang,
    /// Computed from the request.
    Function(ReplyFn),
}

impl Reply {
    /// An error answer of the wire's own shape.
    pub fn error(code: u16, kind: &str, message: &str) -> Self {
        let body = json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_scripted"});
        Self::Status { code, headers: Vec::new(), body: body.to_string() }
    }

    /// A step that calls one tool.
    pub fn tool_call(id: &str, name: &str, input: Value) -> Self {
        Self::Blocks(vec![json!({"type": "tool_use", "id": id, "name": name, "input": input})])
    }
}

/// A request as it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// `POST`.
    pub method: String,
    /// Path with query.
    pub path: String,
    /// Headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The bytes of the body.
    pub raw: Vec<u8>,
    /// The body as JSON; `null` when it is none.
    pub body: Value,
}

impl Recorded {
    /// The first header of that (lower case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The server. Dropping it ends it with all its connections.
pub struct ScriptedServer {
    address: SocketAddr,
    script: Arc<Script>,
    task: AbortHandle,
}

impl ScriptedServer {
    /// Starts on a free port of the loopback interface; each request to the endpoint of a wire takes the next step. A
    /// request beyond the last one gets an error (400) that says so.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start(steps: Vec<Reply>) -> std::io::Result<Self> {
        Self::run(Script::new(steps, None)).await
    }

    /// Starts a server that computes every answer.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn answering(reply: impl Fn(&Value) -> Reply + Send + Sync + 'static) -> std::io::Result<Self> {
        Self::run(Script::new(Vec::new(), Some(Box::new(reply)))).await
    }

    async fn run(script: Script) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let script = Arc::new(script);
        let shared = Arc::clone(&script);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                shared.joined();
                connections.spawn(connection::serve(socket, Arc::clone(&shared)));
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, script, task: task.abort_handle() })
    }

    /// The base address to be put into a provider.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far, in order.
    pub fn requests(&self) -> Vec<Recorded> {
        self.script.requests()
    }

    /// How many connections clients have opened so far.
    pub fn connections(&self) -> usize {
        self.script.connections()
    }

    /// Waits until a client has left in the middle of an answer (or before it); each call waits for one more.
    pub async fn wait_closed(&self) {
        self.script.wait_closed().await;
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
