//! Everything that can go wrong with a model: the turn fails with words that say what to do, the key stays where it
//! belongs, and the next turn goes through.

use crate::harness::{KEY, Peer, Reply, World, items, last_user_text, script, text_of};
use glossator_models::scripted::sse;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Quick retries, so that tests need not wait.
const RETRIES: &str = "[http]\nmax_retries = 2";

fn text(words: &str) -> Reply {
    Reply::Text(words.to_owned())
}

fn ok() -> Reply {
    text("All is well.")
}

fn status(code: u16, headers: &[(&str, &str)], body: Value) -> Reply {
    let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    Reply::Status { code, headers, body: body.to_string() }
}

fn raw(bytes: Vec<u8>) -> Reply {
    Reply::Raw { chunks: vec![(Duration::ZERO, bytes)] }
}

fn overloaded() -> String {
    let error = json!({ "type": "error", "error": { "type": "overloaded_error", "message": "Overloaded" } });
    format!("event: error\ndata: {error}\n\n")
}

/// The stream of an answer up to the `count`-th `mark`, with `end` behind it.
fn broken_stream(words: &str, (mark, count): (&str, usize), end: &str) -> Vec<u8> {
    let stream =
        String::from_utf8(sse("scripted-model", &[json!({ "type": "text", "text": words })], "end_turn", 9))
            .unwrap();
    let at = stream.match_indices(mark).nth(count).unwrap().0;
    let whole = stream[..at].rfind("\n\n").unwrap() + 2;
    format!("{}{end}", &stream[..whole]).into_bytes()
}

/// The key is nowhere but in the header of requests.
fn assert_key_is_kept(world: &World, peer: &Peer) {
    for message in peer.messages() {
        assert!(!message.params.to_string().contains(KEY), "the client was sent the key: {message:?}");
    }
    assert_key_not_below(world.root());
    for request in world.model.requests() {
        assert!(!String::from_utf8_lossy(&request.raw).contains(KEY), "the key is in a request's body");
        assert_eq!(request.header("x-api-key"), Some(KEY));
    }
}

fn assert_key_not_below(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            assert_key_not_below(&path);
        } else if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!String::from_utf8_lossy(&bytes).contains(KEY), "the key is in {}", path.display());
        }
    }
}

/// A turn over `steps` that fails with `words`, and then one that goes through.
async fn check_failure(steps: Vec<Reply>, words: &[&str]) {
    let steps = steps.into_iter().chain([ok()]).collect();
    let world = World::new(steps).await;
    world.settings("", RETRIES);
    check_failure_in(&world, words).await;
}

async fn check_failure_in(world: &World, words: &[&str]) {
    let peer = Peer::start(world).await;
    let ended = peer.first_turn("Hello").await;
    ended.assert("failed");
    for word in words {
        assert!(ended.message.contains(word), "no {word:?} in: {}", ended.message);
    }
    let stored = items(world, &ended.session).pop().unwrap();
    assert_eq!((&stored["kind"], &stored["message"]), (&json!("turnEnded"), &json!(ended.message)));
    world.settings("", RETRIES);
    peer.turn(&ended.session, "And now?").await.assert("done");
    let requests = world.requests();
    let told = last_user_text(&requests.last().unwrap().body);
    assert!(told.contains("And now?"), "{told}");
    assert_key_is_kept(world, &peer);
}

/// A turn over `steps` that is retried and goes through.
async fn check_retried(steps: Vec<Reply>, requests: usize) {
    let world = World::new(steps).await;
    world.settings("", RETRIES);
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Hello").await;
    ended.assert("done");
    let notices = ended.updates("notice");
    assert_eq!(notices.len(), requests - 1, "{notices:?}");
    assert!(notices[0]["text"].as_str().unwrap().contains("Retrying 1/2"), "{notices:?}");
    assert_eq!(world.requests().len(), requests);
    assert_key_is_kept(&world, &peer);
}

#[tokio::test]
async fn a_refused_key() {
    let message = format!("invalid x-api-key {KEY}");
    check_failure(
        vec![Reply::error(401, "authentication_error", &message)],
        &["scripted", "refused the key", "key_env"],
    )
    .await;
}

#[tokio::test]
async fn a_forbidden_model_and_an_empty_account() {
    check_failure(
        vec![Reply::error(403, "permission_error", "not for you")],
        &["not for you", "another key"],
    )
    .await;
    check_failure(vec![Reply::error(400, "billing_error", "no credit")], &["no credit", "account"]).await;
}

#[tokio::test]
async fn an_unknown_model() {
    let error = Reply::error(404, "not_found_error", "model: scripted-model");
    check_failure(vec![error], &["model id", "'scripted-model'", "base_url"]).await;
}

#[tokio::test]
async fn a_refused_request_and_one_too_long() {
    check_failure(vec![Reply::error(400, "invalid_request_error", "temperature: no")], &["temperature: no"])
        .await;
    let long =
        Reply::error(400, "invalid_request_error", "prompt is too long: 300000 tokens > 200000 maximum");
    check_failure(vec![long], &["too long", "new session"]).await;
}

#[tokio::test]
async fn a_rate_limit_is_waited_for() {
    let limited = || {
        status(
            429,
            &[("retry-after", "1")],
            json!({ "error": { "type": "rate_limit_error", "message": "slow" } }),
        )
    };
    check_retried(vec![limited(), ok()], 2).await;
    let quick = || {
        status(
            429,
            &[("retry-after-ms", "20")],
            json!({ "error": { "type": "rate_limit_error", "message": "slow" } }),
        )
    };
    check_failure(vec![quick(), quick(), quick()], &["slow down", "ask again"]).await;
}

#[tokio::test]
async fn an_overloaded_model() {
    let busy = || {
        status(
            529,
            &[("retry-after-ms", "20")],
            json!({ "error": { "type": "overloaded_error", "message": "Overloaded" } }),
        )
    };
    check_retried(vec![busy(), busy(), ok()], 3).await;
    check_failure(vec![busy(), busy(), busy()], &["overloaded"]).await;
}

#[tokio::test]
async fn overloaded_inside_the_stream() {
    let before = || raw(broken_stream("Hello there", ("content_block_start", 0), &overloaded()));
    check_retried(vec![before(), ok()], 2).await;
    let after = raw(broken_stream("This much was said before", ("text_delta", 1), &overloaded()));
    check_failure(vec![after], &["overloaded"]).await;
}

#[tokio::test]
async fn a_cut_stream() {
    let reply = Box::new(text("A long answer that is cut somewhere in the middle of its words"));
    check_failure(vec![Reply::CutAfter { reply, bytes: 900 }], &["incomplete", "Ask again"]).await;
    let ended = raw(broken_stream("An answer without an end", ("message_delta", 0), ""));
    check_failure(vec![ended], &["ncomplete"]).await;
    let reply = Box::new(text("not even begun"));
    check_retried(vec![Reply::CutAfter { reply, bytes: 0 }, ok()], 2).await;
}

#[tokio::test]
async fn what_was_said_before_a_failure_is_kept() {
    let after =
        raw(broken_stream("This much was said before it broke off", ("text_delta", 2), &overloaded()));
    let world = World::new(vec![after, ok()]).await;
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Hello").await;
    assert_eq!(ended.assert("failed").items("answer")[0]["text"], "This much was said before ");
    peer.turn(&ended.session, "Go on").await.assert("done");
    let request = &world.requests()[1].body;
    assert!(text_of(&request["messages"][1]).starts_with("This much was"), "{request}");
}

#[tokio::test]
async fn answers_that_are_no_stream() {
    let error = json!({ "type": "error", "error": { "type": "invalid_request_error", "message": "odd" } });
    check_failure(vec![status(200, &[], error)], &["odd"]).await;
    check_failure(vec![status(200, &[], json!({ "object": "list" }))], &["stream of events", "base_url"])
        .await;
    let html = Reply::Status {
        code: 200,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: "<html><title>Sign in</title></html>".to_owned(),
    };
    check_failure(vec![html], &["stream of events", "base_url"]).await;
    check_failure(
        vec![status(302, &[("location", "http://127.0.0.1:1/")], json!({}))],
        &["redirects", "base_url"],
    )
    .await;
}

/// A prompt under `settings` that cannot become a turn, which is refused with `words`; then one under good ones.
async fn check_refused(settings: &str, words: &[&str]) {
    let world = World::new(vec![ok()]).await;
    world.settings_text(&settings.replace("{base}", &world.model.base_url()));
    let file = world.settings_file().display().to_string();
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let params = json!({ "sessionId": session, "input": [{ "kind": "text", "text": "Hello" }] });
    let why = peer.refused("glossator/turn/start", params).await;
    for word in words {
        let word = if *word == "{file}" { file.as_str() } else { word };
        assert!(why.contains(word), "no {word:?} in: {why}");
    }
    world.settings("", RETRIES);
    peer.turn(&session, "And now?").await.assert("done");
    assert_key_is_kept(&world, &peer);
}

/// A turn under `settings` (`{base}` is the model's address) that fails with `words`; then one under good ones.
async fn check_settings(settings: &str, words: &[&str]) {
    let world = World::new(vec![ok()]).await;
    world.settings_text(&settings.replace("{base}", &world.model.base_url()));
    let file = world.settings_file().display().to_string();
    let words: Vec<&str> =
        words.iter().map(|word| if *word == "{file}" { file.as_str() } else { word }).collect();
    check_failure_in(&world, &words).await;
}

#[tokio::test]
async fn settings_that_reach_no_model() {
    let provider = "[providers.scripted]\nbase_url = \"{base}\"\nkey_env = ";
    check_refused("", &["No model is chosen", "{file}", "ANTHROPIC_API_KEY", "glossator demo"]).await;
    check_refused("model = 'nobody/x'", &["'nobody'", "not set up", "anthropic", "{file}"]).await;
    check_refused("model = 'nonsense'", &["'nonsense'", "provider/model id", "{file}"]).await;
    check_refused(
        "model = 'scripted/x'\n[providers.scripted]\nwire = 'messages'",
        &["no base_url", "{file}"],
    )
    .await;
    check_refused(&format!("model = 'scripted/x'\n{provider}'NOT_SET_KEY'"), &["NOT_SET_KEY"]).await;
    check_settings("model = 'scripted/x'\n[providers.scripted]\nbase_url = 'nonsense'", &["base_url"]).await;
    let unreachable = "model = 'scripted/x'\n[http]\nmax_retries = 0\n[providers.scripted]\nbase_url = 'http://127.0.0.1:1'";
    check_settings(unreachable, &["127.0.0.1"]).await;
}

#[tokio::test]
async fn the_id_of_the_model_is_sent_as_it_is() {
    let world = World::new(vec![ok()]).await;
    let base = world.model.base_url();
    let text = format!(
        "model = \"scripted/some/odd:Id@1\"\n[providers.scripted]\nbase_url = \"{base}/\"\nheaders = {{ x-extra = 'yes' }}"
    );
    world.settings_text(&text);
    let peer = Peer::start(&world).await;
    peer.first_turn("Hello").await.assert("done");
    let request = &world.requests()[0];
    assert_eq!(request.body["model"], "some/odd:Id@1");
    assert_eq!((request.header("x-extra"), request.header("x-api-key")), (Some("yes"), None));
}

#[tokio::test]
async fn commands_do_not_see_the_key() {
    let world =
        World::new(vec![script("return (await tools.exec({ command: ['env'] })).stdout;"), ok()]).await;
    let peer = Peer::allowing(&world).await;
    let ended = peer.first_turn("Look").await;
    assert!(ended.assert("done").result().contains("PATH="), "{ended:#?}");
    assert_key_is_kept(&world, &peer);
}

#[tokio::test]
async fn a_model_that_refuses_to_answer() {
    let stream = String::from_utf8(sse("scripted-model", &[], "refusal", 9)).unwrap();
    check_failure(vec![raw(stream.into_bytes())], &["refused to answer", "other words"]).await;
}
