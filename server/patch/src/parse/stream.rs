//! Patch text as it arrives, cut into lines. Knows nothing of what they mean.

use std::collections::VecDeque;

use super::wrap::Reading;
use super::{Event, PatchLine};
use crate::{Patch, Problem};

/// A patch that is being written. Each character is looked at once, however the text is cut.
///
/// Of the text pushed so far, this is held back: the line that is not whole yet; everything before the first LF (a text
/// without any is cut at CR, when it is finished); a line that starts with `--- `, until the two lines behind it tell
/// whether it is a header; text behind a closed fence or heredoc, until more of the patch follows; all before the line
/// that tells the dialect.
#[derive(Debug, Default)]
pub struct Stream {
    /// The line that is not whole yet; before the first LF, everything.
    partial: String,
    cut_at_lf: bool,
    /// Lines so far.
    number: usize,
    /// A line that needs those behind it, and those.
    waiting: VecDeque<(usize, String)>,
    reading: Reading,
}

impl Stream {
    /// A patch of which nothing is known yet.
    pub fn new() -> Stream {
        Stream::default()
    }

    /// Takes more of the text; gives what is known now and was not before. All of it holds only if [`Stream::finish`]
    /// finds no problem.
    pub fn push(&mut self, text: &str) -> Vec<Event> {
        let mut rest = text;
        while let Some(at) = memchr::memchr(b'\n', rest.as_bytes()) {
            let line = &rest[..at];
            rest = &rest[at + 1..];
            self.cut_at_lf = true;
            if self.partial.is_empty() {
                self.line(line);
            } else {
                let mut whole = std::mem::take(&mut self.partial);
                whole.push_str(line);
                self.line(&whole);
                whole.clear();
                self.partial = whole;
            }
        }
        self.partial.push_str(rest);
        std::mem::take(&mut self.reading.made.events)
    }

    /// The whole patch; on failure all problems at once, in the order of the text. What the last lines made known is
    /// told by no event.
    pub fn finish(mut self) -> Result<Patch, Vec<Problem>> {
        let rest = std::mem::take(&mut self.partial);
        if self.cut_at_lf {
            if !matches!(rest.as_str(), "" | "\r") {
                self.line(&rest);
            }
        } else {
            let rest = rest.strip_suffix('\r').unwrap_or(&rest);
            rest.split('\r').for_each(|line| self.line(line));
        }
        while self.pass_on() {}
        self.reading.finish()
    }

    fn line(&mut self, text: &str) {
        self.number += 1;
        let text = if self.number == 1 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        let text = text.strip_suffix('\r').unwrap_or(text);
        if self.waiting.is_empty() && !must_wait(text) {
            return self.reading.line(PatchLine { number: self.number, text, next: [""; 2] });
        }
        self.waiting.push_back((self.number, text.to_owned()));
        while self.waiting.len() > 2 || self.waiting.front().is_some_and(|(_, text)| !must_wait(text)) {
            self.pass_on();
        }
    }

    /// Hands the first waiting line on; `false` when there is none.
    fn pass_on(&mut self) -> bool {
        let Some((number, text)) = self.waiting.pop_front() else { return false };
        let next = |at: usize| self.waiting.get(at).map_or("", |(_, text)| text.as_str());
        let next = [next(0), next(1)];
        self.reading.line(PatchLine { number, text: &text, next });
        true
    }
}

/// Whether the lines behind a line must be known to read it.
fn must_wait(text: &str) -> bool {
    text.starts_with("--- ")
}
