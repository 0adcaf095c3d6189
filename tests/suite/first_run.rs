//! The first prompt where there is no model or no key yet: nothing of it is lost, the user is told what to do, and it goes on
//! without a restart.

use crate::auth::{keyless, settings};
use crate::harness::{Peer, Reply, Who, World, run, until};
use serde_json::{Value, json};
use std::path::Path;
use url::Url;

const PROMPT: &str = "Add a greeting to main.rs";

/// A world without any settings.
async fn fresh() -> World {
    let world = World::answering(|_| Reply::Text("Done.".to_owned())).await;
    std::fs::remove_file(world.settings_file()).unwrap();
    world
}

/// An editor that knows nothing of us.
async fn plain(world: &World) -> Peer {
    Peer::with(world, &Who::plain(json!({ "window": { "showDocument": { "support": true } } })), |_| None)
        .await
}

/// The document of this name that the editor was asked to show.
async fn shown(peer: &Peer, name: &str) -> (String, String) {
    let uri = peer
        .wait(name, |message| {
            let uri = message.params["uri"].as_str().filter(|uri| uri.ends_with(name))?;
            (message.method == "window/showDocument").then(|| uri.to_owned())
        })
        .await;
    let path = Url::parse(&uri).unwrap().to_file_path().unwrap();
    (std::fs::read_to_string(path).unwrap(), uri)
}

fn message(error: &Value) -> &str {
    error["message"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_plain_editor_is_shown_the_ways_and_its_prompt_is_kept() {
    let world = fresh().await;
    let peer = plain(&world).await;
    let error = peer.command("glossator.ask", json!([PROMPT])).await.unwrap_err();
    assert!(message(&error).contains("No model is chosen"), "{error}");
    peer.shown(&["No model is chosen", "glossator.login"]).await;
    let (page, _) = shown(&peer, "sign-in.md").await;
    for part in
        ["glossator login anthropic", "ANTHROPIC_API_KEY", "glossator demo", "kept in the prompt document"]
    {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(world.requests().is_empty());
    world.settings_text(&settings(&world));
    let ran = run(&world, &["login", "stored", "--stdin"], "sk-first-run-1").await;
    ran.assert(0);
    peer.command("glossator.edit", json!([])).await.unwrap();
    let (text, uri) = shown(&peer, "prompt.md").await;
    assert!(text.contains(PROMPT), "{text}");
    peer.open(&uri, &text);
    peer.command("glossator.send", json!([{ "uri": uri }])).await.unwrap();
    until("the model is asked", || !world.model.requests().is_empty()).await;
    assert!(world.requests()[0].body.to_string().contains(PROMPT));
}

#[tokio::test]
async fn what_is_written_in_the_prompt_document_stays_there() {
    let world = keyless().await;
    let peer = plain(&world).await;
    peer.command("glossator.edit", json!([])).await.unwrap();
    let (text, uri) = shown(&peer, "prompt.md").await;
    let written = format!("{text}\n{PROMPT}\n");
    peer.open(&uri, &text);
    peer.type_over(&uri, &written);
    let error = peer.command("glossator.send", json!([{ "uri": uri }])).await.unwrap_err();
    assert!(message(&error).contains("glossator login stored"), "{error}");
    shown(&peer, "sign-in.md").await;
    // Another prompt does not take its place.
    peer.command("glossator.ask", json!(["Something else"])).await.unwrap_err();
    assert!(peer.text(&uri).contains(PROMPT) && !peer.text(&uri).contains("Something else"));
    run(&world, &["login", "stored", "--stdin"], "sk-first-run-2").await.assert(0);
    peer.command("glossator.send", json!([{ "uri": uri }])).await.unwrap();
    until("the prompt is taken out", || !peer.text(&uri).contains(PROMPT)).await;
}

#[tokio::test]
async fn a_client_with_the_extension_gets_data_and_no_document() {
    let world = fresh().await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    for method in ["glossator/turn/start", "glossator/turn/steer"] {
        let params = json!({ "sessionId": session, "input": [{ "kind": "text", "text": PROMPT }] });
        let error = peer.request(method, params).await.unwrap_err();
        assert!(message(&error).contains("No model is chosen"), "{error}");
        assert_eq!(error["data"]["signIn"]["ready"], false, "{error}");
    }
    let read = peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
    assert_eq!(read["items"], json!([]), "nothing is recorded of it");
    assert!(peer.messages().iter().all(|message| message.method != "window/showDocument"));
    world.settings("", "");
    peer.turn(&session, PROMPT).await.assert("done");
}

#[tokio::test]
async fn a_queued_prompt_waits_for_the_key() {
    let world = keyless().await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let params = json!({ "sessionId": session, "input": [{ "kind": "text", "text": PROMPT }] });
    let queued = peer.ok("glossator/turn/queue", params).await;
    assert!(queued["waits"].as_str().unwrap_or_default().contains("no API key"), "{queued}");
    peer.ok("glossator/auth/login", json!({ "provider": "stored", "key": "sk-first-run-3" })).await;
    until("the model is asked", || !world.model.requests().is_empty()).await;
    assert!(world.requests()[0].body.to_string().contains(PROMPT));
}

#[tokio::test]
async fn an_ollama_server_is_looked_for_when_the_ways_are_listed() {
    let world = fresh().await;
    let peer = plain(&world).await;
    let check = async |base: &str, ready: bool, words: &str| {
        world.settings_text(&format!("[providers.ollama]\nbase_url = \"{base}\"\n"));
        let done = peer.command("glossator.login", json!([])).await.unwrap();
        let providers = done["status"]["providers"].as_array().unwrap();
        let ollama = providers.iter().find(|one| one["id"] == "ollama").unwrap();
        assert_eq!((&ollama["ready"], &ollama["needsKey"]), (&json!(ready), &json!(false)), "{done}");
        assert!(ollama["next"].as_str().unwrap().contains(words), "{ollama}");
        let path = Url::parse(done["uri"].as_str().unwrap()).unwrap().to_file_path().unwrap();
        assert!(std::fs::read_to_string(Path::new(&path)).unwrap().contains(words));
    };
    check("http://127.0.0.1:1", false, "does not answer").await;
    check(&world.model.base_url(), true, "glossator.model").await;
}

#[tokio::test]
async fn with_a_key_and_no_model_a_model_is_to_be_chosen() {
    let world = keyless().await;
    let text = settings(&world);
    world.settings_text(text.split_once('\n').unwrap().1);
    let peer = Peer::start(&world).await;
    let done =
        peer.ok("glossator/auth/login", json!({ "provider": "stored", "key": "sk-first-run-4" })).await;
    let said = done["message"].as_str().unwrap();
    assert!(said.contains("There is a key for stored") && said.contains("glossator.model"), "{said}");
    peer.command("glossator.model", json!(["stored/scripted-model"])).await.unwrap();
    let session = peer.command("glossator.ask", json!([PROMPT])).await.unwrap();
    assert!(session["turnId"].is_string(), "{session}");
}

#[tokio::test]
async fn a_model_that_was_chosen_is_that_of_new_sessions_too() {
    let world = keyless().await;
    let text = settings(&world);
    world.settings_text(text.split_once('\n').unwrap().1);
    run(&world, &["login", "stored", "--stdin"], "sk-first-run-5").await.assert(0);
    let mut peer = Peer::start(&world).await;
    let chosen = peer.command("glossator.model", json!(["stored/scripted-model"])).await.unwrap();
    assert!(chosen["message"].as_str().unwrap().contains("New sessions of this workspace"), "{chosen}");
    peer.command("glossator.newSession", json!([])).await.unwrap();
    peer.command("glossator.ask", json!([PROMPT])).await.unwrap();
    peer.kill().await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    peer.start_turn(&session, PROMPT).await;
    // A setting comes before it.
    world.settings_text(&format!("model = \"stored/another\"\n{}", text.split_once('\n').unwrap().1));
    let listed = peer.ok("glossator/models/list", json!({ "provider": "stored" })).await;
    assert_eq!(listed["models"][0]["id"], "stored/another", "{listed}");
}
