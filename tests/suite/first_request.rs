//! How much a model is sent before anything has happened: every byte of it is paid in each request of a session.

use crate::harness::{Peer, Reply, World};

/// The most that the first request of a plain prompt may take, in bytes.
const MOST: usize = 12_000;
/// The same where tools are called natively: their schemas are longer than the declarations that scripts are written with.
const MOST_NATIVE: usize = 15_700;

async fn check(calling: &str, most: usize) {
    let world = World::new(vec![Reply::Text("Hello.".to_owned())]).await;
    world.settings("", &format!("[tools]\ncalling = \"{calling}\""));
    let peer = Peer::start(&world).await;
    peer.first_turn("Say hello").await.assert("done");
    let requests = world.requests();
    let body = &requests[0].body;
    let length = body.to_string().len();
    let parts: Vec<String> = body
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| format!("{name} {}", value.to_string().len()))
        .collect();
    assert!(length < most, "the first request ({calling}) has {length} bytes: {}", parts.join(", "));
}

#[tokio::test]
async fn the_first_request_of_a_plain_prompt_is_small() {
    check("script", MOST).await;
}

#[tokio::test]
async fn it_is_small_where_tools_are_called_natively() {
    check("native", MOST_NATIVE).await;
}
