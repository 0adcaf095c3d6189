//! Files before and after a command as changes: created, updated, deleted, moved; and what is no change of a text.
//! Pure: texts in, changes out.

use glossator_text::{
    Action, Base, FileChange, FileFormat, FileText, diff_lines, line_replacements, text_hash,
};
use glossator_workspace::OnDisk;
use std::path::PathBuf;
use std::sync::Arc;

use super::Changed;

/// A file on one side of a command.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Side {
    /// What it holds.
    pub(super) content: OnDisk,
    /// Its Unix permission bits.
    pub(super) mode: u32,
}

/// One file before and after a command; `None`: there was none.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pair {
    pub(super) path: PathBuf,
    pub(super) before: Option<Side>,
    pub(super) after: Option<Side>,
    /// What the change of the text is based on, if not on the disk.
    pub(super) base: Option<Base>,
}

/// One file's change with the texts around it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Made {
    pub(super) change: FileChange,
    pub(super) before: Option<Arc<str>>,
    pub(super) after: Option<Arc<str>>,
}

/// What pairs come to.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Planned {
    /// Changes of texts: deletions first, each by path.
    pub(super) made: Vec<Made>,
    /// What changed and is no text, and why not.
    pub(super) others: Vec<(PathBuf, String)>,
    /// Files that have other permissions, with the new ones; their text may have changed too.
    pub(super) modes: Vec<(PathBuf, u32)>,
}

/// What `pairs` come to. Pairs that are equal come to nothing.
pub(super) fn plan(pairs: Vec<Pair>) -> Planned {
    let mut planned = Planned::default();
    for pair in pairs {
        if let (Some(before), Some(after)) = (&pair.before, &pair.after)
            && before.mode != after.mode
        {
            planned.modes.push((pair.path.clone(), after.mode));
        }
        match made(&pair) {
            Ok(made) => planned.made.extend(made),
            Err(why) => planned.others.push((pair.path, why)),
        }
    }
    moves(&mut planned.made);
    let deletes = |made: &Made| matches!(made.change.action, Action::Delete { .. });
    planned.made.sort_by(|a, b| (!deletes(a), &a.change.path).cmp(&(!deletes(b), &b.change.path)));
    planned
}

fn made(pair: &Pair) -> Result<Option<Made>, String> {
    let text = |side: &Side| match &side.content {
        OnDisk::Text(text) => Ok((text.clone(), side.mode)),
        OnDisk::Other(why) => Err(why.clone()),
    };
    let before = pair.before.as_ref().map(text).transpose()?;
    let after = pair.after.as_ref().map(text).transpose()?;
    let (format, action, mode) = match (&before, &after) {
        (None, None) => return Ok(None),
        (None, Some((after, mode))) => {
            (after.format, Action::Create { text: after.text.clone() }, Some(*mode))
        }
        (Some((before, mode)), None) => {
            (before.format, Action::Delete { text: before.text.clone() }, Some(*mode))
        }
        (Some((before, _)), Some((after, _))) => {
            if !same_way(before, after) {
                return Err("its encoding or its byte order mark changed".to_owned());
            }
            let edits = line_replacements(&before.text, &after.text);
            if edits.is_empty() {
                return Ok(None);
            }
            (before.format, Action::Update { edits, move_to: None }, None)
        }
    };
    let hash = |text: &FileText| Base::Disk { hash: text_hash(&text.text) };
    let base = before.as_ref().map(|(text, _)| pair.base.clone().unwrap_or_else(|| hash(text)));
    let change = FileChange::new(pair.path.clone(), base.unwrap_or(Base::Absent), action, format);
    let shared = |side: Option<(FileText, u32)>| side.map(|(text, _)| Arc::from(text.text));
    Ok(Some(Made { change: FileChange { mode, ..change }, before: shared(before), after: shared(after) }))
}

/// Whether the text of `after`, written as `before` was, gives the bytes that it has.
fn same_way(before: &FileText, after: &FileText) -> bool {
    let plain = |format: &FileFormat| (format.encoding, format.bom);
    plain(&before.format) == plain(&after.format)
        || before.format.encode(&after.text).is_ok_and(|bytes| after.format.encode(&after.text) == Ok(bytes))
}

/// Makes one move of a deletion and a creation with the same bytes, where it is certain which belong together.
fn moves(made: &mut Vec<Made>) {
    let fits = |gone: &Made, new: &Made| match (&gone.change.action, &new.change.action) {
        (Action::Delete { text: old }, Action::Create { text }) => {
            !text.is_empty()
                && old == text
                && gone.change.mode == new.change.mode
                && gone.change.format == new.change.format
        }
        _ => false,
    };
    let one = |all: &[Made], fits: &dyn Fn(&Made) -> bool| {
        let mut found = all.iter().enumerate().filter(|(_, made)| fits(made));
        let first = found.next().map(|(at, _)| at);
        first.filter(|_| found.next().is_none())
    };
    let mut at = 0;
    while at < made.len() {
        let to = one(made, &|new| fits(&made[at], new));
        let back = to.and_then(|to| one(made, &|gone| fits(gone, &made[to])));
        if let (Some(to), true) = (to, back == Some(at)) {
            let new = made[to].clone();
            let gone = &mut made[at];
            let move_to = Some(new.change.path);
            gone.change.action = Action::Update { edits: Vec::new(), move_to };
            gone.change.mode = None;
            gone.after = new.after;
            made.remove(to);
            at -= usize::from(to < at);
        }
        at += 1;
    }
}

impl Made {
    /// As it is told; `display` shows a path.
    pub(super) fn told(&self, display: &dyn Fn(&std::path::Path) -> String) -> Changed {
        let hunks =
            diff_lines(self.before.as_deref().unwrap_or_default(), self.after.as_deref().unwrap_or_default());
        let (added, removed) =
            hunks.iter().fold((0, 0), |(new, old), hunk| (new + hunk.new.len(), old + hunk.old.len()));
        let (kind, moved) = match &self.change.action {
            Action::Create { .. } => ("add", false),
            Action::Delete { .. } => ("delete", false),
            Action::Update { move_to, .. } => {
                (if move_to.is_some() { "move" } else { "update" }, move_to.is_some())
            }
        };
        Changed {
            path: display(self.change.path_after()),
            moved_from: moved.then(|| display(&self.change.path)),
            kind: kind.to_owned(),
            added,
            removed,
        }
    }

    /// Bytes of its texts.
    pub(super) fn size(&self) -> usize {
        [&self.before, &self.after].into_iter().flatten().map(|text| text.len()).sum()
    }
}
