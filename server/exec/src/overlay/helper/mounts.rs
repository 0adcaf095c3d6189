//! Owns the mounts of a run: an overlay on each folder, and on that the real ones that go through.
//! Runs in a mount namespace of its own; nobody else sees any of it.

use std::ffi::CString;
use std::fs;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, ResolveFlags, StatVfsMountFlags, fstatvfs, open, openat2};
use rustix::io::Errno;
use rustix::mount::{MountFlags, mount, mount_bind_recursive};
use rustix::process::geteuid;

use crate::overlay::wire::{Place, Spec, SpecLayer};

/// What was mounted.
#[derive(Default)]
pub struct Mounted {
    /// Where each upper layer is, in the order of the spec.
    pub places: Vec<Place>,
    /// The file system in memory, where a layer is in it; below it `0/upper` and so on.
    pub memory: Option<OwnedFd>,
    pub notes: Vec<String>,
}

/// Options that are tried one after the other. No file of an upper layer outlives the run, so none is ever synced; and
/// nothing may be kept in it that is not to be read off it (renames of whole folders, contents left below).
const OPTIONS: &[&str] = &[
    ",index=off,metacopy=off,redirect_dir=nofollow,volatile",
    ",index=off,metacopy=off,redirect_dir=nofollow",
    "",
];

/// How often a path is looked up that changes while it is.
const TRIES: u32 = 100;

/// Mounts all of it; none if an upper layer can be in memory alone and there are no orders for that.
///
/// # Errors
/// The reason why that cannot be, in plain words.
pub fn mount_all(spec: &Spec) -> Result<Option<Mounted>, String> {
    let mut layers: Vec<Held<'_>> = Vec::new();
    for (number, layer) in spec.layers.iter().enumerate() {
        layers.push(Held { number, layer, real: open_path(&layer.root).map_err(at(&layer.root))? });
    }
    // What is inside goes on top of what is around it.
    layers.sort_by_key(|held| held.layer.root.components().count());
    let mut mounted = Mounted {
        places: vec![Place { in_memory: false, user_marks: false }; layers.len()],
        ..Mounted::default()
    };
    let mounts = mount_points()?;
    for held in &layers {
        let place = overlay(held, &spec.run, &mut mounted.memory);
        let Some(place) = place.map_err(|error| held.explain(error, &mounts))? else { return Ok(None) };
        mounted.places[held.number] = place;
        let merged = open_path(&held.layer.root).map_err(at(&held.layer.root))?;
        let through = held.through(place);
        for path in &through {
            bind(held.real.as_fd(), merged.as_fd(), path).map_err(at(&held.layer.root.join(path)))?;
        }
        for inner in held.mounts_within(&mounts, &layers, &through) {
            bind(held.real.as_fd(), merged.as_fd(), &inner).map_err(at(&held.layer.root.join(&inner)))?;
            let path = held.layer.root.join(&inner);
            mounted.notes.push(format!(
                "{} is a mount of its own: what the command wrote there is on disk",
                path.display()
            ));
        }
    }
    Ok(Some(mounted))
}

/// Sees whether there can be an overlay at all, in memory.
///
/// # Errors
/// The reason why not, in plain words.
pub fn probe() -> Result<(), String> {
    let place = ["/tmp", "/usr"].into_iter().map(Path::new).find(|place| place.is_dir());
    let place = place.ok_or("there is no folder to mount anything on")?;
    in_memory(place)?;
    for folder in ["lower", "upper", "work"] {
        fs::create_dir(place.join(folder))
            .map_err(|error| format!("nothing can be made in memory ({error})"))?;
    }
    let lower = open_path(&place.join("lower")).map_err(at(place))?;
    try_overlay(lower.as_fd(), place, place).map(drop).map_err(no_overlay)
}

/// A folder that will be covered, and the real one in hand.
struct Held<'a> {
    number: usize,
    layer: &'a SpecLayer,
    real: OwnedFd,
}

impl Held<'_> {
    /// Without root, nothing can be laid over a folder in which there is another mount; the system does not say so.
    fn explain(&self, error: String, mounts: &[PathBuf]) -> String {
        let root = &self.layer.root;
        match mounts.iter().find(|mount| mount.starts_with(root) && *mount != root) {
            Some(inner) if !geteuid().is_root() => {
                format!("{error}; perhaps because {} is a mount of its own", inner.display())
            }
            _ => error,
        }
    }

    /// What goes through with the upper layer in that place.
    fn through(&self, place: Place) -> Vec<&PathBuf> {
        let more = self.layer.through_in_memory.iter().flatten().filter(|_| place.in_memory);
        self.layer.through.iter().chain(more).collect()
    }

    /// Mount points inside, relative to it, that nothing else takes care of: the outermost of each.
    fn mounts_within(&self, mounts: &[PathBuf], layers: &[Held<'_>], through: &[&PathBuf]) -> Vec<PathBuf> {
        let root = &self.layer.root;
        let inside = |mount: &&PathBuf| mount.starts_with(root) && *mount != root;
        let mut paths: Vec<PathBuf> = mounts
            .iter()
            .filter(inside)
            .filter_map(|mount| Some(mount.strip_prefix(root).ok()?.to_owned()))
            .collect();
        paths.retain(|path| {
            let through = through.iter().any(|through| path.starts_with(through));
            let another = layers.iter().any(|other| {
                other.layer.root != *root
                    && other.layer.root.starts_with(root)
                    && root.join(path).starts_with(&other.layer.root)
            });
            !through && !another
        });
        paths.sort();
        paths.dedup_by(|inner, outer| inner.starts_with(outer));
        paths
    }
}

/// Covers a folder with an overlay whose upper layer is on disk or, where that file system cannot hold one, in memory;
/// none if it is not to be there.
fn overlay(held: &Held<'_>, run: &Path, memory: &mut Option<OwnedFd>) -> Result<Option<Place>, String> {
    let number = held.number.to_string();
    let root = &held.layer.root;
    let on_disk = match try_overlay(held.real.as_fd(), &run.join(&number), root) {
        Ok(user_marks) => return Ok(Some(Place { in_memory: false, user_marks })),
        Err(errno) => errno,
    };
    if held.layer.through_in_memory.is_none() {
        return Ok(None);
    }
    let said = |errno: Errno| {
        format!(
            "{}: {}, and with its upper layer in memory: {}",
            root.display(),
            no_overlay(on_disk),
            no_overlay(errno)
        )
    };
    let place = run.join("memory");
    if memory.is_none() {
        in_memory(&place)?;
        *memory = Some(open_path(&place).map_err(at(&place))?);
    }
    let place = place.join(&number);
    copy_folder(&run.join(&number), &place).map_err(|error| format!("{}: {error}", place.display()))?;
    let user_marks = try_overlay(held.real.as_fd(), &place, root).map_err(said)?;
    Ok(Some(Place { in_memory: true, user_marks }))
}

/// Mounts an overlay of `lower` on `target`, with `upper` and `work` in `place`; tells whether its marks are the user's.
fn try_overlay(lower: BorrowedFd<'_>, place: &Path, target: &Path) -> Result<bool, Errno> {
    let (upper, work) = (open_path(&place.join("upper"))?, open_path(&place.join("work"))?);
    let user_marks = !can_mark(&upper, "trusted.glossator");
    if user_marks && !can_mark(&upper, "user.glossator") {
        return Err(Errno::OPNOTSUPP);
    }
    let on = open_path(target)?;
    let layers =
        format!("lowerdir={},upperdir={},workdir={}", by_number(lower), by_number(&upper), by_number(&work));
    let marks = if user_marks { ",userxattr" } else { "" };
    let flags = flags_of(lower);
    let mut last = Errno::INVAL;
    for options in OPTIONS {
        // Numbers and names of ours, without a NUL.
        let data = CString::new(format!("{layers}{marks}{options}")).unwrap_or_default();
        match mount("overlay", by_number(&on).as_str(), "overlay", flags, data.as_c_str()) {
            Ok(()) => return Ok(user_marks),
            Err(errno) => last = errno,
        }
        if last != Errno::INVAL {
            break;
        }
    }
    Err(last)
}

/// Whether files there can have attributes of that name, without which an overlay cannot tell what was made anew.
fn can_mark(folder: &OwnedFd, name: &str) -> bool {
    let path = by_number(folder);
    let set = rustix::fs::setxattr(path.as_str(), name, b"y", rustix::fs::XattrFlags::empty());
    set.and_then(|()| rustix::fs::removexattr(path.as_str(), name)).is_ok()
}

/// What holds for the file system below holds for what lies over it.
fn flags_of(lower: BorrowedFd<'_>) -> MountFlags {
    let Ok(found) = fstatvfs(lower) else { return MountFlags::empty() };
    let pairs = [
        (StatVfsMountFlags::NOSUID, MountFlags::NOSUID),
        (StatVfsMountFlags::NODEV, MountFlags::NODEV),
        (StatVfsMountFlags::NOEXEC, MountFlags::NOEXEC),
        (StatVfsMountFlags::RDONLY, MountFlags::RDONLY),
        (StatVfsMountFlags::NOATIME, MountFlags::NOATIME),
    ];
    pairs.into_iter().filter(|(has, _)| found.f_flag.contains(*has)).map(|(_, flag)| flag).collect()
}

/// Lays the real file or folder over what the overlay shows of it. What is not there, or is a link, is passed over: a
/// link is the same in the overlay.
fn bind(real: BorrowedFd<'_>, merged: BorrowedFd<'_>, path: &Path) -> Result<(), Errno> {
    let plain = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let open =
        |root: BorrowedFd<'_>| openat2(root, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), plain);
    // Where the path goes up, the system gives up when anything is renamed or mounted meanwhile, and may be asked again.
    let found = |root: BorrowedFd<'_>| {
        let again = |found: &Result<OwnedFd, Errno>| matches!(found, Err(Errno::AGAIN));
        (0..TRIES).map(|_| open(root)).find(|found| !again(found)).unwrap_or(Err(Errno::AGAIN))
    };
    let source = match found(real) {
        // Nobody gets to what is behind a closed folder, the command neither.
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::ACCESS) => return Ok(()),
        other => other?,
    };
    let target = match found(merged) {
        // An unsaved text lies there.
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Ok(()),
        other => other?,
    };
    mount_bind_recursive(by_number(&source).as_str(), by_number(&target).as_str())
}

/// Puts a file system in memory on a folder.
fn in_memory(place: &Path) -> Result<(), String> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    mount("tmpfs", place, "tmpfs", flags, c"mode=700")
        .map_err(|errno| format!("this system lets nothing be mounted ({errno})"))
}

/// Copies the folders, files and times that we made ourselves.
fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?
        } else {
            copy_file(&entry.path(), &target)?
        }
    }
    alike(from, to)
}

fn copy_file(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::copy(from, to)?;
    alike(from, to)
}

/// Gives a copy the owner, the permissions and the time of what it was made from.
fn alike(from: &Path, to: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, lchown};
    let found = fs::metadata(from)?;
    // Only root can, and only root needs to.
    let _ = lchown(to, Some(found.uid()), Some(found.gid()));
    fs::set_permissions(to, found.permissions())?;
    let time = found.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let time = rustix::fs::Timespec {
        tv_sec: time.as_secs().cast_signed(),
        tv_nsec: i64::from(time.subsec_nanos()),
    };
    let times = rustix::fs::Timestamps { last_access: time, last_modification: time };
    rustix::fs::utimensat(rustix::fs::CWD, to, &times, rustix::fs::AtFlags::empty())?;
    Ok(())
}

/// All places where something is mounted.
fn mount_points() -> Result<Vec<PathBuf>, String> {
    let table =
        fs::read("/proc/self/mountinfo").map_err(|error| format!("the mounts cannot be listed ({error})"))?;
    let lines = table.split(|byte| *byte == b'\n');
    Ok(lines.filter_map(|line| line.split(|byte| *byte == b' ').nth(4)).map(unescape).collect())
}

/// Blanks, line ends and backslashes stand there as three octal digits.
fn unescape(text: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let digits =
            after.get(..3).filter(|_| byte == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(escaped) => {
                bytes.push(escaped);
                rest = &after[3..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    PathBuf::from(std::ffi::OsString::from_vec(bytes))
}

fn open_path(path: &Path) -> Result<OwnedFd, Errno> {
    open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
}

/// A path to what a descriptor holds, also when something lies over it.
fn by_number(fd: impl AsFd) -> String {
    format!("/proc/self/fd/{}", fd.as_fd().as_raw_fd())
}

fn at(path: &Path) -> impl Fn(Errno) -> String {
    move |errno| format!("{}: {errno}", path.as_os_str().display())
}

fn no_overlay(errno: Errno) -> String {
    match errno {
        Errno::NODEV => "this kernel has no overlay file system".to_owned(),
        Errno::PERM | Errno::ACCESS => format!(
            "this system does not let its users mount overlays ({errno}): that takes Linux 5.11 or newer, and no container that forbids it"
        ),
        Errno::OPNOTSUPP => "the file system has no extended attributes, which an overlay needs".to_owned(),
        errno => format!("the file system does not take an overlay ({errno})"),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn mount_points_are_read_as_they_are() {
        for (written, path) in [
            (&b"/a"[..], &b"/a"[..]),
            (b"/a\\040b\\134\\012", b"/a b\\\n"),
            (b"/\\04", b"/\\04"),
            (b"/\xff\\377", b"/\xff\xff"),
            (b"\\999", b"\\999"),
        ] {
            assert_eq!(super::unescape(written).as_os_str().as_bytes(), path);
        }
    }
}
