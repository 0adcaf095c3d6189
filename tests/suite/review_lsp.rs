//! Review by hunk as editors see it: diagnostics sent and asked for, hovers, code actions, lenses, commands, the review
//! document, the extension's messages; through typing, undo and redo of the editor, formatters, reloads and a restart.

use crate::harness::{
    Answer, Asked, Message, PATIENCE, Peer, Reply, Who, World, patch, script, script_and, until,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

/// Lines of the file before: `line 1` to `line 20`.
fn before() -> String {
    (1..=20).map(|n| format!("line {n}\n")).collect()
}

/// After the turn: line 3 changed into two, line 10 gone, a line new behind 17.
fn after() -> String {
    before()
        .replace("line 3\n", "LINE 3\nline 3b\n")
        .replace("line 10\n", "")
        .replace("line 17\n", "line 17\nline 17b\n")
}

/// A script that does that, and makes a file.
fn edit() -> String {
    let text = "*** Begin Patch\n*** Update File: a.txt\n@@\n line 2\n-line 3\n+LINE 3\n+line 3b\n line 4\n@@\n line 9\n-line 10\n \
                line 11\n@@\n line 17\n+line 17b\n line 18\n*** Add File: new.txt\n+one\n+two\n*** End Patch\n";
    format!("await tools.applyPatch({{ patch: {} }});", json!(text))
}

/// A client that is sent its diagnostics.
fn pushed() -> Who {
    Who::recorded("hx-trixie")
}

/// A world with `a.txt`, open in the editor `who`, after the turn.
async fn edited(who: &Who) -> (World, Peer, String) {
    let world = World::new(script_and(&edit())).await;
    world.write("a.txt", before());
    let peer = Peer::with(&world, who, |_| None).await;
    peer.open(&world.uri("a.txt"), &before());
    let session = turn(&peer, "Change it").await;
    assert_eq!(peer.text(&world.uri("a.txt")), after());
    assert_eq!(world.read("new.txt"), "one\ntwo\n");
    (world, peer, session)
}

/// A whole turn in the current session of any client; gives the session.
async fn turn(peer: &Peer, prompt: &str) -> String {
    let count = peer.messages().len();
    let started = peer.command("glossator.ask", json!([prompt])).await.unwrap();
    let (session, turn) = (started["sessionId"].as_str().unwrap(), started["turnId"].as_str().unwrap());
    later(peer, count, "the turn's end", |one| {
        let end = one.params["update"]["kind"] == "turnCompleted" && one.params["turnId"] == turn;
        let message = one.params["message"].as_str().is_some_and(|text| text.starts_with("Glossator: "));
        (end || one.method == "window/showMessage" && message).then_some(())
    })
    .await;
    session.to_owned()
}

/// The first message behind the `count` first ones that `find` knows, waited for.
async fn later<T>(peer: &Peer, count: usize, what: &str, mut find: impl FnMut(&Message) -> Option<T>) -> T {
    let mut at = 0;
    peer.wait(what, |one| {
        at += 1;
        if at > count { find(one) } else { None }
    })
    .await
}

/// What stands in diagnostics: first line, last line (from 1), message.
fn words(diagnostics: &Value) -> Vec<String> {
    let all = diagnostics.as_array().unwrap_or_else(|| panic!("no diagnostics in {diagnostics}"));
    let line = |one: &Value, side: &str| one["range"][side]["line"].as_u64().unwrap() + 1;
    all.iter()
        .map(|one| {
            assert_eq!((&one["severity"], &one["source"]), (&json!(4), &json!("glossator")), "{one}");
            assert_eq!(one["code"], one["data"]["hunk"], "{one}");
            format!("{}-{} {}", line(one, "start"), line(one, "end"), one["message"].as_str().unwrap())
        })
        .collect()
}

/// Waits until the diagnostics of a document were sent with these words, behind the `count` first messages.
async fn sent(peer: &Peer, count: usize, uri: &str, expected: &[&str]) {
    later(peer, count, &format!("the diagnostics {expected:?} of {uri}"), |one| {
        let ours = one.method == "textDocument/publishDiagnostics" && one.params["uri"] == uri;
        (ours && words(&one.params["diagnostics"]) == expected).then_some(())
    })
    .await;
}

async fn asked_for(peer: &Peer, uri: &str) -> Vec<String> {
    let params = json!({ "textDocument": { "uri": uri } });
    let report = peer.ok("textDocument/diagnostic", params).await;
    assert_eq!(report["kind"], "full");
    words(&report["items"])
}

const CHANGED: &str = "3-4 Glossator changed 2 lines (T-1, pending)";
/// Line 11 stands where 10 was taken out; one line came in before it.
const REMOVED: &str = "11-11 Glossator removed 1 line (T-1, pending)";
const ADDED: &str = "18-18 Glossator added 1 line (T-1, pending)";
const ALL: [&str; 3] = [CHANGED, REMOVED, ADDED];
const CREATED: &str = "1-1 Glossator created this file (T-1, pending)";

/// The ids of hunks, by path and place.
async fn hunks(peer: &Peer, session: &str, more: Value) -> Vec<Value> {
    let mut params = json!({ "sessionId": session });
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let read = peer.ok("glossator/changeSet/read", params).await;
    read["hunks"].as_array().unwrap().clone()
}

/// `path:first line state` of each hunk.
async fn states(peer: &Peer, session: &str) -> Vec<String> {
    let all = hunks(peer, session, json!({ "all": true })).await;
    let line = |one: &Value| {
        one["range"]["start"]["line"].as_u64().map_or("-".to_owned(), |line| (line + 1).to_string())
    };
    all.iter()
        .map(|one| {
            format!("{}:{} {}", one["path"].as_str().unwrap(), line(one), one["state"].as_str().unwrap())
        })
        .collect()
}

async fn id_of(peer: &Peer, session: &str, at: usize) -> String {
    hunks(peer, session, json!({ "all": true })).await[at]["id"].as_str().unwrap().to_owned()
}

fn at(uri: &str, line: u32) -> Value {
    json!({ "uri": uri, "position": { "line": line - 1, "character": 0 } })
}

/// The titles of the automatic code actions at a line, from 1.
async fn titles(peer: &Peer, uri: &str, line: u32) -> Vec<String> {
    actions(peer, uri, line).await.iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect()
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

/// Does what the code action of this title does.
async fn act(peer: &Peer, uri: &str, line: u32, title: &str) -> Value {
    let all = actions(peer, uri, line).await;
    let Some(action) = all.iter().find(|one| one["title"] == title) else {
        peer.fail(&format!("no action {title:?} in {all:#?}"));
    };
    let command = &action["command"];
    peer.ok(
        "workspace/executeCommand",
        json!({ "command": command["command"], "arguments": command["arguments"] }),
    )
    .await
}

async fn refused(peer: &Peer, command: &str, arguments: Value) -> String {
    let error = peer.command(command, arguments).await.unwrap_err();
    error["message"].as_str().unwrap().to_owned()
}

// Diagnostics

#[tokio::test]
async fn diagnostics_are_sent_and_go_as_hunks_are_decided() {
    let (world, peer, session) = edited(&pushed()).await;
    let (uri, new) = (world.uri("a.txt"), world.uri("new.txt"));
    sent(&peer, 0, &uri, &ALL).await;
    sent(&peer, 0, &new, &[CREATED]).await;
    let published = |one: &Message| {
        (one.method == "textDocument/publishDiagnostics" && one.params["uri"] == uri)
            .then(|| one.params.clone())
    };
    assert_eq!(peer.wait("a publication", published).await["version"], 1, "they are counted in a version");
    let mark = peer.messages().len();
    // As an editor names a file that is not below its own folder.
    let folder = world.path("").file_name().unwrap().to_str().unwrap().to_owned();
    peer.command("glossator.keepHunk", json!([format!("~/{folder}/a.txt:4")])).await.unwrap();
    sent(&peer, mark, &uri, &[REMOVED, ADDED]).await;
    let mark = peer.messages().len();
    peer.command("glossator.rejectHunk", json!([at(&uri, 11)])).await.unwrap();
    sent(&peer, mark, &uri, &["19-19 Glossator added 1 line (T-1, pending)"]).await;
    assert_eq!(peer.text(&uri), after().replace("line 9\n", "line 9\nline 10\n"));
    let mark = peer.messages().len();
    peer.command("glossator.keepFile", json!([uri])).await.unwrap();
    sent(&peer, mark, &uri, &[]).await;
    assert_eq!(
        states(&peer, &session).await,
        ["a.txt:3 kept", "a.txt:11 rejected", "a.txt:19 kept", "new.txt:1 pending"]
    );
    let mark = peer.messages().len();
    peer.command("glossator.rejectAll", json!([])).await.unwrap();
    sent(&peer, mark, &new, &[]).await;
    assert!(!world.exists("new.txt"), "a rejected file is gone");
    assert!(titles(&peer, &uri, 3).await.is_empty());
    let asks_again = peer.messages().iter().any(|one| one.method == "workspace/diagnostic/refresh");
    assert!(!asks_again, "never both ways");
}

#[tokio::test]
async fn diagnostics_are_asked_for_by_clients_that_can() {
    for name in ["hx-forky", "vscode", "nvim-forky"] {
        let (world, peer, _) = edited(&Who::recorded(name)).await;
        let uri = world.uri("a.txt");
        assert_eq!(peer.server["capabilities"]["diagnosticProvider"]["identifier"], "glossator", "{name}");
        later(&peer, 0, "a refresh", |one| (one.method == "workspace/diagnostic/refresh").then_some(()))
            .await;
        assert_eq!(asked_for(&peer, &uri).await, ALL, "{name}");
        assert_eq!(asked_for(&peer, &world.uri("new.txt")).await, [CREATED]);
        assert_eq!(asked_for(&peer, "untitled:Untitled-1").await, [""; 0]);
        let mark = peer.messages().len();
        peer.command("glossator.keepAll", json!([])).await.unwrap();
        later(&peer, mark, "a refresh", |one| (one.method == "workspace/diagnostic/refresh").then_some(()))
            .await;
        assert_eq!(asked_for(&peer, &uri).await, [""; 0]);
        let sent = peer.messages().iter().any(|one| one.method == "textDocument/publishDiagnostics");
        assert!(!sent, "never both ways: {name}");
    }
}

#[tokio::test]
async fn a_client_that_cannot_be_told_to_ask_again_is_sent_them() {
    let (world, peer, _) = edited(&Who::recorded("nvim-trixie")).await;
    assert_eq!(peer.server["capabilities"]["diagnosticProvider"], Value::Null);
    sent(&peer, 0, &world.uri("a.txt"), &ALL).await;
}

#[tokio::test]
async fn diagnostics_follow_what_is_typed() {
    let (world, peer, session) = edited(&pushed()).await;
    let uri = world.uri("a.txt");
    sent(&peer, 0, &uri, &ALL).await;
    // Above all of them: they move. Twice in a row, as typing is.
    let mark = peer.messages().len();
    peer.type_over(&uri, &format!("a\n{}", after()));
    peer.type_over(&uri, &format!("a\nb\n{}", after()));
    sent(
        &peer,
        mark,
        &uri,
        &[
            "5-6 Glossator changed 2 lines (T-1, pending)",
            "13-13 Glossator removed 1 line (T-1, pending)",
            "20-20 Glossator added 1 line (T-1, pending)",
        ],
    )
    .await;
    // Inside of one: it is amended.
    let mark = peer.messages().len();
    let amended = after().replace("line 3b", "line 3 and more");
    peer.type_over(&uri, &amended);
    sent(&peer, mark, &uri, &["3-4 Glossator changed 2 lines (T-1, amended)", REMOVED, ADDED]).await;
    // An amended hunk is rejected with what was typed into it.
    act(&peer, &uri, 4, "Reject hunk").await;
    assert_eq!(peer.text(&uri), amended.replace("LINE 3\nline 3 and more\n", "line 3\n"));
    assert_eq!(states(&peer, &session).await[0], "a.txt:3 rejected");
}

#[tokio::test]
async fn undo_and_redo_in_the_editor_are_seen() {
    let (world, peer, session) = edited(&pushed()).await;
    let uri = world.uri("a.txt");
    sent(&peer, 0, &uri, &ALL).await;
    let one_back = after().replace("LINE 3\nline 3b\n", "line 3\n");
    let mark = peer.messages().len();
    peer.type_over(&uri, &one_back);
    sent(
        &peer,
        mark,
        &uri,
        &["10-10 Glossator removed 1 line (T-1, pending)", "17-17 Glossator added 1 line (T-1, pending)"],
    )
    .await;
    assert_eq!(states(&peer, &session).await[0], "a.txt:3 undone");
    let mark = peer.messages().len();
    peer.type_over(&uri, &after());
    sent(&peer, mark, &uri, &ALL).await;
    // Nothing waits any more, but the editor's undo of a rejection and its redo still bring hunks back.
    let mark = peer.messages().len();
    peer.command("glossator.rejectAll", json!([])).await.unwrap();
    sent(&peer, mark, &uri, &[]).await;
    assert_eq!(peer.text(&uri), before());
    // Long enough for a watch to end that thinks there is nothing left to see.
    tokio::time::sleep(Duration::from_millis(700)).await;
    let mark = peer.messages().len();
    peer.type_over(&uri, &after());
    sent(&peer, mark, &uri, &ALL).await;
    let mark = peer.messages().len();
    peer.type_over(&uri, &before());
    sent(&peer, mark, &uri, &[]).await;
    let mark = peer.messages().len();
    peer.type_over(&uri, &after());
    sent(&peer, mark, &uri, &ALL).await;
}

#[tokio::test]
async fn formatters_reloads_and_other_line_endings() {
    let (world, peer, session) = edited(&pushed()).await;
    let uri = world.uri("a.txt");
    sent(&peer, 0, &uri, &ALL).await;
    // A formatter indents everything but the hunks' own lines; they only stay where they are.
    let formatted: String = after()
        .lines()
        .map(|line| {
            if line.contains('b') || line.starts_with('L') {
                format!("{line}\n")
            } else {
                format!("  {line}\n")
            }
        })
        .collect();
    peer.type_over(&uri, &formatted);
    let shown = states(&peer, &session).await;
    assert_eq!(shown[0], "a.txt:3 pending", "{shown:?}");
    // One that touches a hunk amends it.
    peer.type_over(&uri, &formatted.replace("LINE 3\n", "  LINE 3\n"));
    assert_eq!(states(&peer, &session).await[0], "a.txt:3 amended");
    // A reload of what the editor had before.
    peer.type_over(&uri, &after());
    let shown = states(&peer, &session).await;
    assert_eq!(shown, ["a.txt:3 pending", "a.txt:11 pending", "a.txt:18 pending", "new.txt:1 pending"]);
    peer.type_over(&uri, &after().replace('\n', "\r\n"));
    let shown = states(&peer, &session).await;
    assert_eq!(shown, ["a.txt:3 pending", "a.txt:11 pending", "a.txt:18 pending", "new.txt:1 pending"]);
    // Nothing is left of the file but a line.
    peer.type_over(&uri, "all new\n");
    for name in ["textDocument/hover", "textDocument/codeLens", "textDocument/codeAction"] {
        let params = json!({
            "textDocument": { "uri": uri },
            "position": { "line": 0, "character": 0 },
            "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 900, "character": 0 } },
            "context": { "diagnostics": [] },
        });
        peer.ok(name, params).await;
    }
}

#[tokio::test]
async fn a_file_that_is_closed_keeps_its_diagnostics() {
    let (world, peer, session) = edited(&pushed()).await;
    let uri = world.uri("a.txt");
    sent(&peer, 0, &uri, &ALL).await;
    world.write("a.txt", after());
    peer.client.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    peer.client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    assert_eq!(states(&peer, &session).await[0], "a.txt:3 pending");
    let mark = peer.messages().len();
    peer.command("glossator.rejectHunk", json!([at(&uri, 3)])).await.unwrap();
    assert_eq!(world.read("a.txt"), after().replace("LINE 3\nline 3b\n", "line 3\n"));
    sent(
        &peer,
        mark,
        &uri,
        &["10-10 Glossator removed 1 line (T-1, pending)", "17-17 Glossator added 1 line (T-1, pending)"],
    )
    .await;
}

// Hover, actions, lenses

#[tokio::test]
async fn a_hover_shows_the_removed_lines() {
    let (world, peer, _) = edited(&pushed()).await;
    let uri = world.uri("a.txt");
    let hover = async |line: u32| {
        let params =
            json!({ "textDocument": { "uri": uri }, "position": { "line": line - 1, "character": 2 } });
        peer.ok("textDocument/hover", params).await
    };
    let found = hover(4).await;
    let text = found["contents"]["value"].as_str().unwrap();
    assert_eq!(found["contents"]["kind"], "markdown");
    assert!(text.contains("```diff\n-line 3\n```") && text.contains("T-1, pending"), "{text}");
    assert_eq!((&found["range"]["start"]["line"], &found["range"]["end"]["line"]), (&json!(2), &json!(3)));
    let found = hover(11).await;
    assert!(found["contents"]["value"].as_str().unwrap().contains("-line 10"), "{found}");
    assert_eq!(hover(7).await, Value::Null);
    let params =
        json!({ "textDocument": { "uri": "untitled:x" }, "position": { "line": 0, "character": 0 } });
    assert_eq!(peer.ok("textDocument/hover", params).await, Value::Null);
}

#[tokio::test]
async fn code_actions_only_where_a_hunk_is() {
    let (world, peer, _) = edited(&pushed()).await;
    let uri = world.uri("a.txt");
    let expected = [
        "Keep hunk",
        "Reject hunk",
        "Keep file",
        "Reject file",
        "Keep all of T-1",
        "Reject all of T-1",
        "Next hunk",
        "Open review T-1",
    ];
    for line in [3, 4, 11, 18] {
        assert_eq!(titles(&peer, &uri, line).await, expected, "line {line}");
    }
    for line in [1, 2, 5, 10, 12, 21] {
        assert_eq!(titles(&peer, &uri, line).await, [""; 0], "line {line}");
    }
    let found = actions(&peer, &uri, 3).await;
    assert_eq!(
        (&found[0]["kind"], &found[0]["diagnostics"][0]["source"]),
        (&json!("quickfix"), &json!("glossator"))
    );
    // Our own diagnostics are nothing that could be fixed.
    let params = json!({
        "textDocument": { "uri": uri },
        "range": { "start": { "line": 2, "character": 0 }, "end": { "line": 11, "character": 0 } },
        "context": { "diagnostics": found[0]["diagnostics"], "only": ["quickfix"] },
    });
    let found = peer.ok("textDocument/codeAction", params).await;
    let found: Vec<_> = found.as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap()).collect();
    assert_eq!(found[..2], ["Keep 2 hunks", "Reject 2 hunks"], "{found:?}");
    assert!(!found.iter().any(|title| title.contains("Fix")), "{found:?}");
    act(&peer, &uri, 18, "Reject hunk").await;
    assert_eq!(peer.text(&uri), after().replace("line 17b\n", ""));
    act(&peer, &uri, 11, "Keep all of T-1").await;
    assert_eq!(titles(&peer, &uri, 3).await, [""; 0]);
    assert!(world.exists("new.txt"));
}

#[tokio::test]
async fn code_lenses_for_clients_that_have_them() {
    let (world, peer, _) = edited(&Who::recorded("vscode")).await;
    let uri = world.uri("a.txt");
    let lenses = async |uri: &str| {
        let found = peer.ok("textDocument/codeLens", json!({ "textDocument": { "uri": uri } })).await;
        let found = found.as_array().cloned().unwrap_or_default();
        let word = |one: &Value| {
            format!("{} {}", one["range"]["start"]["line"], one["command"]["title"].as_str().unwrap())
        };
        found.iter().map(word).collect::<Vec<_>>()
    };
    later(&peer, 0, "a refresh", |one| (one.method == "workspace/codeLens/refresh").then_some(())).await;
    assert_eq!(
        lenses(&uri).await,
        [
            "2 Keep",
            "2 Reject",
            "2 Diff",
            "10 Keep",
            "10 Reject",
            "10 Diff",
            "17 Keep",
            "17 Reject",
            "17 Diff"
        ]
    );
    assert_eq!(lenses(&world.uri("new.txt")).await, ["0 Keep file", "0 Reject file", "0 Diff"]);
    assert_eq!(lenses(&world.uri("other.txt")).await, [""; 0]);
    let plain = Peer::with(&world, &pushed(), |_| None).await;
    assert_eq!(plain.server["capabilities"]["codeLensProvider"], Value::Null);
}

// Commands

#[tokio::test]
async fn commands_without_arguments_mean_the_only_one_or_list_them() {
    let (world, peer, session) = edited(&pushed()).await;
    let uri = world.uri("a.txt");
    let told = refused(&peer, "glossator.keepHunk", json!([])).await;
    assert!(
        told.contains("name one of them") && told.contains("a.txt:3") && told.contains("new.txt"),
        "{told}"
    );
    let told = refused(&peer, "glossator.rejectFile", json!([])).await;
    assert!(told.contains("a.txt, new.txt"), "{told}");
    let told = refused(&peer, "glossator.keepHunk", json!([at(&uri, 7)])).await;
    assert!(told.contains("nextHunk"), "{told}");
    let told = refused(&peer, "glossator.keepHunk", json!(["C9.9"])).await;
    assert!(told.contains("C9.9"), "{told}");
    for (command, bad) in [
        ("keepHunk", json!([7])),
        ("keepHunk", json!(["a.txt:7"])),
        ("keepHunk", json!(["../../outside.txt:7"])),
        ("keepHunk", json!([{ "hunks": [] }])),
        ("rejectHunk", json!([{ "uri": "nonsense", "position": { "line": 0, "character": 0 } }])),
        ("keepFile", json!(["nowhere.txt"])),
        ("keepAll", json!(["first"])),
        ("review", json!(["T-9"])),
        ("nextHunk", json!(["x"])),
        ("applyReview", json!([])),
        ("showHunk", json!(["C9.9"])),
    ] {
        assert!(!refused(&peer, &format!("glossator.{command}"), bad).await.is_empty());
    }
    let ids: Vec<String> = vec![id_of(&peer, &session, 0).await, id_of(&peer, &session, 1).await];
    peer.command("glossator.keepHunk", json!([ids[0]])).await.unwrap();
    peer.command("glossator.rejectHunk", json!([{ "hunks": [ids[1]], "sessionId": session }])).await.unwrap();
    peer.command("glossator.rejectFile", json!(["new.txt"])).await.unwrap();
    // The only one that is left, as a plain command.
    let done = peer.command("glossator.keepHunk", json!([])).await.unwrap();
    assert_eq!(done["hunks"][0]["state"], "kept");
    assert!(refused(&peer, "glossator.keepHunk", json!([])).await.contains("No hunk waits"));
    assert!(refused(&peer, "glossator.review", json!([])).await.contains("No hunk waits"));
}

#[tokio::test]
async fn next_hunk_goes_from_one_to_the_next_and_round() {
    let (world, peer, _) = edited(&pushed()).await;
    let (uri, new) = (world.uri("a.txt"), world.uri("new.txt"));
    let next = async |arguments: Value| {
        let mark = peer.messages().len();
        peer.command("glossator.nextHunk", arguments).await.unwrap();
        later(&peer, mark, "the document", |one| {
            let line = one.params["selection"]["start"]["line"].as_u64().map(|line| line + 1);
            (one.method == "window/showDocument")
                .then(|| (one.params["uri"].as_str().unwrap().to_owned(), line.unwrap()))
        })
        .await
    };
    assert_eq!(next(json!([])).await, (uri.clone(), 3));
    assert_eq!(next(json!([at(&uri, 3)])).await, (uri.clone(), 11));
    assert_eq!(next(json!([at(&uri, 12)])).await, (uri.clone(), 18));
    assert_eq!(next(json!(["a.txt:12"])).await, (uri.clone(), 18));
    assert_eq!(next(json!([format!("{uri}:12")])).await, (uri.clone(), 18));
    assert_eq!(next(json!([at(&uri, 18)])).await, (new.clone(), 1));
    assert_eq!(next(json!([at(&new, 1)])).await, (uri.clone(), 3));
    assert_eq!(next(json!([at("untitled:x", 1)])).await, (uri.clone(), 3));
    // Where the editor can pass no place.
    for expected in [(&uri, 11), (&uri, 18), (&new, 1), (&uri, 3)] {
        assert_eq!(next(json!([])).await, (expected.0.clone(), expected.1));
    }
}

#[tokio::test]
async fn undo_and_redo_of_a_turn_say_what_did_not_fit() {
    let (world, peer, session) = edited(&Who::extension()).await;
    let uri = world.uri("a.txt");
    peer.type_over(&uri, &after().replace("line 17b", "line 17 b"));
    let undone = peer.ok("glossator/turn/undo", json!({ "sessionId": session })).await;
    let left = before().replace("line 17\n", "line 17\nline 17 b\n");
    assert_eq!(peer.text(&uri), left, "{undone}");
    assert!(!world.exists("new.txt"));
    let outcome = |one: &Value| one["state"].as_str().unwrap_or("not done").to_owned();
    let outcomes: Vec<_> = undone["hunks"].as_array().unwrap().iter().map(outcome).collect();
    assert_eq!(outcomes, ["undone", "undone", "not done", "undone"], "{undone}");
    let message = undone["message"].as_str().unwrap();
    assert!(message.contains("a.txt:17") || message.contains("a.txt:18"), "{message}");
    assert_eq!(undone["irreversible"], json!([]));
    let redone = peer.command("glossator.redoTurn", json!([])).await.unwrap();
    assert_eq!(peer.text(&uri), after().replace("line 17b", "line 17 b"), "{redone}");
    assert_eq!(world.read("new.txt"), "one\ntwo\n");
    assert!(redone["message"].as_str().unwrap().contains("made again"), "{redone}");
    peer.refused("glossator/turn/redo", json!({ "sessionId": session, "turnId": "first" })).await;
}

// The review document

/// Opens the review document of a client without the extension; gives its URI.
async fn opened(peer: &Peer) -> String {
    let mark = peer.messages().len();
    let answer = peer.command("glossator.review", json!([])).await.unwrap();
    let uri = answer["uri"].as_str().unwrap().to_owned();
    let shown = later(peer, mark, "the document", |one| {
        (one.method == "window/showDocument").then(|| one.params["uri"].clone())
    });
    assert_eq!(shown.await, uri);
    let text = std::fs::read_to_string(path(&uri)).unwrap();
    peer.open(&uri, &text);
    uri
}

fn path(uri: &str) -> PathBuf {
    Url::parse(uri).unwrap().to_file_path().unwrap()
}

/// The number of the line, from 1, that is this line.
fn line_of(text: &str, line: &str) -> u32 {
    let at = text.lines().position(|one| one == line).unwrap_or_else(|| panic!("no line {line:?} in {text}"));
    u32::try_from(at + 1).unwrap()
}

#[tokio::test]
async fn the_review_document_by_cursor() {
    let (world, peer, session) = edited(&pushed()).await;
    let uri = world.uri("a.txt");
    let document = opened(&peer).await;
    assert!(path(&document).ends_with(Path::new(&session).join("T-1.diff")));
    let text = peer.text(&document);
    for part in ["-line 3\n+LINE 3\n+line 3b\n", "-line 10\n", "+line 17b\n", "+one\n+two\n", "pending"] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    // The source of a line, by position and by action.
    let mark = peer.messages().len();
    act(&peer, &document, line_of(&text, "+line 3b"), "Go to source").await;
    let shown = later(&peer, mark, "the source", |one| {
        (one.method == "window/showDocument").then(|| one.params.clone())
    })
    .await;
    assert_eq!((&shown["uri"], &shown["selection"]["start"]["line"]), (&json!(uri), &json!(3)));
    // Keep one, reject another: the document is written anew while nobody edits it.
    act(&peer, &document, line_of(&text, "+LINE 3"), "Keep hunk").await;
    until("the document says so", || peer.text(&document).contains("kept")).await;
    let now = peer.text(&document);
    act(&peer, &document, line_of(&now, "+line 17b"), "Reject hunk").await;
    assert_eq!(peer.text(&uri), after().replace("line 17b\n", ""));
    until("the document says so", || peer.text(&document).contains("rejected")).await;
    let now = peer.text(&document);
    act(&peer, &document, line_of(&now, "+two"), "Reject file").await;
    assert!(!world.exists("new.txt"));
    // By place, as a key that is bound to a command has it.
    let now = peer.text(&document);
    peer.command("glossator.keepHunk", json!([at(&document, line_of(&now, "-line 10"))])).await.unwrap();
    let kinds: Vec<_> =
        states(&peer, &session).await.iter().map(|one| one.split(' ').nth(1).unwrap().to_owned()).collect();
    assert_eq!(kinds, ["kept", "kept", "rejected", "rejected"]);
}

#[tokio::test]
async fn an_edited_review_document_is_applied() {
    let (world, peer, session) = edited(&pushed()).await;
    let uri = world.uri("a.txt");
    let document = opened(&peer).await;
    let told = refused(&peer, "glossator.applyReview", json!([])).await;
    assert!(told.contains("no change"), "{told}");
    let text = peer.text(&document);
    assert!(!titles(&peer, &document, 1).await.contains(&"Apply my edits".to_owned()));
    let edited = text.replace("+line 3b\n", "+line 3 by hand\n+and one more\n");
    peer.type_over(&document, &edited);
    // While it is edited, it is left alone, whatever happens to the hunks.
    peer.command("glossator.keepHunk", json!([at(&uri, 18)])).await.unwrap();
    peer.command("glossator.review", json!(["T-1"])).await.unwrap();
    peer.shown(&["holds changes of yours"]).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(peer.text(&document), edited);
    act(&peer, &document, 1, "Apply my edits").await;
    assert_eq!(peer.text(&uri), after().replace("line 3b\n", "line 3 by hand\nand one more\n"));
    assert_eq!(
        states(&peer, &session).await,
        ["a.txt:3 kept", "a.txt:12 pending", "a.txt:19 kept", "new.txt:1 pending"]
    );
    until("the document is written anew", || peer.text(&document).contains("kept")).await;
}

#[tokio::test]
async fn an_edited_review_document_in_which_something_is_wrong_or_stale() {
    let (world, peer, session) = edited(&pushed()).await;
    let uri = world.uri("a.txt");
    let document = opened(&peer).await;
    let text = peer.text(&document);
    peer.type_over(&document, &text.replace("-line 10\n", "-line 10 and more\n"));
    let told = refused(&peer, "glossator.applyReview", json!([{ "uri": document }])).await;
    assert!(told.contains("line"), "{told}");
    assert_eq!(states(&peer, &session).await.len(), 4);
    let edited = text.replace("+line 3b\n", "");
    peer.type_over(&document, &edited);
    // Meanwhile the same lines are changed in the file itself.
    let amended = after().replace("LINE 3", "LINE three");
    peer.type_over(&uri, &amended);
    let told = refused(&peer, "glossator.applyReview", json!([])).await;
    assert!(told.contains("changed since"), "{told}");
    assert_eq!((peer.text(&uri), peer.text(&document)), (amended, edited));
    peer.type_over(&document, "all gone\n");
    let mut told = refused(&peer, "glossator.applyReview", json!([{ "uri": document }])).await;
    told.truncate(400);
    assert_eq!(states(&peer, &session).await[1], "a.txt:11 pending", "{told}");
    assert!(
        refused(&peer, "glossator.applyReview", json!([{ "uri": uri }]))
            .await
            .contains("not a review document")
    );
}

// The extension

#[tokio::test]
async fn hunks_are_read_and_resolved_by_the_extension() {
    let (world, peer, session) = edited(&Who::extension()).await;
    let uri = world.uri("a.txt");
    let read = peer.ok("glossator/changeSet/read", json!({ "sessionId": session })).await;
    assert_eq!(
        read["files"],
        json!([
            { "uri": uri, "path": "a.txt", "open": 3, "hunks": 3 },
            { "uri": world.uri("new.txt"), "path": "new.txt", "open": 1, "hunks": 1 },
        ])
    );
    let first = &read["hunks"][0];
    assert_eq!((&first["base"], &first["proposed"]), (&json!("line 3\n"), &json!("LINE 3\nline 3b\n")));
    assert_eq!(
        (&first["turnId"], &first["state"], &first["version"]),
        (&json!("T-1"), &json!("pending"), &json!(1))
    );
    let place = json!({ "start": { "line": 2, "character": 0 }, "end": { "line": 4, "character": 0 } });
    assert_eq!(first["range"], place);
    assert_eq!(read["hunks"][3]["part"]["kind"], "create");
    let ids: Vec<&str> =
        read["hunks"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    for (more, count) in [
        (json!({ "path": uri }), 3),
        (json!({ "path": "new.txt" }), 1),
        (json!({ "path": "other.txt" }), 0),
        (json!({ "turnId": "T-1" }), 4),
        (json!({ "turnId": "T-2" }), 0),
        (json!({ "changeSetId": ids[0].rsplit_once('.').unwrap().0 }), 4),
        (json!({ "changeSetId": "C77" }), 0),
    ] {
        assert_eq!(hunks(&peer, &session, more.clone()).await.len(), count, "{more}");
    }
    let resolve = json!({ "sessionId": session, "decisions": [
        { "hunk": ids[0], "resolution": { "edit": "line three\n" } },
        { "hunk": ids[1], "resolution": "reject" },
        { "hunk": ids[2], "resolution": "keep" },
        { "hunk": "C9.9", "resolution": "keep" },
    ] });
    let done = peer.ok("glossator/changeSet/resolve", resolve).await;
    let of = |id: &str| done["hunks"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap().clone();
    assert_eq!(
        [&of(ids[0])["state"], &of(ids[1])["state"], &of(ids[2])["state"]],
        ["kept", "rejected", "kept"]
    );
    assert!(of("C9.9")["error"].as_str().unwrap().contains("no such hunk"), "{done}");
    assert_eq!(
        peer.text(&uri),
        before().replace("line 3\n", "line three\n").replace("line 17\n", "line 17\nline 17b\n")
    );
    let again = json!({ "sessionId": session, "decisions": [{ "hunk": ids[2], "resolution": "reopen" }] });
    peer.ok("glossator/changeSet/resolve", again).await;
    assert_eq!(hunks(&peer, &session, json!({ "path": uri })).await.len(), 1);
    let twice = json!({ "sessionId": session, "decisions": [
        { "hunk": ids[2], "resolution": "keep" }, { "hunk": ids[2], "resolution": "reject" } ] });
    assert!(peer.refused("glossator/changeSet/resolve", twice).await.contains("twice"));
    for method in ["glossator/changeSet/read", "glossator/changeSet/resolve"] {
        peer.refused(method, json!({ "sessionId": "nobody", "decisions": [] })).await;
    }
}

#[tokio::test]
async fn a_client_shows_the_review_in_its_own_way() {
    let world = World::new(script_and(&edit())).await;
    world.write("a.txt", before());
    let peer = Peer::with(&world, &Who::extension(), |asked| {
        (asked.method == "glossator/changeSet/show").then(|| Answer::Result(json!({ "shown": true })))
    })
    .await;
    let ended = peer.first_turn("Change it").await;
    peer.command("glossator.review", json!(["T-1"])).await.unwrap();
    let shown = |one: &Message| (one.method == "glossator/changeSet/show").then(|| one.params.clone());
    let shown = peer.wait("the hunks", shown).await;
    assert_eq!((&shown["sessionId"], &shown["turnId"]), (&json!(ended.session), &json!("T-1")));
    let files: Vec<_> = shown["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (file["uri"].as_str().unwrap().to_owned(), file["hunks"].as_array().unwrap().len()))
        .collect();
    assert_eq!(files, [(world.uri("a.txt"), 3), (world.uri("new.txt"), 1)]);
    peer.alive().await;
    assert!(!peer.messages().iter().any(|one| one.method == "window/showDocument"));
}

#[tokio::test]
async fn a_client_that_cannot_show_it_gets_the_document() {
    let (_world, peer, _) = edited(&Who::extension()).await;
    peer.command("glossator.review", json!([])).await.unwrap();
    let uri = peer.wait("the document", |one| {
        (one.method == "window/showDocument").then(|| one.params["uri"].as_str().unwrap().to_owned())
    });
    assert!(std::fs::read_to_string(path(&uri.await)).unwrap().contains("+LINE 3"));
}

#[tokio::test]
async fn buffers_are_saved_by_the_client_for_a_command() {
    // What only reads is not worth a save.
    let run = "return await tools.exec({ command: ['sh', 'show.sh'] });";
    let source = format!("{}\n{run}", patch("a.txt", &["line 3"], &["LINE 3"]));
    let world = World::new(script_and(&source)).await;
    world.settings("", "[exec]\nbuffers = \"save\"");
    world.write("a.txt", before());
    world.write("show.sh", "cat a.txt\n");
    let path = world.path("a.txt");
    let peer = Peer::with(&world, &Who::extension(), move |asked: &Asked| {
        if asked.method == "glossator/approval/ask" {
            return Some(Answer::Result(json!({ "decision": "allow" })));
        }
        if asked.method != "glossator/buffers/save" {
            return None;
        }
        for uri in asked.params["uris"].as_array().unwrap() {
            std::fs::write(&path, asked.buffers.lock().text(uri.as_str().unwrap()).unwrap()).unwrap();
            asked.client.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
        }
        Some(Answer::Result(json!({ "saved": asked.params["uris"] })))
    })
    .await;
    peer.open(&world.uri("a.txt"), &before());
    let ended = peer.first_turn("Look").await;
    assert!(ended.assert("done").result().contains("LINE 3"), "{ended:#?}");
    let saves = peer.messages().into_iter().filter(|one| one.method == "glossator/buffers/save");
    let saves: Vec<_> = saves.map(|one| one.params).collect();
    assert_eq!(saves, [json!({ "uris": [world.uri("a.txt")] })]);
    assert_eq!(world.read("a.txt"), before().replace("line 3\n", "LINE 3\n"));
}

// Restart, and what must not happen

#[tokio::test]
async fn hunks_wait_through_a_restart() {
    let (world, mut peer, session) = edited(&Who::extension()).await;
    peer.command("glossator.keepHunk", json!([at(&world.uri("a.txt"), 3)])).await.unwrap();
    peer.kill().await;
    // The editor comes back with the unsaved text, a line more at the top.
    let peer = Peer::with(&world, &Who::extension(), |_| None).await;
    let uri = world.uri("a.txt");
    peer.open(&uri, &format!("more\n{}", after()));
    peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
    sent(
        &peer,
        0,
        &uri,
        &["12-12 Glossator removed 1 line (T-1, pending)", "19-19 Glossator added 1 line (T-1, pending)"],
    )
    .await;
    assert_eq!(
        states(&peer, &session).await,
        ["a.txt:4 kept", "a.txt:12 pending", "a.txt:19 pending", "new.txt:1 pending"]
    );
    peer.command("glossator.rejectAll", json!(["T-1"])).await.unwrap();
    assert_eq!(peer.text(&uri), format!("more\n{}", before().replace("line 3\n", "LINE 3\nline 3b\n")));
    assert!(!world.exists("new.txt"));
}

#[tokio::test]
async fn a_plain_client_finds_its_hunks_after_a_restart() {
    let (world, mut peer, _) = edited(&pushed()).await;
    world.write("a.txt", after());
    peer.kill().await;
    let peer = Peer::with(&world, &pushed(), |_| None).await;
    peer.open(&world.uri("a.txt"), &after());
    let document = opened(&peer).await;
    assert!(peer.text(&document).contains("+LINE 3"));
    sent(&peer, 0, &world.uri("a.txt"), &ALL).await;
}

#[tokio::test]
async fn without_hunks_nothing_is_looked_at_or_sent() {
    let world = World::new(vec![script("return 1;"), Reply::Text("Done.".to_owned())]).await;
    world.write("a.txt", before());
    let peer = Peer::with(&world, &pushed(), |_| None).await;
    let uri = world.uri("a.txt");
    peer.open(&uri, &before());
    turn(&peer, "Do nothing").await;
    for n in 0..50 {
        peer.type_over(&uri, &format!("{n}\n{}", before()));
    }
    peer.alive().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let sent: Vec<_> =
        peer.messages().into_iter().map(|one| one.method).filter(|one| one.contains("iagnostic")).collect();
    assert_eq!(sent, [""; 0]);
    assert!(titles(&peer, &uri, 1).await.is_empty());
    assert!(refused(&peer, "glossator.nextHunk", json!([])).await.contains("No hunk waits"));
}

#[tokio::test]
async fn keeping_does_not_wait_for_a_client_that_never_answers() {
    let world = World::new(script_and(&edit())).await;
    world.write("a.txt", before());
    let silent = |asked: &Asked| {
        let mute = ["workspace/diagnostic/refresh", "workspace/codeLens/refresh", "window/showDocument"];
        mute.contains(&asked.method).then_some(Answer::Silence)
    };
    let peer = Peer::with(&world, &Who::recorded("vscode"), silent).await;
    peer.open(&world.uri("a.txt"), &before());
    turn(&peer, "Change it").await;
    let work = async {
        peer.command("glossator.nextHunk", json!([])).await.unwrap();
        peer.command("glossator.keepAll", json!([])).await.unwrap();
    };
    timeout(PATIENCE / 2, work).await.expect("nothing waits for the client");
    assert_eq!(asked_for(&peer, &world.uri("a.txt")).await, [""; 0]);
}
