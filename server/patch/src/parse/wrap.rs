//! What stands around a patch: its dialect, Markdown fences, heredoc lines, prose before it and between its parts.

use super::native::{is_begin, is_file_directive};
use super::search::SEARCH;
use super::unified::{hunk_header, is_header};
use super::{Made, PatchLine, native, search, unified};
use crate::{Patch, Problem};

/// A patch text that is being read, line by line.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub made: Made,
    reader: Option<Reader>,
    /// The closing lines of the fences and heredocs that were opened.
    closers: Vec<String>,
    /// What stood above the patch, as far as a SEARCH/REPLACE block may need it.
    above: search::Above,
    /// What stands behind a closing line, until it is known whether more of the patch follows.
    between: Option<Between>,
}

/// Lines behind a closing line.
#[derive(Debug)]
struct Between {
    /// The closing line.
    closed_at: usize,
    lines: Vec<(usize, String)>,
    /// Whether it has been told that the patch goes on here.
    told: bool,
}

/// The reader of a dialect.
#[derive(Debug)]
enum Reader {
    Native(native::Reader),
    Unified(unified::Reader),
    Search(search::Reader),
}

impl Reading {
    /// The next line.
    pub(super) fn line(&mut self, line: PatchLine<'_>) {
        let Some(reader) = &mut self.reader else {
            return self.first(line);
        };
        if let Reader::Search(reader) = reader {
            return reader.line(line, &mut self.made);
        }
        if let Some(between) = &mut self.between {
            if tells_dialect(line) {
                // Prose between the parts is the dialect's to refuse.
                for (number, text) in self.between.take().map(|between| between.lines).unwrap_or_default() {
                    reader.line(PatchLine { number, text: &text, next: [""; 2] }, &mut self.made);
                }
                reader.line(line, &mut self.made);
            } else if !between.told && reader.goes_on(line.text, between.lines.is_empty()) {
                between.told = true;
                self.made.problem(None, between.closed_at, CLOSED_INSIDE);
            } else if let Some(closer) = closer(line.text) {
                self.closers.push(closer.to_owned());
            } else if !closes(&self.closers, line.text) {
                between.lines.push((line.number, line.text.to_owned()));
            }
        } else if closes(&self.closers, line.text) {
            self.between = Some(Between { closed_at: line.number, lines: Vec::new(), told: false });
        } else {
            reader.line(line, &mut self.made);
        }
    }

    /// A line above the patch, or its first.
    fn first(&mut self, line: PatchLine<'_>) {
        let above = std::mem::take(&mut self.above);
        match Reader::of(line, above) {
            Ok(mut reader) => {
                reader.line(line, &mut self.made);
                self.reader = Some(reader);
            }
            Err(mut above) => {
                self.closers.extend(closer(line.text).map(str::to_owned));
                above.see(line.text);
                self.above = above;
            }
        }
    }

    /// The patch, or every problem.
    pub(super) fn finish(mut self) -> Result<Patch, Vec<Problem>> {
        match self.reader {
            Some(Reader::Native(reader)) => reader.finish(&mut self.made),
            Some(Reader::Unified(reader)) => reader.finish(&mut self.made),
            Some(Reader::Search(reader)) => reader.finish(&mut self.made),
            None => self.made.problems.push(Problem::of_patch(NOT_A_PATCH)),
        }
        let Made { patch, mut problems, .. } = self.made;
        if patch.files.is_empty() && problems.is_empty() {
            problems.push(Problem::of_patch("The patch is empty: it names no file."));
        }
        if problems.is_empty() { Ok(patch) } else { Err(problems) }
    }
}

const CLOSED_INSIDE: &str = "it closes what was opened around the patch, but the patch goes on behind it; write ' ', '-' or '+' \
     before it if it belongs to the file";
const NOT_A_PATCH: &str = "This is not a patch. A patch looks like this:\n\
*** Begin Patch\n*** Update File: path/of/file\n@@ line above the change\n unchanged line\n-old line\n+new line\n*** End Patch";

impl Reader {
    /// The reader that `line` calls for; gives `above` back when it tells no dialect.
    fn of(line: PatchLine<'_>, above: search::Above) -> Result<Reader, search::Above> {
        if tells_native(line.text) {
            Ok(Reader::Native(native::Reader::default()))
        } else if tells_unified(line) {
            Ok(Reader::Unified(unified::Reader::default()))
        } else if tells_search(line.text) {
            Ok(Reader::Search(search::Reader::below(above)))
        } else {
            Err(above)
        }
    }

    /// Whether `text` shows that the patch goes on behind a closing line; `next`: it is the next line.
    fn goes_on(&self, text: &str, next: bool) -> bool {
        match self {
            Reader::Native(reader) => reader.goes_on(text),
            Reader::Unified(reader) => next && reader.goes_on(text),
            Reader::Search(_) => false,
        }
    }

    fn line(&mut self, line: PatchLine<'_>, made: &mut Made) {
        match self {
            Reader::Native(reader) => reader.line(line, made),
            Reader::Unified(reader) => reader.line(line, made),
            Reader::Search(reader) => reader.line(line, made),
        }
    }
}

fn tells_native(text: &str) -> bool {
    is_begin(text) || is_file_directive(text)
}

fn tells_unified(line: PatchLine<'_>) -> bool {
    let text = line.text;
    text.starts_with("diff --git ") || is_header(text, line.next[0]) || hunk_header(text).is_some()
}

fn tells_search(text: &str) -> bool {
    text.trim_end() == SEARCH
}

fn tells_dialect(line: PatchLine<'_>) -> bool {
    tells_native(line.text) || tells_unified(line) || tells_search(line.text)
}

fn closes(closers: &[String], text: &str) -> bool {
    !closers.is_empty() && closers.iter().any(|closer| closer == text.trim_end())
}

/// The line that closes what `text` opens: a Markdown fence or a heredoc.
fn closer(text: &str) -> Option<&str> {
    let text = text.trim();
    if let Some(mark) = text.chars().next().filter(|mark| matches!(mark, '`' | '~')) {
        let len = text.len() - text.trim_start_matches(mark).len();
        return (len >= 3).then(|| &text[..len]);
    }
    let (_, after) = text.split_once("<<")?;
    let word = after.strip_prefix('-').unwrap_or(after).trim_start();
    let quoted = ['\'', '"'].iter().find_map(|quote| word.strip_prefix(*quote)?.split(*quote).next());
    let word = quoted.or_else(|| word.trim_start_matches('\\').split_whitespace().next())?;
    (!word.is_empty() && !word.starts_with('<')).then_some(word)
}
