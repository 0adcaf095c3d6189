//! A ledger made small and put away: what was decided long ago is left out, and the rest can be written and read.
//! Knows no file.

use super::{Known, Ledger, Set, recorded_state};
use glossator_session::{ChangeSetId, HunkId, HunkRecord, HunkVerdict, ItemId, TurnId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::HashSet;

/// A ledger as it is written: what can be made again from it is left out.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Saved {
    seen: u64,
    since: u32,
    sets: Vec<Set>,
    /// File by file, in the order in which they came to it.
    hunks: Vec<Known>,
    taking_back: Option<ChangeSetId>,
}

impl Serialize for Ledger {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hunks = self.paths.values().flatten().filter_map(|id| self.hunks.get(id)).cloned().collect();
        let (sets, taking_back) = (self.sets.clone(), self.taking_back.clone());
        Saved { seen: self.seen, since: self.since, sets, hunks, taking_back }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Ledger {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Saved { seen, since, sets, hunks, taking_back } = Saved::deserialize(deserializer)?;
        let mut ledger = Ledger { seen, since, sets, taking_back, ..Ledger::default() };
        ledger.index_sets();
        for known in hunks {
            let (id, path) = (known.record.id.clone(), known.record.path.clone());
            ledger.paths.entry(path).or_default().push(id.clone());
            ledger.hunks.insert(id, known);
        }
        Ok(ledger)
    }
}

impl Ledger {
    /// The oldest turn of which everything is known.
    pub fn since(&self) -> TurnId {
        TurnId(self.since)
    }

    /// Marks everything up to `item` as seen, whether it held change sets or not.
    pub fn seen_up_to(&mut self, item: ItemId) {
        self.seen = self.seen.max(item.0);
    }

    /// The hunks as they were recorded last, in no order.
    pub fn latest(&self) -> impl Iterator<Item = (&HunkId, &Known)> {
        self.hunks.iter()
    }

    /// The hunks that wait for a decision, as they were recorded last.
    pub fn open(&self) -> Vec<HunkRecord> {
        let hunks = self.sets.iter().flat_map(|set| &set.hunks).filter_map(|id| self.hunks.get(id));
        let open = hunks.map(|known| &known.record).filter(|record| self.is_open(record));
        open.cloned().collect()
    }

    fn is_open(&self, record: &HunkRecord) -> bool {
        self.is_placeable(record) && recorded_state(record).is_open()
    }

    /// Forgets what was decided before turn `since`. What is open stays, and with it what it hangs together with: edits that
    /// it took over, that took it over or that put it back.
    pub fn forget_before(&mut self, since: TurnId) {
        if since.0 <= self.since {
            return;
        }
        self.since = since.0;
        let mut keep: HashSet<ChangeSetId> = self.sets_of_use(since).map(|set| set.id.clone()).collect();
        let taken_over: Vec<ChangeSetId> = self
            .hunks
            .values()
            .filter(|known| self.heir_of(known).is_some_and(|heir| keep.contains(&heir.change_set())))
            .map(|known| known.record.id.change_set())
            .collect();
        keep.extend(taken_over);
        let mut new: Vec<ChangeSetId> = keep.iter().cloned().collect();
        while let Some(id) = new.pop() {
            for linked in self.links_of(&id) {
                if keep.insert(linked.clone()) {
                    new.push(linked);
                }
            }
        }
        self.sets.retain(|set| keep.contains(&set.id));
        self.index_sets();
        self.hunks.retain(|id, _| keep.contains(&id.change_set()));
        for ids in self.paths.values_mut() {
            ids.retain(|id| self.hunks.contains_key(id));
        }
        self.paths.retain(|_, ids| !ids.is_empty());
    }

    /// The change sets that are of use by themselves: young ones, those that have no outcome, those with an open hunk.
    fn sets_of_use(&self, since: TurnId) -> impl Iterator<Item = &Set> {
        let open = |id: &HunkId| self.hunks.get(id).is_some_and(|known| self.is_open(&known.record));
        self.sets.iter().filter(move |set| {
            set.turn >= since || set.stand == super::Stand::Intended || set.hunks.iter().any(open)
        })
    }

    fn heir_of<'a>(&self, known: &'a Known) -> Option<&'a HunkId> {
        match &known.record.verdict {
            Some(HunkVerdict::Merged { into }) => Some(into),
            _ => None,
        }
    }

    /// The change sets that one cannot be understood without.
    fn links_of(&self, id: &ChangeSetId) -> Vec<ChangeSetId> {
        let Some(set) = self.set(id) else { return Vec::new() };
        let mut links: Vec<ChangeSetId> = set.undoes.iter().cloned().collect();
        for known in set.hunks.iter().filter_map(|id| self.hunks.get(id)) {
            links.extend(self.heir_of(known).map(HunkId::change_set));
            links.extend(known.released_by.as_ref().map(HunkId::change_set));
            links.extend(known.undone_by.as_ref().map(|by| by.undo.clone()));
        }
        links
    }

    fn index_sets(&mut self) {
        self.index = self.sets.iter().enumerate().map(|(at, set)| (set.id.clone(), at)).collect();
    }
}
