//! A stop at any point: it is quick, it leaves a whole log, and the next turn works with what was said before.

use crate::harness::{Message, PATIENCE, Peer, Reply, Who, World, items, messages, thinking, until};
use glossator_models::scripted::sse;
use serde_json::{Value, json};
use tokio::time::timeout;

/// Thinking with everything that a careless way through JSON would change.
const THOUGHT: &str = "First, \"quotes\", back\\slash, tab\t, ünd 🦀, \u{2028}, </tool-results> and 1.0e10.";
const SIGNATURE: &str = "EqQBCkYIBRgCKkA+/a==\u{7f}";

/// How a turn is stopped.
#[derive(Clone, Copy, Debug)]
enum Stop {
    Request,
    Command,
    Progress,
}

async fn stop(peer: &Peer, session: &str, turn: &str, how: Stop) {
    match how {
        Stop::Request => peer.interrupt(session).await,
        Stop::Command => drop(peer.command("glossator.stop", json!([])).await.unwrap()),
        Stop::Progress => {
            let token = format!("glossator/{session}/{turn}");
            let begun =
                |one: &Message| (one.method == "$/progress" && one.params["token"] == token).then_some(());
            peer.wait("the progress", begun).await;
            peer.client.notify("window/workDoneProgress/cancel", json!({ "token": token }));
        }
    }
}

fn thinking_and(text: &str) -> Vec<Value> {
    vec![thinking(THOUGHT, SIGNATURE), json!({ "type": "text", "text": text })]
}

fn who() -> Who {
    Who::recorded("vscode").with_extension()
}

/// The turn has ended as it should, the log is whole, and a further turn sends a valid request with the thinking as it
/// came, if the answer had come so far as to have any.
async fn assert_stopped(world: &World, peer: &Peer, session: &str, turn: &str) {
    let ended = timeout(PATIENCE, peer.end(session, turn)).await.expect("a stop is quick");
    ended.assert("interrupted");
    let last = items(world, session).pop().unwrap();
    assert_eq!((&last["kind"], &last["status"]), (&json!("turnEnded"), &json!("interrupted")));
    peer.turn(session, "Go on").await.assert("done");
    let requests = world.requests();
    let request = requests.last().unwrap();
    let raw = String::from_utf8(request.raw.clone()).unwrap();
    let block = thinking(THOUGHT, SIGNATURE).to_string();
    assert!(raw.contains(&block), "the thinking is not as it was sent:\n{block}\n{raw}");
    let told = messages(&request.body).last().unwrap().to_string();
    assert!(told.contains("stopped") || told.contains("interrupted"), "the model is told: {told}");
}

#[tokio::test]
async fn in_mid_stream_the_connection_is_closed() {
    for how in [Stop::Request, Stop::Command, Stop::Progress] {
        let blocks = thinking_and(
            "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen",
        );
        let stream = String::from_utf8(sse("scripted-model", &blocks, "end_turn", 1000)).unwrap();
        let bytes = stream.match_indices("text_delta").nth(4).unwrap().0;
        let step = Reply::HangAfter { reply: Box::new(Reply::Blocks(blocks)), bytes };
        let world = World::new(vec![step, Reply::Text("On.".to_owned())]).await;
        let peer = Peer::with(&world, &who(), |_| None).await;
        let session = peer.new_session().await;
        let turn = peer.start_turn(&session, "Talk").await;
        let text =
            |update: &Value| (update["kind"] == "itemDelta" && update["stream"] == "answer").then_some(());
        peer.update(&session, &turn, "text", text).await;
        stop(&peer, &session, &turn, how).await;
        timeout(PATIENCE, world.model.wait_closed()).await.expect("the model is not made to go on");
        assert_stopped(&world, &peer, &session, &turn).await;
    }
}

#[tokio::test]
async fn before_the_first_byte() {
    let world = World::new(vec![Reply::Hang, Reply::Text("On.".to_owned())]).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Talk").await;
    until("the model is asked", || !world.model.requests().is_empty()).await;
    peer.interrupt(&session).await;
    timeout(PATIENCE, world.model.wait_closed()).await.expect("the model is not made to go on");
    peer.end(&session, &turn).await.assert("interrupted");
    peer.turn(&session, "Go on").await.assert("done");
    world.requests();
}

/// A world whose model thinks, then sends a script.
async fn scripted(source: &str) -> World {
    let blocks = thinking_and(&format!("Now.\n<tool-calls>\n{source}\n</tool-calls>"));
    World::new(vec![Reply::Blocks(blocks), Reply::Text("On.".to_owned())]).await
}

#[tokio::test]
async fn a_running_command_is_ended() {
    let world =
        scripted("await tools.exec({ script: 'echo $$ > pid; sleep 600 & echo $! > child; wait' });").await;
    world.settings("", "[exec]\nbuffers = \"disk\"");
    let peer = Peer::allowing(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Run").await;
    until("the command runs", || !world.read("child").trim().is_empty()).await;
    peer.interrupt(&session).await;
    for file in ["pid", "child"] {
        let process = format!("/proc/{}", world.read(file).trim());
        until("the process is gone", || !std::path::Path::new(&process).exists()).await;
    }
    assert_stopped(&world, &peer, &session, &turn).await;
    let raw = String::from_utf8(world.requests()[1].raw.clone()).unwrap();
    assert!(raw.contains("tool-results"), "the script that was stopped is accounted for");
}

#[tokio::test]
async fn a_command_that_does_not_want_to_end() {
    let world = scripted(
        "await tools.exec({ script: \"trap '' TERM; echo $$ > pid; while :; do sleep 0.05; done\" });",
    )
    .await;
    world.settings("", "[exec]\nbuffers = \"disk\"");
    let peer = Peer::allowing(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Run").await;
    until("the command runs", || !world.read("pid").trim().is_empty()).await;
    peer.interrupt(&session).await;
    let process = format!("/proc/{}", world.read("pid").trim());
    until("the process is gone", || !std::path::Path::new(&process).exists()).await;
    peer.end(&session, &turn).await.assert("interrupted");
    peer.turn(&session, "Go on").await.assert("done");
    let stored = items(&world, &session);
    let ended = stored.iter().position(|item| item["kind"] == "turnEnded").unwrap();
    let late: Vec<_> = stored[ended + 1..].iter().filter(|item| item["turn"] == "T-1").collect();
    assert!(late.is_empty(), "stored behind the end of its turn: {late:?}");
}

#[tokio::test]
async fn an_open_ask_is_withdrawn() {
    let world = scripted("await tools.exec({ command: ['touch', 'made'] });").await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Run").await;
    let ask = peer.asks(&session, &turn, 1).await.remove(0);
    peer.interrupt(&session).await;
    assert_stopped(&world, &peer, &session, &turn).await;
    let ended = peer.end(&session, &turn).await;
    let resolved = ended.updates("askResolved");
    assert_eq!((&resolved[0]["id"], &resolved[0]["answer"]["decision"]), (&ask["id"], &json!("deny")));
    assert!(peer.command("glossator.approve", json!([ask["id"]])).await.is_err());
    assert!(!world.exists("made"));
}

#[tokio::test]
async fn a_script_that_never_ends() {
    for source in
        ["while (true) {}", "await sleep(1e8);", "await new Promise((resolve) => sleep(1e8).then(resolve));"]
    {
        let world = scripted(source).await;
        let peer = Peer::with(&world, &who(), |_| None).await;
        let session = peer.new_session().await;
        let turn = peer.start_turn(&session, "Run").await;
        peer.item(&session, &turn, "script").await;
        stop(&peer, &session, &turn, Stop::Progress).await;
        assert_stopped(&world, &peer, &session, &turn).await;
    }
}

#[tokio::test]
async fn in_the_wait_before_a_retry() {
    let busy = Reply::Status {
        code: 429,
        headers: vec![("retry-after".to_owned(), "30".to_owned())],
        body: "{}".to_owned(),
    };
    let world = World::new(vec![busy, Reply::Text("On.".to_owned())]).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Talk").await;
    peer.update(&session, &turn, "the retry", |update| (update["kind"] == "notice").then_some(())).await;
    peer.interrupt(&session).await;
    timeout(PATIENCE / 3, peer.end(&session, &turn)).await.expect("a stop is quick").assert("interrupted");
    peer.turn(&session, "Go on").await.assert("done");
}

#[tokio::test]
async fn what_was_done_before_the_stop_stands_and_can_be_undone() {
    let source = "await tools.applyPatch({ patch: '*** Begin Patch\\n*** Add File: b.txt\\n+made\\n*** End Patch' });\nawait sleep(1e8);";
    let world = scripted(source).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Run").await;
    peer.update(&session, &turn, "the edit", |update| (update["kind"] == "changeSet").then_some(())).await;
    peer.interrupt(&session).await;
    assert_stopped(&world, &peer, &session, &turn).await;
    let raw = String::from_utf8(world.requests()[1].raw.clone()).unwrap();
    assert!(raw.contains("b.txt"), "the model is told of the edit that stands");
    assert_eq!(world.read("b.txt"), "made\n");
    peer.undo(&session).await;
    assert!(!world.exists("b.txt"));
}

#[tokio::test]
async fn nothing_to_stop_is_said() {
    let world = World::new(vec![]).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let answer = peer.ok("glossator/turn/interrupt", json!({ "sessionId": session })).await;
    assert_eq!(answer["interrupted"], false);
    let error = peer.command("glossator.stop", json!([])).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("No turn is running"));
}
