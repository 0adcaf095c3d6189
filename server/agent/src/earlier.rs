//! What a session knows of the items that it does not hold any more: folds over them, in a form that can be written beside
//! the log and read again. Reads no file; what is live is decided by the session.

use crate::hunks::Ledger;
use crate::kept;
use crate::spent::Spent;
use crate::task_log::TaskLog;
use glossator_session::{
    AskId, BoardEntry, ChangeSetId, ChangeState, ContextItem, FileKey, InputPart, Item, ItemBody, ItemId,
    PlanStep, TaskState, TurnId,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The form of [`Earlier`] that this version writes; one of another form is not read.
const VERSION: u32 = 1;
/// Prompts of the queue that are known to have begun: in its file stands one of the latest, if any.
const BEGUN: usize = 1000;
/// Turns whose edits are known even where all of them were decided.
const TURNS_OF_EDITS: u32 = 50;

/// Everything before some item.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Earlier {
    version: u32,
    /// The last item of it; 0: there is none.
    pub upto: u64,
    pub facts: Facts,
    pub hunks: Ledger,
    /// Single items of it that still matter, oldest first: see [`carry`].
    pub carried: Vec<Item>,
    /// Items before this one are sent without the provider's own blocks.
    pub thinking_from: u64,
}

/// What is asked for often, and so kept up to date by folding in each item as it comes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Facts {
    /// The latest turn and its latest round.
    pub place: (TurnId, u32),
    pub counts: Counts,
    /// What scripts have stored.
    pub stored: Map<String, Value>,
    pub spent: Spent,
    pub tasks: TaskLog,
    /// The files that edits were about.
    pub touched: BTreeSet<PathBuf>,
    /// The plan as it was last.
    pub plan: Vec<PlanStep>,
    /// Questions that wait, with their one line.
    pub asks: Vec<(AskId, String)>,
    /// The first words that the user said.
    pub first: Option<Vec<InputPart>>,
    /// The prompts that waited in the queue and began a turn.
    #[serde(default)]
    pub begun: Begun,
}

/// The last numbers that were given away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Counts {
    pub asks: u64,
    pub changes: u64,
    /// Entries of the board.
    pub entries: u64,
    /// Kept texts.
    pub keys: u64,
}

/// Numbers of prompts that waited in the queue and stand in the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Begun(BTreeSet<u64>);

impl Begun {
    /// Whether the prompt of this number stands in the log.
    pub fn holds(&self, number: u64) -> bool {
        self.0.contains(&number)
    }

    /// The highest number; 0: none began.
    pub fn last(&self) -> u64 {
        self.0.last().copied().unwrap_or(0)
    }

    fn add(&mut self, number: u64) {
        self.0.insert(number);
        if self.0.len() > BEGUN {
            self.0.pop_first();
        }
    }
}

impl Default for Facts {
    fn default() -> Self {
        Facts {
            place: (TurnId(0), 0),
            counts: Counts::default(),
            stored: Map::new(),
            spent: Spent::default(),
            tasks: TaskLog::default(),
            touched: BTreeSet::new(),
            plan: Vec::new(),
            asks: Vec::new(),
            first: None,
            begun: Begun::default(),
        }
    }
}

impl Earlier {
    /// What was written beside a log, if this version can read it and it goes up to the item before `next`.
    pub fn read(saved: Value) -> Option<Earlier> {
        let earlier: Earlier = serde_json::from_value(saved).ok()?;
        (earlier.version == VERSION).then_some(earlier)
    }

    /// Of items up to this one, of which nothing else is known.
    pub fn upto(upto: u64) -> Earlier {
        Earlier { upto, ..Earlier::default() }
    }

    /// Takes in the items that come next; their hunks too, but what was decided long before is left out.
    pub fn take_in(&mut self, items: &[Item]) {
        self.version = VERSION;
        items.iter().for_each(|item| self.facts.add(item));
        self.hunks.catch_up(items);
        let since = self.facts.place.0.0.saturating_sub(TURNS_OF_EDITS);
        self.hunks.forget_before(TurnId(since));
        self.facts.tasks.forget();
        carry(&mut self.carried, items);
        self.upto = items.last().map_or(self.upto, |item| item.id.0);
        self.hunks.seen_up_to(ItemId(self.upto));
    }
}

impl Facts {
    pub fn add(&mut self, item: &Item) {
        self.place = self.place.max((item.turn, item.round));
        match &item.body {
            ItemBody::UserMessage { input, queued, .. } => {
                self.first.get_or_insert_with(|| input.clone());
                queued.iter().for_each(|number| self.begun.add(*number));
            }
            ItemBody::Approval { ask, .. } => {
                self.counts.asks += 1;
                self.asks.retain(|(id, _)| *id != ask.id);
            }
            ItemBody::ChangeSet { id, state } => self.edit(id, state),
            ItemBody::Task { id, state } => {
                self.tasks.add(item.at, id, state);
                if let TaskState::Done { file_key: Some(key), .. } = state {
                    self.key(key);
                }
            }
            ItemBody::TurnEnded { usage, cost, .. } => self.spent.add(*usage, cost.as_ref()),
            ItemBody::Context(context) => self.context(context),
            _ => {}
        }
    }

    fn edit(&mut self, id: &ChangeSetId, state: &ChangeState) {
        // By its own number: of an edit before it nothing may be left in the log.
        let number = numbered('C', &id.0).unwrap_or(0);
        self.counts.changes = self.counts.changes.max(number);
        if let ChangeState::Intended { change, .. } = state {
            for file in &change.files {
                self.touched.insert(file.path.clone());
                self.touched.insert(file.path_after().to_path_buf());
            }
        }
    }

    fn context(&mut self, item: &ContextItem) {
        kept::store(&mut self.stored, item);
        match item {
            ContextItem::Plan { steps, .. } => self.plan.clone_from(steps),
            ContextItem::Posted { entry } => {
                let number = numbered('B', &entry.id).unwrap_or(self.counts.entries + 1);
                self.counts.entries = self.counts.entries.max(number);
            }
            ContextItem::Kept { key, .. } => self.key(key),
            ContextItem::Asked { ask, title, lost: false } => self.asks.push((ask.clone(), title.clone())),
            ContextItem::Asked { ask, lost: true, .. } => {
                self.counts.asks += 1;
                self.asks.retain(|(id, _)| id != ask);
            }
            _ => {}
        }
    }

    fn key(&mut self, key: &FileKey) {
        self.counts.keys = self.counts.keys.max(numbered('K', &key.0).unwrap_or(0));
    }
}

/// The number of a name that is a letter and a number.
fn numbered(letter: char, name: &str) -> Option<u64> {
    name.strip_prefix(letter)?.parse().ok()
}

/// Takes `items` among those that are carried along, and lets those go that do not matter any more. What matters: the latest
/// plan, the beginnings of tasks that have no end, and the living entries of the board, unless they stand in a compaction.
fn carry(carried: &mut Vec<Item>, items: &[Item]) {
    for item in items {
        match &item.body {
            ItemBody::Task { id, state } => {
                carried.retain(|one| !matches!(&one.body, ItemBody::Task { id: other, .. } if other == id));
                if matches!(state, TaskState::Running { .. }) {
                    carried.push(item.clone());
                }
            }
            ItemBody::Context(ContextItem::Plan { .. }) => {
                let is_plan = |one: &Item| matches!(one.body, ItemBody::Context(ContextItem::Plan { .. }));
                carried.retain(|one| !is_plan(one));
                carried.push(item.clone());
            }
            ItemBody::Context(ContextItem::Posted { entry }) => {
                carried.retain(|one| posted(one).is_none_or(|other| other.id != entry.id));
                carried.push(item.clone());
            }
            ItemBody::Context(ContextItem::Removed { entry }) => {
                carried.retain(|one| posted(one).is_none_or(|other| other.id != *entry));
            }
            ItemBody::Context(ContextItem::Compaction(_)) => carried.retain(|one| posted(one).is_none()),
            _ => {}
        }
    }
    let turn = items.iter().map(|item| item.turn.0).max().unwrap_or(0);
    let lives = |entry: &BoardEntry, from: TurnId| from.0.saturating_add(entry.turns.max(1) - 1) >= turn;
    carried.retain(|one| posted(one).is_none_or(|entry| lives(entry, one.turn)));
}

/// The entry that an item put on the board.
fn posted(item: &Item) -> Option<&BoardEntry> {
    match &item.body {
        ItemBody::Context(ContextItem::Posted { entry }) => Some(entry),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod tests;
