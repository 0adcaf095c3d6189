//! What happens between engine and socket during one run: calls and lines out, timers, counters.
//! Holds no engine values, so that it can be shared with the native functions.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::value::RawValue;

use super::clock::{Clock, Trip};
use super::shelf::Shelf;
use super::timers::Timers;
use crate::Limits;
use crate::nearest::nearest;
use crate::protocol::{
    FromWorker, MAX_ARGUMENTS, MAX_OPEN_PARTS, MAX_PARTS, MAX_TRAFFIC, RunIn, append, parts,
};

/// Least time between two lines of progress, and how many there may be.
const PROGRESS_PAUSE: Duration = Duration::from_millis(500);
const PROGRESS_LINES: u32 = 50;
/// Bytes of frames that wait for a moment when the script pauses.
const HELD_BACK: usize = 64 * 1024;

/// How the script's main promise settled.
pub enum Finished {
    /// The returned value as JSON.
    Value(String),
    /// The prelude's description of the error, as JSON.
    Error(String),
}

/// Texts of the run that only some scripts look at, all JSON.
pub struct Texts {
    pub id: String,
    pub tools: String,
    pub tasks: String,
    pub store: String,
    pub context: String,
}

impl Texts {
    pub fn of(run: &RunIn<'_>) -> Texts {
        let text = |raw: &RawValue| raw.get().to_owned();
        Texts {
            id: run.id.clone(),
            tools: text(run.tools),
            tasks: text(run.tasks),
            store: text(run.store),
            context: text(run.context),
        }
    }
}

/// The calls of one run.
#[derive(Default)]
struct Calls {
    made: u32,
    /// Those without an answer, and how many values their arguments hold.
    open: BTreeMap<u32, usize>,
    /// How many values that is in all.
    parts: usize,
}

/// The desk of one run.
pub struct Desk {
    output: Rc<UnixStream>,
    /// Frames that have not been written yet.
    held: RefCell<Vec<u8>>,
    pub limits: Limits,
    pub texts: Texts,
    pub clock: RefCell<Clock>,
    calls: RefCell<Calls>,
    /// Bytes of arguments so far.
    sent: Cell<usize>,
    pub timers: RefCell<Timers>,
    shelf: RefCell<Option<Shelf>>,
    console: Cell<u32>,
    /// Lines of progress shown and dropped, and when the last was shown.
    progress: Cell<(u32, u32, Option<Instant>)>,
    pub finished: RefCell<Option<Finished>>,
}

impl Desk {
    pub fn new(output: Rc<UnixStream>, limits: Limits, texts: Texts) -> Desk {
        Desk {
            output,
            held: RefCell::default(),
            clock: RefCell::new(Clock::start(&limits)),
            limits,
            texts,
            calls: RefCell::default(),
            sent: Cell::new(0),
            timers: RefCell::default(),
            shelf: RefCell::default(),
            console: Cell::new(0),
            progress: Cell::new((0, 0, None)),
            finished: RefCell::new(None),
        }
    }

    /// Sends one message, after those held back.
    pub fn send(&self, message: &FromWorker) {
        self.hold(message);
        self.flush();
    }

    /// Lets one message wait until the script pauses: calls made together leave together.
    fn hold(&self, message: &FromWorker) {
        let mut held = self.held.borrow_mut();
        if append(&mut held, message).is_err() {
            self.clock.borrow_mut().stop(Trip::Orphan);
        }
        let long = held.len() > HELD_BACK;
        drop(held);
        if long {
            self.flush();
        }
    }

    /// Writes what was held back. A host that does not listen any more is the end of the run.
    pub fn flush(&self) {
        let mut held = self.held.borrow_mut();
        if !held.is_empty() && (&*self.output).write_all(&held).is_err() {
            self.clock.borrow_mut().stop(Trip::Orphan);
        }
        held.clear();
    }

    /// What the engine asks now and then while a script runs: whether it has to end.
    pub fn interrupt(&self) -> bool {
        self.flush();
        self.clock.borrow_mut().check().is_some()
    }

    /// Makes a call: its number, or -1 when there may be no more, -2 when its arguments are too long, -3 when
    /// they nest too deeply, -4 when they hold too many values, -5 when they do with those that wait for an answer.
    pub fn call(&self, name: String, args: String) -> i32 {
        let mut calls = self.calls.borrow_mut();
        if calls.made >= self.limits.calls {
            return -1;
        }
        let sent = self.sent.get().saturating_add(args.len());
        if args.len() > MAX_ARGUMENTS || sent > MAX_TRAFFIC {
            return -2;
        }
        let parts = match parts(&args) {
            None => return -3,
            Some(parts) if parts > MAX_PARTS => return -4,
            Some(parts) if calls.parts.saturating_add(parts) > MAX_OPEN_PARTS => return -5,
            Some(parts) => parts,
        };
        let Ok(args) = RawValue::from_string(args) else {
            return -3;
        };
        self.sent.set(sent);
        calls.made += 1;
        calls.parts += parts;
        let id = calls.made;
        calls.open.insert(id, parts);
        drop(calls);
        self.clock.borrow_mut().wait(true);
        self.hold(&FromWorker::Call { id, name, args });
        i32::try_from(id).unwrap_or(-1)
    }

    /// Notes an answer; false when nothing waits for it.
    pub fn answered(&self, id: u32) -> bool {
        let mut calls = self.calls.borrow_mut();
        let known = calls.open.remove(&id);
        calls.parts -= known.unwrap_or(0);
        self.clock.borrow_mut().wait(!calls.open.is_empty());
        known.is_some()
    }

    pub fn waits_for_host(&self) -> bool {
        !self.calls.borrow().open.is_empty()
    }

    pub fn console(&self, level: String, text: String) {
        let count = self.console.get().saturating_add(1);
        self.console.set(count);
        if count <= self.limits.console_lines {
            self.send(&FromWorker::Console { level, text });
        }
    }

    /// Shows a line of progress; false when it came too soon or there were too many.
    pub fn progress(&self, text: String) -> bool {
        let (shown, dropped, last) = self.progress.get();
        if shown >= PROGRESS_LINES {
            self.progress.set((shown, dropped.saturating_add(1), last));
            return false;
        }
        let due = last.is_none_or(|last| last.elapsed() >= PROGRESS_PAUSE);
        if due {
            self.progress.set((shown + 1, dropped, Some(Instant::now())));
            self.send(&FromWorker::Progress { text });
        }
        due
    }

    /// What was dropped for being too many, in words.
    pub fn dropped(&self) -> Vec<String> {
        let most = self.limits.console_lines;
        let lines = self.console.get().saturating_sub(most);
        let (_, progress, _) = self.progress.get();
        let mut said = Vec::new();
        if lines > 0 {
            said.push(format!(
                "{lines} more console lines were dropped (at most {most} are kept per script)"
            ));
        }
        if progress > 0 {
            said.push(format!(
                "{progress} more lines of progress were dropped (at most {PROGRESS_LINES} are shown per script)"
            ));
        }
        said
    }

    /// Does something with what is stored, which is read on first use.
    fn shelf<R>(&self, ask: impl FnOnce(&mut Shelf) -> R) -> R {
        ask(self.shelf.borrow_mut().get_or_insert_with(|| Shelf::new(&self.texts.store)))
    }

    pub fn stored(&self, key: &str) -> Option<String> {
        self.shelf(|shelf| shelf.get(key))
    }

    /// The keys of what is stored, as JSON.
    pub fn stored_keys(&self) -> String {
        self.shelf(|shelf| serde_json::json!(shelf.keys()).to_string())
    }

    /// Stores a value: why not, or nothing.
    pub fn store(&self, key: String, json: String) -> String {
        match self.shelf(|shelf| shelf.set(&key, json, &self.limits)) {
            Ok(Some(value)) => self.send(&FromWorker::Stored { key, value }),
            Ok(None) => {}
            Err(why) => return why,
        }
        String::new()
    }

    /// Deletes a stored value: why not, `-` when there was none, or nothing.
    pub fn unstore(&self, key: String) -> String {
        match self.shelf(|shelf| shelf.delete(&key, &self.limits)) {
            Ok(true) => self.send(&FromWorker::Deleted { key }),
            Ok(false) => return "-".to_owned(),
            Err(why) => return why,
        }
        String::new()
    }

    /// The tools whose names resemble `name`, as words for a message.
    pub fn nearest(&self, name: &str) -> String {
        let names = |json: &str| serde_json::from_str::<Vec<String>>(json).unwrap_or_default();
        let tasks = names(&self.texts.tasks).into_iter().map(|task| format!("spawn.{task}"));
        let all: Vec<String> = names(&self.texts.tools).into_iter().chain(tasks).collect();
        // A task is only meant where its namespace was named.
        let known = all.iter().filter(|known| name.starts_with("spawn.") || !known.starts_with("spawn."));
        let near = nearest(name, known.map(String::as_str));
        near.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(" or ")
    }
}
