//! The open buffers of one connection, changed only by what the editor reports. All synchronous, snapshots cost O(1).
//! Never writes a file, never asks the editor. What it could not follow it marks, and never guesses.

use crate::disk;
use crate::early::EarlyChanges;
use crate::late::Late;
use crate::physical::physical;
use crate::saved::{Doubt, Held, Known, Sight, Standing, compare};
use glossator_text::{PositionEncoding, Range, byte_range};
use parking_lot::Mutex;
use ropey::Rope;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};
use tokio::sync::watch;

/// The open buffers of one connection.
#[derive(Debug)]
pub struct Overlay {
    state: Mutex<State>,
    changed: watch::Sender<u64>,
    opened: watch::Sender<u64>,
}

#[derive(Debug)]
struct State {
    encoding: PositionEncoding,
    buffers: HashMap<String, Buffer>,
    early: EarlyChanges<Change>,
    late: HashMap<String, Late<Change>>,
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
    /// Whether it holds text that its file does not, and that is the newer one. [`Overlay::all`], [`Overlay::shown`] and
    /// [`Overlay::by_path`] compare it with the file; in other snapshots it may only say whether it was changed since it
    /// was opened or saved.
    pub dirty: bool,
    /// Whether a change of it was lost: its text is not the editor's. Ends with the next whole text.
    pub out_of_step: bool,
    pub(crate) doubt: Option<Doubt>,
    pub(crate) foreign: Option<disk::Stamp>,
    pub(crate) known: Option<Known>,
    /// When its text was last reported as changed.
    pub(crate) changed: Option<SystemTime>,
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
    /// A change of a document that is not open. It is kept for a moment, unless it comes late for one that was closed.
    #[error("a change came for a document that is not open; it counts if the document is opened within 2 s")]
    UnknownDocument,
}

impl Overlay {
    /// No buffers yet; positions will come in `encoding`.
    pub fn new(encoding: PositionEncoding) -> Overlay {
        let state =
            State { encoding, buffers: HashMap::new(), early: EarlyChanges::default(), late: HashMap::new() };
        Overlay { state: Mutex::new(state), changed: watch::Sender::new(0), opened: watch::Sender::new(0) }
    }

    /// Sets the negotiated encoding; to be called before the first buffer opens.
    pub fn set_encoding(&self, encoding: PositionEncoding) {
        self.state.lock().encoding = encoding;
    }

    /// The negotiated encoding.
    pub fn encoding(&self) -> PositionEncoding {
        self.state.lock().encoding
    }

    /// The buffer `uri` was opened (or opened again, with the text it has now). Changes that came early, at most 2 s before,
    /// and are newer than its version are applied to it; if some were lost it is out of step from the start.
    pub fn open(&self, uri: &str, opened: Opened) {
        let Opened { path, language, version, text } = opened;
        // Outside the lock: it looks at the disk.
        let path = path.map(|path| physical(&path).unwrap_or(path));
        let stamp = path.as_deref().map(disk::stamp);
        let text = Rope::from_str(&text);
        let mut buffer = Buffer {
            uri: uri.to_owned(),
            path,
            language,
            version,
            text: text.clone(),
            dirty: false,
            out_of_step: false,
            doubt: stamp.map(Doubt::Opened),
            foreign: None,
            known: stamp.map(|stamp| Known::told(stamp, text)),
            changed: None,
        };
        let mut state = self.state.lock();
        let early = state.early.opened(uri, version, Instant::now());
        let mut late = Late::default();
        for (version, changes) in early.changes {
            buffer.follow(&mut late, version, &changes, state.encoding);
        }
        // Where among the others it stood is not known, so a whole text does not put it right here.
        if early.lost {
            buffer.lose_step();
        }
        state.buffers.insert(uri.to_owned(), buffer);
        state.late.insert(uri.to_owned(), late);
        drop(state);
        self.bump();
        self.opened.send_modify(|count| *count += 1);
    }

    /// A buffer was changed: `changes` one after the other, each counted in the text that the one before left. Positions
    /// past the end are clamped. A version that does not rise belongs into a gap that was left a moment ago, and is put
    /// there; where there is none it puts the buffer out of step, unless a whole text comes with it.
    pub fn change(&self, uri: &str, version: i32, changes: &[Change]) -> Result<(), OverlayError> {
        let mut guard = self.state.lock();
        let state = &mut *guard;
        state.early.forget_old(Instant::now());
        let (Some(buffer), Some(late)) = (state.buffers.get_mut(uri), state.late.get_mut(uri)) else {
            state.early.keep(uri, version, changes, Instant::now());
            return Err(OverlayError::UnknownDocument);
        };
        buffer.follow(late, version, changes, state.encoding);
        drop(guard);
        self.bump();
        Ok(())
    }

    /// A change of the buffer `uri`, or of a buffer that cannot be told, was lost: it could not be read. That buffer, or
    /// every one, is out of step until its whole text comes.
    pub fn lost(&self, uri: Option<&str>) {
        let mut state = self.state.lock();
        match uri {
            None => state.buffers.values_mut().for_each(Buffer::lose_step),
            Some(uri) => match state.buffers.get_mut(uri) {
                Some(buffer) => buffer.lose_step(),
                None => state.early.lose(uri, None, Instant::now()),
            },
        }
        drop(state);
        self.bump();
    }

    /// A buffer was saved.
    pub fn saved(&self, uri: &str) {
        // Outside the lock: it looks at the disk.
        let path = self.by_uri(uri).and_then(|buffer| buffer.path);
        let stamp = path.as_deref().map(disk::stamp);
        if let Some(buffer) = self.state.lock().buffers.get_mut(uri) {
            buffer.dirty = false;
            buffer.doubt = stamp.map(Doubt::Saved);
            buffer.known = stamp.map(|stamp| Known::told(stamp, buffer.text.clone()));
        }
        self.bump();
    }

    /// A buffer was closed; its unsaved text, if any, is gone.
    pub fn close(&self, uri: &str) {
        let mut state = self.state.lock();
        let version = state.buffers.remove(uri).map(|buffer| buffer.version);
        state.late.remove(uri);
        state.early.closed(uri, version);
        drop(state);
        self.bump();
        self.opened.send_modify(|count| *count += 1);
    }

    /// The buffer whose text counts as that of the file `path` (resolved). None if the file is not open, or if it holds
    /// newer text than a buffer without unsaved changes: then the disk counts. Of several, one with unsaved text, else the
    /// first one by name. Compares with the disk: blocks.
    pub fn by_path(&self, path: &Path) -> Option<Buffer> {
        let (buffer, standing) = self.look(path)?;
        (standing != Standing::Behind).then_some(buffer)
    }

    /// As [`Overlay::by_path`], also with a buffer that does not count, and how it stands to the file.
    pub(crate) fn look(&self, path: &Path) -> Option<(Buffer, Standing)> {
        let wanted = |buffer: &Buffer| buffer.path.as_deref() == Some(path);
        self.settle(wanted);
        let all = self.state.lock();
        let mut open: Vec<Buffer> = all.buffers.values().filter(|buffer| wanted(buffer)).cloned().collect();
        drop(all);
        open.sort_by(|a, b| (!a.dirty, &a.uri).cmp(&(!b.dirty, &b.uri)));
        let mut behind = None;
        for buffer in open {
            match buffer.standing() {
                Standing::Behind => behind = behind.or(Some((buffer, Standing::Behind))),
                standing => return Some((buffer, standing)),
            }
        }
        behind
    }

    /// Whether a buffer of the file `path` (resolved) is open. Does not look at the disk.
    pub(crate) fn is_open(&self, path: &Path) -> bool {
        self.state.lock().buffers.values().any(|buffer| buffer.path.as_deref() == Some(path))
    }

    /// How the editor names the file `path` (resolved), if it is open, and the version it has of it. Does not look at the disk.
    pub fn uri_of(&self, path: &Path) -> Option<(String, i32)> {
        let state = self.state.lock();
        let open = state.buffers.values().filter(|buffer| buffer.path.as_deref() == Some(path));
        open.map(|buffer| (buffer.uri.clone(), buffer.version)).min()
    }

    /// The buffer the editor calls `uri`. Does not look at the disk.
    pub fn by_uri(&self, uri: &str) -> Option<Buffer> {
        self.state.lock().buffers.get(uri).cloned()
    }

    /// The files that are open. Does not look at the disk.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.state.lock().buffers.values().filter_map(|buffer| buffer.path.clone()).collect()
    }

    /// All buffers, ordered by URI. Compares what was reported since the last time with the disk: blocks.
    pub fn all(&self) -> Vec<Buffer> {
        self.settle(|_| true);
        let mut all: Vec<Buffer> = self.state.lock().buffers.values().cloned().collect();
        all.sort_by(|a, b| a.uri.cmp(&b.uri));
        all
    }

    /// The buffers whose text counts as that of their file, ordered by URI, as [`Overlay::by_path`] has it; and those that
    /// stand for no file. Compares with the disk: blocks.
    pub fn shown(&self) -> Vec<Buffer> {
        let mut all = self.all();
        all.retain(|buffer| buffer.standing() != Standing::Behind);
        all
    }

    /// Tells of every opening, change, saving and closing.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Tells of every opening and closing.
    pub fn opened(&self) -> watch::Receiver<u64> {
        self.opened.subscribe()
    }

    /// Finds out whether the buffers that are `wanted` hold unsaved text.
    fn settle(&self, wanted: impl Fn(&Buffer) -> bool) {
        let in_doubt = |buffer: &&Buffer| buffer.doubt.is_some() && !buffer.out_of_step && wanted(buffer);
        let doubtful: Vec<Buffer> = self.state.lock().buffers.values().filter(in_doubt).cloned().collect();
        for seen in doubtful {
            let found = seen.compared();
            let mut state = self.state.lock();
            let now = state.buffers.get_mut(&seen.uri);
            // If the editor reported something meanwhile, that is what counts.
            let unchanged = |now: &&mut Buffer| now.text.is_instance(&seen.text) && now.doubt == seen.doubt;
            if let (Some(now), Some(found)) = (now.filter(unchanged), found) {
                (now.dirty, now.foreign, now.doubt) = (found.dirty, found.foreign, None);
                now.known = found.known.or_else(|| now.known.take());
            }
        }
    }

    fn bump(&self) {
        self.changed.send_modify(|count| *count += 1);
    }
}

impl Buffer {
    /// Applies a change in its place: at the end, or in a gap that it comes too late for.
    fn follow(
        &mut self,
        late: &mut Late<Change>,
        version: i32,
        changes: &[Change],
        encoding: PositionEncoding,
    ) {
        let now = Instant::now();
        let place = if self.out_of_step { None } else { late.place(version, now) };
        let mut step = |buffer: &mut Buffer, version, changes: &[Change]| {
            let bytes = changes.iter().map(|change| change.text.len()).sum();
            late.note((&buffer.text, buffer.version), version, (changes, bytes), now);
            buffer.apply(version, changes, encoding);
            if buffer.out_of_step {
                late.forget();
            }
        };
        let Some(place) = place else { return step(self, version, changes) };
        (self.text, self.version) = place.before;
        step(self, version, changes);
        place.after.iter().for_each(|(version, changes)| step(self, *version, changes));
    }

    fn apply(&mut self, version: i32, changes: &[Change], encoding: PositionEncoding) {
        if version <= self.version && !changes.is_empty() {
            self.lose_step();
        }
        for change in changes {
            match change.range {
                None => {
                    self.text = Rope::from_str(&change.text);
                    self.out_of_step = false;
                }
                // Counted in a text that is not known here.
                Some(_) if self.out_of_step => {}
                Some(range) => {
                    let bytes = byte_range(&self.text, range, encoding);
                    replace(&mut self.text, bytes, &change.text);
                }
            }
            self.touched();
        }
        self.version = if self.out_of_step { version.max(self.version) } else { version };
    }

    fn compared(&self) -> Option<Sight> {
        Some(compare(self.doubt?, self.path.as_deref()?, (&self.text, self.changed)))
    }

    /// Whose text counts, the buffer's or its file's. Decided here alone, and anew each time.
    pub(crate) fn standing(&self) -> Standing {
        let Some(path) = self.path.as_deref().filter(|_| !self.out_of_step) else { return Standing::Counts };
        // What was reported a moment ago, and not compared yet, may be unsaved.
        let dirty = self.dirty || self.doubt.is_some();
        Held { text: &self.text, dirty, foreign: self.foreign, known: self.known.as_ref() }.standing(path)
    }

    fn lose_step(&mut self) {
        self.out_of_step = true;
        self.touched();
    }

    fn touched(&mut self) {
        self.dirty = true;
        self.changed = Some(SystemTime::now());
        self.doubt = self.path.is_some().then_some(Doubt::Changed);
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
