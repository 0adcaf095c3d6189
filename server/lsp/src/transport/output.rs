//! The one ordered way out: answers and the server's own messages become frames on the client's input. What the client
//! does not read yet waits here, up to a bound: behind it answers are still taken, the server's own messages are not. It
//! drops nothing and does not decide what is said.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt, Stream, StreamExt};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::time::Instant;
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
    /// The body of an answer to the client; goes out after everything that was sent before it. Counted by [`Load::answer`].
    Answer(Vec<u8>),
    /// Write what is there and stop.
    Close,
}

enum Item {
    Answer(Vec<u8>),
    Request(Request),
    Close,
}

/// What waits for the client, in bytes, and how much may.
#[derive(Debug)]
pub(crate) struct Load {
    bytes: watch::Sender<usize>,
    most: usize,
    /// How long a client that reads nothing is waited for while there is too much.
    patience: Duration,
}

impl Load {
    pub(crate) fn new(most: usize, patience: Duration) -> Arc<Load> {
        Arc::new(Load { bytes: watch::Sender::new(0), most, patience })
    }

    /// An answer as it is queued.
    pub(crate) fn answer(&self, response: &Response) -> Option<Out> {
        let body = encoded(response)?;
        self.add(body.len());
        Some(Out::Answer(body))
    }

    /// An answer whose body is there already, as it is queued.
    pub(crate) fn ready(&self, body: Vec<u8>) -> Out {
        self.add(body.len());
        Out::Answer(body)
    }

    fn add(&self, bytes: usize) {
        self.bytes.send_modify(|all| *all += bytes);
    }

    fn take(&self, bytes: usize) {
        self.bytes.send_modify(|all| *all = all.saturating_sub(bytes));
    }

    fn is_over(&self) -> bool {
        *self.bytes.borrow() > self.most
    }

    /// Done when no more waits than may; may be dropped at any point.
    pub(crate) async fn room(&self) {
        let most = self.most;
        // An error would mean that this is gone.
        let _ = self.bytes.subscribe().wait_for(|all| *all <= most).await;
    }
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

    /// The next message, or, with `answers` only, the next answer and what was sent before it; may be dropped at any point
    /// without loss.
    async fn next(&mut self, answers: bool) -> Item {
        if let Some(item) = self.backlog.pop_front() {
            return item;
        }
        tokio::select! {
            biased;
            answer = self.answers.recv() => {
                let sent_before = std::iter::from_fn(|| self.requests.next().now_or_never().flatten());
                self.backlog.extend(sent_before.take(BEFORE_ANSWER).map(Item::Request));
                self.backlog.push_back(match answer {
                    Some(Out::Answer(body)) => Item::Answer(body),
                    Some(Out::Close) | None => Item::Close,
                });
                self.backlog.pop_front().unwrap_or(Item::Close)
            }
            Some(request) = self.requests.next(), if !answers => Item::Request(request),
        }
    }
}

/// The body of a message; one that cannot be written is dropped.
fn encoded(message: &impl Serialize) -> Option<Vec<u8>> {
    let body = serde_json::to_vec(message);
    body.inspect_err(
        |error| tracing::error!(%error, "a message could not be written as JSON and was dropped"),
    )
    .ok()
}

/// Frames waiting for the client.
struct Waiting {
    load: Arc<Load>,
    bytes: Vec<u8>,
    written: usize,
    unflushed: bool,
}

impl Waiting {
    fn len(&self) -> usize {
        self.bytes.len() - self.written
    }

    /// Adds a message, of whose body so many bytes are counted already.
    fn add(&mut self, body: &[u8], counted: usize, tap: Option<&Tap>) {
        if let Some(tap) = tap {
            tap(Direction::Out, body);
        }
        let before = self.len();
        frame::encode(body, &mut self.bytes);
        self.load.add((self.len() - before).saturating_sub(counted));
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
        self.load.take(written);
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

/// Writes until `Close` or until the client is lost, as one is that reads nothing for long while too much waits for it.
/// Afterwards `asked` also holds the requests that were never sent.
pub(crate) async fn pump<O, R>(
    mut output: O,
    mut inbox: Inbox<R>,
    (asked, load): (Asked, Arc<Load>),
    tap: Option<Tap>,
) -> io::Result<()>
where
    O: AsyncWrite + Unpin,
    R: Stream<Item = Request> + Unpin,
{
    let mut waiting = Waiting { load: load.clone(), bytes: Vec::new(), written: 0, unflushed: false };
    let (mut open, mut stuck) = (true, None);
    while open || waiting.len() > 0 || waiting.unflushed {
        let ready = if open && waiting.len() < BATCH { inbox.next(false).now_or_never() } else { None };
        // Since when too much has waited and nothing was read of it.
        stuck = load.is_over().then(|| stuck.unwrap_or_else(Instant::now));
        let item = match ready {
            Some(item) => item,
            None => tokio::select! {
                biased;
                step = waiting.step(&mut output), if waiting.len() > 0 || waiting.unflushed => match step {
                    Ok(()) => {
                        stuck = None;
                        continue;
                    }
                    Err(error) => {
                        asked.lock().extend(inbox.unsent());
                        return Err(error);
                    }
                },
                item = inbox.next(stuck.is_some()), if open => item,
                () = tokio::time::sleep_until(stuck.unwrap_or_else(Instant::now) + load.patience), if stuck.is_some() => {
                    let seconds = load.patience.as_secs();
                    tracing::warn!(bytes = waiting.len(), seconds, "a client that reads nothing was given up");
                    asked.lock().extend(inbox.unsent());
                    return Err(io::ErrorKind::TimedOut.into());
                }
            },
        };
        match item {
            Item::Answer(body) => waiting.add(&body, body.len(), tap.as_ref()),
            Item::Request(request) => {
                asked.lock().extend(request.id().cloned());
                if let Some(body) = encoded(&request) {
                    waiting.add(&body, 0, tap.as_ref());
                }
            }
            Item::Close => open = false,
        }
    }
    Ok(())
}
