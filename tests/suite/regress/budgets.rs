//! What a turn may spend and has spent, and the names that models go by in the settings.

use crate::harness::{Ended, Peer, Reply, World, items, run, script_and};
use serde_json::{Value, json};

/// Dollars per million tokens, which is millionths of a dollar per token.
const PRICE: &str = "[models.\"scripted/scripted-model\"]\n\
                     price = { input = 3.0, output = 15.0, as_of = \"2026-11-20\" }\n";

/// A turn with one round of calls, under these settings.
async fn turn(sections: &str) -> (World, Ended) {
    let world = World::new(script_and("return 1;")).await;
    world.settings("", sections);
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Go").await;
    (world, ended)
}

#[tokio::test]
async fn a_budget_pauses_the_turn_and_is_named() {
    let priced = |key: &str| format!("[budget]\n{key}\n{PRICE}");
    let rows = [
        ("[budget]\nturn_tokens = 1\n".to_owned(), "turn_tokens"),
        ("[budget]\nsession_tokens = 1\n".to_owned(), "session_tokens"),
        (priced("turn_usd = 0.000001"), "turn_usd"),
        (priced("session_usd = 0.000001"), "session_usd"),
    ];
    for (sections, key) in rows {
        let (world, ended) = turn(&sections).await;
        let message = &ended.assert("limited").message;
        assert!(message.contains("[budget]") && message.contains(key), "{message}");
        assert_eq!(world.requests().len(), 1, "{key}");
        assert!(ended.result().contains("returned: 1"), "what the answer asked for is done first");
    }
    turn("[budget]\nturn_usd = 0.000001\n").await.1.assert("done");
}

#[tokio::test]
async fn what_a_turn_cost_is_told_and_stored() {
    let (world, ended) = turn(PRICE).await;
    let last = ended.assert("done").updates("usage").pop().unwrap().clone();
    let tokens = |key: &str| last["usage"][key].as_u64().unwrap();
    let cost = 3 * (tokens("input") + tokens("cacheRead") + tokens("cacheWrite")) + 15 * tokens("output");
    assert!(cost > 0);
    assert_eq!(last["cost"], json!({ "microUsd": cost, "pricesOf": "2026-11-20" }));
    let stored = items(&world, &ended.session).pop().unwrap();
    assert_eq!((&stored["kind"], &stored["cost"]), (&json!("turnEnded"), &last["cost"]));
    let (world, ended) = turn("").await;
    assert!(ended.updates("usage").iter().all(|update| update["cost"] == Value::Null));
    assert_eq!(items(&world, &ended.session).pop().unwrap()["cost"], Value::Null);
}

#[tokio::test]
async fn exec_prints_what_was_spent() {
    let world = World::new(script_and("return 1;")).await;
    world.settings("", PRICE);
    let ran = run(&world, &["exec", "Go"], "").await;
    let line = ran.assert(0).err.lines().find(|line| line.starts_with("tokens: ")).expect("it is printed");
    assert!(line.contains(" in ") && line.contains(" out") && line.contains(" USD (2026-11-20)"), "{line}");
}

#[tokio::test]
async fn a_slug_of_the_user_s_own_stands_for_an_id_that_is_sent_as_it_is() {
    let world = World::new(vec![Reply::Text("Done.".to_owned())]).await;
    world.settings_text(&format!(
        "model = \"mine\"\n[models.mine]\nid = \"scripted/odd/id:x\"\n\
         [providers.scripted]\nbase_url = \"{}\"\nkey_env = \"SCRIPTED_KEY\"\n",
        world.model.base_url()
    ));
    let peer = Peer::start(&world).await;
    peer.first_turn("Go").await.assert("done");
    assert_eq!(world.requests()[0].body["model"], "odd/id:x");
}
