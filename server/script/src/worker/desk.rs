//! What happens between engine and socket during one run: calls and lines out, timers, counters.
//! Holds no engine values, so that it can be shared with the native functions.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::clock::Clock;
use crate::Limits;
use crate::nearest::nearest;
use crate::protocol::{FromWorker, MAX_ARGUMENTS, MAX_TRAFFIC, encode, too_deep};

/// Least time between two lines of progress, and how many there may be.
const PROGRESS_PAUSE: Duration = Duration::from_millis(500);
const PROGRESS_LINES: u32 = 50;

/// How the script's main promise settled.
pub enum Finished {
    /// The returned value as JSON.
    Value(String),
    /// The prelude's description of the error, as JSON.
    Error(String),
}

/// The desk of one run.
pub struct Desk {
    output: RefCell<UnixStream>,
    limits: Limits,
    tools: Vec<String>,
    pub clock: RefCell<Clock>,
    /// Calls made so far, and which of them have no answer yet.
    calls: Cell<u32>,
    pending: RefCell<BTreeSet<u32>>,
    /// Bytes of arguments so far.
    sent: Cell<usize>,
    /// Timers by due time and number.
    timers: RefCell<BTreeSet<(Instant, u32)>>,
    next_timer: Cell<u32>,
    console: Cell<u32>,
    progress: Cell<(u32, Option<Instant>)>,
    pub finished: RefCell<Option<Finished>>,
}

impl Desk {
    pub fn new(output: UnixStream, limits: Limits, tools: Vec<String>) -> Desk {
        Desk {
            output: RefCell::new(output),
            clock: RefCell::new(Clock::start(&limits)),
            limits,
            tools,
            calls: Cell::new(0),
            pending: RefCell::default(),
            sent: Cell::new(0),
            timers: RefCell::default(),
            next_timer: Cell::new(0),
            console: Cell::new(0),
            progress: Cell::new((0, None)),
            finished: RefCell::new(None),
        }
    }

    /// Sends one message. A host that does not listen any more is the end of the worker.
    pub fn send(&self, message: &FromWorker) {
        let sent = encode(message).is_ok_and(|frame| self.output.borrow_mut().write_all(&frame).is_ok());
        if !sent {
            std::process::exit(74);
        }
    }

    /// Makes a call: its number, or -1 when there may be no more, -2 when its arguments are too long, -3 when
    /// they nest too deeply.
    pub fn call(&self, name: String, args: &str) -> i32 {
        if self.calls.get() >= self.limits.calls {
            return -1;
        }
        let sent = self.sent.get().saturating_add(args.len());
        if args.len() > MAX_ARGUMENTS || sent > MAX_TRAFFIC {
            return -2;
        }
        let Ok(args) = serde_json::from_str::<Value>(args) else {
            return -3;
        };
        if too_deep(&args) {
            return -3;
        }
        self.sent.set(sent);
        let id = self.calls.get() + 1;
        self.calls.set(id);
        self.pending.borrow_mut().insert(id);
        self.clock.borrow_mut().wait(true);
        self.send(&FromWorker::Call { id, name, args });
        i32::try_from(id).unwrap_or(-1)
    }

    /// Notes an answer; false when nothing waits for it.
    pub fn answered(&self, id: u32) -> bool {
        let mut pending = self.pending.borrow_mut();
        let known = pending.remove(&id);
        self.clock.borrow_mut().wait(!pending.is_empty());
        known
    }

    pub fn waits_for_host(&self) -> bool {
        !self.pending.borrow().is_empty()
    }

    pub fn console(&self, level: String, text: String) {
        let count = self.console.get().saturating_add(1);
        self.console.set(count);
        if count <= self.limits.console_lines {
            self.send(&FromWorker::Console { level, text });
        }
    }

    /// How many console lines were too many.
    pub fn dropped_lines(&self) -> u32 {
        self.console.get().saturating_sub(self.limits.console_lines)
    }

    pub fn progress(&self, text: String) {
        let (count, last) = self.progress.get();
        if count < PROGRESS_LINES && last.is_none_or(|last| last.elapsed() >= PROGRESS_PAUSE) {
            self.progress.set((count + 1, Some(Instant::now())));
            self.send(&FromWorker::Progress { text });
        }
    }

    /// Starts a timer.
    pub fn sleep(&self, millis: f64) -> u32 {
        let id = self.next_timer.get().wrapping_add(1);
        self.next_timer.set(id);
        let wait = Duration::try_from_secs_f64(millis / 1000.0).unwrap_or_default();
        self.timers.borrow_mut().insert((Instant::now() + wait, id));
        id
    }

    /// When the next timer is due.
    pub fn next_timer(&self) -> Option<Instant> {
        self.timers.borrow().first().map(|(due, _)| *due)
    }

    /// Takes a timer that is due.
    pub fn due_timer(&self) -> Option<u32> {
        let mut timers = self.timers.borrow_mut();
        let first = timers.first().copied().filter(|(due, _)| *due <= Instant::now())?;
        timers.remove(&first);
        Some(first.1)
    }

    /// The tools whose names resemble `name`, as words for a message.
    pub fn nearest(&self, name: &str) -> String {
        let near = nearest(name, self.tools.iter().map(String::as_str));
        near.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(" or ")
    }
}
