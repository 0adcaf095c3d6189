//! How much a model is sent before anything has happened: every byte of it is paid in each request of a session.

use crate::harness::{Peer, Reply, World};

/// The most that the first request of a plain prompt may take, in bytes.
const MOST: usize = 12_000;

#[tokio::test]
async fn the_first_request_of_a_plain_prompt_is_small() {
    let world = World::new(vec![Reply::Text("Hello.".to_owned())]).await;
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
    assert!(length < MOST, "the first request has {length} bytes: {}", parts.join(", "));
}
