//! What another process did with a session: items that it wrote come in and are shown as if they had been made here.
//! Reads no file.

use super::{Session, State};
use glossator_session::{EventKind, Item, ItemBody, ItemId};
use glossator_tools::Task;

impl Session {
    /// The last item that is known.
    pub fn last_item(&self) -> ItemId {
        ItemId(self.state.lock().next_item.saturating_sub(1))
    }

    /// The detached calls, oldest first: those of this process, or of the one that writes the session.
    pub fn task_list(&self) -> Vec<Task> {
        let state = self.state.lock();
        match state.journal.read_only() {
            Some(_) => state.now.tasks.list(),
            None => self.tasks.list(),
        }
    }

    /// Whether nobody follows the log yet; from now on somebody does.
    pub fn begin_following(&self) -> bool {
        !std::mem::replace(&mut self.state.lock().following, true)
    }

    /// Whether the log is still to be followed: another process writes it, and somebody watches.
    pub fn goes_on_following(&self) -> bool {
        let mut state = self.state.lock();
        state.following = state.journal.read_only().is_some() && state.watchers.any();
        state.following
    }

    /// Takes in items that another process wrote.
    pub fn arrive(&self, items: Vec<Item>) {
        let mut state = self.state.lock();
        for item in items.into_iter().filter(|item| item.id.0 > 0) {
            if item.id.0 < state.next_item {
                continue;
            }
            state.next_item = item.id.0 + 1;
            state.tell_of_begin(&item);
            state.take_in(&item);
            state.tell(item);
        }
    }

    /// Goes on for `old`, which only followed the log: whoever watched it watches this now, and is told what it had not seen.
    pub fn go_on_for(&self, old: &Session) {
        let (watchers, known) = {
            let mut old = old.state.lock();
            (old.watchers.hand_over(), old.next_item)
        };
        let mut state = self.state.lock();
        state.watchers = watchers;
        let new: Vec<Item> = state.live.tail().iter().filter(|item| item.id.0 >= known).cloned().collect();
        new.into_iter().for_each(|item| state.tell(item));
    }
}

impl State {
    fn tell_of_begin(&mut self, item: &Item) {
        if item.turn > self.now.place.0 {
            self.watchers.emit(Some(item.turn), EventKind::TurnStarted);
        }
    }

    fn tell(&mut self, item: Item) {
        let turn = item.turn;
        let end = match &item.body {
            ItemBody::TurnEnded { status, message, .. } => {
                Some(EventKind::TurnCompleted { status: *status, message: message.clone() })
            }
            _ => None,
        };
        self.announce(item);
        if let Some(end) = end {
            self.watchers.emit(Some(turn), end);
        }
    }
}
