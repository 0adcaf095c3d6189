//! The SEARCH/REPLACE dialect: a path line, then blocks of `<<<<<<< SEARCH`, `=======`, `>>>>>>> REPLACE`.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{Event, Made, PatchLine};
use crate::{ChangeKind, Chunk, ChunkLine, FilePatch, Operation, Patch, Problem};

/// The line that opens a block.
pub(super) const SEARCH: &str = "<<<<<<< SEARCH";
const DIVIDER: &str = "=======";
const REPLACE: &str = ">>>>>>> REPLACE";

/// Reads lines from the first block on. A block without a path line belongs to the file of the block before it.
#[derive(Debug)]
pub(super) struct Reader {
    path: Option<String>,
    above: Above,
    block: Option<Block>,
}

/// The block that is being read.
#[derive(Debug, Default)]
struct Block {
    /// Line of its first mark.
    number: usize,
    old: Vec<String>,
    new: Vec<String>,
    dividers: usize,
}

impl Reader {
    /// A reader that knows what stood above the first block.
    pub(super) fn below(above: Above) -> Reader {
        Reader { path: None, above, block: None }
    }

    pub(super) fn line(&mut self, line: PatchLine<'_>, made: &mut Made) {
        match (line.text.trim_end(), &mut self.block) {
            (SEARCH, _) => self.open(line.number, made),
            (_, None) => {}
            (REPLACE, _) => self.close(made),
            (DIVIDER, Some(block)) => block.dividers += 1,
            (_, Some(block)) => {
                let side = if block.dividers == 0 { &mut block.old } else { &mut block.new };
                side.push(line.text.to_owned());
            }
        }
        self.above.see(line.text);
    }

    pub(super) fn finish(self, made: &mut Made) {
        if let Some(block) = self.block {
            made.problem(self.path.as_deref(), block.number, "the block has no `>>>>>>> REPLACE` line");
        }
        check_empty(&made.patch, &mut made.problems);
    }

    fn open(&mut self, number: usize, made: &mut Made) {
        if let Some(block) = &self.block {
            let message = "the block has no `>>>>>>> REPLACE` line before the next block";
            made.problem(self.path.as_deref(), block.number, message);
        }
        self.path = self.above.path().or(self.path.take());
        self.block = Some(Block { number, ..Block::default() });
    }

    fn close(&mut self, made: &mut Made) {
        let Some(Block { number, old, new, dividers }) = self.block.take() else { return };
        let refusal = match (dividers, &self.path) {
            (0, _) => "the block has no `=======` line",
            (1, Some(path)) => {
                return push(made, path, Chunk { lines: signed(&old, &new), ..Chunk::default() });
            }
            (1, None) => "a line with the file's path must stand above this block",
            _ => "the block has several `=======` lines, so its parts cannot be told; use `*** Begin Patch`",
        };
        made.problem(self.path.as_deref(), number, refusal);
    }
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

fn push(made: &mut Made, path: &str, chunk: Chunk) {
    let told = Event::chunk(&chunk);
    if let Some(FilePatch { path: last, operation: Operation::Update { chunks, .. } }) =
        made.patch.files.last_mut()
        && last == path
    {
        chunks.push(chunk);
    } else {
        made.events.push(Event::File { path: path.to_owned(), change: ChangeKind::Update, move_to: None });
        let operation = Operation::Update { move_to: None, chunks: vec![chunk], create: true };
        made.patch.files.push(FilePatch { path: path.to_owned(), operation });
    }
    made.events.push(told);
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

/// The lines above a block, as far as they may name its file: fences may stand between.
#[derive(Debug, Default)]
pub(super) struct Above {
    /// The last line that says something.
    last: String,
    /// Whether no blank line stands below it.
    adjacent: bool,
}

impl Above {
    pub(super) fn see(&mut self, text: &str) {
        let text = text.trim();
        if text.starts_with("```") || text.starts_with("~~~") {
            return;
        }
        self.adjacent = !text.is_empty();
        if self.adjacent {
            self.last.clear();
            self.last.push_str(text);
        }
    }

    /// The path they name. Behind blank lines, only what looks like a path is one.
    fn path(&self) -> Option<String> {
        if [SEARCH, DIVIDER, REPLACE].contains(&self.last.as_str()) {
            return None;
        }
        let path = bare_path(&self.last);
        let looks_like_one =
            !path.contains(char::is_whitespace) && path.trim_end_matches('.').contains(['/', '.']);
        (!path.is_empty() && (self.adjacent || looks_like_one)).then_some(path)
    }
}

/// A path line without the Markdown around it: `### File: src/x.rs`, `**src/x.rs**:`.
fn bare_path(text: &str) -> String {
    let text = text.trim_start_matches('#').trim().trim_matches('*').trim_end_matches(':').trim();
    let text = text.strip_prefix("File:").or_else(|| text.strip_prefix("file:")).unwrap_or(text).trim();
    text.trim_matches(['`', '*']).trim_end_matches(':').to_owned()
}
