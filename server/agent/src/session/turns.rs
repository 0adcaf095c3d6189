//! What goes on in a session: at most one turn and one undo, a turn behind an undo waiting for it. Runs neither.

use super::{Ear, Session, State};
use crate::AgentError;
use crate::spent::Spent;
use glossator_session::{EventKind, Item, ItemBody, TurnId, TurnStatus};
use glossator_store::Sync;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Held while edits are taken back.
pub(crate) struct Undoing {
    session: Arc<Session>,
    /// Cancelled when the user stops it.
    pub cancel: CancellationToken,
}

impl Drop for Undoing {
    fn drop(&mut self) {
        self.session.state.lock().undoing = None;
        self.session.course.undone.notify_waiters();
    }
}

/// The turn that runs.
pub(super) struct Going {
    pub turn: TurnId,
    pub cancel: CancellationToken,
    /// What the user adds to it.
    pub ear: Ear,
}

/// How a turn ends.
pub(crate) struct End {
    pub status: TurnStatus,
    pub spent: Spent,
    /// Why, when it is not simply done.
    pub message: Option<String>,
}

impl State {
    /// The turn that runs, or that is being taken back; of a session that another process writes, the one that it runs.
    pub(super) fn running_turn(&self) -> Option<TurnId> {
        self.going_on().or_else(|| self.journal.read_only().and_then(|_| self.unfinished_turn()))
    }

    /// The turn that runs here, or that is being taken back.
    pub(super) fn going_on(&self) -> Option<TurnId> {
        let running = self.running.as_ref().map(|going| going.turn);
        running.or_else(|| self.undoing.as_ref().map(|(turn, _)| *turn))
    }

    /// Refuses while a turn runs, and where another writes the log: it may have been let go of since the session was found.
    fn can_begin(&self) -> Result<(), AgentError> {
        match (&self.running, self.journal.read_only()) {
            (Some(going), _) => Err(AgentError::Busy(going.turn)),
            (None, Some(why)) => Err(AgentError::ReadOnly(why.to_owned())),
            (None, None) => Ok(()),
        }
    }

    /// The latest turn, if it has no end.
    pub(super) fn unfinished_turn(&self) -> Option<TurnId> {
        let (turn, _) = self.now.place;
        // Ends stand near the end of a log, and it may be long.
        let end = |item: &&Item| item.turn == turn && matches!(item.body, ItemBody::TurnEnded { .. });
        let ended = self.live.tail().iter().rev().any(|item| end(&item));
        (turn.0 > 0 && !ended).then_some(turn)
    }
}

impl Session {
    /// Begins the next turn, unless one is running. Behind an undo it waits for that: [`Session::after_undo`]. What the
    /// user adds to it is heard from its beginning on.
    pub fn begin_turn(&self) -> Result<(TurnId, CancellationToken), AgentError> {
        self.begin(Ear::soon())
    }

    /// Begins a turn to which nothing can be added.
    pub fn begin_deaf_turn(&self) -> Result<(TurnId, CancellationToken), AgentError> {
        self.begin(Ear::default())
    }

    fn begin(&self, ear: Ear) -> Result<(TurnId, CancellationToken), AgentError> {
        let mut state = self.state.lock();
        state.can_begin()?;
        let turn = TurnId(state.now.place.0.0 + 1);
        state.now.place = (turn, 0);
        let cancel = CancellationToken::new();
        state.running = Some(Going { turn, cancel: cancel.clone(), ear });
        state.watchers.emit(Some(turn), EventKind::TurnStarted);
        Ok((turn, cancel))
    }

    /// Waits until no edits are being taken back, or `cancel` fires.
    pub async fn after_undo(&self, cancel: &CancellationToken) {
        loop {
            let ended = self.course.undone.notified();
            tokio::pin!(ended);
            // From here on an end is not missed.
            ended.as_mut().enable();
            if self.state.lock().undoing.is_none() {
                return;
            }
            tokio::select! {
                () = cancel.cancelled() => return,
                () = ended => {}
            }
        }
    }

    /// Begins the next round of the running turn; gives its number, from 1.
    pub fn begin_round(&self) -> u32 {
        let mut state = self.state.lock();
        state.now.place.1 += 1;
        state.now.place.1
    }

    /// Keeps other undos away while edits are taken back, and lets a turn that is begun wait, until the guard is dropped.
    pub fn begin_undo(self: &Arc<Self>) -> Result<Undoing, AgentError> {
        let mut state = self.state.lock();
        state.can_begin()?;
        if state.undoing.is_some() {
            return Err(AgentError::Undoing);
        }
        let cancel = CancellationToken::new();
        state.undoing = Some((state.now.place.0, cancel.clone()));
        Ok(Undoing { session: self.clone(), cancel })
    }

    /// Ends the running turn: stored and synced before anyone is told.
    pub fn end_turn(&self, turn: TurnId, end: End) {
        let End { status, spent, message } = end;
        let body =
            ItemBody::TurnEnded { status, usage: spent.usage, cost: spent.cost, message: message.clone() };
        self.keep_early(turn);
        // A log that cannot be written has been reported by `record`.
        let _ = self.record(turn, body, Sync::Now);
        let mut state = self.state.lock();
        state.running = None;
        state.watchers.emit(Some(turn), EventKind::TurnCompleted { status, message });
        drop(state);
        self.course.ended.notify_waiters();
        if let (Some(call), Some(me)) = (self.course.at_end.get(), self.me.upgrade()) {
            call(me);
        }
    }

    /// Asks the running turn, or undo, to stop; it ends by itself, soon.
    pub fn interrupt(&self) -> Result<TurnId, AgentError> {
        let state = self.state.lock();
        if let Some(why) = state.journal.read_only() {
            return Err(AgentError::ReadOnly(why.to_owned()));
        }
        let running = state.running.as_ref().map(|going| &going.cancel);
        let undoing = state.undoing.as_ref().map(|(_, cancel)| cancel);
        running.into_iter().chain(undoing).for_each(CancellationToken::cancel);
        state.running_turn().ok_or(AgentError::NotRunning)
    }

    pub fn running(&self) -> Option<TurnId> {
        self.state.lock().going_on()
    }

    /// Waits until no turn runs.
    pub async fn ended(&self) {
        loop {
            let ended = self.course.ended.notified();
            tokio::pin!(ended);
            // From here on an end is not missed.
            ended.as_mut().enable();
            if self.state.lock().running.is_none() {
                return;
            }
            ended.await;
        }
    }

    /// The latest turn that has ended; `T-0`: none.
    pub fn last_ended_turn(&self) -> TurnId {
        let state = self.state.lock();
        let (turn, _) = state.now.place;
        match state.running.is_some() || state.unfinished_turn().is_some() {
            true => TurnId(turn.0.saturating_sub(1)),
            false => turn,
        }
    }

    /// Whether edits are being taken back or made again.
    pub fn is_undoing(&self) -> bool {
        self.state.lock().undoing.is_some()
    }
}
