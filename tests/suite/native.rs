//! Native tool calls, alone and beside scripts; and how prompts grow from request to request.

use crate::harness::{Peer, Reply, World, calls, last_user_text, messages, script, text_of};
use glossator_models::scripted::sse;
use serde_json::{Value, json};
use std::time::Duration;

fn done() -> Reply {
    Reply::Text("Done.".to_owned())
}

async fn native_world(calling: &str, steps: Vec<Reply>) -> World {
    let world = World::new(steps).await;
    world.settings("", &format!("[tools]\ncalling = \"{calling}\""));
    world.write("a.txt", "text of a\n");
    world.write("b.txt", "text of b\n");
    world
}

#[tokio::test]
async fn parallel_calls_are_answered_in_order_in_one_message() {
    let step = calls(&[
        ("toolu_1", "readFile", json!({ "path": "a.txt" })),
        ("toolu_2", "readFile", json!({ "path": "missing.txt" })),
        ("toolu_3", "noSuchTool", json!({})),
        ("toolu_4", "readFile", json!({ "path": "b.txt", "offset": "nonsense" })),
        ("toolu_5", "exec", json!({ "command": ["touch", "made"] })),
        ("toolu_6", "readFile", json!({ "path": "b.txt" })),
    ]);
    let world = native_world("native", vec![step, done()]).await;
    let peer = Peer::allowing(&world).await;
    let ended = peer.first_turn("Look").await;
    ended.assert("done");
    let requests = world.requests();
    let tools = requests[0].body["tools"].as_array().unwrap();
    let names: Vec<_> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    let expected = "readFile listDir grepFiles fileSearch applyPatch writeFile exec diagnostics definition \
                    references symbols askUser updatePlan saveToFC fetchFromFC listFC board__post board__remove";
    assert_eq!(names.join(" "), expected);
    assert!(tools.iter().all(|tool| tool["input_schema"]["type"] == "object"));
    assert!(!requests[0].body["system"].to_string().contains("declarations"), "scripts are not offered");
    let last = messages(&requests[1].body).last().unwrap();
    let blocks = last["content"].as_array().unwrap();
    let results: Vec<_> = blocks.iter().filter(|block| block["type"] == "tool_result").collect();
    let expected = [
        ("text of a", false),
        ("does not exist", true),
        ("there is no tool", true),
        ("offset", true),
        ("exitCode", false),
        ("text of b", false),
    ];
    assert_eq!(results.len(), expected.len());
    for ((result, (words, failed)), at) in results.iter().zip(expected).zip(1..) {
        assert_eq!(result["tool_use_id"], format!("toolu_{at}"));
        assert_eq!(result["is_error"].as_bool().unwrap_or(false), failed, "{result}");
        assert!(result["content"].to_string().contains(words), "{result}");
    }
    assert!(world.exists("made"));
    assert_eq!(ended.items("toolOutput").len(), expected.len());
}

#[tokio::test]
async fn arguments_that_are_no_json() {
    let block = json!({ "type": "tool_use", "id": "toolu_1", "name": "readFile", "input": "BROKEN" });
    let stream = String::from_utf8(sse("scripted-model", &[block], "tool_use", 9)).unwrap();
    let broken = stream.replace("\\\"BROKEN\\\"", "{\\\"path\\\": \\\"a.t");
    assert_ne!(stream, broken);
    let step = Reply::Raw { chunks: vec![(Duration::ZERO, broken.into_bytes())] };
    let world = native_world("native", vec![step, done()]).await;
    let peer = Peer::start(&world).await;
    peer.first_turn("Look").await.assert("done");
    let requests = world.requests();
    let result = &messages(&requests[1].body).last().unwrap()["content"][0];
    assert_eq!((&result["tool_use_id"], &result["is_error"]), (&json!("toolu_1"), &json!(true)));
    assert!(result["content"].to_string().contains("not JSON"), "{result}");
}

#[tokio::test]
async fn scripts_and_calls_in_one_answer() {
    let blocks = vec![
        json!({ "type": "text", "text": "Both.\n<tool-calls>\nreturn (await tools.readFile({ path: 'b.txt' })).text;\n</tool-calls>" }),
        json!({ "type": "tool_use", "id": "toolu_1", "name": "readFile", "input": { "path": "a.txt" } }),
    ];
    let world = native_world("both", vec![Reply::Blocks(blocks), done()]).await;
    let peer = Peer::start(&world).await;
    peer.first_turn("Look").await.assert("done");
    let requests = world.requests();
    assert!(
        requests[0].body["tools"].is_array() && requests[0].body["system"].to_string().contains("tool-calls")
    );
    let blocks = messages(&requests[1].body).last().unwrap()["content"].as_array().unwrap();
    assert_eq!(blocks[0]["type"], "tool_result");
    assert!(blocks[0]["content"].to_string().contains("text of a"));
    assert!(last_user_text(&requests[1].body).contains("text of b"));
}

#[tokio::test]
async fn scripts_are_the_only_way_by_default() {
    let world = World::new(vec![script("return 1;"), done()]).await;
    let peer = Peer::start(&world).await;
    peer.first_turn("Look").await.assert("done");
    let body = &world.requests()[0].body;
    assert!(body["tools"].as_array().is_none_or(Vec::is_empty));
    let system = body["system"].to_string();
    for word in ["readFile", "applyPatch", "tool-calls", "Working folder"] {
        assert!(system.contains(word), "{word} is not in the system prompt");
    }
}

/// Takes away what marks the end of what is cached: it moves with every request.
fn without_marks(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(without_marks),
        Value::Object(map) => {
            map.shift_remove("cache_control");
            map.values_mut().for_each(without_marks);
        }
        _ => {}
    }
}

/// Each request begins with the one before; every newest message repeats what the user asked.
fn assert_grows(bodies: &[Value], prompt: &str) {
    let stripped: Vec<Value> = bodies
        .iter()
        .cloned()
        .map(|mut body| {
            without_marks(&mut body);
            body
        })
        .collect();
    for (at, pair) in stripped.windows(2).enumerate() {
        assert_eq!(pair[0]["system"], pair[1]["system"]);
        assert_eq!(pair[0]["tools"], pair[1]["tools"]);
        let (before, after) = (messages(&pair[0]), messages(&pair[1]));
        assert_eq!(after.len(), before.len() + 2, "request {}", at + 2);
        assert_eq!(before, &after[..before.len()], "request {} changed what was sent before", at + 2);
    }
    for body in bodies {
        let text = last_user_text(body);
        assert!(text.contains("<original-user-prompt>") && text.contains(prompt), "{text}");
    }
}

#[tokio::test]
async fn requests_only_grow_at_their_end() {
    let world = World::answering(|body| {
        let round = messages(body).len() / 2 + 1;
        match round {
            10 => Reply::Text("Done.".to_owned()),
            3 => script("throw new Error('broken');"),
            4 => script("this is no script"),
            round => script(&format!("await tools.readFile({{ path: 'a.txt' }});\nreturn {round};")),
        }
    })
    .await;
    world.write("a.txt", "text\n");
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("Count the rounds").await;
    first.assert("done");
    let requests = world.requests();
    assert_eq!(requests.len(), 10);
    let bodies: Vec<Value> = requests.into_iter().map(|one| one.body).collect();
    assert_grows(&bodies, "Count the rounds");
    let text: String = messages(&bodies[9]).iter().map(text_of).collect();
    assert!(text.contains("broken") && text.contains("ScriptSyntaxError"), "{text}");
}

#[tokio::test]
async fn native_requests_only_grow_at_their_end() {
    let world = World::answering(|body| match messages(body).len() / 2 + 1 {
        6 => Reply::Text("Done.".to_owned()),
        round => calls(&[
            (&format!("toolu_{round}a"), "readFile", json!({ "path": "a.txt", "offset": round })),
            (&format!("toolu_{round}b"), "readFile", json!({ "path": "missing.txt", "offset": round })),
        ]),
    })
    .await;
    world.settings("", "[tools]\ncalling = \"native\"");
    world.write("a.txt", "text\n");
    let peer = Peer::start(&world).await;
    peer.first_turn("Count the rounds").await.assert("done");
    let bodies: Vec<Value> = world.requests().into_iter().map(|one| one.body).collect();
    assert_eq!(bodies.len(), 6);
    assert_grows(&bodies, "Count the rounds");
}

#[tokio::test]
async fn a_restart_sends_the_same_beginning() {
    let world = World::new(vec![script("return 1;"), done(), done()]).await;
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("Count").await;
    peer.leave().await;
    let peer = Peer::start(&world).await;
    peer.ok("glossator/session/read", json!({ "sessionId": first.session })).await;
    peer.turn(&first.session, "Again").await.assert("done");
    let mut bodies: Vec<Value> = world.requests().into_iter().map(|one| one.body).collect();
    bodies.iter_mut().for_each(without_marks);
    assert_eq!(bodies[1]["system"], bodies[2]["system"]);
    let (before, after) = (messages(&bodies[1]), messages(&bodies[2]));
    assert_eq!(before, &after[..before.len()]);
}
