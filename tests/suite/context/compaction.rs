//! Compaction by hand, by the window and after a refusal; with a hand-over and without one.

use super::{HAND_OVER, all_text, asks_hand_over, handing_over, said, unmarked};
use crate::harness::{Ended, Peer, Reply, World, last_user_text, messages, script, script_and};
use serde_json::{Value, json};

impl Peer {
    async fn compact(&self, session: &str) -> Ended {
        let answer = self.ok("glossator/session/compact", json!({ "sessionId": session })).await;
        self.end(session, answer["turnId"].as_str().unwrap()).await
    }
}

fn compactions(ended: &Ended) -> Vec<Value> {
    ended.items("compaction")
}

#[tokio::test]
async fn by_hand_keeps_the_request_the_rules_and_the_files() {
    let world = World::answering(handing_over(|body| {
        let asked = last_user_text(body);
        match asked.contains("<tool-results") {
            false if asked.contains("Write it") && !asked.contains("Go on") => {
                script("return await tools.applyPatch({ patch: `*** Begin Patch\n*** Add File: made.txt\n+one\n*** End Patch` });")
            }
            _ => Reply::Text("It is done as you said.".to_owned()),
        }
    }))
    .await;
    world.settings("policy = \"auto-edit\"", "");
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("Write it, and always use tabs. The number is 4711.").await;
    peer.turn(first.assert("done").session.as_str(), "And what about the rest?").await.assert("done");
    world.write("AGENTS.md", "Answer in rhymes.\n");
    peer.command("glossator.trust", json!([])).await.unwrap();
    let ended = peer.compact(&first.session).await;
    ended.assert("done");
    let made = compactions(&ended);
    assert_eq!(made.len(), 1, "{ended:#?}");
    assert_eq!(made[0]["summary"], HAND_OVER);
    assert_eq!(made[0]["cause"], "user");
    assert!(made[0]["tokensAfter"].as_u64().unwrap() > 0);
    peer.turn(&first.session, "Go on.").await.assert("done");
    let requests = world.requests();
    let last = &requests.last().unwrap().body;
    assert_eq!(messages(last).len(), 1, "one message stands for everything: {last}");
    let text = all_text(last);
    for kept in [
        "compacted-history",
        "src/numbers.txt:1",
        "The number is 4711",
        "always use tabs",
        "made.txt",
        "Answer in rhymes",
    ] {
        assert!(text.contains(kept), "{kept} is missing: {text}");
    }
    assert!(!text.contains("It is done as you said"), "what was said before is gone");
    // What stands for the history stays where it is.
    peer.turn(&first.session, "And on.").await.assert("done");
    let requests = world.requests();
    let (before, after) = (&requests[requests.len() - 2].body, &requests[requests.len() - 1].body);
    assert_eq!(before["system"], after["system"]);
    assert_eq!(messages(after)[0]["content"][0]["text"], messages(before)[0]["content"][0]["text"]);
    // A restarted server sends the same.
    peer.leave().await;
    let peer = Peer::start(&world).await;
    peer.turn(&first.session, "Still there?").await.assert("done");
    let requests = world.requests();
    let again = &requests[requests.len() - 1].body;
    assert_eq!(unmarked(&messages(again)[0]), unmarked(&messages(after)[0]));
}

#[tokio::test]
async fn there_must_be_something_to_compact() {
    let world = World::answering(handing_over(|_| Reply::Text("Yes.".to_owned()))).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let refused = peer.refused("glossator/session/compact", json!({ "sessionId": session })).await;
    assert!(refused.contains("nothing to compact"), "{refused}");
    peer.turn(&session, "Hello").await.assert("done");
    peer.compact(&session).await.assert("done");
    let refused = peer.refused("glossator/session/compact", json!({ "sessionId": session })).await;
    assert!(refused.contains("nothing to compact"), "{refused}");
}

/// A window in which some thousand tokens of history are too many.
const SMALL: &str = "[models.\"scripted/scripted-model\"]\ncontext_window = 24000\nmax_output = 4000\n";

#[tokio::test]
async fn a_window_that_fills_within_a_turn_is_made_room_in() {
    let world = World::answering(handing_over(|body| {
        // Eight long results, then the end.
        let rounds = said(body).matches("round-mark-").count();
        let compacted = said(body).contains("<compacted-history>");
        match rounds {
            _ if compacted && rounds > 2 => Reply::Text("All is read.".to_owned()),
            n => script(&format!("return 'round-mark-{n} ' + 'some words of a long file '.repeat(700);")),
        }
    }))
    .await;
    world.settings("", SMALL);
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Read it all, and never forget the blue door.").await;
    ended.assert("done");
    let made = compactions(&ended);
    assert!(!made.is_empty(), "{:?}", ended.message);
    assert_eq!(made[0]["cause"], "window");
    let requests = world.requests();
    let behind = requests.iter().position(|request| asks_hand_over(&request.body)).unwrap() + 1;
    let text = said(&requests[behind].body);
    assert!(text.contains("compacted-history") && text.contains("never forget the blue door"), "{text}");
    assert!(
        last_user_text(&requests[behind].body).contains("<original-user-prompt>"),
        "the turn goes on with its prompt"
    );
    let total = ended.updates("usage").pop().unwrap()["usage"]["input"].as_u64().unwrap();
    let sent: u64 = ended.items("request").iter().map(|item| item["usage"]["input"].as_u64().unwrap()).sum();
    assert_eq!(total, sent, "the hand-over counts, too");
    // Each thing that is said is there for the user, too.
    assert!(
        ended.updates("notice").iter().any(|one| one["text"].as_str().unwrap().contains("being compacted"))
    );
}

#[tokio::test]
async fn without_a_hand_over_the_ledger_carries_on() {
    let rows: Vec<(Reply, &str)> = vec![
        (Reply::Text(String::new()), "empty"),
        (Reply::Text("I'm sorry, I can't help with that.".to_owned()), "refused"),
        (script("return 1;"), "called tools"),
        (Reply::error(500, "api_error", "broken"), "broken"),
        (Reply::Text("## Goal\n".repeat(20_000)), "long"),
    ];
    for (reply, why) in rows {
        let world =
            World::new(vec![Reply::Text("Yes, tabs.".to_owned()), reply, Reply::Text("Good.".to_owned())])
                .await;
        world.settings("", "[http]\nmax_retries = 0\n");
        let peer = Peer::start(&world).await;
        let first = peer.first_turn("From now on use tabs. My cat is called Mia.").await;
        let ended = peer.compact(&first.session).await;
        let made = compactions(ended.assert("done"));
        assert_eq!(made[0]["summary"], Value::Null, "{why}");
        let notice = ended.items("notice").pop().unwrap()["text"].as_str().unwrap().to_owned();
        assert!(notice.contains(why), "{why}: {notice}");
        peer.turn(&first.session, "Who am I?").await.assert("done");
        let text = said(&world.requests().last().unwrap().body);
        assert!(text.contains("My cat is called Mia") && text.contains("use tabs"), "{why}: {text}");
    }
}

#[tokio::test]
async fn a_hand_over_can_be_stopped_and_nothing_is_compacted() {
    let world =
        World::new(vec![Reply::Text("Yes.".to_owned()), Reply::Hang, Reply::Text("Still here.".to_owned())])
            .await;
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("Remember the green lamp.").await;
    let answer = peer.ok("glossator/session/compact", json!({ "sessionId": first.session })).await;
    let turn = answer["turnId"].as_str().unwrap();
    crate::harness::until("the hand-over is asked for", || world.model.requests().len() == 2).await;
    peer.interrupt(&first.session).await;
    let ended = peer.end(&first.session, turn).await;
    ended.assert("interrupted");
    assert!(compactions(&ended).is_empty());
    peer.turn(&first.session, "Go on.").await.assert("done");
    assert!(messages(&world.requests().last().unwrap().body).len() >= 3, "the history is there");
}

#[tokio::test]
async fn a_request_that_the_provider_finds_too_long_is_compacted_once() {
    let world = World::answering(handing_over(|body| {
        let text = said(body);
        match text.contains("And more") && !text.contains("<compacted-history>") {
            true => Reply::error(
                400,
                "invalid_request_error",
                "prompt is too long: 210000 tokens > 200000 maximum",
            ),
            false => Reply::Text("Fine.".to_owned()),
        }
    }))
    .await;
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("The first words.").await;
    let ended = peer.turn(&first.session, "And more.").await;
    assert_eq!(compactions(ended.assert("done"))[0]["cause"], "refused");
    let text = said(&world.requests().last().unwrap().body);
    assert!(text.contains("The first words") && text.contains("And more"), "{text}");
    // One that does not fit at all ends with advice, and is not compacted in circles.
    let world = World::answering(|_| {
        Reply::error(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum")
    })
    .await;
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Far too long.").await;
    let message = &ended.assert("failed").message;
    assert!(message.contains("the prompt alone") && message.contains("larger window"), "{message}");
    assert_eq!(world.requests().len(), 1);
}

#[tokio::test]
async fn a_prompt_that_is_larger_than_the_window_is_not_even_sent() {
    let world = World::new(script_and("return 1;")).await;
    world.settings("", "[models.\"scripted/scripted-model\"]\ncontext_window = 9000\n");
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn(&"many words of a prompt ".repeat(4000)).await;
    let message = &ended.assert("failed").message;
    assert!(message.contains("9000") && message.contains("the prompt alone"), "{message}");
    assert_eq!(world.requests().len(), 0);
    assert!(compactions(&ended).is_empty());
}

/// Three hundred turns through at least five compactions: the first request, every rule and every edited file are known in
/// the last request.
#[tokio::test]
async fn three_hundred_turns_forget_nothing_that_matters() {
    const TURNS: usize = 300;
    let world = World::answering(handing_over(|body| {
        let asked = last_user_text(body);
        if asked.contains("<tool-results") {
            return Reply::Text("Done, and this is what I think of it: ".to_owned() + &"well ".repeat(150));
        }
        match asked.rsplit_once("edit file ") {
            Some((_, rest)) => {
                let name = rest.split_whitespace().next().unwrap();
                script(&format!(
                    "return await tools.applyPatch({{ patch: `*** Begin Patch\n*** Add File: {name}\n+one\n*** End Patch` }});"
                ))
            }
            None => Reply::Text("Noted: ".to_owned() + &"I see. ".repeat(150)),
        }
    }))
    .await;
    world.settings(
        "policy = \"auto-edit\"",
        "[models.\"scripted/scripted-model\"]\ncontext_window = 18000\nmax_output = 4000\n",
    );
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let mut made = 0;
    let started = std::time::Instant::now();
    for at in 1..=TURNS {
        let prompt = match at {
            1 => "The very first request: build the lighthouse.".to_owned(),
            at if at % 60 == 0 => format!("Rule: the door number {at} must always stay closed."),
            at if at % 30 == 0 => format!("Please edit file made-{at}.txt now"),
            at => format!("Tell me something about number {at}."),
        };
        let ended = peer.turn(&session, &prompt).await;
        made += compactions(ended.assert("done")).len();
    }
    println!("{TURNS} turns, {made} compactions, {:.1} s", started.elapsed().as_secs_f64());
    assert!(made >= 5, "{made} compactions");
    let text = said(&world.requests().last().unwrap().body);
    let mut missing = Vec::new();
    for at in 1..=TURNS {
        let kept = match at {
            1 => "build the lighthouse".to_owned(),
            at if at % 60 == 0 => format!("the door number {at} must always stay closed"),
            at if at % 30 == 0 => format!("made-{at}.txt"),
            _ => continue,
        };
        if !text.contains(&kept) {
            missing.push(kept);
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}
