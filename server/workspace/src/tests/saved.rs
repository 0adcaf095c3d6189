//! Whether a buffer holds unsaved text, and whether its file changed behind the editor's back.

use super::support::{Folder, folder, moved, opening};
use crate::{Outcome, Source};
use std::fs;

fn one() -> Folder {
    folder(&[("a", "one\n")])
}

/// Opens `a` with `text`.
fn open(folder: &Folder, text: &str) {
    folder.overlay.open("u", opening(Some(folder.path("a")), 1, text));
}

/// Whether `a` is dirty, and whether it changed on disk. The searches and the reader agree.
fn state(folder: &Folder) -> (bool, bool) {
    let document = folder.workspace.read_blocking(&folder.path("a")).unwrap();
    let dirty = matches!(document.source, Source::Buffer { dirty: true, .. });
    assert_eq!(folder.overlay.all()[0].dirty, dirty);
    let counts = folder.overlay.by_path(&folder.path("a"));
    assert_eq!(
        counts.as_ref().map(|buffer| buffer.dirty),
        (document.source != Source::Disk).then_some(dirty)
    );
    assert_eq!(folder.overlay.shown().len(), usize::from(counts.is_some()));
    (dirty, document.changed_on_disk)
}

/// As a command that edits files does it: another file of that name.
fn rewrite(folder: &Folder, text: &[u8]) {
    fs::write(folder.path("new"), text).unwrap();
    fs::rename(folder.path("new"), folder.path("a")).unwrap();
}

const CLEAN: (bool, bool) = (false, false);
const DIRTY: (bool, bool) = (true, false);
const MOVED_ON: (bool, bool) = (false, true);

#[test]
fn a_buffer_opened_with_unsaved_text() {
    let folder = one();
    open(&folder, "unsaved\n");
    assert!(folder.overlay.all()[0].dirty);
    assert_eq!(state(&folder), DIRTY);
    // Line ends do not count.
    open(&folder, "one\r\n");
    assert_eq!(state(&folder), CLEAN);
    // A new file.
    fs::remove_file(folder.path("a")).unwrap();
    open(&folder, "");
    assert_eq!(state(&folder), CLEAN);
    open(&folder, "text\n");
    assert_eq!(state(&folder), DIRTY);
    // Saved after all.
    rewrite(&folder, b"text\n");
    folder.overlay.saved("u");
    assert_eq!(state(&folder), CLEAN);
}

#[test]
fn a_file_that_changes_under_its_buffer() {
    let folder = one();
    // Before anyone looked at the buffer, and after.
    open(&folder, "one\n");
    rewrite(&folder, b"two\n");
    assert_eq!(state(&folder), MOVED_ON);
    rewrite(&folder, b"one\n");
    assert_eq!(state(&folder), CLEAN);
    fs::write(folder.path("a"), "three\n").unwrap();
    assert_eq!(state(&folder), MOVED_ON);
    // The editor reloads it, by a change.
    folder.type_whole("a", "three\n");
    assert_eq!(state(&folder), CLEAN);
    // Typed on, and saved.
    folder.type_whole("a", "four\n");
    assert_eq!(state(&folder), DIRTY);
    rewrite(&folder, b"four\n");
    folder.overlay.saved("u");
    assert_eq!(state(&folder), CLEAN);
    // Saved, and changed before anyone looked.
    folder.type_whole("a", "five\n");
    rewrite(&folder, b"five\n");
    folder.overlay.saved("u");
    rewrite(&folder, b"six\n");
    assert_eq!(state(&folder), MOVED_ON);
    // Gone is changed too.
    fs::remove_file(folder.path("a")).unwrap();
    assert_eq!(state(&folder), MOVED_ON);
}

#[test]
fn a_file_in_an_encoding_that_only_the_editor_knows() {
    let folder = one();
    rewrite(&folder, b"\x83n\x83\x8d\n");
    open(&folder, "ハロ\n");
    folder.type_whole("a", "ハ\n");
    rewrite(&folder, b"\x83n\n");
    folder.overlay.saved("u");
    assert_eq!(state(&folder), CLEAN);
    rewrite(&folder, b"changed\n");
    assert_eq!(state(&folder), MOVED_ON);
    // What cannot be read at all is as the editor says.
    rewrite(&folder, b"\0");
    open(&folder, "text");
    assert_eq!(state(&folder), CLEAN);
    folder.type_whole("a", "typed");
    assert_eq!(state(&folder), DIRTY);
}

#[tokio::test]
async fn without_resource_operations_unsaved_text_is_not_lost() {
    let folder = one();
    *folder.editor.resources.lock() = false;
    open(&folder, "unsaved\n");
    for change in [folder.delete("a"), moved(folder.update("a", "unsaved", "x"), folder.path("b"))] {
        let (report, _) = folder.commit(vec![change]).await;
        assert!(report.to_string().contains("it has unsaved changes"), "{report}");
    }
    // Clean by the editor's word alone: the file changes between the check and the commit.
    open(&folder, "one\n");
    let checked = folder.check(vec![moved(folder.update("a", "", ""), folder.path("b"))]).await.unwrap();
    rewrite(&folder, b"two\n");
    let report = checked.commit("test").await;
    assert_eq!(report.files[0].outcome, Outcome::Disk, "{report}");
    assert_eq!(
        (folder.disk("b"), folder.buffer("a")),
        ("two\n".into(), "one\n".into()),
        "moved as it is now"
    );
}

#[tokio::test]
async fn what_killed_commits_left_goes() {
    let folder = folder(&[("dir/a", "one\n"), ("other/b", "b\n")]);
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(120);
    let leave = |name: &str, old_one: bool| {
        let file = fs::File::create(folder.path(name)).unwrap();
        if old_one {
            file.set_modified(old).unwrap();
        }
    };
    let stays = [".glossator-new.tmp", ".glossator-.tmp", ".glossator-x", "x.tmp", "sub/.glossator-old.tmp"];
    fs::create_dir(folder.path("dir/sub")).unwrap();
    for name in stays {
        leave(&format!("dir/{name}"), name != stays[0]);
    }
    leave("dir/.glossator-old.tmp", true);
    leave("other/.glossator-old.tmp", true);
    fs::create_dir(folder.path("dir/.glossator-dir.tmp")).unwrap();
    fs::write(folder.path("mine"), "").unwrap();
    std::os::unix::fs::symlink("../mine", folder.path("dir/.glossator-link.tmp")).unwrap();
    let _ = folder.check(vec![folder.update("dir/a", "one", "1")]).await.unwrap();
    assert!(!folder.path("dir/.glossator-old.tmp").exists());
    for name in stays.iter().chain(&[".glossator-dir.tmp", ".glossator-link.tmp"]) {
        assert!(folder.path("dir").join(name).exists(), "{name}");
    }
    assert!(folder.path("other/.glossator-old.tmp").exists());
}
