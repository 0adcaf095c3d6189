//! Reading a session's log back, and taking an export in, whatever stands in it.
#![no_main]

use glossator_session::SessionId;
use glossator_store::{SessionHead, Store};
use std::path::PathBuf;
use std::sync::LazyLock;

/// A store in memory, if the machine has a file system there, with one session.
struct Ground {
    store: Store,
    id: SessionId,
    log: PathBuf,
    _folder: tempfile::TempDir,
}

static GROUND: LazyLock<Ground> = LazyLock::new(|| {
    let shared = PathBuf::from("/dev/shm");
    let folder = if shared.is_dir() { tempfile::tempdir_in(shared) } else { tempfile::tempdir() };
    let folder = folder.expect("a folder for the store");
    let store = Store::open(&folder.path().join("state"), folder.path()).expect("a store");
    let id = SessionId::from("fuzzed");
    let head: SessionHead = serde_json::from_str(HEAD).expect("a head");
    drop(store.create(&head).expect("a session"));
    let log = store.folder().join("sessions").join("fuzzed").join("log.jsonl");
    assert!(log.is_file(), "the log lies where it is expected");
    Ground { store, id, log, _folder: folder }
});

/// What the session is.
const HEAD: &str = r#"{"id":"fuzzed","createdAt":0,"model":"p/m","pack":"core"}"#;

/// A header that can be read, so that the items behind it matter.
fn header() -> Vec<u8> {
    format!("{{\"glossator\":\"session\",\"format\":2,\"head\":{HEAD}}}\n").into_bytes()
}

libfuzzer_sys::fuzz_target!(|input: (bool, &[u8])| {
    let (headed, bytes) = input;
    let bytes = if headed { [&header(), bytes].concat() } else { bytes.to_vec() };
    let ground = &*GROUND;
    if let Ok(head) = ground.store.import(&mut bytes.as_slice(), &str::to_owned) {
        let taken = ground.store.read(&head.id).expect("what was taken in can be read");
        assert!(taken.items.windows(2).all(|pair| pair[0].id.0 < pair[1].id.0), "its ids rise too");
        ground.store.delete(&head.id).expect("and goes again");
    }
    let _ = std::fs::remove_file(ground.log.with_file_name("checkpoint.json"));
    std::fs::write(&ground.log, bytes).expect("the log is written");
    let read = ground.store.read(&ground.id).expect("a log can always be read");
    assert!(read.items.windows(2).all(|pair| pair[0].id.0 < pair[1].id.0), "ids rise");
    assert!(read.items.last().is_none_or(|last| last.id.0 < read.next_id || read.next_id == u64::MAX));
    if let Ok((log, healed)) = ground.store.open_session(&ground.id) {
        assert_eq!(healed.items, read.items, "healing loses nothing that could be read");
        drop(log);
        let again = ground.store.read(&ground.id).expect("a healed log can be read");
        assert_eq!(again.items, read.items, "and writes nothing else");
    }
});
