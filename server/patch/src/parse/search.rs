//! The SEARCH/REPLACE dialect: a path line, then blocks of `<<<<<<< SEARCH`, `=======`, `>>>>>>> REPLACE`.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::line::PatchLine;
use super::{Parsed, at_line};
use crate::{Chunk, ChunkLine, FilePatch, Operation, Patch, Problem};

/// The line that opens a block.
pub(super) const SEARCH: &str = "<<<<<<< SEARCH";
const DIVIDER: &str = "=======";
const REPLACE: &str = ">>>>>>> REPLACE";

/// Parses the whole text. A block without a path line belongs to the file of the block before it.
pub(super) fn parse(lines: &[PatchLine<'_>]) -> Parsed {
    let (mut patch, mut problems) = (Patch::default(), Vec::new());
    let mut path: Option<String> = None;
    let mut at = 0;
    while let Some(line) = lines.get(at).copied() {
        at += 1;
        if line.text.trim_end() != SEARCH {
            continue;
        }
        if let Some(named) = path_above(&lines[..at - 1]) {
            path = Some(named);
        }
        let block = match block(&lines[at..]) {
            Ok(block) => block,
            Err(message) => {
                problems.push(at_line(path.as_deref(), line.number, message));
                at +=
                    lines[at..].iter().position(|line| line.text.trim_end() == SEARCH).unwrap_or(lines.len());
                continue;
            }
        };
        at += block.len;
        match &path {
            Some(path) => push(&mut patch, path, block.chunk),
            None => problems.push(at_line(
                None,
                line.number,
                "a line with the file's path must stand above this block",
            )),
        }
    }
    check_empty(&patch, &mut problems);
    (patch, problems)
}

struct Block {
    chunk: Chunk,
    /// Lines behind the SEARCH line, with the REPLACE line.
    len: usize,
}

fn block(lines: &[PatchLine<'_>]) -> Result<Block, &'static str> {
    let find = |mark: &str, from: usize| {
        lines[from..].iter().position(|line| line.text.trim_end() == mark).map(|at| from + at)
    };
    let end = find(REPLACE, 0).ok_or("the block has no `>>>>>>> REPLACE` line")?;
    let divider = find(DIVIDER, 0).filter(|at| *at < end).ok_or("the block has no `=======` line")?;
    if find(DIVIDER, divider + 1).is_some_and(|at| at < end) {
        return Err(
            "the block has several `=======` lines, so its parts cannot be told; use `*** Begin Patch`",
        );
    }
    if lines[..end].iter().any(|line| line.text.trim_end() == SEARCH) {
        return Err("the block has no `>>>>>>> REPLACE` line before the next block");
    }
    let texts = |lines: &[PatchLine<'_>]| lines.iter().map(|line| line.text.to_owned()).collect::<Vec<_>>();
    let lines = signed(&texts(&lines[..divider]), &texts(&lines[divider + 1..end]));
    Ok(Block { chunk: Chunk { lines, ..Chunk::default() }, len: end + 1 })
}

/// Both sides as lines with signs, so that lines in both stay as the file has them.
fn signed(old: &[String], new: &[String]) -> Vec<ChunkLine> {
    let mut lines = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        if matches!(op, DiffOp::Equal { .. }) {
            lines.extend(old[op.old_range()].iter().cloned().map(ChunkLine::Keep));
        } else {
            lines.extend(old[op.old_range()].iter().cloned().map(ChunkLine::Remove));
            lines.extend(new[op.new_range()].iter().cloned().map(ChunkLine::Add));
        }
    }
    lines
}

fn push(patch: &mut Patch, path: &str, chunk: Chunk) {
    if let Some(FilePatch { path: last, operation: Operation::Update { chunks, .. } }) =
        patch.files.last_mut()
        && last == path
    {
        return chunks.push(chunk);
    }
    let operation = Operation::Update { move_to: None, chunks: vec![chunk], create: true };
    patch.files.push(FilePatch { path: path.to_owned(), operation });
}

fn check_empty(patch: &Patch, problems: &mut Vec<Problem>) {
    for file in &patch.files {
        let Operation::Update { chunks, .. } = &file.operation else {
            continue;
        };
        for (at, _) in chunks.iter().enumerate().filter(|(_, chunk)| chunk.lines.is_empty()) {
            problems.push(Problem::of_chunk(
                &file.path,
                at + 1,
                "the block is empty: nothing to search, nothing to write",
            ));
        }
    }
}

/// The path in the line above a block; a fence may stand between. Behind blank lines, only what looks like a path is one.
fn path_above(above: &[PatchLine<'_>]) -> Option<String> {
    let fence = |text: &str| text.starts_with("```") || text.starts_with("~~~");
    let mut above = above.iter().rev().map(|line| line.text.trim()).skip_while(|text| fence(text)).peekable();
    let adjacent = above.peek().is_some_and(|text| !text.is_empty());
    let text = above.find(|text| !text.is_empty() && !fence(text)).filter(|text| *text != REPLACE)?;
    let path = bare_path(text);
    let looks_like_one =
        !path.contains(char::is_whitespace) && path.trim_end_matches('.').contains(['/', '.']);
    (!path.is_empty() && (adjacent || looks_like_one)).then_some(path)
}

/// A path line without the Markdown around it: `### File: src/x.rs`, `**src/x.rs**:`.
fn bare_path(text: &str) -> String {
    let text = text.trim_start_matches('#').trim().trim_matches('*').trim_end_matches(':').trim();
    let text = text.strip_prefix("File:").or_else(|| text.strip_prefix("file:")).unwrap_or(text).trim();
    text.trim_matches(['`', '*']).trim_end_matches(':').to_owned()
}
