//! A file that is changed on disk under its buffer: whose text is read, searched, edited, moved and deleted.

use super::support::{Folder, folder, moved, opening, uri};
use crate::saved::Standing;
use crate::{GrepCase, GrepRequest, Neighbours, Outcome, Source, Workspace};
use glossator_text::{FileChange, PositionEncoding};
use std::fs;
use std::sync::Arc;
use std::time::Duration;

const TEXT: &str = "one\ntwo\nthree\nfour\n";
const TYPED: &str = "one\ntwo\nthree\nfour\ntyped\n";
const THEIRS: &str = "theirs\none\ntwo\nthree\nfour\n";
const LATER: &str = "theirs\none\ntwo\nthree\nfour\nlater\n";
/// `ハロ`, which the editor reads and Glossator does not.
const FOREIGN: &[u8] = b"\x83n\x83\x8d\ntwo\n";
const FOREIGN_TEXT: &str = "ハロ\ntwo\n";

const CONFLICT: &str = "unsaved changes in the editor, and its file was changed on disk too";
const GONE: &str = "it is gone from the disk, and the editor only still shows it";
const CHANGED: &str = "it changed after it was read, so it is not deleted";
const NEW: &str = "a new, unsaved buffer";

#[derive(Debug, Clone, Copy, PartialEq)]
enum Held {
    Clean,
    Dirty,
    /// In an encoding that only the editor knows.
    Foreign,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Disk {
    Same,
    Changed,
    Gone,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Then {
    Nothing,
    /// The editor reads the file anew, by a change or by closing and opening.
    Reloads,
    Reopens,
    /// The user types.
    Types,
    /// The file is changed (once more).
    Moves,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum What {
    Edit,
    Move,
    Delete,
}

/// Where a change is made, or why it is not.
#[derive(Debug, Clone, Copy, PartialEq)]
enum As {
    Editor,
    Disk,
    No(&'static str),
}

/// A folder with `a` held and changed so. Whether somebody looked in between must not matter.
fn arranged(held: Held, disk: Disk, looked: bool) -> Folder {
    let folder = folder(&[("a", TEXT)]);
    let look = || drop(looked.then(|| folder.overlay.shown()));
    let path = folder.path("a");
    folder.open("a");
    look();
    match held {
        Held::Clean => {}
        Held::Dirty => folder.type_whole("a", TYPED),
        Held::Foreign => {
            folder.type_whole("a", FOREIGN_TEXT);
            fs::write(&path, FOREIGN).unwrap();
            folder.overlay.saved(&uri(&path));
        }
    }
    // A foreign file is told from a changed one by its state when it was first looked at.
    folder.overlay.all();
    look();
    match disk {
        Disk::Same => {}
        Disk::Changed => replace(&folder, THEIRS),
        Disk::Gone => fs::remove_file(&path).unwrap(),
    }
    look();
    folder
}

/// As a command that edits files does it: another file of that name.
fn replace(folder: &Folder, text: &str) {
    fs::write(folder.path("new"), text).unwrap();
    fs::rename(folder.path("new"), folder.path("a")).unwrap();
}

fn plan(folder: &Folder, what: What) -> FileChange {
    match what {
        What::Edit => folder.update("a", "two", "2"),
        What::Move => moved(folder.update("a", "two", "2"), folder.path("b")),
        What::Delete => folder.delete("a"),
    }
}

fn happen(folder: &Folder, then: Then) {
    let on_disk = || fs::read_to_string(folder.path("a")).unwrap();
    match then {
        Then::Nothing => {}
        Then::Reloads => folder.type_whole("a", &on_disk()),
        Then::Reopens => {
            folder.overlay.close(&uri(&folder.path("a")));
            folder.open("a");
        }
        Then::Types => folder.type_whole("a", &format!("{}and more\n", folder.buffer("a"))),
        Then::Moves => replace(folder, LATER),
    }
}

/// What stands on disk at `a` and `b`, and what the editor holds of them.
fn seen(folder: &Folder) -> [Option<String>; 4] {
    let disk = |name: &str| Some(String::from_utf8_lossy(&fs::read(folder.path(name)).ok()?).into_owned());
    let held = |name: &str| Some(folder.overlay.look(&folder.path(name))?.0.text.to_string());
    [disk("a"), disk("b"), held("a"), held("b")]
}

async fn check((held, disk): (Held, Disk), then: Then, expected: [As; 3]) {
    for (what, expected) in [What::Edit, What::Move, What::Delete].into_iter().zip(expected) {
        for looked in [false, true] {
            let case = format!("{what:?} of {held:?}, disk {disk:?}, then {then:?}, looked {looked}");
            let folder = arranged(held, disk, looked);
            let checked = folder.check(vec![plan(&folder, what)]).await;
            happen(&folder, then);
            let before = seen(&folder);
            let (made, told) = match checked {
                Err(problems) => (None, problems.join("\n")),
                Ok(checked) => {
                    let report = checked.commit("test").await;
                    (report.ok.then(|| report.files[0].outcome.clone()), report.to_string())
                }
            };
            let after = seen(&folder);
            let edited = |at: usize| before[at].as_ref().map(|text| text.replace("two", "2"));
            let [disk_a, _, held_a, _] = before.clone();
            let right = match (expected, what) {
                (As::No(why), _) => {
                    assert!(made.is_none() && told.contains(why), "{case}: {told}");
                    before.clone()
                }
                (As::Editor, What::Edit) => [disk_a, None, edited(2), None],
                (As::Disk, What::Edit) => [edited(0), None, held_a, None],
                // The editor renames the file, and has the text that it edited.
                (As::Editor, What::Move) => [None, disk_a, None, edited(2)],
                (As::Disk, What::Move) => [None, edited(0), held_a, None],
                (As::Editor, What::Delete) => [None, None, None, None],
                (As::Disk, What::Delete) => [None, None, held_a, None],
            };
            let outcome = match expected {
                As::Editor => Some(Outcome::Editor),
                As::Disk => Some(Outcome::Disk),
                As::No(_) => None,
            };
            assert_eq!((made, after), (outcome, right), "{case}: {told}");
        }
    }
}

#[tokio::test]
async fn changes_of_files_that_change_under_their_buffers() {
    use As::{Editor, No};
    use Disk::{Changed, Gone, Same};
    use Held::{Clean, Dirty, Foreign};
    const DISK: As = As::Disk;
    let all = |one: As| [one; 3];
    check((Clean, Same), Then::Nothing, all(Editor)).await;
    check((Clean, Same), Then::Types, [Editor, Editor, No(CHANGED)]).await;
    check((Clean, Same), Then::Moves, [DISK, DISK, No(CHANGED)]).await;
    check((Clean, Changed), Then::Nothing, all(DISK)).await;
    check((Clean, Changed), Then::Reloads, all(Editor)).await;
    check((Clean, Changed), Then::Reopens, all(Editor)).await;
    check((Clean, Changed), Then::Types, all(No(CONFLICT))).await;
    check((Clean, Changed), Then::Moves, [DISK, DISK, No(CHANGED)]).await;
    check((Clean, Gone), Then::Nothing, all(No(GONE))).await;
    check((Clean, Gone), Then::Types, all(No(GONE))).await;
    check((Dirty, Same), Then::Nothing, all(Editor)).await;
    check((Dirty, Same), Then::Moves, all(No(CONFLICT))).await;
    check((Dirty, Changed), Then::Nothing, all(No(CONFLICT))).await;
    check((Dirty, Changed), Then::Reloads, all(No(CONFLICT))).await;
    check((Dirty, Gone), Then::Nothing, [Editor, No(NEW), No(NEW)]).await;
    check((Foreign, Same), Then::Nothing, all(Editor)).await;
    check((Foreign, Same), Then::Types, [Editor, Editor, No(CHANGED)]).await;
    check((Foreign, Changed), Then::Nothing, all(DISK)).await;
    check((Foreign, Changed), Then::Reloads, all(Editor)).await;
    check((Foreign, Changed), Then::Types, all(No(CONFLICT))).await;
    check((Foreign, Gone), Then::Nothing, all(No(GONE))).await;
}

async fn found(workspace: &Workspace, pattern: &str) -> usize {
    let request = GrepRequest {
        pattern: pattern.to_owned(),
        literal: true,
        case: GrepCase::Sensitive,
        include: None,
        path: None,
        context: 0,
        limit: 100,
    };
    workspace.grep(request).await.unwrap().matches.len()
}

#[tokio::test]
async fn reading_and_searching_agree() {
    use Disk::{Changed, Gone, Same};
    use Held::{Clean, Dirty, Foreign};
    let dirty = |version, dirty| Source::Buffer { version, dirty };
    for ((held, disk), (text, source, marked)) in [
        ((Clean, Same), (TEXT, dirty(1, false), false)),
        ((Clean, Changed), (THEIRS, Source::Disk, true)),
        ((Clean, Gone), (TEXT, dirty(1, false), true)),
        ((Dirty, Same), (TYPED, dirty(2, true), false)),
        ((Dirty, Changed), (TYPED, dirty(2, true), true)),
        ((Dirty, Gone), (TYPED, dirty(2, true), false)),
        ((Foreign, Same), (FOREIGN_TEXT, dirty(2, false), false)),
        ((Foreign, Changed), (THEIRS, Source::Disk, true)),
        ((Foreign, Gone), (FOREIGN_TEXT, dirty(2, false), true)),
    ] {
        for looked in [false, true] {
            let folder = arranged(held, disk, looked);
            let case = format!("{held:?}, disk {disk:?}, looked {looked}");
            let read = folder.workspace.read(&folder.path("a")).await.unwrap();
            assert_eq!(
                (read.text.as_str(), read.source, read.changed_on_disk),
                (text, source, marked),
                "{case}"
            );
            for line in ["theirs", "typed", "ハロ"] {
                let there = found(&folder.workspace, line).await;
                assert_eq!(there, usize::from(text.contains(line)), "{case}: {line}");
            }
        }
    }
}

#[tokio::test]
async fn an_edit_under_an_older_buffer_is_taken_back_where_the_file_is_then() {
    for reloads in [false, true] {
        let folder = arranged(Held::Clean, Disk::Changed, true);
        let (report, inverse) = folder.commit(vec![plan(&folder, What::Edit)]).await;
        assert!(report.ok && folder.disk("a").contains("\n2\n"), "{report}");
        if reloads {
            folder.type_whole("a", &folder.disk("a"));
        }
        let (report, _) = folder.commit(inverse.files).await;
        assert!(report.ok, "{report}");
        let now = if reloads { folder.buffer("a") } else { folder.disk("a") };
        assert_eq!(now, THEIRS);
        assert_eq!(folder.buffer("a") == TEXT, !reloads, "the editor shows what it has read");
    }
}

#[test]
fn a_report_that_was_not_compared_yet_may_be_of_unsaved_text() {
    let folder = folder(&[("a", TEXT)]);
    // As when it is opened or saved while somebody compares.
    folder.overlay.open("u", opening(Some(folder.path("a")), 1, TYPED));
    assert_eq!(folder.overlay.by_uri("u").unwrap().standing(), Standing::Counts);
    folder.overlay.saved("u");
    assert_eq!(folder.overlay.by_uri("u").unwrap().standing(), Standing::Counts);
    // Compared, it is as its editor says.
    folder.overlay.all();
    replace(&folder, THEIRS);
    assert_eq!(folder.overlay.by_uri("u").unwrap().standing(), Standing::Behind);
}

#[tokio::test]
async fn of_two_buffers_of_a_file_the_one_that_was_reloaded_counts() {
    let folder = arranged(Held::Clean, Disk::Changed, true);
    std::os::unix::fs::symlink("a", folder.path("link")).unwrap();
    folder.overlay.open("z", opening(Some(folder.path("link")), 1, THEIRS));
    let (report, _) = folder.commit(vec![plan(&folder, What::Edit)]).await;
    assert_eq!(report.files[0].outcome, Outcome::Editor, "{report}");
    assert_eq!(folder.overlay.by_uri("z").unwrap().text.to_string(), THEIRS.replace("two", "2"));
    assert_eq!(folder.disk("a"), THEIRS);
}

#[tokio::test]
async fn an_older_buffer_in_another_window_is_no_obstacle_and_a_typed_one_is() {
    for typed in [false, true] {
        let folder = folder(&[("a", TEXT)]);
        let neighbours = Arc::new(Neighbours::default());
        let overlay = Arc::new(crate::Overlay::new(PositionEncoding::Utf8));
        let roots = Arc::new(parking_lot::RwLock::new(folder.workspace.roots()));
        let there = Workspace::new(roots, overlay.clone(), None);
        folder.workspace.join(&neighbours);
        there.join(&neighbours);
        overlay.open("u", opening(Some(folder.path("a")), 1, TEXT));
        overlay.all();
        replace(&folder, THEIRS);
        if typed {
            let change = crate::Change { range: None, text: TYPED.to_owned() };
            overlay.change("u", 2, &[change]).unwrap();
            assert!(folder.problems(vec![plan(&folder, What::Edit)]).await.contains("another editor window"));
        } else {
            let (report, _) = folder.commit(vec![plan(&folder, What::Edit)]).await;
            assert_eq!(report.files[0].outcome, Outcome::Disk, "{report}");
        }
        assert_eq!(folder.disk("a").contains("\n2\n"), !typed);
    }
}

/// What an editor, its user and a formatter do around a save, in order.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Type(&'static str),
    Write(&'static str),
    Unlink,
    /// The editor's report that it saved.
    Saved,
    Reload,
    Look,
    /// Longer than clocks of file systems lag.
    Pause,
}

/// After these deeds `two` is edited in the buffer or on disk, or not, and whoever has typed last has lost nothing.
async fn after(deeds: &[Deed], expected: As) {
    let folder = folder(&[("a", TEXT)]);
    let uri = folder.open("a");
    for deed in deeds {
        match deed {
            Deed::Type(text) => folder.type_whole("a", text),
            Deed::Write(text) => fs::write(folder.path("a"), text).unwrap(),
            Deed::Unlink => fs::remove_file(folder.path("a")).unwrap(),
            Deed::Saved => folder.overlay.saved(&uri),
            Deed::Reload => folder.type_whole("a", &folder.disk("a")),
            Deed::Look => drop(folder.overlay.shown()),
            Deed::Pause => std::thread::sleep(Duration::from_millis(60)),
        }
    }
    let case = format!("{deeds:?}");
    let before = seen(&folder);
    match folder.check(vec![plan(&folder, What::Edit)]).await {
        Err(problems) => {
            let As::No(why) = expected else { panic!("{case}: {problems:?}") };
            assert!(problems[0].contains(why), "{case}: {problems:?}");
            assert_eq!(seen(&folder), before, "{case}");
        }
        Ok(checked) => {
            let report = checked.commit("test").await;
            let after = seen(&folder);
            let at = match expected {
                As::Disk => 0,
                As::Editor => 2,
                As::No(why) => panic!("{case}: not refused with {why}: {report}"),
            };
            assert!(report.ok && after[2 - at] == before[2 - at], "{case}: {report}");
            assert_eq!(after[at], before[at].as_ref().map(|text| text.replace("two", "2")), "{case}");
        }
    }
}

#[tokio::test]
async fn edits_right_after_a_save_in_every_order() {
    use As::{Editor, No};
    use Deed::{Look, Pause, Reload, Saved, Type, Unlink, Write};
    const DISK: As = As::Disk;
    const FORMATTED: &str = "one;\ntwo\nthree;\nfour;\ntyped;\n";
    const MORE: &str = "one\ntwo\nthree\nfour\ntyped\nand more\n";
    // Written and then reported, or the other way round; the edit at every moment.
    after(&[Type(TYPED), Look, Write(TYPED)], Editor).await;
    after(&[Type(TYPED), Write(TYPED), Saved], Editor).await;
    after(&[Type(TYPED), Look, Write(TYPED), Look, Saved], Editor).await;
    after(&[Type(TYPED), Look, Saved], Editor).await;
    after(&[Type(TYPED), Look, Saved, Write(TYPED)], Editor).await;
    after(&[Type(TYPED), Look, Saved, Look, Write(TYPED)], Editor).await;
    // By another file in its place.
    after(&[Type(TYPED), Look, Unlink], Editor).await;
    after(&[Type(TYPED), Look, Unlink, Look, Write(TYPED), Saved], Editor).await;
    // Formatted in the buffer, and saved.
    after(&[Type(TYPED), Type(FORMATTED), Write(FORMATTED), Saved], Editor).await;
    after(&[Type(TYPED), Look, Write(FORMATTED), Type(FORMATTED)], Editor).await;
    after(&[Type(TYPED), Look, Write(FORMATTED), Type(FORMATTED), Saved], Editor).await;
    // Formatted on disk once it was saved, and reloaded or not.
    after(&[Type(TYPED), Write(TYPED), Saved, Write(FORMATTED)], DISK).await;
    after(&[Type(TYPED), Write(TYPED), Saved, Look, Write(FORMATTED)], DISK).await;
    after(&[Type(TYPED), Write(TYPED), Saved, Write(FORMATTED), Reload], Editor).await;
    after(&[Type(TYPED), Write(TYPED), Saved, Look, Write(FORMATTED), Look, Reload], Editor).await;
    // Formatted on disk before the save is reported: a conflict for that moment.
    after(&[Type(TYPED), Look, Pause, Write(TYPED), Write(FORMATTED)], No(CONFLICT)).await;
    after(&[Type(TYPED), Look, Pause, Write(TYPED), Write(FORMATTED), Saved], Editor).await;
    after(&[Type(TYPED), Look, Write(TYPED), Write(FORMATTED), Look, Saved, Reload], Editor).await;
    // Typed on before the save is reported: that is not saved.
    after(&[Type(TYPED), Write(TYPED), Pause, Type(MORE), Saved], Editor).await;
    after(&[Type(TYPED), Write(TYPED), Pause, Type(MORE), Saved, Look, Write(THEIRS)], No(CONFLICT)).await;
    after(&[Type(TYPED), Write(TYPED), Pause, Type(MORE), Saved, Look, Write(THEIRS), Reload], Editor).await;
}
