//! What the index keeps of a session: a fold over the lines of its log. Pure: lines in, texts and facts out.

use super::TextKind;
use super::lines::{Head, Line, Said};
use crate::ForkPoint;
use glossator_session::{ChangeState, InputPart, Item, ItemBody, ToolCall, TurnStatus};
use glossator_text::{Action, ChangeSet};
use serde_json::Value;
use std::path::Path;

/// Bytes of a text that can be found; the rest of a longer one cannot.
const TEXT_BYTES: usize = 8 << 10;
/// Bytes of a line that stands for a call or its outcome.
const LINE_BYTES: usize = 400;
/// Characters of a prompt that lists show.
const WORDS_CHARS: usize = 80;

/// What is known of a session from its log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Digest {
    pub head_title: String,
    pub created: i64,
    pub model: String,
    pub parent: Option<ForkPoint>,
    /// The latest time of an item.
    pub updated: i64,
    /// The highest number of a turn.
    pub turns: u32,
    pub first_prompt: String,
    pub last_prompt: String,
    pub tokens: u64,
    pub micro_usd: u64,
}

/// A text that can be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub turn: u32,
    pub item: u64,
    pub kind: TextKind,
    pub at: i64,
    pub text: String,
}

/// What an item says of its turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TurnFact {
    /// It began with this prompt.
    Prompt(String),
    /// It ended.
    Ended { status: TurnStatus, tokens: u64, micro_usd: u64 },
}

impl Digest {
    /// Of a session that has this header.
    pub fn new(head: Head) -> Digest {
        Digest {
            head_title: one_line(&head.title, WORDS_CHARS),
            created: head.created_at,
            updated: head.created_at,
            model: head.model,
            turns: head.parent.as_ref().map_or(0, |parent| parent.turn.0),
            parent: head.parent,
            ..Digest::default()
        }
    }

    /// Takes an item in; gives what can be found of it, and what it says of its turn.
    pub fn take(&mut self, line: Line, workspace: Option<&Path>) -> (Option<Text>, Option<TurnFact>) {
        self.updated = self.updated.max(line.at);
        self.turns = self.turns.max(line.turn.0);
        let (turn, item, at) = (line.turn.0, line.id.0, line.at);
        let text = |(kind, text): (TextKind, String)| {
            let text = text.trim();
            (!text.is_empty()).then(|| Text { turn, item, kind, at, text: cut(text, TEXT_BYTES).to_owned() })
        };
        match line.said {
            Said::Nothing => (None, None),
            Said::Outcome(outcome) => (text((TextKind::Call, one_line(&outcome, LINE_BYTES))), None),
            Said::Item(item) => {
                let fact = self.fact(&item);
                (said(&item, workspace).and_then(text), fact)
            }
        }
    }

    fn fact(&mut self, item: &Item) -> Option<TurnFact> {
        match &item.body {
            ItemBody::UserMessage { input, .. } => {
                let words = first_words(input);
                if self.first_prompt.is_empty() {
                    self.first_prompt.clone_from(&words);
                }
                self.last_prompt.clone_from(&words);
                Some(TurnFact::Prompt(words))
            }
            ItemBody::TurnEnded { status, usage, cost, .. } => {
                let (tokens, micro_usd) = (usage.total(), cost.as_ref().map_or(0, |cost| cost.micro_usd));
                self.tokens = self.tokens.saturating_add(tokens);
                self.micro_usd = self.micro_usd.saturating_add(micro_usd);
                Some(TurnFact::Ended { status: *status, tokens, micro_usd })
            }
            _ => None,
        }
    }
}

/// What of an item can be found.
fn said(item: &Item, workspace: Option<&Path>) -> Option<(TextKind, String)> {
    match &item.body {
        ItemBody::UserMessage { input, .. } => Some((TextKind::Prompt, prompt(input))),
        ItemBody::Answer { text, .. } => Some((TextKind::Answer, without_scripts(text))),
        ItemBody::Script { source, .. } => Some((TextKind::Script, source.clone())),
        ItemBody::ToolCall { call, .. } => Some((TextKind::Call, call_line(call))),
        ItemBody::ChangeSet { state: ChangeState::Intended { change, undoes: None, .. }, .. } => {
            Some((TextKind::Edit, paths(change, workspace)))
        }
        ItemBody::Notice { text, .. } => Some((TextKind::Notice, text.clone())),
        ItemBody::TurnEnded { message: Some(message), .. } => Some((TextKind::Notice, message.clone())),
        _ => None,
    }
}

fn prompt(input: &[InputPart]) -> String {
    let parts = input.iter().map(|part| match part {
        InputPart::Text { text } => text.as_str(),
        InputPart::Mention { uri, .. } => uri.as_str(),
        InputPart::Image { name, .. } => name.as_str(),
    });
    parts.collect::<Vec<_>>().join("\n")
}

/// The first line of a prompt that says something.
fn first_words(input: &[InputPart]) -> String {
    let texts = input.iter().filter_map(|part| match part {
        InputPart::Text { text } => text.lines().map(str::trim).find(|line| !line.is_empty()),
        InputPart::Mention { .. } | InputPart::Image { .. } => None,
    });
    one_line(texts.into_iter().next().unwrap_or_default(), WORDS_CHARS)
}

/// Scripts are items of their own.
fn without_scripts(text: &str) -> String {
    let (open, close) = ("<tool-calls>", "</tool-calls>");
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        out.push_str(before);
        rest = after.split_once(close).map_or("", |(_, behind)| behind);
    }
    out.push_str(rest);
    out
}

/// `readFile path: a.txt, limit: 3`
fn call_line(call: &ToolCall) -> String {
    let words: Vec<String> = match &call.arguments {
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| format!("{name}: {}", plain(value))).collect()
        }
        Value::Null => Vec::new(),
        other => vec![plain(other)],
    };
    one_line(&format!("{} {}", call.name, words.join(", ")), LINE_BYTES)
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => cut(text, LINE_BYTES).to_owned(),
        other => cut(&other.to_string(), LINE_BYTES).to_owned(),
    }
}

fn paths(change: &ChangeSet, workspace: Option<&Path>) -> String {
    let shown = |path: &Path| {
        let short = workspace.and_then(|workspace| path.strip_prefix(workspace).ok());
        short.unwrap_or(path).to_string_lossy().into_owned()
    };
    let files = change.files.iter().flat_map(|file| {
        let moved = match &file.action {
            Action::Update { move_to: Some(to), .. } => Some(shown(to)),
            _ => None,
        };
        [Some(shown(&file.path)), moved].into_iter().flatten()
    });
    files.collect::<Vec<_>>().join("\n")
}

/// At most `most` characters of `text` in one line, without control characters.
fn one_line(text: &str, most: usize) -> String {
    let words = text.split_whitespace().flat_map(|word| [" ", word]).skip(1).collect::<String>();
    words.chars().filter(|c| !c.is_control()).take(most).collect()
}

/// The beginning of `text`, at most `most` bytes.
fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}
