//! Tests of the table: every example is its type and nothing else, and the page and the TypeScript types are what the
//! table says. `GLOSSATOR_ACCEPT=1 cargo test -p glossator-protocol-ext` writes both anew.
#![allow(clippy::disallowed_methods, reason = "tests compare generated files of this repository")]

mod generate;

use crate::*;
use serde_json::{Value, json};
use std::path::Path;

#[test]
fn examples_are_their_types() {
    for row in MESSAGES {
        for shape in [Some(row.params), row.result].into_iter().flatten() {
            let parsed = (shape.parse)(shape.example)
                .unwrap_or_else(|error| panic!("{} of {}: {error}", shape.name, row.method));
            let example: Value = serde_json::from_str(shape.example).unwrap();
            assert_eq!(
                parsed, example,
                "{} of {} holds fields that the type has not",
                shape.name, row.method
            );
        }
        assert_eq!(row.kind == Kind::Request, row.result.is_some(), "{}", row.method);
        assert!(row.method.starts_with("glossator/"), "{}", row.method);
        assert!(row.doc.ends_with('.'), "{}", row.method);
    }
    let mut methods: Vec<_> = MESSAGES.iter().map(|row| row.method).collect();
    methods.sort_unstable();
    methods.dedup();
    assert_eq!(methods.len(), MESSAGES.len(), "a method is twice in the table");
}

#[test]
fn unknown_fields_are_ignored_everywhere() {
    for row in MESSAGES {
        for shape in [Some(row.params), row.result].into_iter().flatten() {
            let mut example: Value = serde_json::from_str(shape.example).unwrap();
            example["newInTheNextVersion"] = json!({ "a": [1] });
            (shape.parse)(&example.to_string()).unwrap_or_else(|error| panic!("{}: {error}", shape.name));
        }
    }
}

/// Parses an update and gives it back unchanged.
fn check_update(update: Value) {
    let params = json!({ "sessionId": "s", "seq": 1, "update": update });
    let parsed: SessionUpdateParams = serde_json::from_value(params.clone()).unwrap();
    assert_eq!(serde_json::to_value(parsed).unwrap(), params);
}

#[test]
fn updates_of_every_kind() {
    let answer = json!({ "decision": "deny", "grant": "once", "message": "not now" });
    let edit = json!({ "kind": "edit", "files": ["a.rs"], "diff": "-a\n+b\n" });
    for update in [
        json!({ "kind": "turnStarted" }),
        json!({ "kind": "itemDelta", "stream": "answer", "text": "I" }),
        json!({ "kind": "itemDelta", "stream": "answer", "text": "I", "agent": "reviewer" }),
        json!({ "kind": "session", "title": "Parser clean-up", "archived": true }),
        json!({ "kind": "session", "title": "t", "archived": false,
                "settings": { "model": "a/b", "pack": "core", "policy": "ask", "agents": ["reviewer"] } }),
        json!({ "kind": "itemStarted", "item": { "kind": "toolCall", "id": "c1", "title": "exec make" } }),
        json!({ "kind": "itemStarted", "item": { "kind": "script", "id": "script", "agent": "reviewer" } }),
        json!({ "kind": "itemStarted", "item": { "kind": "reasoning", "id": "reasoning" } }),
        json!({ "kind": "itemStarted", "item": { "kind": "answer", "id": "answer" } }),
        json!({ "kind": "plan", "plan": [{ "text": "look", "status": "done" }, { "text": "write", "status": "inProgress" },
                { "text": "test", "status": "pending" }] }),
        json!({ "kind": "queue", "prompts": [{ "id": "Q1", "input": [{ "kind": "text", "text": "t" }], "at": 7 }] }),
        json!({ "kind": "queue", "prompts": [], "waits": "T-1 was stopped" }),
        json!({ "kind": "itemCompleted", "item": { "id": 1, "kind": "hologram", "x": [1] } }),
        json!({ "kind": "changeSet", "id": "c1", "state": "committed", "files": ["a.rs"] }),
        json!({ "kind": "usage", "usage": { "input": 1, "cacheRead": 2, "cacheWrite": 3, "output": 4, "reasoning": 5 } }),
        json!({ "kind": "ask", "ask": { "id": "a", "call": "c", "title": "t", "reason": "r", "subject": edit,
                "grants": ["once", "session", "exact", "prefix", "directory", "always"] } }),
        json!({ "kind": "askResolved", "id": "a", "answer": answer }),
        json!({ "kind": "ask", "ask": { "id": "a", "call": "S1-1-1", "title": "t", "reason": "r",
                "subject": { "kind": "script", "source": "await tools.exec('ls')" }, "grants": ["once"] } }),
        json!({ "kind": "task", "sessionId": "s", "id": "S1.1", "tool": "exec", "line": "make", "state": "running",
                "startedAt": 7 }),
        json!({ "kind": "task", "sessionId": "s", "id": "S1.1", "tool": "exec", "line": "make", "state": "done",
                "startedAt": 7, "millis": 3, "summary": "exit code 0", "fileKey": "K1", "bytes": 12 }),
        json!({ "kind": "task", "sessionId": "s", "id": "S1.1", "tool": "exec", "line": "make", "state": "lost",
                "startedAt": 7, "error": "the server ended" }),
        json!({ "kind": "notice", "level": "warning", "text": "retrying 2/5 in 3 s" }),
        json!({ "kind": "turnCompleted", "status": "done" }),
        json!({ "kind": "turnCompleted", "status": "failed", "message": "no key" }),
    ] {
        check_update(update);
    }
    let with_null = json!({ "kind": "turnCompleted", "status": "limited", "message": null });
    assert!(serde_json::from_value::<Update>(with_null).is_ok());
}

#[test]
fn wrong_parameters_are_refused_with_a_reason() {
    for (row, bad) in [
        (method::TURN_START, json!({ "sessionId": "s" })),
        (method::TURN_START, json!({ "sessionId": 1, "input": [] })),
        (method::TURN_START, json!({ "sessionId": "s", "input": [{ "kind": "smell" }] })),
        (method::TURN_START, json!({ "sessionId": "s", "input": [{ "kind": "mention" }] })),
        (method::TURN_START, json!({ "sessionId": "s", "input": [], "mode": "dry" })),
        (method::TURN_START, json!({ "sessionId": "s", "input": [], "pack": ["core"] })),
        (method::TURN_STEER, json!({ "sessionId": "s" })),
        (method::TURN_STEER, json!({ "sessionId": "s", "input": "no" })),
        (method::TURN_STEER, json!({ "sessionId": "s", "input": [], "turnId": 1 })),
        (method::TURN_QUEUE, json!({ "input": [] })),
        (method::TURN_QUEUED, json!({})),
        (method::TURN_UNQUEUE, json!({ "sessionId": "s" })),
        (method::TURN_UNQUEUE, json!({ "sessionId": "s", "id": 3 })),
        (method::MODELS_LIST, json!({ "provider": ["a"] })),
        (method::GRANTS_LIST, json!({ "sessionId": 1 })),
        (method::GRANTS_REVOKE, json!({ "sessionId": 1, "id": "G1" })),
        (method::AUTH_LOGIN, json!({ "key": "k" })),
        (method::AUTH_LOGIN, json!({ "provider": "a", "key": 7 })),
        (method::AUTH_LOGOUT, json!({})),
        (method::PROMPT_COMPLETE, json!({ "text": "a" })),
        (method::PROMPT_COMPLETE, json!({ "text": "a", "position": { "line": -1, "character": 0 } })),
        (method::INPUT_ASK, json!({ "sessionId": "s", "turnId": "T-1", "askId": "a" })),
        (method::DIAGNOSTICS_READ, json!({ "uri": 7 })),
        (method::SYMBOLS_READ, json!({ "kind": "smells" })),
        (method::SCRIPT_CHECK, json!({})),
        (method::SCRIPT_CHECK, json!({ "source": ["a"] })),
        (method::SCRIPT_CHECK, json!({ "source": "a", "mode": "enabled" })),
        (method::SCRIPT_CHECK, json!({ "source": "a", "mode": null })),
        (method::TASKS_LIST, json!({ "sessionId": 7 })),
        (method::TASKS_CANCEL, json!({ "sessionId": "s" })),
        (method::TASKS_CANCEL, json!({ "id": "S1.1" })),
        (method::TOOLS_LIST, json!({ "pack": 1 })),
        (method::TRUST_SET, json!({ "trusted": "yes" })),
        (method::SESSION_READ, json!({ "sessionId": "s", "afterSeq": -1 })),
        (method::SESSION_READ, json!([])),
        (method::SESSION_READ, json!({ "sessionId": "s", "turns": -1 })),
        (method::SESSION_READ, json!({ "sessionId": "s", "before": 4 })),
        (method::SESSION_LIST, json!({ "limit": "all" })),
        (method::SESSION_LIST, json!({ "archived": "yes" })),
        (method::SESSION_SEARCH, json!({})),
        (method::SESSION_SEARCH, json!({ "text": "a", "kinds": "prompt" })),
        (method::SESSION_RESUME, json!({ "sessionId": 7 })),
        (method::SESSION_FORK, json!({ "turnId": "T-1" })),
        (method::SESSION_RENAME, json!({ "sessionId": "s" })),
        (method::SESSION_ARCHIVE, json!({ "sessionId": "s", "archived": 1 })),
        (method::SESSION_DELETE, json!({})),
        (method::SESSION_EXPORT, json!({ "sessionId": "s", "format": "pdf" })),
        (method::SESSION_IMPORT, json!({ "text": ["a"] })),
        (method::SESSION_CONFIGURE, json!({ "sessionId": "s", "agents": "reviewer" })),
        (method::SESSION_COMPACT, json!({})),
        (method::CONTEXT_PREVIEW, json!({ "input": [] })),
        (method::CONTEXT_SENT, json!({ "sessionId": "s", "round": "first" })),
        (method::USAGE_READ, json!({ "day": 20 })),
    ] {
        check_refused(row, &bad);
    }
}

/// Parameters that are not those of a method.
#[track_caller]
fn check_refused(row: &str, bad: &Value) {
    let row = MESSAGES.iter().find(|it| it.method == row).unwrap();
    assert!((row.params.parse)(&bad.to_string()).is_err(), "{bad}");
}

#[test]
fn wrong_parameters_of_board_cabinet_and_review_are_refused() {
    for (row, bad) in [
        (method::BOARD_POST, json!({ "sessionId": "s", "title": "t" })),
        (method::BOARD_REMOVE, json!({ "sessionId": "s" })),
        (method::CABINET_READ, json!({})),
        (method::CABINET_SAVE, json!({ "note": "n" })),
        (method::TURN_START, json!({ "sessionId": "s", "input": [], "agents": "reviewer" })),
        (method::TURN_START, json!({ "sessionId": "s", "input": [{ "kind": "image", "data": "" }] })),
        (method::CHANGE_SET_READ, json!({ "all": true })),
        (method::CHANGE_SET_READ, json!({ "sessionId": "s", "all": "yes" })),
        (method::CHANGE_SET_RESOLVE, json!({ "sessionId": "s" })),
        (method::CHANGE_SET_RESOLVE, json!({ "sessionId": "s", "decisions": [{ "hunk": "C1.1" }] })),
        (
            method::CHANGE_SET_RESOLVE,
            json!({ "sessionId": "s", "decisions": [{ "hunk": "C1.1", "resolution": "burn" }] }),
        ),
        (
            method::CHANGE_SET_RESOLVE,
            json!({ "sessionId": "s", "decisions": [{ "hunk": "C1.1", "resolution": { "edit": null } }] }),
        ),
    ] {
        check_refused(row, &bad);
    }
}

#[test]
fn clients_opt_in_with_a_version() {
    let of = |value: Value| Capability::of_client(&json!({ "glossator": value }));
    assert_eq!(of(json!({ "version": 1, "features": ["approvals", 7] })).unwrap().features, ["approvals"]);
    let plain = of(json!({ "version": 3 })).unwrap();
    assert_eq!((plain.version, plain.handles("approvals")), (3, true));
    assert!(of(json!({ "version": 1, "features": {} })).unwrap().handles("approvals"));
    assert!(!of(json!({ "version": 1, "features": ["turns"] })).unwrap().handles("approvals"));
    for bad in
        [json!(null), json!(true), json!([]), json!({}), json!({ "version": 0 }), json!({ "version": "1" })]
    {
        assert_eq!(of(bad.clone()), None, "{bad}");
    }
    assert_eq!(Capability::of_client(&Value::Null), None);
    let own = serde_json::to_value(Capability::server()).unwrap();
    assert_eq!(own["version"], VERSION);
    assert_eq!(Capability::of_client(&json!({ "glossator": own })), Some(Capability::server()));
}

#[test]
fn command_arguments_are_understood() {
    for row in COMMANDS {
        assert!(row.name.starts_with("glossator."), "{}", row.name);
        for example in row.examples {
            let arguments: Vec<Value> = serde_json::from_str(example).unwrap();
            for argument in arguments {
                let parsed = match row.name {
                    command::ASK => back::<AskArgument>(&argument),
                    command::EDIT => back::<EditArgument>(&argument),
                    command::SEND | command::APPLY_REVIEW => back::<SendArgument>(&argument),
                    command::UNDO_TURN | command::REDO_TURN | command::KEEP_ALL | command::REJECT_ALL => {
                        back::<TurnArgument>(&argument)
                    }
                    command::SESSIONS => back::<String>(&argument),
                    command::RESUME
                    | command::FORK
                    | command::RENAME_SESSION
                    | command::ARCHIVE_SESSION
                    | command::DELETE_SESSION
                    | command::EXPORT_SESSION
                    | command::COMPACT
                    | command::CONTEXT
                    | command::BOARD
                    | command::USAGE => back::<SessionArgument>(&argument),
                    command::KEEP_HUNK | command::REJECT_HUNK | command::REOPEN_HUNK | command::SHOW_HUNK => {
                        back::<HunkArgument>(&argument)
                    }
                    command::REVIEW => back::<ReviewArgument>(&argument),
                    command::NEXT_HUNK => back::<PlaceArgument>(&argument),
                    command::KEEP_FILE | command::REJECT_FILE => back::<FileArgument>(&argument),
                    command::CANCEL_TASK => back::<TaskArgument>(&argument),
                    command::APPROVE | command::DENY => back::<AnswerArgument>(&argument),
                    command::QUEUE | command::STEER => back::<AskArgument>(&argument),
                    command::CHAT => back::<ChatArgument>(&argument),
                    command::STOP => back::<StopArgument>(&argument),
                    command::FIX
                    | command::EXPLAIN
                    | command::TESTS
                    | command::DOCUMENT
                    | command::REVIEW_CODE
                    | command::DO_COMMENT => back::<CodeArgument>(&argument),
                    command::FORK_HERE => back::<ForkHereArgument>(&argument),
                    command::OPEN => back::<OpenArgument>(&argument),
                    command::APPLY_BLOCK => back::<BlockArgument>(&argument),
                    command::MODEL | command::PACK | command::POLICY | command::GRANTS => {
                        back::<ChoiceArgument>(&argument)
                    }
                    command::LOGIN | command::LOGOUT => back::<ProviderArgument>(&argument),
                    command::ANSWER => back::<QuestionArgument>(&argument),
                    name => panic!("{name} takes no arguments"),
                };
                assert_eq!(parsed, argument, "{}", row.name);
            }
        }
    }
}

fn back<T: serde::de::DeserializeOwned + serde::Serialize>(value: &Value) -> Value {
    serde_json::to_value(serde_json::from_value::<T>(value.clone()).unwrap()).unwrap()
}

/// Compares `path` (from the repository's top) with `wanted`, or writes it.
fn compare(path: &str, wanted: impl Fn(&str) -> String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let wanted = wanted(&found);
    if std::env::var_os("GLOSSATOR_ACCEPT").is_some() {
        std::fs::write(&path, wanted).unwrap();
        return;
    }
    assert!(
        found == wanted,
        "{} is not what the table of messages says. Look at the change, then accept it with\n    \
         GLOSSATOR_ACCEPT=1 cargo test -p glossator-protocol-ext",
        path.display()
    );
}

#[test]
fn the_page_is_what_the_table_says() {
    compare("docs/protocol.md", |page| {
        let page = generate::between(page, "messages", &generate::messages());
        let page = generate::between(&page, "commands", &generate::commands());
        generate::between(&page, "capability", &generate::capability())
    });
}

#[test]
fn the_typescript_types_are_what_the_types_say() {
    compare("protocol-ext/typescript/protocol.ts", |_| generate::typescript());
}
