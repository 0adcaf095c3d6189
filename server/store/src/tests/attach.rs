//! Sessions of a folder that was moved or removed.

use super::said::{START, Writer};
use super::*;

/// A workspace `old` with two sessions, a fork, a long text and a document, whose folder is gone; and the store of `new`.
fn moved(bench: &Bench) -> (PathBuf, Store, Store) {
    let (old, new) = (bench.dir.path().join("old"), bench.dir.path().join("new"));
    fs::create_dir(&old).unwrap();
    let state = bench.dir.path().join("state");
    let store = Store::open(&state, &old).unwrap();
    Writer::begin(&store, "s-1").prompt("apple").edit(&old.join("a.rs")).answer(&"long ".repeat(9000)).end();
    store.fork(&"s-1".into(), TurnId(1), "s-2".into(), START).unwrap();
    Writer::go_on(&store, "s-2").prompt("pear").end();
    let kept = store.open_session(&"s-1".into()).unwrap().0.kept().unwrap();
    kept.keep("kept").unwrap();
    store.cabinet().put("filed", "note", "", START).unwrap();
    store.list(&ListQuery::default()).unwrap();
    let old = fs::canonicalize(&old).unwrap();
    fs::rename(&old, &new).unwrap();
    let ours = Store::open(&state, &new).unwrap();
    (old, store, ours)
}

fn assert_there(store: &Store) {
    let list = store.list(&ListQuery::default()).unwrap();
    let ids: Vec<&str> = list.sessions.iter().map(|one| one.id.0.as_str()).collect();
    assert!(ids.contains(&"s-1") && ids.contains(&"s-2"), "{ids:?}");
    let replay = store.read(&"s-1".into()).unwrap();
    assert_eq!(replay.notices, Vec::<String>::new());
    assert!(
        replay
            .items
            .iter()
            .any(|item| matches!(&item.body, ItemBody::Answer { text, .. } if text.len() == 45_000))
    );
    assert_eq!(store.read(&"s-2".into()).unwrap().items.len(), replay.items.len() + 2);
    let kept = store.open_session(&"s-1".into()).unwrap().0.kept().unwrap();
    assert_eq!(kept.read(&"K1".into()).unwrap(), "kept");
    let found = store.search(&SearchQuery { text: "apple".into(), ..SearchQuery::default() }).unwrap();
    assert_eq!(found.hits.len(), 1);
}

#[test]
fn a_new_workspace_takes_all_as_it_is() {
    let bench = Bench::new();
    let (old, theirs, ours) = moved(&bench);
    let detached = ours.detached();
    assert_eq!((detached.len(), detached[0].sessions, &detached[0].path), (1, 2, &old));
    assert!(detached[0].bytes > 45_000 && detached[0].updated_at > START);
    let attached = ours.attach(old.to_str().unwrap()).unwrap();
    assert_eq!((attached.sessions, attached.from), (2, old.clone()));
    assert_there(&ours);
    assert_eq!(ours.cabinet().get(&"F1".into(), START).unwrap().1, "filed");
    assert!(!theirs.folder().exists() && ours.detached().is_empty());
    assert!(matches!(ours.attach(old.to_str().unwrap()), Err(AttachError::Unknown { .. })));
    // Its note names the new folder, so that others see where it lies.
    let above = Store::open(&bench.dir.path().join("state"), bench.dir.path()).unwrap();
    assert_eq!(
        above.list(&ListQuery { overlapping: true, ..ListQuery::default() }).unwrap().sessions.len(),
        2
    );
}

#[test]
fn one_with_sessions_takes_each() {
    let bench = Bench::new();
    let (_, theirs, ours) = moved(&bench);
    Writer::begin(&ours, "s-9").prompt("ours").end();
    ours.cabinet().put("ours", "", "", START).unwrap();
    let name = ours.detached()[0].name.clone();
    assert_eq!(ours.attach(&name).unwrap().sessions, 2);
    assert_there(&ours);
    let list = ours.cabinet().list(START).unwrap().entries;
    assert_eq!(list.len(), 2);
    assert!(list[1].note.contains("was F1"), "{list:?}");
    assert_eq!(ours.cabinet().get(&list[1].key, START).unwrap().1, "filed");
    assert!(!theirs.folder().exists());
}

#[test]
fn what_is_not_ours_to_take_stays() {
    let bench = Bench::new();
    let (old, theirs, ours) = moved(&bench);
    let busy = theirs.open_session(&"s-2".into()).unwrap();
    assert!(matches!(ours.attach(old.to_str().unwrap()), Err(AttachError::Store(StoreError::Busy { .. }))));
    drop(busy);
    assert!(!ours.folder().join("sessions").exists());
    fs::create_dir(&old).unwrap();
    assert!(ours.detached().is_empty());
    assert!(matches!(ours.attach(old.to_str().unwrap()), Err(AttachError::Alive { .. })));
    fs::remove_dir(&old).unwrap();
    for wrong in ["", "/", "..", "nothing", ours.folder().file_name().unwrap().to_str().unwrap()] {
        assert!(matches!(ours.attach(wrong), Err(AttachError::Unknown { .. })), "{wrong}");
    }
    // A session of the same id: what was before it is here, it itself there, and nothing is lost.
    Writer::begin(&ours, "s-2").prompt("mine").end();
    let error = ours.attach(old.to_str().unwrap()).unwrap_err();
    assert!(matches!(&error, AttachError::Twice { session, .. } if session == "s-2"), "{error}");
    assert!(ours.read(&"s-1".into()).is_ok() && theirs.read(&"s-2".into()).is_ok());
    assert_eq!(theirs.cabinet().get(&"F1".into(), START).unwrap().1, "filed");
}

#[test]
fn who_was_stopped_half_way_goes_on() {
    let bench = Bench::new();
    let (old, theirs, ours) = moved(&bench);
    Writer::begin(&ours, "s-9").prompt("ours").end();
    // As it is when the process dies behind the first session.
    let sessions = |store: &Store| store.folder().join("sessions");
    for entry in fs::read_dir(theirs.folder().join("blobs")).unwrap().flatten() {
        let to = ours.folder().join("blobs").join(entry.file_name());
        fs::create_dir_all(&to).unwrap();
        for blob in fs::read_dir(entry.path()).unwrap().flatten() {
            fs::copy(blob.path(), to.join(blob.file_name())).unwrap();
        }
    }
    fs::rename(sessions(&theirs).join("s-1"), sessions(&ours).join("s-1")).unwrap();
    assert_eq!(ours.detached()[0].sessions, 1);
    assert_eq!(ours.attach(old.to_str().unwrap()).unwrap().sessions, 1);
    assert_there(&ours);
}

/// A document that is damaged stays behind, and those after it come.
#[test]
fn a_damaged_document_keeps_no_other_back() {
    let bench = Bench::new();
    let (old, theirs, ours) = moved(&bench);
    theirs.cabinet().put("second", "", "", START).unwrap();
    fs::write(theirs.folder().join("cabinet/F1.txt"), "changed").unwrap();
    ours.cabinet().put("ours", "", "", START).unwrap();
    // A counter that somebody edited is none.
    fs::write(ours.folder().join("cabinet/last"), "18446744073709551615").unwrap();
    ours.attach(old.to_str().unwrap()).unwrap();
    assert_there(&ours);
    let there = ours.cabinet().list(START).unwrap().entries;
    let texts: Vec<_> = there.iter().map(|one| ours.cabinet().get(&one.key, START).unwrap().1).collect();
    assert_eq!(texts, ["ours", "second"]);
    assert_eq!(fs::read_to_string(theirs.folder().join("cabinet/F1.txt")).unwrap(), "changed");
}

/// Whoever dies between the taking and the naming leaves a note of the old folder; the next session puts it right.
#[test]
fn a_note_that_names_another_folder_is_written_anew() {
    let bench = Bench::new();
    let (old, theirs, ours) = moved(&bench);
    fs::rename(theirs.folder(), ours.folder()).unwrap();
    let note = || fs::read_to_string(ours.folder().join("workspace.json")).unwrap();
    assert!(note().contains(&format!("{:?}", old.to_str().unwrap())), "{}", note());
    Writer::begin(&ours, "s-9").prompt("ours").end();
    assert!(note().contains(&format!("{:?}", ours.workspace().to_str().unwrap())), "{}", note());
    assert_there(&ours);
}
