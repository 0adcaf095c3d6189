//! Asks on all roads at once: dialogs one at a time and never while the user types, clients whose dialogs fail, replace each
//! other or are never answered, the document that says what is asked.

use crate::harness::{Answer, Asked, Message, PATIENCE, Peer, Who, World, patch, script_and, soon};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const TOUCH: &str = "const run = await tools.exec({ command: ['touch', 'made'] });\nreturn run.exitCode;";
/// Five that ask at the same time.
const FIVE: &str = "const all = await Promise.all(['a1', 'a2', 'a3', 'a4', 'a5'].map((name) => tools.exec({ command: ['touch', name] }).then(() => name, (error) => error.message)));\nreturn all.join(' ');";

fn with_dialogs() -> Who {
    Who::recorded("nvim-forky")
}

/// The dialogs that are open in an editor whose new dialog takes the place of the one before.
#[derive(Default)]
struct Screen {
    open: Mutex<Option<Value>>,
    shown: AtomicUsize,
    replaced: AtomicUsize,
}

impl Screen {
    /// A dialog comes up: the former one is dismissed.
    fn show(&self, peer: &Peer, id: &Value) {
        self.shown.fetch_add(1, Ordering::SeqCst);
        if let Some(former) = self.open.lock().replace(id.clone()) {
            self.replaced.fetch_add(1, Ordering::SeqCst);
            peer.client.respond(&former, Value::Null);
        }
    }

    /// The user chooses in the dialog that is there.
    fn choose(&self, peer: &Peer, title: &str) -> bool {
        match self.open.lock().take() {
            Some(id) => {
                peer.client.respond(&id, json!({ "title": title }));
                true
            }
            None => false,
        }
    }
}

/// Dialogs that came after the first `seen`.
fn dialogs(peer: &Peer, seen: usize) -> Vec<Message> {
    let all = peer.messages().into_iter().filter(|one| one.method == "window/showMessageRequest");
    all.skip(seen).collect()
}

#[tokio::test]
async fn five_asks_where_dialogs_replace_each_other_all_get_answered() {
    let world = World::new(script_and(FIVE)).await;
    let peer = Peer::with(&world, &with_dialogs(), |_| None).await;
    let screen = Screen::default();
    peer.command("glossator.ask", json!(["Make five"])).await.unwrap();
    let mut seen = 0;
    let started = Instant::now();
    while seen < 5 {
        for dialog in dialogs(&peer, seen) {
            seen += 1;
            screen.show(&peer, &dialog.id);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        screen.choose(&peer, "Allow");
        assert!(started.elapsed() < PATIENCE, "{seen} dialogs");
    }
    while screen.choose(&peer, "Allow") {}
    peer.shown(&["Glossator: Done."]).await;
    for name in ["a1", "a2", "a3", "a4", "a5"] {
        assert!(world.exists(name), "{name}");
    }
    assert_eq!((screen.shown.load(Ordering::SeqCst), screen.replaced.load(Ordering::SeqCst)), (5, 0));
}

/// The command of the first action with such a title.
async fn offered(peer: &Peer, uri: &str, title: &str) -> Option<Value> {
    let actions = peer.actions(uri).await;
    let found = actions.iter().find(|one| one["title"].as_str().unwrap().starts_with(title));
    found.map(|one| one["command"].clone())
}

/// Five asks in an editor that answers each dialog with `answer`; they are answered by code actions then.
async fn check_other_roads(answer: fn() -> Option<Answer>, most: usize) {
    let world = World::new(script_and(FIVE)).await;
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let peer = Peer::with(&world, &with_dialogs(), move |asked| {
        if asked.method != "window/showMessageRequest" {
            return None;
        }
        counted.fetch_add(1, Ordering::SeqCst);
        answer()
    })
    .await;
    let uri = world.uri("other.txt");
    peer.open(&uri, "not about it\n");
    peer.command("glossator.ask", json!(["Make five"])).await.unwrap();
    for _ in 0..5 {
        let action =
            soon("an action that allows it", async || offered(&peer, &uri, "Glossator: Allow —").await).await;
        // Two may be the same one, whose end is on its way.
        let _ = peer.request("workspace/executeCommand", action).await;
    }
    soon("the last answer", async || {
        let open = offered(&peer, &uri, "Glossator: Allow —").await;
        match open {
            Some(action) => peer.request("workspace/executeCommand", action).await.err().and(None),
            None => Some(()),
        }
    })
    .await;
    peer.shown(&["Glossator: Done."]).await;
    for name in ["a1", "a2", "a3", "a4", "a5"] {
        assert!(world.exists(name), "{name}");
    }
    assert!(count.load(Ordering::SeqCst) <= most, "{} dialogs", count.load(Ordering::SeqCst));
}

#[tokio::test]
async fn an_editor_without_dialogs_is_asked_once_and_told_then() {
    check_other_roads(|| Some(Answer::Error(-32601, "no dialogs".to_owned())), 1).await;
}

#[tokio::test]
async fn an_editor_that_never_answers_keeps_nothing_waiting() {
    check_other_roads(|| Some(Answer::Silence), 5).await;
}

#[tokio::test]
async fn a_dialog_that_is_dismissed_does_not_come_again() {
    check_other_roads(|| Some(Answer::Result(Value::Null)), 5).await;
}

#[tokio::test]
async fn what_no_dialog_can_show_is_told_in_a_message() {
    let world = World::new(script_and(TOUCH)).await;
    let peer = Peer::with(&world, &with_dialogs(), |asked| {
        (asked.method == "window/showMessageRequest").then(|| Answer::Error(-32601, "no".to_owned()))
    })
    .await;
    peer.command("glossator.ask", json!(["Make it"])).await.unwrap();
    peer.shown(&["Glossator asks: ", "touch made", "glossator.approve"]).await;
    peer.command("glossator.deny", json!([])).await.unwrap();
    peer.shown(&["Glossator: Done."]).await;
}

#[tokio::test]
async fn a_client_that_refuses_the_request_of_the_extension_has_the_plain_roads() {
    let world = World::new(script_and(TOUCH)).await;
    let refuses = |asked: &Asked| match asked.method {
        "glossator/approval/ask" => Some(Answer::Error(-32601, "no".to_owned())),
        "window/showMessageRequest" => Some(Answer::Result(json!({ "title": "Allow" }))),
        _ => None,
    };
    let peer = Peer::with(&world, &with_dialogs().with_extension(), refuses).await;
    peer.first_turn("Make it").await.assert("done");
    assert!(world.exists("made"));
}

#[tokio::test]
async fn no_dialog_comes_up_while_the_user_types() {
    let world = World::new(script_and(TOUCH)).await;
    let peer = Peer::with(&world, &with_dialogs(), |_| None).await;
    let uri = world.uri("a.txt");
    peer.open(&uri, "");
    peer.command("glossator.ask", json!(["Make it"])).await.unwrap();
    let started = Instant::now();
    let mut typed = Instant::now();
    let mut text = String::new();
    // Types until the question is open, and for a while after that.
    let mut asked: Option<Instant> = None;
    while asked.is_none_or(|at| at.elapsed() < Duration::from_secs(3)) {
        text.push('x');
        peer.type_over(&uri, &text);
        typed = Instant::now();
        if asked.is_none() && !peer.actions(&uri).await.is_empty() {
            asked = Some(Instant::now());
        }
        assert!(dialogs(&peer, 0).is_empty(), "a dialog came up while the user typed");
        assert!(started.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let dialog =
        peer.wait("the dialog", |one| (one.method == "window/showMessageRequest").then(|| one.clone())).await;
    assert!(typed.elapsed() > Duration::from_millis(1900), "{:?}", typed.elapsed());
    peer.client.respond(&dialog.id, json!({ "title": "Allow" }));
    peer.shown(&["Glossator: Done."]).await;
}

#[tokio::test]
async fn a_code_action_shows_what_is_asked() {
    let world = World::new(script_and(TOUCH)).await;
    let peer = Peer::with(&world, &Who::recorded("hx-trixie"), |_| None).await;
    peer.open(&world.uri("a.txt"), "");
    peer.command("glossator.ask", json!(["Make it"])).await.unwrap();
    let uri = world.uri("a.txt");
    let show =
        soon("an action that shows it", async || offered(&peer, &uri, "Glossator: Show —").await).await;
    peer.ok("workspace/executeCommand", show).await;
    peer.wait("what is asked", |one| (one.method == "window/showDocument").then_some(())).await;
    peer.command("glossator.deny", json!([])).await.unwrap();
    peer.shown(&["Glossator: Done."]).await;
}

/// *Show* opens the document that says what is asked; it holds `parts`, and the ask can be answered in it.
async fn check_shown(script: &str, name: &str, parts: &[&str]) {
    let world = World::new(script_and(script)).await;
    world.write(".vscode/settings.json", "old\n");
    let first = AtomicUsize::new(0);
    let peer = Peer::with(&world, &with_dialogs(), move |asked| {
        let is_first = || first.fetch_add(1, Ordering::SeqCst) == 0;
        (asked.method == "window/showMessageRequest").then(|| match is_first() {
            true => Answer::Result(json!({ "title": "Show" })),
            false => Answer::Silence,
        })
    })
    .await;
    peer.command("glossator.ask", json!(["Do it"])).await.unwrap();
    let shown = peer
        .wait("the document", |one| {
            (one.method == "window/showDocument").then(|| one.params["uri"].as_str().unwrap().to_owned())
        })
        .await;
    assert!(shown.ends_with(name), "{shown}");
    let path = url::Url::parse(&shown).unwrap().to_file_path().unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    for part in parts {
        assert!(text.contains(part), "{part} in {text}");
    }
    peer.open(&shown, &text);
    let actions = peer.actions(&shown).await;
    let deny = actions.iter().find(|one| one["title"].as_str().unwrap().starts_with("Glossator: Deny —"));
    peer.ok("workspace/executeCommand", deny.unwrap()["command"].clone()).await;
    peer.shown(&["Glossator: Done."]).await;
    assert_eq!((world.exists("made"), world.read(".vscode/settings.json")), (false, "old\n".to_owned()));
}

#[tokio::test]
async fn what_is_asked_can_be_read_as_a_document() {
    check_shown(TOUCH, ".md", &["# ", "```sh\ntouch made\n```", "glossator.deny"]).await;
    let edit = patch(".vscode/settings.json", &["old"], &["new"]);
    check_shown(&edit, ".diff", &["\n-old\n+new\n", "glossator.approve"]).await;
}
