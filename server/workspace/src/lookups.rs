//! What the connected editors and their other language servers know of the files: diagnostics, definitions, references,
//! symbols. Asks the editor of the connection first, then others that have the file open; an answer about an older text is
//! asked for again once, and marked if that did not help. Only reads.

use crate::editor::Editor;
use crate::files::Workspace;
use crate::overlay::Overlay;
use crate::told::{DocumentName, Lookup, LookupError, Reported, SymbolQuery, Symbols};
use glossator_text::PositionEncoding;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How long an editor may take for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long an editor has to catch up before it is asked again.
const CATCH_UP: Duration = Duration::from_millis(300);

/// An answer of an editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered<T> {
    /// What it said.
    pub found: T,
    /// The units in which it counts characters.
    pub encoding: PositionEncoding,
    /// Whether it is about an older text than the one the editor shows now.
    pub stale: bool,
}

/// An editor with what it shows.
type Shown = (Arc<dyn Editor>, Arc<Overlay>);

impl Workspace {
    /// Whether any editor can be asked.
    pub fn looks_up(&self, what: Lookup) -> bool {
        !self.asked(what, None).is_empty()
    }

    /// Whether the editor of this connection has the file `path` (resolved) open.
    pub fn shows(&self, path: &Path) -> bool {
        self.overlay().is_open(path)
    }

    /// What is reported of the file `path` (resolved), or of all files that something is reported of.
    pub async fn diagnostics(&self, path: Option<&Path>) -> Result<Answered<Vec<Reported>>, LookupError> {
        let mut failed = LookupError::Unavailable;
        for (editor, overlay) in self.asked(Lookup::Diagnostics, path) {
            let name = path.map(|path| name_of(&overlay, path));
            let ask = || async {
                let reported = within(editor.diagnostics(name.clone())).await?;
                let now = |one: &Reported| overlay.by_uri(&one.of.uri).map(|buffer| buffer.version);
                let is_old =
                    |one: &Reported| matches!((one.version, now(one)), (Some(of), Some(now)) if of != now);
                let stale = reported.iter().any(is_old);
                Ok((reported, stale))
            };
            match twice(ask).await {
                Ok((found, stale)) => return Ok(Answered { found, encoding: overlay.encoding(), stale }),
                Err(why) => failed = why,
            }
        }
        Err(failed)
    }

    /// What is reported of those of `paths` (resolved) that the editor of this connection shows, in its order; as it is now,
    /// waited for no longer than `limit`. Nothing where it does not tell.
    pub async fn reported(&self, paths: &[PathBuf], limit: Duration) -> Vec<Reported> {
        let Some(editor) = self.editor().filter(|editor| editor.looks_up(Lookup::Diagnostics)) else {
            return Vec::new();
        };
        let until = Instant::now() + limit;
        let mut all = Vec::new();
        for path in paths.iter().filter(|path| self.overlay().is_open(path)) {
            let name = Some(name_of(self.overlay(), path));
            match tokio::time::timeout_at(until, editor.diagnostics(name)).await {
                Ok(Ok(reported)) => all.extend(reported),
                Ok(Err(_)) | Err(_) => break,
            }
        }
        all
    }

    /// Symbols of a file (resolved, with the version of the text that the question was made of), or of the workspace. `query`
    /// makes the question, of how the editor that is asked names the file and counts characters. Asked once: after an answer
    /// that is stale the question has to be made of the newer text.
    pub async fn symbols(
        &self,
        file: Option<(&Path, Option<i32>)>,
        query: impl Fn(Option<DocumentName>, PositionEncoding) -> SymbolQuery,
    ) -> Result<Answered<Symbols>, LookupError> {
        let mut failed = LookupError::Unavailable;
        let path = file.map(|(path, _)| path);
        for (editor, overlay) in self.asked(Lookup::Symbols, path) {
            let version = || path.and_then(|path| overlay.uri_of(path)).map(|(_, version)| version);
            let made_of =
                file.and_then(|(_, version)| version).filter(|_| Arc::ptr_eq(&overlay, self.overlay()));
            let before = made_of.or_else(version);
            let name = path.map(|path| name_of(&overlay, path));
            match within(editor.symbols(query(name, overlay.encoding()))).await {
                Ok(found) => {
                    let stale = version() != before;
                    return Ok(Answered { found, encoding: overlay.encoding(), stale });
                }
                Err(why) => failed = why,
            }
        }
        Err(failed)
    }

    /// The editors that are asked, the own one first; of the others those that have the file open, if one is named.
    fn asked(&self, what: Lookup, path: Option<&Path>) -> Vec<Shown> {
        let own = self.editor().map(|editor| (editor.clone(), self.overlay().clone()));
        let others = self.other_editors().into_iter();
        let others = others.filter(|(_, overlay)| path.is_none_or(|path| overlay.is_open(path)));
        own.into_iter().chain(others).filter(|(editor, _)| editor.looks_up(what)).collect()
    }
}

/// Asks, and once more if the answer is about an older text.
async fn twice<T, F>(ask: impl Fn() -> F) -> Result<(T, bool), LookupError>
where
    F: Future<Output = Result<(T, bool), LookupError>>,
{
    let first = ask().await?;
    if !first.1 {
        return Ok(first);
    }
    sleep(CATCH_UP).await;
    ask().await
}

async fn within<T>(asked: impl Future<Output = Result<T, LookupError>>) -> Result<T, LookupError> {
    let late = || LookupError::Failed(format!("the editor did not answer within {} s", PATIENCE.as_secs()));
    timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err(late()))
}

/// How an editor names a file: as it opened it, else by its path.
fn name_of(overlay: &Overlay, path: &Path) -> DocumentName {
    match overlay.uri_of(path) {
        Some((uri, _)) => DocumentName::Open(uri),
        None => DocumentName::File(path.to_path_buf()),
    }
}
