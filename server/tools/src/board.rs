//! `board.post` and `board.remove`: notes on the announcement board, which is shown to the model for some turns.
//! Only notes what is posted and removed: what is live is told by the turn.

use crate::arguments::{About, to_value};
use crate::keys::{blocking, entry, head, hint, one_line};
use crate::{Action, Prepared, Tool, ToolCx, Turn};
use futures::future::BoxFuture;
use glossator_session::{
    BoardEntry, BoardSource, ContextItem, Effect, FileKey, ItemBody, ToolError, ToolOutput, ToolSpec,
};
use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the model is told of `board.post`.
pub const POST: About = About {
    name: "board.post",
    description: "Puts a note on the announcement board, where you see it with every prompt for some turns. For what \
                  matters now and not for ever.",
    example: "await tools.board.post({ title: \"API\", text: \"v2 needs the header X-Key\", turns: 5 })",
    plain: Some("text"),
    bare: false,
    effect: Effect::Read,
    freeform: None,
    brief: "A note that you see with every prompt for some turns.",
    rare: &["fileKey", "hint"],
};

/// What the model is told of `board.remove`.
pub const REMOVE: About = About {
    name: "board.remove",
    description: "Takes an entry off the announcement board before its time.",
    example: "await tools.board.remove({ id: \"B2\" })",
    plain: Some("id"),
    bare: false,
    effect: Effect::Read,
    freeform: None,
    brief: "",
    rare: &[],
};

/// Bytes of a text that the board shows whole; of a longer one its begin, with the key of all of it.
pub(crate) const WHOLE: usize = 4 * 1024;
const HEAD: usize = 2 * 1024;
/// Characters of a title.
const TITLE: usize = 120;
/// Turns that an entry may be shown in.
const MOST_TURNS: u32 = 50;
/// Entries that may stand on the board at once: all of them are in every request.
pub const BOARD_ENTRIES: usize = 24;

/// Held from the look at the board until the entry is noted, so that what is posted twice at once has one entry.
static POSTING: Mutex<()> = Mutex::new(());

/// What is to be shown on the board.
pub(crate) struct Draft {
    pub source: BoardSource,
    pub title: String,
    pub text: String,
    /// The key of the whole text, where it has one already, and its length in bytes.
    pub kept: Option<(FileKey, u64)>,
    pub turns: u32,
}

/// Puts an entry on the board, in place of one of the same source and key. May wait for a disk.
pub(crate) fn post(turn: &dyn Turn, draft: Draft) -> Result<BoardEntry, String> {
    // Before anything is cut: half a secret would not be found any more.
    let (title, text) = (turn.redact(&draft.title), turn.redact(&draft.text));
    let long = text.len() > WHOLE;
    let kept = match draft.kept {
        None if long => Some((turn.keep(&text)?, text.len() as u64)),
        kept => kept,
    };
    let text = if long { head(&text, HEAD).to_owned() } else { text };
    let (key, bytes) = kept.map_or((None, 0), |(key, bytes)| (Some(key), bytes));
    let _posting = POSTING.lock();
    let board = turn.board();
    let same = board.iter().find(|entry| key.is_some() && entry.key == key && entry.source == draft.source);
    if same.is_none() && board.len() >= BOARD_ENTRIES {
        return Err(format!(
            "the board is full: it has {BOARD_ENTRIES} entries ({}). Take one away first: await tools.board.remove({{ id: \
             \"{}\" }})",
            board.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>().join(", "),
            board[0].id
        ));
    }
    let id = same.map_or_else(|| turn.fresh_board_id(), |entry| entry.id.clone());
    let title = one_line(&title, TITLE);
    let entry = BoardEntry { id, source: draft.source, title, text, key, bytes, turns: draft.turns };
    note(turn, ContextItem::Posted { entry: entry.clone() });
    Ok(entry)
}

/// Notes what happened. It counts also when it cannot be stored, of which the user is told by the turn.
pub(crate) fn note(turn: &dyn Turn, item: ContextItem) {
    if let Err(why) = turn.record(ItemBody::Context(item)) {
        tracing::warn!(%why, "an item of the context could not be stored");
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct PostInput {
    /// What it says; over 4 KiB the begin is shown, with the key of all of it.
    text: String,
    /// What it is called; the first line of the text if not given.
    #[serde(default)]
    title: Option<String>,
    /// Turns it is shown in, this one included: 1 to 50, 5 if not given.
    #[serde(default)]
    turns: Option<u32>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Posted {
    /// For `board.remove`.
    id: String,
    /// Turns it is shown in, this one included.
    turns: u32,
    /// The key of the whole text, where the board shows only its begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_key: Option<String>,
    /// How the rest is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// The tool `board.post`.
pub struct Post {
    spec: ToolSpec,
}

impl Post {
    pub fn new() -> Self {
        Self { spec: POST.spec::<PostInput, Posted>() }
    }
}

impl Tool for Post {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, cx: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move {
            let input: PostInput = POST.parse(&self.spec.input_schema, arguments)?;
            let draft = draft(input, cx.turn.board_turns())?;
            let line = format!("board.post {}", one_line(&cx.turn.redact(&draft.title), TITLE));
            Ok(Prepared { line, action: Action::Look, run: Box::new(move |cx| Box::pin(put(draft, cx))) })
        })
    }
}

fn draft(input: PostInput, usual: u32) -> Result<Draft, ToolError> {
    if input.text.trim().is_empty() {
        return Err(POST.wrong("`text` is empty."));
    }
    let turns = input.turns.unwrap_or(usual.clamp(1, MOST_TURNS));
    if !(1..=MOST_TURNS).contains(&turns) {
        return Err(POST.wrong(&format!("`turns` is {turns}; give 1 to {MOST_TURNS}.")));
    }
    let first =
        || input.text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned();
    let title = input.title.filter(|title| !title.trim().is_empty()).unwrap_or_else(first);
    Ok(Draft { source: BoardSource::Note, title, text: input.text, kept: None, turns })
}

async fn put(draft: Draft, cx: ToolCx) -> Result<ToolOutput, ToolError> {
    let turn = cx.turn;
    let entry = blocking(move || post(turn.as_ref(), draft)).await?;
    let hint = entry.key.as_ref().map(|key| hint(key, entry.text.lines().count()));
    let turns = if entry.turns == 1 { "turn" } else { "turns" };
    let summary = format!("{} on the board for {} {turns}", entry.id, entry.turns);
    let output = Posted { id: entry.id, turns: entry.turns, file_key: entry.key.map(|key| key.0), hint };
    Ok(ToolOutput { value: to_value(&output)?, summary })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RemoveInput {
    /// The entry: `B` and a number.
    id: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Removed {
    id: String,
    title: String,
}

/// The tool `board.remove`.
pub struct Remove {
    spec: ToolSpec,
}

impl Remove {
    pub fn new() -> Self {
        Self { spec: REMOVE.spec::<RemoveInput, Removed>() }
    }
}

impl Tool for Remove {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, _: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move {
            let RemoveInput { id } = REMOVE.parse(&self.spec.input_schema, arguments)?;
            let line = format!("board.remove {}", one_line(&id, TITLE));
            Ok(Prepared { line, action: Action::Look, run: Box::new(move |cx| Box::pin(take(id, cx))) })
        })
    }
}

async fn take(id: String, cx: ToolCx) -> Result<ToolOutput, ToolError> {
    let turn = cx.turn;
    let entry = blocking(move || {
        let entry = entry(turn.as_ref(), &id)?;
        note(turn.as_ref(), ContextItem::Removed { entry: entry.id.clone() });
        Ok(entry)
    });
    let entry = entry.await?;
    let summary = format!("{} taken off the board", entry.id);
    Ok(ToolOutput { value: to_value(&Removed { id: entry.id, title: entry.title })?, summary })
}
