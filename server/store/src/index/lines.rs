//! A log read from some place on, line by line, and what a line says that the index wants to know. Lines that nobody looks
//! for in a search are hardly looked at; what cannot be read is passed over.

use crate::blobs::Blobs;
use crate::folder::private_file;
use crate::format::ForkPoint;
use crate::{BlobRef, codec};
use glossator_session::{Item, ItemId, TurnId};
use serde::Deserialize;
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes before a place in a log that tell whether the log is still the one that was indexed.
const MARK_BYTES: u64 = 4 << 10;
/// The longest line that is looked at; a longer one is passed over.
const LINE_BYTES: u64 = 64 << 20;
/// Bytes of a long text that are read.
const BEGINNING_BYTES: u64 = 16 << 10;

/// How a file was when it was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Stamp {
    /// Its length in bytes; `-1`: there is none.
    pub len: i64,
    /// When it was last written to: nanoseconds since the Unix epoch.
    pub time: i64,
}

/// What the index wants to know of a header.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Head {
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub created_at: i64,
    #[serde(default)]
    pub model: String,
    #[serde(default)]
    pub parent: Option<ForkPoint>,
}

#[derive(Deserialize)]
struct HeadLine {
    glossator: String,
    head: Head,
}

/// An open log.
pub(crate) struct Log {
    file: BufReader<File>,
    /// Where the next line begins.
    pub at: u64,
    line: Vec<u8>,
}

impl Log {
    pub fn open(path: &Path) -> io::Result<Log> {
        let file = BufReader::with_capacity(1 << 16, private_file().read(true).open(path)?);
        Ok(Log { file, at: 0, line: Vec::new() })
    }

    /// Goes to `at`, where a line begins.
    pub fn go(&mut self, at: u64) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(at))?;
        self.at = at;
        Ok(())
    }

    /// The next whole line; `None` at the end, or where the last line has no end yet.
    pub fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        let read = self.file.by_ref().take(LINE_BYTES).read_until(b'\n', &mut self.line)? as u64;
        if read == LINE_BYTES && self.line.last() != Some(&b'\n') {
            return self.pass_over(read);
        }
        if self.line.pop() != Some(b'\n') {
            return Ok(None);
        }
        self.at += read;
        Ok(Some(&self.line))
    }

    /// Skips the rest of a line that is too long.
    fn pass_over(&mut self, mut read: u64) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        loop {
            let buffer = self.file.fill_buf()?;
            let (end, length) = match buffer.iter().position(|byte| *byte == b'\n') {
                Some(at) => (true, at + 1),
                None => (buffer.is_empty(), buffer.len()),
            };
            if length == 0 {
                return Ok(None);
            }
            self.file.consume(length);
            read += length as u64;
            if end {
                self.at += read;
                return Ok(Some(&self.line));
            }
        }
    }

    /// A hash of what stands before `at`; leaves the log somewhere else.
    pub fn mark(&mut self, at: u64) -> io::Result<String> {
        let from = at.saturating_sub(MARK_BYTES);
        self.file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        self.file.by_ref().take(at - from).read_to_end(&mut bytes)?;
        Ok(blake3::hash(&bytes).to_hex().to_string())
    }
}

/// Reads a header; `None`: the line is none.
pub(crate) fn head(line: &[u8]) -> Option<Head> {
    let line: HeadLine = serde_json::from_slice(line).ok()?;
    (line.glossator == "session").then_some(line.head)
}

/// A line of an item.
pub(crate) struct Line {
    pub id: ItemId,
    pub turn: TurnId,
    pub at: i64,
    pub said: Said,
}

/// What an item says to the index.
pub(crate) enum Said {
    /// Nothing.
    Nothing,
    /// The outcome of a call, in a line.
    Outcome(String),
    /// This.
    Item(Box<Item>),
}

#[derive(Deserialize)]
struct Outline<'a> {
    id: ItemId,
    turn: TurnId,
    #[serde(default)]
    at: i64,
    #[serde(borrow)]
    kind: Cow<'a, str>,
}

#[derive(Deserialize)]
struct OutcomeLine {
    outcome: Result<Summary, Message>,
}

#[derive(Deserialize)]
struct Summary {
    summary: String,
}

#[derive(Deserialize)]
struct Message {
    message: String,
}

/// Kinds of items that are read whole.
const READ: [&str; 7] = ["userMessage", "answer", "script", "toolCall", "changeSet", "notice", "turnEnded"];

/// Reads an item's line of a session whose workspace has its state in `folder`; `None`: it is none.
pub(crate) fn read(line: &[u8], folder: &Path) -> Option<Line> {
    let outline: Outline = serde_json::from_slice(line).ok()?;
    let said = match outline.kind.as_ref() {
        "toolOutput" => match serde_json::from_slice::<OutcomeLine>(line) {
            Ok(OutcomeLine { outcome: Ok(summary) }) => Said::Outcome(summary.summary),
            Ok(OutcomeLine { outcome: Err(error) }) => Said::Outcome(error.message),
            Err(_) => Said::Nothing,
        },
        kind if READ.contains(&kind) => {
            decode(line, kind, folder).map_or(Said::Nothing, |item| Said::Item(Box::new(item)))
        }
        _ => Said::Nothing,
    };
    Some(Line { id: outline.id, turn: outline.turn, at: outline.at, said })
}

/// Of long texts only the beginning is read, but for edits, which are written short and made whole again.
fn decode(line: &[u8], kind: &str, folder: &Path) -> Option<Item> {
    if kind == "changeSet" {
        return codec::item_of(line, folder);
    }
    let blobs = Blobs::of(folder);
    let beginning = |blob: &BlobRef| beginning(&blobs.path(&blob.hash)).map_err(|error| error.to_string());
    codec::decode(line, &beginning).ok().map(|(item, _)| item)
}

fn beginning(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    private_file().read(true).open(path)?.take(BEGINNING_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
