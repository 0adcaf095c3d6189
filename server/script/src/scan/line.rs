//! Markdown state of an answer's text, line by line: fences, and inline code within one line. Pure.
//! Inline code that spans lines is not followed: a lone backtick must not hide the blocks below it.

use super::is_blank;

/// Where in the Markdown the scanner stands.
#[derive(Debug)]
pub(super) struct Line {
    /// The open fence: its character and length.
    fence: Option<(char, usize)>,
    /// Only blanks so far on this line.
    blank: bool,
    /// The run of backticks or tildes this line starts with.
    marker: Option<(char, usize)>,
    /// The leading run has ended.
    marker_ended: bool,
    /// A backtick stands behind the leading run.
    tick_after: bool,
    /// Something other than blanks stands behind the leading run.
    text_after: bool,
    /// Length of the backtick run being read.
    run: usize,
    /// Length of the backtick run that opened inline code; 0 outside.
    code: usize,
}

impl Line {
    pub(super) fn new() -> Line {
        Line {
            fence: None,
            blank: true,
            marker: None,
            marker_ended: false,
            tick_after: false,
            text_after: false,
            run: 0,
            code: 0,
        }
    }

    /// Only blanks stand before this point on its line.
    pub(super) fn is_blank(&self) -> bool {
        self.blank
    }

    /// Whether a tag at this point is outside fences and inline code.
    pub(super) fn tags_count(&self) -> bool {
        let mut code = self.code;
        close_run(self.run, &mut code);
        self.fence.is_none() && code == 0 && !self.opens_fence()
    }

    /// Takes the next character.
    pub(super) fn feed(&mut self, c: char) {
        if c == '\n' {
            self.end_line();
            return;
        }
        self.feed_marker(c);
        if c == '`' {
            self.run += 1;
        } else {
            close_run(self.run, &mut self.code);
            self.run = 0;
        }
        self.blank &= is_blank(c);
    }

    fn feed_marker(&mut self, c: char) {
        match &mut self.marker {
            None if self.blank && matches!(c, '`' | '~') => self.marker = Some((c, 1)),
            Some((marker, length)) if *marker == c && !self.marker_ended => *length += 1,
            Some(_) => {
                self.marker_ended = true;
                self.tick_after |= c == '`';
                self.text_after |= !is_blank(c);
            }
            None => {}
        }
    }

    fn opens_fence(&self) -> bool {
        match self.marker {
            Some(('`', length)) => length >= 3 && !self.tick_after,
            Some((_, length)) => length >= 3,
            None => false,
        }
    }

    fn end_line(&mut self) {
        let fence = match (self.fence, self.marker) {
            (Some((open, wanted)), Some((marker, length)))
                if open == marker && length >= wanted && !self.text_after =>
            {
                None
            }
            (Some(open), _) => Some(open),
            (None, marker) => marker.filter(|_| self.opens_fence()),
        };
        *self = Line { fence, ..Line::new() };
    }
}

/// Ends a run of backticks: it opens inline code, closes code of the same length, or is text inside code.
fn close_run(run: usize, code: &mut usize) {
    if run == 0 {
        return;
    }
    if *code == 0 {
        *code = run;
    } else if *code == run {
        *code = 0;
    }
}
