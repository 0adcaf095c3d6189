//! What would be sent, and what was: made again from the log, byte for byte.

use super::handing_over;
use crate::harness::{Ended, Peer, Reply, World, calls, last_user_text, run, script, thinking};
use serde_json::{Value, json};

async fn sent(peer: &Peer, session: &str, turn: &str, round: u64) -> Value {
    peer.ok("glossator/context/sent", json!({ "sessionId": session, "turnId": turn, "round": round })).await
}

/// Every request of the session is told exactly, in its order.
async fn all_exact(world: &World, peer: &Peer, session: &str, turns: &[&Ended]) {
    let mut bodies = Vec::new();
    for ended in turns {
        for item in ended.items("request") {
            let turn = item["turn"].as_str().unwrap();
            let told = sent(peer, session, turn, item["round"].as_u64().unwrap()).await;
            assert_eq!(told["exact"], true, "{turn} {}: {told:#}", item["round"]);
            assert_eq!(
                told["request"]["bytes"].as_u64().unwrap() as usize,
                told["body"].as_str().unwrap().len()
            );
            bodies.push(serde_json::from_str::<Value>(told["body"].as_str().unwrap()).unwrap());
        }
    }
    let got: Vec<Value> = world.requests().into_iter().map(|request| request.body).collect();
    assert_eq!(bodies.len(), got.len());
    for (at, (told, got)) in bodies.iter().zip(&got).enumerate() {
        assert_eq!(told, got, "request {at}");
    }
}

#[tokio::test]
async fn what_was_sent_is_told_byte_for_byte_and_after_a_restart() {
    let world = World::answering(handing_over(|body| {
        let asked = last_user_text(body);
        match asked.contains("<tool-results") {
            true => Reply::Text("Done.".to_owned()),
            false if asked.contains("think") => Reply::Blocks(vec![
                thinking("Hm.", "c2ln"),
                json!({ "type": "text", "text": "<tool-calls>\nreturn await tools.readFile({ path: 'a.txt' });\n</tool-calls>" }),
            ]),
            false => script("return 1;"),
        }
    }))
    .await;
    world.write("a.txt", "one <tool-results> two\n");
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("Go and think.").await;
    world.write("AGENTS.md", "Be kind.\n");
    peer.command("glossator.trust", json!([])).await.unwrap();
    let second = peer.turn(&first.session, "And now?").await;
    let answer = peer.ok("glossator/session/compact", json!({ "sessionId": first.session })).await;
    let third = peer.end(&first.session, answer["turnId"].as_str().unwrap()).await;
    let fourth = peer.turn(&first.session, "Go on and think.").await;
    let turns = [&first, &second, &third, &fourth];
    for ended in turns {
        ended.assert("done");
    }
    all_exact(&world, &peer, &first.session, &turns).await;
    peer.leave().await;
    let peer = Peer::start(&world).await;
    all_exact(&world, &peer, &first.session, &turns).await;
    // Other settings: said plainly.
    world.settings("", "[models.\"scripted/scripted-model\"]\nmax_output = 77\n");
    let told = sent(&peer, &first.session, "T-1", 1).await;
    assert_eq!(told["exact"], true, "parameters are stored: {told:#}");
    let refused = peer
        .refused("glossator/context/sent", json!({ "sessionId": first.session, "turnId": "T-1", "round": 9 }))
        .await;
    assert!(refused.contains("it has 1, 2"), "{refused}");
}

#[tokio::test]
async fn native_calls_are_told_exactly() {
    let world = World::answering(|body| {
        match last_user_text(body).contains("Go") && !body.to_string().contains("tool_result") {
            true => calls(&[("c1", "readFile", json!({ "path": "a.txt" }))]),
            false => Reply::Text("Done.".to_owned()),
        }
    })
    .await;
    world.settings("", "[tools]\ncalling = \"native\"\n");
    world.write("a.txt", "one\n");
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("Go").await;
    all_exact(&world, &peer, &first.assert("done").session, &[&first]).await;
}

#[tokio::test]
async fn records_are_small() {
    let world = World::new(vec![Reply::Text("One.".to_owned()), Reply::Text("Two.".to_owned())]).await;
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("Hello").await;
    let second = peer.turn(&first.session, "Hello").await;
    for (ended, most) in [(&first, 460), (&second, 400)] {
        let length = ended.items("request")[0].to_string().len();
        println!("a request record: {length} bytes");
        assert!(length <= most, "{length}: {}", ended.items("request")[0]);
    }
}

#[tokio::test]
async fn a_preview_is_what_is_sent_then() {
    let world = World::answering(|_| Reply::Text("Done.".to_owned())).await;
    world.settings(
        "",
        "[context]\ninstructions = \"Call me Ishmael.\"\n[models.\"scripted/scripted-model\"]\ncontext_window = 50000\n\
         price = { input = 2.0, output = 4.0, as_of = \"2026-11-20\" }\n",
    );
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let preview = |text: &'static str| {
        let params = json!({ "sessionId": session, "input": [{ "kind": "text", "text": text }] });
        peer.ok("glossator/context/preview", params)
    };
    for prompt in ["Hello", "And again"] {
        let told = preview(prompt).await;
        assert_eq!(told, preview(prompt).await, "nothing is kept of a preview");
        let before = world.requests().len();
        peer.turn(&session, prompt).await.assert("done");
        assert_eq!(world.requests().len(), before + 1);
        let told_text: String =
            told["pieces"].as_array().unwrap().iter().map(|piece| piece["text"].as_str().unwrap()).collect();
        let body = &world.requests()[before].body;
        let system = body["system"].as_array().unwrap().iter().map(|part| part["text"].as_str().unwrap());
        let parts = body["messages"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|message| message["content"].as_array().unwrap());
        let sent_text: String = system.chain(parts.map(|part| part["text"].as_str().unwrap())).collect();
        assert_eq!(told_text, sent_text);
        assert!(told_text.contains("Call me Ishmael"));
        assert_eq!(told["window"], 50000);
        assert!(told["estimatedCost"]["microUsd"].as_u64().unwrap() > 100, "{}", told["estimatedCost"]);
        let estimated = told["tokens"].as_u64().unwrap() as f64 / (body.to_string().len() as f64 / 4.0);
        assert!((0.7..1.4).contains(&estimated), "{estimated}");
    }
}

#[tokio::test]
async fn the_command_line_shows_both() {
    let world = World::answering(|_| Reply::Text("Done.".to_owned())).await;
    let shown = run(&world, &["debug", "context", "Say hello"], "").await;
    let text = &shown.assert(0).out;
    assert!(text.contains("Say hello") && text.contains("== instructions"), "{text}");
    assert!(world.requests().is_empty());
    let ran = run(&world, &["exec", "Say hello"], "").await;
    ran.assert(0);
    let log = crate::harness::only_log(&world);
    let session = log.parent().unwrap().file_name().unwrap().to_str().unwrap();
    let asked = ["debug", "context", "--json", "--session", session, "--turn", "T-1", "--round", "1"];
    let shown: Value = serde_json::from_str(&run(&world, &asked, "").await.assert(0).out).unwrap();
    assert_eq!(shown["exact"], true, "{shown:#}");
    assert_eq!(shown["body"], world.requests()[0].body);
    let wrong = run(&world, &["debug", "context", "--session", session, "--turn", "T-9"], "").await;
    assert!(wrong.assert(2).err.contains("T-9"), "{}", wrong.err);
}
