//! Where the core of a workspace listens: a private folder, a socket, and the lock that its core holds as long as it lives.
//! Never follows a link, and trusts no folder and no process of another user.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // The door to the folder of sockets.

use glossator_settings::Folders;
use rustix::fs::{FlockOperation, flock};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// The place of one core.
#[derive(Debug, Clone)]
pub struct Place {
    socket: PathBuf,
    lock: PathBuf,
}

/// Held by the core, from before its socket is there until its process ends.
#[derive(Debug)]
pub struct Lock(File);

impl Place {
    /// The place for the workspace `identity` under these settings and this state. Makes the folder if it is not there.
    ///
    /// # Errors
    /// Why the folder cannot be used: it is a link, of somebody else, or open to others.
    pub fn of(folders: &Folders, identity: &Path) -> Result<Place, String> {
        private(&folders.runtime)?;
        let mut hash = blake3::Hasher::new();
        for path in [identity, &folders.state, &folders.config] {
            let bytes = path.as_os_str().as_bytes();
            hash.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
        }
        let name = hash.finalize().to_hex()[..16].to_owned();
        let file = |ending: &str| folders.runtime.join(format!("{name}.{ending}"));
        Ok(Place { socket: file("sock"), lock: file("lock") })
    }

    /// A stream to the core that listens here; `None`: none does.
    ///
    /// # Errors
    /// What is in the way of any: a path that is too long, or somebody else who listens.
    pub fn connect(&self) -> Result<Option<UnixStream>, String> {
        let stream = match UnixStream::connect(&self.socket) {
            Ok(stream) => stream,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
                return Ok(None);
            }
            Err(error) => return Err(format!("{}: {error}", self.socket.display())),
        };
        match peer(&stream) {
            Ok(user) if user == rustix::process::getuid().as_raw() => Ok(Some(stream)),
            Ok(user) => Err(format!("user {user} listens on {}", self.socket.display())),
            Err(error) => {
                Err(format!("{}: who listens there cannot be told ({error})", self.socket.display()))
            }
        }
    }

    /// The lock; `None`: somebody holds it.
    ///
    /// # Errors
    /// What the system said of its file.
    pub fn lock(&self) -> Result<Option<Lock>, String> {
        let failed = |error: io::Error| format!("{}: {error}", self.lock.display());
        let mut options = OpenOptions::new();
        // Without O_CLOEXEC, which the standard library sets, programs that the core starts would keep it locked.
        options.read(true).write(true).create(true).mode(0o600).custom_flags(libc::O_NOFOLLOW);
        let file = options.open(&self.lock).map_err(failed)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Lock(file))),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(failed(error.into())),
        }
    }

    /// Listens; what an ended core left is taken away.
    ///
    /// # Errors
    /// What the system said.
    pub fn listen(&self, held: &Lock) -> Result<UnixListener, String> {
        self.close(held);
        // Of the process as a whole, so set only for this moment.
        let before = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o177));
        let listener = UnixListener::bind(&self.socket);
        rustix::process::umask(before);
        listener.map_err(|error| format!("{}: {error}", self.socket.display()))
    }

    /// Whether `held` is what others find locked here: who tidies up temporary folders may have taken it away.
    pub fn is_held(&self, held: &Lock) -> bool {
        match (std::fs::symlink_metadata(&self.lock), held.0.metadata()) {
            (Ok(there), Ok(held)) => (there.dev(), there.ino()) == (held.dev(), held.ino()),
            _ => false,
        }
    }

    /// Nobody finds the socket any more; one that belongs to another core by now is left alone.
    pub fn close(&self, held: &Lock) {
        if self.is_held(held)
            && let Err(error) = std::fs::remove_file(&self.socket)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(%error, socket = %self.socket.display(), "a socket could not be taken away");
        }
    }
}

impl Lock {
    /// Notes who holds it, for people who look.
    pub fn sign(&mut self) {
        let text = format!("{}\n", std::process::id());
        if let Err(error) = self.0.set_len(0).and_then(|()| self.0.write_all(text.as_bytes())) {
            tracing::debug!(%error, "the lock of the core was not signed");
        }
    }
}

impl AsFd for Lock {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Makes `folder` or looks whether it is ours alone.
fn private(folder: &Path) -> Result<(), String> {
    let refused = |why: &str| {
        let folder = folder.display();
        Err(format!("{folder} {why}; remove it, or name another folder in GLOSSATOR_RUNTIME_DIR"))
    };
    let failed = |error: io::Error| {
        format!("{}: {error}; name a folder that can be made in GLOSSATOR_RUNTIME_DIR", folder.display())
    };
    let look = || std::fs::symlink_metadata(folder);
    let found = match look() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            match DirBuilder::new().recursive(true).mode(0o700).create(folder) {
                Ok(()) => look().map_err(failed)?,
                Err(error) => return Err(failed(error)),
            }
        }
        found => found.map_err(failed)?,
    };
    if !folder.is_absolute() {
        return refused("is not an absolute path");
    }
    if !found.file_type().is_dir() {
        return refused("is a link or no folder");
    }
    if found.uid() != rustix::process::getuid().as_raw() {
        return refused("belongs to another user");
    }
    if found.mode() & 0o077 != 0 {
        return refused("is open to other users");
    }
    Ok(())
}

/// The user at the other end.
fn peer(stream: &UnixStream) -> io::Result<u32> {
    #[cfg(target_os = "linux")]
    {
        Ok(rustix::net::sockopt::socket_peercred(stream)?.uid.as_raw())
    }
    #[cfg(not(target_os = "linux"))]
    {
        use std::os::fd::AsRawFd;
        let (mut user, mut group) = (0, 0);
        // SAFETY: the descriptor is open as long as `stream`, and both numbers are ours to write.
        match unsafe { libc::getpeereid(stream.as_raw_fd(), &mut user, &mut group) } {
            0 => Ok(user),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn folders(runtime: PathBuf) -> Folders {
        Folders { config: "/c".into(), state: "/s".into(), cache: "/k".into(), runtime }
    }

    #[test]
    fn a_folder_that_is_not_ours_alone_is_refused() {
        let temporary = tempfile::tempdir().unwrap();
        let at = |name: &str| temporary.path().join(name);
        let place = |name: &str| Place::of(&folders(at(name)), Path::new("/w"));
        place("made/deep").unwrap();
        assert_eq!(at("made/deep").metadata().unwrap().mode() & 0o777, 0o700);
        place("made/deep").unwrap();
        symlink(at("made/deep"), at("link")).unwrap();
        assert!(place("link").unwrap_err().contains("is a link"));
        std::fs::write(at("file"), "").unwrap();
        assert!(place("file").unwrap_err().contains("no folder"));
        for mode in [0o701, 0o710, 0o755, 0o1777] {
            std::fs::create_dir(at("open")).unwrap();
            std::fs::set_permissions(at("open"), std::fs::Permissions::from_mode(mode)).unwrap();
            assert!(place("open").unwrap_err().contains("open to other users"), "{mode:o}");
            std::fs::remove_dir(at("open")).unwrap();
        }
        assert!(Place::of(&folders("relative".into()), Path::new("/w")).unwrap_err().contains("absolute"));
        std::fs::remove_dir("relative").unwrap();
        if rustix::process::getuid().is_root() {
            std::fs::create_dir(at("foreign")).unwrap();
            std::os::unix::fs::chown(at("foreign"), Some(12_345), None).unwrap();
            assert!(place("foreign").unwrap_err().contains("another user"));
        }
    }

    #[test]
    fn each_workspace_state_and_config_has_a_place_of_its_own() {
        let temporary = tempfile::tempdir().unwrap();
        let all = folders(temporary.path().join("run"));
        let socket =
            |folders: &Folders, identity: &str| Place::of(folders, Path::new(identity)).unwrap().socket;
        let usual = socket(&all, "/w");
        assert_eq!(usual, socket(&Folders { cache: "/other".into(), ..all.clone() }, "/w"));
        assert_ne!(usual, socket(&all, "/v"));
        assert_ne!(usual, socket(&Folders { state: "/other".into(), ..all.clone() }, "/w"));
        assert_ne!(usual, socket(&Folders { config: "/other".into(), ..all.clone() }, "/w"));
    }

    #[test]
    fn one_lock_and_a_stale_socket() {
        let temporary = tempfile::tempdir().unwrap();
        let place = Place::of(&folders(temporary.path().join("run")), Path::new("/w")).unwrap();
        assert!(place.connect().unwrap().is_none());
        let lock = place.lock().unwrap().unwrap();
        assert!(place.lock().unwrap().is_none());
        let listener = place.listen(&lock).unwrap();
        assert!(place.connect().unwrap().is_some());
        drop(listener);
        // As a killed core leaves it.
        assert!(place.connect().unwrap().is_none());
        drop(lock);
        let lock = place.lock().unwrap().unwrap();
        let _listener = place.listen(&lock).unwrap();
        assert!(place.connect().unwrap().is_some());
        assert_eq!(place.socket.metadata().unwrap().mode() & 0o077, 0);
    }

    #[test]
    fn a_core_whose_folder_was_tidied_away_leaves_the_next_one_alone() {
        let temporary = tempfile::tempdir().unwrap();
        let all = folders(temporary.path().join("run"));
        let place = || Place::of(&all, Path::new("/w")).unwrap();
        let old = place().lock().unwrap().unwrap();
        let _listens = place().listen(&old).unwrap();
        assert!(place().is_held(&old));
        std::fs::remove_dir_all(&all.runtime).unwrap();
        assert!(!place().is_held(&old));
        let new = place().lock().unwrap().unwrap();
        let _listens_too = place().listen(&new).unwrap();
        place().close(&old);
        assert!(place().connect().unwrap().is_some());
        place().close(&new);
        assert!(place().connect().unwrap().is_none());
    }

    #[test]
    fn a_path_that_no_socket_can_have() {
        let temporary = tempfile::tempdir().unwrap();
        let place = Place::of(&folders(temporary.path().join("a".repeat(120))), Path::new("/w")).unwrap();
        assert!(place.connect().is_err());
    }
}
