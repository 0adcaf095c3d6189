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

use glossator_tools::FileTexts;
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
    elsewhere: Mutex<Option<Arc<Elsewhere>>>,
}

/// Tells the other sessions of the workspace of files that this one has edited.
type Elsewhere = dyn Fn(&[FileTexts]) + Send + Sync;

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

    /// Whom edits are told to.
    pub fn tell_elsewhere(&self, tell: impl Fn(&[FileTexts]) + Send + Sync + 'static) {
        *self.elsewhere.lock() = Some(Arc::new(tell));
    }

    /// Tells the other sessions of files that were edited.
    pub fn edited(&self, files: &[FileTexts]) {
        let tell = self.elsewhere.lock().clone();
        tell.iter().for_each(|tell| tell(files));
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
