//! What a session records and tells: an item is stored, counted and then shown. Decides nothing of what is recorded.

use super::{Session, State, now};
use crate::config::Fsync;
use crate::watchers::Missed;
use glossator_session::{
    AgentId, Ask, ChangeState, ContextItem, EventKind, Item, ItemBody, ItemId, NoticeLevel, TurnId,
};
use glossator_store::Sync;
use std::sync::Arc;
use std::time::Duration;

/// How long fragments are held back to be shown together: sixty updates a second.
const MERGE: Duration = Duration::from_millis(16);
/// How long a question is open before it is written down that it was asked.
const WAITS: Duration = Duration::from_secs(1);

impl Session {
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
        self.state.lock().record(agent, turn, (body, sync))
    }

    /// Warns whoever watches next of what happened when nobody could.
    pub fn warn_later(&self, turn: TurnId, text: String) {
        self.state.lock().watchers.hold(turn, text);
    }
    /// Tells the watchers something that is not kept.
    pub fn emit(&self, turn: Option<TurnId>, kind: EventKind) {
        if let (EventKind::Ask { ask }, Some(turn)) = (&kind, turn) {
            self.note_if_it_waits(turn, ask);
        }
        self.state.lock().watchers.emit(turn, kind);
    }

    /// Writes down that the user is asked, unless the answer comes at once: a crash cannot say what it left open.
    fn note_if_it_waits(&self, turn: TurnId, ask: &Ask) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (me, id) = (self.me.clone(), ask.id.clone());
        let title = (self.state.lock().manner.redact.clone())(&ask.title);
        runtime.spawn(async move {
            tokio::time::sleep(WAITS).await;
            let Some(session) = me.upgrade() else { return };
            if session.asks.pending(session.id()).iter().any(|pending| pending.ask.id == id) {
                let body = ItemBody::Context(ContextItem::Asked { ask: id, title, lost: false });
                // A log that cannot be written is told of by `record`.
                let _ = session.record(turn, body, Sync::No);
            }
        });
    }

    /// Tells that the model began to write something, behind the fragments before it.
    pub fn begun_to_write(&self, turn: TurnId, kind: EventKind) {
        let mut state = self.state.lock();
        state.watchers.show_merged();
        state.watchers.emit(Some(turn), kind);
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

    /// What was told behind number `seq`; `None` where it is not all known any more.
    pub fn missed(&self, seq: u64) -> Option<Missed> {
        let state = self.state.lock();
        let events = state.watchers.since(seq, |id| state.live.get(id).cloned())?;
        Some(Missed { events, seq: state.watchers.seq(), writing: state.watchers.writing() })
    }

    /// What `agent` was writing of an answer does not count: it begins anew, or was not kept.
    pub fn forget_answer(&self, agent: Option<&AgentId>) {
        self.state.lock().watchers.forget_answer(agent);
    }
}

impl State {
    /// Stores an item, then shows it: see [`Session::record`].
    pub(super) fn record(
        &mut self,
        agent: Option<&AgentId>,
        turn: TurnId,
        (body, sync): (ItemBody, Sync),
    ) -> Result<(), String> {
        let (turn, round) = match (&body, self.now.place) {
            (ItemBody::Task { .. }, place) => place,
            (ItemBody::ChangeSet { state: ChangeState::Reviewed { .. }, .. }, place) => place,
            (_, (latest, round)) if turn == latest => (turn, round),
            _ => (turn, 0),
        };
        let item = Item { id: ItemId(self.next_item), turn, round, at: now(), agent: agent.cloned(), body };
        self.next_item += 1;
        let sync = synced(self.manner.fsync, &item.body, sync);
        self.take_in(&item);
        let stored = self.journal.write(item.clone(), sync);
        if let Some(text) = self.journal.warning(&stored) {
            self.watchers.emit(Some(turn), EventKind::Notice { level: NoticeLevel::Error, text });
        }
        self.announce(item);
        stored
    }

    /// Tells of an item, and of what clients are told of as a whole.
    pub(super) fn announce(&mut self, item: Item) {
        let turn = Some(item.turn);
        let plan = match &item.body {
            ItemBody::Context(ContextItem::Plan { steps, .. }) => Some(steps.clone()),
            _ => None,
        };
        self.watchers.emit(turn, EventKind::ItemCompleted { item: Box::new(item) });
        if let Some(steps) = plan {
            self.watchers.emit(turn, EventKind::Plan { steps });
        }
    }

    /// Counts an item in.
    pub(super) fn take_in(&mut self, item: &Item) {
        self.now.add(item);
        self.live.push(item.clone());
    }
}

/// Whether an item has to be on the disk before the session goes on. What an edit intends always has to, and a prompt that
/// waited: it is taken out of the file of the queue then.
fn synced(policy: Fsync, body: &ItemBody, sync: Sync) -> Sync {
    let intended = matches!(body, ItemBody::ChangeSet { state: ChangeState::Intended { .. }, .. });
    match policy {
        _ if matches!(body, ItemBody::UserMessage { queued: Some(_), .. }) => Sync::Now,
        Fsync::Turn => sync,
        Fsync::Item => Sync::Now,
        Fsync::Never if intended => sync,
        Fsync::Never => Sync::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{ChangeSetId, TurnStatus, Usage};
    use glossator_text::ChangeSet;

    #[test]
    fn what_an_edit_intends_is_always_on_the_disk() {
        let notice = ItemBody::Notice { level: NoticeLevel::Info, text: String::new() };
        let (change, inverse) = (ChangeSet::default(), ChangeSet::default());
        let state = ChangeState::Intended { change, inverse, undoes: None, hunks: Vec::new() };
        let intended = ItemBody::ChangeSet { id: ChangeSetId("C1".to_owned()), state };
        let (status, usage) = (TurnStatus::Done, Usage::default());
        let end = ItemBody::TurnEnded { status, usage, cost: None, message: None };
        let check = |policy: Fsync, body: &ItemBody, sync: Sync, expected: Sync| {
            assert_eq!(synced(policy, body, sync), expected, "{policy:?} {body:?}");
        };
        let waited = ItemBody::UserMessage { input: Vec::new(), to: Vec::new(), queued: Some(1) };
        for policy in [Fsync::Turn, Fsync::Item, Fsync::Never] {
            check(policy, &intended, Sync::Now, Sync::Now);
            check(policy, &waited, Sync::No, Sync::Now);
        }
        check(Fsync::Turn, &end, Sync::Now, Sync::Now);
        check(Fsync::Turn, &notice, Sync::No, Sync::No);
        check(Fsync::Item, &notice, Sync::No, Sync::Now);
        check(Fsync::Never, &end, Sync::Now, Sync::No);
    }
}
