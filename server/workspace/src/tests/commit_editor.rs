//! Change sets on open files, with editors that behave and editors that lie.

use super::support::{Folder, Manner, folder, moved, opening};
use crate::{EditorEdit, Outcome, Report};
use glossator_text::{Action, FileChange, Replacement};
use std::fs;

const TEXT: &str = "one\ntwo\nthree\nfour\nfive\n";

fn opened() -> Folder {
    let folder = folder(&[("a", TEXT), ("closed", "closed\n")]);
    folder.open("a");
    folder
}

fn why(report: &Report) -> String {
    match &report.files[0].outcome {
        Outcome::Failed(why) => why.clone(),
        other => panic!("{other:?}"),
    }
}

/// Commits `two` -> `2` in an editor with these manners; `Ok` is the buffer's text afterwards.
async fn check(manners: &[Manner], expected: Result<&str, &str>) -> Folder {
    let folder = opened();
    let change = folder.update("a", "two", "2");
    folder.editor.will(manners);
    let (report, _) = folder.commit(vec![change]).await;
    match expected {
        Ok(text) => {
            assert!(report.ok, "{report}");
            assert_eq!(report.files[0].outcome, Outcome::Editor);
            assert_eq!(folder.buffer("a"), text);
        }
        Err(part) => assert!(why(&report).contains(part), "{report}"),
    }
    assert_eq!(folder.disk("a"), TEXT);
    folder
}

#[tokio::test]
async fn manners_of_editors() {
    let edited = "one\n2\nthree\nfour\nfive\n";
    check(&[Manner::Honest], Ok(edited)).await;
    check(&[Manner::LieNo], Ok(edited)).await;
    check(&[Manner::Silent], Ok(edited)).await;
    check(&[Manner::LieYes], Err("said it made the edit, but the buffer's text did not change")).await;
    check(&[Manner::Refuse], Err("the editor refused the edit: document has changed")).await;
    check(&[Manner::Merge("typed\n".into())], Ok("typed\none\n2\nthree\nfour\nfive\n")).await;
    let typed = format!("zero\n{TEXT}");
    let both = format!("zero\n{edited}");
    let folder = check(&[Manner::Stale(typed.clone())], Ok(&both)).await;
    assert_eq!(folder.editor.asked.lock().len(), 2);
    check(&[Manner::StaleLieYes(typed.clone())], Ok(&both)).await;
    let thrice = [
        Manner::Stale("0\n".to_owned() + TEXT),
        Manner::Stale("00\n".to_owned() + TEXT),
        Manner::Stale(typed),
    ];
    check(&thrice, Ok(&both)).await;
}

#[tokio::test]
async fn a_line_like_all_others_is_not_mistaken_for_the_edit() {
    let alike = "a\n".repeat(10);
    let folder = folder(&[("a", alike.as_str())]);
    folder.open("a");
    let mut change = folder.update("a", "a", "a");
    if let Action::Update { edits, .. } = &mut change.action {
        let new = "a\n".to_owned();
        *edits = vec![Replacement { start: 4, old: String::new(), new }];
    }
    folder.editor.will(&[Manner::StaleLieYes(format!("typed\n{alike}"))]);
    let (report, _) = folder.commit(vec![change]).await;
    assert!(report.ok, "{report}");
    assert_eq!(folder.buffer("a"), format!("typed\n{alike}a\n"));
}

#[tokio::test]
async fn typing_in_the_same_line_wins() {
    let theirs = TEXT.replace("two", "two!");
    for manner in [Manner::Stale(theirs.clone()), Manner::StaleLieYes(theirs.clone())] {
        let folder = check(&[manner], Err("lines 2-2 are now:\ntwo!\n")).await;
        assert_eq!(folder.buffer("a"), theirs);
    }
}

#[tokio::test]
async fn an_edit_that_never_gets_through() {
    let stale: Vec<Manner> = (0..9).map(|n| Manner::Stale(format!("{n}\n{TEXT}"))).collect();
    let folder = check(&stale, Err("the text kept changing")).await;
    assert_eq!(folder.editor.asked.lock().len(), 4);
}

#[tokio::test]
async fn requests_are_minimal_versioned_and_in_the_editors_units() {
    let folder = folder(&[("a", "😀 x\r\nsame\r\n😀 tail\r\n")]);
    folder.open("a");
    let (report, _) =
        folder.commit(vec![folder.update("a", "😀 x\r\nsame\r\n😀 tail", "😀 y\r\nsame\r\n😀 tale")]).await;
    assert!(report.ok, "{report}");
    let asked = folder.editor.asked.lock().clone();
    let [EditorEdit::Text { version, label, edits, .. }] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((*version, label.as_str()), (1, "test"));
    let shown: Vec<_> =
        edits.iter().map(|(range, text)| (range.start.line, range.start.character, text.as_str())).collect();
    assert_eq!(shown, [(0, 3, "y"), (2, 5, "le")]);
    assert_eq!(folder.buffer("a"), "😀 y\r\nsame\r\n😀 tale\r\n");
}

#[tokio::test]
async fn a_border_inside_a_line_break_is_still_expressed() {
    let folder = folder(&[("a", "one\r\ntwo\r\n")]);
    folder.open("a");
    let mut change = folder.update("a", "one", "one");
    if let Action::Update { edits, .. } = &mut change.action {
        *edits = vec![Replacement { start: 4, old: "\n".into(), new: String::new() }];
    }
    let (report, _) = folder.commit(vec![change]).await;
    assert!(report.ok, "{report}");
    assert_eq!(folder.buffer("a"), "one\rtwo\r\n");
}

#[tokio::test]
async fn unsaved_text_is_the_base_and_undo_moves_along() {
    let folder = opened();
    folder.type_whole("a", &TEXT.replace("one", "unsaved"));
    let (report, inverse) = folder.commit(vec![folder.update("a", "unsaved\ntwo", "unsaved\n2")]).await;
    assert!(report.ok, "{report}");
    assert_eq!(
        (folder.buffer("a"), folder.disk("a")),
        ("unsaved\n2\nthree\nfour\nfive\n".into(), TEXT.into())
    );
    folder.type_whole("a", "unsaved\n2\nthree\nfour\nfive\nsix\n");
    let (report, redo) = folder.commit(inverse.files.clone()).await;
    assert!(report.ok, "{report}");
    assert_eq!(folder.buffer("a"), "unsaved\ntwo\nthree\nfour\nfive\nsix\n");
    let (report, _) = folder.commit(redo.files).await;
    assert!(report.ok, "{report}");
    folder.type_whole("a", "unsaved\nmine now\nthree\n");
    let problem = folder.problems(inverse.files).await;
    assert!(problem.contains("mine now"), "{problem}");
}

#[tokio::test]
async fn a_file_opened_or_closed_after_the_check() {
    let folder = opened();
    let checked = folder
        .check(vec![folder.update("a", "two", "2"), folder.update("closed", "closed", "open")])
        .await
        .unwrap();
    folder.overlay.close(&super::support::uri(&folder.path("a")));
    folder.open("closed");
    folder.type_whole("closed", "typed\nclosed\n");
    let report = checked.commit("test").await;
    assert!(report.ok, "{report}");
    let outcomes: Vec<_> = report.files.iter().map(|file| file.outcome.clone()).collect();
    assert_eq!(outcomes, [Outcome::Disk, Outcome::Editor]);
    assert!(folder.disk("a").contains("\n2\n"));
    assert_eq!((folder.buffer("closed"), folder.disk("closed")), ("typed\nopen\n".into(), "closed\n".into()));
}

#[tokio::test]
async fn an_edit_that_landed_is_taken_back_when_a_later_file_fails() {
    let folder = opened();
    let checked = folder.check(vec![folder.update("a", "two", "2"), folder.create("x", "x")]).await.unwrap();
    fs::write(folder.path("x"), "theirs").unwrap();
    folder.editor.will(&[Manner::Merge("typed\n".into())]);
    let report = checked.commit("test").await;
    assert_eq!(report.files[0].outcome, Outcome::TakenBack, "{report}");
    assert_eq!(folder.buffer("a"), format!("typed\n{TEXT}"));
}

#[tokio::test]
async fn open_files_are_moved_and_deleted_by_the_editor() {
    let folder = opened();
    folder.open("closed");
    let files = vec![moved(folder.update("a", "two", "2"), folder.path("new/a")), folder.delete("closed")];
    let (report, inverse) = folder.commit(files).await;
    assert!(report.ok, "{report}");
    assert!(report.files.iter().all(|file| file.outcome == Outcome::Editor));
    assert!(!folder.path("a").exists() && folder.path("new/a").exists() && !folder.path("closed").exists());
    assert!(folder.buffer("new/a").contains("\n2\n"));
    let (report, _) = folder.commit(inverse.files).await;
    assert!(report.ok, "{report}");
    assert_eq!((folder.buffer("a"), folder.disk("closed")), (TEXT.into(), "closed\n".into()));
    assert!(!folder.path("new/a").exists());
}

#[tokio::test]
async fn a_rename_that_fails_takes_its_edit_back() {
    for (manner, reason) in [
        (Manner::Refuse, "the editor did not rename it: document has changed"),
        (Manner::LieYes, "the file on disk says otherwise"),
    ] {
        let folder = opened();
        folder.editor.will(&[Manner::Honest, manner]);
        let (report, _) =
            folder.commit(vec![moved(folder.update("a", "two", "2"), folder.path("new/a"))]).await;
        assert!(why(&report).contains(reason), "{report}");
        assert_eq!(folder.buffer("a"), TEXT);
        assert!(folder.path("a").exists() && !folder.path("new").exists());
    }
    let folder = opened();
    folder.editor.will(&[Manner::LieYes]);
    let (report, _) = folder.commit(vec![folder.delete("a")]).await;
    assert!(why(&report).contains("said it did delete it"), "{report}");
}

#[tokio::test]
async fn an_editor_without_resource_operations() {
    let folder = opened();
    *folder.editor.resources.lock() = false;
    let (report, _) = folder.commit(vec![moved(folder.update("a", "two", "2"), folder.path("b"))]).await;
    assert!(report.ok, "{report}");
    assert_eq!(report.files[0].outcome, Outcome::Disk);
    assert!(folder.disk("b").contains("\n2\n"));
    folder.open("closed");
    folder.type_whole("closed", "unsaved\n");
    let (report, _) = folder.commit(vec![folder.delete("closed")]).await;
    assert!(why(&report).contains("it has unsaved changes"), "{report}");
}

#[tokio::test]
async fn buffers_that_are_not_on_disk() {
    let folder = folder(&[]);
    folder.overlay.open("file:///new", opening(Some(folder.path("new")), 0, "first\n"));
    let problem = folder.problems(vec![folder.create("new", "x\n")]).await;
    assert!(problem.contains("new, unsaved buffer; edit that"), "{problem}");
    let problem = folder.problems(vec![folder.delete("new")]).await;
    assert!(problem.contains("not on disk"), "{problem}");
    let (report, _) = folder.commit(vec![folder.update("new", "first", "1st")]).await;
    assert!(report.ok, "{report}");
    assert_eq!(folder.buffer("new"), "1st\n");
    assert!(!folder.path("new").exists());
    // A buffer left over from a deleted file does not stand in the way of its undo.
    let (report, _) = folder.commit(vec![folder.create("new", "1st\n")]).await;
    assert!(report.ok, "{report}");
}

#[tokio::test]
async fn without_an_editor_nothing_open_is_touched() {
    let folder = opened();
    let roots = std::sync::Arc::new(parking_lot::RwLock::new(folder.workspace.roots()));
    let workspace = crate::Workspace::new(roots, folder.overlay.clone(), None);
    let change = |file: FileChange| workspace.check(glossator_text::ChangeSet { files: vec![file] });
    let problems = change(folder.update("a", "two", "2")).await.err().unwrap();
    assert!(problems[0].contains("takes no edits"), "{problems:?}");
    assert!(change(folder.update("closed", "closed", "c")).await.unwrap().commit("x").await.ok);
}
