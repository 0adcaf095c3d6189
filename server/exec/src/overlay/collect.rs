//! Owns what a command wrote, read off its upper layer: an overlay's marks for what is gone, and a comparison with what
//! the command was shown. Follows no link, and never changes a file of the user.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, File, FileType, Metadata, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::lay::{Laid, bits, look};
use super::{Layer, What, Written};

/// Bytes that are compared at once.
const CHUNK: usize = 64 * 1024;

/// One upper layer after the command's end.
pub(super) struct Upper<'a> {
    /// All layers of the view, and which one this is.
    pub layers: &'a [Layer],
    pub number: usize,
    /// What was put into it before.
    pub laid: &'a Laid,
    /// Where it is.
    pub path: PathBuf,
    /// The overlay keeps its marks in `user.*` attributes, not in `trusted.*`.
    pub user_marks: bool,
}

/// What the command left other than it found it, in the order in which it can be made true; what cannot be read is told
/// as such.
pub(super) fn collect(upper: &Upper<'_>) -> Vec<Written> {
    let mut walk =
        Walk { upper, root: &upper.layers[upper.number].root, written: Vec::new(), folders: Vec::new() };
    walk.root_itself();
    walk.folders.push(Folder { path: PathBuf::new(), on_disk: true, hides_it: false });
    while let Some(folder) = walk.folders.pop() {
        if let Err(error) = walk.folder(&folder) {
            walk.push(&folder.path, What::Other { why: unreadable(&error) });
        }
    }
    walk.laid_and_gone();
    let mut written = walk.written;
    // A path may lead through a link once that is put where a folder was.
    written.sort_by(|a, b| (a.what != What::Removed, &a.path).cmp(&(b.what != What::Removed, &b.path)));
    written
}

fn unreadable(error: &io::Error) -> String {
    format!("what the command made there could not be read: {error}")
}

/// A folder of the upper layer that is to be looked into; its path is below the root.
struct Folder {
    path: PathBuf,
    /// There is a folder of this name on disk.
    on_disk: bool,
    /// Nothing of that is seen through it: it, or one around it, was removed and made again.
    hides_it: bool,
}

struct Walk<'a> {
    upper: &'a Upper<'a>,
    root: &'a Path,
    written: Vec<Written>,
    /// Still to be looked into. A list and no recursion: a command may nest folders as deep as it likes.
    folders: Vec<Folder>,
}

impl Walk<'_> {
    fn push(&mut self, path: &Path, what: What) {
        // Joined with nothing, a path would end in a slash.
        let within = |folder: &Path| match path.as_os_str().is_empty() {
            true => folder.to_owned(),
            false => folder.join(path),
        };
        self.written.push(Written { path: within(self.root), at: within(&self.upper.path), what });
    }

    fn root_itself(&mut self) {
        if let (Ok(there), Ok(here)) = (fs::metadata(self.root), fs::metadata(&self.upper.path))
            && bits(&there) != bits(&here)
        {
            self.push(Path::new(""), What::Mode { mode: bits(&here) });
        }
    }

    fn folder(&mut self, folder: &Folder) -> io::Result<()> {
        let at = self.upper.path.join(&folder.path);
        let hides_it = folder.hides_it || self.is_made_anew(&at);
        let mut names = HashSet::new();
        for entry in read_folder(&at)? {
            let name = entry?.file_name();
            let path = folder.path.join(&name);
            let on_disk = if folder.on_disk { look(&self.root.join(&path)).ok().flatten() } else { None };
            let entry = Entry { at: at.join(&name), on_disk, path };
            if let Err(error) = self.entry(&entry, hides_it) {
                self.push(&entry.path, What::Other { why: unreadable(&error) });
            }
            names.insert(name);
        }
        if folder.on_disk && hides_it {
            self.not_made_again(folder, &names)?;
        }
        Ok(())
    }

    /// A folder that was removed and made again: what is on disk and not in it is gone.
    fn not_made_again(&mut self, folder: &Folder, names: &HashSet<OsString>) -> io::Result<()> {
        for entry in fs::read_dir(self.root.join(&folder.path))? {
            let name = entry?.file_name();
            if !names.contains(&name) {
                self.push(&folder.path.join(name), What::Removed);
            }
        }
        Ok(())
    }

    /// Whether a folder of the upper layer is marked as new, so that nothing of the disk is seen through it. Those in it
    /// need no mark.
    fn is_made_anew(&self, at: &Path) -> bool {
        let name = if self.upper.user_marks { "user.overlay.opaque" } else { "trusted.overlay.opaque" };
        let mut value = [0; 8];
        rustix::fs::lgetxattr(at, name, &mut value).is_ok_and(|length| value.get(..length) == Some(b"y"))
    }

    fn entry(&mut self, entry: &Entry, hides_it: bool) -> io::Result<()> {
        let here = fs::symlink_metadata(&entry.at)?;
        let kind = here.file_type();
        if is_whiteout(&here) {
            if entry.on_disk.is_some() {
                self.push(&entry.path, What::Removed);
            }
            return Ok(());
        }
        if self.another_kind(entry, kind) {
            self.push(&entry.path, What::Removed);
        }
        match () {
            () if kind.is_dir() => self.a_folder(entry, &here, hides_it),
            () if kind.is_file() => self.a_file(entry, &here)?,
            () if kind.is_symlink() => self.a_link(entry)?,
            () => self.push(&entry.path, What::Other { why: odd(kind).to_owned() }),
        }
        Ok(())
    }

    /// Whether something of another kind was there when the command began.
    fn another_kind(&self, entry: &Entry, now: FileType) -> bool {
        match &entry.on_disk {
            Some(before) => before.file_type() != now,
            None if self.upper.laid.texts.contains_key(&entry.path) => !now.is_file(),
            None => self.upper.laid.folders.contains_key(&entry.path) && !now.is_dir(),
        }
    }

    fn a_folder(&mut self, entry: &Entry, here: &Metadata, hides_it: bool) {
        let before = entry.on_disk.as_ref().filter(|before| before.is_dir());
        match before {
            Some(before) if bits(before) != bits(here) => {
                self.push(&entry.path, What::Mode { mode: bits(here) });
            }
            Some(before) if time(before) != time(here) => {
                self.push(&entry.path, What::Touched { mode: bits(here) });
            }
            None if self.upper.laid.folders.get(&entry.path) != Some(&bits(here)) => {
                self.push(&entry.path, What::Folder { mode: bits(here) });
            }
            _ => {}
        }
        self.folders.push(Folder { path: entry.path.clone(), on_disk: before.is_some(), hides_it });
    }

    fn a_file(&mut self, entry: &Entry, here: &Metadata) -> io::Result<()> {
        let mode = bits(here);
        let before = match self.upper.laid.texts.get(&entry.path) {
            Some(((layer, text), before)) => {
                let bytes = &self.upper.layers[*layer].dirty[*text].bytes;
                let same =
                    here.len() == bytes.len() as u64 && same_bytes(open(&entry.at, here)?, &bytes[..])?;
                same.then_some(*before)
            }
            None => match &entry.on_disk {
                Some(before) if before.is_file() && before.len() == here.len() => {
                    let on_disk = File::open(self.root.join(&entry.path));
                    let same = match on_disk {
                        Ok(on_disk) => same_bytes(open(&entry.at, here)?, on_disk)?,
                        // Not ours to read: then it was not ours to write either, and is another file now.
                        Err(_) => false,
                    };
                    same.then(|| bits(before))
                }
                _ => None,
            },
        };
        match before {
            Some(before) if before == mode => {
                let touched = |before: &Metadata| time(before) != time(here) || here.nlink() > 1;
                let is_laid = self.upper.laid.texts.contains_key(&entry.path);
                if !is_laid && entry.on_disk.as_ref().is_some_and(touched) {
                    self.push(&entry.path, What::Touched { mode });
                }
            }
            Some(_) => self.push(&entry.path, What::Mode { mode }),
            None => {
                open(&entry.at, here)?;
                self.push(&entry.path, What::File { mode });
            }
        }
        Ok(())
    }

    fn a_link(&mut self, entry: &Entry) -> io::Result<()> {
        let target = fs::read_link(&entry.at)?;
        let before = entry.on_disk.as_ref().filter(|before| before.is_symlink());
        let same = before.is_some()
            && fs::read_link(self.root.join(&entry.path)).is_ok_and(|before| before == target);
        if !same {
            self.push(&entry.path, What::Link { target });
        }
        Ok(())
    }

    /// Unsaved texts that are not on disk, and the folders made for them, leave no mark where they were.
    fn laid_and_gone(&mut self) {
        let is_removed = |written: &&Written| written.what == What::Removed;
        let mut named: HashSet<PathBuf> =
            self.written.iter().filter(is_removed).map(|written| written.path.clone()).collect();
        let laid = self.upper.laid;
        for path in laid.folders.keys().chain(laid.texts.keys()) {
            let with_folder = self.root.join(path).ancestors().any(|above| named.contains(above));
            if !with_folder && self.is_gone(path) {
                named.insert(self.root.join(path));
                self.push(path, What::Removed);
            }
        }
    }

    fn is_gone(&self, path: &Path) -> bool {
        let mut at = self.upper.path.clone();
        let lost = path.components().any(|name| {
            // A link in its place is not followed.
            let no_folder = !fs::symlink_metadata(&at).is_ok_and(|found| found.is_dir());
            at.push(name);
            no_folder
        });
        let nothing = |path: &Path| matches!(look(path), Ok(None));
        (lost || nothing(&at)) && nothing(&self.root.join(path))
    }
}

/// Something in a folder of the upper layer.
struct Entry {
    /// Below the root.
    path: PathBuf,
    /// Where it is.
    at: PathBuf,
    /// What is there on disk.
    on_disk: Option<Metadata>,
}

/// When its content was last changed.
fn time(found: &Metadata) -> (i64, i64) {
    (found.mtime(), found.mtime_nsec())
}

/// An overlay's mark for what is gone. (The other form, an attribute, is written by no kernel.)
fn is_whiteout(here: &Metadata) -> bool {
    here.file_type().is_char_device() && here.rdev() == 0
}

fn odd(kind: FileType) -> &'static str {
    match () {
        () if kind.is_fifo() => "it is a named pipe, which is not kept",
        () if kind.is_socket() => "it is a socket, which is not kept",
        () => "it is a device, which is not kept",
    }
}

/// Lists a folder of the upper layer, which a command may have closed to its owner.
fn read_folder(at: &Path) -> io::Result<fs::ReadDir> {
    let found = fs::symlink_metadata(at)?;
    if found.mode() & 0o500 != 0o500 {
        fs::set_permissions(at, Permissions::from_mode(bits(&found) | 0o700))?;
    }
    fs::read_dir(at)
}

/// Opens a file of the upper layer, which a command may have closed to its owner.
fn open(at: &Path, found: &Metadata) -> io::Result<File> {
    if found.mode() & 0o400 == 0 {
        fs::set_permissions(at, Permissions::from_mode(bits(found) | 0o400))?;
    }
    File::open(at)
}

fn same_bytes(mut a: impl Read, mut b: impl Read) -> io::Result<bool> {
    let (mut of_a, mut of_b) = (vec![0; CHUNK], vec![0; CHUNK]);
    loop {
        let (got_a, got_b) = (fill(&mut a, &mut of_a)?, fill(&mut b, &mut of_b)?);
        if of_a[..got_a] != of_b[..got_b] {
            return Ok(false);
        }
        if got_a < CHUNK {
            return Ok(true);
        }
    }
}

/// Reads until the buffer is full or there is no more.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
