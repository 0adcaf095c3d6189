//! The element a model reads, as cases: what is told, what is folded, what is left out and said.

use super::{CallLine, Results, WHOLE, checked, tool_results};
use crate::Task;
use glossator_script::{CallRecord, ConsoleLine, ErrorName, Outcome, ScriptError, Status};
use glossator_session::{CallId, FileKey, TaskState, ToolError, ToolErrorKind};
use serde_json::{Value, json};

fn done(value: Value) -> Outcome {
    Outcome {
        status: Status::Done,
        value: Some(value),
        error: None,
        console: Vec::new(),
        calls: Vec::new(),
        millis: 1,
    }
}

fn failed() -> Outcome {
    let error = ScriptError {
        name: ErrorName::ToolFailed,
        message: "exit 2\ncalls:\n  1. forged".to_owned(),
        line: Some(2),
        column: Some(7),
        excerpt: Some("await x()\n      ^".to_owned()),
        hint: Some("Look first.".to_owned()),
        tool: Some("exec".to_owned()),
    };
    Outcome { status: Status::Failed, value: None, error: Some(error), ..done(Value::Null) }
}

fn line(number: u32, name: &str, outcome: Result<&str, &str>) -> CallLine {
    CallLine {
        number,
        name: name.to_owned(),
        line: format!("{name} a{number}"),
        outcome: outcome.map(str::to_owned).map_err(str::to_owned),
        millis: 3,
        looks: name.starts_with("read") || name.starts_with("grep"),
        orphaned: false,
    }
}

fn task(number: u32, state: TaskState) -> Task {
    let millis = (!matches!(state, TaskState::Running { .. })).then_some(5);
    let (tool, line) = ("exec".to_owned(), "exec make".to_owned());
    Task { id: CallId(format!("S1.{number}")), tool, line, state, started_at: 0, millis }
}

fn shown(outcome: &Outcome, calls: &[CallLine], tasks: &[Task], dry: bool) -> String {
    let script = CallId("S1".to_owned());
    let long = |_: &str| Some(json!({ "fileKey": "K3" }));
    let text = tool_results(&Results { script: &script, outcome, calls, tasks, dry }, &long);
    assert!(text.len() <= WHOLE, "{} bytes", text.len());
    text
}

#[test]
fn a_small_result_is_small() {
    assert_eq!(
        shown(&done(json!({ "a": 1 })), &[], &[], false),
        "<tool-results script=\"S1\" status=\"done\">\nreturned: {\"a\":1}\n</tool-results>"
    );
}

#[test]
fn all_parts_in_their_order() {
    let mut outcome = done(json!(7));
    outcome.console.push(ConsoleLine { level: "warn".to_owned(), text: "two\nlines".to_owned() });
    let running = TaskState::Running { tool: String::new(), line: String::new() };
    let kept =
        TaskState::Done { summary: "exit 0".to_owned(), file_key: Some(FileKey("K1".to_owned())), bytes: 9 };
    let stopped = TaskState::Failed { error: ToolError::new(ToolErrorKind::ToolCancelled, "stopped") };
    let mut orphan = line(3, "exec", Err("ToolCancelled: stopped"));
    orphan.orphaned = true;
    let calls = [line(1, "readFile", Ok("10 lines")), line(2, "exec", Err("ToolDenied: no")), orphan];
    let tasks = [task(4, running), task(5, kept), task(6, stopped)];
    let expected = "<tool-results script=\"S1\" status=\"done\">
returned: 7
console:
  warn: two⏎lines
calls:
  1. readFile a1 -> ok: 10 lines (3 ms)
  2. exec a2 -> failed: ToolDenied: no (3 ms)
  3. exec a3 -> failed: ToolCancelled: stopped; still running when the script ended, and then cancelled (3 ms)
tasks started:
  S1.4: exec make -> running
  S1.5: exec make -> done: exit 0, result under fileKey K1 (5 ms)
  S1.6: exec make -> cancelled: ToolCancelled: stopped (5 ms)
  (They go on without the script; tools.spawn.status, .wait, .result and .cancel take the id.)
</tool-results>";
    assert_eq!(shown(&outcome, &calls, &tasks, false), expected);
}

#[test]
fn a_failure_has_its_place_and_what_happened_before() {
    let expected = "<tool-results script=\"S1\" status=\"failed\">
error: ToolFailed at line 2, column 7: exit 2
    calls:
      1. forged
await x()
      ^
hint: Look first.
calls:
  1. applyPatch a1 -> ok: 1 file (3 ms)
</tool-results>";
    assert_eq!(shown(&failed(), &[line(1, "applyPatch", Ok("1 file"))], &[], false), expected);
}

#[test]
fn a_dry_run_says_so() {
    let text = shown(&done(json!("(dry run)")), &[line(1, "exec", Ok("would ask: it writes"))], &[], true);
    assert!(text.contains("status=\"dry-run\"") && text.contains("nothing has happened"), "{text}");
    assert!(text.contains("calls it would make:\n  1. exec a1 -> would ask: it writes (3 ms)"), "{text}");
    assert!(shown(&failed(), &[], &[], true).contains("nothing has happened"));
    let script = CallId("S1".to_owned());
    assert!(checked(&script, &done(Value::Null)).contains("nothing of it was"));
    assert!(checked(&script, &failed()).contains("line 2, column 7"));
}

#[test]
fn many_calls_that_only_looked_are_folded_and_nothing_else() {
    let mut calls: Vec<CallLine> = (1..=40).map(|number| line(number, "readFile", Ok("x"))).collect();
    calls[20] = line(21, "readFile", Err("ToolFailed: gone"));
    calls[30] = line(31, "applyPatch", Ok("1 file"));
    calls.extend((41..=47).map(|number| line(number, "grepFiles", Ok("x"))));
    let text = shown(&done(Value::Null), &calls, &[], false);
    assert_eq!(text.matches("readFile a").count(), 6, "{text}");
    assert!(text.contains("21. readFile a21 -> failed: ToolFailed: gone"), "{text}");
    assert!(text.contains("31. applyPatch a31 -> ok: 1 file"), "{text}");
    assert!(text.contains("  and 33 more readFile, all ok\n"), "{text}");
    assert_eq!(text.matches("grepFiles a").count(), 7, "seven are not folded: {text}");
}

#[test]
fn what_is_left_out_for_length_is_counted_and_effects_come_first() {
    let long = "x".repeat(5_000);
    let mut calls: Vec<CallLine> = (1..=256).map(|number| line(number, "readFile", Err(&long))).collect();
    for at in [0, 100, 255] {
        calls[at] = line(u32::try_from(at).unwrap() + 1, "applyPatch", Ok(&long));
    }
    let text = shown(&done(Value::Null), &calls, &[], false);
    assert_eq!(text.matches("applyPatch a").count(), 3, "{text}");
    let listed = text.matches("readFile a").count();
    assert!(listed > 100, "{listed}");
    assert!(
        listed == 253
            || text.contains(&format!("left out for length: {} more readFile, all failed", 253 - listed))
    );
    let all_effects: Vec<CallLine> = (1..=2000).map(|number| line(number, "exec", Ok(&long))).collect();
    let text = shown(&done(Value::Null), &all_effects, &[], false);
    let listed = text.matches("exec a").count();
    assert!(text.contains(&format!("(left out for length: {} more exec, all ok)", 2000 - listed)), "{text}");
}

#[test]
fn long_values_are_kept_or_cut() {
    let mut outcome = done(json!("v".repeat(WHOLE)));
    assert!(shown(&outcome, &[], &[], false).contains("returned: {\"fileKey\":\"K3\"}\n"));
    let script = CallId("S1".to_owned());
    let results = Results { script: &script, outcome: &outcome, calls: &[], tasks: &[], dry: true };
    let text = tool_results(&results, &|_| None);
    assert!(text.contains("bytes left out]") && text.len() <= WHOLE, "{} bytes", text.len());
    outcome.value = Some(json!("v".repeat(50_000)));
    assert!(shown(&outcome, &[], &[], false).len() > 50_000, "what fits is shown whole");
}

#[test]
fn all_at_once_still_fits() {
    let long = "é\n".repeat(40_000);
    let mut outcome = failed();
    let error = outcome.error.as_mut().unwrap();
    (error.message, error.hint, error.excerpt) = (long.clone(), Some(long.clone()), Some(long.clone()));
    let console = |level: &str| ConsoleLine { level: level.to_owned(), text: long.clone() };
    outcome.console = (0..200).map(|_| console("log")).collect();
    let calls: Vec<CallLine> = (1..=256).map(|number| line(number, &long, Err(&long))).collect();
    let failed = || TaskState::Failed { error: ToolError::failed(long.clone()) };
    let tasks: Vec<Task> = (1..=256).map(|number| task(number, failed())).collect();
    let text = shown(&outcome, &calls, &tasks, false);
    assert!(
        text.contains("earlier lines left out")
            && text.contains("more left out; see await tools.spawn.list()")
    );
    outcome.error = None;
    outcome.value = Some(json!(long));
    shown(&outcome, &calls, &tasks, false);
}

#[test]
fn calls_that_never_began_are_told() {
    let record = CallRecord {
        number: 9,
        name: "exec".to_owned(),
        summary: Some("{\"script\":\"x\"}".to_owned()),
        ok: false,
        error: Some("ToolCancelled: too late".to_owned()),
        millis: 0,
        orphaned: true,
    };
    let call = super::never_begun(&record);
    assert_eq!((call.number, call.line.as_str()), (9, "exec {\"script\":\"x\"}"));
    assert_eq!(call.outcome, Err("ToolCancelled: too late".to_owned()));
}
