//! Checkpoints: `checkpoint.json` beside a log holds the fold over its beginning and where its turns stand. It can be lost
//! at any time, and is never trusted: what it says of the log is compared with the log.

use crate::StoreError;
use crate::chain::Segment;
use crate::folder::{private_file, write_whole};
use crate::format::FORMAT_VERSION;
use crate::lines::{Lines, Place, envelope};
use crate::table::{Table, TurnStart};
use glossator_session::SessionId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

const FILE: &str = "checkpoint.json";

/// A line of a log, by its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    at: u64,
    end: u64,
    hash: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored<S> {
    glossator: String,
    format: u32,
    /// The header of the session's own log.
    header: Known,
    /// Where its own log is known: lines and the last item.
    lines: u64,
    last: u64,
    /// The last line that is known.
    tail: Known,
    /// Turn, first item and where its line begins.
    turns: Vec<(u32, u64, u64)>,
    /// The first item that is not part of the state, and the log that it stands in.
    from: u64,
    session: SessionId,
    /// Lines before it, and the last of them.
    before_lines: u64,
    before: Known,
    state: S,
}

/// What a checkpoint holds besides the table.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    /// The log in which the rest begins.
    pub session: SessionId,
    pub place: Place,
    pub state: Value,
}

/// Reads the checkpoint of the session whose own log is `own`; `segments` are all its logs. `None`: there is none. `Err`
/// says why it does not fit.
pub(crate) fn load(own: &Segment, segments: &[&Segment]) -> Result<Option<(Table, Checkpoint)>, String> {
    let Some(bytes) = read(own.folder())? else { return Ok(None) };
    let stored: Stored<Value> = parse(&bytes)?;
    let table = stored.table(own)?;
    let segment = segments.iter().find(|segment| segment.session == stored.session);
    let segment = segment.ok_or("it is of another session")?;
    if stored.from == 0 || stored.from <= segment.start.last || stored.from - 1 > segment.upto {
        return Err("the item it goes up to is not in the log".to_owned());
    }
    let place = Place { at: stored.before.end, lines: stored.before_lines, last: stored.from - 1 };
    stored.before.holds(&segment.log)?;
    let mut file = segment.open(place.at).map_err(|error| error.to_string())?;
    let mut lines = Lines::from(&mut file, place);
    let next = lines.next().map_err(|error| error.to_string())?;
    if let Some(line) = next.filter(crate::lines::Line::has_newline)
        && envelope(line.bytes).is_none_or(|found| found.id.0 != stored.from)
    {
        return Err("another item stands where it ends".to_owned());
    }
    Ok(Some((table, Checkpoint { session: stored.session, place, state: stored.state })))
}

/// The table of the checkpoint beside `own`, if that fits.
pub(crate) fn table(own: &Segment) -> Option<Table> {
    let bytes = read(own.folder()).ok()??;
    parse::<Box<RawValue>>(&bytes).and_then(|stored| stored.table(own)).ok()
}

/// Writes a checkpoint beside `own`, of which `table` knows all: the fold over everything before item `from`, which stands
/// in `segment` as `its` table says.
pub(crate) fn write(
    (own, table): (&Segment, &Table),
    (segment, its): (&Segment, &Table),
    from: u64,
    state: &Value,
) -> Result<(), StoreError> {
    let (place, before) = locate(segment, its, from)?;
    let stored = Stored {
        glossator: "checkpoint".to_owned(),
        format: FORMAT_VERSION,
        header: Known::of(own, 0, table.start.at)?,
        lines: table.done.lines,
        last: table.done.last,
        tail: Known::of(own, table.tail, table.done.at)?,
        turns: table.turns.iter().map(|turn| (turn.turn, turn.item, turn.at)).collect(),
        from,
        session: segment.session.clone(),
        before_lines: place.lines,
        before,
        state,
    };
    write_whole(&own.folder().join(FILE), &serde_json::to_vec(&stored)?)
}

/// Takes the checkpoint of the session in `from` over for its fork in `to`, as far as it is of what both share: items up
/// to `upto`. `own` is the fork's log, which holds nothing of its own.
pub(crate) fn inherit(from: &Path, own: &Segment, upto: u64) -> Result<(), StoreError> {
    let Ok(Some(bytes)) = read(from) else { return Ok(()) };
    let Ok(stored) = parse::<Box<RawValue>>(&bytes) else { return Ok(()) };
    if stored.from > upto.saturating_add(1) {
        return Ok(());
    }
    let header = Known::of(own, 0, own.start.at)?;
    let (lines, last, turns) = (own.start.lines, own.start.last, Vec::new());
    let mut stored = Stored { tail: header.clone(), header, lines, last, turns, ..stored };
    if stored.from > upto {
        // Nothing is left to be read from the parent.
        stored.session = own.session.clone();
        (stored.before_lines, stored.before) = (lines, stored.header.clone());
    }
    write_whole(&own.folder().join(FILE), &serde_json::to_vec(&stored)?)
}

/// The session in whose log the checkpoint in `folder` ends.
pub(crate) fn ends_in(folder: &Path) -> Option<SessionId> {
    let bytes = read(folder).ok()??;
    parse::<Box<RawValue>>(&bytes).ok().map(|stored| stored.session)
}

/// Forgets the checkpoint in `folder`.
pub(crate) fn forget(folder: &Path) -> Result<(), StoreError> {
    let path = folder.join(FILE);
    match crate::folder::step().and_then(|()| fs::remove_file(&path)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(StoreError::io("delete", &path)(error)),
        _ => Ok(()),
    }
}

fn read(folder: &Path) -> Result<Option<Vec<u8>>, String> {
    let mut bytes = Vec::new();
    match private_file().read(true).open(folder.join(FILE)).and_then(|mut file| file.read_to_end(&mut bytes))
    {
        Ok(_) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

fn parse<'a, S: Deserialize<'a>>(bytes: &'a [u8]) -> Result<Stored<S>, String> {
    let stored: Stored<S> = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if stored.glossator != "checkpoint" || stored.format != FORMAT_VERSION {
        return Err("another version wrote it".to_owned());
    }
    Ok(stored)
}

impl<S> Stored<S> {
    /// The table, if it is of this log.
    fn table(&self, own: &Segment) -> Result<Table, String> {
        if self.header.end != own.start.at || self.header.at != 0 {
            return Err("the log begins otherwise".to_owned());
        }
        self.header.holds(&own.log)?;
        self.tail.holds(&own.log)?;
        let done = Place { at: self.tail.end, lines: self.lines, last: self.last };
        let turns: Vec<TurnStart> =
            self.turns.iter().map(|&(turn, item, at)| TurnStart { turn, item, at }).collect();
        let rising = turns.is_sorted_by(|a, b| a.turn < b.turn && a.item < b.item && a.at < b.at);
        let within = turns.iter().all(|turn| turn.at >= own.start.at && turn.at < done.at);
        if !rising || !within || done.last < own.start.last {
            return Err("its turns are not in order".to_owned());
        }
        let mut table = Table::known(own.start, done, self.tail.at, turns);
        table.behind(own.turn);
        Ok(table)
    }
}

impl Known {
    fn of(segment: &Segment, at: u64, end: u64) -> Result<Known, StoreError> {
        let hash = hash(&segment.log, at, end).map_err(StoreError::io("read", &segment.log))?;
        Ok(Known { at, end, hash })
    }

    /// Whether the log still has these bytes there.
    fn holds(&self, log: &Path) -> Result<(), String> {
        let found = hash(log, self.at, self.end).map_err(|error| error.to_string())?;
        match found == self.hash {
            true => Ok(()),
            false => Err("the log was changed by something else".to_owned()),
        }
    }
}

fn hash(path: &Path, at: u64, end: u64) -> io::Result<String> {
    let mut file: File = private_file().read(true).open(path)?;
    let length = end.checked_sub(at).ok_or(ErrorKind::InvalidData)?;
    if file.metadata()?.len() < end {
        return Err(io::Error::new(ErrorKind::UnexpectedEof, "the log is shorter than it was"));
    }
    file.seek(SeekFrom::Start(at))?;
    let mut hasher = blake3::Hasher::new();
    io::copy(&mut file.take(length), &mut hasher)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// Where item `from` stands, or will stand, in a log, and the line before it.
fn locate(segment: &Segment, table: &Table, from: u64) -> Result<(Place, Known), StoreError> {
    let at = table.before(from.saturating_sub(1));
    let mut before = (0, segment.start.at);
    let mut there = from > table.done.last;
    let read = |error| StoreError::io("read", &segment.log)(error);
    let mut lines = Lines::from(segment.open(at)?, Place { at, ..segment.start });
    while let Some(line) = lines.next().map_err(read)? {
        let found = envelope(line.bytes).map(|found| found.id.0);
        if line.at >= table.done.at || found == Some(from) {
            there |= found == Some(from);
            break;
        }
        before = (line.at, line.end());
    }
    if !there {
        return Err(StoreError::Refused(format!(
            "there is no item {from} in the log for a checkpoint to end before"
        )));
    }
    let count = from.saturating_sub(1).saturating_sub(segment.start.last);
    let place = Place {
        at: before.1,
        lines: segment.start.lines.saturating_add(count),
        last: from.saturating_sub(1),
    };
    Ok((place, Known::of(segment, before.0, before.1)?))
}
