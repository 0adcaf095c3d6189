//! Markdown state of an answer's text, line by line: fences (in quotes and lists too), and inline code within one line.
//! Pure. Inline code that spans lines is not followed: a lone backtick must not hide the blocks below it.

use super::is_blank;

/// An open fence.
#[derive(Debug, Clone, Copy)]
struct Fence {
    mark: char,
    length: usize,
    /// It stands in a block quote and ends with it.
    quoted: bool,
    /// Columns before the text of the list item it opened in; a line that starts before that ends it.
    indent: usize,
}

/// How far the start of a line has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Head {
    /// Only blanks, quote marks and list marks so far.
    Open,
    /// The mark of a list item, if a blank follows.
    Bullet,
    /// Digits, which may become the mark of a list item.
    Number,
    Done,
}

/// Where in the Markdown the scanner stands.
#[derive(Debug)]
pub(super) struct Line {
    fence: Option<Fence>,
    /// Only blanks so far on this line.
    blank: bool,
    head: Head,
    /// Characters of this line so far, while its start is read.
    column: usize,
    /// The line is part of a block quote.
    quoted: bool,
    /// Where the text of the list item begins that starts on this line; 0 without one.
    indent: usize,
    /// The run of backticks or tildes the line's text starts with, and what follows it.
    marker: Option<Marker>,
    code: Code,
}

/// A run that may open or close a fence.
#[derive(Debug, Clone, Copy)]
struct Marker {
    mark: char,
    length: usize,
    ended: bool,
    /// A backtick stands behind it.
    tick_after: bool,
    /// Something other than blanks stands behind it.
    text_after: bool,
}

/// Inline code on a line.
#[derive(Debug, Default)]
struct Code {
    /// Length of the backtick run being read.
    run: usize,
    /// Length of the backtick run that opened code; 0 outside.
    open: usize,
    /// The character before is a backslash that makes a backtick plain text.
    escaped: bool,
    /// Something other than blanks has been read since the last backtick.
    worded: bool,
}

impl Line {
    pub(super) fn new() -> Line {
        Line {
            fence: None,
            blank: true,
            head: Head::Open,
            column: 0,
            quoted: false,
            indent: 0,
            marker: None,
            code: Code::default(),
        }
    }

    /// Only blanks stand before this point on its line.
    pub(super) fn is_blank(&self) -> bool {
        self.blank
    }

    /// Whether a tag at this point is outside fences, inline code and block quotes. Code that has begun on this line with
    /// other words hides no tag that ends the line: it can only be closed below, and a lone backtick must not hide a block.
    /// (A tag that does not begin its line counts only when it ends it.)
    pub(super) fn tags_count(&self) -> bool {
        let fenced = self.fence.is_some_and(|fence| !self.leaves(&fence, '<'));
        !fenced && !self.quoted && !self.code.hides() && !self.opens_fence()
    }

    /// Takes the next character.
    pub(super) fn feed(&mut self, c: char) {
        if super::is_line_end(c) {
            self.end_line();
            return;
        }
        if let Some(marker) = &mut self.marker {
            marker.feed(c);
        }
        if self.head != Head::Done {
            self.feed_head(c);
        }
        self.code.feed(c);
        self.blank &= is_blank(c);
    }

    fn feed_head(&mut self, c: char) {
        if self.head == Head::Open
            && !is_blank(c)
            && let Some(fence) = self.fence
            && self.leaves(&fence, c)
        {
            self.fence = None;
        }
        let in_item = self.fence.is_none();
        self.head = match (self.head, c) {
            (Head::Open, c) if is_blank(c) => Head::Open,
            (Head::Open, '>') if self.fence.is_none_or(|fence| fence.quoted) => {
                self.quoted = true;
                Head::Open
            }
            (Head::Open, '-' | '*' | '+') if in_item => Head::Bullet,
            (Head::Open | Head::Number, '0'..='9') if in_item => Head::Number,
            (Head::Number, '.' | ')') => Head::Bullet,
            (Head::Bullet, c) if is_blank(c) => {
                self.indent = self.column + 1;
                Head::Open
            }
            (Head::Open, '`' | '~') => {
                self.marker = Some(Marker::new(c));
                Head::Done
            }
            _ => Head::Done,
        };
        self.column += 1;
    }

    /// Whether a line whose text starts with `c` at this point is outside the quote or list item of `fence`.
    fn leaves(&self, fence: &Fence, c: char) -> bool {
        if self.head != Head::Open {
            return false;
        }
        match fence.quoted {
            true => !self.quoted && c != '>',
            false => self.column < fence.indent,
        }
    }

    fn opens_fence(&self) -> bool {
        self.fence.is_none() && self.marker.is_some_and(|marker| marker.opens_fence())
    }

    fn end_line(&mut self) {
        let fence = match (self.fence, self.marker) {
            (Some(fence), Some(marker)) if marker.closes(&fence) => None,
            (Some(fence), _) => Some(fence),
            (None, marker) => marker.filter(Marker::opens_fence).map(|marker| Fence {
                mark: marker.mark,
                length: marker.length,
                quoted: self.quoted,
                indent: self.indent,
            }),
        };
        *self = Line { fence, ..Line::new() };
    }
}

impl Marker {
    fn new(mark: char) -> Marker {
        Marker { mark, length: 1, ended: false, tick_after: false, text_after: false }
    }

    fn feed(&mut self, c: char) {
        if c == self.mark && !self.ended {
            self.length += 1;
            return;
        }
        self.ended = true;
        self.tick_after |= c == '`';
        self.text_after |= !is_blank(c);
    }

    fn opens_fence(&self) -> bool {
        self.length >= 3 && !(self.mark == '`' && self.tick_after)
    }

    fn closes(&self, fence: &Fence) -> bool {
        self.mark == fence.mark && self.length >= fence.length && !self.text_after
    }
}

impl Code {
    /// Whether it quotes a tag at this point: code is open, and begins or goes on right before it.
    fn hides(&self) -> bool {
        self.after_run() != 0 && !self.worded
    }

    /// The run that code is open by, once the run being read has ended: it opens code, closes code of the same length, or is
    /// text inside code.
    fn after_run(&self) -> usize {
        match (self.run, self.open) {
            (0, open) => open,
            (run, 0) => run,
            (run, open) if run == open => 0,
            (_, open) => open,
        }
    }

    fn feed(&mut self, c: char) {
        if c == '`' && !self.escaped {
            self.run += 1;
            self.worded = false;
            return;
        }
        self.worded |= !is_blank(c);
        self.open = self.after_run();
        self.run = 0;
        self.escaped = c == '\\' && !self.escaped && self.open == 0;
    }
}
