//! The announcement board: which entries are live in a turn, a fold over the log, and how they are shown.

use crate::escape::{attribute, escape_also};
use crate::reminders::{Occasion, reminder};
use glossator_session::{BoardEntry, BoardSource, ContextItem, Item, ItemBody, TurnId};

/// The entries that turn `turn` is shown, oldest first. `items` is the log up to where it is looked at: all of it, or from
/// its last compaction on.
pub fn board_at(items: &[Item], turn: TurnId) -> Vec<&BoardEntry> {
    let mut board = Board::default();
    for item in items.iter().filter(|item| item.turn <= turn) {
        board.take(item);
    }
    board.live(turn).map(|posted| posted.entry).collect()
}

/// The board as the log grows.
#[derive(Debug, Default)]
pub(crate) struct Board<'a> {
    posted: Vec<Posted<'a>>,
    /// The latest turn that was seen: where an item stands counts, not the turn that made it.
    turn: u32,
}

/// An entry on the board.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Posted<'a> {
    pub entry: &'a BoardEntry,
    /// The last turn that it is shown in.
    pub until: TurnId,
}

impl<'a> Board<'a> {
    /// Takes in an item; whether the board is another after it.
    pub fn take(&mut self, item: &'a Item) -> bool {
        self.turn = self.turn.max(item.turn.0);
        let ItemBody::Context(context) = &item.body else {
            return false;
        };
        match context {
            ContextItem::Posted { entry } => {
                self.posted.retain(|posted| posted.entry.id != entry.id);
                self.post(entry);
                true
            }
            ContextItem::Removed { entry } => {
                let live = self.live(TurnId(self.turn)).any(|posted| posted.entry.id == *entry);
                self.posted.retain(|posted| posted.entry.id != *entry);
                live
            }
            ContextItem::Compaction(compaction) => {
                self.posted.clear();
                compaction.board.iter().for_each(|entry| self.post(entry));
                false
            }
            _ => false,
        }
    }

    fn post(&mut self, entry: &'a BoardEntry) {
        let until = TurnId(self.turn.saturating_add(entry.turns.max(1) - 1));
        self.posted.push(Posted { entry, until });
    }

    /// The entries that turn `turn` is shown, oldest first.
    pub fn live(&self, turn: TurnId) -> impl Iterator<Item = Posted<'a>> + '_ {
        self.posted.iter().copied().filter(move |posted| posted.until >= turn)
    }

    /// The board as turn `turn` is shown it; `None` when nothing is on it.
    pub fn shown(&self, turn: TurnId) -> Option<String> {
        let entries: Vec<String> = self.live(turn).map(element).collect();
        (!entries.is_empty()).then(|| {
            let how = reminder(Occasion::Board);
            format!("<announcement-board>\n{how}\n{}\n</announcement-board>", entries.join("\n"))
        })
    }

    /// What is shown of a board that has become empty within a turn.
    pub fn empty() -> String {
        format!("<announcement-board>\n{}\n</announcement-board>", reminder(Occasion::EmptyBoard))
    }
}

fn element(posted: Posted) -> String {
    let BoardEntry { id, source, title, text, key, bytes, .. } = posted.entry;
    let mut open = format!("<entry id=\"{}\" from=\"{}\"", attribute(id), source_name(*source));
    open.push_str(&format!(" until=\"{}\" title=\"{}\"", posted.until, attribute(title)));
    if let Some(key) = key {
        open.push_str(&format!(" fileKey=\"{}\" bytes=\"{bytes}\"", attribute(&key.0)));
    }
    // An entry must not end itself and begin another.
    match escape_also(text.trim_end(), &["entry"]) {
        text if text.is_empty() => format!("{open}/>"),
        text => format!("{open}>\n{text}\n</entry>"),
    }
}

fn source_name(source: BoardSource) -> &'static str {
    match source {
        BoardSource::Page => "page",
        BoardSource::Turn => "turn",
        BoardSource::Task => "task",
        BoardSource::Cabinet => "cabinet",
        BoardSource::Note => "note",
    }
}
