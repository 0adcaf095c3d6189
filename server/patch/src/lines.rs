//! When a line of a patch and a line of a file are the same: five passes, each more forgiving than the one before.

use std::borrow::Cow;

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

fn folded(line: &str) -> Cow<'_, str> {
    if line.is_ascii() {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    for char in line.chars() {
        match char {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
            '\u{2018}'..='\u{201b}' | '\u{2032}' => out.push('\''),
            '\u{201c}'..='\u{201f}' | '\u{2033}' => out.push('"'),
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => out.push(' '),
            '\u{2026}' => out.push_str("..."),
            '\u{200b}' | '\u{feff}' => {}
            _ => out.push(char),
        }
    }
    Cow::Owned(out)
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
    space.chars().fold(0, |at, char| if char == '\t' { at / 4 * 4 + 4 } else { at + 1 })
}
