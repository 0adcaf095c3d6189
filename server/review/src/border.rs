//! Where lines begin and end in a text, and how far two texts are alike from either end. LF, CRLF and a lone CR end a
//! line.

use std::ops::Range;

/// Bytes that are compared at once.
const STEP: usize = 1024;

/// Whether a line begins at byte `at`; the end of the text counts when a line break stands before it.
pub(crate) fn starts_line(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    match at.checked_sub(1).and_then(|before| bytes.get(before)) {
        None => at == 0,
        Some(b'\n') => true,
        Some(b'\r') => bytes.get(at) != Some(&b'\n'),
        Some(_) => false,
    }
}

/// Whether lines end at byte `at`: another begins, or the text ends.
pub(crate) fn ends_lines(text: &str, at: usize) -> bool {
    at == text.len() || starts_line(text, at)
}

/// Whether `text` ends with a line break.
pub(crate) fn is_broken(text: &str) -> bool {
    text.ends_with(['\n', '\r'])
}

/// Start of the last line that begins before `at`, which is a border of lines.
pub(crate) fn line_above(text: &str, at: usize) -> Option<usize> {
    let mut start = at.checked_sub(1)?;
    while !starts_line(text, start) {
        start = memchr::memrchr2(b'\n', b'\r', &text.as_bytes()[..start]).map_or(0, |found| found + 1);
        // Between CR and LF no line begins.
        start -= usize::from(start > 0 && !starts_line(text, start));
    }
    Some(start)
}

/// End of the line that begins at `at`.
pub(crate) fn line_end(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    glossator_text::lines(rest).next().map(|line| at + line.len())
}

/// The part of each text in which they differ, as whole lines; empty ranges where they do not.
pub(crate) fn differing(old: &str, new: &str) -> (Range<usize>, Range<usize>) {
    let mut head = common_head(old.as_bytes(), new.as_bytes());
    while !(starts_line(old, head) && starts_line(new, head)) && head > 0 {
        let breaks = memchr::memrchr2(b'\n', b'\r', &old.as_bytes()[..head - 1]);
        head = breaks.map_or(0, |found| found + 1);
    }
    let mut tail = common_tail(&old.as_bytes()[head..], &new.as_bytes()[head..]);
    let borders =
        |tail: usize| tail == 0 || (starts_line(old, old.len() - tail) && starts_line(new, new.len() - tail));
    while !borders(tail) {
        let rest = &old.as_bytes()[old.len() - tail..];
        tail -= memchr::memchr2(b'\n', b'\r', rest).map_or(tail, |found| found + 1);
    }
    (head..old.len() - tail, head..new.len() - tail)
}

fn common_head(a: &[u8], b: &[u8]) -> usize {
    let whole = a.chunks_exact(STEP).zip(b.chunks_exact(STEP)).take_while(|(a, b)| a == b).count() * STEP;
    whole + a[whole..].iter().zip(&b[whole..]).take_while(|(a, b)| a == b).count()
}

fn common_tail(a: &[u8], b: &[u8]) -> usize {
    let whole = a.rchunks_exact(STEP).zip(b.rchunks_exact(STEP)).take_while(|(a, b)| a == b).count() * STEP;
    let (a, b) = (&a[..a.len() - whole], &b[..b.len() - whole]);
    whole + a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
}
