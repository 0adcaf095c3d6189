//! Reading a log back: which lines are items, which are not, and where a torn tail begins. Pure: bytes in.

use crate::format::{self, FORMAT_VERSION, SessionHead};
use glossator_session::{Item, SessionId};

/// What a session's log holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// What the session is.
    pub head: SessionHead,
    /// Its items, ids rising; ids are missing where a line could not be read.
    pub items: Vec<Item>,
    /// The id that the next item takes.
    pub next_id: u64,
    /// What was wrong with a torn last line and what was done about it, for the user.
    pub healed: Option<String>,
    /// What else was not as it should be (lines that could not be read), for the user.
    pub notices: Vec<String>,
}

/// A replay, and what a writer has to know of the file.
#[derive(Debug)]
pub(crate) struct Scan {
    pub replay: Replay,
    /// Length of the good part in bytes: header and whole lines.
    pub good_len: u64,
    /// What stands behind it.
    pub tail: Tail,
    /// Why nothing may be appended.
    pub sealed: Option<Sealed>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    /// Nothing: the file ends with a newline.
    None,
    /// A whole item whose newline is missing (already among the items).
    NoNewline,
    /// So many bytes that are no whole item.
    Torn(u64),
}

#[derive(Debug)]
pub(crate) enum Sealed {
    Newer(u32),
    Damaged(String),
}

/// Reads a whole log; `id` is what the folder says, for a header that cannot be read.
pub(crate) fn scan(bytes: &[u8], id: &SessionId) -> Scan {
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let (lines, rest) = bytes.split_at(end);
    let mut lines = lines.split_inclusive(|byte| *byte == b'\n').enumerate();

    let (head, sealed) = read_header(lines.next().map(|(_, line)| line), id);
    let mut notices = Vec::new();
    if let Some(Sealed::Damaged(why)) = &sealed {
        notices.push(format!("The log of this session is damaged: {why}. It can be read but not continued."));
    }
    let mut entries: Vec<(usize, Result<Item, String>)> =
        lines.map(|(number, line)| (number, format::parse_item(line))).collect();
    let tail = match format::parse_item(rest) {
        _ if rest.is_empty() => Tail::None,
        Ok(item) if end > 0 => {
            entries.push((entries.len() + 1, Ok(item)));
            Tail::NoNewline
        }
        _ => Tail::Torn(rest.len() as u64),
    };
    // A skipped line held an item as a rule: its id is not given away again.
    let lines = entries.len() as u64;
    let items = in_order(entries, &mut notices);
    let next_id = items.last().map_or(0, |item| item.id.0).max(lines).saturating_add(1);
    let replay = Replay { head, items, next_id, healed: None, notices };
    Scan { replay, good_len: end as u64, tail, sealed }
}

/// Keeps the items whose ids rise. Of two that disagree the one is dropped that does not fit between its neighbours,
/// so that one damaged id never hides the rest of the log.
fn in_order(entries: Vec<(usize, Result<Item, String>)>, notices: &mut Vec<String>) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::with_capacity(entries.len());
    let mut entries = entries.into_iter().peekable();
    while let Some((number, entry)) = entries.next() {
        let last = items.last().map_or(0, |item| item.id.0);
        let next = entries.peek().and_then(|(_, next)| next.as_ref().ok()).map(|next| next.id.0);
        let why = match entry {
            Ok(item) if item.id.0 <= last => format!("item {} stands behind item {last}", item.id.0),
            Ok(item) if next.is_some_and(|next| next > last && next <= item.id.0) => {
                format!("item {} stands before item {}", item.id.0, next.unwrap_or_default())
            }
            Ok(item) => {
                items.push(item);
                continue;
            }
            Err(why) => why,
        };
        notices.push(format!(
            "Line {} of the session's log was skipped: {why}. It stays in the file.",
            number + 1
        ));
    }
    items
}

fn read_header(line: Option<&[u8]>, id: &SessionId) -> (SessionHead, Option<Sealed>) {
    let header = match line {
        Some(line) => format::parse_header(line),
        None => Err("it has no first line".to_owned()),
    };
    match header {
        Ok(header) if header.format > FORMAT_VERSION => (header.head, Some(Sealed::Newer(header.format))),
        Ok(header) => (header.head, None),
        Err(why) => {
            let head = SessionHead {
                id: id.clone(),
                title: String::new(),
                created_at: 0,
                model: String::new(),
                pack: String::new(),
                tools: Vec::new(),
                calling: String::new(),
                parent: None,
                layers: Vec::new(),
            };
            (head, Some(Sealed::Damaged(why)))
        }
    }
}
