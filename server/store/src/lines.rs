//! The lines of a log, read one after the other from any place on, and which item each holds as far as that can be told
//! without reading all of it. Never parses an item.

use glossator_session::{ItemId, TurnId};
use serde::Deserialize;
use std::io::{self, BufRead, BufReader, Read};

/// Bytes that are read at once.
const CHUNK: usize = 256 << 10;
/// Bytes of the longest line that is looked at; a longer one was not written by us, and is passed over.
const LONGEST: u64 = 256 << 20;

/// A place in a log at which a line begins, and what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Place {
    /// In bytes.
    pub at: u64,
    /// How many lines stand before it, the header included.
    pub lines: u64,
    /// The last item before it.
    pub last: u64,
}

/// One line.
pub(crate) struct Line<'a> {
    pub at: u64,
    /// How many lines stand before it.
    pub number: u64,
    /// With its newline, if it has one; none of it where it is too long to be looked at.
    pub bytes: &'a [u8],
    length: u64,
    ended: bool,
}

impl Line<'_> {
    pub fn end(&self) -> u64 {
        self.at + self.length
    }

    pub fn has_newline(&self) -> bool {
        self.ended
    }
}

/// Lines from a place on.
pub(crate) struct Lines<R> {
    reader: BufReader<R>,
    at: u64,
    number: u64,
    line: Vec<u8>,
}

impl<R: Read> Lines<R> {
    /// `reader` stands at `place`.
    pub fn from(reader: R, place: Place) -> Lines<R> {
        let reader = BufReader::with_capacity(CHUNK, reader);
        Lines { reader, at: place.at, number: place.lines, line: Vec::new() }
    }

    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let (at, number) = (self.at, self.number);
        let mut length = self.reader.by_ref().take(LONGEST).read_until(b'\n', &mut self.line)? as u64;
        let mut ended = self.line.last() == Some(&b'\n');
        if length == LONGEST && !ended {
            self.line = Vec::new();
            let rest;
            (rest, ended) = self.pass_over()?;
            length += rest;
        }
        self.at += length;
        self.number = number.saturating_add(1);
        Ok((length > 0).then_some(Line { at, number, bytes: &self.line, length, ended }))
    }

    /// Goes behind the end of the line; says how far that was, and whether the line has an end.
    fn pass_over(&mut self) -> io::Result<(u64, bool)> {
        let mut passed = 0;
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok((passed, false));
            }
            let end = memchr::memchr(b'\n', buffer);
            let length = end.map_or(buffer.len(), |end| end + 1);
            self.reader.consume(length);
            passed += length as u64;
            if end.is_some() {
                return Ok((passed, true));
            }
        }
    }
}

/// Items and turns up to which numbers are believed: nobody counts that far, and behind the highest nothing could follow.
const MOST_ITEMS: u64 = 1 << 53;
const MOST_TURNS: u32 = 1 << 31;

/// Whether there can be an item of this number in a turn of this one.
pub(crate) fn can_be(item: ItemId, turn: TurnId) -> bool {
    item.0 < MOST_ITEMS && turn.0 < MOST_TURNS
}

/// Which item a line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) struct Envelope {
    pub id: ItemId,
    pub turn: TurnId,
}

/// Which item a line holds; a line that begins and ends as we write them is believed.
pub(crate) fn envelope(line: &[u8]) -> Option<Envelope> {
    let found = quick(line).or_else(|| serde_json::from_slice(line).ok());
    found.filter(|found| can_be(found.id, found.turn))
}

fn quick(line: &[u8]) -> Option<Envelope> {
    let (found, rest) = beginning(line)?;
    let whole = rest.starts_with(b"\",\"") && line.trim_ascii_end().ends_with(b"}");
    whole.then_some(found)
}

/// Which item a line holds whose first fields all are as we write them. What follows them may be no JSON at all.
pub(crate) fn as_written(line: &[u8]) -> Option<Envelope> {
    let (found, rest) = beginning(line)?;
    let (round, rest) = number(rest.strip_prefix(b"\",\"round\":")?)?;
    let (at, rest) = number(rest.strip_prefix(b",\"at\":")?)?;
    let fits = u32::try_from(round).is_ok() && i64::try_from(at).is_ok();
    (fits && rest.starts_with(b",\"kind\":\"")).then_some(found)
}

/// Item and turn, and what follows them.
fn beginning(line: &[u8]) -> Option<(Envelope, &[u8])> {
    let (id, rest) = number(line.strip_prefix(b"{\"id\":")?)?;
    let (turn, rest) = number(rest.strip_prefix(b",\"turn\":\"T-")?)?;
    Some((Envelope { id: ItemId(id), turn: TurnId(u32::try_from(turn).ok()?) }, rest))
}

fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(digits);
    let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<(u64, u32)>) {
        let found = envelope(line.as_bytes()).map(|envelope| (envelope.id.0, envelope.turn.0));
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn envelopes_are_found_as_we_write_them_and_otherwise() {
        check("{\"id\":7,\"turn\":\"T-12\",\"round\":0}\n", Some((7, 12)));
        check("{\"id\":7,\"turn\":\"T-12\",\"round\":{{{}\r\n", Some((7, 12)));
        check("{\"id\":7,\"turn\":\"T-12\",\"round\":0", None);
        check("{ \"turn\": \"T-12\", \"x\": [1], \"id\": 7 }", Some((7, 12)));
        check("{\"id\":7,\"turn\":12,\"round\":0}", None);
        check("{\"id\":-7,\"turn\":\"T-1\",\"round\":0}", None);
        check("{\"id\":99999999999999999999,\"turn\":\"T-1\",\"round\":0}", None);
        check("{\"id\":7,\"turn\":\"T-99999999999\",\"round\":0}", None);
        check("{\"id\":9007199254740992,\"turn\":\"T-1\",\"round\":0}", None);
        check("{\"id\":7,\"turn\":\"T-4294967295\",\"round\":0}", None);
        check("{\"id\":7}", None);
        check("[]", None);
        check("", None);
    }

    #[test]
    fn lines_are_taken_as_they_are_only_where_we_wrote_them_so() {
        let check = |line: &str, expected: Option<u64>| {
            assert_eq!(as_written(line.as_bytes()).map(|found| found.id.0), expected, "{line}");
        };
        check(r#"{"id":7,"turn":"T-12","round":0,"at":5,"kind":"x"}"#, Some(7));
        check(r#"{"id":7,"turn":"T-12","round":0,"at":5,"agent":"a","kind":"x"}"#, None);
        check(r#"{"id":7,"turn":"T-12","round":99999999999,"at":5,"kind":"x"}"#, None);
        check(r#"{"id":7,"turn":"T-12","round":0,"at":-5,"kind":"x"}"#, None);
        check(r#"{"id":7,"turn":"T-12","round":0,"kind":"x"}"#, None);
        check(r#"{"id":7,"turn":"T-12","round":0,"at":5,"kind":1}"#, None);
    }

    #[test]
    fn lines_know_where_they_stand() {
        let mut lines = Lines::from(&b"ab\n\nc"[..], Place { at: 10, lines: 3, last: 0 });
        let mut seen = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            seen.push((line.at, line.number, line.bytes.to_vec(), line.has_newline(), line.end()));
        }
        let expected = [
            (10, 3, b"ab\n".to_vec(), true, 13),
            (13, 4, b"\n".to_vec(), true, 14),
            (14, 5, b"c".to_vec(), false, 15),
        ];
        assert_eq!(seen, expected);
    }
}
