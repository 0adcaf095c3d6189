//! What was written and not sent comes back: after the document or the editor was closed, and after a kill.

use super::{Chat, chat, holds, on_disk, open, path, plain, saying, shows};
use crate::harness::{Peer, World, until};
use serde_json::{Value, json};
use std::path::PathBuf;

fn draft(chat: &Chat) -> PathBuf {
    path(&chat.prompt).with_file_name("draft.md")
}

/// The draft of sessions that have not begun.
pub fn first_draft(world: &World) -> String {
    let folders = std::fs::read_dir(world.state().join("workspaces")).unwrap();
    let read = |folder: PathBuf| -> Option<Vec<Value>> {
        serde_json::from_str(&std::fs::read_to_string(folder.join("drafts.json")).ok()?).ok()
    };
    let drafts = folders.filter_map(|folder| read(folder.unwrap().path())).flatten();
    drafts.map(|draft| draft["text"].as_str().unwrap().to_owned()).collect()
}

fn write(peer: &Peer, uri: &str, text: &str) {
    peer.type_over(uri, &format!("{}{text}", peer.text(uri)));
}

async fn begun(world: &World) -> (Peer, Chat) {
    let (peer, _) = plain(world, &["utf-16"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.transcript);
    open(&peer, &chat.prompt);
    super::ask(&peer, &chat, "Hello", "done").await;
    (peer, chat)
}

#[tokio::test]
async fn a_draft_outlives_a_kill() {
    let world = saying(&["Hi.", "Yes."]).await;
    let (mut peer, first) = begun(&world).await;
    write(&peer, &first.prompt, "Half a 😀 thought\n\nand more");
    until("the draft is stored", || {
        std::fs::read_to_string(draft(&first)).is_ok_and(|text| text.ends_with("and more"))
    })
    .await;
    assert!(!on_disk(&first.prompt).contains("thought"), "the user's buffer is not saved");
    peer.kill().await;
    let (peer, _) = plain(&world, &["utf-8"]).await;
    // The editor opens the document again by itself, as it was saved last.
    open(&peer, &first.prompt);
    shows(&peer, &first.prompt, "Half a 😀 thought\n\nand more").await;
    // Asked for it is there as well.
    let (other, _) = plain(&world, &["utf-8"]).await;
    drop(peer);
    let again = chat(&other, json!([{ "sessionId": first.session, "show": false }])).await;
    assert!(on_disk(&again.prompt).contains("Half a 😀 thought\n\nand more"), "{}", on_disk(&again.prompt));
    open(&other, &again.prompt);
    open(&other, &again.transcript);
    other.command("glossator.send", json!([{ "uri": again.prompt }])).await.unwrap();
    shows(&other, &again.transcript, "## T-2 · done").await;
    until("the draft is gone", || std::fs::read_to_string(draft(&again)).is_ok_and(|text| text.is_empty()))
        .await;
}

#[tokio::test]
async fn the_draft_of_a_session_that_never_began_comes_back_in_the_next() {
    let world = saying(&[]).await;
    let (mut peer, _) = plain(&world, &["utf-8"]).await;
    let first = chat(&peer, json!([])).await;
    open(&peer, &first.prompt);
    write(&peer, &first.prompt, "My first words");
    until("the draft is stored", || first_draft(&world) == "My first words").await;
    peer.kill().await;
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let second = chat(&peer, json!([])).await;
    assert_ne!(second.session, first.session);
    assert!(on_disk(&second.prompt).contains("My first words"), "{}", on_disk(&second.prompt));
    // The old document, opened again by the editor, belongs to no session any more, and is sent to the one that is worked in.
    open(&peer, &first.prompt);
    shows(&peer, &first.prompt, "My first words").await;
}

#[tokio::test]
async fn what_is_typed_at_once_is_not_changed_by_a_draft() {
    let world = saying(&["Hi."]).await;
    let (mut peer, first) = begun(&world).await;
    write(&peer, &first.prompt, "Half a thought");
    until("the draft is stored", || {
        std::fs::read_to_string(draft(&first)).is_ok_and(|text| text == "Half a thought")
    })
    .await;
    peer.kill().await;
    // Opened as it stood on the disk, and typed into in the same moment: also what begins as the draft does.
    for typed in ["Half", "Something else", ""] {
        let (peer, _) = plain(&world, &["utf-8"]).await;
        open(&peer, &first.prompt);
        let text = format!("{}{typed}\n", peer.text(&first.prompt));
        peer.type_over(&first.prompt, &text);
        peer.alive().await;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(peer.text(&first.prompt), text);
        peer.hang_up();
        std::fs::write(draft(&first), "Half a thought").unwrap();
    }
}

#[tokio::test]
async fn a_document_that_is_opened_again_at_once_has_its_draft() {
    let world = saying(&["Hi."]).await;
    let (peer, first) = begun(&world).await;
    let empty = on_disk(&first.prompt);
    write(&peer, &first.prompt, "Half a thought");
    until("the draft is stored", || {
        std::fs::read_to_string(draft(&first)).is_ok_and(|text| text == "Half a thought")
    })
    .await;
    for _ in 0..5 {
        peer.client.notify("textDocument/didClose", json!({ "textDocument": { "uri": first.prompt } }));
        peer.open(&first.prompt, &empty);
        shows(&peer, &first.prompt, "Half a thought").await;
    }
}

#[tokio::test]
async fn a_document_that_is_closed_keeps_what_was_written() {
    let world = saying(&["Hi."]).await;
    let (peer, first) = begun(&world).await;
    write(&peer, &first.prompt, "Later");
    peer.client.notify("textDocument/didClose", json!({ "textDocument": { "uri": first.prompt } }));
    until("it is written", || on_disk(&first.prompt).contains("Later")).await;
    assert_eq!(std::fs::read_to_string(draft(&first)).unwrap(), "Later");
    open(&peer, &first.prompt);
    peer.type_over(&first.prompt, "");
    until("it is forgotten", || std::fs::read_to_string(draft(&first)).unwrap().is_empty()).await;
    assert_eq!(peer.leave().await, 0);
    assert!(!on_disk(&first.prompt).contains("Later"));
}

#[tokio::test]
async fn an_editor_that_leaves_loses_nothing() {
    let world = saying(&["Hi."]).await;
    let (peer, first) = begun(&world).await;
    write(&peer, &first.prompt, "In the last moment");
    assert_eq!(peer.leave().await, 0);
    assert_eq!(std::fs::read_to_string(draft(&first)).unwrap(), "In the last moment");
    assert!(on_disk(&first.prompt).contains("In the last moment"));
}

#[tokio::test]
async fn what_the_editor_has_itself_counts() {
    let world = saying(&["Hi."]).await;
    let (mut peer, first) = begun(&world).await;
    write(&peer, &first.prompt, "Old words");
    until("the draft is stored", || {
        std::fs::read_to_string(draft(&first)).is_ok_and(|text| text == "Old words")
    })
    .await;
    peer.kill().await;
    let (peer, _) = plain(&world, &["utf-8"]).await;
    // Restored by the editor, with other words than those that were stored.
    peer.open(&first.prompt, "Mine\n");
    peer.alive().await;
    write(&peer, &first.prompt, "and more\n");
    until("the draft is stored", || {
        std::fs::read_to_string(draft(&first)).is_ok_and(|text| text.ends_with("and more"))
    })
    .await;
    assert_eq!(peer.text(&first.prompt), "Mine\nand more\n");
    // Of which it has the beginning only, the rest comes back.
    peer.client.notify("textDocument/didClose", json!({ "textDocument": { "uri": first.prompt } }));
    until("it is written", || on_disk(&first.prompt).contains("and more")).await;
    peer.open(&first.prompt, "Mine\n");
    holds(&peer, &first.prompt, "the rest", |text| text.contains("Mine\nand more")).await;
}
