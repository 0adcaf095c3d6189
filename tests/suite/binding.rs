//! A model server that binds every thinking block to all bytes before it, as the strictest providers do: a session must
//! never send a block behind bytes that are not those it was written behind.

use crate::harness::{Peer, Reply, World, messages};
use serde_json::{Value, json};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// What stands before message `at`: system, tools and messages, cache marks aside.
fn fingerprint(body: &Value, at: usize) -> String {
    let before = json!([body["system"], body["tools"], messages(body)[..at]]);
    let mut hasher = DefaultHasher::new();
    without_marks(before).to_string().hash(&mut hasher);
    format!("sig{:016x}", hasher.finish())
}

fn without_marks(value: Value) -> Value {
    match value {
        Value::Object(mut map) => {
            map.remove("cache_control");
            map.into_iter().map(|(key, value)| (key, without_marks(value))).collect()
        }
        Value::Array(all) => all.into_iter().map(without_marks).collect(),
        other => other,
    }
}

/// The first thinking block whose signature does not fit what stands before it.
fn broken(body: &Value) -> Option<String> {
    for (at, message) in messages(body).iter().enumerate() {
        let blocks = message["content"].as_array().into_iter().flatten();
        for block in blocks.filter(|block| block["type"] == "thinking") {
            if block["signature"] != json!(fingerprint(body, at)) {
                return Some(format!("messages.{at}: Invalid signature in thinking block"));
            }
        }
    }
    None
}

#[tokio::test]
async fn thinking_stays_bound_to_what_stands_before_it() {
    let world = World::answering(|body| {
        if let Some(why) = broken(body) {
            return Reply::error(400, "invalid_request_error", &why);
        }
        let last = messages(body).last().unwrap().to_string();
        let script = match (last.contains("<tool-results"), last.contains("PATCH"), last.contains("FAIL")) {
            (true, _, _) => "Done.".to_owned(),
            (_, true, _) => "<tool-calls>\nreturn await tools.applyPatch(`*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch`);\n</tool-calls>".to_owned(),
            (_, _, true) => "<tool-calls>\nthrow new Error('as asked');\n</tool-calls>".to_owned(),
            _ => "<tool-calls>\nreturn (await tools.readFile('a.txt')).text;\n</tool-calls>".to_owned(),
        };
        let thinking = json!({ "type": "thinking", "thinking": "", "signature": fingerprint(body, messages(body).len()) });
        Reply::Blocks(vec![thinking, json!({ "type": "text", "text": script })])
    })
    .await;
    world.write("a.txt", "one\n");
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    for prompt in ["READ it.", "PATCH it.", "FAIL now.", "READ again."] {
        peer.turn(&session, prompt).await.assert("done");
    }
    // A session keeps the way in which it calls tools, since they stand before everything.
    world.settings("", "[tools]\ncalling = \"native\"");
    peer.turn(&session, "READ with other settings.").await.assert("done");
    world.settings("", "");
    // What changes the world between turns is told in new messages, never in old ones.
    peer.undo(&session).await;
    world.write("AGENTS.md", "Be kind.\n");
    peer.command("glossator.trust", json!([])).await.unwrap();
    peer.turn(&session, "READ after undo and trust.").await.assert("done");
    peer.leave().await;
    // A restarted server sends the same bytes.
    let peer = Peer::start(&world).await;
    peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
    peer.turn(&session, "READ after a restart.").await.assert("done");
    let requests = world.requests();
    assert!(requests.len() >= 12, "{}", requests.len());
    let kept = requests.last().unwrap().body.to_string().matches("\"thinking\"").count();
    assert!(kept >= 10, "thinking was dropped instead of kept: {kept}");
}

/// A key of another organisation makes earlier thinking unreadable: the session goes on without it.
#[tokio::test]
async fn refused_thinking_is_left_out_and_the_session_goes_on() {
    let world = World::answering(|body| {
        let held = messages(body).iter().any(|message| message.to_string().contains("\"thinking\""));
        if held {
            return Reply::error(
                400,
                "invalid_request_error",
                "messages.1.content.0: Invalid signature in thinking block",
            );
        }
        let thinking = json!({ "type": "thinking", "thinking": "", "signature": "c2ln" });
        Reply::Blocks(vec![thinking, json!({ "type": "text", "text": "Done." })])
    })
    .await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    peer.turn(&session, "First.").await.assert("done");
    let second = peer.turn(&session, "Second.").await;
    second.assert("done");
    assert!(
        second.updates("notice").iter().any(|notice| notice["text"].as_str().unwrap().contains("without it"))
    );
    assert_eq!(world.requests().len(), 3);
}
