//! Where a session's items go: to its log, or nowhere for a reason that is told once. Never loses one that can be
//! written later.

use glossator_session::Item;
use glossator_store::{SessionLog, Sync};
use std::collections::VecDeque;

/// Where items go.
pub(crate) enum Log {
    /// Nowhere yet: a session that was never used leaves nothing on disk.
    Unborn,
    /// To disk.
    Disk(SessionLog),
    /// Nowhere, for this reason.
    Refused(String),
}

/// A log with what could not be written to it yet.
pub(crate) struct Journal {
    pub log: Log,
    /// Tried again before the next item.
    unwritten: VecDeque<Item>,
    /// Set once the user was told that the log cannot be written.
    told: bool,
}

impl Journal {
    pub fn over(log: Log) -> Journal {
        Journal { log, unwritten: VecDeque::new(), told: false }
    }

    /// Writes `item` and what is not written yet, oldest first.
    pub fn write(&mut self, item: Item, sync: Sync) -> Result<(), String> {
        self.unwritten.push_back(item);
        let log = match &mut self.log {
            Log::Disk(log) => log,
            Log::Refused(why) => return Err(why.clone()),
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
