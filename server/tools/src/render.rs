//! What the model reads of a script: a `<tool-results>` element, small by default and never silent about a side effect.
//! Pure; everything that came from files or commands has our reserved tags escaped by `context` before it is sent.

use glossator_script::Outcome;
use glossator_session::CallId;
use serde_json::Value;
use std::fmt::Write;

/// Bytes of a returned value that are shown; the rest is cut in the middle and said.
const VALUE_CAP: usize = 64 * 1024;
/// Console lines that are shown: the last ones.
const CONSOLE_LINES: usize = 40;
/// Bytes of one line of the record.
const LINE_CAP: usize = 400;

/// One call of a script.
pub struct CallLine {
    /// Its place among the script's calls.
    pub number: u32,
    /// The call in one line.
    pub line: String,
    /// Its outcome in one line.
    pub outcome: Result<String, String>,
    /// Wall time in milliseconds.
    pub millis: u64,
}

/// The element for one script.
pub fn tool_results(script: &CallId, outcome: &Outcome, calls: &[CallLine]) -> String {
    let status = if outcome.error.is_some() { "failed" } else { "done" };
    let mut text = format!("<tool-results script=\"{script}\" status=\"{status}\">\n");
    if let Some(error) = &outcome.error {
        let place = match (error.line, error.column) {
            (Some(line), Some(column)) => format!(" at line {line}, column {column}"),
            (Some(line), None) => format!(" at line {line}"),
            _ => String::new(),
        };
        let _ = writeln!(text, "error: {}{place}: {}", error.name.as_str(), error.message);
        for part in [&error.excerpt, &error.hint].into_iter().flatten() {
            let _ = writeln!(text, "{part}");
        }
    } else {
        let _ = writeln!(text, "returned: {}", value(outcome.value.as_ref()));
    }
    console(&mut text, outcome);
    record(&mut text, outcome, calls);
    text.push_str("</tool-results>");
    text
}

fn value(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "undefined".to_owned();
    };
    let text = value.to_string();
    cut_middle(&text, VALUE_CAP)
}

fn console(text: &mut String, outcome: &Outcome) {
    if outcome.console.is_empty() {
        return;
    }
    let left_out = outcome.console.len().saturating_sub(CONSOLE_LINES);
    text.push_str("console:\n");
    if left_out > 0 {
        let _ = writeln!(text, "  ({left_out} earlier lines left out)");
    }
    for line in &outcome.console[left_out..] {
        let _ = writeln!(text, "  {}: {}", line.level, cut_middle(&line.text, LINE_CAP));
    }
}

fn record(text: &mut String, outcome: &Outcome, calls: &[CallLine]) {
    if calls.is_empty() && outcome.calls.is_empty() {
        return;
    }
    text.push_str("calls:\n");
    for call in calls {
        let said = match &call.outcome {
            Ok(summary) => format!("ok: {}", cut_middle(summary, LINE_CAP)),
            Err(error) => format!("failed: {}", cut_middle(error, LINE_CAP)),
        };
        let line = cut_middle(&call.line.replace('\n', "⏎"), LINE_CAP);
        let _ =
            writeln!(text, "  {}. {line} -> {} ({} ms)", call.number, said.replace('\n', "⏎"), call.millis);
    }
    for orphan in outcome.calls.iter().filter(|call| call.orphaned) {
        let _ = writeln!(
            text,
            "  {}. {} was still running when the script ended, and was cancelled",
            orphan.number, orphan.name
        );
    }
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
