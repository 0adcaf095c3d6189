//! Calls that wait, fail, race and outlive their script.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures::future::BoxFuture;
use glossator_script::{Engine, Host, HostCall, HostError, Job, WORKER_ARGUMENT};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::{
    Case, TestHost, engine, job, job_of_patient, patient, program, run, shown_error, value,
};

macro_rules! cases {
    ($($name:ident)*) => {
        pub const CASES: &[Case] = &[$((stringify!($name), || Box::pin($name()))),*];
    };
}

cases! {
    races_with_a_denied_call settled_after_the_end rejections_are_told_once stuck_beside_what_has_ended
    cancel_reaches_queued_and_running_calls calls_after_the_end answers_keep_their_order nested_calls_are_quick
    a_busy_script_does_not_hold_its_calls_back busy_tools_use_no_time_of_the_script
}

async fn races_with_a_denied_call() {
    for (source, wanted) in [
        (
            "return await Promise.race([tools.deny({}), tools.sleep({ ms: 50 })]).catch(e => e.name)",
            json!("ToolDenied"),
        ),
        ("return await Promise.any([tools.deny({}), tools.sleep({ ms: 20, value: 'v' })])", json!("v")),
        (
            "return await Promise.any([tools.deny({}), tools.fail({})]).catch(e => [e.name, e.errors.map(x => x.name)])",
            json!(["AggregateError", ["ToolDenied", "ToolFailed"]]),
        ),
        (
            "return (await Promise.allSettled([tools.deny({}), tools.echo({ a: 1 })])).map(r => r.status)",
            json!(["rejected", "fulfilled"]),
        ),
        ("return await Promise.all([tools.deny({}), tools.echo({})]).catch(e => e.tool)", json!("deny")),
    ] {
        let outcome = run(source).await;
        assert_eq!(outcome.value, Some(wanted), "{source}\n{outcome:?}");
        assert!(outcome.console.is_empty(), "{source}\n{outcome:?}");
        assert!(outcome.calls.iter().all(|call| !call.orphaned), "{source}\n{outcome:?}");
    }
    // An AggregateError that nobody catches.
    let shown = shown_error(&run("await Promise.any([tools.deny({}), tools.fail({})])").await);
    assert!(shown.starts_with("ScriptRuntimeError") && shown.contains("AggregateError"), "{shown}");
}

async fn settled_after_the_end() {
    // A promise of the script's own that is settled in the grace, by a call that was cancelled, or never.
    for (source, orphaned) in [
        (
            "let r; const p = new Promise(x => { r = x }); tools.sleep({ ms: 30 }).then(() => r(1)); return 'x'",
            false,
        ),
        (
            "let r; const p = new Promise(x => { r = x }); tools.hang({}).then(() => r(1), () => r(2)); return 'x'",
            true,
        ),
        ("const p = tools.hang({}); p.catch(() => console.log('never')); return 'x'", true),
        ("sleep(10).then(() => tools.echo({})); tools.sleep({ ms: 60 }); return 'x'", false),
    ] {
        let outcome = run(source).await;
        assert_eq!(outcome.value, Some(json!("x")), "{source}\n{outcome:?}");
        assert_eq!(outcome.calls[0].orphaned, orphaned, "{source}\n{outcome:?}");
        assert!(outcome.console.is_empty() && outcome.millis < 1500, "{source}\n{outcome:?}");
    }
}

async fn rejections_are_told_once() {
    for (source, wanted) in [
        ("Promise.reject(new Error('a')); return 1", vec!["Unhandled rejection: Error: a (line 1)"]),
        (
            "Promise.reject(1); Promise.reject(null); return 1",
            vec!["Unhandled rejection: the script threw 1", "Unhandled rejection: the script threw null"],
        ),
        (
            "const p = tools.deny({});\np.then(() => 1);\nawait sleep(20); return 1",
            vec![
                "Unhandled rejection: ToolDenied: the user said no (line 1)",
                "Unhandled rejection: ToolDenied: the user said no (line 1)",
            ],
        ),
        ("tools.deny({}).catch(() => 0); await sleep(20); return 1", vec![]),
        (
            "tools.sleep({ ms: 20 }).then(() => { throw new TypeError('late') }); return 1",
            vec!["Unhandled rejection: TypeError: late (line 1)"],
        ),
        (
            "(async () => { throw { a: 1 } })(); return 1",
            vec!["Unhandled rejection: the script threw {\"a\":1}"],
        ),
        (
            "Promise.reject(new Error('x')); throw new Error('y')",
            vec!["Unhandled rejection: Error: x (line 1)"],
        ),
    ] {
        let outcome = run(source).await;
        let mut told: Vec<&str> = outcome.console.iter().map(|line| line.text.as_str()).collect();
        if source.contains("p.then") {
            // Two promises, one fault: both are told, whichever comes first.
            told.sort_unstable();
        }
        let told_once = told.len() == wanted.len() || (source.contains("p.then") && told.len() == 1);
        assert!(told_once && told.iter().zip(&wanted).all(|(a, b)| a == b), "{source}\n{outcome:?}");
    }
    let outcome = run("for (let i = 0; i < 500; i++) Promise.reject(new Error('n' + i)); return 1").await;
    assert_eq!(outcome.console.len(), 20, "{outcome:?}");
}

async fn stuck_beside_what_has_ended() {
    for source in [
        "await tools.echo({}); await new Promise(() => {})",
        "await sleep(5); await new Promise(() => {})",
        "await tools.deny({}).catch(() => new Promise(() => {}))",
        "await { then() {} }",
        "let q; const p = (async () => { await 0; await q })(); q = p.then(() => 1); await q",
    ] {
        let outcome = run(source).await;
        assert!(shown_error(&outcome).starts_with("ScriptStuck"), "{source}\n{outcome:?}");
        assert!(outcome.millis < 30_000 && outcome.error.unwrap().hint.is_some(), "{source}");
    }
}

async fn cancel_reaches_queued_and_running_calls() {
    let (host, cancel) = (TestHost::default(), CancellationToken::new());
    let engine = engine();
    let source = "await Promise.all(Array.from({ length: 40 }, () => tools.hang({})))";
    let running = engine.run(job(source), Arc::new(host.clone()), cancel.clone());
    let stop = async {
        while host.now.load(Ordering::SeqCst) < 16 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        cancel.cancel();
        Instant::now()
    };
    let (outcome, stopped) = tokio::join!(running, stop);
    assert!(shown_error(&outcome).starts_with("ScriptCancelled"), "{outcome:?}");
    assert!(stopped.elapsed() < Duration::from_secs(20), "{:?}", stopped.elapsed());
    assert_eq!((host.calls.load(Ordering::SeqCst), host.cancelled.load(Ordering::SeqCst)), (16, 16));
    let told = |what: &str| outcome.calls.iter().filter(|call| call.error.as_deref() == Some(what)).count();
    assert_eq!((outcome.calls.len(), told("ToolCancelled: stopped")), (40, 16), "{outcome:?}");
    assert_eq!(told("ToolCancelled: the script ended before the call did"), 24);
}

async fn calls_after_the_end() {
    let host = TestHost::default();
    let source =
        "tools.sleep({ ms: 20 }).then(() => tools.echo({ late: 1 })).then(() => tools.hang({})); return 1";
    let outcome =
        patient().run(job_of_patient(source), Arc::new(host.clone()), CancellationToken::new()).await;
    assert_eq!(outcome.value, Some(json!(1)), "{outcome:?}");
    let ends: Vec<(&str, bool, bool)> =
        outcome.calls.iter().map(|call| (call.name.as_str(), call.ok, call.orphaned)).collect();
    assert_eq!(ends, [("sleep", true, false), ("echo", true, false), ("hang", false, true)], "{outcome:?}");
    assert!(outcome.millis >= 2990 && outcome.millis < 60_000, "{} ms", outcome.millis);
}

async fn answers_keep_their_order() {
    let source = "const seen = []; await Promise.all(Array.from({ length: 100 }, (_, i) => tools.echo({ i }).then(v => seen.push(v.i))));\n\
        const mixed = await Promise.all(Array.from({ length: 100 }, (_, i) => i % 3 ? tools.echo({ i }) : tools.sleep({ ms: i % 7, value: { i } })));\n\
        return [seen.every((v, i) => v === i), mixed.every((v, i) => v.i === i)]";
    let outcome = run(source).await;
    assert_eq!(outcome.value, Some(json!([true, true])), "{outcome:?}");
    assert!(outcome.calls.len() == 200 && outcome.calls.iter().all(|call| call.ok));
    let big = "const r = await Promise.all(Array.from({ length: 30 }, (_, i) => tools.big({ bytes: 200000 + i }))); return r.every((t, i) => t.length === 200000 + i)";
    assert_eq!(value(big).await, json!(true));
}

/// Calls leave when the script pauses; a script that never does is looked after now and then.
async fn a_busy_script_does_not_hold_its_calls_back() {
    let host = TestHost::default();
    // By the clock of the script: how long its process took to come up is nothing here.
    let source = "const p = tools.echo({}), began = Date.now(); while (Date.now() < began + 3000); await p; return began";
    let engine = engine();
    let running = engine.run(job(source), Arc::new(host.clone()), CancellationToken::new());
    let called = async {
        while host.calls.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        SystemTime::now()
    };
    let (outcome, called) = tokio::join!(running, called);
    let began = outcome.value.as_ref().and_then(Value::as_u64).unwrap_or_else(|| panic!("{outcome:?}"));
    let after = called.duration_since(UNIX_EPOCH + Duration::from_millis(began)).unwrap_or_default();
    assert!(after < Duration::from_millis(2500), "{after:?}");
}

/// A host that is busy before its first await.
struct Busy;

impl Host for Busy {
    fn call(&self, _: HostCall, _: CancellationToken) -> BoxFuture<'static, Result<Value, HostError>> {
        Box::pin(async {
            std::thread::sleep(Duration::from_millis(1500));
            Ok(Value::Null)
        })
    }
}

async fn busy_tools_use_no_time_of_the_script() {
    let mut job = job("await tools.echo({}); return 1");
    job.limits.wall = Duration::from_millis(200);
    let outcome = engine().run(job, Arc::new(Busy), CancellationToken::new()).await;
    assert_eq!(outcome.value, Some(json!(1)), "{outcome:?}");
}

/// Prints what nested calls cost; the bounds are loose, for unoptimised builds on busy machines.
async fn nested_calls_are_quick() {
    let host = TestHost::default();
    let mut limits = job("").limits;
    limits.calls = 2000;
    let engine = Arc::new(Engine::new(program(&[WORKER_ARGUMENT]), limits.clone()));
    for (what, source) in [
        ("2,000 sequential calls", "for (let i = 0; i < 2000; i++) await tools.echo({ i })"),
        (
            "2,000 calls, 50 at a time",
            "for (let i = 0; i < 40; i++) await Promise.all(Array.from({ length: 50 }, (_, n) => tools.echo({ n })))",
        ),
    ] {
        let mut best = Duration::MAX;
        for _ in 0..3 {
            let timed = format!("const t = Date.now(); {source}; return Date.now() - t");
            let job = Job { limits: limits.clone(), ..job(&timed) };
            // As a task, like in the server: the thread that runs it then hears the socket itself.
            let (engine, host) = (Arc::clone(&engine), Arc::new(host.clone()));
            let running = async move { engine.run(job, host, CancellationToken::new()).await };
            let outcome = tokio::spawn(running).await.unwrap();
            let millis =
                outcome.value.as_ref().and_then(Value::as_u64).unwrap_or_else(|| panic!("{outcome:?}"));
            best = best.min(Duration::from_millis(millis));
        }
        println!("{what}: {:?} each", best / 2000);
        assert!(best / 2000 < Duration::from_millis(20));
    }
}
