//! Appending to one session's log: one write per item, and never half a line left behind by a failed one.

use crate::format::{self, SessionHead};
use crate::kept::KeptTexts;
use crate::lock::Lock;
use crate::replay::{Scan, Tail};
use crate::{StoreError, folder};
use glossator_session::{Item, SessionId};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub(crate) const LOG: &str = "log.jsonl";

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
    Disk(Disk),
}

pub(crate) struct Disk {
    file: Box<dyn Backing>,
    path: PathBuf,
    /// Length up to the last whole item.
    good_len: u64,
    /// A failed write may have left bytes behind `good_len` that could not be cut off yet.
    dirty: bool,
    _lock: Option<Lock>,
}

/// What a log is written to; a trait so that tests can make it fail.
pub(crate) trait Backing: Write + Send {
    /// Cuts everything behind `len` bytes; the next write goes there.
    fn cut(&mut self, len: u64) -> io::Result<()>;
    /// Brings all that was written to the disk.
    fn sync(&mut self) -> io::Result<()>;
}

impl Backing for File {
    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }
    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk")
            .field("path", &self.path)
            .field("good_len", &self.good_len)
            .finish_non_exhaustive()
    }
}

impl SessionLog {
    /// A log that keeps nothing, for when the disk cannot be used: items are counted and forgotten.
    pub fn memory(id: SessionId, next_id: u64) -> SessionLog {
        SessionLog { id, next_id: next_id.max(1), place: Place::Memory }
    }

    pub(crate) fn create(folder: &Path, head: &SessionHead, lock: Lock) -> Result<SessionLog, StoreError> {
        let path = folder.join(LOG);
        let header = format::header_line(head)?;
        folder::write_whole(&path, &header)?;
        folder::sync_folder(folder);
        let file = open_to_append(&path)?;
        let disk = Disk::new(Box::new(file), path, header.len() as u64, Some(lock));
        Ok(SessionLog::over(head.id.clone(), 1, disk))
    }

    /// Opens a scanned log for writing and heals its tail; says what was healed.
    pub(crate) fn resume(
        folder: &Path,
        scan: &Scan,
        lock: Lock,
    ) -> Result<(SessionLog, Option<String>), StoreError> {
        let path = folder.join(LOG);
        let mut file = open_to_append(&path)?;
        let (good_len, healed) = heal(folder, &mut file, scan)?;
        let disk = Disk::new(Box::new(file), path, good_len, Some(lock));
        Ok((SessionLog::over(scan.replay.head.id.clone(), scan.replay.next_id, disk), healed))
    }

    /// A log that goes on at the end of `disk`.
    pub(crate) fn over(id: SessionId, next_id: u64, disk: Disk) -> SessionLog {
        SessionLog { id, next_id, place: Place::Disk(disk) }
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
            Place::Disk(disk) => disk.path.parent().map(KeptTexts::of),
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
            let line = format::item_line(item)?;
            disk.append(&line, sync).map_err(StoreError::io("write to", &disk.path))?;
        }
        self.next_id = self.next_id.saturating_add(1);
        Ok(())
    }

    /// Brings everything appended so far to the disk.
    pub fn sync(&mut self) -> Result<(), StoreError> {
        match &mut self.place {
            Place::Memory => Ok(()),
            Place::Disk(disk) => disk.file.sync().map_err(StoreError::io("write to", &disk.path)),
        }
    }
}

impl Disk {
    /// `good_len` bytes of whole lines at `path`, open to append in `file`.
    pub(crate) fn new(file: Box<dyn Backing>, path: PathBuf, good_len: u64, lock: Option<Lock>) -> Disk {
        Disk { file, path, good_len, dirty: false, _lock: lock }
    }

    fn append(&mut self, line: &[u8], sync: Sync) -> io::Result<()> {
        if self.dirty {
            self.file.cut(self.good_len)?;
            self.dirty = false;
        }
        let written = write_line(&mut *self.file, line).and_then(|()| match sync {
            Sync::No => Ok(()),
            Sync::Now => self.file.sync(),
        });
        match written {
            Ok(()) => self.good_len += line.len() as u64,
            Err(_) => self.dirty = self.file.cut(self.good_len).is_err(),
        }
        written
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

/// Puts the end of a log right. Bytes that are cut off are saved first.
fn heal(folder: &Path, file: &mut File, scan: &Scan) -> Result<(u64, Option<String>), StoreError> {
    let path = folder.join(LOG);
    match scan.tail {
        Tail::None => Ok((scan.good_len, None)),
        Tail::NoNewline => {
            file.write_all(b"\n").map_err(StoreError::io("write to", &path))?;
            let len = file.metadata().map_err(StoreError::io("look at", &path))?.len();
            Ok((len, None))
        }
        Tail::Torn(bytes) => {
            let torn = save_tail(folder, scan.good_len)?;
            file.set_len(scan.good_len).map_err(StoreError::io("write to", &path))?;
            let healed = format!(
                "The last {bytes} bytes of this session's log were only half written (the program or the machine stopped \
                 in mid-write). They were cut off and kept in {}; everything before them is intact.",
                torn.display()
            );
            Ok((scan.good_len, Some(healed)))
        }
    }
}

fn save_tail(folder: &Path, good_len: u64) -> Result<PathBuf, StoreError> {
    let path = folder.join(LOG);
    let bytes = fs::read(&path).map_err(StoreError::io("read", &path))?;
    let tail = usize::try_from(good_len).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
    let mut number = 1;
    loop {
        let torn = folder.join(format!("log.torn-{number}"));
        match folder::private_file().write(true).create_new(true).open(&torn) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(StoreError::io("create", &torn)(error)),
            Ok(mut file) => {
                let saved = file.write_all(tail).and_then(|()| file.sync_data());
                saved.map_err(StoreError::io("write", &torn))?;
                return Ok(torn);
            }
        }
    }
}
