//! The `*** Begin Patch` dialect.

use super::line::PatchLine;
use super::unified::{self, is_header};
use super::{Parsed, at_line};
use crate::{Chunk, ChunkLine, FilePatch, Operation, Patch, Problem};

const END_OF_FILE: &str = "*** End of File";
const MOVE: &str = "*** Move to:";

/// Parses lines that start at the first marker.
pub(super) fn parse(lines: &[PatchLine<'_>]) -> Parsed {
    let mut parser = Parser { lines, at: 0, patch: Patch::default(), problems: Vec::new() };
    parser.run();
    (parser.patch, parser.problems)
}

struct Parser<'a> {
    lines: &'a [PatchLine<'a>],
    at: usize,
    patch: Patch,
    problems: Vec<Problem>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<PatchLine<'a>> {
        self.lines.get(self.at).copied()
    }

    fn run(&mut self) {
        let mut ended = false;
        while let Some(line) = self.peek() {
            self.at += 1;
            let directive = line.text.split_once(':').map(|(start, path)| (start, path.trim()));
            match directive {
                _ if is_begin(line.text) => ended = false,
                _ if is_end(line.text) => ended = true,
                Some(("*** Add File", path)) => self.file(line, path, Parser::add),
                Some(("*** Delete File", path)) => self.file(line, path, Parser::delete),
                Some(("*** Update File", path)) => self.file(line, path, Parser::update),
                Some(("*** Environment ID", _)) => {}
                _ if ended || line.text.trim().is_empty() => {}
                _ => self.problem(None, line, UNEXPECTED),
            }
        }
    }

    fn problem(&mut self, file: Option<&str>, line: PatchLine<'_>, message: &str) {
        self.problems.push(at_line(file, line.number, &format!("{message}: {:?}", shortened(line.text))));
    }

    fn file(&mut self, line: PatchLine<'_>, path: &str, operation: fn(&mut Self, &str) -> Operation) {
        let operation = operation(self, path);
        if path.is_empty() {
            return self.problem(None, line, "a path must follow the colon");
        }
        self.patch.files.push(FilePatch { path: path.to_owned(), operation });
    }

    fn add(&mut self, path: &str) -> Operation {
        let (mut text, mut blanks) = (String::new(), 0);
        while let Some(line) = self.peek().filter(|line| !is_section_end(line.text)) {
            self.at += 1;
            if let Some(content) = line.text.strip_prefix('+') {
                text.extend(std::iter::repeat_n('\n', blanks));
                text.push_str(content);
                text.push('\n');
                blanks = 0;
            } else if line.text.is_empty() {
                blanks += 1;
            } else if line.text != END_OF_FILE {
                self.problem(Some(path), line, "every line of an added file must start with '+'");
            }
        }
        Operation::Add { text }
    }

    fn delete(&mut self, path: &str) -> Operation {
        while let Some(line) = self.peek().filter(|line| !is_section_end(line.text)) {
            self.at += 1;
            if !line.text.trim().is_empty() {
                self.problem(
                    Some(path),
                    line,
                    "nothing may follow `*** Delete File:` but the next `***` line",
                );
            }
        }
        Operation::Delete
    }

    fn update(&mut self, path: &str) -> Operation {
        let mut move_to = None;
        if let Some(to) = self.peek().and_then(|line| line.text.strip_prefix(MOVE)) {
            self.at += 1;
            move_to = Some(to.trim().to_owned()).filter(|to| !to.is_empty());
            if move_to.is_none() {
                let line = self.lines[self.at - 1];
                self.problem(Some(path), line, "a path must follow `*** Move to:`");
            }
        }
        let next = self.lines.get(self.at + 1).map_or("", |line| line.text);
        if self.peek().is_some_and(|line| is_header(line.text, next)) {
            self.at += 2;
        }
        let mut chunks = Vec::new();
        let before = self.problems.len();
        while self.peek().is_some_and(|line| !is_section_end(line.text)) {
            let chunk = self.chunk(path, chunks.len() + 1);
            chunks.extend(chunk);
        }
        if chunks.is_empty() && move_to.is_none() && self.problems.len() == before {
            let message = "the update is empty: write the lines to change, with ' ', '-' or '+' before each";
            self.problems.push(Problem::of_file(path, message));
        }
        Operation::Update { move_to, chunks, create: false }
    }

    /// One chunk, or `None` when there was nothing but blank lines. Always takes at least one line.
    fn chunk(&mut self, path: &str, number: usize) -> Option<Chunk> {
        let mut chunk = Chunk::default();
        let first = self.at;
        while let Some(line) = self.peek().filter(|line| !is_section_end(line.text)) {
            if line.text.starts_with("@@") {
                if !chunk.lines.is_empty() {
                    break;
                }
                unified::read_hunk_line(line.text, &mut chunk);
            } else if line.text.trim_end() == END_OF_FILE {
                chunk.end_of_file = true;
                self.at += 1;
                break;
            } else if !unified::push_line(line.text, &mut chunk) {
                self.problem(Some(path), line, "a line of a chunk must start with ' ', '-', '+' or '@@'");
                if let Some(problem) = self.problems.last_mut() {
                    problem.chunk = Some(number);
                }
            }
            self.at += 1;
        }
        let blank = |line: &ChunkLine| matches!(line, ChunkLine::Blank);
        let nothing = chunk.lines.iter().all(blank);
        if nothing && self.lines[first..self.at].iter().any(|line| line.text.starts_with("@@")) {
            let message = "there are no lines under the `@@` line";
            self.problems.push(Problem::of_chunk(path, number, message));
        }
        (!nothing).then_some(chunk)
    }
}

const UNEXPECTED: &str =
    "expected `*** Add File: path`, `*** Update File: path`, `*** Delete File: path` or `*** End Patch`";

pub(super) fn is_begin(text: &str) -> bool {
    text.trim() == "*** Begin Patch"
}

pub(super) fn is_file_directive(text: &str) -> bool {
    ["*** Add File:", "*** Update File:", "*** Delete File:"].iter().any(|start| text.starts_with(start))
}

fn is_end(text: &str) -> bool {
    text.trim() == "*** End Patch"
}

fn is_section_end(text: &str) -> bool {
    let directive = text.starts_with("*** ") && text.trim_end() != END_OF_FILE;
    directive || is_file_directive(text) || text.trim_end() == "*** End Patch"
}

fn shortened(text: &str) -> String {
    text.chars().take(120).collect()
}
