//! Edits that come late or never, and undo where it is asked for twice, after a restart or of what is gone.

use crate::harness::{Answer, Asked, Message, Peer, Reply, Who, World, items, patch, script, script_and};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{sleep, timeout};

const BEFORE: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";
const AFTER: &str = "one\ntwo\nthree\nFOUR\nfive\nsix\nseven\n";

/// How long a stop may take over an editor that does not answer.
const SOON: Duration = Duration::from_secs(30);

/// An editor that makes so many edits at once, and answers no later one.
fn silent_after(honest: usize) -> impl Fn(&Asked) -> Option<Answer> + Send + Sync {
    let edits = AtomicUsize::new(0);
    move |asked: &Asked| {
        let is_edit = asked.method == "workspace/applyEdit";
        (is_edit && edits.fetch_add(1, Ordering::Relaxed) >= honest).then_some(Answer::Silence)
    }
}

/// The `n`-th edit that the editor is asked for, from 0, waited for.
async fn edit(peer: &Peer, n: usize) -> Message {
    let mut count = 0;
    peer.wait("an edit", |one| {
        count += usize::from(one.method == "workspace/applyEdit");
        (count > n).then(|| one.clone())
    })
    .await
}

/// The editor makes an edit that it had not answered.
fn make(peer: &Peer, edit: &Message) {
    let (answer, changes) = peer.buffers.lock().apply(&edit.params);
    assert_eq!(answer["applied"], true, "{answer}");
    changes.into_iter().for_each(|change| peer.client.notify("textDocument/didChange", change));
    peer.client.respond(&edit.id, answer);
}

/// A turn over the buffer `a.txt` that was stopped while the editor had not answered its edit.
async fn stopped_over_an_edit(peer: &Peer, world: &World) -> (String, String) {
    peer.open(&world.uri("a.txt"), BEFORE);
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Change it").await;
    edit(peer, 0).await;
    peer.interrupt(&session).await;
    let ended = timeout(SOON, peer.end(&session, &turn)).await.expect("a stop is quick");
    ended.assert("interrupted");
    assert!(ended.updates("changeSet").is_empty(), "what became of it is not known yet: {ended:#?}");
    (session, turn)
}

#[tokio::test]
async fn an_edit_that_lands_after_its_turn_was_stopped_can_be_undone() {
    let world = World::new(script_and(&patch("a.txt", &["four"], &["FOUR"]))).await;
    let peer = Peer::with(&world, &Who::extension(), silent_after(0)).await;
    let (session, turn) = stopped_over_an_edit(&peer, &world).await;
    make(&peer, &edit(&peer, 0).await);
    let state = peer.update(&session, &turn, "the edit's outcome", |update| {
        (update["kind"] == "changeSet").then(|| update["state"].clone())
    });
    assert_eq!(state.await, "committed");
    assert_eq!(peer.text(&world.uri("a.txt")), AFTER);
    // This edit, too, is only made once the test looks.
    let undo = peer.undo(&session);
    let made = async { make(&peer, &edit(&peer, 1).await) };
    let (undone, ()) = tokio::join!(undo, made);
    assert_eq!(undone["files"], json!(["a.txt"]), "{undone}");
    assert_eq!(peer.text(&world.uri("a.txt")), BEFORE);
    peer.assert_no_gaps(&session);
}

#[tokio::test]
async fn a_stop_over_an_editor_that_never_answers_an_edit() {
    let add =
        "await tools.applyPatch({ patch: '*** Begin Patch\\n*** Add File: b.txt\\n+made\\n*** End Patch' });";
    let steps =
        vec![script(&patch("a.txt", &["four"], &["FOUR"])), script(add), Reply::Text("Done.".to_owned())];
    let world = World::new(steps).await;
    let peer = Peer::with(&world, &Who::extension(), silent_after(0)).await;
    let (session, _) = stopped_over_an_edit(&peer, &world).await;
    let next = timeout(SOON, peer.turn(&session, "Something else")).await.expect("nothing holds it up");
    next.assert("done");
    assert_eq!((world.read("b.txt").as_str(), peer.text(&world.uri("a.txt")).as_str()), ("made\n", BEFORE));
    let stored = items(&world, &session);
    let next = stored.iter().position(|item| item["turn"] == "T-2").unwrap();
    let late: Vec<_> = stored[next..].iter().filter(|item| item["turn"] == "T-1").collect();
    assert!(late.is_empty(), "stored behind the beginning of the next turn: {late:?}");
    world.requests();
}

#[tokio::test]
async fn of_two_undos_at_once_one_is_made() {
    let world = World::new(script_and(&patch("a.txt", &["four"], &[]))).await;
    let peer = Peer::with(&world, &Who::extension(), silent_after(1)).await;
    let uri = world.uri("a.txt");
    peer.open(&uri, BEFORE);
    let session = peer.first_turn("Change it").await.assert("done").session.clone();
    assert_eq!(peer.text(&uri), BEFORE.replace("four\n", ""));
    let slowly = async {
        for n in 1.. {
            let asked = edit(&peer, n).await;
            sleep(Duration::from_millis(500)).await;
            make(&peer, &asked);
        }
    };
    let undo = || peer.request("glossator/turn/undo", json!({ "sessionId": session }));
    let (one, two) = tokio::select! {
        both = async { tokio::join!(undo(), undo()) } => both,
        () = slowly => unreachable!("it goes on for ever"),
    };
    let (made, refused): (Vec<_>, Vec<_>) = [one, two].into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (1, 1), "{made:?} {refused:?}");
    assert_eq!(made[0].as_ref().unwrap()["files"], json!(["a.txt"]));
    assert_eq!(peer.text(&uri), BEFORE);
    let error = peer.refused("glossator/turn/undo", json!({ "sessionId": session })).await;
    assert!(error.contains("nothing to undo"), "{error}");
}

const FIRST: &str = "fn a() {\n    return 1\n}\n";
const REWRITTEN: &str = "fn a(more: u8) {\n    let all = gather(more);\n    all.count()\n}\n";
const OTHER: &str = "fn b() {\n    return 0\n}\n";

/// A turn changes the function `a` in a text of `before`, `FIRST` and `after`, the user rewrites the function, the server is
/// started anew: its undo leaves the text alone.
async fn check_refused(open: bool, (before, after): (&str, &str)) {
    let world = World::new(script_and(&patch("a.rs", &["    return 1"], &["    return 0"]))).await;
    let text = |middle: &str| format!("{before}{middle}{after}");
    let uri = world.uri("a.rs");
    world.write("a.rs", text(FIRST));
    let peer = Peer::start(&world).await;
    if open {
        peer.open(&uri, &text(FIRST));
    }
    let session = peer.first_turn("Change it").await.assert("done").session.clone();
    let edited = if open { peer.text(&uri) } else { world.read("a.rs") };
    assert_eq!(edited, text(&FIRST.replace("return 1", "return 0")));
    assert_eq!(peer.leave().await, 0);

    world.write("a.rs", text(REWRITTEN));
    let peer = Peer::start(&world).await;
    if open {
        peer.open(&uri, &text(REWRITTEN));
    }
    let undone = peer.undo(&session).await;
    assert_eq!(undone["files"], json!([]), "{undone}");
    assert!(undone["message"].as_str().unwrap().contains("a.rs"), "{undone}");
    assert_eq!(world.read("a.rs"), text(REWRITTEN));
    assert!(!open || peer.text(&uri) == text(REWRITTEN));
}

#[tokio::test]
async fn undo_after_a_restart_touches_no_place_that_only_looks_alike() {
    for open in [true, false] {
        check_refused(open, ("", &format!("\n{OTHER}"))).await;
        check_refused(open, (&format!("{OTHER}\n"), "")).await;
        check_refused(open, ("", OTHER)).await;
        check_refused(open, ("// One.\n\n", &format!("\n// Two.\n\n{OTHER}\n// Three.\n"))).await;
    }
}

/// A whole turn of a client without the extension.
async fn plain_turn(peer: &Peer, prompt: &str) -> Value {
    let started = peer.command("glossator.ask", json!([prompt])).await.unwrap();
    let token = format!(
        "glossator/{}/{}",
        started["sessionId"].as_str().unwrap(),
        started["turnId"].as_str().unwrap()
    );
    peer.wait("the turn's end", |one| {
        let ended = one.method == "$/progress" && one.params["value"]["kind"] == "end";
        (ended && one.params["token"] == token).then_some(())
    })
    .await;
    started["sessionId"].clone()
}

#[tokio::test]
async fn undo_after_a_restart_finds_the_newest_session_by_itself() {
    let world = World::obedient().await;
    for name in ["a.txt", "b.txt"] {
        world.write(name, BEFORE);
    }
    let who = Who::recorded("hx-trixie");
    let peer = Peer::with(&world, &who, |_| None).await;
    let older = plain_turn(&peer, &patch("b.txt", &["four"], &["FOUR"])).await;
    peer.command("glossator.newSession", json!([])).await.unwrap();
    peer.open(&world.uri("a.txt"), BEFORE);
    let newest = plain_turn(&peer, &patch("a.txt", &["four"], &["FOUR"])).await;
    assert_ne!(older, newest);
    assert_eq!((peer.text(&world.uri("a.txt")).as_str(), world.read("b.txt").as_str()), (AFTER, AFTER));
    assert_eq!(peer.leave().await, 0);

    world.write("a.txt", AFTER);
    let peer = Peer::with(&world, &who, |_| None).await;
    peer.open(&world.uri("a.txt"), AFTER);
    let undone = peer.command("glossator.undoTurn", json!([])).await.unwrap();
    assert_eq!(undone["files"], json!(["a.txt"]), "{undone}");
    assert_eq!((peer.text(&world.uri("a.txt")).as_str(), world.read("b.txt").as_str()), (BEFORE, AFTER));
}
