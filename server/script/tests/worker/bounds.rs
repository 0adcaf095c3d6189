//! What one script may take of its host: memory, time and attention.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use glossator_script::{Engine, Limits, Status, WORKER_ARGUMENT};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::support::{Case, TestHost, engine, error, job, program, run_with, shown_error, value};

macro_rules! cases {
    ($($name:ident)*) => {
        pub const CASES: &[Case] = &[$((stringify!($name), || Box::pin($name()))),*];
    };
}

cases! {
    arguments_of_too_many_values_are_refused waiting_arguments_are_bounded queued_calls_are_told
    a_burst_of_answers_does_not_hide_a_cancel a_worker_that_does_not_read_is_cancelled_at_once
    what_has_acted_is_not_run_again
}

async fn arguments_of_too_many_values_are_refused() {
    let source = "await tools.echo({ a: new Array(2000000).fill(0) })";
    let shown = error(source).await;
    assert!(shown.starts_with("ToolArguments") && shown.contains("200,000"), "{shown}");
    let source = "return (await tools.echo({ a: new Array(190000).fill(0) })).a.length";
    assert_eq!(value(source).await, json!(190_000));
    // A long text is one value.
    let source = "return (await tools.echo({ a: '[{,:'.repeat(500000) })).a.length";
    assert_eq!(value(source).await, json!(2_000_000));
}

async fn waiting_arguments_are_bounded() {
    let source = "
        const a = new Array(190000).fill(0);
        const refused = [];
        const calls = [];
        for (let i = 0; i < 7; i++) calls.push(tools.sleep({ ms: 100, a }).catch((e) => refused.push([i, e.name, e.message])));
        await Promise.all(calls);
        await tools.sleep({ ms: 1, a });
        return refused.flat().join();";
    let told = value(source).await;
    let told = told.as_str().unwrap();
    assert!(
        told.starts_with("5,ToolArguments,") && told.contains("1,000,000") && told.contains(",6,"),
        "{told}"
    );
}

/// Calls that never got a slot are in the record with what they wanted.
async fn queued_calls_are_told() {
    let mut job =
        job("for (let i = 0; i < 4; i++) tools.hang({ i }); tools.hang({ a: 'x'.repeat(1e5) }); throw 1");
    job.limits.concurrent_calls = 2;
    let outcome = run_with(job, &TestHost::default()).await;
    let summaries: Vec<_> = outcome.calls.iter().map(|call| call.summary.clone().unwrap()).collect();
    assert_eq!(summaries[..4], ["{\"i\":0}", "{\"i\":1}", "{\"i\":2}", "{\"i\":3}"]);
    assert_eq!(summaries[4], "(100008 bytes)");
    // Of long arguments that were read the record has the start.
    let outcome =
        run_with(crate::support::job("await tools.echo({ a: 'é'.repeat(1e5) })"), &TestHost::default()).await;
    let summary = outcome.calls[0].summary.clone().unwrap();
    assert!(summary.starts_with("{\"a\":\"éé") && summary.ends_with("é…") && summary.chars().count() == 121);
}

/// Runs a job and cancels it after so long; how much later it ended.
async fn cancelled_after(engine: &Engine, source: &str, wait: Duration) -> Duration {
    let cancel = CancellationToken::new();
    let told = cancel.clone();
    let cancelling = std::thread::spawn(move || {
        std::thread::sleep(wait);
        told.cancel();
        Instant::now()
    });
    let outcome = engine.run(job(source), Arc::new(TestHost::default()), cancel).await;
    let ended = Instant::now();
    assert!(shown_error(&outcome).starts_with("ScriptCancelled"), "{outcome:?}");
    ended.saturating_duration_since(cancelling.join().unwrap())
}

async fn a_burst_of_answers_does_not_hide_a_cancel() {
    let source = "const all = []; for (let i = 0; i < 256; i++) all.push(tools.big({ bytes: 7000000 })); await Promise.all(all)";
    let late = cancelled_after(&engine(), source, Duration::from_millis(700)).await;
    assert!(late < Duration::from_secs(20), "{late:?}");
}

async fn a_worker_that_does_not_read_is_cancelled_at_once() {
    let engine = Engine::new(program(&["hostile-worker", "calls-and-reads-nothing"]), Limits::default());
    let late = cancelled_after(&engine, "return 1", Duration::from_millis(700)).await;
    assert!(late < Duration::from_secs(20), "{late:?}");
}

async fn what_has_acted_is_not_run_again() {
    for how in ["says-and-dies", "stores-and-dies", "progress-and-dies"] {
        let engine = Engine::new(program(&["hostile-worker", how]), Limits::default());
        let host = TestHost::default();
        let outcome = engine.run(job("return 1"), Arc::new(host.clone()), CancellationToken::new()).await;
        assert!(shown_error(&outcome).starts_with("HarnessFailure"), "{how}: {outcome:?}");
        let seen = host.live.lock().unwrap().len()
            + host.progress.lock().unwrap().len()
            + host.stored.load(Ordering::SeqCst);
        assert_eq!(seen, 1, "{how}: {outcome:?}");
    }
    let engine = Engine::new(program(&[WORKER_ARGUMENT]), Limits::default());
    let outcome = engine.run(job("return 1"), Arc::new(TestHost::default()), CancellationToken::new()).await;
    assert_eq!(outcome.status, Status::Done);
}
