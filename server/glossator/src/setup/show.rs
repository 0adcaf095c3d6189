//! A plan as people see it: the diff of every file of theirs, in colour where that is wanted. Only prints.
#![allow(clippy::disallowed_methods)] // Whether colours are wanted stands in the environment.

use super::plan::{Change, Plan};
use crate::terminal::say;
use glossator_text::unified_diff;
use std::io::IsTerminal;

const RED: &str = "31";
const GREEN: &str = "32";
const CYAN: &str = "36";
const BOLD: &str = "1";

/// Files, programs and notes.
pub fn plan(plan: &Plan) {
    let colours =
        std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    for change in &plan.changes {
        match change.users {
            true => diff(change, colours),
            false => say!("{}", ours(change)),
        }
    }
    plan.commands.iter().for_each(|command| say!("to be run: {}", command.join(" ")));
    notes(plan);
}

/// What is to be known.
pub fn notes(plan: &Plan) {
    plan.notes.iter().for_each(|note| say!("note: {note}"));
}

/// A file that is ours has nothing of the user's to lose.
fn ours(change: &Change) -> String {
    let lines = |text: &str| text.lines().count();
    let path = change.path.display();
    match (&change.before, &change.after) {
        (None, Some(text)) => format!("new: {path} ({} lines)", lines(text)),
        (Some(_), Some(text)) => format!("anew: {path} ({} lines)", lines(text)),
        (_, None) => format!("gone: {path}"),
    }
}

fn diff(change: &Change, colours: bool) {
    let path = change.path.to_string_lossy();
    let text = unified_diff(path.trim_start_matches('/'), change.before.as_deref(), change.after.as_deref());
    for line in text.lines() {
        let line = line.trim_end_matches('\r');
        let colour = match line.as_bytes() {
            [b'-', b'-', b'-', b' ', ..] | [b'+', b'+', b'+', b' ', ..] => Some(BOLD),
            [b'-', ..] => Some(RED),
            [b'+', ..] => Some(GREEN),
            [b'@', ..] => Some(CYAN),
            _ => None,
        };
        match colour.filter(|_| colours) {
            Some(code) => say!("\u{1b}[{code}m{line}\u{1b}[0m"),
            None => say!("{line}"),
        }
    }
}
