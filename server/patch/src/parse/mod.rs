//! Patch text to patch. Three dialects: `*** Begin Patch`, unified diff, SEARCH/REPLACE blocks.

mod line;
mod native;
mod search;
mod unified;
mod wrap;

use crate::{Patch, Problem};
use wrap::Dialect;

/// Parses a patch in any of the dialects; on failure all problems at once, in the order of the text.
pub fn parse(text: &str) -> Result<Patch, Vec<Problem>> {
    let lines = line::patch_lines(text);
    let (patch, mut problems) = match wrap::dialect(&lines) {
        Some((Dialect::Native, at)) => native::parse(&wrap::unwrapped(&lines, at)),
        Some((Dialect::Unified, at)) => unified::parse(&wrap::unwrapped(&lines, at)),
        Some((Dialect::Search, _)) => search::parse(&lines),
        None => (Patch::default(), vec![Problem::of_patch(NOT_A_PATCH)]),
    };
    if patch.files.is_empty() && problems.is_empty() {
        problems.push(Problem::of_patch("The patch is empty: it names no file."));
    }
    if problems.is_empty() { Ok(patch) } else { Err(problems) }
}

const NOT_A_PATCH: &str = "This is not a patch. A patch looks like this:\n\
*** Begin Patch\n*** Update File: path/of/file\n@@ line above the change\n unchanged line\n-old line\n+new line\n*** End Patch";

/// What the dialects collect.
type Parsed = (Patch, Vec<Problem>);

/// A problem at a line of the patch text.
fn at_line(file: Option<&str>, number: usize, message: &str) -> Problem {
    let message = format!("line {number} of the patch: {message}");
    Problem { file: file.map(str::to_owned), chunk: None, message }
}
