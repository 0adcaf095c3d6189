//! Having buffers saved by their editor. Believes only what the editor reports afterwards, not its answer.

use crate::files::{Workspace, blocking};
use crate::overlay::{Buffer, Overlay};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

impl Workspace {
    /// Whether the editor saves buffers when it is asked to.
    pub fn saves(&self) -> bool {
        self.editor().is_some_and(|editor| editor.saves())
    }

    /// Has the editor save these files, and waits until it reports them all as saved, at most for `limit`.
    ///
    /// # Errors
    /// Why not, for people; some may be saved.
    pub async fn save(&self, paths: &[PathBuf], limit: Duration) -> Result<(), String> {
        let Some(editor) = self.editor().cloned() else {
            return Err("there is no editor that could save".to_owned());
        };
        let dirty = self.unsaved().await;
        let wanted = |buffer: &Buffer| buffer.path.as_ref().is_some_and(|path| paths.contains(path));
        let uris: Vec<String> =
            dirty.into_iter().filter(|buffer| wanted(buffer)).map(|buffer| buffer.uri).collect();
        if uris.is_empty() {
            return Ok(());
        }
        let saved = async {
            editor.save(uris).await.map_err(|refusal| format!("the editor did not save: {refusal}"))?;
            self.until_saved(paths).await;
            Ok(())
        };
        let late =
            || Err(format!("the editor did not report the buffers as saved within {} s", limit.as_secs()));
        tokio::time::timeout(limit, saved).await.unwrap_or_else(|_| late())
    }

    /// Waits until none of these files has a buffer with unsaved text.
    pub async fn until_saved(&self, paths: &[PathBuf]) {
        let mut changed = self.overlay().changed();
        loop {
            changed.mark_unchanged();
            let unsaved = self.unsaved().await;
            let open = |path: &PathBuf| unsaved.iter().any(|buffer| buffer.path.as_ref() == Some(path));
            if !paths.iter().any(open) {
                return;
            }
            if changed.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    /// The buffers of files in the workspace that hold unsaved text, by URI.
    pub async fn unsaved(&self) -> Vec<Buffer> {
        let (overlay, roots) = (self.overlay().clone(), self.roots());
        let inside = move |path: &Path| roots.contains(path);
        let look = move |overlay: &Arc<Overlay>| {
            let all = overlay.all().into_iter();
            all.filter(|one| one.dirty && one.path.as_deref().is_some_and(&inside)).collect()
        };
        blocking(move || look(&overlay)).await.unwrap_or_default()
    }
}
