//! The items of a session that are held in memory, and how others look at them: for the model, for fronts, one by one.
//! Records nothing.

use super::{Session, Snapshot};
use crate::config::History;
use crate::earlier::Earlier;
use glossator_session::{ContextItem, Item, ItemBody, ItemId, TurnId};
use glossator_store::Page;
use std::sync::Arc;

/// Live items, and what stands before them.
pub(super) struct Live {
    /// Single older items that still matter, then all from some turn on; ids rise.
    items: Vec<Item>,
    /// How many of them are single older ones.
    carried: usize,
    before: Arc<Earlier>,
}

impl Live {
    pub fn over(before: Earlier, tail: Vec<Item>) -> Live {
        let mut items = before.carried.clone();
        let carried = items.len();
        items.extend(tail);
        Live { items, carried, before: Arc::new(before) }
    }

    pub fn all(&self) -> &[Item] {
        &self.items
    }

    /// The items without gaps.
    pub fn tail(&self) -> &[Item] {
        self.items.get(self.carried..).unwrap_or_default()
    }

    pub fn before(&self) -> &Arc<Earlier> {
        &self.before
    }

    pub fn push(&mut self, item: Item) {
        self.items.push(item);
    }

    pub fn get(&self, id: ItemId) -> Option<&Item> {
        let at = self.items.binary_search_by_key(&id, |item| item.id).ok()?;
        self.items.get(at)
    }

    /// The first turn of which every item is live, and whether there are turns before it.
    fn first(&self) -> (TurnId, bool) {
        let first = self.tail().iter().map(|item| item.turn).find(|turn| turn.0 > 0).unwrap_or(TurnId(0));
        (first, self.before.upto > 0 && first.0 > 1)
    }

    /// Whether every item of `turn` is live.
    fn holds(&self, turn: TurnId) -> bool {
        self.before.upto == 0 || turn >= self.first().0
    }

    /// How many items of the tail nobody needs any more, in a session whose history is told like this.
    pub fn surplus(&self, history: History) -> usize {
        surplus(self.tail(), history)
    }

    /// Lets the first `count` items of the tail go; `before` tells of them from now on.
    pub fn let_go(&mut self, count: usize, before: Earlier) {
        let rest = self.items.split_off(self.carried + count);
        *self = Live::over(before, rest);
    }

    /// Turns of the tail, the newest `turns` before `before`; `None` where they are not all live.
    fn page(&self, before: Option<TurnId>, turns: usize) -> Option<(Vec<Item>, TurnId, bool)> {
        let tail = self.tail();
        let begins = |turn: TurnId| tail.iter().position(|item| item.turn >= turn).unwrap_or(tail.len());
        let latest = tail.iter().map(|item| item.turn).max().unwrap_or(TurnId(0));
        let end =
            before.map_or(latest.0.saturating_add(1), |before| before.0.min(latest.0.saturating_add(1)));
        let first = TurnId(end.saturating_sub(u32::try_from(turns.max(1)).unwrap_or(u32::MAX)).max(1));
        if !self.holds(first) {
            return None;
        }
        let to = if end > latest.0 { tail.len() } else { begins(TurnId(end)) };
        // What was recorded before the first turn belongs to the first page.
        let from = if first.0 == 1 { 0 } else { begins(first) };
        Some((tail.get(from..to).unwrap_or_default().to_vec(), first, first.0 > 1))
    }
}

/// How many of the first of these items nobody needs: a model is sent what follows the last compaction, and is told with it
/// of what came up in the turn before. Where each turn has a context of its own it is sent nothing of those before it; a
/// compaction there still says which layers hold.
pub(crate) fn surplus(items: &[Item], history: History) -> usize {
    let is_compaction = |item: &&Item| matches!(item.body, ItemBody::Context(ContextItem::Compaction(_)));
    let turn = match (items.iter().rev().find(is_compaction), history) {
        (Some(compaction), _) => compaction.turn,
        (None, History::OneShot) => items.iter().map(|item| item.turn).max().unwrap_or(TurnId(0)),
        (None, History::Regular) => return 0,
    };
    let needed = TurnId(turn.0.saturating_sub(1));
    items.iter().position(|item| item.turn >= needed).unwrap_or(0)
}

impl Session {
    /// What `look` makes of the live items; must be quick, as nothing is recorded meanwhile. The first of them may be single
    /// items from before the others: the last plan, beginnings of tasks that run.
    pub fn with_items<R>(&self, look: impl FnOnce(&[Item]) -> R) -> R {
        look(self.state.lock().live.all())
    }

    /// What is known of everything before the live items.
    pub fn before(&self) -> Arc<Earlier> {
        self.state.lock().live.before().clone()
    }

    /// What `look` makes of one item that is live or was read again.
    pub fn with_item<R>(&self, id: ItemId, look: impl FnOnce(&Item) -> R) -> Option<R> {
        let state = self.state.lock();
        if let Some(item) = state.live.get(id) {
            return Some(look(item));
        }
        drop(state);
        let item = self.read_again.lock().get(&id.0).cloned();
        item.map(|item| look(&item))
    }

    /// The items of a turn, where they are live or were read again; else `None`.
    pub fn of_turn(&self, turn: TurnId) -> Option<Vec<Item>> {
        let of_turn = |items: &[Item]| items.iter().filter(|item| item.turn == turn).cloned().collect();
        let state = self.state.lock();
        if state.live.holds(turn) {
            return Some(of_turn(state.live.tail()));
        }
        drop(state);
        let again = self.read_again.lock();
        let mut found: Vec<Item> =
            again.values().filter(|item| item.turn == turn).map(|one| (**one).clone()).collect();
        found.sort_by_key(|item| item.id);
        (!found.is_empty()).then_some(found)
    }

    /// Those of `ids` that are neither live nor read again yet.
    pub fn not_at_hand(&self, ids: &[ItemId]) -> Vec<ItemId> {
        let (state, again) = (self.state.lock(), self.read_again.lock());
        let missing = ids.iter().filter(|id| state.live.get(**id).is_none() && !again.contains_key(&id.0));
        missing.copied().collect()
    }

    /// Keeps items at hand that were read again, until they are not needed any more.
    pub fn hold(&self, items: Vec<Item>) {
        self.read_again.lock().extend(items.into_iter().map(|item| (item.id.0, Arc::new(item))));
    }

    /// Lets go of what was read again.
    pub fn need_no_more(&self) {
        self.read_again.lock().clear();
    }

    /// Thinking up to now is not sent any more: the provider refuses it.
    pub fn forget_thinking(&self) {
        let mut state = self.state.lock();
        state.thinking_from = state.next_item;
    }

    /// The item before which thinking is not sent; 0: all of it is.
    pub fn thinking_from(&self) -> u64 {
        self.state.lock().thinking_from
    }

    /// What `look` makes of the items as the model is sent them: without thinking that its provider refuses.
    pub fn with_sendable<R>(&self, look: impl FnOnce(&[Item]) -> R) -> R {
        let state = self.state.lock();
        if state.thinking_from == 0 {
            return look(state.live.all());
        }
        let bare = |item: &Item| match item.id.0 < state.thinking_from {
            true => item.without_raw(),
            false => item.clone(),
        };
        look(&state.live.all().iter().map(bare).collect::<Vec<_>>())
    }

    pub fn snapshot(&self) -> Snapshot {
        let state = self.state.lock();
        let (first, more) = state.live.first();
        Snapshot {
            head: glossator_store::SessionHead { title: state.title(), ..state.head.clone() },
            running: state.running_turn(),
            items: state.live.tail().to_vec(),
            first,
            more,
            seq: state.watchers.seq(),
            writing: state.watchers.writing(),
            archived: state.meta.archived,
            read_only: state.journal.read_only().map(str::to_owned),
        }
    }

    /// The newest `turns` turns before `before` (all: before the end); `None` where they have to be read from the log.
    pub fn page(&self, before: Option<TurnId>, turns: usize) -> Option<Page> {
        let state = self.state.lock();
        let (items, first, more) = state.live.page(before, turns)?;
        let head = glossator_store::SessionHead { title: state.title(), ..state.head.clone() };
        Some(Page { head, items, first, more })
    }
}
