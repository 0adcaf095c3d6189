//! Sessions and cores under attack: folders taken away while they are used, workspaces by many names, clients that stop in
//! mid-sentence, and environments that must not leak from one editor to another.

use crate::harness::{
    PATIENCE, Peer, Reply, Who, World, cores, items, kinds, log_file, run, script_and, signal, until,
};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, Command};

fn done() -> Reply {
    Reply::Text("Done.".to_owned())
}

/// The only core that is found in a world.
fn core(world: &World) -> u32 {
    let all = cores(world);
    assert_eq!(all.len(), 1, "{all:?}");
    all[0]
}

/// Whether a process runs. One that only waits to be reaped does not.
fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

/// Nothing was shown to the user: the editor is served by the core.
fn assert_by_the_core(peer: &Peer) {
    let shown: Vec<_> =
        peer.messages().into_iter().filter(|one| one.method == "window/showMessage").collect();
    assert!(shown.is_empty(), "{shown:?}");
}

fn frame(id: u32, method: &str, params: &Value) -> String {
    let body = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string();
    format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

/// A client that speaks only when it is told to, and reads only when somebody does it.
async fn raw(command: &mut Command, root: &Path) -> (Child, ChildStdin) {
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(frame(1, "initialize", &Who::extension().params(root)).as_bytes()).await.unwrap();
    (child, input)
}

/// Until it was answered something.
async fn answered(child: &mut Child) {
    let mut bytes = [0; 16];
    child.stdout.as_mut().unwrap().read_exact(&mut bytes).await.unwrap();
}

/// Temporary folders are tidied up while a core runs in one: the next editor has a core of its own, and the first core
/// takes nothing from that one when it leaves.
#[tokio::test]
async fn a_core_whose_socket_is_gone_leaves_its_successor_alone() {
    let world = World::new(vec![done(), done()]).await.with_core();
    world.settings("", "[core]\nlinger_s = 1\n");
    let one = Peer::start(&world).await;
    let first = core(&world);
    std::fs::remove_dir_all(world.runtime()).unwrap();
    let two = Peer::start(&world).await;
    let second = core(&world);
    assert_ne!(first, second);
    let session = one.new_session().await;
    one.turn(&session, "Go").await.assert("done");
    assert_eq!(one.leave().await, 0);
    until("the first core has left", || !runs(first)).await;
    let started = Instant::now();
    let three = Peer::start(&world).await;
    assert_by_the_core(&three);
    assert!(started.elapsed() < Duration::from_secs(5), "it waited for a socket that was taken away");
    assert_eq!(core(&world), second);
    three.turn(&session, "Go on").await.assert("done");
    assert_eq!((two.leave().await, three.leave().await), (0, 0));
    until("the second core has left", || !runs(second)).await;
}

/// One folder is one workspace, by whatever name an editor calls it.
#[tokio::test]
async fn one_workspace_by_many_names_has_one_core() {
    let world = World::new(vec![done()]).await.with_core();
    std::fs::create_dir_all(world.path(".git")).unwrap();
    std::fs::create_dir_all(world.path("deep/er")).unwrap();
    let link = world.root().join("link");
    std::os::unix::fs::symlink(world.workspace(), &link).unwrap();
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    peer.turn(&session, "Go").await.assert("done");
    let pid = core(&world);
    for root in [link.clone(), world.path("deep/er"), link.join("deep"), world.path("deep/..")] {
        let (mut child, mut input) = raw(&mut world.program(world.server()), &root).await;
        answered(&mut child).await;
        assert_eq!(core(&world), pid, "{}", root.display());
        input.write_all(frame(2, "glossator/session/list", &json!({})).as_bytes()).await.unwrap();
        let mut told = String::new();
        while !told.contains(&session) {
            let mut bytes = vec![0; 1 << 16];
            let read = child.stdout.as_mut().unwrap().read(&mut bytes);
            let count = tokio::time::timeout(PATIENCE, read).await;
            let count = count.unwrap_or_else(|_| panic!("{}: {told}", root.display())).unwrap();
            assert!(count > 0, "{}: {told}", root.display());
            told.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
        child.kill().await.unwrap();
    }
}

/// What an editor has in its environment is not there for the commands of another, though its core began as a copy of it.
#[tokio::test]
async fn the_environment_of_whoever_started_the_core_stays_with_it() {
    const SECRET: &str = "only-for-the-first-one";
    let world = World::obedient().await.with_core();
    for (buffers, road) in [("overlay", "an overlay"), ("disk", "the disk")] {
        world.settings(
            "policy = \"full\"",
            &format!("[exec]\nbuffers = \"{buffers}\"\n[core]\nlinger_s = 1\n"),
        );
        let mut first = world.program(world.server());
        let (mut first, _input) = raw(first.env("MINE", SECRET), &world.workspace()).await;
        answered(&mut first).await;
        let pid = core(&world);
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap();
        assert!(String::from_utf8_lossy(&environment).contains(SECRET), "the first one started the core");
        let peer = Peer::start(&world).await;
        assert_eq!(core(&world), pid);
        peer.ok("glossator/trust/set", json!({ "trusted": true })).await;
        let script = "return (await tools.exec({ script: 'env; tr \"\\\\0\" \"\\\\n\" < /proc/self/environ' })).stdout \
                      + JSON.stringify(context);";
        let told = peer.first_turn(script).await.assert("done").result();
        assert!(
            told.contains("PATH=") && !told.contains(SECRET) && !told.contains("MINE="),
            "{road}: {told}"
        );
        let ran = run(&world, &["exec", "--policy", "full", script], "").await;
        assert!(ran.code == 0 && !ran.out.contains(SECRET), "{road}: {ran:#?}");
        assert_eq!(core(&world), pid);
        first.kill().await.unwrap();
        assert_eq!(peer.leave().await, 0);
        until("the core has left", || !runs(pid)).await;
    }
    for log in std::fs::read_dir(world.state().join("workspaces")).unwrap() {
        let found =
            Command::new("grep").args(["-rl", SECRET]).arg(log.unwrap().path()).output().await.unwrap();
        assert!(found.stdout.is_empty(), "{}", String::from_utf8_lossy(&found.stdout));
    }
}

/// The user says it, edits wait until it can be saved, and everything else goes on.
#[tokio::test]
async fn a_session_whose_folder_is_deleted_while_it_is_open() {
    const EDIT: &str =
        "await tools.applyPatch({ patch: '*** Begin Patch\\n*** Add File: b.txt\\n+made\\n*** End Patch' });";
    let world = World::obedient().await;
    world.settings("policy = \"full\"", "");
    let peer = Peer::allowing(&world).await;
    let session = peer.new_session().await;
    peer.turn(&session, "return 1;").await.assert("done");
    std::fs::remove_dir_all(log_file(&world, &session).parent().unwrap()).unwrap();
    let ended = peer.turn(&session, EDIT).await;
    let notices = ended.assert("done").updates("notice");
    assert!(
        notices.iter().any(|one| one["text"].as_str().unwrap().contains("not being saved")),
        "{notices:?}"
    );
    assert!(!world.exists("b.txt"), "what cannot be undone was done");
    let read = peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
    let prompts = read["items"].as_array().unwrap().iter().filter(|item| item["kind"] == "userMessage");
    assert_eq!(prompts.count(), 2, "what was said is shown");
    let other = peer.new_session().await;
    peer.turn(&other, EDIT).await.assert("done");
    assert_eq!(world.read("b.txt"), "made\n");
    assert!(kinds(&world, &other).iter().any(|kind| kind == "turnEnded"));
    assert_eq!(peer.leave().await, 0);
}

/// Half a message and silence, or the end in the middle of one, disturb nobody and keep no core.
#[tokio::test]
async fn a_client_that_stops_in_mid_sentence() {
    let world = World::new(script_and("return 1;")).await.with_core();
    world.settings("", "[core]\nlinger_s = 1\n");
    let peer = Peer::start(&world).await;
    let pid = core(&world);
    let whole = frame(2, "glossator/session/new", &json!({}));
    let mut silent = Vec::new();
    for cut in [5, 18, whole.len() - 3] {
        let (mut child, mut input) = raw(&mut world.program(world.server()), &world.workspace()).await;
        answered(&mut child).await;
        input.write_all(&whole.as_bytes()[..cut]).await.unwrap();
        silent.push((child, input));
    }
    let session = peer.new_session().await;
    peer.turn(&session, "Go").await.assert("done");
    assert_eq!(peer.leave().await, 0);
    for (child, _) in &mut silent {
        child.kill().await.unwrap();
    }
    until("the core has left", || !runs(pid)).await;
}

/// Answers that nobody takes do not keep the core from ending when it is asked to.
#[tokio::test]
async fn a_core_ends_though_a_client_does_not_read() {
    let many = "for (let i = 0; i < 100; i++) console.log('x'.repeat(200)); return 'y'.repeat(10000);";
    let world = World::new(script_and(many)).await.with_core();
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    peer.turn(&session, "Go").await.assert("done");
    let pid = core(&world);
    let (_child, mut input) = raw(&mut world.program(world.server()), &world.workspace()).await;
    for id in 2..80 {
        let read = frame(id, "glossator/session/read", &json!({ "sessionId": session }));
        input.write_all(read.as_bytes()).await.unwrap();
    }
    peer.alive().await;
    let asked = Instant::now();
    signal(pid, "TERM");
    until("the core has ended", || !runs(pid)).await;
    assert!(asked.elapsed() < Duration::from_secs(8), "it took {:?}", asked.elapsed());
    assert_eq!(items(&world, &session).last().unwrap()["kind"], "turnEnded");
}
