//! `show`: turns of a session as text.

use super::paint::{Paint, count, paint, plain, time};
use super::{Desk, Done, Failure, turn};
use crate::terminal::{complain, say};
use glossator_session::{
    ChangeState, ContextItem, InputPart, Item, ItemBody, NoticeLevel, TaskState, ToolCall, TurnId, TurnStatus,
};
use glossator_store::Page;
use serde_json::{Value, json};

/// Turns that are shown at the most.
const MOST: usize = 10_000;
/// Characters of a call that are shown.
const CALL_CHARS: usize = 160;

impl Desk {
    pub fn show(&self, beginning: &str, asked: Option<&str>, last: usize) -> Done {
        let session = self.find(beginning)?;
        let page = match asked.map(turn).transpose()? {
            Some(TurnId(number)) => {
                let page = self.store.page(&session.id, Some(TurnId(number.saturating_add(1))), 1)?;
                let items: Vec<Item> = page.items.into_iter().filter(|item| item.turn.0 == number).collect();
                if items.is_empty() {
                    return Err(Failure::Failed(format!(
                        "session {} has no turn T-{number}; it has {} of them",
                        session.id, session.turns
                    )));
                }
                Page { items, more: false, ..page }
            }
            None => self.store.page(&session.id, None, last.clamp(1, MOST))?,
        };
        if self.json {
            page.items.iter().for_each(|item| say!("{}", json!(item)));
            return Ok(());
        }
        say!("{}", paint(Paint::Bold, &plain(&session.title)));
        let parent =
            session.parent.as_ref().map(|fork| format!(", a fork of {} at {}", fork.session, fork.turn));
        let facts = format!(
            "{}  {}  {}, begun {}{}",
            session.id,
            session.model,
            count(u64::from(session.turns), "turn"),
            time(session.created_at),
            parent.unwrap_or_default()
        );
        say!("{}", paint(Paint::Dim, &facts));
        if page.more {
            say!("{}", paint(Paint::Dim, &format!("(earlier turns: --last {})", session.turns)));
        }
        let mut shown = None;
        for item in &page.items {
            if shown != Some(item.turn) {
                shown = Some(item.turn);
                say!(
                    "\n{}  {}",
                    paint(Paint::Bold, &item.turn.to_string()),
                    paint(Paint::Dim, &time(item.at))
                );
            }
            if let Some(text) = text(&item.body) {
                say!("{}", plain(&text));
            }
        }
        if page.items.is_empty() {
            complain!("nothing was asked in this session yet");
        }
        Ok(())
    }
}

/// An item as people read it; `None` for what says nothing to them.
fn text(body: &ItemBody) -> Option<String> {
    match body {
        ItemBody::UserMessage { input, .. } => Some(indented("> ", &prompt(input))),
        ItemBody::Answer { text, .. } => Some(text.trim_end().to_owned()),
        ItemBody::ToolCall { call, .. } => Some(format!("  - {}", call_line(call))),
        ItemBody::ToolOutput { outcome: Ok(output), millis, .. } => {
            Some(format!("    {} ({millis} ms)", output.summary))
        }
        ItemBody::ToolOutput { outcome: Err(error), .. } => Some(format!("    {error}")),
        ItemBody::Approval { ask, answer } => Some(format!("  ? {}: {answer:?}", ask.title)),
        ItemBody::ChangeSet { id, state } => change(&id.0, state),
        ItemBody::Task { id, state } => Some(format!("  task {id}: {}", task(state))),
        ItemBody::Notice { level, text } if !text.is_empty() => {
            Some(format!("  {}: {text}", level_name(*level)))
        }
        ItemBody::TurnEnded { status, message, .. } => {
            let why = message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
            (*status != TurnStatus::Done || message.is_some()).then(|| format!("  ({status:?}{why})"))
        }
        ItemBody::Context(item) => context(item),
        // What a script printed and returned stands in the answer that follows; its calls are shown.
        ItemBody::Script { .. } | ItemBody::ScriptOutput { .. } | ItemBody::Reasoning { .. } => None,
        ItemBody::Notice { .. } | ItemBody::Unknown(_) => None,
    }
}

fn indented(mark: &str, text: &str) -> String {
    text.trim_end().lines().map(|line| format!("{mark}{line}")).collect::<Vec<_>>().join("\n")
}

fn prompt(input: &[InputPart]) -> String {
    let parts = input.iter().map(|part| match part {
        InputPart::Text { text } => text.clone(),
        InputPart::Mention { uri, .. } => format!("@{uri}"),
        InputPart::Image { name, .. } => format!("[image {name}]"),
    });
    parts.collect::<Vec<_>>().join("\n")
}

fn call_line(call: &ToolCall) -> String {
    let fields = match &call.arguments {
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| format!("{name}: {}", short(value))).collect()
        }
        Value::Null => Vec::new(),
        other => vec![short(other)],
    };
    let line = format!("{} {}", call.name, fields.join(", "));
    line.chars().take(CALL_CHARS).collect()
}

fn short(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let line: Vec<&str> = text.split_whitespace().take(CALL_CHARS).collect();
    line.join(" ").chars().take(CALL_CHARS).collect()
}

fn change(id: &str, state: &ChangeState) -> Option<String> {
    match state {
        ChangeState::Intended { change, undoes: None, .. } => {
            let files: Vec<String> =
                change.files.iter().map(|file| file.path.to_string_lossy().into_owned()).collect();
            Some(format!("  edit {id}: {}", files.join(", ")))
        }
        ChangeState::Intended { undoes: Some(undone), .. } => {
            Some(format!("  edit {id} takes back {undone}"))
        }
        ChangeState::Failed { message } => Some(format!("  edit {id} failed: {message}")),
        ChangeState::Undone => Some(format!("  edit {id} was taken back")),
        ChangeState::Committed | ChangeState::Reviewed { .. } => None,
    }
}

fn task(state: &TaskState) -> String {
    match state {
        TaskState::Running { line, .. } => format!("begun, {line}"),
        TaskState::Done { summary, .. } => format!("done, {summary}"),
        TaskState::Failed { error } => format!("failed, {error}"),
        TaskState::Lost => "lost when Glossator was stopped".to_owned(),
    }
}

fn context(item: &ContextItem) -> Option<String> {
    match item {
        ContextItem::Plan { steps, .. } => {
            let steps: Vec<String> =
                steps.iter().map(|step| format!("    {:?}: {}", step.status, step.text)).collect();
            Some(format!("  plan\n{}", steps.join("\n")))
        }
        ContextItem::Posted { entry } => Some(format!("  board {}: {}", entry.id, entry.title)),
        ContextItem::Compaction(compaction) => Some(format!(
            "  history compacted: {} tokens before, {} after",
            compaction.tokens_before, compaction.tokens_after
        )),
        _ => None,
    }
}

fn level_name(level: NoticeLevel) -> &'static str {
    match level {
        NoticeLevel::Info => "note",
        NoticeLevel::Warning => "warning",
        NoticeLevel::Error => "error",
    }
}
