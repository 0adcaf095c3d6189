//! Clients that come while an answer is being written: they are given what there is of it, and what comes behind adds to it
//! without a gap and without anything twice.

use super::{chat, open, plain, shows};
use crate::harness::{Peer, Reply, Who, World, until};
use glossator_models::scripted::sse;
use serde_json::{Value, json};
use std::time::Duration;

fn words(count: usize) -> String {
    (0..count).map(|number| format!("word{number} ")).collect()
}

/// An answer of which a part comes at once, and the rest after a pause.
fn in_two(text: &str, pause: Duration) -> Reply {
    let bytes = sse("scripted-model", &[json!({ "type": "text", "text": text })], "end_turn", 9);
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    Reply::Raw { chunks: vec![(Duration::ZERO, first.to_vec()), (pause, rest.to_vec())] }
}

/// The fragments of the answer that a client was sent, each with its number.
fn fragments(peer: &Peer, session: &str) -> Vec<(u64, String)> {
    let updates = peer.messages().into_iter().filter(|one| one.method == "glossator/session/update");
    let of_session = updates.map(|one| one.params).filter(|params| params["sessionId"] == session);
    let deltas = of_session
        .filter(|params| params["update"]["kind"] == "itemDelta" && params["update"]["stream"] == "answer");
    deltas
        .map(|params| {
            (params["seq"].as_u64().unwrap(), params["update"]["text"].as_str().unwrap().to_owned())
        })
        .collect()
}

fn up_to(fragments: &[(u64, String)], seq: u64) -> String {
    fragments.iter().filter(|(number, _)| *number <= seq).map(|(_, text)| text.as_str()).collect()
}

/// What a read says of the answer.
fn written(read: &Value) -> String {
    let streams = read["writing"].as_array().cloned().unwrap_or_default();
    let answers: Vec<&Value> = streams.iter().filter(|one| one["stream"] == "answer").collect();
    assert!(answers.len() <= 1, "{read}");
    answers.first().map(|one| one["text"].as_str().unwrap().to_owned()).unwrap_or_default()
}

#[tokio::test]
async fn whoever_reads_at_any_moment_has_all_that_was_written() {
    let text = words(600);
    let world = World::new(vec![super::slow(&text, 150, Duration::from_millis(30))]).await.with_core();
    let one = Peer::start(&world).await;
    let session = one.new_session().await;
    one.start_turn(&session, "Count").await;
    until("something is written", || !fragments(&one, &session).is_empty()).await;
    let (mut reads, mut moment) = (Vec::new(), 7u64);
    loop {
        // At odd moments: behind a fragment, before one, between two.
        moment = moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        tokio::time::sleep(Duration::from_micros((moment >> 48) % 40_000)).await;
        let after = (moment >> 40).is_multiple_of(2).then(|| fragments(&one, &session)[0].0);
        let read = one.ok("glossator/session/read", json!({ "sessionId": session, "afterSeq": after })).await;
        let over = read["running"].is_null();
        reads.push(read);
        if over {
            break;
        }
    }
    one.end(&session, "T-1").await.assert("done");
    let all = fragments(&one, &session);
    assert_eq!(up_to(&all, u64::MAX), text, "the first client was told all of it");
    let mut partial = 0;
    for read in &reads {
        let found = written(read);
        let seq = read["seq"].as_u64().unwrap();
        if found.is_empty() {
            let told = read["items"].to_string().contains("word599")
                || read["updates"].to_string().contains("word599");
            assert!(told || up_to(&all, seq).is_empty(), "nothing at {seq}: {read}");
            continue;
        }
        assert_eq!(found, up_to(&all, seq), "at {seq}");
        assert_eq!(
            (&read["writing"][0]["turnId"], &read["writing"][0]["item"]),
            (&json!("T-1"), &json!("answer"))
        );
        partial += 1;
    }
    assert!(partial > 3, "{partial} of {} reads came in the middle", reads.len());
    assert!(reads.last().unwrap()["writing"].is_null(), "nothing is being written any more");
}

#[tokio::test]
async fn a_client_that_comes_in_the_middle_goes_on_from_there() {
    let text = words(300);
    let world = World::new(vec![super::slow(&text, 100, Duration::from_millis(80))]).await.with_core();
    let one = Peer::start(&world).await;
    let session = one.new_session().await;
    one.start_turn(&session, "Count").await;
    until("something is written", || fragments(&one, &session).len() > 3).await;
    let mut late = Vec::new();
    for (number, method) in
        ["glossator/session/read", "glossator/session/resume", "glossator/session/read"].iter().enumerate()
    {
        let peer = Peer::start(&world).await;
        let read = peer.ok(method, json!({ "sessionId": session })).await;
        let read = if number == 1 { read["read"].clone() } else { read };
        late.push((peer, read));
    }
    for (peer, read) in &late {
        peer.end(&session, "T-1").await.assert("done");
        let seq = read["seq"].as_u64().unwrap();
        let behind: String = fragments(peer, &session)
            .into_iter()
            .filter(|(number, _)| *number > seq)
            .map(|(_, text)| text)
            .collect();
        assert!(!written(read).is_empty(), "{read}");
        assert_eq!(format!("{}{behind}", written(read)), text);
    }
}

#[tokio::test]
async fn a_transcript_that_is_opened_in_the_middle_shows_what_there_is() {
    let text = words(200);
    let world = World::new(vec![in_two(&text, Duration::from_secs(10))]).await.with_core();
    world.settings("", "[core]\non_disconnect = \"finish\"\n");
    let (one, _) = plain(&world, &["utf-8"]).await;
    let started = one.command("glossator.ask", json!(["Count"])).await.unwrap();
    let session = started["sessionId"].as_str().unwrap();
    // A client with the extension tells when half of it is there.
    let who = Who::extension();
    let watcher = Peer::with(&world, &who, |_| None).await;
    let half = async || {
        let read = watcher.ok("glossator/session/read", json!({ "sessionId": session })).await;
        Some(written(&read)).filter(|text| text.contains("word50 "))
    };
    let there = crate::harness::soon("half of the answer", half).await;
    let (two, _) = plain(&world, &["utf-16"]).await;
    let chat = chat(&two, json!([session])).await;
    // On the disk and in the buffer, long before more comes.
    assert!(super::on_disk(&chat.transcript).contains("word50 "), "{}", super::on_disk(&chat.transcript));
    open(&two, &chat.transcript);
    let last = there.split_whitespace().nth_back(1).unwrap();
    shows(&two, &chat.transcript, last).await;
    assert!(two.text(&chat.transcript).contains("## T-1 · running"), "{}", two.text(&chat.transcript));
    shows(&two, &chat.transcript, "## T-1 · done").await;
    let shown = two.text(&chat.transcript);
    assert!(shown.contains(text.trim()), "{shown}");
    assert_eq!(shown.matches("word7 ").count(), 1, "{shown}");
}
