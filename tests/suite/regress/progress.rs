//! `$/progress`: only with a token that the client has granted, and what began is always ended.

use crate::harness::{Answer, Asked, Message, Peer, Reply, Who, World, until};
use serde_json::{Value, json};

const CREATE: &str = "window/workDoneProgress/create";

/// An editor with progress that answers a request for a token like this.
async fn editor(world: &World, answer: fn() -> Option<Answer>) -> Peer {
    let manner = move |asked: &Asked| (asked.method == CREATE).then(answer).flatten();
    Peer::with(world, &Who::recorded("hx-trixie"), manner).await
}

async fn ask(peer: &Peer) {
    peer.command("glossator.ask", json!(["Talk"])).await.unwrap();
}

async fn create(peer: &Peer) -> Message {
    peer.wait("a request for a token", |one| (one.method == CREATE).then(|| one.clone())).await
}

/// The kinds of what was shown so far with this token.
fn shown(peer: &Peer, token: &Value) -> Vec<String> {
    let all = peer.messages().into_iter();
    let all = all.filter(|one| one.method == "$/progress" && one.params["token"] == *token);
    all.map(|one| one.params["value"]["kind"].as_str().unwrap().to_owned()).collect()
}

/// Nothing, or one beginning first and one end last.
fn is_whole(kinds: &[String]) -> bool {
    match kinds {
        [] => true,
        [begin, middle @ .., end] => {
            begin == "begin" && end == "end" && middle.iter().all(|kind| kind == "report")
        }
        _ => false,
    }
}

#[tokio::test]
async fn nothing_is_shown_before_the_token_is_granted() {
    let world = World::new(vec![Reply::Hang]).await;
    let peer = editor(&world, || Some(Answer::Silence)).await;
    ask(&peer).await;
    let create = create(&peer).await;
    until("the model is asked", || !world.model.requests().is_empty()).await;
    peer.alive().await;
    let token = &create.params["token"];
    assert!(shown(&peer, token).is_empty());
    peer.client.respond(&create.id, Value::Null);
    peer.wait("the beginning", |one| (one.params["value"]["kind"] == "begin").then_some(())).await;
    peer.command("glossator.stop", json!([])).await.unwrap();
    peer.wait("the end", |one| (one.params["value"]["kind"] == "end").then_some(())).await;
    assert!(is_whole(&shown(&peer, token)), "{:?}", shown(&peer, token));
}

#[tokio::test]
async fn nothing_is_shown_with_a_token_that_was_refused() {
    let world = World::new(vec![Reply::Text("Done.".to_owned())]).await;
    let peer = editor(&world, || Some(Answer::Error(-32603, "no progress today".to_owned()))).await;
    ask(&peer).await;
    peer.shown(&["Glossator: Done."]).await;
    peer.alive().await;
    assert!(peer.messages().iter().all(|one| one.method != "$/progress"));
}

#[tokio::test]
async fn a_token_that_is_granted_after_its_turn_leaves_nothing_open() {
    let world = World::new(vec![Reply::Text("Done.".to_owned())]).await;
    let peer = editor(&world, || Some(Answer::Silence)).await;
    ask(&peer).await;
    let create = create(&peer).await;
    peer.shown(&["Glossator: Done."]).await;
    peer.client.respond(&create.id, Value::Null);
    for _ in 0..10 {
        peer.alive().await;
    }
    until("what began has ended", || is_whole(&shown(&peer, &create.params["token"]))).await;
}

#[tokio::test]
async fn what_began_is_ended_however_short_the_turn() {
    let world = World::answering(|_| Reply::Text("Done.".to_owned())).await;
    let peer = editor(&world, || None).await;
    for turn in 1..=20 {
        ask(&peer).await;
        let mut ends = 0;
        peer.wait("the answer", |one| {
            ends += usize::from(one.params["message"] == "Glossator: Done.");
            (ends == turn).then_some(())
        })
        .await;
    }
    let tokens: Vec<Value> = peer
        .messages()
        .into_iter()
        .filter(|one| one.method == CREATE)
        .map(|one| one.params["token"].clone())
        .collect();
    assert_eq!(tokens.len(), 20);
    for token in &tokens {
        until("what began has ended", || is_whole(&shown(&peer, token))).await;
    }
    let begun = tokens.iter().filter(|token| !shown(&peer, token).is_empty()).count();
    assert!(begun > 0, "no turn was long enough to be shown");
}
