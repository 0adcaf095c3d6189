//! Runs every file of `cases/hostile` beside a well-behaved neighbour, and compares what comes of both.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use glossator_script::{Engine, Limits, Outcome, Status};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::case::Case;
use crate::host::{TestHost, engine, job, run, shown};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cases/hostile");
/// Scripts at once, each with its neighbour.
const AT_ONCE: usize = 4;
/// How much longer than a case says a machine may take that is busy with other things.
const BUSY: u32 = 6;
/// What a well-behaved script may take beside hostile ones; a moment on a quiet machine.
const NEIGHBOUR: Duration = Duration::from_secs(30);
/// The least number of scripts and of classes: a corpus that was lost must not pass.
const LEAST: (usize, usize) = (500, 30);

/// What a case came to.
struct Report {
    class: String,
    millis: u128,
    problems: Vec<String>,
}

fn cases() -> Vec<Result<Case, String>> {
    let mut paths: Vec<_> = std::fs::read_dir(CASES).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "ts"));
    paths.sort();
    let parse = |path: &Path| {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        Case::parse(path, &text)
    };
    paths.iter().map(|path| parse(path).map_err(|error| format!("{}: {error}", path.display()))).collect()
}

/// Every file can be read as a case, and there are enough of them.
pub async fn cases_are_well_written() {
    let (good, bad): (Vec<_>, Vec<_>) = cases().into_iter().partition(Result::is_ok);
    let bad: Vec<String> = bad.into_iter().filter_map(Result::err).collect();
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    let classes: std::collections::BTreeSet<String> =
        good.iter().flatten().map(|case| case.class().to_owned()).collect();
    let found = (good.len(), classes.len());
    assert!(found.0 >= LEAST.0 && found.1 >= LEAST.1, "{found:?} scripts and classes, at least {LEAST:?}");
}

/// The corpus; `HOSTILE=part-of-a-name` runs only those.
pub async fn every_script_is_contained() {
    let only = std::env::var("HOSTILE").unwrap_or_default();
    let chosen: Vec<Case> = cases().into_iter().flatten().filter(|case| case.name.contains(&only)).collect();
    let engine = engine();
    let began = Instant::now();
    let reports: Vec<Report> =
        stream::iter(chosen).map(|case| check(&engine, case)).buffer_unordered(AT_ONCE).collect().await;
    print_table(&reports, began.elapsed());
    let problems: Vec<String> = reports.into_iter().flat_map(|report| report.problems).collect();
    assert!(problems.is_empty(), "{} problems:\n\n{}", problems.len(), problems.join("\n"));
}

async fn check(engine: &Engine, case: Case) -> Report {
    let host = TestHost::default();
    let (hostile, neighbour) = tokio::join!(hostile(engine, &case, &host), neighbour(engine));
    let (outcome, took) = hostile;
    let mut problems: Vec<String> = neighbour.err().into_iter().collect();
    match outcome {
        Some(outcome) => problems.extend(wrong(&case, &outcome, &host)),
        None => problems.push(format!("had not ended after {} ms", took.as_millis())),
    }
    let after = run(engine, "return 6 * 7").await;
    if after.value != Some(json!(42)) {
        problems.push(format!("the next script: {}", shown(&after)));
    }
    if std::env::var("HOSTILE").is_ok() {
        println!("{:6} ms  {}", took.as_millis(), case.name);
    }
    let problems = problems.into_iter().map(|problem| format!("{}.ts: {problem}\n", case.name)).collect();
    Report { class: case.class().to_owned(), millis: took.as_millis(), problems }
}

async fn hostile(engine: &Engine, case: &Case, host: &TestHost) -> (Option<Outcome>, Duration) {
    let mut job = job(&case.source, case.limits.clone());
    job.tools.extend(case.tools.iter().cloned());
    job.store = case.store.clone();
    job.check_only = case.check_only;
    let cancel = CancellationToken::new();
    if let Some(after) = case.cancel {
        let cancel = cancel.clone();
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            cancel.cancel();
        });
    }
    let began = Instant::now();
    let run = engine.run(job, Arc::new(host.clone()), cancel);
    let outcome = tokio::time::timeout(case.bound * BUSY, run).await.ok();
    (outcome, began.elapsed())
}

/// A script that must end well and soon, whatever runs beside it.
async fn neighbour(engine: &Engine) -> Result<(), String> {
    let began = Instant::now();
    let source = "const { n } = await tools.echo({ n: 41 }); await sleep(20); return n + 1";
    let outcome = run(engine, source).await;
    if outcome.value != Some(json!(42)) {
        return Err(format!("its neighbour: {}", shown(&outcome)));
    }
    if began.elapsed() > NEIGHBOUR {
        return Err(format!("its neighbour took {} ms", began.elapsed().as_millis()));
    }
    Ok(())
}

/// Everything about the outcome that is not as the case says.
fn wrong(case: &Case, outcome: &Outcome, host: &TestHost) -> Vec<String> {
    let mut problems = Vec::new();
    let found = outcome.error.as_ref().map(|error| error.name);
    let (expect, text) = (&case.expect, shown(outcome));
    if !expect.contains(&found) || (outcome.status == Status::Done) != found.is_none() {
        let names = expect.iter().map(|name| name.map_or("done", |name| name.as_str()));
        problems.push(format!("expected {}, found {text}", names.collect::<Vec<_>>().join(" or ")));
    }
    let said = match &outcome.error {
        Some(error) => format!("{} {}", error.message, error.hint.as_deref().unwrap_or_default()),
        None => outcome.value.clone().unwrap_or_default().to_string(),
    };
    for wanted in case.says.iter().filter(|wanted| !said.contains(wanted.as_str())) {
        problems.push(format!("does not say `{wanted}`: {text}"));
    }
    let whole = serde_json::to_string(outcome).unwrap();
    let inner = ["prelude/".to_owned(), "panicked at".to_owned()];
    for unwanted in case.never.iter().chain(&inner).filter(|unwanted| whole.contains(unwanted.as_str())) {
        let at = whole.find(unwanted.as_str()).unwrap_or_default();
        let around: String =
            whole[..at].chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect();
        problems.push(format!("says `{unwanted}`: …{around}"));
    }
    let calls = host.calls.load(Ordering::SeqCst);
    if case.calls.is_some_and(|wanted| wanted != calls) {
        problems.push(format!("expected {:?} calls at the host, found {calls}", case.calls));
    }
    if let Some(problem) = beyond(outcome, &case.limits) {
        problems.push(problem);
    }
    problems
}

/// What in an outcome is larger than any limit allows.
fn beyond(outcome: &Outcome, limits: &Limits) -> Option<String> {
    let lines = outcome.console.len();
    let value = outcome.value.as_ref().map_or(0, |value| value.to_string().len());
    let message = outcome.error.as_ref().map_or(0, |error| error.message.len());
    let excerpt = outcome.error.as_ref().and_then(|error| error.excerpt.as_ref()).map_or(0, String::len);
    let longest = outcome.console.iter().map(|line| line.text.chars().count()).max().unwrap_or_default();
    [
        ("console lines", lines, limits.console_lines as usize + 32),
        ("characters in a console line", longest, 8100),
        ("calls", outcome.calls.len(), limits.calls as usize),
        ("bytes of value", value, 2 * limits.result_bytes + 1024),
        ("bytes of message", message, 70 * 1024),
        ("bytes of excerpt", excerpt, 4 * 1024),
    ]
    .into_iter()
    .find(|(_, found, most)| found > most)
    .map(|(what, found, most)| format!("{found} {what}, at most {most} make sense"))
}

fn print_table(reports: &[Report], took: Duration) {
    let mut classes: BTreeMap<&str, (usize, usize, u128)> = BTreeMap::new();
    for report in reports {
        let row = classes.entry(&report.class).or_default();
        row.0 += 1;
        row.1 += usize::from(!report.problems.is_empty());
        row.2 = row.2.max(report.millis);
    }
    println!("{:<14} {:>7} {:>6} {:>11}", "class", "scripts", "wrong", "longest ms");
    for (class, (scripts, wrong, longest)) in &classes {
        println!("{class:<14} {scripts:>7} {wrong:>6} {longest:>11}");
    }
    println!("{:<14} {:>7} in {:.1} s", "all", reports.len(), took.as_secs_f32());
}
