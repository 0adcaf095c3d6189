//! Parts of a session, read without its lock: some of its turns, and what was added to it.

use crate::blobs::Blobs;
use crate::chain::{Chain, LOG, Segment};
use crate::folder::check_id;
use crate::lines::{Lines, Place, envelope};
use crate::order::{Entry, Order};
use crate::table::TurnStart;
use crate::{SessionHead, Store, StoreError, codec};
use glossator_session::{Item, ItemId, SessionId, TurnId};
use serde_json::value::RawValue;

/// Some turns of a session; its items as they are worked with, or as JSON that is only passed on.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T = Item> {
    /// What the session is.
    pub head: SessionHead,
    /// The items of these turns, ids rising.
    pub items: Vec<T>,
    /// The first turn of the page; `T-0`: it has none.
    pub first: TurnId,
    /// Whether there are turns before it.
    pub more: bool,
}

/// Reads the item in a line that says that it is this one; `None`: it is none.
type ReadLine<'a, T> = &'a dyn Fn(&[u8], &Blobs) -> Option<(ItemId, TurnId, T)>;

impl Store {
    /// The last `turns` turns (at least one) before the turn `before`, or before the end. Only these are read, where it is
    /// known where they stand. A turn's page holds everything up to the first item of the next one.
    ///
    /// # Errors
    /// A session that does not exist, and whatever the disk says.
    pub fn page(&self, id: &SessionId, before: Option<TurnId>, turns: usize) -> Result<Page, StoreError> {
        self.page_of(id, (before, turns), &read_item)
    }

    /// As [`Store::page`], with each item as JSON: as it stands in the log, where nothing of it has to be put together.
    ///
    /// # Errors
    /// As [`Store::page`].
    pub fn page_json(
        &self,
        id: &SessionId,
        before: Option<TurnId>,
        turns: usize,
    ) -> Result<Page<Box<RawValue>>, StoreError> {
        self.page_of(id, (before, turns), &|line, blobs| codec::json(line, &|blob| blobs.get(blob)))
    }

    fn page_of<T>(
        &self,
        id: &SessionId,
        (before, turns): (Option<TurnId>, usize),
        read: ReadLine<'_, T>,
    ) -> Result<Page<T>, StoreError> {
        let chain = self.chain(id)?;
        let starts = self.turns(&chain)?;
        let end = before.map_or(starts.len(), |before| starts.partition_point(|start| start.turn < before.0));
        let begin = end.saturating_sub(turns.max(1));
        let upto = starts.get(end).map_or(u64::MAX, |start| start.item - 1);
        let (first, items) = match starts.get(begin).filter(|_| begin < end) {
            // What stands before the first turn belongs to its page.
            Some(start) => {
                let from = if begin == 0 { 1 } else { start.item };
                (TurnId(start.turn), self.items_read(&chain, (from, upto), read)?)
            }
            None => (TurnId(0), Vec::new()),
        };
        Ok(Page { head: chain.head, items, first, more: begin > 0 })
    }

    /// The items behind `after`. Cheap when there are none: the length of the log is looked at.
    ///
    /// # Errors
    /// A session that does not exist, and whatever the disk says.
    pub fn follow(&self, id: &SessionId, after: ItemId) -> Result<Vec<Item>, StoreError> {
        let log = self.sessions().join(check_id(id)?).join(LOG);
        if self.tables().last_of(&log).is_some_and(|last| last <= after.0) {
            return Ok(Vec::new());
        }
        let chain = self.chain(id)?;
        if self.tables().of(&chain.own)?.done.last <= after.0 {
            return Ok(Vec::new());
        }
        self.items(&chain, after.0.saturating_add(1), u64::MAX)
    }

    /// The turns of a session in order, each once.
    pub(crate) fn turns(&self, chain: &Chain) -> Result<Vec<TurnStart>, StoreError> {
        let mut starts: Vec<TurnStart> = Vec::new();
        for segment in chain.segments() {
            let table = self.tables().of(segment)?;
            let last = starts.last().map_or(0, |start| start.turn);
            let none = starts.is_empty();
            let of_it = table.turns.iter().take_while(|start| start.item <= segment.upto);
            starts.extend(of_it.filter(|start| none || start.turn > last));
        }
        Ok(starts)
    }

    /// The last item of a session.
    pub(crate) fn last_item(&self, chain: &Chain) -> Result<u64, StoreError> {
        Ok(self.tables().of(&chain.own)?.done.last)
    }

    /// The items from `from` to `upto`.
    pub(crate) fn items(&self, chain: &Chain, from: u64, upto: u64) -> Result<Vec<Item>, StoreError> {
        self.items_read(chain, (from, upto), &read_item)
    }

    fn items_read<T>(
        &self,
        chain: &Chain,
        (from, upto): (u64, u64),
        read: ReadLine<'_, T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut items = Vec::new();
        for segment in chain.segments() {
            let upto = upto.min(segment.upto);
            if segment.start.last < upto && from <= segment.upto {
                self.items_of(segment, (from, upto), (read, &mut items))?;
            }
        }
        Ok(items)
    }

    fn items_of<T>(
        &self,
        segment: &Segment,
        (from, upto): (u64, u64),
        (read, items): (ReadLine<'_, T>, &mut Vec<T>),
    ) -> Result<(), StoreError> {
        let table = self.tables().of(segment)?;
        let blobs = self.blobs();
        let at = table.before(from);
        let mut order: Order<T> = Order::behind(from.saturating_sub(1).max(segment.start.last));
        let mut lines = Lines::from(segment.open(at)?, Place { at, ..segment.start });
        let failed = |error| StoreError::io("read", &segment.log)(error);
        while let Some(line) = lines.next().map_err(failed)? {
            // What is behind the last newline is still being written.
            if !line.has_newline() {
                break;
            }
            let found = envelope(line.bytes);
            if found.is_some_and(|found| found.id.0 < from) {
                continue;
            }
            let settled = match found.and_then(|_| read(line.bytes, &blobs)) {
                Some((id, turn, value)) => {
                    order.push(Entry { at: line.at, number: line.number, id: id.0, turn: turn.0, value })
                }
                None => order.bad(line.number, String::new()),
            };
            match settled {
                Some(entry) if entry.id > upto => return Ok(()),
                Some(entry) => items.push(entry.value),
                None => {}
            }
        }
        items.extend(order.end().filter(|entry| entry.id <= upto).map(|entry| entry.value));
        Ok(())
    }
}

fn read_item(line: &[u8], blobs: &Blobs) -> Option<(ItemId, TurnId, Item)> {
    let (item, _) = codec::decode(line, &|blob| blobs.get(blob)).ok()?;
    Some((item.id, item.turn, item))
}
