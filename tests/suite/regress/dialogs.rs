//! Dialogs for asks where another road to an answer was faster.

use crate::harness::{Message, Peer, Who, World, script_and};
use serde_json::json;

const TWO: &str = "const [a, b] = await Promise.all(['one', 'two'].map((name) => tools.exec({ command: ['touch', name] }).then(() => name, (error) => error.message)));\nreturn a + ' and ' + b;";

/// The `n`-th dialog, from 0, waited for.
async fn dialog(peer: &Peer, n: usize) -> Message {
    let mut count = 0;
    peer.wait("a dialog", |one| {
        count += usize::from(one.method == "window/showMessageRequest");
        (count > n).then(|| one.clone())
    })
    .await
}

#[tokio::test]
async fn a_dialog_that_stays_open_after_its_ask_was_answered_does_not_keep_back_the_next() {
    let world = World::new(script_and(TWO)).await;
    let peer = Peer::with(&world, &Who::recorded("nvim-forky"), |_| None).await;
    let started = peer.command("glossator.ask", json!(["Make two"])).await.unwrap();
    let first = dialog(&peer, 0).await;
    let read = peer.ok("glossator/session/read", json!({ "sessionId": started["sessionId"].clone() })).await;
    let shown = first.params["message"].as_str().unwrap();
    let asks = read["asks"].as_array().unwrap();
    let ask = asks.iter().find(|ask| shown.contains(ask["subject"]["command"].as_str().unwrap())).unwrap();
    peer.command("glossator.approve", json!([ask["id"].clone()])).await.unwrap();
    let second = dialog(&peer, 1).await;
    assert_ne!(first.params["message"], second.params["message"]);
    // A late answer to the first one counts for nothing.
    peer.client.respond(&first.id, json!({ "title": "Deny" }));
    peer.client.respond(&second.id, json!({ "title": "Allow" }));
    peer.shown(&["Glossator: Done."]).await;
    assert!(world.exists("one") && world.exists("two"));
}
