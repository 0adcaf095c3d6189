//! What comes back: long values under a file key, the record of a failure, and nothing silent.

use crate::harness::{Peer, Reply, World, items, run, script, script_and};
use serde_json::{Value, json};

async fn debug(world: &World, source: &str, code: i32) -> Value {
    let ran = run(world, &["debug", "script", "--policy", "full", "--json", "-"], source).await;
    serde_json::from_str(ran.assert(code).out.lines().last().unwrap()).unwrap()
}

#[tokio::test]
async fn a_long_value_is_kept_and_can_be_read_in_parts() {
    let make = "return Array.from({ length: 20000 }, (_, n) => `line ${n}`);";
    let read = "const part = await tools.readFile({ fileKey: 'K1', offset: 10001, limit: 3 });\nreturn { text: part.text, total: part.totalLines, source: part.source };";
    let world = World::new(vec![script(make), script(read), Reply::Text("Done.".to_owned())]).await;
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Make much").await;
    let results = ended.assert("done").results();
    assert!(results[0].len() < 16 * 1024, "{} bytes", results[0].len());
    assert!(
        results[0].contains("\"fileKey\":\"K1\"")
            && results[0].contains("line 0")
            && results[0].contains("line 19999"),
        "{}",
        results[0]
    );
    assert!(results[1].contains("line 9999") && results[1].contains("20002"), "{}", results[1]);
    // The key holds after a restart, and is this session's own.
    assert_eq!(peer.leave().await, 0);
    let world_again = world;
    let peer = Peer::start(&world_again).await;
    let other = peer.new_session().await;
    let read = peer.ok("glossator/session/read", json!({ "sessionId": ended.session })).await;
    assert!(read["items"].as_array().unwrap().len() > 3 && other != ended.session);
}

#[tokio::test]
async fn a_file_key_holds_after_a_restart() {
    let make = "return 'x'.repeat(200000);";
    let read = "const part = await tools.readFile({ fileKey: 'K1' });\nreturn part.text.length;";
    let world = World::new(vec![
        script(make),
        Reply::Text("Done.".to_owned()),
        script(read),
        Reply::Text("Done.".to_owned()),
    ])
    .await;
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("Make much").await;
    assert_eq!(peer.leave().await, 0);
    let peer = Peer::start(&world).await;
    let second = peer.turn(&first.session, "Read it").await;
    assert!(second.assert("done").result().contains("200000"), "{}", second.result());
}

#[tokio::test]
async fn a_failure_shows_its_place_and_what_had_happened() {
    let source = "await tools.exec({ command: ['touch', 'made'] });\nconst text: string = 'é';\n  missing(text);\nreturn 1;";
    let world = World::new(script_and(source)).await;
    world.settings("policy = \"full\"", "");
    let peer = Peer::start(&world).await;
    peer.command("glossator.trust", json!([])).await.unwrap();
    let result = peer.first_turn("Try").await.assert("done").result();
    for part in ["ScriptRuntimeError", "line 3", "3 |   missing(text);", "^", "exec touch made", "exit 0"] {
        assert!(result.contains(part), "no {part} in {result}");
    }
    assert!(world.exists("made"));
}

#[tokio::test]
async fn what_is_stored_is_there_in_the_next_script_and_after_a_restart() {
    let set = "store.set('seen', { files: ['a', 'b'] });\nstore.set('gone', 1);\nstore.delete('gone');\nreturn store.keys();";
    let get = "return [store.get('seen').files.length, store.get('gone') === undefined, store.keys()];";
    let full =
        "try { store.set('big', 'x'.repeat(300000)); } catch (error) { return [error.name, store.keys()]; }";
    let world = World::new(vec![
        script(set),
        script(get),
        script(full),
        Reply::Text("Done.".to_owned()),
        script(get),
        Reply::Text("Done.".to_owned()),
    ])
    .await;
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("Store").await;
    let results = first.assert("done").results();
    assert!(results[0].contains(r#"["seen"]"#), "{}", results[0]);
    assert!(results[1].contains(r#"[2,true,["seen"]]"#), "{}", results[1]);
    assert!(results[2].contains(r#"["ScriptLimit",["seen"]]"#), "{}", results[2]);
    assert_eq!(items(&world, &first.session).iter().filter(|item| item["kind"] == "stored").count(), 3);
    assert_eq!(peer.leave().await, 0);
    let peer = Peer::start(&world).await;
    let second = peer.turn(&first.session, "And now?").await;
    assert!(second.assert("done").result().contains(r#"[2,true,["seen"]]"#), "{}", second.result());
    // Another session has a store of its own.
    let world = World::new(script_and(get.replace(".files.length", "").as_str())).await;
    let peer = Peer::start(&world).await;
    assert!(peer.first_turn("Empty?").await.result().contains("[null,true,[]]"));
}

#[tokio::test]
async fn later_blocks_are_skipped_after_a_failure_and_reported() {
    let answer = "First.\n<tool-calls>\nthrow new Error('no');\n</tool-calls>\nThen.\n<tool-calls>\nreturn 2;\n</tool-calls>\n";
    let world = World::new(vec![Reply::Text(answer.to_owned()), Reply::Text("Done.".to_owned())]).await;
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Two").await;
    let results = ended.assert("done").results();
    assert!(results[0].contains("no") && results[1].contains("not run"), "{results:#?}");
    assert_eq!(ended.items("script").len(), 1);
    // The text around the blocks stays where it was.
    assert_eq!(ended.items("answer")[0]["text"], answer);
}

#[tokio::test]
async fn a_block_that_is_only_shown_is_told_of_once() {
    let shown = "Like this:\n\n```\n<tool-calls>\nreturn 1;\n</tool-calls>\n```\n";
    let world = World::new(vec![Reply::Text(shown.to_owned()), Reply::Text(shown.to_owned())]).await;
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Show me").await;
    let result = ended.assert("done").result();
    assert!(result.contains("was not run") && result.contains("fence"), "{result}");
    assert!(ended.items("script").is_empty());
    assert_eq!(world.requests().len(), 2);
}

#[tokio::test]
async fn the_shell_shows_tasks_orphans_and_rejections() {
    let world = World::new(vec![]).await;
    let line = debug(
        &world,
        "tools.exec({ command: ['sleep', '30'] });\nPromise.reject(new Error('nobody listens'));\nconst run = tools.spawn.exec({ command: ['sleep', '30'] });\nreturn run.id;",
        0,
    )
    .await;
    assert_eq!(line["value"], "S0.2", "{line}");
    assert_eq!(
        (&line["tasks"][0]["id"], &line["tasks"][0]["tool"]),
        (&json!("S0.2"), &json!("exec")),
        "{line}"
    );
    assert_eq!(line["calls"][0]["orphaned"], true, "{line}");
    assert!(line["console"].to_string().contains("nobody listens"), "{line}");
    let line = debug(&world, "await new Promise(() => {});", 1).await;
    assert_eq!(line["error"]["name"], "ScriptStuck", "{line}");
}

#[tokio::test]
async fn no_part_of_a_key_reaches_the_log_or_the_model() {
    let key = crate::harness::KEY;
    let source = format!(
        "console.log('x'.repeat(380) + '{key}');\nconst read = await tools.readFile('key.txt');\nawait tools.exec({{ script: 'a'.repeat(88) + '{key}', bogus: 1 }}).catch(() => 0);\nconst run = tools.spawn.readFile('key.txt');\nawait run.done;\nreturn {{ text: read.text, long: '{key} '.repeat(20000) }};"
    );
    let world = World::new(script_and(&source)).await;
    world.write("key.txt", format!("the key is {key}\n"));
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Look").await;
    ended.assert("done");
    let part = &key[..key.len() - 1];
    let log = std::fs::read_to_string(crate::harness::log_file(&world, &ended.session)).unwrap();
    // The script itself, as the model wrote it, is the first thing that is cleaned.
    assert!(!log.contains(part), "the log holds it");
    for request in world.requests().iter().skip(1) {
        let told = crate::harness::last_user_text(&request.body);
        assert!(!told.contains(part), "{told}");
    }
    let kept = crate::harness::log_file(&world, &ended.session).with_file_name("kept");
    for entry in std::fs::read_dir(kept).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!text.contains(part), "a kept text holds it");
    }
}
