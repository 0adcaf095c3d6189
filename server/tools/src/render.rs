//! What the model reads of a script: a `<tool-results>` element, small by default and never silent about a side effect.
//! Pure; everything that came from files or commands has our reserved tags escaped by `context` before it is sent.

mod record;
#[cfg(test)]
mod tests;

use crate::{Task, Turn};
use glossator_script::{CallRecord, Outcome, ScriptError};
use glossator_session::{CallId, TaskState};
use serde_json::Value;
use std::fmt::Write;

/// Bytes of the whole element.
const WHOLE: usize = 64 * 1024;
/// Bytes of the call lines, the task lines and the console.
const CALLS: usize = 20 * 1024;
const TASKS: usize = 6 * 1024;
const CONSOLE: usize = 8 * 1024;
/// Bytes of an error's message, its excerpt and its hint.
const MESSAGE: usize = 8 * 1024;
const EXCERPT: usize = 2 * 1024;
/// Console lines that are shown: the last ones.
const CONSOLE_LINES: usize = 40;
/// Bytes of one line.
const LINE_CAP: usize = 400;

/// One call of a script.
#[derive(Debug, Clone, PartialEq)]
pub struct CallLine {
    /// Its place among the script's calls, from 1.
    pub number: u32,
    /// The tool, or what else was called (`spawn.wait`, `search`).
    pub name: String,
    /// The call in one line.
    pub line: String,
    /// Its outcome in one line; in a dry run what would become of it: `would ask: ...`.
    pub outcome: Result<String, String>,
    /// Wall time in milliseconds.
    pub millis: u64,
    /// Whether it only looks: many of these that went well are told together.
    pub looks: bool,
    /// Whether it was still running when the script had ended and its grace was over.
    pub orphaned: bool,
}

/// All that is told of one script.
pub(crate) struct Results<'a> {
    pub script: &'a CallId,
    pub outcome: &'a Outcome,
    pub calls: &'a [CallLine],
    pub tasks: &'a [Task],
    /// Whether nothing of it has happened.
    pub dry: bool,
}

/// The element for one script. `long` gives what stands for a value, as JSON, for which there is no room.
pub(crate) fn tool_results(results: &Results<'_>, long: &dyn Fn(&str) -> Option<Value>) -> String {
    let mut rest = String::new();
    console(&mut rest, results.outcome);
    record::calls(&mut rest, results.calls, results.dry, CALLS);
    tasks(&mut rest, results.tasks, results.dry);
    let (status, mut text) = match (&results.outcome.error, results.dry) {
        (Some(error), _) => ("failed", failure(error)),
        (None, true) => ("dry-run", String::new()),
        (None, false) => ("done", String::new()),
    };
    if results.dry {
        text.insert_str(
            0,
            "This was a dry run: nothing has happened; what calls gave back were placeholders.\n",
        );
    }
    if results.outcome.error.is_none() {
        let room = WHOLE.saturating_sub(rest.len() + text.len() + 200);
        let _ = writeln!(text, "returned: {}", value(results.outcome.value.as_ref(), room, long));
    }
    element(results.script, status, &format!("{text}{rest}"))
}

/// The element for a script that was only looked at.
pub(crate) fn checked(script: &CallId, outcome: &Outcome) -> String {
    match &outcome.error {
        Some(error) => element(script, "failed", &failure(error)),
        None => element(script, "checked", "The script can be run; nothing of it was.\n"),
    }
}

fn element(script: &CallId, status: &str, inner: &str) -> String {
    format!("<tool-results script=\"{script}\" status=\"{status}\">\n{inner}</tool-results>")
}

fn failure(error: &ScriptError) -> String {
    let place = match (error.line, error.column) {
        (Some(line), Some(column)) => format!(" at line {line}, column {column}"),
        (Some(line), None) => format!(" at line {line}"),
        _ => String::new(),
    };
    let message = indented(&cut_middle(&error.message, MESSAGE));
    let mut text = format!("error: {}{place}: {message}\n", error.name.as_str());
    if let Some(excerpt) = &error.excerpt {
        let _ = writeln!(text, "{}", cut_middle(excerpt, EXCERPT));
    }
    if let Some(hint) = &error.hint {
        let _ = writeln!(text, "hint: {}", indented(&cut_middle(hint, EXCERPT)));
    }
    text
}

/// Later lines moved in, so that what a tool says is not taken for another part of the element.
fn indented(text: &str) -> String {
    text.trim_end().replace("\r\n", "\n").replace(['\n', '\r'], "\n    ")
}

fn value(value: Option<&Value>, room: usize, long: &dyn Fn(&str) -> Option<Value>) -> String {
    let Some(value) = value else {
        return "undefined".to_owned();
    };
    let text = value.to_string();
    if text.len() <= room {
        return text;
    }
    let shorter = long(&text).map(|stands| stands.to_string()).filter(|stands| stands.len() <= room);
    shorter.unwrap_or_else(|| cut_middle(&text, room))
}

fn console(text: &mut String, outcome: &Outcome) {
    if outcome.console.is_empty() {
        return;
    }
    let mut room = CONSOLE;
    let mut lines: Vec<String> = Vec::new();
    for line in outcome.console.iter().rev().take(CONSOLE_LINES) {
        let line = format!("  {}: {}\n", one_line(&line.level, 40), one_line(&line.text, LINE_CAP));
        if line.len() > room {
            break;
        }
        room -= line.len();
        lines.push(line);
    }
    text.push_str("console:\n");
    let left_out = outcome.console.len() - lines.len();
    if left_out > 0 {
        let _ = writeln!(text, "  ({left_out} earlier lines left out)");
    }
    text.extend(lines.into_iter().rev());
}

fn tasks(text: &mut String, tasks: &[Task], dry: bool) {
    if tasks.is_empty() {
        return;
    }
    text.push_str(if dry { "tasks it would start:\n" } else { "tasks started:\n" });
    let mut room = TASKS;
    for (at, task) in tasks.iter().enumerate() {
        let line = format!("  {}: {} -> {}\n", task.id, one_line(&task.line, LINE_CAP / 2), told(task));
        if line.len() > room {
            let _ = writeln!(text, "  ({} more left out; see await tools.spawn.list())", tasks.len() - at);
            break;
        }
        room -= line.len();
        text.push_str(&line);
    }
    if tasks.iter().any(Task::runs) {
        text.push_str(
            "  (They go on without the script; tools.spawn.status, .wait, .result and .cancel take the id.)\n",
        );
    }
}

/// How far a task came, in one line.
fn told(task: &Task) -> String {
    let millis = task.millis.map(|millis| format!(" ({millis} ms)")).unwrap_or_default();
    let state = task.state_name();
    match &task.state {
        TaskState::Running { .. } | TaskState::Lost => state.to_owned(),
        TaskState::Done { summary, file_key, .. } => {
            let key =
                file_key.as_ref().map(|key| format!(", result under fileKey {key}")).unwrap_or_default();
            format!("{state}: {}{key}{millis}", one_line(summary, LINE_CAP / 2))
        }
        TaskState::Failed { error } => format!("{state}: {}{millis}", one_line(&error.to_string(), LINE_CAP)),
    }
}

/// A call of which the engine alone knows: it waited for its turn, or was refused before a tool was asked.
pub(crate) fn never_begun(record: &CallRecord) -> CallLine {
    let summary = record.summary.as_deref().unwrap_or_default();
    CallLine {
        number: record.number,
        name: record.name.clone(),
        line: one_line(&format!("{} {summary}", record.name), LINE_CAP),
        outcome: Err(record.error.clone().unwrap_or_else(|| "it was not begun".to_owned())),
        millis: record.millis,
        looks: false,
        orphaned: record.orphaned,
    }
}

/// A call in one line, as long as no tool has looked at it.
pub(crate) fn rough(name: &str, args: &Value, turn: &dyn Turn) -> String {
    let text = match args {
        Value::String(text) => clean_ends(text, turn),
        Value::Object(map) if map.is_empty() => return name.to_owned(),
        args => clean_ends(&args.to_string(), turn),
    };
    one_line(&format!("{name} {text}"), LINE_CAP)
}

/// The ends of a text without secrets, long enough to be cut from: a secret that is halved here lies where nothing is shown.
pub(crate) fn clean_ends(text: &str, turn: &dyn Turn) -> String {
    const END: usize = 4 * 1024;
    if text.len() <= 2 * END {
        return turn.redact(text);
    }
    let (head, tail) = (text.floor_char_boundary(END), text.ceil_char_boundary(text.len() - END));
    let (start, end) = (turn.redact(&text[..head]), turn.redact(&text[tail..]));
    // Cut here, so that the number is right.
    let start = &start[..start.floor_char_boundary(LINE_CAP / 2)];
    let end = &end[end.ceil_char_boundary(end.len().saturating_sub(LINE_CAP / 4))..];
    format!("{start} … [{} bytes left out] … {end}", text.len() - start.len() - end.len())
}

/// `text` as one line of at most about `cap` bytes.
fn one_line(text: &str, cap: usize) -> String {
    cut_middle(text, cap).replace("\r\n", "⏎").replace(['\n', '\r'], "⏎")
}

/// `text`, or its head and tail with the number of bytes between them.
pub(crate) fn cut_middle(text: &str, cap: usize) -> String {
    if text.len() <= cap {
        return text.to_owned();
    }
    let head = text.floor_char_boundary(cap * 2 / 3);
    let tail = text.ceil_char_boundary(text.len() - cap / 3);
    format!("{} … [{} bytes left out] … {}", &text[..head], tail - head, &text[tail..])
}
