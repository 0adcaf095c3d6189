//! What a script's calls are answered, without a worker: tools, tasks, search, dry runs, stored and long values.

use super::{ScriptBlock, ScriptHost, Shown, job};
use crate::testing::{Seen, dispatcher, script};
use crate::{Mode, Tasks};
use glossator_script::{CallRecord, Host, HostCall, HostError, Limits, Outcome, Status};
use glossator_session::CallId;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

struct World {
    seen: Arc<Seen>,
    shown: Arc<Shown>,
    host: ScriptHost,
}

fn world(mode: Mode) -> World {
    with_tasks(mode, Tasks::new(Vec::new()))
}

fn with_tasks(mode: Mode, tasks: Arc<Tasks>) -> World {
    let seen = Arc::new(Seen::default());
    let shown = Arc::new(Shown::new(dispatcher(&seen, mode, tasks), script()));
    World { seen, shown: shown.clone(), host: ScriptHost(shown) }
}

impl World {
    async fn call(&self, number: u32, name: &str, args: Value) -> Result<Value, HostError> {
        self.host.call(HostCall { number, name: name.to_owned(), args }, CancellationToken::new()).await
    }

    /// Each call as `number line ok|failed`.
    fn lines(&self, calls: Vec<CallRecord>) -> Vec<String> {
        let outcome =
            Outcome { status: Status::Done, value: None, error: None, console: Vec::new(), calls, millis: 0 };
        let lines = self.shown.calls(&outcome).into_iter().map(|call| {
            let how = if call.outcome.is_ok() { "ok" } else { "failed" };
            format!("{} {} {how}", call.number, call.line)
        });
        lines.collect()
    }
}

fn record(number: u32) -> CallRecord {
    let name = "echo".to_owned();
    CallRecord {
        number,
        name,
        summary: Some("{}".to_owned()),
        ok: false,
        error: None,
        millis: 0,
        orphaned: false,
    }
}

#[test]
fn a_job_has_all_names_that_are_answered() {
    let world = world(Mode::Enabled);
    world.seen.stored.lock().insert("k".to_owned(), json!(1));
    let block = |id: &str| ScriptBlock {
        id: CallId(id.to_owned()),
        source: "x".to_owned(),
        context: json!({}),
        limits: Limits::default(),
    };
    let made = job(&world.shown, block("S1"), false);
    assert_eq!((made.id.as_str(), made.check_only, &made.store["k"]), ("S1", false, &json!(1)));
    for name in
        ["readFile", "search", "spawn.list", "spawn.status", "spawn.result", "spawn.wait", "spawn.cancel"]
    {
        assert!(made.tools.iter().any(|one| one == name), "{name}");
    }
    assert_eq!(made.tasks, world.shown.dispatcher.registry.callable());
    assert!(made.tools.iter().any(|one| one == "saveToFC") && made.tools.iter().any(|one| one == "saveToFc"));
    assert!(job(&world.shown, block("S1"), true).check_only);
}

#[tokio::test]
async fn tools_tasks_and_questions_about_them() {
    let world = world(Mode::Enabled);
    assert!(world.call(1, "echo", json!({ "line": "x" })).await.unwrap()["said"].is_string());
    // Made at once, as a script may: the questions wait for the start.
    let (started, status, listed) = tokio::join!(
        world.call(2, "spawn.nap", json!({ "ms": 20, "line": "y" })),
        world.call(3, "spawn.status", json!({ "id": "S1.2" })),
        world.call(4, "spawn.list", json!({})),
    );
    assert_eq!(started.unwrap(), json!({ "id": "S1.2" }));
    assert_eq!(status.unwrap()["state"], "running");
    assert_eq!(listed.unwrap().as_array().unwrap().len(), 1);
    assert!(world.call(5, "spawn.wait", json!({ "id": "S1.2" })).await.unwrap()["said"].is_string());
    let error = world.call(6, "picky", json!({})).await.unwrap_err();
    assert_eq!((error.name.as_str(), error.message.as_str()), ("ToolArguments", "picky will not"));
    let tasks = world.shown.started();
    assert_eq!((tasks.len(), tasks[0].state_name()), (1, "done"));
    let calls = (1..=7).map(record).collect();
    let expected = [
        "1 echo x ok",
        "3 spawn.status S1.2 ok",
        "4 spawn.list ok",
        "5 spawn.wait S1.2 ok",
        "6 picky failed",
        "7 echo {} failed",
    ];
    assert_eq!(world.lines(calls), expected);
}

#[tokio::test]
async fn a_refused_start_is_told_to_those_who_ask() {
    let world = world(Mode::Enabled);
    let (started, waited) = tokio::join!(
        world.call(1, "spawn.picky", json!({})),
        world.call(2, "spawn.wait", json!({ "id": "S1.1" })),
    );
    assert_eq!(started.unwrap_err(), waited.unwrap_err());
    assert!(world.shown.started().is_empty());
    assert_eq!(world.lines(vec![record(1), record(2)]), ["1 spawn.picky failed", "2 spawn.wait S1.1 failed"]);
}

#[tokio::test]
async fn a_call_that_has_not_ended_is_not_told_as_done() {
    let world = world(Mode::Enabled);
    let call = HostCall { number: 1, name: "nap".to_owned(), args: json!({ "ms": 60_000 }) };
    let pending = world.host.call(call, CancellationToken::new());
    let calls = world.shown.calls(&Outcome {
        status: Status::Done,
        value: None,
        error: None,
        console: Vec::new(),
        calls: vec![CallRecord { orphaned: true, ..record(1) }],
        millis: 0,
    });
    assert!(calls[0].orphaned && calls[0].outcome.as_ref().unwrap_err().contains("may have taken effect"));
    drop(pending);
}

#[tokio::test]
async fn search_finds_tools_and_says_what_it_takes() {
    let world = world(Mode::Enabled);
    for query in [json!("read file"), json!({ "query": "read file" })] {
        let found = world.call(1, "search", query).await.unwrap();
        assert_eq!(found[0]["name"], "readFile", "{found}");
        assert!(found[0]["declaration"].as_str().unwrap().contains("readFile(args"), "{found}");
    }
    assert!(!world.call(2, "search", json!({})).await.unwrap().as_array().unwrap().is_empty());
    let error = world.call(3, "search", json!({ "query": 7 })).await.unwrap_err();
    assert_eq!(error.name, "ToolArguments");
}

#[tokio::test]
async fn a_dry_run_starts_nothing_stores_nothing_and_answers_all() {
    let real = Tasks::new(Vec::new());
    let enabled = with_tasks(Mode::Enabled, real.clone());
    enabled.call(1, "spawn.nap", json!({ "ms": 60_000 })).await.unwrap();
    let seen = Arc::new(Seen::default());
    let shown = Arc::new(Shown::new(dispatcher(&seen, Mode::DryRun, real.clone()), CallId("S2".to_owned())));
    let world = World { seen, shown: shown.clone(), host: ScriptHost(shown) };
    let placeholder = json!({ "said": "(dry run)" });
    assert_eq!(world.call(1, "spawn.run", json!({ "line": "make" })).await.unwrap(), json!({ "id": "S2.1" }));
    for id in ["S2.1", "S1.1"] {
        for question in ["wait", "result"] {
            let name = format!("spawn.{question}");
            assert_eq!(world.call(2, &name, json!({ "id": id })).await.unwrap(), placeholder, "{name} {id}");
        }
    }
    assert_eq!(world.call(3, "spawn.cancel", json!({ "id": "S1.1" })).await.unwrap()["state"], "running");
    assert_eq!(
        world.call(4, "spawn.status", json!({ "id": "S2.1" })).await.unwrap()["summary"],
        "would ask: it is not known"
    );
    assert_eq!(world.call(5, "spawn.picky", json!({})).await.unwrap_err().name, "ToolArguments");
    world.host.stored("k", Some(&json!(1)));
    assert_eq!(world.host.long_value("[1]"), None);
    assert!(world.seen.kept.lock().is_empty() && world.seen.ran.lock().is_empty());
    assert_eq!((world.seen.count("stored"), world.seen.count("task running")), (0, 0));
    assert_eq!((real.running(), real.list().len()), (1, 1), "the real tasks are as they were");
    real.cancel_all();
}

#[tokio::test]
async fn stored_values_are_recorded_in_their_order() {
    let world = world(Mode::Enabled);
    world.host.stored("k", Some(&json!({ "a": 1 })));
    world.host.stored("k", None);
    let items = serde_json::to_value(&*world.seen.items.lock()).unwrap();
    assert_eq!(
        items,
        json!([{ "kind": "stored", "key": "k", "value": { "a": 1 } }, { "kind": "stored", "key": "k" }])
    );
}

#[tokio::test]
async fn long_values_are_kept_by_lines_and_shown_by_their_ends() {
    let world = world(Mode::Enabled);
    let list: Vec<String> = (0..3000).map(|at| format!("é {at} SECRET")).collect();
    let stand = world.host.long_value(&json!(list).to_string()).unwrap();
    let kept = world.seen.kept.lock()[0].clone();
    assert!(kept.lines().count() == 3002 && !kept.contains("SECRET"));
    assert_eq!((&stand["fileKey"], &stand["bytes"]), (&json!("K1"), &json!(kept.len())));
    let (head, tail) = (stand["head"].as_str().unwrap(), stand["tail"].as_str().unwrap());
    assert!(kept.starts_with(head) && kept.ends_with(tail) && head.len() > 2000 && tail.len() > 1000);
    assert_eq!(stand["hint"], "await tools.readFile({ fileKey: \"K1\", offset: 1, limit: 200 })");
    world.host.long_value(&json!("one\ntwo").to_string()).unwrap();
    assert_eq!(world.seen.kept.lock()[1], "one\ntwo", "a text is kept as it is");
    world.host.long_value("not JSON").unwrap();
    *world.seen.keeps_nothing.lock() = Some("the disk is full".to_owned());
    let stand = world.host.long_value(&json!(list).to_string()).unwrap();
    assert!(
        stand.get("fileKey").is_none() && stand["hint"].as_str().unwrap().contains("the disk is full"),
        "{stand}"
    );
}
