//! Workers that are killed or stopped from outside: one script fails with its record, the next one is fine.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use glossator_script::{Engine, ErrorName, Job, Limits, Outcome};
use rustix::process::Signal;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::host::{TestHost, engine, job, run, run_job, shown};
use crate::processes::{below, left_before, left_since, signal, soon, workers};

const IN_MID_CALL: &str = "await tools.echo({ a: 1 });\nawait tools.sleep({ ms: 60000 });\nreturn 'survived'";
/// How soon an end that needs no deadline is told.
const SOON: Duration = Duration::from_secs(30);

/// Starts a job, and does `harm` as soon as the host has seen that many calls.
async fn harmed(engine: &Engine, job: Job, calls: usize, harm: impl FnOnce()) -> (Outcome, Duration) {
    let host = TestHost::default();
    let run = engine.run(job, Arc::new(host.clone()), CancellationToken::new());
    let harm = async {
        let seen = soon(Duration::from_secs(60), || host.calls.load(Ordering::SeqCst) >= calls).await;
        assert!(seen, "the calls did not come");
        tokio::time::sleep(Duration::from_millis(100)).await;
        harm();
        Instant::now()
    };
    let (outcome, harmed) = tokio::join!(run, harm);
    (outcome, harmed.elapsed())
}

fn kill_workers() {
    workers().iter().for_each(|worker| signal(worker, Signal::KILL));
}

/// A run in mid-call that is ended by force tells what happened until then.
fn holds_record(outcome: &Outcome, took: Duration) {
    let error = outcome.error.as_ref().unwrap_or_else(|| panic!("{outcome:#?}"));
    assert_eq!(error.name, ErrorName::HarnessFailure, "{outcome:#?}");
    assert!(took < SOON, "told after {} ms", took.as_millis());
    let calls: Vec<_> = outcome.calls.iter().map(|call| (call.number, call.name.as_str(), call.ok)).collect();
    assert_eq!(calls, [(1, "echo", true), (2, "sleep", false)], "{outcome:#?}");
    assert!(outcome.calls[1].error.is_some(), "{outcome:#?}");
}

async fn works(engine: &Engine) {
    let outcome = run(engine, "return (await tools.echo({ n: 42 })).n").await;
    assert_eq!(outcome.value, Some(json!(42)), "{}", shown(&outcome));
}

/// Like [`works`], right after harm: what a dying zygote forked may still be taken down in mid-call. Whatever dies before
/// its first call is run again by itself.
async fn works_again(engine: &Engine) {
    for _ in 0..5 {
        let outcome = run(engine, "return (await tools.echo({ n: 42 })).n").await;
        if outcome.value == Some(json!(42)) {
            return;
        }
        let failed = outcome.error.as_ref().map(|error| error.name);
        let taken_down = failed == Some(ErrorName::HarnessFailure) && !outcome.calls.is_empty();
        assert!(taken_down, "{outcome:#?}");
    }
    panic!("no script gets through");
}

pub async fn killed_in_mid_call() {
    let engine = engine();
    let (outcome, took) = harmed(&engine, job(IN_MID_CALL, Limits::default()), 2, kill_workers).await;
    holds_record(&outcome, took);
    works_again(&engine).await;
}

/// Nothing had happened yet, so the script runs again by itself.
pub async fn killed_before_any_call() {
    let engine = engine();
    works(&engine).await;
    let (outcome, _) =
        harmed(&engine, job("await sleep(1000); return 'survived'", Limits::default()), 0, kill_workers)
            .await;
    assert_eq!(outcome.value, Some(json!("survived")), "{}", shown(&outcome));
}

pub async fn killed_while_idle() {
    let engine = engine();
    works(&engine).await;
    for _ in 0..5 {
        engine.prestart();
        soon(Duration::from_secs(1), || !workers().is_empty()).await;
        below().iter().for_each(|process| signal(process, Signal::KILL));
        works_again(&engine).await;
        kill_workers();
        tokio::time::sleep(Duration::from_millis(50)).await;
        works_again(&engine).await;
    }
}

/// A process that does not run any more cannot watch its own clock: the host does.
pub async fn stopped_is_killed_at_the_deadline() {
    let engine = engine();
    let limits = Limits { wall: Duration::from_secs(1), ..Limits::default() };
    let stop = || workers().iter().for_each(|worker| signal(worker, Signal::STOP));
    let busy = job("await tools.echo({}); for (;;) await sleep(5)", limits);
    let (outcome, took) = harmed(&engine, busy, 1, stop).await;
    let error = outcome.error.as_ref().unwrap_or_else(|| panic!("{outcome:#?}"));
    assert_eq!(error.name, ErrorName::ScriptTimeout, "{outcome:#?}");
    assert!(took < Duration::from_secs(60), "told after {} ms", took.as_millis());
    // Idle workers were stopped as well; whoever gets one of them must not wait for it.
    workers().iter().for_each(|worker| signal(worker, Signal::KILL));
    works_again(&engine).await;
}

/// A process that never answers must not hold up those who ask it for a worker.
pub async fn stopped_while_idle_holds_up_nobody() {
    let engine = engine();
    works(&engine).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    below().iter().for_each(|process| signal(process, Signal::STOP));
    let limits = || Limits { wall: Duration::from_millis(500), ..Limits::default() };
    let runs = async {
        for _ in 0..3 {
            let outcome = run_job(&engine, job("return 42", limits())).await;
            let failed = outcome.error.as_ref().map(|error| error.name);
            let told = failed
                .is_none_or(|name| matches!(name, ErrorName::ScriptTimeout | ErrorName::HarnessFailure));
            assert!(told, "{}", shown(&outcome));
        }
    };
    let ended = tokio::time::timeout(Duration::from_secs(100), runs).await;
    below().iter().for_each(|process| signal(process, Signal::KILL));
    assert!(ended.is_ok(), "a run waits for a process that is stopped");
    works_again(&engine).await;
}

/// Also whatever the workers are made from.
pub async fn everything_killed_in_mid_call() {
    let engine = engine();
    let harm = || below().iter().for_each(|process| signal(process, Signal::KILL));
    let (outcome, took) = harmed(&engine, job(IN_MID_CALL, Limits::default()), 2, harm).await;
    holds_record(&outcome, took);
    works_again(&engine).await;
}

/// At any moment of a run, with another one beside it.
pub async fn killed_again_and_again() {
    let before = left_before().await;
    let engine = engine();
    works(&engine).await;
    let source = "let n = 0; for (let i = 0; i < 20; i++) n += (await tools.echo({ n: 1 })).n; return n";
    for round in 0..40_u64 {
        let harm = async {
            tokio::time::sleep(Duration::from_micros(round * 700)).await;
            if round % 8 == 7 {
                below().iter().for_each(|process| signal(process, Signal::KILL));
            } else {
                kill_workers();
            }
        };
        let one = run_job(&engine, job(source, Limits::default()));
        let other = run_job(&engine, job(source, Limits::default()));
        let (one, other, ()) = tokio::join!(one, other, harm);
        for outcome in [one, other] {
            let failed = outcome.error.as_ref().map(|error| error.name);
            let ended = outcome.value == Some(json!(20)) || failed == Some(ErrorName::HarnessFailure);
            assert!(ended, "round {round}: {}", shown(&outcome));
        }
        works_again(&engine).await;
    }
    drop(engine);
    assert_eq!(left_since(&before).await, [], "left behind");
}

pub async fn dropped_engine_leaves_nothing() {
    let before = left_before().await;
    let engine = Arc::new(engine());
    works(&engine).await;
    engine.prestart();
    assert!(soon(Duration::from_secs(30), || below().len() > before.len()).await, "nothing was started");
    // One run is dropped half-way, with its call pending.
    let held = Arc::clone(&engine);
    let pending = tokio::spawn(async move { run_job(&held, job(IN_MID_CALL, Limits::default())).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    pending.abort();
    let _dropped = pending.await;
    drop(engine);
    assert_eq!(left_since(&before).await, [], "left behind");
}
