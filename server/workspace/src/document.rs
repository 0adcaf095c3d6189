//! One file as the user sees it: the open buffer if there is one that counts, else the decoded disk file.
//! Only reads.

use crate::on_disk::read_disk;
use crate::overlay::Overlay;
use crate::physical::physical;
use crate::read_error::ReadError;
use crate::saved::Standing;
use crate::saved::settling::{LOOKS, settles_in};
use glossator_text::{Base, FileFormat, FileText, text_hash};
use std::path::{Path, PathBuf};

/// A file as the user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Absolute path, symlinks resolved.
    pub path: PathBuf,
    /// The whole text, line endings as they are.
    pub text: String,
    /// Where the text came from.
    pub source: Source,
    /// How the text is written to disk.
    pub format: FileFormat,
    /// Hex BLAKE3 of the text.
    pub hash: String,
    /// The file was changed on disk behind the editor's back. With [`Source::Disk`]: it is open too, and the editor shows
    /// older text, none of it unsaved. With a buffer that is dirty: both were changed. With one that is not: the file is
    /// gone from the disk, and the buffer is what is left. Files of the last two kinds are not edited.
    pub changed_on_disk: bool,
}

/// Where a text came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// An open buffer.
    Buffer {
        /// The editor's version.
        version: i32,
        /// Whether it holds text that its file does not.
        dirty: bool,
    },
    /// The disk.
    Disk,
}

impl Document {
    /// Why it is not edited as it stands.
    pub(crate) fn refusal(&self) -> Option<&'static str> {
        let standing = match self.source {
            _ if !self.changed_on_disk => Standing::Counts,
            Source::Disk => Standing::Behind,
            Source::Buffer { dirty: true, .. } => Standing::Conflict,
            Source::Buffer { dirty: false, .. } => Standing::Left,
        };
        standing.refusal()
    }

    /// What a change planned on this text is based on.
    pub fn base(&self) -> Base {
        let hash = self.hash.clone();
        match self.source {
            Source::Buffer { version, .. } => Base::Buffer { version, hash },
            Source::Disk => Base::Disk { hash },
        }
    }
}

/// Reads `path`, the overlay first. Blocks on the disk.
pub(crate) fn read(overlay: &Overlay, path: &Path) -> Result<Document, ReadError> {
    let path = physical(path).map_err(|error| ReadError::io(path, &error))?;
    let (buffer, standing) = match overlay.look(&path) {
        None => return on_disk(path, false),
        Some((_, Standing::Behind)) => return settled(path),
        Some(counts) => counts,
    };
    if buffer.out_of_step {
        return Err(ReadError::OutOfStep { path: path.to_string_lossy().into_owned() });
    }
    let text = buffer.text.to_string();
    let mut format = FileFormat::of_text(&text);
    if let Ok(on_disk) = read_disk(&path) {
        format.encoding = on_disk.format.encoding;
        format.bom = on_disk.format.bom;
    }
    let changed_on_disk = standing.refusal().is_some();
    let source = Source::Buffer { version: buffer.version, dirty: buffer.dirty };
    let hash = text_hash(&text);
    Ok(Document { path, text, source, format, hash, changed_on_disk })
}

/// The file of a buffer that is behind it: not what stands there in the middle of its being written.
fn settled(path: PathBuf) -> Result<Document, ReadError> {
    let mut looks = 0;
    loop {
        let read = on_disk(path.clone(), true);
        looks += 1;
        match settles_in(&path, read.as_ref().is_ok_and(|document| document.text.is_empty())) {
            Some(wait) if looks < LOOKS => std::thread::sleep(wait),
            _ => return read,
        }
    }
}

fn on_disk(path: PathBuf, changed_on_disk: bool) -> Result<Document, ReadError> {
    let FileText { text, format } = read_disk(&path)?;
    let hash = text_hash(&text);
    Ok(Document { path, text, source: Source::Disk, format, hash, changed_on_disk })
}
