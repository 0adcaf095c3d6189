//! The file cabinet: documents come back for thirty days, and no longer; nothing else takes them away.

use super::said::{DAY, START};
use super::*;

fn key(key: &str) -> glossator_session::FileKey {
    key.into()
}

#[test]
fn documents_come_back() {
    let bench = Bench::new();
    let cabinet = bench.store.cabinet();
    assert_eq!(cabinet.list(START).unwrap(), CabinetList::default());
    assert!(!bench.store.folder().exists(), "looking makes nothing");
    let long = "n".repeat(2000);
    let first = cabinet.put("the text ü\r\n", &long, "s-1", START).unwrap();
    assert_eq!((first.key.0.as_str(), first.note.len(), first.bytes), ("F1", 1000, 13));
    assert_eq!(first.expires_at, START + 30 * DAY);
    cabinet.put("", "empty", "", START + 1).unwrap();
    // Another process.
    let again =
        Store::open(&bench.dir.path().join("state"), &bench.dir.path().join("My Project")).unwrap().cabinet();
    assert_eq!(again.get(&key("F1"), START).unwrap(), (first, "the text ü\r\n".to_owned()));
    assert_eq!(again.get(&key("F2"), START).unwrap().1, "");
    let keys: Vec<String> = again.list(START).unwrap().entries.into_iter().map(|entry| entry.key.0).collect();
    assert_eq!(keys, ["F1", "F2"]);
    for wrong in ["F3", "F0", "F01", "K1", "F", "F-1", "../F1", "F1.txt", ""] {
        assert!(matches!(again.get(&key(wrong), START), Err(StoreError::NoText { .. })), "{wrong}");
        assert!(!again.delete(&key(wrong)).unwrap());
    }
    assert!(again.delete(&key("F2")).unwrap() && !again.delete(&key("F2")).unwrap());
    assert_eq!(cabinet.put("new", "", "", START).unwrap().key.0, "F3", "a key is never used again");
    let most = "x".repeat(16 << 20);
    cabinet.put(&most, "", "", START).unwrap();
    assert!(matches!(cabinet.put(&(most + "x"), "", "", START), Err(StoreError::TooLong { .. })));
}

#[test]
fn they_go_after_thirty_days_and_never_before() {
    let bench = Bench::new();
    let cabinet = bench.store.cabinet();
    for saved in [START, START + DAY] {
        cabinet.put("text", "", "", saved).unwrap();
    }
    let none: Vec<glossator_session::FileKey> = Vec::new();
    assert_eq!(cabinet.expire(START + 30 * DAY), none, "the thirtieth day is theirs");
    // A clock that was set back, or had been set forward when they were saved.
    assert_eq!(cabinet.expire(0), none);
    assert_eq!(cabinet.expire(i64::MIN), none);
    assert_eq!(cabinet.list(START + 30 * DAY + 1).unwrap().entries.len(), 1);
    assert!(matches!(cabinet.get(&key("F1"), START + 30 * DAY + 1), Err(StoreError::NoText { .. })));
    assert_eq!(cabinet.expire(START + 30 * DAY + 1), [key("F1")]);
    assert_eq!(cabinet.expire(i64::MAX), [key("F2")]);
    let left: Vec<_> = fs::read_dir(bench.store.folder().join("cabinet")).unwrap().flatten().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn what_cannot_be_read_is_named_and_stays() {
    let bench = Bench::new();
    let cabinet = bench.store.cabinet();
    for number in 1..=4 {
        cabinet.put(&format!("text {number}"), "", "", START).unwrap();
    }
    let folder = bench.store.folder().join("cabinet");
    fs::write(folder.join("F1.json"), "{").unwrap();
    fs::write(folder.join("F2.txt"), "text 7").unwrap();
    fs::remove_file(folder.join("F3.txt")).unwrap();
    fs::write(folder.join("F9.txt"), "of a process that died").unwrap();
    let list = cabinet.list(START).unwrap();
    assert_eq!(list.entries.len(), 3);
    assert!(list.notices.len() == 1 && list.notices[0].contains("F1"), "{:?}", list.notices);
    for (wrong, words) in [("F1", "no note"), ("F2", "not the one"), ("F3", "gone")] {
        let error = cabinet.get(&key(wrong), START).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(cabinet.get(&key("F4"), START).unwrap().1, "text 4");
    assert_eq!(cabinet.expire(START + 40 * DAY).len(), 3);
    assert!(folder.join("F1.txt").exists());
}

#[test]
fn two_at_once_never_get_one_key() {
    let bench = Bench::new();
    let put = |name: usize| {
        let cabinet = bench.store.cabinet();
        (0..20).map(|_| cabinet.put(&name.to_string(), "", "", START).unwrap().key.0).collect::<Vec<_>>()
    };
    let mut keys: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3).map(|name| scope.spawn(move || put(name))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 60);
    assert_eq!(bench.store.cabinet().list(START).unwrap().entries.len(), 60);
}
