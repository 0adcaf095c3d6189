//! The one ordered way out: answers and the server's own messages become frames on the client's input. It never holds
//! up a handler: what the client does not read yet waits here. It does not decide what is said.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::sync::Arc;

use futures::{FutureExt, Stream, StreamExt};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::UnboundedReceiver;
use tower_lsp::jsonrpc::{Id, Request, Response};

use super::{Direction, Tap, frame};

/// Bytes gathered before the first write, so that many small messages share one system call.
const BATCH: usize = 64 << 10;
/// A buffer grown above this is given back once it is written.
const KEEP: usize = 1 << 20;
/// Messages taken before one answer at most; each running `send` has no more than one of them in the queue.
const BEFORE_ANSWER: usize = 1 << 16;

/// Ids of the server's requests that the client has not answered.
pub(crate) type Asked = Arc<Mutex<HashSet<Id>>>;

/// What the transport itself sends.
#[derive(Debug)]
pub(crate) enum Out {
    /// An answer to the client; goes out after everything that was sent before it.
    Answer(Response),
    /// Write what is there and stop.
    Close,
}

enum Item {
    Answer(Response),
    Request(Request),
    Close,
}

/// The two queues, merged so that an answer never overtakes what its handler sent before.
pub(crate) struct Inbox<R> {
    answers: UnboundedReceiver<Out>,
    requests: R,
    backlog: VecDeque<Item>,
}

impl<R: Stream<Item = Request> + Unpin> Inbox<R> {
    pub(crate) fn new(answers: UnboundedReceiver<Out>, requests: R) -> Self {
        Self { answers, requests, backlog: VecDeque::new() }
    }

    /// Ids of the requests that are still in the queues.
    fn unsent(&mut self) -> Vec<Id> {
        let queued = std::iter::from_fn(|| self.requests.next().now_or_never().flatten()).take(BEFORE_ANSWER);
        self.backlog.extend(queued.map(Item::Request));
        let requests = self.backlog.iter().filter_map(|item| match item {
            Item::Request(request) => request.id().cloned(),
            Item::Answer(_) | Item::Close => None,
        });
        requests.collect()
    }

    /// The next message; may be dropped at any point without loss.
    async fn next(&mut self) -> Item {
        if let Some(item) = self.backlog.pop_front() {
            return item;
        }
        tokio::select! {
            biased;
            answer = self.answers.recv() => {
                let sent_before = std::iter::from_fn(|| self.requests.next().now_or_never().flatten());
                self.backlog.extend(sent_before.take(BEFORE_ANSWER).map(Item::Request));
                self.backlog.push_back(match answer {
                    Some(Out::Answer(response)) => Item::Answer(response),
                    Some(Out::Close) | None => Item::Close,
                });
                self.backlog.pop_front().unwrap_or(Item::Close)
            }
            Some(request) = self.requests.next() => Item::Request(request),
        }
    }
}

/// Frames waiting for the client.
#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    written: usize,
    unflushed: bool,
}

impl Waiting {
    fn len(&self) -> usize {
        self.bytes.len() - self.written
    }

    fn add(&mut self, message: &impl Serialize, tap: Option<&Tap>) {
        match serde_json::to_vec(message) {
            Ok(body) => {
                if let Some(tap) = tap {
                    tap(Direction::Out, &body);
                }
                frame::encode(&body, &mut self.bytes);
            }
            Err(error) => tracing::error!(%error, "a message could not be written as JSON and was dropped"),
        }
    }

    /// One step of writing; may be dropped and called again.
    async fn step(&mut self, output: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        if self.len() == 0 {
            output.flush().await?;
            self.unflushed = false;
            return Ok(());
        }
        let written = output.write(&self.bytes[self.written..]).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.written += written;
        self.unflushed = true;
        if self.len() == 0 || self.written >= KEEP.max(self.len()) {
            self.bytes.drain(..self.written);
            self.written = 0;
            if self.bytes.capacity() > KEEP {
                self.bytes.shrink_to(2 * self.bytes.len());
            }
        }
        Ok(())
    }
}

/// Writes until `Close` or until the client is lost. Afterwards `asked` also holds the requests that were never sent.
pub(crate) async fn pump<O, R>(
    mut output: O,
    mut inbox: Inbox<R>,
    asked: Asked,
    tap: Option<Tap>,
) -> io::Result<()>
where
    O: AsyncWrite + Unpin,
    R: Stream<Item = Request> + Unpin,
{
    let mut waiting = Waiting::default();
    let mut open = true;
    while open || waiting.len() > 0 || waiting.unflushed {
        let ready = if open && waiting.len() < BATCH { inbox.next().now_or_never() } else { None };
        let item = match ready {
            Some(item) => item,
            None => tokio::select! {
                biased;
                step = waiting.step(&mut output), if waiting.len() > 0 || waiting.unflushed => match step {
                    Ok(()) => continue,
                    Err(error) => {
                        asked.lock().extend(inbox.unsent());
                        return Err(error);
                    }
                },
                item = inbox.next(), if open => item,
            },
        };
        match item {
            Item::Answer(response) => waiting.add(&response, tap.as_ref()),
            Item::Request(request) => {
                asked.lock().extend(request.id().cloned());
                waiting.add(&request, tap.as_ref());
            }
            Item::Close => open = false,
        }
    }
    Ok(())
}
