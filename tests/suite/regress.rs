//! What reviewers found and what was mended since, one test each, so that it stays mended. By the part it was found in.

mod budgets;
mod buffers;
mod dialogs;
mod edits;
mod outside;
mod processes;
mod progress;
mod streams;

use crate::harness::{Peer, World};
use serde_json::json;

/// What a call that was not refused counts as in the list that [`attempts`] returns.
const WENT_THROUGH: &str = "went through";

/// A script that makes each of these calls, and returns of each why it was refused, or that it went through.
fn attempts(calls: &[&str]) -> String {
    let one = |call: &&str| {
        format!(
            "try {{ {call}\ntold.push('{WENT_THROUGH}'); }} catch (error) {{ told.push(error.message); }}\n"
        )
    };
    format!("const told = [];\n{}return told;", calls.iter().map(one).collect::<String>())
}

/// A world that runs every prompt as a script, and its editor in a trusted folder: every harmless command runs unasked.
async fn unasked() -> (World, Peer) {
    unasked_in(World::obedient().await).await
}

async fn unasked_in(world: World) -> (World, Peer) {
    // Their files are looked at while they run.
    world.settings("policy = \"full\"", "[exec]\nbuffers = \"disk\"");
    let peer = Peer::start(&world).await;
    peer.command("glossator.trust", json!([])).await.unwrap();
    (world, peer)
}
