//! One connection: reads messages, starts each handler in arrival order, lets none hold up another, and answers for
//! those that panic. It owns the running handlers; writing belongs to `output`.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt, Sink};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::task::{JoinError, JoinSet, unconstrained};
use tokio_util::task::AbortOnDropHandle;
use tower::Service;
use tower_lsp::jsonrpc::{Error, ErrorCode, Id, Request, Response};
use tower_lsp::{ClientSocket, ExitedError, LanguageServer, LspService};

use super::frame::{Decoder, Event};
use super::message::{self, Kind, Message, Refusal};
use super::output::{self, Asked, Inbox, Load, Out};
use super::ready::Ready;
use super::{Direction, End, Options};

/// Bytes read at once.
const CHUNK: usize = 64 << 10;
/// How long the last messages may take to be written when the connection ends.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Serves until `exit`, end of input or a lost client. Never panics, whatever arrives.
///
/// Each handler is polled for the first time before the next message is read, so what it does before its first await
/// happens in arrival order. Must be called in a tokio runtime; dropping the future ends the connection at once.
pub async fn serve<I, O, S>(
    input: I,
    output: O,
    (service, socket): (LspService<S>, ClientSocket),
    options: Options,
) -> End
where
    I: AsyncRead + Unpin,
    O: AsyncWrite + Unpin + Send + 'static,
    S: LanguageServer,
{
    let (requests, answers) = socket.split();
    let (out, queue) = mpsc::unbounded_channel();
    let asked = Asked::default();
    let load = Load::new(options.max_waiting, options.patience);
    let waits = (asked.clone(), load.clone());
    let pump = output::pump(output, Inbox::new(queue, requests), waits, options.tap.clone());
    let mut pump = AbortOnDropHandle::new(tokio::spawn(pump));
    let handlers = JoinSet::new();
    let out = Outlet { out, load, ready: options.ready.clone() };
    let mut connection = Connection { service, answers, asked, out, handlers, options, shutdown: false };
    let end = tokio::select! {
        end = connection.read(input) => end,
        _ = &mut pump => End::OutputLost,
    };
    connection.handlers.abort_all();
    if end != End::OutputLost {
        // An error here means that the pump is gone, and then there is nothing to wait for.
        let _ = connection.out.out.send(Out::Close);
        let _ = tokio::time::timeout(LAST_WORDS, &mut pump).await;
    }
    connection.close();
    end
}

/// What a handler came to.
struct Outcome {
    response: Option<Response>,
    /// The request whose handler panicked.
    panicked: Option<Id>,
}

/// Where answers go.
#[derive(Clone)]
struct Outlet {
    out: UnboundedSender<Out>,
    load: Arc<Load>,
    ready: Arc<Ready>,
}

impl Outlet {
    fn answer(&self, response: &Response) {
        let ready = self.ready.body(response).map(|body| self.load.ready(body));
        if let Some(answer) = ready.or_else(|| self.load.answer(response)) {
            // An error means that the client is lost, which `serve` notices by itself; nobody waits for the answer then.
            let _ = self.out.send(answer);
        }
    }
}

struct Connection<S, A> {
    service: LspService<S>,
    answers: A,
    asked: Asked,
    out: Outlet,
    /// Handlers past their first poll; each sends its answer itself unless it panicked.
    handlers: JoinSet<Outcome>,
    options: Options,
    /// A `shutdown` was accepted.
    shutdown: bool,
}

impl<S: LanguageServer, A: Sink<Response> + Unpin> Connection<S, A> {
    async fn read(&mut self, mut input: impl AsyncRead + Unpin) -> End {
        let mut decoder = Decoder::new(self.options.max_frame);
        let mut chunk = vec![0; CHUNK];
        loop {
            let count = tokio::select! {
                count = input.read(&mut chunk) => count,
                Some(done) = self.handlers.join_next() => {
                    self.reap(done);
                    continue;
                }
            };
            // Input that never pauses must not leave finished handlers behind.
            while let Some(done) = self.handlers.try_join_next() {
                self.reap(done);
            }
            let mut bytes = match count {
                Ok(0) => return End::InputClosed,
                Ok(count) => &chunk[..count],
                Err(error) => {
                    tracing::warn!(%error, "reading from the client failed");
                    return End::InputClosed;
                }
            };
            while let Some(event) = decoder.next(&mut bytes) {
                // What a client asks for while it does not read what it asked for before has to wait.
                self.out.load.room().await;
                if let Some(end) = self.take(event) {
                    return end;
                }
            }
        }
    }

    fn take(&mut self, event: Event) -> Option<End> {
        let message = match event {
            Event::BadHeader(why) => Err(message::bad_header(&why)),
            Event::TooLong { length, start } => {
                Err(message::too_long(length, self.options.max_frame, &start))
            }
            Event::Body(body) => {
                if let Some(tap) = &self.options.tap {
                    tap(Direction::In, &body);
                }
                message::parse(&body)
            }
        };
        match message {
            Ok(Message::Request(request)) => return self.call(request),
            Ok(Message::Response(response)) => self.deliver(response),
            Err(refusal) => self.refuse(refusal),
        }
        None
    }

    /// Starts the handler of one message and polls it once.
    fn call(&mut self, request: Request) -> Option<End> {
        let request = renamed(request, self.options.renamed);
        let method = request.method();
        if method == "exit" {
            return Some(End::Exit { after_shutdown: self.shutdown });
        }
        let shutdown = method == "shutdown";
        if request.id().is_none() && (shutdown || method == "initialize") {
            tracing::warn!(method, "ignored: it must be a request with an id");
            return None;
        }
        let mut work = self.work(request);
        // Unconstrained: a used-up budget of this task must not make a handler wait where nothing else would.
        let outcome = unconstrained(&mut work).now_or_never();
        let refused =
            outcome.as_ref().and_then(|outcome| outcome.response.as_ref()).is_some_and(Response::is_error);
        self.shutdown |= shutdown && !refused;
        match outcome {
            Some(outcome) => self.finish(outcome),
            None => {
                let out = self.out.clone();
                self.handlers.spawn(async move {
                    let mut outcome = work.await;
                    if outcome.panicked.is_none()
                        && let Some(response) = outcome.response.take()
                    {
                        out.answer(&response);
                    }
                    outcome
                });
            }
        }
        None
    }

    /// The whole life of one message: handler, extra capabilities, panic. Does not panic.
    fn work(&mut self, request: Request) -> BoxFuture<'static, Outcome> {
        let (method, id) = (request.method().to_owned(), request.id().cloned());
        let extra = (method == "initialize").then(|| {
            let params = request.params().cloned().unwrap_or_default();
            (self.options.initialize_extra.clone(), params)
        });
        // `poll_ready` is left out: LspService is always ready until `exit`, after which nothing is called.
        let handler = catch_unwind(AssertUnwindSafe(|| self.service.call(request)));
        let answer = async move {
            let response = match handler {
                Ok(handler) => handler.await,
                Err(panic) => resume_unwind(panic),
            };
            match (response, extra) {
                (Ok(Some(response)), Some((extra, params))) if response.is_ok() => {
                    Ok(Some(with_capabilities(response, extra(&params))))
                }
                (response, _) => response,
            }
        };
        AssertUnwindSafe(answer).catch_unwind().map(move |result| settle(result, method, id)).boxed()
    }

    fn reap(&mut self, done: Result<Outcome, JoinError>) {
        if let Ok(outcome) = done {
            self.finish(outcome);
        }
    }

    fn finish(&mut self, outcome: Outcome) {
        if let Some(id) = outcome.panicked {
            // tower-lsp keeps this id as running; a cancel makes it free again before the client hears of it.
            let request = Request::build("$/cancelRequest").params(json!({ "id": id })).finish();
            let _ = self.work(request).now_or_never();
        }
        self.send(outcome.response);
    }

    /// Hands the client's answer to whoever waits for it.
    fn deliver(&mut self, response: Response) {
        if !self.asked.lock().remove(response.id()) {
            tracing::debug!(id = %response.id(), "ignored an answer to no request of ours");
            return;
        }
        // tower-lsp panics when the one who asked has gone away meanwhile.
        let answers = Pin::new(&mut self.answers);
        let delivered = catch_unwind(AssertUnwindSafe(|| answers.start_send(response).is_ok()));
        if delivered.is_err() {
            tracing::debug!("an answer came too late: nobody waits for it");
        }
    }

    fn refuse(&mut self, refusal: Refusal) {
        tracing::warn!(id = %refusal.id, text = &*refusal.text, "refused a message");
        let kind = refusal.kind;
        if kind == Kind::Request && refusal.id == Id::Null {
            (self.options.unreadable)();
        }
        if kind != Kind::Request && self.asked.lock().contains(&refusal.id) {
            self.deliver(refusal.response());
        } else if kind != Kind::Answer {
            self.send(Some(refusal.response()));
        }
    }

    fn send(&self, response: Option<Response>) {
        if let Some(response) = response {
            self.out.answer(&response);
        }
    }

    /// Tells everybody who still talks to the client that it is gone.
    fn close(&mut self) {
        let _ = self.work(Request::build("exit").finish()).now_or_never();
        let asked = std::mem::take(&mut *self.asked.lock());
        for id in asked.iter() {
            let error = failure(
                ErrorCode::InternalError,
                "The client has disconnected without an answer.".to_owned(),
            );
            self.asked.lock().insert(id.clone());
            self.deliver(Response::from_error(id.clone(), error));
        }
    }
}

/// The answer of a handler that ended in whatever way. Every request gets one.
fn settle(
    result: Result<Result<Option<Response>, ExitedError>, Box<dyn Any + Send>>,
    method: String,
    id: Option<Id>,
) -> Outcome {
    let error = match result {
        Ok(Ok(Some(response))) => {
            return Outcome { response: Some(message::in_words(response, &method)), panicked: None };
        }
        Ok(Ok(None)) => failure(ErrorCode::MethodNotFound, message::no_method(&method)),
        Ok(Err(exited)) => failure(ErrorCode::InvalidRequest, exited.to_string()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            tracing::error!(method, panic = text, "a handler panicked");
            let text = format!("The server failed inside `{method}` and goes on; its log says more.");
            let error = failure(ErrorCode::InternalError, text);
            return Outcome { response: id.clone().map(|id| Response::from_error(id, error)), panicked: id };
        }
    };
    Outcome { response: id.map(|id| Response::from_error(id, error)), panicked: None }
}

/// The same message under the name that `table` gives it.
fn renamed(request: Request, table: &[(&'static str, &'static str)]) -> Request {
    let Some((_, name)) = table.iter().find(|(known, _)| *known == request.method()) else { return request };
    let (_, id, params) = request.into_parts();
    let mut builder = Request::build(*name);
    if let Some(id) = id {
        builder = builder.id(id);
    }
    if let Some(params) = params {
        builder = builder.params(params);
    }
    builder.finish()
}

fn failure(code: ErrorCode, message: String) -> Error {
    Error { code, message: message.into(), data: None }
}

/// Merges `extra` into the capabilities of the answer to `initialize`.
fn with_capabilities(response: Response, extra: Value) -> Response {
    let (id, result) = response.into_parts();
    let merged = result.map(|mut result| {
        if extra.is_object() && result.is_object() {
            merge(&mut result["capabilities"], extra);
        }
        result
    });
    Response::from_parts(id, merged)
}

/// Objects are merged by key; anything else is replaced.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}
