//! A session as Markdown, for people. Pure. Nothing that stands in an item can break out of the place that it is given.

use crate::format::SessionHead;
use glossator_session::{
    AskSubject, CallId, ChangeSetId, ChangeState, ContextItem, Decision, HunkPart, HunkRecord, InputPart,
    Item, ItemBody, NoticeLevel, StepStatus, TaskState, ToolCall, TurnStatus,
};
use glossator_text::{Action, FileChange};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::fmt::Write;

/// Characters of a line that stands for something longer.
const LINE_CHARS: usize = 160;
/// Beginnings of HTML that would swallow what follows.
const SWALLOWS: [&str; 10] =
    ["<!", "<?", "<script", "<pre", "<style", "<textarea", "<details", "</details", "<summary", "</summary"];

/// The head of a document.
pub(crate) fn heading(head: &SessionHead, title: Option<&str>) -> String {
    let title = title.filter(|title| !title.trim().is_empty()).unwrap_or(&head.title);
    let title = if title.trim().is_empty() { "Session" } else { title };
    let mut out = format!("# {}\n\n", plain(title));
    let _ = writeln!(
        out,
        "Session {}, begun {}, model {}.",
        code(&head.id.0),
        time(head.created_at),
        code(&head.model)
    );
    out
}

/// One turn. `items` are all of it, in order.
pub(crate) fn turn(items: &[Item]) -> String {
    let mut page = Page::default();
    if let Some(first) = items.first() {
        let _ = writeln!(page.out, "## {} · {}", first.turn, time(first.at));
    }
    for (at, item) in items.iter().enumerate() {
        page.item(item, items.get(at + 1..).unwrap_or_default());
    }
    for (name, line) in std::mem::take(&mut page.calls).into_values() {
        page.line(&format!("{} {} → no outcome", code(&name), code(&line)));
    }
    page.out
}

#[derive(Default)]
struct Page<'a> {
    out: String,
    /// Calls that have no outcome yet: their tools and arguments.
    calls: HashMap<&'a CallId, (String, String)>,
    /// Whether the last thing was a line of a list.
    listing: bool,
}

impl<'a> Page<'a> {
    fn item(&mut self, item: &'a Item, later: &'a [Item]) {
        match &item.body {
            ItemBody::UserMessage { input, .. } => self.prompt(input),
            ItemBody::Answer { text, .. } => self.block(&contained(&without_scripts(text, later))),
            ItemBody::Reasoning { text, .. } if text.trim().is_empty() => {}
            ItemBody::Reasoning { text, .. } => self.folded("Thinking", "", text),
            ItemBody::Script { id, source } => self.folded(&format!("Script {id}"), "ts", source),
            ItemBody::ScriptOutput { script, text, ok } => {
                let how = if *ok { "Result" } else { "Error" };
                self.folded(&format!("{how} of script {script}"), "", text);
            }
            ItemBody::ToolCall { call, .. } => drop(self.calls.insert(&call.id, told(call))),
            ItemBody::ToolOutput { call, outcome, .. } => {
                let (name, line) = self.calls.remove(call).unwrap_or_else(|| (call.0.clone(), String::new()));
                let (sign, outcome) = match outcome {
                    Ok(output) => ("→", output.summary.clone()),
                    Err(error) => ("✗", error.to_string()),
                };
                self.line(&format!("{} {} {sign} {}", code(&name), code(&line), plain(&outcome)));
            }
            ItemBody::Approval { ask, answer } => {
                let said =
                    answer.message.as_deref().filter(|_| matches!(ask.subject, AskSubject::Question { .. }));
                let answer = match (answer.decision, said) {
                    (Decision::Allow, Some(said)) => said,
                    (Decision::Allow, None) => "allowed",
                    (Decision::Deny, _) => "denied",
                };
                self.line(&format!("Asked: {} → {}", plain(&ask.title), plain(answer)));
            }
            ItemBody::ChangeSet { id, state } => self.change(id, state),
            ItemBody::Task { id, state } => self.line(&task(id, state)),
            ItemBody::Notice { level, text } => {
                let level = match level {
                    NoticeLevel::Info => "Note",
                    NoticeLevel::Warning => "Warning",
                    NoticeLevel::Error => "Error",
                };
                self.block(&quoted(&format!("{level}: {text}")));
            }
            ItemBody::TurnEnded { status, usage, message, .. } => {
                let status = match status {
                    TurnStatus::Done => "Done",
                    TurnStatus::Failed => "Failed",
                    TurnStatus::Interrupted => "Interrupted",
                    TurnStatus::Limited => "Stopped by a limit",
                };
                let why = message.as_ref().map(|why| format!(": {}", plain(why))).unwrap_or_default();
                self.block(&format!("*{status}* · {} tokens{why}", usage.total()));
            }
            ItemBody::Context(context) => self.context(context),
            ItemBody::Unknown(_) => {}
        }
    }

    fn context(&mut self, item: &ContextItem) {
        match item {
            ContextItem::Plan { steps, .. } => {
                for step in steps {
                    let mark = if step.status == StepStatus::Done { "x" } else { " " };
                    self.line(&format!("[{mark}] {}", plain(&step.text)));
                }
            }
            ContextItem::Compaction(compaction) => {
                self.block("*The history up to here was compacted.*");
                if let Some(summary) = &compaction.summary {
                    self.folded("Hand-over", "", summary);
                }
            }
            _ => {}
        }
    }

    fn prompt(&mut self, input: &[InputPart]) {
        for part in input {
            match part {
                InputPart::Text { text } => self.block(&quoted(text)),
                InputPart::Mention { uri, text, .. } => {
                    self.block(&format!("> {}", code(uri)));
                    if let Some(text) = text {
                        self.folded("Selection", "", text);
                    }
                }
                InputPart::Image { name, .. } => self.block(&format!("> Image {}", code(name))),
            }
        }
    }

    fn change(&mut self, id: &ChangeSetId, state: &ChangeState) {
        match state {
            ChangeState::Intended { change, hunks, .. } => {
                let mut own = hunks.as_slice();
                for file in &change.files {
                    let count = own.iter().take_while(|hunk| hunk.path == file.path_after()).count();
                    let (hunks, rest) = own.split_at(count);
                    own = rest;
                    self.line(&format!("Edit {id}: {}", code(&file.path_after().to_string_lossy())));
                    self.fenced("diff", &diff(file, hunks));
                }
            }
            ChangeState::Committed | ChangeState::Reviewed { .. } => {}
            ChangeState::Failed { message } => self.line(&format!("Edit {id} failed: {}", plain(message))),
            ChangeState::Undone => self.line(&format!("Edit {id} was undone")),
        }
    }

    /// A line of a list.
    fn line(&mut self, text: &str) {
        if !self.listing {
            self.out.push('\n');
        }
        self.listing = true;
        let _ = writeln!(self.out, "- {}", text.trim_end());
    }

    /// Something that stands by itself.
    fn block(&mut self, text: &str) {
        self.listing = false;
        if !text.trim().is_empty() {
            let _ = writeln!(self.out, "\n{}", text.trim_end());
        }
    }

    fn fenced(&mut self, language: &str, text: &str) {
        let fence = fence(text);
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        self.block(&format!("{fence}{language}\n{text}{end}{fence}"));
    }

    fn folded(&mut self, title: &str, language: &str, text: &str) {
        self.block(&format!("<details><summary>{}</summary>", plain(title)));
        self.fenced(language, text);
        self.block("</details>");
    }
}

/// A fence that no line of `text` closes.
fn fence(text: &str) -> String {
    "`".repeat(longest_run(text).max(2) + 1)
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// One line of text as code.
fn code(text: &str) -> String {
    let text = one_line(text);
    if text.is_empty() {
        return String::new();
    }
    let ticks = "`".repeat(longest_run(&text) + 1);
    let blank = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{blank}{text}{blank}{ticks}")
}

/// One line of text that means nothing to Markdown.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in one_line(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(LINE_CHARS) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

fn quoted(text: &str) -> String {
    glossator_text::lines(text).fold(String::new(), |mut out, line| {
        let _ = writeln!(out, "> {}", line.trim_end_matches(['\n', '\r']));
        out
    })
}

/// Markdown of somebody else that ends what it begins: fences are closed, HTML that would swallow the rest is text.
fn contained(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<(char, usize)> = None;
    for line in glossator_text::lines(text) {
        let start = line.trim_start();
        let indent = line.len() - start.len();
        let mark = start.chars().next().filter(|c| matches!(c, '`' | '~') && indent < 4);
        let run = mark.map_or(0, |mark| start.chars().take_while(|c| *c == mark).count());
        match (open, mark) {
            (Some((kind, least)), Some(mark))
                if mark == kind && run >= least && start[run..].trim().is_empty() =>
            {
                open = None;
            }
            (None, Some(mark)) if run >= 3 && !(mark == '`' && start[run..].contains('`')) => {
                open = Some((mark, run))
            }
            _ => {}
        }
        let lower = start.to_ascii_lowercase();
        if open.is_none() && SWALLOWS.iter().any(|html| lower.contains(html)) {
            out.push_str(&line.replace('<', "&lt;"));
        } else {
            out.push_str(line);
        }
    }
    if let Some((mark, run)) = open {
        let end = if out.ends_with('\n') { "" } else { "\n" };
        let _ = write!(out, "{end}{}", mark.to_string().repeat(run));
    }
    out
}

/// An answer without the scripts in it, which are shown by themselves.
fn without_scripts(text: &str, later: &[Item]) -> String {
    let mut text = text.to_owned();
    for item in later {
        let source = match &item.body {
            ItemBody::Script { source, .. } => source,
            ItemBody::Answer { .. } | ItemBody::TurnEnded { .. } => break,
            _ => continue,
        };
        let Some(at) = text.find(source.as_str()).filter(|_| !source.is_empty()) else { continue };
        let begin = text[..at].rfind("<tool-calls");
        let close = "</tool-calls>";
        let end = text[at + source.len()..].find(close).map(|end| at + source.len() + end + close.len());
        if let Some((begin, end)) = begin.zip(end) {
            text.replace_range(begin..end, "");
        }
    }
    text
}

fn told(call: &ToolCall) -> (String, String) {
    let arguments = match &call.arguments {
        serde_json::Value::Object(fields) => {
            let values = fields.values().map(|value| match value {
                serde_json::Value::String(text) => one_line(text),
                other => one_line(&other.to_string()),
            });
            values.collect::<Vec<_>>().join(", ")
        }
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    };
    (call.name.clone(), arguments)
}

fn task(id: &CallId, state: &TaskState) -> String {
    match state {
        TaskState::Running { line, .. } => format!("Task {id} began: {}", code(line)),
        TaskState::Done { summary, .. } => format!("Task {id} ended: {}", plain(summary)),
        TaskState::Failed { error } => format!("Task {id} failed: {}", plain(&error.to_string())),
        TaskState::Lost => format!("Task {id} was lost when Glossator stopped"),
    }
}

/// What an edit does to a file, from its hunks or, without any, from its replacements.
fn diff(file: &FileChange, hunks: &[HunkRecord]) -> String {
    let mut out = String::new();
    let mut side = |sign: char, text: &str| {
        for line in glossator_text::lines(text) {
            let _ = writeln!(out, "{sign}{}", line.trim_end_matches(['\n', '\r']));
        }
    };
    match &file.action {
        Action::Create { text } => side('+', text),
        Action::Delete { text } => side('-', text),
        Action::Update { edits, .. } if hunks.is_empty() => {
            for edit in edits {
                side('-', &edit.old);
                side('+', &edit.new);
            }
        }
        Action::Update { .. } => {
            for hunk in hunks {
                if let HunkPart::Move { from } = &hunk.part {
                    side(' ', &format!("moved from {}", from.display()));
                    continue;
                }
                if let Some(line) = hunk.place.line {
                    side('@', &format!("@ line {line} @@"));
                }
                side(' ', &hunk.place.above);
                side('-', &hunk.base);
                side('+', &hunk.proposed);
                side(' ', &hunk.place.below);
            }
        }
    }
    out
}

fn time(at: i64) -> String {
    let time = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}
