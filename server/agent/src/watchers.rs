//! Who watches a session, and in which order they are told. Keeps nothing of what it tells.

use crate::merged::{Added, Merged};
use glossator_session::{Event, EventKind, NoticeLevel, SessionId, TurnId};
use tokio::sync::mpsc;

pub(crate) struct Watchers {
    session: SessionId,
    /// The number of the last event.
    seq: u64,
    /// Gone when its receiver is gone.
    all: Vec<mpsc::UnboundedSender<Event>>,
    /// Fragments that wait to be shown together.
    merged: Merged,
    /// What happened before anybody watched and has to be known: shown before the first event that somebody sees.
    held: Vec<(TurnId, String)>,
}

impl Watchers {
    pub fn of(session: SessionId) -> Watchers {
        Watchers { session, seq: 0, all: Vec::new(), merged: Merged::default(), held: Vec::new() }
    }

    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Events from now on.
    pub fn watch(&mut self) -> mpsc::UnboundedReceiver<Event> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.all.push(sender);
        receiver
    }

    /// Holds a warning back until somebody watches.
    pub fn hold(&mut self, turn: TurnId, text: String) {
        self.held.push((turn, text));
    }

    /// Tells the watchers; fragments that still wait come first, so that the order is kept.
    pub fn emit(&mut self, turn: Option<TurnId>, kind: EventKind) {
        self.all.retain(|watcher| !watcher.is_closed());
        if !self.all.is_empty() {
            for (turn, text) in std::mem::take(&mut self.held) {
                self.send(Some(turn), EventKind::Notice { level: NoticeLevel::Warning, text });
            }
        }
        self.show_merged();
        self.send(turn, kind);
    }

    /// Takes a fragment in, to be shown soon; `true` when it is the first that waits.
    pub fn merge(&mut self, turn: TurnId, stream: &str, text: &str) -> bool {
        !self.all.is_empty() && self.merged.add(turn, stream, text) == Added::First
    }

    /// Shows the fragments that wait.
    pub fn show_merged(&mut self) {
        for (turn, kind) in self.merged.take() {
            self.send(turn, kind);
        }
    }

    fn send(&mut self, turn: Option<TurnId>, kind: EventKind) {
        self.seq += 1;
        let event = Event { session: self.session.clone(), seq: self.seq, turn, kind };
        self.all.retain(|watcher| watcher.send(event.clone()).is_ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_saw_is_told_before_the_first_event_that_somebody_sees() {
        let mut watchers = Watchers::of("s".into());
        watchers.hold(TurnId(1), "a crash".to_owned());
        watchers.emit(None, EventKind::TurnStarted);
        // One that only looked whether it could watch has seen nothing.
        drop(watchers.watch());
        watchers.emit(None, EventKind::TurnStarted);
        let mut events = watchers.watch();
        watchers.emit(None, EventKind::TurnStarted);
        watchers.emit(None, EventKind::TurnStarted);
        let seen: Vec<Event> = std::iter::from_fn(|| events.try_recv().ok()).collect();
        let notices: Vec<bool> =
            seen.iter().map(|event| matches!(event.kind, EventKind::Notice { .. })).collect();
        assert_eq!(notices, [true, false, false]);
        assert!(seen.windows(2).all(|pair| pair[1].seq == pair[0].seq + 1));
    }
}
