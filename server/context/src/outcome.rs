//! What tools and scripts came to, as the model reads it.

use crate::escape::escape_reserved;
use crate::round::Round;
use glossator_session::{CallId, ItemBody, Part, ToolCall, ToolError, ToolOutput};
use serde_json::Value;
use std::fmt::Write;

/// Characters of one call in the record of an aborted script.
const LINE_CHARS: usize = 200;

/// The outputs of the round's native calls, in the order of the calls. A call without an output gets one that says so:
/// wires refuse a call that is never answered.
pub(crate) fn native_outputs(round: &Round) -> Vec<Part> {
    let outputs = round.native_calls().map(|call| match round.output(&call.id) {
        Some(outcome) => part(&call.id, outcome),
        None => Part::ToolOutput {
            images: Vec::new(),
            id: call.id.clone(),
            text: "aborted: the turn was stopped before this call ended. It may have taken effect in part."
                .to_owned(),
            is_error: true,
        },
    });
    outputs.collect()
}

fn part(id: &CallId, outcome: &Result<ToolOutput, ToolError>) -> Part {
    let (text, is_error) = match outcome {
        Ok(output) => (value_text(output), false),
        Err(error) => (error.to_string(), true),
    };
    Part::ToolOutput {
        id: id.clone(),
        text: escape_reserved(&text).into_owned(),
        images: Vec::new(),
        is_error,
    }
}

fn value_text(output: &ToolOutput) -> String {
    let text = match &output.value {
        Value::String(text) => text.clone(),
        Value::Null => output.summary.clone(),
        value => value.to_string(),
    };
    if text.trim().is_empty() { "done, without output".to_owned() } else { text }
}

/// The `<tool-results>` elements of the round's scripts, in the order in which they ran.
pub(crate) fn script_results(round: &Round) -> Vec<String> {
    let mut results: Vec<String> = Vec::new();
    let mut reported: Vec<&CallId> = Vec::new();
    for body in round.bodies() {
        match body {
            ItemBody::ScriptOutput { script, text, .. } if !reported.contains(&script) => {
                reported.push(script);
                results.push(sealed(text));
            }
            ItemBody::Script { id, .. } if !round.has_script_output(id) => {
                results.push(aborted_script(round, id))
            }
            _ => {}
        }
    }
    results
}

/// Makes sure that nothing inside the element can end it or open another.
fn sealed(text: &str) -> String {
    const CLOSE: &str = "</tool-results>";
    let text = text.trim();
    let open = text.starts_with("<tool-results").then(|| text.find('>')).flatten();
    match (open, text.strip_suffix(CLOSE)) {
        (Some(open), Some(inner)) if open < inner.len() => {
            format!("{}{}{CLOSE}", &text[..=open], escape_reserved(&inner[open + 1..]))
        }
        _ => format!("<tool-results>\n{}\n{CLOSE}", escape_reserved(text)),
    }
}

/// What is known of a script that never reported: the calls it had made, so that no side effect is kept silent.
fn aborted_script(round: &Round, id: &CallId) -> String {
    let mut text = String::from("The script was stopped before it ended; no value came back.");
    let calls: Vec<&ToolCall> = round.calls_of(id).collect();
    text.push_str(if calls.is_empty() {
        " It had made no tool calls."
    } else {
        " The tool calls it had made:"
    });
    for call in calls {
        let _ = write!(text, "\n- {}", call_line(call, round.output(&call.id)));
    }
    format!("<tool-results status=\"aborted\">\n{}\n</tool-results>", escape_reserved(&text))
}

/// A call and what came of it, in one line.
pub(crate) fn call_line(call: &ToolCall, outcome: Option<&Result<ToolOutput, ToolError>>) -> String {
    let outcome = match outcome {
        Some(Ok(output)) => format!("done: {}", output.summary),
        Some(Err(error)) => error.to_string(),
        None => "stopped; it may have taken effect in part".to_owned(),
    };
    shorten(&format!("{}({}) -> {outcome}", call.name, call.arguments).replace(['\n', '\r'], " "))
}

/// One line of at most [`LINE_CHARS`] characters: what a call was stands at its start, what came of it at its end.
fn shorten(line: &str) -> String {
    let count = line.chars().count();
    if count <= LINE_CHARS {
        return line.to_owned();
    }
    let start: String = line.chars().take(LINE_CHARS / 2).collect();
    let end: String = line.chars().skip(count - LINE_CHARS / 2).collect();
    format!("{start} ... {end}")
}
