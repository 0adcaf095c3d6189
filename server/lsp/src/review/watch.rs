//! Keeps what an editor shows of hunks up to date: diagnostics sent or asked for again, code lenses, review documents.
//! One task a connection. Without hunks it waits for the first one, or for a document that is opened, and sees nothing of
//! what is typed.

use crate::connection::Connection;
use crate::review::document;
use crate::review::hunks::{Shown, hunks};
use crate::review::show::diagnostic;
use glossator_agent::HunkQuery;
use glossator_session::HunkState;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch::Receiver;
use tower_lsp::lsp_types::Diagnostic;
use url::Url;

/// Hunks are looked at again once nothing was typed for this long.
const QUIET: Duration = Duration::from_millis(200);

/// The diagnostics of a document, and the version that they were made for.
type Hints = (Option<i32>, Vec<Diagnostic>);

/// Begins to watch over the review of `connection`, until that is gone.
pub fn start(connection: &Arc<Connection>) {
    let touched = connection.reviews.touched();
    let connection = Arc::downgrade(connection);
    tokio::spawn(async move {
        let mut told = Told::default();
        let Some(mut opened) = connection.upgrade().map(|one| one.workspace.overlay().opened()) else {
            return;
        };
        loop {
            tokio::select! {
                () = touched.notified() => {}
                // A document that is opened can hold what an editor had not saved when it was closed.
                _ = opened.changed() => {}
            }
            loop {
                let Some(connection) = connection.upgrade() else { return };
                // From here on, so that nothing between the look and the wait is missed.
                let mut changed = connection.workspace.overlay().changed();
                changed.mark_unchanged();
                opened.mark_unchanged();
                if !told.refresh(&connection).await {
                    break;
                }
                drop(connection);
                tokio::select! {
                    () = touched.notified() => {}
                    () = quiet(&mut changed) => {}
                }
            }
        }
    });
}

/// Waits for a change, and then until there was none for a while.
async fn quiet(changed: &mut Receiver<u64>) {
    // An error means that the connection is gone, which the caller finds out.
    while changed.changed().await.is_ok() {
        tokio::time::sleep(QUIET).await;
        if !changed.has_changed().unwrap_or(false) {
            return;
        }
    }
}

/// What the client was told last.
#[derive(Default)]
struct Told {
    documents: BTreeMap<Url, Hints>,
    /// Files that had open hunks: those that the editor has undone come back with its redo, and those that were rejected
    /// with its undo.
    files: BTreeSet<PathBuf>,
}

impl Told {
    /// Looks at the open hunks and tells what has changed; `false` when there are none to watch over.
    async fn refresh(&mut self, connection: &Arc<Connection>) -> bool {
        let open = hunks(connection, HunkQuery::default()).await;
        document::refresh_all(connection).await;
        self.tell(connection, by_document(&open)).await;
        self.files.extend(open.iter().map(|hunk| hunk.view.path.clone()));
        !open.is_empty() || self.may_come_back(connection).await
    }

    async fn tell(&mut self, connection: &Connection, now: BTreeMap<Url, Hints>) {
        if now == self.documents {
            return;
        }
        let plain = |all: &BTreeMap<Url, Hints>| -> Vec<_> {
            all.iter().map(|(uri, (_, diagnostics))| (uri.clone(), diagnostics.clone())).collect()
        };
        let moved = plain(&now) != plain(&self.documents);
        let before = std::mem::replace(&mut self.documents, now);
        let client = &connection.client;
        if connection.reviews.pulls() {
            if moved {
                let client = client.clone();
                // Not waited for: a client that does not answer must not hold up the rest.
                tokio::spawn(async move { client.workspace_diagnostic_refresh().await });
            }
        } else {
            for (uri, (version, diagnostics)) in &self.documents {
                if before.get(uri) != self.documents.get(uri) {
                    client.publish_diagnostics(uri.clone(), diagnostics.clone(), *version).await;
                }
            }
            for uri in before.keys().filter(|uri| !self.documents.contains_key(*uri)) {
                client.publish_diagnostics(uri.clone(), Vec::new(), None).await;
            }
        }
        if moved && refreshes_lenses(connection) {
            let client = client.clone();
            tokio::spawn(async move { client.code_lens_refresh().await });
        }
    }

    /// Whether the editor could bring a hunk of an open buffer back.
    async fn may_come_back(&mut self, connection: &Arc<Connection>) -> bool {
        for path in std::mem::take(&mut self.files) {
            let query = HunkQuery { path: Some(&path), all: true, ..HunkQuery::default() };
            let found = hunks(connection, query).await;
            // One that is open came back in this very moment.
            let may = |hunk: &Shown| hunk.is_open && hunk.view.state != HunkState::Kept;
            if found.iter().any(may) {
                self.files.insert(path);
            }
        }
        !self.files.is_empty()
    }
}

fn by_document(open: &[Shown]) -> BTreeMap<Url, Hints> {
    let mut documents: BTreeMap<Url, Hints> = BTreeMap::new();
    for hunk in open {
        if let Some(diagnostic) = diagnostic(hunk) {
            let document = documents.entry(hunk.uri.clone()).or_insert((hunk.version, Vec::new()));
            document.1.push(diagnostic);
        }
    }
    documents
}

fn refreshes_lenses(connection: &Connection) -> bool {
    let workspace = connection.capabilities().and_then(|all| all.workspace.as_ref());
    let lenses = workspace.and_then(|workspace| workspace.code_lens.as_ref());
    lenses.and_then(|lenses| lenses.refresh_support).unwrap_or(false)
}
