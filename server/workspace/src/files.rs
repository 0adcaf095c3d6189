//! The workspace of one connection: roots, overlay and editor together, behind one cheap handle.
//! Every blocking call of the other modules is moved off the async runtime here.

use crate::document::{self, Document};
use crate::editor::Editor;
use crate::find::{self, PathMatch};
use crate::grep::{self, GrepRequest, GrepResult};
use crate::list::{self, ListRequest, Listing};
use crate::neighbours::Neighbours;
use crate::overlay::{Buffer, Overlay};
use crate::paths::Paths;
use crate::physical::physical;
use crate::read_error::ReadError;
use crate::recent::Recent;
use crate::reporting::Reports;
use crate::roots::Roots;
use crate::walk::SearchError;
use parking_lot::RwLock;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Files as the user of one connection sees them. Clones share everything. Dropping a future that searches or lists
/// stops the work behind it; a commit that has begun always comes to its end.
#[derive(Clone)]
pub struct Workspace {
    inner: Arc<Inner>,
}

struct Inner {
    roots: Arc<RwLock<Roots>>,
    overlay: Arc<Overlay>,
    editor: Option<Arc<dyn Editor>>,
    recent: Recent,
    neighbours: OnceLock<Arc<Neighbours>>,
    paths: Arc<Paths>,
    reports: Reports,
}

impl Workspace {
    /// `roots` may change while the workspace is used. Without an `editor` nothing open can be edited.
    pub fn new(
        roots: Arc<RwLock<Roots>>,
        overlay: Arc<Overlay>,
        editor: Option<Arc<dyn Editor>>,
    ) -> Workspace {
        let (recent, neighbours, paths, reports) = Default::default();
        Workspace { inner: Arc::new(Inner { roots, overlay, editor, recent, neighbours, paths, reports }) }
    }

    /// How long to wait for what the editor reports of these files after an edit: a second, or a fifth of one where it was
    /// never seen to report anything of files with these extensions.
    pub fn worth_waiting(&self, paths: &[PathBuf]) -> Duration {
        self.inner.reports.worth_waiting(paths)
    }

    /// The editor reported something of these files, or nothing after an edit.
    pub fn saw_reports(&self, paths: &[PathBuf], has_told: bool) {
        self.inner.reports.seen(paths, has_told);
    }

    /// From now on edits respect what the other connections among `neighbours` hold unsaved, and theirs what this one does.
    /// To be called once, when it is known to which workspace the connection belongs; later calls change nothing.
    pub fn join(&self, neighbours: &Arc<Neighbours>) {
        self.inner.neighbours.get_or_init(|| {
            neighbours.add(self.overlay(), self.editor());
            neighbours.clone()
        });
    }

    /// The connection is gone: what its editor held unsaved stands in nobody's way any more.
    pub fn leave(&self) {
        if let Some(neighbours) = self.inner.neighbours.get() {
            neighbours.remove(self.overlay());
        }
    }

    /// The folders of this workspace through the buffers and the editor of `other`, or on the disk alone: for work that
    /// goes on when its own connection is gone.
    pub fn through(&self, other: Option<&Workspace>) -> Workspace {
        let roots = self.inner.roots.clone();
        let workspace = match other {
            Some(other) => Workspace::new(roots, other.overlay().clone(), other.editor().cloned()),
            None => Workspace::new(roots, Arc::new(Overlay::new(self.overlay().encoding())), None),
        };
        if let Some(neighbours) = self.inner.neighbours.get() {
            // Not added to them: it holds no buffers of its own.
            workspace.inner.neighbours.get_or_init(|| neighbours.clone());
        }
        workspace
    }

    /// The open buffers of the other connections to the workspace.
    pub(crate) fn others(&self) -> Vec<Arc<Overlay>> {
        let neighbours = self.inner.neighbours.get();
        neighbours.map(|neighbours| neighbours.others(self.overlay())).unwrap_or_default()
    }

    /// The editors of the other connections to the workspace, with their buffers.
    pub(crate) fn other_editors(&self) -> Vec<(Arc<dyn Editor>, Arc<Overlay>)> {
        let neighbours = self.inner.neighbours.get();
        neighbours.map(|neighbours| neighbours.editors(self.overlay())).unwrap_or_default()
    }

    /// What another connection holds unsaved of the file `path` (resolved), where its text is known. Blocks on the disk.
    pub fn unsaved_elsewhere(&self, path: &Path) -> Option<Buffer> {
        let others = self.others();
        let mut buffers = others.iter().filter_map(|other| other.by_path(path));
        buffers.find(|buffer| buffer.dirty && !buffer.out_of_step)
    }

    /// Whether another connection has the file `path` open, with whatever text. Looks at links.
    pub fn is_open_elsewhere(&self, path: &Path) -> bool {
        let real = physical(path).unwrap_or_else(|_| path.to_path_buf());
        self.others().iter().any(|other| other.is_open(&real))
    }

    /// The folders as they are now.
    pub fn roots(&self) -> Roots {
        self.inner.roots.read().clone()
    }

    /// The open buffers.
    pub fn overlay(&self) -> &Arc<Overlay> {
        &self.inner.overlay
    }

    pub(crate) fn editor(&self) -> Option<&Arc<dyn Editor>> {
        self.inner.editor.as_ref()
    }

    /// The list of paths that is kept for what is typed.
    pub(crate) fn paths(&self) -> &Arc<Paths> {
        &self.inner.paths
    }

    pub(crate) fn recent(&self) -> &Recent {
        &self.inner.recent
    }

    /// Reads a whole file of at most 64 MiB; an open buffer wins over the disk, unless the file
    /// is newer than a buffer without unsaved changes. `path` is not checked against the
    /// folders: resolve it with [`Roots::resolve`] first.
    pub async fn read(&self, path: &Path) -> Result<Document, ReadError> {
        let (this, owned) = (self.clone(), path.to_path_buf());
        blocking(move || this.read_blocking(&owned)).await.map_err(|error| ReadError::io(path, &error))?
    }

    /// As [`Workspace::read`], on the calling thread.
    pub fn read_blocking(&self, path: &Path) -> Result<Document, ReadError> {
        let document = document::read(self.overlay(), path)?;
        self.recent().remember(&document.hash, &document.text);
        Ok(document)
    }

    /// Lists a folder.
    pub async fn list(&self, request: ListRequest) -> Result<Listing, SearchError> {
        self.search(move |this, cancel| list::list(&request, &this.roots(), &this.overlay().shown(), cancel))
            .await
    }

    /// Searches file contents.
    pub async fn grep(&self, request: GrepRequest) -> Result<GrepResult, SearchError> {
        self.search(move |this, cancel| grep::grep(&request, &this.roots(), &this.overlay().shown(), cancel))
            .await
    }

    /// Finds files whose path matches `query` fuzzily, the best `limit` first.
    pub async fn find(&self, query: &str, limit: usize) -> Result<Vec<PathMatch>, SearchError> {
        let query = query.to_owned();
        let find = move |this: &Workspace, cancel: &CancellationToken| {
            Ok(find::find(&query, limit, (&this.roots(), &this.overlay().shown()), cancel))
        };
        self.search(find).await
    }

    /// Runs a search off the runtime; it is cancelled when the future is dropped.
    async fn search<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Workspace, &CancellationToken) -> Result<T, SearchError> + Send + 'static,
    ) -> Result<T, SearchError> {
        let cancel = CancellationToken::new();
        let _stops = cancel.clone().drop_guard();
        let this = self.clone();
        let failed = |error: io::Error| SearchError::Io { message: error.to_string() };
        blocking(move || work(&this, &cancel)).await.map_err(failed)?
    }
}

/// Runs blocking work off the runtime; fails if it panicked or the runtime ends.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)
}
