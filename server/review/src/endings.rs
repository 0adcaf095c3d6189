//! Line endings: texts that differ in nothing else, texts carried over to another ending, and lines that end where
//! others stand below.

use crate::border::{is_broken, starts_line};
use glossator_text::{line_content, lines};
use std::ops::Range;

/// Whether the lines of both are the same but for their endings, that of the last line included.
pub(crate) fn same_lines(a: &str, b: &str) -> bool {
    a == b || lines(a).map(line_content).eq(lines(b).map(line_content))
}

/// The one line ending of `text`; `None` when it has no line ending, or several kinds.
pub(crate) fn uniform(text: &str) -> Option<&'static str> {
    let mut endings = lines(text).map(ending).filter(|ending| !ending.is_empty());
    let first = endings.next()?;
    endings.all(|ending| ending == first).then_some(first)
}

/// The ending of most kinds of text at hand: that of the first line that has one, else LF.
pub(crate) fn usual(text: &str) -> &'static str {
    lines(text).map(ending).find(|ending| !ending.is_empty()).unwrap_or("\n")
}

/// `text` with `ending` where a line ends.
pub(crate) fn with_ending(text: &str, ending: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in lines(text) {
        let content = line_content(line);
        out.push_str(content);
        if content.len() < line.len() {
            out.push_str(ending);
        }
    }
    out
}

/// `wanted` as whole lines in the place `range` of `text`: with a line break where others stand below, or where the line
/// above has none.
pub(crate) fn fitted(text: &str, range: &Range<usize>, wanted: &str) -> String {
    let mut fitted = String::with_capacity(wanted.len() + 2);
    if wanted.is_empty() {
        return fitted;
    }
    if range.start > 0 && !starts_line(text, range.start) {
        fitted.push_str(usual(text));
    }
    fitted.push_str(wanted);
    if range.end < text.len() && !is_broken(wanted) {
        fitted.push_str(usual(text));
    }
    fitted
}

/// The line break at the end of `line`.
pub(crate) fn ending(line: &str) -> &'static str {
    match line.as_bytes() {
        [.., b'\r', b'\n'] => "\r\n",
        [.., b'\n'] => "\n",
        [.., b'\r'] => "\r",
        _ => "",
    }
}
