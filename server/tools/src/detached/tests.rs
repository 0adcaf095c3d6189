//! Tasks over a turn of our own: they outlive scripts, end once each, and their results are not lost.

use super::{answer, start};
use crate::testing::{Seen, call, dispatcher, script};
use crate::{CallReport, Dispatcher, Mode, Task, Tasks};
use glossator_session::{CallId, Decision, FileKey, Grant, TaskState, ToolError, ToolErrorKind};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

struct World {
    seen: Arc<Seen>,
    dispatcher: Arc<Dispatcher>,
}

fn world(earlier: Vec<Task>) -> World {
    let seen = Arc::new(Seen::default());
    let dispatcher = dispatcher(&seen, Mode::Enabled, Tasks::new(earlier));
    World { seen, dispatcher }
}

impl World {
    fn tasks(&self) -> &Arc<Tasks> {
        &self.dispatcher.tasks
    }

    async fn start(&self, number: usize, name: &str, arguments: Value) -> CallReport {
        let call = (call(number, name, arguments), script());
        start(self.dispatcher.clone(), self.tasks().clone(), call, CancellationToken::new()).await
    }

    async fn ask(&self, question: &str, args: Value) -> Result<Value, ToolError> {
        let answered = answer(&self.dispatcher, self.tasks(), (question, &args), CancellationToken::new());
        answered.await.map(|output| output.value)
    }

    async fn state(&self, id: &str) -> String {
        self.ask("status", json!({ "id": id })).await.unwrap()["state"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_task_runs_beside_its_turn_and_its_result_is_kept() {
    let world = world(Vec::new());
    let started = world.start(1, "nap", json!({ "ms": 30, "line": "a" })).await;
    assert_eq!(started.outcome.unwrap().value, json!({ "id": "S1.1" }));
    assert!(world.dispatcher.outstanding.is_empty(), "the turn does not wait for it");
    let early = world.ask("result", json!("S1.1")).await.unwrap_err();
    assert!(early.kind == ToolErrorKind::ToolFailed && early.retryable, "{early}");
    let status = world.ask("status", json!({ "id": "S1.1" })).await.unwrap();
    assert_eq!(
        (&status["state"], &status["tool"], &status["line"]),
        (&json!("running"), &json!("nap"), &json!("nap a"))
    );
    assert!(status["millis"].is_u64() && status.get("summary").is_none(), "{status}");
    let value = world.ask("wait", json!({ "id": "S1.1" })).await.unwrap();
    assert!(value["said"].as_str().unwrap().contains("30"), "{value}");
    assert_eq!(world.ask("result", json!({ "id": "S1.1" })).await.unwrap(), value);
    let kept = world.seen.kept.lock()[0].clone();
    assert!(
        kept.contains("\n  \"said\"") && serde_json::from_str::<Value>(&kept).unwrap() == value,
        "{kept}"
    );
    let status = world.ask("status", json!({ "id": "S1.1" })).await.unwrap();
    assert_eq!((&status["fileKey"], &status["bytes"]), (&json!("K1"), &json!(kept.len())));
    assert!(status["millis"].as_u64().unwrap() >= 30 && status["summary"] == "nap went well", "{status}");
    assert_eq!(world.seen.kinds(), ["toolCall", "task running", "toolOutput", "task done"]);
}

#[tokio::test]
async fn waits_end_in_time_and_with_their_script() {
    let world = world(Vec::new());
    world.start(1, "nap", json!({ "ms": 60_000 })).await.outcome.unwrap();
    for millis in [0, 10] {
        let late = world.ask("wait", json!({ "id": "S1.1", "timeoutMs": millis })).await.unwrap_err();
        assert!(late.kind == ToolErrorKind::ToolTimeout && late.retryable, "{late}");
    }
    let cancel = CancellationToken::new();
    let args = json!({ "id": "S1.1" });
    let wait = answer(&world.dispatcher, world.tasks(), ("wait", &args), cancel.clone());
    let (waited, ()) = tokio::join!(wait, async { cancel.cancel() });
    assert_eq!(waited.unwrap_err().kind, ToolErrorKind::ToolCancelled);
    assert_eq!(world.state("S1.1").await, "running");
    let cancelled = world.ask("cancel", json!({ "id": "S1.1" })).await.unwrap();
    assert_eq!(cancelled["state"], "cancelled", "{cancelled}");
    assert_eq!(cancelled["error"]["name"], "ToolCancelled");
    assert_eq!(world.ask("wait", args).await.unwrap_err().message, "the nap was cancelled");
    assert_eq!(world.ask("cancel", json!({ "id": "S1.1" })).await.unwrap()["state"], "cancelled");
    assert!(world.tasks().cancel(&"S1.1".into()).unwrap_err().contains("has ended"));
}

#[tokio::test]
async fn wrong_questions_say_what_is_right() {
    let world = world(Vec::new());
    let none = world.ask("status", json!("S9.9")).await.unwrap_err();
    assert!(none.message.contains("S9.9") && none.message.contains("none was started"), "{none}");
    world.start(1, "echo", json!({})).await.outcome.unwrap();
    for (question, args, expected) in [
        ("status", json!("S9.9"), "there are S1.1"),
        ("wait", json!({ "id": "x" }), "there are S1.1"),
        ("cancel", json!({ "id": "x" }), "there are S1.1"),
        ("result", json!({}), "must be a string"),
        ("result", json!({ "id": 7 }), "must be a string"),
        ("wait", json!(null), "must be a string"),
        ("wait", json!({ "id": "S1.1", "timeoutMs": -1 }), "timeoutMs"),
        ("wait", json!({ "id": "S1.1", "timeoutMs": "1" }), "timeoutMs"),
        ("wait", json!({ "id": "S1.1", "timeoutMs": 1e300 }), "timeoutMs"),
    ] {
        let error = world.ask(question, args.clone()).await.unwrap_err();
        assert_eq!(error.kind, ToolErrorKind::ToolArguments, "{question} {args}");
        assert!(error.message.contains(expected), "{question} {args}: {error}");
    }
}

#[tokio::test]
async fn one_too_many_is_refused_and_room_is_made_by_an_end() {
    let world = world(Vec::new());
    world.tasks().allow(2);
    for number in 1..=2 {
        world.start(number, "nap", json!({ "ms": 60_000 })).await.outcome.unwrap();
    }
    let error = world.start(3, "nap", json!({ "ms": 60_000 })).await.outcome.unwrap_err();
    assert!(error.kind == ToolErrorKind::ToolFailed && error.retryable, "{error}");
    assert!(error.message.contains("at most 2") && error.message.contains("cancel"), "{error}");
    assert!(world.tasks().get(&"S1.3".into()).is_none());
    world.ask("cancel", json!("S1.1")).await.unwrap();
    assert!(world.start(4, "nap", json!({ "ms": 60_000 })).await.outcome.is_ok());
    assert_eq!(world.tasks().running(), 2);
    world.tasks().cancel_all();
    assert_eq!(world.tasks().wait_all(Duration::from_secs(5)).await, 0);
    assert_eq!(world.seen.count("task failed"), 3);
}

#[tokio::test]
async fn of_many_at_once_the_last_is_one_too_many() {
    let world = world(Vec::new());
    let starts = (1..=33).map(|number| world.start(number, "nap", json!({ "ms": 60_000 })));
    let reports = futures::future::join_all(starts).await;
    let refused: Vec<usize> = (0..33).filter(|at| reports[*at].outcome.is_err()).collect();
    assert_eq!(refused, [32]);
    let ids: Vec<String> = world.tasks().list().into_iter().map(|task| task.id.0).collect();
    assert_eq!(ids, (1..=32).map(|number| format!("S1.{number}")).collect::<Vec<_>>());
    world.tasks().cancel_all();
}

#[tokio::test]
async fn a_start_that_cannot_be_is_refused_at_once() {
    let world = world(Vec::new());
    for (number, name, kind) in [
        (1, "picky", ToolErrorKind::ToolArguments),
        (2, "nothing", ToolErrorKind::ToolNotFound),
        (3, "crash", ToolErrorKind::ToolFailed),
    ] {
        assert_eq!(world.start(number, name, json!({})).await.outcome.unwrap_err().kind, kind, "{name}");
    }
    assert!(world.tasks().list().is_empty());
    assert_eq!((world.seen.count("task running"), world.seen.count("toolOutput")), (0, 3));
}

#[tokio::test]
async fn a_script_that_is_cancelled_first_starts_nothing() {
    let world = world(Vec::new());
    let cancel = CancellationToken::new();
    cancel.cancel();
    let call = (call(1, "nap", json!({ "ms": 1 })), script());
    let report = start(world.dispatcher.clone(), world.tasks().clone(), call, cancel).await;
    assert_eq!(report.outcome.unwrap_err().kind, ToolErrorKind::ToolCancelled);
    assert!(world.tasks().list().is_empty() && world.seen.ran.lock().is_empty());
}

#[tokio::test]
async fn a_tool_that_breaks_ends_its_task_as_failed() {
    let world = world(Vec::new());
    world.start(1, "boom", json!({})).await.outcome.unwrap();
    let error = world.ask("wait", json!("S1.1")).await.unwrap_err();
    assert_eq!(error.kind, ToolErrorKind::ToolFailed);
    assert_eq!(world.state("S1.1").await, "failed");
    assert_eq!(world.seen.count("task failed"), 1);
}

#[tokio::test]
async fn a_task_asks_for_itself() {
    let world = world(Vec::new());
    for number in 1..=2 {
        world.start(number, "run", json!({ "line": format!("make {number}") })).await.outcome.unwrap();
    }
    world.seen.until_asked(2).await;
    world.seen.answer(0, Decision::Deny, Grant::Once, Some("no"));
    world.seen.answer(0, Decision::Allow, Grant::Once, None);
    let (one, two) = tokio::join!(world.ask("wait", json!("S1.1")), world.ask("wait", json!("S1.2")));
    let denied = [one, two].into_iter().find_map(Result::err).unwrap();
    assert_eq!(denied.kind, ToolErrorKind::ToolDenied);
    assert_eq!(world.seen.ran.lock().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_result_is_lost_when_many_end_at_once() {
    let world = world(Vec::new());
    for number in 1..=30 {
        world.start(number, "nap", json!({ "ms": 20, "line": number.to_string() })).await.outcome.unwrap();
    }
    let waits = (1..=30).map(|number| world.ask("wait", json!(format!("S1.{number}"))));
    for (at, value) in futures::future::join_all(waits).await.into_iter().enumerate() {
        let said: Value = serde_json::from_str(value.unwrap()["said"].as_str().unwrap()).unwrap();
        assert_eq!(said["line"], (at + 1).to_string());
    }
    assert_eq!((world.seen.count("task done"), world.seen.kept.lock().len()), (30, 30));
}

#[tokio::test]
async fn what_cannot_be_kept_is_held() {
    let world = world(Vec::new());
    *world.seen.keeps_nothing.lock() = Some("the disk is full".to_owned());
    world.start(1, "echo", json!({ "line": "x" })).await.outcome.unwrap();
    let value = world.ask("wait", json!("S1.1")).await.unwrap();
    assert_eq!(world.ask("result", json!("S1.1")).await.unwrap(), value);
    let status = world.ask("status", json!("S1.1")).await.unwrap();
    assert!(status.get("fileKey").is_none() && status["bytes"].as_u64().unwrap() > 0, "{status}");
}

#[tokio::test]
async fn earlier_tasks_answer_too() {
    let earlier = |id: &str, state| Task {
        id: CallId(id.to_owned()),
        tool: "exec".to_owned(),
        line: "exec make".to_owned(),
        state,
        started_at: 1,
        millis: None,
    };
    let failed = ToolError::failed("exit 2");
    let done = |key: &str| TaskState::Done {
        summary: "exit 0".to_owned(),
        file_key: Some(FileKey(key.to_owned())),
        bytes: 9,
    };
    let world = world(vec![
        earlier("S0.1", TaskState::Running { tool: "exec".to_owned(), line: "exec make".to_owned() }),
        earlier("S0.2", TaskState::Failed { error: failed.clone() }),
        earlier("S0.3", done("K1")),
        earlier("S0.4", done("K7")),
        earlier("S0.5", TaskState::Lost),
    ]);
    world.seen.kept.lock().push("{ \"a\": 1 }".to_owned());
    let states: Vec<Value> = world.ask("list", json!({})).await.unwrap().as_array().unwrap().clone();
    let states: Vec<&str> = states.iter().map(|task| task["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["lost", "failed", "done", "done", "lost"]);
    assert_eq!(world.tasks().running(), 0);
    assert!(world.ask("wait", json!("S0.1")).await.unwrap_err().message.contains("lost"));
    assert_eq!(world.ask("result", json!("S0.2")).await.unwrap_err(), failed);
    assert_eq!(world.ask("result", json!("S0.3")).await.unwrap(), json!({ "a": 1 }));
    assert!(world.ask("result", json!("S0.4")).await.unwrap_err().message.contains("K7"));
}

#[tokio::test]
async fn a_long_list_holds_all_that_run_and_the_newest_others() {
    let world = world(Vec::new());
    world.start(1, "nap", json!({ "ms": 60_000 })).await.outcome.unwrap();
    for number in 2..=150 {
        world.start(number, "echo", json!({})).await.outcome.unwrap();
        world.ask("wait", json!(format!("S1.{number}"))).await.unwrap();
    }
    let listed = world.ask("list", json!({})).await.unwrap();
    let ids: Vec<&str> = listed.as_array().unwrap().iter().map(|task| task["id"].as_str().unwrap()).collect();
    assert_eq!((ids.len(), ids[0], ids[1], ids[100]), (101, "S1.1", "S1.51", "S1.150"));
    let error = world.ask("status", json!("x")).await.unwrap_err();
    assert!(error.message.contains("of 150 are S1.150") && error.message.len() < 200, "{error}");
}

#[tokio::test]
async fn leaving_does_not_wait_longer_than_it_is_told() {
    let world = world(Vec::new());
    world.start(1, "nap", json!({ "ms": 60_000 })).await.outcome.unwrap();
    let begun = Instant::now();
    assert_eq!(world.tasks().wait_all(Duration::from_millis(20)).await, 1);
    assert!(begun.elapsed() < Duration::from_secs(50));
}
