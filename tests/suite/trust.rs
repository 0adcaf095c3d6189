//! A folder's own settings and guidance count only once the user trusts it, with the settings as they are then.

use crate::harness::{Peer, Reply, World};
use serde_json::{Value, json};

const GUIDANCE: &str = "Always answer in rhymes.\n";

async fn world() -> World {
    let world = World::answering(|_| Reply::Text("Done.".to_owned())).await;
    world.write("AGENTS.md", GUIDANCE);
    world.write(".glossator/settings.toml", "model = \"scripted/model-of-the-folder\"\n");
    world
}

/// The model that a new session asks, and whether it is given the folder's guidance.
async fn ask(world: &World, peer: &Peer) -> (String, bool) {
    peer.first_turn("Hello").await.assert("done");
    let body = world.requests().pop().unwrap().body;
    (body["model"].as_str().unwrap().to_owned(), body.to_string().contains("in rhymes"))
}

const THEIRS: &str = "model-of-the-folder";
const OURS: &str = "scripted-model";

async fn trusted(peer: &Peer) -> Value {
    peer.ok("glossator/trust/read", json!({})).await["folders"][0]["trusted"].clone()
}

#[tokio::test]
async fn by_the_command() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Hello").await;
    let notice = ended.items("notice").pop().expect("the user is told");
    assert!(
        notice["text"].as_str().unwrap().contains("AGENTS.md")
            && notice["text"].as_str().unwrap().contains("glossator.trust"),
        "{notice}"
    );
    assert_eq!((ask(&world, &peer).await, trusted(&peer).await), ((OURS.to_owned(), false), json!(false)));
    peer.command("glossator.trust", json!([])).await.unwrap();
    assert_eq!((ask(&world, &peer).await, trusted(&peer).await), ((THEIRS.to_owned(), true), json!(true)));
    world.write(".glossator/settings.toml", "model = \"scripted/another-one\"\n");
    assert_eq!((ask(&world, &peer).await, trusted(&peer).await), ((OURS.to_owned(), false), json!(false)));
    peer.command("glossator.trust", json!([])).await.unwrap();
    assert_eq!(ask(&world, &peer).await, ("another-one".to_owned(), true));
}

#[tokio::test]
async fn by_the_extension_and_taken_back() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let uri = url::Url::from_file_path(world.workspace()).unwrap();
    for (trust, expected) in [(true, THEIRS), (false, OURS)] {
        let answer = peer.ok("glossator/trust/set", json!({ "uri": uri, "trusted": trust })).await;
        assert_eq!(answer["folders"], json!([{ "uri": uri, "trusted": trust }]));
        assert_eq!(ask(&world, &peer).await, (expected.to_owned(), trust));
    }
}

#[tokio::test]
async fn it_lasts_and_lies_outside_the_folder() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    peer.command("glossator.trust", json!([])).await.unwrap();
    peer.leave().await;
    let peer = Peer::start(&world).await;
    assert_eq!(ask(&world, &peer).await, (THEIRS.to_owned(), true));
    let names: Vec<_> =
        std::fs::read_dir(world.workspace()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "nothing of ours lies in the workspace: {names:?}");
}

#[tokio::test]
async fn full_policy_runs_commands_only_in_a_trusted_folder() {
    let world = World::obedient().await;
    world.settings("policy = \"full\"", "");
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "await tools.exec({ command: ['touch', 'made'] });").await;
    let ask = peer.asks(&session, &turn, 1).await.remove(0);
    assert!(ask["reason"].as_str().unwrap().contains("not trusted"), "{ask}");
    peer.interrupt(&session).await;
    peer.end(&session, &turn).await;
    peer.command("glossator.trust", json!([])).await.unwrap();
    let ended = peer.first_turn("await tools.exec({ command: ['touch', 'made'] });").await;
    assert_eq!(ended.assert("done").updates("ask").len(), 0);
    assert!(world.exists("made"));
}

#[tokio::test]
async fn changed_guidance_is_told_to_a_running_session() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    peer.command("glossator.trust", json!([])).await.unwrap();
    let first = peer.first_turn("Hello").await;
    world.write("AGENTS.md", "Never answer in rhymes again.\n");
    peer.turn(&first.session, "And now?").await.assert("done");
    let requests = world.requests();
    assert_eq!(requests[0].body["system"], requests[1].body["system"], "frozen layers stay as they were");
    assert!(requests[1].body["messages"].to_string().contains("Never answer in rhymes again"));
}
