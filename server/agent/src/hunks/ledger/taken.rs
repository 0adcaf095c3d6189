//! Which hunks took others over, were taken over, or stand again since those went. Only reads.

use super::{Known, Ledger};
use glossator_session::{HunkId, HunkVerdict, TurnId};
use std::collections::{HashMap, HashSet};

impl Ledger {
    /// The hunk that stands for `id`: the one that took it over, if one did.
    pub fn heir<'a>(&'a self, id: &'a HunkId) -> &'a HunkId {
        let mut heir = id;
        let mut seen = HashSet::new();
        while let Some(HunkVerdict::Merged { into }) =
            self.hunks.get(heir).and_then(|known| known.record.verdict.as_ref())
            && seen.insert(heir)
        {
            heir = into;
        }
        heir
    }

    /// The older hunks that `id` took over, directly.
    pub fn taken_over(&self, id: &HunkId) -> Vec<HunkId> {
        let into = |known: &&Known| matches!(&known.record.verdict, Some(HunkVerdict::Merged { into }) if into == id);
        let merged = self.hunks.values().filter(into).map(|known| &known.record.id);
        merged.filter(|other| self.is_older(other, id)).cloned().collect()
    }

    /// Of hunks that took over what earlier turns had changed: those turns, oldest first.
    pub fn turns_taken_over(&self) -> HashMap<HunkId, Vec<TurnId>> {
        let mut turns: HashMap<HunkId, Vec<TurnId>> = HashMap::new();
        for known in self.hunks.values() {
            let heir = self.heir(&known.record.id);
            let is_earlier = |heir: &&Known| heir.turn > known.turn;
            if *heir != known.record.id && self.hunks.get(heir).filter(is_earlier).is_some() {
                turns.entry(heir.clone()).or_default().push(known.turn);
            }
        }
        for all in turns.values_mut() {
            all.sort();
            all.dedup();
        }
        turns
    }

    /// The hunks that stand again since `id`, which had taken them over by itself or through others, was taken back.
    pub fn released_by(&self, id: &HunkId) -> Vec<HunkId> {
        let leads_here = |first: &HunkId| {
            let mut at = first;
            let mut seen = HashSet::new();
            while at != id && seen.insert(at) {
                match self.hunks.get(at).map(|known| &known.record.verdict) {
                    Some(Some(HunkVerdict::Merged { into })) => at = into,
                    _ => return false,
                }
            }
            at == id
        };
        let released = self.hunks.values().filter(|known| known.released_by.as_ref().is_some_and(leads_here));
        released.map(|known| known.record.id.clone()).collect()
    }
}
