//! Turns what went wrong in the engine into errors with a place in the script's own text and a hint.

use serde::Deserialize;

use super::clock::Trip;
use super::vm::{FILE, PREFIX};
use crate::excerpt::{char_column, excerpt};
use crate::{ErrorName, Limits, ScriptError, SyntaxError};

/// The prelude's description of a thrown value.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Described {
    name: String,
    message: String,
    stack: String,
    /// The name of the catalogue, for errors the harness made itself.
    known: String,
    /// The class of the engine it really is of, for those the engine throws at its bounds.
    made: String,
    tool: Option<String>,
    hint: Option<String>,
    is_null: bool,
    /// The heap was nearly full at some time.
    #[serde(skip)]
    pub was_full: bool,
}

impl Described {
    /// What stands for a description that is none.
    pub fn unreadable() -> Described {
        Described {
            message: "the script threw a value that cannot be shown".to_owned(),
            ..Described::default()
        }
    }
}

/// What a reference to something scripts do not have most likely wants.
const MISSING: &[(&str, &str)] = &[
    ("setTimeout", "Use `await sleep(ms)`."),
    ("setInterval", "Use a loop with `await sleep(ms)`."),
    ("require", "Scripts have no modules; use `tools`."),
    ("process", "Scripts see no process; use `tools.exec`, or `context`."),
    ("fetch", "Scripts have no network; use `tools`."),
    ("fs", "Scripts see no files; use `tools.readFile` and `tools.applyPatch`."),
    ("Deno", "Scripts see no system; use `tools`."),
    ("Bun", "Scripts see no system; use `tools`."),
];

/// A syntax error found before the engine saw the script.
pub fn syntax(error: SyntaxError) -> ScriptError {
    ScriptError {
        name: ErrorName::ScriptSyntaxError,
        message: error.message,
        line: Some(error.line),
        column: Some(error.column),
        excerpt: error.excerpt,
        hint: error.hint,
        tool: None,
    }
}

/// A clock that ran out.
pub fn timeout(trip: Trip, limits: &Limits) -> ScriptError {
    let (what, limit) = match trip {
        Trip::Cpu => ("CPU time", limits.cpu),
        Trip::Wall | Trip::Orphan => ("its own running time", limits.wall),
    };
    let message = format!("The script used up {what} ({} s)", limit.as_secs_f32());
    ScriptError::plain(ErrorName::ScriptTimeout, message)
        .hint("Look for a loop that never ends, or do the work in smaller scripts or in a tool.")
}

/// Nothing can happen any more, and the main promise is still pending.
pub fn stuck() -> ScriptError {
    ScriptError::plain(ErrorName::ScriptStuck, "The script waits for a promise that nothing will ever settle")
        .hint("Look for a `new Promise` whose resolve is never called, or promises that wait for each other.")
}

pub fn out_of_memory(limits: &Limits) -> ScriptError {
    let message = format!("The script used up its memory ({} MiB)", limits.memory_bytes / (1024 * 1024));
    ScriptError::plain(ErrorName::ScriptOutOfMemory, message)
        .hint("Keep less at once: read parts of files, filter early, return summaries.")
}

/// What a thrown value means. `source` is the model's own text.
pub fn thrown(error: &Described, source: &str, limits: &Limits) -> ScriptError {
    if is_out_of_memory(error) {
        return out_of_memory(limits);
    }
    let mut report = if is_stack_overflow(error) {
        stack_overflow(limits)
    } else {
        let name = ErrorName::parse(&error.known).unwrap_or(ErrorName::ScriptRuntimeError);
        let generic = error.name.is_empty() || error.name == "Error" || !error.known.is_empty();
        let message =
            if generic { error.message.clone() } else { format!("{}: {}", error.name, error.message) };
        ScriptError { tool: error.tool.clone(), hint: hint(error), ..ScriptError::plain(name, message) }
    };
    if let Some((line, column)) = position(&error.stack, source) {
        report.line = Some(line);
        report.column = Some(column);
        report.excerpt = excerpt(source, line, column);
        if report.hint.is_none() && forgot_await(error, source, line) {
            report.hint = Some("Tool calls return promises: write `await` before the call.".to_owned());
        }
    }
    report
}

/// A heap too full to make an error object throws `null`; so may a script, but then the heap need not be full.
fn is_out_of_memory(error: &Described) -> bool {
    let said = error.made == "InternalError" && error.message.contains("out of memory");
    said || (error.is_null && error.was_full)
}

/// Too many calls inside each other.
fn is_stack_overflow(error: &Described) -> bool {
    let made = (error.made.as_str(), error.message.as_str());
    error.known.is_empty()
        && matches!(
            made,
            ("RangeError", "Maximum call stack size exceeded")
                | ("InternalError" | "SyntaxError", "stack overflow")
        )
}

fn stack_overflow(limits: &Limits) -> ScriptError {
    let message = format!("The script nests too deeply for its stack ({} KiB)", limits.stack_bytes / 1024);
    ScriptError::plain(ErrorName::ScriptLimit, message)
        .hint("Look for a recursion that never ends or data that nests very deeply; use a loop instead.")
}

/// An error of the engine's own compiler.
pub fn uncompiled(error: &Described, source: &str, limits: &Limits) -> ScriptError {
    let mut report = thrown(error, source, limits);
    if report.name == ErrorName::ScriptRuntimeError {
        report.name = ErrorName::ScriptSyntaxError;
    }
    report
}

/// One line about an unhandled rejection.
pub fn rejection(error: &Described, source: &str) -> String {
    let name = if error.known.is_empty() { &error.name } else { &error.known };
    let colon = if name.is_empty() { "" } else { ": " };
    let place = position(&error.stack, source).map_or(String::new(), |(line, _)| format!(" (line {line})"));
    format!("Unhandled rejection: {name}{colon}{}{place}", error.message)
}

/// A promise used as if it were the tool's answer, on the line that calls the tool.
fn forgot_await(error: &Described, source: &str, line: u32) -> bool {
    let text = source.lines().nth((line as usize).saturating_sub(1)).unwrap_or_default();
    error.name == "TypeError" && text.contains("tools.") && !text.contains("await")
}

fn hint(error: &Described) -> Option<String> {
    if error.hint.is_some() {
        return error.hint.clone();
    }
    if error.name == "ReferenceError" {
        let missing = MISSING.iter().find(|(name, _)| error.message.starts_with(&format!("{name} ")));
        return missing.map(|(_, hint)| (*hint).to_owned());
    }
    if error.message.contains("is not available in scripts") {
        return Some("Write the code itself in the script.".to_owned());
    }
    None
}

/// Line and column, in the model's own text, of the first frame that is in the script. A stack is a text that the
/// script may have written itself: only frames of the script's own name count, and only places that exist.
fn position(stack: &str, source: &str) -> Option<(u32, u32)> {
    stack.lines().find_map(|frame| place(frame, source))
}

fn place(frame: &str, source: &str) -> Option<(u32, u32)> {
    let frame = frame.trim().strip_prefix("at ")?;
    let inner =
        frame.strip_suffix(')').and_then(|frame| frame.rsplit_once(" (")).map_or(frame, |(_, place)| place);
    let (line, column) = inner.strip_prefix(FILE)?.strip_prefix(':')?.split_once(':')?;
    let (line, column): (u32, usize) = (line.parse().ok()?, column.parse().ok()?);
    // The engine counts bytes, from the wrapper that stands before the first line.
    let shift = if line == 1 { PREFIX.len() } else { 0 };
    Some((line, char_column(source, line, column.saturating_sub(shift))?))
}

#[cfg(test)]
mod tests {
    use super::position;

    #[test]
    fn only_places_in_the_script_count() {
        let source = "let a\n  b()\nc";
        for (stack, wanted) in [
            ("    at <anonymous> (script.ts:2:3)\n    at start (prelude/globals.js:9:1)", Some((2, 3))),
            ("    at script.ts:2:3", Some((2, 3))),
            ("    at f (script.ts:1:15)", Some((1, 4))),
            ("    at JSON.parse (native)\n    at f (x) (script.ts:3:1)", Some((3, 1))),
            ("    at f (script.ts:2:99)", Some((2, 6))),
            ("    at f (script.ts:9:1)\n    at g (script.ts:2:3)", Some((2, 3))),
            ("    at f (script.ts:99999999999:1)", None),
            ("    at f (script.ts:0:1)", None),
            ("    at f (/etc/script.ts:2:3)", None),
            ("    at f (my script.ts:2:3)", None),
            ("    at /home/script.ts:2:3", None),
            ("    at f (script.ts:2:3:4)", None),
            ("    at f (script.tsx:2:3)", None),
            ("script.ts:2:3", None),
            ("", None),
        ] {
            assert_eq!(position(stack, source), wanted, "{stack}");
        }
    }
}
