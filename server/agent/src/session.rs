//! One session: its log, the items read from it, the events made of them, and what is going on.
//! The log is the only durable truth; everything else here can be made again from it.

use crate::AgentError;
use crate::asks::Asks;
use crate::config::Calling;
use crate::kept::Kept;
use crate::merged::{Added, Merged};
use crate::spent::Spent;
use crate::standing::{self, Standing};
use glossator_session::{
    AskId, ChangeSetId, ChangeState, Event, EventKind, Item, ItemBody, ItemId, NoticeLevel, SessionId,
    TurnId, TurnStatus, Usage,
};
use glossator_store::{FrozenLayer, Replay, SessionHead, SessionLog, Sync};
use glossator_tools::Tasks;
use parking_lot::Mutex;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How long fragments are held back to be shown together: sixty updates a second.
const MERGE: Duration = Duration::from_millis(16);

/// A session as a front lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Id and title.
    pub head: SessionHead,
    /// The turn that runs now.
    pub running: Option<TurnId>,
    /// Its items, oldest first.
    pub items: Vec<Item>,
    /// The number of the last event.
    pub seq: u64,
}

pub(crate) struct Session {
    id: SessionId,
    pub asks: Asks,
    state: Mutex<State>,
    asked: AtomicU64,
    changes: AtomicU64,
    grants: Mutex<HashSet<String>>,
    pub tasks: Arc<Tasks>,
    pub kept: Kept,
}

struct State {
    head: SessionHead,
    log: Log,
    /// Items that could not be written yet; tried again before the next one.
    unwritten: VecDeque<Item>,
    next_item: u64,
    items: Vec<Item>,
    seq: u64,
    /// Gone when its receiver is gone.
    watchers: Vec<mpsc::UnboundedSender<Event>>,
    /// Fragments that wait to be shown together.
    merged: Merged,
    running: Option<(TurnId, CancellationToken)>,
    last_turn: u32,
    /// Items before this one are sent without the provider's own blocks; 0: all are sent whole.
    thinking_from: u64,
    /// Set once the user was told that the log cannot be written.
    told_unwritable: bool,
}

/// Held while edits are taken back.
pub(crate) struct Undoing {
    session: Arc<Session>,
    /// Cancelled when the user stops it.
    pub cancel: CancellationToken,
}

impl Drop for Undoing {
    fn drop(&mut self) {
        self.session.state.lock().running = None;
    }
}

/// How a turn ends.
pub(crate) struct End {
    pub status: TurnStatus,
    pub spent: Spent,
    /// Why, when it is not simply done.
    pub message: Option<String>,
}

/// Where items go.
pub(crate) enum Log {
    /// Nowhere yet: a session that was never used leaves nothing on disk.
    Unborn,
    /// To disk.
    Disk(SessionLog),
    /// Nowhere, for this reason.
    Refused(String),
}

impl Session {
    /// A session over `log`, which holds the items of `replay`; without one, a session that has yet to begin.
    pub fn new(log: Log, replay: Replay) -> Session {
        let count =
            |kind: fn(&ItemBody) -> bool| replay.items.iter().filter(|item| kind(&item.body)).count() as u64;
        let asked = count(|body| matches!(body, ItemBody::Approval { .. }));
        let changes =
            count(|body| matches!(body, ItemBody::ChangeSet { state: ChangeState::Intended { .. }, .. }));
        let last_turn = replay.items.iter().map(|item| item.turn.0).max().unwrap_or(0);
        let session = Session {
            id: replay.head.id.clone(),
            asks: Asks::default(),
            asked: AtomicU64::new(asked),
            changes: AtomicU64::new(changes),
            grants: Mutex::default(),
            tasks: Tasks::new(Vec::new()),
            kept: Kept::default(),
            state: Mutex::new(State {
                head: replay.head,
                log,
                unwritten: VecDeque::new(),
                next_item: replay.next_id,
                items: replay.items,
                seq: 0,
                watchers: Vec::new(),
                merged: Merged::default(),
                running: None,
                last_turn,
                thinking_from: 0,
                told_unwritable: false,
            }),
        };
        let told = replay.healed.into_iter().chain(replay.notices).collect();
        session.close_what_a_crash_left_open(told);
        session
    }

    pub fn id(&self) -> &SessionId {
        &self.id
    }

    pub fn head(&self) -> SessionHead {
        self.state.lock().head.clone()
    }

    /// The layers as they were frozen at the first turn; `None` before it.
    pub fn frozen(&self) -> Option<Vec<FrozenLayer>> {
        let state = self.state.lock();
        (!matches!(state.log, Log::Unborn)).then(|| state.head.layers.clone())
    }

    /// The pack the session began with; `None` before its first turn.
    pub fn pack(&self) -> Option<String> {
        let state = self.state.lock();
        (!matches!(state.log, Log::Unborn)).then(|| state.head.pack.clone())
    }

    /// How the model called tools when the session began; `None` before its first turn.
    pub fn calling(&self) -> Option<Calling> {
        let state = self.state.lock();
        Calling::named(&state.head.calling)
    }

    /// Thinking up to now is not sent any more: the provider refuses it.
    pub fn forget_thinking(&self) {
        let mut state = self.state.lock();
        state.thinking_from = state.next_item;
    }

    /// What `look` makes of the items as the model is sent them: without thinking that its provider refuses.
    pub fn with_sendable<R>(&self, look: impl FnOnce(&[Item]) -> R) -> R {
        let state = self.state.lock();
        if state.thinking_from == 0 {
            return look(&state.items);
        }
        let bare = |item: &Item| match item.id.0 < state.thinking_from {
            true => item.without_raw(),
            false => item.clone(),
        };
        look(&state.items.iter().map(bare).collect::<Vec<_>>())
    }

    /// The first turn has begun: from here on the session has a log.
    pub fn born(&self, head: SessionHead, create: impl FnOnce(&SessionHead) -> Log) {
        let mut state = self.state.lock();
        state.log = create(&head);
        state.head = head;
    }

    pub fn snapshot(&self) -> Snapshot {
        let state = self.state.lock();
        Snapshot {
            head: state.head.clone(),
            running: state.running.as_ref().map(|(turn, _)| *turn),
            items: state.items.clone(),
            seq: state.seq,
        }
    }

    /// What `look` makes of the items; must be quick, as nothing is recorded meanwhile.
    pub fn with_items<R>(&self, look: impl FnOnce(&[Item]) -> R) -> R {
        look(&self.state.lock().items)
    }

    /// Events from now on.
    pub fn watch(&self) -> mpsc::UnboundedReceiver<Event> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.state.lock().watchers.push(sender);
        receiver
    }

    /// Stores an item, then shows it. The item counts for this process even when it cannot be stored; `Err` says why
    /// it is not on disk, and the user is told once.
    pub fn record(&self, turn: TurnId, round: u32, body: ItemBody, sync: Sync) -> Result<(), String> {
        let mut state = self.state.lock();
        let item = Item { id: ItemId(state.next_item), turn, round, at: now(), body };
        state.next_item += 1;
        state.unwritten.push_back(item.clone());
        let stored = state.write(sync);
        state.items.push(item.clone());
        if let (Err(why), false) = (&stored, state.told_unwritable) {
            state.told_unwritable = true;
            let text = format!("This session is not being saved: {why} Edits are refused until it can be.");
            state.emit(self.id(), Some(turn), EventKind::Notice { level: NoticeLevel::Error, text });
        } else if stored.is_ok() {
            state.told_unwritable = false;
        }
        state.emit(self.id(), Some(turn), EventKind::ItemCompleted { item: Box::new(item) });
        stored
    }

    /// Tells the watchers something that is not kept.
    pub fn emit(&self, turn: Option<TurnId>, kind: EventKind) {
        self.state.lock().emit(self.id(), turn, kind);
    }

    /// Shows a fragment soon, together with others of its stream: at most one update in 16 ms, and nothing is lost.
    pub fn delta(self: &Arc<Self>, turn: TurnId, stream: &str, text: &str) {
        let mut state = self.state.lock();
        if state.watchers.is_empty() {
            return;
        }
        if state.merged.add(turn, stream, text) == Added::First {
            let session = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(MERGE).await;
                session.state.lock().show_merged(session.id());
            });
        }
    }

    /// Begins the next turn, unless one is running.
    pub fn begin_turn(&self) -> Result<(TurnId, CancellationToken), AgentError> {
        let mut state = self.state.lock();
        if let Some((turn, _)) = &state.running {
            return Err(AgentError::Busy(*turn));
        }
        state.last_turn += 1;
        let turn = TurnId(state.last_turn);
        let cancel = CancellationToken::new();
        state.running = Some((turn, cancel.clone()));
        state.emit(self.id(), Some(turn), EventKind::TurnStarted);
        Ok((turn, cancel))
    }

    /// Keeps turns and other undos away while edits are taken back, until the guard is dropped.
    pub fn begin_undo(self: &Arc<Self>) -> Result<Undoing, AgentError> {
        let mut state = self.state.lock();
        if let Some((turn, _)) = &state.running {
            return Err(AgentError::Busy(*turn));
        }
        let cancel = CancellationToken::new();
        state.running = Some((TurnId(state.last_turn), cancel.clone()));
        Ok(Undoing { session: self.clone(), cancel })
    }

    /// Ends the running turn: stored and synced before anyone is told.
    pub fn end_turn(&self, turn: TurnId, round: u32, end: End) {
        let End { status, spent, message } = end;
        let body =
            ItemBody::TurnEnded { status, usage: spent.usage, cost: spent.cost, message: message.clone() };
        // A log that cannot be written has been reported by `record`.
        let _ = self.record(turn, round, body, Sync::Now);
        let mut state = self.state.lock();
        state.running = None;
        state.emit(self.id(), Some(turn), EventKind::TurnCompleted { status, message });
    }

    /// Asks the running turn to stop; it ends by itself, soon.
    pub fn interrupt(&self) -> Result<TurnId, AgentError> {
        let state = self.state.lock();
        let (turn, cancel) = state.running.as_ref().ok_or(AgentError::NotRunning)?;
        cancel.cancel();
        Ok(*turn)
    }

    pub fn running(&self) -> Option<TurnId> {
        self.state.lock().running.as_ref().map(|(turn, _)| *turn)
    }

    pub fn fresh_ask_id(&self) -> AskId {
        let short = self.id.0.rsplit('-').next().unwrap_or_default();
        AskId(format!("A{}-{short}", self.asked.fetch_add(1, Ordering::Relaxed) + 1))
    }

    pub fn fresh_change_id(&self) -> ChangeSetId {
        ChangeSetId(format!("C{}", self.changes.fetch_add(1, Ordering::Relaxed) + 1))
    }

    pub fn granted(&self, key: &str) -> bool {
        self.grants.lock().contains(key)
    }

    pub fn grant(&self, key: &str) {
        self.grants.lock().insert(key.to_owned());
        self.asks.granted(key);
    }

    /// The change sets that stand, oldest first.
    pub fn standing(&self) -> Vec<Standing> {
        self.with_items(standing::standing)
    }

    /// A turn without an end, or an edit without an outcome, is what a crash leaves: both are closed and said.
    fn close_what_a_crash_left_open(&self, told: Vec<String>) {
        let (last, ended, unfinished) = {
            let state = self.state.lock();
            let last = state.last_turn;
            let in_last = || state.items.iter().filter(|item| item.turn.0 == last);
            let ended = in_last().any(|item| matches!(item.body, ItemBody::TurnEnded { .. }));
            (last, ended, standing::unfinished(&state.items))
        };
        if last == 0 {
            return;
        }
        let turn = TurnId(last);
        let notice = |text: String| {
            let body = ItemBody::Notice { level: NoticeLevel::Warning, text };
            let _ = self.record(turn, 0, body, Sync::No);
        };
        told.into_iter().for_each(&notice);
        for id in unfinished {
            let message = format!(
                "Glossator was stopped while it made the edit {id}. Look at the files it names; undo takes back what stands."
            );
            notice(message);
            // Whether it stands is decided by the files: undo re-checks every one of them.
            let body = ItemBody::ChangeSet { id, state: ChangeState::Committed };
            let _ = self.record(turn, 0, body, Sync::No);
        }
        if !ended {
            let message = Some("Glossator was stopped while this turn was running.".to_owned());
            let body = ItemBody::TurnEnded {
                status: TurnStatus::Interrupted,
                usage: Usage::default(),
                cost: None,
                message,
            };
            let _ = self.record(turn, 0, body, Sync::Now);
        }
    }
}

impl State {
    /// Writes what is not written yet, oldest first. Only the newest item is synced: that covers those before it.
    fn write(&mut self, sync: Sync) -> Result<(), String> {
        let log = match &mut self.log {
            Log::Disk(log) => log,
            Log::Refused(why) => return Err(why.clone()),
            Log::Unborn => return Err("the session has not begun".to_owned()),
        };
        while let Some(item) = self.unwritten.front() {
            let sync = if self.unwritten.len() == 1 { sync } else { Sync::No };
            log.append(item, sync).map_err(|error| error.to_string())?;
            self.unwritten.pop_front();
        }
        Ok(())
    }

    /// Tells the watchers; fragments that still wait come first, so that the order is kept.
    fn emit(&mut self, session: &SessionId, turn: Option<TurnId>, kind: EventKind) {
        self.show_merged(session);
        self.send(session, turn, kind);
    }

    fn show_merged(&mut self, session: &SessionId) {
        for (turn, kind) in self.merged.take() {
            self.send(session, turn, kind);
        }
    }

    fn send(&mut self, session: &SessionId, turn: Option<TurnId>, kind: EventKind) {
        self.seq += 1;
        let event = Event { session: session.clone(), seq: self.seq, turn, kind };
        self.watchers.retain(|watcher| watcher.send(event.clone()).is_ok());
    }
}

/// Milliseconds since the Unix epoch.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
