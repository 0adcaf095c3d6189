//! Where a path really leads: symlinks and `..` resolved the way the kernel does, also for files that do not exist yet.
//! Only looks at links; never opens a file.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Links followed before a path counts as a loop; the kernel's own limit.
const MAX_LINKS: usize = 40;

enum Part {
    Root(OsString),
    Up,
    Name(OsString),
}

/// The absolute path that `path` (absolute) leads to, without symlinks, `.` or `..`. Parts that do not exist are kept as
/// written; a dangling link leads to where its target would be.
///
/// # Errors
/// Links that lead to each other, and whatever the system says of a link.
pub fn physical(path: &Path) -> io::Result<PathBuf> {
    let mut rest = parts(path);
    let mut here = PathBuf::new();
    let mut links = 0;
    while let Some(part) = rest.pop_front() {
        let name = match part {
            Part::Root(root) => {
                here = PathBuf::from(root);
                continue;
            }
            Part::Up => {
                here.pop();
                continue;
            }
            Part::Name(name) => name,
        };
        here.push(name);
        if !is_link(&here)? {
            continue;
        }
        links += 1;
        if links > MAX_LINKS {
            return Err(io::Error::other("too many symbolic links lead to each other"));
        }
        let target = std::fs::read_link(&here)?;
        here.pop();
        let mut front = parts(&target);
        front.append(&mut rest);
        rest = front;
    }
    Ok(here)
}

fn parts(path: &Path) -> VecDeque<Part> {
    let mut parts = VecDeque::new();
    let mut root = OsString::new();
    for component in path.components() {
        match component {
            Component::Prefix(prefix) => root.push(prefix.as_os_str()),
            Component::RootDir => {
                root.push(component.as_os_str());
                parts.push_back(Part::Root(std::mem::take(&mut root)));
            }
            Component::CurDir => {}
            Component::ParentDir => parts.push_back(Part::Up),
            Component::Normal(name) => parts.push_back(Part::Name(name.to_owned())),
        }
    }
    parts
}

fn is_link(path: &Path) -> io::Result<bool> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) => Ok(metadata.file_type().is_symlink()),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}
