//! The hunks of one session under review: what its log says of them, and where they stand on the texts that were seen
//! last. Knows no session: items and texts are given to it, and what is to be recorded it gives back.

mod commits;
mod ledger;
mod placed;
mod sight;
mod table;

pub(crate) use ledger::{Known, Ledger, Set, Stand, recorded_state};
pub(crate) use placed::Placed;
pub(crate) use sight::{Want, look};
pub(crate) use table::{Changed, Table, items};

use glossator_workspace::{Overlay, Roots, Workspace};
use parking_lot::{Mutex, RwLock};
use std::sync::{Arc, Weak};

/// The hunks of a session.
#[derive(Default)]
pub(crate) struct Hunks {
    pub table: Mutex<Table>,
    /// Held while hunks are resolved, undone or made again: what changes meanwhile is not the user's typing.
    pub deciding: tokio::sync::Mutex<()>,
    shown: Mutex<Option<Shown>>,
}

/// Through whose eyes the files were seen last. Does not keep a connection alive.
struct Shown {
    overlay: Weak<Overlay>,
    roots: Roots,
}

impl Hunks {
    /// Those of a session whose log was read up to what `ledger` holds.
    pub fn over(ledger: Ledger) -> Hunks {
        Hunks { table: Mutex::new(Table::over(ledger)), ..Hunks::default() }
    }

    /// Remembers a workspace as the one that was looked through last.
    pub fn seen_through(&self, workspace: &Workspace) {
        let overlay = Arc::downgrade(workspace.overlay());
        *self.shown.lock() = Some(Shown { overlay, roots: workspace.roots() });
    }

    /// The workspace that was looked through last, to read only; `None` when its connection has ended.
    pub fn last_seen_through(&self) -> Option<Workspace> {
        let shown = self.shown.lock();
        let shown = shown.as_ref()?;
        let roots = Arc::new(RwLock::new(shown.roots.clone()));
        Some(Workspace::new(roots, shown.overlay.upgrade()?, None))
    }
}
