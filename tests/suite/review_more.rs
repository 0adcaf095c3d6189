//! Review against bad luck: hunks of an ask by code actions, review documents that were saved and closed, decisions while a
//! turn edits the same file, every encoding, logs cut short, and what the model is told and when.

use crate::harness::{
    Answer, Asked, Peer, Reply, Who, World, log_file, messages, patch, script, script_and, text_of, until,
};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use url::Url;

const TEXT: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";

/// A client that is sent its diagnostics and has no extension.
fn plain() -> Who {
    Who::recorded("hx-trixie")
}

fn applying(patch: &str) -> String {
    format!("await tools.applyPatch({{ patch: {} }});", json!(patch))
}

fn changing(file: &str, lines: &[(&str, &str)]) -> String {
    let chunks: String = lines.iter().map(|(old, new)| format!("@@\n-{old}\n+{new}\n")).collect();
    applying(&format!("*** Begin Patch\n*** Update File: {file}\n{chunks}*** End Patch\n"))
}

async fn turn(peer: &Peer, prompt: &str) -> String {
    let count = peer.messages().len();
    let started = peer.command("glossator.ask", json!([prompt])).await.unwrap();
    let turn = started["turnId"].as_str().unwrap();
    ended(peer, count, turn).await;
    started["sessionId"].as_str().unwrap().to_owned()
}

async fn ended(peer: &Peer, count: usize, turn: &str) {
    let (mut at, mut extended) = (0, false);
    peer.wait("the turn's end", |one| {
        at += 1;
        extended |= one.method == "glossator/session/update";
        let end = one.params["update"]["kind"] == "turnCompleted" && one.params["turnId"] == turn;
        // The errors of commands come with the same beginning, and when they like.
        let told = one.params["message"].as_str().is_some_and(|text| text.starts_with("Glossator: "));
        let message = told && one.params["type"] == 3;
        (at > count && (end || !extended && one.method == "window/showMessage" && message)).then_some(())
    })
    .await;
}

async fn actions(peer: &Peer, uri: &str, line: u32) -> Vec<Value> {
    let position = json!({ "line": line - 1, "character": 0 });
    let params = json!({
        "textDocument": { "uri": uri },
        "range": { "start": position, "end": position },
        "context": { "diagnostics": [], "triggerKind": 2 },
    });
    peer.ok("textDocument/codeAction", params).await.as_array().cloned().unwrap_or_default()
}

async fn titles(peer: &Peer, uri: &str, line: u32) -> Vec<String> {
    actions(peer, uri, line).await.iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect()
}

async fn act(peer: &Peer, uri: &str, line: u32, title: &str) -> Value {
    let all = actions(peer, uri, line).await;
    let Some(action) = all.iter().find(|one| one["title"].as_str().unwrap().starts_with(title)) else {
        peer.fail(&format!("no action {title:?} in {all:#?}"));
    };
    let command = &action["command"];
    let params = json!({ "command": command["command"], "arguments": command["arguments"] });
    peer.ok("workspace/executeCommand", params).await
}

async fn states(peer: &Peer, session: &str) -> Vec<String> {
    let params = json!({ "sessionId": session, "all": true });
    let read = peer.ok("glossator/changeSet/read", params).await;
    let word = |one: &Value| {
        format!(
            "{} {} {}",
            one["id"].as_str().unwrap(),
            one["path"].as_str().unwrap(),
            one["state"].as_str().unwrap()
        )
    };
    read["hunks"].as_array().unwrap().iter().map(word).collect()
}

fn path(uri: &str) -> PathBuf {
    Url::parse(uri).unwrap().to_file_path().unwrap()
}

async fn review(peer: &Peer) -> String {
    let answer = peer.command("glossator.review", json!(["T-1"])).await.unwrap();
    answer["uri"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn hunks_of_an_ask_are_answered_by_code_actions() {
    let world =
        World::new(script_and(&changing("a.txt", &[("one", "ONE"), ("four", "FOUR"), ("eight", "EIGHT")])))
            .await;
    world.settings("", "[edits]\nreview = \"before\"");
    world.write("a.txt", TEXT);
    world.write("b.txt", TEXT);
    let peer = Peer::with(&world, &plain(), |_| None).await;
    let (uri, other) = (world.uri("a.txt"), world.uri("b.txt"));
    peer.open(&uri, TEXT);
    peer.open(&other, TEXT);
    let started = peer.command("glossator.ask", json!(["Change it"])).await.unwrap();
    peer.shown(&["Answer by a code action"]).await;
    let accepts = async |uri: &str, line: u32| {
        let all = titles(&peer, uri, line).await;
        let of = |one: &String| one.starts_with("Glossator: Accept hunk");
        all.into_iter().filter(of).collect::<Vec<_>>()
    };
    assert_eq!(accepts(&uri, 4).await, ["Glossator: Accept hunk 2 (a.txt:4)"]);
    assert_eq!(accepts(&uri, 2).await.len(), 3, "all that wait, where the cursor is on none");
    assert_eq!(accepts(&other, 4).await, [""; 0]);
    assert!(titles(&peer, &other, 4).await.iter().any(|one| one.starts_with("Glossator: Allow")));
    let waits = act(&peer, &uri, 4, "Glossator: Accept hunk 2").await;
    assert_eq!(waits["waiting"], json!([1, 3]));
    assert_eq!(accepts(&uri, 4).await.len(), 2);
    act(&peer, &uri, 1, "Glossator: Reject hunk 1").await;
    assert_eq!(peer.text(&uri), TEXT, "nothing is made before all are decided");
    for (bad, words) in [
        (json!([{ "hunk": 4 }]), "has no hunk 4"),
        (json!([{ "hunk": 0 }]), "has no hunk 0"),
        (json!([{ "hunk": 1, "hunks": [1] }]), "either"),
        (json!([{ "hunks": [9] }]), "still open"),
        (json!([{ "hunk": 1, "askId": "A9" }]), "no longer open"),
    ] {
        let told = peer.command("glossator.approve", bad).await.unwrap_err();
        assert!(told["message"].as_str().unwrap().contains(words), "{told}");
    }
    let count = peer.messages().len();
    act(&peer, &uri, 8, "Glossator: Accept hunk 3").await;
    ended(&peer, count, started["turnId"].as_str().unwrap()).await;
    assert_eq!(peer.text(&uri), TEXT.replace("four", "FOUR").replace("eight", "EIGHT"));
    assert!(accepts(&uri, 1).await.is_empty());
}

#[tokio::test]
async fn a_review_document_that_was_edited_saved_and_closed_is_not_lost() {
    let world = World::new(script_and(&changing("a.txt", &[("two", "TWO"), ("six", "SIX")]))).await;
    world.write("a.txt", TEXT);
    let mut peer = Peer::with(&world, &plain(), |_| None).await;
    let uri = world.uri("a.txt");
    peer.open(&uri, TEXT);
    turn(&peer, "Change it").await;
    let close = |peer: &Peer, uri: &str| {
        peer.client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    };
    let document = review(&peer).await;
    let first = std::fs::read_to_string(path(&document)).unwrap();
    peer.open(&document, &first);
    // Written anew while it is open and closed without a save: the file is older, and still nobody's work.
    peer.command("glossator.keepHunk", json!(["a.txt:6"])).await.unwrap();
    until("it is written anew", || peer.text(&document).contains("kept")).await;
    close(&peer, &document);
    review(&peer).await;
    let second = std::fs::read_to_string(path(&document)).unwrap();
    assert!(second.contains("kept"), "{second}");
    peer.open(&document, &second);
    let edited = second.replace("+TWO\n", "+Two, by hand\n");
    peer.type_over(&document, &edited);
    std::fs::write(path(&document), &edited).unwrap();
    close(&peer, &document);
    review(&peer).await;
    peer.shown(&["holds changes of yours"]).await;
    assert_eq!(std::fs::read_to_string(path(&document)).unwrap(), edited);
    peer.open(&document, &edited);
    peer.command("glossator.applyReview", json!([])).await.unwrap();
    assert_eq!(peer.text(&uri), TEXT.replace("two", "Two, by hand").replace("six", "SIX"));
    // A server that was started anew does not know whose text it is.
    peer.kill().await;
    std::fs::write(path(&document), "# mine\n").unwrap();
    let peer = Peer::with(&world, &plain(), |_| None).await;
    review(&peer).await;
    assert!(std::fs::read_to_string(path(&document)).unwrap().contains("C1.2"));
    let aside = path(&document).with_file_name("T-1.old.diff");
    assert_eq!(std::fs::read_to_string(aside).unwrap(), "# mine\n");
}

#[tokio::test]
async fn a_rejection_is_taken_back_by_any_client() {
    let text = "*** Begin Patch\n*** Add File: new.txt\n+made\n*** End Patch\n";
    let world = World::new(script_and(&applying(text))).await;
    let peer = Peer::with(&world, &plain(), |_| None).await;
    let session = turn(&peer, "Make it").await;
    world.write("new.txt", "made\nand hours of mine\n");
    peer.command("glossator.rejectHunk", json!([])).await.unwrap();
    assert!(!world.exists("new.txt"));
    let told = peer.command("glossator.reopenHunk", json!([])).await.unwrap_err();
    assert!(told["message"].as_str().unwrap().contains("Name the hunk"), "{told}");
    let document = review(&peer).await;
    let text = std::fs::read_to_string(path(&document)).unwrap();
    peer.open(&document, &text);
    let header = text.lines().position(|line| line.contains("C1.1")).unwrap() as u32 + 1;
    act(&peer, &document, header, "Reopen hunk").await;
    assert_eq!(world.read("new.txt"), "made\nand hours of mine\n");
    assert_eq!(states(&peer, &session).await, ["C1.1 new.txt amended"]);
    peer.command("glossator.rejectHunk", json!([])).await.unwrap();
    peer.command("glossator.reopenHunk", json!(["C1.1"])).await.unwrap();
    assert_eq!(world.read("new.txt"), "made\nand hours of mine\n");
}

/// Bytes before and after a turn, rejected in the editor's absence: they are the very same.
#[tokio::test]
async fn every_encoding_comes_back_byte_for_byte() {
    let utf16 = |text: &str| -> Vec<u8> {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("crlf.txt", TEXT.replace('\n', "\r\n").into_bytes()),
        ("cr.txt", TEXT.replace('\n', "\r").into_bytes()),
        ("mixed.txt", TEXT.replace("three\n", "three\r\n").into_bytes()),
        ("bom.txt", format!("\u{feff}{TEXT}").into_bytes()),
        ("utf16.txt", utf16(&TEXT.replace('\n', "\r\n"))),
        ("latin.txt", TEXT.replace("three", "thr\u{e9}\u{e9}").chars().map(|c| c as u8).collect()),
        ("open-end.txt", TEXT.trim_end().as_bytes().to_vec()),
        ("emoji.txt", TEXT.replace("one", "😀 one 😀").into_bytes()),
    ];
    let all: String = files
        .iter()
        .map(|(name, _)| format!("*** Update File: {name}\n@@\n-two\n+TWO 😀\n+more\n@@\n-eight\n"))
        .map(|text| if text.contains("latin") { text.replace(" 😀", "") } else { text })
        .collect();
    let world = World::new(script_and(&applying(&format!("*** Begin Patch\n{all}*** End Patch\n")))).await;
    for (name, bytes) in &files {
        world.write(name, bytes);
    }
    let peer = Peer::with(&world, &plain(), |_| None).await;
    let session = turn(&peer, "Change them").await;
    let now = |name: &str| std::fs::read(world.path(name)).unwrap();
    for (name, bytes) in &files {
        assert_ne!(now(name), *bytes, "{name}");
    }
    let after: Vec<Vec<u8>> = files.iter().map(|(name, _)| now(name)).collect();
    assert_eq!(states(&peer, &session).await.len(), 2 * files.len());
    peer.command("glossator.rejectAll", json!([])).await.unwrap();
    for (name, bytes) in &files {
        assert_eq!(String::from_utf8_lossy(&now(name)), String::from_utf8_lossy(bytes), "{name}");
        assert_eq!(now(name), *bytes, "{name}");
    }
    let ids: Vec<String> =
        states(&peer, &session).await.iter().map(|one| one.split(' ').next().unwrap().to_owned()).collect();
    peer.command("glossator.reopenHunk", json!([{ "hunks": ids, "sessionId": session }])).await.unwrap();
    for ((name, _), bytes) in files.iter().zip(&after) {
        assert_eq!(String::from_utf8_lossy(&now(name)), String::from_utf8_lossy(bytes), "{name}");
        assert_eq!(now(name), *bytes, "{name}");
    }
    peer.command("glossator.undoTurn", json!([])).await.unwrap();
    for (name, bytes) in &files {
        assert_eq!(now(name), *bytes, "{name}");
    }
}

/// Wide characters, in the units that the client counts in.
#[tokio::test]
async fn places_count_in_the_clients_units() {
    for encodings in [["utf-16"], ["utf-8"], ["utf-32"]] {
        let text = TEXT.replace("two", "😀😀two😀");
        let world = World::new(script_and(&changing("a.txt", &[("😀😀two😀", "😀😀TWO😀😀")]))).await;
        world.write("a.txt", &text);
        let peer = Peer::with(&world, &Who::extension().with_encodings(&encodings), |_| None).await;
        let uri = world.uri("a.txt");
        peer.open(&uri, &text);
        let session = turn(&peer, "Change it").await;
        assert_eq!(peer.text(&uri), text.replace("two😀", "TWO😀😀"), "{encodings:?}");
        peer.type_over(&uri, &peer.text(&uri).replace("TWO", "😀TWO"));
        assert_eq!(states(&peer, &session).await, ["C1.1 a.txt amended"]);
        peer.command("glossator.rejectHunk", json!([])).await.unwrap();
        assert_eq!(peer.text(&uri), text, "{encodings:?}");
    }
}

/// Hunks of the first edits are decided while the turn goes on to edit the same file.
#[tokio::test]
async fn decisions_while_a_turn_edits_the_same_file() {
    let edit = |n: usize| script(&patch("a.txt", &[&format!("line {n}")], &[&format!("LINE {n}")]));
    let steps: Vec<Reply> = (0..20).map(|n| edit(n * 5)).chain([Reply::Text("Done.".to_owned())]).collect();
    let world = World::new(steps).await;
    let text: String = (0..100).map(|n| format!("line {n}\n")).collect();
    world.write("a.txt", &text);
    let peer = Peer::with(&world, &Who::extension(), |_| None).await;
    let uri = world.uri("a.txt");
    peer.open(&uri, &text);
    let count = peer.messages().len();
    let started = peer.command("glossator.ask", json!(["Change it"])).await.unwrap();
    let session = started["sessionId"].as_str().unwrap().to_owned();
    let deciding = async {
        let mut done = Vec::new();
        while done.len() < 10 {
            let open = states(&peer, &session).await;
            for one in open.iter().filter(|one| one.ends_with("pending")) {
                let id = one.split(' ').next().unwrap().to_owned();
                let number: usize = id[1..].split('.').next().unwrap().parse().unwrap();
                let what = if number.is_multiple_of(2) { "keep" } else { "reject" };
                let decisions =
                    json!({ "sessionId": session, "decisions": [{ "hunk": id, "resolution": what }] });
                let answer = peer.ok("glossator/changeSet/resolve", decisions).await;
                if answer["hunks"][0]["error"].is_null() {
                    done.push((id, what));
                }
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        done
    };
    let (done, ()) = tokio::join!(deciding, ended(&peer, count, started["turnId"].as_str().unwrap()));
    let all = states(&peer, &session).await;
    let now = peer.text(&uri);
    for (id, what) in &done {
        let state = if *what == "keep" { "kept" } else { "rejected" };
        assert!(all.contains(&format!("{id} a.txt {state}")), "{id} {what} {all:#?}");
    }
    // Each line is as its hunk's state says, and there is no other.
    assert_eq!(now.lines().count(), 100);
    let rejected = all.iter().filter(|one| one.ends_with("rejected")).count();
    assert_eq!(now.lines().filter(|line| line.starts_with("LINE")).count(), all.len() - rejected, "{all:#?}");
}

/// The log cut short behind each of its lines, as a crash leaves it: nothing of the user's is lost, and every hunk is either
/// as the file says or can still be decided.
#[tokio::test]
async fn a_log_that_was_cut_short_anywhere() {
    let source = changing("a.txt", &[("two", "TWO"), ("six", "SIX")]);
    let world = World::new(script_and(&source)).await;
    world.write("a.txt", TEXT);
    let mut peer = Peer::with(&world, &Who::extension(), |_| None).await;
    let session = turn(&peer, "Change it").await;
    let mine = TEXT.replace("two", "TWO").replace("six", "six, mine");
    world.write("a.txt", &mine);
    let params = json!({ "sessionId": session, "decisions": [
        { "hunk": "C1.2", "resolution": "keep" }, { "hunk": "C1.1", "resolution": "reject" } ] });
    peer.ok("glossator/changeSet/resolve", params).await;
    let end = mine.replace("TWO", "two");
    assert_eq!(world.read("a.txt"), end);
    peer.kill().await;
    let log = log_file(&world, &session);
    let whole = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let first = lines.iter().position(|line| line.contains("\"kind\":\"edit\"")).unwrap();
    for cut in first + 1..=lines.len() {
        std::fs::write(&log, lines[..cut].concat()).unwrap();
        for text in [TEXT, &mine, &end] {
            world.write("a.txt", text);
            let mut peer = Peer::with(&world, &Who::extension(), |_| None).await;
            peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
            let all = states(&peer, &session).await;
            assert_eq!(all.len(), 2, "{cut}: {all:?}");
            let is =
                |id: &str, state: &str| all.iter().any(|one| one.starts_with(id) && one.ends_with(state));
            let stands = text.contains("TWO");
            let back = is("C1.1", "undone") || is("C1.1", "rejected");
            assert_eq!(stands, !back, "{cut}: {all:?} of {text:?}");
            assert_eq!(world.read("a.txt"), text, "looking changes nothing");
            peer.kill().await;
        }
    }
}

/// Outcomes reach the model once each, and nothing that was sent before is sent differently later.
#[tokio::test]
async fn outcomes_are_told_once_and_requests_only_grow() {
    let done = || Reply::Text("Done.".to_owned());
    let steps = vec![
        script(&changing("a.txt", &[("two", "TWO"), ("four", "FOUR"), ("six", "SIX"), ("eight", "EIGHT")])),
        done(),
        script("return 1;"),
        done(),
        script(&changing("a.txt", &[("one", "ONE")])),
        done(),
        done(),
    ];
    let world = World::new(steps).await;
    world.write("a.txt", TEXT);
    let peer = Peer::with(&world, &Who::extension(), |_| None).await;
    let uri = world.uri("a.txt");
    peer.open(&uri, TEXT);
    turn(&peer, "Change it").await;
    peer.type_over(&uri, &peer.text(&uri).replace("SIX", "six by hand").replace("EIGHT", "eight"));
    for _ in 0..2 {
        for (command, id) in [("keep", "C1.1"), ("reject", "C1.2"), ("keep", "C1.3")] {
            peer.command(&format!("glossator.{command}Hunk"), json!([id])).await.unwrap();
        }
    }
    turn(&peer, "Go on").await;
    peer.command("glossator.undoTurn", json!(["T-1"])).await.unwrap();
    turn(&peer, "And on").await;
    turn(&peer, "And the end").await;
    let requests = world.requests();
    assert_eq!(requests.len(), 7);
    let all: Vec<Vec<String>> =
        requests.iter().map(|one| messages(&one.body).iter().map(text_of).collect()).collect();
    for (before, after) in all.iter().zip(&all[1..]) {
        assert_eq!(before[..], after[..before.len()], "what was sent stays as it was");
    }
    let last = all.last().unwrap().concat();
    for (words, count) in [
        ("hunk C1.1 (a.txt:2): the user kept it", 1),
        ("hunk C1.2 (a.txt:4): the user rejected it", 1),
        ("hunk C1.3 (a.txt:6): the user changed it and kept that:\n-SIX\n+six by hand", 1),
        ("hunk C1.4 (a.txt:8): it was undone in the editor", 1),
        ("hunk C1.1 (a.txt:2): the user undid it", 1),
        ("C1.2", 1),
        ("C1.3", 1),
        ("C1.4", 1),
    ] {
        assert_eq!(last.matches(words).count(), count, "{words:?} in {last}");
    }
    assert!(all[2].concat().contains("C1.3") && !all[1].concat().contains("C1.3"), "in the next round");
}

/// An editor that refuses, or says that it did what it did not: nothing is decided, and the next try works.
#[tokio::test]
async fn an_editor_that_refuses_or_lies_about_a_rejection() {
    for answer in [json!({ "applied": false, "failureReason": "read-only" }), json!({ "applied": true })] {
        let world = World::new(script_and(&changing("a.txt", &[("two", "TWO"), ("six", "SIX")]))).await;
        world.write("a.txt", TEXT);
        let bad = Arc::new(AtomicBool::new(false));
        let (is_bad, lie) = (bad.clone(), answer.clone());
        let peer = Peer::with(&world, &Who::extension(), move |asked: &Asked| {
            let refuses = asked.method == "workspace/applyEdit" && is_bad.load(Ordering::Relaxed);
            refuses.then(|| Answer::Result(lie.clone()))
        })
        .await;
        let uri = world.uri("a.txt");
        peer.open(&uri, TEXT);
        let session = turn(&peer, "Change it").await;
        let after = peer.text(&uri);
        bad.store(true, Ordering::Relaxed);
        let told = peer.command("glossator.rejectHunk", json!(["C1.1"])).await.unwrap_err();
        assert!(told["message"].as_str().unwrap().contains("C1.1"), "{told}");
        // It takes seconds to be sure of a lie.
        if answer["applied"] == false {
            let undone = peer.ok("glossator/turn/undo", json!({ "sessionId": session })).await;
            assert!(
                undone["hunks"].as_array().unwrap().iter().all(|one| one["error"].is_string()),
                "{undone}"
            );
        }
        assert_eq!(peer.text(&uri), after, "{answer}");
        assert_eq!(states(&peer, &session).await, ["C1.1 a.txt pending", "C1.2 a.txt pending"]);
        bad.store(false, Ordering::Relaxed);
        peer.command("glossator.rejectHunk", json!(["C1.1"])).await.unwrap();
        peer.ok("glossator/turn/undo", json!({ "sessionId": session })).await;
        assert_eq!(peer.text(&uri), TEXT);
    }
}
