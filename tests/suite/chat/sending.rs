//! What is sent goes once, in order and to the session that is meant, however slow the editor is and however it writes names;
//! what was not sent stays, and only where it was written.

use super::drafts::first_draft;
use super::{action, chat, holds, on_disk, open, path, plain, run, saying, shows, slow};
use crate::harness::{Answer, Asked, Message, PATIENCE, Peer, Reply, Who, World, items, script, until};
use serde_json::{Value, json};
use std::time::Duration;

const NOW: Duration = Duration::ZERO;

/// A client without the extension whose edits take a while, and who tells of them later still.
async fn slow_editor(world: &World, apply: Duration, report: Duration) -> Peer {
    let who = Who::plain(json!({
        "general": { "positionEncodings": ["utf-8"] },
        "workspace": { "applyEdit": true, "workspaceEdit": { "documentChanges": true } },
    }));
    Peer::with(world, &who, move |asked: &Asked| asked.slowly(apply, report)).await
}

fn write(peer: &Peer, uri: &str, text: &str) {
    peer.type_over(uri, &format!("{}{text}", peer.text(uri)));
}

fn written(peer: &Peer, uri: &str) -> String {
    let text = peer.text(uri);
    text.lines().filter(|line| !line.starts_with("<!--")).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// What was said in each turn of a session.
fn said(world: &World, session: &str) -> Vec<String> {
    let said = items(world, session).into_iter().filter(|item| item["kind"] == "userMessage");
    said.map(|item| item["input"][0]["text"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn two_quick_sends_send_once() {
    for report in [NOW, Duration::from_millis(150)] {
        let world = saying(&["One.", "Two."]).await;
        let peer = slow_editor(&world, Duration::from_millis(50), report).await;
        let chat = chat(&peer, json!([])).await;
        open(&peer, &chat.prompt);
        write(&peer, &chat.prompt, "Do it once\n");
        let send = || peer.command("glossator.send", json!([]));
        let (first, second) = tokio::join!(send(), send());
        assert_eq!(first.unwrap()["turnId"], "T-1");
        assert_eq!(second.unwrap(), json!({ "alreadySent": true }));
        holds(&peer, &chat.prompt, "an empty prompt", |_| written(&peer, &chat.prompt).is_empty()).await;
        peer.shown(&["One."]).await;
        assert_eq!(said(&world, &chat.session), ["Do it once"]);
    }
}

#[tokio::test]
async fn a_prompt_whose_turn_fails_at_once_comes_back_in_a_slow_editor() {
    for (apply, report) in [(30, 150), (0, 150), (200, 0)] {
        let world = World::new(vec![Reply::error(401, "authentication_error", "invalid x-api-key")]).await;
        let peer = slow_editor(&world, Duration::from_millis(apply), Duration::from_millis(report)).await;
        let chat = chat(&peer, json!([])).await;
        open(&peer, &chat.prompt);
        write(&peer, &chat.prompt, "A long prompt that took an hour.\n");
        peer.command("glossator.send", json!([])).await.unwrap();
        peer.shown(&["T-1 failed"]).await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!(written(&peer, &chat.prompt), "A long prompt that took an hour.", "{apply} {report}");
    }
}

#[tokio::test]
async fn what_was_sent_is_no_draft_of_the_next_session() {
    let world = saying(&["One."]).await;
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let first = chat(&peer, json!([])).await;
    open(&peer, &first.prompt);
    write(&peer, &first.prompt, "The prompt that is sent");
    let draft = || first_draft(&world);
    until("the draft is stored", || draft() == "The prompt that is sent").await;
    write(&peer, &first.prompt, ", with its last words\n");
    peer.command("glossator.send", json!([])).await.unwrap();
    peer.shown(&["One."]).await;
    until("the draft is gone", || draft().is_empty()).await;
    peer.command("glossator.newSession", json!([])).await.unwrap();
    let second = chat(&peer, json!([])).await;
    assert_ne!(second.session, first.session);
    assert!(!on_disk(&second.prompt).contains("The prompt"), "{}", on_disk(&second.prompt));
}

#[tokio::test]
async fn what_was_written_for_a_session_stays_with_it() {
    let world = saying(&["One."]).await;
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let first = chat(&peer, json!([])).await;
    open(&peer, &first.prompt);
    write(&peer, &first.prompt, "For later");
    let draft =
        || std::fs::read_to_string(path(&first.prompt).with_file_name("draft.md")).unwrap_or_default();
    tokio::time::sleep(Duration::from_millis(900)).await;
    peer.command("glossator.ask", json!(["First this"])).await.unwrap();
    until("the draft lies with its session", || draft() == "For later").await;
    peer.command("glossator.newSession", json!([])).await.unwrap();
    let second = chat(&peer, json!([])).await;
    assert!(!on_disk(&second.prompt).contains("For later"), "{}", on_disk(&second.prompt));
}

#[tokio::test]
async fn a_slash_command_never_looks_for_its_words_in_the_document_that_it_stands_in() {
    let world = saying(&["One.", "Two.", "Three."]).await;
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.prompt);
    write(&peer, &chat.prompt, "/nosuch\n");
    let why = peer.command("glossator.send", json!([])).await.unwrap_err();
    let words = why["message"].as_str().unwrap().split("There are ").nth(1).unwrap();
    let words: Vec<&str> = words.split(". ").next().unwrap().split(", ").collect();
    assert!(words.contains(&"/queue") && words.len() > 20, "{words:?}");
    for word in words {
        // Each alone: it is run, or says what it wants; the server goes on.
        peer.type_over(&chat.prompt, &format!("{word}\n"));
        let _ =
            tokio::time::timeout(PATIENCE, peer.command("glossator.send", json!([{ "uri": chat.prompt }])))
                .await
                .unwrap_or_else(|_| panic!("{word} is never answered"));
        peer.alive().await;
    }
    let long = format!("{}x\n", "/queue ".repeat(20_000));
    for (text, words) in [
        ("/rename\n", "Write the title"),
        ("/queue /compact\n", "Only a prompt can wait"),
        (&*long, "Only a prompt"),
    ] {
        peer.type_over(&chat.prompt, text);
        let why = peer.command("glossator.send", json!([{ "uri": chat.prompt }])).await.unwrap_err();
        assert!(why["message"].as_str().unwrap().contains(words), "{why}");
    }
    for command in ["glossator.ask", "glossator.queue"] {
        let _ = peer.command(command, json!(["/queue"])).await;
        peer.alive().await;
    }
}

#[tokio::test]
async fn stop_stops_the_turn_that_it_names() {
    let busy = || slow("Slowly, very slowly.", 40, Duration::from_millis(250));
    let world = World::new(vec![busy(), busy()]).await;
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let first = chat(&peer, json!([])).await;
    open(&peer, &first.prompt);
    open(&peer, &first.transcript);
    peer.command("glossator.ask", json!(["One"])).await.unwrap();
    peer.command("glossator.newSession", json!([])).await.unwrap();
    let second = chat(&peer, json!([])).await;
    open(&peer, &second.transcript);
    peer.command("glossator.ask", json!(["Two"])).await.unwrap();
    shows(&peer, &second.transcript, "## T-1 · running").await;
    let stop = action(&peer, &first.prompt, 0, "Stop T-1").await;
    run(&peer, &stop).await.unwrap();
    shows(&peer, &first.transcript, "## T-1 · stopped").await;
    assert!(peer.text(&second.transcript).contains("## T-1 · running"));
    // What has ended needs no stop; another session is not stopped instead.
    run(&peer, &stop).await.unwrap();
    let why = peer.command("glossator.stop", json!([first.session])).await.unwrap_err();
    assert!(why["message"].as_str().unwrap().contains("No turn of the session"), "{why}");
    assert!(peer.text(&second.transcript).contains("## T-1 · running"));
    peer.command("glossator.stop", json!([])).await.unwrap();
    shows(&peer, &second.transcript, "## T-1 · stopped").await;
}

#[tokio::test]
async fn answers_that_were_given_do_not_stand_in_the_way_of_a_prompt_that_was_refused() {
    let world = World::new(vec![
        script("await tools.exec({ command: ['touch', 'one'] });"),
        Reply::Text("Done.".to_owned()),
    ])
    .await;
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.prompt);
    peer.command("glossator.ask", json!(["Make it"])).await.unwrap();
    shows(&peer, &chat.prompt, "<!-- deny A1: -->").await;
    peer.type_over(&chat.prompt, "allow A1\n\n/resume nowhere\n");
    peer.command("glossator.send", json!([{ "uri": chat.prompt }])).await.unwrap_err();
    holds(&peer, &chat.prompt, "only the command", |_| written(&peer, &chat.prompt) == "/resume nowhere")
        .await;
    until("the answer counts", || world.exists("one")).await;
}

#[tokio::test]
async fn a_question_is_answered_by_its_short_name() {
    let world = World::new(vec![
        script("await tools.exec({ command: ['touch', 'one'] }); await tools.exec({ command: ['touch', 'two'] });"),
        Reply::Text("Done.".to_owned()),
    ])
    .await;
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.prompt);
    peer.command("glossator.ask", json!(["Make them"])).await.unwrap();
    shows(&peer, &chat.prompt, "<!-- deny A1: -->").await;
    peer.command("glossator.approve", json!(["A1"])).await.unwrap();
    shows(&peer, &chat.prompt, "<!-- deny A2: -->").await;
    assert!(peer.command("glossator.deny", json!(["A9"])).await.is_err());
    peer.command("glossator.deny", json!([{ "askId": "A2", "message": "no" }])).await.unwrap();
    peer.shown(&["Done."]).await;
    assert!(world.exists("one"));
    assert!(!world.exists("two"));
}

#[tokio::test]
async fn editors_may_write_names_of_documents_in_their_own_way() {
    let world = saying(&["One."]).await;
    world.write("a.txt", "one\ntwo\nthree\n");
    let (peer, edits) = plain(&world, &["utf-8"]).await;
    let chat = chat(&peer, json!([])).await;
    let own = |uri: &str| uri.replace("prompt.md", "pr%6Fmpt.md").replace("chat.md", "ch%61t.md");
    let (prompt, transcript) = (own(&chat.prompt), own(&chat.transcript));
    peer.open(&prompt, &on_disk(&chat.prompt));
    peer.open(&transcript, &on_disk(&chat.transcript));
    let before = (on_disk(&chat.prompt), on_disk(&chat.transcript));
    let range = json!({ "start": { "line": 1, "character": 0 }, "end": { "line": 2, "character": 0 } });
    let edit = json!([{ "uri": world.uri("a.txt"), "range": range }]);
    peer.command("glossator.edit", edit).await.unwrap();
    shows(&peer, &prompt, "about a.txt, line 2").await;
    write(&peer, &prompt, "Shout it\n");
    peer.command("glossator.send", json!([])).await.unwrap();
    shows(&peer, &transcript, "## T-1 · done").await;
    assert!(peer.text(&transcript).contains("a.txt"), "{}", peer.text(&transcript));
    assert!(items(&world, &chat.session).iter().any(|item| item["input"][1]["kind"] == "mention"));
    holds(&peer, &prompt, "an empty prompt", |_| written(&peer, &prompt).is_empty()).await;
    assert_eq!((on_disk(&chat.prompt), on_disk(&chat.transcript)), before, "what is open is not written");
    assert!(edits.lock().iter().all(|(_, uri)| [&prompt, &transcript].contains(&uri)));
}

#[tokio::test]
async fn prompts_of_a_client_keep_their_order() {
    let world = saying(&["One.", "Two."]).await;
    world.write("a.rs", format!("{}fn walk() {{}}\n", "// x\n".repeat(20_000)));
    let who = Who::plain(json!({ "general": { "positionEncodings": ["utf-8"] } }))
        .with_features(&["symbols", "editor"]);
    let late = |asked: &Asked| match asked.method {
        "glossator/symbols/read" | "glossator/editor/state" => {
            let (client, id) = (asked.client.clone(), asked.id.clone());
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(300)).await;
                client.respond(&id, Value::Null);
            });
            Some(Answer::Silence)
        }
        _ => None,
    };
    let peer = Peer::with(&world, &who, late).await;
    let new = peer.command("glossator.newSession", json!([])).await.unwrap();
    let ask = |words: &'static str| peer.command("glossator.ask", json!([words]));
    let (first, second) = tokio::join!(ask("first @a.rs#walk and @diagnostics"), ask("second"));
    first.unwrap();
    second.unwrap();
    let session = new["session"]["id"].as_str().unwrap();
    let second = || world.requests().iter().any(|one| one.body.to_string().contains("second"));
    until("the model has read both", second).await;
    assert_eq!(said(&world, session), ["first @a.rs#walk and @diagnostics", "second"]);
}

#[tokio::test]
async fn an_edit_that_is_under_way_is_taken_in_though_its_command_was_cancelled() {
    let block = "In `a.txt`:\n\n```text a.txt\none\nTWO\nthree\n```\n";
    let world = saying(&[block]).await;
    world.write("a.txt", "one\ntwo\nthree\n");
    let peer = slow_editor(&world, Duration::from_secs(3), NOW).await;
    let uri = world.uri("a.txt");
    peer.open(&uri, "one\ntwo\nthree\n");
    peer.command("glossator.ask", json!(["Change it"])).await.unwrap();
    peer.shown(&["TWO"]).await;
    let session = chat(&peer, json!([{ "show": false }])).await.session;
    until("the answer is there", || items(&world, &session).iter().any(|item| item["kind"] == "turnEnded"))
        .await;
    let (id, answer) = peer.client.send_request(
        "workspace/executeCommand",
        json!({ "command": "glossator.applyBlock", "arguments": [] }),
    );
    let edit = |one: &Message| (one.method == "workspace/applyEdit").then_some(());
    peer.wait("the edit", edit).await;
    peer.client.notify("$/cancelRequest", json!({ "id": id }));
    assert!(answer.await.unwrap().is_err());
    holds(&peer, &uri, "the edit", |text| text == "one\nTWO\nthree\n").await;
    peer.command("glossator.undoTurn", json!([])).await.unwrap();
    holds(&peer, &uri, "the text of before", |text| text == "one\ntwo\nthree\n").await;
}

#[tokio::test]
async fn lines_beyond_every_document_are_its_end() {
    let world = saying(&["One."]).await;
    world.write("a.txt", "one\n");
    let (peer, _) = plain(&world, &["utf-8"]).await;
    peer.open(&world.uri("a.txt"), "one\n");
    let far = json!({ "line": u32::MAX, "character": u32::MAX });
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": far });
    let about = json!([{ "uri": world.uri("a.txt"), "range": range, "text": "Look" }]);
    peer.command("glossator.ask", about).await.unwrap();
    peer.shown(&["One."]).await;
    for name in ["glossator.explain", "glossator.doComment", "glossator.fix"] {
        let at = json!({ "start": far, "end": far });
        let _ = peer.command(name, json!([{ "uri": world.uri("a.txt"), "range": at }])).await;
    }
    let chat = chat(&peer, json!([{ "show": false }])).await;
    assert!(on_disk(&chat.transcript).contains("> Look"), "{}", on_disk(&chat.transcript));
    let params = json!({ "textDocument": { "uri": world.uri("a.txt") }, "range": { "start": far, "end": far },
        "context": { "diagnostics": [{ "range": { "start": far, "end": far }, "message": "x" }], "triggerKind": 1 } });
    peer.ok("textDocument/codeAction", params).await;
}
