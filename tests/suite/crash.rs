//! `kill -9` at any moment: what was stored is there again, no file is half written, and work goes on.

use crate::harness::{Peer, Reply, World, last_user_text, log_file, only_log, script, text_of};
use glossator_models::scripted::sse;
use serde_json::{Value, json};
use std::time::Duration;

/// Files of one large patch, and lines of each.
const FILES: usize = 24;
const LINES: usize = 400;

async fn session_of(peer: &Peer, world: &World) -> (String, Value) {
    let listed = peer.ok("glossator/session/list", json!({})).await;
    let session =
        listed["sessions"][0]["id"].as_str().unwrap_or_else(|| peer.fail("no session is listed")).to_owned();
    assert_eq!(only_log(world), log_file(world, &session));
    let read = peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
    (session, read)
}

fn ends(read: &Value) -> Vec<&str> {
    let items = read["items"].as_array().unwrap().iter();
    items.filter(|item| item["kind"] == "turnEnded").map(|item| item["status"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_turn_that_was_killed_is_marked_and_the_session_goes_on() {
    let blocks =
        vec![json!({ "type": "text", "text": "These words were said before the end of everything" })];
    let bytes = String::from_utf8(sse("m", &blocks, "end_turn", 1))
        .unwrap()
        .match_indices("text_delta")
        .nth(3)
        .unwrap()
        .0;
    let step = Reply::HangAfter { reply: Box::new(Reply::Blocks(blocks)), bytes };
    let world = World::new(vec![script("return 42;"), step, Reply::Text("On.".to_owned())]).await;
    let mut peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "The first words").await;
    peer.update(&session, &turn, "the second answer", |update| {
        (update["kind"] == "itemDelta" && update["text"].as_str().unwrap().contains("These")).then_some(())
    })
    .await;
    peer.kill().await;

    let peer = Peer::start(&world).await;
    let (found, read) = session_of(&peer, &world).await;
    assert_eq!(found, session);
    assert_eq!((&read["running"], ends(&read)), (&Value::Null, vec!["interrupted"]));
    let kinds: Vec<_> =
        read["items"].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap()).collect();
    for kind in ["userMessage", "answer", "script", "scriptOutput"] {
        assert!(kinds.contains(&kind), "{kind} is lost: {kinds:?}");
    }
    assert!(!kinds.contains(&"notice"), "nothing was lost, so nothing is said: {read}");
    peer.turn(&session, "Go on").await.assert("done");
    let request = &world.requests()[2].body;
    let all: String = request["messages"].as_array().unwrap().iter().map(text_of).collect();
    assert!(
        all.contains("The first words") && all.contains("returned: 42") && all.contains("was stopped"),
        "{all}"
    );
    assert!(last_user_text(request).contains("Go on"));
}

fn old_text(file: usize) -> String {
    (0..LINES).map(|line| format!("file {file} line {line} old\n")).collect()
}

fn new_text(file: usize) -> String {
    old_text(file).replace("line 200 old", "line 200 new").replace("line 7 old", "line 7 new")
}

fn name(file: usize) -> String {
    format!("dir/file-{file:02}.txt")
}

fn large_patch() -> String {
    let mut text = String::from("*** Begin Patch\n");
    for file in 0..FILES {
        text.push_str(&format!("*** Update File: {}\n", name(file)));
        for line in [7, 200] {
            text.push_str(&format!("@@\n-file {file} line {line} old\n+file {file} line {line} new\n"));
        }
    }
    format!("await tools.applyPatch({{ patch: {} }});", json!(format!("{text}*** End Patch\n")))
}

/// How many files are new; fails when one is neither old nor new.
fn count_new(world: &World) -> usize {
    let is_new = |file: usize| {
        let text = world.read(&name(file));
        assert!(
            text == old_text(file) || text == new_text(file),
            "{} is half written: {} bytes",
            name(file),
            text.len()
        );
        text == new_text(file)
    };
    (0..FILES).filter(|file| is_new(*file)).count()
}

/// Kills the server `delay` after the edit's intent was stored, when none, some or all files are changed.
async fn kill_in_commit(delay: Duration) {
    let world = World::new(vec![script(&large_patch()), Reply::Text("Done.".to_owned())]).await;
    (0..FILES).for_each(|file| world.write(&name(file), old_text(file)));
    let mut peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Change all").await;
    peer.item(&session, &turn, "changeSet").await;
    tokio::time::sleep(delay).await;
    peer.kill().await;
    let changed = count_new(&world);

    let peer = Peer::start(&world).await;
    let (_, read) = session_of(&peer, &world).await;
    assert_eq!(ends(&read).len(), 1, "{read}");
    let names = std::fs::read_dir(world.path("dir"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let foreign: Vec<String> =
        names.filter(|name| !name.starts_with("file-") && !name.starts_with(".glossator-")).collect();
    assert!(foreign.is_empty(), "something is left behind: {foreign:?}");
    if changed > 0 {
        let undone = peer.undo(&session).await;
        assert_eq!(count_new(&world), 0, "undo takes back what stands ({changed} of {FILES}): {undone}");
    }
}

#[tokio::test]
async fn between_an_edit_s_intent_and_its_outcome() {
    for step in 0..20_u64 {
        kill_in_commit(Duration::from_micros(step * 700)).await;
    }
}

#[tokio::test]
async fn an_edit_that_stands_can_be_undone_after_a_crash() {
    let world = World::new(vec![script(&large_patch()), Reply::Hang]).await;
    (0..FILES).for_each(|file| world.write(&name(file), old_text(file)));
    let mut peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Change all").await;
    peer.item(&session, &turn, "scriptOutput").await;
    peer.kill().await;
    assert_eq!(count_new(&world), FILES);
    let peer = Peer::start(&world).await;
    session_of(&peer, &world).await;
    peer.undo(&session).await;
    assert_eq!(count_new(&world), 0);
}

#[tokio::test]
async fn a_log_cut_anywhere_is_read_up_to_there() {
    let steps = (0..3).flat_map(|_| {
        [script("return (await tools.listDir({ path: '.' })).entries;"), Reply::Text("Dön.".to_owned())]
    });
    let world = World::new(steps.chain((0..99).map(|_| Reply::Text("On.".to_owned()))).collect()).await;
    // The log is written to behind the server.
    let world = world.in_process();
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    for turn in ["one", "two", "three"] {
        peer.turn(&session, turn).await.assert("done");
    }
    peer.leave().await;
    let path = log_file(&world, &session);
    let whole = std::fs::read(&path).unwrap();
    let header = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let cuts = (0..16_usize).map(|at| header + (at * 7919) % (whole.len() - header)).chain([
        header,
        whole.len() - 1,
        whole.len(),
    ]);
    for cut in cuts {
        std::fs::write(&path, &whole[..cut]).unwrap();
        check_cut(&world, &session, &whole[header..cut]).await;
    }
    for cut in [0, 1, header / 2, header - 1] {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let peer = Peer::start(&world).await;
        let error = peer.refused("glossator/session/read", json!({ "sessionId": session })).await;
        assert!(error.contains("log.jsonl"), "cut at {cut}: {error}");
        peer.first_turn("Another one").await.assert("done");
        assert_eq!(std::fs::read(&path).unwrap(), whole[..cut], "a log that cannot be read is left alone");
    }
}

/// The session can be read up to the cut, and a turn goes through.
async fn check_cut(world: &World, session: &str, items: &[u8]) {
    let whole_lines = items.iter().filter(|byte| **byte == b'\n').count();
    let peer = Peer::start(world).await;
    let read = peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
    let count = read["items"].as_array().unwrap().len();
    assert!(count >= whole_lines, "{count} of {whole_lines} items are left: {read}");
    assert!(ends(&read).iter().all(|status| ["done", "interrupted"].contains(status)));
    peer.turn(session, "And now?").await.assert("done");
    let request = world.requests().pop().unwrap();
    assert!(last_user_text(&request.body).contains("And now?"));
    assert_eq!(peer.leave().await, 0);
}

#[tokio::test]
async fn a_session_is_written_by_one_server_at_a_time() {
    let world =
        World::new(vec![Reply::Text("One.".to_owned()), Reply::Text("Two.".to_owned())]).await.in_process();
    let first = Peer::start(&world).await;
    let ended = first.first_turn("Hello").await;
    let second = Peer::start(&world).await;
    let listed = second.ok("glossator/session/list", json!({})).await;
    assert_eq!(listed["sessions"][0]["id"], json!(ended.session));
    let read = second.ok("glossator/session/read", json!({ "sessionId": ended.session })).await;
    assert_eq!(ends(&read), ["done"], "it can be read, if not written");
    let input = json!([{ "kind": "text", "text": "More" }]);
    let error =
        second.refused("glossator/turn/start", json!({ "sessionId": ended.session, "input": input })).await;
    assert!(error.contains("being written by process"), "{error}");
    second.first_turn("My own").await.assert("done");
}
