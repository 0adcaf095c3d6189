//! Sessions, context, board, cabinet and spending over the protocol: each message, bad input of each, updates by `seq`, two
//! connections to one workspace, and the commands of clients that have nothing but LSP.

use crate::harness::{Answer, Asked, Peer, Reply, Who, World, script, until};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use url::Url;

/// A client without the extension that has dialogs, or none.
fn plain(dialogs: bool) -> Who {
    let mut window = json!({ "workDoneProgress": true });
    if dialogs {
        window["showMessage"] = json!({ "messageActionItem": { "additionalPropertiesSupport": false } });
    }
    let workspace = json!({ "applyEdit": true, "workspaceEdit": { "documentChanges": true } });
    Who::plain(json!({ "workspace": workspace, "window": window }))
}

async fn world() -> World {
    World::answering(|_| Reply::Text("Noted.".to_owned())).await
}

/// A session with these prompts.
async fn talked(peer: &Peer, prompts: &[&str]) -> String {
    let session = peer.new_session().await;
    for prompt in prompts {
        peer.turn(&session, prompt).await.assert("done");
    }
    session
}

async fn session(peer: &Peer, method: &str, params: Value) -> Value {
    peer.ok(&format!("glossator/session/{method}"), params).await
}

async fn ids(peer: &Peer, params: Value) -> Vec<String> {
    let listed = session(peer, "list", params).await;
    listed["sessions"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

fn prompts(read: &Value) -> Vec<String> {
    let items = read["items"].as_array().unwrap().iter().filter(|item| item["kind"] == "userMessage");
    items.map(|item| item["input"][0]["text"].as_str().unwrap().to_owned()).collect()
}

fn text_of(uri: &Value) -> String {
    std::fs::read_to_string(path(uri)).unwrap()
}

fn path(uri: &Value) -> PathBuf {
    Url::parse(uri.as_str().unwrap()).unwrap().to_file_path().unwrap()
}

#[tokio::test]
async fn sessions_are_listed_named_put_away_and_deleted() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let one = talked(&peer, &["Look at the parser"]).await;
    let two = talked(&peer, &["Look at the lexer", "Go on"]).await;
    assert_eq!(ids(&peer, json!({})).await, [two.clone(), one.clone()]);
    assert_eq!(ids(&peer, json!({ "text": "parser" })).await, std::slice::from_ref(&one));
    assert_eq!(ids(&peer, json!({ "model": "scripted" })).await.len(), 2);
    assert!(ids(&peer, json!({ "model": "nobody" })).await.is_empty());
    assert!(ids(&peer, json!({ "since": 4_000_000_000_000_i64 })).await.is_empty());
    assert!(ids(&peer, json!({ "until": 5 })).await.is_empty());
    let first = session(&peer, "list", json!({ "limit": 1 })).await;
    assert_eq!(first["sessions"][0]["id"], json!(two));
    assert_eq!(first["sessions"][0]["turns"], 2);
    let rest = ids(&peer, json!({ "limit": 1, "before": first["next"] })).await;
    assert_eq!(rest, std::slice::from_ref(&one));
    // Renamed: told to those who watch, and listed.
    let named = json!({ "sessionId": one, "title": "  Parser\nclean-up \u{1b}[31m `x` 日本 " });
    let renamed = session(&peer, "rename", named).await;
    assert_eq!(renamed["title"], "Parser clean-up [31m `x` 日本");
    peer.wait("the new name", |message| {
        let update = &message.params["update"];
        let is_it = message.params["sessionId"] == json!(one) && update["kind"] == "session";
        (is_it && update["title"] == renamed["title"]).then_some(())
    })
    .await;
    let listed = session(&peer, "list", json!({ "text": "clean-up" })).await;
    assert_eq!(listed["sessions"][0]["title"], renamed["title"]);
    // Put away and brought back.
    assert_eq!(session(&peer, "archive", json!({ "sessionId": one })).await["archived"], true);
    assert_eq!(ids(&peer, json!({})).await, std::slice::from_ref(&two));
    assert_eq!(ids(&peer, json!({ "archived": true })).await, std::slice::from_ref(&one));
    session(&peer, "archive", json!({ "sessionId": one, "archived": false })).await;
    assert_eq!(ids(&peer, json!({})).await.len(), 2);
    // Deleted.
    let gone = session(&peer, "delete", json!({ "sessionId": two })).await;
    assert!(gone["bytes"].as_u64().unwrap() > 0, "{gone}");
    assert_eq!(ids(&peer, json!({})).await, std::slice::from_ref(&one));
    let why = peer.refused("glossator/session/read", json!({ "sessionId": two })).await;
    assert!(why.contains("glossator/session/list"), "{why}");
}

#[tokio::test]
async fn sessions_are_searched() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let session_id = talked(&peer, &["Why does parseDate fail?", "And the lexer?"]).await;
    let found = session(&peer, "search", json!({ "text": "parseDate", "kinds": ["prompt"] })).await;
    let hit = &found["hits"][0];
    assert_eq!(
        (&hit["sessionId"], &hit["turnId"], &hit["kind"]),
        (&json!(session_id), &json!("T-1"), &json!("prompt"))
    );
    let snippet = hit["snippet"].as_str().unwrap();
    let marked = hit["marks"].as_array().unwrap().iter().map(|mark| {
        let at = |which: usize| mark[which].as_u64().unwrap() as usize;
        &snippet[at(0)..at(1)]
    });
    assert_eq!(marked.collect::<String>(), "parseDate");
    let in_answers = session(&peer, "search", json!({ "text": "noted", "kinds": ["answer"] })).await;
    assert!(!in_answers["hits"].as_array().unwrap().is_empty());
    // Whatever is typed is searched for, never an error of the engine.
    for text in
        ["\"", "(a OR", "a AND NOT", "*", "in:", "before:yesterday x", "'); DROP TABLE", "\u{0}a", "-a"]
    {
        session(&peer, "search", json!({ "text": text })).await;
    }
}

#[tokio::test]
async fn sessions_are_read_by_pages() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let id = talked(&peer, &["one", "two", "three", "four", "five"]).await;
    let read = async |more: Value| {
        let mut params = json!({ "sessionId": id });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        session(&peer, "read", params).await
    };
    let all = read(json!({})).await;
    assert_eq!(prompts(&all), ["one", "two", "three", "four", "five"]);
    assert_eq!((&all["first"], &all["more"]), (&json!("T-1"), &json!(false)));
    let newest = read(json!({ "turns": 2 })).await;
    assert_eq!(prompts(&newest), ["four", "five"]);
    assert_eq!(
        (&newest["first"], &newest["more"], &newest["seq"]),
        (&json!("T-4"), &json!(true), &all["seq"])
    );
    let older = read(json!({ "before": newest["first"], "turns": 2 })).await;
    assert_eq!(prompts(&older), ["two", "three"]);
    assert_eq!(older["more"], true);
    let oldest = read(json!({ "before": older["first"] })).await;
    assert_eq!((prompts(&oldest), &oldest["more"]), (vec!["one".to_owned()], &json!(false)));
    assert!(prompts(&read(json!({ "before": "T-1" })).await).is_empty());
    assert_eq!(prompts(&read(json!({ "turns": 4_294_967_295_u32 })).await).len(), 5);
    assert_eq!(prompts(&read(json!({ "turns": 0 })).await), ["five"]);
    assert_eq!(prompts(&read(json!({ "before": "T-4294967295", "turns": 1 })).await), ["five"]);
}

#[tokio::test]
async fn a_gap_is_filled_by_updates() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let id = talked(&peer, &["one"]).await;
    let before = session(&peer, "read", json!({ "sessionId": id })).await["seq"].as_u64().unwrap();
    peer.turn(&id, "two").await;
    let read = session(&peer, "read", json!({ "sessionId": id, "afterSeq": before })).await;
    assert!(read.get("items").is_none(), "{read}");
    let updates = read["updates"].as_array().unwrap();
    let seqs: Vec<u64> = updates.iter().map(|one| one["seq"].as_u64().unwrap()).collect();
    assert!(seqs.iter().all(|seq| *seq > before) && seqs.is_sorted(), "{seqs:?}");
    let kinds: Vec<&str> = updates.iter().map(|one| one["update"]["kind"].as_str().unwrap()).collect();
    assert_eq!((kinds[0], kinds[kinds.len() - 1]), ("turnStarted", "turnCompleted"));
    // Each was told in just these words.
    for update in updates {
        let told = peer.messages().into_iter().any(|message| message.params == *update);
        assert!(told, "{update}");
    }
    // Nothing came since; and a number that was never given out is answered with everything.
    let now = read["seq"].clone();
    let none = session(&peer, "read", json!({ "sessionId": id, "afterSeq": now })).await;
    assert_eq!((&none["updates"], &none["seq"]), (&json!([]), &now));
    let far = session(&peer, "read", json!({ "sessionId": id, "afterSeq": u64::MAX })).await;
    assert_eq!(prompts(&far), ["one", "two"]);
}

#[tokio::test]
async fn a_restart_is_resumed_with_what_is_pending() {
    let edit = "*** Begin Patch\n*** Add File: new.txt\n+hello\n*** End Patch\n";
    let world = World::new(vec![
        script(&format!("await tools.applyPatch({{ patch: {} }});", json!(edit))),
        Reply::Text("Done.".to_owned()),
        Reply::Hang,
    ])
    .await;
    let mut peer = Peer::allowing(&world).await;
    let id = talked(&peer, &["Make it"]).await;
    peer.start_turn(&id, "And now?").await;
    until("the request was sent", || world.model.requests().len() == 3).await;
    peer.kill().await;
    drop(peer);
    let peer = Peer::start(&world).await;
    let resumed = session(&peer, "resume", json!({})).await;
    assert_eq!(resumed["read"]["session"]["id"], json!(id));
    assert_eq!(prompts(&resumed["read"]), ["Make it", "And now?"]);
    let left = &resumed["left"];
    assert_eq!((&left["interrupted"], &left["hunks"]), (&json!("T-2"), &json!(1)));
    assert_eq!(left["files"], json!(["new.txt"]));
    let message = left["message"].as_str().unwrap();
    assert!(message.contains("T-2 was interrupted") && message.contains("One hunk waits"), "{message}");
    assert!(
        peer.refused("glossator/session/resume", json!({ "sessionId": "none" })).await.contains("no session")
    );
}

#[tokio::test]
async fn forks_share_their_past() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let id = talked(&peer, &["one", "two", "tertium"]).await;
    let fork =
        session(&peer, "fork", json!({ "sessionId": id, "turnId": "T-2", "title": "Another way" })).await;
    let fork = &fork["session"];
    assert_eq!(
        (&fork["title"], &fork["parent"]),
        (&json!("Another way"), &json!({ "sessionId": id, "turnId": "T-2" }))
    );
    let new = fork["id"].as_str().unwrap().to_owned();
    assert_eq!(prompts(&session(&peer, "read", json!({ "sessionId": new })).await), ["one", "two"]);
    peer.turn(&new, "four").await.assert("done");
    let read = session(&peer, "read", json!({ "sessionId": new })).await;
    assert_eq!(prompts(&read), ["one", "two", "four"]);
    assert_eq!(read["items"].as_array().unwrap().last().unwrap()["turn"], "T-3");
    // The model is sent the shared past as its own.
    let sent = world.requests().last().unwrap().body.to_string();
    assert!(sent.contains("two") && !sent.contains("tertium"), "{sent}");
    // Its parent goes; it stays whole.
    session(&peer, "delete", json!({ "sessionId": id })).await;
    assert_eq!(prompts(&session(&peer, "read", json!({ "sessionId": new })).await), ["one", "two", "four"]);
    let bad = peer.refused("glossator/session/fork", json!({ "sessionId": new, "turnId": "T-9" })).await;
    assert!(bad.contains("T-9"), "{bad}");
    assert!(
        peer.refused("glossator/session/fork", json!({ "sessionId": new, "turnId": "2" }))
            .await
            .contains("T-12")
    );
}

#[tokio::test]
async fn exports_are_texts_or_files_and_come_back() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let id = talked(&peer, &["Fences ``` and # marks", "two"]).await;
    let markdown = session(&peer, "export", json!({ "sessionId": id })).await;
    let text = markdown["text"].as_str().unwrap();
    assert!(text.contains("Fences ``` and # marks") && text.contains("Noted."), "{text}");
    let lines = session(&peer, "export", json!({ "sessionId": id, "format": "jsonl" })).await;
    assert_eq!(lines["bytes"].as_u64().unwrap() as usize, lines["text"].as_str().unwrap().len());
    let taken = session(&peer, "import", json!({ "text": lines["text"] })).await;
    let new = taken["session"]["id"].as_str().unwrap();
    assert_ne!(new, id);
    assert_eq!(prompts(&session(&peer, "read", json!({ "sessionId": new })).await).len(), 2);
    let file = world.root().join("a b.jsonl");
    std::fs::write(&file, lines["text"].as_str().unwrap()).unwrap();
    session(&peer, "import", json!({ "path": file })).await;
    for (bad, words) in [
        (json!({}), "either"),
        (json!({ "text": "a", "path": "/b" }), "either"),
        (json!({ "path": "relative.jsonl" }), "absolute"),
        (json!({ "path": world.root().join("none") }), "none"),
        (json!({ "path": world.root() }), "not a file"),
        (json!({ "text": "" }), ""),
        (json!({ "text": "no export\n" }), ""),
    ] {
        let why = peer.refused("glossator/session/import", bad.clone()).await;
        assert!(why.contains(words), "{bad}: {why}");
    }
    assert_eq!(ids(&peer, json!({})).await.len(), 3, "nothing came of bad imports");
    // A long one is a file.
    let long = talked(&peer, &[&"long ".repeat(300_000)]).await;
    let exported = session(&peer, "export", json!({ "sessionId": long, "format": "jsonl" })).await;
    assert!(exported.get("text").is_none(), "the text is long");
    let path = exported["path"].as_str().unwrap();
    assert!(path.starts_with(world.state().to_str().unwrap()), "{path}");
    assert_eq!(std::fs::metadata(path).unwrap().len(), exported["bytes"].as_u64().unwrap());
}

#[tokio::test]
async fn a_session_is_configured_from_its_next_turn_on() {
    let world = world().await;
    world.settings("", "[agents.reviewer]\nmodel = \"scripted/other-model\"\nrole = \"You review.\"");
    let peer = Peer::start(&world).await;
    let id = peer.new_session().await;
    let configure = async |more: Value| {
        let mut params = json!({ "sessionId": id });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        peer.request("glossator/session/configure", params).await
    };
    let done = configure(json!({ "pack": "read-only", "policy": "read-only" })).await.unwrap();
    assert_eq!((&done["pack"], &done["policy"]), (&json!("read-only"), &json!("read-only")));
    peer.turn(&id, "one").await.assert("done");
    let done = configure(json!({ "model": "scripted/third-model" })).await.unwrap();
    assert_eq!(done["model"], "scripted/third-model");
    assert!(done["message"].as_str().unwrap().contains("Thinking"), "{done}");
    peer.turn(&id, "two").await.assert("done");
    assert_eq!(world.requests().last().unwrap().body["model"], "third-model");
    // What would move the prefix, and what there is not.
    for (bad, words) in [
        (json!({ "pack": "core" }), "never change"),
        (json!({ "model": "nowhere/model" }), "nowhere"),
        (json!({ "policy": "yolo" }), "policy"),
        (json!({ "agents": ["nobody"] }), "reviewer"),
    ] {
        let error = configure(bad.clone()).await.unwrap_err();
        let why = error["message"].as_str().unwrap().to_owned();
        assert!(why.contains(words), "{bad}: {why}");
    }
    let done = configure(json!({ "pack": "read-only", "model": "" })).await.unwrap();
    assert_eq!((&done["pack"], &done["model"]), (&json!("read-only"), &json!("scripted/scripted-model")));
    // Kept with the session.
    configure(json!({ "model": "scripted/third-model" })).await.unwrap();
    assert_eq!(peer.leave().await, 0);
    let peer = Peer::start(&world).await;
    peer.turn(&id, "three").await.assert("done");
    assert_eq!(world.requests().last().unwrap().body["model"], "third-model");
}

#[tokio::test]
async fn of_two_choices_at_once_none_is_lost() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let id = peer.new_session().await;
    let configure = |key: &str, value: &str| {
        peer.ok("glossator/session/configure", json!({ "sessionId": id, key: value }))
    };
    for (model, policy) in [("scripted/a", "read-only"), ("scripted/b", "full"), ("scripted/c", "ask")] {
        tokio::join!(configure("model", model), configure("policy", policy));
        let now = peer.ok("glossator/session/configure", json!({ "sessionId": id })).await;
        assert_eq!((&now["model"], &now["policy"]), (&json!(model), &json!(policy)));
    }
}

#[tokio::test]
async fn prompts_go_to_agents_and_updates_say_whose_they_are() {
    let world = world().await;
    world.settings("", "[agents.reviewer]\nmodel = \"scripted/other-model\"\nrole = \"You review.\"");
    let peer = Peer::start(&world).await;
    let id = talked(&peer, &["one"]).await;
    let input = json!([{ "kind": "text", "text": "Look at it" }]);
    let params = json!({ "sessionId": id, "input": input, "agents": ["reviewer"] });
    let turn = peer.ok("glossator/turn/start", params).await["turnId"].as_str().unwrap().to_owned();
    let ended = peer.end(&id, &turn).await;
    ended.assert("done");
    assert_eq!(world.requests().last().unwrap().body["model"], "other-model");
    assert_eq!(ended.items("answer")[0]["agent"], "reviewer");
    let delta = ended.updates("itemDelta").into_iter().find(|update| update["agent"] == "reviewer");
    assert_eq!(delta.expect("fragments name their agent")["stream"], "answer");
    // Those whom the session is configured to, unless the prompt names others.
    session(&peer, "configure", json!({ "sessionId": id, "agents": ["reviewer"] })).await;
    assert_eq!(peer.turn(&id, "Again").await.items("answer")[0]["agent"], "reviewer");
    assert!(peer.turn(&id, "@session you now").await.items("answer")[0].get("agent").is_none());
    let unknown = json!({ "sessionId": id, "input": input, "agents": ["nobody"] });
    assert!(peer.refused("glossator/turn/start", unknown).await.contains("nobody"));
}

#[tokio::test]
async fn what_is_sent_is_shown_before_and_after() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let id = peer.new_session().await;
    let input = json!([{ "kind": "text", "text": "Make this iterative" }]);
    let preview = peer.ok("glossator/context/preview", json!({ "sessionId": id, "input": input })).await;
    let pieces = preview["pieces"].as_array().unwrap();
    assert!(pieces.iter().any(|piece| piece["text"].as_str().unwrap().contains("Make this iterative")));
    let sum: u64 = pieces.iter().map(|piece| piece["tokens"].as_u64().unwrap()).sum();
    assert!(sum > 0 && preview["tokens"].as_u64().unwrap() > 0);
    assert!(world.requests().is_empty(), "nothing is sent");
    assert!(ids(&peer, json!({})).await.is_empty(), "nothing is kept");
    let why = peer.refused("glossator/context/sent", json!({ "sessionId": id })).await;
    assert!(!why.is_empty());
    peer.turn(&id, "Make this iterative").await.assert("done");
    let sent =
        peer.ok("glossator/context/sent", json!({ "sessionId": id, "turnId": "T-1", "round": 1 })).await;
    assert_eq!(sent["exact"], true, "{sent}");
    assert_eq!(
        serde_json::from_str::<Value>(sent["body"].as_str().unwrap()).unwrap(),
        world.requests()[0].body
    );
    assert_eq!(sent["request"]["model"], "scripted/scripted-model");
    let latest = peer.ok("glossator/context/sent", json!({ "sessionId": id })).await;
    assert_eq!((&latest["turnId"], &latest["round"]), (&json!("T-1"), &json!(1)));
    for bad in [
        json!({ "sessionId": id, "turnId": "T-9" }),
        json!({ "sessionId": id, "turnId": "T-1", "round": 9 }),
        json!({ "sessionId": id, "turnId": "one" }),
        json!({ "sessionId": id, "round": 1 }),
        json!({ "sessionId": "none" }),
    ] {
        peer.refused("glossator/context/sent", bad).await;
    }
    peer.refused("glossator/context/preview", json!({ "sessionId": "none", "input": input })).await;
}

#[tokio::test]
async fn board_cabinet_and_spending_are_read_and_written() {
    let world = world().await;
    world.settings("", "[budget]\nsession_tokens = 1000000\nday_usd = 5.0");
    let peer = Peer::start(&world).await;
    let id = talked(&peer, &["one"]).await;
    let board = |more: Value| {
        let mut params = json!({ "sessionId": id });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    let note = json!({ "title": "Freeze", "text": "Do not touch the lexer.", "turns": 3 });
    let posted = peer.ok("glossator/board/post", board(note.clone())).await;
    let read = peer.ok("glossator/board/read", board(json!({}))).await;
    assert_eq!(read["entries"][0]["id"], posted["id"]);
    assert_eq!(read["entries"][0]["text"], note["text"]);
    peer.turn(&id, "two").await.assert("done");
    assert!(world.requests().last().unwrap().body.to_string().contains("Do not touch the lexer."));
    for bad in [json!({ "turns": 0 }), json!({ "turns": 51 }), json!({ "text": " \n" })] {
        let mut params = note.clone();
        params.as_object_mut().unwrap().extend(bad.as_object().unwrap().clone());
        peer.refused("glossator/board/post", board(params)).await;
    }
    let removed = peer.ok("glossator/board/remove", board(json!({ "id": posted["id"] }))).await;
    assert_eq!(removed["removed"], true);
    let again = peer.ok("glossator/board/remove", board(json!({ "id": posted["id"] }))).await;
    assert_eq!(again["removed"], false);
    assert_eq!(peer.ok("glossator/board/read", board(json!({}))).await["entries"], json!([]));
    // The cabinet is the workspace's.
    let saved = peer.ok("glossator/cabinet/save", json!({ "text": "a = b ;", "note": "the grammar" })).await;
    let listed = peer.ok("glossator/cabinet/list", json!({})).await;
    assert_eq!(listed["documents"][0]["key"], saved["key"]);
    assert_eq!(listed["documents"][0]["note"], "the grammar");
    let read = peer.ok("glossator/cabinet/read", json!({ "key": saved["key"] })).await;
    assert_eq!(read["text"], "a = b ;");
    peer.refused("glossator/cabinet/save", json!({ "text": "a", "note": " " })).await;
    peer.refused("glossator/cabinet/read", json!({ "key": "F99" })).await;
    peer.refused("glossator/cabinet/read", json!({ "key": "../../a" })).await;
    assert_eq!(peer.ok("glossator/cabinet/delete", json!({ "key": saved["key"] })).await["deleted"], true);
    assert_eq!(peer.ok("glossator/cabinet/delete", json!({ "key": saved["key"] })).await["deleted"], false);
    // Spending.
    let spent = peer.ok("glossator/usage/read", json!({ "sessionId": id })).await;
    assert_eq!(spent["session"]["turns"], 2);
    let tokens = spent["session"]["usage"]["input"].as_u64().unwrap();
    assert!(tokens > 0 && spent["day"]["tokens"].as_u64().unwrap() > 0, "{spent}");
    let left = |key: &str| spent["budgets"].as_array().unwrap().iter().find(|one| one["key"] == key).cloned();
    assert!(left("session_tokens").unwrap()["left"].as_u64().unwrap() < 1_000_000);
    assert_eq!(left("day_usd").unwrap()["limit"], 5_000_000);
    assert_eq!(peer.ok("glossator/usage/read", json!({ "day": "2001-01-01" })).await["day"]["tokens"], 0);
    peer.refused("glossator/usage/read", json!({ "day": "../../etc" })).await;
    peer.refused("glossator/usage/read", json!({ "sessionId": "none" })).await;
}

#[tokio::test]
async fn bad_input_is_refused_with_a_reason_and_changes_nothing() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let id = talked(&peer, &["one"]).await;
    let of_session = [
        ("session/read", json!({})),
        ("session/resume", json!({})),
        ("session/fork", json!({})),
        ("session/rename", json!({ "title": "x" })),
        ("session/archive", json!({})),
        ("session/delete", json!({})),
        ("session/export", json!({})),
        ("session/configure", json!({ "policy": "ask" })),
        ("session/compact", json!({})),
        ("context/preview", json!({})),
        ("context/sent", json!({})),
        ("board/read", json!({})),
        ("board/post", json!({ "title": "a", "text": "b" })),
        ("board/remove", json!({ "id": "B1" })),
    ];
    for (method, params) in &of_session {
        for session in ["none", "", "..", "../../x", "a\0b", &"x".repeat(5000)] {
            let mut params = params.clone();
            params["sessionId"] = json!(session);
            let why = peer.refused(&format!("glossator/{method}"), params).await;
            assert!(!why.is_empty(), "{method} {session}");
        }
        for wrong in [json!(7), json!(null), json!(["a"]), json!({ "id": 1 })] {
            let mut params = params.clone();
            params["sessionId"] = wrong.clone();
            if *method == "session/resume" && wrong.is_null() {
                continue;
            }
            peer.refused(&format!("glossator/{method}"), params).await;
        }
    }
    assert_eq!(ids(&peer, json!({ "limit": 4_000_000_000_u32 })).await, std::slice::from_ref(&id));
    assert_eq!(prompts(&session(&peer, "read", json!({ "sessionId": id })).await), ["one"]);
    let states: Vec<_> = std::fs::read_dir(world.state().join("workspaces")).unwrap().collect();
    assert_eq!(states.len(), 1);
}

#[tokio::test]
async fn wrong_words_are_refused_with_a_reason() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let id = talked(&peer, &["one"]).await;
    for (method, params) in [
        ("session/rename", json!({ "sessionId": id, "title": " \n" })),
        ("session/list", json!({ "before": "nonsense" })),
        ("session/list", json!({ "limit": -1 })),
        ("session/search", json!({ "text": "" })),
        ("session/search", json!({ "text": "a", "kinds": ["poem"] })),
        ("session/search", json!({ "text": 1 })),
        ("session/read", json!({ "sessionId": id, "before": "four" })),
        ("session/read", json!({ "sessionId": id, "turns": "all" })),
        ("session/export", json!({ "sessionId": id, "format": "pdf" })),
        ("session/new", json!({ "title": 4 })),
        (
            "turn/start",
            json!({ "sessionId": id, "input": [{ "kind": "image", "mediaType": "image/tiff", "data": "QUJD" }] }),
        ),
        (
            "turn/start",
            json!({ "sessionId": id, "input": [{ "kind": "image", "mediaType": "image/png", "data": "?" }] }),
        ),
    ] {
        let why = peer.refused(&format!("glossator/{method}"), params).await;
        assert!(!why.is_empty(), "{method}");
    }
    assert_eq!(prompts(&session(&peer, "read", json!({ "sessionId": id })).await), ["one"]);
}

#[tokio::test]
async fn what_runs_cannot_be_deleted_or_compacted() {
    let world = World::new(vec![Reply::Text("Noted.".to_owned()), Reply::Hang]).await;
    let peer = Peer::start(&world).await;
    let id = talked(&peer, &["one"]).await;
    let turn = peer.start_turn(&id, "two").await;
    until("the request was sent", || world.model.requests().len() == 2).await;
    for method in ["delete", "compact"] {
        let why = peer.refused(&format!("glossator/session/{method}"), json!({ "sessionId": id })).await;
        assert!(why.contains("T-2") || why.contains("running"), "{why}");
    }
    // Finished turns can be forked meanwhile.
    let fork = session(&peer, "fork", json!({ "sessionId": id })).await;
    assert_eq!(fork["session"]["parent"]["turnId"], "T-1");
    assert!(
        peer.refused("glossator/session/fork", json!({ "sessionId": id, "turnId": "T-2" }))
            .await
            .contains("T-2")
    );
    peer.interrupt(&id).await;
    peer.end(&id, &turn).await.assert("interrupted");
}

#[tokio::test]
async fn compaction_is_a_turn_that_is_told() {
    let world = World::answering(|body| {
        let asked = body.to_string();
        let reply = if asked.contains("hand-over") {
            &"# State\nThe user said one and two, and nothing came of it. ".repeat(20)
        } else {
            "Noted."
        };
        Reply::Text(reply.to_owned())
    })
    .await;
    let peer = Peer::start(&world).await;
    let id = talked(&peer, &["one", "two"]).await;
    let started = session(&peer, "compact", json!({ "sessionId": id })).await;
    let turn = started["turnId"].as_str().unwrap();
    let ended = peer.end(&id, turn).await;
    ended.assert("done");
    assert_eq!(ended.items("compaction").len(), 1, "{ended:#?}");
    peer.turn(&id, "three").await.assert("done");
    let why =
        peer.refused("glossator/session/compact", json!({ "sessionId": peer.new_session().await })).await;
    assert!(!why.is_empty());
}

#[tokio::test]
async fn the_editor_says_what_its_user_sees() {
    let world = world().await;
    world.write("a.rs", "fn a() {}\n");
    world.write("b.rs", "fn b() {}\n");
    let peer = Peer::start(&world).await;
    let (a, b) = (world.uri("a.rs"), world.uri("b.rs"));
    peer.open(&a, "fn a() {}\n");
    peer.open(&b, "fn b() {}\n");
    peer.type_over(&a, "fn aa() {}\n");
    let id = talked(&peer, &["one"]).await;
    let seen = |at: usize| world.requests()[at].body["messages"].to_string();
    let told = seen(0);
    assert!(told.contains("a.rs") && told.contains("b.rs") && told.contains("unsaved"), "{told}");
    // With the prompt, by clients that know more.
    let editor = json!({
        "active": { "uri": b, "selection": { "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 5 } } },
        "open": [b],
    });
    let params = json!({ "sessionId": id, "input": [{ "kind": "text", "text": "two" }], "editor": editor });
    let turn = peer.ok("glossator/turn/start", params).await["turnId"].as_str().unwrap().to_owned();
    peer.end(&id, &turn).await.assert("done");
    assert_ne!(seen(1).matches("b.rs").count(), seen(0).matches("b.rs").count());
}

#[tokio::test]
async fn a_client_that_names_it_is_asked_what_its_user_sees() {
    let world = world().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let (counter, tab) = (asked.clone(), world.uri("seen.txt"));
    let features = json!(["sessions", "turns", "updates", "editor"]);
    let who = Who::plain(json!({
        "general": { "positionEncodings": ["utf-8"] },
        "experimental": { "glossator": { "version": 1, "features": features } },
    }));
    let peer = Peer::with(&world, &who, move |one: &Asked| {
        (one.method == "glossator/editor/state").then(|| match counter.fetch_add(1, Ordering::SeqCst) {
            0 => Answer::Result(json!({ "open": [tab] })),
            1 => Answer::Error(-32601, "no".to_owned()),
            // One that never answers holds nothing up.
            _ => Answer::Silence,
        })
    })
    .await;
    talked(&peer, &["one", "two", "three"]).await;
    assert_eq!(asked.load(Ordering::SeqCst), 3);
    assert!(world.requests()[0].body["messages"].to_string().contains("seen.txt"));
    let plain = Peer::start(&world).await;
    talked(&plain, &["four"]).await;
    assert!(!plain.messages().iter().any(|one| one.method == "glossator/editor/state"));
}

/// Two editors of one workspace through one core: both see all, open questions are put to the one that comes later.
#[tokio::test]
async fn two_connections_share_a_session() {
    let world = World::new(vec![
        script("await tools.exec({ command: ['touch', 'made.txt'] });"),
        Reply::Text("Done.".to_owned()),
        Reply::Text("Noted.".to_owned()),
    ])
    .await
    .with_core();
    let one = Peer::start(&world).await;
    let id = one.new_session().await;
    let turn = one.start_turn(&id, "Make it").await;
    let asks = one.asks(&id, &turn, 1).await;
    // The second comes in the middle: the turn is shown, and its question put to it, without a word of its own.
    let two = Peer::start(&world).await;
    let put = two
        .wait("the question", |one| (one.method == "glossator/approval/ask").then(|| one.params.clone()))
        .await;
    assert_eq!((&put["ask"]["id"], &put["turnId"]), (&asks[0]["id"], &json!(turn)));
    let read = session(&two, "read", json!({ "sessionId": id })).await;
    assert_eq!((&read["running"], &read["asks"][0]["id"]), (&json!(turn), &asks[0]["id"]));
    two.command("glossator.approve", json!([])).await.unwrap();
    let (at_one, at_two) = (one.end(&id, &turn).await, two.end(&id, &turn).await);
    at_one.assert("done");
    assert_eq!(at_two.status, "done");
    // The one's next turn is the other's, too, number for number.
    let next = one.turn(&id, "And?").await;
    let seen = two.end(&id, "T-2").await;
    assert_eq!(next.updates.last(), seen.updates.last());
    let of = |peer: &Peer| {
        let all = peer.messages().into_iter().filter(|one| one.method == "glossator/session/update");
        all.map(|one| one.params).filter(|params| params["turnId"] == "T-2").collect::<Vec<_>>()
    };
    assert_eq!(of(&one), of(&two));
    // And so is what changes in the session itself.
    session(&two, "rename", json!({ "sessionId": id, "title": "Shared" })).await;
    one.wait("the name", |one| (one.params["update"]["title"] == "Shared").then_some(())).await;
}

/// A session that another process writes is read and followed, and says who writes it.
#[tokio::test]
async fn a_session_of_another_process_is_followed() {
    let world = world().await;
    let (writer, reader) = (Peer::start(&world).await, Peer::start(&world).await);
    let id = talked(&writer, &["one"]).await;
    let read = session(&reader, "read", json!({ "sessionId": id })).await;
    assert_eq!(prompts(&read), ["one"]);
    let who = read["readOnly"].as_str().unwrap();
    assert!(who.contains(&writer.child.id().unwrap().to_string()), "{who}");
    writer.turn(&id, "two").await.assert("done");
    reader
        .wait("the other's turn", |one| {
            let item = &one.params["update"]["item"];
            (item["kind"] == "userMessage" && item["input"][0]["text"] == "two").then_some(())
        })
        .await;
    reader.assert_no_gaps(&id);
    let input = json!([{ "kind": "text", "text": "mine" }]);
    let why = reader.refused("glossator/turn/start", json!({ "sessionId": id, "input": input })).await;
    assert!(why.contains("process"), "{why}");
    assert!(reader.refused("glossator/session/delete", json!({ "sessionId": id })).await.contains("process"));
    assert_eq!(writer.leave().await, 0);
    reader.turn(&id, "three").await.assert("done");
}

#[tokio::test]
async fn commands_without_arguments_do_what_makes_sense() {
    let world = world().await;
    let peer = Peer::with(&world, &plain(false), |_| None).await;
    let run = async |name: &str| peer.command(name, json!([])).await;
    for name in ["fork", "archiveSession", "deleteSession", "exportSession", "compact", "context", "board"] {
        let error = run(&format!("glossator.{name}")).await.unwrap_err();
        assert!(error["message"].as_str().unwrap().contains("no session"), "{name}: {error}");
    }
    assert!(run("glossator.resume").await.is_err());
    let none = run("glossator.sessions").await.unwrap();
    assert!(text_of(&none["uri"]).contains("There is no session."));
    let started = peer.command("glossator.ask", json!(["Look at the parser"])).await.unwrap();
    let first = started["sessionId"].as_str().unwrap().to_owned();
    peer.shown(&["Glossator: Noted."]).await;
    // Sessions, in a document whose code actions need no arguments of the user's.
    run("glossator.newSession").await.unwrap();
    let listed = run("glossator.sessions").await.unwrap();
    assert_eq!(listed["sessions"], 1);
    let uri = listed["uri"].as_str().unwrap();
    let page = text_of(&listed["uri"]);
    let line = page.lines().position(|line| line.contains(&first)).unwrap();
    peer.open(uri, &page);
    let at = json!({ "line": line, "character": 0 });
    let params = json!({ "textDocument": { "uri": uri }, "range": { "start": at, "end": at }, "context": { "diagnostics": [] } });
    let actions = peer.ok("textDocument/codeAction", params).await;
    let resume =
        actions.as_array().unwrap().iter().find(|one| one["title"] == "Resume this session").unwrap();
    let command =
        json!({ "command": resume["command"]["command"], "arguments": resume["command"]["arguments"] });
    let resumed = peer.ok("workspace/executeCommand", command).await;
    assert_eq!(resumed["sessionId"], json!(first));
    peer.shown(&["Glossator goes on with", "Nothing is pending."]).await;
    let fork =
        actions.as_array().unwrap().iter().find(|one| one["title"] == "Fork this session at its latest turn");
    let fork = &fork.unwrap()["command"];
    let command = json!({ "command": fork["command"], "arguments": fork["arguments"] });
    let forked = peer.ok("workspace/executeCommand", command).await;
    assert_eq!(forked["session"]["parent"], json!({ "sessionId": first, "turnId": "T-1" }));
    peer.command("glossator.resume", json!([first])).await.unwrap();
    // What it was sent.
    let context = run("glossator.context").await.unwrap();
    assert_eq!(context["sent"], json!({ "turnId": "T-1", "round": 1 }));
    assert!(path(&context["uri"]).ends_with("T-1-context.md"));
    let page = text_of(&context["uri"]);
    assert!(page.contains("Look at the parser") && page.contains("byte for byte"), "{page}");
    assert!(text_of(&run("glossator.board").await.unwrap()["uri"]).contains("It is empty"));
    assert!(text_of(&run("glossator.cabinet").await.unwrap()["uri"]).contains("It is empty"));
    let spent = run("glossator.usage").await.unwrap();
    assert!(spent["message"].as_str().unwrap().starts_with("This session: 1 turn,"), "{spent}");
    let exported = run("glossator.exportSession").await.unwrap();
    assert!(text_of(&exported["uri"]).contains("Look at the parser"));
    let lines = peer.command("glossator.exportSession", json!(["jsonl"])).await.unwrap();
    assert!(lines["path"].as_str().unwrap().ends_with(".jsonl"));
    assert!(peer.command("glossator.exportSession", json!(["pdf"])).await.is_err());
}

#[tokio::test]
async fn commands_rename_fork_archive_and_delete() {
    let world = world().await;
    let peer = Peer::with(&world, &plain(false), |_| None).await;
    let run = async |name: &str, arguments: Value| peer.command(name, arguments).await.unwrap();
    let started = run("glossator.ask", json!(["one"])).await;
    let first = started["sessionId"].as_str().unwrap().to_owned();
    peer.shown(&["Glossator: Noted."]).await;
    // The name comes from the prompt document where the editor cannot pass it.
    let opened = run("glossator.renameSession", json!([])).await;
    let uri = opened["uri"].as_str().unwrap();
    peer.open(uri, &text_of(&opened["uri"]));
    peer.type_over(uri, "Parser clean-up\n\nmore\n");
    let renamed = run("glossator.renameSession", json!([])).await;
    assert_eq!(renamed["title"], "Parser clean-up");
    until("the document is empty again", || !peer.text(uri).contains("clean-up")).await;
    assert_eq!(run("glossator.renameSession", json!(["Again"])).await["title"], "Again");
    // A fork is gone on with.
    let fork = run("glossator.fork", json!([])).await;
    let fork = fork["session"]["id"].as_str().unwrap().to_owned();
    let asked = run("glossator.ask", json!(["two"])).await;
    assert_eq!(asked, json!({ "sessionId": fork, "turnId": "T-2", "started": true }));
    peer.wait("the end of it", |one| (one.params["value"]["message"] == "T-2 done").then_some(())).await;
    assert!(peer.command("glossator.fork", json!(["T-77"])).await.is_err());
    // Resume goes to the newest of the others, and back.
    assert_eq!(run("glossator.resume", json!([])).await["sessionId"], json!(first));
    assert_eq!(run("glossator.resume", json!([])).await["sessionId"], json!(fork));
    // Put away and back.
    assert_eq!(run("glossator.archiveSession", json!([])).await["archived"], true);
    assert_eq!(run("glossator.archiveSession", json!([fork])).await["archived"], false);
    // Deleted only when it is said twice.
    assert_eq!(run("glossator.deleteSession", json!([])).await["asked"], true);
    peer.shown(&["run glossator.deleteSession again"]).await;
    assert_eq!(
        run("glossator.deleteSession", json!([first])).await["asked"],
        true,
        "another one is asked about anew"
    );
    assert_eq!(run("glossator.deleteSession", json!([first])).await["deleted"], true);
    assert_eq!(
        run("glossator.deleteSession", json!([{ "sessionId": fork, "confirmed": true }])).await["deleted"],
        true
    );
    assert_eq!(run("glossator.sessions", json!([])).await["sessions"], 0);
}

#[tokio::test]
async fn dialogs_offer_and_ask() {
    let world = world().await;
    let answer = |asked: &Asked| {
        let titles = asked.params["actions"].as_array()?.iter();
        let wanted = |title: &str| title == "Delete" || title.contains("oldest");
        let chosen = titles.map(|one| one["title"].as_str().unwrap()).find(|title| wanted(title))?;
        (asked.method == "window/showMessageRequest").then(|| Answer::Result(json!({ "title": chosen })))
    };
    let peer = Peer::with(&world, &plain(true), answer).await;
    let mut ids = Vec::new();
    for prompt in ["oldest", "middle", "newest"] {
        peer.command("glossator.newSession", json!([])).await.unwrap();
        let started = peer.command("glossator.ask", json!([prompt])).await.unwrap();
        ids.push(started["sessionId"].as_str().unwrap().to_owned());
        let count = ids.len();
        until("the turn has ended", || {
            let all = peer.messages();
            all.iter().filter(|one| one.params["message"] == "Glossator: Noted.").count() == count
        })
        .await;
    }
    let offered = peer.command("glossator.resume", json!([])).await.unwrap();
    assert_eq!(offered["offered"], true);
    peer.shown(&["Glossator goes on with 'oldest'"]).await;
    let asked = peer.command("glossator.deleteSession", json!([])).await.unwrap();
    assert_eq!((&asked["sessionId"], &asked["asked"]), (&json!(ids[0]), &json!(true)));
    peer.shown(&["the session is deleted"]).await;
    assert_eq!(peer.command("glossator.sessions", json!([])).await.unwrap()["sessions"], 2);
}
