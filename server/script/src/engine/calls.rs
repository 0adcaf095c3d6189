//! The host calls of one run: which wait, which run, what became of each.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use serde_json::{Value, value::RawValue};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{CallRecord, ErrorName, Host, HostCall, HostError, Job};

/// Longest summary of a call's arguments, in characters.
const SUMMARY: usize = 120;
/// How names of calls begin that start tasks or ask about them.
const ABOUT_TASKS: &str = "spawn.";
/// How long cancelled calls may take to say what became of them.
const FAREWELL: Duration = Duration::from_millis(250);

/// Longest arguments of a call that never ran which are still read for its record, in bytes.
const READ_ANYWAY: usize = 64 * 1024;
/// Longest name in a record of a tool that does not exist, in characters.
const LONGEST_NAME: usize = 200;

/// A call as it came: its arguments are read when it runs, for values take far more memory than their text.
pub struct Asked {
    pub number: u32,
    pub name: String,
    pub args: Box<RawValue>,
    /// How many values the arguments hold.
    pub parts: usize,
}

/// What a call came to.
pub type Answer = (u32, Result<Value, HostError>);

/// All calls of one run.
pub struct Calls {
    host: Arc<dyn Host>,
    cancel: CancellationToken,
    known: HashSet<String>,
    at_once: usize,
    queue: VecDeque<Asked>,
    /// What has to wait, and whether it takes one of the slots.
    running: JoinSet<(bool, Answer)>,
    taken: usize,
    /// Answers that were there at once, or have been collected.
    ready: VecDeque<Answer>,
    records: Vec<Record>,
    open: usize,
    /// How many values the arguments of the open ones hold.
    open_parts: usize,
    given_up: bool,
}

struct Record {
    shown: CallRecord,
    parts: usize,
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
            open_parts: 0,
            given_up: false,
        }
    }

    /// How many were made.
    pub fn made(&self) -> usize {
        self.records.len()
    }

    /// How many values the arguments of the calls without an answer hold.
    pub fn open_parts(&self) -> usize {
        self.open_parts
    }

    /// Whether any has no answer yet and may still get one.
    pub fn is_waiting(&self) -> bool {
        self.open > 0 && !self.given_up
    }

    /// Takes a call: it runs now or when there is room.
    pub fn add(&mut self, call: Asked) {
        let length = if self.known.contains(&call.name) { usize::MAX } else { LONGEST_NAME };
        self.records.push(Record {
            parts: call.parts,
            shown: CallRecord {
                number: call.number,
                name: call.name.chars().take(length).collect(),
                summary: None,
                ok: false,
                error: None,
                millis: 0,
                orphaned: false,
            },
            began: Instant::now(),
            open: true,
        });
        self.open += 1;
        self.open_parts += call.parts;
        // Questions about tasks only wait. If they took slots, sixteen that wait would hold up the one that cancels.
        match call.name.starts_with(ABOUT_TASKS) {
            true => self.start(call, false),
            false => self.queue.push_back(call),
        }
        self.start_some();
    }

    fn start_some(&mut self) {
        // Answers that wait to be handed in count as well: a whole queue answered at once would fill the memory.
        while self.taken + self.ready.len() < self.at_once
            && let Some(call) = self.queue.pop_front()
        {
            self.start(call, true);
        }
    }

    /// Asks a call's future once right here: many are answered from memory, and a task would cost more than
    /// the answer. What has to wait goes on as a task.
    fn start(&mut self, asked: Asked, slot: bool) {
        let number = asked.number;
        let call = match read(asked) {
            Ok(call) => call,
            Err(error) => return self.ready.push_back((number, Err(error))),
        };
        self.summarise(&call);
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

    /// Puts the arguments on one line into the call's record.
    fn summarise(&mut self, call: &HostCall) {
        let index = (call.number as usize).wrapping_sub(1);
        if let Some(record) = self.records.get_mut(index) {
            let line = self.host.summary(call).unwrap_or_else(|| summary(&call.args));
            record.shown.summary = Some(line);
        }
    }

    /// Lets go of calls that will never run; their records still say what they wanted.
    fn clear_queue(&mut self) {
        for asked in std::mem::take(&mut self.queue) {
            let (number, length) = (asked.number, asked.args.get().len());
            let read = if length > READ_ANYWAY { None } else { read(asked).ok() };
            match read {
                Some(call) => self.summarise(&call),
                None => {
                    if let Some(record) = self.records.get_mut((number as usize).wrapping_sub(1)) {
                        record.shown.summary = Some(format!("({length} bytes)"));
                    }
                }
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
        self.start_some();
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
        self.open_parts = self.open_parts.saturating_sub(record.parts);
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
        self.clear_queue();
        self.cancel.cancel();
    }

    /// Ends the run: cancels what is pending, waits a moment for last words, and leaves the rest to end alone.
    pub async fn end(mut self) -> Vec<CallRecord> {
        self.cancel.cancel();
        self.clear_queue();
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

/// The call with its arguments as values.
fn read(asked: Asked) -> Result<HostCall, HostError> {
    let Asked { number, name, args, .. } = asked;
    match serde_json::from_str(args.get()) {
        Ok(args) => Ok(HostCall { number, name, args }),
        Err(error) => {
            let why = format!("The arguments cannot be read: {error}");
            Err(HostError::new(ErrorName::ToolArguments, why))
        }
    }
}

/// The start of a text that is written to it; refuses what goes far beyond a summary.
struct Start(Vec<u8>);

impl io::Write for Start {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // No character takes more than four bytes.
        let room = (SUMMARY + 1) * 4 - self.0.len();
        let taken = bytes.len().min(room);
        self.0.extend_from_slice(&bytes[..taken]);
        if taken < bytes.len() { Err(io::ErrorKind::WriteZero.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The arguments on one line.
fn summary(args: &Value) -> String {
    let mut start = Start(Vec::new());
    // A text that is cut is no failure.
    let _cut = serde_json::to_writer(&mut start, args);
    let text = String::from_utf8_lossy(&start.0);
    match text.char_indices().nth(SUMMARY) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}
