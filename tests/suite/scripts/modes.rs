//! Modes: enabled, dry-run and disabled, by settings, by provider and by turn; and the check of a script without a turn.

use crate::harness::{Peer, Reply, World, last_user_text, patch, run, script_and};
use serde_json::{Value, json};

/// A patch and a command: both have an effect when they run.
fn acts() -> String {
    format!(
        "{}\nconst run = await tools.exec({{ command: ['touch', 'made'] }});\nreturn run.exitCode;",
        patch("a.txt", &["old"], &["new"])
    )
}

async fn turn_in(peer: &Peer, mode: &str) -> crate::harness::Ended {
    let session = peer.new_session().await;
    let params = json!({ "sessionId": session, "mode": mode, "input": [{ "kind": "text", "text": "Go" }] });
    let turn = peer.ok("glossator/turn/start", params).await["turnId"].as_str().unwrap().to_owned();
    peer.end(&session, &turn).await
}

fn untouched(world: &World) {
    assert!(!world.exists("made"));
    assert_eq!(world.read("a.txt"), "old\n");
}

#[tokio::test]
async fn a_dry_run_lists_and_does_nothing() {
    let world = World::new(script_and(&acts())).await;
    world.settings("", "[script]\nmode = \"dry-run\"");
    world.write("a.txt", "old\n");
    let peer = Peer::allowing(&world).await;
    let ended = peer.first_turn("Go").await;
    let result = ended.assert("done").result();
    assert!(
        result.contains("dry-run") && result.contains("a.txt") && result.contains("touch made"),
        "{result}"
    );
    assert!(result.contains("would"), "{result}");
    assert!(ended.updates("ask").is_empty() && ended.items("changeSet").is_empty());
    untouched(&world);
}

#[tokio::test]
async fn a_turn_may_be_a_dry_run() {
    let world = World::new(script_and(&acts())).await;
    world.write("a.txt", "old\n");
    let peer = Peer::allowing(&world).await;
    let ended = turn_in(&peer, "dry-run").await;
    assert!(ended.assert("done").result().contains("dry-run"));
    assert!(last_user_text(&world.requests()[0].body).contains("dry run"));
    untouched(&world);
}

#[tokio::test]
async fn a_turn_without_scripts_runs_none_and_says_so() {
    let world = World::new(script_and(&acts())).await;
    world.write("a.txt", "old\n");
    let peer = Peer::allowing(&world).await;
    let ended = turn_in(&peer, "disabled").await;
    ended.assert("done");
    assert!(ended.items("script").is_empty(), "{ended:#?}");
    let told = last_user_text(&world.requests()[1].body);
    assert!(told.contains("not run") && told.contains("disabled"), "{told}");
    untouched(&world);
    let wrong = json!({ "sessionId": ended.session, "mode": "sometimes", "input": [{ "kind": "text", "text": "Go" }] });
    assert!(peer.refused("glossator/turn/start", wrong).await.contains("sometimes"));
}

#[tokio::test]
async fn the_provider_may_have_a_mode_of_its_own() {
    let world = World::new(script_and(&acts())).await;
    world.write("a.txt", "old\n");
    let base = world.model.base_url();
    world.settings_text(&format!(
        "model = \"scripted/m\"\n[script]\nmode = \"enabled\"\n[providers.scripted]\nbase_url = \"{base}\"\nscript = \"dry-run\"\n"
    ));
    let peer = Peer::allowing(&world).await;
    assert!(peer.first_turn("Go").await.assert("done").result().contains("dry-run"));
    untouched(&world);
}

#[tokio::test]
async fn a_session_that_begins_without_scripts_calls_natively() {
    let world = World::new(vec![Reply::Text("Done.".to_owned())]).await;
    world.settings("", "[script]\nmode = \"disabled\"");
    let peer = Peer::start(&world).await;
    peer.first_turn("Go").await.assert("done");
    let body = &world.requests()[0].body;
    assert!(body["tools"].as_array().is_some_and(|tools| !tools.is_empty()), "{body}");
    assert!(!body["system"].to_string().contains("declare const tools"), "{body}");
}

#[tokio::test]
async fn placeholders_let_a_dry_run_go_on() {
    let source = "const hits = await tools.grepFiles('x');\nfor (const hit of hits.matches) await tools.readFile(hit.path);\nconst task = tools.spawn.exec({ command: ['make'] });\nconst made = await task.done;\nreturn [typeof made.exitCode, typeof made.stdout, hits.matches.length];";
    let world = World::new(vec![]).await;
    let ran = run(&world, &["debug", "script", "--mode", "dry-run", "--json", "-"], source).await;
    let line: Value = serde_json::from_str(ran.assert(0).out.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&line["value"], &line["mode"]),
        (&json!(["number", "string", 1]), &json!("dry-run")),
        "{line}"
    );
    assert_eq!(line["tasks"], json!([]));
    let names: Vec<&str> =
        line["calls"].as_array().unwrap().iter().map(|call| call["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"grepFiles") && names.contains(&"readFile"), "{names:?}");
    let wrong = "await tools.readFile({ pth: 'x' });";
    let ran = run(&world, &["debug", "script", "--mode", "dry-run", "--json", "-"], wrong).await;
    let line: Value = serde_json::from_str(ran.assert(1).out.lines().last().unwrap()).unwrap();
    assert_eq!(line["error"]["name"], "ToolArguments", "{line}");
}

#[tokio::test]
async fn a_script_is_checked_without_a_turn() {
    let world = World::new(vec![]).await;
    world.write("a.txt", "old\n");
    let peer = Peer::start(&world).await;
    let check = |source: &str, mode: &str| {
        let params = json!({ "source": source, "mode": mode });
        peer.ok("glossator/script/check", params)
    };
    let good = check("const x: number = 1;\nreturn x;", "check").await;
    assert_eq!(good["ok"], true, "{good}");
    let bad = check("const x: number = ;\nreturn x;", "check").await;
    let error = &bad["error"];
    assert_eq!(
        (&bad["ok"], &error["name"], &error["line"]),
        (&json!(false), &json!("ScriptSyntaxError"), &json!(1)),
        "{bad}"
    );
    assert!(error["excerpt"].as_str().unwrap().contains('^'), "{bad}");
    let dry = check(&acts(), "dry-run").await;
    assert_eq!(dry["calls"].as_array().unwrap().len(), 2, "{dry}");
    assert!(dry["calls"][1]["line"].as_str().unwrap().contains("touch made"), "{dry}");
    untouched(&world);
    // A script that never ends is bounded like any other, and the server goes on.
    let endless = check("for (;;) {}", "check").await;
    assert_eq!(endless["ok"], true, "{endless}");
    peer.refused("glossator/script/check", json!({ "mode": "check" })).await;
    peer.alive().await;
}

#[tokio::test]
async fn modes_that_do_not_exist_are_told() {
    let world = World::new(script_and("return 1;")).await;
    world.settings("", "[script]\nmode = \"sometimes\"");
    let peer = Peer::start(&world).await;
    peer.first_turn("Go").await.assert("done");
    peer.shown(&["script.mode", "left out"]).await;
    assert_eq!(world.requests().len(), 2, "the script ran, since the key was left out");
    let ran = run(&world, &["debug", "script", "--mode", "sometimes", "-"], "").await;
    assert!(ran.assert(2).err.contains("dry-run"), "{ran:#?}");
}
