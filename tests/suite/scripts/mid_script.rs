//! Approvals in the middle of a script: the engine stays alive, nothing is replayed, and each answer holds for its own call.

use crate::harness::{Answer, Asked, Peer, Who, World, items, script_and};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Three commands at once; what became of each, and how often the script's own code ran.
const ALL: &str = r#"
let runs = 0;
runs += 1;
const outcome = (name) => tools.exec({ command: ["touch", name] }).then(() => `${name} made`, (error) => `${name} ${error.name}`);
const settled = await Promise.METHOD(["one", "two", "three"].map(outcome));
return { settled, runs };
"#;

/// An editor that answers each ask by what the command ends with.
async fn choosy(world: &World, answer: impl Fn(&str) -> Value + Send + Sync + 'static) -> Peer {
    Peer::with(world, &Who::extension(), move |asked: &Asked| {
        let command = asked.params["ask"]["subject"]["command"].as_str().unwrap_or_default();
        (asked.method == "glossator/approval/ask").then(|| Answer::Result(answer(command)))
    })
    .await
}

#[tokio::test]
async fn one_no_of_three_stops_one_call() {
    let world = World::new(script_and(&ALL.replace("METHOD", "all"))).await;
    let peer = choosy(&world, |command| match command.ends_with("two") {
        true => json!({ "decision": "deny" }),
        false => json!({ "decision": "allow" }),
    })
    .await;
    let ended = peer.first_turn("Three").await;
    let result = ended.assert("done").result();
    assert!(result.contains(r#"["one made","two ToolDenied","three made"]"#), "{result}");
    assert!(result.contains(r#""runs":1"#), "{result}");
    assert_eq!(ended.updates("ask").len(), 3);
    assert_eq!(ended.items("approval").len(), 3);
    assert!(world.exists("one") && !world.exists("two") && world.exists("three"));
}

#[tokio::test]
async fn the_rest_of_the_script_goes_on_while_one_call_waits() {
    let source = r#"
const asked = tools.exec({ command: ["touch", "asked"] });
const read = (await tools.readFile("a.txt")).text;
await tools.applyPatch(`*** Begin Patch
*** Add File: meanwhile.txt
+${read.trim()}
*** End Patch`);
await asked;
return "both";
"#;
    let world = World::new(script_and(source)).await;
    world.write("a.txt", "text\n");
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Go").await;
    let request =
        peer.wait("the ask", |one| (one.method == "glossator/approval/ask").then(|| one.id.clone())).await;
    peer.item(&session, &turn, "changeSet").await;
    crate::harness::until("the other work is done", || world.exists("meanwhile.txt")).await;
    assert!(!world.exists("asked"));
    peer.client.respond(&request, json!({ "decision": "allow" }));
    assert!(peer.end(&session, &turn).await.assert("done").result().contains("both"));
    assert!(world.exists("asked"));
}

#[tokio::test]
async fn race_and_any_end_with_the_first_and_withdraw_what_is_left() {
    for (method, expected) in [("race", "two made"), ("any", "two made")] {
        let world = World::new(script_and(&ALL.replace("METHOD", method))).await;
        let peer = Peer::start(&world).await;
        let session = peer.new_session().await;
        let turn = peer.start_turn(&session, "Three").await;
        let mut asked = Vec::new();
        peer.wait("three asks", |one| {
            if one.method == "glossator/approval/ask" {
                asked.push((one.id.clone(), one.params["ask"]["subject"]["command"].to_string()));
            }
            (asked.len() == 3).then_some(())
        })
        .await;
        let two = asked.iter().find(|(_, command)| command.contains("two")).unwrap();
        peer.client.respond(&two.0, json!({ "decision": "allow" }));
        let ended = peer.end(&session, &turn).await;
        let result = ended.assert("done").result();
        assert!(result.contains(expected), "{method}: {result}");
        assert_eq!(ended.updates("askResolved").len(), 3, "{method}: no ask is left open");
        assert!(world.exists("two") && !world.exists("one") && !world.exists("three"), "{method}");
        let read = peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
        assert_eq!(read["asks"], json!([]), "{method}");
    }
}

#[tokio::test]
async fn an_allow_for_the_session_answers_the_same_calls_that_wait() {
    let source = "const all = await Promise.all([1, 2, 3, 4].map(() => tools.exec({ command: ['touch', 'made'] })));\nreturn all.map((one) => one.exitCode);";
    let world = World::new(script_and(source)).await;
    let answered = Arc::new(AtomicUsize::new(0));
    let count = answered.clone();
    // Only the first request is ever answered.
    let peer = Peer::with(&world, &Who::extension(), move |asked: &Asked| {
        if asked.method != "glossator/approval/ask" {
            return None;
        }
        match count.fetch_add(1, Ordering::Relaxed) {
            0 => Some(Answer::Result(json!({ "decision": "allow", "grant": "session" }))),
            _ => Some(Answer::Silence),
        }
    })
    .await;
    let ended = peer.first_turn("Four").await;
    assert!(ended.assert("done").result().contains("[0,0,0,0]"), "{}", ended.result());
    // Each call that asked has an answer of its own.
    assert_eq!(ended.updates("ask").len(), ended.updates("askResolved").len());
    assert_eq!(ended.updates("ask").len(), ended.items("approval").len());
}

#[tokio::test]
async fn clocks_stand_still_while_people_are_asked() {
    let world = World::new(script_and(
        "const run = await tools.exec({ command: ['touch', 'made'] });\nreturn run.exitCode;",
    ))
    .await;
    world.settings("", "[script]\nwall_s = 3");
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Go").await;
    let request =
        peer.wait("the ask", |one| (one.method == "glossator/approval/ask").then(|| one.id.clone())).await;
    tokio::time::sleep(std::time::Duration::from_millis(4500)).await;
    peer.client.respond(&request, json!({ "decision": "allow" }));
    assert!(peer.end(&session, &turn).await.assert("done").result().contains("returned: 0"));
}

#[tokio::test]
async fn stopping_in_mid_ask_leaves_nothing_open() {
    let world = World::new(script_and(&ALL.replace("METHOD", "all"))).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Three").await;
    peer.asks(&session, &turn, 3).await;
    peer.interrupt(&session).await;
    let ended = peer.end(&session, &turn).await;
    ended.assert("interrupted");
    assert_eq!(ended.updates("askResolved").len(), 3);
    let output = items(&world, &session).into_iter().find(|item| item["kind"] == "scriptOutput").unwrap();
    assert!(output["text"].as_str().unwrap().contains("ScriptCancelled"), "{output}");
    assert!(!world.exists("one"));
}
