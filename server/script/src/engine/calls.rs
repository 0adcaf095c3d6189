//! The host calls of one run: which wait, which run, what became of each.

use std::collections::{HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use serde_json::Value;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{CallRecord, ErrorName, Host, HostCall, HostError, Job};

/// Longest summary of a call's arguments, in characters.
const SUMMARY: usize = 120;
/// How names of calls begin that start tasks or ask about them.
const ABOUT_TASKS: &str = "spawn.";
/// How long cancelled calls may take to say what became of them.
const FAREWELL: Duration = Duration::from_millis(250);

/// What a call came to.
pub type Answer = (u32, Result<Value, HostError>);

/// All calls of one run.
pub struct Calls {
    host: Arc<dyn Host>,
    cancel: CancellationToken,
    known: HashSet<String>,
    at_once: usize,
    queue: VecDeque<HostCall>,
    /// What has to wait, and whether it takes one of the slots.
    running: JoinSet<(bool, Answer)>,
    taken: usize,
    /// Answers that were there at once, or have been collected.
    ready: VecDeque<Answer>,
    records: Vec<Record>,
    open: usize,
    given_up: bool,
}

struct Record {
    shown: CallRecord,
    began: Instant,
    open: bool,
}

impl Calls {
    pub fn new(host: Arc<dyn Host>, cancel: CancellationToken, job: &Job) -> Calls {
        let tasks = job.tasks.iter().map(|task| format!("spawn.{task}"));
        Calls {
            host,
            cancel,
            known: job.tools.iter().cloned().chain(tasks).collect(),
            at_once: job.limits.concurrent_calls,
            queue: VecDeque::new(),
            running: JoinSet::new(),
            taken: 0,
            ready: VecDeque::new(),
            records: Vec::new(),
            open: 0,
            given_up: false,
        }
    }

    /// How many were made.
    pub fn made(&self) -> usize {
        self.records.len()
    }

    /// Whether any has no answer yet and may still get one.
    pub fn is_waiting(&self) -> bool {
        self.open > 0 && !self.given_up
    }

    /// Takes a call: it runs now or when there is room.
    pub fn add(&mut self, call: HostCall) {
        self.records.push(Record {
            shown: CallRecord {
                number: call.number,
                name: call.name.clone(),
                summary: Some(summary(&call.args)),
                ok: false,
                error: None,
                millis: 0,
                orphaned: false,
            },
            began: Instant::now(),
            open: true,
        });
        self.open += 1;
        // Questions about tasks only wait. If they took slots, sixteen that wait would hold up the one that cancels.
        match call.name.starts_with(ABOUT_TASKS) {
            true => self.start(call, false),
            false => self.queue.push_back(call),
        }
        self.start_some();
    }

    fn start_some(&mut self) {
        while self.taken < self.at_once
            && let Some(call) = self.queue.pop_front()
        {
            self.start(call, true);
        }
    }

    /// Asks a call's future once right here: many are answered from memory, and a task would cost more than
    /// the answer. What has to wait goes on as a task.
    fn start(&mut self, call: HostCall, slot: bool) {
        let number = call.number;
        if !self.known.contains(&call.name) {
            let error = HostError::new(ErrorName::ToolNotFound, format!("There is no tool '{}'", call.name));
            self.ready.push_back((number, Err(error)));
            return;
        }
        let (host, cancel) = (Arc::clone(&self.host), self.cancel.child_token());
        // Made inside the future: a tool that panics before its first await fails like any other.
        let answer = AssertUnwindSafe(async move { host.call(call, cancel).await }).catch_unwind();
        let mut answer = answer.map(|ended| ended.unwrap_or_else(|_| Err(panicked()))).boxed();
        match (&mut answer).now_or_never() {
            Some(answer) => self.ready.push_back((number, answer)),
            None => {
                self.taken += usize::from(slot);
                self.running.spawn(async move { (slot, (number, answer.await)) });
            }
        }
    }

    /// The next answer, noted; waits for ever when nothing runs. May be dropped while it waits.
    pub async fn next(&mut self) -> Answer {
        loop {
            if let Some(answer) = self.ready() {
                return answer;
            }
            match self.running.join_next().await {
                Some(joined) => self.landed(joined),
                None => std::future::pending().await,
            }
        }
    }

    /// The next answer that is there already, noted.
    pub fn ready(&mut self) -> Option<Answer> {
        while let Some(joined) = self.running.try_join_next() {
            self.landed(joined);
        }
        let answer = self.ready.pop_front()?;
        self.note(&answer);
        Some(answer)
    }

    fn landed(&mut self, joined: Result<(bool, Answer), JoinError>) {
        match joined {
            Ok((slot, answer)) => {
                self.taken -= usize::from(slot);
                self.ready.push_back(answer);
            }
            Err(error) => {
                tracing::error!(%error, "a host call's task was lost");
                self.taken = self.taken.saturating_sub(1);
            }
        }
        self.start_some();
    }

    fn note(&mut self, (number, answer): &Answer) {
        let index = (*number as usize).checked_sub(1);
        let Some(record) = index.and_then(|index| self.records.get_mut(index)) else {
            return;
        };
        if !record.open {
            return;
        }
        record.close();
        self.open = self.open.saturating_sub(1);
        match answer {
            Ok(_) => record.shown.ok = true,
            Err(error) => record.shown.error = Some(error.to_string()),
        }
    }

    /// Gives up on every call that is still pending: they are cancelled and marked.
    pub fn orphan(&mut self) {
        for record in self.records.iter_mut().filter(|record| record.open) {
            record.shown.orphaned = true;
        }
        self.given_up = true;
        self.queue.clear();
        self.cancel.cancel();
    }

    /// Ends the run: cancels what is pending, waits a moment for last words, and leaves the rest to end alone.
    pub async fn end(mut self) -> Vec<CallRecord> {
        self.cancel.cancel();
        self.queue.clear();
        while let Some(answer) = self.ready.pop_front() {
            self.note(&answer);
        }
        let deadline = tokio::time::Instant::now() + FAREWELL;
        while let Ok(Some(joined)) = tokio::time::timeout_at(deadline, self.running.join_next()).await {
            if let Ok((_, answer)) = joined {
                self.note(&answer);
            }
        }
        // A tool that is in the middle of an effect must not be torn off at an await.
        self.running.detach_all();
        let ended = self.records.iter_mut().map(|record| {
            if record.open {
                record.close();
                let why = "the script ended before the call did";
                record.shown.error = Some(HostError::new(ErrorName::ToolCancelled, why).to_string());
            }
            record.shown.clone()
        });
        ended.collect()
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        // The run may be dropped at any await: its calls hear of it and are not torn off.
        self.cancel.cancel();
        self.running.detach_all();
    }
}

impl Record {
    fn close(&mut self) {
        self.open = false;
        self.shown.millis = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
    }
}

fn panicked() -> HostError {
    HostError::new(ErrorName::ToolFailed, "The tool failed inside Glossator; this is a bug, tell the user")
}

/// The arguments on one line.
fn summary(args: &Value) -> String {
    let text = args.to_string();
    match text.char_indices().nth(SUMMARY) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
