//! How a command is written for the person who is asked: the command first, then what comes with it, nothing hidden, and
//! whatever is long cut in the middle with the number of bytes that are left out. Pure.

use crate::render::cut_middle;
use glossator_exec::{CommandLine, Request, display, visible};
use serde_json::json;

/// How much is shown, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Of the command.
    command: usize,
    /// Of each other thing: a variable's value, the name, the input.
    part: usize,
    /// Variables that are named.
    variables: usize,
}

/// For the matter of an ask.
pub(super) const WHOLE: Room = Room { command: 16 * 1024, part: 1024, variables: 20 };
/// For a title, a log and the record of a script.
pub(super) const LINE: Room = Room { command: 400, part: 80, variables: 5 };

/// The command with everything that changes what it does.
pub(super) fn shown(request: &Request, room: Room) -> String {
    let mut line = cut_middle(&display(&request.command), room.command);
    if !request.env.is_empty() {
        let set = request.env.iter().take(room.variables).map(|(name, value)| {
            let value = display(&CommandLine::Argv(vec![value.clone()]));
            format!("{}={}", cut_middle(&visible(name), room.part), cut_middle(&value, room.part))
        });
        let left = request.env.len().saturating_sub(room.variables);
        let more = if left > 0 { format!(" and {left} more") } else { String::new() };
        line.push_str(&format!(" (with the variables {}{more})", set.collect::<Vec<_>>().join(" ")));
    }
    if let Some(name) = &request.arg0 {
        line.push_str(&format!(" (under the name \"{}\")", cut_middle(&visible(name), room.part)));
    }
    if let Some(input) = &request.stdin {
        line.push_str(&format!(" (with the input \"{}\")", cut_middle(&visible(input), room.part)));
    }
    line
}

/// The request to the letter, as a grant remembers it.
pub(super) fn exact(request: &Request) -> String {
    let command = match &request.command {
        CommandLine::Argv(words) => json!(words),
        CommandLine::Shell(text) => json!(text),
    };
    json!([command, request.env, request.arg0, request.stdin]).to_string()
}
