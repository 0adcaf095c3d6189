//! One file as the user sees it: the open buffer if there is one, else the decoded disk file.
//! Only reads.

use crate::disk;
use crate::on_disk::{read_disk, same_lines};
use crate::overlay::Overlay;
use crate::physical::physical;
use crate::read_error::ReadError;
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
    /// The buffer has no unsaved changes that are known, and yet the file on disk holds other text: it was changed behind
    /// the editor's back.
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
    let Some(buffer) = overlay.by_path(&path) else {
        let FileText { text, format } = read_disk(&path)?;
        let hash = text_hash(&text);
        return Ok(Document { path, text, source: Source::Disk, format, hash, changed_on_disk: false });
    };
    if buffer.out_of_step {
        return Err(ReadError::OutOfStep { path: path.to_string_lossy().into_owned() });
    }
    let text = buffer.text.to_string();
    let stamp = disk::stamp(&path);
    let mut format = FileFormat::of_text(&text);
    let mut changed_on_disk = false;
    if let Ok(on_disk) = read_disk(&path) {
        format.encoding = on_disk.format.encoding;
        format.bom = on_disk.format.bom;
        // A file that reads otherwise here, and is still as the editor saved it, did not change.
        let foreign = buffer.foreign.is_some() && buffer.foreign == stamp;
        changed_on_disk = !buffer.dirty && !foreign && !same_lines(&on_disk.text, &text);
    }
    let source = Source::Buffer { version: buffer.version, dirty: buffer.dirty };
    let hash = text_hash(&text);
    Ok(Document { path, text, source, format, hash, changed_on_disk })
}
