//! The net change of every path a patch touches: what was there before, what is there after all operations.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use glossator_text::{Action, Base, FileChange, FileEncoding, FileFormat, LineHunk, diff_lines, lines};

use crate::{ChangeKind, Current, FileSummary, HunkSummary, write};

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
    pub body: Body,
    pub format: FileFormat,
    /// The slot whose text this is, changed or not; `None` for a text the patch brought.
    pub from: Option<usize>,
}

/// What a text reads.
pub(crate) enum Body {
    /// As the slot that it is from had it before the patch, but for these places.
    Edited(Vec<LineHunk>),
    /// This.
    Whole(String),
}

/// The slots of a patch.
#[derive(Default)]
pub(crate) struct Slots(pub Vec<Slot>);

/// Sources and destinations of moves.
type Moves = HashMap<usize, usize>;

impl Slot {
    /// How the file is written: as it was, else as where its text came from.
    pub(crate) fn format(&self) -> FileFormat {
        let before = self.before.as_ref().map(|current| current.format);
        before.or(self.now.as_ref().map(|now| now.format)).unwrap_or_default()
    }

    fn text_before(&self) -> &str {
        self.before.as_ref().map_or("", |before| &before.text)
    }
}

impl Slots {
    /// The text that a slot holds now; empty when no file stands there.
    pub(crate) fn text(&self, at: usize) -> Cow<'_, str> {
        let Some(now) = &self.0[at].now else { return Cow::Borrowed("") };
        match &now.body {
            Body::Whole(text) => Cow::Borrowed(text),
            Body::Edited(hunks) => {
                let before = now.from.map_or("", |from| self.0[from].text_before());
                if hunks.is_empty() {
                    Cow::Borrowed(before)
                } else {
                    Cow::Owned(write::applied(before, hunks))
                }
            }
        }
    }

    /// Changes the text of a slot in places of the text it holds now.
    pub(crate) fn edit(&mut self, at: usize, hunks: Vec<LineHunk>) {
        if hunks.is_empty() {
            return;
        }
        let body = match &self.0[at].now {
            Some(Held { body: Body::Edited(before), .. }) if before.is_empty() => Body::Edited(hunks),
            _ => Body::Whole(write::applied(&self.text(at), &hunks)),
        };
        if let Some(now) = &mut self.0[at].now {
            now.body = body;
        }
    }

    /// The places in which the text of a slot differs from what stood at slot `from`.
    fn hunks(&self, at: usize, from: usize) -> Vec<LineHunk> {
        match &self.0[at].now {
            Some(Held { body: Body::Edited(hunks), from: Some(source), .. }) if *source == from => {
                hunks.clone()
            }
            _ => diff_lines(self.0[from].text_before(), &self.text(at)),
        }
    }

    /// Whether there will be another text, or none where one was.
    pub(crate) fn changed(&self, at: usize) -> bool {
        let slot = &self.0[at];
        match (&slot.before, &slot.now) {
            (Some(_), Some(Held { body: Body::Edited(hunks), from: Some(from), .. })) if *from == at => {
                !hunks.is_empty()
            }
            (Some(before), Some(_)) => before.text != self.text(at),
            (before, now) => before.is_some() != now.is_some(),
        }
    }

    /// What keeps the text of a slot from coming back from its file: a NUL that was not there, a character that Latin-1
    /// does not have.
    pub(crate) fn unwritable(&self, at: usize) -> Option<char> {
        let slot = &self.0[at];
        let text = self.text_to_check(at);
        if text.contains('\0') && !slot.text_before().contains('\0') {
            return Some('\0');
        }
        let format = slot.format();
        if format.encoding == FileEncoding::Latin1 { format.encode(&text).err() } else { None }
    }

    /// The text of a slot, or only what is new in it when all else stood in its file.
    fn text_to_check(&self, at: usize) -> Cow<'_, str> {
        match &self.0[at].now {
            Some(Held { body: Body::Edited(hunks), from: Some(from), .. }) if *from == at => {
                Cow::Owned(hunks.iter().map(|hunk| hunk.edit.new.as_str()).collect())
            }
            _ => self.text(at),
        }
    }

    /// The moves that the change set will state: those to where no file was. Others become a deletion and an update or
    /// creation, so that a change set names every path once.
    pub(crate) fn moves(&self) -> Moves {
        let to_free_place = |at: &usize| self.0[*at].before.is_none();
        (0..self.0.len()).filter(to_free_place).filter_map(|at| Some((self.source(at)?, at))).collect()
    }

    /// The slot whose file now stands at slot `at`, and no longer where it was.
    fn source(&self, at: usize) -> Option<usize> {
        let from = self.0[at].now.as_ref()?.from.filter(|from| *from != at)?;
        (self.0[from].before.is_some() && self.0[from].now.is_none()).then_some(from)
    }

    /// Where the text of a file that is created stood before, if it is another file's.
    pub(crate) fn origin(&self, at: usize) -> Option<&Path> {
        let created = self.0[at].before.is_none();
        let from = self.0[at].now.as_ref()?.from.filter(|_| created)?;
        Some(&self.0[from].path)
    }

    /// The net change of a slot, if there is one.
    pub(crate) fn change(&self, at: usize, moves: &Moves) -> Option<FileChange> {
        let slot = &self.0[at];
        let edits = |hunks: Vec<LineHunk>| hunks.into_iter().map(|hunk| hunk.edit).collect();
        let (base, action) = match (&slot.before, &slot.now, moves.get(&at)) {
            (Some(before), None, Some(to)) => {
                let move_to = Some(self.0[*to].path.clone());
                (&before.base, Action::Update { edits: edits(self.hunks(*to, at)), move_to })
            }
            (Some(before), None, None) => (&before.base, Action::Delete { text: before.text.clone() }),
            (Some(before), Some(_), _) if self.changed(at) => {
                (&before.base, Action::Update { edits: edits(self.hunks(at, at)), move_to: None })
            }
            (None, Some(_), _) if !moves.values().any(|to| *to == at) => {
                (&Base::Absent, Action::Create { text: self.text(at).into_owned() })
            }
            _ => return None,
        };
        Some(FileChange::new(slot.path.clone(), base.clone(), action, slot.format()))
    }

    /// What a slot's net change is in numbers; a file that moves is told at its new place.
    pub(crate) fn summary(&self, at: usize) -> Option<FileSummary> {
        let slot = &self.0[at];
        if let (Some(from), Some(_)) = (self.source(at), &slot.now) {
            let summary = FileSummary::new(&slot.name, ChangeKind::Move, &self.hunks(at, from));
            return Some(FileSummary { moved_from: Some(self.0[from].name.clone()), ..summary });
        }
        let gone = || !(0..self.0.len()).any(|to| self.source(to) == Some(at));
        match (&slot.before, &slot.now) {
            (Some(_), Some(_)) if self.changed(at) => {
                Some(FileSummary::new(&slot.name, ChangeKind::Update, &self.hunks(at, at)))
            }
            (Some(before), None) if gone() => {
                let hunk =
                    HunkSummary { start_line: 1, old_lines: lines(&before.text).count(), new_lines: 0 };
                Some(FileSummary::of_whole(&slot.name, ChangeKind::Delete, hunk))
            }
            (None, Some(_)) => {
                let new_lines = lines(&self.text(at)).count();
                let hunk = HunkSummary { start_line: 1, old_lines: 0, new_lines };
                Some(FileSummary::of_whole(&slot.name, ChangeKind::Add, hunk))
            }
            _ => None,
        }
    }
}
