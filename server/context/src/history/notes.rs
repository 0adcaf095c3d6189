//! The harness's own words between the rounds: how turns ended, what the user took back, what the editor shows.

use crate::escape::{escape_also, escape_reserved};
use crate::mention;
use glossator_session::{ChangeSetId, ChangeState, EditorSeen, Item, ItemBody, TurnId, TurnStatus};
use std::path::Path;

/// How a turn ended whose log does not say so.
pub(super) const BROKEN_OFF: TurnStatus = TurnStatus::Interrupted;

/// Characters of a message of ours (a provider's error, say) that are told to the model.
const REASON_CHARS: usize = 300;

pub(super) fn note(text: &str) -> String {
    format!("<harness-note>{}</harness-note>", escape_reserved(text))
}

/// What the user sent; `to` names whom it is for, where that has to be said.
pub(super) fn prompt_element(inner: &str, to: &str) -> String {
    let to = if to.is_empty() { String::new() } else { format!(" to=\"{to}\"") };
    format!("<original-user-prompt{to}>\n{inner}\n</original-user-prompt>")
}

/// What the user added while the turn was running.
pub(super) fn added_element(inner: &str, to: &str) -> String {
    let to = if to.is_empty() { String::new() } else { format!(" to=\"{to}\"") };
    format!("<original-user-prompt added=\"now\"{to}>\n{inner}\n</original-user-prompt>")
}

/// What the model is told about the end of a turn; nothing if it ended as it should.
pub(super) fn ended_note(turn: TurnId, status: TurnStatus, message: Option<&str>) -> Option<String> {
    let what = match status {
        TurnStatus::Done => return None,
        TurnStatus::Interrupted => "was stopped before it was finished",
        TurnStatus::Failed => "could not be finished",
        TurnStatus::Limited => "was stopped by a limit",
    };
    let why = message.map(str::trim).filter(|message| !message.is_empty()).map(|message| {
        let cut: String = message.chars().take(REASON_CHARS).collect();
        format!(" ({})", cut.trim_end_matches('.'))
    });
    Some(format!("{turn} {what}{}. What it had done until then stands.", why.unwrap_or_default()))
}

/// What the model is told of an edit that the item says was taken back.
pub(super) fn undone_note(body: &ItemBody, items: &[Item], folders: &[String]) -> Option<String> {
    let ItemBody::ChangeSet { id, state: ChangeState::Undone } = body else {
        return None;
    };
    Some(undone(id, items, folders))
}

fn undone(undone: &ChangeSetId, items: &[Item], folders: &[String]) -> String {
    let intended = items.iter().find_map(|item| match &item.body {
        ItemBody::ChangeSet { id, state: ChangeState::Intended { change, undoes, .. } } if id == undone => {
            Some((item.turn, change, undoes.is_some()))
        }
        _ => None,
    });
    let Some((turn, change, was_undo)) = intended else {
        return "The user took back an edit of yours. Read files again before you edit them.".to_owned();
    };
    let files: Vec<String> = change.files.iter().map(|file| relative(&file.path, folders)).collect();
    let what = if was_undo { "put back edits that had been taken back" } else { "took back edits" };
    let files = files.join(", ");
    format!("The user {what} of {turn}, in {files}. Read these files again before you edit them.")
}

fn relative(path: &Path, folders: &[String]) -> String {
    let path = path.to_string_lossy();
    one_line(mention::relative(&path, folders))
}

/// A line end in a name would let it speak as a note of its own.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// What the user sees in the editor; `None` when that is nothing.
pub(super) fn editor_element(seen: &EditorSeen) -> Option<String> {
    let mut lines = Vec::new();
    if let Some(active) = &seen.active {
        let place = match seen.lines {
            Some((first, last)) if last > first => format!(", lines {first}-{last}"),
            Some((first, _)) => format!(", line {first}"),
            None => String::new(),
        };
        lines.push(format!("Active: {}{place}", one_line(active)));
    }
    if !seen.selected.trim().is_empty() {
        let selected = escape_also(seen.selected.trim_end_matches('\n'), &["selection"]).into_owned();
        lines.push(format!("<selection>\n{selected}\n</selection>"));
    }
    if !seen.open.is_empty() {
        let open = seen.open.iter().map(|file| match file.unsaved {
            true => format!("{} (unsaved)", one_line(&file.path)),
            false => one_line(&file.path),
        });
        lines.push(format!("Open: {}", open.collect::<Vec<_>>().join(", ")));
    }
    let inner = lines.join("\n");
    (!lines.is_empty()).then(|| format!("<editor-state>\n{}\n</editor-state>", escape_reserved(&inner)))
}
