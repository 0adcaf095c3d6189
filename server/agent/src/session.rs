//! One session: its log, the items read from it, the events made of them, and what is going on.
//! The log is the only durable truth; everything else here can be made again from it.

use crate::AgentError;
use crate::asks::Asks;
use crate::config::Calling;
use crate::hunks::Hunks;
use crate::journal::{Journal, Log};
use crate::kept::{self, Kept};
use crate::spent::Spent;
use crate::task_log;
use crate::watchers::Watchers;
use glossator_session::{
    AgentId, AskId, ChangeSetId, ChangeState, Event, EventKind, Item, ItemBody, ItemId, NoticeLevel,
    SessionId, TurnId, TurnStatus,
};
use glossator_store::{FrozenLayer, Replay, SessionHead, Sync};
use glossator_tools::Tasks;
use parking_lot::Mutex;
use serde_json::{Map, Value};
use std::collections::HashSet;
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
    pub hunks: Hunks,
}

struct State {
    head: SessionHead,
    journal: Journal,
    next_item: u64,
    items: Vec<Item>,
    /// What scripts have stored: a fold over the items, kept up to date since each script begins with it.
    stored: Map<String, Value>,
    watchers: Watchers,
    running: Option<(TurnId, CancellationToken)>,
    /// Set while edits are taken back or made again.
    undoing: bool,
    /// The latest turn and its latest round: where the session stands.
    place: (TurnId, u32),
    /// Items before this one are sent without the provider's own blocks; 0: all are sent whole.
    thinking_from: u64,
}

impl State {
    /// Whether a turn, or an undo, can begin.
    fn is_free(&self) -> Result<(), AgentError> {
        match &self.running {
            None => Ok(()),
            Some(_) if self.undoing => Err(AgentError::Undoing),
            Some((turn, _)) => Err(AgentError::Busy(*turn)),
        }
    }
}

/// Held while edits are taken back.
pub(crate) struct Undoing {
    session: Arc<Session>,
    /// Cancelled when the user stops it.
    pub cancel: CancellationToken,
}

impl Drop for Undoing {
    fn drop(&mut self) {
        let mut state = self.session.state.lock();
        (state.running, state.undoing) = (None, false);
    }
}

/// How a turn ends.
pub(crate) struct End {
    pub status: TurnStatus,
    pub spent: Spent,
    /// Why, when it is not simply done.
    pub message: Option<String>,
}

impl Session {
    /// A session over `log`, which holds the items of `replay`; without one, a session that has yet to begin.
    pub fn new(log: Log, replay: Replay) -> Session {
        let items = replay.items;
        let count = |kind: fn(&ItemBody) -> bool| items.iter().filter(|item| kind(&item.body)).count() as u64;
        let asked = count(|body| matches!(body, ItemBody::Approval { .. }));
        let changes =
            count(|body| matches!(body, ItemBody::ChangeSet { state: ChangeState::Intended { .. }, .. }));
        let texts = match &log {
            Log::Disk(log) => log.kept(),
            Log::Unborn | Log::Refused(_) => None,
        };
        Session {
            id: replay.head.id.clone(),
            asks: Asks::default(),
            asked: AtomicU64::new(asked),
            changes: AtomicU64::new(changes),
            grants: Mutex::default(),
            tasks: Tasks::new(task_log::earlier(&items)),
            kept: Kept::beside(texts, &items),
            hunks: Hunks::default(),
            state: Mutex::new(State {
                watchers: Watchers::of(replay.head.id.clone()),
                head: replay.head,
                journal: Journal::over(log),
                next_item: replay.next_id,
                stored: kept::stored(&items),
                running: None,
                undoing: false,
                place: items.iter().map(|item| (item.turn, item.round)).max().unwrap_or((TurnId(0), 0)),
                thinking_from: 0,
                items,
            }),
        }
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
        let log = create(&head);
        if let Log::Disk(log) = &log
            && let Some(texts) = log.kept()
        {
            self.kept.move_to(texts);
        }
        state.journal.log = log;
        state.head = head;
    }

    pub fn snapshot(&self) -> Snapshot {
        let state = self.state.lock();
        Snapshot {
            head: state.head.clone(),
            running: state.running.as_ref().map(|(turn, _)| *turn),
            items: state.items.clone(),
            seq: state.watchers.seq(),
        }
    }

    /// What `look` makes of the items; must be quick, as nothing is recorded meanwhile.
    pub fn with_items<R>(&self, look: impl FnOnce(&[Item]) -> R) -> R {
        look(&self.state.lock().items)
    }

    /// What scripts have stored up to now.
    pub fn stored(&self) -> Map<String, Value> {
        self.state.lock().stored.clone()
    }

    /// Where the session stands: its latest turn and round.
    pub fn place(&self) -> (TurnId, u32) {
        self.state.lock().place
    }

    /// Events from now on.
    pub fn watch(&self) -> mpsc::UnboundedReceiver<Event> {
        self.state.lock().watchers.watch()
    }

    /// Stores an item, then shows it. The item counts for this process even when it cannot be stored; `Err` says why
    /// it is not on disk, and the user is told once.
    ///
    /// Its round is the one under way when it is stored, taken in the same step, so that what was sent before it existed
    /// is not changed by it. Of an earlier turn it carries round 0, and stands where it came; how far a task came and what
    /// became of hunks is told to the model, and so carries the latest turn and round whichever turn made them (their ids
    /// say that).
    pub fn record(&self, turn: TurnId, body: ItemBody, sync: Sync) -> Result<(), String> {
        self.record_by(None, turn, (body, sync))
    }

    /// As [`Session::record`], for what another agent of the session said or did.
    pub fn record_by(
        &self,
        agent: Option<&AgentId>,
        turn: TurnId,
        (body, sync): (ItemBody, Sync),
    ) -> Result<(), String> {
        let mut state = self.state.lock();
        let (turn, round) = match (&body, state.place) {
            (ItemBody::Task { .. }, place) => place,
            (ItemBody::ChangeSet { state: ChangeState::Reviewed { .. }, .. }, place) => place,
            (_, (latest, round)) if turn == latest => (turn, round),
            _ => (turn, 0),
        };
        let item = Item { id: ItemId(state.next_item), turn, round, at: now(), agent: agent.cloned(), body };
        state.next_item += 1;
        kept::store(&mut state.stored, &item.body);
        state.items.push(item.clone());
        let stored = state.journal.write(item.clone(), sync);
        if let Some(text) = state.journal.warning(&stored) {
            state.watchers.emit(Some(turn), EventKind::Notice { level: NoticeLevel::Error, text });
        }
        state.watchers.emit(Some(turn), EventKind::ItemCompleted { item: Box::new(item) });
        stored
    }

    /// Warns whoever watches next of what happened when nobody could.
    pub fn warn_later(&self, turn: TurnId, text: String) {
        self.state.lock().watchers.hold(turn, text);
    }

    /// Tells the watchers something that is not kept.
    pub fn emit(&self, turn: Option<TurnId>, kind: EventKind) {
        self.state.lock().watchers.emit(turn, kind);
    }

    /// Shows a fragment soon, together with others of its stream: at most one update in 16 ms, and nothing is lost.
    pub fn delta(self: &Arc<Self>, turn: TurnId, stream: &str, text: &str) {
        if self.state.lock().watchers.merge(turn, stream, text) {
            let session = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(MERGE).await;
                session.state.lock().watchers.show_merged();
            });
        }
    }

    /// Begins the next turn, unless one is running.
    pub fn begin_turn(&self) -> Result<(TurnId, CancellationToken), AgentError> {
        let mut state = self.state.lock();
        state.is_free()?;
        let turn = TurnId(state.place.0.0 + 1);
        state.place = (turn, 0);
        let cancel = CancellationToken::new();
        state.running = Some((turn, cancel.clone()));
        state.watchers.emit(Some(turn), EventKind::TurnStarted);
        Ok((turn, cancel))
    }

    /// Begins the next round of the running turn; gives its number, from 1.
    pub fn begin_round(&self) -> u32 {
        let mut state = self.state.lock();
        state.place.1 += 1;
        state.place.1
    }

    /// Keeps turns and other undos away while edits are taken back, until the guard is dropped.
    pub fn begin_undo(self: &Arc<Self>) -> Result<Undoing, AgentError> {
        let mut state = self.state.lock();
        state.is_free()?;
        let cancel = CancellationToken::new();
        state.running = Some((state.place.0, cancel.clone()));
        state.undoing = true;
        Ok(Undoing { session: self.clone(), cancel })
    }

    /// Ends the running turn: stored and synced before anyone is told.
    pub fn end_turn(&self, turn: TurnId, end: End) {
        let End { status, spent, message } = end;
        let body =
            ItemBody::TurnEnded { status, usage: spent.usage, cost: spent.cost, message: message.clone() };
        // A log that cannot be written has been reported by `record`.
        let _ = self.record(turn, body, Sync::Now);
        let mut state = self.state.lock();
        state.running = None;
        state.watchers.emit(Some(turn), EventKind::TurnCompleted { status, message });
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

    /// Whether edits are being taken back or made again.
    pub fn is_undoing(&self) -> bool {
        self.state.lock().undoing
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
}

/// Milliseconds since the Unix epoch.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
