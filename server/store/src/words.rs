//! How texts are cut into words, for the index and for what is searched alike: identifiers by their parts (`parseDate` is
//! parse, date and parsedate), scripts without spaces by pairs of characters, Latin letters without their marks. Pure.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ops::Range;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Small letters without marks; never empty.
    pub text: String,
    /// The identifier that it is a part of goes on with the next word.
    joined: bool,
    /// The last character of a run without spaces, which stands in a pair already.
    tail: bool,
}

/// The words of `text` in order.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut run: Option<(usize, Class)> = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let class = class(c);
        match run {
            Some((_, of)) if class == Class::Mark || of == class => continue,
            Some((start, Class::Word)) => parts(text, start..at, &mut words),
            Some((start, Class::Dense)) => pairs(text, start..at, &mut words),
            _ => {}
        }
        run = matches!(class, Class::Word | Class::Dense).then_some((at, class));
    }
    words.retain(|word| !word.text.is_empty());
    words
}

/// The identifiers of several parts among `words`: where they stand, and their parts in one word.
pub(crate) fn identifiers(words: &[Word]) -> Vec<(Range<usize>, String)> {
    let mut whole: Option<(Range<usize>, String)> = None;
    let mut found = Vec::new();
    for word in words {
        if word.joined || whole.is_some() {
            let (range, text) = whole.get_or_insert_with(|| (word.start..word.end, String::new()));
            range.end = word.end;
            text.push_str(&word.text);
        }
        if !word.joined {
            found.extend(whole.take());
        }
    }
    found
}

/// What of a text goes into the index: its words, and behind them the identifiers of several parts in one word each.
pub(crate) fn for_index(text: &str) -> String {
    let words = words(text);
    let identifiers: BTreeSet<String> = identifiers(&words).into_iter().map(|(_, whole)| whole).collect();
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for word in words.iter().map(|word| &word.text).chain(&identifiers) {
        out.push_str(word);
        out.push(' ');
    }
    out
}

/// What is searched for where `text` was typed: words that stand one behind the other, and whether the last one may go on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Phrase {
    /// The words, as they are in the index.
    pub words: Vec<String>,
    /// Whether the last one is only a beginning.
    pub open: bool,
}

impl Phrase {
    /// The phrase of `text`; `None` where no word is in it.
    pub fn of(text: &str, open: bool) -> Option<Phrase> {
        let mut found = words(text);
        // The pairs say it all, but for a single character, which is looked for as the beginning of a pair.
        let single = found.last().is_some_and(|last| last.tail) && {
            let before = found.len().checked_sub(2).and_then(|at| found.get(at));
            let last = found.last().map_or(0, |last| last.start);
            let pair = before.is_some_and(|word| word.end > last);
            if pair {
                found.pop();
            }
            !pair
        };
        let words: Vec<String> = found.into_iter().map(|word| word.text).collect();
        let long = words.last().is_some_and(|word| word.chars().nth(1).is_some());
        (!words.is_empty()).then_some(Phrase { words, open: single || (open && long) })
    }

    /// In the query language of FTS5. Words hold letters and digits only, so that nothing in them means something there.
    pub fn fts(&self) -> String {
        format!("\"{}\"{}", self.words.join(" "), if self.open { " *" } else { "" })
    }
}

impl Phrase {
    /// As [`fts`](Self::fts), each word by itself.
    pub fn words_fts(&self) -> impl Iterator<Item = String> + '_ {
        let last = self.words.len().saturating_sub(1);
        let open = move |at: usize| if self.open && at == last { " *" } else { "" };
        self.words.iter().enumerate().map(move |(at, word)| format!("\"{word}\"{}", open(at)))
    }
}

/// `text` in small letters without marks, to be compared.
pub(crate) fn fold(text: &str) -> String {
    let chars = text.chars().filter(|c| class(*c) != Class::Mark).flat_map(char::to_lowercase);
    let folded: String = chars.filter_map(plain).collect();
    if folded.contains('ß') { folded.replace('ß', "ss") } else { folded }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Letters and digits of scripts that put spaces between words, and `_`.
    Word,
    /// Characters of scripts without spaces, and Hangul, whose words carry their endings with them.
    Dense,
    /// A mark upon the character before it.
    Mark,
    Between,
}

fn class(c: char) -> Class {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => Class::Word,
        '\0'..='\u{7f}' => Class::Between,
        '\u{300}'..='\u{36f}' => Class::Mark,
        // Kana, Bopomofo, Hangul, Han, and their wider forms.
        '\u{3040}'..='\u{318f}' | '\u{31a0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' => Class::Dense,
        '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' => Class::Dense,
        '\u{ff66}'..='\u{ff9d}' | '\u{20000}'..='\u{323af}' | '々' | '〆' => Class::Dense,
        c if c.is_alphanumeric() => Class::Word,
        _ => Class::Between,
    }
}

/// The parts of one identifier: `HTTPServer_port2` is HTTP, Server, port2.
fn parts(text: &str, range: Range<usize>, words: &mut Vec<Word>) {
    let from = words.len();
    let identifier = text.get(range.clone()).unwrap_or_default();
    let chars: Vec<(usize, char)> = identifier.char_indices().map(|(at, c)| (range.start + at, c)).collect();
    let mut start = None;
    for (number, (at, c)) in chars.iter().enumerate() {
        let before = number.checked_sub(1).and_then(|before| chars.get(before)).map(|(_, c)| *c);
        let after = chars.get(number + 1).map(|(_, c)| *c);
        let begins = c.is_uppercase()
            && (before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit())
                || before.is_some_and(char::is_uppercase) && after.is_some_and(char::is_lowercase));
        if *c == '_' || begins {
            start.take().into_iter().for_each(|start| words.push(word(text, start..*at)));
        }
        if *c != '_' {
            start.get_or_insert(*at);
        }
    }
    start.into_iter().for_each(|start| words.push(word(text, start..range.end)));
    let last = words.len().saturating_sub(1);
    words.iter_mut().take(last).skip(from).for_each(|word| word.joined = true);
}

/// The pairs of a run without spaces, and its last character.
fn pairs(text: &str, range: Range<usize>, words: &mut Vec<Word>) {
    let run = text.get(range.clone()).unwrap_or_default();
    let starts: Vec<usize> = run.char_indices().map(|(at, _)| range.start + at).collect();
    for (number, start) in starts.iter().enumerate() {
        let end = starts.get(number + 2).copied().unwrap_or(range.end);
        words.push(Word { tail: number + 1 == starts.len(), ..word(text, *start..end) });
    }
}

fn word(text: &str, range: Range<usize>) -> Word {
    let folded = fold(text.get(range.clone()).unwrap_or_default());
    Word { start: range.start, end: range.end, text: folded, joined: false, tail: false }
}

/// Latin letters with marks, by the letter that they are without.
const LATIN: [(&str, char); 22] = [
    ("àáâãäåāăąǎ", 'a'),
    ("çćĉċč", 'c'),
    ("ďđ", 'd'),
    ("èéêëēĕėęě", 'e'),
    ("ĝğġģ", 'g'),
    ("ĥħ", 'h'),
    ("ìíîïĩīĭįǐı", 'i'),
    ("ĵ", 'j'),
    ("ķ", 'k'),
    ("ĺļľŀł", 'l'),
    ("ñńņňŉ", 'n'),
    ("òóôõöøōŏőǒ", 'o'),
    ("ŕŗř", 'r'),
    ("śŝşšș", 's'),
    ("ţťŧț", 't'),
    ("ùúûüũūŭůűųǔ", 'u'),
    ("ŵ", 'w'),
    ("ýÿŷ", 'y'),
    ("źżž", 'z'),
    ("ё", 'е'),
    ("й", 'и'),
    ("ς", 'σ'),
];

/// A small letter without its mark; `None` for one that comes apart into a letter and a mark only when made small.
fn plain(c: char) -> Option<char> {
    match class(c) {
        Class::Mark => None,
        _ if c.is_ascii() || c > '\u{2ff}' && !('\u{370}'..='\u{4ff}').contains(&c) => Some(c),
        _ => Some(LATIN.iter().find(|(with, _)| with.contains(c)).map_or(c, |(_, without)| *without)),
    }
}
