//! The tools of a session's desk: cabinet, board, plan, and whole files from keys. Through the dispatch, as scripts use them.
#![allow(clippy::disallowed_methods)]

use crate::testing::{Seen, call, dispatcher_in, script};
use crate::{Mode, Policy, Registry, Tasks};
use glossator_session::{BoardSource, ContextItem, ItemBody, StepStatus, ToolError, ToolErrorKind};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

struct World {
    seen: Arc<Seen>,
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> World {
        World { seen: Arc::default(), folder: tempfile::tempdir().unwrap() }
    }

    async fn call(&self, name: &str, arguments: Value) -> Result<Value, ToolError> {
        self.call_in(Mode::Enabled, name, arguments).await
    }

    async fn call_in(&self, mode: Mode, name: &str, arguments: Value) -> Result<Value, ToolError> {
        let root = self.folder.path().canonicalize().unwrap();
        let dispatcher = dispatcher_in(root, &self.seen, mode, Tasks::new(Vec::new()));
        let report =
            dispatcher.call(call(1, name, arguments), Some(script()), CancellationToken::new()).await;
        report.outcome.map(|output| output.value)
    }

    async fn fails(&self, name: &str, arguments: Value, words: &str) {
        let error = self.call(name, arguments).await.unwrap_err();
        assert_eq!(error.kind, ToolErrorKind::ToolFailed, "{error}");
        assert!(error.message.contains(words), "{error}");
    }

    fn board(&self) -> Vec<String> {
        use crate::Turn;
        let shown = |entry: glossator_session::BoardEntry| {
            let key = entry.key.map(|key| key.0).unwrap_or_default();
            format!("{} {} {key} {} {}", entry.id, entry.title, entry.bytes, entry.turns)
        };
        self.seen.board().into_iter().map(shown).collect()
    }

    fn read(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.folder.path().join(name)).ok()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }
}

#[tokio::test]
async fn a_text_goes_into_the_cabinet_and_comes_back_on_the_board() {
    let world = World::new();
    let long = (1..=2_000).map(|n| format!("line {n}\n")).collect::<String>();
    *world.seen.kept.lock() = vec!["short SECRET".to_owned(), long.clone()];
    let saved =
        world.call("saveToFC", json!({ "fileKey": "K1", "note": "about  the\nthing" })).await.unwrap();
    assert_eq!((&saved["fileKey"], &saved["note"]), (&json!("F1"), &json!("about the thing")));
    assert_eq!(saved["hint"], "await tools.fetchFromFC({ fileKey: \"F1\" })");
    // The other spelling, the key alone, and a text of its own; the first line is the note.
    let saved = world.call("saveToFc", json!("k2")).await.unwrap();
    assert_eq!((&saved["fileKey"], &saved["note"]), (&json!("F2"), &json!("line 1")));
    let saved = world.call("saveToFC", json!({ "text": "\n a SECRET\nb" })).await.unwrap();
    assert_eq!((&saved["fileKey"], &saved["note"]), (&json!("F3"), &json!("a [redacted]")));
    assert!(!world.seen.shelf.all.lock().iter().any(|(_, text)| text.contains("SECRET")));

    let fetched = world.call("fetchFromFC", json!(["F1", "f2", "F2"])).await.unwrap();
    let documents = fetched["documents"].as_array().unwrap();
    assert_eq!(documents.len(), 2);
    assert_eq!(documents[0]["text"], "short [redacted]");
    assert!(documents[1]["text"].is_null());
    let hint = documents[1]["hint"].as_str().unwrap();
    assert!(hint.starts_with("await tools.readFile({ fileKey: \"F2\", offset: "), "{hint}");
    assert_eq!(world.board(), ["B1 about the thing F1 16 5", &format!("B2 line 1 F2 {} 5", long.len())]);
    // What the hint says goes on where the board ends.
    let offset: usize = hint.split("offset: ").nth(1).unwrap().trim_end_matches(" })").parse().unwrap();
    let entry = crate::Turn::board(world.seen.as_ref()).remove(1);
    assert_eq!((entry.source, entry.text.lines().count()), (BoardSource::Cabinet, offset - 1));
    let read =
        world.call("readFile", json!({ "fileKey": "F2", "offset": offset, "limit": 1 })).await.unwrap();
    assert_eq!(read["text"], format!("line {offset}\n"));
    assert_eq!((&read["path"], &read["source"]), (&json!("F2"), &json!("kept")));
    // Fetched again it is shown anew, and not twice.
    world.call("fetchFromFc", json!({ "fileKey": "F1" })).await.unwrap();
    assert_eq!(world.board().len(), 2);
    assert_eq!(world.board()[1], "B1 about the thing F1 16 5");
    // An entry of the board can be read, and saved.
    assert_eq!(world.call("readFile", json!({ "fileKey": "B1" })).await.unwrap()["text"], "short [redacted]");
    world.fails("saveToFC", json!("B1"), "F1 is in the cabinet already").await;

    let listed = world.call("listFC", json!({})).await.unwrap();
    let keys: Vec<&Value> =
        listed["documents"].as_array().unwrap().iter().map(|one| &one["fileKey"]).collect();
    assert_eq!((keys, &listed["total"]), (vec![&json!("F3"), &json!("F2"), &json!("F1")], &json!(3)));
    assert!(listed["documents"][0].get("text").is_none());
    let some = world.call("listFc", json!("THING about")).await.unwrap();
    assert_eq!(some["documents"][0]["fileKey"], "F1");
    assert_eq!(some["documents"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn keys_that_name_nothing_are_told_with_what_there_is() {
    let world = World::new();
    world.fails("fetchFromFC", json!("F1"), "The cabinet is empty: await tools.saveToFC").await;
    let listed = world.call("listFC", json!({})).await.unwrap();
    assert!(listed["hint"].as_str().unwrap().starts_with("The cabinet is empty."), "{listed}");
    for note in ["parser notes", "release plan"] {
        world.call("saveToFC", json!({ "text": "x", "note": note })).await.unwrap();
    }
    world.seen.shelf.all.lock().remove(0);
    world.fails("fetchFromFC", json!(["F2", "F1"]), "no document F1 any more: documents go 30 days").await;
    world.fails("fetchFromFC", json!("the release plan"), "did you mean F2 (\"release plan\")?").await;
    world.fails("fetchFromFC", json!("K1"), "K1 is a text of this session").await;
    world.fails("readFile", json!({ "fileKey": "F7" }), "There are F2 (\"release plan\")").await;
    world.fails("saveToFC", json!("K1"), "no text under the key").await;
    world.fails("saveToFC", json!("B4"), "no entry B4 on the board (any more). The board is empty.").await;
    world.fails("board.remove", json!("B1\u{1b}"), "no entry B1\\x1b on").await;
    // One key too many costs nothing: not even the known one is shown.
    assert!(world.board().is_empty());
}

#[tokio::test]
async fn notes_stand_on_the_board_until_they_are_removed() {
    let world = World::new();
    let posted = world.call("board.post", json!("Mind the SECRET gap\nx")).await.unwrap();
    assert_eq!(posted, json!({ "id": "B1", "turns": 5 }));
    let long = "line\n".repeat(2_000);
    let posted = world.call("board.post", json!({ "text": long, "title": "T", "turns": 50 })).await.unwrap();
    assert_eq!((&posted["fileKey"], &posted["turns"]), (&json!("K1"), &json!(50)));
    assert_eq!(world.board(), ["B1 Mind the [redacted] gap  0 5", "B2 T K1 10000 50"]);
    assert!(crate::Turn::board(world.seen.as_ref()).iter().all(|entry| entry.text.len() <= 2048));
    assert_eq!(
        world.call("board.remove", json!("b1")).await.unwrap(),
        json!({ "id": "B1", "title": "Mind the [redacted] gap" })
    );
    world.fails("board.remove", json!("B1"), "The board has B2 (\"T\").").await;
    for _ in 0..23 {
        world.call("board.post", json!("x")).await.unwrap();
    }
    world.fails("board.post", json!("x"), "the board is full: it has 24 entries").await;
    *world.seen.keeps_nothing.lock() = Some("the disk is full".to_owned());
    world.fails("board.post", json!({ "text": "y".repeat(5_000) }), "the disk is full").await;
}

#[tokio::test]
async fn entries_that_are_posted_at_once_have_ids_of_their_own() {
    let world = World::new();
    world.call("saveToFC", json!({ "text": "x" })).await.unwrap();
    futures::future::join_all((0..20).map(|_| world.call("fetchFromFC", json!("F1")))).await;
    assert_eq!(world.board().len(), 1);
    world.call("board.remove", json!("B1")).await.unwrap();
    let posts = (0..20).map(|n| world.call("board.post", json!(format!("note {n}"))));
    futures::future::join_all(posts).await;
    let mut ids: Vec<String> =
        crate::Turn::board(world.seen.as_ref()).into_iter().map(|one| one.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 20);
}

#[tokio::test]
async fn a_plan_is_noted_when_it_changes() {
    let world = World::new();
    let steps = |second: &str| json!({ "steps": [{ "text": "Find\nit SECRET", "status": "completed" }, { "text": "Fix it", "status": second }] });
    let set = world.call("updatePlan", steps("inProgress")).await.unwrap();
    assert_eq!(set, json!({ "changed": true, "done": 1, "total": 2 }));
    let again = world.call("updatePlan", steps("in_progress")).await.unwrap();
    assert_eq!(again["changed"], false);
    assert_eq!(world.call("updatePlan", steps("done")).await.unwrap()["changed"], true);
    assert_eq!(world.call("updatePlan", json!({ "steps": [] })).await.unwrap()["total"], 0);
    let items = world.seen.items.lock();
    let plans: Vec<_> = items
        .iter()
        .filter_map(|item| match item {
            ItemBody::Context(ContextItem::Plan { steps, .. }) => Some(steps),
            _ => None,
        })
        .collect();
    assert_eq!(plans.len(), 3);
    assert_eq!(
        (plans[0][0].text.as_str(), plans[0][1].status),
        ("Find it [redacted]", StepStatus::InProgress)
    );
}

#[tokio::test]
async fn a_whole_file_is_written_as_an_edit() {
    let world = World::new();
    *world.seen.kept.lock() = vec!["kept\ntext\n".to_owned()];
    world.call("saveToFC", json!({ "text": "filed\n" })).await.unwrap();
    for (arguments, name, text) in [
        (json!({ "path": "a/b/new.txt", "content": "x\n" }), "a/b/new.txt", "x\n"),
        (json!({ "path": "key.txt", "fileKey": "K1" }), "key.txt", "kept\ntext\n"),
        (json!({ "path": "cabinet.txt", "fileKey": "F1" }), "cabinet.txt", "filed\n"),
        (json!({ "path": "empty.txt", "content": "" }), "empty.txt", ""),
        (json!({ "path": "crlf-new.txt", "content": "a\r\nb" }), "crlf-new.txt", "a\r\nb"),
        (json!({ "path": "key.txt", "content": "no end", "overwrite": true }), "key.txt", "no end"),
    ] {
        let made = world.call("writeFile", arguments).await.unwrap();
        assert_eq!(made["changeSet"], "c-1");
        assert_eq!(world.read(name).as_deref(), Some(text), "{name}");
    }
    *world.seen.kept.lock() = vec!["a [redacted] b".to_owned(), "[redacted]\n[redacted]".to_owned()];
    for (path, key, words) in [("m1", "K1", "K1 holds 1 mark `"), ("m2", "k2", "K2 holds 2 marks `")] {
        let made = world.call("writeFile", json!({ "path": path, "fileKey": key })).await.unwrap();
        assert!(made["warnings"][0].as_str().unwrap().contains(words), "{made}");
        assert!(world.read(path).unwrap().contains("[redacted]"));
    }
    let typed = json!({ "path": "m3", "content": "[redacted]" });
    assert_eq!(world.call("writeFile", typed).await.unwrap().get("warnings"), None);
    world.write("dos.txt", "one\r\ntwo\r\n");
    for content in ["x\ny\n", "x\r\ny\r\n"] {
        let again = json!({ "path": "dos.txt", "content": content, "overwrite": true });
        world.call("writeFile", again).await.unwrap();
        assert_eq!(world.read("dos.txt").as_deref(), Some("x\r\ny\r\n"));
    }
    std::fs::write(world.folder.path().join("latin.txt"), b"caf\xe9 au lait\n").unwrap();
    let latin = json!({ "path": "latin.txt", "content": "th\u{e9}\n", "overwrite": true });
    world.call("writeFile", latin).await.unwrap();
    assert_eq!(std::fs::read(world.folder.path().join("latin.txt")).unwrap(), b"th\xe9\n");

    let new = |path: &str| json!({ "path": path, "content": "z" });
    world
        .fails(
            "writeFile",
            new("dos.txt"),
            "dos.txt exists already (2 lines, 6 bytes): add `overwrite: true`",
        )
        .await;
    world.fails("writeFile", new("a/b"), "nothing was changed.").await;
    world.fails("writeFile", new("../out.txt"), "out.txt").await;
    world.fails("writeFile", new(".git/config"), ".git").await;
    world.fails("writeFile", json!({ "path": "q", "fileKey": "K9" }), "no text under the key").await;
    world
        .fails(
            "writeFile",
            json!({ "path": "latin.txt", "content": "\u{20ac}", "overwrite": true }),
            "latin.txt",
        )
        .await;
    assert_eq!(world.read("dos.txt").as_deref(), Some("x\r\ny\r\n"));
    assert!(world.read("q").is_none() && !Path::new(world.folder.path()).join("../out.txt").exists());
}

#[tokio::test]
async fn a_dry_run_files_and_posts_nothing() {
    let world = World::new();
    for (name, arguments) in [
        ("saveToFC", json!({ "text": "x" })),
        ("board.post", json!("x")),
        ("updatePlan", json!({ "steps": [{ "text": "a", "status": "done" }] })),
        ("writeFile", json!({ "path": "a", "content": "x" })),
        ("fetchFromFC", json!("F1")),
        ("listFC", json!({})),
    ] {
        world.call_in(Mode::DryRun, name, arguments).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    assert!(world.board().is_empty() && world.read("a").is_none());
    assert!(world.seen.shelf.all.lock().is_empty() && world.seen.count("plan") == 0);
}

#[tokio::test]
async fn what_is_the_sessions_own_is_never_asked_for() {
    let world = World::new();
    *world.seen.nobody.lock() = true;
    let root = world.folder.path().to_owned();
    let base = dispatcher_in(root, &world.seen, Mode::Enabled, Tasks::new(Vec::new()));
    let locked = crate::Dispatcher {
        policy: Policy::ReadOnly,
        trusted: false,
        registry: Registry::of_pack("read-only").unwrap(),
        ..base.as_ref().clone()
    };
    for (name, arguments) in
        [("saveToFC", json!({ "text": "x" })), ("fetchFromFC", json!("F1")), ("board.post", json!("x"))]
    {
        let report = locked.call(call(1, name, arguments), None, CancellationToken::new()).await;
        assert!(report.outcome.is_ok(), "{name} {:?}", report.outcome);
    }
    let refused = locked.call(call(1, "writeFile", json!({})), None, CancellationToken::new()).await;
    assert_eq!(refused.outcome.unwrap_err().kind, ToolErrorKind::ToolNotFound);
}

#[tokio::test]
async fn the_log_keeps_the_ends_of_what_is_long() {
    let world = World::new();
    let long = format!("{}SECRET\n{}", "a\n".repeat(4_000), "b\n".repeat(20_000));
    world.call("writeFile", json!({ "path": "long.txt", "content": long })).await.unwrap();
    let read = world.call("readFile", json!({ "path": "long.txt", "limit": 30_000 })).await.unwrap();
    assert_eq!(read["hash"].as_str().unwrap().len(), 64);
    let items = world.seen.items.lock();
    for item in items.iter() {
        let json = serde_json::to_string(item).unwrap();
        assert!(json.len() < 17 * 1024 && !json.contains("SECRET"), "{} bytes", json.len());
    }
    let kept = |item: &ItemBody| match item {
        ItemBody::ToolOutput { outcome: Ok(output), .. } => output.value.get("hash").cloned(),
        _ => None,
    };
    assert_eq!(items.iter().filter_map(kept).next_back(), Some(read["hash"].clone()));
}
