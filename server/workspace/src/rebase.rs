//! Carrying edits over to a text that has moved on, and the shapes of edits this needs: minimal, widened, inverted.
//! Pure: texts in, edits out. Never guesses: what cannot be placed for certain is refused with what stands there now.

use glossator_text::{Action, Replacement, line_replacements, lines};
use std::ops::Range;

/// Lines of context that a stored inverse carries on each side.
const CONTEXT: usize = 3;
/// Bytes that a text must have, white space around it aside, to be looked for.
const MIN_NEEDLE: usize = 4;
/// Places of one text that are counted.
const MAX_PLACES: usize = 100;
/// Lines shown of what stands in the way of an edit.
const SHOWN_LINES: usize = 12;

/// The text after `edits`; `Err` says where they do not fit.
pub(crate) fn splice(edits: &[Replacement], text: &str) -> Result<String, String> {
    let action = Action::Update { edits: edits.to_vec(), move_to: None };
    action.apply(Some(text)).map(Option::unwrap_or_default)
}

/// `edits`, planned on `base`, as they are on `now`, each as small as can be. Where `now` differs from `base` in other
/// lines they move along; in the same lines it is a conflict. Without `base` the old texts must be found, each in one
/// place only. The result fits `now`.
pub(crate) fn rebase(
    edits: &[Replacement],
    base: Option<&str>,
    now: &str,
) -> Result<Vec<Replacement>, String> {
    let moved = match base {
        Some(base) => {
            splice(edits, base)?;
            shift(&minimal(edits), base, now)?
        }
        None => minimal(&locate_all(edits, now)?),
    };
    splice(&moved, now)?;
    Ok(moved)
}

/// The same edits without the text they leave as it is.
pub(crate) fn minimal(edits: &[Replacement]) -> Vec<Replacement> {
    let parts = |edit: &Replacement| {
        let start = edit.start;
        line_replacements(&edit.old, &edit.new)
            .into_iter()
            .map(move |part| Replacement { start: start + part.start, ..part })
    };
    edits.iter().flat_map(parts).collect()
}

/// The edits that take `edits` back, on the text they leave.
pub(crate) fn invert(edits: &[Replacement]) -> Vec<Replacement> {
    let (mut added, mut removed) = (0, 0);
    let back = |edit: &Replacement| {
        let start = edit.start + added - removed;
        added += edit.new.len();
        removed += edit.old.len();
        Replacement { start, old: edit.new.clone(), new: edit.old.clone() }
    };
    edits.iter().map(back).collect()
}

/// `edits` on `text` with whole lines and some lines of context, so that their place can be found in a later text.
pub(crate) fn widen(edits: &[Replacement], text: &str) -> Vec<Replacement> {
    let borders = borders(text);
    let mut wide: Vec<(Range<usize>, Vec<Replacement>)> = Vec::new();
    for edit in edits {
        let span = with_context(&borders, edit.start..edit.start + edit.old.len());
        match wide.last_mut() {
            Some((last, group)) if span.start <= last.end => {
                last.end = last.end.max(span.end);
                group.push(edit.clone());
            }
            _ => wide.push((span, vec![edit.clone()])),
        }
    }
    let widened = wide.into_iter().map(|(span, group)| {
        let old = text.get(span.start..span.end.min(text.len()))?.to_owned();
        let inner: Option<Vec<Replacement>> = group
            .into_iter()
            .map(|edit| Some(Replacement { start: edit.start.checked_sub(span.start)?, ..edit }))
            .collect();
        let new = splice(&inner?, &old).ok()?;
        Some(Replacement { start: span.start, old, new })
    });
    widened.collect::<Option<Vec<Replacement>>>().unwrap_or_else(|| edits.to_vec())
}

/// Moves minimal edits along with what changed elsewhere between `base` and `now`.
fn shift(edits: &[Replacement], base: &str, now: &str) -> Result<Vec<Replacement>, String> {
    if base == now {
        return Ok(edits.to_vec());
    }
    let drift = line_replacements(base, now);
    let borders = borders(base);
    let (mut passed, mut added, mut removed) = (0, 0, 0);
    let mut moved = Vec::with_capacity(edits.len());
    for edit in edits {
        let span = whole_lines(&borders, edit.start..edit.start + edit.old.len());
        while let Some(one) = drift.get(passed).filter(|one| one.start + one.old.len() <= span.start) {
            added += one.new.len();
            removed += one.old.len();
            passed += 1;
        }
        if let Some(one) = drift.get(passed).filter(|one| touches(one, &span)) {
            let start = one.start + added - removed;
            return Err(conflict(now, start..start + one.new.len()));
        }
        moved.push(Replacement { start: edit.start + added - removed, ..edit.clone() });
    }
    Ok(moved)
}

/// Whether a change reaches into `span`. An insertion at a border does not.
pub(crate) fn touches(change: &Replacement, span: &Range<usize>) -> bool {
    let end = change.start + change.old.len();
    change.start < span.end && end > span.start
}

fn conflict(now: &str, changed: Range<usize>) -> String {
    let span = whole_lines(&borders(now), changed);
    let first = line_of(now, span.start);
    let shown: Vec<&str> = lines(now.get(span.start..span.end.min(now.len())).unwrap_or_default()).collect();
    if shown.is_empty() {
        return format!(
            "it changed after it was read: lines to be edited were removed at line {first}. Read it again"
        );
    }
    let last = first + shown.len() - 1;
    let text: String = shown.iter().take(SHOWN_LINES).copied().collect();
    let more = if shown.len() > SHOWN_LINES { "…\n" } else { "" };
    format!(
        "it changed after it was read, in the lines to be edited; lines {first}-{last} are now:\n{}\n{more}\
         Read it again and edit what is there now",
        text.trim_end_matches(['\r', '\n'])
    )
}

fn locate_all(edits: &[Replacement], now: &str) -> Result<Vec<Replacement>, String> {
    let mut placed: Vec<Replacement> = Vec::with_capacity(edits.len());
    for edit in edits {
        let found = locate(edit, now)?;
        if placed.last().is_some_and(|last| last.start + last.old.len() > found.start) {
            return Err("it changed after it was read: the places to be edited stand in another order now. \
                        Read it again and edit what is there now"
                .to_owned());
        }
        placed.push(found);
    }
    Ok(placed)
}

/// Finds the old text of `edit` in `now`, with less and less of the context that old and new share. On each side some
/// line that is not blank must stand as it did, or the file begin or end as it did; and the place must be the only one.
fn locate(edit: &Replacement, now: &str) -> Result<Replacement, String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (lines(&edit.old).collect(), lines(&edit.new).collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let below_start = old.len() - tail;
    let mut seen = 0;
    for (above, below) in context_sizes(head, tail) {
        let (context_above, context_below) =
            (&old[head - above..head], &old[below_start..below_start + below]);
        let at_start = !context_above.iter().any(|line| is_told(line));
        let at_end = !context_below.iter().any(|line| is_told(line));
        // Without a line that tells the place only the file's own border does, and only with all there was up to it.
        let whole = (!at_start || (above == head && edit.start == 0)) && (!at_end || below == tail);
        let told = at_start || at_end || has_word(context_above) || has_word(context_below);
        let needle = old[head - above..below_start + below].concat();
        if !whole || !told || needle.trim().len() < MIN_NEEDLE {
            continue;
        }
        let places = places(&needle, now);
        let [start] = places[..] else {
            seen = seen.max(places.len());
            continue;
        };
        if (at_start && start != 0) || (at_end && start + needle.len() != now.len()) {
            continue;
        }
        let new: String = new[head - above..new.len() - (tail - below)].concat();
        return Ok(Replacement { start, old: needle, new });
    }
    let wanted: String = edit.old.chars().take(200).collect();
    let what = match seen {
        0 => {
            "the text to be replaced is no longer there with the lines around it, so its place is not certain"
                .to_owned()
        }
        seen => format!("the text to be replaced stands in {seen} places now"),
    };
    Err(format!(
        "it changed after it was read: {what} ({wanted:?}). Read it again and edit what is there now"
    ))
}

/// How many lines of context to look for above and below, the most first.
fn context_sizes(head: usize, tail: usize) -> Vec<(usize, usize)> {
    let sizes = |most: usize| {
        let mut sizes = vec![most];
        sizes.extend((0..=CONTEXT).rev().filter(|size| *size < most));
        sizes
    };
    let below = sizes(tail);
    let mut pairs: Vec<(usize, usize)> =
        sizes(head).into_iter().flat_map(|above| below.iter().map(move |below| (above, *below))).collect();
    pairs.sort_by_key(|(above, below)| std::cmp::Reverse(above + below));
    pairs
}

fn is_told(line: &str) -> bool {
    !line.trim().is_empty()
}

/// Whether these lines tell a place: with a word among them, since braces alone stand anywhere.
fn has_word(lines: &[&str]) -> bool {
    lines.iter().any(|line| line.contains(char::is_alphanumeric))
}

/// Where `needle` stands in `text` as whole lines, overlapping places too; not all if there are many.
fn places(needle: &str, text: &str) -> Vec<usize> {
    let mut places = Vec::new();
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(|rest| rest.find(needle)).map(|at| from + at) {
        if starts_line(text, start) && ends_line(text, start + needle.len()) {
            places.push(start);
        }
        let next = text[start..].find(['\n', '\r']);
        let (Some(next), true) = (next, places.len() < MAX_PLACES) else { break };
        from = start + next + 1;
    }
    places
}

fn starts_line(text: &str, at: usize) -> bool {
    let (before, after) = (&text.as_bytes()[..at], &text.as_bytes()[at..]);
    match before.last() {
        None | Some(b'\n') => true,
        Some(b'\r') => after.first() != Some(&b'\n'),
        Some(_) => false,
    }
}

/// Whether byte `at` is the start of a line, or stands before a line's break or the end.
fn ends_line(text: &str, at: usize) -> bool {
    let (before, after) = (&text.as_bytes()[..at], &text.as_bytes()[at..]);
    let inside_break = before.ends_with(b"\r") && after.starts_with(b"\n");
    starts_line(text, at) || (!inside_break && matches!(after.first(), None | Some(b'\n' | b'\r')))
}

/// Where each line of `text` starts, and the end. A last line without a break ends one behind the text, so that what is
/// typed at its end counts as typed into it.
fn borders(text: &str) -> Vec<usize> {
    let mut at = 0;
    let mut borders = vec![0];
    for line in lines(text) {
        at += line.len();
        borders.push(at);
    }
    if !text.is_empty() && !text.ends_with(['\n', '\r']) {
        *borders.last_mut().expect("it starts with one") += 1;
    }
    borders
}

/// The span of `bytes` in whole lines; empty for an insertion between two lines.
fn whole_lines(borders: &[usize], bytes: Range<usize>) -> Range<usize> {
    let (first, last) = line_span(borders, bytes);
    borders[first]..borders[last]
}

fn with_context(borders: &[usize], bytes: Range<usize>) -> Range<usize> {
    let (first, last) = line_span(borders, bytes);
    let end = borders[(last + CONTEXT).min(borders.len() - 1)];
    borders[first.saturating_sub(CONTEXT)]..end
}

/// Indices of the borders around `bytes`.
fn line_span(borders: &[usize], bytes: Range<usize>) -> (usize, usize) {
    let first = borders.partition_point(|&border| border <= bytes.start).saturating_sub(1);
    let last = borders.partition_point(|&border| border < bytes.end).min(borders.len() - 1);
    (first, last.max(first))
}

/// Number of the line that holds byte `at`, from 1.
fn line_of(text: &str, at: usize) -> usize {
    let borders = borders(text);
    borders.partition_point(|&border| border <= at).clamp(1, lines(text).count().max(1))
}
