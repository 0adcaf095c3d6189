//! Appending to one session's log: one write per item, and never half a line left behind by a failed one. Long texts are
//! on the disk before the line that names them is.

use crate::blobs::{BlobRef, Blobs};
use crate::chain::{Chain, Segment};
use crate::checkpoint;
use crate::codec::{self, Encoded};
use crate::format::{FORMAT_VERSION, SessionHead};
use crate::heal::{heal, upgrade};
use crate::kept::KeptTexts;
use crate::lines::Place as At;
use crate::lock::{Lock, Tidy};
use crate::replay::{Part, Tail};
use crate::table::Table;
use crate::{StoreError, folder, stamp};
use glossator_session::{Item, ItemId, SessionId};
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Whether an item has to be on the disk before the call returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// The system may take its time: a power failure can lose it, a killed process cannot.
    No,
    /// It is on the disk (`fdatasync`), and all before it. For intents and inverses, and ends of turns.
    Now,
}

/// The open log of one session; this process is its only writer until it is dropped.
#[derive(Debug)]
pub struct SessionLog {
    id: SessionId,
    next_id: u64,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Memory,
    Disk(Box<Disk>),
}

pub(crate) struct Disk {
    file: Box<dyn Backing>,
    books: Books,
    /// Length up to the last whole item.
    good_len: u64,
    /// A failed write may have left bytes behind `good_len` that could not be cut off yet.
    dirty: bool,
    _lock: Option<Lock>,
}

/// What is known of a log that is written.
#[derive(Debug)]
pub(crate) struct Books {
    pub own: Segment,
    pub table: Table,
    pub ancestors: Vec<Segment>,
    /// The folder of the workspace's state.
    pub workspace: PathBuf,
    /// Blobs that lines name and that may not be on the disk yet.
    unsynced: Vec<String>,
}

/// What a log is written to; a trait so that tests can make it fail.
pub(crate) trait Backing: Write + Send {
    /// Cuts everything behind `len` bytes; the next write goes there.
    fn cut(&mut self, len: u64) -> io::Result<()>;
    /// Brings all that was written to the disk.
    fn sync(&mut self) -> io::Result<()>;
    /// Whether the file was deleted, so that what is written to it is lost.
    fn is_gone(&self) -> bool {
        false
    }
}

impl Backing for File {
    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }
    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
    #[cfg(unix)]
    fn is_gone(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        self.metadata().is_ok_and(|meta| meta.nlink() == 0)
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk")
            .field("path", &self.books.own.log)
            .field("good_len", &self.good_len)
            .finish_non_exhaustive()
    }
}

impl SessionLog {
    /// A log that keeps nothing, for when the disk cannot be used: items are counted and forgotten.
    pub fn memory(id: SessionId, next_id: u64) -> SessionLog {
        SessionLog { id, next_id: next_id.max(1), place: Place::Memory }
    }

    /// Begins the log of `head` in the folder of its session.
    pub(crate) fn create(books: Books, head: &SessionHead, lock: Lock) -> Result<SessionLog, StoreError> {
        let mut books = books;
        let length = books.write_header(head)?;
        let file = open_to_append(&books.own.log)?;
        let disk = Disk::new(Box::new(file), books, length, Some(lock));
        Ok(SessionLog::over(head.id.clone(), disk.books.own.start.last.saturating_add(1), disk))
    }

    /// Opens a log that was read up to its end for writing and heals its tail; says what was healed.
    pub(crate) fn resume(
        chain: Chain,
        (table, workspace): (Table, PathBuf),
        (part, next_id): (&Part, u64),
        lock: Lock,
    ) -> Result<(SessionLog, Option<String>), StoreError> {
        let path = &chain.own.log;
        let mut file = open_to_append(path)?;
        let (good_len, healed) = heal(path, &mut file, part)?;
        if chain.format < FORMAT_VERSION {
            upgrade(path, chain.own.start.at)?;
        }
        let mut table = table;
        let lines = part.end.lines.saturating_add(u64::from(part.tail == Tail::NoNewline));
        table.close(good_len, lines, part.end.at);
        let books =
            Books { own: chain.own, table, ancestors: chain.ancestors, workspace, unsynced: Vec::new() };
        stamp::put(&books.own.log);
        let disk = Disk::new(Box::new(file), books, good_len, Some(lock));
        Ok((SessionLog::over(chain.head.id, next_id, disk), healed))
    }

    /// A log that goes on at the end of `disk`.
    pub(crate) fn over(id: SessionId, next_id: u64, disk: Disk) -> SessionLog {
        SessionLog { id, next_id, place: Place::Disk(Box::new(disk)) }
    }

    /// The session.
    pub fn id(&self) -> &SessionId {
        &self.id
    }

    /// The id that the next item has to carry.
    pub fn next_id(&self) -> u64 {
        self.next_id
    }

    /// The long texts kept beside the log; `None` where nothing outlives the process.
    pub fn kept(&self) -> Option<KeptTexts> {
        match &self.place {
            Place::Memory => None,
            Place::Disk(disk) => Some(KeptTexts::of(disk.books.own.folder())),
        }
    }

    /// Whether items outlive the process.
    pub fn is_durable(&self) -> bool {
        matches!(self.place, Place::Disk(_))
    }

    /// Stores `item`, whose id must be [`Self::next_id`]. After an error the item is not in the log and the next append
    /// (of the same item, or of another with the same id) finds a clean end.
    pub fn append(&mut self, item: &Item, sync: Sync) -> Result<(), StoreError> {
        if item.id.0 != self.next_id {
            return Err(StoreError::Gap { given: item.id.0, expected: self.next_id });
        }
        if let Place::Disk(disk) = &mut self.place {
            disk.append(item, codec::encode(item)?, sync)?;
        }
        self.next_id = self.next_id.saturating_add(1);
        Ok(())
    }

    /// Remembers `state`, the fold over everything before item `from`, so that the session opens without reading that.
    ///
    /// # Errors
    /// An id that is not in the log, and whatever the disk says; the log itself is not touched.
    pub fn checkpoint(&mut self, from: ItemId, state: &serde_json::Value) -> Result<(), StoreError> {
        match &self.place {
            Place::Memory => Ok(()),
            Place::Disk(disk) => disk.books.checkpoint(from.0, state),
        }
    }

    /// Brings everything appended so far to the disk.
    pub fn sync(&mut self) -> Result<(), StoreError> {
        match &mut self.place {
            Place::Memory => Ok(()),
            Place::Disk(disk) => {
                disk.books.sync_blobs()?;
                disk.file.sync().map_err(StoreError::io("write to", &disk.books.own.log))?;
                stamp::put(&disk.books.own.log);
                Ok(())
            }
        }
    }
}

impl Disk {
    /// `good_len` bytes of whole lines, open to append in `file`.
    pub(crate) fn new(file: Box<dyn Backing>, books: Books, good_len: u64, lock: Option<Lock>) -> Disk {
        Disk { file, books, good_len, dirty: false, _lock: lock }
    }

    fn append(&mut self, item: &Item, encoded: Encoded, sync: Sync) -> Result<(), StoreError> {
        let _until_it_is_named = self.books.put_blobs(&encoded.blobs)?;
        if sync == Sync::Now {
            self.books.sync_blobs()?;
        }
        let at = self.good_len;
        self.write(&encoded.line, sync).map_err(StoreError::io("write to", &self.books.own.log))?;
        self.books.table.note(item.id.0, item.turn.0, at);
        self.books.table.close(self.good_len, self.books.table.done.lines.saturating_add(1), at);
        if sync == Sync::Now {
            stamp::put(&self.books.own.log);
        }
        Ok(())
    }

    fn write(&mut self, line: &[u8], sync: Sync) -> io::Result<()> {
        if self.file.is_gone() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the session was deleted"));
        }
        if self.dirty {
            self.file.cut(self.good_len)?;
            self.dirty = false;
        }
        let begun = folder::step().and_then(|()| write_line(&mut *self.file, line));
        let written = begun.and_then(|()| match sync {
            Sync::No => Ok(()),
            Sync::Now => folder::step().and_then(|()| self.file.sync()),
        });
        match written {
            Ok(()) => self.good_len += line.len() as u64,
            Err(_) => {
                self.dirty = self.file.cut(self.good_len).is_err();
                stamp::put(&self.books.own.log);
            }
        }
        written
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Of one that was deleted nothing is made again.
        if !self.dirty && !self.file.is_gone() {
            stamp::put(&self.books.own.log);
        }
    }
}

impl Books {
    /// Of a log that is not there yet.
    pub(crate) fn new(own: Segment, workspace: PathBuf) -> Books {
        let table = own.table();
        Books { own, table, ancestors: Vec::new(), workspace, unsynced: Vec::new() }
    }

    /// Writes a log that holds `head` and nothing else, all of it to the disk; gives its length.
    pub(crate) fn write_header(&mut self, head: &SessionHead) -> Result<u64, StoreError> {
        let header = codec::encode_header(head)?;
        let _until_it_is_named = self.put_blobs(&header.blobs)?;
        self.sync_blobs()?;
        folder::write_whole(&self.own.log, &header.line)?;
        folder::sync_folder(self.own.folder());
        let length = header.line.len() as u64;
        let parent = head.parent.as_ref().map_or((0, 0), |parent| (parent.item.0, parent.turn.0));
        self.own.start = At { at: length, lines: 1, last: parent.0 };
        self.own.turn = parent.1;
        self.table = self.own.table();
        Ok(length)
    }

    /// Stores blobs. What is given back is held until the line that names them is written.
    pub(crate) fn put_blobs(&mut self, blobs: &[(BlobRef, String)]) -> Result<Option<Tidy>, StoreError> {
        if blobs.is_empty() {
            return Ok(None);
        }
        let held = Tidy::shared(&self.workspace)?;
        let place = Blobs::of(&self.workspace);
        for (blob, text) in blobs {
            place.put(blob, text)?;
            self.unsynced.push(blob.hash.clone());
        }
        Ok(Some(held))
    }

    /// Brings the blobs that lines name to the disk.
    pub(crate) fn sync_blobs(&mut self) -> Result<(), StoreError> {
        let place = Blobs::of(&self.workspace);
        while let Some(hash) = self.unsynced.last() {
            match place.sync(hash) {
                // Tidied away: the line that was to name it could not be written.
                Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
                other => other?,
            }
            self.unsynced.pop();
        }
        Ok(())
    }

    fn checkpoint(&self, from: u64, state: &serde_json::Value) -> Result<(), StoreError> {
        let own = (&self.own, &self.table);
        if from > self.own.start.last || self.ancestors.is_empty() {
            return checkpoint::write(own, own, from, state);
        }
        let holds = |segment: &&Segment| from > segment.start.last && from <= segment.upto;
        let Some(segment) = self.ancestors.iter().find(holds) else {
            return Err(StoreError::Refused(format!("there is no item {from} in the log")));
        };
        let table = checkpoint::table(segment).unwrap_or_else(|| segment.table());
        let mut table = table;
        table.extend(segment.open(table.done.at)?).map_err(StoreError::io("read", &segment.log))?;
        checkpoint::write(own, (segment, &table), from, state)
    }
}

/// One `write` as a rule. A disk that runs full takes a part of it; the second one then gets the real error.
fn write_line(file: &mut dyn Backing, line: &[u8]) -> io::Result<()> {
    let written = loop {
        match file.write(line) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other?,
        }
    };
    file.write_all(line.get(written..).unwrap_or_default())
}

fn open_to_append(path: &Path) -> Result<File, StoreError> {
    folder::private_file().append(true).open(path).map_err(StoreError::io("open", path))
}
