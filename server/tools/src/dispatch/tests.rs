//! Dispatch over a turn of our own: asks under many calls at once, dry runs, switched-off scripts, tools that break.

use super::CallReport;
use crate::testing::{Seen, call, dispatcher, script};
use crate::{Dispatcher, Mode, Tasks};
use futures::future::join_all;
use glossator_session::{Decision, Grant, ToolErrorKind};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

struct World {
    seen: Arc<Seen>,
    dispatcher: Arc<Dispatcher>,
}

fn world(mode: Mode) -> World {
    let seen = Arc::new(Seen::default());
    let dispatcher = dispatcher(&seen, mode, Tasks::new(Vec::new()));
    World { seen, dispatcher }
}

impl World {
    async fn call(&self, name: &str, arguments: Value) -> CallReport {
        self.dispatcher.call(call(1, name, arguments), Some(script()), CancellationToken::new()).await
    }

    /// Starts a `run` of each line at once, as `Promise.all` does.
    fn run_all(
        &self,
        lines: &[&str],
        cancel: &CancellationToken,
    ) -> tokio::task::JoinHandle<Vec<CallReport>> {
        let calls = lines.iter().enumerate().map(|(at, line)| {
            let (dispatcher, cancel) = (self.dispatcher.clone(), cancel.clone());
            let call = call(at + 1, "run", json!({ "line": line }));
            async move { dispatcher.call(call, Some(script()), cancel).await }
        });
        tokio::spawn(join_all(calls.collect::<Vec<_>>()))
    }
}

fn kinds(reports: &[CallReport]) -> Vec<Option<ToolErrorKind>> {
    reports.iter().map(|report| report.outcome.as_ref().err().map(|error| error.kind)).collect()
}

#[tokio::test]
async fn an_allow_for_the_session_answers_the_same_calls_that_wait() {
    let world = world(Mode::Enabled);
    let all = world.run_all(&["make"; 5], &CancellationToken::new());
    world.seen.until_asked(5).await;
    world.seen.answer(2, Decision::Allow, Grant::Session, None);
    assert_eq!(kinds(&all.await.unwrap()), [None; 5]);
    assert_eq!(world.seen.count("approval"), 5, "each call has an answer of its own");
    assert_eq!(world.seen.ran.lock().len(), 5);
    let later = world.call("run", json!({ "line": "make" })).await;
    assert!(later.outcome.is_ok());
    assert_eq!(world.seen.count("approval"), 5, "a call that comes later sees the grant");
}

#[tokio::test]
async fn an_allow_answers_neither_other_commands_nor_beyond_its_call() {
    let world = world(Mode::Enabled);
    let all = world.run_all(&["make", "make", "test"], &CancellationToken::new());
    world.seen.until_asked(3).await;
    let at = |line: &str| world.seen.waiting().iter().position(|title| title.contains(line)).unwrap();
    world.seen.answer(at("test"), Decision::Allow, Grant::Session, None);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(world.seen.waiting().len(), 2);
    world.seen.answer(at("make"), Decision::Allow, Grant::Once, None);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(world.seen.waiting().len(), 1, "once is for one call");
    world.seen.answer(0, Decision::Allow, Grant::Once, None);
    assert_eq!(kinds(&all.await.unwrap()), [None; 3]);
}

#[tokio::test]
async fn a_deny_stops_one_call_and_carries_what_the_user_said() {
    let world = world(Mode::Enabled);
    let all = world.run_all(&["make"; 5], &CancellationToken::new());
    world.seen.until_asked(5).await;
    world.seen.answer(0, Decision::Deny, Grant::Once, Some("not this one"));
    world.seen.until_asked(4).await;
    world.seen.answer(0, Decision::Allow, Grant::Session, None);
    let reports = all.await.unwrap();
    let denied: Vec<&CallReport> = reports.iter().filter(|report| report.outcome.is_err()).collect();
    let error = denied[0].outcome.as_ref().unwrap_err();
    assert_eq!((denied.len(), error.kind), (1, ToolErrorKind::ToolDenied));
    assert!(error.message.contains("not this one"), "{error}");
    assert_eq!((world.seen.ran.lock().len(), world.seen.count("approval")), (4, 5));
}

#[tokio::test]
async fn an_ask_that_nobody_answers_is_a_refusal() {
    let world = world(Mode::Enabled);
    *world.seen.patience.lock() = Some(Duration::from_millis(10));
    let error = world.call("run", json!({ "line": "make" })).await.outcome.unwrap_err();
    assert_eq!(error.kind, ToolErrorKind::ToolDenied);
    assert!(error.message.contains("in time"), "{error}");
    assert!(world.seen.waiting().is_empty() && world.seen.ran.lock().is_empty());
}

#[tokio::test]
async fn a_cancel_ends_the_asks_and_nothing_runs() {
    let world = world(Mode::Enabled);
    let cancel = CancellationToken::new();
    let all = world.run_all(&["make", "test"], &cancel);
    world.seen.until_asked(2).await;
    cancel.cancel();
    assert_eq!(kinds(&all.await.unwrap()), [Some(ToolErrorKind::ToolCancelled); 2]);
    assert!(world.seen.waiting().is_empty() && world.seen.ran.lock().is_empty());
    assert_eq!(world.seen.count("toolOutput"), 2);
}

#[tokio::test]
async fn a_tool_that_breaks_is_an_error_like_any_other() {
    let world = world(Mode::Enabled);
    for name in ["boom", "crash"] {
        let error = world.call(name, json!({})).await.outcome.unwrap_err();
        assert_eq!(error.kind, ToolErrorKind::ToolFailed, "{name}");
        assert!(error.message.contains("fault of Glossator"), "{error}");
    }
    assert_eq!(world.seen.kinds(), ["toolCall", "toolOutput", "toolCall", "toolOutput"]);
    assert!(world.dispatcher.outstanding.is_empty());
}

/// In a dry run: the summary of a call that gives a placeholder, or the kind of its error.
async fn rehearsed(world: &World, name: &str, arguments: Value) -> String {
    let report = world.call(name, arguments).await;
    match report.outcome {
        Ok(output) => {
            assert_eq!(output.value, json!({ "said": "(dry run)" }), "{name}");
            output.summary
        }
        Err(error) => error.kind.name().to_owned(),
    }
}

#[tokio::test]
async fn a_dry_run_judges_and_does_nothing() {
    let world = world(Mode::DryRun);
    for (name, line, expected) in [
        ("echo", "x", "would run"),
        ("run", "make", "would ask: it is not known"),
        ("run", "rm x", "would ask: it removes files"),
        ("nap", "x", "would run"),
        ("edit", "x", "would run"),
        ("boom", "x", "would run"),
        ("picky", "x", "ToolArguments"),
        ("missing", "x", "could not be checked: missing will not"),
        ("outside", "x", "would be refused: outside will not"),
        ("nothing", "x", "ToolNotFound"),
    ] {
        let said = rehearsed(&world, name, json!({ "line": line, "ms": 60_000 })).await;
        assert_eq!(said, expected, "{name}");
    }
    assert!(world.seen.ran.lock().is_empty() && world.seen.waiting().is_empty());
    *world.seen.nobody.lock() = true;
    let said = rehearsed(&world, "run", json!({ "line": "make" })).await;
    assert!(said.starts_with("would be refused") && said.contains("nobody"), "{said}");
    assert_eq!(world.seen.count("approval"), 0);
}

#[tokio::test]
async fn a_model_that_calls_a_tool_itself_is_told_of_the_dry_run() {
    let world = world(Mode::DryRun);
    let report = world
        .dispatcher
        .call(call(1, "run", json!({ "line": "make" })), None, CancellationToken::new())
        .await;
    let value = report.outcome.unwrap().value;
    assert_eq!(value, "Dry run: nothing was done. run make: would ask: it is not known.");
}

#[tokio::test]
async fn switched_off_scripts_make_no_calls() {
    let world = world(Mode::Disabled);
    let error = world.call("echo", json!({})).await.outcome.unwrap_err();
    assert_eq!(error.kind, ToolErrorKind::ToolDenied);
    let native = world.dispatcher.call(call(1, "echo", json!({})), None, CancellationToken::new()).await;
    assert!(native.outcome.is_ok(), "native calls are no scripts");
}

#[tokio::test]
async fn an_unknown_name_gets_the_nearest_and_hides_nothing() {
    let world = world(Mode::Enabled);
    let error = world.call("readfile\u{1b}", json!({})).await.outcome.unwrap_err();
    assert_eq!(error.kind, ToolErrorKind::ToolNotFound);
    assert!(
        error.message.contains("`readfile\\x1b`") && error.message.contains("nearest: readFile"),
        "{error}"
    );
}

#[tokio::test]
async fn a_long_native_result_is_kept_and_shown_by_its_ends() {
    let world = world(Mode::Enabled);
    let long = json!({ "repeat": 100_000 });
    let native =
        |arguments| world.dispatcher.call(call(1, "echo", arguments), None, CancellationToken::new());
    let value = native(long.clone()).await.outcome.unwrap().value;
    let said = value["said"].as_str().unwrap();
    assert!(said.starts_with("text\n") && said.ends_with("text\n") && said.len() < 30_000, "{}", said.len());
    assert!(said.contains("475424 bytes left out; await tools.readFile({ fileKey: \"K1\""), "{said}");
    assert_eq!(world.seen.kept.lock()[0].lines().count(), 100_000, "the text is kept as it is");
    *world.seen.keeps_nothing.lock() = Some("the disk is full".to_owned());
    let value = native(long.clone()).await.outcome.unwrap().value;
    assert!(value["said"].as_str().unwrap().contains("the disk is full"));
    assert!(native(json!({ "repeat": 100 })).await.outcome.unwrap().value["said"].is_string());
    let scripts = world.call("echo", long).await.outcome.unwrap().value;
    assert_eq!(scripts["said"].as_str().unwrap().len(), 500_000, "a script gets it whole");
}
