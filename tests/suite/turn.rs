//! The turn that everything is for: ask, read an unsaved line, patch it, undo; as real editors announce themselves.

use crate::harness::{Peer, Reply, Who, World, items, kinds, last_user_text, patch, script_and};
use serde_json::{Value, json};

const ON_DISK: &str = "größte Zahl 😀\nname = \"änderé 🦀🦀 old\" # ünd";
const UNSAVED: &str = "größte Zahl 😀\nname = \"änderé 🦀🦀 unsaved\" # ünd";
const EDITED: &str = "größte Zahl 😀\nname = \"änderé 🦀🦀 edited\" # ünd";

/// Units of `text` in a position encoding.
fn units(text: &str, encoding: &str) -> usize {
    match encoding {
        "utf-8" => text.len(),
        "utf-32" => text.chars().count(),
        _ => text.encode_utf16().count(),
    }
}

/// The byte offset of a position, which must fall on a character.
fn offset(text: &str, position: &Value, encoding: &str) -> usize {
    let line = position["line"].as_u64().unwrap() as usize;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let character = position["character"].as_u64().unwrap() as usize;
    let rest = text[start..].split('\n').next().unwrap();
    let mut ends = (0..=rest.len()).filter(|at| rest.is_char_boundary(*at));
    start + ends.find(|at| units(&rest[..*at], encoding) == character).expect("a position on a character")
}

/// What an edit of the server's makes of `text`, by our own counting.
fn apply(text: &str, edits: &Value, encoding: &str) -> String {
    let mut text = text.to_owned();
    let mut all: Vec<_> = edits.as_array().unwrap().iter().collect();
    all.sort_by_key(|edit| std::cmp::Reverse(offset(&text, &edit["range"]["start"], encoding)));
    for edit in all {
        let range = &edit["range"];
        let bytes = offset(&text, &range["start"], encoding)..offset(&text, &range["end"], encoding);
        text.replace_range(bytes, edit["newText"].as_str().unwrap());
    }
    text
}

/// Types "unsaved" over "old" by an incremental change.
fn type_unsaved(peer: &Peer, uri: &str, encoding: &str) {
    let mut change = peer.buffers.lock().set(uri, UNSAVED).unwrap();
    let start = units("name = \"änderé 🦀🦀 ", encoding);
    change["contentChanges"] = json!([{
        "range": {
            "start": { "line": 1, "character": start },
            "end": { "line": 1, "character": start + units("old", encoding) },
        },
        "text": "unsaved",
    }]);
    peer.client.notify("textDocument/didChange", change);
}

/// The turn in the editor `who`, which speaks `encoding`; by a command, or by the extension.
async fn check(who: Who, encoding: &str, extension: bool) {
    let source = format!(
        "const file = await tools.readFile({{ path: 'a.txt' }});\nif (!file.unsaved || !file.text.includes('unsaved')) throw new Error(file.text);\n{}\nreturn file.text;",
        patch("a.txt", &["name = \"änderé 🦀🦀 unsaved\" # ünd"], &["name = \"änderé 🦀🦀 edited\" # ünd"])
    );
    let world = World::new(script_and(&source)).await;
    world.write("a.txt", ON_DISK);
    let who = if extension { who.with_extension() } else { who };
    let peer = Peer::with(&world, &who, |_| None).await;
    assert_eq!(peer.server["capabilities"]["positionEncoding"], encoding);
    let uri = world.uri("a.txt");
    peer.open(&uri, ON_DISK);
    type_unsaved(&peer, &uri, encoding);

    let session = match extension {
        true => extension_turn(&peer).await,
        false => plain_turn(&peer).await,
    };
    assert_eq!(peer.text(&uri), EDITED);
    assert_eq!(world.read("a.txt"), ON_DISK, "the disk is the user's business");
    let edit =
        peer.wait("the edit", |one| (one.method == "workspace/applyEdit").then(|| one.params.clone())).await;
    let change = &edit["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"]["uri"], uri);
    assert_eq!(change["textDocument"]["version"], 1);
    assert_eq!(apply(UNSAVED, &change["edits"], encoding), EDITED);
    let requests = world.requests();
    assert_eq!(requests[0].body["model"], "scripted-model");
    assert!(last_user_text(&requests[1].body).contains("unsaved"));

    peer.command("glossator.undoTurn", json!([])).await.unwrap();
    assert_eq!(peer.text(&uri), UNSAVED);
    let told = peer.command("glossator.undoTurn", json!([])).await.unwrap_err();
    assert!(told["message"].as_str().unwrap().contains("nothing to undo"), "{told}");
    let kinds = kinds(&world, &session);
    assert_eq!(kinds[0], "userMessage");
    for kind in ["answer", "script", "toolCall", "toolOutput", "changeSet", "scriptOutput"] {
        assert!(kinds.iter().any(|one| one == kind), "{kind} is not in {kinds:?}");
    }
    let ended = kinds.iter().position(|kind| kind == "turnEnded").expect("the turn's end is stored");
    assert!(
        kinds[ended + 1..].iter().all(|kind| kind == "changeSet"),
        "after the end comes the undo: {kinds:?}"
    );
    assert_eq!(items(&world, &session)[ended]["status"], "done");
    assert_eq!(peer.leave().await, 0);
}

async fn plain_turn(peer: &Peer) -> String {
    let started = peer.command("glossator.ask", json!(["Change the name"])).await.unwrap();
    let (session, turn) = (started["sessionId"].as_str().unwrap(), started["turnId"].as_str().unwrap());
    let token = format!("glossator/{session}/{turn}");
    peer.wait("the progress's end", |one| {
        (one.method == "$/progress" && one.params["token"] == token && one.params["value"]["kind"] == "end")
            .then_some(())
    })
    .await;
    peer.shown(&["Glossator: Done."]).await;
    let foreign = peer.messages().into_iter().find(|one| one.method.starts_with("glossator/"));
    assert!(foreign.is_none(), "a plain client was sent {foreign:?}");
    session.to_owned()
}

async fn extension_turn(peer: &Peer) -> String {
    assert_eq!(peer.server["capabilities"]["experimental"]["glossator"]["version"], 1);
    let ended = peer.first_turn("Change the name").await;
    ended.assert("done");
    assert_eq!(ended.updates.first().unwrap()["kind"], "turnStarted");
    assert_eq!(ended.updates.last().unwrap()["kind"], "turnCompleted");
    let changes = ended.updates("changeSet");
    assert_eq!(changes.len(), 1);
    assert_eq!((&changes[0]["state"], &changes[0]["files"]), (&json!("committed"), &json!(["a.txt"])));
    ended.session
}

#[tokio::test]
async fn as_helix_of_trixie() {
    check(Who::recorded("hx-trixie"), "utf-8", false).await;
}

#[tokio::test]
async fn as_helix_of_forky() {
    check(Who::recorded("hx-forky"), "utf-8", false).await;
}

#[tokio::test]
async fn as_neovim_of_trixie() {
    check(Who::recorded("nvim-trixie"), "utf-16", false).await;
    check(Who::recorded("nvim-trixie"), "utf-16", true).await;
}

#[tokio::test]
async fn as_neovim_of_forky() {
    check(Who::recorded("nvim-forky"), "utf-8", false).await;
    check(Who::recorded("nvim-forky"), "utf-8", true).await;
}

#[tokio::test]
async fn as_vs_code() {
    check(Who::recorded("vscode"), "utf-16", false).await;
    check(Who::recorded("vscode"), "utf-16", true).await;
}

#[tokio::test]
async fn in_utf_32() {
    check(Who::recorded("hx-forky").with_encodings(&["utf-32"]), "utf-32", false).await;
    check(Who::extension().with_encodings(&["utf-32", "utf-16"]), "utf-32", true).await;
}

#[tokio::test]
async fn closed_files_change_on_disk_and_come_back() {
    let text = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+uno\n*** Add File: new/b.txt\n+made\n*** Delete File: c.txt\n*** Update File: d.txt\n*** Move to: e.txt\n@@\n-four\n+quattro\n*** End Patch";
    let source = format!("return await tools.applyPatch({{ patch: {} }});", json!(text));
    let world = World::new(script_and(&source)).await;
    for (name, text) in [("a.txt", "one\ntwo\n"), ("c.txt", "three\n"), ("d.txt", "four\n")] {
        world.write(name, text);
    }
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Change the files").await;
    ended.assert("done");
    let after = ["a.txt", "new/b.txt", "c.txt", "d.txt", "e.txt"].map(|name| world.read(name));
    assert_eq!(after, ["uno\ntwo\n", "made\n", "", "", "quattro\n"], "{ended:#?}");
    assert!(!world.exists("c.txt") && !world.exists("d.txt"));
    let undone = peer.undo(&ended.session).await;
    assert_eq!(undone["turnId"], "T-1");
    let before = ["a.txt", "new/b.txt", "c.txt", "d.txt", "e.txt"].map(|name| world.read(name));
    assert_eq!(before, ["one\ntwo\n", "", "three\n", "four\n", ""], "{undone}");
    assert!(!world.exists("new") && !world.exists("e.txt"));
}

#[tokio::test]
async fn what_is_shown_is_what_is_stored() {
    let world = World::new(script_and("return 1 + 1;")).await;
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Add").await;
    let shown: Vec<_> = ended.updates("itemCompleted").iter().map(|update| update["item"].clone()).collect();
    assert_eq!(shown, items(&world, &ended.session));
    assert_eq!(
        kinds(&world, &ended.session),
        ["userMessage", "answer", "request", "script", "scriptOutput", "answer", "request", "turnEnded"]
    );
    let answer: String = ended
        .updates("itemDelta")
        .iter()
        .filter(|one| one["stream"] == "answer")
        .map(|one| one["text"].as_str().unwrap())
        .collect();
    assert!(answer.starts_with("I will do it.") && answer.ends_with("Done."), "{answer}");
    let read = peer.ok("glossator/session/read", json!({ "sessionId": ended.session })).await;
    assert_eq!(read["items"], json!(shown));
    let listed = peer.ok("glossator/session/list", json!({})).await;
    assert_eq!(
        (&listed["sessions"][0]["id"], &listed["sessions"][0]["title"]),
        (&json!(ended.session), &json!("Add"))
    );
    assert!(ended.updates("usage").last().unwrap()["usage"]["output"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn items_are_numbered_without_gaps() {
    let source =
        "await tools.applyPatch({ patch: '*** Begin Patch\\n*** Add File: b.txt\\n+made\\n*** End Patch' });";
    let world = World::new(script_and(source)).await;
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Add").await;
    let ids: Vec<_> = items(&world, &ended.session).iter().map(|item| item["id"].clone()).collect();
    let expected: Vec<_> = (1..=ids.len()).map(|id| json!(id)).collect();
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn a_second_turn_waits_for_the_first() {
    let world = World::new(vec![Reply::Hang]).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Wait").await;
    let again = json!({ "sessionId": session, "input": [{ "kind": "text", "text": "More" }] });
    assert!(peer.refused("glossator/turn/start", again).await.contains("T-1 is still running"));
    peer.interrupt(&session).await;
    peer.end(&session, &turn).await.assert("interrupted");
}

#[tokio::test]
async fn a_selection_is_asked_about_through_the_prompt_document() {
    let world = World::new(vec![Reply::Text("It is a number.".to_owned())]).await;
    let peer = Peer::with(&world, &Who::recorded("hx-forky"), |_| None).await;
    let uri = world.uri("a.txt");
    peer.open(&uri, "zero\nthe selected line\ntwo\n");
    let range = json!({ "start": { "line": 1, "character": 0 }, "end": { "line": 2, "character": 0 } });
    let params = json!({ "textDocument": { "uri": uri }, "range": range, "context": { "diagnostics": [] } });
    let actions = peer.ok("textDocument/codeAction", params).await;
    let edit = actions.as_array().unwrap().iter().find(|one| one["title"] == "Edit with Glossator…").unwrap();
    peer.ok("workspace/executeCommand", edit["command"].clone()).await;
    let shown = peer.wait("the prompt document", |one| {
        (one.method == "window/showDocument").then(|| one.params["uri"].as_str().unwrap().to_owned())
    });
    let prompt = shown.await;
    let heading = std::fs::read_to_string(prompt.strip_prefix("file://").unwrap()).unwrap();
    peer.open(&prompt, &heading);
    assert!(peer.command("glossator.send", json!([])).await.is_err(), "an empty prompt is not sent");
    peer.type_over(&prompt, &format!("{heading}What is this?\n"));
    peer.command("glossator.send", json!([])).await.unwrap();
    peer.shown(&["It is a number."]).await;
    let text = last_user_text(&world.requests()[0].body);
    assert!(text.contains("What is this?") && text.contains("the selected line"), "{text}");
    assert!(!text.contains("zero") && !text.contains("glossator.send"), "{text}");
}

#[tokio::test]
async fn a_diagnostic_is_fixed_by_its_code_action() {
    let world = World::new(vec![Reply::Text("Fixed.".to_owned())]).await;
    let peer = Peer::with(&world, &Who::recorded("hx-trixie"), |_| None).await;
    let uri = world.uri("a.txt");
    peer.open(&uri, "let x = y;\n");
    let range = json!({ "start": { "line": 0, "character": 8 }, "end": { "line": 0, "character": 9 } });
    let diagnostic = json!({ "range": range, "message": "cannot find y", "source": "rustc", "severity": 1 });
    let context = json!({ "diagnostics": [diagnostic], "triggerKind": 2 });
    let params = json!({ "textDocument": { "uri": uri }, "range": range, "context": context });
    let actions = peer.ok("textDocument/codeAction", params).await;
    let fix = actions
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["title"].as_str().unwrap().starts_with("Fix this"))
        .unwrap();
    assert_eq!(fix["kind"], "quickfix");
    peer.ok("workspace/executeCommand", fix["command"].clone()).await;
    peer.shown(&["Fixed."]).await;
    let text = last_user_text(&world.requests()[0].body);
    assert!(text.contains("cannot find y") && text.contains("rustc") && text.contains("a.txt"), "{text}");
}
