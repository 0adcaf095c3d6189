//! The program from a shell: `exec`, `demo` and the `debug` commands, with their exit codes.

use crate::harness::{Ran, Reply, World, messages, run, script, script_and, text_of, until};
use glossator_models::scripted::sse;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};

fn text(words: &str) -> Reply {
    Reply::Text(words.to_owned())
}

fn json_lines(ran: &Ran) -> Vec<Value> {
    ran.out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[tokio::test]
async fn exec_prints_the_answer() {
    let world = World::new(script_and("return (await tools.readFile({ path: 'a.txt' })).text;")).await;
    world.write("a.txt", "text\n");
    let ran = run(&world, &["exec", "Look"], "").await;
    ran.assert(0);
    assert!(ran.out.ends_with("Done.\n") && !ran.out.contains("tools.readFile"), "{ran:#?}");
    assert!(ran.err.contains("readFile") && ran.err.contains("a.txt lines 1-1"), "{ran:#?}");
}

#[tokio::test]
async fn exec_as_json() {
    let world = World::new(script_and("return 1;")).await;
    let ran = run(&world, &["exec", "--json", "Look"], "").await;
    let events = json_lines(ran.assert(0));
    let seqs: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    let update = |number: usize| &events[number]["update"];
    assert_eq!((&update(0)["kind"], &update(0)["title"]), (&json!("session"), &json!("Look")));
    assert_eq!(update(1)["kind"], "turnStarted");
    let last = events.last().unwrap();
    assert_eq!(
        (&last["update"]["kind"], &last["update"]["status"]),
        (&json!("turnCompleted"), &json!("done"))
    );
}

#[tokio::test]
async fn exec_takes_the_prompt_from_standard_input() {
    let world = World::new(vec![text("Done.")]).await;
    run(&world, &["exec", "-"], "From a pipe,\nin two lines").await.assert(0);
    assert!(text_of(&messages(&world.requests()[0].body)[0]).contains("From a pipe,\nin two lines"));
    run(&world, &["exec", "-"], "  \n").await.assert(1);
}

#[tokio::test]
async fn exec_fails_with_what_to_do() {
    let world = World::new(vec![]).await;
    let ran = run(&world, &["exec", "Look"], "").await;
    assert!(ran.assert(1).err.contains("used up"), "{ran:#?}");
    world.settings_text("");
    let ran = run(&world, &["exec", "Look"], "").await;
    assert!(ran.assert(1).err.contains("No model is chosen"), "{ran:#?}");
    let ran = run(&world, &["exec", "--session", "no-such", "Look"], "").await;
    assert!(ran.assert(1).err.contains("no session no-such"), "{ran:#?}");
}

#[tokio::test]
async fn wrong_usage() {
    let world = World::new(vec![]).await;
    let wrong: [(&[&str], &str); 7] = [
        (&["exec"], "PROMPT"),
        (&["nonsense"], "nonsense"),
        (&["exec", "--nonsense", "x"], "--nonsense"),
        (&["exec", "--policy", "sometimes", "x"], "read-only"),
        (&["exec", "--cwd", "/no/such/folder", "x"], "not a folder"),
        (&["debug", "decode", "--wire", "telex"], "telex"),
        (&["debug", "script", "no-such-file.js"], "no-such-file.js"),
    ];
    for (arguments, words) in wrong {
        let ran = run(&world, arguments, "").await;
        assert!(ran.assert(2).err.contains(words), "{arguments:?}: {ran:#?}");
    }
    for arguments in [["--help"], ["--version"]] {
        assert!(run(&world, &arguments, "").await.assert(0).out.contains("glossator"));
    }
}

#[tokio::test]
async fn exec_refuses_what_would_ask_and_names_the_flag() {
    let world = World::obedient().await;
    let prompt = "await tools.exec({ command: ['touch', 'made'] });";
    let ran = run(&world, &["exec", prompt], "").await;
    assert!(ran.assert(0).err.contains("--policy full"), "{ran:#?}");
    assert!(!world.exists("made"));
    run(&world, &["exec", "--policy", "full", prompt], "").await.assert(0);
    assert!(world.exists("made"));
}

#[tokio::test]
async fn exec_goes_on_with_a_session() {
    let world = World::answering(|_| text("Done.")).await;
    let ran = run(&world, &["exec", "--json", "The first words"], "").await;
    let session = json_lines(ran.assert(0))[0]["sessionId"].as_str().unwrap().to_owned();
    run(&world, &["exec", "--session", &session, "The second words"], "").await.assert(0);
    let all: String = messages(&world.requests()[1].body).iter().map(text_of).collect();
    assert!(all.contains("The first words") && all.contains("The second words"), "{all}");
}

#[tokio::test]
async fn exec_is_interrupted_by_a_signal() {
    let world = World::new(vec![Reply::Hang]).await;
    let child = world.program(&["exec", "--json", "Wait"]).stderr(Stdio::null()).spawn().unwrap();
    until("the model is asked", || !world.model.requests().is_empty()).await;
    let pid = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(130));
    let out = String::from_utf8(output.stdout).unwrap();
    let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!(last["update"]["status"], "interrupted");
}

#[tokio::test]
async fn the_demo_shows_the_main_job() {
    let world = World::new(vec![]).await;
    let ran = run(&world, &["demo"], "").await;
    ran.assert(0);
    for words in [
        "scripted model",
        "-  echo $(( ($1 * 107 + 50) / 100 ))",
        "+  echo $(( ($1 * 119 + 50) / 100 ))",
        "went as it should",
    ] {
        assert!(ran.out.contains(words), "no {words:?} in {}", ran.out);
    }
    assert_eq!(ran.err, "");
}

const PATCH: &str =
    "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+uno\n*** Add File: b.txt\n+made\n*** End Patch\n";

#[tokio::test]
async fn debug_patch() {
    let world = World::new(vec![]).await;
    world.write("a.txt", "one\ntwo\n");
    let ran = run(&world, &["debug", "patch", "--dry-run"], PATCH).await;
    assert!(ran.assert(0).out.contains("-one\n+uno\n"), "{ran:#?}");
    assert!(world.read("a.txt") == "one\ntwo\n" && !world.exists("b.txt"));
    let ran = run(&world, &["debug", "patch", "--json"], PATCH).await;
    let result: Value = serde_json::from_str(&ran.assert(0).out).unwrap();
    assert_eq!(
        (&result["status"], &result["files"][0]["path"], &result["files"][1]["added"]),
        (&json!("done"), &json!("a.txt"), &json!(1))
    );
    assert!(world.read("a.txt") == "uno\ntwo\n" && world.read("b.txt") == "made\n");
    let ran = run(&world, &["debug", "patch", "--json"], PATCH).await;
    let result: Value = serde_json::from_str(&ran.assert(1).out).unwrap();
    assert_eq!(result["status"], "refused");
    assert!(result["problems"].to_string().contains("a.txt"), "{result}");
    let ran = run(&world, &["debug", "patch"], "no patch at all").await;
    assert!(ran.assert(1).err.contains("nothing was written"), "{ran:#?}");
    let escape = "*** Begin Patch\n*** Add File: ../c.txt\n+bad\n*** End Patch\n";
    assert!(run(&world, &["debug", "patch"], escape).await.assert(1).err.contains("outside the workspace"));
}

#[tokio::test]
async fn debug_script() {
    let world = World::new(vec![]).await;
    world.write("a.txt", "text\n");
    let source = "const file: { text: string } = await tools.readFile({ path: 'a.txt' });\nconsole.log('seen');\nreturn file.text;";
    let ran = run(&world, &["debug", "script", "-", "--json"], source).await;
    let result: Value = serde_json::from_str(ran.assert(0).out.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&result["status"], &result["value"], &result["error"]),
        (&json!("done"), &json!("text\n"), &Value::Null)
    );
    assert_eq!(
        (&result["calls"][0]["name"], &result["console"][0]["text"]),
        (&json!("readFile"), &json!("seen"))
    );
    world.write("bad.js", "const a = 1;\nnonsense();\n");
    let ran = run(&world, &["debug", "script", "bad.js", "--json"], "").await;
    let result: Value = serde_json::from_str(ran.assert(1).out.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&result["error"]["name"], &result["error"]["line"]),
        (&json!("ScriptRuntimeError"), &json!(2))
    );
    let ran =
        run(&world, &["debug", "script", "-"], "await tools.exec({ command: ['touch', 'made'] });").await;
    assert!(ran.assert(1).out.contains("ToolDenied") && !world.exists("made"), "{ran:#?}");
}

#[tokio::test]
async fn debug_decode() {
    let world = World::new(vec![]).await;
    let blocks = [json!({ "type": "text", "text": "Hello there" })];
    let stream = String::from_utf8(sse("m", &blocks, "end_turn", 9)).unwrap();
    let ran = run(&world, &["debug", "decode", "--wire", "messages"], &stream).await;
    let lines = json_lines(ran.assert(0));
    assert!(lines.last().unwrap().to_string().contains("Hello there"), "{lines:?}");
    let ran = run(&world, &["debug", "decode", "--wire", "messages"], &stream[..stream.len() / 2]).await;
    ran.assert(1);
}

#[tokio::test]
async fn debug_schema_is_the_committed_one() {
    let world = World::new(vec![]).await;
    let ran = run(&world, &["debug", "schema"], "").await;
    let schema: Value = serde_json::from_str(&ran.assert(0).out).unwrap();
    assert!(schema["properties"]["policy"].is_object() && schema["properties"]["turn"].is_object());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/settings.schema.json");
    if std::env::var_os("GLOSSATOR_ACCEPT").is_some() {
        std::fs::write(&path, &ran.out).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == ran.out,
        "docs/settings.schema.json is not what the program prints; GLOSSATOR_ACCEPT=1 cargo test writes it anew"
    );
}

#[tokio::test]
async fn without_a_command_it_is_the_language_server() {
    let world = World::new(vec![]).await;
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"shutdown"}"#;
    let ran = run(&world, &[], &format!("Content-Length: {}\r\n\r\n{body}", body.len())).await;
    assert!(ran.assert(1).out.starts_with("Content-Length:"), "{ran:#?}");
}

#[tokio::test]
async fn exec_edits_files_on_disk_and_an_editor_can_undo() {
    let world = World::new(vec![script("await tools.applyPatch({ patch: '*** Begin Patch\\n*** Add File: b.txt\\n+made\\n*** End Patch' });"), text("Done.")]).await;
    let ran = run(&world, &["exec", "--json", "Make it"], "").await;
    let session = json_lines(ran.assert(0))[0]["sessionId"].clone();
    assert_eq!(world.read("b.txt"), "made\n");
    let peer = crate::harness::Peer::start(&world).await;
    peer.undo(session.as_str().unwrap()).await;
    assert!(!world.exists("b.txt"));
}
