//! What the editor's language servers know, by the tools `diagnostics`, `definition`, `references` and `symbols`, and what an
//! edit tells of it; with clients that answer well, of older texts, wrongly, never, and that cannot be asked.

use crate::harness::{Answer, Asked, Ended, Peer, Who, World, patch};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const FEATURES: &[&str] = &["sessions", "turns", "updates", "approvals", "diagnostics", "symbols"];

fn telling() -> Who {
    Who::extension().with_features(FEATURES)
}

fn span(line: u32, from: u32, to: u32) -> Value {
    json!({ "start": { "line": line, "character": from }, "end": { "line": line, "character": to } })
}

fn problem(line: u32, message: &str) -> Value {
    json!({ "range": span(line, 4, 8), "severity": 1, "source": "rustc", "code": "E0425", "message": message })
}

/// A world that runs prompts as scripts, with a file, and an editor that shows it and answers like this.
async fn world(answer: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static) -> (World, Peer) {
    let world = World::obedient().await;
    world.write("src/a.rs", "fn é() {\n    area();\n}\n");
    let peer = Peer::with(&world, &telling(), answer).await;
    peer.open(&world.uri("src/a.rs"), "fn é() {\n    area();\n}\n");
    (world, peer)
}

async fn call(peer: &Peer, source: &str) -> Ended {
    let source =
        format!("return JSON.stringify(await {source}.catch((error) => ({{ failed: error.message }})));");
    peer.first_turn(&source).await
}

/// The value that a call gave, or `{ failed }`.
async fn value(peer: &Peer, source: &str) -> Value {
    let result = call(peer, source).await.assert("done").result();
    let start = result.find("\"{").unwrap_or_else(|| panic!("{result}"));
    let mut values = serde_json::Deserializer::from_str(&result[start..]).into_iter::<String>();
    serde_json::from_str(&values.next().unwrap().unwrap()).unwrap()
}

#[tokio::test]
async fn an_editor_that_tells_nothing_says_what_to_use_instead() {
    let world = World::obedient().await;
    world.write("a.rs", "fn a() {}\n");
    let peer = Peer::start(&world).await;
    for (source, instead) in [
        ("tools.diagnostics()", "Run the compiler"),
        ("tools.definition({ path: 'a.rs', line: 1, symbol: 'a' })", "grepFiles"),
        ("tools.references({ path: 'a.rs', line: 1, column: 4 })", "grepFiles"),
        ("tools.symbols({ path: 'a.rs' })", "grepFiles"),
    ] {
        let failed = value(&peer, source).await;
        let text = failed["failed"].as_str().unwrap();
        assert!(text.contains("not available in this editor") && text.contains(instead), "{source}: {text}");
    }
    assert!(!peer.messages().iter().any(|one| one.method.ends_with("/read")), "it is not asked");
}

#[tokio::test]
async fn diagnostics_in_lines_from_one() {
    let (world, peer) = world(|asked: &Asked| {
        let uri = asked.params["uri"].as_str().unwrap_or("").to_owned();
        let outside = json!({ "uri": "file:///usr/lib/b.rs", "diagnostics": [problem(0, "far\naway")] });
        let own = |uri: &str| {
            json!({ "uri": uri, "version": 0, "diagnostics": [
                { "range": span(1, 4, 8), "severity": 2, "message": "unused" },
                problem(0, "cannot find"),
                { "message": "without a place" },
            ] })
        };
        (asked.method == "glossator/diagnostics/read").then(|| {
            let all = if uri.is_empty() { json!([outside]) } else { json!([own(&uri), outside]) };
            Answer::Result(json!({ "documents": all }))
        })
    })
    .await;
    let found = value(&peer, "tools.diagnostics({ path: 'src/a.rs' })").await;
    let expected = json!({ "diagnostics": [
        { "severity": "error", "path": "src/a.rs", "line": 1, "column": 4, "endLine": 1, "message": "cannot find", "source": "rustc", "code": "E0425" },
        { "severity": "warning", "path": "src/a.rs", "line": 2, "column": 5, "endLine": 2, "message": "unused" },
    ], "total": 2 });
    assert_eq!(found, expected, "in UTF-8 the é has two units");
    let asked = peer.messages().into_iter().find(|one| one.method == "glossator/diagnostics/read").unwrap();
    assert_eq!(asked.params, json!({ "uri": world.uri("src/a.rs") }));
    let all = value(&peer, "tools.diagnostics()").await;
    let one = &all["diagnostics"][0];
    assert_eq!(
        (&one["path"], &one["outside"], &one["column"]),
        (&json!("/usr/lib/b.rs"), &json!(true), &json!(5))
    );
    for (path, words) in [("../b.rs", "outside"), (".git/config", ".git")] {
        let failed = value(&peer, &format!("tools.diagnostics({{ path: '{path}' }})")).await;
        assert!(failed["failed"].as_str().unwrap().contains(words), "{failed}");
    }
}

#[tokio::test]
async fn what_is_too_much_is_kept_under_a_key() {
    let (_world, peer) = world(|asked: &Asked| {
        let all: Vec<Value> = (0..250).map(|line| problem(line, &format!("problem {line}"))).collect();
        let documents = json!([{ "uri": asked.params["uri"], "diagnostics": all }]);
        (asked.method == "glossator/diagnostics/read")
            .then(|| Answer::Result(json!({ "documents": documents })))
    })
    .await;
    let source = "tools.diagnostics({ path: 'src/a.rs' }).then(async (found) => ({ given: found.diagnostics.length, total: found.total, hint: found.hint, last: (await tools.readFile({ fileKey: found.fileKey, offset: 250, limit: 1 })).text }))";
    let found = value(&peer, source).await;
    assert_eq!((&found["given"], &found["total"]), (&json!(100), &json!(250)));
    assert!(found["hint"].as_str().unwrap().contains("offset: 101"), "{found}");
    assert!(found["last"].as_str().unwrap().contains("src/a.rs:250:1 error: problem 249 (rustc)"), "{found}");
}

#[tokio::test]
async fn an_answer_about_an_older_text_is_asked_for_again_once() {
    for (versions, stale) in [([7, 0], Value::Null), ([7, 7], json!(true))] {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = count.clone();
        let (_world, peer) = world(move |asked: &Asked| {
            if asked.method != "glossator/diagnostics/read" {
                return None;
            }
            let version = versions[counted.fetch_add(1, Ordering::SeqCst).min(1)];
            let one = json!({ "uri": asked.params["uri"], "version": version, "diagnostics": [problem(1, "wrong")] });
            Some(Answer::Result(json!({ "documents": [one] })))
        })
        .await;
        let found = value(&peer, "tools.diagnostics({ path: 'src/a.rs' })").await;
        assert_eq!((count.load(Ordering::SeqCst), &found["stale"]), (2, &stale), "{found}");
    }
}

#[tokio::test]
async fn answers_that_are_none_are_errors() {
    /// What a client answers, and what the error says then.
    type Case = (fn() -> Answer, &'static str);
    let answers: [Case; 5] = [
        (|| Answer::Silence, "did not answer within 5 s"),
        (|| Answer::Error(-32603, "no server".to_owned()), "no server"),
        (|| Answer::Result(Value::Null), "empty answer"),
        (|| Answer::Result(json!({ "documents": 5, "symbols": 5 })), "could not tell"),
        (|| Answer::Result(json!([])), "could not tell"),
    ];
    for (answer, words) in answers {
        let (_world, peer) = world(move |asked: &Asked| asked.method.ends_with("/read").then(answer)).await;
        let source = "Promise.all([tools.diagnostics({ path: 'src/a.rs' }).catch((error) => error.message), tools.symbols('x').catch((error) => error.message)]).then((all) => ({ all }))";
        let failed = value(&peer, source).await;
        for one in failed["all"].as_array().unwrap() {
            assert!(one.as_str().unwrap().contains(words), "{one}");
        }
    }
}

#[tokio::test]
async fn definitions_references_and_symbols() {
    let seen: Arc<Mutex<Vec<Value>>> = Arc::default();
    let asked_for = seen.clone();
    let (world, peer) = world(move |asked: &Asked| {
        if asked.method != "glossator/symbols/read" {
            return None;
        }
        asked_for.lock().push(asked.params.clone());
        let uri = asked.params["uri"].as_str().unwrap_or("file:///usr/lib/b.rs");
        let at = |uri: &str, line| json!({ "name": "", "kind": "", "uri": uri, "range": span(line, 4, 8) });
        let named = |name: &str, line| {
            json!({ "name": name, "kind": "function", "uri": uri, "range": span(line, 0, 3), "container": "m" })
        };
        let (symbols, complete) = match asked.params["kind"].as_str().unwrap() {
            "definition" => (json!([at("file:///usr/lib/b.rs", 9)]), true),
            "references" => (json!([at(uri, 1), at(uri, 1), at(uri, 0)]), false),
            _ => (json!([named("Parser", 0), named("other", 2)]), true),
        };
        Some(Answer::Result(json!({ "symbols": symbols, "complete": complete })))
    })
    .await;
    let uri = world.uri("src/a.rs");
    let found = value(&peer, "tools.definition({ path: 'src/a.rs', line: 2, symbol: 'area' })").await;
    let place = json!({ "path": "/usr/lib/b.rs", "line": 10, "column": 5, "endLine": 10, "outside": true });
    assert_eq!(found, json!({ "places": [place], "total": 1, "complete": true }));
    let found = value(&peer, "tools.references({ path: 'src/a.rs', line: 1, column: 5 })").await;
    let places = json!([
        { "path": "src/a.rs", "line": 1, "column": 4, "endLine": 1, "text": "fn é() {" },
        { "path": "src/a.rs", "line": 2, "column": 5, "endLine": 2, "text": "area();" },
    ]);
    assert_eq!(found, json!({ "places": places, "total": 2, "complete": false }));
    let found = value(&peer, "tools.symbols({ path: 'src/a.rs', query: 'PARSE' })").await;
    let named = json!({ "name": "Parser", "kind": "function", "path": "src/a.rs", "line": 1, "endLine": 1, "container": "m" });
    assert_eq!(found, json!({ "symbols": [named], "total": 1, "complete": true }));
    let found = value(&peer, "tools.symbols('par')").await;
    assert_eq!((&found["total"], &found["symbols"][0]["outside"]), (&json!(2), &json!(true)));
    let expected = [
        json!({ "kind": "definition", "uri": uri, "position": { "line": 1, "character": 4 } }),
        json!({ "kind": "references", "uri": uri, "position": { "line": 0, "character": 5 } }),
        json!({ "kind": "document", "uri": uri }),
        json!({ "kind": "workspace", "query": "par" }),
    ];
    assert_eq!(*seen.lock(), expected);
    for (source, words) in [
        ("tools.definition({ path: 'src/a.rs', line: 2, symbol: 'volume' })", "which is: area();"),
        ("tools.definition({ path: 'src/a.rs', line: 9, column: 1 })", "has 3 lines"),
        ("tools.references({ path: 'missing.rs', line: 1, column: 1 })", "missing.rs"),
        ("tools.references({ path: 'src/a.rs', line: 1 })", "give `symbol`"),
    ] {
        let failed = value(&peer, source).await;
        assert!(failed["failed"].as_str().unwrap().contains(words), "{failed}");
    }
}

#[tokio::test]
async fn another_editor_of_the_core_is_asked_where_the_own_one_cannot_tell() {
    let world = World::obedient().await.with_core();
    world.write("a.rs", "fn a() {}\n");
    let first = Peer::start(&world).await;
    let tells = |asked: &Asked| {
        let one = json!({ "uri": asked.params["uri"], "diagnostics": [problem(0, "seen by the other")] });
        (asked.method == "glossator/diagnostics/read").then(|| Answer::Result(json!({ "documents": [one] })))
    };
    let second = Peer::with(&world, &telling(), tells).await;
    second.alive().await;
    let failed = value(&first, "tools.diagnostics({ path: 'a.rs' })").await;
    assert!(failed["failed"].as_str().unwrap().contains("not available"), "it is not open there: {failed}");
    second.open(&world.uri("a.rs"), "fn a() {}\n");
    second.alive().await;
    let found = value(&first, "tools.diagnostics({ path: 'a.rs' })").await;
    assert_eq!(found["diagnostics"][0]["message"], "seen by the other");
}

#[tokio::test]
async fn an_edit_tells_what_the_editor_reports_of_it() {
    let (world, peer) = world(|asked: &Asked| {
        if asked.method != "glossator/diagnostics/read" {
            return None;
        }
        let uri = asked.params["uri"].as_str().unwrap();
        let changed = asked.buffers.lock().text(uri).is_some_and(|text| text.contains("volume"));
        let mut all = vec![json!({ "range": span(1, 4, 8), "severity": 2, "message": "was there before" })];
        if changed {
            all.push(problem(2, "cannot find volume"));
            all.push(json!({ "range": span(2, 0, 1), "severity": 4, "message": "a hint" }));
            all[0]["range"] = span(3, 4, 8);
        }
        Some(Answer::Result(json!({ "documents": [{ "uri": uri, "diagnostics": all }] })))
    })
    .await;
    let edit = patch("src/a.rs", &["    area();"], &["    area();", "    volume();"]);
    let source = format!("const made = {} return JSON.stringify(made.diagnostics);", edit);
    let ended = peer.first_turn(&source).await;
    let result = ended.assert("done").result();
    assert!(result.contains("src/a.rs:3:5 error: cannot find volume (rustc)"), "{result}");
    assert!(!result.contains("was there before") && !result.contains("a hint"), "{result}");
    assert!(
        ended.items("toolOutput")[0].to_string().contains("1 new in the editor's diagnostics"),
        "{ended:#?}"
    );
    assert!(peer.text(&world.uri("src/a.rs")).contains("volume"));
}
