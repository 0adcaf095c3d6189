//! What is allowed for good: offered where the folder is trusted, for the same command or those that begin alike; it outlives
//! its session and its process, is listed and taken back. (What is allowed for a session: `lists.rs`.)

use crate::harness::{Answer, Asked, Peer, Who, World};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// A command that nobody has allowed yet, as an argument list; `mkdir` is a program whose beginnings can be allowed.
fn exec(words: &[&str]) -> String {
    format!("const run = await tools.exec({{ command: {} }});\nreturn run.exitCode;", json!(words))
}

/// A client that allows everything, with this grant where it is offered.
async fn granting(world: &World, grant: &'static str) -> Peer {
    Peer::with(world, &Who::extension(), move |asked: &Asked| {
        let is_offered = asked.params["ask"]["grants"].as_array()?.contains(&json!(grant));
        let grant = if is_offered { grant } else { "once" };
        Some(Answer::Result(json!({ "decision": "allow", "grant": grant })))
    })
    .await
}

async fn trust(peer: &Peer, trusted: bool) {
    peer.ok("glossator/trust/set", json!({ "trusted": trusted })).await;
}

/// What a turn in a new session asks: the grants of each question.
async fn offered(peer: &Peer, prompt: &str) -> Vec<Value> {
    let ended = peer.first_turn(prompt).await;
    ended.assert("done");
    ended.updates("ask").iter().map(|one| one["ask"]["grants"].clone()).collect()
}

#[tokio::test]
async fn exactly_this_is_allowed_for_good() {
    let world = World::obedient().await;
    let first = granting(&world, "exact").await;
    trust(&first, true).await;
    let touch = exec(&["touch", "made"]);
    assert_eq!(offered(&first, &touch).await, [json!(["once", "session", "exact"])]);
    assert!(offered(&first, &touch).await.is_empty(), "another session");
    assert_eq!(offered(&first, &exec(&["touch", "other"])).await.len(), 1, "another file");
    first.leave().await;
    let other = granting(&world, "once").await;
    assert!(offered(&other, &touch).await.is_empty(), "another process");
    let list = other.ok("glossator/grants/list", json!({})).await["grants"].clone();
    let saved: Vec<_> = list.as_array().unwrap().iter().map(|one| (&one["id"], &one["saved"])).collect();
    assert_eq!(saved, [(&json!("W1"), &json!(true)), (&json!("W2"), &json!(true))], "{list}");
    assert!(
        list[0]["what"].as_str().unwrap().contains("touch made") && list[0]["sessionId"].is_null(),
        "{list}"
    );
    let revoke = |id: &str| json!({ "id": id });
    assert_eq!(other.ok("glossator/grants/revoke", revoke("W1")).await["revoked"], 1);
    let why = other.refused("glossator/grants/revoke", revoke("W1")).await;
    assert!(why.contains("nothing is saved as W1") && why.contains("known: W2"), "{why}");
    assert_eq!(offered(&other, &touch).await.len(), 1, "it is asked again");
}

#[tokio::test]
async fn what_begins_alike_is_allowed_for_good() {
    let world = World::obedient().await;
    let peer = granting(&world, "prefix").await;
    trust(&peer, true).await;
    let ended = peer.first_turn(&exec(&["mkdir", "one"])).await;
    let ask = ended.updates("ask")[0]["ask"].clone();
    assert_eq!(
        (&ask["subject"]["begins"], &ask["grants"]),
        (&json!("mkdir"), &json!(["once", "session", "exact", "prefix"]))
    );
    assert!(offered(&peer, &exec(&["mkdir", "-p", "two/three"])).await.is_empty());
    assert!(world.exists("one") && world.exists("two/three"));
    let list = peer.ok("glossator/grants/list", json!({})).await;
    assert_eq!(list["grants"][0]["what"], "commands that begin with `mkdir`");
    // What is more than that command, or is no command of the workspace's, is another matter.
    for script in ["mkdir four; touch five", "mkdir $(echo six)", "A=b mkdir seven", "mkdir eight > nine"] {
        let call = format!("await tools.exec({{ script: {} }}).catch(() => 0);\nreturn 1;", json!(script));
        assert_eq!(offered(&peer, &call).await.len(), 1, "{script}");
    }
    let with_input = "await tools.exec({ command: ['mkdir', 'ten'], stdin: 'x' });\nreturn 1;";
    assert_eq!(offered(&peer, with_input).await.len(), 1);
    // A dangerous one asks whatever was allowed.
    let outside = exec(&["mkdir", "/etc/glossator-test"]);
    for grants in offered(&peer, &outside).await {
        assert!(!grants.as_array().unwrap().contains(&json!("prefix")) || grants[0] == "once", "{grants}");
    }
}

#[tokio::test]
async fn calls_that_wait_are_answered_by_it() {
    let world = World::obedient().await;
    let peer = Peer::start(&world).await;
    trust(&peer, true).await;
    let all = "const made = ['a', 'b', 'c'].map((name) => tools.exec({ command: ['mkdir', name] }));\n\
               await Promise.all(made);\nreturn 1;";
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, all).await;
    let asks = peer.asks(&session, &turn, 3).await;
    let allow = json!([{ "askId": asks[1]["id"], "grant": "prefix" }]);
    peer.command("glossator.approve", allow).await.unwrap();
    peer.end(&session, &turn).await.assert("done");
    assert!(["a", "b", "c"].iter().all(|name| world.exists(name)));
}

#[tokio::test]
async fn nothing_is_saved_for_a_folder_that_is_not_trusted() {
    let world = World::obedient().await;
    let peer = Peer::with(&world, &Who::extension(), |asked: &Asked| {
        (asked.method == "glossator/approval/ask")
            .then(|| Answer::Result(json!({ "decision": "allow", "grant": "exact" })))
    })
    .await;
    trust(&peer, true).await;
    let touch = exec(&["touch", "made"]);
    assert_eq!(offered(&peer, &touch).await.len(), 1);
    trust(&peer, false).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, &touch).await;
    let asks = peer.asks(&session, &turn, 1).await;
    assert_eq!(asks[0]["grants"], json!(["once", "session"]), "and what was saved does not count");
    // What is not offered is no answer.
    peer.shown(&["it grants \"exact\"", "once, session", "still open"]).await;
    peer.command("glossator.approve", json!([{ "askId": asks[0]["id"] }])).await.unwrap();
    peer.end(&session, &turn).await.assert("done");
}

#[tokio::test]
async fn plain_clients_are_offered_it_in_words() {
    let world = World::obedient().await;
    let peer = Peer::with(&world, &Who::recorded("hx-trixie"), |_| None).await;
    peer.command("glossator.trust", json!([])).await.unwrap();
    peer.command("glossator.ask", json!([exec(&["mkdir", "one"])])).await.unwrap();
    let actions = loop {
        let actions = peer.actions("file:///anything.txt").await;
        if !actions.is_empty() {
            break actions;
        }
        tokio::task::yield_now().await;
    };
    let titles: Vec<_> = actions.iter().filter_map(|one| one["title"].as_str()).collect();
    for words in ["Allow for this session", "Always allow exactly this", "Always allow `mkdir …`"] {
        assert!(titles.iter().any(|title| title.contains(words)), "{words}: {titles:?}");
    }
    let prefix = actions.iter().find(|one| one["title"].as_str().unwrap().contains("mkdir …")).unwrap();
    let command = &prefix["command"];
    peer.command(command["command"].as_str().unwrap(), command["arguments"].clone()).await.unwrap();
    peer.shown(&["Glossator: Done."]).await;
    assert!(world.exists("one"));
    // And they can take it back: a line of the list has an action.
    let shown = peer.command("glossator.grants", json!([])).await.unwrap();
    assert_eq!(shown["values"], json!(["W1"]));
    let uri = shown["uri"].as_str().unwrap();
    let text = fs::read_to_string(uri.strip_prefix("file://").unwrap()).unwrap();
    let line = text.lines().position(|line| line.contains("begin with")).unwrap();
    assert!(text.lines().nth(line).unwrap().contains("in this workspace"), "{text}");
    peer.open(uri, &text);
    let at = json!({ "line": line, "character": 0 });
    let params = json!({ "textDocument": { "uri": uri }, "range": { "start": at, "end": at },
        "context": { "diagnostics": [] } });
    let actions = peer.ok("textDocument/codeAction", params).await;
    let back = actions
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["title"].as_str().unwrap().contains("Take W1 back"));
    let command = &back.unwrap_or_else(|| panic!("{actions}"))["command"];
    peer.command(command["command"].as_str().unwrap(), command["arguments"].clone()).await.unwrap();
    assert_eq!(peer.command("glossator.grants", json!([])).await.unwrap()["values"], json!([]));
    let why = peer.command("glossator.grants", json!(["W1"])).await.unwrap_err();
    assert!(why["message"].as_str().unwrap().contains("nothing is saved as W1"), "{why}");
}

#[tokio::test]
async fn what_cannot_be_saved_holds_for_the_session() {
    let world = World::obedient().await;
    let peer = granting(&world, "exact").await;
    trust(&peer, true).await;
    peer.first_turn("return 1;").await.assert("done");
    let below = fs::read_dir(world.state().join("workspaces")).unwrap().next().unwrap().unwrap().path();
    // A folder where the file would be.
    fs::create_dir(below.join("grants.json")).unwrap();
    fs::set_permissions(below.join("grants.json"), fs::Permissions::from_mode(0o700)).unwrap();
    let touch = "for (const at of [1, 2]) await tools.exec({ command: ['touch', 'made'] });\nreturn 1;";
    let ended = peer.first_turn(touch).await;
    ended.assert("done");
    assert_eq!(ended.updates("ask").len(), 1);
    let notices = ended.items("notice");
    let told = |one: &Value| one["text"].as_str().unwrap_or_default().contains("could not be saved");
    assert!(notices.iter().any(told), "{notices:?}");
}
