//! Differences between two texts: as minimal replacements and as a unified diff to read.

use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

use crate::Replacement;

/// Lines on one side, without the equal ones at both ends, above which no differences are looked for inside.
const MAX_LINES: usize = 400_000;

/// Equal lines around the differences that are looked at together with them.
const MARGIN: usize = 100;

/// Lines that differ in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineHunk {
    /// Zero-based lines of the text before; empty for an insertion.
    pub old: Range<usize>,
    /// Zero-based lines of the text after; empty for a deletion.
    pub new: Range<usize>,
    /// The same, trimmed to the bytes that differ, on character borders and never inside a CRLF.
    pub edit: Replacement,
}

/// The places in which two texts differ, by whole lines, in order; none when they are equal.
pub fn diff_lines(before: &str, after: &str) -> Vec<LineHunk> {
    if before == after {
        return Vec::new();
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (crate::lines(before).collect(), crate::lines(after).collect());
    let (old_starts, new_starts) = (starts(&old), starts(&new));
    let hunk = |op: &DiffOp| {
        let (old, new) = (op.old_range(), op.new_range());
        let start = old_starts[old.start];
        let old_text = &before[start..old_starts[old.end]];
        let new_text = &after[new_starts[new.start]..new_starts[new.end]];
        LineHunk { old, new, edit: trimmed(start, old_text, new_text) }
    };
    line_ops(&old, &new).iter().filter(|op| !matches!(op, DiffOp::Equal { .. })).map(hunk).collect()
}

/// Whole-line replacements (each trimmed to the bytes that differ, on character borders and never inside a CRLF) that
/// turn `before` into `after`; ordered, not overlapping, none when the texts are equal.
pub fn line_replacements(before: &str, after: &str) -> Vec<Replacement> {
    diff_lines(before, after).into_iter().map(|hunk| hunk.edit).collect()
}

/// A unified diff with three lines of context; empty when the texts are equal. `None` stands for no file.
pub fn unified_diff(path: &str, before: Option<&str>, after: Option<&str>) -> String {
    let mut out = String::new();
    if before == after {
        return out;
    }
    let name = |side: &str, text: Option<&str>| match text {
        Some(_) => format!("{side}/{path}"),
        None => "/dev/null".to_owned(),
    };
    // Writing to a string cannot fail.
    let _ = writeln!(out, "--- {}\n+++ {}", name("a", before), name("b", after));
    let old: Vec<&str> = crate::lines(before.unwrap_or_default()).collect();
    let new: Vec<&str> = crate::lines(after.unwrap_or_default()).collect();
    for group in group_diff_ops(line_ops(&old, &new), 3) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            continue;
        };
        let old_span = span(first.old_range().start, last.old_range().end);
        let new_span = span(first.new_range().start, last.new_range().end);
        let _ = writeln!(out, "@@ -{old_span} +{new_span} @@");
        for op in &group {
            if matches!(op, DiffOp::Equal { .. }) {
                push_lines(&mut out, ' ', &old[op.old_range()]);
            } else {
                push_lines(&mut out, '-', &old[op.old_range()]);
                push_lines(&mut out, '+', &new[op.new_range()]);
            }
        }
    }
    out
}

/// The lines as operations. Equal ends are taken off first, but for a margin in which a difference may be shown at
/// another of several equal lines; the lines between are compared as numbers.
fn line_ops(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old_len, new_len) = (old_rest.len() - tail, new_rest.len() - tail);
    let one_place = old_len == 0 || new_len == 0 || old_len.max(new_len) == 1;
    if one_place || old_len.max(new_len) > MAX_LINES {
        let whole = match (old_len, new_len) {
            (_, 0) => DiffOp::Delete { old_index: head, old_len, new_index: head },
            (0, _) => DiffOp::Insert { old_index: head, new_index: head, new_len },
            _ => DiffOp::Replace { old_index: head, old_len, new_index: head, new_len },
        };
        let equal = |old_index, new_index, len| DiffOp::Equal { old_index, new_index, len };
        let ops = [equal(0, 0, head), whole, equal(head + old_len, head + new_len, tail)];
        return ops
            .into_iter()
            .filter(|op| !op.old_range().is_empty() || !op.new_range().is_empty())
            .collect();
    }
    let (above, below) = (head.saturating_sub(MARGIN), tail.saturating_sub(MARGIN));
    let (old, new) = (&old[above..old.len() - below], &new[above..new.len() - below]);
    let mut ids: HashMap<&str, usize> = HashMap::new();
    let mut numbers = Vec::with_capacity(old.len() + new.len());
    for line in old.iter().chain(new) {
        let next = ids.len();
        numbers.push(*ids.entry(line).or_insert(next));
    }
    let (old, new) = numbers.split_at(old.len());
    widened(capture_diff_slices(Algorithm::Myers, old, new), above, below)
}

/// The operations on lines from which equal ones, `above` and `below`, were taken off.
fn widened(ops: Vec<DiffOp>, above: usize, below: usize) -> Vec<DiffOp> {
    let mut all = Vec::with_capacity(ops.len() + 2);
    if above > 0 {
        all.push(DiffOp::Equal { old_index: 0, new_index: 0, len: above });
    }
    let (mut old_end, mut new_end) = (above, above);
    let mut push = |op: DiffOp| match (all.last_mut(), op) {
        (Some(DiffOp::Equal { len, .. }), DiffOp::Equal { len: more, .. }) => *len += more,
        (_, op) => all.push(op),
    };
    for mut op in ops {
        match &mut op {
            DiffOp::Equal { old_index, new_index, .. }
            | DiffOp::Delete { old_index, new_index, .. }
            | DiffOp::Insert { old_index, new_index, .. }
            | DiffOp::Replace { old_index, new_index, .. } => {
                *old_index += above;
                *new_index += above;
            }
        }
        (old_end, new_end) = (op.old_range().end, op.new_range().end);
        push(op);
    }
    if below > 0 {
        push(DiffOp::Equal { old_index: old_end, new_index: new_end, len: below });
    }
    all
}

/// Byte offset of each line, and of the end.
fn starts(lines: &[&str]) -> Vec<usize> {
    let mut at = 0;
    let ends = lines.iter().map(|line| {
        at += line.len();
        at
    });
    std::iter::once(0).chain(ends).collect()
}

fn trimmed(start: usize, old: &str, new: &str) -> Replacement {
    let head = common_head(old, new);
    let (old, new) = (&old[head..], &new[head..]);
    let tail = common_tail(old, new);
    Replacement {
        start: start + head,
        old: old[..old.len() - tail].to_owned(),
        new: new[..new.len() - tail].to_owned(),
    }
}

/// Whether `text` may be cut at byte `at`.
fn may_cut(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    text.is_char_boundary(at) && !(at > 0 && bytes[at - 1] == b'\r' && bytes.get(at) == Some(&b'\n'))
}

fn common_head(old: &str, new: &str) -> usize {
    let mut len = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    while !(may_cut(old, len) && may_cut(new, len)) {
        len -= 1;
    }
    len
}

fn common_tail(old: &str, new: &str) -> usize {
    let mut len = old.bytes().rev().zip(new.bytes().rev()).take_while(|(a, b)| a == b).count();
    while !(may_cut(old, old.len() - len) && may_cut(new, new.len() - len)) {
        len -= 1;
    }
    len
}

fn span(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        len => format!("{},{len}", start + 1),
    }
}

fn push_lines(out: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        out.push(sign);
        out.push_str(line);
        if line.ends_with('\r') {
            out.push('\n');
        } else if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}
