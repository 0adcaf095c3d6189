//! Detached calls: they outlive their script and turn, are listed, waited for, cancelled and announced, and never silently
//! lost.

use crate::harness::{Answer, Peer, Reply, Who, World, items, last_user_text, script, text_of, until};
use serde_json::{Value, json};

/// Starts `sleep 0.3` and lets the script end.
const START: &str =
    "const run = tools.spawn.exec({ script: 'sleep 0.3; echo finished; touch made' });\nreturn run.id;";

fn full(world: &World) {
    world.settings("policy = \"full\"", "");
}

async fn trusted(world: &World) -> Peer {
    full(world);
    let peer = Peer::start(world).await;
    peer.command("glossator.trust", json!([])).await.unwrap();
    peer
}

async fn tasks(peer: &Peer, session: &str) -> Vec<Value> {
    let listed = peer.ok("glossator/tasks/list", json!({ "sessionId": session })).await;
    listed["tasks"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_task_outlives_its_turn_and_is_announced() {
    let look = "const [task] = await tools.spawn.list();\nreturn { state: task.state, out: (await tools.spawn.result(task.id)).stdout };";
    let world = World::new(vec![
        script(START),
        Reply::Text("It runs.".to_owned()),
        script(look),
        Reply::Text("Done.".to_owned()),
    ])
    .await;
    let peer = trusted(&world).await;
    let first = peer.first_turn("Start it").await;
    assert!(first.assert("done").result().contains("S1-1-1.1"), "{}", first.result());
    assert_eq!(tasks(&peer, &first.session).await[0]["state"], "running");
    until("the task has ended", || world.exists("made")).await;
    peer.wait("the end of the task", |one| {
        let update = &one.params["update"];
        (update["kind"] == "task" && update["state"] == "done").then_some(())
    })
    .await;
    let second = peer.turn(&first.session, "What became of it?").await;
    let told = last_user_text(&world.requests()[2].body);
    assert!(told.contains("S1-1-1.1") && told.contains("spawn.result"), "{told}");
    let result = second.assert("done").result();
    assert!(result.contains("\"done\"") && result.contains("finished"), "{result}");
    // The announcement stays where it was said first, and is not said again.
    let last = &world.requests()[3].body;
    let all: Vec<String> = last["messages"].as_array().unwrap().iter().map(text_of).collect();
    assert_eq!(all.iter().filter(|text| text.contains("spawn.result(")).count(), 2, "{all:#?}");
    assert!(all.contains(&told), "what was sent stays as it was");
}

#[tokio::test]
async fn a_task_that_ends_in_its_turn_is_announced_with_the_next_request() {
    let wait = "await tools.exec({ command: ['sleep', '1'] });";
    let world =
        World::new(vec![script(&START.replace("return run.id;", wait)), Reply::Text("Done.".into())]).await;
    let peer = trusted(&world).await;
    peer.first_turn("Start it and wait").await.assert("done");
    let told = last_user_text(&world.requests()[1].body);
    assert!(told.contains("S1-1-1.1") && told.contains("done"), "{told}");
}

#[tokio::test]
async fn done_wait_status_and_cancel() {
    let source = r#"
const quick = tools.spawn.exec({ command: ["echo", "quick"] });
const slow = tools.spawn.exec({ command: ["sleep", "60"] });
const out = (await quick.done).stdout.trim();
const late = await tools.spawn.wait(slow.id, { timeoutMs: 50 }).catch((error) => error.name);
const before = (await tools.spawn.status(slow.id)).state;
await tools.spawn.cancel(slow.id);
const why = await tools.spawn.wait(slow.id).catch((error) => error.name);
const after = (await tools.spawn.status(slow.id)).state;
const unknown = await tools.spawn.status("S9-9-9.9").catch((error) => error.message);
const wrong = await tools.spawn.exec({ commnd: ["x"] }).done.catch((error) => error.name);
return { out, late, before, why, after, unknown, wrong, ids: [quick.id, slow.id] };
"#;
    let world = World::new(vec![script(source), Reply::Text("Done.".to_owned())]).await;
    let peer = trusted(&world).await;
    let result = peer.first_turn("All of it").await.assert("done").result();
    for part in [
        r#""out":"quick""#,
        r#""late":"ToolTimeout""#,
        r#""before":"running""#,
        r#""why":"ToolCancelled""#,
        r#""after":"cancelled""#,
        r#""wrong":"ToolArguments""#,
        r#""ids":["S1-1-1.1","S1-1-1.2"]"#,
        "S9-9-9.9",
    ] {
        assert!(result.contains(part), "no {part} in {result}");
    }
}

#[tokio::test]
async fn the_user_sees_and_cancels_tasks() {
    let world = World::new(vec![
        script("return tools.spawn.exec({ command: ['sleep', '60'] }).id;"),
        Reply::Text("It runs.".to_owned()),
        Reply::Text("I see.".to_owned()),
    ])
    .await;
    let peer = trusted(&world).await;
    let first = peer.first_turn("Start it").await;
    first.assert("done");
    let task = tasks(&peer, &first.session).await.remove(0);
    assert_eq!((&task["id"], &task["state"]), (&json!("S1-1-1.1"), &json!("running")));
    assert!(task["line"].as_str().unwrap().contains("sleep 60"), "{task}");
    let params = json!({ "sessionId": first.session, "id": "S1-1-1.1" });
    peer.ok("glossator/tasks/cancel", params.clone()).await;
    peer.wait("the end of the task", |one| {
        let update = &one.params["update"];
        (update["kind"] == "task" && update["state"] != "running").then_some(())
    })
    .await;
    assert_eq!(tasks(&peer, &first.session).await[0]["state"], "cancelled");
    assert_eq!(peer.ok("glossator/tasks/cancel", params).await["cancelled"], false);
    let unknown = json!({ "sessionId": first.session, "id": "S7-1-1.1" });
    assert!(peer.refused("glossator/tasks/cancel", unknown).await.contains("S7-1-1.1"));
    peer.turn(&first.session, "And now?").await.assert("done");
    assert!(last_user_text(&world.requests()[2].body).contains("S1-1-1.1"));
}

#[tokio::test]
async fn a_task_asks_also_after_its_turn() {
    let world = World::new(vec![
        script("return tools.spawn.exec({ command: ['touch', 'made'] }).id;"),
        Reply::Text("It waits.".to_owned()),
    ])
    .await;
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("Start it").await;
    first.assert("done");
    let request =
        peer.wait("the ask", |one| (one.method == "glossator/approval/ask").then(|| one.id.clone())).await;
    assert!(!world.exists("made"));
    peer.client.respond(&request, json!({ "decision": "allow" }));
    until("the task has run", || world.exists("made")).await;
}

#[tokio::test]
async fn stopping_a_turn_leaves_its_tasks_and_leaving_ends_them() {
    let source = "tools.spawn.exec({ script: 'echo $$ > pid; sleep 60' });\nawait sleep(60000);";
    let world = World::new(vec![script(source)]).await.in_process();
    let peer = trusted(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Start it").await;
    until("the task runs", || !world.read("pid").trim().is_empty()).await;
    peer.interrupt(&session).await;
    peer.end(&session, &turn).await.assert("interrupted");
    assert_eq!(tasks(&peer, &session).await[0]["state"], "running");
    let process = format!("/proc/{}", world.read("pid").trim());
    assert!(std::path::Path::new(&process).exists());
    assert_eq!(peer.leave().await, 0);
    until("its process is gone", || !std::path::Path::new(&process).exists()).await;
    let states: Vec<Value> = items(&world, &session)
        .into_iter()
        .filter(|item| item["kind"] == "task")
        .map(|item| item["state"].clone())
        .collect();
    assert_eq!((states.len(), &states[1]["is"]), (2, &json!("failed")), "{states:#?}");
}

#[tokio::test]
async fn a_task_that_a_kill_took_is_told_as_lost() {
    let world = World::new(vec![
        script("return tools.spawn.exec({ command: ['sleep', '60'] }).id;"),
        Reply::Text("It runs.".to_owned()),
        Reply::Text("A pity.".to_owned()),
    ])
    .await;
    let mut peer = trusted(&world).await;
    let first = peer.first_turn("Start it").await;
    first.assert("done");
    peer.kill().await;
    let peer = Peer::start(&world).await;
    let listed = tasks(&peer, &first.session).await;
    assert_eq!(listed[0]["state"], "lost", "{listed:#?}");
    peer.turn(&first.session, "What became of it?").await.assert("done");
    let told = last_user_text(&world.requests()[2].body);
    assert!(told.contains("S1-1-1.1") && told.contains("lost"), "{told}");
}

#[tokio::test]
async fn thirty_two_at_once_and_not_more() {
    let source = "const all = Array.from({ length: 33 }, () => tools.spawn.exec({ command: ['sleep', '60'] }));\nconst whys = all.map((one) => one.done.catch((error) => error.message));\nconst why = await Promise.race(whys);\nfor (const one of await tools.spawn.list()) await tools.spawn.cancel(one.id);\nconst told = (await Promise.all(whys)).filter((one) => one === why).length;\nreturn { why, told };";
    let world = World::new(vec![script(source), Reply::Text("Done.".to_owned())]).await;
    let peer = trusted(&world).await;
    let result = peer.first_turn("Many").await.assert("done").result();
    assert!(result.contains("at most 32") || result.contains("32 tasks"), "{result}");
    assert!(result.contains("\"told\":1"), "{result}");
}

#[tokio::test]
async fn a_denied_task_fails_alone() {
    let source = "const run = tools.spawn.exec({ command: ['touch', 'made'] });\nreturn await run.done.catch((error) => `${error.name}: ${error.message}`);";
    let world = World::new(vec![script(source), Reply::Text("Done.".to_owned())]).await;
    let peer = Peer::with(&world, &Who::extension(), |asked| {
        let no = json!({ "decision": "deny", "message": "not now" });
        (asked.method == "glossator/approval/ask").then_some(Answer::Result(no))
    })
    .await;
    let result = peer.first_turn("Try").await.assert("done").result();
    assert!(result.contains("ToolDenied") && result.contains("not now"), "{result}");
    assert!(!world.exists("made"));
}

#[tokio::test]
async fn many_ends_at_once_stay_small_in_the_prompt() {
    let source = "const all = Array.from({ length: 100 }, (_, n) => tools.spawn.readFile(`no/such/file/with/a/long/name/${n}`));\nawait Promise.all(all.map((one) => one.done.catch(() => 0)));\nreturn all.length;";
    let world = World::new(vec![script(source), Reply::Text("Done.".to_owned())]).await;
    world.settings("", "[script]\nmax_tasks = 200");
    let peer = Peer::start(&world).await;
    peer.first_turn("Many").await.assert("done");
    let told = last_user_text(&world.requests()[1].body);
    assert!(told.len() < 80_000, "{} bytes", told.len());
    assert!(told.contains("returned: 100"), "{told}");
}
