//! Chat as documents through the real server, by clients that have nothing but LSP.

mod big;
mod blocks;
mod drafts;
mod joining;
mod prompts;
mod reading;
mod sending;
mod streaming;

use crate::harness::{Asked, Peer, Reply, Who, World};
use glossator_models::scripted::sse;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;

/// The documents of a chat.
pub struct Chat {
    pub session: String,
    pub transcript: String,
    pub prompt: String,
}

/// Edits of documents: when each came, and of which.
pub type Edits = Arc<Mutex<Vec<(Instant, String)>>>;

/// A client without the extension that counts edits.
pub async fn plain(world: &World, encodings: &[&str]) -> (Peer, Edits) {
    let edits = Edits::default();
    let seen = edits.clone();
    let who = Who::plain(json!({
        "general": { "positionEncodings": encodings },
        "workspace": { "applyEdit": true, "workspaceEdit": { "documentChanges": true } },
        "textDocument": { "documentSymbol": { "hierarchicalDocumentSymbolSupport": true } },
    }));
    let peer = Peer::with(world, &who, move |asked: &Asked| {
        if asked.method == "workspace/applyEdit" {
            let uri = asked.params["edit"]["documentChanges"][0]["textDocument"]["uri"].as_str();
            seen.lock().push((Instant::now(), uri.unwrap_or_default().to_owned()));
        }
        None
    })
    .await;
    (peer, edits)
}

/// `glossator.chat`; the documents are not opened.
pub async fn chat(peer: &Peer, arguments: Value) -> Chat {
    let found = peer.command("glossator.chat", arguments).await.unwrap();
    let text = |key: &str| found[key].as_str().unwrap().to_owned();
    Chat { session: text("sessionId"), transcript: text("transcript"), prompt: text("prompt") }
}

/// What a document of ours holds on the disk.
pub fn on_disk(uri: &str) -> String {
    std::fs::read_to_string(path(uri)).unwrap_or_default()
}

pub fn path(uri: &str) -> PathBuf {
    Url::parse(uri).unwrap().to_file_path().unwrap()
}

/// The editor opens a document as it stands on the disk.
pub fn open(peer: &Peer, uri: &str) {
    peer.open(uri, &on_disk(uri));
}

/// Sends a prompt and waits until the transcript, which is open, shows how its turn ended.
pub async fn ask(peer: &Peer, chat: &Chat, prompt: &str, end: &str) {
    let started = peer.command("glossator.ask", json!([prompt])).await.unwrap();
    let heading = format!("## {} · {end} · ", started["turnId"].as_str().unwrap());
    shows(peer, &chat.transcript, &heading).await;
}

/// Waits until an open document holds these words.
pub async fn shows(peer: &Peer, uri: &str, words: &str) {
    holds(peer, uri, words, |text| text.contains(words)).await;
}

/// Waits until the text of an open document is as wanted.
pub async fn holds(peer: &Peer, uri: &str, what: &str, wanted: impl Fn(&str) -> bool) {
    let begun = Instant::now();
    while !wanted(&peer.text(uri)) {
        if begun.elapsed() > crate::harness::PATIENCE {
            let text = peer.text(uri);
            let tail: Vec<&str> = text.lines().rev().take(40).collect();
            let tail: Vec<&str> = tail.into_iter().rev().collect();
            peer.fail(&format!("{what:?} never came up in:\n{}", tail.join("\n")));
        }
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

/// A world whose model answers with these texts.
pub async fn saying(texts: &[&str]) -> World {
    World::new(texts.iter().map(|text| Reply::Text((*text).to_owned())).collect()).await
}

/// An answer that is streamed in `pieces` pieces with a pause before each.
pub fn slow(text: &str, pieces: usize, pause: Duration) -> Reply {
    let bytes = sse("scripted-model", &[json!({ "type": "text", "text": text })], "end_turn", 9);
    let size = bytes.len().div_ceil(pieces.max(1));
    Reply::Raw { chunks: bytes.chunks(size).map(|piece| (pause, piece.to_vec())).collect() }
}

/// A code action of a document, by the beginning of its title.
pub async fn action(peer: &Peer, uri: &str, line: usize, title: &str) -> Value {
    let all = actions(peer, uri, line).await;
    let found = all.iter().find(|one| one["title"].as_str().unwrap().starts_with(title));
    found.cloned().unwrap_or_else(|| peer.fail(&format!("no {title} among {all:?}")))
}

/// The code actions at the start of a line.
pub async fn actions(peer: &Peer, uri: &str, line: usize) -> Vec<Value> {
    let at = json!({ "line": line, "character": 0 });
    let params = json!({
        "textDocument": { "uri": uri },
        "range": { "start": at, "end": at },
        "context": { "diagnostics": [], "triggerKind": 1 },
    });
    peer.ok("textDocument/codeAction", params).await.as_array().cloned().unwrap_or_default()
}

/// Runs the command of a code action.
pub async fn run(peer: &Peer, action: &Value) -> Result<Value, Value> {
    peer.request("workspace/executeCommand", action["command"].clone()).await
}

/// The number of the first line of an open document that holds these words.
pub fn line_of(peer: &Peer, uri: &str, words: &str) -> usize {
    let text = peer.text(uri);
    let found = text.lines().position(|line| line.contains(words));
    found.unwrap_or_else(|| panic!("no {words:?} in:\n{text}"))
}
