//! Long texts kept with a session: what comes back, what is refused, and what a dying process leaves.

use super::{Bench, head};
use crate::*;
use glossator_session::FileKey;
use std::fs;

#[test]
fn texts_come_back_and_keys_count_on() {
    let bench = Bench::new();
    let log = bench.store.create(&head("s-1")).unwrap();
    let folder = bench.session_folder("s-1").join("kept");
    let kept = log.kept().unwrap();
    assert!(!folder.exists(), "nothing is made before the first text");
    let texts = ["", "plain", "ü\u{2028}\0\r\n"];
    let keys: Vec<FileKey> = texts.iter().map(|text| kept.keep(text).unwrap()).collect();
    assert_eq!(keys, ["K1".into(), "K2".into(), "K3".into()]);
    for (key, text) in keys.iter().zip(texts) {
        assert_eq!(kept.read(key).unwrap(), text);
    }
    drop(log);
    // A crash between a text and what names it leaves an unused file; its key is not given away again.
    fs::write(folder.join("K7"), "left over").unwrap();
    let (log, _) = bench.store.open_session(&"s-1".into()).unwrap();
    let kept = log.kept().unwrap();
    assert_eq!(kept.read(&keys[1]).unwrap(), "plain");
    assert_eq!(kept.keep("after").unwrap(), "K8".into());
    fs::write(folder.join("K9"), "appeared meanwhile").unwrap();
    assert_eq!(kept.keep("later").unwrap(), "K10".into());
    kept.reserve(&"K40".into());
    kept.reserve(&"K4".into());
    assert_eq!(kept.clone().keep("reserved").unwrap(), "K41".into());
    assert!(SessionLog::memory("m".into(), 1).kept().is_none());
}

#[test]
fn bad_keys_and_foreign_files_are_refused() {
    let bench = Bench::new();
    let log = bench.store.create(&head("s-1")).unwrap();
    let kept = log.kept().unwrap();
    kept.keep("one").unwrap();
    let keys = [
        "",
        "K",
        "K0",
        "K01",
        "k1",
        "K1 ",
        "K+1",
        "K-1",
        "K2",
        "../lock",
        "K1/../K1",
        "K9999999999999999999999",
    ];
    for key in keys {
        let error = kept.read(&key.into()).unwrap_err();
        assert!(matches!(error, StoreError::NoText { .. }), "{key}: {error}");
    }
    let folder = bench.session_folder("s-1").join("kept");
    fs::write(folder.join("K3"), [0xff, 0xfe]).unwrap();
    fs::create_dir(folder.join("K4")).unwrap();
    fs::File::create(folder.join("K5")).unwrap().set_len(KEPT_BYTES + 1).unwrap();
    for key in ["K3", "K4", "K5"] {
        assert!(kept.read(&key.into()).is_err(), "{key}");
    }
    let long = "x".repeat(KEPT_BYTES as usize);
    let key = kept.keep(&long).unwrap();
    assert_eq!(kept.read(&key).unwrap().len(), long.len());
    let before = fs::read_dir(&folder).unwrap().count();
    assert!(matches!(kept.keep(&(long + "x")), Err(StoreError::TooLong { .. })));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), before);
}

#[cfg(unix)]
#[test]
fn kept_texts_are_the_owners_alone_and_no_link_is_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let bench = Bench::new();
    let log = bench.store.create(&head("s-1")).unwrap();
    let kept = log.kept().unwrap();
    let key = kept.keep("mine").unwrap();
    let folder = bench.session_folder("s-1").join("kept");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join(&key.0))), (0o700, 0o600));
    let secret = bench.dir.path().join("secret");
    fs::write(&secret, "secret").unwrap();
    symlink(&secret, folder.join("K2")).unwrap();
    assert!(kept.read(&"K2".into()).is_err());
    symlink(bench.dir.path().join("target"), folder.join("K3")).unwrap();
    assert_eq!(kept.keep("x").unwrap(), "K4".into());
    assert!(!bench.dir.path().join("target").exists());
    fs::remove_dir_all(&folder).unwrap();
    let elsewhere = bench.dir.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, &folder).unwrap();
    let error = kept.keep("x").unwrap_err();
    assert!(matches!(error, StoreError::Unsafe { .. }), "{error}");
    fs::remove_file(&folder).unwrap();
    fs::write(&folder, "a file in the way").unwrap();
    assert!(kept.keep("x").is_err());
}
