//! Arguments of all tools: what does not fit is told whole and early, what fits in another form is taken.

use crate::{Journal, Prepared, Registry, ToolCx, Turn};
use futures::future::BoxFuture;
use glossator_session::{
    Answer, Ask, AskId, CallId, ChangeSetId, ChangeState, Decision, FileKey, Grant, ItemBody, ToolError,
    ToolErrorKind,
};
use glossator_text::PositionEncoding;
use glossator_workspace::{Overlay, Roots, Workspace};
use parking_lot::RwLock;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A turn in which nothing happens, with one kept text.
struct Quiet;

impl Turn for Quiet {
    fn record(&self, _: ItemBody) -> Result<(), String> {
        panic!("arguments are checked before anything happens")
    }

    fn delta(&self, _: &str, _: &str) {}

    fn ask<'a>(&'a self, _: Ask, _: &'a [String], _: &'a CancellationToken) -> BoxFuture<'a, Answer> {
        Box::pin(async {
            Answer { decision: Decision::Deny, grant: Grant::Once, message: None, hunks: None }
        })
    }

    fn can_ask(&self) -> bool {
        false
    }

    fn fresh_ask_id(&self) -> AskId {
        AskId("Q1".to_owned())
    }

    fn granted(&self, _: &[String], _: bool) -> bool {
        false
    }

    fn grant(&self, _: Grant, _: &str, _: &str) {}

    fn keep(&self, _: &str) -> Result<FileKey, String> {
        Err("nothing is kept here".to_owned())
    }

    fn kept(&self, key: &FileKey) -> Result<String, String> {
        match key.0.as_str() {
            "K1" => Ok("one\ntwo\nthree".to_owned()),
            _ => Err(format!("there is no text under the key {key}")),
        }
    }

    fn stored(&self) -> Map<String, Value> {
        Map::new()
    }
}

impl Journal for Quiet {
    fn fresh_change_id(&self) -> ChangeSetId {
        ChangeSetId("C1".to_owned())
    }

    fn change(&self, _: &ChangeSetId, _: ChangeState) -> Result<(), String> {
        panic!("arguments are checked before anything happens")
    }

    fn user_is_asked(&self) -> bool {
        false
    }

    fn announce(&self, _: &ChangeSetId, _: &str, _: Vec<String>) {}
}

fn cx(folder: &std::path::Path) -> ToolCx {
    let roots = Arc::new(RwLock::new(Roots::new(vec![folder.to_owned()])));
    let overlay = Arc::new(Overlay::new(PositionEncoding::Utf16));
    ToolCx {
        call: CallId("c".to_owned()),
        cancel: CancellationToken::new(),
        workspace: Workspace::new(roots, overlay, None),
        turn: Arc::new(Quiet),
        journal: Arc::new(Quiet),
        exec: Arc::default(),
        review: crate::ReviewMode::default(),
        policy: crate::Policy::Ask,
        asked: false,
        accepted: None,
        said: None,
        commit_lock: Arc::default(),
    }
}

async fn prepare(cx: &ToolCx, tool: &str, arguments: Value) -> Result<Prepared, ToolError> {
    Registry::built_in().get(tool).unwrap().prepare(cx, arguments).await
}

/// Calls of each tool that fit but for what the cases below change.
const FITTING: &[(&str, &str)] = &[
    ("readFile", r#"{ "path": "a" }"#),
    ("listDir", r#"{}"#),
    ("grepFiles", r#"{ "pattern": "x" }"#),
    ("fileSearch", r#"{ "query": "x" }"#),
    ("applyPatch", r#"{ "patch": "*** Begin Patch\n*** Add File: new.txt\n+x\n*** End Patch" }"#),
    ("exec", r#"{ "command": ["true"] }"#),
    ("writeFile", r#"{ "path": "new.txt", "content": "x" }"#),
    ("updatePlan", r#"{ "steps": [] }"#),
    ("saveToFC", r#"{ "fileKey": "K1" }"#),
    ("fetchFromFC", r#"{ "fileKey": "F1" }"#),
    ("listFC", r#"{}"#),
    ("board.post", r#"{ "text": "x" }"#),
    ("board.remove", r#"{ "id": "B1" }"#),
    ("diagnostics", r#"{}"#),
    ("definition", r#"{ "path": "a", "line": 1, "symbol": "x" }"#),
    ("references", r#"{ "path": "a", "line": 1, "column": 1 }"#),
    ("symbols", r#"{ "query": "x" }"#),
    ("askUser", r#"{ "question": "Which?" }"#),
];

/// Arguments that do not fit, and what is said of them beside the tool's name and an example.
#[rustfmt::skip]
const WRONG: &[(&str, &str, &str)] = &[
    ("readFile", r#"{ "pth": "a" }"#, "readFile: unknown field `pth`; did you mean `path`? Example: await tools.readFile({"),
    ("readFile", r#"{ "path": 5 }"#, "`path` must be a string, not 5."),
    ("readFile", r#"5"#, "`path` must be a string, not 5."),
    ("readFile", r#"["a"]"#, "`path` must be a string, not a list."),
    ("readFile", r#"{}"#, "give `path` (a file) or `fileKey` (a kept text)."),
    ("readFile", r#"null"#, "give `path` (a file) or `fileKey`"),
    ("readFile", r#"{ "path": null }"#, "give `path` (a file) or `fileKey`"),
    ("readFile", r#"{ "path": "a", "fileKey": "K1" }"#, "give `path` or `fileKey`, not both."),
    ("readFile", r#"{ "path": "a", "offset": "3" }"#, "`offset` must be a whole number of 0 or more, not the string \"3\"."),
    ("readFile", r#"{ "path": "a", "offset": -1 }"#, "`offset` must be a whole number of 0 or more, not -1."),
    ("readFile", r#"{ "path": "a", "limit": 1.5 }"#, "`limit` must be a whole number of 0 or more, not 1.5."),
    ("readFile", r#"{ "path": "a", "limit": 1e300 }"#, "`limit` must be a whole number of 0 or more, not 1e+300."),
    ("readFile", r#"{ "path": "a", "limit": 99999999999999999999999 }"#, "`limit` must be a whole number of 0 or more, not 1e+23."),
    ("readFile", r#"{ "path": "a", "mode": "lines" }"#, "`mode` must be \"slice\" | \"indentation\", not the string \"lines\"."),
    ("readFile", r#"{ "path": "a", "mode": 1, "siblings": "yes", "x": 1 }"#, "`mode` must be \"slice\" | \"indentation\", not 1. `siblings` must be true or false, not the string \"yes\". unknown field `x`; fields are path, fileKey, offset, limit, mode, parents, siblings."),
    ("readFile", r#"{ "path": "a", "\u001b[2J\u202e": 1 }"#, "unknown field `\\x1b[2J\\u{202e}`; fields are"),
    ("readFile", r#"{ "path": { "a": { "b": [] } } }"#, "`path` must be a string, not an object."),
    ("listDir", r#"{ "dept": 1 }"#, "unknown field `dept`; did you mean `depth`?"),
    ("listDir", r#"{ "hidden": 1 }"#, "`hidden` must be true or false, not 1."),
    ("listDir", r#"true"#, "`path` must be a string, not true."),
    ("grepFiles", r#"{}"#, "`pattern` is missing: a string."),
    ("grepFiles", r#"{ "pattern": null }"#, "`pattern` must be a string, not null."),
    ("grepFiles", r#"{ "pattern": "" }"#, "`pattern` is empty."),
    ("grepFiles", r#"{ "patern": "x" }"#, "grepFiles: unknown field `patern`; did you mean `pattern`? Example"),
    ("grepFiles", r#"{ "query": "x" }"#, "unknown field `query`; fields are pattern, include, path, literal, caseSensitive, context, limit. `pattern` is missing: a string."),
    ("grepFiles", r#"{ "pattern": "x", "case_sensitive": true }"#, "did you mean `caseSensitive`?"),
    ("fileSearch", r#"{ "query": ["a", "b"] }"#, "`query` must be a string, not a list."),
    ("fileSearch", r#"{ "query": "a", "limit": true }"#, "`limit` must be a whole number of 0 or more, not true."),
    ("applyPatch", r#"{ "path": "a", "content": "b" }"#, "`content`; fields are patch, overwrite."),
    ("applyPatch", r#"{ "patch": "x", "overwrite": "no" }"#, "`overwrite` must be true or false, not the string \"no\"."),
    ("exec", r#"{ "command": "ls -l" }"#, "`command` must be a list (string[]), not the string \"ls -l\"."),
    ("exec", r#"{ "command": ["a", 1, null] }"#, "`command[1]` must be a string, not 1. `command[2]` must be a string, not null."),
    ("exec", r#"["ls"]"#, "`script` must be a string, not a list."),
    ("exec", r#"{ "command": ["a"], "env": { "A": 1, "B": "x" } }"#, "`env.A` must be a string, not 1."),
    ("exec", r#"{ "command": ["a"], "env": ["A=1"] }"#, "`env` must be an object, not a list."),
    ("exec", r#"{ "command": ["a"], "script": "b" }"#, "give `command` or `script`, not both."),
    ("exec", r#"{}"#, "give `command` (program and arguments) or `script`"),
    ("exec", r#"{ "command": ["a"], "timeout": 5 }"#, "unknown field `timeout`; did you mean `timeoutMs`?"),
    ("writeFile", r#"{ "path": "a" }"#, "give `content` (a text) or `fileKey` (a kept text)."),
    ("writeFile", r#"{ "path": "a", "content": "x", "fileKey": "K1" }"#, "give `content` or `fileKey`, not both."),
    ("writeFile", r#"{ "content": "x" }"#, "`path` is missing: a string."),
    ("writeFile", r#""a""#, "the argument must be an object"),
    ("writeFile", r#"{ "path": "a", "text": "x" }"#, "unknown field `text`"),
    ("updatePlan", r#"{}"#, "`steps` is missing: a list"),
    ("updatePlan", r#"{ "steps": [{ "text": "a" }] }"#, r#"`steps[0].status` is missing: "pending" | "inProgress" | "done"."#),
    ("updatePlan", r#"{ "steps": [{ "text": "a", "status": "ready" }] }"#, r#"`steps[0].status` must be "pending" | "inProgress" | "done", not the string "ready"."#),
    ("updatePlan", r#"{ "steps": [{ "text": " ", "status": "done" }] }"#, "the `text` of step 1 is empty."),
    ("updatePlan", r#"{ "steps": [{ "text": "a", "status": "inProgress" }, { "text": "b", "status": "in_progress" }] }"#, "2 steps are `inProgress`, and at most one can be."),
    ("saveToFC", r#"{ "note": "x" }"#, "give `fileKey` (a kept text) or `text`."),
    ("saveToFC", r#"{ "fileKey": "K1", "text": "x" }"#, "give `fileKey` or `text`, not both."),
    ("saveToFC", r#"{ "text": " " }"#, "`text` is empty."),
    ("fetchFromFC", r#"{}"#, "`fileKey` is missing: string | string[]."),
    ("fetchFromFC", r#"[]"#, "give 1 to 12 keys, not 0."),
    ("fetchFromFC", r#"["F1", 2]"#, "`fileKey` must be string | string[], not a list."),
    ("listFC", r#"{ "note": "x" }"#, "unknown field `note`"),
    ("board.post", r#"{ "title": "x" }"#, "`text` is missing: a string."),
    ("board.post", r#""""#, "`text` is empty."),
    ("board.post", r#"{ "text": "x", "turns": 0 }"#, "`turns` is 0; give 1 to 50."),
    ("board.post", r#"{ "text": "x", "turns": 51 }"#, "`turns` is 51; give 1 to 50."),
    ("symbols", r#"{}"#, "give `path` (a file), `query` (a name), or both."),
    ("definition", r#"{ "path": "a" }"#, "`line` is missing: "),
    ("askUser", r#"{ "question": " " }"#, "`question` is empty."),
    ("board.remove", r#"{}"#, "`id` is missing: a string."),
];

#[tokio::test]
async fn what_does_not_fit_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let cx = cx(folder.path());
    for (tool, arguments, expected) in WRONG {
        let error = prepare(&cx, tool, serde_json::from_str(arguments).unwrap()).await.err();
        let error = error.unwrap_or_else(|| panic!("{tool} {arguments} was taken"));
        assert_eq!(error.kind, ToolErrorKind::ToolArguments, "{tool} {arguments}");
        assert!(error.message.starts_with(&format!("{tool}: ")), "{error}");
        assert!(error.message.contains(expected), "{tool} {arguments}\n{error}\n{expected}");
        assert!(error.message.contains(&format!(" Example: await tools.{tool}(")), "{error}");
    }
}

#[tokio::test]
async fn many_problems_and_long_values_are_told_in_short() {
    let folder = tempfile::tempdir().unwrap();
    let cx = cx(folder.path());
    let mut many: Map<String, Value> =
        (0..1_000).map(|n| (format!("{n}{}", "x".repeat(9_000)), json!(1))).collect();
    many.insert("path".to_owned(), json!(["x".repeat(100_000)]));
    let error = prepare(&cx, "readFile", Value::Object(many)).await.err().unwrap();
    assert!(error.message.contains("And many more problems.") && error.message.len() < 3_000, "{error}");
    let some: Map<String, Value> = (0..7).map(|n| (format!("unknown{n}"), json!(1))).collect();
    assert!(
        prepare(&cx, "exec", Value::Object(some))
            .await
            .err()
            .unwrap()
            .message
            .contains("And 2 more problems.")
    );
    let long = json!({ "path": "a", "mode": "x".repeat(100_000) });
    let error = prepare(&cx, "readFile", long).await.err().unwrap();
    assert!(error.message.contains("xxx…\"") && error.message.len() < 400, "{error}");
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!({ "a": [deep] });
    }
    assert!(prepare(&cx, "exec", json!({ "command": ["a"], "env": deep })).await.is_err());
}

#[tokio::test]
async fn fitting_calls_are_taken_with_nulls_for_what_is_not_given() {
    let folder = tempfile::tempdir().unwrap();
    let cx = cx(folder.path());
    for (tool, arguments) in FITTING {
        let fitting: Value = serde_json::from_str(arguments).unwrap();
        assert!(prepare(&cx, tool, fitting.clone()).await.is_ok(), "{tool}");
        let spec = Registry::built_in().get(tool).unwrap().spec().clone();
        let mut with_nulls = fitting;
        for name in crate::validate::fields(&spec.input_schema) {
            with_nulls.as_object_mut().unwrap().entry(name).or_insert(Value::Null);
        }
        assert!(prepare(&cx, tool, with_nulls.clone()).await.is_ok(), "{tool} {with_nulls}");
        let huge: Map<String, Value> = with_nulls
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| {
                match ["offset", "limit", "depth", "context", "parents"].contains(&name.as_str()) {
                    true => (name.clone(), json!(u64::MAX)),
                    false => (name.clone(), value.clone()),
                }
            })
            .collect();
        let prepared =
            prepare(&cx, tool, Value::Object(huge)).await.unwrap_or_else(|error| panic!("{error}"));
        if ["readFile", "listDir", "grepFiles", "fileSearch"].contains(tool) {
            // No number is so large that it breaks the tool.
            let outcome = (prepared.run)(cx.clone()).await;
            assert!(outcome.is_ok() || *tool == "readFile", "{tool} {outcome:?}");
        }
    }
}

#[tokio::test]
async fn plain_arguments_stand_for_their_objects() {
    let folder = tempfile::tempdir().unwrap();
    let cx = cx(folder.path());
    for (tool, plain, line) in [
        ("readFile", "src/a", "readFile src/a"),
        ("listDir", "src", "listDir src"),
        ("grepFiles", "x y", "grepFiles \"x y\""),
        ("fileSearch", "x", "fileSearch \"x\""),
        ("applyPatch", "*** Begin Patch\n*** Add File: new.txt\n+x\n*** End Patch", "applyPatch new.txt"),
        ("exec", "true && echo x", "exec true && echo x"),
    ] {
        let prepared = prepare(&cx, tool, json!(plain)).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(prepared.line, line);
    }
}

#[tokio::test]
async fn kept_texts_are_read_by_their_key() {
    let folder = tempfile::tempdir().unwrap();
    let cx = cx(folder.path());
    let read = async |arguments: Value| {
        let prepared = prepare(&cx, "readFile", arguments).await?;
        let line = prepared.line.clone();
        (prepared.run)(cx.clone()).await.map(|output| (line, output))
    };
    let (line, output) = read(json!({ "fileKey": "K1", "offset": 2, "limit": 1 })).await.unwrap();
    assert_eq!(line, "readFile K1 from line 2, 1 lines");
    assert_eq!(output.summary, "K1 lines 2-2 of 3");
    assert_eq!((&output.value["text"], &output.value["truncated"]), (&json!("two\n"), &json!(true)));
    for key in ["K2", "", "../K1", "\u{1b}[2J"] {
        let error = read(json!({ "fileKey": key })).await.unwrap_err();
        assert_eq!(error.kind, ToolErrorKind::ToolFailed);
        assert!(
            error.message.contains("no text under the key") && error.message.contains("look like K3"),
            "{error}"
        );
        assert!(!error.message.contains('\u{1b}'), "{error}");
    }
}
