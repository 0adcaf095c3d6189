//! The patch language: text to patch, patch to a change set over given texts, or every problem at once.
//! Pure: it asks a [`Files`] for what stands where, and never touches a file itself.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod assemble;
mod blocks;
mod closest;
mod files;
mod find;
mod indent;
mod index;
mod lines;
mod locate;
mod net;
mod parse;
mod patch;
mod plan;
mod problem;
mod summary;
#[cfg(test)]
mod tests;
mod view;
mod write;

pub use files::{Current, Files, Found};
pub use parse::{Event, Stream, parse};
pub use patch::{Chunk, ChunkLine, FilePatch, Operation, Patch};
pub use plan::{Options, Plan, plan};
pub use problem::Problem;
pub use summary::{ChangeKind, FileSummary, HunkSummary};
