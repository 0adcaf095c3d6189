//! Nothing is overtaken and nothing waits for what it does not need.

use crate::harness::{Peer, Reply, World, script, script_and, until};
use serde_json::json;

/// Changes that are sent while a script reads.
const CHANGES: usize = 2_000;

#[tokio::test]
async fn reads_see_every_change_in_order() {
    let source = r#"
let last = -1, reads = 0;
while (last < 2000 && reads < 250) {
  const [a, b] = await Promise.all([tools.readFile({ path: 'a.txt' }), tools.readFile({ path: 'a.txt' })]);
  for (const file of [a, b]) {
    if (file.text !== `value ${file.version}\n`) throw new Error(`version ${file.version} is ${file.text}`);
    if (file.version < last) throw new Error(`version ${file.version} after ${last}`);
  }
  last = Math.max(a.version, b.version);
  reads += 2;
}
return { last, reads };"#;
    let after =
        "const file = await tools.readFile({ path: 'a.txt' });\nreturn `${file.version}: ${file.text}`;";
    let done = || Reply::Text("Done.".to_owned());
    let world = World::new(vec![script(source), done(), script(after), done()]).await;
    let peer = Peer::start(&world).await;
    let uri = world.uri("a.txt");
    peer.open(&uri, "value 0\n");
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Read").await;
    peer.item(&session, &turn, "toolOutput").await;
    for version in 1..=CHANGES {
        let before = (version - 1).to_string().len();
        let range =
            json!({ "start": { "line": 0, "character": 6 }, "end": { "line": 0, "character": 6 + before } });
        let params = json!({
            "textDocument": { "uri": uri, "version": version },
            "contentChanges": [{ "range": range, "text": version.to_string() }],
        });
        peer.client.notify("textDocument/didChange", params);
        if version % 16 == 0 {
            tokio::task::yield_now().await;
        }
    }
    let ended = peer.end(&session, &turn).await;
    assert!(ended.assert("done").result().contains("\"last\":"), "{}", ended.result());
    // The turn's request stands behind all changes.
    let ended = peer.turn(&session, "Read again").await;
    assert!(
        ended.assert("done").result().contains(&format!("{CHANGES}: value {CHANGES}")),
        "{}",
        ended.result()
    );
}

#[tokio::test]
async fn requests_are_answered_while_a_command_runs() {
    let source = "await tools.exec({ script: 'touch started; sleep 600; touch slept' });";
    let world = World::new(script_and(source)).await;
    world.settings("", "[exec]\nbuffers = \"disk\"");
    let peer = Peer::allowing(&world).await;
    peer.open(&world.uri("a.txt"), "text\n");
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Sleep").await;
    until("the command runs", || world.exists("started")).await;
    for _ in 0..50 {
        peer.actions(&world.uri("a.txt")).await;
        peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
    }
    assert!(!world.exists("slept"), "the command was over before the requests were");
    peer.interrupt(&session).await;
    peer.end(&session, &turn).await.assert("interrupted");
}

#[tokio::test]
async fn calls_of_a_script_run_at_the_same_time() {
    // Each waits for the other: one after the other they would never end.
    let source = "const wait = (mine, other) => tools.exec({ script: `touch ${mine}; until [ -e ${other} ]; do sleep 0.02; done`, timeoutMs: 30000 });\nconst both = await Promise.all([wait('a', 'b'), wait('b', 'a')]);\nreturn both.map((one) => one.exitCode);";
    let world = World::new(script_and(source)).await;
    world.settings("", "[exec]\nbuffers = \"disk\"");
    let peer = Peer::allowing(&world).await;
    let ended = peer.first_turn("Go").await;
    assert!(ended.assert("done").result().contains("[0,0]"), "{ended:#?}");
}

#[tokio::test]
async fn two_sessions_work_side_by_side() {
    let world = World::answering(|body| {
        let waits = "await tools.exec({ script: 'touch first; until [ -e second ]; do sleep 0.02; done', timeoutMs: 30000 });";
        let text = body.to_string();
        match (text.contains("tool-results script"), text.contains("the first session")) {
            (true, _) => Reply::Text("Done.".to_owned()),
            (false, true) => script(waits),
            (false, false) => script("await tools.exec({ script: 'touch second' });"),
        }
    })
    .await;
    let peer = Peer::allowing(&world).await;
    let (one, two) = (peer.new_session().await, peer.new_session().await);
    let first = peer.start_turn(&one, "This is the first session").await;
    until("the first one waits", || world.exists("first")).await;
    peer.turn(&two, "Another one").await.assert("done");
    peer.end(&one, &first).await.assert("done");
}
