//! When a line of a patch and a line of a file are the same: five passes, each more forgiving than the one before.

use std::borrow::Cow;

/// The mark that a file may begin with. Reading takes it off, so that no line holds it.
pub(crate) const BOM: char = '\u{feff}';

/// How lines are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pass {
    /// Byte for byte.
    Exact,
    /// White space at the end is not looked at.
    TrailingSpace,
    /// White space at both ends is not looked at.
    Indentation,
    /// And typographic dashes, quotes and spaces count as the plain ones.
    Punctuation,
    /// And white space inside only matters between words.
    InnerSpace,
}

pub(crate) const PASSES: [Pass; 5] =
    [Pass::Exact, Pass::TrailingSpace, Pass::Indentation, Pass::Punctuation, Pass::InnerSpace];

impl Pass {
    /// What must be equal for two lines to be equal.
    pub(crate) fn key(self, line: &str) -> Cow<'_, str> {
        match self {
            Pass::Exact => Cow::Borrowed(line),
            Pass::TrailingSpace => Cow::Borrowed(line.trim_end()),
            Pass::Indentation => Cow::Borrowed(line.trim()),
            Pass::Punctuation => folded(line.trim()),
            Pass::InnerSpace => Cow::Owned(without_inner_space(&folded(line.trim()))),
        }
    }

    /// What was not looked at, for a warning; `None` where it needs none.
    pub(crate) fn forgiven(self) -> Option<&'static str> {
        match self {
            Pass::Exact | Pass::TrailingSpace => None,
            Pass::Indentation => Some("indentation"),
            Pass::Punctuation => Some("typographic punctuation"),
            Pass::InnerSpace => Some("white space inside lines"),
        }
    }
}

/// What a typographic character stands for; `None` for all others.
fn plain(char: char) -> Option<&'static str> {
    Some(match char {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '\u{2018}'..='\u{201b}' | '\u{2032}' => "'",
        '\u{201c}'..='\u{201f}' | '\u{2033}' => "\"",
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => " ",
        '\u{2026}' => "...",
        '\u{200b}' | '\u{feff}' => "",
        _ => return None,
    })
}

fn folded(line: &str) -> Cow<'_, str> {
    if line.is_ascii() {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    for char in line.chars() {
        match plain(char) {
            Some(plain) => out.push_str(plain),
            None => out.push(char),
        }
    }
    Cow::Owned(out)
}

/// The characters that stand for nothing.
pub(crate) const HIDDEN: [&str; 2] = ["\u{200b}", "\u{feff}"];

/// The longest run of plain letters, digits and underscores; failing that, a plain mark. Every line that any pass takes
/// for equal holds it as it is, unless a character that stands for nothing interrupts it.
pub(crate) fn longest_word(line: &str) -> &str {
    let words = line.split(|char: char| !(char.is_ascii_alphanumeric() || char == '_'));
    match words.max_by_key(|word| word.len()).unwrap_or_default() {
        "" => {
            let plain = |char: &char| char.is_ascii_graphic() && !matches!(char, '-' | '\'' | '"' | '.');
            let mark = line.char_indices().find(|(_, char)| plain(char));
            mark.map_or("", |(at, _)| &line[at..=at])
        }
        word => word,
    }
}

/// A number that is the same for all lines that any pass takes for equal: of what is left of a line without white space
/// and typography.
pub(crate) fn fingerprint(line: &str) -> u64 {
    let mut mixer = Mixer::default();
    if line.is_ascii() {
        let (words, rest) = line.as_bytes().as_chunks::<8>();
        for word in words {
            let number = u64::from_le_bytes(*word);
            if has_space(number) { mixer.push_dark(word) } else { mixer.push_word(number) }
        }
        mixer.push_dark(rest);
        return mixer.finish();
    }
    for char in line.chars().filter(|char| !char.is_whitespace()) {
        match plain(char) {
            Some(plain) => mixer.push_dark(plain.as_bytes()),
            None => mixer.push_dark(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    mixer.finish()
}

/// Whether one of eight ASCII characters may be white space.
fn has_space(word: u64) -> bool {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    // Only for bytes up to a space does this borrow into the high bit, which no ASCII character has.
    word.wrapping_sub(ONES * (u64::from(b' ') + 1)) & (ONES << 7) != 0
}

/// Bytes to one number, eight at a time. Not made to withstand an enemy: equal numbers are only candidates.
#[derive(Default)]
struct Mixer {
    hash: u64,
    /// The bytes since the last whole word, the first one lowest.
    word: u64,
    /// Bits of them.
    bits: u32,
    len: u64,
}

impl Mixer {
    /// Takes all but ASCII white space.
    fn push_dark(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().filter(|byte| !matches!(byte, b' ' | 9..=13)) {
            self.word |= u64::from(*byte) << self.bits;
            self.bits += 8;
            self.len += 1;
            if self.bits == 64 {
                self.hash = mixed(self.hash ^ self.word);
                (self.word, self.bits) = (0, 0);
            }
        }
    }

    /// Takes eight bytes.
    fn push_word(&mut self, word: u64) {
        self.hash = mixed(self.hash ^ (self.word | word << self.bits));
        self.word = word.checked_shr(64 - self.bits).unwrap_or_default();
        self.len += 8;
    }

    fn finish(self) -> u64 {
        mixed(mixed(self.hash ^ self.word) ^ self.len)
    }
}

fn mixed(number: u64) -> u64 {
    let product = u128::from(number ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
    (product as u64) ^ (product >> 64) as u64
}

fn without_inner_space(line: &str) -> String {
    let word = |char: char| char.is_alphanumeric() || char == '_';
    let mut out = String::with_capacity(line.len());
    for part in line.split_whitespace() {
        if out.chars().next_back().is_some_and(word) && part.starts_with(word) {
            out.push(' ');
        }
        out.push_str(part);
    }
    out
}

/// The white space a line starts with.
pub(crate) fn indentation(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

/// Columns of white space; a tab goes to the next multiple of four.
pub(crate) fn columns(space: &str) -> usize {
    space.chars().fold(0, column_behind)
}

/// The column behind a character of white space at column `at`.
pub(crate) fn column_behind(at: usize, char: char) -> usize {
    if char == '\t' { at / 4 * 4 + 4 } else { at + 1 }
}
