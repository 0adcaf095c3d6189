//! What scripts can and cannot do.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use glossator_script::{Engine, ErrorName, Limits, Status, WORKER_ARGUMENT};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::support::{
    Case, TestHost, engine, error, job, job_of_patient, patient, program, run, run_with, shown_error, value,
};

macro_rules! cases {
    ($($name:ident)*) => {
        pub const CASES: &[Case] = &[$((stringify!($name), || Box::pin($name()))),*];
    };
}

cases! {
    values_come_back values_that_json_lacks_are_rendered types_are_erased top_level_names
    tools_answer tools_in_namespaces unknown_tools_name_the_nearest tool_errors_can_be_caught
    uncaught_tool_errors_have_a_place wrong_arguments uncaught_errors_have_a_place syntax_errors_have_a_place
    fifty_calls_at_once only_sixteen_run_at_once too_many_calls a_panicking_tool_fails large_arguments_and_results
    sleep_and_timers stuck_is_told_at_once endless_loops_end waiting_for_tools_takes_no_time long_sleeps_end
    memory_bombs_end deep_recursion_ends deep_nesting_ends native_loops_are_killed native_loops_beside_a_call_are_killed
    orphans_get_a_moment late_calls_that_finish_are_no_orphans cancelling_kills_at_once
    no_code_from_text prototypes_are_frozen what_is_not_there long_results_are_cut console_is_capped
    unhandled_rejections_are_told progress_is_thinned workers_that_die_are_replaced_once hostile_workers_harm_nobody
    missing_worker_program long_sources_are_refused limits_cannot_be_switched_off scripts_share_nothing dropped_runs_cancel_their_calls
    warm_runs_are_fast
}

async fn values_come_back() {
    for (source, wanted) in [
        ("return 1 + 1", json!(2)),
        ("return { a: [1, 'b', null, true] }", json!({ "a": [1, "b", null, true] })),
        ("return 'é😀\\u2028'", json!("é😀\u{2028}")),
        ("const x = await Promise.resolve(3); return x", json!(3)),
        ("", json!(null)),
        ("1 + 1", json!(null)),
        ("return", json!(null)),
        ("return 1 // comment", json!(1)),
        ("return [undefined, { a: undefined }]", json!([null, {}])),
        ("return -0.5", json!(-0.5)),
        (
            "return ['\\ud800', '\\\\ud800', { '\\udc00a': 1 }]",
            json!(["\u{fffd}", "\\ud800", { "\u{fffd}a": 1 }]),
        ),
        ("return (await tools.echo({ a: '\\ud800x' })).a", json!("\u{fffd}x")),
    ] {
        let found = value(source).await;
        assert_eq!(found, wanted, "{source}");
    }
}

async fn values_that_json_lacks_are_rendered() {
    for (source, wanted) in [
        ("return 12345678901234567890n", json!("12345678901234567890n")),
        ("return new Map([['a', 1], ['b', new Map([[{}, 2]])]])", json!({ "a": 1, "b": [[{}, 2]] })),
        ("return new Set([1, 2n])", json!([1, "2n"])),
        ("return [new Date(0), new Date(NaN)]", json!(["1970-01-01T00:00:00.000Z", "Invalid Date"])),
        (
            "return Object.assign(new TypeError('x'), { code: 7 })",
            json!({ "name": "TypeError", "message": "x", "code": 7 }),
        ),
        ("const a = { b: [] }; a.b.push(a); return a", json!({ "b": ["[Circular]"] })),
        ("const a = {}; return [a, a]", json!([{}, {}])),
        ("return [NaN, Infinity]", json!(["NaN", "Infinity"])),
        (
            "return [Symbol('s'), () => 1, function f() {}]",
            json!(["Symbol(s)", "[Function anonymous]", "[Function f]"]),
        ),
        (
            "return [/a/g, new Uint8Array(2), tools.sleep({ms: 1})]",
            json!(["/a/g", [0, 0], "[Promise: did you forget `await`?]"]),
        ),
        ("return { toJSON() { return { x: 1n } } }", json!({ "x": "1n" })),
    ] {
        assert_eq!(value(source).await, wanted, "{source}");
    }
    let deep = value("let a = []; for (let i = 0; i < 5000; i++) a = [a]; return a").await;
    assert!(deep.to_string().contains("nested too deeply"));
    assert!(error("return Array(300000).fill({}).map(() => ({}))").await.starts_with("ScriptLimit"));
    assert!(error("return { get a() { throw new Error('no') } }").await.contains("no"));
}

async fn types_are_erased() {
    let source = "interface A { b: number }\nconst f = <T,>(x: T): T => x as T;\nclass C { private x: number = 1; y?: string }\nreturn f<A>({ b: 2 } satisfies A).b! + (new C() as any).x;";
    assert_eq!(value(source).await, json!(3));
}

async fn top_level_names() {
    let source = "return [typeof tools, typeof context, typeof console, typeof sleep, context.sessionId, \
        Object.isFrozen(context.openBuffers[0]), Object.keys(tools).length, 'echo' in tools, 'nope' in tools]";
    assert_eq!(
        value(source).await,
        json!(["object", "object", "object", "function", "s1", true, 9, true, false])
    );
    for source in
        ["tools.echo = 1", "context.x = 1", "tools = 1", "console.log = 1", "context.openBuffers.push(1)"]
    {
        assert!(error(source).await.contains("TypeError"), "{source}");
    }
}

async fn tools_answer() {
    assert_eq!(value("return await tools.echo({ a: [1] })").await, json!({ "a": [1] }));
    assert_eq!(value("return await tools.echo()").await, json!({}));
    let outcome = run("await tools.echo({ a: 1 }); await tools.fail({}).catch(() => 0); return 1").await;
    assert_eq!(outcome.calls.len(), 2);
    let (first, second) = (&outcome.calls[0], &outcome.calls[1]);
    assert_eq!((first.number, first.name.as_str(), first.ok), (1, "echo", true));
    assert_eq!(first.summary.as_deref(), Some(r#"{"a":1}"#));
    assert_eq!((second.ok, second.error.as_deref()), (false, Some("ToolFailed: no such file")));
}

async fn tools_in_namespaces() {
    let source = "return [await tools.agents.launch({ a: 1 }), await tools.agents.launch.async({ b: 2 }), await tools.agents.list()]";
    assert_eq!(value(source).await, json!([{ "a": 1 }, { "b": 2 }, {}]));
    let source = "const { readFile } = tools; const t = await tools; return [await readFile({ path: 'x' }), t === tools]";
    assert_eq!(value(source).await, json!([{ "path": "x" }, true]));
}

async fn unknown_tools_name_the_nearest() {
    let shown = error("return 1 +\n  await tools.readFiel({})").await;
    assert!(shown.starts_with("ToolNotFound 2:"), "{shown}");
    assert!(shown.contains("'readFiel'") && shown.contains("'readFile'"), "{shown}");
    assert!(error("tools.agents.lanch({})").await.contains("'agents.launch'"));
    assert!(error("tools.read({})").await.contains("'readFile'"));
    let caught = "try { tools.nope({}) } catch (e) { return [e.name, e instanceof Error, e.tool] }";
    assert_eq!(value(caught).await, json!(["ToolNotFound", true, "nope"]));
}

async fn tool_errors_can_be_caught() {
    let source = "try { await tools.fail({}) } catch (e) {\n\
        return [e instanceof Error, e.name, e.tool, e.code, e.message, e.retryable, e.details.path, /script.ts:1/.test(e.stack), `${e}`] }";
    assert_eq!(
        value(source).await,
        json!([
            true,
            "ToolFailed",
            "fail",
            "ENOENT",
            "no such file",
            true,
            "a.txt",
            true,
            "ToolFailed: no such file"
        ])
    );
    let source = "const r = await Promise.allSettled([tools.deny({}), tools.echo({ a: 1 })]);\n\
        return r.map(x => x.reason?.code ?? x.value)";
    assert_eq!(value(source).await, json!(["ToolDenied", { "a": 1 }]));
    assert_eq!(
        value("return await Promise.any([tools.fail({}), tools.echo({ a: 1 })])").await,
        json!({ "a": 1 })
    );
    assert_eq!(
        value("return await Promise.race([tools.hang({}), sleep(5).then(() => 'slept')])").await,
        json!("slept")
    );
}

async fn uncaught_tool_errors_have_a_place() {
    let outcome = run("const a = 1;\n\n  const b: string = await tools.fail({ path: 'a' });").await;
    let found = outcome.error.as_ref().unwrap();
    assert_eq!(found.name, ErrorName::ToolFailed, "{found:?}");
    assert_eq!(found.tool.as_deref(), Some("fail"));
    assert_eq!(found.line, Some(3), "{found:?}");
    let excerpt = found.excerpt.as_deref().unwrap();
    assert!(excerpt.starts_with("3 |   const b: string = await tools.fail"), "{excerpt}");
    assert_eq!(error("await tools.deny({})").await.split(' ').next(), Some("ToolDenied"));
}

async fn wrong_arguments() {
    for source in [
        "await tools.echo({ a: 1n })",
        "await tools.echo(1, 2)",
        "await tools.echo(() => 1)",
        "const a = {}; a.a = a; await tools.echo(a)",
        "let a = []; for (let i = 0; i < 200; i++) a = [a]; await tools.echo({ a })",
        "await tools.echo({ a: 'x'.repeat(5e6) })",
        "let a = []; for (let i = 0; i < 115; i++) a = [a]; await tools.echo({ a })",
        "const a = 'x'.repeat(4e6); for (let i = 0; i < 30; i++) await tools.agents.list({ a }).catch(e => { if (!/too long|together/.test(e.message)) throw 1; if (e.name === 'ToolArguments') throw e; });",
    ] {
        let shown = error(source).await;
        assert!(shown.starts_with("ToolArguments 1:"), "{source}: {shown}");
    }
}

async fn uncaught_errors_have_a_place() {
    let mut wrong = Vec::new();
    for (source, wanted) in [
        ("const a = null;\n  a.b.c", "ScriptRuntimeError 2:3 TypeError: "),
        ("throw new Error('boom')", "ScriptRuntimeError 1:11 boom"),
        ("  throw new RangeError('r')", "ScriptRuntimeError 1:13 RangeError: r"),
        ("const é = '日本'; é.nope()", "ScriptRuntimeError 1:18 TypeError: "),
        (
            "interface A { b: string }\nfunction f(x: A): string { return x.b.c.d }\nawait sleep(1);\nf({ b: 'x' } as A)",
            "ScriptRuntimeError 2:35 TypeError: ",
        ),
        ("nope()", "ScriptRuntimeError 1:1 ReferenceError: nope is not defined"),
        ("/* é */ let x = 1\r\n\n  x()", "ScriptRuntimeError 3:3 TypeError: not a function"),
        ("throw 'text'", "ScriptRuntimeError - the script threw text"),
        ("throw { a: 1 }", "ScriptRuntimeError - the script threw {\"a\":1}"),
        ("throw null", "ScriptRuntimeError - the script threw null"),
        ("throw undefined", "ScriptRuntimeError - the script threw undefined"),
        ("await Promise.reject(new Error('later'))", "ScriptRuntimeError 1:26 later"),
        (
            "class E extends Error { constructor(m) { super(m); this.name = 'E' } }\nthrow new E('x')",
            "ScriptRuntimeError 1:48 E: x",
        ),
        ("JSON.parse('{')", "ScriptRuntimeError 1:5 SyntaxError: "),
        ("const a = {}; await tools.echo(a.b.c)", "ScriptRuntimeError 1:32 TypeError: "),
    ] {
        let shown = error(source).await;
        if !shown.starts_with(wanted) {
            wrong.push(format!("{source}\nwanted: {wanted}\nfound:  {shown}\n"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let outcome = run("const lines = tools.echo({ a: 'x' }).a.split('x')").await;
    assert!(outcome.error.unwrap().hint.unwrap().contains("await"));
    let outcome = run("setTimeout(() => 1, 5)").await;
    assert!(outcome.error.unwrap().hint.unwrap().contains("sleep(ms)"));
}

async fn syntax_errors_have_a_place() {
    for (source, wanted) in [
        ("const a = ;", "ScriptSyntaxError 1:11 "),
        ("return 1;\n\nenum A { B }", "ScriptSyntaxError 3:1 `enum`"),
        ("const x = await import('fs')", "ScriptSyntaxError 1:17 `import()`"),
        ("let a = 1;\nlet a = 2;", "ScriptSyntaxError 2:"),
        ("const a = 1; const b = 2; var a;", "ScriptSyntaxError 1:"),
        ("with (a) {}", "ScriptSyntaxError 1:"),
        ("'\0'; return 1 \0", "ScriptSyntaxError"),
        ("}); (async () => {", "ScriptSyntaxError 1:1 "),
    ] {
        let shown = error(source).await;
        assert!(shown.starts_with(wanted), "{source}\nwanted: {wanted}\nfound:  {shown}");
    }
}

async fn fifty_calls_at_once() {
    let mut job = job(
        "const r = await Promise.all([...Array(50).keys()].map(i => tools.sleep({ ms: 100, value: i })));\nreturn r.length === 50 && r.every((v, i) => v === i)",
    );
    job.limits.concurrent_calls = 64;
    let engine =
        Engine::new(program(&[WORKER_ARGUMENT]), Limits { concurrent_calls: 64, ..Limits::default() });
    let host = TestHost::default();
    let outcome = engine.run(job, Arc::new(host.clone()), CancellationToken::new()).await;
    assert_eq!(outcome.value, Some(json!(true)), "{outcome:?}");
    assert_eq!(host.most.load(Ordering::SeqCst), 50);
    assert!(outcome.millis < 1500, "{} ms", outcome.millis);
}

async fn only_sixteen_run_at_once() {
    let host = TestHost::default();
    let source = "const r = await Promise.all([...Array(50).keys()].map(i => tools.sleep({ ms: 20, value: i })));\nreturn r.every((v, i) => v === i)";
    let outcome = run_with(job(source), &host).await;
    assert_eq!(outcome.value, Some(json!(true)));
    assert_eq!(host.most.load(Ordering::SeqCst), 16);
    assert_eq!(outcome.calls.len(), 50);
    assert!(outcome.calls.iter().all(|call| call.ok));
}

async fn too_many_calls() {
    let host = TestHost::default();
    let outcome = run_with(job("for (let i = 0; ; i++) await tools.echo({ i })"), &host).await;
    assert!(shown_error(&outcome).starts_with("ScriptLimit 1:"), "{outcome:?}");
    assert_eq!(host.calls.load(Ordering::SeqCst), 256);
    assert_eq!(outcome.calls.len(), 256);
}

async fn a_panicking_tool_fails() {
    let source = "try { await tools.panic({}) } catch (e) { return e.name }";
    assert_eq!(value(source).await, json!("ToolFailed"));
}

async fn large_arguments_and_results() {
    let source = "const text = await tools.big({ bytes: 3000000 }); const back = await tools.echo({ text }); return back.text.length";
    assert_eq!(value(source).await, json!(3_000_000));
    let source =
        "const cut = await tools.big({ bytes: 9000000 }); return [cut.resultCut, cut.value.length > 1000000]";
    let shown = value(source).await;
    assert!(shown[0].as_str().unwrap().starts_with("the result was 9000002 bytes long"), "{shown}");
    assert_eq!(shown[1], true);
}

async fn sleep_and_timers() {
    let began = Instant::now();
    let source = "const out = []; await Promise.all([[30, 'b'], [10, 'a'], [50, 'c']].map(async ([ms, x]) => { await sleep(ms); out.push(x) })); await sleep(-1); await sleep(NaN); await sleep('x'); return out.join('')";
    assert_eq!(value(source).await, json!("abc"));
    assert!(began.elapsed() >= Duration::from_millis(50));
}

async fn stuck_is_told_at_once() {
    for source in [
        "await new Promise(() => {})",
        "let r; const p = new Promise(x => { r = x }); await p",
        "await tools.echo({}); await Promise.race([])",
        "let a, b; a = (async () => { await 0; await b })(); b = (async () => { await a })(); await b",
    ] {
        let outcome = run(source).await;
        assert!(shown_error(&outcome).starts_with("ScriptStuck"), "{outcome:?}");
        assert!(outcome.millis < 30_000);
    }
}

/// A job with short clocks.
fn short(source: &str, wall: u64, cpu: u64) -> glossator_script::Job {
    let mut job = job(source);
    job.limits.wall = Duration::from_millis(wall);
    job.limits.cpu = Duration::from_millis(cpu);
    job
}

async fn endless_loops_end() {
    for source in [
        "for (;;) {}",
        "for (;;) { try { for (;;) {} } catch {} finally { continue } }",
        "for (;;) await 0",
        "const f = () => queueMicrotask(f); f(); await new Promise(() => {})",
        "/(a+)+$/.test('a'.repeat(40) + 'b')",
        "return { get a() { for (;;) {} } }",
        "return { toJSON() { for (;;) {} } }",
        "throw { toString() { for (;;) {} }, get a() { for (;;) {} } }",
        "console.log({ get a() { for (;;) {} } })",
        "throw Object.assign(new Error('x'), { get name() { for (;;) {} } })",
        "function* g() { for (;;) yield 1 } for (const x of g()) {}",
        "new Proxy({}, { get() { for (;;) {} } }).x",
    ] {
        let outcome = run_with(short(source, 60_000, 150), &TestHost::default()).await;
        assert!(shown_error(&outcome).starts_with("ScriptTimeout"), "{source}\n{outcome:?}");
        assert!(outcome.millis < 30_000, "{source}: {} ms", outcome.millis);
    }
    let outcome = run_with(short("for (;;) {}", 300, 5000), &TestHost::default()).await;
    assert!(shown_error(&outcome).contains("running time"), "{outcome:?}");
    // What runs on behind the script's back cannot hold up its result.
    let outcome = run_with(
        short("const f = () => Promise.resolve().then(f); f(); return 7", 5000, 2000),
        &TestHost::default(),
    )
    .await;
    assert_eq!(outcome.value, Some(json!(7)), "{outcome:?}");
}

async fn waiting_for_tools_takes_no_time() {
    let outcome =
        run_with(short("return await tools.sleep({ ms: 600, value: 1 })", 200, 5000), &TestHost::default())
            .await;
    assert_eq!(outcome.value, Some(json!(1)), "{outcome:?}");
}

async fn long_sleeps_end() {
    let outcome = run_with(short("await sleep(60000)", 200, 5000), &TestHost::default()).await;
    assert!(shown_error(&outcome).starts_with("ScriptTimeout"), "{outcome:?}");
    assert!(outcome.millis < 1100, "the worker ends it itself, in {} ms", outcome.millis);
}

async fn memory_bombs_end() {
    for source in [
        "const a = []; for (;;) a.push(new Array(1000).fill(1))",
        "let s = 'x'; for (;;) s += s + Math.random()",
        "const m = new Map(); for (let i = 0; ; i++) m.set(i, { i })",
        "const a = []; for (;;) a.push(new Uint8Array(1e6))",
        "let o = {}; for (;;) o = { o, p: [1, 2, 3] }",
        "new Array(1e8).fill(0)",
        "const a = []; for (;;) a.push(() => a)",
        "const a = []; for (;;) { try { for (;;) a.push({}) } catch {} }",
        "const a = []; await tools.echo({}).then(() => { for (;;) a.push(new Array(1000).fill(a)) })",
    ] {
        let mut job = short(source, 20_000, 3000);
        job.limits.memory_bytes = 24 * 1024 * 1024;
        let outcome = run_with(job, &TestHost::default()).await;
        let shown = shown_error(&outcome);
        let ended = ["ScriptOutOfMemory", "ScriptTimeout", "ScriptRuntimeError"];
        assert!(ended.iter().any(|name| shown.starts_with(name)), "{source}\n{outcome:?}");
        let plain = source.starts_with("const a = []; for (;;) a.push(n") || source.contains("tools.echo");
        assert!(!plain || shown.starts_with("ScriptOutOfMemory"), "{source}\n{outcome:?}");
    }
}

async fn deep_recursion_ends() {
    for source in [
        "const f = () => f() + 1; f()",
        "const o = { get a() { return this.a } }; o.a",
        "let a = []; for (let i = 0; i < 2e5; i++) a = [a]; JSON.stringify(a)",
        "JSON.parse('['.repeat(1e6))",
        "class A { constructor() { new A() } } new A()",
        "new Proxy({}, { get(t, k, r) { return r[k] } }).x",
    ] {
        let outcome = run(source).await;
        assert!(shown_error(&outcome).starts_with("ScriptLimit"), "{source}\n{outcome:?}");
        assert!(shown_error(&outcome).contains("(512 KiB)"), "{source}\n{outcome:?}");
    }
}

async fn deep_nesting_ends() {
    let long = |part: &str| part.repeat(64_000 / part.len());
    for source in [
        long("("),
        long("["),
        long("{"),
        long("!"),
        long("- "),
        long("a=>"),
        long("a?b:"),
        long("if(a)"),
        long("new "),
        long("`${"),
        long("(a,"),
        long("[["),
        long("<T>"),
        long("a**"),
        long("x:"),
        long("f("),
        long("a."),
        long("await "),
        long("function f(){"),
        long("class A{x="),
        long("let x:(("),
        long("type A=["),
        long("a="),
        long("+a"),
        long("a,"),
        format!("{}1{}", "(".repeat(30_000), ")".repeat(30_000)),
        format!("{}{}", "[".repeat(30_000), "]".repeat(30_000)),
        format!("let x: {}1{}", "(".repeat(30_000), ")".repeat(30_000)),
    ] {
        let mut job = job(&source);
        job.limits.source_bytes = 64 * 1024;
        let engine = Engine::new(program(&[WORKER_ARGUMENT]), job.limits.clone());
        let outcome = engine.run(job, Arc::new(TestHost::default()), CancellationToken::new()).await;
        let shown = outcome.error.as_ref().map_or("done", |error| error.name.as_str());
        assert_ne!(shown, "HarnessFailure", "{} {outcome:?}", &source[..20]);
    }
}

async fn native_loops_are_killed() {
    for source in [
        "Array.prototype.reverse.call({ length: 2 ** 53 - 1 })",
        "[].concat({ length: 2 ** 32, [Symbol.isConcatSpreadable]: true })",
    ] {
        let host = TestHost::default();
        let outcome = run_with(short(source, 300, 20_000), &host).await;
        assert!(shown_error(&outcome).starts_with("ScriptTimeout"), "{source}\n{outcome:?}");
        assert!(outcome.millis < 30_000, "{} ms", outcome.millis);
    }
}

async fn native_loops_beside_a_call_are_killed() {
    let source = "tools.hang({}); await sleep(5); Array.prototype.reverse.call({ length: 2 ** 53 - 1 })";
    let outcome = run_with(short(source, 300, 500), &TestHost::default()).await;
    assert!(shown_error(&outcome).starts_with("ScriptTimeout"), "{outcome:?}");
    assert!(outcome.millis < 30_000, "{} ms", outcome.millis);
}

async fn orphans_get_a_moment() {
    let host = TestHost::default();
    let outcome = run_with(job("tools.hang({ n: 1 }); return 'early'"), &host).await;
    assert_eq!(outcome.value, Some(json!("early")), "{outcome:?}");
    assert!(outcome.calls[0].orphaned && !outcome.calls[0].ok, "{outcome:?}");
    assert!(outcome.millis >= 250 && outcome.millis < 30_000, "{} ms", outcome.millis);
    assert_eq!(host.cancelled.load(Ordering::SeqCst), 1);
    let outcome =
        run_with(job("for (let i = 0; i < 20; i++) tools.sleep({ ms: 3000 }); throw new Error('x')"), &host)
            .await;
    assert!(shown_error(&outcome).starts_with("ScriptRuntimeError"));
    assert!(outcome.calls.len() == 20 && outcome.calls.iter().all(|call| call.orphaned), "{outcome:?}");
}

async fn late_calls_that_finish_are_no_orphans() {
    let source = "tools.sleep({ ms: 50 }).then(() => console.log('late')); return 1";
    let outcome =
        patient().run(job_of_patient(source), Arc::new(TestHost::default()), CancellationToken::new()).await;
    assert!(outcome.calls[0].ok && !outcome.calls[0].orphaned, "{outcome:?}");
    assert_eq!(outcome.console[0].text, "late");
}

async fn cancelling_kills_at_once() {
    for source in
        ["for (;;) {}", "await tools.hang({})", "Array.prototype.reverse.call({ length: 2 ** 53 - 1 })"]
    {
        let mut took = Vec::new();
        // A busy machine is late now and then, but not each time.
        while took.last().is_none_or(|took| *took > Duration::from_millis(200)) {
            assert!(took.len() < 10, "{source}: {took:?}");
            took.push(time_to_cancel(source).await);
        }
    }
    let cancel = CancellationToken::new();
    cancel.cancel();
    let outcome = engine().run(job("return 1"), Arc::new(TestHost::default()), cancel).await;
    assert!(shown_error(&outcome).starts_with("ScriptCancelled"));
}

async fn time_to_cancel(source: &str) -> Duration {
    let (host, cancel): (TestHost, _) = (TestHost::default(), CancellationToken::new());
    let engine = engine();
    let running = engine.run(job(source), Arc::new(host.clone()), cancel.clone());
    let stop = async {
        match source.contains("hang") {
            true => until_called(&host).await,
            false => tokio::time::sleep(Duration::from_millis(300)).await,
        }
        cancel.cancel();
        Instant::now()
    };
    let (outcome, stopped) = tokio::join!(running, stop);
    let took = stopped.elapsed();
    assert!(shown_error(&outcome).starts_with("ScriptCancelled"), "{source}\n{outcome:?}");
    if source.contains("hang") {
        assert_eq!(host.cancelled.load(Ordering::SeqCst), 1);
        assert_eq!(outcome.calls[0].error.as_deref(), Some("ToolCancelled: stopped"));
    }
    took
}

/// Waits until a tool runs.
async fn until_called(host: &TestHost) {
    while host.now.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn no_code_from_text() {
    for source in [
        "eval('1')",
        "(0, eval)('1')",
        "globalThis.eval('1')",
        "Function('return 1')()",
        "new Function('return 1')()",
        "(() => {}).constructor('return 1')()",
        "(async () => {}).constructor('return 1')()",
        "(function* () {}).constructor('yield 1')()",
        "(async function* () {}).constructor('yield 1')()",
        "Object.getPrototypeOf((async () => {})).constructor('1')",
        "Object.getPrototypeOf(Object.getPrototypeOf(async () => {}).constructor).constructor('return 1')()",
        "Reflect.construct(Function, ['return 1'])",
        "class A extends Function {} new A('return 1')",
        "tools.echo.constructor('return 1')()",
        "console.log.constructor('return 1')()",
        "Promise.resolve().then.constructor('return 1')()",
        "sleep.constructor.constructor('return 1')()",
        "globalThis.Function.prototype.constructor('return 1')()",
    ] {
        let shown = error(source).await;
        assert!(
            shown.starts_with("ScriptRuntimeError 1:") && shown.contains("TypeError"),
            "{source}: {shown}"
        );
        assert!(!shown.contains("not a function"), "{source}: {shown}");
    }
    assert_eq!(value("return (() => 1) instanceof Function").await, json!(true));
}

async fn prototypes_are_frozen() {
    for source in [
        "Object.prototype.x = 1",
        "Array.prototype.push = () => 0",
        "({}).__proto__.polluted = 1",
        "[].constructor.prototype.map = 1",
        "Object.prototype.toString = () => 'x'",
        "Promise.prototype.then = 1",
        "Object.defineProperty(Object.prototype, 'y', { value: 1 })",
        "Object.setPrototypeOf(Array.prototype, {})",
        "delete Array.prototype.map",
        "JSON.parse = 1",
        "Error.prepareStackTrace = () => 1",
        "Object.getPrototypeOf([][Symbol.iterator]()).next = 1",
        "Object.getPrototypeOf(function* () {}).prototype.next = 1",
        "Promise = 1",
        "globalThis.JSON = {}",
        "Math.random = () => 4",
        "String.prototype.at.x = 1",
    ] {
        let outcome = run(source).await;
        assert_eq!(outcome.status, Status::Failed, "{source}");
        assert!(shown_error(&outcome).contains("TypeError"), "{source}: {outcome:?}");
    }
    // What ordinary code does with its own objects still works.
    let source = "class E extends Error { constructor(m) { super(m); this.name = 'E'; } }\n\
        const o = {}; o.toString = () => 'mine'; o.constructor = 1; o.hasOwnProperty = 2;\n\
        function F() {} F.prototype.toString = () => 'f'; const e = new E('x'); e.message = 'y';\n\
        const m = Object.create(null); m.a = 1; globalThis.own = 5;\n\
        return [`${o}`, `${new F()}`, `${e}`, own, [3, 1].sort(), Object.keys(o)]";
    assert_eq!(
        value(source).await,
        json!(["mine", "f", "E: y", 5, [1, 3], ["toString", "constructor", "hasOwnProperty"]])
    );
}

async fn what_is_not_there() {
    let source = "return ['require', 'process', 'fetch', 'setTimeout', 'Atomics', 'SharedArrayBuffer', 'WebAssembly', 'std', 'os', \
        'print', 'load', 'gc', 'native', 'Worker'].filter(name => name in globalThis)";
    assert_eq!(value(source).await, json!([]));
}

async fn long_results_are_cut() {
    let outcome = run("return 'é'.repeat(200000)").await;
    assert_eq!(outcome.status, Status::Done);
    let value = outcome.value.unwrap();
    assert_eq!(value["truncated"], json!(true));
    assert_eq!(value["bytes"], json!(400_002));
    assert!(
        value["head"].as_str().unwrap().len() > 30_000 && value["tail"].as_str().unwrap().ends_with("é\"")
    );
}

async fn console_is_capped() {
    let host = TestHost::default();
    let outcome =
        run_with(job("for (let i = 0; i < 1000; i++) console.log('line', i, { i }); return 1"), &host).await;
    assert_eq!(outcome.status, Status::Done);
    assert_eq!(outcome.console.len(), 201);
    assert_eq!(outcome.console[1].text, "line 1 {\"i\":1}");
    assert!(outcome.console[200].text.starts_with("800 more console lines"));
    assert_eq!(host.live.lock().unwrap().len(), 20);
    let outcome = run("console.error('x'.repeat(5000)); console.warn(new TypeError('t'), undefined, null, 1n); console.info('\\ud800'); console.table([1])").await;
    assert_eq!(outcome.console[0].text.chars().count(), 2001);
    assert_eq!(
        (outcome.console[1].level.as_str(), outcome.console[1].text.as_str()),
        ("warn", "TypeError: t undefined null \"1n\"")
    );
    assert_eq!(outcome.console.len(), 4);
}

async fn unhandled_rejections_are_told() {
    let outcome = run("(async () => { throw new TypeError('lost') })();\nreturn 1").await;
    assert_eq!(outcome.value, Some(json!(1)));
    assert_eq!(outcome.console[0].level, "error");
    assert_eq!(outcome.console[0].text, "Unhandled rejection: TypeError: lost (line 1)");
    let outcome = run("tools.fail({}); await sleep(50); return 1").await;
    assert_eq!(outcome.console[0].text, "Unhandled rejection: ToolFailed: no such file (line 1)");
    let outcome =
        run("const p = Promise.reject(new Error('x')); await sleep(1); await p.catch(() => 0); return 1")
            .await;
    assert!(outcome.console.is_empty(), "{outcome:?}");
}

async fn progress_is_thinned() {
    let host = TestHost::default();
    let outcome =
        run_with(job("for (let i = 0; i < 100; i++) context.progress('step ' + i); return 1"), &host).await;
    assert_eq!(outcome.status, Status::Done);
    assert_eq!(*host.progress.lock().unwrap(), ["step 0"]);
}

/// Kills every worker of this test that is busy or idle, by its parent: us.
fn kill_children() -> usize {
    let me = std::process::id().to_string();
    let mut killed = 0;
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        let after = stat.rsplit(") ").next().unwrap_or_default();
        if after.split(' ').nth(1) == Some(me.as_str()) && !after.starts_with('Z') {
            let pid: i32 = entry.file_name().to_string_lossy().parse().unwrap();
            let pid = rustix::process::Pid::from_raw(pid).unwrap();
            killed += usize::from(rustix::process::kill_process(pid, rustix::process::Signal::KILL).is_ok());
        }
    }
    killed
}

async fn workers_that_die_are_replaced_once() {
    let engine = engine();
    let host = TestHost::default();
    // A spare that died while idle costs nothing.
    engine.prestart();
    while kill_children() == 0 {
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let outcome = engine.run(job("return 1"), Arc::new(host.clone()), CancellationToken::new()).await;
    assert_eq!(outcome.value, Some(json!(1)), "{outcome:?}");
    // One that dies after a call is not run again: the call has happened.
    let engine = self::engine();
    let running = engine.run(
        job("await tools.echo({}); await sleep(60000)"),
        Arc::new(host.clone()),
        CancellationToken::new(),
    );
    let kill = async {
        while host.calls.load(Ordering::SeqCst) == 0 || host.now.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        kill_children();
    };
    let (outcome, ()) = tokio::join!(running, kill);
    assert!(
        shown_error(&outcome)
            .starts_with("HarnessFailure - The script worker ended unexpectedly, by signal 9"),
        "{outcome:?}"
    );
    assert_eq!(outcome.calls.len(), 1);
    // One that dies before any call is run once more.
    let engine = self::engine();
    let running = engine.run(
        job("await sleep(1000); return 'again'"),
        Arc::new(host.clone()),
        CancellationToken::new(),
    );
    let (outcome, ()) = tokio::join!(running, async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        kill_children();
    });
    assert_eq!(outcome.value, Some(json!("again")), "{outcome:?}");
}

async fn hostile_workers_harm_nobody() {
    for how in [
        "oversize",
        "garbage",
        "shape",
        "skip",
        "half",
        "settled",
        "console",
        "exit",
        "erased-twice",
        "erased-late",
        "level",
        "progress",
        "store",
        "store-long",
        "store-deep",
        "args-deep",
        "args-long",
        "args-many",
        "console-long",
        "progress-long",
        "value-deep",
        "value-long",
        "value-number",
    ] {
        let engine = Engine::new(program(&["hostile-worker", how]), Limits::default());
        let host = TestHost::default();
        let outcome = engine.run(job("return 1"), Arc::new(host.clone()), CancellationToken::new()).await;
        assert!(shown_error(&outcome).starts_with("HarnessFailure"), "{how}: {outcome:?}");
        // Found out by what it said, not by its end.
        let said = !matches!(how, "half" | "exit");
        assert_eq!(shown_error(&outcome).contains("keep to the protocol"), said, "{how}: {outcome:?}");
        assert_eq!(host.calls.load(Ordering::SeqCst), 0, "{how}");
    }
    for how in ["silent", "unknown"] {
        let engine = Engine::new(program(&["hostile-worker", how]), Limits::default());
        let host = TestHost::default();
        let outcome =
            engine.run(short("return 1", 100, 100), Arc::new(host.clone()), CancellationToken::new()).await;
        assert!(shown_error(&outcome).starts_with("ScriptTimeout"), "{how}: {outcome:?}");
        assert_eq!(host.calls.load(Ordering::SeqCst), 0, "{how}");
    }
}

async fn missing_worker_program() {
    let mut program = program(&[]);
    program.path = "/nowhere/glossator".into();
    let engine = Engine::new(program, Limits::default());
    engine.prestart();
    let outcome = engine.run(job("return 1"), Arc::new(TestHost::default()), CancellationToken::new()).await;
    assert!(shown_error(&outcome).contains("/nowhere/glossator"), "{outcome:?}");
}

async fn long_sources_are_refused() {
    let source = format!("return 1 // {}", "x".repeat(21_000));
    assert!(error(&source).await.starts_with("ScriptLimit - The script is 21012 bytes long"));
}

async fn limits_cannot_be_switched_off() {
    let none = Limits {
        memory_bytes: 0,
        stack_bytes: 0,
        wall: Duration::MAX,
        cpu: Duration::MAX,
        ..Limits::default()
    };
    let engine = Engine::new(program(&[WORKER_ARGUMENT]), none.clone());
    for (source, wanted) in [
        ("const a = []; for (;;) a.push(new Array(1000).fill(1))", "ScriptOutOfMemory"),
        ("const f = () => f() + 1; f()", "ScriptLimit"),
    ] {
        let job = glossator_script::Job { limits: none.clone(), ..job(source) };
        let outcome = engine.run(job, Arc::new(TestHost::default()), CancellationToken::new()).await;
        assert!(shown_error(&outcome).starts_with(wanted), "{source}: {outcome:?}");
    }
}

async fn scripts_share_nothing() {
    let engine = engine();
    for _ in 0..3 {
        let source = "const had = globalThis.mark; globalThis.mark = 1; return had ?? 'nothing'";
        let outcome = engine.run(job(source), Arc::new(TestHost::default()), CancellationToken::new()).await;
        assert_eq!(outcome.value, Some(json!("nothing")));
    }
}

async fn dropped_runs_cancel_their_calls() {
    let host = TestHost::default();
    let engine = engine();
    let running = engine.run(job("await tools.hang({})"), Arc::new(host.clone()), CancellationToken::new());
    tokio::select! {
        outcome = running => panic!("it ended: {outcome:?}"),
        () = until_called(&host) => {}
    }
    let cancelled = async {
        while host.cancelled.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), cancelled).await.expect("the call is told");
    assert_eq!(host.cancelled.load(Ordering::SeqCst), 1);
}

/// Prints what a warm run costs; the bound is for the quickest, as machines are busy now and then.
async fn warm_runs_are_fast() {
    let engine = engine();
    let mut times = Vec::new();
    for _ in 0..10 {
        engine.prestart();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let began = Instant::now();
        let outcome = engine
            .run(
                job("return (await tools.echo({ a: 1 })).a"),
                Arc::new(TestHost::default()),
                CancellationToken::new(),
            )
            .await;
        times.push(began.elapsed());
        assert_eq!(outcome.value, Some(json!(1)));
    }
    times.sort();
    println!("warm run with one call: median {:?}, all {times:?}", times[times.len() / 2]);
    assert!(times[0] < Duration::from_millis(100), "{times:?}");
}
