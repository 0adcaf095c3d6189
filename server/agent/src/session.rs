//! One session: its log, the items of it that are live, the events made of them, and what is going on.
//! The log is the only durable truth; everything else here can be made again from it.

mod adopted;
mod cut;
mod given;
mod live;
mod recording;
mod steering;
mod turns;
mod waiting;

use crate::AgentError;
use crate::asks::Asks;
use crate::config::{Calling, Fsync};
use crate::earlier::{Earlier, Facts};
use crate::hunks::Hunks;
use crate::journal::{Journal, Log};
use crate::kept::Kept;
use crate::spent::Spent;
use crate::titles;
use crate::watchers::{Events, Watchers};
use crate::writing::Writing;
use given::Given;
pub(crate) use given::SessionGrant;
use glossator_session::{AskId, CallId, EventKind, Item, PlanStep, SessionId, TurnId, TurnStatus};
use glossator_store::{FrozenLayer, Replay, SessionHead, SessionMeta};
use glossator_tools::Tasks;
use live::Live;
pub(crate) use live::surplus;
use parking_lot::Mutex;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{SystemTime, UNIX_EPOCH};
use steering::Ear;
pub(crate) use steering::{Heard, is_blank};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
pub(crate) use turns::End;
use turns::Going;
use waiting::Waiting;
pub(crate) use waiting::Waits;
pub(crate) use waiting::told;
pub use waiting::{Due, Make, Ready, Setup, Starter};

/// A session as a front shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// What it is; its title is what it is called now.
    pub head: SessionHead,
    /// The turn that runs now.
    pub running: Option<TurnId>,
    /// Its latest items, oldest first.
    pub items: Vec<Item>,
    /// The turn that they begin with.
    pub first: TurnId,
    /// Whether there are turns before it; [`crate::Agent::page`] reads them.
    pub more: bool,
    /// The number of the last event.
    pub seq: u64,
    /// What is being written: all fragments up to that event of what is no item yet.
    pub writing: Vec<Writing>,
    /// Whether lists leave it out.
    pub archived: bool,
    /// Why it can only be read, for people: another process writes it, a newer version wrote it.
    pub read_only: Option<String>,
}

pub(crate) struct Session {
    id: SessionId,
    me: Weak<Session>,
    pub asks: Asks,
    state: Mutex<State>,
    given: Given,
    pub tasks: Arc<Tasks>,
    pub kept: Kept,
    pub hunks: Hunks,
    /// Items that are not live and were read again, while somebody works with them.
    read_again: Mutex<HashMap<u64, Arc<Item>>>,
    /// Held while items are let go, so that nobody does it twice.
    cutting: Mutex<()>,
    pub course: Course,
}

/// How the turns of a session follow one another.
#[derive(Default)]
pub(crate) struct Course {
    /// Told when an undo has ended.
    undone: Notify,
    /// Told when a turn has ended.
    ended: Notify,
    /// Called behind the end of each turn.
    at_end: OnceLock<AtEnd>,
    /// Called then too, with how it ended.
    follow_up: OnceLock<FollowUp>,
    /// Who said something to a turn that had just come to its end; they start the next one.
    pub late: Late,
    waiting: Mutex<Waiting>,
    /// Held while a prompt that waited is started.
    pub starting: tokio::sync::Mutex<()>,
    /// Whether somebody looks again and again whether a prompt can be started.
    pub looking_again: AtomicBool,
    /// Told when that may have changed.
    pub news: Arc<Notify>,
}

/// Those who said something too late, one after the other.
#[derive(Default)]
pub(crate) struct Late {
    pub count: AtomicUsize,
    pub order: tokio::sync::Mutex<()>,
}

/// What follows from the end of a turn, by how it ended, and what it was run with.
pub(crate) type FollowUp = Box<dyn Fn(Arc<Session>, (TurnId, TurnStatus), Setup) + Send + std::marker::Sync>;

/// What is done behind the end of a turn.
pub(crate) type AtEnd = Box<dyn Fn(Arc<Session>) + Send + std::marker::Sync>;

struct State {
    head: SessionHead,
    meta: SessionMeta,
    journal: Journal,
    next_item: u64,
    live: Live,
    /// A fold over all items, those that are not live included.
    now: Facts,
    watchers: Watchers,
    running: Option<Going>,
    /// Set while edits are taken back or made again.
    undoing: Option<(TurnId, CancellationToken)>,
    /// Items before this one are sent without the provider's own blocks; 0: all are sent whole.
    thinking_from: u64,
    manner: Manner,
    /// Whether somebody follows the log that another process writes.
    following: bool,
}

/// How items are written, as the settings of the latest turn say.
#[derive(Clone)]
pub(crate) struct Manner {
    pub fsync: Fsync,
    /// Takes known secrets out of a text.
    pub redact: Arc<dyn Fn(&str) -> String + Send + std::marker::Sync>,
}

impl Session {
    /// A session over `log`, which holds `before` and the items of `replay`; without one, a session that has yet to begin.
    pub fn new(log: Log, before: Earlier, replay: Replay) -> Arc<Session> {
        let mut now = before.facts.clone();
        replay.items.iter().for_each(|item| now.add(item));
        let texts = match &log {
            Log::Disk(log) => log.kept(),
            Log::Unborn | Log::Refused(_) | Log::Followed(_) => None,
        };
        let counts = now.counts;
        let given = Given {
            // Those that wait are not counted yet.
            asks: AtomicU64::new(counts.asks + now.asks.len() as u64),
            changes: AtomicU64::new(counts.changes),
            entries: AtomicU64::new(counts.entries),
            grants: Mutex::default(),
        };
        // A new session begins at 1, as nobody can have seen events of it.
        let seq = if matches!(log, Log::Unborn) { 0 } else { micros() };
        Arc::new_cyclic(|me| Session {
            id: replay.head.id.clone(),
            me: me.clone(),
            asks: Asks::default(),
            given,
            tasks: Tasks::new(now.tasks.earlier()),
            kept: Kept::beside(texts, counts.keys),
            hunks: Hunks::over(before.hunks.clone()),
            read_again: Mutex::default(),
            cutting: Mutex::default(),
            course: Course::default(),
            state: Mutex::new(State {
                watchers: Watchers::of(replay.head.id.clone(), seq),
                head: replay.head,
                meta: SessionMeta::default(),
                journal: Journal::over(log, before.upto),
                next_item: replay.next_id,
                now,
                running: None,
                undoing: None,
                thinking_from: before.thinking_from,
                live: Live::over(before, replay.items),
                manner: Manner { fsync: Fsync::default(), redact: Arc::new(str::to_owned) },
                following: false,
            }),
        })
    }

    pub fn id(&self) -> &SessionId {
        &self.id
    }

    pub fn head(&self) -> SessionHead {
        self.state.lock().head.clone()
    }

    /// What the session began with; `None` before its first turn.
    pub fn begun(&self) -> Option<SessionHead> {
        let state = self.state.lock();
        (!matches!(state.journal.log, Log::Unborn)).then(|| state.head.clone())
    }

    /// The layers as they were frozen at the first turn; `None` before it.
    pub fn frozen(&self) -> Option<Vec<FrozenLayer>> {
        self.begun().map(|head| head.layers)
    }

    /// How the model called tools when the session began; `None` before its first turn.
    pub fn calling(&self) -> Option<Calling> {
        Calling::named(&self.state.lock().head.calling)
    }

    /// The first turn has begun: from here on the session has a log.
    pub fn born(&self, head: SessionHead, create: impl FnOnce(&SessionHead) -> Log) {
        let mut state = self.state.lock();
        let log = create(&head);
        if let Log::Disk(log) = &log
            && let Some(texts) = log.kept()
        {
            self.kept.move_to(texts);
        }
        state.journal.log = log;
        state.head = head;
    }

    /// Has `call` called behind the end of each turn; the first holds.
    pub fn at_end(&self, call: AtEnd) {
        // A session is opened once.
        let _ = self.course.at_end.set(call);
    }

    /// Has `call` called when a turn has ended; the first holds.
    pub fn follow_up(&self, call: FollowUp) {
        // A session is opened once.
        let _ = self.course.follow_up.set(call);
    }

    /// A turn has ended so, which was run with `last`.
    pub fn has_ended(&self, ended: (TurnId, TurnStatus), last: Setup) {
        if let (Some(call), Some(me)) = (self.course.follow_up.get(), self.me.upgrade()) {
            call(me, ended, last);
        }
    }

    /// How items are written from now on.
    pub fn set_manner(&self, manner: Manner) {
        self.state.lock().manner = manner;
    }

    /// Why the session can only be read, if so.
    pub fn read_only(&self) -> Option<String> {
        self.state.lock().journal.read_only().map(str::to_owned)
    }

    /// The log is let go of for a moment: [`crate::reach::writable`] takes it up again. Nothing begins meanwhile.
    ///
    /// # Errors
    /// Something that needs the log goes on.
    pub fn set_aside(&self, why: String) -> Result<(), AgentError> {
        let mut state = self.state.lock();
        if let Some(turn) = state.going_on() {
            return Err(AgentError::Busy(turn));
        }
        if let Log::Disk(_) = state.journal.log {
            state.journal.log = Log::Followed(why);
        }
        Ok(())
    }

    /// Whether its log on the disk lacks items that could not be written yet.
    pub fn owes(&self) -> bool {
        self.state.lock().journal.owes()
    }

    /// Whether its log on the disk holds all items.
    pub fn is_written(&self) -> bool {
        self.state.lock().journal.holds_all()
    }

    /// Nothing is written from now on, and whoever wants to write the log can.
    pub fn let_go(&self, why: String) {
        self.state.lock().journal.log = Log::Refused(why);
    }

    /// What can change beside the log.
    pub fn meta(&self) -> SessionMeta {
        self.state.lock().meta.clone()
    }

    pub fn set_meta(&self, meta: SessionMeta) {
        self.state.lock().meta = meta;
    }

    /// Gives a session that has not begun a title, and tells of it.
    pub fn entitle(&self, title: String) {
        self.state.lock().head.title = title;
        self.has_changed();
    }

    /// Tells who watches what the session is now: what it is called, and that what it is run with may be another.
    pub fn has_changed(&self) {
        let mut state = self.state.lock();
        let (title, archived) = (state.title(), state.meta.archived);
        state.watchers.emit(None, EventKind::SessionChanged { title, archived });
    }

    /// Whether anybody watches.
    pub fn is_watched(&self) -> bool {
        self.state.lock().watchers.any()
    }

    /// What the session is called now.
    pub fn title(&self) -> String {
        self.state.lock().title()
    }

    /// What scripts have stored up to now.
    pub fn stored(&self) -> Map<String, Value> {
        self.state.lock().now.stored.clone()
    }

    /// What all turns that have ended have spent.
    pub fn spent(&self) -> Spent {
        self.state.lock().now.spent.clone()
    }

    /// The files that edits of the session were about, each once.
    pub fn touched(&self) -> Vec<PathBuf> {
        self.state.lock().now.touched.iter().cloned().collect()
    }

    /// The plan as it was last.
    pub fn plan(&self) -> Vec<PlanStep> {
        self.state.lock().now.plan.clone()
    }

    /// Where the session stands: its latest turn and round.
    pub fn place(&self) -> (TurnId, u32) {
        self.state.lock().now.place
    }

    /// Whether the latest turn has no end.
    pub fn is_unfinished(&self) -> bool {
        self.state.lock().unfinished_turn().is_some()
    }

    /// The questions that were written down and have no answer, with their one line.
    pub fn open_asks(&self) -> Vec<(AskId, String)> {
        self.state.lock().now.asks.clone()
    }

    /// The tasks that the log knows no end of, each with its call in one line.
    pub fn open_tasks(&self) -> Vec<(CallId, String)> {
        self.state.lock().now.tasks.unfinished()
    }

    /// Events from now on, and what is being written now: the first of them is behind all of it.
    pub fn watch(&self) -> (Events, Vec<Writing>) {
        let watchers = &mut self.state.lock().watchers;
        (watchers.watch(), watchers.writing())
    }
}

impl State {
    fn title(&self) -> String {
        let given = self.meta.title.clone().filter(|title| !title.is_empty());
        let own = Some(self.head.title.clone()).filter(|title| !title.is_empty());
        let first = || self.now.first.as_deref().map(titles::of_prompt).unwrap_or_default();
        given.or(own).unwrap_or_else(first)
    }
}

/// Milliseconds since the Unix epoch.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Microseconds since the Unix epoch: where the numbers of events begin in a session that was opened. A process that opened
/// it before has given away fewer numbers than microseconds have passed since.
fn micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests;
