//! One text to look for lines in: its lines, their keys per pass (made when first needed), its blocks.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;

use crate::lines::{Pass, columns, indentation};

/// A line of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileLine<'a> {
    /// Without the line break.
    pub content: &'a str,
    /// The line break; empty at the end of a text without one.
    pub ending: &'a str,
}

/// A text as lines that can be searched in linear time.
pub(crate) struct View<'a> {
    pub lines: Vec<FileLine<'a>>,
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
        let line = |line: &'a str| {
            let (content, ending) = line.split_at(glossator_text::line_content(line).len());
            FileLine { content, ending }
        };
        View {
            lines: glossator_text::lines(text).map(line).collect(),
            keys: Default::default(),
            block_ends: OnceCell::new(),
        }
    }

    /// Every index at which the lines of `wanted` stand one after another, in order. `wanted` must not be empty.
    pub(crate) fn find(&self, pass: Pass, wanted: &[&str]) -> Vec<usize> {
        let keys = self.keys[pass as usize].get_or_init(|| self.make_keys(pass));
        let numbers: Option<Vec<usize>> =
            wanted.iter().map(|line| keys.numbers.get(pass.key(line).as_ref()).copied()).collect();
        numbers.map_or(Vec::new(), |wanted| find_all(&keys.lines, &wanted))
    }

    /// For each of `wanted`, the lines of the text that equal it; none when there are more than `most`.
    pub(crate) fn places(&self, pass: Pass, wanted: &[&str], most: usize) -> Vec<Vec<usize>> {
        let keys = self.keys[pass as usize].get_or_init(|| self.make_keys(pass));
        let number = |line: &&str| keys.numbers.get(pass.key(line).as_ref()).copied();
        let numbers: Vec<Option<usize>> = wanted.iter().map(number).collect();
        let mut places: HashMap<usize, Vec<usize>> =
            numbers.iter().flatten().map(|n| (*n, Vec::new())).collect();
        for (at, number) in keys.lines.iter().enumerate() {
            if let Some(places) = places.get_mut(number).filter(|places| places.len() <= most) {
                places.push(at);
            }
        }
        places.retain(|_, places| places.len() <= most);
        numbers
            .iter()
            .map(|number| number.and_then(|n| places.get(&n)).cloned().unwrap_or_default())
            .collect()
    }

    fn make_keys(&self, pass: Pass) -> Keys<'a> {
        let mut numbers = HashMap::new();
        let mut lines = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            let next = numbers.len();
            lines.push(*numbers.entry(pass.key(line.content)).or_insert(next));
        }
        Keys { numbers, lines }
    }

    /// The line behind the block that line `at` opens: the next line that is indented no deeper. A lone opening brace
    /// and the end of a parameter list on a line of their own belong to the opening line.
    pub(crate) fn block_end(&self, at: usize) -> usize {
        self.block_ends.get_or_init(|| self.make_block_ends())[at]
    }

    fn make_block_ends(&self) -> Vec<usize> {
        let len = self.lines.len();
        let mut ends = vec![len; len];
        let mut open: Vec<(usize, usize)> = Vec::new();
        for (at, line) in self.lines.iter().enumerate() {
            let content = line.content.trim_start();
            if content.is_empty() {
                continue;
            }
            let depth = columns(indentation(line.content));
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
        let depth = columns(indentation(self.lines.get(at)?.content));
        let above = self.lines[..at].iter().rev().take(500).map(|line| line.content);
        above
            .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with(['{', ')', ']']))
            .find(|line| columns(indentation(line)) < depth)
    }
}

/// Knuth, Morris, Pratt: all (also overlapping) occurrences in linear time, whatever the input.
fn find_all(lines: &[usize], wanted: &[usize]) -> Vec<usize> {
    let Some(last) = wanted.len().checked_sub(1) else {
        return Vec::new();
    };
    let mut back = vec![0; wanted.len()];
    let mut len = 0;
    for at in 1..wanted.len() {
        while len > 0 && wanted[at] != wanted[len] {
            len = back[len - 1];
        }
        len += usize::from(wanted[at] == wanted[len]);
        back[at] = len;
    }
    let (mut found, mut len) = (Vec::new(), 0);
    for (at, line) in lines.iter().enumerate() {
        while len > 0 && *line != wanted[len] {
            len = back[len - 1];
        }
        len += usize::from(*line == wanted[len]);
        if len == wanted.len() {
            found.push(at - last);
            len = back[len - 1];
        }
    }
    found
}
