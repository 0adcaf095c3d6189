//! Files of the disk as text: reading, decoding, comparing. Knows nothing of buffers.
//! Only reads; blocks on the disk.

use crate::disk;
use crate::read_error::ReadError;
use glossator_text::FileText;
use std::path::Path;

/// Bytes of the largest file that is read whole.
pub const READ_LIMIT: u64 = 64 << 20;

/// Reads and decodes `path` (resolved) from disk, whatever buffers say. Blocks.
pub(crate) fn read_disk(path: &Path) -> Result<FileText, ReadError> {
    Ok(read_both(path)?.0)
}

/// As [`read_disk`], with the bytes that the text was read from.
pub(crate) fn read_both(path: &Path) -> Result<(FileText, Vec<u8>), ReadError> {
    let bytes = disk::read_whole(path, READ_LIMIT)?;
    let text = FileText::decode(&bytes).map_err(|_| ReadError::Binary {
        path: path.to_string_lossy().into_owned(),
        size: bytes.len() as u64,
    })?;
    Ok((text, bytes))
}

/// Whether two texts hold the same lines, whatever ends them. Some editors keep buffers with bare line feeds.
pub(crate) fn same_lines(a: &str, b: &str) -> bool {
    let contents = |text| glossator_text::lines(text).map(glossator_text::line_content);
    let ended = |text: &str| text.ends_with(['\n', '\r']);
    a == b || (ended(a) == ended(b) && contents(a).eq(contents(b)))
}
