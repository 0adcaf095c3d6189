//! The walls around a worker and the life of its processes: each wall is tried from inside, each process is killed
//! from outside, and in the end none may be left.

#![allow(clippy::disallowed_types)] // Tries from inside what must not work, and starts a host of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use glossator_script::{Engine, ErrorName, Job, Limits, Made, Outcome, Status, WORKER_ARGUMENT, Workers};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::support::{Case, TestHost, job, program, shown_error};

macro_rules! cases {
    ($($name:ident),* $(,)?) => { &[$((stringify!($name), || Box::pin($name()))),*] };
}

pub const CASES: &[Case] = cases![
    a_worker_reaches_nothing,
    so_does_a_started_worker,
    an_unlocked_worker_is_refused,
    panic_and_abort_end_a_worker_at_once,
    a_forbidden_call_ends_the_worker,
    the_report_says_what_holds,
    a_pool_is_filled_and_emptied,
    many_scripts_run_at_once,
    workers_draw_different_numbers,
    the_zygote_may_die_between_scripts,
    the_zygote_may_die_under_a_script,
    a_worker_may_die_in_a_call,
    no_zygote_and_no_fork_fall_back,
    a_native_loop_is_killed_soon,
    dropping_the_engine_ends_all,
    workers_leave_with_their_host,
    descriptors_of_others_are_closed_without_close_range,
    a_program_may_be_replaced_while_it_runs,
    workers_have_a_process_group_of_their_own,
    a_stopped_zygote_is_given_up,
    scripts_live_in_the_users_time_zone,
    figures,
];

const FORKED: &[&str] = &[WORKER_ARGUMENT];
const STARTED: Workers = Workers { forked: false, idle: 2, idle_life: Duration::from_secs(120) };

fn kept(args: &[&str], workers: Workers) -> Engine {
    Engine::with_workers(program(args), Limits::default(), workers)
}

fn forking() -> Engine {
    kept(FORKED, Workers::default())
}

async fn run(engine: &Engine, source: &str) -> Outcome {
    run_job(engine, job(source)).await
}

async fn run_job(engine: &Engine, job: Job) -> Outcome {
    engine.run(job, Arc::new(TestHost::default()), CancellationToken::new()).await
}

async fn done(engine: &Engine, source: &str) -> Value {
    let outcome = run(engine, source).await;
    assert_eq!(outcome.status, Status::Done, "{outcome:#?}");
    outcome.value.unwrap()
}

/// Waits until something is so.
async fn soon(what: &str, mut so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < Duration::from_secs(60), "not in 60 s: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A process that is there and not a zombie.
fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['Z', 'X']))
}

/// A process, or its zombie.
fn is_there(pid: u32) -> bool {
    std::fs::exists(format!("/proc/{pid}/stat")).unwrap()
}

fn children_of(parent: u32) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let mut fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
        if fields.nth(1).and_then(|field| field.parse().ok()) == Some(parent) {
            found.push(pid);
        }
    }
    found
}

fn kill(pid: u32) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

/// The zygote of an engine that has idle workers.
async fn zygote_of(engine: &Engine) -> u32 {
    soon("two idle workers and a zygote", || engine.processes().len() == 3).await;
    *engine.processes().last().unwrap()
}

/// What a worker under test does once it is locked, instead of serving. Its findings are console lines.
pub fn probe(mut socket: UnixStream) -> i32 {
    let mut header = [0; 4];
    if socket.read_exact(&mut header).is_err() {
        return 0;
    }
    let mut body = vec![0; u32::from_le_bytes(header) as usize];
    socket.read_exact(&mut body).unwrap();
    let run: Value = serde_json::from_slice(&body).unwrap();
    match run["run"]["source"].as_str().unwrap() {
        "panic" => panic!("a worker that panics"),
        "abort" => std::process::abort(),
        // SAFETY: a call on no list, which must end the process.
        "forbidden" => unsafe {
            libc::syscall(libc::SYS_mbind, 0, 0, 0, 0, 0, 0);
        },
        // SAFETY: a new page of nobody's; making code of it must end the process.
        "code" => unsafe {
            let rights = libc::PROT_READ | libc::PROT_EXEC;
            libc::mmap(std::ptr::null_mut(), 4096, rights, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0);
        },
        _ => {}
    }
    for (what, went_through) in tries() {
        let line = json!({ "console": { "level": "log", "text": format!("{what}: {went_through}") } });
        let line = line.to_string();
        socket.write_all(&u32::try_from(line.len()).unwrap().to_le_bytes()).unwrap();
        socket.write_all(line.as_bytes()).unwrap();
    }
    9
}

/// Each way out that is tried, and whether it went through.
fn tries() -> Vec<(&'static str, bool)> {
    // SAFETY: calls with constant arguments whose success is what is asked for; the process ends afterwards.
    let made = |made: i64| made >= 0;
    unsafe {
        vec![
            ("read a file", std::fs::read("/etc/passwd").is_ok()),
            ("write a file", std::fs::write("/tmp/glossator-probe", "x").is_ok()),
            ("list a folder", std::fs::read_dir("/").is_ok()),
            ("look at a file", std::fs::metadata("/").is_ok()),
            ("open by path only", made(libc::open(c"/".as_ptr(), libc::O_PATH).into())),
            ("read itself", std::fs::read("/proc/self/maps").is_ok()),
            ("connect", std::net::TcpStream::connect("127.0.0.1:1").is_ok_and(|_| true)),
            ("make a TCP socket", made(libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0).into())),
            ("make a UDP socket", made(libc::socket(libc::AF_INET6, libc::SOCK_DGRAM, 0).into())),
            ("make a Unix socket", made(libc::socket(libc::AF_UNIX, libc::SOCK_STREAM, 0).into())),
            ("make a socket pair", UnixStream::pair().is_ok()),
            ("fork", made(libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0))),
            ("start a thread", std::thread::Builder::new().spawn(|| {}).is_ok()),
            ("start a program", std::process::Command::new("/bin/true").status().is_ok()),
            ("signal its parent", made(libc::kill(libc::getppid(), 0).into())),
            ("signal a thread", made(libc::syscall(libc::SYS_tgkill, libc::getppid(), libc::getppid(), 0))),
            ("raise its limits", {
                let more = libc::rlimit { rlim_cur: 1 << 20, rlim_max: 1 << 20 };
                libc::setrlimit(libc::RLIMIT_NOFILE, &raw const more) == 0
            }),
            ("see an environment", std::env::vars_os().next().is_some()),
            ("see a descriptor", (4..1000).any(|fd| libc::fcntl(fd, libc::F_GETFD) >= 0)),
        ]
    }
}

#[track_caller]
fn nothing_went_through(outcome: &Outcome) {
    assert_eq!(outcome.console.len(), 19, "{outcome:#?}");
    for line in &outcome.console {
        assert!(line.text.ends_with(": false"), "{}", line.text);
    }
    assert!(shown_error(outcome).ends_with("with code 9"), "{outcome:#?}");
}

async fn a_worker_reaches_nothing() {
    nothing_went_through(&run(&kept(&["probe"], Workers::default()), "try").await);
}

async fn so_does_a_started_worker() {
    nothing_went_through(&run(&kept(&["probe"], STARTED), "try").await);
}

async fn an_unlocked_worker_is_refused() {
    let kinds = [
        ("unlocked", "is not locked down: it could open network sockets", "glossator doctor"),
        ("unfiltered", "is not locked down: system calls are not filtered (seccomp: no)", "glossator doctor"),
        ("confused", "cannot be started: it left before it was ready", "glossator doctor"),
        (
            "other-build",
            "is another build of Glossator: it is 0.0.1-0, this server is ",
            "restart the server",
        ),
        ("no-build", "is another build of Glossator: it is an unknown one", "restart the server"),
        ("no-thread", "it could not make its thread: a limit", "glossator doctor"),
    ];
    for (what, why, next) in kinds {
        for forked in [true, false] {
            let engine = kept(&["hostile-worker", what], Workers { forked, ..Workers::default() });
            let outcome = run(&engine, "return 1").await;
            let told = shown_error(&outcome);
            assert!(told.starts_with("HarnessFailure - The script worker ") && told.contains(why), "{told}");
            let hint = outcome.error.unwrap().hint.unwrap();
            assert!(hint.contains(next), "{hint}");
            assert!(engine.isolation().await.to_string().contains("scripts: cannot run: "));
        }
    }
}

/// How a worker that does this ends; soon, in any case.
async fn end_of(what: &str, workers: Workers) -> String {
    let engine = kept(&["probe"], workers);
    engine.prestart();
    let began = Instant::now();
    let outcome = run(&engine, what).await;
    assert!(began.elapsed() < Duration::from_secs(60), "{what}: {:?}", began.elapsed());
    shown_error(&outcome)
}

async fn panic_and_abort_end_a_worker_at_once() {
    for workers in [Workers::default(), STARTED] {
        let end = end_of("panic", workers.clone()).await;
        assert!(end.ends_with("with code 70"), "{end}");
        // It may not even signal itself: the C library then ends it with an instruction that is none.
        let end = end_of("abort", workers).await;
        assert!(
            ["4", "5", "6", "11"].iter().any(|signal| end.ends_with(&format!("by signal {signal}"))),
            "{end}"
        );
    }
}

async fn a_forbidden_call_ends_the_worker() {
    for workers in [Workers::default(), STARTED] {
        for what in ["forbidden", "code"] {
            let end = end_of(what, workers.clone()).await;
            assert!(end.ends_with("by signal 31"), "{what}: {end}");
        }
    }
}

async fn the_report_says_what_holds() {
    let engine = forking();
    let report = engine.isolation().await;
    let walls = report.walls.clone().unwrap();
    assert!(walls.made == Made::Forked && walls.seccomp && walls.sealed && walls.open.is_empty(), "{report}");
    let told = report.to_string();
    println!("{told}");
    for fact in ["platform: linux", "workers: forked", "seccomp: on", "landlock: version", "open files 16"] {
        assert!(told.contains(fact), "{told}");
    }
    assert_eq!(engine.processes().first(), Some(&walls.pid), "the asked worker was not used up");
    let started = kept(FORKED, STARTED).isolation().await.to_string();
    assert!(
        started.contains("workers: one started process each") && started.contains("missing: "),
        "{started}"
    );
    let nowhere = Engine::new(
        glossator_script::WorkerProgram { path: "/nowhere".into(), args: Vec::new() },
        Limits::default(),
    );
    let told = nowhere.isolation().await.to_string();
    assert!(told.contains("cannot run: The script worker /nowhere cannot be started"), "{told}");
}

async fn a_pool_is_filled_and_emptied() {
    let life = Duration::from_secs(4);
    for (forked, processes) in [(true, 3), (false, 2)] {
        let engine = kept(FORKED, Workers { forked, idle_life: life, ..Workers::default() });
        assert!(engine.processes().is_empty());
        engine.prestart();
        engine.prestart();
        soon("enough are made", || engine.processes().len() == processes).await;
        let before = engine.processes();
        assert_eq!(done(&engine, "return 1").await, json!(1));
        soon("the used one is replaced", || engine.processes().len() == processes).await;
        let after = engine.processes();
        let same = after.iter().filter(|pid| before.contains(pid)).count();
        assert_eq!(same, processes - 1, "{before:?} {after:?}");
        soon("unused ones end", || engine.processes().is_empty()).await;
        soon("and are gone", || after.iter().all(|pid| !is_there(*pid))).await;
        assert_eq!(done(&engine, "return 2").await, json!(2));
    }
}

async fn many_scripts_run_at_once() {
    let engine = Arc::new(forking());
    let began = Instant::now();
    let runs = (0..200).map(|n| {
        let engine = Arc::clone(&engine);
        tokio::spawn(async move {
            done(&engine, &format!("return await tools.sleep({{ ms: 50, value: {n} }})")).await
        })
    });
    for (n, run) in runs.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(run.await.unwrap(), json!(n));
    }
    println!("200 scripts at once: {:?}", began.elapsed());
    // More than two are kept for a while, and never more than eight.
    soon("all others are gone", || {
        let processes = engine.processes();
        processes.len() == 9 && children_of(*processes.last().unwrap()).len() == 8
    })
    .await;
}

async fn workers_draw_different_numbers() {
    let engine = forking();
    let mut drawn = Vec::new();
    for _ in 0..12 {
        let numbers = done(&engine, "return Array.from({ length: 50 }, () => Math.random())").await;
        drawn.extend(numbers.as_array().unwrap().iter().map(|number| number.as_f64().unwrap().to_bits()));
    }
    let count = drawn.len();
    drawn.sort_unstable();
    drawn.dedup();
    assert_eq!((drawn.len(), count), (600, 600));
}

async fn the_zygote_may_die_between_scripts() {
    let engine = forking();
    engine.prestart();
    for n in 0..5 {
        kill(zygote_of(&engine).await);
        assert_eq!(done(&engine, &format!("return {n}")).await, json!(n));
    }
}

async fn the_zygote_may_die_under_a_script() {
    let engine = Arc::new(forking());
    engine.prestart();
    let zygote = zygote_of(&engine).await;
    let host = TestHost::default();
    let running = |source: &'static str| {
        let (engine, host) = (Arc::clone(&engine), Arc::new(host.clone()));
        tokio::spawn(async move { engine.run(job(source), host, CancellationToken::new()).await })
    };
    // One that has done nothing yet is run again, one that has is not.
    let (quiet, busy) =
        (running("await sleep(2000); return 1"), running("await tools.echo({}); await sleep(20000)"));
    soon("one has called", || host.calls.load(SeqCst) == 1 && host.now.load(SeqCst) == 0).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    kill(zygote);
    let (quiet, busy) = (quiet.await.unwrap(), busy.await.unwrap());
    assert_eq!(quiet.value, Some(json!(1)), "{quiet:#?}");
    assert!(shown_error(&busy).starts_with("HarnessFailure") && busy.calls.len() == 1, "{busy:#?}");
    assert_eq!(done(&engine, "return 2").await, json!(2));
}

async fn a_worker_may_die_in_a_call() {
    let engine = Arc::new(forking());
    engine.prestart();
    let zygote = zygote_of(&engine).await;
    let host = TestHost::default();
    let calling = tokio::spawn({
        let (engine, host) = (Arc::clone(&engine), Arc::new(host.clone()));
        async move { engine.run(job("await tools.hang({})"), host, CancellationToken::new()).await }
    });
    let neighbour = tokio::spawn({
        let (engine, host) = (Arc::clone(&engine), Arc::new(host.clone()));
        async move {
            let outcome =
                engine.run(job("await tools.sleep({ ms: 60000 })"), host, CancellationToken::new()).await;
            assert_eq!(outcome.status, Status::Done);
        }
    });
    soon("both are in a call", || host.now.load(SeqCst) == 2).await;
    soon("others wait in their place", || engine.processes().len() == 3).await;
    let idle = engine.processes();
    let busy: Vec<u32> = children_of(zygote).into_iter().filter(|pid| !idle.contains(pid)).collect();
    assert_eq!(busy.len(), 2, "{busy:?}");
    kill(busy[0]);
    kill(busy[1]);
    let outcome = calling.await.unwrap();
    assert!(shown_error(&outcome).ends_with("by signal 9") && outcome.calls.len() == 1, "{outcome:#?}");
    assert!(neighbour.await.is_err(), "it was killed too");
    assert_eq!(done(&engine, "return 3").await, json!(3));
    assert_eq!(engine.processes().last(), Some(&zygote), "the zygote stayed");
}

async fn no_zygote_and_no_fork_fall_back() {
    for what in ["no-zygote", "no-fork"] {
        let engine = kept(&[what], Workers::default());
        for n in 0..3 {
            assert_eq!(
                done(&engine, &format!("return await tools.echo({{ n: {n} }})")).await,
                json!({ "n": n })
            );
        }
        let walls = engine.isolation().await.walls.unwrap();
        assert!(walls.made == Made::Executed && walls.open.is_empty(), "{what}");
    }
}

/// A program that should become a zygote but cannot: it has nothing of one, or is not allowed to fork.
pub fn not_a_zygote(args: &[String]) -> ! {
    if args.last().is_none_or(|last| last != "zygote") {
        glossator_script::worker_main();
    }
    if args[0] == "no-zygote" {
        std::process::exit(1);
    }
    use std::os::fd::AsFd;
    let socket = std::io::stdin().as_fd().try_clone_to_owned().unwrap();
    let socket = std::os::unix::net::UnixDatagram::from(socket);
    let hello = format!(r#"R{{"seccomp":true,"build":"{}"}}"#, glossator_script::build_id());
    socket.send(hello.as_bytes()).unwrap();
    let mut bytes = [0; 64];
    while let Ok(got @ 1..) = socket.recv(&mut bytes) {
        if bytes[0] == b'F' {
            bytes[0] = b'N';
            bytes[9] = 11;
            socket.send(&bytes[..got]).unwrap();
        }
    }
    std::process::exit(0)
}

async fn a_native_loop_is_killed_soon() {
    let engine = Arc::new(forking());
    engine.prestart();
    let zygote = zygote_of(&engine).await;
    for _ in 0..3 {
        let cancel = CancellationToken::new();
        let running = tokio::spawn({
            let (engine, cancel) = (Arc::clone(&engine), cancel.clone());
            let endless = job("Array.prototype.reverse.call({ length: 2 ** 53 - 1 })");
            async move { engine.run(endless, Arc::new(TestHost::default()), cancel).await }
        });
        tokio::time::sleep(Duration::from_millis(150)).await;
        let idle = engine.processes();
        let busy: Vec<u32> = children_of(zygote).into_iter().filter(|pid| !idle.contains(pid)).collect();
        let began = Instant::now();
        cancel.cancel();
        let outcome = running.await.unwrap();
        assert_eq!(outcome.error.unwrap().name, ErrorName::ScriptCancelled);
        let answered = began.elapsed();
        while busy.iter().any(|pid| is_there(*pid)) {
            assert!(began.elapsed() < Duration::from_secs(30), "{busy:?}");
            std::thread::sleep(Duration::from_micros(50));
        }
        println!("native loop: answered after {answered:?}, gone after {:?}", began.elapsed());
    }
}

async fn dropping_the_engine_ends_all() {
    for workers in [Workers::default(), STARTED] {
        let engine = Arc::new(kept(FORKED, workers));
        engine.prestart();
        soon("some are made", || engine.processes().len() >= 2).await;
        let running = tokio::spawn({
            let engine = Arc::clone(&engine);
            async move { run(&engine, "await tools.hang({})").await }
        });
        tokio::time::sleep(Duration::from_millis(300)).await;
        // Not those that other cases left to their runtimes.
        let mut all: Vec<u32> =
            children_of(std::process::id()).into_iter().filter(|pid| is_alive(*pid)).collect();
        let theirs: Vec<u32> = all.iter().flat_map(|pid| children_of(*pid)).collect();
        all.extend(theirs);
        assert!(all.len() >= 2, "{all:?}");
        running.abort();
        let _aborted = running.await;
        drop(engine);
        soon("no process and no zombie is left", || all.iter().all(|pid| !is_there(*pid))).await;
    }
}

async fn workers_leave_with_their_host() {
    for kind in ["forked", "started"] {
        let mut host = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["host", kind])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(host.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let pids: Vec<u32> = line.split_whitespace().map(|pid| pid.parse().unwrap()).collect();
        assert!(pids.len() >= 2 && pids.iter().all(|pid| is_alive(*pid)), "{pids:?}");
        host.kill().unwrap();
        host.wait().unwrap();
        soon("its workers left", || pids.iter().all(|pid| !is_alive(*pid))).await;
    }
}

/// A host that says which processes it has and then waits to be killed.
pub fn host(args: &[String]) -> ! {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let engine = Arc::new(kept(FORKED, if args[0] == "forked" { Workers::default() } else { STARTED }));
        engine.prestart();
        soon("some are made", || engine.processes().len() >= 2).await;
        let idle = Arc::clone(&engine);
        // A forked worker must go even out of a native loop; a started one looks after its host between its steps.
        let endless = if args[0] == "forked" {
            "Array.prototype.reverse.call({ length: 2 ** 53 - 1 })"
        } else {
            "for (;;) {}"
        };
        tokio::spawn(async move { run(&engine, endless).await });
        tokio::time::sleep(Duration::from_millis(300)).await;
        let mut all = children_of(std::process::id());
        let theirs: Vec<u32> = all.iter().flat_map(|pid| children_of(*pid)).collect();
        all.extend(theirs);
        println!("{}", all.iter().map(u32::to_string).collect::<Vec<_>>().join(" "));
        std::io::stdout().flush().unwrap();
        std::future::pending::<()>().await;
        drop(idle);
    });
    std::process::exit(0)
}

/// Proportional share of memory, in KiB.
fn share(pid: u32) -> u64 {
    let map = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = map.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

async fn figures() {
    let none_idle = Workers { idle: 0, ..Workers::default() };
    for (name, workers) in
        [("forked", Workers::default()), ("forked on demand", none_idle), ("started", STARTED)]
    {
        let engine = kept(FORKED, workers);
        let cold = Instant::now();
        done(&engine, "return 1").await;
        let cold = cold.elapsed();
        soon("idle workers", || !engine.processes().is_empty()).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        let memory: Vec<u64> = engine.processes().into_iter().map(share).collect();
        for pause in [0, 5] {
            let mut times = Vec::new();
            for _ in 0..200 {
                tokio::time::sleep(Duration::from_millis(pause)).await;
                let began = Instant::now();
                done(&engine, "return await tools.echo({ a: 1 })").await;
                times.push(began.elapsed());
            }
            times.sort_unstable();
            println!("{name}: one call, pause of {pause} ms: p50 {:?} p95 {:?}", times[100], times[190]);
        }
        println!("{name}: first script {cold:?}, PSS in KiB of idle workers (and zygote) {memory:?}");
    }
}

async fn descriptors_of_others_are_closed_without_close_range() {
    for workers in [Workers::default(), STARTED] {
        nothing_went_through(&run(&kept(&["leaky"], workers), "try").await);
    }
}

/// A worker on a system without `close_range`, whose host has left descriptors open: near ones and a far one.
pub fn leaky() -> ! {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
    let errno = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let rules = [(libc::SYS_close_range, Vec::new())].into_iter().collect();
    let arch = std::env::consts::ARCH.try_into().unwrap();
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, errno, arch).unwrap();
    let program: BpfProgram = filter.try_into().unwrap();
    seccompiler::apply_filter(&program).unwrap();
    let file = std::fs::File::open("/etc/passwd").unwrap();
    for number in [10, 100, 900] {
        // SAFETY: nobody owns these numbers.
        assert_eq!(unsafe { libc::dup2(file.as_raw_fd(), number) }, number);
    }
    std::mem::forget(file);
    glossator_script::worker_main_with(probe)
}

/// What a host says whose program is deleted, and then another, while it runs.
async fn a_program_may_be_replaced_while_it_runs() {
    let folder = std::env::temp_dir().join(format!("glossator-replaced-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let copy = folder.join("program");
    std::fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    let ran = std::process::Command::new(&copy).arg("replaced").output().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

/// A host that takes its own program away.
pub fn replaced() -> ! {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let path = std::env::current_exe().unwrap();
        for forked in [true, false] {
            let workers = Workers { forked, idle: 0, idle_life: Duration::from_millis(50) };
            let mut this = glossator_script::WorkerProgram::this();
            this.args = vec![WORKER_ARGUMENT.to_owned()];
            let engine = Engine::with_workers(this, Limits::default(), workers);
            assert_eq!(done(&engine, "return 1").await, json!(1));
            soon("all have ended", || engine.processes().is_empty()).await;
            let _gone = std::fs::remove_file(&path);
            assert_eq!(done(&engine, "return 2").await, json!(2));
            soon("all have ended", || engine.processes().is_empty()).await;
            std::fs::write(&path, "not a program").unwrap();
            assert_eq!(done(&engine, "return 3").await, json!(3));
        }
    });
    std::process::exit(0)
}

async fn workers_have_a_process_group_of_their_own() {
    for workers in [Workers::default(), STARTED] {
        let engine = kept(FORKED, workers);
        engine.prestart();
        soon("some are made", || engine.processes().len() >= 2).await;
        let ours = rustix::process::getpgrp();
        for pid in engine.processes() {
            let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
            assert_ne!(rustix::process::getpgid(Some(pid)).unwrap(), ours);
        }
    }
}

async fn a_stopped_zygote_is_given_up() {
    let engine = kept(FORKED, Workers { idle: 0, ..Workers::default() });
    assert_eq!(done(&engine, "return 1").await, json!(1));
    let zygote = *engine.processes().last().unwrap();
    let pid = rustix::process::Pid::from_raw(i32::try_from(zygote).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
    let began = Instant::now();
    // The first may find a worker that waits already.
    for n in 0..9 {
        assert_eq!(done(&engine, &format!("return {n}")).await, json!(n));
    }
    // It is waited for once, for 10 s.
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    soon("it is gone", || !is_there(zygote)).await;
}

async fn scripts_live_in_the_users_time_zone() {
    for workers in [Workers::default(), STARTED] {
        for (zone, hours) in [(Some("JST-9"), 9), (Some("/etc/passwd"), 0), (Some("UTC0"), 0)] {
            let engine = kept(FORKED, workers.clone()).in_time_zone(zone);
            let found = done(&engine, "return new Date(0).getHours()").await;
            // Without a zone of its own a script has that of the system.
            if zone.is_some_and(|zone| !zone.starts_with('/')) {
                assert_eq!(found, json!(hours), "{zone:?}");
            }
        }
    }
}
