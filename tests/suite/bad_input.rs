//! Whatever a client, a model or a user gets wrong: a clear error, nothing lost, and the server goes on.

use crate::harness::{Peer, Who, World, script_and};
use serde_json::{Value, json};

async fn quiet_world() -> World {
    World::new(vec![]).await
}

/// The text of `file` as a script reads it.
fn read(file: &str) -> String {
    format!("const file = await tools.readFile({{ path: '{file}' }});\nreturn file;")
}

/// One turn whose script is `source`; gives what it came to.
async fn result_of(peer: &Peer, source: &str) -> String {
    let ended = peer.first_turn(source).await;
    ended.assert("done").result()
}

#[tokio::test]
async fn bytes_that_are_no_message() {
    let world = quiet_world().await;
    let peer = Peer::start(&world).await;
    for body in [
        "{\"jsonrpc\":\"2.0\",\"id\":1,",
        "",
        "null",
        "[]",
        "\"text\"",
        "{}",
        "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":7}",
        "\u{0}\u{1}",
    ] {
        peer.client.send_raw(body.as_bytes());
        peer.alive().await;
    }
    peer.client.send_raw(b"\xff\xfe{}");
    peer.alive().await;
    for bytes in
        ["Nonsense: 1\r\n\r\n", "Content-Length: twelve\r\n\r\n", "\r\n\r\n", "Content-Length: -1\r\n\r\n"]
    {
        peer.client.send_bytes(bytes.as_bytes().to_vec());
        peer.alive().await;
    }
    peer.client.respond(&json!(987_654), json!("nobody asked"));
    peer.alive().await;
    assert_eq!(peer.leave().await, 0);
}

#[tokio::test]
async fn unknown_methods() {
    let world = quiet_world().await;
    let peer = Peer::start(&world).await;
    for method in ["glossator/nonsense", "textDocument/nonsense", ""] {
        let error = peer.request(method, json!({})).await.unwrap_err();
        assert_eq!(error["code"], -32601, "{error}");
    }
    for method in ["glossator/nonsense", "$/nonsense", "textDocument/nonsense"] {
        peer.client.notify(method, json!({ "a": 1 }));
    }
    peer.alive().await;
    let error = peer.command("glossator.nonsense", json!([])).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("glossator.ask"), "{error}");
}

#[tokio::test]
async fn before_initialize_and_twice() {
    let world = quiet_world().await;
    let peer = Peer::spawn(&world, Box::new(|_| None));
    let error = peer.request("glossator/session/new", json!({})).await.unwrap_err();
    assert_eq!(error["code"], -32002, "{error}");
    let params = Who::extension().params(&world.workspace());
    peer.ok("initialize", params.clone()).await;
    peer.refused("initialize", params).await;
    peer.alive().await;
}

#[tokio::test]
async fn wrong_parameters() {
    let world = quiet_world().await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let required = ["session/read", "turn/start", "turn/interrupt", "turn/undo", "trust/set"];
    let optional = ["session/new", "session/list", "trust/read"];
    let wrong = [json!({ "sessionId": 7, "trusted": "yes", "input": {} }), json!([]), json!({})];
    for method in required {
        for params in &wrong {
            let error = peer.request(&format!("glossator/{method}"), params.clone()).await.unwrap_err();
            assert_eq!(error["code"], -32602, "{method} {params}: {error}");
            assert!(!error["message"].as_str().unwrap().is_empty());
        }
    }
    for method in optional {
        peer.ok(&format!("glossator/{method}"), json!({ "unknown": [1, 2] })).await;
    }
    let prompts = [json!([]), json!([{ "kind": "text", "text": " \n" }])];
    for input in prompts {
        let error =
            peer.refused("glossator/turn/start", json!({ "sessionId": session, "input": input })).await;
        assert!(error.contains("prompt is empty"), "{error}");
    }
    let unknown = json!({ "sessionId": session, "input": [{ "kind": "song", "text": "la" }] });
    peer.refused("glossator/turn/start", unknown).await;
    peer.refused("glossator/turn/undo", json!({ "sessionId": session, "turnId": "first" })).await;
}

#[tokio::test]
async fn sessions_and_turns_that_are_not_there() {
    let world = quiet_world().await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let input = json!([{ "kind": "text", "text": "x" }]);
    for id in ["no-such-session", "../../etc", "", "a\u{0}b", &"x".repeat(10_000)] {
        for method in ["session/read", "turn/start", "turn/interrupt", "turn/undo"] {
            let error = peer
                .refused(&format!("glossator/{method}"), json!({ "sessionId": id, "input": input }))
                .await;
            assert!(error.contains("glossator/session/list"), "{method} {id:?}: {error}");
        }
    }
    let error = peer.refused("glossator/turn/undo", json!({ "sessionId": session, "turnId": "T-9" })).await;
    assert!(error.contains("nothing to undo"), "{error}");
}

#[tokio::test]
async fn command_arguments() {
    let world = quiet_world().await;
    let peer = Peer::start(&world).await;
    let wrong = [
        ("ask", json!([7])),
        ("ask", json!([{ "no": "text" }])),
        ("edit", json!(["x"])),
        ("undoTurn", json!([{}])),
        ("approve", json!([[1]])),
    ];
    for (name, arguments) in wrong {
        let error = peer.command(&format!("glossator.{name}"), arguments).await.unwrap_err();
        assert!(error["message"].as_str().unwrap().contains("should be one of"), "{name}: {error}");
    }
    let error = peer.command("glossator.ask", json!([])).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("Edit with Glossator"), "{error}");
}

#[tokio::test]
async fn changes_that_do_not_fit() {
    let world = World::obedient().await;
    let peer = Peer::start(&world).await;
    let uri = world.uri("a.txt");
    let change = |version: i64, uri: &str, changes: Value| {
        let params = json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": changes });
        peer.client.notify("textDocument/didChange", params);
    };
    let range = |from: (u32, u32), to: (u32, u32)| json!({ "start": { "line": from.0, "character": from.1 }, "end": { "line": to.0, "character": to.1 } });
    change(3, &world.uri("never-opened.txt"), json!([{ "text": "x" }]));
    peer.client
        .notify("textDocument/didClose", json!({ "textDocument": { "uri": world.uri("never-opened.txt") } }));
    peer.client
        .notify("textDocument/didSave", json!({ "textDocument": { "uri": world.uri("never-opened.txt") } }));
    peer.client.notify("textDocument/didOpen", json!({ "textDocument": 7 }));
    peer.open(&uri, "one\ntwo\n");
    change(1, &uri, json!([{ "range": range((1, 3), (99, 99)), "text": "!\n" }]));
    change(2, &uri, json!([{ "range": range((0, 999), (0, 9999)), "text": "?" }]));
    change(3, &uri, json!([{ "range": range((7, 7), (3, 3)), "text": "end" }]));
    let result = result_of(&peer, &read("a.txt")).await;
    assert!(result.contains("one?\\ntwo!\\nend") && result.contains("\"version\":3"), "{result}");
    assert!(result_of(&peer, &read("never-opened.txt")).await.contains("does not exist"));
}

#[tokio::test]
async fn half_a_surrogate_pair() {
    let world = World::obedient().await;
    let peer = Peer::start(&world).await;
    let uri = world.uri("a.txt");
    let body = format!(
        "{{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/didOpen\",\"params\":{{\"textDocument\":{{\"uri\":\"{uri}\",\"languageId\":\"x\",\"version\":1,\"text\":\"a\\ud83db\"}}}}}}"
    );
    peer.client.send_raw(body.as_bytes());
    assert!(result_of(&peer, &read("a.txt")).await.contains("a\u{fffd}b"));
}

#[tokio::test]
async fn huge_and_binary_files() {
    let world = World::obedient().await;
    std::fs::File::create(world.path("huge.txt")).unwrap().set_len(100 << 20).unwrap();
    world.write("binary.bin", [0_u8, 159, 146, 150, 0, 1, 2]);
    world.write("latin.txt", b"gr\xfc\xdfe\n");
    let peer = Peer::start(&world).await;
    assert!(result_of(&peer, &read("huge.txt")).await.contains("too large to be read whole"));
    assert!(result_of(&peer, &read("binary.bin")).await.contains("is not text"));
    assert!(result_of(&peer, &read("latin.txt")).await.contains("größe".split('ö').next().unwrap()));
    assert!(result_of(&peer, &read(".")).await.contains("is a folder"));
    let uri = world.uri("large.txt");
    peer.open(&uri, &"0123456789abcde\n".repeat(20 << 16));
    let source = "const file = await tools.readFile({ path: 'large.txt', offset: 1000000, limit: 1 });\nreturn [file.totalLines, file.text];";
    assert!(result_of(&peer, source).await.contains("[1310720,\"0123456789abcde\\n\"]"));
}

#[tokio::test]
async fn paths_that_lead_out_of_the_workspace() {
    let world = World::obedient().await;
    let outside = world.root().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("secret.txt"), "secret\n").unwrap();
    std::os::unix::fs::symlink(&outside, world.path("link")).unwrap();
    std::os::unix::fs::symlink(outside.join("secret.txt"), world.path("file-link.txt")).unwrap();
    std::os::unix::fs::symlink(outside.join("new.txt"), world.path("new-link.txt")).unwrap();
    let peer = Peer::allowing(&world).await;
    let source = r#"
const paths = ['../outside/secret.txt', '/etc/passwd', 'link/secret.txt', 'file-link.txt', 'a/../../outside/secret.txt', 'new-link.txt', 'link/../outside/secret.txt'];
const said = [];
const attempt = (what, work) => work.then((value) => said.push(`LET THROUGH ${what}: ${JSON.stringify(value)}`), (error) => said.push(error.message));
for (const path of paths) {
  await attempt(`read ${path}`, tools.readFile({ path }));
  await attempt(`list ${path}`, tools.listDir({ path: path.replace('/secret.txt', '') }));
  await attempt(`search ${path}`, tools.grepFiles({ pattern: 'secret', path }));
  await attempt(`cwd ${path}`, tools.exec({ command: ['touch', 'made'], cwd: path.replace('/secret.txt', '') }));
  await attempt(`add ${path}`, tools.applyPatch({ patch: `*** Begin Patch\n*** Add File: ${path}\n+bad\n*** End Patch`, overwrite: true }));
  await attempt(`update ${path}`, tools.applyPatch({ patch: `*** Begin Patch\n*** Update File: ${path}\n@@\n-secret\n+bad\n*** End Patch` }));
  await attempt(`delete ${path}`, tools.applyPatch({ patch: `*** Begin Patch\n*** Delete File: ${path}\n*** End Patch` }));
}
return said;"#;
    let result = result_of(&peer, source).await;
    assert!(!result.contains("LET THROUGH"), "{result}");
    let value = result.lines().find(|line| line.starts_with("returned: ")).unwrap();
    let said: Vec<String> = serde_json::from_str(value.trim_start_matches("returned: ")).unwrap();
    for message in &said {
        assert!(message.contains("outside the workspace"), "{message}");
    }
    assert_eq!(said.len(), 49);
    assert_eq!(std::fs::read_to_string(outside.join("secret.txt")).unwrap(), "secret\n");
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 1);
}

#[tokio::test]
async fn git_s_own_data() {
    let world = World::obedient().await;
    world.write(".git/config", "[core]\n");
    world.write(".git/hooks/x", "old\n");
    let peer = Peer::allowing(&world).await;
    let source = r#"
const said = [];
const attempt = (work) => work.then(() => said.push('LET THROUGH'), (error) => said.push(error.message));
for (const path of ['.git/config', 'x/../.git/config', '.GIT/config', '.git/hooks/x']) {
  await attempt(tools.readFile({ path }));
  await attempt(tools.applyPatch({ patch: `*** Begin Patch\n*** Add File: ${path}\n+bad\n*** End Patch`, overwrite: true }));
}
return said;"#;
    let result = result_of(&peer, source).await;
    assert!(!result.contains("LET THROUGH"), "{result}");
    let returned = result.lines().find(|line| line.starts_with("returned: ")).unwrap();
    assert_eq!(returned.matches("git's own data").count(), 8, "{result}");
    assert_eq!(world.read(".git/config"), "[core]\n");
}

#[tokio::test]
async fn wrong_settings_are_named_with_their_line() {
    let world = World::new(script_and("return 1;")).await;
    world.settings("nonsense = 1\npolicy = \"sometimes\"", "[turn]\nmax_rounds = \"many\"");
    let peer = Peer::start(&world).await;
    peer.first_turn("Go").await.assert("done");
    let file = world.settings_file().display().to_string();
    peer.shown(&[&format!("{file}:2"), "`nonsense`"]).await;
    peer.shown(&[&format!("{file}:3"), "`policy`", "read-only"]).await;
    peer.shown(&[&file, "`turn.max_rounds`"]).await;
}

#[tokio::test]
async fn a_broken_settings_file_is_named_and_can_be_mended() {
    let world = World::new(script_and("return 1;")).await;
    world.settings_text("policy = \"ask\"\nmodel = \"scripted/");
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let go = json!({ "sessionId": session, "input": [{ "kind": "text", "text": "Go" }] });
    let refused = peer.refused("glossator/turn/start", go).await;
    assert!(refused.contains("No model is chosen"), "{refused}");
    let file = world.settings_file().display().to_string();
    peer.shown(&[&format!("{file}:2"), "whole file is left out"]).await;
    world.settings("", "");
    peer.turn(&session, "Go").await.assert("done");
}
