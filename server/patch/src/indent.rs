//! The file's own indentation for lines that come into it, when a chunk was written with another one.

use std::collections::{HashMap, HashSet};

use crate::ChunkLine;
use crate::lines::{column_behind, columns, indentation};

/// An old line's indentation in the patch and in the file.
#[derive(Clone, Copy)]
struct Pair<'a> {
    at: usize,
    patch: &'a str,
    file: &'a str,
}

/// `lines` with the added ones indented as the file would. `found` are the file's lines where the old ones stand, in
/// order. `tabs` tells whether the file is indented with tabs, where `found` does not show it.
pub(crate) fn reindented(lines: &[ChunkLine], found: &[&str], tabs: bool) -> Vec<ChunkLine> {
    let old = lines.iter().enumerate().filter_map(|(at, line)| Some((at, line.old()?)));
    let pairs: Vec<Pair<'_>> = old
        .zip(found)
        .filter(|((_, patch), file)| !patch.trim().is_empty() && !file.trim().is_empty())
        .map(|((at, patch), file)| Pair { at, patch: indentation(patch), file: indentation(file) })
        .collect();
    if pairs.iter().all(|pair| pair.patch == pair.file) {
        return lines.to_vec();
    }
    let tabs = match pairs.iter().map(|pair| pair.file).find(|file| !file.is_empty()) {
        Some(file) => file.contains('\t'),
        None => tabs,
    };
    let shown = Shown::new(&pairs);
    let line = |(at, line): (usize, &ChunkLine)| match line {
        ChunkLine::Add(text) if !text.trim().is_empty() => {
            let space = indentation(text);
            ChunkLine::Add(shown.translated(at, space, tabs) + &text[space.len()..])
        }
        line => line.clone(),
    };
    lines.iter().enumerate().map(line).collect()
}

/// What the old lines show, so that each added line is translated at once, however many there are.
struct Shown<'p> {
    /// In order.
    pairs: &'p [Pair<'p>],
    /// Those with an indentation in the patch, in order.
    by_patch: HashMap<&'p str, Vec<Pair<'p>>>,
    /// Columns in the patch and in the file, each once, in order.
    columns: Vec<(usize, usize)>,
}

impl<'p> Shown<'p> {
    fn new(pairs: &'p [Pair<'p>]) -> Shown<'p> {
        let mut by_patch: HashMap<&str, Vec<Pair<'_>>> = HashMap::new();
        let (mut seen, mut all) = (HashSet::new(), Vec::new());
        for pair in pairs {
            by_patch.entry(pair.patch).or_default().push(*pair);
            let both = (columns(pair.patch), columns(pair.file));
            if seen.insert(both) {
                all.push(both);
            }
        }
        Shown { pairs, by_patch, columns: all }
    }

    /// The file's indentation for the patch's indentation `space` of line `at`.
    fn translated(&self, at: usize, space: &str, tabs: bool) -> String {
        let same = self.by_patch.get(space).map(Vec::as_slice).unwrap_or_default();
        if let Some(pair) = nearest(same, at) {
            return pair.file.to_owned();
        }
        let Some(near) = nearest(self.pairs, at) else {
            return space.to_owned();
        };
        let (wanted, here) = (columns(space), columns(near.patch));
        let scaled = self.scale(&near, wanted.abs_diff(here));
        if wanted >= here {
            let extra = if tabs { "\t".repeat(scaled.div_ceil(4)) } else { " ".repeat(scaled) };
            return near.file.to_owned() + &extra;
        }
        let target = columns(near.file).saturating_sub(scaled);
        let mut column = 0;
        let within = near.file.chars().take_while(|char| {
            column = column_behind(column, *char);
            column <= target
        });
        within.collect()
    }

    /// Columns of the patch as columns of the file: by two lines that show the ratio, or by one when one side uses tabs.
    fn scale(&self, near: &Pair<'_>, width: usize) -> usize {
        let (patch, file) = (columns(near.patch), columns(near.file));
        let other = self.columns.iter().find(|other| other.0 != patch && other.1 != file);
        let (num, den) = match other {
            Some(other) => (other.1.abs_diff(file), other.0.abs_diff(patch)),
            None if near.patch.contains('\t') != near.file.contains('\t') && patch > 0 && file > 0 => {
                (file, patch)
            }
            None => (1, 1),
        };
        (width * num).div_ceil(den)
    }
}

/// Of `pairs`, which are in order, the one nearest to line `at`; of two the one above.
fn nearest<'a>(pairs: &[Pair<'a>], at: usize) -> Option<Pair<'a>> {
    let behind = pairs.partition_point(|pair| pair.at <= at);
    let around = pairs[..behind].last().into_iter().chain(pairs.get(behind));
    around.min_by_key(|pair| (pair.at.abs_diff(at), pair.at > at)).copied()
}
