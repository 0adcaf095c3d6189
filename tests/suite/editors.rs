//! Editors that lie, refuse, are late, or whose user types meanwhile: nothing is claimed that a buffer does not hold.

use crate::harness::{Answer, Asked, Ended, Peer, Who, World, patch, script_and};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const BEFORE: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";
const AFTER: &str = "one\ntwo\nthree\nFOUR\nfive\nsix\nseven\n";

/// What an editor does to the `n`-th edit, from 0; `None` is honest work.
type Manner = fn(usize, &Asked) -> Option<Answer>;

fn refuse(reason: &str) -> Option<Answer> {
    Some(Answer::Result(json!({ "applied": false, "failureReason": reason })))
}

/// The user replaces the whole text before the editor does anything else.
fn type_first(asked: &Asked, text: &str) {
    let uri = asked.params["edit"]["documentChanges"][0]["textDocument"]["uri"].as_str().unwrap();
    let change = asked.buffers.lock().set(uri, text).unwrap();
    asked.client.notify("textDocument/didChange", change);
}

/// A turn that patches line four in an editor of this manner; gives its end and the buffer.
async fn turn(manner: Manner) -> (World, Peer, Ended, String) {
    let world = World::new(script_and(&patch("a.txt", &["four"], &["FOUR"]))).await;
    world.write("a.txt", BEFORE);
    let edits = AtomicUsize::new(0);
    let peer = Peer::with(&world, &Who::extension(), move |asked| {
        (asked.method == "workspace/applyEdit")
            .then(|| manner(edits.fetch_add(1, Ordering::Relaxed), asked))
            .flatten()
    })
    .await;
    peer.open(&world.uri("a.txt"), BEFORE);
    let ended = peer.first_turn("Change it").await;
    ended.assert("done");
    assert_eq!(world.read("a.txt"), BEFORE, "the disk is the user's business");
    let text = peer.text(&world.uri("a.txt"));
    (world, peer, ended, text)
}

/// The edit was made: the buffer holds `text`, and undo leaves `undone`.
async fn check_made(manner: Manner, text: &str, undone: &str) {
    let (world, peer, ended, buffer) = turn(manner).await;
    assert_eq!(buffer, text, "{ended:#?}");
    assert_eq!(ended.updates("changeSet")[0]["state"], "committed");
    assert!(ended.result().contains("status=\"done\""));
    peer.undo(&ended.session).await;
    assert_eq!(peer.text(&world.uri("a.txt")), undone);
}

/// The edit was not made, the model is told `words`, and there is nothing to undo.
async fn check_not_made(manner: Manner, text: &str, words: &[&str]) {
    let (_world, peer, ended, buffer) = turn(manner).await;
    assert_eq!(buffer, text, "{ended:#?}");
    let states: Vec<_> = ended.updates("changeSet").iter().map(|one| one["state"].clone()).collect();
    assert_eq!(states, ["failed"]);
    for word in words {
        assert!(ended.result().contains(word), "no {word:?} in {}", ended.result());
    }
    let error = peer.refused("glossator/turn/undo", json!({ "sessionId": ended.session })).await;
    assert!(error.contains("nothing to undo"), "{error}");
}

#[tokio::test]
async fn applied_but_nothing_changed() {
    let manner: Manner = |_, _| Some(Answer::Result(json!({ "applied": true })));
    check_not_made(manner, BEFORE, &["ToolFailed", "said it made the edit", "a.txt"]).await;
}

#[tokio::test]
async fn refused_for_good() {
    check_not_made(
        |_, _| Some(Answer::Error(-32603, "no edits today".to_owned())),
        BEFORE,
        &["no edits today"],
    )
    .await;
    check_not_made(|_, _| refuse("the buffer is locked"), BEFORE, &["the buffer is locked"]).await;
}

#[tokio::test]
async fn refused_as_stale_and_then_made() {
    check_made(|edit, _| if edit == 0 { refuse("document has changed") } else { None }, AFTER, BEFORE).await;
}

#[tokio::test]
async fn not_answered_but_made() {
    let manner: Manner = |_, asked| {
        let (_, changes) = asked.buffers.lock().apply(asked.params);
        changes.into_iter().for_each(|change| asked.client.notify("textDocument/didChange", change));
        Some(Answer::Silence)
    };
    check_made(manner, AFTER, BEFORE).await;
}

#[tokio::test]
async fn made_and_reported_late() {
    let manner: Manner = |_, asked| {
        let (answer, changes) = asked.buffers.lock().apply(asked.params);
        let client = asked.client.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            changes.into_iter().for_each(|change| client.notify("textDocument/didChange", change));
        });
        Some(Answer::Result(answer))
    };
    check_made(manner, AFTER, BEFORE).await;
}

#[tokio::test]
async fn typed_in_other_lines_meanwhile() {
    let manner: Manner = |edit, asked| {
        if edit == 0 {
            type_first(asked, "zero\none\ntwo\nthree\nfour\nfive\nsix\nSEVEN\n");
        }
        None
    };
    let text = "zero\none\ntwo\nthree\nFOUR\nfive\nsix\nSEVEN\n";
    check_made(manner, text, "zero\none\ntwo\nthree\nfour\nfive\nsix\nSEVEN\n").await;
}

#[tokio::test]
async fn typed_in_the_same_line_meanwhile() {
    let text = "one\ntwo\nthree\nfour and a half\nfive\nsix\nseven\n";
    let manner: Manner = |edit, asked| {
        if edit == 0 {
            type_first(asked, "one\ntwo\nthree\nfour and a half\nfive\nsix\nseven\n");
        }
        None
    };
    check_not_made(manner, text, &["four and a half"]).await;
}

#[tokio::test]
async fn typed_at_every_try() {
    let manner: Manner = |edit, asked| {
        type_first(asked, &format!("try {edit}\n{BEFORE}"));
        refuse("document has changed")
    };
    let (_world, peer, ended, buffer) = turn(manner).await;
    assert!(buffer.starts_with("try ") && buffer.ends_with(BEFORE), "{buffer}");
    assert!(ended.result().contains("kept changing"), "{}", ended.result());
    peer.alive().await;
}

#[tokio::test]
async fn a_buffer_that_is_closed_meanwhile() {
    let manner: Manner = |_, asked| {
        let uri = &asked.params["edit"]["documentChanges"][0]["textDocument"]["uri"];
        asked.client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
        refuse("no such buffer")
    };
    check_not_made(manner, BEFORE, &["closed in the editor"]).await;
}

#[tokio::test]
async fn of_two_files_the_first_is_taken_back_when_the_second_is_refused() {
    let text = "*** Begin Patch\n*** Update File: a.txt\n@@\n-four\n+FOUR\n*** Update File: b.txt\n@@\n-four\n+FOUR\n*** End Patch";
    let world =
        World::new(script_and(&format!("await tools.applyPatch({{ patch: {} }});", json!(text)))).await;
    let seen = Arc::new(AtomicUsize::new(0));
    let count = seen.clone();
    let peer = Peer::with(&world, &Who::extension(), move |asked| {
        let of_b = asked.params.to_string().contains("b.txt");
        (asked.method == "workspace/applyEdit" && of_b).then(|| {
            count.fetch_add(1, Ordering::Relaxed);
            Answer::Error(-32603, "b is locked".to_owned())
        })
    })
    .await;
    for name in ["a.txt", "b.txt"] {
        world.write(name, BEFORE);
        peer.open(&world.uri(name), BEFORE);
    }
    let ended = peer.first_turn("Change both").await;
    ended.assert("done");
    assert_eq!(
        (peer.text(&world.uri("a.txt")).as_str(), peer.text(&world.uri("b.txt")).as_str()),
        (BEFORE, BEFORE)
    );
    assert!(
        ended.result().contains("b is locked") && ended.result().contains("taken back"),
        "{}",
        ended.result()
    );
    assert!(seen.load(Ordering::Relaxed) > 0);
}

#[tokio::test]
async fn an_undo_that_no_longer_fits_is_refused_with_the_reason() {
    let (world, peer, ended, _) = turn(|_, _| None).await;
    let uri = world.uri("a.txt");
    let text = "one\ntwo\nthree\nFOUR, better\nfive\nsix\nseven\n";
    peer.type_over(&uri, text);
    let undone = peer.undo(&ended.session).await;
    assert_eq!((peer.text(&uri).as_str(), &undone["files"]), (text, &json!([])));
    assert!(undone["message"].as_str().unwrap().contains("a.txt"), "{undone}");
    peer.type_over(&uri, &format!("zero\n{AFTER}eight\n"));
    let undone = peer.undo(&ended.session).await;
    assert_eq!(peer.text(&uri), format!("zero\n{BEFORE}eight\n"), "{undone}");
}

#[tokio::test]
async fn a_buffer_with_other_line_endings_keeps_them() {
    let world = World::new(script_and(&patch("a.txt", &["four"], &["FOUR"]))).await;
    let peer = Peer::start(&world).await;
    let uri = world.uri("a.txt");
    peer.open(&uri, &BEFORE.replace('\n', "\r\n"));
    let ended = peer.first_turn("Change it").await;
    ended.assert("done");
    assert_eq!(peer.text(&uri), AFTER.replace('\n', "\r\n"), "{ended:#?}");
    peer.undo(&ended.session).await;
    assert_eq!(peer.text(&uri), BEFORE.replace('\n', "\r\n"));
}
