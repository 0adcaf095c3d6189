//! Finds `<tool-calls>` blocks in an answer while it streams in. Pure; the result does not depend on how the text is cut.
//! Only decides where a block begins and ends; never looks at what its script means.

mod lexer;
mod line;
#[cfg(test)]
mod tests;

use self::lexer::Lexer;
use self::line::Line;

const OPEN: &str = "<tool-calls>";
const CLOSE: &str = "</tool-calls>";
const RESULTS: &str = "<tool-results";
/// A tag that ends a line may have this many blanks behind it; more means it does not end the line.
const MAX_TRAILING_BLANKS: usize = 1000;

/// One step of the answer. Laid end to end, with the tags themselves for `ScriptStart` and `ScriptEnd`, the
/// pieces give back the scanned text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text to show and keep as it is.
    Text(String),
    /// A block began; stands for the opening tag.
    ScriptStart,
    /// Part of the block's script, to show while it streams.
    ScriptText(String),
    /// The block ended; stands for the closing tag.
    ScriptEnd {
        /// The whole script.
        source: String,
    },
    /// The model began to write its own `<tool-results>`: reading stops, everything from that tag on is ignored.
    SelfWrittenResults,
}

/// A block that was still open when the answer ended; it must not be run, and the model is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclosed {
    /// The script as far as it came.
    pub source: String,
}

/// The scanner of one answer.
#[derive(Debug)]
pub struct Scanner {
    /// Text that was pushed and not yet given out.
    buffer: String,
    mode: Mode,
    line: Line,
}

#[derive(Debug)]
enum Mode {
    Text,
    Script(Script),
    /// Reading has stopped; holds the script that was open then.
    Stopped(Option<Unclosed>),
}

#[derive(Debug)]
struct Script {
    /// What was given out as `ScriptText`.
    source: String,
    lexer: Lexer,
    /// Bytes of the buffer that the lexer has seen but that are held back.
    scanned: usize,
    /// Where in the buffer a closing tag starts a line inside a string, template or comment: the end of the
    /// block after all if the script turns out not to lex. Text behind it is held back until that is known.
    candidate: Option<usize>,
    /// Only blanks so far on this line.
    blank: bool,
}

impl Script {
    fn new() -> Script {
        Script { source: String::new(), lexer: Lexer::new(), scanned: 0, candidate: None, blank: false }
    }
}

/// What stands at a `<`.
enum Tag {
    Open,
    Close,
    Results,
    Other,
    /// More text is needed to tell.
    Wait,
}

impl Default for Scanner {
    fn default() -> Self {
        Scanner::new()
    }
}

impl Scanner {
    /// A scanner at the start of an answer.
    pub fn new() -> Scanner {
        Scanner { buffer: String::new(), mode: Mode::Text, line: Line::new() }
    }

    /// Takes the next text of the answer and gives out all that is decided.
    pub fn push(&mut self, delta: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        if !matches!(self.mode, Mode::Stopped(_)) {
            self.buffer.push_str(delta);
            self.run(&mut pieces, false);
        }
        pieces
    }

    /// Ends the answer: gives out what was held back, and the block that was never closed.
    pub fn finish(mut self) -> (Vec<Piece>, Option<Unclosed>) {
        let mut pieces = Vec::new();
        self.run(&mut pieces, true);
        let unclosed = match self.mode {
            Mode::Text => None,
            Mode::Script(script) => Some(Unclosed { source: script.source }),
            Mode::Stopped(unclosed) => unclosed,
        };
        (pieces, unclosed)
    }

    fn run(&mut self, pieces: &mut Vec<Piece>, at_end: bool) {
        loop {
            let more = match &mut self.mode {
                Mode::Text => self.text(pieces, at_end),
                Mode::Script(_) => self.script(pieces, at_end),
                Mode::Stopped(_) => false,
            };
            if !more {
                return;
            }
        }
    }

    /// Scans text; true when the mode changed and there may be more to do.
    fn text(&mut self, pieces: &mut Vec<Piece>, at_end: bool) -> bool {
        let mut at = 0;
        while let Some(c) = self.buffer[at..].chars().next() {
            if c == '<' && self.line.tags_count() {
                match opening(&self.buffer[at..], self.line.is_blank(), at_end) {
                    Tag::Open => {
                        give_text(pieces, &self.buffer[..at]);
                        self.buffer.drain(..at + OPEN.len());
                        pieces.push(Piece::ScriptStart);
                        self.mode = Mode::Script(Script::new());
                        return true;
                    }
                    Tag::Results => {
                        give_text(pieces, &self.buffer[..at]);
                        self.stop(pieces, None);
                        return false;
                    }
                    Tag::Wait => break,
                    Tag::Close | Tag::Other => {}
                }
            }
            self.line.feed(c);
            at += c.len_utf8();
        }
        give_text(pieces, &self.buffer[..at]);
        self.buffer.drain(..at);
        false
    }

    /// Scans a script; true when the mode changed and there may be more to do.
    fn script(&mut self, pieces: &mut Vec<Piece>, at_end: bool) -> bool {
        let Mode::Script(script) = &mut self.mode else {
            return false;
        };
        let mut at = script.scanned;
        while let Some(c) = self.buffer[at..].chars().next() {
            if c == '<' {
                let counts = if script.lexer.is_broken() { script.blank } else { script.lexer.in_code() };
                let wanted = counts || (script.blank && script.candidate.is_none());
                match closing(&self.buffer[at..], counts && script.blank, at_end) {
                    Tag::Wait if wanted => break,
                    Tag::Close if counts => return self.close(pieces, at),
                    Tag::Close if wanted => script.candidate = Some(at),
                    Tag::Results => {
                        script.source.push_str(&self.buffer[..at]);
                        let unclosed = Unclosed { source: std::mem::take(&mut script.source) };
                        give_script(pieces, &self.buffer[..at]);
                        self.stop(pieces, Some(unclosed));
                        return false;
                    }
                    _ => {}
                }
            }
            script.blank = is_line_end(c) || (script.blank && is_blank(c));
            at += c.len_utf8();
            script.lexer.feed(c);
            if script.lexer.is_broken()
                && let Some(candidate) = script.candidate
            {
                return self.close(pieces, candidate);
            }
        }
        script.scanned = at;
        match script.candidate {
            Some(candidate) if at_end => return self.close(pieces, candidate),
            Some(_) => {}
            None => {
                script.source.push_str(&self.buffer[..at]);
                give_script(pieces, &self.buffer[..at]);
                self.buffer.drain(..at);
                script.scanned = 0;
            }
        }
        false
    }

    /// Ends the block at the closing tag that stands at `at` in the buffer.
    fn close(&mut self, pieces: &mut Vec<Piece>, at: usize) -> bool {
        let Mode::Script(script) = &mut self.mode else {
            return false;
        };
        let mut source = std::mem::take(&mut script.source);
        source.push_str(&self.buffer[..at]);
        give_script(pieces, &self.buffer[..at]);
        pieces.push(Piece::ScriptEnd { source });
        self.buffer.drain(..at + CLOSE.len());
        self.mode = Mode::Text;
        self.line = Line::new();
        true
    }

    fn stop(&mut self, pieces: &mut Vec<Piece>, unclosed: Option<Unclosed>) {
        pieces.push(Piece::SelfWrittenResults);
        self.buffer = String::new();
        self.mode = Mode::Stopped(unclosed);
    }
}

/// Which tag opens at the start of `rest`, in text. `starts_line`: only blanks stand before it on its line.
fn opening(rest: &str, starts_line: bool, at_end: bool) -> Tag {
    if let Some(after) = rest.strip_prefix(OPEN) {
        return if starts_line { Tag::Open } else { ends_line(after, Tag::Open, at_end) };
    }
    if let Some(after) = rest.strip_prefix(RESULTS) {
        return match after.chars().next() {
            None if at_end => Tag::Other,
            None => Tag::Wait,
            Some(c) if starts_line && (c == '>' || c == '/' || c.is_whitespace()) => Tag::Results,
            Some('>') => ends_line(&after[1..], Tag::Results, at_end),
            Some(_) => Tag::Other,
        };
    }
    let partial = OPEN.starts_with(rest) || RESULTS.starts_with(rest);
    if partial && !at_end { Tag::Wait } else { Tag::Other }
}

/// `tag` when only blanks stand between it and the end of its line.
fn ends_line(after: &str, tag: Tag, at_end: bool) -> Tag {
    let mut blanks = 0;
    for c in after.chars() {
        match c {
            c if is_line_end(c) => return tag,
            c if is_blank(c) && blanks < MAX_TRAILING_BLANKS => blanks += 1,
            _ => return Tag::Other,
        }
    }
    if at_end { tag } else { Tag::Wait }
}

/// Which tag stands at the start of `rest`, in a script.
fn closing(rest: &str, results_count: bool, at_end: bool) -> Tag {
    if rest.starts_with(CLOSE) {
        return Tag::Close;
    }
    if results_count && let Some(after) = rest.strip_prefix(RESULTS) {
        return match after.chars().next() {
            None if at_end => Tag::Other,
            None => Tag::Wait,
            Some(c) if c == '>' || c == '/' || c.is_whitespace() => Tag::Results,
            Some(_) => Tag::Other,
        };
    }
    let partial = CLOSE.starts_with(rest) || (results_count && RESULTS.starts_with(rest));
    if partial && !at_end { Tag::Wait } else { Tag::Other }
}

/// LF and CR; of CRLF the second one ends an empty line, which changes nothing.
fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

/// A blank inside a line: white space of any kind, and what is not seen (a byte order mark, say).
fn is_blank(c: char) -> bool {
    matches!(c, '\u{feff}' | '\u{200b}') || (c.is_whitespace() && !is_line_end(c))
}

fn give_text(pieces: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_owned()));
    }
}

fn give_script(pieces: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece::ScriptText(text.to_owned()));
    }
}
