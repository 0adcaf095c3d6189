//! Keys stored by the command line and by editors: found at once by whoever runs, refused with words where they are no keys,
//! and nowhere but in their file and their header.

use crate::harness::{Peer, Ran, Reply, World, run};
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

const STORED: &str = "sk-stored-77c0e1f2ab9d";

/// A world whose model wants a key that is nowhere yet.
pub async fn keyless() -> World {
    let world = World::answering(|_| Reply::Text("Done.".to_owned())).await;
    world.settings_text(&settings(&world));
    world.set_variable("GLOSSATOR_LOG", "trace");
    world
}

pub fn settings(world: &World) -> String {
    format!(
        "model = \"stored/scripted-model\"\n[providers.stored]\nwire = \"messages\"\nbase_url = \"{}\"\nkey_env = \
         \"STORED_KEY\"\n[providers.other]\nbase_url = \"http://127.0.0.1:1\"\nkey_env = \"OTHER_KEY\"\n[http]\nmax_retries = 0\n",
        world.model.base_url()
    )
}

fn key_file(world: &World) -> PathBuf {
    world.settings_file().with_file_name("credentials.json")
}

/// No file below `folder` holds `key`.
pub fn assert_not_below(folder: &Path, key: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            assert_not_below(&path, key);
        } else if path.is_file() {
            // What a server that still runs has just put away holds nothing any more.
            let bytes = match fs::read(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                read => read.unwrap(),
            };
            assert!(!String::from_utf8_lossy(&bytes).contains(key), "the key is in {}", path.display());
        }
    }
}

/// The key is in its file and in the headers, and nowhere else.
fn assert_kept(world: &World, peer: &Peer, key: &str) {
    for message in peer.messages() {
        assert!(!message.params.to_string().contains(key), "the client was sent the key: {message:?}");
    }
    for folder in ["state", "cache", "home", "workspace", "run"] {
        assert_not_below(&world.root().join(folder), key);
    }
    for request in world.model.requests() {
        assert!(!String::from_utf8_lossy(&request.raw).contains(key), "the key is in a request's body");
    }
}

async fn login(world: &World, provider: &str, key: &str) -> Ran {
    let ran = run(world, &["login", provider, "--stdin"], key).await;
    let key = key.trim();
    assert!(key.is_empty() || !format!("{}{}", ran.out, ran.err).contains(key), "{ran:#?}");
    ran
}

async fn status(world: &World, provider: &str) -> Value {
    let ran = run(world, &["auth", "status", "--json"], "").await;
    let lines = ran.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.into_iter().find(|line| line["provider"] == provider).unwrap_or_else(|| panic!("{ran:#?}"))
}

async fn provider(peer: &Peer, id: &str) -> Value {
    let status = peer.ok("glossator/auth/status", json!({})).await;
    let providers = status["providers"].as_array().unwrap();
    providers.iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("{status}")).clone()
}

#[tokio::test]
async fn a_key_of_the_command_line() {
    let world = keyless().await;
    assert_eq!(run(&world, &["auth", "status"], "").await.code, 1);
    let before = status(&world, "stored").await;
    assert_eq!((&before["ready"], &before["source"]), (&json!(false), &Value::Null));
    let ran = run(&world, &["exec", "Hello"], "").await;
    assert!(ran.assert(1).err.contains("glossator login stored"), "{ran:#?}");
    let ran = login(&world, "stored", &format!(" {STORED}\r\n")).await;
    assert!(ran.assert(0).out.contains("credentials.json") && ran.out.contains("not encrypted"), "{ran:#?}");
    assert_eq!(status(&world, "stored").await["source"], "file");
    assert_eq!(run(&world, &["auth", "status"], "").await.code, 0);
    run(&world, &["exec", "Hello"], "").await.assert(0);
    assert_eq!(world.requests()[0].header("x-api-key"), Some(STORED));
    let doctor = run(&world, &["doctor"], "").await;
    assert!(doctor.out.contains("stored key") && doctor.out.contains("not encrypted: stored"), "{doctor:#?}");
    assert!(!doctor.out.contains(STORED));
    let ran = run(&world, &["logout", "stored"], "").await;
    assert!(ran.assert(0).out.contains("removed"), "{ran:#?}");
    let ran = run(&world, &["logout", "stored"], "").await;
    assert!(ran.assert(0).out.contains("No key of stored"), "{ran:#?}");
    assert!(!key_file(&world).exists());
    assert_not_below(world.root(), STORED);
}

#[tokio::test]
async fn wrong_usage_repeats_nothing() {
    let world = keyless().await;
    let ran = run(&world, &["login", STORED], "").await;
    assert!(ran.assert(2).err.contains("no such provider; there are anthropic"), "{ran:#?}");
    assert!(!ran.err.contains(STORED));
    assert!(run(&world, &["login"], "").await.assert(2).out.contains("stored"));
    assert!(run(&world, &["login", "stored"], STORED).await.assert(1).err.contains("--stdin"));
    assert!(run(&world, &["logout", STORED], "").await.assert(2).err.contains("no such provider"));
    assert!(!key_file(&world).exists());
}

#[tokio::test]
async fn what_is_no_key_is_refused_with_words() {
    let world = keyless().await;
    let peer = Peer::start(&world).await;
    for (key, words) in [
        ("", "nothing"),
        ("sk-odd-key\nsk-odd-key", "a line break"),
        ("sk-odd-key two", "white space"),
        ("sk-odd-kéy", "outside ASCII"),
        ("sk-odd-key\u{1}", "control character"),
    ] {
        let ran = login(&world, "stored", key).await;
        assert!(ran.assert(1).err.contains(words), "{ran:#?}");
        let why = peer.refused("glossator/auth/login", json!({ "provider": "stored", "key": key })).await;
        assert!(why.contains(words) && !why.contains("sk-odd"), "{why}");
    }
    let why = peer.refused("glossator/auth/login", json!({ "provider": STORED })).await;
    assert!(why.contains("no such provider") && !why.contains(STORED), "{why}");
    assert!(!key_file(&world).exists());
    assert_kept(&world, &peer, "sk-odd");
}

#[tokio::test]
async fn a_running_server_finds_a_key_that_somebody_else_stored() {
    let world = keyless().await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let params = json!({ "sessionId": session, "input": [{ "kind": "text", "text": "Hello" }] });
    let error = peer.request("glossator/turn/start", params).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("glossator login stored"), "{error}");
    let sign_in = &error["data"]["signIn"];
    assert_eq!((&sign_in["ready"], &sign_in["providers"][0]["needsKey"]), (&json!(false), &json!(true)));
    login(&world, "stored", STORED).await.assert(0);
    peer.turn(&session, "Hello").await.assert("done");
    assert_eq!(world.requests()[0].header("x-api-key"), Some(STORED));
    assert_kept(&world, &peer, STORED);
    let other = Peer::start(&world).await;
    other.ok("glossator/auth/logout", json!({ "provider": "stored" })).await;
    let why = peer
        .refused(
            "glossator/turn/start",
            json!({ "sessionId": session, "input": [{ "kind": "text", "text": "x" }] }),
        )
        .await;
    assert!(why.contains("no API key"), "{why}");
}

#[tokio::test]
async fn a_key_of_an_editor() {
    let world = keyless().await;
    let peer = Peer::start(&world).await;
    let ways = peer.ok("glossator/auth/login", json!({ "provider": "stored" })).await;
    let message = ways["message"].as_str().unwrap();
    assert!(message.contains("glossator login stored") && message.contains("STORED_KEY"), "{message}");
    assert_eq!((&ways["ready"], ways.get("stored")), (&json!(false), None));
    let done = peer.ok("glossator/auth/login", json!({ "provider": "stored", "key": STORED })).await;
    assert_eq!((&done["ready"], &done["stored"]), (&json!(true), &json!("file")), "{done}");
    assert!(done["message"].as_str().unwrap().contains("not encrypted"), "{done}");
    let all = peer.ok("glossator/auth/status", json!({})).await;
    assert_eq!((&all["ready"], &all["providers"][0]["id"]), (&json!(true), &json!("stored")), "{all}");
    assert!(all["message"].as_str().unwrap().contains("Ready: stored/scripted-model"), "{all}");
    assert_eq!(provider(&peer, "stored").await["source"], "file");
    peer.first_turn("Hello").await.assert("done");
    peer.command("glossator.login", json!([{ "provider": "other", "key": STORED }])).await.unwrap();
    let several = peer.command("glossator.logout", json!([])).await.unwrap_err();
    assert!(several["message"].as_str().unwrap().contains("other, stored"), "{several}");
    peer.command("glossator.logout", json!(["other"])).await.unwrap();
    let removed = peer.command("glossator.logout", json!([])).await.unwrap();
    assert_eq!(removed["removed"], true, "{removed}");
    let none = peer.command("glossator.logout", json!([])).await.unwrap_err();
    assert!(none["message"].as_str().unwrap().contains("No key is stored"), "{none}");
    assert_eq!(provider(&peer, "stored").await["ready"], false);
    assert_kept(&world, &peer, STORED);
    assert_not_below(world.root(), STORED);
}

#[tokio::test]
async fn a_stored_key_is_taken_out_of_what_is_kept() {
    let world = World::obedient().await;
    world.settings_text(&settings(&world));
    let peer = Peer::allowing(&world).await;
    peer.ok("glossator/auth/login", json!({ "provider": "stored", "key": STORED })).await;
    world.write("leak.txt", format!("before {STORED} after"));
    let ended = peer.first_turn("return (await tools.readFile({ path: 'leak.txt' })).text;").await;
    assert!(ended.assert("done").result().contains("before [redacted] after"), "{ended:#?}");
    assert_not_below(&world.state(), STORED);
}

#[tokio::test]
async fn files_that_are_not_used() {
    let world = keyless().await;
    login(&world, "stored", STORED).await.assert(0);
    let peer = Peer::start(&world).await;
    fs::set_permissions(key_file(&world), Permissions::from_mode(0o644)).unwrap();
    let next = provider(&peer, "stored").await["next"].to_string();
    assert!(next.contains("chmod 600"), "{next}");
    assert!(login(&world, "stored", STORED).await.assert(1).err.contains("chmod 600"));
    let doctor = run(&world, &["doctor"], "").await;
    assert!(doctor.out.contains("chmod 600"), "{doctor:#?}");
    fs::set_permissions(key_file(&world), Permissions::from_mode(0o600)).unwrap();
    let elsewhere = world.root().join("elsewhere.json");
    fs::rename(key_file(&world), &elsewhere).unwrap();
    symlink(&elsewhere, key_file(&world)).unwrap();
    let why = peer.refused("glossator/auth/login", json!({ "provider": "stored", "key": STORED })).await;
    assert!(why.contains("is a link"), "{why}");
    fs::remove_file(key_file(&world)).unwrap();
    fs::write(key_file(&world), format!("{{ \"keys\": {STORED}")).unwrap();
    fs::set_permissions(key_file(&world), Permissions::from_mode(0o600)).unwrap();
    let next = provider(&peer, "stored").await["next"].to_string();
    assert!(next.contains("not what Glossator wrote") && !next.contains(STORED), "{next}");
    let done = peer.ok("glossator/auth/login", json!({ "provider": "stored", "key": STORED })).await;
    assert!(done["message"].as_str().unwrap().contains("credentials.broken-1.json"), "{done}");
    assert_eq!(provider(&peer, "stored").await["ready"], true);
    assert_kept(&world, &peer, STORED);
}

#[tokio::test]
async fn a_config_folder_that_cannot_be_written() {
    let world = keyless().await;
    world.set_variable("GLOSSATOR_CONFIG_DIR", "/proc/no-such-folder");
    world.set_variable("HOME", "");
    let ran = login(&world, "anthropic", STORED).await;
    assert!(ran.assert(1).err.contains("GLOSSATOR_CONFIG_DIR"), "{ran:#?}");
}

#[tokio::test]
async fn many_programs_that_store_at_once() {
    let world = keyless().await;
    let slugs = ["stored", "other", "anthropic", "openai"];
    let one = |number: usize| login(&world, slugs[number], STORED);
    let (a, b, c, d) = tokio::join!(one(0), one(1), one(2), one(3));
    for ran in [a, b, c, d] {
        ran.assert(0);
    }
    for slug in slugs {
        assert_eq!(status(&world, slug).await["source"], "file", "{slug}");
    }
}

#[tokio::test]
async fn the_env_file_of_a_trusted_workspace() {
    let world = keyless().await;
    world.write(".env", format!("# mine\nexport STORED_KEY='{STORED}'\n"));
    let peer = Peer::start(&world).await;
    assert_eq!(provider(&peer, "stored").await["ready"], false);
    peer.ok("glossator/trust/set", json!({ "trusted": true })).await;
    assert_eq!(provider(&peer, "stored").await["source"], "dotenv");
    peer.first_turn("Hello").await.assert("done");
    assert_eq!(world.requests()[0].header("x-api-key"), Some(STORED));
    assert_not_below(&world.state(), STORED);
}

#[tokio::test]
async fn models_are_listed_with_a_stored_key() {
    let world = keyless().await;
    let line = async || {
        let ran = run(&world, &["models", "--json"], "").await;
        let lines = ran.assert(0).out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.into_iter().find(|line| line["provider"] == "stored").unwrap()
    };
    let before = line().await;
    assert_eq!((&before["ready"], &before["source"]), (&json!(false), &Value::Null));
    let ran = run(&world, &["models"], "").await;
    assert!(ran.assert(0).out.contains("no usable key: `glossator login stored`"), "{ran:#?}");
    login(&world, "stored", STORED).await.assert(0);
    let after = line().await;
    assert_eq!((&after["ready"], &after["source"]), (&json!(true), &json!("file")));
    assert!(run(&world, &["models"], "").await.out.contains("(stored key)"));
    let ran = run(&world, &["models", "stored"], "").await;
    let asked = world.model.requests();
    assert_eq!(asked.last().unwrap().header("x-api-key"), Some(STORED), "{ran:#?}");
}

#[tokio::test]
async fn what_is_imported_is_redacted_too() {
    let world = World::answering(|_| Reply::Text(format!("It is {STORED}."))).await;
    world.settings_text(&settings(&world));
    world.set_variable("STORED_KEY", "sk-another-0001");
    run(&world, &["exec", &format!("Say {STORED}")], "").await.assert(0);
    let id = {
        let ran = run(&world, &["sessions", "list", "--json"], "").await;
        let first = ran.assert(0).out.lines().next().unwrap().to_owned();
        serde_json::from_str::<Value>(&first).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let file = world.root().join("export.jsonl").display().to_string();
    run(&world, &["sessions", "export", &id, "--format", "jsonl", "--out", &file], "").await.assert(0);
    assert!(fs::read_to_string(&file).unwrap().contains(STORED), "nobody knew that it is a key");
    login(&world, "stored", STORED).await.assert(0);
    // Another machine, as it were, for the command line and for an editor.
    for (number, by_editor) in [(1, false), (2, true)] {
        let state = world.root().join(format!("state-{number}"));
        world.set_variable("GLOSSATOR_STATE_DIR", &state.display().to_string());
        match by_editor {
            true => {
                drop(Peer::start(&world).await.ok("glossator/session/import", json!({ "path": file })).await)
            }
            false => drop(run(&world, &["sessions", "import", &file], "").await.assert(0).code),
        }
        let shown = run(&world, &["sessions", "list", "--json"], "").await;
        assert!(shown.assert(0).out.contains("Say [redacted]"), "{shown:#?}");
        assert_not_below(&state, STORED);
    }
}
