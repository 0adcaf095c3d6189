//! A transcript: the latest turns of a session, or a page of older ones, as a fold over items and events; and its Markdown.
//! Pure but for the time zone.

use crate::chat::entry::{About, Entry};
use crate::chat::turn::Turn;
use crate::markdown::{code, plain};
use crate::ours::page_of;
use glossator_agent::{Page, SessionHead, Writing};
use glossator_session::{
    Ask, Event, EventKind, InputPart, Item, ItemBody, ItemId, QueuedPrompt, SessionId, TurnId,
};
use std::collections::VecDeque;
use std::fmt::Write;
use std::path::Path;

/// Turns of a transcript, and of a page of older ones.
pub const TURNS: usize = 30;
/// Characters of a title and of a model's name.
const TITLE: usize = 200;
/// Characters of a prompt that waits.
const WORDS: usize = 120;

/// The latest turns of a session, or a page.
pub struct Transcript {
    session: SessionId,
    title: String,
    model: String,
    /// The number of the page; `None`: the latest turns.
    page: Option<u32>,
    turns: VecDeque<Turn>,
    /// Whether there are turns before these.
    more: bool,
    /// The prompts that wait for their turn, and why they wait for the user, if they do.
    queue: (Vec<QueuedPrompt>, Option<String>),
    /// The last item that was taken in.
    last: ItemId,
}

impl Transcript {
    /// What `page` holds; `number` for a page of older turns.
    pub fn of(page: &Page, number: Option<u32>, path: &dyn Fn(&Path) -> String) -> Transcript {
        let mut transcript = Transcript {
            session: page.head.id.clone(),
            title: String::new(),
            model: String::new(),
            page: number,
            turns: VecDeque::new(),
            more: page.more,
            queue: Default::default(),
            last: ItemId(0),
        };
        transcript.head(&page.head);
        for item in page.items.iter().filter(|item| item.turn.0 > 0) {
            // What was recorded later of an older turn belongs to that, which is not of this page.
            if transcript.turns.is_empty() || item.turn >= page.first {
                transcript.item(item, path);
            }
        }
        if let Some(number) = number {
            // A page that is not full ends with the session; what is before it has a page of its own.
            let count = transcript.turns.len();
            transcript.turns.retain(|turn| page_of(turn.id) == number);
            transcript.more |= transcript.turns.len() < count;
        }
        transcript
    }

    fn head(&mut self, head: &SessionHead) {
        self.title.clone_from(&head.title);
        self.model.clone_from(&head.model);
    }

    /// Whether it shows no turn.
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// Whether it has no turns yet, so that its head may still change.
    pub fn is_unborn(&self) -> bool {
        self.model.is_empty()
    }

    /// These prompts wait for their turn.
    pub fn queued(&mut self, prompts: Vec<QueuedPrompt>, waits: Option<String>) {
        self.queue = (prompts, waits);
    }

    /// Takes the head in of a session that has begun meanwhile.
    pub fn begun(&mut self, head: &SessionHead) {
        self.head(head);
    }

    /// The turn that runs, as far as is known.
    pub fn running(&self) -> Option<TurnId> {
        self.turns.back().filter(|turn| turn.runs()).map(|turn| turn.id)
    }

    /// Takes an item in, unless that was done.
    fn item(&mut self, item: &Item, path: &dyn Fn(&Path) -> String) {
        if item.id <= self.last {
            // What was written of it is over all the same.
            if let Some(turn) = self.turns.iter_mut().rev().find(|turn| turn.id == item.turn) {
                turn.is_written(item);
            }
            return;
        }
        self.last = item.id;
        // Some go on with what an earlier turn began.
        let about = match &item.body {
            ItemBody::Task { id, .. } => Some(About::Task(id.clone())),
            ItemBody::ChangeSet { id, .. } => Some(About::Change(id.clone())),
            _ => None,
        };
        if let Some(about) = about
            && let Some(turn) = self.turns.iter_mut().rev().find(|turn| turn.has(&about))
        {
            return turn.add(item, path);
        }
        if let Some(turn) = self.turn(item.turn) {
            turn.add(item, path);
        }
    }

    /// The turn, made if it is a new one; `None`: it is older than what is shown.
    fn turn(&mut self, id: TurnId) -> Option<&mut Turn> {
        let newest = self.turns.back().map_or(TurnId(0), |turn| turn.id);
        if id > newest && id.0 > 0 {
            self.turns.push_back(Turn::new(id));
            if self.page.is_none() && self.turns.len() > TURNS {
                self.turns.pop_front();
                self.more = true;
            }
        }
        self.turns.iter_mut().rev().find(|turn| turn.id == id)
    }

    /// A question is open.
    pub fn asks(&mut self, turn: TurnId, ask: &Ask) {
        if let Some(turn) = self.turn(turn) {
            turn.asks(ask);
        }
    }

    /// This is being written.
    pub fn writing(&mut self, one: &Writing) {
        let cut = if one.cut { "… " } else { "" };
        if let Some(turn) = self.turn(one.turn) {
            turn.fragment(&one.stream, &format!("{cut}{}", one.text));
        }
    }

    /// Takes an event in.
    pub fn event(&mut self, event: &Event, now: i64, path: &dyn Fn(&Path) -> String) {
        if let EventKind::ItemCompleted { item } = &event.kind {
            return self.item(item, path);
        }
        match &event.kind {
            EventKind::SessionChanged { title, .. } => self.title.clone_from(title),
            EventKind::Queue { prompts, waits } => self.queued(prompts.clone(), waits.clone()),
            _ => {}
        }
        let Some(turn) = event.turn.and_then(|turn| self.turn(turn)) else { return };
        match &event.kind {
            EventKind::TurnStarted => turn.began(now),
            EventKind::ItemDelta { stream, text } => turn.fragment(stream, text),
            EventKind::Ask { ask } => turn.asks(ask),
            EventKind::AskResolved { id, answer } => {
                turn.of(&About::Ask(id.clone()), |entry| entry.answered(answer));
            }
            EventKind::Usage { usage, cost } => turn.spends(*usage, cost.clone()),
            EventKind::Notice { text, .. } if turn.runs() => {
                // Said of requests that are made again.
                turn.anew();
                turn.passes(text);
            }
            _ => {}
        }
    }

    /// Its Markdown.
    pub fn markdown(&mut self) -> String {
        let mut out = self.heading();
        for turn in &mut self.turns {
            out.push('\n');
            out.push_str(turn.markdown());
        }
        self.waiting(&mut out);
        out
    }

    /// What waits behind the last turn.
    fn waiting(&self, out: &mut String) {
        let (prompts, waits) = &self.queue;
        let mut lines = Vec::new();
        for prompt in prompts {
            let words = prompt.input.iter().find_map(|part| match part {
                InputPart::Text { text } => Some(plain(text, WORDS)),
                _ => None,
            });
            lines.push(Entry::note(format!(
                "{} waits: {}",
                plain(&prompt.id, WORDS),
                words.unwrap_or_default()
            )));
        }
        if let Some(why) = waits.as_ref().filter(|_| !prompts.is_empty()) {
            let text =
                format!("the queue waits for you: {} glossator.queue lets it go on", plain(why, TITLE));
            lines.push(Entry::note(text));
        }
        if !lines.is_empty() {
            out.push('\n');
            lines.iter().for_each(|line| line.write(out));
        }
    }

    fn heading(&self) -> String {
        let title = match plain(&self.title, TITLE) {
            title if title.is_empty() => "Chat".to_owned(),
            title => title,
        };
        let mut out = format!("# {title}\n\n");
        let mut parts = vec![format!("session {}", code(&self.session.0, TITLE))];
        if !self.model.is_empty() {
            parts.push(code(&self.model, TITLE));
        }
        if let Some(first) = self.turns.front().map(|turn| turn.id).filter(|first| self.more && first.0 > 1) {
            parts.push(format!("earlier turns: chat-{}.md", page_of(TurnId(first.0 - 1))));
        }
        match self.page {
            None => parts.push("write in prompt.md".to_owned()),
            Some(number) => {
                let last = self.turns.back().map_or(0, |turn| turn.id.0);
                let next = Some(page_of(TurnId(last + 1))).filter(|next| *next != number);
                let next = next.map_or_else(String::new, |next| format!("chat-{next}.md, "));
                parts.push(format!("later turns: {next}chat.md"));
            }
        }
        let _ = writeln!(out, "{}", parts.join(" · "));
        if self.turns.is_empty() {
            out.push_str("\nNothing was said yet.\n");
        }
        out
    }
}

#[cfg(test)]
mod tests;
