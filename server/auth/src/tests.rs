//! Tests of key checking, headers, the places of keys and their order, with an environment and a folder of their own.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // Looks at the file from outside.

use crate::{
    AuthError, Credentials, EnvLookup, HeaderStyle, KeyFile, KeySource, KeyStores, Places, process_env,
    without_keys,
};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

const VARIABLE: &str = "EXAMPLE_API_KEY";

fn environment(value: Option<&str>) -> EnvLookup {
    let value = value.map(str::to_owned);
    Arc::new(move |name: &str| if name == VARIABLE { value.clone() } else { None })
}

fn with_key(value: Option<&str>) -> Credentials {
    let places = Places { env: environment(value), stores: KeyStores::default(), dotenv: None };
    Credentials::new("example", Some(VARIABLE), places)
}

/// A config folder that is there only once something is stored.
fn folder() -> (TempDir, KeyFile) {
    let folder = tempfile::tempdir().unwrap();
    let file = KeyFile::in_folder(&folder.path().join("config"));
    (folder, file)
}

fn in_file(file: &KeyFile) -> KeyStores {
    KeyStores { keyring: None, file: Some(file.clone()) }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

fn header(credentials: &Credentials) -> String {
    credentials.header(HeaderStyle::XApiKey).unwrap().unwrap().expose_value().to_owned()
}

#[test]
fn headers_by_style() {
    let credentials = with_key(Some("sk-12345"));
    for (style, name, value) in [
        (HeaderStyle::XApiKey, "x-api-key", "sk-12345"),
        (HeaderStyle::Bearer, "authorization", "Bearer sk-12345"),
    ] {
        let header = credentials.header(style).unwrap().unwrap();
        assert_eq!((header.name, header.expose_value()), (name, value));
    }
    let places = Places { env: environment(None), stores: KeyStores::default(), dotenv: None };
    assert!(Credentials::new("local", None, places).header(HeaderStyle::Bearer).unwrap().is_none());
}

#[test]
fn a_missing_key_says_what_to_do() {
    for value in [None, Some("")] {
        let error = with_key(value).header(HeaderStyle::XApiKey).unwrap_err();
        assert!(matches!(error, AuthError::Missing { .. }), "{error:?}");
        let message = error.to_string();
        for part in [VARIABLE, "export", "glossator login example", "glossator.login", "glossator demo"] {
            assert!(message.contains(part), "{message}");
        }
    }
}

const UNFIT: [(&str, &str); 7] = [
    ("sk-secret\nx", "line break"),
    ("sk-secret x", "white space"),
    ("x\tsk-secret", "white space"),
    ("sk-secret\u{a0}x", "white space"),
    ("sk-secret-ß", "ASCII"),
    ("sk-secret\u{7}", "control"),
    ("sk-secret\0", "control"),
];

#[test]
fn an_unfit_key_is_refused_and_never_shown() {
    let (_folder, file) = folder();
    for (value, word) in UNFIT {
        let found = with_key(Some(value)).header(HeaderStyle::Bearer).unwrap_err();
        let stored = file.store("example", value).unwrap_err();
        let message = format!("{found} {found:?} {stored} {stored:?}");
        assert!(
            found.to_string().contains(word) && stored.to_string().contains(word),
            "{value:?}: {message}"
        );
        assert!(!message.contains("sk-secret"), "{message}");
    }
    for (value, word) in [("", "nothing"), (" \n", "nothing"), (&*"k".repeat(9000), "9000 bytes")] {
        assert!(file.store("example", value).unwrap_err().to_string().contains(word));
    }
    assert!(!file.path().exists());
}

#[test]
fn secrets_hide_in_debug() {
    let (_folder, file) = folder();
    file.store("example", "sk-secret-file").unwrap();
    let credentials = with_key(Some("sk-secret"));
    let header = credentials.header(HeaderStyle::Bearer).unwrap().unwrap();
    let shown = format!("{credentials:?} {header:?} {:?} {file:?}", credentials.key().unwrap());
    assert!(!shown.contains("sk-secret"), "{shown}");
}

#[test]
fn the_process_environment_is_reachable() {
    let lookup = process_env();
    assert!(lookup("PATH").is_some());
    assert_eq!(lookup("GLOSSATOR_SURELY_NOT_SET"), None);
}

#[test]
fn the_environment_comes_before_the_file_and_that_before_dotenv() {
    let (folder, file) = folder();
    let dotenv = folder.path().join(".env");
    fs::write(&dotenv, format!("{VARIABLE}=key-of-dotenv\n")).unwrap();
    let credentials = |env: Option<&str>, dotenv: bool| {
        let places = Places {
            env: environment(env),
            stores: in_file(&file),
            dotenv: dotenv.then(|| folder.path().join(".env")),
        };
        Credentials::new("example", Some(VARIABLE), places)
    };
    let check = |credentials: Credentials, source: KeySource, key: &str| {
        assert_eq!((credentials.source().unwrap(), header(&credentials).as_str()), (Some(source), key));
    };
    check(credentials(None, true), KeySource::Dotenv, "key-of-dotenv");
    assert!(credentials(None, false).key().is_err());
    file.store("example", "key-of-file\n").unwrap();
    file.store("other", "key-of-other").unwrap();
    check(credentials(None, true), KeySource::File, "key-of-file");
    check(credentials(Some("key-of-env"), true), KeySource::Environment, "key-of-env");
    assert!(file.remove("example").unwrap());
    check(credentials(None, true), KeySource::Dotenv, "key-of-dotenv");
    // One in the environment that cannot be sent is no reason to send another.
    assert!(credentials(Some("key of env"), true).key().is_err());
}

#[test]
fn what_needs_no_key_is_sent_a_stored_one() {
    let (_folder, file) = folder();
    let places = Places { env: environment(None), stores: in_file(&file), dotenv: None };
    let credentials = Credentials::new("local", None, places);
    assert_eq!(credentials.source().unwrap(), None);
    file.store("local", "key-of-local").unwrap();
    assert_eq!(
        (credentials.source().unwrap(), &*header(&credentials)),
        (Some(KeySource::File), "key-of-local")
    );
    fs::write(file.path(), "broken").unwrap();
    assert_eq!(credentials.source().unwrap(), None);
}

#[test]
fn keys_are_stored_for_the_user_alone_and_known_at_once() {
    let (_folder, file) = folder();
    assert_eq!((file.providers().unwrap(), file.remove("b").unwrap()), (vec![], false));
    assert!(!file.path().parent().unwrap().exists(), "looking makes nothing");
    assert_eq!(without_keys("a stored-key-1 b"), "a stored-key-1 b");
    file.store("b", " stored-key-1\r\n").unwrap();
    assert_eq!(without_keys("a stored-key-1 b"), "a [redacted] b");
    file.store("a", "stored-key-2").unwrap();
    assert_eq!(file.providers().unwrap(), ["a", "b"]);
    assert_eq!((mode(file.path()), mode(file.path().parent().unwrap())), (0o600, 0o700));
    assert_eq!(file.key("b").unwrap().as_deref(), Some("stored-key-1"));
    assert!(file.remove("b").unwrap() && !file.remove("b").unwrap());
    assert!(file.remove("a").unwrap());
    let left: Vec<_> =
        fs::read_dir(file.path().parent().unwrap()).unwrap().flatten().map(|one| one.file_name()).collect();
    assert_eq!(left, ["credentials.lock"]);
}

#[test]
fn a_file_that_cannot_be_trusted_is_refused_and_left_alone() {
    let (folder, file) = folder();
    file.store("a", "refused-key-1").unwrap();
    let text = fs::read(file.path()).unwrap();
    let check = |words: &str| {
        let (read, stored) = (file.providers().unwrap_err(), file.store("b", "refused-key-2").unwrap_err());
        assert!(read.to_string().contains(words) && stored.to_string().contains(words), "{read} {stored}");
        assert!(read.to_string().contains("credentials.json"), "{read}");
    };
    for open in [0o644, 0o640, 0o602] {
        fs::set_permissions(file.path(), Permissions::from_mode(open)).unwrap();
        check("chmod 600");
    }
    fs::set_permissions(file.path(), Permissions::from_mode(0o600)).unwrap();
    let elsewhere = folder.path().join("elsewhere.json");
    fs::rename(file.path(), &elsewhere).unwrap();
    symlink(&elsewhere, file.path()).unwrap();
    check("is a link");
    assert_eq!(fs::read(&elsewhere).unwrap(), text);
    fs::remove_file(file.path()).unwrap();
    fs::create_dir(file.path()).unwrap();
    check("it is no file");
    fs::remove_dir(file.path()).unwrap();
    fs::rename(&elsewhere, file.path()).unwrap();
    fs::write(file.path(), r#"{ "version": 2, "keys": { "a": "refused-key-1" } }"#).unwrap();
    assert_eq!(file.providers().unwrap(), ["a"]);
    assert!(file.store("b", "refused-key-2").unwrap_err().to_string().contains("newer version"));
}

#[test]
fn a_broken_file_is_kept_aside() {
    let (_folder, file) = folder();
    file.store("a", "broken-key-1").unwrap();
    for (number, text) in [(1, &b"{ \"keys\": { \"a\": \"broken-key-1\""[..]), (2, b"\xff\xfe"), (3, b"")] {
        fs::write(file.path(), text).unwrap();
        let error = file.providers().unwrap_err().to_string();
        assert!(error.contains("credentials.json") && !error.contains("broken-key"), "{error}");
        assert!(file.remove("a").is_err());
        let stored = file.store("b", "broken-key-2").unwrap();
        let aside = stored.aside.unwrap();
        assert!(aside.ends_with(format!("credentials.broken-{number}.json")), "{aside:?}");
        assert_eq!((fs::read(&aside).unwrap(), mode(&aside)), (text.to_vec(), 0o600));
        assert_eq!(file.providers().unwrap(), ["b"]);
    }
}

#[test]
fn a_folder_that_cannot_be_written_or_trusted() {
    let (folder, _) = folder();
    fs::write(folder.path().join("in-the-way"), "").unwrap();
    let file = KeyFile::in_folder(&folder.path().join("in-the-way").join("config"));
    assert_eq!(file.providers().unwrap(), Vec::<String>::new());
    let error = file.store("a", "folder-key").unwrap_err().to_string();
    assert!(error.contains("in-the-way") && error.contains("GLOSSATOR_CONFIG_DIR"), "{error}");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    let file = KeyFile::in_folder(folder.path());
    let error = file.store("a", "folder-key").unwrap_err().to_string();
    assert!(error.contains("everybody may write"), "{error}");
    assert!(!file.path().exists());
}

#[test]
fn many_that_store_at_once_lose_nothing() {
    let (_folder, file) = folder();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let file = &file;
            scope.spawn(move || {
                for round in 0..5 {
                    file.store(&format!("p{number}-{round}"), "at-once-key").unwrap();
                    // Whole at every moment, for those who take no lock.
                    assert!(file.providers().unwrap().contains(&format!("p{number}-{round}")));
                }
            });
        }
    });
    assert_eq!(file.providers().unwrap().len(), 40);
}
