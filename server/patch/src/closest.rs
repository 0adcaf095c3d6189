//! What to say when a chunk has no place: what was looked for, what comes closest, how they differ.

use std::collections::{HashMap, HashSet};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::Chunk;
use crate::blocks::NoContext;
use crate::lines::{PASSES, Pass};
use crate::locate::Miss;
use crate::view::View;

/// Lines shown of any one thing.
const MAX_SHOWN: usize = 20;

/// Lines that stand at more places than this say little about where a chunk belongs.
const MAX_PLACES: usize = 200;

/// The message for a chunk that has no place.
pub(crate) fn explain(view: &View<'_>, chunk: &Chunk, miss: &Miss<'_>) -> String {
    match miss {
        Miss::Context(missing) => no_context(view, missing),
        Miss::Ambiguous(found) => ambiguous(view, chunk, found),
        Miss::PastEnd(line) => format!(
            "it inserts at line {line}, but the file has {} lines. Write an unchanged line above the new ones.",
            view.lines.len()
        ),
        Miss::Lines => no_lines(view, chunk),
    }
}

fn no_context(view: &View<'_>, missing: &NoContext<'_>) -> String {
    let below = missing.below.map_or(String::new(), |below| format!(" below `@@ {below}`"));
    let mut message = format!("there is no line `{}`{below} in the file.", shown(missing.line));
    if let Some(at) = closest_line(view, missing.line) {
        message += &format!(" The closest is line {}: `{}`", at + 1, shown(view.lines[at].content));
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
    let elsewhere = PASSES.into_iter().map(|pass| view.find(pass, &old)).find(|found| !found.is_empty());
    if let Some(found) = elsewhere {
        let wanted = if chunk.end_of_file { "at the end of the file" } else { "below its `@@` line" };
        let at = found[0] + 1;
        return format!("these lines are not {wanted}, but at line {at}:{}", listed(&old));
    }
    let mut message = format!("these lines are not in the file:{}", listed(&old));
    let new = chunk.new_lines();
    let applied = if new.is_empty() { Vec::new() } else { view.find(Pass::Exact, &new) };
    if let [at] = applied[..] {
        message += &format!("\nLine {} reads as if this chunk had been applied already.", at + 1);
        return message;
    }
    if let Some(at) = closest_place(view, &old) {
        let end = (at + old.len()).min(view.lines.len());
        let there: Vec<&str> = view.lines[at..end].iter().map(|line| line.content).collect();
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
    for (offset, places) in view.places(Pass::InnerSpace, old, MAX_PLACES).iter().enumerate() {
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
    let words: HashSet<&str> = words(wanted).collect();
    if words.is_empty() {
        return None;
    }
    let mut best = (0, 0);
    for (at, line) in view.lines.iter().enumerate() {
        let mut shared: Vec<&str> = self::words(line.content).filter(|word| words.contains(word)).collect();
        shared.sort_unstable();
        shared.dedup();
        let all = words.len() + self::words(line.content).count();
        let score = 2000 * shared.len() / all;
        if score > best.0 {
            best = (score, at);
        }
    }
    (best.0 >= 333).then_some(best.1)
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|char: char| !(char.is_alphanumeric() || char == '_')).filter(|word| !word.is_empty())
}

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
