//! `glossator debug bench script`: what a script costs, isolation on: the engine alone with a tool that answers at once, then
//! with the real dispatch.

use super::{median, pss_kb, report};
use crate::debug::script::{context, dispatcher};
use crate::terminal::say;
use futures::future::BoxFuture;
use glossator_agent::ScriptConfig;
use glossator_script::{Engine, Host, HostCall, HostError, Job, Limits, Outcome, WorkerProgram};
use glossator_session::CallId;
use glossator_tools::{Mode, Policy, Registry, ScriptBlock, run_script};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Sequential and parallel calls of one script.
const SEQUENTIAL: usize = 2_000;
const PARALLEL: usize = 50;
/// Scripts for each run that the command line asks for.
const SCRIPTS: usize = 20;
/// Time between two scripts of a model that is not in a hurry: long enough for the pool to be full again.
const PAUSE: Duration = Duration::from_millis(20);

const ONE_CALL: &str = "const answer: { n: number } = await tools.echo({ n: 1 });\nreturn answer.n;";

/// Runs every measurement.
pub async fn run(runs: usize) -> Result<u8, String> {
    cold(runs.min(20)).await?;
    let engine = engine();
    for _ in 0..10 {
        ran(&engine, "return 1;").await?;
    }
    let mut paced = Vec::new();
    for _ in 0..runs * SCRIPTS {
        tokio::time::sleep(PAUSE).await;
        paced.push(ran(&engine, ONE_CALL).await?);
    }
    percentiles("a script with one call", &paced);
    let mut in_a_row = Vec::new();
    for _ in 0..runs * SCRIPTS {
        in_a_row.push(ran(&engine, ONE_CALL).await?);
    }
    percentiles("the same, one right after the other", &in_a_row);
    calls(&engine, runs).await?;
    killed(&engine, runs.min(10)).await?;
    memory(&engine).await;
    through_dispatch(&engine, runs).await?;
    Ok(0)
}

/// The first script of an engine that has no process yet.
async fn cold(runs: usize) -> Result<(), String> {
    let mut times = Vec::new();
    for _ in 0..runs {
        let engine = engine();
        times.push(ran(&engine, ONE_CALL).await?);
        drop(engine);
        // What the last one left is ended first.
        tokio::time::sleep(PAUSE * 5).await;
    }
    report("cold: the first script, from nothing", "ms", times);
    Ok(())
}

async fn calls(engine: &Engine, runs: usize) -> Result<(), String> {
    let base = median_of(engine, runs, "return 1;").await?;
    let loop_of = format!("for (let n = 0; n < {SEQUENTIAL}; n++) await tools.echo({{ n }});");
    let sequential = median_of(engine, runs, &loop_of).await?;
    say!("{:<36} {:>9.2} ms", format!("{SEQUENTIAL} calls one after the other"), sequential - base);
    say!("{:<36} {:>9.1} us", "  each, there and back", (sequential - base) * 1e3 / SEQUENTIAL as f64);
    let all_of =
        format!("await Promise.all(Array.from({{ length: {PARALLEL} }}, (_, n) => tools.echo({{ n }})));");
    let parallel = median_of(engine, runs, &all_of).await?;
    say!("{:<36} {:>9.2} ms", format!("{PARALLEL} calls at once"), parallel - base);
    let slow = median_of(engine, runs.min(10), &all_of.replace("echo", "slow")).await?;
    say!("{:<36} {:>9.2} ms", format!("{PARALLEL} calls of 20 ms at once, 16 at a time"), slow - base);
    Ok(())
}

/// How long a script lives on that is cancelled in a loop which the engine itself cannot interrupt.
async fn killed(engine: &Engine, runs: usize) -> Result<(), String> {
    let mut times = Vec::new();
    for _ in 0..runs {
        let cancel = CancellationToken::new();
        let job = job("Array.prototype.reverse.call({ length: 2 ** 53 - 1 });");
        let running = engine.run(job, Arc::new(Echo), cancel.clone());
        let stop = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            cancel.cancel();
            Instant::now()
        };
        let (_, since) = tokio::join!(running, stop);
        times.push(since.elapsed().as_secs_f64() * 1e3);
    }
    report("stopping an uninterruptible loop", "ms", times);
    Ok(())
}

async fn memory(engine: &Engine) {
    engine.prestart();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let each: Vec<f64> = engine.processes().iter().map(|id| pss_kb(&id.to_string()) * 1024.0 / 1e6).collect();
    let listed: Vec<String> = each.iter().map(|mb| format!("{mb:.2}")).collect();
    say!(
        "{:<36} {:>9.2} MB   (each: {})",
        "idle script processes, PSS in all",
        each.iter().sum::<f64>(),
        listed.join(", ")
    );
}

/// Calls of the real `readFile`: dispatch, policy, overlay and disk included.
async fn through_dispatch(engine: &Engine, runs: usize) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    std::fs::write(folder.path().join("read.txt"), "one line\n").map_err(|error| error.to_string())?;
    let mut one = Vec::new();
    for _ in 0..runs * SCRIPTS / 2 {
        tokio::time::sleep(PAUSE).await;
        one.push(dispatched(engine, folder.path(), "return (await tools.readFile('read.txt')).text;").await?);
    }
    percentiles("a script that reads a file", &one);
    let many = "for (let n = 0; n < 200; n++) await tools.readFile('read.txt');";
    let mut times = Vec::new();
    for _ in 0..runs {
        times.push(dispatched(engine, folder.path(), many).await? - median(&one));
    }
    say!("{:<36} {:>9.1} us", "  each of 200 reads in one script", median(&times) * 1e3 / 199.0);
    Ok(())
}

async fn dispatched(engine: &Engine, folder: &Path, source: &str) -> Result<f64, String> {
    let registry = Registry::of_pack("core").map_err(|error| error.to_string())?;
    let dispatcher = Arc::new(dispatcher(registry, folder, Policy::Ask, Mode::Enabled));
    let limits = Limits::default();
    let script = ScriptConfig { limits: limits.clone(), tasks: 32, env: BTreeMap::new() };
    let context = context(&dispatcher, &limits, &script);
    let block = ScriptBlock { id: CallId("S0".to_owned()), source: source.to_owned(), context, limits };
    let started = Instant::now();
    let report = run_script(dispatcher, engine, block, CancellationToken::new()).await;
    let millis = started.elapsed().as_secs_f64() * 1e3;
    if report.ok { Ok(millis) } else { Err(report.text) }
}

async fn median_of(engine: &Engine, runs: usize, source: &str) -> Result<f64, String> {
    let mut times = Vec::new();
    for _ in 0..runs {
        times.push(ran(engine, source).await?);
    }
    Ok(median(&times))
}

/// Milliseconds that one script took.
async fn ran(engine: &Engine, source: &str) -> Result<f64, String> {
    let started = Instant::now();
    let outcome: Outcome = engine.run(job(source), Arc::new(Echo), CancellationToken::new()).await;
    let millis = started.elapsed().as_secs_f64() * 1e3;
    match outcome.error {
        None => Ok(millis),
        Some(error) => Err(format!("{}: {}", error.name.as_str(), error.message)),
    }
}

fn job(source: &str) -> Job {
    Job {
        id: "S0".to_owned(),
        source: source.to_owned(),
        tools: vec!["echo".to_owned(), "slow".to_owned()],
        tasks: Vec::new(),
        store: Map::new(),
        check_only: false,
        context: json!({}),
        limits: limits(),
    }
}

fn limits() -> Limits {
    Limits { calls: 10_000, ..Limits::default() }
}

fn engine() -> Engine {
    Engine::new(WorkerProgram::this(), limits())
}

/// A tool that answers at once, and one that takes 20 ms.
struct Echo;

impl Host for Echo {
    fn call(&self, call: HostCall, _: CancellationToken) -> BoxFuture<'static, Result<Value, HostError>> {
        Box::pin(async move {
            if call.name == "slow" {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok(call.args)
        })
    }
}

fn percentiles(name: &str, times: &[f64]) {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: usize| sorted.get(sorted.len() * share / 100).copied().unwrap_or(0.0);
    say!("{name:<36} {:>9.2} ms p50, {:.2} ms p95   ({} scripts)", at(50), at(95), sorted.len());
}
