//! Budgets of the day, and titles that a small model makes.

use super::all_text;
use crate::harness::{Peer, Reply, World, script_and, until};
use serde_json::json;

#[tokio::test]
async fn the_budget_of_a_day_counts_all_sessions() {
    let mut steps = script_and("return 1;");
    steps.extend(script_and("return 2;"));
    let world = World::new(steps).await;
    world.settings("", "[budget]\nday_tokens = 5000\n");
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("Go").await;
    let (asked, status) = (world.requests().len(), first.status.as_str());
    assert!(status == "done" || first.message.contains("day_tokens"), "{first:#?}");
    // The first session has used it up: another is stopped before it asks.
    let second = peer.first_turn("Go").await;
    let message = &second.assert("limited").message;
    assert!(message.contains("[budget] day_tokens") && message.contains("5000"), "{message}");
    assert_eq!(world.requests().len(), asked);
    world.settings("", "");
    peer.turn(&second.session, "Go on").await;
    assert!(world.requests().len() > asked);
}

#[tokio::test]
async fn a_small_model_names_the_session_and_nobody_waits_for_it() {
    let world = World::answering(|body| match body["model"] == "small-model" {
        true => Reply::Text("\"The lighthouse keeper.\"\nMore".to_owned()),
        false => Reply::Text("It was built in 1820.".to_owned()),
    })
    .await;
    world.settings("", "[sessions]\ntitle_model = \"scripted/small-model\"\n");
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("Please tell me all that you know about the lighthouse").await;
    until("a title is asked for", || world.model.requests().len() == 2).await;
    let asked = all_text(&world.model.requests()[1].body);
    assert!(asked.contains("lighthouse") && asked.contains("1820"), "{asked}");
    let titled = || async {
        let list = peer.ok("glossator/session/list", json!({})).await;
        list["sessions"][0]["title"].as_str().unwrap_or_default().to_owned()
    };
    let waiting = async {
        while titled().await != "The lighthouse keeper" {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(crate::harness::PATIENCE, waiting).await.expect("the title comes");
    peer.turn(&first.session, "And now?").await.assert("done");
    assert_eq!(world.model.requests().len(), 3, "it is named once");
}
