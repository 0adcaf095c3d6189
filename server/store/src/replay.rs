//! Reading a log back: which lines are items, which are not, and where a torn tail begins. Reads what it is given, opens
//! nothing.

use crate::codec::{self, ReadBlob};
use crate::format::SessionHead;
use crate::lines::{Lines, Place};
use crate::order::{Entry, Order};
use crate::table::Table;
use glossator_session::Item;
use std::io::{self, Read};

/// Things that are not as they should be which are told one by one.
const TOLD: usize = 20;

/// What a session's log holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// What the session is.
    pub head: SessionHead,
    /// Its items, ids rising; ids are missing where a line could not be read.
    pub items: Vec<Item>,
    /// What the writer's last checkpoint holds: the fold over every item before the first of `items`. `None`: these are
    /// all items of the session.
    pub fold: Option<serde_json::Value>,
    /// The id that the next item takes.
    pub next_id: u64,
    /// What was wrong with a torn last line and what was done about it, for the user.
    pub healed: Option<String>,
    /// What else was not as it should be (lines that could not be read), for the user.
    pub notices: Vec<String>,
}

/// What stands behind the last newline of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tail {
    /// Nothing.
    None,
    /// A whole item whose newline is missing (already among the items).
    NoNewline,
    /// So many bytes that are no whole item.
    Torn(u64),
}

/// A part of a log.
#[derive(Debug)]
pub(crate) struct Part {
    pub items: Vec<Item>,
    pub notices: Vec<String>,
    /// Where the part ends: behind its last newline.
    pub end: Place,
    pub tail: Tail,
}

impl Part {
    /// The id of the item that would follow. A line that was skipped held an item as a rule: its id is not given away again.
    pub fn next_id(&self, from: Place) -> u64 {
        let lines =
            self.end.lines.saturating_sub(from.lines).saturating_add(u64::from(self.tail == Tail::NoNewline));
        self.end.last.max(from.last.saturating_add(lines)).saturating_add(1)
    }
}

/// Reads the items from `place`, where `reader` stands, up to the item `upto`. Those that `table` does not know yet are
/// noted there.
pub(crate) fn read_part(
    reader: impl Read,
    (place, upto): (Place, u64),
    blobs: ReadBlob<'_>,
    table: &mut Table,
) -> io::Result<Part> {
    let mut order: Order<(Item, Vec<String>)> = Order::behind(place.last);
    let mut lines = Lines::from(reader, place);
    let mut part = Part { items: Vec::new(), notices: Vec::new(), end: place, tail: Tail::None };
    let mut lost = Vec::new();
    let mut last_line = place.at;
    while let Some(line) = lines.next()? {
        let (at, number, end) = (line.at, line.number, line.end());
        let settled = match codec::decode(line.bytes, blobs) {
            Ok(read) => {
                let (id, turn) = (read.0.id.0, read.0.turn.0);
                if !line.has_newline() {
                    part.tail = Tail::NoNewline;
                }
                order.push(Entry { at, number, id, turn, value: read })
            }
            Err(_) if !line.has_newline() => {
                part.tail = Tail::Torn(end - at);
                None
            }
            Err(why) => order.bad(number, why),
        };
        if line.has_newline() {
            (part.end.at, part.end.lines, last_line) = (end, number.saturating_add(1), at);
        }
        if settled.is_some_and(|entry| !take(entry, upto, (&mut part, &mut lost), table)) {
            return Ok(part);
        }
    }
    if let Some(entry) = order.end() {
        take(entry, upto, (&mut part, &mut lost), table);
    }
    table.close(part.end.at, part.end.lines, last_line);
    let skipped = order.skipped.iter().map(|(number, why)| {
        format!(
            "Line {} of the session's log was skipped: {why}. It stays in the file.",
            number.saturating_add(1)
        )
    });
    part.notices = told(skipped.chain(lost).collect());
    Ok(part)
}

/// Takes an item in; `false`: it lies behind the part.
fn take(
    entry: Entry<(Item, Vec<String>)>,
    upto: u64,
    (part, lost): (&mut Part, &mut Vec<String>),
    table: &mut Table,
) -> bool {
    if entry.id > upto {
        return false;
    }
    let (item, missing) = entry.value;
    lost.extend(missing.iter().map(|why| format!("A long text of item {} is lost: {why}.", item.id.0)));
    table.note(entry.id, entry.turn, entry.at);
    part.end.last = entry.id;
    part.items.push(item);
    true
}

fn told(mut notices: Vec<String>) -> Vec<String> {
    let more = notices.len().saturating_sub(TOLD);
    if more > 1 {
        notices.truncate(TOLD);
        notices.push(format!("There are {more} more lines and texts of this session that cannot be read."));
    }
    notices
}
