//! Owns the upper layers before the command starts: unsaved texts, in folders that look like those on disk.
//! Never changes a file of the user.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

use super::{Dirty, Layer};

/// What was put into the upper layer of one folder.
#[derive(Debug, Default)]
pub(super) struct Laid {
    /// The unsaved texts: path below the root, which of them, and the permission bits it was given.
    pub texts: BTreeMap<PathBuf, (Origin, u32)>,
    /// Folders for them that are not on disk, with their permission bits.
    pub folders: BTreeMap<PathBuf, u32>,
}

/// Which unsaved text: the layer and the number in it.
pub(super) type Origin = (usize, usize);

/// Fills `run/0/upper` and so on, one for each layer; beside it is an empty `work`, and one `run/memory` for all.
/// Gives back what was put where; `notes` are told what could not be shown.
///
/// # Errors
/// What the system said; there is nothing to run then.
pub(super) fn lay(layers: &[Layer], run: &Path, notes: &mut Vec<String>) -> io::Result<Vec<Laid>> {
    fs::create_dir(run.join("memory"))?;
    let mut uppers = Vec::new();
    for (number, layer) in layers.iter().enumerate() {
        let place = run.join(number.to_string());
        fs::create_dir(&place)?;
        fs::create_dir(place.join("work"))?;
        uppers.push(Upper::new(&layer.root, place.join("upper"))?);
    }
    for (number, layer) in layers.iter().enumerate() {
        for (text, dirty) in layer.dirty.iter().enumerate() {
            let placed = match home(layers, &layer.root.join(&dirty.path)) {
                Ok((home, path)) => uppers[home].put(&path, dirty, (number, text))?,
                Err(why) => Err(why),
            };
            if let Err(why) = placed {
                let path = layer.root.join(&dirty.path);
                notes.push(format!("the command did not see the unsaved text of {}: {why}", path.display()));
            }
        }
    }
    uppers.into_iter().map(Upper::finish).collect()
}

/// The innermost layer that a path is in, and the path below its root.
fn home(layers: &[Layer], path: &Path) -> Result<(usize, PathBuf), &'static str> {
    if !path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_))) {
        return Err("its path is not a plain one");
    }
    let within = layers.iter().enumerate().filter(|(_, layer)| path.starts_with(&layer.root));
    let Some((number, layer)) = within.max_by_key(|(_, layer)| layer.root.components().count()) else {
        return Err("it is outside of the folder it was said to be in");
    };
    let below = path.strip_prefix(&layer.root).unwrap_or(path);
    if layer.real().any(|through| below.starts_with(through) && below != through) {
        return Err("it is in a folder that the command saw as it is on disk");
    }
    if below.as_os_str().is_empty() { Err("it is a folder") } else { Ok((number, below.to_owned())) }
}

/// One upper layer while it is filled.
struct Upper<'a> {
    root: &'a Path,
    path: PathBuf,
    laid: Laid,
    /// The folders made so far that are on disk too, and how they are there; the outer ones first.
    copied: Vec<(PathBuf, Metadata)>,
}

impl<'a> Upper<'a> {
    fn new(root: &'a Path, path: PathBuf) -> io::Result<Upper<'a>> {
        fs::create_dir(&path)?;
        let found = fs::metadata(root)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", root.display())))?;
        let copied = vec![(path.clone(), found)];
        Ok(Upper { root, path, laid: Laid::default(), copied })
    }

    /// Puts one text there, or says why it cannot be shown.
    fn put(&mut self, path: &Path, dirty: &Dirty, origin: Origin) -> io::Result<Result<(), &'static str>> {
        let on_disk = match look(&self.root.join(path))? {
            Some(found) if found.is_file() => Some(found),
            Some(found) if found.is_symlink() => return Ok(Err("it is a link on disk")),
            Some(_) => return Ok(Err("it is no file on disk")),
            None => None,
        };
        if let Err(why) = self.folders_of(path)? {
            return Ok(Err(why));
        }
        let at = self.path.join(path);
        let mut options = OpenOptions::new();
        // What the umask leaves of it is what a new file gets.
        let mut file = match options.write(true).create_new(true).mode(0o666).open(&at) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(Err("it was given twice")),
            other => other?,
        };
        file.write_all(&dirty.bytes)?;
        if let Some(found) = on_disk {
            own(&at, &found);
            file.set_permissions(Permissions::from_mode(bits(&found)))?;
        }
        let mode = bits(&file.metadata()?);
        self.laid.texts.insert(path.to_owned(), (origin, mode));
        Ok(Ok(()))
    }

    /// Makes the folders above `path`.
    fn folders_of(&mut self, path: &Path) -> io::Result<Result<(), &'static str>> {
        let mut above: Vec<&Path> =
            path.ancestors().skip(1).filter(|path| !path.as_os_str().is_empty()).collect();
        above.reverse();
        for folder in above {
            let at = self.path.join(folder);
            match look(&at)? {
                Some(found) if found.is_dir() => continue,
                Some(_) => return Ok(Err("there is a file where its folder would be")),
                None => {}
            }
            match look(&self.root.join(folder))? {
                Some(found) if found.is_dir() => {
                    fs::create_dir(&at)?;
                    self.copied.push((at, found));
                }
                Some(found) if found.is_symlink() => return Ok(Err("it is behind a link")),
                Some(_) => return Ok(Err("there is a file where its folder would be")),
                None => {
                    fs::create_dir(&at)?;
                    self.laid.folders.insert(folder.to_owned(), bits(&fs::metadata(&at)?));
                }
            }
        }
        Ok(Ok(()))
    }

    /// Makes the folders look like those on disk, the inner ones first: what is done in them changes their time.
    fn finish(self) -> io::Result<Laid> {
        for (path, found) in self.copied.iter().rev() {
            own(path, found);
            let file = File::open(path)?;
            file.set_permissions(Permissions::from_mode(bits(found)))?;
            file.set_modified(found.modified()?)?;
        }
        Ok(self.laid)
    }
}

/// Gives a file or folder the owner that the one on disk has. Only root can, and only root needs to.
fn own(path: &Path, as_this: &Metadata) {
    let _ = std::os::unix::fs::lchown(path, Some(as_this.uid()), Some(as_this.gid()));
}

/// Its permission bits.
pub(super) fn bits(found: &Metadata) -> u32 {
    found.mode() & 0o7777
}

/// What is at a path, links not followed; `None` where nothing is.
///
/// # Errors
/// What else the system said.
pub(super) fn look(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}
