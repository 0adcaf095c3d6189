//! Puts into ignored folders what a command left there: at once, without review, by rename where that can be, with times,
//! permissions, links and the names of one file kept. Follows no link out of the place. Blocks on the disk.

#[cfg(test)]
mod tests;

use super::{Unsaved, beside, make_parents, temporary};
use crate::files::Workspace;
use crate::physical::physical;
use crate::roots::Roots;
use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_OMIT, utimensat};
use std::collections::{HashMap, HashSet};
use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

/// A path as a command left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Absolute, in the workspace.
    pub path: PathBuf,
    /// Where to take it from, whatever it is; `None`: it is gone, a folder with all that is in it.
    pub at: Option<PathBuf>,
    /// Its Unix permission bits (`0o7777`); `None`: those that it has where it is.
    pub mode: Option<u32>,
    /// It has the bytes and permissions of what stands there. If it also has its time, that stays.
    pub same: bool,
}

impl Workspace {
    /// Makes the paths what they are in `products`: first all that is gone, then the rest, folders before what is in them.
    /// What stands there is overwritten, unless it is shown by a buffer with unsaved text. Gives what could not be done, and
    /// why; the rest is done all the same.
    pub fn place_blocking(&self, products: &[Product]) -> Vec<(PathBuf, String)> {
        self.place(products, false)
    }

    /// As that, `across` file systems, or not as far as is known.
    fn place(&self, products: &[Product], across: bool) -> Vec<(PathBuf, String)> {
        let mut place = Place {
            roots: self.roots(),
            unsaved: Unsaved::of(self),
            checked: HashSet::new(),
            names: HashMap::new(),
            across,
            folders: Vec::new(),
            failed: Vec::new(),
        };
        let (mut gone, mut left) = (Vec::new(), Vec::new());
        for one in products {
            match &one.at {
                None => gone.push(&one.path),
                // Read before anything is taken out of it.
                Some(at) => match fs::symlink_metadata(at) {
                    Ok(found) => left.push(Left { product: one, at, found }),
                    Err(error) => place.failed.push((one.path.clone(), error.to_string())),
                },
            }
        }
        left.sort_by(|a, b| a.product.path.cmp(&b.product.path));
        for path in gone {
            let done = place.may_change(path, true).and_then(|()| remove(path).map_err(|e| e.to_string()));
            place.note(path, done);
        }
        left.iter().for_each(|one| place.anchor(one));
        for one in left {
            let path = &one.product.path;
            let done = place.one(one);
            place.note(path, done);
        }
        place.finish_folders();
        place.failed
    }
}

/// What is to be put somewhere.
struct Left<'a> {
    product: &'a Product,
    at: &'a Path,
    found: Metadata,
}

impl Left<'_> {
    fn mode(&self) -> u32 {
        self.product.mode.unwrap_or_else(|| bits(&self.found))
    }

    /// What tells its file from all others, if the file has more names than one.
    fn inode(&self) -> Option<(u64, u64)> {
        let many = self.found.is_file() && self.found.nlink() > 1;
        many.then(|| (self.found.dev(), self.found.ino()))
    }
}

struct Place {
    roots: Roots,
    unsaved: Unsaved,
    /// Folders in which something may be put: no link leads there.
    checked: HashSet<PathBuf>,
    /// Where files of several names stand by now.
    names: HashMap<(u64, u64), PathBuf>,
    /// It comes from another file system, so nothing can be renamed.
    across: bool,
    /// Folders whose permissions and times are set once they are filled, with where they were.
    folders: Vec<(PathBuf, u32, Metadata)>,
    failed: Vec<(PathBuf, String)>,
}

impl Place {
    fn note(&mut self, path: &Path, done: Result<(), String>) {
        self.failed.extend(done.err().map(|why| (path.to_path_buf(), why)));
    }

    /// Whether `path` is in the workspace, behind no link, and, where it is `replaced`, not shown with unsaved text.
    fn may_change(&mut self, path: &Path, replaced: bool) -> Result<(), String> {
        let parent = path.parent().ok_or("it has no folder")?;
        if !self.checked.contains(parent) {
            let real =
                physical(parent).map_err(|error| format!("its folder could not be looked up: {error}"))?;
            if real != parent || !self.roots.contains(parent) {
                return Err("it leads out of the workspace; nothing is written there".to_owned());
            }
            self.checked.insert(parent.to_path_buf());
        }
        if replaced { self.unsaved.refuse(path) } else { Ok(()) }
    }

    /// Remembers a file that stays as it is: other names that the command gave it are to be names of this one.
    fn anchor(&mut self, one: &Left<'_>) {
        let Some(inode) = one.inode().filter(|_| one.product.same) else { return };
        let stays = |now: Metadata| {
            let time = |of: &Metadata| (of.mtime(), of.mtime_nsec(), of.len());
            now.is_file() && time(&now) == time(&one.found)
        };
        if fs::symlink_metadata(&one.product.path).is_ok_and(stays) {
            self.names.entry(inode).or_insert_with(|| one.product.path.clone());
        }
    }

    fn one(&mut self, one: Left<'_>) -> Result<(), String> {
        let path = &one.product.path;
        let is_folder = one.found.is_dir();
        self.may_change(path, !is_folder)?;
        let now = fs::symlink_metadata(path).ok();
        let done = match now {
            Some(now) if is_folder && now.is_dir() => open_up(path, &now),
            Some(_) if is_folder => Err(io::Error::other("something else stands there now")),
            Some(now) if now.is_dir() => Err(io::Error::other("a folder stands there now")),
            None if is_folder => make_parents(path).and_then(|()| fs::create_dir(path)),
            now => now.map_or_else(|| make_parents(path), |_| Ok(())).and_then(|()| self.no_folder(&one)),
        };
        done.map_err(|error| error.to_string())?;
        if is_folder {
            // What is in it is taken out of it.
            let _ = open_up(one.at, &one.found);
            self.folders.push((path.clone(), one.mode(), one.found));
        }
        Ok(())
    }

    /// Puts a file, a link or the like in place.
    fn no_folder(&mut self, one: &Left<'_>) -> io::Result<()> {
        let path = &one.product.path;
        if let Some(other) = one.inode().and_then(|inode| self.names.get(&inode)) {
            return if other == path { Ok(()) } else { link_to(other, path) };
        }
        if one.product.same && one.inode().is_none() && time_of_same(one) {
            return Ok(());
        }
        if !self.across {
            match self.renamed(one) {
                Err(error) if error.kind() == ErrorKind::CrossesDevices => self.across = true,
                // What cannot be taken out of its folder may still be read.
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {}
                other => return other,
            }
        }
        copy(one)?;
        if let Some(inode) = one.inode() {
            self.names.insert(inode, path.clone());
        }
        Ok(())
    }

    fn renamed(&self, one: &Left<'_>) -> io::Result<()> {
        forget_overlay(one.at);
        fs::rename(one.at, &one.product.path)?;
        // It may have been opened up to be read.
        if !one.found.is_symlink() && bits(&one.found) != one.mode() {
            fs::set_permissions(&one.product.path, Permissions::from_mode(one.mode()))?;
        }
        Ok(())
    }

    /// Permissions and times of folders, the inner ones first: both change, or stand in the way, as long as they are filled.
    fn finish_folders(&mut self) {
        for (path, mode, found) in std::mem::take(&mut self.folders).into_iter().rev() {
            let done = set_mode(&path, mode).and_then(|()| set_time(&path, &found));
            self.failed.extend(done.err().map(|error| (path, error.to_string())));
        }
    }
}

fn bits(found: &Metadata) -> u32 {
    found.mode() & 0o7777
}

/// Sees to it that the owner can put something into a folder.
fn open_up(path: &Path, now: &Metadata) -> io::Result<()> {
    if bits(now) & 0o300 == 0o300 { Ok(()) } else { set_mode(path, bits(now) | 0o700) }
}

fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    let now = fs::symlink_metadata(path)?;
    if bits(&now) == mode { Ok(()) } else { fs::set_permissions(path, Permissions::from_mode(mode)) }
}

/// Gives `path` (not what it leads to) the time at which the content of something else was changed.
fn set_time(path: &Path, of: &Metadata) -> io::Result<()> {
    let keep = Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT };
    let time = Timespec { tv_sec: of.mtime(), tv_nsec: of.mtime_nsec() as _ };
    let times = Timestamps { last_access: keep, last_modification: time };
    Ok(utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW)?)
}

/// Removes whatever is there. A folder may be closed to its owner: the command opened it, or it is as root.
fn remove(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    if !found.is_dir() {
        return fs::remove_file(path);
    }
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            let mut folders = vec![path.to_path_buf()];
            while let Some(folder) = folders.pop() {
                fs::set_permissions(&folder, Permissions::from_mode(0o700))?;
                for entry in fs::read_dir(&folder)? {
                    let entry = entry?;
                    if entry.file_type()?.is_dir() {
                        folders.push(entry.path());
                    }
                }
            }
            fs::remove_dir_all(path)
        }
        other => other,
    }
}

/// Removes the marks of an overlay from what is taken out of it. Where there are none to be had, there are none.
fn forget_overlay(at: &Path) {
    let mut names = [0; 4096];
    let Ok(length) = rustix::fs::llistxattr(at, &mut names[..]) else { return };
    for name in names[..length].split(|byte| *byte == 0) {
        let ours = name.starts_with(b"trusted.overlay.") || name.starts_with(b"user.overlay.");
        if let (true, Ok(name)) = (ours, std::str::from_utf8(name)) {
            let _ = rustix::fs::lremovexattr(at, name);
        }
    }
}

/// Gives a file that stands there with the same bytes, and stays, the new time; tells whether it is there.
fn time_of_same(one: &Left<'_>) -> bool {
    let path = &one.product.path;
    let stands = |now: Metadata| now.is_file() && now.len() == one.found.len();
    fs::symlink_metadata(path).is_ok_and(stands) && set_time(path, &one.found).is_ok()
}

/// Makes `path` another name of the file `other`.
fn link_to(other: &Path, path: &Path) -> io::Result<()> {
    beside(path, |at| fs::hard_link(other, at))
}

/// Copies what cannot be renamed beside its place, and then into it.
fn copy(one: &Left<'_>) -> io::Result<()> {
    let path = &one.product.path;
    if one.found.is_symlink() {
        let target = fs::read_link(one.at)?;
        return beside(path, |at| symlink(&target, at).and_then(|()| set_time(at, &one.found)));
    }
    if !one.found.is_file() {
        return Err(io::Error::other("it is neither a file nor a folder nor a link, and is not kept"));
    }
    let folder = path.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
    let mut file = temporary().tempfile_in(folder)?;
    io::copy(&mut File::open(one.at)?, file.as_file_mut())?;
    // Only root can, and only root needs to.
    let _ = lchown(file.path(), Some(one.found.uid()), Some(one.found.gid()));
    file.as_file().set_permissions(Permissions::from_mode(one.mode()))?;
    set_time(file.path(), &one.found)?;
    file.persist(path).map(drop).map_err(|failed| failed.error)
}
