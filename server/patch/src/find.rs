//! Where lines stand one after another in a text, pass by pass. Linear in the text, whatever is looked for.

use std::borrow::Cow;
use std::cell::OnceCell;

use memchr::memmem;

use crate::index::find_all;
use crate::lines::{PASSES, Pass, fingerprint, longest_word};
use crate::view::View;

/// Searches of the text as it is before an index of its lines is worth making: to find a place, and to explain why there
/// is none, which few patches need more than once.
const PLAIN_SEARCHES: usize = 8;
const EXPLAINING_SEARCHES: usize = 24;

/// Words that one search may try.
const MAX_WORDS: usize = 3;

/// Places that are looked at one by one.
const MAX_PLACES: usize = 256;

/// Lines that are compared one by one before keys are made of all lines.
const MAX_COMPARED: usize = 1 << 14;

/// Lines that stand at more places than this say little about where a chunk belongs.
const MAX_TELLING: usize = 200;

/// Lines that are looked for.
pub(crate) struct Search<'v, 'a> {
    view: &'v View<'a>,
    wanted: &'v [&'v str],
    /// Where they may stand in any pass; `None` where that are too many places to be looked at.
    candidates: OnceCell<Option<Vec<usize>>>,
}

impl<'v, 'a> Search<'v, 'a> {
    pub(crate) fn new(view: &'v View<'a>, wanted: &'v [&'v str]) -> Search<'v, 'a> {
        Search { view, wanted, candidates: OnceCell::new() }
    }

    /// Every line from which on the wanted ones stand, in order; none when nothing is wanted.
    pub(crate) fn find(&self, pass: Pass) -> Vec<usize> {
        if self.wanted.is_empty() || self.wanted.len() > self.view.len() {
            return Vec::new();
        }
        let keys: Vec<Cow<'_, str>> = self.wanted.iter().map(|line| pass.key(line)).collect();
        match self.candidates.get_or_init(|| self.candidates()) {
            Some(candidates) => {
                candidates.iter().copied().filter(|start| self.is_at(*start, pass, &keys)).collect()
            }
            None => self.view.find_keys(pass, &keys),
        }
    }

    /// As [`Search::find`] in the first pass that finds something.
    pub(crate) fn first(&self) -> Vec<usize> {
        PASSES.into_iter().map(|pass| self.find(pass)).find(|found| !found.is_empty()).unwrap_or_default()
    }

    fn is_at(&self, start: usize, pass: Pass, keys: &[Cow<'_, str>]) -> bool {
        let mut lines = keys.iter().enumerate();
        start + keys.len() <= self.view.len()
            && lines.all(|(at, key)| pass.key(self.view.content(start + at)) == *key)
    }

    fn candidates(&self) -> Option<Vec<usize>> {
        if let Some(found) = self.by_words() {
            return Some(found);
        }
        let marks: Vec<u64> = self.wanted.iter().map(|line| fingerprint(line)).collect();
        let index = self.view.index();
        if let Some((offset, lines)) = index.rarest(&marks, MAX_PLACES) {
            let starts = lines.into_iter().filter_map(|line| line.checked_sub(offset));
            return Some(starts.filter(|start| index.stands_at(*start, &marks)).collect());
        }
        let found = find_all(index.marks(), &marks);
        (found.len().saturating_mul(marks.len()) <= MAX_COMPARED).then_some(found)
    }

    /// By way of the lines with the longest words.
    fn by_words(&self) -> Option<Vec<usize>> {
        if self.view.has_index() {
            return None;
        }
        let words = self.wanted.iter().enumerate().map(|(offset, line)| (offset, longest_word(line)));
        let mut words: Vec<(usize, &str)> = words.collect();
        words.sort_by_key(|(offset, word)| (std::cmp::Reverse(word.len()), *offset));
        words.dedup_by_key(|(_, word)| *word);
        words.into_iter().take(MAX_WORDS).find_map(|(offset, word)| {
            let lines = self.view.lines_with_word(word, MAX_PLACES, PLAIN_SEARCHES)?;
            Some(lines.into_iter().filter_map(|line| line.checked_sub(offset)).collect())
        })
    }
}

impl View<'_> {
    /// For each of `wanted`, lines that equal it in some pass. None for blank lines and those that stand at many places;
    /// other lines may be left out too where some are found.
    pub(crate) fn places(&self, wanted: &[&str]) -> Vec<Vec<usize>> {
        let by_word = |line: &&str| match line.trim().is_empty() {
            true => Some(Vec::new()),
            false => self.lines_with_word(longest_word(line), MAX_TELLING, EXPLAINING_SEARCHES),
        };
        let by_index = |line: &&str| match line.trim().is_empty() {
            true => Vec::new(),
            false => self.index().places(fingerprint(line), MAX_TELLING).unwrap_or_default(),
        };
        let equal = |(line, mut lines): (&&str, Vec<usize>)| {
            let key = Pass::InnerSpace.key(line);
            lines.retain(|at| Pass::InnerSpace.key(self.content(*at)) == key);
            lines
        };
        let words: Vec<Option<Vec<usize>>> = wanted.iter().map(by_word).collect();
        let all_known = words.iter().all(Option::is_some);
        let places = words.into_iter().map(Option::unwrap_or_default);
        let found: Vec<Vec<usize>> = wanted.iter().zip(places).map(equal).collect();
        if all_known || found.iter().any(|lines| !lines.is_empty()) {
            return found;
        }
        wanted.iter().map(|line| equal((line, by_index(line)))).collect()
    }

    /// The lines that hold a plain word, in order; `None` when that are more than `most`, or when after so many `searches`
    /// an index of the lines is the better way.
    fn lines_with_word(&self, word: &str, most: usize, searches: usize) -> Option<Vec<usize>> {
        let so_far = self.plain_searches.get();
        if word.is_empty() || so_far >= searches || self.has_index() || self.hides_characters() {
            return None;
        }
        self.plain_searches.set(so_far + 1);
        let places: Vec<usize> =
            memmem::find_iter(self.text.as_bytes(), word.as_bytes()).take(most + 1).collect();
        (places.len() <= most).then(|| self.lines_at(places.into_iter()))
    }

    /// The lines that hold `wanted` in whole words, inner white space and typography aside.
    pub(crate) fn lines_with(&self, wanted: &str) -> Vec<usize> {
        let key = Pass::InnerSpace.key(wanted);
        let holds = |at: &usize| holds_words(&Pass::InnerSpace.key(self.content(*at)), &key);
        let word = longest_word(wanted);
        if key.is_empty() {
            Vec::new()
        } else if word.is_empty() || self.hides_characters() {
            (0..self.len()).filter(holds).collect()
        } else {
            let places = memmem::find_iter(self.text.as_bytes(), word.as_bytes());
            self.lines_at(places).into_iter().filter(holds).collect()
        }
    }

    fn lines_at(&self, places: impl Iterator<Item = usize>) -> Vec<usize> {
        let mut lines: Vec<usize> = places.map(|at| self.line_at(at)).collect();
        lines.dedup();
        lines
    }
}

/// Whether `line` holds `wanted`, and no letter or digit beside it makes its first or last word another one.
fn holds_words(line: &str, wanted: &str) -> bool {
    let one_word = |before: &str, after: &str| {
        let in_word = |char: Option<char>| char.is_some_and(|char| char.is_alphanumeric() || char == '_');
        in_word(before.chars().next_back()) && in_word(after.chars().next())
    };
    let whole = |at: usize| !one_word(&line[..at], wanted) && !one_word(wanted, &line[at + wanted.len()..]);
    line.match_indices(wanted).any(|(at, _)| whole(at))
}
