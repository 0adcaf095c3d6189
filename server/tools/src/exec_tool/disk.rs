//! What the command policy may know of the disk: whether a path leads inside the workspace, and what a folder holds.
//! Asks the workspace only; never opens a file. Blocks: use it on a thread of its own.

use glossator_exec::{Below, Resolve};
use glossator_workspace::{EntryKind, ListRequest, Roots, SearchError, Workspace};
use std::path::{Path, PathBuf};
use tokio::runtime::Handle;

/// Entries of a folder beyond which nothing is said about it.
const MOST_ENTRIES: usize = 50_000;

/// The disk as a command that is started in `cwd` would find it.
pub(super) struct Disk {
    pub(super) workspace: Workspace,
    pub(super) roots: Roots,
    /// Absolute, links resolved.
    pub(super) cwd: PathBuf,
    pub(super) runtime: Handle,
}

impl Resolve for Disk {
    fn inside(&self, path: &str) -> bool {
        let path = self.cwd.join(path);
        path.to_str().and_then(|path| self.roots.resolve_any(path).ok()).is_some_and(|(_, inside)| inside)
    }

    fn below(&self, path: &str, levels: usize) -> Below {
        const UNSURE: Below = Below { inside: false, options: true };
        let Some(path) = self.cwd.join(path).to_str().map(str::to_owned) else { return UNSURE };
        let Ok((folder, true)) = self.roots.resolve_any(&path) else { return UNSURE };
        let request =
            ListRequest { path, depth: levels, offset: 0, limit: MOST_ENTRIES, hidden: true, ignored: true };
        let listing = match self.runtime.block_on(self.workspace.list(request)) {
            Ok(listing) if !listing.truncated => listing,
            Err(SearchError::NotFound { .. } | SearchError::NotAFolder { .. }) => {
                return Below { inside: true, options: false };
            }
            _ => return UNSURE,
        };
        let above = depth(&self.roots.display(&folder));
        let mut below = Below { inside: true, options: false };
        for entry in &listing.entries {
            let level = depth(&entry.path).saturating_sub(above);
            let name = entry.path.rsplit('/').next().unwrap_or_default();
            below.options |= level == 1 && name.starts_with(['-', '+', '@']);
            // What is shown of a name that is no UTF-8 is not the name.
            let leads_on = level < levels || entry.path.contains(char::REPLACEMENT_CHARACTER);
            if entry.kind == EntryKind::Link {
                below.inside &=
                    !leads_on && self.roots.resolve_any(&entry.path).is_ok_and(|(_, inside)| inside);
            }
        }
        below
    }
}

/// Names in a path as it is shown; the folder itself has none.
fn depth(shown: &str) -> usize {
    Path::new(shown).components().filter(|part| part.as_os_str() != ".").count()
}
