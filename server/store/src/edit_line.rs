//! The short line of an edit: its inverse and its hunks are told by what the change itself does not say. Pure. Only edits
//! that come back exactly are written so; all others are written as they are.

mod wide;

use self::wide::{around, widened};
use glossator_session::{
    AgentId, ChangeSetId, ChangeState, HunkId, HunkPart, HunkPlace, HunkRecord, Item, ItemBody, ItemId,
    TurnId,
};
use glossator_text::{Action, Base, ChangeSet, FileChange, FileFormat, Replacement};
use memchr::memmem;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How a short line says what it is, and the bytes of its beginning in which that stands.
const KIND: &[u8] = b"\"kind\":\"edit\"";
const KIND_WITHIN: usize = 1 << 10;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    id: ItemId,
    turn: TurnId,
    round: u32,
    at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agent: Option<AgentId>,
    kind: Kind,
    change_set: ChangeSetId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    undoes: Option<ChangeSetId>,
    files: Vec<File>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Edit,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    path: PathBuf,
    base: Before,
    #[serde(flatten)]
    action: What,
    #[serde(default, skip_serializing_if = "is_usual")]
    format: FileFormat,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    made: Vec<PathBuf>,
    undo: Undo,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    hunks: Vec<Hunk>,
}

/// The base: nothing, the hash of a text on disk, or version and hash of a buffer's.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Before {
    Absent(()),
    Disk(String),
    Buffer(i32, String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum What {
    Create(String),
    Delete(String),
    Edits(Vec<Edit>),
    Move(PathBuf, Vec<Edit>),
}

/// Start, old and new text.
#[derive(Serialize, Deserialize)]
struct Edit(usize, String, String);

/// What of the inverse the change does not say.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Undo {
    Whole(Box<FileChange>),
    Rest(Rest),
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rest {
    /// The hash of the text that the change leaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    made: Vec<PathBuf>,
    /// For each edit of the inverse that reaches farther than the change's own: the texts before, between and behind them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    around: Vec<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Hunk {
    /// The whole file, or its move.
    File(Part),
    /// Lines: cut out of the inverse's edit that holds them.
    Cut(Cut),
    Whole(Box<HunkRecord>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Part {
    Create,
    Delete,
    Move,
}

/// Start in the text after, its line, where the base stands in the text before, and the lengths of base, proposed text and
/// the lines above and below.
#[derive(Serialize, Deserialize)]
struct Cut(usize, Option<usize>, usize, usize, usize, usize, usize);

fn is_usual(format: &FileFormat) -> bool {
    *format == FileFormat::default()
}

/// The short line of an edit, without newline; `None` for all other items and for edits that would not come back exactly.
pub(crate) fn shorten(item: &Item) -> Option<Result<Vec<u8>, serde_json::Error>> {
    let ItemBody::ChangeSet { id, state: ChangeState::Intended { change, inverse, undoes, hunks } } =
        &item.body
    else {
        return None;
    };
    if inverse.files.len() != change.files.len() {
        return None;
    }
    let mut left = hunks.as_slice();
    let mut files = Vec::with_capacity(change.files.len());
    for (file, back) in change.files.iter().zip(inverse.files.iter().rev()) {
        let own = left.iter().take_while(|hunk| hunk.path == file.path_after()).count();
        let (hunks, rest) = left.split_at(own);
        left = rest;
        files.push(File {
            path: file.path.clone(),
            base: Before::of(&file.base),
            action: What::of(&file.action),
            format: file.format,
            mode: file.mode,
            made: file.made_folders.clone(),
            undo: Undo::of(file, back),
            hunks: hunks.iter().map(|hunk| Hunk::of(hunk, file, back)).collect(),
        });
    }
    let line = Line {
        id: item.id,
        turn: item.turn,
        round: item.round,
        at: item.at,
        agent: item.agent.clone(),
        kind: Kind::Edit,
        change_set: id.clone(),
        undoes: undoes.clone(),
        files,
    };
    let json = serde_json::to_vec(&line);
    match json {
        Ok(json) => (lengthen(&json).as_ref() == Some(item)).then_some(Ok(json)),
        error => Some(error),
    }
}

/// Whether a line may be a short one.
pub(crate) fn is_short(line: &[u8]) -> bool {
    memmem::find(&line[..line.len().min(KIND_WITHIN)], KIND).is_some()
}

/// The edit that a short line stands for; `None`: it is no such line.
pub(crate) fn lengthen(line: &[u8]) -> Option<Item> {
    let line: Line = serde_json::from_slice(line).ok()?;
    let mut change = ChangeSet::default();
    let mut inverse = ChangeSet::default();
    let mut hunks: Vec<HunkRecord> = Vec::new();
    for file in line.files {
        let forward = FileChange {
            mode: file.mode,
            made_folders: file.made,
            ..FileChange::new(file.path, file.base.base(), file.action.action(), file.format)
        };
        let back = file.undo.change(&forward)?;
        for hunk in file.hunks {
            let id = HunkId(format!("{}.{}", line.change_set, hunks.len() + 1));
            hunks.push(hunk.record(id, &forward, &back)?);
        }
        change.files.push(forward);
        inverse.files.insert(0, back);
    }
    let state = ChangeState::Intended { change, inverse, undoes: line.undoes, hunks };
    let body = ItemBody::ChangeSet { id: line.change_set, state };
    Some(Item { id: line.id, turn: line.turn, round: line.round, at: line.at, agent: line.agent, body })
}

/// The edit of a short line some of whose texts are lost: it is known that there was one, and no more.
pub(crate) fn lost(line: &[u8], message: String) -> Option<Item> {
    let line: Line = serde_json::from_slice(line).ok()?;
    let body = ItemBody::ChangeSet { id: line.change_set, state: ChangeState::Failed { message } };
    Some(Item { id: line.id, turn: line.turn, round: line.round, at: line.at, agent: line.agent, body })
}

impl Before {
    fn of(base: &Base) -> Before {
        match base {
            Base::Absent => Before::Absent(()),
            Base::Disk { hash } => Before::Disk(hash.clone()),
            Base::Buffer { version, hash } => Before::Buffer(*version, hash.clone()),
        }
    }

    fn base(self) -> Base {
        match self {
            Before::Absent(()) => Base::Absent,
            Before::Disk(hash) => Base::Disk { hash },
            Before::Buffer(version, hash) => Base::Buffer { version, hash },
        }
    }
}

impl What {
    fn of(action: &Action) -> What {
        let edits = |edits: &[Replacement]| {
            edits.iter().map(|edit| Edit(edit.start, edit.old.clone(), edit.new.clone())).collect()
        };
        match action {
            Action::Create { text } => What::Create(text.clone()),
            Action::Delete { text } => What::Delete(text.clone()),
            Action::Update { edits: all, move_to: None } => What::Edits(edits(all)),
            Action::Update { edits: all, move_to: Some(to) } => What::Move(to.clone(), edits(all)),
        }
    }

    fn action(self) -> Action {
        let edits = |edits: Vec<Edit>| {
            edits.into_iter().map(|Edit(start, old, new)| Replacement { start, old, new }).collect()
        };
        match self {
            What::Create(text) => Action::Create { text },
            What::Delete(text) => Action::Delete { text },
            What::Edits(all) => Action::Update { edits: edits(all), move_to: None },
            What::Move(to, all) => Action::Update { edits: edits(all), move_to: Some(to) },
        }
    }
}

/// The edits of a change that keeps the file.
fn edits(change: &FileChange) -> &[Replacement] {
    match &change.action {
        Action::Update { edits, .. } => edits,
        _ => &[],
    }
}

fn hash(base: &Base) -> Option<&str> {
    match base {
        Base::Absent => None,
        Base::Buffer { hash, .. } | Base::Disk { hash } => Some(hash),
    }
}

impl Undo {
    fn of(file: &FileChange, back: &FileChange) -> Undo {
        let mut rest = Rest {
            hash: hash(&back.base).map(str::to_owned),
            made: back.made_folders.clone(),
            around: Vec::new(),
        };
        let plain = plain_inverse(file, rest.hash.clone());
        if plain.as_ref().is_some_and(|plain| edits(plain) != edits(back)) {
            rest.around = around(edits(plain.as_ref().unwrap_or(back)), edits(back)).unwrap_or_default();
        }
        let undo = Undo::Rest(rest);
        match undo.change(file).as_ref() == Some(back) {
            true => undo,
            false => Undo::Whole(Box::new(back.clone())),
        }
    }

    /// The inverse of `file`.
    fn change(&self, file: &FileChange) -> Option<FileChange> {
        let rest = match self {
            Undo::Whole(change) => return Some((**change).clone()),
            Undo::Rest(rest) => rest,
        };
        let mut back = plain_inverse(file, rest.hash.clone())?;
        back.made_folders.clone_from(&rest.made);
        if let (Action::Update { edits, .. }, false) = (&mut back.action, rest.around.is_empty()) {
            *edits = widened(edits, &rest.around)?;
        }
        Some(back)
    }
}

/// The inverse as the change alone tells it.
fn plain_inverse(file: &FileChange, hash: Option<String>) -> Option<FileChange> {
    // Starts that the edits could not have make no sense, and must not be added up.
    let end = |edit: &Replacement| edit.start.checked_add(edit.old.len())?.checked_add(edit.new.len());
    if edits(file).iter().any(|edit| end(edit).is_none_or(|end| end > usize::MAX / 2)) {
        return None;
    }
    ChangeSet { files: vec![file.clone()] }.inverse(|_| hash.clone()).files.pop()
}

impl Hunk {
    fn of(hunk: &HunkRecord, file: &FileChange, back: &FileChange) -> Hunk {
        let short = match &hunk.part {
            HunkPart::Create => Some(Hunk::File(Part::Create)),
            HunkPart::Delete => Some(Hunk::File(Part::Delete)),
            HunkPart::Move { .. } => Some(Hunk::File(Part::Move)),
            HunkPart::Lines => Cut::of(hunk, back).map(Hunk::Cut),
        };
        short
            .filter(|short| short.record(hunk.id.clone(), file, back).as_ref() == Some(hunk))
            .unwrap_or_else(|| Hunk::Whole(Box::new(hunk.clone())))
    }

    fn record(&self, id: HunkId, file: &FileChange, back: &FileChange) -> Option<HunkRecord> {
        let (part, base, proposed, place) = match self {
            Hunk::Whole(record) => return Some((**record).clone()),
            Hunk::Cut(cut) => {
                let (base, proposed, place) = cut.texts(back)?;
                (HunkPart::Lines, base, proposed, place)
            }
            Hunk::File(part) => {
                let (part, base, proposed) = match (part, &file.action) {
                    (Part::Create, Action::Create { text }) => (HunkPart::Create, "", text.as_str()),
                    (Part::Delete, Action::Delete { text }) => (HunkPart::Delete, text.as_str(), ""),
                    (Part::Move, Action::Update { .. }) => {
                        (HunkPart::Move { from: file.path.clone() }, "", "")
                    }
                    _ => return None,
                };
                (part, base.to_owned(), proposed.to_owned(), HunkPlace::default())
            }
        };
        let path = file.path_after().to_path_buf();
        Some(HunkRecord { id, path, part, base, proposed, current: None, place, verdict: None })
    }
}

impl Cut {
    fn of(hunk: &HunkRecord, back: &FileChange) -> Option<Cut> {
        let place = &hunk.place;
        let edit = holding(place.start, back)?;
        let base = edit.new.find(&hunk.base)?;
        let (above, below) = (place.above.len(), place.below.len());
        Some(Cut(place.start, place.line, base, hunk.base.len(), hunk.proposed.len(), above, below))
    }

    /// Base, proposed text and place.
    fn texts(&self, back: &FileChange) -> Option<(String, String, HunkPlace)> {
        let Cut(start, line, base, base_len, len, above, below) = *self;
        let edit = holding(start, back)?;
        let at = start.checked_sub(edit.start)?;
        let cut =
            |text: &str, from: usize, len: usize| Some(text.get(from..from.checked_add(len)?)?.to_owned());
        let place = HunkPlace {
            text: hash(&back.base)?.to_owned(),
            start,
            line,
            above: cut(&edit.old, at.checked_sub(above)?, above)?,
            below: cut(&edit.old, at.checked_add(len)?, below)?,
        };
        Some((cut(&edit.new, base, base_len)?, cut(&edit.old, at, len)?, place))
    }
}

/// The last edit of the inverse that begins at or before `start`.
fn holding(start: usize, back: &FileChange) -> Option<&Replacement> {
    edits(back).iter().rev().find(|edit| edit.start <= start)
}
