//! Owns the folder of one run in the scratch folder: made, locked while its process lives, and removed at the end, also
//! by a later process. Knows nothing of what is in it.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

/// How the names of these folders begin.
const PREFIX: &str = "overlay-";
/// How often, and after how long each time, a removal is tried in which something still writes.
const TRIES: u32 = 8;
const PAUSE: Duration = Duration::from_millis(100);

/// The folder of one run. Dropping it removes it, in a thread of its own.
#[derive(Debug)]
pub(super) struct RunFolder {
    path: PathBuf,
    /// Locked while this process lives; the system lets go when it dies, whatever its number was.
    lock: Option<File>,
}

impl RunFolder {
    /// A new folder in `scratch`; first removes those whose process is gone.
    ///
    /// # Errors
    /// What the system said.
    pub fn new(scratch: &Path) -> io::Result<RunFolder> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let scratch = fs::canonicalize(scratch)?;
        // Nobody may take a folder for left behind between its making and its lock.
        let making = File::open(&scratch)?;
        flock(&making, FlockOperation::LockExclusive)?;
        let left = left_behind(&scratch)?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}{}-{}-{number}", std::process::id(), started());
        let path = scratch.join(name);
        DirBuilder::new().mode(0o700).create(&path)?;
        let lock = File::open(&path)?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        drop(making);
        drop(left);
        Ok(RunFolder { path, lock: Some(lock) })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        let (path, lock) = (std::mem::take(&mut self.path), self.lock.take());
        let remove = move || {
            // What cannot be removed is tried again by the next run.
            let _ = remove_patiently(&path);
            drop(lock);
        };
        let _none_to_be_had = std::thread::Builder::new().name("overlay-remove".to_owned()).spawn(remove);
    }
}

/// The folders whose process is gone.
fn left_behind(scratch: &Path) -> io::Result<Vec<RunFolder>> {
    let mut left = Vec::new();
    for entry in fs::read_dir(scratch)? {
        let entry = entry?;
        if !entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes())
            || !entry.file_type()?.is_dir()
        {
            continue;
        }
        // One that is being removed by another.
        let Ok(lock) = File::open(entry.path()) else { continue };
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok() {
            left.push(RunFolder { path: entry.path(), lock: Some(lock) });
        }
    }
    Ok(left)
}

/// When this process was started, in the system's ticks; with the process's number, a name that is not given twice.
fn started() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().nth(19).and_then(|ticks| ticks.parse().ok()).unwrap_or(0)
}

fn remove_patiently(path: &Path) -> io::Result<()> {
    let mut tries = 0;
    loop {
        match remove(path) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) if tries == TRIES => return Err(error),
            Err(_) => tries += 1,
        }
        std::thread::sleep(PAUSE);
    }
}

/// Removes a folder with all that is in it, whatever its permissions and however deep it is: folders within folders
/// are brought up to the top before they are looked into, so no path is ever long. Follows no links.
fn remove(top: &Path) -> io::Result<()> {
    let mut count = 0_u64;
    let mut name = || loop {
        count += 1;
        let path = top.join(format!("r{count}"));
        if fs::symlink_metadata(&path).is_err() {
            return path;
        }
    };
    let mut folders = clear(top)?;
    while let Some(folder) = folders.pop() {
        for inner in clear(&folder)? {
            let raised = name();
            fs::rename(&inner, &raised)?;
            folders.push(raised);
        }
        fs::remove_dir(&folder)?;
    }
    fs::remove_dir(top)
}

/// Removes what is in a folder but the folders in it, which are given back, open to their owner.
fn clear(folder: &Path) -> io::Result<Vec<PathBuf>> {
    open_up(folder)?;
    let mut inner = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            // A folder can be moved only by who may write in it.
            open_up(&entry.path())?;
            inner.push(entry.path());
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(inner)
}

fn open_up(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode(0o700))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::time::Duration;

    use super::RunFolder;

    fn names(folder: &std::path::Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn soon(mut holds: impl FnMut() -> bool) {
        for _ in 0..400 {
            if holds() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it did not come to hold");
    }

    #[test]
    fn only_what_nobody_holds_is_removed() {
        let scratch = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("kept"), "x").unwrap();
        let held = RunFolder::new(scratch.path()).unwrap();
        let stale = scratch.path().join("overlay-1-2-3");
        fs::create_dir_all(stale.join("0/upper/r1/r2")).unwrap();
        fs::write(stale.join("0/upper/f"), "x").unwrap();
        symlink(outside.path(), stale.join("0/upper/link")).unwrap();
        fs::create_dir(scratch.path().join("other")).unwrap();
        let more = RunFolder::new(scratch.path()).unwrap();
        soon(|| names(scratch.path()).len() == 3);
        assert!(held.path().is_dir() && more.path().is_dir() && outside.path().join("kept").exists());
        drop((held, more));
        soon(|| names(scratch.path()) == ["other"]);
    }

    #[test]
    fn deep_and_closed_folders_are_removed() {
        let scratch = tempfile::tempdir().unwrap();
        let run = RunFolder::new(scratch.path()).unwrap();
        let script = "n=$(printf %0100d 0); i=0; while [ $i -lt 60 ]; do mkdir $n && cd -P $n || exit 1; echo x > f; i=$((i+1)); done";
        let made =
            std::process::Command::new("sh").args(["-c", script]).current_dir(run.path()).output().unwrap();
        assert!(made.stderr.is_empty(), "{made:?}");
        let closed = run.path().join("closed");
        fs::create_dir_all(closed.join("in")).unwrap();
        fs::set_permissions(&closed, std::os::unix::fs::PermissionsExt::from_mode(0o0)).unwrap();
        drop(run);
        soon(|| names(scratch.path()).is_empty());
    }
}
