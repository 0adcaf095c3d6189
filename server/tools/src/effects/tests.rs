//! What commands changed, as data: pairs of texts to changes, what an overlay holds to pairs, what the user leaves of it,
//! and change sets that are made already.
#![allow(clippy::disallowed_methods)]

use super::ask::some_of;
use super::collect::{Collected, collect};
use super::given::Given;
use super::pairs::{Made, Pair, Planned, Side, plan};
use crate::{Door, FileTexts, Journal};
use glossator_exec::{What, Written};
use glossator_session::{ChangeSetId, ChangeState};
use glossator_text::{Action, Base, FileText, PositionEncoding, text_hash};
use glossator_workspace::{OnDisk, Overlay, Put, Roots, Workspace};
use parking_lot::{Mutex, RwLock};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

fn text(bytes: &[u8], mode: u32) -> Option<Side> {
    let content = FileText::decode(bytes).map_or_else(|why| OnDisk::Other(why.to_string()), OnDisk::Text);
    Some(Side { content, mode })
}

fn pair(path: &str, before: Option<&[u8]>, after: Option<&[u8]>) -> Pair {
    let side = |bytes: Option<&[u8]>| bytes.and_then(|bytes| text(bytes, 0o644));
    Pair { path: PathBuf::from(path), before: side(before), after: side(after), base: None }
}

fn display(path: &Path) -> String {
    path.display().to_string()
}

/// `kind path (from) +added -removed` of each change, then what is no change of a text.
fn told(planned: &Planned) -> Vec<String> {
    let made = planned.made.iter().map(|made| {
        let told = made.told(&display);
        let from = told.moved_from.map(|from| format!(" ({from})")).unwrap_or_default();
        format!("{} {}{from} +{} -{}", told.kind, told.path, told.added, told.removed)
    });
    let others = planned.others.iter().map(|(path, why)| format!("{}: {why}", path.display()));
    let modes = planned.modes.iter().map(|(path, mode)| format!("{} {mode:o}", path.display()));
    made.chain(others).chain(modes).collect()
}

#[test]
fn pairs_become_changes() {
    const BINARY: &str = "it is a binary file (it holds a NUL character)";
    type Bytes = Option<&'static [u8]>;
    let check = |pairs: &[(&str, Bytes, Bytes)], expected: &[&str]| {
        let pairs = pairs.iter().map(|(path, before, after)| pair(path, *before, *after)).collect();
        assert_eq!(told(&plan(pairs)), expected);
    };
    check(&[("/a", Some(b"x\n"), Some(b"x\n"))], &[]);
    check(&[("/a", None, None)], &[]);
    check(&[("/a", None, Some(b"x\ny\n"))], &["add /a +2 -0"]);
    check(&[("/a", None, Some(b""))], &["add /a +0 -0"]);
    check(&[("/a", Some(b"x\n"), None)], &["delete /a +0 -1"]);
    check(&[("/a", Some(b"x\ny\n"), Some(b"x\nz\nq\n"))], &["update /a +2 -1"]);
    check(&[("/a", Some(b"x\0"), Some(b"x\n"))], &[&format!("/a: {BINARY}")]);
    check(&[("/a", Some(b"x\n"), Some(b"\0"))], &[&format!("/a: {BINARY}")]);
    check(&[("/a", None, Some(b"\0"))], &[&format!("/a: {BINARY}")]);
    // The same bytes in another place.
    check(&[("/a", Some(b"x\n"), None), ("/b", None, Some(b"x\n"))], &["move /b (/a) +0 -0"]);
    check(&[("/b", Some(b"x\n"), None), ("/a", None, Some(b"x\n"))], &["move /a (/b) +0 -0"]);
    check(&[("/a", Some(b"x\n"), None), ("/b", None, Some(b"y\n"))], &["delete /a +0 -1", "add /b +1 -0"]);
    check(&[("/a", Some(b""), None), ("/b", None, Some(b""))], &["delete /a +0 -0", "add /b +0 -0"]);
    let twice: [(&str, Bytes, Bytes); 3] =
        [("/a", Some(b"x\n"), None), ("/b", None, Some(b"x\n")), ("/c", None, Some(b"x\n"))];
    check(&twice, &["delete /a +0 -1", "add /b +1 -0", "add /c +1 -0"]);
    let two: [(&str, Bytes, Bytes); 4] = [
        ("/a", Some(b"x\n"), None),
        ("/b", Some(b"y\n"), None),
        ("/c", None, Some(b"y\n")),
        ("/d", None, Some(b"x\n")),
    ];
    check(&two, &["move /d (/a) +0 -0", "move /c (/b) +0 -0"]);
    // Bytes that the file's own way of writing would not give.
    let changed = "/a: its encoding or its byte order mark changed";
    check(&[("/a", Some(b"\xe9\n"), Some("é\n".as_bytes()))], &[changed]);
    check(&[("/a", Some("é\n".as_bytes()), Some(b"\xe9\n"))], &[changed]);
    check(&[("/a", Some(b"x\n"), Some(b"\xef\xbb\xbfx\n"))], &[changed]);
    check(&[("/a", Some(b"\xe9\n"), Some(b"e\n"))], &["update /a +1 -1"]);
    check(&[("/a", Some(b"\xff\xfex\0"), Some(b"\xff\xfey\0"))], &["update /a +1 -1"]);
}

#[test]
fn changes_say_what_they_are_based_on_and_keep_permissions() {
    let mode = |one: &Pair, before, after| {
        let with = |side: &Option<Side>, mode| side.clone().map(|side| Side { mode, ..side });
        Pair { before: with(&one.before, before), after: with(&one.after, after), ..one.clone() }
    };
    let planned = plan(vec![
        mode(&pair("/gone", Some(b"g\n"), None), 0o750, 0),
        mode(&pair("/made", None, Some(b"m\n")), 0, 0o755),
        mode(&pair("/tool", Some(b"t\n"), Some(b"t\n")), 0o644, 0o755),
        Pair {
            base: Some(Base::Buffer { version: 3, hash: "h".to_owned() }),
            ..pair("/open", Some(b"a\n"), Some(b"b\n"))
        },
    ]);
    let [gone, made, open] = &planned.made[..] else { panic!("{planned:?}") };
    assert_eq!((gone.change.mode, made.change.mode, open.change.mode), (Some(0o750), Some(0o755), None));
    assert_eq!(planned.modes, [(PathBuf::from("/tool"), 0o755)]);
    assert_eq!(gone.change.base, Base::Disk { hash: text_hash("g\n") });
    assert_eq!(made.change.base, Base::Absent);
    assert_eq!(open.change.base, Base::Buffer { version: 3, hash: "h".to_owned() });
}

#[test]
fn what_the_user_leaves_of_changes() {
    let made = || {
        let pairs = vec![
            pair("/a", Some(b"1\n2\n3\n4\n5\n"), Some(b"one\n2\n3\n4\nfive\n")),
            pair("/b", None, Some(b"new\n")),
            pair("/c", Some(b"x\n"), Some(b"y\n")),
        ];
        plan(pairs).made
    };
    let after = |made: &[Made]| -> Vec<String> {
        let text = |made: &Made| {
            let applied = made.change.action.apply(made.before.as_deref()).unwrap().unwrap();
            assert_eq!(Some(applied.as_str()), made.after.as_deref());
            format!("{} {}", display(&made.change.path), applied.replace('\n', ""))
        };
        made.iter().map(text).collect()
    };
    for (accepted, left, refused) in [
        (&[1, 2, 3, 4][..], &["/a one234five", "/b new", "/c y"][..], &[][..]),
        (&[2, 4], &["/a 1234five", "/c y"], &["/a 1", "/b 1"]),
        (&[3], &["/b new"], &["/a 1", "/a 5", "/c 1"]),
        (&[], &[], &["/a 1", "/a 5", "/b 1", "/c 1"]),
    ] {
        let answered = some_of(made(), accepted, &display);
        assert_eq!(after(&answered.made), left, "{accepted:?}");
        let line = |why: &str| why.rsplit(' ').next().unwrap().to_owned();
        let found: Vec<String> =
            answered.refused.iter().map(|one| format!("{} {}", one.path, line(&one.why))).collect();
        assert_eq!(found, refused, "{accepted:?}");
    }
}

/// A workspace over a folder, beside one that stands for the upper layer.
struct World {
    _folder: tempfile::TempDir,
    root: PathBuf,
    upper: PathBuf,
    workspace: Workspace,
}

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        let (root, upper) = (base.join("work"), base.join("upper"));
        fs::create_dir(&root).unwrap();
        fs::create_dir(&upper).unwrap();
        let roots = Arc::new(RwLock::new(Roots::new(vec![root.clone()])));
        let workspace = Workspace::new(roots, Arc::new(Overlay::new(PositionEncoding::Utf8)), None);
        World { _folder: folder, root, upper, workspace }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    fn file(&self, name: &str, bytes: &[u8], mode: u32) -> Written {
        fs::write(self.upper.join(name.replace('/', "-")), bytes).unwrap();
        self.other(name, What::File { mode })
    }

    fn other(&self, name: &str, what: What) -> Written {
        Written { path: self.root.join(name), at: self.upper.join(name.replace('/', "-")), what }
    }

    fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap().display().to_string()
    }

    fn collect(&self, since: SystemTime, written: &[Written]) -> Collected {
        let given = Given { since, texts: Default::default(), older: Vec::new() };
        collect(&self.workspace, &given, written)
    }
}

/// Something of every kind.
fn written_in(world: &World) -> Vec<Written> {
    vec![
        world.file("changed", b"after\n", 0o644),
        world.file("same", b"before\n", 0o755),
        world.other("gone", What::Removed),
        world.other("folder", What::Removed),
        world.other("old.log", What::Removed),
        world.other("dist/only", What::Removed),
        world.other("other/only", What::Removed),
        world.file("target/touched", b"", 0o644),
        world.other("target/touched", What::Touched { mode: 0o644 }),
        world.other("tool", What::Touched { mode: 0o644 }),
        world.file("new/made", b"made\n", 0o600),
        world.other("new", What::Folder { mode: 0o755 }),
        world.other("empty", What::Folder { mode: 0o700 }),
        world.other("target", What::Folder { mode: 0o755 }),
        world.file("target/out", b"\0", 0o755),
        world.other("link", What::Link { target: PathBuf::from("changed") }),
        world.other("tool", What::Mode { mode: 0o755 }),
        world.other("pipe", What::Other { why: "it is a pipe".to_owned() }),
        world.file("picture", b"\0\0", 0o644),
        world.file("sub/.gitignore", b"*.o\n", 0o644),
        world.file("sub/x.o", b"\0", 0o644),
    ]
}

#[test]
fn what_was_written_on_an_overlay_is_sorted() {
    let world = World::new();
    world.write(".gitignore", b"/target\n*.log\nonly/\n");
    for name in ["folder/only/deep/x", "other/only", "dist/only/y"] {
        world.write(name, b"only\n");
    }
    for name in
        ["changed", "same", "gone", "folder/x", "folder/sub/y", "folder/z.log", "old.log", "tool", "picture"]
    {
        world.write(name, b"before\n");
    }
    let since = SystemTime::now() + Duration::from_secs(60);
    let written = written_in(&world);
    let mut found = world.collect(since, &written);
    let paths = |all: Vec<&Path>| -> String {
        let mut all: Vec<String> = all.into_iter().map(|path| world.shown(path)).collect();
        all.sort();
        all.join(" ")
    };
    let pairs = paths(found.pairs.iter().map(|pair| pair.path.as_path()).collect());
    assert_eq!(pairs, "changed folder/sub/y folder/x gone new/made other/only picture same sub/.gitignore");
    assert_eq!(
        paths(found.products.iter().map(|one| one.path.as_path()).collect()),
        "dist/only folder/only folder/z.log old.log sub/x.o target target/out target/touched target/touched"
    );
    assert_eq!(paths(found.odd.iter().map(|one| one.0.as_path()).collect()), "empty link tool");
    assert_eq!(paths(found.refused.iter().map(|one| one.0.as_path()).collect()), "pipe");
    assert_eq!(paths(found.emptied.iter().map(PathBuf::as_path).collect()), "folder");
    let planned = plan(std::mem::take(&mut found.pairs));
    let kinds: Vec<String> = planned
        .made
        .iter()
        .map(|made| format!("{} {}", made.told(&display).kind, world.shown(&made.change.path)))
        .collect();
    let expected = [
        "delete folder/sub/y",
        "delete folder/x",
        "delete gone",
        "delete other/only",
        "update changed",
        "add new/made",
        "add sub/.gitignore",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(planned.modes, [(world.root.join("same"), 0o755)]);
    assert!(planned.others.len() == 1 && found.puts.contains_key(&planned.others[0].0));
}

#[test]
fn a_file_that_changed_meanwhile_is_refused_with_its_text() {
    let world = World::new();
    let since = SystemTime::now() - Duration::from_secs(60);
    world.write("a", b"meanwhile\n");
    world.write("b", b"meanwhile\n");
    let found = world.collect(since, &[world.file("a", b"mine\n", 0o644), world.other("b", What::Removed)]);
    assert!(found.pairs.is_empty());
    let [(a, why, text), (b, _, None)] = &found.refused[..] else { panic!("{found:?}") };
    assert_eq!(
        (world.shown(a).as_str(), world.shown(b).as_str(), text.as_deref()),
        ("a", "b", Some("mine\n"))
    );
    assert!(why.contains("while the command ran"), "{why}");
}

#[test]
fn bytes_are_put_in_place_and_never_over_what_changed() {
    let world = World::new();
    let (past, future) =
        (SystemTime::now() - Duration::from_secs(60), SystemTime::now() + Duration::from_secs(60));
    let from = world.upper.join("x");
    fs::write(&from, b"\0x").unwrap();
    let file = Put::File { from, mode: 0o4755 };
    let put = |name: &str, put: &Put, since| world.workspace.put_blocking(&world.root.join(name), put, since);
    put("new/deep/x", &file, past).unwrap();
    let metadata = fs::metadata(world.root.join("new/deep/x")).unwrap();
    assert_eq!((metadata.len(), metadata.permissions().mode() & 0o7777), (2, 0o755));
    world.write("old", b"old");
    for one in [&file, &Put::Nothing, &Put::Mode { mode: 0o600 }, &Put::Link { target: "x".into() }] {
        assert!(put("old", one, past).unwrap_err().contains("while the command ran"));
        assert_eq!(fs::read(world.root.join("old")).unwrap(), b"old");
    }
    put("old", &Put::Link { target: "new".into() }, future).unwrap();
    assert_eq!(fs::read_link(world.root.join("old")).unwrap(), Path::new("new"));
    // Not through links out of the workspace, nor over folders.
    std::os::unix::fs::symlink(&world.upper, world.root.join("out")).unwrap();
    assert!(put("out/y", &file, future).unwrap_err().contains("out of the workspace"));
    assert!(put("new", &file, future).is_err() && world.root.join("new/deep/x").is_file());
    put("new", &Put::Nothing, future).unwrap();
    put("gone", &Put::Nothing, future).unwrap();
    assert!(!world.root.join("new").exists());
    let names: Vec<_> = fs::read_dir(&world.root).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "nothing is left beside: {names:?}");
}

#[derive(Default)]
struct Log(Mutex<Vec<String>>, bool);

impl Journal for Log {
    fn fresh_change_id(&self) -> ChangeSetId {
        ChangeSetId("C1".to_owned())
    }

    fn change(&self, id: &ChangeSetId, state: ChangeState) -> Result<(), String> {
        let what = match state {
            ChangeState::Intended { change, inverse, undoes, .. } => {
                assert_eq!((change.files.len(), undoes), (inverse.files.len(), None));
                "intended"
            }
            ChangeState::Committed => "committed",
            _ => "else",
        };
        self.0.lock().push(format!("{id} {what}"));
        if self.1 { Err("the disk is full".to_owned()) } else { Ok(()) }
    }

    fn user_is_asked(&self) -> bool {
        false
    }

    fn committed(&self, _: &ChangeSetId, files: Vec<FileTexts>) {
        self.0.lock().push(format!("{} texts", files.len()));
    }

    fn announce(&self, _: &ChangeSetId, state: &str, files: Vec<String>) {
        self.0.lock().push(format!("{state}: {}", files.join(" ")));
    }
}

#[tokio::test]
async fn a_change_that_is_made_already_is_taken_in_if_the_files_hold_it() {
    let world = World::new();
    let (a, gone) = (world.write("a", b"after\n"), world.root.join("gone"));
    let made = plan(vec![
        Pair { path: a.clone(), ..pair("", Some(b"before\n"), Some(b"after\n")) },
        Pair { path: gone, ..pair("", Some(b"gone\n"), None) },
    ])
    .made;
    let adopt = async |log: Arc<Log>| {
        let change = glossator_text::ChangeSet { files: made.iter().map(|one| one.change.clone()).collect() };
        let inverse = change.inverse(|_| Some(text_hash("after\n")));
        let texts = made.iter().map(|one| FileTexts {
            from: one.change.path.clone(),
            path: one.change.path_after().to_path_buf(),
            before: one.before.clone(),
            after: one.after.clone(),
        });
        let (workspace, lock) = (world.workspace.clone(), Arc::default());
        let door = Door { workspace, journal: log, lock, cancel: Default::default() };
        door.adopt(change, inverse, texts.collect()).await.map(|done| done.files)
    };
    let log = Arc::new(Log::default());
    let files = adopt(log.clone()).await.unwrap();
    assert_eq!(files, ["gone", "a"]);
    assert_eq!(*log.0.lock(), ["C1 intended", "C1 committed", "2 texts", "committed: gone a"]);
    let full = Arc::new(Log(Mutex::default(), true));
    assert!(adopt(full.clone()).await.unwrap_err().contains("the disk is full"));
    assert_eq!(*full.0.lock(), ["C1 intended"]);
    fs::write(&a, "other\n").unwrap();
    let log = Arc::new(Log::default());
    assert_eq!(adopt(log.clone()).await.unwrap_err(), "a was changed again meanwhile");
    assert!(log.0.lock().is_empty());
    assert!(matches!(made[1].change.action, Action::Update { .. }));
}
