//! Every effect of a commit fails once: afterwards all of it stands, or nothing, or the report names what does.

use super::faults::arm;
use super::support::{Folder, folder_in, moved};
use crate::{Outcome, Report};
use glossator_text::FileChange;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// No space left, no permission, read-only file system, input/output error; and what makes a rename try other ways: flags
/// that are not known, other file system.
const ERRORS: [i32; 6] = [28, 13, 30, 5, 22, 18];
/// Failures after the first one: so many effects later.
const SECOND: usize = 6;

/// Everything of a folder, and of the buffers with unsaved text, that a user could miss.
#[derive(Debug, Clone, PartialEq, Eq)]
struct World {
    files: BTreeMap<PathBuf, String>,
    buffers: BTreeMap<PathBuf, String>,
}

fn world(folder: &Folder) -> World {
    let mut files = BTreeMap::new();
    walk(&folder.root, &mut files);
    // A window that is closed, of a file that is as it was, is no loss.
    let buffers = folder.overlay.all().into_iter().filter(|one| one.dirty);
    World { files, buffers: buffers.map(|one| (one.path.unwrap(), one.text.to_string())).collect() }
}

fn walk(path: &Path, files: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(path).unwrap().map(Result::unwrap) {
        let (path, data) = (entry.path(), entry.metadata().unwrap());
        let content = match data.file_type() {
            kind if kind.is_dir() => "folder".to_owned(),
            kind if kind.is_symlink() => format!("link to {}", fs::read_link(&path).unwrap().display()),
            _ => String::from_utf8(fs::read(&path).unwrap()).unwrap(),
        };
        let rights = (data.permissions().mode() & 0o777, data.uid(), data.gid());
        files.insert(path.clone(), format!("{rights:?} {content}"));
        if data.is_dir() {
            walk(&path, files);
        }
    }
}

/// The paths in which two worlds differ.
fn difference(one: &World, other: &World) -> BTreeSet<PathBuf> {
    let of = |one: &BTreeMap<PathBuf, String>, other: &BTreeMap<PathBuf, String>| {
        let paths: BTreeSet<PathBuf> = one.keys().chain(other.keys()).cloned().collect();
        paths.into_iter().filter(|path| one.get(path) != other.get(path)).collect::<Vec<_>>()
    };
    [of(&one.files, &other.files), of(&one.buffers, &other.buffers)].concat().into_iter().collect()
}

/// A folder with closed and open files, links and permissions of every kind.
fn start(resources: bool) -> Folder {
    let text = "one\ntwo\nthree\n";
    let names = ["open", "closed", "gone", "gone-open", "moved", "edited", "moved-open", "sub/real"];
    let parent = Path::new("/dev/shm");
    let parent = if parent.is_dir() { parent.to_path_buf() } else { std::env::temp_dir() };
    let folder = folder_in(&parent, &names.map(|name| (name, text)));
    *folder.editor.resources.lock() = resources;
    for (name, mode) in [("closed", 0o640), ("gone", 0o751), ("edited", 0o700), ("sub/real", 0o604)] {
        fs::set_permissions(folder.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    symlink("sub/real", folder.path("link")).unwrap();
    for name in ["open", "gone-open", "moved-open"] {
        folder.open(name);
    }
    // Unsaved text, where the editor can do without the disk.
    folder.type_whole("open", "zero\none\ntwo\nthree\n");
    folder
}

/// A change of everything, the parts in another order for each `turn`.
fn change(folder: &Folder, turn: usize) -> Vec<FileChange> {
    let update = |path: &str| folder.update(path, "two", "2");
    let mut files = vec![
        update("closed"),
        update("open"),
        folder.create("new/deep/file", "fresh\n"),
        moved(update("edited"), folder.path("far/away/edited")),
        folder.delete("gone"),
        moved(folder.update("moved", "", ""), folder.path("else/moved")),
        update("link"),
        folder.delete("gone-open"),
        moved(update("moved-open"), folder.path("other/moved-open")),
    ];
    let count = files.len();
    files.rotate_left(turn * 4 % count);
    files
}

/// What a commit came to. Paths are relative.
struct Run {
    before: World,
    after: World,
    report: Report,
    files: Vec<FileChange>,
    /// The effects that were tried.
    seen: Vec<String>,
}

/// Commits with some effects failing.
async fn run(
    (resources, turn): (bool, usize),
    errno: i32,
    fails: impl Fn(usize) -> bool + Send + 'static,
) -> Run {
    let folder = start(resources);
    let before = world(&folder);
    let files = change(&folder, turn);
    let checked = folder.check(files).await.unwrap();
    let files = checked.change().files.clone();
    let armed = arm(&folder.root, errno, move |at, _| fails(at));
    let report = checked.commit("test").await;
    let seen = armed.seen();
    let relative = |world: World| World {
        files: strip(world.files, &folder.root),
        buffers: strip(world.buffers, &folder.root),
    };
    let after = world(&folder);
    let short = |path: &Path| path.strip_prefix(&folder.root).unwrap().to_path_buf();
    let files = files.into_iter().map(|mut file| {
        if let glossator_text::Action::Update { move_to: Some(to), .. } = &mut file.action {
            *to = short(to);
        }
        FileChange { path: short(&file.path), ..file }
    });
    let (before, after) = (relative(before), relative(after));
    Run { before, after, report, files: files.collect(), seen }
}

fn strip(map: BTreeMap<PathBuf, String>, root: &Path) -> BTreeMap<PathBuf, String> {
    map.into_iter().map(|(path, text)| (path.strip_prefix(root).unwrap().to_path_buf(), text)).collect()
}

/// Whether a report tells the truth about what became of the world; `done` is how it should be.
fn explained(run: &Run, done: &World) -> Result<(), String> {
    let Run { before, after, report, files, .. } = run;
    if let Some(left) = after.files.keys().find(|path| path.to_string_lossy().contains(".glossator-")) {
        return Err(format!("{} is left", left.display()));
    }
    if report.ok {
        return if after == done { Ok(()) } else { Err("not all of it stands".to_owned()) };
    }
    let mut changed = difference(before, after);
    for (file, told) in files.iter().zip(&report.files) {
        let ends = [file.path.as_path(), file.path_after()];
        let own = |path: &PathBuf| {
            // Its paths, and the folders above its destination that were not there before.
            ends.contains(&path.as_path())
                || (file.path_after().starts_with(path) && !before.files.contains_key(path))
        };
        match &told.outcome {
            Outcome::TakeBackFailed(_) if !changed.iter().any(own) => {
                return Err(format!("nothing of {} stands", told.path));
            }
            Outcome::TakeBackFailed(_) => changed.retain(|path| !own(path)),
            Outcome::Failed(_) | Outcome::TakenBack | Outcome::NotReached => {}
            other => return Err(format!("{}: {other:?}", told.path)),
        }
    }
    if changed.is_empty() { Ok(()) } else { Err(format!("{changed:?} changed")) }
}

/// Commits with the n-th effect failing for every n, in the ways that `fails` makes of n. Where only that one fails, `once`,
/// nothing is left half-done.
async fn check(way: (bool, usize), once: bool, fails: impl Fn(usize) -> Box<dyn Fn(usize) -> bool + Send>) {
    let all = run(way, 5, |_| false).await;
    assert!(all.report.ok, "{}", all.report);
    assert!(all.seen.len() > 25, "{:#?}", all.seen);
    let mut stood = 0;
    for n in 1..=all.seen.len() {
        let errno = ERRORS[(n + way.1) % ERRORS.len()];
        let tried = run(way, errno, fails(n)).await;
        let Run { report, seen, after, .. } = &tried;
        if let Err(why) = explained(&tried, &all.after) {
            panic!("effect {n} with error {errno}: {why}\n{report}\n{seen:#?}\n{after:#?}");
        }
        assert!(!once || report.ok || !report.stands(), "effect {n}, and no other: {report}");
        stood += usize::from(report.ok);
    }
    assert!(stood < all.seen.len(), "nothing failed");
}

#[tokio::test(start_paused = true)]
async fn one_effect_fails() {
    for way in [(true, 0), (false, 0), (true, 1), (false, 2), (true, 3)] {
        check(way, true, |n| Box::new(move |at| at == n)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn all_fail_from_one_on() {
    for way in [(true, 0), (false, 1), (true, 2), (false, 4)] {
        check(way, false, |n| Box::new(move |at| at >= n)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn another_one_fails_while_the_first_is_taken_back() {
    for later in 1..=SECOND {
        check((later % 2 == 0, later), false, move |n| Box::new(move |at| at == n || at == n + later)).await;
    }
}

/// As when a connection breaks: for a while nothing works.
#[tokio::test(start_paused = true)]
async fn several_in_a_row_fail() {
    for length in [2, 4, 9] {
        check((length % 2 == 0, length), false, move |n| Box::new(move |at| (n..n + length).contains(&at)))
            .await;
    }
}
