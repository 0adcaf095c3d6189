//! What a session's log says of its change sets and their hunks: a fold over the items, caught up with when it is asked.
//! Knows no text but what the records hold.

mod saved;
mod taken;

use glossator_session::{
    ChangeSetId, ChangeState, HunkId, HunkRecord, HunkState, HunkVerdict, Item, ItemBody, ItemId, ReviewedBy,
    TurnId,
};
use glossator_text::{Action, Base, ChangeSet, FileChange, text_hash};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// The change sets of a session, oldest first, and the latest record of each of their hunks.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Ledger {
    /// The last item that was folded in.
    seen: u64,
    /// The oldest turn of which everything is known: what was decided of older ones is left out.
    since: u32,
    sets: Vec<Set>,
    /// Where each change set stands among `sets`.
    index: HashMap<ChangeSetId, usize>,
    hunks: HashMap<HunkId, Known>,
    /// Hunks by the path of their latest record, oldest first.
    paths: BTreeMap<PathBuf, Vec<HunkId>>,
    /// The latest change set, if it takes edits of the agent back.
    taking_back: Option<ChangeSetId>,
}

/// A change set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Set {
    pub id: ChangeSetId,
    pub turn: TurnId,
    /// The item that says what was intended.
    pub item: ItemId,
    /// When that was, in milliseconds since 1970; 0: nobody wrote it down.
    #[serde(default)]
    pub at: i64,
    pub undoes: Option<ChangeSetId>,
    pub stand: Stand,
    /// In the order of its record.
    pub hunks: Vec<HunkId>,
    /// Hex BLAKE3 of the texts that its edits of lines were planned on, by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bases: Vec<(PathBuf, String)>,
}

/// How far a change set came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stand {
    Intended,
    Stands,
    Failed,
    Undone,
}

/// A hunk as it was recorded last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Known {
    pub record: HunkRecord,
    pub turn: TurnId,
    /// The undo that put it back, if that is what became of it.
    pub undone_by: Option<UndoneBy>,
    /// Of one that another took over: its record before.
    pub taken: Option<Box<HunkRecord>>,
    /// Of one that the user rejected: what stood in its place, where that was not what the agent had written.
    pub before_rejection: Option<String>,
    /// Whether the agent itself came back with it to what stood there before: an edit like any other.
    pub came_to_nothing: bool,
    /// The hunk that had taken it over, if it stands again since that one was taken back.
    pub released_by: Option<HunkId>,
    /// What the user decided last, if nobody opened it again since.
    pub decided: Option<Decided>,
}

/// A decision of the user's: the verdict, and the text that it was about.
pub(crate) type Decided = (Option<HunkVerdict>, Option<String>);

/// How a hunk was taken back with its turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UndoneBy {
    /// The change set of the undo.
    pub undo: ChangeSetId,
    /// Whether it had been kept before.
    pub was_kept: bool,
}

impl Known {
    /// The state to tell of a hunk that stands in its text like this: where something else stands in the place of one that
    /// was undone with its turn, it stays undone.
    pub fn state_of(&self, stands: HunkState) -> HunkState {
        match stands {
            HunkState::Amended if self.undone_by.is_some() => HunkState::Undone,
            state => state,
        }
    }
}

/// What a record alone says of its hunk's state.
pub(crate) fn recorded_state(record: &HunkRecord) -> HunkState {
    match (&record.verdict, &record.current) {
        (Some(HunkVerdict::Kept | HunkVerdict::Merged { .. }), _) => HunkState::Kept,
        (Some(HunkVerdict::Rejected), _) => HunkState::Rejected,
        (None, None) => HunkState::Pending,
        (None, Some(current)) if *current == record.base => HunkState::Undone,
        (None, Some(_)) => HunkState::Amended,
    }
}

/// What the user decided last of a hunk, once `record` is known.
fn decided(before: Option<&Known>, record: &HunkRecord, by: Option<ReviewedBy>) -> Option<Decided> {
    match (&record.verdict, by) {
        (None, _) => None,
        (Some(_), Some(ReviewedBy::User)) => Some((record.verdict.clone(), record.current.clone())),
        (Some(_), _) => before.and_then(|known| known.decided.clone()),
    }
}

/// The texts that edits of lines were planned on. A file that moves has another path then.
fn bases(change: &ChangeSet) -> Vec<(PathBuf, String)> {
    let base = |file: &FileChange| match (&file.action, &file.base) {
        (Action::Update { move_to: None, .. }, Base::Buffer { hash, .. } | Base::Disk { hash }) => {
            Some((file.path.clone(), hash.clone()))
        }
        _ => None,
    };
    change.files.iter().filter_map(base).collect()
}

impl Ledger {
    /// Takes in what `items`, the session's, hold since the last time.
    pub fn catch_up(&mut self, items: &[Item]) {
        let new = items.partition_point(|item| item.id.0 <= self.seen);
        for item in &items[new..] {
            if let ItemBody::ChangeSet { id, state } = &item.body {
                self.add(item, id, state);
            }
        }
        self.seen = items.last().map_or(self.seen, |item| item.id.0.max(self.seen));
    }

    fn add(&mut self, item: &Item, id: &ChangeSetId, state: &ChangeState) {
        let turn = item.turn;
        let stand = match state {
            ChangeState::Intended { undoes, hunks, change, .. } => {
                let of_agent =
                    |undone: &ChangeSetId| self.set(undone).is_some_and(|set| set.undoes.is_none());
                self.taking_back = undoes.as_ref().filter(|undone| of_agent(undone)).map(|_| id.clone());
                let (id, undoes) = (id.clone(), undoes.clone());
                let ids = hunks.iter().map(|record| record.id.clone()).collect();
                self.index.insert(id.clone(), self.sets.len());
                let bases = bases(change);
                let stand = Stand::Intended;
                let (item, at) = (item.id, item.at);
                self.sets.push(Set { id, turn, item, at, undoes, stand, hunks: ids, bases });
                for record in hunks {
                    self.hunk(record, turn, None);
                }
                return;
            }
            ChangeState::Reviewed { hunks, by } => {
                for record in hunks {
                    let turn = self.hunks.get(&record.id).map_or(turn, |known| known.turn);
                    self.hunk(record, turn, Some(*by));
                }
                return;
            }
            ChangeState::Committed => Stand::Stands,
            ChangeState::Failed { .. } => Stand::Failed,
            ChangeState::Undone => Stand::Undone,
        };
        if let Some(set) = self.index.get(id).and_then(|at| self.sets.get_mut(*at)) {
            set.stand = stand;
        }
    }

    fn hunk(&mut self, record: &HunkRecord, turn: TurnId, by: Option<ReviewedBy>) {
        let before = self.hunks.get(&record.id);
        let is_back = recorded_state(record) == HunkState::Undone || self.gave_way(record);
        let undone_by = match (before.and_then(|known| known.undone_by.clone()), by) {
            _ if !is_back => None,
            (None, Some(ReviewedBy::Edit)) => self.taking_back.clone().map(|undo| UndoneBy {
                undo,
                was_kept: before.is_some_and(|known| known.record.verdict == Some(HunkVerdict::Kept)),
            }),
            (known, _) => known,
        };
        let is_merged = |record: &HunkRecord| matches!(record.verdict, Some(HunkVerdict::Merged { .. }));
        let taken = before.filter(|_| is_merged(record)).and_then(|known| match is_merged(&known.record) {
            true => known.taken.clone(),
            false => Some(Box::new(known.record.clone())),
        });
        let is_undone = recorded_state(record) == HunkState::Undone;
        let was_back = before.is_some_and(|known| recorded_state(&known.record) == HunkState::Undone);
        let came_to_nothing = match by {
            Some(ReviewedBy::Edit) if !was_back => is_undone && self.taking_back.is_none(),
            _ => is_undone && before.is_some_and(|known| known.came_to_nothing),
        };
        let released_by = match (before, &record.verdict) {
            (None, _) => None,
            (Some(_), Some(HunkVerdict::Merged { .. })) if !self.gave_way(record) => None,
            (Some(known), _) => match &known.record.verdict {
                Some(HunkVerdict::Merged { into }) if !self.gave_way(&known.record) => Some(into.clone()),
                _ => known.released_by.clone(),
            },
        };
        let is_rejected = |record: &HunkRecord| record.verdict == Some(HunkVerdict::Rejected);
        let before_rejection =
            before.filter(|_| is_rejected(record)).and_then(|known| match is_rejected(&known.record) {
                true => known.before_rejection.clone(),
                false => known.record.current.clone(),
            });
        let stands_again =
            by == Some(ReviewedBy::Seen) && !is_back && before.is_some_and(|known| known.undone_by.is_some());
        if stands_again
            && let Some(set) = self.index.get(&record.id.change_set()).and_then(|at| self.sets.get_mut(*at))
        {
            set.stand = Stand::Stands;
        }
        let decided = decided(self.hunks.get(&record.id), record, by);
        self.file_under_its_path(record);
        let record = record.clone();
        let known =
            Known { record, turn, undone_by, taken, before_rejection, came_to_nothing, released_by, decided };
        self.hunks.insert(known.record.id.clone(), known);
    }

    fn file_under_its_path(&mut self, record: &HunkRecord) {
        let old = self.hunks.get(&record.id).map(|known| known.record.path.clone());
        if old.as_ref() == Some(&record.path) {
            return;
        }
        if let Some(ids) = old.and_then(|path| self.paths.get_mut(&path)) {
            ids.retain(|id| *id != record.id);
        }
        self.paths.entry(record.path.clone()).or_default().push(record.id.clone());
    }

    /// Whether a hunk was taken back so that an older one, which it had taken over, stands again.
    fn gave_way(&self, record: &HunkRecord) -> bool {
        matches!(&record.verdict, Some(HunkVerdict::Merged { into }) if self.is_older(into, &record.id))
    }

    /// Whether a hunk is of an older change set than another.
    pub fn is_older(&self, one: &HunkId, other: &HunkId) -> bool {
        let place = |id: &HunkId| self.index.get(&id.change_set());
        place(one) < place(other)
    }

    /// The change sets that were intended and have no outcome: what a crash leaves.
    pub fn unfinished(&self) -> Vec<ChangeSetId> {
        let open = self.sets.iter().filter(|set| set.stand == Stand::Intended);
        open.map(|set| set.id.clone()).collect()
    }

    /// All change sets, oldest first.
    pub fn sets(&self) -> &[Set] {
        &self.sets
    }

    pub fn set(&self, id: &ChangeSetId) -> Option<&Set> {
        self.sets.get(*self.index.get(id)?)
    }

    pub fn known(&self, id: &HunkId) -> Option<&Known> {
        self.hunks.get(id)
    }

    /// The records of one file that can be placed on its text: of change sets that were made, without those that others took
    /// over.
    pub fn of_file(&self, path: &Path) -> Vec<HunkRecord> {
        let ids = self.paths.get(path).map(Vec::as_slice).unwrap_or_default();
        let known = ids.iter().filter_map(|id| self.hunks.get(id));
        known.map(|known| &known.record).filter(|record| self.is_placeable(record)).cloned().collect()
    }

    /// `records` of the file `path`, which holds `text`: where that is the very text that their edit was planned on, none of
    /// it was made, or all of it was taken back.
    pub fn as_made(&self, path: &Path, text: &str, mut records: Vec<HunkRecord>) -> Vec<HunkRecord> {
        let mut hash = None;
        for record in &mut records {
            if !record.part.is_lines() || recorded_state(record) != HunkState::Pending {
                continue;
            }
            let Some(set) = self.set(&record.id.change_set()) else { continue };
            let Some((_, base)) = set.bases.iter().find(|(planned, _)| planned == path) else { continue };
            if base == hash.get_or_insert_with(|| text_hash(text)) {
                record.current = Some(record.base.clone());
            }
        }
        records
    }

    /// The files that have hunks.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.paths.iter().filter(|(_, ids)| !ids.is_empty()).map(|(path, _)| path.as_path())
    }

    /// The states of a file's hunks that can be placed, as they were recorded.
    pub fn states(&self, path: &Path) -> impl Iterator<Item = HunkState> {
        let ids = self.paths.get(path).map(Vec::as_slice).unwrap_or_default();
        let records = ids.iter().filter_map(|id| self.hunks.get(id)).map(|known| &known.record);
        records.filter(|record| self.is_placeable(record)).map(recorded_state)
    }

    fn is_placeable(&self, record: &HunkRecord) -> bool {
        let made = self
            .set(&record.id.change_set())
            .is_some_and(|set| matches!(set.stand, Stand::Stands | Stand::Undone));
        made && !matches!(record.verdict, Some(HunkVerdict::Merged { .. }))
    }

    /// Whether something of an edit of the agent stands, so that it can be taken back.
    pub fn stands(&self, set: &Set) -> bool {
        let own_nothing = |id: &HunkId| self.hunks.get(id).is_some_and(|known| known.came_to_nothing);
        let back = |id: &HunkId| self.is_back(id) && !own_nothing(id);
        let all_back = !set.hunks.is_empty() && set.hunks.iter().all(back);
        set.undoes.is_none() && set.stand == Stand::Stands && !all_back
    }

    /// Whether what stood in a hunk's place before the agent stands there again.
    pub fn is_back(&self, id: &HunkId) -> bool {
        let Some(known) = self.hunks.get(id) else { return true };
        match &known.record.verdict {
            Some(HunkVerdict::Merged { into }) => self.gave_way(&known.record) || self.is_back(into),
            _ => matches!(recorded_state(&known.record), HunkState::Undone | HunkState::Rejected),
        }
    }

    /// The latest undo that stands, of `turn` if one is named: a change set that put hunks of a turn back.
    pub fn last_undo(&self, turn: Option<TurnId>) -> Option<&Set> {
        let put_back: HashSet<&ChangeSetId> =
            self.hunks.values().filter_map(|known| Some(&known.undone_by.as_ref()?.undo)).collect();
        let plain = |set: &Set| {
            let undone = set.undoes.as_ref().and_then(|id| self.set(id));
            undone
                .is_some_and(|set| set.hunks.is_empty() && set.undoes.is_none() && set.stand == Stand::Undone)
        };
        self.sets.iter().rev().find(|set| {
            set.stand == Stand::Stands
                && set.undoes.is_some()
                && turn.is_none_or(|turn| set.turn == turn)
                && (put_back.contains(&set.id) || plain(set))
        })
    }

    /// The hunks that `undo` put back, oldest first.
    pub fn put_back_by(&self, undo: &ChangeSetId) -> Vec<(HunkRecord, bool)> {
        let ids = self.sets.iter().flat_map(|set| &set.hunks);
        let known = ids.filter_map(|id| self.hunks.get(id));
        let of_undo = known.filter_map(|known| {
            let by = known.undone_by.as_ref().filter(|by| by.undo == *undo)?;
            Some((known.record.clone(), by.was_kept))
        });
        of_undo.collect()
    }
}
