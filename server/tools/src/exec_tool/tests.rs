//! `exec` through the real dispatch, over a temporary folder: what runs unasked, what an ask shows, what comes back.
#![allow(clippy::disallowed_methods)]

use crate::{Dispatcher, Journal, Mode, Policy, Registry, Tasks, Turn};
use futures::future::BoxFuture;
use glossator_exec::Verdict;
use glossator_session::{
    Answer, Ask, AskId, AskSubject, CallId, ChangeSetId, ChangeState, Decision, FileKey, Grant, ItemBody,
    ToolCall, ToolError, ToolErrorKind,
};
use glossator_text::PositionEncoding;
use glossator_workspace::{Overlay, Roots, Workspace};
use parking_lot::{Mutex, RwLock};
use serde_json::{Map, Value, json};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// A turn that answers every ask with `grant`, or with no, and remembers what it was shown.
#[derive(Default)]
struct Told {
    grant: Option<Grant>,
    asks: Mutex<Vec<Ask>>,
    grants: Mutex<Vec<String>>,
    deltas: Mutex<Vec<String>>,
    /// What was kept; `None`: nothing can be.
    keeps: Mutex<Option<Vec<String>>>,
}

impl Turn for Told {
    fn record(&self, _: ItemBody) -> Result<(), String> {
        Ok(())
    }

    fn delta(&self, _: &str, text: &str) {
        self.deltas.lock().push(text.to_owned());
    }

    fn ask<'a>(&'a self, ask: Ask, _: &'a [String], _: &'a CancellationToken) -> BoxFuture<'a, Answer> {
        self.asks.lock().push(ask);
        let decision = if self.grant.is_some() { Decision::Allow } else { Decision::Deny };
        let answer = Answer { decision, grant: self.grant.unwrap_or_default(), message: None, hunks: None };
        Box::pin(std::future::ready(answer))
    }

    fn can_ask(&self) -> bool {
        true
    }

    fn fresh_ask_id(&self) -> AskId {
        AskId("ask-1".to_owned())
    }

    fn granted(&self, keys: &[String], _: bool) -> bool {
        self.grants.lock().iter().any(|one| keys.contains(one))
    }

    fn grant(&self, _: Grant, key: &str, _: &str) {
        self.grants.lock().push(key.to_owned());
    }

    fn keep(&self, text: &str) -> Result<FileKey, String> {
        self.keeps.lock().as_mut().ok_or("nothing is kept here")?.push(text.to_owned());
        Ok(FileKey("K1".to_owned()))
    }

    fn kept(&self, key: &FileKey) -> Result<String, String> {
        Err(format!("there is no text under the key {key}"))
    }

    fn stored(&self) -> Map<String, Value> {
        Map::new()
    }
}

impl Journal for Told {
    fn fresh_change_id(&self) -> ChangeSetId {
        ChangeSetId("c-1".to_owned())
    }

    fn change(&self, _: &ChangeSetId, _: ChangeState) -> Result<(), String> {
        Ok(())
    }

    fn user_is_asked(&self) -> bool {
        false
    }

    fn announce(&self, _: &ChangeSetId, _: &str, _: Vec<String>) {}
}

/// A workspace beside a folder that is outside of it.
struct World {
    folder: tempfile::TempDir,
    told: Arc<Told>,
}

impl World {
    fn new(grant: Option<Grant>) -> World {
        let world =
            World { folder: tempfile::tempdir().unwrap(), told: Arc::new(Told { grant, ..Told::default() }) };
        for name in ["work/sub/deep", "outside"] {
            fs::create_dir_all(world.path(name)).unwrap();
        }
        for name in ["work/a.txt", "work/b.txt", "work/sub/x.rs", "work/sub/deep/y.rs", "outside/secret"] {
            fs::write(world.path(name), "text\n").unwrap();
        }
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn link(&self, name: &str, target: &str) {
        symlink(target, self.path(name)).unwrap();
    }

    async fn exec(&self, arguments: Value) -> Result<Value, ToolError> {
        let roots = Arc::new(RwLock::new(Roots::new(vec![self.path("work")])));
        let overlay = Arc::new(Overlay::new(PositionEncoding::Utf16));
        let dispatcher = Dispatcher {
            registry: Registry::of_pack("core").unwrap(),
            turn: self.told.clone(),
            journal: self.told.clone(),
            reach: Arc::new(Workspace::new(roots, overlay, None)),
            exec: Arc::default(),
            commit_lock: Arc::default(),
            policy: Policy::Ask,
            trusted: true,
            mode: Mode::Enabled,
            tasks: Tasks::new(Vec::new()),
            review: crate::ReviewMode::default(),
            outstanding: tokio_util::task::TaskTracker::new(),
        };
        let call = ToolCall { id: CallId("c".to_owned()), name: "exec".to_owned(), arguments };
        // As a script calls it, which gets all there is.
        let script = Some(CallId("s".to_owned()));
        dispatcher.call(call, script, CancellationToken::new()).await.outcome.map(|output| output.value)
    }

    /// Whether `script` runs without a question.
    async fn unasked(&self, script: &str) -> bool {
        let before = self.told.asks.lock().len();
        let ran = self.exec(json!({ "script": script })).await.is_ok();
        let asked = self.told.asks.lock().len() > before;
        assert_ne!(ran, asked, "{script}");
        ran
    }

    /// What the last ask showed: title, reason, command and folder.
    fn shown(&self) -> (Ask, String) {
        let ask = self.told.asks.lock().last().unwrap().clone();
        let AskSubject::Command { command, .. } = &ask.subject else { panic!("{ask:?}") };
        (ask.clone(), command.clone())
    }
}

#[tokio::test]
async fn a_safe_command_does_not_follow_a_link_out() {
    let world = World::new(None);
    assert!(world.unasked("cat *.txt && ls *").await);
    world.link("work/inner", "sub/x.rs");
    world.link("work/sub/out", "../../outside/secret");
    world.link("work/folder", "../outside");
    for (script, unasked) in [
        ("cat a.txt", true),
        ("cat nowhere", true),
        ("cat a.txt/x", true),
        ("cat inner", true),
        ("cat sub/out", false),
        ("cat ./sub/./out", false),
        ("cat folder/secret", false),
        ("ls folder", false),
        ("cd folder && ls", false),
        ("cd sub && cat x.rs", true),
        ("cd sub && cat out", false),
        ("cd sub || true; cd deep; cat y.rs", true),
        ("git -C sub diff --no-index x.rs out", false),
        ("grep -r text .", true),
        ("grep -R text .", false),
        ("grep -fsub/out a.txt", false),
        ("grep text a.txt", true),
        ("grep folder a.txt", true),
        ("cat *.txt", false),
        ("cat sub/*", false),
        ("cat sub/deep/*", true),
        ("cat sub/*/y.rs", false),
        ("find . -name '*.rs' -not -path './.git/*'", true),
        ("diff sub sub/deep", false),
        ("diff a.txt b.txt", true),
        ("cat /dev/null", true),
        ("ls ./.github 2>/dev/null || true", true),
    ] {
        assert_eq!(world.unasked(script).await, unasked, "{script}: {:?}", world.told.asks.lock().last());
    }
    let argv = world.exec(json!({ "command": ["cat", "out"], "cwd": "sub" })).await.unwrap_err();
    assert_eq!(argv.kind, ToolErrorKind::ToolDenied);
}

#[tokio::test]
async fn names_that_look_like_options_are_no_patterns() {
    let world = World::new(None);
    fs::create_dir(world.path("work/plain")).unwrap();
    fs::write(world.path("work/plain/f"), "").unwrap();
    assert!(world.unasked("ls *").await);
    fs::write(world.path("work/-LR"), "").unwrap();
    assert!(!world.unasked("ls *").await);
    assert!(world.unasked("ls ./*").await);
    assert!(world.unasked("cd plain && ls").await);
}

#[tokio::test]
async fn an_ask_shows_the_command_first_and_hides_nothing() {
    let world = World::new(None);
    let command = ["touch", "made\u{1b}[2J\u{202e}"];
    let arguments = json!({ "command": command, "env": { "AAA": "x".repeat(100_000), "B": "1\n2" },
        "stdin": format!("\r{}\u{7}", "y".repeat(100_000)), "arg0": "od\u{202e}d" });
    world.exec(arguments).await.unwrap_err();
    let (ask, shown) = world.shown();
    assert!(shown.starts_with("touch 'made\\x1b[2J\\u{202e}' (with the variables AAA=xxx"), "{shown}");
    for part in [
        "bytes left out",
        " B='1\\n2')",
        "(under the name \"od\\u{202e}d\")",
        "(with the input \"\\ryyy",
        "yy\\x07\")",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(shown.len() < 4000 && ask.title.len() < 1000, "{} {}", shown.len(), ask.title);
    assert!(ask.title.starts_with("Allow exec touch 'made\\x1b[2J\\u{202e}' (with"), "{}", ask.title);
    world.exec(json!({ "script": format!("touch a;{}\ntouch b", " ".repeat(4000)) })).await.unwrap_err();
    assert_eq!(world.shown().1, "touch a; [4000 blanks] \\ntouch b");
    let many = json!({ "script": format!("touch first {} last", "x ".repeat(60_000)) });
    world.exec(many).await.unwrap_err();
    let (_, shown) = world.shown();
    assert!(
        shown.starts_with("touch first x") && shown.ends_with("x  last") && shown.contains("bytes left out")
    );
    assert!(shown.len() < 17_000);
}

#[tokio::test]
async fn a_grant_holds_to_the_letter() {
    let world = World::new(Some(Grant::Session));
    let long = "z".repeat(50_000);
    let calls = [
        json!({ "command": ["touch", "made"] }),
        json!({ "script": "touch made" }),
        json!({ "command": ["touch", "made"], "stdin": format!("{long}1") }),
        json!({ "command": ["touch", "made"], "stdin": format!("{long}2{long}") }),
        json!({ "command": ["touch", "made"], "stdin": format!("{long}3{long}") }),
        json!({ "command": ["touch", "made"], "env": { "A": "\n" } }),
        json!({ "command": ["touch", "made"], "env": { "A": "\\n" } }),
        json!({ "command": ["touch", "made", "(with", "the", "input", "\"x\")"] }),
        json!({ "command": ["touch", "made"], "cwd": "sub" }),
    ];
    for (count, call) in calls.iter().enumerate() {
        for _ in 0..2 {
            world.exec(call.clone()).await.unwrap();
            assert_eq!(world.told.asks.lock().len(), count + 1, "{call}");
        }
    }
}

#[tokio::test]
async fn arguments_that_cannot_be_meant_are_refused_before_anybody_is_asked() {
    let world = World::new(Some(Grant::Once));
    for (arguments, part) in [
        (json!({ "script": "ls", "timeoutMs": 0 }), "give 1 to 3600000"),
        (json!({ "script": "ls", "timeoutMs": 3_600_001 }), "give 1 to 3600000"),
        (json!({ "script": "touch x", "env": { "A B": "" } }), "cannot be set"),
        (json!({ "script": "touch x", "env": { "": "" } }), "cannot be set"),
        (json!({ "script": "touch x", "env": { "1A": "" } }), "cannot be set"),
        (json!({ "script": "touch x", "env": { "É": "" } }), "cannot be set"),
        (json!({ "script": "touch x", "env": { "X\u{1b}[2J\n": "" } }), "X\\u{1b}[2J\\n"),
        (json!({ "script": "touch x", "env": { "A": "\0" } }), "cannot be set"),
    ] {
        let error = world.exec(arguments.clone()).await.unwrap_err();
        assert_eq!(error.kind, ToolErrorKind::ToolArguments, "{arguments}");
        assert!(error.message.contains(part), "{error}");
    }
    assert_eq!(world.told.asks.lock().len(), 0);
    world.exec(json!({ "script": "touch x", "timeoutMs": 3_600_000, "env": { "_a1": "" } })).await.unwrap();
}

#[tokio::test]
async fn control_characters_do_not_cost_the_result() {
    let world = World::new(Some(Grant::Once));
    let result = world.exec(json!({ "script": "head -c 900000 /dev/zero; exit 3" })).await.unwrap();
    assert_eq!((&result["exitCode"], &result["truncated"]), (&json!(3), &json!(true)));
    assert!(result.get("aggregated").is_none());
    assert!(result.to_string().len() < 1_100_000, "{}", result.to_string().len());
    let result = world.exec(json!({ "script": "echo a; echo b >&2" })).await.unwrap();
    assert!(["a\nb\n", "b\na\n"].contains(&result["aggregated"].as_str().unwrap()), "{result}");
}

#[tokio::test]
async fn what_is_left_out_of_the_output_is_kept_under_a_key() {
    let world = World::new(Some(Grant::Once));
    let long = json!({ "script": "seq 300000; echo err >&2" });
    let lost = world.exec(long.clone()).await.unwrap();
    assert!(lost.get("fileKey").is_none());
    assert!(
        lost["hint"].as_str().unwrap().contains("is lost, it could not be kept: nothing is kept here"),
        "{lost}"
    );
    *world.told.keeps.lock() = Some(Vec::new());
    let kept = world.exec(long).await.unwrap();
    assert_eq!((&kept["fileKey"], &kept["truncated"]), (&json!("K1"), &json!(true)));
    assert_eq!(kept["hint"], "await tools.readFile({ fileKey: \"K1\" })");
    let texts = world.told.keeps.lock().clone().unwrap();
    assert!(texts.len() == 1 && texts[0].contains("150000\n150001\n") && texts[0].contains("err\n"));
    let short = world.exec(json!({ "script": "echo a" })).await.unwrap();
    assert!(short.get("fileKey").is_none() && short.get("hint").is_none());
}

#[tokio::test]
async fn live_output_has_an_end() {
    let world = World::new(Some(Grant::Once));
    let started = Instant::now();
    world.exec(json!({ "command": ["yes"], "timeoutMs": 500 })).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(60));
    let deltas = std::mem::take(&mut *world.told.deltas.lock());
    let bytes: usize = deltas.iter().map(String::len).sum();
    assert!((1_048_576..1_048_700).contains(&bytes), "{bytes}");
    assert_eq!(deltas.last().unwrap(), "\n… more output, see the result\n");
    let live = super::live::Live::new(world.told.clone(), "c".to_owned());
    (0..20_000).for_each(|_| live.show("é"));
    let deltas = world.told.deltas.lock();
    assert_eq!(
        (deltas.len(), deltas.last().unwrap().as_str()),
        (10_001, "\n… more output, see the result\n")
    );
}

#[test]
fn what_runs_unasked_has_a_hard_limit() {
    let hour = Duration::from_secs(3600);
    assert_eq!(super::time_limit(&Verdict::Safe, hour), Duration::from_secs(120));
    assert_eq!(super::time_limit(&Verdict::Safe, Duration::from_secs(1)), Duration::from_secs(1));
    assert_eq!(super::time_limit(&Verdict::Unknown(String::new()), hour), hour);
}
