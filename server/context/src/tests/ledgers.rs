//! What the ledger holds after a log, how it is bounded, and how it is written.

use super::*;
use proptest::prelude::*;
use std::path::Path;

pub(super) fn fold(items: &[Item]) -> Ledger {
    fold_from(None, items)
}

pub(super) fn fold_from(base: Option<&Ledger>, items: &[Item]) -> Ledger {
    let shown = |path: &Path| path.strip_prefix("/work").unwrap_or(path).display().to_string();
    let redact = |text: &str| text.replace("hunter2", "[secret]");
    ledger(base, items, &LedgerWords { path: &shown, redact: &redact, folders: folders() })
}

/// A call and its outcome.
fn called(
    log: Log,
    name: &str,
    arguments: serde_json::Value,
    outcome: Result<serde_json::Value, ToolErrorKind>,
) -> Log {
    let id = CallId(format!("c{}", log.items.len()));
    let call = ToolCall { id: id.clone(), name: name.into(), arguments };
    let outcome = match outcome {
        Ok(value) => Ok(ToolOutput { value, summary: "s".into() }),
        Err(kind) => Err(ToolError::new(kind, "no")),
    };
    log.add(ItemBody::ToolCall { call, script: Some("s".into()) }).add(ItemBody::ToolOutput {
        call: id,
        outcome,
        millis: 1,
    })
}

fn edited(
    log: Log,
    id: &str,
    (action, inverse): (serde_json::Value, serde_json::Value),
    hunks: &[&str],
) -> Log {
    let format = json!({ "encoding": "utf8", "bom": false, "line_ending": "lf" });
    let mut file =
        json!({ "path": "/work/a.rs", "base": { "kind": "disk", "hash": "h0" }, "format": format });
    file["action"] = action;
    let hunks: Vec<_> = hunks.iter().map(|id| hunk(id, None)).collect();
    let state = json!({ "is": "intended", "change": { "files": [file] }, "inverse": { "files": inverse },
        "hunks": serde_json::to_value(hunks).unwrap() });
    log.add(ItemBody::ChangeSet { id: id.into(), state: serde_json::from_value(state).unwrap() })
}

fn hunk(id: &str, verdict: Option<HunkVerdict>) -> HunkRecord {
    HunkRecord {
        id: id.into(),
        path: "/work/a.rs".into(),
        part: HunkPart::Lines,
        base: "old\n".into(),
        proposed: "new\n".into(),
        current: None,
        place: HunkPlace::default(),
        verdict,
    }
}

fn after(hash: &str) -> serde_json::Value {
    let format = json!({ "encoding": "utf8", "bom": false, "line_ending": "lf" });
    let action = json!({ "kind": "update", "edits": [], "move_to": null });
    json!([{ "path": "/work/a.rs", "base": { "kind": "disk", "hash": hash }, "action": action, "format": format }])
}

fn update() -> serde_json::Value {
    json!({ "kind": "update", "edits": [], "move_to": null })
}

fn state(log: Log, id: &str, state: ChangeState) -> Log {
    log.add(ItemBody::ChangeSet { id: id.into(), state })
}

/// Files in short: `path read edited turn`.
fn files(log: &Log) -> Vec<String> {
    let short =
        |hash: &Option<String>| hash.as_ref().map_or("-".to_owned(), |hash| hash.chars().take(4).collect());
    let files = fold(&log.items).files;
    files
        .iter()
        .map(|file| format!("{} {} {} {}", file.path, short(&file.read), short(&file.edited), file.turn))
        .collect()
}

#[test]
fn files_that_were_read_are_known_by_their_hash() {
    let whole =
        json!({ "path": "a.rs", "text": "x\n", "truncated": false, "source": "disk", "hash": "abcdef" });
    let part = json!({ "path": "b.rs", "text": "x\n", "truncated": true, "source": "buffer" });
    let kept = json!({ "path": "K3", "text": "x\n", "truncated": false, "source": "kept" });
    let log = Log::default().user("p");
    let log = called(log, "readFile", json!({ "path": "./a.rs" }), Ok(whole.clone()));
    let log = called(log, "readFile", json!("b.rs"), Ok(part));
    let log = called(log, "readFile", json!({ "fileKey": "K3" }), Ok(kept));
    let log = called(log, "readFile", json!({ "path": "c.rs" }), Err(ToolErrorKind::ToolFailed));
    let log = called(log.user("p"), "readFile", json!({ "path": "a.rs" }), Ok(whole));
    assert_eq!(files(&log), ["a.rs abcd - T-2", "b.rs - - T-1"]);
}

#[test]
fn files_that_were_edited_are_known_by_what_the_edit_left() {
    let log = Log::default().user("p");
    let one = edited(log, "C1", (update(), after("aaaa")), &["C1.1"]);
    assert_eq!(files(&one), ["a.rs - aaaa T-1"], "before its outcome is known");
    let failed = state(one.clone(), "C1", ChangeState::Failed { message: "no".into() });
    assert_eq!(files(&failed), Vec::<String>::new());
    let one = state(one, "C1", ChangeState::Committed);
    let two = edited(one.clone().user("p"), "C2", (update(), after("bbbb")), &[]);
    assert_eq!(files(&two), ["a.rs - bbbb T-2"]);
    let failed = state(two, "C2", ChangeState::Failed { message: "no".into() });
    assert_eq!(files(&failed), ["a.rs - aaaa T-1"], "what was known before holds again");
    let gone = edited(one.clone(), "C3", (json!({ "kind": "delete", "text": "x" }), json!([])), &[]);
    assert_eq!(files(&gone), ["a.rs - dele T-1"]);
    let moved = json!({ "kind": "update", "edits": [], "move_to": "/work/b.rs" });
    let mut back = after("cccc");
    back[0]["path"] = json!("/work/b.rs");
    assert_eq!(files(&edited(one, "C4", (moved, back), &[])), ["a.rs - dele T-1", "b.rs - cccc T-1"]);
}

#[test]
fn commands_are_known_by_their_exit_codes() {
    let ran = |code: i64| Ok(json!({ "exitCode": code, "stdout": "" }));
    let log = Log::default().user("p");
    let log = called(log, "exec", json!({ "command": ["cargo", "test"] }), ran(1));
    let log = called(log, "exec", json!({ "script": "make all |\n tee log hunter2" }), ran(0));
    let log = called(log, "exec", json!("ls"), Err(ToolErrorKind::ToolTimeout));
    let log = called(log, "exec", json!("rm -rf /"), Err(ToolErrorKind::ToolDenied));
    let log = called(log, "exec", json!({ "script": "apply_patch" }), Ok(json!({ "files": [] })));
    let log = called(log, "grepFiles", json!("x"), ran(0));
    let log = called(log.user("p"), "exec", json!({ "command": ["cargo", "test"] }), ran(0));
    let commands = fold(&log.items).commands;
    let found: Vec<_> = commands.iter().map(|it| (it.turn.0, it.line.as_str(), it.exit_code)).collect();
    assert_eq!(
        found,
        [(1, "make all | tee log [secret]", Some(0)), (1, "ls", None), (2, "cargo test", Some(0))],
        "the last run of a command counts"
    );
}

#[test]
fn tasks_keys_and_hunks_are_what_is_open() {
    let task = |log: Log, id: &str, state| log.add(ItemBody::Task { id: id.into(), state });
    let running = |line: &str| TaskState::Running { tool: "exec".into(), line: line.into() };
    let log = Log::default().user("p");
    let log =
        task(task(task(log, "S1", running("exec make")), "S2", running("cargo doc")), "S3", running("x"));
    let log = task(log, "S1", TaskState::Done { summary: "s".into(), file_key: Some("K1".into()), bytes: 7 });
    let log = task(log, "S3", TaskState::Lost).kept("K2", false).post("B1", 1);
    let value = json!({ "pages": [{ "fileKey": "K5", "title": "A page", "bytes": 3 }, { "fileKey": "K1" }], "text": "fileKey K9" });
    let log = called(log, "fetchUrl", json!("x"), Ok(value));
    let log = edited(log, "C1", (update(), after("aaaa")), &["C1.1", "C1.2", "C1.3"]);
    let undone = HunkRecord { current: Some("old\n".into()), ..hunk("C1.3", None) };
    let hunks = vec![hunk("C1.2", Some(HunkVerdict::Kept)), undone];
    let log = state(log, "C1", ChangeState::Reviewed { hunks, by: ReviewedBy::User });
    let found = fold(&log.items);
    let tasks: Vec<_> = found.tasks.iter().map(|task| (task.id.0.as_str(), task.line.as_str())).collect();
    assert_eq!(tasks, [("S2", "exec cargo doc")]);
    let keys: Vec<_> =
        found.keys.iter().map(|key| (key.key.0.as_str(), key.what.as_str(), key.bytes)).collect();
    assert_eq!(
        keys,
        [
            ("K1", "result of exec make", 7),
            ("K2", "a text", 9),
            ("K7", "A <T-1> page", 5),
            ("K5", "A page", 3)
        ]
    );
    let hunks: Vec<_> = found.hunks.iter().map(|hunk| (hunk.id.0.as_str(), hunk.path.as_str())).collect();
    assert_eq!(hunks, [("C1.1", "a.rs")]);
    let open_again = state(
        log.clone(),
        "C1",
        ChangeState::Reviewed { hunks: vec![hunk("C1.2", None)], by: ReviewedBy::User },
    );
    assert_eq!(fold(&open_again.items).hunks.len(), 2);
    assert!(fold(&state(log, "C1", ChangeState::Undone).items).hunks.is_empty());
}

#[test]
fn a_task_that_began_before_a_compaction_is_a_command_of_the_ledger() {
    let running = TaskState::Running { tool: "exec".into(), line: "exec make".into() };
    let before =
        fold(&Log::default().user("p").add(ItemBody::Task { id: "S1".into(), state: running }).items);
    let value = json!({ "exitCode": 2 });
    let later = Log::default().user("p").output("S1", value);
    let commands = fold_from(Some(&before), &later.items).commands;
    assert_eq!(commands, [LedgerCommand { turn: TurnId(1), line: "make".into(), exit_code: Some(2) }]);
}

#[test]
fn the_first_and_the_latest_prompt_are_never_left_out() {
    let mut log = Log::default().user(&format!("first {}", "x".repeat(20_000)));
    for n in 0..300 {
        log = log.user(&format!("number {n} {}", "y".repeat(500)));
    }
    let found = fold(&log.user(&format!("last {}", "z".repeat(3000))).items);
    let chars: usize = found.prompts.iter().map(|prompt| prompt.text.chars().count()).sum();
    assert!(chars < 24_000 + 2 * 8_200 && found.prompts.len() > 20, "{chars} in {}", found.prompts.len());
    assert!(found.prompts[0].text.starts_with("first x"));
    assert!(found.prompts.last().unwrap().text.len() == 3005);
    assert_eq!(found.left_out as usize + found.prompts.len(), 302);
    let turns: Vec<u32> = found.prompts.iter().skip(1).map(|prompt| prompt.turn.0).collect();
    assert!(
        turns.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "no holes but the one in the middle: {turns:?}"
    );
    assert_eq!(fold_from(Some(&found), &[]), found, "what was cut once is not cut again");
}

#[test]
fn each_kind_is_bounded() {
    let mut log = Log::default().user("p");
    for n in 0..1500 {
        let file = json!({ "path": format!("f{n}"), "text": "x", "truncated": true });
        log = called(log, "readFile", json!("x"), Ok(file));
        log = called(log, "exec", json!(format!("make {n}")), Ok(json!({ "exitCode": 0 })));
        log = called(log, "fetchUrl", json!("x"), Ok(json!({ "fileKey": format!("K{n}") })));
        log = log.prompt(&format!("Always do {n}."), &[]);
    }
    let found = fold(&log.items);
    assert_eq!(
        (found.files.len(), found.commands.len(), found.keys.len(), found.rules.len()),
        (100, 60, 100, 200)
    );
    assert_eq!(found.files[0].path, "f1400");
    let lines: Vec<&str> = found.commands.iter().map(|command| command.line.as_str()).collect();
    assert_eq!((lines[0], lines[4], lines[5], lines[59]), ("make 0", "make 4", "make 1445", "make 1499"));
    let left_out = (1500 - 60) + (1500 - 200) + (1501 - found.prompts.len());
    assert_eq!(found.left_out as usize, left_out);
    assert!(render_ledger(&found, 5_000).chars().count() < 6_000);
}

#[test]
fn it_is_written_with_what_matters_first() {
    let log = Log::default().user("First </ledger> <tool-calls>").user("Always use tabs.").user("Go on");
    let log = log.plan(&[("one", true), ("two", false)]);
    let log = edited(log, "C1", (update(), after("0123456789abcdef")), &["C1.1"]);
    let log = called(log, "exec", json!("make"), Ok(json!({ "exitCode": 0 })));
    let found = fold(&log.kept("K2", false).items);
    assert_eq!(
        render_ledger(&found, 10_000),
        "## The user's first request\n- T-1: First </ledger> &lt;tool-calls>\n\n\
         ## Requests since then\n- T-2: Always use tabs.\n\n\
         ## The user's latest request\n- T-3: Go on\n\n\
         ## Rules, in the user's words\n- T-2: Always use tabs.\n\n\
         ## Plan\n- [x] one\n- [ ] two\n\n\
         ## Files that were edited\n- a.rs (T-3, edited, then 0123456789ab)\n\n\
         ## Hunks that wait for the user\n- a.rs: C1.1\n\n\
         ## Commands that ran\n- T-3: make -> exit code 0\n\n\
         ## Kept texts\n- K2: a text (9 bytes)"
    );
    let small = render_ledger(&found, 160);
    assert!(
        small.contains("Always use tabs.")
            && small.contains("First <")
            && small.contains("older ones left out"),
        "{small}"
    );
    assert_eq!(render_ledger(&Ledger::default(), 100), "Nothing yet.");
}

fn eventful(log: Log, event: (u8, u8)) -> Log {
    let (kind, n) = event;
    let read =
        |n| json!({ "path": format!("f{n}.rs"), "text": "x", "truncated": false, "hash": format!("h{n}") });
    match kind {
        0 => called(log, "readFile", json!("x"), Ok(read(n))),
        1 => called(log, "exec", json!(format!("make {n}")), Ok(json!({ "exitCode": n }))),
        2 => {
            let id = format!("C{}", log.items.len());
            let hunk = format!("{id}.1");
            let log = edited(log, &id, (update(), after(&format!("e{n}"))), &[&hunk]);
            state(log, &id, ChangeState::Committed)
        }
        3 => log.plan(&[("a", n > 1), ("b", false)]),
        4 => log.kept(&format!("K{n}"), false),
        5 => {
            let running = TaskState::Running { tool: "exec".into(), line: format!("exec t{n}") };
            log.add(ItemBody::Task { id: CallId(format!("S{n}")), state: running })
        }
        6 => log.add(ItemBody::Task { id: CallId(format!("S{n}")), state: TaskState::Lost }),
        7 => log.post(&format!("B{n}"), 2),
        _ => log.prompt(&format!("Never do {n}. Go on."), &[]),
    }
}

proptest! {
    /// Wherever a session is cut between two turns: what was known and what came then is what is known of all.
    #[test]
    fn a_ledger_goes_on_from_a_ledger(
        turns in prop::collection::vec(prop::collection::vec((0..9u8, 0..4u8), 0..6), 1..8),
        cut in 0..8usize,
    ) {
        let mut log = Log::default();
        let mut at = 0;
        for (number, events) in turns.iter().enumerate() {
            if number == cut {
                at = log.items.len();
            }
            log = log.user(&format!("Prompt {number}."));
            for event in events {
                log = eventful(log, *event);
            }
        }
        let before = fold(&log.items[..at]);
        prop_assert_eq!(fold_from(Some(&before), &log.items[at..]), fold(&log.items));
        // It is what it is after a round trip through the log.
        let stored: Ledger = serde_json::from_str(&serde_json::to_string(&before).unwrap()).unwrap();
        prop_assert_eq!(stored, before);
    }

    /// Texts of users, files and models are whatever they are.
    #[test]
    fn no_text_breaks_what_reads_it(text in "(?s).{0,80}", marked in "[`@~.<>/:;\\-\n ruleéA。]{0,60}", chars in 0..200usize) {
        for text in [&text, &marked] {
            let log = Log::default().user(text).answer(text).agent(Some("a")).answer(text).script("s").agent(None);
            let log = log.done().user(text);
            let sent = prompt_with(&log, |inputs| inputs.user_prompt_cap_chars = chars);
            prop_assert_eq!(sent.messages.is_empty(), text.trim().is_empty());
            let shown = render_ledger(&fold(&log.items), chars);
            prop_assert_eq!(escape_reserved(&shown), shown.as_str());
            let _ = read_handover(text);
            let file = GuidanceFile { path: text.clone(), text: marked.clone(), may_import: true };
            let found = guidance(&[file], &Imported::new(), chars);
            prop_assert_eq!(found.docs.len(), 1);
        }
    }
}
