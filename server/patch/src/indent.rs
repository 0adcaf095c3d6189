//! The file's own indentation for lines that come into it, when a chunk was written with another one.

use crate::ChunkLine;
use crate::lines::{columns, indentation};

/// An old line's indentation in the patch and in the file.
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
    let line = |(at, line): (usize, &ChunkLine)| match line {
        ChunkLine::Add(text) if !text.trim().is_empty() => {
            let space = indentation(text);
            ChunkLine::Add(translated(&pairs, at, space, tabs) + &text[space.len()..])
        }
        line => line.clone(),
    };
    lines.iter().enumerate().map(line).collect()
}

/// The file's indentation for the patch's indentation `space` of line `at`.
fn translated(pairs: &[Pair<'_>], at: usize, space: &str, tabs: bool) -> String {
    let distance = |pair: &&Pair<'_>| (pair.at.abs_diff(at), pair.at > at);
    if let Some(pair) = pairs.iter().filter(|pair| pair.patch == space).min_by_key(distance) {
        return pair.file.to_owned();
    }
    let Some(near) = pairs.iter().min_by_key(distance) else {
        return space.to_owned();
    };
    let (wanted, here) = (columns(space), columns(near.patch));
    let scaled = scale(pairs, near, wanted.abs_diff(here));
    if wanted >= here {
        let extra = if tabs { "\t".repeat(scaled.div_ceil(4)) } else { " ".repeat(scaled) };
        return near.file.to_owned() + &extra;
    }
    let target = columns(near.file).saturating_sub(scaled);
    let mut end = 0;
    for (at, char) in near.file.char_indices() {
        if columns(&near.file[..at + char.len_utf8()]) > target {
            break;
        }
        end = at + char.len_utf8();
    }
    near.file[..end].to_owned()
}

/// Columns of the patch as columns of the file: by two lines that show the ratio, or by one when one side uses tabs.
fn scale(pairs: &[Pair<'_>], near: &Pair<'_>, width: usize) -> usize {
    let (patch, file) = (columns(near.patch), columns(near.file));
    let other = pairs.iter().find(|pair| columns(pair.patch) != patch && columns(pair.file) != file);
    let (num, den) = match other {
        Some(other) => (columns(other.file).abs_diff(file), columns(other.patch).abs_diff(patch)),
        None if near.patch.contains('\t') != near.file.contains('\t') && patch > 0 && file > 0 => {
            (file, patch)
        }
        None => (1, 1),
    };
    (width * num).div_ceil(den)
}
