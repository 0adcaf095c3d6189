//! Text as every other crate speaks of it: positions in an editor's encoding, how a file is encoded on disk,
//! edits, change sets and diffs. Pure data and functions of data: no IO, no clock, no async.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod change;
mod diff;
mod file;
mod hash;
mod lines;
mod position;
#[cfg(test)]
mod tests;

pub use change::{Action, Base, ChangeSet, FileChange, Replacement};
pub use diff::{LineHunk, diff_lines, line_replacements, unified_diff};
pub use file::{DecodeError, FileEncoding, FileFormat, FileText, LineEnding};
pub use hash::{rope_hash, text_hash};
pub use lines::{line_content, lines};
pub use position::{Position, PositionEncoding, Range, byte_range, position_at};
