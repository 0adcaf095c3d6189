//! A review document as it stands, edited or not: its files, its hunks by the ids in their headers, and what no line of it
//! should be. Knows nothing of what it should say.

use super::Problem;
use glossator_session::HunkId;
use glossator_text::{line_content, lines};

/// What the first sign of a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Context,
    Old,
    New,
}

/// A line of a hunk.
#[derive(Debug)]
pub(super) struct Part<'a> {
    /// Zero-based line of the document.
    pub line: usize,
    pub sign: Sign,
    /// Without the sign and the line break.
    pub content: &'a str,
    /// Whether the file has no line break there.
    pub is_unbroken: bool,
}

/// What stands under one header.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// Zero-based line of its header.
    pub line: usize,
    pub id: HunkId,
    /// What the header says after the id, in lower case.
    pub word: String,
    /// Zero-based line of the file at which it begins; `None` for one without lines.
    pub start: Option<usize>,
    /// Whether its header is a line outside of the diff.
    pub is_note: bool,
    pub lines: Vec<Part<'a>>,
}

/// The head of a file.
#[derive(Debug)]
pub(super) struct Head {
    /// Zero-based line of the document.
    pub line: usize,
    pub path: String,
}

#[derive(Debug, Default)]
pub(super) struct Parsed<'a> {
    pub files: Vec<Head>,
    pub entries: Vec<Entry<'a>>,
    pub problems: Vec<Problem>,
    /// How many lines there are.
    pub lines: usize,
    /// Whether the last header was that of a hunk.
    in_hunk: bool,
}

impl Sign {
    /// Whether the line stands in the file as it is now.
    pub fn is_new(self) -> bool {
        self != Sign::Old
    }
}

/// Reads a document. Only headers of hunks stand without a sign inside of them, so no line of a file is mistaken for one.
pub(super) fn parse(text: &str) -> Parsed<'_> {
    let mut parsed = Parsed::default();
    for (number, line) in lines(text).map(line_content).enumerate() {
        parsed.lines = number + 1;
        if let Some(names) = line.strip_prefix("diff --git ") {
            parsed.in_hunk = false;
            parsed.files.push(Head { line: number, path: same_name(names) });
        } else if let Some(header) = line.strip_prefix("@@") {
            parsed.hunk(number, header);
        } else if let Some(note) = line.strip_prefix('#') {
            parsed.in_hunk = false;
            parsed.note(number, note);
        } else if parsed.in_hunk {
            parsed.part(number, line);
        } else {
            parsed.head(number, line);
        }
    }
    parsed
}

impl<'a> Parsed<'a> {
    fn hunk(&mut self, line: usize, header: &'a str) {
        self.in_hunk = true;
        let (numbers, rest) = header.split_once("@@").unwrap_or((header, ""));
        let Some((id, word)) = id_and_word(rest) else {
            let message = "this header names no hunk: after the second @@ stand the hunk's id and its state, as in \
                           '@@ -1 +1 @@ C3.1 pending'";
            self.problems.push(Problem { line, message: message.to_owned() });
            return;
        };
        let start = numbers.split_whitespace().find_map(|part| part.strip_prefix('+'));
        let mut numbers = start.unwrap_or_default().split(',').map(|number| number.parse::<usize>().ok());
        // Of an empty place the line above is named.
        let start = match (numbers.next().flatten(), numbers.next().flatten()) {
            (Some(start), Some(0)) => start,
            (start, _) => start.unwrap_or(1).saturating_sub(1),
        };
        self.entries.push(Entry { line, id, word, start: Some(start), is_note: false, lines: Vec::new() });
    }

    fn note(&mut self, line: usize, note: &str) {
        let Some((id, word)) = id_and_word(note) else { return };
        // In the head of the document the word after the sign is no hunk's.
        let numbers = id.0.rsplit_once('.').map(|(_, number)| number.parse::<usize>().is_ok());
        if numbers == Some(true) {
            self.entries.push(Entry { line, id, word, start: None, is_note: true, lines: Vec::new() });
        }
    }

    fn part(&mut self, line: usize, text: &'a str) {
        let Some(entry) = self.entries.last_mut().filter(|entry| !entry.is_note) else { return };
        let (sign, content) = match text.as_bytes().first() {
            Some(b' ') => (Sign::Context, &text[1..]),
            Some(b'-') => (Sign::Old, &text[1..]),
            Some(b'+') => (Sign::New, &text[1..]),
            // Editors take blanks away from the end of lines.
            None => (Sign::Context, text),
            Some(b'\\') => {
                if let Some(last) = entry.lines.last_mut() {
                    last.is_unbroken = true;
                }
                return;
            }
            Some(_) => {
                let message =
                    "this line has no sign: one that should be in the file begins with +".to_owned();
                self.problems.push(Problem { line, message });
                return;
            }
        };
        entry.lines.push(Part { line, sign, content, is_unbroken: false });
    }

    /// A line between the head of a file and its first hunk.
    fn head(&mut self, line: usize, text: &str) {
        let known = [
            "--- ",
            "+++ ",
            "new file ",
            "deleted file ",
            "rename ",
            "similarity ",
            "index ",
            "old mode ",
            "new mode ",
        ];
        let Some(file) = self.files.last_mut() else {
            if !text.trim().is_empty() {
                let message = "this line belongs to no file; put # before what is only a note".to_owned();
                self.problems.push(Problem { line, message });
            }
            return;
        };
        let path = text.strip_prefix("+++ ").or_else(|| text.strip_prefix("--- "));
        if let Some(path) = path.filter(|path| *path != "/dev/null") {
            let path = unquoted(path.trim_end_matches('\t'));
            file.path = path.split_once('/').map_or(path.clone(), |(_, path)| path.to_owned());
        } else if let Some(path) = text.strip_prefix("rename to ") {
            file.path = unquoted(path);
        } else if !text.trim().is_empty() && !known.iter().any(|start| text.starts_with(start)) {
            let message = "this line belongs to no hunk; put # before what is only a note".to_owned();
            self.problems.push(Problem { line, message });
        }
    }
}

/// The id and the state in a header.
fn id_and_word(text: &str) -> Option<(HunkId, String)> {
    let mut words = text.split_whitespace();
    let id = words.next()?.trim_end_matches(':');
    let word: String = words.next().unwrap_or_default().chars().take_while(|c| c.is_alphanumeric()).collect();
    Some((HunkId::from(id), word.to_lowercase()))
}

/// The path in `a/PATH b/PATH`.
fn same_name(names: &str) -> String {
    let half = names.len() / 2;
    match (names.get(..half), names.get(half + 1..)) {
        (Some(old), Some(new)) if unquoted(old).get(2..) == unquoted(new).get(2..) => {
            unquoted(new).get(2..).unwrap_or_default().to_owned()
        }
        _ => String::new(),
    }
}

/// A path without the quotes that git puts around some.
fn unquoted(name: &str) -> String {
    let Some(inner) = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) else {
        return name.to_owned();
    };
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'n') => bytes.push(b'\n'),
            Some(b'r') => bytes.push(b'\r'),
            Some(b't') => bytes.push(b'\t'),
            Some(first @ b'0'..=b'3') => {
                let mut value = first - b'0';
                while let Some(digit) = rest.next_if(|digit| (b'0'..=b'7').contains(digit)) {
                    value = value.wrapping_mul(8).wrapping_add(digit - b'0');
                }
                bytes.push(value);
            }
            Some(other) => bytes.push(other),
            None => {}
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
