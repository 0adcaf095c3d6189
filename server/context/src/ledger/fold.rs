//! Items to the ledger's entries. What calls did is read from their arguments and values, never from what they printed.

use super::LedgerWords;
use super::rules::rules_of;
use crate::mention;
use glossator_session::{
    CallId, ChangeSetId, ChangeState, ContextItem, FileKey, HunkRecord, HunkVerdict, InputPart, Item,
    ItemBody, Ledger, LedgerCommand, LedgerFile, LedgerHunk, LedgerKey, LedgerPrompt, LedgerRule, LedgerTask,
    PlanStep, TaskState, ToolCall, ToolError, ToolErrorKind, ToolOutput, TurnId,
};
use glossator_text::{Action, ChangeSet, text_hash};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;

/// Characters of a command, of a task, of what a kept text is, and of a step.
const LINE: usize = 200;
/// Characters of a prompt that are taken in; the bound of the ledger is tighter.
const PROMPT: usize = 16_000;
/// How deep keys are looked for in a value.
const DEPTH: usize = 6;
/// What stands for the hash of a file that is gone.
const DELETED: &str = "deleted";

pub(super) struct Fold<'a> {
    ledger: Ledger,
    words: &'a LedgerWords<'a>,
    calls: HashMap<&'a CallId, &'a ToolCall>,
    /// What the ledger said of files before a change set that has no outcome yet.
    before: HashMap<&'a ChangeSetId, Vec<(String, Option<LedgerFile>)>>,
}

impl<'a> Fold<'a> {
    pub fn from(base: Ledger, words: &'a LedgerWords<'a>) -> Fold<'a> {
        Fold { ledger: base, words, calls: HashMap::new(), before: HashMap::new() }
    }

    pub fn finish(self) -> Ledger {
        self.ledger
    }

    pub fn take(&mut self, item: &'a Item) {
        match &item.body {
            ItemBody::UserMessage { input, .. } => self.prompt(item.turn, input),
            ItemBody::ToolCall { call, .. } => drop(self.calls.insert(&call.id, call)),
            ItemBody::ToolOutput { call, outcome, .. } => self.output(item.turn, call, outcome),
            ItemBody::ChangeSet { id, state } => self.change(item.turn, id, state),
            ItemBody::Task { id, state } => self.task(id, state),
            ItemBody::Context(context) => self.context(context),
            _ => {}
        }
    }

    fn context(&mut self, item: &ContextItem) {
        match item {
            ContextItem::Plan { steps, .. } => {
                let step = |step: &PlanStep| PlanStep { text: self.line(&step.text), ..step.clone() };
                self.ledger.plan = steps.iter().map(step).collect();
            }
            ContextItem::Posted { entry } => {
                if let Some(key) = &entry.key {
                    self.key(key, &entry.title, entry.bytes);
                }
            }
            ContextItem::Kept { key, what, bytes, .. } => self.key(key, what, *bytes),
            // It knows all that came before it.
            ContextItem::Compaction(compaction) => self.ledger = compaction.ledger.clone(),
            _ => {}
        }
    }

    fn prompt(&mut self, turn: TurnId, input: &[InputPart]) {
        let text = mention::brief(input, self.words.folders, (PROMPT, None));
        if text.trim().is_empty() {
            return;
        }
        self.ledger.prompts.push(LedgerPrompt { turn, text: (self.words.redact)(&text) });
        for part in input {
            let InputPart::Text { text } = part else { continue };
            for rule in rules_of(text) {
                let text = (self.words.redact)(&rule);
                let known = folded(&text);
                if !self.ledger.rules.iter().any(|rule| folded(&rule.text) == known) {
                    self.ledger.rules.push(LedgerRule { turn, text });
                }
            }
        }
    }

    fn output(&mut self, turn: TurnId, id: &CallId, outcome: &Result<ToolOutput, ToolError>) {
        let call = self.calls.remove(id);
        let value = outcome.as_ref().ok().map(|output| &output.value);
        match call.map(|call| call.name.as_str()) {
            Some("readFile") => self.read(turn, value),
            Some("exec") => {
                let line = call.and_then(|call| command_line(&call.arguments));
                self.command(turn, line, outcome);
            }
            // The call of a task stands before the compaction.
            None => {
                let task = self.ledger.tasks.iter().find(|task| task.id == *id);
                let line = task.and_then(|task| task.line.strip_prefix("exec ")).map(str::to_owned);
                self.command(turn, line, outcome);
            }
            Some(_) => {}
        }
        if let (Some(value), Some(call)) = (value, call) {
            self.keys_in(value, &call.name, DEPTH);
        }
    }

    fn read(&mut self, turn: TurnId, value: Option<&Value>) {
        let Some(value) = value else { return };
        let field = |name: &str| value.get(name).and_then(Value::as_str);
        let Some(path) = field("path").filter(|_| field("source") != Some("kept")) else { return };
        // Given only where the whole of it was read.
        let hash = field("hash").filter(|hash| !hash.is_empty()).map(str::to_owned);
        let file = self.file(path, turn);
        file.read = hash;
        if file.edited.is_none() {
            file.turn = turn;
        }
    }

    /// The entry of a file, made where there is none.
    fn file(&mut self, path: &str, turn: TurnId) -> &mut LedgerFile {
        let path = (self.words.redact)(path);
        let files = &mut self.ledger.files;
        let at = files.iter().position(|file| file.path == path).unwrap_or_else(|| {
            files.push(LedgerFile { path, read: None, edited: None, turn });
            files.len() - 1
        });
        &mut files[at]
    }

    fn command(&mut self, turn: TurnId, line: Option<String>, outcome: &Result<ToolOutput, ToolError>) {
        let exit_code = match outcome {
            // A command that was only a patch is an edit, and has none.
            Ok(output) => match output.value.get("exitCode").and_then(Value::as_i64) {
                Some(code) => Some(code),
                None => return,
            },
            Err(error) if has_run(error.kind) => None,
            Err(_) => return,
        };
        let Some(line) = line.map(|line| self.line(&line)).filter(|line| !line.is_empty()) else { return };
        // What the same command came to before does not matter any more.
        self.ledger.commands.retain(|command| command.line != line);
        self.ledger.commands.push(LedgerCommand { turn, line, exit_code });
    }

    fn change(&mut self, turn: TurnId, id: &'a ChangeSetId, state: &'a ChangeState) {
        match state {
            ChangeState::Intended { change, inverse, hunks, .. } => {
                self.edit(turn, id, change, inverse);
                hunks.iter().for_each(|hunk| self.hunk(hunk));
            }
            ChangeState::Committed => drop(self.before.remove(id)),
            ChangeState::Failed { .. } => {
                for (path, before) in self.before.remove(id).unwrap_or_default() {
                    self.ledger.files.retain(|file| file.path != path);
                    self.ledger.files.extend(before);
                }
                self.ledger.hunks.retain(|hunk| hunk.id.change_set() != *id);
            }
            ChangeState::Undone => self.ledger.hunks.retain(|hunk| hunk.id.change_set() != *id),
            ChangeState::Reviewed { hunks, .. } => hunks.iter().for_each(|hunk| self.hunk(hunk)),
        }
    }

    fn edit(&mut self, turn: TurnId, id: &'a ChangeSetId, change: &ChangeSet, inverse: &ChangeSet) {
        for file in &change.files {
            let shown = (self.words.path)(&file.path);
            let after = file.path_after();
            if matches!(file.action, Action::Delete { .. }) {
                self.edited(turn, id, &shown, DELETED.to_owned());
                continue;
            }
            if after != file.path {
                self.edited(turn, id, &shown, DELETED.to_owned());
            }
            let hash = hash_after(after, file.action.apply(None).ok().flatten().as_deref(), inverse);
            self.edited(turn, id, &(self.words.path)(after), hash);
        }
    }

    fn edited(&mut self, turn: TurnId, id: &'a ChangeSetId, path: &str, hash: String) {
        let file = self.file(path, turn);
        let known = file.read.is_some() || file.edited.is_some();
        let before = (file.path.clone(), known.then(|| file.clone()));
        (file.edited, file.turn) = (Some(hash), turn);
        self.before.entry(id).or_default().push(before);
    }

    fn hunk(&mut self, hunk: &HunkRecord) {
        let decided = match (&hunk.verdict, &hunk.current) {
            (Some(HunkVerdict::Kept | HunkVerdict::Rejected | HunkVerdict::Merged { .. }), _) => true,
            (None, current) => current.as_ref() == Some(&hunk.base),
        };
        let at = self.ledger.hunks.iter().position(|known| known.id == hunk.id);
        match (decided, at) {
            (true, Some(at)) => drop(self.ledger.hunks.remove(at)),
            (false, None) => {
                let path = (self.words.path)(&hunk.path);
                self.ledger.hunks.push(LedgerHunk { id: hunk.id.clone(), path });
            }
            _ => {}
        }
    }

    fn task(&mut self, id: &CallId, state: &TaskState) {
        let known = self.ledger.tasks.iter().position(|task| task.id == *id);
        let line = known.map(|at| self.ledger.tasks.remove(at).line);
        match state {
            TaskState::Running { tool, line } => {
                let line =
                    if line.starts_with(tool.as_str()) { line.clone() } else { format!("{tool} {line}") };
                self.ledger.tasks.push(LedgerTask { id: id.clone(), line: self.line(&line) });
            }
            TaskState::Done { file_key: Some(key), bytes, .. } => {
                let what = format!("result of {}", line.unwrap_or_else(|| id.0.clone()));
                self.key(key, &what, *bytes);
            }
            TaskState::Done { .. } | TaskState::Failed { .. } | TaskState::Lost => {}
        }
    }

    fn key(&mut self, key: &FileKey, what: &str, bytes: u64) {
        let what = self.line(what);
        match self.ledger.keys.iter_mut().find(|known| known.key == *key) {
            // The first words for it are the nearest to it; a length may come later.
            Some(known) => known.bytes = known.bytes.max(bytes),
            None => self.ledger.keys.push(LedgerKey { key: key.clone(), what, bytes }),
        }
    }

    /// The keys that a value names, as all tools write them: `fileKey`, with `bytes` beside it.
    fn keys_in(&mut self, value: &Value, tool: &str, depth: usize) {
        let inner: Vec<&Value> = match value {
            Value::Object(fields) => {
                if let Some(key) = fields.get("fileKey").and_then(Value::as_str) {
                    let note = ["note", "title", "path"].iter().find_map(|name| fields.get(*name)?.as_str());
                    let what = note.map_or_else(|| format!("from {tool}"), str::to_owned);
                    let bytes = fields.get("bytes").and_then(Value::as_u64).unwrap_or(0);
                    self.key(&FileKey(key.to_owned()), &what, bytes);
                }
                fields.values().collect()
            }
            Value::Array(values) => values.iter().collect(),
            _ => return,
        };
        if depth > 0 {
            inner.into_iter().for_each(|value| self.keys_in(value, tool, depth - 1));
        }
    }

    /// One line of at most [`LINE`] characters.
    fn line(&self, text: &str) -> String {
        let line: Vec<&str> = text.split_whitespace().collect();
        let line = (self.words.redact)(&line.join(" "));
        match line.char_indices().nth(LINE) {
            Some((at, _)) => format!("{} ...", &line[..at]),
            None => line,
        }
    }
}

/// The hash of the text that a change leaves at `path`: what the inverse is based on, or that of the text itself.
fn hash_after(path: &Path, text: Option<&str>, inverse: &ChangeSet) -> String {
    use glossator_text::Base;
    let base = inverse.files.iter().find(|file| file.path == path).map(|file| &file.base);
    match base {
        Some(Base::Buffer { hash, .. } | Base::Disk { hash }) if !hash.is_empty() => hash.clone(),
        _ => text.map(text_hash).unwrap_or_default(),
    }
}

/// Whether a command that failed so was started.
fn has_run(kind: ToolErrorKind) -> bool {
    matches!(kind, ToolErrorKind::ToolFailed | ToolErrorKind::ToolTimeout | ToolErrorKind::ToolCancelled)
}

/// The command of a call of `exec`: its words, its shell text, or that text alone.
fn command_line(arguments: &Value) -> Option<String> {
    let words = |value: &Value| match value {
        Value::Array(words) => Some(words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")),
        Value::String(text) => Some(text.clone()),
        _ => None,
    };
    match arguments {
        Value::Object(fields) => fields.get("command").or_else(|| fields.get("script")).and_then(words),
        plain => words(plain),
    }
}

/// A sentence as it is compared with others.
fn folded(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ").trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}
