//! The lines of a transcript that tell what was done: calls, scripts, edits, questions, tasks, notices. One line each. Pure.

use crate::markdown::{MARK, code, one_line, plain};
use crate::prompt_document::short;
use glossator_session::{
    Answer, Ask, AskId, AskSubject, CallId, ChangeSetId, ChangeState, Decision, Grant, HunkId, HunkPart,
    HunkRecord, HunkState, HunkVerdict, ItemId, NoticeLevel, TaskState, ToolCall, ToolError, ToolOutput,
};
use glossator_text::{Action, lines};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Characters of what a line is about, of what became of it, and of a notice.
const WHAT: usize = 120;
const BECAME: usize = 200;
const NOTICE: usize = 600;
/// Files of an edit that are named.
const FILES: usize = 20;

/// What a line is about, for what comes later of the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    Call(CallId),
    Script(CallId),
    Change(ChangeSetId),
    Ask(AskId),
    Task(CallId),
    Nothing,
}

/// A line.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub about: About,
    /// Whether it is a part of the script above.
    pub nested: bool,
    /// Markdown, as all that follows.
    what: String,
    became: String,
    /// The id under which there is more to see.
    more: String,
    edit: Option<Edit>,
    /// Whether it is a question that is answered in words, and whether it waits.
    in_words: bool,
    waits: bool,
}

/// An edit and its hunks.
#[derive(Debug, Clone, PartialEq, Default)]
struct Edit {
    hunks: BTreeMap<HunkId, HunkState>,
    /// What of it does not stand.
    state: Option<String>,
    /// Whether it stands.
    committed: bool,
}

impl Entry {
    fn new(about: About, what: String) -> Entry {
        let (became, more) = Default::default();
        Entry { about, nested: false, what, became, more, edit: None, in_words: false, waits: false }
    }

    /// A call that was begun; `item` is where it stands in the log.
    pub fn call(item: ItemId, call: &ToolCall, of_script: bool) -> Entry {
        let arguments = match command(&call.arguments).filter(|_| call.name == "exec") {
            Some(command) => code(&command, WHAT),
            None => arguments(&call.arguments),
        };
        let blank = if arguments.is_empty() { "" } else { " " };
        let mut entry = Entry::new(
            About::Call(call.id.clone()),
            format!("{}{blank}{arguments}", plain(&call.name, WHAT)),
        );
        (entry.became, entry.more) = ("…".to_owned(), shown_id(&call.id, item));
        entry.nested = of_script;
        entry
    }

    /// What became of a call.
    pub fn outcome(&mut self, outcome: &Result<ToolOutput, ToolError>) {
        self.became = match outcome {
            Ok(output) => format!("→ {}", plain(&output.summary, BECAME)),
            Err(error) => format!("✗ {}", plain(&error.to_string(), BECAME)),
        };
    }

    /// A script that was begun.
    pub fn script(item: ItemId, id: &CallId, source: &str) -> Entry {
        let count = lines(source).filter(|line| !line.trim().is_empty()).count();
        let what = if count == 1 { "script, 1 line".to_owned() } else { format!("script, {count} lines") };
        let mut entry = Entry::new(About::Script(id.clone()), what);
        (entry.became, entry.more) = ("…".to_owned(), shown_id(id, item));
        entry
    }

    /// What became of a script.
    pub fn ended(&mut self, ok: bool) {
        self.became = if ok { "→ ok".to_owned() } else { "✗ failed".to_owned() };
    }

    /// Thinking of so many characters.
    pub fn thought(item: ItemId, characters: usize) -> Entry {
        let mut entry = Entry::new(About::Nothing, format!("thought, {characters} characters"));
        entry.more = format!("#{}", item.0);
        entry
    }

    /// A question.
    pub fn ask(ask: &Ask) -> Entry {
        let what = format!(
            "{} asks: {} ({})",
            short(&ask.id),
            plain(&ask.title, BECAME),
            plain(&ask.reason, BECAME)
        );
        let mut entry = Entry::new(About::Ask(ask.id.clone()), what);
        entry.in_words = matches!(ask.subject, AskSubject::Question { .. });
        (entry.became, entry.waits) = ("**waits**".to_owned(), true);
        entry
    }

    /// Whether it is a question that waits, and one that is answered in words.
    pub fn waits(&self) -> Option<bool> {
        self.waits.then_some(self.in_words)
    }

    /// How the questions of a turn that wait are answered; `in_words`: of each, whether it is in words.
    pub fn how_to_answer(in_words: &[bool]) -> Option<Entry> {
        let mut ways = Vec::new();
        if in_words.contains(&false) {
            ways.push("*Allow* and *Deny* (glossator.approve, glossator.deny)");
        }
        if in_words.contains(&true) {
            ways.push("*Answer* (glossator.answer)");
        }
        let text = format!("answer by the code actions {}, or in the prompt document", ways.join(", "));
        (!ways.is_empty()).then(|| Entry::note(text))
    }

    /// What was answered.
    pub fn answered(&mut self, answer: &Answer) {
        let verdict = match (answer.decision, answer.grant) {
            (Decision::Deny, _) if self.in_words => "not answered".to_owned(),
            (Decision::Allow, _) if self.in_words && answer.message.is_none() => "left open".to_owned(),
            (Decision::Allow, _) if self.in_words => "answered".to_owned(),
            (Decision::Deny, _) => "denied".to_owned(),
            (Decision::Allow, Grant::Once) => "allowed".to_owned(),
            (Decision::Allow, Grant::Session) => "allowed for this session".to_owned(),
            (Decision::Allow, Grant::Exact) => "allowed, also from now on".to_owned(),
            (Decision::Allow, Grant::Prefix) => "allowed, and all that begins alike".to_owned(),
            (Decision::Allow, other) => format!("allowed ({})", format!("{other:?}").to_lowercase()),
        };
        let hunks = answer.hunks.as_ref().filter(|_| answer.decision == Decision::Allow);
        let hunks = hunks.map(|hunks| format!(", {} of its hunks", hunks.len())).unwrap_or_default();
        let said = answer.message.as_deref().map(|said| plain(said, BECAME)).filter(|said| !said.is_empty());
        let said = said.map(|said| format!(": {said}")).unwrap_or_default();
        (self.became, self.waits) = (format!("→ {verdict}{hunks}{said}"), false);
    }

    /// A detached call.
    pub fn task(id: &CallId, state: &TaskState) -> Entry {
        let mut entry = Entry::new(About::Task(id.clone()), format!("task {}", plain(&id.0, WHAT)));
        if let TaskState::Running { tool, line } = state {
            let line = if line.starts_with(tool.as_str()) { line.clone() } else { format!("{tool} {line}") };
            let _ = write!(entry.what, " {}", code(&line, WHAT));
        }
        entry.went_on(state);
        entry
    }

    /// How far a detached call has come.
    pub fn went_on(&mut self, state: &TaskState) {
        self.became = match state {
            TaskState::Running { .. } => "runs".to_owned(),
            TaskState::Done { summary, file_key, .. } => {
                let key = file_key.as_ref().map(|key| format!(" ({key})")).unwrap_or_default();
                format!("→ {}{key}", plain(summary, BECAME))
            }
            stopped if stopped.was_cancelled() => "✗ was stopped".to_owned(),
            TaskState::Failed { error } => format!("✗ {}", plain(&error.message, BECAME)),
            TaskState::Lost => "✗ lost when Glossator was stopped".to_owned(),
        };
    }

    /// A notice.
    pub fn notice(level: NoticeLevel, text: &str) -> Entry {
        let level = match level {
            NoticeLevel::Info => "note",
            NoticeLevel::Warning => "**warning**",
            NoticeLevel::Error => "**error**",
        };
        Entry::new(About::Nothing, format!("{level}: {}", plain(text, NOTICE)))
    }

    /// Anything else; `text` is Markdown of ours.
    pub fn note(text: String) -> Entry {
        Entry::new(About::Nothing, text)
    }

    /// An edit that is about to be made; `path` names files as the user knows them.
    pub fn edit(id: &ChangeSetId, state: &ChangeState, path: &dyn Fn(&Path) -> String) -> Option<Entry> {
        let ChangeState::Intended { change, hunks, undoes: None, .. } = state else { return None };
        let mut what = format!("edit {}:", plain(&id.0, WHAT));
        for (number, file) in change.files.iter().take(FILES).enumerate() {
            let after = file.path_after();
            let (added, removed) = counts(&file.action, hunks.iter().filter(|hunk| hunk.path == after));
            let deed = match &file.action {
                Action::Create { .. } => " new",
                Action::Delete { .. } => " deleted",
                Action::Update { move_to: Some(_), .. } => " moved",
                Action::Update { .. } => "",
            };
            let comma = if number > 0 { "," } else { "" };
            let _ = write!(what, "{comma} {}{deed} +{added} −{removed}", code(&path(after), WHAT));
        }
        if let Some(more) = change.files.len().checked_sub(FILES).filter(|more| *more > 0) {
            let _ = write!(what, " and {more} more files");
        }
        let mut entry = Entry::new(About::Change(id.clone()), what);
        let hunks = hunks.iter().map(|hunk| (hunk.id.clone(), state_of(hunk))).collect();
        entry.edit = Some(Edit { hunks, ..Edit::default() });
        Some(entry)
    }

    /// How far an edit has come.
    pub fn changed(&mut self, state: &ChangeState) {
        let Some(edit) = &mut self.edit else { return };
        match state {
            ChangeState::Intended { .. } => {}
            ChangeState::Committed => (edit.committed, edit.state) = (true, None),
            ChangeState::Failed { message } => edit.state = Some(format!("✗ {}", plain(message, BECAME))),
            ChangeState::Undone => edit.state = Some("→ undone".to_owned()),
            ChangeState::Reviewed { hunks, .. } => {
                for hunk in hunks {
                    if let Some(known) = edit.hunks.get_mut(&hunk.id) {
                        *known = state_of(hunk);
                    }
                }
            }
        }
    }

    /// Whether it tells of an edit that stands, or did.
    pub fn is_edit(&self) -> bool {
        self.edit.as_ref().is_some_and(|edit| edit.committed)
    }

    /// Puts the line at the end of `out`.
    pub fn write(&self, out: &mut String) {
        let indent = if self.nested { "  " } else { "" };
        let _ = write!(out, "{indent}- {MARK} {}", self.what);
        let became = match &self.edit {
            Some(edit) => edit.became(),
            None => self.became.clone(),
        };
        if !became.is_empty() {
            let _ = write!(out, " {became}");
        }
        if !self.more.is_empty() {
            let _ = write!(out, " ({})", self.more);
        }
        out.push('\n');
    }
}

impl Edit {
    fn became(&self) -> String {
        if let Some(state) = &self.state {
            return state.clone();
        }
        if !self.committed {
            return "…".to_owned();
        }
        let mut counts: BTreeMap<HunkState, usize> = BTreeMap::new();
        for state in self.hunks.values() {
            *counts.entry(*state).or_default() += 1;
        }
        let all = self.hunks.len();
        let words: Vec<String> = counts
            .iter()
            .map(|(state, count)| match *count == all {
                true => state.name().to_owned(),
                false => format!("{count} of {all} {}", state.name()),
            })
            .collect();
        if words.is_empty() { "→ done".to_owned() } else { format!("→ {}", words.join(", ")) }
    }
}

/// The state of a hunk by its record.
fn state_of(hunk: &HunkRecord) -> HunkState {
    match (&hunk.verdict, &hunk.current) {
        (Some(HunkVerdict::Kept | HunkVerdict::Merged { .. }), _) => HunkState::Kept,
        (Some(HunkVerdict::Rejected), _) => HunkState::Rejected,
        (None, None) => HunkState::Pending,
        (None, Some(current)) if *current == hunk.base => HunkState::Undone,
        (None, Some(_)) => HunkState::Amended,
    }
}

/// Lines that come and lines that go.
fn counts<'a>(action: &Action, hunks: impl Iterator<Item = &'a HunkRecord>) -> (usize, usize) {
    let count = |text: &str| lines(text).count();
    match action {
        Action::Create { text } => (count(text), 0),
        Action::Delete { text } => (0, count(text)),
        Action::Update { edits, .. } => {
            let of_hunks = hunks
                .filter(|hunk| !matches!(hunk.part, HunkPart::Move { .. }))
                .fold((0, 0), |(added, removed), hunk| {
                    (added + count(&hunk.proposed), removed + count(&hunk.base))
                });
            match of_hunks {
                (0, 0) => edits.iter().fold((0, 0), |(added, removed), edit| {
                    (added + count(&edit.new), removed + count(&edit.old))
                }),
                found => found,
            }
        }
    }
}

/// The command of a call as one would type it.
fn command(arguments: &Value) -> Option<String> {
    let is_plain = |c: char| c.is_alphanumeric() || "_@%+=:,./-".contains(c);
    let typed = |word: &Value| {
        let word = word.as_str()?;
        let is_bare = !word.is_empty() && word.chars().all(is_plain);
        Some(if is_bare { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) })
    };
    let words: Option<Vec<String>> = arguments["command"].as_array()?.iter().map(typed).collect();
    words.map(|words| words.join(" "))
}

/// The arguments of a call in one line; long texts are left out.
fn arguments(arguments: &Value) -> String {
    let told = |value: &Value| match value {
        Value::String(text) if text.trim().contains('\n') => Some("…".to_owned()),
        Value::String(text) => Some(one_line(text, WHAT)),
        Value::Null => None,
        other => Some(one_line(&other.to_string(), WHAT)),
    };
    let words: Vec<String> = match arguments {
        Value::Object(fields) => fields.values().filter_map(told).collect(),
        other => told(other).into_iter().collect(),
    };
    code(&words.join(", "), WHAT)
}

/// The id of a call in a transcript: its own where it is one of ours, else its place in the log.
fn shown_id(id: &CallId, item: ItemId) -> String {
    if is_own(&id.0) { id.0.clone() } else { format!("#{}", item.0) }
}

/// Whether an id is of a script or of a call of one: `S12-1-1`, `S12-1-1.2`. Those of providers look different.
pub fn is_own(id: &str) -> bool {
    let Some(digits) = id.strip_prefix('S') else { return false };
    let fits = |c: char| c.is_ascii_digit() || matches!(c, '-' | '.');
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.len() < 40 && digits.chars().all(fits)
}

#[cfg(test)]
mod tests;
