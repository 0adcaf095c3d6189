//! What sessions are run with, when settings, trust or keys change under open clients: each is told, and reads the same. What
//! editors leave empty is not set.

use crate::auth::keyless;
use crate::harness::{Answer, Asked, Peer, Reply, Who, World, soon};
use serde_json::{Value, json};

async fn world() -> World {
    World::answering(|_| Reply::Text("Done.".to_owned())).await
}

/// The settings that a client was told of a session last.
fn told(peer: &Peer, session: &str) -> Option<Value> {
    let all = peer.messages().into_iter().rev();
    let mut updates = all.filter(|one| one.method == "glossator/session/update").map(|one| one.params);
    let found = updates.find(|one| one["sessionId"] == session && one["update"]["kind"] == "session")?;
    Some(found["update"]["settings"].clone()).filter(|settings| !settings.is_null())
}

async fn read(peer: &Peer, session: &str) -> Value {
    peer.ok("glossator/session/read", json!({ "sessionId": session })).await["settings"].clone()
}

/// Waits until a client is told that a session has this value for `key`, and reads the same.
async fn becomes(peer: &Peer, session: &str, (key, value): (&str, &str)) {
    soon("the update", async || told(peer, session).filter(|settings| settings[key] == value)).await;
    assert_eq!(read(peer, session).await[key], value);
    peer.assert_no_gaps(session);
}

async fn shared(world: &World) -> (Peer, Peer, String) {
    let (one, two) = (Peer::start(world).await, Peer::start(world).await);
    let session = one.new_session().await;
    one.turn(&session, "Hello").await.assert("done");
    read(&one, &session).await;
    read(&two, &session).await;
    (one, two, session)
}

#[tokio::test]
async fn every_client_is_told_when_the_file_of_settings_changes() {
    let world = world().await.with_core();
    let (one, two, session) = shared(&world).await;
    assert_eq!(read(&one, &session).await["policy"], "ask");
    world.settings("policy = \"read-only\"", "");
    for peer in [&one, &two] {
        becomes(peer, &session, ("policy", "read-only")).await;
    }
    // A client that watches tells of it at once.
    world.settings("policy = \"auto-edit\"\npack = \"files\"", "");
    let uri = url::Url::from_file_path(world.settings_file()).unwrap();
    one.client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri, "type": 2 }] }));
    becomes(&one, &session, ("policy", "auto-edit")).await;
    becomes(&two, &session, ("policy", "auto-edit")).await;
    assert_eq!(read(&one, &session).await["pack"], "core", "a session that has begun keeps its tools");
}

#[tokio::test]
async fn what_changes_nothing_for_a_session_is_not_told() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    peer.turn(&session, "Hello").await.assert("done");
    read(&peer, &session).await;
    let count =
        |peer: &Peer| peer.messages().iter().filter(|one| one.params["update"]["kind"] == "session").count();
    let before = count(&peer);
    world.settings("", "[ask]\ntimeout = 77\n");
    peer.client
        .notify("workspace/didChangeConfiguration", json!({ "settings": { "glossator": { "model": "" } } }));
    peer.client.notify("workspace/didChangeConfiguration", json!({ "settings": { "policy": "ask" } }));
    peer.alive().await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(count(&peer), before);
}

#[tokio::test]
async fn the_settings_of_an_editor_hold_for_it_alone_and_empty_ones_not_at_all() {
    let world = world().await.with_core();
    let (one, two, session) = shared(&world).await;
    let set = |settings: Value| {
        one.client
            .notify("workspace/didChangeConfiguration", json!({ "settings": { "glossator": settings } }));
    };
    set(json!({ "policy": "read-only", "model": "scripted/of-the-editor" }));
    becomes(&one, &session, ("policy", "read-only")).await;
    assert_eq!(read(&one, &session).await["model"], "scripted/of-the-editor");
    assert_eq!(read(&two, &session).await["policy"], "ask");
    // Emptied by the user, as editors send it.
    set(json!({ "policy": "", "model": null, "exec": { "buffers": "" }, "providers": {} }));
    becomes(&one, &session, ("policy", "ask")).await;
    assert_eq!(read(&one, &session).await["model"], "scripted/scripted-model");
    let warned = one.messages().iter().any(|one| one.method == "window/showMessage");
    assert!(!warned, "{:?}", one.messages().last());
}

#[tokio::test]
async fn an_editor_that_sends_empty_settings_at_its_start_overrides_nothing() {
    let world = world().await;
    world.settings("policy = \"read-only\"", "");
    for options in [
        json!({ "glossator": { "model": "", "policy": "", "pack": null, "providers": {}, "exec": { "buffers": "" } } }),
        json!({ "model": null, "policy": " " }),
        json!({ "glossator": null }),
        json!(null),
        json!(""),
    ] {
        let who = Who::extension().with_options(options.clone());
        let peer = Peer::with(&world, &who, |_| None).await;
        let session = peer.new_session().await;
        peer.turn(&session, "Hello").await.assert("done");
        let settings = read(&peer, &session).await;
        assert_eq!(
            (&settings["model"], &settings["policy"], &settings["pack"]),
            (&json!("scripted/scripted-model"), &json!("read-only"), &json!("core")),
            "{options}"
        );
        assert!(!peer.messages().iter().any(|one| one.method == "window/showMessage"), "{options}");
    }
}

#[tokio::test]
async fn an_editor_that_is_asked_for_its_settings_may_leave_them_empty() {
    let world = world().await;
    let who = Who::plain(json!({ "workspace": { "configuration": true } })).with_extension();
    let peer = Peer::with(&world, &who, |asked: &Asked| {
        (asked.method == "workspace/configuration")
            .then(|| Answer::Result(json!([{ "model": "", "policy": "read-only", "pack": null }])))
    })
    .await;
    let session = peer.new_session().await;
    read(&peer, &session).await;
    peer.client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    becomes(&peer, &session, ("policy", "read-only")).await;
    assert_eq!(read(&peer, &session).await["model"], "scripted/scripted-model");
}

#[tokio::test]
async fn trust_is_told_to_every_client_by_whatever_road_it_came() {
    let world = world().await.with_core();
    world.write(".glossator/settings.toml", "policy = \"read-only\"\n");
    let (one, two, session) = shared(&world).await;
    let uri = url::Url::from_file_path(world.workspace()).unwrap();
    one.ok("glossator/trust/set", json!({ "uri": uri, "trusted": true })).await;
    becomes(&one, &session, ("policy", "read-only")).await;
    becomes(&two, &session, ("policy", "read-only")).await;
    two.ok("glossator/trust/set", json!({ "uri": uri, "trusted": false })).await;
    becomes(&one, &session, ("policy", "ask")).await;
    // A client without the extension trusts it.
    let plain = Peer::with(&world, &Who::plain(json!({})), |_| None).await;
    plain.command("glossator.trust", json!([])).await.unwrap();
    becomes(&one, &session, ("policy", "read-only")).await;
    becomes(&two, &session, ("policy", "read-only")).await;
}

#[tokio::test]
async fn a_refusal_says_what_is_missing() {
    let world = keyless().await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let params = json!({ "sessionId": session, "input": [{ "kind": "text", "text": "Hello" }] });
    let check = |error: &Value, kind: &str, words: &str| {
        let data = &error["data"];
        assert_eq!(data["kind"], kind, "{error}");
        let message = data["message"].as_str().unwrap();
        assert!(message.contains(words) && !message.contains("glossator."), "{error}");
        assert_eq!(data["signIn"]["ready"], false, "{error}");
    };
    for method in ["glossator/turn/start", "glossator/turn/steer"] {
        let error = peer.request(method, params.clone()).await.unwrap_err();
        check(&error, "noKey", "no API key for stored");
        assert_eq!(error["data"]["provider"], "stored");
    }
    for (command, argument) in
        [("glossator.ask", json!(["Hello"])), ("glossator.explain", json!(["a.txt:1"]))]
    {
        check(&peer.command(command, argument).await.unwrap_err(), "noKey", "no API key for stored");
    }
    // What fails for another reason says nothing of keys.
    let error = peer.command("glossator.approve", json!([])).await.unwrap_err();
    assert!(error["data"].is_null(), "{error}");
    let queued = peer.ok("glossator/turn/queue", params.clone()).await;
    assert_eq!(queued["missing"], "noKey", "{queued}");
    world.settings_text("");
    let error = peer.request("glossator/turn/start", params).await.unwrap_err();
    check(&error, "noModel", "No model is chosen.");
    assert!(error["data"]["provider"].is_null(), "{error}");
}
