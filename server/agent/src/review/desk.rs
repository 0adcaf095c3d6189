//! Hunks put back, or made again, one by one: on a draft of the files, with each file's hunks placed on its drafted text.
//! Blocks on the disk, writes nothing.

use super::draft::{Draft, NewFile};
use glossator_review::{FileReview, Hunk, Side};
use glossator_session::{HunkId, HunkPart};
use glossator_text::{FileFormat, LineEnding, Replacement, line_content, line_replacements, lines};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// A draft, and the hunks of its files.
pub(crate) struct Desk {
    pub draft: Draft,
    pub reviews: HashMap<PathBuf, FileReview>,
    /// Moves that were taken back.
    pub parked: HashMap<HunkId, Hunk>,
    pub facts: HashMap<HunkId, Facts>,
}

/// What a whole file's hunk does not say of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub format: FileFormat,
    pub mode: Option<u32>,
    /// Folders that were made for it.
    pub made_folders: Vec<PathBuf>,
}

/// What a hunk is to become.
#[derive(Debug, Clone)]
pub(crate) enum Aim {
    /// The text of this side.
    Side(Side),
    /// This text: whole lines.
    Text(String),
    /// This text, in a file that is to be made and does not exist.
    Made(String),
}

/// What hunks are to become, by their files.
pub(crate) type Aims = BTreeMap<PathBuf, Vec<(HunkId, Aim)>>;

/// Hunks, each with what came of it.
pub(crate) type Outcomes = Vec<(HunkId, Result<(), String>)>;

impl Desk {
    /// The hunks of the file at `path` on its drafted text.
    pub fn review(&mut self, path: &Path) -> Result<Option<&FileReview>, String> {
        let text = self.draft.text(path)?;
        let Some(review) = self.reviews.get_mut(path) else { return Ok(None) };
        if review.text().map(|text| &**text) != text {
            review.follow(text.map(Into::into));
        }
        Ok(Some(review))
    }

    /// The drafted file moves, and its hunks with it.
    pub fn moved(&mut self, from: &Path, to: &Path) {
        if let Some(review) = self.reviews.remove(from) {
            self.reviews.insert(to.to_path_buf(), review);
        }
    }

    /// Gives hunks of one file their aims.
    pub fn put(&mut self, path: &Path, aims: Vec<(HunkId, Aim)>) -> Outcomes {
        self.put_all([(path.to_path_buf(), aims)].into())
    }

    /// Gives hunks their aims: first the lines and the files that go, then the moves, then the files that come, so that each
    /// finds its place free.
    pub fn put_all(&mut self, aims: Aims) -> Outcomes {
        let mut outcomes = Outcomes::new();
        let (mut moves, mut coming) = (Vec::new(), Vec::new());
        for (path, aims) in aims {
            let (mut lines, mut going) = (Vec::new(), Vec::new());
            for (id, aim) in aims {
                match self.hunk(&path, &id) {
                    Err(why) => outcomes.push((id, Err(why))),
                    Ok(hunk) => match hunk.part {
                        HunkPart::Lines => lines.push((hunk, aim)),
                        HunkPart::Create if matches!(aim, Aim::Side(Side::Base) | Aim::Text(_)) => {
                            going.push((hunk, aim));
                        }
                        HunkPart::Delete if matches!(aim, Aim::Side(Side::Proposed)) => {
                            going.push((hunk, aim));
                        }
                        HunkPart::Create | HunkPart::Delete => coming.push((path.clone(), hunk, aim)),
                        HunkPart::Move { .. } => moves.push((path.clone(), hunk, aim)),
                    },
                }
            }
            outcomes.extend(self.put_lines(&path, lines));
            for (hunk, aim) in going {
                let outcome = self.put_whole(&path, &hunk, aim);
                outcomes.push((hunk.id, outcome));
            }
        }
        outcomes.extend(self.put_places(moves));
        for (path, hunk, aim) in coming {
            let outcome = self.put_whole(&path, &hunk, aim);
            outcomes.push((hunk.id, outcome));
        }
        outcomes
    }

    fn hunk(&mut self, path: &Path, id: &HunkId) -> Result<Hunk, String> {
        if let Some(parked) = self.parked.get(id) {
            return Ok(parked.clone());
        }
        let found = self.review(path)?.and_then(|review| review.standing(id));
        found.cloned().ok_or_else(|| "it is not known where it stands".to_owned())
    }

    /// Makes moves; one that stands in another's way goes first.
    fn put_places(&mut self, mut moves: Vec<(PathBuf, Hunk, Aim)>) -> Outcomes {
        let mut outcomes = Outcomes::new();
        loop {
            let count = moves.len();
            let mut failed = Vec::new();
            for (path, hunk, aim) in moves {
                match self.put_place(&path, &hunk, &aim) {
                    Ok(()) => outcomes.push((hunk.id, Ok(()))),
                    Err(why) => failed.push(((path, hunk, aim), why)),
                }
            }
            if failed.is_empty() || failed.len() == count {
                outcomes.extend(failed.into_iter().map(|((_, hunk, _), why)| (hunk.id, Err(why))));
                return outcomes;
            }
            moves = failed.into_iter().map(|(one, _)| one).collect();
        }
    }

    fn put_lines(&mut self, path: &Path, aims: Vec<(Hunk, Aim)>) -> Outcomes {
        let ids: Vec<HunkId> = aims.iter().map(|(hunk, _)| hunk.id.clone()).collect();
        let all = |why: String| ids.iter().map(|id| (id.clone(), Err(why.clone()))).collect();
        let review = match self.review(path) {
            _ if ids.is_empty() => return Vec::new(),
            Ok(Some(review)) => review,
            Ok(None) => return all("it is not known where it stands".to_owned()),
            Err(why) => return all(why),
        };
        let mut edits: Vec<Replacement> = Vec::new();
        let mut failed: HashMap<HunkId, String> = HashMap::new();
        for side in [Side::Base, Side::Proposed] {
            let of_side = |aim: &Aim| matches!(aim, Aim::Side(one) if *one == side);
            let ids: Vec<HunkId> =
                aims.iter().filter(|(_, aim)| of_side(aim)).map(|(hunk, _)| hunk.id.clone()).collect();
            let (some, not) = review.edits(&ids, side);
            edits.extend(some);
            failed.extend(not);
        }
        for (hunk, aim) in &aims {
            let Aim::Text(text) = aim else { continue };
            match review.text().filter(|_| !hunk.lost) {
                Some(now) => edits.extend(replaced(now, hunk, text)),
                None => {
                    failed.insert(hunk.id.clone(), "it is not known where it stands".to_owned());
                }
            }
        }
        edits.sort_by_key(|edit| edit.start);
        let made = self.draft.edit(path, &edits);
        let outcome = |id: &HunkId| match (failed.remove(id), &made) {
            (Some(why), _) => Err(why),
            (None, made) => made.clone(),
        };
        let outcomes: Vec<_> = ids.iter().map(outcome).collect();
        ids.into_iter().zip(outcomes).collect()
    }

    fn put_whole(&mut self, path: &Path, hunk: &Hunk, aim: Aim) -> Result<(), String> {
        let facts = self.facts.get(&hunk.id).cloned().unwrap_or_default();
        let made = matches!(hunk.part, HunkPart::Create);
        if matches!(hunk.part, HunkPart::Delete)
            && !matches!(aim, Aim::Side(Side::Proposed))
            && let Some(other) = self.moved_here(path)?
        {
            return Err(format!("another file was moved to its place ({other}); take that back first"));
        }
        let is_new = matches!(aim, Aim::Made(_));
        let text = match aim {
            Aim::Side(side) if made == (side == Side::Base) => None,
            Aim::Side(Side::Base) => Some(hunk.base.clone()),
            Aim::Side(Side::Proposed) => Some(hunk.proposed.clone()),
            Aim::Text(text) | Aim::Made(text) => Some(text),
        };
        let exists = self.draft.text(path)?.is_some();
        match text {
            None if exists => self.draft.remove(path, &facts.made_folders),
            None => Ok(()),
            Some(text) if exists && !is_new => self.draft.set_text(path, text),
            Some(text) => {
                let Facts { format, mode, .. } = facts;
                self.draft.create(path, NewFile { text, format, mode })
            }
        }
    }

    /// The move that brought another file to `path`, if it still stands there.
    fn moved_here(&mut self, path: &Path) -> Result<Option<HunkId>, String> {
        if self.draft.text(path)?.is_none() {
            return Ok(None);
        }
        let Some(review) = self.reviews.get(path) else { return Ok(None) };
        let is_move = |hunk: &&Hunk| matches!(hunk.part, HunkPart::Move { .. });
        Ok(review.hunks().iter().find(is_move).map(|hunk| hunk.id.clone()))
    }

    fn put_place(&mut self, path: &Path, hunk: &Hunk, aim: &Aim) -> Result<(), String> {
        let HunkPart::Move { from } = &hunk.part else { return Ok(()) };
        let (here, there) = match aim {
            Aim::Side(Side::Base) => (path, from.as_path()),
            Aim::Side(Side::Proposed) => (from.as_path(), path),
            Aim::Text(_) | Aim::Made(_) => {
                return Err("a move has no text to edit; keep or reject it".to_owned());
            }
        };
        if self.draft.text(here)?.is_none() && self.draft.text(there)?.is_some() {
            return Ok(());
        }
        let folders = self.facts.get(&hunk.id).map(|facts| facts.made_folders.clone()).unwrap_or_default();
        self.draft.rename(here, there, &folders)?;
        self.moved(here, there);
        Ok(())
    }
}

/// The smallest edits that put `text` in the place of a hunk: whole lines, with the line ending of the file.
fn replaced(now: &str, hunk: &Hunk, text: &str) -> Vec<Replacement> {
    let current = now.get(hunk.range.clone()).unwrap_or_default();
    let broken = |text: &str| text.ends_with(['\n', '\r']);
    let mut wanted: String =
        lines(text).flat_map(|line| [line_content(line), if broken(line) { "\n" } else { "" }]).collect();
    let last = hunk.range.end >= now.len() && !broken(current);
    if !wanted.is_empty() && !broken(&wanted) && !last {
        wanted.push('\n');
    }
    let above = now.get(..hunk.range.start).unwrap_or_default();
    if !wanted.is_empty() && !above.is_empty() && !broken(above) {
        wanted.insert(0, '\n');
    }
    let wanted = match FileFormat::of_text(now).line_ending {
        LineEnding::Lf => wanted,
        LineEnding::CrLf => wanted.replace('\n', "\r\n"),
        LineEnding::Cr => wanted.replace('\n', "\r"),
    };
    let start = hunk.range.start;
    let parts = line_replacements(current, &wanted);
    parts.into_iter().map(|part| Replacement { start: start + part.start, ..part }).collect()
}
