//! Long texts of a workspace's logs: one file for each text, `blobs/<2 hex>/<hash>`, named by its BLAKE3, shared between
//! sessions and never changed. What stands in a line in place of one is a reference. Never decides what is long.

use crate::StoreError;
use crate::folder::{make_private, private_file, sync_folder, write_whole};
use memchr::memmem;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// How a reference begins.
pub(crate) const MARK: &str = "glossator-blob:";
/// Bytes of its text that a reference shows at the most.
const SHOWN: usize = 160;
const HASH: usize = 64;

/// The name of a blob.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobRef {
    /// Hex BLAKE3 of its text.
    pub hash: String,
    /// Its length in bytes.
    pub bytes: u64,
}

/// The blob that `text`, a string of a log's line as it stands there, refers to; `None` where it is a text of its own.
/// Items that the store gives out never hold references.
pub fn blob_of(text: &str) -> Option<BlobRef> {
    let name = text.strip_prefix(MARK)?.split('\n').next()?;
    let (hash, bytes) = name.split_once(':')?;
    if hash.len() != HASH || !hash.bytes().all(is_hex) {
        return None;
    }
    Some(BlobRef { hash: hash.to_owned(), bytes: bytes.parse().ok()? })
}

/// The beginning of its text that a reference shows.
pub(crate) fn shown(reference: &str) -> &str {
    reference.split_once('\n').map_or("", |(_, shown)| shown)
}

fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

impl BlobRef {
    /// The blob that holds `text`.
    pub(crate) fn to(text: &str) -> BlobRef {
        BlobRef { hash: blake3::hash(text.as_bytes()).to_hex().to_string(), bytes: text.len() as u64 }
    }

    /// What stands in a line in place of `text`, which this is the blob of. `show` its beginning for whoever cannot have
    /// the rest.
    pub(crate) fn reference(&self, text: &str, show: bool) -> String {
        let shown = if show { &text[..text.floor_char_boundary(SHOWN)] } else { "" };
        let between = if show { "\n" } else { "" };
        format!("{MARK}{}:{}{between}{shown}", self.hash, self.bytes)
    }
}

/// Calls `each` with the hash of every blob that the lines in `bytes` refer to.
pub(crate) fn names_in(bytes: &[u8], mut each: impl FnMut(&str)) {
    for at in memmem::find_iter(bytes, MARK) {
        let hash =
            bytes.get(at + MARK.len()..at + MARK.len() + HASH).filter(|hash| hash.iter().all(|b| is_hex(*b)));
        if let Some(hash) = hash.and_then(|hash| std::str::from_utf8(hash).ok()) {
            each(hash);
        }
    }
}

/// The blobs of one workspace.
#[derive(Debug, Clone)]
pub(crate) struct Blobs {
    folder: PathBuf,
}

impl Blobs {
    /// Those of the workspace whose state lies in `workspace`; nothing is made before the first blob.
    pub fn of(workspace: &Path) -> Blobs {
        Blobs { folder: workspace.join("blobs") }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of a blob.
    pub fn path(&self, hash: &str) -> PathBuf {
        self.folder.join(hash.get(..2).unwrap_or("00")).join(hash)
    }

    /// Stores `text`, unless it is there in full length.
    pub fn put(&self, blob: &BlobRef, text: &str) -> Result<(), StoreError> {
        let path = self.path(&blob.hash);
        if fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file() && meta.len() == blob.bytes) {
            return Ok(());
        }
        make_private(&self.folder, true)?;
        make_private(path.parent().unwrap_or(&self.folder), true)?;
        write_whole(&path, text.as_bytes())
    }

    /// Brings a blob to the disk, whoever wrote it.
    pub fn sync(&self, hash: &str) -> Result<(), StoreError> {
        let path = self.path(hash);
        let file = private_file().read(true).open(&path).map_err(StoreError::io("read", &path))?;
        file.sync_data().map_err(StoreError::io("write", &path))?;
        for folder in [path.parent().unwrap_or(&self.folder), &self.folder] {
            sync_folder(folder);
        }
        Ok(())
    }

    /// The text of a blob; `Err` says why there is none.
    pub fn get(&self, blob: &BlobRef) -> Result<String, String> {
        let path = self.path(&blob.hash);
        let mut bytes = Vec::new();
        let read = private_file().read(true).open(&path).and_then(|file| {
            // One byte more than there should be, and no more than that.
            file.take(blob.bytes.saturating_add(1)).read_to_end(&mut bytes)
        });
        match read {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(format!("{} is missing", path.display()));
            }
            Err(error) => return Err(format!("{} cannot be read: {error}", path.display())),
        }
        if blake3::hash(&bytes).to_hex().as_str() != blob.hash {
            return Err(format!("{} is damaged: its bytes are not those that were written", path.display()));
        }
        String::from_utf8(bytes).map_err(|_| format!("{} is not text", path.display()))
    }
}
