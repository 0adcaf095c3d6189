//! The connections to one workspace, and what each holds unsaved: an edit for one must not part from the text of another.
//! Keeps no connection alive. Only looks, never writes; a connection that is alone costs nothing.

use crate::editor::Editor;
use crate::on_disk::same_lines;
use crate::overlay::Overlay;
use parking_lot::Mutex;
use std::path::Path;
use std::sync::{Arc, Weak};

/// The overlays of all connections to one workspace. Made once for it, and given to each connection's
/// [`Workspace::join`](crate::Workspace::join).
///
/// What an edit for one connection may do to a file that another one has open:
///
/// | open here | there | edit of the text | move, deletion | creation |
/// |---|---|---|---|---|
/// | no | not open | on disk | on disk | on disk |
/// | no | saved | on disk; that editor reloads it | on disk | on disk |
/// | no | unsaved | refused | refused | refused, unless it holds the text that is to be created |
/// | yes | not open, or saved | in the buffer here | by the editor here | refused here |
/// | yes | unsaved, the text of the buffer here | in the buffer here | refused | refused here |
/// | yes | unsaved, other text | refused | refused | refused here |
/// | any | out of step | refused | refused | refused |
///
/// "Saved" is a buffer that holds nothing its file does not, or once did. One whose file was changed behind its editor's
/// back counts as saved there and as not open here, since nothing of its user's would be lost. The destination of a move counts as the file does.
#[derive(Default)]
pub struct Neighbours {
    overlays: Mutex<Vec<Neighbour>>,
}

/// One connection: its buffers, and its editor if it has one.
type Neighbour = (Weak<Overlay>, Option<Weak<dyn Editor>>);

impl Neighbours {
    /// Adds a connection; it leaves when its overlay is dropped.
    pub(crate) fn add(&self, overlay: &Arc<Overlay>, editor: Option<&Arc<dyn Editor>>) {
        let mut overlays = self.overlays.lock();
        overlays.retain(|(other, _)| other.strong_count() > 0);
        if !overlays.iter().any(|(other, _)| other.as_ptr() == Arc::as_ptr(overlay)) {
            overlays.push((Arc::downgrade(overlay), editor.map(Arc::downgrade)));
        }
    }

    /// Takes a connection away, though others may still hold its overlay.
    pub(crate) fn remove(&self, overlay: &Arc<Overlay>) {
        self.overlays.lock().retain(|(other, _)| other.as_ptr() != Arc::as_ptr(overlay));
    }

    /// All connections but `own`.
    pub(crate) fn others(&self, own: &Arc<Overlay>) -> Vec<Arc<Overlay>> {
        let overlays = self.overlays.lock();
        let others = overlays.iter().filter(|(other, _)| other.as_ptr() != Arc::as_ptr(own));
        others.filter_map(|(other, _)| other.upgrade()).collect()
    }

    /// The editors of all connections but `own`, with their buffers, in the order in which they came.
    pub(crate) fn editors(&self, own: &Arc<Overlay>) -> Vec<(Arc<dyn Editor>, Arc<Overlay>)> {
        let overlays = self.overlays.lock();
        let others = overlays.iter().filter(|(other, _)| other.as_ptr() != Arc::as_ptr(own));
        others.filter_map(|(other, editor)| Some((editor.as_ref()?.upgrade()?, other.upgrade()?))).collect()
    }
}

/// Refuses if one of `others` holds unsaved text of the file `path` (resolved) that is not `allowed`. Blocks on the disk
/// for files that are open there.
pub(crate) fn agree(others: &[Arc<Overlay>], path: &Path, allowed: Option<&str>) -> Result<(), String> {
    for other in others.iter().filter(|other| other.is_open(path)) {
        let Some(buffer) = other.by_path(path) else { continue };
        if buffer.out_of_step {
            return Err(
                "it is open in another editor window, whose changes of it could not be followed; close \
                        and reopen it there"
                    .to_owned(),
            );
        }
        let same = |text: &str| same_lines(text, &buffer.text.to_string());
        if buffer.dirty && !allowed.is_some_and(same) {
            return Err(
                "it has unsaved changes in another editor window: save them there or close it".to_owned()
            );
        }
    }
    Ok(())
}
