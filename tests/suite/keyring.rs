//! Keys in the keyring of the system: a real one (gnome-keyring on a bus of its own) where it is installed, and the ways in
//! which one can be missing, locked or silent. Tests that need what is not here say so.

use crate::auth::{assert_not_below, keyless, settings};
use crate::harness::{KEY, Peer, Ran, Reply, World, run, soon, until};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const RING: &str = "sk-ring-5b0d47a1ce90";
/// What a process waits for a silent keyring, and much more for a machine that has other work; a user is waited for twice as long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A session bus of its own, with a keyring or without one.
struct Bus {
    address: String,
    folder: PathBuf,
    children: Vec<Child>,
}

/// Whether `programs` are here; says so if not. `tests/run` looks the same way, and counts what is left out.
#[allow(clippy::print_stderr)]
fn are_here(programs: &[&str]) -> bool {
    let is_here = |program: &&&str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    };
    let missing: Vec<_> = programs.iter().filter(|one| !is_here(one)).collect();
    if !missing.is_empty() {
        eprintln!("SKIPPED: {missing:?} not installed (Debian: dbus-daemon, dbus-bin, gnome-keyring)");
    }
    missing.is_empty()
}

impl Bus {
    /// A bus that starts nothing by itself; programs of `world` use it.
    async fn start(world: &World) -> Bus {
        let folder = world.root().join("bus");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        let socket = folder.join("socket");
        let address = format!("unix:path={}", socket.display());
        let config = format!(
            "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN\" \
             \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n<busconfig><type>session</type>\
             <listen>{address}</listen><auth>EXTERNAL</auth><policy context=\"default\"><allow send_destination=\"*\"/>\
             <allow receive_sender=\"*\"/><allow own=\"*\"/></policy></busconfig>\n"
        );
        fs::write(folder.join("bus.conf"), config).unwrap();
        let mut command = Command::new("dbus-daemon");
        command.arg(format!("--config-file={}", folder.join("bus.conf").display())).arg("--nofork");
        let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        until("the bus listens", || UnixStream::connect(&socket).is_ok()).await;
        world.set_variable("DBUS_SESSION_BUS_ADDRESS", &address);
        Bus { address, folder, children: vec![child] }
    }

    /// The same with a keyring; one that is not unlocked cannot be, as nobody can be asked for the password.
    async fn with_keyring(world: &World, unlocked: bool) -> Bus {
        let mut bus = Bus::start(world).await;
        bus.keyring(unlocked).await;
        bus
    }

    async fn keyring(&mut self, unlocked: bool) {
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--components=secrets", "--foreground"]).args(unlocked.then_some("--unlock"));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", &self.folder).env("XDG_RUNTIME_DIR", &self.folder);
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"password").unwrap();
        self.children.push(child);
        until("the keyring is on the bus", || self.has_keyring()).await;
    }

    fn has_keyring(&self) -> bool {
        self.call("NameHasOwner").contains("boolean true")
    }

    fn call(&self, method: &str) -> String {
        let mut command = Command::new("dbus-send");
        command.args(["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"]);
        command.arg(format!("org.freedesktop.DBus.{method}")).arg("string:org.freedesktop.secrets");
        let output = command.env("DBUS_SESSION_BUS_ADDRESS", &self.address).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Ends the keyring, as a crash does; the bus knows of it.
    async fn end_keyring(&mut self) {
        let mut child = self.children.pop().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        until("the keyring is off the bus", || !self.has_keyring()).await;
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A bus that takes every connection and never says a word; counts them.
fn silent_bus(world: &World) -> Arc<AtomicUsize> {
    let path = world.root().join("silent");
    let listener = UnixListener::bind(&path).unwrap();
    let (count, held) = (Arc::new(AtomicUsize::new(0)), Mutex::new(Vec::new()));
    let counted = count.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            counted.fetch_add(1, SeqCst);
            held.lock().unwrap().push(stream);
        }
    });
    world.set_variable("DBUS_SESSION_BUS_ADDRESS", &format!("unix:path={}", path.display()));
    count
}

fn key_file(world: &World) -> PathBuf {
    world.settings_file().with_file_name("credentials.json")
}

async fn login(world: &World) -> Ran {
    let ran = run(world, &["login", "stored", "--stdin"], &format!("{RING}\n")).await;
    assert!(!format!("{}{}", ran.out, ran.err).contains(RING), "{ran:#?}");
    ran
}

async fn status(world: &World) -> Value {
    let ran = run(world, &["auth", "status", "--json"], "").await;
    let lines = ran.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.into_iter().find(|line| line["provider"] == "stored").unwrap_or_else(|| panic!("{ran:#?}"))
}

/// Whether a turn can begin.
async fn is_ready(peer: &Peer) -> bool {
    let status = peer.ok("glossator/auth/status", json!({})).await;
    status["providers"].as_array().unwrap().iter().any(|one| one["id"] == "stored" && one["ready"] == true)
}

const ALL: &[&str] = &["dbus-daemon", "dbus-send", "gnome-keyring-daemon"];

#[tokio::test]
async fn a_key_lies_in_the_keyring_and_nowhere_else() {
    if !are_here(ALL) {
        return;
    }
    let world = keyless().await;
    let _bus = Bus::with_keyring(&world, true).await;
    // One that was stored before lies in the file.
    world.settings_text(&format!("{}[auth]\nstore = \"file\"\n", settings(&world)));
    login(&world).await.assert(0);
    assert_eq!(status(&world).await["source"], "file");
    world.settings_text(&settings(&world));
    let ran = login(&world).await;
    assert!(ran.assert(0).out.contains("stored in the keyring") && ran.out.contains("older one"), "{ran:#?}");
    assert!(!key_file(&world).exists());
    assert_eq!(status(&world).await["source"], "keyring");
    run(&world, &["exec", "Hello"], "").await.assert(0);
    assert_eq!(world.requests()[0].header("x-api-key"), Some(RING));
    for command in [&["models"][..], &["auth", "status"], &["doctor"]] {
        let ran = run(&world, command, "").await;
        assert!(ran.out.contains("key in the keyring of the system") && !ran.out.contains(RING), "{ran:#?}");
    }
    // The environment comes first.
    world.set_variable("STORED_KEY", KEY);
    assert_eq!(status(&world).await["source"], "environment");
    world.set_variable("STORED_KEY", "");
    let ran = run(&world, &["logout", "stored"], "").await;
    assert!(ran.assert(0).out.contains("removed from the keyring"), "{ran:#?}");
    assert_eq!(status(&world).await["ready"], false);
    assert_not_below(world.root(), RING);
}

#[tokio::test]
async fn a_core_finds_what_another_process_did_to_the_keyring() {
    if !are_here(ALL) {
        return;
    }
    let world = keyless().await.with_core();
    let mut bus = Bus::with_keyring(&world, true).await;
    let peer = Peer::start(&world).await;
    assert!(!is_ready(&peer).await);
    let ran = login(&world).await;
    assert!(ran.assert(0).out.contains("stored in the keyring"), "{ran:#?}");
    // At once, but for a core that waited for this keyring in vain a moment ago: a busy machine has such.
    soon("the key is found", async || is_ready(&peer).await.then_some(())).await;
    peer.first_turn("Hello").await.assert("done");
    assert_eq!(world.requests()[0].header("x-api-key"), Some(RING));
    // A keyring that dies takes no key away that is in use; a new one is found.
    bus.end_keyring().await;
    peer.first_turn("Hello").await.assert("done");
    bus.keyring(true).await;
    let ran = run(&world, &["logout", "stored"], "").await;
    assert!(ran.assert(0).out.contains("removed from the keyring"), "{ran:#?}");
    soon("the key is gone", async || (!is_ready(&peer).await).then_some(())).await;
    for message in peer.messages() {
        assert!(!message.params.to_string().contains(RING), "{message:?}");
    }
    assert_not_below(world.root(), RING);
}

#[tokio::test]
async fn a_key_of_an_editor_in_the_keyring_is_redacted() {
    if !are_here(ALL) {
        return;
    }
    let world = World::obedient().await;
    world.settings_text(&settings(&world));
    let _bus = Bus::with_keyring(&world, true).await;
    let peer = Peer::allowing(&world).await;
    let done = peer.ok("glossator/auth/login", json!({ "provider": "stored", "key": RING })).await;
    assert_eq!((&done["ready"], &done["stored"]), (&json!(true), &json!("keyring")), "{done}");
    // Another process, which reads the key only because it is set up to.
    world.set_variable("STORED_KEY", KEY);
    let other = Peer::allowing(&world).await;
    world.write("leak.txt", format!("before {RING} after"));
    // A turn hardly waits for the keyring: what comes late is known to the next.
    other.first_turn("return 1;").await.assert("done");
    let ended = other.first_turn("return (await tools.readFile({ path: 'leak.txt' })).text;").await;
    assert!(ended.assert("done").result().contains("before [redacted] after"), "{ended:#?}");
    assert_not_below(&world.state(), RING);
    let removed = peer.command("glossator.logout", json!([])).await.unwrap();
    assert!(removed["message"].as_str().unwrap().contains("from the keyring"), "{removed}");
}

#[tokio::test]
async fn a_locked_keyring_is_told_and_the_file_is_used() {
    if !are_here(ALL) {
        return;
    }
    let world = keyless().await;
    let _bus = Bus::with_keyring(&world, false).await;
    let started = Instant::now();
    let ran = login(&world).await;
    assert!(ran.assert(0).out.contains("The keyring of the system was not used: it"), "{ran:#?}");
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    assert_eq!(status(&world).await["source"], "file");
}

#[tokio::test]
async fn a_bus_without_a_keyring() {
    if !are_here(&ALL[..2]) {
        return;
    }
    let world = keyless().await;
    let _bus = Bus::start(&world).await;
    let started = Instant::now();
    let ran = login(&world).await;
    assert!(
        ran.assert(0).out.contains("credentials.json") && ran.out.contains("no keyring answers"),
        "{ran:#?}"
    );
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    run(&world, &["exec", "Hello"], "").await.assert(0);
    assert_eq!(world.requests()[0].header("x-api-key"), Some(RING));
}

#[tokio::test]
async fn a_bus_that_never_answers_holds_nobody_up_twice() {
    let world = keyless().await;
    let connections = silent_bus(&world);
    let started = Instant::now();
    let ran = login(&world).await;
    assert!(
        ran.assert(0).out.contains("credentials.json") && ran.out.contains("does not answer"),
        "{ran:#?}"
    );
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    let before = connections.load(SeqCst);
    let peer = Peer::start(&world).await;
    let started = Instant::now();
    peer.first_turn("Hello").await.assert("done");
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    for _ in 0..3 {
        peer.first_turn("Hello").await.assert("done");
    }
    assert!(is_ready(&peer).await);
    assert!(connections.load(SeqCst) <= before + 1, "it is asked once: {connections:?}");
    assert_eq!(world.requests()[0].header("x-api-key"), Some(RING));
}

#[tokio::test]
async fn an_editor_starts_at_once_whatever_the_keyring_does() {
    let world = World::answering(|_| Reply::Text("Done.".to_owned())).await;
    let _connections = silent_bus(&world);
    // The key of the environment: nothing has to wait for the keyring.
    let started = Instant::now();
    let peer = Peer::start(&world).await;
    peer.first_turn("Hello").await.assert("done");
    let with_silence = started.elapsed();
    assert!(with_silence < PATIENCE, "{with_silence:?}");
    assert_eq!(world.requests()[0].header("x-api-key"), Some(KEY));
}

#[tokio::test]
async fn the_setting_says_where() {
    let world = keyless().await;
    let connections = silent_bus(&world);
    world.settings_text(&format!("{}[auth]\nstore = \"file\"\n", settings(&world)));
    let ran = login(&world).await;
    assert!(ran.assert(0).out.contains("credentials.json") && !ran.out.contains("keyring"), "{ran:#?}");
    run(&world, &["exec", "Hello"], "").await.assert(0);
    assert_eq!(connections.load(SeqCst), 0);
    run(&world, &["logout", "stored"], "").await.assert(0);
    world.settings_text(&format!("{}[auth]\nstore = \"keyring\"\n", settings(&world)));
    let ran = login(&world).await;
    assert!(ran.assert(1).err.contains("not stored") && ran.err.contains("auth.store"), "{ran:#?}");
    assert!(!key_file(&world).exists());
    assert_eq!(status(&world).await["ready"], false);
    world.settings_text(&format!("{}[auth]\nstore = \"elsewhere\"\n", settings(&world)));
    let ran = run(&world, &["auth", "status"], "").await;
    assert!(ran.err.contains("auth.store"), "{ran:#?}");
}
