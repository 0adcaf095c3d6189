//! The hunks of one session placed on texts: which files are followed, what changed of them since it was recorded.
//! Given each text; reads none, writes none, records nothing.

use super::ledger::{Ledger, recorded_state};
use super::placed::Placed;
use super::sight::{Sight, Want};
use glossator_review::FileReview;
use glossator_session::{
    ChangeSetId, ChangeState, HunkId, HunkPart, HunkRecord, HunkState, HunkVerdict, ItemBody, ReviewedBy,
    TurnId,
};
use glossator_workspace::{Buffer, Overlay};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Weak;

/// The hunks of a session: what the log says of them, and their places on the texts that were seen last.
#[derive(Default)]
pub(crate) struct Table {
    pub ledger: Ledger,
    pub(super) placed: BTreeMap<PathBuf, Placed>,
    /// Moves that were taken back: what stands at the path that they led to is another file, if there is one.
    pub(super) parked: BTreeMap<HunkId, Placed>,
    /// Where hunks went with their files, as long as the log has them elsewhere.
    pub(super) homes: HashMap<HunkId, PathBuf>,
    /// Counts commits, so that a text that was read before one does not come after it.
    pub(super) commits: u64,
}

/// Hunks that changed, and why.
pub(crate) type Changed = (Vec<HunkRecord>, ReviewedBy);

impl Table {
    /// A table over what a log says, with nothing placed yet.
    pub fn over(ledger: Ledger) -> Table {
        Table { ledger, ..Table::default() }
    }

    /// Forgets what was decided before turn `since`, and the texts of files of which nothing is known then.
    pub fn forget_before(&mut self, since: TurnId) {
        self.ledger.forget_before(since);
        let (placed, ledger) = (&mut self.placed, &self.ledger);
        let known = |id: &HunkId| ledger.known(id).is_some();
        placed.retain(|_, placed| placed.review.hunks().iter().any(|hunk| known(&hunk.id)));
        self.parked.retain(|id, _| known(id));
        self.homes.retain(|id, _| known(id));
    }

    /// What has to be looked at: of every file with hunks that can change (or of `only`, also where all are kept) what is
    /// known of its text. Files without an open hunk count only while an editor has them open.
    pub fn wanted(&self, only: Option<&[PathBuf]>) -> Vec<Want> {
        let want = |path: &Path, closed_too: bool| {
            let placed = self.placed.get(path);
            Want {
                path: path.to_path_buf(),
                closed_too: closed_too || placed.is_none_or(|placed| placed.trouble.is_some()),
                known: placed.map(|placed| placed.review.text().cloned()),
                buffer: placed.and_then(|placed| placed.seen.clone()),
                left_over: placed.and_then(|placed| placed.left_over.clone()),
                commits: self.commits,
            }
        };
        match only {
            Some(paths) => {
                let has_hunks = |path: &&PathBuf| self.ledger.states(path).next().is_some();
                paths.iter().filter(has_hunks).map(|path| want(path, true)).collect()
            }
            None => {
                let changeable = |path: &Path| {
                    let states = || self.ledger.states(path);
                    let some = states().any(|state| state != HunkState::Kept);
                    some.then(|| want(path, states().any(HunkState::is_open)))
                };
                self.ledger.files().filter_map(changeable).collect()
            }
        }
    }

    /// Whether no edit was made since a file was to be looked at.
    pub fn is_fresh(&self, want: &Want) -> bool {
        want.commits == self.commits
    }

    /// Takes in what was seen of a file, unless something newer was seen meanwhile.
    pub fn arrive(&mut self, want: &Want, sight: Sight, through: &Weak<Overlay>) {
        if !self.is_fresh(want) {
            return;
        }
        let records = self.records_at(&want.path);
        let (text, buffer) = match sight {
            Sight::Same => return self.complete(&want.path, &records),
            Sight::Trouble(why) => {
                let placed = self.placed.entry(want.path.clone());
                placed.or_insert_with(|| Placed::new(FileReview::load(&want.path, None, &[]))).trouble =
                    Some(why);
                return;
            }
            Sight::Text(text, buffer) => (text, buffer.map(|buffer| *buffer)),
        };
        let Some(placed) = self.placed.get_mut(&want.path) else {
            let records = match &text {
                Some(text) => self.ledger.as_made(&want.path, text, records),
                None => records,
            };
            let mut placed = Placed::new(FileReview::load(&want.path, text, &records));
            placed.changed.extend(records.into_iter().map(|record| record.id));
            (placed.seen, placed.through) = (buffer, through.clone());
            self.placed.insert(want.path.clone(), placed);
            return;
        };
        let same = placed.through.ptr_eq(through);
        let older =
            |one: &Buffer, other: &Buffer| same && one.uri == other.uri && one.version < other.version;
        if buffer.as_ref().zip(placed.seen.as_ref()).is_some_and(|(now, seen)| older(now, seen)) {
            return;
        }
        placed.follow(text);
        (placed.seen, placed.through, placed.trouble) = (buffer, through.clone(), None);
        self.complete(&want.path, &records);
    }

    /// What the log says of the hunks that have their place in the text at `path`.
    pub(super) fn records_at(&mut self, path: &Path) -> Vec<HunkRecord> {
        let mut records = self.ledger.of_file(path);
        let stands = |table: &Table, id: &HunkId| {
            table
                .placed
                .get(path)
                .is_some_and(|placed| placed.hunk(id).is_some() && placed.review.text().is_some())
        };
        records.retain(|record| self.homes.get(&record.id).is_none_or(|home| home == path));
        records.retain(|record| {
            let back = matches!(record.part, HunkPart::Move { .. })
                && matches!(recorded_state(record), HunkState::Undone | HunkState::Rejected)
                && !stands(self, &record.id);
            if back && !self.parked.contains_key(&record.id) {
                self.park(record.clone());
            }
            !self.parked.contains_key(&record.id)
        });
        records
    }

    /// Puts a move that was taken back aside.
    pub(super) fn park(&mut self, record: HunkRecord) {
        let mut parked = Placed::new(FileReview::load(&record.path, None, std::slice::from_ref(&record)));
        parked.changed.insert(record.id.clone());
        self.parked.insert(record.id, parked);
    }

    /// Places hunks that came without word: of an edit that was found late to stand, or of a file that could not be read.
    fn complete(&mut self, path: &Path, records: &[HunkRecord]) {
        let Some(placed) = self.placed.get_mut(path) else { return };
        let missing: Vec<&HunkRecord> =
            records.iter().filter(|record| placed.hunk(&record.id).is_none()).collect();
        let known: HashSet<&HunkId> = records.iter().map(|record| &record.id).collect();
        let here = |id: &HunkId| known.contains(id) || self.homes.get(id).is_some_and(|home| home == path);
        let gone = placed.review.hunks().iter().any(|hunk| !here(&hunk.id));
        if missing.is_empty() && !gone {
            return;
        }
        let here = placed.all_records().into_iter().filter(|one| here(&one.id));
        let all: Vec<HunkRecord> = here.chain(missing.iter().map(|record| (*record).clone())).collect();
        placed.changed.extend(missing.iter().map(|record| record.id.clone()));
        placed.review = FileReview::load(path, placed.review.text().cloned(), &all);
    }

    /// What has changed of hunks since they were recorded.
    pub fn unrecorded(&mut self) -> Vec<HunkRecord> {
        let known = self.all().filter(|placed| !placed.changed.is_empty() && placed.trouble.is_none());
        let all = known.flat_map(|placed| self.different(placed, &placed.changed)).collect();
        for placed in self.placed.values_mut().chain(self.parked.values_mut()) {
            if placed.trouble.is_none() {
                placed.changed.clear();
            }
        }
        all
    }

    /// The records of `ids` that say something else than the log does. Where a hunk stands in its text is not enough, nor
    /// that something else stands where an undone one was.
    pub(super) fn different(&self, placed: &Placed, ids: &BTreeSet<HunkId>) -> Vec<HunkRecord> {
        let mut records = placed.records(ids);
        records.retain(|now| {
            self.ledger.known(&now.id).is_none_or(|known| {
                let was = &known.record;
                if known.undone_by.is_some() && recorded_state(now) == HunkState::Amended {
                    return false;
                }
                (&was.current, &was.verdict, &was.path) != (&now.current, &now.verdict, &now.path)
                    || (&was.base, &was.proposed, &was.part) != (&now.base, &now.proposed, &now.part)
            })
        });
        records
    }

    /// The open hunks of a turn.
    pub fn open_of(&self, turn: TurnId) -> Vec<HunkId> {
        let of_turn = |id: &HunkId| self.ledger.known(id).is_some_and(|known| known.turn == turn);
        let open = |placed: &Placed| -> Vec<HunkId> {
            let hunks = placed.review.hunks().iter();
            let open = hunks.filter(|hunk| placed.review.state(hunk).is_open() && of_turn(&hunk.id));
            open.map(|hunk| hunk.id.clone()).collect()
        };
        self.placed.values().flat_map(open).collect()
    }

    /// The file that holds a hunk.
    pub fn find(&self, id: &HunkId) -> Option<&Placed> {
        let path = &self.ledger.known(id)?.record.path;
        let here = self.placed.get(path).filter(|placed| placed.hunk(id).is_some());
        here.or_else(|| self.all().find(|placed| placed.hunk(id).is_some()))
    }

    /// Decides about hunks; gives their records.
    pub fn decide(&mut self, ids: &[HunkId], verdict: Option<&HunkVerdict>) -> Vec<HunkRecord> {
        let mut files: BTreeMap<PathBuf, Vec<&HunkId>> = BTreeMap::new();
        let mut records = Vec::new();
        for id in ids {
            if let Some(parked) = self.parked.get_mut(id) {
                records.extend(parked.decide(&[id], verdict));
            } else if let Some(placed) = self.find(id) {
                files.entry(placed.review.path().to_path_buf()).or_default().push(id);
            }
        }
        for (path, ids) in files {
            let placed = self.placed.get_mut(&path);
            records.extend(placed.map(|placed| placed.decide(&ids, verdict)).unwrap_or_default());
        }
        records
    }

    /// A hunk that another had taken over stands again, where its record says.
    pub fn stands_again(&mut self, id: &HunkId) {
        self.homes.remove(id);
    }

    /// Places hunks that the log holds and no file does yet, and lets those go that others took over.
    pub fn refresh(&mut self) {
        let paths: Vec<PathBuf> = self.placed.keys().cloned().collect();
        for path in paths {
            let records = self.records_at(&path);
            self.complete(&path, &records);
        }
    }

    /// All that have a place, by path, then the moves that were taken back.
    pub fn all(&self) -> impl Iterator<Item = &Placed> {
        self.placed.values().chain(self.parked.values())
    }

    /// The moves that were taken back.
    pub fn parked(&self) -> impl Iterator<Item = &Placed> {
        self.parked.values()
    }

    /// The files with their hunks, by path.
    pub fn placed(&self) -> impl Iterator<Item = (&PathBuf, &Placed)> {
        self.placed.iter()
    }
}

/// The log's items for hunks that changed: one for each change set.
pub(crate) fn items((records, by): Changed) -> Vec<ItemBody> {
    let mut sets: BTreeMap<(usize, ChangeSetId), Vec<HunkRecord>> = BTreeMap::new();
    for record in records {
        let id = record.id.change_set();
        // Ids are `C` and a number, whose order is that of their age.
        sets.entry((id.0.len(), id)).or_default().push(record);
    }
    let reviewed = |((_, id), hunks)| ItemBody::ChangeSet { id, state: ChangeState::Reviewed { hunks, by } };
    sets.into_iter().map(reviewed).collect()
}
