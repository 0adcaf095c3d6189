//! Thousands of scripts through one engine: nothing may be left behind, neither processes nor memory.
//! `SOAK=20000` sets their number.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use glossator_script::{Engine, ErrorName, Limits};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::host::{TestHost, engine, job, shown};
use crate::processes::{below, descriptors, left_before, left_since, resident, soon, threads};

const AT_ONCE: usize = 4;
/// A kind that takes its whole time limit comes once in so many scripts.
const RARE: usize = 100;
/// How often memory is read during a soak.
const SAMPLES: usize = 200;
/// What a soak may add to memory beside a tenth: allocators keep a little for themselves.
const NOISE: u64 = 2 * 1024 * 1024;

/// What a script of a kind must come to.
enum Ends {
    With(Value),
    By(ErrorName),
}

/// A script of the kind `number % 10`, unlike all others in its text.
fn script(number: usize) -> (String, Ends) {
    let (source, ends) = match number % 10 {
        0 => ("return 1 + 1".to_owned(), Ends::With(json!(2))),
        1 => (
            "const r: number[] = []; for (let i = 0; i < 10; i++) r.push((await tools.echo({ i })).i); return r.length"
                .to_owned(),
            Ends::With(json!(10)),
        ),
        2 => (
            "const r = await Promise.all([...Array(20).keys()].map(i => tools.sleep({ ms: 1, value: i }))); return r.length"
                .to_owned(),
            Ends::With(json!(20)),
        ),
        3 => ("const x = null; x.y.z".to_owned(), Ends::By(ErrorName::ScriptRuntimeError)),
        4 => ("await tools.fail({})".to_owned(), Ends::By(ErrorName::ToolFailed)),
        5 => ("const x: = 1".to_owned(), Ends::By(ErrorName::ScriptSyntaxError)),
        6 => (
            "for (let i = 0; i < 30; i++) console.log('line', i, { i }); return (await tools.big({ bytes: 50000 })).length"
                .to_owned(),
            Ends::With(json!(50000)),
        ),
        7 => ("await new Promise(() => {})".to_owned(), Ends::By(ErrorName::ScriptStuck)),
        8 if number % RARE == 8 => ("for (;;) {}".to_owned(), Ends::By(ErrorName::ScriptTimeout)),
        8 => (
            "tools.hang({}).catch(() => 0); Promise.reject(new Error('x')); return 3".to_owned(),
            Ends::With(json!(3)),
        ),
        _ => (
            "const a = []; for (let i = 0; i < 2e4; i++) a.push({ i, s: 'x' + i }); return a.length".to_owned(),
            Ends::With(json!(20_000)),
        ),
    };
    (format!("{source} // {number}"), ends)
}

async fn one(engine: &Engine, number: usize) -> Result<(), String> {
    let (source, ends) = script(number);
    let limits = Limits {
        cpu: if source.starts_with("for (;;)") {
            Duration::from_millis(100)
        } else {
            Duration::from_secs(10)
        },
        orphan_grace: Duration::from_millis(5),
        ..Limits::default()
    };
    let outcome =
        engine.run(job(&source, limits), Arc::new(TestHost::default()), CancellationToken::new()).await;
    let right = match ends {
        Ends::With(value) => outcome.value == Some(value),
        Ends::By(name) => outcome.error.as_ref().is_some_and(|error| error.name == name),
    };
    if right { Ok(()) } else { Err(format!("script {number}: {}", shown(&outcome))) }
}

/// What this process holds.
#[derive(Debug, Clone, Copy)]
struct Held {
    processes: usize,
    descriptors: usize,
    threads: usize,
}

fn held() -> Held {
    Held {
        processes: below().iter().filter(|process| process.state != 'Z').count(),
        descriptors: descriptors(),
        threads: threads(),
    }
}

/// Memory over time, of this process and of the oldest one it has started.
#[derive(Default)]
struct Memory {
    ours: Vec<u64>,
    theirs: Vec<u64>,
}

impl Memory {
    fn sample(&mut self, oldest: Option<i32>) {
        self.ours.push(resident(i32::try_from(std::process::id()).unwrap()));
        self.theirs.extend(oldest.map(resident).filter(|bytes| *bytes > 0));
    }
}

/// The medians of the second and of the last tenth.
fn tenths(samples: &[u64]) -> Option<(u64, u64)> {
    let tenth = samples.len() / 10;
    let median = |part: &[u64]| {
        let mut part = part.to_vec();
        part.sort_unstable();
        part.get(part.len() / 2).copied()
    };
    Some((median(samples.get(tenth..2 * tenth)?)?, median(samples.get(samples.len() - tenth..)?)?))
}

fn print_flat(what: &str, samples: &[u64]) -> bool {
    let Some((early, late)) = tenths(samples) else {
        println!("{what}: no samples");
        return true;
    };
    let mib = |bytes: u64| bytes as f64 / 1024.0 / 1024.0;
    println!("{what}: second tenth {:.1} MiB, last tenth {:.1} MiB", mib(early), mib(late));
    late <= early + early / 10 + NOISE
}

pub async fn soak() {
    let count: usize = std::env::var("SOAK").ok().and_then(|text| text.parse().ok()).unwrap_or(300);
    let earlier = left_before().await;
    let engine = Arc::new(engine());
    let mut wrong = run_all(&engine, 0..60, || {}).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = held();
    let oldest = below().iter().find(|process| process.state != 'Z').map(|process| process.pid);
    let every = (count / SAMPLES).max(1);
    let (done, began) = (AtomicUsize::new(0), Instant::now());
    let memory = std::sync::Mutex::new(Memory::default());
    let sample = || {
        if done.fetch_add(1, Ordering::SeqCst).is_multiple_of(every) {
            memory.lock().unwrap().sample(oldest);
        }
    };
    wrong.extend(run_all(&engine, 100..100 + count, sample).await);
    let took = began.elapsed();
    let fewer = |after: Held| {
        after.processes <= before.processes
            && after.descriptors <= before.descriptors
            && after.threads <= before.threads
    };
    let left = soon(Duration::from_secs(15), || fewer(held())).await;
    println!(
        "{count} scripts in {:.1} s, {:.2} ms each, {AT_ONCE} at once",
        took.as_secs_f64(),
        took.as_secs_f64() * 1000.0 / count as f64
    );
    println!("before {before:?}\nafter  {:?}", held());
    let memory = memory.into_inner().unwrap();
    let flat = [print_flat("this process", &memory.ours), print_flat("oldest child", &memory.theirs)];
    assert!(wrong.is_empty(), "{} wrong, the first: {}", wrong.len(), wrong[0]);
    assert!(left, "more is held than before");
    assert!(flat.iter().all(|flat| *flat), "memory grew");
    drop(engine);
    assert_eq!(left_since(&earlier).await, [], "left behind");
}

async fn run_all(engine: &Engine, numbers: std::ops::Range<usize>, after: impl Fn()) -> Vec<String> {
    stream::iter(numbers)
        .map(|number| one(engine, number))
        .buffer_unordered(AT_ONCE)
        .inspect(|_| after())
        .filter_map(|ended| async { ended.err() })
        .collect()
        .await
}
