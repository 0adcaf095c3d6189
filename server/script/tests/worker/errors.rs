//! Errors say where they came from, in the model's own text; limits say how far they reach.

use std::sync::Arc;
use std::time::Duration;

use glossator_script::{Engine, Job, Limits, WORKER_ARGUMENT};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::support::{Case, TestHost, job, program, run, run_with, shown_error, value};

macro_rules! cases {
    ($($name:ident)*) => {
        pub const CASES: &[Case] = &[$((stringify!($name), || Box::pin($name()))),*];
    };
}

cases! {
    errors_have_their_place stacks_are_in_the_models_lines forged_stacks_do_not_lie forged_names_do_not_lie
    every_limit_has_its_error dropped_lines_are_counted a_script_that_comes_again_is_the_same
    a_wrong_erasure_is_not_kept cpu_time_is_watched errors_like_the_engines_are_the_scripts
}

async fn errors_have_their_place() {
    let mut wrong = Vec::new();
    for (source, wanted, excerpt) in [
        (
            "function a(x: number) {\n  function b() {\n    throw new Error('in')\n  }\n  b()\n}\na(1)",
            "ScriptRuntimeError 3:15 in",
            "3 |     throw new Error('in')\n  |               ^",
        ),
        (
            "const x = 1;\nawait Promise.resolve(1).then(v => {\n  null.x\n})",
            "ScriptRuntimeError 3:3 TypeError",
            "3 |   null.x\n  |   ^",
        ),
        (
            "return {\n  a: 1,\n  get b(): string { throw new Error('got') },\n}",
            "ScriptRuntimeError 3:31 got",
            "3 |   get b(): string { throw new Error('got') },\n  |                               ^",
        ),
        (
            "return [{ toJSON() {\n return undefined.x } }]",
            "ScriptRuntimeError 2:9 TypeError",
            "2 |  return undefined.x } }]\n  |         ^",
        ),
        (
            "const r = [3, 1].sort((a, b) => {\n  throw new RangeError('s') })",
            "ScriptRuntimeError 2:13 RangeError: s",
            "2 |   throw new RangeError('s') })\n  |             ^",
        ),
        (
            "const f = async () => {\n  await sleep(1)\n  await tools.fail({})\n}\nawait f()",
            "ToolFailed 3:",
            "3 |   await tools.fail({})\n  |",
        ),
        (
            "await Promise.all([tools.echo({}),\n tools.deny({})])",
            "ToolDenied 2:",
            "2 |  tools.deny({})])\n  |",
        ),
        ("class A { static x = (() => { throw new Error('s') })() }", "ScriptRuntimeError 1:41 s", ""),
        (
            "await (async function* () {\n yield 1\n throw new Error('g') })().toArray?.() ?? 1\nfor await (const x of (async function* () { throw new Error('h') })()) {}",
            "ScriptRuntimeError 4:55 h",
            "",
        ),
        ("store.set('a', { get x() {\n throw new Error('st') } })", "ScriptRuntimeError 2:12 st", ""),
        ("await tools.echo({ get x() {\n throw new Error('ar') } })", "ToolArguments 1:", ""),
        ("\u{feff}throw new Error('bom')", "ScriptRuntimeError 1:", ""),
        ("const s = '\u{2028}';\nthrow new Error('ls')", "ScriptRuntimeError 2:11 ls", ""),
    ] {
        let outcome = run(source).await;
        let shown = shown_error(&outcome);
        let drawn = outcome.error.unwrap().excerpt.unwrap_or_default();
        if !shown.starts_with(wanted) || !drawn.starts_with(excerpt) {
            wrong.push(format!("{source}\nwanted: {wanted}\nfound:  {shown}\n{drawn}\n"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn stacks_are_in_the_models_lines() {
    for (source, wanted) in [
        ("try {\n  await tools.fail({})\n} catch (e) { return /script\\.ts:2:/.test(e.stack) }", json!(true)),
        (
            "const go = async () => {\n  return tools.deny({})\n}\ntry { await go() } catch (e) { return /script\\.ts:2:/.test(e.stack) }",
            json!(true),
        ),
        ("try { tools.nope }\ncatch (e) { return /script\\.ts:1:/.test(e.stack) }", json!(true)),
    ] {
        assert_eq!(value(source).await, wanted, "{source}");
    }
}

async fn forged_stacks_do_not_lie() {
    for (stack, place) in [
        ("    at f (/etc/passwd:3:1)", "-"),
        ("    at f (/home/user/script.ts:1:1)", "-"),
        ("    at f (script.ts:99:1)", "-"),
        ("    at f (script.ts:-1:1)", "-"),
        ("script.ts:1:1", "-"),
        ("x\\n    at f (script.ts:99:1)\\n    at g (script.ts:2:1)", "2:1"),
        ("\\0script.ts:1:1\\u2028", "-"),
    ] {
        let source = format!("const e = new Error('forged');\ne.stack = '{stack}';\nthrow e");
        let shown = shown_error(&run(&source).await);
        assert_eq!(shown, format!("ScriptRuntimeError {place} forged"), "{stack}");
    }
    let outcome =
        run("const e = new Error('x');\nObject.defineProperty(e, 'stack', { get() { throw 1 } });\nthrow e")
            .await;
    assert!(shown_error(&outcome).starts_with("ScriptRuntimeError - "), "{outcome:?}");
    let outcome = run(
        "throw Object.assign(new Error('y'), { stack: 'a'.repeat(1e6) + '\\n    at f (script.ts:1:1)' })",
    )
    .await;
    assert_eq!(shown_error(&outcome), "ScriptRuntimeError - y");
}

async fn forged_names_do_not_lie() {
    for name in ["ToolDenied", "HarnessFailure", "ScriptTimeout", "ScriptLimit", "ScriptCancelled"] {
        let source = format!(
            "throw Object.assign(new Error('not so'), {{ name: '{name}', tool: 'exec', known: '{name}' }})"
        );
        let outcome = run(&source).await;
        assert!(
            shown_error(&outcome).starts_with(&format!("ScriptRuntimeError 1:25 {name}: not so")),
            "{outcome:?}"
        );
        assert_eq!(outcome.error.unwrap().tool, None);
    }
    let outcome = run("throw Object.assign(new Error('m\\ud800'), { name: 'N\\ud800' })").await;
    assert_eq!(shown_error(&outcome), "ScriptRuntimeError 1:25 N\u{fffd}: m\u{fffd}");
    let outcome = run("tools['\\ud800']({})").await;
    assert!(shown_error(&outcome).starts_with("ToolNotFound 1:1 There is no tool '\u{fffd}'"), "{outcome:?}");
    // Copies of ours are not ours; ours stay ours whatever is written on them.
    let source = "try { await tools.deny({}) } catch (e) { throw Object.assign(Object.create(e), { message: 'copy' }) }";
    assert!(shown_error(&run(source).await).starts_with("ScriptRuntimeError"));
    let source = "try { await tools.deny({}) } catch (e) { e.name = 'ToolFailed'; throw e }";
    assert!(shown_error(&run(source).await).starts_with("ToolDenied"));
}

/// A short running time.
const SHORT: Duration = Duration::from_millis(800);

/// The row of the table of limits, the script that meets it, how it is told.
async fn every_limit_has_its_error() {
    let most = Limits {
        source_bytes: 2000,
        memory_bytes: 16 << 20,
        stack_bytes: 256 << 10,
        wall: Duration::from_secs(60),
        cpu: Duration::from_millis(150),
        calls: 7,
        result_bytes: 1000,
        store_bytes: 500,
        ..Limits::default()
    };
    let long = format!("return 1 // {}", "x".repeat(2000));
    for (what, source, wanted, told) in [
        ("source", long.as_str(), "ScriptLimit - ", "at most 2000 are allowed"),
        (
            "memory",
            "const a = []; for (;;) a.push('x'.repeat(1e5) + a.length)",
            "ScriptOutOfMemory - ",
            "(16 MiB)",
        ),
        ("stack", "const f = () => f() + 1; f()", "ScriptLimit 1:", "(256 KiB)"),
        ("wall", "await sleep(5000)", "ScriptTimeout - ", "(0.8 s)"),
        ("cpu", "for (;;) { await 0 }", "ScriptTimeout - ", "CPU time (0.15 s)"),
        ("calls", "for (;;) await tools.echo({})", "ScriptLimit 1:", "all the 7 tool calls"),
        ("store", "store.set('a', 'x'.repeat(600))", "ScriptLimit 1:", "at most 500 are kept"),
        ("parts", "return Array(250000).fill(0).map(() => ({}))", "Script", ""),
    ] {
        let wall = if what == "wall" { SHORT } else { most.wall };
        let job = Job { limits: Limits { wall, ..most.clone() }, ..job(source) };
        let engine = Engine::new(program(&[WORKER_ARGUMENT]), most.clone());
        let outcome = engine.run(job, Arc::new(TestHost::default()), CancellationToken::new()).await;
        let shown = shown_error(&outcome);
        assert!(shown.starts_with(wanted) && shown.contains(told), "{what}: {shown}");
        assert!(outcome.error.as_ref().unwrap().hint.is_some(), "{what}: no hint: {outcome:?}");
        assert!(outcome.millis < 30_000, "{what}: {} ms", outcome.millis);
    }
    // The wall clock stands still while any call is pending, also beside a sleep.
    let source = "await Promise.all([tools.sleep({ ms: 1200 }), sleep(1000)]); return 1";
    let job = Job { limits: Limits { wall: SHORT, ..most }, ..job(source) };
    let outcome = run_with(job, &TestHost::default()).await;
    assert_eq!(outcome.value, Some(json!(1)), "{outcome:?}");
}

async fn dropped_lines_are_counted() {
    let host = TestHost::default();
    let mut job = job("for (let i = 0; i < 30; i++) console.log(i); return 1");
    job.limits.console_lines = 25;
    let outcome = run_with(job, &host).await;
    assert_eq!(outcome.console.len(), 26);
    assert_eq!(
        outcome.console[25].text,
        "5 more console lines were dropped (at most 25 are kept per script)"
    );
    assert_eq!(host.live.lock().unwrap().len(), 20);
    // A second later there is room for twenty more.
    let host = TestHost::default();
    let source = "for (let i = 0; i < 40; i++) console.log(i); await sleep(1050); for (let i = 0; i < 40; i++) console.log(i)";
    let outcome = run_with(crate::support::job(source), &host).await;
    assert_eq!((outcome.console.len(), host.live.lock().unwrap().len() >= 40), (80, true), "{outcome:?}");
}

async fn a_script_that_comes_again_is_the_same() {
    let engine = Engine::new(program(&[WORKER_ARGUMENT]), Limits::default());
    let source = "type É = string;\nconst x: É = 'a'; /* \u{1f600} */ (null as any).y";
    for _ in 0..3 {
        let outcome = engine.run(job(source), Arc::new(TestHost::default()), CancellationToken::new()).await;
        assert!(shown_error(&outcome).starts_with("ScriptRuntimeError 2:27 TypeError"), "{outcome:?}");
    }
    // Syntax errors are found each time.
    for _ in 0..2 {
        let outcome =
            engine.run(job("enum A { B }"), Arc::new(TestHost::default()), CancellationToken::new()).await;
        assert!(shown_error(&outcome).starts_with("ScriptSyntaxError 1:1"), "{outcome:?}");
    }
}

async fn a_wrong_erasure_is_not_kept() {
    let engine = Engine::new(program(&["hostile-worker", "erased-wrong"]), Limits::default());
    let outcome = engine.run(job("return 1"), Arc::new(TestHost::default()), CancellationToken::new()).await;
    assert_eq!(outcome.value, Some(json!(1)), "{outcome:?}");
}

async fn cpu_time_is_watched() {
    for source in [
        "for (;;) Object.keys({ a: 1 })",
        "for (;;) 'x'.repeat(1000).split('')",
        "for (;;) await null",
        "const f = (): Promise<void> => Promise.resolve().then(f); await f()",
        "for (;;) JSON.parse('[1,2,3]')",
    ] {
        let mut job = job(source);
        job.limits.cpu = Duration::from_millis(100);
        let outcome = run_with(job, &TestHost::default()).await;
        assert!(shown_error(&outcome).contains("CPU time (0.1 s)"), "{source}\n{outcome:?}");
        assert!(outcome.millis < 30_000, "{source}: {} ms", outcome.millis);
    }
}

/// Only the engine itself can run out of memory or stack.
async fn errors_like_the_engines_are_the_scripts() {
    for source in [
        "const r: unknown = null; throw r",
        "const r = null; return Promise.reject(r)",
        "throw new Error('stack overflow')",
        "throw new Error('Maximum call stack size exceeded')",
        "throw Object.assign(new Error('out of memory'), { name: 'InternalError' })",
        "throw Object.assign(new TypeError('Maximum call stack size exceeded'), { name: 'RangeError' })",
    ] {
        let shown = shown_error(&run(source).await);
        assert!(shown.starts_with("ScriptRuntimeError"), "{source}: {shown}");
    }
    for source in [
        "const a = []; for (;;) a.push({ a: a.length })",
        "const a: unknown[] = []; const f = () => { a.push([a.length]); return f }; for (;;) f()",
        "return 'x'.repeat(2e8)",
    ] {
        let shown = shown_error(&run(source).await);
        assert!(shown.starts_with("ScriptOutOfMemory"), "{source}: {shown}");
    }
}
