//! The state that connections share: the steps, what was asked, who left.

use super::speech::is_known;
use super::{Recorded, Reply, ReplyFn, responses};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

pub(super) struct Script {
    steps: Mutex<VecDeque<Reply>>,
    otherwise: Option<ReplyFn>,
    requests: Mutex<Vec<Recorded>>,
    connections: AtomicUsize,
    closed: Semaphore,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The reply with every function in it called.
fn resolve(reply: Reply, request: &Value) -> Reply {
    match reply {
        Reply::Function(function) => resolve(function(request), request),
        Reply::CutAfter { reply, bytes } => {
            Reply::CutAfter { reply: Box::new(resolve(*reply, request)), bytes }
        }
        Reply::HangAfter { reply, bytes } => {
            Reply::HangAfter { reply: Box::new(resolve(*reply, request)), bytes }
        }
        other => other,
    }
}

impl Script {
    pub(super) fn new(steps: Vec<Reply>, otherwise: Option<ReplyFn>) -> Self {
        let steps = Mutex::new(steps.into());
        Self {
            steps,
            otherwise,
            requests: Mutex::default(),
            connections: AtomicUsize::new(0),
            closed: Semaphore::new(0),
        }
    }

    /// Records the request and gives its answer with the request's number, from 1.
    pub(super) fn answer(&self, request: Recorded) -> (usize, Reply) {
        let reply = resolve(self.step(&request), &request.body);
        let mut requests = lock(&self.requests);
        requests.push(request);
        (requests.len(), reply)
    }

    fn step(&self, request: &Recorded) -> Reply {
        if request.method != "POST" || !is_known(&request.path) {
            let what = format!("the scripted model has no {} {}", request.method, request.path);
            return Reply::error(404, "not_found_error", &what);
        }
        if request.body.is_null() {
            return Reply::error(
                400,
                "invalid_request_error",
                "the scripted model got a body that is not JSON",
            );
        }
        if let Some(why) = responses::refusal(&request.body) {
            return Reply::error(400, "invalid_request_error", &why);
        }
        if let Some(reply) = lock(&self.steps).pop_front() {
            return reply;
        }
        match &self.otherwise {
            Some(function) => function(&request.body),
            None => {
                let what =
                    "the script of the scripted model is used up: it has no answer to one more request";
                Reply::error(400, "invalid_request_error", what)
            }
        }
    }

    pub(super) fn requests(&self) -> Vec<Recorded> {
        lock(&self.requests).clone()
    }

    pub(super) fn joined(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    pub(super) fn left(&self) {
        self.closed.add_permits(1);
    }

    pub(super) async fn wait_closed(&self) {
        // The semaphore is never closed.
        if let Ok(permit) = self.closed.acquire().await {
            permit.forget();
        }
    }
}
