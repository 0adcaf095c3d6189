//! Sessions that are gone on with: after a kill, in a fork, beside another server, behind a gap, in a folder that was away.

use crate::harness::{Peer, Reply, World, only_log, script, text_of};
use serde_json::{Value, json};

const EDIT: &str = "await tools.applyPatch({ patch: '*** Begin Patch\\n*** Update File: a.txt\\n@@\\n-one\\n+ONE\\n*** End Patch' });";

fn said(read: &Value) -> Vec<&str> {
    let items = read["items"].as_array().unwrap().iter();
    items.filter(|item| item["kind"] == "answer").map(|item| item["text"].as_str().unwrap()).collect()
}

fn notices(read: &Value) -> Vec<&str> {
    let items = read["items"].as_array().unwrap().iter();
    items.filter(|item| item["kind"] == "notice").map(|item| item["text"].as_str().unwrap()).collect()
}

async fn read(peer: &Peer, session: &str) -> Value {
    peer.ok("glossator/session/read", json!({ "sessionId": session })).await
}

async fn refused(peer: &Peer, method: &str, params: Value) -> String {
    let error = peer.request(method, params).await.unwrap_err();
    error["message"].as_str().unwrap().to_owned()
}

fn texts(words: &[&str]) -> Vec<Reply> {
    words.iter().map(|text| Reply::Text((*text).to_owned())).collect()
}

#[tokio::test]
async fn a_fork_has_the_turns_before_it_and_its_own() {
    let world = World::new(texts(&["First.", "Second.", "Another second.", "Third."])).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    for prompt in ["Say the first", "Say the second"] {
        peer.turn(&session, prompt).await.assert("done");
    }
    let forked = peer.ok("glossator/session/fork", json!({ "sessionId": session, "turnId": "T-1" })).await;
    let fork = forked["session"]["id"].as_str().unwrap().to_owned();
    assert_eq!(forked["session"]["title"], "Say the first (fork of T-1)");
    let ended = peer.turn(&fork, "Say it in other words").await;
    ended.assert("done");
    assert_eq!(said(&read(&peer, &fork).await), ["First.", "Another second."]);
    assert_eq!(said(&read(&peer, &session).await), ["First.", "Second."]);
    let request = &world.requests()[2].body;
    let all: String = request["messages"].as_array().unwrap().iter().map(text_of).collect();
    assert!(all.contains("Say the first") && !all.contains("Say the second"), "{all}");
    // The parent goes; what the fork has of it stays.
    peer.ok("glossator/session/delete", json!({ "sessionId": session })).await;
    drop(peer);
    let peer = Peer::start(&world).await;
    assert_eq!(said(&read(&peer, &fork).await), ["First.", "Another second."]);
    let why = refused(&peer, "glossator/session/read", json!({ "sessionId": session })).await;
    assert!(why.contains("there is no session"), "{why}");
    let why = refused(&peer, "glossator/session/fork", json!({ "sessionId": fork, "turnId": "T-9" })).await;
    assert!(why.contains("T-9 has not ended"), "{why}");
    peer.turn(&fork, "Go on").await.assert("done");
}

#[tokio::test]
async fn a_session_at_work_is_not_deleted() {
    let world = World::new(vec![Reply::Hang]).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Wait").await;
    peer.item(&session, &turn, "userMessage").await;
    let why = refused(&peer, "glossator/session/delete", json!({ "sessionId": session })).await;
    assert!(why.contains("T-1 is still running"), "{why}");
    peer.interrupt(&session).await;
    peer.end(&session, &turn).await.assert("interrupted");
    peer.ok("glossator/session/delete", json!({ "sessionId": session })).await;
    let listed = peer.ok("glossator/session/list", json!({})).await;
    assert_eq!(listed["sessions"], json!([]));
}

#[tokio::test]
async fn what_waited_when_the_server_was_killed_is_named() {
    let command = "await tools.exec({ command: ['touch', 'made'] });";
    let world = World::new(vec![script(EDIT), script(command), Reply::Text("On.".to_owned())]).await;
    world.write("a.txt", "one\n");
    let mut peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Change it").await;
    let asks = peer.asks(&session, &turn, 1).await;
    // It is written down that the user is asked only where the answer does not come at once.
    peer.item(&session, &turn, "asked").await;
    peer.kill().await;
    assert!(!world.exists("made"));

    let peer = Peer::start(&world).await;
    let found = read(&peer, &session).await;
    let title = asks[0]["title"].as_str().unwrap();
    let gone = notices(&found);
    assert!(gone.iter().any(|text| text.contains("is gone") && text.contains(title)), "{title}: {gone:?}");
    assert_eq!((&found["asks"], &found["running"]), (&json!([]), &Value::Null));
    let hunks = peer.ok("glossator/changeSet/read", json!({ "sessionId": session })).await;
    assert!(hunks.to_string().contains("pending"), "{hunks}");
    peer.turn(&session, "Go on").await.assert("done");
}

#[tokio::test]
async fn a_session_of_another_server_is_followed_and_then_gone_on_with() {
    let world = World::new(texts(&["One.", "Two.", "Three."])).await.in_process();
    let mut first = Peer::start(&world).await;
    let session = first.new_session().await;
    first.turn(&session, "Say one").await.assert("done");
    let second = Peer::start(&world).await;
    let found = second.ok("glossator/session/resume", json!({ "sessionId": session })).await;
    assert_eq!(said(&found["read"]), ["One."]);
    assert!(found["read"]["readOnly"].as_str().is_some_and(|why| why.contains("process")), "{found}");
    first.turn(&session, "Say two").await.assert("done");
    second.end(&session, "T-2").await.assert("done");
    let input = json!([{ "kind": "text", "text": "Say three" }]);
    let params = json!({ "sessionId": session, "input": input });
    let why = refused(&second, "glossator/turn/start", params).await;
    assert!(why.contains("being written by process") && why.contains("new session"), "{why}");
    first.kill().await;
    second.turn(&session, "Say three").await.assert("done");
    assert_eq!(said(&read(&second, &session).await), ["One.", "Two.", "Three."]);
}

#[tokio::test]
async fn a_client_that_was_away_is_given_what_it_missed() {
    let world = World::new(texts(&["One.", "Two."])).await.in_process();
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    peer.turn(&session, "Say one").await.assert("done");
    let seq = read(&peer, &session).await["seq"].as_u64().unwrap();
    peer.turn(&session, "Say two").await.assert("done");
    let since = |seq: u64| json!({ "sessionId": session, "afterSeq": seq });
    let missed = peer.ok("glossator/session/read", since(seq)).await;
    let updates = missed["updates"].as_array().unwrap_or_else(|| panic!("{missed}"));
    let answers = updates.iter().filter(|one| one["update"]["item"]["kind"] == "answer").count();
    assert_eq!((answers, &missed["items"]), (1, &Value::Null), "{missed}");
    assert!(updates.iter().all(|one| one["seq"].as_u64().unwrap() > seq));
    // A number that was not given away.
    let unknown = peer.ok("glossator/session/read", since(1 << 50)).await;
    assert_eq!(said(&unknown), ["One.", "Two."]);
    // Nor is one of the server before taken for one of this.
    drop(peer);
    let peer = Peer::start(&world).await;
    let anew = peer.ok("glossator/session/read", since(seq)).await;
    assert_eq!(said(&anew), ["One.", "Two."]);
    assert!(anew["seq"].as_u64().unwrap() > seq);
}

#[tokio::test]
async fn a_folder_that_was_away_has_its_sessions_again() {
    let world = World::new(texts(&["One.", "Two."])).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    peer.turn(&session, "Say one. And more").await.assert("done");
    drop(peer);
    std::fs::remove_dir_all(world.workspace()).unwrap();
    std::fs::create_dir(world.workspace()).unwrap();
    let peer = Peer::start(&world).await;
    let listed = peer.ok("glossator/session/list", json!({})).await;
    assert_eq!(
        (&listed["sessions"][0]["id"], &listed["sessions"][0]["title"]),
        (&json!(session), &json!("Say one"))
    );
    peer.turn(&session, "Say two").await.assert("done");
}

#[tokio::test]
async fn a_damaged_head_leaves_a_session_to_be_read() {
    let world = World::new(texts(&["One."])).await.in_process();
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    peer.turn(&session, "Say one").await.assert("done");
    drop(peer);
    let log = only_log(&world);
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, text.replacen("\"glossator\"", "\"glosator\"", 1)).unwrap();
    let peer = Peer::start(&world).await;
    let found = read(&peer, &session).await;
    assert_eq!(said(&found), ["One."]);
    let input = json!([{ "kind": "text", "text": "Go on" }]);
    let why = refused(&peer, "glossator/turn/start", json!({ "sessionId": session, "input": input })).await;
    assert!(why.contains("cannot be continued") && why.contains("new session"), "{why}");
}

#[tokio::test]
async fn a_turn_right_behind_an_undo_is_not_refused() {
    let world =
        World::new(vec![script(EDIT), Reply::Text("Done.".to_owned()), Reply::Text("On.".to_owned())]).await;
    world.settings("policy = \"auto-edit\"", "");
    world.write("a.txt", "one\n");
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    peer.turn(&session, "Change it").await.assert("done");
    assert_eq!(world.read("a.txt"), "ONE\n");
    let (_, ended) = tokio::join!(peer.undo(&session), async { peer.turn(&session, "Go on").await });
    ended.assert("done");
    assert_eq!(world.read("a.txt"), "one\n");
}
