//! The core: one process per workspace behind `glossator lsp`. Started once whatever happens, shared by editors and runs
//! without one, outlives them as settings say, and dies without loss.

use crate::harness::{
    Answer, Asked, Ended, PATIENCE, Peer, Reply, Who, World, cores, items, kinds, patch, run, script,
    script_and, signal, until,
};
use glossator_models::scripted::sse;
use serde_json::{Value, json};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{sleep, timeout};

/// How the model's answer is held up: an editor can be closed meanwhile.
const PAUSE: Duration = Duration::from_secs(3);

/// A script that asks the user, and what it does.
const TOUCH: &str = "return await tools.exec({ command: ['touch', 'ran'] });";

async fn world(steps: Vec<Reply>) -> World {
    World::new(steps).await.with_core()
}

fn done() -> Reply {
    Reply::Text("Done.".to_owned())
}

/// An answer with one script, whose second half comes late.
fn slow_script(source: &str) -> Reply {
    let text = format!("I will do it.\n\n<tool-calls>\n{source}\n</tool-calls>\n");
    let bytes = sse("m", &[json!({ "type": "text", "text": text })], "end_turn", 1);
    let half = String::from_utf8_lossy(&bytes).find("text_delta").unwrap() + 200;
    let (first, second) = bytes.split_at(half.min(bytes.len() - 1));
    Reply::Raw { chunks: vec![(Duration::ZERO, first.to_vec()), (PAUSE, second.to_vec())] }
}

/// The only core of a world.
fn core(world: &World) -> u32 {
    let all = cores(world);
    assert_eq!(all.len(), 1, "{all:?}");
    all[0]
}

/// The folder is trusted from now on, so that the policy holds.
async fn trust(peer: &Peer) {
    peer.ok("glossator/trust/set", json!({ "trusted": true })).await;
}

async fn until_no_core(world: &World) {
    until("no core runs", || cores(world).is_empty()).await;
}

fn socket(world: &World) -> PathBuf {
    let mut all = std::fs::read_dir(world.runtime()).unwrap().map(|entry| entry.unwrap().path());
    all.find(|path| path.extension().is_some_and(|ending| ending == "sock")).expect("there is a socket")
}

fn end_of(world: &World, session: &str) -> Option<Value> {
    items(world, session).into_iter().rev().find(|item| item["kind"] == "turnEnded")
}

/// Takes part in a session that another connection began.
async fn join(peer: &Peer, session: &str) -> Value {
    peer.ok("glossator/session/read", json!({ "sessionId": session })).await
}

/// The end of a turn that runs in a session which `peer` joins.
async fn end_elsewhere(peer: &Peer, session: &str, turn: &str) -> Ended {
    join(peer, session).await;
    peer.end(session, turn).await
}

#[tokio::test]
async fn editors_share_one_core_and_its_sessions() {
    let world = world(vec![script("return 1;"), done(), done()]).await;
    let (one, two) = (Peer::start(&world).await, Peer::start(&world).await);
    let pid = core(&world);
    assert!(one.child.id() != Some(pid) && two.child.id() != Some(pid));
    let session = one.new_session().await;
    one.turn(&session, "First").await.assert("done");
    let read = join(&two, &session).await;
    assert!(read["items"].as_array().unwrap().iter().any(|item| item["kind"] == "userMessage"), "{read}");
    let turn = one.start_turn(&session, "Second").await;
    // Both are told, each with all of it.
    one.end(&session, &turn).await.assert("done");
    two.end(&session, &turn).await.assert("done");
    assert_eq!(two.leave().await, 0);
    one.alive().await;
    assert_eq!(core(&world), pid);
    assert_eq!(one.leave().await, 0);
}

#[tokio::test]
async fn exit_codes_are_those_of_the_protocol() {
    let world = world(Vec::new()).await;
    assert_eq!(Peer::start(&world).await.leave().await, 0);
    let mut peer = Peer::start(&world).await;
    peer.client.notify("exit", Value::Null);
    assert_eq!(peer.exit_code().await, 1);
    let mut peer = Peer::start(&world).await;
    peer.hang_up();
    assert_eq!(peer.exit_code().await, 1);
    core(&world);
}

#[tokio::test]
async fn twenty_at_once_start_one_core() {
    let world = world(Vec::new()).await;
    let peers = futures_of(&world, 20).await;
    core(&world);
    let mut pids = Vec::new();
    for peer in &peers {
        peer.alive().await;
        pids.extend(peer.child.id());
    }
    assert_eq!(pids.len(), 20);
    let told = |peer: &Peer| peer.messages().iter().any(|one| one.method == "window/showMessage");
    assert!(!peers.iter().any(told), "one of them is served without the core");
}

/// Editors that are started at the same moment.
async fn futures_of(world: &World, count: usize) -> Vec<Peer> {
    let mut peers: Vec<Peer> = (0..count).map(|_| Peer::spawn(world, Box::new(|_: &Asked| None))).collect();
    let params = Who::extension().params(&world.workspace());
    let asked: Vec<_> =
        peers.iter().map(|peer| peer.client.send_request("initialize", params.clone()).1).collect();
    for (peer, answer) in peers.iter_mut().zip(asked) {
        peer.server = timeout(PATIENCE, answer).await.unwrap().unwrap().unwrap();
        peer.client.notify("initialized", json!({}));
    }
    peers
}

#[tokio::test]
async fn a_core_that_is_killed_takes_its_editors_along_and_loses_nothing() {
    let world = world(vec![script("return 42;"), Reply::Hang, done()]).await;
    let (mut one, mut two) = (Peer::start(&world).await, Peer::start(&world).await);
    let session = one.new_session().await;
    let turn = one.start_turn(&session, "Begin").await;
    one.item(&session, &turn, "scriptOutput").await;
    until("the model is asked again", || world.model.requests().len() == 2).await;
    let pid = core(&world);
    signal(pid, "KILL");
    assert_eq!((one.exit_code().await, two.exit_code().await), (1, 1));
    // Its socket is still there, and nobody listens.
    assert!(socket(&world).exists());
    let peer = Peer::start(&world).await;
    assert_ne!(core(&world), pid);
    let read = join(&peer, &session).await;
    assert_eq!(read["running"], Value::Null);
    assert_eq!(end_of(&world, &session).unwrap()["status"], "interrupted");
    peer.turn(&session, "Go on").await.assert("done");
}

#[tokio::test]
async fn a_stale_socket_of_nobody_is_replaced() {
    let world = world(Vec::new()).await;
    Peer::start(&world).await.leave().await;
    signal(core(&world), "KILL");
    until_no_core(&world).await;
    let at = socket(&world);
    std::fs::remove_file(&at).unwrap();
    drop(UnixListener::bind(&at).unwrap());
    let peer = Peer::start(&world).await;
    core(&world);
    peer.alive().await;
    drop(peer);
    // Not even a socket.
    signal(core(&world), "KILL");
    until_no_core(&world).await;
    std::fs::remove_file(&at).unwrap();
    std::fs::write(&at, "junk").unwrap();
    Peer::start(&world).await.alive().await;
    core(&world);
}

/// The editor is served all the same, and told why there is no core.
async fn check_without_core(world: &World, words: &[&str]) {
    let peer = Peer::start(world).await;
    peer.shown(words).await;
    assert!(cores(world).is_empty());
    let session = peer.new_session().await;
    peer.turn(&session, "Go").await.assert("done");
    assert_eq!(peer.leave().await, 0);
}

#[tokio::test]
async fn a_folder_of_sockets_that_others_can_reach_is_not_used() {
    let world = world((0..4).map(|_| done()).collect()).await;
    let at = world.runtime();
    let mode = |mode: u32| std::fs::set_permissions(&at, std::fs::Permissions::from_mode(mode)).unwrap();
    std::fs::create_dir(&at).unwrap();
    mode(0o755);
    check_without_core(&world, &["without a core", "open to other users", "GLOSSATOR_RUNTIME_DIR"]).await;
    std::fs::remove_dir(&at).unwrap();
    std::fs::create_dir(world.root().join("elsewhere")).unwrap();
    symlink(world.root().join("elsewhere"), &at).unwrap();
    check_without_core(&world, &["is a link"]).await;
    std::fs::remove_file(&at).unwrap();
    std::fs::write(&at, "").unwrap();
    check_without_core(&world, &["no folder"]).await;
    std::fs::remove_file(&at).unwrap();
    std::fs::create_dir(&at).unwrap();
    mode(0o700);
    if std::os::unix::fs::chown(&at, Some(12_345), None).is_ok() {
        check_without_core(&world, &["another user"]).await;
    }
}

#[tokio::test]
async fn a_path_that_is_too_long_for_a_socket() {
    let world = world(vec![done()]).await;
    world.set_variable("GLOSSATOR_RUNTIME_DIR", &world.root().join("r".repeat(100)).display().to_string());
    check_without_core(&world, &["without a core", "sock"]).await;
}

#[tokio::test]
async fn a_core_of_another_build_serves_until_it_is_idle() {
    let world = world(vec![done()]).await;
    world.set_variable("GLOSSATOR_TEST_BUILD", "old");
    let old = Peer::start(&world).await;
    let pid = core(&world);
    world.set_variable("GLOSSATOR_TEST_BUILD", "new");
    let new = Peer::start(&world).await;
    assert_eq!(core(&world), pid);
    let session = new.new_session().await;
    new.turn(&session, "Go").await.assert("done");
    new.leave().await;
    old.alive().await;
    old.leave().await;
    // At once, and not after a minute.
    let since = Instant::now();
    until_no_core(&world).await;
    assert!(since.elapsed() < Duration::from_secs(45));
    let peer = Peer::start(&world).await;
    assert_ne!(core(&world), pid);
    join(&peer, &session).await;
}

#[tokio::test]
async fn somebody_who_says_no_hello_is_refused_and_disturbs_nobody() {
    let world = world(Vec::new()).await;
    let peer = Peer::start(&world).await;
    let at = socket(&world);
    let long = format!("{}\n", "x".repeat(9 << 20));
    let hellos =
        ["", "\n", "{}\n", "Content-Length: 2\r\n\r\n{}", "{\"hello\":99}\n", "{\"hello\":1}\n", &long];
    for hello in hellos {
        let (reading, mut writing) = UnixStream::connect(&at).await.unwrap().into_split();
        // What is refused half-way is not read to its end.
        let _ = writing.write_all(hello.as_bytes()).await;
        let _ = writing.shutdown().await;
        let mut answer = String::new();
        let read = timeout(PATIENCE, BufReader::new(reading).read_line(&mut answer)).await.unwrap();
        if read.is_ok() {
            let answer: Value = serde_json::from_str(&answer).unwrap();
            assert!(answer["refused"].as_str().is_some_and(|why| !why.is_empty()), "{answer}");
        }
        peer.alive().await;
    }
    // One that connects and says nothing holds nobody up.
    let _silent = UnixStream::connect(&at).await.unwrap();
    Peer::start(&world).await.alive().await;
    core(&world);
}

#[tokio::test]
async fn a_core_that_does_not_understand_the_hello() {
    let world = world(vec![done()]).await;
    // Its place, with somebody else in it.
    Peer::start(&world).await.leave().await;
    signal(core(&world), "KILL");
    until_no_core(&world).await;
    let at = socket(&world);
    std::fs::remove_file(&at).unwrap();
    let listener = UnixListener::bind(&at).unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = json!({ "core": 7, "version": "9.0.0", "build": "x", "pid": 1, "refused": "it speaks version 7" });
            let _ = stream.write_all(format!("{answer}\n").as_bytes()).await;
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest).await;
        }
    });
    check_without_core(&world, &["does not serve it", "it speaks version 7"]).await;
}

/// A world in which an answer that edits and runs a command comes late, under this `on_disconnect`.
async fn leaving(on_disconnect: &str) -> World {
    let source = format!(
        "await tools.exec({{ command: ['touch', 'ran'] }});\n{}\nreturn 'all of it';",
        patch("a.txt", &["old"], &["new"])
    );
    let world = world(vec![slow_script(&source), done(), done()]).await;
    world.settings(
        "policy = \"full\"",
        &format!("[core]\non_disconnect = \"{on_disconnect}\"\nlinger_s = 3\n"),
    );
    world.write("a.txt", "old\n");
    world
}

/// Starts a turn and closes the editor while the model answers; gives session and turn.
async fn leave_in_mid_turn(world: &World) -> (String, String) {
    let mut peer = Peer::start(world).await;
    trust(&peer).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Do it").await;
    peer.update(&session, &turn, "the answer", |update| (update["kind"] == "itemDelta").then_some(())).await;
    peer.close().await;
    (session, turn)
}

#[tokio::test]
async fn paused_without_an_editor_and_gone_on_with_by_the_next() {
    let world = leaving("pause").await;
    let (session, turn) = leave_in_mid_turn(&world).await;
    until("the answer is stored", || kinds(&world, &session).contains(&"script".to_owned())).await;
    sleep(Duration::from_millis(700)).await;
    assert!(!world.exists("ran"), "a command ran while nobody was there");
    assert_eq!((world.read("a.txt"), world.requests().len()), ("old\n".to_owned(), 1));
    assert!(end_of(&world, &session).is_none());
    let peer = Peer::start(&world).await;
    let ended = end_elsewhere(&peer, &session, &turn).await;
    ended.assert("done");
    assert_eq!(world.read("a.txt"), "new\n");
    assert!(world.exists("ran"));
    let told =
        |item: &Value| item["kind"] == "notice" && item["text"].as_str().unwrap().contains("goes on now");
    assert_eq!(items(&world, &session).iter().filter(|item| told(item)).count(), 1);
}

#[tokio::test]
async fn a_paused_turn_ends_with_its_core_and_says_why() {
    let world = leaving("pause").await;
    let (session, _) = leave_in_mid_turn(&world).await;
    until_no_core(&world).await;
    let end = end_of(&world, &session).unwrap();
    assert_eq!(end["status"], "interrupted");
    assert!(end["message"].as_str().unwrap().contains("editor was closed"), "{end}");
    assert_eq!(world.read("a.txt"), "old\n");
    let peer = Peer::start(&world).await;
    join(&peer, &session).await;
    peer.turn(&session, "Go on").await.assert("done");
}

#[tokio::test]
async fn finished_without_an_editor_but_for_the_edit() {
    let world = leaving("finish").await;
    let (session, turn) = leave_in_mid_turn(&world).await;
    until("the command ran", || world.exists("ran")).await;
    // Longer than the core would stay for nothing.
    sleep(Duration::from_secs(4)).await;
    assert_eq!(world.read("a.txt"), "old\n");
    core(&world);
    let peer = Peer::start(&world).await;
    end_elsewhere(&peer, &session, &turn).await.assert("done");
    assert_eq!(world.read("a.txt"), "new\n");
}

#[tokio::test]
async fn stopped_with_its_editor() {
    let world = leaving("stop").await;
    let (session, _) = leave_in_mid_turn(&world).await;
    until("the turn has ended", || end_of(&world, &session).is_some()).await;
    let end = end_of(&world, &session).unwrap();
    assert_eq!(end["status"], "interrupted");
    assert!(end["message"].as_str().unwrap().contains("on_disconnect"), "{end}");
    assert!(!world.exists("ran"));
    assert_eq!(world.read("a.txt"), "old\n");
}

#[tokio::test]
async fn what_the_closed_editor_held_unsaved_stands_in_nobodys_way() {
    let world = leaving("pause").await;
    let (session, turn) = {
        let mut peer = Peer::start(&world).await;
        trust(&peer).await;
        peer.open(&world.uri("a.txt"), "old\n");
        peer.type_over(&world.uri("a.txt"), "typed\nold\n");
        let session = peer.new_session().await;
        let turn = peer.start_turn(&session, "Do it").await;
        peer.update(&session, &turn, "the answer", |update| (update["kind"] == "itemDelta").then_some(()))
            .await;
        peer.close().await;
        (session, turn)
    };
    let peer = Peer::start(&world).await;
    peer.open(&world.uri("a.txt"), "old\n");
    end_elsewhere(&peer, &session, &turn).await.assert("done");
    // Through the editor that is there now.
    assert_eq!(peer.text(&world.uri("a.txt")), "new\n");
    assert_eq!(world.read("a.txt"), "old\n");
}

#[tokio::test]
async fn the_editor_that_is_left_takes_the_turn_of_the_other_over() {
    let world = leaving("pause").await;
    let (mut one, two) = (Peer::start(&world).await, Peer::start(&world).await);
    trust(&one).await;
    two.open(&world.uri("a.txt"), "old\n");
    let session = one.new_session().await;
    let turn = one.start_turn(&session, "Do it").await;
    one.update(&session, &turn, "the answer", |update| (update["kind"] == "itemDelta").then_some(())).await;
    one.close().await;
    end_elsewhere(&two, &session, &turn).await.assert("done");
    assert_eq!(two.text(&world.uri("a.txt")), "new\n");
    let waited =
        |item: &Value| item["kind"] == "notice" && item["text"].as_str().unwrap().contains("goes on now");
    assert!(!items(&world, &session).iter().any(waited), "it did not have to wait");
}

#[tokio::test]
async fn a_window_that_shows_the_file_as_it_was_takes_no_hunk_from_another() {
    let world = world(vec![script(&patch("a.txt", &["old"], &["new"])), done()]).await;
    world.write("a.txt", "old\n");
    let (one, two) = (Peer::start(&world).await, Peer::start(&world).await);
    one.open(&world.uri("a.txt"), "old\n");
    two.open(&world.uri("a.txt"), "old\n");
    let session = one.new_session().await;
    one.turn(&session, "Do it").await.assert("done");
    assert_eq!(
        (one.text(&world.uri("a.txt")), world.read("a.txt")),
        ("new\n".to_owned(), "old\n".to_owned())
    );
    join(&two, &session).await;
    let document = json!({ "textDocument": { "uri": world.uri("a.txt") } });
    two.ok("textDocument/diagnostic", document.clone()).await;
    let hints = one.ok("textDocument/diagnostic", document).await;
    assert_eq!(hints["items"].as_array().map(Vec::len), Some(1), "{hints}");
}

#[tokio::test]
async fn an_editor_that_leaves_stops_nobody_elses_turn() {
    let world = world(vec![slow_script("return 1;"), done()]).await;
    let (one, two) = (Peer::start(&world).await, Peer::start(&world).await);
    let session = one.new_session().await;
    let turn = one.start_turn(&session, "Do it").await;
    one.update(&session, &turn, "the answer", |update| (update["kind"] == "itemDelta").then_some(())).await;
    assert_eq!(two.leave().await, 0);
    one.end(&session, &turn).await.assert("done");
}

#[tokio::test]
async fn an_ask_that_was_open_is_answered_in_another_editor() {
    let world = world(script_and(TOUCH)).await;
    let mut one = Peer::start(&world).await;
    let session = one.new_session().await;
    let turn = one.start_turn(&session, "Do it").await;
    let ask = one.asks(&session, &turn, 1).await.remove(0);
    one.close().await;
    let two = Peer::start(&world).await;
    // Which session that is, an editor that comes learns from the list.
    let list = two.ok("glossator/session/list", json!({})).await;
    assert_eq!(
        (&list["sessions"][0]["id"], &list["sessions"][0]["running"]),
        (&json!(session), &json!(turn))
    );
    let read = join(&two, &session).await;
    assert_eq!(read["asks"][0]["id"], ask["id"], "{read}");
    two.command("glossator.approve", json!([{ "askId": ask["id"] }])).await.unwrap();
    two.end(&session, &turn).await.assert("done");
    assert!(world.exists("ran"));
}

#[tokio::test]
async fn a_run_without_an_editor_joins_the_session_of_one() {
    let world = world(vec![done(), script("return 7;"), done()]).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    peer.turn(&session, "From the editor").await.assert("done");
    let ran = run(&world, &["exec", "--session", &session, "From the shell"], "").await;
    assert!(ran.assert(0).out.contains("Done."), "{ran:#?}");
    peer.end(&session, "T-2").await.assert("done");
    let ran = run(&world, &["exec", "--session", &session, "--policy", "sometimes", "x"], "").await;
    ran.assert(2);
    peer.alive().await;
    assert_eq!(cores(&world).len(), 1);
}

#[tokio::test]
async fn a_run_without_an_editor_starts_no_core() {
    let world = world(vec![done()]).await;
    run(&world, &["exec", "Go"], "").await.assert(0);
    assert!(cores(&world).is_empty());
}

#[tokio::test]
async fn a_run_that_is_killed_stops_its_turn() {
    let world = world(vec![Reply::Hang, done()]).await;
    let _peer = Peer::start(&world).await;
    let mut child = world.program(&["exec", "--json", "Wait"]).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    timeout(PATIENCE, BufReader::new(child.stdout.take().unwrap()).read_line(&mut line))
        .await
        .unwrap()
        .unwrap();
    let session = serde_json::from_str::<Value>(&line).unwrap()["sessionId"].as_str().unwrap().to_owned();
    until("the model is asked", || !world.model.requests().is_empty()).await;
    child.kill().await.unwrap();
    until("the turn has ended", || end_of(&world, &session).is_some()).await;
    assert_eq!(end_of(&world, &session).unwrap()["status"], "interrupted");
}

#[tokio::test]
async fn each_editor_brings_its_own_environment() {
    let world = World::obedient().await.with_core();
    world.settings("policy = \"full\"", "");
    let prompt =
        "return (await tools.exec({ script: 'echo $WHOSE in $PWD; echo $PATH' })).stdout + context.env.TZ;";
    let path = std::env::var("PATH").unwrap();
    let mut peers = Vec::new();
    for name in ["one", "two"] {
        world.set_variable("WHOSE", name);
        world.set_variable("TZ", if name == "one" { "Asia/Tokyo" } else { "Europe/Berlin" });
        world.set_variable("PATH", &format!("/opt/{name}:{path}"));
        peers.push((name, Peer::start(&world).await));
    }
    core(&world);
    trust(&peers[0].1).await;
    for (name, peer) in &peers {
        let result = peer.first_turn(prompt).await.result();
        let zone = if *name == "one" { "Tokyo" } else { "Berlin" };
        for words in [format!("{name} in "), format!("/opt/{name}:"), zone.to_owned()] {
            assert!(result.contains(&words), "no {words} for {name}: {result}");
        }
    }
}

#[tokio::test]
async fn a_core_leaves_when_nobody_needs_it() {
    let world =
        world(script_and("return tools.spawn.exec({ script: 'until [ -e go ]; do sleep 0.05; done' });"))
            .await;
    world.settings("policy = \"full\"", "[core]\nlinger_s = 1\n[exec]\nbuffers = \"disk\"\n");
    let peer = Peer::start(&world).await;
    trust(&peer).await;
    let session = peer.new_session().await;
    peer.turn(&session, "Go").await.assert("done");
    let pid = core(&world);
    assert_eq!(peer.leave().await, 0);
    // Its task runs on.
    sleep(Duration::from_millis(1_800)).await;
    assert_eq!(core(&world), pid);
    world.write("go", "");
    until_no_core(&world).await;
    let states: Vec<Value> =
        items(&world, &session).into_iter().filter(|item| item["kind"] == "task").collect();
    assert!(states.last().unwrap().to_string().contains("done"), "{states:?}");
}

#[tokio::test]
async fn a_core_that_is_asked_to_end_ends_in_order() {
    let world = world(vec![Reply::Hang]).await;
    let mut peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    peer.start_turn(&session, "Wait").await;
    until("the model is asked", || !world.model.requests().is_empty()).await;
    signal(core(&world), "TERM");
    peer.shown(&["core process was asked to end"]).await;
    assert_eq!(peer.exit_code().await, 1);
    until_no_core(&world).await;
    let end = end_of(&world, &session).unwrap();
    assert_eq!(end["status"], "interrupted");
    assert!(end["message"].as_str().unwrap().contains("asked to end"), "{end}");
}

#[tokio::test]
async fn one_that_reads_slowly_holds_nobody_up() {
    let many = "for (let i = 0; i < 400; i++) console.log('x'.repeat(200)); return 'y'.repeat(10000);";
    let world = world((0..4).flat_map(|_| script_and(many)).collect()).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    // It takes part in the session and reads nothing of it.
    let mut slow = world.program(world.server()).stderr(Stdio::null()).spawn().unwrap();
    let mut input = slow.stdin.take().unwrap();
    let say = |id: u32, method: &str, params: Value| {
        let body = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string();
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    };
    peer.turn(&session, "Go").await.assert("done");
    input
        .write_all(say(1, "initialize", Who::extension().params(&world.workspace())).as_bytes())
        .await
        .unwrap();
    for id in 2..40 {
        let read = say(id, "glossator/session/read", json!({ "sessionId": session }));
        input.write_all(read.as_bytes()).await.unwrap();
    }
    for _ in 0..3 {
        peer.turn(&session, "Again").await.assert("done");
    }
    assert_eq!(peer.leave().await, 0);
    slow.kill().await.unwrap();
}

#[tokio::test]
async fn ten_megabytes_at_once() {
    let world = World::obedient().await.with_core();
    let peer = Peer::start(&world).await;
    let text = "ten bytes\n".repeat(1 << 20);
    let uri = world.uri("big.txt");
    peer.open(&uri, "");
    peer.type_over(&uri, &text);
    peer.alive().await;
    let prompt = "return (await tools.readFile({ path: 'big.txt', offset: 1048576 })).text;";
    let result = peer.first_turn(prompt).await.result();
    assert!(result.contains("ten bytes"), "{result}");
}

#[tokio::test]
async fn the_core_is_a_process_of_its_own() {
    let world = world(Vec::new()).await;
    let peer = Peer::start(&world).await;
    let (pump, core) = (peer.child.id().unwrap(), core(&world));
    let links = |pid: u32| -> Vec<PathBuf> {
        let all = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
        all.flatten().filter_map(|entry| std::fs::read_link(entry.path()).ok()).collect()
    };
    let of_editor: Vec<PathBuf> =
        (0..2).map(|fd| std::fs::read_link(format!("/proc/{pump}/fd/{fd}")).unwrap()).collect();
    assert!(links(core).iter().all(|link| !of_editor.contains(link)), "{:?}", links(core));
    assert_eq!(std::fs::read_link(format!("/proc/{core}/cwd")).unwrap(), PathBuf::from("/"));
    let stat = std::fs::read_to_string(format!("/proc/{core}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    assert_eq!((fields[2], fields[3]), (&*core.to_string(), &*core.to_string()), "its own group and session");
    let mode = |path: PathBuf| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(world.runtime()), mode(socket(&world))), (0o700, 0o600));
}

/// An ask is put to everybody; one answer is enough.
#[tokio::test]
async fn two_editors_are_asked_and_one_answers() {
    let world = world(script_and(TOUCH)).await;
    let one = Peer::start(&world).await;
    let session = one.new_session().await;
    let two = Peer::with(&world, &Who::extension(), |asked| {
        (asked.method == "glossator/approval/ask").then(|| Answer::Result(json!({ "decision": "allow" })))
    })
    .await;
    one.ok("glossator/session/list", json!({})).await;
    let turn = one.start_turn(&session, "Do it").await;
    join(&two, &session).await;
    two.wait("the ask", |message| (message.method == "glossator/approval/ask").then_some(())).await;
    one.end(&session, &turn).await.assert("done");
    assert!(world.exists("ran"));
}
