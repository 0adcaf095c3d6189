//! The paths of the workspace for what is typed letter by letter: found in a list that is kept for a moment, so that the
//! answer comes at once. Searches of the model do not use it: they see the disk as it is.

use crate::files::{Workspace, blocking};
use crate::paths::{ListedPaths, Made, best};
use crate::walk::{Scope, files};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathKind {
    /// A file, or a buffer that is not saved yet.
    File,
    /// A folder.
    Folder,
}

impl Workspace {
    /// Files and folders whose path matches `query` fuzzily, the best `limit` first, from a list that may be some seconds
    /// old. Waits at most `patience` for the first list. Hidden ones only when the query names a part that starts with a
    /// dot.
    pub async fn find_listed(&self, query: &str, limit: usize, patience: Duration) -> ListedPaths {
        let mut made = self.paths().made.subscribe();
        let before = *made.borrow_and_update();
        let known = self.paths().take();
        if !known.as_ref().is_some_and(Made::is_fresh) {
            self.make_list();
        }
        if known.is_none() {
            // What is made meanwhile is found below; a list that takes longer is there the next time.
            let _ = tokio::time::timeout(patience, made.wait_for(|count| *count > before)).await;
        }
        let Some(known) = self.paths().take() else { return ListedPaths::default() };
        let (query, is_fresh) = (query.to_owned(), known.is_fresh());
        let search = blocking(move || best(&query, limit, &known.paths));
        let found = search.await.unwrap_or_default();
        // What a newer list would hold is not known yet.
        ListedPaths { complete: found.complete && is_fresh, ..found }
    }

    /// What stands at `path` (resolved); `None`: nothing.
    pub async fn kind(&self, path: &Path) -> Option<PathKind> {
        let (this, path) = (self.clone(), path.to_path_buf());
        let look = move || match std::fs::metadata(&path) {
            Ok(found) if found.is_dir() => Some(PathKind::Folder),
            Ok(found) if found.is_file() => Some(PathKind::File),
            _ => this.overlay().is_open(&path).then_some(PathKind::File),
        };
        blocking(look).await.ok().flatten()
    }

    /// Files came, went or moved: the next search in the list has a new one made.
    pub fn paths_changed(&self) {
        self.paths().outdate();
    }

    /// Makes the list, unless that is under way. Not waited for.
    fn make_list(&self) {
        if !self.paths().claim() {
            return;
        }
        let (workspace, paths) = (self.clone(), self.paths().clone());
        tokio::spawn(async move {
            let listed = blocking(move || list(&workspace)).await.unwrap_or_default();
            let is_first = paths.store(Made::new(listed));
            if is_first {
                paths.let_go().await;
            }
        });
    }
}

/// The files as the user knows them and their folders, sorted. Blocks.
fn list(workspace: &Workspace) -> Vec<String> {
    let roots = workspace.roots();
    let scope = Scope { hidden: true, ignored: false };
    let buffers = workspace.overlay().shown();
    let mut paths = BTreeSet::new();
    for file in files(roots.folders(), scope, (&roots, &buffers), &CancellationToken::new()) {
        let path = roots.display(&file);
        let mut end = path.len();
        while let Some(slash) = path[..end].rfind('/') {
            // Its own folders are there as well, then.
            if slash == 0 || !paths.insert(path[..=slash].to_owned()) {
                break;
            }
            end = slash;
        }
        paths.insert(path);
    }
    paths.into_iter().collect()
}
