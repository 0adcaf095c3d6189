//! Where the turns and items of one log stand, so that a page of it is read without the rest. Made by whoever reads or
//! writes the log from its start; kept in checkpoints. Pure but for the reading of lines.

use crate::lines::{Lines, Place, envelope};
use crate::order::{Entry, Order};
use std::io::{self, Read};

/// Bytes between two marks.
const STRIDE: u64 = 64 << 10;

/// The first item of a turn, and where its line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TurnStart {
    pub turn: u32,
    pub item: u64,
    pub at: u64,
}

/// Where what stands in a log, as far as `done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    /// Behind the header.
    pub start: Place,
    /// Behind the last line that is known.
    pub done: Place,
    /// Where the last line that is known begins.
    pub tail: u64,
    pub turns: Vec<TurnStart>,
    /// Items and where they stand, one every so many bytes; fewer where the table comes from a checkpoint.
    marks: Vec<(u64, u64)>,
    /// The highest turn so far.
    turn: u32,
}

impl Table {
    /// Of a log that holds nothing but a header, which ends at `at`; `last` and `turn` are the parent's.
    pub fn new(at: u64, last: u64, turn: u32) -> Table {
        let start = Place { at, lines: 1, last };
        Table { start, done: start, tail: 0, turns: Vec::new(), marks: Vec::new(), turn }
    }

    /// One that was read from a checkpoint.
    pub fn known(start: Place, done: Place, tail: u64, turns: Vec<TurnStart>) -> Table {
        let turn = turns.last().map_or(0, |turn| turn.turn);
        Table { start, done, tail, turns, marks: Vec::new(), turn }
    }

    /// Notes an item behind all that is known; its line begins at `at`.
    pub fn note(&mut self, id: u64, turn: u32, at: u64) {
        if at < self.done.at || id <= self.done.last {
            return;
        }
        if turn > self.turn || self.turns.is_empty() {
            self.turns.push(TurnStart { turn, item: id, at });
            self.turn = self.turn.max(turn);
        }
        let mark = self.marks.last().map_or(self.start.at, |mark| mark.1);
        if at >= mark + STRIDE {
            self.marks.push((id, at));
        }
        self.done.last = id;
    }

    /// Notes that everything before `at` is known: so many `lines`, the last of which begins at `tail`.
    pub fn close(&mut self, at: u64, lines: u64, tail: u64) {
        if at > self.done.at {
            (self.done.at, self.done.lines, self.tail) = (at, lines, tail);
        }
    }

    /// Reads on from `reader`, which stands where the table ends.
    pub fn extend(&mut self, reader: impl Read) -> io::Result<()> {
        let mut order = Order::behind(self.done.last);
        let mut lines = Lines::from(reader, self.done);
        let (mut end, mut settled) = (self.done.at, Vec::new());
        let (mut number, mut tail) = (self.done.lines, self.tail);
        while let Some(line) = lines.next()?.filter(crate::lines::Line::has_newline) {
            settled.extend(match envelope(line.bytes) {
                Some(found) => {
                    let (id, turn) = (found.id.0, found.turn.0);
                    order.push(Entry { at: line.at, number: line.number, id, turn, value: () })
                }
                None => order.bad(line.number, String::new()),
            });
            (end, number, tail) = (line.end(), line.number.saturating_add(1), line.at);
            settled.drain(..).for_each(|entry| self.note(entry.id, entry.turn, entry.at));
        }
        if let Some(entry) = order.end() {
            self.note(entry.id, entry.turn, entry.at);
        }
        self.close(end, number, tail);
        Ok(())
    }

    /// A place at or before the line of item `id` from which it can be found.
    pub fn before(&self, id: u64) -> u64 {
        let mark = self.marks.partition_point(|mark| mark.0 <= id).checked_sub(1).map(|at| self.marks[at].1);
        let turn =
            self.turns.partition_point(|turn| turn.item <= id).checked_sub(1).map(|at| self.turns[at].at);
        mark.max(turn).unwrap_or(self.start.at)
    }
}

impl Table {
    /// Turns up to `turn` lie before this log.
    pub fn behind(&mut self, turn: u32) {
        self.turn = self.turn.max(turn);
    }
}
