//! What scripts find in their world, and that there is nothing else.

use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use glossator_script::{ErrorName, Host, HostCall, HostError, Job, Outcome, Status};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::{Case, TestHost, engine, error, job, shown_error, value};

macro_rules! cases {
    ($($name:ident)*) => {
        pub const CASES: &[Case] = &[$((stringify!($name), || Box::pin($name()))),*];
    };
}

cases! {
    globals_are_these_and_no_others everything_is_frozen structured_clone_copies structured_clone_refuses
    texts_become_bytes_and_back encoders_refuse_what_they_cannot_take base64_is_that_of_browsers urls_are_those_of_browsers queries_are_those_of_browsers context_is_what_the_host_gave search_takes_a_text
    tasks_start_at_once the_end_of_a_task_is_asked_for_late refused_tasks tasks_of_others
    store_keeps_json store_starts_with_what_was_stored store_is_bounded
    check_only_runs_nothing long_values_are_kept_by_the_host
}

/// The language's own, then ours.
const GLOBALS: &str = "AggregateError Array ArrayBuffer AsyncDisposableStack BigInt BigInt64Array BigUint64Array Boolean \
    DOMException DataView Date DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array \
    Float64Array Function Infinity Int16Array Int32Array Int8Array InternalError Iterator JSON Map Math NaN Number \
    Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String SuppressedError Symbol SyntaxError \
    TextDecoder TextEncoder TypeError URIError URL URLSearchParams Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef \
    WeakSet atob btoa console context decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval \
    globalThis isFinite isNaN parseFloat parseInt queueMicrotask sleep store structuredClone tools undefined unescape";

async fn globals_are_these_and_no_others() {
    let found = value("return Reflect.ownKeys(globalThis).map(String).filter(k => k !== 'Symbol(Symbol.toStringTag)').sort().join(' ')").await;
    assert_eq!(found, json!(GLOBALS));
    for (source, wanted) in [
        (
            "return Reflect.ownKeys(JSON).map(String).sort()",
            json!(["Symbol(Symbol.toStringTag)", "parse", "stringify"]),
        ),
        (
            "return Object.keys(console).sort()",
            json!(["debug", "dir", "error", "info", "log", "table", "trace", "warn"]),
        ),
        ("return Object.keys(store)", json!(["get", "set", "delete", "keys"])),
        (
            "return Reflect.ownKeys(tools)",
            json!(["echo", "sleep", "fail", "deny", "hang", "big", "panic", "readFile", "agents"]),
        ),
        ("return Reflect.ownKeys(context)", json!(["sessionId", "openBuffers", "progress"])),
    ] {
        assert_eq!(value(source).await, wanted, "{source}");
    }
}

async fn everything_is_frozen() {
    // Whatever can be reached from the globals, the script's own object aside.
    let source = "const seen = new Set([globalThis]), loose = [], queue = Reflect.ownKeys(globalThis).map(k => [String(k), globalThis[k]]);\n\
        while (queue.length) { const [path, v] = queue.pop();\n\
          if (v === null || (typeof v !== 'object' && typeof v !== 'function') || seen.has(v)) continue; seen.add(v);\n\
          if (!Object.isFrozen(v)) loose.push(path);\n\
          queue.push([path + '.__proto__', Object.getPrototypeOf(v)]);\n\
          for (const k of Reflect.ownKeys(v)) { const d = Object.getOwnPropertyDescriptor(v, k);\n\
            if ('value' in d) queue.push([path + '.' + String(k), d.value]); else queue.push([path + '.get ' + String(k), d.get], [path + '.set ' + String(k), d.set]); } }\n\
        return { loose, many: seen.size > 700 }";
    assert_eq!(value(source).await, json!({ "loose": [], "many": true }));
    for source in [
        "tools.nope = 1",
        "Object.setPrototypeOf(tools, {})",
        "Object.setPrototypeOf(Object.getPrototypeOf(tools), {})",
        "Object.getPrototypeOf(tools).x = 1",
        "Object.defineProperty(Object.getPrototypeOf(tools), 'x', { value: 1 })",
        "tools.agents.launch.x = 1",
        "store.get = 1",
        "structuredClone = 1",
        "TextEncoder.prototype.encode = 1",
        "context.progress.x = 1",
        "delete globalThis.store",
        "Object.defineProperty(globalThis, 'tools', { value: 1 })",
    ] {
        let shown = error(source).await;
        assert!(shown.starts_with("ScriptRuntimeError") && shown.contains("TypeError"), "{source}: {shown}");
    }
}

async fn structured_clone_copies() {
    for (source, wanted) in [
        (
            "const a = { b: [1, , { c: undefined }], d: 'x', e: 1n, f: null, ['__proto__']: 5 }; const c = structuredClone(a); return [c, c !== a, c.b !== a.b, 1 in c.b, 'c' in c.b[2], Object.keys(c)]",
            json!([{ "b": [1, null, {}], "d": "x", "e": "1n", "f": null, "__proto__": 5 }, true, true, false, true, ["b", "d", "e", "f", "__proto__"]]),
        ),
        (
            "const a = { m: new Map([[{ k: 1 }, new Set([1])]]) }; a.self = a; const c = structuredClone(a); return [c.self === c, c.m instanceof Map, [...c.m.keys()], [...c.m.values()][0] instanceof Set]",
            json!([true, true, [{ "k": 1 }], true]),
        ),
        (
            "const c = structuredClone([new Date(5), /a/gi, new Date(NaN)]); return [c[0].getTime(), c[0] instanceof Date, c[1].flags, c[1].lastIndex, c[1].test('A'), c[2]]",
            json!([5, true, "gi", 0, true, "Invalid Date"]),
        ),
        (
            "const e = new RangeError('r', { cause: [1] }); e.extra = 1; const c = structuredClone(e); return [c instanceof RangeError, c.message, c.cause, c.stack === e.stack, 'extra' in c, c !== e]",
            json!([true, "r", [1], true, false, true]),
        ),
        (
            "class E extends Error { constructor() { super('x'); this.name = 'E' } } const c = structuredClone(new E()); return [c.name, Object.getPrototypeOf(c) === Error.prototype]",
            json!(["Error", true]),
        ),
        (
            "const b = new ArrayBuffer(8); const a = [new Uint8Array(b, 2, 3), new DataView(b, 1), new Float64Array([0.5])]; a[0][0] = 7; const c = structuredClone(a); a[0][0] = 9; return [[...c[0]], c[0].byteOffset, c[0].buffer === c[1].buffer, c[1].getUint8(1), c[1].byteLength, c[2][0], c[2].constructor.name]",
            json!([[7, 0, 0], 2, true, 7, 7, 0.5, "Float64Array"]),
        ),
        (
            "const b = new ArrayBuffer(2, { maxByteLength: 9 }); const c = structuredClone(b); return [c.resizable, c.byteLength, c.maxByteLength]",
            json!([true, 2, 9]),
        ),
        (
            "const c = structuredClone([Object(1), Object('s'), Object(true), Object(2n), undefined, NaN, -0]); return [c.slice(0, 4).map(x => typeof x + typeof x.valueOf()), typeof c[4], Number.isNaN(c[5]), Object.is(c[6], -0)]",
            json!([
                ["objectnumber", "objectstring", "objectboolean", "objectbigint"],
                "undefined",
                true,
                true
            ]),
        ),
        (
            "class P { #s = 1; constructor() { this.x = 1 } get y() { return 2 } } const c = structuredClone(new P()); return [c, c.constructor === Object]",
            json!([{ "x": 1 }, true]),
        ),
        ("return structuredClone({ get a() { return 3 } })", json!({ "a": 3 })),
    ] {
        assert_eq!(value(source).await, wanted, "{source}");
    }
}

async fn structured_clone_refuses() {
    for source in [
        "structuredClone(() => 1)",
        "structuredClone({ a: [Symbol('s')] })",
        "structuredClone(Promise.resolve())",
        "structuredClone(new WeakMap())",
        "structuredClone(new Map([[1, class {}]]))",
        "structuredClone(tools)",
        "structuredClone(Object(Symbol()))",
        "const b = new ArrayBuffer(1); b.transfer(); structuredClone(b)",
        "structuredClone(new ArrayBuffer(1), { transfer: [1] })",
    ] {
        let source =
            format!("try {{ {source} }} catch (e) {{ return [e.name, e instanceof Error, e.code] }}");
        assert_eq!(value(&source).await, json!(["DataCloneError", true, 25]), "{source}");
    }
    assert!(error("structuredClone()").await.contains("TypeError"));
    assert!(
        error("let a = []; for (let i = 0; i < 1e5; i++) a = [a]; structuredClone(a)")
            .await
            .starts_with("ScriptLimit")
    );
    assert!(error("structuredClone({ get a() { throw new Error('mine') } })").await.contains("mine"));
}

async fn texts_become_bytes_and_back() {
    for (source, wanted) in [
        (
            "return [...new TextEncoder().encode('aé日😀\\ud800')]",
            json!([97, 195, 169, 230, 151, 165, 240, 159, 152, 128, 239, 191, 189]),
        ),
        (
            "return [new TextEncoder().encode().length, new TextEncoder().encoding, [...new TextEncoder().encode(null)].length]",
            json!([0, "utf-8", 4]),
        ),
        ("return new TextDecoder().decode(new TextEncoder().encode('aé日😀\\0b'))", json!("aé日😀\u{0}b")),
        (
            "return new TextDecoder().decode(new Uint8Array([0xff, 0x61, 0xe6, 0x97, 0x61, 0xf0, 0x9f]))",
            json!("\u{fffd}a\u{fffd}a\u{fffd}"),
        ),
        (
            "const b = new TextEncoder().encode('xaéy'); return [new TextDecoder().decode(b.subarray(1, 4)), new TextDecoder().decode(b.buffer), new TextDecoder().decode(new DataView(b.buffer, 4)), new TextDecoder().decode()]",
            json!(["aé", "xaéy", "y", ""]),
        ),
        (
            "const b = new Uint8Array([0xef, 0xbb, 0xbf, 0x61]); return [new TextDecoder().decode(b), new TextDecoder('utf-8', { ignoreBOM: true }).decode(b).length]",
            json!(["a", 2]),
        ),
        (
            "const d = new TextDecoder(' UTF8 ', { fatal: true }); return [d.fatal, d.ignoreBOM, d.encoding]",
            json!([true, false, "utf-8"]),
        ),
        (
            "const d = new TextDecoder(); let s = ''; for (const b of new TextEncoder().encode('é日😀a')) s += d.decode(new Uint8Array([b]), { stream: true }); return s + d.decode()",
            json!("é日😀a"),
        ),
        (
            "const d = new TextDecoder(); return [d.decode(new Uint8Array([0xe6]), { stream: true }), d.decode(), d.decode(new Uint8Array([0x61]))]",
            json!(["", "\u{fffd}", "a"]),
        ),
        (
            "const t = new Uint8Array(6); const r = new TextEncoder().encodeInto('aé日b', t); const u = new Uint8Array(3); return [r, [...t], new TextEncoder().encodeInto('😀é', u), [...u], new TextEncoder().encodeInto('a😀b', new Uint8Array(5))]",
            json!([{ "read": 3, "written": 6 }, [97, 195, 169, 230, 151, 165], { "read": 0, "written": 0 }, [0, 0, 0], { "read": 3, "written": 5 }]),
        ),
        (
            "const b = new ArrayBuffer(4); const d = new Uint8Array(b); b.transfer(); return new TextDecoder().decode(d)",
            json!(""),
        ),
    ] {
        assert_eq!(value(source).await, wanted, "{source}");
    }
}

async fn encoders_refuse_what_they_cannot_take() {
    for (source, wanted) in [
        ("new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff]))", "TypeError"),
        ("new TextDecoder('latin1')", "RangeError"),
        ("new TextDecoder().decode('text')", "TypeError"),
        ("new TextEncoder().encodeInto('a', [])", "TypeError"),
        ("TextEncoder()", "TypeError"),
        ("TextDecoder.prototype.decode.call({}, new Uint8Array(1))", "TypeError"),
    ] {
        let shown = error(source).await;
        assert!(shown.starts_with("ScriptRuntimeError 1:") && shown.contains(wanted), "{source}: {shown}");
    }
    // What is encoded counts as the script's memory.
    let mut job = job("const t = 'x'.repeat(1e6), all = []; for (;;) all.push(new TextEncoder().encode(t))");
    job.limits.memory_bytes = 16 * 1024 * 1024;
    assert!(shown_error(&run_job(job, &TestHost::default()).await).starts_with("ScriptOutOfMemory"));
}

async fn base64_is_that_of_browsers() {
    for (source, wanted) in [
        (
            "return [btoa(''), btoa('a'), btoa('ab'), btoa('abc'), btoa('\\xff\\0'), btoa(12)]",
            json!(["", "YQ==", "YWI=", "YWJj", "/wA=", "MTI="]),
        ),
        (
            "return [atob(''), atob('YQ=='), atob('YQ'), atob(' Y W\\nJ\\tj\\f\\r '), atob('/wA=').charCodeAt(0)]",
            json!(["", "a", "a", "abc", 255]),
        ),
        (
            "return ['Y', 'YQ=', 'YQ===', 'Y!==', 'YQ==YQ==', '-_', 'é', '=', 'YWJj='].map(t => { try { return atob(t) } catch (e) { return e.name } })",
            json!(vec!["InvalidCharacterError"; 9]),
        ),
        (
            "return ['é', '\\u0100', '😀'].map(t => { try { return btoa(t) } catch (e) { return [e.name, e.code, e instanceof Error] } })",
            json!(["6Q==", ["InvalidCharacterError", 5, true], ["InvalidCharacterError", 5, true]]),
        ),
        ("const t = 'xyz'.repeat(100000); return atob(btoa(t)) === t", json!(true)),
    ] {
        assert_eq!(value(source).await, wanted, "{source}");
    }
}

async fn urls_are_those_of_browsers() {
    for (source, wanted) in [
        (
            "const u = new URL('HTTPS://us%20er:pw@EXÄMPLE.com:8080/a/../b c?q=1&é#f'); return [u.href, u.origin, u.protocol, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash]",
            json!([
                "https://us%20er:pw@xn--exmple-cua.com:8080/b%20c?q=1&%C3%A9#f",
                "https://xn--exmple-cua.com:8080",
                "https:",
                "us%20er",
                "pw",
                "xn--exmple-cua.com:8080",
                "xn--exmple-cua.com",
                "8080",
                "/b%20c",
                "?q=1&%C3%A9",
                "#f"
            ]),
        ),
        (
            "return [new URL('../x?y', 'http://h/a/b/c').href, new URL('//o/p', new URL('https://h')).href, `${new URL('file:///a b')}`, new URL('data:x,y').origin]",
            json!(["http://h/a/x?y", "https://o/p", "file:///a%20b", "null"]),
        ),
        (
            "return [URL.canParse('x'), URL.canParse('x', 'http://h'), URL.parse('::'), URL.parse('http://h').href]",
            json!([false, true, null, "http://h/"]),
        ),
        (
            "const u = new URL('http://h/p?a=1'); u.pathname = '/q r'; u.search = 'b=2'; u.hash = 'z'; u.port = '81'; u.protocol = 'https'; u.hostname = 'k'; u.username = 'é'; u.password = 'p'; const one = u.href; u.host = 'm:9'; u.href = 'http://n/'; return [one, u.href]",
            json!(["https://%C3%A9:p@k:81/q%20r?b=2#z", "http://n/"]),
        ),
        (
            "const u = new URL('http://h/?a=1&b=2'); const p = u.searchParams; p.append('c', 'x y&é'); p.delete('a'); const one = u.href; u.search = '?z=9'; return [one, p.get('z'), p === u.searchParams, [...p]]",
            json!(["http://h/?b=2&c=x+y%26%C3%A9", "9", true, [["z", "9"]]]),
        ),
        (
            "return [JSON.stringify({ u: new URL('http://h') }), { u: new URL('http://h') }]",
            json!(["{\"u\":\"http://h/\"}", { "u": "http://h/" }]),
        ),
        ("try { structuredClone(new URL('http://h')) } catch (e) { return e.name }", json!("DataCloneError")),
        (
            "const u = new URL('http://h:1/'); u.port = 'x'; u.protocol = 'nope:'; return u.href",
            json!("http://h:1/"),
        ),
    ] {
        assert_eq!(value(source).await, wanted, "{source}");
    }
    for source in [
        "new URL('x')",
        "new URL()",
        "URL('http://h')",
        "new URL('http://h').href = '::'",
        "new URL('/a', 'b')",
    ] {
        let shown = error(source).await;
        assert!(
            shown.starts_with("ScriptRuntimeError 1:") && shown.contains("TypeError"),
            "{source}: {shown}"
        );
    }
}

async fn queries_are_those_of_browsers() {
    for (source, wanted) in [
        (
            "const p = new URLSearchParams('?a=1&b=%20x&a=2&c&=d&%E9=+'); return [[...p], p.size, p.get('a'), p.getAll('a'), p.get('none'), p.has('c'), p.has('a', '2'), p.has('a', '3')]",
            json!([
                [["a", "1"], ["b", " x"], ["a", "2"], ["c", ""], ["", "d"], ["\u{fffd}", " "]],
                6,
                "1",
                ["1", "2"],
                null,
                true,
                true,
                false
            ]),
        ),
        (
            "return [`${new URLSearchParams({ a: 1, b: 'é &=' })}`, `${new URLSearchParams([['x', 1], ['x', 2]])}`, `${new URLSearchParams(new Map([['m', 'n']]))}`, `${new URLSearchParams(new URLSearchParams('q=r'))}`, `${new URLSearchParams()}`]",
            json!(["a=1&b=%C3%A9+%26%3D", "x=1&x=2", "m=n", "q=r", ""]),
        ),
        (
            "const p = new URLSearchParams('b=1&a=2&b=3&c=4'); p.set('b', 9); p.sort(); p.delete('c', 'no'); const seen = []; p.forEach((v, k) => seen.push(k + v)); p.delete('a'); return [seen, [...p.keys()], [...p.values()], `${p}`]",
            json!([["a2", "b9", "c4"], ["b", "c"], ["9", "4"], "b=9&c=4"]),
        ),
        (
            "const p = new URLSearchParams(); p.append('\\ud800', '\\udc00'); return `${p}`",
            json!("%EF%BF%BD=%EF%BF%BD"),
        ),
    ] {
        assert_eq!(value(source).await, wanted, "{source}");
    }
    for source in [
        "new URLSearchParams([['a']])",
        "new URLSearchParams([1])",
        "URLSearchParams('a')",
        "new URLSearchParams().append('a')",
    ] {
        let shown = error(source).await;
        assert!(
            shown.starts_with("ScriptRuntimeError 1:") && shown.contains("TypeError"),
            "{source}: {shown}"
        );
    }
}

async fn run_job(job: Job, host: &TestHost) -> Outcome {
    engine().run(job, Arc::new(host.clone()), CancellationToken::new()).await
}

async fn context_is_what_the_host_gave() {
    let given = json!({ "mode": "dry-run", "env": { "HOME": "/x" }, "selection": null, "progress": "mine", "limits": { "calls": [1] } });
    let source = "'use strict'; let refused = 0; for (const f of [() => { context.mode = 1 }, () => { context.env.HOME = 1 }, () => { delete context.env }, () => context.limits.calls.push(1)]) { try { f() } catch { refused++ } }\n\
        return [context.mode, context.env, context.selection, typeof context.progress, refused, context === context, context.progress('a'), context.progress('b')]";
    let outcome = run_job(Job { context: given, ..job(source) }, &TestHost::default()).await;
    assert_eq!(
        outcome.value,
        Some(json!(["dry-run", { "HOME": "/x" }, null, "function", 4, true, true, false])),
        "{outcome:?}"
    );
    for given in [json!(null), json!("text"), json!([1])] {
        let outcome =
            run_job(Job { context: given, ..job("return typeof context.progress") }, &TestHost::default())
                .await;
        assert_eq!(outcome.value, Some(json!("function")), "{outcome:?}");
    }
}

/// A job with everything a session's script has.
fn full(source: &str) -> Job {
    let mut job = job(source);
    for name in ["search", "spawn.list", "spawn.status", "spawn.result", "spawn.wait", "spawn.cancel"] {
        job.tools.push(name.to_owned());
    }
    job.tasks =
        ["echo", "sleep", "fail", "hang", "agents.launch", "agents.launch.async"].map(str::to_owned).to_vec();
    job
}

async fn full_run(source: &str) -> Outcome {
    run_job(full(source), &TestHost::default()).await
}

async fn full_value(source: &str) -> Value {
    let outcome = full_run(source).await;
    assert_eq!(outcome.status, Status::Done, "{source}\n{outcome:#?}");
    outcome.value.unwrap()
}

async fn search_takes_a_text() {
    let source = "return [await tools.search('read files'), await tools.search({ query: 'x', limit: 2 }), await tools.search()]";
    assert_eq!(
        full_value(source).await,
        json!([{ "query": "read files" }, { "query": "x", "limit": 2 }, {}])
    );
}

async fn tasks_start_at_once() {
    // The id is there without a word from the host.
    let outcome = full_run("const run = tools.spawn.echo({ a: 1 }); const two = tools.spawn.agents.launch.async({}); return [run, run.id, two.id, Object.isFrozen(run), Object.keys(run)]").await;
    assert_eq!(
        outcome.value,
        Some(json!([{ "id": "S1-1-1.1" }, "S1-1-1.1", "S1-1-1.2", true, ["id"]])),
        "{outcome:?}"
    );
    let calls: Vec<(&str, bool, bool)> =
        outcome.calls.iter().map(|call| (call.name.as_str(), call.ok, call.orphaned)).collect();
    assert_eq!(calls, [("spawn.echo", true, false), ("spawn.agents.launch.async", true, false)]);
    assert!(outcome.console.is_empty() && outcome.millis < 1000, "{outcome:?}");
}

async fn the_end_of_a_task_is_asked_for_late() {
    for (source, wanted, calls) in [
        ("const { id, done } = tools.spawn.echo({}); return id", json!("S1-1-1.1"), 1),
        (
            "const run = tools.spawn.echo({}); return [await run.done, await run.done, run.done === run.done]",
            json!([{ "id": "S1-1-1.1" }, { "id": "S1-1-1.1" }, true]),
            2,
        ),
        (
            "return await Promise.all([tools.spawn.echo({}).done, tools.spawn.echo({}).done])",
            json!([{ "id": "S1-1-1.1" }, { "id": "S1-1-1.2" }]),
            4,
        ),
        ("return await tools.spawn.echo({}).done.then(v => v.id).finally(() => 0)", json!("S1-1-1.1"), 2),
        (
            "return await Promise.race([tools.spawn.sleep({ ms: 20 }).done, sleep(2000)])",
            json!({ "id": "S1-1-1.1" }),
            2,
        ),
    ] {
        let outcome = full_run(source).await;
        assert_eq!(
            (outcome.value.as_ref(), outcome.calls.len()),
            (Some(&wanted), calls),
            "{source}\n{outcome:?}"
        );
        assert!(outcome.console.is_empty(), "{source}\n{outcome:?}");
    }
}

async fn refused_tasks() {
    // Nobody asked for the end: no rejection, but the record has it.
    let outcome = full_run("const run = tools.spawn.fail({}); await sleep(20); return run.id").await;
    assert_eq!(outcome.value, Some(json!("S1-1-1.1")), "{outcome:?}");
    assert!(outcome.console.is_empty() && !outcome.calls[0].ok, "{outcome:?}");
    let outcome = full_run("await sleep(1)\nconst run = tools.spawn.fail({})\nawait run.done").await;
    let found = outcome.error.as_ref().unwrap();
    assert_eq!(
        (found.name.as_str(), found.line, found.tool.as_deref()),
        ("ToolFailed", Some(2), Some("spawn.fail")),
        "{outcome:?}"
    );
    assert_eq!(outcome.calls.len(), 1, "no wait for what never began");
    assert_eq!(
        full_value("try { tools.spawn.echo({ a: 1n }) } catch (e) { return [e.name, e.tool] }").await,
        json!(["ToolArguments", "spawn.echo"])
    );
    assert_eq!(
        full_value("try { tools.spawn.nope({}) } catch (e) { return e.name }").await,
        json!("ToolNotFound")
    );
    let shown = shown_error(&full_run("tools.spawn.ecko({})").await);
    assert!(shown.contains("'spawn.ecko'") && shown.contains("'spawn.echo'"), "{shown}");
    // A start that the host never answers is given up like any call.
    let outcome = full_run("return tools.spawn.hang({}).id").await;
    assert!(outcome.calls[0].orphaned && outcome.value == Some(json!("S1-1-1.1")), "{outcome:?}");
    assert!(error("tools.spawn.echo({})").await.starts_with("ToolNotFound"), "no tasks, no spawn");
    // A task that fails later is told at the place where it was started.
    let (outcome, _) =
        kept_run(full("await sleep(1)\n  const run = tools.spawn.echo({})\nawait run.done")).await;
    let shown = shown_error(&outcome);
    assert!(shown.starts_with("ToolFailed 2:") && shown.ends_with("the task failed"), "{outcome:?}");
}

async fn tasks_of_others() {
    let source = "const s = tools.spawn; return [await s.list(), await s.status('t1'), await s.result({ id: 't2' }), await s.wait('t3', { timeoutMs: 5 }), await s.wait({ id: 't4', timeoutMs: 6 }), await s.wait(s.echo({})), await s.cancel('t5'), await s.status()]";
    assert_eq!(
        full_value(source).await,
        json!([{}, { "id": "t1" }, { "id": "t2" }, { "id": "t3", "timeoutMs": 5 }, { "id": "t4", "timeoutMs": 6 }, { "id": "S1-1-1.6" }, { "id": "t5" }, {}])
    );
}

/// What was stored and called, in order.
type Kept = Vec<(String, Option<Value>)>;

/// A host that keeps.
#[derive(Clone, Default)]
struct Keeper(Arc<Mutex<Kept>>);

impl Host for Keeper {
    fn call(&self, call: HostCall, _: CancellationToken) -> BoxFuture<'static, Result<Value, HostError>> {
        self.0.lock().unwrap().push((format!("call {}", call.name), None));
        Box::pin(async move {
            let lost = HostError::new(ErrorName::ToolFailed, "the task failed");
            if call.name == "spawn.wait" { Err(lost) } else { Ok(call.args) }
        })
    }

    fn stored(&self, key: &str, value: Option<&Value>) {
        self.0.lock().unwrap().push((key.to_owned(), value.cloned()));
    }

    fn long_value(&self, json: &str) -> Option<Value> {
        serde_json::from_str::<Value>(json).unwrap();
        Some(json!({ "fileKey": "K1", "bytes": json.len() }))
    }
}

async fn kept_run(job: Job) -> (Outcome, Kept) {
    let host = Keeper::default();
    let outcome = engine().run(job, Arc::new(host.clone()), CancellationToken::new()).await;
    let kept = host.0.lock().unwrap().clone();
    (outcome, kept)
}

async fn store_keeps_json() {
    let source = "store.set('a', { b: [1, null] }); store.set('n', null); store.set('a', 2); store.set('a', 2); await tools.echo({});\n\
        store.delete('n'); store.set('m', new Map([['k', 1n]])); store.set('\\ud800', 'x');\n\
        const o = store.get('m'); o.k = 5; return [store.get('a'), store.get('n'), store.get('none'), store.get('m'), store.keys(), store.delete('none'), store.delete('a')]";
    let (outcome, kept) = kept_run(job(source)).await;
    assert_eq!(
        outcome.value,
        Some(json!([2, null, null, { "k": "1n" }, ["a", "m", "\u{fffd}"], false, true])),
        "{outcome:?}"
    );
    let wanted = [
        ("a", Some(json!({ "b": [1, null] }))),
        ("n", Some(json!(null))),
        ("a", Some(json!(2))),
        ("call echo", None),
        ("n", None),
        ("m", Some(json!({ "k": "1n" }))),
        ("\u{fffd}", Some(json!("x"))),
        ("a", None),
    ];
    assert_eq!(kept, wanted.map(|(key, value)| (key.to_owned(), value)));
    for source in
        ["store.set(1, 2)", "store.set('a')", "store.set('a', undefined)", "store.get()", "store.delete({})"]
    {
        let shown = error(source).await;
        assert!(
            shown.starts_with("ScriptRuntimeError 1:") && shown.contains("TypeError"),
            "{source}: {shown}"
        );
    }
    // What was stored stays so when the script fails after it.
    let (outcome, kept) = kept_run(job("store.set('a', 1); throw new Error('x')")).await;
    assert!(outcome.status == Status::Failed && kept.len() == 1, "{outcome:?}");
}

async fn store_starts_with_what_was_stored() {
    let mut job = job(
        "const had = store.get('a'); store.set('a', 1); store.delete('b'); return [had, store.keys(), store.get('c')]",
    );
    job.store = json!({ "a": { "x": "é" }, "b": 2, "c": 0.1 }).as_object().cloned().unwrap();
    let (outcome, kept) = kept_run(job).await;
    assert_eq!(outcome.value, Some(json!([{ "x": "é" }, ["a", "c"], 0.1])), "{outcome:?}");
    assert_eq!(kept, [("a".to_owned(), Some(json!(1))), ("b".to_owned(), None)]);
}

async fn store_is_bounded() {
    let small = |source: &str| {
        let mut job = job(source);
        job.limits.store_bytes = 1000;
        job.store = json!({ "old": "x".repeat(500) }).as_object().cloned().unwrap();
        job
    };
    let source = "try { store.set('a', 'y'.repeat(600)) } catch (e) { return [e.name, e.message, store.get('a'), store.keys()] }";
    let (outcome, kept) = kept_run(small(source)).await;
    let message = "store would hold 1108 bytes; at most 1000 are kept for a session";
    assert_eq!(outcome.value, Some(json!(["ScriptLimit", message, null, ["old"]])), "{outcome:?}");
    assert!(kept.is_empty());
    let (outcome, kept) =
        kept_run(small("store.delete('old'); store.set('a', 'y'.repeat(900)); return 1")).await;
    assert_eq!((outcome.value, kept.len()), (Some(json!(1)), 2));
    for (source, wanted) in [
        ("for (let i = 0; ; i++) store.set('a', i)", "ScriptLimit 1:"),
        ("for (let i = 0; ; i++) store.set('a', 'y'.repeat(400) + i)", "ScriptLimit 1:"),
        ("store.set('k'.repeat(1001), 1)", "ScriptLimit 1:"),
        ("store.set('x', 'y'.repeat(2000))", "ScriptLimit 1:"),
    ] {
        let (outcome, kept) = kept_run(small(source)).await;
        assert!(shown_error(&outcome).starts_with(wanted), "{source}\n{outcome:?}");
        assert!(outcome.error.as_ref().unwrap().hint.is_some() && kept.len() <= 1000, "{source}");
    }
}

async fn check_only_runs_nothing() {
    for (source, wanted) in [
        ("for (;;) {}", "done"),
        ("await tools.echo({}); const x: number = 1; return x", "done"),
        ("let a = 1;\nlet a = 2", "ScriptSyntaxError 2:"),
        ("enum A { B }", "ScriptSyntaxError 1:1"),
        ("'\\0'; with (a) {}", "ScriptSyntaxError 1:"),
    ] {
        let job = Job { check_only: true, ..job(source) };
        let (outcome, kept) = kept_run(job).await;
        let shown = if outcome.status == Status::Done { "done".to_owned() } else { shown_error(&outcome) };
        assert!(shown.starts_with(wanted), "{source}\n{shown}");
        assert!(kept.is_empty() && outcome.calls.is_empty());
        assert!(outcome.status == Status::Failed || outcome.value == Some(json!(null)), "{outcome:?}");
    }
}

async fn long_values_are_kept_by_the_host() {
    let (outcome, _) = kept_run(job("return 'é'.repeat(200000)")).await;
    assert_eq!(outcome.value, Some(json!({ "fileKey": "K1", "bytes": 400_002 })), "{outcome:?}");
    let (outcome, _) = kept_run(job("return ['x'.repeat(131000)]")).await;
    assert_eq!(outcome.value, Some(json!(["x".repeat(131_000)])));
    // More than the host takes comes as head and tail.
    let (outcome, _) = kept_run(job("return 'x'.repeat(9e6)")).await;
    let value = outcome.value.unwrap();
    assert_eq!((&value["truncated"], &value["bytes"]), (&json!(true), &json!(9_000_002)));
    let mut long = job("return 'x'.repeat(3000)");
    long.limits.result_bytes = 1000;
    let outcome = engine().run(long, Arc::new(TestHost::default()), CancellationToken::new()).await;
    assert_eq!(outcome.value.unwrap()["head"].as_str().unwrap().len(), 250);
}
