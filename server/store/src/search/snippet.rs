//! The piece of a text that shows best what was found in it, and where in it the words stand. Pure.

#[cfg(test)]
mod tests;

use super::Snippet;
use crate::words::{Phrase, identifiers, words};
use std::ops::Range;

/// Bytes of a text that are shown, and of those before the first word that was found.
const WIDTH: usize = 160;
const BEFORE: usize = 40;

/// Endings with which an English word is still the same to the index.
const ENDINGS: [&str; 13] = ["", "s", "es", "e", "ed", "ing", "y", "ies", "ied", "ly", "er", "ion", "ions"];

/// The piece of `text` around what `phrases` found.
pub(crate) fn snippet(text: &str, phrases: &[Phrase]) -> Snippet {
    let marks = marks(text, phrases);
    let inside =
        |from: usize| marks.iter().filter(|mark| mark.start >= from && mark.end <= from + WIDTH).count();
    let best =
        marks.iter().map(|mark| mark.start).max_by_key(|start| (inside(*start), std::cmp::Reverse(*start)));
    let from = best.map_or(0, |start| start.saturating_sub(BEFORE));
    // A text that fits is shown from its beginning.
    let from = if text.len() <= WIDTH { 0 } else { word_start(text, from) };
    let to = text.ceil_char_boundary(from + WIDTH);
    line(text, from..to, &marks)
}

/// Where the words of the phrases stand, rising and apart from each other.
fn marks(text: &str, phrases: &[Phrase]) -> Vec<Range<usize>> {
    let found = words(text);
    let single = found.iter().map(|word| (word.start..word.end, word.text.as_str()));
    let joined = identifiers(&found);
    let joined = joined.iter().map(|(range, whole)| (range.clone(), whole.as_str()));
    let mut marks: Vec<Range<usize>> = single
        .chain(joined)
        .filter(|(_, word)| phrases.iter().any(|phrase| fits(phrase, word)))
        .map(|(range, _)| range)
        .collect();
    marks.sort_by_key(|mark| (mark.start, std::cmp::Reverse(mark.end)));
    marks.dedup_by(|next, before| {
        let over = next.start < before.end;
        if over {
            before.end = before.end.max(next.end);
        }
        over
    });
    marks
}

fn fits(phrase: &Phrase, word: &str) -> bool {
    let last = phrase.words.len().saturating_sub(1);
    phrase.words.iter().enumerate().any(|(number, wanted)| {
        wanted == word
            || (phrase.open && number == last && word.starts_with(wanted.as_str()))
            || alike(wanted, word)
    })
}

/// Whether two words differ in an English ending only.
fn alike(a: &str, b: &str) -> bool {
    let common = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b && a.is_ascii_lowercase()).count();
    let ending = |word: &str| {
        let rest = word.get(common..).unwrap_or("?");
        // run, running
        let single =
            rest.get(1..).filter(|_| rest.as_bytes().first() == word.as_bytes().get(common.wrapping_sub(1)));
        ENDINGS.contains(&rest) || single.is_some_and(|rest| ENDINGS.contains(&rest))
    };
    common >= 3 && ending(a) && ending(b)
}

/// The start of the word in which `at` is, if it is near.
fn word_start(text: &str, at: usize) -> usize {
    let at = text.floor_char_boundary(at);
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind(char::is_whitespace).map_or(0, |space| text.ceil_char_boundary(space + 1));
    if at - start <= BEFORE / 2 { start } else { at }
}

/// `range` of `text` in one line, with the marks that lie in it wholly.
fn line(text: &str, range: Range<usize>, marks: &[Range<usize>]) -> Snippet {
    let mut out = Snippet::default();
    let mut open = None;
    let mut marks = marks.iter().filter(|mark| mark.start >= range.start && mark.end <= range.end).peekable();
    if range.start > 0 {
        out.text.push('…');
    }
    for (offset, c) in text.get(range.clone()).unwrap_or_default().char_indices() {
        let at = range.start + offset;
        if open.is_some() && marks.next_if(|mark| mark.end <= at).is_some() {
            out.marks.extend(open.take().map(|start| start..out.text.len()));
        }
        let begins = marks.peek().is_some_and(|mark| mark.start == at);
        match c {
            c if c.is_whitespace() => {
                if !out.text.is_empty() && !out.text.ends_with(' ') {
                    out.text.push(' ');
                }
            }
            c if c.is_control() => {}
            c => {
                if begins {
                    open = Some(out.text.len());
                }
                out.text.push(c);
            }
        }
    }
    out.marks.extend(open.map(|start| start..out.text.len()));
    let end = out.text.trim_end().len();
    out.text.truncate(end);
    if range.end < text.len() {
        out.text.push('…');
    }
    out
}
