//! Planning how change sets are taken back: whole where nothing else happened to a file since, else hunk by hunk.
//! Blocks on the disk, writes nothing.

use super::desk::{Aim, Desk};
use glossator_review::Side;
use glossator_session::{ChangeSetId, HunkId, HunkPart, HunkState};
use glossator_text::{Action, ChangeSet, FileChange};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// What is to be taken back.
pub(crate) struct Job {
    /// Newest first.
    pub sets: Vec<Back>,
    /// What the hunks are to hold: the base, or for an undo that is taken back what the agent wrote.
    pub side: Side,
    /// Hunks that a later one took over, with that one.
    pub heirs: HashMap<HunkId, HunkId>,
    /// Hunks that hold an edit which is not to be taken back, with the words that say so.
    pub holding: HashMap<HunkId, String>,
    pub desk: Desk,
}

/// A change set to take back.
pub(crate) struct Back {
    pub id: ChangeSetId,
    pub change: ChangeSet,
    pub inverse: ChangeSet,
    pub hunks: Vec<BackHunk>,
}

/// One of its hunks.
#[derive(Debug, Clone)]
pub(crate) struct BackHunk {
    pub id: HunkId,
    pub part: HunkPart,
    /// Where its file stood right after the change set.
    pub path: PathBuf,
    /// Where the user has moved its file since, if anybody knows.
    pub moved: Option<PathBuf>,
    /// Whether it is as it should be already.
    pub done: bool,
}

/// What is going to be done.
pub(crate) struct Plan {
    pub change: ChangeSet,
    /// Hunks, with the files that have to be committed for them, or why they are left.
    pub hunks: Vec<(HunkId, Result<Vec<PathBuf>, String>)>,
    /// Change sets without hunks, the same way.
    pub sets: Vec<(ChangeSetId, PathBuf, Result<Vec<PathBuf>, String>)>,
    /// Hunks that were taken back with their whole file, and the files that have to be committed for that.
    pub whole: Vec<(HunkId, Vec<PathBuf>)>,
}

/// What became of one file of a change set.
enum Road {
    /// It is in the state that it had before.
    AsBefore,
    /// The stored inverse fitted.
    Whole,
    /// Something else happened to it.
    ByHunks,
}

/// Plans `job`.
pub(crate) fn plan(mut job: Job) -> Plan {
    let mut plan =
        Plan { change: ChangeSet::default(), hunks: Vec::new(), sets: Vec::new(), whole: Vec::new() };
    let sets = std::mem::take(&mut job.sets);
    let all: Vec<HunkId> = sets.iter().flat_map(|set| &set.hunks).map(|hunk| hunk.id.clone()).collect();
    for set in &sets {
        let mut left: Vec<&BackHunk> = set.hunks.iter().collect();
        for (forward, backward) in set.change.files.iter().rev().zip(&set.inverse.files) {
            let (here, others): (Vec<&BackHunk>, Vec<&BackHunk>) =
                left.into_iter().partition(|hunk| belongs(hunk, set, (forward, backward)));
            left = others;
            let touched = vec![forward.path.clone(), backward.path.clone()];
            match take_back(&mut job.desk, forward, backward) {
                Ok(Road::AsBefore) => plan.bare(set, backward, Ok(Vec::new())),
                Ok(Road::Whole) => {
                    plan.bare(set, backward, Ok(touched.clone()));
                    plan.whole.extend(here.iter().map(|hunk| (hunk.id.clone(), touched.clone())));
                    let todo = here.into_iter().filter(|hunk| !hunk.done);
                    plan.hunks.extend(todo.map(|hunk| (hunk.id.clone(), Ok(touched.clone()))));
                }
                Ok(Road::ByHunks) => {
                    plan.bare(set, backward, Err("the file was changed since".to_owned()));
                    for (path, hunks) in by_place(&here, &backward.path) {
                        by_hunks(&mut job, &mut plan, (&hunks, &all), &path);
                    }
                }
                Err(why) => {
                    plan.bare(set, backward, Err(why.clone()));
                    plan.hunks.extend(here.iter().map(|hunk| (hunk.id.clone(), Err(why.clone()))));
                }
            }
        }
        for hunk in left {
            match job.side {
                // Of files that went elsewhere since.
                Side::Base => {
                    let path = hunk.moved.as_ref().unwrap_or(&hunk.path);
                    by_hunks(&mut job, &mut plan, (&[hunk], &all), path);
                }
                // Of files that the undo left as they were: several edits of the turn had come to nothing.
                Side::Proposed => plan.hunks.push((hunk.id.clone(), Ok(Vec::new()))),
            }
        }
    }
    plan.change = job.desk.draft.change();
    plan
}

impl Plan {
    /// Notes what becomes of a file of a change set that has no hunks.
    fn bare(&mut self, set: &Back, file: &FileChange, outcome: Result<Vec<PathBuf>, String>) {
        if set.hunks.is_empty() {
            self.sets.push((set.id.clone(), file.path.clone(), outcome));
        }
    }
}

/// The hunks of a file by where they stand now: at `path`, or where the user moved the file.
fn by_place<'a>(hunks: &[&'a BackHunk], path: &Path) -> BTreeMap<PathBuf, Vec<&'a BackHunk>> {
    let mut places: BTreeMap<PathBuf, Vec<&BackHunk>> = BTreeMap::new();
    for hunk in hunks {
        places.entry(hunk.moved.clone().unwrap_or_else(|| path.to_path_buf())).or_default().push(hunk);
    }
    places
}

/// Whether a hunk is of this file of its change set. A file that was deleted and made anew is there twice.
fn belongs(hunk: &BackHunk, set: &Back, (forward, backward): (&FileChange, &FileChange)) -> bool {
    let is_delete = |change: &FileChange| matches!(change.action, Action::Delete { .. });
    let twice = set.change.files.iter().filter(|file| file.path == forward.path).count() > 1;
    let here = hunk.path == backward.path || hunk.path == forward.path;
    let deleted = hunk.part == HunkPart::Delete;
    // An undo creates what was deleted, and deletes what was created.
    here && (!twice || deleted == is_delete(forward) || deleted == is_delete(backward))
}

fn take_back(desk: &mut Desk, forward: &FileChange, backward: &FileChange) -> Result<Road, String> {
    let moves = forward.path != backward.path;
    if desk.draft.is(&forward.path, &forward.base) && (!moves || desk.draft.text(&backward.path)?.is_none()) {
        return Ok(Road::AsBefore);
    }
    let free = !moves || desk.draft.text(&forward.path)?.is_none();
    if !free || !desk.draft.is(&backward.path, &backward.base) {
        return Ok(Road::ByHunks);
    }
    desk.draft.apply(backward)?;
    if moves {
        desk.moved(&backward.path, &forward.path);
    }
    Ok(Road::Whole)
}

/// Takes the hunks of one file back one by one, where they are as they were left.
fn by_hunks(job: &mut Job, plan: &mut Plan, (hunks, all): (&[&BackHunk], &[HunkId]), path: &Path) {
    let mut aims = Vec::new();
    let mut alike = Vec::new();
    for hunk in hunks.iter().filter(|hunk| !hunk.done) {
        if let Some(heir) = job.heirs.get(&hunk.id) {
            match all.contains(heir) {
                true => alike.push((hunk.id.clone(), heir.clone())),
                false => {
                    let why = format!("its lines are part of another edit ({heir}); decide about that one");
                    plan.hunks.push((hunk.id.clone(), Err(why)));
                }
            }
            continue;
        }
        match fits(job, hunk, path) {
            Ok(true) => aims.push((hunk.id.clone(), Aim::Side(job.side))),
            Ok(false) => {}
            Err(why) => plan.hunks.push((hunk.id.clone(), Err(why))),
        }
    }
    let mut touched = vec![path.to_path_buf()];
    touched.extend(hunks.iter().filter_map(|hunk| match &hunk.part {
        HunkPart::Move { from } => Some(from.clone()),
        _ => None,
    }));
    let outcomes = job.desk.put(path, aims);
    plan.hunks.extend(outcomes.into_iter().map(|(id, outcome)| (id, outcome.map(|()| touched.clone()))));
    for (id, heir) in alike {
        let outcome = plan.hunks.iter().find(|(other, _)| *other == heir).map(|(_, outcome)| outcome.clone());
        plan.hunks.extend(outcome.map(|outcome| (id, outcome)));
    }
}

/// Whether a hunk is to be put back: it is as it was left, and nothing of somebody else's goes with it. `false`: nothing
/// needs to be done.
fn fits(job: &mut Job, hunk: &BackHunk, path: &Path) -> Result<bool, String> {
    let unknown = || "its place in the file was not found".to_owned();
    if let Some(why) = job.holding.get(&hunk.id) {
        return Err(why.clone());
    }
    let side = job.side;
    if job.desk.parked.contains_key(&hunk.id) {
        return Ok(side == Side::Proposed);
    }
    let review = job.desk.review(path)?.ok_or_else(unknown)?;
    let placed = review.standing(&hunk.id).ok_or_else(unknown)?;
    let back = matches!(review.state(placed), HunkState::Undone | HunkState::Rejected);
    if let Some(why) = review.why_lost(placed).filter(|_| side == Side::Proposed || !back) {
        return Err(format!("{why}; it is left as it is now"));
    }
    match (side, back, review.is_as_written(placed)) {
        (Side::Base, true, _) | (Side::Proposed, _, true) => Ok(false),
        (Side::Base, _, true) | (Side::Proposed, true, _) => Ok(true),
        _ => Err("it was changed since, and is left as it is now".to_owned()),
    }
}
