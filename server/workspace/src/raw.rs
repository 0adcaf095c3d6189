//! Files as bytes, for what a command leaves that is no text: read whole, put in place, removed, linked, by the rules of
//! the disk door. Never writes over what changed meanwhile, never out of the workspace. Blocks on the disk.

mod place;

pub use place::Product;

use crate::disk::{self, TEMPORARY};
use crate::files::Workspace;
use crate::on_disk::read_disk;
use crate::overlay::Overlay;
use crate::physical::physical;
use crate::read_error::ReadError;
use crate::stamps::changed_at;
use glossator_text::FileText;
use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// What is put to a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// A file with these bytes, in place of another or of nothing. It keeps the time of its source.
    File {
        /// Where the bytes are.
        from: PathBuf,
        /// Its Unix permission bits; those above `0o777` do not count.
        mode: u32,
    },
    /// A symbolic link, in place of a file, of another or of nothing.
    Link {
        /// Where it points to.
        target: PathBuf,
    },
    /// A folder. One that is there is left as it is.
    Folder {
        /// Its Unix permission bits.
        mode: u32,
    },
    /// Other permissions for what is there.
    Mode {
        /// Unix permission bits.
        mode: u32,
    },
    /// Nothing: a file or link goes, a folder with all that is in it.
    Nothing,
}

/// A file on disk as it can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnDisk {
    /// A text.
    Text(FileText),
    /// Something else, and what.
    Other(String),
}

impl Workspace {
    /// What stands at `path` (absolute, links are not followed) on disk, whatever buffers say; at most `limit` bytes are
    /// read. `None`: nothing.
    pub fn on_disk_blocking(&self, path: &Path, limit: u64) -> Option<OnDisk> {
        let metadata = fs::symlink_metadata(path).ok()?;
        if metadata.is_symlink() {
            return Some(OnDisk::Other("it is a link".to_owned()));
        }
        if metadata.is_dir() {
            return Some(OnDisk::Other("it is a folder".to_owned()));
        }
        if metadata.len() > limit {
            return Some(OnDisk::Other(format!("it has more than {limit} bytes")));
        }
        Some(match read_disk(path) {
            Ok(text) => OnDisk::Text(text),
            Err(ReadError::Binary { .. }) => OnDisk::Other("it is not text".to_owned()),
            Err(error) => OnDisk::Other(error.to_string()),
        })
    }

    /// The bytes of a regular file of at most `limit`.
    pub fn bytes_blocking(&self, path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
        disk::read_whole(path, limit)
    }

    /// The Unix permission bits of what stands at `path` (links are not followed), and whether anything of it was changed
    /// after `since`; none if there is nothing.
    pub fn mode_blocking(&self, path: &Path, since: SystemTime) -> Option<(u32, bool)> {
        let metadata = fs::symlink_metadata(path).ok()?;
        Some((metadata.permissions().mode() & 0o777, changed_at(&metadata) > since))
    }

    /// Everything below the folder `path` but folders, and whether it is a regular file; `path` itself if it is no folder.
    pub fn below_blocking(&self, path: &Path) -> Vec<(PathBuf, bool)> {
        self.topmost_blocking(path, &mut |_| false)
    }

    /// As [`Workspace::below_blocking`], and of the folders in `path` those that are `whole`, which are not looked into.
    pub fn topmost_blocking(
        &self,
        path: &Path,
        whole: &mut dyn FnMut(&Path) -> bool,
    ) -> Vec<(PathBuf, bool)> {
        let (mut left, mut found) = (vec![path.to_path_buf()], Vec::new());
        while let Some(one) = left.pop() {
            let Ok(metadata) = fs::symlink_metadata(&one) else { continue };
            if metadata.is_dir() && (one == path || !whole(&one)) {
                left.extend(fs::read_dir(&one).into_iter().flatten().flatten().map(|entry| entry.path()));
            } else {
                found.push((one, metadata.is_file()));
            }
        }
        found.sort();
        found
    }

    /// Gives the file at `path` the time of the one at `from` if both hold the same bytes and no editor shows it: build
    /// tools go by times, and what was made of it since is to stay newer.
    ///
    /// # Errors
    /// What the system said.
    pub fn keep_time_blocking(&self, path: &Path, from: &Path) -> io::Result<()> {
        let is_open = |overlay: &Arc<Overlay>| overlay.is_open(path);
        let (now, then) = (fs::symlink_metadata(path)?, fs::symlink_metadata(from)?);
        let alike = now.is_file() && then.is_file() && now.len() == then.len();
        if alike
            && !is_open(self.overlay())
            && !self.others().iter().any(is_open)
            && fs::read(path)? == fs::read(from)?
        {
            File::open(path)?.set_modified(then.modified()?)?;
        }
        Ok(())
    }

    /// Puts `put` to `path`, which must lie in the workspace. Nothing is done if what stands there was changed after
    /// `since`, or if other bytes would take the place of unsaved text; the error says so, or what else is in the way.
    pub fn put_blocking(&self, path: &Path, put: &Put, since: SystemTime) -> Result<(), String> {
        let parent = path.parent().ok_or("it has no folder")?;
        let real = physical(parent).map_err(|error| format!("its folder could not be looked up: {error}"))?;
        if real != parent || !self.roots().contains(parent) {
            return Err("it leads out of the workspace; nothing is written there".to_owned());
        }
        if matches!(put, Put::File { .. } | Put::Link { .. } | Put::Nothing) {
            Unsaved::of(self).refuse(path)?;
        }
        let now = fs::symlink_metadata(path).ok();
        if now.as_ref().is_some_and(|now| !now.is_dir() && changed_at(now) > since) {
            return Err("it was changed while the command ran".to_owned());
        }
        put_at(path, put, now.as_ref()).map_err(|error| error.to_string())
    }
}

/// The files that some connection shows with text that is not on disk, or may be.
struct Unsaved(Vec<(PathBuf, &'static str)>);

impl Unsaved {
    /// As it is now. Blocks on the disk.
    fn of(workspace: &Workspace) -> Unsaved {
        const HERE: &str = "it has unsaved changes in the editor";
        const THERE: &str = "it has unsaved changes in another editor window: save them there or close it";
        let others = workspace.others();
        let all = std::iter::once((workspace.overlay(), HERE)).chain(others.iter().map(|one| (one, THERE)));
        let unsaved = |(overlay, why): (&Arc<Overlay>, &'static str)| {
            let held = overlay.all().into_iter().filter(|buffer| buffer.dirty || buffer.out_of_step);
            held.filter_map(move |buffer| Some((buffer.path?, why)))
        };
        Unsaved(all.flat_map(unsaved).collect())
    }

    /// Refuses if `path` is such a file, or holds one.
    fn refuse(&self, path: &Path) -> Result<(), String> {
        match self.0.iter().find(|(held, _)| held.starts_with(path)) {
            Some((held, why)) if held == path => Err((*why).to_owned()),
            Some((held, why)) => Err(format!("of {} in it: {why}", held.display())),
            None => Ok(()),
        }
    }
}

fn put_at(path: &Path, put: &Put, now: Option<&fs::Metadata>) -> io::Result<()> {
    let is_folder = now.is_some_and(fs::Metadata::is_dir);
    match put {
        Put::Folder { .. } if is_folder => Ok(()),
        Put::Folder { mode } => {
            make_parents(path)?;
            fs::create_dir(path)?;
            fs::set_permissions(path, Permissions::from_mode(mode & 0o777))
        }
        Put::Mode { mode } if now.is_some_and(|now| !now.is_symlink()) => {
            fs::set_permissions(path, Permissions::from_mode(mode & 0o777))
        }
        Put::Mode { .. } => Ok(()),
        Put::Nothing if is_folder => fs::remove_dir_all(path),
        Put::Nothing => match fs::remove_file(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            other => other,
        },
        Put::File { .. } | Put::Link { .. } if is_folder => {
            Err(io::Error::other("a folder stands there now"))
        }
        Put::File { from, mode } => {
            make_parents(path)?;
            copy(from, path, *mode)
        }
        Put::Link { target } => {
            make_parents(path)?;
            beside(path, |at| symlink(target, at))
        }
    }
}

fn make_parents(path: &Path) -> io::Result<()> {
    disk::make_parents(path).map(drop).map_err(|failed| failed.error)
}

/// How files and links are made beside their place.
fn temporary<'a, 'b>() -> tempfile::Builder<'a, 'b> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY.0).suffix(TEMPORARY.1);
    builder
}

/// Makes something beside `path`, and then puts it in its place: there is never nothing.
fn beside(path: &Path, make: impl FnMut(&Path) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
    let made = temporary().make_in(folder, make)?;
    // What is left beside goes when it is dropped: a file that has both names already keeps both.
    fs::rename(made.path(), path)
}

/// Copies a file beside its place, and then into it.
fn copy(from: &Path, to: &Path, mode: u32) -> io::Result<()> {
    let folder = to.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
    let mut source = File::open(from)?;
    let mut file = temporary().tempfile_in(folder)?;
    io::copy(&mut source, file.as_file_mut())?;
    file.as_file().set_permissions(Permissions::from_mode(mode & 0o777))?;
    // Build tools go by times.
    file.as_file().set_modified(source.metadata()?.modified()?)?;
    file.persist(to).map(drop).map_err(|failed| failed.error)
}
