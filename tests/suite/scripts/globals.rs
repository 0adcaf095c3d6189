//! What a script has, and that the prompt declares just that.

use crate::harness::{Peer, World, run, script_and};
use serde_json::{Value, json};

/// What belongs to the language and needs no word in the prompt.
const LANGUAGE: &[&str] = &[
    "AggregateError",
    "Array",
    "ArrayBuffer",
    "BigInt",
    "BigInt64Array",
    "BigUint64Array",
    "Boolean",
    "DOMException",
    "DataView",
    "Date",
    "Error",
    "EvalError",
    "FinalizationRegistry",
    "Float16Array",
    "Float32Array",
    "Float64Array",
    "Function",
    "Infinity",
    "Int16Array",
    "Int32Array",
    "Int8Array",
    "InternalError",
    "Iterator",
    "JSON",
    "Map",
    "Math",
    "NaN",
    "Number",
    "Object",
    "Promise",
    "Proxy",
    "RangeError",
    "ReferenceError",
    "Reflect",
    "RegExp",
    "Set",
    "String",
    "SuppressedError",
    "DisposableStack",
    "AsyncDisposableStack",
    "Symbol",
    "SyntaxError",
    "TypeError",
    "URIError",
    "Uint16Array",
    "Uint32Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "WeakMap",
    "WeakRef",
    "WeakSet",
    "decodeURI",
    "decodeURIComponent",
    "encodeURI",
    "encodeURIComponent",
    "escape",
    "eval",
    "globalThis",
    "isFinite",
    "isNaN",
    "parseFloat",
    "parseInt",
    "undefined",
    "unescape",
    "queueMicrotask",
    "performance",
];

#[tokio::test]
async fn every_global_that_is_ours_is_declared_in_the_prompt() {
    let source = "return Object.getOwnPropertyNames(globalThis).sort();";
    let world = World::new(script_and(source)).await;
    let peer = Peer::start(&world).await;
    peer.first_turn("Look").await.assert("done");
    let system = world.requests()[0].body["system"].to_string();
    let ran = run(&world, &["debug", "script", "--json", "-"], source).await;
    let line: Value = serde_json::from_str(ran.assert(0).out.lines().last().unwrap()).unwrap();
    let names: Vec<&str> =
        line["value"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    for name in names.iter().filter(|name| !LANGUAGE.contains(name)) {
        assert!(system.contains(name), "{name} is there and the prompt does not say so");
    }
    for name in [
        "tools",
        "context",
        "console",
        "store",
        "sleep",
        "structuredClone",
        "TextEncoder",
        "TextDecoder",
        "atob",
        "btoa",
    ] {
        assert!(names.contains(&name), "{name} is missing in {names:?}");
    }
    for name in [
        "require",
        "process",
        "fetch",
        "setTimeout",
        "Atomics",
        "SharedArrayBuffer",
        "WebAssembly",
        "std",
        "os",
    ] {
        assert!(!names.contains(&name), "{name} is there");
    }
}

#[tokio::test]
async fn the_context_says_where_the_script_runs() {
    let source = "return { mode: context.mode, model: context.model, folder: context.workingDirectory, buffers: context.openBuffers, calls: context.limits.calls, selection: context.selection, frozen: Object.isFrozen(context), keys: Object.keys(context.env ?? {}) };";
    let world = World::new(script_and(source)).await;
    let peer = Peer::start(&world).await;
    peer.open(&world.uri("a.txt"), "unsaved\n");
    let session = peer.new_session().await;
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 4 } });
    let mention = json!({ "kind": "mention", "uri": world.uri("a.txt"), "range": range });
    let params = json!({ "sessionId": session, "input": [{ "kind": "text", "text": "Look" }, mention] });
    let turn = peer.ok("glossator/turn/start", params).await["turnId"].as_str().unwrap().to_owned();
    let result = peer.end(&session, &turn).await.assert("done").result();
    for part in [
        r#""mode":"enabled""#.to_owned(),
        r#""path":"a.txt""#.to_owned(),
        r#""dirty":true"#.to_owned(),
        r#""calls":256"#.to_owned(),
        r#""frozen":true"#.to_owned(),
        "unsa".to_owned(),
        world.workspace().display().to_string(),
    ] {
        assert!(result.contains(&part), "no {part} in {result}");
    }
    assert!(!result.contains("SCRIPTED_KEY") && !result.contains("HOME"), "{result}");
}
