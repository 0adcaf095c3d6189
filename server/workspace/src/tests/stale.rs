//! Both stale directions as data: the text moves on under an edit, in the buffer or on disk, at every moment.

use super::faults::arm;
use super::support::{Folder, Manner, folder, moved, uri};
use crate::{Outcome, Overlay, Patience, Report, Source, Workspace};
use glossator_text::{Action, ChangeSet, FileChange, PositionEncoding, Replacement};
use parking_lot::RwLock;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const TEXT: &str = "one\ntwo\nthree\nfour\n";

/// What happens to a file.
type Change = fn(&Path);

/// Where a text comes to be another one.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    /// Typed into the buffer, as a change of the whole text.
    Whole,
    /// Typed into the buffer, as small changes.
    Typed,
    /// Written to a file that is not open.
    Disk,
    /// Written to the file of a saved buffer, which the editor then reloads.
    Reloaded,
}

/// The text of `a` becomes `now`.
fn become_(folder: &Folder, way: Way, now: &str) {
    match way {
        Way::Whole => folder.type_whole("a", now),
        Way::Typed => {
            let buffer = folder.overlay.by_path(&folder.path("a")).unwrap();
            let before = buffer.text.to_string();
            let edits = glossator_text::line_replacements(&before, now);
            let sent = crate::flight::positioned(&buffer.text, &edits, folder.overlay.encoding());
            for (at, (range, text)) in (1..).zip(sent.into_iter().rev()) {
                let change = crate::Change { range: Some(range), text };
                folder.overlay.change(&buffer.uri, buffer.version + at, &[change]).unwrap();
            }
        }
        Way::Disk => fs::write(folder.path("a"), now).unwrap(),
        Way::Reloaded => {
            fs::write(folder.path("a"), now).unwrap();
            folder.overlay.close(&uri(&folder.path("a")));
            folder.open("a");
        }
    }
}

/// An edit `two` -> `2` was planned on the text; then it becomes each of `texts`, before the check or between check and
/// commit. `Ok` is the text in the end, `Err` what the refusal says, while the text stays the last one.
async fn check(texts: &[&str], expected: Result<&str, &str>) {
    for way in [Way::Whole, Way::Typed, Way::Disk, Way::Reloaded] {
        for checked_first in [false, true] {
            let folder = folder(&[("a", TEXT)]);
            if way != Way::Disk {
                folder.open("a");
            }
            let change = folder.update("a", "two", "2");
            let early =
                if checked_first { Some(folder.check(vec![change.clone()]).await.unwrap()) } else { None };
            texts.iter().for_each(|text| become_(&folder, way, text));
            let checked = match early {
                Some(checked) => Ok(checked),
                None => folder.check(vec![change]).await,
            };
            let told = match checked {
                Ok(checked) => {
                    let report = checked.commit("test").await;
                    if report.ok { Ok(()) } else { Err(report.to_string()) }
                }
                Err(problems) => Err(problems.join("\n")),
            };
            let now = if way == Way::Disk { folder.disk("a") } else { folder.buffer("a") };
            let case = format!("{texts:?}, {way:?}, checked first: {checked_first}: {told:?}");
            match expected {
                Ok(text) => assert_eq!((&told, now.as_str()), (&Ok(()), text), "{case}"),
                Err(part) => {
                    assert!(told.clone().is_err_and(|told| told.contains(part)), "{case}");
                    assert_eq!(&now, texts.last().unwrap(), "{case}");
                }
            }
        }
    }
}

#[tokio::test]
async fn text_that_moves_on_after_it_was_read() {
    // Elsewhere.
    check(&["zero\none\ntwo\nthree\nfour\n"], Ok("zero\none\n2\nthree\nfour\n")).await;
    check(&["ONE\ntwo\nTHREE\nfour\n"], Ok("ONE\n2\nTHREE\nfour\n")).await;
    check(&["one\ntwo\nthree"], Ok("one\n2\nthree")).await;
    // In the same line, and taken back.
    check(&["one\ntwo!\nthree\nfour\n"], Err("lines 2-2 are now:\ntwo!\n")).await;
    check(&["one\ntwo!\nthree\nfour\n", TEXT], Ok("one\n2\nthree\nfour\n")).await;
    check(&["0\none\ntwo!\nthree\nfour\n", "0\none\ntwo\nthree\nfour\n"], Ok("0\none\n2\nthree\nfour\n"))
        .await;
    // A formatter goes over all of it, or over the rest of it.
    check(&["    one\n    two\n    three\n    four\n"], Err("are now:\n    one\n    two\n")).await;
    check(&["one;\ntwo\nthree;\nfour;\n"], Ok("one;\n2\nthree;\nfour;\n")).await;
    // Gone, alone and with all the rest; somebody made the very edit.
    check(&["one\nthree\nfour\n"], Err("lines to be edited were removed at line 2")).await;
    check(&[""], Err("it changed after it was read")).await;
    check(&["one\n2\nthree\nfour\n"], Err("lines 2-2 are now:\n2\n")).await;
    // What stood there stands elsewhere now, in other surroundings.
    check(&["one\nthree\nfour\nfive\nsix\nseven\ntwo\n"], Err("it changed after it was read")).await;
}

#[tokio::test]
async fn files_that_go_or_become_something_else() {
    let ways: [(&str, Change, &str); 5] = [
        ("deleted", |path| fs::remove_file(path).unwrap(), "does not exist"),
        ("renamed", |path| fs::rename(path, path.with_file_name("b")).unwrap(), "does not exist"),
        (
            "a folder",
            |path| {
                fs::remove_file(path).unwrap();
                fs::create_dir(path).unwrap();
            },
            "is a folder",
        ),
        ("binary", |path| fs::write(path, b"two\n\0").unwrap(), "is not text"),
        (
            "a link out",
            |path| {
                let out = path.parent().unwrap().with_file_name("out");
                fs::rename(path, &out).unwrap();
                symlink(out, path).unwrap();
            },
            "lead",
        ),
    ];
    for (what, go, why) in ways {
        for checked_first in [false, true] {
            let folder = folder(&[("a", TEXT)]);
            let change = folder.update("a", "two", "2");
            let told = if checked_first {
                let checked = folder.check(vec![change]).await.unwrap();
                go(&folder.path("a"));
                checked.commit("test").await.to_string()
            } else {
                go(&folder.path("a"));
                folder.problems(vec![change]).await
            };
            assert!(told.contains(why), "{what}, checked first: {checked_first}: {told}");
            assert!(!folder.path(".glossator").exists());
        }
        // A buffer stays, and an edit of it with unsaved text makes no file.
        if why == "does not exist" {
            let folder = folder(&[("a", TEXT)]);
            folder.open("a");
            folder.type_whole("a", UNSAVED);
            let change = folder.update("a", "two", "2");
            go(&folder.path("a"));
            let (report, _) = folder.commit(vec![change]).await;
            assert!(report.ok && folder.buffer("a").contains("\n2\n"), "{what}: {report}");
            assert!(!folder.path("a").exists(), "{what}");
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Held {
    Saved,
    Unsaved,
    /// With unsaved text from the start, as from a swap file.
    OpenedUnsaved,
    OutOfStep,
}

const UNSAVED: &str = "unsaved\none\ntwo\nthree\nfour\n";

/// Whether an edit of a buffer with other text than its file is made in the buffer, or why not.
async fn check_disk(held: Held, change_disk: Change, marked: bool, refused: Option<&str>) {
    for looked in [false, true] {
        let folder = folder(&[("a", TEXT)]);
        let path = folder.path("a");
        match held {
            Held::OpenedUnsaved => {
                let opened = super::support::opening(Some(path.clone()), 1, UNSAVED);
                folder.overlay.open(&uri(&path), opened);
            }
            _ => drop(folder.open("a")),
        }
        if held == Held::Unsaved {
            folder.type_whole("a", UNSAVED);
        }
        // Whether somebody looked at the buffer before must not matter.
        if looked {
            folder.overlay.all();
        }
        let change = folder.update("a", "two", "2");
        if held == Held::OutOfStep {
            folder.overlay.lost(Some(&uri(&path)));
        }
        change_disk(&path);
        let disk = fs::read(&path).ok();
        let read = folder.workspace.read_blocking(&path);
        let case = format!("{held:?}, looked: {looked}");
        assert_eq!(read.as_ref().is_ok_and(|read| read.changed_on_disk), marked, "{case}");
        let dirty = matches!(held, Held::Unsaved | Held::OpenedUnsaved);
        if let Ok(read) = read {
            assert_eq!(
                read.source,
                Source::Buffer { version: if held == Held::Unsaved { 2 } else { 1 }, dirty },
                "{case}"
            );
        }
        for change in [change.clone(), moved(change.clone(), folder.path("b"))] {
            match (folder.check(vec![change]).await, refused) {
                (Ok(_), None) => {}
                (Err(problems), Some(why)) => assert!(problems[0].contains(why), "{case}: {problems:?}"),
                (checked, _) => panic!("{case}: {:?}", checked.err()),
            }
        }
        if refused.is_none() {
            let (report, _) = folder.commit(vec![change]).await;
            assert!(report.ok && folder.buffer("a").contains("\n2\n"), "{case}: {report}");
        }
        assert_eq!(fs::read(&path).ok(), disk, "{case}: the disk is not written");
    }
}

#[tokio::test]
async fn disks_that_move_on_under_a_buffer() {
    use Held::*;
    let other: Change = |path| fs::write(path, "theirs\n").unwrap();
    // Same size and time: the file system still tells.
    let sly: Change = |path| {
        let then = fs::metadata(path).unwrap().modified().unwrap();
        std::thread::sleep(Duration::from_millis(10));
        fs::write(path, TEXT.replace("four", "FOUR")).unwrap();
        fs::File::options().append(true).open(path).unwrap().set_modified(then).unwrap();
    };
    let touched: Change = |path| {
        let later = std::time::SystemTime::now() + Duration::from_secs(5);
        fs::File::options().append(true).open(path).unwrap().set_modified(later).unwrap();
    };
    let rewritten: Change = |path| {
        fs::write(path.with_file_name("new"), TEXT).unwrap();
        fs::rename(path.with_file_name("new"), path).unwrap();
    };
    let conflict = Some("unsaved changes in the editor, and its file was changed on disk too");
    let lost = Some("could not be followed");
    for change in [other, sly] {
        check_disk(Unsaved, change, true, conflict).await;
        check_disk(OutOfStep, change, false, lost).await;
    }
    for change in [touched, rewritten] {
        check_disk(Saved, change, false, None).await;
        check_disk(Unsaved, change, false, None).await;
        check_disk(OutOfStep, change, false, lost).await;
    }
    check_disk(OpenedUnsaved, other, true, conflict).await;
    check_disk(OpenedUnsaved, |_| {}, false, None).await;
    // Saved by another program with the very text of the buffer.
    check_disk(Unsaved, |path| fs::write(path, UNSAVED).unwrap(), false, None).await;
}

#[tokio::test]
async fn a_conflict_ends_when_the_user_saves_or_reloads() {
    for saves in [true, false] {
        let folder = folder(&[("a", TEXT)]);
        let uri = folder.open("a");
        folder.type_whole("a", UNSAVED);
        let change = folder.update("a", "two", "2");
        fs::write(folder.path("a"), "theirs\ntwo\nthree\nfour\n").unwrap();
        assert!(folder.problems(vec![change.clone()]).await.contains("changed on disk too"));
        // A deletion would lose what nobody has read.
        let delete = folder.problems(vec![folder.delete("a")]).await;
        assert!(delete.contains("changed on disk too"), "{delete}");
        match saves {
            true => {
                fs::write(folder.path("a"), UNSAVED).unwrap();
                folder.overlay.saved(&uri);
                folder.type_whole("a", &UNSAVED.replace("four", "4"));
            }
            false => folder.type_whole("a", &folder.disk("a")),
        }
        let (report, _) = folder.commit(vec![change]).await;
        assert!(report.ok && folder.buffer("a").contains("\n2\n"), "{report}");
    }
}

#[tokio::test]
async fn a_file_that_is_written_while_it_is_written() {
    let elsewhere = "zero\none\ntwo\nthree\nfour\n";
    let same = "one\ntwo!\nthree\nfour\n";
    // At the last moment; once or every time.
    for (theirs, often, expected) in [
        (elsewhere, false, Ok("zero\none\n2\nthree\nfour\n")),
        (same, false, Err("lines 2-2 are now:\ntwo!\n")),
        (elsewhere, true, Err("it kept changing on disk while it was written")),
    ] {
        for to in [None, Some("new/b")] {
            let folder = folder(&[("a", TEXT)]);
            let mut change = folder.update("a", "two", "2");
            if let Some(to) = to {
                change = moved(change, folder.path(to));
            }
            let checked = folder.check(vec![change]).await.unwrap();
            let path = folder.path("a");
            let moment = if to.is_some() {
                "give the new file its name: new/b"
            } else {
                "put the new content in place: a"
            };
            let armed = arm(&folder.root, 5, move |at, effect| {
                if effect == moment && (often || at < 8) {
                    fs::write(&path, theirs.repeat(if often { at } else { 1 })).unwrap();
                }
                false
            });
            let report = checked.commit("test").await;
            let expected = if to.is_some() { Err("it changed while it was moved") } else { expected };
            match expected {
                Ok(text) => assert!(report.ok && folder.disk("a") == text, "{report}"),
                Err(why) => {
                    assert!(report.to_string().contains(why) && !report.stands(), "{report}");
                    assert!(folder.disk("a").contains(theirs), "{report}");
                }
            }
            assert!(!folder.path("new").exists());
            drop(armed);
        }
    }
}

#[tokio::test]
async fn what_is_written_a_moment_before_a_removal_is_not_lost() {
    for to in [None, Some("new/b")] {
        let folder = folder(&[("a", TEXT)]);
        let change = match to {
            None => folder.delete("a"),
            Some(to) => moved(folder.update("a", "two", "2"), folder.path(to)),
        };
        let checked = folder.check(vec![change]).await.unwrap();
        let path = folder.path("a");
        let armed = arm(&folder.root, 5, move |_, effect| {
            if effect == "remove: a" {
                fs::write(&path, "theirs\n").unwrap();
            }
            false
        });
        let report = checked.commit("test").await;
        assert!(report.to_string().contains("it changed") && !report.stands(), "{report}");
        assert_eq!((folder.disk("a").as_str(), folder.path("new").exists()), ("theirs\n", false));
        drop(armed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_programs_at_one_file_lose_none_of_their_edits() {
    const TIMES: usize = 60;
    let folder = folder(&[("a", "count: 0\n")]);
    let path = folder.path("a");
    // Each with a workspace of its own, and no lock between them.
    let programs = (0..3).map(|_| {
        let roots = Arc::new(RwLock::new(folder.workspace.roots()));
        let workspace = Workspace::new(roots, Arc::new(Overlay::new(PositionEncoding::Utf8)), None);
        let path = path.clone();
        tokio::spawn(async move {
            let (mut made, mut refused) = (0, 0);
            while made < TIMES {
                let document = workspace.read(&path).await.unwrap();
                let count: usize = document.text.trim_start_matches("count: ").trim().parse().unwrap();
                let edit = Replacement {
                    start: 0,
                    old: document.text.clone(),
                    new: format!("count: {}\n", count + 1),
                };
                let action = Action::Update { edits: vec![edit], move_to: None };
                let change = FileChange::new(path.clone(), document.base(), action, document.format);
                let done = match workspace.check(ChangeSet { files: vec![change] }).await {
                    Ok(checked) => checked.commit("count").await.ok,
                    Err(_) => false,
                };
                if done {
                    made += 1;
                } else {
                    refused += 1;
                }
            }
            refused
        })
    });
    let programs: Vec<_> = programs.collect();
    let mut refused = 0;
    for program in programs {
        refused += program.await.unwrap();
    }
    assert_eq!(folder.disk("a"), format!("count: {}\n", 3 * TIMES));
    assert!(refused > 0, "they never met");
}

/// `two` -> `2` and `four` -> `4`.
fn both(folder: &Folder) -> glossator_text::FileChange {
    let mut change = folder.update("a", "two", "2");
    let four = folder.update("a", "four", "4");
    if let (Action::Update { edits, .. }, Action::Update { edits: more, .. }) =
        (&mut change.action, four.action)
    {
        edits.extend(more);
    }
    change
}

/// What comes of `two` -> `2` and `four` -> `4` in an editor with these manners, and the buffer (or the file, if it is
/// closed) in the end.
async fn check_editor(manners: &[Manner], expected: Result<&str, &str>) -> Report {
    let folder = folder(&[("a", TEXT)]);
    folder.open("a");
    let change = both(&folder);
    folder.editor.will(manners);
    let checked = folder.check(vec![change]).await.unwrap();
    let report = checked.commit_with("test", Patience::default(), &CancellationToken::new()).await;
    let open = folder.overlay.by_path(&folder.path("a"));
    let now = open.map_or_else(|| folder.disk("a"), |buffer| buffer.text.to_string());
    match expected {
        Ok(text) => assert!(report.ok && now == text, "{report}{now}"),
        Err(why) => {
            assert!(report.to_string().contains(why), "{report}");
            assert_eq!(now, TEXT);
        }
    }
    report
}

const BOTH: &str = "one\n2\nthree\n4\n";

#[tokio::test(start_paused = true)]
async fn editors_in_their_own_ways() {
    // In pieces, slowly; the answer first, the text later; twice to the same effect.
    let _ = check_editor(&[Manner::Pieces(1)], Ok(BOTH)).await;
    let _ = check_editor(&[Manner::Pieces(150)], Ok(BOTH)).await;
    let _ = check_editor(&[Manner::YesFirst(300)], Ok(BOTH)).await;
    let _ = check_editor(&[Manner::Twice], Ok(BOTH)).await;
    // Half of it: the rest is made by the next try.
    let _ = check_editor(&[Manner::Half], Ok(BOTH)).await;
    let _ = check_editor(
        &[Manner::Half, Manner::Stale("0\none\n2\nthree\nfour\n".to_owned())],
        Ok(&format!("0\n{BOTH}")),
    )
    .await;
    // Reads the file anew in between, under the same version or another one.
    let _ = check_editor(&[Manner::Reopen(1)], Ok(BOTH)).await;
    let _ = check_editor(&[Manner::Reopen(9)], Ok(BOTH)).await;
    let _ = check_editor(&[Manner::Reopen(9), Manner::Reload, Manner::Reopen(3)], Ok(BOTH)).await;
    let _ = check_editor(&[Manner::Reload], Ok(BOTH)).await;
    // Closes the file: what was saved counts.
    let _ = check_editor(&[Manner::SaveAndClose], Ok(BOTH)).await;
    let _ = check_editor(
        &[Manner::Close(true)],
        Err("closed in the editor meanwhile, and the edit was not saved"),
    )
    .await;
    let _ = check_editor(&[Manner::Close(false)], Err("closed in the editor meanwhile")).await;
}

#[tokio::test(start_paused = true)]
async fn editors_that_never_answer() {
    for (manner, why) in [
        (Manner::Mute, "the editor did not answer within 30 s"),
        (Manner::CloseMute, "it was closed in the editor meanwhile, before the editor answered"),
    ] {
        let mut report = check_editor(&[manner], Err(why)).await;
        assert!(matches!(report.files[0].outcome, Outcome::Unknown(_)), "{report}");
        // Nobody waits for ever.
        let late = report.late.take().unwrap();
        assert!(!tokio::time::timeout(Duration::from_secs(700), late).await.unwrap().unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn an_edit_in_the_wrong_place_is_not_taken_for_the_right_one() {
    let folder = folder(&[("a", TEXT)]);
    folder.open("a");
    folder.editor.will(&[Manner::Elsewhere(1)]);
    let (report, _) = folder.commit(vec![folder.update("a", "two\n", "2\n")]).await;
    // It cannot be told from typing, so it stays, and the edit is made where it belongs.
    assert!(report.ok, "{report}");
    assert!(folder.buffer("a").starts_with("one\n2\n"), "{}", folder.buffer("a"));
}

#[tokio::test(start_paused = true)]
async fn half_an_edit_that_stands_is_told() {
    let same_line = TEXT.replace("two", "2").replace("four", "four!");
    for (manners, why) in [
        (vec![Manner::Half, Manner::Refuse], "the editor refused the edit"),
        (vec![Manner::Half, Manner::LieYes], "the buffer's text did not change"),
        (vec![Manner::Half, Manner::Stale(same_line)], "are now:\nfour!\n"),
        (vec![Manner::HalfNo], "the editor refused the edit"),
    ] {
        let folder = folder(&[("a", TEXT)]);
        folder.open("a");
        folder.editor.will(&manners);
        let (report, _) = folder.commit(vec![both(&folder)]).await;
        let Outcome::TakeBackFailed(told) = &report.files[0].outcome else { panic!("{report}") };
        assert!(told.contains("only part of the edit") && told.contains(why), "{report}");
        assert!(report.stands() && !report.ok && folder.buffer("a").contains("\n2\n"), "{report}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_edit_made_in_two_parts_is_undone_as_one() {
    let folder = folder(&[("a", TEXT), ("b", "b\n")]);
    folder.open("a");
    folder.open("b");
    folder.editor.will(&[Manner::Half, Manner::Merge("typed\n".to_owned()), Manner::Refuse]);
    let (report, _) = folder.commit(vec![both(&folder), folder.update("b", "b", "B")]).await;
    assert_eq!(report.files[0].outcome, Outcome::TakenBack, "{report}");
    assert_eq!(folder.buffer("a"), format!("typed\n{TEXT}"));
}
