//! The n-th change of the disk fails, for every n: what was there is still there, nothing half is left to be taken for a
//! whole, and the same can be done again once the disk is well.

use super::making::{answer, append_turn};
use super::{Bench, head};
use crate::folder::faults;
use crate::*;
use glossator_session::{Item, SessionId, TurnId};
use serde_json::json;
use std::fs;

const ENOSPC: i32 = 28;
const ERRNOS: [i32; 4] = [ENOSPC, 5, 30, 13];
const LONG: usize = 20 << 10;

/// Two sessions that share a blob, a fork of the first, a kept text, checkpoints.
fn bench() -> Bench {
    let bench = Bench::new();
    for id in ["s-1", "s-2"] {
        let mut log = bench.store.create(&head(id)).unwrap();
        append_turn(&mut log, 1, &["b".repeat(LONG)]);
        log.kept().unwrap().keep("kept").unwrap();
        append_turn(&mut log, 2, &[format!("{id}{}", "c".repeat(LONG))]);
        log.checkpoint(glossator_session::ItemId(4), &json!("state")).unwrap();
    }
    bench.store.fork(&"s-1".into(), TurnId(1), "f".into(), 9).unwrap();
    let (mut log, _) = bench.store.open_session(&"f".into()).unwrap();
    append_turn(&mut log, 2, &["of the fork".to_owned()]);
    drop(log);
    bench
}

fn items(store: &Store, id: &str) -> Option<Vec<Item>> {
    match store.read(&id.into()) {
        Ok(replay) => {
            assert_eq!(replay.notices, Vec::<String>::new(), "{id}");
            Some(replay.items)
        }
        Err(StoreError::Missing { .. }) => None,
        Err(error) => panic!("{id}: {error}"),
    }
}

/// Lets every change of the disk that `act` makes fail once, or from there on. `spares` are sessions it must not touch.
fn every(spares: &[&str], act: impl Fn(&Bench) -> Result<(), StoreError>, check: impl Fn(&Bench, bool)) {
    for errno in ERRNOS {
        for lasting in [true, false] {
            let mut after = 0;
            loop {
                let bench = bench();
                let before: Vec<_> = spares.iter().map(|id| items(&bench.store, id).unwrap()).collect();
                faults::begin(after, errno, lasting);
                let done = act(&bench);
                let happened = faults::end();
                if let Err(error) = &done {
                    assert!(error.to_string().len() > 20, "{error}");
                }
                for (id, before) in spares.iter().zip(&before) {
                    assert_eq!(
                        items(&bench.store, id).as_ref(),
                        Some(before),
                        "{id} after {after}: {done:?}"
                    );
                    drop(bench.store.open_session(&(*id).into()).unwrap());
                }
                check(&bench, done.is_ok());
                if !happened {
                    done.unwrap();
                    assert!(after > 0, "it changed nothing");
                    break;
                }
                after += 1;
                assert!(after < 200);
            }
        }
    }
}

const ALL: [&str; 3] = ["s-1", "s-2", "f"];

fn leftovers(bench: &Bench) -> Vec<String> {
    let entries = fs::read_dir(bench.store.folder().join("sessions")).unwrap().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn creating() {
    every(
        &ALL,
        |bench| bench.store.create(&head("n")).map(drop),
        |bench, done| {
            let found = items(&bench.store, "n");
            assert_eq!(found.is_some(), done || found.is_some());
            assert_eq!(found.unwrap_or_default(), []);
            if !done && items(&bench.store, "n").is_none() {
                bench.store.create(&head("n")).unwrap();
            }
        },
    );
}

#[test]
fn appending_a_long_text() {
    let long = answer(7, 3, &"d".repeat(LONG));
    let act = |bench: &Bench| {
        let (mut log, _) = bench.store.open_session(&"s-1".into())?;
        log.append(&long, Sync::Now)
    };
    every(&["s-2", "f"], act, |bench, done| {
        let found = items(&bench.store, "s-1").unwrap();
        assert_eq!(found.len(), if done { 7 } else { 6 });
        if !done {
            act(bench).unwrap();
        }
        assert_eq!(items(&bench.store, "s-1").unwrap().last(), Some(&long));
    });
}

#[test]
fn checkpoints_and_names() {
    let act = |bench: &Bench| {
        let (mut log, _) = bench.store.open_session(&"f".into())?;
        log.checkpoint(glossator_session::ItemId(5), &json!("new"))?;
        let meta = SessionMeta { title: Some("named".into()), archived: true, ..SessionMeta::default() };
        bench.store.set_meta(&"f".into(), &meta)
    };
    every(&ALL, act, |bench, done| {
        let title = bench.store.meta(&"f".into()).unwrap().title;
        assert!(title.is_none() || title.as_deref() == Some("named"));
        assert!(!done || title.is_some());
        act(bench).unwrap();
    });
}

#[test]
fn forking() {
    let act = |bench: &Bench| bench.store.fork(&"s-1".into(), TurnId(2), "g".into(), 9).map(drop);
    every(&ALL, act, |bench, done| {
        assert_eq!(items(&bench.store, "g").is_some(), done);
        assert_eq!(leftovers(bench).contains(&"g".to_owned()), done);
        if !done {
            act(bench).unwrap();
        }
        assert_eq!(items(&bench.store, "g"), items(&bench.store, "s-1"));
        let (log, _) = bench.store.open_session(&"g".into()).unwrap();
        assert_eq!(log.kept().unwrap().read(&"K1".into()).unwrap(), "kept");
    });
}

#[test]
fn deleting() {
    let act = |bench: &Bench| bench.store.delete(&"s-1".into()).map(drop);
    every(&["s-2", "f"], act, |bench, done| {
        let found = items(&bench.store, "s-1");
        assert!(!done || found.is_none());
        assert!(found.is_none_or(|found| found.len() == 6), "all of it or nothing");
        if !done && items(&bench.store, "s-1").is_some() {
            act(bench).unwrap();
        }
        bench.store.collect().unwrap();
        assert_eq!(leftovers(bench), ["f", "s-2"]);
        assert_eq!(super::turns::blobs(bench), 2);
    });
}

#[test]
fn importing() {
    let source = bench();
    let mut export = Vec::new();
    source.store.export(&"s-1".into(), ExportFormat::Jsonl, &mut export).unwrap();
    let act = |bench: &Bench| bench.store.import(&mut export.as_slice(), &str::to_owned).map(drop);
    every(&ALL, act, |bench, done| {
        assert_eq!(leftovers(bench).len(), if done { 4 } else { 3 }, "{:?}", leftovers(bench));
        act(bench).unwrap();
    });
}

#[test]
fn a_session_that_is_deleted_under_its_writer_says_so() {
    let bench = bench();
    let id: SessionId = "s-1".into();
    let (mut log, _) = bench.store.open_session(&id).unwrap();
    fs::remove_dir_all(bench.session_folder("s-1")).unwrap();
    let error = log.append(&answer(7, 3, "x"), Sync::No).unwrap_err().to_string();
    assert!(error.contains("was deleted"), "{error}");
    assert_eq!(log.next_id(), 7);
    assert!(log.checkpoint(glossator_session::ItemId(4), &json!(1)).is_err());
    assert!(!bench.session_folder("s-1").exists());
    assert!(matches!(bench.store.read(&id), Err(StoreError::Missing { .. })));
}

/// Blobs that are gone, cut or changed: the rest of the session is read, and what is lost is said.
#[test]
fn damaged_blobs_are_told_of() {
    for damage in ["gone", "cut", "changed", "a folder"] {
        let bench = bench();
        let text = "b".repeat(LONG);
        let hash = blake3::hash(text.as_bytes()).to_hex().to_string();
        let path = bench.store.folder().join("blobs").join(&hash[..2]).join(&hash);
        assert_eq!(bench.store.blob(&BlobRef { hash: hash.clone(), bytes: LONG as u64 }).unwrap(), text);
        match damage {
            "gone" => fs::remove_file(&path).unwrap(),
            "cut" => fs::write(&path, &text[..100]).unwrap(),
            "changed" => fs::write(&path, "x".repeat(LONG)).unwrap(),
            _ => {
                fs::remove_file(&path).unwrap();
                fs::create_dir(&path).unwrap();
            }
        }
        let replay = bench.store.read(&"s-1".into()).unwrap();
        assert_eq!((replay.items.len(), replay.notices.len()), (6, 1), "{damage}");
        assert!(
            replay.notices[0].contains("item 2") && replay.notices[0].contains(&hash),
            "{:?}",
            replay.notices
        );
        assert!(bench.store.blob(&BlobRef { hash, bytes: LONG as u64 }).is_err());
        if damage == "gone" || damage == "cut" {
            // Written again, it is whole again for everybody.
            let (mut log, _) = bench.store.open_session(&"s-2".into()).unwrap();
            log.append(&answer(7, 3, &text), Sync::Now).unwrap();
            assert_eq!(bench.store.read(&"s-1".into()).unwrap().notices, Vec::<String>::new());
        }
    }
}

#[test]
fn a_log_of_the_first_format_goes_on_in_the_second() {
    let bench = Bench::new();
    let items = bench.session("s-1", 4);
    let text = fs::read_to_string(bench.log_path("s-1")).unwrap();
    let old = text.replacen("\"format\":2", "\"format\":1", 1);
    assert_ne!(old, text);
    fs::write(bench.log_path("s-1"), &old).unwrap();
    assert_eq!(bench.store.read(&"s-1".into()).unwrap().items, items);
    assert_eq!(fs::read_to_string(bench.log_path("s-1")).unwrap(), old);
    let (mut log, replay) = bench.store.open_session(&"s-1".into()).unwrap();
    assert_eq!((replay.items, replay.notices), (items, vec![]));
    let long = answer(5, 2, &"x".repeat(LONG));
    log.append(&long, Sync::No).unwrap();
    assert!(fs::read_to_string(bench.log_path("s-1")).unwrap().starts_with(&text));
    assert_eq!(bench.store.read(&"s-1".into()).unwrap().items.last(), Some(&long));
}

#[test]
fn a_lock_that_a_starting_process_still_holds_is_no_other_writer() {
    use crate::lock::Lock;
    let dir = tempfile::tempdir().unwrap();
    let lock = Lock::take(dir.path(), "s").unwrap();
    // As after a fork: the same open file, in somebody else's hands.
    let file = fs::File::options().read(true).write(true).open(dir.path().join("lock")).unwrap();
    drop(lock);
    file.try_lock().unwrap();
    let waiting = std::thread::spawn({
        let path = dir.path().to_owned();
        move || Lock::take(&path, "s").map(drop)
    });
    std::thread::sleep(std::time::Duration::from_millis(60));
    drop(file);
    waiting.join().unwrap().unwrap();
}
