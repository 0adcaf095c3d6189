//! A change set that was made, taken into the table: the agent's new hunks come in, older ones go along with their files.
//! Only places hunks and says what is to be recorded.

use super::ledger::{Set, recorded_state};
use super::placed::Placed;
use super::table::{Changed, Table};
use glossator_review::{FileReview, Hunk};
use glossator_session::{ChangeSetId, HunkId, HunkPart, HunkRecord, HunkVerdict, ReviewedBy};
use glossator_tools::FileTexts;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

impl Table {
    /// Takes in a change set that was made. Of an edit of the agent the hunks come in, and what they took over goes; with
    /// `keep` they are kept at once. Gives what has to be recorded.
    pub fn committed(&mut self, id: &ChangeSetId, files: &[FileTexts], keep: bool) -> Vec<Changed> {
        self.commits += 1;
        let Some(set) = self.ledger.set(id).cloned() else { return Vec::new() };
        let hunks: HashSet<&HunkId> = set.hunks.iter().collect();
        let own = |record: &HunkRecord| hunks.contains(&record.id);
        let mut changed = Vec::new();
        for file in files {
            let new: Vec<HunkRecord> = self
                .ledger
                .of_file(&file.path)
                .into_iter()
                .filter(|one| own(one) && belongs(one, file))
                .collect();
            // Somebody looked between the commit and this: they stand there already, and may be decided.
            let already = |placed: &Placed| placed.review.hunks().iter().any(|hunk| hunks.contains(&hunk.id));
            if let Some(placed) = self.placed.get_mut(&file.path).filter(|placed| already(placed))
                && file.from == file.path
            {
                changed.extend(keep.then(|| (kept(placed, &new), ReviewedBy::Policy)));
                continue;
            }
            let Some(mut placed) = self.before(file, &set) else {
                if new.is_empty() {
                    continue;
                }
                let mut placed = Placed::new(FileReview::load(&file.path, file.before.clone(), &[]));
                changed.extend(take_in(&mut placed, &new, file, keep));
                self.placed.insert(file.path.clone(), placed);
                continue;
            };
            if set.undoes.is_some() {
                placed.follow(file.after.clone());
                changed.push((self.only_moved(&placed), ReviewedBy::Seen));
            } else {
                let seen: BTreeSet<HunkId> = std::mem::take(&mut placed.changed);
                let seen = self.different(&placed, &seen);
                changed.push((seen, ReviewedBy::Seen));
                changed.extend(take_in(&mut placed, &new, file, keep));
            }
            self.placed.insert(file.path.clone(), placed);
        }
        changed.retain(|(records, _)| !records.is_empty());
        changed
    }

    /// Takes in what another session edited in the text of files: hunks that were settled in those lines are settled for good.
    /// Gives what has to be recorded.
    pub fn edited_elsewhere(&mut self, files: &[FileTexts]) -> Vec<HunkRecord> {
        let mut changed = Vec::new();
        for file in files {
            let (Some(before), Some(after)) = (&file.before, &file.after) else { continue };
            let records = self.records_at(&file.path);
            let is_known = self.placed.get(&file.path).is_none_or(|placed| placed.trouble.is_none());
            if file.from != file.path || records.is_empty() || !is_known {
                continue;
            }
            self.commits += 1;
            let placed = self.placed.remove(&file.path);
            let mut placed = placed
                .unwrap_or_else(|| Placed::new(FileReview::load(&file.path, Some(before.clone()), &records)));
            placed.follow(Some(before.clone()));
            let settled = placed.review.settle(after);
            placed.changed.extend(settled);
            placed.follow(Some(after.clone()));
            placed.seen = None;
            let seen = std::mem::take(&mut placed.changed);
            changed.extend(self.different(&placed, &seen));
            self.placed.insert(file.path.clone(), placed);
        }
        changed
    }

    /// The user moved the file `from`, which holds `text` and is `to` now: its hunks go along. Gives their records.
    pub fn moved(&mut self, from: &Path, to: &Path, text: Option<Arc<str>>) -> Vec<HunkRecord> {
        self.commits += 1;
        let records = self.records_at(from);
        if records.is_empty() {
            return Vec::new();
        }
        // What was seen last may be that it was gone.
        self.placed.remove(from);
        let mut placed = Placed::new(FileReview::load(from, text.clone(), &records));
        let file =
            FileTexts { from: from.to_path_buf(), path: to.to_path_buf(), before: text.clone(), after: text };
        self.move_along(&mut placed, &file, (&[], false));
        let moved: HashSet<&HunkId> = records.iter().map(|record| &record.id).collect();
        let mut changed = placed.all_records();
        changed.retain(|record| moved.contains(&record.id) && record.path == to);
        placed.changed.clear();
        self.placed.insert(to.to_path_buf(), placed);
        changed
    }

    /// The file's hunks on the text before a change, but those of the change itself; under the path that the file has
    /// afterwards.
    fn before(&mut self, file: &FileTexts, set: &Set) -> Option<Placed> {
        let mut earlier = self.records_at(&file.from);
        let own: HashSet<&HunkId> = set.hunks.iter().collect();
        earlier.retain(|record| !own.contains(&record.id));
        let placed = self.placed.remove(&file.from);
        if file.from == file.path && earlier.is_empty() && placed.is_none() {
            return None;
        }
        let mut placed = placed
            .unwrap_or_else(|| Placed::new(FileReview::load(&file.from, file.before.clone(), &earlier)));
        placed.follow(file.before.clone());
        placed.seen = None;
        if file.from != file.path {
            self.move_along(&mut placed, file, (&set.hunks, set.undoes.is_some()));
        }
        Some(placed)
    }

    /// Brings the hunks of a file that moves under its new path, beside those that were left there and are not of the `own`
    /// change set. A move that is taken back (`again`: an undo or a redo) goes aside, and one that is made again comes back; the deletion of another file stays where that was.
    fn move_along(&mut self, placed: &mut Placed, file: &FileTexts, (own, again): (&[HunkId], bool)) {
        let is_taken_back = |record: &HunkRecord| matches!(&record.part, HunkPart::Move { from } if again && *from == file.path);
        let mut go = Vec::new();
        let mut stay = Vec::new();
        // What came to nothing, and what was made and undone, was another file.
        let of_another = |table: &Table, record: &HunkRecord| {
            let known = table.ledger.known(&record.id);
            let made = record.part == HunkPart::Create;
            known.is_some_and(|known| known.came_to_nothing || (made && known.undone_by.is_some()))
        };
        for record in placed.all_records() {
            match record.part {
                _ if of_another(self, &record) => stay.push(record),
                HunkPart::Delete if recorded_state(&record).is_open() => stay.push(record),
                _ if is_taken_back(&record) => self.park(record),
                _ => go.push(record),
            }
        }
        if !stay.is_empty() {
            let mut left = Placed::new(FileReview::load(&file.from, file.before.clone(), &stay));
            left.changed = stay.into_iter().map(|record| record.id).collect();
            left.follow(None);
            self.placed.insert(file.from.clone(), left);
        }
        let mut there = self.records_at(&file.path);
        if let Some(placed) = self.placed.remove(&file.path) {
            there = placed.all_records();
        }
        there.retain(|record| !own.contains(&record.id));
        let is_made_again = |placed: &Placed| {
            let leads_here =
                |hunk: &Hunk| matches!(&hunk.part, HunkPart::Move { from } if *from == file.from);
            again && placed.review.path() == file.path && placed.review.hunks().iter().any(leads_here)
        };
        let back: Vec<HunkId> = self
            .parked
            .iter()
            .filter(|(_, placed)| is_made_again(placed))
            .map(|(id, _)| id.clone())
            .collect();
        for id in back {
            there.extend(self.parked.remove(&id).map(|parked| parked.all_records()).unwrap_or_default());
        }
        for record in &mut go {
            record.path.clone_from(&file.path);
            self.homes.insert(record.id.clone(), file.path.clone());
        }
        let all: Vec<HunkRecord> = go.into_iter().chain(there).collect();
        placed.changed.extend(all.iter().map(|record| record.id.clone()));
        placed.review = FileReview::load(&file.path, file.before.clone(), &all);
    }

    /// The hunks that stand under another path than before and are otherwise the same.
    fn only_moved(&self, placed: &Placed) -> Vec<HunkRecord> {
        let mut records = placed.all_records();
        records.retain(|now| {
            self.ledger.known(&now.id).is_some_and(|known| {
                let was = &known.record;
                was.path != now.path && recorded_state(was) == recorded_state(now)
            })
        });
        records
    }
}

/// Takes the agent's new hunks in. Gives those that they took over, and theirs if they are not as the log has them.
fn take_in(placed: &mut Placed, new: &[HunkRecord], file: &FileTexts, keep: bool) -> Vec<Changed> {
    if let (Some(before), None) = (&file.before, &file.after) {
        placed.left_over = Some(before.clone());
    }
    let mut touched: BTreeSet<HunkId> =
        placed.review.absorb(new, (file.before.clone(), file.after.clone())).into_iter().collect();
    touched.extend(std::mem::take(&mut placed.changed));
    let by_policy = if keep { kept(placed, new) } else { Vec::new() };
    touched.retain(|id| !by_policy.iter().any(|record| record.id == *id));
    let logged: HashMap<&HunkId, &HunkRecord> = new.iter().map(|record| (&record.id, record)).collect();
    let mut by_edit = placed.records(&touched);
    by_edit.retain(|now| {
        logged.get(&now.id).is_none_or(|was| {
            (&was.base, &was.proposed, &was.current, &was.part, &was.verdict)
                != (&now.base, &now.proposed, &now.current, &now.part, &now.verdict)
        })
    });
    vec![(by_edit, ReviewedBy::Edit), (by_policy, ReviewedBy::Policy)]
}

/// Keeps hunks that stand in the table; gives their records.
fn kept(placed: &mut Placed, new: &[HunkRecord]) -> Vec<HunkRecord> {
    let own: BTreeSet<HunkId> = new.iter().map(|record| record.id.clone()).collect();
    own.iter().for_each(|id| placed.review.decide(id, Some(HunkVerdict::Kept)));
    placed.records(&own)
}

/// Whether a record is of this part of its change set: a file can be deleted and made anew in one.
fn belongs(record: &HunkRecord, file: &FileTexts) -> bool {
    match record.part {
        HunkPart::Create => file.before.is_none(),
        HunkPart::Delete => file.after.is_none(),
        HunkPart::Lines | HunkPart::Move { .. } => file.before.is_some() && file.after.is_some(),
    }
}
