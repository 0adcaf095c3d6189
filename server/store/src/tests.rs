//! Tests of the store: what is written comes back, and every way in which a disk or a dying process can fail.

mod attach;
mod big;
mod cabinet;
mod damage;
mod exports;
mod failing;
mod faults;
mod figures;
mod index;
mod kept;
mod lines;
mod list;
mod making;
mod said;
mod search;
mod small;
mod turns;

use crate::*;
use glossator_session::{InputPart, Item, ItemBody, ItemId, NoticeLevel, SessionId, TurnId};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

pub(crate) struct Bench {
    pub dir: TempDir,
    pub store: Store,
}

impl Bench {
    pub fn new() -> Bench {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("My Project")).unwrap();
        let store = Store::open(&dir.path().join("state"), &dir.path().join("My Project")).unwrap();
        Bench { dir, store }
    }

    pub fn session_folder(&self, id: &str) -> PathBuf {
        self.store.folder().join("sessions").join(id)
    }

    pub fn log_path(&self, id: &str) -> PathBuf {
        self.session_folder(id).join("log.jsonl")
    }

    /// A session with `count` items, closed again.
    pub fn session(&self, id: &str, count: u64) -> Vec<Item> {
        let mut log = self.store.create(&head(id)).unwrap();
        let items: Vec<Item> = (1..=count).map(item).collect();
        for item in &items {
            log.append(item, Sync::No).unwrap();
        }
        items
    }
}

pub(crate) fn head(id: &str) -> SessionHead {
    SessionHead {
        id: id.into(),
        title: String::new(),
        created_at: 1_795_000_000_000,
        model: "scripted/any".into(),
        pack: "core".into(),
        tools: vec!["readFile".into(), "exec".into()],
        calling: String::new(),
        strategy: String::new(),
        parent: None,
        layers: vec![FrozenLayer { layer: "instructions".into(), text: "Be brief.\n\"Quoted\"".into() }],
    }
}

pub(crate) fn item(id: u64) -> Item {
    let body = match id % 3 {
        1 => ItemBody::UserMessage {
            input: vec![InputPart::Text { text: format!("ask {id}\nand more ü\u{2028}") }],
            to: Vec::new(),
            queued: None,
        },
        2 => ItemBody::Answer { text: format!("answer {id}\r\n\0"), raw: None },
        _ => ItemBody::Notice { level: NoticeLevel::Info, text: String::new() },
    };
    Item { id: ItemId(id), turn: TurnId(1), round: 0, at: 5, agent: None, body }
}

#[test]
fn the_scratch_folder_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    let scratch = bench.store.scratch().unwrap();
    assert_eq!(bench.store.scratch().unwrap(), scratch);
    assert!(scratch.starts_with(bench.store.folder()));
    assert_eq!(fs::metadata(&scratch).unwrap().permissions().mode() & 0o777, 0o700);
    assert!(bench.store.list(&ListQuery::default()).unwrap().sessions.is_empty());
}

#[test]
fn what_is_appended_comes_back() {
    let bench = Bench::new();
    let items = bench.session("s-1", 7);
    let (mut log, replay) = bench.store.open_session(&"s-1".into()).unwrap();
    assert_eq!(replay.head, head("s-1"));
    assert_eq!(replay.items, items);
    assert_eq!((replay.next_id, log.next_id()), (8, 8));
    assert_eq!((replay.healed, replay.notices), (None, vec![]));
    assert!(log.is_durable());
    log.append(&item(8), Sync::Now).unwrap();
    // Reading needs no lock.
    assert_eq!(bench.store.read(&"s-1".into()).unwrap().items.len(), 8);
}

#[test]
fn ids_have_no_gaps() {
    let bench = Bench::new();
    let mut log = bench.store.create(&head("s-1")).unwrap();
    assert!(matches!(log.append(&item(2), Sync::No), Err(StoreError::Gap { given: 2, expected: 1 })));
    log.append(&item(1), Sync::No).unwrap();
    assert!(matches!(log.append(&item(1), Sync::No), Err(StoreError::Gap { given: 1, expected: 2 })));
    let mut memory = SessionLog::memory("m".into(), 0);
    assert!(!memory.is_durable());
    memory.append(&item(1), Sync::Now).unwrap();
    assert!(memory.append(&item(1), Sync::No).is_err());
}

#[test]
fn one_writer_at_a_time() {
    let bench = Bench::new();
    let log = bench.store.create(&head("s-1")).unwrap();
    let busy = bench.store.open_session(&"s-1".into()).unwrap_err();
    assert!(matches!(&busy, StoreError::Busy { owner, .. } if owner == "this process"), "{busy}");
    fs::write(bench.session_folder("s-1").join("lock"), "4711").unwrap();
    let busy = bench.store.open_session(&"s-1".into()).unwrap_err();
    assert!(busy.to_string().contains("process 4711"), "{busy}");
    assert!(matches!(bench.store.create(&head("s-1")), Err(StoreError::Busy { .. })));
    drop(log);
    let (_log, _) = bench.store.open_session(&"s-1".into()).unwrap();
    assert!(bench.store.open_session(&"s-1".into()).is_err());
}

#[test]
fn a_session_is_created_once() {
    let bench = Bench::new();
    bench.session("s-1", 2);
    assert!(matches!(bench.store.create(&head("s-1")), Err(StoreError::Exists { .. })));
    assert_eq!(bench.store.read(&"s-1".into()).unwrap().items.len(), 2);
}

#[test]
fn ids_from_outside_never_leave_the_folder() {
    let bench = Bench::new();
    for id in ["", ".", "..", "../x", "a/b", "a\\b", "a\0b", "ü", &"x".repeat(65)] {
        let id = SessionId(id.to_owned());
        assert!(matches!(bench.store.read(&id), Err(StoreError::BadId { .. })), "{id}");
        assert!(matches!(bench.store.open_session(&id), Err(StoreError::BadId { .. })), "{id}");
        assert!(matches!(bench.store.create(&head(&id.0)), Err(StoreError::BadId { .. })), "{id}");
    }
    assert!(matches!(bench.store.read(&"none".into()), Err(StoreError::Missing { .. })));
    assert!(matches!(bench.store.open_session(&"none".into()), Err(StoreError::Missing { .. })));
    assert!(!bench.session_folder("none").exists());
}

#[test]
fn a_workspace_has_its_own_readable_folder() {
    let bench = Bench::new();
    bench.session("s-1", 1);
    let name = bench.store.folder().file_name().unwrap().to_str().unwrap().to_owned();
    let (readable, hash) = name.rsplit_once('-').unwrap();
    assert_eq!(readable, "My-Project");
    assert!(hash.len() == 16 && hash.chars().all(|c| c.is_ascii_hexdigit()), "{hash}");
    let note: serde_json::Value =
        serde_json::from_slice(&fs::read(bench.store.folder().join("workspace.json")).unwrap()).unwrap();
    let workspace = fs::canonicalize(bench.dir.path().join("My Project")).unwrap();
    assert_eq!(note["path"], workspace.to_str().unwrap());
    let other = Store::open(&bench.dir.path().join("state"), bench.dir.path()).unwrap();
    assert_ne!(other.folder(), bench.store.folder());
    assert_eq!(other.list(&ListQuery::default()).unwrap().sessions, vec![]);
    let root = Store::open(&bench.dir.path().join("state"), std::path::Path::new("/")).unwrap();
    assert!(root.folder().file_name().unwrap().to_str().unwrap().starts_with("root-"));
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn folders_and_files_are_the_owners_alone() {
        let bench = Bench::new();
        bench.session("s-1", 1);
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let mut folder = bench.session_folder("s-1");
        while folder != bench.dir.path() {
            assert_eq!(mode(folder.clone()), 0o700, "{}", folder.display());
            folder.pop();
        }
        for file in ["log.jsonl", "lock"] {
            assert_eq!(mode(bench.session_folder("s-1").join(file)), 0o600);
        }
        // A folder of ours that somebody opened up is closed again.
        fs::set_permissions(bench.store.folder(), fs::Permissions::from_mode(0o777)).unwrap();
        bench.session("s-2", 1);
        assert_eq!(mode(bench.store.folder().to_owned()), 0o700);
    }

    #[test]
    fn links_are_not_followed() {
        let bench = Bench::new();
        bench.session("s-1", 1);
        let elsewhere = bench.dir.path().join("elsewhere");
        fs::rename(bench.store.folder(), &elsewhere).unwrap();
        symlink(&elsewhere, bench.store.folder()).unwrap();
        let again = Store::open(&bench.dir.path().join("state"), &bench.dir.path().join("My Project"));
        assert!(matches!(again, Err(StoreError::Unsafe { .. })));
        assert!(matches!(bench.store.create(&head("s-2")), Err(StoreError::Unsafe { .. })));
        fs::remove_file(bench.store.folder()).unwrap();
        fs::rename(&elsewhere, bench.store.folder()).unwrap();
        let log = bench.log_path("s-1");
        fs::rename(&log, bench.dir.path().join("log")).unwrap();
        symlink(bench.dir.path().join("log"), &log).unwrap();
        assert!(matches!(bench.store.read(&"s-1".into()), Err(StoreError::Io { .. })));
        assert!(bench.store.open_session(&"s-1".into()).is_err());
    }
}

#[test]
fn a_file_in_place_of_a_folder_is_an_error_that_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    fs::write(&state, "a file").unwrap();
    let error = Store::open(&state, dir.path()).unwrap_err();
    assert!(error.to_string().contains("GLOSSATOR_STATE_DIR"), "{error}");
    // Made after the store was opened: found by the first session.
    fs::remove_file(&state).unwrap();
    let store = Store::open(&state, dir.path()).unwrap();
    fs::create_dir(&state).unwrap();
    fs::write(state.join("workspaces"), "a file").unwrap();
    let error = store.create(&head("s-1")).unwrap_err();
    assert!(error.to_string().contains("GLOSSATOR_STATE_DIR"), "{error}");
    assert_eq!(fs::read(state.join("workspaces")).unwrap(), b"a file");
}
