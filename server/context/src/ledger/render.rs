//! The ledger in words, for a model: what matters most is written whole, what does not fit is counted.

use crate::escape::escape_reserved;
use crate::mention::cut_middle;
use glossator_session::{Ledger, LedgerFile, LedgerPrompt, StepStatus};
use std::collections::BTreeMap;

/// Digits of a hash that are shown: enough to see whether two are the same.
const DIGITS: usize = 12;

/// A part of the rendered ledger.
struct Section {
    heading: &'static str,
    /// What gets room first; 0 is the first.
    rank: u8,
    /// Oldest first.
    lines: Vec<String>,
}

/// The ledger in at most about `chars` characters, as Markdown. Where it is too long, the first and the latest request and
/// the rules come first, then the plan and the edited files, then the rest, the newest of each; how much is missing is
/// said.
pub fn render_ledger(ledger: &Ledger, chars: usize) -> String {
    let sections = sections(ledger, chars);
    let mut order: Vec<usize> = (0..sections.len()).collect();
    order.sort_by_key(|at| sections[*at].rank);
    let mut written: BTreeMap<usize, String> = BTreeMap::new();
    let mut room = chars;
    for at in order {
        let text = section(&sections[at], &mut room);
        written.insert(at, text);
    }
    let mut parts: Vec<String> = written.into_values().filter(|text| !text.is_empty()).collect();
    if ledger.left_out > 0 {
        parts.push(format!("({} older prompts, commands and rules were left out.)", ledger.left_out));
    }
    let text = parts.join("\n\n");
    if text.is_empty() { "Nothing yet.".to_owned() } else { escape_reserved(&text).into_owned() }
}

/// A section with as many of its newest lines as there is room for.
fn section(section: &Section, room: &mut usize) -> String {
    let mut shown: Vec<&str> = Vec::new();
    for line in section.lines.iter().rev() {
        let length = line.chars().count() + 1;
        if length > *room {
            break;
        }
        *room -= length;
        shown.push(line);
    }
    shown.reverse();
    let missing = section.lines.len() - shown.len();
    let more = format!("({missing} older ones left out)");
    match (shown.is_empty(), missing) {
        (true, 0) => String::new(),
        (_, 0) => format!("## {}\n{}", section.heading, shown.join("\n")),
        (true, _) => format!("## {}\n{more}", section.heading),
        (false, _) => format!("## {}\n{more}\n{}", section.heading, shown.join("\n")),
    }
}

fn sections(ledger: &Ledger, chars: usize) -> Vec<Section> {
    let new = |heading, rank, lines: Vec<String>| Section { heading, rank, lines };
    let end =
        |prompt: &LedgerPrompt| vec![cut_middle(&told(prompt), chars / 4, "the ledger keeps more of it")];
    let (first, later) =
        ledger.prompts.split_first().map_or((None, &[][..]), |(one, later)| (Some(one), later));
    let (latest, between) = later.split_last().map_or((None, &[][..]), |(one, between)| (Some(one), between));
    let files = |edited: bool| ledger.files.iter().filter(move |file| file.edited.is_some() == edited);
    let rules = ledger.rules.iter().map(|rule| format!("- {}: {}", rule.turn, rule.text));
    let steps = ledger.plan.iter().map(|step| {
        let mark = match step.status {
            StepStatus::Done => "[x]",
            StepStatus::InProgress => "[>]",
            StepStatus::Pending => "[ ]",
        };
        format!("- {mark} {}", step.text)
    });
    let tasks = ledger.tasks.iter().map(|task| format!("- {}: {}", task.id, task.line));
    let commands = ledger.commands.iter().map(|command| {
        let end =
            command.exit_code.map_or_else(|| "did not end".to_owned(), |code| format!("exit code {code}"));
        format!("- {}: {} -> {end}", command.turn, command.line)
    });
    let keys = ledger.keys.iter().map(|key| match key.bytes {
        0 => format!("- {}: {}", key.key, key.what),
        bytes => format!("- {}: {} ({bytes} bytes)", key.key, key.what),
    });
    let mut hunks: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for hunk in &ledger.hunks {
        hunks.entry(&hunk.path).or_default().push(&hunk.id.0);
    }
    let hunks = hunks.into_iter().map(|(path, ids)| format!("- {path}: {}", ids.join(", ")));
    vec![
        new("The user's first request", 0, first.map(end).unwrap_or_default()),
        new("Requests since then", 6, between.iter().map(told).collect()),
        new("The user's latest request", 0, latest.map(end).unwrap_or_default()),
        new("Rules, in the user's words", 1, rules.collect()),
        new("Plan", 2, steps.collect()),
        new("Files that were edited", 3, files(true).map(file).collect()),
        new("Hunks that wait for the user", 4, hunks.collect()),
        new("Tasks that run", 4, tasks.collect()),
        new("Commands that ran", 5, commands.collect()),
        new("Kept texts", 5, keys.collect()),
        new("Files that were read", 7, files(false).map(file).collect()),
    ]
}

fn told(prompt: &LedgerPrompt) -> String {
    format!("- {}: {}", prompt.turn, prompt.text.replace('\n', "\n  "))
}

fn file(file: &LedgerFile) -> String {
    let short = |hash: &str| hash.chars().take(DIGITS).collect::<String>();
    let state = match (&file.edited, &file.read) {
        (Some(hash), _) if hash.is_empty() => "edited".to_owned(),
        (Some(hash), _) if hash == "deleted" => "deleted".to_owned(),
        (Some(hash), _) => format!("edited, then {}", short(hash)),
        (None, Some(hash)) => format!("read, {}", short(hash)),
        (None, None) => "read in part".to_owned(),
    };
    format!("- {} ({}, {state})", file.path, file.turn)
}
