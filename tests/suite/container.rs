//! What containers and remote hosts do to us: no home, no passwd entry, folders that are somebody else's, read-only or missing,
//! file systems without locks or links, clocks that jump. Each goes on, or says what to do, and loses nothing. Tests that need
//! another user or namespaces say so where they cannot be had.

use crate::harness::{Peer, Ran, Reply, World, kinds, patch, run, script, script_and};
use serde_json::Value;
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

/// A user that has no entry in passwd.
const NOBODY: u32 = 54_321;

/// The program as `run` starts it, behind `wrapper`, without the variables `unset`.
fn wrapped(world: &World, wrapper: &[&str], (arguments, unset): (&[&str], &[&str])) -> Command {
    let plain = world.program(arguments);
    let plain = plain.as_std();
    let mut words: Vec<OsString> = wrapper.iter().map(OsString::from).collect();
    words.push(plain.get_program().to_owned());
    words.extend(plain.get_args().map(ToOwned::to_owned));
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).env_clear().current_dir(world.workspace()).kill_on_drop(true);
    for (name, value) in plain.get_envs().filter_map(|(name, value)| Some((name, value?))) {
        if !unset.iter().any(|one| name == *one) {
            command.env(name, value);
        }
    }
    command
}

async fn ran(mut command: Command) -> Ran {
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

const AS_NOBODY: [&str; 6] =
    ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", "--inh-caps=-all", "--"];
/// Where our own folders are named.
const NAMED: [&str; 5] =
    ["HOME", "GLOSSATOR_CONFIG_DIR", "GLOSSATOR_STATE_DIR", "GLOSSATOR_CACHE_DIR", "GLOSSATOR_RUNTIME_DIR"];

/// Opens `world` to a user without a passwd entry, whose workspace it is; `false`, and says so, where we cannot be that user.
#[allow(clippy::print_stderr)]
async fn for_nobody(world: &World) -> bool {
    fs::set_permissions(world.root(), Permissions::from_mode(0o755)).unwrap();
    let tmp = world.root().join("tmp");
    fs::create_dir(&tmp).unwrap();
    fs::set_permissions(&tmp, Permissions::from_mode(0o1777)).unwrap();
    world.set_variable("TMPDIR", &tmp.display().to_string());
    world.set_variable("XDG_RUNTIME_DIR", "");
    if chown(world.workspace(), Some(NOBODY), Some(NOBODY)).is_ok() {
        let mut tried = wrapped(world, &AS_NOBODY, (&["--version"], &NAMED));
        if tried.output().await.is_ok_and(|output| output.status.success()) {
            return true;
        }
    }
    eprintln!("SKIPPED: we cannot be another user here");
    false
}

/// Gives `path` and all below it to that user.
fn give(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        give(&entry.path());
    }
}

fn text(answer: &str) -> Reply {
    Reply::Text(answer.to_owned())
}

#[tokio::test]
async fn without_home_and_passwd_entry() {
    let world = World::new(vec![text("One."), text("Two.")]).await;
    if !for_nobody(&world).await {
        return;
    }
    let home = world.root().join("tmp").join(format!("glossator-home-{NOBODY}"));
    let shown = ran(wrapped(&world, &AS_NOBODY, (&["doctor"], &NAMED))).await;
    assert!(shown.out.contains(&home.join("state").display().to_string()), "{shown:#?}");
    let about = fs::metadata(&home).unwrap();
    assert_eq!((about.uid(), about.mode() & 0o777), (NOBODY, 0o700));
    fs::create_dir(home.join("config")).unwrap();
    fs::copy(world.settings_file(), home.join("config/settings.toml")).unwrap();
    give(&home);
    ran(wrapped(&world, &AS_NOBODY, (&["exec", "Hello"], &NAMED))).await.assert(0);
    let listed = ran(wrapped(&world, &AS_NOBODY, (&["sessions", "list", "--json"], &NAMED))).await;
    assert_eq!(ids(&listed).len(), 1, "{listed:#?}");
    // Settings say where keys are sent: those of a folder that somebody else may write in are not read.
    fs::set_permissions(&home, Permissions::from_mode(0o777)).unwrap();
    let refused = ran(wrapped(&world, &AS_NOBODY, (&["exec", "Hello"], &NAMED))).await;
    assert!(refused.assert(1).err.contains("No model is chosen"), "{refused:#?}");
    let shown = ran(wrapped(&world, &AS_NOBODY, (&["doctor"], &NAMED))).await;
    assert!(shown.assert(1).out.contains("GLOSSATOR_STATE_DIR"), "{shown:#?}");
    let refused = ran(wrapped(&world, &AS_NOBODY, (&["login", "anthropic"], &NAMED))).await;
    refused.assert(1);
}

#[tokio::test]
async fn a_home_that_cannot_be_written() {
    let world = World::new(script_and(&patch("a.txt", &["one"], &["two"]))).await;
    world.write("a.txt", "one\n");
    give(&world.workspace());
    if !for_nobody(&world).await {
        return;
    }
    world.set_variable("HOME", "/");
    fs::set_permissions(world.root().join("config"), Permissions::from_mode(0o755)).unwrap();
    let unset = ["GLOSSATOR_STATE_DIR", "GLOSSATOR_RUNTIME_DIR"];
    let turn =
        ran(wrapped(&world, &AS_NOBODY, (&["exec", "--policy", "auto-edit", "Make it"], &unset))).await;
    assert!(turn.assert(0).err.contains("GLOSSATOR_STATE_DIR"), "{turn:#?}");
    assert_eq!(world.read("a.txt"), "one\n", "what could not be undone is not done");
    let shown = ran(wrapped(&world, &AS_NOBODY, (&["doctor"], &unset))).await;
    assert!(shown.assert(1).out.contains("PROBLEM state"), "{shown:#?}");
    let login =
        AS_NOBODY.iter().chain(&["sh", "-c", "echo key-1 | \"$0\" \"$@\""]).copied().collect::<Vec<_>>();
    let mut command = wrapped(&world, &login, (&["login", "anthropic", "--stdin"], &NAMED[1..]));
    let output = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("GLOSSATOR_CONFIG_DIR"), "{said}");
}

/// The sessions of this workspace.
async fn sessions(world: &World) -> Vec<String> {
    ids(&run(world, &["sessions", "list", "--json"], "").await)
}

fn ids(listed: &Ran) -> Vec<String> {
    let lines = listed.assert(0).out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter_map(|line| line["id"].as_str().map(str::to_owned)).collect()
}

/// The cores whose sockets lie in `folder`, ended when the test is.
struct Cores(PathBuf);

impl Cores {
    fn pids(&self) -> Vec<String> {
        let all = fs::read_dir(&self.0).into_iter().flatten().flatten().map(|entry| entry.path());
        let locks = all.filter(|path| path.extension().is_some_and(|ending| ending == "lock"));
        locks.filter_map(|lock| fs::read_to_string(lock).ok()).map(|pid| pid.trim().to_owned()).collect()
    }
}

impl Drop for Cores {
    fn drop(&mut self) {
        for pid in self.pids() {
            let _ = std::process::Command::new("kill").args(["-KILL", &pid]).status();
        }
    }
}

#[tokio::test]
async fn sockets_go_where_they_can() {
    let world = World::answering(|_| text("Done.")).await.with_core();
    let tmp = world.root().join("t");
    fs::create_dir(&tmp).unwrap();
    world.set_variable("TMPDIR", &tmp.display().to_string());
    world.set_variable("GLOSSATOR_RUNTIME_DIR", "");
    let me = fs::metadata(&tmp).unwrap().uid();
    let cores = Cores(tmp.join(format!("glossator-{me}")));
    let long = world.root().join("x".repeat(100));
    let anothers = world.root().join("anothers");
    for folder in [&long, &anothers] {
        fs::create_dir(folder).unwrap();
        fs::set_permissions(folder, Permissions::from_mode(0o700)).unwrap();
    }
    let mut runtimes = vec![PathBuf::from("/run/user/4294967294"), long];
    if chown(&anothers, Some(NOBODY), None).is_ok() {
        runtimes.push(anothers);
    }
    for runtime in runtimes {
        world.set_variable("XDG_RUNTIME_DIR", &runtime.display().to_string());
        let peer = Peer::start(&world).await;
        peer.first_turn("Hello").await.assert("done");
        let told =
            peer.messages().into_iter().find(|message| message.params.to_string().contains("without a core"));
        assert!(told.is_none(), "{runtime:?}: {told:?}");
        assert_eq!(cores.pids().len(), 1, "{runtime:?}");
    }
    // One that is ours is used.
    let own = world.root().join("own");
    fs::create_dir(&own).unwrap();
    fs::set_permissions(&own, Permissions::from_mode(0o700)).unwrap();
    let there = Cores(own.join("glossator"));
    world.set_variable("XDG_RUNTIME_DIR", &own.display().to_string());
    Peer::start(&world).await.first_turn("Hello").await.assert("done");
    assert_eq!(there.pids().len(), 1);
}

#[tokio::test]
async fn without_a_temporary_folder() {
    let source = "return (await tools.exec({ script: 'echo there' })).stdout;";
    let world = World::new(script_and(source)).await.with_core();
    world.set_variable("TMPDIR", "/proc/none");
    world.set_variable("GLOSSATOR_RUNTIME_DIR", "");
    world.set_variable("XDG_RUNTIME_DIR", "");
    let peer = Peer::allowing(&world).await;
    peer.shown(&["without a core", "/proc/none", "GLOSSATOR_RUNTIME_DIR"]).await;
    let ended = peer.first_turn("Run it").await;
    assert!(ended.assert("done").result().contains("there"), "{ended:#?}");
}

#[tokio::test]
async fn a_workspace_of_another_user() {
    let world = World::new(script_and(&patch("a.txt", &["one"], &["two"]))).await;
    world.write("deep/er/a.txt", "one\n");
    if !for_nobody(&world).await {
        return;
    }
    world.write(".git/HEAD", "ref: refs/heads/main\n");
    chown(world.workspace(), Some(0), Some(0)).unwrap();
    fs::create_dir(world.state()).unwrap();
    give(&world.state());
    let unset = ["GLOSSATOR_RUNTIME_DIR"];
    let deep = world.path("deep/er").display().to_string();
    let arguments = ["exec", "--policy", "auto-edit", "--cwd", &deep, "Make it"];
    let turn = ran(wrapped(&world, &AS_NOBODY, (&arguments, &unset))).await;
    turn.assert(0);
    let results = world.requests()[1].body.to_string();
    assert!(results.contains("is not writable"), "{results}");
    // The top was found although git itself would not look at it: its sessions are those of the whole.
    let folders = fs::read_dir(world.state().join("workspaces")).unwrap().flatten();
    let names: Vec<String> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert!(names.len() == 1 && names[0].starts_with("workspace-"), "{names:?}");
}

#[tokio::test]
#[allow(clippy::print_stderr)]
async fn a_workspace_on_a_read_only_disk() {
    let edit = patch("a.txt", &["one"], &["two"]);
    let commands = "return (await tools.exec({ script: 'touch made; cat a.txt' })).stdout;";
    let world = World::new(vec![script(&edit), script(commands), text("Done.")]).await;
    world.write("a.txt", "one\n");
    let mount =
        "mount --bind \"$W\" \"$W\" && mount -o remount,bind,ro \"$W\" && cd \"$W\" && exec \"$0\" \"$@\"";
    world.set_variable("W", &world.workspace().display().to_string());
    let wrapper = ["unshare", "-m", "sh", "-c", mount];
    if !ran(wrapped(&world, &wrapper, (&["--version"], &[]))).await.out.contains("glossator") {
        eprintln!("SKIPPED: nothing can be mounted here");
        return;
    }
    let turn = ran(wrapped(&world, &wrapper, (&["exec", "--policy", "full", "Change it"], &[]))).await;
    turn.assert(0);
    let results = world.requests()[1].body.to_string();
    assert!(results.contains("is mounted read-only"), "{results}");
    assert_eq!((world.read("a.txt"), world.exists("made")), ("one\n".to_owned(), false));
    assert_eq!(sessions(&world).await.len(), 1);
}

/// What stands between the program and its system.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int flock(int fd, int how) {
    if (getenv("NO_LOCKS")) { errno = EOPNOTSUPP; return -1; }
    return syscall(SYS_flock, fd, how);
}
int linkat(int from, const char *old, int to, const char *new, int flags) {
    if (getenv("NO_LINKS")) { errno = EPERM; return -1; }
    return syscall(SYS_linkat, from, old, to, new, flags);
}
int link(const char *old, const char *new) { return linkat(-100, old, -100, new, 0); }
int clock_gettime(clockid_t clock, struct timespec *time) {
    long failed = syscall(SYS_clock_gettime, clock, time);
    const char *ahead = getenv("CLOCK_AHEAD");
    if (!failed && clock == CLOCK_REALTIME && ahead) time->tv_sec += atol(ahead);
    return failed;
}
"#;

/// From now on programs of `world` run over a system that lacks something.
fn shim(world: &World) {
    let (source, library) = (world.root().join("shim.c"), world.root().join("shim.so"));
    fs::write(&source, SHIM).unwrap();
    let built = std::process::Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(&source)
        .status();
    assert!(built.unwrap().success());
    world.set_variable("LD_PRELOAD", &library.display().to_string());
}

#[tokio::test]
async fn a_state_folder_without_locks() {
    let world = World::answering(|_| text("Done.")).await;
    shim(&world);
    world.set_variable("NO_LOCKS", "1");
    let turn = run(&world, &["exec", "Hello"], "").await;
    assert!(turn.assert(0).err.contains("no locks") && turn.err.contains("GLOSSATOR_STATE_DIR"), "{turn:#?}");
    let stored = run(&world, &["login", "anthropic", "--stdin"], "key-1").await;
    assert!(stored.assert(0).out.contains("is stored"), "{stored:#?}");
}

#[tokio::test]
async fn a_state_folder_without_hard_links() {
    let world = World::answering(|_| text("Done.")).await;
    shim(&world);
    world.set_variable("NO_LINKS", "1");
    world.write("a.txt", "one\n");
    run(&world, &["exec", "Hello"], "").await.assert(0);
    let id = sessions(&world).await.remove(0);
    run(&world, &["sessions", "fork", &id], "").await.assert(0);
    assert_eq!(sessions(&world).await.len(), 2);
}

#[tokio::test]
async fn a_clock_that_jumps_back() {
    let world = World::answering(|_| text("Done.")).await;
    shim(&world);
    world.set_variable("CLOCK_AHEAD", "40000000");
    run(&world, &["exec", "First"], "").await.assert(0);
    let id = sessions(&world).await.remove(0);
    world.set_variable("CLOCK_AHEAD", "-40000000");
    run(&world, &["exec", "--session", &id, "Second"], "").await.assert(0);
    let kinds = kinds(&world, &id);
    assert_eq!(kinds.iter().filter(|kind| *kind == "turnEnded").count(), 2, "{kinds:?}");
    let shown = run(&world, &["sessions", "show", &id], "").await;
    let (first, second) = (shown.assert(0).out.find("First").unwrap(), shown.out.find("Second").unwrap());
    assert!(first < second, "{shown:#?}");
}

#[tokio::test]
async fn keys_of_the_containers_environment() {
    let world = World::answering(|_| text("Done.")).await;
    let status = run(&world, &["auth", "status", "--json"], "").await;
    let scripted = status.out.lines().find(|line| line.contains("\"scripted\"")).unwrap();
    assert!(scripted.contains("\"source\":\"environment\""), "{status:#?}");
    status.assert(0);
}
