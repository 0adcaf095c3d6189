//! Change sets on closed files.

use super::support::{Folder, disk_base, folder, moved};
use crate::{Outcome, Report};
use glossator_text::{Action, Base, FileChange, FileEncoding, FileFormat, LineEnding, Replacement};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

fn outcomes(report: &Report) -> Vec<&Outcome> {
    report.files.iter().map(|file| &file.outcome).collect()
}

/// No temporary file is left anywhere.
fn assert_clean(folder: &Folder) {
    let left = walk(&folder.root).into_iter().filter(|name| name.contains(".glossator-")).collect::<Vec<_>>();
    assert!(left.is_empty(), "{left:?}");
}

fn walk(path: &std::path::Path) -> Vec<String> {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap());
    entries
        .flat_map(|entry| {
            let kind = entry.file_type().unwrap();
            let mut below = if kind.is_dir() { walk(&entry.path()) } else { Vec::new() };
            below.push(entry.path().display().to_string());
            below
        })
        .collect()
}

#[tokio::test]
async fn everything_at_once_and_back() {
    let folder = folder(&[
        ("a.rs", "one\ntwo\nthree\n"),
        ("old.rs", "moved text\n"),
        ("gone.rs", "bye\n"),
        ("m.rs", "same\n"),
    ]);
    fs::set_permissions(folder.path("a.rs"), fs::Permissions::from_mode(0o750)).unwrap();
    fs::set_permissions(folder.path("old.rs"), fs::Permissions::from_mode(0o705)).unwrap();
    let files = vec![
        folder.update("a.rs", "two", "2"),
        folder.create("new/deep/n.rs", "fresh\n"),
        moved(folder.update("old.rs", "moved", "edited"), folder.path("sub/new.rs")),
        moved(folder.update("m.rs", "", ""), folder.path("m2.rs")),
        folder.delete("gone.rs"),
    ];
    let checked = folder.check(files).await.unwrap();
    let diff = checked.diff();
    assert!(diff.contains("--- a/a.rs\n+++ b/a.rs\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"), "{diff}");
    assert!(diff.contains("rename from old.rs\nrename to sub/new.rs\n--- a/sub/new.rs"), "{diff}");
    assert!(diff.contains("--- /dev/null\n+++ b/new/deep/n.rs"), "{diff}");
    assert_eq!(folder.disk("a.rs"), "one\ntwo\nthree\n");
    let inverse = checked.inverse().clone();
    let report = checked.commit("test").await;
    assert!(report.ok, "{report}");
    assert!(report.files.iter().all(|file| file.outcome == Outcome::Disk));
    assert_eq!(folder.disk("a.rs"), "one\n2\nthree\n");
    assert_eq!(folder.disk("new/deep/n.rs"), "fresh\n");
    assert_eq!(folder.disk("sub/new.rs"), "edited text\n");
    assert_eq!(folder.disk("m2.rs"), "same\n");
    assert!(
        !folder.path("old.rs").exists() && !folder.path("gone.rs").exists() && !folder.path("m.rs").exists()
    );
    let mode = |path: &str| fs::metadata(folder.path(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("a.rs"), mode("sub/new.rs")), (0o750, 0o705));
    assert_eq!(mode("new/deep/n.rs") & 0o600, 0o600);
    assert_eq!(mode("new/deep/n.rs") & 0o111, 0);
    assert_clean(&folder);

    // The user edits elsewhere, and a file that was made: the undo moves along, or refuses.
    fs::write(folder.path("a.rs"), "zero\none\n2\nthree\n").unwrap();
    let (report, redo) = folder.commit(inverse.files).await;
    assert!(report.ok, "{report}");
    assert_eq!(folder.disk("a.rs"), "zero\none\ntwo\nthree\n");
    assert_eq!((folder.disk("old.rs"), folder.disk("gone.rs")), ("moved text\n".into(), "bye\n".into()));
    assert!(!folder.path("sub").exists() && !folder.path("new").exists());
    // An undo can be undone.
    let (report, _) = folder.commit(redo.files).await;
    assert!(report.ok, "{report}");
    assert_eq!(folder.disk("a.rs"), "zero\none\n2\nthree\n");
}

fn mode(folder: &Folder, path: &str) -> u32 {
    fs::metadata(folder.path(path)).unwrap().permissions().mode() & 0o7777
}

fn set_mode(folder: &Folder, path: &str, mode: u32) {
    fs::set_permissions(folder.path(path), fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn an_undo_leaves_permissions_and_folders_as_they_were() {
    let folder = folder(&[("secret", "s\n"), ("tool", "t\n"), ("m", "m\n"), ("kept/k", "k\n")]);
    folder.open("tool");
    set_mode(&folder, "secret", 0o600);
    set_mode(&folder, "tool", 0o2751);
    let files = vec![
        folder.delete("secret"),
        folder.delete("tool"),
        folder.create("new/deep/a", "a\n"),
        folder.create("new/b", "b\n"),
        folder.create("kept/more/c", "c\n"),
        moved(folder.update("m", "m", "M"), folder.path("other/place/m")),
    ];
    let sorted = || {
        let mut names = walk(&folder.root);
        names.sort();
        names
    };
    let before = sorted();
    let (report, mut inverse) = folder.commit(files).await;
    assert!(report.ok, "{report}");
    let after = sorted();
    // There and back, and again by what the undo left for it.
    for _ in 0..2 {
        let (report, redo) = folder.commit(inverse.files).await;
        assert!(report.ok, "{report}");
        assert_eq!(sorted(), before);
        assert_eq!((mode(&folder, "secret"), mode(&folder, "tool")), (0o600, 0o751));
        set_mode(&folder, "m", 0o640);
        let (report, undo) = folder.commit(redo.files).await;
        assert!(report.ok, "{report}");
        assert_eq!(sorted(), after);
        assert_eq!(mode(&folder, "other/place/m"), 0o640);
        inverse = undo;
    }
}

#[tokio::test]
async fn what_is_attached_to_a_file_stays() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    let folder = folder(&[("a", "one\n"), ("b", "one\n"), ("c", "one\n"), ("d", "d\n")]);
    let mark = |path: &str| setxattr(folder.path(path), "user.mark", path.as_bytes(), XattrFlags::empty());
    if mark("a").is_err() {
        // A file system without attributes.
        return;
    }
    mark("b").and_then(|()| mark("c")).unwrap();
    // Somebody else may read it, the group may not: the mode alone would say the contrary.
    let list: [(u16, u16, u32); 5] =
        [(1, 6, u32::MAX), (2, 6, 12345), (4, 0, u32::MAX), (16, 6, u32::MAX), (32, 0, u32::MAX)];
    let mut bytes = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, id) in list {
        bytes.extend([tag.to_le_bytes(), rights.to_le_bytes()].concat());
        bytes.extend(id.to_le_bytes());
    }
    let listed = setxattr(folder.path("a"), "system.posix_acl_access", &bytes, XattrFlags::empty()).is_ok();
    let get = |path: &str, name: &str| {
        let mut value = vec![0; 256];
        let length = getxattr(folder.path(path), name, value.as_mut_slice()).ok()?;
        Some(value[..length].to_vec())
    };
    let files = vec![
        folder.update("a", "one", "1"),
        moved(folder.update("b", "one", "1"), folder.path("to")),
        folder.delete("c"),
        folder.update("d", "d", "D"),
    ];
    let checked = folder.check(files).await.unwrap();
    fs::write(folder.path("d"), "theirs\n").unwrap();
    assert!(!checked.commit("test").await.ok);
    // Written anew twice, moved there and back, removed and made again.
    for name in ["a", "b", "c"] {
        assert_eq!(get(name, "user.mark").as_deref(), Some(name.as_bytes()), "{name}");
    }
    assert_eq!(get("a", "system.posix_acl_access").is_some(), listed);
    assert!(!listed || mode(&folder, "a") == 0o660);
}

#[tokio::test]
async fn folders_in_use_and_those_of_others_stay() {
    let folder = folder(&[("a", "a\n"), ("b/b", "b\n")]);
    fs::create_dir_all(folder.path("empty/inner")).unwrap();
    let (report, inverse) = folder.commit(vec![folder.create("new/deep/n", "n\n")]).await;
    assert!(report.ok, "{report}");
    fs::write(folder.path("new/theirs"), "").unwrap();
    let (report, _) = folder.commit(inverse.files).await;
    assert!(report.ok, "{report}");
    assert!(folder.path("new/theirs").exists() && !folder.path("new/deep").exists());
    // Whatever a stored change set says.
    fs::remove_file(folder.path("new/theirs")).unwrap();
    let named = ["", "/", "..", "empty", "empty/inner", "new", "b/../empty", "b"];
    let made_folders = named.iter().map(|name| folder.path(name)).collect();
    let (report, _) = folder.commit(vec![FileChange { made_folders, ..folder.delete("b/b") }]).await;
    assert!(report.ok, "{report}");
    assert!(folder.path("empty/inner").exists() && folder.path("new").exists() && !folder.path("b").exists());
    let made_folders = vec![folder.temp.path().to_path_buf(), folder.root.clone()];
    for name in ["empty", "new"] {
        fs::remove_dir_all(folder.path(name)).unwrap();
    }
    let (report, _) = folder.commit(vec![FileChange { made_folders, ..folder.delete("a") }]).await;
    assert!(report.ok && folder.root.exists(), "{report}");
    let (report, _) =
        folder.commit(vec![FileChange { mode: Some(0o106755), ..folder.create("s", "") }]).await;
    assert!(report.ok, "{report}");
    assert_eq!(mode(&folder, "s"), 0o755);
}

#[tokio::test]
async fn formats_are_kept() {
    let folder = folder(&[]);
    let utf16 = |text: &str| -> Vec<u8> {
        [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect()
    };
    let cases: [(Vec<u8>, Vec<u8>); 5] = [
        (b"a\r\nword\r\n".to_vec(), b"a\r\nwoot\r\n".to_vec()),
        (b"\xef\xbb\xbfa\nword".to_vec(), b"\xef\xbb\xbfa\nwoot".to_vec()),
        (utf16("ä\r\nword\r\n"), utf16("ä\r\nwoot\r\n")),
        (b"caf\xe9 word\n".to_vec(), b"caf\xe9 woot\n".to_vec()),
        (b"a\rword\nb\r\n".to_vec(), b"a\rwoot\nb\r\n".to_vec()),
    ];
    for (before, after) in cases {
        fs::write(folder.path("f"), &before).unwrap();
        let (report, inverse) = folder.commit(vec![folder.update("f", "word", "woot")]).await;
        assert!(report.ok, "{report}");
        assert_eq!(fs::read(folder.path("f")).unwrap(), after);
        let (report, _) = folder.commit(inverse.files).await;
        assert!(report.ok, "{report}");
        assert_eq!(fs::read(folder.path("f")).unwrap(), before);
    }
    fs::write(folder.path("latin"), b"caf\xe9\n").unwrap();
    let problem = folder.problems(vec![folder.update("latin", "caf", "☕")]).await;
    assert!(problem.contains("cannot express '☕'"), "{problem}");
    let wide = FileFormat { encoding: FileEncoding::Utf16Le, bom: true, line_ending: LineEnding::Lf };
    let (report, _) = folder.commit(vec![FileChange { format: wide, ..folder.create("wide", "hä") }]).await;
    assert!(report.ok);
    assert_eq!(fs::read(folder.path("wide")).unwrap(), b"\xff\xfeh\0\xe4\0");
}

/// A deletion of a file that was never read.
fn unread(folder: &Folder, path: &str) -> FileChange {
    let action = Action::Delete { text: "x".into() };
    FileChange::new(folder.path(path), disk_base("x"), action, FileFormat::default())
}

/// Changes that are refused, each with what is said of it.
fn refusals(folder: &Folder) -> Vec<(FileChange, &'static str)> {
    let delete = |path: &str| unread(folder, path);
    let bare = |path: &str, action: Action| FileChange { action, ..delete(path) };
    vec![
        (folder.create("b", "again"), "b: something stands there already"),
        (folder.create("out/new", "x"), "out/new: it leads out of the workspace"),
        (folder.create("../up", "x"), "it leads out of the workspace"),
        (folder.create(".git/hooks/post-commit", "x"), "git's own data"),
        (folder.create("sub/.git/config", "x"), "git's own data"),
        (folder.create("b/below", "x"), "is not a folder"),
        (folder.create("closed/new", "x"), "is not writable"),
        (folder.create("closed/deep/er/new", "x"), "is not writable"),
        (folder.update("read-only", "r", "w"), "read-only: it is read-only"),
        (folder.delete("closed/c"), "is not writable"),
        (moved(folder.update("closed/c", "", ""), folder.path("c")), "is not writable"),
        (
            moved(folder.update("b", "b", "B"), folder.path("bin")),
            "its destination bin: something stands there",
        ),
        (moved(folder.update("b", "b", "B"), folder.path("../x")), "it leads out of the workspace"),
        (moved(folder.update("b", "b", "B"), folder.path(".git/x")), "git's own data"),
        (delete("missing"), "missing: it does not exist"),
        (delete("bin"), "is not text"),
        (delete("b"), "it changed after it was read, so it is not deleted"),
        (bare("closed", Action::Delete { text: String::new() }), "is a folder"),
        (FileChange { path: "relative".into(), ..delete("b") }, "must be absolute"),
        (
            FileChange { base: Base::Absent, ..folder.update("b", "b", "B") },
            "it should not exist by the plan",
        ),
        (
            bare("b", Action::Create { text: "over".into() }),
            "it changed after it was read, so it is not overwritten",
        ),
        (folder.update("a", "text", "new"), "named twice"),
    ]
}

#[tokio::test]
async fn every_problem_is_told_at_once_and_nothing_is_written() {
    let folder = folder(&[
        ("a", "text\n"),
        ("b", "b\n"),
        ("read-only", "r\n"),
        ("closed/c", "c\n"),
        (".git/config", "g\n"),
    ]);
    fs::create_dir(folder.temp.path().join("secret")).unwrap();
    symlink(folder.temp.path().join("secret"), folder.path("out")).unwrap();
    fs::write(folder.path("bin"), b"\0").unwrap();
    let chmod =
        |path: &str, mode| fs::set_permissions(folder.path(path), fs::Permissions::from_mode(mode)).unwrap();
    chmod("read-only", 0o444);
    chmod("closed", 0o555);
    let ok = folder.update("a", "text", "new");
    for (change, expected) in refusals(&folder) {
        let problem = folder.problems(vec![ok.clone(), change]).await;
        assert!(problem.contains(expected), "expected {expected:?}, got {problem:?}");
    }
    let all =
        folder.check(vec![folder.create("b", ""), folder.create("../x", ""), unread(&folder, "no")]).await;
    assert_eq!(all.err().unwrap().len(), 3);
    assert_eq!(folder.disk("a"), "text\n");
    chmod("closed", 0o755);
    assert_clean(&folder);
}

#[tokio::test]
async fn a_stale_base_is_placed_anew_or_refused() {
    let folder = folder(&[("a", "one\ntwo\nthree\n")]);
    let change = folder.update("a", "o\nth", "o!\nth");
    fs::write(folder.path("a"), "zero\none\ntwo\nthree\n").unwrap();
    let (report, _) = folder.commit(vec![change.clone()]).await;
    assert!(report.ok, "{report}");
    assert_eq!(folder.disk("a"), "zero\none\ntwo!\nthree\n");
    fs::write(folder.path("a"), "one\nTWO\nthree\n").unwrap();
    let problem = folder.problems(vec![change]).await;
    assert!(problem.contains("lines 2-2 are now:\nTWO\n"), "{problem}");
}

#[tokio::test]
async fn an_overwrite_planned_as_a_creation() {
    let folder = folder(&[("a", "old\n")]);
    let action = Action::Create { text: "new\n".into() };
    let (report, inverse) =
        folder.commit(vec![FileChange { action, ..folder.update("a", "old", "x") }]).await;
    assert!(report.ok && folder.disk("a") == "new\n");
    let (report, _) = folder.commit(inverse.files).await;
    assert!(report.ok && folder.disk("a") == "old\n");
}

#[tokio::test]
async fn a_path_may_be_emptied_and_filled_in_one_change() {
    let folder = folder(&[("a", "a\n"), ("b", "b\n")]);
    let files = vec![folder.delete("a"), moved(folder.update("b", "b", "B"), folder.path("a"))];
    let (report, inverse) = folder.commit(files).await;
    assert!(report.ok, "{report}");
    assert!(folder.disk("a") == "B\n" && !folder.path("b").exists());
    let (report, _) = folder.commit(inverse.files).await;
    assert!(report.ok, "{report}");
    assert_eq!((folder.disk("a"), folder.disk("b")), ("a\n".into(), "b\n".into()));
    // Onto itself is no move.
    let (report, _) = folder.commit(vec![moved(folder.update("a", "a", "x"), folder.path("a"))]).await;
    assert!(report.ok && folder.disk("a") == "x\n");
}

#[tokio::test]
async fn a_link_is_written_through_to_its_target() {
    let folder = folder(&[("real", "text\n")]);
    symlink("real", folder.path("link")).unwrap();
    let (report, _) = folder.commit(vec![folder.update("link", "text", "new")]).await;
    assert!(report.ok, "{report}");
    assert_eq!(folder.disk("real"), "new\n");
    assert!(fs::symlink_metadata(folder.path("link")).unwrap().is_symlink());
}

#[tokio::test]
async fn when_the_last_file_fails_the_others_are_taken_back() {
    for broken in ["changed", "appeared", "gone", "swapped"] {
        let folder = folder(&[("a", "a\n"), ("d", "d\n"), ("m", "m\n"), ("dir/z", "z\n"), ("later", "l\n")]);
        fs::set_permissions(folder.path("d"), fs::Permissions::from_mode(0o711)).unwrap();
        let last = match broken {
            "appeared" => folder.create("fresh", "x"),
            _ => folder.update("dir/z", "z", "Z"),
        };
        let files = vec![
            folder.update("a", "a", "A"),
            folder.delete("d"),
            moved(folder.update("m", "m", "M"), folder.path("new/m")),
            folder.create("n/n/n", "n"),
            last,
            folder.update("later", "l", "L"),
        ];
        let checked = folder.check(files).await.unwrap();
        match broken {
            "changed" => fs::write(folder.path("dir/z"), "other\n").unwrap(),
            "appeared" => fs::write(folder.path("fresh"), "theirs").unwrap(),
            "gone" => fs::remove_file(folder.path("dir/z")).unwrap(),
            _ => {
                fs::rename(folder.path("dir"), folder.temp.path().join("dir")).unwrap();
                symlink(folder.temp.path().join("dir"), folder.path("dir")).unwrap();
            }
        }
        let report = checked.commit("test").await;
        assert!(!report.ok);
        let back = [Outcome::TakenBack, Outcome::TakenBack, Outcome::TakenBack, Outcome::TakenBack];
        assert_eq!(outcomes(&report)[..4], back.iter().collect::<Vec<_>>()[..], "{report}");
        assert!(matches!(outcomes(&report)[4], Outcome::Failed(_)), "{report}");
        assert_eq!(outcomes(&report)[5], &Outcome::NotReached);
        assert_eq!(
            (folder.disk("a"), folder.disk("d"), folder.disk("m")),
            ("a\n".into(), "d\n".into(), "m\n".into())
        );
        assert_eq!(fs::metadata(folder.path("d")).unwrap().permissions().mode() & 0o777, 0o711);
        assert!(!folder.path("n").exists() && !folder.path("new").exists());
        match broken {
            "changed" => assert_eq!(folder.disk("dir/z"), "other\n"),
            "appeared" => assert_eq!(folder.disk("fresh"), "theirs"),
            "swapped" => assert_eq!(fs::read_to_string(folder.temp.path().join("dir/z")).unwrap(), "z\n"),
            _ => {}
        }
        assert_clean(&folder);
    }
}

#[tokio::test]
async fn what_cannot_be_taken_back_is_told() {
    let folder = folder(&[("a", "a\n"), ("b", "b\n"), ("c", "c\n")]);
    folder.open("b");
    folder.editor.will(&[super::support::Manner::Refuse]);
    let files =
        vec![folder.update("a", "a", "A"), folder.update("b", "b", "B"), folder.update("c", "c", "C")];
    let checked = folder.check(files).await.unwrap();
    // Someone rewrites the first file while the editor is being asked.
    let (path, watch) = (
        folder.path("a"),
        tokio::task::spawn_blocking({
            let path = folder.path("a");
            move || {
                while fs::read_to_string(&path).unwrap() != "A\n" {
                    std::thread::yield_now();
                }
                fs::write(&path, "theirs\n").unwrap();
            }
        }),
    );
    let report = checked.commit("test").await;
    watch.await.unwrap();
    assert!(
        matches!(
            outcomes(&report)[..],
            [Outcome::TakeBackFailed(_), Outcome::Failed(_), Outcome::NotReached]
        ),
        "{report}"
    );
    let text = report.to_string();
    assert!(text.contains("a: changed, and could not be taken back: it changed after it was read"), "{text}");
    assert!(text.contains("b: not changed: the editor refused the edit: document has changed"), "{text}");
    assert_eq!(fs::read_to_string(path).unwrap(), "theirs\n");
}

#[tokio::test]
async fn an_unwritable_place_fails_without_harm() {
    // Not even the superuser can create files there.
    let roots = std::sync::Arc::new(parking_lot::RwLock::new(crate::Roots::new(vec!["/proc/self".into()])));
    let overlay = std::sync::Arc::new(crate::Overlay::new(Default::default()));
    let workspace = crate::Workspace::new(roots, overlay, None);
    let path = workspace.roots().folders()[0].join("new");
    let action = Action::Create { text: "x".into() };
    let file = FileChange::new(path, Base::Absent, action, FileFormat::default());
    match workspace.check(glossator_text::ChangeSet { files: vec![file] }).await {
        Err(problems) => assert!(problems[0].contains("not writable"), "{problems:?}"),
        Ok(checked) => {
            let report = checked.commit("test").await;
            assert!(!report.ok && report.to_string().contains("could not be created"), "{report}");
        }
    }
}

#[tokio::test]
async fn odd_change_sets() {
    let folder = folder(&[("a", "ab\n")]);
    let (report, inverse) = folder.commit(Vec::new()).await;
    assert!(report.ok && report.files.is_empty() && inverse.files.is_empty());
    let edits = |edits: Vec<Replacement>| FileChange {
        action: Action::Update { edits, move_to: None },
        ..folder.update("a", "a", "b")
    };
    let (report, _) = folder.commit(vec![edits(Vec::new())]).await;
    assert!(report.ok);
    let piece = |start, old: &str| Replacement { start, old: old.into(), new: "x".into() };
    for wrong in [vec![piece(1, "a")], vec![piece(usize::MAX, "a")], vec![piece(0, "ab"), piece(1, "b")]] {
        folder.problems(vec![edits(wrong)]).await;
    }
    assert_eq!(folder.disk("a"), "ab\n");
}
