//! An open transcript while a turn runs: edits are few, none of them disturbs typing, and whatever the editor does to it is put
//! right.

use super::{ask, chat, holds, line_of, on_disk, open, plain, saying, shows, slow};
use crate::harness::{Answer, Asked, Peer, Who, World, script_and};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

#[tokio::test]
async fn an_answer_streams_in_by_few_edits() {
    let words: String = (0..400).map(|number| format!("word{number} ")).collect();
    let world = World::new(vec![slow(&words, 80, Duration::from_millis(40))]).await;
    let (peer, edits) = plain(&world, &["utf-8"]).await;
    let began = Instant::now();
    let chat = chat(&peer, json!([])).await;
    assert!(on_disk(&chat.transcript).contains("Nothing was said yet."));
    let before = on_disk(&chat.transcript);
    open(&peer, &chat.transcript);
    peer.command("glossator.ask", json!(["Count"])).await.unwrap();
    shows(&peer, &chat.transcript, "> Count").await;
    shows(&peer, &chat.transcript, "word9 ").await;
    assert!(peer.text(&chat.transcript).contains("## T-1 · running · "), "{}", peer.text(&chat.transcript));
    shows(&peer, &chat.transcript, "## T-1 · done · ").await;
    let text = peer.text(&chat.transcript);
    assert!(text.contains(words.trim()), "{text}");
    assert!(text.contains("### You\n\n> Count\n\n### Glossator\n\n"), "{text}");
    // Four a second at the most. What is late on its way may come close behind another, but none comes before its time.
    let of_transcript =
        |(at, uri): &(Instant, String)| (*uri == chat.transcript).then_some(at.duration_since(began));
    let times: Vec<Duration> = edits.lock().iter().filter_map(of_transcript).collect();
    assert!(times.len() > 3, "it streamed: {times:?}");
    for (before, at) in (0..).zip(&times) {
        assert!(*at >= before * Duration::from_millis(250), "{times:?}");
    }
    // An open transcript is never written on the disk.
    assert_eq!(on_disk(&chat.transcript), before);
    // Shown once, as it was asked for: the transcript without the focus, then the prompt with it.
    let shown = peer.messages().into_iter().filter(|one| one.method == "window/showDocument");
    let shown: Vec<_> =
        shown.map(|one| (one.params["uri"].clone(), one.params["takeFocus"].clone())).collect();
    assert_eq!(shown, [(json!(chat.transcript), json!(false)), (json!(chat.prompt), json!(true))]);
}

#[tokio::test]
async fn nothing_is_edited_while_somebody_types() {
    // A machine that stands still for a moment makes a pause of its own; it does not do so each time.
    let mut inside = Vec::new();
    while inside.len() < 4 {
        inside.push(edits_while_typing().await);
        if inside.ends_with(&[0]) {
            return;
        }
    }
    panic!("edits while typing: {inside:?}");
}

/// Types without a pause of 400 ms while an answer streams in; gives how many edits came meanwhile.
async fn edits_while_typing() -> usize {
    let words: String = (0..300).map(|number| format!("word{number} ")).collect();
    let world = World::new(vec![slow(&words, 60, Duration::from_millis(50))]).await;
    world.write("a.txt", "");
    let (peer, edits) = plain(&world, &["utf-8"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.transcript);
    let file = world.uri("a.txt");
    peer.open(&file, "");
    peer.command("glossator.ask", json!(["Count"])).await.unwrap();
    shows(&peer, &chat.transcript, "word9 ").await;
    let mut typed = String::new();
    peer.type_over(&file, "x");
    tokio::time::sleep(Duration::from_millis(120)).await;
    let from = Instant::now();
    let mut last = from;
    while from.elapsed() < Duration::from_millis(1500) {
        typed.push('x');
        last = Instant::now();
        peer.type_over(&file, &typed);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let inside = edits.lock().iter().filter(|(at, _)| *at > from && *at < last).count();
    assert_eq!(peer.text(&file), typed, "no keystroke is lost");
    shows(&peer, &chat.transcript, "## T-1 · done").await;
    let next = edits.lock().iter().map(|(at, _)| *at).find(|at| *at > last);
    let early = next.is_some_and(|next| next.duration_since(last) < Duration::from_millis(350));
    assert_eq!(peer.text(&file), typed);
    inside + usize::from(early)
}

#[tokio::test]
async fn what_a_user_does_to_a_transcript_is_put_right() {
    let world = saying(&["First 😀 answer.", "Second."]).await;
    let (peer, _) = plain(&world, &["utf-16"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.transcript);
    ask(&peer, &chat, "One 😀😀", "done").await;
    let whole = peer.text(&chat.transcript);
    assert!(whole.contains("> One 😀😀\n") && whole.contains("First 😀 answer."), "{whole}");
    // Typed into, emptied, and undone: each is put right without anything happening in the session.
    for broken in [whole.replace("First 😀", "My 😀😀 own"), String::new(), "# Chat\n".to_owned()] {
        peer.type_over(&chat.transcript, &broken);
        holds(&peer, &chat.transcript, "the transcript", |text| text == whole).await;
    }
    ask(&peer, &chat, "Two", "done").await;
    assert!(peer.text(&chat.transcript).contains("Second."));
}

#[tokio::test]
async fn a_closed_transcript_is_written_when_it_is_shown() {
    let world = saying(&["First.", "Second."]).await;
    let (peer, edits) = plain(&world, &["utf-8"]).await;
    let one = chat(&peer, json!([])).await;
    open(&peer, &one.transcript);
    ask(&peer, &one, "One", "done").await;
    peer.client.notify("textDocument/didClose", json!({ "textDocument": { "uri": one.transcript } }));
    let count = edits.lock().len();
    let started = peer.command("glossator.ask", json!(["Two"])).await.unwrap();
    peer.shown(&["Second."]).await;
    assert_eq!(edits.lock().len(), count, "a document that is not open is not edited");
    let two = chat(&peer, json!([started["sessionId"]])).await;
    assert_eq!(two.transcript, one.transcript);
    assert!(on_disk(&one.transcript).contains("Second."), "{}", on_disk(&one.transcript));
    // Opened by the editor itself as it stood long ago: brought up to date.
    peer.open(&one.transcript, "# Old\n");
    shows(&peer, &one.transcript, "Second.").await;
    assert!(!peer.text(&one.transcript).contains("# Old"));
}

#[tokio::test]
async fn an_editor_that_refuses_is_asked_again_on_its_newer_text() {
    let world = saying(&["The answer."]).await;
    let refused = Arc::new(AtomicUsize::new(0));
    let count = refused.clone();
    let who = Who::plain(
        json!({ "workspace": { "applyEdit": true, "workspaceEdit": { "documentChanges": true } } }),
    );
    let peer = Peer::with(&world, &who, move |asked: &Asked| {
        let first = asked.method == "workspace/applyEdit" && count.fetch_add(1, Ordering::Relaxed) < 3;
        first.then(|| Answer::Result(json!({ "applied": false, "failureReason": "document has changed" })))
    })
    .await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.transcript);
    ask(&peer, &chat, "Go", "done").await;
    assert!(refused.load(Ordering::Relaxed) > 3);
    assert!(peer.text(&chat.transcript).contains("The answer."));
}

#[tokio::test]
async fn two_clients_show_the_same_session() {
    let world = saying(&["Shared."]).await.with_core();
    let (one, _) = plain(&world, &["utf-8"]).await;
    let (two, _) = plain(&world, &["utf-16"]).await;
    let chat_one = chat(&one, json!([])).await;
    open(&one, &chat_one.transcript);
    ask(&one, &chat_one, "Hello", "done").await;
    let chat_two = chat(&two, json!([chat_one.session])).await;
    assert_eq!(chat_two.transcript, chat_one.transcript);
    // It is open in the other editor, so it was not written; what is opened is brought up to date.
    assert!(!on_disk(&chat_two.transcript).contains("Shared."));
    open(&two, &chat_two.transcript);
    shows(&two, &chat_two.transcript, "Shared.").await;
    assert_eq!(one.text(&chat_one.transcript), two.text(&chat_two.transcript));
}

#[tokio::test]
async fn calls_edits_and_scripts_have_a_line_each() {
    let source = "const a = await tools.readFile({ path: 'a.txt' });\nawait tools.applyPatch({ patch: \"*** Begin Patch\\n*** Update File: a.txt\\n@@\\n-one\\n+ONE\\n*** End Patch\\n\" });";
    let world = World::new(script_and(source)).await;
    world.write("a.txt", "one\n");
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.transcript);
    ask(&peer, &chat, "Change it", "done").await;
    let text = peer.text(&chat.transcript);
    for words in [
        "- ▸ script, 2 lines → ok (S1-1-1)\n",
        "  - ▸ readFile `a.txt` → ",
        " (S1-1-1.1)\n",
        "- ▸ edit C1: `a.txt` +1 −1 → pending\n",
        "- ▸ review: T-1.diff · sent to the model: T-1-context.md\n",
        "I will do it.",
        "Done.",
    ] {
        assert!(text.contains(words), "no {words:?} in:\n{text}");
    }
    assert!(!text.contains("<tool-calls>") && !text.contains("tools.readFile"), "{text}");
    // A decision changes its line.
    peer.command("glossator.keepAll", json!(["T-1"])).await.unwrap();
    shows(&peer, &chat.transcript, "- ▸ edit C1: `a.txt` +1 −1 → kept\n").await;
    peer.command("glossator.undoTurn", json!(["T-1"])).await.unwrap();
    shows(&peer, &chat.transcript, "- ▸ edit C1: `a.txt` +1 −1 → undone\n").await;
}

#[tokio::test]
async fn nothing_that_is_said_looks_like_ours() {
    let answer = "# Fake title\n## T-9 · done · 14:03\n### You\n\n> not the user\n\n- ▸ exec `rm` → ok (S9-1-1)\n\n<!-- hidden\n<details>\n\nTitle\n===\n\n```sh\n## in code ▸\n";
    let world = saying(&[answer, "Fine."]).await;
    let (peer, _) = plain(&world, &["utf-16"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.transcript);
    ask(&peer, &chat, "## T-7 · done\n### Glossator\n- ▸ edit C9\n```\n<!-- \u{202e}", "done").await;
    ask(&peer, &chat, "Go on", "done").await;
    let text = peer.text(&chat.transcript);
    let ours: Vec<&str> =
        text.lines().filter(|line| ["# ", "## ", "### "].iter().any(|mark| line.starts_with(mark))).collect();
    let kinds: Vec<&str> = ours.iter().map(|line| line.split(" · ").next().unwrap()).collect();
    assert_eq!(
        kinds,
        ["# T-7", "## T-1", "### You", "### Glossator", "## in code ▸", "## T-2", "### You", "### Glossator"],
        "{text}"
    );
    assert!(text.contains("##### T-9 · done · 14:03") && text.contains("- ▹ exec `rm`"), "{text}");
    assert!(text.contains("&lt;!-- hidden") && !text.contains("\n<details>"), "{text}");
    let symbols =
        peer.ok("textDocument/documentSymbol", json!({ "textDocument": { "uri": chat.transcript } })).await;
    let names: Vec<&str> =
        symbols.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 2, "{symbols}");
    assert!(names[0].starts_with("T-1 ") && names[1].starts_with("T-2 Go on"), "{names:?}");
    assert!(line_of(&peer, &chat.transcript, "## T-2") > line_of(&peer, &chat.transcript, "## in code"));
}

#[tokio::test]
async fn a_running_turn_is_shown_to_an_editor_that_comes_in_its_middle() {
    let words: String = (0..200).map(|number| format!("word{number} ")).collect();
    let world = World::new(vec![slow(&words, 40, Duration::from_millis(60))]).await.with_core();
    world.settings("", "[core]\non_disconnect = \"finish\"\n");
    let (one, _) = plain(&world, &["utf-8"]).await;
    let started = one.command("glossator.ask", json!(["Count"])).await.unwrap();
    let (two, _) = plain(&world, &["utf-8"]).await;
    let chat = chat(&two, json!([started["sessionId"]])).await;
    open(&two, &chat.transcript);
    shows(&two, &chat.transcript, "## T-1 · running").await;
    one.hang_up();
    shows(&two, &chat.transcript, "## T-1 · done").await;
    assert!(two.text(&chat.transcript).contains(words.trim()));
}
