//! Files that the user names to write something of a session to. Never over a file that is there.

use crate::StoreError;
use crate::folder::private_file;
use std::fs::File;
use std::path::Path;

/// A new file that the user wants an export in, open to its owner alone.
///
/// # Errors
/// One that is there already, and whatever the disk says.
pub fn create_export(path: &Path) -> Result<File, StoreError> {
    private_file().write(true).create_new(true).open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => StoreError::Refused(format!(
            "{} is there already, and nothing was written. Name another file, or move it away",
            path.display()
        )),
        _ => StoreError::io("write", path)(error),
    })
}

/// Takes back what [`create_export`] made, where the export failed.
pub fn drop_export(path: &Path) {
    let _ = std::fs::remove_file(path);
}
