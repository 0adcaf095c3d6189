//! Whole turns on every wire: the same scripted model, the same session log, ids and usage aside.

use crate::harness::{Peer, Reply, World, items};
use serde_json::{Value, json};

const WIRES: &[&str] = &["messages", "chat", "responses", "ollama"];

/// What one turn leaves in the log of a session that speaks `wire`, without what differs from run to run.
async fn log_of(wire: &str, calling: &str, steps: Vec<Reply>) -> Vec<Value> {
    let world = World::new(steps).await;
    let base = world.model.base_url();
    world.settings_text(&format!(
        "model = \"scripted/scripted-model\"\npolicy = \"full\"\n[tools]\ncalling = \"{calling}\"\n\
         [providers.scripted]\nwire = \"{wire}\"\nbase_url = \"{base}\"\nkey_env = \"SCRIPTED_KEY\"\n\
         [models.\"scripted/scripted-model\"]\ncontext_window = 32768\n"
    ));
    world.write("notes.txt", "one\ntwo\n");
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    peer.turn(&session, "Read the notes.").await.assert("done");
    peer.leave().await;
    let mut log: Vec<Value> = items(&world, &session).into_iter().map(plain).collect();
    // Calls that run at once end in any order.
    log.sort_by_key(|item| (item["round"].as_u64(), item["kind"] == "toolOutput", item["id"].as_u64()));
    let outputs = log.iter_mut().filter(|item| item["kind"] == "toolOutput");
    let mut sorted: Vec<Value> = outputs.map(Value::take).collect();
    sorted.iter_mut().for_each(|item| item["id"] = Value::Null);
    sorted.sort_by_key(Value::to_string);
    log.retain(|item| !item.is_null());
    log.extend(sorted);
    log
}

/// An item without ids, times, usage and the provider's own blocks.
fn plain(mut item: Value) -> Value {
    for key in ["at", "millis", "raw", "usage", "cost"] {
        item.as_object_mut().unwrap().remove(key);
    }
    if item["kind"] == "request" {
        item = json!({ "kind": "request", "round": item["round"], "model": item["model"] });
    }
    if item["kind"] == "toolCall" {
        item["call"]["id"] = json!("call");
    }
    if item["kind"] == "toolOutput" {
        item["call"] = json!("call");
    }
    if item["kind"] == "scriptOutput" {
        let text = item["text"].as_str().unwrap().to_owned();
        let (before, _) = text.split_once("calls:").unwrap_or((&text, ""));
        item["text"] = json!(before);
    }
    item
}

async fn check(calling: &str, steps: fn() -> Vec<Reply>) {
    let expected = log_of("messages", calling, steps()).await;
    assert!(expected.len() > 4, "{expected:?}");
    for wire in WIRES {
        assert_eq!(log_of(wire, calling, steps()).await, expected, "{wire}");
    }
}

#[tokio::test]
async fn a_script_with_thinking_before_it() {
    check("script", || {
        let script =
            "I read it.\n\n<tool-calls>\nreturn (await tools.readFile('notes.txt')).text;\n</tool-calls>\n";
        vec![
            Reply::Blocks(vec![
                json!({ "type": "thinking", "thinking": "Which file? notes.txt.", "signature": "c2ln" }),
                json!({ "type": "text", "text": script }),
            ]),
            Reply::Text("It says one and two. Ünïcode ✓ \"quoted\" {braces}".to_owned()),
        ]
    })
    .await;
}

#[tokio::test]
async fn two_native_calls_at_once() {
    check("native", || {
        let read = |id: &str, offset: u64| {
            let input = json!({ "path": "notes.txt", "offset": offset, "limit": 1 });
            json!({ "type": "tool_use", "id": id, "name": "readFile", "input": input })
        };
        vec![
            Reply::Blocks(vec![
                json!({ "type": "text", "text": "Both lines." }),
                read("c1", 1),
                read("c2", 2),
            ]),
            Reply::Text("Done.".to_owned()),
        ]
    })
    .await;
}
