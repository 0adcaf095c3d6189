//! What the user says while a turn runs: it is a message of that turn, the model gets it with its next request behind the
//! results, in order, on every wire; at the end of a turn it is never lost; nothing that was sent before moves.

use crate::harness::{
    Answer, Asked, Ended, Message, PATIENCE, Peer, Reply, Who, World, items, last_user_text, messages,
    script, text_of, until,
};
use glossator_models::scripted::{Recorded, sse};
use serde_json::{Value, json};
use std::time::Duration;

/// A script whose command is asked about: the turn waits until that is answered.
const ASKS: &str = "return (await tools.exec({ command: ['touch', 'made'] })).exitCode;";

fn said(text: &str) -> Value {
    json!([{ "kind": "text", "text": text }])
}

fn done() -> Reply {
    Reply::Text("Done.".to_owned())
}

/// An answer that pauses in the middle.
fn slow(text: &str, pause: Duration) -> Reply {
    let block = json!({ "type": "text", "text": text });
    let stream = String::from_utf8(sse("scripted-model", &[block], "end_turn", 100)).unwrap();
    let first = stream.find("event: content_block_stop").unwrap();
    let (begin, rest) = stream.split_at(first);
    let chunks = vec![(Duration::ZERO, begin.as_bytes().to_vec()), (pause, rest.as_bytes().to_vec())];
    Reply::Raw { chunks }
}

async fn steer(peer: &Peer, session: &str, input: Value) -> (String, bool) {
    let answer = peer.ok("glossator/turn/steer", json!({ "sessionId": session, "input": input })).await;
    (answer["turnId"].as_str().unwrap().to_owned(), answer["started"].as_bool().unwrap())
}

async fn allow(peer: &Peer) {
    peer.command("glossator.approve", json!([])).await.unwrap();
}

/// A turn that waits for an answer of the user's.
async fn waiting(peer: &Peer, prompt: &str) -> (String, String) {
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, prompt).await;
    peer.asks(&session, &turn, 1).await;
    (session, turn)
}

/// What the user said in the log: turn, round, first words.
fn said_in(world: &World, session: &str) -> Vec<(String, u64, String)> {
    let said = items(world, session).into_iter().filter(|item| item["kind"] == "userMessage");
    let one = |item: Value| {
        let words = item["input"][0]["text"].as_str().unwrap_or_default().to_owned();
        (item["turn"].as_str().unwrap().to_owned(), item["round"].as_u64().unwrap(), words)
    };
    said.map(one).collect()
}

fn log(rows: &[(&str, u64, &str)]) -> Vec<(String, u64, String)> {
    rows.iter().map(|(turn, round, text)| ((*turn).to_owned(), *round, (*text).to_owned())).collect()
}

/// How often `words` stand in a text as something that was added.
fn added(text: &str, words: &str) -> usize {
    text.matches(&format!("added=\"now\">\n{words}")).count()
}

/// But for its last message, each request is the beginning of the next.
fn assert_grown(requests: &[Recorded]) {
    for (at, pair) in requests.windows(2).enumerate() {
        let (before, after) = (bare(&pair[0].body), bare(&pair[1].body));
        let (last, rest) = before.split_last().unwrap();
        assert_eq!(after[..rest.len()], *rest, "request {}", at + 2);
        let texts = |message: &Value| message["content"].as_array().cloned().unwrap_or_default();
        assert!(texts(&after[rest.len()]).starts_with(&texts(last)), "request {}: {last}", at + 2);
        assert_eq!(pair[0].body["system"], pair[1].body["system"]);
    }
}

/// The messages without the marks of caches, which move.
fn bare(body: &Value) -> Vec<Value> {
    let mut all = messages(body).to_vec();
    for block in all.iter_mut().filter_map(|message| message["content"].as_array_mut()).flatten() {
        block.as_object_mut().unwrap().remove("cache_control");
    }
    all
}

#[tokio::test]
async fn what_is_said_stands_behind_the_results_of_the_round() {
    let world = World::new(vec![script(ASKS), script("return 2;"), done()]).await;
    world.write("notes.txt", "one\ntwo\n");
    let peer = Peer::start(&world).await;
    let (session, turn) = waiting(&peer, "Do it").await;
    assert_eq!(steer(&peer, &session, said("First of all: in Rust")).await, (turn.clone(), false));
    let png = "iVBORw0KGgo=";
    let more = json!([
        { "kind": "text", "text": "And this" },
        { "kind": "mention", "uri": world.uri("notes.txt"), "range": { "start": { "line": 1, "character": 0 }, "end": { "line": 2, "character": 0 } } },
        { "kind": "image", "mediaType": "image/png", "data": png, "name": "screen.png" },
    ]);
    assert_eq!(steer(&peer, &session, more).await, (turn.clone(), false));
    // Clients see it at once, as a message of the turn.
    let item = peer.update(&session, &turn, "what was said", |update| {
        let item = &update["item"];
        (item["kind"] == "userMessage" && item["round"] == 1).then(|| item.clone())
    });
    let item = item.await;
    assert!(item["at"].as_i64().unwrap() > 1_600_000_000_000, "{item}");
    assert_eq!(world.requests().len(), 1, "a round that is under way is not broken off");
    allow(&peer).await;
    peer.end(&session, &turn).await.assert("done");
    let requests = world.requests();
    let second = last_user_text(&requests[1].body);
    let at = |words: &str| second.find(words).unwrap_or_else(|| panic!("{words} is not in {second}"));
    assert!(at("<tool-results") < at("First of all"), "{second}");
    assert!(at("First of all") < at("And this"), "{second}");
    assert!(at("And this") < at("notes.txt"), "{second}");
    assert_eq!((added(&second, "First of all"), added(&second, "And this")), (1, 1));
    assert!(messages(&requests[1].body).last().unwrap().to_string().contains(png), "the image goes along");
    // From then on it is repeated with the prompt, and not new.
    let third = last_user_text(&requests[2].body);
    assert!(third.contains("Do it\nFirst of all: in Rust\nAnd this"), "{third}");
    assert_eq!(added(&third, "First of all"), 0, "{third}");
    assert_grown(&requests);
    assert_eq!(
        said_in(&world, &session),
        log(&[("T-1", 0, "Do it"), ("T-1", 1, "First of all: in Rust"), ("T-1", 1, "And this")])
    );
    // What was sent can be shown again, byte for byte.
    for round in 1..=3 {
        let sent = peer
            .ok("glossator/context/sent", json!({ "sessionId": session, "turnId": "T-1", "round": round }))
            .await;
        assert_eq!(sent["exact"], true, "round {round}");
    }
}

#[tokio::test]
async fn on_every_wire() {
    for wire in ["messages", "chat", "responses", "ollama"] {
        for calling in ["script", "native"] {
            let step = match calling {
                "script" => script(ASKS),
                _ => Reply::tool_call("c1", "exec", json!({ "command": ["touch", "made"] })),
            };
            let world = World::new(vec![step, done()]).await;
            let base = world.model.base_url();
            world.settings_text(&format!(
                "model = \"scripted/scripted-model\"\n[tools]\ncalling = \"{calling}\"\n[providers.scripted]\nwire = \"{wire}\"\n\
                 base_url = \"{base}\"\nkey_env = \"SCRIPTED_KEY\"\n[models.\"scripted/scripted-model\"]\ncontext_window = 32768\n"
            ));
            let peer = Peer::start(&world).await;
            let (session, turn) = waiting(&peer, "Do it").await;
            steer(&peer, &session, said("In Rust, please")).await;
            allow(&peer).await;
            peer.end(&session, &turn).await.assert("done");
            let requests = world.model.requests();
            assert_eq!(requests.len(), 2, "{wire} {calling}");
            let sent = String::from_utf8(requests[1].raw.clone()).unwrap();
            assert_eq!(sent.matches("In Rust, please").count(), 1, "{wire} {calling}: {sent}");
            assert!(sent.contains("added=\\\"now\\\""), "{wire} {calling}: {sent}");
        }
    }
}

#[tokio::test]
async fn what_is_said_to_a_last_word_is_answered_in_another_round() {
    let pause = Duration::from_secs(3);
    let world = World::new(vec![slow("That is all.", pause), done()]).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Do it").await;
    let text = |update: &Value| (update["kind"] == "itemDelta").then_some(());
    peer.update(&session, &turn, "the answer", text).await;
    assert_eq!(steer(&peer, &session, said("Not yet")).await, (turn.clone(), false));
    let ended = peer.end(&session, &turn).await;
    ended.assert("done");
    assert_eq!(ended.items("answer").len(), 2);
    let requests = world.requests();
    let last = last_user_text(&requests[1].body);
    assert_eq!(added(&last, "Not yet"), 1, "{last}");
    assert!(!last.contains("held no call"), "the model has something to go on: {last}");
    assert_grown(&requests);
    assert_eq!(said_in(&world, &session), log(&[("T-1", 0, "Do it"), ("T-1", 1, "Not yet")]));
}

#[tokio::test]
async fn without_a_turn_one_is_started() {
    let world = World::answering(|_| done()).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    assert_eq!(steer(&peer, &session, said("One")).await, ("T-1".to_owned(), true));
    peer.end(&session, "T-1").await.assert("done");
    // Whatever turn was meant: it has ended.
    for named in ["T-1", "T-2"] {
        let params = json!({ "sessionId": session, "turnId": named, "input": said("More") });
        let answer = peer.ok("glossator/turn/steer", params).await;
        assert_eq!(answer["started"], true, "{answer}");
        peer.end(&session, answer["turnId"].as_str().unwrap()).await.assert("done");
    }
    assert_eq!(said_in(&world, &session).len(), 3);
}

/// Everything that was said is in the log once, in order, and the model was sent it.
fn assert_all_heard(world: &World, session: &str, expected: &[String]) {
    let words: Vec<String> = said_in(world, session).into_iter().map(|(_, _, words)| words).collect();
    assert_eq!(words, expected);
    let sent: String = world.model.requests().iter().map(|one| one.body["messages"].to_string()).collect();
    for words in expected {
        assert!(sent.contains(words.as_str()), "{words} was never sent");
    }
}

#[tokio::test]
async fn at_the_very_end_of_a_turn_nothing_is_lost() {
    let world = World::answering(|_| done()).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let mut expected = Vec::new();
    for number in 0..40_u64 {
        let prompt = format!("prompt {number}.");
        let turn = peer.start_turn(&session, &prompt).await;
        expected.push(prompt);
        // Somewhere between the answer and the end of the turn, or behind it.
        peer.item(&session, &turn, "answer").await;
        tokio::time::sleep(Duration::from_micros(number % 20 * 200)).await;
        let words = format!("steering {number}.");
        let (heard, started) = steer(&peer, &session, said(&words)).await;
        assert_eq!(started, heard != turn, "{heard} {turn}");
        expected.push(words);
        peer.end(&session, &heard).await.assert("done");
    }
    assert_all_heard(&world, &session, &expected);
}

#[tokio::test]
async fn a_hundred_in_a_row_keep_their_order() {
    let world = World::new(vec![script(ASKS), done()]).await;
    let peer = Peer::start(&world).await;
    let (session, turn) = waiting(&peer, "Do it").await;
    let mut expected = vec!["Do it".to_owned()];
    let mut answers = Vec::new();
    for number in 0..100 {
        let words = format!("steering {number}.");
        let params = json!({ "sessionId": session, "input": said(&words) });
        answers.push(peer.client.send_request("glossator/turn/steer", params).1);
        expected.push(words);
    }
    for answer in answers {
        assert_eq!(answer.await.unwrap().unwrap(), json!({ "turnId": turn, "started": false }));
    }
    allow(&peer).await;
    peer.end(&session, &turn).await.assert("done");
    assert_all_heard(&world, &session, &expected);
    let last = last_user_text(&world.requests()[1].body);
    assert_eq!(last.matches("added=\"now\"").count(), 100);
    assert_eq!(world.requests().len(), 2, "all of them are read with one request");
}

#[tokio::test]
async fn said_before_the_turn_is_on_its_way() {
    let world = World::new(vec![slow("Well.", Duration::from_secs(3)), done()]).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let send = |method: &str, text: &str| {
        let params = json!({ "sessionId": session, "input": said(text) });
        peer.client.send_request(method, params).1
    };
    let (start, one, two) = (
        send("glossator/turn/start", "Do it"),
        send("glossator/turn/steer", "one"),
        send("glossator/turn/steer", "two"),
    );
    let turn = start.await.unwrap().unwrap()["turnId"].clone();
    for answer in [one, two] {
        assert_eq!(answer.await.unwrap().unwrap(), json!({ "turnId": turn, "started": false }));
    }
    let ended = peer.end(&session, turn.as_str().unwrap()).await;
    ended.assert("done");
    let words: Vec<String> = said_in(&world, &session).into_iter().map(|(_, _, words)| words).collect();
    assert_eq!(words, ["Do it", "one", "two"]);
    assert_eq!(
        peer.ok("glossator/session/read", json!({ "sessionId": session })).await["session"]["title"],
        "Do it"
    );
}

#[tokio::test]
async fn after_a_stop_it_is_a_turn_of_its_own() {
    let world = World::new(vec![Reply::Hang, done()]).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Do it").await;
    until("the model is asked", || !world.model.requests().is_empty()).await;
    peer.interrupt(&session).await;
    assert_eq!(steer(&peer, &session, said("Something else")).await, ("T-2".to_owned(), true));
    peer.end(&session, &turn).await.assert("interrupted");
    peer.end(&session, "T-2").await.assert("done");
    assert_eq!(said_in(&world, &session), log(&[("T-1", 0, "Do it"), ("T-2", 0, "Something else")]));
}

#[tokio::test]
async fn what_was_said_outlives_a_kill() {
    let world = World::new(vec![script(ASKS), done()]).await;
    let mut peer = Peer::start(&world).await;
    let (session, _) = waiting(&peer, "Do it").await;
    steer(&peer, &session, said("never use unsafe code")).await;
    peer.kill().await;
    let peer = Peer::start(&world).await;
    let left = peer.ok("glossator/session/resume", json!({ "sessionId": session })).await;
    assert_eq!(left["left"]["interrupted"], "T-1");
    peer.turn(&session, "Go on").await.assert("done");
    let requests = world.requests();
    let sent = requests.last().unwrap().body["messages"].to_string();
    assert!(sent.contains("never use unsafe code"), "{sent}");
    assert_eq!(said_in(&world, &session)[1], log(&[("T-1", 1, "never use unsafe code")])[0]);
}

#[tokio::test]
async fn a_request_that_fails_loses_nothing_that_was_said() {
    let refused = Reply::error(400, "invalid_request_error", "no");
    let world = World::new(vec![script(ASKS), refused, done()]).await;
    let peer = Peer::start(&world).await;
    let (session, turn) = waiting(&peer, "Do it").await;
    steer(&peer, &session, said("in Rust")).await;
    allow(&peer).await;
    peer.end(&session, &turn).await.assert("failed");
    peer.turn(&session, "Again").await.assert("done");
    let last = world.requests().last().unwrap().body["messages"].to_string();
    assert_eq!(last.matches("in Rust").count(), 1, "{last}");
}

#[tokio::test]
async fn it_is_a_prompt_of_the_user_in_compactions_forks_and_exports() {
    let handover = "## Goal\nRename it.\n## State\nHalf done, the tests were run and pass in all but one case.\n## Next\nGo on.";
    let world = World::new(vec![
        script(ASKS),
        Reply::Text("So far.".to_owned()),
        Reply::Text(handover.to_owned()),
        done(),
        done(),
    ])
    .await;
    let peer = Peer::start(&world).await;
    let (session, turn) = waiting(&peer, "Rename it").await;
    steer(&peer, &session, said("rule: never touch the lexer")).await;
    allow(&peer).await;
    peer.end(&session, &turn).await.assert("done");
    let compact = peer.ok("glossator/session/compact", json!({ "sessionId": session })).await;
    peer.end(&session, compact["turnId"].as_str().unwrap()).await.assert("done");
    peer.turn(&session, "Go on").await.assert("done");
    let sent = last_user_text(&world.requests().last().unwrap().body);
    let (_, ledger) = sent.split_once("<ledger>").expect("the history was compacted");
    assert!(ledger.contains("T-1: Rename it"), "{ledger}");
    assert!(ledger.contains("T-1: rule: never touch the lexer"), "{ledger}");
    assert!(ledger.matches("never touch the lexer").count() >= 2, "it is among the rules too: {ledger}");
    let fork = peer.ok("glossator/session/fork", json!({ "sessionId": session, "turnId": "T-1" })).await;
    let fork = fork["session"]["id"].as_str().unwrap().to_owned();
    peer.turn(&fork, "Another way").await.assert("done");
    let sent = world.requests().last().unwrap().body["messages"].to_string();
    assert!(sent.contains("never touch the lexer"), "{sent}");
    for format in ["markdown", "jsonl"] {
        let export =
            peer.ok("glossator/session/export", json!({ "sessionId": session, "format": format })).await;
        let text = export["text"].as_str().unwrap();
        assert_eq!(text.matches("Rename it").count().min(1), 1);
        assert!(text.contains("never touch the lexer"), "{text}");
    }
}

#[tokio::test]
async fn said_while_the_history_is_compacted_it_is_the_next_prompt() {
    let handover = "## Goal\nRename it.\n## State\nHalf done, the tests were run and pass in all but one case.\n## Next\nGo on.";
    let world = World::new(vec![
        Reply::Text("So far.".to_owned()),
        slow(handover, Duration::from_secs(3)),
        done(),
        done(),
        done(),
        done(),
    ])
    .await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    peer.turn(&session, "Rename it").await.assert("done");
    let compact = peer.ok("glossator/session/compact", json!({ "sessionId": session })).await;
    until("the model is asked", || world.model.requests().len() == 2).await;
    let queued = json!({ "sessionId": session, "input": said("last") });
    peer.ok("glossator/turn/queue", queued).await;
    for words in ["And then this", "and this", "and that"] {
        assert_eq!(steer(&peer, &session, said(words)).await, ("T-2".to_owned(), false));
    }
    peer.end(&session, compact["turnId"].as_str().unwrap()).await.assert("done");
    peer.end(&session, "T-6").await.assert("done");
    let expected = [
        ("T-1", 0, "Rename it"),
        ("T-3", 0, "And then this"),
        ("T-4", 0, "and this"),
        ("T-5", 0, "and that"),
        ("T-6", 0, "last"),
    ];
    assert_eq!(said_in(&world, &session), log(&expected));
}

/// Who said something too late gives up before it can be started: what waits in the queue waits for nobody then.
#[tokio::test]
async fn what_is_given_up_while_a_turn_ends_does_not_hold_the_queue() {
    let never = |asked: &Asked| (asked.method == "glossator/editor/state").then_some(Answer::Silence);
    let who = Who::extension().with_features(&["sessions", "turns", "updates", "editor"]);
    let world = World::new(vec![slow("First.", PATIENCE), done(), done()]).await;
    let peer = Peer::with(&world, &who, never).await;
    let session = peer.new_session().await;
    peer.start_turn(&session, "first").await;
    until("the model is asked", || world.model.requests().len() == 1).await;
    peer.ok("glossator/turn/queue", json!({ "sessionId": session, "input": said("queued") })).await;
    peer.interrupt(&session).await;
    let params = json!({ "sessionId": session, "input": said("late") });
    let (id, _answer) = peer.client.send_request("glossator/turn/steer", params);
    tokio::time::sleep(Duration::from_millis(60)).await;
    peer.client.notify("$/cancelRequest", json!({ "id": id }));
    peer.end(&session, "T-1").await.assert("interrupted");
    peer.command("glossator.queue", json!([])).await.unwrap();
    peer.end(&session, "T-2").await.assert("done");
}

const AGENTS: &str =
    "[agents.ann]\nmodel = \"scripted/ann-model\"\nrole = \"You look for mistakes.\"\npack = \"read-only\"\n";

#[tokio::test]
async fn who_is_named_answers_in_the_same_turn() {
    let world = World::new(vec![script(ASKS), done(), Reply::Text("I found none.".to_owned())]).await;
    world.settings("", AGENTS);
    let peer = Peer::start(&world).await;
    let (session, turn) = waiting(&peer, "Do it").await;
    steer(&peer, &session, said("@ann look at it")).await;
    allow(&peer).await;
    let ended = peer.end(&session, &turn).await;
    ended.assert("done");
    let answers: Vec<Value> = ended.items("answer").iter().map(|item| item["agent"].clone()).collect();
    assert_eq!(answers, [Value::Null, Value::Null, json!("ann")]);
    let requests = world.requests();
    assert_eq!(requests[2].body["model"], "ann-model");
    assert!(requests[2].body["messages"].to_string().contains("look at it"));
    let said = ended.items("userMessage");
    assert_eq!(said[1]["to"], json!(["ann"]), "{said:?}");
}

#[tokio::test]
async fn said_to_several_it_is_for_who_is_at_work() {
    let world = World::new(vec![
        Reply::Text("I found none.".to_owned()),
        script(ASKS),
        done(),
        Reply::Text("Ann again.".to_owned()),
    ])
    .await;
    world.settings("", AGENTS);
    let peer = Peer::start(&world).await;
    let (session, turn) = waiting(&peer, "@ann @session Do it").await;
    steer(&peer, &session, said("in Rust")).await;
    steer(&peer, &session, said("@ann look again")).await;
    allow(&peer).await;
    let ended = peer.end(&session, &turn).await;
    ended.assert("done");
    let requests = world.requests();
    let models: Vec<&str> = requests.iter().map(|one| one.body["model"].as_str().unwrap()).collect();
    assert_eq!(models, ["ann-model", "scripted-model", "scripted-model", "ann-model"]);
    let last = last_user_text(&requests[3].body);
    assert!(last.contains("look again"), "{last}");
}

#[tokio::test]
async fn clients_without_the_extension_steer_by_commands() {
    let world = World::new(vec![script(ASKS), done()]).await;
    let who = Who::plain(json!({ "workspace": { "applyEdit": true } }));
    let peer = Peer::with(&world, &who, |_: &Asked| None).await;
    let started = peer.command("glossator.ask", json!(["Do it"])).await.unwrap();
    let session = started["sessionId"].as_str().unwrap().to_owned();
    peer.shown(&["Glossator asks"]).await;
    let answer = peer.command("glossator.steer", json!(["in Rust"])).await.unwrap();
    assert_eq!((&answer["turnId"], &answer["started"]), (&json!("T-1"), &json!(false)));
    // A prompt while a turn runs is added to it as well.
    let answer = peer.command("glossator.ask", json!(["and quick"])).await.unwrap();
    assert_eq!(answer["turnId"], "T-1");
    allow(&peer).await;
    until("the turn is over", || items(&world, &session).iter().any(|item| item["kind"] == "turnEnded"))
        .await;
    assert_eq!(
        said_in(&world, &session),
        log(&[("T-1", 0, "Do it"), ("T-1", 1, "in Rust"), ("T-1", 1, "and quick")])
    );
}

#[tokio::test]
async fn two_clients_say_something_to_one_turn() {
    let world = World::new(vec![script(ASKS), done()]).await.with_core();
    let (one, two) = (Peer::start(&world).await, Peer::start(&world).await);
    let (session, turn) = waiting(&one, "Do it").await;
    two.ok("glossator/session/read", json!({ "sessionId": session })).await;
    assert_eq!(steer(&two, &session, said("from two")).await, (turn.clone(), false));
    assert_eq!(steer(&one, &session, said("from one")).await, (turn.clone(), false));
    allow(&two).await;
    let of = |ended: Ended| -> Vec<String> {
        let said = ended.items("userMessage").into_iter();
        said.map(|item| item["input"][0]["text"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of(one.end(&session, &turn).await), ["Do it", "from two", "from one"]);
    let seen = |message: &Message| {
        let item = &message.params["update"]["item"];
        (item["kind"] == "userMessage" && item["input"][0]["text"] == "from one").then_some(())
    };
    two.wait("what the other said", seen).await;
}

#[tokio::test]
async fn what_cannot_be_understood_is_refused_and_nothing_is_lost() {
    let world = World::new(vec![script(ASKS), done()]).await;
    let peer = Peer::start(&world).await;
    let (session, turn) = waiting(&peer, "Do it").await;
    for (params, words) in [
        (json!({}), "sessionId"),
        (json!({ "sessionId": session }), "input"),
        (json!({ "sessionId": session, "input": "x" }), "sequence"),
        (json!({ "sessionId": session, "input": [{ "kind": "smell" }] }), "smell"),
        (json!({ "sessionId": session, "input": [] }), "empty"),
        (json!({ "sessionId": session, "input": said(" \n") }), "empty"),
        (json!({ "sessionId": session, "turnId": "seven", "input": said("x") }), "seven"),
        (json!({ "sessionId": session, "turnId": "T-9", "input": said("x") }), "no T-9"),
        (json!({ "sessionId": "nobody", "input": said("x") }), "no session"),
        (json!({ "sessionId": "../x", "input": said("x") }), "no session"),
        (
            json!({ "sessionId": session, "input": [{ "kind": "image", "mediaType": "text/x", "data": "" }] }),
            "image",
        ),
        (json!([]), ""),
        (Value::Null, ""),
    ] {
        let why = peer.refused("glossator/turn/steer", params.clone()).await;
        assert!(why.contains(words), "{params}: {why}");
    }
    allow(&peer).await;
    peer.end(&session, &turn).await.assert("done");
    assert_eq!(said_in(&world, &session), log(&[("T-1", 0, "Do it")]));
    assert_eq!(text_of(messages(&world.requests()[0].body).last().unwrap()).matches("Do it").count(), 1);
}
