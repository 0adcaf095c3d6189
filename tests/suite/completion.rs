//! Completion in prompts: by LSP in the prompt document and by `glossator/prompt/complete`, from the same sources; and what
//! mentions become.

use crate::harness::{Answer, Asked, PATIENCE, Peer, Reply, Who, World, last_user_text, soon, until};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A world with some files.
async fn world() -> World {
    let world = World::new(vec![Reply::Text("Done.".to_owned()), Reply::Text("Done.".to_owned())]).await;
    world.write(
        "src/walk.rs",
        "struct Walk;\n\nimpl Walk {\n    fn next(&self) {\n        one();\n    }\n}\n",
    );
    world.write("src/other.rs", "fn other() {}\n");
    world.write("README.md", "# Intro\n\ntext\n");
    world.write("my notes.md", "hello\n");
    world.write(".env", "SECRET=1\n");
    world
}

/// The place of the bar in a text of one line, as (text, character) in UTF-16.
fn marked(text: &str) -> (String, Value) {
    let at = text.find('|').unwrap();
    let character = text[..at].rsplit('\n').next().unwrap().encode_utf16().count();
    let line = text[..at].matches('\n').count();
    (text.replacen('|', "", 1), json!({ "line": line, "character": character }))
}

async fn complete(peer: &Peer, text: &str) -> Value {
    let (text, position) = marked(text);
    peer.ok("glossator/prompt/complete", json!({ "text": text, "position": position })).await
}

fn inserts(found: &Value) -> Vec<&str> {
    found["items"].as_array().unwrap().iter().map(|one| one["insertText"].as_str().unwrap()).collect()
}

fn plain() -> Who {
    Who::plain(json!({ "experimental": { "glossator": { "version": 1 } } }))
}

#[tokio::test]
async fn files_open_ones_first_and_folders() {
    let world = world().await;
    let peer = Peer::with(&world, &plain(), |_| None).await;
    peer.open(&world.uri("src/other.rs"), "fn other() {}\n");
    // The list of files may still be in the making; the answer says so.
    let all = soon("the whole list", async || {
        Some(complete(&peer, "See @|").await).filter(|found| found["incomplete"] == false)
    })
    .await;
    assert_eq!(
        all["items"][0],
        json!({
            "label": "src/other.rs", "kind": "buffer", "detail": "open", "insertText": "@src/other.rs",
            "range": { "start": { "line": 0, "character": 4 }, "end": { "line": 0, "character": 5 } }
        })
    );
    let found = inserts(&all);
    assert!(
        found.contains(&"@src/") && found.contains(&"@\"my notes.md\"") && !found.contains(&"@.env"),
        "{found:?}"
    );
    assert_eq!(found.iter().filter(|one| **one == "@src/other.rs").count(), 1);
    assert_eq!(inserts(&complete(&peer, "@wlk|").await), ["@src/walk.rs"]);
    assert_eq!(inserts(&complete(&peer, "@.e|").await), ["@.env"]);
    assert_eq!(inserts(&complete(&peer, "mail me@wlk|").await), Vec::<&str>::new());
    // A file that was just made is found once the editor tells of it.
    world.write("src/newest.rs", "");
    let files = json!({ "files": [{ "uri": world.uri("src/newest.rs") }] });
    peer.client.notify("workspace/didCreateFiles", files);
    let started = Instant::now();
    while !inserts(&complete(&peer, "@newest|").await).contains(&"@src/newest.rs") {
        assert!(started.elapsed() < PATIENCE);
    }
}

#[tokio::test]
async fn symbols_sessions_agents_and_commands() {
    let world = world().await;
    world.settings("", "[agents.reviewer]\nmodel = \"scripted/other\"\nrole = \"Look for faults.\"");
    let peer = Peer::with(&world, &plain(), |_| None).await;
    let symbols = complete(&peer, "@src/walk.rs#|").await;
    assert_eq!(inserts(&symbols), ["@src/walk.rs#Walk", "@src/walk.rs#Walk", "@src/walk.rs#next"]);
    assert_eq!(symbols["items"][2]["detail"], "function in Walk, src/walk.rs:4");
    peer.open(&world.uri("src/other.rs"), "fn other() {}\n");
    assert_eq!(inserts(&complete(&peer, "@#oth|").await), ["@src/other.rs#other"]);
    assert_eq!(inserts(&complete(&peer, "@README.md#|").await), ["@README.md#Intro"]);
    assert_eq!(inserts(&complete(&peer, "@rev|").await)[0], "@reviewer ");
    assert!(!inserts(&complete(&peer, "ask @rev|").await).contains(&"@reviewer "));
    peer.first_turn("Tidy the parser").await.assert("done");
    peer.new_session().await;
    let started = Instant::now();
    loop {
        let sessions = complete(&peer, "as in @session:pars|").await;
        if let Some(one) = sessions["items"].as_array().unwrap().first() {
            assert!(one["label"].as_str().unwrap().contains("Tidy the parser"), "{one}");
            assert!(one["insertText"].as_str().unwrap().starts_with("@session:0"), "{one}");
            break;
        }
        assert!(started.elapsed() < PATIENCE, "{sessions}");
    }
    let commands = complete(&peer, "/com|").await;
    assert_eq!((inserts(&commands), &commands["incomplete"]), (vec!["/compact"], &json!(false)));
    assert_eq!(inserts(&complete(&peer, "do it\n/com|").await), Vec::<&str>::new());
}

#[tokio::test]
async fn lsp_completion_in_the_prompt_document_and_nowhere_else() {
    let world = world().await;
    for (client, encoding, character) in
        [("vscode", "utf-16", 4), ("hx-forky", "utf-8", 6), ("emacs", "utf-32", 3)]
    {
        let who = Who::recorded(client).with_encodings(&[encoding]);
        let peer = Peer::with(&world, &who, |_| None).await;
        let prompt =
            peer.command("glossator.edit", json!([])).await.unwrap()["uri"].as_str().unwrap().to_owned();
        // A letter outside the basic plane, so that encodings differ.
        peer.open(&prompt, "x\u{1F600} @wlk\n");
        let ask = |uri: &str, character: u32| json!({ "textDocument": { "uri": uri }, "position": { "line": 0, "character": character } });
        // Empty while the list of files is being made.
        let found = soon("files", async || {
            let found = peer.ok("textDocument/completion", ask(&prompt, character + 4)).await;
            (!found["items"][0].is_null()).then_some(found)
        })
        .await;
        let item = &found["items"][0];
        assert_eq!(item["textEdit"]["newText"], "@src/walk.rs", "{client} {found}");
        assert_eq!(item["textEdit"]["range"]["start"]["character"], character, "{client}");
        assert_eq!(item["textEdit"]["range"]["end"]["character"], character + 4, "{client}");
        assert_eq!((&item["filterText"], &item["sortText"]), (&json!("@src/walk.rs"), &json!("0000")));
        let resolved = peer.ok("completionItem/resolve", item.clone()).await;
        assert!(resolved["documentation"]["value"].as_str().unwrap().contains("struct Walk;"), "{resolved}");
        assert_eq!(resolved["label"], item["label"]);
        peer.open(&world.uri("README.md"), "@wlk\n");
        assert_eq!(peer.ok("textDocument/completion", ask(&world.uri("README.md"), 4)).await, Value::Null);
        assert_eq!(peer.ok("textDocument/completion", ask("file:///nowhere", 0)).await, Value::Null);
    }
}

#[tokio::test]
async fn commands_are_explained() {
    let world = world().await;
    let peer = Peer::with(&world, &Who::recorded("nvim-forky"), |_| None).await;
    let prompt = peer.command("glossator.edit", json!([])).await.unwrap()["uri"].as_str().unwrap().to_owned();
    peer.open(&prompt, "/mod");
    let place = json!({ "textDocument": { "uri": prompt }, "position": { "line": 0, "character": 4 } });
    let found = peer.ok("textDocument/completion", place).await;
    assert_eq!(
        (&found["isIncomplete"], &found["items"][0]["textEdit"]["newText"]),
        (&json!(false), &json!("/model "))
    );
    let resolved = peer.ok("completionItem/resolve", found["items"][0].clone()).await;
    let text = resolved["documentation"]["value"].as_str().unwrap();
    assert!(text.contains("/model [provider/model]") && text.contains("glossator.model"), "{text}");
}

/// What the model is sent of a prompt in the answer to `glossator.ask`.
async fn sent(world: &World, peer: &Peer, prompt: &str) -> String {
    let before = world.requests().len();
    peer.command("glossator.ask", json!([prompt])).await.unwrap();
    until("the model is asked", || world.requests().len() > before).await;
    last_user_text(&world.requests()[before].body)
}

#[tokio::test]
async fn mentions_become_what_they_point_at() {
    let world = world().await;
    let features = json!({ "glossator": { "version": 1, "features": ["turns", "updates", "diagnostics"] } });
    let reported = |asked: &Asked| {
        let range = json!({ "start": { "line": 3, "character": 7 }, "end": { "line": 3, "character": 11 } });
        let problem = json!({ "range": range, "severity": 2, "source": "rustc", "message": "never used" });
        let documents = json!([{ "uri": "file:///elsewhere/x.rs", "diagnostics": [problem] }]);
        (asked.method == "glossator/diagnostics/read")
            .then(|| Answer::Result(json!({ "documents": documents })))
    };
    let peer = Peer::with(&world, &Who::plain(json!({ "experimental": features })), reported).await;
    peer.open(&world.uri("src/other.rs"), "fn other() {}\n// unsaved\n");
    let prompt = "Look at @src/walk.rs#next, @src/other.rs:2 (not saved), @\"my notes.md\", @src/, @diagnostics and @nothing.rs; \
                  mail me@README.md, or `@README.md`";
    let text = sent(&world, &peer, prompt).await;
    let folder = format!("path=\"{}/", world.workspace().display());
    assert!(text.contains(&folder), "paths are told whole: {text}");
    let text = text.replace(&folder, "path=\"");
    for part in [
        "<selection path=\"src/walk.rs\" lines=\"4-6\">\n    fn next(&self) {\n        one();\n    }\n</selection>",
        "<selection path=\"src/other.rs\" lines=\"2-2\">\n// unsaved\n</selection>",
        "<mention path=\"my notes.md\"/>",
        "<mention path=\"src\"/>",
        "/elsewhere/x.rs:4:8 warning: never used (rustc)",
    ] {
        assert!(text.contains(part), "{part}\nin {text}");
    }
    assert!(!text.contains("path=\"nothing.rs\"") && !text.contains("path=\"README.md\""), "{text}");
    assert!(text.contains("@src/walk.rs#next, @src/other.rs:2"), "what was typed stays: {text}");
    let told = peer.shown(&["there is no file"]).await;
    assert!(told.contains("no file nothing.rs in the workspace"), "{told}");
}

#[tokio::test]
async fn a_session_can_be_mentioned_and_what_lies_outside_cannot() {
    let world = world().await;
    let peer = Peer::with(&world, &plain(), |_| None).await;
    let first = peer.first_turn("Tidy the parser").await;
    peer.command("glossator.newSession", json!([])).await.unwrap();
    let outside = world.settings_file();
    let prompt =
        format!("Go on as in @session:{}. See @{} and @.git/config", first.session, outside.display());
    let text = sent(&world, &peer, &prompt).await;
    assert!(text.contains("T-1 user: Tidy the parser") && text.contains("T-1 answer: Done."), "{text}");
    assert!(!text.contains("<mention"), "{text}");
}

#[tokio::test]
async fn many_files_keep_nobody_waiting() {
    let world = World::new(vec![]).await;
    for folder in 0..200 {
        let path = world.path(&format!("packages/p{folder}/src"));
        std::fs::create_dir_all(&path).unwrap();
        for file in 0..100 {
            std::fs::File::create(path.join(format!("module_{file}.ts"))).unwrap();
        }
    }
    let peer = Peer::with(&world, &plain(), |_| None).await;
    let started = Instant::now();
    let first = complete(&peer, "@p99mod7|").await;
    let took = started.elapsed();
    // The list is being made: an answer all the same.
    assert!(took < PATIENCE / 3, "{took:?}");
    assert!(first["incomplete"] == true, "{first}");
    // As long as it is made the answer says so; the next one behind that is complete.
    loop {
        let found = complete(&peer, "@p99mod7|").await;
        if found["incomplete"] == false {
            // Those of p99 and p199 with a 7, which are 19 each, and nothing else.
            assert_eq!(inserts(&found).len(), 38, "{found}");
            assert!(inserts(&found)[0].contains("/p99/src/module_7"), "{found}");
            break;
        }
        assert!(started.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let started = Instant::now();
    let found = complete(&peer, "@mod7|").await;
    let took = started.elapsed();
    println!("20,000 files, the list at hand: {took:?}");
    // Far more fit than are offered at once.
    assert!(inserts(&found).len() == 50 && found["incomplete"] == true, "{found}");
    assert!(took < PATIENCE / 3, "{took:?}");
}

#[tokio::test]
async fn odd_questions_get_answers() {
    let world = world().await;
    let peer = Peer::with(&world, &plain(), |_| None).await;
    for (text, line, character) in
        [("", 0, 0), ("@", 9, 9), ("@\u{1F600}", 0, 2), ("@a", 0, 99), ("/\n@", 1, 1)]
    {
        let position = json!({ "line": line, "character": character });
        let found = peer.ok("glossator/prompt/complete", json!({ "text": text, "position": position })).await;
        assert!(found["items"].is_array(), "{text:?} {found}");
    }
    let error = peer.refused("glossator/prompt/complete", json!({ "text": 1 })).await;
    assert!(!error.is_empty());
    peer.ok("completionItem/resolve", json!({ "label": "x", "data": { "of": "nothing" } })).await;
    peer.ok(
        "completionItem/resolve",
        json!({ "label": "x", "data": { "of": "file", "path": "/etc/passwd", "line": 0 } }),
    )
    .await;
}
