//! Long sessions: the transcript holds the latest turns only and is ready at once, older ones are on pages.

use super::{chat, on_disk, open, path, plain, saying, shows};
use crate::harness::{Peer, Reply, World};
use glossator_session::{InputPart, Item, ItemBody, ItemId, TurnId, TurnStatus, Usage};
use glossator_store::{SessionHead, Store, Sync};
use serde_json::{Value, json};
use std::time::Instant;
use url::Url;

/// A session with so many turns, written through the store.
fn long_session(world: &World, id: &str, turns: u32) {
    let store = Store::open(&world.state(), &world.workspace()).unwrap();
    let head = SessionHead {
        id: id.into(),
        title: "A long one".to_owned(),
        created_at: 1_795_000_000_000,
        model: "scripted/scripted-model".to_owned(),
        pack: "core".to_owned(),
        tools: Vec::new(),
        calling: "script".to_owned(),
        parent: None,
        strategy: String::new(),
        layers: Vec::new(),
    };
    let mut log = store.create(&head).unwrap();
    let mut next = 0;
    let mut put = |turn: u32, body: ItemBody| {
        next += 1;
        let at = 1_795_000_000_000 + i64::from(turn) * 60_000;
        let item = Item { id: ItemId(next), turn: TurnId(turn), round: 1, at, agent: None, body };
        log.append(&item, Sync::No).unwrap();
    };
    for turn in 1..=turns {
        let input = vec![InputPart::Text { text: format!("Prompt of turn {turn}") }];
        put(turn, ItemBody::UserMessage { input, to: Vec::new(), queued: None });
        put(
            turn,
            ItemBody::Answer {
                text: format!("Answer of turn {turn}.\n\n{}", "words ".repeat(60)),
                raw: None,
            },
        );
        let usage = Usage { input: 1200, output: 60, ..Usage::default() };
        put(turn, ItemBody::TurnEnded { status: TurnStatus::Done, usage, cost: None, message: None });
    }
}

fn turns(text: &str) -> Vec<u32> {
    let numbers =
        text.lines().filter_map(|line| line.strip_prefix("## T-")?.split(" · ").next()?.parse().ok());
    numbers.collect()
}

async fn link(peer: &Peer, uri: &str, word: &str) -> Value {
    let links = peer.ok("textDocument/documentLink", json!({ "textDocument": { "uri": uri } })).await;
    let links = links.as_array().unwrap();
    let found = links.iter().find(|link| link["data"]["word"] == word);
    let found = found.unwrap_or_else(|| peer.fail(&format!("no link {word} among {links:?}")));
    assert!(found["target"].is_null(), "where it leads is found out when it is followed");
    peer.ok("documentLink/resolve", found.clone()).await
}

#[tokio::test]
async fn five_thousand_turns_open_at_once() {
    let world = World::answering(|_| Reply::Text("Yes, I am here, and all of it is noted.".to_owned())).await;
    let id = "01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11";
    long_session(&world, id, 5000);
    // The first opening reads all of it and leaves a checkpoint.
    let (peer, _) = plain(&world, &["utf-8"]).await;
    peer.command("glossator.chat", json!([{ "sessionId": id, "show": false }])).await.unwrap();
    assert_eq!(peer.leave().await, 0);
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let begun = Instant::now();
    peer.command("glossator.usage", json!([id])).await.unwrap();
    let resumed = begun.elapsed();
    let begun = Instant::now();
    let chat = chat(&peer, json!([{ "sessionId": id, "show": false }])).await;
    let ready = begun.elapsed();
    println!("5,000 turns: resumed after {resumed:?}, its chat.md ready after {ready:?} more");
    let text = on_disk(&chat.transcript);
    assert_eq!(turns(&text), (4971..=5000).collect::<Vec<_>>());
    assert!(
        text.contains("# A long one\n") && text.contains("earlier turns: chat-166.md"),
        "{}",
        &text[..400]
    );
    assert!(
        !path(&chat.transcript).with_file_name("chat-166.md").exists(),
        "nothing is written that nobody opens"
    );
    // A generous bound: the machine has other work.
    assert!(ready.as_millis() < 1500, "{ready:?}");
    open(&peer, &chat.transcript);
    peer.command("glossator.ask", json!(["Are you there?"])).await.unwrap();
    shows(&peer, &chat.transcript, "## T-5001 · done").await;
    assert_eq!(turns(&peer.text(&chat.transcript)), (4972..=5001).collect::<Vec<_>>());
}

#[tokio::test]
async fn older_turns_are_on_pages() {
    let world = saying(&[]).await;
    let id = "01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a12";
    long_session(&world, id, 75);
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let chat = chat(&peer, json!([id])).await;
    open(&peer, &chat.transcript);
    assert_eq!(turns(&peer.text(&chat.transcript)), (46..=75).collect::<Vec<_>>());
    let resolved = link(&peer, &chat.transcript, "chat-2.md").await;
    let page = resolved["target"].as_str().unwrap().to_owned();
    assert_eq!(turns(&on_disk(&page)), (31..=60).collect::<Vec<_>>());
    open(&peer, &page);
    let resolved = link(&peer, &page, "chat-1.md").await;
    let first = resolved["target"].as_str().unwrap().to_owned();
    let text = on_disk(&first);
    assert_eq!(turns(&text), (1..=30).collect::<Vec<_>>());
    assert!(!text.contains("earlier turns") && text.contains("later turns: chat-2.md"), "{}", &text[..300]);
    // A turn by its id, wherever it is.
    for (turn, name) in [("T-70", "chat.md"), ("T-3", "chat-1.md")] {
        let opened = peer.command("glossator.open", json!([{ "id": turn, "sessionId": id }])).await.unwrap();
        let uri = opened["uri"].as_str().unwrap();
        assert_eq!(Url::parse(uri).unwrap().path_segments().unwrap().next_back(), Some(name));
        let line = opened["range"]["start"]["line"].as_u64().unwrap() as usize;
        assert!(on_disk(uri).lines().nth(line).unwrap().starts_with(&format!("## {turn} · done")));
    }
    let why = peer.command("glossator.open", json!([{ "id": "T-99", "sessionId": id }])).await.unwrap_err();
    assert!(why["message"].as_str().unwrap().contains("no turn T-99"), "{why}");
}
