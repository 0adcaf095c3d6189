//! One text to look for lines in: its lines, where lines stand that may equal others, its blocks. Everything but the
//! lines is made when first needed, and all of it in linear time.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

use memchr::memmem;

use crate::index::{Index, find_all};
use crate::lines::{HIDDEN, Pass, columns, indentation};

/// A text as lines that can be searched.
pub(crate) struct View<'a> {
    pub text: &'a str,
    /// Byte offset of each line, and of the end.
    starts: Vec<usize>,
    /// Searches through the text as it is, so far.
    pub plain_searches: Cell<usize>,
    hides_characters: OnceCell<bool>,
    index: OnceCell<Index>,
    keys: [OnceCell<Keys<'a>>; 5],
    block_ends: OnceCell<Vec<usize>>,
}

/// Lines as numbers: equal keys have equal numbers.
struct Keys<'a> {
    numbers: HashMap<Cow<'a, str>, usize>,
    lines: Vec<usize>,
}

impl<'a> View<'a> {
    pub(crate) fn new(text: &'a str) -> View<'a> {
        let mut starts = vec![0];
        if memchr::memchr(b'\r', text.as_bytes()).is_none() {
            starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
            if starts.last() != Some(&text.len()) {
                starts.push(text.len());
            }
        } else {
            let mut at = 0;
            starts.extend(glossator_text::lines(text).map(|line| {
                at += line.len();
                at
            }));
        }
        View {
            text,
            starts,
            plain_searches: Cell::new(0),
            hides_characters: OnceCell::new(),
            index: OnceCell::new(),
            keys: Default::default(),
            block_ends: OnceCell::new(),
        }
    }

    /// Lines.
    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Byte offset of a line, or of the end.
    pub(crate) fn start(&self, line: usize) -> usize {
        self.starts[line]
    }

    /// Whole lines as they stand in the text.
    pub(crate) fn span(&self, start: usize, end: usize) -> &'a str {
        &self.text[self.starts[start]..self.starts[end]]
    }

    /// A line without its line break.
    pub(crate) fn content(&self, line: usize) -> &'a str {
        glossator_text::line_content(self.span(line, line + 1))
    }

    /// The line break of a line; empty at the end of a text without one.
    pub(crate) fn ending(&self, line: usize) -> &'a str {
        let whole = self.span(line, line + 1);
        &whole[glossator_text::line_content(whole).len()..]
    }

    /// The lines without line breaks.
    pub(crate) fn contents(&self) -> impl DoubleEndedIterator<Item = &'a str> + ExactSizeIterator {
        (0..self.len()).map(|line| self.content(line))
    }

    /// The line that byte `at` belongs to.
    pub(crate) fn line_at(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// Every line from which on lines with these keys stand, in order. Makes keys of all lines.
    pub(crate) fn find_keys(&self, pass: Pass, wanted: &[Cow<'_, str>]) -> Vec<usize> {
        let all = self.keys[pass as usize].get_or_init(|| self.make_keys(pass));
        let numbers: Option<Vec<usize>> = wanted.iter().map(|key| all.numbers.get(key).copied()).collect();
        numbers.map_or(Vec::new(), |wanted| find_all(&all.lines, &wanted))
    }

    /// Whether the text holds characters that no pass sees, so that words may be interrupted.
    pub(crate) fn hides_characters(&self) -> bool {
        let holds = |char: &&str| memmem::find(self.text.as_bytes(), char.as_bytes()).is_some();
        *self.hides_characters.get_or_init(|| HIDDEN.iter().any(holds))
    }

    pub(crate) fn has_index(&self) -> bool {
        self.index.get().is_some()
    }

    pub(crate) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self.contents()))
    }

    fn make_keys(&self, pass: Pass) -> Keys<'a> {
        let mut numbers = HashMap::new();
        let mut lines = Vec::with_capacity(self.len());
        for line in self.contents() {
            let next = numbers.len();
            lines.push(*numbers.entry(pass.key(line)).or_insert(next));
        }
        Keys { numbers, lines }
    }

    /// The line behind the block that line `at` opens: the next line that is indented no deeper. A lone opening brace
    /// and the end of a parameter list on a line of their own belong to the opening line.
    pub(crate) fn block_end(&self, at: usize) -> usize {
        self.block_ends.get_or_init(|| self.make_block_ends())[at]
    }

    fn make_block_ends(&self) -> Vec<usize> {
        let len = self.len();
        let mut ends = vec![len; len];
        let mut open: Vec<(usize, usize)> = Vec::new();
        for (at, line) in self.contents().enumerate() {
            let content = line.trim_start();
            if content.is_empty() {
                continue;
            }
            let depth = columns(indentation(line));
            let closing_depth = depth + usize::from(content.starts_with(['{', ')', ']']));
            while let Some((_, opener)) = open.pop_if(|(opened, _)| *opened >= closing_depth) {
                ends[opener] = at;
            }
            open.push((depth, at));
        }
        ends
    }

    /// The nearest line above `at` that is indented less: what it stands under.
    pub(crate) fn parent(&self, at: usize) -> Option<&'a str> {
        if at >= self.len() {
            return None;
        }
        let depth = columns(indentation(self.content(at)));
        let above = (0..at).rev().take(500).map(|line| self.content(line));
        above
            .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with(['{', ')', ']']))
            .find(|line| columns(indentation(line)) < depth)
    }
}
