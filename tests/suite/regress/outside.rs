//! What lies outside the workspace, or has no end, is not reached through commands that are taken for safe, nor by links.

use crate::harness::{Peer, Who, World};
use serde_json::json;
use std::os::unix::fs::symlink;

const SECRET: &str = "the words of a file outside";

/// A world that runs every prompt as a script, with a folder outside the workspace that links in it lead to.
async fn world() -> World {
    let world = World::obedient().await;
    let outside = world.root().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("secret.txt"), format!("{SECRET}\n")).unwrap();
    symlink(outside.join("secret.txt"), world.path("link")).unwrap();
    symlink(&outside, world.path("linkdir")).unwrap();
    world.write("x", "inside\n");
    world.write("l", "../outside/secret.txt\0");
    world
}

/// Runs one command, and says no if it asks; whether it asked.
async fn asks(peer: &Peer, call: &str) -> bool {
    let seen = peer.messages().len();
    let started = peer.command("glossator.ask", json!([format!("await tools.exec({call});")])).await.unwrap();
    let token = format!(
        "glossator/{}/{}",
        started["sessionId"].as_str().unwrap(),
        started["turnId"].as_str().unwrap()
    );
    let mut at = 0;
    let what = format!("{call} to ask or to end");
    let asked = peer.wait(&what, |one| {
        at += 1;
        let text = one.params["message"].as_str().unwrap_or_default();
        let ask = at > seen && text.contains("Glossator asks");
        let end = one.params["token"] == token && one.params["value"]["kind"] == "end";
        (ask || end).then_some(ask)
    });
    let asked = asked.await;
    if asked {
        peer.command("glossator.deny", json!([])).await.unwrap();
        peer.wait("the turn's end", |one| {
            (one.params["token"] == token && one.params["value"]["kind"] == "end").then_some(())
        })
        .await;
    }
    asked
}

/// The model was never sent what lies outside; gives the requests.
fn assert_secret(world: &World) -> Vec<String> {
    let all = world.requests().into_iter().map(|one| String::from_utf8(one.raw).unwrap());
    let all: Vec<String> = all.collect();
    if let Some(raw) = all.iter().find(|raw| raw.contains(SECRET)) {
        panic!("the model was sent what lies outside: {raw}");
    }
    all
}

#[tokio::test]
async fn commands_that_are_otherwise_safe() {
    let world = world().await;
    let peer = Peer::with(&world, &Who::recorded("hx-trixie"), |_| None).await;
    let rows = [
        ("cat x", false),
        ("grep -r inside x", false),
        ("cat link", true),
        ("cat linkdir/secret.txt", true),
        ("grep -r . linkdir", true),
        ("grep -R x .", true),
        ("cat /dev/zero", true),
        ("tail -f x", true),
        ("wc --files0-from=l", true),
    ];
    for (command, expected) in rows {
        let words: Vec<&str> = command.split(' ').collect();
        for call in [json!({ "script": command }), json!({ "command": words })] {
            assert_eq!(asks(&peer, &call.to_string()).await, expected, "{call}");
        }
    }
    assert_secret(&world);
}

#[tokio::test]
async fn guidance_that_is_a_link_is_not_sent_even_in_a_trusted_folder() {
    let world = world().await;
    symlink(world.path("link"), world.path("AGENTS.md")).unwrap();
    let peer = Peer::start(&world).await;
    peer.command("glossator.trust", json!([])).await.unwrap();
    let ended = peer.first_turn("return 1;").await;
    assert_secret(&world);
    let notice = ended.items("notice").pop().expect("the user is told");
    let text = notice["text"].as_str().unwrap();
    assert!(text.contains("AGENTS.md") && text.contains("leads out of the workspace"), "{text}");
    // One that becomes a link in mid-session is not told to the model as changed guidance either.
    std::fs::remove_file(world.path("AGENTS.md")).unwrap();
    world.write("AGENTS.md", "Always answer in rhymes.\n");
    let ended = peer.first_turn("return 2;").await;
    std::fs::remove_file(world.path("AGENTS.md")).unwrap();
    symlink(world.path("linkdir").join("secret.txt"), world.path("AGENTS.md")).unwrap();
    peer.turn(&ended.session, "return 3;").await.assert("done");
    assert!(assert_secret(&world)[2].contains("in rhymes"), "guidance that is no link is sent");
}
