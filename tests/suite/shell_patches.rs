//! Commands that carry a patch: made, asked for and reported as an edit, with the answer that the patch program would give.

use crate::harness::{
    Answer, Asked, Ended, Peer, Reply, Who, World, calls, items, last_user_text, script_and,
};
use serde_json::{Value, json};

const BEFORE: &str = "one\ntwo\nthree\n";
const AFTER: &str = "one\nTWO\nthree\n";

/// Shell text that patches the second line of `file`.
fn shell(file: &str) -> String {
    format!(
        "apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: {file}\n@@\n one\n-two\n+TWO\n*** End Patch\nEOF\n"
    )
}

/// A script that calls `exec` with these arguments and returns what it gives.
fn exec(arguments: Value) -> Vec<Reply> {
    script_and(&format!("return await tools.exec({arguments});"))
}

async fn world(arguments: Value) -> World {
    let world = World::new(exec(arguments)).await;
    for file in ["a.txt", "sub/a.txt", ".vscode/tasks.json"] {
        world.write(file, BEFORE);
    }
    world
}

/// What the only call of a turn gave, from its log.
fn outcome(world: &World, ended: &Ended) -> Value {
    let all = items(world, &ended.session);
    let outputs: Vec<&Value> = all.iter().filter(|item| item["kind"] == "toolOutput").collect();
    assert_eq!(outputs.len(), 1, "{all:#?}");
    outputs[0]["outcome"].clone()
}

/// A turn of one such call in an editor that leaves every ask open; gives the call's result.
async fn ran(world: &World, peer: &Peer) -> Value {
    let ended = peer.first_turn("Change it").await;
    ended.assert("done");
    assert!(ended.updates("ask").is_empty(), "{ended:#?}");
    let outcome = outcome(world, &ended);
    assert!(outcome["Ok"].is_object(), "{outcome}");
    outcome["Ok"]["value"].clone()
}

#[tokio::test]
async fn a_carried_patch_is_an_edit() {
    let zsh = json!({ "command": ["zsh", "-lc", shell("a.txt")] });
    let program = json!({ "command": ["apply_patch", "*** Begin Patch\n*** Update File: a.txt\n-two\n+TWO\n*** End Patch"] });
    for arguments in [json!({ "script": shell("a.txt") }), zsh, program] {
        let world = world(arguments).await;
        let peer = Peer::start(&world).await;
        let ended = peer.first_turn("Change it").await;
        assert!(ended.assert("done").updates("ask").is_empty());
        let value = outcome(&world, &ended)["Ok"]["value"].clone();
        assert_eq!((&value["exitCode"], &value["stderr"]), (&json!(0), &json!("")), "{value}");
        assert_eq!(value["stdout"], "Success. Updated the following files:\nM a.txt\n");
        assert_eq!(world.read("a.txt"), AFTER);
        let change = ended.updates("changeSet")[0];
        assert_eq!((&change["state"], &change["id"]), (&json!("committed"), &value["changeSet"]), "{change}");
        peer.undo(&ended.session).await;
        assert_eq!(world.read("a.txt"), BEFORE);
    }
}

#[tokio::test]
async fn a_native_call_carries_a_patch_too() {
    let step = calls(&[(
        "toolu_1",
        "exec",
        json!({ "command": ["bash", "-lc", shell("a.txt")], "timeoutMs": 10_000 }),
    )]);
    let world = World::new(vec![step, Reply::Text("Done.".to_owned())]).await;
    world.settings("", "[tools]\ncalling = \"native\"");
    world.write("a.txt", BEFORE);
    let peer = Peer::start(&world).await;
    peer.first_turn("Change it").await.assert("done");
    assert_eq!(world.read("a.txt"), AFTER);
    let told = world.requests()[1].body.to_string();
    assert!(told.contains("Success. Updated the following files") && told.contains("M a.txt"), "{told}");
}

#[tokio::test]
async fn unsaved_text_is_what_is_patched() {
    let world = world(json!({ "script": shell("a.txt") })).await;
    let peer = Peer::start(&world).await;
    let uri = world.uri("a.txt");
    peer.open(&uri, BEFORE);
    peer.type_over(&uri, &format!("unsaved\n{BEFORE}"));
    assert_eq!(ran(&world, &peer).await["exitCode"], 0);
    assert_eq!(peer.text(&uri), format!("unsaved\n{AFTER}"));
    assert_eq!(world.read("a.txt"), BEFORE, "the disk is the user's business");
}

#[tokio::test]
async fn one_that_does_not_fit_fails_as_the_program_would() {
    for (text, words) in [
        (shell("a.txt").replace("-two", "-zwei"), "a.txt, chunk 1"),
        (shell("no.txt"), "no.txt: there is no such file"),
        (shell("../out.txt"), "outside the workspace"),
        (shell(".git/config"), "git's own data"),
        ("apply_patch <<'EOF'\nhello\nEOF\n".to_owned(), "not a patch"),
        (format!("cd nowhere && {}", shell("a.txt")), "cd: nowhere: there is no such folder"),
        (format!("cd a.txt && {}", shell("a.txt")), "cd: a.txt: there is no such folder"),
        (format!("cd .. && {}", shell("a.txt")), "outside the workspace"),
    ] {
        let world = world(json!({ "script": text })).await;
        let peer = Peer::start(&world).await;
        let value = ran(&world, &peer).await;
        assert_eq!((&value["exitCode"], &value["stdout"]), (&json!(1), &json!("")), "{value}");
        assert!(value["stderr"].as_str().unwrap().contains(words), "{value}");
        assert_eq!(value["stderr"], value["aggregated"]);
        assert_eq!(world.read("a.txt"), BEFORE);
    }
}

#[tokio::test]
async fn paths_count_from_the_folder_of_the_command() {
    let shown = world(json!({ "script": shell("a.txt") })).await.path("sub").display().to_string();
    assert!(shown.ends_with("/sub"));
    for arguments in [
        json!({ "script": format!("cd sub && {}", shell("a.txt")) }),
        json!({ "script": shell("a.txt"), "cwd": "sub" }),
        json!({ "command": ["bash", "-lc", format!("cd ../sub && {}", shell("a.txt"))], "cwd": "sub" }),
        json!({ "script": format!("cd sub && {}", shell("../sub/a.txt")) }),
    ] {
        let world = world(arguments).await;
        let peer = Peer::start(&world).await;
        let value = ran(&world, &peer).await;
        assert_eq!(value["exitCode"], 0, "{value}");
        assert_eq!((world.read("sub/a.txt"), world.read("a.txt")), (AFTER.to_owned(), BEFORE.to_owned()));
    }
}

#[tokio::test]
async fn files_come_go_and_move() {
    let text = "apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: new/b.txt\n+b\n*** Delete File: a.txt\n\
                *** Update File: sub/a.txt\n*** Move to: sub/c.txt\n*** End Patch\nEOF\n";
    let world = world(json!({ "script": text })).await;
    let peer = Peer::start(&world).await;
    let value = ran(&world, &peer).await;
    let stdout = value["stdout"].as_str().unwrap();
    for line in ["\nA new/b.txt\n", "\nD a.txt\n", "\nM sub/c.txt\n"] {
        assert!(stdout.contains(line), "{stdout}");
    }
    assert_eq!((world.read("new/b.txt"), world.read("sub/c.txt")), ("b\n".to_owned(), BEFORE.to_owned()));
    assert!(!world.exists("a.txt") && !world.exists("sub/a.txt"));
}

/// The first ask of a turn of one call, and what the call came to when it was answered with `decision`.
async fn asked(arguments: Value, decision: &'static str) -> (World, Value, Value) {
    let world = world(arguments).await;
    let peer = Peer::with(&world, &Who::extension(), move |asked: &Asked| {
        let answer = json!({ "decision": decision, "message": "my words" });
        (asked.method == "glossator/approval/ask").then_some(Answer::Result(answer))
    })
    .await;
    let ended = peer.first_turn("Change it").await;
    let asks = ended.assert("done").updates("ask");
    assert_eq!(asks.len(), 1, "{ended:#?}");
    let (ask, outcome) = (asks[0]["ask"].clone(), outcome(&world, &ended));
    (world, ask, outcome)
}

#[tokio::test]
async fn a_protected_file_is_asked_for_as_an_edit() {
    let arguments = json!({ "script": shell(".vscode/tasks.json") });
    let (world, ask, outcome) = asked(arguments.clone(), "allow").await;
    let subject = &ask["subject"];
    assert_eq!((&subject["kind"], &subject["files"]), (&json!("edit"), &json!([".vscode/tasks.json"])));
    assert!(subject["diff"].as_str().unwrap().contains("\n-two\n+TWO\n"), "{subject}");
    let hunk = json!({ "path": ".vscode/tasks.json", "line": 2, "base": "two\n", "proposed": "TWO\n" });
    assert_eq!((&subject["hunks"], &ask["grants"]), (&json!([hunk]), &json!(["once"])));
    assert_eq!(outcome["Ok"]["value"]["exitCode"], 0);
    assert_eq!(outcome["Ok"]["value"]["stderr"], "the user said: my words\n");
    assert_eq!(world.read(".vscode/tasks.json"), AFTER);
    let (world, _, outcome) = asked(arguments, "deny").await;
    assert_eq!(outcome["Err"]["kind"], "ToolDenied", "{outcome}");
    assert!(last_user_text(&world.requests()[1].body).contains("my words"));
    assert_eq!(world.read(".vscode/tasks.json"), BEFORE);
}

#[tokio::test]
async fn what_is_more_than_a_patch_is_a_command() {
    let more = json!({ "script": shell("a.txt").replace("'EOF'\n", "'EOF' | tee log\n") });
    let variables = json!({ "script": shell("a.txt"), "env": { "A": "1" } });
    let input = json!({ "script": shell("a.txt"), "stdin": "" });
    let other_name = json!({ "script": shell("a.txt"), "arg0": "x" });
    for arguments in [more, variables, input, other_name] {
        let (world, ask, outcome) = asked(arguments, "deny").await;
        assert_eq!(ask["subject"]["kind"], "command", "{ask}");
        assert_eq!(outcome["Err"]["kind"], "ToolDenied");
        assert_eq!(world.read("a.txt"), BEFORE);
    }
}

#[tokio::test]
async fn a_read_only_policy_refuses_it() {
    let world = world(json!({ "script": shell("a.txt") })).await;
    world.settings("policy = \"read-only\"", "");
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Change it").await;
    let error = outcome(&world, &ended)["Err"].clone();
    assert_eq!(error["kind"], "ToolDenied", "{error}");
    assert!(error["message"].as_str().unwrap().contains("read-only"), "{error}");
    assert_eq!(world.read("a.txt"), BEFORE);
}

#[tokio::test]
async fn a_dry_run_makes_no_edit_of_it() {
    let world = world(json!({ "script": shell("a.txt") })).await;
    world.settings("", "[script]\nmode = \"dry-run\"");
    let peer = Peer::start(&world).await;
    let result = peer.first_turn("Change it").await.assert("done").result();
    assert!(result.contains("exec apply_patch a.txt") && result.contains("would run"), "{result}");
    assert_eq!(world.read("a.txt"), BEFORE);
}
