//! `edits.review = "before"`: nothing is changed before the user has accepted it, hunk by hunk.

use crate::harness::{
    Answer, Asked, Ended, Peer, Reply, Who, World, calls, items, last_user_text, patch, run, script,
    script_and,
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::sync::Arc;

const BEFORE: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";
const ALL: &str = "ONE\ntwo\nthree\nFOUR\nfive\nsix\nSEVEN\n";

/// Three hunks in `a.txt`, a new file and one that goes: hunks 1 to 5.
const PATCH: &str = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+ONE\n two\n@@\n-four\n+FOUR\n five\n@@\n-seven\n+SEVEN\n\
                     *** Add File: new.txt\n+new\n*** Delete File: old.txt\n*** End Patch\n";

/// A script that applies `patch` and returns what it comes to, or its error.
fn applying(patch: &str) -> String {
    format!(
        "return await tools.applyPatch({{ patch: {} }}).catch((error) => error.name + ': ' + error.message);",
        json!(patch)
    )
}

async fn world(steps: Vec<Reply>) -> World {
    let world = World::new(steps).await;
    world.settings("", "[edits]\nreview = \"before\"");
    for (name, text) in [("a.txt", BEFORE), ("b.txt", BEFORE), ("old.txt", "old\n")] {
        world.write(name, text);
    }
    world
}

/// A turn that applies [`PATCH`], where the user answers with `answer`; and the outcome of its call.
async fn answered(answer: Value) -> (World, Peer, Ended, Value) {
    let world = world(script_and(&applying(PATCH))).await;
    let peer = Peer::with(&world, &Who::extension(), move |asked: &Asked| {
        (asked.method == "glossator/approval/ask").then(|| Answer::Result(answer.clone()))
    })
    .await;
    let ended = peer.first_turn("Change it").await;
    ended.assert("done");
    assert_eq!(ended.updates("ask").len(), 1);
    let outcome = outcomes(&world, &ended.session).remove(0);
    (world, peer, ended, outcome)
}

fn outcomes(world: &World, session: &str) -> Vec<Value> {
    let all = items(world, session);
    all.into_iter().filter(|item| item["kind"] == "toolOutput").map(|item| item["outcome"].clone()).collect()
}

fn untouched(world: &World, session: &str) {
    assert_eq!((world.read("a.txt").as_str(), world.read("old.txt").as_str()), (BEFORE, "old\n"));
    assert!(!world.exists("new.txt"));
    assert!(!items(world, session).iter().any(|item| item["kind"] == "changeSet"), "nothing was begun");
}

#[tokio::test]
async fn the_ask_shows_every_hunk() {
    let (world, _peer, ended, outcome) = answered(json!({ "decision": "allow" })).await;
    let ask = &ended.updates("ask")[0]["ask"];
    assert_eq!(ask["grants"], json!(["once"]), "there is no lasting allow for it");
    assert!(ask["reason"].as_str().unwrap().contains("before"), "{ask}");
    let hunk = |path: &str, line: usize, base: &str, proposed: &str| json!({ "path": path, "line": line, "base": base, "proposed": proposed });
    let hunks = json!([
        hunk("a.txt", 1, "one\n", "ONE\n"),
        hunk("a.txt", 4, "four\n", "FOUR\n"),
        hunk("a.txt", 7, "seven\n", "SEVEN\n"),
        hunk("new.txt", 1, "", "new\n"),
        hunk("old.txt", 1, "old\n", ""),
    ]);
    assert_eq!(ask["subject"]["hunks"], hunks);
    assert!(ask["subject"]["diff"].as_str().unwrap().contains("\n-one\n+ONE\n"));
    // All of it was accepted.
    let value = &outcome["Ok"]["value"];
    assert_eq!((&value["review"], value.get("rejected")), (&json!("accepted"), None), "{value}");
    assert_eq!((world.read("a.txt").as_str(), world.read("new.txt").as_str()), (ALL, "new\n"));
    assert!(!world.exists("old.txt"));
}

#[tokio::test]
async fn only_accepted_hunks_are_made() {
    let answer = json!({ "decision": "allow", "hunks": [4, 2], "message": "keep the rest" });
    let (world, peer, ended, outcome) = answered(answer).await;
    assert_eq!(world.read("a.txt"), BEFORE.replace("four", "FOUR"));
    assert_eq!((world.read("new.txt").as_str(), world.read("old.txt").as_str()), ("new\n", "old\n"));
    let value = &outcome["Ok"]["value"];
    let at = |path: &str, line: usize| json!({ "path": path, "line": line });
    assert_eq!(value["rejected"], json!([at("a.txt", 1), at("a.txt", 7), at("old.txt", 1)]), "{value}");
    assert_eq!((&value["review"], &value["message"]), (&json!("accepted"), &json!("keep the rest")));
    assert_eq!(value["files"].as_array().unwrap().len(), 2);
    assert_eq!(value["files"][0]["hunks"], json!([{ "startLine": 4, "oldLines": 1, "newLines": 1 }]));
    let told = last_user_text(&world.requests()[1].body);
    assert!(told.contains("keep the rest") && told.contains("rejected"), "{told}");
    let change = ended.updates("changeSet")[0];
    assert_eq!(change["files"], json!(["a.txt", "new.txt"]));
    peer.undo(&ended.session).await;
    assert_eq!((world.read("a.txt").as_str(), world.exists("new.txt")), (BEFORE, false));
}

#[tokio::test]
async fn a_no_changes_nothing() {
    for (answer, words) in [
        (json!({ "decision": "deny", "message": "not so" }), "and said: not so"),
        (json!({ "decision": "deny", "hunks": [1] }), "did not allow"),
        (json!({ "decision": "allow", "hunks": [], "message": "none of it" }), "and said: none of it"),
        (json!({ "decision": "allow", "hunks": [] }), "rejected every hunk"),
    ] {
        let (world, _peer, ended, outcome) = answered(answer).await;
        assert_eq!(outcome["Err"]["kind"], "ToolDenied", "{outcome}");
        assert!(outcome["Err"]["message"].as_str().unwrap().contains(words), "{outcome}");
        assert!(ended.result().contains("ToolDenied"));
        untouched(&world, &ended.session);
    }
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_leaves_the_question_open() {
    for (hunks, words) in
        [(json!([0]), "hunk 0"), (json!([1, 6]), "hunks 1 to 5"), (json!([2, 2]), "2 twice")]
    {
        let world = world(script_and(&applying(PATCH))).await;
        let answer = json!({ "decision": "allow", "hunks": hunks });
        let peer = Peer::with(&world, &Who::extension(), move |asked: &Asked| {
            (asked.method == "glossator/approval/ask").then(|| Answer::Result(answer.clone()))
        })
        .await;
        let answered = async {
            peer.shown(&["still open", words]).await;
            let told = peer.command("glossator.approve", json!([{ "hunks": hunks }])).await.unwrap_err();
            assert!(told["message"].as_str().unwrap().contains(words), "{told}");
            peer.command("glossator.approve", json!([{ "hunks": [1] }])).await.unwrap();
        };
        let (ended, ()) = tokio::join!(peer.first_turn("Change it"), answered);
        ended.assert("done");
        assert_eq!(world.read("a.txt"), BEFORE.replace("one", "ONE"));
    }
}

#[tokio::test]
async fn a_native_call_waits_too() {
    let step = calls(&[("toolu_1", "applyPatch", json!({ "patch": PATCH }))]);
    let world = world(vec![step, Reply::Text("Done.".to_owned())]).await;
    world.settings("policy = \"full\"", "[tools]\ncalling = \"native\"\n[edits]\nreview = \"before\"");
    let peer = Peer::with(&world, &Who::extension(), |asked: &Asked| {
        let answer = json!({ "decision": "allow", "hunks": [1] });
        (asked.method == "glossator/approval/ask").then_some(Answer::Result(answer))
    })
    .await;
    let ended = peer.first_turn("Change it").await;
    assert_eq!(ended.assert("done").updates("ask").len(), 1, "also where the policy is full");
    assert_eq!(world.read("a.txt"), BEFORE.replace("one", "ONE"));
    assert!(world.exists("old.txt") && !world.exists("new.txt"));
    assert_eq!(outcomes(&world, &ended.session)[0]["Ok"]["value"]["rejected"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_cancel_closes_the_ask_and_changes_nothing() {
    let world = world(script_and(&applying(PATCH))).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Change it").await;
    peer.asks(&session, &turn, 1).await;
    untouched(&world, &session);
    peer.interrupt(&session).await;
    let ended = peer.end(&session, &turn).await;
    assert_eq!(ended.assert("interrupted").updates("askResolved").len(), 1);
    assert_eq!(peer.ok("glossator/session/read", json!({ "sessionId": session })).await["asks"], json!([]));
    untouched(&world, &session);
}

/// The user types `typed` into `a.txt` while he is asked, then answers; the buffer then, and the call's outcome.
async fn typing(typed: &'static str, answer: Value) -> (String, Value) {
    let world = world(script_and(&applying(PATCH))).await;
    let uri = world.uri("a.txt");
    let (held, file) = (Arc::new(Mutex::new(Some(answer))), uri.clone());
    let peer = Peer::with(&world, &Who::extension(), move |asked: &Asked| {
        if asked.method != "glossator/approval/ask" {
            return None;
        }
        let change = asked.buffers.lock().set(&file, typed).unwrap();
        asked.client.notify("textDocument/didChange", change);
        held.lock().take().map(Answer::Result)
    })
    .await;
    peer.open(&uri, BEFORE);
    let ended = peer.first_turn("Change it").await;
    ended.assert("done");
    assert_eq!(world.read("a.txt"), BEFORE, "an open file is not saved");
    (peer.text(&uri), outcomes(&world, &ended.session).remove(0))
}

#[tokio::test]
async fn typing_elsewhere_while_asked_is_kept() {
    let typed = "zero\none\ntwo\nthree!\nfour\nfive\nsix\nseven\n";
    let (text, outcome) = typing(typed, json!({ "decision": "allow", "hunks": [1, 3] })).await;
    assert_eq!(text, "zero\nONE\ntwo\nthree!\nfour\nfive\nsix\nSEVEN\n");
    assert_eq!(outcome["Ok"]["value"]["rejected"].as_array().unwrap().len(), 3, "{outcome}");
}

#[tokio::test]
async fn typing_in_an_accepted_hunk_while_asked_is_not_overwritten() {
    let typed = "one\ntwo\nthree\nfour and a half\nfive\nsix\nseven\n";
    let (text, outcome) = typing(typed, json!({ "decision": "allow", "hunks": [2, 4] })).await;
    assert_eq!(text, typed);
    assert_eq!(outcome["Err"]["kind"], "ToolFailed", "{outcome}");
    assert!(outcome["Err"]["message"].as_str().unwrap().contains("four and a half"), "{outcome}");
    // In one that was rejected it does not matter.
    let (text, outcome) = typing(typed, json!({ "decision": "allow", "hunks": [1, 4] })).await;
    assert_eq!(text, typed.replace("one", "ONE"));
    assert!(outcome["Ok"].is_object(), "{outcome}");
}

#[tokio::test]
async fn a_closed_file_that_changes_while_asked_is_not_overwritten() {
    for (changed, made) in
        [("zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\n", true), ("one\nfour?\n", false)]
    {
        let world = world(script_and(&applying(PATCH))).await;
        let file = world.path("a.txt");
        let peer = Peer::with(&world, &Who::extension(), move |asked: &Asked| {
            if asked.method != "glossator/approval/ask" {
                return None;
            }
            std::fs::write(&file, changed).unwrap();
            Some(Answer::Result(json!({ "decision": "allow", "hunks": [2, 5] })))
        })
        .await;
        let ended = peer.first_turn("Change it").await;
        let outcome = outcomes(&world, &ended.assert("done").session).remove(0);
        assert_eq!(outcome["Ok"].is_object(), made, "{outcome}");
        let expected = if made { changed.replace("four", "FOUR") } else { changed.to_owned() };
        assert_eq!(world.read("a.txt"), expected);
        assert_eq!(world.exists("old.txt"), !made, "all or nothing");
    }
}

#[tokio::test]
async fn two_asks_wait_at_the_same_time() {
    let both = format!(
        "await Promise.all([\n(async () => {{ {} }})(),\n(async () => {{ {} }})(),\n(async () => {{ {} }})(),\n]);\nreturn 'all';",
        patch("a.txt", &["four"], &["FOUR"]),
        patch("b.txt", &["two"], &["TWO"]),
        patch("a.txt", &["one"], &["ONE"]),
    );
    let world = world(script_and(&both)).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Change them").await;
    let mut requests = Vec::new();
    peer.wait("three asks", |one| {
        if one.method == "glossator/approval/ask" {
            requests.push(one.id.clone());
        }
        (requests.len() == 3).then_some(())
    })
    .await;
    assert_eq!(world.read("a.txt"), BEFORE);
    for id in requests.iter().rev() {
        peer.client.respond(id, json!({ "decision": "allow", "hunks": [1] }));
    }
    let ended = peer.end(&session, &turn).await;
    assert!(ended.assert("done").result().contains("all"), "{ended:#?}");
    assert_eq!(world.read("a.txt"), BEFORE.replace("four", "FOUR").replace("one", "ONE"));
    assert_eq!(world.read("b.txt"), BEFORE.replace("two", "TWO"));
}

#[tokio::test]
async fn a_patch_in_a_command_is_answered_by_hunks_too() {
    let text = format!("apply_patch <<'EOF'\n{PATCH}EOF\n");
    let world = world(script_and(&format!("return await tools.exec({});", json!({ "script": text })))).await;
    let peer = Peer::with(&world, &Who::extension(), |asked: &Asked| {
        let answer = json!({ "decision": "allow", "hunks": [2, 5] });
        (asked.method == "glossator/approval/ask").then_some(Answer::Result(answer))
    })
    .await;
    let ended = peer.first_turn("Change it").await;
    let ask = &ended.assert("done").updates("ask")[0]["ask"];
    assert_eq!(
        (&ask["subject"]["kind"], ask["subject"]["hunks"].as_array().unwrap().len()),
        (&json!("edit"), 5)
    );
    assert_eq!(world.read("a.txt"), BEFORE.replace("four", "FOUR"));
    assert!(!world.exists("old.txt") && !world.exists("new.txt"));
    let value = &outcomes(&world, &ended.session)[0]["Ok"]["value"];
    assert_eq!(value["stdout"], "Success. Updated the following files:\nM a.txt\nD old.txt\n");
    let stderr = value["stderr"].as_str().unwrap();
    for line in ["hunk at line 1 of a.txt", "hunk at line 7 of a.txt", "hunk at line 1 of new.txt"] {
        assert!(stderr.contains(&format!("rejected by the user: the {line}\n")), "{stderr}");
    }
}

#[tokio::test]
async fn a_moved_file_is_one_hunk() {
    let text =
        "*** Begin Patch\n*** Update File: a.txt\n*** Move to: sub/c.txt\n@@\n-one\n+ONE\n*** End Patch\n";
    for (hunks, moved) in [(json!([1]), true), (json!([]), false)] {
        let world = world(script_and(&applying(text))).await;
        let peer = Peer::with(&world, &Who::extension(), move |asked: &Asked| {
            let answer = json!({ "decision": "allow", "hunks": hunks });
            (asked.method == "glossator/approval/ask").then_some(Answer::Result(answer))
        })
        .await;
        let ended = peer.first_turn("Move it").await;
        let asked = ended.assert("done").updates("ask")[0]["ask"]["subject"].clone();
        assert!(asked["diff"].as_str().unwrap().contains("rename to sub/c.txt"), "{asked}");
        assert_eq!(asked["hunks"].as_array().unwrap().len(), 1);
        assert_eq!((asked["hunks"][0]["base"].as_str(), world.exists("a.txt")), (Some(BEFORE), !moved));
        assert_eq!(world.exists("sub/c.txt"), moved);
    }
}

#[tokio::test]
async fn kinds_of_hunks_are_answered_apart() {
    // Hunk 1 moves, 2 and 3 are places, 4 is a creation in a new folder, 5 a deletion.
    let text = "*** Begin Patch\n*** Update File: a.txt\n*** Move to: sub/c.txt\n-one\n+ONE\n*** Update File: b.txt\n\
                -two\n+TWO\n@@\n-six\n+SIX\n*** Add File: sub/new.txt\n+new\n*** Delete File: old.txt\n*** End Patch\n";
    for accepted in [vec![1, 3], vec![2, 4, 5], vec![5, 3, 1], vec![4]] {
        let world = world(script_and(&applying(text))).await;
        let hunks = accepted.clone();
        let peer = Peer::with(&world, &Who::extension(), move |asked: &Asked| {
            let answer = json!({ "decision": "allow", "hunks": hunks });
            (asked.method == "glossator/approval/ask").then_some(Answer::Result(answer))
        })
        .await;
        let ended = peer.first_turn("Change it").await;
        ended.assert("done");
        let has = |number: usize| accepted.contains(&number);
        let with = |number, old, new| if has(number) { (old, new) } else { ("", "") };
        let (two, six) = (with(2, "two", "TWO"), with(3, "six", "SIX"));
        let b = BEFORE.replace(two.0, two.1).replace(six.0, six.1);
        assert_eq!(world.read("b.txt"), b, "{accepted:?}");
        let there = ["a.txt", "sub/c.txt", "sub/new.txt", "old.txt", "sub"].map(|path| world.exists(path));
        assert_eq!(there, [!has(1), has(1), has(4), !has(5), has(1) || has(4)], "{accepted:?}");
        let value = &outcomes(&world, &ended.session)[0]["Ok"]["value"];
        assert_eq!(value["rejected"].as_array().unwrap().len(), 5 - accepted.len(), "{value}");
        peer.undo(&ended.session).await;
        let back = ["a.txt", "b.txt"].map(|path| world.read(path));
        assert_eq!((back, world.read("old.txt").as_str()), ([BEFORE.to_owned(), BEFORE.to_owned()], "old\n"));
        assert!(!world.exists("sub"), "{accepted:?}");
    }
}

#[tokio::test]
async fn read_only_still_refuses() {
    let world = world(script_and(&applying(PATCH))).await;
    world.settings("policy = \"read-only\"", "[edits]\nreview = \"before\"");
    let peer = Peer::allowing(&world).await;
    let ended = peer.first_turn("Change it").await;
    assert!(ended.assert("done").updates("ask").is_empty());
    assert!(ended.result().contains("read-only"), "{ended:#?}");
    untouched(&world, &ended.session);
}

#[tokio::test]
async fn a_dry_run_says_that_it_would_ask() {
    let world = world(script_and(&applying(PATCH))).await;
    world.settings("", "[edits]\nreview = \"before\"\n[script]\nmode = \"dry-run\"");
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Change it").await;
    assert!(ended.assert("done").updates("ask").is_empty());
    assert!(ended.result().contains("would ask: edits are shown before they are made"), "{}", ended.result());
    untouched(&world, &ended.session);
}

#[tokio::test]
async fn where_nobody_can_be_asked_it_is_refused_with_what_to_do() {
    let world = world(script_and(&applying(PATCH))).await;
    let ran = run(&world, &["exec", "Change it"], "").await;
    ran.assert(0);
    let told = last_user_text(&world.requests()[1].body);
    assert!(told.contains("ToolDenied") && told.contains("edits.review"), "{told}");
    assert_eq!(world.read("a.txt"), BEFORE);
}

#[tokio::test]
async fn a_trusted_folder_can_ask_for_it() {
    let change = || script(&patch("a.txt", &["one"], &["ONE"]));
    let done = || Reply::Text("Done.".to_owned());
    let world = World::new(vec![change(), done(), change(), done()]).await;
    world.write("a.txt", "one\none\n");
    world.write(".glossator/settings.toml", "[edits]\nreview = \"before\"\n");
    world.write("a.txt", "one\n");
    let peer = Peer::allowing(&world).await;
    let first = peer.first_turn("Change it").await;
    assert!(first.assert("done").updates("ask").is_empty(), "an untrusted folder sets nothing");
    assert_eq!(world.read("a.txt"), "ONE\n");
    world.write("a.txt", "one\n");
    peer.command("glossator.trust", json!([])).await.unwrap();
    let second = peer.first_turn("Change it").await;
    assert_eq!(second.assert("done").updates("ask").len(), 1);
    assert_eq!(world.read("a.txt"), "ONE\n");
}

#[tokio::test]
async fn after_is_the_default_and_says_what_waits() {
    for (policy, standing) in [("ask", "pending"), ("auto-edit", "kept"), ("full", "kept")] {
        let world = world(script_and(&applying(PATCH))).await;
        world.settings(&format!("policy = \"{policy}\""), "");
        let peer = Peer::start(&world).await;
        let ended = peer.first_turn("Change it").await;
        assert!(ended.assert("done").updates("ask").is_empty());
        assert_eq!(outcomes(&world, &ended.session)[0]["Ok"]["value"]["review"], standing, "{policy}");
        assert_eq!(world.read("a.txt"), ALL);
    }
}
