//! A small LSP client: what the demo, the benchmarks and the tests drive the real server with.
//! Speaks the wire and keeps buffers as an editor does; knows nothing of the server's inside.

mod buffers;
mod editor;

pub use buffers::Buffers;
pub use editor::{Behaviour, Editor, OnApplied, OnAsk, Turn};

use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::{mpsc, oneshot};

/// What a client says to a request of the server's.
pub enum Reply {
    /// A result.
    Result(Value),
    /// An error with this code and message.
    Error(i64, String),
    /// Nothing, ever (or later, by [`Client::respond`]).
    Silence,
}

/// Answers requests of the server's: method, params, id.
pub type OnRequest = Box<dyn Fn(&Client, &str, &Value, &Value) -> Reply + Send + Sync>;

/// One end of a connection. Clones share it.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    out: mpsc::UnboundedSender<Vec<u8>>,
    next: AtomicI64,
    waiting: Mutex<HashMap<i64, oneshot::Sender<Result<Value, Value>>>>,
    on_request: OnRequest,
}

impl Client {
    /// Starts reading `input`; notifications of the server's come out of the receiver, in order.
    pub fn start<I, O>(
        input: I,
        output: O,
        on_request: OnRequest,
    ) -> (Client, mpsc::UnboundedReceiver<(String, Value)>)
    where
        I: AsyncRead + Unpin + Send + 'static,
        O: AsyncWrite + Unpin + Send + 'static,
    {
        let (out, queue) = mpsc::unbounded_channel();
        let inner = Inner { out, next: AtomicI64::new(1), waiting: Mutex::default(), on_request };
        let client = Client { inner: Arc::new(inner) };
        let (sender, notifications) = mpsc::unbounded_channel();
        tokio::spawn(write(output, queue));
        tokio::spawn(read(client.clone(), BufReader::new(input), sender));
        (client, notifications)
    }

    /// Sends a request and waits for its answer; `Err` is the error object, or null when the server is gone.
    pub async fn request(&self, method: &str, params: Value) -> Result<Value, Value> {
        let receiver = self.send_request(method, params).1;
        receiver.await.unwrap_or(Err(Value::Null))
    }

    /// Sends a request and gives its id; the answer comes out of the receiver.
    pub fn send_request(
        &self,
        method: &str,
        params: Value,
    ) -> (i64, oneshot::Receiver<Result<Value, Value>>) {
        let id = self.inner.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        self.inner.waiting.lock().insert(id, sender);
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        (id, receiver)
    }

    /// Sends a notification.
    pub fn notify(&self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Answers a request of the server's that was met with [`Reply::Silence`].
    pub fn respond(&self, id: &Value, result: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": result }));
    }

    /// Sends a message as it is, framed.
    pub fn send(&self, message: &Value) {
        self.send_raw(message.to_string().as_bytes());
    }

    /// Sends a body as it is, framed.
    pub fn send_raw(&self, body: &[u8]) {
        let mut frame = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
        frame.extend_from_slice(body);
        self.send_bytes(frame);
    }

    /// Sends bytes without a frame.
    pub fn send_bytes(&self, bytes: Vec<u8>) {
        // A server that has gone is seen by the next request.
        let _ = self.inner.out.send(bytes);
    }

    fn take_in(&self, mut message: Value, notifications: &mpsc::UnboundedSender<(String, Value)>) {
        let params = message.get_mut("params").map(Value::take).unwrap_or(Value::Null);
        match (message.get("method").and_then(Value::as_str), message.get("id")) {
            (Some(method), Some(id)) => {
                let error = |code: i64, text: String| json!({ "code": code, "message": text });
                let answer = match (self.inner.on_request)(self, method, &params, id) {
                    Reply::Result(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
                    Reply::Error(code, text) => {
                        json!({ "jsonrpc": "2.0", "id": id, "error": error(code, text) })
                    }
                    Reply::Silence => return,
                };
                self.send(&answer);
            }
            (Some(method), None) => {
                // Nobody listens any more: the message is of no use.
                let _ = notifications.send((method.to_owned(), params));
            }
            (None, _) => self.answer(message),
        }
    }

    fn answer(&self, mut message: Value) {
        let waiting =
            message.get("id").and_then(Value::as_i64).and_then(|id| self.inner.waiting.lock().remove(&id));
        let Some(waiting) = waiting else { return };
        let answer = match message.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(message.get_mut("result").map(Value::take).unwrap_or(Value::Null)),
        };
        // The asker has gone.
        let _ = waiting.send(answer);
    }
}

async fn write(mut output: impl AsyncWrite + Unpin, mut queue: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(bytes) = queue.recv().await {
        if output.write_all(&bytes).await.is_err() || output.flush().await.is_err() {
            return;
        }
    }
}

async fn read<I>(
    client: Client,
    mut input: BufReader<I>,
    notifications: mpsc::UnboundedSender<(String, Value)>,
) where
    I: AsyncRead + Unpin,
{
    while let Some(message) = frame(&mut input).await {
        client.take_in(message, &notifications);
    }
    client.inner.waiting.lock().clear();
}

async fn frame(input: &mut (impl AsyncBufReadExt + Unpin)) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim();
        if line.is_empty() {
            break;
        }
        if let Some(number) = line.strip_prefix("Content-Length:") {
            length = number.trim().parse::<usize>().ok();
        }
    }
    let mut body = vec![0; length?];
    input.read_exact(&mut body).await.ok()?;
    serde_json::from_slice(&body).ok()
}
