//! The text being erased and its tokens: blanks ranges without moving anything, and finds tokens by place.

use oxc_parser::Token;
use oxc_span::Span;

/// A source text of which parts are being blanked.
pub(super) struct Canvas<'s> {
    source: &'s str,
    tokens: &'s [Token],
    blanks: Vec<Span>,
    /// Single ASCII characters to write after all blanking.
    marks: Vec<(u32, &'static str)>,
}

impl<'s> Canvas<'s> {
    pub(super) fn new(source: &'s str, tokens: &'s [Token]) -> Canvas<'s> {
        Canvas { source, tokens, blanks: Vec::new(), marks: Vec::new() }
    }

    pub(super) fn text(&self, span: Span) -> &'s str {
        self.source.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// Blanks `start..end`; line ends stay.
    pub(super) fn blank(&mut self, start: u32, end: u32) {
        if start < end {
            self.blanks.push(Span::new(start, end));
        }
    }

    /// Writes `mark` at `at`, over ASCII that is blanked.
    pub(super) fn mark(&mut self, at: u32, mark: &'static str) {
        self.marks.push((at, mark));
    }

    /// Blanks a statement or class member and leaves a `;`, so that the line before cannot run into the next.
    pub(super) fn blank_statement(&mut self, span: Span) {
        self.blank(span.start, span.end);
        self.mark(span.start, ";");
    }

    /// The first token that starts at or after `at`.
    pub(super) fn token_at(&self, at: u32) -> Option<Span> {
        let index = self.tokens.partition_point(|token| token.start() < at);
        self.tokens.get(index).map(Token::span).filter(|span| span.end > span.start)
    }

    /// The last token that ends at or before `at`.
    pub(super) fn token_before(&self, at: u32) -> Option<Span> {
        let index = self.tokens.partition_point(|token| token.end() <= at);
        self.tokens[..index].last().map(Token::span)
    }

    /// The tokens that start in `start..end`.
    pub(super) fn tokens_in(&self, start: u32, end: u32) -> impl Iterator<Item = Span> + use<'s> {
        let from = self.tokens.partition_point(|token| token.start() < start);
        self.tokens[from..].iter().map(Token::span).take_while(move |span| span.start < end)
    }

    /// Blanks the first token at or after `at` when it reads `text`.
    pub(super) fn blank_token(&mut self, at: u32, text: &str) {
        if let Some(span) = self.token_at(at).filter(|span| self.text(*span) == text) {
            self.blank(span.start, span.end);
        }
    }

    pub(super) fn has_line_end(&self, start: u32, end: u32) -> bool {
        self.text(Span::new(start, end)).contains(is_line_end)
    }

    /// The text with everything blanked: same bytes, same lines, same columns.
    pub(super) fn finish(self) -> String {
        let mut bytes = self.source.as_bytes().to_vec();
        for span in &self.blanks {
            blank_bytes(self.source, &mut bytes, *span);
        }
        for (at, mark) in self.marks {
            put(self.source, &mut bytes, at as usize, mark);
        }
        String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

pub(super) fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

/// Replaces each character by white space of the same length in UTF-8 (and in UTF-16).
fn blank_bytes(source: &str, bytes: &mut [u8], span: Span) {
    let start = span.start as usize;
    let Some(text) = source.get(start..span.end as usize) else {
        return;
    };
    for (at, c) in text.char_indices().filter(|(_, c)| !is_line_end(*c)) {
        let blank = match c.len_utf8() {
            1 => " ",
            2 => "\u{a0}",
            3 => "\u{3000}",
            _ => "\u{a0}\u{a0}",
        };
        bytes[start + at..start + at + blank.len()].copy_from_slice(blank.as_bytes());
    }
}

/// Writes ASCII over the characters from `at`; what is left of a longer character becomes blanks.
fn put(source: &str, bytes: &mut [u8], at: usize, mark: &str) {
    let end = at + mark.len();
    let Some(end) = (end..=source.len()).find(|end| source.is_char_boundary(*end)) else {
        return;
    };
    bytes[at..end].fill(b' ');
    bytes[at..at + mark.len()].copy_from_slice(mark.as_bytes());
}
