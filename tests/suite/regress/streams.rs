//! Answers in many small pieces.

use crate::harness::{Peer, Reply, World};
use glossator_models::scripted::sse;
use serde_json::json;
use std::time::Duration;

const PIECES: usize = 20_000;
/// Pieces that are sent at once.
const AT_ONCE: usize = 500;

/// The stream of an answer with a piece for each character.
fn one_by_one(text: &str) -> Reply {
    let whole = sse("m", &[json!({ "type": "text", "text": "@" })], "end_turn", 1);
    let whole = String::from_utf8(whole).unwrap();
    let at = |event: &str| whole.find(&format!("event: {event}\n")).unwrap();
    let (start, end) = (at("content_block_delta"), at("content_block_stop"));
    let piece = |c: char| whole[start..end].replace("\"@\"", &json!(c).to_string());
    let pieces: Vec<String> = text.chars().map(piece).collect();
    let head = (Duration::ZERO, whole.as_bytes()[..start].to_vec());
    let middle = pieces.chunks(AT_ONCE).map(|some| (Duration::from_millis(5), some.concat().into_bytes()));
    let tail = (Duration::ZERO, whole.as_bytes()[end..].to_vec());
    Reply::Raw { chunks: std::iter::once(head).chain(middle).chain([tail]).collect() }
}

#[tokio::test]
async fn twenty_thousand_pieces_arrive_whole_in_far_fewer_updates() {
    let words = "Ünïcode 🦀, \"quotes\", <tags>, back\\slash and\nlines. ";
    let text: String = words.chars().cycle().take(PIECES - 1).chain(['.']).collect();
    let world = World::new(vec![one_by_one(&text)]).await;
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Talk").await;
    let deltas = ended.assert("done").updates("itemDelta");
    let shown: String = deltas
        .iter()
        .filter(|one| one["stream"] == "answer")
        .map(|one| one["text"].as_str().unwrap())
        .collect();
    assert!(shown == text, "what was shown is not what was said: {} of {} bytes", shown.len(), text.len());
    assert!(deltas.len() < PIECES / 20, "{} updates for {PIECES} pieces", deltas.len());
    assert_eq!(ended.items("answer")[0]["text"], text);
}
