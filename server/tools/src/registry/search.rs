//! Finding tools by words: names, parameter names and descriptions of all tools as one index. Pure.

use crate::nearest::distance;
use glossator_session::ToolSpec;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Words of a query that count.
const QUERY_WORDS: usize = 12;
/// Characters of a word that count.
const WORD: usize = 40;
/// Words of a tool's text and of its parameters that count.
const TEXT_WORDS: usize = 200;

/// What a word in each part of a tool is worth, in the order of [`parts`].
const WORTH: [f64; 3] = [8.0, 3.0, 2.0];

/// All words of a set of tools.
pub struct Index {
    /// Each word with the tools that have it, and what it is worth there.
    words: Vec<Word>,
    tools: usize,
}

struct Word {
    chars: Vec<char>,
    /// Place of a tool, and what the word is worth there.
    places: Vec<(u32, f64)>,
}

impl Index {
    /// The index of `specs`, which are known by their place from now on.
    pub fn new<'a>(specs: impl Iterator<Item = &'a ToolSpec>) -> Index {
        let mut words: BTreeMap<Vec<char>, Vec<(u32, f64)>> = BTreeMap::new();
        let mut tools = 0;
        for (place, spec) in (0..).zip(specs) {
            tools += 1;
            let mut best: BTreeMap<Vec<char>, f64> = BTreeMap::new();
            for (part, worth) in parts(spec).into_iter().zip(WORTH) {
                for word in part {
                    let value = best.entry(word).or_insert(worth);
                    *value = value.max(worth);
                }
            }
            for (word, worth) in best {
                words.entry(word).or_default().push((place, worth));
            }
        }
        let words = words.into_iter().map(|(chars, places)| Word { chars, places }).collect();
        Index { words, tools }
    }

    /// Places of the tools that fit `query`, best first, at most `most`; `None` for a query without words.
    pub fn find(&self, query: &str, most: usize) -> Option<Vec<usize>> {
        let wanted: BTreeSet<Vec<char>> = words_of(query).take(QUERY_WORDS).collect();
        if wanted.is_empty() {
            return None;
        }
        let mut all: HashMap<u32, (u32, f64)> = HashMap::new();
        for word in &wanted {
            for (place, score) in self.fitting(word) {
                let total = all.entry(place).or_default();
                *total = (total.0 + 1, total.1 + score);
            }
        }
        // A tool that has more of the words is better than one that has few of them often.
        let score = |(found, score): (u32, f64)| score * f64::from(found);
        let mut all: Vec<(u32, f64)> = all.into_iter().map(|(place, parts)| (place, score(parts))).collect();
        all.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        Some(all.into_iter().take(most).map(|(place, _)| place as usize).collect())
    }

    /// What each tool is worth for one word of a query.
    fn fitting(&self, wanted: &[char]) -> HashMap<u32, f64> {
        let mut best: HashMap<u32, f64> = HashMap::new();
        for word in &self.words {
            let Some(likeness) = likeness(wanted, &word.chars) else { continue };
            let rare = (1.0 + self.tools as f64 / word.places.len() as f64).ln();
            for (place, worth) in &word.places {
                let value = best.entry(*place).or_default();
                *value = value.max(likeness * worth * rare);
            }
        }
        best
    }
}

/// How well a word fits one of the query, up to 1.
fn likeness(wanted: &[char], word: &[char]) -> Option<f64> {
    if wanted == word {
        return Some(1.0);
    }
    if wanted.len() >= 2 && word.starts_with(wanted) {
        return Some(0.7);
    }
    let long = wanted.len() >= 4 && word.len() >= 4;
    if long && (wanted.starts_with(word) || word.windows(wanted.len()).any(|part| part == wanted)) {
        return Some(0.4);
    }
    let slips = if wanted.len() >= 8 { 2 } else { 1 };
    let near = long && word.len().abs_diff(wanted.len()) <= slips;
    (near && distance(wanted, word) <= slips || long && swapped(wanted, word)).then_some(0.35)
}

/// Whether two neighbours changed places and nothing else did.
fn swapped(wanted: &[char], word: &[char]) -> bool {
    let differ: Vec<usize> =
        wanted.iter().zip(word).enumerate().filter(|(_, (a, b))| a != b).map(|(at, _)| at).take(3).collect();
    let [first, second] = differ[..] else { return false };
    wanted.len() == word.len()
        && second == first + 1
        && wanted[first] == word[second]
        && wanted[second] == word[first]
}

/// The words of a tool: name, parameters, description.
fn parts(spec: &ToolSpec) -> [Vec<Vec<char>>; 3] {
    let parameters = spec.input_schema.get("properties").and_then(|all| all.as_object());
    let parameters = parameters.into_iter().flatten().flat_map(|(name, _)| words_of(name));
    let whole =
        spec.name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(WORD).collect();
    [
        words_of(&spec.name).chain([whole]).collect(),
        parameters.take(TEXT_WORDS).collect(),
        words_of(&spec.description).take(TEXT_WORDS).collect(),
    ]
}

/// The words of a text in small letters; `readFile`, `read_file` and `read.file` have two.
fn words_of(text: &str) -> impl Iterator<Item = Vec<char>> + '_ {
    let mut chars = text.chars().peekable();
    std::iter::from_fn(move || {
        while chars.next_if(|c| !c.is_alphanumeric()).is_some() {}
        let mut before = chars.next()?;
        let mut word: Vec<char> = before.to_lowercase().collect();
        while let Some(c) =
            chars.next_if(|c| c.is_alphanumeric() && !(c.is_uppercase() && before.is_lowercase()))
        {
            before = c;
            if word.len() < WORD {
                word.extend(c.to_lowercase());
            }
        }
        Some(word)
    })
}
