//! Questions to the user: every road to an answer, one answer each, and what becomes of it.

use crate::harness::{
    Answer, Asked, Peer, Reply, Who, World, items, last_user_text, patch, script, script_and,
};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A script with one command that asks.
const TOUCH: &str = "const run = await tools.exec({ command: ['touch', 'made'] });\nreturn run.exitCode;";
/// Two that ask at the same time.
const TWO: &str = "const [a, b] = await Promise.all(['one', 'two'].map((name) => tools.exec({ command: ['touch', name] }).then(() => name, (error) => error.message)));\nreturn a + ' and ' + b;";

/// Plain clients: with dialogs, and without.
fn with_dialogs() -> Who {
    Who::recorded("nvim-forky")
}

fn without_dialogs() -> Who {
    Who::recorded("hx-trixie")
}

async fn plain_ask(peer: &Peer) -> (String, String) {
    let started = peer.command("glossator.ask", json!(["Make it"])).await.unwrap();
    (started["sessionId"].as_str().unwrap().to_owned(), started["turnId"].as_str().unwrap().to_owned())
}

async fn plain_end(peer: &Peer) {
    peer.shown(&["Glossator: Done."]).await;
}

#[tokio::test]
async fn the_extension_asks_with_all_that_is_needed() {
    let world = World::new(script_and(TOUCH)).await;
    let peer = Peer::allowing(&world).await;
    let ended = peer.first_turn("Make it").await;
    ended.assert("done");
    assert!(world.exists("made"));
    let asked = peer
        .wait("the ask", |one| (one.method == "glossator/approval/ask").then(|| one.params.clone()))
        .await;
    assert_eq!((&asked["sessionId"], &asked["turnId"]), (&json!(ended.session), &json!("T-1")));
    let subject = json!({ "kind": "command", "command": "touch made", "cwd": world.workspace() });
    assert_eq!(asked["ask"]["subject"], subject);
    assert_eq!(asked["ask"]["grants"], json!(["once", "session"]));
    assert_eq!(ended.updates("ask")[0]["ask"], asked["ask"]);
    let resolved = ended.updates("askResolved");
    assert_eq!((resolved.len(), &resolved[0]["answer"]["decision"]), (1, &json!("allow")));
    let stored = items(&world, &ended.session).into_iter().find(|item| item["kind"] == "approval").unwrap();
    assert_eq!((&stored["ask"]["id"], &stored["answer"]["decision"]), (&asked["ask"]["id"], &json!("allow")));
}

#[tokio::test]
async fn a_no_reaches_the_model_with_its_reason() {
    let world = World::new(script_and(TOUCH)).await;
    let peer = Peer::with(&world, &Who::extension(), |asked| {
        let no = json!({ "decision": "deny", "message": "use mkdir instead" });
        (asked.method == "glossator/approval/ask").then_some(Answer::Result(no))
    })
    .await;
    peer.first_turn("Make it").await.assert("done");
    assert!(!world.exists("made"));
    let told = last_user_text(&world.requests()[1].body);
    assert!(told.contains("ToolDenied") && told.contains("use mkdir instead"), "{told}");
}

/// Dialogs answered one after the other with `choices` (null is a dismissal); whether the command ran.
async fn check_dialogs(choices: &'static [Option<&'static str>], ran: bool) {
    let world = World::new(script_and(TOUCH)).await;
    let shown = AtomicUsize::new(0);
    let peer = Peer::with(&world, &with_dialogs(), move |asked| {
        if asked.method != "window/showMessageRequest" {
            return None;
        }
        let titles: Vec<_> = asked.params["actions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["title"].as_str().unwrap())
            .collect();
        assert_eq!(titles, ["Show", "Allow", "Allow for this session", "Deny"]);
        let choice = choices.get(shown.fetch_add(1, Ordering::Relaxed)).copied().flatten();
        Some(Answer::Result(choice.map_or(Value::Null, |title| json!({ "title": title }))))
    })
    .await;
    plain_ask(&peer).await;
    if choices.contains(&Some("Show")) {
        peer.wait("what is asked", |one| (one.method == "window/showDocument").then_some(())).await;
    }
    if choices.last() == Some(&None) {
        peer.shown(&["Glossator asks", "touch made"]).await;
        until_pending(&peer).await;
        assert!(!world.exists("made"), "a dismissed dialog is no answer");
        peer.command("glossator.approve", json!([])).await.unwrap();
    }
    plain_end(&peer).await;
    assert_eq!(world.exists("made"), ran, "{choices:?}");
}

/// Waits until a code action offers an answer.
async fn until_pending(peer: &Peer) -> Vec<Value> {
    loop {
        let actions = peer.actions("file:///anything.txt").await;
        if !actions.is_empty() {
            return actions;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn dialogs() {
    check_dialogs(&[Some("Allow")], true).await;
    check_dialogs(&[Some("Allow for this session")], true).await;
    check_dialogs(&[Some("Deny")], false).await;
    check_dialogs(&[Some("Show"), Some("Allow")], true).await;
    check_dialogs(&[None], true).await;
}

#[tokio::test]
async fn a_client_that_cannot_show_its_announced_dialogs_has_other_roads() {
    let world = World::new(script_and(TOUCH)).await;
    let peer = Peer::with(&world, &with_dialogs(), |asked| {
        let error = Answer::Error(-32601, "no dialogs".to_owned());
        (asked.method == "window/showMessageRequest").then_some(error)
    })
    .await;
    plain_ask(&peer).await;
    until_pending(&peer).await;
    peer.command("glossator.approve", json!([])).await.unwrap();
    plain_end(&peer).await;
    assert!(world.exists("made"));
}

#[tokio::test]
async fn code_actions_in_any_buffer() {
    for (title, ran) in [
        ("Glossator: Allow —", true),
        ("Glossator: Allow for this session —", true),
        ("Glossator: Deny —", false),
    ] {
        let world = World::new(script_and(TOUCH)).await;
        let peer = Peer::with(&world, &without_dialogs(), |_| None).await;
        peer.open(&world.uri("other.txt"), "not about it\n");
        plain_ask(&peer).await;
        peer.shown(&["Glossator asks", "touch made", "glossator.approve"]).await;
        let actions = peer.actions(&world.uri("other.txt")).await;
        let action = actions.iter().find(|one| one["title"].as_str().unwrap().starts_with(title));
        let action = action.unwrap_or_else(|| panic!("no {title} in {actions:?}"));
        peer.ok("workspace/executeCommand", action["command"].clone()).await;
        plain_end(&peer).await;
        assert_eq!(world.exists("made"), ran, "{title}");
        assert!(peer.actions(&world.uri("other.txt")).await.is_empty(), "an answered ask is offered no more");
    }
}

#[tokio::test]
async fn commands_answer_the_only_ask_or_list_several() {
    let world = World::new(script_and(TWO)).await;
    let peer = Peer::with(&world, &without_dialogs(), |_| None).await;
    let nothing = peer.command("glossator.approve", json!([])).await.unwrap_err();
    assert!(nothing["message"].as_str().unwrap().contains("Nothing is waiting"));
    plain_ask(&peer).await;
    peer.shown(&["Glossator asks", "touch one"]).await;
    peer.shown(&["Glossator asks", "touch two"]).await;
    let several = peer.command("glossator.approve", json!([])).await.unwrap_err();
    let several = several["message"].as_str().unwrap().to_owned();
    assert!(several.contains("touch one") && several.contains("touch two"), "{several}");
    let ids: Vec<String> =
        ["one", "two"].iter().map(|name| id_before(&several, &format!("touch {name}"))).collect();
    peer.command("glossator.deny", json!([{ "askId": ids[1], "message": "not two" }])).await.unwrap();
    let again = peer.command("glossator.approve", json!([ids[1]])).await.unwrap_err();
    assert!(again["message"].as_str().unwrap().contains("no longer open"), "{again}");
    peer.command("glossator.approve", json!([])).await.unwrap();
    plain_end(&peer).await;
    assert!(world.exists("one") && !world.exists("two"));
    assert!(last_user_text(&world.requests()[1].body).contains("not two"));
}

/// The id that stands before `what` in a list of asks.
fn id_before(list: &str, what: &str) -> String {
    let before = &list[..list.find(what).unwrap()];
    let entry = before.rsplit(['{', ';', ' ']).find(|word| word.starts_with('A') && word.ends_with(':'));
    entry.unwrap_or_else(|| panic!("no id before {what} in {list}")).trim_end_matches(':').to_owned()
}

#[tokio::test]
async fn two_asks_answered_in_reverse_order() {
    let world = World::new(script_and(TWO)).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Make two").await;
    let mut requests = Vec::new();
    peer.wait("two asks", |one| {
        if one.method == "glossator/approval/ask" {
            requests.push(one.id.clone());
        }
        (requests.len() == 2).then_some(())
    })
    .await;
    for id in requests.iter().rev() {
        peer.client.respond(id, json!({ "decision": "allow" }));
    }
    let ended = peer.end(&session, &turn).await;
    assert!(ended.assert("done").result().contains("one and two"), "{ended:#?}");
    assert!(world.exists("one") && world.exists("two"));
    assert_eq!(ended.updates("askResolved").len(), 2);
}

#[tokio::test]
async fn the_first_answer_holds_on_whatever_road() {
    let world = World::new(script_and(TOUCH)).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Make it").await;
    let ask = peer.asks(&session, &turn, 1).await.remove(0);
    let request = peer
        .wait("the request", |one| (one.method == "glossator/approval/ask").then(|| one.id.clone()))
        .await;
    let read = peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
    assert_eq!((&read["asks"], &read["running"]), (&json!([ask]), &json!(turn)));
    peer.command("glossator.deny", json!([])).await.unwrap();
    peer.client.respond(&request, json!({ "decision": "allow" }));
    let ended = peer.end(&session, &turn).await;
    assert_eq!(ended.updates("askResolved").len(), 1);
    assert!(!world.exists("made"));
    peer.alive().await;
}

#[tokio::test]
async fn a_grant_for_the_session_is_not_asked_for_twice() {
    let steps = vec![
        script(TOUCH),
        script(TOUCH),
        Reply::Text("Done.".to_owned()),
        script(TOUCH),
        Reply::Text("Done.".to_owned()),
    ];
    let world = World::new(steps).await;
    let peer = Peer::with(&world, &Who::extension(), |asked| {
        let yes = json!({ "decision": "allow", "grant": "session" });
        (asked.method == "glossator/approval/ask").then_some(Answer::Result(yes))
    })
    .await;
    let first = peer.first_turn("Make it, twice").await;
    assert_eq!(first.assert("done").updates("ask").len(), 1);
    let second = peer.turn(&first.session, "Again").await;
    assert_eq!(second.assert("done").updates("ask").len(), 0);
    assert_eq!(second.items("toolOutput").len(), 1);
}

/// An edit of `file`, which asks with its diff; whether it is made after `decision`.
async fn check_protected(file: &str, decision: &'static str) {
    let world = World::new(script_and(&patch(file, &["old"], &["new"]))).await;
    world.write(file, "old\n");
    let peer = Peer::with(&world, &Who::extension(), move |asked: &Asked| {
        (asked.method == "glossator/approval/ask").then(|| Answer::Result(json!({ "decision": decision })))
    })
    .await;
    let ended = peer.first_turn("Change it").await;
    let asks = ended.assert("done").updates("ask");
    assert_eq!(asks.len(), 1, "{file}");
    let subject = &asks[0]["ask"]["subject"];
    assert_eq!((&subject["kind"], &subject["files"]), (&json!("edit"), &json!([file])));
    let diff = subject["diff"].as_str().unwrap();
    assert!(diff.contains("\n-old\n+new\n") && diff.contains(file), "{diff}");
    assert_eq!(asks[0]["ask"]["grants"], json!(["once"]));
    assert_eq!(world.read(file), if decision == "allow" { "new\n" } else { "old\n" });
}

#[tokio::test]
async fn protected_files_ask_with_the_diff() {
    check_protected(".vscode/settings.json", "allow").await;
    check_protected(".vscode/settings.json", "deny").await;
    check_protected(".github/workflows/ci.yml", "deny").await;
    check_protected("AGENTS.md", "deny").await;
}

#[tokio::test]
async fn when_the_editor_goes_in_mid_ask_the_turn_ends() {
    let world = World::new(script_and(TOUCH)).await.in_process();
    let mut peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Make it").await;
    peer.asks(&session, &turn, 1).await;
    peer.hang_up();
    assert_eq!(peer.exit_code().await, 1);
    assert!(!world.exists("made"));
    let last = items(&world, &session).pop().unwrap();
    assert_eq!((&last["kind"], &last["status"]), (&json!("turnEnded"), &json!("interrupted")));
}

#[tokio::test]
async fn an_ask_may_time_out() {
    let world = World::new(script_and(TOUCH)).await;
    world.settings("", "[ask]\ntimeout_s = 1");
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Make it").await;
    assert!(ended.assert("done").result().contains("nobody answered in time"));
    assert!(!world.exists("made"));
}
