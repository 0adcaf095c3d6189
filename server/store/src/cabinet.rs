//! The file cabinet of a workspace: documents under keys `F1`, `F2`, ..., for [`CABINET_DAYS`] days. A note (`F1.json`) and a
//! text (`F1.txt`) each. Never decides what is worth keeping and never reads a clock.

use crate::folder::{make_private, private_file, sync_folder, write_whole};
use crate::kept::KEPT_BYTES;
use crate::{Store, StoreError};
use glossator_session::FileKey;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// Days for which a document is kept.
pub const CABINET_DAYS: i64 = 30;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
/// Characters of a note.
const NOTE_CHARS: usize = 1000;
/// Bytes of a note's file that are read at the most.
const NOTE_BYTES: u64 = 64 << 10;
const LAST: &str = "last";

/// The cabinet of one workspace. Calls block on the disk.
#[derive(Debug, Clone)]
pub struct Cabinet {
    state: Store,
    folder: PathBuf,
}

/// A document of the cabinet, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CabinetEntry {
    /// Its key.
    pub key: FileKey,
    /// What it is, in the words of whoever put it there; at most 1,000 characters.
    pub note: String,
    /// Where it comes from: a session, an address, a path; may be empty.
    pub source: String,
    /// When it was put there: milliseconds since the Unix epoch.
    pub saved_at: i64,
    /// When it goes: milliseconds since the Unix epoch.
    pub expires_at: i64,
    /// Length of its text in bytes.
    pub bytes: u64,
}

impl CabinetEntry {
    /// Whether its time is over. One that was saved in the future stays: the clock is wrong now or was then.
    fn is_over(&self, now: i64) -> bool {
        self.saved_at <= now && now > self.expires_at
    }
}

/// What lies in the cabinet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CabinetList {
    /// The documents, the oldest key first.
    pub entries: Vec<CabinetEntry>,
    /// What could not be read, for people.
    pub notices: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    note: String,
    #[serde(default)]
    source: String,
    saved: i64,
    bytes: u64,
    hash: String,
}

impl Store {
    /// The file cabinet of this workspace. Nothing is made before the first document.
    pub fn cabinet(&self) -> Cabinet {
        self.cabinet_in(self.folder().join("cabinet"))
    }

    /// The cabinet in `folder`, of this workspace or of one that is taken over.
    pub(crate) fn cabinet_in(&self, folder: PathBuf) -> Cabinet {
        Cabinet { state: self.clone(), folder }
    }
}

impl Cabinet {
    /// Puts `text` away and gives it a key. It is on the disk when this returns. `now` in milliseconds since the Unix epoch.
    ///
    /// # Errors
    /// A text over [`KEPT_BYTES`], and whatever the disk says; nothing is left behind then.
    pub fn put(&self, text: &str, note: &str, source: &str, now: i64) -> Result<CabinetEntry, StoreError> {
        let bytes = text.len() as u64;
        if bytes > KEPT_BYTES {
            return Err(StoreError::TooLong { bytes, most: KEPT_BYTES });
        }
        self.state.make_folder()?;
        make_private(&self.folder, true)?;
        let note = Note {
            note: note.chars().take(NOTE_CHARS).collect(),
            source: source.chars().take(NOTE_CHARS).collect(),
            saved: now,
            bytes,
            hash: blake3::hash(text.as_bytes()).to_hex().to_string(),
        };
        let number = self.write_text(text)?;
        let path = self.note_path(number);
        if let Err(error) = write_whole(&path, &serde_json::to_vec(&note)?) {
            let _ = fs::remove_file(self.text_path(number));
            return Err(error);
        }
        sync_folder(&self.folder);
        Ok(entry(number, note))
    }

    /// A document and its text.
    ///
    /// # Errors
    /// [`StoreError::NoText`] for a key that names nothing, or nothing any more; a text that is not the one that was put
    /// away; whatever the disk says.
    pub fn get(&self, key: &FileKey, now: i64) -> Result<(CabinetEntry, String), StoreError> {
        let unknown = || StoreError::NoText { key: key.0.chars().take(80).collect() };
        let number = number(&key.0).ok_or_else(unknown)?;
        let note = self.read_note(number)?.ok_or_else(unknown)?;
        let (hash, entry) = (note.hash.clone(), entry(number, note));
        if entry.is_over(now) {
            return Err(unknown());
        }
        let path = self.text_path(number);
        let damaged = |why: &str| StoreError::Damaged { path: path.clone(), why: why.to_owned() };
        let bytes = read(&path, KEPT_BYTES)?.ok_or_else(|| damaged("the text is gone"))?;
        if blake3::hash(&bytes).to_hex().as_str() != hash {
            return Err(damaged("the text is not the one that was put away"));
        }
        let text = String::from_utf8(bytes).map_err(|_| damaged("the text is not UTF-8"))?;
        Ok((entry, text))
    }

    /// What lies in the cabinet at `now`.
    ///
    /// # Errors
    /// Whatever the disk says; single documents that cannot be read are named in the list.
    pub fn list(&self, now: i64) -> Result<CabinetList, StoreError> {
        let mut list = CabinetList::default();
        for number in self.numbers()? {
            match self.read_note(number) {
                Ok(Some(note)) => list.entries.push(entry(number, note)),
                Ok(None) => {}
                Err(error) => list.notices.push(format!("F{number} is left out: {error}")),
            }
        }
        list.entries.retain(|entry| !entry.is_over(now));
        Ok(list)
    }

    /// Takes a document away; whether there was one.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn delete(&self, key: &FileKey) -> Result<bool, StoreError> {
        let Some(number) = number(&key.0) else { return Ok(false) };
        // The note goes first: a document without one is none.
        let was = remove(&self.note_path(number))?;
        remove(&self.text_path(number))?;
        Ok(was)
    }

    /// Takes away the documents whose time is over; gives their keys. What cannot be removed stays for the next time.
    pub fn expire(&self, now: i64) -> Vec<FileKey> {
        let notes = self.numbers().unwrap_or_default().into_iter();
        let entries = notes.filter_map(|number| Some(entry(number, self.read_note(number).ok()??)));
        let over = entries.filter(|entry| entry.is_over(now)).map(|entry| entry.key);
        over.filter(|key| self.delete(key).unwrap_or(false)).collect()
    }

    /// Writes a text under a number that was never given away, as far as that is known.
    fn write_text(&self, text: &str) -> Result<u64, StoreError> {
        let last = fs::read_to_string(self.folder.join(LAST)).ok();
        let last = last.and_then(|last| number(&format!("F{}", last.trim())));
        let mut number = self.numbers()?.last().copied().max(last).unwrap_or(0);
        loop {
            number += 1;
            let path = self.text_path(number);
            let mut file = match private_file().write(true).create_new(true).open(&path) {
                // Of another process that is putting something away, or left behind by one that died.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                other => other.map_err(StoreError::io("write", &path))?,
            };
            if let Err(error) = file.write_all(text.as_bytes()).and_then(|()| file.sync_data()) {
                let _ = fs::remove_file(&path);
                return Err(StoreError::io("write", &path)(error));
            }
            // Only so that a key is not used again after its document went; the disk has room, or the text had not fitted.
            let _ = write_whole(&self.folder.join(LAST), number.to_string().as_bytes());
            return Ok(number);
        }
    }

    fn read_note(&self, number: u64) -> Result<Option<Note>, StoreError> {
        let path = self.note_path(number);
        let Some(bytes) = read(&path, NOTE_BYTES)? else { return Ok(None) };
        let note = serde_json::from_slice(&bytes);
        note.map(Some).map_err(|error| StoreError::Damaged { path, why: format!("it is no note ({error})") })
    }

    /// The numbers of all notes, rising.
    fn numbers(&self) -> Result<Vec<u64>, StoreError> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(StoreError::io("list", &self.folder))?,
        };
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut numbers: Vec<u64> = names.filter_map(|name| number(name.strip_suffix(".json")?)).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn note_path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("F{number}.json"))
    }

    fn text_path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("F{number}.txt"))
    }
}

fn entry(number: u64, note: Note) -> CabinetEntry {
    CabinetEntry {
        key: FileKey(format!("F{number}")),
        note: note.note,
        source: note.source,
        saved_at: note.saved,
        expires_at: note.saved.saturating_add(CABINET_DAYS * DAY_MILLIS),
        bytes: note.bytes,
    }
}

/// The number of a key: `F` and digits that say it in one way only.
fn number(key: &str) -> Option<u64> {
    let digits = key.strip_prefix('F')?;
    let plain = digits.len() <= 12 && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// A file of at most `most` bytes; `None`: there is none.
fn read(path: &Path, most: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let file = match private_file().read(true).open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other.map_err(StoreError::io("read", path))?,
    };
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(StoreError::io("read", path))?;
    match bytes.len() as u64 > most {
        true => {
            Err(StoreError::Damaged { path: path.to_owned(), why: "it is longer than it can be".to_owned() })
        }
        false => Ok(Some(bytes)),
    }
}

fn remove(path: &Path) -> Result<bool, StoreError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StoreError::io("delete", path)(error)),
    }
}
