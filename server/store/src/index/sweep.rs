//! Which sessions there are and how their files stand, without opening one.

use super::IndexError;
use super::lines::Stamp;
use crate::chain::LOG;
use crate::folder::check_id;
use glossator_session::SessionId;
use serde::Deserialize;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// A session as its files stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub id: String,
    pub log: Stamp,
    pub meta: Stamp,
}

const META: &str = "meta.json";
const META_BYTES: u64 = 1 << 20;
/// Of a file that is not there.
const NONE: Stamp = Stamp { len: -1, time: 0 };

/// The names in the folder `sessions`, in no order.
pub(crate) fn names(sessions: &Path) -> Result<Vec<String>, IndexError> {
    let entries = match fs::read_dir(sessions) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    Ok(entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect())
}

/// Milliseconds after which a folder that has changed cannot have changed once more without another time.
const SETTLED: i64 = 1_000;

/// When something last came into the folder `sessions` or went, in nanoseconds since the Unix epoch; `None` where that
/// says nothing: it cannot be told, or it is `now` (in milliseconds).
pub(crate) fn changed(sessions: &Path, now: i64) -> Option<i64> {
    let at = fs::symlink_metadata(sessions).ok()?.modified().ok()?;
    let nanos = i64::try_from(at.duration_since(std::time::UNIX_EPOCH).ok()?.as_nanos()).ok()?;
    (nanos / 1_000_000 + SETTLED < now).then_some(nanos)
}

/// All sessions below `sessions`, in no order.
pub(crate) fn look(sessions: &Path) -> Result<Vec<Seen>, IndexError> {
    let names = names(sessions)?;
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let folder = Folder::open(sessions)?;
    Ok(names.into_iter().filter_map(|id| folder.look_at(id)).collect())
}

/// The open folder of sessions: thousands of files are looked at faster from there.
pub(crate) struct Folder {
    #[cfg(unix)]
    file: fs::File,
    #[cfg(not(unix))]
    path: std::path::PathBuf,
}

impl Folder {
    #[cfg(unix)]
    pub fn open(path: &Path) -> std::io::Result<Folder> {
        Ok(Folder { file: fs::File::open(path)? })
    }

    #[cfg(not(unix))]
    pub fn open(path: &Path) -> std::io::Result<Folder> {
        Ok(Folder { path: path.to_owned() })
    }

    /// One session; `None`: there is none of this name.
    pub fn look_at(&self, id: String) -> Option<Seen> {
        let id = SessionId(id);
        check_id(&id).ok()?;
        let log = self.stamp(&id.0, LOG)?;
        let meta = self.stamp(&id.0, META).unwrap_or(NONE);
        Some(Seen { id: id.0, log, meta })
    }

    #[cfg(unix)]
    fn stamp(&self, id: &str, name: &str) -> Option<Stamp> {
        use rustix::fs::{AtFlags, statat};
        let stat = statat(&self.file, format!("{id}/{name}"), AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let nanos = i64::try_from(stat.st_mtime_nsec).unwrap_or(0);
        Some(Stamp {
            len: stat.st_size,
            time: stat.st_mtime.saturating_mul(1_000_000_000).saturating_add(nanos),
        })
    }

    #[cfg(not(unix))]
    fn stamp(&self, id: &str, name: &str) -> Option<Stamp> {
        let meta = fs::symlink_metadata(self.path.join(id).join(name)).ok()?;
        let age = meta.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        let len = i64::try_from(meta.len()).ok()?;
        Some(Stamp { len, time: i64::try_from(age.as_nanos()).unwrap_or(i64::MAX) })
    }
}

/// What the user decided about a session.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Meta {
    pub title: Option<String>,
    pub archived: bool,
}

/// What is said of the session in `folder`; nothing where that cannot be read.
pub(crate) fn meta(folder: &Path) -> Meta {
    let mut bytes = Vec::new();
    let opened = crate::folder::private_file().read(true).open(folder.join(META));
    match opened.and_then(|file| file.take(META_BYTES).read_to_end(&mut bytes)) {
        Ok(_) => serde_json::from_slice(&bytes).unwrap_or_default(),
        Err(_) => Meta::default(),
    }
}
