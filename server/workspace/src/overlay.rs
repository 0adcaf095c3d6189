//! The open buffers of one connection, changed only by what the editor reports. All synchronous, snapshots cost O(1).
//! Never writes a file, never asks the editor.

use crate::physical::physical;
use glossator_text::{PositionEncoding, Range, byte_range};
use parking_lot::Mutex;
use ropey::Rope;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use tokio::sync::watch;

/// Documents for which changes that came before their opening are kept.
const MAX_EARLY_DOCUMENTS: usize = 64;
/// Changes kept per document that is not open yet.
const MAX_EARLY_CHANGES: usize = 256;

/// The open buffers of one connection.
#[derive(Debug)]
pub struct Overlay {
    state: Mutex<State>,
    changed: watch::Sender<u64>,
}

#[derive(Debug)]
struct State {
    encoding: PositionEncoding,
    buffers: HashMap<String, Buffer>,
    /// Changes of documents that are not open. Helix 25.01 sends them before `didOpen`, which then has the older text.
    early: HashMap<String, Vec<(i32, Vec<Change>)>>,
}

/// A snapshot of an open buffer.
#[derive(Debug, Clone)]
pub struct Buffer {
    /// The document as the editor named it.
    pub uri: String,
    /// The file it stands for, symlinks resolved; none for buffers that stand for no file.
    pub path: Option<PathBuf>,
    /// The editor's language id.
    pub language: String,
    /// The editor's version.
    pub version: i32,
    /// The text.
    pub text: Rope,
    /// Whether it was changed since it was opened or saved.
    pub dirty: bool,
}

/// What the editor says of a buffer that it opens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Opened {
    /// The file it stands for, symlinks resolved or not; none for buffers that stand for no file.
    pub path: Option<PathBuf>,
    /// The editor's language id.
    pub language: String,
    /// The editor's version.
    pub version: i32,
    /// The whole text.
    pub text: String,
}

/// One change of a buffer as the editor reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What is replaced; the whole text if none.
    pub range: Option<Range>,
    /// The text that stands there afterwards.
    pub text: String,
}

/// What was wrong with a report of the editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OverlayError {
    /// A change of a document that is not open. It is kept for when the document is opened.
    #[error("a change came for a document that is not open; it is kept until the document is opened")]
    UnknownDocument,
}

impl Overlay {
    /// No buffers yet; positions will come in `encoding`.
    pub fn new(encoding: PositionEncoding) -> Overlay {
        let state = State { encoding, buffers: HashMap::new(), early: HashMap::new() };
        Overlay { state: Mutex::new(state), changed: watch::Sender::new(0) }
    }

    /// Sets the negotiated encoding; to be called before the first buffer opens.
    pub fn set_encoding(&self, encoding: PositionEncoding) {
        self.state.lock().encoding = encoding;
    }

    /// The negotiated encoding.
    pub fn encoding(&self) -> PositionEncoding {
        self.state.lock().encoding
    }

    /// The buffer `uri` was opened (or opened again, with the text it has now). Changes that came early and are newer than
    /// its version are applied to it.
    pub fn open(&self, uri: &str, opened: Opened) {
        let Opened { path, language, version, text } = opened;
        // Outside the lock: it looks at the disk.
        let path = path.map(|path| physical(&path).unwrap_or(path));
        let (uri, text) = (uri.to_owned(), Rope::from_str(&text));
        let mut buffer = Buffer { uri: uri.clone(), path, language, version, text, dirty: false };
        let mut state = self.state.lock();
        for (version, changes) in state.early.remove(&uri).unwrap_or_default() {
            if version > buffer.version {
                buffer.apply(version, &changes, state.encoding);
            }
        }
        state.buffers.insert(uri, buffer);
        drop(state);
        self.bump();
    }

    /// A buffer was changed: `changes` one after the other, each counted in the text that the one before left. Positions
    /// past the end are clamped.
    pub fn change(&self, uri: &str, version: i32, changes: &[Change]) -> Result<(), OverlayError> {
        let mut state = self.state.lock();
        let encoding = state.encoding;
        let Some(buffer) = state.buffers.get_mut(uri) else {
            state.keep_early(uri, version, changes);
            return Err(OverlayError::UnknownDocument);
        };
        buffer.apply(version, changes, encoding);
        drop(state);
        self.bump();
        Ok(())
    }

    /// A buffer was saved.
    pub fn saved(&self, uri: &str) {
        if let Some(buffer) = self.state.lock().buffers.get_mut(uri) {
            buffer.dirty = false;
        }
        self.bump();
    }

    /// A buffer was closed; its unsaved text, if any, is gone.
    pub fn close(&self, uri: &str) {
        let mut state = self.state.lock();
        state.early.remove(uri);
        state.buffers.remove(uri);
        drop(state);
        self.bump();
    }

    /// The buffer of the file `path` (resolved). Of several, one with unsaved text, else the one opened first by name.
    pub fn by_path(&self, path: &Path) -> Option<Buffer> {
        let state = self.state.lock();
        let open = state.buffers.values().filter(|buffer| buffer.path.as_deref() == Some(path));
        open.min_by_key(|buffer| (!buffer.dirty, &buffer.uri)).cloned()
    }

    /// The buffer the editor calls `uri`.
    pub fn by_uri(&self, uri: &str) -> Option<Buffer> {
        self.state.lock().buffers.get(uri).cloned()
    }

    /// All buffers, ordered by URI.
    pub fn all(&self) -> Vec<Buffer> {
        let mut all: Vec<Buffer> = self.state.lock().buffers.values().cloned().collect();
        all.sort_by(|a, b| a.uri.cmp(&b.uri));
        all
    }

    /// Tells of every opening, change, saving and closing.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn bump(&self) {
        self.changed.send_modify(|count| *count += 1);
    }
}

impl State {
    fn keep_early(&mut self, uri: &str, version: i32, changes: &[Change]) {
        let known = self.early.contains_key(uri);
        if !known && self.early.len() >= MAX_EARLY_DOCUMENTS {
            return;
        }
        let kept = self.early.entry(uri.to_owned()).or_default();
        if kept.len() < MAX_EARLY_CHANGES {
            kept.push((version, changes.to_vec()));
        }
    }
}

impl Buffer {
    fn apply(&mut self, version: i32, changes: &[Change], encoding: PositionEncoding) {
        for change in changes {
            match change.range {
                None => self.text = Rope::from_str(&change.text),
                Some(range) => {
                    let bytes = byte_range(&self.text, range, encoding);
                    replace(&mut self.text, bytes, &change.text);
                }
            }
            self.dirty = true;
        }
        self.version = version;
    }
}

/// Replaces bytes of a rope. `byte_range` gives character borders inside the text, so nothing here can fail.
fn replace(text: &mut Rope, bytes: std::ops::Range<usize>, new: &str) {
    let (Ok(start), Ok(end)) = (text.try_byte_to_char(bytes.start), text.try_byte_to_char(bytes.end)) else {
        return;
    };
    if start < end && text.try_remove(start..end).is_err() {
        return;
    }
    let inserted = text.try_insert(start, new);
    debug_assert!(inserted.is_ok());
}
