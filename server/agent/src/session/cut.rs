//! Letting items go that nobody needs in memory any more, and remembering beside the log what they came to, so that the
//! session opens without reading them. Loses nothing: the log holds all of it.

use super::{Session, State};
use crate::config::History;
use crate::hunks::Table;
use glossator_session::{Item, ItemId};
use parking_lot::MutexGuard;

/// Items after which a checkpoint is written though nothing can be let go: it also tells where turns stand in the log. About
/// half a megabyte of it.
const MANY: u64 = 256;

impl State {
    fn surplus(&self) -> usize {
        self.live.surplus(History::named(&self.head.strategy))
    }
}

impl Session {
    /// The table of hunks, with all that the log says.
    pub fn table(&self) -> MutexGuard<'_, Table> {
        let mut table = self.hunks.table.lock();
        self.with_items(|items| table.ledger.catch_up(items));
        table
    }

    /// Whether there is something to let go, or a checkpoint to write.
    pub fn is_untidy(&self) -> bool {
        let state = self.state.lock();
        state.surplus() > 0 || state.next_item >= state.journal.checked() + MANY
    }

    /// Lets go what nobody needs any more, and writes a checkpoint where that is worth it. Blocks on the disk.
    pub fn tidy(&self) {
        let _alone = self.cutting.lock();
        if !self.is_untidy() {
            return;
        }
        let count = self.state.lock().surplus();
        if count > 0 {
            self.let_items_go(count);
        }
        self.write_checkpoint();
    }

    fn let_items_go(&self, count: usize) {
        // What became of hunks is read from the items before they go.
        let mut table = self.table();
        let (mut before, gone): (_, Vec<Item>) = {
            let state = self.state.lock();
            let gone = state.live.tail().iter().take(count).cloned().collect();
            ((**state.live.before()).clone(), gone)
        };
        before.take_in(&gone);
        table.forget_before(before.hunks.since());
        drop(table);
        let mut state = self.state.lock();
        before.thinking_from = state.thinking_from;
        state.live.let_go(count, before);
        state.now.tasks.forget();
    }

    fn write_checkpoint(&self) {
        let (before, from) = {
            let state = self.state.lock();
            let Some(first) = state.live.tail().first() else { return };
            (state.live.before().clone(), first.id)
        };
        let fold = match serde_json::to_value(&*before) {
            Ok(fold) => fold,
            Err(error) => return tracing::warn!(%error, "a checkpoint cannot be made"),
        };
        let mut state = self.state.lock();
        let next = state.next_item;
        if let Err(why) = state.journal.checkpoint(from, &fold, ItemId(next)) {
            // The log holds everything; opening it takes longer.
            tracing::warn!(%why, session = %self.id, "no checkpoint could be written");
        }
    }
}
