//! One turn of a transcript: a fold over its items and events, and its Markdown. Pure but for the time zone.

mod written;

use crate::chat::entry::{About, Entry};
use crate::chat::figures::{day_and_clock, length, short, spent};
use crate::convert;
use crate::markdown::{MARK, code, contained, plain, quoted};
use crate::prompt_document::short as short_id;
use glossator_script::{Piece, Scanner};
use glossator_session::{Ask, ContextItem, Cost, InputPart, Item, ItemBody, TurnId, TurnStatus, Usage};
use std::fmt::Write;
use std::path::Path;
use url::Url;
use written::{Block, Page, beginning};

/// Characters of a file that is pointed at, and of an entry's name.
const PLACE: usize = 200;
const NAME: usize = 40;

/// A turn.
#[derive(Debug, Clone)]
pub struct Turn {
    pub id: TurnId,
    /// When it began, in milliseconds since the Unix epoch, as its items tell; 0: not known yet.
    at: i64,
    /// The same, as far as it was seen.
    seen: i64,
    end: Option<(TurnStatus, i64)>,
    usage: Usage,
    cost: Option<Cost>,
    requests: usize,
    /// Whether the user has said something in it.
    asked: bool,
    blocks: Vec<Block>,
    /// What is being written: streams and their fragments, in order.
    streams: Vec<(String, String)>,
    /// Something to know now and not to keep.
    passing: Option<String>,
    /// The Markdown, until something changes.
    shown: Option<String>,
}

impl Turn {
    pub fn new(id: TurnId) -> Turn {
        Turn {
            id,
            at: 0,
            seen: 0,
            end: None,
            usage: Usage::default(),
            cost: None,
            requests: 0,
            asked: false,
            blocks: Vec::new(),
            streams: Vec::new(),
            passing: None,
            shown: None,
        }
    }

    /// Whether it runs, as far as its items tell.
    pub fn runs(&self) -> bool {
        self.end.is_none()
    }

    /// Takes an item in; `path` names files as the user knows them.
    pub fn add(&mut self, item: &Item, path: &dyn Fn(&Path) -> String) {
        self.shown = None;
        self.passing = None;
        if self.at == 0 {
            self.at = item.at;
        }
        self.is_written(item);
        let agent = item.agent.clone();
        let did = |entry| Block::Did(agent.clone(), entry);
        match &item.body {
            ItemBody::UserMessage { input, .. } => self.said(item, input, path),
            ItemBody::Answer { text, .. } => {
                let text = contained(&without_scripts(text));
                if !text.is_empty() {
                    self.blocks.push(Block::Said(agent, text));
                }
            }
            ItemBody::Reasoning { text, .. } => {
                if !text.trim().is_empty() {
                    self.blocks.push(did(Entry::thought(item.id, text.chars().count())));
                }
            }
            ItemBody::Script { id, source } => {
                self.blocks.push(did(Entry::script(item.id, id, source)));
            }
            ItemBody::ScriptOutput { script, ok, .. } => {
                self.of(&About::Script(script.clone()), |entry| entry.ended(*ok));
            }
            ItemBody::ToolCall { call, script } => {
                self.blocks.push(did(Entry::call(item.id, call, script.is_some())));
            }
            ItemBody::ToolOutput { call, outcome, .. } => {
                self.of(&About::Call(call.clone()), |entry| entry.outcome(outcome));
            }
            ItemBody::Approval { ask, answer } => {
                self.asks(ask);
                self.of(&About::Ask(ask.id.clone()), |entry| entry.answered(answer));
            }
            ItemBody::ChangeSet { id, state } => {
                if let Some(entry) = Entry::edit(id, state, path) {
                    self.blocks.push(did(entry));
                }
                self.of(&About::Change(id.clone()), |entry| entry.changed(state));
            }
            ItemBody::Task { id, state } => {
                if !self.of(&About::Task(id.clone()), |entry| entry.went_on(state)) {
                    self.blocks.push(Block::Line(Entry::task(id, state)));
                }
            }
            ItemBody::Notice { level, text } => self.blocks.push(Block::Line(Entry::notice(*level, text))),
            ItemBody::TurnEnded { status, usage, cost, message } => {
                (self.usage, self.cost) = (*usage, cost.clone());
                self.ended(*status, item.at, message.as_deref());
            }
            ItemBody::Context(context) => self.context(item, context),
            ItemBody::Unknown(_) => {}
        }
    }

    /// What was being written is this item now.
    pub fn is_written(&mut self, item: &Item) {
        match &item.body {
            ItemBody::Answer { .. } | ItemBody::Script { .. } | ItemBody::TurnEnded { .. } => {
                self.streams.clear();
            }
            ItemBody::Reasoning { .. } => {
                self.streams.retain(|(stream, _)| !stream.starts_with("reasoning"));
            }
            _ => return,
        }
        self.shown = None;
    }

    fn ended(&mut self, status: TurnStatus, at: i64, message: Option<&str>) {
        self.end = Some((status, at));
        let text = match message {
            Some(message) => format!("**{}**: {}", state_name(status), plain(message, 1000)),
            None if status == TurnStatus::Done => return,
            None => format!("**{}**", state_name(status)),
        };
        self.blocks.push(Block::Line(Entry::note(text)));
    }

    fn context(&mut self, item: &Item, context: &ContextItem) {
        match context {
            ContextItem::Plan { steps, .. } => {
                // The latest one stands where it came up.
                self.blocks.retain(|block| !matches!(block, Block::Plan(agent, _) if *agent == item.agent));
                self.blocks.push(Block::Plan(item.agent.clone(), steps.clone()));
            }
            ContextItem::Posted { entry } => {
                let text =
                    format!("posted {} on the board: {}", plain(&entry.id, NAME), plain(&entry.title, PLACE));
                self.blocks.push(Block::Did(item.agent.clone(), Entry::note(text)));
            }
            ContextItem::Asked { ask, title, lost: true } => {
                let text = format!(
                    "{} asked: {} ✗ lost when Glossator was stopped",
                    short_id(ask),
                    plain(title, PLACE)
                );
                if !self.of(&About::Ask(ask.clone()), |entry| *entry = Entry::note(text.clone())) {
                    self.blocks.push(Block::Line(Entry::note(text)));
                }
            }
            ContextItem::Compaction(compaction) => {
                let (before, after) = (short(compaction.tokens_before), short(compaction.tokens_after));
                let text = format!("history compacted, {before} to {after} tokens");
                self.blocks.push(Block::Line(Entry::note(text)));
            }
            ContextItem::Request(record) if record.error.is_none() => self.requests += 1,
            _ => {}
        }
    }

    fn said(&mut self, item: &Item, input: &[InputPart], path: &dyn Fn(&Path) -> String) {
        let (mut shown, mut left) = (String::new(), 0);
        for part in input {
            match part {
                InputPart::Text { text } => {
                    let (first, rest) = beginning(text);
                    shown.push_str(&quoted(&first));
                    left += rest;
                }
                InputPart::Mention { uri, range, .. } => {
                    let name = named(uri, path);
                    // What stands in the words as `@name` needs no line of its own.
                    if shown.contains(&format!("@{name}")) {
                        continue;
                    }
                    let lines = range.map(|range| {
                        format!(" lines {} to {}", range.start.line.saturating_add(1), last_line(&range))
                    });
                    let _ = writeln!(shown, "> {}{}", code(&name, PLACE), lines.unwrap_or_default());
                }
                InputPart::Image { name, image } => {
                    let name = if name.is_empty() { &image.media_type } else { name };
                    let _ = writeln!(shown, "> image {}", code(name, PLACE));
                }
            }
        }
        let later = std::mem::replace(&mut self.asked, true).then_some(item.at);
        self.blocks.push(Block::You(shown, later));
        if left > 0 {
            let text = format!("… {left} more characters were said (#{})", item.id.0);
            self.blocks.push(Block::Line(Entry::note(text)));
        }
    }

    /// A question is open.
    pub fn asks(&mut self, ask: &Ask) {
        self.shown = None;
        if !self.has(&About::Ask(ask.id.clone())) {
            self.blocks.push(Block::Line(Entry::ask(ask)));
        }
    }

    /// Whether a line is about something.
    pub fn has(&self, about: &About) -> bool {
        self.blocks.iter().any(|block| match block {
            Block::Did(_, entry) | Block::Line(entry) => entry.about == *about,
            _ => false,
        })
    }

    /// Changes the line that is about something, if there is one here.
    pub fn of(&mut self, about: &About, change: impl FnOnce(&mut Entry)) -> bool {
        let entries = self.blocks.iter_mut().filter_map(|block| match block {
            Block::Did(_, entry) | Block::Line(entry) => Some(entry),
            _ => None,
        });
        let Some(entry) = entries.rev().find(|entry| entry.about == *about) else { return false };
        change(entry);
        self.shown = None;
        true
    }

    /// Takes a fragment in.
    pub fn fragment(&mut self, stream: &str, text: &str) {
        let kind = stream.split('@').next().unwrap_or_default();
        if !matches!(kind, "answer" | "script" | "reasoning") {
            // Output of a call while it runs.
            return;
        }
        self.shown = None;
        self.passing = None;
        match self.streams.last_mut().filter(|(last, _)| last == stream) {
            Some((_, held)) => held.push_str(text),
            None => self.streams.push((stream.to_owned(), text.to_owned())),
        }
    }

    /// The answer begins anew: what was written of it does not count.
    pub fn anew(&mut self) {
        self.shown = None;
        self.streams.clear();
    }

    /// Something to know now.
    pub fn passes(&mut self, text: &str) {
        self.shown = None;
        self.passing = Some(text.to_owned());
    }

    /// What it has spent up to now.
    pub fn spends(&mut self, usage: Usage, cost: Option<Cost>) {
        self.shown = None;
        (self.usage, self.cost) = (usage, cost);
    }

    /// When it began, if its items do not tell.
    pub fn began(&mut self, at: i64) {
        if self.seen == 0 {
            (self.seen, self.shown) = (at, None);
        }
    }

    /// Its Markdown.
    pub fn markdown(&mut self) -> &str {
        if self.shown.is_none() {
            self.shown = Some(self.render());
        }
        self.shown.as_deref().unwrap_or_default()
    }

    fn heading(&self) -> String {
        let state = match self.end {
            Some((status, _)) => state_name(status),
            None => "running",
        };
        let mut parts = vec![self.id.to_string(), state.to_owned()];
        let began = if self.at > 0 { self.at } else { self.seen };
        if began > 0 {
            parts.push(day_and_clock(began));
        }
        parts.extend(self.end.map(|(_, at)| length(at.saturating_sub(began))));
        parts.push(spent(&self.usage, self.cost.as_ref()));
        parts.retain(|part| !part.is_empty());
        format!("## {}\n", parts.join(" · "))
    }

    fn render(&self) -> String {
        let mut page = Page::new(self.heading());
        for block in &self.blocks {
            page.block(block);
        }
        for (stream, text) in &self.streams {
            page.stream(stream, text);
        }
        if let Some(text) = &self.passing {
            page.line(&Entry::note(plain(text, PLACE)));
        }
        match self.end {
            Some(_) => self.documents(&mut page),
            None => page.how_to_answer(&self.blocks),
        }
        page.out
    }

    /// What there is to see of the turn elsewhere.
    fn documents(&self, page: &mut Page) {
        let edits =
            |block: &Block| matches!(block, Block::Did(_, entry) | Block::Line(entry) if entry.is_edit());
        let mut parts = Vec::new();
        if self.blocks.iter().any(edits) {
            parts.push(format!("review: {}.diff", self.id));
        }
        if self.requests > 0 {
            parts.push(format!("sent to the model: {}-context.md", self.id));
        }
        if !parts.is_empty() {
            page.line(&Entry::note(parts.join(" · ")));
        }
    }
}

/// In a word.
pub fn state_name(status: TurnStatus) -> &'static str {
    match status {
        TurnStatus::Done => "done",
        TurnStatus::Failed => "failed",
        TurnStatus::Interrupted => "stopped",
        TurnStatus::Limited => "paused",
    }
}

/// An answer without its scripts, which are told by themselves; what the model made up as results is left out.
pub fn without_scripts(text: &str) -> String {
    if !text.contains("<tool-") {
        return text.to_owned();
    }
    let mut scanner = Scanner::new();
    let mut pieces = scanner.push(text);
    let (rest, _) = scanner.finish();
    pieces.extend(rest);
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(part) => out.push_str(&part),
            Piece::ScriptStart | Piece::ScriptText(_) => {}
            Piece::ScriptEnd { .. } => {
                let kept = out.trim_end().len();
                out.truncate(kept);
            }
            Piece::SelfWrittenResults => break,
        }
    }
    out
}

/// A document as people know it: its path, where it is a file.
fn named(uri: &str, path: &dyn Fn(&Path) -> String) -> String {
    let file = Url::parse(uri).ok().as_ref().and_then(convert::path_of);
    file.map_or_else(|| uri.to_owned(), |file| path(&file))
}

fn last_line(range: &glossator_text::Range) -> u32 {
    let end = range.end;
    if end.character == 0 && end.line > range.start.line { end.line } else { end.line.saturating_add(1) }
}

/// Whether a line is one of ours.
pub fn is_ours(line: &str) -> bool {
    let rest = line.strip_prefix("  ").unwrap_or(line);
    rest.strip_prefix("- ").is_some_and(|rest| rest.starts_with(MARK))
}
