//! Several connections to one workspace: no edit parts from what another one holds unsaved.

use super::support::{FakeEditor, Folder, folder, moved, opening, uri};
use crate::{Neighbours, Opened, Overlay, Workspace};
use glossator_text::{ChangeSet, FileChange, PositionEncoding};
use std::fs;
use std::sync::Arc;

const TEXT: &str = "one\ntwo\nthree\n";
const TYPED: &str = "one\ntwo\nthree\ntyped\n";
const OTHER: &str = "one\ntwo\nthree\nother\n";

/// Another connection to the folder.
struct There {
    overlay: Arc<Overlay>,
    workspace: Workspace,
}

fn there(folder: &Folder, neighbours: &Arc<Neighbours>) -> There {
    let overlay = Arc::new(Overlay::new(PositionEncoding::Utf8));
    let editor = Arc::new(FakeEditor::new(overlay.clone()));
    let roots = Arc::new(parking_lot::RwLock::new(folder.workspace.roots()));
    let workspace = Workspace::new(roots, overlay.clone(), Some(editor));
    workspace.join(neighbours);
    There { overlay, workspace }
}

/// What a connection holds of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Closed,
    /// As it is on disk.
    Saved,
    /// This text, unsaved.
    Unsaved(&'static str),
    OutOfStep,
}

fn hold(overlay: &Overlay, folder: &Folder, name: &str, held: Held) {
    let path = folder.path(name);
    let disk = fs::read_to_string(&path).unwrap_or_default();
    let uri = uri(&path);
    overlay.close(&uri);
    let open = |text: &str| overlay.open(&uri, Opened { path: Some(path.clone()), ..opening(None, 1, text) });
    match held {
        Held::Closed => {}
        Held::Saved => open(&disk),
        Held::Unsaved(text) => {
            open(&disk);
            let change = crate::Change { range: None, text: text.to_owned() };
            overlay.change(&uri, 2, &[change]).unwrap();
        }
        Held::OutOfStep => {
            open(&disk);
            overlay.lost(Some(&uri));
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edit {
    Text,
    Move,
    Delete,
    Create,
}

fn plan(folder: &Folder, edit: Edit) -> FileChange {
    match edit {
        Edit::Text => folder.update("a", "two", "2"),
        Edit::Move => moved(folder.update("a", "two", "2"), folder.path("b")),
        Edit::Delete => folder.delete("a"),
        Edit::Create => folder.create("c", TYPED),
    }
}

/// What comes of an edit here while another connection holds the file (for `Create` the one that is to be made) like this:
/// before it is checked, and between the check and the commit.
async fn check(edit: Edit, here: Held, elsewhere: Held, refused: Option<&str>) {
    for early in [true, false] {
        let folder = folder(&[("a", TEXT)]);
        let neighbours = Arc::new(Neighbours::default());
        let there = there(&folder, &neighbours);
        folder.workspace.join(&neighbours);
        let name = if edit == Edit::Create { "c" } else { "a" };
        hold(&folder.overlay, &folder, name, here);
        let change = plan(&folder, edit);
        let seen = |folder: &Folder| {
            (
                fs::read_to_string(folder.path(name)).ok(),
                folder.overlay.by_path(&folder.path(name)).map(|one| one.text.to_string()),
            )
        };
        let before = seen(&folder);
        let case = format!("{edit:?}, here {here:?}, there {elsewhere:?}, early {early}");
        if early {
            hold(&there.overlay, &folder, name, elsewhere);
        }
        let checked = folder.check(vec![change]).await;
        hold(&there.overlay, &folder, name, elsewhere);
        let told = match checked {
            Ok(checked) => {
                assert!(!early || refused.is_none(), "{case}: not refused before anything happens");
                checked.commit("test").await.to_string()
            }
            Err(problems) => problems.join("\n"),
        };
        match refused {
            Some(why) => {
                assert!(told.contains(why), "{case}: {told}");
                assert_eq!(seen(&folder), before, "{case}");
            }
            None => {
                assert!(told.contains(": changed"), "{case}: {told}");
                assert_ne!(seen(&folder), before, "{case}");
                let disk_stays = edit == Edit::Text && here != Held::Closed;
                assert_eq!(seen(&folder).0 == before.0, disk_stays, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn the_table_of_neighbours() {
    use Edit::*;
    use Held::*;
    let unsaved = Some("unsaved changes in another editor window: save them there or close it");
    let lost = Some("another editor window, whose changes of it could not be followed");
    for edit in [Text, Move, Delete] {
        for here in [Held::Closed, Saved, Unsaved(TYPED)] {
            check(edit, here, Held::Closed, None).await;
            check(edit, here, Saved, None).await;
            check(edit, here, Unsaved(OTHER), unsaved).await;
            check(edit, here, OutOfStep, lost).await;
        }
        // The same text in both.
        let same = if edit == Text { None } else { unsaved };
        check(edit, Unsaved(TYPED), Unsaved(TYPED), same).await;
        check(edit, Unsaved(TYPED), Unsaved("one\r\ntwo\r\nthree\r\ntyped\r\n"), same).await;
    }
    check(Create, Held::Closed, Held::Closed, None).await;
    check(Create, Held::Closed, Saved, None).await;
    check(Create, Held::Closed, Unsaved(TYPED), None).await;
    check(Create, Held::Closed, Unsaved(OTHER), unsaved).await;
    check(Create, Held::Closed, OutOfStep, lost).await;
}

#[tokio::test]
async fn a_destination_that_is_open_elsewhere() {
    let folder = folder(&[("a", TEXT)]);
    let neighbours = Arc::new(Neighbours::default());
    let there = there(&folder, &neighbours);
    folder.workspace.join(&neighbours);
    hold(&there.overlay, &folder, "b", Held::Unsaved(OTHER));
    let problem = folder.problems(vec![plan(&folder, Edit::Move)]).await;
    assert!(problem.starts_with("a: ") && problem.contains("another editor window"), "{problem}");
    assert_eq!(folder.disk("a"), TEXT);
}

#[tokio::test]
async fn of_two_windows_with_other_text_each_keeps_its_own() {
    let folder = folder(&[("a", TEXT)]);
    let neighbours = Arc::new(Neighbours::default());
    let there = there(&folder, &neighbours);
    folder.workspace.join(&neighbours);
    hold(&folder.overlay, &folder, "a", Held::Unsaved(TYPED));
    hold(&there.overlay, &folder, "a", Held::Unsaved(OTHER));
    let here = plan(&folder, Edit::Text);
    assert!(folder.problems(vec![here.clone()]).await.contains("another editor window"));
    let change = glossator_text::ChangeSet { files: vec![here.clone()] };
    assert!(there.workspace.check(change).await.is_err());
    assert_eq!(folder.disk("a"), TEXT);
    // Saved there, which changes the disk under the unsaved text here; reloaded there, and it is well again.
    hold(&there.overlay, &folder, "a", Held::Saved);
    let (report, _) = folder.commit(vec![here]).await;
    assert!(report.ok, "{report}");
    assert_eq!(folder.buffer("a"), TYPED.replace("two", "2"));
}

#[tokio::test]
async fn connections_come_and_go() {
    let folder = folder(&[("a", TEXT)]);
    let neighbours = Arc::new(Neighbours::default());
    folder.workspace.join(&neighbours);
    folder.workspace.join(&Arc::new(Neighbours::default()));
    assert!(folder.workspace.others().is_empty());
    for _ in 0..10 {
        let there = there(&folder, &neighbours);
        hold(&there.overlay, &folder, "a", Held::Unsaved(OTHER));
        assert_eq!(folder.workspace.others().len(), 1);
        assert!(folder.problems(vec![plan(&folder, Edit::Text)]).await.contains("another editor window"));
    }
    // A window that is closed holds nothing.
    assert!(folder.workspace.others().is_empty());
    let (report, _) = folder.commit(vec![plan(&folder, Edit::Text)]).await;
    assert!(report.ok && folder.disk("a").contains("\n2\n"), "{report}");
}

#[tokio::test]
async fn work_goes_on_through_another_connection_or_the_disk() {
    let folder = folder(&[("a", TEXT)]);
    let neighbours = Arc::new(Neighbours::default());
    folder.workspace.join(&neighbours);
    let gone = there(&folder, &neighbours);
    hold(&gone.overlay, &folder, "a", Held::Unsaved(OTHER));
    // Its roots stay those of the one that is gone, though others may have other folders open.
    let elsewhere = Arc::new(parking_lot::RwLock::new(crate::Roots::new(vec!["/nowhere".into()])));
    let editor = folder.workspace.editor().cloned();
    let left = Workspace::new(elsewhere, folder.workspace.overlay().clone(), editor);
    let read = async |workspace: &Workspace| workspace.read(&folder.path("a")).await.unwrap().text;
    gone.workspace.leave();
    assert!(folder.workspace.others().is_empty(), "though its overlay is still held");
    for through in [gone.workspace.through(Some(&left)), gone.workspace.through(None)] {
        assert_eq!(through.roots().folders(), folder.workspace.roots().folders());
        assert_eq!(read(&through).await, TEXT);
    }
    let edit = ChangeSet { files: vec![plan(&folder, Edit::Text)] };
    hold(folder.workspace.overlay(), &folder, "a", Held::Unsaved(TYPED));
    assert_eq!(read(&gone.workspace.through(Some(&left))).await, TYPED);
    let alone = gone.workspace.through(None);
    assert_eq!(read(&alone).await, TEXT);
    let refused = alone.check(edit).await.map(drop).unwrap_err().join("\n");
    assert!(refused.contains("another editor window"), "{refused}");
}
