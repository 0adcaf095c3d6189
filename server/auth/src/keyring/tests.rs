//! Tests of waiting and remembering, over keyrings that hang, fail, break and forget.
#![allow(clippy::disallowed_methods)] // Looks at files from outside.

use super::*;
use crate::{AuthError, Credentials, HeaderStyle, KeyFile, KeySource, KeyStores, Places, without_keys};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

/// What a keyring of these tests is like now.
#[derive(Default)]
struct World {
    keys: Mutex<BTreeMap<String, String>>,
    fault: Mutex<Option<Fault>>,
    /// Held: it does not answer.
    answers: Mutex<()>,
    /// Held: the way to it is not there yet.
    starts: Mutex<()>,
    opened: AtomicUsize,
    asked: AtomicUsize,
    panics: AtomicBool,
    is_absent: AtomicBool,
    breaks_once: AtomicBool,
}

struct Fake(Arc<World>);

impl Fake {
    fn enter(&self) -> Result<(), Fault> {
        self.0.asked.fetch_add(1, SeqCst);
        drop(self.0.answers.lock().unwrap_or_else(PoisonError::into_inner));
        assert!(!self.0.panics.load(SeqCst), "as a library may");
        if self.0.breaks_once.swap(false, SeqCst) {
            return Err(Fault::broken());
        }
        self.0.fault.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

impl Vault for Fake {
    fn get(&self, provider: &str) -> Result<Option<Zeroizing<String>>, Fault> {
        self.enter()?;
        Ok(self.0.keys.lock().unwrap().get(provider).cloned().map(Zeroizing::new))
    }

    fn set(&self, provider: &str, key: &str) -> Result<(), Fault> {
        self.enter()?;
        self.0.keys.lock().unwrap().insert(provider.to_owned(), key.to_owned());
        Ok(())
    }

    fn remove(&self, provider: &str) -> Result<bool, Fault> {
        self.enter()?;
        Ok(self.0.keys.lock().unwrap().remove(provider).is_some())
    }
}

/// How long one is waited for by tests of silence, and by all others.
const ANSWER: Duration = Duration::from_secs(2);
const PLENTY: Duration = Duration::from_secs(60);
/// Less than one rests after a fault.
const LONG: Duration = Duration::from_secs(12);

fn keyring() -> (Keyring, Arc<World>) {
    waited_for(PLENTY)
}

fn waited_for(answer: Duration) -> (Keyring, Arc<World>) {
    let world = Arc::new(World::default());
    let patience = Patience {
        answer,
        known: Duration::from_secs(1),
        user: Duration::from_secs(20),
        fresh: Duration::ZERO,
        miss: Duration::from_secs(3600),
    };
    let shared = world.clone();
    let open = move || {
        shared.opened.fetch_add(1, SeqCst);
        drop(shared.starts.lock().unwrap_or_else(PoisonError::into_inner));
        match shared.is_absent.load(SeqCst) {
            true => Err(Fault::new(FaultKind::Absent, "none here")),
            false => Ok(Box::new(Fake(shared.clone())) as Box<dyn Vault>),
        }
    };
    (Keyring::over(open, patience), world)
}

fn key(keyring: &Keyring, provider: &str) -> Result<Option<String>, FaultKind> {
    let found = keyring.key(provider).map_err(|fault| fault.kind())?;
    Ok(found.map(|key| key.expose_secret().to_owned()))
}

fn put(world: &World, provider: &str, key: &str) {
    world.keys.lock().unwrap().insert(provider.to_owned(), key.to_owned());
}

#[test]
fn a_key_that_somebody_else_stores_and_removes() {
    let (keyring, world) = keyring();
    assert_eq!(key(&keyring, "a"), Ok(None));
    put(&world, "a", "ring-key-1");
    assert_eq!(without_keys("ring-key-1"), "ring-key-1");
    assert_eq!(key(&keyring, "a"), Ok(Some("ring-key-1".to_owned())));
    assert_eq!(without_keys("x ring-key-1 y"), "x [redacted] y");
    world.keys.lock().unwrap().clear();
    assert_eq!(key(&keyring, "a"), Ok(None));
    assert_eq!(world.opened.load(SeqCst), 1, "the way to it is kept");
    assert!(!format!("{keyring:?}").contains("ring-key"));
}

#[test]
fn a_key_is_found_by_the_next_prompt_whoever_looked_before() {
    let (keyring, world) = keyring();
    keyring.remember(&["a"]);
    let asked = world.asked.load(SeqCst);
    keyring.remember(&["a"]);
    assert_eq!(world.asked.load(SeqCst), asked, "keys that are not there are not asked for without need");
    put(&world, "a", "ring-key-15");
    assert_eq!(key(&keyring, "a"), Ok(Some("ring-key-15".to_owned())));
}

#[test]
fn who_hardly_waits_has_all_keys_known_when_they_come() {
    let (keyring, world) = keyring();
    put(&world, "c", "ring-key-20");
    let closed = world.answers.lock().unwrap();
    keyring.remember(&["a", "b", "c"]);
    assert_eq!(without_keys("ring-key-20"), "ring-key-20");
    drop(closed);
    let late = Instant::now();
    while without_keys("ring-key-20") != "[redacted]" {
        assert!(late.elapsed() < PLENTY);
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn one_that_was_long_to_reach_is_asked_on() {
    let (keyring, world) = waited_for(ANSWER);
    let start = world.starts.lock().unwrap();
    assert_eq!(key(&keyring, "a"), Err(FaultKind::Silent));
    put(&world, "a", "ring-key-16");
    drop(start);
    // Not before it is there, and no rest after that.
    let late = Instant::now();
    while key(&keyring, "a") != Ok(Some("ring-key-16".to_owned())) {
        assert!(late.elapsed() < LONG, "it rests");
        std::thread::sleep(Duration::from_millis(5));
    }
    put(&world, "b", "ring-key-17");
    assert_eq!(key(&keyring, "b"), Ok(Some("ring-key-17".to_owned())));
}

#[test]
fn one_that_never_answers_is_waited_for_once() {
    let (keyring, world) = waited_for(ANSWER);
    let closed = world.answers.lock().unwrap();
    let started = Instant::now();
    assert_eq!(key(&keyring, "a"), Err(FaultKind::Silent));
    assert!(started.elapsed() >= ANSWER, "{:?}", started.elapsed());
    let again = Instant::now();
    for provider in ["a", "b", "c"] {
        assert_eq!(key(&keyring, provider), Err(FaultKind::Silent));
    }
    keyring.remember(&["a", "b"]);
    assert_eq!(keyring.store("a", "ring-key-2").map_err(|fault| fault.kind()), Err(FaultKind::Silent));
    assert!(again.elapsed() < 2 * ANSWER, "{:?}", again.elapsed());
    // Once it answers after all, what was asked for counts; what nobody waits for any more is not done.
    put(&world, "a", "ring-key-3");
    drop(closed);
    let late = Instant::now();
    while key(&keyring, "a") != Ok(Some("ring-key-3".to_owned())) {
        assert!(late.elapsed() < PLENTY);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(world.keys.lock().unwrap().len(), 1);
}

#[test]
fn who_only_looks_goes_by_the_last_answer() {
    let (keyring, world) = keyring();
    let looker = keyring.clone().hurried();
    put(&world, "b", "ring-key-18");
    assert_eq!((key(&keyring, "a"), key(&keyring, "b").map(|key| key.is_some())), (Ok(None), Ok(true)));
    let closed = world.answers.lock().unwrap();
    put(&world, "a", "ring-key-19");
    assert_eq!(key(&looker, "a"), Ok(None));
    assert_eq!(key(&looker, "b"), Ok(Some("ring-key-18".to_owned())));
    assert_eq!(key(&looker, "c"), Err(FaultKind::Silent), "of what was never looked for nothing is known");
    drop(closed);
    let late = Instant::now();
    while key(&looker, "a") != Ok(Some("ring-key-19".to_owned())) {
        assert!(late.elapsed() < PLENTY);
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_key_that_was_read_outlives_its_keyring() {
    let (keyring, world) = keyring();
    put(&world, "a", "ring-key-4");
    assert!(key(&keyring, "a").unwrap().is_some());
    *world.fault.lock().unwrap() = Some(Fault::new(FaultKind::Refused, "locked"));
    let known = || key(&keyring, "a") == Ok(Some("ring-key-4".to_owned()));
    assert!(known() && known());
    let asked = world.asked.load(SeqCst);
    assert_eq!(key(&keyring, "b"), Err(FaultKind::Refused));
    assert_eq!(world.asked.load(SeqCst), asked, "who said no is not asked again");
    *world.fault.lock().unwrap() = None;
    // The user's own wish is tried all the same, and shows that it answers.
    keyring.store("b", "ring-key-5").unwrap();
    assert_eq!(key(&keyring, "b"), Ok(Some("ring-key-5".to_owned())));
    assert!(keyring.remove("b").unwrap() && !keyring.remove("b").unwrap());
    assert_eq!(key(&keyring, "b"), Ok(None));
}

#[test]
fn where_there_is_none_it_is_not_looked_for_again() {
    let (keyring, world) = keyring();
    world.is_absent.store(true, SeqCst);
    for _ in 0..3 {
        assert_eq!(key(&keyring, "a"), Err(FaultKind::Absent));
    }
    assert_eq!(world.opened.load(SeqCst), 1);
    assert!(keyring.store("a", "ring-key-6").unwrap_err().is_absence());
    assert_eq!(world.opened.load(SeqCst), 2);
}

#[test]
fn a_way_that_broke_is_made_anew_and_panics_stay_where_they_are() {
    let (keyring, world) = keyring();
    put(&world, "a", "ring-key-7");
    assert!(key(&keyring, "a").unwrap().is_some());
    world.breaks_once.store(true, SeqCst);
    world.keys.lock().unwrap().clear();
    assert_eq!(key(&keyring, "a"), Ok(None));
    assert_eq!(world.opened.load(SeqCst), 2);
    world.panics.store(true, SeqCst);
    assert_eq!(key(&keyring, "a"), Err(FaultKind::Broken));
    world.panics.store(false, SeqCst);
    assert_eq!(key(&keyring, "a"), Ok(None));
}

#[test]
fn keys_are_stored_where_one_answers() {
    let (keyring, world) = keyring();
    let folder = tempfile::tempdir().unwrap();
    let file = KeyFile::in_folder(folder.path());
    let both = KeyStores { keyring: Some(keyring.clone()), file: Some(file.clone()) };
    let only = KeyStores { keyring: Some(keyring), file: None };
    world.is_absent.store(true, SeqCst);
    let stored = both.store("a", " ring-key-8\n").unwrap();
    assert_eq!(stored.place, KeySource::File);
    for words in ["credentials.json", "not encrypted", "keyring of the system was not used: none here"] {
        assert!(stored.message.contains(words), "{}", stored.message);
    }
    let refused = only.store("a", "ring-key-8").unwrap_err();
    assert!(matches!(refused, AuthError::Keyring { .. }), "{refused}");
    assert!(refused.to_string().contains("auth.store") && !refused.to_string().contains("ring-key"));
    world.is_absent.store(false, SeqCst);
    let stored = both.store("a", "ring-key-9").unwrap();
    assert_eq!(stored.place, KeySource::Keyring);
    assert!(stored.message.contains("older one was removed"), "{}", stored.message);
    assert!(!file.path().exists());
    assert!(only.store("a", "ring key").is_err());
    file.store("b", "ring-key-10").unwrap();
    assert_eq!(both.providers(&["a", "c"]).unwrap(), ["a", "b"]);
    file.store("a", "ring-key-11").unwrap();
    let removed = both.remove("a").unwrap();
    assert!(
        removed.removed && removed.message.contains("keyring of the system and from"),
        "{}",
        removed.message
    );
    assert!(!both.remove("a").unwrap().removed);
    *world.fault.lock().unwrap() = Some(Fault::new(FaultKind::Refused, "locked"));
    assert!(both.remove("a").unwrap().message.contains("could not be asked: locked"));
}

#[test]
fn the_keyring_stands_between_environment_and_file() {
    let (keyring, world) = keyring();
    let folder = tempfile::tempdir().unwrap();
    let file = KeyFile::in_folder(folder.path());
    file.store("a", "ring-key-12").unwrap();
    let credentials = |variable: Option<&'static str>| {
        let places = Places {
            env: Arc::new(move |_| variable.map(str::to_owned)),
            stores: KeyStores { keyring: Some(keyring.clone()), file: Some(file.clone()) },
            dotenv: None,
        };
        Credentials::new("a", Some("A_KEY"), places)
    };
    let check = |variable, source, key: &str| {
        let header = credentials(variable).header(HeaderStyle::XApiKey).unwrap().unwrap();
        assert_eq!((credentials(variable).source(), header.expose_value()), (Ok(Some(source)), key));
    };
    check(None, KeySource::File, "ring-key-12");
    put(&world, "a", "ring-key-13");
    check(None, KeySource::Keyring, "ring-key-13");
    let asked = world.asked.load(SeqCst);
    check(Some("ring-key-14"), KeySource::Environment, "ring-key-14");
    assert_eq!(world.asked.load(SeqCst), asked, "who has a key need not ask");
    world.keys.lock().unwrap().insert("a".to_owned(), "ring key".to_owned());
    let error = credentials(None).key().unwrap_err().to_string();
    assert!(error.contains("keyring of the system") && !error.contains("ring key"), "{error}");
    world.keys.lock().unwrap().clear();
    file.remove("a").unwrap();
    *world.fault.lock().unwrap() = Some(Fault::new(FaultKind::Refused, "locked"));
    // The last that was read, although it could not be sent, is not another one.
    let error = credentials(None).key().unwrap_err().to_string();
    assert!(!error.contains("ring key"), "{error}");
}

#[test]
fn it_is_asked_only_where_something_leads_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = folder.path().display().to_string();
    let check = |set: &[(&'static str, &str)], leads: bool| {
        let set: Vec<(&'static str, String)> =
            set.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let lookup: EnvLookup = Arc::new(move |name: &str| {
            set.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
        });
        assert_eq!(leads_somewhere(&lookup), leads);
    };
    if cfg!(target_os = "linux") {
        check(&[], false);
        check(&[("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")], true);
        check(&[("XDG_RUNTIME_DIR", &runtime)], false);
        std::fs::write(folder.path().join("bus"), "").unwrap();
        check(&[("XDG_RUNTIME_DIR", &runtime)], true);
        check(&[("XDG_RUNTIME_DIR", &runtime), ("DBUS_SESSION_BUS_ADDRESS", "")], false);
        check(&[("XDG_RUNTIME_DIR", "")], false);
    }
    let nowhere = Keyring { desk: None, is_hurried: false };
    assert!(nowhere.key("a").unwrap_err().is_absence() && nowhere.answers().is_err());
    nowhere.remember(&["a"]);
}
