//! Hunks under review, placed on texts: followed through later edits, merged with the agent's next ones, found again
//! after a restart; and the review document. Pure: texts and records in, hunks and edits out.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod align;
mod border;
pub mod document;
mod endings;
mod file;
mod hunk;
mod known;
mod locate;
mod made;
#[cfg(test)]
mod tests;
mod trace;

pub use file::FileReview;
pub use hunk::{Hunk, Side};
pub use made::hunks_of;
