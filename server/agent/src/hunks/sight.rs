//! Looking at a file under review: the text that the front's workspace shows, read only if it may be another than before, and
//! not while it is just being written. Blocks on the disk. Writes nothing.

use glossator_text::PositionEncoding;
use glossator_workspace::{Buffer, Overlay, ReadError, Workspace};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How often a file is looked at that is written, or reported to have changed, while it is read.
const LOOKS: usize = 6;

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

/// Looks at a file. Blocks. What an editor reports while it is read makes what was read old.
pub(crate) fn look(workspace: &Workspace, want: &Want) -> Sight {
    let mut looks = 0;
    loop {
        let before = workspace.overlay().uri_of(&want.path);
        let sight = look_once(workspace, want);
        looks += 1;
        let is_old =
            matches!(sight, Sight::Text(_, None)) && workspace.overlay().uri_of(&want.path) != before;
        if !is_old || looks >= LOOKS {
            return sight;
        }
    }
}

fn look_once(workspace: &Workspace, want: &Want) -> Sight {
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
    let mut looks = 0;
    loop {
        let text = match workspace.read_blocking(&want.path) {
            Ok(document) => Some(document.text),
            Err(ReadError::NotFound { .. }) => None,
            Err(error) => return Sight::Trouble(error.to_string()),
        };
        let same = |known: &&Option<Arc<str>>| known.as_deref() == text.as_deref();
        if let Some(known) = want.known.as_ref().filter(same) {
            return Sight::Text(known.clone(), None);
        }
        looks += 1;
        match workspace.settles_in(&want.path, text.as_ref().is_some_and(String::is_empty)) {
            Some(wait) if looks < LOOKS => std::thread::sleep(wait),
            _ => return Sight::Text(text.map(Arc::from), None),
        }
    }
}

/// Whether the disk holds the file, whatever buffers say.
fn exists(workspace: &Workspace, path: &Path) -> bool {
    let roots = Arc::new(parking_lot::RwLock::new(workspace.roots()));
    let closed = Workspace::new(roots, Arc::new(Overlay::new(PositionEncoding::Utf16)), None);
    !matches!(closed.read_blocking(path), Err(ReadError::NotFound { .. }))
}
