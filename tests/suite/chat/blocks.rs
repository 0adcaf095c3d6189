//! *Apply this block*: code blocks of answers become reviewed changes of files.

use super::{action, ask, chat, line_of, open, plain, run, saying, shows};
use crate::harness::{Peer, Reply, World, last_user_text};
use serde_json::{Value, json};

async fn answered(texts: &[&str]) -> (World, Peer, super::Chat) {
    let world = saying(texts).await;
    world.write("src/a.rs", "//! A\n\nfn one() {\n    1;\n}\n\nfn two() {\n    2;\n}\n");
    let (peer, _) = plain(&world, &["utf-16"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.transcript);
    ask(&peer, &chat, "Show me", "done").await;
    (world, peer, chat)
}

async fn apply(peer: &Peer, chat: &super::Chat, words: &str) -> Result<Value, Value> {
    let line = line_of(peer, &chat.transcript, words);
    let action = action(peer, &chat.transcript, line, "Apply this block").await;
    run(peer, &action).await
}

#[tokio::test]
async fn a_block_that_names_its_file_is_put_in_its_place_and_reviewed() {
    let answer = "Change it 😀:\n\n```rust src/a.rs\nfn two() {\n    22;\n}\n```\n";
    let (world, peer, chat) = answered(&[answer, "I see."]).await;
    let applied = apply(&peer, &chat, "22;").await.unwrap();
    assert_eq!((&applied["turnId"], &applied["changeSet"]), (&json!("T-1"), &json!("C1")), "{applied}");
    assert_eq!(world.read("src/a.rs"), "//! A\n\nfn one() {\n    1;\n}\n\nfn two() {\n    22;\n}\n");
    shows(&peer, &chat.transcript, "- ▸ edit C1: `src/a.rs` +1 −1 → pending").await;
    // Again there is nothing to do.
    let why = apply(&peer, &chat, "22;").await.unwrap_err();
    assert!(why["message"].as_str().unwrap().contains("holds this block already"), "{why}");
    // The model is told, and the turn's undo takes it back.
    ask(&peer, &chat, "Did you see?", "done").await;
    let told = last_user_text(&world.requests()[1].body);
    assert!(told.contains("The user applied a code block of the answer in T-1 to src/a.rs (C1)"), "{told}");
    peer.command("glossator.undoTurn", json!(["T-1"])).await.unwrap();
    assert_eq!(world.read("src/a.rs"), "//! A\n\nfn one() {\n    1;\n}\n\nfn two() {\n    2;\n}\n");
}

#[tokio::test]
async fn new_files_patches_and_selections() {
    let answer = "New:\n\n**src/deep/new file.rs**\n\n```rust\npub fn new() {}\n```\n\n```diff\n--- a/src/a.rs\n+++ b/src/a.rs\n@@ -3,3 +3,3 @@\n fn one() {\n-    1;\n+    11;\n }\n```\n\n```rust\n    three();\n```\n";
    let (world, peer, chat) = answered(&[answer]).await;
    // A name with a blank is no name in a line of words, so the user's place counts, and none is known.
    let why = apply(&peer, &chat, "pub fn new").await.unwrap_err();
    assert!(why["message"].as_str().unwrap().contains("names no file"), "{why}");
    apply(&peer, &chat, "+    11;").await.unwrap();
    assert!(world.read("src/a.rs").contains("    11;\n"));
    // Unsaved text counts, and the selection in it.
    let uri = world.uri("src/a.rs");
    let unsaved = world.read("src/a.rs").replace("    2;\n", "    2; // 😀 mine\n");
    peer.open(&uri, &world.read("src/a.rs"));
    peer.type_over(&uri, &unsaved);
    let line = unsaved.lines().position(|line| line.contains("mine")).unwrap();
    let range =
        json!({ "start": { "line": line, "character": 0 }, "end": { "line": line + 1, "character": 0 } });
    let params = json!({ "textDocument": { "uri": uri }, "range": range, "context": { "diagnostics": [] } });
    peer.ok("textDocument/codeAction", params).await;
    apply(&peer, &chat, "three();").await.unwrap();
    assert_eq!(peer.text(&uri), unsaved.replace("    2; // 😀 mine\n", "    three();\n"));
    // Named by hand.
    let made = json!([{ "text": "text\n", "target": "src/deep/new file.rs" }]);
    peer.command("glossator.applyBlock", made).await.unwrap();
    assert_eq!(world.read("src/deep/new file.rs"), "text\n");
    let outside = json!([{ "text": "text\n", "target": "../../outside.rs" }]);
    peer.command("glossator.applyBlock", outside).await.unwrap_err();
}

#[tokio::test]
async fn a_block_of_another_language_does_not_go_where_the_cursor_happens_to_be() {
    let (world, peer, chat) = answered(&["Add this:\n\n```python\ndef two():\n    pass\n```\n"]).await;
    let uri = world.uri("src/a.rs");
    peer.open(&uri, &world.read("src/a.rs"));
    let look = async |range: Value| {
        let params =
            json!({ "textDocument": { "uri": uri }, "range": range, "context": { "diagnostics": [] } });
        peer.ok("textDocument/codeAction", params).await;
    };
    let at = |line: u64| json!({ "line": line, "character": 0 });
    look(json!({ "start": at(1), "end": at(1) })).await;
    let why = apply(&peer, &chat, "def two").await.unwrap_err();
    let why = why["message"].as_str().unwrap();
    assert!(why.contains("is python") && why.contains("src/a.rs, which is rust"), "{why}");
    assert_eq!(peer.text(&uri), world.read("src/a.rs"));
    // What is selected is meant.
    look(json!({ "start": at(0), "end": at(1) })).await;
    apply(&peer, &chat, "def two").await.unwrap();
    assert!(peer.text(&uri).starts_with("def two():\n    pass\n\nfn one"), "{}", peer.text(&uri));
}

#[tokio::test]
async fn the_last_block_is_meant_without_a_place() {
    let answer = "```txt first.txt\none\n```\n\nand\n\n`last.txt`:\n\n```\ntwo\n```\n";
    let (world, peer, _chat) = answered(&[answer]).await;
    peer.command("glossator.applyBlock", json!([])).await.unwrap();
    assert_eq!((world.read("last.txt").as_str(), world.exists("first.txt")), ("two\n", false));
}

#[tokio::test]
async fn a_block_that_does_not_fit_changes_nothing() {
    let answer = "```rust src/a.rs\nfn other() {\n    nothing_of_it();\n```\n\n```diff\n--- a/src/a.rs\n+++ b/src/a.rs\n@@ -1 +1 @@\n-not there\n+x\n```\n";
    let world = World::new(vec![Reply::Text(answer.to_owned())]).await;
    world.write("src/a.rs", "//! A\n");
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.transcript);
    ask(&peer, &chat, "Show me", "done").await;
    for (words, why) in [("nothing_of_it", "fits nowhere"), ("-not there", "not there")] {
        let refused = apply(&peer, &chat, words).await.unwrap_err();
        assert!(refused["message"].as_str().unwrap().contains(why), "{refused}");
    }
    assert_eq!(world.read("src/a.rs"), "//! A\n");
}

/// Some clients send a block without its last line break, some with it, some with breaks of their own.
#[tokio::test]
async fn blocks_of_every_client_are_whole_lines() {
    for text in ["fn x() {\n    5;\n}", "fn x() {\n    5;\n}\n", "fn x() {\r\n    5;\r\n}"] {
        let (world, peer, _chat) = answered(&["Well."]).await;
        let uri = world.uri("src/a.rs");
        let before = world.read("src/a.rs");
        peer.open(&uri, &before);
        let at = json!({ "line": 0, "character": 0 });
        let put = json!([{ "text": text, "info": "rust", "target": "src/a.rs", "range": { "start": at, "end": at } }]);
        peer.command("glossator.applyBlock", put).await.unwrap();
        let expected = before.replacen("//! A\n", "//! A\nfn x() {\n    5;\n}\n", 1);
        assert_eq!(peer.text(&uri), expected, "{text:?}");
        let over = json!([{ "text": text.replace('x', "two"), "info": "rust src/a.rs" }]);
        peer.command("glossator.applyBlock", over).await.unwrap();
        let expected = expected.replace("fn two() {\n    2;\n}\n", "fn two() {\n    5;\n}\n");
        assert_eq!(peer.text(&uri), expected, "{text:?}");
        let new = json!([{ "text": text, "target": "src/b.rs" }]);
        peer.command("glossator.applyBlock", new).await.unwrap();
        assert_eq!(world.read("src/b.rs"), "fn x() {\n    5;\n}\n", "{text:?}");
    }
}

/// What a block says of itself is the model's word.
#[tokio::test]
async fn protected_files_are_not_changed_because_a_block_names_them() {
    let (world, peer, _chat) = answered(&["Well."]).await;
    for name in ["AGENTS.md", ".glossator/settings.toml", "~/x.rs"] {
        let named = json!([{ "text": "x", "info": format!("text {name}") }]);
        let why = peer.command("glossator.applyBlock", named).await.unwrap_err();
        let why = why["message"].as_str().unwrap();
        assert!(why.contains("protected") || why.contains("outside of the workspace"), "{why}");
        assert!(!world.exists(name), "{name}");
    }
    // The user has named it.
    let meant = json!([{ "text": "x", "target": "AGENTS.md" }]);
    peer.command("glossator.applyBlock", meant).await.unwrap();
    assert_eq!(world.read("AGENTS.md"), "x\n");
}
