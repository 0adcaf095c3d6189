//! Texts of the user's files as they were before a command, for those that nothing else holds: copies taken beforehand.
//! Bounded; kept from one command to the next as long as the file stays the same. Only reads.

use glossator_workspace::{FileStamp, OnDisk, Stock, Workspace};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes of the largest file that is copied.
const MOST_OF_ONE: u64 = 1 << 20;
/// Bytes of all copies.
const MOST_OF_ALL: u64 = 64 << 20;

/// Copies of files, by path. Clones of its owner share them.
#[derive(Debug, Default)]
pub struct Copies {
    kept: Mutex<HashMap<PathBuf, (FileStamp, Arc<OnDisk>)>>,
}

impl Copies {
    /// Copies the files of `stock` that are `wanted`, small ones first, and forgets all others. Blocks on the disk.
    pub(crate) fn take(
        &self,
        workspace: &Workspace,
        stock: &Stock,
        wanted: &dyn Fn(&Path) -> bool,
    ) -> HashMap<PathBuf, Arc<OnDisk>> {
        let fits =
            |(path, stamp): &(&Path, &FileStamp)| stamp.is_file && stamp.size <= MOST_OF_ONE && wanted(path);
        let mut files: Vec<(&Path, &FileStamp)> = stock.files().filter(fits).collect();
        files.sort_by_key(|(path, stamp)| (stamp.size, *path));
        let mut kept = self.kept.lock();
        let mut old = std::mem::take(&mut *kept);
        let mut bytes = 0;
        for (path, stamp) in files {
            bytes += stamp.size;
            if bytes > MOST_OF_ALL {
                break;
            }
            let known = old.remove(path).filter(|(then, _)| then == stamp && stamp.is_settled());
            let copy = match known {
                Some((_, copy)) => Some(copy),
                None => workspace.on_disk_blocking(path, MOST_OF_ONE).map(Arc::new),
            };
            kept.extend(copy.map(|copy| (path.to_path_buf(), (*stamp, copy))));
        }
        kept.iter().map(|(path, (_, copy))| (path.clone(), copy.clone())).collect()
    }
}
