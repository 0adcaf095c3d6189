//! Code actions and commands that begin with a place in a file: what is offered where, completed late or at once, and what the
//! model is asked; the commands that choose and that show how things stand; files that the user moves.

use crate::harness::{Peer, Reply, Who, World, items, last_user_text, patch, script_and, soon};
use serde_json::{Value, json};

const CODE: &str = "/// Walks.\nfn walk() {\n    // Sort them first,\n    // largest at the end.\n    one();\n}\n\nfn other() {}\n";

async fn world(turns: usize) -> World {
    let world = World::new((0..turns).map(|_| Reply::Text("Done.".to_owned())).collect()).await;
    world.write("src/a.rs", CODE);
    world
}

/// A client that completes actions late, or at once.
fn client(late: bool) -> Who {
    let resolve = json!({ "properties": ["edit", "command"] });
    let action = match late {
        true => json!({ "dataSupport": true, "resolveSupport": resolve }),
        false => json!({ "dataSupport": false }),
    };
    Who::plain(
        json!({ "textDocument": { "codeAction": action }, "experimental": { "glossator": { "version": 1 } } }),
    )
}

fn range(first: u32, last: u32, end: u32) -> Value {
    json!({ "start": { "line": first, "character": 0 }, "end": { "line": last, "character": end } })
}

async fn offered(peer: &Peer, uri: &str, range: Value, context: Value) -> Vec<Value> {
    let params = json!({ "textDocument": { "uri": uri }, "range": range, "context": context });
    peer.ok("textDocument/codeAction", params).await.as_array().cloned().unwrap_or_default()
}

fn titles(actions: &[Value]) -> Vec<&str> {
    actions.iter().map(|one| one["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_is_offered_where() {
    let world = world(0).await;
    let peer = Peer::with(&world, &client(false), |_| None).await;
    let uri = world.uri("src/a.rs");
    peer.open(&uri, CODE);
    let manual = || json!({ "diagnostics": [], "triggerKind": 1 });
    let on_selection = offered(&peer, &uri, range(4, 5, 0), manual()).await;
    assert_eq!(
        titles(&on_selection),
        [
            "Edit with Glossator…",
            "Explain with Glossator",
            "Write tests with Glossator",
            "Document with Glossator",
            "Review with Glossator"
        ]
    );
    let on_comment = offered(&peer, &uri, range(3, 3, 0), manual()).await;
    assert_eq!(
        titles(&on_comment),
        [
            "Edit walk with Glossator…",
            "Do what this comment says (Glossator)",
            "Explain walk with Glossator",
            "Write tests for walk with Glossator",
            "Document walk with Glossator",
            "Review this file with Glossator"
        ]
    );
    assert_eq!(on_comment[1]["command"]["arguments"][0]["range"], range(2, 4, 0));
    let nowhere = offered(&peer, &uri, range(6, 6, 0), manual()).await;
    assert_eq!(titles(&nowhere), ["Review this file with Glossator"]);
    let rewrites =
        offered(&peer, &uri, range(4, 5, 0), json!({ "diagnostics": [], "only": ["refactor"] })).await;
    assert_eq!(
        titles(&rewrites),
        ["Edit with Glossator…", "Write tests with Glossator", "Document with Glossator"]
    );
    // Not in documents of ours, nor in those of other programs.
    for other in ["glossator:x", "git:/a.rs"] {
        assert!(offered(&peer, other, range(0, 1, 0), manual()).await.is_empty(), "{other}");
    }
}

#[tokio::test]
async fn what_was_not_asked_for_by_hand_is_offered_only_for_problems() {
    let world = world(0).await;
    let peer = Peer::with(&world, &client(false), |_| None).await;
    let uri = world.uri("src/a.rs");
    peer.open(&uri, CODE);
    let problems = json!([
        { "range": range(4, 4, 3), "message": "cannot find\nfunction", "source": "rustc", "severity": 1 },
        { "range": range(4, 4, 5), "message": "ours", "source": "glossator", "severity": 4 },
        { "range": range(4, 4, 5), "message": "unused", "severity": 2 },
    ]);
    let automatic = json!({ "diagnostics": problems, "triggerKind": 2 });
    let fixes = offered(&peer, &uri, range(4, 4, 0), automatic).await;
    assert_eq!(
        titles(&fixes),
        [
            "Fix this with Glossator: cannot find",
            "Fix this with Glossator: unused",
            "Fix these 2 problems with Glossator"
        ]
    );
    assert_eq!(
        (&fixes[0]["kind"], &fixes[0]["diagnostics"][0]["source"]),
        (&json!("quickfix"), &json!("rustc"))
    );
    let none = offered(&peer, &uri, range(4, 5, 0), json!({ "diagnostics": [], "triggerKind": 2 })).await;
    assert!(none.is_empty(), "{none:?}");
}

/// Chooses the action with this title; gives what the model is sent.
async fn chosen(late: bool, place: Value, context: Value, title: &str) -> String {
    let world = world(1).await;
    let peer = Peer::with(&world, &client(late), |_| None).await;
    let uri = world.uri("src/a.rs");
    peer.open(&uri, CODE);
    let actions = offered(&peer, &uri, place, context).await;
    let action = actions.iter().find(|one| one["title"] == title).unwrap_or_else(|| panic!("{actions:#?}"));
    assert_eq!(action["command"].is_null(), late, "{action}");
    let action = if late { peer.ok("codeAction/resolve", action.clone()).await } else { action.clone() };
    let answer = peer.ok("workspace/executeCommand", action["command"].clone()).await;
    peer.end(answer["sessionId"].as_str().unwrap(), answer["turnId"].as_str().unwrap()).await.assert("done");
    last_user_text(&world.requests()[0].body)
}

#[tokio::test]
async fn what_the_model_is_asked() {
    for late in [false, true] {
        let manual = || json!({ "diagnostics": [], "triggerKind": 1 });
        let text = chosen(late, range(4, 5, 0), manual(), "Explain with Glossator").await;
        assert!(
            text.contains("Explain this:") && text.contains("lines=\"5-5\">\n    one();\n</selection>"),
            "{text}"
        );
        let text = chosen(late, range(2, 2, 0), manual(), "Do what this comment says (Glossator)").await;
        assert!(text.contains("Do what this comment says.") && text.contains("lines=\"3-4\""), "{text}");
        assert!(text.contains("largest at the end."), "{text}");
        let problem = json!({ "range": range(4, 4, 7), "message": "cannot find `one`", "source": "rustc" });
        let context = json!({ "diagnostics": [problem], "triggerKind": 2 });
        let text = chosen(late, range(4, 4, 0), context, "Fix this with Glossator: cannot find `one`").await;
        assert!(
            text.contains("Fix this, and nothing else:\nline 5: cannot find `one` (from rustc)"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn commands_take_a_place_or_the_one_where_the_user_was_last() {
    let world = world(6).await;
    let peer = Peer::with(&world, &client(false), |_| None).await;
    let unknown = peer.command("glossator.explain", json!([])).await.unwrap_err();
    assert!(unknown["message"].as_str().unwrap().contains("src/a.rs:12"), "{unknown}");
    let uri = world.uri("src/a.rs");
    peer.open(&uri, CODE);
    let mut asked = 0;
    let mut check = async |command: &str, arguments: Value, parts: &[&str]| {
        let answer = peer.command(command, arguments).await.unwrap();
        peer.end(answer["sessionId"].as_str().unwrap(), answer["turnId"].as_str().unwrap())
            .await
            .assert("done");
        let text = last_user_text(&world.requests()[asked].body);
        let text = text.replace(&format!("path=\"{}/", world.workspace().display()), "path=\"");
        asked += 1;
        parts.iter().for_each(|part| assert!(text.contains(part), "{part} in {text}"));
    };
    // The whole file, since no place in it is known.
    check("glossator.reviewCode", json!([]), &["Review this.", "<mention path=\"src/a.rs\"/>"]).await;
    offered(&peer, &uri, range(4, 4, 0), json!({ "diagnostics": [], "triggerKind": 1 })).await;
    check("glossator.explain", json!([]), &["lines=\"2-6\"", "fn walk() {"]).await;
    check("glossator.tests", json!(["src/a.rs:8"]), &["Write tests", "lines=\"8-8\"", "fn other() {}"]).await;
    check("glossator.document", json!([uri]), &["Document this", "<mention path=\"src/a.rs\"/>"]).await;
    let full = json!([{ "uri": uri, "range": range(4, 4, 3), "text": "In French." }]);
    check("glossator.explain", full, &["In French.", "lines=\"5-5\""]).await;
    check("glossator.doComment", json!(["src/a.rs:1"]), &["Do what this comment says", "lines=\"1-1\""])
        .await;
    for (arguments, words) in [
        (json!(["src/a.rs:7"]), "no comment at line 7"),
        (json!(["src/a.rs"]), "Say which comment"),
        (json!(["../../etc/passwd"]), "outside the workspace"),
        (json!([{ "uri": 7 }]), "should be one of"),
    ] {
        let error = peer.command("glossator.doComment", arguments).await.unwrap_err();
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
    }
}

#[tokio::test]
async fn model_pack_and_policy_are_chosen_for_the_session() {
    let world = world(1).await;
    let peer = Peer::with(&world, &client(false), |_| None).await;
    let shown = |listed: &Value| {
        let path = url::Url::parse(listed["uri"].as_str().unwrap()).unwrap().to_file_path().unwrap();
        std::fs::read_to_string(path).unwrap()
    };
    let policies = peer.command("glossator.policy", json!([])).await.unwrap();
    assert_eq!(policies["current"], "ask");
    assert!(shown(&policies).contains("- `ask`, **in force**"), "{}", shown(&policies));
    let done = peer.command("glossator.policy", json!(["read-only"])).await.unwrap();
    assert_eq!(done["policy"], "read-only");
    let packs = peer.command("glossator.pack", json!([])).await.unwrap();
    assert_eq!(packs["current"], "core");
    // A line of the list has an action that chooses it.
    let (uri, text) = (packs["uri"].as_str().unwrap(), shown(&packs));
    peer.open(uri, &text);
    let line = text.lines().position(|line| line.starts_with("- `read-only`")).unwrap() as u32;
    let actions =
        offered(&peer, uri, range(line, line, 0), json!({ "diagnostics": [], "triggerKind": 1 })).await;
    assert_eq!(titles(&actions), ["Use read-only for this session"]);
    let unasked = json!({ "diagnostics": [], "triggerKind": 2 });
    assert!(offered(&peer, uri, range(line, line, 0), unasked).await.is_empty());
    let done = peer.ok("workspace/executeCommand", actions[0]["command"].clone()).await;
    assert_eq!((&done["pack"], &done["policy"]), (&json!("read-only"), &json!("read-only")));
    let done = peer.command("glossator.model", json!(["scripted/another model/x"])).await.unwrap();
    assert_eq!(done["model"], "scripted/another model/x");
    let models = peer.command("glossator.model", json!([])).await.unwrap();
    assert_eq!(models["current"], "scripted/another model/x", "{models}");
    for (command, value, words) in [
        ("glossator.policy", "yolo", "policy"),
        ("glossator.pack", "nothing", "nothing"),
        ("glossator.model", "nowhere/x", "nowhere"),
    ] {
        let error = peer.command(command, json!([value])).await.unwrap_err();
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
    }
}

#[tokio::test]
async fn how_things_stand_is_a_document() {
    let world = World::new(script_and("await tools.exec({ command: ['touch', 'made'] });")).await;
    world.settings("nonsense = 1", "");
    world.write(".glossator/settings.toml", "policy = \"full\"\n");
    let peer = Peer::with(&world, &client(false), |_| None).await;
    let status = peer.command("glossator.status", json!([])).await.unwrap();
    assert_eq!((&status["sessionId"], &status["model"]), (&Value::Null, &json!("scripted/scripted-model")));
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Make it").await;
    peer.asks(&session, &turn, 1).await;
    let status = peer.command("glossator.status", json!([])).await.unwrap();
    let path = url::Url::parse(status["uri"].as_str().unwrap()).unwrap().to_file_path().unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    for part in [
        &format!("Session `{session}`, Make it"),
        "T-1 runs (glossator.stop stops it).",
        "- model: `scripted/scripted-model`",
        "- policy: ask",
        "touch made",
        "left out: the folder is not trusted",
        "nonsense",
        "- folder `",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[tokio::test]
async fn slash_commands_in_the_prompt_document() {
    let world = world(1).await;
    let peer = Peer::with(&world, &client(false), |_| None).await;
    let prompt = peer.command("glossator.edit", json!([])).await.unwrap()["uri"].as_str().unwrap().to_owned();
    peer.open(&prompt, "/policy read-only\n");
    let done = peer.command("glossator.send", json!([])).await.unwrap();
    assert_eq!(done["policy"], "read-only", "{done}");
    assert!(world.requests().is_empty());
    peer.type_over(&prompt, "/nonsense now\n");
    let error = peer.command("glossator.send", json!([])).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("no command /nonsense"), "{error}");
    assert_eq!(peer.text(&prompt), "/nonsense now\n", "what was written stays");
    let done = peer.command("glossator.ask", json!(["/policy ask"])).await.unwrap();
    assert_eq!(done["policy"], "ask");
    // A path is a prompt.
    peer.type_over(&prompt, "/usr/bin/env is not found\n");
    let started = peer.command("glossator.send", json!([])).await.unwrap();
    assert_eq!(started["turnId"], "T-1");
    let session = started["sessionId"].as_str().unwrap();
    peer.end(session, "T-1").await.assert("done");
    let params = json!({ "sessionId": session, "input": [{ "kind": "text", "text": "/model a/b" }] });
    let error = peer.request("glossator/turn/start", params).await.unwrap_err();
    assert_eq!(error["data"], json!({ "command": "glossator.model", "arguments": ["a/b"] }));
}

#[tokio::test]
async fn hunks_follow_a_file_that_the_user_moves_and_the_model_is_told() {
    let mut steps = script_and(&patch("src/a.rs", &["    one();"], &["    two();"]));
    steps.push(Reply::Text("Fine.".to_owned()));
    steps.push(Reply::Text("Fine.".to_owned()));
    let world = World::new(steps).await;
    world.write("src/a.rs", CODE);
    world.write("src/unrelated.rs", "");
    let who = Who::recorded("vscode").with_extension();
    let peer = Peer::with(&world, &who, |_| None).await;
    let ended = peer.first_turn("Change it").await;
    ended.assert("done");
    let moved = json!({ "files": [
        { "oldUri": world.uri("src/a.rs"), "newUri": world.uri("lib/b.rs") },
        { "oldUri": world.uri("src/unrelated.rs"), "newUri": world.uri("src/related.rs") },
        { "oldUri": "untitled:x", "newUri": "untitled:y" },
    ] });
    assert_eq!(peer.ok("workspace/willRenameFiles", moved.clone()).await, Value::Null);
    std::fs::create_dir(world.path("lib")).unwrap();
    std::fs::rename(world.path("src/a.rs"), world.path("lib/b.rs")).unwrap();
    peer.client.notify("workspace/didRenameFiles", moved);
    let read = json!({ "sessionId": ended.session });
    let hunk = soon("the hunk in its new place", async || {
        let read = peer.ok("glossator/changeSet/read", read.clone()).await;
        Some(read["hunks"][0].clone()).filter(|hunk| hunk["path"] == "lib/b.rs")
    })
    .await;
    assert_eq!((&hunk["state"], &hunk["range"]["start"]["line"]), (&json!("pending"), &json!(4)), "{hunk}");
    let next = peer.turn(&ended.session, "Go on").await;
    next.assert("done");
    let text = last_user_text(&world.requests().last().unwrap().body);
    assert!(text.contains("src/a.rs is lib/b.rs now") && !text.contains("unrelated"), "{text}");
    // It is told once.
    peer.turn(&ended.session, "And on").await.assert("done");
    let text = last_user_text(&world.requests().last().unwrap().body);
    assert!(!text.contains("lib/b.rs now"), "{text}");
    let decisions = json!([{ "hunk": hunk["id"], "resolution": "reject" }]);
    let resolved = json!({ "sessionId": ended.session, "decisions": decisions });
    let resolved = peer.ok("glossator/changeSet/resolve", resolved).await;
    assert_eq!(resolved["hunks"][0]["state"], "rejected", "{resolved}");
    assert_eq!(world.read("lib/b.rs"), CODE);
    assert!(!world.exists("src/a.rs"));
    let told = items(&world, &ended.session).into_iter().filter(|item| item["kind"] == "told").count();
    assert_eq!(told, 1);
}

#[tokio::test]
async fn a_turn_is_undone_and_redone_in_files_that_the_user_has_moved_since() {
    let mut steps = script_and(&patch("src/a.rs", &["    one();"], &["    two();"]));
    steps.push(Reply::Text("Fine.".to_owned()));
    let world = World::new(steps).await;
    world.write("src/a.rs", CODE);
    let peer = Peer::with(&world, &Who::recorded("vscode").with_extension(), |_| None).await;
    let ended = peer.first_turn("Change it").await;
    ended.assert("done");
    let edited = world.read("src/a.rs");
    assert_ne!(edited, CODE);
    let rename = async |from: &str, to: &str| {
        let moved = json!({ "files": [{ "oldUri": world.uri(from), "newUri": world.uri(to) }] });
        peer.ok("workspace/willRenameFiles", moved.clone()).await;
        std::fs::rename(world.path(from), world.path(to)).unwrap();
        peer.client.notify("workspace/didRenameFiles", moved);
        let read = json!({ "sessionId": ended.session, "all": true });
        soon("the hunk in its new place", async || {
            let read = peer.ok("glossator/changeSet/read", read.clone()).await;
            (read["hunks"][0]["path"] == to).then_some(())
        })
        .await;
    };
    let turn = json!({ "sessionId": ended.session, "turnId": "T-1" });
    rename("src/a.rs", "src/b.rs").await;
    let undone = peer.ok("glossator/turn/undo", turn.clone()).await;
    assert_eq!(world.read("src/b.rs"), CODE, "{undone}");
    let redone = peer.ok("glossator/turn/redo", turn.clone()).await;
    assert_eq!(world.read("src/b.rs"), edited, "{redone}");
    peer.ok("glossator/turn/undo", turn.clone()).await;
    assert_eq!(world.read("src/b.rs"), CODE);
    rename("src/b.rs", "src/c.rs").await;
    let redone = peer.ok("glossator/turn/redo", turn).await;
    assert_eq!(world.read("src/c.rs"), edited, "{redone}");
    assert!(!world.exists("src/a.rs") && !world.exists("src/b.rs"));
}

#[tokio::test]
async fn what_the_agent_moved_itself_is_no_news_to_it() {
    let text = "*** Begin Patch\n*** Update File: src/a.rs\n*** Move to: src/c.rs\n@@\n-    one();\n+    two();\n*** End Patch\n";
    let mut steps = script_and(&format!("await tools.applyPatch({{ patch: {} }});", json!(text)));
    steps.push(Reply::Text("Fine.".to_owned()));
    let world = World::new(steps).await;
    world.write("src/a.rs", CODE);
    let peer = Peer::with(&world, &Who::recorded("vscode").with_extension(), |_| None).await;
    let ended = peer.first_turn("Move it").await;
    ended.assert("done");
    assert!(world.exists("src/c.rs") && !world.exists("src/a.rs"));
    // Editors tell of every move, whoever asked for it.
    let moved = json!({ "files": [{ "oldUri": world.uri("src/a.rs"), "newUri": world.uri("src/c.rs") }] });
    peer.client.notify("workspace/didRenameFiles", moved);
    peer.turn(&ended.session, "Go on").await.assert("done");
    let text = last_user_text(&world.requests().last().unwrap().body);
    assert!(!text.contains("moved files"), "{text}");
    let read = peer.ok("glossator/changeSet/read", json!({ "sessionId": ended.session })).await;
    let paths: Vec<&Value> = read["hunks"].as_array().unwrap().iter().map(|one| &one["path"]).collect();
    assert!(!paths.is_empty() && paths.iter().all(|path| **path == "src/c.rs"), "{read}");
}

#[tokio::test]
async fn hunks_follow_a_folder_that_the_user_moves() {
    let world = World::new(script_and(&patch("src/a.rs", &["    one();"], &["    two();"]))).await;
    world.write("src/a.rs", CODE);
    let peer = Peer::with(&world, &Who::recorded("hx-forky").with_extension(), |_| None).await;
    let ended = peer.first_turn("Change it").await;
    std::fs::rename(world.path("src"), world.path("source")).unwrap();
    // An editor that looked in between found nothing there.
    let read = json!({ "sessionId": ended.session });
    peer.ok("glossator/changeSet/read", read.clone()).await;
    let moved = json!({ "files": [{ "oldUri": world.uri("src"), "newUri": world.uri("source") }] });
    peer.client.notify("workspace/didRenameFiles", moved);
    let hunk = soon("the hunk in its new place", async || {
        let read = peer.ok("glossator/changeSet/read", read.clone()).await;
        Some(read["hunks"][0].clone()).filter(|hunk| hunk["path"] == "source/a.rs")
    })
    .await;
    assert_eq!(hunk["state"], "pending", "{hunk}");
}

#[tokio::test]
async fn settings_of_the_editor_may_change_at_any_time() {
    let world = world(0).await;
    let settings = |asked: &crate::harness::Asked| {
        (asked.method == "workspace/configuration")
            .then(|| crate::harness::Answer::Result(json!([{ "policy": "full" }])))
    };
    let who = Who::plain(
        json!({ "workspace": { "configuration": true }, "experimental": { "glossator": { "version": 1 } } }),
    );
    let peer = Peer::with(&world, &who, settings).await;
    let policy =
        async |peer: &Peer| peer.command("glossator.policy", json!([])).await.unwrap()["current"].clone();
    peer.client.notify(
        "workspace/didChangeConfiguration",
        json!({ "settings": { "glossator": { "policy": "read-only" } } }),
    );
    assert_eq!(policy(&peer).await, "read-only");
    // One that only says that they changed is asked.
    peer.client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    soon("the settings that were asked for", async || (policy(&peer).await == "full").then_some(())).await;
    peer.client
        .notify("workspace/didChangeConfiguration", json!({ "settings": { "glossator": { "polcy": 1 } } }));
    peer.shown(&["polcy"]).await;
    let plain = Peer::with(&world, &client(false), |_| None).await;
    plain.client.notify("workspace/didChangeConfiguration", json!({ "settings": { "policy": "auto-edit" } }));
    plain.client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    assert_eq!(policy(&plain).await, "auto-edit", "what cannot be asked for stays");
}
