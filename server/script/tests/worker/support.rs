//! The harness of these tests, the host they run against, and workers that misbehave.

use std::future::Future;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use glossator_script::{
    Engine, Host, HostCall, HostError, Job, Limits, Outcome, Status, WORKER_ARGUMENT, WorkerProgram,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

pub type Case = (&'static str, fn() -> Pin<Box<dyn Future<Output = ()>>>);

/// Runs the cases like libtest would, as far as cargo test and nextest need it.
pub fn harness(args: &[String], cases: &[Case]) {
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    if has("--list") {
        if !has("--ignored") {
            cases.iter().for_each(|(name, _)| println!("{name}: test"));
        }
        return;
    }
    let filters: Vec<&String> = args.iter().filter(|arg| !arg.starts_with("--")).collect();
    let chosen = cases.iter().filter(|(name, _)| {
        filters.is_empty()
            || filters
                .iter()
                .any(|filter| if has("--exact") { name == filter } else { name.contains(filter.as_str()) })
    });
    let (mut passed, mut failed) = (0, 0);
    for (name, case) in chosen {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let ok = catch_unwind(AssertUnwindSafe(|| runtime.block_on(case()))).is_ok();
        runtime.shutdown_timeout(Duration::from_millis(50));
        println!("test {name} ... {}", if ok { "ok" } else { "FAILED" });
        if ok { passed += 1 } else { failed += 1 }
    }
    println!("\ntest result: {passed} passed, {failed} failed");
    std::process::exit(i32::from(failed > 0));
}

/// What the tests' tools do, and what they saw.
#[derive(Clone, Default)]
pub struct TestHost(Arc<Seen>);

#[derive(Default)]
pub struct Seen {
    pub calls: AtomicUsize,
    pub now: AtomicUsize,
    pub most: AtomicUsize,
    pub cancelled: AtomicUsize,
    pub live: Mutex<Vec<String>>,
    pub progress: Mutex<Vec<String>>,
    pub stored: AtomicUsize,
}

pub const TOOLS: &[&str] = &[
    "echo",
    "sleep",
    "fail",
    "deny",
    "hang",
    "big",
    "panic",
    "readFile",
    "agents.launch",
    "agents.launch.async",
    "agents.list",
];

impl std::ops::Deref for TestHost {
    type Target = Seen;

    fn deref(&self) -> &Seen {
        &self.0
    }
}

impl Host for TestHost {
    fn call(
        &self,
        call: HostCall,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, Result<Value, HostError>> {
        let host = self.clone();
        host.calls.fetch_add(1, Ordering::SeqCst);
        assert_ne!(call.name, "panic", "this tool panics");
        Box::pin(async move {
            let now = host.now.fetch_add(1, Ordering::SeqCst) + 1;
            host.most.fetch_max(now, Ordering::SeqCst);
            let answer = host.answer(call, cancel).await;
            host.now.fetch_sub(1, Ordering::SeqCst);
            answer
        })
    }

    fn console(&self, level: &str, text: &str) {
        self.live.lock().unwrap().push(format!("{level}: {text}"));
    }

    fn progress(&self, text: &str) {
        self.progress.lock().unwrap().push(text.to_owned());
    }

    fn stored(&self, _key: &str, _value: Option<&Value>) {
        self.stored.fetch_add(1, Ordering::SeqCst);
    }
}

impl TestHost {
    async fn answer(&self, call: HostCall, cancel: CancellationToken) -> Result<Value, HostError> {
        match call.name.strip_prefix("spawn.").unwrap_or(&call.name) {
            "sleep" => {
                tokio::time::sleep(Duration::from_millis(call.args["ms"].as_u64().unwrap_or(100))).await;
                Ok(call.args["value"].clone())
            }
            "hang" => {
                cancel.cancelled().await;
                self.cancelled.fetch_add(1, Ordering::SeqCst);
                Err(HostError {
                    name: "ToolCancelled".into(),
                    message: "stopped".into(),
                    retryable: true,
                    details: None,
                })
            }
            "fail" => Err(HostError {
                name: "ToolFailed".into(),
                message: "no such file".into(),
                retryable: true,
                details: Some(json!({ "code": "ENOENT", "path": "a.txt" })),
            }),
            "deny" => Err(HostError {
                name: "ToolDenied".into(),
                message: "the user said no".into(),
                retryable: false,
                details: None,
            }),
            "big" => Ok(json!("x".repeat(call.args["bytes"].as_u64().unwrap_or(1000) as usize))),
            _ => Ok(call.args),
        }
    }
}

/// The program that is this binary as a worker.
pub fn program(args: &[&str]) -> WorkerProgram {
    WorkerProgram {
        path: std::env::current_exe().unwrap(),
        args: args.iter().map(|arg| (*arg).to_owned()).collect(),
    }
}

pub fn engine() -> Engine {
    Engine::new(program(&[WORKER_ARGUMENT]), Limits::default())
}

pub fn job(source: &str) -> Job {
    Job {
        id: "S1-1-1".to_owned(),
        tasks: Vec::new(),
        store: serde_json::Map::new(),
        check_only: false,
        source: source.to_owned(),
        tools: TOOLS.iter().map(|tool| (*tool).to_owned()).collect(),
        context: json!({ "sessionId": "s1", "openBuffers": [{ "path": "a.ts" }] }),
        limits: Limits::default(),
    }
}

/// Runs a script with the default limits.
pub async fn run(source: &str) -> Outcome {
    run_with(job(source), &TestHost::default()).await
}

pub async fn run_with(job: Job, host: &TestHost) -> Outcome {
    engine().run(job, Arc::new(host.clone()), CancellationToken::new()).await
}

/// An engine that leaves calls 3 s behind the end of their script, and a job for it.
pub fn patient() -> Engine {
    Engine::new(program(&[WORKER_ARGUMENT]), job_of_patient("").limits)
}

pub fn job_of_patient(source: &str) -> Job {
    let mut job = job(source);
    job.limits.orphan_grace = Duration::from_secs(3);
    job
}

/// The value of a script that must succeed.
pub async fn value(source: &str) -> Value {
    let outcome = run(source).await;
    assert_eq!(outcome.status, Status::Done, "{source}\n{outcome:#?}");
    outcome.value.unwrap()
}

/// `Name line:column message` of a script that must fail.
pub async fn error(source: &str) -> String {
    let outcome = run(source).await;
    shown_error(&outcome)
}

pub fn shown_error(outcome: &Outcome) -> String {
    let error = outcome.error.as_ref().unwrap_or_else(|| panic!("{outcome:#?}"));
    let place = match (error.line, error.column) {
        (Some(line), Some(column)) => format!("{line}:{column}"),
        _ => "-".to_owned(),
    };
    format!("{} {place} {}", error.name.as_str(), error.message)
}

/// A worker that reads its job and then does harm, as its argument says.
pub fn hostile_worker(args: &[String]) -> ! {
    if args.last().is_some_and(|arg| arg == "zygote") {
        std::process::exit(1);
    }
    let what = args[0].as_str();
    let stdin = std::io::stdin();
    let mut socket = std::os::unix::net::UnixStream::from(stdin.as_fd().try_clone_to_owned().unwrap());
    let walls = |more: &str| format!(r#"{{"build":"{}",{more}}}"#, glossator_script::build_id());
    let hello = match what {
        "unlocked" => walls(r#""seccomp":true,"open":["network"]"#),
        "unfiltered" => walls(r#""seccomp":false,"faults":["seccomp: no"]"#),
        "confused" => r#"{"seccomp":"#.to_owned(),
        "other-build" => r#"{"seccomp":true,"build":"0.0.1-0"}"#.to_owned(),
        "no-build" => r#"{"seccomp":true}"#.to_owned(),
        "no-thread" => std::process::exit(71),
        _ => walls(r#""seccomp":true"#),
    };
    socket.write_all(&frame(&hello)).unwrap();
    let mut header = [0; 4];
    let _gone = socket.read_exact(&mut header);
    let _gone = socket.write_all(&misdeed(what));
    if matches!(what, "silent" | "unknown" | "calls-and-reads-nothing") {
        std::thread::sleep(Duration::from_secs(60));
    }
    std::process::exit(3)
}

fn frame(body: &str) -> Vec<u8> {
    let mut bytes = u32::try_from(body.len()).unwrap().to_le_bytes().to_vec();
    bytes.extend_from_slice(body.as_bytes());
    bytes
}

/// What a worker of that kind says once it has its script.
fn misdeed(what: &str) -> Vec<u8> {
    match what {
        "oversize" => u32::MAX.to_le_bytes().to_vec(),
        "garbage" => frame("not json"),
        "shape" => frame(r#"{"call":{"id":"one"}}"#),
        "skip" => frame(r#"{"call":{"id":7,"name":"echo","args":{}}}"#),
        "unknown" => frame(r#"{"call":{"id":1,"name":"rm","args":{}}}"#),
        "half" => vec![9, 0, 0, 0, b'{'],
        "settled" => [frame(r#""settled""#), frame(r#""settled""#)].concat(),
        "console" => frame(r#"{"console":{"level":"log","text":"x"}}"#).repeat(1000),
        "erased-twice" => frame(r#"{"erased":{"text":null}}"#).repeat(2),
        "erased-late" => {
            [frame(r#"{"progress":{"text":"x"}}"#), frame(r#"{"erased":{"text":null}}"#)].concat()
        }
        "erased-wrong" => {
            [frame(r#"{"erased":{"text":"return 2"}}"#), frame(r#"{"done":{"value":1,"error":null}}"#)]
                .concat()
        }
        "level" => frame(r#"{"console":{"level":"shout","text":"x"}}"#),
        "progress" => frame(r#"{"progress":{"text":"x"}}"#).repeat(100),
        "store" => frame(r#"{"stored":{"key":"a","value":1}}"#).repeat(2000),
        "store-long" => frame(&format!(r#"{{"stored":{{"key":"a","value":"{}"}}}}"#, "x".repeat(300_000))),
        "store-deep" => {
            frame(&format!(r#"{{"stored":{{"key":"a","value":{}1{}}}}}"#, "[".repeat(111), "]".repeat(111)))
        }
        "args-deep" => frame(&format!(
            r#"{{"call":{{"id":1,"name":"echo","args":{}1{}}}}}"#,
            "[".repeat(111),
            "]".repeat(111)
        )),
        "args-many" => {
            frame(&format!(r#"{{"call":{{"id":1,"name":"echo","args":[{}0]}}}}"#, "0,".repeat(300_000)))
        }
        "console-long" => {
            frame(&format!(r#"{{"console":{{"level":"log","text":"{}"}}}}"#, "x".repeat(15_000_000)))
        }
        "progress-long" => frame(&format!(r#"{{"progress":{{"text":"{}"}}}}"#, "x".repeat(100_000))),
        "says-and-dies" => frame(r#"{"console":{"level":"log","text":"x"}}"#),
        "stores-and-dies" => frame(r#"{"stored":{"key":"a","value":1}}"#),
        "progress-and-dies" => frame(r#"{"progress":{"text":"x"}}"#),
        "calls-and-reads-nothing" => (1..=256)
            .map(|id| format!(r#"{{"call":{{"id":{id},"name":"big","args":{{"bytes":7000000}}}}}}"#))
            .flat_map(|call| frame(&call))
            .collect(),
        "args-long" => {
            frame(&format!(r#"{{"call":{{"id":1,"name":"echo","args":"{}"}}}}"#, "x".repeat(5_000_000)))
        }
        "value-deep" => {
            frame(&format!(r#"{{"done":{{"value":{}1{},"error":null}}}}"#, "[".repeat(111), "]".repeat(111)))
        }
        "value-long" => frame(&format!(r#"{{"done":{{"value":"{}","error":null}}}}"#, "x".repeat(9_000_000))),
        "value-number" => frame(r#"{"done":{"value":1e999,"error":null}}"#),
        _ => Vec::new(),
    }
}
