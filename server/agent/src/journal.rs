//! Where a session's items go: to its log, or nowhere for a reason that is told once. Never loses one that can be
//! written later.

use glossator_session::{Item, ItemId};
use glossator_store::{SessionLog, Sync};
use serde_json::Value;
use std::collections::VecDeque;

/// Where items go.
pub(crate) enum Log {
    /// Nowhere yet: a session that was never used leaves nothing on disk.
    Unborn,
    /// To disk.
    Disk(Box<SessionLog>),
    /// Nowhere, for this reason.
    Refused(String),
    /// Nowhere: it can only be read, for this reason, as another process writes it.
    Followed(String),
}

impl From<SessionLog> for Log {
    fn from(log: SessionLog) -> Log {
        Log::Disk(Box::new(log))
    }
}

/// A log with what could not be written to it yet.
pub(crate) struct Journal {
    pub log: Log,
    /// Tried again before the next item.
    unwritten: VecDeque<Item>,
    /// Set once the user was told that the log cannot be written.
    told: bool,
    /// The item that was to come next when the last checkpoint was written.
    checked: u64,
}

impl Journal {
    /// Over a log whose last checkpoint, if there is one, was written for the item behind `upto`.
    pub fn over(log: Log, upto: u64) -> Journal {
        Journal { log, unwritten: VecDeque::new(), told: false, checked: upto }
    }

    /// Why it can only be read, if so.
    pub fn read_only(&self) -> Option<&str> {
        match &self.log {
            Log::Followed(why) => Some(why),
            Log::Unborn | Log::Disk(_) | Log::Refused(_) => None,
        }
    }

    /// Whether a log on the disk lacks items that it was to hold.
    pub fn owes(&self) -> bool {
        matches!(self.log, Log::Disk(_)) && !self.unwritten.is_empty()
    }

    /// Whether a log on the disk holds all that it was to hold.
    pub fn holds_all(&self) -> bool {
        matches!(self.log, Log::Disk(_)) && self.unwritten.is_empty()
    }

    /// The item that was to come next at the last checkpoint; 0: there was none.
    pub fn checked(&self) -> u64 {
        self.checked
    }

    /// Remembers `fold`, which tells of all items before `from`; `next` is the item to come.
    pub fn checkpoint(&mut self, from: ItemId, fold: &Value, next: ItemId) -> Result<(), String> {
        // One that cannot be written is not tried again at once.
        self.checked = next.0;
        match &mut self.log {
            Log::Disk(log) => log.checkpoint(from, fold).map_err(|error| error.to_string()),
            Log::Unborn | Log::Refused(_) | Log::Followed(_) => Ok(()),
        }
    }

    /// Writes `item` and what is not written yet, oldest first.
    pub fn write(&mut self, item: Item, sync: Sync) -> Result<(), String> {
        self.unwritten.push_back(item);
        let log = match &mut self.log {
            Log::Disk(log) => log,
            Log::Refused(why) | Log::Followed(why) => return Err(why.clone()),
            Log::Unborn => return Err("the session has not begun".to_owned()),
        };
        while let Some(item) = self.unwritten.front() {
            // Only the newest is synced: that covers those before it.
            let sync = if self.unwritten.len() == 1 { sync } else { Sync::No };
            log.append(item, sync).map_err(|error| error.to_string())?;
            self.unwritten.pop_front();
        }
        Ok(())
    }

    /// What the user has to be told of a write that came out so; once for each time that it stops working.
    pub fn warning(&mut self, written: &Result<(), String>) -> Option<String> {
        let first = written.is_err() && !self.told;
        self.told = written.is_err();
        let why = written.as_ref().err().filter(|_| first)?;
        Some(format!("This session is not being saved: {why} Edits are refused until it can be."))
    }
}
