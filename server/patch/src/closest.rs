//! What to say when a chunk has no place: what was looked for, what comes closest, how they differ.

use std::collections::HashMap;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::Chunk;
use crate::blocks::NoContext;
use crate::find::Search;
use crate::lines::Pass;
use crate::locate::Miss;
use crate::view::View;

/// Lines shown of any one thing.
const MAX_SHOWN: usize = 20;

/// The message for a chunk that has no place.
pub(crate) fn explain(view: &View<'_>, chunk: &Chunk, miss: &Miss<'_>) -> String {
    match miss {
        Miss::Context(missing) => no_context(view, missing),
        Miss::Ambiguous(found) => ambiguous(view, chunk, found),
        Miss::PastEnd(line) => format!(
            "it inserts at line {line}, but the file has {} lines. Write an unchanged line above the new ones.",
            view.len()
        ),
        Miss::Lines => no_lines(view, chunk),
    }
}

/// The same in short: what was looked for, and nothing of what is there.
pub(crate) fn named(view: &View<'_>, chunk: &Chunk, miss: &Miss<'_>) -> String {
    match miss {
        Miss::Lines => format!(
            "these lines are not in the file, or not where they should be:{}",
            listed(&chunk.old_lines())
        ),
        Miss::Context(missing) => absent(missing),
        Miss::Ambiguous(_) | Miss::PastEnd(_) => explain(view, chunk, miss),
    }
}

fn absent(missing: &NoContext<'_>) -> String {
    let below = missing.below.map_or(String::new(), |below| format!(" below `@@ {below}`"));
    format!("there is no line `{}`{below} in the file.", shown(missing.line))
}

fn no_context(view: &View<'_>, missing: &NoContext<'_>) -> String {
    let mut message = absent(missing);
    if let Some(at) = closest_line(view, missing.line) {
        message += &format!(" The closest is line {}: `{}`", at + 1, shown(view.content(at)));
    }
    message
}

fn ambiguous(view: &View<'_>, chunk: &Chunk, found: &[usize]) -> String {
    let mut old = chunk.old_lines();
    if old.is_empty() {
        old.extend(chunk.context.last().map(String::as_str));
    }
    let mut message =
        format!("these lines stand at {} places in the file:{}\nPlaces:", found.len(), listed(&old));
    for at in found.iter().take(MAX_SHOWN) {
        message += &format!("\n    line {}", at + 1);
        if let Some(parent) = view.parent(*at) {
            message += &format!(", under `{}`", shown(parent.trim()));
        }
    }
    if found.len() > MAX_SHOWN {
        message += &format!("\n    and {} more", found.len() - MAX_SHOWN);
    }
    message + "\nAdd unchanged lines around the change, or an `@@` line that only one of the places is under."
}

fn no_lines(view: &View<'_>, chunk: &Chunk) -> String {
    let old = chunk.old_lines();
    if let Some(at) = Search::new(view, &old).first().first() {
        let wanted = if chunk.end_of_file { "at the end of the file" } else { "below its `@@` line" };
        return format!("these lines are not {wanted}, but at line {}:{}", at + 1, listed(&old));
    }
    let mut message = format!("these lines are not in the file:{}", listed(&old));
    let new = chunk.new_lines();
    if let [at] = Search::new(view, &new).find(Pass::Exact)[..] {
        message += &format!("\nLine {} reads as if this chunk had been applied already.", at + 1);
        return message;
    }
    if let Some(at) = closest_place(view, &old) {
        let end = (at + old.len()).min(view.len());
        let there: Vec<&str> = (at..end).map(|line| view.content(line)).collect();
        message += &format!(
            "\nThe closest place is line {} (- looked for, + in the file):{}",
            at + 1,
            small_diff(&old, &there)
        );
    }
    message
}

/// The place at which most of the lines stand where they should; failing that, that of the line most like one of them.
fn closest_place(view: &View<'_>, old: &[&str]) -> Option<usize> {
    let mut votes: HashMap<usize, usize> = HashMap::new();
    for (offset, places) in view.places(old).iter().enumerate() {
        for at in places.iter().filter(|_| !old[offset].trim().is_empty()) {
            // A place that would start before the file is moved to its start.
            *votes.entry(at.saturating_sub(offset)).or_default() += 1;
        }
    }
    let best = votes.into_iter().max_by_key(|(at, count)| (*count, std::cmp::Reverse(*at)));
    best.map(|(at, _)| at).or_else(|| {
        let (offset, line) = old.iter().enumerate().max_by_key(|(_, line)| line.trim().len().min(80))?;
        closest_line(view, line).map(|at| at.saturating_sub(offset))
    })
}

/// The line that shares most words with `wanted`, if it shares a third of them.
fn closest_line(view: &View<'_>, wanted: &str) -> Option<usize> {
    let wanted = Words::new(wanted)?;
    let mut shared = vec![false; wanted.known.len()];
    let mut best = (0, 0);
    for (at, line) in view.contents().enumerate() {
        let (mut count, mut any) = (0, 0);
        each_word(line, |word| {
            count += 1;
            if let Some(number) = wanted.number(word)
                && !std::mem::replace(&mut shared[number], true)
            {
                any += 1;
            }
        });
        if any > 0 {
            shared.fill(false);
            let score = 2000 * any / (wanted.known.len() + count);
            if score > best.0 {
                best = (score, at);
            }
        }
    }
    (best.0 >= 333).then_some(best.1)
}

/// The different words of a line that others are compared with.
struct Words<'a> {
    known: Vec<&'a str>,
    /// For the words of each kind, their numbers; most words of a text are of a kind that is not there.
    kinds: Vec<Vec<usize>>,
}

impl<'a> Words<'a> {
    /// `None` when there is no word.
    fn new(line: &'a str) -> Option<Words<'a>> {
        let mut words = Words { known: Vec::new(), kinds: vec![Vec::new(); KINDS] };
        each_word(line, |word| {
            if words.number(word).is_none() {
                words.kinds[kind(word)].push(words.known.len());
                words.known.push(word);
            }
        });
        (!words.known.is_empty()).then_some(words)
    }

    fn number(&self, word: &str) -> Option<usize> {
        self.kinds[kind(word)].iter().copied().find(|number| self.known[*number] == word)
    }
}

/// By first byte and length.
const KINDS: usize = 1024;

fn kind(word: &str) -> usize {
    let first = word.as_bytes().first().copied().unwrap_or_default();
    usize::from(first & 31) * 32 + word.len().min(31)
}

/// Runs of letters, digits and underscores.
fn each_word<'a>(line: &'a str, mut word: impl FnMut(&'a str)) {
    if !line.is_ascii() {
        let words = line.split(|char: char| !(char.is_alphanumeric() || char == '_'));
        return words.filter(|word| !word.is_empty()).for_each(word);
    }
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while bytes.get(at).is_some_and(|byte| IN_WORD[usize::from(*byte)]) {
            at += 1;
        }
        if start < at {
            word(&line[start..at]);
        }
        at += 1;
    }
}

/// Which bytes belong to words.
const IN_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    table
};

fn small_diff(old: &[&str], there: &[&str]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, old, there) {
        let mut push = |sign: char, line: &str| lines.push(format!("    {sign}{}", shown(line)));
        if matches!(op, DiffOp::Equal { .. }) {
            old[op.old_range()].iter().for_each(|line| push(' ', line));
        } else {
            old[op.old_range()].iter().for_each(|line| push('-', line));
            there[op.new_range()].iter().for_each(|line| push('+', line));
        }
    }
    joined(lines.iter().map(String::as_str), lines.len())
}

fn listed(lines: &[&str]) -> String {
    let len = lines.len();
    let lines: Vec<String> =
        lines.iter().take(MAX_SHOWN).map(|line| format!("    {}", shown(line))).collect();
    joined(lines.iter().map(String::as_str), len)
}

fn joined<'a>(lines: impl Iterator<Item = &'a str>, len: usize) -> String {
    let mut out = String::new();
    for line in lines.take(MAX_SHOWN) {
        out.push('\n');
        out.push_str(line.trim_end());
    }
    if len > MAX_SHOWN {
        out += &format!("\n    ({} more lines)", len - MAX_SHOWN);
    }
    out
}

fn shown(line: &str) -> String {
    let mut out: String = line.chars().take(160).collect();
    if out.len() < line.len() {
        out.push_str("...");
    }
    out
}
