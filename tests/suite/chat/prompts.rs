//! The prompt document: sent, queued, steering, answering; cleared as one step; kept where it could not be sent.

use super::{action, actions, chat, holds, on_disk, open, plain, run, saying, shows, slow};
use crate::harness::{Peer, Reply, World, last_user_text, script, until};
use serde_json::{Value, json};
use std::time::Duration;

/// Writes below what stands in an open prompt document.
fn write(peer: &Peer, uri: &str, text: &str) {
    peer.type_over(uri, &format!("{}{text}", peer.text(uri)));
}

/// What is written in it, without lines of ours.
fn written(peer: &Peer, uri: &str) -> String {
    let text = peer.text(uri);
    let lines = text.lines().filter(|line| !line.starts_with("<!--"));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

async fn send(peer: &Peer, uri: &str) -> Result<Value, Value> {
    peer.command("glossator.send", json!([{ "uri": uri }])).await
}

#[tokio::test]
async fn a_prompt_is_sent_and_cleared() {
    let world = saying(&["Hi.", "Again."]).await;
    let (peer, edits) = plain(&world, &["utf-16"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.prompt);
    open(&peer, &chat.transcript);
    assert!(peer.text(&chat.prompt).starts_with("<!-- Glossator: write below"));
    let why = send(&peer, &chat.prompt).await.unwrap_err();
    assert!(why["message"].as_str().unwrap().contains("prompt is empty"), "{why}");
    write(&peer, &chat.prompt, "Say 😀 hello\n\nto all\n");
    let titles: Vec<Value> =
        actions(&peer, &chat.prompt, 0).await.into_iter().map(|one| one["title"].clone()).collect();
    assert!(titles.contains(&json!("Send to Glossator")), "{titles:?}");
    let before = edits.lock().iter().filter(|(_, uri)| *uri == chat.prompt).count();
    run(&peer, &action(&peer, &chat.prompt, 3, "Send to Glossator").await).await.unwrap();
    holds(&peer, &chat.prompt, "an empty prompt", |_| written(&peer, &chat.prompt).is_empty()).await;
    let after = edits.lock().iter().filter(|(_, uri)| *uri == chat.prompt).count();
    assert_eq!(after - before, 1, "cleared as one step");
    shows(&peer, &chat.transcript, "## T-1 · done").await;
    let text = last_user_text(&world.requests()[0].body);
    assert!(text.contains("Say 😀 hello\n\nto all") && !text.contains("<!--"), "{text}");
    assert!(peer.text(&chat.transcript).contains("> Say 😀 hello\n>\n> to all\n"));
}

#[tokio::test]
async fn what_is_typed_behind_a_prompt_that_is_being_sent_stays() {
    let world = saying(&["Hi.", "Again."]).await;
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.prompt);
    write(&peer, &chat.prompt, "First\n");
    let (_, sent) = peer.client.send_request(
        "workspace/executeCommand",
        json!({ "command": "glossator.send", "arguments": [{ "uri": chat.prompt }] }),
    );
    write(&peer, &chat.prompt, "and more\n");
    sent.await.unwrap().unwrap();
    holds(&peer, &chat.prompt, "the rest", |_| {
        let left = written(&peer, &chat.prompt);
        left == "and more" || left.is_empty()
    })
    .await;
    peer.shown(&["Hi."]).await;
    let text = last_user_text(&world.requests()[0].body);
    // Either it was sent with the rest, or it is still there: never neither.
    assert_eq!(text.contains("and more"), written(&peer, &chat.prompt).is_empty(), "{text}");
}

#[tokio::test]
async fn a_prompt_that_cannot_be_sent_stays() {
    let world = saying(&[]).await;
    world.settings_text("model = \"nobody/knows\"\n");
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.prompt);
    write(&peer, &chat.prompt, "Do it\n");
    let why = send(&peer, &chat.prompt).await.unwrap_err();
    assert!(why["message"].as_str().unwrap().contains("nobody"), "{why}");
    peer.alive().await;
    assert_eq!(written(&peer, &chat.prompt), "Do it");
    // A command that fails, and a word that is none.
    for text in ["/resume nowhere", "/compcat", "allow A7", "deny A7-ff: no"] {
        peer.type_over(&chat.prompt, &format!("{text}\n"));
        send(&peer, &chat.prompt).await.unwrap_err();
        assert_eq!(written(&peer, &chat.prompt), text);
    }
    let why = peer.command("glossator.send", json!([{ "uri": "file:///x.md" }])).await.unwrap_err();
    assert!(why["message"].as_str().unwrap().contains("not a prompt document"), "{why}");
}

#[tokio::test]
async fn a_prompt_whose_turn_fails_at_once_comes_back() {
    let world = World::new(vec![Reply::error(401, "authentication_error", "invalid x-api-key")]).await;
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.prompt);
    open(&peer, &chat.transcript);
    write(&peer, &chat.prompt, "Do it\n");
    send(&peer, &chat.prompt).await.unwrap();
    shows(&peer, &chat.transcript, "## T-1 · failed").await;
    holds(&peer, &chat.prompt, "the prompt", |_| written(&peer, &chat.prompt) == "Do it").await;
}

#[tokio::test]
async fn questions_are_answered_in_the_prompt() {
    let world = World::new(vec![
        script("await tools.exec({ command: ['touch', 'one'] }).catch(() => {});\nawait tools.exec({ command: ['touch', 'two'] });"),
        Reply::Text("Done.".to_owned()),
    ])
    .await;
    let (peer, _) = plain(&world, &["utf-16"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.prompt);
    open(&peer, &chat.transcript);
    peer.command("glossator.ask", json!(["Make them"])).await.unwrap();
    // Offered as comments, where nothing is written.
    shows(&peer, &chat.prompt, "<!-- deny A1: -->").await;
    assert!(peer.text(&chat.prompt).contains("<!-- allow A1 -->"), "{}", peer.text(&chat.prompt));
    assert!(peer.text(&chat.prompt).contains("<!-- Glossator: T-1 runs."), "{}", peer.text(&chat.prompt));
    shows(&peer, &chat.transcript, "asks: ").await;
    assert!(peer.text(&chat.transcript).contains("**waits**"));
    assert!(send(&peer, &chat.prompt).await.is_err(), "what is only offered is not sent");
    let why = {
        peer.type_over(&chat.prompt, "allow A9\n");
        send(&peer, &chat.prompt).await.unwrap_err()["message"].as_str().unwrap().to_owned()
    };
    assert!(why.contains("no open question A9; open are A1 ("), "{why}");
    peer.type_over(&chat.prompt, "deny A1: not this one 😀\n");
    let answered = send(&peer, &chat.prompt).await.unwrap();
    assert_eq!(answered["answers"].as_array().unwrap().len(), 1, "{answered}");
    shows(&peer, &chat.transcript, "→ denied: not this one 😀").await;
    holds(&peer, &chat.prompt, "an empty prompt", |_| written(&peer, &chat.prompt).is_empty()).await;
    shows(&peer, &chat.prompt, "<!-- allow A2 -->").await;
    peer.type_over(&chat.prompt, "allow A2 session\n");
    send(&peer, &chat.prompt).await.unwrap();
    shows(&peer, &chat.transcript, "## T-1 · done").await;
    assert!(!world.exists("one") && world.exists("two"));
    assert!(
        peer.text(&chat.transcript).contains("→ allowed for this session"),
        "{}",
        peer.text(&chat.transcript)
    );
    holds(&peer, &chat.prompt, "no notes", |text| !text.contains("allow A2") && !text.contains("runs."))
        .await;
}

#[tokio::test]
async fn notes_never_come_between_what_is_written() {
    let world = World::new(vec![
        script("await tools.exec({ command: ['touch', 'one'] });"),
        Reply::Text("Done.".to_owned()),
    ])
    .await;
    let (peer, edits) = plain(&world, &["utf-8"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.prompt);
    open(&peer, &chat.transcript);
    write(&peer, &chat.prompt, "I am still thinking");
    let mine = peer.text(&chat.prompt);
    let count = edits.lock().iter().filter(|(_, uri)| *uri == chat.prompt).count();
    peer.command("glossator.ask", json!(["Make it"])).await.unwrap();
    shows(&peer, &chat.transcript, "**waits**").await;
    tokio::time::sleep(Duration::from_millis(2600)).await;
    assert_eq!(peer.text(&chat.prompt), mine);
    assert_eq!(edits.lock().iter().filter(|(_, uri)| *uri == chat.prompt).count(), count);
    peer.command("glossator.stop", json!([])).await.unwrap();
    shows(&peer, &chat.transcript, "## T-1 · stopped").await;
}

#[tokio::test]
async fn sending_while_a_turn_runs_steers_it_and_queue_waits() {
    let world = World::new(vec![
        script("await sleep(7000); return 1;"),
        slow("Slowly.", 4, Duration::from_millis(300)),
        Reply::Text("From the queue.".to_owned()),
    ])
    .await;
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.prompt);
    open(&peer, &chat.transcript);
    peer.command("glossator.ask", json!(["Begin"])).await.unwrap();
    shows(&peer, &chat.transcript, "- ▸ script").await;
    let titles: Vec<String> = actions(&peer, &chat.prompt, 0)
        .await
        .iter()
        .map(|one| one["title"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        titles.iter().any(|one| one == "Stop T-1") && titles.iter().any(|one| one.starts_with("Queue")),
        "{titles:?}"
    );
    write(&peer, &chat.prompt, "Leave the names\n");
    let steered = send(&peer, &chat.prompt).await.unwrap();
    assert_eq!(steered["turnId"], "T-1", "{steered}");
    holds(&peer, &chat.prompt, "an empty prompt", |_| written(&peer, &chat.prompt).is_empty()).await;
    shows(&peer, &chat.transcript, "> Leave the names").await;
    assert!(peer.text(&chat.transcript).contains("### You · "), "{}", peer.text(&chat.transcript));
    write(&peer, &chat.prompt, "Then the tests\n");
    peer.command("glossator.queue", json!([])).await.unwrap();
    holds(&peer, &chat.prompt, "an empty prompt", |_| written(&peer, &chat.prompt).is_empty()).await;
    shows(&peer, &chat.transcript, "## T-2 · done").await;
    let text = peer.text(&chat.transcript);
    assert!(text.contains("> Then the tests") && text.contains("From the queue."), "{text}");
    let second = world.requests()[1].body.to_string();
    assert!(second.contains("Leave the names"), "the model read it with its next request");
}

#[tokio::test]
async fn queue_and_steer_take_the_text_of_the_document_that_is_named() {
    let world = World::new(vec![
        script("await sleep(7000); return 1;"),
        Reply::Text("Done.".to_owned()),
        Reply::Text("From the queue.".to_owned()),
    ])
    .await;
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.prompt);
    open(&peer, &chat.transcript);
    peer.command("glossator.ask", json!(["Begin"])).await.unwrap();
    shows(&peer, &chat.transcript, "- ▸ script").await;
    let named = json!([{ "uri": chat.prompt }]);
    write(&peer, &chat.prompt, "Leave the names\n");
    let steered = peer.command("glossator.steer", named.clone()).await.unwrap();
    assert_eq!((&steered["turnId"], &steered["started"]), (&json!("T-1"), &json!(false)));
    holds(&peer, &chat.prompt, "an empty prompt", |_| written(&peer, &chat.prompt).is_empty()).await;
    // By the code action, which names it too, and with an empty text beside it.
    write(&peer, &chat.prompt, "Then the tests\n");
    let queue = action(&peer, &chat.prompt, 0, "Queue behind").await;
    assert_eq!(queue["command"]["arguments"], named);
    let queued = run(&peer, &queue).await.unwrap();
    assert_eq!(queued["id"], "Q1", "{queued}");
    holds(&peer, &chat.prompt, "an empty prompt", |_| written(&peer, &chat.prompt).is_empty()).await;
    write(&peer, &chat.prompt, "And the docs\n");
    let queued = peer.command("glossator.queue", json!([{ "uri": chat.prompt, "text": " " }])).await.unwrap();
    assert_eq!(queued["position"], 2, "{queued}");
    for command in ["glossator.queue", "glossator.steer"] {
        let why = peer.command(command, json!([{ "uri": world.uri("a.txt") }])).await.unwrap_err();
        assert!(why["message"].as_str().unwrap().contains("not a prompt document"), "{why}");
    }
    let why = peer.command("glossator.ask", named).await.unwrap_err();
    assert!(why["message"].as_str().unwrap().contains("Say what should be done"), "{why}");
    shows(&peer, &chat.transcript, "## T-2 · done").await;
    let asked = world.requests().iter().map(|one| one.body.to_string()).collect::<String>();
    assert!(asked.contains("Leave the names") && asked.contains("Then the tests"));
}

#[tokio::test]
async fn a_turn_that_was_stopped_says_so_where_it_ends() {
    let world = World::new(vec![script("await sleep(60000);")]).await;
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.transcript);
    peer.command("glossator.ask", json!(["Begin"])).await.unwrap();
    shows(&peer, &chat.transcript, "- ▸ script").await;
    peer.command("glossator.stop", json!([])).await.unwrap();
    shows(&peer, &chat.transcript, "## T-1 · stopped").await;
    let text = peer.text(&chat.transcript);
    let body = text.split("## T-1 · stopped").nth(1).unwrap();
    assert!(body.contains("\n- ▸ **stopped**"), "{text}");
}

#[tokio::test]
async fn commands_are_run_and_not_sent() {
    let world = saying(&["Hi."]).await;
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let one = chat(&peer, json!([])).await;
    open(&peer, &one.prompt);
    write(&peer, &one.prompt, "/usage\n");
    let said = send(&peer, &one.prompt).await.unwrap();
    assert!(said["usage"].is_object(), "{said}");
    holds(&peer, &one.prompt, "an empty prompt", |_| written(&peer, &one.prompt).is_empty()).await;
    assert!(world.requests().is_empty());
    until("the draft is gone", || !on_disk(&one.prompt).contains("/usage")).await;
}
