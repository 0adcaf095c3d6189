//! Looking at a file under review: the text that the front's workspace shows, read only if it may be another than before.
//! Blocks on the disk. Writes nothing.

use glossator_text::PositionEncoding;
use glossator_workspace::{Buffer, Overlay, ReadError, Workspace};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file to look at, and what is known of it.
pub(crate) struct Want {
    pub path: PathBuf,
    /// Whether it is also read when no editor has it open.
    pub closed_too: bool,
    /// The text that is known; `None` inside: there was no such file.
    pub known: Option<Option<Arc<str>>>,
    /// The buffer it came from.
    pub buffer: Option<Buffer>,
    /// The text before the file was gone.
    pub left_over: Option<Arc<str>>,
    /// The count of commits when this was asked for.
    pub commits: u64,
}

/// What was seen of a file.
pub(crate) enum Sight {
    /// Nothing new.
    Same,
    /// Its text (`None`: there is no such file), and the buffer that holds it.
    Text(Option<Arc<str>>, Option<Box<Buffer>>),
    /// Why it cannot be read.
    Trouble(String),
}

/// Looks at a file. Blocks.
pub(crate) fn look(workspace: &Workspace, want: &Want) -> Sight {
    let own = workspace.overlay().by_path(&want.path);
    let has_unsaved = own.as_ref().is_some_and(|buffer| buffer.dirty || buffer.out_of_step);
    if let Some(theirs) = (!has_unsaved).then(|| workspace.unsaved_elsewhere(&want.path)).flatten() {
        // The hunks are in that text; what is shown here says nothing of them.
        return match &want.known {
            Some(_) => Sight::Same,
            None => Sight::Text(Some(Arc::from(theirs.text.to_string())), None),
        };
    }
    match own {
        Some(buffer) if buffer.out_of_step => {
            let path = want.path.to_string_lossy().into_owned();
            Sight::Trouble(ReadError::OutOfStep { path }.to_string())
        }
        Some(buffer) => in_buffer(workspace, want, buffer),
        None if !want.closed_too && want.known.is_some() => Sight::Same,
        None => on_disk(workspace, want),
    }
}

fn in_buffer(workspace: &Workspace, want: &Want, buffer: Buffer) -> Sight {
    let known = want.buffer.as_ref().filter(|known| known.uri == buffer.uri);
    if known.is_some_and(|known| known.text.is_instance(&buffer.text)) {
        return Sight::Same;
    }
    let text: Arc<str> = Arc::from(buffer.text.to_string());
    // An editor can show a file on that was deleted: it is gone all the same, as long as nobody types into it.
    let is_left_over = matches!(want.known, Some(None)) && want.left_over.as_ref() == Some(&text);
    if is_left_over && !exists(workspace, &want.path) {
        return Sight::Same;
    }
    Sight::Text(Some(text), Some(Box::new(buffer)))
}

fn on_disk(workspace: &Workspace, want: &Want) -> Sight {
    let text = match workspace.read_blocking(&want.path) {
        Ok(document) => Some(document.text),
        Err(ReadError::NotFound { .. }) => None,
        Err(error) => return Sight::Trouble(error.to_string()),
    };
    let same = |known: &Option<Arc<str>>| known.as_deref() == text.as_deref();
    match want.known.as_ref().filter(|known| same(known)) {
        Some(known) => Sight::Text(known.clone(), None),
        None => Sight::Text(text.map(Arc::from), None),
    }
}

/// Whether the disk holds the file, whatever buffers say.
fn exists(workspace: &Workspace, path: &Path) -> bool {
    let roots = Arc::new(parking_lot::RwLock::new(workspace.roots()));
    let closed = Workspace::new(roots, Arc::new(Overlay::new(PositionEncoding::Utf16)), None);
    !matches!(closed.read_blocking(path), Err(ReadError::NotFound { .. }))
}
