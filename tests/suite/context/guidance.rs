//! Guidance files: whose, which of a folder, in which order, what they import, and what is told when they change.

use super::all_text;
use crate::harness::{Peer, Reply, Who, World, last_user_text};
use serde_json::{Value, json};

async fn world() -> World {
    World::answering(|_| Reply::Text("Done.".to_owned())).await
}

async fn trusting(world: &World) -> Peer {
    let peer = Peer::start(world).await;
    peer.command("glossator.trust", json!([])).await.unwrap();
    peer
}

fn last(world: &World) -> Value {
    world.requests().pop().unwrap().body
}

#[tokio::test]
async fn the_users_own_comes_first_and_the_first_name_of_a_folder_counts() {
    let world = world().await;
    std::fs::write(world.root().join("config").join("AGENTS.md"), "Mine: be brief.\n").unwrap();
    world.write("AGENTS.md", "Theirs: be long.\n");
    world.write("CLAUDE.md", "Not this one.\n");
    let peer = trusting(&world).await;
    peer.first_turn("Hello").await.assert("done");
    let text = all_text(&last(&world));
    let (mine, theirs) = (text.find("Mine: be brief").unwrap(), text.find("Theirs: be long").unwrap());
    assert!(mine < theirs && !text.contains("Not this one"), "{text}");
    world.write("AGENTS.override.md", "Instead: be quiet.\n");
    peer.first_turn("Hello").await.assert("done");
    let text = all_text(&last(&world));
    assert!(text.contains("Instead: be quiet") && !text.contains("Theirs: be long"), "{text}");
    // Only the folder's own needs trust.
    world.write(".glossator/settings.toml", "pack = \"files\"\n");
    peer.first_turn("Hello").await.assert("done");
    let text = all_text(&last(&world));
    assert!(text.contains("Mine: be brief") && !text.contains("Instead: be quiet"), "{text}");
}

#[tokio::test]
async fn from_the_top_of_the_workspace_down_to_the_folder() {
    let world = world().await;
    world.write(".git/HEAD", "ref: refs/heads/main\n");
    world.write("AGENTS.md", "At the top. @docs/more.md\n");
    world.write("docs/more.md", "Imported from the docs.\n");
    world.write("part/AGENTS.md", "Of the part. @../../outside.md @../docs/more.md `@docs/none.md`\n");
    std::fs::write(world.root().join("outside.md"), "From the outside.\n").unwrap();
    let peer = Peer::spawn(&world, Box::new(|_| None));
    peer.ok("initialize", Who::extension().params(&world.path("part"))).await;
    peer.client.notify("initialized", json!({}));
    peer.command("glossator.trust", json!([])).await.unwrap();
    let ended = peer.first_turn("Hello").await;
    let text = all_text(&last(&world));
    let (top, part) = (text.find("At the top").unwrap(), text.find("Of the part").unwrap());
    assert!(top < part && text.contains("Imported from the docs"), "{text}");
    assert!(text.contains("Git branch at the session's start: main"), "{text}");
    assert!(!text.contains("From the outside"), "{text}");
    let told =
        ended.items("notice").iter().any(|notice| notice["text"].as_str().unwrap().contains("outside.md"));
    assert!(told, "{:#?}", ended.items("notice"));
}

#[tokio::test]
async fn what_changes_is_told_once_and_frozen_anew_by_a_compaction() {
    let world = World::answering(super::handing_over(|_| Reply::Text("Done.".to_owned()))).await;
    world.write(".git/HEAD", "ref: refs/heads/main\n");
    world.write("AGENTS.md", "Use tabs.\n");
    let peer = trusting(&world).await;
    let first = peer.first_turn("Hello").await;
    world.write(".git/HEAD", "ref: refs/heads/topic\n");
    world.write("AGENTS.md", "Use spaces.\n");
    peer.turn(&first.session, "One").await.assert("done");
    let told = last_user_text(&last(&world));
    assert!(told.contains("Git branch: topic") && told.contains("Use spaces"), "{told}");
    peer.turn(&first.session, "Two").await.assert("done");
    let told = last_user_text(&last(&world));
    assert!(!told.contains("topic") && !told.contains("Use spaces"), "{told}");
    let requests = world.requests();
    assert_eq!(requests[0].body["system"], requests[2].body["system"]);
    // An open file counts as it is in the editor.
    let uri = world.uri("AGENTS.md");
    peer.open(&uri, "Use nothing.\n");
    peer.turn(&first.session, "Three").await.assert("done");
    assert!(last_user_text(&last(&world)).contains("Use nothing"));
    let answer = peer.ok("glossator/session/compact", json!({ "sessionId": first.session })).await;
    peer.end(&first.session, answer["turnId"].as_str().unwrap()).await.assert("done");
    peer.turn(&first.session, "Four").await.assert("done");
    let body = last(&world);
    let system = body["system"].to_string();
    assert!(
        system.contains("Use nothing") && system.contains("topic") && !system.contains("Use tabs"),
        "{system}"
    );
    assert!(!last_user_text(&body).contains("Changed since"), "{body}");
}

#[tokio::test]
async fn too_much_is_cut_and_that_is_said() {
    let world = world().await;
    world.settings("", "[context]\nguidance_kb = 1\n");
    world.write("AGENTS.md", format!("Begin.\n{}\nThe end of it.\n", "words and words ".repeat(200)));
    let peer = trusting(&world).await;
    let ended = peer.first_turn("Hello").await;
    let text = all_text(&last(&world));
    assert!(text.contains("Begin.") && !text.contains("The end of it"), "{text}");
    assert!(
        ended.items("notice").iter().any(|one| one["text"].as_str().unwrap().contains("AGENTS.md")),
        "{ended:#?}"
    );
}
