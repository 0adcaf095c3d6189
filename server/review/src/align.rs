//! Where a border between two lines of a rewritten block is in the new block, found by its words: a formatter moves
//! words between lines and leaves the words. Pure texts, no hunks.

use crate::made::line_starts;
use glossator_text::{diff_lines, lines};

/// Words of one side above which they are not compared.
const MAX_WORDS: usize = 40_000;

/// Which side of a border is inside of a hunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inside {
    /// The hunk begins at the border.
    Below,
    /// The hunk ends at the border.
    Above,
}

/// Two blocks of lines, word by word.
pub(crate) struct Alignment {
    /// Where each line of the old block begins, and its end.
    old_lines: Vec<usize>,
    /// The same of the new block, with the number of words before.
    new_lines: Vec<(usize, usize)>,
    /// Where each word of the old block begins.
    words: Vec<usize>,
    /// For each of them that word of the new block which is the same.
    same: Vec<Option<usize>>,
    /// How many words the new block has.
    new_words: usize,
}

impl Alignment {
    /// Blocks with very many words are taken to have none in common.
    pub(crate) fn of(old_text: &str, new_text: &str) -> Alignment {
        let (mut old, mut new) = (words(old_text), words(new_text));
        if old.len().max(new.len()) > MAX_WORDS {
            (old, new) = (Vec::new(), Vec::new());
        }
        let line = |start| (start, new.partition_point(|(at, _)| *at < start));
        Alignment {
            old_lines: line_starts(old_text),
            new_lines: line_starts(new_text).into_iter().map(line).collect(),
            words: old.iter().map(|(at, _)| *at).collect(),
            same: same_words(&old, &new),
            new_words: new.len(),
        }
    }

    /// Where the border at byte `at` of the old block is in the new one; `None` when no border of lines is there now. Words
    /// that were put in at the border are outside, those put in the place of the hunk's own inside.
    pub(crate) fn border(&self, at: usize, inside: Inside) -> Option<usize> {
        let word = self.words.partition_point(|start| *start < at);
        let low = self.same[..word].iter().rev().find_map(|same| *same).map_or(0, |same| same + 1);
        let high = self.same[word..].iter().find_map(|same| *same).unwrap_or(self.new_words);
        let is_between = |(_, words): &&(usize, usize)| (low..=high).contains(words);
        let is_tight = match inside {
            Inside::Below => self.same.get(word).is_some_and(Option::is_some),
            Inside::Above => word > 0 && self.same[word - 1].is_some(),
        };
        let mut borders = self.new_lines.iter().filter(is_between);
        let border = match (is_tight, inside) {
            (false, _) if self.same_line(at).as_ref().is_some_and(is_between) => self.same_line(at),
            (true, Inside::Below) | (false, Inside::Above) => borders.next_back(),
            (true, Inside::Above) | (false, Inside::Below) => borders.next(),
        };
        border.map(|(start, _)| *start)
    }

    /// The line with the same number, if both blocks have the same number of lines.
    fn same_line(&self, at: usize) -> Option<&(usize, usize)> {
        let index = self.old_lines.binary_search(&at).ok()?;
        self.new_lines.get(index).filter(|_| self.old_lines.len() == self.new_lines.len())
    }
}

/// For each old word the new one that is the same.
fn same_words(old: &[(usize, &str)], new: &[(usize, &str)]) -> Vec<Option<usize>> {
    let mut same = Vec::with_capacity(old.len());
    let mut next = 0;
    let mut keep = |same: &mut Vec<Option<usize>>, until: usize, after: usize| {
        same.extend((next..).take(until - same.len()).map(Some));
        next = after;
    };
    for change in diff_lines(&one_a_line(old), &one_a_line(new)) {
        keep(&mut same, change.old.start, change.new.end);
        same.resize(change.old.end, None);
    }
    keep(&mut same, old.len(), new.len());
    same
}

/// The words with their places: runs of letters and digits, other signs each for itself, and each blank line.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut start = 0;
    for line in lines(text) {
        if line.trim().is_empty() {
            words.push((start, ""));
        }
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let run = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len()).max(if is_word(first) {
                0
            } else {
                first.len_utf8()
            });
            words.push((start + line.len() - rest.len(), &rest[..run]));
            rest = rest[run..].trim_start();
        }
        start += line.len();
    }
    words
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn one_a_line(words: &[(usize, &str)]) -> String {
    let mut text = String::new();
    for (_, word) in words {
        text.push_str(word);
        text.push('\n');
    }
    text
}
