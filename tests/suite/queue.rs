//! Prompts that wait for their turn: started one after the other when a turn is done, held for the user when one was not,
//! the same for every client, and there again after the server was killed.

use crate::auth::keyless;
use crate::harness::{
    Answer, Asked, Message, Peer, Reply, Who, World, items, last_user_text, log_file, run, script, until,
};
use glossator_models::scripted::sse;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// A script whose command is asked about: the turn waits until that is answered.
const ASKS: &str = "return (await tools.exec({ command: ['touch', 'made'] })).exitCode;";

fn said(text: &str) -> Value {
    json!([{ "kind": "text", "text": text }])
}

fn done() -> Reply {
    Reply::Text("Done.".to_owned())
}

/// A model that asks before it does the first prompt, and does all others at once.
async fn world() -> World {
    World::answering(|body| {
        match last_user_text(body).rsplit("<original-user-prompt").next().unwrap_or_default() {
            text if text.contains("ask first") && !text.contains("<tool-results") => script(ASKS),
            text if text.contains("fail now") => Reply::error(400, "invalid_request_error", "no"),
            text if text.contains("never ends") => Reply::Hang,
            _ => done(),
        }
    })
    .await
}

async fn queue(peer: &Peer, session: &str, text: &str) -> Value {
    peer.ok("glossator/turn/queue", json!({ "sessionId": session, "input": said(text) })).await
}

async fn queued(peer: &Peer, session: &str) -> Value {
    peer.ok("glossator/turn/queued", json!({ "sessionId": session })).await
}

fn ids(prompts: &Value) -> Vec<String> {
    prompts.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// A turn that waits for an answer of the user's.
async fn waiting(peer: &Peer) -> String {
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "ask first").await;
    peer.asks(&session, &turn, 1).await;
    session
}

async fn allow(peer: &Peer) {
    peer.command("glossator.approve", json!([])).await.unwrap();
}

/// The first words of the user in each turn.
fn prompts(world: &World, session: &str) -> Vec<(String, String)> {
    let said = items(world, session).into_iter().filter(|item| item["kind"] == "userMessage");
    let one = |item: Value| {
        let words = item["input"][0]["text"].as_str().unwrap_or_default().to_owned();
        (item["turn"].as_str().unwrap().to_owned(), words)
    };
    said.map(one).collect()
}

fn log(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(turn, text)| ((*turn).to_owned(), (*text).to_owned())).collect()
}

/// Waits for an update of the queue that holds these.
async fn told(peer: &Peer, session: &str, expected: &[&str]) -> Value {
    peer.wait(&format!("the queue {expected:?}"), |message: &Message| {
        let update = &message.params["update"];
        let fits = message.params["sessionId"] == session
            && update["kind"] == "queue"
            && ids(&update["prompts"]) == expected;
        fits.then(|| update.clone())
    })
    .await
}

#[tokio::test]
async fn prompts_are_started_one_after_the_other() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let session = waiting(&peer).await;
    for (text, id, position) in [("one", "Q1", 1), ("two", "Q2", 2), ("three", "Q3", 3)] {
        let answer = queue(&peer, &session, text).await;
        assert_eq!(answer, json!({ "id": id, "position": position }));
    }
    let list = queued(&peer, &session).await;
    assert_eq!(
        (ids(&list["prompts"]), &list["waits"]),
        (vec!["Q1".into(), "Q2".into(), "Q3".into()], &Value::Null)
    );
    assert_eq!(list["prompts"][1]["input"], said("two"));
    assert!(list["prompts"][1]["at"].as_i64().unwrap() > 1_600_000_000_000);
    // One is taken out, and no other gets its name.
    let unqueue = |id: &str| json!({ "sessionId": session, "id": id });
    let taken = peer.ok("glossator/turn/unqueue", unqueue("Q2")).await;
    assert_eq!(taken, json!({ "removed": true, "input": said("two") }));
    let again = peer.ok("glossator/turn/unqueue", unqueue("Q2")).await;
    assert_eq!(again, json!({ "removed": false, "input": [] }));
    assert_eq!(queue(&peer, &session, "four").await["id"], "Q4");
    told(&peer, &session, &["Q1", "Q3", "Q4"]).await;
    let read = peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
    assert_eq!(ids(&read["queued"]), ["Q1", "Q3", "Q4"]);
    allow(&peer).await;
    for turn in ["T-1", "T-2", "T-3", "T-4"] {
        peer.end(&session, turn).await.assert("done");
    }
    told(&peer, &session, &[]).await;
    assert_eq!(
        prompts(&world, &session),
        log(&[("T-1", "ask first"), ("T-2", "one"), ("T-3", "three"), ("T-4", "four")])
    );
    assert_eq!(peer.ok("glossator/turn/unqueue", unqueue("Q3")).await["removed"], false);
    assert!(queued(&peer, &session).await["prompts"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn when_nothing_runs_it_is_started_at_once() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    assert_eq!(queue(&peer, &session, "one").await, json!({ "id": "Q1", "position": 0, "turnId": "T-1" }));
    peer.end(&session, "T-1").await.assert("done");
    assert_eq!(queue(&peer, &session, "two").await, json!({ "id": "Q2", "position": 0, "turnId": "T-2" }));
    peer.end(&session, "T-2").await.assert("done");
    assert_eq!(prompts(&world, &session), log(&[("T-1", "one"), ("T-2", "two")]));
}

#[tokio::test]
async fn what_was_queued_before_the_log_was_there_is_stored_with_it() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let send = |method: &str, text: &str| {
        let params = json!({ "sessionId": session, "input": said(text) });
        peer.client.send_request(method, params).1
    };
    let answers = [
        send("glossator/turn/start", "ask first"),
        send("glossator/turn/queue", "one"),
        send("glossator/turn/queue", "two"),
    ];
    for answer in answers {
        answer.await.unwrap().unwrap();
    }
    peer.asks(&session, "T-1", 1).await;
    let file = log_file(&world, &session).with_file_name("queue.json");
    let stored: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(stored["prompts"].as_array().unwrap().len(), 2, "{stored}");
    allow(&peer).await;
    peer.end(&session, "T-3").await.assert("done");
    assert_eq!(prompts(&world, &session), log(&[("T-1", "ask first"), ("T-2", "one"), ("T-3", "two")]));
}

/// How the queue is let go on.
#[derive(Debug, Clone, Copy)]
enum Word {
    Command,
    Start,
    Queue,
    Steer,
}

#[tokio::test]
async fn after_a_turn_that_was_not_done_it_waits_for_the_user() {
    for (word, first, status) in [
        (Word::Command, "ask first", "interrupted"),
        (Word::Start, "ask first", "interrupted"),
        (Word::Queue, "ask first", "interrupted"),
        (Word::Steer, "ask first", "interrupted"),
        (Word::Command, "ask first and then fail now", "failed"),
    ] {
        let world = world().await;
        let peer = Peer::start(&world).await;
        let session = peer.new_session().await;
        let turn = peer.start_turn(&session, first).await;
        peer.asks(&session, &turn, 1).await;
        queue(&peer, &session, "one").await;
        queue(&peer, &session, "two").await;
        match status {
            "interrupted" => peer.interrupt(&session).await,
            _ => allow(&peer).await,
        }
        peer.end(&session, &turn).await.assert(status);
        let waits = peer
            .wait("that it waits", |message| {
                let update = &message.params["update"];
                (update["kind"] == "queue" && update["waits"].is_string()).then(|| update["waits"].clone())
            })
            .await;
        assert!(waits.as_str().unwrap().starts_with("T-1 "), "{waits}");
        assert_eq!(queued(&peer, &session).await["waits"], waits);
        peer.alive().await;
        assert_eq!(prompts(&world, &session).len(), 1, "nothing starts by itself");
        let expected: &[(&str, &str)] = match word {
            Word::Command => {
                let gone_on = peer.command("glossator.queue", json!([])).await.unwrap();
                assert_eq!(gone_on["turnId"], "T-2", "{gone_on}");
                &[("T-2", "one"), ("T-3", "two")]
            }
            Word::Start => {
                peer.start_turn(&session, "mine").await;
                &[("T-2", "mine"), ("T-3", "one"), ("T-4", "two")]
            }
            Word::Queue => {
                let answer = queue(&peer, &session, "three").await;
                assert_eq!(answer["id"], "Q3", "{answer}");
                &[("T-2", "one"), ("T-3", "two"), ("T-4", "three")]
            }
            Word::Steer => {
                let params = json!({ "sessionId": session, "input": said("mine") });
                assert_eq!(peer.ok("glossator/turn/steer", params).await["started"], true);
                &[("T-2", "mine"), ("T-3", "one"), ("T-4", "two")]
            }
        };
        let (last, _) = expected.last().unwrap();
        peer.end(&session, last).await.assert("done");
        assert_eq!(prompts(&world, &session)[1..], log(expected), "{word:?} {status}");
    }
}

#[tokio::test]
async fn a_queue_of_its_own_failing_prompt_waits() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let session = waiting(&peer).await;
    queue(&peer, &session, "fail now").await;
    queue(&peer, &session, "two").await;
    allow(&peer).await;
    peer.end(&session, "T-2").await.assert("failed");
    told(&peer, &session, &["Q2"]).await;
    let list = queued(&peer, &session).await;
    assert_eq!((ids(&list["prompts"]), &list["waits"]), (vec!["Q2".to_owned()], &json!("T-2 failed")));
}

#[tokio::test]
async fn two_clients_see_the_same() {
    let world = world().await.with_core();
    let (one, two) = (Peer::start(&world).await, Peer::start(&world).await);
    let session = waiting(&one).await;
    two.ok("glossator/session/read", json!({ "sessionId": session })).await;
    queue(&one, &session, "of one").await;
    queue(&two, &session, "of two").await;
    for peer in [&one, &two] {
        told(peer, &session, &["Q1", "Q2"]).await;
        assert_eq!(ids(&queued(peer, &session).await["prompts"]), ["Q1", "Q2"]);
    }
    two.ok("glossator/turn/unqueue", json!({ "sessionId": session, "id": "Q1" })).await;
    told(&one, &session, &["Q2"]).await;
    // The one who queued it is gone when its turn comes.
    two.leave().await;
    allow(&one).await;
    one.end(&session, "T-2").await.assert("done");
    assert_eq!(prompts(&world, &session), log(&[("T-1", "ask first"), ("T-2", "of two")]));
}

#[tokio::test]
async fn what_waits_goes_on_when_the_editor_is_closed() {
    let block = json!({ "type": "text", "text": "Slowly." });
    let stream = sse("scripted-model", &[block], "end_turn", 100);
    let half = stream.len() / 2;
    let chunks = vec![
        (Duration::ZERO, stream[..half].to_vec()),
        (Duration::from_millis(800), stream[half..].to_vec()),
    ];
    let world = World::new(vec![Reply::Raw { chunks }, done(), done()]).await.with_core();
    world.settings("", "[core]\non_disconnect = \"finish\"");
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "first").await;
    queue(&peer, &session, "one").await;
    queue(&peer, &session, "two").await;
    peer.item(&session, &turn, "userMessage").await;
    peer.hang_up();
    until("all of it is done", || {
        items(&world, &session).iter().filter(|item| item["kind"] == "turnEnded").count() == 3
    })
    .await;
    assert_eq!(prompts(&world, &session), log(&[("T-1", "first"), ("T-2", "one"), ("T-3", "two")]));
    let peer = Peer::start(&world).await;
    assert!(queued(&peer, &session).await["prompts"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_kill_between_queue_and_start_loses_nothing() {
    for make in [World::in_process, World::with_core] {
        let world = make(world().await);
        let mut peer = Peer::start(&world).await;
        let session = waiting(&peer).await;
        queue(&peer, &session, "one").await;
        queue(&peer, &session, "two").await;
        peer.kill().await;
        let peer = Peer::start(&world).await;
        peer.ok("glossator/session/resume", json!({ "sessionId": session })).await;
        let list = queued(&peer, &session).await;
        assert_eq!(ids(&list["prompts"]), ["Q1", "Q2"]);
        assert!(list["waits"].as_str().unwrap().contains("started anew"), "{list}");
        assert_eq!(prompts(&world, &session), log(&[("T-1", "ask first")]), "nothing starts by itself");
        let answer = queue(&peer, &session, "three").await;
        assert_eq!(answer["id"], "Q3", "no name is given twice");
        peer.end(&session, "T-4").await.assert("done");
        let expected = [("T-1", "ask first"), ("T-2", "one"), ("T-3", "two"), ("T-4", "three")];
        assert_eq!(prompts(&world, &session), log(&expected));
    }
}

#[tokio::test]
async fn kills_at_any_moment_neither_lose_a_prompt_nor_start_it_twice() {
    let world = world().await.with_core();
    let mut peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    peer.turn(&session, "first").await.assert("done");
    let mut expected = vec!["first".to_owned()];
    for round in 0..20_u64 {
        for number in 0..3 {
            let text = format!("prompt {round}-{number}");
            queue(&peer, &session, &text).await;
            expected.push(text);
        }
        tokio::time::sleep(Duration::from_micros(round * 1700 % 30_000)).await;
        peer.kill().await;
        drop(peer);
        peer = Peer::start(&world).await;
        peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
        // What is left goes on at the user's word.
        let list = queued(&peer, &session).await;
        if !list["prompts"].as_array().unwrap().is_empty() {
            peer.command("glossator.queue", json!([])).await.unwrap();
        }
        until("the queue is empty", || {
            let stored = std::fs::read_to_string(log_file(&world, &session).with_file_name("queue.json"));
            let stored: Value = serde_json::from_str(&stored.unwrap()).unwrap();
            stored["prompts"].as_array().unwrap().is_empty()
        })
        .await;
    }
    until("the last turn is done", || items(&world, &session).last().unwrap()["kind"] == "turnEnded").await;
    let words: Vec<String> = prompts(&world, &session).into_iter().map(|(_, words)| words).collect();
    assert_eq!(words, expected);
}

fn queue_file(world: &World, session: &str) -> PathBuf {
    log_file(world, session).with_file_name("queue.json")
}

/// A power failure may leave an older file than the log; so may a disk that took no more at the wrong moment.
#[tokio::test]
async fn what_the_log_tells_of_is_not_started_again_however_old_the_file_is() {
    for make in [World::in_process, World::with_core] {
        let world = make(world().await);
        let mut peer = Peer::start(&world).await;
        let session = waiting(&peer).await;
        let mut old = Vec::new();
        for text in ["one", "two", "three"] {
            queue(&peer, &session, text).await;
            old.push(std::fs::read(queue_file(&world, &session)).unwrap());
        }
        allow(&peer).await;
        peer.end(&session, "T-4").await.assert("done");
        for file in old {
            peer.kill().await;
            std::fs::write(queue_file(&world, &session), file).unwrap();
            peer = Peer::start(&world).await;
            peer.ok("glossator/session/resume", json!({ "sessionId": session })).await;
            assert!(queued(&peer, &session).await["prompts"].as_array().unwrap().is_empty());
        }
        assert_eq!(queue(&peer, &session, "four").await["id"], "Q4");
        peer.end(&session, "T-5").await.assert("done");
        let words: Vec<String> = prompts(&world, &session).into_iter().map(|(_, words)| words).collect();
        assert_eq!(words, ["ask first", "one", "two", "three", "four"]);
        let named: Vec<Value> = items(&world, &session)
            .into_iter()
            .filter(|item| item["kind"] == "userMessage")
            .map(|item| item["queued"].clone())
            .collect();
        assert_eq!(named, [Value::Null, json!(1), json!(2), json!(3), json!(4)]);
    }
}

/// As a full disk, or one that can only be read, does it: nothing can be put in the place of the file.
#[tokio::test]
async fn a_prompt_that_cannot_be_stored_is_told_of_and_started_all_the_same() {
    let world = world().await;
    let mut peer = Peer::start(&world).await;
    let session = waiting(&peer).await;
    queue(&peer, &session, "one").await;
    let file = queue_file(&world, &session);
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir_all(file.join("in the way")).unwrap();
    assert_eq!(queue(&peer, &session, "two").await, json!({ "id": "Q2", "position": 2 }));
    let notice = peer
        .wait("that it is not stored", |message| {
            let update = &message.params["update"];
            (update["kind"] == "notice").then(|| update["text"].as_str().unwrap_or_default().to_owned())
        })
        .await;
    assert!(notice.contains("cannot be stored") && notice.contains("Q2 waits in memory"), "{notice}");
    // What is in the file, as far as is known, is not said to be gone.
    let unqueue = json!({ "sessionId": session, "id": "Q1" });
    peer.request("glossator/turn/unqueue", unqueue).await.unwrap_err();
    assert_eq!(ids(&queued(&peer, &session).await["prompts"]), ["Q1", "Q2"]);
    allow(&peer).await;
    peer.end(&session, "T-3").await.assert("done");
    std::fs::remove_dir_all(&file).unwrap();
    queue(&peer, &session, "three").await;
    peer.end(&session, "T-4").await.assert("done");
    peer.kill().await;
    let peer = Peer::start(&world).await;
    peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
    assert!(queued(&peer, &session).await["prompts"].as_array().unwrap().is_empty());
    let words: Vec<String> = prompts(&world, &session).into_iter().map(|(_, words)| words).collect();
    assert_eq!(words, ["ask first", "one", "two", "three"]);
}

/// Who queued it does not wait for the answer, or is gone, while the editor is asked what it shows.
#[tokio::test]
async fn a_request_that_is_given_up_starts_its_prompt_all_the_same() {
    for gone in [false, true] {
        let world = world().await.with_core();
        let never = |asked: &Asked| (asked.method == "glossator/editor/state").then_some(Answer::Silence);
        let who = Who::extension().with_features(&["sessions", "turns", "updates", "editor"]);
        let peer = Peer::with(&world, &who, never).await;
        let session = peer.new_session().await;
        let params = json!({ "sessionId": session, "input": said("one") });
        let (id, _answer) = peer.client.send_request("glossator/turn/queue", params);
        let asked = |one: &Message| (one.method == "glossator/editor/state").then_some(());
        peer.wait("what the editor is asked", asked).await;
        let other = Peer::start(&world).await;
        match gone {
            true => peer.hang_up(),
            false => peer.client.notify("$/cancelRequest", json!({ "id": id })),
        }
        let answer = queue(&other, &session, "two").await;
        assert!(answer["position"].as_u64().is_some_and(|place| place < 2), "{answer}");
        other.end(&session, "T-2").await.assert("done");
        let words: Vec<String> = prompts(&world, &session).into_iter().map(|(_, words)| words).collect();
        assert_eq!(words, ["one", "two"]);
    }
}

#[tokio::test]
async fn what_waits_for_a_key_goes_on_by_itself_whoever_gives_it() {
    for (number, elsewhere) in [(1, true), (2, false)] {
        let world = keyless().await;
        let peer = Peer::start(&world).await;
        let session = peer.new_session().await;
        for text in ["one", "two"] {
            let answer = queue(&peer, &session, text).await;
            assert!(answer["waits"].as_str().unwrap_or_default().contains("no API key"), "{answer}");
        }
        assert!(world.requests().is_empty());
        let key = format!("sk-queue-{number}");
        if elsewhere {
            run(&world, &["login", "stored", "--stdin"], &key).await.assert(0);
        } else {
            peer.ok("glossator/auth/login", json!({ "provider": "stored", "key": key })).await;
        }
        peer.end(&session, "T-1").await.assert("done");
        peer.end(&session, "T-2").await.assert("done");
        assert_eq!(prompts(&world, &session), log(&[("T-1", "one"), ("T-2", "two")]));
    }
}

#[tokio::test]
async fn what_waits_in_a_session_that_has_not_begun_outlives_the_process() {
    for make in [World::in_process, World::with_core] {
        let world = make(keyless().await);
        let mut peer = Peer::start(&world).await;
        let session = peer.new_session().await;
        queue(&peer, &session, "one").await;
        queue(&peer, &session, "two").await;
        peer.kill().await;
        let peer = Peer::start(&world).await;
        let session = peer.new_session().await;
        peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
        let list = queued(&peer, &session).await;
        assert_eq!(ids(&list["prompts"]), ["Q1", "Q2"], "{list}");
        assert!(list["waits"].as_str().unwrap().contains("started anew"), "{list}");
        // In one session only, and not what waited in one that was deleted.
        let other = peer.new_session().await;
        queue(&peer, &other, "gone").await;
        peer.ok("glossator/session/delete", json!({ "sessionId": other })).await;
        let other = peer.new_session().await;
        peer.ok("glossator/session/read", json!({ "sessionId": other })).await;
        assert_eq!(queued(&peer, &other).await["prompts"], json!([]));
        peer.ok("glossator/auth/login", json!({ "provider": "stored", "key": "sk-queue-3" })).await;
        assert_eq!(queue(&peer, &session, "three").await["id"], "Q3");
        peer.end(&session, "T-3").await.assert("done");
        assert_eq!(prompts(&world, &session), log(&[("T-1", "one"), ("T-2", "two"), ("T-3", "three")]));
    }
}

#[tokio::test]
async fn what_waits_for_a_model_goes_on_by_itself_when_one_is_set() {
    let world = world().await;
    let settings = std::fs::read_to_string(world.settings_file()).unwrap();
    std::fs::remove_file(world.settings_file()).unwrap();
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let answer = queue(&peer, &session, "one").await;
    assert!(answer["waits"].as_str().unwrap_or_default().contains("No model is chosen"), "{answer}");
    // One that was taken out meanwhile is not started.
    queue(&peer, &session, "two").await;
    peer.ok("glossator/turn/unqueue", json!({ "sessionId": session, "id": "Q1" })).await;
    world.settings_text(&settings);
    peer.end(&session, "T-1").await.assert("done");
    assert_eq!(prompts(&world, &session), log(&[("T-1", "two")]));
}

#[tokio::test]
async fn what_was_wished_for_a_turn_waits_with_its_prompt() {
    let world = world().await;
    world.settings("", "[agents.ann]\nmodel = \"scripted/ann-model\"\nrole = \"You look.\"\n");
    let mut peer = Peer::start(&world).await;
    let session = waiting(&peer).await;
    let params = json!({ "sessionId": session, "input": said("look"), "agents": ["ann"], "pack": "read-only", "mode": "dry-run" });
    peer.ok("glossator/turn/queue", params).await;
    peer.kill().await;
    let peer = Peer::start(&world).await;
    peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
    peer.command("glossator.queue", json!([])).await.unwrap();
    peer.end(&session, "T-2").await.assert("done");
    let requests = world.requests();
    let last = &requests.last().unwrap().body;
    assert_eq!(last["model"], "ann-model");
    let text = last_user_text(last);
    assert!(
        text.contains("only these tools") && text.contains("dry run"),
        "{}",
        serde_json::to_string_pretty(&last["messages"]).unwrap()
    );
}

#[tokio::test]
async fn images_wait_too() {
    let world = world().await;
    let mut peer = Peer::start(&world).await;
    let session = waiting(&peer).await;
    let image = json!({ "kind": "image", "mediaType": "image/png", "data": "iVBORw0KGgo=", "name": "a.png" });
    let input = json!([{ "kind": "text", "text": "what is this" }, image]);
    peer.ok("glossator/turn/queue", json!({ "sessionId": session, "input": input })).await;
    let update = told(&peer, &session, &["Q1"]).await;
    assert_eq!(update["prompts"][0]["input"][1]["data"], "", "events are kept, and images are large");
    peer.kill().await;
    let peer = Peer::start(&world).await;
    peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
    assert_eq!(queued(&peer, &session).await["prompts"][0]["input"], input);
    peer.command("glossator.queue", json!([])).await.unwrap();
    peer.end(&session, "T-2").await.assert("done");
    assert!(world.requests().last().unwrap().body["messages"].to_string().contains("iVBORw0KGgo="));
}

#[tokio::test]
async fn clients_without_the_extension_queue_by_commands() {
    let world = world().await;
    let who = Who::plain(json!({ "workspace": { "applyEdit": true } }));
    let peer = Peer::with(&world, &who, |_: &Asked| None).await;
    let started = peer.command("glossator.ask", json!(["ask first"])).await.unwrap();
    let session = started["sessionId"].as_str().unwrap().to_owned();
    peer.shown(&["Glossator asks"]).await;
    let why = peer.command("glossator.queue", json!([])).await.unwrap_err();
    assert!(why["message"].as_str().unwrap().contains("Nothing is queued"), "{why}");
    let answer = peer.command("glossator.queue", json!(["one"])).await.unwrap();
    assert_eq!((&answer["id"], &answer["position"]), (&json!("Q1"), &json!(1)));
    let listed = peer.command("glossator.queue", json!([])).await.unwrap();
    assert_eq!(ids(&listed["prompts"]), ["Q1"]);
    peer.shown(&["1 waits", "Q1 one"]).await;
    allow(&peer).await;
    until("both are done", || {
        items(&world, &session).iter().filter(|item| item["kind"] == "turnEnded").count() == 2
    })
    .await;
    assert_eq!(prompts(&world, &session), log(&[("T-1", "ask first"), ("T-2", "one")]));
}

#[tokio::test]
async fn a_queue_that_cannot_be_read_is_put_aside_and_said() {
    let world = world().await;
    let mut peer = Peer::start(&world).await;
    let session = waiting(&peer).await;
    queue(&peer, &session, "one").await;
    peer.kill().await;
    let file = log_file(&world, &session).with_file_name("queue.json");
    std::fs::write(&file, "{\"last\": 1, \"prompts\": [").unwrap();
    let peer = Peer::start(&world).await;
    peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
    assert!(queued(&peer, &session).await["prompts"].as_array().unwrap().is_empty());
    assert!(file.with_file_name("queue.old.json").exists());
    queue(&peer, &session, "two").await;
    peer.end(&session, "T-2").await.assert("done");
}

#[tokio::test]
async fn what_cannot_be_understood_is_refused() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let session = waiting(&peer).await;
    queue(&peer, &session, "one").await;
    let image = json!([{ "kind": "image", "mediaType": "image/png", "data": "?" }]);
    for (method, params, words) in [
        ("queue", json!({}), "sessionId"),
        ("queue", json!({ "sessionId": session }), "input"),
        ("queue", json!({ "sessionId": session, "input": [] }), "empty"),
        ("queue", json!({ "sessionId": session, "input": said("\t") }), "empty"),
        ("queue", json!({ "sessionId": session, "input": image }), "base64"),
        ("queue", json!({ "sessionId": session, "input": said("x"), "pack": "nope" }), "nope"),
        ("queue", json!({ "sessionId": session, "input": said("x"), "mode": "loud" }), "loud"),
        ("queue", json!({ "sessionId": "nobody", "input": said("x") }), "no session"),
        ("queued", json!({}), "sessionId"),
        ("queued", json!({ "sessionId": "nobody" }), "no session"),
        ("queued", json!({ "sessionId": 7 }), ""),
        ("unqueue", json!({ "sessionId": session }), "id"),
        ("unqueue", json!({ "sessionId": session, "id": "seven" }), "Q1, Q2"),
        ("unqueue", json!({ "sessionId": session, "id": "Q-1" }), "Q1, Q2"),
        ("unqueue", json!({ "sessionId": "nobody", "id": "Q1" }), "no session"),
        ("unqueue", json!([]), ""),
    ] {
        let why = peer.refused(&format!("glossator/turn/{method}"), params.clone()).await;
        assert!(why.contains(words), "{method} {params}: {why}");
    }
    assert_eq!(ids(&queued(&peer, &session).await["prompts"]), ["Q1"]);
    let none = peer.ok("glossator/turn/unqueue", json!({ "sessionId": session, "id": "Q99" })).await;
    assert_eq!(none["removed"], false);
}
