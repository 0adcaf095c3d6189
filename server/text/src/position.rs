//! Positions as an editor counts them (line, and units of the negotiated encoding) and their way to byte offsets.
//! Never panics on a position from outside: past the end is clamped, half a surrogate pair rounds down.

use ropey::Rope;
use serde::{Deserialize, Serialize};

/// The unit in which a client counts characters within a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PositionEncoding {
    /// Bytes of UTF-8.
    Utf8,
    /// UTF-16 code units, the protocol's default.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

/// A place in a text: zero-based line, and zero-based units within it (see [`PositionEncoding`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// Zero-based line.
    pub line: u32,
    /// Zero-based units of the negotiated encoding within the line.
    pub character: u32,
}

/// A half-open range of positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// First position of the range.
    pub start: Position,
    /// First position behind the range.
    pub end: Position,
}

/// Byte offsets of `range` in `text`. A character beyond its line's end means that end, before the line break; a line
/// beyond the text means the text's end; half a character rounds down; a reversed range is turned round.
pub fn byte_range(text: &Rope, range: Range, encoding: PositionEncoding) -> std::ops::Range<usize> {
    let byte = |position| byte_at(text, position, encoding).unwrap_or(text.len_bytes());
    let (start, end) = (byte(range.start), byte(range.end));
    start.min(end)..start.max(end)
}

/// The position of byte offset `byte` in `encoding`. Past the end means the end; the inside of a character, and the
/// place between CR and LF, round down.
pub fn position_at(text: &Rope, byte: usize, encoding: PositionEncoding) -> Position {
    place_of(text, byte.min(text.len_bytes()), encoding).unwrap_or(Position { line: 0, character: 0 })
}

/// `None` when the line is behind the text.
fn byte_at(text: &Rope, position: Position, encoding: PositionEncoding) -> Option<usize> {
    let (start, end) = line_chars(text, position.line as usize)?;
    let units = position.character as usize;
    let char = match encoding {
        PositionEncoding::Utf8 => {
            let byte = text.try_char_to_byte(start).ok()?.saturating_add(units);
            text.try_byte_to_char(byte.min(text.try_char_to_byte(end).ok()?)).ok()?
        }
        PositionEncoding::Utf16 => {
            let unit = text.try_char_to_utf16_cu(start).ok()?.saturating_add(units);
            text.try_utf16_cu_to_char(unit.min(text.try_char_to_utf16_cu(end).ok()?)).ok()?
        }
        PositionEncoding::Utf32 => start.saturating_add(units).min(end),
    };
    text.try_char_to_byte(char).ok()
}

fn place_of(text: &Rope, byte: usize, encoding: PositionEncoding) -> Option<Position> {
    let char = text.try_byte_to_char(byte).ok()?;
    let line = text.try_char_to_line(char).ok()?;
    let (start, end) = line_chars(text, line)?;
    let char = char.min(end);
    let units = match encoding {
        PositionEncoding::Utf8 => text.try_char_to_byte(char).ok()? - text.try_char_to_byte(start).ok()?,
        PositionEncoding::Utf16 => {
            text.try_char_to_utf16_cu(char).ok()? - text.try_char_to_utf16_cu(start).ok()?
        }
        PositionEncoding::Utf32 => char - start,
    };
    let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Some(Position { line: clamp(line), character: clamp(units) })
}

/// First char of a line and the char behind its content (before the line break); `None` when there is no such line.
fn line_chars(text: &Rope, line: usize) -> Option<(usize, usize)> {
    if line >= text.len_lines() {
        return None;
    }
    let start = text.try_line_to_char(line).ok()?;
    let mut end = text.try_line_to_char(line + 1).ok()?;
    if line + 1 < text.len_lines() {
        let before = |end: usize| end.checked_sub(1).and_then(|at| text.get_char(at));
        if before(end) == Some('\n') {
            end -= 1;
            if end > start && before(end) == Some('\r') {
                end -= 1;
            }
        } else {
            end = end.saturating_sub(1).max(start);
        }
    }
    Some((start, end))
}
