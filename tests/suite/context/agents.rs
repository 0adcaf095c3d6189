//! Several agents in one session: whom a prompt goes to, what each is sent, what becomes of their failures.

use super::{all_text, unmarked};
use crate::harness::{Peer, Reply, World, last_user_text};
use serde_json::{Value, json};

const AGENTS: &str = "[agents.ann]\nmodel = \"scripted/ann-model\"\nrole = \"You look for mistakes.\"\npack = \"read-only\"\n\
                      [agents.bob]\nmodel = \"scripted/bob-model\"\nrole = \"You write tests.\"\n";

/// Each says its name and what was last asked.
async fn world() -> World {
    let world = World::answering(|body| {
        let model = body["model"].as_str().unwrap().trim_end_matches("-model").to_owned();
        match last_user_text(body).contains("fail, bob") && model == "bob" {
            true => Reply::error(400, "invalid_request_error", "bob is ill"),
            false => Reply::Text(format!("Here speaks {model}.")),
        }
    })
    .await;
    world.settings("", AGENTS);
    world
}

fn models(world: &World, from: usize) -> Vec<String> {
    let requests = world.requests();
    requests[from..].iter().map(|request| request.body["model"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_prompt_goes_to_those_it_names_and_to_nobody_else() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("The colour is mauve.").await;
    assert_eq!(models(&world, 0), ["scripted-model"]);
    let second = peer.turn(&first.session, "@ann @bob what do you think?").await;
    assert_eq!(models(&world, 1), ["ann-model", "bob-model"]);
    let answers = second.assert("done").items("answer");
    let said: Vec<(&Value, &Value)> = answers.iter().map(|item| (&item["agent"], &item["text"])).collect();
    assert_eq!(
        said,
        [(&json!("ann"), &json!("Here speaks ann.")), (&json!("bob"), &json!("Here speaks bob."))]
    );
    let requests = world.requests();
    let (ann, bob) = (all_text(&requests[1].body), all_text(&requests[2].body));
    assert!(ann.contains("You look for mistakes") && !ann.contains("You write tests"), "{ann}");
    assert!(
        bob.contains("You write tests") && bob.contains("Here speaks ann"),
        "bob hears what ann said: {bob}"
    );
    assert!(
        ann.contains("The colour is mauve") && ann.contains("Here speaks scripted"),
        "the missed history: {ann}"
    );
    assert!(last_user_text(&requests[1].body).contains("only these tools work"), "{ann}");
    // The session's own agent hears of all when it is next asked; unknown names are words.
    peer.turn(&first.session, "@carl and you?").await.assert("done");
    assert_eq!(models(&world, 3), ["scripted-model"]);
    let own = all_text(&world.requests()[3].body);
    assert!(own.contains("Here speaks bob") && own.contains("agent-answer"), "{own}");
    assert!(!own.contains("You write tests"));
    // Who is asked again finds the bytes of before.
    peer.turn(&first.session, "@bob once more").await.assert("done");
    let (before, after) = (&world.requests()[2].body, &world.requests()[4].body);
    assert_eq!(before["system"], after["system"]);
    let (before, after) = (crate::harness::messages(before), crate::harness::messages(after));
    assert_eq!(unmarked(&before[0]), unmarked(&after[0]));
}

#[tokio::test]
async fn the_client_may_name_agents_and_a_failure_stops_no_other() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let start = |agents: Value, text: &str| json!({ "sessionId": session, "input": [{ "kind": "text", "text": text }], "agents": agents });
    let turn = peer.ok("glossator/turn/start", start(json!(["bob", "session"]), "fail, bob")).await;
    let ended = peer.end(&session, turn["turnId"].as_str().unwrap()).await;
    assert_eq!(models(&world, 0), ["bob-model", "scripted-model"]);
    let message = &ended.assert("failed").message;
    assert!(message.contains("@bob") && message.contains("bob is ill"), "{message}");
    assert_eq!(ended.items("answer").len(), 1);
    let refused = peer.refused("glossator/turn/start", start(json!(["carl"]), "Hello")).await;
    let text = &refused;
    assert!(text.contains("carl") && text.contains("ann, bob, session"), "{text}");
    assert_eq!(models(&world, 2), [""; 0]);
}

#[tokio::test]
async fn stopping_stops_all() {
    let world = World::answering(|_| Reply::Hang).await;
    world.settings("", AGENTS);
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "@ann @bob go").await;
    crate::harness::until("ann is asked", || world.model.requests().len() == 1).await;
    peer.interrupt(&session).await;
    peer.end(&session, &turn).await.assert("interrupted");
    assert_eq!(world.model.requests().len(), 1);
}
