//! Sessions of workspaces whose folder was moved or removed: found, and taken over by this workspace. A session is in exactly
//! one place at any moment; whoever was stopped half way goes on by doing it again.

use crate::blobs::{Blobs, names_in};
use crate::chain::LOG;
use crate::folder::check_id;
use crate::folder::{make_private, sync_folder, write_whole};
use crate::lock::{Lock, Tidy};
use crate::places::{Place, bytes_below};
use crate::{Store, StoreError};
use glossator_session::SessionId;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// The state of a workspace whose folder is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detached {
    /// The name of its state folder, which [`Store::attach`] takes too.
    pub name: String,
    /// Where the workspace was.
    pub path: PathBuf,
    /// How many sessions it has.
    pub sessions: usize,
    /// When one of them was last written to: milliseconds since the Unix epoch.
    pub updated_at: i64,
    /// What it all takes on the disk, in bytes.
    pub bytes: u64,
}

/// What was taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// How many sessions.
    pub sessions: usize,
    /// Where their workspace was.
    pub from: PathBuf,
}

/// Why sessions could not be taken over.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// Nothing is known by that name.
    #[error("there are no sessions of '{name}'; `glossator sessions attach` lists the folders that are gone")]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// The folder is there, so that its sessions are its own.
    #[error("{} still exists, so that its sessions are its own; `glossator sessions list --cwd` shows them", path.display())]
    Alive {
        /// The folder.
        path: PathBuf,
    },
    /// Both have a session of one id.
    #[error(
        "session {session} is here already: {} was left there, everything before it was taken over",
        path.display()
    )]
    Twice {
        /// The id.
        session: String,
        /// Where the other one lies.
        path: PathBuf,
    },
    /// The disk said no, or a session is being written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Files of a state folder that are worth nothing without its sessions.
const LEFT_OVER: [&str; 12] = [
    "index.db",
    "index.db-wal",
    "index.db-shm",
    "index.lock",
    "index.new.db",
    "index.new.lock",
    "urls.db",
    "urls.db-wal",
    "urls.db-shm",
    "tidy.lock",
    "blobs",
    "scratch",
];
const NOTE: &str = "workspace.json";

impl Store {
    /// Workspaces with sessions whose folder is no more, the last used first.
    pub fn detached(&self) -> Vec<Detached> {
        let ours = self.folder();
        let places = self.places().into_iter().filter(|place| place.folder != ours);
        let mut found: Vec<Detached> = places.filter_map(|place| detached(&place)).collect();
        found.sort_by(|a, b| (b.updated_at, &a.path).cmp(&(a.updated_at, &b.path)));
        found
    }

    /// Takes over the sessions of a workspace whose folder is no more: with their texts, and with the documents of its
    /// cabinet, which get new keys where this workspace has some already. `name`: where it was, or the name of its state.
    ///
    /// # Errors
    /// A name that is none or of a folder that exists, a session that is being written, and whatever the disk says. What was
    /// taken over by then stays here, the rest stays there.
    pub fn attach(&self, name: &str) -> Result<Attached, AttachError> {
        let place = self.named(name)?;
        let from = place.workspace.clone().unwrap_or_else(|| place.folder.clone());
        let ids = sessions(&place.folder);
        let tidy = Tidy::alone(&place.folder)?;
        let locks = ids.iter().map(|id| Lock::take(&place.folder.join("sessions").join(id), id));
        let locks = locks.collect::<Result<Vec<_>, _>>()?;
        if fs::symlink_metadata(self.folder()).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            self.take_whole(&place.folder)?;
        } else {
            self.take_each(&place.folder, &ids)?;
            self.take_cabinet(&place.folder)?;
            drop(tidy);
            clear(&place.folder);
        }
        drop(locks);
        Ok(Attached { sessions: ids.len(), from })
    }

    fn named(&self, name: &str) -> Result<Place, AttachError> {
        let unknown = || AttachError::Unknown { name: name.to_owned() };
        let named = |place: &Place| {
            place.folder.file_name().is_some_and(|own| own == name)
                || place.workspace.as_deref().is_some_and(|path| path == Path::new(name))
        };
        let place = self.places().into_iter().find(named).ok_or_else(unknown)?;
        match &place.workspace {
            _ if place.folder == self.folder() => Err(unknown()),
            Some(path) if !is_gone(path) => Err(AttachError::Alive { path: path.clone() }),
            _ => Ok(place),
        }
    }

    /// The other's folder becomes ours.
    fn take_whole(&self, other: &Path) -> Result<(), StoreError> {
        fs::rename(other, self.folder()).map_err(StoreError::io("move", other))?;
        // It tells paths as they were there.
        for name in LEFT_OVER.iter().filter(|name| name.starts_with("index.")) {
            let _ = fs::remove_file(self.folder().join(name));
        }
        let note = serde_json::json!({ "path": self.workspace().to_string_lossy() });
        write_whole(&self.folder().join(NOTE), format!("{note}\n").as_bytes())?;
        self.folder().parent().into_iter().for_each(sync_folder);
        Ok(())
    }

    fn take_each(&self, other: &Path, ids: &[String]) -> Result<(), AttachError> {
        self.make_folder()?;
        let _tidy = Tidy::alone(self.folder())?;
        let ours = self.folder().join("sessions");
        make_private(&ours, true)?;
        for id in ids {
            let (from, to) = (other.join("sessions").join(id), ours.join(id));
            if fs::symlink_metadata(&to).is_ok() {
                return Err(AttachError::Twice { session: id.clone(), path: from });
            }
            // Its texts first: a session never stands where they are not.
            take_blobs(&from.join(LOG), other, self.folder())?;
            fs::rename(&from, &to).map_err(StoreError::io("move", &from))?;
        }
        sync_folder(&ours);
        Ok(())
    }

    fn take_cabinet(&self, other: &Path) -> Result<(), StoreError> {
        let (from, to) = (other.join("cabinet"), self.folder().join("cabinet"));
        if fs::symlink_metadata(&from).is_err() {
            return Ok(());
        }
        if fs::symlink_metadata(&to).is_err() {
            return fs::rename(&from, &to).map_err(StoreError::io("move", &from));
        }
        let (theirs, ours) = (self.cabinet_in(from), self.cabinet());
        // At the beginning of time nothing is over yet.
        for entry in theirs.list(i64::MIN)?.entries {
            // One that is damaged stays where it is, and keeps no other back.
            let (entry, text) = match theirs.get(&entry.key, i64::MIN) {
                Ok(found) => found,
                Err(error) => {
                    tracing::warn!(key = %entry.key, %error, "a document was left behind");
                    continue;
                }
            };
            let note = format!("{} (was {} in a folder that was moved)", entry.note, entry.key);
            ours.put(&text, &note, &entry.source, entry.saved_at)?;
            theirs.delete(&entry.key)?;
        }
        Ok(())
    }
}

/// Whether nothing is at `path`, as far as that can be told.
fn is_gone(path: &Path) -> bool {
    let kinds = [ErrorKind::NotFound, ErrorKind::NotADirectory];
    fs::symlink_metadata(path).is_err_and(|error| kinds.contains(&error.kind()))
}

fn detached(place: &Place) -> Option<Detached> {
    let path = place.workspace.clone().filter(|path| is_gone(path))?;
    let ids = sessions(&place.folder);
    let time = |id: &String| {
        let log = fs::symlink_metadata(place.folder.join("sessions").join(id).join(LOG)).ok()?;
        let age = log.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        i64::try_from(age.as_millis()).ok()
    };
    (!ids.is_empty()).then(|| Detached {
        name: place.folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        path,
        sessions: ids.len(),
        updated_at: ids.iter().filter_map(time).max().unwrap_or(0),
        bytes: bytes_below(&place.folder),
    })
}

/// The ids of the sessions in a state folder.
fn sessions(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder.join("sessions")).into_iter().flatten().flatten();
    let with_log = entries.filter(|entry| fs::symlink_metadata(entry.path().join(LOG)).is_ok());
    let names = with_log.filter_map(|entry| entry.file_name().into_string().ok());
    let mut ids: Vec<String> = names.filter(|name| check_id(&SessionId(name.clone())).is_ok()).collect();
    ids.sort();
    ids
}

/// Puts the texts that a log refers to beside those of `to`.
fn take_blobs(log: &Path, from: &Path, to: &Path) -> Result<(), StoreError> {
    let bytes = fs::read(log).map_err(StoreError::io("read", log))?;
    let mut hashes = Vec::new();
    names_in(&bytes, |hash| hashes.push(hash.to_owned()));
    let (theirs, ours) = (Blobs::of(from), Blobs::of(to));
    for hash in hashes {
        let (source, target) = (theirs.path(&hash), ours.path(&hash));
        if fs::symlink_metadata(&target).is_ok() {
            continue;
        }
        for folder in [Some(ours.folder()), target.parent()].into_iter().flatten() {
            make_private(folder, true)?;
        }
        match fs::hard_link(&source, &target) {
            Ok(()) => {}
            // Lost already, as the session itself says when it is read.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(_) => {
                let bytes = fs::read(&source).map_err(StoreError::io("read", &source))?;
                write_whole(&target, &bytes)?;
            }
        }
    }
    Ok(())
}

/// Removes what is left of a state folder without sessions. Anything that is not known stays, and the folder with it.
fn clear(folder: &Path) {
    if !sessions(folder).is_empty() {
        return;
    }
    for name in LEFT_OVER {
        let path = folder.join(name);
        let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path));
    }
    // Only where they are empty.
    let _ = fs::remove_file(folder.join("cabinet").join("last"));
    let _ = fs::remove_dir(folder.join("cabinet"));
    if fs::remove_dir(folder.join("sessions")).is_ok() {
        let _ = fs::remove_file(folder.join(NOTE));
        let _ = fs::remove_dir(folder);
    }
}
