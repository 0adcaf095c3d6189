//! The net change of every path a patch touches: what was there before, what is there after all operations.

use std::collections::HashMap;
use std::path::PathBuf;

use glossator_text::{Action, Base, FileChange, FileFormat, line_replacements};

use crate::{ChangeKind, Current, FileSummary};

/// A path the patch touches.
pub(crate) struct Slot {
    pub path: PathBuf,
    /// The path as last written.
    pub name: String,
    pub before: Option<Current>,
    pub now: Option<Held>,
}

/// A text in the making.
pub(crate) struct Held {
    pub text: String,
    pub format: FileFormat,
    /// The slot whose text this is, changed or not; `None` for a text the patch brought.
    pub from: Option<usize>,
}

impl Slot {
    /// How the file is written: as it was, else as where its text came from.
    pub(crate) fn format(&self) -> FileFormat {
        let before = self.before.as_ref().map(|current| current.format);
        before.or(self.now.as_ref().map(|now| now.format)).unwrap_or_default()
    }

    fn text_before(&self) -> &str {
        self.before.as_ref().map_or("", |before| &before.text)
    }

    /// Whether there will be another text, or none where one was.
    pub(crate) fn changed(&self) -> bool {
        self.before.as_ref().map(|current| &current.text) != self.now.as_ref().map(|now| &now.text)
    }
}

/// Sources and destinations of the moves that the change set will state: those to where no file was. Others become a
/// deletion and an update or creation, so that a change set names every path once.
pub(crate) fn moves(slots: &[Slot]) -> HashMap<usize, usize> {
    let to_free_place = |at: &usize| slots[*at].before.is_none();
    let moves = (0..slots.len()).filter(to_free_place).filter_map(|at| Some((source(slots, at)?, at)));
    moves.collect()
}

/// The slot whose file now stands at slot `at`, and no longer where it was.
fn source(slots: &[Slot], at: usize) -> Option<usize> {
    let from = slots[at].now.as_ref()?.from.filter(|from| *from != at)?;
    (slots[from].before.is_some() && slots[from].now.is_none()).then_some(from)
}

/// The net change of a slot, if there is one.
pub(crate) fn change(slots: &[Slot], at: usize, moves: &HashMap<usize, usize>) -> Option<FileChange> {
    let slot = &slots[at];
    let (base, action) = match (&slot.before, &slot.now, moves.get(&at)) {
        (Some(before), None, Some(to)) => {
            let to = &slots[*to];
            let after = to.now.as_ref().map_or("", |now| now.text.as_str());
            let edits = line_replacements(&before.text, after);
            (&before.base, Action::Update { edits, move_to: Some(to.path.clone()) })
        }
        (Some(before), None, None) => (&before.base, Action::Delete { text: before.text.clone() }),
        (Some(before), Some(now), _) if slot.changed() => {
            let edits = line_replacements(&before.text, &now.text);
            (&before.base, Action::Update { edits, move_to: None })
        }
        (None, Some(now), _) if !moves.values().any(|to| *to == at) => {
            (&Base::Absent, Action::Create { text: now.text.clone() })
        }
        _ => return None,
    };
    Some(FileChange::new(slot.path.clone(), base.clone(), action, slot.format()))
}

/// What a slot's net change is in numbers; a file that moves is told at its new place.
pub(crate) fn summary(slots: &[Slot], at: usize) -> Option<FileSummary> {
    let slot = &slots[at];
    if let (Some(from), Some(now)) = (source(slots, at), &slot.now) {
        let from = &slots[from];
        let summary = FileSummary::new(&slot.name, ChangeKind::Move, from.text_before(), &now.text);
        return Some(FileSummary { moved_from: Some(from.name.clone()), ..summary });
    }
    let kind = match (&slot.before, &slot.now) {
        (Some(_), Some(_)) if slot.changed() => ChangeKind::Update,
        (Some(_), None) if !(0..slots.len()).any(|to| source(slots, to) == Some(at)) => ChangeKind::Delete,
        (None, Some(_)) => ChangeKind::Add,
        _ => return None,
    };
    let after = slot.now.as_ref().map_or("", |now| now.text.as_str());
    Some(FileSummary::new(&slot.name, kind, slot.text_before(), after))
}
